package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"go.etcd.io/bbolt"
)

// Every file has this bucket. Its name sorts before all others, so that the
// check of a file meets it first.
const metaBucket = "_meta"

// The keys of the meta bucket. The head is the one value that is not sealed
// as a whole, and sorts first; the counts say how many keys each bucket has, so
// that a key that went missing is noticed.
var (
	headKey   = []byte("head")
	countsKey = []byte("sizes")
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
	name string
	db   *bbolt.DB
	seal *sealer
}

// head is what is known of a file before any of its values is opened.
type head struct {
	version uint16
	salt    []byte
	check   []byte // seals the version, to tell a wrong key from damage
}

func (h *head) bytes() []byte {
	b := binary.BigEndian.AppendUint16(nil, h.version)
	b = append(append(b, h.salt...), h.check...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// makeHead seals the version under a salt.
func makeHead(version uint16, salt, key []byte) (head, *sealer, error) {
	s, err := newSealer(key, salt)
	if err != nil {
		return head{}, nil, err
	}
	return head{version, salt, s.seal(nil, metaBucket, headKey, binary.BigEndian.AppendUint16(nil, version))}, s, nil
}

var errHead = errors.New("its head does not hold together")

// readHead undoes [head.bytes].
func readHead(b []byte) (head, error) {
	end := len(b) - sha256.Size
	if end < 2+saltSize {
		return head{}, errHead
	}
	if sum := sha256.Sum256(b[:end]); !bytes.Equal(sum[:], b[end:]) {
		return head{}, errHead
	}
	return head{binary.BigEndian.Uint16(b), bytes.Clone(b[2 : 2+saltSize]), bytes.Clone(b[2+saltSize : end])}, nil
}

// unlock makes the sealer of a file. The head is whole, so that a key that
// does not open it is a wrong key and no damage.
func (h *head) unlock(key []byte) (*sealer, error) {
	s, err := newSealer(key, h.salt)
	if err != nil {
		return nil, err
	}
	if _, err := s.open(nil, metaBucket, headKey, h.check); err != nil {
		return nil, ErrWrongKey
	}
	return s, nil
}

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
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("create %s: %w", l.name, err)
	}
	db, err := bbolt.Open(temporary, 0o600, boltOptions())
	if err != nil {
		return fmt.Errorf("create %s: %w", l.name, err)
	}
	f := &file{l.name, db, seal}
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
	if errors.Is(err, bbolt.ErrTimeout) {
		err = ErrInUse
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", l.name, err)
	}
	f := &file{name: l.name, db: db}
	if err := f.migrate(l, key, readOnly); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return f, nil
}

func (f *file) migrate(l *layout, key []byte, readOnly bool) error {
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
	for h.version < l.version() && !readOnly {
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
	return f.guard(doing, func() error {
		return f.db.View(func(b *bbolt.Tx) error { return fn(&tx{file: f, bolt: b}) })
	})
}

// update runs fn in a transaction that is durable when update returns nil,
// and else did not happen.
func (f *file) update(doing string, fn func(*tx) error) error {
	if f == nil || f.db.IsReadOnly() {
		return fmt.Errorf("%s: %w", doing, ErrReadOnly)
	}
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

// guard turns what bbolt makes of a damaged or unreadable file, a panic or a
// memory fault, into an error. Panel's own panics stay what they are.
func (f *file) guard(doing string, fn func() error) (err error) {
	before := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(before)
	defer func() {
		if r := recover(); r != nil {
			if !panicOfBolt(r) {
				panic(r)
			}
			err = &DamagedError{f.name, fmt.Errorf("%s: %v", doing, r)}
		}
	}()
	var damaged *DamagedError
	if err := fn(); errors.As(err, &damaged) {
		return err
	} else if err != nil {
		return fmt.Errorf("%s in %s: %w", doing, f.name, err)
	}
	return nil
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

func (f *file) close() error {
	if f == nil {
		return nil
	}
	return f.db.Close()
}

// tx is one transaction. It seals what is put and opens what is got, and
// keeps the counts.
type tx struct {
	*file
	bolt    *bbolt.Tx
	buckets map[string]*bbolt.Bucket
	cursors map[string]*bbolt.Cursor
	counts  map[string]int
	recount bool
	plain   []byte
}

// bucket returns a bucket that the layout promises.
func (t *tx) bucket(name string) *bbolt.Bucket {
	if b, ok := t.buckets[name]; ok {
		return b
	}
	b := t.bolt.Bucket([]byte(name))
	if b == nil {
		panic(&DamagedError{t.name, fmt.Errorf("it has no bucket %s", name)})
	}
	// Pages are filled to nine tenths: half as large a file as with bbolt's
	// half, because most keys are put in order and stay.
	b.FillPercent = 0.9
	if t.buckets == nil {
		t.buckets = make(map[string]*bbolt.Bucket)
	}
	t.buckets[name] = b
	return b
}

// raw returns what is stored under a key, nil when there is nothing. It is
// bbolt's Get without the memory that each call of that takes.
func (t *tx) raw(bucket string, key []byte) []byte {
	c := t.cursors[bucket]
	if c == nil {
		c = t.bucket(bucket).Cursor()
		if t.cursors == nil {
			t.cursors = make(map[string]*bbolt.Cursor)
		}
		t.cursors[bucket] = c
	}
	if k, value := c.Seek(key); bytes.Equal(k, key) {
		return value
	}
	return nil
}

// get returns a value, valid until the next call, nil when there is none.
func (t *tx) get(bucket string, key []byte) ([]byte, error) {
	sealed := t.raw(bucket, key)
	if sealed == nil {
		return nil, nil
	}
	return t.open(bucket, key, sealed)
}

// open is for values met by a cursor.
func (t *tx) open(bucket string, key, sealed []byte) ([]byte, error) {
	plain, err := t.seal.open(t.plain[:0], bucket, key, sealed)
	if err != nil {
		return nil, &DamagedError{t.name, err}
	}
	t.plain = plain
	return plain, nil
}

// put stores a value. Puts in the order of the keys are much cheaper.
func (t *tx) put(bucket string, key, plain []byte) error {
	b := t.bucket(bucket)
	if t.raw(bucket, key) == nil {
		if err := t.count(bucket, 1); err != nil {
			return err
		}
	}
	return b.Put(key, t.seal.seal(nil, bucket, key, plain))
}

// delete takes a key out, if it is there.
func (t *tx) delete(bucket string, key []byte) error {
	if t.raw(bucket, key) == nil {
		return nil
	}
	if err := t.count(bucket, -1); err != nil {
		return err
	}
	return t.bucket(bucket).Delete(key)
}

// each calls fn with every key that has the prefix and is not less than from,
// in order, and its value, which is valid during the call.
func (t *tx) each(bucket string, prefix, from []byte, fn func(key, plain []byte) error) error {
	c := t.bucket(bucket).Cursor()
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	for k, v := c.Seek(from); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		plain, err := t.open(bucket, k, v)
		if err != nil {
			return err
		}
		if err := fn(k, plain); err != nil {
			return err
		}
	}
	return nil
}

// errStop ends a walk that has met what it looked for.
var errStop = errors.New("stop")

// size returns how many keys a bucket has.
func (t *tx) size(bucket string) (int, error) {
	err := t.count(bucket, 0)
	return t.counts[bucket], err
}

func (t *tx) count(bucket string, n int) error {
	if t.counts == nil {
		plain, err := t.get(metaBucket, countsKey)
		if err != nil {
			return err
		}
		if t.counts, err = readCounts(plain); err != nil {
			return &DamagedError{t.name, err}
		}
	}
	t.counts[bucket] += n
	t.recount = t.recount || n != 0
	return nil
}

func (t *tx) putCounts() error {
	if !t.recount {
		return nil
	}
	plain := writeCounts(t.counts)
	return t.bucket(metaBucket).Put(countsKey, t.seal.seal(nil, metaBucket, countsKey, plain))
}

type bucketCount struct {
	bucket string
	n      int64
}

func countsFields(c *coder, all *[]bucketCount) {
	c.list(len(*all),
		func(n int) { *all = makeList[bucketCount](n) },
		func(i int) { c.str(&(*all)[i].bucket); c.num(&(*all)[i].n) })
}

func writeCounts(counts map[string]int) []byte {
	var all []bucketCount
	for name, n := range counts {
		all = append(all, bucketCount{name, int64(n)})
	}
	return encode(new(coder), countsFields, &all)
}

func readCounts(plain []byte) (map[string]int, error) {
	var all []bucketCount
	if !decode(new(coder), countsFields, plain, &all) {
		return nil, errors.New("its counts cannot be read")
	}
	counts := make(map[string]int, len(all))
	for _, one := range all {
		counts[one.bucket] = int(one.n)
	}
	return counts, nil
}

// stopped returns ctx's error at every thousandth n.
func stopped(ctx context.Context, n int) error {
	if n%1000 == 0 {
		return ctx.Err()
	}
	return nil
}
