package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"panel/directory"
)

// openIn opens a folder with a key in memory, and closes it with the test.
func openIn(t testing.TB, dir string, key []byte) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	closeWith(t, s)
	return s
}

// closeWith closes s at the end of the test, if the test has not.
func closeWith(t testing.TB, s *Store) {
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

func TestFolderIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the profile's own permissions count there")
	}
	dir := filepath.Join(t.TempDir(), "a", "data")
	s := openIn(t, dir, NewKey())
	district(t, s)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSecondInstance(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	for _, readOnly := range []bool{false, true} {
		start := time.Now()
		_, err := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: readOnly})
		if took := time.Since(start); !errors.Is(err, ErrInUse) || took > 1500*time.Millisecond {
			t.Errorf("read only %v: %v after %v", readOnly, err, took)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// Two readers do not mind each other, a writer does.
	a, errA := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true})
	b, errB := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true})
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Dir: dir, Key: key}); !errors.Is(err, ErrInUse) {
		t.Errorf("a writer beside readers: %v", err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestReadOnly(t *testing.T) {
	parent := t.TempDir()
	dir, key := filepath.Join(parent, "data"), NewKey()
	if _, err := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if names := fileNames(t, parent); len(names) != 1 {
		t.Errorf("it made %q", names)
	}
	s := openIn(t, dir, key)
	district(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	r, err := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	closeWith(t, r)
	if n, err := r.Inventory.Stats(); n.People == 0 || err != nil {
		t.Errorf("%+v, %v", n, err)
	}
	if err := r.Ledger.PutDoc(t.Context(), "a", []byte("b")); !errors.Is(err, ErrReadOnly) {
		t.Errorf("a write: %v", err)
	}
	if err := errors.Join(r.Close(), os.Remove(filepath.Join(dir, inventoryLayout.name))); err != nil {
		t.Fatal(err)
	}
	if r, err = Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	closeWith(t, r)
	if n, err := r.Inventory.Stats(); n != (Stats{}) || err != nil {
		t.Errorf("without its file: %+v, %v", n, err)
	}
}

// A file that a newer Panel wrote is left alone.
func TestNewerFile(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	newer := ledgerLayout
	newer.steps = append(slices.Clone(newer.steps), func(*tx) error { return nil })
	s := openIn(t, dir, key)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := openFile(dir, &newer, key, false) // migrates
	if err != nil {
		t.Fatal(err)
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	if _, err := Open(t.Context(), Options{Dir: dir, Key: key}); !errors.Is(err, ErrNewer) {
		t.Errorf("open: %v", err)
	}
	if !slices.Equal(before, contents(t, dir)) {
		t.Error("the refusal changed the files")
	}
}

// A migration happens once, whole or not at all, and in order.
func TestMigration(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	l := layout{name: "ledger.db", buckets: []string{notesBucket}}
	if err := createFile(dir, &l, key); err != nil {
		t.Fatal(err)
	}
	put := func(name string) step {
		return func(t *tx) error {
			order, err := t.doc(notesBucket, "order")
			if err != nil {
				return err
			}
			return t.putDoc(notesBucket, "order", append(order, name...))
		}
	}
	open := func() (string, error) {
		if _, err := verify(t.Context(), filepath.Join(dir, l.name), &l, key); err != nil {
			return "", err
		}
		f, err := openFile(dir, &l, key, false)
		if err != nil {
			return "", err
		}
		var order []byte
		err = f.view("read", func(t *tx) (err error) { order, err = t.doc(notesBucket, "order"); return err })
		return string(order), errors.Join(err, f.close())
	}
	failure := errors.New("no")
	l.steps = []step{put("1"), func(t *tx) error { return errors.Join(put("x")(t), failure) }}
	if _, err := open(); !errors.Is(err, failure) {
		t.Errorf("a step that fails: %v", err)
	}
	l.buckets = append(l.buckets, "new")
	l.steps[1] = put("2")
	for range 2 {
		if order, err := open(); order != "12" || err != nil {
			t.Errorf("the steps done: %q, %v", order, err)
		}
	}
}

// Names, addresses and serials are nowhere in the folder.
func TestNothingReadableOnDisk(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	b := directory.Batch{Cloud: directory.Google, Run: "run0"}
	for i := range 1000 {
		b.Accounts = append(b.Accounts, directory.Account{Cloud: directory.Google, ID: sampleID(i), DisplayName: fmt.Sprintf("Canary%04dName", i), Primary: fmt.Sprintf("canary%04dmail@x.example", i)})
		b.Chromebooks = append(b.Chromebooks, directory.Chromebook{DeviceID: sampleID(i), Serial: fmt.Sprintf("Canary%04dSerial", i)})
	}
	b.Listing = directory.People
	apply(t, s, b)
	for i := range b.Accounts {
		b.Accounts[i].FamilyName = fmt.Sprintf("Canary%04dFamily", i)
	}
	b.Docs = map[string][]byte{"doc": []byte("canary doc")}
	apply(t, s, b)
	b.Listing = directory.Chromebooks
	apply(t, s, b)
	if err := errors.Join(s.Ledger.PutDoc(t.Context(), "note", []byte("canary note")), s.Ledger.Snapshot(t.Context())); err != nil {
		t.Fatal(err)
	}
	for _, all := range contents(t, dir) {
		name, content, _ := strings.Cut(all, ":")
		if at := strings.Index(strings.ToLower(content), "canary"); at >= 0 {
			t.Errorf("%s holds %q", name, content[at:][:20])
		}
	}
}

// A value that was altered, or put in another's place, is an error and not
// shown.
func TestSwappedValues(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	district(t, s)
	f := s.Inventory.file
	a, b := sampleAccount(directory.Google, 10).ID, sampleAccount(directory.Google, 11).ID
	tamper := func(name string, how func(t *tx) error, read func() error) {
		t.Helper()
		before := contents(t, dir)
		if err := f.update("tamper", how); err != nil {
			t.Fatal(err)
		}
		var damaged *DamagedError
		if err := read(); !errors.As(err, &damaged) {
			t.Errorf("%s: read gives %v", name, err)
		}
		if err := check(t, s); !errors.As(err, &damaged) {
			t.Errorf("%s: check gives %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, all := range before {
			path, content, _ := strings.Cut(all, ":")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s = openIn(t, dir, key)
		f = s.Inventory.file
	}
	account := func() error { _, _, err := s.Inventory.Account(directory.Google, a); return err }
	ids, rows := googleTable.ids, googleTable.rows
	number := func(t *tx, id string) []byte { return t.bucket(ids).Get([]byte(id)) }

	tamper("two rows swapped", func(t *tx) error {
		one, other := bytes.Clone(t.bucket(rows).Get(number(t, a))), bytes.Clone(t.bucket(rows).Get(number(t, b)))
		return errors.Join(t.bucket(rows).Put(number(t, a), other), t.bucket(rows).Put(number(t, b), one))
	}, account)
	tamper("two ids swapped", func(t *tx) error {
		one, other := bytes.Clone(number(t, a)), bytes.Clone(number(t, b))
		return errors.Join(t.bucket(ids).Put([]byte(a), other), t.bucket(ids).Put([]byte(b), one))
	}, account)
	tamper("a record under another id", func(t *tx) error {
		_, sealed, err := splitRow(t.bucket(rows).Get(number(t, b)))
		return errors.Join(err, t.bucket(rows).Put(number(t, a), append(append([]byte{byte(len(a))}, a...), sealed...)))
	}, account)
	tamper("a record of another table", func(t *tx) error {
		return t.bucket(rows).Put(number(t, a), bytes.Clone(t.bucket(peopleTable.rows).Get(t.bucket(peopleTable.ids).Get([]byte("g:"+a)))))
	}, account)
	tamper("a document of another name", func(t *tx) error {
		return t.bucket(docsBucket).Put([]byte("other"), bytes.Clone(t.bucket(docsBucket).Get([]byte("cursor"))))
	}, func() error { _, err := s.Inventory.Doc("other"); return err })
	tamper("a flipped bit", func(t *tx) error {
		value := bytes.Clone(t.bucket(rows).Get(number(t, a)))
		value[len(value)-20] ^= 1
		return t.bucket(rows).Put(number(t, a), value)
	}, account)
}

// What the disk does to a file while it is mapped is an error too.
func TestDamageWhileOpen(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a mapped file cannot be cut there")
	}
	dir := quickDir(t)
	s, err := Open(t.Context(), Options{Dir: dir, Key: NewKey()})
	if err != nil {
		t.Fatal(err)
	}
	district(t, s)
	if err := os.Truncate(filepath.Join(dir, inventoryLayout.name), 8192); err != nil {
		t.Fatal(err)
	}
	var damaged *DamagedError
	if _, err := everything(t, s); !errors.As(err, &damaged) || damaged.File != inventoryLayout.name {
		t.Errorf("read: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}

// Panel's own mistakes are not taken for damage.
func TestOwnPanicsGoThrough(t *testing.T) {
	s := openIn(t, t.TempDir(), NewKey())
	defer func() {
		if r := recover(); r == nil {
			t.Error("the panic was swallowed")
		}
	}()
	_ = s.Inventory.file.view("stumble", func(*tx) error {
		return s.Losses[0].Err // there are none
	})
}

func TestSnapshots(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	for i := range 8 {
		if err := errors.Join(s.Ledger.PutDoc(t.Context(), "n", fmt.Append(nil, i)), s.Ledger.Snapshot(t.Context()), s.Ledger.Snapshot(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	names, err := snapshots(dir)
	if len(names) != 5 || err != nil {
		t.Fatalf("%q, %v", names, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// The ledger and its newest snapshots are damaged: an older one serves.
	for _, path := range []string{"ledger.db", "snapshots/" + names[0], "snapshots/" + names[1]} {
		if err := os.WriteFile(filepath.Join(dir, path), make([]byte, 16384), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = openIn(t, dir, key)
	if got, err := s.Ledger.Doc("n"); string(got) != "5" || err != nil {
		t.Errorf("restored %q, %v", got, err)
	}
	if len(s.Losses) != 1 || s.Losses[0].Restored != snapshotTime(names[2]) {
		t.Errorf("%+v", s.Losses)
	}
}

// Whoever forgets to ask for snapshots has one after ten minutes of change.
func TestSnapshotsByThemselves(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), Options{Dir: dir, Key: NewKey()})
		if err != nil {
			t.Fatal(err)
		}
		count := func(want int) {
			t.Helper()
			synctest.Wait()
			if names, err := snapshots(dir); len(names) != want || err != nil {
				t.Errorf("at %v: %q, %v, want %d", time.Now(), names, err, want)
			}
		}
		change := func() {
			t.Helper()
			if err := s.Ledger.PutDoc(context.Background(), "a", []byte(time.Now().String())); err != nil {
				t.Fatal(err)
			}
		}
		change() // the first change is the first to be lost
		time.Sleep(time.Second)
		count(1)
		change()
		time.Sleep(9 * time.Minute)
		change()
		count(1)
		time.Sleep(time.Minute)
		count(2)
		time.Sleep(time.Hour)
		count(2)
		change()
		time.Sleep(time.Second)
		count(3)
		change()
		if err := s.Close(); err != nil { // what has changed is in one more
			t.Fatal(err)
		}
		count(4)
	})
}

// A full disk is an error that says so, and loses nothing.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk needs root: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("unmount: %v: %s", err, out)
		}
	})
	key := NewKey()
	s := openIn(t, filepath.Join(dir, "data"), key)
	stored := 0
	for {
		b := directory.Batch{Cloud: directory.Google, Listing: directory.Chromebooks, Run: "1"}
		for i := range 200 {
			b.Chromebooks = append(b.Chromebooks, sampleChromebook(stored+i))
		}
		if _, err := s.Inventory.Apply(t.Context(), b); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil {
			t.Fatalf("the disk is full: %v", err)
		}
		stored += 200
	}
	check := func() {
		t.Helper()
		if n, err := s.Inventory.Count(directory.Google, directory.Chromebooks); n != stored || err != nil {
			t.Errorf("%d of %d are there, %v", n, stored, err)
		}
		if err := check(t, s); err != nil {
			t.Error(err)
		}
	}
	check()
	if err := s.Close(); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	s = openIn(t, filepath.Join(dir, "data"), key)
	check()
}

func TestMissingFile(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	if s.Losses != nil {
		t.Errorf("a new folder has losses: %+v", s.Losses)
	}
	if err := errors.Join(s.Ledger.PutDoc(t.Context(), "a", []byte("b")), s.Ledger.Snapshot(t.Context()), s.Close(), os.Remove(filepath.Join(dir, ledgerLayout.name))); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	if doc, err := s.Ledger.Doc("a"); string(doc) != "b" || err != nil || len(s.Losses) != 1 {
		t.Errorf("restored %q, %v, %+v", doc, err, s.Losses)
	}
	if err := errors.Join(s.Close(), os.Remove(filepath.Join(dir, ledgerLayout.name)), os.RemoveAll(snapshotDir(dir))); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	if len(s.Losses) != 1 || !s.Losses[0].Restored.IsZero() {
		t.Errorf("nothing to restore it from: %+v", s.Losses)
	}
}
