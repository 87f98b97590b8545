package ui

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// visible shows or hides an object.
func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// padded keeps a distance of n around an object.
func padded(n float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(n, n, n, n), o)
}

// vstack and hstack put objects n apart, below or beside each other. In an
// hstack a layout.Spacer takes what is left.
func vstack(n float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(n), objects...)
}

func hstack(n float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(n), objects...)
}

// framed draws the edge that a choice lacks, as an entry has it.
func framed(o fyne.CanvasObject) *card {
	c := newCard(o)
	c.pad, c.field = 0, true
	return c
}

// labelLayout puts a label of a width before an object, both in the middle of
// the height; the label in the middle of the first line of so much, where that is
// not 0.
type labelLayout struct{ label, line float32 }

func (l *labelLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(l.label+b.Width, max(a.Height, b.Height))
}

func (l *labelLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	at := float32(0)
	for i, width := range []float32{l.label, size.Width - l.label} {
		o[i].Resize(fyne.NewSize(width, o[i].Size().Height))
		high := o[i].MinSize().Height
		o[i].Resize(fyne.NewSize(width-8*float32(1-i), high))
		room := size.Height
		if i == 0 && l.line > 0 {
			room = min(room, l.line)
		}
		o[i].Move(fyne.NewPos(at, (room-high)/2))
		at += width
	}
}

// besideLayout puts objects of the same width beside each other.
type besideLayout struct{ gap float32 }

func (l *besideLayout) MinSize(objects []fyne.CanvasObject) (min fyne.Size) {
	for _, o := range objects {
		min = min.Max(o.MinSize())
	}
	n := float32(len(objects))
	return fyne.NewSize(min.Width*n+l.gap*(n-1), min.Height)
}

func (l *besideLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	n := float32(len(objects))
	width := (size.Width - l.gap*(n-1)) / n
	for i, o := range objects {
		o.Move(fyne.NewPos(float32(i)*(width+l.gap), 0))
		o.Resize(fyne.NewSize(width, size.Height))
	}
}

// fixedWidth is empty room.
func fixedWidth(width float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(width, 1))
	return r
}

// fixedHeight is empty room.
func fixedHeight(height float32) fyne.CanvasObject {
	o := fixedWidth(1)
	return container.New(layout.NewCustomPaddedLayout(height-1, 0, 0, 0), o)
}

// padLeft keeps a distance of n before an object.
func padLeft(n float32, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, n, 0), o)
}

// pageLayout puts objects below each other; the second one has what the
// others leave. Each is given its width before it is asked for its height.
type pageLayout struct{}

func (pageLayout) MinSize(objects []fyne.CanvasObject) (min fyne.Size) {
	for _, o := range objects {
		if m := o.MinSize(); o.Visible() {
			min = fyne.NewSize(max(min.Width, m.Width), min.Height+m.Height)
		}
	}
	return min
}

func (pageLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rest := size.Height
	for i, o := range objects {
		if i == 1 || !o.Visible() {
			continue
		}
		o.Resize(fyne.NewSize(size.Width, o.Size().Height))
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height))
		rest -= o.Size().Height
	}
	y := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		if i == 1 {
			o.Resize(fyne.NewSize(size.Width, max(0, rest)))
		}
		o.Move(fyne.NewPos(0, y))
		y += o.Size().Height
	}
}

// flowLayout puts objects beside each other, and goes on below where there is
// no room.
type flowLayout struct {
	gap   float32
	width float32 // as last laid out
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	min := fyne.NewSize(0, 0)
	for _, o := range objects {
		min.Width = max(min.Width, o.MinSize().Width)
	}
	min.Height = l.place(objects, max(l.width, min.Width), func(fyne.CanvasObject, fyne.Position, fyne.Size) {})
	return min
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, size fyne.Size) {
		o.Move(at)
		o.Resize(size)
	})
}

// place works out where everything goes, each in the middle of its line, and
// returns the height it takes.
func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	var x, y, high float32
	var line []fyne.CanvasObject
	end := func() {
		at := float32(0)
		for _, o := range line {
			size := o.MinSize()
			put(o, fyne.NewPos(at, y+(high-size.Height)/2), size)
			at += size.Width + l.gap
		}
		line = line[:0]
	}
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size := o.MinSize()
		if x > 0 && x+size.Width > width {
			end()
			x, y, high = 0, y+high+l.gap, 0
		}
		line = append(line, o)
		x += size.Width + l.gap
		high = max(high, size.Height)
	}
	end()
	return y + high
}

// spareLayout is a flowLayout that leaves out what can be spared while all does
// not fit into one line.
type spareLayout struct {
	flow  flowLayout
	spare func(fyne.CanvasObject) bool
}

func (l *spareLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return l.flow.MinSize(l.fitting(objects, l.flow.width))
}

func (l *spareLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	fitting := l.fitting(objects, size.Width)
	for _, o := range objects {
		visible(o, slices.Contains(fitting, o))
	}
	l.flow.Layout(fitting, size)
}

// fitting are the objects for which there is room, those that are needed among
// them in any case; all while the width is not known.
func (l *spareLayout) fitting(objects []fyne.CanvasObject, width float32) (out []fyne.CanvasObject) {
	if width <= 0 {
		return objects
	}
	left := width + l.flow.gap
	for _, o := range objects {
		if !l.spare(o) {
			left -= o.MinSize().Width + l.flow.gap
		}
	}
	for _, o := range objects {
		need := o.MinSize().Width + l.flow.gap
		switch {
		case !l.spare(o):
			out = append(out, o)
		case need <= left:
			out = append(out, o)
			left -= need
		default:
			left = 0 // the order stays
		}
	}
	return out
}
