package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/ui/view"
)

// trail is what was looked at, one after the other.
type trail struct {
	stops []stop
	at    int // the one that is looked at
}

// stop is a record or an OU that was looked at.
type stop struct {
	to view.Target
	// How its list was looked at when it was left, in the tab at tab.
	tab    int
	left   bool
	look   view.SavedView
	search string
}

// trailLength is how many stops are remembered.
const trailLength = 100

// leaves keeps how the list of the last stop looks, before that changes.
func (w *Window) leaves() {
	b, ok := w.tabs[w.at].pane.(*browser)
	if !ok || b.list == nil || len(w.trail.stops) == 0 {
		return
	}
	if s := &w.trail.stops[w.trail.at]; s.tab == w.at {
		s.left, s.look, s.search = true, b.list.View(), w.search.Text
	}
}

// visited adds what is looked at now; what lay ahead is forgotten.
func (w *Window) visited(to view.Target) {
	t := &w.trail
	if len(t.stops) > 0 {
		if t.stops[t.at].to == to {
			return
		}
		t.stops = t.stops[:t.at+1]
	}
	tab := w.at
	for i, other := range w.tabs {
		if b, ok := other.pane.(*browser); ok && b.kind.listing == to.Listing {
			tab = i
		}
	}
	t.stops = append(t.stops, stop{to: to, tab: tab})
	t.stops = slices.Delete(t.stops, 0, max(0, len(t.stops)-trailLength))
	t.at = len(t.stops) - 1
	w.showWay()
}

// walk goes back or forward by some stops, to how their lists were looked at.
// What is not there any more is passed over.
func (w *Window) walk(by int) {
	t, before := &w.trail, w.trail.at
	w.leaves()
	for to := before + by; to >= 0 && to < len(t.stops); to += by {
		t.at = to
		if w.returnTo(t.stops[to]) {
			w.showWay()
			return
		}
	}
	t.at = before
	w.say(view.Muted, "Nothing else was looked at.", "", nil)
}

// returnTo shows a stop again, and reports whether it is still there.
func (w *Window) returnTo(s stop) bool {
	b, ok := w.tabs[s.tab].pane.(*browser)
	if !ok || b.list == nil {
		return false
	}
	if _, there := b.list.Find(s.to.Key); !there && s.to.Listing != directory.OrgUnits {
		return false
	}
	w.visit(s.tab)
	if s.left {
		w.search.SetText(s.search)
		if now := b.list.View(); !s.look.Shows(&now) {
			s.look.Orders = now.Orders
			b.list.Apply(&s.look)
			b.tree.show(s.look.OrgUnits, s.look.Alone)
			b.refill()
		}
	}
	if s.to.Listing != directory.OrgUnits {
		return w.reveal(s.to)
	}
	if !s.left && !slices.Equal(b.tree.chosen, []string{s.to.Key}) {
		b.chooseOrgUnits(false, s.to.Key)
	}
	b.table.Clear() // of a record that was looked at from there
	return true
}

// showWay shows in the panes whether there is a way back and forward.
func (w *Window) showWay() {
	for _, t := range w.tabs {
		if b, ok := t.pane.(*browser); ok {
			b.detail.showWay()
		}
	}
}

// goToTarget goes to what something leads to: an OU in the list that is in sight,
// a record in its own.
func (w *Window) goToTarget(to view.Target) {
	if to.Listing != directory.OrgUnits {
		w.goToRecord(to.Listing, to.Key)
		return
	}
	w.leaves()
	b, ok := w.tabs[w.at].pane.(*browser)
	if !ok {
		w.goTo(tabPeople)
		b, ok = w.tabs[w.at].pane.(*browser)
	}
	if ok && b.list != nil {
		w.search.SetText("")
		b.list.ClearFilters()
		b.chooseOrgUnits(false, to.Key)
		w.visited(to)
	}
}

// reveal goes to a record in its list, and reports whether it is there.
func (w *Window) reveal(to view.Target) bool {
	for i, t := range w.tabs {
		if b, ok := t.pane.(*browser); ok && b.kind.listing == to.Listing {
			w.visit(i)
			if b.list == nil || b.list.IndexOf(to.Key) < 0 {
				w.search.SetText("")
			}
			return b.reveal(to.Key)
		}
	}
	return false
}

// enable lets a button be pressed, or not.
func enable(b fyne.Disableable, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}
