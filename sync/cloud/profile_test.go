package cloud

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeProfile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "profile.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNoProfileIsTheWorldAsItIs(t *testing.T) {
	p, err := LoadProfile("")
	if err != nil || p != Builtin() || p.Name != BuiltinName {
		t.Fatalf("%+v, %v", p, err)
	}
}

func TestProfileIsRead(t *testing.T) {
	for _, slash := range []string{"", "/", "//"} {
		path := writeProfile(t, strings.ReplaceAll(`{
			"google": {"auth_url": "http://127.0.0.1:9/a~", "token_url": "http://[::1]:9/t~", "directory_url": "http://localhost:9~"},
			"microsoft": {"authority_host": "https://login.example~", "graph_url": "https://graph.example/v1.0~"},
			"ca_file": "ca.pem"}`, "~", slash))
		p, err := LoadProfile(path)
		if err != nil {
			t.Fatal(err)
		}
		for got, want := range map[string]string{
			p.Google.AuthURL:          "http://127.0.0.1:9/a",
			p.Google.TokenURL:         "http://[::1]:9/t",
			p.Google.RevokeURL:        "",
			p.Google.DirectoryURL:     "http://localhost:9",
			p.Microsoft.AuthorityHost: "https://login.example",
			p.Microsoft.GraphURL:      "https://graph.example/v1.0",
			p.CAFile:                  filepath.Join(filepath.Dir(path), "ca.pem"),
			p.Name:                    path,
		} {
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

func TestBadProfilesAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"unknown key":        `{"google":{"auth_uri":"https://accounts.google.com"}}`,
		"unknown part":       `{"apple":{}}`,
		"plain http":         `{"microsoft":{"graph_url":"http://graph.microsoft.com/v1.0"}}`,
		"loopback in a name": `{"microsoft":{"graph_url":"http://127.0.0.1.example.org"}}`,
		"plain authority":    `{"microsoft":{"authority_host":"http://127.0.0.1:9"}}`,
		"authority's path":   `{"microsoft":{"authority_host":"https://login.example/tenant"}}`,
		"no host":            `{"google":{"token_url":"https:///token"}}`,
		"no scheme":          `{"google":{"token_url":"oauth2.googleapis.com/token"}}`,
		"user":               `{"google":{"token_url":"https://me:secret@oauth2.googleapis.com/token"}}`,
		"query":              `{"google":{"directory_url":"https://admin.googleapis.com/?"}}`,
		"fragment":           `{"google":{"directory_url":"https://admin.googleapis.com/#"}}`,
		"file":               `{"google":{"token_url":"file:///etc/passwd"}}`,
		"two values":         `{} {}`,
		"not an object":      `[]`,
		"nothing":            ``,
	} {
		if p, err := LoadProfile(writeProfile(t, text)); err == nil {
			t.Errorf("%s: read as %+v", name, p)
		}
	}
	if _, err := LoadProfile(filepath.Join(t.TempDir(), "missing.json")); err == nil {
		t.Error("a missing file was read")
	}
}

// Whatever is accepted sends nothing over a bare wire, and is read back as it
// is written.
func FuzzProfile(f *testing.F) {
	f.Add([]byte(`{"google":{"auth_url":"https://a.example/"},"microsoft":{"authority_host":"https://b.example"},"ca_file":"c"}`))
	f.Add([]byte(`{"microsoft":{"graph_url":"http://[::1]:80/v1.0/"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := parseProfile(data)
		if err != nil {
			return
		}
		for _, u := range []string{
			p.Google.AuthURL, p.Google.TokenURL, p.Google.RevokeURL, p.Google.UserinfoURL, p.Google.DirectoryURL,
			p.Microsoft.AuthorityHost, p.Microsoft.GraphURL,
		} {
			switch {
			case u == "", strings.HasPrefix(strings.ToLower(u), "https://"):
			default:
				host, _, _ := strings.Cut(strings.ToLower(u[len("http://"):]), "/")
				if !strings.HasPrefix(host, "127.") && !strings.HasPrefix(host, "localhost") && !strings.HasPrefix(host, "[") {
					t.Errorf("accepted %q", u)
				}
			}
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := parseProfile(again); err != nil || q != p {
			t.Errorf("%+v became %+v, %v", p, q, err)
		}
	})
}
