package view

import (
	"time"

	"panel/directory"
	"panel/ledger"
)

// Checkouts is the listing of what is out, lost or in repair: the ledger's own.
const Checkouts directory.Listing = "checkouts"

// held makes a text of a Hold alone.
func held(text func(*Hold) string) func(*Hold, time.Time) string {
	return func(h *Hold, _ time.Time) string { return text(h) }
}

// holdFields are the columns of the checkouts.
var holdFields = []field[Hold]{
	{Column: Column{Key: holderColumn, Title: "Holder", Width: 170, Least: 110, Search: true, distinct: true, names: "person name"},
		text: held(func(h *Hold) string { return h.Name })},
	{Column: Column{Key: "serial", Title: "Serial", Width: 120, Search: true, distinct: true},
		text: held(func(h *Hold) string { return h.Asset.Serial })},
	{Column: Column{Key: "asset_id", Title: "Asset ID", Width: 80, Search: true, distinct: true, names: "asset"},
		text: held(func(h *Hold) string { return h.Asset.Tag })},
	{Column: Column{Key: checkoutColumn, Title: "Checkout", Width: 96, Badge: true, ours: true, Filter: true, Search: true, tone: checkoutTone, names: "status"},
		text: held(statusOfHold)},
	{Column: Column{Key: dueColumn, Title: "Due", Width: 96, Badge: true, Search: true, day: true, toneOf: overdueColumn},
		text: held(func(h *Hold) string { return string(h.Due) })},
	{Column: Column{Key: "since", Title: "Since", Width: 108, Search: true},
		time: func(h *Hold) time.Time {
			if h.Status == ledger.Out {
				return h.Since
			}
			return h.Changed
		}},
	{Column: Column{Key: "model", Title: "Model", Width: 200, Least: 110, Spare: true, Filter: true, Search: true},
		text: held(func(h *Hold) string { return h.Asset.Model })},
	{Column: Column{Key: "email", Title: "Email", Width: 220, Least: 140, Spare: true, Search: true, distinct: true},
		text: held(func(h *Hold) string {
			if len(h.Holder.Emails) == 0 {
				return ""
			}
			return h.Holder.Emails[0]
		})},
	{Column: Column{Key: "loaner", Title: "Loaner", Width: 80, Spare: true, Filter: true, Search: true},
		text: held(func(h *Hold) string {
			if h.Loaner {
				return "Loaner"
			}
			return ""
		})},
	{Column: Column{Key: leftColumn, Title: "Departed", Width: 120, Spare: true, Badge: true, ours: true, Filter: true, Search: true, tone: checkoutTone},
		text: held(func(h *Hold) string {
			if h.Departed && h.Held() {
				return holderDeparted
			}
			return ""
		})},
	{Column: Column{Key: "note", Title: "Note", Width: 160, Least: 100, Spare: true, Search: true},
		text: held(func(h *Hold) string { return h.Note })},
	{Column: Column{Key: "condition", Title: "Condition", Width: 120, Hidden: true, Filter: true, Search: true},
		text: held(func(h *Hold) string { return h.Condition })},
	{Column: Column{Key: "by", Title: "By", Width: 90, Hidden: true, Filter: true, Search: true},
		text: held(func(h *Hold) string { return h.By })},
	{Column: Column{Key: overdueColumn, Title: "Overdue", Filter: true, tone: checkoutTone},
		text: func(h *Hold, now time.Time) string {
			return (&Holdings{Today: ledger.DayIn(now)}).dueWord(h)
		}},
	{Column: Column{Key: "person_id", Search: true, shortest: wholeID, distinct: true, names: "id"},
		text: held(func(h *Hold) string { return h.Holder.PersonID() })},
	{Column: Column{Key: "device_id", Search: true, shortest: wholeID, distinct: true, key: true, names: "id"},
		text: held(func(h *Hold) string { return h.Asset.ID })},
}

// checkoutCharts are the pictures of the checkouts.
var checkoutCharts = []chart{
	{column: checkoutColumn, title: "Checkout"},
	{column: overdueColumn, title: "Overdue"},
	{column: "model", title: "Models"},
}

// CheckoutRows are the Holds as rows.
func (h *Holdings) CheckoutRows(now time.Time) *Rows {
	b := newBuilder(holdFields, checkoutCharts, now, func(hold *Hold) bool { return hold.Departed && hold.Held() })
	for i := range h.All {
		b.Add(&h.All[i])
	}
	return b.Rows()
}

// CheckoutColumns are the columns of [Holdings.CheckoutRows].
func CheckoutColumns() []Column { return new(Holdings).CheckoutRows(time.Time{}).Columns() }
