package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"panel/sync/cloud"
)

// refreshing answers refreshes with numbered access tokens.
func refreshing(g *google) *atomic.Int32 {
	var n atomic.Int32
	g.answer = func(w http.ResponseWriter, form url.Values) {
		if form.Get("grant_type") != "refresh_token" || form.Get("refresh_token") != testRefresh || form.Get("client_secret") != testSecret {
			send(w, http.StatusBadRequest, `{"error":"invalid_request"}`)
			return
		}
		send(w, http.StatusOK, fmt.Sprintf(`{"access_token":"access-%d","expires_in":3599,"token_type":"Bearer"}`, n.Add(1)))
	}
	return &n
}

func (g *google) tokens(saved func(string) error) *Tokens {
	return NewTokens(g.http, g.client, testRefresh, saved)
}

func TestFiftyCallersOneRefresh(t *testing.T) {
	g := newGoogle(t)
	n := refreshing(g)
	tokens := g.tokens(nil)
	var crowd sync.WaitGroup
	for range 50 {
		crowd.Go(func() {
			if a, err := tokens.Token(t.Context()); a != "access-1" || err != nil {
				t.Errorf("%q, %v", a, err)
			}
		})
	}
	crowd.Wait()
	if n.Load() != 1 {
		t.Errorf("%d refreshes", n.Load())
	}
}

func TestFiftyCallersShareAFailure(t *testing.T) {
	g := newGoogle(t)
	var n atomic.Int32
	arrived := make(chan struct{}, 50)
	g.answer = func(w http.ResponseWriter, _ url.Values) {
		for range 50 { // until all wait
			<-arrived
		}
		n.Add(1)
		send(w, http.StatusBadRequest, `{}`)
	}
	tokens := g.tokens(nil)
	var crowd sync.WaitGroup
	for range 50 {
		crowd.Go(func() {
			_, err := tokens.Token(&arrivals{Context: t.Context(), at: arrived})
			wantKind(t, err, cloud.BadAnswer)
		})
	}
	crowd.Wait()
	if n.Load() != 1 {
		t.Errorf("asked %d times", n.Load())
	}
}

// arrivals tells when its first Done is asked for, which is when its owner
// begins to wait.
type arrivals struct {
	context.Context
	at   chan<- struct{}
	once sync.Once
}

func (a *arrivals) Done() <-chan struct{} {
	a.once.Do(func() { a.at <- struct{}{} })
	return a.Context.Done()
}

func wantKind(t *testing.T, err error, kind cloud.Kind) {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) || e.Kind != kind {
		t.Errorf("got %v, want %s", err, kind)
	}
}

func TestRenewsInTimeByTheWallClock(t *testing.T) {
	g := newGoogle(t)
	n := refreshing(g)
	tokens := g.tokens(nil)
	before := time.Now()
	if _, err := tokens.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := tokens.renewAt.Sub(before); d < 57*time.Minute || d > 58*time.Minute+30*time.Second {
		t.Errorf("renews after %v", d)
	}
	if strings.Contains(tokens.renewAt.String(), "m=") {
		t.Error("the time stands still while the computer sleeps")
	}
	tokens.renewAt = time.Now().Add(-time.Second).Round(0)
	if a, err := tokens.Token(t.Context()); a != "access-2" || err != nil {
		t.Errorf("%q, %v", a, err)
	}
	if n.Load() != 2 {
		t.Errorf("%d refreshes", n.Load())
	}
}

func TestInvalidate(t *testing.T) {
	g := newGoogle(t)
	n := refreshing(g)
	tokens := g.tokens(nil)
	first, err := tokens.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 4 { // four chains that met the same 401
		tokens.Invalidate(t.Context(), first)
		if a, err := tokens.Token(t.Context()); a != "access-2" || err != nil {
			t.Errorf("%q, %v", a, err)
		}
	}
	if n.Load() != 2 {
		t.Errorf("%d refreshes", n.Load())
	}
}

func TestRotatedTokenIsSavedFirst(t *testing.T) {
	g := newGoogle(t)
	g.answer = func(w http.ResponseWriter, form url.Values) {
		next := map[string]string{testRefresh: "second", "second": "third"}[form.Get("refresh_token")]
		send(w, http.StatusOK, `{"access_token":"a","expires_in":3599,"refresh_token":"`+next+`"}`)
	}
	var saved []string
	broken := errors.New("the keychain is locked")
	tokens := g.tokens(func(s string) error {
		saved = append(saved, s)
		if len(saved) == 1 {
			return &cloud.Error{Kind: cloud.Keychain, Err: broken}
		}
		return nil
	})
	_, err := tokens.Token(t.Context())
	wantKind(t, err, cloud.Keychain)
	if !errors.Is(err, broken) {
		t.Errorf("cause: %v", err)
	}
	for range 2 {
		if _, err := tokens.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		tokens.Invalidate(t.Context(), "a")
	}
	if want := []string{"second", "second", "third"}; !slices.Equal(saved, want) {
		t.Errorf("saved %q, want %q", saved, want)
	}
}

// O15: a redirect is not followed, so no secret goes with it.
func TestTokenRedirectIsNotFollowed(t *testing.T) {
	var reached atomic.Bool
	thief := newGoogle(t)
	thief.answer = func(w http.ResponseWriter, _ url.Values) { reached.Store(true); send(w, http.StatusOK, `{}`) }
	g := newGoogle(t)
	g.answer = func(w http.ResponseWriter, _ url.Values) {
		w.Header().Set("Location", thief.URL)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
	_, err := g.tokens(nil).Token(t.Context())
	wantCode(t, err, cloud.BadAnswer, cloud.CodeRedirect)
	wantCode(t, Revoke(t.Context(), g.http, g.client, testRefresh), cloud.BadAnswer, cloud.CodeRedirect)
	if reached.Load() {
		t.Error("the secret went to the redirect's target")
	}
}

// O16, and every way in which Google says that an authorization is gone.
func TestDeadAuthorizationIsAskedForOnce(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		kind   cloud.Kind
		code   string
		detail string
	}{
		{400, `{"error":"invalid_grant","error_description":"Token has been expired or revoked."}`,
			cloud.SignInNeeded, "invalid_grant", "Token has been expired or revoked."},
		{400, `{"error":"invalid_grant","error_description":"Bad Request"}`, cloud.SignInNeeded, "invalid_grant", "Bad Request"},
		{400, `{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}`,
			cloud.SignInNeeded, "invalid_rapt", "reauth related error (invalid_rapt)"},
		{400, `{"error":"invalid_grant","error_description":"The account has been deleted"}`,
			cloud.SignInNeeded, "invalid_grant", "The account has been deleted"},
		{400, `{"error":"invalid_grant"}`, cloud.SignInNeeded, "invalid_grant", ""},
		{400, `{"error":"admin_policy_enforced","error_description":"x@y.example"}`, cloud.BlockedByPolicy, "admin_policy_enforced", ""},
		{400, `{"error":"access_denied","error_description":"Account restricted"}`,
			cloud.BlockedByPolicy, "access_denied", "Account restricted"},
		{401, `{"error":"invalid_client","error_description":"The OAuth client was not found."}`,
			cloud.ClientUnknown, "invalid_client", "The OAuth client was not found."},
		{401, `{"error":"deleted_client","error_description":"The OAuth client was deleted."}`,
			cloud.ClientUnknown, "deleted_client", "The OAuth client was deleted."},
		{401, `{"error":"unauthorized_client","error_description":"Unauthorized"}`, cloud.ClientUnknown, "unauthorized_client", "Unauthorized"},
	} {
		t.Run(tc.code+" "+tc.detail, func(t *testing.T) {
			g := newGoogle(t)
			g.answer = func(w http.ResponseWriter, _ url.Values) { send(w, tc.status, tc.body) }
			tokens := g.tokens(nil)
			for range 3 {
				_, err := tokens.Token(t.Context())
				wantCode(t, err, tc.kind, tc.code)
				if e := cloud.AsError(err); e.Detail != tc.detail || e.Doing == "" || e.Status != tc.status {
					t.Errorf("%v, about %q", e, e.Detail)
				}
			}
			if len(g.forms) != 1 {
				t.Errorf("asked %d times", len(g.forms))
			}
		})
	}
}

// A failure that passes is retried, and never taken for a dead authorization.
func TestPassingFailuresOfARefresh(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
	}{
		{503, `{"error":"internal_failure","error_description":"Backend Error"}`},
		{500, `{"error":"invalid_grant"}`},
		{502, `<html>Bad Gateway</html>`},
		{429, `{"error":"rate_limit_exceeded"}`},
		{400, `{"error":"internal_failure","error_description":"Backend Error"}`},
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			g := newGoogle(t)
			n := refreshing(g)
			good := g.answer
			var first atomic.Bool
			g.answer = func(w http.ResponseWriter, form url.Values) {
				if first.CompareAndSwap(false, true) {
					w.Header().Set("Retry-After", "0.01")
					send(w, tc.status, tc.body)
					return
				}
				good(w, form)
			}
			if a, err := g.tokens(nil).Token(t.Context()); a != "access-1" || err != nil {
				t.Errorf("%q, %v after %d", a, err, n.Load())
			}
		})
	}
	for _, body := range []string{`{}`, `[]`, `{"error":{"code":400}}`, `{"error":7}`} {
		e := failure(&cloud.Answer{Status: 400, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)})
		if e == nil || e.Kind != cloud.BadAnswer {
			t.Errorf("%s: %v", body, e)
		}
	}
}

func TestCancelledRefreshHarmsNobodyElse(t *testing.T) {
	g := newGoogle(t)
	refreshing(g)
	good := g.answer
	asked, goOn := make(chan struct{}), make(chan struct{})
	var first atomic.Bool
	g.answer = func(w http.ResponseWriter, form url.Values) {
		if first.CompareAndSwap(false, true) {
			close(asked)
			<-goOn
		}
		good(w, form)
	}
	tokens := g.tokens(nil)
	ctx, cancel := context.WithCancel(t.Context())
	var crowd sync.WaitGroup
	crowd.Go(func() {
		_, err := tokens.Token(ctx)
		wantKind(t, err, cloud.Cancelled)
	})
	<-asked
	crowd.Go(func() {
		if _, err := tokens.Token(t.Context()); err != nil {
			t.Errorf("the other caller: %v", err)
		}
	})
	cancel()
	close(goOn)
	crowd.Wait()
}

// O18: giving back an authorization.
func TestRevoke(t *testing.T) {
	for _, tc := range []struct {
		status int
		body   string
		kind   cloud.Kind
	}{
		{200, `{}`, ""},
		{400, `{"error":"invalid_token","error_description":"Token expired or revoked"}`, ""},
		{400, `{"error":"invalid_request"}`, cloud.Unexpected},
	} {
		g := newGoogle(t)
		g.answer = func(w http.ResponseWriter, _ url.Values) { send(w, tc.status, tc.body) }
		err := Revoke(t.Context(), g.http, g.client, testRefresh)
		if cloud.KindOf(err) != tc.kind {
			t.Errorf("%d %s: %v", tc.status, tc.body, err)
		}
		if len(g.forms) != 1 || g.forms[0].Get("token") != testRefresh {
			t.Errorf("sent %v", g.forms)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantKind(t, Revoke(ctx, newGoogle(t).http, Client{RevokeURL: "http://127.0.0.1:9/"}, "x"), cloud.Cancelled)
}
