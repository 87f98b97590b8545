package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/oauth"
	"panel/sync/sim"
)

// A failed sync exits 1 when retrying may help and 3 when a person must act.
func TestOutcomeCodes(t *testing.T) {
	t.Parallel()
	turn := func(k cloud.Kind) *engine.CloudReport {
		if k == "" {
			return &engine.CloudReport{Outcome: engine.OK}
		}
		return &engine.CloudReport{Outcome: engine.Failed, Error: &engine.Fault{Kind: k}}
	}
	for _, c := range []struct {
		outcome           engine.Outcome
		google, microsoft cloud.Kind
		history           bool
		want              int
	}{
		{engine.OK, "", "", false, exitDone},
		{engine.Partial, "", "", false, exitDone},
		{engine.NothingToDo, "", "", false, exitPerson},
		{engine.Held, "", "", false, exitPerson},
		{engine.Stopped, "", "", false, exitFailed},
		{engine.Failed, cloud.SignInNeeded, "", false, exitPerson},
		{engine.Failed, "", cloud.SecretExpired, false, exitPerson},
		{engine.Failed, cloud.SignInNeeded, cloud.ConsentMissing, false, exitPerson},
		{engine.Failed, cloud.SignInNeeded, cloud.Offline, false, exitFailed},
		{engine.Failed, cloud.BadAnswer, "", false, exitFailed},
		{engine.Failed, cloud.Certificate, "", false, exitPerson},
		{engine.Failed, cloud.Keychain, cloud.SecretExpired, false, exitPerson},
		{engine.Failed, cloud.Certificate, cloud.Limited, false, exitFailed},
		{engine.Failed, "", "", true, exitFailed},
		{engine.Failed, cloud.SignInNeeded, "", true, exitFailed},
	} {
		r := engine.Run{Outcome: c.outcome, Google: turn(c.google), Microsoft: turn(c.microsoft)}
		if c.history {
			r.Error = &engine.Fault{Kind: cloud.Storage}
		}
		if got := outcomeCode(r); got != c.want {
			t.Errorf("%+v: exit %d", c, got)
		}
	}
	mixed := turn(cloud.PermissionMissing)
	mixed.Error.Cloud = directory.Google
	mixed.Listings = map[directory.Listing]engine.ListingReport{
		directory.OrgUnits: {Error: mixed.Error}, directory.Chromebooks: {Error: &engine.Fault{Kind: cloud.BadAnswer}},
	}
	if got := outcomeCode(engine.Run{Outcome: engine.Failed, Google: mixed, Microsoft: turn("")}); got != exitFailed {
		t.Errorf("one listing may mend itself: exit %d", got)
	}
}

// While one Panel has the data open another says so and touches nothing.
func TestASecondPanelIsTurnedAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	env := []string{"DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR=" + t.TempDir()}
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"--data", data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase}
	first := start(t, env, append(args, "authorize", "google", "--no-browser", "--client", r.server.GoogleClient)...)
	first.line() // it waits for the consent
	for _, c := range [][]string{{"sync"}, {"status"}, {"check"}} {
		got := process(t, env, "", append(args, c...)...)
		if got.code != exitInUse || !strings.Contains(got.err, "Another Panel") || got.out != "" {
			t.Errorf("panel %q: exit %d\n%s%s", c, got.code, got.out, got.err)
		}
	}
	if got := first.terminate(); got.code != exitFailed {
		t.Errorf("the first one, interrupted: %+v", got)
	}
	if got := process(t, env, "", append(args, "status")...); got.code != exitDone || !strings.Contains(got.out, "not authorized") {
		t.Errorf("afterwards: %+v", got)
	}
}

// Without a keychain and a passphrase commands say so, and make nothing.
func TestNoKeychain(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	env := []string{"DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR=" + t.TempDir()}
	data := filepath.Join(t.TempDir(), "data")
	args := []string{"--data", data, "--cloud", r.server.Profile}
	a := r.server.Azure
	set := []string{"azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID}
	for _, c := range [][]string{{"sync"}, set, {"authorize", "google", "--no-browser", "--client", r.server.GoogleClient}} {
		got := process(t, env, a.ClientSecret, append(args, c...)...)
		if got.code != exitKeychain || !strings.Contains(got.err, "--passphrase-file") || got.out != "" {
			t.Errorf("panel %q: exit %d\n%s%s", c, got.code, got.out, got.err)
		}
	}
	for _, c := range [][]string{{"status"}, {"export", "people"}, {"check"}} {
		if got := process(t, env, "", append(args, c...)...); got.code != exitDone {
			t.Errorf("panel %q, which needs no secret where there is no data: exit %d\n%s", c, got.code, got.err)
		}
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("a data folder was left behind: %v", err)
	}
	sealed := append(args, "--passphrase-file", r.passphrase)
	if got := process(t, env, a.ClientSecret, append(sealed, set...)...); got.code != exitDone {
		t.Fatalf("with a passphrase: %+v", got)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	if got := process(t, env, "", append(sealed, "backup", backup, "--backup-passphrase-file", r.passphrase)...); got.code != exitDone {
		t.Fatalf("a backup: %+v", got)
	}
	elsewhere := filepath.Join(t.TempDir(), "data")
	got := process(t, env, "", "--data", elsewhere, "restore", backup, "--backup-passphrase-file", r.passphrase)
	if _, err := os.Stat(elsewhere); got.code != exitKeychain || !os.IsNotExist(err) || !strings.Contains(got.err, "--passphrase-file") {
		t.Errorf("a restore: exit %d, %v\n%s", got.code, err, got.err)
	}
	before := folder(t, data)
	// No passphrase opens what a keychain keeps, so none is asked for.
	kept := filepath.Join(t.TempDir(), "kept")
	if err := os.Mkdir(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(kept, "panel.json"), []byte(`{"format":1,"id":"0123456789ABCDEF","vault":"keychain"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := process(t, env, "", "--data", kept, "status"); got.code != exitKeychain || !strings.Contains(got.err, "there is none now") || strings.Contains(got.err, "passphrase") {
		t.Errorf("a folder whose keychain is not there: exit %d\n%s", got.code, got.err)
	}
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("wrong horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, more := range map[string][]string{"passphrase": {"status"}, "does not open": {"--passphrase-file", wrong, "status"}} {
		got := process(t, env, "", append(args, more...)...)
		if got.code != exitKeychain || !strings.Contains(got.err, says) {
			t.Errorf("panel %q: exit %d, want %q\n%s", more, got.code, says, got.err)
		}
	}
	if after := folder(t, data); !maps.Equal(before, after) {
		t.Errorf("the folder was changed: %v, before %v", slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before)))
	}
}

// folder is every file of a folder with what it holds.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	file := func(text string) string {
		t.Helper()
		f, err := os.CreateTemp(t.TempDir(), "*")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	absent := filepath.Join(t.TempDir(), "absent")
	for _, c := range []struct {
		says string
		args []string
	}{
		{"frobnicate", []string{"frobnicate"}},
		{"--frobnicate", []string{"sync", "--frobnicate"}},
		{"unexpected argument", []string{"status", "now"}},
		{"google", []string{"authorize"}},
		{"--log-level", []string{"--log-level", "loud", "status"}},
		{"what", []string{"export"}},
		{"checkers", []string{"export", "checkers"}},
		{"--format", []string{"export", "people", "--format", "pdf"}},
		{"--tenant", []string{"azure", "set", "--client-id", "c"}},
		{"2028", []string{"azure", "set", "--tenant", "t", "--client-id", "c", "--expires", "soon"}},
		{"absent", []string{"--cloud", absent, "status"}},
		{"colour", []string{"--cloud", file(`{"google":{"colour":"blue"}}`), "status"}},
		{"https", []string{"--cloud", file(`{"google":{"token_url":"http://example.com/token"}}`), "status"}},
		{"absent", []string{"--passphrase-file", absent, "status"}},
		{"empty", []string{"--passphrase-file", file("\n"), "status"}},
		{"absent", []string{"authorize", "google", "--client", absent}},
		{"--data", []string{"demo", "--data", absent}},
		{"absent", []string{"simulate", "--faults", absent}},
		{"nonsense", []string{"simulate", "--faults", file(`[{"endpoint":"nonsense"}]`)}},
		{"127.0.0.1", []string{"simulate", "--listen", "0.0.0.0:0"}},
		{strings.TrimPrefix(r.server.URL, "http://"), []string{"simulate", "--listen", strings.TrimPrefix(r.server.URL, "http://")}},
	} {
		args := append([]string{"--data", r.data}, c.args...)
		if c.args[0] == "demo" {
			args = c.args
		}
		got := command(t.Context(), "secret", args...)
		if got.code != exitUsage || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("panel %q: exit %d, want %d and %q; said:\n%s%s", c.args, got.code, exitUsage, c.says, got.out, got.err)
		}
	}
	if _, err := os.Stat(r.data); !os.IsNotExist(err) {
		t.Errorf("a command that could not be followed made the data folder: %v", err)
	}
	for _, args := range [][]string{{"--help"}, {"sync", "--help"}, {"--version"}} {
		if got := command(t.Context(), "", args...); got.code != exitDone || got.out == "" || got.err != "" {
			t.Errorf("panel %q: exit %d\n%s", args, got.code, got.err)
		}
	}
}

// The link stands alone on the first line, and asks for what is read and no
// more.
func TestAuthorizePrintsTheLinkAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	got := r.authorize(everything, "--client", r.server.GoogleClient)
	link, err := url.Parse(strings.TrimSuffix(got.out, "\n"))
	if err != nil || !strings.HasPrefix(got.out, r.server.URL+"/o/oauth2/v2/auth?") {
		t.Fatalf("standard output: %q, %v", got.out, err)
	}
	q := link.Query()
	if scopes := strings.Fields(q.Get("scope")); !slices.Equal(slices.Sorted(slices.Values(scopes)), slices.Sorted(slices.Values(oauth.Scopes()))) || len(scopes) != 5 {
		t.Errorf("it asks for %q", scopes)
	}
	if q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 22 || !strings.HasPrefix(q.Get("redirect_uri"), "http://127.0.0.1:") {
		t.Errorf("the request: %v", q)
	}
	if s := r.status(); s.Google.Account == "" || s.Google.AuthorizedAt == nil || !slices.Equal(s.Google.GrantedScopes, slices.Sorted(slices.Values(s.Google.GrantedScopes))) {
		t.Errorf("status: %+v", s.Google)
	}
}

func TestAuthorizeGivenUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	ctx, end := context.WithCancel(t.Context())
	defer end()
	out, link := io.Pipe()
	var errs bytes.Buffer
	code := make(chan int, 1)
	go func() {
		args := []string{"--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase, "authorize", "google", "--no-browser", "--client", r.server.GoogleClient}
		code <- exitCode(run(ctx, args, stdio{in: strings.NewReader(""), out: link, err: &errs}), &errs)
	}()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	end()
	if got := <-code; got != exitFailed || !strings.Contains(errs.String(), "The sign-in was ended before it was done, so Panel was given nothing.") {
		t.Errorf("exit %d: %s", got, errs.String())
	}
	if s := r.status().Google; s.State != "not_authorized" {
		t.Errorf("%+v", s)
	}
}

// Panel has forgotten before it asks a Google that may never answer, also when
// it is ended meanwhile.
func TestDeauthorizeForgetsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	r.setUp()
	r.faults(sim.Fault{Endpoint: "google.revoke", Kind: "hang"})
	s := r.session()
	defer s.close()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	done := make(chan struct{})
	var told bool
	var err error
	go func() {
		defer close(done)
		told, err = s.deauthorizeGoogle(ctx, false)
	}()
	for r.clouds.Requests("google.revoke") == 0 {
		select {
		case <-done:
			t.Fatalf("ended without asking Google: %v, %v", told, err)
		case <-time.After(time.Millisecond):
		}
	}
	g, readErr := readDoc[googleDoc](s, googleName)
	if _, err := s.vault.Get(t.Context(), googleToken); readErr != nil || g.authorized() || storage.StateOf(err) != storage.VaultMissing {
		t.Errorf("while Google is asked: authorized %v, the token %v", g.authorized(), err)
	}
	end()
	if <-done; told || err != nil {
		t.Errorf("ended meanwhile: told %v, %v", told, err)
	}
}

func TestDeauthorize(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	people := r.status().People
	forgotten := func(code int, asked int, args ...string) result {
		t.Helper()
		got := r.panel(append([]string{"deauthorize", "google"}, args...)...)
		if n := r.clouds.Requests("google.revoke"); got.code != code || n != asked {
			t.Errorf("deauthorize %v: exit %d, Google was asked %d times, want %d\n%s", args, got.code, n, asked, got.err)
		}
		if s := r.status(); s.Google.State != "not_authorized" || s.Google.Account != "" || s.Google.LastError != nil || s.People != people {
			t.Errorf("status after deauthorize %v: %+v", args, s)
		}
		return got
	}
	const account = "admin@cedarvalley.example"

	r.faults(sim.Fault{Endpoint: "google.orgunits", Kind: "forbidden"})
	r.sync(exitPerson)
	r.faults()
	if r.status().Google.LastError == nil {
		t.Error("status knows of no failure")
	}
	forgotten(exitDone, 0, "--local")
	if !r.clouds.RevokeGoogle(account) {
		t.Error("--local revoked at Google")
	}
	r.ok(r.authorize(everything)) // the client is still known
	forgotten(exitDone, 1)
	if r.clouds.RevokeGoogle(account) {
		t.Error("it was not revoked at Google")
	}
	if report := r.sync(exitDone); report.Google.Outcome != "skipped" || report.Microsoft.Outcome != "ok" {
		t.Errorf("a sync after it: %+v", report)
	}

	r.ok(r.authorize(everything))
	r.faults(sim.Fault{Endpoint: "google.revoke", Kind: "drop"})
	got := r.panel("deauthorize", "google")
	if got.code != exitDone || !strings.Contains(got.err, "myaccount.google.com") || r.status().Google.State != "not_authorized" {
		t.Errorf("offline: exit %d\n%s", got.code, got.err)
	}
	forgotten(exitDone, r.clouds.Requests("google.revoke")) // there is nothing left to forget
}

func TestAzureSettings(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	a := r.server.Azure
	set := func(more ...string) {
		t.Helper()
		r.ok(r.panelIn("  "+a.ClientSecret+" \n", append([]string{"azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID}, more...)...))
	}
	cloudIs := func(want string) {
		t.Helper()
		s := r.session()
		defer s.close()
		if d, err := readDoc[azureDoc](s, azureName); err != nil || d.Cloud != want {
			t.Errorf("the cloud is %q, want %q, %v", d.Cloud, want, err)
		}
	}
	set("--cloud", "gcch")
	cloudIs("gcch")
	set()
	cloudIs("")
	if out := r.must("azure", "test"); !strings.Contains(out, "Users readable: ") || strings.Count(out, "\n") != 4 {
		t.Errorf("azure test:\n%s", out)
	}
	r.sync(exitDone)
	people := r.status().People
	r.must("azure", "remove")
	if s := r.status(); s.Microsoft.State != "not_configured" || s.Microsoft.Tenant != "" || s.People != people {
		t.Errorf("after remove: %+v", s)
	}
	if got := r.panel("azure", "test"); got.code != exitPerson {
		t.Errorf("azure test without settings: exit %d\n%s", got.code, got.err)
	}
}

// The simulated clouds as a server: one line, control paths, SIGTERM.
func TestSimulate(t *testing.T) {
	t.Parallel()
	p := start(t, nil, "simulate", "--people", "60", "--chromebooks", "30", "--seed", "7")
	ready := decode[object](t, p.line())
	hasShape(t, "the ready line", ready, `cloud_profile:text google_client:text azure:object control_url:text`)
	hasShape(t, "azure", ready.at(t, "azure")[0], `tenant:text client_id:text client_secret:text`)
	control := ready.text("control_url")
	if !strings.HasPrefix(control, "http://127.0.0.1:") || !strings.HasSuffix(control, "/_sim") {
		t.Errorf("the control URL: %s", control)
	}
	ask := func(method, path, body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, control+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/faults", `[{"endpoint":"google.users","page":7,"times":1,"status":503,"body":"busy","delay_ms":1}]`},
		{"POST", "/faults", `[]`},
		{"PUT", "/google/users/42", `{"primaryEmail":"new@cedarvalley.example"}`},
		{"DELETE", "/google/users/42", ""},
		{"PUT", "/google/orgunits/42", `{"orgUnitPath":"/New","name":"New"}`},
		{"DELETE", "/google/orgunits/42", ""},
		{"PUT", "/google/chromeosdevices/42", `{"orgUnitPath":"/","serialNumber":"X1"}`},
		{"DELETE", "/google/chromeosdevices/42", ""},
		{"PUT", "/microsoft/users/42", `{"userPrincipalName":"new@cedarvalley.example"}`},
		{"DELETE", "/microsoft/users/42", ""},
	} {
		if status := ask(c.method, c.path, c.body); status != http.StatusNoContent {
			t.Errorf("%s %s: status %d", c.method, c.path, status)
		}
	}
	if status := ask("POST", "/faults", `[{"endpoint":"nonsense"}]`); status != http.StatusBadRequest {
		t.Errorf("a fault of no endpoint: status %d", status)
	}
	profile := ready.text("cloud_profile")
	if _, err := os.Stat(profile); err != nil {
		t.Error(err)
	}
	if got := p.terminate(); got.code != exitDone || got.err != "" || got.out != "" {
		t.Errorf("after SIGTERM: %+v", got)
	}
	if _, err := os.Stat(profile); !os.IsNotExist(err) {
		t.Errorf("the profile is still there: %v", err)
	}
}

// A window that was asked for something that is not there is no window.
func TestTheWindowSaysWhatIsWrongWithItsCommandLine(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	for _, option := range []string{"--cloud", "--passphrase-file"} {
		got := command(t.Context(), "", "--data", filepath.Join(t.TempDir(), "data"), option, missing)
		if got.code != exitUsage || !strings.Contains(got.err, "missing") || got.out != "" {
			t.Errorf("%s: exit %d\n%s%s", option, got.code, got.out, got.err)
		}
	}
}
