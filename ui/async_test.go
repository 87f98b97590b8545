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
