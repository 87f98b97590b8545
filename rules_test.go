package main

import (
	"path/filepath"
	"strings"
	"testing"

	"panel/sync/sim"
)

// What changes all the time is stored, and is no change to tell of.
func TestVolatileFields(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	before := len(r.records("changes"))
	user, book := r.clouds.IDs("google/users")[3], r.clouds.IDs("google/chromeosdevices")[3]
	for id, record := range map[string]string{
		"google/users/" + user: `{"lastLoginTime":"2026-11-20T08:00:00.000Z"}`,
		"google/chromeosdevices/" + book: `{"lastSync":"2026-11-20T09:00:00.000Z","recentUsers":[{"type":"USER_TYPE_MANAGED","email":"someone@cedarvalley.example"}],
			"lastKnownNetwork":[{"ipAddress":"10.1.2.3","wanIpAddress":"192.0.2.77"}],"diskSpaceUsage":{"usedBytes":"12345678"},
			"osUpdateStatus":{"updateCheckTime":"2026-11-20T09:00:01.000Z"}}`,
	} {
		kind, id := filepath.Split(id)
		if err := r.clouds.Put(strings.TrimSuffix(kind, "/"), id, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	report := r.sync(exitDone, "--full")
	people, books := report.Google.Listings["people"], report.Google.Listings["chromebooks"]
	if report.RecordsWritten != 2 || people.Changed+books.Changed != 0 {
		t.Errorf("%d written, %d changed", report.RecordsWritten, people.Changed+books.Changed)
	}
	if n := len(r.records("changes")) - before; n != 0 {
		t.Errorf("%d change entries", n)
	}
	has := func(what, key, id string, want map[string]any) {
		t.Helper()
		for _, o := range r.records(what) {
			if o[key] != id {
				continue
			}
			for k, v := range want {
				if o[k] != v {
					t.Errorf("%s is %v, want %v", k, o[k], v)
				}
			}
			return
		}
		t.Errorf("no %s", id)
	}
	has("people", "google_id", user, map[string]any{"last_sign_in": "2026-11-20T08:00:00Z"})
	has("chromebooks", "device_id", book, map[string]any{"last_sync": "2026-11-20T09:00:00Z", "last_ip": "10.1.2.3", "last_wan_ip": "192.0.2.77"})
}

// A Chromebook that is deprovisioned changes its status and is not gone; a
// person stays as long as one cloud that ever had them is not heard to have
// lost them.
func TestNotGone(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	for id, record := range map[string]string{
		"google/users/777001": `{"primaryEmail":"bob@cedarvalley.example","name":{"fullName":"Robert Smith"},"orgUnitPath":"/"}`,
		"microsoft/users/00000000-0000-4000-8000-000000777001": `{"userPrincipalName":"bob@cedarvalley.example","displayName":"Bob Smith"}`,
	} {
		kind, id := filepath.Split(id)
		if err := r.clouds.Put(strings.TrimSuffix(kind, "/"), id, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	r.setUp()
	r.sync(exitDone)
	book := r.clouds.IDs("google/chromeosdevices")[3]
	if err := r.clouds.Put("google/chromeosdevices", book, []byte(`{"status":"DEPROVISIONED","deprovisionReason":"DEPROVISION_REASON_RETIRING_DEVICE"}`)); err != nil {
		t.Fatal(err)
	}
	r.must("azure", "remove") // Microsoft is no longer heard
	if err := r.clouds.Delete("google/users", "777001"); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r.sync(exitDone, "--full")
	}
	for _, o := range r.records("chromebooks") {
		if o["device_id"] == book && (o["status"] != "DEPROVISIONED" || o["gone"] != false || o["deprovision_reason"] == nil) {
			t.Errorf("deprovisioned: %v", o)
		}
	}
	for _, p := range r.records("people") {
		if p["display_name"] == "Bob Smith" {
			if p["google_id"] != nil || p["departed"] != false {
				t.Errorf("gone at Google: %v", p)
			}
			return
		}
	}
	t.Error("a person is gone whom Microsoft may still have")
}
