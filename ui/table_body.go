package ui

import (
	"math"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// wheelRows is how many rows a wheel's click scrolls, which Fyne reports as a
// distance of wheelStep.
const (
	wheelRows = 3
	wheelStep = 25
)

// tableBody shows the rows in sight and has the keyboard. It keeps one widget
// for each line of its height, and gives row i to the same one as long as i
// is in sight: scrolling moves pictures, and draws only the rows that come
// into sight.
//
// (A widget.List would place its rows at their distance from the first one;
// this places them at their distance from the top of the view, so that the
// number of rows is not limited by what a float32 can hold.)
type tableBody struct {
	widget.BaseWidget
	t       *table
	rows    []*tableRow
	offset  float64 // of the first row above the top
	focused bool
	// follows keeps the cursor in sight while the size changes, until somebody
	// scrolls.
	follows bool
	bar     *scrollBar
	ground  *canvas.Rectangle // below the last row: what a row covers need not be drawn
	// The last click, for double clicks.
	clicked   int
	clickedAt time.Time
}

func newTableBody(t *table) *tableBody {
	l := &tableBody{t: t, clicked: -1, ground: canvas.NewRectangle(nil)}
	l.bar = newScrollBar(true, l.ScrollToOffset)
	l.ExtendBaseWidget(l)
	return l
}

// place gives the rows in sight to the widgets. With anew every one of them
// is asked for and drawn again.
func (l *tableBody) place(anew bool) {
	size := l.Size()
	count := l.t.rows.Len()
	l.offset = max(0, min(l.offset, float64(count)*rowHeight-float64(size.Height)))
	lines := int(math.Ceil(float64(size.Height)/rowHeight)) + 1
	if size.Height <= 0 || size.Width <= 0 {
		lines = 0
	}
	grown := len(l.rows) != lines
	for len(l.rows) < lines {
		l.rows = append(l.rows, newTableRow(l.t))
	}
	l.rows = l.rows[:lines]
	first := int(l.offset / rowHeight)
	for i := first; i < first+lines; i++ {
		r := l.rows[i%lines]
		if i >= count {
			r.row = -1
			r.Hide()
			continue
		}
		if r.row != i || anew || grown {
			r.set(i)
		}
		r.Move(fyne.NewPos(0, float32(float64(i)*rowHeight-l.offset)))
		r.Resize(fyne.NewSize(size.Width, rowHeight))
		r.Show()
	}
	l.ground.FillColor = themed(colorCard)
	end := float32(max(0, min(float64(count)*rowHeight-l.offset, float64(size.Height))))
	l.ground.Move(fyne.NewPos(0, end))
	l.ground.Resize(fyne.NewSize(size.Width, size.Height-end))
	l.bar.set(size.Height, float32(count)*rowHeight, float32(l.offset))
	l.bar.Move(fyne.NewPos(size.Width-scrollBarWidth, 0))
	l.bar.Resize(fyne.NewSize(scrollBarWidth, size.Height))
}

// prepended takes in rows above the others, which keep the widgets that show them
// and are not drawn again, and scrolls to the top.
func (l *tableBody) prepended(n int) {
	if lines := len(l.rows); lines > 0 {
		k := n % lines
		l.rows = append(slices.Clone(l.rows[lines-k:]), l.rows[:lines-k]...)
		for _, r := range l.rows {
			if r.row >= 0 {
				r.row += n
			}
		}
	}
	l.scroll(0)
}

// Refresh asks for every row in sight anew.
func (l *tableBody) Refresh() {
	l.place(true)
	canvas.Refresh(l)
}

// repaint draws the rows in sight again as they were asked for.
func (l *tableBody) repaint() {
	for _, r := range l.rows {
		if r.row >= 0 {
			r.repaint()
		}
	}
}

// restyle repaints the rows whose selection or cursor has changed.
func (l *tableBody) restyle() {
	for _, r := range l.rows {
		if r.row >= 0 && r.style() != r.painted {
			r.repaint()
		}
	}
}

// ScrollToOffset scrolls until that much of the rows is above the top.
func (l *tableBody) ScrollToOffset(offset float32) {
	l.follows = false
	l.scroll(float64(offset))
}

// Resize implements fyne.Widget.
func (l *tableBody) Resize(size fyne.Size) {
	l.BaseWidget.Resize(size)
	if l.follows && l.t.cursor >= 0 {
		l.reveal(l.t.cursor)
	}
}

func (l *tableBody) scroll(offset float64) {
	l.offset = offset
	for _, r := range l.rows {
		if r.hovered {
			r.hovered = false
			r.hover(-1)
		}
	}
	l.place(false)
	l.restyle()
}

// reveal scrolls as little as shows the whole row.
func (l *tableBody) reveal(row int) {
	l.follows = true
	top, height := float64(row)*rowHeight, float64(l.Size().Height)
	switch {
	case height <= 0:
	case top < l.offset:
		l.scroll(top)
	case top+rowHeight > l.offset+height:
		l.scroll(top + rowHeight - height)
	}
}

// Scrolled scrolls three rows for each click of the wheel; with Shift it
// scrolls the columns.
func (l *tableBody) Scrolled(e *fyne.ScrollEvent) {
	dx, dy := e.Scrolled.DX, e.Scrolled.DY
	if heldModifier()&fyne.KeyModifierShift != 0 {
		dx, dy = dx+dy, 0
	}
	if dx != 0 {
		l.t.scrollTo(l.t.shift - dx)
	}
	if dy != 0 {
		l.follows = false
		l.scroll(l.offset - float64(dy)*wheelRows*rowHeight/wheelStep)
	}
}

func (l *tableBody) FocusGained() {
	l.focused = true
	l.restyle()
}

func (l *tableBody) FocusLost() {
	l.focused = false
	l.restyle()
}

func (l *tableBody) MinSize() fyne.Size { return fyne.NewSize(100, 3*rowHeight) }

func (l *tableBody) CreateRenderer() fyne.WidgetRenderer { return &tableBodyRenderer{l} }

type tableBodyRenderer struct{ l *tableBody }

func (r *tableBodyRenderer) Destroy()           {}
func (r *tableBodyRenderer) MinSize() fyne.Size { return r.l.MinSize() }
func (r *tableBodyRenderer) Layout(fyne.Size)   { r.l.place(false) }
func (r *tableBodyRenderer) Refresh()           { r.l.place(true) }

func (r *tableBodyRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, len(r.l.rows)+2)
	out = append(out, r.l.ground)
	for _, row := range r.l.rows {
		out = append(out, row)
	}
	return append(out, r.l.bar)
}
