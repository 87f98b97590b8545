package directory

import "time"

// Kind is the role of a person in the district.
type Kind string

// The kinds of people.
const (
	KindUnknown Kind = "unknown"
	Student     Kind = "student"
	Staff       Kind = "staff"
	Guest       Kind = "guest"
)

// Person is one human being, or a mailbox that looks like one, as merged from
// the accounts of the clouds by [Merge].
type Person struct {
	// ID is the key of the Google account, else of the Microsoft one.
	ID          string
	GoogleID    string
	MicrosoftID string

	DisplayName string
	GivenName   string
	FamilyName  string

	// PrimaryEmail is Google's primary, else Microsoft's mail, else its user
	// principal name; never the #EXT# name of a guest. Spelled as its cloud
	// spells it.
	PrimaryEmail string
	// Emails are folded: the primary first, the rest sorted.
	Emails []string

	OrgUnit    string
	Kind       Kind
	EmployeeID string
	Title      string
	Department string
	Phone      string

	// State is Microsoft's when Microsoft has the account, else Google's.
	State          State
	GoogleState    State
	MicrosoftState State
	// LastSignIn is volatile, see [Account].
	LastSignIn time.Time

	// FromMicrosoft has a bit for each field whose value is Microsoft's, at
	// the field's place in [PersonFields]; the other values are Google's.
	FromMicrosoft uint32

	// Departed marks someone gone from every cloud who still holds an Asset.
	Departed bool
	// PossibleDuplicate marks someone known to one cloud alone who shares an
	// address with an account of the other without the two being merged; a
	// decision that they are not the same lifts it.
	PossibleDuplicate bool
}

// Sources lists the clouds that have an account of p, in the order of a sync.
func (p *Person) Sources() []Cloud {
	var s []Cloud
	if p.GoogleID != "" {
		s = append(s, Google)
	}
	if p.MicrosoftID != "" {
		s = append(s, Microsoft)
	}
	return s
}

// Name is what to call p: the display name, else the address, else the id.
func (p *Person) Name() string {
	switch {
	case p.DisplayName != "":
		return p.DisplayName
	case p.PrimaryEmail != "":
		return p.PrimaryEmail
	}
	return p.ID
}

// Decision is the technician's word on whether two accounts belong to one
// human being; it stands above every rule. A and B are [Account.Key]s, A < B.
type Decision struct {
	A    string    `json:"a"`
	B    string    `json:"b"`
	Same bool      `json:"same"`
	At   time.Time `json:"at"`
}

// KindRule gives everyone at and below an OU a kind; the deepest rule wins.
type KindRule struct {
	OrgUnit string `json:"org_unit"`
	Kind    Kind   `json:"kind"`
}

// Rules are what [Merge] needs to know beside the accounts.
type Rules struct {
	Decisions []Decision
	Kinds     []KindRule
}
