package storage

import (
	"context"
	"slices"

	"panel/ledger"
)

// Undo takes entries back, the last of ids first, all in one write, and returns
// the entries that say so. What something else was done after stays; where that
// is all of them, the error is the [*ledger.Refusal] of the last.
func (l *Ledger) Undo(ctx context.Context, by string, ids ...string) ([]ledger.Entry, error) {
	if err := l.file.writable("undo"); err != nil {
		return nil, err
	}
	l.journal.writing.Lock()
	defer l.journal.writing.Unlock()
	u, err := l.undoing(ctx, ids)
	if err != nil {
		return nil, err
	}
	var d Draft
	for _, id := range slices.Backward(ids) {
		if e := u.undo(id); e != nil {
			d.Entries = append(d.Entries, e)
		}
	}
	if len(d.Entries) == 0 {
		return nil, l.whyNot(ctx, ids, u)
	}
	if err := l.write(by, &d); err != nil {
		return nil, err
	}
	undone := make([]ledger.Entry, len(d.Entries))
	for i, e := range d.Entries {
		undone[i] = *e
	}
	return undone, nil
}

// undoing is what is to be known to take entries back.
type undoing struct {
	history []ledger.Entry   // about all of their Assets, oldest first
	about   map[string][]int // by Asset, where in history
	entries map[string]int   // by ID, too
	now     *ledger.Book
	// book is how the Assets stand after what has been taken back so far.
	book ledger.Book
	why  error // of the first that could not be
}

func (l *Ledger) undoing(ctx context.Context, ids []string) (*undoing, error) {
	u := &undoing{now: &l.journal.book, about: make(map[string][]int), entries: make(map[string]int, len(ids))}
	for _, id := range ids {
		u.entries[id] = -1
	}
	var assets []string
	for s := range l.journal.book.All() {
		if _, wanted := u.entries[s.Last]; wanted && s.Last != "" {
			assets = append(assets, s.Asset.Key())
			u.book.Put(s)
		}
	}
	if len(assets) == 0 {
		return u, ctx.Err()
	}
	var err error
	u.history, err = l.History(ctx, assets...)
	for i := range u.history {
		e := &u.history[i]
		for _, a := range e.Assets() {
			u.about[a.Key()] = append(u.about[a.Key()], i)
		}
		if _, wanted := u.entries[e.ID]; wanted {
			u.entries[e.ID] = i
		}
	}
	return u, err
}

// undo is the entry that takes one back, nil for none.
func (u *undoing) undo(id string) *ledger.Entry {
	at := u.entries[id]
	if at < 0 || len(u.history) == 0 {
		return nil
	}
	e := &u.history[at]
	var places []int
	for _, a := range e.Assets() {
		places = append(places, u.about[a.Key()]...)
		if s := u.now.Standing(a.Key()); s != nil && u.book.Standing(a.Key()) == nil {
			u.book.Put(s)
		}
	}
	slices.Sort(places)
	var about []ledger.Entry
	for _, i := range slices.Compact(places) {
		about = append(about, u.history[i])
	}
	undo, err := ledger.UndoOf(e, about, &u.book)
	if err != nil {
		if u.why == nil {
			u.why = err
		}
		return nil
	}
	undo.ID = "undo of " + e.ID // until it is written
	u.book.Apply(&undo)
	return &undo
}

// whyNot is why nothing could be taken back: an entry may not be the last any
// more about any Asset.
func (l *Ledger) whyNot(ctx context.Context, ids []string, u *undoing) error {
	if u.why != nil || len(ids) == 0 {
		return u.why
	}
	last := ids[len(ids)-1]
	found, err := l.find(ctx, [][]byte{[]byte(last)}, func(e *ledger.Entry) bool { return e.ID == last })
	switch {
	case err != nil:
		return err
	case len(found) == 0 || found[0].Act == ledger.Undo:
		return &ledger.Refusal{Why: ledger.CannotUndo}
	}
	return &ledger.Refusal{Why: ledger.ChangedSince}
}
