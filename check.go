package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"panel/storage"
	"panel/sync/cloud"
	"panel/ui/view"
)

type checkCmd struct{}

// Run checks both files.
func (c *checkCmd) Run(a *app) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	vault, err := a.chooseVault(dir, "")
	if err != nil {
		return storageError("open the vault", err)
	}
	found, err := storage.Check(a.ctx, storage.Options{Dir: dir, Vault: vault})
	if errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(a.out, "There is no data yet.")
		return nil
	}
	if err != nil {
		return storageError("check the data", err)
	}
	fmt.Fprintln(a.out, sayFinding(found.Ledger, snapshotWords(found.Snapshots)))
	s := found.Stats
	fmt.Fprintln(a.out, sayFinding(found.Inventory, fmt.Sprintf("%d people, %d Chromebooks, %d organizational units", s.People, s.Chromebooks, s.OrgUnits)))
	var damaged []string
	for _, f := range []storage.Finding{found.Ledger, found.Inventory} {
		if f.Err != nil {
			damaged = append(damaged, f.File)
		}
	}
	if len(damaged) > 0 {
		return &cloud.Error{Kind: cloud.Storage, Doing: "check the data", Code: "damaged_untouched", Detail: strings.Join(damaged, " and ")}
	}
	return nil
}

// sayFinding is what was found of one file, and what is in it.
func sayFinding(f storage.Finding, holds string) string {
	var damaged *storage.DamagedError
	switch {
	case errors.As(f.Err, &damaged):
		return fmt.Sprintf("%s: damaged: %v", f.File, damaged.Err)
	case f.Missing:
		return f.File + ": not there"
	case f.LastChange:
		return f.File + ": whole, but perhaps without its last change; " + holds
	}
	return f.File + ": whole; " + holds
}

// snapshotWords count the snapshots of the ledger.
func snapshotWords(all []storage.Snapshot) string {
	var good []time.Time
	for _, s := range all {
		if s.Err == nil {
			good = append(good, s.Taken)
		}
	}
	words := "no snapshot yet"
	if len(good) > 0 {
		words = fmt.Sprintf("snapshots: %d, the newest of %s", len(good), view.Exact(good[0], time.Local))
	}
	if n := len(all) - len(good); n > 0 {
		words += fmt.Sprintf(", and %d damaged", n)
	}
	return words
}
