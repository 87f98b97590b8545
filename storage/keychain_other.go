//go:build !linux

package storage

import (
	"context"
	"errors"

	"github.com/zalando/go-keyring"
)

// On Windows and macOS the library's calls do not know of contexts;
// [Keychain] bounds them.

func keychainGet(_ context.Context, name string) (string, error) {
	value, err := keyring.Get(keychainService, name)
	return value, keychainError(err)
}

func keychainSet(_ context.Context, name, value string) error {
	return keychainError(keyring.Set(keychainService, name, value))
}

func keychainDelete(_ context.Context, name string) error {
	return keychainError(keyring.Delete(keychainService, name))
}

func keychainError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return &VaultError{State: VaultMissing}
	}
	return &VaultError{State: VaultUnavailable, Err: err}
}
