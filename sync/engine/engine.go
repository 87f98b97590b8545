package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

// Engine runs the syncs and knows their state. Its methods are safe for
// concurrent use. What they return is shared and must not be changed.
type Engine struct {
	cfg Config

	// kick wakes the loop when asked was set.
	kick chan struct{}
	// busy is held by what nothing else may go on beside: a run, a
	// bring-back, a reset. deciding is held from reading a word to storing
	// what follows from it, so that a yes or no comes wholly before a removal
	// or wholly after it. They are taken in this order, and both before mu.
	busy, deciding gate

	mu    sync.Mutex // guards all below
	state Status     // replaced part by part, see update
	moved chan struct{}
	runs  []Run // newest first; replaced, never changed
	known map[directory.Cloud]cloudDoc
	words map[place]word
	asked *ask
	plan  plan
	// looping tells that Run runs.
	looping bool
	// stopRun and stopTurn end the current run and the turn of turning; nil
	// when there is none.
	stopRun  func()
	stopTurn func()
	turning  directory.Cloud
}

// gate is a mutex that is not waited for longer than a context lives.
type gate chan struct{}

// enter waits until the gate is free; the error is ctx's.
func (g gate) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g gate) leave() { <-g }

// place names one listing of one cloud.
type place struct {
	cloud   directory.Cloud
	listing directory.Listing
}

// places lists every listing there is, in the order of a sync.
func places() []place {
	var all []place
	for _, c := range directory.Clouds {
		for _, l := range c.Listings() {
			all = append(all, place{c, l})
		}
	}
	return all
}

func (p place) String() string { return string(p.cloud) + "/" + string(p.listing) }

// The names of documents. Those about a cloud or a listing end in its name.
const (
	docRuns    = "engine/runs"
	docCloud   = "engine/cloud/"
	docListing = "engine/listing/"
	noteWord   = "engine/hold/" // in the ledger
)

// cloudDoc is what the store keeps about a cloud.
type cloudDoc struct {
	Owner       string    `json:"owner,omitempty"`
	Account     string    `json:"account,omitempty"`
	LastSuccess time.Time `json:"last_success,omitzero"`
	LastError   *Fault    `json:"last_error,omitempty"`
}

// listingDoc is what the store keeps about a listing.
type listingDoc struct {
	Cursor string `json:"cursor,omitempty"`
	// Complete is when the last complete listing began, zero before the
	// first; Count is how many it had, Account the admin who saw it, or has
	// since seen nothing.
	Complete time.Time `json:"complete,omitzero"`
	Count    int       `json:"count,omitempty"`
	Account  string    `json:"account,omitempty"`
	// Missing are the stored ids that the last complete listing lacked and
	// that were not seen since; sorted.
	Missing []string `json:"missing,omitempty"`
}

// New returns an Engine with the history and the holds that cfg's Store and
// Notes keep. It fails when they cannot be read.
func New(cfg Config) (*Engine, error) {
	e := &Engine{
		cfg:      cfg,
		kick:     make(chan struct{}, 1),
		busy:     make(gate, 1),
		deciding: make(gate, 1),
		moved:    make(chan struct{}),
		known:    map[directory.Cloud]cloudDoc{},
		words:    map[place]word{},
	}
	if err := read(cfg.Store.Doc, docRuns, &e.runs); err != nil {
		return nil, err
	}
	// A run without an outcome is one during which Panel ended.
	for i := range e.runs {
		if e.runs[i].Outcome == "" {
			e.runs[i].Outcome = Stopped
		}
	}
	if len(e.runs) > 0 {
		e.state.Last = &e.runs[0]
	}
	for _, c := range directory.Clouds {
		var d cloudDoc
		if err := read(cfg.Store.Doc, docCloud+string(c), &d); err != nil {
			return nil, err
		}
		e.setKnown(c, d)
	}
	for _, p := range places() {
		var w word
		if err := read(cfg.Notes.Doc, noteWord+p.String(), &w); err != nil {
			return nil, err
		}
		e.words[p] = w
	}
	e.state.Holds = e.openHolds()
	return e, nil
}

// setKnown replaces what is known about c, in the status too. e.mu is held,
// or e not yet shared.
func (e *Engine) setKnown(c directory.Cloud, d cloudDoc) {
	e.known[c] = d
	s := e.state.Of(c)
	s.LastSuccess, s.LastError = d.LastSuccess, d.LastError
}

// documents returns the documents about the history and the clouds as they
// are now.
func (e *Engine) documents() map[string][]byte {
	e.mu.Lock()
	runs, known := e.runs, maps.Clone(e.known)
	e.mu.Unlock()
	docs := map[string][]byte{docRuns: encode(runs)}
	for c, d := range known {
		docs[docCloud+string(c)] = encode(d)
	}
	return docs
}

// read decodes the document called name into v, which stays as it is when
// there is none.
func read(doc func(string) ([]byte, error), name string, v any) error {
	b, err := doc(name)
	if err == nil && b != nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return storageError("read "+name, err)
	}
	return nil
}

// encode is for documents, whose types cannot fail to encode.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("engine: encode %T: %v", v, err))
	}
	return b
}

// storageError returns err, which came from the Store or the Notes, as a
// [*cloud.Error] that says what was being done; nil for nil.
func storageError(doing string, err error) error {
	if err == nil {
		return nil
	}
	if k := cloud.KindOf(err); k != cloud.Unexpected {
		return err
	}
	return &cloud.Error{Kind: cloud.Storage, Doing: doing, Code: cloud.DiskCode(err), Err: err}
}

// wall returns the time by the wall clock: without the monotonic reading,
// which stands still while the computer sleeps.
func wall() time.Time { return time.Now().UTC().Round(0) }

// Runs returns the last 400 runs, and before them those of the last 30 days
// that removed something, newest first. A run during which Panel ended is
// among them as cancelled, without a Finished.
func (e *Engine) Runs() []Run {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clip(e.runs)
}

// Owner returns whose data of a cloud is stored, "" when none is or nobody
// has said.
func (e *Engine) Owner(c directory.Cloud) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.known[c].Owner
}
