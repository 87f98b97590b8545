package microsoft

import (
	"context"
	"encoding/json"
	"slices"

	"panel/directory"
	"panel/sync/cloud"
)

// merger turns the changes of a delta into accounts.
type merger struct {
	stored func(id string) (directory.Account, bool)
	fetch  func(ctx context.Context, id string) (*directory.Account, error)
	// now holds what the page at hand made of an account, nil for a removed
	// one; gone, of the pages before it, those that they removed.
	now  map[string]*directory.Account
	gone map[string]bool
}

// merge returns what a page of changes makes of the accounts in it. The last
// word on each counts.
func (m *merger) merge(ctx context.Context, changes []change) (cloud.Page, error) {
	var touched []string
	m.now = make(map[string]*directory.Account, len(changes))
	for i := range changes {
		c := &changes[i]
		if c.id == "" {
			return cloud.Page{}, told(badShape(), "list people")
		}
		a, err := m.apply(ctx, c)
		if err != nil {
			return cloud.Page{}, err
		}
		if a == nil && !c.removed {
			continue
		}
		m.now[c.id] = a
		if !slices.Contains(touched, c.id) {
			touched = append(touched, c.id)
		}
	}
	var p cloud.Page
	for _, id := range touched {
		a := m.now[id]
		if a != nil {
			p.Accounts = append(p.Accounts, *a)
			delete(m.gone, id)
		} else {
			p.Gone = append(p.Gone, id)
			m.gone[id] = true
		}
	}
	return p, nil
}

// apply returns the account after c; nil when c removes it, or when it is of
// an account that is unknown here and, by now, at Graph.
func (m *merger) apply(ctx context.Context, c *change) (*directory.Account, error) {
	if c.removed {
		return nil, nil
	}
	var u user
	before, known := m.before(c.id)
	if known {
		u = userOf(before)
	}
	if err := json.Unmarshal(c.raw, &u); err != nil {
		return nil, told(cloud.DecodeError(err), "list people")
	}
	if !known && !u.isWhole() {
		return m.fetch(ctx, c.id)
	}
	a := u.account()
	a.LastSignIn = before.LastSignIn
	return &a, nil
}

// before is the account as it is known.
func (m *merger) before(id string) (directory.Account, bool) {
	if a, ok := m.now[id]; ok {
		if a == nil {
			return directory.Account{}, false
		}
		return *a, true
	}
	if m.stored == nil || m.gone[id] {
		return directory.Account{}, false
	}
	return m.stored(id)
}
