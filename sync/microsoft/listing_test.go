package microsoft

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/sim"
)

func TestEveryoneIsListed(t *testing.T) {
	inWorld(t, 1150, func(t *testing.T, w *world) {
		var s store
		r := s.mustList(t, w, "")
		ids := w.IDs(users)
		if len(s.accounts) != len(ids) || len(ids) < 1000 {
			t.Fatalf("%d accounts of %d users", len(s.accounts), len(ids))
		}
		if pages := (len(ids) + 998) / 999; !r.Whole || !r.Complete || r.Cursor == "" || r.Expected != -1 || r.Pages != pages {
			t.Errorf("%+v of %d pages", r, pages)
		}
		if last := s.progress[len(s.progress)-1]; last.Done != len(ids) || last.Pages != r.Pages || last.Listing != directory.People {
			t.Errorf("the progress ends at %+v", last)
		}
		for _, id := range ids {
			record, err := w.Record(users, id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(asStored(t, record), s.accounts[id]); diff != "" {
				t.Fatalf("user (-cloud +panel):\n%s", diff)
			}
		}
	})
}

// asStored is what Panel should make of a record; it shares nothing with the
// decoder but the names of the schema.
func asStored(t *testing.T, record []byte) directory.Account {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(record, &m); err != nil {
		t.Fatal(err)
	}
	str := func(name string) string { s, _ := m[name].(string); return s }
	list := func(name string) (all []string) {
		values, _ := m[name].([]any)
		for _, v := range values {
			all = append(all, v.(string))
		}
		return all
	}
	a := directory.Account{
		Cloud: directory.Microsoft, ID: str("id"), Primary: str("userPrincipalName"), Mail: str("mail"),
		DisplayName: str("displayName"), GivenName: str("givenName"), FamilyName: str("surname"),
		EmployeeID: str("employeeId"), EmployeeType: str("employeeType"), Title: str("jobTitle"),
		Department: str("department"), Mobile: str("mobilePhone"), Guest: str("userType") == "Guest",
		State: map[any]directory.State{true: directory.Active, false: directory.Disabled}[m["accountEnabled"]],
	}
	a.Phone = strings.Join(list("businessPhones"), "")
	for _, p := range list("proxyAddresses") {
		if len(p) > 5 && strings.EqualFold(p[:5], "smtp:") {
			a.Aliases = append(a.Aliases, p[5:])
		}
	}
	return a
}

func TestChangesAreMerged(t *testing.T) {
	inWorld(t, 300, func(t *testing.T, w *world) {
		var s store
		cursor := s.mustList(t, w, "").Cursor
		before := maps.Clone(s.accounts)
		ids := w.IDs(users)
		renamed, cleared, deleted, restored := ids[3], ids[5], ids[7], ids[9]
		w.put(t, renamed, `{"displayName":"Bob Smith"}`)
		w.put(t, cleared, `{"department":null,"employeeId":null,"proxyAddresses":[]}`)
		w.delete(t, deleted)
		w.delete(t, restored)
		w.put(t, restored, `{"jobTitle":"Back again"}`)
		w.put(t, "11111111-2222-4333-8444-555555555555", `{"displayName":"New","userPrincipalName":"new@example.com","mail":null}`)

		r := s.mustList(t, w, cursor)
		if r.Whole || r.Complete || r.Cursor == "" || r.Cursor == cursor {
			t.Errorf("%+v", r)
		}
		if !slices.Equal(s.gone, []string{deleted}) {
			t.Errorf("gone: %v, want %v", s.gone, deleted)
		}
		expected := before
		a := expected[renamed]
		a.DisplayName = "Bob Smith"
		expected[renamed] = a
		a = expected[cleared]
		a.Department, a.EmployeeID, a.Aliases = "", "", nil
		expected[cleared] = a
		a = expected[restored]
		a.Title = "Back again"
		expected[restored] = a
		delete(expected, deleted)
		expected["11111111-2222-4333-8444-555555555555"] = directory.Account{
			Cloud: directory.Microsoft, ID: "11111111-2222-4333-8444-555555555555",
			Primary: "new@example.com", DisplayName: "New", State: directory.Active,
		}
		if diff := cmp.Diff(expected, s.accounts); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		// The same link again: a crash may have lost what it brought.
		s.mustList(t, w, cursor)
		if diff := cmp.Diff(expected, s.accounts); diff != "" {
			t.Errorf("a replay changed (-want +got):\n%s", diff)
		}
		if again := s.mustList(t, w, r.Cursor); again.Whole || len(s.accounts) != len(expected) {
			t.Errorf("nothing changed, and %+v", again)
		}
	})
}

// Whatever happens to users between syncs, following the changes ends where
// listing everyone does.
func TestChangesEndWhereAWholeListingDoes(t *testing.T) {
	inWorld(t, 40, func(t *testing.T, w *world) {
		ids := w.IDs(users)
		var s store
		cursor := s.mustList(t, w, "").Cursor
		// A bubble has no deadline, so rapid must not see that t could have one.
		rapid.Check(struct{ rapid.TB }{t}, func(t *rapid.T) {
			for range rapid.IntRange(0, 12).Draw(t, "changes") {
				id := rapid.SampledFrom(ids).Draw(t, "id")
				var err error
				switch rapid.IntRange(0, 3).Draw(t, "act") {
				case 0:
					_ = w.Delete(users, id) // gone already, perhaps
				case 1:
					err = w.Put(users, id, json.RawMessage(`{"department":null,"businessPhones":[],"accountEnabled":false}`))
				case 2:
					err = w.Put(users, id, json.RawMessage(fmt.Sprintf(`{"department":%q,"proxyAddresses":["SMTP:a@x","smtp:%s@x","X500:/o=x"]}`,
						rapid.StringMatching(`[a-z]{0,5}`).Draw(t, "department"), id[:8])))
				case 3:
					err = w.Put(users, id, json.RawMessage(`{"accountEnabled":true,"userType":"Guest","mail":"A@X"}`))
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			r, err := s.list(context.Background(), New(w.config), cursor)
			if err != nil {
				t.Fatal(err)
			}
			cursor = r.Cursor
			var whole store
			if _, err := whole.list(context.Background(), New(w.config), ""); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(whole.accounts, s.accounts); diff != "" {
				t.Fatalf("(-whole +changes):\n%s", diff)
			}
		})
	})
}

func TestDeadCursorListsEveryone(t *testing.T) {
	for name, test := range map[string]struct {
		fault  sim.Fault
		cursor string
	}{
		"410":                {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Kind: "delta_gone"}},
		"resyncRequired":     {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Kind: "delta_resync"}},
		"older than 30 days": {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Kind: "delta_too_old"}},
		"badly formed":       {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Kind: "delta_malformed"}},
		"404 of that code": {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Status: 404,
			Body: `{"error":{"code":"syncStateNotFound","message":"…"}}`}},
		"410 without a body": {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Status: 410}},
		"410 of nothing":     {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Status: 410, Body: `{}`}},
		"410 in words":       {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Status: 410, Body: `Gone`}},
		"400 without a code": {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Status: 400, Body: `{"error":{"message":"…"}}`}},
		"403 of that code": {fault: sim.Fault{Endpoint: "microsoft.delta", Times: 1, Status: 403,
			Body: `{"error":{"code":"SyncStateNotFound","message":"…"}}`}},
		"garbage":          {cursor: "http://127.0.0.1/v1.0/users/delta?$deltatoken=garbage"},
		"of another cloud": {cursor: "https://graph.microsoft.us/v1.0/users/delta?$deltatoken=good"},
		"no URL":           {cursor: "\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 60, func(t *testing.T, w *world) {
				var s store
				cursor := s.mustList(t, w, "").Cursor
				if test.cursor != "" {
					cursor = test.cursor
				} else {
					w.fail(t, test.fault)
				}
				w.delete(t, w.IDs(users)[0])
				var fresh store
				r := fresh.mustList(t, w, cursor)
				if !r.Whole || !r.Complete || r.Cursor == "" || len(fresh.accounts) != len(w.IDs(users)) {
					t.Errorf("%+v, %d accounts of %d", r, len(fresh.accounts), len(w.IDs(users)))
				}
			})
		})
	}
}

// A failure that says nothing about the cursor must not cost a whole listing.
func TestOtherFailuresKeepTheCursor(t *testing.T) {
	for fault, want := range map[sim.Fault]cloud.Kind{
		{Kind: "throttled"}: cloud.Limited, {Kind: "unavailable"}: cloud.Limited, {Kind: "denied"}: cloud.ConsentMissing,
		{Kind: "token_expired"}: cloud.Unexpected, {Kind: "block_page"}: cloud.BadAnswer, {Kind: "captive"}: cloud.BadAnswer, {Kind: "drop"}: cloud.Offline,
		{Kind: "block_page", Status: 410}: cloud.BadAnswer, {Status: 400, Body: "Bad Request"}: cloud.BadAnswer,
	} {
		t.Run(fmt.Sprintf("%s %d", fault.Kind, fault.Status), func(t *testing.T) {
			inWorld(t, 60, func(t *testing.T, w *world) {
				var s store
				cursor := s.mustList(t, w, "").Cursor
				whole := w.Requests("microsoft.users")
				fault.Endpoint = "microsoft.delta"
				w.fail(t, fault)
				_, err := s.list(t.Context(), New(w.config), cursor)
				if cloud.KindOf(err) != want || w.Requests("microsoft.users") != whole {
					t.Errorf("%v, and %d requests for everyone", err, w.Requests("microsoft.users")-whole)
				}
			})
		})
	}
}

func TestBrokenPagesEndTheListing(t *testing.T) {
	for _, test := range []struct {
		fault sim.Fault
		kind  cloud.Kind
		code  string
		tries int // of the page
	}{
		{sim.Fault{Kind: "empty_object"}, cloud.BadAnswer, cloud.CodeShape, 1},
		{sim.Fault{Kind: "no_content"}, cloud.BadAnswer, cloud.CodeNotJSON, 1},
		{sim.Fault{Kind: "blocked_json"}, cloud.BadAnswer, cloud.CodeShape, 1},
		{sim.Fault{Kind: "block_page"}, cloud.BadAnswer, cloud.CodeWebPage, 1},
		{sim.Fault{Kind: "captive"}, cloud.BadAnswer, cloud.CodeRedirect, 1},
		{sim.Fault{Kind: "redirect_307"}, cloud.BadAnswer, cloud.CodeRedirect, 1},
		{sim.Fault{Kind: "proxy_auth"}, cloud.Offline, cloud.CodeProxyAuth, 1},
		{sim.Fault{Kind: "missing_array"}, cloud.BadAnswer, cloud.CodeShape, 1},
		{sim.Fault{Kind: "wrong_kind"}, cloud.BadAnswer, cloud.CodeShape, 1},
		{sim.Fault{Kind: "repeat_token"}, cloud.BadAnswer, cloud.CodeRepeated, 1},
		{sim.Fault{Kind: "trailing_garbage"}, cloud.BadAnswer, cloud.CodeNotJSON, 1},
		{sim.Fault{Kind: "truncated"}, cloud.BadAnswer, cloud.CodeTruncated, 5},
		{sim.Fault{Kind: "cut"}, cloud.BadAnswer, cloud.CodeTruncated, 5},
		{sim.Fault{Kind: "drop"}, cloud.Offline, cloud.CodeNetwork, 5 + 1}, // net/http tries a used connection's call on a new one
		{sim.Fault{Kind: "stall"}, cloud.Offline, cloud.CodeTimeout, 5},
		{sim.Fault{Kind: "hang"}, cloud.Offline, cloud.CodeTimeout, 5},
		{sim.Fault{Kind: "throttled"}, cloud.Limited, "TooManyRequests", 5},
		{sim.Fault{Kind: "throttled_unsaid"}, cloud.Limited, "TooManyRequests", 5},
		{sim.Fault{Kind: "unavailable"}, cloud.Limited, "ServiceUnavailable", 5},
		{sim.Fault{Kind: "graph_timeout"}, cloud.Limited, "GatewayTimeout", 5},
		{sim.Fault{Kind: "not_implemented"}, cloud.Unexpected, "NotImplemented", 1},
		{sim.Fault{Kind: "denied"}, cloud.ConsentMissing, "Authorization_RequestDenied", 1},
		{sim.Fault{Kind: "token_expired"}, cloud.Unexpected, "InvalidAuthenticationToken", 2},
		{sim.Fault{Kind: "page_token_expired"}, cloud.Unexpected, "Directory_ExpiredPageToken", 2},
		{sim.Fault{Kind: "page_token_not_found"}, cloud.Unexpected, "DirectoryPageTokenNotFoundException", 2},
		{sim.Fault{Status: 403, Body: `{"error":"blocked"}`}, cloud.BadAnswer, cloud.CodeShape, 1},
		{sim.Fault{Status: 400, Body: `{"error":{"message":"who knows"}}`}, cloud.BadAnswer, cloud.CodeShape, 2},
		{sim.Fault{Status: 500, Body: `oops`}, cloud.Limited, "", 5},
	} {
		t.Run(test.fault.Kind+test.fault.Body, func(t *testing.T) {
			inWorld(t, 1150, func(t *testing.T, w *world) {
				test.fault.Endpoint, test.fault.Page = "microsoft.users", 2
				w.fail(t, test.fault)
				var s store
				r, err := s.list(t.Context(), New(w.config), "")
				want(t, w, err, test.kind, test.code)
				if r.Complete || r.Cursor != "" || len(s.gone) != 0 {
					t.Errorf("a broken listing is %+v", r)
				}
				if len(s.accounts) != 999 && test.code != cloud.CodeRepeated {
					t.Errorf("%d accounts of the good page", len(s.accounts))
				}
				restarts := 0
				if test.fault.Kind == "page_token_expired" || test.fault.Kind == "page_token_not_found" || test.fault.Status == http.StatusBadRequest {
					restarts = 1
				}
				if got := w.Requests("microsoft.users") - 1 - restarts; got != test.tries {
					t.Errorf("page 2 was asked for %d times, want %d", got, test.tries)
				}
			})
		})
	}
}

// Empty pages without end are given up soon; a few of them are nothing bad.
func TestEmptyPages(t *testing.T) {
	inWorld(t, 30, func(t *testing.T, w *world) {
		w.fail(t, sim.Fault{Endpoint: "microsoft.users", Kind: "empty_page", Times: 50})
		var s store
		if r, err := s.list(t.Context(), New(w.config), ""); err != nil || len(s.accounts) != 30 || !r.Complete {
			t.Errorf("%d accounts, %+v, %v", len(s.accounts), r, err)
		}
		before := w.Requests("microsoft.users")
		w.fail(t, sim.Fault{Endpoint: "microsoft.users", Kind: "empty_page"})
		r, err := s.list(t.Context(), New(w.config), "")
		want(t, w, err, cloud.BadAnswer, cloud.CodeEndless)
		if n := w.Requests("microsoft.users") - before; n > maxEmpty+1 || r.Complete {
			t.Errorf("given up after %d pages: %+v", n, r)
		}
	})
}

func TestPassingTroubleIsOvercome(t *testing.T) {
	for kind, retries := range map[string]int{
		"throttled": 1, "unavailable": 1, "drop": 0, "truncated": 1, "cut": 1, "token_expired": 1,
		"page_token_expired": 0, "page_token_not_found": 0, "duplicate": 0,
	} {
		t.Run(kind, func(t *testing.T) {
			inWorld(t, 1150, func(t *testing.T, w *world) {
				w.fail(t, sim.Fault{Endpoint: "microsoft.users", Page: 2, Times: 1, Kind: kind})
				var s store
				start := time.Now()
				r := s.mustList(t, w, "")
				if !r.Complete || len(s.accounts) != len(w.IDs(users)) || r.Retries != retries {
					t.Errorf("%+v, %d accounts", r, len(s.accounts))
				}
				if kind == "token_expired" && w.Requests("microsoft.token") != 2 {
					t.Errorf("%d tokens", w.Requests("microsoft.token"))
				}
				if kind != "throttled" {
					return
				}
				// It said how long, and so did the progress.
				if took := time.Since(start); took != 10*time.Second {
					t.Errorf("it took %v", took)
				}
				waits := slices.ContainsFunc(s.progress, func(p cloud.Progress) bool {
					return p.Until.Equal(start.Add(10*time.Second)) && p.Retries == 1
				})
				if last := s.progress[len(s.progress)-1]; !waits || !last.Until.IsZero() {
					t.Errorf("the wait is not in the progress, or never ends: %+v", s.progress)
				}
			})
		})
	}
}

func TestTokenThatDiesOnTheWayIsReplaced(t *testing.T) {
	inWorld(t, 2300, func(t *testing.T, w *world) {
		w.Configure(func(s *sim.Settings) { s.TokenSeconds, s.LatencyMS = 301, 2000 })
		var s store
		if r := s.mustList(t, w, ""); !r.Complete || r.Retries != 0 {
			t.Errorf("%+v", r)
		}
		if n := w.Requests("microsoft.token"); n < 3 {
			t.Errorf("%d tokens for a listing that outlives them", n)
		}
	})
}

// byHand serves pages of a Graph made by hand, one body a path and query;
// /users/delta with deltatoken=latest gives a link.
func (w *world) byHand(pages map[string]string) (asked *[]string) {
	asked = new([]string)
	w.graph = func(rw http.ResponseWriter, r *http.Request) {
		uri := strings.TrimPrefix(r.URL.RequestURI(), "/v1.0")
		path, query, _ := strings.Cut(uri, "?")
		switch {
		case strings.HasSuffix(query, "$deltatoken=latest"):
			answer(rw, 200, `{"@odata.context":"c","value":[],"@odata.deltaLink":"http://127.0.0.1/v1.0/users/delta?$deltatoken=1"}`)
			return
		case strings.Contains(query, "$select="):
			uri = path
		}
		*asked = append(*asked, uri)
		if body, ok := pages[uri]; ok {
			answer(rw, 200, body)
			return
		}
		answer(rw, 404, `{"error":{"code":"Request_ResourceNotFound","message":"Resource 'bob@example.com' does not exist"}}`)
	}
	return asked
}

func TestLinksStayHome(t *testing.T) {
	for _, next := range []string{
		"https://127.0.0.1/v1.0/users?$skiptoken=2", "http://evil.example/v1.0/users", "//evil.example", "users?$skiptoken=2",
		"http://127.0.0.1:81/v1.0/users", "http://a:b@127.0.0.1/v1.0/users", "http://127.0.0.1.evil.example/v1.0/users",
	} {
		inWorld(t, 10, func(t *testing.T, w *world) {
			asked := w.byHand(map[string]string{"/users": `{"@odata.context":"c","value":[],"@odata.nextLink":"` + next + `"}`})
			_, err := new(store).list(t.Context(), New(w.config), "")
			want(t, w, err, cloud.BadAnswer, cloud.CodeForeignHost)
			if len(*asked) != 1 {
				t.Errorf("asked %q", *asked)
			}
		})
	}
}

func TestEndlessListingEnds(t *testing.T) {
	inWorld(t, 10, func(t *testing.T, w *world) {
		w.byHand(nil)
		latest, n := w.graph, 0
		w.graph = func(rw http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.RawQuery, "latest") {
				latest(rw, r)
				return
			}
			n++
			answer(rw, 200, fmt.Sprintf(`{"@odata.context":"c","value":[{"id":"u"}],"@odata.nextLink":"http://127.0.0.1/v1.0/users?$skiptoken=%d"}`, n))
		}
		_, err := new(store).list(t.Context(), New(w.config), "")
		want(t, w, err, cloud.BadAnswer, cloud.CodeEndless)
		if n != 10_000 {
			t.Errorf("%d pages", n)
		}
	})
}

func TestDeltaOddities(t *testing.T) {
	const (
		link = `"@odata.context":"c","@odata.deltaLink":"http://127.0.0.1/v1.0/users/delta?$deltatoken=2"`
		full = `{"id":"u","userPrincipalName":"u@x","displayName":"From Graph","accountEnabled":true}`
	)
	stored := directory.Account{
		Cloud: directory.Microsoft, ID: "u", Primary: "u@x", DisplayName: "Stored", Department: "Arts", State: directory.Active,
		Aliases: []string{"a@x", "b@x"}, Mobile: "1", Phone: "2", Guest: true, LastSignIn: time.Unix(9, 0),
	}
	change := func(f func(*directory.Account)) *directory.Account { a := stored; f(&a); return &a }
	fetched := &directory.Account{Cloud: directory.Microsoft, ID: "u", Primary: "u@x", DisplayName: "From Graph", State: directory.Active}
	for name, test := range map[string]struct {
		value  string // of the one page
		known  bool
		graph  bool // Graph has the user
		want   *directory.Account
		gone   bool
		asked  int    // requests for the one user
		second string // value of a second page
	}{
		"omitted stays": {value: `{"id":"u","displayName":"New"}`, known: true, want: change(func(a *directory.Account) { a.DisplayName = "New" })},
		"null clears": {value: `{"id":"u","displayName":null,"proxyAddresses":null,"businessPhones":[],"userType":null,"accountEnabled":null}`, known: true,
			want: change(func(a *directory.Account) {
				a.DisplayName, a.Aliases, a.Phone, a.Guest, a.State = "", nil, "", false, directory.StateUnknown
			})},
		"one phone goes": {value: `{"id":"u","mobilePhone":null}`, known: true, want: change(func(a *directory.Account) { a.Mobile = "" })},
		"fewer aliases": {value: `{"id":"u","proxyAddresses":["SMTP:b@x","sip:a@x"]}`, known: true,
			want: change(func(a *directory.Account) { a.Aliases = []string{"b@x"} })},
		"twice on a page": {value: `{"id":"u","displayName":"1","jobTitle":"T"},{"id":"u","displayName":"2"}`, known: true,
			want: change(func(a *directory.Account) { a.DisplayName, a.Title = "2", "T" })},
		"twice on two pages": {value: `{"id":"u","jobTitle":"T"}`, second: `{"id":"u","department":null}`, known: true,
			want: change(func(a *directory.Account) { a.Title, a.Department = "T", "" })},
		"gone for good":                    {value: `{"id":"u","@removed":{"reason":"deleted"}}`, known: true, gone: true},
		"gone, and unknown":                {value: `{"id":"u","@removed":{"reason":"changed"}}`, gone: true},
		"changed, then gone":               {value: `{"id":"u","displayName":"1"},{"id":"u","@removed":{"reason":"changed"}}`, known: true, gone: true},
		"gone, then restored":              {value: `{"id":"u","@removed":{"reason":"changed"}},` + full, known: true, want: fetched},
		"gone, then restored in part":      {value: `{"id":"u","@removed":{"reason":"changed"}},{"id":"u","jobTitle":"T"}`, known: true, graph: true, want: fetched, asked: 1},
		"restored on the next page":        {value: `{"id":"u","@removed":{"reason":"changed"}}`, second: `{"id":"u","jobTitle":"T"}`, known: true, graph: true, want: fetched, asked: 1, gone: true},
		"unknown, in part":                 {value: `{"id":"u","jobTitle":"T"}`, graph: true, want: fetched, asked: 1},
		"unknown, in part, and gone since": {value: `{"id":"u","jobTitle":"T"}`, asked: 1},
		"new":                              {value: full, want: fetched},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 10, func(t *testing.T, w *world) {
				pages := map[string]string{"/users/delta?$deltatoken=1": `{"value":[` + test.value + `],` + link + `}`}
				if test.second != "" {
					pages = map[string]string{
						"/users/delta?$deltatoken=1": `{"@odata.context":"c","value":[` + test.value + `],"@odata.nextLink":"http://127.0.0.1/v1.0/users/delta?$skiptoken=1"}`,
						"/users/delta?$skiptoken=1":  `{"value":[` + test.second + `],` + link + `}`,
					}
				}
				if test.graph {
					pages["/users/u"] = full
				}
				asked := w.byHand(pages)
				s := store{accounts: map[string]directory.Account{}}
				if test.known {
					s.accounts["u"] = stored
				}
				r, err := s.list(t.Context(), New(w.config), "http://127.0.0.1/v1.0/users/delta?$deltatoken=1")
				if err != nil || r.Whole || r.Cursor != "http://127.0.0.1/v1.0/users/delta?$deltatoken=2" {
					t.Fatalf("%+v, %v", r, err)
				}
				var got *directory.Account
				if a, ok := s.accounts["u"]; ok {
					got = &a
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if last := s.progress[len(s.progress)-1]; test.second == "" && last.Done > 1 {
					t.Errorf("one user was handed over as %d", last.Done)
				}
				if (len(s.gone) > 0) != test.gone {
					t.Errorf("gone: %v", s.gone)
				}
				ones := 0
				for _, uri := range *asked {
					if uri == "/users/u" {
						ones++
					}
				}
				if ones != test.asked {
					t.Errorf("the user was asked for %d times", ones)
				}
			})
		})
	}
}

func TestDeltaWithoutItsLinkIsRefused(t *testing.T) {
	for name, body := range map[string]string{
		"neither link": `{"@odata.context":"c","value":[]}`,
		"both links": `{"@odata.context":"c","value":[],"@odata.nextLink":"http://127.0.0.1/v1.0/users/delta?$skiptoken=1",` +
			`"@odata.deltaLink":"http://127.0.0.1/v1.0/users/delta?$deltatoken=2"}`,
		"no id": `{"@odata.context":"c","value":[{}],"@odata.deltaLink":"http://127.0.0.1/v1.0/users/delta?$deltatoken=2"}`,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 10, func(t *testing.T, w *world) {
				w.byHand(map[string]string{"/users/delta?$deltatoken=1": body})
				r, err := new(store).list(t.Context(), New(w.config), "http://127.0.0.1/v1.0/users/delta?$deltatoken=1")
				want(t, w, err, cloud.BadAnswer, cloud.CodeShape)
				if r.Cursor != "" {
					t.Errorf("it goes on from %q", r.Cursor)
				}
			})
		})
	}
}

func TestPageErrorEndsTheListing(t *testing.T) {
	inWorld(t, 1150, func(t *testing.T, w *world) {
		full := errors.New("disk full")
		pages := 0
		r, err := New(w.config).List(t.Context(), cloud.Request{
			Listing: directory.People,
			Page:    func(context.Context, cloud.Page) error { pages++; return full },
		})
		if !errors.Is(err, full) || pages != 1 || r.Complete {
			t.Errorf("%v after %d pages, %+v", err, pages, r)
		}
	})
}

func TestCancelEndsAListingAtOnce(t *testing.T) {
	for _, kind := range []string{"hang", "stall", "throttled"} {
		t.Run(kind, func(t *testing.T) {
			inWorld(t, 1150, func(t *testing.T, w *world) {
				w.fail(t, sim.Fault{Endpoint: "microsoft.users", Page: 2, Kind: kind})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(3*time.Second, cancel)
				start := time.Now()
				_, err := new(store).list(ctx, New(w.config), "")
				want(t, w, err, cloud.Cancelled, "")
				if took := time.Since(start); took != 3*time.Second {
					t.Errorf("it ended %v after the cancel", took-3*time.Second)
				}
			})
		})
	}
}

func TestOnlyPeopleAreListed(t *testing.T) {
	inWorld(t, 10, func(t *testing.T, w *world) {
		_, err := New(w.config).List(t.Context(), cloud.Request{Listing: directory.Chromebooks})
		want(t, w, err, cloud.Unexpected, "listing")
	})
}
