package view

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"panel/directory"
)

// places are the places of columns by their keys.
func places(l *List, keys ...string) (out []int) {
	for _, key := range keys {
		out = append(out, l.rows.column(key))
	}
	return out
}

// school is a time zone that is not the tests' own.
var school = time.FixedZone("CST", -6*60*60)

func cart() *List {
	l := NewList(fleet(
		directory.Chromebook{DeviceID: "d1", Serial: "A", AssetID: "00042", Status: "ACTIVE", Notes: "=1+1", LastSync: now, AutoUpdateExpiration: "2029-06-01", OrgUnit: "/Carts"},
		directory.Chromebook{DeviceID: "d2"},
		directory.Chromebook{DeviceID: "d3", Serial: "C", AssetID: "7e10", Status: "DISABLED", Notes: "Écran 🙂 שלום", AutoUpdateExpiration: "soon", OrgUnit: "/Carts/12"},
	))
	l.Sort(Order{"serial", true})
	return l
}

func written(t *testing.T, e *Extract, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	told := 0
	err := e.Write(t.Context(), &b, f, func(rows int) {
		if told++; rows != told {
			t.Errorf("row %d is told as %d", told, rows)
		}
	})
	if err != nil || told != e.Len() {
		t.Fatalf("%v, %d of %d rows told", err, told, e.Len())
	}
	return b.Bytes()
}

func TestExtractAsCSV(t *testing.T) {
	l := cart()
	columns := places(l, "notes", "asset_id", "last_sync", "auto_update_expiration", "status")
	e := l.Extract("Chromebooks", columns, nil, now.In(school))
	l.Sort(Order{"serial", false}) // what was extracted stays
	slices.Reverse(columns)
	got := string(written(t, e, CSV))
	want := "\ufeffNotes,Asset ID,Last sync,Updates until,Status\n" +
		"Écran 🙂 שלום,7e10,,soon,Disabled\n" +
		"'=1+1,00042,2026-11-23 12:00:00,2029-06-01,Active\n" +
		",,,,\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestExtractOfASelection(t *testing.T) {
	l := cart()
	e := l.Extract("Chromebooks", places(l, "serial"), []int{1, 2}, now)
	if got := string(written(t, e, CSV)); got != "\ufeffSerial\nA\n\n" {
		t.Errorf("the selection is %q", got)
	}
	if e := l.Extract("Chromebooks", places(l, "serial"), []int{}, now); e.Len() != 0 {
		t.Errorf("nothing was selected, and %d rows come", e.Len())
	}
}

func TestExtractAsAWorkbook(t *testing.T) {
	l := cart()
	b := written(t, l.Extract("Chromebooks", places(l, "notes", "asset_id", "last_sync", "auto_update_expiration"), nil, now.In(school)), XLSX)
	sheets := readBook(t, b)
	if len(sheets) != 1 || sheets[0].name != "Chromebooks" || !sheets[0].frozen || sheets[0].filter != "$A$1:$D$4" {
		t.Fatalf("the sheets are %+v", sheets)
	}
	text := func(s string) bookCell { return bookCell{kind: "inlineStr", text: s, format: "@"} }
	rows := sheets[0].rows[1:]
	for i, want := range [][]bookCell{
		{text("Écran 🙂 שלום"), text("7e10"), {}, text("soon")},
		{text("=1+1"), text("00042"), {kind: "n", text: "46349.5", format: "yyyy-mm-dd hh:mm:ss"}, {kind: "n", text: "47270", format: "yyyy-mm-dd"}},
		{{}, {}, {}, {}},
	} {
		if i >= len(rows) {
			t.Fatalf("%d rows", len(rows))
		}
		if diff := cmp.Diff(fmt.Sprint(want), fmt.Sprint(rows[i])); diff != "" {
			t.Errorf("row %d, -want +got:\n%s", i, diff)
		}
	}
	// The library that wrote it reads it too, and says the same.
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if at, err := f.GetCellValue("Chromebooks", "C3"); err != nil || at != "2026-11-23 12:00:00" {
		t.Errorf("the last sync is %q (%v)", at, err)
	}
}

// An export that was stopped ends at once, in the rows or in the packing.
func TestExtractStopped(t *testing.T) {
	l := NewList(chromebookRows(3000))
	for _, f := range []Format{CSV, XLSX} {
		for _, at := range []int{0, 700, l.Len() - 1, l.Len()} {
			ctx, stop := context.WithCancel(t.Context())
			if at == 0 {
				stop()
			}
			last, out := 0, &brokenDisk{1 << 30}
			e := l.Extract("Chromebooks", places(l, "serial", "notes"), nil, now)
			err := e.Write(ctx, out, f, func(rows int) {
				if last = rows; rows == at {
					stop()
				}
			})
			stop()
			whole := f == CSV && at == e.Len() // its last line may be out by then
			if !errors.Is(err, context.Canceled) && !whole || last != at {
				t.Errorf("%s stopped at row %d went on to %d: %v", f, at, last, err)
			}
			if f == XLSX && out.room < 1<<30 {
				t.Errorf("stopped at row %d it was packed all the same", at)
			}
		}
	}
}

// brokenDisk has room for so many bytes.
type brokenDisk struct{ room int }

func (d *brokenDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestExtractOntoAFullDisk(t *testing.T) {
	l := NewList(chromebookRows(3000))
	e := l.Extract("Chromebooks", places(l, "serial", "notes"), nil, now)
	for _, room := range []int{0, 5000} {
		for name, write := range map[string]func(io.Writer) error{
			"csv":  func(w io.Writer) error { return e.Write(t.Context(), w, CSV, func(int) {}) },
			"xlsx": func(w io.Writer) error { return e.Write(t.Context(), w, XLSX, func(int) {}) },
			"page": e.WritePage,
		} {
			if err := write(&brokenDisk{room}); !errors.Is(err, errFull) {
				t.Errorf("%s onto a disk with %d bytes: %v", name, room, err)
			}
		}
	}
}

// pageTexts reads a page as a browser would: its texts by element, and whatever
// might call something.
func pageTexts(t *testing.T, page string) (texts map[string][]string, odd []string) {
	t.Helper()
	texts = make(map[string][]string)
	z := html.NewTokenizer(strings.NewReader(page))
	in := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				t.Fatal(z.Err())
			}
			return texts, odd
		case html.StartTagToken:
			token := z.Token()
			in = token.Data
			if in == "td" {
				texts[in] = append(texts[in], "")
			}
			for _, a := range token.Attr {
				if a.Key != "class" && a.Key != "dir" && a.Key != "lang" && a.Key != "charset" {
					odd = append(odd, in+" "+a.Key)
				}
			}
		case html.EndTagToken:
			in = ""
		case html.TextToken:
			switch text := z.Token().Data; in {
			case "":
			case "td":
				texts[in][len(texts[in])-1] = text
			default:
				texts[in] = append(texts[in], text)
			}
		}
	}
}

func TestPage(t *testing.T) {
	nasty := `<script>alert("1")</script>&amp;` + "\x00\xff"
	long := strings.Repeat("a very long note ", 300)
	l := NewList(fleet(
		directory.Chromebook{DeviceID: "d1", Serial: nasty, Status: "ACTIVE", Notes: long, LastSync: now.Add(-time.Hour), OrgUnit: "/Carts/12"},
		directory.Chromebook{DeviceID: "d2", Status: "DISABLED", Notes: "שלום", OrgUnit: "/Carts"},
		directory.Chromebook{DeviceID: "d3", Status: "ACTIVE", Notes: "elsewhere", OrgUnit: "/Lost"},
	))
	l.Search("-<b>")
	l.OrgUnits(true, "/Carts")
	l.Filter("status", "Active", "Disabled")
	l.Sort(Order{"serial", true})
	var b bytes.Buffer
	err := l.Extract("Chromebooks", places(l, "serial", "notes", "last_sync", "status"), nil, now.In(school)).WritePage(&b)
	if err != nil {
		t.Fatal(err)
	}
	texts, odd := pageTexts(t, b.String())
	if len(odd) > 0 {
		t.Errorf("the page has %q", odd)
	}
	long = strings.TrimSpace(long)
	for name, want := range map[string][]string{
		"title": {"Chromebooks – 2026-11-23"}, "h1": {"Chromebooks"},
		"p": {
			"2 rows · 2026-11-23 12:00", "Search: -<b>", "Organizational unit: /Carts, with those below it", "Status: Active, Disabled",
			"Sorted by Serial, descending",
		},
		"th":    {"Serial", "Notes", "Last sync", "Status"},
		"td":    {`<script>alert("1")</script>&amp;` + "\ufffd\ufffd", long, "2026-11-23 11:00", "Active", "", "שלום", "", "Disabled"},
		"style": {pageStyle}, "script": {pageScript},
	} {
		if diff := cmp.Diff(want, texts[name]); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
	}
	if n := strings.Count(b.String(), `<td dir="auto">`); n != 8 {
		t.Errorf("%d cells find their own direction", n)
	}
}

// However many columns there are, their widths are a whole.
func TestPageWidths(t *testing.T) {
	l := NewList(chromebookRows(50))
	for _, n := range []int{1, 3, 11, 40} {
		var columns []int
		for i := range n {
			columns = append(columns, i%23)
		}
		shares, class := l.Extract("Chromebooks", columns, nil, now).pageColumns()
		total := 0
		for _, s := range shares {
			if total += s; s < 1 || s > 200 {
				t.Errorf("one of %d columns has %d half percents", n, s)
			}
		}
		if total > 200 || len(shares) != n || (class == "tiny") != (n == 40) || n < 4 && class != "" {
			t.Errorf("%d columns have %d half percents together, class %q", n, total, class)
		}
	}
}
