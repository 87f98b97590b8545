package ledger

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"panel/directory"
)

func TestParseCalendar(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       Calendar
		bad        int // the line that is refused, 0 for none
	}{
		{"nothing", "", Calendar{}, 0},
		{"lines of nothing", "\n \t\r\n# only a remark\n", Calendar{}, 0},
		{"a day", "2026-11-26 Thanksgiving", Calendar{Closed: []Closing{{"2026-11-26", "2026-11-26", "Thanksgiving"}}}, 0},
		{"a day without a name", "2026-11-26", Calendar{Closed: []Closing{{"2026-11-26", "2026-11-26", ""}}}, 0},
		{"some days", "2026-12-21 to 2027-01-01 Winter break", Calendar{Closed: []Closing{{"2026-12-21", "2027-01-01", "Winter break"}}}, 0},
		{"some days with a dash", "2026-12-21 - 2027-01-01 Winter break\n2027-03-29 – 2027-04-02", Calendar{Closed: []Closing{{"2026-12-21", "2027-01-01", "Winter break"}, {"2027-03-29", "2027-04-02", ""}}}, 0},
		{"a dash before a name", "2026-11-26 - Thanksgiving", Calendar{Closed: []Closing{{"2026-11-26", "2026-11-26", "Thanksgiving"}}}, 0},
		{"backwards with a dash", "2027-01-01 - 2026-12-21", Calendar{}, 1},
		{"some days without a name", "2026-12-21 TO 2027-01-01", Calendar{Closed: []Closing{{"2026-12-21", "2027-01-01", ""}}}, 0},
		{"one day as some", "2026-12-21 to 2026-12-21", Calendar{Closed: []Closing{{"2026-12-21", "2026-12-21", ""}}}, 0},
		{"a term", "Term  ends 2027-01-29", Calendar{Terms: []directory.Day{"2027-01-29"}}, 0},
		{"white space, remarks, and any order", "term ends 2027-06-11 # at last\r\n\t2026-12-21   to 2027-01-01  Winter   break\n2026-11-26 A#B\nterm ends 2027-01-29\n",
			Calendar{Closed: []Closing{{"2026-11-26", "2026-11-26", "A"}, {"2026-12-21", "2027-01-01", "Winter break"}}, Terms: []directory.Day{"2027-01-29", "2027-06-11"}}, 0},
		{"a name that begins like a range", "2026-11-26 tomorrow", Calendar{Closed: []Closing{{"2026-11-26", "2026-11-26", "tomorrow"}}}, 0},
		{"a leap day", "2028-02-29 Leap", Calendar{Closed: []Closing{{"2028-02-29", "2028-02-29", "Leap"}}}, 0},
		{"no leap day", "2027-02-29 Leap", Calendar{}, 1},
		{"backwards", "2027-01-01 to 2026-12-21", Calendar{}, 1},
		{"a word", "2026-11-26 ok\n\nThanksgiving", Calendar{}, 3},
		{"another order of days", "26.11.2026 Thanksgiving", Calendar{}, 1},
		{"a range to nothing", "2026-11-26 to", Calendar{}, 1},
		{"a range to a word", "2026-11-26 to Friday", Calendar{}, 1},
		{"a term without a day", "# x\nterm ends", Calendar{}, 2},
		{"a term with a word", "term ends soon", Calendar{}, 1},
		{"a term with two days", "term ends 2027-01-29 2027-06-11", Calendar{}, 1},
	} {
		got, err := ParseCalendar(c.text)
		var bad *CalendarError
		switch {
		case c.bad != 0:
			if !errors.As(err, &bad) || bad.Line != c.bad {
				t.Errorf("%s: %v, want an error in line %d", c.name, err, c.bad)
			}
		case err != nil:
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
}

// Whatever a calendar is, reading it ends with one that has every line, or with
// an error that names one which is none by itself.
func FuzzParseCalendar(f *testing.F) {
	f.Add("2026-12-21 to 2027-01-01 Winter break\nterm ends 2027-01-29\n# x\n\n2026-11-26")
	f.Add("2026-12-21 to")
	f.Add("term ends \u00a02027-01-29\r\n")
	f.Add("9999-12-31 to 9999-12-31\n0000-01-01 x")
	f.Add("\xff\n2026-13-01")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCalendar(text)
		lines := strings.Split(text, "\n")
		if err != nil {
			var bad *CalendarError
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > len(lines) || bad.Text == "" {
				t.Fatalf("%v", err)
			}
			if _, err := ParseCalendar(lines[bad.Line-1]); err == nil {
				t.Errorf("line %d, %q, can be read", bad.Line, lines[bad.Line-1])
			}
			if _, err := ParseCalendar(strings.Join(lines[:bad.Line-1], "\n")); err != nil {
				t.Errorf("%v, but line %d was named", err, bad.Line)
			}
			return
		}
		said := 0
		for _, line := range lines {
			if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) != "" {
				said++
			}
		}
		if len(c.Closed)+len(c.Terms) != said {
			t.Errorf("%d lines make %+v", said, c)
		}
		for i, o := range c.Closed {
			if o.To < o.From || i > 0 && o.From < c.Closed[i-1].From || c.School(o.From) || c.School(o.To) {
				t.Errorf("closing %d of %+v", i, c)
			}
		}
		for _, day := range []directory.Day{"", "2026-11-23", "9999-12-30", "0000-01-01"} {
			for _, p := range c.Presets(day) {
				if day != "" && p.Name == "End of term" && p.Day < day {
					t.Errorf("on %s the term ended on %s", day, p.Day)
				}
			}
		}
	})
}

func TestPresets(t *testing.T) {
	const winter = "2026-11-26 to 2026-11-27 Thanksgiving\n2026-12-21 to 2027-01-01 Winter break\n2027-06-14 to 2027-09-06 Summer\n"
	for _, c := range []struct{ name, calendar, today, want string }{
		{"in the week", "", "2026-11-24", "2026-11-24 2026-11-25 2026-12-01"},
		{"on a Friday", "", "2026-11-20", "2026-11-20 2026-11-23 2026-11-27"},
		{"on a Saturday", "", "2026-11-21", "2026-11-21 2026-11-23 2026-11-30"},
		{"on a Sunday", "", "2026-11-22", "2026-11-22 2026-11-23 2026-11-30"},
		{"before Thanksgiving", winter, "2026-11-25", "2026-11-25 2026-11-30 2026-12-02"},
		{"a week before it", winter, "2026-11-19", "2026-11-19 2026-11-20 2026-11-30"},
		{"before the year ends", winter, "2026-12-18", "2026-12-18 2027-01-04 2027-01-04"},
		{"before the summer", winter, "2027-06-11", "2027-06-11 2027-09-07 2027-09-07"},
		{"a term", "term ends 2027-01-29", "2026-11-24", "2026-11-24 2026-11-25 2026-12-01 2027-01-29"},
		{"the last day of a term", "term ends 2027-01-29\nterm ends 2027-06-11", "2027-01-29", "2027-01-29 2027-02-01 2027-02-05 2027-01-29"},
		{"the day after", "term ends 2027-01-29\nterm ends 2027-06-11", "2027-01-30", "2027-01-30 2027-02-01 2027-02-08 2027-06-11"},
		{"a term that ends on a Sunday", "term ends 2027-01-31", "2027-01-20", "2027-01-20 2027-01-21 2027-01-27 2027-01-29"},
		{"that weekend", "term ends 2027-01-31", "2027-01-30", "2027-01-30 2027-02-01 2027-02-08 2027-01-31"},
		{"a term that ends in a break", winter + "term ends 2026-12-31", "2026-12-01", "2026-12-01 2026-12-02 2026-12-08 2026-12-18"},
		{"terms that are over", "term ends 2026-01-29", "2026-11-24", "2026-11-24 2026-11-25 2026-12-01"},
		{"a leap year", "", "2028-02-25", "2028-02-25 2028-02-28 2028-03-03"},
		{"closed for years", "2026-01-01 to 2030-01-01", "2026-11-24", "2026-11-24 2026-11-25 2026-12-01"},
	} {
		calendar, err := ParseCalendar(c.calendar)
		if err != nil {
			t.Fatal(err)
		}
		var days []string
		for _, p := range calendar.Presets(directory.Day(c.today)) {
			days = append(days, string(p.Day))
		}
		if got := strings.Join(days, " "); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// The next day of school is one, and there is none before it.
func TestNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		day := func(n int) directory.Day { return directory.DayOf(start.AddDate(0, 0, n)) }
		n := rapid.IntRange(0, 800)
		var text strings.Builder
		for range rapid.IntRange(0, 6).Draw(t, "closings") {
			from := n.Draw(t, "from")
			fmt.Fprintf(&text, "%s to %s\n", day(from), day(from+rapid.IntRange(0, 40).Draw(t, "days")))
		}
		c, err := ParseCalendar(text.String())
		if err != nil {
			t.Fatal(err)
		}
		from := n.Draw(t, "day")
		next := c.Next(day(from))
		if next < day(from) || !c.School(next) {
			t.Fatalf("after %s comes %s", day(from), next)
		}
		for i := from; day(i) < next; i++ {
			if c.School(day(i)) {
				t.Fatalf("%s is before %s", day(i), next)
			}
		}
	})
}

// A day is where the technician is, not in Greenwich.
func TestDayIn(t *testing.T) {
	moment := time.Date(2026, 12, 31, 23, 30, 0, 0, time.FixedZone("", -6*3600))
	if a, b := DayIn(moment), DayIn(moment.UTC()); a != "2026-12-31" || b != "2027-01-01" {
		t.Errorf("%s, %s", a, b)
	}
}
