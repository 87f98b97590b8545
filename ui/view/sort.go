package view

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// Order is a column to sort by.
type Order struct {
	Column     string `json:"column"` // key
	Descending bool   `json:"descending,omitempty"`
}

// sorted returns all rows in the order that was asked for, nil for their first
// one.
func (l *List) sorted() []uint32 {
	var rows []uint32
	for _, by := range slices.Backward(l.orders) {
		column := l.rows.column(by.Column)
		if column < 0 {
			continue
		}
		if rows == nil {
			rows = make([]uint32, l.rows.n)
			for i := range rows {
				rows[i] = uint32(i)
			}
		}
		l.sortRows(rows, column, by.Descending)
	}
	return rows
}

// sortRows sorts rows, stably, by a column; those without a value come last.
func (l *List) sortRows(rows []uint32, column int, descending bool) {
	c := &l.rows.cells[column]
	if c.times != nil {
		sortByTime(rows, c.times, descending)
		return
	}
	ranked, ok := l.ranks[column]
	if !ok {
		l.rows.fold()
		ranked.ranks, ranked.groups = rank(c, l.rows.columns[column].natural)
		l.ranks[column] = ranked
	}
	unset := uint32(ranked.groups - 1)
	sortBy(rows, func(n uint32) uint32 {
		r := ranked.ranks[c.code(n)]
		if descending && r != unset {
			r = unset - 1 - r
		}
		return r
	}, ranked.groups)
}

// ranking is what [rank] returns.
type ranking struct {
	ranks  []uint32
	groups int
}

// sortByTime sorts rows, stably, by a time; unset ones come last.
func sortByTime(rows []uint32, times []uint32, descending bool) {
	// Time and place in one number: the sort follows no pointer.
	keys := make([]uint64, len(rows))
	for i, n := range rows {
		at := times[n]
		switch {
		case at == 0:
			at = math.MaxUint32
		case descending:
			at = math.MaxUint32 - at
		}
		keys[i] = uint64(at)<<32 | uint64(i)
	}
	slices.Sort(keys)
	before := slices.Clone(rows)
	for i, k := range keys {
		rows[i] = before[uint32(k)]
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

// rank returns for each code of c its place among all texts when sorted as
// people expect: without regard to case and accents, unset last. The same text
// has the same place; groups is how many places there are. With natural,
// numbers within a text are compared as numbers.
func rank(c *cells, natural bool) (ranks []uint32, groups int) {
	n := c.shown.len()
	keys := make([]prefixed, 0, n-1)
	ranks = make([]uint32, n)
	for code := uint32(1); code < uint32(n); code++ {
		text := c.folded.at(code)
		if c.folded.all == "" {
			text = fold(c.text(code))
		}
		if natural {
			text = numbered(text)
		}
		if text != "" {
			keys = append(keys, prefixed{code: code, text: text})
		}
	}
	sortPrefixed(keys, 0, func(a, b prefixed) int { return strings.Compare(c.text(a.code), c.text(b.code)) })
	last := ""
	for _, k := range keys {
		if text := c.text(k.code); text != last || groups == 0 {
			groups, last = groups+1, text
		}
		ranks[k.code] = uint32(groups)
	}
	for code, r := range ranks {
		if ranks[code] = r - 1; r == 0 {
			ranks[code] = uint32(groups)
		}
	}
	return ranks, groups + 1
}

// numbered writes all numbers within s with so many digits that their order is
// that of letters.
func numbered(s string) string {
	const most = 12
	var b strings.Builder
	for i := 0; i < len(s); {
		digits := 0
		for i+digits < len(s) && s[i+digits] >= '0' && s[i+digits] <= '9' {
			digits++
		}
		b.WriteString(strings.Repeat("0", max(0, most-digits)*min(1, digits)))
		b.WriteString(s[i : i+max(1, digits)])
		i += max(1, digits)
	}
	return b.String()
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

// index sorts the rows by key.
func (r *Rows) index() {
	r.keys.once.Do(func() {
		r.fold()
		ids := &r.cells[r.key]
		ranks, groups := rank(ids, false)
		r.keys.rows = make([]uint32, r.n)
		for i := range r.keys.rows {
			r.keys.rows[i] = uint32(i)
		}
		sortBy(r.keys.rows, func(n uint32) uint32 { return ranks[ids.code(n)] }, groups)
	})
}

// find returns the row with a key.
func (r *Rows) find(key string) (uint32, bool) {
	r.index()
	folded := fold(key)
	i, ok := slices.BinarySearchFunc(r.keys.rows, key, func(n uint32, key string) int {
		have := Row{r, n}.Key()
		return cmp.Or(strings.Compare(fold(have), folded), strings.Compare(have, key))
	})
	if !ok {
		return 0, false
	}
	return r.keys.rows[i], true
}
