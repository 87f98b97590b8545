package view

import (
	"hash/maphash"
	"slices"
	"strings"
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
	first  func(*T) bool
	now    time.Time

	texts  []textCells // by field
	times  [][]uint32  // by field
	firsts []bool
}

// NewPeople returns a builder of people's rows. Values that depend on the time
// are as of now.
func NewPeople(now time.Time) *Builder[directory.Person] {
	return newBuilder(peopleFields, now, func(p *directory.Person) bool { return p.Departed })
}

// NewChromebooks returns a builder of Chromebooks' rows.
func NewChromebooks(now time.Time) *Builder[directory.Chromebook] {
	return newBuilder(chromebookFields, now, func(*directory.Chromebook) bool { return false })
}

// newBuilder is told which records are listed before all others.
func newBuilder[T any](fields []field[T], now time.Time, first func(*T) bool) *Builder[T] {
	return &Builder[T]{
		fields: fields, now: now, first: first,
		texts: make([]textCells, len(fields)), times: make([][]uint32, len(fields)),
	}
}

// Add adds a row. Ids must differ.
func (b *Builder[T]) Add(v *T) {
	for i := range b.fields {
		f := &b.fields[i]
		if f.time == nil {
			b.texts[i].add(f.text(v, b.now), f.distinct)
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
	r := &Rows{n: len(b.firsts)}
	for i := range b.fields {
		f := &b.fields[i]
		r.columns = append(r.columns, f.Column)
		if f.key {
			r.key = i
		}
		c := b.texts[i].cells(f.Search, f.bare)
		c.times = b.times[i]
		r.cells = append(r.cells, c)
		b.texts[i] = textCells{}
	}
	r.arrange(b.firsts)
	return r
}

// textCells grows into [cells].
type textCells struct {
	codes []uint32
	shown []byte
	ends  []uint32
	// known are the codes of texts by hash.
	known map[uint64]uint32
	// ages are the codes of the times that came last, by quarter of an hour.
	ages map[uint32]uint32
}

var seed = maphash.MakeSeed()

// add adds a row with a text. Distinct texts hardly repeat, so that looking
// for one that is already there is not worth it.
func (t *textCells) add(s string, distinct bool) {
	if s == "" {
		t.codes = append(t.codes, 0)
		return
	}
	if len(t.ends) == 0 {
		t.ends = append(t.ends, 0)
		t.known = make(map[uint64]uint32)
	}
	next := uint32(len(t.ends))
	if !distinct {
		hash := maphash.String(seed, s)
		code, ok := t.known[hash]
		if ok && string(t.shown[t.ends[code-1]:t.ends[code]-1]) == s {
			t.codes = append(t.codes, code)
			return
		}
		t.known[hash] = next
	}
	t.shown = append(append(t.shown, s...), '\n')
	t.ends = append(t.ends, uint32(len(t.shown)))
	t.codes = append(t.codes, next)
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
		t.add("", false)
		return
	}
	t.add(Ago(time.Unix(int64(at), 0), now), false)
	if old {
		if t.ages == nil {
			t.ages = make(map[uint32]uint32)
		}
		t.ages[at/quarter] = t.codes[len(t.codes)-1]
	}
}

// cells returns what was added, to be searched or not, bare or as it is.
func (t *textCells) cells(search, stripped bool) cells {
	c := cells{codes: slices.Clone(t.codes), shown: texts{string(t.shown), slices.Clone(t.ends)}}
	if !search || len(t.ends) == 0 {
		return c
	}
	var b strings.Builder
	b.Grow(len(c.shown.all))
	c.folded.end = make([]uint32, len(t.ends))
	for code := 1; code < len(t.ends); code++ {
		s := fold(c.text(uint32(code)))
		if stripped {
			s = bare(s)
		}
		b.WriteString(strings.ReplaceAll(s, "\n", " "))
		b.WriteByte('\n')
		c.folded.end[code] = uint32(b.Len())
	}
	c.folded.all = b.String()
	if c.folded.all == c.shown.all {
		c.folded.all = c.shown.all
	}
	if slices.Equal(c.folded.end, c.shown.end) {
		c.folded.end = c.shown.end
	}
	return c
}

// arrange puts the rows into their first order: those of firsts, then by the
// first column, then by key.
func (r *Rows) arrange(firsts []bool) {
	order := make([]uint32, r.n)
	for i := range order {
		order[i] = uint32(i)
	}
	ids := &r.cells[r.key]
	key := rank(ids)
	sortBy(order, func(n uint32) uint32 { return key[ids.codes[n]] }, len(key))
	byName := rank(&r.cells[0])
	sortBy(order, func(n uint32) uint32 { return byName[r.cells[0].codes[n]] }, len(byName))
	sortBy(order, func(n uint32) uint32 {
		if firsts[n] {
			return 0
		}
		return 1
	}, 2)

	codes := make([]uint32, r.n)
	for i := range r.cells {
		c := &r.cells[i]
		if c.times != nil {
			times := make([]uint32, r.n)
			for to, from := range order {
				times[to] = c.times[from]
			}
			c.times = times
		}
		for to, from := range order {
			codes[to] = c.codes[from]
		}
		copy(c.codes, codes)
	}

	for i := range order {
		order[i] = uint32(i)
	}
	sortBy(order, func(n uint32) uint32 { return key[ids.codes[n]] }, len(key))
	r.byKey = order
}
