package engine

import (
	"context"
	"slices"
	"time"

	"panel/directory"
)

const (
	// runsKept is how many runs the history has at least, once there were as
	// many.
	runsKept = 400
	// bringBackFor is for how long a run's removals can be brought back.
	bringBackFor = 30 * 24 * time.Hour
)

// runID is the layout of a run's id.
const runID = "20060102T150405.000Z"

// lastWrite bounds the storing of a report after its run was cancelled.
const lastWrite = 10 * time.Second

// newID returns an id for a run that begins, after all others even if the
// clock was set back. e.mu is held.
func (e *Engine) newID() string {
	now := wall()
	if len(e.runs) > 0 {
		if last, err := time.Parse(runID, e.runs[0].ID); err == nil && now.Sub(last) < time.Millisecond {
			now = last.Add(time.Millisecond)
		}
	}
	return now.Format(runID)
}

// keep puts r into the history, once: as begun, so that what it changes has
// its run even if Panel ends during it.
func (r *run) keep(ctx context.Context) error {
	if r.kept {
		return nil
	}
	e := r.e
	e.update(func(s *Status) { e.push(*s.Running) })
	r.kept = true
	e.mu.Lock()
	runs := e.runs
	e.mu.Unlock()
	return e.apply(ctx, directory.Batch{Docs: map[string][]byte{docRuns: encode(runs)}})
}

// push puts a run on top of the history. Of the runs before the last 400
// those stay whose removals can still be brought back: where Panel syncs every
// hour, 400 runs are 17 days. e.mu is held.
func (e *Engine) push(r Run) {
	runs := append([]Run{r}, e.runs...)
	n := min(len(runs), runsKept)
	e.runs = append(runs[:n:n], slices.DeleteFunc(runs[n:], func(r Run) bool { return !r.mayBringBack(wall()) })...)
}

// mayBringBack tells whether r removed anything that can be brought back. Of
// one during which Panel ended, that is not known.
func (r *Run) mayBringBack(now time.Time) bool {
	if now.Sub(r.Started) > bringBackFor {
		return false
	}
	for _, c := range []*CloudReport{r.Google, r.Microsoft} {
		if c == nil {
			continue
		}
		for _, l := range c.Listings {
			if l.Removed > 0 {
				return true
			}
		}
	}
	return r.Finished.IsZero()
}

// finish completes the report of a run, keeps it, and plans the next one.
func (r *run) finish(ctx context.Context) Run {
	e := r.e
	var report Run
	e.updateRun(func(now *Run) {
		now.Finished = wall()
		now.Outcome = outcome(now, len(e.state.Holds) > 0, ctx.Err() != nil)
		report = *now
		if r.kept {
			e.runs = slices.Clone(e.runs)
			e.runs[0] = report
		}
	})
	if r.kept {
		if err := e.save(ctx, answered(&report)); err != nil {
			report.Outcome = Failed
			report.Error = NewFault(err, "", report.Finished)
		}
	}
	every, whole := e.settings().Every, e.wholeDue(report.Finished)
	e.update(func(s *Status) {
		e.stopRun = nil
		s.Running, s.Cancelling = nil, false
		if r.kept {
			e.runs = slices.Clone(e.runs)
			e.runs[0] = report
			s.Last = &report
			s.Runs++
		}
		e.plan.after(r, &report, every, whole)
		s.Next = e.next()
	})
	return report
}

// outcome returns how a run ended whose turns have ended.
func outcome(r *Run, held, cancelled bool) Outcome {
	any := func(o Outcome) bool { return r.Google.Outcome == o || r.Microsoft.Outcome == o }
	switch {
	case cancelled, any(Stopped):
		return Stopped
	case r.Google.Outcome == Skipped && r.Microsoft.Outcome == Skipped:
		return NothingToDo
	case any(Failed):
		return Failed
	case held:
		return Held
	case any(Partial):
		return Partial
	}
	return OK
}

// answered tells whether a cloud has answered a run. Of one that reached none
// the clock may be what was wrong, and by it nothing is too old to be kept.
func answered(r *Run) bool {
	for _, c := range []*CloudReport{r.Google, r.Microsoft} {
		switch c.Outcome {
		case OK, Partial, Held:
			return true
		}
	}
	return false
}

// save stores what the engine knows of runs and clouds, and with prune has the
// store drop what is too old. It does so even when ctx has ended.
func (e *Engine) save(ctx context.Context, prune bool) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
	defer stop()
	return guard("", "store the history", func() error {
		if err := e.apply(ctx, directory.Batch{Docs: e.documents()}); err != nil {
			return err
		}
		if !prune {
			return nil
		}
		var runs []string
		for _, r := range e.Runs() {
			runs = append(runs, r.ID)
		}
		return storageError("drop old change lists", e.cfg.Store.Prune(ctx, runs))
	})
}

// BringBack restores what a run removed, as far as that was within 30 days,
// and returns how many records that were. They count as kept until a cloud
// lists them again. It is a run of the history itself, and waits for one that
// is under way.
func (e *Engine) BringBack(ctx context.Context, id string) (int, error) {
	if err := e.busy.enter(ctx); err != nil {
		return 0, err
	}
	defer e.busy.leave()
	e.mu.Lock()
	r := Run{ID: e.newID(), Started: wall(), Why: WhyBringBack, Outcome: OK}
	e.mu.Unlock()
	r.Google = &CloudReport{Outcome: Skipped, Listings: map[directory.Listing]ListingReport{}}
	r.Microsoft = &CloudReport{Outcome: Skipped, Listings: map[directory.Listing]ListingReport{}}

	var failed error
	for _, p := range places() {
		var n int
		failed = guard(p.cloud, "bring back", func() (err error) {
			n, err = e.bringBack(ctx, p, id, &r)
			return err
		})
		if n > 0 {
			report := r.Of(p.cloud)
			report.Outcome = OK
			report.Listings[p.listing] = ListingReport{Added: n}
			r.RecordsWritten += n
		}
		if failed != nil {
			break
		}
	}
	if r.RecordsWritten == 0 {
		return 0, failed
	}
	if r.Finished = wall(); failed != nil {
		r.Outcome = Failed
		r.Error = NewFault(failed, "", r.Finished)
	}
	e.update(func(s *Status) {
		e.push(r)
		s.Last = &r
		s.Runs++
		s.Revision++
	})
	if err := e.save(ctx, true); failed == nil {
		failed = err
	}
	return r.RecordsWritten, failed
}

// bringBack restores what a run removed of one listing.
func (e *Engine) bringBack(ctx context.Context, p place, id string, r *Run) (int, error) {
	if err := e.deciding.enter(ctx); err != nil {
		return 0, err
	}
	defer e.deciding.leave()
	ids, err := e.cfg.Store.Restore(ctx, id, directory.Batch{Cloud: p.cloud, Listing: p.listing, Run: r.ID, At: r.Started})
	w := e.word(p)
	w.Kept = union(w.Kept, ids)
	if kept := e.setWord(ctx, p, w); err == nil {
		err = kept
	}
	return len(ids), storageError("bring back "+string(p.listing), err)
}

// Reset forgets what the engine knows of a cloud: whose it is, its cursors
// and its holds. Then it calls drop, if not nil, which takes the cloud's
// records out; nothing else goes on meanwhile. A run that is under way is
// cancelled.
func (e *Engine) Reset(ctx context.Context, c directory.Cloud, drop func(context.Context) error) error {
	e.Cancel()
	if err := e.busy.enter(ctx); err != nil {
		return err
	}
	defer e.busy.leave()
	if err := e.deciding.enter(ctx); err != nil {
		return err
	}
	defer e.deciding.leave()
	docs := map[string][]byte{}
	for _, l := range c.Listings() {
		docs[docListing+place{c, l}.String()] = nil
	}
	if err := e.apply(ctx, directory.Batch{Docs: docs}); err != nil {
		return err
	}
	for _, l := range c.Listings() {
		if err := e.setWord(ctx, place{c, l}, word{}); err != nil {
			return err
		}
	}
	e.update(func(s *Status) { s.Of(c).Progress = nil })
	defer e.update(func(s *Status) { s.Revision++ })
	if drop != nil {
		if err := drop(ctx); err != nil {
			return err
		}
	}
	// Whose it is comes last: as long as any record is left, no other
	// customer's may come beside it.
	if err := e.apply(ctx, directory.Batch{Docs: map[string][]byte{docCloud + string(c): nil}}); err != nil {
		return err
	}
	e.update(func(*Status) { e.setKnown(c, cloudDoc{}) })
	return nil
}
