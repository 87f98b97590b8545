package google

import (
	"context"
	"sync"
)

// slots bounds how many Chromebook pages are asked for at the same time.
// Google limits that per Workspace account, other programs included, and says
// the limit only by refusing: each refusal takes a slot away, down to one.
type slots struct {
	free chan struct{}

	mu    sync.Mutex
	total int
	// debt is how many slots in use must not come back.
	debt int
}

func newSlots(n int) *slots {
	s := &slots{free: make(chan struct{}, n), total: n}
	for range n {
		s.free <- struct{}{}
	}
	return s
}

// take waits for a slot; it returns false when ctx ended first.
func (s *slots) take(ctx context.Context) bool {
	select {
	case <-s.free:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *slots) give() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.debt > 0 {
		s.debt--
		return
	}
	s.free <- struct{}{}
}

// narrow takes a slot away.
func (s *slots) narrow() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total == 1 {
		return
	}
	s.total--
	select {
	case <-s.free:
	default:
		s.debt++
	}
}
