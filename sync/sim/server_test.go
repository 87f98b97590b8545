package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReadyLineLeadsToTheFiles(t *testing.T) {
	c, s := start(t)
	line := s.Ready()
	if bytes.Count(line, []byte("\n")) != 1 || line[len(line)-1] != '\n' {
		t.Errorf("not one line: %q", line)
	}
	var ready struct {
		Profile string            `json:"cloud_profile"`
		Client  string            `json:"google_client"`
		Azure   map[string]string `json:"azure"`
		Control string            `json:"control_url"`
	}
	if err := json.Unmarshal(line, &ready); err != nil {
		t.Fatal(err)
	}
	if ready.Azure["tenant"] != c.Tenant || ready.Azure["client_id"] != c.AzureClientID || ready.Azure["client_secret"] != c.AzureClientSecret ||
		!strings.HasSuffix(ready.Control, "/_sim") {
		t.Errorf("%+v", ready)
	}
	var profile struct {
		Google    map[string]string
		Microsoft map[string]string
		CAFile    string `json:"ca_file"`
	}
	readJSON(t, ready.Profile, &profile)
	for _, url := range []string{"auth_url", "token_url", "revoke_url", "userinfo_url", "directory_url"} {
		if !strings.HasPrefix(profile.Google[url], s.URL+"/") {
			t.Errorf("%s is %q", url, profile.Google[url])
		}
	}
	if !strings.HasSuffix(profile.Microsoft["graph_url"], "/v1.0") || !strings.HasPrefix(profile.Microsoft["authority_host"], "https://127.0.0.1:") {
		t.Errorf("%v", profile.Microsoft)
	}
	if pem, err := os.ReadFile(profile.CAFile); err != nil || !bytes.Equal(pem, c.CA()) {
		t.Errorf("the CA's file: %v", err)
	}
	var client struct{ Installed map[string]any }
	readJSON(t, ready.Client, &client)
	if client.Installed["client_id"] != c.GoogleClientID || client.Installed["client_secret"] != c.GoogleClientSecret {
		t.Errorf("%v", client)
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	s, err := New(Config{People: 30, Chromebooks: 20}).Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Dir(s.Profile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := http.Get(s.ControlURL + "/counts"); err == nil {
		t.Error("it still listens")
	}
}

func TestStartListensOnThisComputerOnly(t *testing.T) {
	c := New(Config{People: 30, Chromebooks: 20})
	for _, listen := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense", "127.0.0.1:99999"} {
		if s, err := c.Start(listen); err == nil {
			t.Errorf("listens at %s", listen)
			_ = s.Close()
		}
	}
}

func TestControl(t *testing.T) {
	c, s := start(t)
	do := func(method, path, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, s.ControlURL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		reply, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(reply)
	}
	ou := c.IDs(googleOrgUnits)[2]
	for _, tt := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/counts", "", 200, `"GoogleUsers":700`},
		{"PUT", "/settings", `{"latency_ms":5}`, 200, `"device_page_max":300`},
		{"GET", "/settings", "", 200, `"latency_ms":5`},
		{"PUT", "/settings", `{"speed":5}`, 400, "speed"},
		{"GET", "/kinds", "", 200, `"secret_expired"`},
		{"DELETE", "/faults", "", 204, ""},
		{"PUT", "/google/users/199", `{"primaryEmail":"x@cedarvalley.example"}`, 204, ""},
		{"GET", "/google/users/199", "", 200, `"kind":"admin#directory#user"`},
		{"DELETE", "/google/users/199", "", 204, ""},
		{"DELETE", "/google/users/199", "", 400, "no such record"},
		{"PUT", "/google/orgunits/" + strings.TrimPrefix(ou, "id:"), `{"description":"moved"}`, 204, ""},
		{"GET", "/google/orgunits/" + ou, "", 200, `"description":"moved"`},
		{"GET", "/google/groups", "", 400, "nothing"},
		{"DELETE", "/google/grants/admin@cedarvalley.example", "", 400, "nothing was granted"},
		{"GET", "/requests", "", 200, "{}"},
	} {
		if status, reply := do(tt.method, tt.path, tt.body); status != tt.status || !strings.Contains(reply, tt.want) {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, status, reply)
		}
	}
	_, refresh := c.GoogleTokens()
	if status, reply := do("DELETE", "/google/grants/admin@cedarvalley.example", ""); status != 204 {
		t.Errorf("%d %s", status, reply)
	}
	if c.google.revoke(refresh) {
		t.Error("the refresh token outlived its grant")
	}
}
