package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/sim"
	"panel/ui"
	"panel/ui/view"
)

// window returns what a window over the rig's data would open.
func (r *rig) window() (*sessions, *app) {
	a := &app{
		stdio: stdio{in: strings.NewReader(""), out: new(strings.Builder), err: new(strings.Builder)}, ctx: r.t.Context(),
		cli: &cli{Data: r.data, Cloud: []string{r.server.Profile}, PassphraseFile: r.passphrase, LogLevel: "error"},
	}
	a.log = slog.New(newLog(a.err, a.level(slog.LevelWarn)))
	return &sessions{ctx: r.t.Context(), open: a.openForWindow}, a
}

// Whoever clicks may be asked for the keychain's password, and has a minute to
// type it. A sync in the background waits for nobody.
func TestAClickWaitsForTheKeychain(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	v, _ := quickVaults.Load(r.data)
	vault := v.(*quickVault)
	s, _ := r.window()
	var stop context.CancelFunc
	s.ctx, stop = context.WithCancel(t.Context())
	stop() // the loop's own sync would ask too
	defer s.end()
	var b *backend
	client, err := os.ReadFile(r.server.GoogleClient)
	if err != nil {
		t.Fatal(err)
	}
	azure := r.server.Azure
	form := ui.Azure{Tenant: azure.Tenant, ClientID: azure.ClientID}
	for _, act := range []struct {
		name string
		do   func() error
		want time.Duration
	}{
		{"open", func() error {
			opened, err := s.next(t.Context(), ui.Opening{})
			b, _ = opened.(*backend)
			return err
		}, time.Minute},
		{"sync", func() error { _, err := b.engine.SyncNow(t.Context(), engine.Options{}); return err }, 3 * time.Second},
		{"client", func() error { return b.SetGoogleClient(t.Context(), client) }, time.Minute},
		{"authorize", func() error {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			if err := b.AuthorizeGoogle(ctx, func(string) { stop() }, func(*cloud.Error) {}); cloud.AsError(err).Kind != cloud.Cancelled {
				return err
			}
			return nil
		}, time.Minute},
		{"test", func() error { return b.TestAzure(t.Context(), form, "", func(ui.AzureStep) {}) }, time.Minute},
		{"save", func() error { return b.SaveAzure(t.Context(), form, azure.ClientSecret) }, time.Minute},
		{"remove", func() error { return b.RemoveAzure(t.Context()) }, time.Minute},
		{"deauthorize", func() error { _, err := b.DeauthorizeGoogle(t.Context(), true); return err }, time.Minute},
	} {
		vault.mu.Lock()
		vault.patience = nil
		vault.mu.Unlock()
		if err := act.do(); err != nil {
			t.Fatalf("%s: %v", act.name, err)
		}
		vault.mu.Lock()
		if got := vault.patience; len(got) == 0 || slices.ContainsFunc(got, func(d time.Duration) bool { return d != act.want }) {
			t.Errorf("%s: the calls of the keychain may take %v, want %v each", act.name, got, act.want)
		}
		vault.mu.Unlock()
	}
}

// The window backs up, restores over what it has open, erases, and begins anew;
// the connections stay until all is erased.
func TestSessionsOfTheWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	want := r.kept()
	s, _ := r.window()
	defer s.end()
	next := func(o ui.Opening) *backend {
		t.Helper()
		b, err := s.next(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return nil
		}
		return b.(*backend)
	}
	b := next(ui.Opening{})
	path := filepath.Join(t.TempDir(), "b.age")
	if err := b.BackUp(t.Context(), path, "a passphrase"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CheckBackup(t.Context(), path, "another"); cloud.AsError(err).Code != "backup_passphrase" {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if _, err := b.CheckBackup(t.Context(), path+"x", "another"); cloud.AsError(err).Code != "backup_unreadable" {
		t.Errorf("no file: %v", err)
	}
	if err := b.BackUp(t.Context(), filepath.Join(r.data, "b.age"), "a passphrase"); cloud.AsError(err).Code != "backup_inside" {
		t.Errorf("into the data folder: %v", err)
	}
	if made, err := b.CheckBackup(t.Context(), path, "a passphrase"); err != nil || made.IsZero() {
		t.Errorf("the backup: %v, %v", made, err)
	}
	if err := b.Forget(t.Context(), "google"); err != nil {
		t.Fatal(err)
	}

	if _, err := s.next(t.Context(), ui.Opening{Backup: path, BackupPassphrase: "another"}); cloud.AsError(err).Code != "backup_passphrase" {
		t.Errorf("a wrong passphrase: %v", err)
	}
	if got := r.status(); got.Chromebooks != 0 { // which needs the data to be closed
		t.Errorf("after a restore that failed: %+v", got)
	}
	next(ui.Opening{})
	b = next(ui.Opening{Backup: path, BackupPassphrase: "a passphrase"})
	if c := b.Connections(); c.Google.State != "authorized" || c.Microsoft.State != "configured" {
		t.Errorf("connections after the restore: %+v", c)
	}
	s.end()
	if r.kept() != want {
		t.Error("it is not what was backed up")
	}

	next(ui.Opening{})
	if b := next(ui.Opening{Erase: true}); b != nil {
		t.Error("after an erasure something is open")
	}
	if _, err := os.Stat(r.data); !os.IsNotExist(err) {
		t.Errorf("the data folder: %v", err)
	}
	b = next(ui.Opening{})
	if c := b.Connections(); c.Google.State != "not_authorized" || c.Microsoft.State != "not_configured" {
		t.Errorf("connections after the erasure: %+v", c)
	}
}

// Without the secrets of its connections a backup is restored in the window
// too, and the cards say what to do.
func TestConnectionsAfterARestoreAreTrue(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	backup, passphrase := r.backedUp()
	r.moveTo(filepath.Join(t.TempDir(), "new"))
	r.ok(r.panel("restore", backup, "--backup-passphrase-file", passphrase))
	s := r.session()
	defer s.close()
	c := (&backend{session: s}).Connections()
	if c.Google.State != "not_authorized" || c.Google.HasClient || c.Google.Lost == nil || c.Google.Account != "" {
		t.Errorf("Google: %+v", c.Google)
	}
	if c.Microsoft.State != "secret_wrong" || c.Microsoft.HasSecret || c.Microsoft.Lost == nil || c.Microsoft.Tenant == "" {
		t.Errorf("Microsoft: %+v", c.Microsoft)
	}
	if w := view.SayFault(c.Google.Lost); w.Button.Act != view.Authorize {
		t.Errorf("Google's button: %+v", w.Button)
	}
	if w := view.SayFault(c.Microsoft.Lost); w.Button.Act != view.NewSecret {
		t.Errorf("Microsoft's button: %+v", w.Button)
	}
	if src, err := s.connect(context.Background(), "microsoft"); src != nil || cloud.KindOf(err) != cloud.SecretWrong {
		t.Errorf("a sync would begin with %v, %v", src, err)
	}
}

// Who tries the demo with a wrong secret can still finish it.
func TestTheDemoSurvivesAWrongSecret(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 20, Chromebooks: 10})
	s := r.session()
	defer s.close()
	b := &backend{session: s}
	if err := b.prepareDemo(t.Context(), r.server); err != nil {
		t.Fatal(err)
	}
	form := b.Connections().Microsoft
	if err := b.SaveAzure(t.Context(), form, "wrong~secret.of.nobody_0123456789abcdef"); err != nil {
		t.Fatal(err)
	}
	if err := b.RemoveAzure(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := b.Connections().Microsoft
	if !again.HasSecret || again.ClientID != form.ClientID {
		t.Errorf("after the removal the form is filled with %+v", again)
	}
	if err := b.TestAzure(t.Context(), again, "", func(ui.AzureStep) {}); err != nil {
		t.Errorf("as it is filled: %v", err)
	}
}
