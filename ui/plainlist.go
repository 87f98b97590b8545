package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"panel/ui/view"
)

// plainList is a list with a chip for each value of one column, and no more.
type plainList struct {
	w      *Window
	list   *view.List // nil until there are rows
	column string
	table  *table
	chips  *fyne.Container
	status *text
	object fyne.CanvasObject
	shown  func()
}

func newPlainList(w *Window, columns []view.Column, column string) *plainList {
	l := &plainList{w: w, column: column, table: newTable(columns), status: newMuted(""), chips: container.New(&flowLayout{gap: 6}), shown: func() {}}
	l.table.OnSort = func(by []sorting) {
		var orders []view.Order
		for _, s := range by {
			orders = append(orders, view.Order{Column: l.table.columns[s.column].Key, Descending: s.descending})
		}
		l.list.Sort(orders...)
		l.refill()
	}
	l.table.OnHover = func(text string, at fyne.Position) { w.showTipAt(text, at, rowHeight) }
	l.table.OnCopy = func(n int) { w.say(view.Good, view.Plural(n, "row", "rows")+" copied", "", nil) }
	l.table.OnSelection = func() { l.shown() }
	l.object = container.New(&pageLayout{}, container.New(layout.NewCustomPaddedLayout(0, 8, 0, 0), l.chips), l.table)
	return l
}

func (l *plainList) set(rows *view.Rows) {
	if l.list == nil {
		l.list = view.NewList(rows)
	} else {
		l.list.SetRows(rows)
	}
	l.table.fitColumns(rows.Typical)
	l.table.arrange()
	l.refill()
}

func (l *plainList) refill() {
	l.table.SetRows(viewRows{l.list, l.table.columns, l.w.clock})
	l.chips.RemoveAll()
	for _, f := range l.list.Facets(l.column) {
		for _, v := range f.Values {
			l.chips.Add(newChip(v.Label+" "+view.Number(v.Count), v.On, func() {
				l.list.Toggle(f.Column, v.Value)
				l.refill()
			}))
		}
	}
	l.object.Refresh() // the chips may need another line
	l.status.set(view.Plural(l.list.Len(), "line", "lines"), view.Muted)
	l.shown()
}

// selected are the rows that are selected, else the one under the cursor.
func (l *plainList) selected() (rows []view.Row) {
	for _, i := range l.table.Selected() {
		rows = append(rows, l.list.At(i))
	}
	if len(rows) == 0 && l.table.cursor >= 0 && l.list != nil && l.table.cursor < l.list.Len() {
		rows = append(rows, l.list.At(l.table.cursor))
	}
	return rows
}

// viewRows are a list's rows for a table with the list's columns.
type viewRows struct {
	list    *view.List
	columns []view.Column
	now     func() time.Time
}

func (r viewRows) Len() int            { return r.list.Len() }
func (r viewRows) Key(row int) string  { return r.list.At(row).Key() }
func (r viewRows) Find(key string) int { return r.list.IndexOf(key) }

func (r viewRows) Cell(row, column int) cell {
	at := r.list.At(row)
	c := cell{text: at.Text(column, r.now()), tone: at.Tone(column)}
	c.badge = r.columns[column].Badge && c.tone != view.Plain
	return c
}
