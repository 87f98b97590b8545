package storage

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"panel/ledger"
)

func seenKey(round string, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(round+"\x00"), n)
}

// Rounds returns every round, the newest first.
func (l *Ledger) Rounds(ctx context.Context) ([]ledger.Round, error) {
	var out []ledger.Round
	var c coder
	err := eachKey(ctx, l.file, roundsBucket, "", roundFields, func(_ string, r *round) error {
		for _, b := range r.expected {
			var x ledger.Expected
			if !decode(&c, expectedFields, []byte(b), &x) {
				return (&tx{file: l.file}).unreadable(roundsBucket)
			}
			r.Expected = append(r.Expected, x)
		}
		out = append([]ledger.Round{r.Round}, out...)
		return nil
	})
	return out, err
}

// Seen returns the scans of a round, oldest first.
func (l *Ledger) Seen(ctx context.Context, round string) ([]ledger.Seen, error) {
	var out []ledger.Seen
	prefix := round + "\x00"
	err := eachKey(ctx, l.file, scansBucket, prefix, seenFields, func(key string, s *ledger.Seen) error {
		s.N = binary.BigEndian.Uint64([]byte(key[len(prefix):]))
		out = append(out, *s)
		return nil
	})
	return out, err
}

// Drop takes out a round with its scans, or of one that goes on those scans for
// which which says so. No entry of the journal is ever taken out.
func (l *Ledger) Drop(ctx context.Context, round string, which func(*ledger.Seen) bool) error {
	l.journal.writing.Lock() // so that no scan comes in between
	defer l.journal.writing.Unlock()
	seen, err := l.Seen(ctx, round)
	if err != nil {
		return err
	}
	if which != nil {
		seen = slices.DeleteFunc(seen, func(s ledger.Seen) bool { return !which(&s) })
		if len(seen) == 0 {
			return nil
		}
	}
	err = l.file.update("drop scans", func(t *tx) error {
		for i := range seen {
			if err := t.delete(scansBucket, seenKey(round, seen[i].N)); err != nil {
				return err
			}
		}
		if which == nil {
			return t.delete(roundsBucket, []byte(round))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop a round: %w", err)
	}
	l.changed()
	return nil
}
