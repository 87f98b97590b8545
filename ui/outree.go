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

// orgTree is the tree of OUs at the left of a list, each with how many
// records it holds, those below it included. Its first line stands for every
// record, with or without an OU.
type orgTree struct {
	widget.List
	all    string // what the first line says
	count  func(*view.OrgNode) int
	total  int
	root   *view.OrgNode
	lines  []orgLine
	open   map[string]bool // by path
	chosen string          // a path, "" for every record
	// OnChoose is told of the OU that was chosen.
	OnChoose func(path string)
}

// orgLine is one OU that is in sight; node is nil in the first line.
type orgLine struct {
	node  *view.OrgNode
	depth int
}

func newOrgTree(all string, count func(*view.OrgNode) int) *orgTree {
	t := &orgTree{all: all, count: count, open: map[string]bool{"/": true}}
	t.Length = func() int { return len(t.lines) }
	t.CreateItem = func() fyne.CanvasObject { return newOrgRow(t) }
	t.UpdateItem = func(i int, o fyne.CanvasObject) {
		if r, ok := o.(*orgRow); ok && i < len(t.lines) {
			r.at = i
			r.Refresh()
		}
	}
	t.HideSeparators = true
	t.ExtendBaseWidget(t)
	return t
}

// set shows another tree; what was opened and chosen stays.
func (t *orgTree) set(root *view.OrgNode, total int) {
	t.root, t.total = root, total
	t.arrange()
}

// arrange lists the lines in sight.
func (t *orgTree) arrange() {
	t.lines = append(t.lines[:0], orgLine{})
	var add func(n *view.OrgNode, depth int)
	add = func(n *view.OrgNode, depth int) {
		t.lines = append(t.lines, orgLine{n, depth})
		if t.open[n.Path] {
			for _, c := range n.Children {
				add(c, depth+1)
			}
		}
	}
	if t.root != nil {
		add(t.root, 0)
	}
	t.Refresh()
}

func (t *orgTree) path(i int) string {
	if i < 0 || i >= len(t.lines) || t.lines[i].node == nil {
		return ""
	}
	return t.lines[i].node.Path
}

// at returns the line of the chosen OU, -1 while it is folded away.
func (t *orgTree) at() int {
	for i := range t.lines {
		if t.path(i) == t.chosen {
			return i
		}
	}
	return -1
}

func (t *orgTree) choose(i int) {
	if i < 0 || i >= len(t.lines) {
		return
	}
	t.chosen = t.path(i)
	t.Refresh()
	t.ScrollTo(i)
	if t.OnChoose != nil {
		t.OnChoose(t.chosen)
	}
}

// fold opens or closes a line; one without children stays as it is.
func (t *orgTree) fold(i int, open bool) {
	if n := t.lines[i].node; n != nil && len(n.Children) > 0 && t.open[n.Path] != open {
		t.open[n.Path] = open
		t.arrange()
	}
}

// TypedKey moves up and down, and opens and closes with right and left.
func (t *orgTree) TypedKey(e *fyne.KeyEvent) {
	at := t.at()
	switch e.Name {
	case fyne.KeyDown:
		t.choose(at + 1)
	case fyne.KeyUp:
		t.choose(at - 1)
	case fyne.KeyHome:
		t.choose(0)
	case fyne.KeyEnd:
		t.choose(len(t.lines) - 1)
	case fyne.KeyRight:
		if at >= 0 {
			t.fold(at, true)
		}
	case fyne.KeyLeft:
		if at < 0 {
			return
		}
		if n := t.lines[at].node; n != nil && t.open[n.Path] && len(n.Children) > 0 {
			t.fold(at, false)
			return
		}
		for i := at - 1; i >= 0; i-- { // to the OU above
			if t.lines[i].depth < t.lines[at].depth {
				t.choose(i)
				return
			}
		}
	default:
		passKey(t, e)
	}
}

// orgRow is one line of the tree.
type orgRow struct {
	widget.BaseWidget
	t       *orgTree
	at      int
	hovered bool
}

func newOrgRow(t *orgTree) *orgRow {
	r := &orgRow{t: t}
	r.ExtendBaseWidget(r)
	return r
}

func (r *orgRow) MouseIn(*desktop.MouseEvent)    { r.hovered = true; r.Refresh() }
func (r *orgRow) MouseMoved(*desktop.MouseEvent) {}
func (r *orgRow) MouseOut()                      { r.hovered = false; r.Refresh() }

// Tapped chooses the OU; on the arrow it opens or closes it.
func (r *orgRow) Tapped(e *fyne.PointEvent) {
	if r.at >= len(r.t.lines) {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil {
		c.Focus(r.t)
	}
	l := r.t.lines[r.at]
	if l.node != nil && len(l.node.Children) > 0 && e.Position.X < r.indent()+18 {
		r.t.fold(r.at, !r.t.open[l.node.Path])
		return
	}
	r.t.choose(r.at)
}

func (r *orgRow) indent() float32 { return 6 + 14*float32(r.t.lines[r.at].depth) }

func (r *orgRow) CreateRenderer() fyne.WidgetRenderer {
	v := &orgRowRenderer{r: r, ground: canvas.NewRectangle(nil), arrow: widget.NewIcon(nil), name: newText(""), count: newMuted("")}
	v.ground.CornerRadius = 5
	v.count.Whole = true
	v.Refresh()
	return v
}

type orgRowRenderer struct {
	r           *orgRow
	ground      *canvas.Rectangle
	arrow       *widget.Icon
	name, count *text
}

func (v *orgRowRenderer) Destroy()           {}
func (v *orgRowRenderer) MinSize() fyne.Size { return fyne.NewSize(80, 22) }

func (v *orgRowRenderer) Layout(size fyne.Size) {
	v.ground.Move(fyne.NewPos(4, -1))
	v.ground.Resize(size.AddWidthHeight(-8, 2))
	if v.r.at >= len(v.r.t.lines) {
		return
	}
	x := v.r.indent()
	v.arrow.Move(fyne.NewPos(x, (size.Height-14)/2))
	v.arrow.Resize(fyne.NewSize(14, 14))
	count := v.count.MinSize()
	v.count.Move(fyne.NewPos(size.Width-count.Width-14, (size.Height-count.Height)/2))
	v.count.Resize(count)
	v.name.Move(fyne.NewPos(x+18, 0))
	v.name.Resize(fyne.NewSize(size.Width-x-18-count.Width-20, size.Height))
}

func (v *orgRowRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{v.ground, v.arrow, v.name, v.count}
}

func (v *orgRowRenderer) Refresh() {
	r := v.r
	if r.at >= len(r.t.lines) {
		return
	}
	line := r.t.lines[r.at]
	v.ground.FillColor = nil
	tone := view.Plain
	switch {
	case r.t.path(r.at) == r.t.chosen:
		v.ground.FillColor, tone = tinted(theme.ColorNamePrimary, 0x24), view.Info
	case r.hovered:
		v.ground.FillColor = themed(theme.ColorNameHover)
	}
	v.arrow.Hide()
	if n := line.node; n == nil {
		v.name.set(r.t.all, tone)
		v.count.set(thousands(r.t.total), view.Muted)
	} else {
		name := n.Name
		if n.Path == "/" {
			name = n.Path
		}
		v.name.set(name, tone)
		v.count.set(thousands(r.t.count(n)), view.Muted)
		if len(n.Children) > 0 {
			v.arrow.Resource = theme.MenuExpandIcon()
			if r.t.open[n.Path] {
				v.arrow.Resource = theme.MenuDropDownIcon()
			}
			v.arrow.Refresh()
			v.arrow.Show()
		}
	}
	v.Layout(r.Size())
	canvas.Refresh(r)
}

// framed puts the tree under a heading, on the window's ground.
func (t *orgTree) framed() fyne.CanvasObject {
	heading := newMuted("Organizational units")
	heading.Bold = true
	return container.NewBorder(padded(8, heading), nil, nil, nil, t)
}
