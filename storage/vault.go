package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

// Vault keeps secrets by name. Its methods are safe for concurrent use, and
// their errors are a [*VaultError] or [ErrSecretTooLong]. A call that has to
// wait for the system ends with ctx, and after [Patience] at the latest.
type Vault interface {
	// Get returns a secret. Only a vault that was asked and has none says
	// [VaultMissing].
	Get(ctx context.Context, name string) (string, error)
	// Set stores a secret and looks whether it is there.
	Set(ctx context.Context, name, value string) error
	// Delete removes a secret, if there is one, and looks whether it is
	// gone.
	Delete(ctx context.Context, name string) error
	// Kind is one of the kinds below.
	Kind() string
}

// maxSecret is below what the smallest keychain takes: 2,560 bytes on Windows.
const maxSecret = 2500

// ErrSecretTooLong tells that a secret of 2,500 bytes or more was to be stored,
// which not every keychain takes. No vault was asked.
var ErrSecretTooLong = errors.New("the secret is too long to be kept")

// The kinds of vault.
const (
	KindKeychain   = "keychain"
	KindPassphrase = "passphrase"
	KindMemory     = "memory"
)

// VaultState is why a vault did not do what it was asked.
type VaultState string

// The states. Missing is an answer; the others say nothing about what the
// vault holds.
const (
	VaultMissing     VaultState = "missing"
	VaultLocked      VaultState = "locked" // and was not unlocked: the prompt was dismissed or cannot be shown
	VaultUnavailable VaultState = "unavailable"
	VaultHung        VaultState = "hung" // did not answer in time
)

// VaultError is what a [Vault] fails with. It holds no secret.
type VaultError struct {
	State VaultState
	// Doing is "get", "set", "delete" or "open".
	Doing string
	// Err is the cause, may be nil.
	Err error
}

func (e *VaultError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("vault: %s: %s", e.Doing, e.State)
	}
	return fmt.Sprintf("vault: %s: %s: %v", e.Doing, e.State, e.Err)
}

// Unwrap returns the cause.
func (e *VaultError) Unwrap() error { return e.Err }

// StateOf returns the state of a [*VaultError] in err, "" when there is none.
func StateOf(err error) VaultState {
	var v *VaultError
	if errors.As(err, &v) {
		return v.State
	}
	return ""
}

// Memory is a vault that forgets everything when the process ends. The zero
// value is empty and ready.
type Memory struct {
	mu     sync.Mutex
	values map[string]string
}

// Get implements [Vault].
func (m *Memory) Get(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.values[name]
	if !ok {
		return "", &VaultError{State: VaultMissing, Doing: "get"}
	}
	return value, nil
}

// Set implements [Vault].
func (m *Memory) Set(_ context.Context, name, value string) error {
	if len(value) >= maxSecret {
		return ErrSecretTooLong
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = make(map[string]string)
	}
	m.values[name] = value
	return nil
}

// Delete implements [Vault].
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.values, name)
	return nil
}

// Kind implements [Vault].
func (m *Memory) Kind() string { return KindMemory }

// scoped is a vault that several data folders share, seen from one of them.
type scoped struct {
	Vault
	folder string
}

func (v scoped) Get(ctx context.Context, name string) (string, error) {
	return v.Vault.Get(ctx, v.folder+"/"+name)
}

func (v scoped) Set(ctx context.Context, name, value string) error {
	return v.Vault.Set(ctx, v.folder+"/"+name, value)
}

func (v scoped) Delete(ctx context.Context, name string) error {
	return v.Vault.Delete(ctx, v.folder+"/"+name)
}

// ChooseVault returns the vault that a data folder uses, or that a new one is
// to use: sealed by the passphrase if that is not empty, else the keychain. A
// passphrase for a folder that uses another vault is [ErrOtherVault]; a folder
// sealed by a passphrase gives [ErrPassphraseNeeded] or [ErrWrongPassphrase]
// without the right one. Nothing is written and no keychain asked.
func ChooseVault(dir, passphrase string) (Vault, error) {
	record, err := readFolder(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		record.Vault = KindKeychain
		if passphrase != "" {
			record.Vault = KindPassphrase
		}
	case err != nil:
		return nil, err
	}
	switch {
	case record.Vault == KindPassphrase && passphrase == "":
		return nil, ErrPassphraseNeeded
	case record.Vault == KindPassphrase:
		return OpenSealed(dir, passphrase)
	case record.Vault != KindKeychain || passphrase != "":
		return nil, fmt.Errorf("choose the vault: %w: it is %s", ErrOtherVault, record.Vault)
	}
	return NewKeychain(), nil
}
