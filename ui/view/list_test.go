package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"

	"pgregory.net/rapid"
)

func keys(l *List) []string {
	var out []string
	for i := range l.Len() {
		out = append(out, l.At(i).Key())
	}
	return out
}

func expect(t *testing.T, l *List, what string, want ...string) {
	t.Helper()
	if got := keys(l); !slices.Equal(got, want) {
		t.Errorf("%s shows %q, want %q", what, got, want)
	}
}

func fleet(devices ...directory.Chromebook) *Rows {
	b := NewChromebooks(now)
	for i := range devices {
		b.Add(&devices[i])
	}
	return b.Rows()
}

func crowd(people ...directory.Person) *Rows {
	b := NewPeople(now)
	for i := range people {
		b.Add(&people[i])
	}
	return b.Rows()
}

func TestSearchFindsChromebooks(t *testing.T) {
	l := NewList(fleet(
		directory.Chromebook{
			DeviceID: "e8b1c0de-1", Serial: "5CD1234ABC", Model: "HP Chromebook 11", Status: "ACTIVE", OrgUnit: "/Carts/12", AssetID: "00042",
			AnnotatedUser: "bob@example.com", AnnotatedLocation: "Room 7", Notes: "Écran cassé\nsecond line", MACAddress: "a4bb6d001f2e",
			EthernetMACAddress: "00:E0:4C:68:00:01", DockMACAddress: "a4bb6d77d0cc", RecentUsers: []directory.RecentUser{{Email: "amy@example.com"}, {}, {Email: "zoe@example.com"}},
			IMEI: "356938035643809", MEID: "A10000009296F2", OrderNumber: "PO-77", License: "educationUpgrade", OSVersion: "131.0.6778.96",
		},
		directory.Chromebook{DeviceID: "e8b1-2", Serial: "5CD9999XYZ", Model: "Dell", Status: "DISABLED", OrgUnit: "/Lost", MACAddress: "ffffffffffff"},
	))
	for _, q := range []string{
		"5cd1234", "5CD1234ABC", "00042", "bob", "amy@", "ZOE@example.com", "ecran casse", "CASSÉ écran", "casse second", "hp 11", "11 hp carts",
		"/carts/12", "a4bb6d001f2e", "A4:BB:6D:00:1F:2E", "a4-bb-6d", "a4:bb", "00e04c680001", "00:e0:4c", "a4bb6d77d0cc", "room 7", "356938035643809",
		"a10000009296f2", "po-77", "education", "131.0.6778", "active", "e8b1c0de-1",
	} {
		l.Search(q)
		expect(t, l, fmt.Sprintf("search %q", q), "e8b1c0de-1")
	}
	for q, want := range map[string]int{"": 2, "  ": 2, "5cd": 2, "5cd dell": 1, "hp dell": 0, "a4:bb:6d:ff": 0, "classé": 0, "c0de": 0, "f2e": 0} {
		l.Search(q)
		if l.Len() != want {
			t.Errorf("search %q finds %d, want %d", q, l.Len(), want)
		}
	}
}

func TestSearchFindsPeople(t *testing.T) {
	l := NewList(crowd(
		directory.Person{
			ID: "g:10571057", GoogleID: "10571057", MicrosoftID: "6ea9a5d8", DisplayName: "Bob Núñez", GivenName: "Robert", FamilyName: "Núñez",
			PrimaryEmail: "bob@example.com", Emails: []string{"bob@example.com", "rn@example.com"}, EmployeeID: "77123", OrgUnit: "/Staff/North",
			Kind: directory.Staff, Title: "Teacher", Department: "Math", Phone: "+1 555 0100", State: directory.Active,
		},
		directory.Person{ID: "m:zzzzzzzz", MicrosoftID: "zzzzzzzz", PrimaryEmail: "amy@example.com", Emails: []string{"amy@example.com"}},
	))
	for _, q := range []string{
		"bob nunez", "NÚÑEZ bob", "nunez robert", "bob@example.com", "rn@", "77123", "staff/north", "teacher math", "555 0100", "6ea9a5d8", "g:10571057", "10571057", "staff",
	} {
		l.Search(q)
		expect(t, l, fmt.Sprintf("search %q", q), "g:10571057")
	}
	l.Search("zzzzzzzz")
	expect(t, l, "search zzzzzzzz", "m:zzzzzzzz")
}

// TestTypingFindsWhatAFreshSearchFinds types, deletes and changes queries in
// one list, and asks a new list for each.
func TestTypingFindsWhatAFreshSearchFinds(t *testing.T) {
	rows := chromebookRows(300)
	rapid.Check(t, func(t *rapid.T) {
		l := NewList(rows)
		l.Filter("gone", "", NoLongerInGoogle)
		if by := rapid.SampledFrom([]string{"", "serial", "last_sync", "model"}).Draw(t, "sort"); by != "" {
			l.Sort(Order{by, rapid.Bool().Draw(t, "down")})
		}
		query := ""
		for range rapid.IntRange(1, 12).Draw(t, "keys") {
			if query != "" && rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				query = query[:len(query)-1]
			} else {
				query += rapid.SampledFrom(strings.Split("a|4|:|b|b|6|d| |5cd|00|hp |1|student|cart|:6d|a4bb6d0|e8b1c0d|e| -|\"| model:|aue:202|7| synced:<-2|0d", "|")).Draw(t, "key")
			}
			l.Search(query)
			fresh := NewList(rows)
			fresh.Filter("gone", "", NoLongerInGoogle)
			fresh.Sort(l.orders...)
			fresh.Search(query)
			if !slices.Equal(keys(l), keys(fresh)) {
				t.Fatalf("typing to %q finds %d rows, a fresh search %d", query, l.Len(), fresh.Len())
			}
			for i := range fresh.Len() {
				if !strings.ContainsAny(query, `-"<`) && !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(query, "4:b", ""), "b:6", ""), ":") && !holdsPlainly(fresh.At(i), query) {
					t.Fatalf("%q does not hold %q", fresh.At(i).Key(), query)
				}
			}
		}
	})
}

// holdsPlainly looks for every word in all of a row's texts.
func holdsPlainly(r Row, query string) bool {
	for _, word := range strings.Fields(strings.ToLower(query)) {
		found := false
		for i := range r.rows.columns {
			text, shortest := strings.ToLower(r.Text(i, now)), r.rows.columns[i].shortest
			found = found || len(word) >= shortest && strings.Contains(text, word) ||
				looksBare(word) && len(bare(word)) >= shortest && strings.Contains(text, bare(word))
		}
		if !found {
			return false
		}
	}
	return true
}

func TestSort(t *testing.T) {
	l := NewList(fleet(
		directory.Chromebook{DeviceID: "1", Serial: "b", Model: "émile", LastSync: now.Add(-time.Hour)},
		directory.Chromebook{DeviceID: "2", Serial: "A", Model: "Zed"},
		directory.Chromebook{DeviceID: "3", Serial: "c", Model: "emil", LastSync: now},
		directory.Chromebook{DeviceID: "4", Serial: "", Model: ""},
		directory.Chromebook{DeviceID: "5", Serial: "d", Model: "Zed", LastSync: now.Add(-time.Minute)},
	))
	expect(t, l, "the first order", "2", "1", "3", "5", "4")
	l.Sort(Order{"model", false})
	expect(t, l, "by model", "3", "1", "2", "5", "4")
	l.Sort(Order{"model", true})
	expect(t, l, "by model, downwards", "2", "5", "1", "3", "4")
	l.Sort(Order{"last_sync", false})
	expect(t, l, "by last sync", "1", "5", "3", "2", "4")
	l.Sort(Order{"last_sync", true})
	expect(t, l, "by last sync, newest first", "3", "5", "1", "2", "4")
	l.Sort(Order{"no such column", true})
	expect(t, l, "by nothing", "2", "1", "3", "5", "4")
}

func TestDepartedComeFirst(t *testing.T) {
	l := NewList(crowd(
		directory.Person{ID: "g:1", DisplayName: "Amy"},
		directory.Person{ID: "g:2", DisplayName: "Zoe", Departed: true},
		directory.Person{ID: "g:3", DisplayName: "Bea"},
	))
	expect(t, l, "the first order", "g:2", "g:1", "g:3")
	l.Filter("state", "Departed")
	expect(t, l, "departed", "g:2")
}

func TestFilterAndFacets(t *testing.T) {
	rows := fleet(
		directory.Chromebook{DeviceID: "1", Serial: "1", Model: "HP", Status: "ACTIVE", AutoUpdateExpiration: "2025-06-01"},
		directory.Chromebook{DeviceID: "2", Serial: "2", Model: "HP", Status: "DISABLED"},
		directory.Chromebook{DeviceID: "3", Serial: "3", Model: "Dell", Status: "ACTIVE", LastSync: now},
		directory.Chromebook{DeviceID: "4", Serial: "4", Model: "Dell", Status: "DEPROVISIONED", Gone: now},
		directory.Chromebook{DeviceID: "5", Serial: "5", Model: "", Status: "BRAND_NEW_STATUS"},
	)
	l := NewList(rows)
	expect(t, l, "nothing chosen", "1", "2", "3", "5")
	l.Filter("status", "Active")
	expect(t, l, "active", "1", "3")
	l.Toggle("model", "HP")
	expect(t, l, "active HP", "1")

	counts := func(column string) string {
		for _, f := range l.Facets() {
			if f.Column == column {
				var out []string
				for _, v := range f.Values {
					s := fmt.Sprintf("%s %d", v.Label, v.Count)
					if v.On {
						s += " on"
					}
					out = append(out, s)
				}
				return strings.Join(out, ", ")
			}
		}
		return "no facet"
	}
	for column, want := range map[string]string{
		"status":     "Active 1 on, Disabled 1",
		"model":      "Dell 1, HP 1 on",
		"aue_window": "Over 1",
		"sync_age":   "Never 1",
		"gone":       "no facet",
	} {
		if got := counts(column); got != want {
			t.Errorf("facet %s: %s, want %s", column, got, want)
		}
	}
	chips := l.Chips()
	if len(chips) != 2 || chips[0] != (Chip{"status", "Status", "Active", "Active"}) || chips[1].Column != "model" {
		t.Errorf("chips %v", chips)
	}

	l.Toggle("model", "HP")
	l.Filter("status")
	l.Filter("model", "")
	expect(t, l, "without a model", "5")
	l.ClearFilters()
	if got := counts("gone"); got != NoLongerInGoogle+" 1" {
		t.Errorf("facet gone: %s", got)
	}
	l.Filter("gone", NoLongerInGoogle)
	expect(t, l, "gone", "4")

	// What was chosen outlives the rows.
	l.SetRows(fleet(directory.Chromebook{DeviceID: "9", Serial: "9", Gone: now}, directory.Chromebook{DeviceID: "8", Serial: "8"}))
	expect(t, l, "gone, after a refresh", "9")
}

func TestOrgUnitAndSelection(t *testing.T) {
	l := NewList(fleet(
		directory.Chromebook{DeviceID: "d1", Serial: "1", OrgUnit: "/A"},
		directory.Chromebook{DeviceID: "d2", Serial: "2", OrgUnit: "/A/B"},
		directory.Chromebook{DeviceID: "d3", Serial: "3", OrgUnit: "/AB"},
		directory.Chromebook{DeviceID: "d4", Serial: "4", OrgUnit: "/"},
		directory.Chromebook{DeviceID: "d5", Serial: "5"},
	))
	l.OrgUnits(true, "/A")
	expect(t, l, "/A and below", "d1", "d2")
	l.OrgUnits(false, "/A")
	expect(t, l, "/A alone", "d1")
	if l.IndexOf("d1") != 0 || l.IndexOf("d2") != -1 || l.IndexOf("none") != -1 {
		t.Error("IndexOf does not find what is shown, or finds what is not")
	}
	if r, ok := l.Find("d2"); !ok || r.Key() != "d2" {
		t.Error("Find does not find what is not shown")
	}
	l.OrgUnits(true, "/")
	expect(t, l, "the root and below", "d1", "d2", "d3", "d4")
	l.OrgUnits(false)
	l.Sort(Order{"serial", true})
	if l.IndexOf("d1") != 4 {
		t.Errorf("d1 is at %d of %q", l.IndexOf("d1"), keys(l))
	}
}

func TestNothingToShow(t *testing.T) {
	l := NewList(NewPeople(now).Rows())
	l.Search("x")
	l.Sort(Order{"name", true})
	l.OrgUnits(true, "/A")
	l.Filter("state", "Active")
	if l.Len() != 0 || l.IndexOf("x") != -1 || len(l.Facets()) != 0 {
		t.Error("an empty list shows something")
	}
}

func TestRowTexts(t *testing.T) {
	l := NewList(fleet(directory.Chromebook{DeviceID: "1", Serial: "5CD\n1", Status: "SOME_NEW", LastSync: now.Add(-12 * time.Minute)}))
	text := map[string]string{"serial": "5CD\n1", "status": "SOME_NEW", "last_sync": "12 min ago", "first_enrolled": "", "asset_id": ""}
	r := l.At(0)
	for i, c := range l.Columns() {
		if want, ok := text[c.Key]; ok && r.Text(i, now) != want {
			t.Errorf("%s shows %q, want %q", c.Key, r.Text(i, now), want)
		}
		if c.Key == "last_sync" && r.Exact(i, now) != "2026-11-23 17:48:00 UTC" {
			t.Errorf("exactly %q", r.Exact(i, now))
		}
	}
	l.Search("cd 1")
	if l.Len() != 1 {
		t.Error("a newline hides the text from the search")
	}
}

func TestHidden(t *testing.T) {
	h := Hidden{Guests: true, MicrosoftOnly: true, OrgUnits: []string{"/Alumni"}}
	for _, tt := range []struct {
		p    directory.Person
		want bool
	}{
		{directory.Person{GoogleID: "1", Kind: directory.Guest}, true},
		{directory.Person{MicrosoftID: "1"}, true},
		{directory.Person{GoogleID: "1", OrgUnit: "/Alumni/2020"}, true},
		{directory.Person{GoogleID: "1", OrgUnit: "/AlumniOffice"}, false},
		{directory.Person{GoogleID: "1", OrgUnit: "/Alumni", Departed: true}, false},
	} {
		if got := h.Person(&tt.p); got != tt.want {
			t.Errorf("hidden %v: %+v", got, tt.p)
		}
	}
	if !h.Chromebook(&directory.Chromebook{OrgUnit: "/Alumni"}) || h.Chromebook(&directory.Chromebook{OrgUnit: "/"}) {
		t.Error("Chromebooks are hidden by OU alone")
	}
}

func TestColumnsAreWhole(t *testing.T) {
	for _, columns := range [][]Column{NewPeople(now).Rows().Columns(), NewChromebooks(now).Rows().Columns()} {
		seen := make(map[string]bool)
		ids := 0
		for _, c := range columns {
			if c.Key == "" || seen[c.Key] {
				t.Errorf("column %q is nameless or twice there", c.Key)
			}
			seen[c.Key] = true
			if c.Width > 0 && c.Title == "" || c.Filter && c.Title == "" {
				t.Errorf("column %s has no title", c.Key)
			}
			if c.key {
				ids++
			}
		}
		if ids != 1 {
			t.Errorf("%d columns are the id, want 1", ids)
		}
	}
}

func TestTypicalLeavesOdditiesOut(t *testing.T) {
	devices := []directory.Chromebook{{DeviceID: "odd", Serial: strings.Repeat("X", 40)}, {DeviceID: "none"}}
	for i := range 98 {
		devices = append(devices, directory.Chromebook{DeviceID: fmt.Sprint(i), Serial: fmt.Sprintf("5CD%04d", i), LastSync: now.AddDate(0, 0, -12)})
	}
	rows := fleet(devices...)
	for key, want := range map[string]string{"serial": "5CD0000", "model": "", "last_sync": "12 days ago"} {
		got := rows.Typical(rows.column(key))
		if want == "" && got != nil || want != "" && (len(got) == 0 || got[0] != want || slices.Contains(got, devices[0].Serial)) {
			t.Errorf("typical of %s is %q, want %q", key, got, want)
		}
	}
	few := fleet(devices[:2]...)
	if got := few.Typical(few.column("serial")); len(got) != 1 || got[0] != devices[0].Serial {
		t.Errorf("typical of one serial is %q, want that one", got)
	}
}

func TestSearchFindsWhatEveryColumnShows(t *testing.T) {
	p := directory.Person{
		ID: "g:1", GoogleID: "1", MicrosoftID: "2", DisplayName: "Ann", PrimaryEmail: "ann@example.com", Emails: []string{"ann@example.com", "a@example.com"},
		OrgUnit: "/Staff", Kind: directory.Staff, State: directory.Active, EmployeeID: "77", Title: "Teacher", Department: "Art", Phone: "555",
		GivenName: "Ann", FamilyName: "Lee", PossibleDuplicate: true, LastSignIn: now.AddDate(0, 0, -9),
	}
	c := directory.Chromebook{
		DeviceID: "d", Serial: "5CD", AssetID: "9", Model: "HP", Status: "IN_TRANSIT", OrgUnit: "/Carts", AnnotatedUser: "u@example.com", AnnotatedLocation: "Room",
		RecentUsers: []directory.RecentUser{{Email: "r@example.com"}}, OSVersion: "131.0", AutoUpdateExpiration: "2031-06-01", LastSync: now.AddDate(0, 0, -3),
		Notes: "note", Channel: "beta", MACAddress: "a4bb6d001f2e", EthernetMACAddress: "a4bb6d001f2f", DockMACAddress: "a4bb6d001f30", IMEI: "356938035643809", MEID: "A10000009296F2",
		OrderNumber: "PO", License: "edu", BootMode: "Dev", FirstEnrolled: now.AddDate(-1, 0, 0), LastEnrolled: now.AddDate(0, -6, 0),
		PlatformVersion: "16093.68.0", UpdateState: "updateStateNeedReboot", LastIP: "10.1.2.3", LastWANIP: "203.0.113.9",
		DeprovisionReason: "DEPROVISION_REASON_RETIRING_DEVICE", Deprovisioned: now.AddDate(0, 0, -40), Manufactured: "2023-02-01",
	}
	for what, rows := range map[string]*Rows{"person": crowd(p), "Chromebook": fleet(c, directory.Chromebook{DeviceID: "e", Serial: c.Serial})} {
		l := NewList(rows)
		key := l.At(0).Key()
		for i, column := range rows.Columns() {
			if column.Width == 0 || column.ledger { // see TestWhatTheLedgerSays
				continue
			}
			l.Search("")
			shown := l.At(0).Text(i, now)
			if shown == "" {
				t.Errorf("%s: the test has nothing for %s", what, column.Key)
			}
			if l.Search(shown); l.IndexOf(key) < 0 {
				t.Errorf("%s: %q in the column %s is not found", what, shown, column.Key)
			}
		}
	}
}

func TestAgesAreThoseOfTheColumn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("", 900*rapid.IntRange(-48, 56).Draw(t, "zone"))
		at := now.In(zone)
		devices := make([]directory.Chromebook, 20)
		for i := range devices {
			devices[i].DeviceID = fmt.Sprint(i)
			devices[i].LastSync = at.Add(-time.Duration(rapid.IntRange(-1000, 90*24*60).Draw(t, "minutes")) * time.Minute)
		}
		b := NewChromebooks(at)
		for i := range devices {
			b.Add(&devices[i])
		}
		rows := b.Rows()
		column := rows.column("last_sync")
		for n := range uint32(rows.n) {
			c := &rows.cells[column]
			if got, want := c.text(c.code(n)), (Row{rows, n}).Text(column, at); got != want {
				t.Fatalf("searched as %q, shown as %q", got, want)
			}
		}
	})
}

func TestUnknownNamesAreShownAsTheyCome(t *testing.T) {
	for status, want := range map[string]string{
		"ACTIVE": "Active", "A_STATUS_OF_TOMORROW": "A_STATUS_OF_TOMORROW", "Lent out": "Lent out", "": "",
	} {
		if got := statusWord(status); got != want {
			t.Errorf("status %q is shown as %q, want %q", status, got, want)
		}
	}
}

func TestUpdatesUntilIsRedOnceOver(t *testing.T) {
	rows := fleet(directory.Chromebook{DeviceID: "1", AutoUpdateExpiration: "2020-06-01"}, directory.Chromebook{DeviceID: "2", AutoUpdateExpiration: "2040-06-01"})
	l, column := NewList(rows), rows.column("auto_update_expiration")
	if over, later := l.At(0).Tone(column), l.At(1).Tone(column); over != Bad || later != Plain {
		t.Errorf("tones %v and %v, want bad and plain", over, later)
	}
}

func TestVersionsAreSortedAsNumbers(t *testing.T) {
	l := NewList(fleet(
		directory.Chromebook{DeviceID: "a", OSVersion: "120.0.1"}, directory.Chromebook{DeviceID: "b", OSVersion: "99.0.6"},
		directory.Chromebook{DeviceID: "c"}, directory.Chromebook{DeviceID: "d", OSVersion: "99.0.12"}, directory.Chromebook{DeviceID: "e", OSVersion: "dev 7"},
	))
	l.Sort(Order{Column: "os_version"})
	if got := strings.Join(keys(l), ""); got != "bdaec" {
		t.Errorf("sorted %q", got)
	}
}

// A value that a sync has taken away still filters, and the other counts say so.
func TestFacetsOfAValueThatIsGone(t *testing.T) {
	l := NewList(fleet(directory.Chromebook{DeviceID: "a", Status: "ACTIVE", License: "x"}))
	l.Filter("license", "x")
	l.SetRows(fleet(directory.Chromebook{DeviceID: "a", Status: "ACTIVE"}))
	if status := l.Facets("status"); l.Len() != 0 || len(status) != 0 {
		t.Errorf("%d rows are shown, the facet counts %v", l.Len(), status)
	}
}
