package main

import (
	"context"
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
	"panel/ui"
	"panel/ui/view"
)

// trouble is what a sync is to say of it.
type trouble struct {
	kind string // of the error, or two with a | between; "" for none
	says string // a part of the sentence that says whose move it is
	code int    // to exit with
}

// kept is every record that a trouble might lose.
func (r *rig) kept() string {
	r.t.Helper()
	return r.must("export", "people") + r.must("export", "chromebooks") + r.must("export", "orgunits")
}

// meets syncs and checks what is said of the trouble of one cloud.
func (r *rig) meets(name string, of directory.Cloud, want trouble, args ...string) runReport {
	r.t.Helper()
	got := r.panel(append([]string{"sync", "--json"}, args...)...)
	report := decode[runReport](r.t, got.out)
	turn := report.Google
	if of == directory.Microsoft {
		turn = report.Microsoft
	}
	var e faultReport
	if turn.Error != nil {
		e = *turn.Error
	}
	if got.code != want.code || !slices.Contains(strings.Split(want.kind, "|"), e.Kind) || !strings.Contains(e.Message, want.says) {
		r.t.Errorf("%s: exit %d, %s %s %q; want exit %d, %s %q", name, got.code, e.Kind, e.Code, e.Message, want.code, want.kind, want.says)
	}
	if !strings.Contains(got.err, want.says) {
		r.t.Errorf("%s: standard error says %q, not %q", name, got.err, want.says)
	}
	for _, k := range []cloud.Kind{cloud.Unexpected, cloud.BadAnswer} {
		if general := view.Say(&cloud.Error{Kind: k, Cloud: of}).Sentence; e.Message != "" && strings.Contains(e.Message, general) {
			r.t.Errorf("%s: nothing but a general sentence: %q", name, e.Message)
		}
	}
	return report
}

// What is between Panel and its clouds, or wrong with them, answers nonsense.
// Nobody is removed for it.
func TestGarbledAnswersRemoveNobody(t *testing.T) {
	t.Parallel()
	const mendsItself = "Panel tries again at the next sync"
	bad := func(says string) trouble { return trouble{"bad_answer", says, exitFailed} }
	// What may come instead of any answer. An answer that stalls or hangs
	// takes minutes to give up; the rooms of the clouds test those.
	anything := map[string]trouble{
		"empty_object":     bad(mendsItself),
		"no_content":       bad(""),
		"blocked_json":     bad(mendsItself),
		"block_page":       bad("ask whoever runs the filter"),
		"captive":          bad("sign in to the network"),
		"redirect_307":     bad("sign in to the network"),
		"proxy_auth":       {"offline", "Ask whoever runs the proxy", exitPerson},
		"truncated":        bad(mendsItself),
		"trailing_garbage": bad("look for a filter or proxy"),
		"cut":              {"bad_answer|offline", "Panel tries again", exitFailed}, // before or after the headers
		"drop":             {"offline", "Nothing to do: Panel tries again", exitFailed},
	}
	fine, circle, gap := trouble{}, bad("reads the list from the beginning"), bad("Panel reads the list again")
	held := trouble{code: exitPerson}
	for _, c := range []struct {
		fault sim.Fault
		size  sim.Config
		full  bool
		kinds map[string]trouble // of this listing
	}{
		{sim.Fault{Endpoint: "google.users", Page: 2}, sim.Config{People: 1010, Chromebooks: 10}, true, map[string]trouble{
			"missing_array": bad(mendsItself), "wrong_kind": bad(mendsItself), "repeat_token": circle,
			"lost_records": fine, "short": fine, "empty_page": fine, "duplicate": fine,
		}},
		{sim.Fault{Endpoint: "google.orgunits"}, sim.Config{People: 40, Chromebooks: 10}, true, map[string]trouble{
			"wrong_kind":   bad(mendsItself),
			"lost_records": bad("Panel looks again at the next sync"), "missing_array": bad("Panel looks again at the next sync"),
			"short": fine, "duplicate": fine,
		}},
		{sim.Fault{Endpoint: "google.chromeosdevices"}, sim.Config{People: 40, Chromebooks: 450}, true, map[string]trouble{
			"missing_array": bad(mendsItself), "wrong_kind": bad(mendsItself), "repeat_token": circle,
			"lost_records": gap, "short": gap, "empty_page": fine, "duplicate": fine,
		}},
		{sim.Fault{Endpoint: "google.count"}, sim.Config{People: 40, Chromebooks: 30}, true, nil},
		{sim.Fault{Endpoint: "microsoft.users"}, sim.Config{People: 1100, Chromebooks: 10}, true, map[string]trouble{
			"missing_array": bad(mendsItself), "wrong_kind": bad(mendsItself), "repeat_token": circle,
			"lost_records": held, "short": fine, "empty_page": fine, "duplicate": fine,
		}},
		{sim.Fault{Endpoint: "microsoft.delta"}, sim.Config{People: 40, Chromebooks: 10}, false, map[string]trouble{
			"missing_array": bad(mendsItself), "wrong_kind": bad(mendsItself), "repeat_token": bad(mendsItself),
			"lost_records": fine, "short": fine, "empty_page": fine, "duplicate": fine,
		}},
	} {
		t.Run(c.fault.Endpoint, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, c.size)
			r.setUp()
			r.sync(exitDone)
			before := r.kept()
			of := directory.Google
			if strings.HasPrefix(c.fault.Endpoint, "microsoft.") {
				of = directory.Microsoft
			}
			try := func(kind string, want trouble) {
				fault := c.fault
				fault.Kind = kind
				if kind == "short" && fault.Page > 0 {
					fault.Page-- // the last page cannot be shortened
				}
				if kind == "empty_page" {
					fault.Times = 1
				}
				r.faults(fault)
				var args []string
				if c.full {
					args = []string{"--full"}
				}
				report := r.meets(kind, of, want, args...)
				for _, turn := range []*turnReport{report.Google, report.Microsoft} {
					for l, n := range turn.Listings {
						if n.Removed != 0 {
							t.Errorf("%s: %d removed of %s", kind, n.Removed, l)
						}
					}
				}
				if want.kind == "" { // it looked well, and counts as a look
					r.faults()
					r.sync(exitDone, "--full")
				}
			}
			for kind, want := range anything {
				try(kind, want)
			}
			for kind, want := range c.kinds {
				try(kind, want)
			}
			if after := r.kept(); after != before {
				t.Error("what is stored is not what it was")
			}
			r.faults()
			if report := r.sync(exitDone, "--full"); report.Outcome != "ok" || report.RecordsWritten != 0 {
				t.Errorf("without faults: %+v", report)
			}
		})
	}
}

// Failures that one sync meets and the next may not: of the sign-ins, the
// secrets, the permissions and the limits.
func TestTroubleWithAuthorizations(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	before := r.kept()
	const again = "until you authorize again"
	person := func(kind, says string) trouble { return trouble{kind, says, exitPerson} }
	for _, c := range []struct {
		endpoint, kind string
		want           trouble
		state          string
	}{
		{"google.token", "revoked", person("sign_in_needed", again), "revoked"},
		{"google.token", "bad_grant", person("sign_in_needed", again), "revoked"},
		{"google.token", "invalid_rapt", person("sign_in_needed", "Authorize again"), "revoked"},
		{"google.token", "account_deleted", person("sign_in_needed", "another admin's account"), "revoked"},
		{"google.token", "policy_enforced", person("blocked_by_policy", "A super admin can trust"), "blocked"},
		{"google.token", "account_restricted", person("blocked_by_policy", "Ask a super admin"), "blocked"},
		{"google.token", "deleted_client", person("client_unknown", "give Panel its file"), "authorized"},
		{"google.token", "client_unauthorized", person("client_unknown", "give it to Panel"), "authorized"},
		{"google.users", "auth_error", person("sign_in_needed", again), "revoked"},
		{"google.users", "forbidden", person("permission_missing", "A super admin can add it"), "authorized"},
		{"google.chromeosdevices", "scope_insufficient", person("permission_missing", "Authorize again"), "authorized"},
		{"google.users", "api_disabled", person("api_disabled", "Enable it"), "authorized"},
		{"microsoft.token", "secret_wrong", person("secret_wrong", ""), "secret_wrong"},
		{"microsoft.token", "secret_expired", person("secret_expired", ""), "secret_expired"},
		{"microsoft.token", "client_unknown", person("client_unknown", "Copy both IDs"), "client_unknown"},
		{"microsoft.token", "tenant_unknown", person("tenant_unknown", "Copy the Directory (tenant) ID"), "tenant_unknown"},
		{"microsoft.token", "cross_cloud", person("tenant_unknown", "Name the cloud"), "tenant_unknown"},
		{"microsoft.token", "principal_missing", person("consent_missing", "press Grant admin consent"), "consent_missing"},
		{"microsoft.token", "conditional_access", person("blocked_by_policy", "An administrator can exclude"), "blocked"},
		{"microsoft.token", "app_disabled", person("blocked_by_policy", "to Yes"), "blocked"},
		{"microsoft.users", "token_expired", trouble{"unexpected", "check the Azure settings", exitFailed}, "configured"},
		{"microsoft.users", "denied", person("consent_missing", "press Grant admin consent"), "consent_missing"},
	} {
		name := c.endpoint + " " + c.kind
		of := directory.Google
		if strings.HasPrefix(c.endpoint, "microsoft.") {
			of = directory.Microsoft
		}
		r.faults(sim.Fault{Endpoint: c.endpoint, Kind: c.kind})
		report := r.meets(name, of, c.want, "--full")
		other, s := report.Microsoft, r.status()
		state, last := s.Google.State, s.Google.LastError
		if of == directory.Microsoft {
			other, state, last = report.Google, s.Microsoft.State, s.Microsoft.LastError
		}
		if other.Outcome != "ok" {
			t.Errorf("%s: the other cloud's turn: %+v", name, other)
		}
		if state != c.state || last == nil || last.Kind != c.want.kind || last.Message == "" {
			t.Errorf("%s: status says %s, %+v", name, state, last)
		}
		if c.kind == "forbidden" && (!report.Google.Listings["orgunits"].Complete || !report.Google.Listings["chromebooks"].Complete) {
			t.Errorf("%s: the other listings: %+v", name, report.Google.Listings)
		}
		r.faults()
		switch state {
		case "revoked", "blocked":
			if of == directory.Google {
				r.sync(exitPerson) // gone is gone
				r.ok(r.authorize(everything))
			}
		}
		if report := r.sync(exitDone); report.Outcome != "ok" {
			t.Errorf("after %s: %+v", name, report)
		}
	}
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
}

// Of two listings that fail each is told, and one that may mend itself decides
// how a script goes on.
func TestTwoListingsFail(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.faults(sim.Fault{Endpoint: "google.orgunits", Kind: "forbidden"}, sim.Fault{Endpoint: "google.chromeosdevices", Kind: "block_page"})
	report := r.sync(exitFailed).Google
	units, books := report.Listings["orgunits"].Error, report.Listings["chromebooks"].Error
	if report.Error.Kind != "permission_missing" || units == nil || units.Kind != "permission_missing" || units.Message == "" ||
		books == nil || books.Kind != "bad_answer" || report.Listings["people"].Error != nil {
		t.Errorf("%s", encoded(t, report))
	}
	got := r.panel("sync")
	if got.code != exitFailed || strings.Count(got.err, "A super admin can add it") != 1 || strings.Count(got.err, "ask whoever runs the filter") != 1 {
		t.Errorf("exit %d: %s", got.code, got.err)
	}
	r.faults(sim.Fault{Endpoint: "google.orgunits", Kind: "api_disabled"}, sim.Fault{Endpoint: "google.chromeosdevices", Kind: "api_disabled"})
	if got := r.panel("sync"); got.code != exitPerson || strings.Count(got.err, "Enable it") != 1 {
		t.Errorf("exit %d: %s", got.code, got.err)
	}
}

// What nobody has foreseen is shown as Microsoft says it, with what its support
// finds it by.
func TestUnknownErrorIsShownWhole(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 40, Chromebooks: 10})
	r.setUp()
	r.faults(sim.Fault{Endpoint: "microsoft.token", Status: 400, Body: `{"error":"new_error","error_codes":[99999],"trace_id":"0a1b2c3d-0000-4000-8000-000000000001",
		"timestamp":"2026-11-23 10:00:00Z","error_description":"AADSTS99999: Something new happened. Trace ID: 0a1b2c3d-0000-4000-8000-000000000001 Timestamp: 2026-11-23 10:00:00Z"}`})
	e := r.sync(exitFailed).Microsoft.Error
	last := r.status().Microsoft.LastError
	for where, e := range map[string]*faultReport{"sync": e, "status": last} {
		if e == nil || e.Code != "AADSTS99999" || e.Trace != "0a1b2c3d-0000-4000-8000-000000000001" || e.Timestamp != "2026-11-23 10:00:00Z" ||
			!strings.Contains(e.Message, "Something new happened") {
			t.Errorf("%s: %+v", where, e)
		}
	}
	for _, said := range []string{r.panel("sync").err, r.must("status")} {
		for _, part := range []string{"Something new happened", "Trace ID: 0a1b2c3d-0000-4000-8000-000000000001", "Timestamp: 2026-11-23 10:00:00Z"} {
			if strings.Count(said, part) == 0 {
				t.Errorf("nothing says %q in:\n%s", part, said)
			}
		}
	}
}

// Limits are waited for as long as the cloud says, and no failure.
func TestRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.faults(
		sim.Fault{Endpoint: "google.orgunits", Kind: "rate_limit", RetryAfter: 1, Times: 2},
		sim.Fault{Endpoint: "microsoft.users", Kind: "throttled", RetryAfter: 1, Times: 1},
		sim.Fault{Endpoint: "microsoft.token", Kind: "transient", RetryAfter: 1, Times: 1},
	)
	began := time.Now()
	report := r.sync(exitDone)
	if took := time.Since(began); took < 3*time.Second {
		t.Errorf("it waited %v, Google and Microsoft asked for 4 seconds", took)
	}
	if n, m := report.Google.Listings["orgunits"].Retries, report.Microsoft.Listings["people"].Retries; n != 2 || m != 1 || report.Outcome != "ok" {
		t.Errorf("%d and %d retries: %+v", n, m, report)
	}
	before := r.kept()
	r.faults(sim.Fault{Endpoint: "google.orgunits", Kind: "rate_limit", RetryAfter: 1})
	r.meets("for ever", directory.Google, trouble{"limited", "Nothing to do: Panel tries again", exitFailed})
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
}

// What people get wrong when they set Panel up, or Google lets them do.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	file := func(text string) string {
		t.Helper()
		name := filepath.Join(t.TempDir(), "client.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for name, c := range map[string]struct{ text, says string }{
		"web":             {`{"web":{"client_id":"x.apps.googleusercontent.com","client_secret":"canary-s"}}`, "choose Desktop app"},
		"service account": {`{"type":"service_account","private_key":"canary-s","client_email":"x@y.example"}`, "service account"},
		"not JSON":        {"%PDF-1.7 canary-s", "choose Download JSON"},
		"empty":           {"", "choose Download JSON"},
		"other JSON":      {`{"hello":["canary-s"]}`, "choose Download JSON"},
	} {
		got := r.panel("authorize", "google", "--no-browser", "--client", file(c.text))
		if got.code != exitPerson || !strings.Contains(got.err, c.says) || strings.Contains(got.err, "canary") || got.out != "" {
			t.Errorf("%s: exit %d, want %q\n%s", name, got.code, c.says, got.err)
		}
	}
	foreign := file(`{"installed":{"client_id":"x.apps.googleusercontent.com","client_secret":"s","auth_uri":"https://evil.example/auth","token_uri":"https://oauth2.googleapis.com/token"}}`)
	got := command(t.Context(), "", "--data", r.data, "--passphrase-file", r.passphrase, "authorize", "google", "--no-browser", "--client", foreign)
	if got.code != exitPerson || !strings.Contains(got.err, "evil.example") {
		t.Errorf("a file that leads elsewhere: exit %d\n%s", got.code, got.err)
	}
	if s := r.status(); s.Google.State != "not_authorized" {
		t.Errorf("status: %+v", s.Google)
	}

	got = r.authorize(url.Values{"decision": {"deny"}}, "--client", r.server.GoogleClient)
	if got.code != exitPerson || !strings.Contains(got.err, "Start again when you are ready") {
		t.Errorf("denied: exit %d\n%s", got.code, got.err)
	}
	r.faults(sim.Fault{Endpoint: "google.auth", Kind: "back_admin_policy_enforced"})
	if got = r.authorize(everything); got.code != exitPerson || !strings.Contains(got.err, "A super admin can trust it") {
		t.Errorf("blocked by policy: exit %d\n%s", got.code, got.err)
	}
	r.faults()

	r.ok(r.authorize(everythingAs("teacher@cedarvalley.example")))
	r.meets("a teacher", directory.Google, trouble{"permission_missing", "A super admin can add it", exitPerson})
	r.ok(r.authorize(everythingAs("helpdesk@cedarvalley.example")))
	report := r.meets("the help desk", directory.Google, trouble{"permission_missing", "A super admin can add it", exitPerson})
	if n := report.Google.Listings["people"]; !n.Complete || n.Seen != 60 {
		t.Errorf("the help desk may read people: %+v", n)
	}
	r.ok(r.authorize(everythingAs("admin@cedarvalley.example")))

	a := r.server.Azure
	other := "00000000-0000-4000-8000-000000000001"
	for _, c := range []struct {
		name, tenant, client, secret string
		want                         trouble
	}{
		{"tenant", other, a.ClientID, a.ClientSecret, trouble{"tenant_unknown", "Copy the Directory (tenant) ID", exitPerson}},
		{"client", a.Tenant, other, a.ClientSecret, trouble{"client_unknown", "Copy both IDs", exitPerson}},
		{"secret", a.Tenant, a.ClientID, "abc8Q~wrong", trouble{"secret_wrong", "Value", exitPerson}},
	} {
		r.ok(r.panelIn(c.secret, "azure", "set", "--tenant", c.tenant, "--client-id", c.client))
		if got := r.panel("azure", "test"); got.code != exitPerson || !strings.Contains(got.err, c.want.says) || strings.Contains(got.err, c.secret) {
			t.Errorf("azure test with a wrong %s: exit %d\n%s%s", c.name, got.code, got.out, got.err)
		}
		r.meets("wrong "+c.name, directory.Microsoft, c.want)
	}
	r.clouds.Configure(func(s *sim.Settings) { s.NoConsent = true })
	r.setAzure()
	r.meets("no consent", directory.Microsoft, trouble{"consent_missing", "press Grant admin consent", exitPerson})
	r.clouds.Configure(func(s *sim.Settings) { s.NoConsent = false })
	r.sync(exitDone)
}

// Six pages arrive and the seventh does not: their news is kept, and nobody
// is removed.
func TestPageSevenOfNine(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 4100, Chromebooks: 10})
	r.setUp()
	r.sync(exitDone)
	var ids []string // of Google's users, in its order
	for _, p := range r.records("people") {
		if p["google_id"] != nil {
			ids = append(ids, p["google_id"].(string))
		}
	}
	early, late, gone := ids[700], ids[3800], ids[1200]
	for _, id := range []string{early, late} {
		if err := r.clouds.Put("google/users", id, []byte(`{"orgUnitPath":"/Moved"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.clouds.Delete("google/users", gone); err != nil {
		t.Fatal(err)
	}
	r.faults(sim.Fault{Endpoint: "google.users", Page: 7, Kind: "backend_error", RetryAfter: 1})
	for range 2 {
		report := r.meets("page 7", directory.Google, trouble{"limited", "Nothing to do", exitFailed})
		if l := report.Google.Listings["people"]; l.Complete || l.Seen != 3000 || l.Removed+l.Missing+l.Held != 0 {
			t.Errorf("people: %+v", l)
		}
	}
	moved := map[any]any{}
	for _, p := range r.records("people") {
		moved[p["google_id"]] = p["org_unit"]
	}
	if len(ids) != 4100 || moved[early] != "/Moved" || moved[late] == "/Moved" || moved[gone] == nil {
		t.Errorf("%d people; early %v, late %v, gone %v", len(ids), moved[early], moved[late], moved[gone])
	}
}

// Another organization is not read into the data of the first one.
func TestAnotherCustomerIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	before := r.kept()
	elsewhere := everythingAs("admin@elsewhere.example")
	got := r.authorize(elsewhere)
	if got.code != exitPerson || !strings.Contains(got.err, "first remove what came from it") || r.kept() != before {
		t.Errorf("exit %d, what is stored is as before: %v; said:\n%s", got.code, r.kept() == before, got.err)
	}
	r.sync(exitDone) // by the authorization of before

	// Where Google does not say at once who that was, the sync finds out.
	r.faults(sim.Fault{Endpoint: "google.users", Kind: "forbidden"})
	r.ok(r.authorize(elsewhere))
	r.faults()
	report := r.meets("another customer", directory.Google, trouble{"sign_in_needed", "first remove what came from it", exitPerson})
	if report.Google.Error.Code != "other_customer" || r.kept() != before {
		t.Errorf("%+v; what is stored is as before: %v", report.Google.Error, r.kept() == before)
	}

	s := r.session()
	err := (&backend{session: s}).Forget(t.Context(), directory.Google)
	s.close()
	if err != nil {
		t.Fatal(err)
	}
	if now := r.status(); now.Chromebooks != 0 || now.People == 0 {
		t.Errorf("what came from Google was removed, what came from Microsoft was not: %+v", now)
	}
	r.ok(r.authorize(elsewhere))
	if report := r.sync(exitDone); report.Google.Outcome != "ok" || r.status().Chromebooks != 30 {
		t.Errorf("after the removal: %+v", report)
	}

	// The same of another tenant.
	clouds := sim.New(sim.Config{People: 60, Chromebooks: 30, Seed: 2})
	server, err := clouds.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	r.must("deauthorize", "google")
	r.clouds, r.server = clouds, server
	before = r.kept()
	r.setAzure()
	r.meets("another tenant", directory.Microsoft, trouble{"sign_in_needed", "Enter the former tenant again", exitPerson})
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
}

func TestNetworkDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	before := r.kept()
	if err := r.server.Close(); err != nil { // takes the profile along
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(r.server.Profile), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(filepath.Dir(r.server.Profile)) })
	ca := filepath.Join(filepath.Dir(r.server.Profile), "ca.pem")
	for path, text := range map[string][]byte{ca: r.clouds.CA(), r.server.Profile: sim.Profile(r.server.URL, "https://127.0.0.1:1", ca)} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	report := r.meets("no network", directory.Google, trouble{"offline", "Panel tries again at the next sync", exitFailed})
	if e := report.Microsoft.Error; e == nil || e.Kind != "offline" {
		t.Errorf("Microsoft: %+v", e)
	}
	if s := r.status(); s.Google.State != "authorized" || s.Microsoft.State != "configured" || r.kept() != before {
		t.Errorf("status: %+v", s)
	}
}

// A network that inspects TLS: the sentence names who signed.
// A certificate file that has gone ends syncs, and keeps nobody from the data,
// nor from the settings where another is chosen.
func TestMissingCertificateFile(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	profile := decode[map[string]any](t, read(t, r.server.Profile))
	certificates := read(t, profile["ca_file"].(string))
	delete(profile, "ca_file")
	r.server.Profile = filepath.Join(t.TempDir(), "profile.json")
	file := filepath.Join(t.TempDir(), "school.pem")
	for path, text := range map[string]string{r.server.Profile: encoded(t, profile), file: certificates} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := r.session()
	if err := (&backend{session: s}).SetSettings(t.Context(), ui.Settings{CAFile: file}); err != nil {
		t.Fatal(err)
	}
	s.close()
	r.sync(exitDone)
	before := r.kept()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for _, c := range []directory.Cloud{directory.Google, directory.Microsoft} {
		r.meets("no certificate file", c, trouble{"certificate", "Choose the file again", exitPerson})
	}
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
	s = r.session()
	err := (&backend{session: s}).SetSettings(t.Context(), ui.Settings{CAFile: file})
	if e := cloud.AsError(err); err == nil || e.Code != cloud.CodeCAFile {
		t.Errorf("the same settings again: %v", err)
	}
	if err := os.WriteFile(file, []byte(certificates), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&backend{session: s}).SetSettings(t.Context(), ui.Settings{CAFile: file}); err != nil {
		t.Fatal(err)
	}
	if run, err := s.engine.SyncNow(t.Context(), engine.Options{}); err != nil || run.Outcome != engine.OK {
		t.Errorf("once the file is back: %s, %v", run.Outcome, err)
	}
	s.close()
}

func TestUnknownAuthority(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	before := r.kept()
	text, err := os.ReadFile(r.server.Profile)
	if err != nil {
		t.Fatal(err)
	}
	profile := decode[map[string]any](t, string(text))
	delete(profile, "ca_file")
	without := filepath.Join(t.TempDir(), "profile.json")
	if err := os.WriteFile(without, []byte(encoded(t, profile)), 0o600); err != nil {
		t.Fatal(err)
	}
	r.server.Profile = without
	report := r.meets("unknown authority", directory.Microsoft, trouble{"certificate", "get its CA certificate", exitPerson}, "--full")
	if e := report.Microsoft.Error; !strings.Contains(e.Message, "Simulated") || report.Google.Outcome != "ok" {
		t.Errorf("the issuer is not named: %q; Google %+v", e.Message, report.Google)
	}
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
}

// A sync of a slow cloud ends within a second of being told to. It runs
// alone, since it looks at the clock.
func TestCancelledWithinASecond(t *testing.T) {
	r := newRig(t, sim.Config{People: 1200, Chromebooks: 400})
	r.setUp()
	r.sync(exitDone)
	before := r.kept()
	for _, endpoint := range []string{"google.token", "google.users", "google.chromeosdevices", "google.count", "microsoft.token", "microsoft.users"} {
		r.faults(sim.Fault{Endpoint: endpoint, DelayMS: 60_000})
		asked := r.clouds.Requests(endpoint)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan result, 1)
		go func() {
			done <- command(ctx, "", "--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase, "sync", "--json", "--full")
		}()
		for r.clouds.Requests(endpoint) == asked {
			pause()
		}
		cancel()
		began := time.Now()
		got := <-done
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: it ended after %v", endpoint, took)
		}
		if report := decode[runReport](t, got.out); got.code != exitFailed || report.Outcome != "cancelled" {
			t.Errorf("%s: exit %d, %s\n%s", endpoint, got.code, report.Outcome, got.err)
		}
	}
	r.faults()
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
	if report := r.sync(exitDone); report.Outcome != "ok" || report.RecordsWritten != 0 {
		t.Errorf("afterwards: %+v", report)
	}
}
