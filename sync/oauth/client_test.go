package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"panel/sync/cloud"
)

func elsewhere() cloud.Profile {
	var p cloud.Profile
	p.Google.AuthURL = "http://127.0.0.1:1/auth"
	p.Google.TokenURL = "http://127.0.0.1:1/token"
	p.Google.RevokeURL = "http://127.0.0.1:1/revoke"
	p.Google.UserinfoURL = "http://127.0.0.1:1/userinfo"
	return p
}

func TestParseClient(t *testing.T) {
	const google = `"auth_uri":"https://accounts.google.com/o/oauth2/auth","token_uri":"https://oauth2.googleapis.com/token"`
	for _, tc := range []struct {
		name, file string
		profile    cloud.Profile
		code       string // of the error, "" when it is taken
		detail     string
		auth       string
	}{
		{name: "as downloaded", file: `{"installed":{"client_id":"a","client_secret":"s","project_id":"p",` + google +
			`,"auth_provider_x509_cert_url":"https://www.googleapis.com/oauth2/v1/certs","redirect_uris":["http://localhost"]}}`,
			auth: "https://accounts.google.com/o/oauth2/auth"},
		{name: "without redirect_uris", file: `{"installed":{"client_id":"a","client_secret":"s",` + google + `}}`,
			auth: "https://accounts.google.com/o/oauth2/auth"},
		{name: "without addresses", file: `{"installed":{"client_id":"a"}}`, auth: authURL},
		{name: "pasted with space and mark", file: "\xef\xbb\xbf \n" + `{"installed":{"client_id":"a"}}` + "\n", auth: authURL},
		{name: "a profile wins", file: `{"installed":{"client_id":"a",` + google + `}}`, profile: elsewhere(),
			auth: "http://127.0.0.1:1/auth"},
		{name: "a profile wins over a foreign host", file: `{"installed":{"client_id":"a","auth_uri":"https://evil.example/"}}`,
			profile: elsewhere(), auth: "http://127.0.0.1:1/auth"},
		{name: "foreign auth_uri", file: `{"installed":{"client_id":"a","auth_uri":"https://evil.example/auth"}}`,
			code: CodeForeignHost, detail: "evil.example"},
		{name: "foreign token_uri", file: `{"installed":{"client_id":"a","token_uri":"https://oauth2.googleapis.com.evil.example/"}}`,
			code: CodeForeignHost, detail: "oauth2.googleapis.com.evil.example"},
		{name: "user in front of the host", file: `{"installed":{"client_id":"a","token_uri":"https://x@oauth2.googleapis.com/"}}`,
			code: CodeOddAddress, detail: "oauth2.googleapis.com"},
		{name: "plain http", file: `{"installed":{"client_id":"a","token_uri":"http://oauth2.googleapis.com/token"}}`,
			code: CodeOddAddress, detail: "oauth2.googleapis.com"},
		{name: "another port", file: `{"installed":{"client_id":"a","token_uri":"https://oauth2.googleapis.com:8443/"}}`,
			code: CodeForeignHost, detail: "oauth2.googleapis.com:8443"},
		{name: "web client", file: `{"web":{"client_id":"a"}}`, code: CodeWebClient},
		{name: "service account", file: `{"type":"service_account","private_key":"x"}`, code: CodeServiceAccount},
		{name: "no id", file: `{"installed":{"client_secret":"s"}}`, code: CodeNotAClient},
		{name: "other JSON", file: `{"type":"authorized_user"}`, code: CodeNotAClient},
		{name: "array", file: `[]`, code: CodeNotAClient},
		{name: "a web page", file: `<html>`, code: CodeNotAClient},
		{name: "nothing", file: ``, code: CodeNotAClient},
		{name: "two values", file: `{"installed":{"client_id":"a"}} {}`, code: CodeNotAClient},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := ParseClient([]byte(tc.file), tc.profile)
			if tc.code == "" {
				if err != nil || c.ID != "a" || c.AuthURL != tc.auth {
					t.Fatalf("got %v at %q, %v", c, c.AuthURL, err)
				}
				return
			}
			var e *cloud.Error
			if !errors.As(err, &e) || e.Kind != cloud.ClientUnknown || e.Code != tc.code || e.Detail != tc.detail {
				t.Fatalf("got %#v, want code %q about %q", err, tc.code, tc.detail)
			}
		})
	}
}

func FuzzParseClient(f *testing.F) {
	f.Add([]byte(`{"installed":{"client_id":"a","client_secret":"s","auth_uri":"https://accounts.google.com/","token_uri":"https://www.googleapis.com/t"}}`))
	f.Add([]byte(`{"web":{}}`))
	f.Add([]byte(`{"installed":{"client_id":"a","auth_uri":"https://[::1"}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		c, err := ParseClient(file, cloud.Profile{})
		if err != nil {
			if e := cloud.AsError(err); e.Kind != cloud.ClientUnknown || e.Code == "" {
				t.Fatalf("untyped: %v", err)
			}
			return
		}
		if c.ID == "" {
			t.Fatal("a client without an id")
		}
		for _, u := range []string{c.AuthURL, c.TokenURL} {
			if !strings.HasPrefix(u, "https://accounts.google.com/") && !strings.HasPrefix(u, "https://oauth2.googleapis.com/") &&
				!strings.HasPrefix(u, "https://www.googleapis.com/") && strings.Contains(u, "/") && !bareHost(u) {
				t.Fatalf("secrets would go to %q", u)
			}
		}
	})
}

// bareHost tells whether u is one of Google's hosts with nothing or a query
// after it.
func bareHost(u string) bool {
	u = strings.ToLower(u)
	for _, h := range []string{"accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com"} {
		if rest, ok := strings.CutPrefix(u, "https://"+h); ok && (rest == "" || strings.ContainsRune("?#/", rune(rest[0]))) {
			return true
		}
	}
	return false
}

// Whatever prints or stores a value of this package must not print or store
// what is secret in it.
func TestSecretsAreNotFormatted(t *testing.T) {
	const canary = "canary-7f1c"
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	for _, v := range []any{
		Client{ID: "id", Secret: canary},
		&Client{ID: "id", Secret: canary},
		Grant{RefreshToken: canary, Account: canary},
		&Grant{RefreshToken: canary, Account: canary},
		NewTokens(nil, Client{Secret: canary}, canary, nil),
		Config{Client: Client{Secret: canary}},
		struct{ G Grant }{Grant{RefreshToken: canary, Account: canary}},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if s := fmt.Sprintf(verb, v); strings.Contains(s, canary) || strings.Contains(s, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s of %T: %s", verb, v, s)
			}
		}
		logger.Info("value", "v", v)
	}
	for _, v := range []any{Client{Secret: canary}, Grant{RefreshToken: canary}} {
		b, err := json.Marshal(v)
		if err != nil || strings.Contains(string(b), canary) {
			t.Errorf("JSON of %T: %s, %v", v, b, err)
		}
	}
	// A grant inside another struct may show whose it is, never its token.
	if strings.Contains(log.String(), `"RefreshToken"`) || strings.Contains(log.String(), `"Secret"`) {
		t.Errorf("logged: %s", log.String())
	}
}
