package engine

import (
	"context"
	"slices"
	"sync"

	"panel/directory"
	"panel/sync/cloud"
)

// OtherCustomer is the code of the SignInNeeded error of an authorization
// for another customer or tenant than the one whose data is stored.
const OtherCustomer = "other_customer"

// Options are what a run can be told.
type Options struct {
	// Full lists everything whole.
	Full bool
	// AcceptRemovals says yes to the holds that are open when the run
	// begins; see [Engine.Remove].
	AcceptRemovals bool
}

// SyncNow runs one sync, after the one that is under way if any, and returns
// its report. It needs no loop. The error is ctx's, when it ended before the
// run could begin; whatever happens in the run is in the report.
func (e *Engine) SyncNow(ctx context.Context, o Options) (Run, error) {
	return e.sync(ctx, ask{why: WhyRequest, full: o.Full, accept: o.AcceptRemovals, wanted: true})
}

// run is one sync.
type run struct {
	e *Engine
	ask
	id   string
	kept bool // the history has it
	// passing is, of each cloud, a failure that waiting may mend.
	passing map[directory.Cloud]*cloud.Error
}

// sync waits for its turn and runs one sync.
func (e *Engine) sync(ctx context.Context, a ask) (Run, error) {
	if err := e.busy.enter(ctx); err != nil {
		return Run{}, err
	}
	defer e.busy.leave()
	ctx, stop := context.WithCancel(ctx)
	defer stop()

	r := &run{e: e, ask: a, passing: map[directory.Cloud]*cloud.Error{}}
	e.update(func(s *Status) {
		r.id = e.newID()
		e.stopRun = stop
		s.Running = &Run{ID: r.id, Started: wall(), Why: a.why, Full: a.full}
		s.Cancelling = false
		s.Google.Progress, s.Microsoft.Progress = nil, nil
	})
	for _, c := range directory.Clouds {
		r.turn(ctx, c)
	}
	return r.finish(ctx), nil
}

// turn reads one cloud and reports how that ended.
func (r *run) turn(ctx context.Context, c directory.Cloud) {
	e := r.e
	if ctx.Err() != nil || r.clouds != nil && !slices.Contains(r.clouds, c) {
		r.end(c, Skipped, nil)
		return
	}
	turn, stop := context.WithCancel(ctx)
	defer stop()
	e.update(func(s *Status) {
		e.stopTurn, e.turning = stop, c
		s.Of(c).Running = true
	})
	var who cloud.Identity
	set := true
	err := guard(c, "sync", func() (err error) {
		set, who, err = r.read(turn, c)
		return err
	})
	switch failure := cloud.AsError(err); {
	case turn.Err() != nil:
		r.end(c, Stopped, nil)
	case !set:
		r.end(c, Skipped, err)
	case failure != nil:
		r.pass(c, failure)
		r.end(c, Failed, err)
		if e.cfg.Failed != nil {
			e.cfg.Failed(c, failure)
		}
	default:
		outcome := OK
		if len(who.Off) > 0 {
			outcome = Partial
		}
		if slices.ContainsFunc(c.Listings(), func(l directory.Listing) bool { return e.word(place{c, l}).open() }) {
			outcome = Held
		}
		r.end(c, outcome, nil)
		if e.cfg.Worked != nil {
			e.cfg.Worked(c, who)
		}
	}
}

// end notes how c's turn ended.
func (r *run) end(c directory.Cloud, o Outcome, err error) {
	e, now := r.e, wall()
	f := NewFault(err, c, now)
	e.updateCloud(c, func(report *CloudReport) { report.Outcome, report.Error = o, f })
	e.update(func(s *Status) {
		e.stopTurn, e.turning = nil, ""
		s.Of(c).Running = false
		d := e.known[c]
		switch o {
		case Failed:
			d.LastError = f
		case OK, Partial, Held:
			d.LastSuccess, d.LastError = now, nil
		}
		e.setKnown(c, d)
	})
}

// read identifies and lists one cloud. It returns false when the cloud is
// not set up, or waits for a person and nobody asked to try it.
func (r *run) read(ctx context.Context, c directory.Cloud) (set bool, who cloud.Identity, err error) {
	e := r.e
	src, err := call(ctx, c, "connect", func() (cloud.Source, error) { return e.cfg.Connect(ctx, c) })
	switch {
	case err != nil && !r.wanted && cloud.KindOf(err).Refused():
		return false, who, err
	case err == nil && src == nil:
		return false, who, nil
	}
	if kept := r.keep(ctx); kept != nil {
		return true, who, kept
	}
	if err != nil {
		return true, who, err
	}
	if who, err = call(ctx, c, "identify", func() (cloud.Identity, error) { return src.Identify(ctx) }); err != nil {
		return true, who, err
	}
	if err := e.admit(ctx, c, who); err != nil {
		return true, who, err
	}
	if r.accept {
		for _, l := range c.Listings() {
			if err := e.answer(ctx, place{c, l}, true); err != nil {
				return true, who, err
			}
		}
	}
	for _, together := range order[c] {
		if err = worse(err, r.list(ctx, src, c, who, together)); grave(err) || ctx.Err() != nil {
			break
		}
	}
	return true, who, err
}

// order has the listings of each cloud; those of one line run at once.
var order = map[directory.Cloud][][]directory.Listing{
	directory.Google:    {{directory.OrgUnits}, {directory.People, directory.Chromebooks}},
	directory.Microsoft: {{directory.People}},
}

// grave tells whether err ends a cloud's turn, rather than one listing.
func grave(err error) bool {
	k := cloud.KindOf(err)
	return k == cloud.SignInNeeded || k == cloud.Storage
}

// worse returns the error to report of two: a grave one, else one that needs a
// person, else the first.
func worse(a, b error) error {
	rank := func(err error) int {
		switch {
		case err == nil:
			return 0
		case grave(err):
			return 3
		case cloud.KindOf(err).Refused():
			return 2
		}
		return 1
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// pass notes a failure of c that waiting may mend; of several the one that
// asks for the longest wait.
func (r *run) pass(c directory.Cloud, e *cloud.Error) {
	if e.Kind != cloud.Offline && e.Kind != cloud.Limited {
		return
	}
	if known := r.passing[c]; known == nil || e.RetryAfter > known.RetryAfter {
		r.passing[c] = e
	}
}

// list runs some listings of a cloud at once, less those that the
// authorization leaves out.
func (r *run) list(ctx context.Context, src cloud.Source, c directory.Cloud, who cloud.Identity, ls []directory.Listing) error {
	errs := make([]error, len(ls))
	var wg sync.WaitGroup
	for i, name := range ls {
		if _, off := who.Off[name]; off {
			continue
		}
		l := &lister{place: place{c, name}, e: r.e, src: src, run: r.id, full: r.full, admin: who.Account}
		wg.Go(func() {
			if err := guard(c, l.doing("list"), func() error { return l.list(ctx) }); err != nil {
				errs[i] = &listingError{name, err}
			}
		})
	}
	wg.Wait()
	var err error
	for i, next := range errs {
		err = worse(err, next)
		if next == nil || ctx.Err() != nil {
			continue
		}
		r.pass(c, cloud.AsError(next))
		r.e.updateListing(place{c, ls[i]}, func(report *ListingReport) { report.Error = NewFault(next, c, wall()) })
	}
	return err
}

// admit refuses the directory of another customer than the one whose data is
// stored, and otherwise remembers whose it is. Without the permission to read
// users Google does not tell whose it is, and a second admin of the same
// customer must not be taken for a stranger; as of any other admin, a first
// complete listing removes nothing.
func (e *Engine) admit(ctx context.Context, c directory.Cloud, who cloud.Identity) error {
	e.mu.Lock()
	d := e.known[c]
	e.mu.Unlock()
	if d.Owner != "" && who.Owner != "" && who.Owner != d.Owner {
		return &cloud.Error{Kind: cloud.SignInNeeded, Cloud: c, Doing: "identify", Code: OtherCustomer}
	}
	if who.Account == d.Account && (who.Owner == d.Owner || who.Owner == "") {
		return nil
	}
	d.Account = who.Account
	if who.Owner != "" {
		d.Owner = who.Owner
	}
	if err := e.apply(ctx, directory.Batch{Docs: map[string][]byte{docCloud + string(c): encode(d)}}); err != nil {
		return err
	}
	e.update(func(*Status) {
		now := e.known[c]
		now.Owner, now.Account = d.Owner, d.Account
		e.setKnown(c, now)
	})
	return nil
}

// apply stores a batch, and reports what it did.
func (e *Engine) apply(ctx context.Context, b directory.Batch) error {
	t, err := e.cfg.Store.Apply(ctx, b)
	if err != nil {
		return storageError("store "+string(b.Listing), err)
	}
	e.tallied(place{b.Cloud, b.Listing}, t)
	return nil
}
