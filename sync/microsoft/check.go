package microsoft

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"panel/directory"
	"panel/sync/cloud"
)

// StepName names a step of [Test].
type StepName string

// The steps of [Test], in their order.
const (
	StepTenant  StepName = "tenant"  // the tenant was found
	StepSecret  StepName = "secret"  // client id and secret were accepted
	StepConsent StepName = "consent" // an administrator has consented
	StepUsers   StepName = "users"   // users can be read
)

// Step is how one step of [Test] ended.
type Step struct {
	Name StepName
	Err  *cloud.Error // nil when it went well
	// Users counts the users of the first page; More tells that there are
	// others. Only of StepUsers.
	Users int
	More  bool
}

// Test tries Azure settings: a fresh sign-in, every step once, nothing
// retried. It reports each step as it ends and stops at the first that fails,
// whose error it returns. That users can be read and that an administrator
// has consented is one question to Graph, which may also fail otherwise.
func Test(ctx context.Context, c Config, report func(Step)) error {
	s := newSource(c)
	once := cloud.Patience{Tries: 1}
	var first page[user]
	for _, step := range []struct {
		name StepName
		try  func() error
	}{
		{StepTenant, func() error {
			_, err := openID(ctx, s.Client, s.at.authority, s.Tenant, once)
			return err
		}},
		{StepSecret, func() error { return s.signIn(ctx, once) }},
		{StepConsent, func() error {
			link := s.at.graph + "/users?$select=id&$top=" + strconv.Itoa(pageSize)
			return s.get(ctx, link, nil, once, func(a *cloud.Answer) (e *cloud.Error) {
				first, e = decodePage[user](a.Body)
				return e
			})
		}},
	} {
		err := step.try()
		report(Step{Name: step.name, Err: cloud.AsError(err)})
		if err != nil {
			return err
		}
	}
	report(Step{Name: StepUsers, Users: len(first.value), More: first.next != ""})
	return nil
}

// LookUp finds the tenant of a domain, or of a GUID, and the national cloud
// that it lives in. It asks the authority of the profile if that names one,
// else the global one and then the US Government's, and for a domain in .cn
// China's.
func LookUp(ctx context.Context, c *cloud.Client, p cloud.Profile, domain string) (tenant, name string, err error) {
	asked := []string{Global, GCCHigh}
	switch {
	case p.Microsoft.AuthorityHost != "":
		asked = []string{Global}
	case strings.HasSuffix(strings.ToLower(domain), ".cn"):
		asked = []string{Global, China}
	}
	for _, name := range asked {
		var found configuration
		found, err = openID(ctx, c, placeOf(name, p).authority, domain, cloud.Patience{})
		if err == nil {
			return found.tenant(), found.cloud(name), nil
		}
		if cloud.KindOf(err) != cloud.TenantUnknown {
			break
		}
	}
	return "", "", err
}

// configuration is what Panel reads of a tenant's openid-configuration.
type configuration struct {
	Issuer         string `json:"issuer"`
	RegionScope    string `json:"tenant_region_scope"`
	RegionSubScope string `json:"tenant_region_sub_scope"`
	GraphHost      string `json:"msgraph_host"`
}

// tenant is the GUID in the issuer, "" when there is none.
func (c configuration) tenant() string {
	for _, part := range strings.Split(c.Issuer, "/") {
		if guid.MatchString(part) {
			return strings.ToLower(part)
		}
	}
	return ""
}

// cloud is the tenant's national cloud; asked is the one that answered.
func (c configuration) cloud(asked string) string {
	switch {
	case c.RegionScope == "USGov" && c.RegionSubScope == "DOD":
		return DoD
	case c.RegionScope == "USGov" && c.RegionSubScope == "DODCON":
		return GCCHigh
	}
	for name, at := range places {
		if u, err := url.Parse(at.graph); err == nil && strings.EqualFold(u.Host, c.GraphHost) {
			return name
		}
	}
	return asked
}

// openID asks an authority who a tenant is. No sign-in is needed.
func openID(ctx context.Context, c *cloud.Client, authority, tenant string, p cloud.Patience) (configuration, error) {
	const doing = "find the tenant"
	var found configuration
	tenant = strings.TrimSpace(tenant)
	if e := checkTenant(tenant); e != nil {
		return found, told(e, doing)
	}
	_, err := c.Do(ctx, cloud.Call{
		Cloud: directory.Microsoft, Doing: doing, Patience: p,
		Request: func(ctx context.Context) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodGet,
				authority+"/"+tenant+"/v2.0/.well-known/openid-configuration", nil)
		},
		Judge: func(a *cloud.Answer) *cloud.Error {
			if a.Status != http.StatusOK {
				return entraError(a)
			}
			found = configuration{}
			if e := a.Decode(&found); e != nil {
				return e
			}
			if found.tenant() == "" {
				return badShape()
			}
			return nil
		},
	})
	return found, err
}
