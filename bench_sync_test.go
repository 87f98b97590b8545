//go:build bench

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/engine"
)

func benchImport(b *bench) {
	const n = 100_000
	c := b.simulate(n, n)
	var ratios, values, baselines []float64
	var s *session
	var firstCPU time.Duration
	for i := range 6 {
		if s != nil {
			s.close()
		}
		s = b.session(c, fmt.Sprint("import-", i), new(storage.Memory))
		runtime.GC()
		start := time.Now()
		b.bareLoop(s)
		if i == 0 {
			continue // the simulator has made its district only now
		}
		baseline := time.Since(start).Seconds()
		runtime.GC()
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

// benchCommand syncs by the command, each time in a process of its own.
func benchCommand(b *bench) {
	const n = 100_000
	c, vault := b.simulate(n, n), fileVault(filepath.Join(b.dir, "vault.json"))
	b.session(c, "command", vault).close()
	for _, sync := range []struct{ name, flag string }{
		{"sync/memory-command-first-100k", "--json"}, {"sync/memory-command-full-100k", "--full"},
	} {
		p := b.start(nil, []string{"PANEL_AS_MAIN=1", "PANEL_BENCH_VAULT=" + string(vault)},
			"--data", filepath.Join(b.dir, "command"), "--cloud", c.CloudProfile, "sync", sync.flag)
		end := peak(p.pid)
		p.ok()
		most := end()
		b.plain(sync.name, most.own, "MB", 150)
		b.note("%s: %.0f MB mapped beside", sync.name, most.mapped)
	}
}

// benchWrite stores 300k Chromebooks, and then people, whose transactions are
// the longest because they merge.
func benchWrite(b *bench) {
	s, err := storage.Open(b.ctx, storage.Options{Dir: filepath.Join(b.dir, "write"), Vault: new(storage.Memory)})
	b.must(err)
	const n, people, batch = 300_000, 100_000, 10_000 // as the engine's
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
	b.note("storage/write-300k: a bare file of the same size took %.2f s", time.Since(start).Seconds())
	b.plain("storage/write-300k", all.Seconds(), "s", 5)
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
