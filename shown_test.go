package main

import (
	"fmt"
	"image"
	"image/draw"
	"slices"
	"strings"
	"testing"
)

// What the window must show, by what the commands say is stored.

// everywhere stands on every tab.
var everywhere = []string{"File", "View", "Sync", "Help", "Cloud Sync", "People", "Chromebooks", "Search people and Chromebooks (Ctrl+K)"}

// emptyTabs are the tabs before anything was set up.
var emptyTabs = map[string]shown{
	"cloud-sync": {texts: []string{
		"Google Workspace", "Microsoft Azure (Entra ID)", "Not configured", "Not synced yet",
		"Request Immediate Cloud Sync Refresh", "Authorize Panel to Perform Google Workspace Sync", "Add Azure Sync Settings", "No sync yet",
	}},
	"people":      {texts: []string{"All people", "0 people", "Set up Google access"}},
	"chromebooks": {texts: []string{"All Chromebooks", "0 Chromebooks", "Set up Google access"}},
	"checkout":    {texts: []string{"Scan", "Collection day", "Inventory audit", "Lists", "Who really has it", "With nobody current, what is scanned comes back", "Nobody", "No due date", "Next school day"}},
}

// fullTabs are the tabs of what is stored.
func fullTabs(t *testing.T, command func(...string) string) map[string]shown {
	t.Helper()
	status := decode[statusReport](t, command("status", "--json"))
	export := func(what string) []object { return decode[[]object](t, command("export", what, "--format", "json")) }
	people, books := export("people"), export("chromebooks")
	with := func(all []object, key string) int {
		return len(slices.DeleteFunc(slices.Clone(all), func(o object) bool { return o.text(key) == "" }))
	}
	cloudSync := []string{
		"Google Workspace", "Authorized", status.Google.Account, "Microsoft Azure (Entra ID)", "Configured", status.Microsoft.Tenant, status.Microsoft.ClientID,
		fmt.Sprintf("%d people · %d Chromebooks · %d OUs", with(people, "google_id"), len(books), status.OrgUnits),
		fmt.Sprintf("%d people", with(people, "microsoft_id")),
		"Request Immediate Cloud Sync Refresh", "De-Authorize Panel to Perform Google Workspace Sync", "Edit Azure Sync Settings",
		"Remove what came from Google", "Remove what came from Microsoft", "Export…", "Search these changes",
	}
	added := map[string]int{} // by cloud, each in a sync of its own
	for _, c := range export("changes") {
		var n int
		if _, err := fmt.Sscan(string(c["count"]), &n); err != nil || c.text("kind") != "added" {
			t.Fatalf("a change that no first sync makes: %s", c)
		}
		added[c.text("cloud")] += n
	}
	cloudSync = append(cloudSync, fmt.Sprintf("Google +%d", added["google"]), fmt.Sprintf("Microsoft +%d", added["microsoft"]))

	return map[string]shown{
		"cloud-sync": {texts: cloudSync},
		"people": {
			texts: append(counted(people, "state"), fmt.Sprintf("All people %d", len(people)), fmt.Sprintf("%d people", len(people)), "+ Filter"),
			rows:  firstRows(people, 15, "display_name", "employee_id", "state"),
		},
		"chromebooks": {
			texts: append(counted(books, "status"), fmt.Sprintf("All Chromebooks %d", len(books)), fmt.Sprintf("%d Chromebooks", len(books)), "+ Filter"),
			rows:  firstRows(books, 15, "serial", "asset_id", "status"),
		},
	}
}

// counted are the filters that stand above a table: each value with its count.
func counted(all []object, key string) []string {
	counts := map[string]int{}
	for _, o := range all {
		counts[o.text(key)]++
	}
	var texts []string
	for value, n := range counts {
		texts = append(texts, fmt.Sprintf("%s %d", value, n))
	}
	return texts
}

// firstRows are the first n records by their first key, as a table has them.
// Where that is empty they come last.
func firstRows(all []object, n int, keys ...string) [][]string {
	all = slices.DeleteFunc(slices.Clone(all), func(o object) bool { return o.text(keys[0]) == "" })
	slices.SortStableFunc(all, func(a, b object) int {
		return strings.Compare(strings.ToLower(a.text(keys[0])), strings.ToLower(b.text(keys[0])))
	})
	var rows [][]string
	for _, o := range all[:n] {
		var row []string
		for _, key := range keys {
			row = append(row, o.text(key))
		}
		rows = append(rows, row)
	}
	return rows
}

// check holds a picture against what it has to show.
func (s *sight) check(t *testing.T, want shown) {
	t.Helper()
	want.texts = append(slices.Clone(everywhere), want.texts...)
	if missing := s.lacks(want); len(missing) > 0 {
		t.Errorf("%s:\n%s\nIt says:\n%s", s.name, strings.Join(missing, "\n"), s)
	}
}

// wouldBeNoticed spoils pictures that are as they should be, and checks that
// they are no longer taken for it.
func wouldBeNoticed(t *testing.T, full map[string]*sight, tabs map[string]shown) {
	t.Helper()
	complains := func(of string, s *sight, want shown, about string) {
		t.Helper()
		if missing := s.lacks(want); !slices.ContainsFunc(missing, func(m string) bool { return strings.Contains(m, about) }) {
			t.Errorf("%s was not noticed, only %q", of, missing)
		}
	}
	const rows = "rows are not in their place"
	people, books, clouds := full["people"], full["chromebooks"], full["cloud-sync"]
	complains("the wrong tab", books, tabs["people"], rows)
	complains("another wrong tab", people, tabs["chromebooks"], rows)
	complains("no table at all", clouds, tabs["people"], rows)
	complains("a wrong count", people, shown{texts: []string{"All people 7"}}, "All people 7")
	backwards := tabs["people"]
	backwards.rows = slices.Clone(backwards.rows)
	slices.Reverse(backwards.rows)
	complains("another order", people, backwards, rows)

	covered := func(s *sight, r image.Rectangle) *sight {
		img := image.NewRGBA(s.img.Bounds())
		draw.Draw(img, img.Rect, s.img, img.Rect.Min, draw.Src)
		draw.Draw(img, r, image.NewUniform(img.At(r.Max.X-1, r.Max.Y-1)), image.Point{}, draw.Src)
		covered := &sight{name: s.name, img: img}
		covered.read(t)
		return covered
	}
	header, ok := people.find("Last sign-in")
	if !ok {
		t.Fatal("the table of people has no header")
	}
	complains("an empty table", covered(people, image.Rect(220, header.Max.Y+8, 1280, 770)), tabs["people"], rows)
	const label = "De-Authorize Panel to Perform Google Workspace Sync"
	button, ok := clouds.find(label)
	if !ok {
		return // which was said
	}
	button.Min.X = button.Max.X - 9
	complains("a clipped button", covered(clouds, button.Inset(-2)), tabs["cloud-sync"], label)
}
