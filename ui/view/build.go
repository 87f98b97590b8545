package view

import (
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"time"

	"panel/directory"
)

// field is a column and where its value comes from: exactly one of text and
// time is set. Text is told what time it is, for values such as "Within a
// year".
type field[T any] struct {
	Column
	text func(*T, time.Time) string
	time func(*T) time.Time
}

// Builder makes [Rows] of records, one by one. It keeps no record.
type Builder[T any] struct {
	fields []field[T]
	charts []chart
	first  func(*T) bool
	// doubles, if not "", is what the column "notice" says of rows whose first
	// column has the same value, and are shown without being asked for.
	doubles string
	now     time.Time

	texts  []textCells // by field
	times  [][]uint32  // by field
	firsts []bool
}

// NewPeople returns a builder of people's rows. Values that depend on the time
// are as of now.
// What the ledger says of them comes with [Rows.WithHoldings].
func NewPeople(now time.Time) *Builder[directory.Person] {
	return newBuilder(peopleFields, peopleCharts, now, func(p *directory.Person) bool { return p.Departed })
}

// NewChromebooks returns a builder of Chromebooks' rows; see [NewPeople].
func NewChromebooks(now time.Time) *Builder[directory.Chromebook] {
	b := newBuilder(chromebookFields, chromebookCharts, now, func(*directory.Chromebook) bool { return false })
	b.doubles = duplicateSerial
	return b
}

// newBuilder is told which records are listed before all others.
func newBuilder[T any](fields []field[T], charts []chart, now time.Time, first func(*T) bool) *Builder[T] {
	return &Builder[T]{
		fields: fields, charts: charts, now: now, first: first,
		texts: make([]textCells, len(fields)), times: make([][]uint32, len(fields)),
	}
}

// Add adds a row. Ids must differ.
func (b *Builder[T]) Add(v *T) {
	for i := range b.fields {
		f := &b.fields[i]
		if f.time == nil {
			if text := f.text(v, b.now); f.distinct {
				b.texts[i].append(text)
			} else {
				b.texts[i].add(text)
			}
			continue
		}
		var at uint32
		if t := f.time(v); t.Unix() > 0 {
			at = uint32(t.Unix())
		}
		b.times[i] = append(b.times[i], at)
		b.texts[i].addAge(at, b.now)
	}
	b.firsts = append(b.firsts, b.first(v))
}

// Rows returns the rows added, sorted by the first column and then by id. The
// builder must not be used any more.
func (b *Builder[T]) Rows() *Rows {
	r := &Rows{n: len(b.firsts), now: b.now, charts: b.charts, keys: new(keyIndex)}
	for i := range b.fields {
		f := &b.fields[i]
		r.columns = append(r.columns, f.Column)
		if f.key {
			r.key = i
		}
		t := &b.texts[i]
		c := cells{shown: texts{t.shown.String(), t.ends}, codes: t.codes, times: b.times[i]}
		if !f.distinct { // those are copied once more, in their order
			c.shown = texts{strings.Clone(c.shown.all), slices.Clone(c.shown.end)}
		}
		r.cells = append(r.cells, c)
		b.texts[i] = textCells{}
	}
	r.arrange(b.firsts)
	if b.doubles != "" {
		r.markDoubles(b.doubles)
	}
	return r
}

// markDoubles says in the column "notice", which is empty, of which rows the
// first column has the same value. Those are neighbours.
func (r *Rows) markDoubles(word string) {
	notice := &r.cells[r.column(noticeColumn)]
	first := func(n uint32) string { return r.cells[0].text(r.cells[0].code(n)) }
	before := uint32(0) // the row before n that is not concealed
	for n := range uint32(r.n) {
		if r.concealed(n) || first(n) == "" {
			continue
		}
		if before < n && strings.EqualFold(first(before), first(n)) && !r.concealed(before) {
			notice.codes[before], notice.codes[n] = 1, 1
			notice.shown = texts{word + "\n", []uint32{0, uint32(len(word) + 1)}}
		}
		before = n
	}
}

// textCells grows into [cells].
type textCells struct {
	codes []uint32
	shown strings.Builder
	ends  []uint32
	// known are the codes of texts by hash; recent are some of those that came
	// last, by the end of their hash.
	known  map[uint64]uint32
	recent [512]uint32
	// ages are the codes of the times that came last, by quarter of an hour.
	ages map[uint32]uint32
}

var seed = maphash.MakeSeed()

// append adds a row with a text of its own.
func (t *textCells) append(s string) {
	if len(t.ends) == 0 {
		t.ends = append(t.ends, 0)
	}
	t.shown.WriteString(s)
	t.shown.WriteByte('\n')
	t.ends = append(t.ends, uint32(t.shown.Len()))
}

// add adds a row with a text that is kept once.
func (t *textCells) add(s string) {
	if s == "" {
		t.codes = append(t.codes, 0)
		return
	}
	hash := maphash.String(seed, s)
	recent := &t.recent[hash%uint64(len(t.recent))]
	if *recent != 0 && t.is(*recent, s) {
		t.codes = append(t.codes, *recent)
		return
	}
	code, ok := t.known[hash]
	if !ok || !t.is(code, s) {
		if t.append(s); t.known == nil {
			t.known = make(map[uint64]uint32)
		}
		code = uint32(len(t.ends) - 1)
		t.known[hash] = code
	}
	*recent = code
	t.codes = append(t.codes, code)
}

// is tells whether the text of a code is s.
func (t *textCells) is(code uint32, s string) bool {
	return t.shown.String()[t.ends[code-1]:t.ends[code]-1] == s
}

// addAge adds a row with a time, as [Ago] says it.
func (t *textCells) addAge(at uint32, now time.Time) {
	// Every zone's days begin at a quarter of an hour.
	const quarter = 15 * 60
	old := at != 0 && now.Unix()-int64(at) > 32*24*60*60
	if code, ok := t.ages[at/quarter]; old && ok {
		t.codes = append(t.codes, code)
		return
	}
	if at == 0 {
		t.add("")
		return
	}
	t.add(Ago(time.Unix(int64(at), 0), now))
	if old {
		if t.ages == nil {
			t.ages = make(map[uint32]uint32)
		}
		t.ages[at/quarter] = t.codes[len(t.codes)-1]
	}
}

// arrange puts the rows into their first order: those of firsts, then by the
// first column, then by key.
func (r *Rows) arrange(firsts []bool) {
	order := make([]uint32, r.n)
	for i := range order {
		order[i] = uint32(i)
	}
	name, id := &r.cells[0], &r.cells[r.key]
	ranks, groups := rank(name, r.columns[0].natural)
	sortBy(order, func(n uint32) uint32 { return ranks[name.code(n)] }, groups)
	for rest := order; len(rest) > 0; {
		same := 1
		for same < len(rest) && ranks[name.code(rest[same])] == ranks[name.code(rest[0])] {
			same++
		}
		if same > 1 {
			slices.SortFunc(rest[:same], func(a, b uint32) int { return strings.Compare(id.text(id.code(a)), id.text(id.code(b))) })
		}
		rest = rest[same:]
	}
	sortBy(order, func(n uint32) uint32 {
		if firsts[n] {
			return 0
		}
		return 1
	}, 2)
	var all sync.WaitGroup
	for i := range r.cells {
		all.Go(func() { r.cells[i].arrange(order) })
	}
	all.Wait()
}

// arrange puts the values into an order of rows.
func (c *cells) arrange(order []uint32) {
	moved := make([]uint32, len(order))
	if c.times != nil {
		for to, from := range order {
			moved[to] = c.times[from]
		}
		c.times, moved = moved, c.times
	}
	if c.codes != nil {
		for to, from := range order {
			moved[to] = c.codes[from]
		}
		c.codes = moved
		return
	}
	if len(c.shown.all) == len(order) { // nothing but line ends
		c.shown = texts{}
		return
	}
	var b strings.Builder
	b.Grow(len(c.shown.all))
	end := make([]uint32, 1, len(order)+1)
	for _, from := range order {
		b.WriteString(c.shown.at(from + 1))
		b.WriteByte('\n')
		end = append(end, uint32(b.Len()))
	}
	c.shown = texts{b.String(), end}
}

// Prepare makes ready what the first search and the first look for a key need,
// which take longer without it. Any goroutine may call it.
func (r *Rows) Prepare() {
	r.fold()
	r.index()
}

// fold makes the texts that a search looks at.
func (r *Rows) fold() {
	r.folding.Do(func() {
		for i := range r.columns {
			if (r.columns[i].Search || r.columns[i].Filter) && r.cells[i].pairs == nil { // which other rows may have made
				r.cells[i].fold(r.columns[i].bare)
			}
		}
	})
}

// fold makes the texts as a search sees them, bare or as they are.
func (c *cells) fold(stripped bool) {
	if c.shown.all == "" {
		return
	}
	f := texts{end: make([]uint32, len(c.shown.end))}
	all := make([]byte, 0, len(c.shown.all))
	for code := uint32(1); code < uint32(len(c.shown.end)); code++ {
		begin := len(all)
		all = appendFold(all, c.text(code))
		if stripped {
			all = append(all[:begin], bare(string(all[begin:]))...)
		}
		for i := begin; i < len(all); i++ {
			if all[i] == '\n' {
				all[i] = ' '
			}
		}
		all = append(all, '\n')
		f.end[code] = uint32(len(all))
	}
	f.all = string(all)
	if f.all == c.shown.all {
		f.all = c.shown.all
	}
	if slices.Equal(f.end, c.shown.end) {
		f.end = c.shown.end
	}
	c.folded = f
	c.pairs = pairsOf(f.all)
}

// pairSet is a set of pairs of bytes.
type pairSet [1 << 16 / 64]uint64

func pairsOf(s string) *pairSet {
	p := new(pairSet)
	for i := 1; i < len(s); i++ {
		pair := uint(s[i-1])<<8 | uint(s[i])
		p[pair/64] |= 1 << (pair % 64)
	}
	return p
}

// may tells whether a text that holds s can be there: every pair of s is.
func (p *pairSet) may(s string) bool {
	for i := 1; i < len(s); i++ {
		pair := uint(s[i-1])<<8 | uint(s[i])
		if p[pair/64]&(1<<(pair%64)) == 0 {
			return false
		}
	}
	return true
}
