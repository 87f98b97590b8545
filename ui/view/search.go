package view

import (
	"slices"
	"strings"
)

// The grades of how well a row holds a term, worst first. Missing is not at
// all.
const (
	absent = iota
	inside
	leading
	equal
)

// graded is a term with the grade of each row.
type graded struct {
	term
	grades []uint8
	// whole tells that every row has been looked at, not only those that held
	// the terms before this one.
	whole bool
}

// search looks for the terms of the query. It narrows what was found before
// where it can, as when one more letter is typed, and remembers what the last
// terms found.
func (l *List) search() {
	terms := slices.Concat(l.where, l.query)
	if len(terms) == 0 {
		l.hits, l.found = nil, nil
		return
	}
	l.rows.Prepare()
	narrows := l.hits != nil && !slices.ContainsFunc(l.found, func(p graded) bool {
		return !slices.ContainsFunc(terms, func(t term) bool { return t.implies(&p.term) })
	})
	rows := l.spare[:0]
	if cap(rows) < l.rows.n || rows == nil {
		rows = make([]uint32, 0, l.rows.n)
	}
	if narrows {
		rows = append(rows, l.hits...)
	} else {
		for n := range uint32(l.rows.n) {
			rows = append(rows, n)
		}
	}
	found := make([]graded, 0, len(terms))
	for i := range terms {
		g := l.grade(&terms[i], rows, narrows)
		found = append(found, g)
		kept := rows[:0]
		for _, n := range rows {
			if (g.grades[n] != absent) != g.not {
				kept = append(kept, n)
			}
		}
		rows = kept
	}
	l.hits, l.spare = rows, l.hits
	l.found = found
	l.remember(found)
}

// grade grades a term, at least for some rows. What it was told before serves
// where every row was looked at, or where these are among those that were.
func (l *List) grade(t *term, rows []uint32, narrows bool) graded {
	if i := slices.IndexFunc(l.found, func(g graded) bool { return (g.whole || narrows) && g.same(t) }); i >= 0 {
		return l.found[i]
	}
	if i := slices.IndexFunc(l.recent, func(g graded) bool { return g.same(t) }); i >= 0 {
		return l.recent[i]
	}
	g := graded{term: *t, grades: make([]uint8, l.rows.n), whole: len(rows) >= l.rows.n/few}
	// Few rows are looked through one by one, many column by column.
	if g.whole {
		l.rows.gradeAll(t, g.grades)
		return g
	}
	l.rows.gradeSome(t, rows, g.grades)
	return g
}

// few is the share of the rows below which looking at each is faster than
// reading whole columns, as measured.
const few = 16

// remember keeps what some terms found for a later query that has them too, as
// when a letter is taken back.
func (l *List) remember(found []graded) {
	const most = 6
	for _, g := range found {
		if g.whole && !slices.ContainsFunc(l.recent, func(r graded) bool { return r.same(&g.term) }) {
			l.recent = append(l.recent, g)
		}
	}
	l.recent = l.recent[max(0, len(l.recent)-most):]
}

// look is one column that a term looks at.
type look struct {
	cells *cells
	// text and stripped are the forms in which the column may hold the term;
	// text is never "", stripped "" for none.
	text, stripped string
	// words: a word must begin with it, so that "active" is not found in
	// "inactive".
	words bool
}

// looks are the columns that may hold a term.
func (r *Rows) looks(t *term) (out []look) {
	for i := range r.columns {
		c, cells := &r.columns[i], &r.cells[i]
		if t.columns == nil && !c.Search || t.columns != nil && !slices.Contains(t.columns, i) || cells.shown.all == "" {
			continue
		}
		l := look{cells: cells, words: c.Filter && t.columns != nil}
		l.text, l.stripped = t.forms(c)
		if cells.pairs != nil && !cells.pairs.may(l.text) {
			l.text = ""
		}
		if cells.pairs != nil && !cells.pairs.may(l.stripped) {
			l.stripped = ""
		}
		if l.text == "" {
			l.text, l.stripped = l.stripped, ""
		}
		if l.text != "" {
			out = append(out, l)
		}
	}
	return out
}

// gradeAll grades every row, column by column.
func (r *Rows) gradeAll(t *term, grades []uint8) {
	if t.unset || t.span != nil {
		for n := range uint32(r.n) {
			grades[n] = r.gradeValue(t, n)
		}
		return
	}
	for _, l := range r.looks(t) {
		if l.cells.codes == nil {
			l.grade(grades)
			continue
		}
		hits := make([]uint8, l.cells.shown.len()) // by code
		if !l.grade(hits[1:]) {
			continue
		}
		for n, code := range l.cells.codes {
			if hits[code] > grades[n] {
				grades[n] = hits[code]
			}
		}
	}
}

// gradeSome grades some rows.
func (r *Rows) gradeSome(t *term, rows []uint32, grades []uint8) {
	looks := r.looks(t)
	for _, n := range rows {
		if t.unset || t.span != nil {
			grades[n] = r.gradeValue(t, n)
			continue
		}
		for i := range looks {
			if code := looks[i].cells.code(n); code != 0 {
				grades[n] = max(grades[n], looks[i].gradeOf(looks[i].cells.searched().at(code)))
			}
		}
	}
}

// grade raises the grades of the column's texts, that of the first code first.
// It reports whether it raised any. (Text by text is faster than all at once:
// what is shorter than 64 bytes is compared whole, without looking for the
// first letter, which is everywhere.)
func (l *look) grade(grades []uint8) (any bool) {
	t := l.cells.searched()
	from := uint32(0)
	for i, to := range t.end[1:] {
		if g := l.gradeOf(t.all[from : to-1]); g > grades[i] {
			grades[i], any = g, true
		}
		from = to
	}
	return any
}

// gradeOf grades one text.
func (l *look) gradeOf(have string) uint8 {
	g := l.gradeForm(have, l.text)
	if l.stripped != "" {
		g = max(g, l.gradeForm(have, l.stripped))
	}
	return g
}

func (l *look) gradeForm(have, want string) uint8 {
	switch i := strings.Index(have, want); {
	case i < 0:
		return absent
	case i == 0 && len(have) == len(want):
		return equal
	case i == 0:
		return leading
	case l.words && !strings.Contains(have, " "+want):
		return absent
	}
	return inside
}

// searched are the texts as a search sees them.
func (c *cells) searched() *texts {
	if c.folded.all == "" {
		return &c.shown
	}
	return &c.folded
}

// gradeValue grades one row by whether it has no value, or a time in a span.
func (r *Rows) gradeValue(t *term, n uint32) uint8 {
	for _, i := range t.columns {
		c := &r.cells[i]
		switch {
		case t.unset && c.text(c.code(n)) != "":
			return absent
		case !t.unset && (c.times != nil || r.columns[i].day) && t.span.holds(c, n):
			return equal
		}
	}
	if t.unset {
		return equal
	}
	return absent
}
