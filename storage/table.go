package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
)

// table keeps the records of one type, in two buckets: the rows, numbered in
// the order in which the records first came, and the ids, each with the number
// of its row. The ids of the clouds are random, and bbolt copies every page
// that a transaction touches: by id, a batch would touch most pages of a
// bucket, while the next sync lists records in much the same order as the
// last one.
//
// A row is the id, with its length as uvarint before it, and the sealed
// record. The id is sealed with the record, so that a number that was altered
// leads to a row that is noticed not to be the one that was asked for.
type table struct{ rows, ids string }

func newTable(name string) table { return table{name, name + ".ids"} }

// row is a record in its place: number is nil for one that is not there.
type row struct {
	number []byte
	plain  []byte // valid until the transaction is used again
}

// find returns the row of a record.
func (t *tx) find(in table, id []byte) (row, error) {
	number := t.raw(in.ids, id)
	if number == nil {
		return row{}, nil
	}
	found, sealed, err := splitRow(t.raw(in.rows, number))
	if err == nil && !bytes.Equal(found, id) {
		err = errors.New("an id leads to another record")
	}
	if err != nil {
		return row{}, &DamagedError{t.name, err}
	}
	plain, err := t.open(in.rows, id, sealed)
	return row{number, plain}, err
}

var errRow = errors.New("a row is cut")

// splitRow takes a row apart.
func splitRow(value []byte) (id, sealed []byte, err error) {
	n, size := binary.Uvarint(value)
	if size <= 0 || n == 0 || n > uint64(len(value)-size) {
		return nil, nil, errRow
	}
	end := size + int(n)
	return value[size:end], value[end:], nil
}

// write stores a row, as [sealer.row] makes it, under its number; a nil number
// is that of a new row. Value must not be changed any more.
func (t *tx) write(in table, number, id, value []byte) error {
	if number == nil {
		n, err := t.bucket(in.rows).NextSequence()
		if err != nil {
			return err
		}
		if cap(t.numbers) < 8 {
			t.numbers = make([]byte, 0, 4096)
		}
		number = binary.BigEndian.AppendUint64(t.numbers[:0:8], n)
		t.numbers = t.numbers[8:8]
		if err := t.bucket(in.ids).Put(id, number); err != nil {
			return err
		}
		if err := t.count(in.rows, 1); err != nil {
			return err
		}
	}
	return t.bucket(in.rows).Put(number, value)
}

// row makes the row of a record, in room.
func (s *sealer) row(r *room, in table, id, plain []byte) []byte {
	value := r.take(binary.MaxVarintLen32 + len(id) + len(plain) + s.aead.Overhead())
	value = append(binary.AppendUvarint(value, uint64(len(id))), id...)
	return s.seal(value, in.rows, id, plain)
}

// erase takes a record out of its place.
func (t *tx) erase(in table, r row, id []byte) error {
	if r.number == nil {
		return nil
	}
	if err := t.count(in.rows, -1); err != nil {
		return err
	}
	if err := t.bucket(in.ids).Delete(id); err != nil {
		return err
	}
	return t.bucket(in.rows).Delete(r.number)
}

// eachRow calls fn with every row that is not before from.
func (t *tx) eachRow(in table, from []byte, fn func(number, plain []byte) error) error {
	c := t.bucket(in.rows).Cursor()
	for number, value := c.Seek(from); number != nil; number, value = c.Next() {
		id, sealed, err := splitRow(value)
		if err != nil {
			return &DamagedError{t.name, err}
		}
		plain, err := t.open(in.rows, id, sealed)
		if err != nil {
			return err
		}
		if err := fn(number, plain); err != nil {
			return err
		}
	}
	return nil
}

// lookUp returns the record with the id; ok is false when there is none.
func lookUp[T any](t *tx, in table, id string, code func(*coder, *T)) (r T, ok bool, err error) {
	at, err := t.find(in, []byte(id))
	if at.number == nil || err != nil {
		return r, false, err
	}
	if !decode(new(coder), code, at.plain, &r) {
		return r, false, t.unreadable(in.rows)
	}
	return r, true, nil
}

// chunk is how many records one read transaction yields: about 10 ms.
const chunk = 4096

// each calls fn with every record of a table, which is fn's from then on, in
// the order in which they first came, outside of any transaction. Records that
// are written meanwhile may be left out.
func each[T any](ctx context.Context, f *file, in table, code func(*coder, *T), fn func(*T) error) error {
	return inChunks(ctx, f, in.rows, code,
		func(t *tx, from []byte, row func(key, plain []byte) error) error { return t.eachRow(in, from, row) },
		func(_ string, r *T) error { return fn(r) })
}

// eachKey is each for a plain bucket and the keys that have the prefix.
func eachKey[T any](ctx context.Context, f *file, bucket, prefix string, code func(*coder, *T), fn func(key string, r *T) error) error {
	return inChunks(ctx, f, bucket, code,
		func(t *tx, from []byte, row func(key, plain []byte) error) error {
			return t.each(bucket, []byte(prefix), from, row)
		}, fn)
}

func inChunks[T any](ctx context.Context, f *file, bucket string, code func(*coder, *T),
	walk func(t *tx, from []byte, row func(key, plain []byte) error) error, fn func(key string, r *T) error) error {
	var c coder
	// read reads the records of one transaction, and tells where to go on; nil
	// is nowhere.
	read := func(from []byte) (keys []string, records []T, next []byte, err error) {
		if err := ctx.Err(); err != nil {
			return nil, nil, nil, err
		}
		keys, records = make([]string, 0, chunk), make([]T, 0, chunk)
		err = f.view("read "+bucket, func(t *tx) error {
			err := walk(t, from, func(key, plain []byte) error {
				if len(keys) == chunk {
					next = bytes.Clone(key)
					return errStop
				}
				keys, records = append(keys, string(key)), records[:len(records)+1]
				if !decode(&c, code, plain, &records[len(records)-1]) {
					return t.unreadable(bucket)
				}
				return nil
			})
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		})
		return keys, records, next, err
	}
	keys, records, next, err := read(nil)
	for err == nil && len(records) > 0 {
		hand := func() error {
			for i := range records {
				if err := fn(keys[i], &records[i]); err != nil {
					return err
				}
			}
			return nil
		}
		if next == nil {
			return hand()
		}
		// The next ones are read while fn has these.
		var newKeys []string
		var newRecords []T
		var newNext []byte
		err = f.together("read "+bucket, hand, func() (err error) {
			newKeys, newRecords, newNext, err = read(next)
			return err
		})
		keys, records, next = newKeys, newRecords, newNext
	}
	return err
}
