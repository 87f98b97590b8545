package engine_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"

	"pgregory.net/rapid"
)

// model says in the plainest way, id by id, what one listing may come to.
type model struct {
	at               spot
	stored           map[string]bool
	absent           map[string]int // in so many complete listings, since seen
	held, yes, kept  map[string]bool
	empty, emptyOK   bool
	complete         bool   // there was a complete listing
	admin, lastAdmin string // who lists now, who saw the last complete listing
	limits           engine.Settings
}

// event is a record, or a tombstone, of one page.
type event struct {
	id   string
	dead bool
}

// listing is what a cloud answers.
type listing struct {
	events []event
	pages  int
	fails  bool // with an error at the end
	short  bool // if whole, not complete
	full   bool
	accept bool
}

// last returns the ids whose last event is dead, or not.
func (l listing) last(dead bool) map[string]bool {
	out := map[string]bool{}
	for _, e := range l.events {
		if delete(out, e.id); e.dead == dead {
			out[e.id] = true
		}
	}
	return out
}

func (m *model) answer(yes bool) {
	if len(m.held) == 0 && !m.empty {
		return
	}
	for id := range m.held {
		if yes {
			m.yes[id] = true
		} else {
			m.kept[id] = true
		}
	}
	if !yes {
		maps.Copy(m.kept, m.yes)
		m.yes = map[string]bool{}
	}
	m.emptyOK = m.emptyOK || m.empty
	m.held, m.empty = map[string]bool{}, false
}

// list follows a listing and returns what it removes.
func (m *model) list(l listing, whole bool) map[string]bool {
	before := len(m.stored)
	well := !l.fails && (!whole || !l.short)
	dead := l.last(true)
	for _, e := range l.events {
		if e.dead {
			continue
		}
		// Who came and went within one listing never comes in.
		if !well || !dead[e.id] {
			m.stored[e.id] = true
		}
		delete(m.absent, e.id)
		delete(m.held, e.id)
		delete(m.yes, e.id)
		delete(m.kept, e.id)
		m.empty, m.emptyOK = false, false
	}
	removed := map[string]bool{}
	if !well {
		return removed
	}
	alive := l.last(false)
	newAdmin := m.complete && m.admin != m.lastAdmin
	if whole {
		m.lastAdmin = m.admin
	}
	if whole && len(alive) == 0 && !m.emptyOK && (m.at.listing != books || before > 0) {
		m.empty = true
		for id := range m.stored {
			if newAdmin {
				delete(m.yes, id)
			}
			if !m.yes[id] && !m.kept[id] {
				m.held[id] = true
			}
		}
		return removed
	}
	fresh := 0
	for id := range m.stored {
		lacking := dead[id]
		if whole && !alive[id] {
			lacking = true
			m.absent[id]++
		}
		gone := dead[id] || lacking && m.absent[id] >= 2
		switch {
		case !lacking || m.kept[id] || m.held[id]:
		case newAdmin:
			m.held[id] = true
			delete(m.yes, id)
		case m.yes[id]:
			removed[id] = true
		case gone:
			removed[id] = true
			fresh++
		}
	}
	if n := float64(fresh + len(m.held)); !newAdmin && fresh > 0 &&
		(n > max(float64(m.limits.HoldFloor), m.limits.HoldShare*float64(before)) || n > float64(m.limits.HoldMost)) {
		for id := range removed {
			if !m.yes[id] {
				delete(removed, id)
				m.held[id] = true
			}
		}
	}
	for id := range removed {
		delete(m.stored, id)
		delete(m.absent, id)
		delete(m.yes, id)
	}
	m.complete = m.complete || whole
	return removed
}

// TestNobodyIsRemovedAgainstTheRules plays random listings, answers and
// restarts, and compares the store and the holds with the model after each.
func TestNobodyIsRemovedAgainstTheRules(t *testing.T) {
	checks := "10000"
	if testing.Short() {
		checks = "500"
	}
	set := func(n string) {
		if err := flag.Set("rapid.checks", n); err != nil {
			t.Fatal(err)
		}
	}
	defer set(flag.Lookup("rapid.checks").Value.String())
	set(checks)
	universe := ids("r", 9)
	removals, held := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		at := rapid.SampledFrom([]spot{{google, people}, {google, books}, {microsoft, people}}).Draw(t, "listing")
		m := &model{
			at: at, stored: map[string]bool{}, absent: map[string]int{},
			held: map[string]bool{}, yes: map[string]bool{}, kept: map[string]bool{},
			limits: engine.Settings{HoldFloor: 1, HoldShare: 0.3, HoldMost: 3},
		}
		off := map[directory.Listing]string{orgunits: "-", people: "-", books: "-"}
		delete(off, at.listing)
		identify := func(admin string) {
			m.admin = admin
			w.who[at.cloud] = cloud.Identity{Owner: "C01", Account: admin, Off: off}
		}
		identify("a@example.com")
		for _, c := range directory.Clouds {
			w.off[c] = c != at.cloud
		}
		mem := newMemory()
		p := start(t, mem, w)
		p.set(m.limits)

		var l listing
		var whole bool
		w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			whole = r.Cursor == ""
			for part := range slices.Chunk(l.events, max(1, (len(l.events)+l.pages-1)/l.pages)) {
				// A page cannot hold a record and its tombstone in an order.
				for _, e := range part {
					page := cloud.Page{Gone: []string{e.id}}
					if !e.dead {
						page = w.records(c, r.Listing, []string{e.id})
					}
					if err := r.Page(ctx, page); err != nil {
						return cloud.Result{}, err, true
					}
				}
			}
			res := cloud.Result{Whole: whole, Complete: whole && !l.short, Cursor: "next", Expected: -1}
			if at.listing == books {
				res.Expected = len(l.last(false))
			}
			if l.fails {
				return res, &cloud.Error{Kind: cloud.Offline}, true
			}
			return res, nil, true
		}
		newRun := map[string]map[string]bool{} // what each run removed
		steps := rapid.IntRange(2, 9).Draw(t, "steps")
		for range steps {
			act := rapid.SampledFrom([]string{"sync", "sync", "sync", "sync", "sync", "keep", "remove", "admin", "restart", "back"}).Draw(t, "act")
			switch act {
			case "sync":
				l = drawListing(t, universe)
				if l.accept {
					m.answer(true)
				}
				want := l.full || !m.complete || len(m.yes) > 0
				was := maps.Clone(m.absent)
				wasYes, wasKept := maps.Clone(m.yes), maps.Clone(m.kept)
				r, err := p.SyncNow(context.Background(), engine.Options{Full: l.full, AcceptRemovals: l.accept})
				if err != nil {
					t.Fatal(err)
				}
				if whole != want {
					t.Fatalf("listed everything: %v, want %v", whole, want)
				}
				removed := m.list(l, whole)
				newRun[r.ID] = removed
				if got := r.Of(at.cloud).Listings[at.listing].Removed; got != len(removed) {
					t.Fatalf("removed %d, want %v", got, removed)
				}
				// The model might err as the engine does: these cannot.
				dead := l.last(true)
				for id := range removed {
					if wasKept[id] && !dead[id] || !dead[id] && !wasYes[id] && was[id] < 1 {
						t.Fatalf("removed %s against the rules", id)
					}
				}
				removals += len(removed)
				if open := len(m.held) > 0 || m.empty; open != (r.Outcome == engine.Held) && r.Outcome != engine.Failed {
					t.Fatalf("outcome %s, open hold: %v", r.Outcome, open)
				}
			case "keep", "remove":
				f := p.Keep
				if act == "remove" {
					f = p.Remove
				}
				if err := f(context.Background(), at.cloud, at.listing); err != nil {
					t.Fatal(err)
				}
				m.answer(act == "remove")
			case "admin":
				if at.cloud == google {
					identify(rapid.SampledFrom([]string{"a@example.com", "b@example.com"}).Draw(t, "admin"))
				}
			case "restart":
				p = start(t, mem, w)
				p.set(m.limits)
			case "back":
				if len(p.Runs()) == 0 {
					continue
				}
				run := rapid.SampledFrom(p.Runs()).Draw(t, "run").ID
				if _, err := p.BringBack(context.Background(), run); err != nil {
					t.Fatal(err)
				}
				for id := range newRun[run] {
					if !m.stored[id] {
						m.stored[id], m.kept[id] = true, true
					}
				}
				delete(newRun, run)
			}
			compare(t, p, m)
			held += len(m.held)
		}
	})
	if removals == 0 || held == 0 {
		t.Errorf("%d removals, %d holds: nothing was tried", removals, held)
	}
}

func drawListing(t *rapid.T, universe []string) listing {
	l := listing{
		pages:  rapid.IntRange(1, 3).Draw(t, "pages"),
		full:   rapid.Bool().Draw(t, "full"),
		fails:  rapid.IntRange(0, 5).Draw(t, "fails") == 5,
		short:  rapid.IntRange(0, 7).Draw(t, "short") == 7,
		accept: rapid.IntRange(0, 7).Draw(t, "accept") == 7,
	}
	for _, id := range universe {
		switch rapid.IntRange(0, 9).Draw(t, id) {
		case 0, 1, 2:
		case 3:
			l.events = append(l.events, event{id, true})
		case 4:
			l.events = append(l.events, event{id, false}, event{id, true})
		case 5:
			l.events = append(l.events, event{id, true}, event{id, false})
		default:
			l.events = append(l.events, event{id, false})
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "empty") == 9 {
		l.events = nil
	}
	return l
}

// compare wants the store and the holds to be as the model has them.
func compare(t *rapid.T, p *panel, m *model) {
	if got, _ := p.m.IDs(m.at.cloud, m.at.listing); !slices.Equal(got, slices.Sorted(maps.Keys(m.stored))) {
		t.Fatalf("stored %v, want %v", got, slices.Sorted(maps.Keys(m.stored)))
	}
	want := "none"
	if len(m.held) > 0 || m.empty {
		want = fmt.Sprint(slices.Sorted(maps.Keys(m.held)), m.empty)
	}
	got := "none"
	for _, h := range p.Status().Holds {
		got = fmt.Sprint(h.IDs, h.Empty)
	}
	if got != want {
		t.Fatalf("hold %s, want %s", got, want)
	}
}
