package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"panel/directory"
	"panel/ledger"
)

// fakeLedger is a ledger in memory, by the same rules as the real one.
type fakeLedger struct {
	mu       sync.Mutex
	book     ledger.Book
	journal  []ledger.Entry
	rounds   []ledger.Round
	seen     map[string][]ledger.Seen
	revision uint64
	broken   error // what writing answers
	sounds   []bool
}

func (f *fake) LedgerRevision() uint64 {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	return f.ledger.revision
}

func (f *fake) Standings() []*ledger.Standing {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	return slices.Collect(f.ledger.book.All())
}

func (f *fake) Standing(asset string) *ledger.Standing {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	return f.ledger.book.Standing(asset)
}

func (f *fake) PrepareScans(context.Context) error { return nil }

func (f *fake) find(code string) (out []ledger.Match) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.books {
		out = append(out, ledger.Match{Device: &f.books[i]})
	}
	for i := range f.people {
		out = append(out, ledger.Match{Person: &f.people[i]})
	}
	return ledger.Best(code, out)
}

func (f *fake) Matches(_ context.Context, code string) ([]ledger.Match, error) {
	return f.find(code), f.called("Matches %s", code)
}

func (f *fake) Scan(_ context.Context, s *ledger.Scanner, line, round string) (ledger.Scan, error) {
	return f.scan(s, round, func(b *ledger.Book) ledger.Scan { return s.Scan(line, f.time(), f.find, b) })
}

func (f *fake) Choose(_ context.Context, s *ledger.Scanner, seen ledger.Seen, m ledger.Match, round string) (ledger.Scan, error) {
	to := f.person(&seen.Holder)
	scan, err := f.scan(s, round, func(b *ledger.Book) ledger.Scan { return s.Choose(seen.Code, m, to, f.time(), b) })
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	for i := range f.ledger.seen[round] {
		if o := &f.ledger.seen[round][i]; err == nil && o.Open() && o.Code == seen.Code && o.Holder.PersonID() == seen.Holder.PersonID() {
			o.Settled = true
		}
	}
	return scan, err
}

// person is a holder as a Person, nil for nobody.
func (f *fake) person(h *ledger.Holder) *directory.Person {
	if h.Nobody() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.people {
		if f.people[i].GoogleID == h.GoogleID {
			return &f.people[i]
		}
	}
	return &directory.Person{ID: h.PersonID(), Departed: true}
}

func (f *fake) receive(h *ledger.Holder) error { return ledger.Receive(f.person(h)) }

func (f *fake) time() time.Time {
	scans := 0
	for _, seen := range f.ledger.seen {
		scans += len(seen)
	}
	return now.Add(time.Duration(len(f.ledger.journal))*time.Minute + time.Duration(scans)*time.Millisecond)
}

func (f *fake) scan(s *ledger.Scanner, round string, take func(*ledger.Book) ledger.Scan) (ledger.Scan, error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	scan := take(&f.ledger.book)
	if f.ledger.broken != nil {
		s.Forget(scan.Code)
		scan.Outcome, scan.Entry = ledger.Failed, nil
		return scan, f.ledger.broken
	}
	if scan.Entry != nil {
		f.write(scan.Entry)
	}
	if scan.Outcome != ledger.Ended {
		scan.Number = f.see(round, ledger.SeenOf(&scan))
	}
	return scan, nil
}

func (f *fake) see(round string, s ledger.Seen) uint64 {
	if f.ledger.seen == nil {
		f.ledger.seen = map[string][]ledger.Seen{}
	}
	s.N = uint64(len(f.ledger.seen[round]) + 1)
	f.ledger.seen[round] = append(f.ledger.seen[round], s)
	return s.N
}

func (f *fake) write(e *ledger.Entry) {
	e.At, e.By = f.time(), "technician"
	e.ID = ledger.NewID(e.At)
	f.ledger.journal = append(f.ledger.journal, *e)
	f.ledger.book.Apply(e)
	f.ledger.revision++
}

func (f *fake) Act(_ context.Context, all ...*ledger.Entry) error {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	if err := f.ledger.book.CheckAll(all, ledger.DayIn(now), f.receive); err != nil {
		return err
	}
	if f.ledger.broken != nil {
		return f.ledger.broken
	}
	for _, e := range all {
		f.write(e)
	}
	return nil
}

func (f *fake) UndoAct(_ context.Context, ids ...string) (undone int, err error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	var why error = &ledger.Refusal{Why: ledger.CannotUndo}
	for _, id := range slices.Backward(ids) {
		i := slices.IndexFunc(f.ledger.journal, func(e ledger.Entry) bool { return e.ID == id })
		if i < 0 {
			continue
		}
		u, err := ledger.UndoOf(&f.ledger.journal[i], f.ledger.journal, &f.ledger.book)
		if err != nil {
			why = err
			continue
		}
		f.write(&u)
		undone++
	}
	if undone > 0 {
		why = nil
	}
	return undone, why
}

func (f *fake) Checkouts(_ context.Context, asset string, accounts []string) (out []ledger.Entry, err error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	for _, e := range slices.Backward(f.ledger.journal) {
		if asset != "" && e.About(asset) || slices.ContainsFunc(e.Holder.Keys(), func(k string) bool { return slices.Contains(accounts, k) }) {
			out = append(out, e)
		}
	}
	return out, nil
}

func (f *fake) Entries(_ context.Context, each func(*ledger.Entry) error) error {
	f.ledger.mu.Lock()
	all := slices.Clone(f.ledger.journal)
	f.ledger.mu.Unlock()
	for i := range all {
		if err := each(&all[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) Rounds(context.Context) ([]ledger.Round, error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	return slices.Clone(f.ledger.rounds), nil
}

func (f *fake) Seen(_ context.Context, round string) ([]ledger.Seen, error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	return slices.Clone(f.ledger.seen[round]), nil
}

func (f *fake) KeepRound(_ context.Context, r *ledger.Round) error {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	if i := slices.IndexFunc(f.ledger.rounds, func(o ledger.Round) bool { return o.ID == r.ID }); i >= 0 {
		f.ledger.rounds[i] = *r
	} else {
		f.ledger.rounds = append([]ledger.Round{*r}, f.ledger.rounds...)
	}
	return f.ledger.broken
}

func (f *fake) Settle(_ context.Context, round string, s ledger.Seen) error {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	for i := range f.ledger.seen[round] {
		if o := &f.ledger.seen[round][i]; o.N == s.N {
			*o = s
			return nil
		}
	}
	f.see(round, s)
	return nil
}

func (f *fake) Collect(_ context.Context, orgUnits, people []string) ([]ledger.Expected, error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	return ledger.Collect(&f.ledger.book, func(h *ledger.Holder) (string, bool) {
		for i := range f.people {
			if p := &f.people[i]; p.GoogleID == h.GoogleID {
				return p.OrgUnit, below(p.OrgUnit, orgUnits) || slices.Contains(people, p.ID)
			}
		}
		return "", false
	}), nil
}

func below(path string, units []string) bool {
	return slices.ContainsFunc(units, func(u string) bool {
		return path == u || strings.HasPrefix(path, strings.TrimSuffix(u, "/")+"/")
	})
}

func (f *fake) Audit(_ context.Context, orgUnits []string, place string) (out []ledger.Expected, err error) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	for i := range f.books {
		c := &f.books[i]
		if x, ok := ledger.ExpectedOf(c, &f.ledger.book); ok && (below(c.OrgUnit, orgUnits) || place != "" && c.AnnotatedLocation == place) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (f *fake) Judge(_ context.Context, claims []ledger.Claim, move bool) ([]ledger.Adoption, error) {
	found := map[string][]ledger.Match{} // of twenty thousand lines that say the same
	known := func(code string) []ledger.Match {
		all, ok := found[code]
		if !ok {
			all = f.find(code)
			found[code] = all
		}
		return slices.Clone(all)
	}
	return ledger.Judge(claims, known, f.Standing, move, ledger.DayIn(now)), nil
}

func (f *fake) Adopt(ctx context.Context, all []ledger.Adoption, note string) (written []string, refused int, err error) {
	for i := range all {
		entries := all[i].Entries(note)
		var refusal *ledger.Refusal
		if err := f.Act(ctx, entries...); errors.As(err, &refusal) {
			refused++
			continue
		} else if err != nil {
			return written, refused, err
		}
		for _, e := range entries {
			written = append(written, e.ID)
		}
	}
	return written, refused, f.called("Adopt %d", len(all))
}

func (f *fake) Sound(good bool) {
	f.ledger.mu.Lock()
	defer f.ledger.mu.Unlock()
	f.ledger.sounds = append(f.ledger.sounds, good)
}

// handOut checks some Chromebooks out to as many people.
func (f *fake) handOut(n int, due directory.Day) {
	for i := range n {
		p, c := &f.people[i%len(f.people)], &f.books[i]
		e := &ledger.Entry{Act: ledger.Checkout, Asset: ledger.AssetOf(c), Holder: ledger.HolderOf(p), Due: due}
		f.write(e)
	}
}
