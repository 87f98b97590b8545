package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// lines are what a result says: the mark, of what, whose, and when.
func lines(all []Line) string {
	var out []string
	for _, l := range all {
		text := string(l.Mark)
		for _, more := range []string{l.Asset.ID, l.Code, l.Holder.Name, l.Where} {
			if more == "" {
				more = "-"
			}
			text += " " + more
		}
		if !l.At.IsZero() {
			text += fmt.Sprintf(" %d", l.At.Sub(at(0))/time.Minute)
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}

// collection is a round for all that is out at the desk, and what was scanned
// in it.
type collection struct {
	*desk
	round Round
	seen  []Seen
}

// scanIn scans codes in the round, a minute apart and each before its entry is
// written, as it is.
func (c *collection) scanIn(codes ...string) {
	c.scanner.Kind = c.round.Kind
	for _, code := range codes {
		line, again := strings.CutSuffix(code, "+")
		c.now = at(len(c.entries)).Add(30 * time.Second)
		for range map[bool]int{false: 1, true: 2}[again] {
			scan, _ := c.scan(line, false)
			s := SeenOf(&scan)
			s.N = uint64(len(c.seen) + 1)
			c.seen = append(c.seen, s)
		}
	}
}

func (c *collection) result() string {
	return lines(c.round.Result(c.seen, c.book.Standing, nil))
}

// newCollection hands d1 and d2 to Pat and d3 to Quinn, and collects Pat's.
func newCollection(t testing.TB) *collection {
	t.Helper()
	c := &collection{desk: newDesk()}
	for i, who := range []int{0, 0, 1} {
		if err := c.do(Entry{Act: Checkout, Asset: AssetOf(&c.devices[i]), Holder: HolderOf(&c.people[who])}); err != nil {
			t.Fatal(err)
		}
	}
	c.round = Round{ID: "r", Kind: Collection, Expected: Collect(&c.book, func(h *Holder) (string, bool) { return "/A", h.Name == "Pat" })}
	return c
}

func TestCollection(t *testing.T) {
	const d1, d2 = "outstanding d1 - Pat -", "outstanding d2 - Pat -"
	for name, c := range map[string]struct {
		do   func(c *collection) error
		want []string
	}{
		"nothing yet":             {func(*collection) error { return nil }, []string{d1, d2}},
		"one came back":           {func(c *collection) error { c.scanIn("5CD1"); return nil }, []string{"returned d1 5CD1 Pat - 3", d2}},
		"by another of its codes": {func(c *collection) error { c.scanIn("000123", "5CD1"); return nil }, []string{"returned d1 000123 Pat - 3", d2}},
		"one came back elsewhere": {func(c *collection) error { return c.do(Entry{Act: CheckIn, Asset: AssetOf(&c.devices[0])}) },
			[]string{"returned d1 - Pat - 4", d2}},
		"one is in repair": {func(c *collection) error { return c.do(Entry{Act: Repair, Asset: AssetOf(&c.devices[0])}) },
			[]string{"returned d1 - Pat - 4", d2}},
		"one is lost": {func(c *collection) error { return c.do(Entry{Act: Lost, Asset: AssetOf(&c.devices[0])}) }, []string{d1, d2}},
		"one came back and went out again": {func(c *collection) error {
			c.scanIn("5CD1")
			return c.do(Entry{Act: Checkout, Asset: AssetOf(&c.devices[0]), Holder: HolderOf(&c.people[0])})
		}, []string{"returned d1 5CD1 Pat - 3", d2}},
		"one was handed on without being seen": {func(c *collection) error {
			if err := c.do(Entry{Act: CheckIn, Asset: AssetOf(&c.devices[0])}); err != nil {
				return err
			}
			return c.do(Entry{Act: Checkout, Asset: AssetOf(&c.devices[0]), Holder: HolderOf(&c.people[1])})
		}, []string{"outstanding d1 - Quinn -", d2}},
		"handed on, scanned, and that undone": {func(c *collection) error {
			for _, e := range []Entry{{Act: CheckIn, Asset: AssetOf(&c.devices[0])}, {Act: Checkout, Asset: AssetOf(&c.devices[0]), Holder: HolderOf(&c.people[1])}} {
				if err := c.do(e); err != nil {
					return err
				}
			}
			c.scanIn("5CD1")
			return c.undo(6)
		}, []string{"outstanding d1 5CD1 Quinn - 5", d2}},
		"a scan that does not count": {func(c *collection) error { c.scanIn("ABOO"); c.seen[0].Settled = true; return nil }, []string{d1, d2}},
		"a return that was undone": {func(c *collection) error { c.scanIn("5CD1"); return c.undo(4) },
			[]string{"outstanding d1 5CD1 Pat - 3", d2}},
		"someone else's": {func(c *collection) error { c.scanIn("AB0O"); return nil },
			[]string{d1, d2, "someone_elses d3 AB0O Quinn - 3"}},
		"someone else's, twice":            {func(c *collection) error { c.scanIn("AB0O+", "777"); return nil }, []string{d1, d2, "someone_elses d3 AB0O Quinn - 3", "unknown - 777 - - 4"}},
		"someone else's, undone":           {func(c *collection) error { c.scanIn("AB0O"); return c.undo(4) }, []string{d1, d2}},
		"someone else's, twice and undone": {func(c *collection) error { c.scanIn("AB0O+"); return c.undo(4) }, []string{d1, d2}},
		"someone else's, lost before, undone": {func(c *collection) error {
			if err := c.do(Entry{Act: Lost, Asset: AssetOf(&c.devices[2])}); err != nil {
				return err
			}
			c.scanIn("AB0O")
			return c.undo(5)
		}, []string{d1, d2}},
		"someone else's, handed out again": {func(c *collection) error {
			c.scanIn("AB0O")
			return c.do(Entry{Act: Checkout, Asset: AssetOf(&c.devices[2]), Holder: HolderOf(&c.people[0])})
		}, []string{d1, d2, "someone_elses d3 AB0O Quinn - 3"}},
		"what was in": {func(c *collection) error { c.scanIn("ABOO", "ABOO"); return nil }, []string{d1, d2, "already_in d4 ABOO - - 3"}},
		"what nobody knows": {func(c *collection) error { c.scanIn("nonsense+", "nonsense", "TWIN"); return nil },
			[]string{d1, d2, "unknown - nonsense - - 3", "unknown - TWIN - - 3"}},
		"what somebody looked after": {func(c *collection) error { c.scanIn("nonsense"); c.seen[0].Settled = true; return nil }, []string{d1, d2}},
		"a scan that failed": {func(c *collection) error {
			c.scanIn("ABOO")
			c.seen[0].Outcome = Failed
			return nil
		}, []string{d1, d2}},
		"people": {func(c *collection) error { c.scanIn("pat@x", ""); return nil }, []string{d1, d2}},
		"a bit of each": {func(c *collection) error { c.scanIn("?", "ABOO", "AB0O", "5CD1"); return nil },
			[]string{"returned d1 5CD1 Pat - 4", d2, "unknown - ? - - 3", "already_in d4 ABOO - - 3", "someone_elses d3 AB0O Quinn - 3"}},
	} {
		round := newCollection(t)
		if err := c.do(round); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := round.result(), strings.Join(c.want, "\n"); got != want {
			t.Errorf("%s:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

func TestAudit(t *testing.T) {
	d := newDesk()
	if err := d.do(Entry{Act: Checkout, Asset: AssetOf(&d.devices[4]), Holder: HolderOf(&d.people[0])}); err != nil {
		t.Fatal(err)
	}
	c := &collection{desk: d, round: Round{Kind: Audit}}
	for _, i := range []int{0, 1, 2} {
		x, ok := ExpectedOf(&d.devices[i], &d.book)
		if !ok {
			t.Fatalf("%s is not expected", d.devices[i].Serial)
		}
		c.round.Expected = append(c.round.Expected, x)
	}
	c.scanIn("5CD1", "ABOO", "ABOO", "x1o", "?", "pat@x", "600")
	elsewhere := func(key string) (string, time.Time) {
		if key == "chromebook:d2" {
			return "Library", at(9)
		}
		return "", time.Time{}
	}
	got := c.round.Result(c.seen, d.book.Standing, elsewhere)
	want := "verified d1 5CD1 - - 1\nfound_elsewhere d2 - - Library 9\nmissing d3 - - -\n" +
		"misplaced d4 ABOO - - 1\nmisplaced d5 x1o Pat - 1\nunknown - ? - - 1\nunknown - 600 - - 1"
	if lines(got) != want {
		t.Errorf("\n%s\nwant:\n%s", lines(got), want)
	}
	c.seen[0].Settled = true // it does not count
	if without := lines(c.round.Result(c.seen, d.book.Standing, elsewhere)); !strings.HasPrefix(without, "missing d1 - - -\n") {
		t.Errorf("without the first scan:\n%s", without)
	}
	c.seen[0].Settled = false
	if got[0].OrgUnit != "/A" || got[0].Place != "Room 1" {
		t.Errorf("where it belongs: %+v", got[0])
	}
	counts := map[Mark]int{Verified: 1, FoundElsewhere: 1, Missing: 1, Misplaced: 2, UnknownCode: 2}
	if !maps.Equal(Counts(got), counts) {
		t.Errorf("%v, want %v", Counts(got), counts)
	}
	for mark := range counts {
		if !slices.Contains(Audit.Marks(), mark) {
			t.Errorf("%s is not shown", mark)
		}
	}
	if lines(c.round.Result(c.seen[:1], d.book.Standing, nil)) != "verified d1 5CD1 - - 1\nmissing d2 - - -\nmissing d3 - - -" {
		t.Error("without other rounds something else is found")
	}
	if len(d.entries) != 1 {
		t.Errorf("%d entries", len(d.entries))
	}
}

func TestExpected(t *testing.T) {
	d := newDesk()
	for i, act := range []Act{Checkout, Lost, Repair} {
		if err := d.do(Entry{Act: act, Asset: AssetOf(&d.devices[i]), Holder: HolderOf(&d.people[i])}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 { // back again
		if err := d.do(Entry{Act: []Act{Checkout, CheckIn}[i], Asset: AssetOf(&d.devices[3]), Holder: HolderOf(&d.people[1])}); err != nil {
			t.Fatal(err)
		}
	}
	d.devices[4].Status = "DEPROVISIONED"
	d.devices[6].Status = "DISABLED"
	want := map[string]bool{"d4": true, "d7": true, "d10": true, "d11": true, "d12": true}
	for i := range d.devices {
		c := &d.devices[i]
		if _, ok := ExpectedOf(c, &d.book); ok != want[c.DeviceID] {
			t.Errorf("%s is expected: %v", c.DeviceID, ok)
		}
	}
}

// Collect has all that is out to whom it is asked for, sorted.
func TestCollect(t *testing.T) {
	d := newDesk()
	for i, who := range []int{1, 0, 0, 0, 0, 2} {
		if err := d.do(Entry{Act: Checkout, Asset: AssetOf(&d.devices[i]), Holder: HolderOf(&d.people[who])}); err != nil {
			t.Fatal(err)
		}
	}
	for i, act := range []Act{Lost, Repair, CheckIn} {
		if err := d.do(Entry{Act: act, Asset: AssetOf(&d.devices[2+i])}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.do(Entry{Act: Checkout, Asset: AssetOf(&d.devices[6]), Holder: HolderOf(&d.people[0])}); err != nil {
		t.Fatal(err)
	}
	got := Collect(&d.book, func(h *Holder) (string, bool) { return "/" + h.Name, h.Name != "Sue" })
	want := []Expected{
		{Asset: AssetOf(&d.devices[1]), Holder: HolderOf(&d.people[0]), Since: at(2), OrgUnit: "/Pat"},
		{Asset: AssetOf(&d.devices[6]), Holder: HolderOf(&d.people[0]), Since: at(10), OrgUnit: "/Pat"},
		{Asset: AssetOf(&d.devices[0]), Holder: HolderOf(&d.people[1]), Since: at(1), OrgUnit: "/Quinn"},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is kept of a scan says whose the Asset is: who had it, unless it was
// handed out.
func TestSeenOf(t *testing.T) {
	d := newDesk()
	for _, c := range []struct{ line, holder, orgUnit string }{
		{"5CD1", "", "/A"}, {"pat@x", "Pat", ""}, {"5CD1", "Pat", "/A"}, {"5CD1", "Pat", "/A"},
		{"quinn@x", "Quinn", ""}, {"5CD1", "Pat", "/A"}, {"AB0O", "Quinn", ""}, {"sue@x", "Sue", ""}, {"5CD1", "Pat", "/A"}, {"5CD1", "", "/A"},
	} {
		d.now = d.now.Add(time.Minute)
		scan, text := d.scan(c.line, false)
		s := SeenOf(&scan)
		if s.Holder.Name != c.holder || s.OrgUnit != c.orgUnit || s.Code != c.line || !s.At.Equal(d.now) || s.Outcome != scan.Outcome || (s.Entry != "") != (scan.Entry != nil) {
			t.Errorf("%s: %s is kept as %+v", c.line, text, s)
		}
		if s.Open() {
			t.Errorf("%s is open", text)
		}
	}
	for outcome, open := range map[Outcome]bool{Unknown: true, Ambiguous: true, Failed: true, Refused: false, Duplicate: false} {
		s, settled := Seen{Outcome: outcome}, Seen{Outcome: outcome, Settled: true}
		if s.Open() != open || settled.Open() {
			t.Errorf("%s is open: %v, %v", outcome, s.Open(), settled.Open())
		}
	}
}
