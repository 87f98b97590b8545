package storage

import (
	"bytes"
	"cmp"
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
			stored, err := t.find(accountTable(b.Cloud), []byte(a.ID))
			if differs = !bytes.Equal(stored.plain, encode(&c, accountFields, a)); differs || err != nil {
				return err
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
		err := each(ctx, v.file, accountTable(c), accountFields, func(a *directory.Account) error {
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
	w.sortTouched()
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
	near = append(append(near, v.index.Component(keys)...), keys...)
	slices.Sort(near)

	m := merging{writer: w, rules: v.rules, holds: v.holds}
	if err := m.load(slices.Compact(near)); err != nil {
		return err
	}
	if err := m.store(); err != nil {
		return err
	}
	if !w.batch.Quiet {
		m.note()
	}
	return nil
}

// sortTouched sorts by key and leaves one touch for each: a batch may both put
// and drop an account.
func (w *writer) sortTouched() {
	slices.SortStableFunc(w.touched, func(a, b touch) int { return cmp.Compare(a.key, b.key) })
	n := 0
	for i, t := range w.touched {
		if i > 0 && t.key == w.touched[n-1].key {
			w.touched[n-1].now = t.now
			continue
		}
		w.touched[n] = t
		n++
	}
	w.touched = w.touched[:n]
}

// merging is the merge of some accounts anew. Its lists are sorted: accounts
// by key, people by id.
type merging struct {
	*writer
	rules *directory.Rules
	holds func(string) bool

	accounts []directory.Account
	old      []storedPerson
	now      []directory.Person
}

// storedPerson is a Person as it is stored.
type storedPerson struct {
	directory.Person
	row row // with an encoding of its own
}

// load gets the accounts with the keys, as they are now, and the people who
// had them, and merges. Keys are sorted.
func (m *merging) load(keys []string) error {
	m.accounts = make([]directory.Account, 0, len(keys))
	departed, err := m.size(departedBucket)
	if err != nil {
		return err
	}
	ids := slices.Clone(keys)
	touched := m.touched
	for _, key := range keys {
		for len(touched) > 0 && touched[0].key < key {
			touched = touched[1:]
		}
		if len(touched) > 0 && touched[0].key == key {
			if now := touched[0].now; now != nil {
				m.accounts = append(m.accounts, *now)
			}
		} else if err := m.loadAccount(key); err != nil {
			return err
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
		if err := m.loadPerson(id); err != nil {
			return err
		}
	}
	m.now = directory.Merge(m.accounts, *m.rules)
	return nil
}

func (m *merging) loadAccount(key string) error {
	c, id, _ := directory.SplitAccountKey(key)
	stored, err := m.find(accountTable(c), []byte(id))
	if stored.number == nil || err != nil {
		return err
	}
	var a directory.Account
	if !decode(&m.dec, accountFields, stored.plain, &a) {
		return m.unreadable(accountTable(c).rows)
	}
	m.accounts = append(m.accounts, a)
	return nil
}

func (m *merging) loadPerson(id string) error {
	stored, err := m.find(peopleTable, []byte(id))
	if stored.number == nil || err != nil {
		return err
	}
	p := storedPerson{row: row{stored.number, bytes.Clone(stored.plain)}}
	if !decode(&m.dec, personFields, stored.plain, &p.Person) {
		return m.unreadable(peopleTable.rows)
	}
	m.old = append(m.old, p)
	return nil
}

// store writes the people who differ and takes out those who are no more.
func (m *merging) store() error {
	old := m.old
	for i := range m.now {
		p := &m.now[i]
		for len(old) > 0 && old[0].ID < p.ID {
			if err := m.leave(&old[0]); err != nil {
				return err
			}
			old = old[1:]
		}
		var at row
		if len(old) > 0 && old[0].ID == p.ID {
			at = old[0].row
			if old[0].Departed {
				if err := m.forgetDeparted(&old[0].Person); err != nil {
					return err
				}
			}
			old = old[1:]
		}
		if fresh := encode(&m.enc, personFields, p); !bytes.Equal(at.plain, fresh) {
			if err := m.write(peopleTable, at, []byte(p.ID), fresh); err != nil {
				return err
			}
		}
	}
	for i := range old {
		if err := m.leave(&old[i]); err != nil {
			return err
		}
	}
	return nil
}

// leave takes p out, or marks it as departed: when no account of it is left
// and it holds something.
func (m *merging) leave(p *storedPerson) error {
	keys := accountsOf(&p.Person)
	stays := m.holds != nil && m.holds(p.ID)
	for _, key := range keys {
		_, live := slices.BinarySearchFunc(m.accounts, key, func(a directory.Account, key string) int { return cmp.Compare(a.Key(), key) })
		stays = stays && !live
	}
	if !stays {
		if p.Departed {
			if err := m.forgetDeparted(&p.Person); err != nil {
				return err
			}
		}
		return m.erase(peopleTable, p.row, []byte(p.ID))
	}
	gone := p.Person
	gone.Departed = true
	for _, key := range keys {
		if err := m.put(departedBucket, []byte(key), []byte(gone.ID)); err != nil {
			return err
		}
	}
	return m.write(peopleTable, p.row, []byte(gone.ID), encode(&m.enc, personFields, &gone))
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

// note turns the entries about accounts into entries about people, and adds
// one for every two accounts that were there before and are there now, and
// became one Person or stopped being one.
func (m *merging) note() {
	old := make(map[string]*directory.Person, 2*len(m.old))
	for i := range m.old {
		for _, key := range accountsOf(&m.old[i].Person) {
			old[key] = &m.old[i].Person
		}
	}
	now := make(map[string]*directory.Person, 2*len(m.now))
	for i := range m.now {
		for _, key := range accountsOf(&m.now[i]) {
			now[key] = &m.now[i]
		}
	}
	for i := range m.entries {
		e := &m.entries[i]
		p := now[e.Records[0]]
		if was := old[e.Records[0]]; p == nil && was != nil {
			p = was
			// Whoever is left of the Person goes on under another id.
			for _, key := range accountsOf(was) {
				if rest := now[key]; rest != nil {
					p = rest
					e.Records = append(e.Records, key)
				}
			}
		}
		if p != nil {
			e.ID, e.Name = p.ID, p.Name()
		}
	}
	for i := range m.now {
		m.noteIfParted(&m.now[i], directory.Merged, old)
	}
	for i := range m.old {
		m.noteIfParted(&m.old[i].Person, directory.Split, now)
	}
}

// noteIfParted adds an entry if p's two accounts belong to two people in of.
func (m *merging) noteIfParted(p *directory.Person, kind directory.ChangeKind, of map[string]*directory.Person) {
	keys := accountsOf(p)
	if len(keys) < 2 {
		return
	}
	if a, b := of[keys[0]], of[keys[1]]; a != nil && b != nil && a != b {
		m.writer.note(directory.Change{Kind: kind, ID: p.ID, Name: p.Name()}, keys...)
	}
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
