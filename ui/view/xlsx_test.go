package view

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"panel/directory"
)

// A reader of workbooks that shares nothing with the library that writes
// them: it knows of the format what the tests ask.

type bookSheet struct {
	name   string
	frozen bool   // the first row stays in sight
	filter string // the range of the autofilter
	widths []float64
	rows   [][]bookCell
}

// bookCell is one cell; the zero value is one that is not there.
type bookCell struct {
	kind   string // "inlineStr", "b", "n" or "" for none
	text   string
	format string // the number format
	bold   bool
}

type sheetXML struct {
	Pane struct {
		YSplit string `xml:"ySplit,attr"`
		State  string `xml:"state,attr"`
	} `xml:"sheetViews>sheetView>pane"`
	Cols []struct {
		Min   int     `xml:"min,attr"`
		Max   int     `xml:"max,attr"`
		Width float64 `xml:"width,attr"`
	} `xml:"cols>col"`
	Rows []struct {
		Cells []struct {
			Ref   string `xml:"r,attr"`
			Style int    `xml:"s,attr"`
			Type  string `xml:"t,attr"`
			F     *string
			Value string `xml:"v"`
			Text  string `xml:"is>t"`
		} `xml:"c"`
	} `xml:"sheetData>row"`
	Filter struct {
		Ref string `xml:"ref,attr"`
	} `xml:"autoFilter"`
}

// readBook reads a workbook; the test fails where a cell holds a formula.
func readBook(t interface{ Fatalf(string, ...any) }, b []byte) []bookSheet {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("no workbook: %v", err)
	}
	part := func(name string, v any) {
		f, err := z.Open(name)
		if err != nil {
			t.Fatalf("the workbook has no %s: %v", name, err)
		}
		defer f.Close()
		if err := xml.NewDecoder(f).Decode(v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Fonts []struct {
			Bold *struct{} `xml:"b"`
		} `xml:"fonts>font"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
			Font   int `xml:"fontId,attr"`
		} `xml:"cellXfs>xf"`
	}
	part("xl/styles.xml", &styles)
	formats := map[int]string{0: "", 3: "#,##0", 49: "@"}
	for _, f := range styles.Formats {
		formats[f.ID] = f.Code
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	part("xl/workbook.xml", &book)
	var links struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	part("xl/_rels/workbook.xml.rels", &links)
	var sheets []bookSheet
	for _, s := range book.Sheets {
		var raw sheetXML
		for _, l := range links.All {
			if l.ID == s.ID {
				part(path.Join("xl", strings.TrimPrefix(l.Target, "/xl/")), &raw)
			}
		}
		sheet := bookSheet{name: s.Name, frozen: raw.Pane.State == "frozen" && raw.Pane.YSplit == "1", filter: raw.Filter.Ref}
		for _, c := range raw.Cols {
			if c.Min != len(sheet.widths)+1 {
				t.Fatalf("the width of column %d stands where that of %d should", c.Min, len(sheet.widths)+1)
			}
			sheet.widths = append(sheet.widths, slices.Repeat([]float64{c.Width}, c.Max-c.Min+1)...)
		}
		for _, r := range raw.Rows {
			row := make([]bookCell, len(sheet.widths))
			for _, c := range r.Cells {
				style := styles.Cells[c.Style]
				one := bookCell{kind: c.Type, text: c.Value, format: formats[style.Format], bold: styles.Fonts[style.Font].Bold != nil}
				switch {
				case c.F != nil:
					t.Fatalf("%s is a formula: %s", c.Ref, *c.F)
				case c.Type == "inlineStr":
					one.text = unescapeBook(c.Text)
				case c.Type == "":
					one.kind = "n"
				}
				row[columnOf(c.Ref)] = one
			}
			sheet.rows = append(sheet.rows, row)
		}
		sheets = append(sheets, sheet)
	}
	return sheets
}

// columnOf is the column of a cell's name: 27 of "AB12".
func columnOf(ref string) int {
	n := 0
	for _, r := range strings.TrimRight(ref, "0123456789") {
		n = n*26 + int(r-'A') + 1
	}
	return n - 1
}

var escapedRune = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// unescapeBook reads the format's own escape for characters: _x0041_ is A.
func unescapeBook(s string) string {
	return escapedRune.ReplaceAllStringFunc(s, func(e string) string {
		n, err := strconv.ParseUint(e[2:6], 16, 16)
		if err != nil {
			return e
		}
		return string(rune(n))
	})
}

// asText is a cell as the CSV would say it.
func (c bookCell) asText(t interface{ Fatalf(string, ...any) }) string {
	switch {
	case c.kind == "" || c.kind == "inlineStr":
		return c.text
	case c.kind == "b":
		return map[string]string{"0": "false", "1": "true"}[c.text]
	case c.format == "#,##0":
		n, err := strconv.ParseFloat(c.text, 64)
		if err != nil || n != math.Trunc(n) {
			t.Fatalf("the amount %q: %v", c.text, err)
		}
		return strconv.FormatFloat(n, 'f', -1, 64)
	case strings.HasPrefix(c.format, "yyyy-mm-dd"):
		days, err := strconv.ParseFloat(c.text, 64)
		if err != nil {
			t.Fatalf("the day %q: %v", c.text, err)
		}
		whole := math.Floor(days)
		at := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(whole)).
			Add(time.Duration((days - whole) * float64(24*time.Hour))).Round(time.Millisecond)
		if c.format == "yyyy-mm-dd" {
			return at.Format(time.DateOnly)
		}
		return at.Format(time.RFC3339Nano)
	}
	t.Fatalf("a cell of kind %q and format %q", c.kind, c.format)
	return ""
}

// forXML is s as far as XML can hold it.
func forXML(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
			return r
		}
		return utf8.RuneError
	}, s)
}

// sharedUnderscore is what the library that writes workbooks gets wrong: of
// two texts like the format's own escapes it protects the first alone when
// they share an underscore.
var sharedUnderscore = regexp.MustCompile(`_x[[:alnum:]]{4}_x[[:alnum:]]{4}_`)

// agree checks that both tables say the same, cell for cell.
func agree(t interface{ Fatalf(string, ...any) }, write func(io.Writer, Format) error) {
	var table, book bytes.Buffer
	if err := errors.Join(write(&table, CSV), write(&book, XLSX)); err != nil {
		t.Fatalf("%v", err)
	}
	want, err := parse(table.String())
	if err != nil {
		t.Fatalf("%v", err)
	}
	sheets := readBook(t, book.Bytes())
	if len(sheets) != 1 || len(sheets[0].rows) != len(want) {
		t.Fatalf("%d sheets, %d rows; the CSV has %d", len(sheets), len(sheets[0].rows), len(want))
	}
	for i, row := range want {
		for j, c := range row {
			got := sheets[0].rows[i][j].asText(t)
			if sharedUnderscore.MatchString(c) {
				continue
			}
			plain, marked := strings.CutPrefix(c, "'")
			if got != forXML(c) && (!marked || got != forXML(plain)) {
				t.Fatalf("%s of row %d is %q, the CSV has %q", want[0][j], i, got, c)
			}
		}
	}
}

func TestWorkbookSaysWhatTheCSVSays(t *testing.T) {
	part := rapid.SampledFrom([]string{
		"=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\x1f", "'", `"`, ",", "; ", "0", "0042", "1e5", "_x0041_", "_x005F_", "_x", "x0041_",
		"&amp;", "<b>", "]]>", "a", "é", "😀", "\uffff", " ", "true", "2026-01-01", "=cmd|' /C calc'!A0",
	})
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(part, 0, 6), func(s []string) string { return strings.Join(s, "") }))
	at := rapid.Map(rapid.Int64Range(-62e12, 253402300799999), func(ms int64) time.Time { return time.UnixMilli(ms) })
	when := rapid.OneOf(rapid.Just(time.Time{}), at, rapid.Just(time.Date(1900, 2, 28, 1, 2, 3, 0, time.UTC)), rapid.Just(time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)))
	day := rapid.Map(rapid.OneOf(text, rapid.SampledFrom([]string{"", "2029-06-01", "1900-01-01", "2029-02-30", "0001-01-01"})), func(s string) directory.Day { return directory.Day(s) })
	bytes := rapid.OneOf(rapid.SampledFrom([]int64{0, 32e9, 1<<53 + 1, math.MaxInt64, -5}), rapid.Int64())

	book := rapid.Custom(func(t *rapid.T) directory.Chromebook {
		return directory.Chromebook{
			DeviceID: text.Draw(t, "id"), Serial: text.Draw(t, "serial"), Notes: text.Draw(t, "notes"), LastSync: when.Draw(t, "sync"),
			AutoUpdateExpiration: day.Draw(t, "day"), StorageBytes: bytes.Draw(t, "bytes"), Gone: when.Draw(t, "gone"),
			RecentUsers: []directory.RecentUser{{Email: text.Draw(t, "user")}, {}},
		}
	})
	person := rapid.Custom(func(t *rapid.T) directory.Person {
		p := bob
		p.DisplayName, p.Phone, p.EmployeeID = text.Draw(t, "name"), text.Draw(t, "phone"), text.Draw(t, "number")
		p.LastSignIn, p.Emails = when.Draw(t, "sign-in"), rapid.SliceOfN(text, 0, 3).Draw(t, "emails")
		return p
	})
	field := rapid.Custom(func(t *rapid.T) directory.FieldChange {
		return directory.FieldChange{Field: "notes", From: text.Draw(t, "from"), To: text.Draw(t, "to")}
	})
	change := rapid.Custom(func(t *rapid.T) directory.Change {
		return directory.Change{Run: "r", At: when.Draw(t, "at"), Name: text.Draw(t, "record"), Fields: rapid.SliceOfN(field, 0, 3).Draw(t, "fields")}
	})
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			all := rapid.SliceOfN(book, 0, 9).Draw(t, "Chromebooks")
			agree(t, func(w io.Writer, f Format) error { return WriteChromebooks(ctx, w, f, records(all...), nobodyHolds) })
		case 1:
			all := rapid.SliceOfN(person, 0, 9).Draw(t, "people")
			agree(t, func(w io.Writer, f Format) error { return WritePeople(ctx, w, f, records(all...)) })
		default:
			all := rapid.SliceOfN(change, 0, 9).Draw(t, "changes")
			agree(t, func(w io.Writer, f Format) error { return WriteChanges(ctx, w, f, records(all...)) })
		}
	})
}

func FuzzWorkbook(f *testing.F) {
	for _, s := range []string{"", "=1", "_x0041_", "_x005F_x0041_", "\x00", "a\rb", "\xff", " a ", "00042", "]]>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		agree(t, func(w io.Writer, f Format) error {
			return WriteChromebooks(context.Background(), w, f, records(directory.Chromebook{DeviceID: "d", Notes: s, Manufactured: directory.Day(s)}), nobodyHolds)
		})
	})
}

// sheetOf writes one kind of record as a workbook of one sheet.
func sheetOf(t *testing.T, write func(*bytes.Buffer) error) bookSheet {
	t.Helper()
	sheets := readBook(t, []byte(export(t, write)))
	if len(sheets) != 1 {
		t.Fatalf("%d sheets", len(sheets))
	}
	return sheets[0]
}

func TestWorkbookIsReadyToUse(t *testing.T) {
	s := sheetOf(t, func(b *bytes.Buffer) error {
		return WriteChromebooks(t.Context(), b, XLSX, records(
			directory.Chromebook{DeviceID: "0001", Serial: "1E5", AssetID: "00042", AnnotatedUser: "=1+1", Notes: strings.Repeat("long ", 100), LastSync: now, AutoUpdateExpiration: "2029-06-01", StorageBytes: 128e9},
			directory.Chromebook{DeviceID: "2", Serial: "5CD", AutoUpdateExpiration: "soon", StorageBytes: 1<<53 + 1},
		), nobodyHolds)
	})
	if s.name != "Chromebooks" || !s.frozen || s.filter != "$A$1:$AH$3" {
		t.Errorf("sheet %q, header in sight: %v, filter over %q", s.name, s.frozen, s.filter)
	}
	column := map[string]int{}
	for i, c := range s.rows[0] {
		column[c.text] = i
		if !c.bold {
			t.Errorf("the header %s is not bold", c.text)
		}
		if w := s.widths[i]; w < float64(len(c.text)) || w > 60 {
			t.Errorf("the column %s is %v wide", c.text, w)
		}
	}
	for name, want := range map[string]bookCell{
		"device_id": {"inlineStr", "0001", "@", false}, "serial": {"inlineStr", "1E5", "@", false}, "asset_id": {"inlineStr", "00042", "@", false},
		"annotated_user": {"inlineStr", "=1+1", "@", false}, "last_sync": {"n", "46349.75", `yyyy-mm-dd hh:mm:ss "UTC"`, false}, "auto_update_expiration": {"n", "47270", "yyyy-mm-dd", false},
		"storage_bytes": {"n", "128000000000", "#,##0", false}, "gone": {"b", "0", "", false}, "holder_id": {},
	} {
		if got := s.rows[1][column[name]]; got != want {
			t.Errorf("%s is %+v, want %+v", name, got, want)
		}
	}
	// What is no day, and what a spreadsheet would round, is text.
	for name, want := range map[string]string{"auto_update_expiration": "soon", "storage_bytes": "9007199254740993"} {
		if got := s.rows[2][column[name]]; got.text != want || got.kind != "inlineStr" {
			t.Errorf("%s is %+v", name, got)
		}
	}
}

func TestWorkbookOfNothingHasItsHeader(t *testing.T) {
	s := sheetOf(t, func(b *bytes.Buffer) error { return WritePeople(t.Context(), b, XLSX, records[directory.Person]()) })
	if len(s.rows) != 1 || s.rows[0][0].text != "id" || s.filter != "$A$1:$V$1" {
		t.Errorf("%d rows, filter %q", len(s.rows), s.filter)
	}
}

func TestLongTextEndsWithAnEllipsis(t *testing.T) {
	for _, c := range []struct {
		text string
		cut  bool
	}{
		{strings.Repeat("a", 32767), false},
		{strings.Repeat("a", 32768), true},
		{strings.Repeat("é", 32767), false},
		{strings.Repeat("😀", 16383) + "a", false},
		{strings.Repeat("😀", 16384), true},
		{strings.Repeat("\xff", 40000), true},
	} {
		s := sheetOf(t, func(b *bytes.Buffer) error {
			return WriteChromebooks(t.Context(), b, XLSX, records(directory.Chromebook{DeviceID: "d", Notes: c.text}), nobodyHolds)
		})
		notes := slices.IndexFunc(s.rows[0], func(c bookCell) bool { return c.text == "notes" })
		got := s.rows[1][notes].text
		units := len(utf16.Encode([]rune(got)))
		if units > 32767 || c.cut != (strings.HasSuffix(got, "…") && units >= 32766) || !c.cut && got != c.text {
			t.Errorf("%d characters became %d, ending with %q", utf8.RuneCountInString(c.text), units, got[len(got)-4:])
		}
	}
}

func TestMoreRowsThanASheetHolds(t *testing.T) {
	const limit, rows = 700, 1500 // a header, then 699 rows
	b, err := newWorkbook("People", []string{"id"}, limit)
	if err != nil {
		t.Fatal(err)
	}
	defer b.file.Close()
	for i := range rows {
		if err := b.add([]any{strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := b.end(&out); err != nil {
		t.Fatal(err)
	}
	next := 0
	for i, s := range readBook(t, out.Bytes()) {
		if want := []string{"People", "People 2", "People 3"}[i]; s.name != want || !s.frozen || s.rows[0][0].text != "id" {
			t.Errorf("sheet %d is %q, header in sight: %v, above it %q", i, s.name, s.frozen, s.rows[0][0].text)
		}
		if want := fmt.Sprintf("$A$1:$A$%d", len(s.rows)); s.filter != want || len(s.rows) > limit {
			t.Errorf("%s has %d rows and a filter over %s", s.name, len(s.rows), s.filter)
		}
		for _, row := range s.rows[1:] {
			if row[0].text != strconv.Itoa(next) {
				t.Fatalf("row %d is %q", next, row[0].text)
			}
			next++
		}
	}
	if next != rows {
		t.Errorf("%d of %d rows", next, rows)
	}
}

// What waits on the disk in clear does not stay there.
func TestWorkbookLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	many := records(slices.Repeat([]directory.Change{{Run: "r", At: now, Name: strings.Repeat("a", 32000)}}, 550)...)
	ctx, cancel := context.WithCancel(t.Context())
	seen := 0
	waiting := func(each func(*directory.Change) error) error {
		return many(func(c *directory.Change) error {
			if seen++; seen == 540 {
				if left, err := os.ReadDir(dir); err != nil || len(left) == 0 {
					t.Errorf("nothing waits on the disk: %v", err)
				}
				cancel()
			}
			return each(c)
		})
	}
	if err := WriteChanges(ctx, io.Discard, XLSX, waiting); !errors.Is(err, context.Canceled) || seen > 541 {
		t.Errorf("cancelled at row 540, and row %d was written: %v", seen, err)
	}
	if err := WriteChanges(t.Context(), fullDisk{}, XLSX, many); !errors.Is(err, errFull) {
		t.Errorf("a full disk became %v", err)
	}
	if err := WriteChanges(t.Context(), io.Discard, XLSX, many); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
}
