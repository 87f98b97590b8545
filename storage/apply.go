package storage

import (
	"context"
	"fmt"
	"slices"

	"panel/directory"
)

// writer is one write to the inventory: what is written, what labels its
// change entries, and what it has met so far.
type writer struct {
	*tx     // nil until the transaction
	ctx     context.Context
	batch   *directory.Batch
	tally   directory.Tally
	entries []entry
	arena   arena
	// Encoding and decoding need a coder each, as the one is compared with
	// the other.
	enc, dec coder
}

// Apply implements the engine's Store: it puts and drops the records of b and
// its documents in one transaction, wholly or not at all. A record that is
// stored with equal content is not written. What b.Gone names is set aside,
// from where [Inventory.Restore] brings it back, as does seeing it again.
func (v *Inventory) Apply(ctx context.Context, b directory.Batch) (directory.Tally, error) {
	defer v.lock(b.Listing)()
	return v.apply(ctx, &b, false)
}

// apply is Apply for whoever holds the locks. With forget, what is gone is not
// set aside but forgotten.
func (v *Inventory) apply(ctx context.Context, b *directory.Batch, forget bool) (directory.Tally, error) {
	if _, ok := tableOf(b.Cloud, b.Listing); !ok && b.Len() > 0 {
		return directory.Tally{}, fmt.Errorf("apply a batch: %q lists no %q", b.Cloud, b.Listing)
	}
	if err := v.file.writable("apply a batch"); err != nil {
		return directory.Tally{}, err
	}
	w := &writer{ctx: ctx, batch: b}
	defer w.arena.free()
	var err error
	switch b.Listing {
	case directory.People:
		err = v.applyAccounts(w, forget)
	case directory.OrgUnits:
		err = applyRecords(v, w, &orgUnitKind, b.OrgUnits, forget)
	case directory.Chromebooks:
		err = applyRecords(v, w, &chromebookKind, b.Chromebooks, forget)
	default:
		err = v.commit(w, nil)
	}
	if err != nil {
		return directory.Tally{}, err
	}
	return w.tally, nil
}

// commit runs fn, which writes the records of w, in the transaction that also
// writes its change entries and documents. A nil fn writes none.
func (v *Inventory) commit(w *writer, fn func() error) error {
	if fn == nil && len(w.batch.Docs) == 0 {
		return w.ctx.Err()
	}
	return v.file.update("apply a batch", func(t *tx) error {
		w.tx = t
		if fn != nil {
			if err := fn(); err != nil {
				return err
			}
		}
		if err := w.putEntries(); err != nil {
			return err
		}
		for name, value := range w.batch.Docs {
			if err := t.putDoc(docsBucket, name, value); err != nil {
				return err
			}
		}
		return w.ctx.Err()
	})
}

// applyRecords is apply for a listing other than people.
func applyRecords[T any](v *Inventory, w *writer, k *kind[T], records []T, forget bool) error {
	differ, err := differences(w.ctx, v.file, k, records, &w.arena)
	if err != nil {
		return err
	}
	if len(differ)+len(w.batch.Gone) == 0 {
		return v.commit(w, nil)
	}
	return v.commit(w, func() error {
		if err := putRecords(w, k, differ, k.id); err != nil {
			return err
		}
		_, err := dropRecords(w, k, forget, k.id)
		return err
	})
}

// putRecords writes what differs. Record returns by which name the history
// finds a record.
func putRecords[T any](w *writer, k *kind[T], differ []difference[T], record func(*T) string) error {
	aside, err := w.size(asideBucket)
	if err != nil {
		return err
	}
	var id []byte
	for n := range differ {
		if err := stopped(w.ctx, n); err != nil {
			return err
		}
		d := &differ[n]
		id = append(id[:0], d.id...)
		w.tally.Written++
		if err := w.write(k.table, d.number, id, d.value); err != nil {
			return err
		}
		change := directory.Change{Kind: directory.Added, ID: d.id}
		if d.old != nil {
			change.Kind, change.Fields = directory.Changed, directory.Diff(k.fields, d.old, d.now)
			if change.Fields == nil {
				continue
			}
			w.tally.Changed++
		} else {
			w.tally.Added++
			if aside > 0 {
				if err := w.takeAside(asideKey(w.batch.Cloud, k.listing, d.id), &change); err != nil {
					return err
				}
			}
		}
		if !w.batch.Quiet {
			change.Name = k.name(d.now)
			w.note(change, record(d.now))
		}
	}
	return nil
}

// takeAside forgets what was set aside under a key, and if there was
// something c is the change that brings it back.
func (w *writer) takeAside(key string, c *directory.Change) error {
	if w.raw(asideBucket, []byte(key)) == nil {
		return nil
	}
	c.Kind = directory.Restored
	return w.delete(asideBucket, []byte(key))
}

// dropRecords takes out what is gone, and returns it.
func dropRecords[T any](w *writer, k *kind[T], forget bool, record func(*T) string) (dropped []*T, err error) {
	for n, id := range slices.Compact(slices.Sorted(slices.Values(w.batch.Gone))) {
		if err := stopped(w.ctx, n); err != nil {
			return nil, err
		}
		old, err := dropRecord(w, k, id, forget)
		if err != nil {
			return nil, err
		}
		if old == nil {
			continue
		}
		w.tally.Written++
		w.tally.Removed++
		w.note(directory.Change{Kind: directory.Removed, ID: id, Name: k.name(old)}, record(old))
		dropped = append(dropped, old)
	}
	return dropped, nil
}

// dropRecord takes out one record and returns it, nil when there is none.
func dropRecord[T any](w *writer, k *kind[T], id string, forget bool) (*T, error) {
	key := []byte(id)
	stored, err := w.find(k.table, key)
	if stored.number == nil || err != nil {
		return nil, err
	}
	old := new(T)
	if !decode(&w.dec, k.code, stored.plain, old) {
		return nil, w.unreadable(k.table.rows)
	}
	if !forget {
		a := aside{Run: w.batch.Run, At: w.batch.At, Record: string(stored.plain)}
		if err := w.put(asideBucket, []byte(asideKey(w.batch.Cloud, k.listing, id)), encode(&w.enc, asideFields, &a)); err != nil {
			return nil, err
		}
	}
	return old, w.erase(k.table, stored, key)
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

// unreadable is a value that opens and is not what it should be: a mistake of
// Panel's own.
func (t *tx) unreadable(bucket string) error {
	return &DamagedError{t.name, fmt.Errorf("a record of %s cannot be read", bucket)}
}
