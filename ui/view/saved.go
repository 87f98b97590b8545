package view

import (
	"slices"
	"strings"

	"panel/directory"
)

// SavedView is a way to look at a list, under a name.
type SavedView struct {
	Name string `json:"name"`
	// Where is a query that stands beside the search; see [List.Where].
	Where    string        `json:"where,omitempty"`
	Filters  []SavedFilter `json:"filters,omitempty"`
	OrgUnits []string      `json:"org_units,omitempty"` // none is all
	Alone    bool          `json:"alone,omitempty"`     // without the OUs below
	// Columns are those shown, left to right, by their keys; none leaves them
	// as they are.
	Columns []string `json:"columns,omitempty"`
	Orders  []Order  `json:"orders,omitempty"`
}

// SavedFilter keeps the rows that have one of the values in a column.
type SavedFilter struct {
	Column string   `json:"column"` // key
	Values []string `json:"values"`
}

// ShippedViews are the views of a listing that Panel brings.
func ShippedViews(l directory.Listing) []SavedView {
	is := func(column string, values ...string) []SavedFilter { return []SavedFilter{{column, values}} }
	if l == directory.People {
		return []SavedView{
			{Name: "Possible duplicates", Filters: is(noticeColumn, possibleDuplicate)},
			{Name: "Departed with a device", Filters: is("state", departed)},
			{Name: "Suspended people", Filters: is("state", stateWords[directory.Suspended], stateWords[directory.Disabled])},
			{Name: "People in one cloud only", Filters: is("source", googleOnly, microsoftOnly)},
		}
	}
	if l == Checkouts {
		return []SavedView{
			{Name: "All that is out", Filters: is(checkoutColumn, checkedOut)},
			{Name: overdueWord, Filters: is(overdueColumn, overdueWord), Orders: []Order{{Column: dueColumn}}},
			{Name: dueTodayWord, Filters: is(overdueColumn, dueTodayWord)},
			{Name: "Departed holders", Filters: is(leftColumn, holderDeparted)},
			{Name: lostWord, Filters: is(checkoutColumn, lostWord)},
			{Name: repairWord, Filters: is(checkoutColumn, repairWord)},
			{Name: "Loaners out", Filters: []SavedFilter{{"loaner", []string{"Loaner"}}, {checkoutColumn, []string{checkedOut}}}},
		}
	}
	return []SavedView{
		{Name: "AUE within 12 months", Where: "aue:today..+12m -status:deprovisioned", Orders: []Order{{Column: "auto_update_expiration"}}},
		{Name: "Not synced for 28 days", Where: "synced:<-28d -status:deprovisioned", Orders: []Order{{Column: "last_sync"}}},
		{Name: "Never used", Where: `recent:"" -status:deprovisioned`},
		{Name: "Deprovisioned", Filters: is("status", statusWords["DEPROVISIONED"])},
		{Name: "No annotated user", Where: `assigned:"" -status:deprovisioned`},
		{Name: "Duplicate serials", Filters: is(noticeColumn, duplicateSerial), Orders: []Order{{Column: "serial"}}},
		{Name: NoLongerInGoogle, Filters: is("gone", NoLongerInGoogle)},
	}
}

// View is how l is looked at now, without a name and columns.
func (l *List) View() SavedView {
	v := SavedView{Where: l.kept, OrgUnits: slices.Clone(l.orgUnits), Alone: len(l.orgUnits) > 0 && !l.below, Orders: slices.Clone(l.orders)}
	for _, f := range l.filters {
		v.Filters = append(v.Filters, SavedFilter{f.column, slices.Clone(f.values)})
	}
	return v
}

// Apply looks at l as v says; the search stays. It returns the columns that v
// names and that are not there.
func (l *List) Apply(v *SavedView) (missing []string) {
	for _, f := range v.Filters {
		if l.rows.column(f.Column) < 0 {
			missing = append(missing, f.Column)
		}
	}
	for _, key := range v.Columns {
		if l.rows.column(key) < 0 {
			missing = append(missing, key)
		}
	}
	for _, o := range v.Orders {
		if l.rows.column(o.Column) < 0 {
			missing = append(missing, o.Column)
		}
	}
	l.filters = nil
	for _, f := range v.Filters {
		if l.rows.column(f.Column) >= 0 {
			l.filters = append(l.filters, filter{f.Column, slices.Clone(f.Values)})
		}
	}
	l.orgUnits, l.below = slices.Clone(v.OrgUnits), !v.Alone
	l.kept, l.where = v.Where, l.rows.parseQuery(v.Where)
	l.orders = slices.Clone(v.Orders)
	l.order = l.sorted()
	l.restrict()
	l.refresh()
	slices.Sort(missing)
	return slices.Compact(missing)
}

// Shows tells whether v and w show the same rows; columns and order aside.
func (v *SavedView) Shows(w *SavedView) bool {
	return strings.Join(tokens(v.Where), " ") == strings.Join(tokens(w.Where), " ") &&
		sameSet(v.OrgUnits, w.OrgUnits) && v.Alone == w.Alone && len(v.Filters) == len(w.Filters) &&
		!slices.ContainsFunc(v.Filters, func(f SavedFilter) bool {
			return !slices.ContainsFunc(w.Filters, func(g SavedFilter) bool { return f.Column == g.Column && sameSet(f.Values, g.Values) })
		})
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// Kept are the terms that [List.Where] was told, each as a query has it.
func (l *List) Kept() (terms []string) {
	for _, t := range l.where {
		terms = append(terms, t.source)
	}
	return terms
}

// KeptWords say in words what each of the terms of [List.Kept] asks: "Recent
// users: none", "Not Status: deprovisioned".
func (l *List) KeptWords() (words []string) {
	for i := range l.where {
		t := &l.where[i]
		said := strings.TrimPrefix(t.source, "-")
		if t.columns != nil && l.rows.columns[t.columns[0]].Title != "" {
			said = l.rows.columns[t.columns[0]].Title + ": " + t.text
			if t.unset {
				said = l.rows.columns[t.columns[0]].Title + ": none"
			}
		}
		if t.not {
			said = "Not " + said
		}
		words = append(words, said)
	}
	return words
}
