package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// gap is the room between the parts of a split, where it can be dragged.
const gap = 8

// split is a side pane of a width that is kept, and a main pane that has the
// rest. A closed side leaves everything to the main pane.
type split struct {
	widget.BaseWidget
	side, main fyne.CanvasObject
	right      bool    // the side is at the right
	width      float32 // of the side, as chosen; what the window allows may be less
	closed     bool    // the side is not wanted
	always     float32 // from this width of both on it is shown all the same; 0 is never
	roomy      float32 // the side's width from there on, until somebody chooses one
	chosen     bool    // width was chosen, not designed
	grip       *splitGrip
}

func newSplit(side, main fyne.CanvasObject, right bool, width float32) *split {
	s := &split{side: side, main: main, right: right, width: width}
	s.grip = &splitGrip{s: s}
	s.grip.ExtendBaseWidget(s.grip)
	s.ExtendBaseWidget(s)
	return s
}

// open tells whether the side is to be seen.
func (s *split) open(width float32) bool {
	return !s.closed || s.always > 0 && width >= s.always
}

// shown is how wide the side is now: as chosen, but never more than half.
func (s *split) shown() float32 {
	width, all := s.width, s.Size().Width
	if !s.chosen && s.always > 0 && all >= s.always {
		width = s.roomy
	}
	return max(s.side.MinSize().Width, min(width, all/2-gap))
}

// choose makes the side so wide from now on; 0 leaves it as designed.
func (s *split) choose(width float32) {
	if width > 0 {
		s.width, s.chosen = width, true
	}
}

// choice is the width that was chosen, 0 while none was.
func (s *split) choice() float32 {
	if !s.chosen {
		return 0
	}
	return s.width
}

func (s *split) CreateRenderer() fyne.WidgetRenderer { return &splitRenderer{s} }

type splitRenderer struct{ s *split }

func (r *splitRenderer) Destroy() {}
func (r *splitRenderer) Refresh() { r.Layout(r.s.Size()); canvas.Refresh(r.s) }

func (r *splitRenderer) MinSize() fyne.Size {
	min := r.s.main.MinSize()
	if !r.s.closed {
		side := r.s.side.MinSize()
		min = fyne.NewSize(min.Width+side.Width+gap, max(min.Height, side.Height))
	}
	return min
}

func (r *splitRenderer) Layout(size fyne.Size) {
	s := r.s
	open := s.open(size.Width)
	visible(s.side, open)
	visible(s.grip, open)
	if !open {
		s.main.Move(fyne.NewPos(0, 0))
		s.main.Resize(size)
		return
	}
	side := s.shown()
	main := max(0, size.Width-side-gap)
	at, grip, rest := float32(0), side, side+gap
	if s.right {
		at, grip, rest = main+gap, main, 0
	}
	s.side.Move(fyne.NewPos(at, 0))
	s.side.Resize(fyne.NewSize(side, size.Height))
	s.main.Move(fyne.NewPos(rest, 0))
	s.main.Resize(fyne.NewSize(main, size.Height))
	s.grip.Move(fyne.NewPos(grip, 0))
	s.grip.Resize(fyne.NewSize(gap, size.Height))
}

func (r *splitRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.s.side, r.s.main, r.s.grip}
}

// splitGrip is the gap that can be dragged. It shows itself to the pointer.
type splitGrip struct {
	widget.BaseWidget
	s    *split
	line *canvas.Rectangle
}

func (g *splitGrip) Cursor() desktop.Cursor { return desktop.HResizeCursor }

func (g *splitGrip) Dragged(e *fyne.DragEvent) {
	dx := e.Dragged.DX
	if g.s.right {
		dx = -dx
	}
	g.s.choose(g.s.shown() + dx)
	g.s.Refresh()
}

func (g *splitGrip) DragEnd() {}

func (g *splitGrip) MouseIn(*desktop.MouseEvent)    { g.show(true) }
func (g *splitGrip) MouseMoved(*desktop.MouseEvent) {}
func (g *splitGrip) MouseOut()                      { g.show(false) }

func (g *splitGrip) show(on bool) {
	g.line.FillColor = nil
	if on {
		g.line.FillColor = tinted(theme.ColorNamePrimary, 0x80)
	}
	g.line.Refresh()
}

func (g *splitGrip) CreateRenderer() fyne.WidgetRenderer {
	g.line = canvas.NewRectangle(nil)
	g.line.CornerRadius = 1.5
	return &gripRenderer{g}
}

type gripRenderer struct{ g *splitGrip }

func (r *gripRenderer) Destroy()                     {}
func (r *gripRenderer) Refresh()                     {}
func (r *gripRenderer) MinSize() fyne.Size           { return fyne.NewSize(gap, 20) }
func (r *gripRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.g.line} }

func (r *gripRenderer) Layout(size fyne.Size) {
	r.g.line.Move(fyne.NewPos(gap/2-1.5, 0))
	r.g.line.Resize(fyne.NewSize(3, size.Height))
}
