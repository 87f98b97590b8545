package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"panel/ledger"
	"panel/ui/view"
)

// scanTable lists scans, the newest first.
type scanTable struct {
	*table
	w    *Window
	seen []ledger.Seen // oldest first
}

// mostSeen is how many scans are listed, beside older ones that are still to be
// looked after.
const mostSeen = 2000

var scanColumns = []view.Column{
	{Key: "time", Title: "Time", Width: 84},
	{Key: "result", Title: "Result", Width: 104, Badge: true},
	{Key: "code", Title: "Scanned", Width: 180, Least: 110},
	{Key: "device", Title: "Device", Width: 240, Least: 130},
	{Key: "person", Title: "Person", Width: 200, Least: 120},
}

func newScanTable(w *Window) *scanTable {
	t := &scanTable{table: newTable(scanColumns), w: w}
	t.OnHover = func(text string, at fyne.Position) { w.showTipAt(text, at, rowHeight) }
	t.OnCopy = func(n int) { w.say(view.Good, view.Plural(n, "row", "rows")+" copied", "", nil) }
	t.SetRows(scanRows{t})
	return t
}

// set lists what is kept, and what could not be kept stays.
func (t *scanTable) set(kept []ledger.Seen) {
	for i := range t.seen {
		if t.seen[i].N == 0 {
			kept = append(kept, t.seen[i])
		}
	}
	slices.SortStableFunc(kept, func(a, b ledger.Seen) int { return a.At.Compare(b.At) })
	t.seen = kept
	t.trim()
	t.SetRows(scanRows{t})
}

// add adds a scan at the top.
func (t *scanTable) add(s ledger.Seen) {
	t.seen = append(t.seen, s)
	t.trim()
	t.Prepend(scanRows{t}, 1)
}

// trim leaves out the oldest that nobody has to look after.
func (t *scanTable) trim() {
	more := len(t.seen) - mostSeen
	if more <= 0 {
		return
	}
	var open []ledger.Seen
	for i := range t.seen[:more] {
		if t.seen[i].Open() {
			open = append(open, t.seen[i])
		}
	}
	t.seen = append(open, t.seen[more:]...)
}

// forget takes a scan out that was not kept.
func (t *scanTable) forget(s *ledger.Seen) {
	key := seenKey(s)
	t.seen = slices.DeleteFunc(t.seen, func(o ledger.Seen) bool { return o.N == 0 && seenKey(&o) == key })
}

// row is the scan under the cursor, nil for none.
func (t *scanTable) row() *ledger.Seen {
	if t.cursor < 0 || t.cursor >= len(t.seen) {
		return nil
	}
	return &t.seen[len(t.seen)-1-t.cursor]
}

// scanRows are the rows of a scanTable.
type scanRows struct{ t *scanTable }

func (r scanRows) Len() int { return len(r.t.seen) }

func (r scanRows) at(row int) *ledger.Seen { return &r.t.seen[len(r.t.seen)-1-row] }

func (r scanRows) Key(row int) string { return seenKey(r.at(row)) }

func (r scanRows) Find(key string) int {
	for i := range r.t.seen {
		if seenKey(r.at(i)) == key {
			return i
		}
	}
	return -1
}

func seenKey(s *ledger.Seen) string { return s.At.Format("20060102150405.000000000") + s.Code }

func (r scanRows) Cell(row, column int) cell {
	s := r.at(row)
	switch scanColumns[column].Key {
	case "time":
		return cell{text: s.At.In(r.t.w.clock().Location()).Format("15:04:05"), tone: view.Muted}
	case "result":
		return cell{text: view.OutcomeWord(s), tone: view.OutcomeTone(s), badge: true}
	case "code":
		return cell{text: s.Code}
	case "device":
		return cell{text: assetLine(&s.Asset)}
	}
	return cell{text: s.Holder.Name}
}

// assetLine names an Asset in a line, "" for none.
func assetLine(a *ledger.Asset) string {
	if a.ID == "" {
		return ""
	}
	parts := []string{a.Name()}
	for _, more := range []string{a.Tag, a.Model} {
		if more != "" && more != a.Name() {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " · ")
}
