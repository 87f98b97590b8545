package view

import (
	"strings"
	"testing"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"

	"github.com/google/go-cmp/cmp"
)

func ago(d time.Duration) time.Time { return now.Add(-d) }

func TestAgo(t *testing.T) {
	for _, tt := range []struct {
		t    time.Time
		want string
	}{
		{time.Time{}, ""},
		{now, "just now"},
		{now.Add(30 * time.Second), "just now"},
		{now.Add(3 * time.Hour), "in 3 h"},
		{ago(59 * time.Second), "just now"},
		{ago(time.Minute), "1 min ago"},
		{ago(12*time.Minute + 59*time.Second), "12 min ago"},
		{ago(23 * time.Hour), "23 h ago"},
		{ago(36 * time.Hour), "1 day ago"},
		{ago(30 * 24 * time.Hour), "30 days ago"},
		{ago(40 * 24 * time.Hour), "2026-10-14"},
	} {
		if got := Ago(tt.t, now); got != tt.want {
			t.Errorf("Ago(%s) is %q, want %q", tt.t, got, tt.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "under 1 s", 40 * time.Second: "40 s", 90 * time.Second: "1 min", 3 * time.Hour: "3 h", 200 * time.Minute: "3 h 20 min",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%s) is %q, want %q", d, got, want)
		}
	}
}

func TestLastSync(t *testing.T) {
	failed := &engine.Fault{Kind: cloud.Offline}
	running := &engine.Run{}
	for _, tt := range []struct {
		name string
		s    engine.Status
		line string
	}{
		{"never", engine.Status{}, "Not synced yet"},
		{
			"both", engine.Status{Google: engine.CloudStatus{LastSuccess: ago(12 * time.Minute)}, Microsoft: engine.CloudStatus{LastSuccess: ago(11 * time.Minute)}},
			"Google 12 min ago · Microsoft 11 min ago",
		},
		{"one", engine.Status{Google: engine.CloudStatus{LastSuccess: ago(time.Hour)}}, "Google 1 h ago"},
		{
			"failed", engine.Status{Google: engine.CloudStatus{LastSuccess: ago(time.Hour), LastError: failed}, Microsoft: engine.CloudStatus{LastError: failed}},
			"Google failed, last read 1 h ago · Microsoft failed",
		},
		{
			"running", engine.Status{Running: running, Google: engine.CloudStatus{Running: true}, Microsoft: engine.CloudStatus{LastSuccess: ago(time.Hour)}},
			"Google syncing now · Microsoft 1 h ago",
		},
		{"beginning", engine.Status{Running: running}, "Syncing…"},
		{"cancelling", engine.Status{Running: running, Cancelling: true, Google: engine.CloudStatus{Running: true}}, "Stopping the sync…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := LastSync(&tt.s, now); got != tt.line {
				t.Errorf("%q, want %q", got, tt.line)
			}
		})
	}
}

func TestNextRun(t *testing.T) {
	s := engine.Status{Next: now.Add(3*time.Hour + 20*time.Minute)}
	if got := NextRun(&s, now); got != "Next sync in 3 h 20 min, at 21:20" {
		t.Error(got)
	}
	if got := NextRun(&engine.Status{Next: ago(time.Minute)}, now); got != "Next sync now" {
		t.Error(got)
	}
	if got := NextRun(&engine.Status{}, now); got != "" {
		t.Error(got)
	}
}

func TestProgress(t *testing.T) {
	step := func(p cloud.Progress, started time.Time, ended bool) engine.ListingProgress {
		return engine.ListingProgress{Progress: p, Started: started, Ended: ended}
	}
	s := engine.Status{
		Running: &engine.Run{},
		Google: engine.CloudStatus{Progress: []engine.ListingProgress{
			step(cloud.Progress{Listing: directory.OrgUnits, Done: 120, Pages: 1}, ago(time.Minute), true),
			step(cloud.Progress{Listing: directory.People, Done: 12_400, Expected: 100_000, Pages: 25, Retries: 1}, ago(20*time.Second), false),
			step(cloud.Progress{Listing: directory.Chromebooks, Done: 300, Until: now.Add(30 * time.Second)}, ago(20*time.Second), false),
		}},
		Microsoft: engine.CloudStatus{Progress: []engine.ListingProgress{
			step(cloud.Progress{Listing: directory.People, Done: 999, Expected: 500}, ago(time.Second), false),
			step(cloud.Progress{Listing: directory.People, Expected: 500}, ago(time.Second), false),
		}},
	}
	want := []Step{
		{directory.Google, directory.OrgUnits, "Google · Organizational units", "120 · done · 1 page", 1, true},
		{directory.Google, directory.People, "Google · People", "12,400 of 100,000 · 620 a second · 2 min left · 25 pages · 1 retry", 0.124, false},
		{directory.Google, directory.Chromebooks, "Google · Chromebooks", "300 · the cloud asked to wait 30 s more", -1, false},
		{directory.Microsoft, directory.People, "Microsoft · People", "999 of 999", 1, false},
		{directory.Microsoft, directory.People, "Microsoft · People", "waits for the first page", 0, false},
	}
	if diff := cmp.Diff(want, Progress(&s, now)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if Progress(&engine.Status{Google: s.Google}, now) != nil {
		t.Error("progress without a run")
	}
}

func TestRunWords(t *testing.T) {
	r := engine.Run{
		Started: ago(2 * time.Minute), Finished: now, Why: "schedule", Full: true, Outcome: engine.Failed,
		Google: &engine.CloudReport{Outcome: engine.Held, Listings: map[directory.Listing]engine.ListingReport{
			directory.People: {Added: 3, Changed: 12}, directory.Chromebooks: {Removed: 1, Held: 412},
		}},
		Microsoft: &engine.CloudReport{Outcome: engine.Failed, Error: &engine.Fault{Kind: cloud.SecretExpired, Cloud: directory.Microsoft}},
	}
	if got, want := RunLine(&r), "Google +3 ~12 −1, 412 held · Microsoft: the Azure client secret has expired"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := RunDetail(&r), "by schedule, all anew, 2 min"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	quiet := engine.Run{Outcome: engine.OK, Google: &engine.CloudReport{Outcome: engine.OK}, Microsoft: &engine.CloudReport{Outcome: engine.OK}}
	if got := RunLine(&quiet); got != "No changes" {
		t.Errorf("a run without changes is %q", got)
	}
	for _, why := range []string{engine.WhyStart, engine.WhyRetry, engine.WhyOnline, engine.WhyRemove, engine.WhyBringBack} {
		if got := RunDetail(&engine.Run{Why: why}); got == why || got == "" {
			t.Errorf("a run because of %q is said to be %q", why, got)
		}
	}
	if got := RunLine(&engine.Run{Outcome: engine.NothingToDo}); got != "No cloud is set up" {
		t.Error(got)
	}
	seen := make(map[string]bool)
	for _, o := range []engine.Outcome{engine.OK, engine.Partial, engine.Failed, engine.Held, engine.Stopped, engine.NothingToDo, engine.Skipped} {
		b := OutcomeWords(o)
		if b.Text == "" || b.Text == string(o) || seen[b.Text] || b.Tone == Plain {
			t.Errorf("%s has no words of its own: %+v", o, b)
		}
		seen[b.Text] = true
	}
}

func TestHoldWords(t *testing.T) {
	w := HoldWords(&engine.Hold{Cloud: directory.Google, Listing: directory.Chromebooks, IDs: make([]string, 1412)})
	if w.Title != "1,412 removals of Chromebooks wait for your yes" || w.Button.Act != ShowHold {
		t.Errorf("%+v", w)
	}
	w = HoldWords(&engine.Hold{Cloud: directory.Microsoft, Listing: directory.People, Empty: true})
	if w.Title != "Microsoft listed no people at all" || !strings.Contains(w.Action, "Keep") {
		t.Errorf("%+v", w)
	}
}

func TestChangeLine(t *testing.T) {
	for _, tt := range []struct {
		c    directory.Change
		want string
	}{
		{directory.Change{Kind: directory.Added}, "added"},
		{directory.Change{Kind: directory.Added, Listing: directory.Chromebooks, Count: 2000}, "2,000 chromebooks added"},
		{
			directory.Change{Kind: directory.Changed, Fields: []directory.FieldChange{{Field: "display_name", From: "Bob", To: "Rob"}, {Field: "org_unit", To: "/A"}}},
			"Display name: Bob → Rob; Organizational unit: (nothing) → /A",
		},
	} {
		if got := ChangeLine(&tt.c); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

// TestEveryFieldHasALabel keeps raw names out of change lists.
func TestEveryFieldHasALabel(t *testing.T) {
	var names []string
	for _, f := range directory.AccountFields {
		names = append(names, f.Name)
	}
	for _, f := range directory.ChromebookFields {
		names = append(names, f.Name)
	}
	for _, f := range directory.PersonFields {
		names = append(names, f.Name)
	}
	for _, f := range directory.OrgUnitFields {
		names = append(names, f.Name)
	}
	for _, name := range names {
		label := FieldLabel(name)
		if label == "" || strings.Contains(label, "_") || label[:1] != strings.ToUpper(label[:1]) {
			t.Errorf("%s is labelled %q", name, label)
		}
	}
}

func TestNumber(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "−1,000"} {
		if got := Number(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}

func TestSecretReminder(t *testing.T) {
	for _, tt := range []struct {
		expires directory.Day
		stage   int
		title   string
		tone    Tone
	}{
		{"", -1, "", Plain},
		{"soon", -1, "", Plain},
		{"2027-01-23", -1, "", Plain}, // in 61 days
		{"2027-01-22", 60, "The Azure client secret expires in 60 days", Warn},
		{"2026-12-24", 60, "The Azure client secret expires in 31 days", Warn},
		{"2026-12-23", 30, "The Azure client secret expires in 30 days", Warn},
		{"2026-12-07", 14, "The Azure client secret expires in 14 days", Warn},
		{"2026-11-30", 7, "The Azure client secret expires in 7 days", Warn},
		{"2026-11-25", 7, "The Azure client secret expires in 2 days", Warn},
		{"2026-11-24", 1, "The Azure client secret expires in 1 day", Warn},
		{"2026-11-23", 0, "The Azure client secret expires today", Bad},
		{"2026-11-01", 0, "The Azure client secret has expired", Bad},
	} {
		w, ok := SecretReminder(now, tt.expires)
		if ok != (tt.stage >= 0) || SecretStage(now, tt.expires) != tt.stage || w.Title != tt.title || w.Tone != tt.tone {
			t.Errorf("%s: stage %d, %q, tone %d", tt.expires, SecretStage(now, tt.expires), w.Title, w.Tone)
		}
		if ok && w.Button.Act != NewSecret {
			t.Errorf("%s: the button is %s", tt.expires, w.Button.Act)
		}
		if got := len(Reminders(now, tt.expires)); (got == 1) != ok {
			t.Errorf("%s: %d reminders", tt.expires, got)
		}
	}
	// The day is the technician's own: late in the evening in the west it is
	// already tomorrow in UTC.
	west := time.Date(2026, 11, 23, 23, 0, 0, 0, time.FixedZone("PST", -8*3600))
	if got := SecretStage(west, "2026-11-24"); got != 1 {
		t.Errorf("in the west it is stage %d", got)
	}
}
