package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// badge is a word on a pill of its tone's colour.
type badge struct {
	widget.BaseWidget
	word string
	tone view.Tone
}

func newBadge(word string, tone view.Tone) *badge {
	b := &badge{word: word, tone: tone}
	b.ExtendBaseWidget(b)
	return b
}

func (b *badge) set(word string, tone view.Tone) {
	if b.word != word || b.tone != tone {
		b.word, b.tone = word, tone
		b.Refresh()
	}
}

func (b *badge) CreateRenderer() fyne.WidgetRenderer {
	r := &pillRenderer{pill: canvas.NewRectangle(nil), word: canvas.NewText("", nil)}
	r.update = func() {
		r.word.Text, r.word.TextSize, r.word.TextStyle.Bold = b.word, textSmall, true
		r.word.Color = themed(toneColor(b.tone))
		r.pill.FillColor = tinted(toneColor(b.tone), 0x24)
		canvas.Refresh(b)
	}
	r.update()
	return r
}

// pillRenderer draws a word centred on a pill, for badges and chips.
type pillRenderer struct {
	pill   *canvas.Rectangle
	word   *canvas.Text
	more   float32 // room to the right of the word
	extra  []fyne.CanvasObject
	update func()
}

func (r *pillRenderer) Destroy() {}
func (r *pillRenderer) Refresh() { r.update() }

func (r *pillRenderer) MinSize() fyne.Size {
	return r.word.MinSize().AddWidthHeight(2*badgePad+r.more, 4)
}

func (r *pillRenderer) Layout(size fyne.Size) {
	min := r.MinSize()
	r.pill.Resize(fyne.NewSize(min.Width, min.Height))
	r.pill.Move(fyne.NewPos(0, (size.Height-min.Height)/2))
	r.pill.CornerRadius = min.Height / 2
	r.word.Resize(fyne.NewSize(r.word.MinSize().Width, size.Height))
	r.word.Move(fyne.NewPos(badgePad, 0))
	for _, o := range r.extra {
		o.Resize(fyne.NewSize(12, 12))
		o.Move(fyne.NewPos(min.Width-12-badgePad+2, (size.Height-12)/2))
	}
}

func (r *pillRenderer) Objects() []fyne.CanvasObject {
	return append([]fyne.CanvasObject{r.pill, r.word}, r.extra...)
}

// chip is a filter that can be clicked or, focused, toggled by Space and Enter:
// an outline while it is off, tinted while it is on, with a cross when it can
// be removed.
type chip struct {
	widget.BaseWidget
	word      string
	on        bool
	removable bool
	hovered   bool
	focused   bool
	tapped    func()
}

func newChip(word string, on bool, tapped func()) *chip {
	c := &chip{word: word, on: on, tapped: tapped}
	c.ExtendBaseWidget(c)
	return c
}

func (c *chip) Tapped(*fyne.PointEvent)        { c.tapped() }
func (c *chip) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (c *chip) MouseIn(*desktop.MouseEvent)    { c.hovered = true; c.Refresh() }
func (c *chip) MouseMoved(*desktop.MouseEvent) {}
func (c *chip) MouseOut()                      { c.hovered = false; c.Refresh() }
func (c *chip) FocusGained()                   { c.focused = true; c.Refresh() }
func (c *chip) FocusLost()                     { c.focused = false; c.Refresh() }
func (c *chip) TypedRune(r rune)               { passRune(c, r) }

func (c *chip) TypedKey(e *fyne.KeyEvent) {
	if scanEnds(c, e) {
		return
	}
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c.tapped()
	default:
		passKey(c, e)
	}
}

func (c *chip) set(word string, on bool) {
	if c.word != word || c.on != on {
		c.word, c.on = word, on
		c.Refresh()
	}
}

func (c *chip) CreateRenderer() fyne.WidgetRenderer {
	r := &pillRenderer{pill: canvas.NewRectangle(nil), word: canvas.NewText("", nil)}
	cross := widget.NewIcon(theme.CancelIcon())
	if c.removable {
		r.more, r.extra = 14, []fyne.CanvasObject{cross}
	}
	r.update = func() {
		r.word.Text, r.word.TextSize = c.word, 12
		r.pill.StrokeWidth = 1
		r.word.Color, r.pill.StrokeColor = themed(theme.ColorNameForeground), themed(theme.ColorNameInputBorder)
		r.pill.FillColor = themed(colorCard)
		if c.on {
			r.word.Color, r.pill.StrokeColor = themed(theme.ColorNamePrimary), tinted(theme.ColorNamePrimary, 0xa0)
			r.pill.FillColor = tinted(theme.ColorNamePrimary, 0x1e)
		}
		if c.hovered || c.focused {
			r.pill.StrokeColor = themed(theme.ColorNamePrimary)
		}
		if c.focused {
			r.pill.StrokeWidth = 2
		}
		canvas.Refresh(c)
	}
	r.update()
	return r
}

// card is a surface above the background.
type card struct {
	widget.BaseWidget
	content fyne.CanvasObject
	accent  view.Tone // of the edge; plain is the border
	pad     float32
	inset   float32 // more at the left
	square  bool    // without round corners
	field   bool    // the edge of an entry
	// edgeless cards have no edge, but for a line below where they have an
	// accent.
	edgeless bool
}

func newCard(content fyne.CanvasObject) *card {
	c := &card{content: content, pad: 14}
	c.ExtendBaseWidget(c)
	return c
}

func (c *card) CreateRenderer() fyne.WidgetRenderer {
	r := &cardRenderer{c: c, surface: canvas.NewRectangle(nil), below: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type cardRenderer struct {
	c       *card
	surface *canvas.Rectangle
	below   *canvas.Rectangle
}

func (r *cardRenderer) Destroy() {}

func (r *cardRenderer) MinSize() fyne.Size {
	return r.c.content.MinSize().AddWidthHeight(2*r.c.pad+r.c.inset, 2*r.c.pad)
}

func (r *cardRenderer) Layout(size fyne.Size) {
	r.surface.Resize(size)
	r.below.Move(fyne.NewPos(0, size.Height-1))
	r.below.Resize(fyne.NewSize(size.Width, 1))
	r.c.content.Move(fyne.NewPos(r.c.pad+r.c.inset, r.c.pad))
	r.c.content.Resize(size.SubtractWidthHeight(2*r.c.pad+r.c.inset, 2*r.c.pad))
}

func (r *cardRenderer) Objects() []fyne.CanvasObject {
	if r.c.field { // the content covers it
		return []fyne.CanvasObject{r.c.content, r.surface}
	}
	return []fyne.CanvasObject{r.surface, r.below, r.c.content}
}

func (r *cardRenderer) Refresh() {
	r.surface.FillColor, r.surface.StrokeColor = themed(colorCard), themed(colorBorder)
	if r.c.accent != view.Plain {
		r.surface.FillColor = over(themed(colorCard), tinted(toneColor(r.c.accent), 0x14))
		r.surface.StrokeColor = tinted(toneColor(r.c.accent), 0x70)
	}
	r.surface.StrokeWidth, r.surface.CornerRadius = 1, 8
	switch {
	case r.c.square:
		r.surface.CornerRadius = 0
	case r.c.field:
		r.surface.CornerRadius = theme.InputRadiusSize()
		r.surface.FillColor, r.surface.StrokeColor = color.Transparent, themed(theme.ColorNameInputBorder)
	}
	r.below.FillColor = color.Transparent
	if r.c.edgeless {
		r.surface.StrokeWidth = 0
		if r.c.accent != view.Plain {
			r.below.FillColor = r.surface.StrokeColor
		}
	}
	r.below.Refresh()
	r.surface.Refresh()
	r.c.content.Refresh()
}

// dot is a small disc of a tone's colour.
type dot struct {
	widget.BaseWidget
	tone view.Tone
}

func newDot(t view.Tone) *dot {
	d := &dot{tone: t}
	d.ExtendBaseWidget(d)
	return d
}

func (d *dot) set(t view.Tone) {
	if d.tone != t {
		d.tone = t
		d.Refresh()
	}
}

func (d *dot) CreateRenderer() fyne.WidgetRenderer {
	r := &dotRenderer{d: d, disc: canvas.NewCircle(nil)}
	r.Refresh()
	return r
}

type dotRenderer struct {
	d    *dot
	disc *canvas.Circle
}

func (r *dotRenderer) Destroy()                     {}
func (r *dotRenderer) MinSize() fyne.Size           { return fyne.NewSize(10, 10) }
func (r *dotRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.disc} }

func (r *dotRenderer) Layout(size fyne.Size) {
	r.disc.Resize(fyne.NewSize(8, 8))
	r.disc.Move(fyne.NewPos(1, (size.Height-8)/2))
}

func (r *dotRenderer) Refresh() {
	r.disc.FillColor = themed(toneColor(r.d.tone))
	r.disc.Refresh()
}

// meter shows how much of something is done, from 0 to 1.
type meter struct {
	widget.BaseWidget
	share float64 // below 0 is unknown
}

func newMeter() *meter {
	m := &meter{}
	m.ExtendBaseWidget(m)
	return m
}

func (m *meter) set(share float64) {
	if m.share != share {
		m.share = share
		m.Refresh()
	}
}

func (m *meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{m: m, ground: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil)}
	r.ground.CornerRadius, r.bar.CornerRadius = 3, 3
	r.Refresh()
	return r
}

type meterRenderer struct {
	m           *meter
	ground, bar *canvas.Rectangle
}

func (r *meterRenderer) Destroy()                     {}
func (r *meterRenderer) MinSize() fyne.Size           { return fyne.NewSize(60, 6) }
func (r *meterRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.ground, r.bar} }

func (r *meterRenderer) Layout(size fyne.Size) {
	r.ground.Resize(fyne.NewSize(size.Width, 6))
	width := size.Width * float32(max(0, min(r.m.share, 1)))
	r.bar.Resize(fyne.NewSize(width, 6))
	visible(r.bar, width >= 1) // a round end would show
}

func (r *meterRenderer) Refresh() {
	r.ground.FillColor = tinted(theme.ColorNamePrimary, 0x28)
	r.bar.FillColor = themed(theme.ColorNamePrimary)
	r.Layout(r.m.Size())
	canvas.Refresh(r.m)
}
