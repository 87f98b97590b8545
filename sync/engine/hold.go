package engine

import (
	"bytes"
	"context"
	"slices"
	"time"

	"panel/directory"
)

// word is what the ledger keeps about one listing: the removals that wait
// for the technician, and what he said to earlier ones. The lists are sorted
// and share no id; a record that is seen leaves all of them.
type word struct {
	// Held wait for a yes, since Since.
	Held  []string  `json:"held,omitempty"`
	Since time.Time `json:"since,omitzero"`
	// Empty tells that an empty listing waits for a yes.
	Empty bool `json:"empty,omitempty"`
	// Yes are to be taken out if the next complete listing lacks them.
	Yes []string `json:"yes,omitempty"`
	// Kept are never taken out.
	Kept []string `json:"kept,omitempty"`
	// EmptyOK tells that the technician knows of the empty listing.
	EmptyOK bool `json:"empty_ok,omitempty"`
}

// open tells whether something waits for the technician.
func (w word) open() bool { return len(w.Held) > 0 || w.Empty }

// settled returns w with a Since that fits.
func (w word) settled() word {
	if !w.open() {
		w.Since = time.Time{}
	}
	return w
}

// without returns w after alive were seen.
func (w word) without(alive []string) word {
	if len(alive) == 0 {
		return w
	}
	w.Held, w.Yes, w.Kept = minus(w.Held, alive), minus(w.Yes, alive), minus(w.Kept, alive)
	w.Empty, w.EmptyOK = false, false
	return w.settled()
}

// only returns w with none but the ids in lacking.
func (w word) only(lacking []string) word {
	w.Held, w.Yes, w.Kept = both(w.Held, lacking), both(w.Yes, lacking), both(w.Kept, lacking)
	return w.settled()
}

// hold returns w with ids held as well.
func (w word) hold(ids []string, now time.Time) word {
	if !w.open() {
		w.Since = now
	}
	w.Held = union(w.Held, ids)
	return w
}

// answered returns w after a yes or a no to what is held.
func (w word) answered(yes bool) word {
	if yes {
		w.Yes = union(w.Yes, w.Held)
	} else {
		w.Kept = union(w.Kept, union(w.Held, w.Yes))
		w.Yes = nil
	}
	w.EmptyOK = w.EmptyOK || w.Empty
	w.Held, w.Empty = nil, false
	return w.settled()
}

// exceeded tells whether n removals at once, of stored records, are too many.
func (s Settings) exceeded(n, stored int) bool {
	s = s.orDefault()
	return float64(n) > max(float64(s.HoldFloor), s.HoldShare*float64(stored)) || n > s.HoldMost
}

// word returns the word about p.
func (e *Engine) word(p place) word {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.words[p]
}

// setWord keeps w about p, durably before anybody sees it. e.deciding is
// held.
func (e *Engine) setWord(ctx context.Context, p place, w word) error {
	var note []byte
	if b := encode(w); !bytes.Equal(b, encode(word{})) {
		note = b
	}
	if bytes.Equal(encode(e.word(p)), encode(w)) {
		return nil
	}
	if err := e.cfg.Notes.PutDoc(ctx, noteWord+p.String(), note); err != nil {
		return storageError("store holds", err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.words[p] = w
	e.state.Holds = e.openHolds()
	e.show()
	return nil
}

// openHolds lists the open holds in the order of a sync. e.mu is held, or e
// not yet shared.
func (e *Engine) openHolds() []Hold {
	var all []Hold
	for _, p := range places() {
		if w := e.words[p]; w.open() {
			all = append(all, Hold{Cloud: p.cloud, Listing: p.listing, IDs: w.Held, Since: w.Since, Empty: w.Empty})
		}
	}
	return all
}

// Keep says no to the open hold of a listing: its ids stay, and are not
// asked about again until they were seen and lost anew. Without an open hold
// it does nothing.
func (e *Engine) Keep(ctx context.Context, c directory.Cloud, l directory.Listing) error {
	return e.answer(ctx, place{c, l}, false)
}

// Remove says yes to the open hold of a listing, and requests a run of its
// cloud: what that run, or the next that is complete, still finds absent is
// taken out. Without an open hold it does nothing.
func (e *Engine) Remove(ctx context.Context, c directory.Cloud, l directory.Listing) error {
	p := place{c, l}
	if !e.word(p).open() {
		return nil
	}
	if err := e.answer(ctx, p, true); err != nil {
		return err
	}
	e.enqueue(ask{why: WhyRemove, clouds: []directory.Cloud{c}, wanted: true})
	return nil
}

// answer keeps a yes or no to the open hold of p.
func (e *Engine) answer(ctx context.Context, p place, yes bool) error {
	if err := e.deciding.enter(ctx); err != nil {
		return err
	}
	defer e.deciding.leave()
	if w := e.word(p); w.open() {
		return e.setWord(ctx, p, w.answered(yes))
	}
	return nil
}

// sighted notes that the records of b were seen: in the ledger before b is
// stored, in doc and so in b itself. What a crash loses of a listing is then
// never the sighting of a record whose news it kept.
func (e *Engine) sighted(ctx context.Context, p place, doc *listingDoc, b *directory.Batch) error {
	if err := e.deciding.enter(ctx); err != nil {
		return err
	}
	defer e.deciding.leave()
	w := e.word(p)
	if len(doc.Missing)+len(w.Held)+len(w.Yes)+len(w.Kept) == 0 && !w.Empty && !w.EmptyOK {
		return nil
	}
	ids := sorted(slices.Collect(recordIDs(b.Accounts, b.OrgUnits, b.Chromebooks)))
	if err := e.setWord(ctx, p, w.without(ids)); err != nil {
		return err
	}
	if m := minus(doc.Missing, ids); len(m) != len(doc.Missing) {
		doc.Missing = m
		b.Docs = map[string][]byte{docListing + p.String(): encode(doc)}
	}
	return nil
}
