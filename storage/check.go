package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// Checkup is what was found in a data folder.
type Checkup struct {
	Ledger, Inventory Finding
	// Stats counts the inventory, if it is whole.
	Stats Stats
	// Snapshots are those of the ledger, newest first.
	Snapshots []Snapshot
}

// Finding is what was found of one file.
type Finding struct {
	File string // its base name
	// Missing tells that it is not there, and so reads as empty.
	Missing bool
	// LastChange tells that it is whole, and may lack its last change.
	LastChange bool
	// Err is a [*DamagedError], nil when it is whole or missing.
	Err error
}

// Snapshot is a copy of the ledger.
type Snapshot struct {
	Taken time.Time
	Err   error // as in Finding
}

// Check reads every file of a data folder whole and changes none. The error is
// what kept it from looking, as those of [Open]; damage is in the Checkup.
func Check(ctx context.Context, o Options) (Checkup, error) {
	o.ReadOnly = true
	s, err := enter(ctx, o)
	if err != nil {
		return Checkup{}, err
	}
	c, err := checkup(ctx, s.dir, s.key)
	if err = errors.Join(err, s.Close()); err != nil {
		return Checkup{}, fmt.Errorf("check the data: %w", err)
	}
	return c, nil
}

func checkup(ctx context.Context, dir string, key []byte) (c Checkup, err error) {
	look := func(path string, l *layout) (f Finding, v *verifier, err error) {
		f.File = l.name
		v, err = inspect(ctx, path, l, key)
		var damaged *DamagedError
		switch {
		case err == nil:
			f.LastChange = v.metas < 2
		case errors.Is(err, fs.ErrNotExist):
			f.Missing, err = true, nil
		case errors.As(err, &damaged):
			f.Err, err = damaged, nil
		}
		return f, v, err
	}
	if c.Ledger, _, err = look(filepath.Join(dir, ledgerLayout.name), &ledgerLayout); err != nil {
		return c, err
	}
	var v *verifier
	if c.Inventory, v, err = look(filepath.Join(dir, inventoryLayout.name), &inventoryLayout); err != nil {
		return c, err
	}
	if v != nil {
		c.Stats = Stats{v.stored[peopleTable.rows], v.stored[chromebookTable.rows], v.stored[orgUnitTable.rows]}
	}
	names, err := snapshots(dir)
	if err != nil {
		return c, err
	}
	for _, name := range names {
		f, _, err := look(filepath.Join(snapshotDir(dir), name), &ledgerLayout)
		if err != nil {
			return c, err
		}
		c.Snapshots = append(c.Snapshots, Snapshot{snapshotTime(name), f.Err})
	}
	return c, nil
}
