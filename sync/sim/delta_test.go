package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// round follows a delta to its link; users by id, the removed ones with their reason under "@removed".
func round(t *testing.T, link, token string) (users map[string]map[string]any, next string) {
	t.Helper()
	users = map[string]map[string]any{}
	for {
		var page graphAnswer
		getJSON(t, link, token, &page)
		if len(page.Value) > maxDeltaPage || (page.Next == "") == (page.Delta == "") {
			t.Fatalf("%d users, next %q, delta %q", len(page.Value), page.Next, page.Delta)
		}
		for _, u := range page.Value {
			id, _ := u["id"].(string)
			users[id] = u
		}
		if page.Delta != "" {
			return users, page.Delta
		}
		link = page.Next
	}
}

func TestDeltaTellsWhatChanged(t *testing.T) {
	c, s := start(t)
	token := c.MicrosoftToken()
	latest := s.URL + "/v1.0/users/delta?$select=displayName,jobTitle,mail&$deltatoken=latest"
	users, link := round(t, latest, token)
	if len(users) != 0 {
		t.Fatalf("latest brought %d users", len(users))
	}
	ids := c.IDs(microsoftUsers)
	put := func(id, patch string) {
		t.Helper()
		if err := c.Put(microsoftUsers, id, json.RawMessage(patch)); err != nil {
			t.Fatal(err)
		}
	}
	put(ids[0], `{"jobTitle":null}`)
	put(ids[1], `{"displayName":"New Name"}`)
	put(ids[2], `{"department":"not selected"}`)
	put("6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0", `{"displayName":"Newcomer","userPrincipalName":"newcomer@cedarvalley.example"}`)
	if err := c.Delete(microsoftUsers, ids[3]); err != nil {
		t.Fatal(err)
	}
	users, next := round(t, link, token)
	if len(users) != 4 {
		t.Fatalf("%d users changed: %v", len(users), users)
	}
	if title, there := users[ids[0]]["jobTitle"]; !there || title != nil {
		t.Errorf("a cleared property came as %v", users[ids[0]])
	}
	if users[ids[1]]["displayName"] != "New Name" {
		t.Errorf("a changed one came as %v", users[ids[1]])
	}
	if newcomer := users["6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0"]; len(newcomer) != 2 {
		t.Errorf("what was never set came with the newcomer: %v", newcomer)
	}
	if gone, _ := users[ids[3]]["@removed"].(map[string]any); gone["reason"] != "changed" || len(users[ids[3]]) != 2 {
		t.Errorf("a tombstone came as %v", users[ids[3]])
	}
	if again, _ := round(t, link, token); len(again) != 4 {
		t.Errorf("the same link replayed brought %d users", len(again))
	}
	if after, _ := round(t, next, token); len(after) != 0 {
		t.Errorf("the new link brought %v", after)
	}
	put(ids[3], `{}`)
	if back, _ := round(t, next, token); back[ids[3]]["displayName"] == nil {
		t.Errorf("a restored user came as %v", back)
	}
}

func TestDeltaMinimalBringsOnlyWhatChanged(t *testing.T) {
	c, s := start(t)
	token := c.MicrosoftToken()
	_, link := round(t, s.URL+"/v1.0/users/delta?$select=displayName,jobTitle,mail&$deltatoken=latest", token)
	id := c.IDs(microsoftUsers)[1]
	for _, title := range []string{"Deputy", "Head"} { // twice changed, once told
		if err := c.Put(microsoftUsers, id, json.RawMessage(`{"jobTitle":"`+title+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Prefer", "return=minimal")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var page graphAnswer
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil || len(page.Value) != 1 || len(page.Value[0]) != 2 || page.Value[0]["jobTitle"] != "Head" {
		t.Errorf("%v, %v", page.Value, err)
	}
}

func TestDeltaPagesAreAsSmallAsAsked(t *testing.T) {
	c, s := start(t)
	for prefer, want := range map[string]int{"": 200, "odata.maxpagesize=50": 50, "odata.maxpagesize=999": 200, "return=minimal, odata.maxpagesize=20": 20} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1.0/users/delta?$select=id&$top=5", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+c.MicrosoftToken())
		req.Header.Set("Prefer", prefer)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var page graphAnswer
		err = json.NewDecoder(resp.Body).Decode(&page)
		_ = resp.Body.Close()
		if err != nil || len(page.Value) != want {
			t.Errorf("%q: %d users, %v", prefer, len(page.Value), err)
		}
	}
}

func TestInitialDeltaHasTombstones(t *testing.T) {
	c, s := start(t)
	users, link := round(t, s.URL+"/v1.0/users/delta", c.MicrosoftToken())
	reasons := map[any]int{}
	for _, u := range users {
		if gone, ok := u["@removed"].(map[string]any); ok {
			reasons[gone["reason"]]++
		}
	}
	if reasons["changed"] != former-1 || reasons["deleted"] != 1 || len(users)-former != c.Counts().MicrosoftUsers {
		t.Errorf("%d entries, tombstones %v", len(users), reasons)
	}
	if strings.Contains(link, "select") {
		t.Error("a link shows its query")
	}
}

func TestDeltaTokensDie(t *testing.T) {
	c, s := start(t)
	graph := c.MicrosoftToken()
	old := token("l", 1, time.Now().Add(-31*24*time.Hour).Unix(), "0", "0", "id")
	for _, tt := range []struct {
		token, kind string
		status      int
		want        string
	}{
		{"garbage", "", 400, "Badly formed token."},
		{old, "", 400, "DeltaLink older than 30 days is not supported."},
		{token("l", 1, time.Now().Unix(), "0", "0", "id"), "", 200, "deltaLink"},
		{old, "delta_gone", 410, "syncStateNotFound"},
		{old, "delta_resync", 400, "resyncRequired"},
	} {
		var faults []Fault
		if tt.kind != "" {
			faults = []Fault{{Endpoint: "microsoft.delta", Kind: tt.kind, Times: 1}}
		}
		if err := c.SetFaults(faults); err != nil {
			t.Fatal(err)
		}
		status, header, body := get(t, s.URL+"/v1.0/users/delta?$deltatoken="+url.QueryEscape(tt.token), graph)
		if status != tt.status || !strings.Contains(string(body), tt.want) || (status == 410) != (header.Get("Location") != "") {
			t.Errorf("%s %s: %d %s", tt.token, tt.kind, status, body)
		}
	}
}

func TestGraphRefusals(t *testing.T) {
	c, s := start(t)
	token := c.MicrosoftToken()
	for query, want := range map[string]string{
		"$top=1000":              "Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.",
		"$skip=10":               "Request_UnsupportedQuery",
		"$select=id,shoeSize":    "Could not find a property named 'shoeSize' on type 'microsoft.graph.user'.",
		"$select=id,aboutMe":     "NotImplemented",
		"$select=signInActivity": "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
		"$skiptoken=garbage":     "DirectoryPageTokenNotFoundException",
	} {
		status, header, body := get(t, s.URL+"/v1.0/users?"+query, token)
		if status < 400 || !strings.Contains(string(body), want) || header.Get("request-id") == "" {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
	status, header, _ := get(t, s.URL+"/v1.0/users?$top=1&$select=id", token)
	if status != 200 || header.Get("request-id") == "" || header.Get("x-ms-resource-unit") != "1" {
		t.Errorf("%d %v", status, header)
	}
}

func TestGraphPagesAreWholeLinks(t *testing.T) {
	c, s := start(t)
	token, seen, pages := c.MicrosoftToken(), map[any]bool{}, 0
	for next := s.URL + "/v1.0/users?$select=id&$top=" + strconv.Itoa(64); next != ""; pages++ {
		var page graphAnswer
		getJSON(t, next, token, &page)
		for _, u := range page.Value {
			seen[u["id"]] = true
		}
		if next = page.Next; next != "" && (!strings.Contains(next, "$select=id") || !strings.Contains(next, "$skiptoken=")) {
			t.Fatalf("a link lost its query: %s", next)
		}
	}
	if want := c.Counts().MicrosoftUsers; len(seen) != want || pages != (want+63)/64 {
		t.Errorf("%d users of %d on %d pages", len(seen), want, pages)
	}
}
