package storage

import (
	"bytes"
	"context"
	"slices"

	"panel/directory"
)

// prepare sees to it that the index and the rules are in memory if b changes
// any account: most syncs change none, and the index takes a look at all.
func (v *Inventory) prepare(ctx context.Context, b *directory.Batch) error {
	if b.Listing != directory.People || v.index != nil {
		return nil
	}
	if differs, err := v.differs(b); !differs || err != nil {
		return err
	}
	return v.loadIndex(ctx)
}

// differs tells whether b, a batch of accounts, would change anything.
func (v *Inventory) differs(b *directory.Batch) (differs bool, err error) {
	if len(b.Gone) > 0 {
		return true, nil
	}
	var c coder
	err = v.file.view("compare", func(t *tx) error {
		for i := range b.Accounts {
			a := &b.Accounts[i]
			stored, err := t.get(accountBucket(b.Cloud), []byte(a.ID))
			if err != nil {
				return err
			}
			if !bytes.Equal(stored, encode(&c, accountFields, a)) {
				differs = true
				return nil
			}
		}
		return nil
	})
	return differs, err
}

func (v *Inventory) loadIndex(ctx context.Context) error {
	if v.rules == nil {
		rules, err := v.storedRules()
		if err != nil {
			return err
		}
		v.rules = &rules
	}
	x := new(directory.Index)
	for _, c := range directory.Clouds {
		err := all(ctx, v.file, accountBucket(c), "", accountFields, func(_ string, a *directory.Account) error {
			x.Put(a)
			return nil
		})
		if err != nil {
			return err
		}
	}
	x.SetDecisions(v.rules.Decisions)
	v.index = x
	return nil
}

// remerge brings the stored people up to the touched accounts, which are
// stored already, and gives the entries about accounts the ids and names of
// people.
func (v *Inventory) remerge(w *writer) error {
	if len(w.touched) == 0 {
		return nil
	}
	keys := make([]string, len(w.touched))
	for i, t := range w.touched {
		keys[i] = t.key
	}
	// Those who were connected and those who are.
	near := v.index.Component(keys)
	for _, t := range w.touched {
		if t.now != nil {
			v.index.Put(t.now)
		} else {
			v.index.Drop(t.key)
		}
	}
	near = append(near, v.index.Component(keys)...)
	near = append(near, keys...)
	slices.Sort(near)
	near = slices.Compact(near)

	m := merging{writer: w, rules: v.rules, holds: v.holds}
	if err := m.load(near); err != nil {
		return err
	}
	if err := m.store(); err != nil {
		return err
	}
	m.name()
	m.noteMoves()
	return nil
}

// merging is the merge of some accounts anew.
type merging struct {
	*writer
	rules *directory.Rules
	holds func(string) bool

	accounts []directory.Account
	live     map[string]bool // by account key
	old, now []directory.Person
	// Who has an account, by its key.
	oldOf, nowOf map[string]*directory.Person
}

// load gets the accounts with the keys, as they are now, and the people who
// had them, and merges.
func (m *merging) load(keys []string) error {
	m.accounts = make([]directory.Account, 0, len(keys))
	m.live = make(map[string]bool, len(keys))
	fresh := make(map[string]*directory.Account, len(m.touched))
	for _, t := range m.touched {
		fresh[t.key] = t.now
	}
	departed, err := m.size(departedBucket)
	if err != nil {
		return err
	}
	ids := slices.Clone(keys)
	for _, key := range keys {
		a, known := fresh[key]
		if !known {
			if a, err = m.account(key); err != nil {
				return err
			}
		}
		if a != nil {
			m.accounts = append(m.accounts, *a)
			m.live[key] = true
		}
		if departed > 0 {
			id, err := m.get(departedBucket, []byte(key))
			if err != nil {
				return err
			}
			if id != nil {
				ids = append(ids, string(id))
			}
		}
	}
	// A Person's id is the key of one of its accounts, or was when it
	// departed.
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		var p directory.Person
		plain, err := m.get(peopleBucket, []byte(id))
		if err != nil {
			return err
		}
		if plain == nil {
			continue
		}
		if !decode(&m.dec, personFields, plain, &p) {
			return m.unreadable(peopleBucket)
		}
		m.old = append(m.old, p)
	}
	m.now = directory.Merge(m.accounts, *m.rules)
	m.oldOf, m.nowOf = byAccount(m.old), byAccount(m.now)
	return nil
}

func (m *merging) account(key string) (*directory.Account, error) {
	c, id, _ := directory.SplitAccountKey(key)
	plain, err := m.get(accountBucket(c), []byte(id))
	if plain == nil || err != nil {
		return nil, err
	}
	a := new(directory.Account)
	if !decode(&m.dec, accountFields, plain, a) {
		return nil, m.unreadable(accountBucket(c))
	}
	return a, nil
}

func byAccount(people []directory.Person) map[string]*directory.Person {
	of := make(map[string]*directory.Person, 2*len(people))
	for i := range people {
		for _, key := range accountsOf(&people[i]) {
			of[key] = &people[i]
		}
	}
	return of
}

// accountsOf returns the keys of the accounts that p was merged from.
func accountsOf(p *directory.Person) []string {
	keys := make([]string, 0, 2)
	if p.GoogleID != "" {
		keys = append(keys, directory.AccountKey(directory.Google, p.GoogleID))
	}
	if p.MicrosoftID != "" {
		keys = append(keys, directory.AccountKey(directory.Microsoft, p.MicrosoftID))
	}
	return keys
}

// store writes the people who differ and takes out those who are no more.
func (m *merging) store() error {
	for i := range m.now {
		p := &m.now[i]
		stored, err := m.get(peopleBucket, []byte(p.ID))
		if err != nil {
			return err
		}
		if fresh := encode(&m.enc, personFields, p); !bytes.Equal(stored, fresh) {
			if err := m.put(peopleBucket, []byte(p.ID), fresh); err != nil {
				return err
			}
		}
	}
	for i := range m.old {
		p := &m.old[i]
		if now := m.nowOf[p.ID]; now != nil && now.ID == p.ID {
			if p.Departed {
				if err := m.forgetDeparted(p); err != nil {
					return err
				}
			}
			continue
		}
		if err := m.leave(p); err != nil {
			return err
		}
	}
	return nil
}

// leave takes p out, or marks it as departed: when no account of it is left
// anywhere and it holds something.
func (m *merging) leave(p *directory.Person) error {
	stays := m.holds != nil && m.holds(p.ID)
	for _, key := range accountsOf(p) {
		stays = stays && !m.live[key]
	}
	if !stays {
		if p.Departed {
			if err := m.forgetDeparted(p); err != nil {
				return err
			}
		}
		return m.delete(peopleBucket, []byte(p.ID))
	}
	gone := *p
	gone.Departed = true
	for _, key := range accountsOf(&gone) {
		if err := m.put(departedBucket, []byte(key), []byte(gone.ID)); err != nil {
			return err
		}
	}
	return m.put(peopleBucket, []byte(gone.ID), encode(&m.enc, personFields, &gone))
}

// forgetDeparted takes out how a departed Person was found by its accounts.
func (t *tx) forgetDeparted(p *directory.Person) error {
	for _, key := range accountsOf(p) {
		if err := t.delete(departedBucket, []byte(key)); err != nil {
			return err
		}
	}
	return nil
}

// name turns entries about accounts into entries about people.
func (m *merging) name() {
	for i := range m.entries {
		e := &m.entries[i]
		p := m.nowOf[e.Records[0]]
		if p == nil {
			p = m.oldOf[e.Records[0]]
		}
		if p != nil {
			e.ID, e.Name = p.ID, p.Name()
		}
	}
}

// noteMoves adds an entry for every two accounts that were there before and
// are there now, and became one Person or stopped being one.
func (m *merging) noteMoves() {
	for i := range m.now {
		if p := &m.now[i]; m.parted(p, m.oldOf) {
			m.note(directory.Change{Kind: directory.Merged, ID: p.ID, Name: p.Name()}, accountsOf(p)...)
		}
	}
	for i := range m.old {
		if p := &m.old[i]; m.parted(p, m.nowOf) {
			m.note(directory.Change{Kind: directory.Split, ID: p.ID, Name: p.Name()}, accountsOf(p)...)
		}
	}
}

// parted tells whether p's two accounts belong to two people in of.
func (m *merging) parted(p *directory.Person, of map[string]*directory.Person) bool {
	keys := accountsOf(p)
	if len(keys) < 2 {
		return false
	}
	a, b := of[keys[0]], of[keys[1]]
	return a != nil && b != nil && a != b
}
