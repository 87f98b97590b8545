package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
)

// verify reads a whole file, whether or not it is open: every page is where it
// belongs, every key in order, every value opens, and no key is missing. It
// returns [ErrWrongKey], [ErrNewer], a [*DamagedError], an error of the system
// or nil. With stale, the file is whole and perhaps without its last change,
// because one of the two pages that say what is current does not hold together
// and nobody can know which was the newer. It holds no more than some pages in
// memory.
func verify(ctx context.Context, path string, l *layout, key []byte) (stale bool, err error) {
	r, err := os.Open(path) //nolint:gosec // in the technician's own folder
	if err != nil {
		return false, err
	}
	defer func() { _ = r.Close() }()
	info, err := r.Stat()
	if err != nil {
		return false, err
	}
	v := &verifier{ctx: ctx, r: r, size: info.Size(), layout: l, key: key, counts: map[string]int{}, pairs: map[string]uint64{}, seed: maphash.MakeSeed()}
	err = v.run()
	var broken *brokenError
	if errors.As(err, &broken) {
		return false, &DamagedError{l.name, err}
	}
	if err != nil {
		return false, fmt.Errorf("check %s: %w", l.name, err)
	}
	return v.metas < 2, nil
}

// brokenError is what is wrong with a file; any other error says nothing
// about it.
type brokenError struct{ text string }

func (e *brokenError) Error() string { return e.text }

func broken(format string, args ...any) error { return &brokenError{fmt.Sprintf(format, args...)} }

type verifier struct {
	ctx    context.Context
	r      io.ReaderAt
	size   int64
	layout *layout
	key    []byte

	meta
	metas int    // that are whole, of two
	seen  []bool // by page

	seal *sealer // once the head was read
	// Room for what is looked at: a page for each depth, and a value.
	rooms [maxDepth + 2][]byte
	plain []byte
	// counts are of the keys met, stored those that the file says it has.
	counts map[string]int
	stored map[string]int
	// pairs are, for both buckets of a table, a digest of which ids belong to
	// which numbers, whatever their order.
	pairs map[string]uint64
	seed  maphash.Seed
}

func (v *verifier) run() error {
	if err := v.readMeta(); err != nil {
		return err
	}
	if int64(v.pages*v.pageSize) > v.size {
		return broken("%d bytes instead of %d", v.size, v.pages*v.pageSize)
	}
	v.seen = make([]bool, v.pages)
	if _, err := v.node("", v.root, nil, nil, 0); err != nil {
		return err
	}
	if v.seal == nil {
		return broken("no head")
	}
	if v.stored == nil {
		return broken("no counts")
	}
	for _, bucket := range v.layout.buckets {
		if v.counts[bucket] != v.stored[bucket] {
			return broken("%d keys instead of %d in %s", v.counts[bucket], v.stored[bucket], bucket)
		}
	}
	for _, t := range v.layout.tables {
		if v.counts[t.rows] != v.stored[t.rows] || v.counts[t.ids] != v.stored[t.rows] || v.pairs[t.rows] != v.pairs[t.ids] {
			return broken("%d rows and %d ids instead of %d in %s", v.counts[t.rows], v.counts[t.ids], v.stored[t.rows], t.rows)
		}
	}
	return v.free()
}

// node checks a page of a bucket, "" being that of buckets, and all below it.
// Keys must lie in [low, high), a nil high being no bound. It returns how many
// pages are below each other there.
func (v *verifier) node(bucket string, id uint64, low, high []byte, depth int) (int, error) {
	if depth > maxDepth {
		return 0, broken("%s is too deep", bucket)
	}
	b, err := v.page(id, depth)
	if err != nil {
		return 0, err
	}
	switch flags := order.Uint16(b[8:]); flags {
	case leafFlag:
		return 0, v.leaf(bucket, b, low, high, depth)
	case branchFlag:
		return v.branch(bucket, b, low, high, depth)
	default:
		return 0, broken("page %d has the flags %#x", id, flags)
	}
}

func (v *verifier) branch(bucket string, b []byte, low, high []byte, depth int) (int, error) {
	n := int(order.Uint16(b[10:]))
	if n == 0 {
		return 0, broken("a branch of %s is empty", bucket)
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
			return 0, broken("the keys of %s are out of order", bucket)
		}
		d, err := v.node(bucket, order.Uint64(b[pageHeader+i*elementSize+8:]), key, end, depth+1)
		if err != nil {
			return 0, err
		}
		if below >= 0 && d != below {
			return 0, broken("%s is not level", bucket)
		}
		below = d
	}
	return below + 1, nil
}

func (v *verifier) leaf(bucket string, b, low, high []byte, depth int) error {
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
			return broken("the keys of %q are out of order", bucket)
		}
		low = key
		isBucket := order.Uint32(b[at:]) == bucketFlag
		switch {
		case order.Uint32(b[at:]) > bucketFlag || isBucket != (bucket == ""):
			return broken("a key of %q is not of its kind", bucket)
		case isBucket:
			err = v.bucket(string(key), value, depth+1)
		default:
			v.counts[bucket]++
			err = v.value(bucket, key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket checks what the root says of a bucket: its root page, or the page
// itself when it is small.
func (v *verifier) bucket(name string, value []byte, depth int) error {
	if len(value) < bucketSize {
		return broken("the bucket %q is cut", name)
	}
	if root := order.Uint64(value); root != 0 {
		_, err := v.node(name, root, nil, nil, depth)
		return err
	}
	// An inline page counts its offsets as any other, from its own start.
	page := value[bucketSize:]
	if len(page) < pageHeader || order.Uint16(page[8:]) != leafFlag {
		return broken("the bucket %q holds no page", name)
	}
	return v.leaf(name, page, nil, nil, depth)
}

// value checks that a value opens, and takes note of the head and the counts.
func (v *verifier) value(bucket string, key, value []byte) (err error) {
	if bucket == metaBucket && bytes.Equal(key, headKey) {
		h, err := readHead(value)
		if err != nil {
			return broken("%v", err)
		}
		if h.version > v.layout.version() {
			return ErrNewer
		}
		v.seal, err = h.unlock(v.key)
		return err
	}
	if v.seal == nil {
		return broken("no head")
	}
	sealed := value
	for _, t := range v.layout.tables {
		switch bucket {
		case t.ids:
			v.pair(bucket, key, value)
			return nil
		case t.rows:
			number := key
			if key, sealed, err = splitRow(value); err != nil {
				return broken("%v", err)
			}
			v.pair(bucket, key, number)
		}
	}
	if v.plain, err = v.seal.open(v.plain[:0], bucket, key, sealed); err != nil {
		return broken("%v", err)
	}
	if bucket == metaBucket && bytes.Equal(key, countsKey) {
		if v.stored, err = readCounts(v.plain); err != nil {
			return broken("%v", err)
		}
	}
	return nil
}

// pair takes note of an id and its number.
func (v *verifier) pair(bucket string, id, number []byte) {
	var h maphash.Hash
	h.SetSeed(v.seed)
	_, _ = h.Write(number) // never fails; its length is the same for all
	_, _ = h.Write(id)
	v.pairs[bucket] += h.Sum64()
}

// free checks that no free page is in use: bbolt would write over it.
func (v *verifier) free() error {
	if v.freelist == noFreelist {
		return nil
	}
	b, err := v.page(v.freelist, 0)
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
		if id < 2 || id >= v.pages || v.seen[id] {
			return broken("page %d is free and in use", id)
		}
		v.seen[id] = true
	}
	return nil
}
