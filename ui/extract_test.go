package ui

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"panel/sync/cloud"
	"panel/ui/view"
)

// onBooks opens the Chromebooks of a district, in an empty home folder.
func onBooks(t *testing.T, f *fake) (*saveDialog, *browser) {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := open(t, f)
	s.goTo(2)
	b, _ := s.tabs[2].pane.(*browser)
	return &saveDialog{s: s, home: home}, b
}

// choose runs an item of a menu whose label begins so.
func choose(t *testing.T, m *fyne.Menu, label string) {
	t.Helper()
	for _, item := range m.Items {
		if strings.HasPrefix(item.Label, label) {
			if item.Disabled {
				t.Fatalf("%q is disabled", item.Label)
			}
			item.Action()
			return
		}
	}
	t.Fatalf("no item %q", label)
}

// fileMenu runs an item of the window's File menu.
func (s *stage) fileMenu(label string) { s.t.Helper(); choose(s.t, s.win.MainMenu().Items[0], label) }

func menuLabels(m *fyne.Menu) (out []string) {
	for _, item := range m.Items {
		label := item.Label
		if item.Disabled {
			label = "(" + label + ")"
		}
		out = append(out, label)
	}
	return out
}

// readCSV reads a file that begins with a byte order mark.
func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(b), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked {
		t.Fatalf("marked %v: %v", marked, err)
	}
	return rows
}

// What is in the file is what the table shows: columns, rows and order.
func TestExportOfAList(t *testing.T) {
	d, b := onBooks(t, district(300))
	b.table.choose(b.table.order[1], false)
	b.table.move(0, 2)
	b.table.SetSort(sorting{b.table.order[0], true})
	b.table.OnSort(b.table.sorted)
	b.list.Toggle("status", "Disabled")
	b.chooseOrgUnits(false, "/Students/Northfield High")
	d.s.search.SetText("5cd")
	n := b.list.Len()
	if n < 2 || n == b.total {
		t.Fatalf("%d rows are shown", n)
	}
	choose(t, b.saveMenu(), "Export what is shown…")
	if want := "Chromebooks – Northfield High – 2026-11-23.xlsx"; d.name().Text != want {
		t.Errorf("it suggests %q, want %q", d.name().Text, want)
	}
	path := d.save("list.csv")
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	rows := readCSV(t, path)
	if len(rows) != n+1 {
		t.Fatalf("%d rows, want %d and their titles", len(rows), n)
	}
	for i, c := range b.table.order {
		if rows[0][i] != b.kind.columns[c].Title {
			t.Errorf("column %d is %q", i, rows[0][i])
		}
		for row := range n {
			shown := b.table.rows.Cell(row, c).text
			if b.kind.columns[c].Key == "last_sync" {
				shown = b.list.At(row).Exact(c, now)[:len("2006-01-02 15:04:05")]
			}
			if rows[row+1][i] != shown {
				t.Errorf("row %d has %q, the table shows %q", row, rows[row+1][i], shown)
			}
		}
	}
}

func TestExportOfTheSelection(t *testing.T) {
	d, b := onBooks(t, district(300))
	n := view.Number(b.list.Len())
	b.table.click(3, 0)
	if got, want := menuLabels(b.saveMenu()), []string{"Export what is shown…   " + n + " rows", "Export with every column…", "Print what is shown…", "", "Print labels with Code 128…   " + n + " labels", "Print labels with QR codes…   " + n + " labels"}; !slices.Equal(got, want) {
		t.Errorf("the menu has %q, want %q", got, want)
	}
	b.table.click(5, fyne.KeyModifierShift)
	if got, want := menuLabels(b.saveMenu()), []string{"Export what is shown…   " + n + " rows", "Export with every column…", "Export the selection…   3 rows", "Print what is shown…", "", "Print labels with Code 128…   3 labels", "Print labels with QR codes…   3 labels"}; !slices.Equal(got, want) {
		t.Errorf("the menu has %q, want %q", got, want)
	}
	choose(t, b.saveMenu(), "Export the selection…")
	path := d.save("three.csv")
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	rows := readCSV(t, path)
	if len(rows) != 4 || rows[1][0] != b.table.rows.Cell(3, b.table.order[0]).text || rows[3][0] != b.table.rows.Cell(5, b.table.order[0]).text {
		t.Errorf("the selection is %q", rows)
	}
	d.s.search.SetText("nobody has this")
	if got, want := menuLabels(b.saveMenu()), []string{"(Export what is shown…   0 rows)", "(Export with every column…)", "(Print what is shown…)", "", "(Print labels with Code 128…   0 labels)", "(Print labels with QR codes…   0 labels)"}; !slices.Equal(got, want) {
		t.Errorf("of nothing the menu has %q", got)
	}
}

// Columns for which the window has no room can be exported too.
func TestExportWithEveryColumn(t *testing.T) {
	d, b := onBooks(t, district(60))
	b.table.choose(b.place("model"), false)
	b.table.move(0, 1)
	choose(t, b.saveMenu(), "Export with every column…")
	path := d.save("all.csv")
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	rows := readCSV(t, path)
	for i, c := range b.table.order {
		if rows[0][i] != b.kind.columns[c].Title {
			t.Errorf("column %d is %q, not the one that is shown there", i, rows[0][i])
		}
	}
	var want []string
	for _, c := range b.kind.columns {
		if c.Width > 0 {
			want = append(want, c.Title)
		}
	}
	if got := slices.Sorted(slices.Values(rows[0])); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("columns %q, want %q", got, want)
	}
	if len(rows) != b.list.Len()+1 {
		t.Errorf("%d rows of %d", len(rows)-1, b.list.Len())
	}
}

// A whole path may be typed for the name.
func TestExportToAPath(t *testing.T) {
	d, b := onBooks(t, district(60))
	choose(t, b.saveMenu(), "Export what is shown…")
	want := filepath.Join(t.TempDir(), "there.csv")
	d.save(want)
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+want) })
	if rows := readCSV(t, want); len(rows) != b.list.Len()+1 {
		t.Errorf("%d rows of %d", len(rows)-1, b.list.Len())
	}
}

// A sync may come between the menu and the choice.
func TestTheSelectionIsThatOfTheMomentItIsExported(t *testing.T) {
	f := district(60)
	d, b := onBooks(t, f)
	b.table.selectAll()
	m := b.saveMenu()
	some := b.list.Len() / 2
	f.push(func(f *fake) { f.books = f.books[:some]; f.status.Revision++ })
	d.s.until("there are fewer", func() bool { return b.list.Len() <= some })
	choose(t, m, "Export the selection…")
	path := d.save("some.csv")
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	if n := len(readCSV(t, path)) - 1; n != b.list.Len() {
		t.Errorf("%d rows are exported of %d that are left", n, b.list.Len())
	}
	m = b.saveMenu()
	f.push(func(f *fake) { f.books = nil; f.status.Revision++ })
	d.s.until("there are none", func() bool { return b.list.Len() == 0 })
	choose(t, m, "Export the selection…")
	d.s.mustSay("What was selected is not in the list any more.")
}

// Whatever else is said meanwhile, what writes a file can be seen and stopped.
func TestWritingStaysInSight(t *testing.T) {
	s := open(t, district(60))
	goOn := make(chan struct{})
	s.write("/x/y.csv", "Saved as ", func() string { return "1 of 2" }, func() {}, func(context.Context) error {
		<-goOn
		return nil
	})
	s.until("it is said", func() bool { return s.toast != nil })
	s.sayFor(10*time.Millisecond, view.Good, "60 rows copied", "", nil)
	s.mustSay("60 rows copied")
	s.until("it is said again", func() bool { return strings.Contains(s.words(), "Writing y.csv… 1 of 2") && s.button("Stop") != nil })
	close(goOn)
	s.until("it has ended", func() bool { return strings.Contains(s.words(), "Saved as /x/y.csv") })
}

func TestExportFromTheFileMenu(t *testing.T) {
	d, b := onBooks(t, district(300))
	d.s.goTo(0)
	d.s.fileMenu("Export…")
	d.s.mustSay("Go to a list")
	d.s.goTo(1)
	d.s.fileMenu("Export…")
	if want := "People – 2026-11-23.xlsx"; d.name().Text != want {
		t.Errorf("it suggests %q, want %q", d.name().Text, want)
	}
	before := len(d.s.win.Canvas().Overlays().List())
	d.s.fileMenu("Export…") // Ctrl+E, pressed twice
	if n := len(d.s.win.Canvas().Overlays().List()); n != before {
		t.Errorf("%d things are asked at once", n)
	}
	d.answer("Cancel")
	d.s.goTo(2)
	d.s.search.SetText("nobody has this")
	for _, item := range []string{"Export…", "Print…"} {
		d.s.unsay()
		d.s.fileMenu(item)
		d.s.mustSay("There is no row to export or print.")
	}
	if b.list.Len() > 0 || len(d.s.fake.calls) > 0 {
		t.Errorf("it did %q", d.s.fake.calls)
	}
}

// While it is written it is said how far it is, and it can be stopped.
func TestExportSaysHowFarItIs(t *testing.T) {
	f := district(300)
	f.block = make(chan struct{})
	d, b := onBooks(t, f)
	count := 0
	b.h.export("x.csv", func() string { count++; return fmt.Sprintf("%d of 9 rows", count) }, func(context.Context, io.Writer, view.Format) error { return nil })
	path := d.save("slow.csv")
	d.s.until("it is said", func() bool { return strings.Contains(d.s.words(), "Writing slow.csv… 1 of 9 rows") })
	stop := d.s.button("Stop")
	d.s.until("it goes on", func() bool { return strings.Contains(d.s.words(), "Writing slow.csv… 3 of 9 rows") })
	if d.s.button("Stop") != stop {
		t.Error("the button was replaced under the pointer")
	}
	d.s.press("Stop")
	d.s.until("it is said that it stopped", func() bool { return strings.Contains(d.s.words(), "Stopped. "+path+" was not written.") })
	said, later := count, false
	d.s.after(700*time.Millisecond, func() { later = true })
	d.s.until("it would have gone on", func() bool { return later })
	if count != said || len(f.calls) > 0 {
		t.Errorf("it goes on: %d, %q", count, f.calls)
	}
}

func TestExportThatFails(t *testing.T) {
	for _, code := range []string{"output_full", "output_read_only", "output_in_use"} {
		f := district(60)
		e := &cloud.Error{Kind: cloud.Storage, Code: code, Detail: "list.xlsx"}
		f.fail["save"] = e
		d, b := onBooks(t, f)
		b.export(nil)
		d.save("list.xlsx")
		d.s.until("it says why", func() bool { return strings.Contains(d.s.words(), view.Say(e).Sentence) })
		d.s.press("Save elsewhere…")
		delete(f.fail, "save")
		path := d.save("other.csv")
		d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	}
}

func TestPrint(t *testing.T) {
	f := district(300)
	d, b := onBooks(t, f)
	d.s.search.SetText("hp chromebook")
	d.s.fileMenu("Print…")
	d.s.until("the browser is opened", func() bool { return f.did("open http://127.0.0.1:9/page") })
	d.s.settle()
	d.s.mustSay("opens in your browser")
	for _, want := range []string{"<h1>Chromebooks</h1>", view.Plural(b.list.Len(), "row", "rows") + " · 2026-11-23 14:30", "Search: hp chromebook", b.list.At(b.list.Len()-1).Text(0, now)} {
		if !strings.Contains(f.served, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(f.served, "<tr>"); n != b.list.Len()+1 {
		t.Errorf("%d rows are printed", n)
	}
}

func TestPrintWithoutABrowser(t *testing.T) {
	f := district(60)
	f.fail["open"] = errors.New("no xdg-open")
	d, b := onBooks(t, f)
	b.print()
	d.s.until("the link is offered", func() bool { return d.s.button("Copy link") != nil })
	d.s.press("Copy link")
	if got := d.s.app.Clipboard().Content(); got != "http://127.0.0.1:9/page" {
		t.Errorf("copied %q", got)
	}
	delete(f.fail, "open")
	f.fail["serve"] = &cloud.Error{Kind: cloud.Unexpected, Code: "no_page"}
	b.print()
	d.s.until("it says why not", func() bool { return strings.Contains(d.s.words(), "no free port") })
	f.mu.Lock()
	delete(f.fail, "serve")
	f.mu.Unlock()
	d.s.press("Try again")
	d.s.until("it is printed", func() bool { return f.did("open http://127.0.0.1:9/page") })
}

func TestTooMuchToPrint(t *testing.T) {
	f := district(mostPrinted + 600)
	d, b := onBooks(t, f)
	d.s.fileMenu("Print…")
	d.s.mustSay(view.Number(b.list.Len())+" rows are too many to print", "20,000")
	if f.served != "" {
		t.Error("it is printed")
	}
	d.s.press("Export them…")
	if !strings.HasPrefix(d.name().Text, "Chromebooks – ") {
		t.Errorf("it suggests %q", d.name().Text)
	}
}

func TestFileName(t *testing.T) {
	for unit, want := range map[string]string{
		"": "List – 2026-11-23.xlsx", "/": "List – 2026-11-23.xlsx", "/Carts": "List – Carts – 2026-11-23.xlsx",
		"/A/Alder Ridge": "List – Alder Ridge – 2026-11-23.xlsx", `/A/a:b*c?"d"<e>|f\g`: "List – a-b-c--d--e--f-g – 2026-11-23.xlsx",
		"/A/ .. ": "List – 2026-11-23.xlsx", "/École/שלום\x07": "List – שלום- – 2026-11-23.xlsx",
		"/" + strings.Repeat("é", 200): "List – " + strings.Repeat("é", 60) + " – 2026-11-23.xlsx",
	} {
		if got := fileName("List", []string{unit}, now); got != want || filepath.Base(got) != got {
			t.Errorf("%q is called %q, want %q", unit, got, want)
		}
	}
}
