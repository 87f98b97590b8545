package microsoft

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/sync/cloud"
	"panel/sync/sim"
)

func TestIdentifyNamesTheTenant(t *testing.T) {
	inWorld(t, 10, func(t *testing.T, w *world) {
		for _, tenant := range []string{w.Tenant, strings.ToUpper(w.Tenant), " " + sim.Domain + "\n"} {
			c := w.config
			c.Tenant, c.Secret = tenant, " "+c.Secret+"\r\n"
			id, err := New(c).Identify(t.Context())
			if err != nil || id.Owner != strings.ToLower(w.Tenant) || id.Account != "" || id.Off != nil {
				t.Errorf("%q: %+v, %v", tenant, id, err)
			}
		}
		if n := w.Requests("microsoft.token"); n != 3 {
			t.Errorf("%d tokens for 3 runs: each must prove the authorization anew", n)
		}
	})
}

func TestEveryErrorOfEntraHasItsKind(t *testing.T) {
	const token, openid = "microsoft.token", "microsoft.openid"
	for _, test := range []struct {
		endpoint, name string
		kind           cloud.Kind
		code           string
		tries          int
	}{
		{token, "secret_wrong", cloud.SecretWrong, "AADSTS7000215", 1},
		{token, "secret_expired", cloud.SecretExpired, "AADSTS7000222", 1},
		{token, "client_unknown", cloud.ClientUnknown, "AADSTS700016", 1},
		{token, "principal_missing", cloud.ConsentMissing, "AADSTS7000229", 1},
		{openid, "tenant_unknown", cloud.TenantUnknown, "AADSTS90002", 1},
		{openid, "tenant_malformed", cloud.TenantUnknown, "AADSTS900023", 1},
		{token, "conditional_access", cloud.BlockedByPolicy, "AADSTS53003", 1},
		{token, "app_disabled", cloud.BlockedByPolicy, "AADSTS7000112", 1},
		{token, "transient", cloud.Limited, "AADSTS90033", 5},
		{token, "request_loop", cloud.Limited, "AADSTS50196", 5},
		{token, "cross_cloud", cloud.TenantUnknown, "AADSTS900382", 1},
		{token, "cross_cloud_client", cloud.TenantUnknown, "AADSTS900432", 1},
		{token, "national_cloud", cloud.TenantUnknown, "AADSTS90038", 1},
		{token, "bad_client_request", cloud.Unexpected, "AADSTS900144", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, 10, func(t *testing.T, w *world) {
				w.fail(t, sim.Fault{Endpoint: test.endpoint, Kind: test.name})
				_, err := New(w.config).Identify(t.Context())
				e := failure(t, w, err, test.kind, test.code)
				if e.Trace == "" || e.At == "" || e.Status < 400 {
					t.Errorf("for Microsoft's support there is only %+v", e)
				}
				// Microsoft's words are needed where Panel has none.
				if (e.Detail != "") != (test.kind == cloud.Unexpected) || strings.Contains(e.Detail, "Trace ID") {
					t.Errorf("the detail is %q", e.Detail)
				}
				if n := w.Requests(test.endpoint); n != test.tries {
					t.Errorf("%d tries, want %d", n, test.tries)
				}
			})
		})
	}
}

func TestEntraBehindAFilter(t *testing.T) {
	for _, test := range []struct {
		endpoint string
		fault    sim.Fault
		kind     cloud.Kind
		code     string
	}{
		{"microsoft.openid", sim.Fault{Kind: "block_page"}, cloud.BadAnswer, cloud.CodeWebPage},
		{"microsoft.openid", sim.Fault{Kind: "captive"}, cloud.BadAnswer, cloud.CodeRedirect},
		{"microsoft.openid", sim.Fault{Kind: "empty_object"}, cloud.BadAnswer, cloud.CodeShape},
		{"microsoft.openid", sim.Fault{Kind: "blocked_json"}, cloud.BadAnswer, cloud.CodeShape},
		{"microsoft.openid", sim.Fault{Kind: "no_content"}, cloud.BadAnswer, cloud.CodeNotJSON},
		{"microsoft.openid", sim.Fault{Kind: "proxy_auth"}, cloud.Offline, cloud.CodeProxyAuth},
		{"microsoft.token", sim.Fault{Kind: "redirect_307"}, cloud.BadAnswer, cloud.CodeRedirect},
		{"microsoft.token", sim.Fault{Kind: "block_page"}, cloud.BadAnswer, cloud.CodeWebPage},
		{"microsoft.token", sim.Fault{Kind: "empty_object"}, cloud.BadAnswer, cloud.CodeShape},
		{"microsoft.token", sim.Fault{Kind: "hang"}, cloud.Offline, cloud.CodeTimeout},
		{"microsoft.token", sim.Fault{Kind: "stall"}, cloud.Offline, cloud.CodeTimeout},
		{"microsoft.token", sim.Fault{Kind: "cut"}, cloud.Offline, cloud.CodeNetwork}, // by HTTP/2
		{"microsoft.token", sim.Fault{Kind: "truncated"}, cloud.BadAnswer, cloud.CodeShape},
		{"microsoft.token", sim.Fault{Status: 403, Body: `{"error":"blocked"}`}, cloud.BadAnswer, cloud.CodeShape},
		{"microsoft.token", sim.Fault{Status: 400, Body: `{"error":"invalid_client","error_description":"Someone@example.com is not welcome. Trace ID: 7"}`},
			cloud.SecretWrong, "invalid_client"},
		{"microsoft.token", sim.Fault{Status: 400, Body: `{"error":"odd","error_description":"AADSTS1234567: A thing about bob@example.com."}`},
			cloud.Unexpected, "AADSTS1234567"},
	} {
		t.Run(test.endpoint+test.fault.Kind+test.code, func(t *testing.T) {
			inWorld(t, 10, func(t *testing.T, w *world) {
				test.fault.Endpoint = test.endpoint
				w.fail(t, test.fault)
				_, err := New(w.config).Identify(t.Context())
				if e := failure(t, w, err, test.kind, test.code); strings.Contains(e.Detail, "example.com") {
					t.Errorf("the detail holds an address: %q", e.Detail)
				}
			})
		})
	}
}

// MSAL posts the secret to wherever the openid-configuration says.
func TestSecretStaysWithTheAuthority(t *testing.T) {
	inWorld(t, 10, func(t *testing.T, w *world) {
		w.fail(t, sim.Fault{Endpoint: "microsoft.openid", Status: 200, Body: `{"issuer":"https://127.0.0.1/` + w.Tenant +
			`/v2.0","authorization_endpoint":"https://127.0.0.1/a","token_endpoint":"https://127.0.0.1:80/token"}`})
		_, err := New(w.config).Identify(t.Context())
		want(t, w, err, cloud.TenantUnknown, CodeOtherCloud)
		if n := w.Requests("google.token") + w.Requests("microsoft.token") + w.Requests("other"); n != 0 {
			t.Errorf("%d requests got through", n)
		}
	})
}

func TestWrongSettingsAreNotSent(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Config)
		kind   cloud.Kind
		code   string
	}{
		"secret's id":   {func(c *Config) { c.Secret = "0f8fad5b-d9cb-469f-a165-70867728950e" }, cloud.SecretWrong, CodeSecretIsID},
		"no secret":     {func(c *Config) { c.Secret = " " }, cloud.SecretWrong, CodeSecretMissing},
		"client's name": {func(c *Config) { c.ClientID = "allow Panel to read users" }, cloud.ClientUnknown, CodeClientForm},
		"spaces":        {func(c *Config) { c.Tenant = "cedar valley" }, cloud.TenantUnknown, CodeTenantForm},
		"a path":        {func(c *Config) { c.Tenant = "example.com/../x" }, cloud.TenantUnknown, CodeTenantForm},
		"an address":    {func(c *Config) { c.Tenant = "admin@example.com" }, cloud.TenantUnknown, CodeTenantForm},
		"everybody's":   {func(c *Config) { c.Tenant = "common" }, cloud.TenantUnknown, CodeTenantForm},
		"no tenant":     {func(c *Config) { c.Tenant = "" }, cloud.TenantUnknown, CodeTenantForm},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, 10, func(t *testing.T, w *world) {
				if err := Validate(w.config); err != nil {
					t.Errorf("the right settings: %v", err)
				}
				test.change(&w.config)
				want(t, w, Validate(w.config), test.kind, test.code)
				source := New(w.config)
				_, err := source.Identify(t.Context())
				want(t, w, err, test.kind, test.code)
				_, err = new(store).list(t.Context(), source, "")
				want(t, w, err, test.kind, test.code)
				for _, endpoint := range sim.Endpoints {
					if n := w.Requests(endpoint); n != 0 {
						t.Errorf("%d requests of %s", n, endpoint)
					}
				}
			})
		})
	}
}

func TestOneTokenServesManyCalls(t *testing.T) {
	inWorld(t, 2300, func(t *testing.T, w *world) {
		source := New(w.config)
		if _, err := source.Identify(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := new(store).list(t.Context(), source, ""); err != nil {
			t.Fatal(err)
		}
		if n := w.Requests("microsoft.token"); n != 1 {
			t.Errorf("%d tokens", n)
		}
	})
}

// steps are what Test reports, as text.
func steps(ctx context.Context, c Config) (said []string, err error) {
	err = Test(ctx, c, func(s Step) {
		text := string(s.Name)
		switch {
		case s.Err != nil:
			text += fmt.Sprintf(" %s %s", s.Err.Kind, s.Err.Code)
		case s.Name == StepUsers:
			text += fmt.Sprintf(" %d %v", s.Users, s.More)
		}
		said = append(said, text)
	})
	return said, err
}

func TestConnectionIsTestedInSteps(t *testing.T) {
	token := func(kind string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) { w.fail(t, sim.Fault{Endpoint: "microsoft.token", Kind: kind}) }
	}
	for name, test := range map[string]struct {
		people int
		change func(*testing.T, *world)
		want   []string
	}{
		"all is well":    {10, func(*testing.T, *world) {}, []string{"tenant", "secret", "consent", "users all false"}},
		"a next page":    {2000, func(*testing.T, *world) {}, []string{"tenant", "secret", "consent", "users 999 true"}},
		"unknown tenant": {10, func(_ *testing.T, w *world) { w.config.Tenant = "elsewhere.example" }, []string{"tenant tenant_unknown AADSTS90002"}},
		"wrong client":   {10, func(_ *testing.T, w *world) { w.config.ClientID = w.Tenant }, []string{"tenant", "secret client_unknown AADSTS700016"}},
		"wrong secret":   {10, func(_ *testing.T, w *world) { w.config.Secret = "guess" }, []string{"tenant", "secret secret_wrong AADSTS7000215"}},
		"secret's id":    {10, func(_ *testing.T, w *world) { w.config.Secret = w.Tenant }, []string{"tenant", "secret secret_wrong secret_is_id"}},
		"expired secret": {10, token("secret_expired"), []string{"tenant", "secret secret_expired AADSTS7000222"}},
		"busy":           {10, token("request_loop"), []string{"tenant", "secret limited AADSTS50196"}},
		"no consent": {10, func(_ *testing.T, w *world) { w.Configure(func(s *sim.Settings) { s.NoConsent = true }) },
			[]string{"tenant", "secret", "consent consent_missing Authorization_RequestDenied"}},
		"no users": {10, func(t *testing.T, w *world) { w.fail(t, sim.Fault{Endpoint: "microsoft.users", Kind: "block_page"}) },
			[]string{"tenant", "secret", "consent bad_answer web_page"}},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, test.people, func(t *testing.T, w *world) {
				test.change(t, w)
				start := time.Now()
				got, err := steps(t.Context(), w.config)
				if i := slices.Index(test.want, "users all false"); i >= 0 {
					test.want[i] = fmt.Sprintf("users %d false", len(w.IDs(users)))
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("%q, want %q", got, test.want)
				}
				if (err != nil) != (len(test.want) < 4 || strings.HasPrefix(test.want[len(test.want)-1], "consent ")) {
					t.Errorf("it returned %v", err)
				}
				if took := time.Since(start); took > 0 {
					t.Errorf("it waited %v", took)
				}
			})
		})
	}
}

// A consent given a moment ago works at once: each test signs in anew.
func TestConsentCountsAtOnce(t *testing.T) {
	inWorld(t, 10, func(t *testing.T, w *world) {
		w.Configure(func(s *sim.Settings) { s.NoConsent = true })
		_, err := steps(t.Context(), w.config)
		if e := failure(t, w, err, cloud.ConsentMissing, "Authorization_RequestDenied"); e.Detail != Permission {
			t.Errorf("the missing permission is %q", e.Detail)
		}
		w.Configure(func(s *sim.Settings) { s.NoConsent = false })
		if said, err := steps(t.Context(), w.config); err != nil {
			t.Errorf("%q, %v", said, err)
		}
	})
}

func TestLookUp(t *testing.T) {
	inWorld(t, 10, func(t *testing.T, w *world) {
		look := func(domain string) (string, string, error) {
			return LookUp(t.Context(), w.config.Client, w.config.Profile, domain)
		}
		for _, domain := range []string{sim.Domain, strings.ToUpper(sim.Domain), w.Tenant} {
			if tenant, name, err := look(domain); tenant != w.Tenant || name != Global || err != nil {
				t.Errorf("%s: %q, %q, %v", domain, tenant, name, err)
			}
		}
		_, _, err := look("elsewhere.example")
		want(t, w, err, cloud.TenantUnknown, "AADSTS90002")
		_, _, err = look("no domain")
		want(t, w, err, cloud.TenantUnknown, CodeTenantForm)

		for scope, cloudName := range map[string]string{
			`"tenant_region_scope":"NA"`:                                           Global,
			`"tenant_region_scope":"NA","tenant_region_sub_scope":"GCC"`:           Global,
			`"tenant_region_scope":"USGov","tenant_region_sub_scope":"DODCON"`:     GCCHigh,
			`"tenant_region_scope":"USGov","tenant_region_sub_scope":"DOD"`:        DoD,
			`"msgraph_host":"microsoftgraph.chinacloudapi.cn"`:                     China,
			`"msgraph_host":"dod-graph.microsoft.us"`:                              DoD,
			`"msgraph_host":"graph.microsoft.com","tenant_region_sub_scope":"GCC"`: Global,
		} {
			w.fail(t, sim.Fault{Endpoint: "microsoft.openid", Status: http.StatusOK,
				Body: `{"issuer":"https://login.microsoftonline.us/` + w.Tenant + `/v2.0",` + scope + `}`})
			if tenant, name, err := look(sim.Domain); tenant != w.Tenant || name != cloudName || err != nil {
				t.Errorf("%s: %q, %q, %v", scope, tenant, name, err)
			}
		}
		w.fail(t, sim.Fault{Endpoint: "microsoft.openid", Kind: "empty_object"})
		_, _, err = look(sim.Domain)
		want(t, w, err, cloud.BadAnswer, cloud.CodeShape)
	})
}
