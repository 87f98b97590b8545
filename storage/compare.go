package storage

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// difference is a record that a batch has otherwise than the store.
type difference[T any] struct {
	id     string
	now    *T
	old    *T     // nil when it is not stored
	number []byte // of its row, nil when it is not stored
	value  []byte // that is to be its row
}

// differences returns what differs from what is stored, sorted by id. All
// that takes time and needs no write, encoding, comparing and sealing, is done
// here, on every core, so that the transaction that follows is short. Whoever
// calls it keeps others from writing until then, and in from ending.
func differences[T any](ctx context.Context, f *file, k *kind[T], records []T, in *arena) ([]difference[T], error) {
	all, err := inOrder(k, records)
	if err != nil {
		return nil, err
	}
	parts := make([][]difference[T], runtime.GOMAXPROCS(0))
	size := (len(all) + len(parts) - 1) / len(parts)
	work := make([]func() error, len(parts))
	for i := range parts {
		part := all[min(i*size, len(all)):min((i+1)*size, len(all))]
		work[i] = func() (err error) {
			parts[i], err = compare(ctx, f, k, records, part, in.room())
			return err
		}
	}
	if err := f.together("compare", work...); err != nil {
		return nil, err
	}
	return slices.Concat(parts...), nil
}

// ranked is a record by its place in a batch.
type ranked struct {
	id string
	at int
}

// inOrder returns the records sorted by id; of two with one id the later one
// stands.
func inOrder[T any](k *kind[T], records []T) ([]ranked, error) {
	all := make([]ranked, len(records))
	for i := range records {
		if all[i] = (ranked{k.id(&records[i]), i}); all[i].id == "" {
			return nil, fmt.Errorf("a record of %s without an id", k.table.rows)
		}
	}
	slices.SortFunc(all, func(a, b ranked) int { return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(b.at, a.at)) })
	return slices.CompactFunc(all, func(a, b ranked) bool { return a.id == b.id }), nil
}

// compare returns what differs of part.
func compare[T any](ctx context.Context, f *file, k *kind[T], records []T, part []ranked, room *room) ([]difference[T], error) {
	var (
		enc, dec coder
		id       []byte
		differ   []difference[T]
	)
	err := f.view("compare", func(t *tx) error {
		for n, r := range part {
			if err := stopped(ctx, n); err != nil {
				return err
			}
			d := difference[T]{id: r.id, now: &records[r.at]}
			id = append(id[:0], r.id...)
			fresh := encode(&enc, k.code, d.now)
			stored, err := t.find(k.table, id)
			if err != nil {
				return err
			}
			if stored.number != nil {
				if bytes.Equal(stored.plain, fresh) {
					continue
				}
				d.old = new(T)
				if !decode(&dec, k.code, stored.plain, d.old) {
					return t.unreadable(k.table.rows)
				}
				d.number = room.clone(stored.number)
			}
			d.value = f.seal.row(room, k.table, id, fresh)
			if differ == nil {
				differ = make([]difference[T], 0, len(part)-n)
			}
			differ = append(differ, d)
		}
		return nil
	})
	return differ, err
}

// together runs all of work at once, and returns the first error in the order
// of the list. A panic of Panel's own in one goes on in the caller.
func (f *file) together(doing string, work ...func() error) error {
	var wg sync.WaitGroup
	errs, panics := make([]error, len(work)), make([]any, len(work))
	for i, fn := range work {
		wg.Go(func() {
			defer func() { panics[i] = recover() }()
			errs[i] = f.caught(doing, fn)
		})
	}
	wg.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p)
		}
	}
	return cmp.Or(errs...)
}
