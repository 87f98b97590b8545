package storage

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"

	"panel/ledger"
)

// Purge takes the names and addresses of those whom gone tells of out of the
// ledger, in one transaction, and of its snapshots, which a new one takes the
// place of. It returns how many entries it changed. The entries stay, and what
// they say of Assets.
func (l *Ledger) Purge(ctx context.Context, gone func(*ledger.Holder) bool) (changed int, err error) {
	if err := l.file.writable("forget names"); err != nil {
		return 0, err
	}
	j := &l.journal
	j.writing.Lock()
	defer j.writing.Unlock()
	book := new(ledger.Book)
	j.book.CopyTo(book, gone)
	err = l.file.update("forget names", func(t *tx) error {
		p := purge{ctx: ctx, tx: t, gone: gone}
		for _, step := range []func() error{p.singles, p.packs, p.rounds, p.scans} {
			if err := step(); err != nil {
				return err
			}
		}
		if changed = p.changed; changed == 0 && p.others == 0 {
			return nil
		}
		purged := journal{place: j.place, seq: j.seq, last: j.last, book: *book}
		kept, err := t.get(bookBucket, bookHeadKey)
		if err != nil || kept == nil { // a book that was never kept holds no names
			return err
		}
		return purged.keepBook(t)
	})
	if err != nil || changed == 0 {
		return 0, err
	}
	j.reading.Lock()
	j.book = *book
	j.reading.Unlock()
	l.changed()
	return changed, l.renewSnapshots(ctx)
}

// renewSnapshots takes a snapshot and drops all that are older.
func (l *Ledger) renewSnapshots(ctx context.Context) error {
	if err := l.Snapshot(ctx); err != nil {
		return err
	}
	l.taking.Lock()
	defer l.taking.Unlock()
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
	changed int // entries
	others  int
}

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
	if !e.Anonymize(p.gone) {
		return b, false, nil
	}
	p.changed++
	return bytes.Clone(encodeEntry(&p.coder, &e)), true, nil
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
	var all []replaced
	err := p.tx.each(scansBucket, nil, nil, func(key, plain []byte) error {
		var s ledger.Seen
		if !decode(&p.coder, seenFields, plain, &s) {
			return p.tx.unreadable(scansBucket)
		}
		if s.Holder.Anonymize(p.gone) {
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
