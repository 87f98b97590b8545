package ledger

import (
	"slices"
	"time"

	"panel/directory"
)

// RoundKind is what a [Round] is for.
type RoundKind string

// The kinds of round. Desk is the everyday scan mode, the one round that is
// never over and expects nothing.
const (
	Desk       RoundKind = "desk"
	Collection RoundKind = "collection"
	Audit      RoundKind = "audit"
)

// Round is a task of many scans: what is expected, fixed when it began, against
// what was scanned.
type Round struct {
	ID    string
	Kind  RoundKind
	Name  string
	Begun time.Time
	Ended time.Time // zero while it goes on
	// OrgUnits and Place are what it is about.
	OrgUnits []string
	Place    string
	Expected []Expected
}

// Expected is an Asset that a round is to see.
type Expected struct {
	Asset  Asset
	Holder Holder // who had it when the round began
	Since  time.Time
	// OrgUnit and Place are where it belongs, by Google.
	OrgUnit string
	Place   string
}

// Seen is one scan of a round, as it is kept.
type Seen struct {
	// N is its number, by which it is found again; 0 until it is kept.
	N       uint64
	At      time.Time
	Code    string
	Outcome Outcome
	Why     Why
	Asset   Asset  // of no ID where the code led to none
	Holder  Holder // who had it, gets it, or was scanned
	// OrgUnit and Place are where the Asset belongs.
	OrgUnit string
	Place   string
	Entry   string // what was written, "" for nothing
	// Settled tells that somebody has looked after a code that led nowhere, or
	// that the scan does not count.
	Settled bool
}

// SeenOf is what is kept of a scan.
func SeenOf(scan *Scan) Seen {
	s := Seen{N: scan.Number, At: scan.At.UTC().Round(0), Code: scan.Code, Outcome: scan.Outcome, Why: scan.Why, Asset: scan.Asset}
	if scan.Device != nil {
		s.OrgUnit, s.Place = scan.Device.OrgUnit, scan.Device.AnnotatedLocation
	}
	switch {
	case scan.Person != nil && (scan.Outcome != OutAlready && scan.Outcome != Duplicate || scan.Was == nil):
		s.Holder = HolderOf(scan.Person)
	case scan.Was != nil && scan.Outcome != Failed:
		s.Holder = scan.Was.Holder
	}
	if scan.Entry != nil {
		s.Entry = scan.Entry.ID
	}
	return s
}

// Open tells whether s is a code that is still to be looked after.
func (s *Seen) Open() bool {
	return !s.Settled && (s.Outcome == Unknown || s.Outcome == Ambiguous || s.Outcome == Failed)
}

// Mark is where an Asset stands in a round.
type Mark string

// The marks of a collection, and of an audit.
const (
	Returned     Mark = "returned"
	Outstanding  Mark = "outstanding"
	SomeoneElses Mark = "someone_elses"
	AlreadyIn    Mark = "already_in"

	Verified       Mark = "verified"
	FoundElsewhere Mark = "found_elsewhere"
	Misplaced      Mark = "misplaced"
	Missing        Mark = "missing"

	// UnknownCode is of both: a code that leads to no Asset.
	UnknownCode Mark = "unknown"
)

// Marks are those of a kind of round, in the order in which they are shown.
func (k RoundKind) Marks() []Mark {
	switch k {
	case Collection:
		return []Mark{Returned, Outstanding, SomeoneElses, UnknownCode, AlreadyIn}
	case Audit:
		return []Mark{Verified, FoundElsewhere, Misplaced, Missing, UnknownCode}
	}
	return nil
}

// Line is one line of a round's result.
type Line struct {
	Mark  Mark
	Code  string // that was scanned, "" for none
	Asset Asset
	// Holder is who had it when the round began, or when it was scanned.
	Holder  Holder
	OrgUnit string
	Place   string
	At      time.Time // of the scan, or of the return; zero for none
	// Where is the round in which it was seen, for FoundElsewhere.
	Where string
}

// Result says where everything stands in a round: the expected Assets first, in
// their order, then what else was scanned, each once, in the order of the first
// scan. Standing is that of a [Book]. Elsewhere tells in which other round an Asset was seen since this one
// began; it may be nil.
func (r *Round) Result(seen []Seen, standing func(asset string) *Standing, elsewhere func(asset string) (round string, at time.Time)) []Line {
	scanned := make(map[string]*Seen) // the first useful scan of an Asset
	for i := range seen {
		s := &seen[i]
		if key := s.Asset.Key(); key != "" && s.Outcome != Failed && !s.Settled {
			if _, ok := scanned[key]; !ok {
				scanned[key] = s
			}
		}
	}
	lines := make([]Line, 0, len(r.Expected))
	expected := make(map[string]bool, len(r.Expected))
	for i := range r.Expected {
		x := &r.Expected[i]
		key := x.Asset.Key()
		expected[key] = true
		l := Line{Asset: x.Asset, Holder: x.Holder, OrgUnit: x.OrgUnit, Place: x.Place}
		if s := scanned[key]; s != nil {
			l.Code, l.At = s.Code, s.At
		}
		switch {
		case r.Kind == Collection:
			l.Mark = Outstanding
			now := standing(key)
			on := now != nil && now.Since.After(x.Since) // handed on since
			switch s := scanned[key]; {
			case now != nil && (now.Status == In || now.Status == InRepair),
				on && s != nil && (s.Outcome == CheckedIn || s.Outcome == WasNotOut) && !now.Changed.Before(s.At):
				l.Mark = Returned
				if l.At.IsZero() {
					l.At = now.Changed
				}
			case on: // on paper: it was not seen here
				l.Holder = now.Holder
			}
		case scanned[key] != nil:
			l.Mark = Verified
		default:
			l.Mark = Missing
			if elsewhere != nil {
				if where, at := elsewhere(key); where != "" {
					l.Mark, l.Where, l.At = FoundElsewhere, where, at
				}
			}
		}
		lines = append(lines, l)
	}
	done := make(map[string]bool)
	for i := range seen {
		s := &seen[i]
		key := s.Asset.Key()
		l := Line{Code: s.Code, Asset: s.Asset, Holder: s.Holder, OrgUnit: s.OrgUnit, Place: s.Place, At: s.At}
		switch {
		case s.Outcome == Failed, s.Settled, expected[key]:
			continue
		case key == "" && (s.Outcome == Unknown || s.Outcome == Ambiguous):
			key, l.Mark = "code "+s.Code, UnknownCode
		case key == "": // a person, or an end
			continue
		case r.Kind == Audit:
			l.Mark = Misplaced
		case s.Outcome == CheckedIn:
			l.Mark = SomeoneElses
			if now := standing(key); now != nil && now.Status != In && now.Changed.Before(s.At) {
				continue // taken back by an undo
			}
		case s.Outcome == WasNotOut:
			l.Mark = AlreadyIn
		default: // once more what was scanned a moment ago
			continue
		}
		if !done[key] {
			done[key] = true
			lines = append(lines, l)
		}
	}
	return lines
}

// Counts are how many lines have each mark.
func Counts(lines []Line) map[Mark]int {
	n := make(map[Mark]int)
	for i := range lines {
		n[lines[i].Mark]++
	}
	return n
}

// Collect is the list of what a collection expects: all that is out to some
// people, in the order of the holders' names.
func Collect(b *Book, wanted func(*Holder) (orgUnit string, ok bool)) []Expected {
	var out []Expected
	for s := range b.All() {
		if s.Status != Out {
			continue
		}
		if unit, ok := wanted(&s.Holder); ok {
			out = append(out, Expected{Asset: s.Asset, Holder: s.Holder, Since: s.Since, OrgUnit: unit})
		}
	}
	slices.SortFunc(out, func(a, b Expected) int {
		for _, pair := range [][2]string{{a.Holder.Name, b.Holder.Name}, {a.Asset.Name(), b.Asset.Name()}, {a.Asset.ID, b.Asset.ID}} {
			if pair[0] != pair[1] {
				if pair[0] < pair[1] {
					return -1
				}
				return 1
			}
		}
		return 0
	})
	return out
}

// ExpectedOf is what an audit expects of a Chromebook; ok is false for one that
// is with somebody, in repair, lost, or no longer in use.
func ExpectedOf(c *directory.Chromebook, b *Book) (x Expected, ok bool) {
	a := AssetOf(c)
	s := b.Standing(a.Key())
	ok = c.Gone.IsZero() && c.Status != "DEPROVISIONED" && (s == nil || s.Status == In)
	return Expected{Asset: a, OrgUnit: c.OrgUnit, Place: c.AnnotatedLocation}, ok
}
