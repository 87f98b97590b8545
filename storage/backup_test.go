package storage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"panel/directory"
)

const backupPassphrase = "correct horse battery"

// backupOf returns a backup of a store.
func backupOf(t testing.TB, s *Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Backup(t.Context(), &b, backupPassphrase); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// filled is a store with a little of everything, its key in v.
func filled(t testing.TB, dir string, v Vault) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Vault: v})
	if err != nil {
		t.Fatal(err)
	}
	closeWith(t, s)
	district(t, s)
	return s
}

// mustRestore restores a backup into dir.
func mustRestore(t testing.TB, dir string, v Vault, backup []byte) Restored {
	t.Helper()
	done, err := Restore(t.Context(), RestoreOptions{Dir: dir, Vault: v, Backup: bytes.NewReader(backup), Passphrase: backupPassphrase})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// lookInto returns what a folder holds.
func lookInto(t testing.TB, dir string, v Vault) state {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Vault: v})
	if err != nil {
		t.Fatal(err)
	}
	got, err := look(t, s)
	if err := errors.Join(err, check(t, s), s.Close()); err != nil || len(s.Losses) > 0 {
		t.Fatalf("%v, losses %+v", err, s.Losses)
	}
	return got
}

func same(a, b state) bool { return a.notes == b.notes && maps.Equal(a.inventory, b.inventory) }

// vaults are makers of one vault for several folders, by kind.
var vaults = map[string]func(t *testing.T) func(dir string) Vault{
	KindPassphrase: func(t *testing.T) func(string) Vault {
		return func(dir string) Vault {
			v, err := OpenSealed(dir, "vault passphrase")
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	},
	KindKeychain: func(*testing.T) func(string) Vault {
		shared := otherKind{new(Memory)}
		return func(string) Vault { return shared }
	},
}

// What was backed up is there again: in a new folder, and in one with other
// data, which is set aside and works as a folder of its own.
func TestBackupAndRestore(t *testing.T) {
	for kind, make := range vaults {
		t.Run(kind, func(t *testing.T) {
			vault := make(t)
			dir := filepath.Join(quickDir(t), "data")
			s := filled(t, dir, vault(dir))
			want, err := look(t, s)
			if err != nil {
				t.Fatal(err)
			}
			backup := backupOf(t, s)
			for _, name := range fileNames(t, dir) {
				if strings.Contains(name, ".db"+copySuffix) {
					t.Errorf("%s was left behind", name)
				}
			}
			if made, err := CheckBackup(t.Context(), bytes.NewReader(backup), backupPassphrase); err != nil || made.IsZero() {
				t.Errorf("check: %v, %v", made, err)
			}

			fresh := filepath.Join(quickDir(t), "data")
			if done := mustRestore(t, fresh, vault(fresh), backup); done.Aside != "" || done.Made.IsZero() {
				t.Errorf("into a new folder: %+v", done)
			}
			if got := lookInto(t, fresh, vault(fresh)); !same(got, want) {
				t.Error("into a new folder: another content")
			}

			// The same folder, whose content has changed, with a recovery file.
			apply(t, s, directory.Batch{Docs: map[string][]byte{"cursor": []byte("later")}})
			if err := errors.Join(s.Ledger.PutDoc(t.Context(), "note0", []byte("later")), s.Vault.Set(t.Context(), "token", "t"), s.SetRecovery("a recovery passphrase")); err != nil {
				t.Fatal(err)
			}
			later, err := look(t, s)
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
			foreign := filepath.Join(dir, "notes of mine.txt")
			if err := os.WriteFile(foreign, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			done := mustRestore(t, dir, vault(dir), backup)
			if got := lookInto(t, dir, vault(dir)); !same(got, want) {
				t.Error("into its own folder: another content")
			}
			aside := filepath.Join(dir, done.Aside)
			if got := lookInto(t, aside, vault(aside)); done.Aside == "" || !same(got, later) {
				t.Errorf("what was before is not in %q", done.Aside)
			}
			if _, err := os.Stat(foreign); err != nil {
				t.Errorf("a file of somebody else's: %v", err)
			}
			old, err := Open(t.Context(), Options{Dir: aside, Vault: vault(aside)})
			if err != nil {
				t.Fatal(err)
			}
			if token, err := old.Vault.Get(t.Context(), "token"); token != "t" || err != nil {
				t.Errorf("the secrets from before: %q, %v", token, err)
			}
			if has, err := old.HasRecovery(); !has || err != nil {
				t.Errorf("the recovery from before: %v, %v", has, err)
			}
			now, err := Open(t.Context(), Options{Dir: dir, Vault: vault(dir)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := now.Vault.Get(t.Context(), "token"); StateOf(err) != VaultMissing {
				t.Errorf("a secret has come along: %v", err)
			}
			if has, err := now.HasRecovery(); has || err != nil {
				t.Errorf("a recovery passphrase of another key: %v, %v", has, err)
			}
			if err := errors.Join(old.Close(), now.Close()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The ledger is settled, and secrets are kept, before the restore is decided.
func TestRestoreSettles(t *testing.T) {
	v := otherKind{new(Memory)}
	dir := filepath.Join(t.TempDir(), "data")
	s := filled(t, dir, v)
	backup := backupOf(t, s)
	before, err := look(t, s)
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	o := RestoreOptions{
		Dir: dir, Vault: v, Backup: bytes.NewReader(backup), Passphrase: backupPassphrase, Secrets: map[string]string{"token": "kept"},
		Settle: func(l *Ledger) error { return l.PutDoc(t.Context(), "note0", []byte("settled")) },
	}
	no := errors.New("no")
	refused := o
	refused.Settle = func(*Ledger) error { return no }
	if _, err := Restore(t.Context(), refused); !errors.Is(err, no) {
		t.Errorf("a ledger that cannot be settled: %v", err)
	}
	if got := lookInto(t, dir, v); !same(got, before) {
		t.Error("it was restored all the same")
	}
	o.Backup = bytes.NewReader(backup)
	if _, err := Restore(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := lookInto(t, dir, v); !strings.HasPrefix(got.notes, "settled") {
		t.Errorf("the ledger has %.30q", got.notes)
	}
	if s, err = Open(t.Context(), Options{Dir: dir, Vault: v}); err != nil {
		t.Fatal(err)
	}
	closeWith(t, s)
	if token, err := s.Vault.Get(t.Context(), "token"); token != "kept" || err != nil {
		t.Errorf("the secret: %q, %v", token, err)
	}
}

// A backup is one state, however much goes on while it is made, and keeps
// nobody from writing.
func TestBackupWhileInUse(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	var writing sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n := 0
	writing.Go(func() {
		for ctx.Err() == nil {
			n++
			_, err := s.Inventory.Apply(context.WithoutCancel(ctx), crashAccounts(directory.Clouds[n%2], n))
			if err := errors.Join(err, s.Ledger.PutDoc(context.WithoutCancel(ctx), "n", fmt.Append(nil, n))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var all [][]byte
	for range 5 {
		all = append(all, backupOf(t, s))
	}
	// A slow receiver holds up no write.
	slow := &slowWriter{t: t, s: s}
	if err := s.Backup(t.Context(), slow, backupPassphrase); err != nil {
		t.Fatal(err)
	}
	stop()
	writing.Wait()
	if n < 5 || !slow.wrote {
		t.Errorf("only %d batches meanwhile", n)
	}
	for _, b := range all {
		to := filepath.Join(quickDir(t), "data")
		mustRestore(t, to, otherKind{new(Memory)}, b)
		r, err := Open(t.Context(), Options{Dir: to, Key: key, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		at, errAt := r.Inventory.Doc("n")
		note, errNote := r.Ledger.Doc("n")
		if err := errors.Join(errAt, errNote, r.Close()); err != nil {
			t.Fatal(err)
		}
		stored := map[string]int{}
		for what, text := range map[string][]byte{"inventory": at, "ledger": note} {
			if stored[what], err = strconv.Atoi(cmp.Or(string(text), "0")); err != nil {
				t.Fatal(err)
			}
		}
		if stored["ledger"] < stored["inventory"]-1 {
			t.Errorf("the ledger is at %d, the inventory at %d already", stored["ledger"], stored["inventory"])
		}
		crashCheck(t, to, key, stored)
	}
}

// slowWriter writes to the store whose backup it is given.
type slowWriter struct {
	t     *testing.T
	s     *Store
	wrote bool
}

func (w *slowWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.wrote = true
		big := directory.Batch{Cloud: directory.Google, Listing: directory.Chromebooks, Run: "slow"}
		for i := range 20_000 { // so much that the file has to grow
			big.Chromebooks = append(big.Chromebooks, sampleChromebook(i))
		}
		apply(w.t, w.s, big)
	}
	return len(b), nil
}

// A backup is complete or an error.
func TestBackupFails(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	district(t, s)
	full := errors.New("full")
	for _, room := range []int64{0, 100, 5000, 100_000} {
		w := &limitedWriter{room, full}
		if err := s.Backup(t.Context(), w, backupPassphrase); !errors.Is(err, full) {
			t.Errorf("with room for %d bytes: %v", room, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Backup(ctx, io.Discard, backupPassphrase); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	// A file that is damaged while it is open is not handed on.
	f, err := os.OpenFile(filepath.Join(dir, inventoryLayout.name), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(2 * pageSize); at < info.Size(); at += pageSize {
		if _, err := f.WriteAt([]byte{0xff, 0xff, 0xff}, at+pageHeader+40); err != nil {
			t.Fatal(err)
		}
	}
	f.Close()
	var damaged *DamagedError
	if err := s.Backup(t.Context(), io.Discard, backupPassphrase); !errors.As(err, &damaged) || damaged.File != inventoryLayout.name {
		t.Errorf("of a damaged file: %v", err)
	}
	for _, name := range fileNames(t, dir) {
		if strings.Contains(name, ".db"+copySuffix) {
			t.Errorf("%s was left behind", name)
		}
	}
}

type limitedWriter struct {
	left int64
	err  error
}

func (w *limitedWriter) Write(b []byte) (int, error) {
	if w.left -= int64(len(b)); w.left < 0 {
		return 0, w.err
	}
	return len(b), nil
}

// Whatever is sealed in a file, reading it as a backup ends with an answer.
func FuzzBackup(f *testing.F) {
	s := openIn(f, f.TempDir(), NewKey())
	plain, err := unwrap("backup", backupOf(f, s), backupPassphrase)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain[:4096])
	f.Add(plain)
	f.Add([]byte("age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := readArchive(bytes.NewReader(b), func(_ string, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		})
		if err == nil && !bytes.Contains(b, []byte("ledger.db")) {
			t.Error("a backup without a ledger")
		}
		var wrong *BackupError
		if _, err := CheckBackup(t.Context(), bytes.NewReader(b), backupPassphrase); !errors.As(err, &wrong) {
			t.Errorf("what nobody sealed: %v", err)
		}
	})
}
