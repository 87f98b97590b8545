package view

import (
	"fmt"
	"image/color"
	"strings"
	"unicode"

	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/qr"
)

// codeDrawing is a code as a label shows it: svg is "" where it cannot be
// drawn, and why says so.
type codeDrawing struct {
	code string // as text
	svg  string
	why  string
}

// A drawing's modules are whole dots of a printer with 300 of them an inch, and
// so of one with 600.
const dot = 25.4 / 300 // mm

// The room for the drawings, quiet zones included, and the modules that a
// scanner reads without trouble, all in dots.
const (
	barsWide, barsLeast, barsMost       = 708, 2, 4  // 60 mm
	barsHigh                            = 106        // 9 mm
	squareWide, squareLeast, squareMost = 330, 3, 10 // 28 mm
)

// The quiet zones in modules, as ISO/IEC 15417 and 18004 ask for.
const (
	barsQuiet   = 10
	squareQuiet = 4
)

const (
	notASCII  = "Code 128 has no bars for this code."
	notDrawn  = "This code cannot be drawn."
	tooLong   = "This code is too long to be drawn here."
	noCode    = "There is no code to draw."
	unprinted = "This code has letters that cannot be seen."
)

// drawCode draws a code as a scanner is to type it: without the white space
// around. It never fails; what cannot be drawn has a reason.
func drawCode(code string, kind LabelKind) codeDrawing {
	d := codeDrawing{code: strings.TrimSpace(strings.ToValidUTF8(code, "\ufffd"))}
	switch {
	case d.code == "":
		d.why = noCode
	case strings.ContainsFunc(d.code, func(r rune) bool { return !unicode.IsPrint(r) }):
		d.why = unprinted
	case kind == LabelQR:
		d.drawSquare()
	default:
		d.drawBars()
	}
	return d
}

// drawBars draws Code 128. The encoder takes some letters beyond ASCII for its
// function characters, so that these must not reach it.
func (d *codeDrawing) drawBars() {
	if strings.ContainsFunc(d.code, func(r rune) bool { return r > unicode.MaxASCII }) {
		d.why = notASCII
		return
	}
	if len(d.code) > 80 { // the encoder's most, and far beyond the label
		d.why = tooLong
		return
	}
	bars, err := code128.Encode(d.code)
	if err != nil {
		d.why = notDrawn
		return
	}
	n := bars.Bounds().Dx()
	wide := n + 2*barsQuiet
	module := min(barsMost, barsWide/wide)
	if module < barsLeast {
		d.why = tooLong
		return
	}
	row := runs(n, func(x int) bool { return dark(bars.At(x, 0)) })
	var path strings.Builder
	for _, r := range row {
		rectangle(&path, barsQuiet+r.from, 0, r.length)
	}
	d.svg = svg(path.String(), wide, 1, module*wide, barsHigh)
}

// drawSquare draws a QR code that can be read with 15 % of it gone.
func (d *codeDrawing) drawSquare() {
	square, err := qr.Encode(d.code, qr.M, qr.Auto)
	if err != nil { // nothing but the length is left
		d.why = tooLong
		return
	}
	n := square.Bounds().Dx()
	wide := n + 2*squareQuiet
	module := min(squareMost, squareWide/wide)
	if module < squareLeast {
		d.why = tooLong
		return
	}
	var path strings.Builder
	for y := range n {
		for _, r := range runs(n, func(x int) bool { return dark(square.At(x, y)) }) {
			rectangle(&path, squareQuiet+r.from, squareQuiet+y, r.length)
		}
	}
	d.svg = svg(path.String(), wide, wide, module*wide, module*wide)
}

// svg is a drawing of modules in a size on paper. All is one path: between
// shapes of their own some viewers leave hairlines.
func svg(path string, wide, high, dotsWide, dotsHigh int) string {
	return fmt.Sprintf(`<svg aria-hidden="true" width="%.3fmm" height="%.3fmm" viewBox="0 0 %d %d" preserveAspectRatio="none" shape-rendering="crispEdges"><path fill="#000" d="%s"/></svg>`,
		float64(dotsWide)*dot, float64(dotsHigh)*dot, wide, high, path)
}

// rectangle draws a rectangle one module high.
func rectangle(b *strings.Builder, x, y, wide int) {
	fmt.Fprintf(b, "M%d %dh%dv1h-%dz", x, y, wide, wide)
}

func dark(c color.Color) bool {
	r, _, _, _ := c.RGBA()
	return r < 0x8000
}

// run is some dark modules in a row.
type run struct{ from, length int }

func runs(n int, dark func(int) bool) (out []run) {
	for x := 0; x < n; x++ {
		from := x
		for x < n && dark(x) {
			x++
		}
		if x > from {
			out = append(out, run{from, x - from})
		}
	}
	return out
}
