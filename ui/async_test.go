package ui

import (
	"testing"
	"testing/synctest"
	"time"
)

// What was cancelled is not done, even where it waits for Fyne's goroutine
// already.
func TestAfterCanBeCancelledLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := make(chan func(), 2)
		a := newAsync(func(do func()) { queue <- do })
		done := ""
		cancel := a.after(time.Second, func() { done += "cancelled " })
		a.after(time.Second, func() { done += "kept" })
		time.Sleep(time.Second)
		synctest.Wait()
		cancel()
		(<-queue)()
		(<-queue)()
		a.stop(time.Second)
		if done != "kept" {
			t.Errorf("done: %q", done)
		}
	})
}

// Events are taken in while more are to come, for all who attend, and no longer.
func TestAttend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := make(chan func(), 1000)
		a := newAsync(func(do func()) { queue <- do })
		looks, calls := 0, 0
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
			for len(queue) > 0 {
				calls++
				(<-queue)()
			}
		}
		a.attend(func() bool { return true }) // leaves it to Fyne
		pass(time.Second)
		a.look = func() { looks++ }
		for round := range 3 {
			looks, calls = 0, 0
			code := true
			a.attend(func() bool { return false })
			a.attend(func() bool { return code })
			for range 10 {
				pass(lookEvery)
			}
			code = false
			pass(time.Second)
			if looks != 10 {
				t.Errorf("round %d: %d looks, not 10", round, looks)
			}
			calls = 0
			if pass(time.Second); calls != 0 {
				t.Errorf("round %d: %d calls after the end", round, calls)
			}
		}
		a.stop(time.Second)
	})
}
