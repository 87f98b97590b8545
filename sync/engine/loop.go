package engine

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

const (
	// poll is how often the loop looks at the wall clock and the network.
	poll = 30 * time.Second
	// asleep is how much time must have passed between two looks for the
	// computer to have slept, or its clock to have been set.
	asleep = 2 * time.Minute
	// firstRetry is how long after a cloud could not be reached it is tried
	// again; twice as long each further time.
	firstRetry = 30 * time.Second
	// jitter is by what share of the interval a scheduled run comes earlier or
	// later.
	jitter = 0.1
)

// ask is a wish for a run.
type ask struct {
	why    string
	full   bool
	accept bool
	// clouds are those that are due, nil for all.
	clouds []directory.Cloud
	// wanted tells that a person asked: then a cloud whose authorization is
	// gone is tried all the same.
	wanted bool
}

// Run is the loop: it syncs when that is due and when it was asked to, until
// ctx ends. Call it once.
func (e *Engine) Run(ctx context.Context) {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	last, online := wall(), true
	e.begin(last)
	defer e.end()
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.kick:
		case <-tick.C:
			now, was := wall(), online
			online = e.cfg.Online == nil || e.cfg.Online()
			if a, ok := e.due(now, now.Sub(last), online && !was); ok {
				e.enqueue(a)
			}
			last = now
		}
		if a := e.take(); a != nil {
			_, _ = e.sync(ctx, *a) // its report is in the history; an error is ctx's
			last = wall()
		}
	}
}

// begin plans the first run: at once, unless the last one was a success and
// recent.
func (e *Engine) begin(now time.Time) {
	every := e.settings().Every
	e.mu.Lock()
	e.looping = true
	last := e.lastSuccess()
	e.mu.Unlock()
	if age := now.Sub(last); age < 0 || age >= every {
		e.enqueue(ask{why: WhyStart})
		return
	}
	whole := e.wholeDue(last)
	e.update(func(s *Status) {
		e.plan.schedule(last, every, whole)
		s.Next = e.next()
	})
}

// end takes back what the loop had promised.
func (e *Engine) end() {
	e.update(func(s *Status) {
		e.looping = false
		s.Next = e.next()
	})
}

// wholeDue is when the first listing that is complete no more than a day before
// at will be older than that, and everything of it is to be read again; zero
// where there is none.
func (e *Engine) wholeDue(at time.Time) (due time.Time) {
	for _, p := range places() {
		var doc listingDoc
		if err := read(e.cfg.Store.Doc, docListing+p.String(), &doc); err != nil {
			continue // the next run says so
		}
		if t := doc.Complete.Add(wholeEvery); t.After(at) && (due.IsZero() || t.Before(due)) {
			due = t
		}
	}
	return due
}

// next is when the loop will sync by itself. e.mu is held.
func (e *Engine) next() time.Time {
	if !e.looping {
		return time.Time{}
	}
	return e.plan.soonest()
}

// lastSuccess returns when the newest sync ended, the zero time when it ended
// badly or there was none. e.mu is held.
func (e *Engine) lastSuccess() time.Time {
	i := slices.IndexFunc(e.runs, func(r Run) bool { return r.Why != WhyBringBack })
	if i < 0 {
		return time.Time{}
	}
	switch e.runs[i].Outcome {
	case OK, Partial, Held:
		return e.runs[i].Finished
	}
	return time.Time{}
}

// due returns the run that is due at now, gap after the last look; back tells
// that the network has come back in between.
func (e *Engine) due(now time.Time, gap time.Duration, back bool) (ask, bool) {
	every := e.settings().Every
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.plan.adjust(every) {
		e.state.Next = e.next()
		e.show()
	}
	if gap > asleep || gap < -asleep {
		return ask{why: WhyWake}, true
	}
	return e.plan.due(now, back)
}

// Request asks the loop for a run of all clouds, why being the reason that
// its report gives. While a run is under way one request is remembered;
// another adds to it.
func (e *Engine) Request(why string, full bool) {
	e.enqueue(ask{why: why, full: full, wanted: true})
}

// Moved tells that the authorization or the settings of a cloud have changed:
// what was wrong with the old ones is forgotten, the turn that reads with
// them is ended, and a run of the cloud requested. The error is the Store's.
func (e *Engine) Moved(ctx context.Context, c directory.Cloud) error {
	var d cloudDoc
	e.update(func(*Status) {
		d = e.known[c]
		d.LastError = nil
		e.setKnown(c, d)
		if e.turning == c {
			e.stopTurn()
		}
	})
	e.enqueue(ask{why: WhyAuthorized, clouds: []directory.Cloud{c}, wanted: true})
	return e.apply(ctx, directory.Batch{Docs: map[string][]byte{docCloud + string(c): encode(d)}})
}

// Cancel ends the current run, within a second, and forgets a request that
// waits for its end. Without a run it only does the latter.
func (e *Engine) Cancel() {
	e.update(func(s *Status) {
		e.asked = nil
		if e.stopRun != nil {
			e.stopRun()
			s.Cancelling = true
		}
	})
}

// enqueue leaves a wish for the loop, or adds it to the one that waits.
func (e *Engine) enqueue(a ask) {
	e.mu.Lock()
	if old := e.asked; old != nil {
		if old.clouds == nil || a.clouds == nil {
			a.clouds = nil
		} else {
			a.clouds = slices.Concat(old.clouds, a.clouds)
		}
		a.why, a.full, a.wanted = old.why, a.full || old.full, a.wanted || old.wanted
	}
	e.asked = &a
	e.mu.Unlock()
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

// take returns the wish that waits, nil when there is none.
func (e *Engine) take() *ask {
	e.mu.Lock()
	defer e.mu.Unlock()
	a := e.asked
	e.asked = nil
	return a
}

// settings returns the settings as they are now, with the defaults.
func (e *Engine) settings() Settings {
	var s Settings
	if e.cfg.Settings != nil {
		s = e.cfg.Settings()
	}
	return s.orDefault()
}

// plan is when the loop syncs by itself. The zero value never does.
type plan struct {
	last   time.Time // when the schedule was set; zero for none
	every  time.Duration
	jitter float64   // 0.9 to 1.1, see the constant
	whole  time.Time // when a listing must be read whole again, after last; zero for never
	retry  map[directory.Cloud]retry
}

// retry is the next try of a cloud that could not be reached.
type retry struct {
	at      time.Time // zero when only the schedule or the network brings it
	tries   int
	offline bool
}

// schedule sets the next run to about every after last, and no later than
// whole, if not zero.
func (p *plan) schedule(last time.Time, every time.Duration, whole time.Time) {
	p.whole = whole
	p.last, p.every, p.jitter = last, every, 1-jitter+2*jitter*rand.Float64() //nolint:gosec // no secret: only so that not all ask at once
}

// adjust follows a change of the setting, and tells whether there was one.
func (p *plan) adjust(every time.Duration) bool {
	changed := !p.last.IsZero() && p.every != every
	p.every = every
	return changed
}

// next is when the next scheduled run is due, zero for never. Where everything
// is to be read again by about then, it waits for that.
func (p *plan) next() time.Time {
	if p.last.IsZero() {
		return time.Time{}
	}
	after := func(share float64) time.Time { return p.last.Add(time.Duration(share * float64(p.every))) }
	if !p.whole.IsZero() && p.whole.Before(after(1+jitter)) {
		return p.whole
	}
	return after(p.jitter)
}

// soonest is when the next run of any kind is due, zero for never.
func (p *plan) soonest() time.Time {
	at := p.next()
	for _, r := range p.retry {
		if !r.at.IsZero() && (at.IsZero() || r.at.Before(at)) {
			at = r.at
		}
	}
	return at
}

// due returns the run that is due at now.
func (p *plan) due(now time.Time, back bool) (ask, bool) {
	if next := p.next(); !next.IsZero() && !now.Before(next) {
		return ask{why: WhySchedule}, true
	}
	a := ask{why: WhyRetry}
	for _, c := range directory.Clouds {
		switch r := p.retry[c]; {
		case back && r.offline:
			a.why = WhyOnline
			a.clouds = append(a.clouds, c)
		case !r.at.IsZero() && !now.Before(r.at):
			a.clouds = append(a.clouds, c)
		}
	}
	return a, a.clouds != nil
}

// after plans what comes after a run.
func (p *plan) after(r *run, report *Run, every time.Duration, whole time.Time) {
	switch all := r.clouds == nil; {
	case report.Outcome != NothingToDo && (all || p.last.IsZero()):
		p.schedule(report.Finished, every, whole)
	case report.Outcome == NothingToDo && all:
		*p = plan{} // until something is set up
	}
	for _, c := range directory.Clouds {
		switch report.Of(c).Outcome {
		case Failed:
			p.tryAgain(c, r.passing[c], report.Finished, every)
		case Skipped:
			if r.clouds != nil && !slices.Contains(r.clouds, c) {
				continue // it was not its turn
			}
			delete(p.retry, c)
		default:
			delete(p.retry, c)
		}
	}
}

// tryAgain plans the next try of a cloud that failed; err is what waiting may
// mend of it, nil when that is nothing.
func (p *plan) tryAgain(c directory.Cloud, err *cloud.Error, now time.Time, every time.Duration) {
	if err == nil {
		delete(p.retry, c)
		return
	}
	r := retry{tries: p.retry[c].tries + 1, offline: err.Kind == cloud.Offline}
	if wait := max(firstRetry<<min(r.tries-1, 20), err.RetryAfter); wait < every {
		r.at = now.Add(wait)
	}
	if p.retry == nil {
		p.retry = map[directory.Cloud]retry{}
	}
	p.retry[c] = r
}
