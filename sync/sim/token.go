package sim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// serveToken is Google's token endpoint. It looks at the client before it looks at the code, so that a junk code tells a good client from
// a bad one.
func (c *Cloud) serveToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	id, pass := r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	if user, password, ok := r.BasicAuth(); ok {
		id, pass = user, password
	}
	switch {
	case id != c.GoogleClientID:
		c.answer(w, r, answers["client_not_found"])
		return
	case pass == "":
		c.answer(w, r, oauthError(400, "invalid_request", "client_secret is missing."))
		return
	case pass != c.GoogleClientSecret:
		c.answer(w, r, answers["client_unauthorized"])
		return
	}
	life := time.Duration(c.Settings().TokenSeconds) * time.Second
	var reply tokenReply
	var refusal *answer
	switch kind := r.PostFormValue("grant_type"); kind {
	case "authorization_code":
		reply, refusal = c.google.exchange(r, life)
	case "refresh_token":
		reply, refusal = c.google.renew(r, life)
	default:
		a := oauthError(400, "unsupported_grant_type", "Invalid grant_type: "+kind)
		refusal = &a
	}
	if refusal != nil {
		c.answer(w, r, *refusal)
		return
	}
	o := newObject(nil)
	o.str("access_token", reply.access)
	o.raw("expires_in", strconv.Itoa(int(life/time.Second)))
	o.str("refresh_token", reply.refresh)
	o.str("scope", strings.Join(reply.scopes, " "))
	o.str("token_type", "Bearer")
	if slices.Contains(reply.scopes, scopeOpenID) {
		o.str("id_token", c.idToken(reply, life))
	}
	sendJSON(w, o.end())
}

// tokenReply is what the token endpoint grants.
type tokenReply struct {
	access, refresh string // refresh may be ""
	scopes          []string
	account         account
}

func refuse(code, description string) (tokenReply, *answer) {
	a := oauthError(400, code, description)
	return tokenReply{}, &a
}

// exchange turns a code into tokens, once.
func (g *grants) exchange(r *http.Request, life time.Duration) (tokenReply, *answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	code := r.PostFormValue("code")
	t := g.codes[code]
	switch {
	case !strings.HasPrefix(code, "4/"):
		return refuse("invalid_grant", "Malformed auth code.")
	case t == nil:
		return refuse("invalid_grant", "Bad Request")
	}
	delete(g.codes, code)
	verifier := r.PostFormValue("code_verifier")
	switch {
	case time.Now().After(t.expires):
		return refuse("invalid_grant", "Bad Request")
	case r.PostFormValue("redirect_uri") != t.redirect:
		return refuse("redirect_uri_mismatch", "Bad Request")
	case t.verifier != "" && verifier == "":
		return refuse("invalid_grant", "Missing code verifier.")
	case t.verifier != "" && !verified(t.verifier, t.method, verifier):
		return refuse("invalid_grant", "Invalid code verifier.")
	}
	reply := g.reply(t.grant, t.scopes, life)
	if !t.again {
		reply.refresh = g.newRefresh(t.grant)
	}
	return reply, nil
}

// verified checks a PKCE verifier. Google takes a challenge without a method as plain.
func verified(challenge, method, verifier string) bool {
	if len(verifier) < 43 || len(verifier) > 128 {
		return false
	}
	if method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(challenge), []byte(verifier)) == 1
}

// renew turns a refresh token into an access token. The reply has no new refresh token.
func (g *grants) renew(r *http.Request, life time.Duration) (tokenReply, *answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	to := g.refresh[r.PostFormValue("refresh_token")]
	if to == nil {
		a := answers["revoked"]
		return tokenReply{}, &a
	}
	return g.reply(to, to.scopes, life), nil
}

func (g *grants) reply(to *grant, scopes []string, life time.Duration) tokenReply {
	return tokenReply{access: g.newAccess(to, scopes, life), scopes: scopes, account: to.account}
}

// idToken says who signed in. Its signature is noise: it comes straight from the token endpoint, where nobody needs to check it.
func (c *Cloud) idToken(of tokenReply, life time.Duration) string {
	a := of.account
	_, domain, _ := strings.Cut(a.Email, "@")
	claims := map[string]any{"iss": "https://accounts.google.com", "azp": c.GoogleClientID, "aud": c.GoogleClientID, "sub": a.sub, "hd": domain,
		"iat": time.Now().Unix(), "exp": time.Now().Add(life).Unix()}
	if slices.Contains(of.scopes, scopeEmail) {
		claims["email"], claims["email_verified"] = a.Email, true
	}
	return jwt(claims)
}

// jwt is a token in the shape of a JWT whose signature is noise.
func jwt(claims map[string]any) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic("sim: claims are JSON: " + err.Error())
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	return part(map[string]any{"alg": "RS256", "typ": "JWT", "kid": "simulated"}) + "." + part(claims) + "." + secret(64)
}

// serveRevoke ends a token and everything else of its grant. GET has never worked there.
func (c *Cloud) serveRevoke(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost:
		http.NotFound(w, r)
	case c.google.revoke(r.PostFormValue("token")):
		sendJSON(w, []byte(`{}`))
	default:
		c.answer(w, r, answers["unknown_token"])
	}
}

// serveUserinfo says whose access token it is.
func (c *Cloud) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	a, refusal := c.google.authorize(bearer(r), scopeOpenID)
	if refusal != "" {
		c.answer(w, r, answer{http.StatusUnauthorized, map[string]string{"WWW-Authenticate": `Bearer realm="https://accounts.google.com/", error="invalid_token"`},
			`{"error":"invalid_request","error_description":"Invalid Credentials"}`})
		return
	}
	_, domain, _ := strings.Cut(a.Email, "@")
	o := newObject(nil)
	o.str("sub", a.sub)
	if _, lacks := c.google.authorize(bearer(r), scopeEmail); lacks == "" {
		o.str("email", a.Email)
		o.bool("email_verified", true)
	}
	o.str("hd", domain)
	sendJSON(w, o.end())
}
