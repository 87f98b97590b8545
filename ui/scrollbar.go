package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// scrollBarWidth is the room of a scroll bar; its thumb is thinner.
const scrollBarWidth = 10

// scrollBar shows which part of something is in sight, and moves it when it
// is dragged or pressed beside its thumb. It is empty while everything is in
// sight.
type scrollBar struct {
	widget.BaseWidget
	vertical bool
	scroll   func(offset float32)
	// In units: the room in sight, all that there is, and what lies before.
	view, content, offset float32
	thumb                 *canvas.Rectangle
	wide                  bool // under the pointer
}

func newScrollBar(vertical bool, scroll func(float32)) *scrollBar {
	b := &scrollBar{vertical: vertical, scroll: scroll, thumb: canvas.NewRectangle(nil)}
	b.ExtendBaseWidget(b)
	return b
}

func (b *scrollBar) set(view, content, offset float32) {
	if b.view == view && b.content == content && b.offset == offset && b.thumb.FillColor == themed(theme.ColorNameScrollBar) {
		return // the table is laid out in the middle of a picture, and would ask for another
	}
	b.view, b.content, b.offset = view, content, offset
	b.Refresh()
}

// span is where the thumb begins and how long it is.
func (b *scrollBar) span() (at, length float32) {
	if b.content <= 0 || b.view >= b.content {
		return 0, 0
	}
	length = max(28, b.view*b.view/b.content)
	return b.offset / (b.content - b.view) * (b.view - length), length
}

// along picks the part of a movement that the bar is about.
func (b *scrollBar) along(x, y float32) float32 {
	if b.vertical {
		return y
	}
	return x
}

func (b *scrollBar) Dragged(e *fyne.DragEvent) {
	if _, length := b.span(); length > 0 && b.view > length {
		b.scroll(b.offset + b.along(e.Dragged.DX, e.Dragged.DY)*(b.content-b.view)/(b.view-length))
	}
}

func (b *scrollBar) DragEnd() {}

// Tapped goes one page towards the pointer.
func (b *scrollBar) Tapped(e *fyne.PointEvent) {
	at, length := b.span()
	switch p := b.along(e.Position.X, e.Position.Y); {
	case length == 0:
	case p < at:
		b.scroll(b.offset - b.view)
	case p > at+length:
		b.scroll(b.offset + b.view)
	}
}

func (b *scrollBar) MouseIn(*desktop.MouseEvent)    { b.wide = true; b.Refresh() }
func (b *scrollBar) MouseMoved(*desktop.MouseEvent) {}
func (b *scrollBar) MouseOut()                      { b.wide = false; b.Refresh() }

func (b *scrollBar) Refresh() {
	at, length := b.span()
	thick := float32(5)
	if b.wide {
		thick = 8
	}
	b.thumb.FillColor = themed(theme.ColorNameScrollBar)
	b.thumb.CornerRadius = thick / 2
	if length == 0 {
		b.thumb.Hide()
	} else {
		b.thumb.Show()
	}
	if b.vertical {
		b.thumb.Move(fyne.NewPos(scrollBarWidth-thick-1, at))
		b.thumb.Resize(fyne.NewSize(thick, length))
	} else {
		b.thumb.Move(fyne.NewPos(at, scrollBarWidth-thick-1))
		b.thumb.Resize(fyne.NewSize(length, thick))
	}
	b.thumb.Refresh()
}

func (b *scrollBar) MinSize() fyne.Size { return fyne.NewSize(scrollBarWidth, scrollBarWidth) }

func (b *scrollBar) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout(b.thumb))
}
