package storage

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"panel/directory"
)

// writer is one write to the inventory: a transaction, what labels its change
// entries, and what it has met so far.
type writer struct {
	*tx
	ctx   context.Context
	batch *directory.Batch
	tally directory.Tally
	// Encoding and decoding need a coder each, as the one is compared with
	// the other.
	enc, dec coder
	entries  []entry
	touched  []touch
}

// touch is an account that differs from what was stored: a nil account is one
// that was, or is, not there.
type touch struct {
	key      string
	old, now *directory.Account
}

// Apply implements the engine's Store: it puts and drops the records of b and
// its documents in one transaction, wholly or not at all. A record that is
// stored with equal content is not written. What b.Gone names is set aside,
// from where [Inventory.Restore] brings it back, as does seeing it again.
func (v *Inventory) Apply(ctx context.Context, b directory.Batch) (directory.Tally, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.apply(ctx, &b, false)
}

// apply is Apply for whoever holds the lock. With forget, what is gone is not
// set aside but forgotten.
func (v *Inventory) apply(ctx context.Context, b *directory.Batch, forget bool) (directory.Tally, error) {
	if _, ok := tableOf(b.Cloud, b.Listing); !ok && b.Len() > 0 {
		return directory.Tally{}, fmt.Errorf("apply a batch: %q lists no %q", b.Cloud, b.Listing)
	}
	if err := v.prepare(ctx, b); err != nil {
		return directory.Tally{}, err
	}
	var tally directory.Tally
	err := v.file.update("apply a batch", func(t *tx) (err error) {
		w := &writer{tx: t, ctx: ctx, batch: b}
		switch b.Listing {
		case directory.People:
			k := accountKind(b.Cloud)
			if err = applyRecords(w, &k, b.Accounts, forget, w.touchAccount); err == nil {
				err = v.remerge(w)
			}
		case directory.OrgUnits:
			err = applyRecords(w, &orgUnitKind, b.OrgUnits, forget, nil)
		case directory.Chromebooks:
			err = applyRecords(w, &chromebookKind, b.Chromebooks, forget, nil)
		}
		if err != nil {
			return err
		}
		if err := w.putEntries(); err != nil {
			return err
		}
		for name, value := range b.Docs {
			if err := t.putDoc(docsBucket, name, value); err != nil {
				return err
			}
		}
		tally = w.tally
		return ctx.Err()
	})
	if err != nil {
		v.index = nil // it may have moved ahead of the file
		return directory.Tally{}, err
	}
	return tally, nil
}

// applyRecords puts and drops records of one kind. Touched, if not nil, is
// told of each that differs, and returns by which name the history finds it.
func applyRecords[T any](w *writer, k *kind[T], records []T, forget bool, touched func(old, now *T) string) error {
	sorted := make([]int, len(records))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(k.id(&records[a]), k.id(&records[b])) })
	for n, i := range sorted {
		r := &records[i]
		if n+1 < len(sorted) && k.id(&records[sorted[n+1]]) == k.id(r) {
			continue // the batch has it twice: the later one stands
		}
		if err := stopped(w.ctx, n); err != nil {
			return err
		}
		if err := applyRecord(w, k, r, touched); err != nil {
			return err
		}
	}
	for n, id := range slices.Compact(slices.Sorted(slices.Values(w.batch.Gone))) {
		if err := stopped(w.ctx, n); err != nil {
			return err
		}
		if err := dropRecord(w, k, id, forget, touched); err != nil {
			return err
		}
	}
	return nil
}

func applyRecord[T any](w *writer, k *kind[T], r *T, touched func(old, now *T) string) error {
	id := k.id(r)
	if id == "" {
		return fmt.Errorf("a record of %s without an id", k.table.rows)
	}
	key := []byte(id)
	fresh := encode(&w.enc, k.code, r)
	stored, err := w.find(k.table, key)
	if err != nil || bytes.Equal(stored.plain, fresh) {
		return err
	}
	var (
		old    *T
		change = directory.Change{Kind: directory.Added, ID: id, Name: k.name(r)}
	)
	if stored.number == nil {
		w.tally.Added++
		was := []byte(asideKey(w.batch.Cloud, k.listing, id))
		if w.raw(asideBucket, was) != nil {
			change.Kind = directory.Restored
			if err := w.delete(asideBucket, was); err != nil {
				return err
			}
		}
	} else {
		old = new(T)
		if !decode(&w.dec, k.code, stored.plain, old) {
			return w.unreadable(k.table.rows)
		}
		change.Kind, change.Fields = directory.Changed, directory.Diff(k.fields, old, r)
		if change.Fields != nil {
			w.tally.Changed++
		}
	}
	w.tally.Written++
	if err := w.write(k.table, stored, key, fresh); err != nil {
		return err
	}
	record := id
	if touched != nil {
		record = touched(old, r)
	}
	if old == nil || change.Fields != nil {
		w.note(change, record)
	}
	return nil
}

func dropRecord[T any](w *writer, k *kind[T], id string, forget bool, touched func(old, now *T) string) error {
	key := []byte(id)
	stored, err := w.find(k.table, key)
	if stored.number == nil || err != nil {
		return err
	}
	old := new(T)
	if !decode(&w.dec, k.code, stored.plain, old) {
		return w.unreadable(k.table.rows)
	}
	if !forget {
		a := aside{Run: w.batch.Run, At: w.batch.At, Record: string(stored.plain)}
		if err := w.put(asideBucket, []byte(asideKey(w.batch.Cloud, k.listing, id)), encode(&w.enc, asideFields, &a)); err != nil {
			return err
		}
	}
	if err := w.erase(k.table, stored, key); err != nil {
		return err
	}
	w.tally.Written++
	w.tally.Removed++
	record := id
	if touched != nil {
		record = touched(old, nil)
	}
	w.note(directory.Change{Kind: directory.Removed, ID: id, Name: k.name(old)}, record)
	return nil
}

// asideKey is where a record is while it is set aside.
func asideKey(c directory.Cloud, l directory.Listing, id string) string {
	return string(l) + "/" + string(c) + "/" + id
}

// aside gets what was set aside, and tells whether there was something.
func (t *tx) aside(key string, a *aside) (bool, error) {
	plain, err := t.get(asideBucket, []byte(key))
	if plain == nil || err != nil {
		return false, err
	}
	if !decode(new(coder), asideFields, plain, a) {
		return false, t.unreadable(asideBucket)
	}
	return true, nil
}

// note adds a change entry, unless the batch is quiet.
func (w *writer) note(c directory.Change, records ...string) {
	if w.batch.Quiet {
		return
	}
	c.Run, c.At, c.Cloud, c.Listing = w.batch.Run, w.batch.At, w.batch.Cloud, w.batch.Listing
	w.entries = append(w.entries, entry{c, records})
}

// touchAccount remembers an account for the merge, and returns its key.
func (w *writer) touchAccount(old, now *directory.Account) string {
	some := now
	if now == nil {
		some = old
	}
	key := some.Key()
	w.touched = append(w.touched, touch{key, old, now})
	return key
}

// unreadable is a value that opens and is not what it should be: a mistake of
// Panel's own.
func (t *tx) unreadable(bucket string) error {
	return &DamagedError{t.name, fmt.Errorf("a record of %s cannot be read", bucket)}
}
