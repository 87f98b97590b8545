package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

const (
	google    = directory.Google
	microsoft = directory.Microsoft
	people    = directory.People
	orgunits  = directory.OrgUnits
	books     = directory.Chromebooks
)

// district is a world with a few records everywhere.
func district() *world {
	w := newWorld()
	w.set(google, people, "p1", "p2", "p3")
	w.set(google, orgunits, "o1", "o2")
	w.set(google, books, "c1", "c2", "c3")
	w.set(microsoft, people, "m1", "m2", "m3")
	return w
}

func TestFirstSyncReadsEverything(t *testing.T) {
	p := start(t, newMemory(), district())
	r := p.sync(engine.OK, engine.Options{})
	p.has(google, people, "p1", "p2", "p3")
	p.has(google, orgunits, "o1", "o2")
	p.has(google, books, "c1", "c2", "c3")
	p.has(microsoft, people, "m1", "m2", "m3")
	if r.RecordsWritten != 11 {
		t.Errorf("wrote %d records, want 11", r.RecordsWritten)
	}
	want := engine.ListingReport{Complete: true, Seen: 3, Added: 3, Pages: 2}
	if got := r.Google.Listings[people]; got != want {
		t.Errorf("people: %+v, want %+v", got, want)
	}
	// Each listing is one change with its count.
	counts := map[spot]int{}
	for _, c := range p.m.changes {
		if c.ID != "" || c.Kind != directory.Added || c.Run != r.ID {
			t.Errorf("change %+v", c)
		}
		counts[spot{c.Cloud, c.Listing}] += c.Count
	}
	for at, n := range map[spot]int{{google, people}: 3, {google, orgunits}: 2, {google, books}: 3, {microsoft, people}: 3} {
		if counts[at] != n {
			t.Errorf("%v: one change of %d, want %d", at, counts[at], n)
		}
	}

	again := p.sync(engine.OK, full)
	if again.RecordsWritten != 0 || len(p.m.changes) != 4 {
		t.Errorf("a sync without news wrote %d records and %d changes", again.RecordsWritten, len(p.m.changes)-4)
	}
	if !slices.Equal(p.worked, []directory.Cloud{google, microsoft, google, microsoft}) || p.failed != nil {
		t.Errorf("worked %v, failed %v", p.worked, p.failed)
	}
}

func TestOrderAndWhatIsDue(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, engine.Options{})
	first := p.w.calls()
	slices.Sort(first[2:4]) // at once
	want := []string{
		"google identify", "google orgunits whole", "google chromebooks whole", "google people whole",
		"microsoft identify", "microsoft people whole",
	}
	if !slices.Equal(first, want) {
		t.Errorf("first: %q", first)
	}
	p.sync(engine.OK, engine.Options{})
	second := p.w.calls()
	slices.Sort(second[2:4])
	want[2], want[5] = "google chromebooks changes", "microsoft people changes"
	if !slices.Equal(second, want) {
		t.Errorf("second: %q", second)
	}
	p.sync(engine.OK, full)
	if third := p.w.calls(); !slices.Contains(third, "google chromebooks whole") || !slices.Contains(third, "microsoft people whole") {
		t.Errorf("full: %q", third)
	}
}

// TestRemovalTable is the part of the table about removals, one cloud at a
// time: what the listings were, and who is there at the end.
func TestRemovalTable(t *testing.T) {
	offline := &cloud.Error{Kind: cloud.Offline}
	// A step is a listing of Microsoft's people.
	type step struct {
		has   string // the ids that are listed, one letter each
		gone  string // tombstones
		delta bool   // a listing of changes
		err   error  // after all pages
		short bool   // the listing ends well but is not complete
		out   engine.Outcome
	}
	whole := func(has string) step { return step{has: has, out: engine.OK} }
	tests := []struct {
		name  string
		steps []step
		want  string
	}{
		{"absent once", []step{whole("abc"), whole("ab")}, "abc"},
		{"absent twice in a row", []step{whole("abc"), whole("ab"), whole("ab")}, "ab"},
		{"seen in between", []step{whole("abc"), whole("ab"), whole("abc"), whole("ab")}, "abc"},
		{"seen in between, in changes", []step{whole("abc"), whole("ab"), {has: "c", delta: true, out: engine.OK}, whole("ab")}, "abc"},
		{"seen in between, in a failed listing", []step{whole("abc"), whole("ab"), {has: "c", err: offline, out: engine.Failed}, whole("ab")}, "abc"},
		{"failed listings do not count", []step{whole("abc"), {has: "ab", err: offline, out: engine.Failed}, {has: "ab", err: offline, out: engine.Failed}}, "abc"},
		{"failed listings do not reset", []step{whole("abc"), whole("ab"), {has: "a", err: offline, out: engine.Failed}, whole("ab")}, "ab"},
		{"short listings do not count", []step{whole("abc"), {has: "ab", short: true, out: engine.Failed}, {has: "ab", short: true, out: engine.Failed}}, "abc"},
		{"changes do not count", []step{whole("abc"), {has: "ab", delta: true, out: engine.OK}, {delta: true, out: engine.OK}}, "abc"},
		{"changes do not reset", []step{whole("abc"), whole("ab"), {has: "a", delta: true, out: engine.OK}, whole("ab")}, "ab"},
		{"a tombstone", []step{whole("abc"), {gone: "c", delta: true, out: engine.OK}}, "ab"},
		{"a tombstone of a stranger", []step{whole("abc"), {gone: "x", delta: true, out: engine.OK}}, "abc"},
		{"a tombstone and a failure", []step{whole("abc"), {gone: "c", delta: true, err: offline, out: engine.Failed}}, "abc"},
		{"a tombstone in a whole listing", []step{whole("abc"), {has: "ab", gone: "c", out: engine.OK}}, "ab"},
		{"the news of a failed listing", []step{whole("abc"), {has: "abd", err: offline, out: engine.Failed}}, "abcd"},
	}
	letters := func(s string) []string {
		var out []string
		for _, r := range s {
			out = append(out, string(r))
		}
		return out
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld()
			w.off[google] = true
			p := start(t, newMemory(), w)
			for _, s := range test.steps {
				w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
					if got := r.Cursor != ""; got != s.delta {
						t.Errorf("asked for changes: %v, want %v", got, s.delta)
					}
					page := w.records(c, r.Listing, letters(s.has))
					page.Gone = letters(s.gone)
					if err := r.Page(ctx, page); err != nil {
						return cloud.Result{}, err, true
					}
					return cloud.Result{Whole: !s.delta, Complete: !s.delta && !s.short, Cursor: "next", Expected: -1}, s.err, true
				}
				p.sync(s.out, engine.Options{Full: !s.delta})
			}
			p.has(microsoft, people, letters(test.want)...)
		})
	}
}

func TestTombstoneAndRecordOfOneListing(t *testing.T) {
	w := newWorld()
	w.off[google] = true
	w.set(microsoft, people, "a", "b", "c")
	p := start(t, newMemory(), w)
	p.sync(engine.OK, engine.Options{})
	w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		for _, page := range []cloud.Page{
			{Gone: []string{"a"}},                      // gone, and back
			w.records(c, people, []string{"a", "new"}), // new, and gone
			{Gone: []string{"new", "b"}},
		} {
			if err := r.Page(ctx, page); err != nil {
				return cloud.Result{}, err, true
			}
		}
		return cloud.Result{Cursor: "next"}, nil, true
	}
	p.sync(engine.OK, engine.Options{})
	p.has(microsoft, people, "a", "c")
}

// TestAllListingsLoseTheAbsent: the rule is the same for every kind of
// record, but that Chromebooks stay in the store.
func TestAllListingsLoseTheAbsent(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	p.w.set(google, people, "p1", "p2")
	p.w.set(google, orgunits, "o1")
	p.w.set(google, books, "c1", "c2")
	p.w.set(microsoft, people, "m1", "m2")
	once := p.sync(engine.OK, full)
	twice := p.sync(engine.OK, full)
	for _, c := range directory.Clouds {
		for _, l := range c.Listings() {
			if got := once.Of(c).Listings[l]; got.Missing != 1 || got.Removed != 0 || !got.Complete {
				t.Errorf("%s %s, first absence: %+v", c, l, got)
			}
			if got := twice.Of(c).Listings[l]; got.Missing != 0 || got.Removed != 1 {
				t.Errorf("%s %s, second absence: %+v", c, l, got)
			}
		}
	}
	p.has(google, people, "p1", "p2")
	p.has(google, orgunits, "o1")
	p.has(google, books, "c1", "c2")
	p.has(microsoft, people, "m1", "m2")
	if c := p.m.records[spot{google, books}]["c3"].(directory.Chromebook); c.Gone.IsZero() {
		t.Error("the lost Chromebook is not marked as gone")
	}
	p.w.set(google, books, "c1", "c2", "c3")
	p.sync(engine.OK, full)
	p.has(google, books, "c1", "c2", "c3")
}

func TestEmptyListings(t *testing.T) {
	for _, test := range []struct {
		name    string
		c       directory.Cloud
		l       directory.Listing
		stored  bool // something is stored
		count   int  // the cloud's own count
		held    []string
		confirm bool // a yes
	}{
		{name: "OUs, none stored", c: google, l: orgunits, count: -1},
		{name: "Chromebooks, none stored, count 0", c: google, l: books},
		{name: "Chromebooks, none stored, no count", c: google, l: books, count: -1, held: []string{"google chromebooks  (empty)"}},
		{name: "Chromebooks stored", c: google, l: books, stored: true, held: []string{"google chromebooks c1 c2 c3 (empty)"}},
		{name: "people, none stored", c: google, l: people, count: -1, held: []string{"google people  (empty)"}},
		{name: "people stored", c: google, l: people, stored: true, count: -1, held: []string{"google people p1 p2 p3 (empty)"}},
		{name: "Microsoft people stored", c: microsoft, l: people, stored: true, count: -1, held: []string{"microsoft people m1 m2 m3 (empty)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := start(t, newMemory(), district())
			before := p.w.has[spot{test.c, test.l}]
			if test.stored {
				p.sync(engine.OK, full)
			}
			p.w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
				return cloud.Result{Whole: true, Complete: true, Expected: test.count}, nil, c == test.c && r.Listing == test.l
			}
			if test.held == nil {
				p.sync(engine.OK, full)
				p.held()
				return
			}
			// However often: nobody is gone.
			for range 3 {
				p.sync(engine.Held, full)
				p.held(test.held...)
			}
			if test.stored {
				p.has(test.c, test.l, before...)
			}
			// A restart forgets nothing; a yes confirms it, for good.
			p = start(t, p.m, p.w)
			p.held(test.held...)
			p.sync(engine.OK, engine.Options{AcceptRemovals: true})
			p.has(test.c, test.l)
			p.sync(engine.OK, full)
			p.held()
			// Until there was somebody once more.
			hook := p.w.hook
			p.w.hook = nil
			p.sync(engine.OK, full)
			p.has(test.c, test.l, before...)
			p.w.hook = hook
			p.sync(engine.Held, full)
			p.has(test.c, test.l, before...)
		})
	}
}

func TestEmptyListingThatFillsAgainLeavesNoHold(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	all := p.w.has[spot{google, people}]
	p.w.set(google, people)
	p.sync(engine.Held, full)
	p.w.set(google, people, all...)
	p.sync(engine.OK, full)
	p.held()
	p.has(google, people, all...)
}

// many is a district with n Chromebooks that were synced.
func many(t *testing.T, n int) (*panel, []string) {
	p := start(t, newMemory(), district())
	all := ids("c", n)
	p.w.page = 1000
	p.w.set(google, books, all...)
	p.sync(engine.OK, full)
	return p, all
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		stored, lost int
		held         bool
	}{
		{100, 20, false}, {100, 21, true}, // the floor
		{600, 30, false}, {600, 31, true}, // the share
	} {
		p, all := many(t, test.stored)
		left := all[test.lost:]
		p.w.set(google, books, left...)
		p.sync(engine.OK, full)
		if test.held {
			r := p.sync(engine.Held, full)
			if got := r.Google.Listings[books]; got.Held != test.lost || got.Removed != 0 || r.Google.Outcome != engine.Held {
				t.Errorf("%+v: %+v", test, got)
			}
			p.has(google, books, all...)
		} else {
			p.sync(engine.OK, full)
			p.has(google, books, left...)
		}
	}
}

// TestSettingsCarryTheLimits: as they are when the run judges.
func TestSettingsCarryTheLimits(t *testing.T) {
	p, all := many(t, 100)
	p.w.set(google, books, all[4:]...)
	p.sync(engine.OK, full)
	p.set(engine.Settings{HoldFloor: 3, HoldShare: 0.01})
	p.sync(engine.Held, full)
	p.set(engine.Settings{HoldFloor: 4, HoldShare: 0.01, HoldMost: 3})
	p.w.set(google, books, all...)
	p.sync(engine.OK, full)
	p.w.set(google, books, all[4:]...)
	p.sync(engine.OK, full)
	p.sync(engine.Held, full)
	p.set(engine.Settings{HoldFloor: 4, HoldShare: 0.01})
	p.w.set(google, books, all...)
	p.sync(engine.OK, full)
	p.w.set(google, books, all[4:]...)
	p.sync(engine.OK, full)
	p.sync(engine.OK, full)
	p.has(google, books, all[4:]...)
}

// TestFirstListingThatTookTwoRuns: what a first listing stored before it
// failed is in the one entry of that which was complete.
func TestFirstListingThatTookTwoRuns(t *testing.T) {
	w := onlyMicrosoft(5, 2)
	p := start(t, newMemory(), w)
	w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		_, err := (&source{w, c}).pages(ctx, r, ids("m", 3))
		if err == nil {
			err = &cloud.Error{Kind: cloud.Offline}
		}
		return cloud.Result{}, err, true
	}
	p.sync(engine.Failed, full)
	p.has(microsoft, people, ids("m", 3)...)
	w.hook = nil
	p.sync(engine.OK, full)
	if len(p.m.changes) != 1 || p.m.changes[0].Count != 5 || p.m.changes[0].Kind != directory.Added {
		t.Errorf("changes %+v", p.m.changes)
	}
}

func TestOrgUnitsAreNeverHeld(t *testing.T) {
	p := start(t, newMemory(), district())
	p.w.set(google, orgunits, ids("o", 600)...)
	p.sync(engine.OK, full)
	p.w.set(google, orgunits)
	p.sync(engine.OK, full)
	p.sync(engine.OK, full)
	p.has(google, orgunits)
}

// TestLostOrgUnits: an answer without any OU is not believed while people or
// Chromebooks are in some, however often it comes.
func TestLostOrgUnits(t *testing.T) {
	for _, in := range []directory.Listing{people, books} {
		p := start(t, newMemory(), district())
		p.w.place(in, "/o1")
		p.sync(engine.OK, full)
		p.w.set(google, orgunits)
		for range 3 {
			r := p.sync(engine.Failed, full)
			e := r.Google.Error
			if e == nil || e.Kind != cloud.BadAnswer || e.Code != "no_orgunits" || e.Lists != orgunits || r.Google.Listings[orgunits].Complete {
				t.Fatalf("%s in OUs: %+v", in, e)
			}
			if n := r.Google.Listings[people]; !n.Complete {
				t.Errorf("%s in OUs: people were not read: %+v", in, n)
			}
		}
		p.has(google, orgunits, "o1", "o2")
		// It counted as no absence, nor did it reset one.
		p.w.set(google, orgunits, "o1")
		p.sync(engine.OK, full)
		p.w.set(google, orgunits)
		p.sync(engine.Failed, full)
		p.w.set(google, orgunits, "o1")
		p.sync(engine.OK, full)
		p.has(google, orgunits, "o1")
		// A district that does give up its OUs moves everybody to the root.
		p.w.place(in, "/")
		p.w.set(google, orgunits)
		p.sync(engine.Failed, full) // finds the move
		p.sync(engine.OK, full)
		p.sync(engine.OK, full)
		p.has(google, orgunits)
	}
}

func TestTombstonesFallUnderTheLimits(t *testing.T) {
	w := newWorld()
	w.off[google] = true
	all := ids("m", 100)
	w.set(microsoft, people, all...)
	p := start(t, newMemory(), w)
	p.sync(engine.OK, full)
	w.hook = func(ctx context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		err := r.Page(ctx, cloud.Page{Gone: all[:21]})
		return cloud.Result{Cursor: "next"}, err, true
	}
	p.sync(engine.Held, engine.Options{})
	p.has(microsoft, people, all...)
	// They stay held when the cloud does not repeat itself.
	w.hook = nil
	w.set(microsoft, people)
	p.sync(engine.Held, engine.Options{})
	// A yes looks at everything before it removes.
	w.set(microsoft, people, all[20:]...)
	w.calls()
	r := p.sync(engine.OK, engine.Options{AcceptRemovals: true})
	if !slices.Contains(w.calls(), "microsoft people whole") {
		t.Error("removed without a fresh look")
	}
	if got := r.Microsoft.Listings[people].Removed; got != 20 {
		t.Errorf("removed %d, want 20: one was seen again", got)
	}
	p.has(microsoft, people, all[20:]...)
}

// lose21 syncs until 21 of 100 Chromebooks are held.
func lose21(t *testing.T) (p *panel, all []string) {
	p, all = many(t, 100)
	p.w.set(google, books, all[21:]...)
	p.sync(engine.OK, full)
	p.sync(engine.Held, full)
	return p, all
}

func TestHoldLeavesWhatIsSeenAgain(t *testing.T) {
	p, all := lose21(t)
	p.w.set(google, books, all[19:]...)
	r := p.sync(engine.Held, engine.Options{}) // changes will do
	if got := r.Google.Listings[books].Held; got != 19 {
		t.Errorf("%d held, want 19", got)
	}
	// Below the limit now, but nobody said yes.
	p.sync(engine.Held, full)
	p.has(google, books, all...)
	p.w.set(google, books, all...)
	p.sync(engine.OK, full)
	p.held()
}

// TestHoldKeepsItsDate: more that is held does not make it younger. Meanwhile
// the cloud is read as ever.
func TestHoldKeepsItsDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, all := lose21(t)
		since := p.Status().Holds[0].Since
		time.Sleep(time.Hour)
		p.w.set(google, books, all[22:]...)
		p.sync(engine.Held, full)
		r := p.sync(engine.Held, full)
		if h := p.Status().Holds[0]; len(h.IDs) != 22 || !h.Since.Equal(since) {
			t.Errorf("%d held since %v, before since %v", len(h.IDs), h.Since, since)
		}
		if s := p.Status().Google; !s.LastSuccess.Equal(r.Finished) || s.LastError != nil {
			t.Errorf("%+v", s)
		}
	})
}

func TestKeepSilencesUntilSeenAgain(t *testing.T) {
	p, all := lose21(t)
	if err := p.Keep(t.Context(), google, books); err != nil {
		t.Fatal(err)
	}
	p.held()
	p = start(t, p.m, p.w) // the no outlives a restart
	for range 3 {
		p.sync(engine.OK, full)
		p.has(google, books, all...)
	}
	// Others are not silenced by it.
	p.w.set(google, books, all[23:]...)
	p.sync(engine.OK, full)
	p.sync(engine.OK, full)
	p.has(google, books, slices.Concat(all[:21], all[23:])...)
	// Seen again and lost anew, they are asked about anew.
	p.w.set(google, books, all...)
	p.sync(engine.OK, full)
	p.w.set(google, books, all[21:]...)
	p.sync(engine.OK, full)
	p.sync(engine.Held, full)
}

func TestAcceptRemovalsTakesOnlyWhatWasHeld(t *testing.T) {
	p, all := lose21(t)
	// One is back, and one more is lost for the first time.
	p.w.set(google, books, slices.Concat(all[:1], all[22:])...)
	r := p.sync(engine.OK, engine.Options{AcceptRemovals: true})
	if got := r.Google.Listings[books]; got.Removed != 20 || got.Missing != 1 || got.Held != 0 {
		t.Errorf("%+v", got)
	}
	p.has(google, books, slices.Concat(all[:1], all[21:])...)
}

func TestAcceptRemovalsWithoutHoldStillHolds(t *testing.T) {
	p, all := many(t, 100)
	p.w.set(google, books, all[21:]...)
	p.sync(engine.OK, full)
	p.sync(engine.Held, engine.Options{Full: true, AcceptRemovals: true})
	p.has(google, books, all...)
}

func TestYesSurvivesAFailedRun(t *testing.T) {
	p, all := lose21(t)
	if err := p.Remove(t.Context(), google, books); err != nil {
		t.Fatal(err)
	}
	p.held()
	p.has(google, books, all...) // not before a fresh look
	p.w.fail[google] = &cloud.Error{Kind: cloud.Offline}
	p.sync(engine.Failed, engine.Options{})
	delete(p.w.fail, google)
	p = start(t, p.m, p.w)
	p.sync(engine.OK, engine.Options{})
	p.has(google, books, all[21:]...)
}

func TestAnotherCustomerIsRefused(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	p.w.who[google] = cloud.Identity{Owner: "C02", Account: "admin@other.example"}
	p.w.set(google, people, "x1")
	for range 2 {
		r := p.sync(engine.Failed, full)
		if e := r.Google.Error; e == nil || e.Kind != cloud.SignInNeeded || e.Code != engine.OtherCustomer {
			t.Fatalf("error %+v", e)
		}
		if r.Microsoft.Outcome != engine.OK {
			t.Errorf("Microsoft's turn: %s", r.Microsoft.Outcome)
		}
		p = start(t, p.m, p.w)
	}
	p.has(google, people, "p1", "p2", "p3")

	// Only one that is known to be another: a second admin whose permission
	// to read users is off may be of the same customer.
	p.w.set(google, people, "p1", "p2", "p3")
	p.w.set(google, books, "c1", "c2")
	p.w.who[google] = cloud.Identity{Account: "second@example.com", Off: map[directory.Listing]string{people: "x"}}
	p.sync(engine.Held, full) // and its first look removes nothing
	p.held("google chromebooks c3")
	p.w.set(google, books, "c1", "c2", "c3")
	p.sync(engine.Partial, full)
	p.w.who[google] = cloud.Identity{Owner: "C01", Account: "second@example.com"}
	p.sync(engine.OK, full)
	if got := p.Owner(google); got != "C01" {
		t.Errorf("the owner is %q", got)
	}

	p.w.who[google] = cloud.Identity{Owner: "C02", Account: "admin@other.example"}
	p.w.set(google, people, "x1")
	before := p.Status().Revision
	if err := p.Reset(t.Context(), google, func(context.Context) error {
		for _, l := range google.Listings() {
			delete(p.m.records, spot{google, l})
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if s := p.Status(); s.Revision == before || !s.Google.LastSuccess.IsZero() || s.Microsoft.LastSuccess.IsZero() {
		t.Errorf("status after a reset: %+v", s)
	}
	p.sync(engine.OK, full)
	p.has(google, people, "x1")
	p.has(microsoft, people, "m1", "m2", "m3")
}

func TestAnotherAdminsFirstLookRemovesNothing(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	p.w.set(google, people, "p1", "p2")
	p.sync(engine.OK, full)
	p.w.who[google] = cloud.Identity{Owner: "C01", Account: "other@example.com"}
	p.w.set(google, orgunits, "o1")
	p.w.set(google, people, "p1")
	p.sync(engine.Held, full)
	p.held("google people p2 p3")
	p.sync(engine.Held, full) // and no later one either
	p.has(google, people, "p1", "p2", "p3")
	p.has(google, orgunits, "o1") // but OUs are never held
	p.sync(engine.OK, engine.Options{AcceptRemovals: true})
	p.has(google, people, "p1")

	// An OU that the admin before did not see either is not removed at once.
	p.w.set(google, orgunits)
	p.sync(engine.OK, full)
	p.w.who[google] = cloud.Identity{Owner: "C01", Account: "third@example.com"}
	p.sync(engine.OK, full)
	p.has(google, orgunits, "o1")
	p.sync(engine.OK, full)
	p.has(google, orgunits)
}

// Of a first look that finds nobody one yes is enough; it is one to what this
// admin does not see, and none to what the admin before did not.
func TestAnotherAdminSeesNobody(t *testing.T) {
	accept := engine.Options{Full: true, AcceptRemovals: true}
	for _, before := range []bool{false, true} {
		p := start(t, newMemory(), district())
		p.sync(engine.OK, full)
		p.w.set(google, people)
		if before { // a yes that meets no listing to apply it
			p.sync(engine.Held, full)
			p.w.hook = func(context.Context, directory.Cloud, cloud.Request) (cloud.Result, error, bool) {
				return cloud.Result{}, &cloud.Error{Kind: cloud.BadAnswer}, true
			}
			p.sync(engine.Failed, accept)
			p.held()
			p.w.hook = nil
		}
		p.w.who[google] = cloud.Identity{Owner: "C01", Account: "other@example.com"}
		p.sync(engine.Held, full)
		p.has(google, people, "p1", "p2", "p3")
		p.sync(engine.OK, accept)
		p.held()
		p.has(google, people)
	}
}

// What an empty first look has held stays held when the next one sees some.
func TestAnotherAdminSeesSomeLater(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	p.w.set(google, people, "p1", "p2")
	p.sync(engine.OK, full) // p3 is absent for the first time
	p.w.who[google] = cloud.Identity{Owner: "C01", Account: "other@example.com"}
	p.w.set(google, people)
	p.sync(engine.Held, full)
	p.w.set(google, people, "p1")
	p.sync(engine.Held, full)
	p.held("google people p2 p3")
	p.has(google, people, "p1", "p2", "p3")
}

// TestInventoryIsRebuilt: the ledger's word on records that are no longer
// stored is dropped.
func TestInventoryIsRebuilt(t *testing.T) {
	p, all := lose21(t)
	m := newMemory()
	m.notes = p.m.notes
	p = start(t, m, p.w)
	p.sync(engine.OK, full)
	p.held()
	p.has(google, books, all[21:]...)
}

func TestEmptyListingKeepsTheCursor(t *testing.T) {
	w := onlyMicrosoft(3, 10)
	p := start(t, newMemory(), w)
	p.sync(engine.OK, full)
	var asked string
	w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		asked = r.Cursor
		return cloud.Result{Whole: true, Complete: true, Cursor: "of nothing", Expected: -1}, nil, true
	}
	p.sync(engine.Held, full)
	p.sync(engine.Held, engine.Options{})
	if asked != "cursor" {
		t.Errorf("asked for what changed since %q", asked)
	}
}

func TestUntickedPermission(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	who := p.w.who[google]
	who.Off = map[directory.Listing]string{books: "admin.directory.device.chromeos.readonly"}
	p.w.who[google] = who
	p.w.set(google, books)
	for range 3 {
		r := p.sync(engine.Partial, full)
		if _, ok := r.Google.Listings[books]; ok || r.Google.Outcome != engine.Partial {
			t.Errorf("%+v", r.Google)
		}
	}
	p.has(google, books, "c1", "c2", "c3")
	if s := p.Status().Google; s.LastSuccess.IsZero() || s.LastError != nil {
		t.Errorf("a partial turn is a success: %+v", s)
	}
}

// TestHeldTellsMoreThanPartial: one cloud waits for a yes, the other lacks a
// permission.
func TestHeldTellsMoreThanPartial(t *testing.T) {
	p := start(t, newMemory(), district())
	p.w.set(microsoft, people, ids("m", 100)...)
	p.sync(engine.OK, full)
	p.w.set(microsoft, people, ids("m", 50)...)
	who := p.w.who[google]
	who.Off = map[directory.Listing]string{books: "admin.directory.device.chromeos.readonly"}
	p.w.who[google] = who
	p.sync(engine.Partial, full)
	if r := p.sync(engine.Held, full); r.Google.Outcome != engine.Partial || r.Microsoft.Outcome != engine.Held {
		t.Errorf("%+v %+v", r.Google, r.Microsoft)
	}
}

// TestNothingIsNoChange: a first listing without a record.
func TestNothingIsNoChange(t *testing.T) {
	w := district()
	w.set(google, orgunits)
	p := start(t, newMemory(), w)
	p.sync(engine.OK, full)
	for _, c := range p.m.changes {
		if c.Listing == orgunits || c.Count == 0 {
			t.Errorf("%+v", c)
		}
	}
}

// TestAFullDiskEndsTheTurn: what cannot be stored is not fetched either.
func TestAFullDiskEndsTheTurn(t *testing.T) {
	p := start(t, newMemory(), district())
	p.w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		if r.Listing == orgunits {
			p.m.mu.Lock()
			p.m.before = func(int) error { return errDisk }
			p.m.mu.Unlock()
		}
		return cloud.Result{}, nil, false
	}
	r := p.sync(engine.Failed, full)
	if r.Google.Error.Kind != cloud.Storage {
		t.Errorf("%+v", r.Google.Error)
	}
	if calls := p.w.calls(); slices.Contains(calls, "google people whole") {
		t.Errorf("%q", calls)
	}
}

func TestOutcomes(t *testing.T) {
	offline := &cloud.Error{Kind: cloud.Offline, Doing: "identify", Code: "x"}
	t.Run("nothing set up", func(t *testing.T) {
		w := newWorld()
		w.off[google], w.off[microsoft] = true, true
		p := start(t, newMemory(), w)
		r := p.sync(engine.NothingToDo, full)
		if r.Google.Outcome != engine.Skipped || r.Microsoft.Outcome != engine.Skipped || len(p.Runs()) != 0 {
			t.Errorf("%+v, history %v", r, p.Runs())
		}
	})
	t.Run("Google de-authorized", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.sync(engine.OK, full)
		p.w.off[google] = true
		for range 3 {
			if r := p.sync(engine.OK, full); r.Google.Outcome != engine.Skipped {
				t.Errorf("%+v", r.Google)
			}
		}
		p.has(google, people, "p1", "p2", "p3")
	})
	t.Run("Google fails", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.fail[google] = offline
		r := p.sync(engine.Failed, full)
		if r.Google.Outcome != engine.Failed || r.Google.Error.Kind != cloud.Offline || r.Google.Error.Code != "x" || r.Microsoft.Outcome != engine.OK {
			t.Errorf("%+v %+v", r.Google, r.Microsoft)
		}
		if s := p.Status(); s.Google.LastError == nil || !s.Google.LastSuccess.IsZero() || s.Microsoft.LastError != nil {
			t.Errorf("%+v", s)
		}
		if len(p.failed) != 1 || p.failed[0].Kind != cloud.Offline {
			t.Errorf("told of %v", p.failed)
		}
		again := start(t, p.m, p.w).Status().Google.LastError
		if again == nil || again.Kind != cloud.Offline {
			t.Errorf("after a restart: %+v", again)
		}
		delete(p.w.fail, google)
		p.sync(engine.OK, full)
		if e := p.Status().Google.LastError; e != nil {
			t.Errorf("after a success: %+v", e)
		}
	})
	t.Run("one listing fails", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			return cloud.Result{}, &cloud.Error{Kind: cloud.PermissionMissing}, r.Listing == orgunits
		}
		r := p.sync(engine.Failed, full)
		if e := r.Google.Error; e.Kind != cloud.PermissionMissing || e.Lists != orgunits {
			t.Errorf("%+v", e)
		}
		p.has(google, people, "p1", "p2", "p3")
		p.has(google, books, "c1", "c2", "c3")
	})
	t.Run("two listings fail", func(t *testing.T) {
		// What a person must do is told of the cloud, whichever came first;
		// each listing tells its own.
		denied, blocked := &cloud.Error{Kind: cloud.PermissionMissing}, &cloud.Error{Kind: cloud.BadAnswer}
		for _, fails := range []map[directory.Listing]*cloud.Error{{orgunits: denied, books: blocked}, {orgunits: blocked, books: denied}} {
			p := start(t, newMemory(), district())
			p.w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
				e, ok := fails[r.Listing]
				return cloud.Result{}, e, ok
			}
			r := p.sync(engine.Failed, full)
			if r.Google.Error.Kind != cloud.PermissionMissing {
				t.Errorf("%+v", r.Google.Error)
			}
			for _, l := range google.Listings() {
				var want, got cloud.Kind
				if e := fails[l]; e != nil {
					want = e.Kind
				}
				if e := r.Google.Listings[l].Error; e != nil {
					got = e.Kind
				}
				if got != want {
					t.Errorf("%s: %s, want %s", l, got, want)
				}
			}
			p.has(google, people, "p1", "p2", "p3")
		}
	})
	t.Run("the authorization dies midway", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			return cloud.Result{}, &cloud.Error{Kind: cloud.SignInNeeded}, r.Listing == orgunits
		}
		p.sync(engine.Failed, full)
		if slices.Contains(p.w.calls(), "google people whole") {
			t.Error("went on listing without an authorization")
		}
	})
	t.Run("failed stands above held", func(t *testing.T) {
		p, _ := lose21(t)
		p.w.fail[microsoft] = offline
		p.sync(engine.Failed, full)
	})
	t.Run("held stands above partial", func(t *testing.T) {
		p, _ := lose21(t)
		p.w.who[google] = cloud.Identity{Owner: "C01", Account: "admin@example.com", Off: map[directory.Listing]string{people: "x"}}
		p.sync(engine.Held, full)
	})
	t.Run("an open hold of a cloud that has no turn", func(t *testing.T) {
		p, _ := lose21(t)
		p.w.off[google] = true
		p.sync(engine.Held, full)
	})
	t.Run("a panic in a Source", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			if r.Listing == people {
				panic("bob@example.com")
			}
			return cloud.Result{}, nil, false
		}
		r := p.sync(engine.Failed, full)
		for _, e := range []*engine.Fault{r.Google.Error, r.Microsoft.Error} {
			if e.Kind != cloud.Unexpected || e.Code != "panic" || e.Lists != people || !strings.HasPrefix(e.Detail, "rules_test.go:") {
				t.Errorf("%+v", e)
			}
		}
		p.has(google, books, "c1", "c2", "c3")
	})
	t.Run("a panic in the Store", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.m.before = func(n int) error {
			if n == 4 {
				panic("page fault")
			}
			return nil
		}
		if r := p.sync(engine.Failed, full); r.Google.Error.Kind != cloud.Unexpected {
			t.Errorf("%+v", r.Google.Error)
		}
	})
	t.Run("a full disk", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.m.before = func(int) error { return errDisk }
		r := p.sync(engine.Failed, full)
		if r.Google.Error.Kind != cloud.Storage || r.Microsoft.Error.Kind != cloud.Storage || r.Error == nil || r.Error.Kind != cloud.Storage {
			t.Errorf("%+v %+v %+v", r.Google.Error, r.Microsoft.Error, r.Error)
		}
	})
	t.Run("a record without an id", func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.set(google, books, "c1", "")
		if r := p.sync(engine.Failed, full); r.Google.Error.Kind != cloud.BadAnswer {
			t.Errorf("%+v", r.Google.Error)
		}
	})
}
