//go:build bench

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
)

// The ledger of the benches: a million entries about a hundred thousand
// Chromebooks, as ten years of a large district leave them.
const (
	ledgerEntries = 1_000_000
	ledgerAssets  = 100_000
)

func benchAsset(i int) ledger.Asset {
	return ledger.Asset{
		Kind: ledger.Chromebook, ID: fmt.Sprintf("%08x-%04x-4a33-9f2e-%012x", uint32(i)*2654435761, i%65536, uint64(i)*0x9e3779b97f4a%0xffffffffffff),
		Serial: fmt.Sprintf("5CD%07d", i), Tag: fmt.Sprintf("%06d", i), Model: fmt.Sprintf("HP Chromebook 11 G%d EE", i%9),
	}
}

func benchHolder(i int) ledger.Holder {
	return ledger.Holder{
		GoogleID: fmt.Sprintf("1%020d", i), MicrosoftID: fmt.Sprintf("6ea91a8d-e32e-41a1-b7bd-%012d", i),
		Name: fmt.Sprintf("Given%d Family%d", i, i), Emails: []string{fmt.Sprintf("given%d.family%d@district.example", i, i)},
	}
}

// benchLedger fills a ledger, opens it, scans into it, and looks things up.
func benchLedger(b *bench) {
	dir, key := filepath.Join(b.dir, "data"), storage.NewKey()
	open := func() *storage.Store {
		s, err := storage.Open(b.ctx, storage.Options{Dir: dir, Key: key})
		b.must(err)
		return s
	}
	s := open()
	for at := 0; at < ledgerEntries; at += 4096 {
		b.must(s.Ledger.Write(b.ctx, "technician", func(_ *ledger.Book, d *storage.Draft) error {
			for i := at; i < min(ledgerEntries, at+4096); i++ {
				e := &ledger.Entry{Act: ledger.Checkout, Asset: benchAsset(i % ledgerAssets), Holder: benchHolder(i % ledgerAssets)}
				if i/ledgerAssets%2 == 1 {
					e.Act = ledger.CheckIn
				}
				d.Entries = append(d.Entries, e)
			}
			return nil
		}))
	}
	b.must(s.Close())
	file := filepath.Join(dir, "ledger.db")

	// Opening, against reading the bytes of the file.
	var opened, read []float64
	for range 5 {
		began := time.Now()
		_, err := os.ReadFile(file)
		b.must(err)
		read = append(read, ms(time.Since(began)))
		began = time.Now()
		s = open()
		opened = append(opened, ms(time.Since(began)))
		b.must(s.Close())
	}
	slices.Sort(opened)
	slices.Sort(read)
	b.note("reading the file's bytes takes %.0f ms", read[2])
	b.plain("ledger/open-1m", opened[2], "ms", 300)

	// A scan until it is durable, against the same bytes appended to a file and
	// synced.
	s = open()
	plain, err := os.Create(filepath.Join(b.dir, "plain"))
	b.must(err)
	line := make([]byte, 300)
	var scans, appends []float64
	for i := range 2000 {
		began := time.Now()
		b.must(s.Ledger.Write(b.ctx, "technician", func(book *ledger.Book, d *storage.Draft) error {
			e := &ledger.Entry{Act: ledger.Checkout, Asset: benchAsset(i), Holder: benchHolder(i)}
			if held := book.Standing(e.Asset.Key()); held != nil && held.Status == ledger.Out {
				e.Act = ledger.CheckIn
			}
			d.Entries = append(d.Entries, e)
			seen := ledger.Seen{At: began, Code: strconv.Itoa(i), Asset: e.Asset, Holder: e.Holder}
			d.In = "desk"
			d.With(&seen)
			return book.Check(e, directory.Day("2026-11-27"))
		}))
		scans = append(scans, ms(time.Since(began)))
		began = time.Now()
		_, err := plain.Write(line)
		b.must(err)
		b.must(plain.Sync())
		appends = append(appends, ms(time.Since(began)))
	}
	b.must(plain.Close())
	slices.Sort(scans)
	slices.Sort(appends)
	b.note("p99 of an append and a sync to a plain file: %.2f ms; the median of a scan: %.2f ms", appends[len(appends)*99/100], scans[len(scans)/2])
	b.plain("ledger/scan-p99-1m", scans[len(scans)*99/100], "ms", 50)

	began := time.Now()
	asset := benchAsset(77)
	all, err := s.Ledger.History(context.Background(), asset.Key())
	b.must(err)
	if len(all) < 10 {
		panic("the history is too short")
	}
	b.plain("ledger/history-1m", ms(time.Since(began)), "ms", 1000)
	b.must(s.Close())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
