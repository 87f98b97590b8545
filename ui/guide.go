package ui

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"panel/ui/view"
)

// step is one step of a guide.
type step struct {
	words string
	copy  string // what to type there; "" for nothing
	label string // of the page
	url   string // the page where it happens; "" for the one before
}

// newGuide shows numbered steps; marked ones stand out. It returns the
// objects of the steps as well, to scroll to one.
func (h *host) newGuide(steps []step, marked func(i int) bool) (*fyne.Container, []fyne.CanvasObject) {
	box := vstack(12)
	for i, s := range steps {
		tone := view.Muted
		if marked(i) {
			tone = view.Info
		}
		number := container.NewBorder(newBadge(strconv.Itoa(i+1), tone), nil, nil, nil)
		lines := vstack(5, newParagraph(s.words))
		if s.copy != "" {
			value := newText(s.copy)
			value.Bold = true
			frame := newCard(container.NewBorder(nil, nil, nil, h.newCopyButton("text", func() string { return s.copy }), value))
			frame.pad, frame.inset = 0, 10
			lines.Add(frame)
		}
		if s.url != "" {
			lines.Add(container.NewHBox(newButton("Open "+s.label, nil, func() { h.open(s.url) })))
		}
		box.Add(container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8), number), nil, lines))
	}
	return box, box.Objects
}
