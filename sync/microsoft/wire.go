package microsoft

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"panel/directory"
	"panel/sync/cloud"
)

// selected are the properties that Panel asks for, those of [user].
const selected = "id,displayName,givenName,surname,userPrincipalName,mail,proxyAddresses,accountEnabled,userType," +
	"employeeId,employeeType,jobTitle,department,mobilePhone,businessPhones"

// user is a user of Graph. Everything but the id may be null. Decoding a
// change of Graph's over the user as it is stored does what the change means:
// what it omits stays, what is null goes.
type user struct {
	ID                string   `json:"id"`
	DisplayName       *string  `json:"displayName"`
	GivenName         *string  `json:"givenName"`
	Surname           *string  `json:"surname"`
	UserPrincipalName *string  `json:"userPrincipalName"`
	Mail              *string  `json:"mail"`
	ProxyAddresses    []string `json:"proxyAddresses"`
	AccountEnabled    *bool    `json:"accountEnabled"`
	UserType          *string  `json:"userType"`
	EmployeeID        *string  `json:"employeeId"`
	EmployeeType      *string  `json:"employeeType"`
	JobTitle          *string  `json:"jobTitle"`
	Department        *string  `json:"department"`
	MobilePhone       *string  `json:"mobilePhone"`
	BusinessPhones    []string `json:"businessPhones"`
}

// account is u in the words of Panel.
func (u *user) account() directory.Account {
	a := directory.Account{
		Cloud:        directory.Microsoft,
		ID:           u.ID,
		Primary:      text(u.UserPrincipalName),
		Mail:         text(u.Mail),
		DisplayName:  text(u.DisplayName),
		GivenName:    text(u.GivenName),
		FamilyName:   text(u.Surname),
		EmployeeID:   text(u.EmployeeID),
		EmployeeType: text(u.EmployeeType),
		Title:        text(u.JobTitle),
		Department:   text(u.Department),
		Mobile:       text(u.MobilePhone),
		Guest:        strings.EqualFold(text(u.UserType), guestType),
	}
	if len(u.BusinessPhones) > 0 { // it holds one at most
		a.Phone = u.BusinessPhones[0]
	}
	for _, p := range u.ProxyAddresses {
		// SMTP: marks the primary one; others are X500, SIP and the like.
		if kind, address, ok := strings.Cut(p, ":"); ok && strings.EqualFold(kind, smtp) && address != "" {
			a.Aliases = append(a.Aliases, address)
		}
	}
	if u.AccountEnabled != nil {
		a.State = directory.Disabled
		if *u.AccountEnabled {
			a.State = directory.Active
		}
	}
	return a
}

const (
	guestType = "Guest"
	smtp      = "smtp"
)

// userOf undoes [user.account], as far as account kept things.
func userOf(a directory.Account) user {
	u := user{
		ID:                a.ID,
		DisplayName:       &a.DisplayName,
		GivenName:         &a.GivenName,
		Surname:           &a.FamilyName,
		UserPrincipalName: &a.Primary,
		Mail:              &a.Mail,
		EmployeeID:        &a.EmployeeID,
		EmployeeType:      &a.EmployeeType,
		JobTitle:          &a.Title,
		Department:        &a.Department,
		MobilePhone:       &a.Mobile,
	}
	for _, alias := range a.Aliases {
		u.ProxyAddresses = append(u.ProxyAddresses, smtp+":"+alias)
	}
	if a.Phone != "" {
		u.BusinessPhones = []string{a.Phone}
	}
	if a.State != directory.StateUnknown {
		enabled := a.State == directory.Active
		u.AccountEnabled = &enabled
	}
	if a.Guest {
		kind := guestType
		u.UserType = &kind
	}
	return u
}

// isWhole tells whether u, decoded over nothing, can be a whole user rather
// than a change of one: every user has these two, and a change that renames
// and enables someone at once is too rare to be asked about again.
func (u *user) isWhole() bool { return u.UserPrincipalName != nil && u.AccountEnabled != nil }

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// change is one entry of a delta: a tombstone, or a user of whom what changed
// is to be decoded from raw.
type change struct {
	id      string
	removed bool
	raw     json.RawMessage
}

// UnmarshalJSON implements [json.Unmarshaler].
func (c *change) UnmarshalJSON(data []byte) error {
	var head struct {
		ID      string           `json:"id"`
		Removed *json.RawMessage `json:"@removed"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return err
	}
	*c = change{id: head.ID, removed: head.Removed != nil, raw: bytes.Clone(data)}
	return nil
}

// page is one page of a listing whose entries are T: user or change.
type page[T any] struct {
	value []T
	next  string // the next page, "" at the end
	delta string // what changes from here on; only a delta has it, at its end
}

// decodePage decodes a page and refuses whatever is not quite one: a filter
// or a proxy can make an answer that decodes without error and holds nobody.
func decodePage[T any](body []byte) (page[T], *cloud.Error) {
	var (
		p       page[T]
		context string
		seen    = map[string]bool{}
		d       = json.NewDecoder(bytes.NewReader(body))
	)
	if err := expect(d, '{'); err != nil {
		return p, cloud.DecodeError(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return p, cloud.DecodeError(err)
		}
		name, _ := key.(string) // a key is one
		if seen[name] {
			return p, badShape()
		}
		seen[name] = true
		switch name {
		case "@odata.context":
			err = d.Decode(&context)
		case "@odata.nextLink":
			err = d.Decode(&p.next)
		case "@odata.deltaLink":
			err = d.Decode(&p.delta)
		case "value":
			p.value, err = decodeArray[T](d)
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return p, cloud.DecodeError(err)
		}
	}
	if err := expect(d, '}'); err != nil {
		return p, cloud.DecodeError(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return p, &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeNotJSON}
	}
	if context == "" || !seen["value"] {
		return p, badShape()
	}
	return p, nil
}

func decodeArray[T any](d *json.Decoder) ([]T, error) {
	if err := expect(d, '['); err != nil {
		return nil, err
	}
	all := make([]T, 0, pageSize)
	for d.More() {
		var v T
		if err := d.Decode(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, expect(d, ']')
}

// expect takes one delimiter off d.
func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	switch {
	case err == io.EOF:
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case got != want:
		return errShape
	}
	return nil
}

// errShape is JSON that is not what was asked for.
var errShape = errors.New("unexpected JSON value")

func badShape() *cloud.Error { return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape} }
