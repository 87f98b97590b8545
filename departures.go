package main

import (
	"context"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/ui"
)

// departuresName is the document that says when Panel first found that somebody
// in the journal is in no cloud any more.
const departuresName = "departures"

// departures are days by the ids that holders had.
type departures map[string]directory.Day

// Scans of the desk that were looked after are kept for a while.
const keepScans = 14 * 24 * time.Hour

// tidyLedger forgets the names of those who departed long ago, and the scans of
// the desk that nobody will ask about.
func (s *session) tidyLedger(ctx context.Context, now time.Time) error {
	old := now.Add(-keepScans)
	err := s.store.Ledger.Drop(ctx, ui.DeskRound, func(seen *ledger.Seen) bool { return seen.At.Before(old) && !seen.Open() })
	if err != nil {
		return storageError("drop old scans", err)
	}
	known, err := s.accounts()
	if err != nil || len(known) == 0 { // without people nobody has departed
		return err
	}
	gone, err := readDoc[departures](s, departuresName)
	if err != nil {
		return err
	}
	today, named := ledger.DayIn(now), make(map[string]bool)
	if gone == nil {
		gone = departures{}
	}
	err = s.store.Ledger.Entries(ctx, func(e *ledger.Entry) error {
		h := &e.Holder
		if h.Nobody() || h.Name == ledger.RemovedPerson || named[h.PersonID()] {
			return ctx.Err()
		}
		named[h.PersonID()] = true
		for _, key := range h.Keys() {
			if known[key] {
				delete(gone, h.PersonID())
				return nil
			}
		}
		if gone[h.PersonID()] == "" {
			gone[h.PersonID()] = today
		}
		return nil
	})
	if err != nil {
		return storageError("read the journal", err)
	}
	for id := range gone {
		if !named[id] {
			delete(gone, id)
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
	for id, since := range gone {
		if since <= until {
			due[id] = true
		}
	}
	if len(due) == 0 {
		return nil
	}
	n, err := s.store.Ledger.Purge(ctx, func(h *ledger.Holder) bool { return due[h.PersonID()] })
	if err != nil {
		return storageError("forget names", err)
	}
	s.ledgerRevision.Add(1)
	s.log.Info("names of people who departed were forgotten", "people", len(due), "entries", n)
	for id := range due {
		delete(gone, id)
	}
	return nil
}

// accounts are the keys of all accounts that a cloud has.
func (s *session) accounts() (map[string]bool, error) {
	known := make(map[string]bool)
	for _, c := range directory.Clouds {
		ids, err := s.store.Inventory.IDs(c, directory.People)
		if err != nil {
			return nil, storageError("read the people", err)
		}
		for _, id := range ids {
			known[directory.AccountKey(c, id)] = true
		}
	}
	return known, nil
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
		if err := s.tidyLedger(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("could not tidy the ledger", "err", err)
		}
	}
}
