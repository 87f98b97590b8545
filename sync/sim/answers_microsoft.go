package sim

import (
	"fmt"
	"net/http"
)

// entra is an error of the token and openid-configuration endpoints. Newlines before "Trace ID" went out of use about 2024.
func entra(status int, code, text string, number int, more string) answer {
	return answer{status, map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store, no-cache", "x-ms-request-id": "{id}"},
		fmt.Sprintf(`{"error":%q,"error_description":"AADSTS%d: %s Trace ID: {id} Correlation ID: {client-request-id} Timestamp: {stamp}",`+
			`"error_codes":[%d],"timestamp":"{stamp}","trace_id":"{id}","correlation_id":"{client-request-id}",`+
			`"error_uri":"https://login.microsoftonline.com/error?code=%d"%s}`, code, number, text, number, number, more)}
}

// entraAnswers are those of the token endpoint and, for tenants, of openid-configuration.
var entraAnswers = map[string]answer{
	"secret_wrong": entra(http.StatusUnauthorized, "invalid_client", "Invalid client secret provided. Ensure the secret being sent in the request is "+
		"the client secret value, not the client secret ID, for a secret added to app '{client}'.", 7000215, ""),
	"secret_expired": entra(http.StatusUnauthorized, "invalid_client", "The provided client secret keys for app '{client}' are expired. Visit the Azure "+
		"portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added "+
		"security: https://aka.ms/certCreds.", 7000222, ""),
	"client_unknown": entra(http.StatusBadRequest, "unauthorized_client", "Application with identifier '{client}' was not found in the directory "+
		"'Cedar Valley School District'. This can happen if the application has not been installed by the administrator of the tenant or "+
		"consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", 700016, ""),
	"principal_missing": entra(http.StatusUnauthorized, "invalid_client", "The client application {client} is missing service principal in the tenant "+
		"{tenant}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119", 7000229, ""),
	"tenant_unknown": entra(http.StatusBadRequest, "invalid_tenant", "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID "+
		"and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active "+
		"subscriptions for the tenant.", 90002, ""),
	"tenant_malformed": entra(http.StatusBadRequest, "invalid_request", "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a "+
		"valid external domain.", 900023, ""),
	"conditional_access": entra(http.StatusBadRequest, "invalid_grant", "Access has been blocked by Conditional Access policies. The access policy does "+
		"not allow token issuance.", 53003, `,"suberror":"message_only","claims":"{\"access_token\":{\"capolids\":{\"essential\":true}}}"`),
	"app_disabled": entra(http.StatusBadRequest, "unauthorized_client", "Application '{client}'(allow Panel to read users) is disabled.", 7000112, ""),
	"transient":    entra(http.StatusServiceUnavailable, "temporarily_unavailable", "A transient error has occurred. Please try again.", 90033, ""),
	"request_loop": func() answer {
		a := entra(http.StatusTooManyRequests, "invalid_grant", "The server terminated an operation because it encountered a client request loop. "+
			"Please contact your app vendor.", 50196, "")
		a.headers["Retry-After"] = "60"
		return a
	}(),
	"cross_cloud":        entra(http.StatusBadRequest, "invalid_request", "Confidential Client is not supported in Cross Cloud request.", 900382, ""),
	"cross_cloud_client": entra(http.StatusBadRequest, "invalid_request", "Confidential Client is not supported in Cross Cloud request.", 900432, ""),
	"national_cloud": entra(http.StatusBadRequest, "invalid_request", "NationalCloudTenantRedirection: the specified tenant '{tenant}' belongs to the "+
		"National Cloud. Current cloud instance does not federate with it.", 90038, ""),
	"bad_client_request": entra(http.StatusBadRequest, "invalid_request", "The request body must contain the following parameter: 'grant_type'.", 900144, ""),
}

// graphError is an error of Microsoft Graph.
func graphError(status int, code, message string) answer {
	return answer{status, map[string]string{"Content-Type": "application/json", "request-id": "{id}", "client-request-id": "{client-request-id}"},
		fmt.Sprintf(`{"error":{"code":%q,"message":%s,"innerError":{"date":"{now}","request-id":"{id}","client-request-id":"{client-request-id}"}}}`,
			code, quote(message))}
}

func throttled(retryAfter, message string) answer {
	a := answer{http.StatusTooManyRequests, map[string]string{"Content-Type": "application/json", "request-id": "{id}", "client-request-id": "{client-request-id}",
		"x-ms-throttle-scope": "Tenant_Application/ReadWrite/{client}/{id}", "x-ms-throttle-information": "ResourceUnitLimitExceeded",
		"x-ms-throttle-limit-percentage": "1.2"},
		`{"error":{"code":"TooManyRequests","message":` + quote(message) + `,"innerError":{"code":"429","date":"{now}",` +
			`"message":"Please retry after","request-id":"{id}","status":"429"}}}`}
	if retryAfter != "" {
		a.headers["Retry-After"] = retryAfter
	}
	return a
}

// graphAnswers are those of Microsoft Graph.
var graphAnswers = map[string]answer{
	"throttled":            throttled("10", "Please retry again later."),
	"throttled_unsaid":     throttled("", "Please retry again later."),
	"throttled_identifier": throttled("10", "Too many requests from Identifier:{id} under category:users. Please try again later."),
	"unavailable":          graphError(http.StatusServiceUnavailable, "ServiceUnavailable", "The service is temporarily unavailable. Please retry."),
	"graph_timeout":        graphError(http.StatusGatewayTimeout, "GatewayTimeout", "The request timed out."),
	"denied":               graphError(http.StatusForbidden, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
	"token_expired":        graphError(http.StatusUnauthorized, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
	"token_malformed":      graphError(http.StatusUnauthorized, "InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217"),
	"not_premium": graphError(http.StatusForbidden, "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
		"Neither tenant is B2C or tenant doesn't have premium license"),
	"page_token_not_found": graphError(http.StatusBadRequest, "DirectoryPageTokenNotFoundException",
		"The specified page token value has already been processed or is invalid."),
	"page_token_expired": graphError(http.StatusBadRequest, "Directory_ExpiredPageToken",
		"The specified page token value has expired and can no longer be included in your request."),
	"delta_gone": func() answer {
		a := graphError(http.StatusGone, "syncStateNotFound", "The sync state generation is not found. Please perform a full synchronization.")
		a.headers["Location"] = "http://{host}/v1.0/users/delta?$deltatoken="
		return a
	}(),
	"delta_resync":    graphError(http.StatusBadRequest, "resyncRequired", "Resync required. Replace any local items with the server's version."),
	"delta_too_old":   graphError(http.StatusBadRequest, "Request_UnsupportedQuery", "DeltaLink older than 30 days is not supported."),
	"delta_malformed": graphError(http.StatusBadRequest, "BadRequest", "Badly formed token."),
	"not_implemented": graphError(http.StatusNotImplemented, "NotImplemented", "Not Implemented."),
}
