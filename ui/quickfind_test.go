package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

func (s *stage) offers() string {
	var out []string
	for _, o := range s.quick.offers {
		out = append(out, o.title)
	}
	return strings.Join(out, "\n")
}

func TestQuickFind(t *testing.T) {
	f := district(200)
	f.books[7].Serial, f.books[8].Serial = "QUICK7", "00QUICK7"
	f.people[9].EmployeeID = "quick7b"
	s := open(t, f)
	s.goTo(0)
	s.openQuick()
	key := func(k fyne.KeyName) { s.search.TypedKey(&fyne.KeyEvent{Name: k}) }
	if s.win.Canvas().Focused() != fyne.Focusable(s.search) || len(s.quick.offers) == 0 {
		t.Fatal("quick find offers nothing, or has not the keyboard")
	}
	for _, r := range "quick7" {
		s.search.TypedRune(r)
	}
	lines := strings.Split(s.offers(), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "QUICK7") || !strings.HasPrefix(lines[1], "00QUICK7") || lines[2] != f.people[9].Name() {
		t.Errorf("offered are %q", lines)
	}
	s.shoot("quick", 1280, 800)
	key(fyne.KeyDown)
	key(fyne.KeyUp)
	key(fyne.KeyReturn)
	b := s.tabs[2].pane.(*browser)
	if s.at != 2 || b.table.cursorKey != f.books[7].DeviceID || s.quick.box != nil || s.search.Text != "" {
		t.Errorf("Enter goes to tab %d, %q; open %v, searched %q", s.at, b.table.cursorKey, s.quick.box != nil, s.search.Text)
	}
	s.until("it is shown", func() bool { return b.detail.shown.Key == f.books[7].DeviceID })

	// What was looked at last comes back without typing, unfiltered.
	b.list.Filter("status", "Disabled")
	b.refill()
	s.openQuick()
	if !strings.HasPrefix(s.offers(), "QUICK7") {
		t.Errorf("first offered is %q", s.offers())
	}
	key(fyne.KeyReturn)
	if b.table.cursor < 0 {
		t.Error("what a filter hides is not shown")
	}

	// An OU, a command, nothing.
	s.openQuick()
	s.search.SetText("carts")
	if !strings.Contains(s.offers(), "/Carts") {
		t.Errorf("carts offers %q", s.offers())
	}
	s.search.SetText("immediate refresh")
	if s.offers() != nameRefresh {
		t.Errorf("immediate refresh offers %q", s.offers())
	}
	key(fyne.KeyReturn)
	if !f.did("sync false") {
		t.Errorf("the command was not done: %q", f.calls)
	}
	s.openQuick()
	s.search.SetText("no such thing at all")
	s.mustSay("Nothing is found.")
	key(fyne.KeyEscape)
	if s.quick.box != nil || s.search.Text == "" {
		t.Error("Escape does not close the offers first")
	}
	key(fyne.KeyEscape)
	if s.search.Text != "" {
		t.Error("a second Escape does not empty the search")
	}
}

func TestQuickFindLeadsToAllThatMatch(t *testing.T) {
	s := open(t, district(200))
	s.openQuick()
	s.search.SetText("chromebook")
	at := -1
	for i, o := range s.quick.offers {
		if strings.HasPrefix(o.title, "All ") && strings.Contains(o.title, "Chromebooks") {
			at = i
		}
	}
	if at < 0 {
		t.Fatalf("offered are %q", s.offers())
	}
	s.quick.lines[at].Tapped(nil)
	if b := s.tabs[2].pane.(*browser); s.at != 2 || b.list.Len() == 0 || s.search.Text != "chromebook" {
		t.Errorf("it leads to tab %d with %d rows, searched %q", s.at, b.list.Len(), s.search.Text)
	}
}

func TestQuickFindClosesWhenTheKeyboardLeaves(t *testing.T) {
	s := open(t, district(20))
	s.openQuick()
	s.focusTable()
	s.until("it is closed", func() bool { return s.quick.box == nil })
}

// Escape takes the offers away; whoever types on wants them back.
func TestQuickFindComesBackWhenOneTypesOn(t *testing.T) {
	s := open(t, district(60))
	s.openQuick()
	s.search.SetText("chrome")
	s.search.TypedKey(key(fyne.KeyEscape))
	if s.quick.box != nil {
		t.Fatal("Escape leaves the offers")
	}
	s.search.SetText("chromebook")
	if s.quick.box == nil || len(s.quick.offers) == 0 {
		t.Error("what is typed on offers nothing")
	}
	s.search.TypedKey(key(fyne.KeyEscape))
	s.search.SetText("")
	if s.quick.box != nil {
		t.Error("a search that is cleared offers something")
	}
	s.focusSearch() // Ctrl+F: the list alone
	s.search.SetText("chrome")
	if s.quick.box != nil {
		t.Error("a plain search offers something")
	}
}

// What is named exactly comes first, whatever it is.
func TestQuickFindPutsTheBestKindFirst(t *testing.T) {
	f := district(60)
	f.books[5].AssetID = "01404"
	f.people[7].EmployeeID = "90014049"
	unit := f.units[0]
	s := open(t, f)
	s.openQuick()
	for query, want := range map[string]string{"01404": f.books[5].Serial + " · 01404", strings.ToLower(unit.Name): unit.Path} {
		s.search.SetText(query)
		if len(s.quick.offers) == 0 || s.quick.offers[0].title != want {
			t.Errorf("%q offers %+v first, want %q", query, s.offers(), want)
		}
	}
}
