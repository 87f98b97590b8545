package engine

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

// batchMost is how many records a batch has at most; tests lower it. Ids are
// random, so a batch writes most pages of the index of ids anew: few large
// batches are much less work than many small ones.
var batchMost = 10_000

// batchTime is for how long pages are gathered to a batch.
const batchTime = 2 * time.Second

// wholeEvery is how old a complete listing may be for one of changes to do.
const wholeEvery = 24 * time.Hour

// lister lists one listing into the store: pages are gathered to batches,
// and while one batch is stored the next is fetched.
type lister struct {
	place
	e     *Engine
	src   cloud.Source
	run   string
	full  bool
	admin string // who lists

	begun  time.Time
	before int         // how many records were stored
	doc    *listingDoc // the committer's, while it runs

	// mu guards what Page changes, against a Source that still calls it when
	// it was given up.
	mu     sync.Mutex
	closed bool
	batch  directory.Batch
	since  time.Time // when the first page of batch came
	seen   []string  // ids of records, in the order they came
	dead   map[string]bool
	done   int
	pages  int
	queue  chan directory.Batch // to the committer, who takes one when it has stored the last
	spare  chan directory.Batch // stored ones, whose memory serves again

	overlay overlay // of a listing of changes
}

// list runs the listing. What arrived before an error of the cloud is
// stored; removals and the cursor only when the listing ended well.
func (l *lister) list(ctx context.Context) error {
	l.doc = &listingDoc{}
	if err := read(l.e.cfg.Store.Doc, docListing+l.String(), l.doc); err != nil {
		return err
	}
	stored, err := l.e.cfg.Store.IDs(l.cloud, l.listing)
	if err != nil {
		return storageError(l.doing("read"), err)
	}
	l.begun, l.before = wall(), len(stored)
	l.dead, l.queue, l.spare = map[string]bool{}, make(chan directory.Batch), make(chan directory.Batch, 1)
	l.batch = l.emptyBatch()
	defer l.end()

	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	committed := make(chan error, 1)
	go func() {
		err := guard(l.cloud, l.doing("store"), func() error { return l.commitAll(ctx) })
		if err != nil {
			stop(err)
		}
		committed <- err
	}()
	request := l.request()
	result, err := call(ctx, l.cloud, l.doing("list"), func() (cloud.Result, error) {
		return l.src.List(ctx, request)
	})
	if err == nil && result.Whole && !result.Complete {
		err = &cloud.Error{Kind: cloud.BadAnswer, Cloud: l.cloud, Doing: l.doing("list"), Code: "incomplete"}
	}
	l.close(ctx, err == nil)
	failed := <-committed
	l.seen = sorted(l.seen)
	l.e.updateListing(l.place, func(r *ListingReport) {
		r.Seen, r.Pages, r.Retries = len(l.seen), max(l.pages, result.Pages), result.Retries
	})
	if failed != nil {
		return failed
	}
	if err == nil {
		err = l.believe(ctx, result, len(stored) > 0)
	}
	if err != nil {
		return err
	}
	return l.conclude(ctx, result)
}

// believe refuses the answer that there is no OU at all while what is stored
// is in some: it has lost them on the way. OUs are never held, so two such
// answers would take them all out. A district that did give up its OUs has
// moved everybody to the root first, which this run finds and the next
// believes.
func (l *lister) believe(ctx context.Context, result cloud.Result, stored bool) error {
	if l.listing != directory.OrgUnits || !result.Complete || len(l.seen) > 0 || !stored {
		return nil
	}
	used, err := l.e.cfg.Store.InOrgUnits(ctx)
	if err == nil && used {
		return &cloud.Error{Kind: cloud.BadAnswer, Cloud: l.cloud, Doing: l.doing("list"), Code: "no_orgunits"}
	}
	return storageError(l.doing("read"), err)
}

// request says what to list: everything, or what changed.
func (l *lister) request() cloud.Request {
	r := cloud.Request{Listing: l.listing, Page: l.page}
	age := l.begun.Sub(l.doc.Complete)
	// A yes waits for a look at everything, as do Google's people and OUs,
	// of which Google tells no changes.
	if !l.full && age >= 0 && age < wholeEvery && len(l.e.word(l.place).Yes) == 0 {
		r.Cursor = l.doc.Cursor
	}
	expected := l.doc.Count
	if r.Cursor != "" {
		expected = 0
		l.overlay.begin()
		r.Stored = l.stored
	}
	l.e.progress(l.run, l.place, func(p *ListingProgress) { p.Expected = expected })
	r.Progress = func(now cloud.Progress) {
		l.e.progress(l.run, l.place, func(p *ListingProgress) {
			now.Listing = l.listing
			now.Done, now.Pages = max(now.Done, p.Done), max(now.Pages, p.Pages)
			if now.Expected == 0 {
				now.Expected = p.Expected
			}
			p.Progress = now
		})
	}
	return r
}

// end completes the report and the progress, however the listing ended.
func (l *lister) end() {
	retries := 0
	l.e.progress(l.run, l.place, func(p *ListingProgress) {
		p.Ended, p.Until = true, time.Time{}
		retries = p.Retries
	})
	held := len(l.e.word(l.place).Held)
	l.e.updateListing(l.place, func(r *ListingReport) {
		r.Held, r.Retries = held, max(r.Retries, retries)
	})
}

// page takes a page, and hands the batch over when it is full or old; it
// waits while the one before is being stored.
func (l *lister) page(ctx context.Context, p cloud.Page) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return context.Canceled
	}
	switch l.listing {
	case directory.People:
		p.OrgUnits, p.Chromebooks = nil, nil
	case directory.OrgUnits:
		p.Accounts, p.Chromebooks = nil, nil
	case directory.Chromebooks:
		p.Accounts, p.OrgUnits = nil, nil
	}
	for id := range recordIDs(p.Accounts, p.OrgUnits, p.Chromebooks) {
		if id == "" {
			return &cloud.Error{Kind: cloud.BadAnswer, Cloud: l.cloud, Doing: l.doing("list"), Code: "no_id"}
		}
		// A clone, so that the page's text is not kept for its id.
		l.seen = append(l.seen, strings.Clone(id))
		delete(l.dead, id)
	}
	for _, id := range p.Gone {
		l.dead[strings.Clone(id)] = true
	}
	if l.batch.Len() > 0 && l.batch.Len()+p.Len()-len(p.Gone) > batchMost {
		if err := l.handOver(ctx); err != nil {
			return err
		}
	}
	if l.batch.Len() == 0 {
		l.since = wall()
	}
	l.batch.Accounts = append(l.batch.Accounts, p.Accounts...)
	l.batch.OrgUnits = append(l.batch.OrgUnits, p.OrgUnits...)
	l.batch.Chromebooks = append(l.batch.Chromebooks, p.Chromebooks...)
	l.overlay.add(p.Accounts)

	l.done += p.Len()
	l.pages++
	l.e.progress(l.run, l.place, func(s *ListingProgress) {
		s.Done, s.Pages, s.Until = max(s.Done, l.done), max(s.Pages, l.pages), time.Time{}
	})
	if l.batch.Len() >= batchMost || l.batch.Len() > 0 && wall().Sub(l.since) >= batchTime {
		return l.handOver(ctx)
	}
	return ctx.Err()
}

// handOver queues the batch for the committer. l.mu is held.
func (l *lister) handOver(ctx context.Context) error {
	select {
	case l.queue <- l.batch:
		l.batch = l.emptyBatch()
		l.overlay.next()
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close takes no more pages. The last batch of a listing that ended well
// waits to be stored with the removals and the bookkeeping; any other goes to
// the committer.
func (l *lister) close(ctx context.Context, well bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if !well && l.batch.Len() > 0 && ctx.Err() == nil {
		_ = l.handOver(ctx) // fails when ctx ends, which is told by ctx
	}
	close(l.queue)
}

// commitAll stores the batches of the queue until it is closed or one fails.
func (l *lister) commitAll(ctx context.Context) (err error) {
	for b := range l.queue {
		if err == nil {
			err = l.e.sighted(ctx, l.place, l.doc, &b)
		}
		if err == nil {
			err = l.e.apply(ctx, b)
		}
		if err != nil {
			return err
		}
		l.overlay.drop()
		clear(b.Accounts)
		clear(b.OrgUnits)
		clear(b.Chromebooks)
		select {
		case l.spare <- b:
		default:
		}
	}
	return context.Cause(ctx)
}

// emptyBatch returns a batch to fill. Until a first listing was complete no
// record of it is a change.
func (l *lister) emptyBatch() directory.Batch {
	b := directory.Batch{Cloud: l.cloud, Listing: l.listing, Run: l.run, At: wall(), Quiet: l.doc.Complete.IsZero()}
	select {
	case old := <-l.spare:
		b.Accounts, b.OrgUnits, b.Chromebooks = old.Accounts[:0], old.OrgUnits[:0], old.Chromebooks[:0]
	default: // the second one grows as large as the first
		b.Accounts = make([]directory.Account, 0, cap(l.batch.Accounts))
		b.OrgUnits = make([]directory.OrgUnit, 0, cap(l.batch.OrgUnits))
		b.Chromebooks = make([]directory.Chromebook, 0, cap(l.batch.Chromebooks))
	}
	return b
}

// doing says what is done with the listing, for an error.
func (l *lister) doing(verb string) string { return verb + " " + string(l.listing) }

// stored is the listing's [cloud.Request.Stored].
func (l *lister) stored(id string) (directory.Account, bool) {
	if a, ok := l.overlay.find(id); ok {
		return a, true
	}
	a, ok, err := l.e.cfg.Store.Account(l.cloud, id)
	return a, ok && err == nil
}

// recordIDs yields the ids of the records of a page or batch.
func recordIDs(accounts []directory.Account, units []directory.OrgUnit, books []directory.Chromebook) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range accounts {
			if !yield(accounts[i].ID) {
				return
			}
		}
		for i := range units {
			if !yield(units[i].ID) {
				return
			}
		}
		for i := range books {
			if !yield(books[i].DeviceID) {
				return
			}
		}
	}
}
