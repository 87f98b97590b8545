package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/sync/engine"
	"panel/ui"
)

// departuresName is the document that says when Panel first found that somebody
// whom the ledger names is in no cloud any more.
const departuresName = "departures"

// departures is what is remembered of those whom the ledger names, by the keys of
// their accounts.
type departures struct {
	// Gone is the day on which they were first found in no cloud.
	Gone map[string]directory.Day `json:"gone,omitempty"`
	// Partner is the account that was one Person with it when it was last there,
	// itself where none was: one of two may go before the other.
	Partner map[string]string `json:"partner,omitempty"`
	// Tidied is the day on which that was last looked at, "" for never.
	Tidied directory.Day `json:"tidied,omitempty"`
}

// Scans of the desk that were looked after are kept for a while.
const keepScans = 14 * 24 * time.Hour

// tidyLedger forgets the scans of the desk that nobody will ask about, and the
// names of those who departed long ago.
func (s *session) tidyLedger(ctx context.Context) error {
	now := time.Now()
	old := now.Add(-keepScans)
	err := s.store.Ledger.Drop(ctx, ui.DeskRound, func(seen *ledger.Seen) bool { return seen.At.Before(old) && !seen.Open() })
	if err != nil {
		return storageError("drop old scans", err)
	}
	if err := s.store.Ledger.FinishPurge(ctx); err != nil {
		return storageError("forget names", err)
	}
	if !believed(s.engine.Runs(), now) {
		return nil
	}
	return s.tidyNames(ctx, now)
}

// believed tells whether a clock that says now is to decide that names are old:
// what is forgotten does not come back. A sync has worked by it not long ago,
// which takes a clock that fits the clouds' certificates.
func believed(runs []engine.Run, now time.Time) bool {
	return slices.ContainsFunc(runs, func(r engine.Run) bool {
		since := now.Sub(r.Finished)
		return (r.Outcome == engine.OK || r.Outcome == engine.Partial || r.Outcome == engine.Held) && since > -time.Hour && since < 7*24*time.Hour
	})
}

// tidyNames forgets the names of those who departed as long ago as the settings
// say.
func (s *session) tidyNames(ctx context.Context, now time.Time) error {
	there, err := s.accounts()
	if err != nil {
		return err
	}
	before, err := readDoc[departures](s, departuresName)
	if err != nil {
		return err
	}
	named, err := s.named(ctx, before.Partner)
	if err != nil {
		return storageError("read the journal", err)
	}
	gone, today := make(map[string]directory.Day), ledger.DayIn(now)
	for _, accounts := range named.people() {
		if slices.ContainsFunc(accounts, there) {
			continue
		}
		since := directory.Day("") // the last of them to go
		for _, key := range accounts {
			since = max(since, cmp.Or(before.Gone[key], today))
		}
		for _, key := range accounts {
			gone[key] = since
		}
	}
	if err := s.forgetNames(ctx, gone, now); err != nil {
		return err
	}
	_, err = changeDoc(ctx, s, departuresName, func(d *departures) { *d = departures{gone, named.partner, today} })
	return err
}

// forgetNames forgets those who are gone for as long as the settings say, and
// takes them out of gone.
func (s *session) forgetNames(ctx context.Context, gone map[string]directory.Day, now time.Time) error {
	days := ui.KeepNames
	if keep := s.settings().KeepNames; keep != nil {
		days = *keep
	}
	if days == 0 {
		return nil
	}
	until, due := ledger.DayIn(now.AddDate(0, 0, -days)), make(map[string]bool)
	for key, since := range gone {
		if since <= until {
			due[key] = true
		}
	}
	if len(due) == 0 {
		return nil
	}
	n, err := s.store.Ledger.Purge(ctx, func(h *ledger.Holder) bool { return due[h.PersonID()] })
	if n > 0 {
		s.ledgerRevision.Add(1)
		s.log.Info("names of people who departed were forgotten", "accounts", len(due), "records", n)
	}
	if err != nil {
		return storageError("forget names", err)
	}
	for key := range due {
		delete(gone, key)
	}
	return nil
}

// accounts tells whether a cloud has an account, by its key. A cloud that has no
// account at all has not been asked, or not answered: what it had may be there.
func (s *session) accounts() (there func(key string) bool, err error) {
	known, silent := make(map[string]bool), make(map[directory.Cloud]bool)
	for _, c := range directory.Clouds {
		ids, err := s.store.Inventory.IDs(c, directory.People)
		if err != nil {
			return nil, storageError("read the people", err)
		}
		silent[c] = len(ids) == 0
		for _, id := range ids {
			known[directory.AccountKey(c, id)] = true
		}
	}
	return func(key string) bool {
		c, _, _ := directory.SplitAccountKey(key)
		return known[key] || silent[c]
	}, nil
}

// named are the accounts that the ledger names somebody by.
type named struct {
	other   map[string]string // another account of the same human being, or itself
	partner map[string]string // see departures
	held    map[string]bool   // those by which somebody is named
}

func (n *named) first(key string) string {
	for n.other[key] != key {
		key = n.other[key]
	}
	return key
}

// add notes accounts of one human being.
func (n *named) add(keys ...string) {
	for _, key := range keys {
		if n.other[key] == "" {
			n.other[key] = key
		}
		n.other[n.first(key)] = n.first(keys[0])
	}
}

// addHolder notes a holder. Two accounts are of one human being unless they were
// seen since to be of two: then the entry is of Google's half, as everywhere.
func (n *named) addHolder(h *ledger.Holder) {
	if h.Nobody() || h.Name == ledger.RemovedPerson {
		return
	}
	keys := h.Keys()
	if len(keys) == 2 {
		google, microsoft := n.partner[keys[0]], n.partner[keys[1]]
		elsewhere := func(partner string) bool { return partner != "" && !slices.Contains(keys, partner) }
		apart := google == keys[0] && microsoft == keys[1]
		if apart || elsewhere(google) || elsewhere(microsoft) {
			keys = keys[:1]
		}
	}
	n.held[keys[0]] = true
	n.add(keys...)
}

// link notes the accounts that were one Person, and forgets partners of nobody
// who is named.
func (n *named) link() {
	for key, other := range n.partner {
		n.add(key, other)
	}
	people := n.people()
	maps.DeleteFunc(n.partner, func(key, _ string) bool { return people[n.first(key)] == nil })
}

// people are the accounts by human being, of those who are named.
func (n *named) people() map[string][]string {
	all := make(map[string][]string)
	for key := range n.held {
		all[n.first(key)] = nil
	}
	for key := range n.other {
		if accounts, ok := all[n.first(key)]; ok {
			all[n.first(key)] = append(accounts, key)
		}
	}
	return all
}

// named gathers who is named in the ledger; partner is what is remembered of
// before, by account.
func (s *session) named(ctx context.Context, partner map[string]string) (*named, error) {
	n := &named{other: make(map[string]string), partner: make(map[string]string), held: make(map[string]bool)}
	maps.Copy(n.partner, partner)
	err := s.store.Inventory.People(ctx, func(p *directory.Person) error {
		h := ledger.HolderOf(p)
		keys := h.Keys()
		for i, key := range keys {
			n.partner[key] = keys[len(keys)-1-i]
		}
		return nil
	})
	if err == nil {
		err = s.eachHolder(ctx, n.addHolder)
	}
	if err != nil {
		return nil, err
	}
	n.link()
	return n, nil
}

// eachHolder goes through all whom the ledger names.
func (s *session) eachHolder(ctx context.Context, fn func(*ledger.Holder)) error {
	err := s.store.Ledger.Entries(ctx, func(e *ledger.Entry) error {
		fn(&e.Holder)
		for i := range e.Left {
			fn(&e.Left[i].Holder)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	rounds, err := s.store.Ledger.Rounds(ctx)
	if err != nil {
		return err
	}
	ids := []string{ui.DeskRound}
	for i := range rounds {
		ids = append(ids, rounds[i].ID)
		for j := range rounds[i].Expected {
			fn(&rounds[i].Expected[j].Holder)
		}
	}
	for _, id := range ids {
		seen, err := s.store.Ledger.Seen(ctx, id)
		if err != nil {
			return err
		}
		for i := range seen {
			fn(&seen[i].Holder)
		}
	}
	return nil
}

const (
	// tidyEvery is how often the window tidies the ledger.
	tidyEvery = 12 * time.Hour
	// tidyQuiet is for how long nobody must have written to it: to go through a
	// long journal takes a core for seconds, and scans would wait for it.
	tidyQuiet = 5 * time.Minute
	// tidyLatest is after how long it is tidied in any case.
	tidyLatest = 7 * 24 * time.Hour
)

// keepTidy tidies the ledger as [whenQuiet] says.
func (s *session) keepTidy(ctx context.Context) {
	overdue := func() bool {
		d, err := readDoc[departures](s, departuresName)
		return err == nil && d.Tidied < ledger.DayIn(time.Now().Add(-tidyLatest))
	}
	whenQuiet(ctx, s.store.Ledger.Changed, overdue, func() {
		if err := s.tidyLedger(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("could not tidy the ledger", "err", err)
		}
	})
}

// whenQuiet calls tidy a minute from now and then every [tidyEvery], but within
// [tidyQuiet] of the last change only when it is overdue, until ctx ends.
func whenQuiet(ctx context.Context, changed func() time.Time, overdue func() bool, tidy func()) {
	for wait := time.Minute; ; {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		wait = time.Until(changed().Add(tidyQuiet))
		if wait <= 0 || overdue() {
			tidy()
			wait = tidyEvery
		}
	}
}
