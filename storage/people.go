package storage

import (
	"context"

	"panel/directory"
)

// applyAccounts is apply for people: it puts and drops accounts, and merges
// those anew who have to do with them.
func (v *Inventory) applyAccounts(w *writer, forget bool) (err error) {
	k := accountKind(w.batch.Cloud)
	differ, err := differences(w.ctx, v.file, &k, w.batch.Accounts, &w.arena)
	if err != nil {
		return err
	}
	if len(differ)+len(w.batch.Gone) == 0 {
		return v.commit(w, nil)
	}
	// Most syncs change nobody, and the index takes a look at everybody.
	if v.index == nil {
		if err := v.loadIndex(w.ctx); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			v.index = nil // it may have moved ahead of the file
		}
	}()
	m := v.newMerging(w.ctx, &w.arena)
	m.touched = make([]touch, len(differ))
	for i := range differ {
		m.touched[i] = touch{differ[i].now.Key(), differ[i].old, differ[i].now}
	}
	return v.commit(w, func() error {
		put := func() error { return putRecords(w, &k, differ, (*directory.Account).Key) }
		merge := func() error { return m.touch(v.index) }
		if len(w.batch.Gone) == 0 {
			err = v.file.together("write people", put, merge)
		} else if err = put(); err == nil {
			var dropped []*directory.Account
			if dropped, err = dropRecords(w, &k, forget, (*directory.Account).Key); err == nil {
				m.drop(dropped)
				err = merge()
			}
		}
		if err == nil {
			err = m.store(w.tx)
		}
		if err == nil && !w.batch.Quiet {
			err = m.note(w)
		}
		return err
	})
}

func (v *Inventory) loadIndex(ctx context.Context) error {
	if v.rules == nil {
		rules, err := v.storedRules()
		if err != nil {
			return err
		}
		v.rules = &rules
	}
	x := new(directory.Index)
	for _, c := range directory.Clouds {
		err := each(ctx, v.file, accountTable(c), accountFields, func(a *directory.Account) error {
			x.Put(a)
			return nil
		})
		if err != nil {
			return err
		}
	}
	x.SetDecisions(v.rules.Decisions)
	v.index = x
	return nil
}
