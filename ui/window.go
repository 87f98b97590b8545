package ui

import (
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/assets"
	"panel/directory"
	"panel/ui/view"
)

// Window is Panel's window. Its methods are called on Fyne's goroutine.
type Window struct {
	*host
	app   fyne.App
	state *State

	tabs     []*tab
	at       int // the tab that is shown
	sync     *syncTab
	checkout *checkoutTab
	search   *entry
	clear    *iconButton // the search
	ages     *lastSync
	banner   *banner
	bar      *fyne.Container // the tabs' names, the search box, the state
	body     *fyne.Container
	layout   windowLayout
	trail    trail
	quick    quickFind
	// The layout as it was last kept, and whether it is being kept now.
	kept    []byte
	keeping bool

	closed bool

	// The guide that makes a Google client, while it is open.
	setup *sheet
	// closing, if not nil, is told before the window closes.
	closing func()
	// again closes the data and opens it anew; nil in tests.
	again func(o Opening, doing, done string)
}

// pane is what stands behind a tab.
type pane interface {
	// show shows a state; showing the same one again changes nothing.
	show(*State)
	// find searches for what stands in the search box, and returns how much
	// it found; -1 where nothing is searched.
	find(query string) int
	object() fyne.CanvasObject
}

// The places of the tabs.
const (
	tabSync = iota
	tabPeople
	tabChromebooks
	tabCheckout
)

// tab is a pane with its name at the top.
type tab struct {
	pane
	name  *tabName
	drawn bool // has shown the newest state and query
}

// newWindow makes win the window of Panel, which follows the Backend from then
// on; onUI is the way to Fyne's goroutine, see [newAsync].
func newWindow(app fyne.App, win fyne.Window, b Backend, onUI func(func()), now func() time.Time) *Window {
	win.SetTitle(title(b.About()))
	w := &Window{host: newHost(win, b, newAsync(onUI), now), app: app, layout: readLayout(b.Layout())}
	w.openRecord, w.host.press = w.goToRecord, w.press
	w.onTyped, w.onScan = w.typeIn, w.scanned
	app.Settings().SetTheme(panelTheme{b.Settings().Theme})
	win.SetIcon(assets.Icon)
	win.SetMaster()
	win.SetPadded(false)
	first := directory.People
	if w.layout.Tab == tabChromebooks {
		first = directory.Chromebooks
	}
	w.changed = w.follow(b, now, first, w.show) // which reads while the window is built
	w.build()
	win.Resize(fyne.NewSize(w.layout.Width, w.layout.Height))
	win.SetCloseIntercept(w.Close)
	win.SetOnDropped(w.dropped)
	win.Canvas().SetOnTypedKey(w.key)
	win.Canvas().SetOnTypedRune(w.typedRune)
	win.SetMainMenu(w.menu())
	w.goTo(w.layout.Tab)
	w.kept = w.looks()
	w.every(keepEvery, w.keepLayout)
	return w
}

// title names a demonstration and a cloud profile that is not the built-in
// one, so that nobody mistakes them for the real thing.
func title(a About) string {
	parts := []string{"Panel"}
	if a.Demo {
		parts = append(parts, "Demo")
	}
	if a.Profile != "" && a.Profile != "built-in" && !a.Demo {
		parts = append(parts, filepath.Base(a.Profile))
	}
	return strings.Join(parts, " – ")
}

// Show shows the window, or brings it to the front.
func (w *Window) Show() {
	w.win.Show()
	w.win.RequestFocus()
}

// Close leaves the window, and closes it.
func (w *Window) Close() {
	if w.closed {
		return
	}
	w.leave()
	if w.closing != nil {
		w.closing()
	}
	w.win.Close()
}

// leave ends what the window has started, and remembers the layout; it shows
// nothing more. Acts that do not end within a second are left behind.
func (w *Window) leave() {
	w.closed = true
	delete(hosts, w.win.Canvas())
	for _, s := range w.sheets {
		s.pop.Hide()
	}
	w.stop(time.Second)
	w.saveLayout()
}

func (w *Window) build() {
	w.sync, w.checkout = newSyncTab(w), newCheckoutTab(w)
	w.tabs = []*tab{
		{pane: w.sync, name: newTabName("Cloud Sync", assets.Cloud)},
		{pane: newPeopleTab(w), name: newTabName("People", theme.AccountIcon())},
		{pane: newChromebooksTab(w), name: newTabName("Chromebooks", theme.ComputerIcon())},
		{pane: w.checkout, name: newTabName("Checkout", theme.StorageIcon())},
	}
	names := hstack(2)
	w.body = container.NewStack()
	w.body.Hide() // until there is a state to show
	for i, t := range w.tabs {
		t.name.tapped = func() { w.goTo(i) }
		names.Add(t.name)
		t.object().Hide()
		w.body.Add(t.object())
	}
	w.search = newEntry("")
	w.search.long, w.search.short = "Search people and Chromebooks   (Ctrl+K)", "Search   (Ctrl+K)"
	w.search.OnChanged = w.typed
	w.search.OnSubmitted = func(string) { w.goToHits() }
	w.letGo(w.search)
	w.search.onKey, w.search.onFocus = w.quick.key, w.quick.focus
	w.clear = w.newIconButton(theme.CancelIcon(), "Clear the search", func() { w.search.SetText("") })
	w.clear.Hide()
	w.search.ActionItem = w.clear // before anything draws the box
	w.search.SetIcon(theme.SearchIcon())
	w.ages = newLastSync(w.host, func() { w.goTo(tabSync) })
	gear := w.newIconButton(theme.SettingsIcon(), "Settings", w.openSettings)

	w.bar = container.New(&topBarLayout{}, names, w.search, w.ages, gear)
	w.banner = newBanner(w.b.Notices(), w.press, func() { w.goTo(tabSync) })
	line := widget.NewSeparator()
	head := vstack(0, container.New(layout.NewCustomPaddedLayout(4, 0, 8, 8), w.bar), line, w.banner)
	w.win.SetContent(container.NewStack(container.NewBorder(head, nil, nil, nil, w.body), w.top))
}

// show shows a state. Only the tab in sight draws it now, the others when
// they come into sight.
func (w *Window) show(s *State) {
	if w.state == nil || w.state.Settings.Theme != s.Settings.Theme {
		w.app.Settings().SetTheme(panelTheme{s.Settings.Theme})
	}
	w.state = s
	w.body.Show()
	if w.ages.show(s) {
		w.bar.Refresh()
	}
	w.banner.show(warnings(s))
	w.notify(s)
	for _, t := range w.tabs {
		t.drawn = false
	}
	w.draw()
}

// draw brings the tab in sight up to date, and the numbers on the others'
// names when something is searched for.
func (w *Window) draw() {
	query := strings.TrimSpace(w.search.Text)
	wider := false
	for i, t := range w.tabs {
		if w.state == nil || (i != w.at && query == "") {
			wider = t.name.count(-1) || wider
			continue
		}
		if !t.drawn {
			t.show(w.state)
			n := t.find(query)
			if query == "" {
				n = -1
			}
			wider = t.name.count(n) || wider
			t.drawn = true
		}
	}
	if wider {
		w.bar.Refresh()
	}
}

// goTo shows a tab.
func (w *Window) goTo(i int) {
	if i < 0 || i >= len(w.tabs) || len(w.sheets) > 0 {
		return
	}
	if c := w.win.Canvas(); w.at != i && c.Focused() != nil && c.Focused() != fyne.Focusable(w.search) {
		c.Unfocus() // what is out of sight must not take what is typed
	}
	w.at = i
	w.hideTip() // of what is out of sight now
	for j, t := range w.tabs {
		t.name.choose(j == i)
		if j == i {
			t.object().Show()
		} else {
			t.object().Hide()
		}
	}
	w.draw()
	if t, ok := w.tabs[i].pane.(*checkoutTab); ok {
		t.focus()
	}
}

// typed searches for what stands in the search box.
func (w *Window) typed(query string) {
	w.hideTip()
	visible(w.clear, query != "")
	for _, t := range w.tabs {
		t.drawn = false
	}
	w.draw()
	w.quick.typed(query)
}

// goToHits goes from the search box to what was found: on this tab, else on
// the first that has any.
func (w *Window) goToHits() {
	if w.state == nil {
		return
	}
	if w.tabs[w.at].name.hits > 0 {
		w.focusTable()
		return
	}
	for i, t := range w.tabs {
		if t.name.hits > 0 {
			w.goTo(i)
			w.focusTable()
			return
		}
	}
}

// visit shows a tab and gives its table the keyboard.
func (w *Window) visit(i int) {
	w.goTo(i)
	if len(w.sheets) == 0 {
		w.focusTable()
	}
}

func (w *Window) focusTable() {
	switch p := w.tabs[w.at].pane.(type) {
	case *browser:
		w.focus(p.table.list)
	case *syncTab:
		w.focus(p.history.table.list)
	case *checkoutTab:
		p.focus()
	}
}

// goToRecord goes to a record in its list, and says so when it is not there.
func (w *Window) goToRecord(l directory.Listing, id string) {
	to := view.Target{Listing: l, Key: id}
	w.leaves()
	switch {
	case id == "" || w.state == nil || w.state.Records == nil:
	case w.reveal(to):
		w.visited(to) // its pane may show it already
	default:
		what := "person"
		if l == directory.Chromebooks {
			what = "Chromebook"
		}
		w.say(view.Warn, "That "+what+" is not in the list any more.", "", nil)
	}
}

// focusSearch gives the search box the keyboard, all of its text chosen.
func (w *Window) focusSearch() {
	if !w.covered() {
		w.quick.wanted = false
		w.quick.close()
		w.focus(w.search)
		w.search.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// togglePictures shows the pictures of the list in sight, or the list again.
func (w *Window) togglePictures() {
	b, ok := w.tabs[w.at].pane.(*browser)
	if !ok {
		w.say(view.Muted, "Go to People or Chromebooks: the pictures are theirs.", "", nil)
		return
	}
	b.showPictures(!b.pictures.scroll.Visible())
}

// key takes a key that nothing focused has a use for.
func (w *Window) key(e *fyne.KeyEvent) {
	if w.typedKey(e) || w.endScan(e) {
		return
	}
	// Fyne's dialogs do not take Escape.
	if top := w.win.Canvas().Overlays().Top(); top != nil && e.Name == fyne.KeyEscape {
		top.Hide()
		return
	}
	if e.Name == fyne.KeyEscape && w.search.Text != "" {
		w.search.SetText("")
	}
}

// dropped takes a file that was dropped onto the window: a Google client.
func (w *Window) dropped(_ fyne.Position, files []fyne.URI) {
	if len(files) == 1 {
		w.importClientFile(files[0].Path())
	}
}
