package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
)

// answers are the canned replies by the name that a Fault gives. Their texts are the recorded ones of the two clouds.
var answers = func() map[string]answer {
	all := map[string]answer{}
	maps.Copy(all, blockers)
	maps.Copy(all, googleOAuthAnswers)
	maps.Copy(all, googleAnswers)
	maps.Copy(all, pages)
	maps.Copy(all, entraAnswers)
	maps.Copy(all, graphAnswers)
	return all
}()

// blockers are what stands between a district and its clouds.
var blockers = map[string]answer{
	"empty_object": {http.StatusOK, nil, `{}`},
	"no_content":   {http.StatusNoContent, nil, ``},
	"blocked_json": {http.StatusOK, nil, `{"error":"blocked"}`},
	"block_page":   {http.StatusOK, nil, `<html><head><title>Blocked</title></head><body><h1>This site is blocked by your network filter</h1></body></html>`},
	"captive":      {http.StatusFound, map[string]string{"Location": "http://{host}/login?next={path}"}, `<html><body>Sign in to this network</body></html>`},
	"proxy_auth":   {http.StatusProxyAuthRequired, map[string]string{"Proxy-Authenticate": `Basic realm="proxy"`}, `<html><body>Proxy authentication required</body></html>`},
	"redirect_307": {http.StatusTemporaryRedirect, map[string]string{"Location": "http://{host}/elsewhere{path}"}, ``},
}

func oauthError(status int, code, description string) answer {
	return answer{status, map[string]string{"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate"},
		fmt.Sprintf("{\n  \"error\": %q,\n  \"error_description\": %q\n}", code, description)}
}

// googleOAuthAnswers are those of the token endpoint.
var googleOAuthAnswers = map[string]answer{
	"revoked":             oauthError(400, "invalid_grant", "Token has been expired or revoked."),
	"bad_grant":           oauthError(400, "invalid_grant", "Bad Request"),
	"account_deleted":     oauthError(400, "invalid_grant", "The account has been deleted"),
	"client_not_found":    oauthError(401, "invalid_client", "The OAuth client was not found."),
	"client_unauthorized": oauthError(401, "invalid_client", "Unauthorized"),
	"deleted_client":      oauthError(401, "deleted_client", "The OAuth client was deleted."),
	"policy_enforced":     oauthError(400, "admin_policy_enforced", "Access to your account data is restricted by policies within your organization."),
	"account_restricted":  oauthError(400, "access_denied", "Account restricted"),
	"internal_failure":    oauthError(500, "internal_failure", "Backend Error"),
	"unauthorized_client": oauthError(401, "unauthorized_client", "Unauthorized"),
	"invalid_rapt": {400, nil,
		`{"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)","error_subtype":"invalid_rapt"}`},
	"unknown_token": oauthError(400, "invalid_token", "Token expired or revoked"),
}

// googleError is an error of the Directory API: classic shape, and the newer status where it is not "".
func googleError(code int, domain, reason, message, status string) answer {
	first := message
	if reason == "authError" {
		first = "Invalid Credentials"
	}
	body := fmt.Sprintf(`{"error":{"code":%d,"message":%s,"errors":[{"message":%s,"domain":%q,"reason":%q`, code, quote(message), quote(first), domain, reason)
	if reason == "authError" {
		body += `,"location":"Authorization","locationType":"header"`
	}
	body += `}]`
	if status != "" {
		body += fmt.Sprintf(`,"status":%q`, status)
	}
	return answer{code, nil, body + `}}`}
}

func quote(s string) string { return string(appendString(nil, s)) }

const (
	badCredentials = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid " +
		"authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
	overQuota = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'admin.googleapis.com' for " +
		"consumer 'project_number:123'."
	notEnabled = "Admin SDK API has not been used in project 561300000000 before or it is disabled. Enable it by visiting " +
		"https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=561300000000 then retry. If you enabled this API " +
		"recently, wait a few minutes for the action to propagate to our systems and retry."
)

// googleAnswers are those of the Directory API.
var googleAnswers = map[string]answer{
	"auth_error":         googleError(401, "global", "authError", badCredentials, "UNAUTHENTICATED"),
	"auth_error_classic": googleError(401, "global", "authError", "Invalid Credentials", ""),
	"forbidden":          googleError(403, "global", "forbidden", "Not Authorized to access this resource/api", ""),
	"user_rate_limit":    googleError(403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded", ""),
	"quota_exceeded":     googleError(403, "usageLimits", "quotaExceeded", "Quota exceeded", ""),
	"rate_limit_403":     googleError(403, "usageLimits", "rateLimitExceeded", overQuota, "RESOURCE_EXHAUSTED"),
	"rate_limit":         googleError(429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded", ""),
	"rate_limit_text":    {403, nil, `Request rate higher than configured.`},
	"invalid_input":      googleError(400, "global", "invalid", "Invalid Input: maxResults", ""),
	"invalid_ou":         googleError(400, "global", "invalid", "Invalid Ou Id", ""),
	"invalid_customer":   googleError(400, "global", "invalid", "Invalid Customer Id", ""),
	"invalid_query":      googleError(400, "global", "invalid", "Invalid query", ""),
	"bad_request":        googleError(400, "global", "badRequest", "Bad Request", ""),
	"domain_not_found":   googleError(404, "global", "notFound", "Domain not found", ""),
	"orgunit_not_found":  googleError(404, "global", "notFound", "Org unit not found", ""),
	"user_not_found":     googleError(404, "global", "notFound", "Resource Not Found: userKey", ""),
	"condition_not_met":  googleError(412, "global", "conditionNotMet", "Precondition Failed", ""),
	"backend_error":      googleError(503, "global", "backendError", "Service unavailable. Please try again", ""),
	"internal_error":     googleError(500, "global", "backendError", "Internal error encountered.", "INTERNAL"),
	"bad_gateway":        {502, nil, "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n<p><b>502.</b> <ins>That’s an error.</ins>\n<p>The server encountered a temporary error and could not complete your request.<p>Please try again in 30 seconds.\n"},
	"gateway_timeout":    googleError(504, "global", "gatewayTimeout", "Gateway Timeout", ""),
	"server_page":        {500, nil, "<!DOCTYPE html>\n<html lang=en>\n<title>Error 500 (Server Error)!!1</title>\n<p><b>500.</b> <ins>That’s an error.</ins>\n<p>There was an error. Please try again later.\n"},
	"api_disabled":       disabled(),
	"scope_insufficient": insufficient("https://www.googleapis.com/auth/admin.directory.user.readonly"),
}

func disabled() answer {
	help := "https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=561300000000"
	body, err := json.Marshal(map[string]any{"error": map[string]any{"code": 403, "message": notEnabled,
		"errors": []any{map[string]any{"message": notEnabled, "domain": "usageLimits", "reason": "accessNotConfigured", "extendedHelp": "https://console.developers.google.com"}},
		"status": "PERMISSION_DENIED",
		"details": []any{
			map[string]any{"@type": "type.googleapis.com/google.rpc.Help",
				"links": []any{map[string]any{"description": "Google developers console API activation", "url": help}}},
			map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
				"metadata": map[string]any{"service": "admin.googleapis.com", "consumer": "projects/561300000000"}},
		}}})
	if err != nil {
		panic("sim: a literal has a JSON form: " + err.Error())
	}
	return answer{403, nil, string(body)}
}

// insufficient is the answer to a token without the scope.
func insufficient(scope string) answer {
	return answer{403, map[string]string{
		"WWW-Authenticate": `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="` + scope + `"`},
		`{"error":{"code":403,"message":"Request had insufficient authentication scopes.","errors":[{"message":"Insufficient Permission",` +
			`"domain":"global","reason":"insufficientPermissions"}],"status":"PERMISSION_DENIED","details":[{"@type":` +
			`"type.googleapis.com/google.rpc.ErrorInfo","reason":"ACCESS_TOKEN_SCOPE_INSUFFICIENT","domain":"googleapis.com",` +
			`"metadata":{"service":"admin.googleapis.com"}}]}}`}
}

func outOfRange(value string, most int) answer {
	return googleError(400, "global", "invalidParameter",
		fmt.Sprintf("Invalid value '%s'. Values must be within the range: [1, %d]", value, most), "")
}

func invalidInput(what string) answer {
	return googleError(400, "global", "invalid", "Invalid Input: "+what, "")
}
