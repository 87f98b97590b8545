package oauth

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"panel/directory"
	"panel/sync/cloud"
)

// reply is a good answer of the token endpoint.
type reply struct {
	AccessToken  string `json:"access_token"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	Scope        string `json:"scope"`
}

// post sends a form, without following redirects: they would carry the
// secrets in it elsewhere. judge sees every answer that is Google's.
func post(ctx context.Context, client *cloud.Client, doing, to string, form url.Values, p cloud.Patience, judge func(*cloud.Answer) *cloud.Error) (*cloud.Answer, error) {
	body := form.Encode()
	return client.Do(ctx, cloud.Call{
		Cloud: directory.Google,
		Doing: doing,
		Request: func(ctx context.Context) (*http.Request, error) {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
			if err != nil {
				return nil, err
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Accept", "application/json")
			return r, nil
		},
		Judge:    judge,
		Patience: p,
	})
}

// token asks the token endpoint.
func token(ctx context.Context, client *cloud.Client, c Client, doing string, form url.Values) (reply, *cloud.Answer, error) {
	form.Set("client_id", c.ID)
	if c.Secret != "" {
		form.Set("client_secret", c.Secret)
	}
	var r reply
	a, err := post(ctx, client, doing, c.TokenURL, form, cloud.Patience{}, func(a *cloud.Answer) *cloud.Error {
		if a.Status != http.StatusOK {
			return failure(a)
		}
		r = reply{}
		if e := a.Decode(&r); e != nil {
			return e
		}
		if r.AccessToken == "" || r.ExpiresIn <= 0 {
			return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
		}
		return nil
	})
	return r, a, err
}

// failure classes an answer of the token or revocation endpoint that is not
// good.
func failure(a *cloud.Answer) *cloud.Error {
	var body struct {
		Error       json.RawMessage `json:"error"`
		Description string          `json:"error_description"`
		Subtype     string          `json:"error_subtype"`
	}
	var code string
	if a.IsJSON() && json.Unmarshal(a.Body, &body) == nil {
		// Something before the endpoint may answer with an object here.
		_ = json.Unmarshal(body.Error, &code)
	}
	switch {
	case a.Status >= 500 || a.Status == http.StatusTooManyRequests:
		return &cloud.Error{Kind: cloud.Limited, Code: word(code)}
	case code == "":
		return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
	}
	return meaning(code, body.Subtype, body.Description)
}

// meaning classes Google's error codes, of the token endpoint and of the
// redirect alike. Beside the documented ones these are those that GAM has met
// (its glapi.py).
func meaning(code, subtype, description string) *cloud.Error {
	e := &cloud.Error{Kind: cloud.Unexpected, Code: word(code), Detail: about(description)}
	switch code {
	case "invalid_grant":
		e.Kind = cloud.SignInNeeded
		if subtype != "" {
			e.Code = word(subtype) // invalid_rapt: the admin set a session length
		}
	case "admin_policy_enforced", "org_internal", "access_denied", "disallowed_useragent":
		e.Kind = cloud.BlockedByPolicy
	case "invalid_client", "deleted_client", "disabled_client", "unauthorized_client", "restricted_client":
		e.Kind = cloud.ClientUnknown
	case "internal_failure", "server_error", "temporarily_unavailable", "backend_error":
		e.Kind = cloud.Limited
	}
	return e
}

// word is s when it looks like an error code, else "": what comes in from
// outside is not to reach a log as it is.
func word(s string) string {
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		return "unreadable"
	}
	return s
}

// about is Google's sentence where it speaks of the authorization alone. One
// with an address in it, or longer than any known, is left out.
func about(description string) string {
	if len(description) > 200 || strings.Contains(description, "@") {
		return ""
	}
	return description
}
