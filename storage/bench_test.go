package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"panel/directory"
)

const benchBatch = 10000

// fill puts n records of a listing in batches, and reports the whole time and
// the longest batch.
func fill(tb testing.TB, v *Inventory, c directory.Cloud, l directory.Listing, n int) (all, longest time.Duration) {
	tb.Helper()
	for from := 0; from < n; from += benchBatch {
		b := directory.Batch{Cloud: c, Listing: l, Run: "1", Quiet: true}
		for i := from; i < min(n, from+benchBatch); i++ {
			if l == directory.People {
				b.Accounts = append(b.Accounts, sampleAccount(c, i))
			} else {
				b.Chromebooks = append(b.Chromebooks, sampleChromebook(i))
			}
		}
		start := time.Now()
		if _, err := v.Apply(context.Background(), b); err != nil {
			tb.Fatal(err)
		}
		took := time.Since(start)
		all += took
		longest = max(longest, took)
	}
	return all, longest
}

func BenchmarkFirstImport(b *testing.B) {
	for b.Loop() {
		dir, key := b.TempDir(), NewKey()
		s := openIn(b, dir, key)
		total := time.Duration(0)
		var worst time.Duration
		for _, p := range []struct {
			c directory.Cloud
			l directory.Listing
		}{{directory.Google, directory.People}, {directory.Google, directory.Chromebooks}, {directory.Microsoft, directory.People}} {
			all, longest := fill(b, s.Inventory, p.c, p.l, 100000)
			fmt.Fprintf(os.Stderr, "%s %s: %v, longest %v\n", p.c, p.l, all, longest)
			total += all
			worst = max(worst, longest)
		}
		info, err := os.Stat(filepath.Join(dir, inventoryLayout.name))
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "total %v, longest %v, %d MB\n", total, worst, info.Size()>>20)
		start := time.Now()
		if _, err := verify(context.Background(), filepath.Join(dir, inventoryLayout.name), &inventoryLayout, key); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "verify %v\n", time.Since(start))
		start = time.Now()
		n := 0
		if err := s.Inventory.People(context.Background(), func(p *directory.Person) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "read %d people %v\n", n, time.Since(start))
		start = time.Now()
		if err := s.Inventory.Chromebooks(context.Background(), func(p *directory.Chromebook) error { n++; return nil }); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "read chromebooks %v\n", time.Since(start))
		start = time.Now()
		all, _ := fill(b, s.Inventory, directory.Microsoft, directory.People, 100000)
		fmt.Fprintf(os.Stderr, "unchanged microsoft %v\n", all)
		start = time.Now()
		s.Inventory.index = nil
		if err := s.Inventory.loadIndex(context.Background()); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(os.Stderr, "load index %v\n", time.Since(start))
	}
}
