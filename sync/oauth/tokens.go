package oauth

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"sync/atomic"
	"time"

	"panel/sync/cloud"
)

// Tokens gives out access tokens for one run, all from one refresh token.
// Safe for concurrent use.
type Tokens struct {
	client *cloud.Client
	oauth  Client
	saved  func(string) error

	// turn holds the one right to use what follows. A channel, so that who
	// waits for a slow refresh can still be cancelled.
	turn    chan struct{}
	refresh string
	access  string
	renewAt time.Time // by the wall clock
	// dead is why there will be no token any more; nil while there may.
	dead error
	// failed is the last passing failure.
	failed error

	// failures counts the passing failures: whoever waited for a refresh
	// that failed shares its error. Read without the turn, changed with it.
	failures atomic.Int64
}

// NewTokens returns the access tokens of refreshToken. saved, if not nil,
// stores a refresh token that Google has put in its place; it has returned
// before the new one is used.
func NewTokens(client *cloud.Client, c Client, refreshToken string, saved func(newRefresh string) error) *Tokens {
	return &Tokens{client: client, oauth: c, refresh: refreshToken, saved: saved, turn: make(chan struct{}, 1)}
}

// Format writes that there are tokens, and none of them.
func (t *Tokens) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "access tokens") }

// Token returns an access token that is good for a while, refreshing it when
// needed: once, however many ask. An authorization that is gone (SignInNeeded,
// BlockedByPolicy, ClientUnknown) is asked for once and stays gone.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	before := t.failures.Load()
	if err := t.take(ctx); err != nil {
		return "", err
	}
	defer t.release()
	switch {
	case t.dead != nil:
		return "", t.dead
	case t.access != "" && time.Now().Before(t.renewAt):
		return t.access, nil
	case t.failures.Load() != before:
		return "", t.failed
	}
	if err := t.renew(ctx); err != nil {
		switch kind := cloud.KindOf(err); {
		case kind.Refused():
			t.dead = err
		case kind != cloud.Cancelled: // the canceller's own, nobody else's
			t.failed = err
			t.failures.Add(1)
		}
		return "", err
	}
	return t.access, nil
}

// Invalidate tells that Google refused the access token, so that the next
// call of Token gets another one. An older token than the present is ignored.
func (t *Tokens) Invalidate(ctx context.Context, access string) {
	if t.take(ctx) != nil {
		return
	}
	defer t.release()
	if t.access == access {
		t.access = ""
	}
}

func (t *Tokens) take(ctx context.Context) error {
	select {
	case t.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return cloud.NetworkError(ctx, context.Cause(ctx))
	}
}

func (t *Tokens) release() { <-t.turn }

func (t *Tokens) renew(ctx context.Context) error {
	r, _, err := token(ctx, t.client, t.oauth, "refresh the authorization", url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {t.refresh},
	})
	if err != nil {
		return err
	}
	if r.RefreshToken != "" && r.RefreshToken != t.refresh {
		if t.saved != nil {
			if err := t.saved(r.RefreshToken); err != nil {
				return cloud.AsError(err)
			}
		}
		t.refresh = r.RefreshToken
	}
	life := time.Duration(min(r.ExpiresIn, 24*60*60)) * time.Second
	t.access = r.AccessToken
	// Without the monotonic reading, which stands still while a computer
	// sleeps.
	t.renewAt = time.Now().Add(life - min(2*time.Minute, life/2)).Round(0)
	return nil
}
