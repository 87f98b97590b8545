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

// narrows tells whether every row that next finds was found by prev, as when
// one more letter is typed.
func narrows(prev, next []term) bool {
	for _, p := range prev {
		if !slices.ContainsFunc(next, func(n term) bool {
			return strings.Contains(n.text, p.text) && p.bare == "" && n.bare == ""
		}) {
			return false
		}
	}
	return len(prev) > 0
}

// search returns the rows that hold every term, in order, out of within; nil
// stands for all rows there and in the result.
func (l *List) search(terms []term, within []uint32) []uint32 {
	if len(terms) == 0 {
		return nil
	}
	rows := within
	if rows == nil {
		rows = make([]uint32, l.rows.n)
		for i := range rows {
			rows[i] = uint32(i)
		}
	} else {
		rows = slices.Clone(rows)
	}
	found := make([]bool, l.rows.n)
	for _, t := range terms {
		clear(found)
		for i := range l.rows.columns {
			c := &l.rows.cells[i]
			if c.folded == "" {
				continue
			}
			hits := c.contains(t.text, nil)
			if t.bare != "" && l.rows.columns[i].bare {
				hits = c.contains(t.bare, hits)
			}
			if hits == nil {
				continue
			}
			for _, n := range rows {
				if hits[c.codes[n]] {
					found[n] = true
				}
			}
		}
		rows = slices.DeleteFunc(rows, func(n uint32) bool { return !found[n] })
	}
	return rows
}

// contains marks in hits, by code, the texts that hold s; hits is made when
// there is one to mark.
func (c *cells) contains(s string, hits []bool) []bool {
	code := 1
	for at := 0; ; {
		i := strings.Index(c.folded[at:], s)
		if i < 0 {
			return hits
		}
		if hits == nil {
			hits = make([]bool, len(c.foldedEnd))
		}
		for int(c.foldedEnd[code]) <= at+i {
			code++
		}
		hits[code] = true
		at = int(c.foldedEnd[code])
	}
}
