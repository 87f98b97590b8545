package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"panel/directory"
)

var begin = time.Date(2026, 8, 17, 8, 0, 0, 0, time.UTC)

// pen writes a journal as a station does: an entry a minute.
type pen struct {
	entries []Entry
	book    Book
}

func (p *pen) write(e Entry) {
	n := len(p.entries)
	e.ID, e.At, e.By = fmt.Sprintf("e%03d", n+1), begin.Add(time.Duration(n)*time.Minute), "tech"
	p.entries = append(p.entries, e)
	p.book.Apply(&e)
}

// undo takes the entry of a number, from 1 on, back where the rules allow it.
func (p *pen) undo(n int) error {
	u, err := UndoOf(&p.entries[n-1], p.entries, &p.book)
	if err == nil {
		p.write(u)
	}
	return err
}

// handings reads the journal through one Entry, as a store may.
func (p *pen) handings() []Handing {
	return Handings(func(yield func(*Entry) bool) {
		var e Entry
		for i := range p.entries {
			e = p.entries[i]
			e.Holder.Emails = slices.Clone(e.Holder.Emails)
			if !yield(&e) {
				return
			}
			clear(e.Holder.Emails)
		}
	})
}

func device(n int) Asset {
	return Asset{Kind: Chromebook, ID: fmt.Sprintf("d%d", n), Serial: fmt.Sprintf("5CD%d", n), Tag: fmt.Sprintf("%04d", n), Model: "HP Chromebook 11"}
}

func person(n int) Holder {
	return Holder{GoogleID: fmt.Sprint(n), Name: fmt.Sprintf("Person %d", n), Emails: []string{fmt.Sprintf("p%d@example.com", n)}}
}

func TestHandings(t *testing.T) {
	// Handing n is of the entry of that number, and in by the one of another.
	line := func(h *Handing) string {
		in := "-"
		if !h.In.IsZero() {
			in = fmt.Sprintf("e%03d", h.In.Sub(begin)/time.Minute+1)
		}
		s := fmt.Sprintf("%s %s to %s %s in %s", h.Entry, h.Asset.ID, h.Holder.GoogleID, h.Status, in)
		if h.Loaner {
			s += " loaner"
		}
		return s + fmt.Sprintf(" %q %q", h.Condition, h.Note)
	}
	out := func(n, to int) Entry { return Entry{Act: Checkout, Asset: device(n), Holder: person(to)} }
	act := func(act Act, n int) Entry { return Entry{Act: act, Asset: device(n)} }
	for name, test := range map[string]struct {
		entries []any // an Entry, or the number of one to undo
		want    []string
	}{
		"nothing": {nil, nil},
		"out":     {[]any{Entry{Act: Checkout, Asset: device(1), Holder: person(7), Note: "with its charger", Condition: "new"}}, []string{`e001 d1 to 7 out in - "" "with its charger"`}},
		"returned": {[]any{
			Entry{Act: Checkout, Asset: device(1), Holder: person(7), Note: "with its charger"},
			Entry{Act: Note, Asset: device(1), Holder: person(7), Note: "a key sticks", Condition: "worn"},
			Entry{Act: CheckIn, Asset: device(1), Holder: person(7), Note: "without", Condition: "scratched"},
			Entry{Act: Note, Asset: device(1), Note: "cleaned"},
		}, []string{`e001 d1 to 7 in in e003 "scratched" "with its charger; a key sticks; without"`}},
		"twice": {[]any{out(1, 7), act(CheckIn, 1), out(1, 8)}, []string{`e001 d1 to 7 in in e002 "" ""`, `e003 d1 to 8 out in - "" ""`}},
		"swap": {[]any{out(1, 7), Entry{Act: Swap, Asset: device(2), Other: device(1), Holder: person(7), Note: "slow", Condition: "cracked"}},
			[]string{`e001 d1 to 7 in in e002 "cracked" ""`, `e002 d2 to 7 out in - "" "slow"`}},
		"undone":         {[]any{out(1, 7), 1}, nil},
		"return undone":  {[]any{out(1, 7), Entry{Act: CheckIn, Asset: device(1), Note: "n", Condition: "c"}, 2}, []string{`e001 d1 to 7 out in - "" ""`}},
		"all undone":     {[]any{out(1, 7), act(CheckIn, 1), 2, 1, out(1, 8)}, []string{`e005 d1 to 8 out in - "" ""`}},
		"swap undone":    {[]any{out(1, 7), Entry{Act: Swap, Asset: device(2), Other: device(1), Holder: person(7)}, 2}, []string{`e001 d1 to 7 out in - "" ""`}},
		"lost":           {[]any{out(1, 7), act(Lost, 1)}, []string{`e001 d1 to 7 lost in - "" ""`}},
		"found":          {[]any{out(1, 7), act(Lost, 1), act(Found, 1)}, []string{`e001 d1 to 7 out in - "" ""`}},
		"found by other": {[]any{out(1, 7), act(Lost, 1), act(CheckIn, 1)}, []string{`e001 d1 to 7 in in e003 "" ""`}},
		"nobody's":       {[]any{act(Lost, 1), act(Found, 1), act(Repair, 1), act(CheckIn, 1), Entry{Act: Note, Asset: device(1), Note: "n"}}, nil},
		"repair": {[]any{out(1, 7), Entry{Act: Repair, Asset: device(1), Other: device(2), Holder: person(7), Note: "screen", Condition: "broken"}},
			[]string{`e001 d1 to 7 repair in e002 "broken" "screen"`, `e002 d2 to 7 out in - loaner "" ""`}},
		"back from repair": {[]any{out(1, 7), Entry{Act: Repair, Asset: device(1), Condition: "broken"}, Entry{Act: CheckIn, Asset: device(1), Note: "mended", Condition: "good"}},
			[]string{`e001 d1 to 7 in in e002 "broken" ""`}},
		"from repair to them":     {[]any{out(1, 7), act(Repair, 1), out(1, 7)}, []string{`e001 d1 to 7 in in e002 "" ""`, `e003 d1 to 7 out in - "" ""`}},
		"lost in repair":          {[]any{out(1, 7), Entry{Act: Repair, Asset: device(1), Condition: "broken"}, act(Lost, 1)}, []string{`e001 d1 to 7 in in e002 "broken" ""`}},
		"lost in repair, found":   {[]any{out(1, 7), act(Repair, 1), act(Lost, 1), act(Found, 1)}, []string{`e001 d1 to 7 in in e002 "" ""`}},
		"repair undone":           {[]any{out(1, 7), Entry{Act: Repair, Asset: device(1), Other: device(2), Holder: person(7)}, 2}, []string{`e001 d1 to 7 out in - "" ""`}},
		"handed on without being": {[]any{out(1, 7), out(1, 8)}, []string{`e001 d1 to 7 in in e002 "" ""`, `e002 d1 to 8 out in - "" ""`}},
	} {
		var p pen
		for _, x := range test.entries {
			switch x := x.(type) {
			case Entry:
				p.write(x)
			case int:
				if err := p.undo(x); err != nil {
					t.Fatalf("%s: entry %d: %v", name, x, err)
				}
			}
		}
		var got []string
		for _, h := range p.handings() {
			got = append(got, line(&h))
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
}

// What is known when it is handed out is kept as it was on the day.
func TestHandingOfTheDay(t *testing.T) {
	var p pen
	p.write(Entry{Act: Checkout, Asset: device(1), Holder: person(7), Due: "2026-12-18", Loaner: true})
	renamed := device(1)
	renamed.Tag = "another"
	p.write(Entry{Act: CheckIn, Asset: renamed})
	want := []Handing{{
		Entry: "e001", By: "tech", Asset: device(1), Holder: person(7), Out: begin, Due: "2026-12-18", Loaner: true,
		Status: In, In: begin.Add(time.Minute),
	}}
	if diff := gocmp.Diff(want, p.handings()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// journals are random ones: what the rules allow, and, of other stations, what
// they do not.
func journals(t *rapid.T) *pen {
	p := new(pen)
	lawful := rapid.Bool().Draw(t, "lawful")
	acts := []Act{Checkout, Checkout, Checkout, CheckIn, CheckIn, Swap, Lost, Found, Repair, Repair, Note, Undo, Undo}
	for range rapid.IntRange(0, 60).Draw(t, "entries") {
		e := Entry{Act: rapid.SampledFrom(acts).Draw(t, "act"), Asset: device(rapid.IntRange(1, 3).Draw(t, "asset")), Holder: person(rapid.IntRange(1, 2).Draw(t, "holder"))}
		if e.Act == Undo {
			if n := len(p.entries); n > 0 {
				_ = p.undo(n - rapid.IntRange(0, min(n-1, 8)).Draw(t, "ago")) // refused is as good
			}
			continue
		}
		if e.Act == Swap || e.Act == Repair && rapid.Bool().Draw(t, "with a loaner") {
			e.Other = device(rapid.IntRange(1, 3).Draw(t, "other"))
		}
		if e.Other.ID == e.Asset.ID {
			continue
		}
		e.Note = rapid.SampledFrom([]string{"", "a note"}).Draw(t, "note")
		e.Due = rapid.SampledFrom([]directory.Day{"", "2026-12-18"}).Draw(t, "due")
		if err := p.book.Check(&e, "2026-08-17"); err != nil && lawful || e.Other.ID != "" && e.Holder.Nobody() {
			continue // nobody is lent nothing, at any station
		}
		p.write(e)
	}
	return p
}

// Every handing-out that was not undone is one Handing, in order.
func TestEveryHandingOutIsOneHanding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := journals(t)
		undone := make(map[string]bool)
		for _, e := range p.entries {
			undone[e.Undoes] = true
		}
		var want, got []string
		for _, e := range p.entries {
			if undone[e.ID] {
				continue
			}
			switch {
			case e.Act == Checkout, e.Act == Swap:
				want = append(want, e.ID+" "+e.Asset.ID+" "+e.Holder.Name)
			case e.Act == Repair && e.Other.ID != "":
				want = append(want, e.ID+" "+e.Other.ID+" "+e.Holder.Name)
			}
		}
		for _, h := range p.handings() {
			got = append(got, h.Entry+" "+h.Asset.ID+" "+h.Holder.Name)
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// The last Handing of an Asset is open exactly while the book says that
// somebody has it or lost it, and says the same of it; all before are over.
func TestHandingsAgreeWithTheBook(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := journals(t)
		last := make(map[string]*Handing)
		all := p.handings()
		for i := range all {
			h := &all[i]
			if before := last[h.Asset.Key()]; before != nil && (before.Status != In || before.In.After(h.Out)) {
				t.Errorf("%+v was not over when %+v began", before, h)
			}
			last[h.Asset.Key()] = h
			with := h.Status == Out || h.Status == IsLost
			if h.In.IsZero() != with || !with && h.In.Before(h.Out) {
				t.Errorf("%+v is in at the wrong time", h)
			}
		}
		for n := range 3 {
			a := device(n + 1)
			s, h := p.book.Standing(a.Key()), last[a.Key()]
			if s == nil {
				s = &Standing{Status: In}
			}
			if h == nil {
				h = &Handing{Status: In}
			}
			open := h.Open()
			switch {
			case open != s.Held():
				t.Errorf("%+v, and the book says %+v", h, s)
			case open && (h.Status != s.Status || !h.Out.Equal(s.Since) || h.Holder.Name != s.Holder.Name || h.Due != s.Due || h.Loaner != s.Loaner):
				t.Errorf("%+v, and the book says otherwise: %+v", h, s)
			case (h.Status == InRepair) != (s.Status == InRepair && !s.Holder.Nobody()):
				t.Errorf("of the repair, %+v, and the book says %+v", h, s)
			case h.Status == InRepair && !h.In.Equal(s.Changed):
				t.Errorf("%+v went to repair at another time: %+v", h, s)
			}
		}
	})
}

// Entries that were undone leave no trace: without them all is the same.
func TestHandingsWithoutWhatWasUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := journals(t)
		gone := make(map[string]bool)
		for _, e := range p.entries {
			if e.Act == Undo {
				gone[e.ID], gone[e.Undoes] = true, true
			}
		}
		rest := pen{entries: slices.DeleteFunc(slices.Clone(p.entries), func(e Entry) bool { return gone[e.ID] })}
		byEntry := func(a, b Handing) int { return cmp.Compare(a.Entry, b.Entry) }
		want, got := rest.handings(), p.handings()
		if !slices.IsSortedFunc(got, byEntry) {
			t.Errorf("not in the order of the journal")
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}
