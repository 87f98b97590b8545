package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const notesBucket = "notes"

// ledgerLayout is the file of what no sync brings back.
var ledgerLayout = layout{
	name:    "ledger.db",
	buckets: []string{notesBucket, journalBucket, packsBucket, bookBucket, roundsBucket, scansBucket},
	steps:   []step{func(*tx) error { return nil }}, // the journal's buckets came
}

const (
	// snapshotEvery is how much of the ledger's changes may be lost with its
	// file.
	snapshotEvery = 10 * time.Minute
	// snapshotsKept are as many as the user may go back.
	snapshotsKept = 5
)

// Ledger is what no sync brings back: settings, decisions, holds, and who
// holds what. It is safe for concurrent use.
type Ledger struct {
	file *file
	dir  string
	key  []byte

	journal journal

	taking sync.Mutex // held while a snapshot is taken: one at a time

	mu sync.Mutex // guards the rest
	// dirty since the newest snapshot, and last so at written; due fires for it.
	dirty   bool
	written time.Time
	last    time.Time
	due     *time.Timer
	ended   bool
}

func newLedger(f *file, dir string, key []byte, readOnly bool) (*Ledger, error) {
	l := &Ledger{file: f, dir: dir, key: key}
	if all, err := snapshots(dir); err == nil && len(all) > 0 && !snapshotTime(all[0]).After(time.Now()) {
		l.last = snapshotTime(all[0])
	}
	// What was written and never copied, because Panel was killed.
	if info, err := os.Stat(filepath.Join(dir, ledgerLayout.name)); err == nil && !readOnly {
		l.dirty = info.ModTime().After(l.last)
	}
	if err := l.load(); err != nil {
		return nil, err
	}
	return l, nil
}

// Doc returns a document, nil when there is none.
func (l *Ledger) Doc(name string) (value []byte, err error) {
	err = l.file.view("read a note", func(t *tx) error {
		value, err = t.doc(notesBucket, name)
		return err
	})
	return value, err
}

// PutDoc stores a document durably; nil deletes it.
func (l *Ledger) PutDoc(ctx context.Context, name string, value []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := l.file.update("write a note", func(t *tx) error { return t.putDoc(notesBucket, name, value) })
	if err == nil {
		l.changed()
	}
	return err
}

// Changed is when something was last written to the ledger since it was opened, the
// zero time when nothing was.
func (l *Ledger) Changed() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written
}

// changed sees to it that the change is in a snapshot soon.
func (l *Ledger) changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dirty, l.written = true, time.Now()
	if l.due == nil && !l.ended {
		// Even if the clock was set back since the last one.
		wait := min(max(0, time.Until(l.last.Add(snapshotEvery))), snapshotEvery)
		l.due = time.AfterFunc(wait, func() {
			// A snapshot that fails is tried again after the next change; the
			// ledger itself is whole.
			_ = l.Snapshot(context.Background())
		})
	}
}

// Snapshot copies the ledger to a file of its own if it has changed since the
// last one, and drops the oldest beyond five. To be called before anything
// big is done to it; otherwise it happens by itself.
func (l *Ledger) Snapshot(ctx context.Context) error {
	l.taking.Lock()
	defer l.taking.Unlock()
	// What is written while it is copied belongs to the next one.
	if !l.begin() {
		return nil
	}
	at, err := copyLedger(ctx, l.dir, l.file, &ledgerLayout, l.key)
	l.end(at, err == nil)
	if err != nil {
		return fmt.Errorf("take a snapshot of the ledger: %w", err)
	}
	return l.dropOld()
}

// begin tells whether there is something to take a snapshot of.
func (l *Ledger) begin() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.due != nil {
		l.due.Stop()
		l.due = nil
	}
	take := l.dirty && !l.ended
	l.dirty = false
	return take
}

func (l *Ledger) end(at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ok {
		l.last = at
	} else {
		l.dirty = true
	}
}

// copyLedger writes a snapshot of a ledger into a data folder, looks whether it
// is good, and returns when it was taken.
func copyLedger(ctx context.Context, dir string, f *file, l *layout, key []byte) (time.Time, error) {
	if _, err := makeDir(snapshotDir(dir)); err != nil {
		return time.Time{}, err
	}
	at := time.Now().UTC().Truncate(time.Millisecond)
	return at, f.copyTo(ctx, filepath.Join(snapshotDir(dir), snapshotName(at)), l, key)
}

func (l *Ledger) dropOld() error {
	all, err := snapshots(l.dir)
	for _, name := range all[min(snapshotsKept, len(all)):] {
		err = errors.Join(err, os.Remove(filepath.Join(snapshotDir(l.dir), name)))
	}
	return err
}

// close takes a snapshot of what has changed, and ends the rest.
func (l *Ledger) close() error {
	before := l.newest()
	// Without room for it the ledger is still whole, and the next use of the
	// folder takes the snapshot.
	_ = l.Snapshot(context.Background())
	l.journal.writing.Lock() // a pack that is being made is finished
	defer l.journal.writing.Unlock()
	var err error
	if l.newest() != before {
		err = l.thinOut()
	}
	l.taking.Lock() // one that is being taken is finished
	defer l.taking.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	if l.due != nil {
		l.due.Stop()
	}
	return errors.Join(err, l.file.close())
}

// newest is when the newest snapshot was taken, zero if there is none.
func (l *Ledger) newest() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// thinOut drops the snapshot before the newest if it follows too closely on
// the one before: many short uses of Panel must not push out what is older.
func (l *Ledger) thinOut() error {
	all, err := snapshots(l.dir)
	if err != nil || len(all) < 3 || snapshotTime(all[1]).Sub(snapshotTime(all[2])) >= snapshotEvery {
		return err
	}
	return os.Remove(filepath.Join(snapshotDir(l.dir), all[1]))
}

func snapshotDir(dir string) string { return filepath.Join(dir, "snapshots") }

func snapshotName(at time.Time) string { return "ledger-" + at.Format(stampLayout) + ".db" }

// snapshotTime undoes snapshotName; zero for any other name.
func snapshotTime(name string) time.Time {
	t, _ := time.Parse("ledger-"+stampLayout+".db", name)
	return t
}

// snapshots lists the names of the snapshots in a data folder, newest first.
// Those of a time that has not come were taken by a clock that was wrong, and
// stand last.
func snapshots(dir string) ([]string, error) {
	entries, err := os.ReadDir(snapshotDir(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the snapshots: %w", err)
	}
	var names []string
	for _, e := range entries {
		if !snapshotTime(e.Name()).IsZero() {
			names = append(names, e.Name())
		}
	}
	now := snapshotName(time.Now().UTC())
	slices.SortFunc(names, func(a, b string) int {
		if ahead := a > now; ahead != (b > now) {
			if ahead {
				return 1
			}
			return -1
		}
		return strings.Compare(b, a)
	})
	return names, nil
}

// restoreSnapshot puts the newest good snapshot in the ledger's place and
// returns when it was taken, zero when there is no good one.
func restoreSnapshot(ctx context.Context, dir string, key []byte) (time.Time, error) {
	names, err := snapshots(dir)
	if err != nil {
		return time.Time{}, err
	}
	for _, name := range names {
		from := filepath.Join(snapshotDir(dir), name)
		_, err := verify(ctx, from, &ledgerLayout, key)
		var damaged *DamagedError
		if errors.As(err, &damaged) {
			continue
		}
		if err == nil {
			err = copyFile(filepath.Join(dir, ledgerLayout.name), from)
		}
		if err != nil {
			return time.Time{}, fmt.Errorf("restore the ledger from %s: %w", name, err)
		}
		return snapshotTime(name), nil
	}
	return time.Time{}, nil
}

func copyFile(to, from string) error {
	return replace(to, func(w io.Writer) error {
		r, err := os.Open(from)
		if err != nil {
			return err
		}
		_, err = io.Copy(w, r)
		return errors.Join(err, r.Close())
	}, nil)
}
