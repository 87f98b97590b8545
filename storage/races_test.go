package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"panel/directory"
)

// Who waits for the lock while a restore ends opens what was restored, and
// leaves its record as it is.
func TestOpenWhileARestoreEnds(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	openIn(t, dir, key).Close()
	lock, err := lockFolder(t.Context(), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	began, opened := make(chan struct{}), make(chan error, 1)
	go func() {
		close(began)
		s, err := Open(context.Background(), Options{Dir: dir, Key: key})
		if err == nil {
			err = s.Close()
		}
		opened <- err
	}()
	<-began
	<-time.After(200 * time.Millisecond) // it has read the record by then, and waits for at most a second
	restored := folderRecord{Format: 1, ID: "of-the-restored", Vault: KindMemory}
	if err := writeFolder(dir, restored); err != nil {
		t.Fatal(err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	if now, err := readFolder(dir); now != restored || err != nil {
		t.Errorf("the record is %+v, %v", now, err)
	}
}

// The disk gives a page back while several goroutines work on a transaction:
// an error, as on one.
func TestFaultInOneOfSeveral(t *testing.T) {
	dir := t.TempDir()
	s := openIn(t, dir, NewKey())
	var accounts []directory.Account
	for i := range 3000 {
		accounts = append(accounts, directory.Account{Cloud: directory.Google, ID: fmt.Sprint(i), Primary: fmt.Sprint(i, "@example.com")})
	}
	b := directory.Batch{Cloud: directory.Google, Listing: directory.People, Run: "r", At: time.Now(), Accounts: accounts}
	if _, err := s.Inventory.Apply(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	f := s.Inventory.file
	err := f.update("test", func(x *tx) error {
		if err := os.Truncate(filepath.Join(dir, inventoryLayout.name), 32<<10); err != nil {
			return err
		}
		read := func() error { x.raw(googleTable.ids, []byte("1500")); return nil }
		return f.together("test", read, func() error { return nil })
	})
	var damaged *DamagedError
	if !errors.As(err, &damaged) {
		t.Errorf("%v", err)
	}
	if _, err := s.Inventory.Count(directory.Google, directory.People); !errors.As(err, &damaged) {
		t.Errorf("afterwards: %v", err)
	}
}

// A clock that was years ahead for a day must not keep snapshots from being
// taken, kept and restored afterwards.
func TestSnapshotsOfTheFuture(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	s := openIn(t, dir, key)
	if _, err := makeDir(snapshotDir(dir)); err != nil {
		t.Fatal(err)
	}
	for i := range snapshotsKept {
		at := time.Now().UTC().AddDate(4, 0, i)
		if err := s.Ledger.file.copyTo(t.Context(), filepath.Join(snapshotDir(dir), snapshotName(at)), &ledgerLayout, key); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	s = openIn(t, dir, key)
	if err := s.Ledger.PutDoc(t.Context(), "x", []byte("1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Ledger.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := os.WriteFile(filepath.Join(dir, ledgerLayout.name), make([]byte, 70_000), 0o600); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	if v, err := s.Ledger.Doc("x"); string(v) != "1" || err != nil {
		t.Errorf("after the damage: %q, %v; %+v", v, err, s.Losses)
	}
}

// countdown ends after so many looks at it.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// What was brought back before an error is told beside it: else nobody would
// keep it from the next removals.
func TestRestoreTellsOfWhatItDid(t *testing.T) {
	const n = 2*batchSize + 10
	var accounts []directory.Account
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("id%06d", i))
		accounts = append(accounts, directory.Account{Cloud: directory.Google, ID: ids[i], Primary: ids[i] + "@example.com"})
	}
	b := directory.Batch{Cloud: directory.Google, Listing: directory.People, At: time.Now()}
	partly := false
	for looks := int64(5); looks < 100 && !partly; looks += 4 {
		v := openIn(t, t.TempDir(), NewKey()).Inventory
		in, out, back := b, b, b
		in.Run, in.Accounts, out.Run, out.Gone, back.Run = "r1", accounts, "r2", ids, "r3"
		for _, b := range []directory.Batch{in, out} {
			if _, err := v.Apply(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		ctx := &countdown{Context: t.Context()}
		ctx.left.Store(looks)
		got, err := v.Restore(ctx, "r2", back)
		stored, countErr := v.Count(directory.Google, directory.People)
		if countErr != nil {
			t.Fatal(countErr)
		}
		if len(got) != stored {
			t.Fatalf("it told of %d, and %d are back; %v", len(got), stored, err)
		}
		partly = err != nil && stored > 0
	}
	if !partly {
		t.Error("it never ended in the middle: the test is blind")
	}
}
