package view

import (
	"slices"
	"strings"
)

// term is one word of a query, folded.
type term struct {
	text string
	// bare is the word without the separators of a MAC address, when it
	// looks like one; else "".
	bare string
}

// parseQuery takes a query apart into its words.
func parseQuery(query string) []term {
	var terms []term
	for _, word := range strings.Fields(fold(query)) {
		t := term{text: word}
		if looksBare(word) {
			t.bare = bare(word)
		}
		terms = append(terms, t)
	}
	return terms
}

// What a word must have to be looked for in numbers and ids.
const (
	partID  = 4
	wholeID = 8
)

// reach is larger for a word that is looked for in more columns.
func reach(word string) int {
	switch {
	case len(word) >= wholeID:
		return 2
	case len(word) >= partID:
		return 1
	}
	return 0
}

// implies tells whether every row that holds t holds u.
func (t term) implies(u term) bool {
	return reach(t.text) == reach(u.text) && reach(t.bare) == reach(u.bare) && strings.Contains(t.text, u.text) &&
		(t.bare == "" || strings.Contains(t.bare, u.text) || u.bare != "" && strings.Contains(t.bare, u.bare))
}

// forms are the forms in which a column may hold t; "" is none.
func (c *Column) forms(t term) (text, stripped string) {
	if len(t.text) >= c.shortest {
		text = t.text
	}
	if c.bare && len(t.bare) >= c.shortest {
		stripped = t.bare
	}
	return text, stripped
}

// narrows tells whether every row that next finds was found by prev, as when
// one more letter is typed, and which terms are left to look for there.
func narrows(prev, next []term) (left []term, ok bool) {
	for _, p := range prev {
		if !slices.ContainsFunc(next, func(n term) bool { return n.implies(p) }) {
			return next, false
		}
	}
	for _, n := range next {
		if !slices.Contains(prev, n) {
			left = append(left, n)
		}
	}
	return left, len(prev) > 0
}

// search returns the rows that hold every term, in their first order, out of
// within; nil stands for all rows there and in the result.
func (l *List) search(terms []term, within []uint32) []uint32 {
	if len(terms) == 0 {
		return within
	}
	rows := make([]uint32, 0, l.rows.n)
	if within != nil {
		rows = append(rows, within...)
	} else {
		for n := range uint32(l.rows.n) {
			rows = append(rows, n)
		}
	}
	for _, t := range terms {
		// Few rows are looked through one by one, many column by column.
		if len(rows) < l.rows.n/few {
			rows = slices.DeleteFunc(rows, func(n uint32) bool { return !l.rows.holds(n, t) })
			continue
		}
		found := l.rows.holding(rows, t)
		rows = slices.DeleteFunc(rows, func(n uint32) bool { return !found[n] })
	}
	return rows
}

// few is the share of the rows below which looking at each is faster than
// reading whole columns, as measured.
const few = 16

// holds tells whether one row holds t.
func (r *Rows) holds(n uint32, t term) bool {
	for i := range r.cells {
		c := &r.cells[i]
		if c.folded.all == "" || c.codes[n] == 0 {
			continue
		}
		have := c.folded.at(c.codes[n])
		text, stripped := r.columns[i].forms(t)
		if text != "" && strings.Contains(have, text) || stripped != "" && strings.Contains(have, stripped) {
			return true
		}
	}
	return false
}

// holding marks, by row, which of rows hold t.
func (r *Rows) holding(rows []uint32, t term) []bool {
	found, left := make([]bool, r.n), len(rows)
	for i := range r.cells {
		c := &r.cells[i]
		if c.folded.all == "" {
			continue
		}
		text, stripped := r.columns[i].forms(t)
		hits := c.folded.contains(stripped, c.folded.contains(text, nil))
		if hits == nil {
			continue
		}
		for _, n := range rows {
			if hits[c.codes[n]] && !found[n] {
				found[n] = true
				left--
			}
		}
		if left == 0 {
			break
		}
	}
	return found
}

// contains marks in hits, by code, the texts that hold s, none when s is "";
// hits is made when there is one to mark. Text by text is faster than all at once: what is
// shorter than 64 bytes is compared whole, without looking for the first
// letter, which is everywhere.
func (t *texts) contains(s string, hits []bool) []bool {
	if s == "" {
		return hits
	}
	all, from := t.all, uint32(0)
	for code := 1; code < len(t.end); code++ {
		to := t.end[code]
		if strings.Contains(all[from:to], s) {
			if hits == nil {
				hits = make([]bool, len(t.end))
			}
			hits[code] = true
		}
		from = to
	}
	return hits
}
