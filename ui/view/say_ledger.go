package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
)

// SayRefusal puts what the rules of holding do not allow into words; now is for
// ages.
func SayRefusal(r *ledger.Refusal, now time.Time) Words {
	w := Words{Title: "Nothing was changed", Tone: Warn}
	asset, holder, since := "It", "somebody", ""
	if s := r.Standing; s != nil {
		asset = s.Asset.Name()
		holder = cmp.Or(s.Holder.Name, "somebody")
		since = sinceWords(s.Since, now)
	}
	switch r.Why {
	case ledger.AlreadyOut:
		w.Title = "Already out"
		w.Sentence = asset + " is out to " + holder + since + "."
		w.Action = "Check it in first, or swap it."
	case ledger.AlreadyTheirs:
		w.Title = "Already theirs"
		w.Sentence = asset + " is out to " + holder + " already" + since + "."
	case ledger.NotOut:
		w.Title = "Not out"
		w.Sentence = asset + " is not out to anybody."
	case ledger.StillLost:
		w.Title = "It was lost"
		w.Sentence = asset + " is marked as lost."
		w.Action = "Check it in first: that ends the loss."
	case ledger.AlreadyLost:
		w.Sentence = asset + " is marked as lost already."
	case ledger.NotLost:
		w.Sentence = asset + " is not marked as lost."
	case ledger.InRepairNow:
		w.Sentence = asset + " is in repair already."
	case ledger.NotTheirs:
		w.Sentence = "What is to come back is not out to that person."
	case ledger.SameAsset:
		w.Sentence = "A device cannot be swapped with itself."
	case ledger.ToNobody:
		w.Sentence = "It has to be handed to somebody."
	case ledger.NobodyHad:
		w.Sentence = "Nobody had it, so there is nobody to lend a loaner to."
	case ledger.IsSuspended:
		w.Title = "Account suspended"
		w.Sentence = "This account is suspended or disabled, so nothing is handed out to it."
	case ledger.IsArchived:
		w.Title = "Account archived"
		w.Sentence = "This account is archived, so nothing is handed out to it."
	case ledger.IsDeparted:
		w.Title = "Departed"
		w.Sentence = "This person is in no cloud any more, so nothing is handed out to them."
	case ledger.ChangedSince:
		w.Title = "It cannot be undone any more"
		w.Sentence = "Something else was done with that device since."
		w.Action = "Undo that first, or set it right by another act."
	case ledger.CannotUndo:
		w.Title = "It cannot be undone"
		w.Sentence = "An undo is not undone: do the act again."
	case ledger.DueInThePast:
		w.Title = "That day is over"
		w.Sentence = "The day on which it is to be back lies in the past."
	case ledger.NoDay:
		w.Title = "That is no day"
		w.Sentence = "The day on which it is to be back cannot be read."
		w.Action = "Write it as 2027-01-29, or choose one."
	case ledger.NothingSaid:
		w.Sentence = "There is nothing to note."
	}
	return w
}

// sinceWords is since when something is so: ", for 12 min", or ", since
// 2026-09-03"; "" for the zero time.
func sinceWords(t, now time.Time) string {
	switch d := now.Sub(t); {
	case t.IsZero():
		return ""
	case d < time.Minute:
		return ", for less than a minute"
	case d < 24*time.Hour:
		return ", for " + Span(d)
	}
	return ", since " + t.In(now.Location()).Format(time.DateOnly)
}

// SayScan puts what came of a scan into words; failed is why it could not be
// written, nil when it was. The title is for two metres, the sentence for who
// stands before it.
func SayScan(s *ledger.Scan, failed *Words, now time.Time) Words {
	asset := s.Asset.Name()
	if s.Asset.ID == "" {
		asset = s.Code
	}
	if tag := s.Asset.Tag; tag != "" && tag != asset {
		asset += " (" + tag + ")"
	}
	w := Words{Tone: Warn}
	switch s.Outcome {
	case ledger.ScannedPerson:
		w.Title, w.Tone = s.Person.Name(), Info
		w.Sentence = "What is scanned now is for " + s.Person.Name() + "."
		if s.Person.PossibleDuplicate {
			w.Sentence += " There may be a second record of the same person: see Possible duplicate."
			w.Tone = Warn
		}
	case ledger.CheckedOut:
		w.Title, w.Tone = "Checked out", Good
		w.Sentence = asset + " is out to " + s.Person.Name()
		if s.Entry != nil && s.Entry.Due != "" {
			w.Sentence += " until " + string(s.Entry.Due)
		}
		w.Sentence += "." + oddDevice(s.Device)
	case ledger.CheckedIn:
		w.Title, w.Tone = "Checked in", Good
		w.Sentence = asset + " is back"
		if s.Was != nil {
			if !s.Was.Holder.Nobody() {
				w.Sentence += " from " + s.Was.Holder.Name
			}
			switch {
			case s.Was.Status == ledger.IsLost:
				w.Sentence += "; it was lost"
			case s.Was.Status == ledger.InRepair:
				w.Sentence += "; it was in repair"
			case s.Was.Overdue(ledger.DayIn(now)):
				w.Sentence += "; it was due " + string(s.Was.Due)
			}
		}
		w.Sentence += "."
	case ledger.OutAlready:
		w.Title, w.Tone = "Already out", Bad
		w.Sentence = asset + " is out to " + s.Was.Holder.Name + sinceWords(s.Was.Since, now) + ". Nothing was changed."
	case ledger.WasNotOut:
		w.Title = "Not out"
		w.Sentence = asset + " is not out to anybody. Scan a person first to hand it out."
	case ledger.Duplicate:
		w.Title, w.Tone = "Scanned twice", Muted
		w.Sentence = s.Code + " was scanned a moment ago. Nothing was changed."
		if s.Why == ledger.AlreadyTheirs {
			w.Title = "Already theirs"
			w.Sentence = asset + " is out to " + s.Was.Holder.Name + " already" + sinceWords(s.Was.Since, now) + "."
		}
	case ledger.Ambiguous:
		w.Title, w.Tone = "Which one?", Bad
		w.Sentence = Plural(len(s.Matches), "record has", "records have") + " the code “" + s.Code + "”: " + matchNames(s.Matches) + ". Nothing was changed."
	case ledger.Refused:
		r := ledger.Refusal{Why: s.Why, Standing: s.Was}
		w = SayRefusal(&r, now)
		w.Tone = Bad
		if s.Person != nil && (s.Asset.ID == "" || ledger.Receive(s.Person) != nil) {
			w.Title += ": " + s.Person.Name()
		}
	case ledger.Unknown:
		w.Title, w.Tone = "Unknown code", Bad
		w.Sentence = "No Chromebook and no person has the code “" + s.Code + "”."
	case ledger.Failed:
		w = Words{Title: "Not written", Sentence: "The scan could not be written.", Tone: Bad}
		if failed != nil {
			w.Sentence, w.Action = failed.Sentence, "Nothing was changed. Mend that, then scan it again."
		}
	case ledger.Ended:
		w.Title, w.Tone = "Nobody is current", Muted
		w.Sentence = "What is scanned now is taken back."
	}
	return w
}

// matchNames names what a code may mean, the first few.
func matchNames(all []ledger.Match) string {
	const most = 3
	var names []string
	for i := range all[:min(most, len(all))] {
		m := &all[i]
		if m.Person != nil {
			names = append(names, m.Person.Name())
			continue
		}
		a := m.TheAsset()
		names = append(names, strings.Join(slices.Compact(slices.DeleteFunc([]string{a.Name(), a.Tag}, func(s string) bool { return s == "" })), " · "))
	}
	if more := len(all) - most; more > 0 {
		names = append(names, Plural(more, "other", "others"))
	}
	return strings.Join(names, "; ")
}

// SayKept is [SayScan] where what cannot be told yet stays on the page.
func SayKept(s *ledger.Scan, failed *Words, now time.Time) Words {
	w := SayScan(s, failed, now)
	if s.Person != nil && (s.Outcome == ledger.Unknown || s.Outcome == ledger.Ambiguous) {
		w.Sentence += " It is kept below for " + s.Person.Name() + "."
	}
	return w
}

// SayPerson is what is said of a person who is scanned in a round, where what is
// scanned next is for nobody.
func SayPerson(s *ledger.Scan) Words {
	return Words{
		Title: s.Person.Name(), Tone: Warn,
		Sentence: "That is a person. Here devices are scanned: to hand something out, go to Scan.",
	}
}

// oddDevice warns of a Chromebook that should not be handed out; "" for any
// other.
func oddDevice(c *directory.Chromebook) string {
	switch {
	case c == nil || !c.Gone.IsZero():
		return " Google no longer lists it."
	case c.Status == "DEPROVISIONED":
		return " Mind that it is deprovisioned."
	case c.Status == "DISABLED":
		return " Mind that it is disabled at Google."
	}
	return ""
}

// outcomeWords are the words of a list of scans.
var outcomeWords = map[ledger.Outcome]string{
	ledger.ScannedPerson: "Person", ledger.CheckedOut: "Checked out", ledger.CheckedIn: "Checked in", ledger.OutAlready: "Already out",
	ledger.WasNotOut: "Not out", ledger.Unknown: "Unknown", ledger.Duplicate: "Twice", ledger.Ambiguous: "Which one?",
	ledger.Refused: "Refused", ledger.Failed: "Not written",
}

// OutcomeWord is what came of a scan, in a word or two, and OutcomeTone its tone.
func OutcomeWord(s *ledger.Seen) string {
	if s.Settled {
		return outcomeWords[s.Outcome] + " ✓"
	}
	return outcomeWords[s.Outcome]
}

// OutcomeTone is the tone of what came of a scan.
func OutcomeTone(s *ledger.Seen) Tone {
	if s.Settled {
		return Muted
	}
	return toneOfOutcome(s.Outcome)
}

func toneOfOutcome(o ledger.Outcome) Tone {
	switch o {
	case ledger.CheckedOut, ledger.CheckedIn:
		return Good
	case ledger.ScannedPerson:
		return Info
	case ledger.Duplicate, ledger.Ended:
		return Muted
	case ledger.WasNotOut:
		return Warn
	}
	return Bad
}

// Sounds tells which sound a scan makes: a good one, a bad one, or none.
func Sounds(s *ledger.Scan, kind ledger.RoundKind) (good, bad bool) {
	switch tone := toneOfOutcome(s.Outcome); {
	case kind == ledger.Audit && s.Outcome == ledger.WasNotOut:
		return true, false
	case kind == ledger.Audit && s.Outcome == ledger.OutAlready:
		return false, true
	case kind != ledger.Desk && kind != "" && s.Outcome == ledger.ScannedPerson: // devices are wanted there
		return false, true
	case tone == Good || tone == Info:
		return true, false
	case tone == Muted:
		return false, false
	}
	return false, true
}

// SayMark puts into words where a scan leaves something in a round.
func SayMark(l *ledger.Line, s *ledger.Scan, now time.Time) Words {
	asset := s.Asset.Name()
	if tag := s.Asset.Tag; tag != "" && tag != asset {
		asset += " (" + tag + ")"
	}
	w := Words{Title: MarkWord(l.Mark), Tone: MarkTone(l.Mark)}
	from := ""
	if l.Holder.Name != "" {
		from = " from " + l.Holder.Name
	}
	if s.Outcome == ledger.Duplicate {
		return Words{Title: "Scanned twice", Tone: Muted, Sentence: asset + " was scanned a moment ago: " + lowerFirst(MarkWord(l.Mark)) + "."}
	}
	switch l.Mark {
	case ledger.Returned:
		w.Sentence = asset + " is back" + from + "."
		if s.Outcome == ledger.WasNotOut {
			w.Sentence = asset + " was returned before."
		}
	case ledger.SomeoneElses:
		w.Sentence = asset + " is back" + from + ", who is not on this list."
	case ledger.AlreadyIn:
		w.Sentence = asset + " is not out to anybody."
	case ledger.Verified:
		w.Sentence = asset + " belongs here."
	case ledger.Misplaced:
		w.Sentence = asset + " belongs elsewhere"
		if l.OrgUnit != "" {
			w.Sentence += ": " + l.OrgUnit
		}
		if s.Was != nil && s.Was.Status == ledger.Out {
			w.Sentence += "; it is out to " + s.Was.Holder.Name
		}
		w.Sentence += "."
	default:
		return SayScan(s, nil, now)
	}
	return w
}
