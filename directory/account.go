package directory

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// State says whether an account may be used.
type State string

// The states of an account. Google suspends and archives, Microsoft disables;
// StateUnknown is an account whose cloud did not say.
const (
	StateUnknown State = ""
	Active       State = "active"
	Suspended    State = "suspended"
	Archived     State = "archived"
	Disabled     State = "disabled"
)

// Account is one cloud's record of one person.
type Account struct {
	Cloud Cloud
	// ID never changes at the cloud: Google's user id, Microsoft's object id.
	ID string

	// Primary is Google's primaryEmail or Microsoft's userPrincipalName,
	// which for a guest is not an address (see [Account.Addresses]).
	Primary string
	// Mail is Microsoft's mail; Google has none.
	Mail string
	// Aliases are Google's editable and non-editable aliases, or
	// Microsoft's smtp: proxy addresses without their prefix.
	Aliases []string

	DisplayName string
	GivenName   string
	FamilyName  string

	// OrgUnit is an absolute path, "/" for the root; only Google has one.
	OrgUnit string
	// EmployeeID is Google's external id of type organization, else the
	// first, or Microsoft's employeeId.
	EmployeeID   string
	EmployeeType string
	Title        string
	Department   string
	// Mobile and Phone are kept apart because a Microsoft delta may clear
	// one and leave the other unsaid. A Person shows Mobile, else Phone.
	Mobile string
	Phone  string

	// Guest is Microsoft's userType Guest or Google's isGuestUser.
	Guest bool
	State State
	// LastSignIn is volatile: it is stored, and makes no change entry.
	LastSignIn time.Time
}

// Key identifies the account among those of every cloud: "g:" or "m:" and ID.
func (a *Account) Key() string { return AccountKey(a.Cloud, a.ID) }

// AccountKey is [Account.Key] for an account that is not at hand.
func AccountKey(c Cloud, id string) string {
	if c == Microsoft {
		return "m:" + id
	}
	return "g:" + id
}

// SplitAccountKey undoes [AccountKey]; ok is false for anything else.
func SplitAccountKey(key string) (c Cloud, id string, ok bool) {
	switch prefix, rest, found := strings.Cut(key, ":"); {
	case found && prefix == "g" && rest != "":
		return Google, rest, true
	case found && prefix == "m" && rest != "":
		return Microsoft, rest, true
	}
	return "", "", false
}

// Addresses returns the addresses that can link the account to another one,
// folded, without duplicates, sorted: the primary (unless it is the #EXT#
// name of a guest), mail and the aliases. Nil when it has none.
func (a *Account) Addresses() []string {
	all := a.appendAddresses(nil)
	slices.Sort(all)
	return all
}

// appendAddresses appends to list those of a's addresses that it lacks,
// primary first.
func (a *Account) appendAddresses(list []string) []string {
	add := func(s string) {
		if s, ok := foldLinking(s); ok && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	add(a.Primary)
	add(a.Mail)
	for _, alias := range a.Aliases {
		add(alias)
	}
	return list
}

// FoldAddress returns s as addresses are compared: in lower case and without
// surrounding space.
func FoldAddress(s string) string {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.ToLower(strings.TrimSpace(s))
		}
	}
	return s // as most addresses come
}

// foldLinking returns s folded; ok tells whether it is an address that may
// link two accounts.
func foldLinking(s string) (folded string, ok bool) {
	folded = FoldAddress(s)
	return folded, strings.IndexByte(folded, '@') >= 0 && !isGuestName(folded)
}

// isGuestName tells whether a folded user principal name is the made-up one
// that Entra gives to a guest, "a_contoso.com#EXT#@tenant.onmicrosoft.com".
func isGuestName(folded string) bool { return strings.Contains(folded, "#ext#@") }
