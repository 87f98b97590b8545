package google

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/oauth"
	"panel/sync/sim"
)

// lists are the listings and the simulator's name of each.
var lists = map[directory.Listing]string{
	directory.People: "google.users", directory.OrgUnits: "google.orgunits", directory.Chromebooks: "google.chromeosdevices",
}

// Every row of Google's error table that no waiting mends, whichever listing
// meets it: typed, said once, and the listing is not complete.
func TestLastingErrors(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
	for _, tc := range []struct {
		fault  string
		kind   cloud.Kind
		code   string
		detail string // "*" is the listing's privilege, "scope" its scope
	}{
		{"forbidden", cloud.PermissionMissing, "forbidden", "*"},
		{"scope_insufficient", cloud.PermissionMissing, "insufficientPermissions", "scope"},
		{"api_disabled", cloud.APIDisabled, "accessNotConfigured",
			"https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=561300000000"},
		{"invalid_ou", cloud.Unexpected, "invalid", "Invalid Ou Id"},
		{"invalid_customer", cloud.Unexpected, "invalid", "Invalid Customer Id"},
		{"bad_request", cloud.Unexpected, "badRequest", "Bad Request"},
		{"domain_not_found", cloud.Unexpected, "notFound", "Domain not found"},
		{"empty_object", cloud.BadAnswer, cloud.CodeShape, ""},
		{"blocked_json", cloud.BadAnswer, cloud.CodeShape, ""},
		{"no_content", cloud.BadAnswer, cloud.CodeNotJSON, ""},
		{"block_page", cloud.BadAnswer, cloud.CodeWebPage, ""},
		{"captive", cloud.BadAnswer, cloud.CodeRedirect, ""},
		{"proxy_auth", cloud.Offline, cloud.CodeProxyAuth, ""},
		{"wrong_kind", cloud.BadAnswer, cloud.CodeShape, ""},
		{"trailing_garbage", cloud.BadAnswer, cloud.CodeNotJSON, ""},
	} {
		for listing, endpoint := range lists {
			t.Run(tc.fault+" "+string(listing), func(t *testing.T) {
				d.fault(sim.Fault{Endpoint: endpoint, Kind: tc.fault})
				before := d.Requests(endpoint)
				h, err := list(t.Context(), d.source(), listing, "")
				detail := wantError(t, err, tc.kind, tc.code)
				want := tc.detail
				switch want {
				case "*":
					want = permissions[listing].privilege
				case "scope":
					want = permissions[listing].scope
				}
				if detail != want {
					t.Errorf("detail %q, want %q", detail, want)
				}
				if n := d.Requests(endpoint) - before; n != 1 {
					t.Errorf("asked %d times", n)
				}
				if h.result.Complete || h.result.Cursor != "" || h.Len() != 0 {
					t.Errorf("%+v with %d records", h.result, h.Len())
				}
			})
		}
	}
}

// What passes is tried again, and then the listing is whole.
func TestPassingErrors(t *testing.T) {
	for _, fault := range []string{
		"user_rate_limit", "quota_exceeded", "rate_limit_403", "rate_limit", "rate_limit_text", "backend_error", "internal_error",
		"bad_gateway", "gateway_timeout", "server_page", "truncated", "cut", "auth_error", "auth_error_classic",
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
			d.fault(sim.Fault{Endpoint: "google.chromeosdevices", Kind: fault, Times: 1})
			h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
			must(t, h, err)
			if len(h.Chromebooks) != 60 || !h.result.Complete || h.result.Retries != 1 {
				t.Errorf("%d Chromebooks, %+v", len(h.Chromebooks), h.result)
			}
		})
	}
}

// The kinds of answers that wait, without the waiting.
func TestFailureKinds(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	text := http.Header{"Content-Type": {"text/plain"}}
	bearer := http.Header{"Content-Type": {"text/plain"}, "Www-Authenticate": {`Bearer realm="https://accounts.google.com/", error="invalid_token"`}}
	basic := http.Header{"Content-Type": {"text/plain"}, "Www-Authenticate": {`Basic realm="filter"`}}
	for _, tc := range []struct {
		status int
		header http.Header
		body   string
		kind   cloud.Kind
		code   string
	}{
		{403, json, `{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}`, cloud.Limited, "userRateLimitExceeded"},
		{403, json, `{"error":{"details":[{"reason":"RATE_LIMIT_EXCEEDED"}]}}`, cloud.Limited, "RATE_LIMIT_EXCEEDED"},
		{403, json, `{"error":{"status":"RESOURCE_EXHAUSTED"}}`, cloud.Limited, "RESOURCE_EXHAUSTED"},
		{403, text, `Request rate higher than configured.`, cloud.Limited, ""},
		{429, text, ``, cloud.Limited, ""},
		{503, text, `x`, cloud.Limited, ""},
		{500, json, `{"error":{"errors":[{"reason":"brandNew"}]}}`, cloud.Limited, "brandNew"},
		{401, json, `{"error":{"errors":[{"reason":"brandNew"}]}}`, cloud.SignInNeeded, "brandNew"},
		{401, json, `{"error":{"message":"Invalid Credentials"}}`, cloud.SignInNeeded, ""},
		{401, bearer, ``, cloud.SignInNeeded, ""},
		{401, json, `{}`, cloud.BadAnswer, cloud.CodeShape},
		{401, json, `{"error":"blocked"}`, cloud.BadAnswer, cloud.CodeShape},
		{401, text, ``, cloud.BadAnswer, cloud.CodeShape},
		{401, text, `blocked by filter`, cloud.BadAnswer, cloud.CodeShape},
		{401, basic, `Invalid Credentials`, cloud.BadAnswer, cloud.CodeShape},
		{403, json, `{"error":{"message":"Not Authorized to access this resource/api"}}`, cloud.PermissionMissing, ""},
		{403, json, `{"error":{"status":"PERMISSION_DENIED"}}`, cloud.PermissionMissing, "PERMISSION_DENIED"},
		{403, json, `{"error":{"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}],"status":"PERMISSION_DENIED"}}`,
			cloud.PermissionMissing, "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{403, json, `{"error":{"message":"Admin SDK API has not been used in project 1 before"}}`, cloud.APIDisabled, ""},
		{403, json, `{"error":{"details":[{"reason":"SERVICE_DISABLED"}]}}`, cloud.APIDisabled, "SERVICE_DISABLED"},
		{403, text, `This site is blocked`, cloud.BadAnswer, cloud.CodeShape},
		{404, json, `{"error":"x"}`, cloud.BadAnswer, cloud.CodeShape},
		{412, json, `{"error":{"errors":[{"reason":"conditionNotMet"}]}}`, cloud.Unexpected, "conditionNotMet"},
	} {
		e := failure(&cloud.Answer{Status: tc.status, Header: tc.header, Body: []byte(tc.body)}, permissions[directory.People])
		if e.Kind != tc.kind || e.Code != tc.code {
			t.Errorf("%d %s: %s (%s), want %s (%s)", tc.status, tc.body, e.Kind, e.Code, tc.kind, tc.code)
		}
	}
}

// Of the scopes that Google would accept, some of which may write, the one that
// is named is the one that Panel asks for.
func TestScopeNamedIsReadOnly(t *testing.T) {
	challenge := http.Header{
		"Content-Type":     {"application/json"},
		"Www-Authenticate": {`Bearer realm="x", error="insufficient_scope", scope="https://www.googleapis.com/auth/admin.directory.user https://www.googleapis.com/auth/cloud-platform"`},
	}
	plain := http.Header{"Content-Type": {"application/json"}}
	for _, tc := range []struct {
		header http.Header
		body   string
	}{
		{challenge, `{"error":{"errors":[{"reason":"insufficientPermissions"}]}}`},
		{challenge, `{"error":{"status":"PERMISSION_DENIED"}}`},
		{plain, `{"error":{"details":[{"reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]}}`},
		{plain, `{"error":{"message":"Request had insufficient authentication scopes."}}`},
	} {
		e := failure(&cloud.Answer{Status: 403, Header: tc.header, Body: []byte(tc.body)}, permissions[directory.People])
		if e.Kind != cloud.PermissionMissing || e.Detail != oauth.ScopeUsers {
			t.Errorf("%s: %s, %q", tc.body, e.Kind, e.Detail)
		}
	}
}

// Nothing that names anybody gets into an error.
func TestDetailNamesNobody(t *testing.T) {
	for _, message := range []string{"Resource Not Found: ann@school.example", "No such unit: /Students/Ann", "Invalid Input: CAESBToken", strings.Repeat("x", 300)} {
		e := failure(&cloud.Answer{Status: 404, Header: http.Header{"Content-Type": {"application/json"}},
			Body: []byte(`{"error":{"message":"` + message + `","errors":[{"reason":"notFound"}]}}`)}, permission{})
		if e.Kind != cloud.Unexpected || e.Detail != "" {
			t.Errorf("%s: %s, %q", message, e.Kind, e.Detail)
		}
	}
}

// A refused access token is renewed once; after that the person must sign in.
func TestRefusedToken(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
	s := d.source()
	if _, err := s.Identify(t.Context()); err != nil {
		t.Fatal(err)
	}
	refreshes := d.Requests("google.token")
	d.fault(sim.Fault{Endpoint: "google.users", Kind: "auth_error", Times: 1})
	h, err := list(t.Context(), s, directory.People, "")
	must(t, h, err)
	if n := d.Requests("google.token") - refreshes; n != 1 {
		t.Errorf("%d refreshes", n)
	}
	d.fault(sim.Fault{Endpoint: "google.users", Kind: "auth_error"})
	_, err = list(t.Context(), s, directory.People, "")
	wantError(t, err, cloud.SignInNeeded, "authError")
	if n := d.Requests("google.token") - refreshes; n != 2 {
		t.Errorf("%d refreshes", n)
	}
}

// A 401 that is not Google's says nothing about the authorization.
func TestForeignRefusal(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
	for _, body := range []string{"blocked by filter", `{"error":"blocked"}`, ""} {
		d.fault(sim.Fault{Endpoint: "google.users", Status: http.StatusUnauthorized, Body: body})
		s := d.source()
		_, err := s.Identify(t.Context())
		wantError(t, err, cloud.BadAnswer, cloud.CodeShape)
		_, err = list(t.Context(), s, directory.People, "")
		wantError(t, err, cloud.BadAnswer, cloud.CodeShape)
	}
}

// A dead authorization is Identify's to tell, and is asked for once.
func TestRevoked(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
	d.RevokeGoogle(d.config.Account)
	d.fault(sim.Fault{Endpoint: "google.token", Kind: "revoked"})
	s := d.source()
	for range 2 {
		_, err := s.Identify(t.Context())
		wantError(t, err, cloud.SignInNeeded, "invalid_grant")
		_, err = list(t.Context(), s, directory.People, "")
		wantError(t, err, cloud.SignInNeeded, "invalid_grant")
	}
	if n := d.Requests("google.token"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// Pages that came before the failure stay handed over.
func TestFailureAtALaterPage(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 1300, Chromebooks: 60})
	for _, tc := range []struct {
		fault  string
		kind   cloud.Kind
		code   string
		people int
	}{
		{"missing_array", cloud.BadAnswer, cloud.CodeShape, 1000},
		{"empty_object", cloud.BadAnswer, cloud.CodeShape, 1000},
		{"api_disabled", cloud.APIDisabled, "accessNotConfigured", 1000},
		{"repeat_token", cloud.BadAnswer, cloud.CodeRepeated, 1300},
	} {
		d.fault(sim.Fault{Endpoint: "google.users", Page: 3, Kind: tc.fault})
		h, err := list(t.Context(), d.source(), directory.People, "")
		wantError(t, err, tc.kind, tc.code)
		if len(h.Accounts) != tc.people || h.result.Complete {
			t.Errorf("%s: %d people, %+v", tc.fault, len(h.Accounts), h.result)
		}
	}
}

// Pages without end and without records are given up soon; a few of them are
// nothing bad.
func TestEmptyPages(t *testing.T) {
	for l, endpoint := range map[directory.Listing]string{directory.People: "google.users", directory.Chromebooks: "google.chromeosdevices"} {
		d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
		d.fault(sim.Fault{Endpoint: endpoint, Kind: "empty_page", Times: 50})
		h, err := list(t.Context(), d.source(), l, "")
		must(t, h, err)
		if n := len(h.Accounts) + len(h.Chromebooks); n != 60 || !h.result.Complete {
			t.Errorf("%s: %d records, %+v", l, n, h.result)
		}
		d.fault(sim.Fault{Endpoint: endpoint, Kind: "empty_page"})
		before := d.Requests(endpoint)
		h, err = list(t.Context(), d.source(), l, "")
		wantError(t, err, cloud.BadAnswer, cloud.CodeEndless)
		if n := d.Requests(endpoint) - before; n > 4*(maxEmpty+1) || h.result.Complete {
			t.Errorf("%s: given up after %d pages, %+v", l, n, h.result)
		}
	}
}

// A page token that Google refuses for a moment is tried again; one that it
// goes on refusing makes the chain start anew, once.
func TestStalePageToken(t *testing.T) {
	const body = `{"error":{"code":400,"message":"Invalid Input: x","errors":[{"message":"Invalid Input: x","domain":"global","reason":"invalid"}]}}`
	for _, tc := range []struct {
		times    int
		requests int // of three pages, one of them refused, perhaps twice
		err      bool
	}{
		{1, 4, false},
		{2, 5, false},
		{3, 1 + 3 + 3, false},
		{0, 2 * (1 + 3), true},
	} {
		t.Run(fmt.Sprint(tc.times), func(t *testing.T) {
			d := newDistrict(t, sim.Config{People: 1300, Chromebooks: 60})
			d.fault(sim.Fault{Endpoint: "google.users", Page: 2, Times: tc.times, Status: 400, Body: body})
			h, err := list(t.Context(), d.source(), directory.People, "")
			if tc.err {
				wantError(t, err, cloud.Unexpected, "invalid")
			} else {
				must(t, h, err)
				if len(h.Accounts) != 1300 || !h.result.Complete {
					t.Errorf("%d people, %+v", len(h.Accounts), h.result)
				}
			}
			if n := d.Requests("google.users"); n != tc.requests {
				t.Errorf("%d requests, want %d", n, tc.requests)
			}
		})
	}
}

// Google's documents disagree on the largest page of Chromebooks.
func TestPageSizeFallsBack(t *testing.T) {
	for _, most := range []int{300, 200, 100} {
		d := newDistrict(t, sim.Config{People: 60, Chromebooks: 650})
		d.Configure(func(s *sim.Settings) { s.DevicePageMax = most })
		h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
		must(t, h, err)
		if want := (650 + most - 1) / most; len(h.Chromebooks) != 650 || h.result.Pages != want || !h.result.Complete {
			t.Errorf("at %d: %d Chromebooks in %d pages, want %d", most, len(h.Chromebooks), h.result.Pages, want)
		}
	}
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 60})
	d.Configure(func(s *sim.Settings) { s.DevicePageMax = 50 })
	_, err := list(t.Context(), d.source(), directory.Chromebooks, "")
	wantError(t, err, cloud.Unexpected, "invalidParameter")
}

// Refusals for asking too much at a time leave fewer chains, down to one.
func TestSlotsNarrow(t *testing.T) {
	s := newSlots(3)
	for range 2 {
		if !s.take(t.Context()) {
			t.Fatal("no slot")
		}
	}
	s.narrow() // the free one
	s.narrow() // one that is in use
	s.narrow() // the last one stays
	s.give()
	s.give()
	if !s.take(t.Context()) {
		t.Fatal("no slot is left")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if s.take(ended) {
		t.Error("a second slot is left")
	}
	s.give()
	if !s.take(t.Context()) {
		t.Error("the slot did not come back")
	}
}

func TestRateLimitNarrowsTheChains(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 600, Chromebooks: 3000})
	d.fault(sim.Fault{Endpoint: "google.chromeosdevices", Kind: "rate_limit", Times: 2, RetryAfter: 1})
	s := d.source()
	h, err := list(t.Context(), s, directory.Chromebooks, "")
	must(t, h, err)
	if len(h.Chromebooks) != 3000 || h.result.Retries != 2 || s.slots.total != 2 {
		t.Errorf("%d Chromebooks, %+v, %d slots", len(h.Chromebooks), h.result, s.slots.total)
	}
	waits := 0
	for i, p := range h.progress {
		if !p.Until.IsZero() {
			waits++
			if i == len(h.progress)-1 {
				t.Error("ends waiting")
			}
		}
	}
	if waits == 0 {
		t.Error("nobody was told of the wait")
	}
}

// The callee's own error ends the listing and comes back as it is.
func TestPageErrorEndsTheListing(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 1300, Chromebooks: 3000})
	full := errors.New("disk full")
	for l := range lists {
		calls := 0
		r, err := d.source().List(t.Context(), cloud.Request{Listing: l, Page: func(context.Context, cloud.Page) error { calls++; return full }})
		if !errors.Is(err, full) || calls != 1 || r.Complete {
			t.Errorf("%s: %v after %d pages, %+v", l, err, calls, r)
		}
	}
}

func TestCancel(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 1300, Chromebooks: 3000})
	for l, endpoint := range lists {
		d.fault(sim.Fault{Endpoint: endpoint, Kind: "hang"})
		ctx, cancel := context.WithCancel(t.Context())
		before := d.Requests(endpoint)
		done := make(chan error, 1)
		go func() {
			_, err := list(ctx, d.source(), l, "")
			done <- err
		}()
		for d.Requests(endpoint) == before {
			select {
			case err := <-done:
				t.Fatalf("%s: %v", l, err)
			case <-time.After(time.Millisecond):
			}
		}
		began := time.Now()
		cancel()
		if err := <-done; cloud.KindOf(err) != cloud.Cancelled {
			t.Errorf("%s: %v", l, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: cancelling took %v", l, took)
		}
	}
}

// A failure keeps nothing running.
func TestNothingIsLeftRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := cloud.NewClient(cloud.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		s := New(Config{Client: client, Tokens: oauth.NewTokens(client, oauth.Client{}, "", nil), Scopes: oauth.Scopes()})
		for l := range lists {
			if _, err := list(ctx, s, l, ""); cloud.KindOf(err) != cloud.Cancelled {
				t.Errorf("%s: %v", l, err)
			}
		}
	}) // fails when a goroutine is left
}
