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

// Events are taken in while more are to come, and no longer.
func TestAttend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := make(chan func(), 100)
		a := newAsync(func(do func()) { queue <- do })
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
			for len(queue) > 0 {
				(<-queue)()
			}
		}
		looks, open := 0, true
		a.attend(func() bool { return open })
		pass(time.Second)
		a.look = func() { looks++ }
		a.attend(func() bool { return open })
		for range 10 {
			pass(lookEvery)
		}
		open = false
		pass(time.Second)
		a.stop(time.Second)
		if looks != 10 {
			t.Errorf("%d looks, not 10", looks)
		}
	})
}
