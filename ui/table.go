package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// cell is what stands in one field of a table.
type cell struct {
	text  string
	tone  view.Tone
	badge bool // text on a pill of the tone's colour
}

// tableRows is what a table shows: records in their order. Cell takes the
// place of the column in the table's columns. Keys are stable and unique;
// Find is -1 for a key that is not there.
type tableRows interface {
	Len() int
	Key(row int) string
	Find(key string) int
	Cell(row, column int) cell
}

// exactRows are rows some of whose cells stand for more than they show, as
// "3 h ago" does; Exact is "" where a cell shows all.
type exactRows interface{ Exact(row, column int) string }

// sorting is a column that the rows are sorted by.
type sorting struct {
	column     int // place in the table's columns
	descending bool
}

// table shows rows that are each drawn into one picture, which keeps a
// hundred thousand of them cheap to scroll. Select and the On… functions
// speak of row numbers as they are now; the selection itself is kept by key
// and survives a new order and new rows.
type table struct {
	widget.BaseWidget

	columns []view.Column
	rows    tableRows
	list    *tableBody
	header  *tableHeader
	bar     *scrollBar

	order  []int     // places of the shown columns in columns, left to right
	asked  []int     // the columns that the rows in sight were asked for
	chosen bool      // somebody chose or moved the columns: spare ones stay as they are
	widths []float32 // of the shown columns, as laid out
	manual bool      // a column was resized: widths stay as they are
	stays  bool      // Escape leaves the cursor where it is
	shift  float32   // how far the columns are scrolled to the left

	sorted []sorting // the first one first; none is the rows' own order
	// typical returns some of the longest texts of a column, fits has the widths
	// that [table.fit] has worked out of them; nil before [table.fitColumns].
	typical func(column int) []string
	fits    map[int]float32

	selected  map[string]bool
	cursor    int    // the row that the keyboard moves, -1 for none
	cursorKey string // its record's, "" for none
	anchor    int    // where a Shift selection begins

	// OnCursor is told of the row under the cursor, -1 when there is none,
	// and OnSelection that the selection has changed.
	OnCursor    func(row int)
	OnSelection func()
	OnOpen      func(row int)                    // Enter, double click
	OnSort      func(by []sorting)               // a header was clicked
	OnMenu      func(row, column int) *fyne.Menu // right click on a cell; column is -1 beside them
	OnLayout    func()                           // columns were resized, moved or chosen
	OnCopy      func(rows int)                   // rows were copied
	OnColumns   func()                           // the columns are to be chosen
	// OnHover is told of the whole text of a cell that is cut, under the
	// pointer, which is at a place in the window; "" when it has left.
	OnHover func(text string, at fyne.Position)
}

func newTable(columns []view.Column) *table {
	t := &table{columns: columns, rows: noRows{}, cursor: -1, anchor: -1, selected: map[string]bool{}}
	t.resetColumns()
	t.list = newTableBody(t)
	t.header = newTableHeader(t)
	t.bar = newScrollBar(false, t.scrollTo)
	t.ExtendBaseWidget(t)
	return t
}

// tableLooks are the columns of a table and its order.
type tableLooks struct {
	order          []int
	widths         []float32
	chosen, manual bool
	sorted         []sorting
}

func (t *table) looks() tableLooks {
	return tableLooks{slices.Clone(t.order), slices.Clone(t.widths), t.chosen, t.manual, slices.Clone(t.sorted)}
}

// restore makes the table look as it did.
func (t *table) restore(l tableLooks) {
	t.order, t.widths, t.chosen, t.manual = l.order, l.widths, l.chosen, l.manual
	t.SetSort(l.sorted...)
	t.arrange()
	t.changed()
}

// resetColumns goes back to the columns as they were designed.
func (t *table) resetColumns() {
	t.order, t.chosen, t.manual, t.shift = nil, false, false, 0
	for i := range t.columns {
		if c := &t.columns[i]; c.Width > 0 && !c.Hidden && !c.Spare {
			t.order = append(t.order, i)
		}
	}
	t.widths = nil
}

// pick takes in the spare columns for which there is room, and the one that
// the rows are sorted by.
func (t *table) pick(width float32) {
	if t.chosen || t.manual {
		return
	}
	left := width
	for i := range t.columns {
		switch c := &t.columns[i]; {
		case c.Width == 0 || (c.Hidden || c.Spare) && !t.sortedBy(i):
		default:
			left -= t.claim(i)
		}
	}
	full := false
	var order []int
	for i := range t.columns {
		switch c := &t.columns[i]; {
		case c.Width == 0 || c.Hidden && !t.sortedBy(i):
			continue
		case c.Spare && !t.sortedBy(i):
			if t.typical != nil && t.fit(i) == 0 {
				continue // empty
			}
			if full = full || t.claim(i) > left; full {
				continue
			}
			left -= t.claim(i)
		}
		order = append(order, i)
	}
	if !slices.Equal(order, t.order) {
		t.order, t.widths = order, nil
	}
}

// claim is the width that a column keeps from spare ones: a path its least, for
// it can be shortened well; another that may shrink no more than it was
// designed with, so that one long text among many does not cost a column.
func (t *table) claim(column int) float32 {
	switch c := &t.columns[column]; {
	case c.Path:
		return c.Least
	case c.Least > 0:
		return min(t.need(column), c.Width)
	}
	return t.need(column)
}

// SetRows shows other rows, or the same ones in another order. The cursor
// stays on its record where that is still there. The rows that were shown
// before are not looked at any more.
func (t *table) SetRows(rows tableRows) {
	t.take(rows)
	t.list.Refresh()
}

// Prepend shows the rows as before with n more above them, and scrolls to these.
func (t *table) Prepend(rows tableRows, n int) {
	t.take(rows)
	t.list.prepended(n)
}

func (t *table) take(rows tableRows) {
	t.rows = rows
	t.cursor = -1
	if t.cursorKey != "" {
		t.cursor = rows.Find(t.cursorKey)
	}
	t.anchor = t.cursor
}

// fitRows fits the columns to the texts of the first rows.
func (t *table) fitRows() {
	t.fitColumns(func(column int) (texts []string) {
		for i := range min(t.rows.Len(), 100) {
			if c := t.rows.Cell(i, column); c.text != "" {
				texts = append(texts, c.text)
			}
		}
		return texts
	})
	t.arrange()
}

// ShowKey puts the cursor on the record of a key and scrolls there. It reports
// whether the record is among the rows.
func (t *table) ShowKey(key string) bool {
	row := t.rows.Find(key)
	if row < 0 {
		return false
	}
	t.moveTo(row, 0)
	return true
}

// Rename tells that a record has another key now: cursor and selection go with
// it.
func (t *table) Rename(from, to string) {
	if t.selected[from] {
		delete(t.selected, from)
		t.selected[to] = true
	}
	if t.cursorKey == from {
		t.cursorKey, t.cursor = to, t.rows.Find(to)
		t.anchor = t.cursor
	}
	t.list.restyle()
}

// SetSort shows by which columns the rows are in order; it sorts nothing.
func (t *table) SetSort(by ...sorting) {
	t.sorted = by
	t.header.Refresh()
}

func (t *table) sortedBy(column int) bool {
	return slices.ContainsFunc(t.sorted, func(s sorting) bool { return s.column == column })
}

// Selected returns the numbers of the selected rows in order. Selected
// records that are not among the rows now are left out.
func (t *table) Selected() []int {
	if len(t.selected) == 0 {
		return nil
	}
	if len(t.selected) == 1 && t.isSelected(t.cursor) {
		return []int{t.cursor}
	}
	var out []int
	for i := range t.rows.Len() {
		if t.selected[t.rows.Key(i)] {
			out = append(out, i)
		}
	}
	return out
}

// Clear takes the selection and the cursor away.
func (t *table) Clear() {
	t.selected = map[string]bool{}
	t.cursor, t.cursorKey, t.anchor = -1, "", -1
	t.list.Refresh()
	t.told()
}

func (t *table) isSelected(row int) bool {
	return row >= 0 && row < t.rows.Len() && t.selected[t.rows.Key(row)]
}

// told passes on that cursor and selection have changed.
func (t *table) told() {
	if t.OnSelection != nil {
		t.OnSelection()
	}
	if t.OnCursor != nil {
		t.OnCursor(t.cursor)
	}
}

// layOutColumns works out the widths for a table that is width wide, unless
// the technician has: each as its texts need, those that may grow, or shrink
// to their least width, in proportion. What is still too wide scrolls.
func (t *table) layOutColumns(width float32) {
	if len(t.widths) != len(t.order) {
		t.widths = make([]float32, len(t.order))
		t.manual = false
	}
	if !t.manual {
		for i, c := range t.order {
			t.widths[i] = t.need(c)
		}
		t.stretch(width - t.contentWidth())
	}
	t.shift = max(0, min(t.shift, t.contentWidth()-width))
}

// stretch gives the columns that may grow what is left, in proportion. Where
// something is missing it takes it from paths first, then from all that may
// shrink.
func (t *table) stretch(more float32) {
	elastic := float32(0)
	for i, c := range t.order {
		if t.columns[c].Least > 0 {
			elastic += t.widths[i]
		}
	}
	for i, c := range t.order {
		if more > 0 && t.columns[c].Least > 0 {
			t.widths[i] += more * t.widths[i] / elastic
		}
	}
	for _, all := range []bool{false, true} {
		give, slack := make([]float32, len(t.order)), float32(0)
		for i, c := range t.order {
			if col := &t.columns[c]; col.Least > 0 && (col.Path || all) {
				give[i] = max(0, t.widths[i]-col.Least)
				slack += give[i]
			}
		}
		if more >= 0 || slack == 0 {
			continue
		}
		share := min(1, -more/slack)
		for i := range give {
			t.widths[i] -= share * give[i]
		}
		more += share * slack
	}
}

// widest is the most that a column is given for its texts.
const widest = 300

// need is the width of a column before the window's own says anything.
func (t *table) need(column int) float32 {
	if fit := t.fit(column); fit > 0 {
		return fit
	}
	return t.columns[column].Width
}

// fit is the width that a column needs for its texts, 0 when it has none or
// they are not known.
func (t *table) fit(column int) float32 {
	if t.typical == nil {
		return 0
	}
	fit, ok := t.fits[column]
	if !ok {
		if texts := t.typical(column); len(texts) > 0 {
			fit = min(t.needFor(&t.columns[column], texts), widest)
		}
		t.fits[column] = fit
	}
	return fit
}

// fitColumns has the columns fit their texts, of which typical returns some of
// the longest. It is asked for a column when that is shown.
func (t *table) fitColumns(typical func(column int) []string) {
	t.typical, t.fits = typical, make(map[int]float32)
}

// needFor is what a column needs for its title and some texts.
func (t *table) needFor(c *view.Column, texts []string) float32 {
	const arrow = 14
	points, more := theme.TextSize(), float32(2*cellPad+2)
	if c.Badge {
		points, more = textSmall, more+2*badgePad
	}
	need := float32(glyphsOf(12, true).width(c.Title)) + 2*cellPad + arrow
	for _, s := range texts {
		need = max(need, float32(glyphsOf(float64(points), c.Badge).width(s))+more)
	}
	return need
}

// room is the width for columns, beside the scroll bar.
func (t *table) room() float32 { return t.Size().Width - scrollBarWidth }

func (t *table) contentWidth() (total float32) {
	for _, w := range t.widths {
		total += w
	}
	return total
}

// left is where the shown column i begins. The first one stays in sight where
// it leaves the others most of the room.
func (t *table) left(i int) float32 {
	if i == 0 && t.stuck() > 0 {
		return 0
	}
	x := -t.shift
	for _, w := range t.widths[:i] {
		x += w
	}
	return x
}

// stuck is the width of the column that stays while the others are scrolled,
// 0 while nothing is scrolled.
func (t *table) stuck() float32 {
	if t.shift == 0 || len(t.widths) == 0 || t.widths[0] > t.room()/2 {
		return 0
	}
	return t.widths[0]
}

// fitColumn makes the shown column i as wide as its texts need.
func (t *table) fitColumn(i int) {
	const most = 900
	c := &t.columns[t.order[i]]
	var texts []string
	if t.typical != nil {
		texts = t.typical(t.order[i])
	}
	for _, r := range t.list.rows {
		if r.row >= 0 && i < len(r.cells) {
			texts = append(texts, r.cells[i].text)
		}
	}
	t.setWidth(i, min(t.needFor(c, texts), most))
	t.changed()
}

// scrollTo scrolls the columns so that shift of them is out of sight.
func (t *table) scrollTo(shift float32) {
	shift = max(0, min(shift, t.contentWidth()-t.room()))
	if shift == t.shift {
		return
	}
	t.shift = shift
	t.redraw()
}

// redraw repaints all that is in sight. Rows are asked for anew only when they
// were asked for other columns.
func (t *table) redraw() {
	t.header.Refresh()
	if slices.Equal(t.asked, t.order) {
		t.list.repaint()
	} else {
		t.asked = slices.Clone(t.order)
		t.list.Refresh()
	}
	t.bar.set(t.room(), t.contentWidth(), t.shift)
}

// setWidth makes the shown column i wide, and leaves the others as they are.
func (t *table) setWidth(i int, width float32) {
	t.manual = true
	t.widths[i] = max(width, 36)
	t.arrange()
}

// move puts the shown column from at the place of the shown column to.
func (t *table) move(from, to int) {
	if from == to {
		return
	}
	c, w := t.order[from], t.widths[from]
	t.order, t.chosen = slices.Insert(slices.Delete(t.order, from, from+1), to, c), true
	t.widths = slices.Insert(slices.Delete(t.widths, from, from+1), to, w)
	t.redraw()
	t.changed()
}

// choose shows or hides a column, at the right end; one always stays.
func (t *table) choose(column int, show bool) {
	i := slices.Index(t.order, column)
	switch {
	case show && i < 0:
		t.order = append(t.order, column)
	case !show && i >= 0 && len(t.order) > 1:
		t.order = slices.Delete(t.order, i, i+1)
	default:
		return
	}
	t.chosen = true
	t.arrange()
	t.changed()
}

func (t *table) changed() {
	if t.OnLayout != nil {
		t.OnLayout()
	}
}

// CreateRenderer implements fyne.Widget.
func (t *table) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(&tableLayout{t}, t.header, t.list, t.bar))
}

// Refresh implements fyne.Widget.
func (t *table) Refresh() {
	t.list.Refresh()
	t.redraw()
}

// tableLayout puts the header above the list, and the scroll bar at the
// bottom while the columns are too wide.
type tableLayout struct{ t *table }

const headerHeight = 30

func (l *tableLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(160, headerHeight+3*rowHeight)
}

func (l *tableLayout) Layout([]fyne.CanvasObject, fyne.Size) { l.t.arrange() }

// arrange gives every part its place, after the table, its columns or their
// widths have changed.
func (t *table) arrange() {
	size := t.Size()
	t.pick(t.room())
	t.layOutColumns(t.room())
	t.header.Resize(fyne.NewSize(size.Width, headerHeight))
	t.header.Move(fyne.NewPos(0, 0))
	bottom := float32(0)
	if t.contentWidth() > t.room()+.5 {
		bottom = scrollBarWidth
	}
	visible(t.bar, bottom > 0)
	t.list.Move(fyne.NewPos(0, headerHeight))
	t.list.Resize(fyne.NewSize(size.Width, max(0, size.Height-headerHeight-bottom)))
	t.bar.Move(fyne.NewPos(0, size.Height-bottom))
	t.bar.Resize(fyne.NewSize(size.Width, scrollBarWidth))
	t.redraw()
}

// noRows is an empty table's rows.
type noRows struct{}

func (noRows) Len() int           { return 0 }
func (noRows) Key(int) string     { return "" }
func (noRows) Find(string) int    { return -1 }
func (noRows) Cell(int, int) cell { return cell{} }
