package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// A crash must not lose what the window looked like.
func TestLayoutIsKeptWhileTheWindowIsOpen(t *testing.T) {
	f := district(20)
	s := open(t, f)
	if f.Layout() != nil {
		t.Fatal("kept before anything has changed")
	}
	s.goTo(2)
	kept := func(part string) func() bool {
		return func() bool { return strings.Contains(string(f.Layout()), part) }
	}
	s.until("the tab is kept", kept(`"tab":2`))
	s.tabs[2].pane.(*browser).outer.choose(333)
	s.until("the split is kept", kept(`"tree":333`))
}

func TestColumnsAreKeptOnceTheyAreChosen(t *testing.T) {
	f := district(20)
	s := open(t, f)
	s.goTo(1)
	if strings.Contains(string(s.looks()), "columns") {
		t.Error("columns that follow the window are kept")
	}
	b := s.tabs[1].pane.(*browser)
	phone := slices.IndexFunc(b.kind.columns, func(c view.Column) bool { return c.Key == "phone" })
	b.table.choose(phone, true)
	f.layout = s.looks()
	again := open(t, f).tabs[1].pane.(*browser)
	if !again.table.chosen || !slices.Equal(again.table.order, b.table.order) {
		t.Errorf("columns %v after a restart, want %v", again.table.order, b.table.order)
	}
}

// The last column cannot be taken away, and its tick says so.
func TestColumnsAreChosen(t *testing.T) {
	s := open(t, district(20))
	s.goTo(tabPeople)
	b := s.tabs[tabPeople].pane.(*browser)
	usual := slices.Clone(b.table.order)
	b.table.header.TappedSecondary(&fyne.PointEvent{})
	ticks := map[string]*tick{}
	for _, o := range s.objects() {
		if c, ok := o.(*tick); ok {
			ticks[c.Text] = c
		}
	}
	for _, i := range usual {
		ticks[b.kind.columns[i].Title].SetChecked(false)
	}
	last := b.kind.columns[usual[len(usual)-1]].Title
	if got := b.columnKeys(); len(got) != 1 || !ticks[last].Checked {
		t.Errorf("columns %q are left, and %s is ticked: %v", got, last, ticks[last].Checked)
	}
	ticks["Phone"].SetChecked(true)
	if got := b.columnKeys(); len(got) != 2 || got[1] != "phone" {
		t.Errorf("with the phone, columns %q", got)
	}
	s.press("Reset columns")
	if !slices.Equal(b.table.order, usual) || ticks["Phone"].Checked || !ticks[last].Checked {
		t.Errorf("columns %q after the reset", b.columnKeys())
	}
}

func TestNothingIsDrawnBeforeThereIsAState(t *testing.T) {
	app := newTestApp(t, "light")
	queue := make(chan func(), 10)
	w := newWindow(app, app.NewWindow(""), empty(), func(do func()) { queue <- do }, time.Now)
	t.Cleanup(w.Close)
	if w.body.Visible() {
		t.Error("empty cards are shown before the first state")
	}
	(<-queue)()
	if !w.body.Visible() {
		t.Error("the first state shows nothing")
	}
}

func TestHistoryShowsTheNewestUntilAnotherIsPicked(t *testing.T) {
	f := district(20)
	s := open(t, f)
	h := s.tabs[0].pane.(*syncTab).history
	chosen := func(i int) func() bool {
		return func() bool { return h.run == f.runs[i].ID && slices.Equal(h.table.Selected(), []int{i}) }
	}
	s.until("the newest is chosen", chosen(0))
	add := func(id string) {
		f.push(func(f *fake) {
			f.runs = append([]engine.Run{{ID: id, Started: now, Finished: now, Outcome: engine.OK}}, f.runs...)
			f.status.Runs++
		})
	}
	add("new")
	s.until("the new one is chosen", chosen(0))
	h.table.moveTo(3, 0)
	add("newer")
	s.until("the picked one stays", chosen(4))
}

func TestChipsHaveTheKeyboard(t *testing.T) {
	s := open(t, district(200))
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	c, ok := b.chips.box.Objects[0].(*chip)
	if !ok {
		t.Fatalf("first among the chips is a %T", b.chips.box.Objects[0])
	}
	s.focus(c)
	c.TypedKey(key(fyne.KeySpace))
	if !c.on || b.list.Len() == b.total {
		t.Errorf("on %v, %d of %d rows", c.on, b.list.Len(), b.total)
	}
	if b.chips.box.Objects[0] != fyne.CanvasObject(c) || s.win.Canvas().Focused() != fyne.Focusable(c) {
		t.Error("the chip has lost the keyboard")
	}
	c.TypedKey(key(fyne.KeyReturn))
	if c.on || b.list.Len() != b.total {
		t.Error("Enter does not take the filter away")
	}
}

// Sheets cover toasts: what is said meanwhile has to stand in them.
func TestSaidWhileASheetIsOpen(t *testing.T) {
	f := district(20)
	s := open(t, f)
	s.say(view.Good, "before", "", nil)
	s.openSettings()
	if s.toast != nil {
		t.Error("a toast stands behind the sheet")
	}
	f.fail["settings"] = &cloud.Error{Kind: cloud.Storage, Code: "disk_full"}
	s.press("Save")
	s.until("the failure is said in the sheet", func() bool { return s.sheet().said.Visible() })
	s.mustSay(view.Say(&cloud.Error{Kind: cloud.Storage, Code: "disk_full"}).Sentence)
}

// What failed is said whole, with its button, until somebody has read it.
func TestAFailedActSaysWhatHelps(t *testing.T) {
	f := troubled()
	s := open(t, f)
	locked := &cloud.Error{Kind: cloud.Keychain, Code: "locked"}
	f.fail["keep"] = locked
	s.press("Keep")
	words := view.Say(locked)
	s.until("it is said", func() bool { return s.toast != nil })
	s.mustSay(words.Sentence, words.Action)
	f.mu.Lock()
	f.fail["keep"], f.calls = nil, nil
	f.mu.Unlock()
	for _, o := range inSight(s.toast) {
		if b, ok := o.(*button); ok && b.Text == words.Button.Text {
			b.Tapped(nil)
		}
	}
	s.until("it is tried again, and went well", func() bool { return strings.Contains(s.words(), "They stay until") })
	if len(f.calls) != 1 || strings.Contains(s.words(), words.Sentence) {
		t.Errorf("called %q, and says:\n%s", f.calls, s.words())
	}

	ca := &cloud.Error{Kind: cloud.Unexpected, Code: "ca_file"}
	f.fail["keep"] = ca
	s.press("Keep")
	s.until("it is said", func() bool { return s.toast != nil && strings.Contains(s.words(), view.Say(ca).Sentence) })
	for _, o := range inSight(s.toast) {
		if b, ok := o.(*iconButton); ok {
			b.Tapped(nil)
		}
	}
	if s.toast != nil {
		t.Error("it cannot be taken away")
	}
}

func TestCopyButtonNods(t *testing.T) {
	s := open(t, district(20))
	s.openAzure(0)
	i := slices.IndexFunc(s.objects(), func(o fyne.CanvasObject) bool { b, ok := o.(*iconButton); return ok && b.tip == "Copy text" })
	if i < 0 {
		t.Fatal("the guide has no copy button")
	}
	b := s.objects()[i].(*iconButton)
	b.Tapped(nil)
	b.Tapped(nil)
	if got := fyne.CurrentApp().Clipboard().Content(); got != "allow Panel to read users" || b.Icon.Name() != theme.ConfirmIcon().Name() {
		t.Errorf("copied %q, icon %s", got, b.Icon.Name())
	}
	s.until("the icon is back", func() bool { return b.Icon.Name() == theme.ContentCopyIcon().Name() })
}

func TestFoundTenantIsSaidOn(t *testing.T) {
	f := empty()
	s := open(t, f)
	s.openAzure(0)
	fields := map[string]*entry{}
	for _, o := range s.objects() {
		if e, ok := o.(*entry); ok {
			fields[e.PlaceHolder] = e
		}
	}
	fields["00000000-… or school.example"].SetText("school.example")
	s.until("the tenant is found", func() bool { return strings.Contains(s.words(), "Found: ") })
	fields[""].SetText("a secret") // judges all fields again
	s.mustSay("Found: 0f3c1d1e")
	fields["00000000-… or school.example"].SetText("other.example")
	if strings.Contains(s.words(), "Found: ") {
		t.Error("the tenant of another domain is said to be found")
	}
}

func TestDetailIsAlwaysThereWhereThereIsRoom(t *testing.T) {
	s := open(t, district(20))
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	s.win.Resize(fyne.NewSize(1280, 800))
	if b.detail.Visible() {
		t.Error("an empty detail takes room at 1,280")
	}
	s.win.Resize(fyne.NewSize(1920, 1080))
	if !b.detail.Visible() || !b.detail.none.Visible() {
		t.Error("no detail that says what to do at 1,920")
	}
	b.table.click(1, 0)
	s.until("the record is shown", func() bool { return !b.detail.none.Visible() && b.detail.shown.Key != "" })
	b.detail.onClose()
	if !b.detail.none.Visible() {
		t.Error("a closed record stays in the pane")
	}
	s.win.Resize(fyne.NewSize(1280, 800))
	if b.detail.Visible() {
		t.Error("the closed detail takes room at 1,280")
	}
}

func TestSearchCanBeCleared(t *testing.T) {
	s := open(t, district(20))
	cross := func() bool { return slices.Contains(inSight(s.search), fyne.CanvasObject(s.clear)) }
	if cross() {
		t.Error("an empty search has a cross")
	}
	s.search.SetText("x")
	if !cross() {
		t.Fatal("no cross beside what is searched for")
	}
	if s.clear.Tapped(nil); s.search.Text != "" || cross() {
		t.Errorf("%q is searched for still", s.search.Text)
	}
}

func TestTopBarAtItsNarrowest(t *testing.T) {
	f := district(20)
	fault := &engine.Fault{Kind: cloud.Offline, At: now}
	f.status.Google.LastError, f.status.Microsoft.LastError = fault, fault
	s := open(t, f)
	s.win.Resize(fyne.NewSize(1024, 700))
	s.search.SetText("a")
	if got := s.win.Canvas().Size().Width; got != 1024 {
		t.Errorf("the window is %v wide, want 1024", got)
	}
	end := float32(0)
	for i, o := range s.bar.Objects {
		if o.Position().X < end-.5 {
			t.Errorf("part %d begins at %v, the one before ends at %v", i, o.Position().X, end)
		}
		end = o.Position().X + o.Size().Width
	}
	if end > 1024 || s.search.Size().Width < searchLeast {
		t.Errorf("the bar ends at %v, the search box is %v wide", end, s.search.Size().Width)
	}
}

func TestLookAtThemScrollsToTheHold(t *testing.T) {
	s := open(t, troubled())
	s.win.Resize(fyne.NewSize(1024, 500))
	s.goTo(1)
	s.press("Look at them")
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(s.sync.root).Y
	if y := d.AbsolutePositionForObject(s.sync.holds.box).Y; s.at != 0 || y < top || y > top+100 {
		t.Errorf("tab %d, the hold at %v of a view that begins at %v", s.at, y, top)
	}
}

func TestSearchHintFitsItsBox(t *testing.T) {
	s := open(t, district(5))
	for _, c := range []struct {
		width float32
		want  string
	}{{1280, s.search.long}, {700, s.search.short}, {1280, s.search.long}} {
		s.win.Resize(fyne.NewSize(c.width, 600))
		if s.search.PlaceHolder != c.want {
			t.Errorf("at %v the box of %v says %q", c.width, s.search.Size().Width, s.search.PlaceHolder)
		}
	}
}

func TestHistorySaysHowARunStands(t *testing.T) {
	f := district(20)
	f.runs = append([]engine.Run{{ID: "now", Started: now}, {ID: "crashed", Started: now.Add(-time.Hour)}}, f.runs...)
	f.status.Running = &f.runs[0]
	s := open(t, f)
	h := s.sync.history
	for i, want := range []string{"Running", "Interrupted", "Done"} {
		if got := h.table.rows.Cell(i, 1).text; got != want {
			t.Errorf("run %d is %q, want %q", i, got, want)
		}
	}
	s.until("it is said why nothing is listed", func() bool { return h.none.Visible() && h.none.shown.Title == "Running" })
}
