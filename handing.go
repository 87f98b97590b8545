package main

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
)

// The ledger as the window asks for it.

func (b *backend) LedgerRevision() uint64 { return b.ledgerRevision.Load() }

func (b *backend) Standings() (all []*ledger.Standing) {
	b.store.Ledger.Book(func(book *ledger.Book) {
		all = slices.AppendSeq(make([]*ledger.Standing, 0, book.Len()), book.All())
	})
	return all
}

func (b *backend) PrepareScans(ctx context.Context) error { return b.loadCodes(ctx) }

func (b *backend) Scan(ctx context.Context, s *ledger.Scanner, line, round string) (ledger.Scan, error) {
	if err := b.freshCodes(ctx, line); err != nil {
		s.End() // it may have been a person, as in writeScan
		s.Forget(strings.TrimSpace(line))
		return failedScan(line), err
	}
	return b.scan(ctx, s, line, round)
}

// freshCodes sees to it that there is something to look a code up in. Where
// records have changed since, that is read again meanwhile; before, where the
// code leads nowhere: it may be that of a new record.
func (b *backend) freshCodes(ctx context.Context, code string) error {
	if b.codes.Load() == nil {
		return b.loadCodes(ctx)
	}
	if code = strings.TrimSpace(code); code != "" {
		if all, err := b.find(code, b.standing); err == nil && len(all) == 0 && !b.readAnew() {
			return b.loadCodes(ctx)
		}
	}
	if b.coding.TryLock() {
		stale := b.codesAt != b.codesRevision() && b.engine.Status().Running == nil
		b.coding.Unlock()
		if stale && b.recoding.CompareAndSwap(false, true) {
			go func() {
				defer b.recoding.Store(false)
				if err := b.loadCodes(context.WithoutCancel(ctx)); err != nil {
					b.log.Error("could not read what can be scanned", "err", err)
				}
			}()
		}
	}
	return nil
}

func (b *backend) Choose(ctx context.Context, s *ledger.Scanner, seen ledger.Seen, m ledger.Match, round string) (ledger.Scan, error) {
	var to *directory.Person
	kept, err := b.kept(ctx, round, seen)
	if err != nil {
		return failedScan(seen.Code), err
	}
	if seen = kept; !seen.Holder.Nobody() {
		p, ok, err := b.today(&seen.Holder)
		if err != nil {
			return failedScan(seen.Code), storageError("read the person", err)
		}
		if !ok {
			p = departed(&seen.Holder)
		}
		to = &p
	}
	scan, err := b.writeScan(ctx, s, seen.Code, round, func(book *ledger.Book) (ledger.Scan, error) {
		return s.Choose(seen.Code, m, to, time.Now(), book), nil
	})
	if err == nil && looksAfter(s.Kind, &scan) {
		if err := b.settleLike(ctx, round, &seen); err != nil { // it stays on the page
			b.log.Error("could not settle a scan", "err", err)
		}
	}
	return scan, err
}

// kept is a scan as it is kept: a name may have been taken out since it was read.
func (b *backend) kept(ctx context.Context, round string, seen ledger.Seen) (ledger.Seen, error) {
	if seen.N == 0 {
		return seen, nil
	}
	all, err := b.Seen(ctx, round)
	for i := range all {
		if all[i].N == seen.N {
			seen = all[i]
		}
	}
	return seen, err
}

// looksAfter tells whether what came of a scan is what was wanted of its code.
func looksAfter(kind ledger.RoundKind, scan *ledger.Scan) bool {
	switch scan.Outcome {
	case ledger.CheckedOut, ledger.CheckedIn, ledger.ScannedPerson, ledger.Duplicate, ledger.WasNotOut:
		return true
	case ledger.OutAlready:
		return kind == ledger.Audit
	}
	return false
}

// settleLike settles all scans of a round that were a code's for somebody.
func (b *backend) settleLike(ctx context.Context, round string, like *ledger.Seen) error {
	all, err := b.Seen(ctx, round)
	for i := range all {
		one := &all[i]
		if err == nil && one.Open() && one.Code == like.Code && one.Holder.PersonID() == like.Holder.PersonID() {
			one.Settled = true
			err = b.Settle(ctx, round, *one)
		}
	}
	return err
}

func (b *backend) Standing(asset string) *ledger.Standing { return b.standing(asset) }

func (b *backend) Act(ctx context.Context, all ...*ledger.Entry) error {
	return b.write(ctx, all...)
}

func (b *backend) UndoAct(ctx context.Context, entries ...string) (undone int, err error) {
	all, err := b.store.Ledger.Undo(ctx, operator(), entries...)
	for i := range all {
		b.handled(ctx, &all[i])
	}
	return len(all), ledgerError("undo", err)
}

func (b *backend) Matches(ctx context.Context, code string) ([]ledger.Match, error) {
	if err := b.freshCodes(ctx, code); err != nil {
		return nil, err
	}
	all, err := b.find(code, b.standing)
	return ledger.Best(code, all), storageError("find a code", err)
}

func (b *backend) Checkouts(ctx context.Context, asset string, accounts []string) (all []ledger.Entry, err error) {
	if asset != "" {
		all, err = b.store.Ledger.History(ctx, asset)
	} else {
		all, err = b.store.Ledger.HistoryOf(ctx, accounts...)
	}
	slices.Reverse(all)
	return all, storageError("read the journal", err)
}

func (b *backend) Entries(ctx context.Context, each func(*ledger.Entry) error) error {
	return storageError("read the journal", b.store.Ledger.Entries(ctx, each))
}

func (b *backend) Rounds(ctx context.Context) ([]ledger.Round, error) {
	all, err := b.store.Ledger.Rounds(ctx)
	return all, storageError("read the rounds", err)
}

func (b *backend) Seen(ctx context.Context, round string) ([]ledger.Seen, error) {
	all, err := b.store.Ledger.Seen(ctx, round)
	return all, storageError("read the scans", err)
}

func (b *backend) KeepRound(ctx context.Context, r *ledger.Round) error {
	return storageError("keep the round", b.store.Ledger.Write(ctx, operator(), func(_ *ledger.Book, d *storage.Draft) error {
		d.Round = r
		return nil
	}))
}

func (b *backend) Settle(ctx context.Context, round string, s ledger.Seen) error {
	return storageError("settle a scan", b.store.Ledger.Write(ctx, operator(), func(_ *ledger.Book, d *storage.Draft) error {
		d.In, d.Seen = round, []*ledger.Seen{&s}
		return nil
	}))
}

// inside tells whether an OU is one of some, or below one.
func inside(unit string, units []string) bool {
	return slices.ContainsFunc(units, func(u string) bool {
		return unit == u || strings.HasPrefix(unit, strings.TrimSuffix(u, "/")+"/")
	})
}

func (b *backend) Collect(ctx context.Context, orgUnits, people []string) (out []ledger.Expected, err error) {
	units := make(map[string]string) // by account
	err = b.store.Inventory.People(ctx, func(p *directory.Person) error {
		if inside(p.OrgUnit, orgUnits) || slices.Contains(people, p.ID) {
			h := ledger.HolderOf(p)
			for _, key := range h.Keys() {
				units[key] = p.OrgUnit
			}
		}
		return nil
	})
	if err != nil {
		return nil, storageError("read the people", err)
	}
	b.store.Ledger.Book(func(book *ledger.Book) {
		out = ledger.Collect(book, func(h *ledger.Holder) (string, bool) {
			for _, key := range h.Keys() {
				if unit, ok := units[key]; ok {
					return unit, true
				}
			}
			return "", false
		})
	})
	return out, nil
}

func (b *backend) Audit(ctx context.Context, orgUnits []string, place string) (out []ledger.Expected, err error) {
	var devices []directory.Chromebook
	err = b.store.Inventory.Chromebooks(ctx, func(c *directory.Chromebook) error {
		if inside(c.OrgUnit, orgUnits) || place != "" && strings.EqualFold(strings.TrimSpace(c.AnnotatedLocation), strings.TrimSpace(place)) {
			devices = append(devices, *c)
		}
		return nil
	})
	if err != nil {
		return nil, storageError("read the Chromebooks", err)
	}
	b.store.Ledger.Book(func(book *ledger.Book) {
		for i := range devices {
			if x, ok := ledger.ExpectedOf(&devices[i], book); ok {
				out = append(out, x)
			}
		}
	})
	slices.SortFunc(out, func(a, b ledger.Expected) int {
		if c := strings.Compare(path.Clean(a.OrgUnit), path.Clean(b.OrgUnit)); c != 0 {
			return c
		}
		return strings.Compare(a.Asset.Name(), b.Asset.Name())
	})
	return out, nil
}

func (b *backend) Judge(ctx context.Context, claims []ledger.Claim, move bool) ([]ledger.Adoption, error) {
	if err := b.loadCodes(ctx); err != nil {
		return nil, err
	}
	var failed error
	out := ledger.Judge(claims, func(code string) []ledger.Match {
		if failed == nil {
			failed = ctx.Err()
		}
		if failed != nil {
			return nil
		}
		var all []ledger.Match
		all, failed = b.findAny(code)
		return all
	}, b.standing, move, ledger.DayIn(time.Now()))
	return out, storageError("look claims up", failed)
}

// adoptPart is how many adoptions are written at once.
const adoptPart = 500

func (b *backend) Adopt(ctx context.Context, all []ledger.Adoption, note string) (written []string, refused int, err error) {
	for part := range slices.Chunk(all, adoptPart) {
		var entries []*ledger.Entry
		changed := 0 // since they were judged
		err := b.store.Ledger.Write(ctx, operator(), func(book *ledger.Book, d *storage.Draft) error {
			for i := range part {
				asked := part[i].Entries(note)
				if len(asked) == 0 {
					continue
				}
				var refusal *ledger.Refusal
				switch err := b.allowed(book, &part[i], asked); {
				case err == nil:
					d.Entries = append(d.Entries, asked...)
				case errors.As(err, &refusal):
					changed++
				default:
					return err
				}
			}
			entries = d.Entries
			return nil
		})
		if err != nil {
			return written, refused, storageError("adopt", err)
		}
		for _, e := range entries {
			written = append(written, e.ID)
			b.handled(ctx, e)
		}
		refused += changed
	}
	return written, refused, nil
}

// allowed tells whether the entries of an adoption may be written: nothing was
// done with the Asset since it was judged, and the rules allow it still.
func (b *backend) allowed(book *ledger.Book, a *ledger.Adoption, entries []*ledger.Entry) error {
	then := ""
	if a.Now != nil {
		then = a.Now.Tip
	}
	if then != book.Tip(a.Asset.Key()) {
		return &ledger.Refusal{Why: ledger.ChangedSince}
	}
	return book.CheckAll(entries, ledger.DayIn(time.Now()), b.receive)
}

func (b *backend) Sound(good bool) { sounds.play(good) }
