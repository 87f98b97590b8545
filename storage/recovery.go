package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// recoveryName is the file that holds the data key under the recovery
// passphrase.
const recoveryName = "recovery.age"

// HasRecovery tells whether a recovery passphrase was set.
func (s *Store) HasRecovery() (bool, error) {
	_, err := os.Stat(filepath.Join(s.dir, recoveryName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// SetRecovery keeps the data key in the folder once more, sealed by a
// passphrase that the technician keeps, for the day when the vault has lost
// it. Another passphrase replaces the last one.
func (s *Store) SetRecovery(passphrase string) error {
	b, err := wrap(s.key, passphrase)
	if err == nil {
		err = writeFile(filepath.Join(s.dir, recoveryName), b)
	}
	if err != nil {
		return fmt.Errorf("set the recovery passphrase: %w", err)
	}
	return nil
}

// Recover puts the data key of a folder, opened by the recovery passphrase,
// into v, which is the folder's vault from then on. Nobody may have the folder
// open. Without a recovery passphrase the error is fs.ErrNotExist.
func Recover(ctx context.Context, dir, passphrase string, v Vault) error {
	if _, err := readFolder(dir); err != nil { // else a lock would be left where nothing is
		return err
	}
	lock, err := lockFolder(ctx, dir, false)
	if err != nil {
		return err
	}
	record, err := readFolder(dir)
	if err == nil {
		err = recoverKey(ctx, dir, passphrase, v, record)
	}
	if err = errors.Join(err, lock.Close()); err != nil {
		return fmt.Errorf("recover the data key: %w", err)
	}
	return nil
}

func recoverKey(ctx context.Context, dir, passphrase string, v Vault, record folderRecord) error {
	b, err := os.ReadFile(filepath.Join(dir, recoveryName))
	if err != nil {
		return err
	}
	key, err := unwrap(recoveryName, b, passphrase)
	if err != nil {
		return err
	}
	if err := keyFits(ctx, dir, key); err != nil {
		return err
	}
	if err := (scoped{v, record.ID}).Set(ctx, dataKeyName, base64.StdEncoding.EncodeToString(key)); err != nil {
		return err
	}
	record.Vault = v.Kind()
	return writeFolder(dir, record)
}

// keyFits returns ErrWrongKey unless the key opens the folder's files, damaged
// ones aside.
func keyFits(ctx context.Context, dir string, key []byte) error {
	for _, l := range []*layout{&ledgerLayout, &inventoryLayout} {
		_, err := verify(ctx, filepath.Join(dir, l.name), l, key)
		var damaged *DamagedError
		if err != nil && !errors.As(err, &damaged) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
