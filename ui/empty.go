package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// emptyState stands where there is nothing to show yet, and says what to do
// first.
type emptyState struct {
	widget.BaseWidget
	press func(view.Words)
	shown view.Words
	box   *fyne.Container
}

func newEmptyState(press func(view.Words)) *emptyState {
	e := &emptyState{press: press, box: container.NewStack()}
	e.ExtendBaseWidget(e)
	e.Hide()
	return e
}

func (e *emptyState) CreateRenderer() fyne.WidgetRenderer {
	ground := newCard(container.NewCenter(e.box))
	ground.square, ground.edgeless = true, true
	return widget.NewSimpleRenderer(ground)
}

// set shows words with their button; the zero Words take it away.
func (e *emptyState) set(w view.Words) {
	if w == (view.Words{}) {
		e.Hide()
		return
	}
	if w != e.shown {
		e.shown = w
		title, sentence := newHeading(w.Title), newMuted(w.Sentence)
		title.Whole, sentence.Whole = true, true
		lines := vstack(10, container.NewCenter(title), container.NewCenter(sentence))
		if w.Button.Act != view.NoAct {
			lines.Add(container.NewCenter(newPrimary(w.Button.Text, nil, func() { e.press(w) })))
		}
		e.box.Objects = []fyne.CanvasObject{lines}
		e.box.Refresh()
	}
	e.Show()
}
