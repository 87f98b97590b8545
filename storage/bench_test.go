package storage

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"panel/directory"
)

// The sizes of a large district: what [BenchmarkStore] fills a folder with, in
// the batches of a sync.
const (
	benchPeople      = 100_000
	benchChromebooks = 100_000
	benchBatch       = 10_000
)

// fill applies n records of a listing, and returns the time it took and that
// of the longest batch.
func fill(b *testing.B, v *Inventory, c directory.Cloud, l directory.Listing, n int) (all, longest time.Duration) {
	b.Helper()
	for from := 0; from < n; from += benchBatch {
		batch := directory.Batch{Cloud: c, Listing: l, Run: "1", Quiet: true}
		for i := from; i < min(n, from+benchBatch); i++ {
			if l == directory.People {
				batch.Accounts = append(batch.Accounts, sampleAccount(c, i))
			} else {
				batch.Chromebooks = append(batch.Chromebooks, sampleChromebook(i))
			}
		}
		start := time.Now()
		if _, err := v.Apply(context.Background(), batch); err != nil {
			b.Fatal(err)
		}
		took := time.Since(start)
		all += took
		longest = max(longest, took)
	}
	return all, longest
}

// BenchmarkStore fills a folder, looks at it and syncs it again. Its results
// are in seconds; one round is enough: -benchtime 1x.
func BenchmarkStore(b *testing.B) {
	for b.Loop() {
		dir, key := b.TempDir(), NewKey()
		s := openIn(b, dir, key)
		v := s.Inventory
		report := func(what string, took time.Duration) { b.ReportMetric(took.Seconds(), what+"-s") }
		timed := func(what string, fn func() error) {
			start := time.Now()
			if err := fn(); err != nil {
				b.Fatal(err)
			}
			report(what, time.Since(start))
		}
		for _, l := range []struct {
			name string
			c    directory.Cloud
			l    directory.Listing
			n    int
		}{
			{"google-people", directory.Google, directory.People, benchPeople},
			{"chromebooks", directory.Google, directory.Chromebooks, benchChromebooks},
			{"microsoft-people", directory.Microsoft, directory.People, benchPeople},
			{"unchanged-people", directory.Microsoft, directory.People, benchPeople},
		} {
			all, longest := fill(b, v, l.c, l.l, l.n)
			report(l.name, all)
			report(l.name+"-longest", longest)
		}
		path := filepath.Join(dir, inventoryLayout.name)
		info, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/(2*benchPeople+benchChromebooks), "B/record")
		timed("verify", func() error {
			_, err := verify(context.Background(), path, &inventoryLayout, key)
			return err
		})
		timed("read-people", func() error {
			return v.People(context.Background(), func(*directory.Person) error { return nil })
		})
		timed("read-chromebooks", func() error {
			return v.Chromebooks(context.Background(), func(*directory.Chromebook) error { return nil })
		})
		v.index = nil
		timed("load-index", func() error { return v.loadIndex(context.Background()) })
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
