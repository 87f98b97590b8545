package view

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// term is one thing that a query asks of a row.
type term struct {
	// source is the term as the query has it, folded.
	source string
	// text is looked for, folded.
	text string
	// bare is the text without the separators of a MAC address, when it
	// looks like one; else "".
	bare string
	// not asks for the rows that do not hold it.
	not bool
	// columns are where it is looked for; nil is everywhere.
	columns []int
	// unset asks for rows without a value in any of the columns.
	unset bool
	// span, if not nil, is asked of columns of times and of days.
	span *span
}

// span is a time: what is neither before its first nor after its last moment
// and day.
type span struct {
	first, last       int64 // Unix seconds
	firstDay, lastDay string
}

// always is the span that holds every time.
var always = span{math.MinInt64, math.MaxInt64, "", "\xff"}

// since lets the span begin at t.
func (s span) since(t time.Time) span {
	s.first, s.firstDay = t.Unix(), t.Format(time.DateOnly)
	return s
}

// until lets the span end before t, which is a midnight.
func (s span) until(t time.Time) span {
	s.last, s.lastDay = t.Unix()-1, t.AddDate(0, 0, -1).Format(time.DateOnly)
	return s
}

// holds tells whether the value of a cell is in the span.
func (s *span) holds(c *cells, n uint32) bool {
	if c.times != nil {
		at := int64(c.times[n])
		return at != 0 && at >= s.first && at <= s.last
	}
	day := c.text(c.code(n))
	return day != "" && day >= s.firstDay && day <= s.lastDay
}

// same tells whether t and u find the same rows.
func (t *term) same(u *term) bool {
	return t.source == u.source && slices.Equal(t.columns, u.columns) && (t.span == nil) == (u.span == nil) && (t.span == nil || *t.span == *u.span)
}

// parseQuery takes a query apart:
//
//	word "some words" -word field:value -field:"some words" field:""
//
// A field is a key, a title, or another name of a column, and "" its absence;
// of a date or a time the value may be a span, such as 2027, <2026-07-01,
// 2026..2028, today..+12m, <-28d. What is no field is a word, colon or not. A
// term that is not finished asks nothing.
func (r *Rows) parseQuery(query string) []term {
	var terms []term
	for _, source := range tokens(query) {
		t, rest := term{source: source}, source
		if len(rest) > 1 && rest[0] == '-' {
			t.not, rest = true, rest[1:]
		}
		if name, value, ok := strings.Cut(rest, ":"); ok {
			if t.columns = r.named(name); t.columns != nil {
				rest = value
			}
		}
		quoted := strings.HasPrefix(rest, `"`)
		if !quoted {
			rest = strings.TrimRight(rest, ",;") // as in "Silva, Ana"
		}
		t.text = strings.Join(strings.Fields(strings.Trim(rest, `"`)), " ")
		dated := t.columns != nil && r.dated(t.columns)
		if dated {
			t.span = spanOf(t.text, r.now)
		}
		switch {
		case dated && t.span == nil && (strings.ContainsAny(t.text[:min(1, len(t.text))], "<>=") || strings.Contains(t.text, "..")):
			continue
		case t.text == "" && quoted && len(rest) > 1 && t.columns != nil:
			t.unset = true
		case t.text == "", source == "-":
			continue
		case looksBare(t.text):
			t.bare = bare(t.text)
		}
		terms = append(terms, t)
	}
	return terms
}

// tokens takes a query apart at its spaces, those within quotes aside, folded.
func tokens(query string) []string {
	query = strings.Map(func(c rune) rune {
		if strings.ContainsRune("“”„«»", c) {
			return '"'
		}
		return c
	}, query)
	inside := false
	return strings.FieldsFunc(fold(query), func(c rune) bool {
		if c == '"' {
			inside = !inside
		}
		return !inside && unicode.IsSpace(c)
	})
}

// named are the columns that a name means in a query, nil for none.
func (r *Rows) named(name string) (columns []int) {
	if name == "" {
		return nil
	}
	var filters []int // of the same name, which are there to filter by alone
	for i := range r.columns {
		c := &r.columns[i]
		title := strings.ReplaceAll(fold(c.Title), " ", "")
		if c.Key != name && title != name && !slices.Contains(strings.Fields(c.names), name) {
			continue
		}
		if c.Search {
			columns = append(columns, i)
		} else if c.Filter {
			filters = append(filters, i)
		}
	}
	if columns == nil {
		return filters
	}
	return columns
}

// dated tells whether one of the columns holds days or times.
func (r *Rows) dated(columns []int) bool {
	return slices.ContainsFunc(columns, func(i int) bool { return r.columns[i].day || r.cells[i].times != nil })
}

// spanOf reads a span of time, nil for anything else.
func spanOf(s string, now time.Time) *span {
	out := always
	if from, to, ok := strings.Cut(s, ".."); ok {
		if from != "" {
			begin, _, ok := period(from, now)
			if !ok {
				return nil
			}
			out = out.since(begin)
		}
		if to != "" {
			_, end, ok := period(to, now)
			if !ok {
				return nil
			}
			out = out.until(end)
		}
		return &out
	}
	rest := strings.TrimLeft(s, "<>=")
	begin, end, ok := period(rest, now)
	if !ok {
		return nil
	}
	switch s[:len(s)-len(rest)] {
	case "":
		out = out.since(begin).until(end)
	case "<":
		out = out.until(begin)
	case "<=":
		out = out.until(end)
	case ">":
		out = out.since(end)
	case ">=":
		out = out.since(begin)
	default:
		return nil
	}
	return &out
}

// period reads a year, a month or a day, as 2027, 2027-03 or 2027-03-09, or a
// day seen from today's: today, -28d, +2w, +12m, -1y. It ends before to.
func period(s string, now time.Time) (from, to time.Time, ok bool) {
	for layout, next := range map[string][3]int{"2006": {1, 0, 0}, "2006-01": {0, 1, 0}, "2006-01-02": {0, 0, 1}} {
		if from, err := time.ParseInLocation(layout, s, now.Location()); err == nil {
			return from, from.AddDate(next[0], next[1], next[2]), true
		}
	}
	year, month, day := now.Date()
	today := time.Date(year, month, day, 0, 0, 0, 0, now.Location())
	if s == "today" {
		return today, today.AddDate(0, 0, 1), true
	}
	if len(s) < 3 || s[0] != '+' && s[0] != '-' {
		return from, to, false
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil || n > 10_000 || n < -10_000 {
		return from, to, false
	}
	switch s[len(s)-1] {
	case 'd':
		from = today.AddDate(0, 0, n)
	case 'w':
		from = today.AddDate(0, 0, 7*n)
	case 'm':
		from = today.AddDate(0, n, 0)
	case 'y':
		from = today.AddDate(n, 0, 0)
	default:
		return from, to, false
	}
	return from, from.AddDate(0, 0, 1), true
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
func (t *term) implies(u *term) bool {
	if t.not || u.not || t.span != nil || u.span != nil || t.unset || u.unset || !slices.Equal(t.columns, u.columns) {
		return t.same(u)
	}
	if t.columns != nil && !strings.HasPrefix(t.text, u.text) { // of words, the beginning is looked for
		return false
	}
	return reach(t.text) == reach(u.text) && reach(t.bare) == reach(u.bare) && strings.Contains(t.text, u.text) &&
		(t.bare == "" || strings.Contains(t.bare, u.text) || u.bare != "" && strings.Contains(t.bare, u.bare))
}

// forms are the forms in which a column may hold t; "" is none.
func (t *term) forms(c *Column) (text, stripped string) {
	shortest := c.shortest
	if t.columns != nil { // who names the column means it
		shortest = 0
	}
	if len(t.text) >= shortest {
		text = t.text
	}
	if c.bare && len(t.bare) >= shortest {
		stripped = t.bare
	}
	return text, stripped
}
