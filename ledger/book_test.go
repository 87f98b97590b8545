package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"panel/directory"
)

const today = directory.Day("2026-11-23")

// at is some minutes into the day.
func at(minute int) time.Time {
	return time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC).Add(time.Duration(minute) * time.Minute)
}

func book(id string) Asset {
	return Asset{Kind: Chromebook, ID: "id-" + id, Serial: id, Tag: "tag-" + id, Model: "HP"}
}

// holder is somebody with accounts, as "g:1 m:a".
func holder(accounts string) (h Holder) {
	for _, key := range strings.Fields(accounts) {
		switch c, id, _ := directory.SplitAccountKey(key); c {
		case directory.Google:
			h.GoogleID = id
		case directory.Microsoft:
			h.MicrosoftID = id
		}
	}
	if !h.Nobody() {
		h.Name, h.Emails = accounts, []string{strings.ReplaceAll(accounts, " ", "+") + "@x"}
	}
	return h
}

// diary is a journal in memory, each entry a minute after the one before.
type diary struct {
	book    Book
	entries []Entry
}

// write does what storage does with an entry that was allowed.
func (d *diary) write(e *Entry) {
	n := len(d.entries) + 1
	e.ID, e.Station, e.Seq, e.At, e.By = fmt.Sprintf("e%d", n), "s", uint64(n), at(n), fmt.Sprint("user", n%2)
	d.entries = append(d.entries, *e)
	d.book.Apply(e)
}

// do writes an entry if the rules allow it.
func (d *diary) do(e Entry) error {
	err := d.book.Check(&e, today)
	if err == nil {
		d.write(&e)
	}
	return err
}

// undo takes the n-th entry back, from 1 on.
func (d *diary) undo(n int) error {
	e := &d.entries[n-1]
	u, err := UndoOf(e, d.about(e), &d.book)
	if err == nil {
		d.write(&u)
	}
	return err
}

// about are all entries about the Assets of one.
func (d *diary) about(e *Entry) (found []Entry) {
	for i := range d.entries {
		for _, a := range e.Assets() {
			if d.entries[i].About(a.Key()) {
				found = append(found, d.entries[i])
				break
			}
		}
	}
	return found
}

// all are the Standings of a book by the keys of the Assets.
func all(b *Book) map[string]Standing {
	found := make(map[string]Standing)
	for s := range b.All() {
		found[s.Asset.Key()] = *s
	}
	return found
}

func out(id, to string) Entry { return Entry{Act: Checkout, Asset: book(id), Holder: holder(to)} }
func on(act Act, id string) Entry {
	return Entry{Act: act, Asset: book(id)}
}
func swap(id, back, of string) Entry {
	return Entry{Act: Swap, Asset: book(id), Other: book(back), Holder: holder(of)}
}
func repair(id, loaner string) Entry {
	return Entry{Act: Repair, Asset: book(id), Other: book(loaner)}
}

// situation is a diary in which A stands as the name says; B is with g:1 and C
// with nobody.
func situation(t testing.TB, name string) *diary {
	t.Helper()
	d := new(diary)
	acts := []Entry{out("B", "g:1")}
	acts = append(acts, map[string][]Entry{
		"in":                {},
		"back":              {out("A", "g:1"), on(CheckIn, "A")},
		"out":               {out("A", "g:1")},
		"lost":              {out("A", "g:1"), on(Lost, "A")},
		"lost from nobody":  {on(Lost, "A")},
		"repair":            {out("A", "g:1"), on(Repair, "A")},
		"repair for nobody": {on(Repair, "A")},
	}[name]...)
	for _, e := range acts {
		if err := d.do(e); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return d
}

func stands(s *Standing) string {
	if s == nil {
		return "nothing"
	}
	text := string(s.Status)
	if !s.Holder.Nobody() {
		text += " " + s.Holder.Name
	}
	if s.Loaner {
		text += " loaner"
	}
	return text
}

// What each act makes of an Asset however it stands, or why it is refused.
func TestRules(t *testing.T) {
	situations := []string{"in", "back", "out", "lost", "lost from nobody", "repair", "repair for nobody"}
	for _, c := range []struct {
		name string
		e    Entry
		want [7]string // by situation
	}{
		{"to the same", out("A", "g:1"),
			[7]string{"out g:1", "out g:1", "!already_theirs", "!still_lost", "!still_lost", "out g:1", "out g:1"}},
		{"to another", out("A", "g:2"),
			[7]string{"out g:2", "out g:2", "!already_out", "!still_lost", "!still_lost", "out g:2", "out g:2"}},
		{"check in", on(CheckIn, "A"),
			[7]string{"!not_out", "!not_out", "in", "in", "in", "in", "in"}},
		{"lost", on(Lost, "A"),
			[7]string{"lost", "lost", "lost g:1", "!already_lost", "!already_lost", "lost", "lost"}},
		{"found", on(Found, "A"),
			[7]string{"!not_lost", "!not_lost", "!not_lost", "out g:1", "in", "!not_lost", "!not_lost"}},
		{"repair", on(Repair, "A"),
			[7]string{"repair", "repair", "repair g:1", "repair g:1", "repair", "!in_repair", "!in_repair"}},
		{"repair with a loaner", repair("A", "C"),
			[7]string{"!nobody_had", "!nobody_had", "repair g:1", "repair g:1", "!nobody_had", "!in_repair", "!in_repair"}},
		{"repair with a loaner that is theirs", repair("A", "B"),
			[7]string{"!nobody_had", "!nobody_had", "!already_theirs", "!already_theirs", "!nobody_had", "!in_repair", "!in_repair"}},
		{"swap", swap("A", "B", "g:1"),
			[7]string{"out g:1", "out g:1", "!already_theirs", "!still_lost", "!still_lost", "out g:1", "out g:1"}},
		{"swap for what is not theirs", swap("A", "B", "g:2"),
			[7]string{"!not_theirs", "!not_theirs", "!already_out", "!still_lost", "!still_lost", "!not_theirs", "!not_theirs"}},
		{"swap for what is in", swap("A", "C", "g:1"),
			[7]string{"!not_theirs", "!not_theirs", "!already_theirs", "!still_lost", "!still_lost", "!not_theirs", "!not_theirs"}},
		{"swap with itself", swap("A", "A", "g:1"),
			[7]string{"!same_asset", "!same_asset", "!same_asset", "!same_asset", "!same_asset", "!same_asset", "!same_asset"}},
		{"a note", Entry{Act: Note, Asset: book("A"), Note: " a  word\n"},
			[7]string{"in", "in", "out g:1", "lost g:1", "lost", "repair g:1", "repair"}},
		{"no word", Entry{Act: Note, Asset: book("A"), Note: " \t"},
			[7]string{"!nothing_said", "!nothing_said", "!nothing_said", "!nothing_said", "!nothing_said", "!nothing_said", "!nothing_said"}},
		{"due yesterday", Entry{Act: Checkout, Asset: book("A"), Holder: holder("g:2"), Due: "2026-11-22"},
			[7]string{"!due_in_the_past", "!due_in_the_past", "!due_in_the_past", "!due_in_the_past", "!due_in_the_past", "!due_in_the_past", "!due_in_the_past"}},
		{"due today", Entry{Act: Checkout, Asset: book("A"), Holder: holder("g:2"), Due: today},
			[7]string{"out g:2", "out g:2", "!already_out", "!still_lost", "!still_lost", "out g:2", "out g:2"}},
	} {
		for i, name := range situations {
			d := situation(t, name)
			before := all(&d.book)
			err := d.do(c.e)
			key := "chromebook:id-A"
			got := stands(d.book.Standing(key))
			if err != nil {
				var r *Refusal
				if !errors.As(err, &r) {
					t.Fatalf("%s, %s: %v is not a Refusal", name, c.name, err)
				}
				got = "!" + string(r.Why)
				if diff := gocmp.Diff(before, all(&d.book)); diff != "" {
					t.Errorf("%s, %s was refused and changed\n%s", name, c.name, diff)
				}
			}
			if got != c.want[i] {
				t.Errorf("%s, %s: %s, want %s", name, c.name, got, c.want[i])
			}
		}
	}
}

// What an act says of both of its Assets.
func TestStanding(t *testing.T) {
	d := new(diary)
	do := func(e Entry) {
		t.Helper()
		if err := d.do(e); err != nil {
			t.Fatal(err)
		}
	}
	same := func(id string, want Standing) {
		t.Helper()
		want.Asset = book(id)
		if diff := gocmp.Diff(&want, d.book.Standing(want.Asset.Key()), noTip); diff != "" {
			t.Errorf("after %d entries, %s:\n%s", len(d.entries), id, diff)
		}
	}
	e := out("A", "g:1 m:a")
	e.Due, e.Note, e.Condition = "2026-12-01", " for  the trip ", "new"
	do(e)
	a := Standing{Status: Out, Holder: holder("g:1 m:a"), Since: at(1), Changed: at(1), Due: "2026-12-01", Note: "for the trip", Condition: "new", By: "user1", Last: "e1"}
	same("A", a)
	e = repair("A", "B")
	e.Note, e.Condition, e.Due = "cracked", "bad", "2026-12-24"
	do(e)
	a.Status, a.Changed, a.Note, a.Condition, a.By, a.Last = InRepair, at(2), "cracked", "bad", "user0", "e2"
	same("A", a)
	b := Standing{Status: Out, Holder: holder("g:1 m:a"), Since: at(2), Changed: at(2), Due: "2026-12-24", Loaner: true, By: "user0", Last: "e2"}
	same("B", b)
	e = swap("C", "B", "g:1")
	e.Note, e.Condition, e.Due = "another", "scratched", "2026-12-02"
	do(e)
	same("B", Standing{Status: In, Changed: at(3), Condition: "scratched", By: "user1", Last: "e3"})
	same("C", Standing{Status: Out, Holder: holder("g:1"), Since: at(3), Changed: at(3), Due: "2026-12-02", Note: "another", By: "user1", Last: "e3"})
	do(Entry{Act: Note, Asset: book("C"), Condition: "wet"})
	c := Standing{Status: Out, Holder: holder("g:1"), Since: at(3), Changed: at(3), Due: "2026-12-02", Note: "another", Condition: "wet", By: "user0", Last: "e4"}
	same("C", c)
	do(on(Lost, "C"))
	c.Status, c.Changed, c.By, c.Last = IsLost, at(5), "user1", "e5"
	same("C", c)
	do(on(Found, "C"))
	c.Status, c.Changed, c.By, c.Last = Out, at(6), "user0", "e6"
	same("C", c)
	do(on(CheckIn, "A")) // from repair
	if got := d.entries[6].Holder; gocmp.Diff(got, holder("g:1 m:a")) != "" {
		t.Errorf("who had it is %+v", got)
	}
}

func TestUndo(t *testing.T) {
	for _, c := range []struct {
		name string
		acts []Entry
		undo []int // entries by number, from 1 on; all but the last must go
		want string
	}{
		{"the first", []Entry{out("A", "g:1")}, []int{1}, "A in"},
		{"a return", []Entry{out("A", "g:1"), on(CheckIn, "A")}, []int{2}, "A out g:1"},
		{"a chain", []Entry{out("A", "g:1"), on(CheckIn, "A"), out("A", "g:2")}, []int{3, 2, 1}, "A in"},
		{"not the one before", []Entry{out("A", "g:1"), on(CheckIn, "A")}, []int{1}, "!changed_since"},
		{"twice", []Entry{out("A", "g:1")}, []int{1, 1}, "!changed_since"},
		{"an undo", []Entry{out("A", "g:1")}, []int{1, 2}, "!cannot_undo"},
		{"what was undone is not undone again by an earlier one",
			[]Entry{out("A", "g:1"), on(Lost, "A"), on(Found, "A")}, []int{3, 2}, "A out g:1"},
		{"a swap", []Entry{out("B", "g:1"), swap("A", "B", "g:1")}, []int{2}, "A in, B out g:1"},
		{"a swap of which one was handed on", []Entry{out("B", "g:1"), swap("A", "B", "g:1"), out("B", "g:2")}, []int{2}, "!changed_since"},
		{"that, once it is undone", []Entry{out("B", "g:1"), swap("A", "B", "g:1"), out("B", "g:2")}, []int{3, 2, 1}, "A in, B in"},
		{"a swap of a swap", []Entry{out("A", "g:1"), swap("B", "A", "g:1"), swap("A", "B", "g:1")}, []int{3, 2}, "A out g:1, B in"},
		{"a repair with a loaner", []Entry{out("A", "g:1"), repair("A", "B")}, []int{2}, "A out g:1, B in"},
		{"a note on the loaner first", []Entry{out("A", "g:1"), repair("A", "B"), {Act: Note, Asset: book("B"), Note: "x"}}, []int{3, 2, 1}, "A in, B in"},
		{"a note on what is in repair", []Entry{out("A", "g:1"), repair("A", "B"), {Act: Note, Asset: book("A"), Note: "x"}}, []int{2}, "!changed_since"},
		{"a loss from repair", []Entry{out("A", "g:1"), on(Repair, "A"), on(Lost, "A")}, []int{3}, "A repair g:1"},
	} {
		d := new(diary)
		// By the entries that stand, so as if what was undone had never been.
		for _, e := range c.acts {
			if err := d.do(e); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
		}
		var err error
		for i, n := range c.undo {
			if err = d.undo(n); err != nil && i < len(c.undo)-1 {
				t.Fatalf("%s: %d: %v", c.name, n, err)
			}
		}
		var lines []string
		for _, s := range all(&d.book) {
			lines = append(lines, s.Asset.Serial+" "+stands(&s))
		}
		slices.Sort(lines)
		got := strings.Join(lines, ", ")
		if r := (*Refusal)(nil); errors.As(err, &r) {
			got = "!" + string(r.Why)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// After undos another act, and its undo, find what is there.
func TestUndoAfterUndo(t *testing.T) {
	d := new(diary)
	do := func(e Entry) {
		t.Helper()
		if err := d.do(e); err != nil {
			t.Fatal(err)
		}
	}
	undo := func(n int) {
		t.Helper()
		if err := d.undo(n); err != nil {
			t.Fatalf("undo %d: %v", n, err)
		}
	}
	e := out("A", "g:1")
	e.Note, e.Due = "first", "2026-12-01"
	do(e) // 1
	want := *d.book.Standing("chromebook:id-A")
	do(on(CheckIn, "A")) // 2
	do(out("A", "g:2"))  // 3
	undo(3)              // 4
	undo(2)              // 5
	do(on(Lost, "A"))    // 6
	undo(6)              // 7
	do(repair("A", "B")) // 8
	do(on(CheckIn, "B")) // 9
	undo(9)              // 10
	undo(8)              // 11
	got := *d.book.Standing("chromebook:id-A")
	if diff := gocmp.Diff(want, got, noTip); diff != "" {
		t.Errorf("after all that was undone:\n%s", diff)
	}
	if u := d.entries[10]; u.Undoes != "e8" || len(u.Left) != 2 || u.Holder.Name != "g:1" || u.Asset != book("A") || u.Other != book("B") {
		t.Errorf("the undo of a repair is %+v", u)
	}
	undo(1)
	if got := stands(d.book.Standing("chromebook:id-A")); got != "in" {
		t.Errorf("in the end %s", got)
	}
	if d.book.Entries() != 12 || !d.book.Newest().Equal(at(12)) {
		t.Errorf("%d entries, the newest of %v", d.book.Entries(), d.book.Newest())
	}
}

// Whose an Asset is when people are merged and split.
func TestHeldBy(t *testing.T) {
	d := new(diary)
	for id, to := range map[string]string{"A": "g:1 m:a", "B": "m:a", "C": "g:2", "D": "m:b", "E": "g:1"} {
		if err := d.do(out(id, to)); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []Entry{out("F", "g:1"), on(Repair, "F"), out("G", "g:1 m:a"), on(Lost, "G"), on(Lost, "H")} {
		if err := d.do(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ keys, live, want string }{
		{"g:1 m:a", "g:1 m:a", "A B E G"},
		{"g:1", "g:1 m:a", "A E G"}, // split: it stays with Google's half
		{"m:a", "g:1 m:a", "B"},
		{"m:a", "m:a", "A B G"}, // and nobody has that any more
		{"g:1", "g:1", "A E G"},
		{"g:2 m:a", "g:1 g:2 m:a", "B C"},
		{"g:2 m:a", "g:2 m:a", "A B C G"},
		{"g:2 m:b", "g:2 m:b", "C D"},
		{"g:3", "g:3", ""},
		{"", "", ""},
		{"x:1 m: g:", "", ""},
	} {
		live := strings.Fields(c.live)
		var got []string
		for _, s := range d.book.HeldBy(strings.Fields(c.keys), func(key string) bool { return slices.Contains(live, key) }) {
			got = append(got, s.Asset.Serial)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q with %q there: %q, want %q", c.keys, c.live, got, c.want)
		}
	}
	if got := d.book.HeldBy([]string{"m:a"}, nil); len(got) != 3 {
		t.Errorf("where no account is known: %d", len(got))
	}
}

func TestHolderIs(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"g:1", "g:1 m:a", true}, {"m:a", "g:1 m:a", true}, {"g:1 m:a", "g:1 m:b", true},
		{"g:1 m:a", "g:2 m:a", false}, {"g:1", "m:a", false}, {"g:1", "m:1", false}, {"", "", false}, {"", "g:1", false},
	} {
		a, b := holder(c.a), holder(c.b)
		if a.Is(&b) != c.want || b.Is(&a) != c.want {
			t.Errorf("%q is %q: %v, %v", c.a, c.b, a.Is(&b), b.Is(&a))
		}
	}
}

func TestReceive(t *testing.T) {
	for _, c := range []struct {
		p    directory.Person
		want Why
	}{
		{directory.Person{}, ""},
		{directory.Person{State: directory.Active}, ""},
		{directory.Person{State: directory.Suspended}, IsSuspended},
		{directory.Person{State: directory.Disabled}, IsSuspended},
		{directory.Person{State: directory.Archived}, IsArchived},
		{directory.Person{State: directory.Active, Departed: true}, IsDeparted},
	} {
		if got := why(Receive(&c.p)); got != c.want {
			t.Errorf("%+v: %q, want %q", c.p, got, c.want)
		}
	}
}

func TestOverdue(t *testing.T) {
	for _, c := range []struct {
		s    Standing
		want bool
	}{
		{Standing{Status: Out, Due: "2026-11-22"}, true},
		{Standing{Status: Out, Due: today}, false}, // it is due by the end of the day
		{Standing{Status: Out}, false},
		{Standing{Status: IsLost, Due: "2026-11-22"}, false},
	} {
		if c.s.Overdue(today) != c.want {
			t.Errorf("%+v", c.s)
		}
	}
}

// Ids are of one length, like no other, and sort by time.
func TestNewID(t *testing.T) {
	seen, last := make(map[string]bool), ""
	for i := range 1000 {
		id := NewID(at(0).Add(time.Duration(i) * time.Millisecond))
		if len(id) != 26 || strings.Trim(id, "0123456789abcdefghjkmnpqrstvwxyz") != "" || seen[id] || cmp.Compare(id, last) <= 0 {
			t.Fatalf("%q after %q", id, last)
		}
		seen[id], last = true, id
	}
	if a, b := NewID(at(0)), NewID(at(0)); a == b || a[:9] != b[:9] {
		t.Errorf("of one moment: %s, %s", a, b)
	}
}

func TestAnonymize(t *testing.T) {
	gone := func(h *Holder) bool { return h.GoogleID == "1" }
	e := out("A", "g:1")
	e.Note = "Bob's"
	e.Left = []Standing{{Holder: holder("g:1"), Note: "Bob's"}, {Holder: holder("g:2"), Note: "Ann's"}}
	other := out("A", "g:2")
	if !e.Anonymize(gone) || e.Anonymize(gone) || other.Anonymize(gone) {
		t.Error("what changed is not what is said to have")
	}
	want := Holder{GoogleID: "1", Name: RemovedPerson}
	if gocmp.Diff(e.Holder, want) != "" || gocmp.Diff(e.Left[0].Holder, want) != "" || e.Note+e.Left[0].Note != "" || e.Left[1].Note != "Ann's" {
		t.Errorf("%+v", e)
	}
}

// What is to come back in a swap has to be at hand.
func TestSwapOfWhatIsLost(t *testing.T) {
	for _, act := range []Act{Lost, Repair} {
		d := situation(t, "in")
		if err := d.do(on(act, "B")); err != nil {
			t.Fatal(err)
		}
		if got := why(d.do(swap("A", "B", "g:1"))); got != NotTheirs {
			t.Errorf("after %s: %q", act, got)
		}
	}
}

// The book keeps nothing of an entry that its owner may change.
func TestApplyKeepsNothing(t *testing.T) {
	d := situation(t, "back")
	if err := d.undo(3); err != nil {
		t.Fatal(err)
	}
	d.entries[3].Left[0].Status = IsLost
	if got := stands(d.book.Standing("chromebook:id-A")); got != "out g:1" {
		t.Errorf("after the entry was changed: %s", got)
	}
}

// Nothing goes out to no one, and what was said of the one who had it goes when it
// comes back.
func TestNobodyIsHandedAnything(t *testing.T) {
	var b Book
	a := Asset{Kind: Chromebook, ID: "1"}
	var refusal *Refusal
	if err := b.Check(&Entry{Act: Checkout, Asset: a}, "2026-11-27"); !errors.As(err, &refusal) || refusal.Why != ToNobody {
		t.Errorf("a checkout to nobody: %v", err)
	}
	b.Apply(&Entry{ID: "1", Act: Checkout, Asset: a, Holder: Holder{GoogleID: "1"}, Note: "for Ann"})
	b.Apply(&Entry{ID: "2", Act: CheckIn, Asset: a, Holder: Holder{GoogleID: "1"}})
	if s := b.Standing(a.Key()); s.Note != "" || s.Status != In {
		t.Errorf("it is back as %+v", s)
	}
}

// What gets lost in repair is not with whoever had given it back, and once it is
// found it is in.
func TestLostInRepair(t *testing.T) {
	d := situation(t, "repair")
	for _, act := range []Act{Lost, Found} {
		if err := d.do(on(act, "A")); err != nil {
			t.Fatal(err)
		}
		if e := d.entries[len(d.entries)-1]; !e.Holder.Nobody() {
			t.Errorf("%s says that %s had it", act, e.Holder.Name)
		}
		for _, s := range d.book.HeldBy([]string{"g:1"}, nil) {
			if s.Asset.Serial == "A" {
				t.Errorf("%s: they are to answer for it: %+v", act, s)
			}
		}
	}
	if s := d.book.Standing("chromebook:id-A"); s.Status != In || !s.Holder.Nobody() {
		t.Errorf("found again: %+v", s)
	}
}

// Several entries are allowed together or not at all, each as if those before
// it had been, and nothing of it is in the book.
func TestCheckAll(t *testing.T) {
	may := func(h *Holder) error {
		if h.GoogleID == "sue" {
			return &Refusal{Why: IsSuspended}
		}
		return nil
	}
	for name, test := range map[string]struct {
		entries []Entry
		want    Why
	}{
		"moved":                    {[]Entry{on(CheckIn, "A"), out("A", "g:2")}, ""},
		"moved to the same":        {[]Entry{on(CheckIn, "A"), out("A", "g:1")}, ""},
		"not taken back before":    {[]Entry{out("A", "g:2"), on(CheckIn, "A")}, AlreadyOut},
		"twice":                    {[]Entry{on(CheckIn, "A"), on(CheckIn, "A")}, NotOut},
		"to someone suspended":     {[]Entry{on(CheckIn, "A"), out("A", "g:sue")}, IsSuspended},
		"out to someone suspended": {[]Entry{out("C", "g:sue")}, IsSuspended},
		"back from the suspended":  {[]Entry{on(CheckIn, "A")}, ""},
		"nothing":                  {nil, ""},
	} {
		d := situation(t, "out")
		before := all(&d.book)
		var entries []*Entry
		for i := range test.entries {
			entries = append(entries, &test.entries[i])
		}
		if err := d.book.CheckAll(entries, today, may); why(err) != test.want {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
		if diff := gocmp.Diff(before, all(&d.book)); diff != "" {
			t.Errorf("%s changed the book:\n%s", name, diff)
		}
	}
	d := situation(t, "repair")
	mend := repair("B", "C")
	mend.Holder = Holder{}
	if err := d.book.CheckAll([]*Entry{&mend}, today, func(h *Holder) error {
		if h.GoogleID != "1" {
			t.Errorf("the loaner is for %+v", h)
		}
		return &Refusal{Why: IsDeparted}
	}); why(err) != IsDeparted {
		t.Errorf("a loaner: %v", err)
	}
}

// Of what somebody scanned who is forgotten, their own address goes too.
func TestAnonymizeScan(t *testing.T) {
	gone := func(h *Holder) bool { return h.GoogleID == "1" }
	for _, c := range []struct {
		s    Seen
		want string
	}{
		{Seen{Code: "pat@x", Outcome: ScannedPerson, Holder: holder("g:1")}, RemovedPerson},
		{Seen{Code: "pat@x", Outcome: Refused, Holder: holder("g:1")}, RemovedPerson},
		{Seen{Code: "pat@x", Outcome: Duplicate, Holder: holder("g:1")}, RemovedPerson},
		{Seen{Code: "A", Outcome: CheckedOut, Asset: book("A"), Holder: holder("g:1")}, "A"},
		{Seen{Code: "777", Outcome: Unknown, Holder: holder("g:1")}, "777"},
		{Seen{Code: "quinn@x", Outcome: ScannedPerson, Holder: holder("g:2")}, "quinn@x"},
	} {
		named := c.s.Holder.GoogleID == "2"
		if changed := c.s.Anonymize(gone); changed == named || c.s.Code != c.want || (c.s.Holder.Name == RemovedPerson) == named {
			t.Errorf("%+v, changed %v, want %s", c.s, changed, c.want)
		}
	}
}
