package storage

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// restoreVictim names the backup that the test binary restores into the crash
// folder until it is killed.
const restoreVictim = "PANEL_CRASH_RESTORE"

// beKilledRestoring restores a backup, and says when it begins.
func beKilledRestoring(dir, backup string) error {
	v, err := OpenSealed(dir, "vault passphrase")
	if err != nil {
		return err
	}
	f, err := os.Open(backup)
	if err != nil {
		return err
	}
	fmt.Println("restoring")
	_, err = Restore(context.Background(), RestoreOptions{Dir: dir, Vault: v, Backup: f, Passphrase: backupPassphrase})
	fmt.Println("restored")
	return err
}

// A restore that is killed leaves the old data or the new, whole, and never
// neither.
func TestRestoreKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	root := quickDir(t)
	dir := filepath.Join(root, "data")
	vault := vaults[KindPassphrase](t)
	s := filled(t, dir, vault(dir))
	want, err := look(t, s)
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(root, "backup")
	if err := errors.Join(os.WriteFile(backup, backupOf(t, s), 0o600), s.Close()); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 4))
	restored := map[bool]int{}
	for i := range 25 {
		s, err := Open(t.Context(), Options{Dir: dir, Vault: vault(dir)})
		if err != nil {
			t.Fatal(err)
		}
		mark := fmt.Sprint("before ", i)
		if err := errors.Join(s.Ledger.PutDoc(t.Context(), "note0", []byte(mark)), s.Close()); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), crashFolder+"="+dir, restoreVictim+"="+backup)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == "restoring" {
				time.AfterFunc(time.Duration(r.IntN(300))*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Wait() // it was killed, or was done
		got := lookInto(t, dir, vault(dir))
		isOld := strings.HasPrefix(got.notes, mark)
		if !isOld && !same(got, want) {
			t.Fatalf("after kill %d it is neither: %.40q", i, got.notes)
		}
		restored[!isOld]++
		for _, name := range fileNames(t, dir) {
			if base := filepath.Base(name); base == stagingName || strings.HasPrefix(base, decidedPrefix) || strings.HasPrefix(base, movingPrefix) {
				t.Errorf("after kill %d: %s", i, base)
			}
		}
	}
	t.Logf("%d times it was restored, %d times it was not", restored[true], restored[false])
	if len(restored) < 2 {
		t.Error("all kills came too early, or too late")
	}
}

// A folder that could not be given a key is not there afterwards; one that was
// there before stays.
func TestNoFolderWithoutAKey(t *testing.T) {
	for _, state := range []VaultState{VaultLocked, VaultUnavailable, VaultHung, VaultMissing} {
		parent := t.TempDir()
		for _, dir := range []string{filepath.Join(parent, "data"), parent} {
			if _, err := Open(t.Context(), Options{Dir: dir, Vault: failing{state}}); StateOf(err) != state {
				t.Errorf("%s: %v", state, err)
			}
			if names := fileNames(t, parent); !slices.Equal(names, []string{parent}) {
				t.Errorf("%s: left behind: %q", state, names)
			}
		}
	}
}

// However often the lock of a folder goes away with it, one at a time has it.
func TestLockOfAFolderThatGoes(t *testing.T) {
	dir := quickDir(t)
	var inside, had atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for had.Load() < 500 && !t.Failed() {
				lock, err := tryLockFolder(dir, false)
				if err != nil {
					t.Error(err)
				}
				if lock == nil {
					continue
				}
				if n := inside.Add(1); n > 1 {
					t.Errorf("%d have the folder", n)
				}
				runtime.Gosched()
				inside.Add(-1)
				had.Add(1)
				if err := removeLock(lock); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// The ledger of before a migration is in a snapshot.
func TestSnapshotBeforeMigration(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	old := layout{name: ledgerLayout.name, buckets: []string{notesBucket}}
	if err := createFile(dir, &old, key); err != nil {
		t.Fatal(err)
	}
	now := old
	now.steps = []step{func(t *tx) error { return t.putDoc(notesBucket, "a", []byte("migrated")) }}
	for range 2 {
		f, err := openFile(dir, &now, key, false)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.close(); err != nil {
			t.Fatal(err)
		}
	}
	all, err := snapshots(dir)
	if err != nil || len(all) != 1 {
		t.Fatalf("snapshots: %q, %v", all, err)
	}
	f, err := openFile(snapshotDir(dir), &layout{name: all[0], buckets: old.buckets}, key, true)
	if err != nil {
		t.Fatal(err)
	}
	err = f.view("read", func(tx *tx) error {
		if doc, err := tx.doc(notesBucket, "a"); doc != nil || err != nil {
			t.Errorf("the snapshot has %q, %v", doc, err)
		}
		return nil
	})
	if err := errors.Join(err, f.close()); err != nil {
		t.Error(err)
	}
}

// Nothing of Panel's is left, in the folder and in the vault; what is not
// Panel's stays.
func TestErase(t *testing.T) {
	for kind, make := range vaults {
		t.Run(kind, func(t *testing.T) {
			vault := make(t)
			parent := t.TempDir()
			dir := filepath.Join(parent, "data")
			s := filled(t, dir, vault(dir))
			backup := backupOf(t, s)
			if err := errors.Join(s.Vault.Set(t.Context(), "token", "1"), s.SetRecovery("a recovery passphrase"), s.Close()); err != nil {
				t.Fatal(err)
			}
			mustRestore(t, dir, vault(dir), backup)
			for _, name := range []string{"inventory.db.damaged-20260101T000000.000Z", "vault.age.new", "panel.json.new", "ledger.db.copy"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.MkdirAll(filepath.Join(dir, LogFolder), 0o700); err != nil {
				t.Fatal(err)
			}
			foreign := filepath.Join(dir, "mine.txt")
			if err := os.WriteFile(foreign, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			v := vault(dir)
			open, err := Open(t.Context(), Options{Dir: dir, Vault: v})
			if err != nil {
				t.Fatal(err)
			}
			if err := Erase(t.Context(), dir, v, "token"); !errors.Is(err, ErrInUse) {
				t.Errorf("while it is open: %v", err)
			}
			if err := errors.Join(open.Close(), Erase(t.Context(), dir, v, "token")); err != nil {
				t.Fatal(err)
			}
			if names := fileNames(t, parent); !slices.Equal(names, []string{parent, dir, foreign}) {
				t.Errorf("left: %q", names)
			}
			if k, ok := v.(otherKind); ok {
				if left := k.Vault.(*Memory).values; len(left) > 0 {
					t.Errorf("left in the keychain: %v", left)
				}
			}
			if err := os.Remove(foreign); err != nil {
				t.Fatal(err)
			}
			s = filled(t, dir, v) // anew
			if err := errors.Join(s.Close(), Erase(t.Context(), dir, v, "token")); err != nil {
				t.Fatal(err)
			}
			if names := fileNames(t, parent); !slices.Equal(names, []string{parent}) {
				t.Errorf("left: %q", names)
			}
		})
	}
}

// stubborn is a vault that deletes only so often.
type stubborn struct {
	Vault
	times int
}

func (v *stubborn) Delete(ctx context.Context, name string) error {
	if v.times--; v.times < 0 {
		return &VaultError{State: VaultLocked}
	}
	return v.Vault.Delete(ctx, name)
}

// An erasure that fails says how far it came, and can be gone on with.
func TestEraseFails(t *testing.T) {
	v := &stubborn{Vault: otherKind{new(Memory)}}
	dir := filepath.Join(t.TempDir(), "data")
	s := filled(t, dir, v)
	if err := errors.Join(s.Vault.Set(t.Context(), "token", "1"), s.Close()); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	var half *EraseError
	if err := Erase(t.Context(), dir, v, "token"); StateOf(err) != VaultLocked || errors.As(err, &half) {
		t.Errorf("a locked keychain: %v", err)
	}
	v.times = 1
	if err := Erase(t.Context(), dir, v, "token"); !errors.As(err, &half) || !half.Secrets || half.Left != nil || StateOf(err) != VaultLocked {
		t.Errorf("a keychain that is locked meanwhile: %v", err)
	}
	if !slices.Equal(contents(t, dir), before) {
		t.Error("files were erased before the secrets")
	}
	v.times = 100
	stuck := filepath.Join(dir, "snapshots")
	if os.Geteuid() == 0 {
		immutable(t, filepath.Join(stuck, must(snapshots(dir))[0]))
	} else if err := os.Chmod(stuck, 0o500); err != nil {
		t.Fatal(err)
	}
	err := Erase(t.Context(), dir, v, "token")
	if !errors.As(err, &half) || !slices.Equal(half.Left, []string{"snapshots"}) || half.Secrets {
		t.Errorf("a folder that stays: %v", err)
	}
	if _, err := readFolder(dir); err != nil {
		t.Errorf("the record went before the rest: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, ledgerLayout.name)); !os.IsNotExist(err) {
		t.Errorf("the ledger stayed: %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// immutable makes a file that not even root can remove, until the test ends.
func immutable(t *testing.T, path string) {
	t.Helper()
	if out, err := exec.Command("chattr", "+i", path).CombinedOutput(); err != nil {
		t.Skipf("no file can be made immutable here: %s", bytes.TrimSpace(out))
	}
	t.Cleanup(func() { _ = exec.Command("chattr", "-i", path).Run() })
}

// A check finds what is wrong with each file, changes nothing, and goes on
// after the first.
func TestCheck(t *testing.T) {
	dir, key := filepath.Join(quickDir(t), "data"), NewKey()
	s := openIn(t, dir, key)
	district(t, s)
	stats, err := s.Inventory.Stats()
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	names, err := snapshots(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Check(t.Context(), Options{Dir: dir, Key: key})
	if err != nil || c.Stats != stats || stats.People == 0 || len(c.Snapshots) != len(names) || c.Ledger != (Finding{File: "ledger.db"}) || c.Inventory != (Finding{File: "inventory.db"}) {
		t.Errorf("a whole folder: %+v, %v", c, err)
	}
	damage := func(name string) {
		t.Helper()
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := 2 * pageSize; at < len(b); at += pageSize {
			b[at+pageHeader+40] ^= 0xff
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	damage("inventory.db")
	damage(filepath.Join("snapshots", names[1]))
	before := contents(t, dir)
	c, err = Check(t.Context(), Options{Dir: dir, Key: key})
	if err != nil || c.Ledger.Err != nil || c.Inventory.Err == nil || c.Snapshots[0].Err != nil || c.Snapshots[1].Err == nil {
		t.Errorf("damaged files: %+v, %v", c, err)
	}
	if !slices.Equal(contents(t, dir), before) {
		t.Error("the check changed something")
	}
	if err := os.Remove(filepath.Join(dir, "inventory.db")); err != nil {
		t.Fatal(err)
	}
	if c, err = Check(t.Context(), Options{Dir: dir, Key: key}); err != nil || !c.Inventory.Missing || c.Inventory.Err != nil {
		t.Errorf("a missing file: %+v, %v", c, err)
	}
	damage("ledger.db")
	if c, err = Check(t.Context(), Options{Dir: dir, Key: key}); err != nil || c.Ledger.Err == nil || len(c.Snapshots) != len(names) {
		t.Errorf("a damaged ledger: %+v, %v", c, err)
	}
	if err := os.Remove(filepath.Join(dir, "ledger.db")); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(t.Context(), Options{Dir: filepath.Join(dir, "nothing"), Key: key}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	if _, err := Check(t.Context(), Options{Dir: dir, Key: NewKey()}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("another key: %v", err)
	}
}
