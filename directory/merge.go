package directory

import (
	"slices"
	"strings"
)

// Merge makes people of the accounts of both clouds, sorted by ID. Every
// account ends in exactly one Person, and a Person has at most one account of
// each cloud. The result depends on the accounts and the rules alone, neither
// on their order nor on any earlier result. The accounts' keys must differ.
//
// Two accounts of different clouds are linked when they share an address (see
// [Account.Addresses]) or when a decision says that they are the same. From
// the strongest, the strengths are: such a decision; Google's primary is the
// user principal name; Google's primary is mail; any other shared address. A
// pair that a decision calls not the same is not linked. Of two decisions on
// one pair the newer stands, and of two made at once the one that keeps apart.
//
// Links are looked at strength by strength, strongest first, and among
// decisions the newest first. At each strength only links between two accounts
// that no stronger link has settled count. A link whose both ends have no
// other link of that strength merges them. All other accounts that have a link
// of that strength have, or are, equally strong candidates: none of them is
// merged, now or by a weaker link, because the stronger links say that each of
// them probably belongs to somebody else here. So it makes no difference from
// which cloud one looks. Whoever has a link and is not merged is marked as a
// possible duplicate.
//
// Where both accounts have a value Microsoft's stands; white space is no
// value.
func Merge(accounts []Account, rules Rules) []Person {
	var m matcher
	for i := range accounts {
		if a := &accounts[i]; a.Cloud == Microsoft {
			m.microsoft = append(m.microsoft, a)
		} else {
			m.google = append(m.google, a)
		}
	}
	byID := func(a, b *Account) int { return strings.Compare(a.ID, b.ID) }
	slices.SortFunc(m.google, byID)
	slices.SortFunc(m.microsoft, byID)
	m.match(rules.Decisions)

	kinds := newKindTree(rules.Kinds)
	people := make([]Person, 0, len(accounts))
	var scratch []string
	for i, g := range m.google {
		var ms *Account
		if j := m.partnerOfGoogle[i]; j != none {
			ms = m.microsoft[j]
		}
		people = append(people, Person{PossibleDuplicate: ms == nil && m.linkedGoogle[i]})
		scratch = fill(&people[len(people)-1], g, ms, kinds, scratch)
	}
	for j, ms := range m.microsoft {
		if m.takenMicrosoft[j] {
			continue
		}
		people = append(people, Person{PossibleDuplicate: m.linkedMicrosoft[j]})
		scratch = fill(&people[len(people)-1], nil, ms, kinds, scratch)
	}
	return people
}

// The bits of [Person.FromMicrosoft], in the order of [PersonFields].
const (
	bitDisplayName uint32 = 1 << iota
	bitGivenName
	bitFamilyName
	bitPrimaryEmail
	bitOrgUnit
	bitEmployeeID
	bitTitle
	bitDepartment
	bitPhone
	bitState
	bitLastSignIn
)

var nobody Account

// fill sets p from its accounts, one of which may be nil. Scratch is reused
// and returned.
func fill(p *Person, g, m *Account, kinds kindTree, scratch []string) []string {
	if m != nil {
		p.ID, p.MicrosoftID, p.MicrosoftState = m.Key(), m.ID, m.State
	} else {
		m = &nobody
	}
	if g != nil {
		p.ID, p.GoogleID, p.GoogleState = g.Key(), g.ID, g.State
	} else {
		g = &nobody
	}

	pick := func(bit uint32, google, microsoft string) string {
		if strings.TrimSpace(microsoft) == "" {
			return google
		}
		p.FromMicrosoft |= bit
		return microsoft
	}
	p.DisplayName = pick(bitDisplayName, g.DisplayName, m.DisplayName)
	p.GivenName = pick(bitGivenName, g.GivenName, m.GivenName)
	p.FamilyName = pick(bitFamilyName, g.FamilyName, m.FamilyName)
	p.OrgUnit = pick(bitOrgUnit, g.OrgUnit, m.OrgUnit)
	p.EmployeeID = pick(bitEmployeeID, g.EmployeeID, m.EmployeeID)
	p.Title = pick(bitTitle, g.Title, m.Title)
	p.Department = pick(bitDepartment, g.Department, m.Department)
	p.Phone = pick(bitPhone, g.phone(), m.phone())
	p.State = State(pick(bitState, string(g.State), string(m.State)))
	p.LastSignIn = g.LastSignIn
	if !m.LastSignIn.IsZero() {
		p.LastSignIn = m.LastSignIn
		p.FromMicrosoft |= bitLastSignIn
	}

	scratch = m.appendAddresses(g.appendAddresses(scratch[:0]))
	first := p.setPrimary(g, m)
	slices.SortFunc(scratch, func(a, b string) int {
		switch {
		case a == first:
			return -1
		case b == first:
			return 1
		}
		return strings.Compare(a, b)
	})
	if len(scratch) > 0 {
		p.Emails = slices.Clone(scratch)
	}

	p.Kind = kinds.of(p.OrgUnit, pick(0, g.EmployeeType, m.EmployeeType))
	if g.Guest || m.Guest {
		p.Kind = Guest
	}
	return scratch
}

// setPrimary sets the primary address and returns it folded, "" if p has
// none.
func (p *Person) setPrimary(g, m *Account) string {
	if folded, ok := foldLinking(g.Primary); ok {
		p.PrimaryEmail = strings.TrimSpace(g.Primary)
		return folded
	}
	for _, s := range [...]string{m.Mail, m.Primary} {
		if folded, ok := foldLinking(s); ok {
			p.PrimaryEmail = strings.TrimSpace(s)
			p.FromMicrosoft |= bitPrimaryEmail
			return folded
		}
	}
	return ""
}

// phone is the one number that a Person shows.
func (a *Account) phone() string {
	if strings.TrimSpace(a.Mobile) != "" {
		return a.Mobile
	}
	return a.Phone
}

// kindTree finds the kind of a person by OU, the deepest rule first.
type kindTree map[string]Kind

func newKindTree(rules []KindRule) kindTree {
	t := make(kindTree, len(rules))
	for _, r := range rules {
		t[strings.TrimRight(r.OrgUnit, "/")] = r.Kind
	}
	return t
}

// of returns the kind for an OU, else for an employee type spelled exactly so.
func (t kindTree) of(orgUnit, employeeType string) Kind {
	if len(t) > 0 && orgUnit != "" {
		path := strings.TrimRight(orgUnit, "/")
		for {
			if k, ok := t[path]; ok {
				return k
			}
			if path == "" {
				break
			}
			path = path[:max(0, strings.LastIndexByte(path, '/'))]
		}
	}
	switch employeeType {
	case "Student":
		return Student
	case "Faculty", "Staff":
		return Staff
	}
	return KindUnknown
}
