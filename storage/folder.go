package storage

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// recordName is the file that says what a data folder is. It is the first
// that Panel writes, and holds no secret. Without it the data key could not be
// found, so there is a second one.
const (
	recordName = "panel.json"
	recordCopy = "panel.copy.json"
)

// folderRecord is what recordName holds.
type folderRecord struct {
	Format int `json:"format"` // 1
	// ID tells the keychain items of this folder from those of others.
	ID string `json:"id"`
	// Vault is the [Vault.Kind] that holds the data key.
	Vault string `json:"vault"`
}

// readFolder returns what dir is, fs.ErrNotExist when it is no data folder.
func readFolder(dir string) (folderRecord, error) {
	r, err := readRecord(dir, recordName)
	if err != nil {
		if copied, copyErr := readRecord(dir, recordCopy); copyErr == nil {
			return copied, nil
		}
		return r, fmt.Errorf("read the data folder: %w", err)
	}
	return r, nil
}

func readRecord(dir, name string) (folderRecord, error) {
	var r folderRecord
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return r, err
	}
	switch err := json.Unmarshal(b, &r); {
	case err == nil && r.Format > 1:
		return r, ErrNewer
	case err != nil || r.Format != 1 || r.ID == "" || r.Vault == "":
		return r, &DamagedError{name, errors.New("it names no vault")}
	}
	return r, nil
}

// IsFolder tells whether dir is a data folder, readable or not.
func IsFolder(dir string) bool {
	_, err := readFolder(dir)
	return !errors.Is(err, fs.ErrNotExist)
}

// mendFolder writes what readFolder returned again if one of its files does
// not say it.
func mendFolder(dir string, r folderRecord) error {
	for _, name := range []string{recordName, recordCopy} {
		if said, err := readRecord(dir, name); err != nil || said != r {
			return writeFolder(dir, r)
		}
	}
	return nil
}

// unmakeFolder undoes writeFolder.
func unmakeFolder(dir string) error {
	return errors.Join(os.Remove(filepath.Join(dir, recordCopy)), os.Remove(filepath.Join(dir, recordName))) //nolint:gosec // in the technician's own folder
}

// writeFolder makes dir a data folder.
func writeFolder(dir string, r folderRecord) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	for _, name := range []string{recordName, recordCopy} {
		if err := writeFile(filepath.Join(dir, name), append(b, '\n')); err != nil {
			return err
		}
	}
	return nil
}

func newFolderID() string { return rand.Text()[:16] }

// makeDir makes a folder that only its owner can look into, and tells whether
// it was not there before.
func makeDir(dir string) (made bool, err error) {
	_, err = os.Stat(dir) //nolint:gosec // the technician's own folder
	made = errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the technician's own folder
		return false, fmt.Errorf("make the data folder: %w", err)
	}
	// It may have been there, or the umask may be odd.
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a folder needs the x
		return made, fmt.Errorf("make the data folder private: %w", err)
	}
	return made, nil
}

// sweep removes what was interrupted left behind: a backup, a restore, a
// snapshot, a rewrite. What cannot be removed now is tried again by the next one.
func sweep(dir string) {
	sweepSnapshots(dir)
	_ = os.Remove(filepath.Join(dir, ledgerLayout.name+newSuffix))
	for _, l := range backedUp {
		_ = os.Remove(filepath.Join(dir, l.name+copySuffix))
		_ = os.Remove(filepath.Join(dir, l.name+copySuffix+newSuffix))
	}
	_ = os.RemoveAll(filepath.Join(dir, stagingName))
}

// sweepSnapshots removes snapshots that were not finished.
func sweepSnapshots(dir string) {
	all, _ := os.ReadDir(snapshotDir(dir)) // there may be none
	for _, e := range all {
		if strings.HasSuffix(e.Name(), newSuffix) {
			_ = os.Remove(filepath.Join(snapshotDir(dir), e.Name()))
		}
	}
}

// writeFile replaces a file, wholly or not at all, durably.
func writeFile(path string, b []byte) error {
	return replace(path, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}, nil)
}

// newSuffix is that of a file while it is being written.
const newSuffix = ".new"

// replace writes a file under another name, has a look at it if look is not
// nil, and then gives it the name of path, durably.
func replace(path string, write func(io.Writer) error, look func(temporary string) error) error {
	temporary := path + newSuffix
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // below the technician's own folder
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err = write(f); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil && look != nil {
		err = look(temporary)
	}
	if err == nil {
		err = os.Rename(temporary, path) //nolint:gosec // as above
	}
	if err != nil {
		_ = os.Remove(temporary) //nolint:gosec // as above; the first error says more
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes what was created, renamed and removed in dir durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there; NTFS keeps a journal
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // the technician's own folder
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}
