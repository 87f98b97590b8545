package ui

import (
	"context"
	"os"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// async owns every goroutine of the window, and the only way back from them
// to Fyne's goroutine. Its methods are called on Fyne's goroutine.
type async struct {
	ctx context.Context
	end context.CancelFunc
	// onUI runs a function on Fyne's goroutine, later.
	onUI func(func())
	all  sync.WaitGroup
	// look takes in the events of the system; nil leaves it to Fyne. See [Run].
	look func()
	more func() bool // whether to take in more; nil while nobody attends
}

// newAsync returns an async whose goroutines hand over by onUI; nil is
// fyne.Do. (In Fyne's test driver fyne.Do runs on the caller's goroutine, so
// tests bring a queue of their own.)
func newAsync(onUI func(func())) *async {
	if onUI == nil {
		onUI = fyne.Do
	}
	a := &async{onUI: onUI}
	a.ctx, a.end = context.WithCancel(context.Background())
	return a
}

// stop ends everything and waits for it, but at most for d: an act that does
// not listen must not keep the window from closing. It reports whether all
// has ended.
func (a *async) stop(d time.Duration) bool {
	a.end()
	ended := make(chan struct{})
	go func() { a.all.Wait(); close(ended) }()
	select {
	case <-ended:
		return true
	case <-time.After(d):
		return false
	}
}

// background runs work on a goroutine of its own until everything is stopped.
func (a *async) background(work func(context.Context)) {
	a.all.Go(func() { work(a.ctx) })
}

// ui runs f on Fyne's goroutine unless everything has been stopped.
func (a *async) ui(f func()) {
	if a.ctx.Err() != nil {
		return
	}
	a.onUI(func() {
		if a.ctx.Err() == nil {
			f()
		}
	})
}

// do runs work on a goroutine of its own, then done with its error on Fyne's.
// The returned function cancels work's context; done is called all the same.
func (a *async) do(work func(context.Context) error, done func(error)) context.CancelFunc {
	ctx, cancel := context.WithCancel(a.ctx)
	a.all.Go(func() {
		err := work(ctx)
		a.ui(func() {
			cancel()
			if done != nil {
				done(err)
			}
		})
	})
	return cancel
}

// queue runs works one after the other on a goroutine of its own, in the order
// in which they were added; none is lost, and none waits for room.
type queue struct {
	mu    sync.Mutex
	works []func(context.Context)
	some  chan struct{} // one slot: there are works
}

func (a *async) newQueue() *queue {
	q := &queue{some: make(chan struct{}, 1)}
	a.background(q.run)
	return q
}

func (q *queue) add(work func(context.Context)) {
	q.mu.Lock()
	q.works = append(q.works, work)
	q.mu.Unlock()
	select {
	case q.some <- struct{}{}:
	default:
	}
}

func (q *queue) run(ctx context.Context) {
	for {
		select {
		case <-q.some:
		case <-ctx.Done():
			return
		}
		for work := q.next(); work != nil && ctx.Err() == nil; work = q.next() {
			work(ctx)
		}
	}
}

func (q *queue) next() func(context.Context) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.works) == 0 {
		return nil
	}
	work := q.works[0]
	q.works = q.works[1:]
	return work
}

// after runs f on Fyne's goroutine once d has passed, unless cancelled before
// it begins.
func (a *async) after(d time.Duration, f func()) context.CancelFunc {
	cancelled := false
	cancel := a.do(func(ctx context.Context) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}, func(err error) {
		if err == nil && !cancelled {
			f()
		}
	})
	return func() {
		cancelled = true // it may wait for Fyne's goroutine already
		cancel()
	}
}

// every runs f on Fyne's goroutine each d until cancelled.
func (a *async) every(d time.Duration, f func()) context.CancelFunc {
	ctx, cancel := context.WithCancel(a.ctx)
	a.all.Go(func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				a.ui(func() {
					if ctx.Err() == nil {
						f()
					}
				})
			case <-ctx.Done():
				return
			}
		}
	})
	return cancel
}

// lookEvery is how often events are taken in while somebody waits for them; Fyne
// does 60 times a second.
const lookEvery = 4 * time.Millisecond

// attend takes in events at short intervals until more, the newest one, tells that
// there is no more to come: while letters come in, for the Enter after them.
func (a *async) attend(more func() bool) {
	if a.look == nil {
		return
	}
	attended := a.more != nil
	if a.more = more; attended {
		return
	}
	var enough context.CancelFunc
	enough = a.every(lookEvery, func() {
		if !a.more() {
			a.more = nil
			enough()
			return
		}
		a.look()
	})
}

// exitWithin ends the process after d: Fyne's shutdown waits for ever when it
// meets an event at the wrong moment. Everything is stored by then.
func exitWithin(d time.Duration) { time.AfterFunc(d, func() { os.Exit(0) }) }
