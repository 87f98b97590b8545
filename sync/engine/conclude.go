package engine

import (
	"context"
	"slices"

	"panel/directory"
	"panel/sync/cloud"
)

// conclude stores what is left of a listing that ended well: the last batch,
// the removals, the cursor and the bookkeeping.
func (l *lister) conclude(ctx context.Context, result cloud.Result) error {
	stored, err := l.e.cfg.Store.IDs(l.cloud, l.listing)
	if err != nil {
		return storageError(l.doing("read"), err)
	}
	var dead []string
	for id := range l.dead {
		dead = append(dead, id)
	}
	dead = sorted(dead)
	l.leaveOut(stored)

	if err := l.e.deciding.enter(ctx); err != nil {
		return err
	}
	defer l.e.deciding.leave()
	v := judge(listed{
		listing: l.listing, complete: result.Whole && result.Complete, expected: result.Expected, now: l.begun,
		stored: stored, before: l.before, seen: l.seen, alive: minus(l.seen, dead), dead: dead,
		missing: l.doc.Missing, word: l.e.word(l.place),
		newAdmin: !l.doc.Complete.IsZero() && l.doc.Account != l.admin, limits: l.e.settings(),
	})
	first := v.complete && l.doc.Complete.IsZero()
	doc := listingDoc{Cursor: result.Cursor, Complete: l.doc.Complete, Count: l.doc.Count, Account: l.doc.Account, Missing: v.missing}
	switch {
	case v.complete:
		doc.Complete, doc.Count, doc.Account = l.begun, len(l.seen), l.admin
	case result.Whole: // empty, and held for it: as if it had not been, but for who looked
		doc.Cursor, doc.Account = l.doc.Cursor, l.admin
	}

	if err := l.e.setWord(ctx, l.place, v.word); err != nil {
		return err
	}
	if first && len(l.seen) > 0 {
		if err := l.announce(ctx); err != nil {
			return err
		}
	}
	if err := l.storeLast(ctx, v.gone, doc); err != nil {
		return err
	}
	l.e.updateListing(l.place, func(r *ListingReport) {
		r.Complete, r.Missing, r.Incremental = v.complete, v.first, !result.Whole
	})
	return l.e.setWord(ctx, l.place, v.done)
}

// announce writes the one entry that stands for the first complete listing.
// It comes before the listing's last batch: a crash between the two leaves an
// entry too many, which is true nonetheless, rather than none.
func (l *lister) announce(ctx context.Context) error {
	return storageError("store the change list", l.e.cfg.Store.AddChange(ctx, directory.Change{
		Run: l.run, At: wall(), Cloud: l.cloud, Listing: l.listing, Kind: directory.Added, Count: len(l.seen),
	}))
}

// leaveOut takes out of the last batch what the cloud has removed again and is
// not stored: it need not come in.
func (l *lister) leaveOut(stored []string) {
	passed := func(id string) bool {
		_, known := slices.BinarySearch(stored, id)
		return l.dead[id] && !known
	}
	l.batch.Accounts = slices.DeleteFunc(l.batch.Accounts, func(a directory.Account) bool { return passed(a.ID) })
	l.batch.OrgUnits = slices.DeleteFunc(l.batch.OrgUnits, func(o directory.OrgUnit) bool { return passed(o.ID) })
	l.batch.Chromebooks = slices.DeleteFunc(l.batch.Chromebooks, func(c directory.Chromebook) bool { return passed(c.DeviceID) })
}

// storeLast stores the last batch, the removals and the bookkeeping: at once where
// they fit in one batch, so that an address that goes from one account to
// another is never with both.
func (l *lister) storeLast(ctx context.Context, gone []string, doc listingDoc) error {
	b := l.batch
	for b.Len()+len(gone) > batchMost {
		if b.Len() == 0 {
			b.Gone, gone = gone[:batchMost], gone[batchMost:]
		}
		if err := l.e.apply(ctx, b); err != nil {
			return err
		}
		b = l.emptyBatch()
	}
	b.Gone = gone
	b.Docs = map[string][]byte{docListing + l.String(): encode(doc)}
	return l.e.apply(ctx, b)
}
