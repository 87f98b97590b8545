package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// memory is a Store and Notes in memory, as their contracts say.
type memory struct {
	mu      sync.Mutex
	records map[spot]map[string]any // by id; a Chromebook that is gone stays
	docs    map[string][]byte
	notes   map[string][]byte
	aside   map[string]map[spot]map[string]any // by run
	changes []directory.Change
	pruned  []string // the runs of the last Prune
	commits int

	// before, if not nil, is called ahead of each write, with its number;
	// an error fails the write.
	before func(n int) error
}

type spot struct {
	cloud   directory.Cloud
	listing directory.Listing
}

func newMemory() *memory {
	return &memory{
		records: map[spot]map[string]any{}, docs: map[string][]byte{}, notes: map[string][]byte{},
		aside: map[string]map[spot]map[string]any{},
	}
}

// write begins a write; m.mu is held.
func (m *memory) write(ctx context.Context) error {
	m.commits++
	if m.before != nil {
		if err := m.before(m.commits); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (m *memory) Apply(ctx context.Context, b directory.Batch) (directory.Tally, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var t directory.Tally
	if err := m.write(ctx); err != nil {
		return t, err
	}
	at := spot{b.Cloud, b.Listing}
	if m.records[at] == nil && b.Len() > 0 {
		m.records[at] = map[string]any{}
	}
	put := func(id, name string, rec any, diff func(old any) []directory.FieldChange) {
		old, ok := m.records[at][id]
		if ok && reflect.DeepEqual(old, rec) {
			return
		}
		m.records[at][id] = rec
		t.Written++
		c := directory.Change{Run: b.Run, At: b.At, Cloud: b.Cloud, Listing: b.Listing, ID: id, Name: name, Kind: directory.Added}
		if !ok {
			t.Added++
		} else {
			if c.Fields = diff(old); c.Fields == nil {
				return
			}
			c.Kind = directory.Changed
			t.Changed++
		}
		if !b.Quiet {
			m.changes = append(m.changes, c)
		}
	}
	for _, a := range b.Accounts {
		put(a.ID, a.DisplayName, a, func(old any) []directory.FieldChange {
			o := old.(directory.Account)
			return directory.Diff(directory.AccountFields, &o, &a)
		})
	}
	for _, u := range b.OrgUnits {
		put(u.ID, u.Name, u, func(old any) []directory.FieldChange {
			o := old.(directory.OrgUnit)
			return directory.Diff(directory.OrgUnitFields, &o, &u)
		})
	}
	for _, c := range b.Chromebooks {
		put(c.DeviceID, c.Name(), c, func(old any) []directory.FieldChange {
			o := old.(directory.Chromebook)
			return directory.Diff(directory.ChromebookFields, &o, &c)
		})
	}
	for _, id := range b.Gone {
		rec, ok := m.records[at][id]
		book, isBook := rec.(directory.Chromebook)
		if !ok || isBook && !book.Gone.IsZero() {
			continue
		}
		if m.aside[b.Run] == nil {
			m.aside[b.Run] = map[spot]map[string]any{}
		}
		if m.aside[b.Run][at] == nil {
			m.aside[b.Run][at] = map[string]any{}
		}
		m.aside[b.Run][at][id] = rec
		if isBook {
			book.Gone = b.At
			m.records[at][id] = book
		} else {
			delete(m.records[at], id)
		}
		t.Written++
		t.Removed++
		if !b.Quiet {
			m.changes = append(m.changes, directory.Change{
				Run: b.Run, At: b.At, Cloud: b.Cloud, Listing: b.Listing, ID: id, Kind: directory.Removed,
			})
		}
	}
	m.putDocs(b.Docs)
	return t, nil
}

func (m *memory) putDocs(docs map[string][]byte) {
	for name, v := range docs {
		if v == nil {
			delete(m.docs, name)
		} else {
			m.docs[name] = v
		}
	}
}

func (m *memory) IDs(c directory.Cloud, l directory.Listing) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ids(spot{c, l}), nil
}

func (m *memory) ids(at spot) []string {
	var ids []string
	for id, rec := range m.records[at] {
		if b, ok := rec.(directory.Chromebook); ok && !b.Gone.IsZero() {
			continue
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (m *memory) Account(c directory.Cloud, id string) (directory.Account, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.records[spot{c, directory.People}][id].(directory.Account)
	return a, ok, nil
}

func (m *memory) InOrgUnits(context.Context) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, rec := range m.records[spot{directory.Google, directory.People}] {
		if len(rec.(directory.Account).OrgUnit) > 1 {
			return true, nil
		}
	}
	for _, rec := range m.records[spot{directory.Google, directory.Chromebooks}] {
		if c := rec.(directory.Chromebook); c.Gone.IsZero() && len(c.OrgUnit) > 1 {
			return true, nil
		}
	}
	return false, nil
}

func (m *memory) Doc(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.docs[name], nil
}

func (m *memory) AddChange(ctx context.Context, c directory.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(ctx); err != nil {
		return err
	}
	m.changes = append(m.changes, c)
	return nil
}

func (m *memory) Restore(ctx context.Context, run string, now directory.Batch) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.write(ctx); err != nil {
		return nil, err
	}
	at := spot{now.Cloud, now.Listing}
	var ids []string
	for id, rec := range m.aside[run][at] {
		if slices.Contains(m.ids(at), id) {
			continue
		}
		m.records[at][id] = rec
		m.changes = append(m.changes, directory.Change{
			Run: now.Run, At: now.At, Cloud: now.Cloud, Listing: now.Listing, ID: id, Kind: directory.Restored,
		})
		ids = append(ids, id)
	}
	delete(m.aside[run], at)
	m.putDocs(now.Docs)
	slices.Sort(ids)
	return ids, nil
}

func (m *memory) Prune(_ context.Context, runs []string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pruned = runs
	m.changes = slices.DeleteFunc(m.changes, func(c directory.Change) bool { return !slices.Contains(runs, c.Run) })
	for run, at := range m.aside {
		if began, err := time.Parse("20060102T150405.000Z", run); err == nil && time.Since(began) > 30*24*time.Hour {
			clear(at)
		}
	}
	return nil
}

// ledger is m's other half.
type ledger struct{ *memory }

func (l ledger) Doc(name string) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.notes[name], nil
}

func (l ledger) PutDoc(ctx context.Context, name string, v []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.write(ctx); err != nil {
		return err
	}
	if v == nil {
		delete(l.notes, name)
	} else {
		l.notes[name] = v
	}
	return nil
}

// world is what both clouds have, and how they behave.
type world struct {
	mu   sync.Mutex
	off  map[directory.Cloud]bool // not set up
	fail map[directory.Cloud]error
	who  map[directory.Cloud]cloud.Identity
	has  map[spot][]string
	page int
	// asked has one line per call of a Source, in order.
	asked []string
	// hook, if not nil, may answer a listing in the cloud's stead; ok false
	// lets the cloud answer.
	hook func(ctx context.Context, c directory.Cloud, r cloud.Request) (res cloud.Result, err error, ok bool)
	// name is the display name of all people.
	name string
	// in is the OU that all records of a listing are in.
	in map[directory.Listing]string
	// cursors are given out for Chromebooks and by Microsoft.
	cursors bool
}

func newWorld() *world {
	return &world{
		off: map[directory.Cloud]bool{}, fail: map[directory.Cloud]error{}, has: map[spot][]string{}, page: 2,
		in: map[directory.Listing]string{},
		who: map[directory.Cloud]cloud.Identity{
			directory.Google:    {Owner: "C01", Account: "admin@example.com"},
			directory.Microsoft: {Owner: "6ea9"},
		},
		cursors: true,
	}
}

func (w *world) set(c directory.Cloud, l directory.Listing, ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.has[spot{c, l}] = ids
}

// place puts all records of a listing into an OU.
func (w *world) place(l directory.Listing, unit string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.in[l] = unit
}

// breaks makes connecting to clouds fail with err, nil for no longer.
func (w *world) breaks(err error, cs ...directory.Cloud) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range cs {
		w.fail[c] = err
	}
}

// remove takes clouds out of the setup, or puts them back.
func (w *world) remove(off bool, cs ...directory.Cloud) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range cs {
		w.off[c] = off
	}
}

func (w *world) log(format string, a ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, fmt.Sprintf(format, a...))
}

// calls returns what was asked since the last time.
func (w *world) calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.asked
	w.asked = nil
	return all
}

func (w *world) connect(_ context.Context, c directory.Cloud) (cloud.Source, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.off[c] {
		return nil, nil
	}
	if err := w.fail[c]; err != nil {
		return nil, err
	}
	return &source{w, c}, nil
}

// source is a cloud.Source over w.
type source struct {
	w *world
	c directory.Cloud
}

func (s *source) Cloud() directory.Cloud { return s.c }

func (s *source) Identify(ctx context.Context) (cloud.Identity, error) {
	s.w.log("%s identify", s.c)
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	return s.w.who[s.c], ctx.Err()
}

func (s *source) List(ctx context.Context, r cloud.Request) (cloud.Result, error) {
	how := "whole"
	if r.Cursor != "" {
		how = "changes"
	}
	s.w.log("%s %s %s", s.c, r.Listing, how)
	s.w.mu.Lock()
	hook := s.w.hook
	ids := slices.Clone(s.w.has[spot{s.c, r.Listing}])
	s.w.mu.Unlock()
	if hook != nil {
		if res, err, ok := hook(ctx, s.c, r); ok {
			return res, err
		}
	}
	res := cloud.Result{Whole: r.Cursor == "", Complete: r.Cursor == "", Expected: -1}
	if r.Listing == directory.Chromebooks {
		res.Expected = len(ids)
	}
	if s.w.cursors && (s.c == directory.Microsoft || r.Listing == directory.Chromebooks) {
		res.Cursor = "cursor"
	}
	var err error
	res.Pages, err = s.pages(ctx, r, ids)
	return res, err
}

// pages hands ids over in pages.
func (s *source) pages(ctx context.Context, r cloud.Request, ids []string) (int, error) {
	n := 0
	for part := range slices.Chunk(ids, s.w.page) {
		n++
		if err := r.Page(ctx, s.w.records(s.c, r.Listing, part)); err != nil {
			return n, err
		}
	}
	return n, nil
}

// records returns a page of records with the ids.
func (w *world) records(c directory.Cloud, l directory.Listing, ids []string) cloud.Page {
	w.mu.Lock()
	defer w.mu.Unlock()
	var p cloud.Page
	for _, id := range ids {
		switch l {
		case directory.People:
			p.Accounts = append(p.Accounts, directory.Account{Cloud: c, ID: id, DisplayName: w.name, OrgUnit: w.in[l]})
		case directory.OrgUnits:
			p.OrgUnits = append(p.OrgUnits, directory.OrgUnit{ID: id, Path: "/" + id, Name: id})
		case directory.Chromebooks:
			p.Chromebooks = append(p.Chromebooks, directory.Chromebook{DeviceID: id, Serial: id, OrgUnit: w.in[l]})
		}
	}
	return p
}

// panel is an engine over a memory and a world.
type panel struct {
	*engine.Engine
	t        tester
	m        *memory
	w        *world
	settings atomic.Pointer[engine.Settings]
	failed   []*cloud.Error
	worked   []directory.Cloud
}

// start returns an engine over m and w, as at the start of Panel.
func start(t tester, m *memory, w *world, edit ...func(*engine.Config)) *panel {
	t.Helper()
	p := &panel{t: t, m: m, w: w}
	cfg := engine.Config{
		Store: m, Notes: ledger{m}, Connect: w.connect,
		Settings: func() engine.Settings { return *p.settings.Load() },
		Failed:   func(_ directory.Cloud, err *cloud.Error) { p.failed = append(p.failed, err) },
		Worked:   func(c directory.Cloud, _ cloud.Identity) { p.worked = append(p.worked, c) },
	}
	p.set(engine.Settings{})
	for _, f := range edit {
		f(&cfg)
	}
	e, err := engine.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	p.Engine = e
	return p
}

func (p *panel) set(s engine.Settings) { p.settings.Store(&s) }

// moved is Moved, which must not fail.
func (p *panel) moved(c directory.Cloud) {
	p.t.Helper()
	if err := p.Moved(p.t.Context(), c); err != nil {
		p.t.Fatal(err)
	}
}

// sync runs a sync and wants the outcome.
func (p *panel) sync(want engine.Outcome, o engine.Options) engine.Run {
	p.t.Helper()
	r, err := p.SyncNow(p.t.Context(), o)
	if err != nil {
		p.t.Fatal(err)
	}
	if r.Outcome != want {
		p.t.Fatalf("outcome %s, want %s; google: %+v, microsoft: %+v", r.Outcome, want, r.Google, r.Microsoft)
	}
	return r
}

var full = engine.Options{Full: true}

// has wants the stored ids of a listing to be these.
func (p *panel) has(c directory.Cloud, l directory.Listing, want ...string) {
	p.t.Helper()
	if got, _ := p.m.IDs(c, l); !slices.Equal(got, want) {
		p.t.Fatalf("%s %s: stored %d %.200q, want %d %.200q", c, l, len(got), got, len(want), want)
	}
}

// held wants the open holds to be these, as "cloud listing id id".
func (p *panel) held(want ...string) {
	p.t.Helper()
	var got []string
	for _, h := range p.Status().Holds {
		s := fmt.Sprintf("%s %s %s", h.Cloud, h.Listing, strings.Join(h.IDs, " "))
		if h.Empty {
			s += " (empty)"
		}
		if h.Since.IsZero() {
			p.t.Fatalf("hold without a date: %+v", h)
		}
		got = append(got, s)
	}
	if !slices.Equal(got, want) {
		p.t.Fatalf("holds %q, want %q", got, want)
	}
}

// ids returns n ids with a prefix.
func ids(prefix string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("%s%05d", prefix, i))
	}
	return all
}

// data is everything that m keeps but times and runs: what two ways to the
// same end must agree in.
func (m *memory) data() map[spot]map[string]any {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[spot]map[string]any{}
	for at, recs := range m.records {
		out[at] = maps.Clone(recs)
		for id, rec := range recs {
			if b, ok := rec.(directory.Chromebook); ok && !b.Gone.IsZero() {
				b.Gone = time.Unix(1, 0)
				out[at][id] = b
			}
		}
	}
	return out
}

var errDisk = errors.New("disk on fire")

// tester is what the tests need of a testing.T or a rapid.T.
type tester interface {
	Helper()
	Context() context.Context
	Fatal(...any)
	Fatalf(string, ...any)
}
