package ui

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/ui/view"
)

// burstOf types a text as a scanner does, into whatever has the keyboard, and
// ends it with a key.
func (s *stage) burstOf(text string, end fyne.KeyName) {
	focused := s.win.Canvas().Focused()
	key := func(k fyne.KeyName) {
		if focused == nil {
			s.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: k})
		} else {
			focused.TypedKey(&fyne.KeyEvent{Name: k})
		}
	}
	for _, r := range text {
		if unicode.IsUpper(r) {
			key("LeftShift")
		}
		key(fyne.KeyName(strings.ToUpper(string(r)))) // as Fyne does
		if focused == nil {
			s.win.Canvas().OnTypedRune()(r)
		} else {
			focused.TypedRune(r)
		}
	}
	if end != "" {
		key(end)
	}
}

func TestScansOpenWhatTheyName(t *testing.T) {
	f := district(60)
	f.books[7].Serial, f.books[7].AssetID = "SCAN0007", "0042"
	f.books[8].AssetID, f.people[5].EmployeeID = "770077", "770077"
	f.books[9].Serial, f.books[10].Serial = "TWICE1", "TWICE1"
	f.people[6].EmployeeID = "990099"
	f.books[11].Serial, f.books[12].Serial = "AGAIN1", "AGAIN1"
	f.books[12].Gone = now.AddDate(0, -1, 0) // enrolled anew under another id
	f.books[13].Serial, f.books[13].Gone = "GONE1", now.AddDate(0, -1, 0)
	s := open(t, f)
	s.goTo(0)
	pressed := false
	b := newButton("Press", nil, func() { pressed = true })
	s.top.Add(b)
	for _, tt := range []struct{ code, pane string }{
		{"scan0007", f.books[7].DeviceID},
		{"0042", f.books[7].DeviceID},
		{"again1", f.books[11].DeviceID},
		{"gone1", f.books[13].DeviceID},
		{"770077", f.books[8].DeviceID}, // an asset ID stands above an employee ID
		{"990099", f.people[6].ID},
		{strings.ToUpper(f.people[4].PrimaryEmail), f.people[4].ID},
	} {
		for _, focus := range []func(){s.win.Canvas().Unfocus, func() { s.focus(b) }, s.focusTable, func() { s.focus(s.tabs[1].pane.(*browser).tree) }} {
			s.goTo(1)
			s.tabs[1].pane.(*browser).table.Clear()
			focus()
			s.burstOf(tt.code, fyne.KeyReturn)
			shown := s.tabs[s.at].pane.(*browser).table.cursorKey
			if shown != tt.pane || s.search.Text != "" || pressed {
				t.Errorf("scan of %s opens %q, want %q; searched %q, pressed %v", tt.code, shown, tt.pane, s.search.Text, pressed)
			}
		}
	}

	s.focusTable()
	s.burstOf("NOSUCH", fyne.KeyEnter)
	s.mustSay("No Chromebook and no person has the code “NOSUCH”.")
	if s.search.Text != "NOSUCH" {
		t.Errorf("what was not found is not searched for, but %q", s.search.Text)
	}
	s.win.Canvas().Unfocus()
	s.burstOf("twice1", fyne.KeyEnter)
	s.mustSay("2 records have the code “twice1”.")
	if n := s.tabs[2].pane.(*browser).list.Len(); s.at != 2 || n != 2 {
		t.Errorf("tab %d shows %d Chromebooks, want both", s.at, n)
	}

	// What is gone is shown when that is asked for, and no filter is to blame.
	s.search.SetText("gone1")
	s.tabs[2].pane.(*browser).clear()
	s.mustSay("No longer in Google", "1 Chromebook that Google no longer lists would be found.")
	s.press("Show what is gone")
	if n := s.tabs[2].pane.(*browser).list.Len(); n != 1 {
		t.Errorf("%d Chromebooks are shown of those that are gone", n)
	}
	s.tabs[2].pane.(*browser).clear()

	// In a field it is text.
	s.focus(s.search)
	s.search.SetText("")
	s.burstOf("SCAN0007", fyne.KeyReturn)
	if s.search.Text != "SCAN0007" {
		t.Errorf("the field holds %q", s.search.Text)
	}
}

func TestTypingOutsideAFieldSearches(t *testing.T) {
	s := open(t, district(60))
	s.goTo(2)
	s.focusTable()
	s.burstOf("5c", "")
	s.until("it is searched for", func() bool { return s.search.Text == "5c" })
	if s.win.Canvas().Focused() != fyne.Focusable(s.search) {
		t.Error("the search box does not go on with the keyboard")
	}
}

func TestTrail(t *testing.T) {
	f := district(60)
	s := open(t, f)
	see := func(l directory.Listing, id string) {
		t.Helper()
		s.goToRecord(l, id)
		b := s.tabs[s.at].pane.(*browser)
		s.until("the record is shown", func() bool { return b.detail.shown.Key == id })
	}
	at := func(what, id string) {
		t.Helper()
		b := s.tabs[s.at].pane.(*browser)
		s.until(what, func() bool { return b.detail.shown.Key == id })
		if b.table.cursorKey != id {
			t.Errorf("%s: the cursor is on %q, want %q", what, b.table.cursorKey, id)
		}
	}
	p, q, c := f.people[3].ID, f.people[9].ID, f.books[5].DeviceID
	see(directory.People, p)
	see(directory.Chromebooks, c)
	see(directory.People, q)
	if b := s.tabs[1].pane.(*browser).detail; b.back.Disabled() || !b.forth.Disabled() {
		t.Error("after three records there is no way back, or one forward")
	}
	s.walk(-1)
	at("back", c)
	if s.at != 2 {
		t.Error("back stays on the tab")
	}
	s.walk(-1)
	at("back again", p)
	if b := s.tabs[1].pane.(*browser).detail; !b.back.Disabled() || b.forth.Disabled() {
		t.Error("at the first record there is a way back, or none forward")
	}
	s.walk(1)
	at("forward", c)
	s.search.SetText("zzzz") // hides everything
	s.walk(1)
	at("forward again", q)
	s.walk(1)
	s.mustSay("Nothing else was looked at.")

	// What lies ahead is forgotten once another is looked at; what has gone is
	// passed over.
	s.walk(-1)
	at("back", c)
	see(directory.People, f.people[20].ID)
	if n := len(s.trail.stops); n != 3 {
		t.Errorf("%d records are remembered, want 3", n)
	}
	f.push(func(f *fake) { f.books = f.books[6:] })
	s.until("it has gone", func() bool { return s.tabs[2].pane.(*browser).list == nil || s.state.Records.Books < 60 })
	s.walk(-1)
	at("back over what has gone", p)

	// The same record again, by way of another: its pane shows it already.
	c = f.books[0].DeviceID
	see(directory.Chromebooks, c)
	see(directory.People, q)
	see(directory.Chromebooks, c)
	s.walk(-1)
	at("back from the same", q)

	// An OU is a stop too; back is to the list as it was.
	s.search.SetText(f.books[0].Serial)
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	b.list.Filter("status", view.ChromebookDetail(&f.books[0], nil, nil, now).Badges[0].Text)
	see(directory.Chromebooks, c)
	rows := b.list.Len()
	s.goToTarget(view.Target{Listing: directory.OrgUnits, Key: f.books[0].OrgUnit})
	if len(b.list.Chips()) > 0 || s.search.Text != "" || !slices.Equal(b.tree.chosen, []string{f.books[0].OrgUnit}) {
		t.Errorf("the OU shows %v of %v, searched %q", b.list.Chips(), b.tree.chosen, s.search.Text)
	}
	s.walk(-1)
	at("back from the OU", c)
	if len(b.list.Chips()) != 1 || s.search.Text != f.books[0].Serial || len(b.tree.chosen) > 0 || b.list.Len() != rows {
		t.Errorf("the list comes back with %v of %v, searched %q, %d rows", b.list.Chips(), b.tree.chosen, s.search.Text, b.list.Len())
	}
	s.walk(1)
	if len(b.list.Chips()) > 0 || s.search.Text != "" || !slices.Equal(b.tree.chosen, []string{f.books[0].OrgUnit}) {
		t.Errorf("forward shows %v of %v, searched %q", b.list.Chips(), b.tree.chosen, s.search.Text)
	}
	see(directory.People, q)

	// A sync reads what the panes show again, and nobody has gone anywhere.
	n, place := len(s.trail.stops), s.trail.at
	f.push(func(f *fake) { f.status.Revision++ })
	s.settle()
	s.goTo(tabChromebooks)
	s.settle()
	if len(s.trail.stops) != n || s.trail.at != place {
		t.Errorf("after a sync the trail is at %d of %d, want %d of %d", s.trail.at, len(s.trail.stops), place, n)
	}
}

func TestLinksInThePane(t *testing.T) {
	f := district(60)
	f.books[5].AnnotatedUser, f.books[5].OrgUnit = f.people[3].PrimaryEmail, "/Staff"
	s := open(t, f)
	s.goToRecord(directory.Chromebooks, f.books[5].DeviceID)
	pane := s.tabs[2].pane.(*browser).detail
	s.until("it is shown", func() bool { return pane.shown.Key == f.books[5].DeviceID })
	row := func(p *detailPane, label string) *factRow {
		for _, g := range p.groups {
			for _, r := range g.facts.rows {
				if r.label.Text == label && g.object.Visible() {
					return r
				}
			}
		}
		t.Fatalf("the pane has no %q", label)
		return nil
	}
	row(pane, "User").Tapped(nil)
	person := s.tabs[1].pane.(*browser).detail
	s.until("the person is shown", func() bool { return person.shown.Key == f.people[3].ID })
	row(person, "Assigned").Tapped(nil)
	if got := s.tabs[2].pane.(*browser).table.cursorKey; s.at != 2 || got != f.books[5].DeviceID {
		t.Errorf("the person's Chromebook leads to %q on tab %d", got, s.at)
	}
	s.search.SetText(f.books[5].Serial)
	row(pane, "Organizational unit").Tapped(nil)
	b := s.tabs[2].pane.(*browser)
	if b.tree.chosen[0] != "/Staff" || s.search.Text != "" || b.list.Len() == 0 || b.list.IndexOf(f.books[5].DeviceID) < 0 {
		t.Errorf("the OU chooses %v, searched %q, %d shown", b.tree.chosen, s.search.Text, b.list.Len())
	}
}

func TestGoneChromebooksCanBeVisited(t *testing.T) {
	f := district(60)
	f.books[5].Gone = now
	s := open(t, f)
	s.goToRecord(directory.Chromebooks, f.books[5].DeviceID)
	b := s.tabs[2].pane.(*browser)
	if b.table.cursorKey != f.books[5].DeviceID || b.table.cursor < 0 || len(b.list.Chips()) != 1 {
		t.Errorf("the cursor is on %q, row %d", b.table.cursorKey, b.table.cursor)
	}
}

func TestOrgTreeFindsAndChoosesSeveral(t *testing.T) {
	s := open(t, district(400))
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	tree := b.tree
	paths := func() (out []string) {
		for i := range tree.lines {
			out = append(out, tree.path(i))
		}
		return out
	}
	var deep *view.OrgNode
	for _, n := range tree.root.All() {
		if strings.Count(n.Path, "/") >= 2 {
			deep = n
		}
	}
	tree.search.SetText(deep.Name + " " + deep.ParentPath)
	if p := paths(); p[len(p)-1] != deep.Path {
		t.Fatalf("searched for %s, shown are %q", deep.Path, p)
	}
	tree.search.OnSubmitted("")
	if len(tree.chosen) != 1 || tree.chosen[0] != deep.Path || b.list.Len() != deep.PeopleBelow {
		t.Errorf("Enter chooses %v and shows %d, want %d of %s", tree.chosen, b.list.Len(), deep.PeopleBelow, deep.Path)
	}
	tree.search.SetText("")
	other := tree.root.Children[0]
	for i := range tree.lines {
		if tree.path(i) == other.Path {
			tree.choose(i, true)
		}
	}
	want := deep.PeopleBelow + other.PeopleBelow
	if strings.HasPrefix(deep.Path, other.Path+"/") {
		want = other.PeopleBelow
	}
	if len(tree.chosen) != 2 || b.list.Len() != want {
		t.Errorf("two OUs %v show %d, want %d", tree.chosen, b.list.Len(), want)
	}
	n := tree.lines[2].node
	tree.menu(2).Items[1].Action()
	if !slices.Equal(tree.chosen, []string{n.Path}) || b.list.Len() != n.People {
		t.Errorf("%v alone shows %d, want %d of %s", tree.chosen, b.list.Len(), n.People, n.Path)
	}
	if tip := orgTip(tree.root); !strings.HasPrefix(tip, "/ · ") || !strings.Contains(tip, "with those below") {
		t.Errorf("the tip says %q", tip)
	}
}

// The button that copies stays under the pointer: Fyne takes the pointer from
// the line when it reaches the button.
func TestCopyButtonStaysUnderThePointer(t *testing.T) {
	f := district(60)
	s := open(t, f)
	s.goToRecord(directory.Chromebooks, f.books[5].DeviceID)
	pane := s.tabs[tabChromebooks].pane.(*browser).detail
	s.until("the Chromebook is shown", func() bool { return pane.shown.Key == f.books[5].DeviceID })
	row := pane.groups[0].facts.rows[1]
	row.MouseIn(nil)
	if !row.copy.Visible() {
		t.Fatal("the pointer brings no button")
	}
	row.MouseOut()
	row.copy.MouseIn(nil)
	if !row.copy.Visible() {
		t.Error("the button is gone when the pointer reaches it")
	}
	row.copy.MouseOut()
	if row.copy.Visible() {
		t.Error("the button stays when the pointer has left")
	}
}

// Whatever is asked for, the chosen record stays in sight; without one the list
// begins anew.
func TestTheChosenRecordStaysInSight(t *testing.T) {
	s := open(t, district(900))
	s.win.Resize(fyne.NewSize(1280, 800))
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	b.table.Resize(fyne.NewSize(900, 500))
	inSight := func(after string) {
		t.Helper()
		l := b.table.list
		top := float64(b.table.cursor)*rowHeight - l.offset
		if b.table.cursor < 0 || top < 0 || top+rowHeight > float64(l.Size().Height) {
			t.Errorf("%s: row %d is at %v of %v", after, b.table.cursor, top, l.Size().Height)
		}
	}
	b.table.moveTo(int(b.table.list.Size().Height/rowHeight)-1, 0)
	inSight("chosen")
	b.table.Resize(fyne.NewSize(900, 300))
	inSight("a lower window")
	b.table.SetSort(sorting{b.place("model"), true})
	b.table.OnSort(b.table.sorted)
	inSight("another order")
	s.search.SetText("a")
	s.search.SetText("")
	inSight("a search that has ended")
	b.table.Clear()
	b.table.list.ScrollToOffset(900)
	b.table.SetSort()
	b.table.OnSort(nil)
	if b.table.list.offset != 0 {
		t.Errorf("without a chosen record the new order begins at %v", b.table.list.offset)
	}
}

// All that the pane offers can be had by the keyboard.
func TestThePaneByKeyboard(t *testing.T) {
	f := district(60)
	f.books[5].AnnotatedUser, f.books[5].AssetID = f.people[3].PrimaryEmail, "0042"
	s := open(t, f)
	s.win.Resize(fyne.NewSize(1280, 500))
	s.goToRecord(directory.Chromebooks, f.books[5].DeviceID)
	pane := s.tabs[tabChromebooks].pane.(*browser).detail
	s.until("the Chromebook is shown", func() bool { return pane.shown.Key == f.books[5].DeviceID })
	group := pane.groups[0].facts
	for i := 0; s.win.Canvas().Focused() != fyne.Focusable(group); i++ {
		if i > 30 {
			t.Fatal("Tab does not reach the pane's values")
		}
		s.win.Canvas().FocusNext()
	}
	group.TypedKey(key(fyne.KeyDown))
	if r := group.row(); r.label.Text != "Asset ID" || !r.ground.Visible() || group.rows[0].ground.Visible() {
		t.Errorf("the keyboard is on %q, which shows it: %v", r.label.Text, r.ground.Visible())
	}
	group.TypedShortcut(&fyne.ShortcutCopy{})
	if got := s.app.Clipboard().Content(); got != "0042" {
		t.Errorf("the clipboard has %q", got)
	}
	for range len(group.rows) - 1 {
		s.win.Canvas().Focused().TypedKey(key(fyne.KeyDown))
	}
	if next := pane.groups[1].facts; s.win.Canvas().Focused() != fyne.Focusable(next) || group.rows[1].ground.Visible() {
		t.Errorf("beyond the last line %T has the keyboard, next %v, first at %d of %d", s.win.Canvas().Focused(), s.win.Canvas().Focused() == fyne.Focusable(next), group.at, len(group.rows))
	}
	s.win.Canvas().Focused().TypedKey(key(fyne.KeyUp))
	if s.win.Canvas().Focused() != fyne.Focusable(group) {
		t.Fatal("above the first line the group before does not have the keyboard")
	}
	for group.row().label.Text != "User" {
		s.win.Canvas().Focused().TypedKey(key(fyne.KeyDown))
	}
	s.win.Canvas().Focused().TypedKey(key(fyne.KeyReturn))
	if got := s.tabs[tabPeople].pane.(*browser).table.cursorKey; s.at != tabPeople || got != f.people[3].ID {
		t.Errorf("Enter leads to %q on tab %d", got, s.at)
	}
}

// The cross closes the pane and leaves the selection; the next row opens it.
func TestClosingThePaneKeepsTheSelection(t *testing.T) {
	s := open(t, district(60))
	s.win.Resize(fyne.NewSize(1200, 700))
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	b.table.click(2, 0)
	b.table.click(4, fyne.KeyModifierShift)
	b.detail.onClose()
	if !b.inner.closed || len(b.table.Selected()) != 3 {
		t.Errorf("closed %v, %d rows are selected", b.inner.closed, len(b.table.Selected()))
	}
	b.table.SetSort(sorting{b.place("model"), false})
	b.table.OnSort(b.table.sorted)
	if !b.inner.closed {
		t.Error("another order opens the pane again")
	}
	b.table.click(3, 0)
	if b.inner.closed {
		t.Error("a click on a row does not open the pane")
	}
}

// A filter that Panel's own chips do not offer can be seen and taken away.
func TestEveryFilterHasAChip(t *testing.T) {
	s := open(t, district(60))
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	for _, o := range b.views.all() {
		if o.Name == view.NoLongerInGoogle {
			b.views.apply(o)
		}
	}
	c := b.chips.chips["gone\x00"+view.NoLongerInGoogle]
	if c == nil || !c.Visible() || !slices.Contains(b.chips.box.Objects, fyne.CanvasObject(c)) {
		t.Fatal("nothing says why no Chromebook is shown")
	}
	c.tapped()
	if b.list.Len() == 0 {
		t.Error("without it no Chromebook is shown either")
	}
}
