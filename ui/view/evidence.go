package view

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
)

// Evidence is what there is to say who really has a Chromebook: the ledger, who
// is annotated at Google, and the managed user who used it last.
type Evidence struct {
	DeviceID, Serial, Tag, Model, OrgUnit string

	Holder    string // by the ledger, as they are called today
	Annotated string // an address, or whatever stands there
	Recent    string // an address
	Verdict   string
	// Claim is whom the evidence of Google is for, "" for nobody: the annotated
	// user, else the recent one.
	Claim string

	// Where the one or the other is not the holder, Differs.
	annotatedVerdict, recentVerdict string
}

// The verdicts of evidence. No recent user is no evidence, never a mismatch.
const (
	agrees        = "Agrees"
	differs       = "Differs"
	notCheckedOut = "Not checked out"
	noEvidence    = "No evidence"
)

func evidenceTone(word string) Tone {
	switch word {
	case agrees:
		return Good
	case differs:
		return Bad
	case notCheckedOut:
		return Warn
	}
	return Muted
}

// sourceTone is that of one source beside Panel's.
func sourceTone(word string) Tone {
	if word == "" || word == notCheckedOut {
		return Plain
	}
	return evidenceTone(word)
}

// EvidenceOf compares what there is; ok is false where there is nothing at all.
func EvidenceOf(c *directory.Chromebook, hold *Hold) (e Evidence, ok bool) {
	e = Evidence{DeviceID: c.DeviceID, Serial: c.Serial, Tag: c.AssetID, Model: c.Model, OrgUnit: c.OrgUnit, Annotated: strings.TrimSpace(c.AnnotatedUser)}
	for _, u := range c.RecentUsers {
		if u.Managed && u.Email != "" {
			e.Recent = u.Email
			break
		}
	}
	if e.Claim = e.Annotated; !strings.Contains(e.Claim, "@") && e.Recent != "" {
		e.Claim = e.Recent
	}
	held := hold != nil && hold.Held()
	if held {
		e.Holder = hold.Name
	}
	says := 0 // how much evidence there is, and how much of it is for the holder
	agree := 0
	look := func(who string) string {
		switch {
		case who == "":
			return ""
		case held && theirs(hold, who):
			says, agree = says+1, agree+1
			return agrees
		}
		says++
		if held {
			return differs
		}
		return notCheckedOut
	}
	e.annotatedVerdict, e.recentVerdict = look(e.Annotated), look(e.Recent)
	switch {
	case !held && says == 0:
		return e, false
	case !held:
		e.Verdict = notCheckedOut
	case says == 0:
		e.Verdict = noEvidence
	case agree == says:
		e.Verdict = agrees
	default:
		e.Verdict = differs
	}
	return e, c.Gone.IsZero()
}

// theirs tells whether an address is one of a holder's, today or on the day of
// the checkout.
func theirs(h *Hold, address string) bool {
	address = directory.FoldAddress(address)
	if slices.Contains(h.Holder.Emails, address) {
		return true
	}
	if h.Person == "" {
		return false
	}
	today := append(strings.Split(h.row.Value("other_emails"), "; "), h.row.Value("email"))
	return slices.ContainsFunc(today, func(one string) bool { return directory.FoldAddress(one) == address })
}

func ofEvidence(text func(*Evidence) string) func(*Evidence, time.Time) string {
	return func(e *Evidence, _ time.Time) string { return text(e) }
}

var evidenceFields = []field[Evidence]{
	{Column: Column{Key: "serial", Title: "Serial", Width: 120, Search: true, distinct: true},
		text: ofEvidence(func(e *Evidence) string { return e.Serial })},
	{Column: Column{Key: "asset_id", Title: "Asset ID", Width: 80, Search: true, distinct: true},
		text: ofEvidence(func(e *Evidence) string { return e.Tag })},
	{Column: Column{Key: "verdict", Title: "Evidence", Width: 120, Badge: true, ours: true, Filter: true, Search: true, tone: evidenceTone},
		text: ofEvidence(func(e *Evidence) string { return e.Verdict })},
	{Column: Column{Key: holderColumn, Title: "Panel's checkout", Width: 170, Least: 110, Search: true},
		text: ofEvidence(func(e *Evidence) string { return e.Holder })},
	{Column: Column{Key: "annotated_user", Title: "Google's annotated user", Width: 220, Least: 130, Search: true, toneOf: "annotated_verdict"},
		text: ofEvidence(func(e *Evidence) string { return e.Annotated })},
	{Column: Column{Key: "recent_users", Title: "Last managed user", Width: 220, Least: 130, Search: true, toneOf: "recent_verdict"},
		text: ofEvidence(func(e *Evidence) string { return e.Recent })},
	{Column: Column{Key: orgUnitColumn, Title: "Organizational unit", Width: 200, Least: 120, Path: true, Spare: true, Search: true},
		text: ofEvidence(func(e *Evidence) string { return e.OrgUnit })},
	{Column: Column{Key: "model", Title: "Model", Width: 170, Least: 100, Spare: true, Search: true},
		text: ofEvidence(func(e *Evidence) string { return e.Model })},
	{Column: Column{Key: "annotated_verdict", tone: sourceTone},
		text: ofEvidence(func(e *Evidence) string { return e.annotatedVerdict })},
	{Column: Column{Key: "recent_verdict", tone: sourceTone},
		text: ofEvidence(func(e *Evidence) string { return e.recentVerdict })},
	{Column: Column{Key: "claim", distinct: true},
		text: ofEvidence(func(e *Evidence) string { return e.Claim })},
	{Column: Column{Key: "device_id", distinct: true, key: true},
		text: ofEvidence(func(e *Evidence) string { return e.DeviceID })},
}

// EvidenceRows are evidence as rows.
func EvidenceRows(all []Evidence, now time.Time) *Rows {
	b := newBuilder(evidenceFields, nil, now, func(e *Evidence) bool { return e.Verdict == differs })
	for i := range all {
		b.Add(&all[i])
	}
	return b.Rows()
}

// verdictWords are the words for what comes of a claim.
var verdictWords = map[ledger.Verdict]string{
	ledger.Adopt: "Will be checked out", ledger.Move: "Will be moved", ledger.Known: "Known already", ledger.OtherHolder: "Out to somebody else",
	ledger.NoDevice: "No such device", ledger.NoPerson: "No such person", ledger.ManyDevices: "Several devices", ledger.ManyPeople: "Several people",
	ledger.MayNotReceive: "Suspended or departed", ledger.IsLostNow: "Marked as lost", ledger.BadDue: "Bad due date", ledger.Repeated: "Claimed twice",
}

func verdictTone(word string) Tone {
	switch word {
	case verdictWords[ledger.Adopt], verdictWords[ledger.Move]:
		return Good
	case verdictWords[ledger.Known]:
		return Muted
	}
	return Bad
}

func ofAdoption(text func(*ledger.Adoption) string) func(*ledger.Adoption, time.Time) string {
	return func(a *ledger.Adoption, _ time.Time) string { return text(a) }
}

var adoptionFields = []field[ledger.Adoption]{
	{Column: Column{Key: "line", Title: "Line", Width: 60, Search: true, natural: true},
		text: ofAdoption(func(a *ledger.Adoption) string { return strconv.Itoa(a.Claim.Line) })},
	{Column: Column{Key: "verdict", Title: "What will happen", Width: 160, Badge: true, ours: true, Filter: true, Search: true, tone: verdictTone},
		text: ofAdoption(func(a *ledger.Adoption) string { return verdictWords[a.Verdict] })},
	{Column: Column{Key: "device", Title: "Device, as it is given", Width: 150, Least: 100, Search: true},
		text: ofAdoption(func(a *ledger.Adoption) string {
			if a.Asset.ID == a.Claim.Device && a.Asset.ID != "" { // named by the id, which tells nobody anything
				return a.Asset.Name()
			}
			return a.Claim.Device
		})},
	{Column: Column{Key: "person", Title: "Person, as they are given", Width: 200, Least: 120, Search: true},
		text: ofAdoption(func(a *ledger.Adoption) string { return a.Claim.Person })},
	{Column: Column{Key: "to", Title: "Found", Width: 270, Least: 120, Search: true},
		text: ofAdoption(func(a *ledger.Adoption) string {
			var found []string
			if a.Asset.ID != "" {
				found = append(found, a.Asset.Name())
			}
			if a.Person != nil {
				found = append(found, a.Person.Name())
			}
			return strings.Join(found, " → ")
		})},
	{Column: Column{Key: "now", Title: "Has it now", Width: 130, Least: 90, Spare: true, Search: true},
		text: ofAdoption(func(a *ledger.Adoption) string {
			if a.Now == nil {
				return ""
			}
			return a.Now.Holder.Name
		})},
	{Column: Column{Key: "key", distinct: true, key: true},
		text: ofAdoption(func(a *ledger.Adoption) string { return strconv.Itoa(a.Claim.Line) })},
}

// AdoptionRows are adoptions as rows, those that write nothing first.
func AdoptionRows(all []ledger.Adoption, now time.Time) *Rows {
	b := newBuilder(adoptionFields, nil, now, func(a *ledger.Adoption) bool { return !a.Verdict.Writes() && a.Verdict != ledger.Known })
	for i := range all {
		b.Add(&all[i])
	}
	return b.Rows()
}

// SayClaims puts into words why a file of claims cannot be read.
func SayClaims(e *ledger.ClaimsError) string {
	switch e.Why {
	case ledger.NoColumns:
		return "The first line names no column for the device (serial, asset id) and one for the person (email, employee id). Give the columns these names, then choose the file again."
	case ledger.NotText:
		return "That is no text but something else, as a workbook. Save it as CSV, then choose that file."
	}
	return "There is no line in that file that names a device or a person."
}

// AdoptedWords say what came of a claim that was accepted.
func AdoptedWords(a *ledger.Adoption) string {
	if a.Verdict == ledger.Move && a.Now != nil {
		return a.Asset.Name() + ": moved from " + a.Now.Holder.Name + " to " + a.Person.Name()
	}
	return a.Asset.Name() + ": checked out to " + a.Person.Name()
}

// VerdictWord is what comes of a claim, in a few words.
func VerdictWord(v ledger.Verdict) string { return lowerFirst(verdictWords[v]) }
