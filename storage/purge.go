package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"panel/directory"
	"panel/ledger"
)

// purgedName is the document of a ledger that has forgotten names, as long as
// pages that nothing uses any more and older snapshots may still hold them.
const purgedName = "purged"

// Purge takes the names and addresses of those whom gone tells of out of the
// ledger, in one transaction, and then does what [Ledger.FinishPurge] does. It
// returns how many entries, rounds and scans it changed, also where only the
// second fails. The entries stay, and what they say of Assets.
func (l *Ledger) Purge(ctx context.Context, gone func(*ledger.Holder) bool) (changed int, err error) {
	if err := l.file.writable("forget names"); err != nil {
		return 0, err
	}
	j := &l.journal
	p := newPurge(ctx, gone)
	j.writing.Lock()
	err = l.file.update("forget names", func(t *tx) error {
		p.tx = t
		for _, step := range []func() error{p.packs, p.singles, p.rounds, p.scans} {
			if err := step(); err != nil {
				return err
			}
		}
		if p.changed+p.others == 0 {
			return nil
		}
		if err := t.putDoc(notesBucket, purgedName, []byte{1}); err != nil {
			return err
		}
		kept, err := t.get(bookBucket, bookHeadKey)
		if err != nil || kept == nil { // a book that was never kept holds no names
			return err
		}
		purged := journal{place: j.place, seq: j.seq, last: j.last, book: p.book}
		return purged.keepBook(t)
	})
	if err == nil && p.changed > 0 {
		j.reading.Lock()
		j.book = p.book
		j.reading.Unlock()
	}
	j.writing.Unlock()
	if err != nil {
		return 0, err
	}
	return p.changed + p.others, l.FinishPurge(ctx)
}

// FinishPurge sees to it that no page of the file and no snapshot holds a name
// any more that was forgotten, where that has not happened yet.
func (l *Ledger) FinishPurge(ctx context.Context) error {
	if marker, err := l.Doc(purgedName); err != nil || marker == nil {
		return err
	}
	l.taking.Lock() // a copy that is being taken is finished before
	err := l.file.rewrite(ctx, l.dir, &ledgerLayout, l.key)
	l.taking.Unlock()
	if err != nil {
		return fmt.Errorf("forget names: %w", err)
	}
	l.changed() // so that there is something to take a snapshot of
	if err := l.renewSnapshots(ctx); err != nil {
		return err
	}
	return l.PutDoc(ctx, purgedName, nil)
}

// renewSnapshots takes a snapshot and drops all that are older.
func (l *Ledger) renewSnapshots(ctx context.Context) error {
	if err := l.Snapshot(ctx); err != nil {
		return err
	}
	l.taking.Lock()
	defer l.taking.Unlock()
	sweepSnapshots(l.dir)
	all, err := snapshots(l.dir)
	newest := snapshotName(l.newest())
	for _, name := range all {
		if name != newest {
			err = errors.Join(err, os.Remove(filepath.Join(snapshotDir(l.dir), name)))
		}
	}
	return err
}

// purge is one at work.
type purge struct {
	ctx     context.Context
	tx      *tx
	gone    func(*ledger.Holder) bool
	coder   coder
	book    ledger.Book // of the entries so far, without the names
	notes   map[said]bool
	emails  map[string]bool // that were taken out
	changed int             // entries
	others  int
}

// newPurge is one that takes out those whom gone tells of, and remembers their
// addresses.
func newPurge(ctx context.Context, gone func(*ledger.Holder) bool) *purge {
	p := &purge{ctx: ctx, notes: make(map[said]bool), emails: make(map[string]bool)}
	p.gone = func(h *ledger.Holder) bool {
		if !gone(h) {
			return false
		}
		for _, email := range h.Emails {
			p.emails[email] = true
		}
		return true
	}
	return p
}

// said is a note that was taken out of an entry, which an undo may have brought
// back.
type said struct{ asset, note string }

// replaced are values to be put once a bucket has been gone through.
type replaced struct{ key, plain []byte }

func (p *purge) put(bucket string, all []replaced) error {
	for _, r := range all {
		if err := p.tx.put(bucket, r.key, r.plain); err != nil {
			return err
		}
	}
	return nil
}

// entry is an encoded entry without the names; changed is false where it had
// none of them.
func (p *purge) entry(b []byte) (out []byte, changed bool, err error) {
	var e ledger.Entry
	if !decodeEntry(&p.coder, b, &e) {
		return nil, false, p.tx.unreadable(journalBucket)
	}
	changed = p.anonymize(&e)
	p.book.Apply(&e)
	if !changed {
		return b, false, nil
	}
	p.changed++
	return bytes.Clone(encodeEntry(&p.coder, &e)), true, nil
}

func (p *purge) anonymize(e *ledger.Entry) (changed bool) {
	note := e.Note
	changed = e.Anonymize(p.gone)
	for _, a := range e.Assets() {
		if note != "" { // by now it is said of somebody else, where it was not taken out
			p.notes[said{a.Key(), note}] = changed
		}
	}
	for i := range e.Left {
		s := &e.Left[i]
		named := !s.Holder.Nobody() && s.Holder.Name != ledger.RemovedPerson
		if s.Note != "" && !named && p.notes[said{s.Asset.Key(), s.Note}] {
			s.Note, changed = "", true
		}
	}
	return changed
}

func (p *purge) singles() error {
	var all []replaced
	err := p.tx.each(journalBucket, nil, nil, func(key, plain []byte) error {
		b, changed, err := p.entry(plain)
		if changed {
			all = append(all, replaced{bytes.Clone(key), b})
		}
		return err
	})
	if err != nil {
		return err
	}
	return p.put(journalBucket, all)
}

func (p *purge) packs() error {
	var all []replaced
	err := p.tx.each(packsBucket, nil, nil, func(key, plain []byte) error {
		var pack []byte
		any := false
		err := split(plain, func(b []byte) error {
			b, changed, err := p.entry(b)
			any, pack = any || changed, join(pack, b)
			return err
		})
		if any {
			all = append(all, replaced{bytes.Clone(key), pack})
		}
		if errors.Is(err, errPack) {
			err = p.tx.unreadable(packsBucket)
		}
		return errors.Join(err, p.ctx.Err())
	})
	if err != nil {
		return err
	}
	return p.put(packsBucket, all)
}

func (p *purge) rounds() error {
	var all []replaced
	err := p.tx.each(roundsBucket, nil, nil, func(key, plain []byte) error {
		var r round
		if !decode(&p.coder, roundFields, plain, &r) {
			return p.tx.unreadable(roundsBucket)
		}
		any := false
		for i, b := range r.expected {
			var x ledger.Expected
			if !decode(&p.coder, expectedFields, []byte(b), &x) {
				return p.tx.unreadable(roundsBucket)
			}
			if x.Holder.Anonymize(p.gone) {
				any, r.expected[i] = true, string(encode(&p.coder, expectedFields, &x))
			}
		}
		if any {
			p.others++
			all = append(all, replaced{bytes.Clone(key), bytes.Clone(encode(&p.coder, roundFields, &r))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.put(roundsBucket, all)
}

func (p *purge) scans() error {
	err := p.tx.each(scansBucket, nil, nil, func(_, plain []byte) error { // an address may come before whose it is
		var s ledger.Seen
		if !decode(&p.coder, seenFields, plain, &s) {
			return p.tx.unreadable(scansBucket)
		}
		s.Anonymize(p.gone)
		return nil
	})
	if err != nil {
		return err
	}
	var all []replaced
	err = p.tx.each(scansBucket, nil, nil, func(key, plain []byte) error {
		var s ledger.Seen
		if !decode(&p.coder, seenFields, plain, &s) {
			return p.tx.unreadable(scansBucket)
		}
		changed := s.Anonymize(p.gone)
		if p.emails[directory.FoldAddress(s.Code)] { // also where it led to nobody any more
			s.Code, changed = ledger.RemovedPerson, true
		}
		if changed {
			p.others++
			all = append(all, replaced{bytes.Clone(key), bytes.Clone(encode(&p.coder, seenFields, &s))})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.put(scansBucket, all)
}
