//go:build bench

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
	"panel/sync/engine"
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

// fillLedger hands out every asset and takes it back, again and again.
func (b *bench) fillLedger(s *storage.Store, asset func(int) ledger.Asset, holder func(int) ledger.Holder) {
	for at := 0; at < ledgerEntries; at += ledgerAssets {
		b.must(s.Ledger.Write(b.ctx, "technician", func(_ *ledger.Book, d *storage.Draft) error {
			for i := range ledgerAssets {
				e := &ledger.Entry{Act: ledger.Checkout, Asset: asset(i), Holder: holder(i)}
				if at/ledgerAssets%2 == 1 {
					e.Act = ledger.CheckIn
				}
				d.Entries = append(d.Entries, e)
			}
			return nil
		}))
	}
}

// watchDisk writes a page to a plain file twenty times a second. What it returns
// tells whether the disk has held that up, for more than 10 ms, since a moment.
func (b *bench) watchDisk() (held func(since time.Time) bool) {
	f, err := os.Create(filepath.Join(b.dir, "watched"))
	b.must(err)
	var mu sync.Mutex
	var began, free time.Time // of the write that goes on; of the last that was held up
	late := func(since time.Time) bool { return time.Since(since) > 10*time.Millisecond }
	go func() {
		defer f.Close()
		page := make([]byte, 4096)
		for b.ctx.Err() == nil {
			mu.Lock()
			began = time.Now()
			mu.Unlock()
			if _, err := f.WriteAt(page, 0); err != nil || f.Sync() != nil {
				return
			}
			mu.Lock()
			if late(began) {
				free = time.Now()
			}
			began = time.Time{}
			mu.Unlock()
			time.Sleep(50 * time.Millisecond)
		}
	}()
	return func(since time.Time) bool {
		mu.Lock()
		defer mu.Unlock()
		return free.After(since) || !began.IsZero() && late(began)
	}
}

// settle waits until the disk has ended its work on what a bench prepared: until it
// has held nothing up for five seconds, a minute at most.
func (b *bench) settle(held func(since time.Time) bool) {
	const calm = 5 * time.Second
	for began := time.Now(); time.Since(began) < time.Minute; {
		time.Sleep(calm)
		if !held(time.Now().Add(-calm)) {
			return
		}
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
	b.fillLedger(s, benchAsset, benchHolder)
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
	b.undoAndForget(s.Ledger)
	b.must(s.Close())
}

// undoAndForget takes a large adoption back, and forgets a thousand people: how
// long the ledger is busy with either.
func (b *bench) undoAndForget(l *storage.Ledger) {
	const adopted, forgotten = 20_000, 1_000
	var entries []*ledger.Entry
	for i := range adopted {
		e := &ledger.Entry{Act: ledger.Checkout, Asset: benchAsset(ledgerAssets + i), Holder: benchHolder(i)}
		entries = append(entries, e)
	}
	began := time.Now()
	b.must(l.Write(b.ctx, "technician", func(_ *ledger.Book, d *storage.Draft) error { d.Entries = entries; return nil }))
	wrote := time.Since(began)
	ids := make([]string, adopted)
	for i, e := range entries {
		ids[i] = e.ID
	}
	began = time.Now()
	undone, err := l.Undo(b.ctx, "technician", ids...)
	b.must(err)
	if len(undone) != adopted {
		panic(fmt.Sprintf("%d were undone", len(undone)))
	}
	b.note("ledger: %d entries are written in one go in %.0f ms, and undone in %.0f ms", adopted, ms(wrote), ms(time.Since(began)))
	gone := make(map[string]bool)
	for i := range forgotten {
		h := benchHolder(i * 7)
		gone[h.GoogleID] = true
	}
	began = time.Now()
	n, err := l.Purge(b.ctx, func(h *ledger.Holder) bool { return gone[h.GoogleID] })
	b.must(err)
	b.note("ledger: the names of %d people are taken out of %d entries, the free pages and the snapshots in %.1f s", forgotten, n, time.Since(began).Seconds())
}

// benchDesk scans a thousand devices in the real window, ten a second, on top of
// a million entries about a hundred thousand Chromebooks, and looks at the screen:
// a scan is shown when the words about it are.
func benchDesk(b *bench) {
	const scans = 1000
	c, vault := b.simulate(ledgerAssets, ledgerAssets), fileVault(filepath.Join(b.dir, "vault.json"))
	s := b.session(c, "desk", vault)
	b.sync(s, engine.Options{})
	var assets []ledger.Asset
	b.must(s.store.Inventory.Chromebooks(b.ctx, func(c *directory.Chromebook) error {
		assets = append(assets, ledger.AssetOf(c))
		return nil
	}))
	var holders []ledger.Holder
	b.must(s.store.Inventory.People(b.ctx, func(p *directory.Person) error {
		holders = append(holders, ledger.HolderOf(p))
		return nil
	}))
	asset := func(i int) ledger.Asset { return assets[i%len(assets)] }
	b.fillLedger(s.store, asset, func(i int) ledger.Holder { return holders[i%len(holders)] })
	b.must((&backend{session: s}).SetLayout([]byte(`{"width":1280,"height":800,"tab":3}`)))
	b.must(s.tidyLedger(b.ctx)) // as of any ledger that has grown
	s.close()
	held := b.watchDisk()
	b.settle(held)

	// The codes, each of one device alone and with words of its own.
	known := map[string]int{}
	for _, a := range assets {
		known[a.Serial]++
	}
	var codes []string
	for _, a := range assets {
		if a.Serial != "" && known[a.Serial] == 1 && len(codes) < scans {
			codes = append(codes, a.Serial)
		}
	}

	screen := b.screen()
	p := b.start(screen, []string{"PANEL_AS_MAIN=1", "PANEL_BENCH_VAULT=" + string(vault)},
		"--data", filepath.Join(b.dir, "desk"), "--cloud", c.CloudProfile)
	screen.still(b.ctx)
	b.xdotool(screen, "mousemove", "640", "30")
	scanner := exec.Command("xdotool", "-")
	scanner.Env = append(os.Environ(), "DISPLAY="+screen.display)
	keys, err := scanner.StdinPipe()
	b.must(err)
	answers, err := scanner.StdoutPipe()
	b.must(err)
	b.must(scanner.Start())
	answer := bufio.NewReader(answers)
	said := image.Rect(214, 152, 420, 176) // small: to look takes time too
	// scan types a code as a scanner does, and returns how long after Enter the words
	// about it are shown.
	scan := func(code string) time.Duration {
		_, err := fmt.Fprintf(keys, "type --delay 1 %s\nexec --sync echo typed\n", code)
		b.must(err)
		_, err = answer.ReadString('\n')
		b.must(err)
		before, began := screen.part(said), time.Now()
		_, err = fmt.Fprintln(keys, "key Return")
		b.must(err)
		for bytes.Equal(before, screen.part(said)) {
			if b.ctx.Err() != nil || time.Since(began) > time.Minute {
				panic("nothing is shown after " + code)
			}
			time.Sleep(200 * time.Microsecond)
		}
		return time.Since(began)
	}
	scan(holders[0].Emails[0])
	var took, swift []float64 // swift are those that the disk did not hold up
	tick := time.NewTicker(100 * time.Millisecond)
	for _, code := range codes {
		<-tick.C
		// Not always at the same time between two pictures, of which there are sixty
		// a second.
		time.Sleep(rand.N(17 * time.Millisecond))
		began := time.Now()
		took = append(took, ms(scan(code)))
		if !held(began) {
			swift = append(swift, took[len(took)-1])
		}
	}
	b.must(keys.Close())
	b.must(scanner.Wait())
	p.quit()
	s = b.open(c, "desk", vault)
	times, at := map[string]int{}, 0
	b.must(s.store.Ledger.Entries(b.ctx, func(e *ledger.Entry) error {
		if at++; at > ledgerEntries {
			times[e.Asset.Serial]++
		}
		return nil
	}))
	s.close()
	for _, code := range codes {
		if times[code] != 1 {
			panic(fmt.Sprintf("%s is in the journal %d times", code, times[code]))
		}
	}
	slices.Sort(took)
	slices.Sort(swift)
	b.note("ledger/shown-p99-1m: %d scans, none lost; median %.1f ms, the slowest %.0f ms", len(codes), took[len(took)/2], took[len(took)-1])
	if len(swift) > 0 {
		b.note("ledger/shown-p99-1m: p99 without the %d in which the disk held up a plain file too: %.1f ms", len(took)-len(swift), swift[len(swift)*99/100])
	}
	b.plain("ledger/shown-p99-1m", took[len(took)*99/100], "ms", 50)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
