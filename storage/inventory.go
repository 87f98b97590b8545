package storage

import (
	"bytes"
	"context"
	"sync"

	"panel/directory"
)

// The buckets of the inventory. Keys are ids of the clouds.
const (
	googleBucket      = "accounts.google"
	microsoftBucket   = "accounts.microsoft"
	orgUnitBucket     = "orgunits"
	chromebookBucket  = "chromebooks"
	peopleBucket      = "people"      // by Person.ID
	departedBucket    = "departed"    // by account key: the id of the departed Person
	asideBucket       = "aside"       // by listing, cloud and id: what a run took out
	changesBucket     = "changes"     // by run and number
	historyBucket     = "history"     // by listing, record, run and number; no values
	docsBucket        = "docs"        // by name
	maintenanceBucket = "maintenance" // what this package notes for itself
)

var inventoryLayout = layout{name: "inventory.db", buckets: []string{
	googleBucket, microsoftBucket, orgUnitBucket, chromebookBucket, peopleBucket, departedBucket,
	asideBucket, changesBucket, historyBucket, docsBucket, maintenanceBucket,
}}

// Inventory is what the clouds say, the people they merge into, and what
// syncs changed. It is safe for concurrent use; one write at a time. No
// transaction outlives a call or is open while a callback runs.
type Inventory struct {
	file  *file
	holds func(personID string) bool

	mu sync.Mutex // held by whoever writes; guards the rest
	// index is nil until the first write that needs it, and after one that
	// failed.
	index *directory.Index
	// rules are those that the stored people were merged by, nil until read.
	rules *directory.Rules
}

// kind is how records of one type are stored.
type kind[T any] struct {
	listing directory.Listing
	bucket  string
	code    func(*coder, *T)
	fields  []directory.Field[T]
	id      func(*T) string
	name    func(*T) string
}

var chromebookKind = kind[directory.Chromebook]{
	directory.Chromebooks, chromebookBucket, chromebookFields, directory.ChromebookFields,
	func(c *directory.Chromebook) string { return c.DeviceID },
	(*directory.Chromebook).Name,
}

var orgUnitKind = kind[directory.OrgUnit]{
	directory.OrgUnits, orgUnitBucket, orgUnitFields, directory.OrgUnitFields,
	func(o *directory.OrgUnit) string { return o.ID },
	func(o *directory.OrgUnit) string { return o.Name },
}

func accountKind(c directory.Cloud) kind[directory.Account] {
	return kind[directory.Account]{
		directory.People, accountBucket(c), accountFields, directory.AccountFields,
		func(a *directory.Account) string { return a.ID },
		func(a *directory.Account) string { return a.DisplayName },
	}
}

func accountBucket(c directory.Cloud) string {
	if c == directory.Microsoft {
		return microsoftBucket
	}
	return googleBucket
}

// bucketOf is where the records of a listing are, "" for what no cloud lists.
func bucketOf(c directory.Cloud, l directory.Listing) string {
	switch {
	case l == directory.People && (c == directory.Google || c == directory.Microsoft):
		return accountBucket(c)
	case l == directory.OrgUnits && c == directory.Google:
		return orgUnitBucket
	case l == directory.Chromebooks && c == directory.Google:
		return chromebookBucket
	}
	return ""
}

// chunk is how many records one read transaction yields: about 10 ms.
const chunk = 4096

// all calls fn with every record of a bucket whose key has the prefix, in the order of the keys,
// outside of any transaction. Records written meanwhile may be left out.
func all[T any](ctx context.Context, f *file, bucket, prefix string, code func(*coder, *T), fn func(key string, r *T) error) error {
	var (
		c       coder
		keys    []string
		records = make([]T, 0, chunk)
		from    []byte
	)
	for {
		keys, records = keys[:0], make([]T, 0, cap(records))
		err := f.view("read "+bucket, func(t *tx) error {
			return t.each(bucket, []byte(prefix), from, func(key, plain []byte) error {
				if len(records) == cap(records) {
					from = bytes.Clone(key)
					return errStop
				}
				var r T
				if !decode(&c, code, plain, &r) {
					return t.unreadable(bucket)
				}
				keys, records = append(keys, string(key)), append(records, r)
				return nil
			})
		})
		if err != nil {
			return err
		}
		for i := range records {
			if err := fn(keys[i], &records[i]); err != nil {
				return err
			}
		}
		if len(records) < cap(records) {
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// one returns the record with the key; ok is false when there is none.
func one[T any](t *tx, bucket string, key []byte, code func(*coder, *T)) (r T, ok bool, err error) {
	plain, err := t.get(bucket, key)
	if plain == nil || err != nil {
		return r, false, err
	}
	if !decode(new(coder), code, plain, &r) {
		return r, false, t.unreadable(bucket)
	}
	return r, true, nil
}

// People calls each with every Person, departed ones too, in the order of
// their ids, until it returns an error, which People returns. What each is
// given is its own.
func (v *Inventory) People(ctx context.Context, each func(*directory.Person) error) error {
	return all(ctx, v.file, peopleBucket, "", personFields, func(_ string, p *directory.Person) error { return each(p) })
}

// Chromebooks calls each with every Chromebook, those that Google no longer
// lists last, until it returns an error. What each is given is its own.
func (v *Inventory) Chromebooks(ctx context.Context, each func(*directory.Chromebook) error) error {
	err := all(ctx, v.file, chromebookBucket, "", chromebookFields, func(_ string, c *directory.Chromebook) error { return each(c) })
	if err != nil {
		return err
	}
	var c coder
	prefix := asideKey(directory.Google, directory.Chromebooks, "")
	return all(ctx, v.file, asideBucket, prefix, asideFields, func(_ string, a *aside) error {
		gone, err := v.gone(&c, a)
		if err != nil {
			return err
		}
		return each(&gone)
	})
}

// gone is a Chromebook that was set aside.
func (v *Inventory) gone(c *coder, a *aside) (directory.Chromebook, error) {
	var gone directory.Chromebook
	if !decode(c, chromebookFields, []byte(a.Record), &gone) {
		return gone, (&tx{file: v.file}).unreadable(asideBucket)
	}
	gone.Gone = a.At
	return gone, nil
}

// OrgUnits returns all OUs but the root, in the order of their ids.
func (v *Inventory) OrgUnits(ctx context.Context) ([]directory.OrgUnit, error) {
	var out []directory.OrgUnit
	err := all(ctx, v.file, orgUnitBucket, "", orgUnitFields, func(_ string, o *directory.OrgUnit) error {
		out = append(out, *o)
		return nil
	})
	return out, err
}

// Person returns one Person; ok is false when there is none.
func (v *Inventory) Person(id string) (p directory.Person, ok bool, err error) {
	err = v.file.view("read a person", func(t *tx) error {
		p, ok, err = one(t, peopleBucket, []byte(id), personFields)
		return err
	})
	return p, ok, err
}

// Account returns one stored account; ok is false when there is none.
func (v *Inventory) Account(c directory.Cloud, id string) (a directory.Account, ok bool, err error) {
	if id == "" {
		return a, false, nil
	}
	err = v.file.view("read an account", func(t *tx) error {
		a, ok, err = one(t, accountBucket(c), []byte(id), accountFields)
		return err
	})
	return a, ok, err
}

// Chromebook returns one Chromebook, gone or not; ok is false when there is
// none.
func (v *Inventory) Chromebook(deviceID string) (c directory.Chromebook, ok bool, err error) {
	err = v.file.view("read a Chromebook", func(t *tx) error {
		if c, ok, err = one(t, chromebookBucket, []byte(deviceID), chromebookFields); ok || err != nil {
			return err
		}
		a, found, err := one(t, asideBucket, []byte(asideKey(directory.Google, directory.Chromebooks, deviceID)), asideFields)
		if found && err == nil {
			ok = true
			c, err = v.gone(new(coder), &a)
		}
		return err
	})
	return c, ok, err
}

// IDs returns the ids stored for one listing, sorted, without Chromebooks that
// are marked as gone.
func (v *Inventory) IDs(c directory.Cloud, l directory.Listing) ([]string, error) {
	bucket := bucketOf(c, l)
	if bucket == "" {
		return nil, nil
	}
	var ids []string
	err := v.file.view("list ids", func(t *tx) error {
		n, err := t.size(bucket)
		if err != nil {
			return err
		}
		ids = make([]string, 0, n)
		return t.bucket(bucket).ForEach(func(k, _ []byte) error {
			ids = append(ids, string(k))
			return nil
		})
	})
	return ids, err
}

// Count returns how many ids [Inventory.IDs] would return.
func (v *Inventory) Count(c directory.Cloud, l directory.Listing) (n int, err error) {
	bucket := bucketOf(c, l)
	if bucket == "" {
		return 0, nil
	}
	err = v.file.view("count", func(t *tx) error {
		n, err = t.size(bucket)
		return err
	})
	return n, err
}

// Stats counts what is shown: people with departed ones, Chromebooks without
// those that are gone, and OUs without the root.
type Stats struct{ People, Chromebooks, OrgUnits int }

// Stats counts the inventory.
func (v *Inventory) Stats() (s Stats, err error) {
	err = v.file.view("count", func(t *tx) error {
		for bucket, n := range map[string]*int{peopleBucket: &s.People, chromebookBucket: &s.Chromebooks, orgUnitBucket: &s.OrgUnits} {
			if *n, err = t.size(bucket); err != nil {
				return err
			}
		}
		return nil
	})
	return s, err
}

// Doc returns a document put by [directory.Batch.Docs], nil when there is
// none.
func (v *Inventory) Doc(name string) (value []byte, err error) {
	err = v.file.view("read a document", func(t *tx) error {
		value, err = t.doc(docsBucket, name)
		return err
	})
	return value, err
}

// doc returns a document of its own, nil when there is none.
func (t *tx) doc(bucket, name string) ([]byte, error) {
	plain, err := t.get(bucket, []byte(name))
	if plain == nil || err != nil {
		return nil, err
	}
	return bytes.Clone(plain), nil
}

// putDoc stores a document; nil deletes it.
func (t *tx) putDoc(bucket, name string, value []byte) error {
	if value == nil {
		return t.delete(bucket, []byte(name))
	}
	return t.put(bucket, []byte(name), value)
}
