// Package storage keeps what Panel knows on the technician's own disk: the
// inventory, which a sync can bring back, and the ledger, which nothing can.
// Both are bbolt files in one data folder, every value sealed under a data
// key that lives in a [Vault]. Nothing here knows a cloud or a window.
package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// dataKeyName is the data key's name in the vault.
const dataKeyName = "data-key"

// Options say what to open.
type Options struct {
	// Dir is the data folder. It is made when it is not there, unless
	// ReadOnly; then the error is fs.ErrNotExist.
	Dir string
	// Vault holds the data key; see [ChooseVault]. Required without Key.
	Vault Vault
	// Key, if not nil, is the data key, 32 bytes, and no vault is asked.
	Key []byte
	// ReadOnly changes nothing in the folder, and lets others open it for
	// reading too. A file that is missing reads as empty.
	ReadOnly bool
}

// Store is an open data folder. It is safe for concurrent use.
type Store struct {
	Inventory *Inventory
	Ledger    *Ledger
	// Vault keeps the secrets of this folder; nil when it was opened with a
	// key and without a vault.
	Vault Vault
	// Losses are the files that were found damaged, or a missing ledger, when
	// the folder was opened; nil when all was well.
	Losses []Loss

	dir  string
	key  []byte
	lock *os.File

	backing sync.Mutex // held while a backup is made: one at a time
}

var errStale = errors.New("its last change may be lost")

// Loss is a file that was found damaged or missing and was replaced, or that
// may lack its last change.
type Loss struct {
	// File is its base name, Aside that under which the damaged one was
	// kept; "" when there was none.
	File  string
	Aside string
	// Restored is when the snapshot was taken that stands in for it; zero
	// when it starts empty.
	Restored time.Time
	// LastChange says that the file was not replaced and that no more than
	// its last change may be lost, which the damage does not tell.
	LastChange bool
	// Err says what was wrong.
	Err error
}

// Open opens a data folder. Besides the errors of this package it returns
// those of the system (a full disk is syscall.ENOSPC) and a [*VaultError].
// A damaged file is no error: it is set aside and reported in Store.Losses,
// except with ReadOnly, where nothing may be changed.
func Open(ctx context.Context, o Options) (_ *Store, err error) {
	s, err := enter(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	ledger, err := s.open(ctx, &ledgerLayout, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	if s.Ledger, err = newLedger(ledger, o.Dir, s.key, o.ReadOnly); err != nil {
		return nil, errors.Join(err, ledger.close())
	}
	inventory, err := s.open(ctx, &inventoryLayout, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	s.Inventory = &Inventory{file: inventory, holds: s.Ledger.holds}
	return s, nil
}

// enter locks a data folder, made where it is to be, and gets its key. The
// files of the store are not open yet.
func enter(ctx context.Context, o Options) (_ *Store, err error) {
	if err := finishRestore(ctx, o.Dir); err != nil {
		return nil, err
	}
	_, err = readFolder(o.Dir)
	isNew, made := errors.Is(err, fs.ErrNotExist), false
	switch {
	case isNew && !o.ReadOnly:
		if made, err = makeDir(o.Dir); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	s := &Store{dir: o.Dir}
	if s.lock, err = lockFolder(ctx, o.Dir, o.ReadOnly); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	var record folderRecord
	if isNew {
		record, err = s.found(o)
	} else if record, err = readFolder(o.Dir); err == nil && !o.ReadOnly { // a restore may have had the lock
		err = mendFolder(o.Dir, record)
	}
	if err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		sweep(o.Dir)
	}
	if o.Vault != nil {
		if o.Vault.Kind() != record.Vault {
			return nil, fmt.Errorf("open the data folder: %w: it is %s", ErrOtherVault, record.Vault)
		}
		s.Vault = scoped{o.Vault, record.ID}
	}
	if s.key, err = s.dataKey(ctx, o); err != nil {
		if sealed, lookErr := s.holdsSealed(); isNew && !sealed && lookErr == nil { // another vault may be chosen
			err = errors.Join(err, unmakeFolder(o.Dir), s.giveUp(made))
		}
		return nil, err
	}
	return s, nil
}

// giveUp ends the use of a folder that holds nothing, and removes it if it was
// made for this use.
func (s *Store) giveUp(made bool) error {
	err := removeLock(s.lock)
	s.lock = nil
	if made {
		_ = os.Remove(s.dir) // fails where something else came into it
	}
	return err
}

// found makes the folder a data folder, unless another Panel was quicker.
func (s *Store) found(o Options) (folderRecord, error) {
	record, err := readFolder(s.dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return record, err
	}
	if sealed, err := s.holdsSealed(); sealed && o.Key == nil || err != nil {
		return record, errors.Join(fmt.Errorf("open the data folder: %w", ErrNoKey), err)
	}
	record = folderRecord{Format: 1, ID: newFolderID(), Vault: KindMemory}
	if o.Vault != nil {
		record.Vault = o.Vault.Kind()
	}
	return record, writeFolder(s.dir, record)
}

// dataKey gets the data key, and makes one only for a folder that holds
// nothing sealed.
func (s *Store) dataKey(ctx context.Context, o Options) ([]byte, error) {
	if o.Key != nil {
		return o.Key, nil
	}
	if s.Vault == nil {
		return nil, fmt.Errorf("open the data folder: %w", ErrNoKey)
	}
	text, err := s.Vault.Get(ctx, dataKeyName)
	if err == nil {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != keySize {
			return nil, fmt.Errorf("read the data key: %w", ErrWrongKey)
		}
		return key, nil
	}
	if StateOf(err) != VaultMissing {
		return nil, fmt.Errorf("read the data key: %w", err)
	}
	sealed, lookErr := s.holdsSealed()
	if sealed || lookErr != nil || o.ReadOnly {
		return nil, errors.Join(fmt.Errorf("open the data folder: %w", ErrNoKey), lookErr)
	}
	key := NewKey()
	if err := s.Vault.Set(ctx, dataKeyName, base64.StdEncoding.EncodeToString(key)); err != nil {
		return nil, fmt.Errorf("keep the data key: %w", err)
	}
	return key, nil
}

// holdsSealed tells whether anything in the folder needs a data key.
func (s *Store) holdsSealed() (bool, error) {
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		if strings.Contains(e.Name(), ".db") || e.Name() == recoveryName {
			return true, nil
		}
	}
	if err != nil {
		return true, fmt.Errorf("look into the data folder: %w", err)
	}
	names, err := snapshots(s.dir)
	return len(names) > 0, err
}

// open opens one file, a damaged or missing one replaced.
func (s *Store) open(ctx context.Context, l *layout, readOnly bool) (*file, error) {
	path := filepath.Join(s.dir, l.name)
	stale, err := verify(ctx, path, l, s.key)
	var damaged *DamagedError
	switch {
	case err == nil:
		if stale {
			s.Losses = append(s.Losses, Loss{File: l.name, LastChange: true, Err: &DamagedError{l.name, errStale}})
		}
		f, err := openFile(s.dir, l, s.key, readOnly)
		if err == nil && stale && l == &ledgerLayout && !readOnly {
			if err = newStation(f); err != nil {
				return nil, errors.Join(err, f.close())
			}
		}
		return f, err
	case readOnly && errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case readOnly || !errors.As(err, &damaged) && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	loss := Loss{File: l.name, Err: err}
	if damaged != nil {
		if loss.Aside, err = setAside(path); err != nil {
			return nil, err
		}
	}
	// The ledger is the first file to be made: it was there if the other is.
	missing := false
	if l == &ledgerLayout {
		_, err := os.Stat(filepath.Join(s.dir, inventoryLayout.name))
		missing = err == nil
		if loss.Restored, err = restoreSnapshot(ctx, s.dir, s.key); err != nil {
			return nil, err
		}
	}
	if loss.Restored.IsZero() {
		if err := createFile(s.dir, l, s.key); err != nil {
			return nil, err
		}
	}
	if damaged != nil || !loss.Restored.IsZero() || missing {
		s.Losses = append(s.Losses, loss)
	}
	f, err := openFile(s.dir, l, s.key, false)
	if err == nil && !loss.Restored.IsZero() {
		if err = newStation(f); err != nil {
			return nil, errors.Join(err, f.close())
		}
	}
	return f, err
}

// setAside renames a damaged file to a name with the time, and returns it.
func setAside(path string) (string, error) {
	to := path + ".damaged-" + time.Now().UTC().Format(stampLayout)
	if err := os.Rename(path, to); err != nil {
		return "", fmt.Errorf("set a damaged file aside: %w", err)
	}
	return filepath.Base(to), syncDir(filepath.Dir(path))
}

// stampLayout is for times in file names; it sorts.
const stampLayout = "20060102T150405.000Z"

// Close ends everything, once. It takes a snapshot of the ledger when one is
// due. No other call may be under way or follow.
func (s *Store) Close() error {
	if s.lock == nil {
		return nil
	}
	var errs []error
	if s.Ledger != nil {
		errs = append(errs, s.Ledger.close())
	}
	if s.Inventory != nil {
		errs = append(errs, s.Inventory.file.close())
	}
	errs = append(errs, s.lock.Close())
	s.lock = nil
	return errors.Join(errs...)
}

const lockName = "lock"

// lockFolder keeps other Panels out of dir, both files of it, and waits one
// second for one that is just going.
func lockFolder(ctx context.Context, dir string, shared bool) (*os.File, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Second, ErrInUse)
	defer cancel()
	poll := time.NewTicker(25 * time.Millisecond)
	defer poll.Stop()
	for {
		f, err := tryLockFolder(dir, shared)
		if f != nil {
			return f, nil
		}
		if err == nil {
			select {
			case <-poll.C:
				continue
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
		}
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
}

// tryLockFolder returns nil when another Panel has dir. The lock counts only
// while its file is the one in dir: who erases a folder takes the file away.
func tryLockFolder(dir string, shared bool) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	ok, err := tryLock(f, shared)
	if ok {
		var mine, there fs.FileInfo
		if mine, err = f.Stat(); err == nil {
			if there, err = os.Stat(f.Name()); err == nil && os.SameFile(mine, there) {
				return f, nil
			}
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return nil, errors.Join(err, f.Close())
}

// removeLock ends a lock that nobody is to take again, and takes its file away:
// before that where it can be, so that nobody locks what is about to go.
func removeLock(lock *os.File) error {
	if runtime.GOOS == "windows" {
		return errors.Join(lock.Close(), os.Remove(lock.Name()))
	}
	return errors.Join(os.Remove(lock.Name()), lock.Close())
}
