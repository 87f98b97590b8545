package ui

import (
	"context"
	"runtime"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/sync/engine"
	"panel/ui/view"
)

// State is all that the window shows of the rest of Panel at one moment. It
// is immutable.
type State struct {
	Now         time.Time
	Status      engine.Status
	Connections Connections
	Settings    Settings
	Runs        []engine.Run
	// Records are nil until they have been read for the first time. Meanwhile
	// Early may have the rows of one list, and of the rest only the OUs.
	Records, Early *Records
	// Failed is why records or runs could not be read; nil when they could.
	Failed error
}

// Records are the stored records as they were at one revision, made ready to
// be shown.
type Records struct {
	People      *view.Rows
	Chromebooks *view.Rows
	OrgUnits    *view.OrgNode
	// What is stored, hidden or not: the people that a cloud knows, the
	// Chromebooks that Google lists, those that it no longer lists, the OUs.
	FromGoogle, FromMicrosoft, Books, LostBooks, Units int
	// What of it the settings hide, and so is in no row.
	HiddenGoogle, HiddenMicrosoft, HiddenBooks int
	// Gone counts the rows of Chromebooks no longer in Google.
	Gone int
	// Holdings are who has what, Checkouts the same as rows.
	Holdings  *view.Holdings
	Checkouts *view.Rows

	hidden map[string]bool // the accounts of people whom the settings hide
}

// hold returns records that differ from r in what the ledger says alone.
func (r *Records) hold(b Backend, now time.Time) *Records {
	out := *r
	out.Holdings = view.NewHoldings(b.Standings(), r.People, r.hidden, ledger.DayIn(now))
	out.People, out.Chromebooks = r.People.WithHoldings(out.Holdings), r.Chromebooks.WithHoldings(out.Holdings)
	out.Checkouts = out.Holdings.CheckoutRows(now)
	return &out
}

// follower turns what the Backend says into States.
type follower struct {
	b    Backend
	poke chan struct{} // one slot: look again
	show func(*State)
	now  func() time.Time
	// first is the list that is read first.
	first directory.Listing
	// reread tells that the records were read anew.
	reread bool

	state State
	// What state was read at.
	read     bool
	revision uint64
	settings uint64
	runs     uint64
	ledger   uint64
	day      string // windows such as "within a year" end with it
	// Reading everything again while a sync changes records all the time
	// would keep a core busy: next is the earliest time to do so.
	next time.Time
	pace pace
	late *time.Timer
}

// follow reads the Backend's state, now, whenever the engine's status moves,
// whenever it is poked, and every half minute for the sake of the times that
// are shown as ages; show is told on Fyne's goroutine, of the newest only. First
// is the list that is wanted first.
func (a *async) follow(b Backend, now func() time.Time, first directory.Listing, show func(*State)) (poke func()) {
	f := &follower{b: b, poke: make(chan struct{}, 1), now: now, first: first}
	var newest atomic.Pointer[State]
	f.show = func(s *State) {
		if newest.Swap(s) == nil {
			a.ui(func() { show(newest.Swap(nil)) })
		}
	}
	a.background(f.run)
	return func() {
		select {
		case f.poke <- struct{}{}:
		default:
		}
	}
}

func (f *follower) run(ctx context.Context) {
	f.late = time.NewTimer(time.Hour)
	defer f.late.Stop()
	ages := time.NewTicker(30 * time.Second)
	defer ages.Stop()
	statuses := f.b.Watch(ctx)
	for {
		select {
		case s, ok := <-statuses:
			if !ok {
				return
			}
			f.state.Status = s
		case <-f.poke:
		case <-ages.C:
		case <-f.late.C:
		case <-ctx.Done():
			return
		}
		f.look(ctx)
	}
}

// look reads what has moved, and shows it.
func (f *follower) look(ctx context.Context) {
	s := &f.state
	s.Now = f.now()
	s.Connections, s.Settings = f.b.Connections(), f.b.Settings()
	if !f.read {
		f.tell()
	}
	s.Failed = nil
	if !f.read || s.Status.Runs != f.runs {
		if runs, err := f.b.Runs(); err != nil {
			s.Failed = err
		} else {
			s.Runs, f.runs = runs, s.Status.Runs
		}
	}
	before := s.Records
	if settings := f.b.Revision(); !f.read || s.Status.Revision != f.revision || settings != f.settings || s.Now.Format(time.DateOnly) != f.day {
		f.readRecords(ctx, settings)
	}
	if s.Records == before {
		f.readLedger()
	}
	r := s.Records
	if r == before {
		f.tell()
		return
	}
	if before == nil { // shown first, then made ready to be searched
		f.tell()
	}
	r.People.Prepare()
	r.Chromebooks.Prepare()
	if before != nil {
		f.tell()
	}
	// The collector, which waits for as much garbage as there is data, is not to
	// leave that of the reading until the next sync.
	if f.reread {
		debug.FreeOSMemory()
	}
	f.reread = false
}

// readLedger looks at the ledger again if anything was written to it, or comes
// back to it where that can wait.
func (f *follower) readLedger() {
	now := f.b.LedgerRevision()
	if f.state.Records == nil || now == f.ledger {
		return
	}
	if wait := f.pace.wait(now, time.Now()); wait > 0 {
		f.late.Reset(wait)
		return
	}
	began := time.Now()
	f.state.Records, f.ledger = f.state.Records.hold(f.b, f.state.Now), now
	f.pace.looked(began, time.Now())
}

// pace says when to look at the ledger again, which takes a core for a moment
// where there are many records: soon after one act, and while somebody scans one
// code after the other not in the way of the next.
type pace struct {
	revision uint64    // of the newest act
	moved    time.Time // when it was noticed
	burst    bool      // it came soon after another
	last     time.Time // when the ledger was looked at last
	took     time.Duration
}

const (
	// drawing is about what the window takes to show an act.
	drawing = 50 * time.Millisecond
	// between is less than what lies between two acts that are not scans in a row.
	between = 700 * time.Millisecond
)

// wait is how long to wait before looking at the ledger of a revision.
func (p *pace) wait(revision uint64, now time.Time) time.Duration {
	if revision != p.revision {
		p.burst = now.Sub(p.moved) < between
		p.revision, p.moved = revision, now
	}
	wait := drawing
	if p.burst {
		wait = between
	}
	due := p.moved.Add(wait)
	if rare := p.last.Add(300 * p.took); p.burst && rare.Before(due) { // it goes on and on
		due = rare
	}
	if often := p.last.Add(10 * p.took); often.After(due) {
		due = often
	}
	return due.Sub(now)
}

// looked tells that the ledger was looked at.
func (p *pace) looked(began, ended time.Time) { p.last, p.took = ended, ended.Sub(began) }

// readRecords reads the records as they are under some settings, or comes back
// to it when the last time was only just now.
func (f *follower) readRecords(ctx context.Context, settings uint64) {
	if wait := time.Until(f.next); f.state.Status.Running != nil && wait > 0 {
		f.late.Reset(wait)
		return
	}
	if !f.read {
		// The collector begins at a heap of a few megabytes and would run for
		// each few that are read. This, which is never touched and so takes no
		// memory, makes it wait for garbage of the same size.
		ballast := make([]byte, 96<<20)
		defer runtime.KeepAlive(ballast)
	}
	revision, began := f.state.Status.Revision, time.Now()
	held := f.b.LedgerRevision()
	early := func(r *Records) {
		if s := f.state; !f.read {
			s.Early = r
			f.show(&s)
		}
	}
	r, err := readRecords(ctx, f.b, hidden(&f.state.Settings), f.state.Now, f.first, early)
	if err != nil {
		f.state.Failed = err
		return
	}
	f.state.Records, f.revision, f.settings, f.read = r.hold(f.b, f.state.Now), revision, settings, true
	f.ledger, f.reread = held, true
	f.day = f.state.Now.Format(time.DateOnly)
	f.next = time.Now().Add(max(time.Second, 5*time.Since(began)))
}

func hidden(s *Settings) view.Hidden {
	return view.Hidden{Guests: s.HideGuests, MicrosoftOnly: s.HideMicrosoftOnly, OrgUnits: s.HideOrgUnits}
}

// readRecords reads everything, one list after the other. Hidden records are left
// out of the rows. Early is told of the list that is read first.
func readRecords(ctx context.Context, b Backend, hide view.Hidden, now time.Time, first directory.Listing, early func(*Records)) (*Records, error) {
	units, err := b.OrgUnits(ctx)
	if err != nil {
		return nil, err
	}
	r := &Records{}
	lists := []func(context.Context, Backend, view.Hidden, time.Time) error{r.readPeople, r.readChromebooks}
	if first == directory.Chromebooks {
		slices.Reverse(lists)
	}
	for i, read := range lists {
		if err := read(ctx, b, hide, now); err != nil {
			return nil, err
		}
		r.grow(units)
		if i == 0 {
			one := *r
			early(&one)
		}
	}
	return r, nil
}

// grow makes the tree of OUs.
func (r *Records) grow(units []directory.OrgUnit) {
	r.Units = len(units)
	r.OrgUnits = view.OrgTree(units, r.People.Values("org_unit"), r.Chromebooks.Values("org_unit"))
}

func (r *Records) readPeople(ctx context.Context, b Backend, hide view.Hidden, now time.Time) error {
	people := view.NewPeople(now)
	err := b.People(ctx, func(p *directory.Person) error {
		hidden := hide.Person(p)
		if p.GoogleID != "" {
			count(&r.FromGoogle, &r.HiddenGoogle, hidden)
		}
		if p.MicrosoftID != "" {
			count(&r.FromMicrosoft, &r.HiddenMicrosoft, hidden)
		}
		if !hidden {
			people.Add(p)
			return nil
		}
		if r.hidden == nil {
			r.hidden = make(map[string]bool)
		}
		who := ledger.HolderOf(p)
		for _, key := range who.Keys() {
			r.hidden[key] = true
		}
		return nil
	})
	if err == nil {
		r.People = people.Rows()
	}
	return err
}

func (r *Records) readChromebooks(ctx context.Context, b Backend, hide view.Hidden, now time.Time) error {
	books := view.NewChromebooks(now)
	err := b.Chromebooks(ctx, func(c *directory.Chromebook) error {
		hidden, all := hide.Chromebook(c), &r.Books
		if !c.Gone.IsZero() {
			all = &r.LostBooks
		}
		count(all, &r.HiddenBooks, hidden)
		if hidden {
			return nil
		}
		if !c.Gone.IsZero() {
			r.Gone++
		}
		books.Add(c)
		return nil
	})
	if err == nil {
		r.Chromebooks = books.Rows()
	}
	return err
}

// count counts one more, and one more of those that are hidden if it is.
func count(all, hidden *int, isHidden bool) {
	*all++
	if isHidden {
		*hidden++
	}
}

// tell shows a copy of the state, which nothing changes afterwards.
func (f *follower) tell() {
	s := f.state
	f.show(&s)
}
