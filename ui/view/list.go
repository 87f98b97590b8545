package view

import (
	"slices"
	"strings"
)

// List is a table as the technician sees it at the moment: searched, filtered
// and sorted. What was asked of it stays when the rows are replaced. Its
// methods return when it is done, fast enough to call for every key pressed;
// it belongs to one goroutine.
type List struct {
	rows *Rows

	// asked is what stands in the search box, kept what stands beside it; query
	// and where are their terms.
	asked, kept  string
	query, where []term
	orgUnits     []string
	below        bool
	filters      []filter
	orders       []Order

	// stays tells of each row whether it is as Where asks; nil is all.
	stays []bool
	// hits are the rows that the search found, in their first order; nil is
	// all. found are its terms, recent others that were looked for; spare is
	// memory for the next hits.
	hits   []uint32
	found  []graded
	recent []graded
	spare  []uint32
	// order are all rows, sorted; nil is their first order.
	order []uint32
	// shown are the hits that pass the filters, sorted; ranked is memory for
	// the next.
	shown, ranked []uint32
	// ranks are the places of a column's codes when sorted, by column.
	ranks map[int]ranking
}

// filter keeps the rows that have one of the values in a column.
type filter struct {
	column string
	values []string
}

// Chip is one value that the list is filtered by.
type Chip struct {
	Column string // key
	Title  string // the column's
	Value  string
	Label  string
}

// Facet is a column to filter by, with its values.
type Facet struct {
	Column string // key
	Title  string
	Values []FacetValue
}

// FacetValue is one value of a [Facet].
type FacetValue struct {
	// Value is "" for rows without one.
	Value string
	Label string
	// Count is how many rows would be shown with this value alone, all
	// other filters, the OU and the search staying.
	Count int
	On    bool
	Tone  Tone
}

// NewList returns a list of rows.
func NewList(rows *Rows) *List {
	l := new(List)
	l.SetRows(rows)
	return l
}

// SetRows replaces the rows.
func (l *List) SetRows(rows *Rows) {
	l.rows = rows
	l.ranks = make(map[int]ranking)
	l.hits, l.found, l.recent, l.spare = nil, nil, nil, nil
	l.query, l.where = rows.parseQuery(l.asked), rows.parseQuery(l.kept)
	l.order = l.sorted()
	l.restrict()
	l.search()
	l.refresh()
}

// Columns are the columns of the rows.
func (l *List) Columns() []Column { return l.rows.columns }

// Search shows the rows that are as a query asks; "" shows all. Every word of
// it must be there, in any order and any searched column, without regard to
// case, accents and the separators of MAC addresses. See parseQuery for what
// else a query may ask. Until something is sorted, rows of which a whole value
// is searched for stand first, then those of which a value begins with it.
func (l *List) Search(query string) {
	l.asked, l.query = query, l.rows.parseQuery(query)
	l.search()
	l.refresh()
}

// Where shows only rows that are as a query asks, whatever else is searched
// for; it ranks nothing.
func (l *List) Where(query string) {
	l.kept, l.where = query, l.rows.parseQuery(query)
	l.restrict()
	l.refresh()
}

// Keep has what is searched for stand beside the search too, as [List.Where]
// does.
func (l *List) Keep() {
	terms := l.Kept()
	for _, t := range l.query {
		if terms = append(terms, t.source); strings.Count(t.source, `"`)%2 == 1 { // or it would go on in the next
			terms[len(terms)-1] += `"`
		}
	}
	l.Where(strings.Join(terms, " "))
}

// Filter shows only rows with one of the values in the column ("" is unset);
// without any value it no longer filters by the column.
func (l *List) Filter(column string, values ...string) {
	l.filters = slices.DeleteFunc(l.filters, func(f filter) bool { return f.column == column })
	if len(values) > 0 {
		l.filters = append(l.filters, filter{column, slices.Clone(values)})
	}
	l.refresh()
}

// Toggle adds a value to the column's filter, or takes it away.
func (l *List) Toggle(column, value string) {
	var values []string
	for _, f := range l.filters {
		if f.column == column {
			values = slices.Clone(f.values)
		}
	}
	if i := slices.Index(values, value); i >= 0 {
		values = slices.Delete(values, i, i+1)
	} else {
		values = append(values, value)
	}
	l.Filter(column, values...)
}

// ClearFilters ends every filter and what [List.Where] was told; the search and
// the OUs stay.
func (l *List) ClearFilters() {
	l.filters = nil
	l.Where("")
}

// Chips are the values filtered by, in the order in which they were chosen.
func (l *List) Chips() []Chip {
	var chips []Chip
	for _, f := range l.filters {
		c := l.rows.column(f.column)
		if c < 0 {
			continue
		}
		for _, v := range f.values {
			chips = append(chips, Chip{Column: f.column, Title: l.rows.columns[c].Title, Value: v, Label: labelOf(v)})
		}
	}
	return chips
}

// OrgUnits shows only the rows of some OUs, with those of the OUs below them
// when below is set. Without any it shows every row, also those without an OU.
func (l *List) OrgUnits(below bool, paths ...string) {
	l.orgUnits, l.below = slices.Clone(paths), below
	l.refresh()
}

// Sort orders the list by some columns, the first one first, rows without a
// value last and equal ones in their first order. Without any it goes back to
// the first order.
func (l *List) Sort(by ...Order) {
	l.orders = slices.Clone(by)
	l.order = l.sorted()
	l.refresh()
}

// Len is the number of rows shown.
func (l *List) Len() int { return len(l.shown) }

// Found is the number of rows that the search found, whether the filters and
// the OU let them be shown or not, and whether they are concealed.
func (l *List) Found() int {
	if l.hits == nil {
		return l.rows.n
	}
	return len(l.hits)
}

// Narrowed tells whether anything but the search keeps rows from being shown.
func (l *List) Narrowed() bool { return len(l.filters) > 0 || len(l.where) > 0 || len(l.orgUnits) > 0 }

// Fit is how well something holds the words that are searched for; more is
// better.
type Fit int

// FitOf is how well a name holds the words of a query: by being it, by beginning
// with it, or else.
func FitOf(name, query string) Fit {
	name, query = fold(name), strings.Join(tokens(query), " ")
	switch {
	case name == query:
		return equal
	case strings.HasPrefix(name, query):
		return leading
	}
	return inside
}

// Best are the first n rows that the search found, the best ones first, whether
// the filters and the OUs let them be shown or not; none without a search. How
// is how well the first one holds the words that are searched for.
func (l *List) Best(n int) (rows []Row, how Fit) {
	grades := l.graded()
	if len(grades) == 0 {
		return nil, 0
	}
	for sum := uint32(equal * len(grades)); sum > 0 && len(rows) < n; sum-- {
		for _, row := range l.hits {
			if sumOf(grades, row) == sum {
				how = max(how, Fit(sum/uint32(len(grades))))
				if rows = append(rows, Row{l.rows, row}); len(rows) == n {
					break
				}
			}
		}
	}
	return rows, how
}

// At returns the row shown at place i, 0 ≤ i < Len.
func (l *List) At(i int) Row { return Row{l.rows, l.shown[i]} }

// Find returns the row with a key, whether it is shown or not.
func (l *List) Find(key string) (Row, bool) {
	n, ok := l.rows.find(key)
	return Row{l.rows, n}, ok
}

// Unveil filters by what conceals the row with a key, if anything does.
func (l *List) Unveil(key string) {
	n, ok := l.rows.find(key)
	for i := range l.rows.columns {
		if c := &l.rows.cells[i]; ok && l.rows.columns[i].conceals && c.code(n) != 0 {
			l.Filter(l.rows.columns[i].Key, c.text(c.code(n)))
		}
	}
}

// IndexOf returns where the row with a key is shown, -1 when it is not. A
// selection is kept by key and looked up again after every change.
func (l *List) IndexOf(key string) int {
	n, ok := l.rows.find(key)
	if !ok {
		return -1
	}
	return slices.Index(l.shown, n)
}
