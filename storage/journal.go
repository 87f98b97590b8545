package storage

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
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
	// Round, if not nil, is begun, or of one that is there ended or gone on with:
	// what it expects stays as it is kept.
	Round *ledger.Round
	// Seen are added to the round In; of those with a number it is kept whether
	// they are settled.
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
// returns that of the last. What an entry was called before, if it was, others of
// them may name it by. Where the clock stands behind an earlier entry of the
// station, both times are kept.
func (j *journal) stamp(station, by string, entries []*ledger.Entry) time.Time {
	now, last := time.Now().UTC().Round(0), j.last
	tips := make(map[string]string) // of this draft, by Asset
	ids := make(map[string]string)  // by what an entry was called before
	for i, e := range entries {
		e.Station, e.Seq, e.By = station, j.seq+uint64(i)+1, by
		e.At, e.Clock = now, time.Time{}
		if !e.At.After(last) {
			e.At = last.Add(time.Nanosecond)
		}
		if e.At.Sub(now) >= time.Second {
			e.Clock = now
		}
		before := e.ID
		last, e.ID = e.At, ledger.NewID(e.At)
		if ids[before] = e.ID; before == "" {
			delete(ids, before)
		}
		e.Upon = nil
		for _, a := range e.Assets() {
			tip := tips[a.Key()]
			if tip == "" {
				tip = j.book.Tip(a.Key())
			}
			if tip != "" && !slices.Contains(e.Upon, tip) {
				e.Upon = append(e.Upon, tip)
			}
			if e.Act != ledger.Note {
				tips[a.Key()] = e.ID
			}
		}
		for i := range e.Left {
			s := &e.Left[i]
			if id := ids[s.Tip]; id != "" {
				s.Tip = id
			}
			if s.Tip != "" { // a note was undone, which is no tip
				tips[s.Asset.Key()] = s.Tip
			}
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
		kept, err := t.get(roundsBucket, []byte(r.ID))
		if err != nil {
			return err
		}
		if kept != nil { // names may have been taken out of it since it was read
			if r = (round{}); !decode(&c, roundFields, kept, &r) {
				return t.unreadable(roundsBucket)
			}
			r.Ended = d.Round.Ended
		} else {
			for i := range r.Expected {
				r.expected = append(r.expected, string(encode(&c, expectedFields, &r.Expected[i])))
			}
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
		} else { // as with rounds
			kept, err := t.get(scansBucket, seenKey(d.In, s.N))
			if err != nil {
				return err
			}
			if kept == nil { // dropped since
				continue
			}
			var was ledger.Seen
			if !decode(&c, seenFields, kept, &was) {
				return t.unreadable(scansBucket)
			}
			was.N, was.Settled = s.N, s.Settled
			*s = was
		}
		if err := t.put(scansBucket, seenKey(d.In, s.N), encode(&c, seenFields, s)); err != nil {
			return err
		}
	}
	return nil
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

// newStation ends that the ledger writes as the station that it was: what was
// written after this copy of it was made may be known elsewhere under the
// numbers that come next.
func newStation(f *file) error {
	return f.update("become another station", func(t *tx) error { return t.putDoc(notesBucket, stationName, nil) })
}
