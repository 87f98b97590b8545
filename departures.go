package main

import (
	"cmp"
	"context"
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

// departures are days by the keys of accounts.
type departures map[string]directory.Day

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
	named, err := s.named(ctx)
	if err != nil {
		return storageError("read the journal", err)
	}
	before, err := readDoc[departures](s, departuresName)
	if err != nil {
		return err
	}
	gone, today := departures{}, ledger.DayIn(now)
	for _, accounts := range named.people() {
		if slices.ContainsFunc(accounts, there) {
			continue
		}
		since := directory.Day("") // the last of them to go
		for _, key := range accounts {
			since = max(since, cmp.Or(before[key], today))
		}
		for _, key := range accounts {
			gone[key] = since
		}
	}
	if err := s.forgetNames(ctx, gone, now); err != nil {
		return err
	}
	_, err = changeDoc(ctx, s, departuresName, func(d *departures) { *d = gone })
	return err
}

// forgetNames forgets those who are gone for as long as the settings say, and
// takes them out of gone.
func (s *session) forgetNames(ctx context.Context, gone departures, now time.Time) error {
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
	n, err := s.store.Ledger.Purge(ctx, func(h *ledger.Holder) bool {
		return slices.ContainsFunc(h.Keys(), func(key string) bool { return due[key] })
	})
	if n > 0 {
		s.ledgerRevision.Add(1)
		s.log.Info("names of people who departed were forgotten", "accounts", len(due), "entries", n)
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

// named are the accounts that the ledger names somebody by, each with another
// one of the same human being, or itself.
type named map[string]string

func (n named) first(key string) string {
	for n[key] != key {
		key = n[key]
	}
	return key
}

// add notes accounts of one human being.
func (n named) add(keys []string) {
	for _, key := range keys {
		if n[key] == "" {
			n[key] = key
		}
		n[n.first(key)] = n.first(keys[0])
	}
}

// people are the accounts by human being.
func (n named) people() map[string][]string {
	all := make(map[string][]string)
	for key := range n {
		all[n.first(key)] = append(all[n.first(key)], key)
	}
	return all
}

// named gathers who is named in the ledger. The two accounts of a Person are of
// one human being, also where only the one or the other is named.
func (s *session) named(ctx context.Context) (named, error) {
	n := make(named)
	add := func(h *ledger.Holder) {
		if !h.Nobody() && h.Name != ledger.RemovedPerson {
			n.add(h.Keys())
		}
	}
	err := s.store.Ledger.Entries(ctx, func(e *ledger.Entry) error {
		add(&e.Holder)
		for i := range e.Left {
			add(&e.Left[i].Holder)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	rounds, err := s.store.Ledger.Rounds(ctx)
	if err != nil {
		return nil, err
	}
	ids := []string{ui.DeskRound}
	for i := range rounds {
		ids = append(ids, rounds[i].ID)
		for j := range rounds[i].Expected {
			add(&rounds[i].Expected[j].Holder)
		}
	}
	for _, id := range ids {
		seen, err := s.store.Ledger.Seen(ctx, id)
		if err != nil {
			return nil, err
		}
		for i := range seen {
			add(&seen[i].Holder)
		}
	}
	return n, s.store.Inventory.People(ctx, func(p *directory.Person) error {
		if h := ledger.HolderOf(p); n[p.ID] != "" || len(h.Keys()) == 2 && n[h.Keys()[1]] != "" {
			n.add(h.Keys())
		}
		return nil
	})
}

// tidyEvery is how often the window tidies the ledger.
const tidyEvery = 12 * time.Hour

// keepTidy tidies the ledger a minute after the start, and then twice a day.
func (s *session) keepTidy(ctx context.Context) {
	for wait := time.Minute; ; wait = tidyEvery {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
		if err := s.tidyLedger(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("could not tidy the ledger", "err", err)
		}
	}
}
