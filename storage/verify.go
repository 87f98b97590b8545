package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sync/errgroup"
)

// verify reads a whole file, whether or not it is open: every page is where it
// belongs, every key in order, every value opens, and no key is missing. It
// returns [ErrWrongKey], [ErrNewer], a [*DamagedError], an error of the system
// or nil. With stale, the file is whole and perhaps without its last change,
// because one of the two pages that say what is current does not hold together
// and nobody can know which was the newer. It holds no more than some pages in
// memory.
func verify(ctx context.Context, path string, l *layout, key []byte) (stale bool, err error) {
	v, err := inspect(ctx, path, l, key)
	return err == nil && v.metas < 2, err
}

// inspect is [verify] that returns what it has learnt of a whole file.
func inspect(ctx context.Context, path string, l *layout, key []byte) (*verifier, error) {
	r, err := os.Open(path) //nolint:gosec // in the technician's own folder
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	v := &verifier{ctx: ctx, r: r, size: info.Size(), layout: l, key: key, seed: maphash.MakeSeed()}
	err = v.run()
	var broken *brokenError
	if errors.As(err, &broken) || errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
		return nil, &DamagedError{l.name, err}
	}
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", l.name, err)
	}
	return v, nil
}

// brokenError is what is wrong with a file; any other error says nothing
// about it.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

func broken(format string, args ...any) error { return &brokenError{fmt.Sprintf(format, args...)} }

// verifier is what is known of the whole file.
type verifier struct {
	ctx    context.Context
	r      io.ReaderAt
	size   int64
	layout *layout
	key    []byte
	seed   maphash.Seed

	meta
	metas int // that are whole, of two

	// Once the meta bucket was walked:
	version uint16
	seal    *sealer
	stored  map[string]int // how many keys there are to be
}

// walk is a walk through one bucket, "" being that of buckets.
type walk struct {
	*verifier
	bucket string

	seen []bool // by page
	keys int
	// pairs is, for both buckets of a table, a digest of which ids belong to
	// which numbers, whatever their order.
	pairs   uint64
	buckets []bucketValue // only of the bucket of buckets
	// Room for what is looked at: a page for each depth, and a value.
	rooms [maxDepth + 2][]byte
	plain []byte
}

// bucketValue is what the bucket of buckets says of one.
type bucketValue struct {
	name  string
	value []byte
}

func (v *verifier) newWalk(bucket string) *walk {
	return &walk{verifier: v, bucket: bucket, seen: make([]bool, v.pages)}
}

func (v *verifier) run() error {
	if err := v.readMeta(); err != nil {
		return err
	}
	root := v.newWalk("")
	if _, err := root.node(v.root, nil, nil, 0); err != nil {
		return err
	}
	if len(root.buckets) == 0 || root.buckets[0].name != metaBucket {
		return broken("it has no head")
	}
	walks := make([]*walk, len(root.buckets))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, b := range root.buckets {
		walks[i] = v.newWalk(b.name)
		if i > 0 {
			group.Go(func() error { return walks[i].all(b.value) })
			continue
		}
		// The others need to know what is in the first.
		if err := walks[i].all(b.value); err != nil {
			return err
		}
		if v.seal == nil || v.stored == nil {
			return broken("it has no head")
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, w := range walks {
		if err := root.use(w.seen); err != nil {
			return err
		}
	}
	if err := v.compare(walks); err != nil {
		return err
	}
	return root.free()
}

// use adds the pages that another walk has seen.
func (w *walk) use(seen []bool) error {
	for id, yes := range seen {
		if yes && w.seen[id] {
			return broken("page %d is used twice", id)
		}
		w.seen[id] = w.seen[id] || yes
	}
	return nil
}

// compare holds what was met against what is to be there.
func (v *verifier) compare(walks []*walk) error {
	met := make(map[string]*walk, len(walks))
	for _, w := range walks {
		met[w.bucket] = w
	}
	for _, bucket := range v.layout.allBuckets() {
		if met[bucket] == nil {
			if v.version == v.layout.version() {
				return broken("it has no bucket %s", bucket)
			}
			met[bucket] = new(walk) // one that a migration makes
		}
	}
	for _, bucket := range v.layout.buckets {
		if n := met[bucket].keys; n != v.stored[bucket] {
			return broken("%d keys instead of %d in %s", n, v.stored[bucket], bucket)
		}
	}
	for _, t := range v.layout.tables {
		rows, ids := met[t.rows], met[t.ids]
		if rows.keys != v.stored[t.rows] || ids.keys != rows.keys || ids.pairs != rows.pairs {
			return broken("%d rows and %d ids instead of %d in %s", rows.keys, ids.keys, v.stored[t.rows], t.rows)
		}
	}
	return nil
}

// all checks the bucket by what the root says of it: its root page, or the
// page itself when it is small.
func (w *walk) all(value []byte) error {
	if len(value) < bucketSize {
		return broken("the bucket %q is cut", w.bucket)
	}
	if root := order.Uint64(value); root != 0 {
		_, err := w.node(root, nil, nil, 0)
		return err
	}
	// An inline page counts its offsets as any other, from its own start.
	page := value[bucketSize:]
	if len(page) < pageHeader || order.Uint16(page[8:]) != leafFlag {
		return broken("the bucket %q holds no page", w.bucket)
	}
	return w.leaf(page, nil, nil)
}

// node checks a page and all below it. Keys must lie in [low, high), a nil
// high being no bound. It returns how many pages are below each other there.
func (w *walk) node(id uint64, low, high []byte, depth int) (int, error) {
	if depth > maxDepth {
		return 0, broken("%q is too deep", w.bucket)
	}
	b, err := w.page(id, depth)
	if err != nil {
		return 0, err
	}
	switch flags := order.Uint16(b[8:]); flags {
	case leafFlag:
		return 0, w.leaf(b, low, high)
	case branchFlag:
		return w.branch(b, low, high, depth)
	default:
		return 0, broken("page %d has the flags %#x", id, flags)
	}
}

func (w *walk) branch(b, low, high []byte, depth int) (int, error) {
	n := int(order.Uint16(b[10:]))
	if n == 0 {
		return 0, broken("a branch of %q is empty", w.bucket)
	}
	below := -1
	for i := range n {
		key, err := branchKey(b, i, n)
		if err != nil {
			return 0, err
		}
		end := high
		if i+1 < n {
			if end, err = branchKey(b, i+1, n); err != nil {
				return 0, err
			}
		}
		if bytes.Compare(key, low) < 0 || end != nil && bytes.Compare(key, end) >= 0 {
			return 0, broken("the keys of %q are out of order", w.bucket)
		}
		d, err := w.node(order.Uint64(b[pageHeader+i*elementSize+8:]), key, end, depth+1)
		if err != nil {
			return 0, err
		}
		if below >= 0 && d != below {
			return 0, broken("%q is not level", w.bucket)
		}
		below = d
	}
	return below + 1, nil
}

func (w *walk) leaf(b, low, high []byte) error {
	n := int(order.Uint16(b[10:]))
	for i := range n {
		at := pageHeader + i*elementSize
		if at+elementSize > len(b) {
			return broken("a page is too short for its elements")
		}
		offset, keySize, size := order.Uint32(b[at+4:]), order.Uint32(b[at+8:]), order.Uint32(b[at+12:])
		key, err := part(b, at, n, offset, keySize)
		if err != nil {
			return err
		}
		value, err := part(b, at, n, offset+keySize, size)
		if err != nil {
			return err
		}
		if len(key) == 0 || bytes.Compare(key, low) < 0 || i > 0 && bytes.Equal(key, low) ||
			high != nil && bytes.Compare(key, high) >= 0 {
			return broken("the keys of %q are out of order", w.bucket)
		}
		low = key
		isBucket := order.Uint32(b[at:]) == bucketFlag
		switch {
		case order.Uint32(b[at:]) > bucketFlag || isBucket != (w.bucket == ""):
			return broken("a key of %q is not of its kind", w.bucket)
		case isBucket:
			w.buckets = append(w.buckets, bucketValue{string(key), bytes.Clone(value)})
			continue
		}
		w.keys++
		if err := w.value(key, value); err != nil {
			return err
		}
	}
	return nil
}

// value checks that a value opens.
func (w *walk) value(key, value []byte) (err error) {
	if w.bucket == metaBucket {
		return w.metaValue(key, value)
	}
	sealed := value
	for _, t := range w.layout.tables {
		switch w.bucket {
		case t.ids:
			w.pair(key, value)
			return nil
		case t.rows:
			number := key
			if key, sealed, err = splitRow(value); err != nil {
				return broken("%v", err)
			}
			w.pair(key, number)
		}
	}
	if w.plain, err = w.seal.open(w.plain[:0], w.bucket, key, sealed); err != nil {
		return broken("%v", err)
	}
	return nil
}

// metaValue checks the head, which comes first, or the counts.
func (w *walk) metaValue(key, value []byte) error {
	v := w.verifier
	if bytes.Equal(key, headKey) {
		h, err := readHead(value)
		if err != nil {
			return broken("%v", err)
		}
		if h.version > v.layout.version() {
			return ErrNewer
		}
		v.version = h.version
		v.seal, err = h.unlock(v.key)
		return err
	}
	if v.seal == nil {
		return broken("it has no head")
	}
	plain, err := v.seal.open(nil, metaBucket, key, value)
	if err == nil && bytes.Equal(key, countsKey) {
		v.stored, err = readCounts(plain)
	}
	if err != nil {
		return broken("%v", err)
	}
	return nil
}

// pair takes note of an id and its number.
func (w *walk) pair(id, number []byte) {
	var h maphash.Hash
	h.SetSeed(w.seed)
	_, _ = h.Write(number) // never fails; its length is the same for all
	_, _ = h.Write(id)
	w.pairs += h.Sum64()
}

// free checks that no free page is in use: bbolt would write over it.
func (w *walk) free() error {
	if w.freelist == noFreelist {
		return nil
	}
	b, err := w.page(w.freelist, 0)
	if err != nil {
		return err
	}
	n, at := uint64(order.Uint16(b[10:])), uint64(pageHeader)
	if n == 0xFFFF { // more than that: the first number is their count
		n, at = order.Uint64(b[at:]), at+8
	}
	if order.Uint16(b[8:]) != freeFlag || n > (uint64(len(b))-at)/8 {
		return broken("the list of free pages is cut")
	}
	for i := range n {
		id := order.Uint64(b[at+8*i:])
		if id < 2 || id >= w.pages || w.seen[id] {
			return broken("page %d is free and in use", id)
		}
		w.seen[id] = true
	}
	return nil
}
