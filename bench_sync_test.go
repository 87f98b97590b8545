//go:build bench

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/engine"
	"panel/ui/view"
)

func benchImport(b *bench) {
	const n = 100_000
	c := b.simulate(n, n)
	var ratios, values, baselines []float64
	var s *session
	var firstCPU time.Duration
	for i := range 4 {
		if s != nil {
			s.close()
		}
		s = b.session(c, fmt.Sprint("import-", i), new(storage.Memory))
		start := time.Now()
		b.bareLoop(s)
		if i == 0 {
			continue // the simulator has made its district only now
		}
		baseline := time.Since(start).Seconds()
		start, used := time.Now(), cpu()
		b.sync(s, engine.Options{})
		value := time.Since(start).Seconds()
		firstCPU = cpu() - used
		ratios, values, baselines = append(ratios, value/baseline), append(values, value), append(baselines, baseline)
	}
	at := slices.Index(ratios, median(slices.Clone(ratios)))
	b.against("sync/first-import-100k", values[at], baselines[at], "s", 1.5)

	used := cpu()
	r := b.sync(s, engine.Options{})
	b.against("sync/unchanged-cpu-100k", (cpu() - used).Seconds(), firstCPU.Seconds(), "s of CPU", 0.5)
	used = cpu()
	full := b.sync(s, engine.Options{Full: true})
	b.against("sync/unchanged-full-cpu-100k", (cpu() - used).Seconds(), firstCPU.Seconds(), "s of CPU", 1)
	b.plain("sync/unchanged-written-100k", float64(r.RecordsWritten+full.RecordsWritten), "records", 0)

	records := 0
	for _, t := range []*engine.CloudReport{full.Google, full.Microsoft} {
		for _, l := range t.Listings {
			records += l.Seen
		}
	}
	info, err := os.Stat(filepath.Join(s.dir, "inventory.db"))
	b.must(err)
	b.plain("storage/bytes-per-record", float64(info.Size())/float64(records), "bytes", 1200)
	s.close()
}

// benchLatency imports from clouds each answer of which takes a tenth of the
// time in the name.
func benchLatency(b *bench, name string, wait time.Duration) {
	const n = 100_000
	c := b.simulate(n, n)
	s := b.session(c, "slow", new(storage.Memory))
	b.latency(c, wait)
	start := time.Now()
	r := b.sync(s, engine.Options{})
	value := time.Since(start).Seconds()
	pages := func(v int, size int) float64 { return float64((v + size - 1) / size) }
	users, devices := r.Google.Listings[directory.People].Seen, r.Google.Listings[directory.Chromebooks].Seen
	turns := max(pages(users, 500), pages(devices, 300)/4) + pages(r.Microsoft.Listings[directory.People].Seen, 999)
	b.against(name, value, turns*wait.Seconds(), "s", 1.2)
	s.close()
}

// benchMemory imports, opens again and makes both lists ready, as the window
// does, and lists everything anew. A sync that goes on in a window has its
// lists beside it, so the memory of an idle window is what it is held against.
func benchMemory(b *bench) {
	const n = 100_000
	c, vault := b.simulate(n, n), new(storage.Memory)
	s := b.session(c, "memory", vault)
	before, end := idle(), peak()
	b.sync(s, engine.Options{})
	first := end()
	b.over("sync/memory-first-100k", first, before)
	s.close()

	var took []float64
	var rows lists
	for range 5 {
		rows = lists{}
		_ = idle()
		start := time.Now()
		s = b.open(c, "memory", vault)
		rows = b.read(s)
		took = append(took, time.Since(start).Seconds())
		s.close()
	}
	b.plain("start/first-rows-100k", median(took), "s", 0.5)

	s = b.open(c, "memory", vault)
	rows = b.read(s)
	still := idle()
	b.plain("start/memory-idle-100k", still.own, "MB", 300)
	fmt.Fprintf(os.Stderr, "start/memory-idle-100k: %.0f MB with what is mapped\n", still.all)
	end = peak()
	b.sync(s, engine.Options{Full: true})
	b.over("sync/memory-peak-100k", end(), still)
	if len(rows.people.Columns())+len(rows.chromebooks.Columns()) == 0 {
		panic("the lists are empty")
	}
	s.close()
}

// over prints by how much a peak is over what was there before.
func (b *bench) over(name string, most, before memory) {
	b.plain(name, most.own-before.own, "MB over idle", 150)
	fmt.Fprintf(os.Stderr, "%s: %.0f MB over %.0f MB; with what is mapped %.0f MB over %.0f MB\n", name, most.own-before.own, before.own, most.all-before.all, before.all)
}

// lists are what the window shows.
type lists struct {
	people, chromebooks *view.Rows
	units               *view.OrgNode
}

// read makes both lists as the window does.
func (b *bench) read(s *session) (l lists) {
	now := time.Now()
	people, books := view.NewPeople(now), view.NewChromebooks(now)
	b.must(s.store.Inventory.People(b.ctx, func(p *directory.Person) error {
		people.Add(p)
		return nil
	}))
	b.must(s.store.Inventory.Chromebooks(b.ctx, func(c *directory.Chromebook) error {
		books.Add(c)
		return nil
	}))
	units, err := s.store.Inventory.OrgUnits(b.ctx)
	b.must(err)
	l.people, l.chromebooks = people.Rows(), books.Rows()
	l.units = view.OrgTree(units, l.people.Values("org_unit"), l.chromebooks.Values("org_unit"))
	return l
}

// benchWrite stores 300k Chromebooks, and then people, whose transactions are
// the longest because they merge.
func benchWrite(b *bench) {
	s, err := storage.Open(b.ctx, storage.Options{Dir: filepath.Join(b.dir, "write"), Vault: new(storage.Memory)})
	b.must(err)
	const n, people, batch = 300_000, 100_000, 5_000 // as the engine's
	all, longest := b.write(s.Inventory, directory.Google, directory.Chromebooks, n, batch)
	info, err := os.Stat(filepath.Join(b.dir, "write", "inventory.db"))
	b.must(err)
	for _, c := range directory.Clouds {
		_, most := b.write(s.Inventory, c, directory.People, people, batch)
		longest = max(longest, most)
	}
	b.must(s.Close())

	// The baseline is what the disk does with as many bytes in as many synced
	// writes.
	start := time.Now()
	f, err := os.Create(filepath.Join(b.dir, "bare"))
	b.must(err)
	for range n / batch {
		_, err := f.Write(make([]byte, info.Size()/(n/batch)))
		b.must(err)
		b.must(f.Sync())
	}
	b.must(f.Close())
	baseline := time.Since(start).Seconds()
	ratio := all.Seconds() / baseline
	b.print(figure{Name: "storage/write-300k", Value: all.Seconds(), Unit: "s", Baseline: &baseline, Ratio: &ratio, Target: 5, Met: all.Seconds() <= 5})
	b.plain("storage/longest-transaction", float64(longest.Milliseconds()), "ms", 250)
}

// write stores n records, and returns how long it took and its longest batch.
func (b *bench) write(v *storage.Inventory, c directory.Cloud, l directory.Listing, n, batch int) (all, longest time.Duration) {
	for from := 0; from < n; from += batch {
		d := directory.Batch{Cloud: c, Listing: l, Run: "1", Quiet: true}
		for i := from; i < from+batch; i++ {
			if l == directory.People {
				d.Accounts = append(d.Accounts, someAccount(c, i))
			} else {
				d.Chromebooks = append(d.Chromebooks, someChromebook(i))
			}
		}
		start := time.Now()
		tally, err := v.Apply(b.ctx, d)
		b.must(err)
		if tally.Written != batch {
			out, _ := json.Marshal(tally)
			panic("not everything was written: " + string(out))
		}
		took := time.Since(start)
		all, longest = all+took, max(longest, took)
	}
	return all, longest
}
