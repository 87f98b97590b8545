package microsoft

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"panel/directory"
	"panel/sync/cloud"
)

// The codes of what Panel itself finds wrong in Azure settings.
const (
	CodeTenantForm    = "tenant_form"    // TenantUnknown: neither a GUID nor a domain
	CodeOtherCloud    = "other_cloud"    // TenantUnknown: it is of another national cloud
	CodeClientForm    = "client_form"    // ClientUnknown: not a GUID
	CodeSecretIsID    = "secret_is_id"   // SecretWrong: a GUID, so the Secret ID column
	CodeSecretMissing = "secret_missing" // SecretWrong: there is none
)

// Permission is the one that the app registration needs.
const Permission = "User.Read.All"

// kinds classes the errors of Entra that can meet an app with a secret. The
// numbers are those of
// https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
var kinds = map[int]cloud.Kind{
	7000215: cloud.SecretWrong,
	7000222: cloud.SecretExpired,
	700016:  cloud.ClientUnknown,
	7000229: cloud.ConsentMissing, // the enterprise application is gone; consenting makes it anew
	90002:   cloud.TenantUnknown,
	900023:  cloud.TenantUnknown,
	900382:  cloud.TenantUnknown, // of another national cloud, as the next two
	900432:  cloud.TenantUnknown,
	90038:   cloud.TenantUnknown,
	53003:   cloud.BlockedByPolicy,
	7000112: cloud.BlockedByPolicy, // sign-in is switched off on the enterprise application
	90033:   cloud.Limited,
	50196:   cloud.Limited,
}

// oauthKinds classes what kinds does not know, by the OAuth error.
var oauthKinds = map[string]cloud.Kind{
	"invalid_client":          cloud.SecretWrong,
	"unauthorized_client":     cloud.ClientUnknown,
	"invalid_tenant":          cloud.TenantUnknown,
	"temporarily_unavailable": cloud.Limited,
}

// tokenError classes what MSAL returned. It keeps no text of MSAL's: that
// quotes whole answers, tokens included.
func tokenError(ctx context.Context, err error) *cloud.Error {
	var call msal.CallErr
	if errors.As(err, &call) && call.Resp != nil {
		body, _ := io.ReadAll(call.Resp.Body) // MSAL holds it in memory
		return entraError(&cloud.Answer{Status: call.Resp.StatusCode, Header: call.Resp.Header, Body: body})
	}
	e := cloud.NetworkError(ctx, err)
	var network interface{ Timeout() bool } // a *url.Error or net.Error
	if e.Code == cloud.CodeNetwork && !errors.As(err, &network) {
		return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
	}
	return e
}

// entraError classes an answer of login.microsoftonline.com that is no
// success.
func entraError(a *cloud.Answer) *cloud.Error {
	var said struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		Codes       []int  `json:"error_codes"`
		TraceID     string `json:"trace_id"`
		Timestamp   string `json:"timestamp"`
	}
	bad := a.Decode(&said)
	number := aadsts(said.Codes, said.Description)
	e := &cloud.Error{
		Kind: cloud.Unexpected, Status: a.Status, Code: said.Error,
		Trace: said.TraceID, At: said.Timestamp, RetryAfter: cloud.RetryAfter(a.Header),
	}
	if number != 0 {
		e.Code = "AADSTS" + strconv.Itoa(number)
	}
	kind, known := kinds[number]
	switch {
	case isBusy(a.Status):
		e.Kind = cloud.Limited
	case bad != nil:
		bad.Status = a.Status
		return bad
	case said.Error == "" || number == 0 && said.Description == "":
		return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape, Status: a.Status}
	case known:
		e.Kind = kind
	default:
		if kind, ok := oauthKinds[said.Error]; ok {
			e.Kind = kind
		}
		e.Detail = tidy(said.Description)
	}
	return e
}

// graphError classes an answer of Microsoft Graph that is no success.
func graphError(a *cloud.Answer) *cloud.Error {
	var said struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			// Also spelled innererror; encoding/json takes both.
			Inner struct {
				Date      string `json:"date"`
				RequestID string `json:"request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	bad := a.Decode(&said)
	e := &cloud.Error{
		Kind: cloud.Unexpected, Status: a.Status, Code: said.Error.Code,
		Trace: said.Error.Inner.RequestID, At: said.Error.Inner.Date,
	}
	switch {
	case isBusy(a.Status):
		e.Kind = cloud.Limited
	case a.Status == http.StatusGone:
		// The status says it all; there may be no body.
	case bad != nil:
		return bad
	case e.Code == "" || a.Status < 400:
		return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
	case a.Status == http.StatusForbidden:
		e.Kind = cloud.ConsentMissing
		e.Detail = Permission
	default:
		e.Detail = tidy(said.Error.Message)
	}
	return e
}

// isBusy tells whether a status means that the same call may succeed later.
func isBusy(status int) bool {
	return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
}

var (
	inText  = regexp.MustCompile(`AADSTS(\d{4,9})\b`)
	tail    = regexp.MustCompile(`(?s)\s*(Trace ID|Correlation ID|Timestamp):.*`)
	address = regexp.MustCompile(`\S*@\S*`)
)

// aadsts is the number of an error of Entra, 0 when it has none.
func aadsts(codes []int, description string) int {
	if len(codes) > 0 {
		return codes[0]
	}
	if m := inText.FindStringSubmatch(description); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits, and few
		return n
	}
	return 0
}

// tidy is Microsoft's text as it may be shown and kept: without the ids at
// its end, which are fields of their own, and without any address.
func tidy(text string) string {
	text = tail.ReplaceAllString(text, "")
	text = address.ReplaceAllString(strings.Join(strings.Fields(text), " "), "…")
	if r := []rune(text); len(r) > 500 {
		text = string(r[:500]) + "…"
	}
	return text
}

// told completes e, which may be nil.
func told(e *cloud.Error, doing string) *cloud.Error {
	if e != nil {
		e.Cloud, e.Doing = directory.Microsoft, doing
	}
	return e
}
