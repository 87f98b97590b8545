package ui

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// lineHeight is from one line of a paragraph to the next. (Fyne's own label
// puts wrapped lines at fractions of a pixel, which blurs all but the first.)
const lineHeight = 19

// paragraph is text of any length that wraps. What stands between two ** is
// bold. It knows its height only at its width: after it was resized.
type paragraph struct {
	widget.BaseWidget
	Text string
	tone view.Tone
}

func newParagraph(s string) *paragraph {
	p := &paragraph{Text: s}
	p.ExtendBaseWidget(p)
	return p
}

func (p *paragraph) set(s string, tone view.Tone) {
	if p.Text != s || p.tone != tone {
		p.Text, p.tone = s, tone
		p.Refresh()
	}
}

func (p *paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := &paragraphRenderer{p: p}
	r.Refresh()
	return r
}

type paragraphRenderer struct {
	p     *paragraph
	width float32 // that the lines are broken for
	lines [][]run
	// texts are drawn, each in a container of its own: Fyne draws a text
	// sharply where its place within its parent is a whole number of pixels.
	texts []*canvas.Text
	boxes []fyne.CanvasObject
}

func (r *paragraphRenderer) Destroy()                     {}
func (r *paragraphRenderer) Objects() []fyne.CanvasObject { return r.boxes }

func (r *paragraphRenderer) MinSize() fyne.Size {
	high := fyne.MeasureText("", theme.TextSize(), fyne.TextStyle{}).Height
	if n := len(r.lines); n > 1 {
		high += float32(n-1) * lineHeight
	}
	return fyne.NewSize(30, high)
}

func (r *paragraphRenderer) Layout(size fyne.Size) {
	if size.Width != r.width {
		r.width = size.Width
		r.Refresh()
	}
}

func (r *paragraphRenderer) Refresh() {
	r.lines = breakLines(runsOf(r.p.Text), r.width, runWidth)
	n := 0
	for i, line := range r.lines {
		x := float32(0)
		for _, part := range line {
			if n == len(r.texts) {
				t := canvas.NewText("", nil)
				r.texts, r.boxes = append(r.texts, t), append(r.boxes, container.NewWithoutLayout(t))
			}
			t, box := r.texts[n], r.boxes[n]
			n++
			t.Text, t.TextStyle.Bold, t.TextSize, t.Color = part.text, part.bold, theme.TextSize(), themed(toneColor(r.p.tone))
			t.Resize(t.MinSize())
			box.Move(fyne.NewPos(x, float32(i*lineHeight)))
			box.Resize(t.MinSize())
			box.Show()
			x += runWidth(part)
		}
	}
	for _, box := range r.boxes[n:] {
		box.Hide()
	}
	canvas.Refresh(r.p)
}

// run is a piece of text in one style.
type run struct {
	text string
	bold bool
}

func runWidth(r run) float32 {
	return fyne.MeasureText(r.text, theme.TextSize(), fyne.TextStyle{Bold: r.bold}).Width
}

// runsOf takes the bold pieces of a text out of their asterisks.
func runsOf(s string) (out []run) {
	for i, part := range strings.Split(s, "**") {
		if part != "" {
			out = append(out, run{part, i%2 == 1})
		}
	}
	return out
}

// breakLines breaks runs into lines that are no wider than width: after a
// space, else within a word after a sign such as the slash of a path, else
// anywhere. A line has a letter at least; no width is no limit.
func breakLines(runs []run, width float32, measure func(run) float32) (lines [][]run) {
	var line []run
	left := width
	end := func() {
		if n := len(line) - 1; n >= 0 {
			line[n].text = strings.TrimRight(line[n].text, " ")
		}
		lines, line, left = append(lines, line), nil, width
	}
	add := func(piece run) {
		if n := len(line) - 1; n >= 0 && line[n].bold == piece.bold {
			line[n].text += piece.text
		} else {
			line = append(line, piece)
		}
		left -= measure(piece)
	}
	for _, r := range runs {
		for _, word := range splitWords(r.text) {
			if word == "\n" {
				end()
				continue
			}
			piece := run{word, r.bold}
			bare := run{strings.TrimRight(word, " "), r.bold}
			if n := len(line) - 1; n >= 0 && line[n].bold != r.bold && len(bare.text) == 1 && strings.Contains(".,:;)?", bare.text) && !strings.HasSuffix(line[n].text, " ") {
				add(piece) // a full stop stays with its word
				continue
			}
			if width > 0 && len(line) > 0 && measure(bare) > left {
				end()
			}
			for width > 0 && len(bare.text) > 0 && measure(bare) > left {
				head := fitting(bare.text, func(s string) bool { return measure(run{s, r.bold}) <= left })
				add(run{head, r.bold})
				end()
				bare.text, piece.text = bare.text[len(head):], piece.text[len(head):]
			}
			if piece.text != "" {
				add(piece)
			}
		}
	}
	if len(line) > 0 || len(lines) == 0 {
		end()
	}
	return lines
}

// splitWords takes a text apart into words, each with the spaces after it, and
// line ends. The parts of a path are words.
func splitWords(s string) (out []string) {
	begin := 0
	flush := func(end int) {
		if end > begin {
			out = append(out, s[begin:end])
		}
		begin = end
	}
	space := false
	for i, r := range s {
		if r == '\n' {
			flush(i)
			out, begin, space = append(out, "\n"), i+1, false
			continue
		}
		if space && r != ' ' {
			flush(i)
		}
		space = r == ' ' || r == '/' && i > begin+2
	}
	flush(len(s))
	return out
}

// fitting is the longest beginning of a word that fits, up to the @ of an
// address or another sign where one can break it well; one letter at least.
func fitting(word string, fits func(string) bool) string {
	last, good := 0, 0
	for i, r := range word {
		n := i + len(string(r))
		if last > 0 && !fits(word[:n]) {
			break
		}
		last = n
		if strings.ContainsRune("/\\.-_:;,&?=", r) || unicode.IsSpace(r) {
			good = n
		}
	}
	if at := strings.LastIndexByte(word[:last], '@'); at > 0 {
		return word[:at+1]
	}
	if good > 0 {
		return word[:good]
	}
	return word[:last]
}
