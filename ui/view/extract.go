package view

import (
	"context"
	"io"
	"slices"
	"time"

	"panel/directory"
)

// Extract is what a list shows at one moment, or some of its rows. Nothing
// changes it any more, so that another goroutine may write it.
type Extract struct {
	title   string
	said    []string
	rows    *Rows
	columns []int
	numbers []uint32
	now     time.Time
}

// Extract returns columns, by their places in [List.Columns], of the rows at
// some places of l; nil is every row that is shown. Title names the list, as
// "Chromebooks". Times are as the clock shows them in the zone of now.
func (l *List) Extract(title string, columns, places []int, now time.Time) *Extract {
	e := &Extract{title: title, said: l.said(), rows: l.rows, columns: slices.Clone(columns), now: now}
	if places == nil {
		e.numbers = slices.Clone(l.shown)
		return e
	}
	for _, i := range places {
		e.numbers = append(e.numbers, l.shown[i])
	}
	return e
}

// Len is the number of rows.
func (e *Extract) Len() int { return len(e.numbers) }

// Write writes the rows as CSV or XLSX, below the titles of the columns, and
// tells how many are done. The CSV begins with a byte order mark, without which
// Excel takes UTF-8 for something else. Its error is w's, or ctx's.
func (e *Extract) Write(ctx context.Context, w io.Writer, f Format, told func(rows int)) error {
	w = stoppable{ctx, w}
	if f == CSV {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
	}
	shape := record[Row]{title: e.title}
	for _, c := range e.columns {
		shape.attributes = append(shape.attributes, attribute[Row]{e.rows.columns[c].Title, func(r *Row) any { return e.value(*r, c) }})
	}
	return write(ctx, w, f, shape, func(yield func(*Row) bool) {
		var row Row
		for i, n := range e.numbers {
			if row = (Row{e.rows, n}); !yield(&row) {
				return
			}
			told(i + 1)
		}
	})
}

// value is a cell for [attribute].
func (e *Extract) value(r Row, column int) any {
	if at, ok := r.time(column); ok {
		if at.IsZero() {
			return nil
		}
		return clock{at.In(e.now.Location())}
	}
	text := r.Text(column, e.now)
	if e.rows.columns[column].day {
		return day(directory.Day(text))
	}
	return known(text)
}

// time is the time in a cell, zero where it is unset; ok tells whether the
// column holds times.
func (r Row) time(column int) (at time.Time, ok bool) {
	c := &r.rows.cells[column]
	if c.times == nil {
		return time.Time{}, false
	}
	return c.time(r.n), true
}

// clock is a time to the second as the clock on the wall shows it. Both Excel
// and Sheets take "2026-11-23 14:30:00" in a CSV for a date, whatever their
// language; RFC 3339, with its T and its zone, is a text to them.
type clock struct{ time.Time }

// stoppable is a writer that fails once ctx has ended: a workbook is packed
// after its last row.
type stoppable struct {
	ctx context.Context
	w   io.Writer
}

func (s stoppable) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(b)
}
