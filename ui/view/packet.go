package view

import (
	"io"
	"time"

	"panel/ledger"
)

// handed makes a text of a Handing alone.
func handed(text func(*ledger.Handing) string) func(*ledger.Handing, time.Time) string {
	return func(h *ledger.Handing, _ time.Time) string { return text(h) }
}

// returnedWord is the status of what came back.
const returnedWord = "Returned"

// handingStatus is how a Handing stands, in the words of the checkouts.
func handingStatus(h *ledger.Handing) string {
	switch h.Status {
	case ledger.Out:
		return checkedOut
	case ledger.IsLost:
		return lostWord
	case ledger.InRepair:
		return repairWord
	}
	return returnedWord
}

func handingTone(word string) Tone {
	if word == returnedWord {
		return Good
	}
	return checkoutTone(word)
}

// assetKind is what a kind of Asset is called.
func assetKind(kind string) string {
	if kind == ledger.Chromebook {
		return "Chromebook"
	}
	return kind
}

// handingFields are the columns of the audit packet, its own first.
var handingFields = []field[ledger.Handing]{
	{Column: Column{Key: "kind", Title: "Type", Width: 100, Filter: true, Search: true},
		text: handed(func(h *ledger.Handing) string { return assetKind(h.Asset.Kind) })},
	{Column: Column{Key: "model", Title: "Make and model", Width: 200, Least: 110, Filter: true, Search: true},
		text: handed(func(h *ledger.Handing) string { return h.Asset.Model })},
	{Column: Column{Key: "serial", Title: "Serial", Width: 120, Search: true, distinct: true},
		text: handed(func(h *ledger.Handing) string { return h.Asset.Serial })},
	{Column: Column{Key: "asset_id", Title: "Asset ID", Width: 80, Search: true, distinct: true, names: "asset"},
		text: handed(func(h *ledger.Handing) string { return h.Asset.Tag })},
	{Column: Column{Key: holderColumn, Title: "Person", Width: 170, Least: 110, Search: true, distinct: true, names: "holder name"},
		text: handed(func(h *ledger.Handing) string { return h.Holder.Name })},
	{Column: Column{Key: "out", Title: "Out", Width: 108, Search: true},
		time: func(h *ledger.Handing) time.Time { return h.Out }},
	{Column: Column{Key: "in", Title: "In", Width: 108, Search: true},
		time: func(h *ledger.Handing) time.Time { return h.In }},
	{Column: Column{Key: "condition", Title: "Condition", Width: 120, Least: 80, Filter: true, Search: true},
		text: handed(func(h *ledger.Handing) string { return h.Condition })},
	{Column: Column{Key: "note", Title: "Note", Width: 160, Least: 100, Search: true},
		text: handed(func(h *ledger.Handing) string { return h.Note })},
	{Column: Column{Key: "status", Title: "Status", Width: 96, Badge: true, Filter: true, Search: true, tone: handingTone, names: "checkout"},
		text: handed(handingStatus)},
	{Column: Column{Key: "email", Title: "Email", Width: 220, Least: 140, Hidden: true, Search: true, distinct: true},
		text: handed(func(h *ledger.Handing) string {
			if len(h.Holder.Emails) == 0 {
				return ""
			}
			return h.Holder.Emails[0]
		})},
	{Column: Column{Key: dueColumn, Title: "Due", Width: 96, Hidden: true, Search: true, day: true},
		text: handed(func(h *ledger.Handing) string { return string(h.Due) })},
	{Column: Column{Key: "loaner", Title: "Loaner", Width: 80, Hidden: true, Filter: true, Search: true},
		text: handed(func(h *ledger.Handing) string {
			if h.Loaner {
				return "Loaner"
			}
			return ""
		})},
	{Column: Column{Key: "by", Title: "By", Width: 90, Hidden: true, Filter: true, Search: true},
		text: handed(func(h *ledger.Handing) string { return h.By })},
	{Column: Column{Key: "person_id", Search: true, shortest: wholeID, distinct: true, names: "id"},
		text: handed(func(h *ledger.Handing) string { return h.Holder.PersonID() })},
	{Column: Column{Key: "device_id", Search: true, shortest: wholeID, distinct: true, names: "id"},
		text: handed(func(h *ledger.Handing) string { return h.Asset.ID })},
	{Column: Column{Key: "entry", Search: true, shortest: wholeID, distinct: true, key: true, names: "id"},
		text: handed(func(h *ledger.Handing) string { return h.Entry })},
}

var handingCharts = []chart{
	{column: "status", title: "Status"},
	{column: "model", title: "Models"},
	{column: "condition", title: "Condition"},
}

// HandingRows are Handings as rows, which a list shows by type and then in the
// order of the handing-out.
func HandingRows(handings []ledger.Handing, now time.Time) *Rows {
	b := newBuilder(handingFields, handingCharts, now, func(*ledger.Handing) bool { return false })
	for i := range handings {
		b.Add(&handings[i])
	}
	return b.Rows()
}

// Packet is the audit packet to be written or printed: the Handings in the order
// of the handing-out, with the columns that are not hidden.
func Packet(handings []ledger.Handing, now time.Time) *Extract {
	l := NewList(HandingRows(handings, now))
	l.Sort(Order{Column: "out"})
	var columns []int
	for i, c := range l.Columns() {
		if c.Width > 0 && !c.Hidden {
			columns = append(columns, i)
		}
	}
	e := l.Extract("Audit packet", columns, nil, now)
	e.said = packetSaid(handings)
	return e
}

// packetSaid says what the rows are, for one who has nothing but the paper.
func packetSaid(handings []ledger.Handing) []string {
	open := 0
	for i := range handings {
		if handings[i].Open() {
			open++
		}
	}
	return []string{"One row for each time that something was handed out, the oldest first. Still out or lost: " + Number(open) + "."}
}

// WritePacket writes the audit packet as an HTML page to be printed, served
// under [PagePolicy]. The error is w's.
func WritePacket(w io.Writer, handings []ledger.Handing, now time.Time) error {
	return Packet(handings, now).WritePage(w)
}
