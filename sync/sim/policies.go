package sim

import (
	"net/http"
	"net/url"
	"strings"
)

// policies are the errors that Google shows on a page of its own, in its words as far as they are known.
var policies = map[string]string{
	"admin_policy_enforced": "Access to your account data is restricted by policies within your organization. Please contact the administrator of " +
		"your organization for more information.",
	"org_internal":          "This app is restricted to users within its organization.",
	"disallowed_useragent":  "This browser or app may not be secure. Google blocks sign-in from embedded browsers.",
	"redirect_uri_mismatch": "You can't sign in because this app sent an invalid request. The redirect_uri does not match the ones of the OAuth client.",
	"invalid_client":        "The OAuth client was not found.",
	"deleted_client":        "The OAuth client was deleted.",
	"invalid_request":       "You can't sign in because this app sent an invalid request.",
	"invalid_scope":         "Some requested scopes were invalid.",
}

// pages are the policies as answers: page_admin_policy_enforced and so on.
var pages = func() map[string]answer {
	all := map[string]answer{}
	for code, detail := range policies {
		var b strings.Builder
		if err := consent.Execute(&b, authorization{Error: code, Detail: detail}); err != nil {
			panic("sim: the consent page does not render: " + err.Error())
		}
		all["page_"+code] = answer{http.StatusBadRequest, map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}, b.String()}
	}
	return all
}()

// sendBack is a consent page that decides by itself and sends the browser back with an error.
func sendBack(code string) func(http.ResponseWriter, *http.Request, *capture) {
	return func(w http.ResponseWriter, r *http.Request, a *capture) {
		q := r.URL.Query()
		if a.status == http.StatusBadRequest { // a page says why
			a.send(w)
			return
		}
		redirect(w, q.Get("redirect_uri"), url.Values{"error": {code}, "state": {q.Get("state")}})
	}
}
