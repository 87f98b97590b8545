package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

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
	numbers []byte // room for those of new rows
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

// lacks tells whether a file of an older version has no such bucket yet.
func (t *tx) lacks(name string) bool { return t.old && t.bolt.Bucket([]byte(name)) == nil }

// raw returns what is stored under a key, nil when there is nothing. It is
// bbolt's Get without the memory that each call of that takes.
func (t *tx) raw(bucket string, key []byte) []byte {
	if t.lacks(bucket) {
		return nil
	}
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
	if t.lacks(bucket) {
		return nil
	}
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
