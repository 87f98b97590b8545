package view

import (
	"fmt"
	"html"
	"io"
	"strings"
)

// Scene is a [Picture] laid out for a size, in Fyne's units, to be drawn by
// whatever draws rectangles and texts.
type Scene struct {
	Width, Height float32
	Boxes         []Box
	Texts         []SceneText
}

// Box is a rectangle. Part is what it stands for, nil for what only helps the
// eye.
type Box struct {
	X, Y, W, H float32
	Part       *Part
}

// SceneText is one line of text, its top left corner at X and Y.
type SceneText struct {
	X, Y  float32
	Text  string
	Size  float32
	Muted bool
}

// Measure is the width of a text of a size.
type Measure func(text string, size float32) float32

const (
	sceneText  = 12
	sceneSmall = 11
	sceneLine  = 24 // from bar to bar
	barHigh    = 14
	columnHigh = 170 // of the highest column
	legendHigh = 18
)

// Scene lays p out for a width. Its height is what it needs.
func (p *Picture) Scene(width float32, money func(float64) string, measure Measure) Scene {
	if p.Series != nil {
		return p.columns(width, money, measure)
	}
	s := Scene{Width: width, Height: sceneLine * float32(len(p.Bars))}
	labels, numbers, most := float32(0), float32(0), 1
	for _, b := range p.Bars {
		labels = max(labels, measure(b.Label, sceneText))
		numbers = max(numbers, measure(Number(b.Count), sceneText))
		most = max(most, b.Count)
	}
	labels = min(labels, width*.42)
	room := max(20, width-labels-numbers-20)
	for i, b := range p.Bars {
		y := sceneLine * float32(i)
		s.Texts = append(s.Texts, SceneText{0, y + 3, shortenTo(b.Label, labels, sceneText, measure), sceneText, true})
		long := max(2, room*float32(b.Count)/float32(most))
		for j := range b.Parts {
			s.Boxes = append(s.Boxes, Box{labels + 10, y + (sceneLine-barHigh)/2, long, barHigh, &b.Parts[j]})
		}
		s.Texts = append(s.Texts, SceneText{labels + 16 + long, y + 3, Number(b.Count), sceneText, false})
	}
	return s
}

// columns lays p out as columns of parts, with the series below.
func (p *Picture) columns(width float32, money func(float64) string, measure Measure) Scene {
	s := Scene{Width: width}
	most := 1
	for _, b := range p.Bars {
		most = max(most, b.Count)
	}
	const top = 36 // for the numbers above the highest column
	n := float32(max(1, len(p.Bars)))
	step := width / n
	wide := min(56, step*.64)
	for i, b := range p.Bars {
		x := step*float32(i) + (step-wide)/2
		y := float32(top + columnHigh)
		for j := range b.Parts {
			high := columnHigh * float32(b.Parts[j].Count) / float32(most)
			y -= high
			s.Boxes = append(s.Boxes, Box{x, y, wide, max(1, high), &b.Parts[j]})
		}
		centred := func(text string, y, size float32, muted bool) {
			if w := measure(text, size); w <= step-4 {
				s.Texts = append(s.Texts, SceneText{x + wide/2 - w/2, y, text, size, muted})
			}
		}
		centred(Number(b.Count), y-17, sceneText, false)
		if b.Cost > 0 {
			centred(money(b.Cost), y-32, sceneSmall, true)
		}
		centred(b.Label, top+columnHigh+5, sceneText, true)
	}
	s.Boxes = append(s.Boxes, Box{0, top + columnHigh, width, 1, nil})
	x, y := float32(0), float32(top+columnHigh+32)
	for i, name := range p.Series {
		name = shortenTo(name, min(width-24, 220), sceneSmall, measure)
		w := measure(name, sceneSmall) + 34
		if x > 0 && x+w-14 > width {
			x, y = 0, y+legendHigh
		}
		s.Boxes = append(s.Boxes, Box{x, y + 3, 10, 10, &Part{Series: p.seriesOf(i)}})
		s.Texts = append(s.Texts, SceneText{x + 16, y, name, sceneSmall, true})
		x += w
	}
	s.Height = y + legendHigh
	return s
}

// seriesOf is the number of a series by its place: others are always the last
// colour.
func (p *Picture) seriesOf(i int) int {
	if p.Series[i] == others {
		return mostSeries
	}
	return i
}

// Counted tells whether a box stands for rows, and is none of a legend.
func (b *Box) Counted() bool { return b.Part != nil && b.Part.Count > 0 }

// shortenTo cuts a text with an ellipsis to a width.
func shortenTo(s string, width, size float32, measure Measure) string {
	if measure(s, size) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if cut := strings.TrimRight(string(runes[:n]), " ") + "…"; measure(cut, size) <= width {
			return cut
		}
	}
	return "…"
}

// WriteSVG writes the scene under a title, in colours for a white page; color is
// that of a part as #rrggbb.
func (s *Scene) WriteSVG(w io.Writer, title string, color func(*Part) string) error {
	const pad, head = 16, 44
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" font-family="sans-serif">`+"\n", s.Width+2*pad, s.Height+head+pad)
	b.WriteString(`<rect width="100%" height="100%" fill="#ffffff"/>` + "\n")
	text := func(x, y, size float32, fill, weight, text string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" font-size="%g" fill="%s"%s>%s</text>`+"\n", x, y+size, size, fill, weight, html.EscapeString(printable(text)))
	}
	text(pad, 12, 15, "#1d2530", ` font-weight="bold"`, title)
	for _, box := range s.Boxes {
		fill, tip := "#c6ced9", ""
		if box.Part != nil {
			fill = color(box.Part)
		}
		if box.Counted() {
			tip = "<title>" + html.EscapeString(printable(box.Part.Label)+": "+Number(box.Part.Count)) + "</title>"
		}
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s">%s</rect>`+"\n", pad+box.X, head+box.Y, box.W, box.H, fill, tip)
	}
	for _, t := range s.Texts {
		fill := "#1d2530"
		if t.Muted {
			fill = "#5b6675"
		}
		text(pad+t.X, head+t.Y+1, t.Size, fill, "", t.Text)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// printable leaves out what XML has no place for.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, s)
}
