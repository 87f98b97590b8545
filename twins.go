package main

import (
	"context"
	"slices"

	"panel/directory"
	"panel/ui"
)

// person gathers what the detail pane shows of a person.
func (b *backend) person(id string) (d ui.PersonDetail, err error) {
	person, ok, err := b.store.Inventory.Person(id)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, ui.ErrGone
	}
	if d, err = b.withAccounts(person); err != nil {
		return d, err
	}
	d.Twins, err = b.twins(&d)
	return d, err
}

// withAccounts returns a person with the accounts that it was merged from.
func (b *backend) withAccounts(p directory.Person) (ui.PersonDetail, error) {
	d := ui.PersonDetail{Person: p}
	var err error
	account := func(c directory.Cloud, id string) *directory.Account {
		if id == "" || err != nil {
			return nil
		}
		var a directory.Account
		var ok bool
		if a, ok, err = b.store.Inventory.Account(c, id); err != nil || !ok {
			return nil
		}
		return &a
	}
	d.Google, d.Microsoft = account(directory.Google, p.GoogleID), account(directory.Microsoft, p.MicrosoftID)
	return d, err
}

// twins lists who else d's person may be, and what the technician said of it.
// Somebody is a twin when one of the two was left over and an account of the
// one shares an address with the other's account at the other cloud: accounts
// of one cloud are two people in any case, and about those who were merged
// without a doubt there is nothing to ask.
func (b *backend) twins(d *ui.PersonDetail) (out []ui.Twin, err error) {
	words, err := readDoc[decisions](b.session, decisionsName)
	if err != nil {
		return nil, err
	}
	near, err := b.store.Inventory.Near(context.Background(), d.Person.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range near {
		other, err := b.withAccounts(p)
		if err != nil {
			return nil, err
		}
		doubt := d.Person.PossibleDuplicate || p.PossibleDuplicate
		for _, pair := range [][2]*directory.Account{{d.Google, other.Microsoft}, {other.Google, d.Microsoft}} {
			google, microsoft := pair[0], pair[1]
			if google == nil || microsoft == nil {
				continue
			}
			t := ui.Twin{Person: p, Pair: directory.Decision{A: google.Key(), B: microsoft.Key()}}
			if t.Said = words.find(&t.Pair); t.Said || doubt && shareAddress(google, microsoft) {
				out = append(out, t)
			}
		}
	}
	// What was said to be one person is one: only the decision tells.
	if d.Google != nil && d.Microsoft != nil {
		t := ui.Twin{Person: d.Person, Pair: directory.Decision{A: d.Google.Key(), B: d.Microsoft.Key()}}
		if t.Said = words.find(&t.Pair); t.Said {
			out = append(out, t)
		}
	}
	return out, nil
}

// find replaces d with the decision on its pair, if there is one.
func (all decisions) find(d *directory.Decision) bool {
	for _, said := range all {
		if samePair(said, *d) {
			*d = said
			return true
		}
	}
	return false
}

func samePair(a, b directory.Decision) bool {
	return a.A == b.A && a.B == b.B || a.A == b.B && a.B == b.A
}

func shareAddress(a, b *directory.Account) bool {
	all := b.Addresses()
	return slices.ContainsFunc(a.Addresses(), func(s string) bool { return slices.Contains(all, s) })
}
