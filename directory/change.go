package directory

import "time"

// ChangeKind says what happened to a record.
type ChangeKind string

// The kinds of change. Merged and Split concern people: two accounts became
// one Person, or one Person became two.
const (
	Added    ChangeKind = "added"
	Changed  ChangeKind = "changed"
	Removed  ChangeKind = "removed"
	Restored ChangeKind = "restored"
	Merged   ChangeKind = "merged"
	Split    ChangeKind = "split"
)

// Change is one entry of a change list: what one sync did to one record.
type Change struct {
	// Run is the id of the sync.
	Run     string
	At      time.Time
	Cloud   Cloud
	Listing Listing
	Kind    ChangeKind
	// ID is the Person's, the Chromebook's device id or the OU's id; empty
	// in the one entry that stands for a cloud's first complete listing.
	ID   string
	Name string
	// Fields are the fields that differ, for Changed; else nil.
	Fields []FieldChange
	// Count is how many records the entry stands for; 0 means one.
	Count int
}

// FieldChange is one field's value before and after, as text; "" is unset.
type FieldChange struct {
	Field string
	From  string
	To    string
}

// Batch is what one transaction puts and drops: records of one listing of one
// cloud.
type Batch struct {
	Cloud   Cloud
	Listing Listing
	// Run and At label the change entries.
	Run string
	At  time.Time
	// Quiet makes no change entries: a cloud's first complete listing is one
	// entry with its count, not one per record.
	Quiet bool

	// Of the three slices only the listing's own is used.
	Accounts    []Account
	OrgUnits    []OrgUnit
	Chromebooks []Chromebook
	// Gone are ids to take out: accounts and OUs are set aside for 30 days,
	// Chromebooks are marked as gone and stay.
	Gone []string

	// Docs are named documents to put in the same transaction; a nil value
	// deletes.
	Docs map[string][]byte
}

// Len is the number of records that the batch puts or drops.
func (b *Batch) Len() int {
	return len(b.Accounts) + len(b.OrgUnits) + len(b.Chromebooks) + len(b.Gone)
}

// Tally counts what a batch did to the records of its cloud.
type Tally struct {
	// Written counts records put or dropped, volatile fields included.
	Written int
	Added   int
	Changed int // records with a change entry, or that would have one
	Removed int
}

// Add adds u to t.
func (t *Tally) Add(u Tally) {
	t.Written += u.Written
	t.Added += u.Added
	t.Changed += u.Changed
	t.Removed += u.Removed
}
