package ui

import (
	"slices"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/ui/view"
)

// trail is what was looked at, one record after the other.
type trail struct {
	seen []view.Target
	at   int // the one that is looked at
}

// trailLength is how many records are remembered.
const trailLength = 100

// add adds the record that is looked at now; what lay ahead is forgotten.
func (t *trail) add(to view.Target) {
	if len(t.seen) > 0 && t.seen[t.at] == to {
		return
	}
	if len(t.seen) > 0 {
		t.seen = t.seen[:t.at+1]
	}
	t.seen = append(t.seen, to)
	t.seen = slices.Delete(t.seen, 0, max(0, len(t.seen)-trailLength))
	t.at = len(t.seen) - 1
}

// walk goes back or forward by some records of what was looked at. Those that
// are not there any more are passed over.
func (w *Window) walk(by int) {
	t, before := &w.trail, w.trail.at
	for to := before + by; to >= 0 && to < len(t.seen); to += by {
		t.at = to
		if w.reveal(t.seen[to]) {
			w.showWay()
			return
		}
	}
	t.at = before
	w.say(view.Muted, "Nothing else was looked at.", "", nil)
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
	b, ok := w.tabs[w.at].pane.(*browser)
	if !ok {
		w.goTo(tabPeople)
		b, ok = w.tabs[w.at].pane.(*browser)
	}
	if ok && b.list != nil {
		w.search.SetText("")
		b.list.ClearFilters()
		b.chooseOrgUnits(false, to.Key)
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
