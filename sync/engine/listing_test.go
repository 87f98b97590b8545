package engine_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// batches notes what each Apply puts.
type batches struct {
	*memory
	slow time.Duration // each Apply takes so long
	all  []directory.Batch
	busy map[directory.Listing]bool
	twos int // Applies that began while another of the listing went on
}

func (b *batches) Apply(ctx context.Context, batch directory.Batch) (directory.Tally, error) {
	b.mu.Lock()
	if b.busy[batch.Listing] {
		b.twos++
	}
	if b.busy == nil {
		b.busy = map[directory.Listing]bool{}
	}
	b.busy[batch.Listing] = true
	b.all = append(b.all, batch)
	b.mu.Unlock()
	time.Sleep(b.slow)
	b.mu.Lock()
	b.busy[batch.Listing] = false
	b.mu.Unlock()
	return b.memory.Apply(ctx, batch)
}

// sizes lists the sizes of the batches of a listing.
func (b *batches) sizes(c directory.Cloud, l directory.Listing) []int {
	var all []int
	for _, batch := range b.all {
		if batch.Cloud == c && batch.Listing == l {
			all = append(all, batch.Len())
		}
	}
	return all
}

func onlyMicrosoft(n, page int) *world {
	w := newWorld()
	w.off[google] = true
	w.page = page
	w.set(microsoft, people, ids("m", n)...)
	return w
}

func TestBatchesByCount(t *testing.T) {
	w := onlyMicrosoft(25_000, 999)
	b := &batches{memory: newMemory()}
	p := start(t, b.memory, w, func(c *engine.Config) { c.Store = b })
	r := p.sync(engine.OK, full)
	if got := b.sizes(microsoft, people); !slices.Equal(got, []int{9990, 9990, 5020}) {
		t.Errorf("batches of %v", got)
	}
	for i, batch := range b.all {
		if last := i == len(b.all)-2; batch.Len() > 0 && (batch.Docs != nil) != last {
			t.Errorf("batch %d of %d has documents: %v", i, len(b.all), batch.Docs != nil)
		}
	}
	if got := r.Microsoft.Listings[people]; got.Seen != 25_000 || got.Added != 25_000 || got.Pages != 26 {
		t.Errorf("%+v", got)
	}
}

func TestBatchesByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onlyMicrosoft(100, 10)
		w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			take := r.Page
			r.Page = func(ctx context.Context, page cloud.Page) error {
				time.Sleep(700 * time.Millisecond)
				return take(ctx, page)
			}
			_, err := (&source{w, c}).pages(ctx, r, w.has[spot{c, people}])
			return cloud.Result{Whole: true, Complete: true, Expected: -1}, err, true
		}
		b := &batches{memory: newMemory()}
		p := start(t, b.memory, w, func(c *engine.Config) { c.Store = b })
		p.sync(engine.OK, full)
		if got := b.sizes(microsoft, people); !slices.Equal(got, []int{40, 40, 20}) {
			t.Errorf("batches of %v", got)
		}
	})
}

// TestFetchingGoesOnWhileABatchIsStored: with pages as slow as batches, the
// two overlap; with a store that is slower, the cloud waits for it.
func TestFetchingGoesOnWhileABatchIsStored(t *testing.T) {
	for _, test := range []struct{ page, store, most time.Duration }{
		{time.Second, time.Second, 16 * time.Second},
		{0, time.Second, 14 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			defer engine.SetBatch(10)()
			w := onlyMicrosoft(100, 10)
			ahead := 0
			b := &batches{memory: newMemory(), slow: test.store}
			w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
				take, handed := r.Page, 0
				r.Page = func(ctx context.Context, page cloud.Page) error {
					time.Sleep(test.page)
					handed += page.Len()
					err := take(ctx, page)
					stored, _ := b.IDs(c, people)
					ahead = max(ahead, handed-len(stored))
					return err
				}
				_, err := (&source{w, c}).pages(ctx, r, w.has[spot{c, people}])
				return cloud.Result{Whole: true, Complete: true, Expected: -1}, err, true
			}
			p := start(t, b.memory, w, func(c *engine.Config) { c.Store = b })
			began := time.Now()
			p.sync(engine.OK, full)
			if took := time.Since(began); took > test.most {
				t.Errorf("took %v", took)
			}
			if ahead > 30 {
				t.Errorf("%d records were waiting", ahead)
			}
		})
	}
}

// TestPeopleAndChromebooksAtOnce: their pages interleave, after the OUs, and
// one batch of each is stored at a time.
func TestPeopleAndChromebooksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer engine.SetBatch(2)()
		w := newWorld()
		w.off[microsoft] = true
		w.set(google, orgunits, ids("o", 10)...)
		w.set(google, people, ids("p", 10)...)
		w.set(google, books, ids("c", 10)...)
		var order []directory.Listing
		w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			take := r.Page
			r.Page = func(ctx context.Context, page cloud.Page) error {
				time.Sleep(time.Second)
				w.mu.Lock()
				order = append(order, r.Listing)
				w.mu.Unlock()
				return take(ctx, page)
			}
			_, err := (&source{w, c}).pages(ctx, r, w.has[spot{c, r.Listing}])
			return cloud.Result{Whole: true, Complete: true, Expected: 10}, err, true
		}
		b := &batches{memory: newMemory(), slow: 100 * time.Millisecond}
		p := start(t, b.memory, w, func(c *engine.Config) { c.Store = b })
		began := time.Now()
		p.sync(engine.OK, full)
		if took := time.Since(began); took > 12*time.Second {
			t.Errorf("took %v: one after the other", took)
		}
		for i, l := range order {
			if (l == orgunits) != (i < 5) {
				t.Fatalf("pages of %v", order)
			}
		}
		if b.twos > 0 {
			t.Errorf("%d batches were stored beside another of their listing", b.twos)
		}
	})
}

// TestPatchesFindTheOneBefore: of three changes of one account the second and
// third build on the first, whether or not it is stored yet.
func TestPatchesFindTheOneBefore(t *testing.T) {
	for _, batch := range []int{1, 2, 10} {
		synctest.Test(t, func(t *testing.T) {
			defer engine.SetBatch(batch)()
			w := onlyMicrosoft(3, 10)
			b := &batches{memory: newMemory(), slow: 4 * time.Second}
			p := start(t, b.memory, w, func(c *engine.Config) { c.Store = b })
			p.sync(engine.OK, full)
			id := ids("m", 1)[0]
			w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
				for i, patch := range []func(*directory.Account){
					func(a *directory.Account) { a.Title = "Teacher" },
					func(a *directory.Account) { a.Phone = "555" },
					func(a *directory.Account) { a.Department = "Maths" },
					func(a *directory.Account) { a.Title += " of Maths" },
				} {
					if i == 3 {
						time.Sleep(6 * time.Second) // some are stored now
					}
					a, ok := r.Stored(id)
					if !ok {
						t.Fatal("not stored")
					}
					patch(&a)
					if err := r.Page(ctx, cloud.Page{Accounts: []directory.Account{a}}); err != nil {
						return cloud.Result{}, err, true
					}
				}
				if _, ok := r.Stored("nobody"); ok {
					t.Error("nobody is stored")
				}
				return cloud.Result{Cursor: "next"}, nil, true
			}
			p.sync(engine.OK, engine.Options{})
			a, _, _ := p.m.Account(microsoft, id)
			if a.Title != "Teacher of Maths" || a.Phone != "555" || a.Department != "Maths" {
				t.Errorf("batches of %d: %+v", batch, a)
			}
		})
	}
}

func TestCursor(t *testing.T) {
	w := onlyMicrosoft(3, 10)
	p := start(t, newMemory(), w)
	var asked []string
	answer := func(give string, res cloud.Result, err error) {
		w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			asked = append(asked, r.Cursor)
			if _, err := (&source{w, c}).pages(ctx, r, w.has[spot{c, people}]); err != nil {
				return res, err, true
			}
			res.Cursor, res.Expected = give, -1
			return res, err, true
		}
	}
	whole := cloud.Result{Whole: true, Complete: true}
	answer("one", whole, nil)
	p.sync(engine.OK, engine.Options{})
	answer("two", cloud.Result{}, offline) // a failure keeps the cursor
	p.sync(engine.Failed, engine.Options{})
	answer("three", cloud.Result{}, nil)
	p.sync(engine.OK, engine.Options{})
	p = start(t, p.m, w)
	answer("four", whole, nil) // the cloud lists everything instead
	p.sync(engine.OK, engine.Options{})
	answer("", cloud.Result{}, nil)
	p.sync(engine.OK, engine.Options{})
	p.sync(engine.OK, engine.Options{})
	if want := []string{"", "one", "one", "three", "four", ""}; !slices.Equal(asked, want) {
		t.Errorf("asked with %q, want %q", asked, want)
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onlyMicrosoft(30, 10)
		p := start(t, newMemory(), w)
		p.sync(engine.OK, full)
		var seen []engine.ListingProgress
		look := func() {
			if s := p.Status(); s.Microsoft.Running && len(s.Microsoft.Progress) == 1 {
				seen = append(seen, s.Microsoft.Progress[0])
			}
		}
		w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			look()
			r.Progress(cloud.Progress{Expected: 40, Retries: 2, Until: time.Now().Add(time.Minute)})
			look()
			take := r.Page
			r.Page = func(ctx context.Context, page cloud.Page) error {
				time.Sleep(time.Second)
				err := take(ctx, page)
				look()
				return err
			}
			_, err := (&source{w, c}).pages(ctx, r, w.has[spot{c, people}])
			return cloud.Result{Whole: true, Complete: true, Expected: -1}, err, true
		}
		r := p.sync(engine.OK, full)
		if len(seen) != 5 {
			t.Fatalf("saw %+v", seen)
		}
		if s := seen[0]; s.Listing != people || s.Expected != 30 || s.Done != 0 || s.Ended {
			t.Errorf("at first, as many as last time: %+v", s)
		}
		if s := seen[1]; s.Expected != 40 || s.Retries != 2 || s.Until.IsZero() {
			t.Errorf("then, as the cloud says: %+v", s)
		}
		if s := seen[3]; s.Done != 20 || s.Pages != 2 || s.Rate != 10 || !s.Until.IsZero() || s.Expected != 40 {
			t.Errorf("after two pages: %+v", s)
		}
		s := p.Status()
		if s.Microsoft.Running || !s.Microsoft.Progress[0].Ended || s.Running != nil {
			t.Errorf("at the end: %+v", s.Microsoft)
		}
		if got := r.Microsoft.Listings[people]; got.Retries != 2 {
			t.Errorf("%+v", got)
		}
	})
}
