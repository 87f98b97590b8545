package ledger

import (
	"strings"
	"time"

	"panel/directory"
)

// Outcome is what came of a scan.
type Outcome string

// The outcomes.
const (
	ScannedPerson Outcome = "person"
	CheckedOut    Outcome = "checked_out"
	CheckedIn     Outcome = "checked_in"
	OutAlready    Outcome = "already_out"
	WasNotOut     Outcome = "not_out"
	Unknown       Outcome = "unknown"
	Duplicate     Outcome = "duplicate"
	Ambiguous     Outcome = "ambiguous"
	Refused       Outcome = "refused"
	// Failed: the entry could not be written.
	Failed Outcome = "failed"
	// Ended: an empty line; nobody is current any more.
	Ended Outcome = "ended"
)

// Scan is one scan and what came of it.
type Scan struct {
	Code    string
	At      time.Time
	Outcome Outcome
	// Why is the reason of Refused, and of Duplicate where it is
	// [AlreadyTheirs] rather than the same code once more.
	Why Why
	// Person is the one who was scanned, or for whom something was: also a code
	// that leads nowhere yet.
	Person *directory.Person
	// Device is the Chromebook, nil where only the ledger remembers Asset.
	Device *directory.Chromebook
	Asset  Asset
	// Was is how the Asset stood before; nil where no entry is about it.
	Was *Standing
	// Matches are what an Ambiguous code may mean.
	Matches []Match
	// Number is the scan's in its round, 0 until it is kept there.
	Number uint64
	// Entry is what is to be written, nil for nothing; its ID and times come
	// with the writing.
	Entry *Entry
}

// twice is how soon the same code once more is one too many.
const twice = 3 * time.Second

// Scanner takes scans one after the other and knows who is current. The zero
// Scanner is ready. Not safe for concurrent use.
type Scanner struct {
	// Kind is the round that is scanned for, "" the desk. In a collection nobody
	// is ever current, so that all is taken back; in an audit nothing is written
	// either: a Chromebook that is there has WasNotOut, one that should be with
	// somebody OutAlready.
	Kind RoundKind
	// Due and Loaner are for what is handed out.
	Due    directory.Day
	Loaner bool

	current *directory.Person
	seen    map[string]time.Time
}

// Current is who gets what is scanned next, nil for nobody.
func (s *Scanner) Current() *directory.Person { return s.current }

// End ends that somebody is current, as an empty line does.
func (s *Scanner) End() { s.current = nil }

// Forget lets the code be scanned again at once: what it asked for was not
// written.
func (s *Scanner) Forget(code string) { delete(s.seen, code) }

// Scan says what a line asks for, and leaves it to the caller to write the
// entry. Now must be a time with a monotonic clock where the same code once
// more is to be noticed also while the computer's clock is set. Find returns
// what may have the code.
func (s *Scanner) Scan(line string, now time.Time, find func(code string) []Match, b *Book) Scan {
	code := strings.TrimSpace(line)
	scan := Scan{Code: code, At: now}
	if code == "" {
		s.End()
		scan.Outcome = Ended
		return scan
	}
	again := s.again(code, now)
	scan.Matches = Best(code, find(code))
	switch {
	case len(scan.Matches) == 0:
		scan.Outcome = Unknown
	case len(scan.Matches) > 1:
		scan.Outcome = Ambiguous
		if onlyPeople(scan.Matches) { // whoever it is, it is not the one before
			s.End()
		}
	default:
		return s.choose(scan, again, b)
	}
	scan.Person = s.current
	if again {
		scan.Outcome = Duplicate
	}
	return scan
}

// Choose is [Scanner.Scan] once somebody has said which record an ambiguous or
// unknown code means. An Asset is for whom it was scanned for, nil being that it
// came back, as it always does in a round; whoever is current stays so.
func (s *Scanner) Choose(code string, m Match, to *directory.Person, now time.Time, b *Book) Scan {
	scan := Scan{Code: code, At: now, Matches: []Match{m}}
	if m.Person != nil {
		return s.choose(scan, false, b)
	}
	if s.Kind == Collection || s.Kind == Audit {
		to = nil
	}
	if to != nil {
		if err := Receive(to); err != nil {
			scan.Device, scan.Asset, scan.Person, scan.Matches = m.Device, m.TheAsset(), to, nil
			scan.Outcome, scan.Why = Refused, why(err)
			return scan
		}
	}
	then := Scanner{Kind: s.Kind, Due: s.Due, Loaner: s.Loaner, current: to}
	return then.choose(scan, false, b)
}

func (s *Scanner) choose(scan Scan, again bool, b *Book) Scan {
	m := scan.Matches[0]
	scan.Matches = nil
	if m.Person != nil {
		return s.person(scan, m.Person, again)
	}
	return s.asset(scan, m, again, b)
}

// again tells whether the code came a moment ago, and remembers it.
func (s *Scanner) again(code string, now time.Time) bool {
	if s.seen == nil {
		s.seen = make(map[string]time.Time)
	}
	last, ok := s.seen[code]
	if len(s.seen) > 1000 {
		for c, at := range s.seen {
			if now.Sub(at) >= twice {
				delete(s.seen, c)
			}
		}
	}
	s.seen[code] = now
	since := now.Sub(last)
	return ok && since >= 0 && since < twice
}

// person makes somebody current. The same code once more is a duplicate only
// while that is still so: after another person it means this one again.
func (s *Scanner) person(scan Scan, p *directory.Person, again bool) Scan {
	if again && s.current != nil && s.current.ID == p.ID {
		scan.Outcome, scan.Person = Duplicate, s.current
		return scan
	}
	scan.Person = p
	if s.Kind == Collection || s.Kind == Audit {
		scan.Outcome = ScannedPerson
		return scan
	}
	if err := Receive(p); err != nil {
		s.End() // what is scanned next is not for the one before
		scan.Outcome, scan.Why = Refused, why(err)
		return scan
	}
	s.current = p
	scan.Outcome = ScannedPerson
	return scan
}

func (s *Scanner) asset(scan Scan, m Match, again bool, b *Book) Scan {
	scan.Device, scan.Asset, scan.Person = m.Device, *m.asset(), s.current
	scan.Was = b.Standing(scan.Asset.Key())
	if again {
		scan.Outcome = Duplicate
		return scan
	}
	if s.Kind == Audit {
		scan.Outcome = WasNotOut
		if scan.Was != nil && scan.Was.Status != In {
			scan.Outcome = OutAlready
		}
		return scan
	}
	e := &Entry{Act: CheckIn, Asset: scan.Asset}
	if s.current != nil {
		e.Act, e.Holder, e.Due, e.Loaner = Checkout, HolderOf(s.current), s.Due, s.Loaner
	}
	switch err := b.Check(e, DayIn(scan.At)); why(err) {
	case "":
		scan.Entry, scan.Outcome = e, CheckedIn
		if e.Act == Checkout {
			scan.Outcome = CheckedOut
		}
	case AlreadyTheirs:
		scan.Outcome, scan.Why = Duplicate, AlreadyTheirs
	case AlreadyOut:
		scan.Outcome = OutAlready
	case NotOut:
		scan.Outcome = WasNotOut
	default:
		scan.Outcome, scan.Why = Refused, why(err)
	}
	return scan
}

// why is the reason of a refusal, "" for none.
func why(err error) Why {
	if r, ok := err.(*Refusal); ok { //nolint:errorlint // made by this package, never wrapped in it
		return r.Why
	}
	return ""
}

func onlyPeople(all []Match) bool {
	for i := range all {
		if all[i].Person == nil {
			return false
		}
	}
	return true
}
