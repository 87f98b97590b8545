package storage

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panel/ledger"
)

// rawWith are the values of the ledger that hold a text, as they lie in the
// file.
func rawWith(t testing.TB, l *Ledger, text string) (sealed [][]byte) {
	t.Helper()
	err := l.file.view("look", func(x *tx) error {
		for _, name := range ledgerLayout.allBuckets() {
			if name == metaBucket {
				continue
			}
			err := x.bucket(name).ForEach(func(k, v []byte) error {
				plain, err := x.open(name, k, v)
				if bytes.Contains(plain, []byte(text)) {
					sealed = append(sealed, bytes.Clone(v))
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// Nothing of the name is left, neither in a value, nor in a page of the file
// that nothing uses any more, nor in a snapshot.
func TestPurgeLeavesNothing(t *testing.T) {
	dir := quickDir(t)
	s := openIn(t, dir, NewKey())
	l := s.Ledger
	name := sampleHolder(1).Name
	round := &ledger.Round{ID: "r", Kind: ledger.Collection, Name: "Day", Begun: time.Now()}
	var last *ledger.Entry
	for i := range 900 {
		last = handOut(i, i%3)
		if i%3 == 1 {
			last.Note = "for " + name
		}
		back := takeBack(i)
		back.Note = last.Note
		mustAct(t, l, last, back, handOut(i, 2))
		if undone, err := l.Undo(t.Context(), "tester", l.journal.book.Standing(last.Asset.Key()).Last); err != nil || len(undone) != 1 {
			t.Fatal(err)
		}
		switch i {
		case 300:
			l.packUp()
		case 500:
			round.Expected = ledger.Collect(&l.journal.book, func(*ledger.Holder) (string, bool) { return "/", true })
			err := l.Write(t.Context(), "tester", func(_ *ledger.Book, d *Draft) error {
				d.Round, d.In = round, "r"
				d.Seen = []*ledger.Seen{{At: time.Now().UTC(), Code: sampleHolder(1).Emails[0], Outcome: ledger.ScannedPerson, Holder: sampleHolder(1)}}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	mustAct(t, l, handOut(1000, 1))
	round.ID = "another"
	round.Expected = ledger.Collect(&l.journal.book, func(*ledger.Holder) (string, bool) { return "/", true })
	if err := l.Write(t.Context(), "tester", func(_ *ledger.Book, d *Draft) error { d.Round = round; return nil }); err != nil {
		t.Fatal(err)
	}
	l.packUp()
	mustAct(t, l, takeBack(1000), handOut(1001, 1))
	if err := l.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := rawWith(t, l, name)
	if len(before) < 5 {
		t.Fatalf("%d values name them", len(before))
	}
	files := func() (holding []string) {
		all, _ := filepath.Glob(filepath.Join(snapshotDir(dir), "*"))
		for _, path := range append(all, filepath.Join(dir, ledgerLayout.name)) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(before, func(v []byte) bool { return bytes.Contains(b, v[:100]) }) {
				holding = append(holding, filepath.Base(path))
			}
		}
		return holding
	}
	if n := len(files()); n < 2 {
		t.Fatalf("%d files hold the name", n)
	}
	changed, err := l.Purge(t.Context(), func(h *ledger.Holder) bool { return h.GoogleID == sampleHolder(1).GoogleID })
	if err != nil || changed != 3*300+3+2 {
		t.Errorf("%d entries, rounds and scans were changed: %v", changed, err)
	}
	if left := rawWith(t, l, name); left != nil {
		t.Errorf("%d values name them still", len(left))
	}
	if left := rawWith(t, l, sampleHolder(1).Emails[0]); left != nil {
		t.Errorf("%d values hold their address", len(left))
	}
	if left := files(); left != nil {
		t.Errorf("%s hold them still", left)
	}
	checkJournal(t, l, journalOf(t, l))
	if seen, err := l.Seen(t.Context(), "r"); err != nil || len(seen) != 1 || seen[0].Code != ledger.RemovedPerson {
		t.Errorf("the scan says %+v, %v", seen, err)
	}
	if err := check(t, s); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A purge that was cut off after its transaction is finished later.
func TestPurgeThatWasCutOff(t *testing.T) {
	dir := quickDir(t)
	s := openIn(t, dir, NewKey())
	l := s.Ledger
	for i := range 50 {
		mustAct(t, l, handOut(i, i))
	}
	if err := l.Snapshot(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := l.newest()
	if err := l.FinishPurge(t.Context()); err != nil || !l.newest().Equal(old) {
		t.Errorf("nothing was purged, and a snapshot is taken: %v", err)
	}
	if err := l.PutDoc(t.Context(), purgedName, []byte{1}); err != nil {
		t.Fatal(err)
	}
	half := []string{filepath.Join(dir, ledgerLayout.name+newSuffix), filepath.Join(snapshotDir(dir), snapshotName(old)+newSuffix)}
	for _, path := range half {
		if err := os.WriteFile(path, []byte("half of it"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := l.FinishPurge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := snapshots(dir); err != nil || len(all) != 1 || snapshotTime(all[0]).Equal(old) {
		t.Errorf("the snapshots are %s, %v", all, err)
	}
	if marker, err := l.Doc(purgedName); marker != nil || err != nil {
		t.Errorf("it is not over: %v", err)
	}
	for _, path := range half {
		if _, err := os.Stat(path); !os.IsNotExist(err) {
			t.Errorf("%s stays: %v", filepath.Base(path), err)
		}
	}
	if n := len(journalOf(t, l)); n != 50 {
		t.Errorf("%d entries are left", n)
	}
	mustAct(t, l, takeBack(3))
	if err := check(t, s); err != nil {
		t.Error(err)
	}
}

// Whatever was done, after a purge the book is the one that the entries lead to,
// and names nobody who is gone, nor repeats what was said of them.
func TestPurgeOfAnyJournal(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir := quickDir(t)
		s := openIn(t, dir, NewKey())
		defer func() { _ = s.Close() }()
		l := s.Ledger
		var ids []string
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			asset, person := rapid.IntRange(0, 2).Draw(r, "asset"), rapid.IntRange(0, 2).Draw(r, "person")
			var e *ledger.Entry
			switch rapid.IntRange(0, 6).Draw(r, "step") {
			case 0:
				l.packUp()
				continue
			case 1:
				if len(ids) > 0 {
					_, _ = l.Undo(t.Context(), "tester", rapid.SampledFrom(ids).Draw(r, "which")) // which the rules may refuse
				}
				continue
			case 2, 3:
				e = handOut(asset, person)
				e.Note = "to " + sampleHolder(person).Name
			default:
				e = &ledger.Entry{Act: rapid.SampledFrom([]ledger.Act{ledger.CheckIn, ledger.Lost, ledger.Found, ledger.Repair, ledger.Note}).Draw(r, "act"), Asset: sampleAsset(asset)}
				if now := l.journal.book.Standing(e.Asset.Key()); now != nil && !now.Holder.Nobody() && (now.Status != ledger.InRepair || e.Act != ledger.Lost) {
					e.Note = "from " + now.Holder.Name
				}
			}
			if writeOne(l, e) == nil {
				ids = append(ids, e.ID)
			}
		}
		gone := sampleHolder(1)
		if _, err := l.Purge(t.Context(), func(h *ledger.Holder) bool { return h.GoogleID == gone.GoogleID }); err != nil {
			r.Fatal(err)
		}
		if left := rawWith(t, l, gone.Name); left != nil {
			r.Fatalf("%d values name them", len(left))
		}
		checkJournal(r, l, journalOf(r, l))
		for key, standing := range bookOf(l) {
			if strings.Contains(standing.Note+standing.Holder.Name, gone.Name) {
				r.Fatalf("%s: %+v", key, standing)
			}
		}
	})
}

func one(h *ledger.Holder) bool { return h.GoogleID == sampleHolder(1).GoogleID }

// The ledger does not grow with what is forgotten.
func TestPurgeAgainAndAgain(t *testing.T) {
	dir := quickDir(t)
	s := openIn(t, dir, NewKey())
	l := s.Ledger
	for i := range 500 {
		mustAct(t, l, handOut(i, i))
	}
	l.packUp()
	size := func() int64 {
		info, err := os.Stat(filepath.Join(dir, ledgerLayout.name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	var first int64
	for i := range 30 {
		mustAct(t, l, handOut(5000+i, 10000+i))
		if _, err := l.Purge(t.Context(), func(h *ledger.Holder) bool { return h.GoogleID == sampleHolder(10000+i).GoogleID }); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = size()
		}
	}
	if now := size(); now > first*3/2 {
		t.Errorf("the file has grown from %d to %d bytes", first, now)
	}
}

// A purge waits for whoever reads, and leaves nothing to them either.
func TestPurgeWhileSomebodyReads(t *testing.T) {
	dir := quickDir(t)
	s := openIn(t, dir, NewKey())
	l := s.Ledger
	for i := range 300 {
		mustAct(t, l, handOut(i, i%3))
	}
	before, asset := rawWith(t, l, sampleHolder(1).Name), sampleAsset(1)
	open, end, done := make(chan bool), make(chan bool), make(chan error)
	go func() {
		done <- l.file.view("read for long", func(*tx) error { close(open); <-end; return nil })
	}()
	<-open
	purged := make(chan error)
	go func() {
		_, err := l.Purge(t.Context(), one)
		purged <- err
	}()
	// Until the names are out and the file waits, or the transaction waits because
	// it has to make the file longer.
	for named, begun := true, time.Now(); named && time.Since(begun) < time.Second; {
		l.Book(func(b *ledger.Book) { named = b.Standing(asset.Key()).Holder.Name != ledger.RemovedPerson })
	}
	close(end)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := <-purged; err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, ledgerLayout.name))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range before {
		if bytes.Contains(b, v[:100]) {
			t.Fatal("the file holds a name still")
		}
	}
	mustAct(t, l, takeBack(7))
	checkJournal(t, l, journalOf(t, l))
}

// An address that led to nobody any more is forgotten with whose it was.
func TestPurgeOfAnAddressThatWasScanned(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	mustAct(t, l, handOut(1, 1), takeBack(1))
	mail := sampleHolder(1).Emails[0]
	err := l.Write(t.Context(), "tester", func(_ *ledger.Book, d *Draft) error {
		d.In = "desk"
		scan := func(code string, o ledger.Outcome, h ledger.Holder) {
			d.Seen = append(d.Seen, &ledger.Seen{At: time.Now().UTC(), Code: code, Outcome: o, Holder: h})
		}
		scan(strings.ToUpper(mail), ledger.Unknown, ledger.Holder{})
		scan("5CD1", ledger.Unknown, ledger.Holder{})
		scan("new@x", ledger.Unknown, ledger.Holder{}) // and then known, by this scan alone
		scan("new@x", ledger.ScannedPerson, ledger.Holder{GoogleID: sampleHolder(1).GoogleID, Name: "New", Emails: []string{"new@x"}})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := l.Purge(t.Context(), one); n != 5 || err != nil {
		t.Errorf("%d were changed, %v", n, err)
	}
	seen, err := l.Seen(t.Context(), "desk")
	if err != nil || seen[0].Code != ledger.RemovedPerson || seen[1].Code != "5CD1" || seen[2].Code != ledger.RemovedPerson {
		t.Errorf("the scans are %+v, %v", seen, err)
	}
}

// What was read before a purge and is kept after it brings no name back.
func TestPurgeStays(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	mustAct(t, l, handOut(1, 1))
	round := &ledger.Round{ID: "r", Kind: ledger.Collection, Name: "Day", Begun: time.Now().UTC()}
	round.Expected = ledger.Collect(&l.journal.book, func(*ledger.Holder) (string, bool) { return "/", true })
	keep := func(d Draft) {
		t.Helper()
		if err := l.Write(t.Context(), "tester", func(_ *ledger.Book, to *Draft) error { *to = d; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	keep(Draft{Round: round, In: "r", Seen: []*ledger.Seen{{At: time.Now().UTC(), Code: "x", Outcome: ledger.Unknown, Holder: sampleHolder(1)}}})
	rounds, err := l.Rounds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen, err := l.Seen(t.Context(), "r")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Purge(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	rounds[0].Ended, seen[0].Settled = time.Now().UTC(), true
	keep(Draft{Round: &rounds[0], In: "r", Seen: []*ledger.Seen{&seen[0]}})
	if left := rawWith(t, l, sampleHolder(1).Name); left != nil {
		t.Errorf("%d values name them again", len(left))
	}
	rounds, err = l.Rounds(t.Context())
	if err != nil || rounds[0].Ended.IsZero() || len(rounds[0].Expected) != 1 {
		t.Errorf("the round is %+v, %v", rounds, err)
	}
	if seen, err = l.Seen(t.Context(), "r"); err != nil || len(seen) != 1 || !seen[0].Settled {
		t.Errorf("the scan is %+v, %v", seen, err)
	}
}

// The note of somebody who is there stays, also where it says the same as one
// that is taken out.
func TestPurgeLeavesTheNotesOfOthers(t *testing.T) {
	s := openIn(t, quickDir(t), NewKey())
	l := s.Ledger
	first, second := handOut(1, 1), handOut(1, 2)
	first.Note, second.Note = "no charger", "no charger"
	lost := &ledger.Entry{Act: ledger.Lost, Asset: sampleAsset(1)}
	mustAct(t, l, first, takeBack(1), second, lost)
	if _, err := l.Undo(t.Context(), "tester", lost.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Purge(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if now := bookOf(l)[second.Asset.Key()]; now.Note != "no charger" {
		t.Errorf("the note of %s is %q", now.Holder.Name, now.Note)
	}
	if n := len(rawWith(t, l, "no charger")); n != 2 {
		t.Errorf("%d values have the note", n)
	}
}
