package view

import (
	"strings"
	"time"

	"panel/directory"
)

// orgUnitColumn is the column that both lists choose an OU by.
const orgUnitColumn = "org_unit"

// noticeColumn says what a technician should look at.
const noticeColumn = "notice"

// person makes a text of a Person alone.
func person(text func(*directory.Person) string) func(*directory.Person, time.Time) string {
	return func(p *directory.Person, _ time.Time) string { return text(p) }
}

// peopleFields are the columns of the People tab.
var peopleFields = []field[directory.Person]{
	{Column: Column{Key: "name", Title: "Name", Width: 180, Least: 110, Search: true, distinct: true},
		text: person((*directory.Person).Name)},
	{Column: Column{Key: "email", Title: "Email", Width: 240, Least: 200, Search: true, distinct: true, names: "address mail"},
		text: person(func(p *directory.Person) string { return p.PrimaryEmail })},
	{Column: Column{Key: orgUnitColumn, Title: "Organizational unit", Width: 240, Least: 150, Path: true, Search: true, names: "ou"},
		text: person(func(p *directory.Person) string { return p.OrgUnit })},
	{Column: Column{Key: "state", Title: "State", Width: 96, Badge: true, Filter: true, Search: true, tone: stateTone, names: "status"},
		text: person(stateOrDeparted)},
	{Column: Column{Key: holdsColumn, Title: "Has", Width: 130, Least: 100, Spare: true, Search: true, ledger: true, names: "device chromebook asset"},
		text: person(byLedger)},
	{Column: Column{Key: overdueColumn, Title: "Overdue", Width: 90, Hidden: true, Badge: true, Filter: true, Search: true, ledger: true, tone: checkoutTone},
		text: person(byLedger)},
	{Column: Column{Key: checkoutColumn, Title: "Checkout", Width: 96, Hidden: true, Badge: true, Filter: true, Search: true, ledger: true, tone: checkoutTone, names: "out"},
		text: person(byLedger)},
	{Column: Column{Key: "kind", Title: "Kind", Width: 70, Spare: true, Filter: true, Search: true},
		text: person(func(p *directory.Person) string { return kindWord(p.Kind) })},
	{Column: Column{Key: "employee_id", Title: "ID", Width: 78, Spare: true, Search: true, distinct: true, names: "employee"},
		text: person(func(p *directory.Person) string { return p.EmployeeID })},
	{Column: Column{Key: "last_sign_in", Title: "Last sign-in", Width: 108, Spare: true, Search: true, names: "signin"},
		time: func(p *directory.Person) time.Time { return p.LastSignIn }},
	{Column: Column{Key: "source", Title: "Source", Width: 116, Spare: true, Filter: true, Search: true},
		text: person(sourceWord)},
	{Column: Column{Key: "title", Title: "Title", Width: 140, Least: 76, Spare: true, Search: true},
		text: person(func(p *directory.Person) string { return p.Title })},
	{Column: Column{Key: "department", Title: "Department", Width: 140, Least: 110, Spare: true, Filter: true, Search: true},
		text: person(func(p *directory.Person) string { return p.Department })},
	{Column: Column{Key: "phone", Title: "Phone", Width: 120, Hidden: true, Search: true},
		text: person(func(p *directory.Person) string { return p.Phone })},
	{Column: Column{Key: "other_emails", Title: "Other addresses", Width: 240, Least: 180, Hidden: true, Search: true, distinct: true, names: "email alias address mail"},
		text: person(otherEmails)},
	{Column: Column{Key: "given_name", Title: "Given name", Width: 120, Hidden: true, Search: true, names: "name first"},
		text: person(func(p *directory.Person) string { return p.GivenName })},
	{Column: Column{Key: "family_name", Title: "Family name", Width: 120, Hidden: true, Search: true, names: "name last"},
		text: person(func(p *directory.Person) string { return p.FamilyName })},
	{Column: Column{Key: noticeColumn, Title: "Notice", Width: 150, Hidden: true, Badge: true, Filter: true, Search: true, tone: noticeTone},
		text: person(noticeWord)},
	{Column: Column{Key: "sign_in_age", Title: "Last sign-in", Filter: true},
		text: func(p *directory.Person, now time.Time) string { return ageBand(p.LastSignIn, now) }},
	{Column: Column{Key: "id", Search: true, shortest: wholeID, distinct: true, key: true},
		text: person(func(p *directory.Person) string { return p.ID })},
	{Column: Column{Key: "microsoft_id", Search: true, shortest: wholeID, distinct: true, names: "id"},
		text: person(func(p *directory.Person) string {
			if p.GoogleID == "" {
				return "" // the id says it
			}
			return p.MicrosoftID
		})},
}

// peopleCharts are the pictures of the People tab.
var peopleCharts = []chart{
	{column: "source", title: "Known to"},
	{column: orgUnitColumn, title: "Schools", schools: true},
	{column: "state", title: "State"},
	{column: "kind", title: "Kind"},
	{column: "sign_in_age", title: "Last sign-in", bands: ageBands},
}

// byLedger is the text of a column until the ledger fills it.
func byLedger[T any](*T) string { return "" }

func otherEmails(p *directory.Person) string {
	if len(p.Emails) > 0 && p.Emails[0] == directory.FoldAddress(p.PrimaryEmail) {
		return strings.Join(p.Emails[1:], "; ")
	}
	return strings.Join(p.Emails, "; ")
}

func kindWord(k directory.Kind) string {
	switch k {
	case directory.Student:
		return "Student"
	case directory.Staff:
		return "Staff"
	case directory.Guest:
		return "Guest"
	}
	return ""
}

// stateWords are the states of accounts.
var stateWords = map[directory.State]string{
	directory.Active: "Active", directory.Suspended: "Suspended", directory.Archived: "Archived", directory.Disabled: "Disabled",
}

func stateWord(p *directory.Person) string {
	if word, ok := stateWords[p.State]; ok {
		return word
	}
	return string(p.State)
}

func stateTone(word string) Tone {
	switch word {
	case "Active":
		return Good
	case "Suspended", "Disabled":
		return Warn
	case departed:
		return Bad
	case "":
		return Plain
	}
	return Muted
}

// Values that the views that Panel brings ask for.
const (
	googleOnly        = "Google only"
	microsoftOnly     = "Microsoft only"
	possibleDuplicate = "Possible duplicate"
)

func sourceWord(p *directory.Person) string {
	switch {
	case p.GoogleID == "":
		return microsoftOnly
	case p.MicrosoftID == "":
		return googleOnly
	}
	return "Both clouds"
}

// departed stands in place of the state of someone whom no cloud has any more.
const departed = "Departed"

func stateOrDeparted(p *directory.Person) string {
	if p.Departed {
		return departed
	}
	return stateWord(p)
}

// noticeWord is what a technician should look at.
func noticeWord(p *directory.Person) string {
	if p.PossibleDuplicate {
		return possibleDuplicate
	}
	return ""
}

func noticeTone(word string) Tone {
	if word == "" {
		return Plain
	}
	return Warn
}

// Hidden says which records the lists leave out; they are not gone.
type Hidden struct {
	Guests        bool
	MicrosoftOnly bool
	OrgUnits      []string // with those below
}

// Person tells whether p is left out. Someone departed never is.
func (h *Hidden) Person(p *directory.Person) bool {
	return !p.Departed && (h.Guests && p.Kind == directory.Guest || h.MicrosoftOnly && p.GoogleID == "" || h.orgUnit(p.OrgUnit))
}

// Chromebook tells whether c is left out.
func (h *Hidden) Chromebook(c *directory.Chromebook) bool { return h.orgUnit(c.OrgUnit) }

func (h *Hidden) orgUnit(path string) bool {
	for _, o := range h.OrgUnits {
		if path == o || isBelow(path, o) {
			return true
		}
	}
	return false
}
