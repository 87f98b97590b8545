package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panel/directory"
)

// inventory is what the engine and the window need of an [Inventory]: another
// one, for several technicians, has to pass the same suite.
type inventory interface {
	Apply(ctx context.Context, b directory.Batch) (directory.Tally, error)
	IDs(c directory.Cloud, l directory.Listing) ([]string, error)
	Count(c directory.Cloud, l directory.Listing) (int, error)
	Account(c directory.Cloud, id string) (directory.Account, bool, error)
	Doc(name string) ([]byte, error)
	AddChange(ctx context.Context, c directory.Change) error
	Restore(ctx context.Context, run string, now directory.Batch) ([]string, error)
	Prune(ctx context.Context, runs []string) error
	Forget(ctx context.Context, c directory.Cloud) error
	SetRules(ctx context.Context, r directory.Rules) error
	Settle(ctx context.Context) error

	People(ctx context.Context, fn func(*directory.Person) error) error
	Chromebooks(ctx context.Context, fn func(*directory.Chromebook) error) error
	OrgUnits(ctx context.Context) ([]directory.OrgUnit, error)
	InOrgUnits(ctx context.Context) (bool, error)
	Person(id string) (directory.Person, bool, error)
	Near(ctx context.Context, personID string) ([]directory.Person, error)
	Chromebook(deviceID string) (directory.Chromebook, bool, error)
	Changes(run string) ([]directory.Change, error)
	History(l directory.Listing, id string) ([]directory.Change, error)
	Stats() (Stats, error)
}

func TestInventory(t *testing.T) {
	testInventory(t, func(t testing.TB, holds func(string) bool) inventory {
		s, err := Open(t.Context(), Options{Dir: t.TempDir(), Key: NewKey()})
		if err != nil {
			t.Fatal(err)
		}
		s.Inventory.holds = func(accounts []string, _ func(string) bool) bool { return slices.ContainsFunc(accounts, holds) }
		closeWith(t, s)
		return s.Inventory
	})
}

// tester calls an inventory and fails the test on any error.
type tester struct {
	testing.TB
	inventory
	runs   int
	holds  map[string]bool
	ledger *Ledger // nil where holds says who has something
}

// run applies a batch as a run of its own and returns its change list, an
// entry a line.
func (t *tester) run(b directory.Batch) (string, directory.Tally) {
	t.Helper()
	t.runs++
	b.Run, b.At = fmt.Sprintf("run%03d", t.runs), time.Now().UTC()
	tally, err := t.Apply(context.Background(), b)
	t.check(err)
	changes, err := t.Changes(b.Run)
	t.check(err)
	return describe(changes), tally
}

func describe(changes []directory.Change) string {
	lines := make([]string, len(changes))
	for i, c := range changes {
		lines[i] = fmt.Sprintf("%s %s %s %s", c.Kind, c.Cloud, c.ID, c.Name)
		for _, f := range c.Fields {
			lines[i] += fmt.Sprintf(" %s:%s>%s", f.Field, f.From, f.To)
		}
	}
	return strings.Join(lines, "\n")
}

func (t *tester) check(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (t *tester) same(what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}

// people lists who is there, as id, name and what else is worth saying.
func (t *tester) people() string {
	t.Helper()
	var lines []string
	t.check(t.People(context.Background(), func(p *directory.Person) error {
		line := p.ID + " " + p.Name()
		if len(p.Sources()) == 2 {
			line += " both"
		}
		if p.Departed {
			line += " departed"
		}
		if p.PossibleDuplicate {
			line += " duplicate"
		}
		if p.Kind != directory.KindUnknown {
			line += " " + string(p.Kind)
		}
		lines = append(lines, line)
		return nil
	}))
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func google(id, name, address string) directory.Account {
	return directory.Account{Cloud: directory.Google, ID: id, DisplayName: name, Primary: address, OrgUnit: "/Students/A"}
}

func microsoft(id, name, address string) directory.Account {
	return directory.Account{Cloud: directory.Microsoft, ID: id, DisplayName: name, Primary: address}
}

func accounts(all ...directory.Account) directory.Batch {
	return directory.Batch{Cloud: all[0].Cloud, Listing: directory.People, Accounts: all}
}

func chromebooks(all ...directory.Chromebook) directory.Batch {
	return directory.Batch{Cloud: directory.Google, Listing: directory.Chromebooks, Chromebooks: all}
}

func gone(c directory.Cloud, l directory.Listing, ids ...string) directory.Batch {
	return directory.Batch{Cloud: c, Listing: l, Gone: ids}
}

func testInventory(t *testing.T, open func(testing.TB, func(string) bool) inventory) {
	for name, test := range map[string]func(*tester){
		"changes of a record":            testChanges,
		"people of two clouds":           testPeople,
		"moves between people":           testMoves,
		"someone departed":               testDeparted,
		"what a run took out":            testRestore,
		"Chromebooks that are gone":      testGone,
		"rules":                          testRules,
		"decisions":                      testDecisions,
		"forgetting a cloud":             testForget,
		"pruning":                        testPrune,
		"whether OUs are in use":         testInOrgUnits,
		"a batch that fails":             testWholeOrNothing,
		"more records than a chunk":      testMany,
		"merging in any order of events": testAnyOrder,
	} {
		t.Run(name, func(t *testing.T) {
			holds := map[string]bool{}
			test(&tester{TB: t, holds: holds, inventory: open(t, func(id string) bool { return holds[id] })})
		})
	}
}

func testChanges(t *tester) {
	c := sampleChromebook(1)
	id := c.DeviceID
	got, tally := t.run(chromebooks(c))
	t.same("first seen", got, "added google "+id+" "+c.Serial)
	if tally != (directory.Tally{Written: 1, Added: 1}) {
		t.Errorf("tally %+v", tally)
	}
	if got, tally = t.run(chromebooks(c)); got != "" || tally != (directory.Tally{}) {
		t.Errorf("unchanged: %q, %+v", got, tally)
	}
	c.LastSync, c.LastIP = c.LastSync.Add(time.Hour), "10.9.9.9"
	if got, tally = t.run(chromebooks(c)); got != "" || tally != (directory.Tally{Written: 1}) {
		t.Errorf("volatile fields: %q, %+v", got, tally)
	}
	if stored, ok, err := t.Chromebook(id); stored.LastIP != "10.9.9.9" || !ok || err != nil {
		t.Errorf("volatile fields are not stored: %+v, %v", stored, err)
	}
	older := c
	c.Notes, c.Status = "cracked", "DISABLED"
	got, tally = t.run(chromebooks(older, c)) // twice in one batch: the later one stands
	t.same("changed", got, "changed google "+id+" "+c.Serial+" status:ACTIVE>DISABLED notes:>cracked")
	if tally != (directory.Tally{Written: 1, Changed: 1}) {
		t.Errorf("tally %+v", tally)
	}
	quiet := chromebooks(sampleChromebook(2))
	quiet.Quiet = true
	if got, tally = t.run(quiet); got != "" || tally.Added != 1 {
		t.Errorf("a quiet batch: %q, %+v", got, tally)
	}
	t.check(t.AddChange(context.Background(), directory.Change{Run: "run005", Kind: directory.Added, Listing: directory.Chromebooks, Count: 1}))
	if all, err := t.Changes("run005"); len(all) != 1 || all[0].Count != 1 || err != nil {
		t.Errorf("%+v, %v", all, err)
	}
	history, err := t.History(directory.Chromebooks, id)
	t.check(err)
	if len(history) != 2 || history[0].Kind != directory.Changed || history[1].Kind != directory.Added {
		t.Errorf("history: %s", describe(history))
	}
}

func testPeople(t *tester) {
	got, _ := t.run(accounts(google("1", "Robert Smith", "bob@x"), google("2", "Ann", "ann@x")))
	t.same("two of Google", got, "added google g:1 Robert Smith\nadded google g:2 Ann")
	got, _ = t.run(accounts(microsoft("a", "Bob Smith", "BOB@X"), microsoft("b", "Eve", "eve@x")))
	t.same("two of Microsoft", got, "added microsoft g:1 Bob Smith\nadded microsoft m:b Eve")
	t.same("together", t.people(), "g:1 Bob Smith both\ng:2 Ann\nm:b Eve")
	if n, err := t.Stats(); n.People != 3 || err != nil {
		t.Errorf("%+v, %v", n, err)
	}

	got, _ = t.run(gone(directory.Google, directory.People, "1"))
	t.same("gone from Google", got, "removed google m:a Bob Smith")
	t.same("the rest", t.people(), "g:2 Ann\nm:a Bob Smith\nm:b Eve")
	got, _ = t.run(gone(directory.Microsoft, directory.People, "a", "nobody"))
	t.same("gone from both", got, "removed microsoft m:a Bob Smith")
	t.same("the rest", t.people(), "g:2 Ann\nm:b Eve")

	// The address that linked two goes over to somebody else.
	t.run(accounts(google("3", "Old", "shared@x"), google("4", "New", "new@x")))
	t.run(accounts(microsoft("c", "", "shared@x")))
	t.same("before", t.people(), "g:2 Ann\ng:3 Old both\ng:4 New\nm:b Eve")
	got, _ = t.run(accounts(google("3", "Old", "old@x"), google("4", "New", "shared@x")))
	t.same("handed over", got, "changed google g:3 Old primary:shared@x>old@x\n"+
		"changed google g:4 New primary:new@x>shared@x\nmerged google g:4 New\nsplit google g:3 Old")
	t.same("after", t.people(), "g:2 Ann\ng:3 Old\ng:4 New both\nm:b Eve")

	near, err := t.Near(context.Background(), "g:2")
	if len(near) != 0 || err != nil {
		t.Errorf("%+v, %v", near, err)
	}
	t.run(accounts(google("5", "One", "one@x"), google("6", "Two", "two@x")))
	both := microsoft("d", "Either", "m@x")
	both.Aliases = []string{"one@x", "two@x"}
	t.run(accounts(both))
	if near, err = t.Near(context.Background(), "m:d"); len(near) != 2 || near[0].ID != "g:5" || near[1].ID != "g:6" || err != nil {
		t.Errorf("%+v, %v", near, err)
	}
}

func testMoves(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x")))
	t.run(accounts(microsoft("a", "Bob", "robert@x")))
	got, _ := t.run(accounts(microsoft("a", "Bob", "bob@x")))
	t.same("two become one", got, "changed microsoft g:1 Bob primary:robert@x>bob@x\nmerged microsoft g:1 Bob")
	got, _ = t.run(accounts(microsoft("a", "Bob", "robert@x")))
	t.same("one becomes two", got, "changed microsoft m:a Bob primary:bob@x>robert@x\nsplit microsoft g:1 Bob")
	for id, want := range map[string]int{"g:1": 3, "m:a": 5} {
		if history, err := t.History(directory.People, id); len(history) != want || err != nil {
			t.Errorf("history of %s, %v:\n%s", id, err, describe(history))
		}
	}
	t.run(accounts(microsoft("a", "Bob", "bob@x")))
	history, err := t.History(directory.People, "g:1")
	t.check(err)
	t.same("history of both", describe(history), `merged microsoft g:1 Bob
changed microsoft g:1 Bob primary:robert@x>bob@x
split microsoft g:1 Bob
changed microsoft m:a Bob primary:bob@x>robert@x
merged microsoft g:1 Bob
changed microsoft g:1 Bob primary:robert@x>bob@x
added microsoft m:a Bob
added google g:1 Bob`)
	quiet := accounts(microsoft("a", "Bob", "robert@x"))
	quiet.Quiet = true
	if got, _ = t.run(quiet); got != "" {
		t.Errorf("a quiet split: %s", got)
	}
}

func testDeparted(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x"), google("2", "Ann", "ann@x")))
	t.run(accounts(microsoft("a", "", "bob@x")))
	t.holds["g:1"] = true
	t.run(gone(directory.Google, directory.People, "2"))
	t.run(gone(directory.Microsoft, directory.People, "a"))
	t.run(gone(directory.Google, directory.People, "1"))
	t.same("someone holds a device", t.people(), "g:1 Bob departed")
	t.check(t.Settle(context.Background()))
	t.same("still", t.people(), "g:1 Bob departed")

	t.run(accounts(google("1", "Bob", "bob@x")))
	t.same("back", t.people(), "g:1 Bob")
	t.run(gone(directory.Google, directory.People, "1"))
	t.same("gone again", t.people(), "g:1 Bob departed")
	delete(t.holds, "g:1")
	t.check(t.Settle(context.Background()))
	t.same("the device is back", t.people(), "")

	// Only the Microsoft half of someone departed comes back.
	t.run(accounts(google("3", "Eve", "eve@x")))
	t.run(accounts(microsoft("c", "", "eve@x")))
	t.holds["g:3"] = true
	t.run(gone(directory.Microsoft, directory.People, "c"))
	t.run(accounts(microsoft("c", "", "eve@x")))
	t.run(gone(directory.Google, directory.People, "3"))
	t.same("the half that stays stands for both", t.people(), "m:c eve@x")
}

func testRestore(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x"), google("2", "Ann", "ann@x"), google("3", "Eve", "eve@x")))
	before := t.people()
	t.run(gone(directory.Google, directory.People, "1", "2"))
	t.run(gone(directory.Google, directory.People, "3"))
	got, _ := t.run(accounts(google("2", "Ann", "ann@x")))
	t.same("seen again", got, "restored google g:2 Ann")

	now := directory.Batch{Cloud: directory.Google, Listing: directory.People, Run: "undo", At: time.Now(), Docs: map[string][]byte{"d": []byte("1")}}
	ids, err := t.Restore(context.Background(), "run002", now)
	if !slices.Equal(ids, []string{"1"}) || err != nil {
		t.Errorf("restored %q, %v", ids, err)
	}
	changes, err := t.Changes("undo")
	t.check(err)
	t.same("the entry", describe(changes), "restored google g:1 Bob")
	if doc, err := t.Doc("d"); string(doc) != "1" || err != nil {
		t.Errorf("doc %q, %v", doc, err)
	}
	if ids, err = t.Restore(context.Background(), "run002", now); len(ids) != 0 || err != nil {
		t.Errorf("a second time: %q, %v", ids, err)
	}
	_, err = t.Restore(context.Background(), "run003", now)
	t.check(err)
	t.same("as before", t.people(), before)
}

func testGone(t *tester) {
	a, b := sampleChromebook(1), sampleChromebook(2)
	t.run(chromebooks(a, b))
	got, tally := t.run(gone(directory.Google, directory.Chromebooks, a.DeviceID))
	t.same("gone", got, "removed google "+a.DeviceID+" "+a.Serial)
	if tally.Removed != 1 {
		t.Errorf("%+v", tally)
	}
	ids, err := t.IDs(directory.Google, directory.Chromebooks)
	if !slices.Equal(ids, []string{b.DeviceID}) || err != nil {
		t.Errorf("ids %q, %v", ids, err)
	}
	if n, err := t.Stats(); n.Chromebooks != 1 || err != nil {
		t.Errorf("%+v, %v", n, err)
	}
	stored, ok, err := t.Chromebook(a.DeviceID)
	if !ok || err != nil || stored.Gone.IsZero() || stored.Serial != a.Serial {
		t.Errorf("%+v, %v, %v", stored, ok, err)
	}
	n := 0
	t.check(t.Chromebooks(context.Background(), func(c *directory.Chromebook) error {
		if n++; c.Gone.IsZero() == (c.DeviceID == a.DeviceID) {
			t.Errorf("%s is gone: %v", c.DeviceID, c.Gone)
		}
		return nil
	}))
	if n != 2 {
		t.Errorf("%d Chromebooks", n)
	}
	t.check(t.Prune(context.Background(), nil))
	got, _ = t.run(chromebooks(a))
	t.same("seen again", got, "restored google "+a.DeviceID+" "+a.Serial)
	if stored, _, err = t.Chromebook(a.DeviceID); !stored.Gone.IsZero() || err != nil {
		t.Errorf("%+v, %v", stored, err)
	}
}

func testRules(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x"), google("2", "Ann", "ann@x")))
	students := directory.Rules{Kinds: []directory.KindRule{{OrgUnit: "/Students", Kind: directory.Student}}}
	t.check(t.SetRules(context.Background(), students))
	t.same("a rule", t.people(), "g:1 Bob student\ng:2 Ann student")
	t.run(accounts(google("3", "Eve", "eve@x")))
	t.same("for newcomers too", t.people(), "g:1 Bob student\ng:2 Ann student\ng:3 Eve student")
	t.check(t.SetRules(context.Background(), directory.Rules{}))
	t.same("no rule", t.people(), "g:1 Bob\ng:2 Ann\ng:3 Eve")
}

func testDecisions(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x"), google("2", "Ann", "ann@x")))
	t.run(accounts(microsoft("a", "", "bob@x"), microsoft("b", "Eve", "eve@x")))
	t.same("before", t.people(), "g:1 Bob both\ng:2 Ann\nm:b Eve")
	at := time.Now().UTC()
	decided := []directory.Decision{{A: "g:1", B: "m:a", At: at}, {A: "g:2", B: "m:b", Same: true, At: at}}
	t.check(t.SetRules(context.Background(), directory.Rules{Decisions: decided}))
	t.same("decided", t.people(), "g:1 Bob\ng:2 Eve both\nm:a bob@x")
	near, err := t.Near(context.Background(), "g:1")
	if len(near) != 1 || near[0].ID != "m:a" || err != nil {
		t.Errorf("%+v, %v", near, err)
	}
	t.run(accounts(google("1", "Robert", "bob@x")))
	t.same("it lasts", t.people(), "g:1 Robert\ng:2 Eve both\nm:a bob@x")
	t.check(t.SetRules(context.Background(), directory.Rules{Decisions: decided[:1]}))
	t.same("one taken back", t.people(), "g:1 Robert\ng:2 Ann\nm:a bob@x\nm:b Eve")
	t.check(t.SetRules(context.Background(), directory.Rules{}))
	t.same("all taken back", t.people(), "g:1 Robert both\ng:2 Ann\nm:b Eve")

	// Whoever is merged is found by either account, whoever else is near.
	t.check(t.SetRules(context.Background(), directory.Rules{Decisions: decided[1:]}))
	t.run(accounts(google("0", "Zoe", "eve@x")))
	for id, want := range map[string]string{"m:b": "g:2", "g:2": "g:2", "g:0": "g:0", "m:a": "g:1", "g:9": "", "m:": ""} {
		if p, ok, err := t.Person(id); p.ID != want || ok != (want != "") || err != nil {
			t.Errorf("%s is found as %q, %v, %v, want %q", id, p.ID, ok, err, want)
		}
	}
}

func testForget(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x"), google("2", "Ann", "ann@x"), google("3", "Eve", "eve@x")))
	t.run(accounts(microsoft("a", "", "bob@x")))
	t.run(chromebooks(sampleChromebook(1), sampleChromebook(2)))
	t.run(gone(directory.Google, directory.Chromebooks, sampleChromebook(1).DeviceID))
	t.run(gone(directory.Google, directory.People, "3"))
	t.holds["g:2"] = true

	t.check(t.Forget(context.Background(), directory.Google))
	t.same("what is left", t.people(), "g:2 Ann departed\nm:a bob@x")
	t.check(t.Chromebooks(context.Background(), func(c *directory.Chromebook) error { t.Errorf("%s is left", c.DeviceID); return nil }))
	if changes, err := t.Changes("run001"); changes != nil || err != nil {
		t.Errorf("Google's changes are left: %s, %v", describe(changes), err)
	}
	if changes, err := t.Changes("run002"); len(changes) != 1 || err != nil {
		t.Errorf("Microsoft's changes: %s, %v", describe(changes), err)
	}
	if ids, err := t.Restore(context.Background(), "run005", directory.Batch{Cloud: directory.Google, Listing: directory.People, Run: "undo"}); len(ids) != 0 || err != nil {
		t.Errorf("%q came back, %v", ids, err)
	}
	got, _ := t.run(accounts(google("3", "Eve", "eve@x")))
	t.same("a new start", got, "added google g:3 Eve")
}

func testPrune(t *tester) {
	for i := range 4 {
		t.run(accounts(google("1", fmt.Sprint("Name ", i), "bob@x")))
	}
	t.check(t.Prune(context.Background(), []string{"run004", "run002", "run000"})) // not all of them changed something
	for run, want := range map[string]int{"run001": 0, "run002": 1, "run003": 0, "run004": 1} {
		if changes, err := t.Changes(run); len(changes) != want || err != nil {
			t.Errorf("%s: %s, %v", run, describe(changes), err)
		}
	}
	if history, err := t.History(directory.People, "g:1"); len(history) != 2 || err != nil {
		t.Errorf("history: %s, %v", describe(history), err)
	}

	old := gone(directory.Google, directory.People, "1")
	old.Run, old.At = "old", time.Now().Add(-31*24*time.Hour)
	_, err := t.Apply(context.Background(), old)
	t.check(err)
	t.check(t.Prune(context.Background(), []string{"old"}))
	if ids, err := t.Restore(context.Background(), "old", directory.Batch{Cloud: directory.Google, Listing: directory.People, Run: "undo"}); len(ids) != 0 || err != nil {
		t.Errorf("%q came back after 31 days, %v", ids, err)
	}
}

func testInOrgUnits(t *tester) {
	used := func(what string, want bool) {
		t.Helper()
		if got, err := t.InOrgUnits(context.Background()); got != want || err != nil {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	used("nothing stored", false)
	bob, book := google("1", "Bob", "bob@x"), sampleChromebook(1)
	bob.OrgUnit, book.OrgUnit = "/", ""
	t.run(accounts(bob))
	t.run(accounts(microsoft("a", "Eve", "eve@x")))
	t.run(chromebooks(book))
	used("everything in the root", false)
	bob.OrgUnit = "/Staff"
	t.run(accounts(bob))
	used("a person", true)
	t.run(gone(directory.Google, directory.People, "1"))
	used("a person who is gone", false)
	book.OrgUnit = "/Carts/1"
	t.run(chromebooks(book))
	used("a Chromebook", true)
	t.run(gone(directory.Google, directory.Chromebooks, book.DeviceID))
	used("a Chromebook that is gone", false)
}

func testWholeOrNothing(t *tester) {
	t.run(accounts(google("1", "Bob", "bob@x")))
	before := t.people()
	b := accounts(google("1", "Rob", "bob@x"), google("2", "Ann", "ann@x"), google("", "Nobody", "no@x"))
	b.Docs = map[string][]byte{"cursor": []byte("c")}
	if _, err := t.Apply(context.Background(), b); err == nil {
		t.Error("a record without an id was taken")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := t.Apply(ctx, accounts(google("2", "Ann", "ann@x"))); err == nil {
		t.Error("a cancelled batch was taken")
	}
	if _, err := t.Apply(context.Background(), directory.Batch{Cloud: directory.Microsoft, Listing: directory.Chromebooks, Gone: []string{"x"}}); err == nil {
		t.Error("Microsoft listed Chromebooks")
	}
	t.same("nothing of it", t.people(), before)
	if doc, err := t.Doc("cursor"); doc != nil || err != nil {
		t.Errorf("cursor %q, %v", doc, err)
	}
	t.run(accounts(microsoft("a", "", "bob@x")))
	t.same("afterwards", t.people(), "g:1 Bob both")
}

func testMany(t *tester) {
	const n = 2*chunk + 5
	b := directory.Batch{Cloud: directory.Google, Listing: directory.OrgUnits}
	want := make([]string, n)
	for i := range n {
		want[i] = "id:" + sampleID(i)
		b.OrgUnits = append(b.OrgUnits, directory.OrgUnit{ID: want[i], Path: fmt.Sprint("/", i)})
	}
	t.run(b)
	got, err := t.OrgUnits(context.Background())
	t.check(err)
	ids := make([]string, len(got))
	for i, o := range got {
		ids[i] = o.ID
	}
	slices.Sort(ids)
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("%d of %d OUs", len(ids), n)
	}
	if ids, err = t.IDs(directory.Google, directory.OrgUnits); !slices.Equal(ids, want) || err != nil {
		t.Errorf("%d ids, %v", len(ids), err)
	}
	if count, err := t.Count(directory.Google, directory.OrgUnits); count != n || err != nil {
		t.Errorf("count %d, %v", count, err)
	}
}

// However accounts come, change and go, in whatever batches, and whichever
// decisions are made meanwhile, the people are those that a merge of the
// accounts that are left makes.
func testAnyOrder(t *tester) {
	rapid.Check(t.TB.(*testing.T), func(r *rapid.T) {
		live := map[string]directory.Account{}
		var rules directory.Rules
		t.check(t.SetRules(context.Background(), rules))
		for _, c := range directory.Clouds {
			t.check(t.Forget(context.Background(), c))
		}
		t.same("all forgotten", t.people(), "")
		address := rapid.SampledFrom([]string{"a@x", "b@x", "c@x", "d@x", "e@x"})
		for range rapid.IntRange(1, 8).Draw(r, "batches") {
			b := directory.Batch{Cloud: rapid.SampledFrom(directory.Clouds).Draw(r, "cloud"), Listing: directory.People, Quiet: rapid.Bool().Draw(r, "quiet")}
			for range rapid.IntRange(0, 4).Draw(r, "accounts") {
				a := directory.Account{Cloud: b.Cloud, ID: rapid.StringMatching("[1-4]").Draw(r, "id"), Primary: address.Draw(r, "primary")}
				if rapid.Bool().Draw(r, "alias") {
					a.Aliases = []string{address.Draw(r, "alias")}
				}
				b.Accounts = append(b.Accounts, a)
				live[a.Key()] = a
			}
			if rapid.Bool().Draw(r, "gone") {
				id := rapid.StringMatching("[1-4]").Draw(r, "gone id")
				b.Gone = []string{id}
				delete(live, directory.AccountKey(b.Cloud, id))
			}
			t.run(b)
			if rapid.IntRange(0, 3).Draw(r, "decide") == 0 {
				rules.Decisions = append(rules.Decisions, directory.Decision{
					A: "g:" + rapid.StringMatching("[1-4]").Draw(r, "A"), B: "m:" + rapid.StringMatching("[1-4]").Draw(r, "B"),
					Same: rapid.Bool().Draw(r, "same"), At: time.Unix(int64(len(rules.Decisions)), 0).UTC(),
				})
				t.check(t.SetRules(context.Background(), rules))
			}
		}
		var all []directory.Account
		for _, a := range live {
			all = append(all, a)
		}
		want := directory.Merge(all, rules)
		var got []directory.Person
		t.check(t.People(context.Background(), func(p *directory.Person) error { got = append(got, *p); return nil }))
		slices.SortFunc(got, func(a, b directory.Person) int { return cmp.Compare(a.ID, b.ID) })
		if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			r.Fatalf("people:\n%+v\nwant:\n%+v", got, want)
		}
	})
}
