package sim

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The scopes that the simulated Google knows.
const (
	scopeUsers    = "https://www.googleapis.com/auth/admin.directory.user.readonly"
	scopeOrgUnits = "https://www.googleapis.com/auth/admin.directory.orgunit.readonly"
	scopeDevices  = "https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly"
	scopeEmail    = "https://www.googleapis.com/auth/userinfo.email"
	scopeOpenID   = "openid"
)

// plain says on the consent page what a scope allows. Those of identity cannot be unticked.
var plain = map[string]string{
	scopeUsers:    "See info about users on your domain",
	scopeOrgUnits: "View organization units on your domain",
	scopeDevices:  "View your Chrome OS devices' metadata",
	scopeEmail:    "See your primary Google Account email address",
	scopeOpenID:   "Associate you with your personal info on Google",
}

// account is somebody who can sign in to the simulated Google.
type account struct {
	Email, Name string
	sub         string
	customer    string
	scopes      []string // what the admin roles of the account reach
}

func (a account) may(scope string) bool { return slices.Contains(a.scopes, scope) }

// accounts are who the consent page offers: the admin, an admin who may not see devices, a teacher, and the admin of another customer.
func (c *Cloud) accounts() []account {
	d := c.district
	customer := "C0" + strings.ToLower(etag(mix(d.seed))[14:21])
	return []account{
		{"admin" + at, "Dana Whitfield, super admin", d.googleID(0), customer, []string{scopeUsers, scopeOrgUnits, scopeDevices}},
		{"helpdesk" + at, "Theo Marsh, help desk: may not see Chromebooks", d.googleID(1), customer, []string{scopeUsers, scopeOrgUnits}},
		{"teacher" + at, "Ruth Calloway, no admin", d.googleID(2), customer, nil},
		{"admin@elsewhere.example", "Admin of another district", d.googleID(899_999), "C0elsewhere", []string{scopeUsers, scopeOrgUnits, scopeDevices}},
	}
}

//go:embed consent.html
var consentHTML string

var consent = template.Must(template.New("consent").Parse(consentHTML))

// authorization is a request to GET the consent page, once checked.
type authorization struct {
	App      string
	Accounts []account
	Chosen   string
	Scopes   []struct{ Scope, Text string } // those that can be unticked
	Identity []string                       // what the others allow, in words
	Trusted  bool
	Error    string // a policy page instead
	Detail   string
	redirect string
	all      []string
}

// serveAuth is the authorization endpoint: GET shows the page, the page's form posts to the same address. With curl:
//
//	curl -L -d decision=allow -d scope=all "$AUTH_URL"
func (c *Cloud) serveAuth(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a := c.checkAuthorization(q)
	switch {
	case a.Error != "":
		writePage(w, http.StatusBadRequest, a)
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		writePage(w, http.StatusOK, a)
	case r.Method != http.MethodPost:
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	default:
		c.decide(w, r, a)
	}
}

func writePage(w http.ResponseWriter, status int, a authorization) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = consent.Execute(w, a) // a browser that has left needs no answer
}

func (c *Cloud) checkAuthorization(q url.Values) authorization {
	fail := func(code, detail string) authorization {
		if detail == "" {
			detail = policies[code]
		}
		return authorization{Error: code, Detail: detail}
	}
	redirect := q.Get("redirect_uri")
	method := q.Get("code_challenge_method")
	switch {
	case q.Get("client_id") != c.GoogleClientID:
		return fail("invalid_client", "")
	case q.Get("response_type") != "code":
		return fail("invalid_request", "Invalid response_type.")
	case !loopback(redirect):
		return fail("redirect_uri_mismatch", "")
	case method != "" && method != "plain" && method != "S256":
		return fail("invalid_request", "Invalid code_challenge_method.")
	case q.Get("code_challenge") != "" && (len(q.Get("code_challenge")) < 43 || len(q.Get("code_challenge")) > 128):
		return fail("invalid_request", "Invalid code_challenge.")
	case q.Get("include_granted_scopes") == "true":
		return fail("invalid_request", "Incremental authorization is not supported for installed apps.")
	}
	a := authorization{App: "Panel", Accounts: c.accounts(), Trusted: c.Settings().Trusted, redirect: redirect, all: strings.Fields(q.Get("scope"))}
	if len(a.all) == 0 {
		return fail("invalid_request", "Missing required parameter: scope")
	}
	for _, s := range a.all {
		switch {
		case plain[s] == "":
			return fail("invalid_scope", "Some requested scopes were invalid: "+s)
		case s == scopeEmail || s == scopeOpenID:
			a.Identity = append(a.Identity, plain[s])
		default:
			a.Scopes = append(a.Scopes, struct{ Scope, Text string }{s, plain[s]})
		}
	}
	a.Chosen = a.Accounts[0].Email
	if hint := q.Get("login_hint"); hint != "" {
		for _, who := range a.Accounts {
			if strings.EqualFold(hint, who.Email) || hint == who.sub {
				a.Chosen = who.Email
			}
		}
	}
	return a
}

// loopback says whether an installed client may be sent back to a URL: http, a loopback address, no path.
func loopback(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "http" && u.User == nil && u.RawQuery == "" && u.Fragment == "" && (u.Path == "" || u.Path == "/") &&
		slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname())
}

// decide carries out what the form says: decision=allow or anything else to deny, account, and a scope for each tick (all for all of them).
func (c *Cloud) decide(w http.ResponseWriter, r *http.Request, a authorization) {
	q := r.URL.Query()
	back := url.Values{}
	if state := q.Get("state"); state != "" {
		back.Set("state", state)
	}
	if issuer := c.Settings().Issuer; issuer != "" {
		back.Set("iss", issuer)
	}
	who := a.Accounts[slices.IndexFunc(a.Accounts, func(x account) bool { return x.Email == a.Chosen })]
	for _, x := range a.Accounts {
		if x.Email == r.PostFormValue("account") {
			who = x
		}
	}
	ticked := r.PostForm["scope"]
	scopes := slices.Clone(a.all)
	if !a.Trusted && !slices.Contains(ticked, "all") {
		scopes = slices.DeleteFunc(scopes, func(s string) bool {
			return s != scopeEmail && s != scopeOpenID && !slices.Contains(ticked, s)
		})
	}
	if r.PostFormValue("decision") != "allow" || len(scopes) == 0 {
		back.Set("error", "access_denied")
	} else {
		c.google.mu.Lock()
		g, again := c.google.allow(who, scopes)
		code := "4/0A" + secret(52)
		c.google.codes[code] = &issued{grant: g, scopes: scopes, expires: time.Now().Add(10 * time.Minute), redirect: a.redirect,
			verifier: q.Get("code_challenge"), method: q.Get("code_challenge_method"),
			again: again && len(g.refresh) > 0 && !strings.Contains(q.Get("prompt"), "consent")}
		c.google.mu.Unlock()
		back.Set("code", code)
		back.Set("scope", strings.Join(scopes, " "))
	}
	redirect(w, a.redirect, back)
}

// redirect sends the browser to a loopback address that was checked.
func redirect(w http.ResponseWriter, to string, q url.Values) {
	w.Header().Set("Location", strings.TrimSuffix(to, "/")+"/?"+q.Encode())
	w.WriteHeader(http.StatusFound)
}
