package microsoft

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

const (
	pageSize = 999 // the most that /users gives
	maxPages = 10_000
	// maxEmpty is how many pages of all users may be empty in a row. A delta
	// may have more: they stand for changes of what was not asked for.
	maxEmpty = 100
)

// smallPages is for a delta, which knows no $top and gives 200 at most.
var smallPages = http.Header{"Prefer": {"odata.maxpagesize=200"}}

// expired tells that Graph no longer honours a link.
type expired struct{ answer *cloud.Error }

func (e expired) Error() string { return e.answer.Error() }
func (e expired) Unwrap() error { return e.answer }

func isExpired(err error) bool { return errors.As(err, new(expired)) }

// List implements [cloud.Source] for [directory.People].
func (s *source) List(ctx context.Context, r cloud.Request) (cloud.Result, error) {
	if r.Listing != directory.People {
		return cloud.Result{}, told(&cloud.Error{Kind: cloud.Unexpected, Code: "listing"}, "list "+string(r.Listing))
	}
	l := &listing{source: s, request: r, graph: s.at.graph}
	l.progress.Listing = r.Listing
	result, err := l.run(ctx)
	if dead := (expired{}); errors.As(err, &dead) {
		err = dead.answer
	}
	result.Expected = -1
	result.Pages, result.Retries = l.progress.Pages, l.progress.Retries
	return result, err
}

// listing is one call of List.
type listing struct {
	source  *source
	request cloud.Request
	graph   string

	mu       sync.Mutex
	progress cloud.Progress // guarded by mu
}

// run lists what the request asks for; a dead cursor makes that everything.
func (l *listing) run(ctx context.Context) (cloud.Result, error) {
	// A cursor of another server is one of another profile.
	if from := l.request.Cursor; from != "" && sameHost(from, l.graph) {
		cursor, err := l.changes(ctx, from)
		if !isExpired(err) {
			return cloud.Result{Cursor: cursor}, err
		}
		l.restart()
	}
	// The cursor comes first, so that nothing that happens meanwhile is lost:
	// changes that the listing has seen already do no harm.
	cursor, err := l.now(ctx)
	if err != nil {
		return cloud.Result{Whole: true}, err
	}
	err = l.everyone(ctx)
	if isExpired(err) {
		l.restart()
		err = l.everyone(ctx)
	}
	if err != nil {
		return cloud.Result{Whole: true}, err
	}
	return cloud.Result{Whole: true, Complete: true, Cursor: cursor}, nil
}

// now returns the link to what changes from now on.
func (l *listing) now(ctx context.Context) (string, error) {
	var cursor string
	first := l.graph + "/users/delta?$select=" + selected + "&$deltatoken=latest"
	err := walk(ctx, l, first, smallPages, func(p page[change]) error {
		cursor = p.delta
		return nil
	})
	return cursor, err
}

// everyone lists all users.
func (l *listing) everyone(ctx context.Context) error {
	first := l.graph + "/users?$select=" + selected + "&$top=" + strconv.Itoa(pageSize)
	return walk(ctx, l, first, nil, func(p page[user]) error {
		accounts := make([]directory.Account, len(p.value))
		for i := range p.value {
			if p.value[i].ID == "" {
				return told(badShape(), "list people")
			}
			accounts[i] = p.value[i].account()
		}
		return l.hand(ctx, cloud.Page{Accounts: accounts})
	})
}

// changes follows a delta link and returns the next one.
func (l *listing) changes(ctx context.Context, link string) (string, error) {
	var cursor string
	m := merger{stored: l.request.Stored, fetch: l.one, gone: map[string]bool{}}
	err := walk(ctx, l, link, smallPages, func(p page[change]) error {
		page, err := m.merge(ctx, p.value)
		if err != nil {
			return err
		}
		cursor = p.delta
		return l.hand(ctx, page)
	})
	if err != nil {
		return "", err
	}
	return cursor, nil
}

// one fetches a user whole; nil when Graph has none.
func (l *listing) one(ctx context.Context, id string) (*directory.Account, error) {
	var u user
	err := l.source.get(ctx, l.graph+"/users/"+url.PathEscape(id)+"?$select="+selected, nil, l.patience(),
		func(a *cloud.Answer) *cloud.Error {
			u = user{}
			if e := a.Decode(&u); e != nil {
				return e
			}
			if u.ID != id {
				return badShape()
			}
			return nil
		})
	if e := cloud.AsError(err); e != nil {
		if e.Status == http.StatusNotFound && e.Kind == cloud.Unexpected {
			return nil, nil
		}
		return nil, err
	}
	a := u.account()
	return &a, nil
}

// walk gives take every page from first to the last one; while it takes one,
// the next is under way. A delta's last page has a link for next time.
func walk[T any](ctx context.Context, l *listing, first string, header http.Header, take func(page[T]) error) error {
	type answer struct {
		page page[T]
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	coming := make(chan answer, 1)
	ask := func(link string) {
		go func() {
			var a answer
			a.err = l.source.get(ctx, link, header, l.patience(), func(got *cloud.Answer) (e *cloud.Error) {
				a.page, e = decodePage[T](got.Body)
				return e
			})
			coming <- a
		}()
	}
	under := 1 // answers that are under way
	defer func() {
		cancel()
		for range under {
			<-coming
		}
	}()
	isDelta := header != nil
	asked := map[[sha256.Size]byte]bool{sha256.Sum256([]byte(first)): true}
	ask(first)
	for empty := 0; ; {
		a := <-coming
		under--
		if a.err != nil {
			if isDelta || len(asked) > 1 {
				return ifExpired(a.err)
			}
			return a.err
		}
		next := a.page.next
		if empty++; isDelta || len(a.page.value) > 0 {
			empty = 0
		}
		if isDelta && (next == "") == (a.page.delta == "") {
			return told(badShape(), "list people")
		}
		if next != "" {
			code := l.wrong(next, asked)
			if empty >= maxEmpty {
				code = cloud.CodeEndless
			}
			if code != "" {
				return told(&cloud.Error{Kind: cloud.BadAnswer, Code: code}, "list people")
			}
			under++
			ask(next)
		}
		if err := take(a.page); err != nil || next == "" {
			return err
		}
	}
}

// wrong tells why a link must not be followed, "" if it may, and adds it to
// those that were.
func (l *listing) wrong(link string, asked map[[sha256.Size]byte]bool) string {
	sum := sha256.Sum256([]byte(link))
	switch {
	case !sameHost(link, l.graph):
		return cloud.CodeForeignHost
	case asked[sum]:
		return cloud.CodeRepeated
	case len(asked) == maxPages:
		return cloud.CodeEndless
	}
	asked[sum] = true
	return ""
}

// ifExpired marks err when it means that Graph no longer honours the link.
// Documented are 410 and the codes; seen are several kinds of 400, of which
// only those that are no JSON may be another's.
func ifExpired(err error) error {
	e := cloud.AsError(err)
	switch {
	case strings.EqualFold(e.Code, "syncStateNotFound"), strings.EqualFold(e.Code, "resyncRequired"),
		e.Status == http.StatusGone && e.Kind == cloud.Unexpected,
		e.Status == http.StatusBadRequest && (e.Kind == cloud.Unexpected || e.Code == cloud.CodeShape):
		return expired{e}
	}
	return err
}

// hand gives a page to the engine, and tells how far the listing is.
func (l *listing) hand(ctx context.Context, p cloud.Page) error {
	if p.Len() > 0 {
		if err := l.request.Page(ctx, p); err != nil {
			return err
		}
	}
	l.report(func(at *cloud.Progress) {
		at.Done += p.Len()
		at.Pages++
	})
	return nil
}

// restart counts anew what is handed over.
func (l *listing) restart() { l.report(func(at *cloud.Progress) { at.Done = 0 }) }

// patience is the usual one, reported.
func (l *listing) patience() cloud.Patience {
	return cloud.Patience{Waiting: func(until time.Time) {
		l.report(func(at *cloud.Progress) {
			at.Until = until
			if !until.IsZero() {
				at.Retries++
			}
		})
	}}
}

func (l *listing) report(change func(*cloud.Progress)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.progress)
	if l.request.Progress != nil {
		l.request.Progress(l.progress)
	}
}
