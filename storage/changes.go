package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"slices"

	"panel/directory"
)

// changeKey is the place of a run's n-th entry. Run ids hold no NUL.
func changeKey(run string, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append([]byte(run), 0), n)
}

// historyKey finds a change by a record that it is about.
func historyKey(l directory.Listing, record string, change []byte) []byte {
	return append(historyPrefix(l, record), change...)
}

func historyPrefix(l directory.Listing, record string) []byte {
	return append(append(append([]byte(l), 0), record...), 0)
}

// putEntries writes the change entries, in their order.
func (w *writer) putEntries() error {
	found := make([][]byte, 0, len(w.entries))
	for i := range w.entries {
		e := &w.entries[i]
		n, err := w.bucket(changesBucket).NextSequence()
		if err != nil {
			return err
		}
		key := changeKey(e.Run, n)
		if err := w.put(changesBucket, key, encode(&w.enc, entryFields, e)); err != nil {
			return err
		}
		for _, record := range e.Records {
			found = append(found, historyKey(e.Listing, record, key))
		}
	}
	slices.SortFunc(found, bytes.Compare)
	for _, key := range found {
		if err := w.put(historyBucket, key, nil); err != nil {
			return err
		}
	}
	return nil
}

// AddChange writes one entry that stands for a whole listing.
func (v *Inventory) AddChange(ctx context.Context, c directory.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.file.update("write a change", func(t *tx) error {
		w := &writer{tx: t, ctx: ctx, entries: []entry{{Change: c}}}
		return w.putEntries()
	})
}

// Changes returns the change list of a run, in the order in which it was
// written; nil when there is none.
func (v *Inventory) Changes(run string) ([]directory.Change, error) {
	var out []directory.Change
	prefix := string(append([]byte(run), 0))
	err := eachKey(context.Background(), v.file, changesBucket, prefix, entryFields, func(_ string, e *entry) error {
		out = append(out, e.Change)
		return nil
	})
	return out, err
}

// History returns the changes of one record, newest first: of a Person by its
// id, of a Chromebook or an OU by theirs. A Person's are those of its
// accounts, also from before it had both.
func (v *Inventory) History(l directory.Listing, id string) ([]directory.Change, error) {
	var out []directory.Change
	err := v.file.view("read a history", func(t *tx) error {
		records := []string{id}
		if l == directory.People {
			p, ok, err := lookUp(t, peopleTable, id, personFields)
			if err != nil {
				return err
			}
			if ok {
				records = accountsOf(&p)
			}
		}
		var keys [][]byte
		for _, record := range records {
			prefix := historyPrefix(l, record)
			c := t.bucket(historyBucket).Cursor()
			for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
				keys = append(keys, k[len(prefix):])
			}
		}
		var c coder
		slices.SortFunc(keys, func(a, b []byte) int { return bytes.Compare(b, a) })
		for _, key := range slices.CompactFunc(keys, bytes.Equal) {
			var e entry
			plain, err := t.get(changesBucket, key)
			if err != nil {
				return err
			}
			if plain == nil || !decode(&c, entryFields, plain, &e) {
				return t.unreadable(changesBucket)
			}
			out = append(out, e.Change)
		}
		return nil
	})
	return out, err
}

// rulesKey is where the rules are noted that the stored people were merged
// by.
var rulesKey = []byte("merged by")

func (v *Inventory) storedRules() (r directory.Rules, err error) {
	err = v.file.view("read the rules", func(t *tx) error {
		plain, err := t.get(rulesBucket, rulesKey)
		if plain == nil || err != nil {
			return err
		}
		return json.Unmarshal(plain, &r)
	})
	return r, err
}
