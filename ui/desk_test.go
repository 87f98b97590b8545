package ui

import (
	"context"
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
)

// keyOf is the ledger's key of a Chromebook.
func keyOf(c *directory.Chromebook) string { return ledger.AssetKey(ledger.Chromebook, c.DeviceID) }

// preset presses a due date of the desk.
func (s *stage) preset(word string) {
	s.t.Helper()
	for _, c := range s.checkout.desk.due.chips {
		if c.word == word {
			c.tapped()
			return
		}
	}
	s.t.Fatalf("no due date %q", word)
}

// atEvidence opens who really has it, at a device.
func atEvidence(t *testing.T, f *fake, device string) (*stage, *evidencePane) {
	t.Helper()
	s := atPlace(t, f, placeReal)
	p := s.checkout.real
	s.until("the evidence is there", func() bool { return p.list.list != nil && p.list.list.Len() > 0 })
	p.list.table.ShowKey(device)
	return s, p
}

// Accepting what is out to somebody else is two entries, and one undo.
func TestUndoOfAMove(t *testing.T) {
	f := district(300)
	f.handOut(1, "")
	who := f.active()[5]
	f.books[0].AnnotatedUser = who.PrimaryEmail
	s, _ := atEvidence(t, f, f.books[0].DeviceID)
	s.typeIn("a")
	s.until("it is moved", func() bool { return f.Standing(keyOf(&f.books[0])).Holder.GoogleID == who.GoogleID })
	s.settle()
	s.mustSay("moved from " + f.people[0].Name() + " to " + who.Name())
	s.press("Undo")
	s.until("it is with who had it", func() bool {
		now := f.Standing(keyOf(&f.books[0]))
		return now.Status == ledger.Out && now.Holder.GoogleID == f.people[0].GoogleID
	})
}

// A word that begins with an A is searched for, and nothing is accepted.
func TestWordThatBeginsWithA(t *testing.T) {
	f := district(300)
	who := f.active()[5]
	f.books[4].AnnotatedUser = who.PrimaryEmail
	s, p := atEvidence(t, f, f.books[4].DeviceID)
	s.typeIn("a")
	s.typeIn("nn")
	if s.search.Text != "ann" || p.soon != nil {
		t.Errorf("%q is searched for", s.search.Text)
	}
	s.settle()
	if len(f.ledger.journal) != 0 {
		t.Errorf("it is accepted: %+v", f.ledger.journal)
	}
	s.search.SetText("")
	s.checkout.focus()
	p.list.table.ShowKey(f.books[4].DeviceID)
	s.typeIn("A")
	p.list.table.OnCursor(0) // on with the next row
	s.until("it is accepted", func() bool {
		now := f.Standing(keyOf(&f.books[4]))
		return now != nil && now.Holder.GoogleID == who.GoogleID
	})
}

// A sign-in alone takes nothing from anybody without a look.
func TestSignInAloneMovesNothing(t *testing.T) {
	f := district(300)
	f.handOut(1, "")
	who := f.active()[5]
	f.books[0].AnnotatedUser, f.books[0].RecentUsers = "", []directory.RecentUser{{Email: who.PrimaryEmail, Managed: true}}
	s, _ := atEvidence(t, f, f.books[0].DeviceID)
	s.typeIn("a")
	s.until("it is shown first", func() bool { return len(s.sheets) > 0 && s.button("Check out 1") != nil })
	s.mustSay("whoever signed in last")
	if now := f.Standing(keyOf(&f.books[0])); now.Holder.GoogleID != f.people[0].GoogleID {
		t.Errorf("it was taken away: %+v", now)
	}
	s.press("Check out 1")
	s.until("it is moved", func() bool { return f.Standing(keyOf(&f.books[0])).Holder.GoogleID == who.GoogleID })
}

// What goes back from repair is due when it was, while that is ahead.
func TestGiveBackKeepsTheDueDate(t *testing.T) {
	for due, want := range map[directory.Day]directory.Day{"2026-12-18": "2026-12-18", "2026-11-20": ""} {
		f := district(300)
		who := f.active()[0]
		f.write(&ledger.Entry{Act: ledger.Checkout, Asset: ledger.AssetOf(&f.books[0]), Holder: ledger.HolderOf(who), Due: due, Loaner: true})
		f.write(&ledger.Entry{Act: ledger.Repair, Asset: ledger.AssetOf(&f.books[0]), Holder: ledger.HolderOf(who)})
		s := open(t, f)
		s.goTo(tabChromebooks)
		b := s.tabs[tabChromebooks].pane.(*browser)
		s.until("it is in repair", func() bool { return s.holdOf(f.books[0].DeviceID) != nil })
		choose(t, b.menu(b.table.rows.Find(f.books[0].DeviceID), 0), "Give back to "+who.Name())
		s.until("it is out", func() bool { return f.Standing(keyOf(&f.books[0])).Status == ledger.Out })
		if now := f.Standing(keyOf(&f.books[0])); now.Due != want || !now.Loaner {
			t.Errorf("due %s: it is out until %q, loaner %v", due, now.Due, now.Loaner)
		}
		s.Close()
	}
}

// What is overdue can be swapped: the other one gets a due date of its own.
func TestSwapOfWhatIsOverdue(t *testing.T) {
	f := district(300)
	f.write(&ledger.Entry{Act: ledger.Checkout, Asset: ledger.AssetOf(&f.books[0]), Holder: ledger.HolderOf(f.active()[0]), Due: "2026-11-20"})
	s := open(t, f)
	s.until("it is out", func() bool { return s.holdOf(f.books[0].DeviceID) != nil })
	s.openSwap(ledger.AssetOf(&f.books[0]), s.holdOf(f.books[0].DeviceID))
	s.field("Serial").SetText(f.books[7].Serial)
	s.until("it can be swapped", func() bool { return !s.button("Swap").Disabled() })
	day := s.field("YYYY-MM-DD")
	if day.Text != "" {
		t.Errorf("the day that is over is proposed: %q", day.Text)
	}
	day.SetText("2026-13-01")
	if !s.button("Swap").Disabled() {
		t.Error("it can be swapped until a day that is none")
	}
	day.SetText("2026-12-18")
	s.press("Swap")
	s.until("it is swapped", func() bool {
		now := f.Standing(keyOf(&f.books[7]))
		return now != nil && now.Due == "2026-12-18" && f.Standing(keyOf(&f.books[0])).Status == ledger.In
	})
}

// The due dates of the desk are those of the day and of the calendar; one that
// was chosen stays while it is ahead, and what is shown is what is written.
func TestDueDatesAfterMidnight(t *testing.T) {
	f := district(300)
	f.settings.Calendar = "term ends 2026-12-18"
	var days atomic.Int64
	s := openAt(t, f, func() time.Time { return now.AddDate(0, 0, int(days.Load())) })
	s.goTo(tabCheckout)
	s.checkout.goTo(placeDesk)
	s.settle()
	d := s.checkout.desk
	refresh := func() {
		s.settle()
		d.show(s.state)
	}
	s.preset("Today")
	if want := ledger.DayIn(now); d.box.due != want {
		t.Fatalf("due %q, want %q", d.box.due, want)
	}
	days.Store(1)
	refresh()
	if d.box.due != "" || d.due.day.Text != "" {
		t.Errorf("yesterday is still chosen: %q, shown as %q", d.box.due, d.due.day.Text)
	}
	s.preset("Today")
	if want := ledger.DayIn(now.AddDate(0, 0, 1)); d.box.due != want || !slices.ContainsFunc(d.due.chips, func(c *chip) bool { return c.word == "Today" && c.on }) {
		t.Errorf("due %q, want %q", d.box.due, want)
	}
	s.preset("End of term")
	f.push(func(f *fake) { f.settings.Calendar = "term ends 2027-01-29"; f.revision++ })
	s.until("the calendar is the new one", func() bool { return d.calendar == "term ends 2027-01-29" })
	if d.box.due != "2026-12-18" || d.due.day.Text != "2026-12-18" {
		t.Errorf("what was chosen became %q, shown as %q", d.box.due, d.due.day.Text)
	}
	s.preset("End of term")
	s.scan(f.active()[0].PrimaryEmail, f.books[0].Serial)
	if got := f.Standing(keyOf(&f.books[0])); got == nil || got.Due != "2027-01-29" {
		t.Errorf("it stands as %+v", got)
	}
}

// A code that is to be looked after stays on the page however much is scanned.
func TestOpenCodesStay(t *testing.T) {
	f := district(300)
	f.see(DeskRound, ledger.Seen{At: now.Add(-time.Hour), Code: "WORN", Outcome: ledger.Unknown})
	for i := range mostSeen + 100 {
		f.see(DeskRound, ledger.Seen{At: now.Add(time.Duration(i) * time.Millisecond), Code: "x", Outcome: ledger.WasNotOut})
	}
	s := atPlace(t, f, placeDesk)
	s.mustSay("1 code to look after")
	s.scan("NOBODY KNOWS", f.books[0].Serial)
	s.mustSay("2 codes to look after")
	if seen := s.checkout.desk.scans.seen; seen[0].Code != "WORN" || len(seen) > mostSeen+2 {
		t.Errorf("%d scans are listed, the oldest %q", len(seen), seen[0].Code)
	}
}

// A scan that could not be written stays until somebody says that it is done
// with, although it is kept nowhere else.
func TestFailedScanStays(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeDesk)
	f.ledger.mu.Lock()
	f.ledger.broken = &cloud.Error{Kind: cloud.Storage, Code: "disk_full", Err: errors.New("no space")}
	f.ledger.mu.Unlock()
	s.scan(f.books[0].Serial)
	f.ledger.mu.Lock()
	f.ledger.broken = nil
	f.ledger.mu.Unlock()
	d := s.checkout.desk
	d.load()
	s.until("it is read", func() bool { return d.box.reading == 0 })
	s.mustSay("1 code to look after")
	d.scans.ShowKey(scanRows{d.scans}.Key(0))
	s.press("Done with it")
	gone := func() bool { return d.box.reading == 0 && !strings.Contains(s.words(), "to look after") }
	s.until("it is gone", gone)
	s.press("Undo")
	s.until("it is back", func() bool { return strings.Contains(s.words(), "1 code to look after") })
	if len(d.scans.seen) != 1 {
		t.Errorf("it is there %d times", len(d.scans.seen))
	}
	d.scans.ShowKey(scanRows{d.scans}.Key(0))
	s.press("Done with it")
	s.until("it is gone again", gone)
}

// What is typed before the scans of a round are known is not swallowed.
func TestNothingIsSwallowed(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeDesk)
	b := s.checkout.desk.box
	b.round = ""
	b.entry.SetText("5CD123")
	b.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if b.entry.Text != "5CD123" || b.waiting != 0 {
		t.Errorf("the box says %q, %d wait", b.entry.Text, b.waiting)
	}
}

// A worn label goes, once it is known, to the one for whom it was scanned, until
// the day that is set.
func TestResolvedForWhomItWasScanned(t *testing.T) {
	f := district(300)
	who := f.active()
	s := atPlace(t, f, placeDesk)
	s.scan(who[0].PrimaryEmail, "WORN LABEL")
	s.mustSay("It is kept below for " + who[0].Name())
	s.scan(who[1].PrimaryEmail)
	s.checkout.desk.due.day.SetText("2026-12-18")
	d := s.checkout.desk
	d.scans.ShowKey(scanRows{d.scans}.Key(1))
	s.press("Which one…")
	s.mustSay("goes to " + who[0].Name())
	s.field("").SetText(f.books[0].Serial)
	s.until("it is found", func() bool { b := s.button("That is it"); return b != nil && !b.Disabled() })
	s.press("That is it")
	s.until("it is out", func() bool { now := f.Standing(keyOf(&f.books[0])); return now != nil && now.Status == ledger.Out })
	if now := f.Standing(keyOf(&f.books[0])); now.Holder.GoogleID != who[0].GoogleID || now.Due != "2026-12-18" {
		t.Errorf("it stands as %+v", now)
	}
	s.until("it is looked after", func() bool { return !strings.Contains(s.words(), "to look after") })
	if s.checkout.desk.current == nil || s.checkout.desk.current.ID != who[1].ID {
		t.Error("whoever is current did not stay so")
	}
}

// brokenOnce is a fake whose Chromebooks cannot be read once it says so.
type brokenOnce struct {
	*fake
	broken atomic.Bool
}

func (f *brokenOnce) Chromebooks(ctx context.Context, each func(*directory.Chromebook) error) error {
	if f.broken.Swap(false) {
		return &cloud.Error{Kind: cloud.Storage, Code: "other", Err: errors.New("a page")}
	}
	return f.fake.Chromebooks(ctx, each)
}

// Evidence that could not be read is read again.
func TestEvidenceIsReadAgain(t *testing.T) {
	f := &brokenOnce{fake: district(300)}
	f.books[4].AnnotatedUser = f.active()[5].PrimaryEmail
	s := atPlace(t, f.fake, placeDesk)
	p := newEvidencePane(s.Window)
	s.b = f
	f.broken.Store(true)
	p.show(s.state)
	s.until("it has failed", func() bool { return p.records == nil })
	p.show(s.state)
	s.until("it is there", func() bool { return p.list.list != nil && p.list.list.Len() > 0 })
	s.b = f.fake
}

// The name of a round may hold anything.
func TestFileNameOfARound(t *testing.T) {
	for name, want := range map[string]string{
		"Collection 7/8: Room 4": "Collection 7-8- Room 4 – 2026-11-23.xlsx", "": "2026-11-23.xlsx", "..": "2026-11-23.xlsx",
		strings.Repeat("x", 300): strings.Repeat("x", 60) + " – 2026-11-23.xlsx",
	} {
		if got := fileName(name, nil, now); got != want {
			t.Errorf("%q is called %q, want %q", name, got, want)
		}
	}
}

// begun begins a round of a kind with what some units are expected to have.
func (s *stage) begun(f *fake, kind ledger.RoundKind, place int, expected []ledger.Expected) *roundPane {
	s.t.Helper()
	r := &ledger.Round{ID: ledger.NewID(now), Kind: kind, Name: "Day", Begun: now.AddDate(0, 0, -1), Expected: expected}
	if err := f.KeepRound(s.t.Context(), r); err != nil {
		s.t.Fatal(err)
	}
	s.visitPlace(place)
	p := s.checkout.rounds[place-placeCollection]
	p.load()
	s.until("codes are taken", func() bool { return s.scanning() == p.box })
	return p
}

// A code that nobody knows is looked after in a round too, and a person who is
// scanned there is said to be one; nothing of that opens a dialog.
func TestRoundsLookAfterCodes(t *testing.T) {
	f := district(300)
	f.handOut(3, "")
	s := open(t, f)
	expected, _ := f.Collect(t.Context(), nil, []string{f.people[0].ID, f.people[1].ID})
	p := s.begun(f, ledger.Collection, placeCollection, expected)
	s.scan("TORN LABEL", f.active()[3].PrimaryEmail)
	s.mustSay("That is a person")
	if !strings.HasPrefix(p.box.entry.PlaceHolder, "Scan or type a serial or an asset ID,") {
		t.Errorf("the box asks for %q", p.box.entry.PlaceHolder)
	}
	s.scan("MISREAD")
	if len(s.sheets) > 0 {
		t.Error("the loop opened a dialog")
	}
	unknown := func() int { return ledger.Counts(p.lines)[ledger.UnknownCode] }
	p.table.ShowKey("code MISREAD")
	s.press("Done with it")
	s.until("it is gone", func() bool { return unknown() == 1 })
	s.settle()
	s.press("Undo")
	s.until("it is back", func() bool { return unknown() == 2 })
	p.table.ShowKey("code TORN LABEL")
	s.press("Which one…")
	s.field("").SetText(f.books[0].Serial)
	s.until("it is found", func() bool { b := s.button("That is it"); return b != nil && !b.Disabled() })
	s.press("That is it")
	s.until("it is returned", func() bool { return ledger.Counts(p.lines)[ledger.Returned] == 1 && unknown() == 1 })
}

// A scan of an audit, which writes nothing, can be taken back too.
func TestUndoOfAScanInAnAudit(t *testing.T) {
	f := district(300)
	s := open(t, f)
	expected, _ := f.Audit(t.Context(), []string{f.books[0].OrgUnit}, "")
	p := s.begun(f, ledger.Audit, placeAudit, expected)
	s.scan(expected[0].Asset.Serial, expected[1].Asset.Serial)
	verified := func() int { return ledger.Counts(p.lines)[ledger.Verified] }
	p.table.ShowKey(expected[0].Asset.ID)
	s.press("Undo this scan")
	s.until("it is missing again", func() bool { return verified() == 1 })
	s.settle()
	s.press("Undo")
	s.until("it counts again", func() bool { return verified() == 2 })

	// What is searched for is shown alone, in a round too.
	s.search.SetText(expected[1].Asset.Serial)
	s.until("one line is shown", func() bool { return p.list.Len() == 1 })
}

// A scan that fails while the page is being read again stays on it.
func TestFailedScanWhileReading(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeDesk)
	d := s.checkout.desk
	f.ledger.mu.Lock()
	f.ledger.broken = &cloud.Error{Kind: cloud.Storage, Code: "disk_full", Err: errors.New("no space")}
	d.box.take(f.books[0].Serial)
	d.load()
	f.ledger.mu.Unlock()
	s.until("all is shown", func() bool { return d.box.waiting == 0 && d.box.reading == 0 })
	s.mustSay("1 code to look after")
}

// partly is a fake whose first adoption is written in part and then fails.
type partly struct {
	*fake
	broken atomic.Bool
}

func (f *partly) Adopt(ctx context.Context, all []ledger.Adoption, note string) ([]string, int, error) {
	if f.broken.Swap(false) {
		written, refused, _ := f.fake.Adopt(ctx, all[:1], note)
		return written, refused, &cloud.Error{Kind: cloud.Storage, Code: "disk_full", Err: errors.New("no space")}
	}
	return f.fake.Adopt(ctx, all, note)
}

// adoptTwo opens the preview of a file about the first two devices.
func (s *stage) adoptTwo(f *fake) {
	s.t.Helper()
	who := f.active()
	file := filepath.Join(s.t.TempDir(), "old.csv")
	text := "Serial;E-Mail\n" + f.books[0].Serial + ";" + who[0].PrimaryEmail + "\n" + f.books[1].Serial + ";" + who[1].PrimaryEmail + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.checkout.real.adoptFile(file)
	s.until("the preview is there", func() bool { return len(s.sheets) > 0 && s.button("Check out 2") != nil })
}

// An adoption that fails half way says what is left, goes on, and is undone as a
// whole, also where it is given up.
func TestAdoptionThatFailsHalfWay(t *testing.T) {
	for _, goOn := range []bool{true, false} {
		f := &partly{fake: district(300)}
		s := atPlace(t, f.fake, placeReal)
		s.b = f
		f.broken.Store(true)
		s.adoptTwo(f.fake)
		s.press("Check out 2")
		s.until("it says what is left", func() bool { return s.button("Check out 1") != nil })
		if goOn {
			s.press("Check out 1")
		} else {
			s.press("Cancel")
		}
		s.until("the sheet is gone", func() bool { return len(s.sheets) == 0 })
		s.settle()
		s.press("Undo")
		s.until("all is undone", func() bool {
			first, second := f.Standing(keyOf(&f.books[0])), f.Standing(keyOf(&f.books[1]))
			return first.Status == ledger.In && (second == nil || second.Status == ledger.In)
		})
		s.b = f.fake
		s.Close()
	}
}

// Where all had changed meanwhile, nothing was adopted, and nothing can be undone.
func TestNothingAdopted(t *testing.T) {
	f := district(300)
	s := atPlace(t, f, placeReal)
	s.adoptTwo(f)
	f.ledger.mu.Lock()
	for i := range 2 {
		f.write(&ledger.Entry{Act: ledger.Checkout, Asset: ledger.AssetOf(&f.books[i]), Holder: ledger.HolderOf(f.active()[7])})
	}
	f.ledger.mu.Unlock()
	s.press("Check out 2")
	s.until("the sheet is gone", func() bool { return len(s.sheets) == 0 })
	s.mustSay("Nothing was adopted", "2 devices")
	if s.button("Undo") != nil {
		t.Error("it offers to undo nothing")
	}
}

// A scan that failed in a round is done again, and takes nothing with it.
func TestFailedScanInARound(t *testing.T) {
	f := district(300)
	s := open(t, f)
	expected, _ := f.Audit(t.Context(), []string{f.books[0].OrgUnit}, "")
	p := s.begun(f, ledger.Audit, placeAudit, expected)
	f.ledger.mu.Lock()
	f.ledger.broken = &cloud.Error{Kind: cloud.Storage, Code: "disk_full", Err: errors.New("no space")}
	f.ledger.mu.Unlock()
	s.scan(expected[0].Asset.Serial)
	s.mustSay("Not written")
	f.ledger.mu.Lock()
	f.ledger.broken = nil
	f.ledger.mu.Unlock()
	s.scan(expected[0].Asset.Serial)
	p.table.ShowKey(expected[0].Asset.ID)
	if got := ledger.Counts(p.lines)[ledger.Verified]; got != 1 || !s.button("Done with it").Disabled() || s.button("Undo this scan").Disabled() {
		t.Errorf("%d are verified, Done with it is disabled: %v", got, s.button("Done with it").Disabled())
	}
}

// unreadable is a fake that cannot read the scans of one round.
type unreadable struct {
	*fake
	round string
}

func (f *unreadable) Seen(ctx context.Context, round string) ([]ledger.Seen, error) {
	if round == f.round {
		return nil, &cloud.Error{Kind: cloud.Storage, Code: "other", Err: errors.New("a page")}
	}
	return f.fake.Seen(ctx, round)
}

// A round whose scans cannot be read shows nothing, and not those of another.
func TestRoundThatCannotBeRead(t *testing.T) {
	f := &unreadable{fake: district(300)}
	s := open(t, f.fake)
	expected, _ := f.Audit(t.Context(), []string{f.books[0].OrgUnit}, "")
	p := s.begun(f.fake, ledger.Audit, placeAudit, expected)
	s.scan(expected[0].Asset.Serial)
	other := &ledger.Round{ID: "other", Kind: ledger.Audit, Name: "Other", Begun: now, Expected: expected}
	s.b, f.round = f, other.ID
	p.showRound(other)
	s.until("it has failed", func() bool { return p.box.reading == 0 })
	s.settle()
	p.workOut()
	if len(p.lines) > 0 || p.table.rows.Len() > 0 || s.scanning() == p.box {
		t.Errorf("it shows %d lines, and takes codes: %v", p.table.rows.Len(), s.scanning() == p.box)
	}
	s.b = f.fake
}

// A stays with the place where it was typed, and is done once.
func TestAcceptIsDoneOnceAndHere(t *testing.T) {
	f := district(300)
	who := f.active()[5]
	f.books[4].AnnotatedUser = who.PrimaryEmail
	s, p := atEvidence(t, f, f.books[4].DeviceID)
	s.typeIn("a")
	s.goTo(tabPeople)
	p.flush() // as if the pause were over
	s.settle()
	if len(f.ledger.journal) != 0 {
		t.Errorf("accepted from another tab: %+v", f.ledger.journal)
	}
	s.goTo(tabCheckout)
	s.settle()
	p.list.table.ShowKey(f.books[4].DeviceID)
	s.typeIn("a")
	p.acceptNow()
	if p.soon != nil {
		t.Error("it will be accepted twice")
	}
	s.until("it is accepted", func() bool { return f.Standing(keyOf(&f.books[4])) != nil })
}

// slow is a fake whose adoptions wait, and then fail in part.
type slow struct {
	*partly
	goOn chan bool
}

func (f *slow) Adopt(ctx context.Context, all []ledger.Adoption, note string) ([]string, int, error) {
	<-f.goOn
	return f.partly.Adopt(ctx, all, note)
}

// Whoever closes the sheet while it writes is told how it went, with a way back.
func TestSheetClosedWhileAdopting(t *testing.T) {
	f := &slow{&partly{fake: district(300)}, make(chan bool)}
	s := atPlace(t, f.fake, placeReal)
	s.b = f
	f.broken.Store(true)
	s.adoptTwo(f.fake)
	s.press("Check out 2")
	for _, o := range s.objects() {
		if c, ok := o.(*tick); ok && !c.Disabled() {
			t.Errorf("%q can be ticked while it writes", c.Text)
		}
	}
	s.sheet().close()
	f.goOn <- true
	s.until("it is told", func() bool { return s.button("Undo") != nil })
	s.press("Undo")
	s.until("it is undone", func() bool { return f.Standing(keyOf(&f.books[0])).Status == ledger.In })
	s.b = f.fake
}
