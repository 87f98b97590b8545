// Package microsoft reads People from Microsoft Entra through Microsoft
// Graph, as an app registration with a secret.
package microsoft

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"panel/directory"
	"panel/sync/cloud"
)

// Config is what the Azure settings say, and where they apply.
type Config struct {
	Client  *cloud.Client
	Profile cloud.Profile
	// Cloud is a national cloud's name; anything else is [Global].
	Cloud string
	// Tenant is the Directory (tenant) ID or a domain of the organization.
	Tenant   string
	ClientID string
	Secret   string
}

// source is the [cloud.Source] of one run.
type source struct {
	Config
	at place

	mu sync.Mutex
	// app is MSAL's client, which caches the token; nil until it is needed,
	// and after its token was refused. Guarded by mu.
	app *confidential.Client
}

// New returns a Source that signs in anew. Settings that cannot be right are
// found at the first call, and nothing is sent with them.
func New(c Config) cloud.Source { return newSource(c) }

func newSource(c Config) *source {
	c.Tenant, c.ClientID, c.Secret = strings.TrimSpace(c.Tenant), strings.TrimSpace(c.ClientID), strings.TrimSpace(c.Secret)
	return &source{Config: c, at: placeOf(c.Cloud, c.Profile)}
}

func (s *source) Cloud() directory.Cloud { return directory.Microsoft }

// Identify implements [cloud.Source]. The owner is the tenant's GUID.
func (s *source) Identify(ctx context.Context) (cloud.Identity, error) {
	if err := s.signIn(ctx, cloud.Patience{}); err != nil {
		return cloud.Identity{}, err
	}
	if guid.MatchString(s.Tenant) {
		return cloud.Identity{Owner: strings.ToLower(s.Tenant)}, nil
	}
	found, err := openID(ctx, s.Client, s.at.authority, s.Tenant, cloud.Patience{})
	return cloud.Identity{Owner: found.tenant()}, err
}

// signIn gets a token.
func (s *source) signIn(ctx context.Context, p cloud.Patience) error {
	return cloud.Retry(ctx, p, func(ctx context.Context) *cloud.Error {
		_, e := s.token(ctx)
		return told(e, "sign in")
	})
}

// token returns an access token for Graph, which MSAL caches.
func (s *source) token(ctx context.Context) (string, *cloud.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.app == nil {
		var e *cloud.Error
		if s.app, e = s.newApp(); e != nil {
			return "", e
		}
	}
	result, err := s.app.AcquireTokenByCredential(ctx, []string{s.at.scope()})
	if err != nil {
		return "", tokenError(ctx, err)
	}
	return result.AccessToken, nil
}

// refused forgets the token that Graph refused. MSAL cannot be told to, so
// its client goes.
func (s *source) refused() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app = nil
}

// newApp makes MSAL's client. Instance discovery, a question to
// login.microsoftonline.com about other hosts, is off: the host is either one
// of places or the profile's word. So is what MSAL_FORCE_REGION would do.
func (s *source) newApp() (*confidential.Client, *cloud.Error) {
	if e := checkTenant(s.Tenant); e != nil {
		return nil, e
	}
	if e := checkCredentials(s.ClientID, s.Secret); e != nil {
		return nil, e
	}
	authority, err := url.Parse(s.at.authority)
	if err != nil {
		return nil, cloud.AsError(err)
	}
	secret, err := confidential.NewCredFromSecret(s.Secret)
	if err != nil {
		return nil, cloud.AsError(err)
	}
	app, err := confidential.New(s.at.authority+"/"+s.Tenant, s.ClientID, secret,
		confidential.WithHTTPClient(entraOnly{s.Client.HTTP(), authority.Host}),
		confidential.WithInstanceDiscovery(false),
		confidential.WithAzureRegion("DisableMsalForceRegion"))
	if err != nil {
		return nil, cloud.AsError(err)
	}
	return &app, nil
}

// entraOnly is MSAL's way out: MSAL would send the secret wherever the
// tenant's openid-configuration points to.
type entraOnly struct {
	*http.Client
	host string
}

func (c entraOnly) Do(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" || !strings.EqualFold(req.URL.Host, c.host) {
		return nil, &cloud.Error{Kind: cloud.TenantUnknown, Code: CodeOtherCloud}
	}
	resp, err := c.Client.Do(req) //nolint:gosec // the host was checked
	if err != nil {
		return nil, err
	}
	a := cloud.Answer{Status: resp.StatusCode, Header: resp.Header}
	if e := a.Foreign(); e != nil {
		_ = resp.Body.Close() // unread
		e.Status = resp.StatusCode
		return nil, e
	}
	return resp, nil
}

// get asks Graph for link. A refused token is replaced once. The answers that
// judge sees have status 200.
func (s *source) get(ctx context.Context, link string, header http.Header, p cloud.Patience,
	judge func(*cloud.Answer) *cloud.Error,
) error {
	renewed := false
	p.Again = func(e *cloud.Error) bool {
		if e.Status == http.StatusUnauthorized && !renewed {
			renewed = true
			s.refused()
			return true
		}
		return cloud.Passing(e)
	}
	_, err := s.Client.Do(ctx, cloud.Call{
		Cloud: directory.Microsoft, Doing: "list people", Patience: p,
		Request: func(ctx context.Context) (*http.Request, error) {
			token, e := s.token(ctx)
			if e != nil {
				return nil, e
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
			if err != nil {
				return nil, &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape, Err: err}
			}
			if header != nil {
				req.Header = header.Clone()
			}
			req.Header.Set("Authorization", "Bearer "+token)
			return req, nil
		},
		Judge: func(a *cloud.Answer) *cloud.Error {
			if a.Status != http.StatusOK {
				return graphError(a)
			}
			return judge(a)
		},
	})
	return err
}
