//go:build bench

package main

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite"

	"panel/ui/view"
)

// benchPeers answers the same queries by Panel's search, by SQLite's FTS5, which
// needs three letters, and by grep over the exported CSV; and reads as many bytes
// as a search has to, at the speed of the memory.
func benchPeers(b *bench, n int, name string) {
	k := keptLists[1]
	rows := k.build(n)
	rows.Prepare()
	l := view.NewList(rows)
	var queries []string
	for _, q := range k.queries {
		for i := len(q) - 2; i <= len(q); i++ {
			if words := strings.Fields(q[:i]); len(words) > 0 && !strings.ContainsAny(q, ":") && !slices.ContainsFunc(words, func(w string) bool { return len(w) < 3 }) {
				queries = append(queries, q[:i])
			}
		}
	}
	columns := make([]int, len(rows.Columns()))
	for i := range columns {
		columns[i] = i
	}
	var csv bytes.Buffer
	b.must(l.Extract("Chromebooks", columns, nil, noon).Write(b.ctx, &csv, view.CSV, func(int) {}))
	file := filepath.Join(b.dir, "list.csv")
	b.must(os.WriteFile(file, csv.Bytes(), 0o600))

	ours := p95(queries, func(q string) {
		l.Search("") // each is asked for the first time
		l = view.NewList(rows)
		l.Search(q)
	})
	fts := b.fts(csv.String())
	b.against("browse/search-fts5-"+name, ours, p95(queries, func(q string) { fts(q) }), "ms", 1)
	b.against("browse/search-grep-"+name, ours, p95(queries, func(q string) {
		var out []byte
		for i, word := range strings.Fields(q) {
			cmd := exec.Command("grep", "-i", "-F", "-e", word)
			if i == 0 {
				cmd.Args = append(cmd.Args, file)
			} else {
				cmd.Stdin = bytes.NewReader(out)
			}
			out, _ = cmd.Output() // nothing found is an error to it
		}
	}), "ms", 1)
	floor := bandwidth(csv.Len())
	b.note("browse/search-%s: %.1f ms; reading its %d MB once takes %.1f ms", name, ours, csv.Len()>>20, floor)

	l.Search("")
	var took []float64
	for range 21 {
		start := time.Now()
		l.Facets()
		took = append(took, time.Since(start).Seconds()*1000)
	}
	slices.Sort(took)
	b.plain("browse/facets-"+name, took[len(took)*95/100], "ms", 30)
	took = took[:0]
	for range 11 {
		start := time.Now()
		l.Pictures(nil)
		took = append(took, time.Since(start).Seconds()*1000)
	}
	b.plain("browse/pictures-"+name, median(took), "ms", 100)
}

// p95 is how long all but the slowest twentieth take, in ms.
func p95(queries []string, ask func(string)) float64 {
	var took []float64
	for range 2 {
		for _, q := range queries {
			start := time.Now()
			ask(q)
			took = append(took, time.Since(start).Seconds()*1000)
		}
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}

// fts makes an index of lines that FTS5 searches for parts of words, and returns
// what asks it for all that match.
func (b *bench) fts(lines string) func(query string) int {
	db, err := sql.Open("sqlite", filepath.Join(b.dir, "fts.db"))
	b.must(err)
	db.SetMaxOpenConns(1)
	b.undo = append(b.undo, func() { _ = db.Close() })
	for _, s := range []string{"PRAGMA journal_mode=OFF", "PRAGMA cache_size=-1000000", "CREATE VIRTUAL TABLE t USING fts5(line, tokenize='trigram', detail='full')"} {
		_, err := db.ExecContext(b.ctx, s)
		b.must(err)
	}
	tx, err := db.BeginTx(b.ctx, nil)
	b.must(err)
	put, err := tx.PrepareContext(b.ctx, "INSERT INTO t(line) VALUES (?)")
	b.must(err)
	for line := range strings.Lines(lines) {
		_, err := put.ExecContext(b.ctx, line)
		b.must(err)
	}
	b.must(tx.Commit())
	return func(query string) (n int) {
		var words []string
		for _, w := range strings.Fields(query) {
			words = append(words, `"`+w+`"`)
		}
		rows, err := db.QueryContext(context.Background(), "SELECT rowid FROM t WHERE t MATCH ?", strings.Join(words, " AND "))
		b.must(err)
		defer rows.Close()
		for rows.Next() {
			n++
		}
		b.must(rows.Err())
		return n
	}
}

// bandwidth is how long it takes to read some bytes once, on every processor, in
// ms.
func bandwidth(n int) float64 {
	words := make([]uint64, n/8)
	for i := range words {
		words[i] = uint64(i)
	}
	var took []float64
	for range 9 {
		start := time.Now()
		var all sync.WaitGroup
		parts := runtime.GOMAXPROCS(0)
		sums := make([]uint64, parts)
		for p := range parts {
			all.Go(func() {
				sum := uint64(0)
				for _, w := range words[p*len(words)/parts : (p+1)*len(words)/parts] {
					sum += w
				}
				sums[p] = sum
			})
		}
		all.Wait()
		took = append(took, time.Since(start).Seconds()*1000)
		runtime.KeepAlive(sums)
	}
	return median(took)
}
