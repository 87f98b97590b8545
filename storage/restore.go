package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A restore makes a data folder of its own inside the one that it is for,
// with an id of its own and so with its own place in the keychain. Once that is
// whole it is decided by one rename; then the files of before are set aside,
// and the new ones take their place. The name of the inner folder says how far
// that is, so that the next opening goes on with it, whatever happened.
const (
	stagingName   = "restore.new" // being made; of no use by itself
	decidedPrefix = "restore-1-"  // the files of before are being set aside
	movingPrefix  = "restore-2-"  // they are; the new ones are moving in
	asidePrefix   = "before-restore-"
)

// RestoreOptions say what to restore, and where.
type RestoreOptions struct {
	// Dir is the data folder; it is made when it is not there. Nobody may have
	// it open.
	Dir string
	// Vault is the folder's, or the one that a new folder is to use; see
	// [ChooseVault]. It is given the data key.
	Vault Vault
	// Backup is what [Store.Backup] wrote, sealed by Passphrase.
	Backup     io.Reader
	Passphrase string
	// Secrets go into the vault beside the data key, by name.
	Secrets map[string]string
	// Settle, if not nil, changes the ledger of the backup before it takes the
	// place of the present one.
	Settle func(*Ledger) error
}

// Restored is what a restore did.
type Restored struct {
	// Made is when the backup was made.
	Made time.Time
	// Aside is the folder, below the data folder, in which everything from
	// before is, a data folder of its own; "" when there was nothing.
	Aside string
}

// Restore puts a backup in the place of what a data folder holds. An error of
// it, as a process that is killed, leaves all as it was, unless the restore was
// decided already: then it is finished at the next opening. A backup that
// cannot be used is a [*BackupError].
func Restore(ctx context.Context, o RestoreOptions) (Restored, error) {
	if err := finishRestore(ctx, o.Dir); err != nil {
		return Restored{}, err
	}
	made, err := makeDir(o.Dir)
	if err != nil {
		return Restored{}, err
	}
	lock, err := lockFolder(ctx, o.Dir, false)
	if err != nil {
		return Restored{}, err
	}
	done, err := restore(ctx, o)
	if err == nil {
		return done, lock.Close()
	}
	sweep(o.Dir)
	if _, lookErr := readFolder(o.Dir); made && errors.Is(lookErr, fs.ErrNotExist) {
		err = errors.Join(err, removeLock(lock))
		_ = os.Remove(o.Dir) // fails where something else came into it
		return Restored{}, err
	}
	return Restored{}, errors.Join(err, lock.Close())
}

func restore(ctx context.Context, o RestoreOptions) (done Restored, err error) {
	switch before, err := readFolder(o.Dir); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return done, err
	case before.Vault != o.Vault.Kind():
		return done, fmt.Errorf("restore: %w: it is %s", ErrOtherVault, before.Vault)
	}
	staging := filepath.Join(o.Dir, stagingName)
	if err := os.RemoveAll(staging); err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	if _, err := makeDir(staging); err != nil {
		return done, err
	}
	m, err := readBackup(ctx, o.Backup, o.Passphrase, func(name string, r io.Reader) error {
		return replace(filepath.Join(staging, name), func(w io.Writer) error {
			_, err := io.Copy(w, r)
			return err
		}, nil)
	})
	if err != nil {
		return done, fmt.Errorf("restore: %w", err)
	}
	record := folderRecord{Format: 1, ID: newFolderID(), Vault: o.Vault.Kind()}
	if err := writeFolder(staging, record); err != nil {
		return done, err
	}
	if err := settle(ctx, staging, m.DataKey, o.Settle); err != nil {
		return done, err
	}
	forget, err := keepSecrets(ctx, staging, record.ID, m.DataKey, o)
	if err != nil {
		return done, errors.Join(err, forget())
	}
	stamp := time.Now().UTC().Format(stampLayout)
	if err := errors.Join(syncDir(staging), os.Rename(staging, filepath.Join(o.Dir, decidedPrefix+stamp)), syncDir(o.Dir)); err != nil {
		if _, there := os.Stat(staging); there == nil {
			err = errors.Join(err, forget())
		}
		return done, fmt.Errorf("restore: %w", err)
	}
	for more := true; more; {
		if more, err = stepRestore(o.Dir); err != nil {
			return done, fmt.Errorf("restore: %w", err)
		}
	}
	done.Made = m.Made
	if _, err := os.Stat(filepath.Join(o.Dir, asidePrefix+stamp)); err == nil {
		done.Aside = asidePrefix + stamp
	}
	return done, nil
}

// settle opens the restored files, which are to be whole, brings them to the
// newest version, and lets the ledger be changed.
func settle(ctx context.Context, staging string, key []byte, change func(*Ledger) error) error {
	s, err := Open(ctx, Options{Dir: staging, Key: key})
	switch {
	case errors.Is(err, ErrNewer), errors.Is(err, ErrWrongKey):
		return &BackupError{err}
	case err != nil:
		return err
	}
	if len(s.Losses) > 0 {
		err = &BackupError{s.Losses[0].Err}
	} else if err = newStation(s.Ledger.file); err == nil {
		if err = s.Ledger.load(); err == nil && change != nil { // as that station
			err = change(s.Ledger)
		}
	}
	return errors.Join(err, s.Close(), os.Remove(filepath.Join(staging, lockName)))
}

// keepSecrets puts the data key and the secrets into the vault of the restored
// folder; forget takes out those that it put in.
func keepSecrets(ctx context.Context, staging, id string, key []byte, o RestoreOptions) (forget func() error, err error) {
	vault := o.Vault
	if sealed, ok := vault.(*Sealed); ok { // its file moves with the folder
		if vault, err = OpenSealed(staging, sealed.passphrase); err != nil {
			return func() error { return nil }, err
		}
	}
	vault = scoped{vault, id}
	var kept []string
	forget = func() error {
		var errs []error
		for _, name := range kept {
			errs = append(errs, vault.Delete(context.WithoutCancel(ctx), name))
		}
		return errors.Join(errs...)
	}
	keep := func(name, value string) error {
		kept = append(kept, name)
		return vault.Set(ctx, name, value)
	}
	for name, value := range o.Secrets {
		if err := keep(name, value); err != nil {
			return forget, fmt.Errorf("keep the secrets: %w", err)
		}
	}
	if err := keep(dataKeyName, base64.StdEncoding.EncodeToString(key)); err != nil {
		return forget, fmt.Errorf("keep the data key: %w", err)
	}
	return forget, nil
}

// finishRestore goes on with a restore that was decided and interrupted.
func finishRestore(ctx context.Context, dir string) error {
	if name, _, err := decided(dir); name == "" || err != nil {
		return err
	}
	lock, err := lockFolder(ctx, dir, false)
	if err != nil {
		return err
	}
	for more := true; more && err == nil; {
		more, err = stepRestore(dir)
	}
	if err = errors.Join(err, lock.Close()); err != nil {
		return fmt.Errorf("finish the restore: %w", err)
	}
	return nil
}

// decided returns the name of the folder of a restore that was decided and not
// finished, "" when there is none, and its time.
func decided(dir string) (name, stamp string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", fmt.Errorf("look into the data folder: %w", err)
	}
	for _, e := range entries {
		for _, prefix := range []string{decidedPrefix, movingPrefix} {
			if stamp, ok := strings.CutPrefix(e.Name(), prefix); ok && e.IsDir() {
				return e.Name(), stamp, nil
			}
		}
	}
	return "", "", nil
}

// stepRestore does the next step of a restore that was decided, each of which
// happens wholly or not at all, and tells whether there may be more.
func stepRestore(dir string) (more bool, err error) {
	name, stamp, err := decided(dir)
	if name == "" || err != nil {
		return false, err
	}
	from, aside := filepath.Join(dir, name), filepath.Join(dir, asidePrefix+stamp)
	if strings.HasPrefix(name, decidedPrefix) {
		more, err := setOneAside(dir, aside)
		if more || err != nil {
			return true, err
		}
		return true, errors.Join(os.Rename(from, filepath.Join(dir, movingPrefix+stamp)), syncDir(dir))
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return true, err
	}
	if len(entries) == 0 {
		return false, errors.Join(os.Remove(from), syncDir(dir))
	}
	first := entries[0].Name()
	return true, errors.Join(os.Rename(filepath.Join(from, first), filepath.Join(dir, first)), syncDir(from), syncDir(dir))
}

// setOneAside moves one file of before into the folder for them, or returns
// false when none is left. The record stays where it is, because the vault is
// found by it, and is copied first.
func setOneAside(dir, aside string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true, err
	}
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return holdsData(e.Name()) })
	if i < 0 {
		return false, nil
	}
	record, err := readFolder(dir)
	if _, err := makeDir(aside); err != nil {
		return true, err
	}
	if _, lookErr := os.Stat(filepath.Join(aside, recordCopy)); err == nil && lookErr != nil {
		return true, writeFolder(aside, record)
	}
	name := entries[i].Name()
	return true, errors.Join(os.Rename(filepath.Join(dir, name), filepath.Join(aside, name)), syncDir(aside), syncDir(dir))
}

// holdsData tells whether a file or folder of a data folder, by its name,
// belongs to what the folder holds: the files, the snapshots, the vault, and
// what was made of them. The record, the lock and the logs do not, nor does
// what is not Panel's.
func holdsData(name string) bool {
	switch strings.TrimSuffix(name, newSuffix) {
	case sealedName, recoveryName, filepath.Base(snapshotDir("")):
		return true
	}
	return strings.HasPrefix(name, ledgerLayout.name) || strings.HasPrefix(name, inventoryLayout.name)
}
