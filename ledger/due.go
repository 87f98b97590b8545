package ledger

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"panel/directory"
)

// Calendar says on which days school is. The zero Calendar knows Saturdays and
// Sundays alone.
type Calendar struct {
	// Closed are days without school, beside the weekends, and Terms the last
	// days of terms; both sorted.
	Closed []Closing
	Terms  []directory.Day
}

// Closing is some days without school, both ends included.
type Closing struct {
	From, To directory.Day
	Name     string
}

// ParseCalendar reads a calendar as a technician writes it: a line a closing,
// "2026-12-21 to 2027-01-01 Winter break", where a dash between spaces will do
// for the "to", or "2026-11-26 Thanksgiving", and "term ends 2027-01-29". Empty lines and what follows a # do not count. The
// error names the first line that is none of these.
func ParseCalendar(text string) (Calendar, error) {
	var c Calendar
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = said(line); line == "" {
			continue
		}
		if !c.parseLine(line) {
			return Calendar{}, &CalendarError{Line: n, Text: line}
		}
	}
	slices.SortFunc(c.Closed, func(a, b Closing) int { return strings.Compare(string(a.From), string(b.From)) })
	slices.Sort(c.Terms)
	return c, nil
}

// CalendarError is a line of a calendar that cannot be read.
type CalendarError struct {
	Line int // from 1 on
	Text string
}

func (e *CalendarError) Error() string { return fmt.Sprintf("calendar line %d: %q", e.Line, e.Text) }

// dashes may stand for "to".
var dashes = map[string]bool{"-": true, "–": true, "—": true}

func (c *Calendar) parseLine(line string) bool {
	if rest, ok := cutPrefixFold(line, "term ends "); ok {
		day, ok := ParseDay(rest)
		c.Terms = append(c.Terms, day)
		return ok
	}
	first, rest, _ := strings.Cut(line, " ")
	from, ok := ParseDay(first)
	if !ok {
		return false
	}
	closing := Closing{From: from, To: from, Name: rest}
	if to, after, _ := strings.Cut(rest, " "); strings.EqualFold(to, "to") || dashes[to] {
		last, name, _ := strings.Cut(after, " ")
		switch until, ok := ParseDay(last); {
		case ok && until >= from:
			closing.To, closing.Name = until, name
		case ok || !dashes[to]:
			return false
		default: // a dash before the name
			closing.Name = after
		}
	}
	c.Closed = append(c.Closed, closing)
	return true
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// ParseDay reads "YYYY-MM-DD"; ok is false for anything else.
func ParseDay(s string) (day directory.Day, ok bool) {
	t, err := time.Parse(time.DateOnly, strings.TrimSpace(s))
	if err != nil {
		return "", false
	}
	return directory.Day(t.Format(time.DateOnly)), true
}

// School tells whether there is school on a day.
func (c *Calendar) School(day directory.Day) bool {
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return false
	}
	return !slices.ContainsFunc(c.Closed, func(o Closing) bool { return o.From <= day && day <= o.To })
}

// Next is the first day of school from a day on. Where a calendar closes for
// more than a year, it is the day itself.
func (c *Calendar) Next(day directory.Day) directory.Day {
	for d, n := day, 0; n < 400; d, n = plus(d, 1), n+1 {
		if c.School(d) {
			return d
		}
	}
	return day
}

// last is the last day of school up to a day, not before from and not more than
// a year before the day; else the day.
func (c *Calendar) last(day, from directory.Day) directory.Day {
	for d, n := day, 0; d >= from && n < 400; d, n = plus(d, -1), n+1 {
		if c.School(d) {
			return d
		}
	}
	return day
}

func plus(day directory.Day, days int) directory.Day {
	t, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		return day
	}
	return directory.Day(t.AddDate(0, 0, days).Format(time.DateOnly))
}

// Preset is a due date with its name.
type Preset struct {
	Name string
	Day  directory.Day
}

// Presets are the due dates to choose from on a day: today, the next day of
// school, a week from now (or the first day of school after that), and the end
// of the term, where one is known.
func (c *Calendar) Presets(today directory.Day) []Preset {
	out := []Preset{
		{"Today", today},
		{"Next school day", c.Next(plus(today, 1))},
		{"A week", c.Next(plus(today, 7))},
	}
	for _, end := range c.Terms {
		if end >= today {
			return append(out, Preset{"End of term", c.last(end, today)})
		}
	}
	return out
}

// DayIn is the calendar day of a moment where the technician is.
func DayIn(t time.Time) directory.Day { return directory.Day(t.Format(time.DateOnly)) }
