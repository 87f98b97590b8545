package ui

import (
	"cmp"
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"panel/directory"
	"panel/ui/view"
)

// browser is a tab that lists records: the OUs at the left, filters above the
// table, and the detail of the record under the cursor at the right.
type browser struct {
	h    *host
	kind recordKind

	records     *Records
	rows        *view.Rows
	list        *view.List
	now         time.Time
	total       int
	query       string     // that was searched for last
	clearSearch func()     // empties the search box
	first       view.Words // what to do first while there is no row at all
	table       *table
	tree        *orgTree
	bar         *fyne.Container // around the chips
	pictures    *pictures
	views       *viewBar
	chips       *chipBar
	status      *text
	detail      *detailPane
	dismissed   bool // the pane was closed over the record under the cursor
	empty       *emptyState
	outer       *split // tree | rest
	inner       *split // table | detail
}

// recordKind is what differs between the two lists.
type recordKind struct {
	listing directory.Listing
	name    string   // in layouts: "people"
	title   string   // "People"
	one     string   // "person"
	many    string   // "people"
	facets  []string // the columns whose values are always offered as chips
	columns []view.Column
	rows    func(*Records) *view.Rows
	total   func(*Records) int // less what is hidden until it is asked for
	count   func(*view.OrgNode) int
	load    func(ctx context.Context, key string, r *Records) (detail, error)
	pages   []string // names of the links that a record may have
	empty   func(*State) view.Words
	flat    bool // without a tree of OUs
	// acts are what can be done with the record of a row, and with those that are
	// selected.
	acts func(b *browser, row int) []rowAct
}

func newBrowser(w *Window, kind recordKind) *browser {
	b := &browser{h: w.host, kind: kind, now: time.Now()}
	b.clearSearch = func() { w.search.SetText("") }
	b.table = newTable(kind.columns)
	b.table.OnSort = func([]sorting) {
		b.list.Sort(b.orders()...)
		b.refill()
	}
	b.table.OnCursor = b.openRow
	b.table.OnSelection = b.count
	b.table.OnMenu, b.table.OnColumns = b.menu, func() { b.h.openColumns(b.table) }
	b.table.OnHover = func(text string, at fyne.Position) { b.h.showTipAt(text, at, rowHeight) }
	b.table.OnCopy = func(n int) { b.h.say(view.Good, view.Plural(n, "row", "rows")+" copied", "", nil) }
	b.tree = newOrgTree(w.host, "All "+kind.many, kind.count)
	b.tree.OnChoose = func() {
		if b.list != nil {
			b.list.OrgUnits(!b.tree.alone, b.tree.chosen...)
			b.refill()
		}
	}
	b.chips, b.status = newChipBar(b), newMuted("")
	b.detail = newDetailPane(w, kind.load, "Choose a "+kind.one)
	b.detail.onMoved = b.table.Rename
	b.detail.onClose = func() { // what is selected stays
		b.openRow(-1)
		b.dismissed = true
	}
	b.detail.onShown = func(key string) { w.visited(view.Target{Listing: kind.listing, Key: key}) }
	b.empty = newEmptyState(w.press)

	b.views, b.pictures = newViewBar(b), newPictures(b)
	b.bar = container.New(layout.NewCustomPaddedLayout(7, 7, 8, 8), vstack(6, b.views.box, b.chips.box))
	foot := container.New(layout.NewCustomPaddedLayout(4, 5, 10, 10), b.status)
	list := container.New(&pageLayout{}, b.bar, container.NewStack(b.table, b.pictures.scroll, b.empty), foot)
	b.inner = newSplit(b.detail, list, true, 400)
	b.inner.closed, b.inner.always, b.inner.roomy = true, roomy, 480
	b.outer = newSplit(b.tree.framed(), b.inner, false, 216)
	b.outer.closed = kind.flat
	b.recall(w.layout.Lists[kind.name])
	return b
}

// roomy is the width of table and detail from which the pane is always there.
const roomy = 1400

func (b *browser) object() fyne.CanvasObject { return b.outer }

// show takes the records of a state.
func (b *browser) show(s *State) {
	b.now = s.Now
	records := cmp.Or(s.Records, s.Early)
	if records == nil || b.kind.rows(records) == nil {
		b.empty.set(view.Words{Sentence: "Reading " + b.kind.many + "…", Tone: view.Muted})
		return
	}
	rows := b.kind.rows(records)
	switch {
	case b.list == nil:
		b.list = view.NewList(rows)
		b.list.Sort(b.orders()...)
		b.views.begin()
	case rows != b.rows:
		b.list.SetRows(rows)
	}
	if rows != b.rows {
		b.rows = rows
		b.table.fitColumns(rows.Typical)
		b.table.arrange()
	}
	if records != b.records {
		b.records = records
		b.total = b.kind.total(records)
		b.tree.set(records.OrgUnits, b.total)
		b.fill()
		b.detail.reload()
	} else {
		b.table.list.Refresh() // ages
	}
	b.first = view.Words{}
	if rows.Len() == 0 {
		b.first = b.kind.empty(s)
	}
	visible(b.bar, rows.Len() > 0)
	b.showEmpty()
}

// showEmpty says why there is no row: nothing was imported, or nothing is as
// it was asked for.
func (b *browser) showEmpty() {
	switch {
	case b.first != view.Words{}:
		b.empty.set(b.first)
	case b.list.Len() == 0 && b.query != "" && b.list.Found() > 0 && !b.list.Narrowed():
		n := b.list.Found()
		b.empty.set(view.Words{
			Title:    view.NoLongerInGoogle,
			Sentence: view.Plural(n, b.kind.one, b.kind.many) + " that Google no longer lists would be found.",
			Button:   view.Button{Act: actUnveil, Text: "Show what is gone"},
		})
	case b.list.Len() == 0 && b.query != "" && b.list.Found() > 0:
		b.empty.set(view.Words{
			Title:    "The filters hide what was found",
			Sentence: view.Plural(b.list.Found(), b.kind.one, b.kind.many) + " would be here without the filters and the organizational unit.",
			Button:   view.Button{Act: actClearFilters, Text: "Clear the filters"},
		})
	case b.list.Len() == 0:
		b.empty.set(view.Words{
			Title: "Nothing matches", Sentence: "No " + b.kind.one + " is as the search, the filters and the organizational unit ask.",
			Button: view.Button{Act: actClear, Text: "Show all " + b.kind.many},
		})
	default:
		b.empty.set(view.Words{})
	}
}

// unveil shows what was found and is shown only on request.
func (b *browser) unveil() {
	if best, _ := b.list.Best(1); len(best) > 0 {
		b.list.Unveil(best[0].Key())
		b.refill()
	}
}

// clear ends the filters and the choice of OUs.
func (b *browser) clear() {
	b.list.ClearFilters()
	b.chooseOrgUnits(false)
}

// chooseOrgUnits shows the records of some OUs, and those of the OUs below
// unless alone; without any it shows all.
func (b *browser) chooseOrgUnits(alone bool, paths ...string) {
	b.tree.show(paths, alone)
	b.list.OrgUnits(!alone, paths...)
	b.refill()
}

// reveal puts the cursor on a record, and ends what keeps it out of sight. It
// reports whether the record is there.
func (b *browser) reveal(key string) bool {
	if b.list == nil || b.table.ShowKey(key) {
		return b.list != nil
	}
	if _, ok := b.list.Find(key); !ok {
		return false
	}
	b.clear()
	if b.list.IndexOf(key) < 0 {
		b.list.Unveil(key)
		b.refill()
	}
	return b.table.ShowKey(key)
}

func (b *browser) find(query string) int {
	if b.list == nil {
		return 0
	}
	if query != b.query {
		b.query = query
		b.list.Search(query)
		b.refill()
	}
	return b.list.Found()
}

// refill shows what was asked for, with the cursor in sight, or from the top. A
// record that is not among it leaves the pane, which closes where it covers the
// list: beside other rows it would be taken for one of them. The pane does not
// open again by itself, as it would at every other letter.
func (b *browser) refill() {
	b.fill()
	if b.table.cursor >= 0 {
		b.table.list.reveal(b.table.cursor)
		if !b.dismissed {
			b.detail.show(b.table.cursorKey)
		}
		return
	}
	b.table.list.ScrollToOffset(0)
	b.openRow(-1)
}

// fill shows what the list shows now.
func (b *browser) fill() {
	b.table.SetRows(listRows{b})
	b.views.show()
	b.showChips()
	b.pictures.show()
	b.count()
	b.showEmpty()
}

// listRows are a list's rows for a table.
type listRows struct{ b *browser }

func (r listRows) Len() int            { return r.b.list.Len() }
func (r listRows) Key(row int) string  { return r.b.list.At(row).Key() }
func (r listRows) Find(key string) int { return r.b.list.IndexOf(key) }

// Exact is the date and the clock behind an age.
func (r listRows) Exact(row, column int) string {
	at := r.b.list.At(row)
	if exact := at.Exact(column, r.b.now); exact != at.Text(column, r.b.now) {
		return exact
	}
	return ""
}

func (r listRows) Cell(row, column int) cell {
	at := r.b.list.At(row)
	c := cell{text: at.Text(column, r.b.now), tone: at.Tone(column)}
	if column == 0 && c.text == "" {
		return cell{text: at.Key(), tone: view.Muted} // nobody can choose what nothing names
	}
	c.badge = r.b.kind.columns[column].Badge && c.tone != view.Plain
	if !c.badge && c.tone == view.Plain && quiet[r.b.kind.columns[column].Key] {
		c.tone = view.Muted
	}
	return c
}

// quiet are the columns of second rank: they stand back so that names and
// badges are found at a glance.
var quiet = map[string]bool{
	"org_unit": true, "source": true, "kind": true, "last_sign_in": true, "other_emails": true,
	"recent_users": true, "os_version": true, "last_sync": true, "auto_update_expiration": true,
	"first_enrolled": true, "last_enrolled": true, "license": true, "channel": true, "boot_mode": true,
}

// orders is what the table is sorted by.
func (b *browser) orders() (by []view.Order) {
	for _, s := range b.table.sorted {
		by = append(by, view.Order{Column: b.kind.columns[s.column].Key, Descending: s.descending})
	}
	return by
}

// sortings is what the table is to be sorted by; columns that are not there are
// left out.
func (b *browser) sortings(by []view.Order) (out []sorting) {
	for _, o := range by {
		if i := b.place(o.Column); i >= 0 {
			out = append(out, sorting{i, o.Descending})
		}
	}
	return out
}

// columnKeys are the columns that are shown, left to right.
func (b *browser) columnKeys() (keys []string) {
	for _, c := range b.table.order {
		keys = append(keys, b.kind.columns[c].Key)
	}
	return keys
}

// places are the places of columns, each once; those that are not there are
// left out.
func (b *browser) places(keys []string) (order []int) {
	for _, key := range keys {
		if i := b.place(key); i >= 0 && !slices.Contains(order, i) {
			order = append(order, i)
		}
	}
	return order
}

// place is the place of a column that can be shown, -1 for another one.
func (b *browser) place(key string) int {
	return slices.IndexFunc(b.kind.columns, func(c view.Column) bool { return c.Key == key && c.Width > 0 })
}

// count says below the table how much is shown and selected.
func (b *browser) count() {
	if b.list == nil {
		return
	}
	n := b.list.Len()
	words := view.Plural(n, b.kind.one, b.kind.many)
	if n < b.total {
		words = view.Number(n) + " of " + view.Plural(b.total, b.kind.one, b.kind.many)
	}
	if n := len(b.table.Selected()); n > 1 { // of the rows that are shown
		words += " · " + view.Number(n) + " selected"
	}
	b.status.set(words, view.Muted)
}

// openRow shows the record under the cursor in the pane at the right.
func (b *browser) openRow(row int) {
	b.dismissed = false
	if row < 0 {
		b.detail.show("")
		b.showDetail(false)
		return
	}
	b.detail.show(b.table.rows.Key(row))
	b.showDetail(true)
}

func (b *browser) showDetail(on bool) {
	if b.inner.closed == on {
		b.inner.closed = !on
		b.inner.Refresh()
	}
}

// menu is the menu of a cell: to copy it or the selected rows, and to open
// the clouds' own pages of the record.
func (b *browser) menu(row, column int) *fyne.Menu {
	m := fyne.NewMenu("")
	add := func(label string, do func()) { m.Items = append(m.Items, fyne.NewMenuItem(label, do)) }
	if column >= 0 {
		if text := b.table.rows.Cell(row, column).text; text != "" {
			title := b.kind.columns[column].Title
			add("Copy “"+title+"”", func() { b.h.copy(text, title) })
		}
	}
	add("Copy "+view.Plural(len(b.table.Selected()), "row", "rows"), b.table.copySelection)
	if acts := b.kind.acts(b, row); len(acts) > 0 {
		m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		m.Items = append(m.Items, menuOf(acts).Items...)
	}
	m.Items = append(m.Items, fyne.NewMenuItemSeparator())
	key := b.table.rows.Key(row)
	for _, page := range b.kind.pages {
		add(page, func() { b.openPage(key, page) })
	}
	return m
}

// openPage opens a cloud's own page of a record.
func (b *browser) openPage(key, page string) {
	var d detail
	records := b.records
	b.h.do(func(ctx context.Context) (err error) {
		d, err = b.kind.load(ctx, key, records)
		return err
	}, func(err error) {
		for _, l := range d.Links {
			if err == nil && l.Text == page {
				b.h.open(l.URL)
				return
			}
		}
		b.h.say(view.Warn, "That cloud does not know this "+b.kind.one+".", "", nil)
	})
}
