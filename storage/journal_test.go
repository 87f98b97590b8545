package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"panel/directory"
	"panel/ledger"
)

func sampleAsset(i int) ledger.Asset {
	c := sampleChromebook(i)
	return ledger.AssetOf(&c)
}

func sampleHolder(i int) ledger.Holder {
	a := sampleAccount(directory.Google, i)
	return ledger.Holder{GoogleID: a.ID, MicrosoftID: fmt.Sprint("m", i), Name: a.DisplayName, Emails: []string{a.Primary}}
}

func handOut(asset, to int) *ledger.Entry {
	return &ledger.Entry{Act: ledger.Checkout, Asset: sampleAsset(asset), Holder: sampleHolder(to)}
}

func takeBack(asset int) *ledger.Entry {
	return &ledger.Entry{Act: ledger.CheckIn, Asset: sampleAsset(asset)}
}

// writeOne writes an entry that the rules allow.
func writeOne(l *Ledger, e *ledger.Entry) error {
	return l.Write(context.Background(), "tester", func(b *ledger.Book, d *Draft) error {
		d.Entries = append(d.Entries, e)
		return b.Check(e, "2026-01-01")
	})
}

func mustAct(t rapid.TB, l *Ledger, all ...*ledger.Entry) {
	t.Helper()
	for _, e := range all {
		if err := writeOne(l, e); err != nil {
			t.Fatal(err)
		}
	}
}

// journalOf reads the whole journal.
func journalOf(t rapid.TB, l *Ledger) (all []ledger.Entry) {
	t.Helper()
	err := l.Entries(context.Background(), func(e *ledger.Entry) error { all = append(all, *e); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// bookOf are the Standings by the keys of the Assets.
func bookOf(l *Ledger) map[string]ledger.Standing {
	all := make(map[string]ledger.Standing)
	l.Book(func(b *ledger.Book) {
		for s := range b.All() {
			all[s.Asset.Key()] = *s
		}
	})
	return all
}

// checkJournal looks whether a ledger has the entries, the book that they lead
// to, and the history of each Asset and Person, and whether time and numbers
// run as they should.
func checkJournal(t rapid.TB, l *Ledger, want []ledger.Entry) {
	t.Helper()
	got := journalOf(t, l)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("entries:\n%s", diff)
	}
	var b ledger.Book
	assets, people := make(map[string]bool), make(map[string]bool)
	seq, last := make(map[string]uint64), time.Time{}
	for i := range want {
		e := &want[i]
		b.Apply(e)
		for _, a := range e.Assets() {
			assets[a.Key()] = true
		}
		for _, key := range e.Holder.Keys() {
			people[key] = true
		}
		if seq[e.Station]++; e.Seq != seq[e.Station] || e.Station == "" || e.By == "" || len(e.ID) != 26 {
			t.Fatalf("entry %d has number %d of %q, want %d: %+v", i, e.Seq, e.Station, seq[e.Station], e)
		}
		if e.At.Before(last) || e.At.Location() != time.UTC {
			t.Fatalf("entry %d of %v comes after %v", i, e.At, last)
		}
		last = e.At
	}
	standings := make(map[string]ledger.Standing)
	for s := range b.All() {
		standings[s.Asset.Key()] = *s
	}
	if diff := cmp.Diff(standings, bookOf(l)); diff != "" {
		t.Fatalf("the book:\n%s", diff)
	}
	l.Book(func(b *ledger.Book) {
		if b.Entries() != len(want) || !b.Newest().Equal(last) {
			t.Fatalf("the book has %d entries until %v, want %d until %v", b.Entries(), b.Newest(), len(want), last)
		}
	})
	for key := range assets {
		checkHistory(t, "asset", key, want, func(e *ledger.Entry) bool { return e.About(key) }, l.History)
	}
	for key := range people {
		checkHistory(t, "person", key, want, func(e *ledger.Entry) bool { return slices.Contains(e.Holder.Keys(), key) }, l.HistoryOf)
	}
}

func checkHistory(t rapid.TB, what, key string, all []ledger.Entry, of func(*ledger.Entry) bool, history func(context.Context, ...string) ([]ledger.Entry, error)) {
	t.Helper()
	var want []ledger.Entry
	for i := range all {
		if of(&all[i]) {
			want = append(want, all[i])
		}
	}
	got, err := history(context.Background(), key)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Fatalf("the history of %s %s, %v:\n%s", what, key, err, diff)
	}
}

func refusal(err error) ledger.Why {
	var r *ledger.Refusal
	if errors.As(err, &r) {
		return r.Why
	}
	return ""
}

// At any point, whatever was written, refused, undone or packed before, the
// ledger has what was written and the book that this leads to, also when it was
// closed and opened in between.
func TestJournal(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, key := quickDir(t), NewKey()
		var want []ledger.Entry
		open := func() *Store {
			s, err := Open(context.Background(), Options{Dir: dir, Key: key})
			if err != nil {
				r.Fatal(err)
			}
			s.Ledger.journal.packAt = 5
			return s
		}
		s := open()
		defer func() {
			if err := errors.Join(s.Close(), os.RemoveAll(dir)); err != nil {
				r.Error(err)
			}
		}()
		asset, person := rapid.IntRange(0, 3), rapid.IntRange(0, 2)
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			l := s.Ledger
			switch step := rapid.IntRange(0, 9).Draw(r, "step"); step {
			case 0:
				if err := s.Close(); err != nil {
					r.Fatal(err)
				}
				s = open()
				if s.Losses != nil {
					r.Fatalf("losses: %+v", s.Losses)
				}
				checkJournal(r, s.Ledger, want)
			case 1:
				l.packUp()
			case 2:
				if len(want) == 0 {
					continue
				}
				var ids []string
				for _, i := range rapid.SliceOfN(rapid.IntRange(max(0, len(want)-6), len(want)-1), 1, 4).Draw(r, "which") {
					ids = append(ids, want[i].ID)
				}
				undone, err := l.Undo(context.Background(), "tester", ids...)
				if err != nil && refusal(err) == "" || (err == nil) != (len(undone) > 0) {
					r.Fatal(err)
				}
				want = append(want, undone...)
			default:
				e := &ledger.Entry{Act: rapid.SampledFrom([]ledger.Act{ledger.Checkout, ledger.CheckIn, ledger.Swap, ledger.Lost, ledger.Found, ledger.Repair, ledger.Note}).Draw(r, "act"),
					Asset: sampleAsset(asset.Draw(r, "asset")), Note: rapid.SampledFrom([]string{"", "bent\x00"}).Draw(r, "note"), Condition: "fair"}
				if e.Act == ledger.Checkout || e.Act == ledger.Swap {
					e.Holder, e.Due, e.Loaner = sampleHolder(person.Draw(r, "person")), "2027-01-01", rapid.Bool().Draw(r, "loaner")
				}
				if e.Act == ledger.Swap || e.Act == ledger.Repair {
					e.Other = sampleAsset(asset.Draw(r, "other"))
				}
				if err := writeOne(l, e); err == nil {
					want = append(want, *e)
				} else if refusal(err) == "" {
					r.Fatal(err)
				}
			}
		}
		checkJournal(r, s.Ledger, want)
		if err := check(t, s); err != nil {
			r.Fatal(err)
		}
	})
}

// A draft of several entries takes as many numbers, wholly.
func TestDraft(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	a, b := handOut(1, 1), handOut(2, 2)
	seen := &ledger.Seen{Code: "x", Outcome: ledger.CheckedOut}
	alone := &ledger.Seen{Code: "y", Outcome: ledger.Unknown}
	err := s.Ledger.Write(t.Context(), "tester", func(_ *ledger.Book, d *Draft) error {
		d.In = "r"
		d.With(alone) // before there is an entry
		d.Entries = []*ledger.Entry{a, b}
		d.With(seen)
		return nil
	})
	if err != nil || seen.Entry != a.ID || alone.Entry != "" || alone.N == 0 || seen.N <= alone.N {
		t.Errorf("%v: %+v, %+v", err, seen, alone)
	}
	checkJournal(t, s.Ledger, []ledger.Entry{*a, *b})
	if err := s.Ledger.Write(t.Context(), "tester", func(*ledger.Book, *Draft) error { return nil }); err != nil {
		t.Errorf("of nothing: %v", err)
	}
	checkJournal(t, s.Ledger, []ledger.Entry{*a, *b})
}

// What is read while others write and pack is what was written, from the first
// entry on without a gap.
func TestJournalWhileItIsPacked(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	l.journal.packAt = 3
	const writers, each = 4, 40
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				e := handOut(w, i)
				if i%2 == 1 {
					e = takeBack(w)
				}
				if err := writeOne(l, e); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	for range 3 {
		reading.Go(func() {
			for n := 0; ; {
				over := false
				select {
				case <-done:
					over = true
				default:
				}
				seq := 0
				err := l.Entries(context.Background(), func(e *ledger.Entry) error {
					if seq++; e.Seq != uint64(seq) {
						return fmt.Errorf("number %d at place %d", e.Seq, seq)
					}
					return nil
				})
				if err != nil || seq < n {
					t.Errorf("read: %v, %d entries after %d", err, seq, n)
					return
				}
				n = seq
				a := sampleAsset(0)
				history, err := l.History(context.Background(), a.Key())
				for i := range history {
					if want := []ledger.Act{ledger.Checkout, ledger.CheckIn}[i%2]; err != nil || history[i].Act != want {
						t.Errorf("history: %v, %d is %s", err, i, history[i].Act)
						return
					}
				}
				if over {
					return
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	l.packUp()
	all := journalOf(t, l)
	if len(all) != writers*each {
		t.Errorf("%d entries", len(all))
	}
	checkJournal(t, l, all)
	n, singles := 0, 0
	err := l.file.view("count packs", func(t *tx) (err error) {
		if n, err = t.size(packsBucket); err == nil {
			singles, err = t.size(journalBucket)
		}
		return err
	})
	if err != nil || n < 2 || singles != 0 {
		t.Errorf("%d packs and %d entries beside them, %v", n, singles, err)
	}
}

// Reading ends where it is told to, with that error.
func TestEntriesEnd(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	s.Ledger.journal.packAt = 1000
	for i := range 6 {
		mustAct(t, s.Ledger, handOut(i, i))
		if i == 1 || i == 3 {
			s.Ledger.packUp()
		}
	}
	stop := errors.New("stop")
	for at := 1; at <= 6; at++ {
		n := 0
		err := s.Ledger.Entries(t.Context(), func(*ledger.Entry) error {
			if n++; n == at {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) || n != at {
			t.Errorf("after %d of %d: %v", n, at, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Ledger.Entries(ctx, func(*ledger.Entry) error { return stop }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if found, err := s.Ledger.History(t.Context(), "chromebook:nothing"); found != nil || err != nil {
		t.Errorf("of nothing: %v, %v", found, err)
	}
}

// justAfter tells whether a time is the next that can be told from another, or
// one of the next.
func justAfter(t, o time.Time) bool { return t.After(o) && t.Sub(o) < time.Microsecond }

// At never runs backwards, and where the clock did it says what that showed.
func TestClockSetBack(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	first := handOut(1, 1)
	mustAct(t, s.Ledger, first)
	if !first.Clock.IsZero() || time.Since(first.At) > time.Minute {
		t.Errorf("by a clock that is right: %v, %v", first.At, first.Clock)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := []ledger.Entry{*first}
	synctest.Test(t, func(t *testing.T) { // where it is the year 2000
		s, err := Open(context.Background(), Options{Dir: dir, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			e := handOut(2+i, 1)
			mustAct(t, s.Ledger, e)
			if !justAfter(e.At, first.At) || !e.Clock.Equal(time.Now()) {
				t.Errorf("set back: at %v by a clock of %v", e.At, e.Clock)
			}
			want = append(want, *e)
		}
		u, err := undoOne(s.Ledger, want[2].ID)
		if err != nil || !justAfter(u.At, first.At) || !u.Clock.Equal(time.Now()) {
			t.Errorf("undo: %v, at %v by a clock of %v", err, u.At, u.Clock)
		}
		want = append(want, u)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	s = openIn(t, dir, key)
	last := takeBack(1)
	mustAct(t, s.Ledger, last)
	if !last.Clock.IsZero() || !last.At.After(first.At) {
		t.Errorf("set right again: %v, %v", last.At, last.Clock)
	}
	checkJournal(t, s.Ledger, append(want, *last))
}

// stations are those that wrote the entries, in order, with how many each
// wrote.
func stations(all []ledger.Entry) (names []string, counts []int) {
	for _, e := range all {
		if len(names) == 0 || names[len(names)-1] != e.Station {
			names, counts = append(names, e.Station), append(counts, 0)
		}
		counts[len(counts)-1]++
	}
	return names, counts
}

// checkStation writes on in a ledger that is a copy of what had n entries of
// an old station, and looks whether it is a new one, also when opened again.
func checkStation(t *testing.T, dir string, o Options, n int) {
	t.Helper()
	for i := range 3 {
		o.Dir = dir
		s, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		mustAct(t, s.Ledger, handOut(100+i, 1))
		if i == 1 {
			s.Ledger.packUp()
		}
		all := journalOf(t, s.Ledger)
		names, counts := stations(all)
		if len(names) != 2 || names[0] == names[1] || counts[0] != n || counts[1] != i+1 {
			t.Errorf("opened %d times: stations %q wrote %d", i+1, names, counts)
		}
		checkJournal(t, s.Ledger, all)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// What comes after a snapshot was put in the ledger's place is of another
// station: what was lost may be known elsewhere by the same numbers.
func TestStationAfterASnapshot(t *testing.T) {
	for _, packed := range []bool{false, true} {
		dir, key := quickDir(t), NewKey()
		s := openIn(t, dir, key)
		mustAct(t, s.Ledger, handOut(1, 1), handOut(2, 1), takeBack(1))
		if packed {
			s.Ledger.packUp()
		}
		if err := s.Ledger.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
		names, err := snapshots(dir)
		if err != nil || len(names) == 0 {
			t.Fatalf("%q, %v", names, err)
		}
		snapshot := filepath.Join(snapshotDir(dir), names[0])
		b, err := os.ReadFile(snapshot)
		if err != nil {
			t.Fatal(err)
		}
		want := journalOf(t, s.Ledger)
		mustAct(t, s.Ledger, handOut(3, 1), handOut(4, 1))
		err = errors.Join(s.Close(), os.RemoveAll(snapshotDir(dir)), os.Mkdir(snapshotDir(dir), 0o700),
			os.WriteFile(snapshot, b, 0o600), os.WriteFile(filepath.Join(dir, ledgerLayout.name), make([]byte, 16384), 0o600))
		if err != nil {
			t.Fatal(err)
		}
		s = openIn(t, dir, key)
		if len(s.Losses) != 1 || s.Losses[0].Restored != snapshotTime(names[0]) {
			t.Fatalf("losses: %+v", s.Losses)
		}
		checkJournal(t, s.Ledger, want)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		checkStation(t, dir, Options{Key: key}, 3)
	}
}

// A ledger that may lack its last change is another station too.
func TestStationAfterALostChange(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	mustAct(t, s.Ledger, handOut(1, 1), handOut(2, 1))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ledgerLayout.name)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	if one, two := mustMeta(t, b), mustMeta(t, b[pageSize:]); two.txid > one.txid {
		at = pageSize
	}
	clear(b[at : at+pageSize])
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	if len(s.Losses) != 1 || !s.Losses[0].LastChange || len(journalOf(t, s.Ledger)) != 1 {
		t.Fatalf("losses %+v, %d entries", s.Losses, len(journalOf(t, s.Ledger)))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkStation(t, dir, Options{Key: key}, 1)
}

func mustMeta(t *testing.T, page []byte) meta {
	t.Helper()
	m, ok := parseMeta(page)
	if !ok {
		t.Fatal("no meta page")
	}
	return m
}

// A backup that is put somewhere becomes another station, and what it was made
// of goes on as the one that it was.
func TestStationAfterABackup(t *testing.T) {
	dir, vault := quickDir(t), new(Memory)
	s, err := Open(t.Context(), Options{Dir: dir, Vault: vault})
	if err != nil {
		t.Fatal(err)
	}
	closeWith(t, s)
	mustAct(t, s.Ledger, handOut(1, 1), handOut(2, 1), takeBack(1))
	want := journalOf(t, s.Ledger)
	backup := backupOf(t, s)
	mustAct(t, s.Ledger, handOut(3, 1))
	if names, counts := stations(journalOf(t, s.Ledger)); len(names) != 1 || counts[0] != 4 {
		t.Errorf("after a backup: %q wrote %d", names, counts)
	}
	other := filepath.Join(quickDir(t), "data")
	for _, to := range []string{other, dir} {
		if to == dir {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		mustRestore(t, to, vault, backup)
		restored, err := Open(t.Context(), Options{Dir: to, Vault: vault})
		if err != nil {
			t.Fatal(err)
		}
		checkJournal(t, restored.Ledger, want)
		if err := restored.Close(); err != nil {
			t.Fatal(err)
		}
		checkStation(t, to, Options{Vault: vault}, 3)
	}
}

// A write that fails is none: not in the file, not in the book, and no number
// is spent on it.
func TestWriteFails(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	l := s.Ledger
	mustAct(t, l, handOut(1, 1))
	want := journalOf(t, l)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	stop := errors.New("stop")
	called := false
	seen := &ledger.Seen{Code: "x"}
	for _, c := range []struct {
		name string
		ctx  context.Context
		fn   func(b *ledger.Book, d *Draft) error
		want error
	}{
		{"cancelled", cancelled, func(*ledger.Book, *Draft) error { called = true; return nil }, context.Canceled},
		{"an error of fn", t.Context(), func(_ *ledger.Book, d *Draft) error {
			d.Entries = append(d.Entries, handOut(2, 1))
			return stop
		}, stop},
		{"a refusal", t.Context(), func(b *ledger.Book, d *Draft) error {
			e := handOut(1, 2)
			d.Entries, d.In, d.Seen = append(d.Entries, e), "r", append(d.Seen, seen)
			return b.Check(e, "2026-01-01")
		}, nil},
		{"what the file cannot hold", t.Context(), func(_ *ledger.Book, d *Draft) error {
			d.Entries, d.In = append(d.Entries, handOut(2, 1)), strings.Repeat("r", 40_000)
			d.With(seen)
			return nil
		}, nil},
	} {
		before := bookOf(l)
		err := l.Write(c.ctx, "tester", c.fn)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(before, bookOf(l)); diff != "" {
			t.Errorf("%s: the book:\n%s", c.name, diff)
		}
		if seen.N != 0 {
			t.Errorf("%s: a scan that was not kept has number %d", c.name, seen.N)
		}
		checkJournal(t, l, want)
	}
	if called {
		t.Error("a cancelled write asked what to write")
	}
	if all, err := l.Seen(t.Context(), "r"); all != nil || err != nil {
		t.Errorf("scans: %+v, %v", all, err)
	}
	if _, err := l.Undo(cancelled, "tester", want[0].ID); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled undo: %v", err)
	}
	// Its number is the next one.
	next := handOut(2, 1)
	mustAct(t, l, next)
	checkJournal(t, l, append(want, *next))
}

func undoOne(l *Ledger, id string) (ledger.Entry, error) {
	all, err := l.Undo(context.Background(), "tester", id)
	if err != nil {
		return ledger.Entry{}, err
	}
	return all[0], nil
}

// Many entries are taken back in one go, each but those after which something
// else was done: a whole adoption, moves and all.
func TestUndoOfMany(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	var ids []string
	for i := range 300 {
		entries := []*ledger.Entry{handOut(i, 1), takeBack(i), handOut(i, 2)}
		mustAct(t, l, entries...)
		ids = append(ids, entries[1].ID, entries[2].ID) // a move
	}
	mustAct(t, l, takeBack(7))
	l.packUp()
	undone, err := l.Undo(t.Context(), "tester", ids...)
	if err != nil || len(undone) != 598 {
		t.Fatalf("%d were taken back: %v", len(undone), err)
	}
	l.Book(func(b *ledger.Book) {
		for i := range 300 {
			a := sampleAsset(i)
			switch now := b.Standing(a.Key()); {
			case i == 7 && now.Status != ledger.In:
				t.Errorf("what was done since: %+v", now)
			case i != 7 && (now.Status != ledger.Out || now.Holder.GoogleID != sampleHolder(1).GoogleID):
				t.Fatalf("%d: %+v", i, now)
			}
		}
	})
	if _, err := l.Undo(t.Context(), "tester", ids...); refusal(err) != ledger.ChangedSince {
		t.Errorf("once more: %v", err)
	}
	checkJournal(t, l, journalOf(t, l))
}

func TestUndoIsRefused(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	swap := &ledger.Entry{Act: ledger.Swap, Asset: sampleAsset(2), Other: sampleAsset(1), Holder: sampleHolder(1)}
	mustAct(t, l, handOut(1, 1), swap, handOut(1, 2))
	all := journalOf(t, l)
	undo := func(id string, want ledger.Why) (u ledger.Entry) {
		t.Helper()
		u, err := undoOne(l, id)
		if got := refusal(err); got != want || want == "" && err != nil {
			t.Errorf("undo: %v, want %q", err, want)
		}
		return u
	}
	undo(all[0].ID, ledger.ChangedSince)
	undo(all[1].ID, ledger.ChangedSince) // one of its Assets was handed on
	undo("nothing", ledger.CannotUndo)
	undo("", ledger.CannotUndo)
	checkJournal(t, l, all)
	u := undo(all[2].ID, "")
	undo(u.ID, ledger.CannotUndo)
	undo(all[2].ID, ledger.ChangedSince)
	both := undo(all[1].ID, "")
	if len(both.Left) != 2 || both.By != "tester" {
		t.Errorf("the undo of a swap: %+v", both)
	}
	first := undo(all[0].ID, "")
	undo("", ledger.CannotUndo) // although now no entry is the last about it
	checkJournal(t, l, append(all, u, both, first))
}

// What is open for reading can be read, also without its file, and not written.
func TestJournalReadOnly(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	mustAct(t, s.Ledger, handOut(1, 1), handOut(2, 1))
	s.Ledger.packUp()
	mustAct(t, s.Ledger, takeBack(2))
	want := journalOf(t, s.Ledger)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, missing := range []bool{false, true} {
		if missing {
			if err := os.Remove(filepath.Join(dir, ledgerLayout.name)); err != nil {
				t.Fatal(err)
			}
			want = nil
		}
		s, err := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		n := 0
		if err := s.Ledger.Entries(ctx, func(*ledger.Entry) error { n++; return nil }); err != nil || n != len(want) {
			t.Fatalf("%d entries, %v", n, err)
		}
		cancel()
		checkJournal(t, s.Ledger, want)
		called := false
		err = s.Ledger.Write(t.Context(), "tester", func(*ledger.Book, *Draft) error { called = true; return nil })
		if !errors.Is(err, ErrReadOnly) || called {
			t.Errorf("write: %v, %v", err, called)
		}
		if _, err := s.Ledger.Undo(t.Context(), "tester", "x"); !errors.Is(err, ErrReadOnly) {
			t.Errorf("undo: %v", err)
		}
		if err := s.Ledger.Drop(t.Context(), "r", nil); !errors.Is(err, ErrReadOnly) {
			t.Errorf("drop: %v", err)
		}
		if all, err := s.Ledger.Rounds(t.Context()); all != nil || err != nil {
			t.Errorf("rounds: %v, %v", all, err)
		}
		checkJournal(t, s.Ledger, want)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func sampleRound(id string, n int) *ledger.Round {
	r := &ledger.Round{ID: id, Kind: ledger.Collection, Name: "Collection " + id, Begun: time.Date(2026, 6, 1, 7, 0, 0, 5, time.UTC), OrgUnits: []string{"/A", "/B"}, Place: "Room 1"}
	for i := range n {
		r.Expected = append(r.Expected, ledger.Expected{Asset: sampleAsset(i), Holder: sampleHolder(i), Since: r.Begun.Add(-time.Hour), OrgUnit: "/A", Place: fmt.Sprint("Room ", i)})
	}
	return r
}

func sampleSeen(i int) *ledger.Seen {
	return &ledger.Seen{At: time.Date(2026, 6, 1, 8, i, 0, 0, time.UTC), Code: fmt.Sprint("code ", i), Outcome: ledger.Refused, Why: ledger.IsSuspended,
		Asset: sampleAsset(i), Holder: sampleHolder(i), OrgUnit: "/A", Place: "Room 2", Settled: i%2 == 1}
}

// Rounds and scans are what they were, in the order in which they came, and a
// change of one takes its place.
func TestRounds(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	s := openIn(t, dir, key)
	put := func(d Draft) {
		t.Helper()
		if err := s.Ledger.Write(t.Context(), "tester", func(_ *ledger.Book, to *Draft) error { *to = d; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	rounds := map[string]*ledger.Round{"a": sampleRound("a", 1500), "ab": sampleRound("ab", 0), "b": {ID: "b", Kind: ledger.Audit}}
	var scans []*ledger.Seen
	for _, id := range []string{"b", "a", "ab"} {
		put(Draft{Round: rounds[id]})
		for i := range 3 {
			seen := sampleSeen(len(scans))
			put(Draft{In: id, Seen: []*ledger.Seen{seen}})
			if scans = append(scans, seen); seen.N == 0 || slices.ContainsFunc(scans[:len(scans)-1], func(o *ledger.Seen) bool { return o.N == seen.N }) {
				t.Errorf("scan %d has number %d", i, seen.N)
			}
		}
	}
	scans[4].Settled, scans[4].Outcome = true, ledger.CheckedIn
	put(Draft{In: "a", Seen: []*ledger.Seen{scans[4]}})
	rounds["a"].Ended = time.Date(2026, 6, 2, 0, 0, 0, 0, time.UTC)
	put(Draft{Round: rounds["a"]})
	look := func() {
		t.Helper()
		got, err := s.Ledger.Rounds(t.Context())
		if diff := cmp.Diff([]ledger.Round{*rounds["b"], *rounds["ab"], *rounds["a"]}, got); diff != "" || err != nil {
			t.Errorf("rounds, %v:\n%s", err, diff)
		}
		for i, id := range []string{"b", "a", "ab"} {
			seen, err := s.Ledger.Seen(t.Context(), id)
			var want []ledger.Seen
			for _, one := range scans[3*i : 3*i+3] {
				want = append(want, *one)
			}
			if diff := cmp.Diff(want, seen); diff != "" || err != nil {
				t.Errorf("scans of %s, %v:\n%s", id, err, diff)
			}
		}
	}
	look()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	look()
	if station := s.Ledger.journal.station; station != "" {
		t.Errorf("station %q without an entry", station)
	}
}

// Whatever is dropped of rounds, the journal stays.
func TestDrop(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	for i, id := range []string{"a", "a", "a", "b"} {
		err := l.Write(t.Context(), "tester", func(_ *ledger.Book, d *Draft) error {
			d.Entries, d.In, d.Round = []*ledger.Entry{handOut(i, i)}, id, sampleRound(id, 2)
			d.With(sampleSeen(i))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want := journalOf(t, l)
	left := func(rounds string, a, b int) {
		t.Helper()
		all, err := l.Rounds(t.Context())
		var ids []string
		for _, r := range all {
			ids = append(ids, r.ID)
		}
		inA, errA := l.Seen(t.Context(), "a")
		inB, errB := l.Seen(t.Context(), "b")
		if strings.Join(ids, " ") != rounds || len(inA) != a || len(inB) != b || errors.Join(err, errA, errB) != nil {
			t.Errorf("rounds %q with %d and %d scans, want %q with %d and %d", ids, len(inA), len(inB), rounds, a, b)
		}
		checkJournal(t, l, want)
	}
	drop := func(id string, which func(*ledger.Seen) bool) {
		t.Helper()
		if err := l.Drop(t.Context(), id, which); err != nil {
			t.Fatal(err)
		}
	}
	left("b a", 3, 1)
	drop("a", func(s *ledger.Seen) bool { return s.Code == "code 1" })
	left("b a", 2, 1)
	drop("a", func(*ledger.Seen) bool { return false })
	left("b a", 2, 1)
	drop("a", nil)
	left("b", 0, 1)
	drop("nothing", nil)
	left("b", 0, 1)
}

// A ledger from before there was a journal can be read, and is brought up to
// date when it may be written, after a snapshot.
func TestLedgerOfVersion1(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	if err := openIn(t, dir, key).Close(); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(filepath.Join(dir, ledgerLayout.name)), os.RemoveAll(snapshotDir(dir))); err != nil {
		t.Fatal(err)
	}
	before := layout{name: ledgerLayout.name, buckets: []string{notesBucket}}
	if err := createFile(dir, &before, key); err != nil {
		t.Fatal(err)
	}
	f, err := openFile(dir, &before, key, false)
	if err != nil {
		t.Fatal(err)
	}
	err = f.update("write a note", func(t *tx) error { return t.putDoc(notesBucket, "a", []byte("b")) })
	if err := errors.Join(err, f.close()); err != nil {
		t.Fatal(err)
	}
	look := func(s *Store, want []ledger.Entry) {
		t.Helper()
		if doc, err := s.Ledger.Doc("a"); string(doc) != "b" || err != nil || s.Losses != nil {
			t.Errorf("the note is %q, %v; losses %+v", doc, err, s.Losses)
		}
		checkJournal(t, s.Ledger, want)
		seen, err := s.Ledger.Seen(t.Context(), "r")
		if rounds, err2 := s.Ledger.Rounds(t.Context()); rounds != nil || seen != nil || errors.Join(err, err2) != nil {
			t.Errorf("rounds %v, %v, %v", rounds, err, err2)
		}
	}
	s, err := Open(t.Context(), Options{Dir: dir, Key: key, ReadOnly: true})
	if err != nil {
		t.Fatalf("open it for reading: %v", err)
	}
	look(s, nil)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	look(s, nil)
	if names, err := snapshots(dir); len(names) != 1 || err != nil {
		t.Errorf("snapshots %q, %v", names, err)
	}
	mustAct(t, s.Ledger, handOut(1, 1))
	want := journalOf(t, s.Ledger)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openIn(t, dir, key)
	look(s, want)
	if err := check(t, s); err != nil {
		t.Error(err)
	}
}

// holding opens a store in which Bob of both clouds has an Asset.
func holding(t *testing.T) *tester {
	t.Helper()
	s := openIn(t, quickDir(t), NewKey())
	tt := &tester{TB: t, inventory: s.Inventory}
	tt.run(accounts(google("1", "Bob", "bob@x"), google("2", "Ann", "ann@x")))
	tt.run(accounts(microsoft("a", "Bob", "bob@x")))
	tt.same("at first", tt.people(), "g:1 Bob both\ng:2 Ann")
	mustAct(t, s.Ledger, &ledger.Entry{Act: ledger.Checkout, Asset: sampleAsset(1), Holder: ledger.Holder{GoogleID: "1", MicrosoftID: "a", Name: "Bob"}})
	tt.ledger = s.Ledger
	return tt
}

// Who departed is there as long as the ledger says that something is out to
// them, or lost.
func TestHolderDeparts(t *testing.T) {
	for _, act := range []ledger.Act{ledger.CheckIn, ledger.Repair} {
		tt := holding(t)
		tt.run(gone(directory.Google, directory.People, "1", "2"))
		tt.same("gone from one", tt.people(), "m:a Bob")
		tt.run(gone(directory.Microsoft, directory.People, "a"))
		tt.same("gone from both", tt.people(), "m:a Bob departed")
		tt.check(tt.Settle(t.Context()))
		tt.same("settled too early", tt.people(), "m:a Bob departed")
		mustAct(t, tt.ledger, &ledger.Entry{Act: ledger.Lost, Asset: sampleAsset(1)})
		tt.check(tt.Settle(t.Context()))
		tt.same("lost", tt.people(), "m:a Bob departed")
		if act == ledger.Repair {
			mustAct(t, tt.ledger, &ledger.Entry{Act: ledger.Found, Asset: sampleAsset(1)})
		}
		mustAct(t, tt.ledger, &ledger.Entry{Act: act, Asset: sampleAsset(1)})
		tt.same("before it is settled", tt.people(), "m:a Bob departed")
		tt.check(tt.Settle(t.Context()))
		tt.same("given back", tt.people(), "")
	}
}

// What was held stays with the Google half of a Person that was split, and is
// the Microsoft half's once there is no Google account.
func TestHolderIsSplit(t *testing.T) {
	tt := holding(t)
	tt.check(tt.SetRules(t.Context(), directory.Rules{Decisions: []directory.Decision{{A: "g:1", B: "m:a", At: time.Now()}}}))
	tt.same("split", tt.people(), "g:1 Bob\ng:2 Ann\nm:a Bob")
	tt.run(gone(directory.Google, directory.People, "1"))
	tt.same("the Microsoft half has it", tt.people(), "g:2 Ann\nm:a Bob")
	tt.run(gone(directory.Microsoft, directory.People, "a"))
	tt.same("and departs with it", tt.people(), "g:2 Ann\nm:a Bob departed")
	mustAct(t, tt.ledger, takeBack(1))
	tt.check(tt.Settle(t.Context()))
	tt.same("given back", tt.people(), "g:2 Ann")

	tt = holding(t)
	tt.check(tt.SetRules(t.Context(), directory.Rules{Decisions: []directory.Decision{{A: "g:1", B: "m:a", At: time.Now()}}}))
	tt.run(gone(directory.Microsoft, directory.People, "a"))
	tt.same("the Microsoft half has nothing", tt.people(), "g:1 Bob\ng:2 Ann")
	tt.run(gone(directory.Google, directory.People, "1"))
	tt.same("the Google half departs", tt.people(), "g:1 Bob departed\ng:2 Ann")
	tt.run(accounts(microsoft("a", "Bob", "bob@x")))
	tt.check(tt.Settle(t.Context()))
	tt.same("the Microsoft half comes back", tt.people(), "g:2 Ann\nm:a Bob")
}

// Nobody packs a ledger that was closed, and what was being packed is whole.
func TestPackWhileClosing(t *testing.T) {
	dir, key := quickDir(t), NewKey()
	var want []ledger.Entry
	for i := range 20 {
		s, err := Open(t.Context(), Options{Dir: dir, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		s.Ledger.journal.packAt = 1
		e := handOut(i, i)
		mustAct(t, s.Ledger, e) // and a pack begins
		want = append(want, *e)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s := openIn(t, dir, key)
	checkJournal(t, s.Ledger, want)
	if err := check(t, s); err != nil {
		t.Error(err)
	}
}

// A part of a pack is what was joined, and a pack that is cut is noticed.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 300)).Draw(t, "parts")
		var pack []byte
		ends := map[int]bool{0: true}
		for _, p := range parts {
			pack = join(pack, p)
			ends[len(pack)] = true
		}
		var got [][]byte
		if err := split(pack, func(b []byte) error { got = append(got, bytes.Clone(b)); return nil }); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, parts, bytes.Equal) || packed(pack) != len(parts) {
			t.Fatalf("%q, want %q", got, parts)
		}
		cut := rapid.IntRange(0, len(pack)).Draw(t, "cut")
		if err := split(pack[:cut], func([]byte) error { return nil }); errors.Is(err, errPack) == ends[cut] {
			t.Fatalf("cut after %d of %d bytes: %v", cut, len(pack), err)
		}
	})
}

// What is undone together stands upon what was written together, for each Asset
// its own, and the undo of a note is no tip.
func TestUndoOfManyStandsUponEach(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	first := handOut(1, 1)
	swap := &ledger.Entry{Act: ledger.Swap, Asset: sampleAsset(3), Other: sampleAsset(1), Holder: sampleHolder(1)}
	lost := &ledger.Entry{Act: ledger.Lost, Asset: sampleAsset(3)}
	mustAct(t, l, first, swap, lost)
	all, err := l.Undo(t.Context(), "tester", swap.ID, lost.ID)
	if err != nil || len(all) != 2 {
		t.Fatalf("%d were undone: %v", len(all), err)
	}
	if want := []string{all[0].ID, swap.ID}; !slices.Equal(all[0].Upon, []string{lost.ID}) || !slices.Equal(all[1].Upon, want) {
		t.Errorf("the undo of the loss stands upon %q, that of the swap upon %q, want %q", all[0].Upon, all[1].Upon, want)
	}

	out, note := handOut(9, 1), &ledger.Entry{Act: ledger.Note, Asset: sampleAsset(9), Note: "bent"}
	gone := &ledger.Entry{Act: ledger.Lost, Asset: sampleAsset(9)}
	mustAct(t, l, out, note, gone)
	if all, err = l.Undo(t.Context(), "tester", note.ID, gone.ID); err != nil || len(all) != 2 {
		t.Fatalf("%d were undone: %v", len(all), err)
	}
	if tip := bookOf(l)[out.Asset.Key()].Tip; tip != all[0].ID {
		t.Errorf("the tip is %s, want the undo of the loss, %s", tip, all[0].ID)
	}
	checkJournal(t, l, journalOf(t, l))
}
