package view

import (
	"sync"
	"time"
)

// Tone is what a badge's colour says.
type Tone int

// The tones. Plain is no badge at all.
const (
	Plain Tone = iota
	Good
	Info
	Warn
	Bad
	Muted
)

// Align is where a column puts its text.
type Align int

// The alignments.
const (
	Left Align = iota
	Right
)

// Column says how one field of a record appears in a list. The tables of
// columns are in people.go and chromebooks.go; a new field is one entry there.
type Column struct {
	// Key never changes: layouts, saved filters and exports use it.
	Key   string
	Title string
	// Width is the width of an empty column, in Fyne's units; a filled one
	// fits its texts. 0 is never a column: there to be searched or filtered
	// alone.
	Width float32
	// Least is how narrow the column may become for the others to be in
	// sight; such a column also takes what they leave. 0 keeps its width.
	Least float32
	// Spare columns are there until somebody chooses the columns, as long as
	// they have a value and there is room for them beside the others.
	Spare bool
	// Path tells that the text is a path, whose last parts say the most.
	Path  bool
	Align Align
	// Hidden columns are shown once they are chosen.
	Hidden bool
	// Badge tells that the text stands in a badge of [Row.Tone], where it has
	// one.
	Badge bool
	// Filter tells that the list can be filtered by the column's values.
	Filter bool
	// Search tells that the search box looks at the column.
	Search bool

	// ours: the values are a few words of Panel.
	ours bool
	// conceals: rows with a value are shown only while the list is filtered
	// by this column.
	conceals bool
	// bare: separators within the value do not matter to a search.
	bare bool
	// shortest is the length below which a word is not looked for here: any
	// few letters from a to f are in some id.
	shortest int
	// natural: numbers within the value are sorted as numbers.
	natural bool
	// distinct: nearly every record has a value of its own.
	distinct bool
	// names are what the column is called in a query, beside its key and its
	// title, with spaces between. Several columns may share one.
	names string
	// day: the text is a [directory.Day], which a query can ask for by
	// range and spreadsheets reckon with.
	day bool
	// ledger: the value is what [Rows.WithHoldings] says.
	ledger bool
	// key: the value is the record's id. One column of a table is.
	key  bool
	tone func(text string) Tone
	// toneOf is the key of the column whose tone this one has, "" for its own.
	toneOf string
}

// Rows are the records of a list as a table that nobody changes any more, so
// that it may be made on one goroutine and shown on another. They stand in the
// order in which a list shows them before anybody sorts it.
type Rows struct {
	columns []Column
	cells   []cells // by column
	key     int     // the column of the record's id
	n       int
	now     time.Time // when they were made
	charts  []chart

	// What is made when it is asked for first: see [Rows.Prepare].
	folding sync.Once
	keys    *keyIndex
}

// keyIndex are rows sorted by key, made when they are asked for first.
type keyIndex struct {
	once sync.Once
	rows []uint32
}

// Len is the number of rows.
func (r *Rows) Len() int { return r.n }

// Columns are all columns of r, in their first order. The caller must not
// change them.
func (r *Rows) Columns() []Column { return r.columns }

// Values counts the rows for each value of a column, without unset ones and
// without rows that are shown only on request; nil for a column that is not
// there or holds times, and for no rows.
func (r *Rows) Values(column string) map[string]int {
	if r == nil {
		return nil
	}
	c := r.column(column)
	if c < 0 || r.cells[c].times != nil {
		return nil
	}
	counts := make([]int, r.cells[c].shown.len())
	for n := range uint32(r.n) {
		if !r.concealed(n) {
			counts[r.cells[c].code(n)]++
		}
	}
	values := make(map[string]int)
	for code, count := range counts {
		if text := r.cells[c].text(uint32(code)); text != "" && count != 0 {
			values[text] += count
		}
	}
	return values
}

// Typical are some of the longest texts of a column, those of one row in fifty
// left out unless all values are Panel's own words: an oddity must not make a
// column wide. Nil where every row is unset.
func (r *Rows) Typical(column int) []string {
	const enough = 32
	c := &r.cells[column]
	var lengths [200]int // how many rows have a text of a length, in bytes
	size := func(n uint32) int { return min(len(c.text(c.code(n))), len(lengths)-1) }
	set := 0
	for n := range uint32(r.n) {
		if size := size(n); size > 0 {
			lengths[size]++
			set++
		}
	}
	long, odd := len(lengths)-1, set/50
	if r.columns[column].ours {
		odd = 0
	}
	for left := odd; long > 0 && lengths[long] <= left; long-- {
		left -= lengths[long]
	}
	var out []string
	for n := range uint32(r.n) {
		if size := size(n); size > 0 && (size == long || size == long-1) {
			if out = append(out, c.text(c.code(n))); len(out) == enough {
				break
			}
		}
	}
	if c.times != nil && set > 0 { // what it says grows by itself
		out = append(out, "30 days ago")
	}
	return out
}

// Concealed tells whether the row is shown only on request.
func (r Row) Concealed() bool { return r.rows.concealed(r.n) }

// concealed tells whether row n is shown only on request.
func (r *Rows) concealed(n uint32) bool {
	for i := range r.columns {
		if r.columns[i].conceals && r.cells[i].code(n) != 0 {
			return true
		}
	}
	return false
}

// column finds a column by its key, -1 when there is none.
func (r *Rows) column(key string) int {
	for i := range r.columns {
		if r.columns[i].Key == key {
			return i
		}
	}
	return -1
}

// Row is one row of [Rows]. Columns are given by their place in
// [Rows.Columns].
type Row struct {
	rows *Rows
	n    uint32
}

// Key is the record's id: the Person's, or the Chromebook's device id.
func (r Row) Key() string {
	c := &r.rows.cells[r.rows.key]
	return c.text(c.code(r.n))
}

// Text is what a cell shows, "" for nothing. Times are relative to now.
func (r Row) Text(column int, now time.Time) string {
	c := &r.rows.cells[column]
	if c.times != nil {
		return Ago(c.time(r.n), now)
	}
	return c.text(c.code(r.n))
}

// Exact is a cell's text in full: of a time the date and the clock, in the
// zone of now; else as [Row.Text].
func (r Row) Exact(column int, now time.Time) string {
	c := &r.rows.cells[column]
	if c.times != nil {
		return Exact(c.time(r.n), now.Location())
	}
	return c.text(c.code(r.n))
}

// Tone is the tone of a cell.
func (r Row) Tone(column int) Tone {
	if of := r.rows.columns[column].toneOf; of != "" {
		column = r.rows.column(of)
	}
	if tone := r.rows.columns[column].tone; tone != nil {
		c := &r.rows.cells[column]
		return tone(c.text(c.code(r.n)))
	}
	return Plain
}

// cells are the values of one column: texts found by a code, or times.
type cells struct {
	// codes are the texts by row; 0 is unset. Nil where every row has a text
	// of its own, perhaps an empty one: that of row n has the code n+1 (0 where
	// no row has any). Else each text is kept once.
	codes []uint32
	// shown holds the texts, folded the same texts as the search sees them;
	// they share what they can. Folded is empty in a column that is not
	// searched, and before [Rows.Prepare].
	shown, folded texts
	// pairs are the pairs of bytes that are in folded.
	pairs *pairSet

	// times are Unix seconds by row, which last until 2106; 0 is unset, nil
	// a column of texts. The texts of a column of times are what it showed
	// when the rows were made, there to be searched.
	times []uint32
}

// code is the code of row n.
func (c *cells) code(n uint32) uint32 {
	switch {
	case c.codes != nil:
		return c.codes[n]
	case c.shown.all == "":
		return 0
	}
	return n + 1
}

// texts are strings one after the other, each ended by a newline: the one of
// code c, from 1 on, ends before end[c], and begins at end[c-1].
type texts struct {
	all string
	end []uint32
}

// len is the number of codes, with the 0 of unset.
func (t *texts) len() int { return max(1, len(t.end)) }

func (t *texts) at(code uint32) string {
	if code == 0 || t.all == "" {
		return ""
	}
	return t.all[t.end[code-1] : t.end[code]-1]
}

func (c *cells) text(code uint32) string { return c.shown.at(code) }

func (c *cells) time(row uint32) time.Time {
	if c.times[row] == 0 {
		return time.Time{}
	}
	return time.Unix(int64(c.times[row]), 0)
}
