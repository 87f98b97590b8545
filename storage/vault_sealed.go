package storage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"

	"filippo.io/age"
)

// sealedName is the file of a vault that a passphrase seals.
const sealedName = "vault.age"

// workFactor is scrypt's, as a power of two: 128 MiB and about half a second,
// what OWASP recommends. Tests take less.
var workFactor = 17

// Sealed is a vault in a file of the data folder, sealed by a passphrase: for
// computers without a keychain, and only when the technician chose it.
type Sealed struct {
	path       string
	passphrase string

	mu     sync.Mutex
	read   []byte // the file as it was when values was read from it
	values map[string]string
}

// OpenSealed returns the sealed vault of a data folder. It opens the file, if
// there is one, with the passphrase, and returns [ErrWrongPassphrase] or a
// [*DamagedError] if it cannot.
func OpenSealed(dir, passphrase string) (*Sealed, error) {
	v := &Sealed{path: filepath.Join(dir, sealedName), passphrase: passphrase}
	if err := v.load(); err != nil {
		return nil, fmt.Errorf("open the sealed vault: %w", err)
	}
	return v, nil
}

// Kind implements [Vault].
func (v *Sealed) Kind() string { return KindPassphrase }

// Get implements [Vault].
func (v *Sealed) Get(_ context.Context, name string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.load(); err != nil {
		return "", sealedError("get", err)
	}
	value, ok := v.values[name]
	if !ok {
		return "", &VaultError{State: VaultMissing, Doing: "get"}
	}
	return value, nil
}

// Set implements [Vault].
func (v *Sealed) Set(_ context.Context, name, value string) error {
	if len(value) >= maxSecret {
		return ErrSecretTooLong
	}
	return sealedError("set", v.change(func(values map[string]string) { values[name] = value }))
}

// Delete implements [Vault].
func (v *Sealed) Delete(_ context.Context, name string) error {
	return sealedError("delete", v.change(func(values map[string]string) { delete(values, name) }))
}

func sealedError(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrWrongPassphrase):
		return &VaultError{State: VaultLocked, Doing: doing, Err: err}
	}
	return &VaultError{State: VaultUnavailable, Doing: doing, Err: err}
}

// load reads the file if it is another than the one that was read last. It is
// called with the lock held.
func (v *Sealed) load() error {
	b, err := os.ReadFile(v.path) //nolint:gosec // in the technician's own folder
	if errors.Is(err, fs.ErrNotExist) {
		v.read, v.values = nil, map[string]string{}
		return nil
	}
	if err != nil || v.values != nil && bytes.Equal(b, v.read) {
		return err
	}
	plain, err := unwrap(sealedName, b, v.passphrase)
	if err != nil {
		return err
	}
	values := map[string]string{}
	if err := json.Unmarshal(plain, &values); err != nil {
		return &DamagedError{sealedName, errors.New("it does not hold secrets")}
	}
	v.read, v.values = b, values
	return nil
}

// change writes the file anew and reads it back.
func (v *Sealed) change(edit func(map[string]string)) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.load(); err != nil {
		return err
	}
	values := maps.Clone(v.values)
	edit(values)
	if maps.Equal(values, v.values) {
		return nil
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return err
	}
	b, err := wrap(plain, v.passphrase)
	if err != nil {
		return err
	}
	if _, err := makeDir(filepath.Dir(v.path)); err != nil {
		return err
	}
	if err := writeFile(v.path, b); err != nil {
		return err
	}
	v.values = nil
	if err := v.load(); err != nil {
		return err
	}
	if !maps.Equal(v.values, values) {
		return errors.New("the value was not kept")
	}
	return nil
}

// wrap seals plain under a passphrase.
func wrap(plain []byte, passphrase string) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(workFactor)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// unwrap undoes wrap; name is that of the file for the error.
func unwrap(name string, sealed []byte, passphrase string) ([]byte, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, err
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), id)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return nil, ErrWrongPassphrase
	}
	if err == nil {
		var plain []byte
		if plain, err = io.ReadAll(r); err == nil {
			return plain, nil
		}
	}
	return nil, &DamagedError{name, err}
}
