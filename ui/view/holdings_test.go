package view

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"panel/directory"
	"panel/ledger"
)

// held makes the standings of some Chromebooks that were handed to people, as
// the ledger has them after its entries.
func standingsOf(entries ...ledger.Entry) []*ledger.Standing {
	var b ledger.Book
	for i := range entries {
		b.Apply(&entries[i])
	}
	return slices.Collect(b.All())
}

func assetOf(serial string) ledger.Asset {
	return ledger.Asset{Kind: ledger.Chromebook, ID: "d-" + serial, Serial: serial, Tag: "T" + serial, Model: "HP 11"}
}

func holderOf(google, microsoft, name string) ledger.Holder {
	return ledger.Holder{GoogleID: google, MicrosoftID: microsoft, Name: name, Emails: []string{strings.ToLower(name) + "@example.com"}}
}

func handedOut(serial string, to ledger.Holder, due directory.Day) ledger.Entry {
	return ledger.Entry{ID: "e" + serial, At: now.AddDate(0, 0, -3), By: "tech", Act: ledger.Checkout, Asset: assetOf(serial), Holder: to, Due: due}
}

// keysOf are the keys of the rows that a list shows, sorted.
func keysShown(l *List) string {
	var keys []string
	for i := range l.Len() {
		keys = append(keys, l.At(i).Key())
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}

func TestWhatTheLedgerSays(t *testing.T) {
	today := ledger.DayIn(now)
	yesterday, tomorrow := ledger.DayIn(now.AddDate(0, 0, -1)), ledger.DayIn(now.AddDate(0, 0, 1))
	ann, bob, eve := holderOf("1", "m1", "Ann"), holderOf("2", "", "Bob"), holderOf("", "m3", "Eve")
	gone, hid, split := holderOf("9", "m9", "Gone"), holderOf("8", "", "Hid"), holderOf("5", "m5", "Split")
	lost := ledger.Entry{ID: "lost", At: now, Act: ledger.Lost, Asset: assetOf("6")}
	repair := ledger.Entry{ID: "repair", At: now, Act: ledger.Repair, Asset: assetOf("7"), Holder: bob}
	back := ledger.Entry{ID: "back", At: now, Act: ledger.CheckIn, Asset: assetOf("0"), Holder: ann}
	loan := handedOut("A", eve, "")
	loan.Loaner = true
	standings := standingsOf(
		handedOut("0", ann, ""), back, handedOut("1", ann, yesterday), handedOut("2", ann, tomorrow), handedOut("3", bob, today),
		handedOut("4", gone, ""), handedOut("5", hid, ""), handedOut("6", bob, ""), lost, handedOut("7", bob, ""), repair,
		handedOut("8", split, ""), loan,
	)
	people := crowd(
		directory.Person{ID: "g:1", GoogleID: "1", MicrosoftID: "m1", DisplayName: "Ann Now", State: directory.Active},
		directory.Person{ID: "g:2", GoogleID: "2", DisplayName: "Bob", State: directory.Active},
		directory.Person{ID: "m:m3", MicrosoftID: "m3", DisplayName: "Eve", State: directory.Active, Departed: true},
		// A Person that was split in two.
		directory.Person{ID: "g:5", GoogleID: "5", DisplayName: "Google half"},
		directory.Person{ID: "m:m5", MicrosoftID: "m5", DisplayName: "Microsoft half"},
	)
	var devices []directory.Chromebook
	for _, s := range "0123456789A" {
		devices = append(devices, directory.Chromebook{DeviceID: "d-" + string(s), Serial: string(s)})
	}
	books := fleet(devices...)
	h := NewHoldings(standings, people, map[string]bool{"g:8": true}, today)
	people, books = people.WithHoldings(h), books.WithHoldings(h)

	value := func(rows *Rows, key, column string) string {
		t.Helper()
		row, ok := NewList(rows).Find(key)
		if !ok {
			t.Fatalf("there is no %s", key)
		}
		return row.Value(column)
	}
	for _, c := range []struct {
		rows              *Rows
		key, column, want string
	}{
		{people, "g:1", holdsColumn, "1; 2"}, {people, "g:1", overdueColumn, overdueWord}, {people, "g:1", checkoutColumn, checkedOut},
		{people, "g:2", holdsColumn, "3; 6"}, {people, "g:2", overdueColumn, dueTodayWord}, // what is in repair nobody has
		{people, "m:m3", holdsColumn, "A"}, {people, "g:5", holdsColumn, "8"}, {people, "m:m5", holdsColumn, ""},
		{books, "d-0", holderColumn, ""}, {books, "d-0", checkoutColumn, ""}, {books, "d-9", checkoutColumn, ""},
		{books, "d-1", holderColumn, "Ann Now"}, {books, "d-1", overdueColumn, overdueWord}, {books, "d-1", dueColumn, string(yesterday)},
		{books, "d-2", overdueColumn, ""}, {books, "d-3", overdueColumn, dueTodayWord},
		{books, "d-4", holderColumn, "Gone"}, {books, "d-4", leftColumn, holderDeparted},
		{books, "d-5", holderColumn, "Hid"}, {books, "d-5", leftColumn, ""}, // hidden, not gone
		{books, "d-6", checkoutColumn, lostWord}, {books, "d-6", holderColumn, "Bob"}, {books, "d-7", checkoutColumn, repairWord},
		{books, "d-8", holderColumn, "Google half"}, {books, "d-A", leftColumn, holderDeparted},
	} {
		if got := value(c.rows, c.key, c.column); got != c.want {
			t.Errorf("%s: %s is %q, want %q", c.key, c.column, got, c.want)
		}
	}

	// Both lists find each other's records.
	l := NewList(people)
	if l.Search("has:2"); keysShown(l) != "g:1" {
		t.Errorf("who has the device 2: %q", keysShown(l))
	}
	l = NewList(books)
	if l.Search("ann"); keysShown(l) != "d-1 d-2" {
		t.Errorf("what Ann has: %q", keysShown(l))
	}

	checkouts := NewList(h.CheckoutRows(now))
	if first := checkouts.At(0).Value(leftColumn); first != holderDeparted {
		t.Errorf("departed holders do not stand first")
	}
	want := map[string]string{
		"All that is out": "d-1 d-2 d-3 d-4 d-5 d-8 d-A", overdueWord: "d-1", dueTodayWord: "d-3", "Departed holders": "d-4 d-A",
		lostWord: "d-6", repairWord: "d-7", "Loaners out": "d-A",
	}
	views := ShippedViews(Checkouts)
	for _, v := range views {
		if missing := checkouts.Apply(&v); len(missing) > 0 || keysShown(checkouts) != want[v.Name] {
			t.Errorf("%s shows %q, want %q; %q is missing", v.Name, keysShown(checkouts), want[v.Name], missing)
		}
	}
	if len(views) != len(want) {
		t.Errorf("%d views are shipped, want %d", len(views), len(want))
	}
}

// Before the people have been read nobody has departed.
func TestNobodyDepartedBeforeASync(t *testing.T) {
	for _, people := range []*Rows{nil, crowd()} {
		h := NewHoldings(standingsOf(handedOut("1", holderOf("1", "", "Ann"), "")), people, nil, ledger.DayIn(now))
		if hold := h.Device("d-1"); hold == nil || hold.Departed || hold.Name != "Ann" {
			t.Errorf("%+v", hold)
		}
	}
}

// A result that is rare is read whole all the same.
func TestRareResultsHaveRoom(t *testing.T) {
	lines := make([]ledger.Line, 200)
	for i := range lines {
		lines[i] = ledger.Line{Asset: ledger.Asset{Kind: ledger.Chromebook, ID: strconv.Itoa(i), Serial: strconv.Itoa(1000 + i)}, Mark: ledger.Returned, At: now}
	}
	lines[7].Mark = ledger.SomeoneElses
	lines[8].Asset.Serial = strings.Repeat("9", 40)
	rows := LineRows(lines, now)
	typical := func(key string) []string {
		return rows.Typical(slices.IndexFunc(rows.Columns(), func(c Column) bool { return c.Key == key }))
	}
	if got := typical("mark"); !slices.Contains(got, "Someone else's") {
		t.Errorf("the column of results has room for %q", got)
	}
	if got := typical("serial"); slices.Contains(got, lines[8].Asset.Serial) {
		t.Errorf("the odd serial makes its column wide: %q", got)
	}
	if got := typical("at"); !slices.Contains(got, "30 days ago") {
		t.Errorf("the column of ages has room for %q, and they grow", got)
	}
}
