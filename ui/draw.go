package ui

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// subpixels is how many horizontal positions within a pixel a glyph is kept
// at; without them letters of a small text stand unevenly.
const subpixels = 4

// glyphs draws one line of text in one font and size from masks that it
// keeps. It neither shapes nor kerns, and knows only what its font has: see
// [glyphs.has]. For use on Fyne's goroutine.
type glyphs struct {
	font   *sfnt.Font
	face   font.Face
	buf    sfnt.Buffer
	masks  map[glyphKey]glyph
	known  map[rune]bool
	tails  map[tailKey]string
	ascent int
	height int
}

type glyphKey struct {
	r   rune
	sub uint8
}

type glyph struct {
	mask    *image.Alpha // nil for a blank
	at      image.Point  // of the mask, from the pen on the base line
	advance fixed.Int26_6
}

type faceKey struct {
	pixels float64
	bold   bool
}

// faces are the fonts in use: a few sizes at one or two scales.
var faces = map[faceKey]*glyphs{}

// glyphsOf returns the theme's font at a size in pixels.
func glyphsOf(pixels float64, bold bool) *glyphs {
	key := faceKey{pixels, bold}
	if g := faces[key]; g != nil {
		return g
	}
	// The default theme's fonts are embedded and parse.
	data := theme.DefaultTheme().Font(fyne.TextStyle{Bold: bold}).Content()
	parsed, err := opentype.Parse(data)
	if err != nil {
		panic("ui: embedded font: " + err.Error())
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic("ui: embedded font: " + err.Error())
	}
	m := face.Metrics()
	g := &glyphs{
		font: parsed, face: face,
		masks: map[glyphKey]glyph{}, known: map[rune]bool{},
		ascent: m.Ascent.Round(), height: (m.Ascent + m.Descent).Round(),
	}
	faces[key] = g
	return g
}

// has tells whether g can draw s well: its font has every letter, and none of
// them belongs to a script that needs shaping.
func (g *glyphs) has(s string) bool {
	for _, r := range s {
		if r >= 0x20 && r < 0x7f {
			continue
		}
		ok, seen := g.known[r]
		if !seen {
			i, err := g.font.GlyphIndex(&g.buf, r)
			ok = err == nil && i != 0 && simpleScript(r)
			g.known[r] = ok
		}
		if !ok {
			return false
		}
	}
	return true
}

// simpleScript tells whether r is drawn by putting its glyph after the one
// before it: Latin, Greek, Cyrillic, punctuation and currency. Combining
// marks are not.
func simpleScript(r rune) bool {
	switch {
	case r < 0x20 || (r >= 0x7f && r < 0xa0):
		return false
	case r < 0x300, r >= 0x370 && r < 0x483, r >= 0x48a && r < 0x530:
		return true
	case r >= 0x1e00 && r < 0x2000, r >= 0x2010 && r < 0x2028, r >= 0x2030 && r < 0x205f, r >= 0x20a0 && r < 0x20d0:
		return true
	}
	return false
}

func (g *glyphs) glyph(r rune, sub uint8) glyph {
	key := glyphKey{r, sub}
	if m, ok := g.masks[key]; ok {
		return m
	}
	dot := fixed.Point26_6{X: fixed.Int26_6(sub) * 64 / subpixels}
	box, mask, from, advance, ok := g.face.Glyph(dot, r)
	m := glyph{advance: advance}
	if ok && !box.Empty() {
		// The face reuses its mask for the next glyph.
		m.mask = image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
		draw.Draw(m.mask, m.mask.Rect, mask, from, draw.Src)
		m.at = box.Min
	}
	g.masks[key] = m
	return m
}

// width is how wide s is drawn, in pixels.
func (g *glyphs) width(s string) int {
	var w fixed.Int26_6
	for _, r := range s {
		w += g.glyph(r, 0).advance
	}
	return w.Ceil()
}

// fit returns s, cut short with an ellipsis where it is wider than max pixels.
func (g *glyphs) fit(s string, max int) string {
	if n, cut := g.fits(s, max); cut {
		return s[:n] + ellipsis
	}
	return s
}

const ellipsis = "…"

// fits returns how many bytes of s fit into max pixels, with an ellipsis after
// them where that is not all.
func (g *glyphs) fits(s string, max int) (n int, cut bool) {
	limit := fixed.I(max)
	room := limit - g.glyph('…', 0).advance
	var w fixed.Int26_6
	for i, r := range s {
		if w <= room {
			n = i
		}
		if w += g.glyph(r, 0).advance; w > limit {
			return n, true
		}
	}
	return len(s), false
}

// tail shortens a path from the front to max pixels, as the function tail does.
// The same paths come again and again.
func (g *glyphs) tail(path string, max int) string {
	const most = 5000
	key := tailKey{path, max}
	short, ok := g.tails[key]
	if !ok {
		if g.tails == nil || len(g.tails) >= most {
			g.tails = make(map[tailKey]string)
		}
		short = tail(path, func(s string) bool { return g.width(s) <= max })
		g.tails[key] = short
	}
	return short
}

type tailKey struct {
	path string
	max  int
}

// draw puts s with its top left corner at (x, y), within dst's bounds.
func (g *glyphs) draw(dst *image.RGBA, x, y int, s string, c color.NRGBA) {
	g.drawFrom(dst, fixed.I(x), y, s, c)
}

// drawCut puts the first n bytes of s there, and an ellipsis after them if cut.
func (g *glyphs) drawCut(dst *image.RGBA, x, y int, s string, n int, cut bool, c color.NRGBA) {
	if pen := g.drawFrom(dst, fixed.I(x), y, s[:n], c); cut {
		g.drawFrom(dst, pen, y, ellipsis, c)
	}
}

// drawFrom begins at a pen and returns where it ends.
func (g *glyphs) drawFrom(dst *image.RGBA, pen fixed.Int26_6, y int, s string, c color.NRGBA) fixed.Int26_6 {
	src := uniform(c)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		// Rounded to the nearest sub-pixel: dropping the rest would make
		// every text drift to the left.
		at := pen + 64/subpixels/2
		m := g.glyph(r, uint8(at&63)*subpixels/64)
		if m.mask != nil {
			box := m.mask.Rect.Add(image.Pt(at.Floor()+m.at.X, y+g.ascent+m.at.Y))
			draw.DrawMask(dst, box, src, image.Point{}, m.mask, image.Point{}, draw.Over)
		}
		pen += m.advance
	}
	return pen
}

// uniforms are the colours that are drawn with, as pictures.
var uniforms = map[color.NRGBA]*image.Uniform{}

func uniform(c color.NRGBA) *image.Uniform {
	u := uniforms[c]
	if u == nil {
		u = image.NewUniform(c)
		uniforms[c] = u
	}
	return u
}

// crop makes part the pixels of dst within r, and reports whether there are
// any. (SubImage makes a new picture each time.)
func crop(part, dst *image.RGBA, r image.Rectangle) bool {
	r = r.Intersect(dst.Rect)
	if r.Empty() {
		return false
	}
	*part = image.RGBA{Pix: dst.Pix[dst.PixOffset(r.Min.X, r.Min.Y):], Stride: dst.Stride, Rect: r}
	return true
}

// fillPill fills r with rounded ends, antialiased, within dst's bounds.
func fillPill(dst *image.RGBA, r image.Rectangle, c color.NRGBA) {
	radius := float64(r.Dy()) / 2
	left, right := float64(r.Min.X)+radius, float64(r.Max.X)-radius
	middle := float64(r.Min.Y) + radius
	visible := r.Intersect(dst.Rect)
	for y := visible.Min.Y; y < visible.Max.Y; y++ {
		dy := float64(y) + .5 - middle
		for x := visible.Min.X; x < visible.Max.X; x++ {
			px := float64(x) + .5
			dx := math.Max(math.Max(left-px, px-right), 0)
			if cover := radius + .5 - math.Hypot(dx, dy); cover > 0 {
				blend(dst, x, y, c, math.Min(cover, 1))
			}
		}
	}
}

// fillTriangle fills a triangle that points up or down, of a width of 2·half
// and a height of half, antialiased.
func fillTriangle(dst *image.RGBA, centre image.Point, half float32, up bool, c color.NRGBA) {
	b := dst.Rect
	z := vector.NewRasterizer(b.Dx(), b.Dy())
	x, y := float32(centre.X-b.Min.X), float32(centre.Y-b.Min.Y)
	base, tip := y-half/2, y+half/2
	if up {
		base, tip = tip, base
	}
	z.MoveTo(x-half, base)
	z.LineTo(x+half, base)
	z.LineTo(x, tip)
	z.ClosePath()
	z.Draw(dst, b, uniform(c), image.Point{})
}

// fill paints r with a colour over what is there.
func fill(dst *image.RGBA, r image.Rectangle, c color.NRGBA) {
	draw.Draw(dst, r, uniform(c), image.Point{}, draw.Over)
}

// blend puts c over the pixel at (x, y), which is opaque, weakened by cover.
func blend(dst *image.RGBA, x, y int, c color.NRGBA, cover float64) {
	k := uint32(cover*float64(c.A) + .5)
	p := dst.Pix[dst.PixOffset(x, y):]
	p[0] = uint8((uint32(c.R)*k + uint32(p[0])*(255-k)) / 255)
	p[1] = uint8((uint32(c.G)*k + uint32(p[1])*(255-k)) / 255)
	p[2] = uint8((uint32(c.B)*k + uint32(p[2])*(255-k)) / 255)
}
