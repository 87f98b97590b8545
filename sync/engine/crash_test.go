package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"

	"github.com/google/go-cmp/cmp"
)

// TestKilledAtAnyWrite ends a sync at each of its writes, in three ways, and
// wants a clean sync after it to come to what it would have come to without.
func TestKilledAtAnyWrite(t *testing.T) {
	defer engine.SetBatch(3)()
	// before is a district with a history: absences, a hold, a yes.
	before := func() (*memory, *world) {
		m, w := newMemory(), district()
		p := start(t, m, w)
		p.set(engine.Settings{HoldFloor: 2})
		w.set(google, books, ids("c", 9)...)
		w.set(microsoft, people, ids("m", 9)...)
		p.sync(engine.OK, full)
		w.set(google, books, ids("c", 9)[3:]...)
		w.set(microsoft, people, ids("m", 9)[4:]...)
		w.set(google, people, "p1", "p2")
		p.sync(engine.OK, full)
		p.sync(engine.Held, full)
		p.has(google, people, "p1", "p2")
		if err := p.Remove(t.Context(), google, books); err != nil {
			t.Fatal(err)
		}
		// The next sync removes three Chromebooks and an OU, finds one of the
		// held people, some new records and an absence.
		w.set(google, orgunits, "o1", "o3")
		w.set(google, people, "p2", "p4", "p5")
		w.set(microsoft, people, ids("m", 11)[3:]...)
		w.name = "Bob"
		return m, w
	}
	// end runs one sync more and says what it came to.
	end := func(m *memory, w *world) string {
		m.before = nil
		p := start(t, m, w)
		p.set(engine.Settings{HoldFloor: 2})
		p.sync(engine.Held, full)
		if n := len(p.Runs()); n == 0 || p.Runs()[0].Finished.IsZero() {
			t.Fatalf("history of %d runs", n)
		}
		return describe(p)
	}
	m, w := before()
	p := start(t, m, w)
	p.set(engine.Settings{HoldFloor: 2})
	first := m.commits
	p.sync(engine.Held, full)
	writes := m.commits - first
	want := end(m, w)
	if writes < 10 {
		t.Fatalf("only %d writes", writes)
	}

	ways := map[string]func(stop func()) error{
		"a full disk": func(func()) error { return errDisk },
		"cancelled":   func(stop func()) error { stop(); return context.Canceled },
		"a panic":     func(func()) error { panic("killed") },
	}
	for way, die := range ways {
		for n := 1; n <= writes; n++ {
			t.Run(fmt.Sprint(way, n), func(t *testing.T) {
				m, w := before()
				p := start(t, m, w)
				p.set(engine.Settings{HoldFloor: 2})
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				from := m.commits
				m.before = func(at int) error {
					if at >= from+n { // dead from there on
						return die(stop)
					}
					return nil
				}
				_, err := p.SyncNow(ctx, full)
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				// A batch of removals is in the store wholly or not at all.
				if left, _ := m.IDs(google, books); len(left) != 9 && len(left) != 6 {
					t.Errorf("%d Chromebooks left", len(left))
				}
				m.before = nil
				q := start(t, m, w)
				q.set(engine.Settings{HoldFloor: 2})
				q.sync(engine.Held, full)
				if got := end(m, w); got != want {
					t.Errorf("after a kill (-uninterrupted +killed):\n%s", cmp.Diff(want, got))
				}
			})
		}
	}
}

// describe says what p keeps, less times and runs.
func describe(p *panel) string {
	out := ""
	data := p.m.data()
	for _, c := range directory.Clouds {
		for _, l := range c.Listings() {
			recs := data[spot{c, l}]
			out += fmt.Sprintf("%s %s:\n", c, l)
			for _, id := range slices.Sorted(maps.Keys(recs)) {
				out += fmt.Sprintf("  %s %v\n", id, recs[id])
			}
		}
	}
	for _, h := range p.Status().Holds {
		out += fmt.Sprintf("hold %s %s %v\n", h.Cloud, h.Listing, h.IDs)
	}
	return out
}

// TestKilledFirstImport ends the first import at each write.
func TestKilledFirstImport(t *testing.T) {
	defer engine.SetBatch(2)()
	want := ""
	for n := 0; ; n++ {
		m, w := newMemory(), district()
		p := start(t, m, w)
		if n > 0 {
			m.before = func(at int) error {
				if at >= n {
					return errDisk
				}
				return nil
			}
			r, err := p.SyncNow(t.Context(), full)
			switch {
			case err != nil:
				t.Fatal(err)
			case m.commits < n: // there are no more writes
				if n < 12 {
					t.Errorf("only %d writes", n)
				}
				return
			case r.Outcome != engine.Failed:
				t.Errorf("killed at write %d: outcome %s", n, r.Outcome)
			}
			m.before = nil
			p = start(t, m, w)
		}
		p.sync(engine.OK, engine.Options{})
		if got := describe(p); n == 0 {
			want = got
		} else if got != want {
			t.Errorf("killed at write %d: %s", n, cmp.Diff(want, got))
		}
		for _, c := range m.changes {
			if c.ID != "" {
				t.Fatalf("killed at write %d: change %+v of a first import", n, c)
			}
		}
	}
}

// TestACrashCostsOneBatch: what was committed before a failure stays, and no
// batch is larger than it may be.
func TestACrashCostsOneBatch(t *testing.T) {
	w := newWorld()
	w.off[google] = true
	w.page = 999
	w.set(microsoft, people, ids("m", 25_000)...)
	p := start(t, newMemory(), w)
	var last int
	w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		take := r.Page
		r.Page = func(ctx context.Context, page cloud.Page) error {
			last += len(page.Accounts)
			if last > 24_000 {
				panic("killed")
			}
			return take(ctx, page)
		}
		_, err := (&source{w, c}).pages(ctx, r, w.has[spot{c, people}])
		return cloud.Result{}, err, true
	}
	p.sync(engine.Failed, full)
	got, _ := p.m.IDs(microsoft, people)
	if len(got) < 14_000 {
		t.Errorf("%d records survived of %d", len(got), last)
	}
}
