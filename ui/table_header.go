package ui

import (
	"image"
	"image/draw"
	"math"
	"slices"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// grip is how near the pointer must be to a column's right edge to drag it.
const grip = 5

// tableHeader names the columns: a click sorts, dragging an edge resizes,
// dragging a name moves the column, a right click chooses columns.
type tableHeader struct {
	widget.BaseWidget
	t       *table
	raster  *canvas.Raster
	picture *image.RGBA

	pointer  float32 // where the pointer is, -1 outside
	dragging bool
	resizing int     // the shown column whose edge is dragged, -1 for none
	moving   int     // the shown column that is dragged, -1 for none
	dragAt   float32 // where the drag is
	// The edge that was clicked last, for double clicks.
	edge   int
	edgeAt time.Time
}

func newTableHeader(t *table) *tableHeader {
	h := &tableHeader{t: t, pointer: -1, resizing: -1, moving: -1, edge: -1}
	h.raster = canvas.NewRaster(h.paint)
	h.ExtendBaseWidget(h)
	return h
}

func (h *tableHeader) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(h.raster)
}

func (h *tableHeader) MinSize() fyne.Size { return fyne.NewSize(40, headerHeight) }
func (h *tableHeader) Refresh()           { h.raster.Refresh() }

// columnAt returns the shown column under x, and the one whose right edge is
// near x; -1 for none.
func (h *tableHeader) columnAt(x float32) (column, edge int) {
	column, edge = -1, -1
	for i, w := range h.t.widths {
		left := h.t.left(i)
		if i > 0 && left+w < h.t.stuck() {
			continue // behind the first
		}
		if x >= left && x < left+w && (i == 0 || x >= h.t.stuck()) {
			column = i
		}
		if math.Abs(float64(x-left-w)) <= grip {
			edge = i
		}
	}
	return column, edge
}

// Tapped sorts by the column: upwards, then downwards, then no more. With
// Shift it sorts within what it was sorted by before. A double click on an edge
// makes the column as wide as its texts.
func (h *tableHeader) Tapped(e *fyne.PointEvent) {
	i, edge := h.columnAt(e.Position.X)
	if edge >= 0 {
		now := time.Now()
		if h.edge == edge && now.Sub(h.edgeAt) < doubleClick {
			h.edge = -1
			h.t.fitColumn(edge)
			return
		}
		h.edge, h.edgeAt = edge, now
		return
	}
	if i < 0 || h.t.OnSort == nil {
		return
	}
	h.sort(h.t.order[i], heldModifier()&fyne.KeyModifierShift != 0)
}

func (h *tableHeader) sort(column int, within bool) {
	next := sorting{column: column}
	at := slices.IndexFunc(h.t.sorted, func(s sorting) bool { return s.column == column })
	var by []sorting
	if within {
		by = slices.Clone(h.t.sorted)
	}
	switch {
	case at < 0:
		by = append(by, next)
	case !h.t.sorted[at].descending:
		next.descending = true
		if within {
			by[at] = next
		} else {
			by = append(by, next)
		}
	case within:
		by = slices.Delete(by, at, at+1)
	}
	h.t.SetSort(by...)
	h.t.OnSort(by)
}

// TappedSecondary offers the columns.
func (h *tableHeader) TappedSecondary(*fyne.PointEvent) {
	if h.t.OnColumns != nil {
		h.t.OnColumns()
	}
}

// Dragged resizes or moves a column, by where the drag began.
func (h *tableHeader) Dragged(e *fyne.DragEvent) {
	if !h.dragging {
		h.dragging = true
		h.moving, h.resizing = h.columnAt(e.Position.X - e.Dragged.DX)
	}
	h.dragAt = e.Position.X
	if h.resizing < 0 {
		h.Refresh()
		return
	}
	h.t.setWidth(h.resizing, e.Position.X-h.t.left(h.resizing))
}

// DragEnd puts a moved column where it was dropped.
func (h *tableHeader) DragEnd() {
	switch {
	case h.resizing >= 0:
		h.t.changed()
	case h.moving >= 0:
		if to, _ := h.columnAt(h.dragAt); to >= 0 {
			h.t.move(h.moving, to)
		}
	}
	h.dragging, h.moving, h.resizing = false, -1, -1
	h.Refresh()
}

// Cursor shows where an edge can be dragged.
func (h *tableHeader) Cursor() desktop.Cursor {
	if _, edge := h.columnAt(h.pointer); edge >= 0 && h.pointer >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

func (h *tableHeader) MouseIn(e *desktop.MouseEvent)    { h.point(e.Position.X) }
func (h *tableHeader) MouseMoved(e *desktop.MouseEvent) { h.point(e.Position.X) }
func (h *tableHeader) MouseOut()                        { h.point(-1) }

func (h *tableHeader) point(x float32) {
	before, _ := h.columnAt(h.pointer)
	after, _ := h.columnAt(x)
	h.pointer = x
	if before != after || x < 0 {
		h.Refresh()
	}
}

// Scrolled moves the columns.
func (h *tableHeader) Scrolled(e *fyne.ScrollEvent) {
	h.t.scrollTo(h.t.shift - e.Scrolled.DX - e.Scrolled.DY)
}

func (h *tableHeader) paint(w, height int) image.Image {
	if h.picture == nil || h.picture.Rect.Dx() != w || h.picture.Rect.Dy() != height {
		h.picture = image.NewRGBA(image.Rect(0, 0, w, height))
	}
	if h.Size().Width == 0 {
		return h.picture
	}
	p := rowPicture{scale: float64(w) / float64(h.Size().Width)}
	dst := h.picture
	draw.Draw(dst, dst.Rect, uniform(themed(theme.ColorNameHeaderBackground)), image.Point{}, draw.Src)
	fill(dst, image.Rect(0, height-p.px(1), w, height), themed(colorBorder))
	hot, _ := h.columnAt(h.pointer)
	stuck := p.px(h.t.stuck())
	for i := len(h.t.order) - 1; i >= 0; i-- { // the first one above the others
		c, from := h.t.order[i], 0
		left, end := p.px(h.t.left(i)), p.px(h.t.left(i)+h.t.widths[i])
		if i > 0 {
			from = stuck
		}
		if end <= from || left >= w {
			continue
		}
		ground := image.Rect(max(left, from), 0, end, height-p.px(1))
		if i == 0 && stuck > 0 {
			fill(dst, ground, themed(theme.ColorNameHeaderBackground))
		}
		if i == hot && h.pointer >= 0 {
			fill(dst, ground, themed(theme.ColorNameHover))
		}
		fill(dst, image.Rect(end-p.px(1), p.px(7), end, height-p.px(7)), themed(colorBorder))
		h.paintTitle(dst, &p, c, from, left+p.px(cellPad), end-p.px(cellPad))
	}
	if h.dragging && h.resizing < 0 && h.moving >= 0 {
		at := p.px(h.dragAt)
		fill(dst, image.Rect(at-p.px(1), 0, at+p.px(1), height), themed(theme.ColorNamePrimary))
	}
	return dst
}

// paintTitle paints a title from left to end, and nothing before from.
func (h *tableHeader) paintTitle(dst *image.RGBA, p *rowPicture, column, from, left, end int) {
	inside, ok := dst.SubImage(image.Rect(max(left, from), 0, end, dst.Rect.Dy())).(*image.RGBA)
	if !ok || inside.Rect.Empty() {
		return
	}
	c := &h.t.columns[column]
	g := glyphsOf(12*p.scale, true)
	room, arrow, place := end-left, 0, ""
	at := slices.IndexFunc(h.t.sorted, func(s sorting) bool { return s.column == column })
	if at >= 0 {
		arrow = p.px(14)
		if len(h.t.sorted) > 1 {
			place = strconv.Itoa(at + 1)
			arrow += p.px(8)
		}
	}
	title := g.fit(c.Title, room-arrow)
	x := left
	if c.Align == view.Right {
		x = end - g.width(title) - arrow
	}
	top := (dst.Rect.Dy() - g.height) / 2
	g.draw(inside, x, top, title, themed(theme.ColorNameForeground))
	if at >= 0 {
		x += g.width(title)
		fillTriangle(inside, image.Pt(x+p.px(9), dst.Rect.Dy()/2), float32(p.px(4)), !h.t.sorted[at].descending, themed(colorMuted))
		small := glyphsOf(10*p.scale, false)
		small.draw(inside, x+p.px(15), (dst.Rect.Dy()-small.height)/2, place, themed(colorMuted))
	}
}
