package oauth

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"testing"

	"panel/sync/cloud"
	"panel/sync/sim"
)

// The life of an authorization at the simulated Google: consent with a box
// unticked, use, revocation.
func TestLifeOfAnAuthorization(t *testing.T) {
	server, err := sim.New(sim.Config{People: 30, Chromebooks: 10}).Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	var profile cloud.Profile
	b, err := os.ReadFile(server.Profile)
	if err == nil {
		err = json.Unmarshal(b, &profile)
	}
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(server.GoogleClient)
	if err != nil {
		t.Fatal(err)
	}
	client, err := ParseClient(file, profile)
	if err != nil {
		t.Fatal(err)
	}
	web, err := cloud.NewClient(cloud.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer web.Close()

	granted := []string{ScopeUsers, ScopeChromebooks}
	grant, err := SignIn(t.Context(), Config{Client: client, HTTP: web, Link: func(string) {}, Open: func(link string) error {
		resp, err := http.PostForm(link, url.Values{"decision": {"allow"}, "scope": granted}) // follows the redirect to Panel
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if grant.Account == "" || grant.Domain != sim.Domain || !slices.Contains(grant.Scopes, ScopeUsers) || slices.Contains(grant.Scopes, ScopeOrgUnits) {
		t.Errorf("account %q of %q granted %q", grant.Account, grant.Domain, grant.Scopes)
	}

	if _, err := NewTokens(web, client, grant.RefreshToken, nil).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is already gone
		if err := Revoke(t.Context(), web, client, grant.RefreshToken); err != nil {
			t.Error(err)
		}
	}
	_, err = NewTokens(web, client, grant.RefreshToken, nil).Token(t.Context())
	wantCode(t, err, cloud.SignInNeeded, "invalid_grant")
}
