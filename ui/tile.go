package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// tile is a number with a word below it, which can be clicked.
type tile struct {
	widget.BaseWidget
	number, word string
	tone         view.Tone
	on, hovered  bool
	tapped       func()
}

func newTile(tapped func()) *tile {
	t := &tile{tapped: tapped}
	t.ExtendBaseWidget(t)
	return t
}

func (t *tile) set(number, word string, tone view.Tone, on bool) {
	if t.number != number || t.word != word || t.tone != tone || t.on != on {
		t.number, t.word, t.tone, t.on = number, word, tone, on
		t.Refresh()
	}
}

func (t *tile) Tapped(*fyne.PointEvent)        { t.tapped() }
func (t *tile) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (t *tile) MouseIn(*desktop.MouseEvent)    { t.hovered = true; t.Refresh() }
func (t *tile) MouseMoved(*desktop.MouseEvent) {}
func (t *tile) MouseOut()                      { t.hovered = false; t.Refresh() }

func (t *tile) CreateRenderer() fyne.WidgetRenderer {
	r := &tileRenderer{t: t, ground: canvas.NewRectangle(nil), number: canvas.NewText("", nil), word: canvas.NewText("", nil)}
	r.ground.CornerRadius = 8
	r.Refresh()
	return r
}

type tileRenderer struct {
	t            *tile
	ground       *canvas.Rectangle
	number, word *canvas.Text
}

func (r *tileRenderer) Destroy() {}
func (r *tileRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.number, r.word}
}

func (r *tileRenderer) MinSize() fyne.Size {
	return fyne.NewSize(max(126, 28+max(r.number.MinSize().Width, r.word.MinSize().Width)), 62)
}

func (r *tileRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.number.Move(fyne.NewPos(14, 4))
	r.number.Resize(fyne.NewSize(size.Width-28, 34))
	r.word.Move(fyne.NewPos(14, 37))
	r.word.Resize(fyne.NewSize(size.Width-28, 18))
}

func (r *tileRenderer) Refresh() {
	t := r.t
	ink := toneColor(t.tone)
	if t.number == "0" {
		ink = colorMuted
	}
	r.number.Text, r.number.TextSize, r.number.TextStyle.Bold, r.number.Color = t.number, 26, true, themed(ink)
	r.word.Text, r.word.TextSize, r.word.Color = t.word, 12, themed(colorMuted)
	r.ground.FillColor, r.ground.StrokeColor, r.ground.StrokeWidth = themed(colorCard), themed(colorBorder), 1
	if t.on {
		r.ground.FillColor, r.ground.StrokeColor = over(themed(colorCard), tinted(ink, 0x1c)), themed(ink)
	} else if t.hovered {
		r.ground.StrokeColor = themed(theme.ColorNamePrimary)
	}
	canvas.Refresh(t)
}
