package sim

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// graphTokens are the access tokens for Graph that Entra issued.
type graphTokens struct {
	mu   sync.Mutex
	live map[string]graphToken
}

type graphToken struct {
	expires time.Time
	roles   bool // User.Read.All was granted
}

// domains are the names that the tenant goes by, besides its id.
var domains = []string{Domain, onMicrosoft}

var (
	guidPattern   = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	domainPattern = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$`)
)

// Entra serves the sign-in host of Microsoft: /{tenant}/v2.0/.well-known/openid-configuration and /{tenant}/oauth2/v2.0/token, where the
// tenant is its id or one of its domains. MSAL reaches it over TLS only; Start serves it under the simulator's own CA.
func (c *Cloud) Entra() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		endpoint, method, h := "other", r.Method, http.HandlerFunc(http.NotFound)
		switch rest {
		case "v2.0/.well-known/openid-configuration":
			endpoint, method, h = "microsoft.openid", http.MethodGet, c.openID
		case "oauth2/v2.0/token":
			endpoint, method, h = "microsoft.token", http.MethodPost, c.clientCredentials
		}
		c.meet(endpoint, w, r, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case endpoint == "other" || r.Method != method:
				http.NotFound(w, r)
			case !guidPattern.MatchString(tenant) && !domainPattern.MatchString(tenant):
				c.answer(w, r, answers["tenant_malformed"])
			case !strings.EqualFold(tenant, c.Tenant) && !slices.ContainsFunc(domains, func(d string) bool { return strings.EqualFold(d, tenant) }):
				c.answer(w, r, answers["tenant_unknown"])
			default:
				h(w, r)
			}
		})
	})
}

// openID describes the tenant. Whoever asks by a domain learns the id from the issuer.
func (c *Cloud) openID(w http.ResponseWriter, r *http.Request) {
	base := "https://" + r.Host + "/" + c.Tenant
	body, err := json.Marshal(map[string]any{
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"response_modes_supported":              []string{"query", "fragment", "form_post"},
		"subject_types_supported":               []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"},
		"response_types_supported":              []string{"code", "id_token", "code id_token", "id_token token"},
		"scopes_supported":                      []string{"openid", "profile", "email", "offline_access"},
		"issuer":                                base + "/v2.0",
		"request_uri_parameter_supported":       false,
		"userinfo_endpoint":                     "https://graph.microsoft.com/oidc/userinfo",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"device_authorization_endpoint":         base + "/oauth2/v2.0/devicecode",
		"http_logout_supported":                 true,
		"frontchannel_logout_supported":         true,
		"end_session_endpoint":                  base + "/oauth2/v2.0/logout",
		"claims_supported":                      []string{"sub", "iss", "aud", "exp", "iat", "tid", "ver"},
		"tenant_region_scope":                   "NA",
		"cloud_instance_name":                   "microsoftonline.com",
		"cloud_graph_host_name":                 "graph.windows.net",
		"msgraph_host":                          "graph.microsoft.com",
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", "max-age=86400, private")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	write(w, body)
}

// clientCredentials is the token endpoint for apps.
func (c *Cloud) clientCredentials(w http.ResponseWriter, r *http.Request) {
	scopes := strings.Fields(r.PostFormValue("scope"))
	switch {
	case r.PostFormValue("grant_type") == "":
		c.answer(w, r, answers["bad_client_request"])
	case r.PostFormValue("grant_type") != "client_credentials":
		c.answer(w, r, entra(http.StatusBadRequest, "unsupported_grant_type", "The provided grant is not supported.", 70003, ""))
	case !strings.EqualFold(r.PostFormValue("client_id"), c.AzureClientID):
		c.answer(w, r, answers["client_unknown"])
	case r.PostFormValue("client_secret") != c.AzureClientSecret:
		c.answer(w, r, answers["secret_wrong"])
	case !slices.ContainsFunc(scopes, func(s string) bool { return strings.HasSuffix(s, "/.default") }):
		c.answer(w, r, entra(http.StatusBadRequest, "invalid_scope", "The provided value for the input parameter 'scope' is not valid. Client "+
			"credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", 1002012, ""))
	default:
		c.issueGraphToken(w, !c.Settings().NoConsent)
	}
}

// MicrosoftToken returns a live access token for Graph, without a call to Entra.
func (c *Cloud) MicrosoftToken() string { return c.graph.issue(c, true) }

func (g *graphTokens) issue(c *Cloud, roles bool) string {
	life := time.Duration(c.Settings().TokenSeconds) * time.Second
	now := time.Now()
	claims := map[string]any{"aud": "https://graph.microsoft.com", "iss": "https://sts.windows.net/" + c.Tenant + "/", "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Add(life).Unix(), "app_displayname": "allow Panel to read users", "appid": c.AzureClientID, "appidacr": "1", "idtyp": "app",
		"oid": c.district.guid('p', 0), "tid": c.Tenant, "ver": "1.0"}
	if roles {
		claims["roles"] = []string{"User.Read.All"}
	}
	token := jwt(claims)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.live == nil {
		g.live = map[string]graphToken{}
	}
	g.live[token] = graphToken{now.Add(life), roles}
	return token
}

func (c *Cloud) issueGraphToken(w http.ResponseWriter, roles bool) {
	life := c.Settings().TokenSeconds
	body, err := json.Marshal(map[string]any{"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": c.graph.issue(c, roles)})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "application/json; charset=utf-8")
	head.Set("Cache-Control", "no-store, no-cache")
	head.Set("x-ms-request-id", newGUID())
	write(w, body)
}

// authorize returns "" or the kind of answer that refuses a token.
func (g *graphTokens) authorize(token string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, ok := g.live[token]
	switch {
	case !ok:
		return "token_malformed"
	case time.Now().After(t.expires):
		return "token_expired"
	case !t.roles:
		return "denied"
	}
	return ""
}
