package ui

import (
	"cmp"
	"context"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// pictures are the charts of a list, in the place of its table.
type pictures struct {
	b      *browser
	cards  map[string]*chartCard // by the picture's key
	grid   *fyne.Container
	scroll *container.Scroll
}

func newPictures(b *browser) *pictures {
	p := &pictures{b: b, cards: map[string]*chartCard{}, grid: container.New(&cardsLayout{gap: 12})}
	p.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(12, 12, 12, 16), p.grid))
	p.scroll.Hide()
	return p
}

// show draws the charts of what the list shows now.
func (p *pictures) show() {
	if !p.scroll.Visible() || p.b.list == nil {
		return
	}
	settings := p.b.h.b.Settings()
	var objects []fyne.CanvasObject
	for _, picture := range p.b.list.Pictures(settings.Prices) {
		c := p.cards[picture.Key]
		if c == nil {
			c = newChartCard(p, picture.Key)
			p.cards[picture.Key] = c
		}
		c.set(picture, &settings)
		objects = append(objects, c.card)
	}
	p.grid.Objects = objects
	p.grid.Refresh()
	p.scroll.Refresh()
}

// showPictures shows the charts or the table.
func (b *browser) showPictures(on bool) {
	visible(b.table, !on)
	visible(b.pictures.scroll, on)
	icon, tip := theme.Icon(theme.IconNameGrid), "Pictures   (Ctrl+G)"
	if on {
		icon, tip = theme.ListIcon(), "List   (Ctrl+G)"
	}
	b.chips.look.SetIcon(icon)
	b.chips.look.tip = tip
	if b.list != nil {
		b.showChips() // without columns to choose
	}
	b.pictures.show()
}

// pick filters by what a part of a chart stands for.
func (p *pictures) pick(part *view.Part) {
	b := p.b
	if !b.list.Pick(part) {
		return
	}
	b.h.hideTip()
	v := b.list.View()
	b.tree.show(v.OrgUnits, v.Alone)
	b.refill()
}

// money writes an amount with the currency before it.
func money(s *Settings, amount float64) string {
	return cmp.Or(s.Currency, "$") + view.Number(int(amount+.5))
}

// chartCard is one chart with its title.
type chartCard struct {
	p     *pictures
	key   string
	card  *card
	note  *text
	chart *chartBody
}

func newChartCard(p *pictures, key string) *chartCard {
	c := &chartCard{p: p, key: key, note: newMuted(""), chart: newChartBody(p)}
	return c
}

func (c *chartCard) set(picture view.Picture, settings *Settings) {
	c.chart.picture, c.chart.settings, c.chart.hot = picture, *settings, -1
	note := view.Plural(picture.Rows, c.p.b.kind.one, c.p.b.kind.many)
	if picture.Cost > 0 {
		note += " · " + money(settings, picture.Cost) + " to replace"
	}
	c.note.set(note, view.Muted)
	if c.card == nil {
		title := newText(picture.Title)
		title.Bold = true
		var more *iconButton
		more = c.p.b.h.newIconButton(theme.MoreVerticalIcon(), "Save this picture", func() { showMenu(c.menu(), more) })
		head := container.NewBorder(nil, nil, nil, more, vstack(0, title, c.note))
		c.card = newCard(container.NewBorder(head, nil, nil, nil, container.New(layout.NewCustomPaddedLayout(10, 0, 0, 0), c.chart)))
	}
	c.chart.Refresh()
	c.card.Refresh()
}

func (c *chartCard) menu() *fyne.Menu {
	m := fyne.NewMenu("",
		fyne.NewMenuItem("Save as PNG…", func() { c.save(".png", c.writePNG) }),
		fyne.NewMenuItem("Save as SVG…", func() { c.save(".svg", c.writeSVG) }))
	if c.chart.picture.Series != nil {
		m.Items = append(m.Items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Prices…", c.p.openPrices))
	}
	return m
}

// save asks for a file and writes the chart to it as it is now.
func (c *chartCard) save(suffix string, prepare func() func(io.Writer) error) {
	h, title := c.p.b.h, c.p.b.kind.title+" – "+c.chart.picture.Title
	write := prepare()
	name := strings.TrimSuffix(fileName(title, c.p.b.tree.chosen, h.clock()), ".xlsx") + suffix
	h.chooseNew("Save as "+suffix, name, []string{suffix}, func(path string) {
		h.write(path, "Saved as ", nil, func() { c.save(suffix, prepare) }, func(ctx context.Context) error { return h.b.SaveFile(ctx, path, write) })
	})
}

// savedWidth is how wide a chart is saved.
const savedWidth = 760

// writeSVG lays the chart out now, and returns what writes it.
func (c *chartCard) writeSVG() func(io.Writer) error {
	s, title := c.chart.scene(savedWidth), c.p.b.kind.title+" – "+c.chart.picture.Title+" ("+c.note.Text+")"
	return func(w io.Writer) error {
		return s.WriteSVG(w, title, func(p *view.Part) string {
			ink := partColor(p, lightPalette, 0)
			return fmt.Sprintf("#%02x%02x%02x", ink.R, ink.G, ink.B)
		})
	}
}

// writePNG draws the chart now, at twice its size, and returns what writes it.
func (c *chartCard) writePNG() func(io.Writer) error {
	body := newChartBody(c.p)
	body.picture, body.settings = c.chart.picture, c.chart.settings
	title := newText(c.p.b.kind.title + " – " + c.chart.picture.Title + " (" + c.note.Text + ")")
	title.Bold = true
	content := newCard(container.NewBorder(title, nil, nil, nil, container.New(layout.NewCustomPaddedLayout(12, 0, 0, 0), body)))
	content.square = true
	can := software.NewCanvas()
	can.SetPadded(false)
	can.SetContent(content)
	can.SetScale(2)
	can.Resize(fyne.NewSize(savedWidth+28, body.scene(savedWidth).Height+70))
	img := software.RenderCanvas(can, fyne.CurrentApp().Settings().Theme())
	return func(w io.Writer) error { return png.Encode(w, img) }
}

// partColor is the colour of a part: of its series, of its tone, or the
// primary one.
func partColor(p *view.Part, colors palette, dark int) color.NRGBA {
	switch {
	case p.Series >= 0:
		return seriesColors[dark][p.Series%len(seriesColors[dark])]
	case p.Tone != view.Plain:
		return colors[toneColor(p.Tone)]
	}
	return colors[theme.ColorNamePrimary]
}

// chartBody draws a picture from rectangles and texts, tells of the part under
// the pointer, and filters by the one that is clicked.
type chartBody struct {
	widget.BaseWidget
	p        *pictures
	picture  view.Picture
	settings Settings
	hot      int // the box under the pointer, -1 for none
	boxes    []view.Box
	width    float32 // that it was laid out for
}

func newChartBody(p *pictures) *chartBody {
	c := &chartBody{p: p, hot: -1, width: 340}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chartBody) scene(width float32) view.Scene {
	return c.picture.Scene(width, func(v float64) string { return money(&c.settings, v) }, func(s string, size float32) float32 {
		return fyne.MeasureText(s, size, fyne.TextStyle{}).Width
	})
}

// at is the box at a place, -1 for none.
func (c *chartBody) at(p fyne.Position) int {
	for i := range c.boxes {
		b := &c.boxes[i]
		if b.Counted() && p.X >= b.X && p.X < b.X+b.W && p.Y >= b.Y && p.Y < b.Y+b.H {
			return i
		}
	}
	return -1
}

// Tapped filters by the part that was clicked.
func (c *chartBody) Tapped(e *fyne.PointEvent) {
	if i := c.at(e.Position); i >= 0 {
		c.p.pick(c.boxes[i].Part)
	}
}

// Cursor shows what can be clicked.
func (c *chartBody) Cursor() desktop.Cursor {
	if c.hot >= 0 && c.hot < len(c.boxes) && c.boxes[c.hot].Counted() && (c.boxes[c.hot].Part.Column != "" || c.boxes[c.hot].Part.OrgUnits != nil) {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

func (c *chartBody) MouseIn(e *desktop.MouseEvent)    { c.hover(e.Position) }
func (c *chartBody) MouseMoved(e *desktop.MouseEvent) { c.hover(e.Position) }
func (c *chartBody) MouseOut()                        { c.hover(fyne.NewPos(-1, -1)) }

func (c *chartBody) hover(p fyne.Position) {
	i := c.at(p)
	if i == c.hot {
		return
	}
	c.hot = i
	c.Refresh()
	if i < 0 {
		c.p.b.h.hideTip()
		return
	}
	b := &c.boxes[i]
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c)
	c.p.b.h.showTipAt(c.tip(b.Part), at.AddXY(b.X+b.W/2, b.Y+b.H), b.H)
}

// tip says what a part stands for.
func (c *chartBody) tip(p *view.Part) string {
	kind := &c.p.b.kind
	words := p.Label + ": " + view.Plural(p.Count, kind.one, kind.many)
	if c.picture.Rows > 0 {
		words += ", " + strconv.FormatFloat(100*float64(p.Count)/float64(c.picture.Rows), 'f', 1, 64) + " %"
	}
	if p.Cost > 0 {
		words += ", " + money(&c.settings, p.Cost)
	}
	return words
}

func (c *chartBody) CreateRenderer() fyne.WidgetRenderer { return &chartRenderer{c: c} }

type chartRenderer struct {
	c       *chartBody
	objects []fyne.CanvasObject
}

func (r *chartRenderer) Destroy()                     {}
func (r *chartRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *chartRenderer) MinSize() fyne.Size {
	return fyne.NewSize(220, r.c.scene(r.c.width).Height)
}

func (r *chartRenderer) Layout(size fyne.Size) {
	r.c.width = max(220, size.Width)
	r.Refresh()
}

func (r *chartRenderer) Refresh() {
	c := r.c
	s := c.scene(c.width)
	c.boxes, r.objects = s.Boxes, r.objects[:0]
	colors, dark := lightPalette, 0
	if themed(colorCard) == darkPalette[colorCard] {
		colors, dark = darkPalette, 1
	}
	for i, b := range s.Boxes {
		o := canvas.NewRectangle(themed(colorBorder))
		if b.Part != nil {
			ink := partColor(b.Part, colors, dark)
			if c.hot >= 0 && i != c.hot && b.Counted() {
				ink.A = 0x70 // the others stand back
			}
			o.FillColor = ink
		}
		if c.picture.Series == nil {
			o.CornerRadius = 3
		}
		o.Move(fyne.NewPos(b.X, b.Y))
		o.Resize(fyne.NewSize(b.W, b.H))
		r.objects = append(r.objects, o)
	}
	for _, t := range s.Texts {
		ink := themed(theme.ColorNameForeground)
		if t.Muted {
			ink = themed(colorMuted)
		}
		o := canvas.NewText(t.Text, ink)
		o.TextSize = t.Size
		o.Move(fyne.NewPos(float32(int(t.X)), t.Y))
		o.Resize(o.MinSize())
		r.objects = append(r.objects, o)
	}
	canvas.Refresh(c)
}

// cardsLayout puts cards into columns, each below the lowest of them.
type cardsLayout struct {
	gap   float32
	width float32
}

func (l *cardsLayout) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	const least = 430
	n := max(1, min(3, int((width+l.gap)/(least+l.gap))))
	each := (width - l.gap*float32(n-1)) / float32(n)
	ends := make([]float32, n)
	for _, o := range objects {
		at := 0
		for i := range ends {
			if ends[i] < ends[at]-1 {
				at = i
			}
		}
		o.Resize(fyne.NewSize(each, o.Size().Height))
		high := o.MinSize().Height
		put(o, fyne.NewPos(float32(at)*(each+l.gap), ends[at]), fyne.NewSize(each, high))
		ends[at] += high + l.gap
	}
	most := float32(0)
	for _, e := range ends {
		most = max(most, e-l.gap)
	}
	return most
}

func (l *cardsLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(250, l.place(objects, max(250, l.width), func(fyne.CanvasObject, fyne.Position, fyne.Size) {}))
}

func (l *cardsLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, size fyne.Size) {
		o.Move(at)
		o.Resize(size)
	})
}
