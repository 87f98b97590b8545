package storage

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
)

// A backup is a tar archive, sealed by a passphrase in the format of age
// (https://age-encryption.org/v1), so that it can be opened without Panel too.
// It holds the manifest and both files, in this order, and nothing else: what
// else the vault keeps stays there.
const (
	backupFormat = 1
	manifestName = "backup.json"
	maxManifest  = 64 << 10
)

// maxWorkFactor is what a backup may ask of scrypt, as a power of two: 1 GiB
// and a few seconds. A file made to exhaust the computer asks for more. Tests
// take less.
var maxWorkFactor = 20

// manifest is what a backup says of itself.
type manifest struct {
	Format  int       `json:"format"`
	Made    time.Time `json:"made"`
	DataKey []byte    `json:"data_key"`
}

// What is wrong with a backup, beside [ErrNewer] and [ErrWrongPassphrase]. They
// come in a [*BackupError]; any other cause in one is damage.
var (
	// ErrNotBackup: the file is something else.
	ErrNotBackup = errors.New("not a backup of Panel")
	// ErrCut: the file ends too early.
	ErrCut = errors.New("it ends too early")
)

// BackupError is a backup that cannot be used. Nothing was changed.
type BackupError struct{ Err error }

func (e *BackupError) Error() string { return fmt.Sprintf("the backup cannot be used: %v", e.Err) }

// Unwrap returns what is wrong with the backup.
func (e *BackupError) Unwrap() error { return e.Err }

// backedUp are the files in a backup, in the order of a crash: the ledger may
// know more than the inventory does.
var backedUp = []*layout{&inventoryLayout, &ledgerLayout}

// copySuffix is that of the files which a backup is made from.
const copySuffix = ".copy"

// Backup writes both files, each as it is at one moment, and the data key to
// w, sealed by a passphrase. The store may be in use meanwhile. What was
// written before an error is of no use.
func (s *Store) Backup(ctx context.Context, w io.Writer, passphrase string) error {
	s.backing.Lock()
	defer s.backing.Unlock()
	defer func() {
		for _, l := range backedUp {
			_ = os.Remove(s.copyOf(l)) // else the next opening does
		}
	}()
	// What takes the backup may be slow, and an open transaction keeps a growing
	// writer waiting, and then every reader: so copies are made first.
	for i, f := range []*file{s.Inventory.file, s.Ledger.file} {
		if err := f.writable("back up"); err != nil {
			return err
		}
		if err := f.copyTo(ctx, s.copyOf(backedUp[i]), backedUp[i], s.key); err != nil {
			return fmt.Errorf("back up: %w", err)
		}
	}
	if err := s.writeBackup(ctx, w, passphrase); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

func (s *Store) copyOf(l *layout) string { return filepath.Join(s.dir, l.name+copySuffix) }

// writeBackup seals the manifest and the copies.
func (s *Store) writeBackup(ctx context.Context, w io.Writer, passphrase string) error {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return err
	}
	to.SetWorkFactor(workFactor)
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(sealed)
	about, err := json.Marshal(manifest{backupFormat, time.Now().UTC().Truncate(time.Second), s.key})
	if err != nil {
		return err
	}
	if err := addFile(archive, manifestName, int64(len(about)), bytes.NewReader(about)); err != nil {
		return err
	}
	for _, l := range backedUp {
		f, err := os.Open(s.copyOf(l))
		if err != nil {
			return err
		}
		info, err := f.Stat()
		if err == nil {
			err = addFile(archive, l.name, info.Size(), &reader{ctx: ctx, Reader: f})
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), sealed.Close())
}

func addFile(to *tar.Writer, name string, size int64, from io.Reader) error {
	if err := to.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := io.Copy(to, from)
	return err
}

// copyTo writes the file, as it is at one moment, to another file, and looks
// whether that is good.
func (f *file) copyTo(ctx context.Context, path string, l *layout, key []byte) error {
	return replace(path, func(w io.Writer) error {
		return f.view("copy", func(t *tx) error {
			_, err := t.bolt.WriteTo(w)
			return err
		})
	}, func(temporary string) error {
		_, err := verify(ctx, temporary, l, key)
		return err
	})
}

// CheckBackup reads a backup to its end and returns when it was made. A backup
// that cannot be used is a [*BackupError].
func CheckBackup(ctx context.Context, r io.Reader, passphrase string) (made time.Time, err error) {
	m, err := readBackup(ctx, r, passphrase, func(string, io.Reader) error { return nil })
	return m.Made, err
}

// reader reads until its context ends, and remembers how it failed.
type reader struct {
	ctx context.Context
	io.Reader
	err error // io.EOF at the end
}

func (r *reader) Read(b []byte) (n int, err error) {
	if r.ctx.Err() != nil {
		r.err = context.Cause(r.ctx)
	} else {
		n, r.err = r.Reader.Read(b)
	}
	return n, r.err
}

// readBackup reads a backup to its end, and calls each with its files. An
// error of each, of the system or of ctx is returned as it is, anything else
// as a [*BackupError].
func readBackup(ctx context.Context, r io.Reader, passphrase string, each func(name string, r io.Reader) error) (manifest, error) {
	sealed := &reader{ctx: ctx, Reader: r}
	plain := &reader{ctx: ctx}
	var m manifest
	var using error // of each
	content, err := unseal(sealed, passphrase)
	if plain.Reader = content; err == nil {
		m, err = readArchive(plain, func(name string, r io.Reader) error {
			using = each(name, r)
			return using
		})
	}
	ended, opens := errors.Is(sealed.err, io.EOF), content != nil && (plain.err == nil || errors.Is(plain.err, io.EOF))
	switch {
	case err == nil:
		return m, nil
	case sealed.err != nil && !ended:
		return m, sealed.err
	case errors.Is(err, ErrNotBackup), errors.Is(err, ErrNewer), errors.Is(err, ErrWrongPassphrase):
		return m, &BackupError{err}
	case opens && using != nil && !errors.Is(using, io.ErrUnexpectedEOF):
		return m, using
	case opens:
		return m, &BackupError{ErrNotBackup} // but some other archive, or none
	case ended:
		return m, &BackupError{ErrCut}
	}
	return m, &BackupError{err}
}

// ageIntro is how every file of age begins.
const ageIntro = "age-encryption.org/v1\n"

// unseal returns what is in a sealed file.
func unseal(r io.Reader, passphrase string) (io.Reader, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	id.SetMaxWorkFactor(maxWorkFactor)
	b := bufio.NewReaderSize(r, 256<<10)
	switch intro, err := b.Peek(len(ageIntro)); {
	case !strings.HasPrefix(ageIntro, string(intro)):
		return nil, ErrNotBackup
	case err != nil:
		return nil, err
	}
	plain, err := age.Decrypt(b, id)
	var other *age.NoIdentityMatchError
	switch {
	case errors.As(err, &other) && !slices.Contains(other.StanzaTypes, "scrypt"):
		return nil, ErrNotBackup // of Panel: it is not sealed by a passphrase
	case other != nil:
		return nil, ErrWrongPassphrase
	case err != nil:
		return nil, err
	}
	return plain, nil
}

// readArchive reads what is sealed in a backup to its end. What is not as
// [Store.Backup] writes it is [ErrNotBackup].
func readArchive(r io.Reader, each func(name string, r io.Reader) error) (m manifest, err error) {
	archive := tar.NewReader(r)
	if err := nextFile(archive, manifestName); err != nil {
		return m, err
	}
	about, err := io.ReadAll(io.LimitReader(archive, maxManifest))
	switch {
	case err != nil:
		return m, err
	case json.Unmarshal(about, &m) != nil || m.Format < 1:
		return m, ErrNotBackup
	case m.Format > backupFormat:
		return m, ErrNewer
	case len(m.DataKey) != keySize:
		return m, ErrNotBackup
	}
	for _, l := range backedUp {
		if err := nextFile(archive, l.name); err != nil {
			return m, err
		}
		if err := each(l.name, archive); err != nil {
			return m, err
		}
	}
	if err := nextFile(archive, ""); err != nil {
		return m, err
	}
	_, err = io.Copy(io.Discard, r) // only its end shows that it is whole
	return m, err
}

// nextFile goes to a file of an archive that must be the next one, "" being
// the end.
func nextFile(archive *tar.Reader, name string) error {
	h, err := archive.Next()
	switch {
	case errors.Is(err, io.EOF) && name == "", err == nil && h.Name == name && h.Typeflag == tar.TypeReg:
		return nil
	case err == nil, errors.Is(err, io.EOF):
		return ErrNotBackup
	}
	return err
}
