package ui

import (
	"cmp"
	"image"
	"image/draw"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

const (
	cellPad   = 8  // between a cell's edge and its text
	badgePad  = 8  // between a pill's end and its text
	badgeHigh = 18 // of a pill
)

// rowPicture is all that the picture of one row depends on.
type rowPicture struct {
	cells   []cell
	columns []*view.Column
	widths  []float32
	lefts   []float32   // where the columns begin
	stuck   float32     // the end of the first one where it stays while others are scrolled, else 0
	scale   float64     // pixels for one unit
	part    *image.RGBA // that a cell is painted on, used again; nil for a new one
	rowStyle
}

// rowStyle is what the pointer and the keyboard do to the look of a row.
type rowStyle struct{ selected, hovered, cursor bool }

// paint draws the row all over dst. Texts that its font cannot draw are left
// out: see [rowPicture.foreign].
func (p *rowPicture) paint(dst *image.RGBA) {
	b := dst.Rect
	draw.Draw(dst, b, uniform(themed(colorCard)), image.Point{}, draw.Src)
	switch {
	case p.selected:
		fill(dst, b, tinted(theme.ColorNamePrimary, 0x2c))
	case p.hovered:
		fill(dst, b, themed(theme.ColorNameHover))
	}
	line := p.px(1)
	fill(dst, image.Rect(b.Min.X, b.Max.Y-line, b.Max.X, b.Max.Y), themed(theme.ColorNameSeparator))
	if p.cursor {
		fill(dst, image.Rect(b.Min.X, b.Min.Y, b.Min.X+p.px(3), b.Max.Y), themed(theme.ColorNamePrimary))
	}
	for i := range p.cells {
		from := b.Min.X
		if i > 0 {
			from = p.px(p.stuck)
		}
		if left, end := p.px(p.lefts[i]), p.px(p.lefts[i]+p.widths[i]); end > from && left < b.Max.X {
			p.paintCell(dst, i, from, left, end)
		}
	}
	if edge := p.px(p.stuck); edge > 0 {
		fill(dst, image.Rect(edge-line, b.Min.Y, edge, b.Max.Y), themed(colorBorder))
	}
}

// paintCell paints a cell from left to end, and nothing before from.
func (p *rowPicture) paintCell(dst *image.RGBA, i, from, left, end int) {
	c := &p.cells[i]
	left, end = left+p.px(cellPad), end-p.px(cellPad)
	if c.text == "" || end <= left || foreignText(c.text) {
		return
	}
	height := dst.Rect.Dy()
	if p.part == nil {
		p.part = new(image.RGBA)
	}
	inside := p.part
	if !crop(inside, dst, image.Rect(max(left, from), 0, end, height)) {
		return
	}
	if c.badge {
		g := glyphsOf(textSmall*p.scale, true)
		n, cut := g.fits(c.text, end-left-2*p.px(badgePad))
		width := g.width(c.text[:n])
		if cut {
			width = end - left - 2*p.px(badgePad)
		}
		high := p.px(badgeHigh)
		top := (height - high) / 2
		pill := image.Rect(left, top, left+width+2*p.px(badgePad), top+high)
		fillPill(inside, pill, tinted(toneColor(c.tone), 0x24))
		g.drawCut(inside, left+p.px(badgePad), (height-g.height)/2, c.text, n, cut, themed(toneColor(c.tone)))
		return
	}
	g := glyphsOf(float64(theme.TextSize())*p.scale, false)
	s := c.text
	if p.columns[i].Path {
		s = g.tail(s, end-left)
	}
	n, cut := g.fits(s, end-left)
	x := left
	if p.columns[i].Align == view.Right && !cut {
		x = end - g.width(s)
	}
	g.drawCut(inside, x, (height-g.height)/2, s, n, cut, themed(toneColor(c.tone)))
}

// foreign lists the cells whose text the row's own font cannot draw.
func (p *rowPicture) foreign() (out []int) {
	for i := range p.cells {
		if foreignText(p.cells[i].text) {
			out = append(out, i)
		}
	}
	return out
}

func foreignText(s string) bool {
	return s != "" && !glyphsOf(float64(theme.TextSize()), false).has(s)
}

// px converts a length to pixels.
func (p *rowPicture) px(units float32) int { return int(math.Round(float64(units) * p.scale)) }

// tableRow is one visible row: a picture, and texts above it for what the
// picture's font cannot draw.
type tableRow struct {
	widget.BaseWidget
	t       *table
	row     int // -1 before the first use
	hovered bool
	over    int      // the shown column under the pointer, -1 for none
	painted rowStyle // as last painted
	cells   []cell
	columns []*view.Column
	begins  []float32 // see lefts
	part    image.RGBA
	raster  *canvas.Raster
	picture *image.RGBA
	texts   []*canvas.Text
}

func newTableRow(t *table) *tableRow {
	r := &tableRow{t: t, row: -1, over: -1}
	r.raster = canvas.NewRaster(r.paint)
	r.ExtendBaseWidget(r)
	return r
}

// set shows another row of the table, or the same one anew.
func (r *tableRow) set(row int) {
	if row != r.row {
		r.row, r.hovered, r.over = row, false, -1
	}
	r.ask()
	r.repaint()
}

// ask asks the table for what the row shows.
func (r *tableRow) ask() {
	r.cells, r.columns = r.cells[:0], r.columns[:0]
	for _, c := range r.t.order {
		cell := r.t.rows.Cell(r.row, c)
		cell.text = flat(cell.text)
		r.cells = append(r.cells, cell)
		r.columns = append(r.columns, &r.t.columns[c])
	}
}

// sample chooses how the picture comes to the screen. Where it has exactly the pixels
// that it covers there they are copied, which software does faster;
// else a line of them would be left out or doubled, and neighbours are mixed.
func (r *tableRow) sample() {
	r.raster.ScaleMode = canvas.ImageScaleSmooth
	if c := fyne.CurrentApp().Driver().CanvasForObject(r.t); c != nil {
		size, scale := r.raster.Size(), c.Scale()
		if isWhole(size.Width*scale) && isWhole(size.Height*scale) {
			r.raster.ScaleMode = canvas.ImageScalePixels
		}
	}
}

func isWhole(v float32) bool { return math.Abs(float64(v)-math.Round(float64(v))) < 0.01 }

// repaint draws the row again as it was set.
func (r *tableRow) repaint() {
	r.painted = r.style()
	r.sample()
	r.placeTexts()
	r.raster.Refresh()
}

func (r *tableRow) look() rowPicture {
	n := min(len(r.cells), len(r.t.widths))
	return rowPicture{
		cells: r.cells[:n], columns: r.columns[:n], widths: r.t.widths[:n], lefts: r.lefts(n), stuck: r.t.stuck(), part: &r.part,
		rowStyle: r.style(),
	}
}

// lefts are where the first n columns begin.
func (r *tableRow) lefts(n int) []float32 {
	r.begins = r.begins[:0]
	for i := range n {
		r.begins = append(r.begins, r.t.left(i))
	}
	return r.begins
}

func (r *tableRow) style() rowStyle {
	return rowStyle{
		selected: r.t.isSelected(r.row), hovered: r.hovered,
		cursor: r.row == r.t.cursor && r.t.list.focused,
	}
}

func (r *tableRow) paint(w, h int) image.Image {
	if r.picture == nil || r.picture.Rect.Dx() != w || r.picture.Rect.Dy() != h {
		r.picture = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	if r.row < 0 || r.row >= r.t.rows.Len() || r.Size().Width == 0 {
		return r.picture
	}
	p := r.look()
	p.scale = float64(w) / float64(r.Size().Width)
	p.paint(r.picture)
	return r.picture
}

// placeTexts puts a Fyne text, which shapes and falls back to other fonts,
// where the picture has none.
func (r *tableRow) placeTexts() {
	p := r.look()
	foreign := p.foreign()
	if len(foreign) == 0 && len(r.texts) == 0 {
		return
	}
	r.texts = r.texts[:0]
	for _, i := range foreign {
		left, room := p.lefts[i]+cellPad, p.widths[i]-2*cellPad
		if room < 20 || left < 0 || i > 0 && left < p.stuck || left+room > r.Size().Width {
			continue
		}
		s, fits := p.cells[i].text, measure(room, theme.TextSize(), fyne.TextStyle{})
		if p.columns[i].Path {
			s = tail(s, fits)
		}
		t := canvas.NewText(cut(s, "", fits), themed(toneColor(p.cells[i].tone)))
		t.TextSize = theme.TextSize()
		t.Move(fyne.NewPos(float32(math.Round(float64(left))), 0))
		t.Resize(fyne.NewSize(t.MinSize().Width, rowHeight))
		r.texts = append(r.texts, t)
	}
	r.Refresh()
}

func (r *tableRow) CreateRenderer() fyne.WidgetRenderer { return &tableRowRenderer{r} }

type tableRowRenderer struct{ r *tableRow }

func (v *tableRowRenderer) Destroy()           {}
func (v *tableRowRenderer) MinSize() fyne.Size { return fyne.NewSize(40, rowHeight) }
func (v *tableRowRenderer) Refresh()           { canvas.Refresh(v.r) }

func (v *tableRowRenderer) Layout(size fyne.Size) {
	v.r.raster.Resize(size)
	v.r.sample()
	v.r.placeTexts()
}

func (v *tableRowRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 1, 1+len(v.r.texts))
	out[0] = v.r.raster
	for _, t := range v.r.texts {
		out = append(out, t)
	}
	return out
}

func (r *tableRow) MouseIn(e *desktop.MouseEvent) {
	r.hovered = true
	r.repaint()
	r.MouseMoved(e)
}

func (r *tableRow) MouseOut() {
	r.hovered = false
	r.repaint()
	r.hover(-1)
}

// MouseMoved tells of the text under the pointer where it is cut.
func (r *tableRow) MouseMoved(e *desktop.MouseEvent) {
	i, _ := r.t.header.columnAt(e.Position.X)
	if r.row < 0 || i >= len(r.cells) {
		i = -1
	}
	if i != r.over {
		r.hover(i)
	}
}

// hover is told of the shown column under the pointer, -1 for none. What the
// cell stands for in full is told, or its text where it is cut.
func (r *tableRow) hover(i int) {
	r.over = i
	if r.t.OnHover == nil {
		return
	}
	if i < 0 || r.cells[i].text == "" {
		r.t.OnHover("", fyne.Position{})
		return
	}
	x := r.t.left(i)
	points, room := theme.TextSize(), r.t.widths[i]-2*cellPad
	if r.cells[i].badge {
		points, room = textSmall, room-2*badgePad
	}
	text := r.cells[i].text
	if x >= 0 && (i == 0 || x >= r.t.stuck()) && fyne.MeasureText(text, points, fyne.TextStyle{Bold: r.cells[i].badge}).Width <= room {
		text = ""
	}
	if e, ok := r.t.rows.(exactRows); ok {
		text = cmp.Or(e.Exact(r.row, r.t.order[i]), text)
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r)
	r.t.OnHover(text, at.AddXY(max(0, x), rowHeight))
}

func (r *tableRow) MouseUp(*desktop.MouseEvent) {}

func (r *tableRow) MouseDown(e *desktop.MouseEvent) {
	if r.row < 0 || r.row >= r.t.rows.Len() {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil {
		c.Focus(r.t.list)
	}
	if e.Button == desktop.MouseButtonPrimary {
		r.t.click(r.row, e.Modifier)
	}
}

// TappedSecondary selects the row, if it is not, and opens its menu. When the
// button is pressed would be too early: where what the selection opens then
// lies under the pointer, Fyne sees no click.
func (r *tableRow) TappedSecondary(e *fyne.PointEvent) {
	if r.t.OnMenu == nil || r.row < 0 || r.row >= r.t.rows.Len() {
		return
	}
	column, _ := r.t.header.columnAt(e.Position.X)
	if column >= 0 {
		column = r.t.order[column]
	}
	if !r.t.isSelected(r.row) {
		r.t.moveTo(r.row, 0)
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil {
		widget.ShowPopUpMenuAtPosition(r.t.OnMenu(r.row, column), c, e.AbsolutePosition)
	}
}
