package ui

import (
	"sort"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// text is one line in a colour of the theme, without space around it. It is
// cut short with an ellipsis where it has too little room, unless it is Whole.
type text struct {
	widget.BaseWidget
	Text   string
	Color  fyne.ThemeColorName // "" is the foreground
	Points float32             // 0 is the theme's size
	Bold   bool
	Whole  bool // needs its full width
}

func newText(s string) *text {
	t := &text{Text: s}
	t.ExtendBaseWidget(t)
	return t
}

func newMuted(s string) *text {
	t := newText(s)
	t.Color, t.Points = colorMuted, 12
	return t
}

func newHeading(s string) *text {
	t := newText(s)
	t.Points, t.Bold = textTitle, true
	return t
}

// whole makes t take its full width.
func (t *text) whole() *text {
	t.Whole = true
	return t
}

func (t *text) set(s string, tone view.Tone) {
	if t.Text != s || t.Color != toneColor(tone) {
		t.Text, t.Color = s, toneColor(tone)
		t.Refresh()
	}
}

func (t *text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{t: t, line: canvas.NewText("", themed(theme.ColorNameForeground))}
	r.Refresh()
	return r
}

type textRenderer struct {
	t    *text
	line *canvas.Text
}

func (r *textRenderer) Destroy()                     {}
func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }

func (r *textRenderer) MinSize() fyne.Size {
	m := fyne.MeasureText(r.t.Text, r.line.TextSize, r.line.TextStyle)
	if !r.t.Whole {
		m.Width = min(m.Width, 30)
	}
	return m
}

func (r *textRenderer) Layout(size fyne.Size) {
	r.line.Text = shorten(r.t.Text, size.Width, r.line.TextSize, r.line.TextStyle)
	r.line.Resize(size) // in whose middle Fyne draws it, sharply
}

func (r *textRenderer) Refresh() {
	r.line.TextSize = r.t.Points
	if r.t.Points == 0 {
		r.line.TextSize = theme.TextSize()
	}
	r.line.TextStyle.Bold = r.t.Bold
	name := r.t.Color
	if name == "" {
		name = theme.ColorNameForeground
	}
	r.line.Color = themed(name)
	r.Layout(r.t.Size())
	r.line.Refresh()
}

// shorten cuts s with an ellipsis to a width, by Fyne's own measure.
func shorten(s string, width, size float32, style fyne.TextStyle) string {
	return cut(s, "", measure(width, size, style))
}

// measure returns what tells whether a text fits into a width.
func measure(width, size float32, style fyne.TextStyle) func(string) bool {
	return func(s string) bool { return fyne.MeasureText(s, size, style).Width <= width+.5 }
}

// cut leaves out as little of the end of s as lets it fit together with what
// follows it.
func cut(s, after string, fits func(string) bool) string {
	if fits(s + after) {
		return s + after
	}
	runes := []rune(s)
	n := sort.Search(len(runes), func(n int) bool { return !fits(string(runes[:n+1]) + "…" + after) })
	return string(runes[:n]) + "…" + after
}

// tail shortens a path from the front, for its last parts say the most:
// "/Students/Alder Ridge/Grade 7" becomes "…/Alder Ridge/Grade 7", then
// "…/Alder…/Grade 7", then "…/Grade 7", which may be too long still.
func tail(path string, fits func(string) bool) string {
	const enough = 4 // letters of a name that tell it from others
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	last := len(parts) - 1
	if last == 0 || fits(path) {
		return path
	}
	after := "/" + parts[last]
	for i := last - 1; i >= 0; i-- {
		if longer := "/" + parts[i] + after; fits("…" + longer) {
			after = longer
			continue
		}
		if name := []rune(parts[i]); len(name) > enough && fits("…/"+string(name[:enough])+"…"+after) {
			return cut("…/"+parts[i], after, fits)
		}
		break
	}
	return "…" + after
}
