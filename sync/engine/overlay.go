package engine

import (
	"slices"
	"sync"

	"panel/directory"
)

// overlay has the accounts that came and are not in the store yet, so that a
// patch finds the one before it. The zero value keeps nothing, until begin.
type overlay struct {
	mu     sync.Mutex
	layers []map[string]directory.Account // one per batch, the oldest first
}

func (o *overlay) begin() { o.layers = []map[string]directory.Account{{}} }

// add keeps the accounts of a page.
func (o *overlay) add(accounts []directory.Account) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.layers) == 0 {
		return
	}
	for _, a := range accounts {
		o.layers[len(o.layers)-1][a.ID] = a
	}
}

// next begins a batch.
func (o *overlay) next() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.layers) > 0 {
		o.layers = append(o.layers, map[string]directory.Account{})
	}
}

// drop forgets the oldest batch, which is in the store now.
func (o *overlay) drop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.layers) > 0 {
		o.layers = slices.Delete(o.layers, 0, 1)
	}
}

// find returns the newest account with the id.
func (o *overlay) find(id string) (directory.Account, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, layer := range slices.Backward(o.layers) {
		if a, ok := layer[id]; ok {
			return a, true
		}
	}
	return directory.Account{}, false
}
