package ui

import (
	"path"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// orgTree is the tree of OUs at the left of a list, each with how many
// records it holds, those below it included. Its first line stands for every
// record, with or without an OU. Several OUs can be chosen.
type orgTree struct {
	widget.List
	h      *host
	all    string // what the first line says
	count  func(*view.OrgNode) int
	total  int
	root   *view.OrgNode
	lines  []orgLine
	open   map[string]bool // by path
	search *entry
	found  map[*view.OrgNode]bool // nil while nothing is searched for
	// chosen are paths; none is every record. cursor is the one that was
	// chosen last, "" for every record. alone leaves out the OUs below.
	chosen []string
	cursor string
	alone  bool
	// OnChoose is told that other OUs are chosen.
	OnChoose func()
}

// orgLine is one OU that is in sight; node is nil in the first line.
type orgLine struct {
	node  *view.OrgNode
	depth int
}

func newOrgTree(h *host, all string, count func(*view.OrgNode) int) *orgTree {
	t := &orgTree{h: h, all: all, count: count, open: map[string]bool{"/": true}, search: newEntry("Find a unit")}
	t.Length = func() int { return len(t.lines) }
	t.CreateItem = func() fyne.CanvasObject { return newOrgRow(t) }
	t.UpdateItem = func(i int, o fyne.CanvasObject) {
		if r, ok := o.(*orgRow); ok && i < len(t.lines) {
			r.at = i
			r.Refresh()
		}
	}
	t.HideSeparators = true
	t.search.SetIcon(theme.SearchIcon())
	t.search.OnChanged = func(string) { t.arrange() }
	t.search.OnSubmitted = func(string) { t.chooseFound() }
	h.letGo(t.search)
	t.ExtendBaseWidget(t)
	return t
}

// set shows another tree; what was opened and chosen stays.
func (t *orgTree) set(root *view.OrgNode, total int) {
	t.root, t.total = root, total
	t.arrange()
}

// arrange lists the lines in sight: what is open, or while something is
// searched for what was found and the OUs above it.
func (t *orgTree) arrange() {
	t.lines = append(t.lines[:0], orgLine{})
	var above map[*view.OrgNode]bool
	t.found = nil
	if t.root != nil {
		t.found, above = t.root.Matching(t.search.Text)
	}
	var add func(n *view.OrgNode, depth int)
	add = func(n *view.OrgNode, depth int) {
		if t.found != nil && !t.found[n] && !above[n] {
			return
		}
		t.lines = append(t.lines, orgLine{n, depth})
		if t.open[n.Path] || above[n] {
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

// chooseFound chooses the first OU that the search found.
func (t *orgTree) chooseFound() {
	for i, l := range t.lines {
		if t.found[l.node] {
			t.choose(i, false)
			t.h.focus(t)
			return
		}
	}
}

func (t *orgTree) path(i int) string {
	if i < 0 || i >= len(t.lines) || t.lines[i].node == nil {
		return ""
	}
	return t.lines[i].node.Path
}

// at returns the line of the cursor, -1 while it is folded away.
func (t *orgTree) at() int {
	return slices.IndexFunc(t.lines, func(l orgLine) bool {
		return l.node == nil && t.cursor == "" || l.node != nil && l.node.Path == t.cursor
	})
}

// isChosen tells whether a line is chosen.
func (t *orgTree) isChosen(i int) bool {
	if t.lines[i].node == nil {
		return len(t.chosen) == 0
	}
	return slices.Contains(t.chosen, t.path(i))
}

// choose chooses a line alone, or with others: then it is added or taken away.
func (t *orgTree) choose(i int, others bool) {
	if i < 0 || i >= len(t.lines) {
		return
	}
	unit := t.path(i)
	at := slices.Index(t.chosen, unit)
	switch {
	case unit == "":
		t.chosen = nil
	case !others:
		t.chosen = []string{unit}
	case at >= 0:
		t.chosen = slices.Delete(slices.Clone(t.chosen), at, at+1)
	default:
		t.chosen = append(slices.Clone(t.chosen), unit)
	}
	t.cursor = unit
	t.Refresh()
	t.ScrollTo(i)
	t.OnChoose()
}

// show chooses the OUs of some paths, with those below or without, and brings
// the first one into sight. It tells nobody.
func (t *orgTree) show(paths []string, alone bool) {
	t.chosen, t.alone, t.cursor = slices.Clone(paths), alone, ""
	if len(paths) > 0 {
		t.cursor = paths[0]
		t.search.SetText("")
		for _, above := range paths {
			for above != "/" && above != "." {
				above = path.Dir(above)
				t.open[above] = true
			}
		}
	}
	t.arrange()
	if i := t.at(); i > 0 {
		t.ScrollTo(i)
	}
}

// fold opens or closes a line; one without children stays as it is.
func (t *orgTree) fold(i int, open bool) {
	if n := t.lines[i].node; n != nil && len(n.Children) > 0 && t.open[n.Path] != open {
		t.open[n.Path] = open
		t.arrange()
	}
}

// TypedRune hands on what is typed: it may be a search, or a scanner's.
func (t *orgTree) TypedRune(r rune) { passRune(t, r) }

// TypedKey moves up and down, and opens and closes with right and left.
func (t *orgTree) TypedKey(e *fyne.KeyEvent) {
	if scanEnds(t, e) {
		return
	}
	at := t.at()
	switch e.Name {
	case fyne.KeyDown:
		t.choose(at+1, false)
	case fyne.KeyUp:
		t.choose(at-1, false)
	case fyne.KeyHome:
		t.choose(0, false)
	case fyne.KeyEnd:
		t.choose(len(t.lines)-1, false)
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
				t.choose(i, false)
				return
			}
		}
	default:
		passKey(t, e)
	}
}

// menu is what can be done with an OU.
func (t *orgTree) menu(i int) *fyne.Menu {
	unit := t.path(i)
	pick := func(alone bool) func() {
		return func() {
			for i := range t.lines { // which may have moved since
				if t.path(i) == unit {
					t.alone = alone
					t.choose(i, false)
					return
				}
			}
		}
	}
	with := fyne.NewMenuItem("With the units below", pick(false))
	without := fyne.NewMenuItem("This unit alone", pick(true))
	with.Checked, without.Checked = t.isChosen(i) && !t.alone, t.isChosen(i) && t.alone
	return fyne.NewMenu("", with, without, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Copy the path", func() { t.h.copy(unit, "Path") }))
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

// MouseIn tells the whole path and every count.
func (r *orgRow) MouseIn(*desktop.MouseEvent) {
	r.hovered = true
	r.Refresh()
	if r.at < len(r.t.lines) {
		if n := r.t.lines[r.at].node; n != nil {
			r.t.h.showTip(r, orgTip(n))
		}
	}
}

func (r *orgRow) MouseMoved(*desktop.MouseEvent) {}

func (r *orgRow) MouseOut() {
	r.hovered = false
	r.Refresh()
	r.t.h.hideTip()
}

func orgTip(n *view.OrgNode) string {
	count := func(own, below int, one, many string) string {
		words := view.Plural(own, one, many)
		if below != own {
			words += ", " + view.Number(below) + " with those below"
		}
		return words
	}
	const most = 300 // letters of a path; its end says the most
	where := n.Path
	if runes := []rune(where); len(runes) > most {
		where = "…" + string(runes[len(runes)-most:])
	}
	return where + " · " + count(n.People, n.PeopleBelow, "person", "people") + " · " + count(n.Chromebooks, n.ChromebooksBelow, "Chromebook", "Chromebooks")
}

// TappedSecondary offers what can be done with the OU.
func (r *orgRow) TappedSecondary(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(r); c != nil && r.t.path(r.at) != "" {
		widget.ShowPopUpMenuAtPosition(r.t.menu(r.at), c, e.AbsolutePosition)
	}
}

// Tapped chooses the OU, with Ctrl beside others; on the arrow it opens or closes it.
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
	r.t.choose(r.at, heldModifier()&fyne.KeyModifierShortcutDefault != 0)
}

// indent is where the line begins. Deep OUs keep room for their name.
func (r *orgRow) indent() float32 {
	depth := float32(r.t.lines[r.at].depth)
	return 6 + min(14*depth, 56+4*max(0, depth-4), r.Size().Width/2)
}

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
	case r.t.isChosen(r.at):
		v.ground.FillColor, tone = tinted(theme.ColorNamePrimary, 0x24), view.Info
	case r.hovered:
		v.ground.FillColor = themed(theme.ColorNameHover)
	}
	v.arrow.Hide()
	if n := line.node; n == nil {
		v.name.set(r.t.all, tone)
		v.count.set(view.Number(r.t.total), view.Muted)
	} else {
		name := n.Name
		if n.Path == "/" {
			name = n.Path
		}
		v.name.set(name, tone)
		v.count.set(view.Number(r.t.count(n)), view.Muted)
		if len(n.Children) > 0 {
			v.arrow.Resource = theme.MenuExpandIcon()
			if r.at+1 < len(r.t.lines) && r.t.lines[r.at+1].depth > line.depth {
				v.arrow.Resource = theme.MenuDropDownIcon()
			}
			v.arrow.Refresh()
			v.arrow.Show()
		}
	}
	v.Layout(r.Size())
	canvas.Refresh(r)
}

// framed puts the tree under its search box, on the window's ground.
func (t *orgTree) framed() fyne.CanvasObject {
	return container.NewBorder(container.New(layout.NewCustomPaddedLayout(7, 5, 8, 2), t.search), nil, nil, nil, t)
}
