package ui

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"panel/sync/cloud"
	"panel/ui/view"
)

// saveDialog opens the dialog that asks where to save, in an empty home
// folder.
type saveDialog struct {
	s    *stage
	home string
}

// name is where the file's name is typed.
func (d *saveDialog) name() *widget.Entry {
	d.s.t.Helper()
	for _, o := range d.objects() {
		if e, ok := o.(*widget.Entry); ok {
			return e
		}
	}
	d.s.t.Fatal("nothing asks for the name of a file")
	return nil
}

func openSaveDialog(t *testing.T, f *fake) *saveDialog {
	t.Helper()
	home := t.TempDir()
	t.Setenv("HOME", home)
	s := open(t, f)
	h := s.tabs[0].pane.(*syncTab).history
	s.until("the changes are there", func() bool { return h.changes.rows.Len() > 0 })
	h.search.SetText("removed google")
	s.press("Export…")
	return &saveDialog{s: s, home: home}
}

func (d *saveDialog) objects() []fyne.CanvasObject { return inSight(d.s.win.Canvas().Overlays().Top()) }

// answer presses a button of the dialog in front.
func (d *saveDialog) answer(label string) {
	d.s.t.Helper()
	for _, o := range d.objects() {
		if b, ok := o.(*widget.Button); ok && b.Text == label {
			b.OnTapped()
			return
		}
	}
	d.s.t.Fatalf("no button %q", label)
}

func (d *saveDialog) save(name string) (path string) {
	d.s.t.Helper()
	d.name().SetText(name)
	d.answer("Save")
	return filepath.Join(d.home, name)
}

func TestExportOfTheChangesShown(t *testing.T) {
	d := openSaveDialog(t, district(60))
	if want := "Panel changes 2026-11-23 14.18.xlsx"; d.name().Text != want {
		t.Errorf("it suggests %q, want %q", d.name().Text, want)
	}
	path := d.save("removed.csv")
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 5 {
		t.Fatalf("%d rows, %v; want the header and four removals", len(rows), err)
	}
	for _, row := range rows[1:] {
		if row[4] != "removed" || row[0] != d.s.fake.runs[0].ID {
			t.Errorf("not what was shown: %q", row)
		}
	}
}

func TestExportAsAWorkbook(t *testing.T) {
	d := openSaveDialog(t, district(60))
	path := d.save("removed") + ".xlsx"
	d.s.until("it is said where", func() bool { return strings.Contains(d.s.words(), "Saved as "+path) })
	if b, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(b), "PK\x03\x04") {
		t.Errorf("no workbook: %v", err)
	}
}

// What is there stays until the new file is whole, and goes only after a yes.
func TestExportOverAFile(t *testing.T) {
	f := district(60)
	full := &cloud.Error{Kind: cloud.Storage, Code: "output_full", Detail: "old.csv"}
	f.fail["save"] = full
	d := openSaveDialog(t, f)
	old := func(name string) {
		t.Helper()
		if b, err := os.ReadFile(filepath.Join(d.home, name)); err != nil || string(b) != "old" {
			t.Errorf("%s holds %.20q (%v)", name, b, err)
		}
	}
	for _, name := range []string{"old.csv", "other.xlsx"} {
		if err := os.WriteFile(filepath.Join(d.home, name), []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.save("old.csv")
	d.answer("Yes") // overwrite
	d.s.until("it says why not", func() bool { return strings.Contains(d.s.words(), view.Say(full).Sentence) })
	old("old.csv")

	d.s.press("Save elsewhere…")
	d.save("other")
	d.s.mustSay("other.xlsx is there already.")
	d.s.sheet().close()
	d.s.settle()
	if old("other.xlsx"); f.did("save " + filepath.Join(d.home, "other.xlsx")) {
		t.Error("it was replaced without a yes")
	}
}

func TestNothingShownCannotBeExported(t *testing.T) {
	s := open(t, district(60))
	h := s.tabs[0].pane.(*syncTab).history
	s.until("the changes are there", func() bool { return s.button("Export…") != nil })
	h.search.SetText("nobody has this")
	if s.button("Export…") != nil {
		t.Error("nothing is shown, and it can be exported")
	}
}
