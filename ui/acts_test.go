package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"panel/directory"
	"panel/ui/view"
)

func TestNoBrowserIsSaidWithTheLink(t *testing.T) {
	f := empty()
	f.block, f.noBrowser = make(chan struct{}), true
	defer close(f.block)
	s := open(t, f)
	s.signIn()
	s.until("it is said", func() bool { return strings.Contains(s.words(), "could not open a browser") })
	s.mustSay("Waiting for you at Google")
	for _, o := range s.objects() {
		if e, ok := o.(*entry); ok && strings.HasPrefix(e.Text, "https://accounts.google.com/") {
			if width := s.sheet().pop.Content.Size().Width; width > 600 {
				t.Errorf("the link makes the sheet %v wide", width)
			}
			return
		}
	}
	t.Error("the link is nowhere to be seen")
}

func TestNoticeStaysUntilDismissed(t *testing.T) {
	f := district(10)
	f.notices = []view.Words{view.LossWords(view.Loss{Aside: "inventory.db.damaged-1"}, time.UTC)}
	s := open(t, f)
	s.mustSay("Lost are the history of syncs", "inventory.db.damaged-1")
	f.push(func(f *fake) { f.conn.Microsoft.State = "secret_wrong" })
	s.settle()
	s.mustSay("inventory.db.damaged-1")
	for _, o := range inSight(s.banner) {
		if b, ok := o.(*button); ok && b.Text == "" {
			b.Tapped(nil)
		}
	}
	if strings.Contains(s.words(), "inventory.db.damaged-1") {
		t.Error("the notice was dismissed and is still there")
	}
	f.push(func(f *fake) { f.conn.Microsoft.State = "configured" })
	s.settle()
	if s.banner.Visible() {
		t.Errorf("it came back: %v", s.banner.shown)
	}
}

func TestBannerIsNeverCut(t *testing.T) {
	f := district(10)
	f.notices = []view.Words{view.LossWords(view.Loss{Ledger: true, Aside: "ledger.db.damaged-20261123T093000.000Z", Restored: now}, time.UTC)}
	s := open(t, f)
	for _, width := range []float32{800, 1024, 1920} {
		for range 3 { // Fyne's test driver does not lay out again what changed its size
			s.win.Resize(fyne.NewSize(width+1, 700))
			s.win.Resize(fyne.NewSize(width, 700))
		}
		for _, o := range inSight(s.banner) {
			if p, ok := o.(*paragraph); ok && p.Size().Height < p.MinSize().Height-1 {
				t.Errorf("at %v the words need %v and have %v", width, p.MinSize().Height, p.Size().Height)
			}
		}
	}
}

func TestShortcutsReachTheTables(t *testing.T) {
	s := open(t, district(60))
	s.focusSearch() // an entry with the focus takes no part in it
	s.visit(1)
	b := s.tabs[1].pane.(*browser)
	if s.win.Canvas().Focused() != fyne.Focusable(b.table.list) {
		t.Fatalf("Ctrl+2 leads to %T", s.win.Canvas().Focused())
	}
	b.table.list.TypedKey(key(fyne.KeyDown))
	b.table.list.TypedKey(key(fyne.KeyDown))
	if b.table.cursor != 1 {
		t.Errorf("two arrows lead to row %d, want the second", b.table.cursor)
	}
	s.visit(0)
	h := s.tabs[0].pane.(*syncTab).history
	if s.win.Canvas().Focused() != fyne.Focusable(h.table.list) {
		t.Errorf("Ctrl+1 leads to %T", s.win.Canvas().Focused())
	}
}

func TestChangeLeadsToItsRecord(t *testing.T) {
	s := open(t, district(60))
	h := s.tabs[0].pane.(*syncTab).history
	s.until("the changes are there", func() bool { return h.changes.rows.Len() > 0 })
	want := h.changes.rows.(changeRows)[2].ID
	s.search.SetText("nobody has this")
	h.changes.OnOpen(2)
	b := s.tabs[1].pane.(*browser)
	if s.at != 1 || b.table.cursorKey != want || s.search.Text != "" {
		t.Errorf("tab %d, record %q, search %q; want record %q among people", s.at, b.table.cursorKey, s.search.Text, want)
	}
	s.goToRecord(directory.People, "g:never")
	s.mustSay("That person is not in the list any more.")
}

func TestBringBack(t *testing.T) {
	f := district(60)
	s := open(t, f)
	h := s.tabs[0].pane.(*syncTab).history
	s.until("the changes are there", func() bool { return s.button("Bring back") != nil })
	s.press("Bring back")
	s.press("Bring back")
	s.until("it is asked for", func() bool { return f.did("bringback " + f.runs[0].ID) })
	s.until("it is said that there was nothing", func() bool { return strings.Contains(s.words(), "Nothing was left to bring back") })
	f.mu.Lock()
	f.back = 4
	f.mu.Unlock()
	s.press("Bring back")
	s.press("Bring back")
	s.until("it is said how many", func() bool { return strings.Contains(s.words(), "4 records are back.") })
	h.search.SetText("removed google")
	if got := h.changes.rows.Len(); got != 4 {
		t.Errorf("%d changes are removals from Google, want 4", got)
	}
	for i := range h.all {
		h.all[i].At = now.AddDate(0, 0, -31)
	}
	h.filter()
	if s.button("Bring back") != nil {
		t.Error("offered to bring back what was removed 31 days ago")
	}
}

func TestHistorySaysWhyNothingChanged(t *testing.T) {
	f := district(10)
	f.changes = nil
	s := open(t, f)
	h := s.tabs[0].pane.(*syncTab).history
	s.until("it is said", func() bool { return h.none.Visible() })
	s.mustSay("This sync found everything as it was.")
	failed := 7
	h.table.ShowKey(f.runs[failed].ID)
	s.until("the failed run is shown", func() bool { return h.none.shown.Title == "Failed" })
	if strings.Contains(s.words(), "found everything as it was") {
		t.Error("a failed sync is said to have found everything as it was")
	}
}

func TestSearchBoxStandsClearOfTheTabs(t *testing.T) {
	s := open(t, district(60))
	for range 3 { // Fyne's test driver does not lay out again what changed its size
		s.win.Resize(fyne.NewSize(1025, 700))
		s.win.Resize(fyne.NewSize(1024, 700))
	}
	s.search.SetText("a")
	names, box := s.bar.Objects[0], s.bar.Objects[1]
	if end := names.Position().X + names.MinSize().Width; end > box.Position().X {
		t.Errorf("the tabs end at %v, the search box begins at %v", end, box.Position().X)
	}
}

func TestBothOriginalsAreShownWhole(t *testing.T) {
	const google, microsoft = "a.very.long.name@northfield.k12.example", "another.very.long.name@northfield.k12.example"
	newTestApp(t, "light")
	f := newFacts(120)
	f.set([]view.Field{{Label: "Primary address", Value: google, From: "Google", Originals: []view.Original{{Cloud: "Google", Value: google}, {Cloud: "Microsoft", Value: microsoft}}}})
	w := test.NewWindow(f)
	defer w.Close()
	w.Resize(fyne.NewSize(440, 200))
	for i, want := range []string{"Google: " + google, "Microsoft: " + microsoft} {
		line := f.rows[0].originals[i]
		if need := fyne.MeasureText(want, textSmall, fyne.TextStyle{}).Width; line.Text != want || line.Size().Width < need {
			t.Errorf("line %d is %q on %v of %v", i, line.Text, line.Size().Width, need)
		}
	}
}

func TestAnotherClientIsSaidToNeedAnotherAuthorization(t *testing.T) {
	const words = "with another client, authorize again"
	s := open(t, district(10))
	s.press("Set up Google access")
	s.mustSay(words)
	s = open(t, empty())
	s.press("Set up Google access")
	if strings.Contains(s.words(), words) {
		t.Error("said where nobody has authorized Panel")
	}
}
