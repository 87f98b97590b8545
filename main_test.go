package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/sim"
)

// An address that Microsoft gives to somebody new moves in one step: nobody is
// torn apart on the way.
func TestAnAddressIsGivenToSomebodyNew(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 10})
	r.setUp()
	r.sync(exitDone)
	const address, account = "bob@" + sim.Domain, "881aaaaa-0000-4000-8000-000000000002"
	bob := func() map[string]any {
		for _, p := range r.records("people") {
			if p["primary_email"] == address {
				return p
			}
		}
		t.Fatal("there is no Bob")
		return nil
	}
	before := bob()
	old, _ := before["microsoft_id"].(string)
	if err := r.clouds.Delete("microsoft/users", old); err != nil {
		t.Fatal(err)
	}
	put(t, r, "microsoft/users", account, `{"userPrincipalName":"`+address+`","mail":"`+address+`","displayName":"Bob Jones"}`)
	r.sync(exitDone)
	now := bob()
	if old == "" || now["id"] != before["id"] || now["microsoft_id"] != account {
		t.Errorf("Bob was %v with %v, is %v with %v", before["id"], old, now["id"], now["microsoft_id"])
	}
	var kinds []string
	changes := r.records("changes")
	for _, c := range changes {
		if c["run"] == changes[0]["run"] {
			kinds = append(kinds, fmt.Sprint(c["kind"], " ", c["id"]))
		}
	}
	slices.Sort(kinds)
	if want := []string{fmt.Sprint("added ", now["id"]), fmt.Sprint("removed ", now["id"])}; !slices.Equal(kinds, want) {
		t.Errorf("the change list has %q, want %q", kinds, want)
	}
}

// The main job as a script does it: from nothing to an imported district, and
// a second sync that finds nothing new.
func TestMainJob(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 300, Chromebooks: 200})
	if s := r.status(); s.Google.State != "not_authorized" || s.Microsoft.State != "not_configured" || s.People != 0 {
		t.Errorf("before anything: %+v", s)
	}
	if _, err := os.Stat(r.data); !os.IsNotExist(err) {
		t.Errorf("status made the data folder: %v", err)
	}
	if report := r.sync(exitPerson); report.Outcome != engine.NothingToDo {
		t.Errorf("a sync before anything is set up: %q", report.Outcome)
	}

	r.setUp()
	want := r.clouds.Counts()
	report := r.sync(exitDone)
	if report.Outcome != engine.OK || report.Google.Outcome != engine.OK || report.Microsoft.Outcome != engine.OK {
		t.Errorf("outcome: %+v", report)
	}
	for _, l := range []struct {
		name string
		got  engine.ListingReport
		want int
	}{
		{"Google people", report.Google.Listings[directory.People].ListingReport, want.GoogleUsers},
		{"OUs", report.Google.Listings[directory.OrgUnits].ListingReport, want.OrgUnits - 1},
		{"Chromebooks", report.Google.Listings[directory.Chromebooks].ListingReport, want.Chromebooks},
		{"Microsoft people", report.Microsoft.Listings[directory.People].ListingReport, want.MicrosoftUsers},
	} {
		if !l.got.Complete || l.got.Seen != l.want || l.got.Added != l.want {
			t.Errorf("%s: %+v, want %d", l.name, l.got, l.want)
		}
	}

	s := r.status()
	if s.Google.State != "authorized" || s.Microsoft.State != "configured" || s.Google.LastSuccess == nil || s.Microsoft.LastSuccess == nil {
		t.Errorf("status after the sync: %+v", s)
	}
	if s.People != want.People || s.Chromebooks != want.Chromebooks {
		t.Errorf("status counts %d people and %d Chromebooks, the clouds %d and %d", s.People, s.Chromebooks, want.People, want.Chromebooks)
	}
	if n := len(r.records("people")); n != want.People {
		t.Errorf("%d people exported, want %d", n, want.People)
	}
	if n := len(r.records("chromebooks")); n != want.Chromebooks {
		t.Errorf("%d Chromebooks exported, want %d", n, want.Chromebooks)
	}
	if n := len(r.records("orgunits")); n != want.OrgUnits {
		t.Errorf("%d OUs exported, want %d with the root", n, want.OrgUnits)
	}

	for _, args := range [][]string{nil, {"--full"}} {
		if again := r.sync(exitDone, args...); again.RecordsWritten != 0 || again.Outcome != engine.OK {
			t.Errorf("sync %v of an unchanged district wrote %d records, outcome %q", args, again.RecordsWritten, again.Outcome)
		}
	}
	if out := r.must("check"); !strings.Contains(out, "whole") {
		t.Errorf("check: %q", out)
	}
}

// Robert Smith at Google is Bob Smith at Microsoft, one Person; gone from one
// cloud he stays, gone from both he leaves after two complete listings.
func TestOnePersonOfTwoClouds(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 120, Chromebooks: 40})
	put := func(kind, id, record string) {
		t.Helper()
		if err := r.clouds.Put(kind, id, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	put("google/users", "777001", `{"primaryEmail":"bsmith777@cedarvalley.example","name":{"givenName":"Robert","familyName":"Smith","fullName":"Robert Smith"},"orgUnitPath":"/"}`)
	put("microsoft/users", "00000000-0000-4000-8000-000000777001", `{"userPrincipalName":"BSMITH777@cedarvalley.example","displayName":"Bob Smith","givenName":"Bob","surname":"Smith","accountEnabled":true}`)
	r.setUp()
	r.sync(exitDone)

	bob := func() map[string]any {
		t.Helper()
		for _, p := range r.records("people") {
			if p["id"] == "g:777001" || p["id"] == "m:00000000-0000-4000-8000-000000777001" {
				return p
			}
		}
		return nil
	}
	p := bob()
	if p == nil || p["display_name"] != "Bob Smith" || p["primary_email"] != "bsmith777@cedarvalley.example" || len(p["sources"].([]any)) != 2 {
		t.Fatalf("both clouds: %v", p)
	}

	gone := func(kind, id string) {
		t.Helper()
		if err := r.clouds.Delete(kind, id); err != nil {
			t.Fatal(err)
		}
	}
	gone("google/users", "777001")
	r.sync(exitDone, "--full")
	if p = bob(); p == nil || p["google_id"] != "777001" {
		t.Fatalf("missing at Google for the first time, he keeps that account: %v", p)
	}
	r.sync(exitDone, "--full")
	if p = bob(); p == nil || p["google_id"] != nil || p["display_name"] != "Bob Smith" {
		t.Fatalf("gone at Google, he stays as Microsoft has him: %v", p)
	}
	gone("microsoft/users", "00000000-0000-4000-8000-000000777001")
	r.sync(exitDone)
	if p = bob(); p != nil {
		t.Fatalf("gone from both clouds, he is still there: %v", p)
	}
}

// A sync that asked only for changes says so, rather than that there was
// nothing to see.
func TestSyncSaysHowItLooked(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	if out := r.must("sync"); !strings.Contains(out, "Google Workspace people: 60 seen, +60 ~0 −0\n") {
		t.Errorf("the first time:\n%s", out)
	}
	out := r.must("sync")
	if !strings.Contains(out, "Microsoft Azure people: nothing had changed\n") || strings.Contains(out, " 0 seen") {
		t.Errorf("the second time:\n%s", out)
	}
	if err := r.clouds.Put("microsoft/users", "00000000-0000-4000-8000-000000000888", []byte(`{"userPrincipalName":"new@cedarvalley.example"}`)); err != nil {
		t.Fatal(err)
	}
	if out := r.must("sync"); !strings.Contains(out, "Microsoft Azure people: only what may have changed: 1 seen, +1 ~0 −0\n") {
		t.Errorf("after a change:\n%s", out)
	}
}

func TestCommandsSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	web := filepath.Join(t.TempDir(), "web.json")
	if err := os.WriteFile(web, []byte(`{"web":{"client_id":"x"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	scope := func(s string) url.Values { return url.Values{"decision": {"allow"}, "scope": {s}} }

	for _, c := range []struct {
		name string
		do   func() result
		code int
		says string
	}{
		{"no such command", func() result { return r.panel("frobnicate") }, exitUsage, "frobnicate"},
		{"a web client", func() result { return r.panel("authorize", "google", "--client", web) }, exitPerson, "Desktop app"},
		{"no client", func() result { return r.panel("authorize", "google", "--no-browser") }, exitPerson, "OAuth client"},
		{"denied", func() result {
			return r.authorize(url.Values{"decision": {"deny"}}, "--client", r.server.GoogleClient)
		}, exitPerson, ""},
		{"a filter in the way of the sign-in", func() result {
			r.faults(sim.Fault{Endpoint: "google.token", Kind: "block_page"})
			defer r.faults()
			return r.authorize(everything, "--client", r.server.GoogleClient)
		}, exitFailed, "allow Google. Then authorize again. Command: panel authorize google"},
		{"a GUID as secret", func() result {
			a := r.server.Azure
			return r.panelIn("6ea9c5f0-1111-4222-8333-944445555666\n", "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID)
		}, exitPerson, "copy the Value column"},
		{"no secret", func() result { return r.panel("azure", "set", "--tenant", "t", "--client-id", "c") }, exitUsage, "standard input"},
		{"demo with a folder", func() result { return r.panel("demo") }, exitUsage, "--data"},
		{"one scope only", func() result {
			return r.authorize(scope("https://www.googleapis.com/auth/admin.directory.user.readonly"), "--client", r.server.GoogleClient)
		}, exitDone, "Not imported: Organizational units, Chromebooks."},
		{"a sync with one scope only", func() result { return r.panel("sync") }, exitDone, "Not imported: Organizational units, Chromebooks."},
		{"its status", func() result { got := r.panel("status"); got.err += got.out; return got }, exitDone, "Command: panel authorize google"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := c.do()
			if got.code != c.code || !strings.Contains(got.err, c.says) {
				t.Errorf("exit %d, want %d and %q; said:\n%s", got.code, c.code, c.says, got.err)
			}
			if strings.Contains(got.err, "googleapis.com/auth") {
				t.Errorf("a URL for a permission:\n%s", got.err)
			}
			if strings.Contains(got.err, "goroutine ") {
				t.Errorf("a stack instead of a sentence:\n%s", got.err)
			}
		})
	}

	if s := r.status(); s.Google.State != "partial" {
		t.Errorf("after a partial consent the state is %q", s.Google.State)
	}
	if report := r.sync(exitDone); report.Outcome != engine.Partial || len(r.records("chromebooks")) != 0 || len(r.records("people")) == 0 {
		t.Errorf("a partial consent: %+v", report)
	}
}

func TestADeadAuthorizationIsSaidAndKeepsTheData(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	if err := r.clouds.SetFaults([]sim.Fault{{Endpoint: "google.token", Status: 503, RetryAfter: 1}}); err != nil {
		t.Fatal(err)
	}
	r.sync(exitFailed)
	if s := r.status(); s.Google.State != "authorized" {
		t.Errorf("a passing failure made the state %q", s.Google.State)
	}
	if err := r.clouds.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	r.clouds.RevokeGoogle(r.status().Google.Account)
	report := r.sync(exitPerson)
	if report.Google.Error == nil || report.Google.Error.Kind != "sign_in_needed" || report.Microsoft.Outcome != engine.OK {
		t.Errorf("after the revocation: %+v", report)
	}
	s := r.status()
	if s.Google.State != "revoked" || s.People == 0 || s.Chromebooks != 30 {
		t.Errorf("status: %+v", s)
	}
	lost := func() time.Time {
		s := r.session()
		defer s.close()
		g, err := readDoc[googleDoc](s, googleName)
		if err != nil {
			t.Fatal(err)
		}
		return g.Lost.At
	}
	since := lost()
	r.sync(exitPerson)
	if now := lost(); !now.Equal(since) {
		t.Errorf("lost at %v, then at %v", since, now)
	}
	r.ok(r.authorize(everything))
	if report := r.sync(exitDone); report.Outcome != engine.OK {
		t.Errorf("authorized again: %+v", report)
	}
}

// A run that still reads by the old authorization says nothing of one that was
// made meanwhile.
func TestARefusalIsOfTheAuthorizationThatWasUsed(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 20, Chromebooks: 10})
	r.setUp()
	s := r.session()
	defer s.close()
	refused := &cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "invalid_grant"}
	state := func() string { return (&backend{session: s}).Connections().Google.State }
	if _, err := s.connect(t.Context(), directory.Google); err != nil {
		t.Fatal(err)
	}
	again := func(g *googleDoc) { g.AuthorizedAt, g.Lost = time.Now().UTC(), nil }
	if err := updateDoc(t.Context(), s, googleName, again); err != nil {
		t.Fatal(err)
	}
	if s.failed(directory.Google, refused); state() != "authorized" {
		t.Errorf("the new authorization is %s", state())
	}
	if _, err := s.connect(t.Context(), directory.Google); err != nil {
		t.Fatal(err)
	}
	if s.failed(directory.Google, refused); state() != "revoked" {
		t.Errorf("the one that was used is %s", state())
	}
}

func TestAnExpiredSecretIsKnownSinceItWasFirstRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 20})
	r.setAzure()
	r.faults(sim.Fault{Endpoint: "microsoft.token", Kind: "secret_expired"})
	lost := func() time.Time {
		r.sync(exitPerson)
		s := r.session()
		defer s.close()
		a := (&backend{session: s}).Connections().Microsoft
		if a.State != "secret_expired" || a.Lost == nil {
			t.Fatalf("after the sync: %+v", a)
		}
		return a.Lost.At
	}
	since := lost()
	if now := lost(); !now.Equal(since) {
		t.Errorf("refused since %v, then since %v", since, now)
	}
	r.setAzure()
	if now := lost(); !now.After(since) {
		t.Errorf("another secret is refused since %v, the one before since %v", now, since)
	}
}
