package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
)

// loadCodes reads what everything can be found by when it is scanned, unless
// that is known already and nothing has changed since.
func (s *session) loadCodes(ctx context.Context) error {
	s.coding.Lock()
	defer s.coding.Unlock()
	revision := s.codesRevision()
	if s.codes.Load() != nil && s.codesAt == revision {
		return nil
	}
	codes, devices := new(ledger.Codes), make(map[string]bool)
	err := s.store.Inventory.Chromebooks(ctx, func(c *directory.Chromebook) error {
		devices[c.DeviceID] = true
		codes.Add(ledger.Ref{Key: c.DeviceID}, c.Serial, c.AssetID)
		return nil
	})
	if err == nil {
		err = s.store.Inventory.People(ctx, func(p *directory.Person) error {
			codes.Add(ledger.Ref{Person: true, Key: p.ID}, append(slices.Clone(p.Emails), p.EmployeeID)...)
			return nil
		})
	}
	if err != nil {
		return storageError("read what can be scanned", err)
	}
	s.store.Ledger.Book(func(b *ledger.Book) { // what no cloud knows any more
		for held := range b.All() {
			if !devices[held.Asset.ID] {
				codes.Add(ledger.Ref{Key: held.Asset.ID}, held.Asset.Serial, held.Asset.Tag)
			}
		}
	})
	codes.Ready()
	s.codes.Store(codes)
	s.codesAt, s.codesRead = revision, time.Now()
	return nil
}

// codesRevision grows when other things can be scanned: what a sync brought, and
// who departed or came back.
func (s *session) codesRevision() uint64 { return s.engine.Status().Revision + s.revision.Load() }

// readAnew tells whether what can be scanned was read a moment ago, while a sync
// changes it all the time.
func (s *session) readAnew() bool {
	if s.engine.Status().Running == nil {
		return false
	}
	s.coding.Lock()
	defer s.coding.Unlock()
	return time.Since(s.codesRead) < 5*time.Second
}

// standings finds the standing of an Asset by its key, nil for none.
type standings func(asset string) *ledger.Standing

// standing is a [standings] of now.
func (s *session) standing(asset string) (found *ledger.Standing) {
	s.store.Ledger.Book(func(b *ledger.Book) { found = b.Standing(asset) })
	return found
}

// find returns what may have a code.
func (s *session) find(code string, standing standings) (matches []ledger.Match, err error) {
	for _, r := range s.codes.Load().Find(code) {
		m, ok, err := s.match(r, standing)
		if err != nil {
			return nil, err
		}
		if ok {
			matches = append(matches, m)
		}
	}
	return matches, nil
}

// match is the record of a ref as it is now; ok is false when there is none.
func (s *session) match(r ledger.Ref, standing standings) (ledger.Match, bool, error) {
	if r.Person {
		p, ok, err := s.store.Inventory.Person(r.Key)
		return ledger.Match{Person: &p}, ok, err
	}
	c, ok, err := s.store.Inventory.Chromebook(r.Key)
	if ok || err != nil {
		return ledger.Match{Device: &c}, ok, err
	}
	if held := standing(ledger.AssetKey(ledger.Chromebook, r.Key)); held != nil {
		return ledger.Match{Asset: &held.Asset}, true, nil
	}
	return ledger.Match{}, false, nil
}

// scan takes one scan and writes what it asks for; round is what it is part of,
// "" for nothing. The scan is Failed where that could not be written, and the
// error says why.
func (s *session) scan(ctx context.Context, scanner *ledger.Scanner, line, round string) (ledger.Scan, error) {
	return s.writeScan(ctx, scanner, line, round, func(b *ledger.Book) (ledger.Scan, error) {
		var failed error
		scan := scanner.Scan(line, time.Now(), func(code string) []ledger.Match {
			matches, err := s.find(code, b.Standing)
			failed = err
			return matches
		}, b)
		return scan, failed
	})
}

// writeScan writes what a scan of a line asks for, and keeps it in its round.
func (s *session) writeScan(ctx context.Context, scanner *ledger.Scanner, line, round string, take func(*ledger.Book) (ledger.Scan, error)) (ledger.Scan, error) {
	scan := failedScan(line)
	var seen ledger.Seen
	taken := false
	err := s.store.Ledger.Write(ctx, operator(), func(b *ledger.Book, d *storage.Draft) error {
		one, err := take(b)
		if err != nil {
			return err
		}
		scan, taken = one, true
		if scan.Entry != nil {
			d.Entries = append(d.Entries, scan.Entry)
		}
		if round != "" && scan.Outcome != ledger.Ended {
			d.In, seen = round, ledger.SeenOf(&scan)
			d.With(&seen)
		}
		return nil
	})
	if err != nil {
		if !taken { // it may have been a person: what comes next is not for the one before
			scanner.End()
		}
		scanner.Forget(scan.Code)
		scan.Outcome, scan.Entry = ledger.Failed, nil
		return scan, storageError("write to the journal", err)
	}
	scan.Number = seen.N
	if scan.Entry != nil {
		s.handled(ctx, scan.Entry)
	}
	return scan, nil
}

// failedScan is a scan of a line that came to nothing.
func failedScan(line string) ledger.Scan {
	return ledger.Scan{Code: strings.TrimSpace(line), At: time.Now(), Outcome: ledger.Failed}
}

// findAny is find for whoever may also name a record by its id.
func (s *session) findAny(code string) ([]ledger.Match, error) {
	all, err := s.find(code, s.standing)
	for _, person := range []bool{false, true} {
		var m ledger.Match
		var ok bool
		if err == nil {
			if m, ok, err = s.match(ledger.Ref{Person: person, Key: code}, s.standing); ok {
				all = append(all, m)
			}
		}
	}
	return all, err
}

// one finds the one record that somebody named: by a code, or by its id.
func (s *session) one(name string, person bool) (found ledger.Match, err error) {
	name = strings.TrimSpace(name)
	all, err := s.findAny(name)
	if err != nil {
		return found, storageError("find "+nameOfKind(person), err)
	}
	all = ledger.Best(name, slices.DeleteFunc(all, func(m ledger.Match) bool { return (m.Person != nil) != person }))
	if len(all) == 1 {
		return all[0], nil
	}
	e := &notFound{person: person, nothing: s.codes.Load().Len() == 0}
	for i := range all {
		e.several = append(e.several, all[i].ID())
	}
	return found, e
}

func nameOfKind(person bool) string {
	if person {
		return "the person"
	}
	return "the Chromebook"
}

// notFound is a name that leads to no record, or to several.
type notFound struct {
	person  bool
	nothing bool     // there are no records at all
	several []string // their ids
}

func (e *notFound) Error() string {
	if e.nothing {
		return "nothing has been imported yet: run 'panel sync' first"
	}
	what := "no Chromebook has that serial, asset ID or device id"
	if e.person {
		what = "no person has that address, employee ID or id"
	}
	if len(e.several) > 0 {
		ids := strings.Join(e.several, ", ")
		what = fmt.Sprintf("%d Chromebooks have that serial or asset ID: give the device id, %s", len(e.several), ids)
		if e.person {
			what = fmt.Sprintf("%d people have that address or employee ID: give the id, %s", len(e.several), ids)
		}
	}
	return what
}
