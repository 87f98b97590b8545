package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"panel/sync/sim"
)

// What an export says of single records.
func TestExportsSayWhatIsSo(t *testing.T) {
	t.Parallel()
	r := oddDistrict(t)
	r.setUp()
	r.sync(exitDone)
	find := func(what, key, value string) map[string]any {
		t.Helper()
		for _, o := range r.records(what) {
			if o[key] == value {
				return o
			}
		}
		t.Fatalf("no %s of %s %s", what, key, value)
		return nil
	}
	is := func(o map[string]any, want map[string]any) {
		t.Helper()
		for key, value := range want {
			if fmt.Sprint(o[key]) != fmt.Sprint(value) {
				t.Errorf("%s is %v, want %v", key, o[key], value)
			}
		}
	}
	is(find("people", "id", "g:990001"), map[string]any{
		"display_name": `=HYPERLINK("x") @x`, "primary_email": "formula@cedarvalley.example", "kind": "unknown", "state": "archived",
		"emails":  []string{"formula@cedarvalley.example", "a.formula@cedarvalley.example", "z.formula@cedarvalley.example"},
		"sources": []string{"google"}, "microsoft_state": nil, "department": "two\nlines", "last_sign_in": nil,
	})
	is(find("people", "microsoft_id", "00000000-0000-4000-8000-000000990002"), map[string]any{
		"id": "m:00000000-0000-4000-8000-000000990002", "primary_email": nil, "emails": []string{}, "kind": "guest", "state": "disabled",
		"google_id": nil, "google_state": nil, "employee_id": "00017", "org_unit": nil,
	})
	is(find("chromebooks", "serial", "5CD-ODD"), map[string]any{
		"status": "A_STATUS_OF_TOMORROW", "asset_id": "00042", "last_sync": nil, "storage_bytes": nil, "auto_update_expiration": nil,
		"gone": false, "holder_id": nil,
		"recent_users": []map[string]any{{"email": nil, "managed": false}, {"email": "formula@cedarvalley.example", "managed": true}},
	})

	// The sums of the tree are those of the records.
	s := r.status()
	root := find("orgunits", "path", "/")
	withOU := 0
	for _, p := range r.records("people") {
		if p["org_unit"] != nil {
			withOU++
		}
	}
	is(root, map[string]any{"parent_path": nil, "people_below": withOU, "chromebooks_below": s.Chromebooks})
	if s.OrgUnits != len(r.records("orgunits"))-1 {
		t.Errorf("status counts %d OUs, the export has %d with the root", s.OrgUnits, len(r.records("orgunits")))
	}
	// A cloud's first complete listing is one entry with its count.
	changes := r.records("changes")
	if len(changes) != 4 {
		t.Fatalf("%d changes after the first sync", len(changes))
	}
	for _, c := range changes {
		if c["kind"] != "added" || c["id"] != nil || c["count"] == nil {
			t.Errorf("a first listing: %v", c)
		}
	}

	// A Chromebook that Google no longer has is exported, and not counted.
	if err := r.clouds.Delete("google/chromeosdevices", "00000000-0000-4000-8000-000000990003"); err != nil {
		t.Fatal(err)
	}
	r.sync(exitDone, "--full")
	r.sync(exitDone, "--full")
	is(find("chromebooks", "serial", "5CD-ODD"), map[string]any{"gone": true})
	if now := r.status().Chromebooks; now != s.Chromebooks-1 {
		t.Errorf("%d Chromebooks counted, want %d", now, s.Chromebooks-1)
	}
	if first := r.records("changes")[0]; first["kind"] != "removed" || first["id"] != "00000000-0000-4000-8000-000000990003" {
		t.Errorf("the newest change: %v", first)
	}
}

// Two looks at a district that has lost a tenth of its people hold the
// removals, until somebody says yes.
func TestHeldRemovals(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 250, Chromebooks: 100})
	r.setUp()
	r.sync(exitDone)
	ids := r.clouds.IDs("google/users")
	for _, id := range ids[len(ids)-25:] {
		if err := r.clouds.Delete("google/users", id); err != nil {
			t.Fatal(err)
		}
	}
	google := func(report runReport) (n [4]int) {
		l := report.Google.Listings["people"]
		return [4]int{l.Seen, l.Missing, l.Held, l.Removed}
	}
	if n := google(r.sync(exitDone, "--full")); n != [4]int{225, 25, 0, 0} {
		t.Errorf("seen, missing, held, removed at the first look: %d", n)
	}
	report := r.sync(exitPerson, "--full")
	if n := google(report); n != [4]int{225, 0, 25, 0} || report.Outcome != "held" || report.Google.Outcome != "held" || report.Microsoft.Outcome != "ok" {
		t.Errorf("the second look: %d, %+v", n, report)
	}
	if got := r.panel("sync"); got.code != exitPerson || !strings.Contains(got.err, "--accept-removals") || !strings.Contains(got.out, "25 removals held") {
		t.Errorf("a sync in words: exit %d\n%s%s", got.code, got.out, got.err)
	}
	if s := r.status(); len(s.Holds) != 1 || s.Holds[0] != (holdReport{"google", "people", 25}) {
		t.Errorf("status: %+v", s.Holds)
	}
	if out := r.must("status"); !strings.Contains(out, "25 removals of Google Workspace people wait") {
		t.Errorf("status in words:\n%s", out)
	}

	// One of them comes back and leaves the hold; the others are removed.
	if err := r.clouds.Put("google/users", ids[len(ids)-1], []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	report = r.sync(exitDone, "--accept-removals")
	if n := google(report); n != [4]int{226, 0, 0, 24} || report.Outcome != "ok" {
		t.Errorf("accepted: %d, %+v", n, report)
	}
	if s := r.status(); len(s.Holds) != 0 {
		t.Errorf("still held: %+v", s.Holds)
	}
	newest := r.records("changes")
	newest = slices.DeleteFunc(newest, func(c map[string]any) bool { return c["run"] != newest[0]["run"] })
	if len(newest) != 24 || newest[0]["kind"] != "removed" || newest[0]["cloud"] != "google" {
		t.Errorf("%d changes in the newest sync: %v", len(newest), newest[0])
	}
}
