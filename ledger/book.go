package ledger

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"panel/directory"
)

// Status is where an Asset is.
type Status string

// The statuses.
const (
	In       Status = "in"
	Out      Status = "out"
	IsLost   Status = "lost"
	InRepair Status = "repair"
)

// Standing is how the entries of the journal leave one Asset. The one of an
// Asset that no entry is about is the zero Standing with that Asset, In.
type Standing struct {
	Asset  Asset
	Status Status
	// Holder has it, had it when it was lost, or gets it back from repair.
	Holder Holder
	// Since is when the Holder got it; Changed when the Status became what it
	// is.
	Since   time.Time
	Changed time.Time
	Due     directory.Day
	Loaner  bool
	// Note is the last that was said of it while with the Holder, Condition
	// the last that anybody said.
	Note      string
	Condition string
	// By is who wrote the last entry, Last its ID: the one that can be undone,
	// "" when there is none.
	By   string
	Last string
	// Tip is the ID of the newest entry about the Asset, an undo too, a note not.
	Tip string
}

// Held tells whether somebody has it, or is to answer for it.
func (s *Standing) Held() bool { return s.Status == Out || s.Status == IsLost && !s.Holder.Nobody() }

// Overdue tells whether it should have been back before a day.
func (s *Standing) Overdue(today directory.Day) bool {
	return s.Status == Out && s.Due != "" && s.Due < today
}

// Book is who has what after some entries of the journal. The zero Book is
// that of none. Not safe for concurrent use; the Standings that it hands out
// are never changed.
type Book struct {
	standings map[place]*Standing
	// holding are the Standings of what is out or lost, by every account of the
	// Holder.
	holding map[account][]*Standing
	entries int
	newest  time.Time
}

// place is an [Asset.Key], and account a [directory.AccountKey], taken apart: a
// start makes some for every Asset.
type (
	place   struct{ kind, id string }
	account struct {
		cloud directory.Cloud
		id    string
	}
)

func (a *Asset) place() place { return place{a.Kind, a.ID} }

func placeOf(key string) place {
	kind, id, _ := strings.Cut(key, ":")
	return place{kind, id}
}

// accounts are h's, those that it lacks without an id.
func (h *Holder) accounts() [2]account {
	return [2]account{{directory.Google, h.GoogleID}, {directory.Microsoft, h.MicrosoftID}}
}

// Entries is how many the book was made of, Newest when the last one was.
func (b *Book) Entries() int      { return b.entries }
func (b *Book) Newest() time.Time { return b.newest }

// Standing is how an Asset stands, by its key. It is nil of one that no entry
// is about.
func (b *Book) Standing(asset string) *Standing { return b.standings[placeOf(asset)] }

// All goes through every Standing, in no order that means anything.
func (b *Book) All() iter.Seq[*Standing] { return maps.Values(b.standings) }

// Len is how many Assets have a Standing.
func (b *Book) Len() int { return len(b.standings) }

// HeldBy are the Assets that somebody has or lost, found by the keys of all of
// the Person's accounts, sorted by name. Of a Person that was split, what it had
// stays with the Google half as long as there is one: other tells whether an
// account, by its key, is somebody else's; nil is nobody's.
func (b *Book) HeldBy(keys []string, other func(account string) bool) []*Standing {
	var found []*Standing
	for _, key := range keys {
		cloud, id, _ := directory.SplitAccountKey(key)
		for _, s := range b.holding[account{cloud, id}] {
			if !slices.Contains(found, s) && s.Holder.BelongsTo(keys, other) {
				found = append(found, s)
			}
		}
	}
	slices.SortFunc(found, func(a, b *Standing) int {
		return cmp.Or(strings.Compare(a.Asset.Name(), b.Asset.Name()), strings.Compare(a.Asset.ID, b.Asset.ID))
	})
	return found
}

// BelongsTo tells whether a Person with the accounts is h: the one who has
// h's Google account, or where nobody has that, h's Microsoft account. Other is
// as in [Book.HeldBy].
func (h *Holder) BelongsTo(keys []string, other func(account string) bool) bool {
	for _, key := range h.Keys() {
		if slices.Contains(keys, key) {
			return true
		}
		if other != nil && other(key) {
			return false
		}
	}
	return false
}

// Grow makes room for n Standings at once.
func (b *Book) Grow(n int) {
	if b.standings == nil {
		b.standings, b.holding = make(map[place]*Standing, n), make(map[account][]*Standing, 2*n)
	}
}

// Put takes a Standing as it is, which is the book's from then on: how a book
// is read back.
func (b *Book) Put(s *Standing) {
	b.Grow(0)
	at := s.Asset.place()
	if old := b.standings[at]; old != nil && old.Held() {
		for _, a := range old.Holder.accounts() {
			rest := slices.DeleteFunc(b.holding[a], func(o *Standing) bool { return o == old })
			if b.holding[a] = rest; len(rest) == 0 {
				delete(b.holding, a)
			}
		}
	}
	if s.Held() {
		for _, a := range s.Holder.accounts() {
			if a.id != "" {
				b.holding[a] = append(b.holding[a], s)
			}
		}
	}
	b.standings[at] = s
}

// Tip is the newest entry about an Asset: see [Standing.Tip]. It is "" for none.
func (b *Book) Tip(asset string) string {
	if s := b.Standing(asset); s != nil {
		return s.Tip
	}
	return ""
}

// Count notes that the book holds n entries, the newest of a time: how a book
// is read back.
func (b *Book) Count(n int, newest time.Time) { b.entries, b.newest = n, newest }

// Apply takes an entry that was written. It never refuses: what the journal
// says is what happened.
func (b *Book) Apply(e *Entry) {
	now := after(e, func(a *Asset) *Standing { return b.standings[a.place()] })
	for i := range now {
		b.Put(&now[i])
	}
	b.entries++
	if e.At.After(b.newest) {
		b.newest = e.At
	}
}

// after is how an entry leaves the Assets that it is about, which stood before
// as was says.
func after(e *Entry, was func(*Asset) *Standing) []Standing {
	if e.Act == Undo {
		left := slices.Clone(e.Left)
		for i := range left {
			left[i].Tip = cmp.Or(left[i].Tip, e.ID)
		}
		return left
	}
	var out []Standing
	for _, a := range e.Assets() {
		s := Standing{Status: In}
		if before := was(a); before != nil {
			s = *before
		}
		s.Asset, s.By, s.Last = *a, e.By, e.ID
		if e.Act != Note {
			s.Tip = e.ID
		}
		s.take(e, a == &e.Other)
		out = append(out, s)
	}
	return out
}

// take has an entry change s; other tells that s is of the entry's other
// Asset.
func (s *Standing) take(e *Entry, other bool) {
	if e.Note != "" && !other {
		s.Note = e.Note
	}
	if e.Condition != "" && (other == (e.Act == Swap)) { // of what came back
		s.Condition = e.Condition
	}
	become := func(status Status) {
		if s.Status != status {
			s.Status, s.Changed = status, e.At
		}
	}
	goOut := func(loaner bool) {
		s.Holder, s.Since, s.Due, s.Loaner, s.Note = e.Holder, e.At, e.Due, loaner, ""
		s.Status, s.Changed = Out, e.At
	}
	comeBack := func() {
		become(In)
		s.Holder, s.Since, s.Due, s.Loaner = Holder{}, time.Time{}, "", false
		if s.Note = e.Note; other { // that was about the one who had it
			s.Note = ""
		}
	}
	switch {
	case e.Act == Checkout, e.Act == Swap && !other:
		goOut(e.Loaner)
		s.Note = e.Note
	case e.Act == Repair && other:
		goOut(true)
	case e.Act == CheckIn, e.Act == Swap && other:
		comeBack()
	case e.Act == Lost && s.Status == InRepair:
		comeBack()
		become(IsLost)
	case e.Act == Lost:
		become(IsLost)
	case e.Act == Repair:
		become(InRepair)
	case e.Act == Found && s.Holder.Nobody():
		become(In)
	case e.Act == Found:
		become(Out)
	}
}

// UndoOf is the entry that takes e back, less what every entry gets when it is
// written. History are all entries about e's Assets, oldest first. The error is
// a [*Refusal]: an Asset has been handled since, or e cannot be undone.
func UndoOf(e *Entry, history []Entry, b *Book) (Entry, error) {
	u := Entry{Act: Undo, Undoes: e.ID, Asset: e.Asset, Other: e.Other, Holder: e.Holder}
	if e.Act == Undo {
		return u, &Refusal{Why: CannotUndo}
	}
	for _, a := range e.Assets() {
		now := b.Standing(a.Key())
		if now == nil || now.Last != e.ID {
			return u, &Refusal{Why: ChangedSince, Standing: now}
		}
		left := before(e.ID, a, history)
		if left.Tip = ""; e.Act == Note { // which is no tip, and so its undo is none
			left.Tip = now.Tip
		}
		u.Left = append(u.Left, left)
	}
	return u, nil
}

// before is how an Asset stood before an entry, as if what was undone had never
// been.
func before(id string, a *Asset, history []Entry) Standing {
	key := a.Key()
	stack := []Standing{{Asset: *a, Status: In}}
	for i := range history {
		e := &history[i]
		if e.ID == id {
			break
		}
		if !e.About(key) {
			continue
		}
		if e.Act == Undo {
			if i := slices.IndexFunc(stack, func(s Standing) bool { return s.Last == e.Undoes }); i > 0 {
				stack = stack[:i]
			}
			continue
		}
		top := &stack[len(stack)-1]
		for _, s := range after(e, func(a *Asset) *Standing {
			if a.Key() == key {
				return top
			}
			return nil
		}) {
			if s.Asset.Key() == key {
				stack = append(stack, s)
			}
		}
	}
	return stack[len(stack)-1]
}
