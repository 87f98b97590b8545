package google

import (
	"context"
	"errors"
	"hash/maphash"
	"maps"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"panel/directory"
	"panel/sync/cloud"
)

// part is what one chain of pages lists.
type part struct {
	region // of Chromebooks; else the zero value, which is everything
	// count is how many records Google counts in it, -1 when it does not.
	count int
}

const (
	// maxPages is where a chain is given up: more than any district has.
	maxPages = 10_000
	// maxEmpty is likewise for pages in a row that hold nothing. Google may
	// send some, but says nowhere how many.
	maxEmpty = 100
)

// listing is one call of List.
type listing struct {
	*source
	wire
	request cloud.Request
	needs   permission

	// size is the place in wire.sizes of the page size in use.
	size    atomic.Int32
	pages   atomic.Int64
	retries atomic.Int64

	progress struct {
		sync.Mutex
		cloud.Progress
	}

	// seen has hashes of the ids handed over. The one that hands pages over
	// alone uses it, then whoever asks at the end.
	seen  map[[2]uint64]struct{}
	seeds [2]maphash.Seed
}

func newListing(s *source, r cloud.Request) *listing {
	l := &listing{
		source: s, request: r, needs: permissions[r.Listing],
		seen: map[[2]uint64]struct{}{}, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
	}
	l.progress.Listing = r.Listing
	return l
}

// report tells the request's Progress what change has changed.
func (l *listing) report(change func(*cloud.Progress)) {
	l.progress.Lock()
	defer l.progress.Unlock()
	change(&l.progress.Progress)
	l.progress.Pages, l.progress.Retries = int(l.pages.Load()), int(l.retries.Load())
	if l.request.Progress != nil {
		l.request.Progress(l.progress.Progress)
	}
}

// waiting is [cloud.Patience.Waiting] of every request.
func (l *listing) waiting(until time.Time) {
	if !until.IsZero() {
		l.retries.Add(1)
	}
	l.report(func(p *cloud.Progress) { p.Until = until })
}

// pageSize is how many records a page has at most.
func (l *listing) pageSize() int { return l.sizes[l.size.Load()] }

// result is how the listing stands.
func (l *listing) result() cloud.Result {
	return cloud.Result{Expected: -1, Pages: int(l.pages.Load()), Retries: int(l.retries.Load())}
}

// people lists every user in one chain: there is no count to tell whether
// several had missed somebody.
func (l *listing) people(ctx context.Context) (cloud.Result, error) {
	l.wire = usersWire
	err := l.run(ctx, 1, everything)
	result := l.result()
	result.Whole, result.Complete = true, err == nil
	return result, err
}

// run lists the parts that plan emits, on so many chains at the same time,
// and hands their pages to the request.
func (l *listing) run(ctx context.Context, chains int, plan func(ctx context.Context, emit func(part) error) error) error {
	group, ctx := errgroup.WithContext(ctx)
	parts := make(chan part, 64)
	pages := make(chan cloud.Page)
	group.Go(func() error {
		defer close(parts)
		return plan(ctx, func(p part) error { return send(ctx, parts, p) })
	})
	var running sync.WaitGroup
	for range chains {
		running.Add(1)
		group.Go(func() error {
			defer running.Done()
			for p := range parts {
				if err := l.chain(ctx, p, pages); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		running.Wait()
		close(pages)
		return nil
	})
	group.Go(func() error {
		for page := range pages {
			if err := l.hand(ctx, page); err != nil {
				return err
			}
		}
		return nil
	})
	return group.Wait()
}

// everything is the plan of one chain.
func everything(_ context.Context, emit func(part) error) error { return emit(part{count: -1}) }

// send sends v, unless ctx ends first.
func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// hand gives a page's new records to the request.
func (l *listing) hand(ctx context.Context, page cloud.Page) error {
	page.Accounts = fresh(l, page.Accounts, func(a *directory.Account) string { return a.ID })
	page.OrgUnits = fresh(l, page.OrgUnits, func(o *directory.OrgUnit) string { return o.ID })
	page.Chromebooks = fresh(l, page.Chromebooks, func(c *directory.Chromebook) string { return c.DeviceID })
	if page.Len() > 0 {
		if err := l.request.Page(ctx, page); err != nil {
			return err
		}
	}
	l.report(func(p *cloud.Progress) { p.Done = len(l.seen) })
	return nil
}

// fresh drops the records that came before: chains overlap while records move
// about, and one that starts anew repeats itself.
func fresh[T any](l *listing, records []T, id func(*T) string) []T {
	kept := records[:0]
	for i := range records {
		key := id(&records[i])
		hash := [2]uint64{maphash.String(l.seeds[0], key), maphash.String(l.seeds[1], key)}
		if _, again := l.seen[hash]; !again {
			l.seen[hash] = struct{}{}
			kept = append(kept, records[i])
		}
	}
	return kept
}

// chain follows a part to its last page. A page token that stays refused
// makes it start anew, once.
func (l *listing) chain(ctx context.Context, p part, to chan<- cloud.Page) error {
	token, got, empty, anew := "", 0, 0, false
	tokens := map[string]bool{}
	for {
		page, e, err := l.page(ctx, p, token)
		if isStale(err, token != "") && !anew {
			token, got, anew = "", 0, true
			clear(tokens)
			continue
		}
		if err != nil {
			return err
		}
		got += page.Len()
		if empty++; page.Len() > 0 {
			empty = 0
		}
		if !e.listed {
			if err := l.mayEnd(ctx, p, e, got); err != nil {
				return err
			}
		}
		if err := send(ctx, to, page); err != nil {
			return err
		}
		switch token = e.next; {
		case token == "":
			return nil
		case tokens[token]:
			return l.bad(cloud.CodeRepeated)
		case len(tokens)+1 >= maxPages, empty >= maxEmpty:
			return l.bad(cloud.CodeEndless)
		}
		tokens[token] = true
	}
}

func (l *listing) bad(code string) *cloud.Error {
	return &cloud.Error{Kind: cloud.BadAnswer, Cloud: directory.Google, Doing: l.doing, Code: code}
}

// mayEnd returns an error unless a page may be without its array: an answer
// about OUs, or, of Chromebooks, one after which Google counts no more in the
// part. They may have moved since the part was counted.
func (l *listing) mayEnd(ctx context.Context, p part, e envelope, got int) error {
	switch {
	case l.request.Listing == directory.OrgUnits || p.count >= 0 && e.next == "" && got >= p.count:
		return nil
	case p.count < 0 || e.next != "":
		return l.bad(cloud.CodeShape)
	}
	n, err := l.count(ctx, p.region)
	if err == nil && got < n {
		err = l.bad(cloud.CodeShape)
	}
	return err
}

// page fetches one page of a part, in the largest size that Google takes.
func (l *listing) page(ctx context.Context, p part, token string) (page cloud.Page, e envelope, err error) {
	for {
		size := l.size.Load()
		q := url.Values{}
		maps.Copy(q, l.query)
		maps.Copy(q, p.listed())
		if l.sizes != nil {
			q.Set("maxResults", strconv.Itoa(l.sizes[size]))
		}
		if token != "" {
			q.Set("pageToken", token)
		}
		if l.request.Listing == directory.Chromebooks {
			if !l.slots.take(ctx) {
				return page, e, context.Cause(ctx)
			}
		}
		_, err = l.get(ctx, request{
			doing: l.doing, path: l.path, query: q, needs: l.needs, waiting: l.waiting,
			read: func(a *cloud.Answer) (bad *cloud.Error) {
				page, e, bad = l.decode(a.Body)
				return bad
			},
		})
		if l.request.Listing == directory.Chromebooks {
			l.slots.give()
		}
		if err == nil {
			l.pages.Add(1)
			return page, e, nil
		}
		var failed *cloud.Error
		if !errors.As(err, &failed) || failed.Code != "invalidParameter" || int(size)+1 >= len(l.sizes) {
			return page, e, err
		}
		l.size.CompareAndSwap(size, size+1)
	}
}

// decode reads a page and checks that it is one.
func (l *listing) decode(body []byte) (page cloud.Page, e envelope, bad *cloud.Error) {
	e, err := l.read(body, &page)
	switch {
	case err != nil:
		return page, e, shapeError(err)
	case e.kind != l.kind || nameless(&page):
		return page, e, &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
	}
	return page, e, nil
}

// nameless tells whether a record lacks the id that all hangs on.
func nameless(p *cloud.Page) bool {
	for i := range p.Accounts {
		if p.Accounts[i].ID == "" {
			return true
		}
	}
	for i := range p.OrgUnits {
		if p.OrgUnits[i].ID == "" || p.OrgUnits[i].Path == "" {
			return true
		}
	}
	for i := range p.Chromebooks {
		if p.Chromebooks[i].DeviceID == "" {
			return true
		}
	}
	return false
}
