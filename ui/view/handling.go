package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
)

// EntryLine says what an entry of the journal did. Without is what the reader
// knows already: the key of the Asset, or "" where it is the person.
func EntryLine(e *ledger.Entry, without string) string {
	asset, other := e.Asset.Name(), ""
	if e.Other.ID != "" {
		other = e.Other.Name()
	}
	who := cmp.Or(e.Holder.Name, "nobody")
	s := ""
	switch e.Act {
	case ledger.Checkout:
		s = "Checked out to " + who
		if e.Loaner {
			s = "Lent as a loaner to " + who
		}
	case ledger.CheckIn:
		s = "Checked in"
		if !e.Holder.Nobody() {
			s += " from " + who
		}
	case ledger.Swap:
		s = "Handed to " + who + " in the place of " + other
		if without == e.Other.Key() {
			s = "Taken back from " + who + " in a swap for " + asset
		}
	case ledger.Lost:
		s = "Marked as lost"
		if !e.Holder.Nobody() {
			s += " while with " + who
		}
	case ledger.Found:
		s = "Found again"
	case ledger.Repair:
		s = "Sent to repair"
		if !e.Holder.Nobody() {
			s += " from " + who
		}
		switch {
		case other != "" && without == e.Other.Key():
			s = "Lent to " + who + " while " + asset + " is in repair"
		case other != "":
			s += "; " + other + " lent meanwhile"
		}
	case ledger.Note:
		s = "Noted"
	case ledger.Undo:
		s = "Undone"
	}
	if without == "" {
		s = asset + ": " + lowerFirst(s)
	}
	if e.Due != "" {
		s += ", due " + string(e.Due)
	}
	if e.Condition != "" {
		s += ", condition: " + e.Condition
	}
	if e.Note != "" {
		s += " – " + e.Note
	}
	return s
}

// EntryFields are the newest entries about an Asset, or with "" about a person,
// each under its time and who wrote it.
func EntryFields(entries []ledger.Entry, without string, now time.Time) (out []Field) {
	const most = 30
	undone := make(map[string]bool)
	for i := range entries {
		undone[entries[i].Undoes] = true
	}
	for i := range entries[:min(len(entries), most)] {
		e := &entries[i]
		f := Field{Label: Exact(e.At, now.Location()) + " · " + e.By, Value: EntryLine(e, without)}
		if !e.Clock.IsZero() {
			f.Label += " (the clock said " + Exact(e.Clock, now.Location()) + ")"
		}
		if undone[e.ID] || e.Act == ledger.Undo {
			f.Tone = Muted
		}
		if undone[e.ID] {
			f.Value += " (undone)"
		}
		out = append(out, f)
	}
	if more := len(entries) - most; more > 0 {
		out = append(out, Field{Label: "Before", Value: Plural(more, "earlier entry", "earlier entries")})
	}
	return out
}

// addHold puts what the ledger says of an Asset before all else.
func (d *Detail) addHold(h *Hold, today directory.Day, now time.Time) {
	if h == nil {
		return
	}
	word := statusOfHold(h)
	d.badge(word, checkoutTone(word))
	if h.Departed && h.Held() {
		d.badge(holderDeparted, Bad)
	}
	due := Field{Label: "Due", Value: string(h.Due)}
	if word := (&Holdings{Today: today}).dueWord(h); word != "" {
		d.badge(word, checkoutTone(word))
		due.Tone = checkoutTone(word)
	}
	who := Field{Label: "Holder", Value: h.Name, To: personTarget(h.Person)}
	switch h.Status {
	case ledger.InRepair:
		who.Label = "Goes back to"
	case ledger.IsLost:
		who.Label = "Had it"
	}
	if h.Loaner {
		d.badge("Loaner", Info)
	}
	changed := Field{}
	if h.Status != ledger.Out {
		changed = timeField(word, h.Changed, now)
	}
	d.first("Checkout", who, changed, timeField("Since", h.Since, now), due, Field{Label: "Note", Value: h.Note}, Field{Label: "Condition", Value: h.Condition}, Field{Label: "By", Value: h.By})
}

func personTarget(id string) *Target {
	if id == "" {
		return nil
	}
	return &Target{directory.People, id}
}

// addHolds puts what somebody has before all else.
func (d *Detail) addHolds(holds []*Hold, today directory.Day) {
	var fields []Field
	for _, h := range holds {
		parts := slices.DeleteFunc([]string{h.Asset.Name(), h.Asset.Tag, h.Asset.Model}, func(s string) bool { return s == "" })
		if h.Due != "" {
			parts = append(parts, "due "+string(h.Due))
		}
		f := Field{Value: strings.Join(slices.Compact(parts), " · "), Exact: h.Asset.Serial, To: &Target{directory.Chromebooks, h.Asset.ID}}
		switch {
		case h.Status == ledger.IsLost:
			f.Label = lostWord
		case h.Overdue(today):
			f.Label = overdueWord
		case h.Loaner:
			f.Label = "Loaner"
		default:
			f.Label = checkedOut
		}
		fields = append(fields, f)
	}
	d.first("Has", fields...)
}

// first adds a group before all others.
func (d *Detail) first(title string, fields ...Field) {
	n := len(d.Groups)
	if d.add(title, fields...); len(d.Groups) > n {
		d.Groups = slices.Insert(d.Groups[:n], 0, d.Groups[n])
	}
}

// markWords are the words for where something stands in a round.
var markWords = map[ledger.Mark]string{
	ledger.Returned: "Returned", ledger.Outstanding: "Outstanding", ledger.SomeoneElses: "Someone else's", ledger.AlreadyIn: "Already in",
	ledger.Verified: "Verified", ledger.FoundElsewhere: "Found elsewhere", ledger.Misplaced: "Misplaced", ledger.Missing: "Missing",
	ledger.UnknownCode: "Unknown",
}

// MarkWord is the word for a mark.
func MarkWord(m ledger.Mark) string { return markWords[m] }

// MarkTone is the tone of a mark.
func MarkTone(m ledger.Mark) Tone { return markTone(markWords[m]) }

func markTone(word string) Tone {
	switch word {
	case "Returned", "Verified":
		return Good
	case "Outstanding", "Missing":
		return Bad
	case "Unknown", "Someone else's", "Misplaced", "Found elsewhere":
		return Warn
	}
	return Muted
}

func ofLine(text func(*ledger.Line) string) func(*ledger.Line, time.Time) string {
	return func(l *ledger.Line, _ time.Time) string { return text(l) }
}

// ScanOrder is the column, which is never shown, that orders the lines of a round
// as they were scanned.
const ScanOrder = "scan"

// lineFields are the columns of the result of a round.
var lineFields = []field[ledger.Line]{
	{Column: Column{Key: "mark", Title: "Result", Width: 132, Badge: true, ours: true, Filter: true, Search: true, tone: markTone},
		text: ofLine(func(l *ledger.Line) string { return markWords[l.Mark] })},
	{Column: Column{Key: "serial", Title: "Serial", Width: 130, Search: true, distinct: true},
		text: ofLine(func(l *ledger.Line) string { return l.Asset.Serial })},
	{Column: Column{Key: "asset_id", Title: "Asset ID", Width: 80, Search: true, distinct: true},
		text: ofLine(func(l *ledger.Line) string { return l.Asset.Tag })},
	{Column: Column{Key: "code", Title: "Scanned", Width: 120, Least: 90, Search: true},
		text: ofLine(func(l *ledger.Line) string { return l.Code })},
	{Column: Column{Key: "holder", Title: "Person", Width: 170, Least: 100, Search: true, names: "holder name"},
		text: ofLine(func(l *ledger.Line) string { return l.Holder.Name })},
	{Column: Column{Key: "email", Title: "Email", Width: 220, Least: 120, Spare: true, Search: true},
		text: ofLine(func(l *ledger.Line) string {
			if len(l.Holder.Emails) == 0 {
				return ""
			}
			return l.Holder.Emails[0]
		})},
	{Column: Column{Key: orgUnitColumn, Title: "Unit", Width: 200, Least: 120, Path: true, Spare: true, Filter: true, Search: true},
		text: ofLine(func(l *ledger.Line) string { return l.OrgUnit })},
	{Column: Column{Key: "place", Title: "Location", Width: 130, Least: 80, Spare: true, Search: true},
		text: ofLine(func(l *ledger.Line) string { return l.Place })},
	{Column: Column{Key: "at", Title: "Seen", Width: 100, Search: true},
		time: func(l *ledger.Line) time.Time { return l.At }},
	{Column: Column{Key: ScanOrder, distinct: true}, // within a second too
		text: ofLine(func(l *ledger.Line) string {
			if l.At.IsZero() {
				return ""
			}
			return l.At.UTC().Format("20060102150405.000000000")
		})},
	{Column: Column{Key: "model", Title: "Model", Width: 180, Least: 110, Spare: true, Search: true},
		text: ofLine(func(l *ledger.Line) string { return l.Asset.Model })},
	{Column: Column{Key: "where", Title: "Found in", Width: 140, Spare: true, Search: true},
		text: ofLine(func(l *ledger.Line) string { return l.Where })},
	{Column: Column{Key: "key", distinct: true, key: true},
		text: ofLine(func(l *ledger.Line) string {
			if l.Asset.ID != "" {
				return l.Asset.ID
			}
			return "code " + l.Code
		})},
}

// LineRows are the result of a round as rows.
func LineRows(lines []ledger.Line, now time.Time) *Rows {
	b := newBuilder(lineFields, nil, now, func(*ledger.Line) bool { return false })
	for i := range lines {
		b.Add(&lines[i])
	}
	return b.Rows()
}

// HoldWord says where an Asset is: "out to Ada Lovelace".
func HoldWord(h *Hold) string {
	switch h.Status {
	case ledger.Out:
		return "out to " + h.Name
	case ledger.IsLost:
		return "lost"
	case ledger.InRepair:
		return "in repair"
	}
	return ""
}
