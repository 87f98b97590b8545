package oauth

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"panel/directory"
	"panel/sync/cloud"
)

// Config is one sign-in.
type Config struct {
	Client Client
	HTTP   *cloud.Client
	// LoginHint is the address of who signed in before, "" if nobody did.
	LoginHint string
	// Timeout is how long to wait for the browser's return; 0 means 5
	// minutes.
	Timeout time.Duration

	// Link is given the link to sign in by, before Open is called; Panel
	// already listens for the answer. Required.
	Link func(link string)
	// Open shows the link in the system browser, on a goroutine of its own.
	// Nil when no browser is to be opened.
	Open func(link string) error
	// Trouble, if not nil, is told what is wrong without ending the wait:
	// Open failed (code no_browser), so the link must be opened by hand.
	Trouble func(*cloud.Error)

	listen func(network, address string) (net.Listener, error) // nil: net.Listen
}

// Grant is what the admin granted.
type Grant struct {
	// RefreshToken is the authorization itself. It is left out when the
	// grant is formatted, logged or marshalled.
	RefreshToken string `json:"-"`
	// Scopes are those granted, perhaps fewer than [Scopes], in any order.
	Scopes []string
	// Account is the admin's address and Domain the Workspace domain; both
	// empty where Google did not say, Domain also for a private account.
	Account string
	Domain  string
	// Sub is the id of the admin's account, which never changes.
	Sub string
}

// Format writes the grant without its token and its account.
func (g Grant) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "grant of %d permissions", len(g.Scopes))
}

// String is what Format writes.
func (g Grant) String() string { return fmt.Sprint(g) }

// LogValue is what Format writes.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

const (
	signInTimeout = 5 * time.Minute
	// maxSkew is how far this computer's clock may be off. Further off,
	// nothing that Google dates can be relied on.
	maxSkew = 10 * time.Minute
)

// SignIn sends the admin to Google and returns what was granted. It ends
// within a second after ctx does.
func SignIn(ctx context.Context, c Config) (Grant, error) {
	g, err := signIn(ctx, c)
	if err == nil {
		return g, nil
	}
	e := *cloud.AsError(err)
	e.Cloud = directory.Google
	if e.Doing == "" {
		e.Doing = "sign in"
	}
	if e.Kind == cloud.Cancelled {
		e.Code = CodeClosed
	}
	return Grant{}, &e
}

func signIn(ctx context.Context, c Config) (Grant, error) {
	if c.listen == nil {
		c.listen = net.Listen
	}
	auth, err := url.Parse(c.Client.AuthURL)
	if err != nil {
		return Grant{}, &cloud.Error{Kind: cloud.ClientUnknown, Code: CodeNotAClient}
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	l, err := listen(c.listen, state, auth.Scheme+"://"+auth.Host)
	if err != nil {
		return Grant{}, &cloud.Error{Kind: cloud.Unexpected, Code: CodeNoListener, Err: err}
	}
	// It answers until the end, so that a browser that asks twice gets the
	// same page twice.
	defer l.close()

	q := auth.Query()
	q.Set("client_id", c.Client.ID)
	q.Set("redirect_uri", l.redirectURI())
	q.Set("response_type", "code")
	q.Set("scope", strings.Join(Scopes(), " "))
	q.Set("state", state)
	q.Set("code_challenge", oauth2.S256ChallengeFromVerifier(verifier))
	q.Set("code_challenge_method", "S256")
	// Without the two, Google gives no refresh token to who consented before.
	q.Set("access_type", "offline")
	q.Set("prompt", "consent")
	if c.LoginHint != "" {
		q.Set("login_hint", c.LoginHint)
	}
	auth.RawQuery = q.Encode()

	code, err := c.await(ctx, l, auth.String())
	if err != nil {
		return Grant{}, err
	}
	return c.exchange(ctx, code, verifier, l.redirectURI())
}

// await gives the link out and waits for the browser to come back.
func (c Config) await(ctx context.Context, l *listener, link string) (code string, err error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = signInTimeout
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()

	c.Link(link)
	opened := make(chan error, 1)
	if c.Open != nil {
		go func() { opened <- c.Open(link) }()
	}
	for {
		select {
		case o := <-l.outcome:
			if o.err != nil {
				return "", o.err
			}
			return o.code, nil
		case err := <-opened:
			if err != nil && c.Trouble != nil {
				// What a launcher prints may hold the link, so err stays here.
				c.Trouble(&cloud.Error{
					Kind: cloud.Unexpected, Cloud: directory.Google, Doing: "open the browser", Code: CodeNoBrowser,
				})
			}
		case <-timer.C:
			return "", &cloud.Error{Kind: cloud.SignInNeeded, Code: CodeTimeout}
		case <-ctx.Done():
			return "", cloud.NetworkError(ctx, context.Cause(ctx))
		}
	}
}

// exchange turns the code into a grant.
func (c Config) exchange(ctx context.Context, code, verifier, redirectURI string) (Grant, error) {
	r, a, err := token(ctx, c.HTTP, c.Client, "sign in", url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"code_verifier": {verifier},
		"redirect_uri":  {redirectURI},
	})
	// A code is good for one use, and a lost answer has used it up.
	if e := cloud.AsError(err); e != nil && e.Code == "invalid_grant" {
		e.Code = CodeUsed
	}
	if err != nil {
		return Grant{}, err
	}
	if a.Skew().Abs() > maxSkew {
		return Grant{}, &cloud.Error{Kind: cloud.SignInNeeded, Code: CodeClock}
	}
	if r.RefreshToken == "" {
		return Grant{}, &cloud.Error{Kind: cloud.SignInNeeded, Code: CodeNoRefreshToken}
	}
	who, err := c.identify(ctx, r)
	if err != nil {
		return Grant{}, err
	}
	scopes := strings.Fields(r.Scope)
	if len(scopes) == 0 {
		scopes = Scopes() // unsaid means all that was asked for, RFC 6749 section 5.1
	}
	return Grant{RefreshToken: r.RefreshToken, Scopes: scopes, Account: who.Email, Domain: who.Domain, Sub: who.Sub}, nil
}

// claims are what Google says about who signed in: in an id token, and, but
// for the times, at the userinfo endpoint.
type claims struct {
	Audience string `json:"aud"`
	Sub      string `json:"sub"`
	Email    string `json:"email"`
	Domain   string `json:"hd"`
	IssuedAt int64  `json:"iat"` // unix seconds
	Expires  int64  `json:"exp"`
}

// identify learns who signed in from the id token, else from the userinfo
// endpoint. Nobody checks the token's signature: it came from Google by TLS,
// which is enough (OpenID Connect Core, section 3.1.3.7, item 6).
func (c Config) identify(ctx context.Context, r reply) (claims, error) {
	who, ok := idToken(r.IDToken)
	if ok {
		now := time.Now()
		switch {
		case who.Audience != c.Client.ID:
			return claims{}, &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
		case now.Add(maxSkew).Before(time.Unix(who.IssuedAt, 0)), now.Add(-maxSkew).After(time.Unix(who.Expires, 0)):
			return claims{}, &cloud.Error{Kind: cloud.SignInNeeded, Code: CodeClock}
		case who.Email != "":
			return who, nil
		}
	}
	var asked claims
	_, err := c.HTTP.Do(ctx, cloud.Call{
		Cloud: directory.Google,
		Doing: "ask who signed in",
		Request: func(ctx context.Context) (*http.Request, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Client.UserinfoURL, nil)
			if err != nil {
				return nil, err
			}
			req.Header.Set("Authorization", "Bearer "+r.AccessToken)
			return req, nil
		},
		Judge: func(a *cloud.Answer) *cloud.Error {
			if a.Status != http.StatusOK {
				return failure(a)
			}
			asked = claims{}
			return a.Decode(&asked)
		},
	})
	if ctx.Err() != nil {
		return claims{}, err
	}
	if err != nil {
		// The authorization is there and works without a name to show.
		return who, nil
	}
	return asked, nil
}

// idToken reads the claims of a JSON Web Token.
func idToken(token string) (who claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}, false
	}
	body, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil || json.Unmarshal(body, &who) != nil {
		return claims{}, false
	}
	return who, true
}
