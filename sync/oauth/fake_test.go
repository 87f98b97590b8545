package oauth

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"panel/sync/cloud"
)

// google is a token, userinfo and revocation endpoint that checks PKCE the
// way RFC 7636 says. Its fields may be changed before it is used.
type google struct {
	*httptest.Server
	client Client
	http   *cloud.Client

	// answer, if not nil, is called instead of answering a form.
	answer   func(w http.ResponseWriter, form url.Values)
	userinfo string // the body, "" for an error
	scope    string
	refresh  string // "" gives none
	claims   map[string]any

	mu    sync.Mutex
	codes map[string]string // code → challenge
	forms []url.Values
}

const (
	testCode    = "4/0canary-code"
	testAccess  = "ya29.canary-access"
	testRefresh = "1//0canary-refresh"
	testSecret  = "GOCSPX-canary-secret"
	testAdmin   = "canary.admin@school.example"
)

func newGoogle(t *testing.T) *google {
	t.Helper()
	g := &google{
		codes: map[string]string{}, scope: strings.Join(Scopes(), " "), refresh: testRefresh,
		claims: map[string]any{"aud": "client", "sub": "117", "email": testAdmin, "hd": "school.example",
			"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()},
	}
	g.Server = httptest.NewServer(http.HandlerFunc(g.serve))
	t.Cleanup(g.Close)
	g.client = Client{ID: "client", Secret: testSecret, AuthURL: g.URL + "/auth", TokenURL: g.URL + "/token",
		RevokeURL: g.URL + "/revoke", UserinfoURL: g.URL + "/userinfo"}
	client, err := cloud.NewClient(cloud.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	g.http = client
	return g
}

func (g *google) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/userinfo" {
		if g.userinfo == "" || r.Header.Get("Authorization") != "Bearer "+testAccess {
			send(w, http.StatusUnauthorized, `{"error":"invalid_request"}`)
			return
		}
		send(w, http.StatusOK, g.userinfo)
		return
	}
	if r.Method != http.MethodPost || r.ParseForm() != nil || r.URL.RawQuery != "" {
		send(w, http.StatusBadRequest, `{"error":"invalid_request"}`)
		return
	}
	g.mu.Lock()
	g.forms = append(g.forms, r.PostForm)
	g.mu.Unlock()
	if g.answer != nil {
		g.answer(w, r.PostForm)
		return
	}
	g.exchange(w, r.PostForm)
}

func (g *google) exchange(w http.ResponseWriter, form url.Values) {
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	g.mu.Lock()
	challenge, ok := g.codes[form.Get("code")]
	delete(g.codes, form.Get("code"))
	g.mu.Unlock()
	if form.Get("client_id") != "client" || form.Get("client_secret") != testSecret {
		send(w, http.StatusUnauthorized, `{"error":"invalid_client","error_description":"Unauthorized"}`)
		return
	}
	if n := len(form.Get("code_verifier")); !ok || n < 43 || n > 128 || challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		send(w, http.StatusBadRequest, `{"error":"invalid_grant","error_description":"Bad Request"}`)
		return
	}
	body := map[string]any{"access_token": testAccess, "expires_in": 3599, "scope": g.scope, "token_type": "Bearer"}
	if g.refresh != "" {
		body["refresh_token"] = g.refresh
	}
	if g.claims != nil {
		c, _ := json.Marshal(g.claims)
		body["id_token"] = "e30." + base64.RawURLEncoding.EncodeToString(c) + ".c2ln"
	}
	b, _ := json.Marshal(body)
	send(w, http.StatusOK, string(b))
}

func send(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// allow is the consent page after a yes: it remembers the challenge and
// returns the query of the redirect.
func (g *google) allow(link url.Values) url.Values {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.codes[testCode] = link.Get("code_challenge")
	return url.Values{"state": {link.Get("state")}, "code": {testCode}, "scope": {g.scope}}
}

// exchanges counts the codes that were offered.
func (g *google) exchanges() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.forms {
		if f.Get("grant_type") == "authorization_code" {
			n++
		}
	}
	return n
}

// browser is who follows a link.
type browser struct{ t *testing.T }

// parse splits a sign-in link.
func (b browser) parse(link string) (query url.Values, callback string) {
	b.t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		b.t.Errorf("link: %v", err)
	}
	return u.Query(), u.Query().Get("redirect_uri")
}

// get fetches a page and returns its status and body, 0 when nobody answers
// or the page breaks off.
func (b browser) get(to string) (int, string) {
	resp, err := http.Get(to)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil { // a page that breaks off is none
		return 0, ""
	}
	return resp.StatusCode, string(body)
}
