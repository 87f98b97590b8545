package storage

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// step brings a file from one schema version to the next, in one transaction.
type step func(*tx) error

// layout is what one of the two files is made of.
type layout struct {
	name    string // of the file
	buckets []string
	tables  []table
	// steps[i] leads from version i+1 to i+2. A new file starts with the
	// newest version.
	steps []step
}

// allBuckets are those of bbolt.
func (l *layout) allBuckets() []string {
	all := append([]string{metaBucket}, l.buckets...)
	for _, t := range l.tables {
		all = append(all, t.rows, t.ids)
	}
	return all
}

func (l *layout) version() uint16 { return uint16(len(l.steps) + 1) }

// file is an open bbolt file whose values are sealed. Its methods are safe
// for concurrent use.
type file struct {
	name     string
	readOnly bool
	seal     *sealer
	// swapping is held for reading by whoever uses db, and for writing by what
	// puts another file in its place.
	swapping sync.RWMutex
	db       *bbolt.DB
	// lost is set once bbolt panicked: it may have done so with its locks
	// held, and is not called again.
	lost atomic.Pointer[DamagedError]
	// old: it is of an older version and was opened for reading, so that it may
	// lack buckets, which then are empty.
	old bool
}

// pageSize is that of new files. With pages four times as large as bbolt's own
// choice an import takes a sixth less time, and less is left empty at the end
// of a page; a change of one record writes some more bytes.
const pageSize = 16 << 10

func boltOptions() *bbolt.Options {
	return &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType, NoStatistics: true}
}

// createFile makes an empty file, whole or not at all: bbolt says that a
// power cut while a file is first written may leave it unusable.
func createFile(dir string, l *layout, key []byte) error {
	path := filepath.Join(dir, l.name)
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	h, seal, err := makeHead(l.version(), salt, key)
	if err != nil {
		return fmt.Errorf("create %s: %w", l.name, err)
	}
	temporary := path + newSuffix
	if err := removed(temporary); err != nil {
		return fmt.Errorf("create %s: %w", l.name, err)
	}
	o := boltOptions()
	o.PageSize = pageSize
	db, err := bbolt.Open(temporary, 0o600, o)
	if err != nil {
		return fmt.Errorf("create %s: %w", l.name, err)
	}
	f := &file{name: l.name, db: db, seal: seal}
	err = f.update("create", func(t *tx) error {
		for _, name := range l.allBuckets() {
			if _, err := t.bolt.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		t.counts, t.recount = map[string]int{}, true
		return t.bucket(metaBucket).Put(headKey, h.bytes())
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("create %s: %w", l.name, err)
	}
	return syncDir(dir)
}

// openFile opens a file that [verify] found whole, and migrates it.
func openFile(dir string, l *layout, key []byte, readOnly bool) (*file, error) {
	o := boltOptions()
	o.ReadOnly = readOnly
	db, err := bbolt.Open(filepath.Join(dir, l.name), 0o600, o)
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = ErrInUse
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", l.name, err)
	}
	f := &file{name: l.name, db: db, readOnly: readOnly}
	if err := f.migrate(dir, l, key, readOnly); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return f, nil
}

// migrate brings the file to the newest version, a ledger after a snapshot.
func (f *file) migrate(dir string, l *layout, key []byte, readOnly bool) error {
	var h head
	err := f.view("read the head", func(t *tx) (err error) {
		if h, err = readHead(t.bucket(metaBucket).Get(headKey)); err != nil {
			return &DamagedError{f.name, err}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if f.seal, err = h.unlock(key); err != nil {
		return fmt.Errorf("open %s: %w", f.name, err)
	}
	if f.old = readOnly && h.version < l.version(); readOnly || h.version == l.version() {
		return nil
	}
	if l.name == ledgerLayout.name {
		if _, err := copyLedger(context.Background(), dir, f, l, key); err != nil {
			return fmt.Errorf("take a snapshot of the ledger: %w", err)
		}
	}
	for h.version < l.version() {
		next, _, err := makeHead(h.version+1, h.salt, key)
		if err != nil {
			return err
		}
		err = f.update(fmt.Sprintf("migrate to version %d", next.version), func(t *tx) error {
			for _, name := range l.allBuckets() {
				if _, err := t.bolt.CreateBucketIfNotExists([]byte(name)); err != nil {
					return err
				}
			}
			if err := l.steps[h.version-1](t); err != nil {
				return err
			}
			return t.bucket(metaBucket).Put(headKey, next.bytes())
		})
		if err != nil {
			return err
		}
		h = next
	}
	return nil
}

// view runs fn in a transaction that sees one state of the file. A nil file
// is an empty one: fn is not called.
func (f *file) view(doing string, fn func(*tx) error) error {
	if f == nil {
		return nil
	}
	f.swapping.RLock()
	defer f.swapping.RUnlock()
	return f.guard(doing, func() error {
		return f.db.View(func(b *bbolt.Tx) error { return fn(&tx{file: f, bolt: b}) })
	})
}

// update runs fn in a transaction that is durable when update returns nil,
// and else did not happen.
func (f *file) update(doing string, fn func(*tx) error) error {
	if err := f.writable(doing); err != nil {
		return err
	}
	f.swapping.RLock()
	defer f.swapping.RUnlock()
	return f.guard(doing, func() error {
		return f.db.Update(func(b *bbolt.Tx) error {
			t := &tx{file: f, bolt: b}
			if err := fn(t); err != nil {
				return err
			}
			return t.putCounts()
		})
	})
}

func (f *file) writable(doing string) error {
	if f == nil || f.readOnly {
		return fmt.Errorf("%s: %w", doing, ErrReadOnly)
	}
	return nil
}

// guard turns what bbolt makes of a damaged or unreadable file, a panic or a
// memory fault, into an error. Panel's own panics stay what they are.
func (f *file) guard(doing string, fn func() error) error {
	if lost := f.lost.Load(); lost != nil {
		return lost
	}
	var damaged *DamagedError
	if err := f.caught(doing, fn); errors.As(err, &damaged) {
		return err
	} else if err != nil {
		return fmt.Errorf("%s in %s: %w", doing, f.name, err)
	}
	return nil
}

// caught runs fn and makes an error of what bbolt makes of a damaged or
// unreadable file. Every goroutine that reads the file needs it: Go sets for
// each whether a memory fault is a panic.
func (f *file) caught(doing string, fn func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *DamagedError:
			err = r
		default:
			if !panicOfBolt(r) {
				panic(r)
			}
			lost := &DamagedError{f.name, fmt.Errorf("%s: %v", doing, r)}
			f.lost.Store(lost)
			err = lost
		}
	}()
	return fn()
}

// panicOfBolt tells whether the recovered panic is a fault of mapped memory or
// began in bbolt. It is to be called by the deferred function itself.
func panicOfBolt(r any) bool {
	if fault, ok := r.(interface{ Addr() uintptr }); ok && fault.Addr() != 0 {
		return true
	}
	pc := make([]uintptr, 16)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") {
			return strings.HasPrefix(frame.Function, "go.etcd.io/bbolt")
		}
		if !more {
			return false
		}
	}
}

// rewrite makes the file, in its folder, anew of what is in it, so that nothing
// is left of what was taken out: bbolt keeps the pages that nothing uses as they
// were. It waits until nobody reads, and everybody waits for it. Where it fails,
// the file is the old or the new one, whole; should that not open again, nobody
// can use it until the next start.
func (f *file) rewrite(ctx context.Context, dir string, l *layout, key []byte) error {
	if err := f.writable("rewrite"); err != nil {
		return err
	}
	f.swapping.Lock()
	defer f.swapping.Unlock()
	path := filepath.Join(dir, l.name)
	temporary := path + newSuffix
	err := f.guard("rewrite", func() error { return compact(temporary, f.db) })
	if err == nil {
		_, err = verify(ctx, temporary, l, key)
	}
	if err != nil {
		return errors.Join(err, removed(temporary))
	}
	err = f.db.Close() // before the rename, for the sake of Windows
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err == nil {
		err = syncDir(dir)
	}
	db, opening := bbolt.Open(path, 0o600, boltOptions())
	if opening != nil {
		lost := &DamagedError{f.name, fmt.Errorf("open it again: %w", opening)}
		f.lost.Store(lost)
		return errors.Join(err, lost)
	}
	f.db = db
	return errors.Join(err, removed(temporary))
}

// compact copies all that is in a file to a new one.
func compact(path string, from *bbolt.DB) error {
	if err := removed(path); err != nil {
		return err
	}
	o := boltOptions()
	o.PageSize = from.Info().PageSize
	to, err := bbolt.Open(path, 0o600, o)
	if err != nil {
		return err
	}
	return errors.Join(bbolt.Compact(to, from, 64<<20), to.Close())
}

// removed sees to it that there is no such file.
func removed(path string) error {
	if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) { //nolint:gosec // below the technician's own folder
		return err
	}
	return nil
}

func (f *file) close() error {
	if f == nil {
		return nil
	}
	if f.lost.Load() == nil {
		f.swapping.Lock()
		defer f.swapping.Unlock()
		return f.db.Close()
	}
	closed := make(chan error, 1)
	go func() { closed <- f.db.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeWait): // it waits for a lock that nobody will free
		return nil
	}
}

// closeWait is for how long bbolt may take to close a file in which it
// panicked.
const closeWait = time.Second
