package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var old []engine.Run
		for i := range 398 {
			old = append(old, engine.Run{ID: time.Now().Add(-time.Duration(i) * time.Hour).UTC().Format("20060102T150405.000Z"), Outcome: engine.OK})
		}
		m.docs["engine/runs"], _ = json.Marshal(old)
		p := start(t, m, district())
		for range 5 {
			p.sync(engine.OK, engine.Options{})
		}
		runs := p.Runs()
		if len(runs) != 400 || p.Status().Runs != 5 || runs[399].ID != old[394].ID {
			t.Fatalf("%d runs kept, the oldest %s", len(runs), runs[len(runs)-1].ID)
		}
		if !slices.IsSortedFunc(runs, func(a, b engine.Run) int { return strings.Compare(b.ID, a.ID) }) {
			t.Error("not newest first")
		}
		if len(p.m.pruned) != 400 || p.m.pruned[399] != runs[399].ID {
			t.Errorf("the change lists of %d runs are kept", len(p.m.pruned))
		}
		again := start(t, p.m, p.w)
		if got := again.Runs(); len(got) != 400 || got[0].ID != runs[0].ID || got[0].Google.Listings[people].Seen != 3 {
			t.Errorf("after a restart: %+v", got[0])
		}
		if s := again.Status(); s.Last == nil || s.Last.ID != runs[0].ID || !s.Google.LastSuccess.Equal(p.Status().Google.LastSuccess) {
			t.Errorf("after a restart: %+v", s)
		}
	})
}

// TestRunThatPanelDidNotOutlive: what it changed has a run to be shown under.
func TestRunThatPanelDidNotOutlive(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	var docs map[string][]byte
	p.w.hook = func(context.Context, directory.Cloud, cloud.Request) (cloud.Result, error, bool) {
		p.m.mu.Lock()
		defer p.m.mu.Unlock()
		if docs == nil {
			docs = map[string][]byte{}
			for name, v := range p.m.docs {
				docs[name] = v
			}
		}
		return cloud.Result{}, nil, false
	}
	r := p.sync(engine.OK, full)
	p.m.docs = docs // as it was in the middle
	got := start(t, p.m, p.w).Runs()
	if len(got) != 2 || got[0].ID != r.ID || got[0].Outcome != engine.Stopped || !got[0].Finished.IsZero() {
		t.Errorf("%+v", got)
	}
}

func TestRunAsScriptsReadIt(t *testing.T) {
	p := start(t, newMemory(), district())
	p.w.breaks(&cloud.Error{Kind: cloud.Limited, Code: "quotaExceeded"}, microsoft)
	b, err := json.Marshal(p.sync(engine.Failed, full))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Started, Finished time.Time
		Outcome           string
		RecordsWritten    int `json:"records_written"`
		Google            struct {
			Outcome  string
			Listings map[string]struct {
				Complete                                            bool
				Seen, Added, Changed, Missing, Removed, Held, Pages int
			}
		}
		Microsoft struct {
			Outcome string
			Error   struct{ Kind, Code string }
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if got.Outcome != "failed" || got.RecordsWritten != 8 || got.Google.Outcome != "ok" || got.Google.Listings["chromebooks"].Seen != 3 ||
		!got.Google.Listings["orgunits"].Complete || got.Microsoft.Outcome != "failed" || got.Microsoft.Error.Kind != "limited" ||
		got.Microsoft.Error.Code != "quotaExceeded" || got.Finished.Before(got.Started) || got.Started.IsZero() {
		t.Errorf("%s", b)
	}
}

func TestBringBack(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	p.w.set(google, people, "p1")
	p.w.set(google, orgunits, "o1")
	p.w.set(google, books, "c1", "c2")
	p.w.set(microsoft, people, "m1", "m2")
	p.sync(engine.OK, full)
	removed := p.sync(engine.OK, full)
	before := p.Status()
	n, err := p.BringBack(t.Context(), removed.ID)
	if err != nil || n != 5 {
		t.Fatalf("brought back %d: %v", n, err)
	}
	all := func() {
		t.Helper()
		p.has(google, people, "p1", "p2", "p3")
		p.has(google, orgunits, "o1", "o2")
		p.has(google, books, "c1", "c2", "c3")
		p.has(microsoft, people, "m1", "m2", "m3")
	}
	all()
	s := p.Status()
	if s.Revision == before.Revision || s.Runs == before.Runs || s.Last.Why != engine.WhyBringBack || s.Last.RecordsWritten != 5 ||
		s.Last.Outcome != engine.OK || s.Last.Google.Listings[people].Added != 2 {
		t.Errorf("%+v", s.Last)
	}
	if last := p.m.changes[len(p.m.changes)-1]; last.Kind != directory.Restored || last.Run != s.Last.ID {
		t.Errorf("%+v", last)
	}
	// They stay, after a restart too, until a cloud has listed them again.
	p = start(t, p.m, p.w)
	for range 3 {
		p.sync(engine.OK, full)
	}
	all()
	p.w.set(microsoft, people, "m1", "m2", "m3")
	p.sync(engine.OK, full)
	p.w.set(microsoft, people, "m1", "m2")
	p.sync(engine.OK, full)
	p.sync(engine.OK, full)
	p.has(microsoft, people, "m1", "m2")

	// What is there already is not brought back, nor is it a run.
	runs := len(p.Runs())
	if n, err := p.BringBack(t.Context(), removed.ID); n != 0 || err != nil || len(p.Runs()) != runs {
		t.Errorf("brought back %d: %v", n, err)
	}
	p.m.before = func(int) error { return errDisk }
	var ce *cloud.Error
	if _, err := p.BringBack(t.Context(), removed.ID); !errors.As(err, &ce) || ce.Kind != cloud.Storage {
		t.Errorf("%v", err)
	}
}

// TestBringBackIsNoSync: after a sync that failed, Panel tries at its next
// start, whatever was brought back since.
func TestBringBackIsNoSync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.sync(engine.OK, full)
		p.w.set(google, people, "p1")
		p.sync(engine.OK, full)
		removed := p.sync(engine.OK, full)
		p.w.breaks(offline, google, microsoft)
		p.sync(engine.Failed, full)
		if n, err := p.BringBack(t.Context(), removed.ID); n != 2 || err != nil {
			t.Fatalf("brought back %d: %v", n, err)
		}
		p = start(t, p.m, p.w)
		defer p.loop(t)()
		p.ran("request", "request", "request", "request", engine.WhyBringBack, "start")
	})
}

// TestBringBackForThirtyDays: also where 400 runs are fewer days than that.
func TestBringBackForThirtyDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		p.sync(engine.OK, full)
		p.w.set(microsoft, people, "m1", "m2")
		p.sync(engine.OK, full)
		removed := p.sync(engine.OK, full)
		// hourly adds n runs that found nothing, an hour apart, and a real one.
		hourly := func(n int) {
			var runs []engine.Run
			for range n {
				time.Sleep(time.Hour)
				at := time.Now()
				runs = append([]engine.Run{{ID: at.UTC().Format("20060102T150405.000Z"), Started: at, Finished: at, Outcome: engine.OK}}, runs...)
			}
			p.m.docs["engine/runs"], _ = json.Marshal(append(runs, p.Runs()...))
			time.Sleep(time.Hour)
			p = start(t, p.m, p.w)
			p.sync(engine.OK, engine.Options{})
		}
		hourly(29*24 - 1)
		p = start(t, p.m, p.w)
		runs := p.Runs()
		if len(runs) != 401 || runs[400].ID != removed.ID || !slices.Contains(p.m.pruned, removed.ID) {
			t.Fatalf("%d runs are kept, the oldest %s; want that which removed, %s", len(runs), runs[len(runs)-1].ID, removed.ID)
		}
		if !slices.ContainsFunc(p.m.changes, func(c directory.Change) bool { return c.Run == removed.ID && c.Kind == directory.Removed }) {
			t.Error("its change list is gone")
		}
		if n, err := p.BringBack(t.Context(), removed.ID); n != 1 || err != nil {
			t.Fatalf("brought back %d: %v", n, err)
		}
		p.has(microsoft, people, "m1", "m2", "m3")
		hourly(25)
		if runs := p.Runs(); len(runs) != 400 || slices.Contains(p.m.pruned, removed.ID) {
			t.Errorf("after 30 days: %d runs, %d change lists", len(runs), len(p.m.pruned))
		}
	})
}

func TestAnswersThatCannotBeKept(t *testing.T) {
	p, all := lose21(t)
	p.m.before = func(int) error { return errDisk }
	for _, f := range []func(context.Context, directory.Cloud, directory.Listing) error{p.Keep, p.Remove} {
		var ce *cloud.Error
		if err := f(t.Context(), google, books); !errors.As(err, &ce) || ce.Kind != cloud.Storage {
			t.Errorf("%v", err)
		}
	}
	p.m.before = nil
	if h := p.Status().Holds; len(h) != 1 || len(h[0].IDs) != 21 {
		t.Errorf("%+v", h)
	}
	p.sync(engine.Held, full)
	p.has(google, books, all...)
}

func TestUnreadableNotes(t *testing.T) {
	m := newMemory()
	m.notes["engine/hold/google/people"] = []byte("{")
	_, err := engine.New(engine.Config{Store: m, Notes: ledger{m}})
	var ce *cloud.Error
	if !errors.As(err, &ce) || ce.Kind != cloud.Storage {
		t.Errorf("%v", err)
	}
}

// By a clock that is months ahead everything is too old; such a clock mostly
// keeps the clouds from answering.
func TestNothingIsTooOldUntilACloudAnswers(t *testing.T) {
	p := start(t, newMemory(), district())
	p.sync(engine.OK, full)
	p.m.pruned = nil
	p.w.breaks(&cloud.Error{Kind: cloud.Certificate, Code: "clock"}, google, microsoft)
	p.sync(engine.Failed, full)
	if p.m.pruned != nil {
		t.Error("what is old was dropped")
	}
	p.w.breaks(nil, microsoft)
	p.sync(engine.Failed, full)
	if p.m.pruned == nil {
		t.Error("what is old was not dropped")
	}
}

func TestResetWaitsForTheRunToEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		release := hang(p.w, books, true)
		defer release()
		defer p.loop(t)()
		p.w.calls()
		err := p.Reset(t.Context(), google, func(context.Context) error {
			if p.Status().Running != nil {
				t.Error("a run goes on beside it")
			}
			return errDisk
		})
		if !errors.Is(err, errDisk) {
			t.Errorf("%v", err)
		}
		// While any record may be left, no other customer's may come beside it.
		if got := p.Owner(google); got != "C01" {
			t.Errorf("after a removal that failed the owner is %q", got)
		}
		if r := p.Runs()[0]; r.Outcome != engine.Stopped {
			t.Errorf("%+v", r)
		}
	})
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := start(t, newMemory(), district())
		ctx, stop := context.WithCancel(t.Context())
		slow, quick := p.Watch(ctx), p.Watch(ctx)
		first := <-quick
		if first.Running != nil || first.Last != nil {
			t.Errorf("at first: %+v", first)
		}
		var all []engine.Status
		done := make(chan struct{})
		go func() {
			defer close(done)
			for s := range quick {
				all = append(all, s)
			}
		}()
		r := p.sync(engine.OK, full) // does not wait for the slow one
		synctest.Wait()
		if s := <-slow; s.Last == nil || s.Last.ID != r.ID || s.Running != nil {
			t.Errorf("the slow one got old news: %+v", s)
		}
		synctest.Wait()
		select {
		case s := <-slow:
			t.Errorf("news without any: %+v", s)
		default:
		}
		stop()
		<-done
		for range slow {
			t.Error("a state after the end")
		}
		running := 0
		for i, s := range all {
			if s.Running != nil {
				running++
			}
			if i > 0 && (s.Revision < all[i-1].Revision || s.Runs < all[i-1].Runs) {
				t.Errorf("went back from %+v to %+v", all[i-1], s)
			}
		}
		if last := all[len(all)-1]; running == 0 || last.Runs != 1 || last.Revision == 0 || !last.Google.LastSuccess.Equal(r.Finished) && last.Google.LastSuccess.IsZero() {
			t.Errorf("%d states of a run; at the end %+v", running, last)
		}
		// A sync without news is no reason to read anything again.
		before := p.Status().Revision
		p.sync(engine.OK, full)
		if got := p.Status().Revision; got != before {
			t.Errorf("revision %d became %d", before, got)
		}
	})
}
