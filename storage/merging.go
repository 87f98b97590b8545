package storage

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"panel/directory"
)

// touch is an account that differs from what was stored: a nil account is one
// that was, or is, not there.
type touch struct {
	key      string
	old, now *directory.Account
}

// merging is the merge of some accounts anew. Its lists are sorted: accounts
// by key, people by id. First everything is worked out, from what is stored
// and the accounts that are about to be, then it is stored.
type merging struct {
	ctx   context.Context
	file  *file
	rules *directory.Rules
	holds holds

	touched  []touch
	departed int // how many keys the departed people have
	accounts []directory.Account
	old      []storedPerson
	now      []directory.Person
	rows     [][]byte // of now, nil for those who are stored so

	enc, dec coder
	room     *room
}

// storedPerson is a Person as it is stored.
type storedPerson struct {
	id            string
	number, plain []byte
}

func (v *Inventory) newMerging(ctx context.Context, in *arena) *merging {
	return &merging{ctx: ctx, file: v.file, rules: v.rules, holds: v.holds, room: in.room()}
}

// drop adds accounts that were taken out to those that are touched, which
// stay sorted and have each key once: a batch may both put and drop one.
func (m *merging) drop(accounts []*directory.Account) {
	for _, a := range accounts {
		key := a.Key()
		i, found := slices.BinarySearchFunc(m.touched, key, func(t touch, key string) int { return cmp.Compare(t.key, key) })
		if found {
			m.touched[i].now = nil
		} else {
			m.touched = slices.Insert(m.touched, i, touch{key, a, nil})
		}
	}
}

// touch brings the index up to the touched accounts, and works out the people
// who have to do with them.
func (m *merging) touch(x *directory.Index) error {
	var before, after []string
	for _, t := range m.touched {
		if t.old != nil {
			before = append(before, t.key)
		}
		if t.now != nil {
			after = append(after, t.key)
		}
	}
	// Those who were connected and those who are.
	were := x.Component(before)
	for _, t := range m.touched {
		if t.now != nil {
			x.Put(t.now)
		} else {
			x.Drop(t.key)
		}
	}
	near := x.Component(after)
	if len(were) > 0 {
		near = append(near, were...)
		slices.Sort(near)
		near = slices.Compact(near)
	}
	return m.merge(near)
}

// merge gets the accounts with the keys, as they are now, and the people who
// had them, and merges. Keys are sorted.
func (m *merging) merge(keys []string) error {
	if err := m.file.view("read people", func(t *tx) error { return m.load(t, keys) }); err != nil {
		return err
	}
	m.now = directory.Merge(m.accounts, *m.rules)
	m.rows = make([][]byte, len(m.now))
	old := m.old
	for i := range m.now {
		if err := stopped(m.ctx, i); err != nil {
			return err
		}
		p := &m.now[i]
		for len(old) > 0 && old[0].id < p.ID {
			old = old[1:]
		}
		fresh := encode(&m.enc, personFields, p)
		if len(old) == 0 || old[0].id != p.ID || !bytes.Equal(old[0].plain, fresh) {
			m.rows[i] = m.file.seal.row(m.room, peopleTable, []byte(p.ID), fresh)
		}
	}
	return nil
}

func (m *merging) load(t *tx, keys []string) (err error) {
	m.accounts = make([]directory.Account, 0, len(keys))
	if m.departed, err = t.size(departedBucket); err != nil {
		return err
	}
	ids := make([]string, 0, len(keys))
	touched := m.touched
	for n, key := range keys {
		if err := stopped(m.ctx, n); err != nil {
			return err
		}
		for len(touched) > 0 && touched[0].key < key {
			touched = touched[1:]
		}
		isNew := false
		if len(touched) > 0 && touched[0].key == key {
			isNew = touched[0].old == nil
			if now := touched[0].now; now != nil {
				m.accounts = append(m.accounts, *now)
			}
		} else if err := m.loadAccount(t, key); err != nil {
			return err
		}
		// A Person's id is the key of one of its accounts, or was when it
		// departed.
		if !isNew {
			ids = append(ids, key)
		}
		if m.departed > 0 {
			id, err := t.get(departedBucket, []byte(key))
			if err != nil {
				return err
			}
			if id != nil {
				ids = append(ids, string(id))
			}
		}
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		stored, err := t.find(peopleTable, []byte(id))
		if err != nil {
			return err
		}
		if stored.number != nil {
			m.old = append(m.old, storedPerson{id, m.room.clone(stored.number), m.room.clone(stored.plain)})
		}
	}
	return nil
}

func (m *merging) loadAccount(t *tx, key string) error {
	c, id, _ := directory.SplitAccountKey(key)
	stored, err := t.find(accountTable(c), []byte(id))
	if stored.number == nil || err != nil {
		return err
	}
	var a directory.Account
	if !decode(&m.dec, accountFields, stored.plain, &a) {
		return t.unreadable(accountTable(c).rows)
	}
	m.accounts = append(m.accounts, a)
	return nil
}

// person is a stored Person.
func (m *merging) person(s *storedPerson) (p directory.Person, err error) {
	if !decode(&m.dec, personFields, s.plain, &p) {
		err = (&tx{file: m.file}).unreadable(peopleTable.rows)
	}
	return p, err
}

// store writes the people who differ and takes out those who are no more.
func (m *merging) store(t *tx) error {
	old := m.old
	var id []byte
	for i := range m.now {
		p := &m.now[i]
		for len(old) > 0 && old[0].id < p.ID {
			if err := m.leave(t, &old[0]); err != nil {
				return err
			}
			old = old[1:]
		}
		var number []byte
		if len(old) > 0 && old[0].id == p.ID {
			if err := m.comeBack(t, &old[0]); err != nil {
				return err
			}
			number, old = old[0].number, old[1:]
		}
		if m.rows[i] == nil {
			continue
		}
		id = append(id[:0], p.ID...)
		if err := t.write(peopleTable, number, id, m.rows[i]); err != nil {
			return err
		}
	}
	for i := range old {
		if err := m.leave(t, &old[i]); err != nil {
			return err
		}
	}
	return nil
}

// comeBack ends that a Person is departed, if it is.
func (m *merging) comeBack(t *tx, s *storedPerson) error {
	if m.departed == 0 {
		return nil
	}
	p, err := m.person(s)
	if err != nil || !p.Departed {
		return err
	}
	return t.forgetDeparted(&p)
}

// leave takes a Person out, or marks it as departed: when no account of it is
// left and it holds something.
func (m *merging) leave(t *tx, s *storedPerson) error {
	p, err := m.person(s)
	if err != nil {
		return err
	}
	keys := accountsOf(&p)
	stays := m.holds != nil && m.holds(keys, t.hasAccount)
	for _, key := range keys {
		_, live := slices.BinarySearchFunc(m.accounts, key, func(a directory.Account, key string) int { return cmp.Compare(a.Key(), key) })
		stays = stays && !live
	}
	if !stays {
		if p.Departed {
			if err := t.forgetDeparted(&p); err != nil {
				return err
			}
		}
		return t.erase(peopleTable, row{s.number, s.plain}, []byte(p.ID))
	}
	p.Departed = true
	for _, key := range keys {
		if err := t.put(departedBucket, []byte(key), []byte(p.ID)); err != nil {
			return err
		}
	}
	id := []byte(p.ID)
	return t.write(peopleTable, s.number, id, m.file.seal.row(m.room, peopleTable, id, encode(&m.enc, personFields, &p)))
}

// holds tells whether whoever has some accounts, by their keys, has an Asset.
// Other tells whether an account is there: then it is somebody else's.
type holds func(accounts []string, other func(account string) bool) bool

// hasAccount tells whether a cloud has an account, by its key.
func (t *tx) hasAccount(key string) bool {
	c, id, ok := directory.SplitAccountKey(key)
	return ok && t.raw(accountTable(c).ids, []byte(id)) != nil
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

// note turns w's entries about accounts into entries about people, and adds
// one for every two accounts that were there before and are there now, and
// became one Person or stopped being one.
func (m *merging) note(w *writer) error {
	before := make([]directory.Person, len(m.old))
	for i := range m.old {
		var err error
		if before[i], err = m.person(&m.old[i]); err != nil {
			return err
		}
	}
	old, now := byAccount(before), byAccount(m.now)
	for i := range w.entries {
		e := &w.entries[i]
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
		w.noteIfParted(&m.now[i], directory.Merged, old)
	}
	for i := range before {
		w.noteIfParted(&before[i], directory.Split, now)
	}
	return nil
}

// byAccount finds people by the keys of their accounts.
func byAccount(people []directory.Person) map[string]*directory.Person {
	found := make(map[string]*directory.Person, 2*len(people))
	for i := range people {
		for _, key := range accountsOf(&people[i]) {
			found[key] = &people[i]
		}
	}
	return found
}

// noteIfParted adds an entry if p's two accounts belong to two people in of.
func (w *writer) noteIfParted(p *directory.Person, kind directory.ChangeKind, of map[string]*directory.Person) {
	keys := accountsOf(p)
	if len(keys) < 2 {
		return
	}
	if a, b := of[keys[0]], of[keys[1]]; a != nil && b != nil && a != b {
		w.note(directory.Change{Kind: kind, ID: p.ID, Name: p.Name()}, keys...)
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
