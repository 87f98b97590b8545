package cloud

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// The bounds of retrying.
const (
	maxTries      = 5
	maxRetryAfter = 5 * time.Minute // beyond which the caller has to come back
	maxRetrying   = 15 * time.Minute
	// longest is the most that Retry-After is believed.
	longest = 24 * time.Hour
)

// Patience is when to try again. The zero value is the usual patience.
type Patience struct {
	// Tries bounds the tries, the first included; 0 means 5.
	Tries int
	// Again tells whether a failure is worth another try; nil means
	// [Passing].
	Again func(*Error) bool
	// Waiting, if not nil, is told before each retry until when it waits,
	// and, with the zero time, that the wait is over. So its calls with a
	// time count the retries. It must not block.
	Waiting func(until time.Time)
}

// Passing tells whether e may pass by itself within minutes: the network was
// away, the cloud asked for patience, or an answer was cut short.
func Passing(e *Error) bool {
	switch e.Kind {
	case Offline:
		return e.Code != CodeProxyAuth
	case Limited:
		return true
	case BadAnswer:
		return e.Code == CodeTruncated
	}
	return false
}

// Retry calls try until it returns nil, or p or ctx is at its end, and
// returns the last failure as an [*Error]. It waits as long as the error's
// RetryAfter says, and gives up where that is more than 5 minutes; else it
// waits by exponential backoff with full jitter (up to 2, 4, 8, 16 s), and
// gives up after 15 minutes in all.
// When ctx ends the error is Cancelled, or Offline with code "timeout" if
// that was ctx's deadline, and wraps ctx's cause.
func Retry(ctx context.Context, p Patience, try func(context.Context) *Error) error {
	tries, again := p.Tries, p.Again
	if tries == 0 {
		tries = maxTries
	}
	if again == nil {
		again = Passing
	}
	// A factor of 1 makes each wait random between 0 and twice the interval.
	pause := &backoff.ExponentialBackOff{
		InitialInterval: time.Second, RandomizationFactor: 1, Multiplier: 2, MaxInterval: time.Minute,
	}
	bounded, cancel := context.WithTimeout(ctx, maxRetrying)
	defer cancel()
	giveUp, _ := bounded.Deadline()

	for n := 1; ; n++ {
		e := try(bounded)
		switch {
		case e == nil:
			return nil
		case ctx.Err() != nil:
			return ended(ctx, e)
		case n >= tries || !again(e):
			return e
		}
		wait := pause.NextBackOff()
		if e.RetryAfter > 0 {
			wait = e.RetryAfter
		}
		until := time.Now().Add(wait)
		if !until.Before(giveUp) || wait > maxRetryAfter {
			return e
		}
		if p.Waiting != nil {
			p.Waiting(until)
		}
		if !sleepUntil(ctx, until) {
			return ended(ctx, e)
		}
		if p.Waiting != nil {
			p.Waiting(time.Time{})
		}
	}
}

// ended is the failure of something that ctx ended; last says what it was.
func ended(ctx context.Context, last *Error) *Error {
	e := NetworkError(ctx, context.Cause(ctx))
	e.Cloud, e.Doing = last.Cloud, last.Doing
	return e
}

// sleepUntil waits for a time by the wall clock or by the time that has passed,
// whichever comes first: Go's timers stand still while a computer sleeps
// (golang.org/issue/24595), so a wait that was over long ago is noticed within
// a few seconds of waking, and a clock that is set back makes none longer. It
// returns false when ctx ended first.
func sleepUntil(ctx context.Context, until time.Time) bool {
	onWall := until.Round(0) // without the monotonic reading
	for {
		left := min(time.Until(until), time.Until(onWall))
		if left <= 0 {
			return ctx.Err() == nil
		}
		timer := time.NewTimer(min(left, 5*time.Second))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// RetryAfter is how long an answer with header h asks to be left alone, 0 if
// it does not. A date counts from the answer's own Date, so that a wrong
// clock here does no harm.
func RetryAfter(h http.Header) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		// Also refuses NaN and everything that would overflow.
		if s > 0 && s < longest.Seconds() {
			return time.Duration(s * float64(time.Second))
		}
		if s >= longest.Seconds() {
			return longest
		}
		return 0
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(0, at.Sub(now)), longest)
}
