package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// LogFolder is the name of the folder, below a data folder, for what its users
// log. This package only removes it.
const LogFolder = "logs"

// EraseError is an erasure that went half-way.
type EraseError struct {
	// Left are the names of the files that are still there; nil when these are
	// gone too, or were not begun with.
	Left []string
	// Secrets tells that secrets are still in the vault.
	Secrets bool
	Err     error
}

func (e *EraseError) Error() string {
	return fmt.Sprintf("erase: %d files left, secrets left: %v: %v", len(e.Left), e.Secrets, e.Err)
}

// Unwrap returns what went wrong first.
func (e *EraseError) Unwrap() error { return e.Err }

// Erase removes everything that Panel keeps in a data folder, what restores
// have set aside too, and the folder with it, unless something else is in it.
// From v, its vault, it takes out the data key and the secrets called names. It
// may be called again after it failed. Nobody may have the folder open.
func Erase(ctx context.Context, dir string, v Vault, names ...string) error {
	lock, err := lockFolder(ctx, dir, false)
	if err != nil {
		return err
	}
	if err := eraseSecrets(ctx, dir, v, names); err != nil {
		return errors.Join(err, lock.Close())
	}
	if err := eraseFiles(dir); err != nil {
		return errors.Join(err, lock.Close())
	}
	if err := removeLock(lock); err != nil {
		return &EraseError{Left: []string{lockName}, Err: err}
	}
	_ = os.Remove(dir) // fails where something else is in it
	return nil
}

// eraseSecrets empties a vault outside of the folder. The data key goes last
// of each folder's, and the secrets before the files: without them nobody can
// read what is left of these.
func eraseSecrets(ctx context.Context, dir string, v Vault, names []string) error {
	if _, inside := v.(*Sealed); inside {
		return nil
	}
	first := true
	for _, id := range folderIDs(dir) {
		for _, name := range append(slices.Clone(names), dataKeyName) {
			if err := (scoped{v, id}).Delete(ctx, name); err != nil && first {
				return fmt.Errorf("erase the secrets: %w", err) // nothing was erased
			} else if err != nil {
				return &EraseError{Secrets: true, Err: err}
			}
			first = false
		}
	}
	return nil
}

// folderIDs are those of a data folder and of the folders of restores in it.
func folderIDs(dir string) []string {
	dirs := []string{dir}
	entries, _ := os.ReadDir(dir) // what cannot be read holds no id
	for _, e := range entries {
		if ofRestore(e.Name()) {
			dirs = append(dirs, filepath.Join(dir, e.Name()))
		}
	}
	var ids []string
	for _, d := range dirs {
		if r, err := readFolder(d); err == nil && !slices.Contains(ids, r.ID) {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// ofRestore tells whether a folder within a data folder, by its name, is one of
// a restore.
func ofRestore(name string) bool {
	return name == stagingName || strings.HasPrefix(name, decidedPrefix) || strings.HasPrefix(name, movingPrefix) || strings.HasPrefix(name, asidePrefix)
}

// eraseFiles removes Panel's own files, the record last: by it the secrets are
// found, should this have to be done again.
func eraseFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &EraseError{Err: err}
	}
	var left []string
	var first error
	remove := func(name string) {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // in the technician's own folder
			left = append(left, name)
			if first == nil {
				first = err
			}
		}
	}
	for _, e := range entries {
		name := e.Name()
		if holdsData(name) || ofRestore(name) || name == LogFolder || name == recordName+newSuffix || name == recordCopy+newSuffix {
			remove(name)
		}
	}
	if len(left) == 0 {
		remove(recordCopy)
		remove(recordName)
	}
	if len(left) > 0 {
		return &EraseError{Left: left, Err: first}
	}
	return nil
}

// SweepSessions removes the data folders below parent, of names that begin with
// prefix, that were for one session and are left from one that crashed: their
// secrets were in memory, so that nobody can open them again. Those that are
// open stay, and so do those of other people.
func SweepSessions(parent, prefix string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		dir := filepath.Join(parent, e.Name())
		info, err := e.Info()
		if err != nil || !info.IsDir() || !mine(info) || !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		// A record of such a folder was written under its lock.
		if record, err := readFolder(dir); err != nil || record.Vault != KindMemory {
			continue
		}
		if lock, _ := tryLockFolder(dir, false); lock != nil {
			_ = removeLock(lock)
			_ = os.RemoveAll(dir) // else the next sweep does
		}
	}
}
