//go:build soak

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/sim"
)

// soakCycles is how often it syncs.
const soakCycles = 500

// soakFaults are what the clouds may answer instead. A listing that has lost
// people without a sign of it is not among them: there is no telling.
var soakFaults = map[string][]string{
	"google.users":           {"missing_array", "wrong_kind", "empty_object", "block_page", "captive", "forbidden", "api_disabled", "trailing_garbage", "no_content", "drop", "cut", "truncated", "empty_page", "duplicate"},
	"google.orgunits":        {"missing_array", "lost_records", "wrong_kind", "empty_object", "block_page", "forbidden", "no_content", "cut", "duplicate"},
	"google.chromeosdevices": {"missing_array", "lost_records", "short", "wrong_kind", "empty_object", "captive", "forbidden", "repeat_token", "drop", "truncated", "empty_page", "duplicate"},
	"google.count":           {"empty_object", "block_page", "drop"},
	"microsoft.users":        {"missing_array", "wrong_kind", "empty_object", "block_page", "captive", "denied", "drop", "cut", "page_token_expired", "empty_page", "duplicate"},
	"microsoft.delta":        {"missing_array", "wrong_kind", "block_page", "delta_malformed", "delta_gone", "empty_page", "duplicate"},
	"microsoft.token":        {"secret_expired", "conditional_access", "drop"},
}

// soak is a session that syncs a district which changes under it.
type soak struct {
	*rig
	*session
	rand *rand.Rand
	made int
}

// TestSoak syncs a changing district again and again, with faults and cancels
// in between, in one process as the window does: as often as in three months.
// Nobody who stays in a cloud is ever removed, nothing grows, and in the end
// the store is what a first import of the same district is.
func TestSoak(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := &soak{rig: newRig(t, sim.Config{People: 400, Chromebooks: 700}), rand: rand.New(rand.NewPCG(seed, 0))}
	s.setUp()
	s.session = s.rig.session()
	s.calm()
	var first footprint
	for n := 1; n <= soakCycles; n++ {
		s.cycle()
		if n%50 != 0 {
			continue
		}
		s.calm()
		now := s.footprint()
		t.Logf("after %d: %+v", n, now)
		switch {
		case n == 50:
			first = now
		case now.heap > first.heap+16<<20, now.goroutines > first.goroutines+8, now.disk > 32<<20: // 400 change lists take room
			t.Errorf("after %d: %+v, after 50: %+v", n, now, first)
		}
	}
	s.calm()
	s.close()

	kept := s.imported()
	s.moveTo(filepath.Join(t.TempDir(), "fresh"))
	s.setUp()
	s.sync(exitDone)
	for what, want := range s.imported() {
		if kept[what] != want {
			t.Errorf("%s are not what a first import has:\n%.2000s\nwant:\n%.2000s", what, kept[what], want)
		}
	}
}

// cycle changes the district, spoils some answers, and syncs once.
func (s *soak) cycle() {
	s.t.Helper()
	for range s.rand.IntN(4) {
		s.change()
	}
	var faults []sim.Fault
	for range s.rand.IntN(3) {
		endpoint := pick(s.rand, slices.Sorted(maps.Keys(soakFaults)))
		f := sim.Fault{Endpoint: endpoint, Kind: pick(s.rand, soakFaults[endpoint]), Page: s.rand.IntN(3)}
		switch f.Kind {
		case "drop", "cut", "truncated", "empty_page": // else they are tried again for long
			f.Times = 1
		}
		faults = append(faults, f)
	}
	s.faults(faults...)
	before := s.stored()
	ctx := s.t.Context()
	if s.rand.IntN(10) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(s.rand.IntN(200))*time.Millisecond)
		defer cancel()
	}
	r, err := s.engine.SyncNow(ctx, engine.Options{Full: s.rand.IntN(3) == 0})
	if err != nil && ctx.Err() == nil {
		s.t.Fatal(err)
	}
	for _, turn := range []*engine.CloudReport{r.Google, r.Microsoft} {
		if turn != nil && turn.Error != nil && (turn.Error.Code == "panic" || turn.Error.Kind == cloud.Storage) {
			s.t.Fatalf("%+v after %+v", turn.Error, faults)
		}
	}
	now := s.stored()
	for at, ids := range s.district() {
		for _, id := range ids {
			if slices.Contains(before[at], id) && !slices.Contains(now[at], id) {
				s.t.Fatalf("%s was removed from %s after %+v", id, at, faults)
			}
		}
	}
}

// change changes one record, adds one, or takes one away.
func (s *soak) change() {
	s.t.Helper()
	s.made++
	kind := pick(s.rand, []string{"google/users", "google/chromeosdevices", "microsoft/users", "google/orgunits"})
	id := pick(s.rand, s.clouds.IDs(kind))
	var record string
	switch n := s.rand.IntN(4); {
	case kind == "google/orgunits":
		id, record = fmt.Sprintf("id:soak%d", s.made), fmt.Sprintf(`{"name":"Soak %d","orgUnitPath":"/Soak %d","parentOrgUnitPath":"/"}`, s.made, s.made)
	case n == 0:
		if err := s.clouds.Delete(kind, id); err != nil {
			s.t.Fatal(err)
		}
		return
	case n == 1 && kind == "google/users":
		id, record = fmt.Sprint(880_000+s.made), fmt.Sprintf(`{"primaryEmail":"soak%d@cedarvalley.example","orgUnitPath":"/Staff"}`, s.made)
	case n == 1 && kind == "microsoft/users":
		id, record = fmt.Sprintf("00000000-0000-4000-8000-%012d", s.made), fmt.Sprintf(`{"userPrincipalName":"soak%d@cedarvalley.example"}`, s.made-s.rand.IntN(3))
	case n == 1:
		id, record = fmt.Sprintf("00000000-0000-4000-9000-%012d", s.made), fmt.Sprintf(`{"serialNumber":"SOAK%d","orgUnitPath":"/"}`, s.made)
	case kind == "google/users":
		record = fmt.Sprintf(`{"name":{"givenName":"Soak","fullName":"Soak %d"},"suspended":%v}`, s.made, n == 2)
	case kind == "microsoft/users":
		record = fmt.Sprintf(`{"displayName":"Soak %d","accountEnabled":%v}`, s.made, n == 2)
	default:
		record = fmt.Sprintf(`{"notes":"Soak %d","orgUnitPath":"/Students"}`, s.made)
	}
	if err := s.clouds.Put(kind, id, []byte(record)); err != nil {
		s.t.Fatal(err)
	}
}

// calm syncs without faults until the store has what the district has.
func (s *soak) calm() {
	s.t.Helper()
	s.faults()
	for range 3 {
		r, err := s.engine.SyncNow(s.t.Context(), engine.Options{Full: true, AcceptRemovals: true})
		if err != nil || r.Outcome != engine.OK && r.Outcome != engine.Held {
			s.t.Fatalf("without faults: %+v %+v %v", r.Google, r.Microsoft, err)
		}
	}
	want := s.district()
	for at, got := range s.stored() {
		if !slices.Equal(got, want[at]) {
			s.t.Fatalf("%s: %d stored, %d in the district", at, len(got), len(want[at]))
		}
	}
}

// stored are the ids of each listing, district those that the clouds have.
func (s *soak) stored() map[string][]string {
	s.t.Helper()
	all := map[string][]string{}
	for _, c := range directory.Clouds {
		for _, l := range c.Listings() {
			ids, err := s.store.Inventory.IDs(c, l)
			if err != nil {
				s.t.Fatal(err)
			}
			all[string(c)+"/"+string(l)] = ids
		}
	}
	return all
}

func (s *soak) district() map[string][]string {
	all := map[string][]string{}
	for at, kind := range map[string]string{
		"google/people": "google/users", "google/orgunits": "google/orgunits",
		"google/chromebooks": "google/chromeosdevices", "microsoft/people": "microsoft/users",
	} {
		ids := slices.Sorted(slices.Values(s.clouds.IDs(kind)))
		if kind == "google/orgunits" {
			ids = slices.DeleteFunc(ids, func(id string) bool { return s.isRoot(id) })
		}
		all[at] = ids
	}
	return all
}

// isRoot tells whether an OU is the root, which is not listed.
func (s *soak) isRoot(id string) bool {
	s.t.Helper()
	record, err := s.clouds.Record("google/orgunits", id)
	if err != nil {
		s.t.Fatal(err)
	}
	var o struct{ OrgUnitPath string }
	if err := json.Unmarshal(record, &o); err != nil {
		s.t.Fatal(err)
	}
	return o.OrgUnitPath == "/"
}

// imported is everything that the folder says of the clouds, without
// Chromebooks that are no longer in Google.
func (s *soak) imported() map[string]string {
	s.t.Helper()
	all := map[string]string{}
	for _, what := range []string{"people", "orgunits", "chromebooks"} {
		records := slices.DeleteFunc(s.records(what), func(o map[string]any) bool { return o["gone"] == true })
		all[what] = encoded(s.t, records)
	}
	return all
}

// footprint is what may not grow: bytes of memory in use, goroutines, bytes on
// disk.
type footprint struct {
	heap       uint64
	goroutines int
	disk       int64
}

func (s *soak) footprint() (f footprint) {
	s.t.Helper()
	runtime.GC()
	runtime.GC() // what had finalizers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	f.heap, f.goroutines = m.HeapAlloc, runtime.NumGoroutine()
	for _, name := range []string{"inventory.db", "ledger.db"} {
		info, err := os.Stat(filepath.Join(s.data, name))
		if err != nil {
			s.t.Fatal(err)
		}
		f.disk += info.Size()
	}
	return f
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }
