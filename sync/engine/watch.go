package engine

import (
	"context"
	"maps"
	"slices"

	"panel/directory"
	"panel/sync/cloud"
)

// Status returns the state as it is now.
func (e *Engine) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// Watch yields the state as it is now, and then the newest whenever it has
// moved; states that the reader was too slow for are skipped. The channel is
// closed when ctx ends.
func (e *Engine) Watch(ctx context.Context) <-chan Status {
	out := make(chan Status)
	go func() {
		defer close(out)
		for {
			state, moved := e.now()
			for sent := false; !sent; {
				select {
				case out <- state:
					sent = true
				case <-moved:
					state, moved = e.now()
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-moved:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

// now returns the state and a channel that is closed once it moves.
func (e *Engine) now() (Status, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state, e.moved
}

// update changes the state by f, which must replace and never change what
// the pointers, slices and maps in it lead to: others hold them.
func (e *Engine) update(f func(*Status)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(&e.state)
	e.show()
}

// show tells those who watch that the state has moved. e.mu is held.
func (e *Engine) show() {
	close(e.moved)
	e.moved = make(chan struct{})
}

// updateRun changes the report of the current run by f; see update.
func (e *Engine) updateRun(f func(*Run)) {
	e.update(func(s *Status) {
		r := *s.Running
		f(&r)
		s.Running = &r
	})
}

// updateCloud changes the report of c's turn in the current run by f; see
// update.
func (e *Engine) updateCloud(c directory.Cloud, f func(*CloudReport)) {
	e.updateRun(func(r *Run) {
		report := CloudReport{Listings: map[directory.Listing]ListingReport{}}
		if old := r.Of(c); old != nil {
			report = *old
		}
		f(&report)
		if c == directory.Microsoft {
			r.Microsoft = &report
		} else {
			r.Google = &report
		}
	})
}

// updateListing changes the report of a listing of the current run by f.
func (e *Engine) updateListing(p place, f func(*ListingReport)) {
	e.updateCloud(p.cloud, func(c *CloudReport) {
		report := c.Listings[p.listing]
		f(&report)
		c.Listings = maps.Clone(c.Listings)
		c.Listings[p.listing] = report
	})
}

// tallied adds what a batch did to the report of p in the current run.
func (e *Engine) tallied(p place, t directory.Tally) {
	if t.Written == 0 {
		return
	}
	e.updateListing(p, func(l *ListingReport) {
		l.Added += t.Added
		l.Changed += t.Changed
		l.Removed += t.Removed
	})
	e.updateRun(func(r *Run) { r.RecordsWritten += t.Written })
	e.update(func(s *Status) { s.Revision++ })
}

// progress changes how far the listing of p is by f, and works out the rate;
// unless the run or the listing has ended.
func (e *Engine) progress(run string, p place, f func(*ListingProgress)) {
	now := wall()
	e.update(func(s *Status) {
		if s.Running == nil || s.Running.ID != run {
			return
		}
		c := s.Of(p.cloud)
		c.Progress = slices.Clone(c.Progress)
		i := slices.IndexFunc(c.Progress, func(l ListingProgress) bool { return l.Listing == p.listing })
		if i < 0 {
			i = len(c.Progress)
			c.Progress = append(c.Progress, ListingProgress{
				Progress: cloud.Progress{Listing: p.listing}, Started: now,
			})
		}
		l := &c.Progress[i]
		if l.Ended {
			return
		}
		f(l)
		if t := now.Sub(l.Started).Seconds(); t > 0 {
			l.Rate = float64(l.Done) / t
		}
	})
}
