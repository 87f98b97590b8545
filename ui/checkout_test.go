package ui

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/ledger"
	"panel/sync/cloud"
	"panel/ui/view"
)

// atPlace opens the Checkout tab at a place.
func atPlace(t *testing.T, f *fake, place int) *stage {
	t.Helper()
	s := open(t, f)
	s.goTo(tabCheckout)
	s.checkout.goTo(place)
	s.settle()
	return s
}

// active are people whom something may be handed to.
func (f *fake) active() (out []*directory.Person) {
	for i := range f.people {
		if p := &f.people[i]; ledger.Receive(p) == nil && p.PrimaryEmail != "" {
			out = append(out, p)
		}
	}
	return out
}

// scan types lines into the box that takes codes now.
func (s *stage) scan(lines ...string) {
	s.t.Helper()
	b := s.scanning()
	if b == nil {
		s.t.Fatal("nothing takes codes")
	}
	for _, line := range lines {
		b.entry.SetText(line)
		b.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	s.until("the scans are shown", func() bool { return b.waiting == 0 })
	s.settle()
}

// field is the field of the sheet whose hint begins so, "" for the first.
func (s *stage) field(hint string) *entry {
	s.t.Helper()
	for _, o := range inSight(s.sheet().pop) {
		if e, ok := o.(*entry); ok && strings.HasPrefix(e.PlaceHolder, hint) {
			return e
		}
	}
	s.t.Fatalf("no field %q", hint)
	return nil
}

// results are what the list of scans says, oldest first.
func (s *stage) results() (words []string) {
	for i := range s.checkout.desk.scans.seen {
		words = append(words, view.OutcomeWord(&s.checkout.desk.scans.seen[i]))
	}
	return words
}

func TestDesk(t *testing.T) {
	f := district(300)
	who, book := f.active(), f.books
	s := atPlace(t, f, placeDesk)
	if s.win.Canvas().Focused() != fyne.Focusable(s.checkout.desk.box.entry) {
		t.Error("the box does not have the keyboard")
	}
	s.mustSay("Ready to scan", "Nobody")
	s.scan(who[0].PrimaryEmail, book[0].Serial, book[1].AssetID, who[1].PrimaryEmail, book[0].Serial)
	s.mustSay("Already out", who[0].Name(), who[1].PrimaryEmail)
	s.scan("", book[1].Serial, "what is this")
	s.mustSay("Unknown code", "Nobody", "1 code to look after")
	want := []string{"Person", "Checked out", "Checked out", "Person", "Already out", "Checked in", "Unknown"}
	if got := s.results(); !slices.Equal(got, want) {
		t.Errorf("the scans say %q, want %q", got, want)
	}
	wantSounds := []bool{true, true, true, true, false, true, false}
	if !slices.Equal(f.ledger.sounds, wantSounds) {
		t.Errorf("the sounds were %v, want %v", f.ledger.sounds, wantSounds)
	}
	if len(s.sheets) > 0 {
		t.Error("the loop opened a dialog")
	}

	// The unknown code was a device whose label is worn.
	d := s.checkout.desk
	d.scans.ShowKey(scanRows{d.scans}.Key(0))
	s.press("Which one…")
	s.field("").SetText(book[0].Serial)
	s.until("it is found", func() bool { b := s.button("That is it"); return b != nil && !b.Disabled() })
	s.press("That is it")
	s.until("it is checked in", func() bool {
		return f.Standing(ledger.AssetKey(ledger.Chromebook, book[0].DeviceID)).Status == ledger.In
	})

	// And undone.
	s.settle()
	d.scans.ShowKey(scanRows{d.scans}.Key(0))
	s.press("Undo")
	s.until("it is out again", func() bool {
		return f.Standing(ledger.AssetKey(ledger.Chromebook, book[0].DeviceID)).Status == ledger.Out
	})
}

// Due date and loaner go with what is handed out while they are set.
func TestDeskHandsOutUntilADay(t *testing.T) {
	f := district(300)
	f.settings.Calendar = "term ends 2026-12-18"
	s := atPlace(t, f, placeDesk)
	d := s.checkout.desk
	for _, c := range d.due.chips {
		if c.word == "End of term" {
			c.tapped()
		}
	}
	d.loaner.SetChecked(true)
	s.scan(f.active()[0].PrimaryEmail, f.books[0].Serial)
	got := f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[0].DeviceID))
	if got == nil || got.Due != "2026-12-18" || !got.Loaner {
		t.Errorf("it stands as %+v", got)
	}
	d.due.day.SetText("31.1.2027")
	s.mustSay("That is no day")
	s.scan(f.books[1].Serial)
	s.mustSay("cannot be read")
	if got := f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[1].DeviceID)); got != nil {
		t.Errorf("it was handed out although the day is none: %+v", got)
	}
	d.due.day.SetText("2027-01-31")
	s.scan(f.books[2].Serial)
	if got := f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[2].DeviceID)); got == nil || got.Due != "2027-01-31" {
		t.Errorf("the next, until a day: %+v", got)
	}
}

// A full disk loses nothing: it says so, and the scan can be repeated at once.
func TestDeskOnAFullDisk(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeDesk)
	s.scan(f.active()[0].PrimaryEmail)
	f.ledger.mu.Lock()
	f.ledger.broken = &cloud.Error{Kind: cloud.Storage, Code: "disk_full", Err: errors.New("no space")}
	f.ledger.mu.Unlock()
	s.scan(f.books[0].Serial)
	s.mustSay("Not written", "no room left")
	f.ledger.mu.Lock()
	f.ledger.broken = nil
	f.ledger.mu.Unlock()
	s.scan(f.books[0].Serial)
	s.mustSay("Checked out")
}

// A scanner's codes go where the technician looks, whatever has the keyboard.
func TestScansGoToThePlaceInSight(t *testing.T) {
	f := district(300)
	f.handOut(3, "")
	s := atPlace(t, f, placeDesk)
	s.win.Canvas().Unfocus()
	s.burstOf(f.books[0].Serial, fyne.KeyReturn)
	s.until("it is taken", func() bool { return len(s.checkout.desk.scans.seen) == 1 })
	s.checkout.goTo(placeCollection) // where there is no collection yet
	s.settle()
	if s.scanning() != nil || s.win.Canvas().Focused() != nil {
		t.Error("codes go to a box that is out of sight")
	}
	s.checkout.goTo(placeDesk)
	s.goTo(tabChromebooks)
	if s.win.Canvas().Focused() != nil {
		t.Error("the box keeps the keyboard on another tab")
	}
	s.burstOf(f.books[1].Serial, fyne.KeyReturn)
	s.settle()
	if n := len(s.checkout.desk.scans.seen); n != 1 {
		t.Errorf("a code on the list of Chromebooks was taken by the desk: %d", n)
	}
}

// While a code comes in its Enter is looked for, whatever has the keyboard.
func TestEnterIsLookedFor(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeDesk)
	for n, focus := range []func(){s.win.Canvas().Unfocus, func() { s.win.Canvas().Focus(s.scanning().entry) }} {
		focus()
		looked := false
		s.look = func() {
			if !looked {
				looked = true
				s.burstOf("", fyne.KeyReturn)
			}
		}
		s.burstOf(f.books[n].Serial, "")
		s.until("it is taken", func() bool { return len(s.checkout.desk.scans.seen) == n+1 })
	}
}

func TestCollectionDay(t *testing.T) {
	f := district(300)
	f.handOut(20, "")
	unit := f.people[0].OrgUnit
	expected, _ := f.Collect(t.Context(), []string{unit}, nil)
	if len(expected) == 0 || len(expected) == 20 {
		t.Fatalf("%d are expected", len(expected))
	}
	s := atPlace(t, f, placeCollection)
	s.mustSay("No collection day yet")
	s.press("New collection day…")
	for _, o := range inSight(s.sheet().pop) {
		if e, ok := o.(*orgUnitEntry); ok {
			e.SetText(unit)
		}
	}
	s.until("it can start", func() bool { b := s.button("Start"); return b != nil && !b.Disabled() })
	s.mustSay(view.Plural(len(expected), "device is expected", "devices are expected"))
	s.press("Start")
	p := s.checkout.rounds[0]
	s.until("codes are taken", func() bool { return s.scanning() == p.box })

	foreign := -1 // handed to somebody of another unit
	for i := range 20 {
		if !slices.ContainsFunc(expected, func(x ledger.Expected) bool { return x.Asset.ID == f.books[i].DeviceID }) {
			foreign = i
		}
	}
	s.scan(expected[0].Asset.Serial)
	s.mustSay("Returned", expected[0].Holder.Name)
	s.scan(f.books[foreign].Serial, f.books[30].Serial, "NOBODY KNOWS", f.active()[0].PrimaryEmail)
	counts := func() map[ledger.Mark]int { return ledger.Counts(p.lines) }
	check := func(when string, want map[ledger.Mark]int) {
		t.Helper()
		got := counts()
		for _, m := range ledger.Collection.Marks() {
			if got[m] != want[m] {
				t.Errorf("%s: %d are %s, want %d", when, got[m], m, want[m])
			}
		}
	}
	want := map[ledger.Mark]int{ledger.Returned: 1, ledger.Outstanding: len(expected) - 1, ledger.SomeoneElses: 1, ledger.AlreadyIn: 1, ledger.UnknownCode: 1}
	check("after five scans", want)
	var newest []string // within a second
	for i := range 3 {
		newest = append(newest, p.list.At(i).Value("code"))
	}
	if want := []string{"NOBODY KNOWS", f.books[30].Serial, f.books[foreign].Serial}; !slices.Equal(newest, want) {
		t.Errorf("the newest scans are %q, want %q", newest, want)
	}

	// Another window goes on where this one was.
	s.Close()
	s = atPlace(t, f, placeCollection)
	p = s.checkout.rounds[0]
	s.until("the collection is there again", func() bool { return s.scanning() == p.box })
	check("after a restart", want)
	s.scan(expected[0].Asset.Serial)
	check("the same once more", want)
	p.table.ShowKey(expected[0].Asset.ID)
	s.press("Undo this scan")
	s.until("it is outstanding again", func() bool { p.workOut(); return counts()[ledger.Outstanding] == len(expected) })

	s.press("Finish")
	s.until("it is finished", func() bool { return s.scanning() == nil && s.button("Go on with it") != nil })
}

// A collection can be of people who are chosen in the list, and of others by code.
func TestCollectionOfPeople(t *testing.T) {
	f := district(300)
	f.handOut(20, "")
	s := open(t, f)
	s.goTo(tabPeople)
	b := s.tabs[tabPeople].pane.(*browser)
	for _, i := range []int{0, 1} {
		b.table.selected[f.people[i].ID] = true
	}
	choose(t, b.menu(b.table.rows.Find(f.people[0].ID), 0), "New collection day for 2 people…")
	s.until("what they have is expected", func() bool { return strings.Contains(s.words(), "2 devices are expected") })
	s.mustSay("2 people of the list")
	who := s.field("a name, address")
	who.SetText(f.people[2].PrimaryEmail)
	s.until("the person is found", func() bool { return strings.Contains(s.words(), f.people[2].Name()) })
	who.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !s.button("Start").Disabled() {
		t.Error("it can be started before what is expected is known")
	}
	s.until("one more is expected", func() bool { return strings.Contains(s.words(), "3 devices are expected") })
	s.press("Start")
	p := s.checkout.rounds[0]
	s.until("codes are taken", func() bool { return s.scanning() == p.box })
	s.scan(f.books[2].Serial, f.books[3].Serial)
	if got := ledger.Counts(p.lines); got[ledger.Returned] != 1 || got[ledger.Outstanding] != 2 || got[ledger.SomeoneElses] != 1 {
		t.Errorf("the result is %v", got)
	}
}

// What is scanned while the scans of before are read stands below them, once.
func TestCodesThatComeWhileReading(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeDesk)
	s.scan("BEFORE")
	s.Close()
	s = open(t, f)
	s.goTo(tabCheckout) // which begins to read
	box := s.checkout.desk.box
	for _, line := range []string{f.active()[0].PrimaryEmail, f.books[0].Serial, f.books[1].Serial} {
		box.entry.SetText(line)
		box.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	}
	s.until("all are shown", func() bool { return box.waiting == 0 && box.reading == 0 })
	if got, want := s.results(), []string{"Unknown", "Person", "Checked out", "Checked out"}; !slices.Equal(got, want) {
		t.Errorf("the scans say %q, want %q", got, want)
	}
}

// What the pane can do, the menu of a row can.
func TestHandlingFromTheList(t *testing.T) {
	f := district(300)
	f.handOut(1, "")
	s := open(t, f)
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	row := func(i int) *fyne.Menu { return b.menu(b.table.rows.Find(f.books[i].DeviceID), 0) }
	choose(t, row(0), "Check in")
	s.until("it is in", func() bool {
		return f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[0].DeviceID)).Status == ledger.In
	})
	s.until("the list says so", func() bool { return s.holdOf(f.books[0].DeviceID) == nil })
	choose(t, row(0), "Check out…")
	s.mustSay(f.books[0].Serial)
	s.press("Cancel")
	choose(t, row(1), "Send to repair…")
	s.field("Optional: what is broken").SetText("screen")
	s.press("Send to repair")
	s.until("it is in repair", func() bool {
		now := f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[1].DeviceID))
		return now != nil && now.Status == ledger.InRepair && len(s.sheets) == 0
	})
	s.goTo(tabPeople)
	b = s.tabs[tabPeople].pane.(*browser)
	who := f.active()[3]
	choose(t, b.menu(b.table.rows.Find(who.ID), 0), "Check out…")
	s.until("the form is there", func() bool { return len(s.sheets) == 1 })
	s.mustSay(who.Name())
}

// Who gets it is found by a part of the name, and Enter takes the first.
func TestCheckoutByName(t *testing.T) {
	f := district(300)
	who := f.active()[3]
	s := open(t, f)
	asset := ledger.AssetOf(&f.books[0])
	s.openCheckout(&asset, nil)
	to := s.field("Name")
	offers := func() (words []string) {
		for _, o := range s.objects() {
			if c, ok := o.(*chip); ok && strings.HasPrefix(c.word, who.Name()) {
				words = append(words, c.word)
			}
		}
		return words
	}
	to.SetText(who.GivenName + " " + who.FamilyName[:3])
	s.until("somebody is offered", func() bool { return len(offers()) > 0 })
	if !s.button("Check out").Disabled() {
		t.Error("it can be handed to somebody who is not chosen")
	}
	to.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.until("the person is taken", func() bool { return !s.button("Check out").Disabled() })
	if len(offers()) != 0 || !strings.Contains(to.Text, "@") {
		t.Errorf("the field says %q, and %q are offered", to.Text, offers())
	}
	to.SetText("nobody is called so")
	s.until("it is said", func() bool { return strings.Contains(s.words(), "Nobody has this") })
	if !s.button("Check out").Disabled() {
		t.Error("it can be handed to nobody")
	}
}

// A loaner that was typed and is not found does not go unnoticed.
func TestRepairWithALoanerThatIsNot(t *testing.T) {
	f := district(300)
	f.handOut(1, "")
	s := open(t, f)
	s.until("it is out", func() bool { return s.holdOf(f.books[0].DeviceID) != nil })
	s.openRepair(ledger.AssetOf(&f.books[0]), s.holdOf(f.books[0].DeviceID))
	send := s.button("Send to repair")
	if send.Disabled() {
		t.Error("a repair without a loaner cannot be sent")
	}
	s.field("Optional: serial or asset ID").SetText("NOT THERE")
	s.settle()
	if !send.Disabled() {
		t.Error("the loaner that was typed would be forgotten")
	}
}

// Ctrl+E and Ctrl+P serve every place that shows rows.
func TestExportsOfTheCheckoutTab(t *testing.T) {
	f := district(300)
	f.handOut(3, "")
	expected, _ := f.Collect(t.Context(), nil, []string{f.people[0].ID})
	r := &ledger.Round{ID: ledger.NewID(now), Kind: ledger.Collection, Name: "Day", Begun: now, Expected: expected}
	if err := f.KeepRound(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	s := atPlace(t, f, placeReal)
	s.until("the evidence is there", func() bool { return s.checkout.real.list.list != nil })
	for place, want := range map[int]string{placeCollection: f.books[0].Serial, placeLists: f.books[1].Serial, placeReal: f.books[2].Serial} {
		f.mu.Lock()
		f.served = ""
		f.mu.Unlock()
		s.visitPlace(place)
		s.settle()
		s.printList()
		s.until("the page is served", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return strings.Contains(f.served, want) })
	}
	s.visitPlace(placeDesk)
	s.printList()
	s.mustSay("Go to a list")
}

func TestAudit(t *testing.T) {
	f := district(300)
	unit := f.books[0].OrgUnit
	f.handOut(1, "")
	expected, _ := f.Audit(t.Context(), []string{unit}, "")
	r := &ledger.Round{ID: ledger.NewID(now), Kind: ledger.Audit, Name: "Room", Begun: now.AddDate(0, 0, -1), OrgUnits: []string{unit}, Expected: expected}
	if err := f.KeepRound(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	s := atPlace(t, f, placeAudit)
	p := s.checkout.rounds[1]
	s.until("codes are taken", func() bool { return s.scanning() == p.box })
	elsewhere := slices.IndexFunc(f.books, func(c directory.Chromebook) bool { return c.OrgUnit != unit })
	before := len(f.ledger.journal)
	s.scan(expected[0].Asset.Serial)
	s.mustSay("Verified", "belongs here")
	s.scan(f.books[elsewhere].Serial)
	s.mustSay("Misplaced", f.books[elsewhere].OrgUnit)
	s.scan(f.books[0].Serial)
	s.mustSay("is out to " + f.people[0].Name())
	if n := len(f.ledger.journal); n != before {
		t.Errorf("an audit wrote %d entries", n-before)
	}
	got := ledger.Counts(p.lines)
	if got[ledger.Verified] != 1 || got[ledger.Misplaced] != 2 || got[ledger.Missing] != len(expected)-1 {
		t.Errorf("the result is %v", got)
	}
}

// What can be done from the pane, with its undo.
func TestHandlingFromThePane(t *testing.T) {
	f := district(300)
	who := f.active()[0]
	s := open(t, f)
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	book := &f.books[3]
	key := ledger.AssetKey(ledger.Chromebook, book.DeviceID)
	b.reveal(book.DeviceID)
	s.until("the pane shows it", func() bool { return s.button("Check out…") != nil })
	s.press("Check out…")
	s.field("").SetText(who.PrimaryEmail)
	s.until("the person is found", func() bool { return !s.button("Check out").Disabled() })
	s.mustSay(who.Name(), book.Serial)
	s.press("Check out")
	s.until("it is out", func() bool { now := f.Standing(key); return now != nil && now.Status == ledger.Out })
	s.until("the pane and the list say so", func() bool {
		row, _ := b.list.Find(book.DeviceID)
		return s.button("Check in") != nil && row.Value("holder") == who.Name()
	})
	s.mustSay("Checked out to " + who.Name())
	s.press("Check in")
	s.until("it is in", func() bool { return f.Standing(key).Status == ledger.In })
	s.until("the pane says so", func() bool { return s.button("Check out…") != nil })
	s.press("Undo the last")
	s.until("it is out again", func() bool { return f.Standing(key).Status == ledger.Out })
}

// Whoever is suspended gets nothing, and the form says why.
func TestNothingForTheSuspended(t *testing.T) {
	f := district(300)
	i := slices.IndexFunc(f.people, func(p directory.Person) bool { return p.State == directory.Suspended || p.State == directory.Disabled })
	s := open(t, f)
	s.openCheckout(nil, nil)
	s.field("").SetText(f.people[i].PrimaryEmail)
	s.until("it is said", func() bool { return strings.Contains(s.words(), "suspended") })
	if !s.button("Check out").Disabled() {
		t.Error("it can be checked out")
	}
}

// A file is shown row by row before anything is written.
func TestAdoptionFromAFile(t *testing.T) {
	f := district(300)
	who := f.active()
	file := filepath.Join(t.TempDir(), "old.csv")
	text := "Serial;E-Mail;Due\n" + f.books[0].Serial + ";" + who[0].PrimaryEmail + ";\n" + f.books[1].Serial + ";nobody@example.com;\nNOPE;" + who[1].PrimaryEmail + ";\n" +
		f.books[0].Serial + ";" + who[1].PrimaryEmail + ";\n" + f.books[2].Serial + ";" + who[2].PrimaryEmail + ";2020-01-01\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := atPlace(t, f, placeReal)
	s.checkout.real.adoptFile(file)
	s.until("the preview is there", func() bool { return len(s.sheets) > 0 && s.button("Check out 1") != nil })
	s.mustSay("1 of 5 lines will be written")
	var chips []string
	for _, o := range s.objects() {
		if c, ok := o.(*chip); ok {
			chips = append(chips, c.word)
		}
	}
	for _, want := range []string{"No such person 1", "No such device 1", "Claimed twice 1", "Bad due date 1"} {
		if !slices.Contains(chips, want) {
			t.Errorf("no %q among %q", want, chips)
		}
	}
	s.press("Check out 1")
	s.until("it is adopted", func() bool { return f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[0].DeviceID)) != nil })
	s.until("the sheet is gone", func() bool { return len(s.sheets) == 0 })
	s.press("Undo")
	s.until("it is as before", func() bool {
		return f.Standing(ledger.AssetKey(ledger.Chromebook, f.books[0].DeviceID)).Status == ledger.In
	})

	if err := os.WriteFile(file, []byte("PK\x03\x04\x00\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.checkout.real.adoptFile(file)
	s.until("it is refused", func() bool { return strings.Contains(s.words(), "no text but something else") })
}

// Twenty thousand wrong lines are listed with their reasons, and nothing can be
// written.
func TestTwentyThousandWrongLines(t *testing.T) {
	f := district(20)
	file := filepath.Join(t.TempDir(), "wrong.csv")
	text := "Serial,Email\n" + strings.Repeat("\"NOPE,nobody@example.com\n", 20_000)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := atPlace(t, f, placeReal)
	s.checkout.real.adoptFile(file)
	s.until("the preview is there", func() bool { return strings.Contains(s.words(), "0 of 20,000 lines will be written") })
	if b := s.button("Check out 0"); b == nil || !b.Disabled() {
		t.Error("it can be written")
	}
}

// One key accepts what Google says of a row.
func TestOneKeyAccepts(t *testing.T) {
	f := district(300)
	who := f.active()[5]
	f.books[4].AnnotatedUser = strings.ToUpper(who.PrimaryEmail)
	s := atPlace(t, f, placeReal)
	p := s.checkout.real
	s.until("the evidence is there", func() bool { return p.list.list != nil && p.list.list.Len() > 0 })
	p.list.table.ShowKey(f.books[4].DeviceID)
	s.typeIn("a")
	key := ledger.AssetKey(ledger.Chromebook, f.books[4].DeviceID)
	s.until("it is accepted", func() bool { now := f.Standing(key); return now != nil && now.Holder.GoogleID == who.GoogleID })
	s.until("the list agrees", func() bool {
		row, ok := p.list.list.Find(f.books[4].DeviceID)
		return ok && row.Value("annotated_verdict") == "Agrees"
	})
}

// A session that keeps nothing hands nothing out, and says why.
func TestCheckoutIsOffInMemory(t *testing.T) {
	f := district(50)
	f.about.Vault = "memory"
	s := atPlace(t, f, placeDesk)
	s.mustSay("Checkout is off")
	if s.scanning() != nil {
		t.Error("it takes codes all the same")
	}
	s.goTo(tabChromebooks)
	s.tabs[tabChromebooks].pane.(*browser).reveal(f.books[0].DeviceID)
	s.settle()
	if s.button("Check out…") != nil {
		t.Error("the pane offers to hand out")
	}
}

// Papers are served to the browser once: labels of what is chosen, a receipt for
// what somebody has, and the audit packet.
func TestPapers(t *testing.T) {
	f := district(300)
	f.handOut(2, "2026-12-18")
	s := open(t, f)
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	b.list.Search(f.books[0].Serial)
	b.refill()
	s.item(b.saveMenu(), "Print labels with Code 128…   1 label")
	s.until("the labels are served", func() bool { f.mu.Lock(); defer f.mu.Unlock(); return strings.Contains(f.served, f.books[0].AssetID) })
	b.list.Search("")
	b.refill()
	b.reveal(f.books[0].DeviceID)
	s.until("the pane shows it", func() bool { return s.button("Check in") != nil })
	s.printReceipt([]*view.Hold{s.holdOf(f.books[0].DeviceID)})
	s.until("the receipt is served", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return strings.Contains(f.served, f.people[0].Name()) && strings.Contains(f.served, "2026-12-18")
	})
	s.goTo(tabCheckout)
	s.checkout.goTo(placeLists)
	s.settle()
	s.item(s.checkout.lists.saveMenu(), "Print the audit packet…")
	s.until("the packet is served", func() bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return strings.Contains(f.served, f.books[1].Serial) && strings.Contains(f.served, f.books[0].Serial)
	})
}

// A clock that was set back is said, and the loop goes on.
func TestClockBehindTheLedger(t *testing.T) {
	f := district(300)
	f.handOut(1, "")
	var late atomic.Int64 // hours
	late.Store(-1)
	s := openAt(t, f, func() time.Time { return now.Add(time.Duration(late.Load()) * time.Hour) })
	s.mustSay("this computer's clock says")
	s.goTo(tabCheckout)
	s.settle()
	s.scan(f.active()[1].PrimaryEmail, f.books[4].Serial)
	s.mustSay("Checked out", "this computer's clock says")
	late.Store(1)
	f.push(func(f *fake) { f.status.Revision++ })
	s.until("nothing is said of it any more", func() bool { return !strings.Contains(s.words(), "clock says") })
}

// Whoever leaves with a device is told of, once, and found by the button.
func TestDepartedHoldersAreTold(t *testing.T) {
	f := district(300)
	f.handOut(3, "")
	s := open(t, f)
	if strings.Contains(s.words(), "in no cloud any more") {
		t.Error("somebody is said to have left")
	}
	f.push(func(f *fake) { f.people[1].Departed = true; f.status.Revision++ })
	s.until("it is told", func() bool { return strings.Contains(s.words(), "1 person is in no cloud any more") })
	if told := s.layout.Told["departed"]; told != f.people[1].ID {
		t.Errorf("the desktop was told of %q", told)
	}
	s.press("Show them")
	s.until("they are listed", func() bool { l := s.checkout.lists.list; return l != nil && l.Len() == 1 })
	if got := s.checkout.lists.list.At(0).Value("holder"); s.at != tabCheckout || got != f.people[1].Name() {
		t.Errorf("the list shows %q", got)
	}
}
