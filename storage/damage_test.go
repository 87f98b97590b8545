package storage

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"
)

var faults = flag.Int("faults", 10, "how often each kind of damage is tried")

// district fills a folder with a little of everything, in several
// transactions, some of which take things out.
func district(t testing.TB, s *Store) {
	t.Helper()
	at := time.Now().UTC()
	for run, from := range []int{0, 100, 200} {
		b := directory.Batch{Cloud: directory.Google, Run: fmt.Sprint("run", run), At: at, Docs: map[string][]byte{"cursor": fmt.Append(nil, run)}}
		b.Listing = directory.People
		for i := from; i < from+150; i++ {
			b.Accounts = append(b.Accounts, sampleAccount(directory.Google, i))
		}
		apply(t, s, b)
		b.Listing, b.Accounts = directory.Chromebooks, nil
		for i := from; i < from+150; i++ {
			b.Chromebooks = append(b.Chromebooks, sampleChromebook(i))
		}
		apply(t, s, b)
		b.Chromebooks = nil
		b.Gone = []string{sampleChromebook(from).DeviceID, sampleChromebook(from + 1).DeviceID}
		apply(t, s, b)
		b.Listing = directory.People
		b.Gone = []string{sampleAccount(directory.Google, from).ID}
		apply(t, s, b)
		b.Listing, b.Gone = directory.OrgUnits, nil
		b.OrgUnits = []directory.OrgUnit{{ID: fmt.Sprint("id:", run), Path: fmt.Sprint("/", run), Name: "OU", ParentPath: "/"}}
		apply(t, s, b)
		if err := s.Ledger.PutDoc(t.Context(), fmt.Sprint("note", run), []byte(strings.Repeat("x", 3000*run+1))); err != nil {
			t.Fatal(err)
		}
		if err := s.Ledger.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func apply(t testing.TB, s *Store, b directory.Batch) directory.Tally {
	t.Helper()
	tally, err := s.Inventory.Apply(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

// everything reads the whole inventory, as text by key.
func everything(t testing.TB, s *Store) (map[string]string, error) {
	all := make(map[string]string)
	v := s.Inventory
	errs := []error{
		v.People(t.Context(), func(p *directory.Person) error { all["person "+p.ID] = fmt.Sprintf("%+v", *p); return nil }),
		v.Chromebooks(t.Context(), func(c *directory.Chromebook) error {
			all["chromebook "+c.DeviceID] = fmt.Sprintf("%+v", *c)
			return nil
		}),
	}
	orgUnits, err := v.OrgUnits(t.Context())
	errs = append(errs, err)
	for _, o := range orgUnits {
		all["orgunit "+o.ID] = fmt.Sprintf("%+v", o)
	}
	for _, c := range directory.Clouds {
		for _, l := range c.Listings() {
			ids, err := v.IDs(c, l)
			errs = append(errs, err)
			all[fmt.Sprint("ids ", c, l)] = strings.Join(ids, " ")
			for _, id := range ids {
				if l == directory.People {
					a, _, err := v.Account(c, id)
					errs = append(errs, err)
					all["account "+id] = fmt.Sprintf("%+v", a)
				}
			}
		}
	}
	for run := range 3 {
		changes, err := v.Changes(fmt.Sprint("run", run))
		errs = append(errs, err)
		all[fmt.Sprint("changes ", run)] = fmt.Sprintf("%+v", changes)
	}
	doc, err := v.Doc("cursor")
	all["cursor"] = string(doc)
	return all, errors.Join(append(errs, err)...)
}

// state is all that a folder holds.
type state struct {
	inventory map[string]string
	notes     string
}

func look(t testing.TB, s *Store) (got state, err error) {
	var notes strings.Builder
	errs := make([]error, 4)
	got.inventory, errs[3] = everything(t, s)
	for run := range 3 {
		var doc []byte
		doc, errs[run] = s.Ledger.Doc(fmt.Sprint("note", run))
		fmt.Fprintf(&notes, "%s ", doc)
	}
	got.notes = notes.String()
	return got, errors.Join(errs...)
}

// damages are the ways in which a disk fails, after the measurements that led
// to this design: a byte anywhere, in a page's head, a page or the end lost,
// and files that never were Panel's.
var damages = []struct {
	name string
	do   func(r *rand.Rand, b []byte) []byte
}{
	{"a byte", func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b))] ^= byte(1 + r.IntN(255))
		return b
	}},
	{"a bit in the head of a page", func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b)/4096)*4096+r.IntN(64)] ^= 1 << r.IntN(8)
		return b
	}},
	{"a page of zeros", func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b)/4096) * 4096
		clear(b[at : at+4096])
		return b
	}},
	{"a page of another place", func(r *rand.Rand, b []byte) []byte {
		copy(b[r.IntN(len(b)/4096)*4096:], slices.Clone(b[r.IntN(len(b)/4096)*4096:][:4096]))
		return b
	}},
	{"a page of garbage", func(r *rand.Rand, b []byte) []byte {
		at := r.IntN(len(b)/4096) * 4096
		for i := range 4096 {
			b[at+i] = byte(r.Uint32())
		}
		return b
	}},
	{"a lost end", func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] }},
	{"something else", func(r *rand.Rand, b []byte) []byte {
		switch r.IntN(4) {
		case 0:
			return []byte("SQLite format 3\x00 and so on")
		case 1:
			return make([]byte, r.IntN(20000))
		case 2:
			return nil
		}
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}},
}

func TestDamage(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	district(t, s)
	before, err := look(t, s)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, s, directory.Batch{Docs: map[string][]byte{"cursor": []byte("last")}})
	if err := s.Ledger.PutDoc(t.Context(), "note0", []byte("last")); err != nil {
		t.Fatal(err)
	}
	want, err := look(t, s)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	for _, l := range []*layout{&inventoryLayout, &ledgerLayout} {
		for _, damage := range damages {
			t.Run(l.name+": "+damage.name, func(t *testing.T) {
				found := 0
				for seed := range *faults {
					r := rand.New(rand.NewPCG(uint64(seed), 1))
					copied := filepath.Join(quickDir(t), "data")
					if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
						t.Fatal(err)
					}
					path := filepath.Join(copied, l.name)
					b, err := os.ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					b = damage.do(r, b)
					if err := os.WriteFile(path, b, 0o600); err != nil {
						t.Fatal(err)
					}
					if checkDamaged(t, copied, key, l, b, want, before) {
						found++
					}
					if t.Failed() {
						t.Fatalf("with seed %d", seed)
					}
					if err := os.RemoveAll(copied); err != nil {
						t.Fatal(err)
					}
				}
				t.Logf("%d of %d were noticed, the rest changed nothing", found, *faults)
			})
		}
	}
}

// check returns what is wrong with the files of a store that nobody writes.
func check(t testing.TB, s *Store) error {
	c, err := checkup(t.Context(), s.dir, s.key)
	return errors.Join(err, c.Ledger.Err, c.Inventory.Err)
}

// quickDir is a folder in memory where there is one: these tests are about
// what is in files, not about when it gets to the disk.
func quickDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "panel")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// checkDamaged opens a folder whose file l was damaged to b: it is as before,
// or the loss is reported and the damaged file kept. Either way it works.
func checkDamaged(t *testing.T, dir string, key []byte, l *layout, b []byte, want, before state) (found bool) {
	t.Helper()
	start := time.Now()
	s, err := Open(t.Context(), Options{Dir: dir, Key: key})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	got, err := look(t, s)
	if err != nil {
		t.Errorf("read: %v", err)
	}
	if len(s.Losses) > 0 {
		found = true
		loss := s.Losses[0]
		kept, err := os.ReadFile(filepath.Join(dir, loss.Aside))
		switch {
		case loss.File != l.name:
			t.Errorf("another file is reported: %+v", loss)
		case loss.LastChange && l == &inventoryLayout && got.inventory["cursor"] != "last":
			want.inventory = before.inventory
		case loss.LastChange && l == &ledgerLayout && !strings.HasPrefix(got.notes, "last"):
			want.notes = before.notes
		case loss.LastChange:
		case !slices.Equal(kept, b):
			t.Errorf("the damaged file was not kept: %+v, %v", loss, err)
		case l == &inventoryLayout:
			want.inventory = got.inventory
			if n, err := s.Inventory.Stats(); n != (Stats{}) || err != nil {
				t.Errorf("a new inventory has %+v, %v", n, err)
			}
		case loss.Restored.IsZero():
			t.Error("the ledger was not restored")
		} // else the snapshot that closing took has all of it
	}
	if !maps.Equal(got.inventory, want.inventory) {
		t.Error("the inventory has changed")
	}
	if got.notes != want.notes {
		t.Errorf("notes: %.20s instead of %.20s", got.notes, want.notes)
	}
	// It can be written, and is whole afterwards.
	b2 := directory.Batch{Cloud: directory.Google, Listing: directory.People, Run: "run9"}
	for i := range 200 {
		b2.Accounts = append(b2.Accounts, sampleAccount(directory.Google, 1000+i))
	}
	apply(t, s, b2)
	if err := errors.Join(s.Ledger.PutDoc(t.Context(), "more", make([]byte, 9000)), check(t, s)); err != nil {
		t.Errorf("after writing: %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	return found
}

// Whatever a file holds, looking at it ends with an answer.
func FuzzVerify(f *testing.F) {
	dir, key := f.TempDir(), bytes.Repeat([]byte{7}, keySize)
	l := &layout{name: "fuzz.db", tables: []table{newTable("t")}, buckets: []string{"b"}}
	if err := createFile(dir, l, key); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, l.name)
	file, err := openFile(dir, l, key, false)
	if err != nil {
		f.Fatal(err)
	}
	err = file.update("fill", func(t *tx) error {
		for i := range 100 {
			id := []byte(sampleID(i))
			value := t.seal.row(new(arena).room(), l.tables[0], id, make([]byte, 100))
			if err := errors.Join(t.write(l.tables[0], nil, id, value), t.put("b", id, nil)); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, file.close()); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(0), []byte(nil))
	f.Add(uint32(4096*3+10), []byte{0xff, 0xff, 0, 1})
	f.Add(uint32(4096*2), make([]byte, 4096))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		b := slices.Clone(whole)
		copy(b[int(at)%len(b):], patch)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		stale, err := verify(t.Context(), path, l, key)
		var damaged *DamagedError
		switch {
		case bytes.Equal(b, whole) && (stale || err != nil):
			t.Errorf("a whole file: %v, %v", stale, err)
		case err != nil && !errors.As(err, &damaged) && !errors.Is(err, ErrWrongKey) && !errors.Is(err, ErrNewer):
			t.Errorf("%v", err)
		}
	})
}
