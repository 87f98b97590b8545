package storage

import "sync"

// arena is the memory that one write needs until its transaction has ended.
// Thousands of small allocations are much work for the garbage collector, and
// large ones for the system, so it is made of pieces that serve again. Safe
// for concurrent use; the zero value is ready.
type arena struct {
	mu     sync.Mutex
	pieces []*piece
}

type piece [256 << 10]byte

var pieces = sync.Pool{New: func() any { return new(piece) }}

// room returns a part of the arena for one goroutine.
func (a *arena) room() *room { return &room{arena: a} }

func (a *arena) piece() *piece {
	p, _ := pieces.Get().(*piece)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pieces = append(a.pieces, p)
	return p
}

// free ends the use of all that was taken.
func (a *arena) free() {
	for _, p := range a.pieces {
		pieces.Put(p)
	}
	a.pieces = nil
}

// room gives out bytes of an arena. Not safe for concurrent use.
type room struct {
	arena *arena
	left  []byte
}

// take returns an empty slice with room for n bytes.
func (r *room) take(n int) []byte {
	if n > len(piece{}) {
		return make([]byte, 0, n)
	}
	if cap(r.left) < n {
		r.left = r.arena.piece()[:0]
	}
	b := r.left[:0:n]
	r.left = r.left[n:n:cap(r.left)]
	return b
}

func (r *room) clone(b []byte) []byte { return append(r.take(len(b)), b...) }
