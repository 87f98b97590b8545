package sim

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
)

// The Directory's errors as Google's own library reads them.
func TestDirectoryErrorsAsTheLibraryReadsThem(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	service := directory(t, s, oauth2.StaticTokenSource(&oauth2.Token{AccessToken: access}))
	for _, tt := range []struct {
		kind           string
		code           int
		reason, phrase string
	}{
		{"auth_error", 401, "authError", "Request had invalid authentication credentials. Expected OAuth 2 access token"},
		{"auth_error_classic", 401, "authError", "Invalid Credentials"},
		{"forbidden", 403, "forbidden", "Not Authorized to access this resource/api"},
		{"scope_insufficient", 403, "insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"},
		{"api_disabled", 403, "accessNotConfigured", "Admin SDK API has not been used in project"},
		{"user_rate_limit", 403, "userRateLimitExceeded", ""},
		{"quota_exceeded", 403, "quotaExceeded", ""},
		{"rate_limit_403", 403, "rateLimitExceeded", "Queries per minute per user"},
		{"rate_limit", 429, "rateLimitExceeded", ""},
		{"rate_limit_text", 403, "", "Request rate higher than configured"},
		{"invalid_input", 400, "invalid", "Invalid Input: "},
		{"invalid_ou", 400, "invalid", "Invalid Ou Id"},
		{"invalid_customer", 400, "invalid", "Invalid Customer Id"},
		{"invalid_query", 400, "invalid", "Invalid query"},
		{"bad_request", 400, "badRequest", "Bad Request"},
		{"domain_not_found", 404, "notFound", "Domain not found"},
		{"orgunit_not_found", 404, "notFound", "Org unit not found"},
		{"user_not_found", 404, "notFound", "Resource Not Found: userKey"},
		{"condition_not_met", 412, "conditionNotMet", ""},
		{"backend_error", 503, "backendError", "Service unavailable. Please try again"},
		{"internal_error", 500, "backendError", "Internal error encountered."},
		{"bad_gateway", 502, "", "<!DOCTYPE html>"},
		{"server_page", 500, "", "<!DOCTYPE html>"},
		{"gateway_timeout", 504, "gatewayTimeout", ""},
	} {
		if err := c.SetFaults([]Fault{{Endpoint: "google.users", Kind: tt.kind, Times: 1}}); err != nil {
			t.Fatal(err)
		}
		_, err := service.Users.List().Customer("my_customer").Do()
		var call *googleapi.Error
		if !errors.As(err, &call) || call.Code != tt.code || !strings.Contains(call.Message+call.Body, tt.phrase) {
			t.Errorf("%s: %v", tt.kind, err)
			continue
		}
		reason := ""
		if len(call.Errors) > 0 {
			reason = call.Errors[0].Reason
		}
		if reason != tt.reason {
			t.Errorf("%s: reason %q, want %q", tt.kind, reason, tt.reason)
		}
	}
}

func TestTokenErrorsAsTheLibraryReadsThem(t *testing.T) {
	c, s := start(t)
	_, refresh := c.GoogleTokens()
	for kind, want := range map[string][2]string{
		"revoked":             {"invalid_grant", "Token has been expired or revoked."},
		"bad_grant":           {"invalid_grant", "Bad Request"},
		"account_deleted":     {"invalid_grant", "The account has been deleted"},
		"invalid_rapt":        {"invalid_grant", "reauth related error (invalid_rapt)"},
		"policy_enforced":     {"admin_policy_enforced", ""},
		"account_restricted":  {"access_denied", "Account restricted"},
		"internal_failure":    {"internal_failure", "Backend Error"},
		"unauthorized_client": {"unauthorized_client", ""},
		"client_not_found":    {"invalid_client", "The OAuth client was not found."},
		"client_unauthorized": {"invalid_client", "Unauthorized"},
	} {
		if err := c.SetFaults([]Fault{{Endpoint: "google.token", Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		_, err := oauthConfig(c, s).TokenSource(t.Context(), &oauth2.Token{RefreshToken: refresh}).Token()
		var refusal *oauth2.RetrieveError
		if !errors.As(err, &refusal) || refusal.ErrorCode != want[0] || !strings.HasPrefix(refusal.ErrorDescription, want[1]) {
			t.Errorf("%s: %v", kind, err)
		}
		if kind == "invalid_rapt" && !strings.Contains(string(refusal.Body), `"error_subtype":"invalid_rapt"`) {
			t.Errorf("%s: %s", kind, refusal.Body)
		}
	}
}

// Entra's errors have every member of the recorded template.
func TestEntraErrorsAsTheLibraryReadsThem(t *testing.T) {
	c, s := start(t)
	hc := s.client(t, c)
	for _, tt := range []struct {
		endpoint, kind string
		status, number int
		code           string
	}{
		{"microsoft.token", "secret_wrong", 401, 7000215, "invalid_client"},
		{"microsoft.token", "secret_expired", 401, 7000222, "invalid_client"},
		{"microsoft.token", "client_unknown", 400, 700016, "unauthorized_client"},
		{"microsoft.token", "principal_missing", 401, 7000229, "invalid_client"},
		{"microsoft.openid", "tenant_unknown", 400, 90002, "invalid_tenant"},
		{"microsoft.openid", "tenant_malformed", 400, 900023, "invalid_request"},
		{"microsoft.token", "conditional_access", 400, 53003, "invalid_grant"},
		{"microsoft.token", "app_disabled", 400, 7000112, "unauthorized_client"},
		{"microsoft.token", "transient", 503, 90033, "temporarily_unavailable"},
		{"microsoft.token", "request_loop", 429, 50196, "invalid_grant"},
		{"microsoft.token", "cross_cloud", 400, 900382, "invalid_request"},
		{"microsoft.token", "cross_cloud_client", 400, 900432, "invalid_request"},
		{"microsoft.openid", "national_cloud", 400, 90038, "invalid_request"},
	} {
		if err := c.SetFaults([]Fault{{Endpoint: tt.endpoint, Kind: tt.kind}}); err != nil {
			t.Fatal(err)
		}
		_, err := msalClient(t, s, hc, c.Tenant, c.AzureClientID, c.AzureClientSecret).
			AcquireTokenByCredential(t.Context(), []string{"https://graph.microsoft.com/.default"})
		var call msal.CallErr
		if !errors.As(err, &call) {
			t.Errorf("%s: %v", tt.kind, err)
			continue
		}
		var body struct {
			Error, Suberror, Claims, Timestamp string
			Description                        string `json:"error_description"`
			Codes                              []int  `json:"error_codes"`
			Trace                              string `json:"trace_id"`
			Correlation                        string `json:"correlation_id"`
			URI                                string `json:"error_uri"`
		}
		if err := json.NewDecoder(call.Resp.Body).Decode(&body); err != nil {
			t.Errorf("%s: %v", tt.kind, err)
			continue
		}
		if call.Resp.StatusCode != tt.status || body.Error != tt.code || !slices.Equal(body.Codes, []int{tt.number}) ||
			!guidPattern.MatchString(body.Trace) || !guidPattern.MatchString(body.Correlation) || body.URI == "" ||
			!regexp.MustCompile(`^AADSTS\d+: .+ Trace ID: \S+ Correlation ID: \S+ Timestamp: `+regexp.QuoteMeta(body.Timestamp)+`$`).MatchString(body.Description) ||
			!strings.Contains(body.Description, body.Trace) {
			t.Errorf("%s: %d %+v", tt.kind, call.Resp.StatusCode, body)
		}
		if (tt.kind == "conditional_access") != (body.Suberror == "message_only" && body.Claims != "") {
			t.Errorf("%s: %+v", tt.kind, body)
		}
		if (call.Resp.Header.Get("Retry-After") == "60") != (tt.kind == "request_loop") {
			t.Errorf("%s: Retry-After %q", tt.kind, call.Resp.Header.Get("Retry-After"))
		}
	}
}

func TestGraphErrors(t *testing.T) {
	c, s := start(t)
	token := c.MicrosoftToken()
	for kind, want := range map[string]struct {
		status     int
		code       string
		retryAfter bool
	}{
		"throttled":            {429, "TooManyRequests", true},
		"throttled_unsaid":     {429, "TooManyRequests", false},
		"throttled_identifier": {429, "TooManyRequests", true},
		"unavailable":          {503, "ServiceUnavailable", false},
		"graph_timeout":        {504, "GatewayTimeout", false},
		"denied":               {403, "Authorization_RequestDenied", false},
		"token_expired":        {401, "InvalidAuthenticationToken", false},
		"token_malformed":      {401, "InvalidAuthenticationToken", false},
		"page_token_not_found": {400, "DirectoryPageTokenNotFoundException", false},
		"page_token_expired":   {400, "Directory_ExpiredPageToken", false},
		"delta_gone":           {410, "syncStateNotFound", false},
		"delta_resync":         {400, "resyncRequired", false},
		"not_premium":          {403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", false},
		"not_implemented":      {501, "NotImplemented", false},
	} {
		if err := c.SetFaults([]Fault{{Endpoint: "microsoft.users", Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		status, header, raw := get(t, s.URL+"/v1.0/users", token)
		var body struct {
			Error struct {
				Code, Message string
				Inner         struct {
					ID string `json:"request-id"`
				} `json:"innerError"`
			}
		}
		if err := json.Unmarshal(raw, &body); err != nil || status != want.status || body.Error.Code != want.code || body.Error.Message == "" ||
			body.Error.Inner.ID != header.Get("request-id") || (header.Get("Retry-After") != "") != want.retryAfter {
			t.Errorf("%s: %d %v %s", kind, status, header, raw)
		}
	}
}

func TestPolicyPagesRedirectNowhere(t *testing.T) {
	c, s := start(t)
	for code := range policies {
		if err := c.SetFaults([]Fault{{Endpoint: "google.auth", Kind: "page_" + code}}); err != nil {
			t.Fatal(err)
		}
		status, header, body := get(t, oauthConfig(c, s).AuthCodeURL("x"), "")
		if status != http.StatusBadRequest || header.Get("Location") != "" || !strings.Contains(string(body), "Error 400: "+code) {
			t.Errorf("%s: %d %v", code, status, header)
		}
	}
	if err := c.SetFaults([]Fault{{Endpoint: "google.auth", Kind: "back_admin_policy_enforced"}}); err != nil {
		t.Fatal(err)
	}
	back := consentTo(t, oauthConfig(c, s).AuthCodeURL("x"), url.Values{})
	if back.Get("error") != "admin_policy_enforced" || back.Get("state") != "x" {
		t.Errorf("came back with %v", back)
	}
}
