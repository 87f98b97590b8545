package engine_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// loop runs p's loop until stop is called, or the test ends.
func (p *panel) loop(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.Run(ctx)
	}()
	synctest.Wait()
	return func() {
		cancel()
		<-ended
	}
}

// why lists why the runs began, oldest first.
func (p *panel) why() []string {
	var all []string
	for _, r := range slices.Backward(p.Runs()) {
		all = append(all, r.Why)
	}
	return all
}

// ran wants the runs so far to have begun for these reasons.
func (p *panel) ran(want ...string) {
	p.t.Helper()
	synctest.Wait()
	if got := p.why(); !slices.Equal(got, want) {
		p.t.Fatalf("runs %q, want %q", got, want)
	}
}

var offline = &cloud.Error{Kind: cloud.Offline}

func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		stop := p.loop(t)
		p.ran("start")
		if next := time.Until(p.Status().Next); next < 3*time.Hour || next > 5*time.Hour {
			t.Errorf("next run in %v", next)
		}
		stop()
		if next := p.Status().Next; !next.IsZero() {
			t.Errorf("without a loop, next run at %v", next)
		}

		time.Sleep(3 * time.Hour)
		p = start(t, p.m, p.w)
		stop = p.loop(t)
		p.ran("start")
		if next := time.Until(p.Status().Next); next < 35*time.Minute || next > 85*time.Minute {
			t.Errorf("next run in %v, 3 hours after the last", next)
		}
		stop()

		time.Sleep(time.Hour + time.Minute)
		p = start(t, p.m, p.w)
		defer p.loop(t)()
		p.ran("start", "start")
	})
}

func TestStartAfterAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.breaks(offline, google)
		p.sync(engine.Failed, full)
		p.w.breaks(nil, google)
		p = start(t, p.m, p.w)
		defer p.loop(t)()
		p.ran("request", "start")
	})
}

// TestSchedule: at every interval, more or less, and everything at least once a
// day.
func TestSchedule(t *testing.T) {
	for _, every := range []time.Duration{time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			p := start(t, newMemory(), district())
			p.set(engine.Settings{Every: every})
			defer p.loop(t)()
			p.w.calls()
			began := time.Now()
			whole := map[string]time.Time{"google chromebooks": began, "microsoft people": began}
			last, extra := began, 0
			gaps := map[time.Duration]bool{}
			for range 60 {
				next := p.Status().Next
				time.Sleep(time.Until(next) + time.Minute)
				synctest.Wait()
				r := p.Runs()[0]
				gap := r.Started.Sub(last)
				if gap > every*11/10+time.Minute || r.Why != "schedule" || r.Started.Sub(next) > time.Minute {
					t.Errorf("every %v: run for %s after %v, %v after what was said", every, r.Why, gap, r.Started.Sub(next))
				}
				if gap < every*9/10 {
					extra++
				}
				gaps[gap.Round(time.Minute)] = true
				last = r.Started
				for _, call := range p.w.calls() {
					listing, changes := strings.CutSuffix(call, " changes")
					if at, known := whole[listing]; changes && (!known || r.Started.Sub(at) >= 24*time.Hour) {
						t.Errorf("%s, %v after everything", call, r.Started.Sub(at))
					}
					if listing, is := strings.CutSuffix(call, " whole"); is && !whole[listing].IsZero() {
						if age := r.Started.Sub(whole[listing]); age < 24*time.Hour || age > 24*time.Hour+time.Minute {
							t.Errorf("every %v: %s, %v after the last time", every, call, age)
						}
						whole[listing] = r.Started
					}
				}
			}
			if days := time.Since(began) / (24 * time.Hour); extra > int(days) {
				t.Errorf("every %v: %d runs came early in %d days", every, extra, days)
			}
			if every < 24*time.Hour && len(gaps) < 10 {
				t.Errorf("every %v: hardly any jitter: %v", every, gaps)
			}
		})
	}
}

func TestScheduleFollowsTheSetting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.set(engine.Settings{Every: 24 * time.Hour})
		defer p.loop(t)()
		p.set(engine.Settings{Every: time.Hour})
		time.Sleep(68 * time.Minute)
		p.ran("start", "schedule")
	})
}

// TestClockSetBack: what is said to lie in the future is not recent.
func TestClockSetBack(t *testing.T) {
	var p *panel
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * time.Hour)
		p = start(t, newMemory(), district())
		p.sync(engine.OK, engine.Options{})
		p.w.calls()
	})
	synctest.Test(t, func(t *testing.T) { // begins ten hours earlier
		p = start(t, p.m, p.w)
		defer p.loop(t)()
		p.ran("request", "start")
		if calls := p.w.calls(); !slices.Contains(calls, "google chromebooks whole") {
			t.Errorf("read only what changed: %q", calls)
		}
	})
}

// TestMovedLeavesTheSchedule: one cloud's run is not the run of all.
func TestMovedLeavesTheSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		defer p.loop(t)()
		time.Sleep(2 * time.Hour)
		next := p.Status().Next
		p.moved(microsoft)
		p.ran("start", "authorized")
		if now := p.Status().Next; !now.Equal(next) {
			t.Errorf("the next run was at %v, is at %v", next, now)
		}
	})
}

// TestAWishStaysAWish: who asks is told what is wrong, also when another try
// falls due before the wish is met.
func TestAWishStaysAWish(t *testing.T) {
	for range 12 { // the loop may see the wish first, or the time
		synctest.Test(t, func(t *testing.T) {
			p := start(t, newMemory(), district())
			p.w.breaks(&cloud.Error{Kind: cloud.Limited, RetryAfter: time.Hour}, google)
			defer p.loop(t)()
			time.Sleep(59 * time.Minute)
			release := hang(p.w, people, true)
			p.moved(microsoft)
			synctest.Wait()
			p.w.breaks(&cloud.Error{Kind: cloud.SignInNeeded}, google)
			p.Request("request", false)
			time.Sleep(6 * time.Minute)
			release()
			p.ran("start", "authorized", "request")
			if r := p.Runs()[0]; r.Google.Outcome != engine.Failed {
				t.Errorf("%+v", r.Google)
			}
		})
	}
}

// TestWake freezes the loop, as a computer that sleeps does: to it, hours
// pass between two looks at the clock.
func TestWake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var nap, woke atomic.Int64
		p := start(t, newMemory(), district(), func(c *engine.Config) {
			c.Online = func() bool {
				if d := nap.Swap(0); d > 0 {
					time.Sleep(time.Duration(d))
					woke.Store(time.Now().UnixNano())
				}
				return true
			}
		})
		defer p.loop(t)()
		time.Sleep(10 * time.Minute)
		p.ran("start")
		nap.Store(int64(time.Minute)) // a busy computer is no sleeping one
		time.Sleep(5 * time.Minute)
		p.ran("start")
		nap.Store(int64(3 * time.Minute))
		time.Sleep(5 * time.Minute)
		p.ran("start", "wake")
		nap.Store(int64(8 * time.Hour))
		time.Sleep(8*time.Hour + 90*time.Second)
		p.ran("start", "wake", "wake")
		if late := p.Runs()[0].Started.Sub(time.Unix(0, woke.Load())); late < 0 || late > time.Minute {
			t.Errorf("%v after it woke", late)
		}
		time.Sleep(time.Hour)
		p.ran("start", "wake", "wake") // once
	})
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.breaks(offline, google)
		began := time.Now()
		defer p.loop(t)()
		p.w.calls()
		time.Sleep(3*time.Hour + 30*time.Minute)
		synctest.Wait()
		var at []time.Duration
		for _, r := range slices.Backward(p.Runs()) {
			at = append(at, r.Started.Sub(began).Round(time.Minute))
			if r.Why != "start" && (r.Why != "retry" || r.Microsoft.Outcome != engine.Skipped) {
				t.Errorf("%s: %+v", r.Why, r.Microsoft)
			}
		}
		if len(at) < 6 || len(at) > 9 || at[1] > time.Minute {
			t.Errorf("tried at %v", at)
		}
		if calls := p.w.calls(); calls != nil {
			t.Errorf("Microsoft was read again: %q", calls)
		}
		p.w.breaks(nil, google)
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		if r := p.Runs()[0]; r.Outcome != engine.OK {
			t.Errorf("%+v", r)
		}
	})
}

func TestNetworkComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var up atomic.Bool
		up.Store(true)
		p := start(t, newMemory(), district(), func(c *engine.Config) { c.Online = up.Load })
		defer p.loop(t)()
		up.Store(false)
		time.Sleep(time.Hour)
		up.Store(true)
		time.Sleep(time.Minute)
		p.ran("start") // nothing had failed
		up.Store(false)
		p.w.breaks(offline, google, microsoft)
		// Between the second scheduled run and the third, whatever the jitter,
		// and between two looks of the loop.
		time.Sleep(5*time.Hour + 15*time.Second)
		n := len(p.Runs())
		p.w.breaks(nil, google, microsoft)
		up.Store(true)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if r := p.Runs()[0]; len(p.Runs()) != n+1 || r.Why != "online" || r.Outcome != engine.OK {
			t.Errorf("%d runs more: %+v", len(p.Runs())-n, r)
		}
	})
}

func TestLimitedCloudIsLeftAloneAsLongAsItAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.breaks(&cloud.Error{Kind: cloud.Limited, RetryAfter: 20 * time.Minute}, google)
		defer p.loop(t)()
		time.Sleep(19 * time.Minute)
		p.ran("start")
		p.w.breaks(nil, google)
		time.Sleep(2 * time.Minute)
		p.ran("start", "retry")
	})
}

// A listing that waiting may mend is tried again, whatever else a person must
// do.
func TestRetryOfOneListingAmongOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.hook = func(_ context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			switch r.Listing {
			case orgunits:
				return cloud.Result{}, &cloud.Error{Kind: cloud.PermissionMissing}, true
			case books:
				return cloud.Result{}, &cloud.Error{Kind: cloud.Limited, RetryAfter: 20 * time.Minute}, true
			}
			return cloud.Result{}, nil, false
		}
		defer p.loop(t)()
		time.Sleep(21 * time.Minute)
		p.ran("start", "retry")
	})
}

func TestNoRetryOfWhatWaitingDoesNotMend(t *testing.T) {
	for _, kind := range []cloud.Kind{cloud.BadAnswer, cloud.SecretExpired, cloud.Unexpected, cloud.Certificate} {
		synctest.Test(t, func(t *testing.T) {
			p := start(t, newMemory(), district())
			p.w.breaks(&cloud.Error{Kind: kind}, microsoft)
			defer p.loop(t)()
			time.Sleep(3 * time.Hour)
			p.ran("start")
			time.Sleep(90 * time.Minute)
			p.ran("start", "schedule")
		})
	}
}

func TestScheduledRunsLeaveADeadAuthorizationAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		defer p.loop(t)()
		p.w.breaks(&cloud.Error{Kind: cloud.SignInNeeded, Code: "invalid_grant"}, google)
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		r := p.Runs()[0]
		if r.Outcome != engine.OK || r.Google.Outcome != engine.Skipped || r.Google.Error.Code != "invalid_grant" || r.Microsoft.Outcome != engine.OK {
			t.Errorf("%s: %+v", r.Why, r.Google)
		}
		if len(p.failed) != 0 {
			t.Errorf("told of %v again", p.failed)
		}
		// One who asks is told.
		p.Request("request", false)
		synctest.Wait()
		if r := p.Runs()[0]; r.Outcome != engine.Failed || r.Google.Error.Kind != cloud.SignInNeeded {
			t.Errorf("%+v", r)
		}
		// An authorization is used at once, and mends it.
		p.w.breaks(nil, google)
		p.w.calls()
		p.moved(google)
		synctest.Wait()
		r = p.Runs()[0]
		if e := start(t, p.m, p.w).Status().Google.LastError; e != nil {
			t.Errorf("after a restart: %+v", e)
		}
		if r.Why != "authorized" || r.Google.Outcome != engine.OK || r.Microsoft.Outcome != engine.Skipped || p.Status().Google.LastError != nil {
			t.Errorf("%+v", r)
		}
	})
}

func TestNothingSetUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.remove(true, google, microsoft)
		defer p.loop(t)()
		time.Sleep(48 * time.Hour)
		p.ran()
		if next := p.Status().Next; !next.IsZero() {
			t.Errorf("next run at %v", next)
		}
		p.w.remove(false, microsoft)
		p.moved(microsoft)
		p.ran("authorized")
		time.Sleep(5 * time.Hour)
		p.ran("authorized", "schedule")
		p.w.remove(true, microsoft)
		p.Request("request", false)
		p.ran("authorized", "schedule")
		if next := p.Status().Next; !next.IsZero() {
			t.Errorf("nothing is set up any more, and the next run is at %v", next)
		}
	})
}

// hang makes every listing of l wait until release is called, or, if it
// heeds that, its context ends.
func hang(w *world, l directory.Listing, heeds bool) (release func()) {
	free := make(chan struct{})
	w.hook = func(ctx context.Context, _ directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
		if r.Listing != l {
			return cloud.Result{}, nil, false
		}
		if heeds {
			select {
			case <-free:
			case <-ctx.Done():
				return cloud.Result{}, ctx.Err(), true
			}
		} else {
			<-free
		}
		return cloud.Result{}, nil, false
	}
	return func() { close(free) }
}

func TestRequestsDuringARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		release := hang(p.w, people, true)
		defer p.loop(t)()
		for i := range 5 {
			p.Request(fmt.Sprint("request ", i), i == 3)
		}
		if s := p.Status(); s.Running == nil || s.Running.Why != "start" || !s.Google.Running {
			t.Fatalf("%+v", s)
		}
		release()
		p.ran("start", "request 0")
		if !p.Runs()[0].Full {
			t.Error("the wish for everything was lost")
		}
	})
}

func TestCancel(t *testing.T) {
	for _, heeds := range []bool{true, false} {
		for _, l := range []directory.Listing{orgunits, people, books} {
			t.Run(fmt.Sprint(l, heeds), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := start(t, newMemory(), district())
					release := hang(p.w, l, heeds)
					defer release()
					defer p.loop(t)()
					p.Request("request", false) // is forgotten
					began := time.Now()
					p.Cancel()
					if !p.Status().Cancelling {
						t.Error("nothing shows the wish to cancel")
					}
					for s := range p.Watch(t.Context()) {
						if s.Running == nil {
							break
						}
					}
					if took := time.Since(began); took >= time.Second {
						t.Errorf("took %v", took)
					}
					p.ran("start")
					r := p.Runs()[0]
					if r.Outcome != engine.Stopped || r.Google.Outcome != engine.Stopped || r.Microsoft.Outcome != engine.Skipped {
						t.Errorf("%+v %+v %+v", r, r.Google, r.Microsoft)
					}
					if s := p.Status(); s.Google.LastError != nil || s.Google.Running || s.Cancelling || len(p.failed) > 0 {
						t.Errorf("cancelling is no error: %+v, %v", s.Google, p.failed)
					}
				})
			})
		}
	}
}

func TestCancelInConnectAndIdentify(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		defer close(free)
		p := start(t, newMemory(), district(), func(c *engine.Config) {
			c.Connect = func(context.Context, directory.Cloud) (cloud.Source, error) {
				<-free
				return nil, nil
			}
		})
		defer p.loop(t)()
		p.Cancel()
		time.Sleep(time.Second)
		synctest.Wait()
		if s := p.Status(); s.Running != nil {
			t.Errorf("still running: %+v", s.Running)
		}
	})
}

// TestGivenUpSourceIsNotHeard: a Source that went on after its run was
// cancelled changes nothing any more.
func TestGivenUpSourceIsNotHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		free, late := make(chan struct{}), make(chan error, 1)
		p.w.hook = func(_ context.Context, c directory.Cloud, r cloud.Request) (cloud.Result, error, bool) {
			if r.Listing != people {
				return cloud.Result{}, nil, false
			}
			<-free
			late <- r.Page(context.Background(), p.w.records(c, people, []string{"late"}))
			r.Progress(cloud.Progress{Done: 7})
			late <- nil
			return cloud.Result{}, nil, true
		}
		defer p.loop(t)()
		p.Cancel()
		time.Sleep(time.Second)
		close(free)
		if err := <-late; err == nil {
			t.Error("the page was taken")
		}
		if err := <-late; err != nil { // a panic would have come before it
			t.Error(err)
		}
		for _, l := range p.Status().Google.Progress {
			if l.Done == 7 {
				t.Error("the progress was taken")
			}
		}
		p.has(google, people)
	})
}

func TestMovedEndsOnlyTheTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		release := hang(p.w, books, true)
		defer p.loop(t)()
		p.moved(microsoft) // Google goes on
		synctest.Wait()
		if s := p.Status(); !s.Google.Running {
			t.Error("Google's turn was ended")
		}
		p.moved(google)
		synctest.Wait()
		release()
		p.ran("start", "authorized")
		first, second := p.Runs()[1], p.Runs()[0]
		if first.Google.Outcome != engine.Stopped || first.Microsoft.Outcome != engine.OK || first.Outcome != engine.Stopped {
			t.Errorf("%+v %+v", first.Google, first.Microsoft)
		}
		if second.Google.Outcome != engine.OK || second.Microsoft.Outcome != engine.OK {
			t.Errorf("%+v %+v", second.Google, second.Microsoft)
		}
	})
}

func TestOneRunAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		release := hang(p.w, people, true)
		defer p.loop(t)()
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if _, err := p.SyncNow(ctx, full); err == nil {
			t.Error("two runs at once")
		}
		done := make(chan engine.Run)
		go func() {
			r, _ := p.SyncNow(t.Context(), full)
			done <- r
		}()
		synctest.Wait()
		release()
		if r := <-done; r.Outcome != engine.OK {
			t.Errorf("%+v", r)
		}
		p.ran("start", "request")
	})
}

func TestALongRunIsNoSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		release := hang(p.w, people, true)
		defer p.loop(t)()
		time.Sleep(time.Hour)
		release()
		time.Sleep(time.Hour)
		p.ran("start")
	})
}

// TestMovedLeavesTheOtherCloudAlone: neither its retry nor its schedule goes
// away with a run that is not about it.
func TestMovedLeavesTheOtherCloudAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.w.breaks(&cloud.Error{Kind: cloud.Limited, RetryAfter: time.Hour}, google)
		defer p.loop(t)()
		p.moved(microsoft)
		p.ran("start", "authorized")
		p.w.breaks(nil, google)
		time.Sleep(time.Hour + time.Minute)
		p.ran("start", "authorized", "retry")
		p.w.remove(true, google)
		p.moved(google)
		time.Sleep(5 * time.Hour)
		p.ran("start", "authorized", "retry", "schedule")
	})
}

// TestMovedForgetsTheError: also of a cloud that is no longer set up, and over
// a restart; but not that of the other cloud.
func TestMovedForgetsTheError(t *testing.T) {
	p := start(t, newMemory(), district())
	p.w.breaks(&cloud.Error{Kind: cloud.SecretExpired}, google, microsoft)
	p.sync(engine.Failed, full)
	p.w.remove(true, google)
	p.moved(google)
	p.sync(engine.Failed, full)
	for _, s := range []engine.Status{p.Status(), start(t, p.m, p.w).Status()} {
		if s.Google.LastError != nil || s.Microsoft.LastError == nil {
			t.Errorf("%+v", s)
		}
	}
	p.m.before = func(int) error { return errDisk }
	if err := p.Moved(t.Context(), google); cloud.KindOf(err) != cloud.Storage {
		t.Errorf("not stored: %v", err)
	}
}
