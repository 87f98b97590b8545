package storage

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"panel/directory"
)

// The tables of the inventory, by the ids of the clouds.
var (
	googleTable     = newTable("accounts.google")
	microsoftTable  = newTable("accounts.microsoft")
	orgUnitTable    = newTable("orgunits")
	chromebookTable = newTable("chromebooks")
	peopleTable     = newTable("people") // by Person.ID
)

// Its other buckets.
const (
	departedBucket = "departed" // by account key: the id of the departed Person
	asideBucket    = "aside"    // by listing, cloud and id: what a run took out
	changesBucket  = "changes"  // by run and number
	historyBucket  = "history"  // by listing, record, run and number; empty
	docsBucket     = "docs"     // by name
	rulesBucket    = "rules"    // the rules that the people were merged by
)

var inventoryLayout = layout{
	name:    "inventory.db",
	tables:  []table{googleTable, microsoftTable, orgUnitTable, chromebookTable, peopleTable},
	buckets: []string{departedBucket, asideBucket, changesBucket, historyBucket, docsBucket, rulesBucket},
}

// Inventory is what the clouds say, the people they merge into, and what
// syncs changed. It is safe for concurrent use; one transaction writes at a
// time. No transaction outlives a call or is open while a callback runs, but
// for holds, which does not call it.
type Inventory struct {
	file  *file
	holds holds

	// Whoever writes records keeps others from writing such records from when
	// it looks at what is stored. People are locked first.
	devices sync.Mutex // Chromebooks and OUs
	people  sync.Mutex // accounts and people; guards the rest
	// index is nil until the first write that needs it, and after one that
	// failed.
	index *directory.Index
	// rules are those that the stored people were merged by, nil until read.
	rules *directory.Rules
}

// lock keeps others from writing records of some listings; unlock ends it.
func (v *Inventory) lock(listings ...directory.Listing) (unlock func()) {
	people := slices.Contains(listings, directory.People)
	devices := slices.Contains(listings, directory.Chromebooks) || slices.Contains(listings, directory.OrgUnits)
	if people {
		v.people.Lock()
	}
	if devices {
		v.devices.Lock()
	}
	return func() {
		if devices {
			v.devices.Unlock()
		}
		if people {
			v.people.Unlock()
		}
	}
}

// kind is how records of one type are stored.
type kind[T any] struct {
	listing directory.Listing
	table   table
	code    func(*coder, *T)
	fields  []directory.Field[T]
	id      func(*T) string
	name    func(*T) string
}

var chromebookKind = kind[directory.Chromebook]{
	directory.Chromebooks, chromebookTable, chromebookFields, directory.ChromebookFields,
	func(c *directory.Chromebook) string { return c.DeviceID },
	(*directory.Chromebook).Name,
}

var orgUnitKind = kind[directory.OrgUnit]{
	directory.OrgUnits, orgUnitTable, orgUnitFields, directory.OrgUnitFields,
	func(o *directory.OrgUnit) string { return o.ID },
	func(o *directory.OrgUnit) string { return o.Name },
}

func accountKind(c directory.Cloud) kind[directory.Account] {
	return kind[directory.Account]{
		directory.People, accountTable(c), accountFields, directory.AccountFields,
		func(a *directory.Account) string { return a.ID },
		func(a *directory.Account) string { return a.DisplayName },
	}
}

func accountTable(c directory.Cloud) table {
	if c == directory.Microsoft {
		return microsoftTable
	}
	return googleTable
}

// tableOf is where the records of a listing are; ok is false for what no cloud
// lists.
func tableOf(c directory.Cloud, l directory.Listing) (_ table, ok bool) {
	switch {
	case l == directory.People && (c == directory.Google || c == directory.Microsoft):
		return accountTable(c), true
	case l == directory.OrgUnits && c == directory.Google:
		return orgUnitTable, true
	case l == directory.Chromebooks && c == directory.Google:
		return chromebookTable, true
	}
	return table{}, false
}

// People calls fn with every Person, departed ones too, in no order that
// means anything, until it returns an error, which People returns. What fn is
// given is its own.
func (v *Inventory) People(ctx context.Context, fn func(*directory.Person) error) error {
	return each(ctx, v.file, peopleTable, personFields, fn)
}

// Chromebooks calls fn with every Chromebook, those that Google no longer
// lists last, until it returns an error. What fn is given is its own.
func (v *Inventory) Chromebooks(ctx context.Context, fn func(*directory.Chromebook) error) error {
	if err := each(ctx, v.file, chromebookTable, chromebookFields, fn); err != nil {
		return err
	}
	var c coder
	prefix := asideKey(directory.Google, directory.Chromebooks, "")
	return eachKey(ctx, v.file, asideBucket, prefix, asideFields, func(_ string, a *aside) error {
		gone, err := v.gone(&c, a)
		if err != nil {
			return err
		}
		return fn(&gone)
	})
}

// gone is a Chromebook that was set aside.
func (v *Inventory) gone(c *coder, a *aside) (directory.Chromebook, error) {
	var gone directory.Chromebook
	if !decode(c, chromebookFields, []byte(a.Record), &gone) {
		return gone, (&tx{file: v.file}).unreadable(asideBucket)
	}
	gone.Gone = a.At
	return gone, nil
}

// OrgUnits returns all OUs but the root, in no order that means anything.
func (v *Inventory) OrgUnits(ctx context.Context) ([]directory.OrgUnit, error) {
	var out []directory.OrgUnit
	err := each(ctx, v.file, orgUnitTable, orgUnitFields, func(o *directory.OrgUnit) error {
		out = append(out, *o)
		return nil
	})
	return out, err
}

// InOrgUnits tells whether an account of Google, or a Chromebook that Google
// lists, is in an OU below the root.
func (v *Inventory) InOrgUnits(ctx context.Context) (bool, error) {
	below := func(path string) error {
		if strings.Trim(path, "/") != "" {
			return errStop
		}
		return nil
	}
	err := each(ctx, v.file, googleTable, accountFields, func(a *directory.Account) error { return below(a.OrgUnit) })
	if err == nil {
		err = each(ctx, v.file, chromebookTable, chromebookFields, func(c *directory.Chromebook) error { return below(c.OrgUnit) })
	}
	if errors.Is(err, errStop) {
		return true, nil
	}
	return false, err
}

// Person returns the Person of an id, else the one who has the account of that
// key: who was known to Microsoft alone has another id once Google knows him.
// ok is false when there is none.
func (v *Inventory) Person(id string) (p directory.Person, ok bool, err error) {
	find := func(id string) error {
		return v.file.view("read a person", func(t *tx) error {
			p, ok, err = lookUp(t, peopleTable, id, personFields)
			return err
		})
	}
	if err := find(id); ok || err != nil {
		return p, ok, err
	}
	keys, _, err := v.connected(context.Background(), []string{id})
	if err != nil {
		return p, false, err
	}
	for _, key := range keys {
		if err := find(key); err != nil {
			return p, false, err
		}
		if ok && slices.Contains(accountsOf(&p), id) {
			return p, true, nil
		}
	}
	return directory.Person{}, false, nil
}

// Account returns one stored account; ok is false when there is none.
func (v *Inventory) Account(c directory.Cloud, id string) (a directory.Account, ok bool, err error) {
	if id == "" {
		return a, false, nil
	}
	err = v.file.view("read an account", func(t *tx) error {
		a, ok, err = lookUp(t, accountTable(c), id, accountFields)
		return err
	})
	return a, ok, err
}

// Chromebook returns one Chromebook, gone or not; ok is false when there is
// none.
func (v *Inventory) Chromebook(deviceID string) (c directory.Chromebook, ok bool, err error) {
	err = v.file.view("read a Chromebook", func(t *tx) error {
		if c, ok, err = lookUp(t, chromebookTable, deviceID, chromebookFields); ok || err != nil {
			return err
		}
		var a aside
		if ok, err = t.aside(asideKey(directory.Google, directory.Chromebooks, deviceID), &a); ok {
			c, err = v.gone(new(coder), &a)
		}
		return err
	})
	return c, ok, err
}

// IDs returns the ids stored for one listing, sorted, without Chromebooks that
// are marked as gone.
func (v *Inventory) IDs(c directory.Cloud, l directory.Listing) ([]string, error) {
	in, ok := tableOf(c, l)
	if !ok {
		return nil, nil
	}
	var ids []string
	err := v.file.view("list ids", func(t *tx) error {
		n, err := t.size(in.rows)
		if err != nil {
			return err
		}
		ids = make([]string, 0, n)
		return t.bucket(in.ids).ForEach(func(k, _ []byte) error {
			ids = append(ids, string(k))
			return nil
		})
	})
	return ids, err
}

// Count returns how many ids [Inventory.IDs] would return.
func (v *Inventory) Count(c directory.Cloud, l directory.Listing) (n int, err error) {
	in, ok := tableOf(c, l)
	if !ok {
		return 0, nil
	}
	err = v.file.view("count", func(t *tx) error {
		n, err = t.size(in.rows)
		return err
	})
	return n, err
}

// Stats counts what is shown: people with departed ones, Chromebooks without
// those that are gone, and OUs without the root.
type Stats struct{ People, Chromebooks, OrgUnits int }

// Stats counts the inventory.
func (v *Inventory) Stats() (s Stats, err error) {
	err = v.file.view("count", func(t *tx) error {
		var errs [3]error
		s.People, errs[0] = t.size(peopleTable.rows)
		s.Chromebooks, errs[1] = t.size(chromebookTable.rows)
		s.OrgUnits, errs[2] = t.size(orgUnitTable.rows)
		return errors.Join(errs[:]...)
	})
	return s, err
}

// Doc returns a document put by [directory.Batch.Docs], nil when there is
// none.
func (v *Inventory) Doc(name string) (value []byte, err error) {
	err = v.file.view("read a document", func(t *tx) error {
		value, err = t.doc(docsBucket, name)
		return err
	})
	return value, err
}

// doc returns a document of its own, nil when there is none.
func (t *tx) doc(bucket, name string) ([]byte, error) {
	plain, err := t.get(bucket, []byte(name))
	if plain == nil || err != nil {
		return nil, err
	}
	return bytes.Clone(plain), nil
}

// putDoc stores a document; nil deletes it.
func (t *tx) putDoc(bucket, name string, value []byte) error {
	if value == nil {
		return t.delete(bucket, []byte(name))
	}
	return t.put(bucket, []byte(name), value)
}

// Near returns the people who share an address with one, or were kept apart
// from it by a decision, in the order of their ids, without itself.
func (v *Inventory) Near(ctx context.Context, personID string) ([]directory.Person, error) {
	p, ok, err := v.Person(personID)
	if !ok || err != nil {
		return nil, err
	}
	keys, rules, err := v.connected(ctx, accountsOf(&p))
	if err != nil {
		return nil, err
	}
	var out []directory.Person
	err = v.file.view("read people", func(t *tx) error {
		for _, key := range keys {
			other, ok, err := lookUp(t, peopleTable, key, personFields)
			if err != nil {
				return err
			}
			// Over some steps, or by chance, others are connected too.
			if ok && other.ID != p.ID && (shareAddress(&p, &other) || decidedOn(rules.Decisions, &p, &other)) {
				out = append(out, other)
			}
		}
		return nil
	})
	return out, err
}

// connected returns the keys of all accounts that may have to do with some,
// and the rules in force.
func (v *Inventory) connected(ctx context.Context, keys []string) ([]string, *directory.Rules, error) {
	defer v.lock(directory.People)()
	if v.index == nil {
		if err := v.loadIndex(ctx); err != nil {
			return nil, nil, err
		}
	}
	return v.index.Component(keys), v.rules, nil
}

func shareAddress(p, q *directory.Person) bool {
	return slices.ContainsFunc(p.Emails, func(s string) bool { return slices.Contains(q.Emails, s) })
}

func decidedOn(decisions []directory.Decision, p, q *directory.Person) bool {
	of, other := accountsOf(p), accountsOf(q)
	return slices.ContainsFunc(decisions, func(d directory.Decision) bool {
		return slices.Contains(of, d.A) && slices.Contains(other, d.B) || slices.Contains(of, d.B) && slices.Contains(other, d.A)
	})
}
