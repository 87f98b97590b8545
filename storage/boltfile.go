package storage

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"io"
)

// bbolt trusts its pages: of a damaged file it may panic, fault, hang or show
// something else. So a file is read here first, by plain reads and with every
// number checked, before bbolt maps it into memory. The format is that of
// bbolt's internal/common, version 2, which etcd keeps stable.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageHeader = 16
	branchFlag = 0x01
	leafFlag   = 0x02
	freeFlag   = 0x10

	elementSize = 16 // of branch and leaf pages alike
	bucketFlag  = 0x01
	bucketSize  = 16
	noFreelist  = ^uint64(0)
	maxDepth    = 40
)

var order = binary.NativeEndian // bbolt writes its structs as they are in memory

// meta is the newest whole meta page.
type meta struct{ pageSize, root, freelist, pages, txid uint64 }

// readMeta chooses the newer of the two meta pages that are whole, as bbolt
// does: a power cut may leave one of them behind.
func (v *verifier) readMeta() error {
	sizes := []int64{4096, 16384, 65536, 8192, 32768, 1024, 2048}
	for _, at := range append([]int64{0}, sizes...) {
		b := make([]byte, pageHeader+64)
		if _, err := v.r.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		m, ok := parseMeta(b)
		if !ok || at != 0 && uint64(at) != m.pageSize {
			continue
		}
		if v.metas == 0 || m.txid != v.txid { // one that lies over the other counts once
			v.metas++
		}
		if v.pageSize == 0 || m.txid > v.txid {
			v.meta = m
		}
	}
	switch {
	case v.metas == 0:
		return broken("no whole meta page")
	case v.pageSize < 1024 || v.pageSize > 1<<16 || v.pages < 3 || v.pages > uint64(v.size)/v.pageSize:
		return broken("%d bytes do not hold its %d pages", v.size, v.pages)
	}
	return nil
}

func parseMeta(page []byte) (m meta, ok bool) {
	b := page[pageHeader:]
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56]) // never fails
	m = meta{
		pageSize: uint64(order.Uint32(b[8:])), root: order.Uint64(b[16:]),
		freelist: order.Uint64(b[32:]), pages: order.Uint64(b[40:]), txid: order.Uint64(b[48:]),
	}
	ok = order.Uint32(b) == boltMagic && order.Uint32(b[4:]) == boltVersion && order.Uint64(b[56:]) == sum.Sum64()
	return m, ok
}

// page reads a page with its overflow, which nobody else may use.
func (w *walk) page(id uint64, depth int) ([]byte, error) {
	if err := stopped(w.ctx, int(id)); err != nil {
		return nil, err
	}
	if id < 2 || id >= w.pages {
		return nil, broken("page %d of %d", id, w.pages)
	}
	b := w.room(depth, int(w.pageSize))
	if _, err := w.r.ReadAt(b, int64(id*w.pageSize)); err != nil {
		return nil, err
	}
	more := uint64(order.Uint32(b[12:]))
	if order.Uint64(b) != id || more >= w.pages-id {
		return nil, broken("page %d says that it is page %d and %d more", id, order.Uint64(b), more)
	}
	for i := id; i <= id+more; i++ {
		if w.seen[i] {
			return nil, broken("page %d is used twice", i)
		}
		w.seen[i] = true
	}
	if more > 0 {
		b = w.room(depth, int((1+more)*w.pageSize))
		if _, err := w.r.ReadAt(b, int64(id*w.pageSize)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// room is n bytes, the same for one depth.
func (w *walk) room(depth, n int) []byte {
	if cap(w.rooms[depth]) < n {
		w.rooms[depth] = make([]byte, n)
	}
	return w.rooms[depth][:n]
}

// branchKey is the key of element i of n.
func branchKey(b []byte, i, n int) ([]byte, error) {
	at := pageHeader + i*elementSize
	if at+elementSize > len(b) {
		return nil, broken("a page is too short for its elements")
	}
	return part(b, at, n, order.Uint32(b[at:]), order.Uint32(b[at+4:]))
}

// part is a piece of page b at an offset from the element at; it may not lie
// on the n elements.
func part(b []byte, at, n int, offset, size uint32) ([]byte, error) {
	from := uint64(at) + uint64(offset)
	to := from + uint64(size)
	if from < uint64(pageHeader+n*elementSize) || to > uint64(len(b)) {
		return nil, broken("an element lies outside its page")
	}
	return b[from:to:to], nil
}
