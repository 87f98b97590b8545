package ledger

import (
	"errors"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"panel/directory"
)

var (
	drawAsset  = rapid.SampledFrom([]string{"A", "B", "C"})
	drawHolder = rapid.SampledFrom([]string{"g:1", "g:1 m:a", "m:a", "g:2 m:a", "g:2", "m:b"})
	drawText   = rapid.SampledFrom([]string{"", "", "one", "two"})
)

// drawEntry draws few Assets and people, so that every contradiction turns up.
func drawEntry(t *rapid.T) Entry {
	e := Entry{
		Act:   rapid.SampledFrom([]Act{Checkout, CheckIn, Swap, Lost, Found, Repair, Note}).Draw(t, "act"),
		Asset: book(drawAsset.Draw(t, "asset")),
		Note:  drawText.Draw(t, "note"), Condition: drawText.Draw(t, "condition"),
	}
	switch e.Act {
	case Checkout, Swap:
		e.Holder = holder(drawHolder.Draw(t, "holder"))
		e.Loaner = rapid.Bool().Draw(t, "loaner")
		e.Due = rapid.SampledFrom([]directory.Day{"", "2026-11-22", today, "2027-01-01"}).Draw(t, "due")
	}
	if e.Act == Swap || e.Act == Repair && rapid.Bool().Draw(t, "with a loaner") {
		e.Other = book(drawAsset.Draw(t, "other"))
	}
	return e
}

// copied is a deep copy, so that a change of what was handed out shows.
func copied(entries []Entry) []Entry {
	out := append([]Entry{}, entries...)
	for i := range out {
		out[i].Left = slices.Clone(out[i].Left)
		out[i].Holder.Emails = slices.Clone(out[i].Holder.Emails)
	}
	return out
}

// lives has the entries that no undo took back, and no undos.
func lives(entries []Entry) (found []Entry) {
	undone := make(map[string]bool)
	for _, e := range entries {
		undone[e.Undoes] = true
	}
	for _, e := range entries {
		if e.Act != Undo && !undone[e.ID] {
			found = append(found, e)
		}
	}
	return found
}

// refused is the reason of a refusal, and fails for any other error.
func refused(t *rapid.T, err error) Why {
	var r *Refusal
	if err != nil && !errors.As(err, &r) {
		t.Fatalf("%v is not a Refusal", err)
	}
	return why(err)
}

// However acts and undos come: what is refused changes nothing; an act changes
// the Assets that it is about and no other, nor what was handed out before;
// an undo is allowed for the last entry that stands, and leaves the Assets as
// if what was undone had never been; and a book that is replayed, or put
// together from its Standings, is the same.
func TestBookFollowsTheJournal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := new(diary)
		var given []*Standing // every Standing that was ever in the book
		var were []Standing
		for range rapid.IntRange(1, 25).Draw(t, "acts") {
			before, entries := all(&d.book), copied(d.entries)
			var e *Entry
			var err error
			if n := len(d.entries); n > 0 && rapid.IntRange(0, 2).Draw(t, "undo") == 0 {
				e = &entries[rapid.IntRange(0, n-1).Draw(t, "which")]
				err = d.undo(slices.IndexFunc(entries, func(o Entry) bool { return o.ID == e.ID }) + 1)
				want := Why("")
				switch stand := lives(entries); {
				case e.Act == Undo:
					want = CannotUndo
				case !slices.ContainsFunc(stand, func(o Entry) bool { return o.ID == e.ID }):
					want = ChangedSince
				default:
					for _, a := range e.Assets() {
						if last := lastAbout(stand, a.Key()); last != e.ID {
							want = ChangedSince
						}
					}
				}
				if got := refused(t, err); got != want {
					t.Fatalf("undo of %s is %q, want %q", e.ID, got, want)
				}
			} else {
				drawn := drawEntry(t)
				e = &drawn
				err = d.do(drawn)
				refused(t, err)
			}
			now := all(&d.book)
			for key := range now {
				if err != nil || !e.About(key) {
					if diff := gocmp.Diff(before[key], now[key]); diff != "" {
						t.Fatalf("%s of %s, %v, changed %s:\n%s", e.Act, e.Asset.Serial, err, key, diff)
					}
				}
			}
			if written := len(d.entries) - len(entries); written != 1 && err == nil || written != 0 && err != nil {
				t.Fatalf("%d entries were written, %v", written, err)
			}
			if diff := gocmp.Diff(entries, append([]Entry{}, d.entries[:len(entries)]...)); diff != "" {
				t.Fatalf("an entry was changed:\n%s", diff)
			}
			for s := range d.book.All() {
				if !slices.Contains(given, s) {
					given, were = append(given, s), append(were, *s)
				}
			}
		}
		for i, s := range given {
			if diff := gocmp.Diff(were[i], *s); diff != "" {
				t.Fatalf("a Standing was changed after it was handed out:\n%s", diff)
			}
		}
		checkUndone(t, d)
		checkSame(t, d)
	})
}

func lastAbout(entries []Entry, key string) (id string) {
	for i := range entries {
		if entries[i].About(key) {
			id = entries[i].ID
		}
	}
	return id
}

// checkUndone compares the book with one in which what was undone never was.
func checkUndone(t *rapid.T, d *diary) {
	var without Book
	for _, e := range lives(d.entries) {
		without.Apply(&e)
	}
	want := all(&without)
	for key, s := range all(&d.book) {
		w, ok := want[key]
		if !ok { // all of it was undone
			w = Standing{Asset: s.Asset, Status: In}
		}
		w.Tip = s.Tip // which an undo is, and never goes back
		if diff := gocmp.Diff(w, s); diff != "" {
			t.Fatalf("an undo left something of %s:\n%s", key, diff)
		}
		delete(want, key)
	}
	if len(want) > 0 {
		t.Fatalf("%d Assets are missing", len(want))
	}
}

// checkSame compares the book with what other ways to it lead to.
func checkSame(t *rapid.T, d *diary) {
	var replayed, put Book
	for i := range d.entries {
		replayed.Apply(&d.entries[i])
	}
	for key, s := range all(&d.book) {
		old := Standing{Asset: s.Asset, Status: Out, Holder: holder("g:2 m:b")} // what was there leaves no trace
		put.Put(&old)
		put.Put(&s)
		if got := d.book.Standing(key); got == nil || got.Asset.Key() != key {
			t.Fatalf("%s is %+v", key, got)
		}
	}
	put.Count(len(d.entries), d.book.Newest())
	for name, b := range map[string]*Book{"replayed": &replayed, "put together": &put} {
		if diff := gocmp.Diff(all(&d.book), all(b)); diff != "" {
			t.Fatalf("%s:\n%s", name, diff)
		}
		if b.Entries() != d.book.Entries() || !b.Newest().Equal(d.book.Newest()) || b.Len() != d.book.Len() {
			t.Fatalf("%s has %d entries until %v about %d", name, b.Entries(), b.Newest(), b.Len())
		}
	}
	live := strings.Fields(rapid.SampledFrom([]string{"", "g:1 m:a", "m:a g:2", "m:a m:b", "g:1 g:2 m:a m:b"}).Draw(t, "live"))
	other := func(key string) bool { return slices.Contains(live, key) }
	for _, who := range []string{"g:1", "g:1 m:a", "m:a", "g:2 m:a", "g:2", "m:b", "g:2 m:b"} {
		keys := strings.Fields(who)
		var want []string
		for key, s := range all(&d.book) {
			if s.Held() && s.Holder.BelongsTo(keys, other) {
				want = append(want, key)
			}
		}
		slices.Sort(want)
		for name, b := range map[string]*Book{"the book": &d.book, "replayed": &replayed, "put together": &put} {
			var got []string
			for _, s := range b.HeldBy(keys, other) {
				got = append(got, s.Asset.Key())
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%s: %s has %q, want %q", name, who, got, want)
			}
		}
	}
}

// An Asset is held by one Person at a time, whoever is merged and split:
// nobody else's accounts lead to it.
func TestOneHolder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := new(diary)
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			refused(t, d.do(drawEntry(t)))
		}
		// People as a merge leaves them: no account in two of them.
		people := rapid.SampledFrom([][]string{
			{"g:1 m:a", "g:2 m:b"}, {"g:1", "m:a", "g:2", "m:b"}, {"g:1 m:b", "g:2 m:a"}, {"m:a", "g:2 m:b"}, {"g:1", "g:2"}, {"m:a", "m:b"},
		}).Draw(t, "people")
		other := func(key string) bool { return slices.Contains(strings.Fields(strings.Join(people, " ")), key) }
		has := make(map[string]string)
		for _, p := range people {
			for _, s := range d.book.HeldBy(strings.Fields(p), other) {
				if before := has[s.Asset.Key()]; before != "" {
					t.Fatalf("%s of %+v is with %s and %s", s.Asset.Serial, s.Holder, before, p)
				}
				has[s.Asset.Key()] = p
			}
		}
		for key, s := range all(&d.book) {
			if found := slices.ContainsFunc(s.Holder.Keys(), other); s.Held() && found != (has[key] != "") {
				t.Fatalf("%s of %+v is with %q", key, s.Holder, has[key])
			}
		}
	})
}

// noTip leaves the tip of a Standing out of a comparison: an undo is one, and so
// it never goes back.
var noTip = cmpopts.IgnoreFields(Standing{}, "Tip")
