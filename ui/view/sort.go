package view

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// sorted returns all rows in the order that was asked for, nil for their first
// one.
func (l *List) sorted() []uint32 {
	column := l.rows.column(l.sortBy)
	if column < 0 {
		return nil
	}
	rows := make([]uint32, l.rows.n)
	for i := range rows {
		rows[i] = uint32(i)
	}
	c := &l.rows.cells[column]
	if c.times != nil {
		sortByTime(rows, c.times, l.down)
		return rows
	}
	ranks, ok := l.ranks[column]
	if !ok {
		ranks = rank(c)
		l.ranks[column] = ranks
	}
	unset := ranks[0]
	sortBy(rows, func(n uint32) uint32 {
		r := ranks[c.codes[n]]
		if l.down && r != unset {
			r = unset - 1 - r
		}
		return r
	}, len(ranks))
	return rows
}

// sortByTime sorts rows, which are in their first order, by a time; unset ones
// come last.
func sortByTime(rows []uint32, times []uint32, descending bool) {
	// Time and row in one number: the sort follows no pointer.
	keys := make([]uint64, len(rows))
	for i, n := range rows {
		at := times[n]
		switch {
		case at == 0:
			at = math.MaxUint32
		case descending:
			at = math.MaxUint32 - at
		}
		keys[i] = uint64(at)<<32 | uint64(n)
	}
	slices.Sort(keys)
	for i, k := range keys {
		rows[i] = uint32(k)
	}
}

// sortBy sorts rows, stably, by a number below limit.
func sortBy(rows []uint32, by func(row uint32) uint32, limit int) {
	starts := make([]uint32, limit+1)
	for _, n := range rows {
		starts[by(n)+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	sorted := make([]uint32, len(rows))
	for _, n := range rows {
		at := &starts[by(n)]
		sorted[*at] = n
		*at++
	}
	copy(rows, sorted)
}

// rank returns for each code of c its place among all codes when sorted as
// people expect: unset last, then without regard to case and accents.
func rank(c *cells) []uint32 {
	n := c.shown.len()
	keys := make([]prefixed, 0, n-1)
	for code := 1; code < n; code++ {
		k := prefixed{code: uint32(code)}
		if len(c.folded.end) > 0 {
			k.text = c.folded.at(k.code)
		} else {
			k.text = fold(c.text(k.code))
		}
		keys = append(keys, k)
	}
	sortPrefixed(keys, 0, func(a, b prefixed) int { return strings.Compare(c.text(a.code), c.text(b.code)) })
	ranks := make([]uint32, n)
	for i, k := range keys {
		ranks[k.code] = uint32(i)
	}
	ranks[0] = uint32(n - 1)
	return ranks
}

// prefixed is a text with eight bytes of it as a number, so that most
// comparisons follow no pointer.
type prefixed struct {
	prefix uint64
	code   uint32
	text   string
}

// sortPrefixed sorts by text from byte offset on, and equal texts by ties.
func sortPrefixed(keys []prefixed, offset int, ties func(a, b prefixed) int) {
	for i := range keys {
		var eight [8]byte
		copy(eight[:], keys[i].text[min(offset, len(keys[i].text)):])
		keys[i].prefix = binary.BigEndian.Uint64(eight[:])
	}
	slices.SortFunc(keys, func(a, b prefixed) int { return cmp.Compare(a.prefix, b.prefix) })
	for len(keys) > 0 {
		run, ended := 1, len(keys[0].text) <= offset+8
		for run < len(keys) && keys[run].prefix == keys[0].prefix {
			ended = ended && len(keys[run].text) <= offset+8
			run++
		}
		switch {
		case run == 1:
		case ended || run < 16:
			slices.SortFunc(keys[:run], func(a, b prefixed) int {
				return cmp.Or(strings.Compare(a.text, b.text), ties(a, b))
			})
		default:
			sortPrefixed(keys[:run], offset+8, ties)
		}
		keys = keys[run:]
	}
}

// find returns the row with a key.
func (r *Rows) find(key string) (uint32, bool) {
	folded := fold(key)
	i, ok := slices.BinarySearchFunc(r.byKey, key, func(n uint32, key string) int {
		have := Row{r, n}.Key()
		return cmp.Or(strings.Compare(fold(have), folded), strings.Compare(have, key))
	})
	if !ok {
		return 0, false
	}
	return r.byKey[i], true
}
