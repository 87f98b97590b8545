// Package oauth gets, keeps fresh and gives back Panel's authorization at
// Google: a sign-in in the system browser that ends on a loopback listener
// (RFC 8252, 7636, 9207), access tokens for a run, and revocation.
//
// Every error is a [*cloud.Error]. No code, token, verifier or secret appears
// in an error, a log value or a page.
package oauth

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"

	"panel/directory"
	"panel/sync/cloud"
)

// The permissions that Panel asks for, all read-only. It asks for all of them
// at once: incremental authorization does not exist for installed apps.
const (
	ScopeUsers       = "https://www.googleapis.com/auth/admin.directory.user.readonly"
	ScopeOrgUnits    = "https://www.googleapis.com/auth/admin.directory.orgunit.readonly"
	ScopeChromebooks = "https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly"
	ScopeOpenID      = "openid"
	ScopeEmail       = "https://www.googleapis.com/auth/userinfo.email"
)

// Scopes returns every permission that Panel asks for.
func Scopes() []string {
	return []string{ScopeUsers, ScopeOrgUnits, ScopeChromebooks, ScopeOpenID, ScopeEmail}
}

// The codes of errors that are Panel's own, beside those of package cloud and
// those that Google gives.
const (
	// Of [ParseClient]; the kind is ClientUnknown.
	CodeWebClient      = "web_client"      // made as "Web application"
	CodeServiceAccount = "service_account" // a key, not a client
	CodeNotAClient     = "not_a_client"    // anything else
	CodeForeignHost    = "foreign_host"    // Detail is the host that it names
	CodeOddAddress     = "odd_address"     // of that host of Google's, but not https, or with a user
	// Of [SignIn].
	CodeDenied         = "denied"           // SignInNeeded: the person said no
	CodeTimeout        = "timeout"          // SignInNeeded: nobody came back in time
	CodeClosed         = "closed"           // Cancelled: whoever asked has given it up
	CodeNoBrowser      = "no_browser"       // Unexpected: only given to Config.Trouble
	CodeNoListener     = "no_listener"      // Unexpected: no loopback port is to be had
	CodeWrongIssuer    = "wrong_issuer"     // BadAnswer: somebody else's answer
	CodeNoRefreshToken = "no_refresh_token" // SignInNeeded: only good for an hour
	CodeUsed           = "code_used"        // SignInNeeded: the code of a sign-in is not taken, or not twice
	CodeClock          = "clock"            // SignInNeeded: this computer's clock is wrong
)

// Client is an OAuth client of type Desktop app, and where it signs in.
type Client struct {
	ID string
	// Secret may be empty. It is left out when the client is formatted,
	// logged or marshalled.
	Secret string `json:"-"`
	// Project is the Cloud project's id, "" when the file does not say.
	Project string

	AuthURL     string
	TokenURL    string
	RevokeURL   string
	UserinfoURL string
}

// Format writes the client without its secret.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "OAuth client "+c.ID) }

// LogValue is the client without its secret.
func (c Client) LogValue() slog.Value { return slog.StringValue("OAuth client " + c.ID) }

// Google's own endpoints, from the page "OAuth 2.0 for iOS & Desktop Apps"
// and accounts.google.com/.well-known/openid-configuration.
const (
	authURL     = "https://accounts.google.com/o/oauth2/v2/auth"
	tokenURL    = "https://oauth2.googleapis.com/token" //nolint:gosec // an address, no credential
	revokeURL   = "https://oauth2.googleapis.com/revoke"
	userinfoURL = "https://openidconnect.googleapis.com/v1/userinfo"
)

// ParseClient reads the JSON file that Google offers when a client is made.
// The URLs of p win; those of the file are taken on Google's hosts alone.
// redirect_uris, which other tools leave out, is not needed.
func ParseClient(file []byte, p cloud.Profile) (Client, error) {
	var f struct {
		Installed *struct {
			ClientID     string `json:"client_id"`
			ClientSecret string `json:"client_secret"`
			ProjectID    string `json:"project_id"`
			AuthURI      string `json:"auth_uri"`
			TokenURI     string `json:"token_uri"`
		} `json:"installed"`
		Web  json.RawMessage `json:"web"`
		Type string          `json:"type"`
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf")) // of Windows editors
	err := json.Unmarshal(file, &f)
	switch {
	case err != nil:
		return Client{}, refused(CodeNotAClient, "")
	case f.Type == "service_account":
		return Client{}, refused(CodeServiceAccount, "")
	case f.Installed == nil && len(f.Web) > 0:
		return Client{}, refused(CodeWebClient, "")
	case f.Installed == nil || f.Installed.ClientID == "":
		return Client{}, refused(CodeNotAClient, "")
	}
	c := Client{
		ID:          f.Installed.ClientID,
		Secret:      f.Installed.ClientSecret,
		Project:     f.Installed.ProjectID,
		RevokeURL:   either(p.Google.RevokeURL, revokeURL),
		UserinfoURL: either(p.Google.UserinfoURL, userinfoURL),
	}
	if c.AuthURL, err = endpoint(p.Google.AuthURL, f.Installed.AuthURI, authURL); err != nil {
		return Client{}, err
	}
	if c.TokenURL, err = endpoint(p.Google.TokenURL, f.Installed.TokenURI, tokenURL); err != nil {
		return Client{}, err
	}
	return c, nil
}

// endpoint chooses one of the profile's URL, the file's and Google's own.
func endpoint(profile, file, own string) (string, error) {
	if profile != "" || file == "" {
		return either(profile, own), nil
	}
	u, err := url.Parse(file)
	if err != nil {
		return "", refused(CodeForeignHost, "")
	}
	switch u.Host {
	case "accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com":
		if u.Scheme != "https" || u.User != nil {
			return "", refused(CodeOddAddress, u.Host)
		}
		return file, nil
	}
	return "", refused(CodeForeignHost, u.Host)
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func refused(code, detail string) *cloud.Error {
	return &cloud.Error{
		Kind: cloud.ClientUnknown, Cloud: directory.Google, Doing: "read the client file", Code: code, Detail: detail,
	}
}
