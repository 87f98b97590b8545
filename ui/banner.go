package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// banner says what needs the technician, one line for each, each with the
// button that helps. Notices stand above and stay until they are dismissed.
type banner struct {
	widget.BaseWidget
	lines   *fyne.Container
	notices []view.Words
	shown   []view.Words
	press   func(view.Words)
	rest    func() // shows those for which there is no line
}

// bannerLines is how many things the banner says at once.
const bannerLines = 2

func newBanner(notices []view.Words, press func(view.Words), rest func()) *banner {
	b := &banner{notices: notices, press: press, rest: rest, lines: vstack(0)}
	b.ExtendBaseWidget(b)
	b.fill()
	return b
}

func (b *banner) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.lines) }

func (b *banner) show(words []view.Words) {
	if slices.Equal(words, b.shown) {
		return
	}
	b.shown = words
	b.fill()
}

func (b *banner) fill() {
	b.lines.RemoveAll()
	for i, w := range b.notices {
		cross := newButton("", theme.CancelIcon(), func() {
			b.notices = slices.Delete(slices.Clone(b.notices), i, i+1)
			b.fill()
		})
		cross.Importance = widget.LowImportance
		b.add(w, w.String(), cross)
	}
	for i, w := range b.shown[:min(len(b.shown), bannerLines)] {
		if more := len(b.shown) - bannerLines; more > 0 && i == bannerLines-1 {
			b.add(w, w.Sentence, newLink("and "+view.Number(more)+" more", b.rest))
			break
		}
		b.add(w, w.Sentence)
	}
	visible(b, len(b.lines.Objects) > 0)
	b.Refresh()
}

// add adds a line with the button of the words before others.
func (b *banner) add(w view.Words, words string, others ...fyne.CanvasObject) {
	right := hstack(6)
	if w.Button.Act != view.NoAct {
		right.Add(newButton(w.Button.Text, nil, func() { b.press(w) }))
	}
	for _, o := range others {
		right.Add(o)
	}
	line := container.New(&bannerLayout{}, newDot(w.Tone), newParagraph(words), right)
	strip := newCard(container.New(layout.NewCustomPaddedLayout(2, 2, 14, 10), line))
	strip.accent, strip.pad, strip.square, strip.edgeless = w.Tone, 0, true, true
	b.lines.Add(strip)
}

// bannerLayout puts a dot before words that wrap, and buttons after them, each
// in the middle of the height.
type bannerLayout struct{ width float32 }

// inner is how wide the words are.
func (l *bannerLayout) inner(o []fyne.CanvasObject) float32 {
	return max(120, l.width-10-12-10-o[2].MinSize().Width)
}

func (l *bannerLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	o[1].Resize(fyne.NewSize(l.inner(o), o[1].Size().Height)) // wrapped text knows its height only at its width
	return fyne.NewSize(300, max(32, o[1].MinSize().Height+8, o[2].MinSize().Height))
}

func (l *bannerLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	width := l.inner(o)
	middle := func(o fyne.CanvasObject, x, width, height float32) {
		o.Resize(fyne.NewSize(width, height))
		o.Move(fyne.NewPos(x, (size.Height-height)/2))
	}
	o[1].Resize(fyne.NewSize(width, o[1].Size().Height))
	middle(o[0], 0, 10, 10)
	middle(o[1], 20, width, o[1].MinSize().Height)
	right := o[2].MinSize()
	middle(o[2], size.Width-right.Width, right.Width, right.Height)
}
