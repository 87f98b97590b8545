package storage

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"panel/ledger"
)

// The journal is kept in two buckets: what was written last, an entry a value,
// and before that packs of many entries, which a start can check and read many
// times as fast. Keys are the entries' places in this file, from 1 on; that of
// a pack is the place of its first entry. The book that the packs lead to is
// kept beside them, so that a start applies only what came after.
const (
	journalBucket = "journal"
	packsBucket   = "packs"
	bookBucket    = "book"
	roundsBucket  = "rounds"
	scansBucket   = "scans"
)

const (
	// packSize is how many single entries there are before they are packed.
	packSize = 4096
	// blockSize is how many Standings are kept in one value.
	blockSize = 256
)

// stationName is the document that says which station writes.
const stationName = "station"

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

func placeKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// journal is the part of a [Ledger] that says who has what.
type journal struct {
	writing sync.Mutex // held by whoever writes entries, packs or rounds; guards the rest but book
	station string     // "" until the first entry
	seq     uint64     // of the station's last entry
	last    time.Time  // its At
	place   uint64     // of the last entry
	single  int        // how many entries are in no pack
	packing bool
	packAt  int // how many single entries are packed at once

	reading sync.RWMutex // guards book, which only a writer changes
	book    ledger.Book
}

// Draft is what one write is to add, wholly or not at all.
type Draft struct {
	// Entries get their ID, station and times when they are written.
	Entries []*ledger.Entry
	// Round, if not nil, is begun or changed.
	Round *ledger.Round
	// Seen are added to the round In; those with a number take the place of
	// what has it.
	In   string
	Seen []*ledger.Seen
}

// Write has fn say what to add to the ledger by the book as it is, and adds it
// durably. Fn must not call the Ledger and must not change the book. An error of
// fn is returned as it is, and nothing was written then. By is the user of the
// operating system.
func (l *Ledger) Write(ctx context.Context, by string, fn func(b *ledger.Book, d *Draft) error) error {
	if err := l.file.writable("write to the journal"); err != nil {
		return err
	}
	j := &l.journal
	j.writing.Lock()
	defer j.writing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	var d Draft
	if err := fn(&j.book, &d); err != nil {
		return err
	}
	return l.write(by, &d)
}

// write adds a draft; j.writing is held.
func (l *Ledger) write(by string, d *Draft) error {
	if len(d.Entries) == 0 && d.Round == nil && len(d.Seen) == 0 {
		return nil
	}
	j := &l.journal
	station, err := l.stationFor(d)
	if err != nil {
		return err
	}
	last := j.stamp(station, by, d.Entries)
	var numberless []*ledger.Seen
	for _, s := range d.Seen {
		if s.Entry == pending && len(d.Entries) > 0 {
			s.Entry = d.Entries[0].ID
		}
		if s.N == 0 {
			numberless = append(numberless, s)
		}
	}
	err = l.file.update("write to the journal", func(t *tx) error { return j.put(t, station, d) })
	if err != nil {
		for _, s := range numberless { // the next to be kept gets the number
			s.N = 0
		}
		return err
	}
	j.station, j.last = station, last
	j.seq += uint64(len(d.Entries))
	j.place += uint64(len(d.Entries))
	j.single += len(d.Entries)
	j.reading.Lock()
	for _, e := range d.Entries {
		j.book.Apply(e)
	}
	j.reading.Unlock()
	l.changed()
	if j.single >= j.packAt && !j.packing {
		j.packing = true
		go l.packUp()
	}
	return nil
}

// stamp gives entries all that the writing adds, each a time of its own, and
// returns that of the last. Where the clock stands behind an earlier entry of the
// station, both times are kept.
func (j *journal) stamp(station, by string, entries []*ledger.Entry) time.Time {
	now, last := time.Now().UTC().Round(0), j.last
	upon := make(map[string]string) // entries of this draft, by Asset
	for i, e := range entries {
		e.Station, e.Seq, e.By = station, j.seq+uint64(i)+1, by
		e.At, e.Clock = now, time.Time{}
		if !e.At.After(last) {
			e.At = last.Add(time.Nanosecond)
		}
		if e.At.Sub(now) >= time.Second {
			e.Clock = now
		}
		last, e.ID = e.At, ledger.NewID(e.At)
		e.Upon = j.book.Upon(e)
		for _, a := range e.Assets() {
			if id := upon[a.Key()]; id != "" {
				e.Upon = []string{id}
			}
			upon[a.Key()] = e.ID
		}
	}
	return last
}

// pending is the Entry of a Seen that goes with the first entry of its draft.
const pending = "pending"

// With has the record of a scan name the first entry of the draft.
func (d *Draft) With(s *ledger.Seen) {
	if len(d.Entries) > 0 {
		s.Entry = pending
	}
	d.Seen = append(d.Seen, s)
}

func (j *journal) put(t *tx, station string, d *Draft) error {
	var c coder
	if station != j.station {
		if err := t.putDoc(notesBucket, stationName, []byte(station)); err != nil {
			return err
		}
	}
	for i, e := range d.Entries {
		if err := t.put(journalBucket, placeKey(j.place+uint64(i)+1), encodeEntry(&c, e)); err != nil {
			return err
		}
	}
	if d.Round != nil {
		r := round{Round: *d.Round}
		for i := range r.Expected {
			r.expected = append(r.expected, string(encode(&c, expectedFields, &r.Expected[i])))
		}
		if err := t.put(roundsBucket, []byte(r.ID), encode(&c, roundFields, &r)); err != nil {
			return err
		}
	}
	for _, s := range d.Seen {
		if s.N == 0 {
			n, err := t.bucket(scansBucket).NextSequence()
			if err != nil {
				return err
			}
			s.N = n
		}
		if err := t.put(scansBucket, seenKey(d.In, s.N), encode(&c, seenFields, s)); err != nil {
			return err
		}
	}
	return nil
}

func seenKey(round string, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(round+"\x00"), n)
}

// stationFor is the station that writes d; see also [newStation].
func (l *Ledger) stationFor(d *Draft) (string, error) {
	if l.journal.station != "" || len(d.Entries) == 0 {
		return l.journal.station, nil
	}
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:])), nil
}

// Book calls fn with the book, which fn must not change or keep.
func (l *Ledger) Book(fn func(b *ledger.Book)) {
	l.journal.reading.RLock()
	defer l.journal.reading.RUnlock()
	fn(&l.journal.book)
}

// holds tells whether somebody who is gone from every cloud has an Asset: such a
// Person stays. What an account that is there leads to is with whoever has that.
func (l *Ledger) holds(accounts []string, other func(string) bool) (any bool) {
	l.Book(func(b *ledger.Book) {
		for _, s := range b.HeldBy(accounts, other) {
			any = any || !slices.ContainsFunc(s.Holder.Keys(), other)
		}
	})
	return any
}

// Undo takes an entry back, which must be the last about its Assets, and
// returns the entry that says so. The error may be a [*ledger.Refusal].
func (l *Ledger) Undo(ctx context.Context, by, id string) (ledger.Entry, error) {
	if err := l.file.writable("undo"); err != nil {
		return ledger.Entry{}, err
	}
	l.journal.writing.Lock()
	defer l.journal.writing.Unlock()
	e, err := l.undoing(ctx, id)
	if err != nil {
		return e, err
	}
	err = l.write(by, &Draft{Entries: []*ledger.Entry{&e}})
	return e, err
}

func (l *Ledger) undoing(ctx context.Context, id string) (ledger.Entry, error) {
	b := &l.journal.book
	var assets []string
	for s := range b.All() {
		if s.Last == id {
			assets = append(assets, s.Asset.Key())
		}
	}
	if id == "" || len(assets) == 0 {
		return ledger.Entry{}, l.whyNot(ctx, id)
	}
	history, err := l.History(ctx, assets...)
	if err != nil {
		return ledger.Entry{}, err
	}
	for i := range history {
		if e := &history[i]; e.ID == id {
			return ledger.UndoOf(e, history, b)
		}
	}
	return ledger.Entry{}, &ledger.Refusal{Why: ledger.CannotUndo}
}

// whyNot is why an entry that is no longer the last about any Asset cannot be
// taken back.
func (l *Ledger) whyNot(ctx context.Context, id string) error {
	found, err := l.find(ctx, [][]byte{[]byte(id)}, func(e *ledger.Entry) bool { return e.ID == id })
	switch {
	case err != nil:
		return err
	case len(found) == 0 || found[0].Act == ledger.Undo:
		return &ledger.Refusal{Why: ledger.CannotUndo}
	}
	return &ledger.Refusal{Why: ledger.ChangedSince}
}

// History returns every entry about some Assets, by their keys, oldest first.
func (l *Ledger) History(ctx context.Context, assets ...string) ([]ledger.Entry, error) {
	var needles [][]byte
	for _, key := range assets {
		_, id, _ := strings.Cut(key, ":")
		needles = append(needles, []byte(id))
	}
	return l.find(ctx, needles, func(e *ledger.Entry) bool {
		for _, key := range assets {
			if e.About(key) {
				return true
			}
		}
		return false
	})
}

// HistoryOf returns every entry in which somebody held something, found by the
// keys of the accounts, oldest first.
func (l *Ledger) HistoryOf(ctx context.Context, accounts ...string) ([]ledger.Entry, error) {
	var needles [][]byte
	for _, key := range accounts {
		_, id, _ := strings.Cut(key, ":")
		needles = append(needles, []byte(id))
	}
	return l.find(ctx, needles, func(e *ledger.Entry) bool {
		for _, key := range e.Holder.Keys() {
			for _, a := range accounts {
				if a == key {
					return true
				}
			}
		}
		return false
	})
}

// find returns the entries that are wanted, and only looks at those that hold
// one of the needles.
func (l *Ledger) find(ctx context.Context, needles [][]byte, wanted func(*ledger.Entry) bool) (found []ledger.Entry, err error) {
	holds := func(b []byte) bool {
		for _, n := range needles {
			if bytes.Contains(b, n) {
				return true
			}
		}
		return false
	}
	err = l.eachEntry(ctx, holds, func(e *ledger.Entry) error {
		if wanted(e) {
			found = append(found, *e)
		}
		return nil
	})
	return found, err
}

// Entries calls fn with every entry of the journal, oldest first, until it
// returns an error, which Entries returns. What fn is given is its own.
func (l *Ledger) Entries(ctx context.Context, fn func(*ledger.Entry) error) error {
	return l.eachEntry(ctx, nil, fn)
}

// eachEntry goes through the entries, of which holds, if not nil, leaves out
// packs and entries by their bytes. No transaction is open while fn runs.
func (l *Ledger) eachEntry(ctx context.Context, holds func([]byte) bool, fn func(*ledger.Entry) error) error {
	var c coder
	var e ledger.Entry
	one := func(b []byte) error {
		if holds != nil && !holds(b) {
			return nil
		}
		if !decodeEntry(&c, b, &e) {
			return (&tx{file: l.file}).unreadable(journalBucket)
		}
		own := e
		return fn(&own)
	}
	var pack []byte
	last := uint64(0) // the place of the last entry that was met
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		more = false // nor is there where there is no file
		var singles [][]byte
		err := l.file.view("read the journal", func(t *tx) error {
			key, plain, err := t.next(packsBucket, placeKey(last+1))
			if more, pack = key != nil, pack[:0]; !more && err == nil {
				return t.each(journalBucket, nil, placeKey(last+1), func(_, plain []byte) error {
					singles = append(singles, bytes.Clone(plain))
					return nil
				})
			}
			if n := packed(plain); err == nil && holds != nil && !holds(plain) {
				last += uint64(n)
			} else if err == nil {
				pack = append(pack, plain...)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, b := range singles {
			if err := one(b); err != nil {
				return err
			}
		}
		if err := split(pack, func(b []byte) error { last++; return one(b) }); err != nil {
			return l.packError(err)
		}
	}
	return nil
}

func (l *Ledger) packError(err error) error {
	if errors.Is(err, errPack) {
		return (&tx{file: l.file}).unreadable(packsBucket)
	}
	return err
}

// next returns the first key from one on, and its value; nil for none.
func (t *tx) next(bucket string, from []byte) (key, plain []byte, err error) {
	if t.lacks(bucket) {
		return nil, nil, nil
	}
	k, v := t.bucket(bucket).Cursor().Seek(from)
	if k == nil {
		return nil, nil, nil
	}
	plain, err = t.open(bucket, k, v)
	return k, plain, err
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

// newStation ends that the ledger writes as the station that it was: what was
// written after this copy of it was made may be known elsewhere under the
// numbers that come next.
func newStation(f *file) error {
	return f.update("become another station", func(t *tx) error { return t.putDoc(notesBucket, stationName, nil) })
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

// Rounds returns every round, the newest first.
func (l *Ledger) Rounds(ctx context.Context) ([]ledger.Round, error) {
	var out []ledger.Round
	var c coder
	err := eachKey(ctx, l.file, roundsBucket, "", roundFields, func(_ string, r *round) error {
		for _, b := range r.expected {
			var x ledger.Expected
			if !decode(&c, expectedFields, []byte(b), &x) {
				return (&tx{file: l.file}).unreadable(roundsBucket)
			}
			r.Expected = append(r.Expected, x)
		}
		out = append([]ledger.Round{r.Round}, out...)
		return nil
	})
	return out, err
}

// Seen returns the scans of a round, oldest first.
func (l *Ledger) Seen(ctx context.Context, round string) ([]ledger.Seen, error) {
	var out []ledger.Seen
	prefix := round + "\x00"
	err := eachKey(ctx, l.file, scansBucket, prefix, seenFields, func(key string, s *ledger.Seen) error {
		s.N = binary.BigEndian.Uint64([]byte(key[len(prefix):]))
		out = append(out, *s)
		return nil
	})
	return out, err
}

// Drop takes out a round with its scans, or of one that goes on those scans for
// which which says so. No entry of the journal is ever taken out.
func (l *Ledger) Drop(ctx context.Context, round string, which func(*ledger.Seen) bool) error {
	l.journal.writing.Lock() // so that no scan comes in between
	defer l.journal.writing.Unlock()
	seen, err := l.Seen(ctx, round)
	if err != nil {
		return err
	}
	if which != nil {
		seen = slices.DeleteFunc(seen, func(s ledger.Seen) bool { return !which(&s) })
		if len(seen) == 0 {
			return nil
		}
	}
	err = l.file.update("drop scans", func(t *tx) error {
		for i := range seen {
			if err := t.delete(scansBucket, seenKey(round, seen[i].N)); err != nil {
				return err
			}
		}
		if which == nil {
			return t.delete(roundsBucket, []byte(round))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("drop a round: %w", err)
	}
	l.changed()
	return nil
}
