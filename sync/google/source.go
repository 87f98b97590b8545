// Package google reads people, organizational units and Chromebooks from the
// Directory API of Google Workspace, and writes nothing.
//
// It drives the REST API itself, because the generated client neither retries
// nor notices an answer that is not Google's: `200 {}`, 204 and a filter's
// page are empty listings to it.
package google

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/oauth"
)

// Config is what a Source reads with.
type Config struct {
	Client  *cloud.Client
	Profile cloud.Profile
	Tokens  *oauth.Tokens
	// Scopes are those granted, see [oauth.Grant].
	Scopes []string
	// Account is the address of the admin who authorized.
	Account string
	// Chains is how many parts of the Chromebooks are listed at the same
	// time; 0 means 4.
	Chains int
}

// New returns a Source for one run.
func New(c Config) cloud.Source {
	base := c.Profile.Google.DirectoryURL
	if base == "" {
		base = "https://admin.googleapis.com/"
	}
	if c.Chains <= 0 {
		c.Chains = 4
	}
	return &source{
		Config:   c,
		base:     strings.TrimRight(base, "/") + "/admin/directory/v1/",
		slots:    newSlots(c.Chains),
		stalePer: 5 * time.Second,
	}
}

type source struct {
	Config
	base  string
	slots *slots
	// stalePer is how much longer to wait before each further try with a
	// page token that Google refused.
	stalePer time.Duration
	// skew is how far this computer's clock is ahead of Google's, in
	// nanoseconds, as the newest answer shows it.
	skew atomic.Int64

	tree struct {
		sync.Mutex
		listed bool
		units  []directory.OrgUnit // without those made up
	}
}

// permission is what an admin must have granted and must be allowed.
type permission struct {
	scope string
	// privilege is an administrator's, as Google's role editor names it.
	privilege string
}

var permissions = map[directory.Listing]permission{
	directory.People:      {oauth.ScopeUsers, "USERS_RETRIEVE"},
	directory.OrgUnits:    {oauth.ScopeOrgUnits, "ORGANIZATION_UNITS_RETRIEVE"},
	directory.Chromebooks: {oauth.ScopeChromebooks, "MANAGE_DEVICES_READ_ONLY"},
}

func (s *source) Cloud() directory.Cloud { return directory.Google }

// Identify proves the authorization and asks for the customer id. Nothing but
// users tells it: Owner is "" where the permission or the admin's privilege to
// read them is missing, of which the listing of people speaks.
func (s *source) Identify(ctx context.Context) (cloud.Identity, error) {
	id := cloud.Identity{Account: s.Account, Off: s.off()}
	if _, err := s.Tokens.Token(ctx); err != nil {
		return cloud.Identity{}, err
	}
	if _, off := id.Off[directory.People]; off {
		return id, nil
	}
	var v struct {
		Users []struct {
			CustomerID string `json:"customerId"`
		} `json:"users"`
	}
	_, err := s.get(ctx, request{
		doing: "identify the organization",
		path:  "users",
		query: url.Values{"customer": {"my_customer"}, "maxResults": {"1"}, "fields": {"users/customerId"}},
		needs: permissions[directory.People],
		read: func(a *cloud.Answer) *cloud.Error {
			v.Users = nil
			return a.Decode(&v)
		},
	})
	switch {
	case cloud.KindOf(err) == cloud.PermissionMissing:
		return id, nil
	case err != nil:
		return cloud.Identity{}, err
	}
	if len(v.Users) == 0 || v.Users[0].CustomerID == "" {
		return cloud.Identity{}, &cloud.Error{
			Kind: cloud.BadAnswer, Cloud: directory.Google, Doing: "identify the organization", Code: CodeNoCustomer,
		}
	}
	id.Owner = v.Users[0].CustomerID
	return id, nil
}

// off is the listings whose permission was not granted.
func (s *source) off() map[directory.Listing]string {
	var off map[directory.Listing]string
	for l, p := range permissions {
		if slices.Contains(s.Scopes, p.scope) {
			continue
		}
		if off == nil {
			off = map[directory.Listing]string{}
		}
		off[l] = p.scope
	}
	return off
}

// List lists r.Listing. People and OUs are always listed whole: the Directory
// API knows no "changed since" for them.
func (s *source) List(ctx context.Context, r cloud.Request) (cloud.Result, error) {
	p, known := permissions[r.Listing]
	switch {
	case !known:
		return cloud.Result{}, &cloud.Error{Kind: cloud.Unexpected, Cloud: directory.Google, Doing: "list " + string(r.Listing)}
	case !slices.Contains(s.Scopes, p.scope):
		return cloud.Result{}, &cloud.Error{
			Kind: cloud.PermissionMissing, Cloud: directory.Google, Doing: "list " + string(r.Listing), Detail: p.scope,
		}
	}
	l := newListing(s, r)
	switch r.Listing {
	case directory.OrgUnits:
		return l.orgUnits(ctx)
	case directory.People:
		return l.people(ctx)
	}
	return l.chromebooks(ctx)
}

// now is the time by Google's clock, as far as it is known.
func (s *source) now() time.Time { return time.Now().Add(-time.Duration(s.skew.Load())) }

// request is one GET of the Directory API.
type request struct {
	doing string
	path  string
	query url.Values
	needs permission
	// read decodes a good answer.
	read func(*cloud.Answer) *cloud.Error
	// waiting is cloud.Patience's.
	waiting func(until time.Time)
}

// get makes a request, with one new token when the old one is refused, and
// with up to two more tries, late ones, when a page token is.
func (s *source) get(ctx context.Context, r request) (*cloud.Answer, error) {
	var access string
	var renewed bool
	stale := 0
	q := url.Values{"alt": {"json"}, "prettyPrint": {"false"}}
	maps.Copy(q, r.query)
	to := s.base + r.path + "?" + q.Encode()
	return s.Client.Do(ctx, cloud.Call{
		Cloud: directory.Google,
		Doing: r.doing,
		Request: func(ctx context.Context) (_ *http.Request, err error) {
			if access, err = s.Tokens.Token(ctx); err != nil {
				return nil, err
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, to, nil)
			if err != nil {
				return nil, err
			}
			req.Header.Set("Authorization", "Bearer "+access)
			return req, nil
		},
		Judge: func(a *cloud.Answer) *cloud.Error {
			if a.Status == http.StatusOK {
				s.skew.Store(int64(a.Skew()))
				return r.read(a)
			}
			e := failure(a, r.needs)
			switch {
			case e.Kind == cloud.SignInNeeded:
				s.Tokens.Invalidate(ctx, access)
				e.RetryAfter = atOnce
			case isStale(e, r.query.Has("pageToken")):
				e.RetryAfter = time.Duration(stale+1) * s.stalePer
			case e.Kind == cloud.Limited && a.Status < 500:
				s.slots.narrow()
			}
			return e
		},
		Patience: cloud.Patience{
			Again: func(e *cloud.Error) bool {
				switch {
				case e.Doing != r.doing: // a failed refresh, which had its tries
					return false
				case e.Kind == cloud.SignInNeeded:
					first := !renewed
					renewed = true
					return first
				case isStale(e, r.query.Has("pageToken")):
					stale++
					return stale <= 2
				}
				return cloud.Passing(e)
			},
			Waiting: r.waiting,
		},
	})
}

// isStale tells whether err refuses a page token, if there was one.
func isStale(err error, token bool) bool {
	var e *cloud.Error
	return token && errors.As(err, &e) && e.Status == http.StatusBadRequest && e.Code == "invalid"
}
