package storage

import (
	"context"
	"errors"
	"time"
)

// keychainService is what items are filed under in the system's keychain.
const keychainService = "Panel"

// byHand marks the contexts of [ByHand].
type byHand struct{}

// ByHand returns a context for what a person does and waits for: a keychain
// that asks for its password then waits for the answer. Without it a vault is
// asked in the background, where nobody may be there to answer.
func ByHand(ctx context.Context) context.Context { return context.WithValue(ctx, byHand{}, true) }

// Patience is for how long one call of a [Vault] may wait.
func Patience(ctx context.Context) time.Duration {
	if ctx.Value(byHand{}) != nil {
		return time.Minute
	}
	return 3 * time.Second
}

// Keychain is the keychain of the operating system: Secret Service, Keychain
// or Credential Manager. Only one call is made at a time, and none is made
// again before the last one has come back, even when nobody waits for it any
// more. A call waits no longer than [Patience].
type Keychain struct {
	busy chan struct{}
	// What the system offers; see the files of each.
	get    func(ctx context.Context, name string) (string, error)
	set    func(ctx context.Context, name, value string) error
	delete func(ctx context.Context, name string) error
}

// NewKeychain returns the keychain; it asks nothing of it yet.
func NewKeychain() *Keychain {
	return &Keychain{busy: make(chan struct{}, 1), get: keychainGet, set: keychainSet, delete: keychainDelete}
}

// Kind implements [Vault].
func (k *Keychain) Kind() string { return KindKeychain }

// Get implements [Vault].
func (k *Keychain) Get(ctx context.Context, name string) (string, error) {
	return k.call(ctx, "get", func(ctx context.Context) (string, error) { return k.get(ctx, name) })
}

// Set implements [Vault].
func (k *Keychain) Set(ctx context.Context, name, value string) error {
	if len(value) >= maxSecret {
		return ErrSecretTooLong
	}
	_, err := k.call(ctx, "set", func(ctx context.Context) (string, error) {
		if err := k.set(ctx, name, value); err != nil {
			return "", err
		}
		// Keychains have been seen to say yes after a dismissed prompt.
		kept, err := k.get(ctx, name)
		if StateOf(err) == VaultMissing || err == nil && kept != value {
			err = &VaultError{State: VaultLocked, Err: errors.New("the value was not kept")}
		}
		return "", err
	})
	return err
}

// Delete implements [Vault].
func (k *Keychain) Delete(ctx context.Context, name string) error {
	_, err := k.call(ctx, "delete", func(ctx context.Context) (string, error) {
		if err := k.delete(ctx, name); err != nil && StateOf(err) != VaultMissing {
			return "", err
		}
		_, err := k.get(ctx, name)
		switch {
		case StateOf(err) == VaultMissing:
			err = nil
		case err == nil:
			err = &VaultError{State: VaultLocked, Err: errors.New("the value is still there")}
		}
		return "", err
	})
	return err
}

// call runs fn when it is its turn, and leaves it behind when ctx ends.
func (k *Keychain) call(ctx context.Context, doing string, fn func(context.Context) (string, error)) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, Patience(ctx))
	defer cancel()
	select {
	case k.busy <- struct{}{}:
	case <-ctx.Done():
		return "", &VaultError{State: VaultHung, Doing: doing, Err: ctx.Err()}
	}
	type answer struct {
		value string
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		defer func() { <-k.busy }()
		value, err := fn(ctx)
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, vaultError(doing, a.err)
	case <-ctx.Done():
	}
	// The call knows of it too, and may know better what it waited for.
	grace := time.NewTimer(200 * time.Millisecond)
	defer grace.Stop()
	select {
	case a := <-done:
		return a.value, vaultError(doing, a.err)
	case <-grace.C:
		return "", &VaultError{State: VaultHung, Doing: doing, Err: ctx.Err()}
	}
}

// vaultError says what was being done.
func vaultError(doing string, err error) error {
	var v *VaultError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &v):
		return &VaultError{State: v.State, Doing: doing, Err: v.Err}
	}
	return &VaultError{State: VaultUnavailable, Doing: doing, Err: err}
}
