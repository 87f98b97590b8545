package view

import (
	"fmt"
	"sync"
	"time"
)

// Ago says how long before now t was: "12 min ago"; "" for the zero time.
// Beyond a month it is the date, in the zone of now.
func Ago(t, now time.Time) string {
	const day = 24 * time.Hour
	switch d := now.Sub(t); {
	case t.IsZero():
		return ""
	case d < -time.Minute:
		return Until(t, now)
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return minutesAgo[d/time.Minute]
	case d < day:
		return hoursAgo[d/time.Hour]
	case d < 2*day:
		return "1 day ago"
	case d < 31*day:
		return daysAgo[d/day]
	}
	return dates.of(t.In(now.Location()))
}

// The ages that lists are full of, made once.
var (
	minutesAgo = ages(60, "min")
	hoursAgo   = ages(24, "h")
	daysAgo    = ages(31, "days")
	dates      = dateWords{known: make(map[int]string)}
)

func ages(n int, unit string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%d %s ago", i, unit)
	}
	return out
}

// dateWords are the dates that were asked for, few among many times.
type dateWords struct {
	mu    sync.Mutex
	known map[int]string
}

func (w *dateWords) of(t time.Time) string {
	year, month, day := t.Date()
	key := year*10_000 + int(month)*100 + day
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.known[key]
	if !ok {
		const most = 20_000 // dates of a cloud that makes them up
		if len(w.known) == most {
			clear(w.known)
		}
		s = t.Format(time.DateOnly)
		w.known[key] = s
	}
	return s
}

// Until says how long after now t is: "in 3 h"; "" for the zero time.
func Until(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(now)
	if d < time.Second {
		return "now"
	}
	if d > 48*time.Hour {
		return fmt.Sprintf("in %d days", d/(24*time.Hour))
	}
	return "in " + Span(d)
}

// Span is a duration in one unit, or two for hours: "40 s", "12 min",
// "3 h 20 min".
func Span(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under 1 s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d%time.Hour < time.Minute:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// Exact is t to the second, with its zone; "" for the zero time.
func Exact(t time.Time, in *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(in).Format("2006-01-02 15:04:05 MST")
}
