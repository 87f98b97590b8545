package view

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"panel/directory"

	"github.com/google/go-cmp/cmp"
)

func TestShippedViews(t *testing.T) {
	user := []directory.RecentUser{{Email: "u@example.com"}}
	books := NewList(fleet(
		directory.Chromebook{DeviceID: "fine", Serial: "1", Status: "ACTIVE", AutoUpdateExpiration: "2030-06-01", LastSync: now, AnnotatedUser: "u", RecentUsers: user},
		directory.Chromebook{DeviceID: "ends", Serial: "2", Status: "ACTIVE", AutoUpdateExpiration: "2027-06-01", LastSync: now, AnnotatedUser: "u", RecentUsers: user},
		directory.Chromebook{DeviceID: "ended", Serial: "3", Status: "ACTIVE", AutoUpdateExpiration: "2026-06-01", LastSync: now, AnnotatedUser: "u", RecentUsers: user},
		directory.Chromebook{DeviceID: "silent", Serial: "4", Status: "ACTIVE", LastSync: now.AddDate(0, 0, -29), RecentUsers: user},
		directory.Chromebook{DeviceID: "unused", Serial: "5", Status: "PRE_PROVISIONED", AnnotatedUser: "u"},
		directory.Chromebook{DeviceID: "retired", Serial: "6", Status: "DEPROVISIONED", AutoUpdateExpiration: "2027-01-01", LastSync: now.AddDate(-1, 0, 0)},
		directory.Chromebook{DeviceID: "twin 1", Serial: "7", Status: "ACTIVE", LastSync: now, AnnotatedUser: "u", RecentUsers: user},
		directory.Chromebook{DeviceID: "twin 2", Serial: "7", Status: "ACTIVE", LastSync: now, AnnotatedUser: "u", RecentUsers: user},
		directory.Chromebook{DeviceID: "gone", Serial: "8", Gone: now},
	))
	people := NewList(crowd(
		directory.Person{ID: "both", GoogleID: "1", MicrosoftID: "1", State: directory.Active},
		directory.Person{ID: "suspended", GoogleID: "2", MicrosoftID: "2", State: directory.Suspended},
		directory.Person{ID: "disabled", GoogleID: "3", MicrosoftID: "3", State: directory.Disabled},
		directory.Person{ID: "google", GoogleID: "4", State: directory.Active, PossibleDuplicate: true},
		directory.Person{ID: "microsoft", MicrosoftID: "5", State: directory.Active},
		directory.Person{ID: "left", GoogleID: "6", MicrosoftID: "6", State: directory.Active, Departed: true},
	))
	want := map[string]string{
		"AUE within 12 months":     "ends",
		"Not synced for 28 days":   "silent",
		"Never used":               "unused",
		"Deprovisioned":            "retired",
		"No annotated user":        "silent",
		"Duplicate serials":        "twin 1, twin 2",
		"No longer in Google":      "gone",
		"Possible duplicates":      "google",
		"Departed with a device":   "left",
		"Suspended people":         "disabled, suspended",
		"People in one cloud only": "google, microsoft",
	}
	shown := 0
	for listing, l := range map[directory.Listing]*List{directory.People: people, directory.Chromebooks: books} {
		for _, v := range ShippedViews(listing) {
			if missing := l.Apply(&v); missing != nil {
				t.Errorf("%s asks for %q, which is not there", v.Name, missing)
			}
			got := keys(l)
			slices.Sort(got)
			if strings.Join(got, ", ") != want[v.Name] {
				t.Errorf("%s shows %q, want %q", v.Name, got, want[v.Name])
			}
			if now := l.View(); !now.Shows(&v) {
				t.Errorf("%s, when it is shown, is not what is shown", v.Name)
			}
			shown++
		}
	}
	if shown != len(want) {
		t.Errorf("%d views are shipped, want %d", shown, len(want))
	}
}

func TestViewsComeBackAsTheyWere(t *testing.T) {
	rows := chromebookRows(500)
	l := NewList(rows)
	l.Where(`aue:2027.. -hp`)
	l.Filter("status", "Active", "Deprovisioned")
	l.OrgUnits(false, "/Devices/School 1/Cart 1", "/Devices/School 3/Cart 3")
	l.Sort(Order{"model", true}, Order{"serial", false})
	v := l.View()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var read SavedView
	if err := json.Unmarshal(b, &read); err != nil {
		t.Fatal(err)
	}
	again := NewList(rows)
	if missing := again.Apply(&read); missing != nil {
		t.Errorf("missing %q", missing)
	}
	if l.Len() == 0 || !slices.Equal(keys(l), keys(again)) {
		t.Errorf("%d rows come back as %d", l.Len(), again.Len())
	}
	if diff := cmp.Diff(v, again.View()); diff != "" {
		t.Errorf("-saved +applied:\n%s", diff)
	}
	other := again.View()
	other.Filters[0].Values = other.Filters[0].Values[:1]
	if other.Shows(&v) {
		t.Error("a view with one value less shows the same")
	}
}

func TestViewOfAColumnThatHasGone(t *testing.T) {
	l := NewList(fleet(directory.Chromebook{DeviceID: "1", Serial: "A", Status: "ACTIVE"}, directory.Chromebook{DeviceID: "2", Serial: "B"}))
	missing := l.Apply(&SavedView{
		Filters: []SavedFilter{{"no_such", []string{"x"}}, {"status", []string{"Active"}}}, Columns: []string{"serial", "never_was"}, Orders: []Order{{"no_such", true}},
	})
	expect(t, l, "what is left of the view", "1")
	if !slices.Equal(missing, []string{"never_was", "no_such"}) {
		t.Errorf("missing %q", missing)
	}
}

func TestKeptTermsAreSaidInWords(t *testing.T) {
	l := NewList(fleet(directory.Chromebook{DeviceID: "a"}))
	l.Where(`recent:"" -status:deprovisioned aue:today..+12m "room 12" -dell id:x`)
	want := []string{"Recent users: none", "Not Status: deprovisioned", "Updates until: today..+12m", `"room 12"`, "Not dell", "id:x"}
	if got := l.KeptWords(); !slices.Equal(got, want) {
		t.Errorf("said is %q, want %q", got, want)
	}
}
