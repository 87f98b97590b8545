package google

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"panel/sync/cloud"
)

// The codes of BadAnswer errors that are this package's own, beside those of
// package cloud.
const (
	// CodeCountMismatch means that Google listed fewer or more Chromebooks
	// than it counts; Detail is "listed/counted".
	CodeCountMismatch = "count_mismatch"
	CodeNoCustomer    = "no_customer" // nobody could be listed, so nobody knows whose directory it is
)

// apiError is Google's error body. Both its classic list and the newer
// details may be absent.
type apiError struct {
	Error struct {
		Message string `json:"message"`
		Status  string `json:"status"`
		Errors  []struct {
			Reason string `json:"reason"`
		} `json:"errors"`
		Details []struct {
			Reason string `json:"reason"`
			Links  []struct {
				URL string `json:"url"`
			} `json:"links"`
		} `json:"details"`
	} `json:"error"`
}

// reasons are why it failed, as Google says it: the classic reason, else the
// newer ones, else the status.
func (e *apiError) reasons() []string {
	var all []string
	for _, x := range e.Error.Errors {
		all = append(all, x.Reason)
	}
	for _, x := range e.Error.Details {
		all = append(all, x.Reason)
	}
	return append(all, e.Error.Status)
}

// kinds are what Google's reasons mean; those that are not here mean what the
// HTTP status says. From Google's troubleshooting page and what GAM met.
var kinds = map[string]cloud.Kind{
	"authError":       cloud.SignInNeeded,
	"UNAUTHENTICATED": cloud.SignInNeeded,

	"accessNotConfigured": cloud.APIDisabled,
	"SERVICE_DISABLED":    cloud.APIDisabled,

	"insufficientPermissions":         cloud.PermissionMissing,
	"ACCESS_TOKEN_SCOPE_INSUFFICIENT": cloud.PermissionMissing,
	"forbidden":                       cloud.PermissionMissing,
	"PERMISSION_DENIED":               cloud.PermissionMissing,

	"quotaExceeded":            cloud.Limited,
	"rateLimitExceeded":        cloud.Limited,
	"userRateLimitExceeded":    cloud.Limited,
	"sharingRateLimitExceeded": cloud.Limited,
	"dailyLimitExceeded":       cloud.Limited,
	"RATE_LIMIT_EXCEEDED":      cloud.Limited,
	"RESOURCE_EXHAUSTED":       cloud.Limited,
	"backendError":             cloud.Limited,
	"badGateway":               cloud.Limited,
	"gatewayTimeout":           cloud.Limited,
	"internalError":            cloud.Limited,
	"transientError":           cloud.Limited,
	"serviceNotAvailable":      cloud.Limited,
}

// texts are what is said without a reason. Those about credentials count in JSON
// alone: proxies too speak of some.
var texts = []struct {
	text string
	kind cloud.Kind
}{
	{"Request rate higher than configured", cloud.Limited},
	{"has not been used in project", cloud.APIDisabled},
	{fewScopes, cloud.PermissionMissing},
	{"Not Authorized to access this resource", cloud.PermissionMissing},
	{"Invalid Credentials", cloud.SignInNeeded},
	{"invalid authentication credentials", cloud.SignInNeeded},
}

const fewScopes = "insufficient authentication scopes"

var consoleLink = regexp.MustCompile(`https://console\.(developers|cloud)\.google\.com/[^\s"'<>]+`)

// failure classes an answer that is not good. needs is what the listing needs
// to be allowed.
func failure(a *cloud.Answer, needs permission) *cloud.Error {
	var body apiError
	isJSON := a.IsJSON() && json.Unmarshal(a.Body, &body) == nil
	e := &cloud.Error{Status: a.Status}
	for _, reason := range body.reasons() {
		if kind, known := kinds[reason]; known {
			e.Kind, e.Code = kind, reason
			break
		}
		if e.Code == "" {
			e.Code = reason
		}
	}
	said := body.Error.Message
	if !isJSON {
		said = string(a.Body[:min(len(a.Body), 512)])
	}
	for _, t := range texts {
		if e.Kind == "" && strings.Contains(said, t.text) && (isJSON || t.kind != cloud.SignInNeeded) {
			e.Kind = t.kind
		}
	}
	isGoogles := len(body.Error.Errors) > 0 || len(body.Error.Details) > 0 || body.Error.Status != ""
	switch {
	case e.Kind != "":
	case a.Status == http.StatusUnauthorized && (isGoogles || wantsBearer(a.Header)):
		e.Kind = cloud.SignInNeeded
	case a.Status == http.StatusTooManyRequests || a.Status >= 500:
		e.Kind = cloud.Limited
	case !isGoogles:
		e.Kind, e.Code = cloud.BadAnswer, cloud.CodeShape
	default:
		e.Kind = cloud.Unexpected
		if len(said) <= 200 && !strings.ContainsAny(said, "@/") && !strings.HasPrefix(said, "Invalid Input: ") {
			e.Detail = said
		}
	}
	e.Detail = detail(e, &body, a.Header, needs)
	return e
}

// wantsBearer tells whether an answer asks for an access token, as Google does
// and a filter or proxy, which refuses by status alone, does not.
func wantsBearer(h http.Header) bool {
	return slices.ContainsFunc(h.Values("WWW-Authenticate"), func(challenge string) bool {
		scheme, _, _ := strings.Cut(challenge, " ")
		return strings.EqualFold(scheme, "Bearer")
	})
}

// detail is what the words for e need: the page on which to enable the API,
// or the permission that is missing.
func detail(e *cloud.Error, body *apiError, h http.Header, needs permission) string {
	switch e.Kind {
	case cloud.APIDisabled:
		for _, d := range body.Error.Details {
			for _, l := range d.Links {
				if link := consoleLink.FindString(l.URL); link != "" {
					return link
				}
			}
		}
		return strings.TrimRight(consoleLink.FindString(body.Error.Message), ".,)")
	case cloud.PermissionMissing:
		// The header lists every scope that would do, some of which may write.
		if e.Code == "insufficientPermissions" || e.Code == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" ||
			strings.Contains(body.Error.Message, fewScopes) || strings.Contains(h.Get("WWW-Authenticate"), "insufficient_scope") {
			return needs.scope
		}
		return needs.privilege
	}
	return e.Detail
}

// shapeError is the failure to read a good answer's body.
func shapeError(err error) *cloud.Error {
	switch {
	case errors.Is(err, errEnds):
		return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeTruncated, Err: err}
	case errors.Is(err, errSyntax):
		return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeNotJSON, Err: err}
	}
	return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape, Err: err}
}

// atOnce is how long to wait where waiting helps nobody; 0 would mean the
// usual pause.
const atOnce = time.Nanosecond
