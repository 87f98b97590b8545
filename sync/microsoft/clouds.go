package microsoft

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"panel/sync/cloud"
)

// The national clouds, as [Config.Cloud] names them. Global holds Microsoft
// 365 and US Government GCC as well.
const (
	Global  = "global"
	GCCHigh = "gcch"
	DoD     = "dod"
	China   = "china"
)

// place is where a national cloud lives.
type place struct {
	authority string // the tenant is appended to it
	graph     string // with the version
}

// scope is that of a token for graph: the resource is its host.
func (p place) scope() string {
	u, err := url.Parse(p.graph)
	if err != nil {
		return p.graph // a profile's URLs have been parsed before
	}
	return u.Scheme + "://" + u.Host + "/.default"
}

// places are those of
// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud.
var places = map[string]place{
	Global:  {"https://login.microsoftonline.com", "https://graph.microsoft.com/v1.0"},
	GCCHigh: {"https://login.microsoftonline.us", "https://graph.microsoft.us/v1.0"},
	DoD:     {"https://login.microsoftonline.us", "https://dod-graph.microsoft.us/v1.0"},
	China:   {"https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn/v1.0"},
}

// placeOf is where a national cloud lives under a profile, whose URLs win.
func placeOf(name string, p cloud.Profile) place {
	at, ok := places[name]
	if !ok {
		at = places[Global]
	}
	at.authority = cmp.Or(p.Microsoft.AuthorityHost, at.authority)
	at.graph = cmp.Or(p.Microsoft.GraphURL, at.graph)
	return at
}

var (
	guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	host = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9-]{2,63}$`)
)

// Validate tells what in Azure settings cannot be right, without asking
// anybody: an [*cloud.Error] with one of this package's codes, or nil.
func Validate(c Config) error {
	e := checkTenant(strings.TrimSpace(c.Tenant))
	if e == nil {
		e = checkCredentials(strings.TrimSpace(c.ClientID), strings.TrimSpace(c.Secret))
	}
	if e == nil {
		return nil
	}
	return told(e, "check the settings")
}

// checkTenant refuses what is neither a GUID nor a domain; MSAL would put
// anything into its URLs.
func checkTenant(tenant string) *cloud.Error {
	if guid.MatchString(tenant) || len(tenant) < 254 && host.MatchString(tenant) {
		return nil
	}
	return &cloud.Error{Kind: cloud.TenantUnknown, Code: CodeTenantForm}
}

// checkCredentials refuses, before anything is sent, a client id and a secret
// that cannot be right.
func checkCredentials(clientID, secret string) *cloud.Error {
	switch {
	case !guid.MatchString(clientID):
		return &cloud.Error{Kind: cloud.ClientUnknown, Code: CodeClientForm}
	case secret == "":
		return &cloud.Error{Kind: cloud.SecretWrong, Code: CodeSecretMissing}
	case guid.MatchString(secret):
		return &cloud.Error{Kind: cloud.SecretWrong, Code: CodeSecretIsID}
	}
	return nil
}

// sameHost tells whether a link stays with the server of base.
func sameHost(link, base string) bool {
	l, err := url.Parse(link)
	if err != nil {
		return false
	}
	b, err := url.Parse(base)
	return err == nil && l.Scheme == b.Scheme && strings.EqualFold(l.Host, b.Host) && l.User == nil
}
