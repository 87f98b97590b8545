package view

import (
	"archive/zip"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"panel/directory"
)

// sampled is how many rows the widths of the columns are taken from.
const sampled = 500

// workbook writes rows to a spreadsheet as they come. Most of them wait, in
// clear, in a file of the system's temporary folder until the end: close takes
// that away.
type workbook struct {
	file   *excelize.File
	title  string
	header []string
	limit  int // rows of one sheet, its header among them
	held   [][]any
	sheet  *excelize.StreamWriter // nil while rows are held for their widths
	sheets int
	row    int // the last one written
	styles struct{ header, text, number, day, instant, clock int }
}

// writeXLSX writes a workbook with the rows that the CSV has. Text is text,
// whatever it looks like, and so runs nothing and keeps its zeros; days, times
// and amounts are what a spreadsheet reckons with.
func writeXLSX[T any](w io.Writer, shape record[T], records iter.Seq[*T]) (err error) {
	b, err := newWorkbook(shape.title, shape.header(), excelize.TotalRows)
	if err != nil {
		return fmt.Errorf("begin a workbook: %w", err)
	}
	defer func() {
		if closed := b.file.Close(); err == nil {
			err = closed
		}
	}()
	for r := range records {
		for _, row := range shape.rows(r) {
			if err := b.add(row); err != nil {
				return fmt.Errorf("write row %d: %w", b.row, err)
			}
		}
	}
	return b.end(w)
}

func newWorkbook(title string, header []string, limit int) (*workbook, error) {
	b := &workbook{file: excelize.NewFile(), title: title, header: header, limit: limit}
	now := time.Now().UTC().Format(time.RFC3339)
	err := b.file.SetDocProps(&excelize.DocProperties{Creator: "Panel", Title: title, Created: now, Modified: now})
	if err != nil {
		return nil, err
	}
	dayFormat, instantFormat, clockFormat := "yyyy-mm-dd", `yyyy-mm-dd hh:mm:ss "UTC"`, "yyyy-mm-dd hh:mm:ss"
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.styles.header, excelize.Style{Font: &excelize.Font{Bold: true}}},
		{&b.styles.text, excelize.Style{NumFmt: 49}},  // text, so that editing a cell keeps it so
		{&b.styles.number, excelize.Style{NumFmt: 3}}, // #,##0
		{&b.styles.day, excelize.Style{CustomNumFmt: &dayFormat}},
		{&b.styles.instant, excelize.Style{CustomNumFmt: &instantFormat}},
		{&b.styles.clock, excelize.Style{CustomNumFmt: &clockFormat}},
	} {
		if *s.id, err = b.file.NewStyle(&s.style); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// add writes a row, or holds it while the widths of the columns are not known.
func (b *workbook) add(row []any) error {
	if b.sheet != nil {
		return b.write(row)
	}
	b.held = append(b.held, row)
	if len(b.held) < sampled {
		return nil
	}
	return b.release()
}

// release writes what is held.
func (b *workbook) release() error {
	if err := b.begin(); err != nil {
		return err
	}
	for _, row := range b.held {
		if err := b.write(row); err != nil {
			return err
		}
	}
	return nil
}

// begin starts the first sheet, or the next one after it.
func (b *workbook) begin() (err error) {
	b.sheets++
	b.row = 1
	name := b.title
	if b.sheets == 1 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		name = fmt.Sprintf("%s %d", b.title, b.sheets)
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if b.sheet, err = b.file.NewStreamWriter(name); err != nil {
		return err
	}
	// From the last one, because the library writes each before the others,
	// and the format has them ascend.
	for i, width := range slices.Backward(b.widths()) {
		if err := b.sheet.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := b.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, len(b.header))
	for i, name := range b.header {
		cells[i] = excelize.Cell{StyleID: b.styles.header, Value: name}
	}
	return b.sheet.SetRow("A1", cells)
}

// finish ends the current sheet.
func (b *workbook) finish() error {
	last, err := excelize.CoordinatesToCellName(len(b.header), b.row)
	if err != nil {
		return err
	}
	if err := b.file.AutoFilter(b.sheet.Sheet, "A1:"+last, nil); err != nil {
		return err
	}
	return b.sheet.Flush()
}

func (b *workbook) write(row []any) error {
	if b.row == b.limit {
		if err := b.finish(); err != nil {
			return err
		}
		if err := b.begin(); err != nil {
			return err
		}
	}
	b.row++
	cells := make([]any, len(row))
	for i, v := range row {
		cells[i] = b.cell(v)
	}
	return b.sheet.SetRow(fmt.Sprintf("A%d", b.row), cells)
}

// end writes the whole workbook to w.
func (b *workbook) end(w io.Writer) error {
	if b.sheet == nil {
		if err := b.release(); err != nil {
			return err
		}
	}
	if err := b.finish(); err != nil {
		return err
	}
	// The library's own writer would gather the packed file in memory.
	b.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(w) })
	return b.file.Write(io.Discard)
}

// exact is beyond what a spreadsheet's numbers, which are float64, can hold.
const exact = 1 << 53

// cell is a value as a typed cell; nil for none.
func (b *workbook) cell(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case bool:
		return v
	case int:
		return excelize.Cell{StyleID: b.styles.number, Value: v}
	case int64:
		if -exact <= v && v <= exact {
			return excelize.Cell{StyleID: b.styles.number, Value: v}
		}
	case time.Time:
		if datable(v) {
			return excelize.Cell{StyleID: b.styles.instant, Value: v}
		}
	case clock:
		if datable(v.Time) {
			return excelize.Cell{StyleID: b.styles.clock, Value: v.Time}
		}
	case directory.Day:
		if t, err := time.Parse(time.DateOnly, string(v)); err == nil && datable(t) {
			return excelize.Cell{StyleID: b.styles.day, Value: t}
		}
	}
	s := cell(v)
	if s == "" {
		return nil
	}
	return excelize.Cell{StyleID: b.styles.text, Value: fitting(s)}
}

// datable tells whether a spreadsheet can say t: its calendar begins in 1900,
// with a 29 February that never was.
func datable(t time.Time) bool { return t.Year() > 1900 && t.Year() <= 9999 }

// fitting is s where a cell can hold it; else its beginning with an ellipsis.
func fitting(s string) string {
	const most = excelize.TotalCellChars // of UTF-16
	units, cut := 0, 0
	for i, r := range s {
		if units < most {
			cut = i
		}
		if units += max(1, utf16.RuneLen(r)); units > most {
			return s[:cut] + "…"
		}
	}
	return s
}

// widths are those of the columns, in characters, by what is held.
func (b *workbook) widths() []float64 {
	const least, most, room, button = 8, 48, 2, 2
	widths := make([]float64, len(b.header))
	for i, name := range b.header {
		wide := utf8.RuneCountInString(name) + button
		for _, row := range b.held {
			wide = max(wide, shown(row[i]))
		}
		widths[i] = float64(min(max(wide, least), most) + room)
	}
	return widths
}

// shown is how many characters a value takes, in its longest line.
func shown(v any) int {
	switch v := v.(type) {
	case time.Time:
		return len("2006-01-02 15:04:05 UTC")
	case int, int64:
		n := len(cell(v))
		return n + n/3
	}
	wide := 0
	for line := range strings.SplitSeq(cell(v), "\n") {
		wide = max(wide, utf8.RuneCountInString(line))
	}
	return wide
}
