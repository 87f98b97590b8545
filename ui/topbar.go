package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// tabName is the name of a tab at the top of the window.
type tabName struct {
	widget.BaseWidget
	label   string
	icon    fyne.Resource
	chosen  bool
	hovered bool
	hits    int // what a search found behind it, -1 for no search
	tapped  func()
}

func newTabName(label string, icon fyne.Resource) *tabName {
	n := &tabName{label: label, icon: icon, hits: -1}
	n.ExtendBaseWidget(n)
	return n
}

func (n *tabName) Tapped(*fyne.PointEvent)        { n.tapped() }
func (n *tabName) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (n *tabName) MouseIn(*desktop.MouseEvent)    { n.hovered = true; n.Refresh() }
func (n *tabName) MouseMoved(*desktop.MouseEvent) {}
func (n *tabName) MouseOut()                      { n.hovered = false; n.Refresh() }

func (n *tabName) choose(on bool) {
	if n.chosen != on {
		n.chosen = on
		n.Refresh()
	}
}

// count shows how much was found. It reports whether that changed the name's
// look, and so perhaps its width.
func (n *tabName) count(hits int) bool {
	if n.hits == hits {
		return false
	}
	n.hits = hits
	n.Refresh()
	return true
}

func (n *tabName) CreateRenderer() fyne.WidgetRenderer {
	r := &tabNameRenderer{
		n: n, ground: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil),
		icon: widget.NewIcon(n.icon), label: canvas.NewText("", nil), hits: newBadge("", view.Info),
	}
	r.ground.CornerRadius, r.line.CornerRadius = 6, 1.5
	r.Refresh()
	return r
}

type tabNameRenderer struct {
	n            *tabName
	ground, line *canvas.Rectangle
	icon         *widget.Icon
	label        *canvas.Text
	hits         *badge
}

func (r *tabNameRenderer) Destroy() {}

func (r *tabNameRenderer) MinSize() fyne.Size {
	width := 10 + 18 + 6 + r.label.MinSize().Width + 10
	if r.n.hits >= 0 {
		width += r.hits.MinSize().Width + 6
	}
	return fyne.NewSize(width, 38)
}

func (r *tabNameRenderer) Layout(size fyne.Size) {
	r.ground.Move(fyne.NewPos(0, 2))
	r.ground.Resize(fyne.NewSize(size.Width, size.Height-8))
	r.line.Move(fyne.NewPos(8, size.Height-3))
	r.line.Resize(fyne.NewSize(size.Width-16, 3))
	middle := (size.Height - 4) / 2
	r.icon.Move(fyne.NewPos(10, middle-9))
	r.icon.Resize(fyne.NewSize(18, 18))
	m := r.label.MinSize()
	r.label.Move(fyne.NewPos(34, 0))
	r.label.Resize(fyne.NewSize(m.Width, 2*middle))
	b := r.hits.MinSize()
	r.hits.Move(fyne.NewPos(40+m.Width, middle-b.Height/2))
	r.hits.Resize(b)
}

func (r *tabNameRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.line, r.icon, r.label, r.hits}
}

func (r *tabNameRenderer) Refresh() {
	n := r.n
	ink := theme.ColorNameForeground
	r.line.FillColor, r.ground.FillColor = nil, nil
	if n.chosen {
		ink = theme.ColorNamePrimary
		r.line.FillColor = themed(ink)
	} else if n.hovered {
		r.ground.FillColor = themed(theme.ColorNameHover)
	}
	r.icon.Resource = theme.NewColoredResource(n.icon, ink)
	r.label.Text, r.label.TextSize, r.label.TextStyle.Bold, r.label.Color = n.label, 13, true, themed(ink)
	if n.hits >= 0 {
		r.hits.set(view.Number(n.hits), view.Info)
		r.hits.Show()
	} else {
		r.hits.Hide()
	}
	r.icon.Refresh()
	canvas.Refresh(n)
}

// topBarLayout puts the tabs at the left, the state and the gear at the right,
// and the search box into the middle of the window, or as near as there is
// room, at most 440 wide. The state is cut short before the search box is.
type topBarLayout struct{}

const (
	searchMost  = 440
	searchLeast = 220
	barGap      = 16
)

func (topBarLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(o[0].MinSize().Width+searchLeast+o[2].MinSize().Width+o[3].MinSize().Width+2*barGap, 42)
}

func (topBarLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	put := func(o fyne.CanvasObject, x, width float32) {
		high := o.MinSize().Height
		o.Move(fyne.NewPos(x, (size.Height-high)/2-1))
		o.Resize(fyne.NewSize(width, high))
	}
	left, gear := o[0].MinSize(), o[3].MinSize().Width
	o[0].Move(fyne.NewPos(0, size.Height-left.Height))
	o[0].Resize(left)
	put(o[3], size.Width-gear, gear)
	room := size.Width - left.Width - gear - 2*barGap
	state := o[2].MinSize().Width
	if l, ok := o[2].(*lastSync); ok {
		state = min(l.full(), max(state, room-searchLeast))
	}
	end := size.Width - gear - state
	put(o[2], end, state)
	width := min(searchMost, room-state)
	x := max(left.Width+barGap, min((size.Width-width)/2, end-barGap-width))
	put(o[1], x, width)
}

// lastSync is the line that says how old the data is. It leads to the Cloud
// Sync tab.
type lastSync struct {
	widget.BaseWidget
	h       *host
	dot     *dot
	busy    *widget.Activity
	words   *text
	exact   string
	running bool
	tapped  func()
}

func newLastSync(h *host, tapped func()) *lastSync {
	l := &lastSync{h: h, dot: newDot(view.Muted), busy: widget.NewActivity(), words: newText(""), tapped: tapped}
	l.words.Points, l.words.Color = 12, colorMuted
	l.busy.Hide()
	l.ExtendBaseWidget(l)
	return l
}

func (l *lastSync) Tapped(*fyne.PointEvent)        { l.tapped() }
func (l *lastSync) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (l *lastSync) MouseIn(*desktop.MouseEvent)    { l.h.showTip(l, l.exact) }
func (l *lastSync) MouseMoved(*desktop.MouseEvent) {}
func (l *lastSync) MouseOut()                      { l.h.hideTip() }

// full is the width at which nothing is cut.
func (l *lastSync) full() float32 {
	return 14 + 8 + fyne.MeasureText(l.words.Text, l.words.Points, fyne.TextStyle{}).Width + 2
}

func (l *lastSync) CreateRenderer() fyne.WidgetRenderer {
	mark := container.NewGridWrap(fyne.NewSize(14, 14), l.busy)
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, container.NewStack(container.NewCenter(mark), container.NewCenter(l.dot)), nil, padLeft(4, l.words)))
}

// show shows a state, and reports whether that took another width.
func (l *lastSync) show(s *State) bool {
	tone := view.Muted
	switch st := &s.Status; {
	case st.Google.LastError != nil || st.Microsoft.LastError != nil:
		tone = view.Warn
	case everRead(st):
		tone = view.Good
	}
	l.dot.set(tone)
	before := l.full()
	l.words.set(view.LastSync(&s.Status, s.Now), view.Muted)
	l.exact = view.LastSyncExact(&s.Status, s.Now.Location())
	running := s.Status.Running != nil
	if running != l.running {
		l.running = running
		if running {
			l.dot.Hide()
			l.busy.Show()
			l.busy.Start()
		} else {
			l.busy.Stop()
			l.busy.Hide()
			l.dot.Show()
		}
	}
	return l.full() != before
}
