package sim

import (
	"slices"
	"sync"
	"time"
)

// grant is what an account has allowed the client, with the tokens that rest on it.
type grant struct {
	account account
	scopes  []string
	refresh []string // oldest first
}

// issued is an access token or a code.
type issued struct {
	grant    *grant
	scopes   []string
	expires  time.Time
	redirect string // of a code: the redirect_uri it went to
	verifier string // of a code: the challenge and its method
	method   string
	again    bool // of a code: no refresh token comes with it
}

// grants is the memory of the authorization server.
type grants struct {
	mu        sync.Mutex
	byAccount map[string]*grant
	codes     map[string]*issued
	refresh   map[string]*grant
	access    map[string]*issued
}

// maxRefresh is how many refresh tokens live for one account and client; one more and the oldest dies silently.
const maxRefresh = 100

// allow records a consent; the scopes replace those allowed before, as for installed applications.
func (g *grants) allow(a account, scopes []string) (*grant, bool) {
	if g.byAccount == nil {
		g.byAccount, g.codes = map[string]*grant{}, map[string]*issued{}
		g.refresh, g.access = map[string]*grant{}, map[string]*issued{}
	}
	got, again := g.byAccount[a.Email]
	if !again {
		got = &grant{account: a}
		g.byAccount[a.Email] = got
	}
	got.scopes = scopes
	return got, again
}

func (g *grants) newRefresh(to *grant) string {
	token := "1//0g" + secret(48)
	g.refresh[token] = to
	to.refresh = append(to.refresh, token)
	if len(to.refresh) > maxRefresh {
		delete(g.refresh, to.refresh[0])
		to.refresh = to.refresh[1:]
	}
	return token
}

func (g *grants) newAccess(to *grant, scopes []string, life time.Duration) string {
	token := "ya29.a0" + secret(90)
	g.access[token] = &issued{grant: to, scopes: scopes, expires: time.Now().Add(life)}
	return token
}

// authorize says whose access token it is. refusal is "" or a kind of answer, or the scope that it lacks.
func (g *grants) authorize(token, scope string) (a account, refusal string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.access[token]
	if t == nil || time.Now().After(t.expires) {
		return a, "auth_error"
	}
	if scope != "" && !slices.Contains(t.scopes, scope) {
		return t.grant.account, scope
	}
	return t.grant.account, ""
}

// revoke ends everything that an account has allowed: the whole project, every client and token. It reports whether the token was live.
func (g *grants) revoke(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	of := g.refresh[token]
	if t := g.access[token]; t != nil && time.Now().Before(t.expires) {
		of = t.grant
	}
	if of == nil {
		return false
	}
	delete(g.byAccount, of.account.Email)
	for _, t := range of.refresh {
		delete(g.refresh, t)
	}
	for token, t := range g.access {
		if t.grant == of {
			delete(g.access, token)
		}
	}
	for code, t := range g.codes {
		if t.grant == of {
			delete(g.codes, code)
		}
	}
	return true
}

// RevokeGoogle ends what an account has allowed, as at myaccount.google.com. It reports whether there was anything.
func (c *Cloud) RevokeGoogle(email string) bool {
	c.google.mu.Lock()
	g := c.google.byAccount[email]
	token := ""
	if g != nil {
		token = c.google.newAccess(g, nil, time.Minute)
	}
	c.google.mu.Unlock()
	return token != "" && c.google.revoke(token)
}

// GoogleTokens consents as the admin to the scopes (none means all five) and returns a live access and refresh token, without a browser.
func (c *Cloud) GoogleTokens(scopes ...string) (access, refresh string) {
	if len(scopes) == 0 {
		scopes = []string{scopeUsers, scopeOrgUnits, scopeDevices, scopeOpenID, scopeEmail}
	}
	life := time.Duration(c.Settings().TokenSeconds) * time.Second
	c.google.mu.Lock()
	defer c.google.mu.Unlock()
	g, _ := c.google.allow(c.accounts()[0], scopes)
	access = c.google.newAccess(g, scopes, life)
	return access, c.google.newRefresh(g)
}
