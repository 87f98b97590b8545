package view

import (
	"cmp"
	"slices"
	"strings"
)

// condition is a filter, or the OU, by the codes of one column.
type condition struct {
	codes  []uint32 // by row
	passes []bool   // by code
}

func (c *condition) pass(row uint32) bool { return c.passes[c.codes[row]] }

// refresh makes shown from hits.
func (l *List) refresh() {
	conditions := slices.Collect(func(yield func(condition) bool) {
		for i := range l.rows.columns {
			if c, ok := l.condition(i); ok && !yield(c) {
				return
			}
		}
		if c, ok := l.inOrgUnit(); ok {
			yield(c)
		}
	})
	shown := l.shown[:0]
	if cap(shown) < l.rows.n {
		shown = make([]uint32, 0, l.rows.n)
	}
	l.each(func(n uint32) {
		if passAll(conditions, n) {
			shown = append(shown, n)
		}
	})
	l.shown = l.arrange(shown)
}

func passAll(conditions []condition, row uint32) bool {
	for i := range conditions {
		if !conditions[i].pass(row) {
			return false
		}
	}
	return true
}

// arrange puts rows, which are in their first order, into the sorted one, or
// without one the best hits first.
func (l *List) arrange(rows []uint32) []uint32 {
	if l.order == nil {
		return l.rank(rows)
	}
	in := make([]bool, l.rows.n)
	for _, n := range rows {
		in[n] = true
	}
	rows = rows[:0]
	for _, n := range l.order {
		if in[n] {
			rows = append(rows, n)
		}
	}
	return rows
}

// rank sorts rows, stably, by how well they hold the words searched for, and
// returns them.
func (l *List) rank(rows []uint32) []uint32 {
	words := l.graded()
	if len(words) == 0 {
		return rows
	}
	sums, starts := make([]uint8, len(rows)), [256]int{}
	for i, n := range rows {
		sums[i] = uint8(min(255, sumOf(words, n)))
		starts[255-sums[i]]++
	}
	at := 0
	for i, n := range starts {
		starts[i], at = at, at+n
	}
	if cap(l.ranked) < len(rows) {
		l.ranked = make([]uint32, l.rows.n)
	}
	ranked := l.ranked[:len(rows)]
	for i, n := range rows {
		to := &starts[255-sums[i]]
		ranked[*to] = n
		*to++
	}
	l.ranked = rows[:0]
	return ranked
}

// graded are the grades of the words searched for, by row.
func (l *List) graded() (words [][]uint8) {
	for i := range l.found {
		if g := &l.found[i]; !g.not && !g.unset && g.span == nil {
			words = append(words, g.grades)
		}
	}
	return words
}

func sumOf(words [][]uint8, n uint32) (sum uint32) {
	for _, grades := range words {
		sum += uint32(grades[n])
	}
	return sum
}

// each goes through the rows that the search found and that are as Where asks.
func (l *List) each(do func(row uint32)) {
	if l.hits == nil {
		for n := range uint32(l.rows.n) {
			if l.stays == nil || l.stays[n] {
				do(n)
			}
		}
		return
	}
	for _, n := range l.hits {
		if l.stays == nil || l.stays[n] {
			do(n)
		}
	}
}

// condition is what the filters ask of a column; ok is false for nothing.
func (l *List) condition(column int) (condition, bool) {
	c := &l.rows.cells[column]
	if c.times != nil {
		return condition{}, false
	}
	cond := condition{codes: c.codes, passes: make([]bool, c.shown.len())}
	for _, f := range l.filters {
		if f.column != l.rows.columns[column].Key {
			continue
		}
		for code := range cond.passes {
			cond.passes[code] = slices.Contains(f.values, c.text(uint32(code)))
		}
		return cond, true
	}
	if l.rows.columns[column].conceals {
		cond.passes[0] = true
		return cond, true
	}
	return condition{}, false
}

// inOrgUnit is what the chosen OU asks.
func (l *List) inOrgUnit() (condition, bool) {
	column := l.rows.column(orgUnitColumn)
	if len(l.orgUnits) == 0 || column < 0 {
		return condition{}, false
	}
	c := &l.rows.cells[column]
	cond := condition{codes: c.codes, passes: make([]bool, c.shown.len())}
	for code := 1; code < len(cond.passes); code++ {
		path := c.text(uint32(code))
		cond.passes[code] = slices.ContainsFunc(l.orgUnits, func(o string) bool { return path == o || l.below && isBelow(path, o) })
	}
	return cond, true
}

// isBelow tells whether an OU lies under another one.
func isBelow(path, ancestor string) bool {
	return strings.HasPrefix(path, strings.TrimSuffix(ancestor, "/")+"/") && path != ancestor
}

// Facets are the columns to filter by, each with its values and their counts,
// the most frequent value first; only those of some columns where any are named.
// A column without a value to choose is left out.
func (l *List) Facets(columns ...string) []Facet {
	type facet struct {
		column int
		counts []int
		cond   condition
		// active tells that cond asks something.
		active bool
	}
	var facets []facet
	for i := range l.rows.columns {
		c, info := &l.rows.cells[i], &l.rows.columns[i]
		if !info.Filter {
			continue
		}
		f := facet{column: i}
		if f.cond, f.active = l.condition(i); c.shown.all == "" && !f.active {
			continue
		}
		f.cond.codes = c.codes
		if len(columns) == 0 || slices.Contains(columns, info.Key) {
			f.counts = make([]int, c.shown.len())
		} else if !f.active {
			continue
		}
		facets = append(facets, f)
	}
	orgUnit, inOrgUnit := l.inOrgUnit()
	l.each(func(n uint32) {
		if inOrgUnit && !orgUnit.pass(n) {
			return
		}
		failed := -1
		for i := range facets {
			if f := &facets[i]; f.active && !f.cond.pass(n) {
				if failed >= 0 {
					return
				}
				failed = i
			}
		}
		for i := range facets {
			if f := &facets[i]; f.counts != nil && (failed < 0 || failed == i) {
				f.counts[f.cond.codes[n]]++
			}
		}
	})
	out := make([]Facet, 0, len(facets))
	for _, f := range facets {
		if f.counts == nil {
			continue
		}
		if facet := l.facet(f.column, f.counts); len(facet.Values) > 0 {
			out = append(out, facet)
		}
	}
	return out
}

// facet makes a facet of the counts by code.
func (l *List) facet(column int, counts []int) Facet {
	info, c := &l.rows.columns[column], &l.rows.cells[column]
	facet := Facet{Column: info.Key, Title: info.Title}
	var on []string
	for _, f := range l.filters {
		if f.column == info.Key {
			on = f.values
		}
	}
	for code, count := range counts {
		value := c.text(uint32(code))
		chosen := slices.Contains(on, value)
		if count == 0 && !chosen || code == 0 && info.conceals {
			continue
		}
		v := FacetValue{Value: value, Label: labelOf(value), Count: count, On: chosen}
		if info.tone != nil {
			v.Tone = info.tone(value)
		}
		facet.Values = append(facet.Values, v)
	}
	slices.SortStableFunc(facet.Values, func(a, b FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return facet
}

// labelOf is how a filter's value is shown.
func labelOf(value string) string {
	if value == "" {
		return "(none)"
	}
	return value
}
