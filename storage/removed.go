package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"panel/directory"
)

const (
	// keepAside is how long a record that a run took out can be brought back;
	// Chromebooks stay for good.
	keepAside = 30 * 24 * time.Hour
	// batchSize bounds a transaction of the long writes of this file.
	batchSize = 5000
)

// Restore brings back what the run took out of the listing of now, unless it
// is there again, writes Restored entries with the run and time of now, and
// puts the documents of now. It returns the ids, sorted. Large restores take
// several transactions, each of them whole; the documents go with the last.
func (v *Inventory) Restore(ctx context.Context, run string, now directory.Batch) ([]string, error) {
	defer v.lock(now.Listing)()
	var records []string
	prefix := asideKey(now.Cloud, now.Listing, "")
	var ids []string
	err := eachKey(ctx, v.file, asideBucket, prefix, asideFields, func(key string, a *aside) error {
		if a.Run == run {
			ids, records = append(ids, key[len(prefix):]), append(records, a.Record)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	docs := now.Docs
	now.Gone, now.Quiet = nil, false
	for at := 0; ; at += batchSize {
		part := records[min(at, len(records)):min(at+batchSize, len(records))]
		now.Docs = nil
		if at+batchSize >= len(records) {
			now.Docs = docs
		}
		err := v.setRecords(&now, part)
		if err == nil {
			_, err = v.apply(ctx, &now, false)
		}
		if err != nil {
			return ids[:min(at, len(ids))], err
		}
		if at+batchSize >= len(records) {
			return ids, nil
		}
	}
}

// setRecords makes encoded records the ones of b.
func (v *Inventory) setRecords(b *directory.Batch, records []string) error {
	b.Accounts, b.OrgUnits, b.Chromebooks = nil, nil, nil
	var (
		c  coder
		ok = true
	)
	for _, r := range records {
		switch b.Listing {
		case directory.People:
			var a directory.Account
			ok = decode(&c, accountFields, []byte(r), &a) && ok
			b.Accounts = append(b.Accounts, a)
		case directory.OrgUnits:
			var o directory.OrgUnit
			ok = decode(&c, orgUnitFields, []byte(r), &o) && ok
			b.OrgUnits = append(b.OrgUnits, o)
		case directory.Chromebooks:
			var d directory.Chromebook
			ok = decode(&c, chromebookFields, []byte(r), &d) && ok
			b.Chromebooks = append(b.Chromebooks, d)
		}
	}
	if !ok {
		return (&tx{file: v.file}).unreadable(asideBucket)
	}
	return nil
}

// Prune drops the change lists of all runs but those with the ids, and what
// was set aside longer than 30 days ago. Chromebooks are kept.
func (v *Inventory) Prune(ctx context.Context, runs []string) error {
	defer v.lock(directory.People, directory.Chromebooks)()
	listed, err := v.changed()
	if err != nil {
		return err
	}
	kept := make(map[string]bool, len(runs))
	for _, run := range runs {
		kept[run] = true
	}
	for _, run := range listed {
		if kept[run] {
			continue
		}
		if err := v.dropChanges(ctx, run+"\x00", func(*entry) bool { return true }); err != nil {
			return err
		}
	}
	var old []string
	err = eachKey(ctx, v.file, asideBucket, "", asideFields, func(key string, a *aside) error {
		isChromebook := len(key) > len(directory.Chromebooks) && key[:len(directory.Chromebooks)] == string(directory.Chromebooks)
		if !isChromebook && time.Since(a.At) > keepAside {
			old = append(old, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return v.deleteAll(ctx, asideBucket, old)
}

// changed returns the runs that have a change list, in order. It reads one key
// of each.
func (v *Inventory) changed() (runs []string, err error) {
	err = v.file.view("list the change lists", func(t *tx) error {
		c := t.bucket(changesBucket).Cursor()
		for k, _ := c.First(); k != nil; {
			run, _, _ := bytes.Cut(k, []byte{0})
			runs = append(runs, string(run))
			k, _ = c.Seek(append(bytes.Clone(run), 1))
		}
		return nil
	})
	return runs, err
}

// dropChanges takes out the change entries whose keys have the prefix and for
// which which says so.
func (v *Inventory) dropChanges(ctx context.Context, prefix string, which func(*entry) bool) error {
	var changes, found []string
	err := eachKey(ctx, v.file, changesBucket, prefix, entryFields, func(key string, e *entry) error {
		if which(e) {
			changes = append(changes, key)
			for _, record := range e.Records {
				found = append(found, string(historyKey(e.Listing, record, []byte(key))))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(found)
	if err := v.deleteAll(ctx, historyBucket, found); err != nil {
		return err
	}
	return v.deleteAll(ctx, changesBucket, changes)
}

// deleteAll takes sorted keys out of a bucket, in bounded transactions.
func (v *Inventory) deleteAll(ctx context.Context, bucket string, keys []string) error {
	for part := range slices.Chunk(keys, batchSize) {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := v.file.update("drop from "+bucket, func(t *tx) error {
			for _, key := range part {
				if err := t.delete(bucket, []byte(key)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Forget takes out everything that came from a cloud, what was set aside and
// changed included. People who hold an Asset stay. An interrupted call is
// finished by another.
func (v *Inventory) Forget(ctx context.Context, c directory.Cloud) error {
	defer v.lock(c.Listings()...)()
	for _, l := range c.Listings() {
		ids, err := v.IDs(c, l)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(ids, batchSize) {
			b := directory.Batch{Cloud: c, Listing: l, Quiet: true, Gone: part}
			if _, err := v.apply(ctx, &b, true); err != nil {
				return err
			}
		}
		var keys []string
		err = eachKey(ctx, v.file, asideBucket, asideKey(c, l, ""), asideFields, func(key string, _ *aside) error {
			keys = append(keys, key)
			return nil
		})
		if err != nil {
			return err
		}
		if err := v.deleteAll(ctx, asideBucket, keys); err != nil {
			return err
		}
	}
	return v.dropChanges(ctx, "", func(e *entry) bool { return e.Cloud == c })
}

// SetRules makes r the rules that people are merged by, and merges those anew
// whom the difference concerns; no change entries are written. To be called
// when the store was opened, and when the technician changed them. It returns
// at once when r is what it was. An interrupted call is finished by another.
func (v *Inventory) SetRules(ctx context.Context, r directory.Rules) error {
	defer v.lock(directory.People)()
	old, err := v.storedRules()
	if err != nil {
		return err
	}
	before, err := json.Marshal(old)
	if err != nil {
		return err
	}
	after, err := json.Marshal(r)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	if err := v.loadIndex(ctx); err != nil {
		return err
	}
	var keys []string
	if slices.Equal(old.Kinds, r.Kinds) {
		keys = decidedAnew(old.Decisions, r.Decisions)
	} else {
		for _, c := range directory.Clouds {
			ids, err := v.IDs(c, directory.People)
			if err != nil {
				return err
			}
			for _, id := range ids {
				keys = append(keys, directory.AccountKey(c, id))
			}
		}
	}
	// Whom an old decision connected is merged together with them.
	v.index.SetDecisions(append(slices.Clone(old.Decisions), r.Decisions...))
	v.rules = &r
	err = v.mergeAll(ctx, keys)
	if err == nil {
		err = v.file.update("note the rules", func(t *tx) error { return t.put(rulesBucket, rulesKey, after) })
	}
	if err != nil {
		v.index, v.rules = nil, nil
		return err
	}
	v.index.SetDecisions(r.Decisions)
	return nil
}

// decidedAnew returns the accounts of decisions that are in one list and not
// in the other.
func decidedAnew(before, after []directory.Decision) []string {
	times := make(map[directory.Decision]int)
	for _, d := range before {
		d.At = d.At.UTC().Round(0)
		times[d]++
	}
	for _, d := range after {
		d.At = d.At.UTC().Round(0)
		times[d]--
	}
	var keys []string
	for d, n := range times {
		if n != 0 {
			keys = append(keys, d.A, d.B)
		}
	}
	return keys
}

// mergeAll merges the accounts with the keys anew, in bounded transactions.
func (v *Inventory) mergeAll(ctx context.Context, keys []string) error {
	for part := range slices.Chunk(keys, batchSize) {
		if err := ctx.Err(); err != nil {
			return err
		}
		var arena arena
		m := v.newMerging(ctx, &arena)
		err := m.merge(v.index.Component(part))
		if err == nil {
			err = v.file.update("merge people", m.store)
		}
		arena.free()
		if err != nil {
			return err
		}
	}
	return nil
}

// Depart lists p as departed: somebody whom no cloud has, and who has an Asset
// again. Nothing happens where there is such a Person.
func (v *Inventory) Depart(ctx context.Context, p directory.Person) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer v.lock(directory.People)()
	var in arena
	defer in.free() // after the transaction
	return v.file.update("list a departed person", func(t *tx) error {
		keys := accountsOf(&p)
		for _, key := range append(keys, p.ID) {
			known, err := t.get(departedBucket, []byte(key))
			if err != nil || known != nil || t.hasAccount(key) || t.raw(peopleTable.ids, []byte(key)) != nil {
				return err
			}
		}
		for _, key := range keys {
			if err := t.put(departedBucket, []byte(key), []byte(p.ID)); err != nil {
				return err
			}
		}
		p.Departed = true
		var enc coder
		return t.write(peopleTable, nil, []byte(p.ID), v.file.seal.row(in.room(), peopleTable, []byte(p.ID), encode(&enc, personFields, &p)))
	})
}

// Settle takes out the departed people who hold nothing any more. To be
// called when an Asset came back.
func (v *Inventory) Settle(ctx context.Context) error {
	defer v.lock(directory.People)()
	ids := make(map[string]bool)
	err := v.file.view("list departed people", func(t *tx) error {
		return t.each(departedBucket, nil, nil, func(_, id []byte) error {
			ids[string(id)] = true
			return nil
		})
	})
	if err != nil {
		return err
	}
	for id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := v.file.update("take out a departed person", func(t *tx) error {
			var p directory.Person
			at, err := t.find(peopleTable, []byte(id))
			if at.number == nil || err != nil {
				return err
			}
			if !decode(new(coder), personFields, at.plain, &p) {
				return t.unreadable(peopleTable.rows)
			}
			if v.holds != nil && v.holds(accountsOf(&p), t.hasAccount) {
				return nil
			}
			if err := t.forgetDeparted(&p); err != nil {
				return err
			}
			return t.erase(peopleTable, at, []byte(id))
		})
		if err != nil {
			return err
		}
	}
	return nil
}
