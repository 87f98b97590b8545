package view

import (
	"slices"
	"strconv"
	"strings"

	"panel/directory"
)

// Value is what a row has in a column, by the column's key; "" for nothing and
// for a column that is not there. Times are as when the rows were made.
func (r Row) Value(column string) string {
	c := r.rows.column(column)
	if c < 0 {
		return ""
	}
	cells := &r.rows.cells[c]
	return cells.text(cells.code(r.n))
}

// Having calls each for every row and column, of some columns by their keys,
// that has one of the values, without regard to case; what a column lists
// counts one by one. It may be called on any goroutine.
func (r *Rows) Having(values []string, columns []string, each func(row Row, column, value string)) {
	wanted := make(map[string]bool, len(values))
	for _, v := range values {
		if v != "" {
			wanted[strings.ToLower(v)] = true
		}
	}
	if r == nil || len(wanted) == 0 {
		return
	}
	for _, key := range columns {
		column := r.column(key)
		if column < 0 {
			continue
		}
		c := &r.cells[column]
		for n := range uint32(r.n) {
			for one := range strings.SplitSeq(c.text(c.code(n)), "; ") {
				if one != "" && wanted[strings.ToLower(one)] {
					each(Row{r, n}, key, strings.ToLower(one))
				}
			}
		}
	}
}

// personsOf returns who has some addresses, by address in lower case.
func personsOf(emails []string, people *Rows) map[string]Row {
	out := make(map[string]Row)
	people.Having(emails, []string{"email", "other_emails"}, func(row Row, _, email string) {
		if _, ok := out[email]; !ok {
			out[email] = row
		}
	})
	return out
}

// name puts a person's name before an address that is known, and leads there.
func (f *Field) name(email string, known map[string]Row) {
	if row, ok := known[strings.ToLower(email)]; ok {
		f.Value, f.Exact = row.Value("name")+"\n"+f.Value, email
		f.To = &Target{directory.People, row.Key()}
	}
}

// recentUserFields is one user a field, newest first.
func recentUserFields(c *directory.Chromebook, known map[string]Row) (out []Field) {
	for i, u := range c.RecentUsers {
		f := Field{Value: u.Email}
		switch i {
		case 0:
			f.Label = "Last"
		case 1:
			f.Label = "Before"
		}
		if f.Value == "" {
			f.Value = "somebody outside the organization"
		}
		f.name(u.Email, known)
		if u.Email != "" && !u.Managed {
			f.Value += " (not managed)"
		}
		out = append(out, f)
	}
	if out == nil {
		out = []Field{{Label: "Last", Value: "nobody that Google knows of", Tone: Muted, Unset: true}}
	}
	return out
}

// chromebooksOf are the Chromebooks that are assigned to some addresses, then
// those that they used.
func chromebooksOf(emails []string, books *Rows) (out []Field) {
	const most = 25
	labels := map[string]string{"annotated_user": "Assigned", "recent_users": "Used"}
	seen, before, more := make(map[uint32]bool), "", 0
	books.Having(emails, []string{"annotated_user", "recent_users"}, func(row Row, column, _ string) {
		if seen[row.n] {
			return
		}
		seen[row.n] = true
		if len(out) == most {
			more++
			return
		}
		parts := []string{row.Value("serial"), row.Value("asset_id"), row.Value("model")}
		if status := row.Value("status"); status != "Active" {
			parts = append(parts, status)
		}
		parts = append(parts, row.Value("gone"))
		f := Field{
			Value: strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · "),
			Exact: row.Value("serial"), To: &Target{directory.Chromebooks, row.Key()},
		}
		if column != before {
			f.Label, before = labels[column], column
		}
		out = append(out, f)
	})
	if more > 0 {
		out = append(out, Field{Label: "Besides", Value: strconv.Itoa(more) + " more"})
	}
	return out
}
