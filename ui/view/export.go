package view

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
)

// Format is the form of an export.
type Format string

// The formats.
const (
	JSON Format = "json"
	CSV  Format = "csv"
	// XLSX is a workbook with the rows of CSV, its cells typed.
	XLSX Format = "xlsx"
)

// FormatOf is the format that a file's name ends with, "" for another ending.
func FormatOf(name string) Format {
	switch f := Format(strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))); f {
	case JSON, CSV, XLSX:
		return f
	}
	return ""
}

// Records calls each for every record, which stays the caller's, and returns
// its own error or that of each.
type Records[T any] func(each func(*T) error) error

// WritePeople writes every person, sorted by primary address, byte by byte, and
// id.
func WritePeople(ctx context.Context, w io.Writer, f Format, all Records[directory.Person]) error {
	people, err := collect(all)
	if err != nil {
		return err
	}
	slices.SortFunc(people, func(a, b directory.Person) int {
		return cmp.Or(strings.Compare(a.PrimaryEmail, b.PrimaryEmail), strings.Compare(a.ID, b.ID))
	})
	return write(ctx, w, f, personRecord, slices.Values(pointers(people)))
}

// WriteChromebooks writes every Chromebook, those no longer in Google too,
// sorted by serial and device id. Holder is the id of the Person who has one
// now, "" for nobody.
func WriteChromebooks(ctx context.Context, w io.Writer, f Format, all Records[directory.Chromebook], holder func(*directory.Chromebook) string) error {
	devices, err := collect(all)
	if err != nil {
		return err
	}
	slices.SortFunc(devices, func(a, b directory.Chromebook) int {
		return cmp.Or(strings.Compare(a.Serial, b.Serial), strings.Compare(a.DeviceID, b.DeviceID))
	})
	return write(ctx, w, f, chromebooksHeld(holder), slices.Values(pointers(devices)))
}

// WriteOrgUnits writes every organizational unit and the root, sorted by path,
// with the counts of the people and of the Chromebooks that are still in
// Google.
func WriteOrgUnits(ctx context.Context, w io.Writer, f Format, units []directory.OrgUnit, people Records[directory.Person], devices Records[directory.Chromebook]) error {
	ofPeople, ofDevices := make(map[string]int), make(map[string]int)
	err := people(func(p *directory.Person) error {
		ofPeople[p.OrgUnit]++
		return nil
	})
	if err != nil {
		return err
	}
	err = devices(func(c *directory.Chromebook) error {
		if c.Gone.IsZero() {
			ofDevices[c.OrgUnit]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	nodes := OrgTree(units, ofPeople, ofDevices).All()
	slices.SortFunc(nodes, func(a, b *OrgNode) int { return strings.Compare(a.Path, b.Path) })
	return write(ctx, w, f, orgUnitRecord, slices.Values(nodes))
}

// WriteChanges writes change entries in the order in which they come, which is
// to be the newest sync first.
func WriteChanges(ctx context.Context, w io.Writer, f Format, all Records[directory.Change]) error {
	return writeAll(ctx, w, f, changeRecord, all)
}

// WriteCheckouts writes entries of the journal in the order in which they come,
// which is to be the oldest first.
func WriteCheckouts(ctx context.Context, w io.Writer, f Format, all Records[ledger.Entry]) error {
	return writeAll(ctx, w, f, entryRecord, all)
}

// JournalEntry is an entry as a JSON object in the shape of WriteCheckouts.
func JournalEntry(w io.Writer, e *ledger.Entry) error {
	var b bytes.Buffer
	if err := writeJSON(&b, entryRecord, slices.Values([]*ledger.Entry{e})); err != nil {
		return err
	}
	lines := strings.Split(b.String(), "\n")
	_, err := io.WriteString(w, lines[1]+"\n")
	return err
}

// writeAll writes records as they come.
func writeAll[T any](ctx context.Context, w io.Writer, f Format, shape record[T], all Records[T]) error {
	var failed error
	err := write(ctx, w, f, shape, func(yield func(*T) bool) {
		failed = all(func(v *T) error {
			if !yield(v) {
				return errStop
			}
			return nil
		})
	})
	return cmp.Or(err, failed)
}

var errStop = errors.New("the export was not written")

func collect[T any](all Records[T]) ([]T, error) {
	var out []T
	err := all(func(v *T) error {
		out = append(out, *v)
		return nil
	})
	return out, err
}

func pointers[T any](values []T) []*T {
	out := make([]*T, len(values))
	for i := range values {
		out[i] = &values[i]
	}
	return out
}

// record is how records of one kind are written, in every format.
type record[T any] struct {
	title      string
	attributes []attribute[T]
}

// attribute is one key of a record. Its value is nil for unknown, else a
// string, a bool, an int, an int64, a time in UTC, a [directory.Day], or
// anything else that [cell] knows.
type attribute[T any] struct {
	name  string
	value func(*T) any
}

// write writes records in a format. Its error is the writer's, that of an
// unknown format, or ctx's.
func write[T any](ctx context.Context, w io.Writer, f Format, shape record[T], records iter.Seq[*T]) error {
	records = until(ctx, records)
	var err error
	switch f {
	case JSON:
		err = writeJSON(w, shape, records)
	case CSV:
		err = writeCSV(w, shape, records)
	case XLSX:
		err = writeXLSX(w, shape, records)
	default:
		return fmt.Errorf("write an export: no format %q", f)
	}
	return cmp.Or(err, ctx.Err())
}

// until ends a sequence when ctx does.
func until[T any](ctx context.Context, all iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range all {
			if ctx.Err() != nil || !yield(v) {
				return
			}
		}
	}
}

// writeJSON writes an array with one record a line.
func writeJSON[T any](w io.Writer, shape record[T], records iter.Seq[*T]) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var (
		value bytes.Buffer
		enc   = json.NewEncoder(&value)
		begin = "[\n{"
	)
	enc.SetEscapeHTML(false)
	for r := range records {
		for i, a := range shape.attributes {
			v := a.value(r)
			if t, ok := v.(time.Time); ok {
				v = cell(t) // encoding/json refuses the year 10000
			}
			value.Reset()
			if err := enc.Encode(v); err != nil {
				return fmt.Errorf("write %s: %w", a.name, err)
			}
			lead := ","
			if i == 0 {
				lead = begin
			}
			_, _ = out.WriteString(lead + `"` + a.name + `":`) // Flush tells
			_, _ = out.Write(bytes.TrimSuffix(value.Bytes(), []byte("\n")))
		}
		_ = out.WriteByte('}')
		begin = ",\n{"
	}
	if begin == "[\n{" {
		_, _ = out.WriteString("[]\n")
	} else {
		_, _ = out.WriteString("\n]\n")
	}
	return out.Flush()
}

// writeCSV writes a header and the rows of every record.
func writeCSV[T any](w io.Writer, shape record[T], records iter.Seq[*T]) error {
	out := csv.NewWriter(w)
	if err := out.Write(shape.header()); err != nil {
		return err
	}
	var line []string
	for r := range records {
		for _, row := range shape.rows(r) {
			line = line[:0]
			for _, v := range row {
				line = append(line, neutral(cell(v)))
			}
			if err := out.Write(line); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}

// header names the columns of a table of records; changed fields are three.
func (s record[T]) header() []string {
	var header []string
	for _, a := range s.attributes {
		if a.name == "fields" {
			header = append(header, "field", "from", "to")
			continue
		}
		header = append(header, a.name)
	}
	return header
}

// rows are the cells of one record in a table: one row, or one for each
// changed field.
func (s record[T]) rows(r *T) [][]any {
	rows := [][]any{make([]any, 0, len(s.attributes)+2)}
	for _, a := range s.attributes {
		v := a.value(r)
		if fields, many := v.([]fieldRecord); many {
			rows = expand(rows[0], fields)
			continue
		}
		for i := range rows {
			rows[i] = append(rows[i], v)
		}
	}
	return rows
}

// expand returns a row for each changed field, one empty one for none.
func expand(row []any, fields []fieldRecord) [][]any {
	if len(fields) == 0 {
		return [][]any{append(row, nil, nil, nil)}
	}
	var rows [][]any
	for _, f := range fields {
		rows = append(rows, append(slices.Clone(row), f.Field, f.From, f.To))
	}
	return rows
}

// cell is a value as the text of a CSV cell.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case directory.Day:
		return string(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	case clock:
		return v.Format(time.DateTime)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case []string:
		return strings.Join(v, "; ")
	case []userRecord:
		var emails []string
		for _, u := range v {
			if u.Email != nil {
				emails = append(emails, cell(u.Email))
			}
		}
		return strings.Join(emails, "; ")
	case map[string]directory.Cloud:
		var pairs []string
		for key, value := range v {
			pairs = append(pairs, key+"="+string(value))
		}
		slices.Sort(pairs)
		return strings.Join(pairs, "; ")
	}
	return fmt.Sprint(v)
}

// neutral returns s so that no spreadsheet runs it as a formula: one that
// could be gets a leading apostrophe.
func neutral(s string) string {
	if s != "" && strings.IndexByte("=+-@\t\r\n\x00", s[0]) >= 0 {
		return "'" + s
	}
	return s
}

// known is s, nil when it is empty.
func known[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// instant is t in UTC, nil when it is unset.
func instant(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC()
}

// day is d, nil when it is unset.
func day(d directory.Day) any {
	if d == "" {
		return nil
	}
	return d
}

// amount is n, nil when it is unknown.
func amount(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}
