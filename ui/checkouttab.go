package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ledger"
	"panel/ui/view"
)

// checkoutTab is Checkout: scanning, collections, audits and the lists, chosen at
// the left.
type checkoutTab struct {
	w       *Window
	desk    *desk
	rounds  [2]*roundPane // collections, audits
	lists   *browser
	real    *evidencePane
	places  []checkoutPlace
	at      int
	off     *emptyState // where the ledger cannot be written to
	root    fyne.CanvasObject
	state   *State
	started bool
}

// checkoutPlace is one thing to do on the tab.
type checkoutPlace struct {
	name   *button
	object fyne.CanvasObject
	pane   any // what is there
	show   func(*State)
	// scans takes codes; nil where nothing is scanned.
	scans *scanBox
}

// The places of the tab.
const (
	placeDesk = iota
	placeCollection
	placeAudit
	placeLists
	placeReal
)

func newCheckoutTab(w *Window) *checkoutTab {
	t := &checkoutTab{w: w, off: newEmptyState(w.press)}
	q := w.newQueue()
	t.desk = newDesk(w, q)
	t.rounds[0], t.rounds[1] = newRoundPane(w, q, ledger.Collection), newRoundPane(w, q, ledger.Audit)
	t.lists, t.real = newCheckoutsList(w), newEvidencePane(w)
	nav := vstack(2)
	body := container.NewStack()
	add := func(label string, icon fyne.Resource, pane any, o fyne.CanvasObject, show func(*State), scans *scanBox) {
		i := len(t.places)
		b := newButton(label, icon, func() { t.goTo(i) })
		b.Alignment, b.Importance = widget.ButtonAlignLeading, widget.LowImportance
		t.places = append(t.places, checkoutPlace{b, o, pane, show, scans})
		nav.Add(b)
		o.Hide()
		body.Add(o)
	}
	add("Scan", theme.LoginIcon(), t.desk, t.desk.root, t.desk.show, t.desk.box)
	add("Collection day", theme.DownloadIcon(), t.rounds[0], t.rounds[0].root, t.rounds[0].show, t.rounds[0].box)
	add("Inventory audit", theme.SearchIcon(), t.rounds[1], t.rounds[1].root, t.rounds[1].show, t.rounds[1].box)
	add("Lists", theme.ListIcon(), t.lists, t.lists.object(), t.lists.show, nil)
	add("Who really has it", theme.QuestionIcon(), t.real, t.real.root, t.real.show, nil)
	side := newCard(container.NewGridWrap(fyne.NewSize(168, nav.MinSize().Height), nav))
	side.pad, side.square = 8, true
	page := container.NewBorder(nil, nil, side, nil, body)
	if !w.handsOut() {
		t.off.set(view.Words{
			Title:    "Checkout is off",
			Sentence: "This session keeps nothing on this computer, so a checkout would be lost with it. Start Panel with a keychain, or with a passphrase for its data.",
		})
		page.Hide()
	}
	t.root = container.NewStack(page, t.off)
	t.goTo(max(0, min(w.layout.Place, len(t.places)-1)))
	return t
}

// remember remembers what the tab shows.
func (t *checkoutTab) remember(l *windowLayout) {
	l.Place = t.at
	t.lists.remember(l)
}

func (t *checkoutTab) object() fyne.CanvasObject { return t.root }

// goTo shows one place of the tab.
func (t *checkoutTab) goTo(i int) {
	t.at = i
	for j := range t.places {
		p := &t.places[j]
		visible(p.object, j == i)
		p.name.Importance = widget.LowImportance
		if j == i {
			p.name.Importance = widget.HighImportance
		}
		p.name.Refresh()
	}
	if t.state != nil {
		t.places[i].show(t.state)
		t.focus()
	}
}

// visitPlace goes to one place of the tab.
func (w *Window) visitPlace(i int) {
	w.visit(tabCheckout)
	w.checkout.goTo(i)
}

// focus gives the keyboard to where codes go, or to the list; to nothing that is
// out of sight, which would go on taking codes.
func (t *checkoutTab) focus() {
	if t.w.tabs[t.w.at].pane != t || len(t.w.sheets) > 0 {
		return
	}
	switch s := t.scans(); {
	case s != nil:
		t.w.focus(s.entry)
	case t.at == placeReal:
		t.w.focus(t.real.list.table.list)
	case t.at == placeLists:
		t.w.focus(t.lists.table.list)
	default:
		t.w.win.Canvas().Unfocus()
	}
}

// typed takes a letter that is a command here, and returns what is to be searched
// for: also that letter, once another one follows.
func (t *checkoutTab) typed(text string) string {
	if t.at != placeReal {
		return text
	}
	if before := t.real.letter; before != "" {
		t.real.cancelAccept()
		return before + text
	}
	if strings.EqualFold(text, "a") {
		t.real.acceptSoon(text)
		return ""
	}
	return text
}

// scans is where codes go now, nil for nowhere.
func (t *checkoutTab) scans() *scanBox {
	if s := t.places[t.at].scans; t.w.handsOut() && s != nil && s.round != "" {
		return s
	}
	return nil
}

func (t *checkoutTab) show(s *State) {
	t.state = s
	if !t.w.handsOut() {
		return
	}
	if !t.started && t.w.tabs[t.w.at].pane == t { // not for a search that only counts
		t.started = true
		t.desk.load()
		t.rounds[0].load()
		t.rounds[1].load()
	}
	t.places[t.at].show(s)
}

// showView shows a view of the lists.
func (t *checkoutTab) showView(name string) {
	t.goTo(placeLists)
	if v, ok := t.lists.views.named(name); ok && t.lists.list != nil {
		t.lists.views.apply(v)
	}
}

// find searches what is in sight; while scanning nothing is searched for.
func (t *checkoutTab) find(query string) int {
	switch t.at {
	case placeLists:
		return t.lists.find(query)
	case placeReal:
		return t.real.find(query)
	case placeCollection, placeAudit:
		return t.rounds[t.at-placeCollection].find(query)
	}
	return -1
}
