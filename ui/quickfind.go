package ui

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/assets"
	"panel/directory"
	"panel/ui/view"
)

// quickFind offers, below the search box, the best of all that it names: people,
// Chromebooks, OUs, and what the menus do.
type quickFind struct {
	w      *Window
	offers []quickOffer
	at     int // the one that Enter takes
	lines  []*quickLine
	box    *card // nil while it is closed
	// wanted: the search box was entered to find something, so what is typed
	// brings the offers again after Escape.
	wanted bool
}

// quickOffer is one thing that can be gone to or done.
type quickOffer struct {
	icon         fyne.Resource
	title, about string
	do           func()
}

// quickMost is how many of each kind are offered.
const quickMost = 5

// openQuick gives the search box the keyboard and offers what it finds.
func (w *Window) openQuick() {
	if w.covered() {
		return
	}
	w.focus(w.search)
	w.search.TypedShortcut(&fyne.ShortcutSelectAll{})
	w.quick.w, w.quick.wanted = w, true
	w.quick.open()
}

func (q *quickFind) open() {
	if q.box == nil {
		q.box = newCard(vstack(0))
		q.box.pad = 6
		q.w.putOn(q.box)
	}
	q.show()
}

// typed offers what is found by what has been typed.
func (q *quickFind) typed(query string) {
	if q.wanted && query != "" {
		q.open()
	} else {
		q.show()
	}
}

func (q *quickFind) close() {
	if q.box != nil {
		q.w.takeOff(q.box)
		q.box, q.lines = nil, nil
	}
}

// key takes a key of the search box, and reports whether it had a use for it.
func (q *quickFind) key(e *fyne.KeyEvent) bool {
	if q.box == nil {
		return false
	}
	switch e.Name {
	case fyne.KeyDown:
		q.choose(min(q.at+1, len(q.offers)-1))
	case fyne.KeyUp:
		q.choose(max(q.at-1, 0))
	case fyne.KeyEscape:
		q.close()
	case fyne.KeyReturn, fyne.KeyEnter:
		if q.at < len(q.offers) {
			q.take(q.at)
		}
	default:
		return false
	}
	return true
}

func (q *quickFind) choose(i int) {
	q.at = i
	for _, l := range q.lines {
		l.Refresh()
	}
}

// take does what an offer says.
func (q *quickFind) take(i int) {
	do := q.offers[i].do
	q.wanted = false
	q.close()
	q.w.win.Canvas().Unfocus()
	do()
}

// focus closes the offers when the keyboard leaves the search box, after a
// click on one of them has come through.
func (q *quickFind) focus(on bool) {
	if !on && q.wanted {
		q.w.after(200*time.Millisecond, func() {
			if q.w.win.Canvas().Focused() != fyne.Focusable(q.w.search) {
				q.wanted = false
				q.close()
			}
		})
	}
}

// show offers what the search box names now.
func (q *quickFind) show() {
	if q.box == nil {
		return
	}
	q.offers, q.at = q.find(strings.TrimSpace(q.w.search.Text)), 0
	q.lines = q.lines[:0]
	lines := vstack(0)
	for i := range q.offers {
		l := newQuickLine(q, i)
		q.lines = append(q.lines, l)
		lines.Add(l)
	}
	if len(q.offers) == 0 {
		none := newMuted("Nothing is found.")
		lines.Add(padded(6, none))
	}
	q.box.content = lines
	q.box.Refresh()
	driver := fyne.CurrentApp().Driver()
	at, origin := driver.AbsolutePositionForObject(q.w.search), driver.AbsolutePositionForObject(q.w.top)
	const least = 520
	width := max(least, q.w.search.Size().Width)
	x := max(8, min(at.X+(q.w.search.Size().Width-width)/2, q.w.win.Canvas().Size().Width-width-8))
	q.box.Resize(fyne.NewSize(width, q.box.MinSize().Height))
	q.box.Move(fyne.NewPos(x-origin.X, at.Y+q.w.search.Size().Height+3-origin.Y))
	q.w.top.Refresh()
}

// quickKind are the offers of one kind, and how well the best of them fits.
type quickKind struct {
	fit    view.Fit
	offers []quickOffer
}

// find are the offers for a query, those of the kind that fits best first;
// without one those that were looked at last.
func (q *quickFind) find(query string) (offers []quickOffer) {
	w := q.w
	if query == "" {
		return append(q.lastSeen(), q.acts(nil)...)
	}
	var kinds []quickKind
	for i, t := range w.tabs {
		b, ok := t.pane.(*browser)
		if !ok || b.list == nil {
			continue
		}
		best, fit := b.list.Best(quickMost)
		k := quickKind{fit: fit}
		for _, row := range best {
			k.offers = append(k.offers, q.record(b.kind.listing, row))
		}
		if n := b.list.Found(); n > len(best) && len(best) > 0 {
			k.offers = append(k.offers, quickOffer{
				icon: theme.SearchIcon(), title: "All " + view.Plural(n, b.kind.one, b.kind.many) + " that match", about: "in the list",
				do: func() { w.visit(i) },
			})
		}
		kinds = append(kinds, k)
	}
	if r := w.records(); r != nil {
		kinds = append(kinds, q.units(r.OrgUnits, query))
	}
	slices.SortStableFunc(kinds, func(a, b quickKind) int { return int(b.fit - a.fit) })
	for _, k := range kinds {
		offers = append(offers, k.offers...)
	}
	return append(offers, q.acts(strings.Fields(strings.ToLower(query)))...)
}

// record offers a person or a Chromebook.
func (q *quickFind) record(l directory.Listing, row view.Row) quickOffer {
	to := view.Target{Listing: l, Key: row.Key()}
	o := quickOffer{icon: theme.AccountIcon(), do: func() {
		q.w.search.SetText("")
		q.w.goToTarget(to)
	}}
	join := func(columns ...string) string {
		var parts []string
		for _, c := range columns {
			if v := row.Value(c); v != "" {
				parts = append(parts, v)
			}
		}
		return strings.Join(parts, " · ")
	}
	if l == directory.People {
		o.title, o.about = row.Value("name"), join("email", "org_unit", "employee_id")
	} else {
		o.icon = theme.ComputerIcon()
		o.title, o.about = join("serial", "asset_id"), join("annotated_user", "org_unit", "model")
	}
	if o.title == "" {
		o.title = row.Key()
	}
	return o
}

// units offers OUs, those whose name fits best first, then those with most
// records.
func (q *quickFind) units(root *view.OrgNode, query string) (k quickKind) {
	found, _ := root.Matching(query)
	var nodes []*view.OrgNode
	for _, n := range root.All() {
		if found[n] && n.Path != "/" {
			nodes = append(nodes, n)
		}
	}
	slices.SortStableFunc(nodes, func(a, b *view.OrgNode) int {
		return cmp.Or(int(view.FitOf(b.Name, query)-view.FitOf(a.Name, query)), b.PeopleBelow+b.ChromebooksBelow-a.PeopleBelow-a.ChromebooksBelow)
	})
	for _, n := range nodes[:min(len(nodes), quickMost)] {
		k.fit = max(k.fit, view.FitOf(n.Name, query))
		k.offers = append(k.offers, quickOffer{
			icon: theme.FolderIcon(), title: n.Path,
			about: view.Plural(n.PeopleBelow, "person", "people") + " · " + view.Plural(n.ChromebooksBelow, "Chromebook", "Chromebooks"),
			do: func() {
				q.w.search.SetText("")
				if _, ok := q.w.tabs[q.w.at].pane.(*browser); !ok && n.ChromebooksBelow > 0 {
					q.w.goTo(tabChromebooks)
				}
				q.w.goToTarget(view.Target{Listing: directory.OrgUnits, Key: n.Path})
			},
		})
	}
	return k
}

// acts offers what the menus do and has every one of the words in its name; for
// no word the first of each menu.
func (q *quickFind) acts(words []string) (offers []quickOffer) {
	for _, m := range q.w.win.MainMenu().Items {
		for i, item := range m.Items {
			label := strings.ToLower(item.Label)
			wanted := !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(label, word) })
			if item.IsSeparator || item.Disabled || item.Action == nil || !wanted || len(words) == 0 && i > 0 {
				continue
			}
			about := m.Label
			if s, ok := item.Shortcut.(*desktop.CustomShortcut); ok && s.Modifier == fyne.KeyModifierControl {
				about += "   Ctrl+" + strings.ToUpper(string(s.KeyName))
			}
			offers = append(offers, quickOffer{icon: theme.NewThemedResource(assets.Cloud), title: item.Label, about: about, do: func() {
				if words != nil {
					q.w.search.SetText("")
				}
				item.Action()
			}})
		}
	}
	return offers[:min(len(offers), quickMost)]
}

// lastSeen offers what was looked at last, the newest first.
func (q *quickFind) lastSeen() (offers []quickOffer) {
	seen := map[view.Target]bool{}
	for _, stop := range slices.Backward(q.w.trail.stops) {
		to := stop.to
		if seen[to] {
			continue
		}
		seen[to] = true
		for _, t := range q.w.tabs {
			b, ok := t.pane.(*browser)
			if !ok || b.kind.listing != to.Listing || b.list == nil {
				continue
			}
			if row, ok := b.list.Find(to.Key); ok && len(offers) < quickMost {
				offers = append(offers, q.record(to.Listing, row))
			}
		}
	}
	return offers
}

// quickLine is one offer.
type quickLine struct {
	widget.BaseWidget
	q       *quickFind
	i       int
	hovered bool
}

func newQuickLine(q *quickFind, i int) *quickLine {
	l := &quickLine{q: q, i: i}
	l.ExtendBaseWidget(l)
	return l
}

func (l *quickLine) Tapped(*fyne.PointEvent)        { l.q.take(l.i) }
func (l *quickLine) Cursor() desktop.Cursor         { return desktop.PointerCursor }
func (l *quickLine) MouseIn(*desktop.MouseEvent)    { l.hovered = true; l.Refresh() }
func (l *quickLine) MouseMoved(*desktop.MouseEvent) {}
func (l *quickLine) MouseOut()                      { l.hovered = false; l.Refresh() }

func (l *quickLine) CreateRenderer() fyne.WidgetRenderer {
	o := &l.q.offers[l.i]
	r := &quickLineRenderer{l: l, ground: canvas.NewRectangle(nil), icon: widget.NewIcon(o.icon), title: newText(o.title), about: newMuted(o.about)}
	r.title.Bold, r.ground.CornerRadius = true, 5
	r.Refresh()
	return r
}

type quickLineRenderer struct {
	l            *quickLine
	ground       *canvas.Rectangle
	icon         *widget.Icon
	title, about *text
}

func (r *quickLineRenderer) Destroy()           {}
func (r *quickLineRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 30) }

func (r *quickLineRenderer) Layout(size fyne.Size) {
	r.ground.Resize(size)
	r.icon.Move(fyne.NewPos(8, (size.Height-16)/2))
	r.icon.Resize(fyne.NewSize(16, 16))
	const at = 34
	title := min(fyne.MeasureText(r.title.Text, theme.TextSize(), fyne.TextStyle{Bold: true}).Width+2, (size.Width-at)*.55)
	r.title.Move(fyne.NewPos(at, 0))
	r.title.Resize(fyne.NewSize(title, size.Height))
	r.about.Move(fyne.NewPos(at+title+12, 0))
	r.about.Resize(fyne.NewSize(size.Width-at-title-20, size.Height))
}

func (r *quickLineRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.icon, r.title, r.about}
}

func (r *quickLineRenderer) Refresh() {
	r.ground.FillColor = nil
	switch {
	case r.l.i == r.l.q.at:
		r.ground.FillColor = tinted(theme.ColorNamePrimary, 0x24)
	case r.l.hovered:
		r.ground.FillColor = themed(theme.ColorNameHover)
	}
	r.ground.Refresh()
}
