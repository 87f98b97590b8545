package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"time"

	"panel/ledger"
)

// bookHead says what the kept book was made of. Its key sorts before those of
// the blocks.
type bookHead struct {
	place   int64 // of the last entry
	entries int64
	newest  time.Time
	seq     int64     // of the station's last entry
	last    time.Time // its At
	assets  int64
}

func bookHeadFields(c *coder, h *bookHead) {
	c.num(&h.place)
	c.num(&h.entries)
	c.time(&h.newest)
	c.num(&h.seq)
	c.time(&h.last)
	c.num(&h.assets)
}

var bookHeadKey = []byte{0}

func blockKey(n int) []byte { return binary.BigEndian.AppendUint32([]byte{1}, uint32(n)) }

// load reads the book: the one that was kept, and what came after.
func (l *Ledger) load() error {
	j := &l.journal
	j.packAt, j.book, j.place, j.single = packSize, ledger.Book{}, 0, 0
	err := l.file.view("read the ledger", func(t *tx) error {
		station, err := t.doc(notesBucket, stationName)
		if err != nil {
			return err
		}
		j.station = string(station)
		if err := j.loadBook(t); err != nil {
			return err
		}
		var c coder
		return t.each(journalBucket, nil, placeKey(j.place+1), func(key, plain []byte) error {
			var e ledger.Entry
			if !decodeEntry(&c, plain, &e) {
				return t.unreadable(journalBucket)
			}
			j.book.Apply(&e)
			j.place = binary.BigEndian.Uint64(key)
			j.single++
			if e.Station == j.station {
				j.seq, j.last = e.Seq, e.At
			}
			return nil
		})
	})
	if j.station == "" {
		j.seq, j.last = 0, time.Time{}
	}
	return err
}

func (j *journal) loadBook(t *tx) error {
	var c coder
	err := t.each(bookBucket, nil, nil, func(key, plain []byte) error {
		if bytes.Equal(key, bookHeadKey) {
			var h bookHead
			if !decode(&c, bookHeadFields, plain, &h) {
				return t.unreadable(bookBucket)
			}
			j.place, j.seq, j.last = uint64(h.place), uint64(h.seq), h.last
			j.book.Grow(int(min(h.assets, 1<<20)))
			j.book.Count(int(h.entries), h.newest)
			return nil
		}
		block := make([]ledger.Standing, 0, blockSize)
		return split(plain, func(b []byte) error {
			block = append(block, ledger.Standing{})
			s := &block[len(block)-1]
			if !decode(&c, standingFields, b, s) {
				return errPack
			}
			j.book.Put(s)
			return nil
		})
	})
	if errors.Is(err, errPack) {
		return t.unreadable(bookBucket)
	}
	return err
}

// packUp packs the single entries and keeps the book. Where that fails it is
// tried again after the next entry: the journal is whole without.
func (l *Ledger) packUp() {
	j := &l.journal
	j.writing.Lock()
	defer j.writing.Unlock()
	j.packing = false
	l.mu.Lock()
	ended := l.ended
	l.mu.Unlock()
	if ended {
		return
	}
	if err := l.file.update("pack the journal", j.pack); err == nil {
		j.single = 0
	}
}

func (j *journal) pack(t *tx) error {
	var keys [][]byte
	var pack []byte
	err := t.each(journalBucket, nil, nil, func(key, plain []byte) error {
		keys, pack = append(keys, bytes.Clone(key)), join(pack, plain)
		return nil
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	if err := t.put(packsBucket, keys[0], pack); err != nil {
		return err
	}
	for _, k := range keys {
		if err := t.delete(journalBucket, k); err != nil {
			return err
		}
	}
	return j.keepBook(t)
}

// keepBook writes the book as it is.
func (j *journal) keepBook(t *tx) error {
	var c coder
	var block []byte
	blocks, n := 0, 0
	put := func() error {
		if n == 0 {
			return nil
		}
		err := t.put(bookBucket, blockKey(blocks), block)
		block, n = block[:0], 0
		blocks++
		return err
	}
	for s := range j.book.All() {
		block = join(block, encode(&c, standingFields, s))
		if n++; n == blockSize {
			if err := put(); err != nil {
				return err
			}
		}
	}
	if err := put(); err != nil {
		return err
	}
	for ; t.raw(bookBucket, blockKey(blocks)) != nil; blocks++ { // of a larger book
		if err := t.delete(bookBucket, blockKey(blocks)); err != nil {
			return err
		}
	}
	h := bookHead{int64(j.place), int64(j.book.Entries()), j.book.Newest(), int64(j.seq), j.last, int64(j.book.Len())}
	return t.put(bookBucket, bookHeadKey, encode(&c, bookHeadFields, &h))
}

var errPack = errors.New("a pack is cut")

// split calls fn with each part of what [join] put together.
func split(pack []byte, fn func([]byte) error) error {
	for len(pack) > 0 {
		n, size := binary.Uvarint(pack)
		if size <= 0 || n > uint64(len(pack)-size) {
			return errPack
		}
		if err := fn(pack[size : size+int(n)]); err != nil {
			return err
		}
		pack = pack[size+int(n):]
	}
	return nil
}

// join appends a part to a pack.
func join(pack, part []byte) []byte {
	return append(binary.AppendUvarint(pack, uint64(len(part))), part...)
}

// packed is how many parts a pack has.
func packed(pack []byte) (n int) {
	_ = split(pack, func([]byte) error { n++; return nil }) // a cut one is met when it is read
	return n
}
