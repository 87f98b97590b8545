package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"panel/directory"
)

// desk is a scanner in a small district, with all that its scans wrote.
type desk struct {
	diary
	scanner Scanner
	devices []directory.Chromebook
	people  []directory.Person
	codes   Codes
	now     time.Time
}

func someone(id string, state directory.State, employee string, emails ...string) directory.Person {
	p := directory.Person{ID: "g:" + id, GoogleID: id, DisplayName: strings.ToUpper(id[:1]) + id[1:], Emails: emails, EmployeeID: employee, State: state}
	if len(emails) > 0 {
		p.PrimaryEmail = emails[0]
	}
	return p
}

func newDesk() *desk {
	d := &desk{now: at(0)}
	d.devices = []directory.Chromebook{
		{DeviceID: "d1", Serial: "5CD1", AssetID: "000123", OrgUnit: "/A", AnnotatedLocation: "Room 1"},
		{DeviceID: "d2", Serial: "5CD2", AssetID: "123"},
		{DeviceID: "d3", Serial: "AB0O", AssetID: "777"},
		{DeviceID: "d4", Serial: "ABOO", AssetID: "77"},
		{DeviceID: "d5", Serial: "x1o", AssetID: "5CD2"}, // its tag is another's serial
		{DeviceID: "d6", Serial: "OLD1", Gone: at(-9)},
		{DeviceID: "d7", Serial: "OLD1"},
		{DeviceID: "d8", Serial: "GONE", Gone: at(-9)},
		{DeviceID: "d9", Serial: "gone2", Gone: at(-9)},
		{DeviceID: "d10", Serial: "GONE2"},
		{DeviceID: "d11", Serial: "TWIN"},
		{DeviceID: "d12", Serial: "TWIN"},
	}
	d.people = []directory.Person{
		someone("pat", directory.Active, "0042", "pat@x", "patricia@x"),
		someone("quinn", "", "42", "quinn@x"),
		someone("sue", directory.Suspended, "501", "sue@x"),
		someone("ada", directory.Archived, "502", "ada@x"),
		someone("dis", directory.Disabled, "503", "dis@x"),
		someone("dee", directory.Active, "504", "dee@x"),
		someone("tim", directory.Active, "600", "tim@x"),
		someone("tom", directory.Active, "600", "tom@x"),
		someone("num", directory.Active, "777", "num@x"), // also an asset id
	}
	d.people[5].Departed = true
	for i := range d.devices {
		c := &d.devices[i]
		d.codes.Add(Ref{Key: c.DeviceID}, c.Serial, c.AssetID)
	}
	for i := range d.people {
		p := &d.people[i]
		d.codes.Add(Ref{Person: true, Key: p.ID}, append(slices.Clone(p.Emails), p.EmployeeID)...)
	}
	d.codes.Add(Ref{Key: "lost-id"}, "REMEMBERED")
	d.codes.Ready()
	return d
}

func (d *desk) find(code string) (found []Match) {
	for _, r := range d.codes.Find(code) {
		for i := range d.devices {
			if !r.Person && d.devices[i].DeviceID == r.Key {
				found = append(found, Match{Device: &d.devices[i]})
			}
		}
		for i := range d.people {
			if r.Person && d.people[i].ID == r.Key {
				found = append(found, Match{Person: &d.people[i]})
			}
		}
		if s := d.book.Standing(AssetKey(Chromebook, r.Key)); r.Key == "lost-id" && s != nil {
			found = append(found, Match{Asset: &s.Asset})
		}
	}
	return found
}

// scan scans a line and writes what it asks for, unless that is to fail, and
// says what came of it: the outcome, why, what it is about, and who is current.
func (d *desk) scan(line string, fails bool) (Scan, string) {
	scan := d.scanner.Scan(line, d.now, d.find, &d.book)
	text := string(scan.Outcome)
	if fails {
		d.scanner.Forget(scan.Code)
		text = string(Failed)
	} else if scan.Entry != nil {
		d.write(scan.Entry)
	}
	if scan.Why != "" {
		text += "/" + string(scan.Why)
	}
	if scan.Asset.ID != "" {
		text += " " + scan.Asset.ID
	}
	if scan.Matches != nil {
		text += fmt.Sprint(" of ", len(scan.Matches))
	}
	if p := d.scanner.Current(); p != nil {
		text += " for " + p.DisplayName
	}
	return scan, text
}

// TestScanMode is the section of that name, line by line. A step is a line
// that is scanned, "=>" and what comes of it; one that begins with "+" comes a
// second after the one before and the others a minute, "!" is a scan that could
// not be written.
func TestScanMode(t *testing.T) {
	for name, steps := range map[string][]string{
		"nobody current": {
			"5CD1 => not_out d1", "pat@x => person for Pat", "5CD1 => checked_out d1 for Pat", " => ended", "5CD1 => checked_in d1", "5CD1 => not_out d1",
		},
		"with somebody current": {
			"pat@x => person for Pat", "5CD1 => checked_out d1 for Pat", "5CD1 => duplicate/already_theirs d1 for Pat",
			"quinn@x => person for Quinn", "5CD1 => already_out d1 for Quinn", "AB0O => checked_out d3 for Quinn",
			"pat@x => person for Pat", "AB0O => already_out d3 for Pat",
		},
		"the person stays until another or an empty line": {
			"pat@x => person for Pat", "5CD1 => checked_out d1 for Pat", "nonsense => unknown for Pat", "GONE => checked_out d8 for Pat",
			"quinn@x => person for Quinn", "\t  => ended", "5CD1 => checked_in d1",
		},
		"an empty line with nobody": {" => ended", "5CD1 => not_out d1"},
		"every way to name somebody": {
			"pat@x => person for Pat", "PATRICIA@X => person for Pat", "0042 => person for Pat", "42 => person for Quinn", " quinn@x  => person for Quinn",
		},
		"every way to name a device": {"5CD1 => not_out d1", "000123 => not_out d1", " 5CD1\t => not_out d1"},
		"the same within 3 s": {
			"pat@x => person for Pat", "+pat@x => duplicate for Pat", "5CD1 => checked_out d1 for Pat", "+5CD1 => duplicate d1 for Pat",
			"+ => ended", "5CD1 => checked_in d1", "+5CD1 => duplicate d1", "+5CD1 => duplicate d1", "5CD1 => not_out d1",
			"nonsense => unknown", "+nonsense => duplicate", "nonsense => unknown",
		},
		"a duplicate writes nothing for the next person": {
			"pat@x => person for Pat", "5CD1 => checked_out d1 for Pat", "+quinn@x => person for Quinn", "+5CD1 => duplicate d1 for Quinn",
		},
		"P, Q, P is P again": {
			"pat@x => person for Pat", "+quinn@x => person for Quinn", "+pat@x => person for Pat", "5CD1 => checked_out d1 for Pat",
		},
		"P, an empty line, P is P again": {"pat@x => person for Pat", "+ => ended", "+pat@x => person for Pat"},
		"what failed may be repeated at once": {
			"pat@x => person for Pat", "!5CD1 => failed d1 for Pat", "+5CD1 => checked_out d1 for Pat", "+5CD1 => duplicate d1 for Pat",
		},
		"who may not receive": {
			"pat@x => person for Pat", "sue@x => refused/suspended", "5CD1 => not_out d1",
			"pat@x => person for Pat", "ada@x => refused/archived", "5CD1 => not_out d1",
			"pat@x => person for Pat", "dis@x => refused/suspended", "5CD1 => not_out d1",
			"pat@x => person for Pat", "dee@x => refused/departed", "+dee@x => refused/departed",
		},
		"exact matches in two kinds": {
			"5CD2 => ambiguous of 2", "+5CD2 => duplicate of 2",
			"pat@x => person for Pat", "5CD2 => ambiguous of 2 for Pat", "777 => ambiguous of 2 for Pat", "TWIN => ambiguous of 2 for Pat",
		},
		"two people": {"pat@x => person for Pat", "600 => ambiguous of 2", "5CD1 => not_out d1"},
		"leading zeros are part of a code": {
			"000123 => not_out d1", "123 => not_out d2", "0123 => unknown", "0042 => person for Pat", "42 => person for Quinn", "042 => unknown for Quinn",
		},
		"case, and O for 0, where that leads to one": {
			"5cd1 => not_out d1", "X1O => not_out d5", "X10 => not_out d5", "OOO123 => not_out d1", "PAT@x => person for Pat", "0O42 => person for Pat",
		},
		"where it leads to two": {"AB00 => ambiguous of 2", "ab0o => not_out d3", "aboo => not_out d4", "abo0 => ambiguous of 2"},
		"what fits to the letter comes first": {
			"AB0O => not_out d3", "ABOO => not_out d4", "gone2 => not_out d9", "GONE2 => not_out d10", "Gone2 => not_out d10",
		},
		"a device of the past with the serial of one that is there": {"OLD1 => not_out d7", "old1 => not_out d7"},
		"a device of the past alone":                                {"GONE => not_out d8", "pat@x => person for Pat", "GONE => checked_out d8 for Pat"},
		"what nobody knows":                                         {"REMEMBERED => unknown", "5CD => unknown", "pat => unknown", "@ => unknown"},
	} {
		d := newDesk()
		for i, step := range steps {
			line, want, _ := strings.Cut(step, " => ")
			d.now = d.now.Add(time.Minute)
			if rest, ok := strings.CutPrefix(line, "+"); ok {
				line, d.now = rest, d.now.Add(time.Second-time.Minute)
			}
			line, fails := strings.CutPrefix(line, "!")
			entries := len(d.entries)
			scan, got := d.scan(line, fails)
			if got != want {
				t.Errorf("%s: step %d, %q: %s, want %s", name, i+1, line, got, want)
			}
			writes := scan.Outcome == CheckedOut || scan.Outcome == CheckedIn
			if writes != (scan.Entry != nil) || !fails && writes != (len(d.entries) > entries) {
				t.Errorf("%s: step %d, %q: %s with %+v", name, i+1, line, got, scan.Entry)
			}
			if scan.Code != strings.TrimSpace(line) || !scan.At.Equal(d.now) {
				t.Errorf("%s: step %d, %q is taken for %q of %v", name, i+1, line, scan.Code, scan.At)
			}
		}
	}
}

// The 3 s end by themselves, and a clock that was set back begins them anew.
func TestTwice(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{0, "duplicate d1"}, {twice - 1, "duplicate d1"}, {twice, "not_out d1"}, {-time.Hour, "not_out d1"},
	} {
		d := newDesk()
		d.scan("5CD1", false)
		d.now = d.now.Add(c.after)
		if _, got := d.scan("5CD1", false); got != c.want {
			t.Errorf("after %v: %s, want %s", c.after, got, c.want)
		}
	}
	d := newDesk()
	for i := range 5000 {
		d.now = d.now.Add(10 * time.Millisecond)
		d.scan(fmt.Sprint("code ", i), false)
	}
	if n := len(d.scanner.seen); n > 2000 {
		t.Errorf("%d codes are remembered", n)
	}
	if _, got := d.scan("code 4999", false); got != "duplicate" {
		t.Errorf("after many codes: %s", got)
	}
}

// What is handed out has the due date that was chosen, and an Asset that no
// cloud knows any more can still come back.
func TestScanWrites(t *testing.T) {
	d := newDesk()
	d.scanner.Due, d.scanner.Loaner = "2026-12-01", true
	d.scan("pat@x", false)
	scan, _ := d.scan("5CD1", false)
	want := &Entry{Act: Checkout, Asset: AssetOf(&d.devices[0]), Holder: HolderOf(&d.people[0]), Due: "2026-12-01", Loaner: true,
		ID: "e1", Station: "s", Seq: 1, At: at(1), By: "user1"}
	if diff := gocmp.Diff(want, scan.Entry); diff != "" {
		t.Errorf("handed out:\n%s", diff)
	}
	d.scanner.Due = "2026-11-01"
	if _, got := d.scan("GONE", false); got != "refused/due_in_the_past d8 for Pat" {
		t.Errorf("due in the past: %s", got)
	}
	d.scan("", false)
	d.now = d.now.Add(time.Minute)
	if scan, got := d.scan("5CD1", false); got != "checked_in d1" || scan.Was == nil || scan.Was.Holder.Name != "Pat" || scan.Entry.Holder.Name != "Pat" || scan.Entry.Due != "" {
		t.Errorf("taken back: %s, %+v", got, scan)
	}
	d.write(&Entry{Act: Checkout, Asset: Asset{Kind: Chromebook, ID: "lost-id", Serial: "REMEMBERED"}, Holder: holder("g:pat")})
	if scan, got := d.scan("remembered", false); got != "checked_in lost-id" || scan.Device != nil {
		t.Errorf("what the ledger remembers: %s", got)
	}
	for act, want := range map[Act]string{Lost: "refused/still_lost d3 for Pat", Repair: "checked_out d3 for Pat"} {
		d := newDesk()
		d.write(&Entry{Act: act, Asset: AssetOf(&d.devices[2])})
		d.scan("pat@x", false)
		if _, got := d.scan("AB0O", false); got != want {
			t.Errorf("after %s: %s, want %s", act, got, want)
		}
	}
}

// In a collection nobody is ever current; in an audit nothing is written.
func TestScanOfARound(t *testing.T) {
	for kind, want := range map[RoundKind][]string{
		Collection: {"person", "checked_in d1", "not_out d3", "person", "not_out d4", "unknown"},
		Audit:      {"person", "already_out d1", "not_out d3", "person", "not_out d4", "unknown"},
		Desk:       {"person for Pat", "duplicate/already_theirs d1 for Pat", "checked_out d3 for Pat", "refused/suspended", "not_out d4", "unknown"},
		"":         {"person for Pat", "duplicate/already_theirs d1 for Pat", "checked_out d3 for Pat", "refused/suspended", "not_out d4", "unknown"},
	} {
		d := newDesk()
		d.write(&Entry{Act: Checkout, Asset: AssetOf(&d.devices[0]), Holder: HolderOf(&d.people[0])})
		d.scanner.Kind = kind
		for i, code := range []string{"pat@x", "5CD1", "AB0O", "sue@x", "ABOO", "?"} {
			if _, got := d.scan(code, false); got != want[i] {
				t.Errorf("%s: %s: %s, want %s", kind, code, got, want[i])
			}
		}
		if n := len(d.entries); kind == Audit && n != 1 {
			t.Errorf("an audit wrote %d entries", n-1)
		}
	}
}

// Whoever is asked says which of several it is, also right after the scan.
func TestChoose(t *testing.T) {
	d := newDesk()
	scan, _ := d.scan("777", false)
	ids := []string{scan.Matches[0].ID(), scan.Matches[1].ID()}
	slices.Sort(ids)
	if !slices.Equal(ids, []string{"d3", "g:num"}) {
		t.Fatalf("777 may be %q", ids)
	}
	for _, m := range []Match{{Person: &d.people[8]}, {Device: &d.devices[2]}} {
		chosen := d.scanner.Choose("777", m, &d.people[8], d.now, &d.book)
		if m.Person != nil && (chosen.Outcome != ScannedPerson || d.scanner.Current() != m.Person) {
			t.Errorf("the person: %+v", chosen)
		}
		if m.Device != nil && (chosen.Outcome != CheckedOut || chosen.Entry == nil || chosen.Entry.Holder.Name != "Num" || chosen.Matches != nil) {
			t.Errorf("the device: %+v", chosen)
		}
	}
	if chosen := d.scanner.Choose("600", Match{Person: &d.people[2]}, nil, d.now, &d.book); chosen.Outcome != Refused || d.scanner.Current() != nil {
		t.Errorf("someone suspended: %+v", chosen)
	}
}

// A code that leads nowhere is kept for the one for whom it was scanned, and
// goes there once it is known what it means, whoever is current by then.
func TestChooseLater(t *testing.T) {
	d := newDesk()
	d.scan("pat@x", false)
	for _, code := range []string{"nowhere", "777"} {
		if scan, _ := d.scan(code, false); scan.Person == nil || scan.Person.ID != "g:pat" {
			t.Fatalf("%s was scanned for %v", code, scan.Person)
		}
	}
	if scan, _ := d.scan("600", false); scan.Person != nil {
		t.Errorf("two people's code was scanned for %s", scan.Person.ID)
	}
	d.scan("quinn@x", false)
	d.scanner.Due, d.scanner.Loaner = "2030-01-02", true
	chosen := d.scanner.Choose("nowhere", Match{Device: &d.devices[0]}, &d.people[0], d.now, &d.book)
	if e := chosen.Entry; chosen.Outcome != CheckedOut || e == nil || e.Holder.Name != "Pat" || e.Due != "2030-01-02" || !e.Loaner || chosen.Person.ID != "g:pat" {
		t.Errorf("it goes to whom it was scanned for: %+v", chosen)
	}
	if chosen := d.scanner.Choose("nowhere", Match{Device: &d.devices[0]}, nil, d.now, &d.book); chosen.Outcome != WasNotOut {
		t.Errorf("scanned for nobody, it comes back: %+v", chosen)
	}
	d.people[0].State = directory.Suspended
	if chosen := d.scanner.Choose("nowhere", Match{Device: &d.devices[0]}, &d.people[0], d.now, &d.book); chosen.Outcome != Refused || chosen.Why != IsSuspended || chosen.Entry != nil || chosen.Asset.Serial != "5CD1" {
		t.Errorf("someone suspended meanwhile: %+v", chosen)
	}
	if d.scanner.Current() == nil || d.scanner.Current().ID != "g:quinn" {
		t.Error("whoever is current stays so")
	}
}

// In a round everything comes back, also what is resolved later.
func TestChooseInARound(t *testing.T) {
	d := newDesk()
	if err := d.do(Entry{Act: Checkout, Asset: AssetOf(&d.devices[0]), Holder: HolderOf(&d.people[0])}); err != nil {
		t.Fatal(err)
	}
	d.scanner.Kind = Collection
	chosen := d.scanner.Choose("worn", Match{Device: &d.devices[0]}, &d.people[0], d.now, &d.book)
	if chosen.Outcome != CheckedIn || chosen.Entry == nil || chosen.Entry.Act != CheckIn {
		t.Errorf("%+v", chosen)
	}
	chosen.Outcome = Failed
	if s := SeenOf(&chosen); !s.Holder.Nobody() {
		t.Errorf("a scan that failed is for %s", s.Holder.Name)
	}
}
