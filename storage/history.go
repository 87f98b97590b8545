package storage

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"panel/ledger"
)

// History returns every entry about some Assets, by their keys, oldest first.
func (l *Ledger) History(ctx context.Context, assets ...string) ([]ledger.Entry, error) {
	var needles [][]byte
	wanted := make(map[string]bool, len(assets))
	for _, key := range assets {
		wanted[key] = true
		_, id, _ := strings.Cut(key, ":")
		needles = append(needles, []byte(id))
	}
	if len(needles) > mostNeedles {
		needles = nil
	}
	return l.find(ctx, needles, func(e *ledger.Entry) bool {
		for _, a := range e.Assets() {
			if wanted[a.Key()] {
				return true
			}
		}
		return false
	})
}

// mostNeedles is how many needles are looked for in the bytes of an entry: with
// more it takes longer than to read it.
const mostNeedles = 8

// HistoryOf returns every entry in which somebody held something, found by the
// keys of the accounts, oldest first.
func (l *Ledger) HistoryOf(ctx context.Context, accounts ...string) ([]ledger.Entry, error) {
	var needles [][]byte
	for _, key := range accounts {
		_, id, _ := strings.Cut(key, ":")
		needles = append(needles, []byte(id))
	}
	return l.find(ctx, needles, func(e *ledger.Entry) bool {
		for _, key := range e.Holder.Keys() {
			for _, a := range accounts {
				if a == key {
					return true
				}
			}
		}
		return false
	})
}

// find returns the entries that are wanted, and only looks at those that hold
// one of the needles; without any it looks at all.
func (l *Ledger) find(ctx context.Context, needles [][]byte, wanted func(*ledger.Entry) bool) (found []ledger.Entry, err error) {
	holds := func(b []byte) bool {
		if len(needles) == 0 {
			return true
		}
		for _, n := range needles {
			if bytes.Contains(b, n) {
				return true
			}
		}
		return false
	}
	err = l.eachEntry(ctx, holds, func(e *ledger.Entry) error {
		if wanted(e) {
			found = append(found, *e)
		}
		return nil
	})
	return found, err
}

// Entries calls fn with every entry of the journal, oldest first, until it
// returns an error, which Entries returns. What fn is given is its own.
func (l *Ledger) Entries(ctx context.Context, fn func(*ledger.Entry) error) error {
	return l.eachEntry(ctx, nil, fn)
}

// eachEntry goes through the entries, of which holds, if not nil, leaves out
// packs and entries by their bytes. No transaction is open while fn runs.
func (l *Ledger) eachEntry(ctx context.Context, holds func([]byte) bool, fn func(*ledger.Entry) error) error {
	var c coder
	var e ledger.Entry
	one := func(b []byte) error {
		if holds != nil && !holds(b) {
			return nil
		}
		if !decodeEntry(&c, b, &e) {
			return (&tx{file: l.file}).unreadable(journalBucket)
		}
		own := e
		return fn(&own)
	}
	var pack []byte
	last := uint64(0) // the place of the last entry that was met
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		more = false // nor is there where there is no file
		var singles [][]byte
		err := l.file.view("read the journal", func(t *tx) error {
			key, plain, err := t.next(packsBucket, placeKey(last+1))
			if more, pack = key != nil, pack[:0]; !more && err == nil {
				return t.each(journalBucket, nil, placeKey(last+1), func(_, plain []byte) error {
					singles = append(singles, bytes.Clone(plain))
					return nil
				})
			}
			if n := packed(plain); err == nil && holds != nil && !holds(plain) {
				last += uint64(n)
			} else if err == nil {
				pack = append(pack, plain...)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, b := range singles {
			if err := one(b); err != nil {
				return err
			}
		}
		if err := split(pack, func(b []byte) error { last++; return one(b) }); err != nil {
			return l.packError(err)
		}
	}
	return nil
}

func (l *Ledger) packError(err error) error {
	if errors.Is(err, errPack) {
		return (&tx{file: l.file}).unreadable(packsBucket)
	}
	return err
}

// next returns the first key from one on, and its value; nil for none.
func (t *tx) next(bucket string, from []byte) (key, plain []byte, err error) {
	if t.lacks(bucket) {
		return nil, nil, nil
	}
	k, v := t.bucket(bucket).Cursor().Seek(from)
	if k == nil {
		return nil, nil, nil
	}
	plain, err = t.open(bucket, k, v)
	return k, plain, err
}
