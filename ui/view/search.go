package view

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
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
	terms := l.query
	if len(terms) == 0 {
		l.hits, l.found = nil, nil
		return
	}
	l.rows.fold()
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

// restrict works out which rows are as Where asks.
func (l *List) restrict() {
	l.stays = nil
	if len(l.where) == 0 {
		return
	}
	l.rows.fold()
	l.stays = slices.Repeat([]bool{true}, l.rows.n)
	for i := range l.where {
		t := &l.where[i]
		grades := make([]uint8, l.rows.n)
		l.rows.gradeAll(t, grades)
		for n, g := range grades {
			l.stays[n] = l.stays[n] && (g != absent) != t.not
		}
	}
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
		inParts(r.n, func(from, to int) {
			for n := from; n < to; n++ {
				grades[n] = r.gradeValue(t, uint32(n))
			}
		})
		return
	}
	looks := r.looks(t)
	hits := make([][]uint8, len(looks)) // by code, of columns that have codes
	for i := range looks {
		if c := looks[i].cells; c.codes != nil {
			hits[i] = make([]uint8, c.shown.len())
			inParts(len(hits[i])-1, func(from, to int) { looks[i].grade(from, hits[i][1+from:1+to]) })
		}
	}
	inParts(r.n, func(from, to int) {
		for i := range looks {
			if hits[i] == nil {
				looks[i].grade(from, grades[from:to])
				continue
			}
			grades := grades[from:to]
			for n, code := range looks[i].cells.codes[from:to] {
				if g := hits[i][code]; g > grades[n] {
					grades[n] = g
				}
			}
		}
	})
}

// inParts does work for the numbers below n, in as many parts at a time as there
// are processors; few numbers are one part. It returns when all is done.
func inParts(n int, work func(from, to int)) {
	const least = 1 << 15
	parts := max(1, min(runtime.GOMAXPROCS(0), n/least))
	var others sync.WaitGroup
	for i := 1; i < parts; i++ {
		others.Go(func() { work(i*n/parts, (i+1)*n/parts) })
	}
	work(0, n/parts)
	others.Wait()
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

// grade raises the grades of the column's texts from a place on, of which 0 is
// that of the first code.
func (l *look) grade(from int, grades []uint8) {
	t := l.cells.searched()
	begin, ends := t.end[from], t.end[from+1:from+1+len(grades)]
	for i, end := range ends {
		if g := l.gradeOf(t.all[begin : end-1]); g > grades[i] {
			grades[i] = g
		}
		begin = end
	}
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
	switch i := index(have, want); {
	case i < 0:
		return absent
	case i == 0 && len(have) == len(want):
		return equal
	case i == 0:
		return leading
	case l.words && !hasWord(have, want):
		return absent
	}
	return inside
}

// hasWord tells whether a word of have begins with want; words are of letters
// and digits.
func hasWord(have, want string) bool {
	for at := 0; ; at++ {
		i := strings.Index(have[at:], want)
		if i < 0 {
			return false
		}
		at += i
		last, _ := utf8.DecodeLastRuneInString(have[:at])
		if at == 0 || !unicode.IsLetter(last) && !unicode.IsDigit(last) {
			return true
		}
	}
}

// index is [strings.Index] of short texts. Those of up to 64 bytes it compares
// whole, and in longer ones it looks for the first letter, which in lists of
// addresses and numbers is everywhere: here those are taken in pieces.
func index(have, want string) int {
	const whole = 64
	if len(have) <= whole || len(want) >= whole/2 {
		return strings.Index(have, want)
	}
	for at := 0; at+len(want) <= len(have); at += whole - len(want) + 1 {
		if i := strings.Index(have[at:min(at+whole, len(have))], want); i >= 0 {
			return at + i
		}
	}
	return -1
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
