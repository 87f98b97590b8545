package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"panel/ui/view"
)

// windowLayout is what the window remembers of its looks. The zero value of
// a field means the designed one.
type windowLayout struct {
	Width  float32               `json:"width"`
	Height float32               `json:"height"`
	Tab    int                   `json:"tab"`
	Lists  map[string]listLayout `json:"lists,omitempty"`
	// Place is what the Checkout tab shows.
	Place int `json:"place,omitempty"`
	// History is the width of the list of runs.
	History float32 `json:"history,omitempty"`
	// Told is what the desktop was notified of last, by what it is about.
	Told map[string]string `json:"told,omitempty"`
}

// listLayout is how a list of records looks.
type listLayout struct {
	// Columns are those chosen, left to right, absent before somebody chose
	// some; Widths theirs, absent while they follow the window.
	Columns []string     `json:"columns,omitempty"`
	Widths  []float32    `json:"widths,omitempty"`
	Orders  []view.Order `json:"orders,omitempty"`
	// Pictures are shown in the place of the table.
	Pictures bool `json:"pictures,omitempty"`
	// Tree and Detail are the widths of the panes at the sides.
	Tree   float32 `json:"tree,omitempty"`
	Detail float32 `json:"detail,omitempty"`
}

// readLayout reads what was remembered; what cannot be read is as designed.
func readLayout(b []byte) windowLayout {
	var l windowLayout
	if json.Unmarshal(b, &l) != nil {
		l = windowLayout{}
	}
	if l.Width < 640 || l.Width > 10000 {
		l.Width = 1280
	}
	if l.Height < 400 || l.Height > 10000 {
		l.Height = 800
	}
	if l.Lists == nil {
		l.Lists = map[string]listLayout{}
	}
	if l.Told == nil {
		l.Told = map[string]string{}
	}
	return l
}

// keepEvery is how often the window's looks are kept where they have changed:
// nobody who moved a column wants to lose that by a crash.
const keepEvery = 2 * time.Second

// looks is how the window looks now.
func (w *Window) looks() []byte {
	l := &w.layout
	if size := w.win.Canvas().Size(); size.Width > 0 {
		l.Width, l.Height = size.Width, size.Height
	}
	l.Tab = w.at
	for _, t := range w.tabs {
		if r, ok := t.pane.(interface{ remember(*windowLayout) }); ok {
			r.remember(l)
		}
	}
	b, err := json.Marshal(l)
	if err != nil {
		return w.kept
	}
	return b
}

// keepLayout keeps the looks where they have changed, on a goroutine of its
// own: the disk may be slow.
func (w *Window) keepLayout() {
	now := w.looks()
	if w.keeping || bytes.Equal(now, w.kept) {
		return
	}
	w.kept, w.keeping = now, true
	w.do(func(context.Context) error { return w.b.SetLayout(now) }, func(error) { w.keeping = false })
}

// saveLayout keeps the looks at once. It runs before the window closes:
// afterwards Fyne may end the process at any time.
func (w *Window) saveLayout() {
	w.kept = w.looks()
	_ = w.b.SetLayout(w.kept) // a forgotten width is not worth a word, or a wait
}

// recall and remember keep the looks of the list over a restart.
func (b *browser) recall(l listLayout) {
	b.outer.choose(l.Tree)
	b.inner.choose(l.Detail)
	order := b.places(l.Columns)
	if len(order) > 0 {
		b.table.order, b.table.chosen = order, true
		if len(l.Widths) == len(order) && len(l.Columns) == len(order) {
			b.table.widths, b.table.manual = slices.Clone(l.Widths), true
		}
	}
	b.table.SetSort(b.sortings(l.Orders)...)
	b.showPictures(l.Pictures)
}

func (b *browser) remember(w *windowLayout) {
	l := listLayout{Tree: b.outer.choice(), Detail: b.inner.choice(), Orders: b.orders(), Pictures: b.pictures.scroll.Visible()}
	if b.table.chosen || b.table.manual {
		l.Columns = b.columnKeys()
	}
	if b.table.manual {
		l.Widths = b.table.widths
	}
	w.Lists[b.kind.name] = l
}
