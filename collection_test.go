package main

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"panel/storage"
	"panel/sync/sim"
)

// scanEvery is how often the simulated scanner scans.
const scanEvery = 100 * time.Millisecond

// scanner types codes as a scanner does, each with Enter, ten a second.
func (d *desk) scanner(codes ...string) {
	d.t.Helper()
	tick := time.NewTicker(scanEvery)
	defer tick.Stop()
	for _, code := range codes {
		d.xdotool("type", "--delay", "1", "--args", "1", code, "key", "Return")
		<-tick.C
	}
}

// A collection day of 300 devices in the real window with a simulated scanner:
// the plug is pulled in the middle, it goes on, and the exported result is right
// to the row.
func TestEndToEndCollectionDay(t *testing.T) {
	r, people, devices := school(t, sim.Config{People: 900, Chromebooks: 900})
	d := emptyDesk(t)
	need(t, "Xvfb", "xdotool", "import", "tesseract")
	d.screen("1280x800")
	bin := untagged(t)
	args := r.sealed()

	// Who has what: 300 students, and some of the staff.
	under := func(unit string) []object {
		return slices.DeleteFunc(slices.Clone(people), func(p object) bool { return !strings.HasPrefix(p.text("org_unit"), unit) })
	}
	students, staff := under("/Students"), under("/Staff")
	const collected, outstanding, others = 300, 7, 3
	if len(students) < collected || len(staff) < others || len(devices) < collected+others+2 {
		t.Fatalf("%d students, %d staff, %d devices", len(students), len(staff), len(devices))
	}
	serial := func(i int) string { return devices[i].text("serial") }
	var lines []string
	for i := range collected {
		lines = append(lines, students[i].text("primary_email"), serial(i))
	}
	for i := range others {
		lines = append(lines, staff[i].text("primary_email"), serial(collected+i))
	}
	for _, l := range r.scanLines(exitDone, lines...) {
		if l.Outcome != "person" && l.Outcome != "checked_out" {
			t.Fatalf("%+v", l)
		}
	}

	open := func() *window {
		w := d.open(bin, args...)
		d.changes(func() { d.key("ctrl+4") })
		return w
	}
	w := open()
	spare := serial(collected + others + 2) // for the desk alone
	d.scanner(staff[others].text("primary_email"), spare, serial(0), "A WORN LABEL", "")
	d.see("1 code to look after")
	d.picture("checkout")
	d.press("Collection day")
	d.press("New collection day…")
	d.see("Nothing is expected yet")
	d.typeText("/Students")
	d.see(fmt.Sprintf("%d devices are expected", collected))
	d.press("Start")
	d.see("Already in")

	// The first half, with what a day brings: a device of the staff, one that
	// nobody has, a code that nobody knows, and the same one twice.
	half := collected / 2
	var first []string
	for i := range half {
		first = append(first, serial(i))
		switch i {
		case 20:
			first = append(first, serial(collected), serial(collected+others))
		case 40:
			first = append(first, "NOT-A-CODE", serial(i))
		}
	}
	d.scanner(first...)
	d.see(serial(half - 1)) // and so all before it: they are shown in turn, the newest first
	d.xdotool("type", "--delay", "1", "--args", "1", serial(half), "key", "Return")
	if err := w.cmd.Process.Signal(syscall.SIGKILL); err != nil { // the plug
		t.Fatal(err)
	}
	_ = w.cmd.Wait() // it was killed
	back := r.countBack()
	if shown := half + 1; back < shown || back > shown+1 { // with that of the staff
		t.Errorf("%d devices had come back when the plug was pulled, and the window had shown %d", back, shown)
	}

	// On again, a few scans before where it ended, as one does who is not sure.
	w = open()
	d.see("Outstanding")
	var rest []string
	for i := max(0, back-5); i < collected-outstanding; i++ {
		rest = append(rest, serial(i))
	}
	rest = append(rest, serial(collected+1), serial(collected+2), serial(collected+others+1), "ANOTHER CODE")
	d.scanner(rest...)
	returned := fmt.Sprint(collected - outstanding)
	d.see(returned)
	d.settled()
	d.picture("collection")
	d.changes(func() { d.press("Export…") })
	d.key("ctrl+a")
	d.typeText("collection.csv")
	d.key("Return")
	path := filepath.Join(d.home, "collection.csv")
	d.until("the export", func() bool { _, err := os.Stat(path); return err == nil })
	d.otherPlaces(devices[collected+others+2:], devices[0].text("serial"))
	w.quit()
	d.setenv("FYNE_THEME", "dark")
	w = open()
	d.press("Scan")
	d.see("1 code to look after")
	d.picture("checkout")
	w.quit()

	// The result, to the row.
	rows := readRows(t, path)
	want := map[string]string{}
	for i := range collected {
		want[serial(i)] = "Returned " + students[i].text("display_name")
		if i >= collected-outstanding {
			want[serial(i)] = "Outstanding " + students[i].text("display_name")
		}
	}
	for i := range others {
		want[serial(collected+i)] = "Someone else's " + staff[i].text("display_name")
	}
	want[serial(collected+others)], want[serial(collected+others+1)] = "Already in ", "Already in "
	want["NOT-A-CODE"], want["ANOTHER CODE"] = "Unknown ", "Unknown "
	got := map[string]string{}
	for _, row := range rows {
		key := row["Serial"]
		if key == "" {
			key = row["Scanned"]
		}
		if got[key] != "" {
			t.Errorf("%s is there twice", key)
		}
		got[key] = row["Result"] + " " + strings.TrimPrefix(row["Person"], "'")
	}
	if !maps.Equal(got, want) {
		for key := range want {
			if got[key] != want[key] {
				t.Errorf("%s is %q, want %q", key, got[key], want[key])
			}
			delete(got, key)
		}
		for key, line := range got {
			t.Errorf("%s is %q, and should not be there", key, line)
		}
	}
	times := map[string]int{}
	for _, e := range r.journalOf() {
		if e.text("act") == "checkin" {
			times[e.text("serial")]++
		}
	}
	for i := range collected + others {
		once := 1
		if i >= collected-outstanding && i < collected {
			once = 0
		}
		if times[serial(i)] != once {
			t.Errorf("%s came back %d times", serial(i), times[serial(i)])
		}
	}
}

// otherPlaces looks at what else the tab has: an audit of the unit with the most
// of some devices, the lists, and who really has what.
func (d *desk) otherPlaces(in []object, astray string) {
	d.t.Helper()
	at := map[string][]string{}
	for _, c := range in {
		if c.text("status") == "ACTIVE" {
			at[c.text("org_unit")] = append(at[c.text("org_unit")], c.text("serial"))
		}
	}
	unit := slices.MaxFunc(slices.Collect(maps.Keys(at)), func(a, b string) int { return len(at[a]) - len(at[b]) })
	d.press("Inventory audit")
	d.press("New inventory audit…")
	d.typeText(unit)
	d.see("expected")
	d.key("Return") // starts it
	d.see("Missing")
	d.scanner(append(slices.Clone(at[unit][1:]), astray, "TORN LABEL")...)
	d.see("TORN LABEL")
	d.settled()
	d.picture("audit")
	for _, place := range []struct{ name, last, picture string }{{"Lists", "Loaners out", "lists"}, {"Who really has it", "Last managed user", "evidence"}} {
		d.press(place.name)
		d.see(place.last)
		d.settled()
		d.picture(place.picture)
	}
}

// countBack is how many devices have come back by the journal.
func (r *rig) countBack() (n int) {
	r.t.Helper()
	for _, e := range r.journalOf() {
		if e.text("act") == "checkin" {
			n++
		}
	}
	return n
}

// readRows reads a CSV that the window exported.
func readRows(t *testing.T, path string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all[0][0] = strings.TrimPrefix(all[0][0], "\ufeff")
	for _, line := range all[1:] {
		row := map[string]string{}
		for i, title := range all[0] {
			row[title] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// sealed makes the rig's folder one that the program itself can open, and
// returns the arguments for that.
func (r *rig) sealed() []string {
	r.t.Helper()
	v, _ := quickVaults.Load(r.data)
	record := decode[object](r.t, read(r.t, filepath.Join(r.data, "panel.json")))
	sealed, err := storage.OpenSealed(r.data, "correct horse battery staple")
	if err == nil {
		err = sealed.Set(r.t.Context(), record.text("id")+"/data-key", v.(*quickVault).key)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	quickVaults.Delete(r.data)
	return []string{"--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase}
}
