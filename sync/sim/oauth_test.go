package sim

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

func TestConsentPageIsForAPerson(t *testing.T) {
	c, s := start(t)
	status, _, body := get(t, oauthConfig(c, s).AuthCodeURL("x"), "")
	if status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
	page := string(body)
	for _, want := range []string{"Panel wants to access", "admin@cedarvalley.example", "See info about users on your domain",
		`type="checkbox" name="scope" value="` + scopeDevices + `" checked`, `value="allow"`, `value="deny"`, "simulated Google"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, `value="openid"`) {
		t.Error("openid can be unticked")
	}
	c.Configure(func(s *Settings) { s.Trusted = true })
	if _, _, body = get(t, oauthConfig(c, s).AuthCodeURL("x"), ""); strings.Contains(string(body), `type="checkbox"`) {
		t.Error("a trusted app's permissions can be unticked")
	}
}

func TestConsentDecisions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		form    url.Values
		trusted bool
		want    []string // nil: denied
	}{
		{"all", url.Values{"decision": {"allow"}, "scope": {"all"}}, false, allScopes},
		{"one unticked", url.Values{"decision": {"allow"}, "scope": {scopeUsers, scopeOrgUnits}}, false, []string{scopeUsers, scopeOrgUnits, scopeOpenID, scopeEmail}},
		{"all unticked", url.Values{"decision": {"allow"}}, false, []string{scopeOpenID, scopeEmail}},
		{"trusted", url.Values{"decision": {"allow"}}, true, allScopes},
		{"deny", url.Values{"decision": {"deny"}, "scope": {"all"}}, false, nil},
		{"nothing", url.Values{}, false, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, s := start(t)
			c.Configure(func(s *Settings) { s.Trusted, s.Issuer = tt.trusted, "https://accounts.google.com" })
			config := oauthConfig(c, s)
			back := consentTo(t, config.AuthCodeURL("st at&e"), tt.form)
			if back.Get("state") != "st at&e" || back.Get("iss") != "https://accounts.google.com" {
				t.Errorf("came back with %v", back)
			}
			if tt.want == nil {
				if back.Get("error") != "access_denied" || back.Has("code") {
					t.Errorf("came back with %v", back)
				}
				return
			}
			token, err := config.Exchange(t.Context(), back.Get("code"))
			if err != nil {
				t.Fatal(err)
			}
			if got := token.Extra("scope"); got != strings.Join(tt.want, " ") {
				t.Errorf("granted %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWhoSignsIn(t *testing.T) {
	c, s := start(t)
	config := oauthConfig(c, s)
	back := consentTo(t, config.AuthCodeURL("x"), url.Values{"decision": {"allow"}, "scope": {"all"}, "account": {"helpdesk@cedarvalley.example"}})
	token, err := config.Exchange(t.Context(), back.Get("code"))
	if err != nil {
		t.Fatal(err)
	}
	var claims struct{ Iss, Aud, Sub, Email, HD string }
	id, _ := token.Extra("id_token").(string)
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(id+"..", ".")[1])
	if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Email != "helpdesk@cedarvalley.example" || claims.Aud != c.GoogleClientID {
		t.Errorf("id_token %s, %v", payload, err)
	}
	var info struct{ Sub, Email string }
	getJSON(t, s.URL+"/v1/userinfo", token.AccessToken, &info)
	if info.Email != claims.Email || info.Sub != claims.Sub {
		t.Errorf("userinfo %+v, id_token %+v", info, claims)
	}
	base := s.URL + directoryPath
	if status, _, _ := get(t, base+"users?customer=my_customer", token.AccessToken); status != http.StatusOK {
		t.Errorf("the help desk may not list users: %d", status)
	}
	status, _, body := get(t, base+"customer/my_customer/devices/chromeos", token.AccessToken)
	if status != http.StatusForbidden || !strings.Contains(string(body), "Not Authorized to access this resource/api") {
		t.Errorf("the help desk lists devices: %d %s", status, body)
	}
}

func TestAuthorizationRequestsThatGoogleShowsAPageFor(t *testing.T) {
	c, s := start(t)
	for _, tt := range []struct{ name, param, value, want string }{
		{"client", "client_id", "unknown", "invalid_client"},
		{"web redirect", "redirect_uri", "https://panel.example/cb", "redirect_uri_mismatch"},
		{"redirect with a path", "redirect_uri", "http://127.0.0.1:9/callback", "redirect_uri_mismatch"},
		{"LAN redirect", "redirect_uri", "http://192.168.1.9:9", "redirect_uri_mismatch"},
		{"response type", "response_type", "token", "invalid_request"},
		{"challenge method", "code_challenge_method", "S512", "invalid_request"},
		{"short challenge", "code_challenge", "abc", "invalid_request"},
		{"scope", "scope", "https://www.googleapis.com/auth/drive", "invalid_scope"},
		{"incremental", "include_granted_scopes", "true", "invalid_request"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u, err := url.Parse(oauthConfig(c, s).AuthCodeURL("x"))
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			q.Set(tt.param, tt.value)
			u.RawQuery = q.Encode()
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := client.PostForm(u.String(), url.Values{"decision": {"allow"}, "scope": {"all"}})
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "Error 400: "+tt.want) {
				t.Errorf("%s %v: %s", resp.Status, err, body)
			}
		})
	}
}

func TestTokenEndpointRefusals(t *testing.T) {
	c, s := start(t)
	code := func(challenge ...oauth2.AuthCodeOption) string {
		return consentTo(t, oauthConfig(c, s).AuthCodeURL("x", challenge...), url.Values{"decision": {"allow"}, "scope": {"all"}}).Get("code")
	}
	verifier := oauth2.GenerateVerifier()
	s256 := oauth2.S256ChallengeOption(verifier)
	plainChallenge := oauth2.SetAuthURLParam("code_challenge", verifier)
	used := code()
	if _, err := oauthConfig(c, s).Exchange(t.Context(), used); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, code, verifier string
		change               func(*oauth2.Config)
		status               int
		err, description     string
	}{
		{"junk code tells a good client", "junk", "", nil, 400, "invalid_grant", "Malformed auth code."},
		{"unknown client", "junk", "", func(c *oauth2.Config) { c.ClientID = "x" }, 401, "invalid_client", "The OAuth client was not found."},
		{"wrong secret", "junk", "", func(c *oauth2.Config) { c.ClientSecret = "x" }, 401, "invalid_client", "Unauthorized"},
		{"used twice", used, "", nil, 400, "invalid_grant", "Bad Request"},
		{"other redirect", code(), "", func(c *oauth2.Config) { c.RedirectURL = "http://127.0.0.1:10" }, 400, "redirect_uri_mismatch", "Bad Request"},
		{"no verifier", code(s256), "", nil, 400, "invalid_grant", "Missing code verifier."},
		{"wrong verifier", code(s256), oauth2.GenerateVerifier(), nil, 400, "invalid_grant", "Invalid code verifier."},
		{"S256 sent as plain", code(s256), oauth2.S256ChallengeFromVerifier(verifier), nil, 400, "invalid_grant", "Invalid code verifier."},
		{"right S256", code(s256), verifier, nil, 200, "", ""},
		{"no method is plain", code(plainChallenge), verifier, nil, 200, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := oauthConfig(c, s)
			if tt.change != nil {
				tt.change(config)
			}
			var options []oauth2.AuthCodeOption
			if tt.verifier != "" {
				options = append(options, oauth2.VerifierOption(tt.verifier))
			}
			_, err := config.Exchange(t.Context(), tt.code, options...)
			var refusal *oauth2.RetrieveError
			if tt.status == 200 {
				if err != nil {
					t.Error(err)
				}
			} else if !errors.As(err, &refusal) || refusal.Response.StatusCode != tt.status || refusal.ErrorCode != tt.err || refusal.ErrorDescription != tt.description {
				t.Errorf("got %v, want %d %s %q", err, tt.status, tt.err, tt.description)
			}
		})
	}
}

func TestRefreshTokensComeOnceAndDieOldestFirst(t *testing.T) {
	c, s := start(t)
	config := oauthConfig(c, s)
	first := signIn(t, config)
	if again := signIn(t, config); again.RefreshToken != "" {
		t.Error("a second consent without prompt=consent brought a refresh token")
	}
	back := consentTo(t, config.AuthCodeURL("x", oauth2.SetAuthURLParam("prompt", "consent")), url.Values{"decision": {"allow"}, "scope": {"all"}})
	if token, err := config.Exchange(t.Context(), back.Get("code")); err != nil || token.RefreshToken == "" {
		t.Errorf("prompt=consent: %v, %v", token, err)
	}
	alive := func() bool {
		_, err := config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
		return err == nil
	}
	for range maxRefresh - 2 {
		c.GoogleTokens()
	}
	if !alive() {
		t.Error("dead with 100 tokens")
	}
	if c.GoogleTokens(); alive() {
		t.Error("alive with 101 tokens")
	}
}

func TestRevokeEndpoint(t *testing.T) {
	c, s := start(t)
	access, refresh := c.GoogleTokens()
	if status, _, _ := get(t, s.URL+"/revoke?token="+refresh, ""); status != http.StatusNotFound {
		t.Errorf("GET answered %d", status)
	}
	post := func(token string) int {
		resp, err := http.PostForm(s.URL+"/revoke", url.Values{"token": {token}})
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	_, sibling := c.GoogleTokens()
	if got := post(access); got != http.StatusOK {
		t.Errorf("revoking an access token answered %d", got)
	}
	for _, token := range []string{refresh, sibling, "junk"} {
		if got := post(token); got != http.StatusBadRequest {
			t.Errorf("revoking what is dead answered %d", got)
		}
	}
}

func TestAccessTokensExpire(t *testing.T) {
	c, s := start(t)
	c.Configure(func(s *Settings) { s.TokenSeconds = -1 })
	access, _ := c.GoogleTokens()
	if status, _, body := get(t, s.URL+directoryPath+"users?customer=my_customer", access); status != 401 || !strings.Contains(string(body), "authError") {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := get(t, s.URL+"/v1.0/users", c.MicrosoftToken()); status != 401 || !strings.Contains(string(body), "Lifetime validation failed") {
		t.Errorf("%d %s", status, body)
	}
}

func TestTokensReachOnlyTheirScopes(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens(scopeUsers)
	for path, scope := range map[string]string{"customer/my_customer/orgunits": scopeOrgUnits, "customer/my_customer/devices/chromeos": scopeDevices,
		"customer/my_customer/devices/chromeos:countChromeOsDevices": scopeDevices} {
		status, header, body := get(t, s.URL+directoryPath+path, access)
		if status != 403 || !strings.Contains(string(body), "ACCESS_TOKEN_SCOPE_INSUFFICIENT") || !strings.Contains(header.Get("WWW-Authenticate"), scope) {
			t.Errorf("%s: %d %v %s", path, status, header, body)
		}
	}
	if status, _, _ := get(t, s.URL+directoryPath+"users?customer=my_customer", access); status != 200 {
		t.Errorf("users: %d", status)
	}
	c.Configure(func(s *Settings) { s.NoConsent = true })
	client := msalClient(t, s, s.client(t, c), c.Tenant, c.AzureClientID, c.AzureClientSecret)
	token, err := client.AcquireTokenByCredential(t.Context(), []string{"https://graph.microsoft.com/.default"})
	if err != nil {
		t.Fatal(err)
	}
	status, _, body := get(t, s.URL+"/v1.0/users", token.AccessToken)
	if status != 403 || !strings.Contains(string(body), "Authorization_RequestDenied") {
		t.Errorf("without consent: %d %s", status, body)
	}
}
