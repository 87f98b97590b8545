package main

import (
	"context"
	"io"

	"panel/directory"
	"panel/ui/view"
)

// export writes every record of one kind; nothing but an empty list where
// there is no data folder yet.
func (s *session) export(ctx context.Context, w io.Writer, what string, f view.Format) error {
	people := func(each func(*directory.Person) error) error {
		if s.store == nil {
			return nil
		}
		return s.store.Inventory.People(ctx, each)
	}
	chromebooks := func(each func(*directory.Chromebook) error) error {
		if s.store == nil {
			return nil
		}
		return s.store.Inventory.Chromebooks(ctx, each)
	}
	doing := "export the " + what
	switch what {
	case "people":
		return storageError(doing, view.WritePeople(ctx, w, f, people))
	case "chromebooks":
		holder, err := s.holders(ctx)
		if err != nil {
			return storageError(doing, err)
		}
		return storageError(doing, view.WriteChromebooks(ctx, w, f, chromebooks, holder))
	case "checkouts":
		return storageError(doing, view.WriteCheckouts(ctx, w, f, s.checkouts(ctx)))
	case "orgunits":
		var units []directory.OrgUnit
		if s.store != nil {
			var err error
			if units, err = s.store.Inventory.OrgUnits(ctx); err != nil {
				return storageError(doing, err)
			}
		}
		return storageError(doing, view.WriteOrgUnits(ctx, w, f, units, people, chromebooks))
	}
	return storageError(doing, view.WriteChanges(ctx, w, f, s.changes))
}

// changes goes through the change lists, newest run first.
func (s *session) changes(each func(*directory.Change) error) error {
	if s.store == nil {
		return nil
	}
	for _, run := range s.engine.Runs() {
		list, err := s.store.Inventory.Changes(run.ID)
		if err != nil {
			return err
		}
		for i := range list {
			if err := each(&list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
