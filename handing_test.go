package main

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
	"panel/sync/engine"
	"panel/sync/sim"
)

// backend opens the rig's data as a window does, until the test ends.
func (r *rig) backend() *backend {
	r.t.Helper()
	b := &backend{session: r.session()}
	r.t.Cleanup(b.close)
	if err := b.PrepareScans(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return b
}

// known are the records of exported ones.
func (b *backend) known(t *testing.T, person, device object) (directory.Person, ledger.Asset) {
	t.Helper()
	p, err := b.one(person.text("id"), true)
	if err != nil {
		t.Fatal(err)
	}
	d, err := b.one(device.text("serial"), false)
	if err != nil {
		t.Fatal(err)
	}
	return *p.Person, d.TheAsset()
}

func whyOf(err error) ledger.Why {
	var r *ledger.Refusal
	if errors.As(err, &r) {
		return r.Why
	}
	return ""
}

// scanOf scans lines one after the other and returns the last.
func (b *backend) scanOf(t *testing.T, s *ledger.Scanner, round string, lines ...string) (last ledger.Scan) {
	t.Helper()
	for _, line := range lines {
		var err error
		if last, err = b.Scan(t.Context(), s, line, round); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

// What is done together is done wholly or not at all, undone as a whole, and
// never for somebody who may not receive.
func TestActsTogether(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	ada, one := b.known(t, people[0], devices[0])
	bob, two := b.known(t, people[1], devices[1])
	entry := func(act ledger.Act, a ledger.Asset, h ledger.Holder) *ledger.Entry {
		return &ledger.Entry{Act: act, Asset: a, Holder: h}
	}
	if err := b.Act(t.Context(), entry(ledger.Checkout, one, ledger.HolderOf(&ada))); err != nil {
		t.Fatal(err)
	}
	gone := ledger.Holder{GoogleID: "nobody knows", Name: "Gone"}
	for name, err := range map[string]error{
		"a move to who departed": b.Act(t.Context(), entry(ledger.CheckIn, one, ledger.Holder{}), entry(ledger.Checkout, one, gone)),
		"a move of what is in":   b.Act(t.Context(), entry(ledger.CheckIn, two, ledger.Holder{}), entry(ledger.Checkout, two, ledger.HolderOf(&bob))),
	} {
		if why := whyOf(err); why != ledger.IsDeparted && why != ledger.NotOut {
			t.Errorf("%s: %v", name, err)
		}
	}
	if now := b.Standing(one.Key()); now.Holder.GoogleID != ada.GoogleID || now.Status != ledger.Out {
		t.Errorf("half of a move was done: %+v", now)
	}
	move := []*ledger.Entry{entry(ledger.CheckIn, one, ledger.Holder{}), entry(ledger.Checkout, one, ledger.HolderOf(&bob))}
	if err := b.Act(t.Context(), move...); err != nil {
		t.Fatal(err)
	}
	if n, err := b.UndoAct(t.Context(), move[0].ID, move[1].ID); n != 2 || err != nil {
		t.Errorf("%d of the move were undone, %v", n, err)
	}
	if now := b.Standing(one.Key()); now.Holder.GoogleID != ada.GoogleID || now.Status != ledger.Out {
		t.Errorf("after the undo it stands as %+v", now)
	}
	if _, err := b.UndoAct(t.Context(), move[0].ID); whyOf(err) != ledger.ChangedSince {
		t.Errorf("undone twice: %v", err)
	}
}

// Whoever was suspended since gets nothing back from repair, no loaner, and no
// other device in a swap.
func TestSuspendedSince(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	for _, c := range devices[:3] {
		r.must("checkout", "--person", people[0].text("id"), "--asset", c.text("serial"))
	}
	for kind, key := range map[string]string{"google/users": "google_id", "microsoft/users": "microsoft_id"} {
		record := `{"suspended":true}`
		if key == "microsoft_id" {
			record = `{"accountEnabled":false}`
		}
		if id := people[0].text(key); id != "" {
			if err := r.clouds.Put(kind, id, []byte(record)); err != nil {
				t.Fatal(err)
			}
		}
	}
	b := r.backend()
	_, one := b.known(t, people[0], devices[0])
	_, two := b.known(t, people[0], devices[1])
	_, three := b.known(t, people[0], devices[2])
	_, spare := b.known(t, people[0], devices[3])
	mend := &ledger.Entry{Act: ledger.Repair, Asset: one}
	if err := b.Act(t.Context(), mend); err != nil {
		t.Fatal(err)
	}
	if _, err := b.engine.SyncNow(t.Context(), engine.Options{Full: true}); err != nil {
		t.Fatal(err)
	}
	who := mend.Holder
	for name, e := range map[string]*ledger.Entry{
		"back from repair": {Act: ledger.Checkout, Asset: one, Holder: who},
		"a swap":           {Act: ledger.Swap, Asset: spare, Other: two, Holder: who},
		"a loaner":         {Act: ledger.Repair, Asset: three, Other: spare},
	} {
		if err := b.Act(t.Context(), e); whyOf(err) != ledger.IsSuspended {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An adoption does not undo what was done since it was shown.
func TestAdoptionOfWhatChangedSince(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	var claims []ledger.Claim
	for i := range 4 {
		claims = append(claims, ledger.Claim{Line: i + 1, Device: devices[i].text("serial"), Person: people[i].text("primary_email")})
	}
	judged, err := b.Judge(t.Context(), claims, true)
	if err != nil {
		t.Fatal(err)
	}
	scanner := new(ledger.Scanner)
	b.scanOf(t, scanner, "", people[9].text("primary_email"), devices[1].text("serial")) // out to somebody else
	b.scanOf(t, scanner, "", "", people[8].text("primary_email"), devices[2].text("serial"), "")
	b.scanOf(t, new(ledger.Scanner), "", devices[2].text("serial")) // out, and in again
	written, refused, err := b.Adopt(t.Context(), judged, "adopted")
	if err != nil || len(written) != 2 || refused != 2 {
		t.Fatalf("%d were written and %d refused, %v", len(written), refused, err)
	}
	_, taken := b.known(t, people[0], devices[1])
	if now := b.Standing(taken.Key()); now.Holder.GoogleID != people[9].text("google_id") {
		t.Errorf("it was taken from who got it meanwhile: %+v", now)
	}
	if n, err := b.UndoAct(t.Context(), written...); n != 2 || err != nil {
		t.Errorf("%d were undone, %v", n, err)
	}
}

// A code that led nowhere goes, once it is known, to the one for whom it was
// scanned, and only that scan is settled.
func TestCodeThatIsResolvedLater(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	ada, one := b.known(t, people[0], devices[0])
	bob, _ := b.known(t, people[1], devices[1])
	scanner := new(ledger.Scanner)
	const round = "desk"
	if scan := b.scanOf(t, scanner, round, ada.PrimaryEmail, "WORN LABEL"); scan.Outcome != ledger.Unknown || scan.Person == nil || scan.Person.ID != ada.ID {
		t.Fatalf("%+v", scan)
	}
	b.scanOf(t, scanner, round, bob.PrimaryEmail)
	scanner.Forget("WORN LABEL") // as three seconds later
	b.scanOf(t, scanner, round, "WORN LABEL")
	open := func() (open []ledger.Seen) {
		all, err := b.Seen(t.Context(), round)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(s ledger.Seen) bool { return !s.Open() })
	}
	before := open()
	if len(before) != 2 || before[0].Holder.GoogleID != ada.GoogleID {
		t.Fatalf("to be looked after: %+v", before)
	}
	scanner.Due = "2099-06-01"
	scan, err := b.Choose(t.Context(), scanner, before[0], ledger.Match{Asset: &one}, round)
	if err != nil || scan.Outcome != ledger.CheckedOut || scan.Person.ID != ada.ID || scan.Entry.Due != "2099-06-01" {
		t.Fatalf("%+v, %v", scan, err)
	}
	if left := open(); len(left) != 1 || left[0].Holder.GoogleID != bob.GoogleID {
		t.Errorf("still to be looked after: %+v", left)
	}
	if now := b.Standing(one.Key()); now.Holder.GoogleID != ada.GoogleID || scanner.Current().ID != bob.ID {
		t.Errorf("it is with %s, and %s is current", now.Holder.Name, scanner.Current().Name())
	}
	gone := before[1]
	gone.N = 0 // kept nowhere
	gone.Holder = ledger.Holder{GoogleID: "nobody knows", Name: "Gone"}
	two, err := b.one(devices[1].text("serial"), false)
	if err != nil {
		t.Fatal(err)
	}
	if scan, err := b.Choose(t.Context(), scanner, gone, two, round); err != nil || scan.Outcome != ledger.Refused || scan.Why != ledger.IsDeparted {
		t.Errorf("for who departed meanwhile: %+v, %v", scan, err)
	}
}

// A scan that could not be written says which, and when.
func TestFailedScanKeepsItsCode(t *testing.T) {
	t.Parallel()
	r, _, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	scan, err := b.Scan(ctx, new(ledger.Scanner), " "+devices[0].text("serial"), "desk")
	if err == nil || scan.Outcome != ledger.Failed || scan.Code != devices[0].text("serial") || scan.At.IsZero() {
		t.Errorf("%+v, %v", scan, err)
	}
}

// The first scan of a record that a sync has just brought finds it.
func TestNewRecordIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	r, people, _ := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	if err := r.clouds.Put("google/chromeosdevices", "d-new", []byte(`{"serialNumber":"BRANDNEW1","status":"ACTIVE","orgUnitPath":"/"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.engine.SyncNow(t.Context(), engine.Options{Full: true}); err != nil {
		t.Fatal(err)
	}
	scanner := new(ledger.Scanner)
	if scan := b.scanOf(t, scanner, "", people[0].text("primary_email"), "BRANDNEW1"); scan.Outcome != ledger.CheckedOut {
		t.Errorf("it is %s", scan.Outcome)
	}
	if all, err := b.Matches(t.Context(), "brandnew1"); err != nil || len(all) != 1 {
		t.Errorf("found: %+v, %v", all, err)
	}
}

// Only a clock that a sync has worked by lately says that names are old.
func TestClockThatIsNotBelieved(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	run := func(o engine.Outcome, ago time.Duration) engine.Run {
		return engine.Run{Outcome: o, Finished: now.Add(-ago)}
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		runs []engine.Run
		want bool
	}{
		{nil, false},
		{[]engine.Run{run(engine.OK, day)}, true},
		{[]engine.Run{run(engine.OK, 8*day)}, false},
		{[]engine.Run{run(engine.OK, 8*day), run(engine.Failed, day)}, false},
		{[]engine.Run{run(engine.Held, 6*day), run(engine.Failed, day)}, true},
		{[]engine.Run{run(engine.Partial, 0)}, true},
		{[]engine.Run{run(engine.OK, -2*day)}, false}, // the clock was set back since
	} {
		if got := believed(c.runs, now); got != c.want {
			t.Errorf("%+v: %v, want %v", c.runs, got, c.want)
		}
	}
}

// Nobody is forgotten who is there by another account, or may be in a cloud that
// has not answered.
func TestNobodyIsForgottenByChance(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	i := slices.IndexFunc(people, func(p object) bool { return p.text("microsoft_id") != "" && p.text("google_id") != "" })
	ada, one := people[i], devices[0]
	r.must("checkout", "--person", ada.text("id"), "--asset", one.text("serial"))
	b := r.backend()
	p, asset := b.known(t, ada, one)
	// On another day only the account at Microsoft was known.
	err := b.store.Ledger.Write(t.Context(), "tester", func(book *ledger.Book, d *storage.Draft) error {
		d.Entries = []*ledger.Entry{
			{Act: ledger.CheckIn, Asset: asset, Holder: ledger.HolderOf(&p)},
			{Act: ledger.Checkout, Asset: asset, Holder: ledger.Holder{MicrosoftID: p.MicrosoftID, Name: "Ada of Microsoft"}},
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	named := func() (n int) {
		err := b.store.Ledger.Entries(t.Context(), func(e *ledger.Entry) error {
			if e.Holder.Name != ledger.RemovedPerson {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	tidy := func(years int) {
		t.Helper()
		if err := b.tidyNames(t.Context(), time.Now().AddDate(years, 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	leave := func(kind, id string) {
		t.Helper()
		if err := r.clouds.Delete(kind, id); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := b.engine.SyncNow(t.Context(), engine.Options{Full: true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	leave("microsoft/users", p.MicrosoftID)
	tidy(0)
	tidy(2)
	if n := named(); n != 3 {
		t.Errorf("%d of 3 entries name who is at Google still", n)
	}
	leave("google/users", p.GoogleID)
	if err := b.store.Inventory.Forget(t.Context(), directory.Microsoft); err != nil {
		t.Fatal(err)
	}
	tidy(0)
	tidy(2)
	if n := named(); n != 3 {
		t.Errorf("%d of 3 entries name who may be at Microsoft", n)
	}
	if _, err := b.engine.SyncNow(t.Context(), engine.Options{Full: true}); err != nil {
		t.Fatal(err)
	}
	tidy(0)
	if n := named(); n != 3 {
		t.Errorf("%d of 3 entries name who left today", n)
	}
	tidy(2)
	if n := named(); n != 0 {
		t.Errorf("%d entries name who left two years ago", n)
	}
}

// leave has an account leave its cloud, as two complete listings say.
func (r *rig) leave(b *backend, kind, id string) {
	r.t.Helper()
	if err := r.clouds.Delete(kind, id); err != nil {
		r.t.Fatal(err)
	}
	for range 2 {
		if _, err := b.engine.SyncNow(r.t.Context(), engine.Options{Full: true}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// namesAfter are whom the entries name after some years, each with a tidying.
func (b *backend) namesAfter(t *testing.T, years ...int) (names []string) {
	t.Helper()
	for _, n := range years {
		if err := b.tidyNames(t.Context(), time.Now().AddDate(n, 0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	err := b.store.Ledger.Entries(t.Context(), func(e *ledger.Entry) error {
		names = append(names, e.Holder.Name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// both are the first people who have an account at either cloud.
func both(people []object) []object {
	return slices.DeleteFunc(slices.Clone(people), func(p object) bool { return p.text("google_id") == "" || p.text("microsoft_id") == "" })
}

// Somebody who was named by one account, and is there by the other alone, is not
// forgotten.
func TestGoneFromOneCloudIsNotForgotten(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	p, asset := b.known(t, both(people)[0], devices[0])
	h := ledger.Holder{GoogleID: p.GoogleID, Name: "Ada of Google"} // before the account at Microsoft came
	err := b.store.Ledger.Write(t.Context(), "tester", func(_ *ledger.Book, d *storage.Draft) error {
		d.Entries = []*ledger.Entry{{Act: ledger.Checkout, Asset: asset, Holder: h}, {Act: ledger.CheckIn, Asset: asset, Holder: h}}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	b.namesAfter(t, 0)
	r.leave(b, "google/users", p.GoogleID)
	if names := b.namesAfter(t, 0, 2, 4); names[0] != h.Name || names[1] != h.Name {
		t.Errorf("the entries name %q", names)
	}
	r.leave(b, "microsoft/users", p.MicrosoftID)
	if names := b.namesAfter(t, 4, 6); names[0] != ledger.RemovedPerson || names[1] != ledger.RemovedPerson {
		t.Errorf("gone from both, the entries name %q", names)
	}
}

// An entry of a day on which two people were taken for one is of Google's half,
// and keeps no name because the other is there.
func TestTwoWhoWereTakenForOne(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	ada, asset := b.known(t, both(people)[0], devices[0])
	bob, _ := b.known(t, both(people)[1], devices[0])
	adas := ledger.Holder{GoogleID: ada.GoogleID, MicrosoftID: bob.MicrosoftID, Name: "Ada"}
	bobs := ledger.Holder{GoogleID: bob.GoogleID, MicrosoftID: ada.MicrosoftID, Name: "Bob"}
	err := b.store.Ledger.Write(t.Context(), "tester", func(_ *ledger.Book, d *storage.Draft) error {
		for _, h := range []ledger.Holder{adas, bobs} {
			d.Entries = append(d.Entries, &ledger.Entry{Act: ledger.Checkout, Asset: asset, Holder: h}, &ledger.Entry{Act: ledger.CheckIn, Asset: asset, Holder: h})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r.leave(b, "google/users", ada.GoogleID)
	r.leave(b, "microsoft/users", ada.MicrosoftID)
	if names, want := b.namesAfter(t, 0, 2), []string{ledger.RemovedPerson, ledger.RemovedPerson, "Bob", "Bob"}; !slices.Equal(names, want) {
		t.Errorf("the entries name %q, want %q", names, want)
	}
}

// A person's code that could not be looked up ends who was current: what comes
// next is not for the one before.
func TestFailedLookupOfANewPerson(t *testing.T) {
	t.Parallel()
	r, people, _ := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	scanner := new(ledger.Scanner)
	b.scanOf(t, scanner, "", people[0].text("primary_email"))
	if _, err := b.engine.SyncNow(t.Context(), engine.Options{Full: true}); err != nil {
		t.Fatal(err)
	}
	b.codesAt++ // what can be scanned has changed since
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if scan, err := b.Scan(ctx, scanner, "new.kid@cedarvalley.example", ""); err == nil || scan.Outcome != ledger.Failed || scanner.Current() != nil {
		t.Errorf("%+v, %v, and %v is current", scan, err, scanner.Current())
	}
}

// A code that was resolved to what cannot be handed out stays on the page.
func TestResolvedToWhatIsOut(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	scanner := new(ledger.Scanner)
	b.scanOf(t, scanner, "desk", people[1].text("primary_email"), devices[0].text("serial"), people[0].text("primary_email"), "WORN")
	all, err := b.Seen(t.Context(), "desk")
	if err != nil || len(all) != 4 {
		t.Fatalf("%+v, %v", all, err)
	}
	m, err := b.one(devices[0].text("serial"), false)
	if err != nil {
		t.Fatal(err)
	}
	if scan, err := b.Choose(t.Context(), scanner, all[3], m, "desk"); err != nil || scan.Outcome != ledger.OutAlready {
		t.Errorf("%+v, %v", scan, err)
	}
	if all, err = b.Seen(t.Context(), "desk"); err != nil || !all[3].Open() {
		t.Errorf("it is looked after: %+v, %v", all, err)
	}
}

// Whoever is there by a second account at Google, which a third one leads to, is
// not forgotten: what was one Person stays linked, in whatever order it is read.
func TestChainOfAccounts(t *testing.T) {
	for range 50 {
		n := &named{other: map[string]string{}, partner: map[string]string{"g:old": "m:one", "m:one": "g:new", "g:new": "g:new", "g:no": "m:no"}, held: map[string]bool{}}
		n.addHolder(&ledger.Holder{GoogleID: "old", Name: "Ada"})
		n.link()
		if people := n.people(); len(people) != 1 || len(people[n.first("g:old")]) != 3 || len(n.partner) != 3 {
			t.Fatalf("people %v, partners %v", people, n.partner)
		}
	}
}

// A name that was taken out comes back by no scan that was read before.
func TestResolvedAfterTheNameIsGone(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	b := r.backend()
	p, asset := b.known(t, both(people)[0], devices[0])
	scanner := new(ledger.Scanner)
	b.scanOf(t, scanner, "desk", p.PrimaryEmail, "WORN")
	shown, err := b.Seen(t.Context(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	r.leave(b, "google/users", p.GoogleID)
	r.leave(b, "microsoft/users", p.MicrosoftID)
	b.namesAfter(t, 0, 2)
	scan, err := b.Choose(t.Context(), scanner, shown[1], ledger.Match{Asset: &asset}, "desk")
	if err != nil || scan.Outcome != ledger.Refused {
		t.Errorf("%+v, %v", scan, err)
	}
	all, err := b.Seen(t.Context(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Holder.Name != ledger.RemovedPerson || s.Holder.Emails != nil {
			t.Errorf("a scan names %q", s.Holder.Name)
		}
	}
}
