package ui

import (
	"testing"
	"testing/synctest"
	"time"
)

// The ledger is looked at soon after one act; while codes are scanned one after
// the other not before a pause, or a long time.
func TestPaceOfLookingAtTheLedger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const took = 80 * time.Millisecond // by a large district
		var p pace
		var looks []time.Time
		revision := uint64(0)
		// act does something, and waits for a while, as a follower does.
		act := func(d time.Duration) {
			revision++
			for end := time.Now().Add(d); ; {
				wait := time.Hour
				if p.revision != revision || len(looks) == 0 || looks[len(looks)-1].Before(p.moved) {
					wait = p.wait(revision, time.Now())
				}
				if wait <= 0 {
					looks = append(looks, time.Now())
					p.looked(time.Now(), time.Now().Add(took))
					continue
				}
				if left := time.Until(end); wait > left {
					time.Sleep(left)
					return
				}
				time.Sleep(wait)
			}
		}
		time.Sleep(time.Minute)
		began := time.Now()
		act(5 * time.Second)
		if len(looks) != 1 || looks[0].Sub(began) > 100*time.Millisecond {
			t.Errorf("after one act it was looked at %v later", looks)
		}
		looks = nil
		for range 300 {
			act(100 * time.Millisecond)
		}
		if n := len(looks); n > 4 {
			t.Errorf("within 30 s of scans it was looked at %d times", n)
		}
		looks, began = nil, time.Now()
		act(3 * time.Second)
		if len(looks) != 1 || looks[0].Sub(began) > time.Second {
			t.Errorf("after the last scan it was looked at %v later", looks)
		}
	})
}
