package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// facts are lines of a label and a value. A value can be selected, wraps, and
// may be followed by what each cloud says of it.
type facts struct {
	widget.BaseWidget
	label float32 // width of the labels
	above bool    // the labels stand above the values
	h     *host   // nil for facts that are not worth a copy button
	// follow goes to what a value leads to.
	follow func(view.Target)
	shown  []view.Field
	rows   []*factRow
	at     int // the line that has the keyboard, -1 for none
	// onRow, if not nil, is told of the line that gets the keyboard.
	onRow func(*factRow)
}

func newFacts(label float32) *facts {
	f := &facts{label: label, at: -1}
	f.ExtendBaseWidget(f)
	return f
}

// set shows other facts. Lines that stay are changed in place.
func (f *facts) set(fields []view.Field) {
	if slices.EqualFunc(fields, f.shown, sameField) {
		return
	}
	f.shown = fields
	for len(f.rows) < len(fields) {
		f.rows = append(f.rows, newFactRow(f))
	}
	for _, r := range f.rows[len(fields):] {
		r.ground.Hide()
	}
	f.rows = f.rows[:len(fields)]
	for i := range fields {
		f.rows[i].set(&fields[i])
	}
	f.Refresh()
}

func sameField(a, b view.Field) bool {
	return a.Label == b.Label && a.Value == b.Value && a.Exact == b.Exact && a.Tone == b.Tone &&
		a.From == b.From && slices.Equal(a.Originals, b.Originals) &&
		(a.To == nil) == (b.To == nil) && (a.To == nil || *a.To == *b.To)
}

func (f *facts) CreateRenderer() fyne.WidgetRenderer { return &factsRenderer{f} }

type factsRenderer struct{ f *facts }

func (r *factsRenderer) Destroy() {}

func (r *factsRenderer) Refresh() {
	r.Layout(r.f.Size())
	canvas.Refresh(r.f)
}

func (r *factsRenderer) MinSize() (min fyne.Size) {
	for _, row := range r.f.rows {
		m := row.MinSize()
		min.Width = max(min.Width, m.Width)
		min.Height += m.Height
	}
	return min
}

func (r *factsRenderer) Layout(size fyne.Size) {
	y := float32(0)
	for _, row := range r.f.rows {
		row.Move(fyne.NewPos(0, y))
		row.Resize(fyne.NewSize(size.Width, row.Size().Height))
		high := row.MinSize().Height
		row.Resize(fyne.NewSize(size.Width, high))
		y += high
	}
}

func (r *factsRenderer) Objects() []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, len(r.f.rows))
	for i, row := range r.f.rows {
		out[i] = row
	}
	return out
}

// factRow is one line of facts.
type factRow struct {
	widget.BaseWidget
	f         *facts
	ground    *canvas.Rectangle // behind the line that has the keyboard
	label     *text
	value     *paragraph
	originals [2]*text // what each cloud says, a line each
	from      *text
	copy      *iconButton // nil without a host
	exact     string
	source    string // the cloud that the value came from, "" where only one could
	to        *view.Target
}

func newFactRow(f *facts) *factRow {
	r := &factRow{f: f, ground: canvas.NewRectangle(themed(theme.ColorNameHover)), label: newMuted(""), value: newParagraph(""), from: newMuted("")}
	r.ground.CornerRadius = 4
	r.ground.Hide()
	r.from.Points, r.from.Bold, r.from.Whole = textSmall, true, true
	for i := range r.originals {
		r.originals[i] = newMuted("")
		r.originals[i].Points = textSmall
	}
	if f.h != nil {
		r.copy = f.h.newIconButton(theme.ContentCopyIcon(), "Copy", func() { f.h.copy(r.exact, r.label.Text) })
		// Fyne takes the pointer from the line when it is over the button.
		r.copy.onHover = r.offerCopy
		r.copy.Hide()
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *factRow) set(field *view.Field) {
	r.label.set(field.Label, view.Muted)
	tone := field.Tone
	if r.to = field.To; r.to != nil {
		tone = view.Info
	}
	r.value.set(field.Value, tone)
	r.exact = field.Value
	switch {
	case field.Exact != "":
		r.exact = field.Exact
	case field.Unset:
		r.exact = ""
	}
	r.source = field.From
	r.from.set(initial(field.From), view.Muted)
	for i, line := range r.originals {
		said := ""
		if i < len(field.Originals) {
			said = field.Originals[i].Cloud + ": " + field.Originals[i].Value
		}
		line.set(said, view.Muted)
	}
}

// initial is how a cloud is named where there is little room.
func initial(name string) string {
	if name == "" {
		return ""
	}
	return name[:1]
}

// MouseIn shows the button that copies the value, and what the value stands
// for in full.
func (r *factRow) MouseIn(*desktop.MouseEvent) {
	if r.copy == nil || r.exact == "" {
		return
	}
	r.offerCopy(true)
	tip := ""
	if r.exact != r.value.Text {
		tip = r.exact
	}
	if r.source != "" {
		tip = strings.TrimPrefix(tip+" · from "+r.source, " · ")
	}
	r.f.h.showTip(r, tip)
}

func (r *factRow) MouseMoved(*desktop.MouseEvent) {}

// Tapped goes to what the value leads to.
func (r *factRow) Tapped(*fyne.PointEvent) {
	if r.to != nil && r.f.follow != nil {
		r.f.h.hideTip()
		r.f.follow(*r.to)
	}
}

// Cursor shows that the value leads somewhere.
func (r *factRow) Cursor() desktop.Cursor {
	if r.to != nil {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

func (r *factRow) MouseOut() {
	if r.copy != nil {
		r.offerCopy(false)
		r.f.h.hideTip()
	}
}

// offerCopy shows the button that copies, in the place of where the value is
// from.
func (r *factRow) offerCopy(on bool) {
	visible(r.copy, on)
	visible(r.from, !on)
}

func (r *factRow) CreateRenderer() fyne.WidgetRenderer { return &factRowRenderer{r} }

type factRowRenderer struct{ r *factRow }

// The space right of the value, for where it is from and for the copy button.
const factMargin = 26

func (v *factRowRenderer) Destroy() {}
func (v *factRowRenderer) Refresh() {
	v.r.ground.FillColor = themed(theme.ColorNameHover)
	v.Layout(v.r.Size())
	canvas.Refresh(v.r)
}

func (v *factRowRenderer) MinSize() fyne.Size {
	high := max(18, v.r.value.MinSize().Height)
	if v.r.f.above {
		high += 17
	}
	for _, line := range v.r.originals {
		if line.Text != "" {
			high += 16
		}
	}
	return fyne.NewSize(v.r.f.label+90, high+6)
}

func (v *factRowRenderer) Layout(size fyne.Size) {
	r := v.r
	r.ground.Move(fyne.NewPos(-4, 0))
	r.ground.Resize(fyne.NewSize(size.Width+4, size.Height-1))
	r.label.Move(fyne.NewPos(0, 3))
	r.label.Resize(fyne.NewSize(r.f.label-5, 18))
	right := float32(0)
	if r.copy != nil {
		right = factMargin
		r.copy.Resize(fyne.NewSize(26, 24))
		r.copy.Move(fyne.NewPos(size.Width-26, 0))
	}
	r.from.Resize(fyne.NewSize(14, 18))
	r.from.Move(fyne.NewPos(size.Width-16, 3))
	width, top := max(40, size.Width-r.f.label-right), float32(3)
	if r.f.above {
		r.label.Resize(fyne.NewSize(size.Width-right, 16))
		top = 20
	}
	r.value.Move(fyne.NewPos(r.f.label, top))
	r.value.Resize(fyne.NewSize(width, max(18, r.value.Size().Height)))
	high := max(18, r.value.MinSize().Height)
	r.value.Resize(fyne.NewSize(width, high))
	for i, line := range r.originals {
		line.Move(fyne.NewPos(r.f.label, top+high+float32(i)*16))
		line.Resize(fyne.NewSize(size.Width-r.f.label, 16))
	}
}

func (v *factRowRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{v.r.ground, v.r.label, v.r.value, v.r.from, v.r.originals[0], v.r.originals[1]}
	if v.r.copy != nil {
		out = append(out, v.r.copy)
	}
	return out
}
