package storage

import (
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func init() { workFactor, maxWorkFactor = 10, 11 } // scrypt is slow by design

// vaultContract is what every vault promises.
func vaultContract(t *testing.T, v Vault) {
	t.Helper()
	ctx := t.Context()
	if _, err := v.Get(ctx, "a"); StateOf(err) != VaultMissing {
		t.Errorf("get from an empty vault: %v", err)
	}
	if err := v.Delete(ctx, "a"); err != nil {
		t.Errorf("delete what is not there: %v", err)
	}
	for name, value := range map[string]string{"a": "1", "folder/b": strings.Repeat("ü", 1249), "c": ""} {
		if err := v.Set(ctx, name, "before"); err != nil {
			t.Fatalf("set %s: %v", name, err)
		}
		if err := v.Set(ctx, name, value); err != nil {
			t.Fatalf("set %s: %v", name, err)
		}
		if got, err := v.Get(ctx, name); got != value || err != nil {
			t.Errorf("get %s: %q, %v", name, got, err)
		}
	}
	if err := v.Set(ctx, "a", strings.Repeat("x", 2500)); !errors.Is(err, ErrSecretTooLong) {
		t.Errorf("a secret of 2,500 bytes: %v", err)
	}
	if err := v.Delete(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Get(ctx, "a"); StateOf(err) != VaultMissing {
		t.Errorf("get what was deleted: %v", err)
	}
	if got, err := v.Get(ctx, "c"); got != "" || err != nil {
		t.Errorf("its neighbour: %q, %v", got, err)
	}
}

func TestMemoryVault(t *testing.T) { vaultContract(t, new(Memory)) }

func TestSealedVault(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	v, err := OpenSealed(dir, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	vaultContract(t, v)

	b, err := os.ReadFile(filepath.Join(dir, sealedName))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, sealedName)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, err := OpenSealed(dir, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Get(t.Context(), "folder/b"); len(got) != 2498 || err != nil {
		t.Errorf("after reopening: %d bytes, %v", len(got), err)
	}
	if _, err := OpenSealed(dir, "battery staple"); !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	for _, cut := range []int{0, 10, len(b) / 2, len(b) - 1} {
		if err := os.WriteFile(filepath.Join(dir, sealedName), b[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		var damaged *DamagedError
		if _, err := OpenSealed(dir, "correct horse"); !errors.As(err, &damaged) && !errors.Is(err, ErrWrongPassphrase) {
			t.Errorf("cut to %d bytes: %v", cut, err)
		}
	}
}

// What one process has stored, another that was open before sees.
func TestSealedVaultSharedByTwo(t *testing.T) {
	dir := t.TempDir()
	a, errA := OpenSealed(dir, "p")
	b, errB := OpenSealed(dir, "p")
	if err := errors.Join(errA, errB, a.Set(t.Context(), "one", "1"), b.Set(t.Context(), "two", "2")); err != nil {
		t.Fatal(err)
	}
	for _, v := range []*Sealed{a, b} {
		one, errOne := v.Get(t.Context(), "one")
		two, errTwo := v.Get(t.Context(), "two")
		if one != "1" || two != "2" {
			t.Errorf("%q %q, %v", one, two, errors.Join(errOne, errTwo))
		}
	}
}

func TestChooseVault(t *testing.T) {
	sealedFolder := func(t *testing.T, dir string) {
		v, err := ChooseVault(dir, "secret")
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), Options{Dir: dir, Vault: v})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	keychainFolder := func(t *testing.T, dir string) {
		if err := writeFolder(dir, folderRecord{Format: 1, ID: "x", Vault: KindKeychain}); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name       string
		before     func(*testing.T, string)
		passphrase string
		kind       string
		want       error
	}{
		{"a new folder", nil, "", KindKeychain, nil},
		{"a new folder with a passphrase", nil, "secret", KindPassphrase, nil},
		{"a sealed folder", sealedFolder, "secret", KindPassphrase, nil},
		{"a sealed folder without a passphrase", sealedFolder, "", "", ErrPassphraseNeeded},
		{"a sealed folder with a wrong one", sealedFolder, "Secret", "", ErrWrongPassphrase},
		{"a keychain folder", keychainFolder, "", KindKeychain, nil},
		{"a keychain folder with a passphrase", keychainFolder, "secret", "", ErrOtherVault},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.before != nil {
				test.before(t, dir)
			}
			before := fileNames(t, dir)
			v, err := ChooseVault(dir, test.passphrase)
			if !errors.Is(err, test.want) || err == nil && v.Kind() != test.kind {
				t.Errorf("%v, %v", v, err)
			}
			if after := fileNames(t, dir); !slices.Equal(before, after) {
				t.Errorf("files before %q, after %q", before, after)
			}
		})
	}
}

// fileNames lists what is below dir.
func fileNames(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		names = append(names, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestDataKey(t *testing.T) {
	dir, v := t.TempDir(), new(Memory)
	open := func(v Vault) error {
		s, err := Open(t.Context(), Options{Dir: dir, Vault: v})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := open(v); err != nil {
		t.Fatal(err)
	}
	record, err := readFolder(dir)
	if err != nil || record.Vault != KindMemory {
		t.Fatalf("the folder says %+v, %v", record, err)
	}
	if err := open(v); err != nil {
		t.Errorf("again: %v", err)
	}
	before := contents(t, dir)
	if err := open(new(Memory)); !errors.Is(err, ErrNoKey) {
		t.Errorf("a vault that has lost the key: %v", err)
	}
	other := new(Memory)
	if err := other.Set(t.Context(), record.ID+"/"+dataKeyName, base64.StdEncoding.EncodeToString(NewKey())); err != nil {
		t.Fatal(err)
	}
	if err := open(other); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
	if err := open(failing{VaultLocked}); StateOf(err) != VaultLocked {
		t.Errorf("a locked vault: %v", err)
	}
	if err := open(otherKind{v}); !errors.Is(err, ErrOtherVault) {
		t.Errorf("another kind of vault: %v", err)
	}
	if !slices.Equal(before, contents(t, dir)) {
		t.Error("a refusal changed the files")
	}
}

// contents is every file below dir with its bytes.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	for _, name := range fileNames(t, dir) {
		if b, err := os.ReadFile(name); err == nil {
			all = append(all, name+":"+string(b))
		}
	}
	return all
}

// failing is a vault in trouble.
type failing struct{ state VaultState }

func (f failing) Get(context.Context, string) (string, error) {
	return "", &VaultError{State: f.state, Doing: "get"}
}
func (f failing) Set(context.Context, string, string) error { return &VaultError{State: f.state} }
func (f failing) Delete(context.Context, string) error      { return &VaultError{State: f.state} }
func (f failing) Kind() string                              { return KindMemory }

type otherKind struct{ Vault }

func (otherKind) Kind() string { return KindKeychain }

// A key is not made anew for a folder that holds something.
func TestNoNewKeyOverOldFiles(t *testing.T) {
	for _, name := range []string{"ledger.db", "inventory.db.damaged-20260101T000000.000Z", "snapshots/ledger-20260101T000000.000Z.db"} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("something"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), Options{Dir: dir, Vault: new(Memory)}); !errors.Is(err, ErrNoKey) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := readFolder(dir); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the folder was made one of Panel's: %v", name, err)
		}
	}
}

// A new folder whose vault fails is not bound to it.
func TestAnotherVaultAfterTheFirstFailed(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), Options{Dir: dir, Vault: otherKind{failing{VaultUnavailable}}}); StateOf(err) != VaultUnavailable {
		t.Fatalf("a vault in trouble: %v", err)
	}
	v, err := ChooseVault(dir, "secret")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir, Vault: v})
	if err != nil {
		t.Fatal(err)
	}
	closeWith(t, s)
}

func TestTwoFoldersInOneKeychain(t *testing.T) {
	v := new(Memory)
	for range 2 {
		s, err := Open(t.Context(), Options{Dir: t.TempDir(), Vault: v})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Vault.Get(t.Context(), "token"); StateOf(err) != VaultMissing {
			t.Errorf("a new folder has a token: %v", err)
		}
		if err := errors.Join(s.Vault.Set(t.Context(), "token", "t"), s.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRecovery(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), Options{Dir: dir, Vault: new(Memory)})
	if err != nil {
		t.Fatal(err)
	}
	if has, err := s.HasRecovery(); has || err != nil {
		t.Errorf("at first: %v, %v", has, err)
	}
	if err := errors.Join(s.Ledger.PutDoc(t.Context(), "a", []byte("kept")), s.SetRecovery("paper")); err != nil {
		t.Fatal(err)
	}
	if has, err := s.HasRecovery(); !has || err != nil {
		t.Errorf("then: %v, %v", has, err)
	}
	if err := Recover(t.Context(), dir, "paper", new(Memory)); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := Recover(t.Context(), dir, "scissors", new(Memory)); !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	v, err := OpenSealed(dir, "new")
	if err != nil {
		t.Fatal(err)
	}
	if err := Recover(t.Context(), dir, "paper", v); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), Options{Dir: dir, Vault: v}); err != nil {
		t.Fatal(err)
	}
	if doc, err := s.Ledger.Doc("a"); string(doc) != "kept" || err != nil {
		t.Errorf("%q, %v", doc, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whatever the system's keychain does, a call ends, and no second one is made
// meanwhile.
func TestKeychainCallsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int32
		k := NewKeychain()
		k.get = func(context.Context, string) (string, error) {
			calls.Add(1)
			<-release
			return "late", nil
		}
		for ctx, most := range map[context.Context]time.Duration{
			t.Context(): 3 * time.Second, ByHand(t.Context()): time.Minute, // somebody may be typing a password
		} {
			start := time.Now()
			for range 3 {
				if _, err := k.Get(ctx, "a"); StateOf(err) != VaultHung {
					t.Errorf("state %q of %v", StateOf(err), err)
				}
			}
			if took := time.Since(start); took < 3*most || took > 3*most+time.Second {
				t.Errorf("three calls of at most %v took %v", most, took)
			}
		}
		if calls.Load() != 1 {
			t.Errorf("the keychain was asked %d times, the first of which did not come back", calls.Load())
		}
		close(release)
		synctest.Wait()
		if got, err := k.Get(context.Background(), "a"); got != "late" || err != nil {
			t.Errorf("once it is back: %q, %v", got, err)
		}
	})
}

// A keychain that says yes and keeps nothing is not believed.
func TestKeychainIsReadBack(t *testing.T) {
	k := NewKeychain()
	k.get = func(context.Context, string) (string, error) { return "old", nil }
	k.set = func(context.Context, string, string) error { return nil }
	k.delete = func(context.Context, string) error { return nil }
	if err := k.Set(t.Context(), "a", "new"); StateOf(err) != VaultLocked {
		t.Errorf("set: %v", err)
	}
	if err := k.Delete(t.Context(), "a"); StateOf(err) != VaultLocked {
		t.Errorf("delete: %v", err)
	}
}

// The little file that leads to the key is there twice, and one mends the
// other.
func TestFolderRecordIsDamaged(t *testing.T) {
	dir, v := t.TempDir(), new(Memory)
	open := func() error {
		s, err := Open(t.Context(), Options{Dir: dir, Vault: v})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"{", "", "{}"} {
		for _, damaged := range []string{recordName, recordCopy} {
			if err := os.WriteFile(filepath.Join(dir, damaged), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := open(); err != nil {
				t.Errorf("%q in %s: %v", content, damaged, err)
			}
		}
		if err := os.Remove(filepath.Join(dir, recordName)); err != nil {
			t.Fatal(err)
		}
		if err := open(); err != nil {
			t.Errorf("without it: %v", err)
		}
	}
	for _, damaged := range []string{recordName, recordCopy} {
		if err := os.WriteFile(filepath.Join(dir, damaged), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var wrong *DamagedError
	if err := open(); !errors.As(err, &wrong) {
		t.Errorf("both damaged: %v", err)
	}
}
