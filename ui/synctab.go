package ui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/sync/engine"
	"panel/ui/view"
)

// syncTab is Cloud Sync: a card for each cloud, the immediate refresh, holds,
// and the history of syncs.
type syncTab struct {
	w         *Window
	google    *cloudCard
	microsoft *cloudCard
	refresh   *button
	stop      *button
	next      *text
	holds     *holdList
	history   *history
	root      *container.Scroll
}

func newSyncTab(w *Window) *syncTab {
	t := &syncTab{w: w, google: newCloudCard(w.host, w.press), microsoft: newCloudCard(w.host, w.press), next: newMuted("")}
	t.refresh = newPrimary(nameRefresh, theme.ViewRefreshIcon(), func() { w.b.Sync(false) })
	t.stop = newButton("Cancel", theme.CancelIcon(), func() { w.b.Cancel() })
	t.stop.Hide()
	t.holds = newHoldList(w)
	t.history = newHistory(w.host, w.layout.History)

	bar := container.NewBorder(nil, nil, hstack(8, t.refresh, t.stop), nil, padLeft(8, t.next))
	top := vstack(10, bar, container.New(&besideLayout{gap: 8}, t.google.card, t.microsoft.card), t.holds.box)
	page := container.NewBorder(container.New(layout.NewCustomPaddedLayout(0, 10, 0, 0), top), nil, nil, nil, t.history.object())
	t.root = container.NewVScroll(padded(12, page))
	return t
}

func (t *syncTab) object() fyne.CanvasObject { return t.root }

// showHolds scrolls to what waits for a yes.
func (t *syncTab) showHolds() {
	d := fyne.CurrentApp().Driver()
	y := d.AbsolutePositionForObject(t.holds.box).Y - d.AbsolutePositionForObject(t.root).Y
	t.root.ScrollToOffset(t.root.Offset.AddXY(0, y-12))
}

// find searches nothing: the search box is for records.
func (t *syncTab) find(string) int { return -1 }

func (t *syncTab) show(s *State) {
	t.google.set(googleModel(s))
	t.microsoft.set(microsoftModel(s))
	t.next.set(nextWords(s), view.Muted)
	running := s.Status.Running != nil
	visible(t.stop, running)
	if s.Status.Cancelling != t.stop.Disabled() {
		if s.Status.Cancelling {
			t.stop.Disable()
		} else {
			t.stop.Enable()
		}
	}
	if ready := canSync(s); ready == t.refresh.Disabled() {
		if ready {
			t.refresh.Enable()
		} else {
			t.refresh.Disable()
		}
	}
	t.holds.show(s)
	t.history.show(s)
}

// canSync tells whether there is a cloud to read.
func canSync(s *State) bool {
	g := s.Connections.Google.State
	return g == "authorized" || g == "partial" || s.Connections.Microsoft.State != "not_configured"
}

// everRead tells whether any cloud was read, so that its data is here.
func everRead(s *engine.Status) bool {
	return !s.Google.LastSuccess.IsZero() || !s.Microsoft.LastSuccess.IsZero()
}

func nextWords(s *State) string {
	switch {
	case s.Status.Cancelling:
		return "Cancelling…"
	case s.Status.Running != nil:
		return "Syncing. A request now is remembered and runs afterwards."
	case !canSync(s) && everRead(&s.Status):
		return "No cloud is connected any more: what was imported stays as it was."
	case !canSync(s):
		return "Nothing to sync yet: connect a cloud below."
	}
	return view.NextRun(&s.Status, s.Now)
}

func (t *syncTab) remember(l *windowLayout) { l.History = t.history.split.choice() }

// holdList shows removals that wait for a yes.
type holdList struct {
	w     *Window
	box   *fyne.Container
	shown []view.Words
}

func newHoldList(w *Window) *holdList {
	l := &holdList{w: w, box: vstack(8)}
	l.box.Hide()
	return l
}

func (l *holdList) show(s *State) {
	words := make([]view.Words, len(s.Status.Holds))
	for i := range s.Status.Holds {
		words[i] = view.HoldWords(&s.Status.Holds[i])
	}
	if slices.Equal(words, l.shown) {
		return
	}
	l.shown = words
	l.box.RemoveAll()
	for i := range s.Status.Holds {
		l.box.Add(l.card(words[i], s.Status.Holds[i].Cloud, s.Status.Holds[i].Listing, s.Status.Holds[i].IDs))
	}
	visible(l.box, len(words) > 0)
}

func (l *holdList) card(words view.Words, c directory.Cloud, listing directory.Listing, ids []string) fyne.CanvasObject {
	w := l.w
	keep := newButton("Keep", nil, func() {
		w.act(func(ctx context.Context) error { return w.b.Keep(ctx, c, listing) }, func(ok bool) {
			if ok {
				w.say(view.Good, "They stay until the cloud lists them again.", "", nil)
			}
		})
	})
	remove := newButton("Remove", nil, func() {
		one, many := "person", "people"
		if listing == directory.Chromebooks {
			one, many = "Chromebook", "Chromebooks"
		}
		w.confirm("Remove "+view.Plural(len(ids), one, many)+"?",
			"Panel looks at the cloud once more, then removes what is still missing. It can be brought back for 30 days; checkouts stay.",
			"Remove", true, func() {
				w.act(func(ctx context.Context) error { return w.b.Remove(ctx, c, listing) }, nil)
			})
	})
	list := newLink("Show the list", func() { w.openHeld(words.Title, c, listing, ids) })
	title := newText(words.Title)
	title.Bold = true
	card := newCard(vstack(6, title, newParagraph(words.String()), hstack(6, keep, remove, list)))
	card.accent, card.pad = view.Warn, 12
	return card
}
