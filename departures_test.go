package main

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// The ledger is tidied a minute after the start and then twice a day, and not while
// somebody scans unless it is long overdue.
func TestTidiesWhenNobodyScans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		from, to time.Duration // a scan every second
		tidied   []time.Duration
		until    time.Duration
		overdue  bool
	}{
		{"no scan", 0, 0, []time.Duration{time.Minute, 12*time.Hour + time.Minute}, 14 * time.Hour, false},
		{"from the start", 0, 2 * time.Hour, []time.Duration{2*time.Hour + tidyQuiet}, 13 * time.Hour, false},
		{"one before", 10 * time.Second, 11 * time.Second, []time.Duration{tidyQuiet + 10*time.Second}, time.Hour, false},
		{"later", 12 * time.Hour, 13 * time.Hour, []time.Duration{time.Minute, 13*time.Hour + tidyQuiet}, 14 * time.Hour, false},
		{"overdue", 0, 2 * time.Hour, []time.Duration{time.Minute}, 12 * time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, stop := context.WithDeadline(t.Context(), began.Add(c.until))
				defer stop()
				changed := func() time.Time {
					switch since := time.Since(began); {
					case c.to == 0 || since < c.from:
						return time.Time{}
					case since < c.to:
						return time.Now().Truncate(time.Second)
					}
					return began.Add(c.to).Truncate(time.Second)
				}
				var tidied []time.Duration
				whenQuiet(ctx, changed, func() bool { return c.overdue }, func() { tidied = append(tidied, time.Since(began)) })
				near := func(a, b time.Duration) bool { return (a - b).Abs() <= 2*time.Second }
				if !slices.EqualFunc(tidied, c.tidied, near) {
					t.Errorf("tidied after %v, not after %v", tidied, c.tidied)
				}
			})
		})
	}
}
