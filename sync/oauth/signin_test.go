package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"panel/sync/cloud"
)

// signInWith signs in while visit does what the browser would do.
func signInWith(t *testing.T, g *google, visit func(link url.Values, callback string)) (Grant, error) {
	t.Helper()
	b := browser{t}
	visited := make(chan struct{})
	defer func() { <-visited }()
	return SignIn(t.Context(), Config{
		Client: g.client, HTTP: g.http, Link: func(string) {},
		Open: func(link string) error {
			defer close(visited)
			q, callback := b.parse(link)
			visit(q, callback)
			return nil
		},
	})
}

func wantCode(t *testing.T, err error, kind cloud.Kind, code string) {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Code != code {
		t.Fatalf("got %v, want %s (%s)", err, kind, code)
	}
}

func TestSignIn(t *testing.T) {
	g := newGoogle(t)
	var link url.Values
	var status int
	var page string
	grant, err := signInWith(t, g, func(q url.Values, callback string) {
		link = q
		status, page = browser{t}.get(callback + "/?" + g.allow(q).Encode())
	})
	if err != nil {
		t.Fatal(err)
	}
	if grant.RefreshToken != testRefresh || grant.Account != testAdmin || grant.Domain != "school.example" || grant.Sub != "117" ||
		!slices.Equal(grant.Scopes, Scopes()) {
		t.Errorf("grant: %q %q %q %q %q", grant.RefreshToken, grant.Account, grant.Domain, grant.Sub, grant.Scopes)
	}
	if status != http.StatusOK || !strings.Contains(page, "go back to Panel") {
		t.Errorf("the browser got %d %q", status, page)
	}
	for k, want := range map[string]string{
		"client_id": "client", "response_type": "code", "access_type": "offline", "prompt": "consent",
		"code_challenge_method": "S256", "include_granted_scopes": "", "login_hint": "",
		"scope": "https://www.googleapis.com/auth/admin.directory.user.readonly https://www.googleapis.com/auth/admin.directory.orgunit.readonly " +
			"https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly openid https://www.googleapis.com/auth/userinfo.email",
	} {
		if link.Get(k) != want {
			t.Errorf("%s = %q, want %q", k, link.Get(k), want)
		}
	}
	if len(link.Get("state")) < 22 || len(link.Get("code_challenge")) != 43 {
		t.Errorf("state %q, challenge %q", link.Get("state"), link.Get("code_challenge"))
	}
}

// O1: every sign-in has a port of its own, on the loopback address alone.
func TestListensOnLoopbackOnly(t *testing.T) {
	ports := map[string]bool{}
	for range 20 {
		l, err := listen(net.Listen, "state", "issuer")
		if err != nil {
			t.Fatal(err)
		}
		host, port, _ := net.SplitHostPort(l.host)
		if host != "127.0.0.1" {
			t.Errorf("listens on %s", host)
		}
		ports[port] = true
		addrs, err := net.InterfaceAddrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range addrs {
			ip, ok := a.(*net.IPNet)
			if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
				continue
			}
			if c, err := net.DialTimeout("tcp", net.JoinHostPort(ip.IP.String(), port), time.Second); err == nil {
				_ = c.Close()
				t.Errorf("answers on %s", ip.IP)
			}
		}
		l.close()
	}
	if len(ports) < 15 {
		t.Errorf("%d different ports in 20 runs", len(ports))
	}
}

func TestFallsBackToIPv6(t *testing.T) {
	if l, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skip("this computer has no IPv6 loopback")
	} else {
		_ = l.Close()
	}
	g := newGoogle(t)
	_, err := SignIn(t.Context(), Config{
		Client: g.client, HTTP: g.http, Link: func(string) {},
		Open: func(link string) error {
			q, callback := browser{t}.parse(link)
			if !strings.HasPrefix(callback, "http://[::1]:") {
				t.Errorf("callback is %s", callback)
			}
			browser{t}.get(callback + "/?" + g.allow(q).Encode())
			return nil
		},
		listen: func(network, address string) (net.Listener, error) {
			if network == "tcp4" {
				return nil, errors.New("no IPv4")
			}
			return net.Listen(network, address)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// O14: no port is to be had.
func TestNoListener(t *testing.T) {
	g := newGoogle(t)
	_, err := SignIn(t.Context(), Config{
		Client: g.client, HTTP: g.http, Link: func(string) { t.Error("a link that leads nowhere") },
		listen: func(string, string) (net.Listener, error) { return nil, errors.New("blocked") },
	})
	wantCode(t, err, cloud.Unexpected, CodeNoListener)
}

// O2: a browser that is there at once finds the listener, 100 times of 100.
func TestListensBeforeTheLinkIsOut(t *testing.T) {
	g := newGoogle(t)
	for range 100 {
		_, err := SignIn(t.Context(), Config{Client: g.client, HTTP: g.http, Link: func(link string) {
			q, callback := browser{t}.parse(link)
			if status, _ := (browser{t}).get(callback + "/?" + g.allow(q).Encode()); status != http.StatusOK {
				t.Errorf("status %d", status)
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// O3, O4: what is not the redirect gets an error and does not end the wait.
func TestStraysDoNotEndTheWait(t *testing.T) {
	g := newGoogle(t)
	_, err := signInWith(t, g, func(q url.Values, callback string) {
		good := g.allow(q).Encode()
		for _, tc := range []struct {
			method, path, host string
			want               int
		}{
			{"GET", "/favicon.ico", "", 404},
			{"GET", "/callback?" + good, "", 404},
			{"GET", "//?" + good, "", 404},
			{"POST", "/?" + good, "", 405},
			{"HEAD", "/?" + good, "", 405},
			{"OPTIONS", "/", "", 405},
			{"GET", "/?" + good, "evil.example", 403},
			{"GET", "/?" + good, "localhost:80", 403},
			{"GET", "/?" + good, "127.0.0.1", 403},
			{"GET", "/", "", 400},
			{"GET", "/?code=x", "", 400},
			{"GET", "/?error=access_denied", "", 400},
			{"GET", "/?error=access_denied&state=", "", 400},
			{"GET", "/?state=" + q.Get("state"), "", 400},
			{"GET", "/?" + good + "&state=" + q.Get("state"), "", 400},
			{"GET", "/?" + good + ";x", "", 400},
		} {
			req, _ := http.NewRequestWithContext(t.Context(), tc.method, callback+tc.path, nil)
			if tc.host != "" {
				req.Host = tc.host
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Errorf("%s %s: %v", tc.method, tc.path, err)
				continue
			}
			_ = resp.Body.Close()
			if resp.StatusCode != tc.want {
				t.Errorf("%s %.20s at %q: %d, want %d", tc.method, tc.path, tc.host, resp.StatusCode, tc.want)
			}
		}
		if n := g.exchanges(); n != 0 {
			t.Errorf("%d codes were exchanged", n)
		}
		browser{t}.get(callback + "/?" + good)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// O5: 10,000 forged callbacks: no exchange, no abort.
func TestForgedCallbacks(t *testing.T) {
	g := newGoogle(t)
	_, err := signInWith(t, g, func(q url.Values, callback string) {
		l := strings.TrimPrefix(callback, "http://")
		var crowd sync.WaitGroup
		for i := range 8 {
			crowd.Go(func() {
				for j := range 1250 {
					forged := []string{"code=x", "error=access_denied", "error=admin_policy_enforced"}[j%3]
					state := q.Get("state")[:len(q.Get("state"))-1] + string(rune('a'+j%26))
					c, err := net.Dial("tcp", l)
					if err != nil {
						t.Errorf("dial: %v", err)
						return
					}
					_, _ = fmt.Fprintf(c, "GET /?%s&state=%s&n=%d HTTP/1.1\r\nHost: %s\r\n\r\n", forged, state, i, l)
					head := make([]byte, 12)
					_, _ = c.Read(head)
					_ = c.Close()
					if string(head) != "HTTP/1.1 400" {
						t.Errorf("forged callback: %q", head)
					}
				}
			})
		}
		crowd.Wait()
		if n := g.exchanges(); n != 0 {
			t.Errorf("%d codes were exchanged", n)
		}
		browser{t}.get(callback + "/?" + g.allow(q).Encode())
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := g.exchanges(); n != 1 {
		t.Errorf("%d codes were exchanged", n)
	}
}

// O6: a stolen code is worth nothing, and each sign-in has a verifier of its
// own.
func TestVerifierIsChecked(t *testing.T) {
	g := newGoogle(t)
	var challenges []string
	for range 2 {
		_, err := signInWith(t, g, func(q url.Values, callback string) {
			challenges = append(challenges, q.Get("code_challenge"))
			browser{t}.get(callback + "/?" + g.allow(q).Encode())
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if challenges[0] == challenges[1] {
		t.Error("the same challenge twice")
	}
	_, err := signInWith(t, g, func(q url.Values, callback string) {
		answer := g.allow(q)
		g.allow(url.Values{"code_challenge": {challenges[0]}}) // somebody else's sign-in
		browser{t}.get(callback + "/?" + answer.Encode())
	})
	wantCode(t, err, cloud.SignInNeeded, "code_used")
}

// O7: of 50 callbacks at once one counts.
func TestOneShot(t *testing.T) {
	g := newGoogle(t)
	_, err := signInWith(t, g, func(q url.Values, callback string) {
		to := callback + "/?" + g.allow(q).Encode()
		var crowd sync.WaitGroup
		for range 50 {
			crowd.Go(func() { browser{t}.get(to) })
		}
		crowd.Wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := g.exchanges(); n != 1 {
		t.Errorf("%d exchanges", n)
	}
}

// O8, O9: what Google may say instead of a code, and who says it.
func TestRedirectOutcomes(t *testing.T) {
	for _, tc := range []struct {
		name  string
		query url.Values // beside the state and, where no error is, the code
		kind  cloud.Kind
		code  string
	}{
		{"denied", url.Values{"error": {"access_denied"}}, cloud.SignInNeeded, CodeDenied},
		{"blocked by the admin", url.Values{"error": {"admin_policy_enforced"}}, cloud.BlockedByPolicy, "admin_policy_enforced"},
		{"another organization's app", url.Values{"error": {"org_internal"}}, cloud.BlockedByPolicy, "org_internal"},
		{"deleted client", url.Values{"error": {"deleted_client"}}, cloud.ClientUnknown, "deleted_client"},
		{"unknown error", url.Values{"error": {"brand_new"}}, cloud.Unexpected, "brand_new"},
		{"markup for an error", url.Values{"error": {"<script>"}}, cloud.Unexpected, "unreadable"},
		{"no issuer", nil, "", ""},
		{"right issuer", url.Values{"iss": {"ISSUER"}}, "", ""},
		{"wrong issuer", url.Values{"iss": {"https://evil.example"}}, cloud.BadAnswer, CodeWrongIssuer},
		{"issuer twice", url.Values{"iss": {"ISSUER", "ISSUER"}}, cloud.BadAnswer, CodeWrongIssuer},
		{"wrong issuer of an error", url.Values{"iss": {"x"}, "error": {"access_denied"}}, cloud.BadAnswer, CodeWrongIssuer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := newGoogle(t)
			began := time.Now()
			_, err := signInWith(t, g, func(q url.Values, callback string) {
				answer := g.allow(q)
				for k, v := range tc.query {
					answer[k] = slices.Clone(v)
					for i := range answer[k] {
						if v[i] == "ISSUER" {
							answer[k][i] = g.URL
						}
					}
				}
				if answer.Has("error") {
					answer.Del("code")
				}
				browser{t}.get(callback + "/?" + answer.Encode())
			})
			if d := time.Since(began); d > time.Second {
				t.Errorf("took %v", d)
			}
			if tc.kind == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantCode(t, err, tc.kind, tc.code)
			if g.exchanges() != 0 {
				t.Error("a code was exchanged")
			}
		})
	}
}

// pipeListener is a listener nobody calls, for the fake clock.
type pipeListener struct{ done chan struct{} }

func (l *pipeListener) Accept() (net.Conn, error) { <-l.done; return nil, net.ErrClosed }
func (l *pipeListener) Addr() net.Addr            { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 9} }
func (l *pipeListener) Close() error {
	select {
	case <-l.done:
	default:
		close(l.done)
	}
	return nil
}

// O10: the person closed the browser.
func TestTimesOutAfterFiveMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := SignIn(t.Context(), Config{
			Client: Client{ID: "client", AuthURL: authURL}, Link: func(string) {},
			listen: func(string, string) (net.Listener, error) { return &pipeListener{make(chan struct{})}, nil },
		})
		wantCode(t, err, cloud.SignInNeeded, CodeTimeout)
		if d := time.Since(began); d != 5*time.Minute {
			t.Errorf("waited %v", d)
		}
	})
}

// O14: a browser that cannot be opened ends nothing: the link still works.
func TestNoBrowser(t *testing.T) {
	g := newGoogle(t)
	var link string
	var trouble atomic.Int32
	_, err := SignIn(t.Context(), Config{
		Client: g.client, HTTP: g.http,
		Link: func(l string) { link = l },
		Open: func(string) error { return errors.New("exec: no browser for " + testCode) },
		Trouble: func(e *cloud.Error) {
			trouble.Add(1)
			if e.Code != CodeNoBrowser || e.Err != nil {
				t.Errorf("trouble: %v, %v", e, e.Err)
			}
			q, callback := browser{t}.parse(link)
			browser{t}.get(callback + "/?" + g.allow(q).Encode())
		},
	})
	if err != nil || trouble.Load() != 1 {
		t.Fatalf("%v after %d troubles", err, trouble.Load())
	}
}

// A browser launcher that never returns must not hold up a cancel.
func TestCancelWhileTheLauncherHangs(t *testing.T) {
	g := newGoogle(t)
	ctx, cancel := context.WithCancel(t.Context())
	hang := make(chan struct{})
	defer close(hang)
	began := time.Now()
	_, err := SignIn(ctx, Config{Client: g.client, HTTP: g.http, Link: func(string) {},
		Open: func(string) error { cancel(); <-hang; return nil }})
	wantCode(t, err, cloud.Cancelled, CodeClosed)
	if d := time.Since(began); d > time.Second {
		t.Errorf("took %v", d)
	}
}

// O17, and what else the token endpoint may answer.
func TestExchange(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*google)
		kind   cloud.Kind
		code   string
		check  func(*testing.T, Grant)
	}{
		{name: "some unticked", change: func(g *google) { g.scope = "openid " + ScopeEmail + " " + ScopeUsers },
			check: func(t *testing.T, g Grant) {
				if !slices.Equal(g.Scopes, []string{"openid", ScopeEmail, ScopeUsers}) {
					t.Errorf("scopes: %q", g.Scopes)
				}
			}},
		{name: "no refresh token", change: func(g *google) { g.refresh = "" }, kind: cloud.SignInNeeded, code: CodeNoRefreshToken},
		{name: "no id token", change: func(g *google) {
			g.claims, g.userinfo = nil, `{"sub":"9","email":"other@school.example","hd":"school.example"}`
		}, check: func(t *testing.T, g Grant) {
			if g.Account != "other@school.example" || g.Sub != "9" || g.Domain != "school.example" {
				t.Errorf("account %q, sub %q", g.Account, g.Sub)
			}
		}},
		{name: "id token without address", change: func(g *google) { delete(g.claims, "email") },
			check: func(t *testing.T, g Grant) {
				if g.Account != "" || g.Sub != "117" {
					t.Errorf("account %q, sub %q", g.Account, g.Sub)
				}
			}},
		{name: "id token for another client", change: func(g *google) { g.claims["aud"] = "x" }, kind: cloud.BadAnswer, code: cloud.CodeShape},
		{name: "clock a day behind", change: func(g *google) { g.claims["iat"] = time.Now().Add(24 * time.Hour).Unix() },
			kind: cloud.SignInNeeded, code: CodeClock},
		{name: "clock a day ahead", change: func(g *google) { g.claims["exp"] = time.Now().Add(-24 * time.Hour).Unix() },
			kind: cloud.SignInNeeded, code: CodeClock},
		{name: "clock a little off", change: func(g *google) { g.claims["iat"] = time.Now().Add(2 * time.Minute).Unix() }},
		{name: "date a day off", change: func(g *google) {
			g.answer = func(w http.ResponseWriter, form url.Values) {
				w.Header().Set("Date", time.Now().Add(-24*time.Hour).UTC().Format(http.TimeFormat))
				g.exchange(w, form)
			}
		}, kind: cloud.SignInNeeded, code: CodeClock},
		{name: "wrong secret", change: func(g *google) { g.client.Secret = "old" }, kind: cloud.ClientUnknown, code: "invalid_client"},
		{name: "an empty answer", change: func(g *google) {
			g.answer = func(w http.ResponseWriter, _ url.Values) { send(w, http.StatusOK, `{}`) }
		}, kind: cloud.BadAnswer, code: cloud.CodeShape},
		{name: "a portal", change: func(g *google) {
			g.answer = func(w http.ResponseWriter, _ url.Values) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = w.Write([]byte("<html>pay here</html>"))
			}
		}, kind: cloud.BadAnswer, code: cloud.CodeWebPage},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := newGoogle(t)
			tc.change(g)
			grant, err := signInWith(t, g, func(q url.Values, callback string) {
				browser{t}.get(callback + "/?" + g.allow(q).Encode())
			})
			if tc.kind != "" {
				wantCode(t, err, tc.kind, tc.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tc.check != nil {
				tc.check(t, grant)
			}
		})
	}
}

// O13: nothing that is secret, and no address, is in what a failed sign-in
// leaves behind.
func TestFailedSignInLeaksNothing(t *testing.T) {
	for _, body := range []string{
		`{"error":"invalid_grant","error_description":"` + testCode + ` of ` + testAdmin + `"}`,
		`{"error":"` + testCode + `"}`,
		`{"error":{"message":"` + testCode + `"}}`,
		`{"access_token":"` + testAccess + `","expires_in":"soon"}`,
		testSecret,
	} {
		g := newGoogle(t)
		g.answer = func(w http.ResponseWriter, _ url.Values) { send(w, http.StatusBadRequest, body) }
		var page string
		var link url.Values
		_, err := signInWith(t, g, func(q url.Values, callback string) {
			link = q
			_, page = browser{t}.get(callback + "/?" + g.allow(q).Encode())
		})
		if err == nil {
			t.Fatalf("taken: %s", body)
		}
		e := cloud.AsError(err)
		left := fmt.Sprintf("%v %+v %s %s %s", err, e.Err, e.Code, e.Detail, page)
		for _, secret := range []string{testCode, testAccess, testRefresh, testSecret, testAdmin, link.Get("state")} {
			if strings.Contains(left, secret) {
				t.Errorf("%q is in %q", secret, left)
			}
		}
	}
}
