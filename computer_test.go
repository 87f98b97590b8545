package main

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"

	"panel/directory"
	"panel/ledger"
	"panel/sync/cloud"
	"panel/sync/sim"
)

// Troubles of the computer itself, and what it must not give away.

// A disk that fills during a sync costs that sync alone.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 1500, Chromebooks: 100})
	disk := smallDisk(t, "24m")
	r.moveTo(filepath.Join(disk, "data"))
	r.setUp()
	r.faults(sim.Fault{Endpoint: "microsoft.users", Kind: "denied"})
	r.sync(exitPerson)
	before := r.kept()

	filler := fill(t, disk)
	r.faults()
	report := r.meets("a full disk", directory.Microsoft, trouble{"storage", "Make room", exitFailed})
	if e := report.Microsoft.Error; e == nil || e.Code != "disk_full" {
		t.Errorf("the error: %+v", e)
	}
	if r.kept() != before {
		t.Error("what is stored is not what it was")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if report := r.sync(exitDone); report.Outcome != "ok" || report.Microsoft.Listings["people"].Seen < 1000 {
		t.Errorf("with room again: %+v", report)
	}
	r.must("check")
}

// smallDisk is a folder on a disk of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted here: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("unmount: %s", out)
		}
	})
	return disk
}

// fill fills a disk to the last byte, with a file that it returns.
func fill(t *testing.T, disk string) string {
	t.Helper()
	filler := filepath.Join(disk, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, zeros{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	return filler
}

// A disk that fills between two scans costs no entry: what was not written is
// said, and can be scanned again as soon as there is room.
func TestScanOnAFullDisk(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 600})
	disk := smallDisk(t, "16m")
	r.moveTo(filepath.Join(disk, "data"))
	r.setUp()
	r.sync(exitDone)
	s := r.session()
	var who string
	must(t, s.store.Inventory.People(t.Context(), func(p *directory.Person) error {
		if ledger.Receive(p) == nil && p.GoogleID != "" {
			who = p.PrimaryEmail
		}
		return nil
	}))
	serials := map[string]int{}
	must(t, s.store.Inventory.Chromebooks(t.Context(), func(c *directory.Chromebook) error {
		serials[c.Serial]++
		return nil
	}))
	maps.DeleteFunc(serials, func(serial string, n int) bool { return serial == "" || n > 1 })
	codes := slices.Sorted(maps.Keys(serials))
	must(t, s.loadCodes(t.Context()))
	var filler string
	var scanner ledger.Scanner
	done, failed := map[string]bool{}, 0
	scan := func(code string) ledger.Outcome {
		t.Helper()
		got, err := s.scan(t.Context(), &scanner, code, "desk")
		if (err != nil) != (got.Outcome == ledger.Failed) || err != nil && cloud.AsError(err).Code != "disk_full" {
			t.Fatalf("%s: %v", got.Outcome, err)
		}
		return got.Outcome
	}
	if out := scan(who); out != ledger.ScannedPerson {
		t.Fatalf("the person came to %s", out)
	}
	for i, code := range codes {
		if i == 20 {
			filler = fill(t, disk)
		}
		switch out := scan(code); {
		case out == ledger.CheckedOut:
			done[code] = true
		case out == ledger.Failed && filler != "":
			if failed++; failed == 3 {
				must(t, os.Remove(filler))
				filler = ""
			}
		default:
			t.Fatalf("scan %d came to %s", i, out)
		}
	}
	if failed != 3 {
		t.Fatalf("%d scans failed", failed)
	}
	for _, code := range codes {
		if !done[code] {
			if out := scan(code); out != ledger.CheckedOut {
				t.Errorf("scanned again it came to %s", out)
			}
		}
	}
	s.close()
	r.must("check")
	times := map[string]int{}
	for _, e := range r.journalOf() {
		times[e.text("serial")]++
	}
	for _, code := range codes {
		if times[code] != 1 {
			t.Errorf("a device is in the journal %d times", times[code])
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A keychain that is locked hides nothing for good, and a folder of the
// keychain takes no passphrase.
func TestLockedKeychain(t *testing.T) {
	t.Parallel()
	need(t, "dbus-daemon", "gnome-keyring-daemon")
	d := emptyDesk(t)
	d.bus()
	d.keychain()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	data := filepath.Join(d.home, "data")
	a := r.server.Azure
	panel := func(in string, args ...string) result {
		t.Helper()
		return process(t, d.env, in, append([]string{"--data", data, "--cloud", r.server.Profile}, args...)...)
	}
	r.ok(panel(a.ClientSecret, "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID))
	r.ok(panel("", "sync"))
	if out := r.ok(panel("", "status", "--json")); !strings.Contains(out, `"vault": "keychain"`) {
		t.Errorf("status: %s", out)
	}
	people := r.ok(panel("", "export", "people"))
	before := folder(t, data)
	if got := panel("", "--passphrase-file", r.passphrase, "status"); got.code != exitUsage || !strings.Contains(got.err, "without it for the keychain") {
		t.Errorf("a passphrase for a folder of the keychain: exit %d\n%s", got.code, got.err)
	}

	conn, err := dbus.Connect(d.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const login = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	secrets := conn.Object("org.freedesktop.secrets", "/org/freedesktop/secrets")
	call := secrets.Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{login})
	if call.Err != nil {
		t.Fatal(call.Err)
	}
	for _, args := range [][]string{{"sync"}, {"status"}, {"export", "people"}} {
		got := panel("", args...)
		if got.code != exitKeychain || !strings.Contains(got.err, "Nothing was deleted") || got.out != "" {
			t.Errorf("panel %q with a locked keychain: exit %d\n%s%s", args, got.code, got.out, got.err)
		}
	}
	after := folder(t, data)
	log := filepath.Join(data, "logs", "panel.log")
	if said := after[log][len(before[log]):]; !strings.Contains(said, "kind:keychain") || !strings.Contains(said, "locked") {
		t.Errorf("the log says of it:\n%s", said)
	}
	before[log] = after[log]
	if !maps.Equal(before, after) {
		t.Error("a locked keychain changed the folder")
	}
	// What the keyring's own prompt calls once the password was typed.
	var output dbus.Variant
	var session dbus.ObjectPath
	if err := secrets.Call("org.freedesktop.Secret.Service.OpenSession", 0, "plain", dbus.MakeVariant("")).Store(&output, &session); err != nil {
		t.Fatal(err)
	}
	password := struct {
		Session           dbus.ObjectPath
		Parameters, Value []byte
		ContentType       string
	}{session, nil, []byte("pw"), "text/plain"}
	call = secrets.Call("org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface.UnlockWithMasterPassword", 0, login, password)
	if call.Err != nil {
		t.Fatal(call.Err)
	}
	if now := r.ok(panel("", "export", "people")); now != people {
		t.Error("unlocked again it is not what it was")
	}
}

// writeFile makes a file of a line.
func writeFile(t *testing.T, line string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Secrets are in the vault alone; names and addresses are in no log, and in
// no file in the clear.
func TestNothingIsGivenAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 200, Chromebooks: 100})
	env := []string{"DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR=" + t.TempDir()}
	data := filepath.Join(t.TempDir(), "data")
	args := func(more ...string) []string {
		return append([]string{"--data", data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase, "--log-level", "debug"}, more...)
	}
	var said strings.Builder
	run := func(in string, more ...string) result {
		t.Helper()
		got := process(t, env, in, args(more...)...)
		said.WriteString(got.err)
		return got
	}
	p := start(t, env, args("authorize", "google", "--no-browser", "--client", r.server.GoogleClient)...)
	resp, err := http.PostForm(strings.TrimSpace(p.line()), everything)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	account := "Authorized by admin@cedarvalley.example.\n" // which it says to the person who did so
	got := p.wait()
	if r.ok(got); !strings.Contains(got.err, account) {
		t.Errorf("authorize: %s", got.err)
	}
	said.WriteString(strings.ReplaceAll(got.err, account, ""))
	a := r.server.Azure
	r.ok(run(a.ClientSecret, "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID))
	r.ok(run("", "sync"))
	people := r.ok(run("", "export", "people", "--format", "json"))
	books := r.ok(run("", "export", "chromebooks", "--format", "json"))
	// What a cloud says of an error is shown to the technician, and no more.
	logged := func(got result) string {
		lines := strings.SplitAfter(got.err, "\n")
		return strings.Join(slices.DeleteFunc(lines, func(s string) bool { return !strings.HasPrefix(s, "time=") }), "")
	}
	const gossip = `{"error":{"code":400,"message":"Ask admin@cedarvalley.example","status":"Robert Smith","errors":[{"reason":"gossip/Robert Smith","message":"1//0g"}]}}`
	for _, faults := range [][]sim.Fault{
		{{Endpoint: "google.users", Kind: "invalid_input"}, {Endpoint: "microsoft.token", Kind: "secret_wrong"}},
		{{Endpoint: "google.users", Status: 400, Body: gossip}, {Endpoint: "microsoft.users", Status: 400, Body: gossip}},
		{{Endpoint: "google.orgunits", Kind: "drop", Times: 1}, {Endpoint: "google.token", Status: 400, Body: `{"error":"Robert Smith","error_description":"admin@cedarvalley.example"}`}},
		{{Endpoint: "google.chromeosdevices", Kind: "missing_array"}, {Endpoint: "microsoft.users", Kind: "backend_error", Times: 1, RetryAfter: 1}},
	} {
		r.faults(faults...)
		got := process(t, env, "", args("sync", "--full")...)
		if got.code == exitDone || got.err == "" {
			t.Errorf("a sync that fails: %+v", got)
		}
		said.WriteString(logged(got))
	}
	r.faults()
	backup := filepath.Join(t.TempDir(), "backup")
	r.ok(run("", "backup", backup, "--backup-passphrase-file", r.passphrase))
	if got := run("", "restore", backup, "--backup-passphrase-file", writeFile(t, "another one")); got.code == exitDone {
		t.Error("it was restored with a wrong passphrase")
	}

	names := map[string]bool{} // and addresses and the like
	for _, p := range decode[[]map[string]any](t, people) {
		for _, key := range []string{"display_name", "primary_email"} {
			if s, ok := p[key].(string); ok && len(s) > 5 {
				names[s] = true
			}
		}
	}
	for _, c := range decode[[]map[string]any](t, books) {
		if s, ok := c["serial"].(string); ok && len(s) > 5 {
			names[s] = true
		}
	}
	if len(names) < 500 {
		t.Fatalf("only %d names to look for", len(names))
	}
	secrets := []string{a.ClientSecret, r.clouds.GoogleClientSecret, "correct horse battery staple"}
	for _, more := range []string{"admin@cedarvalley.example", "cedarvalley", "Robert Smith", data, strings.TrimPrefix(r.server.URL, "http://")} {
		names[more] = true
	}
	token := regexp.MustCompile(`ya29\.|1//0g|eyJ|Bearer|code=|code_verifier|state=`)

	places := folder(t, data)
	if len(places) < 4 {
		t.Errorf("the folder has only %d files", len(places))
	}
	for place, text := range places {
		if found := token.FindString(text); found == "ya29." || found == "1//0g" {
			t.Errorf("%s holds a token", place)
		}
	}
	if found := token.FindString(said.String()); found != "" {
		t.Errorf("%q was said:\n%s", found, said.String())
	}
	places["standard error"] = said.String()
	log := places[filepath.Join(data, "logs", "panel.log")]
	for _, part := range []string{"level=DEBUG", `msg="sync ended"`, `msg="cloud failed"`, `msg="tries again"`, `msg="backed up"`, "kind:secret_wrong", "doing:"} {
		if !strings.Contains(log, part) {
			t.Errorf("the log has no %s:\n%s", part, log)
		}
	}
	if found := token.FindString(log); found != "" {
		t.Errorf("%q is in the log", found)
	}
	for place, text := range places {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("a secret is in %s", place)
			}
		}
		for name := range names {
			if strings.Contains(text, name) {
				t.Errorf("%q is in %s", name, place)
			}
		}
	}
}

// In the keychain of the system, a restored folder has a key of its own, and
// the one that was set aside keeps its.
func TestRestoreInTheKeychain(t *testing.T) {
	t.Parallel()
	need(t, "dbus-daemon", "gnome-keyring-daemon")
	d := emptyDesk(t)
	d.bus()
	d.keychain()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	a := r.server.Azure
	panel := func(data, in string, args ...string) string {
		t.Helper()
		return r.ok(process(t, d.env, in, append([]string{"--data", data, "--cloud", r.server.Profile}, args...)...))
	}
	data := filepath.Join(d.home, "data")
	panel(data, a.ClientSecret, "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID)
	panel(data, "", "sync")
	before := panel(data, "", "export", "people")
	backup := filepath.Join(d.home, "b.age")
	panel(data, "", "backup", backup, "--backup-passphrase-file", r.passphrase)
	if err := r.clouds.Put("microsoft/users", "00000000-0000-4000-8000-000000777001", []byte(`{"userPrincipalName":"later@cedarvalley.example","displayName":"Later","accountEnabled":true}`)); err != nil {
		t.Fatal(err)
	}
	panel(data, "", "sync")
	later := panel(data, "", "export", "people")
	if later == before {
		t.Fatal("nothing has changed meanwhile")
	}
	out := panel(data, "", "restore", backup, "--backup-passphrase-file", r.passphrase)
	_, path, _ := strings.Cut(out, "it is in ")
	aside := strings.TrimSuffix(strings.TrimSpace(path), ".")
	elsewhere := filepath.Join(d.home, "elsewhere")
	panel(elsewhere, "", "restore", backup, "--backup-passphrase-file", r.passphrase)
	for dir, want := range map[string]string{data: before, aside: later, elsewhere: before} {
		if got := panel(dir, "", "export", "people"); got != want {
			t.Errorf("%s has something else", dir)
		}
		if out := panel(dir, "", "status", "--json"); !strings.Contains(out, `"vault": "keychain"`) {
			t.Errorf("%s: %s", dir, out)
		}
	}
	panel(data, "", "sync") // the secret is still there
}
