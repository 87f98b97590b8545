package storage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// bus starts a message bus of the test's own, which starts no service, and
// makes it the session's.
func bus(t *testing.T) (address string) {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("dbus-daemon is not installed; apt install dbus-daemon")
	}
	dir, err := os.MkdirTemp("", "bus") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "bus.conf")
	err = os.WriteFile(config, fmt.Appendf(nil, `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, dir), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	address = start(t, exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--print-address"), "unix:")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	return address
}

// start runs a daemon for the length of the test and returns its first line of
// output that begins so.
func start(t *testing.T, cmd *exec.Cmd, begins string) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	endWith(t, cmd)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), begins) {
			go func() {
				for lines.Scan() {
				}
			}()
			return lines.Text()
		}
	}
	t.Fatalf("%s ended without a line that begins with %q", cmd.Path, begins)
	return ""
}

// endWith ends a daemon with the test.
func endWith(t *testing.T, cmd *exec.Cmd) {
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// gnomeKeyring starts the real thing on the test's bus, with an empty folder.
func gnomeKeyring(t *testing.T) *exec.Cmd {
	t.Helper()
	if _, err := exec.LookPath("gnome-keyring-daemon"); err != nil {
		t.Skip("gnome-keyring-daemon is not installed; apt install gnome-keyring")
	}
	home := t.TempDir()
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", "--control-directory="+home)
	cmd.Env = append(os.Environ(), "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home, "XDG_RUNTIME_DIR="+home, "HOME="+home)
	cmd.Stdin = strings.NewReader("password")
	if err := os.Chmod(home, 0o700); err != nil { // it insists
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	endWith(t, cmd)
	waitFor(t, secretsName)
	return cmd
}

// waitFor returns when somebody owns the name on the session bus.
func waitFor(t *testing.T, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"), dbus.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	signals := make(chan *dbus.Signal, 8)
	conn.Signal(signals)
	if err := conn.AddMatchSignal(dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name)); err != nil {
		t.Fatal(err)
	}
	var owned bool
	if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned); err != nil {
		t.Fatal(err)
	}
	if owned {
		return
	}
	for {
		select {
		case s := <-signals:
			if s.Name == "org.freedesktop.DBus.NameOwnerChanged" && s.Body[0] == name {
				return
			}
		case <-ctx.Done():
			t.Fatalf("nobody came to own %s", name)
		}
	}
}

func TestGnomeKeyring(t *testing.T) {
	bus(t)
	daemon := gnomeKeyring(t)
	k := NewKeychain()
	vaultContract(t, k)

	t.Run("a daemon that hangs", func(t *testing.T) {
		if err := daemon.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := k.Get(ctx, "a"); StateOf(err) != VaultHung {
			t.Errorf("state %q of %v", StateOf(err), err)
		}
		if err := daemon.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	})
}

func TestKeychainWithoutService(t *testing.T) {
	for name, address := range map[string]string{
		"no address": "", "autolaunch": "autolaunch:", "dead socket": "unix:path=/nonexistent/bus",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			t.Setenv("PATH", t.TempDir()) // nothing to start a bus with
			if _, err := NewKeychain().Get(t.Context(), "a"); StateOf(err) != VaultUnavailable {
				t.Errorf("state %q of %v", StateOf(err), err)
			}
		})
	}
	t.Run("nobody on the bus", func(t *testing.T) {
		bus(t)
		if _, err := NewKeychain().Get(t.Context(), "a"); StateOf(err) != VaultUnavailable {
			t.Errorf("state %q of %v", StateOf(err), err)
		}
	})
}

// mockService is a Secret Service that does what a test wants.
type mockService struct {
	conn *dbus.Conn

	mu           sync.Mutex
	locked       bool
	noCollection bool
	silent       bool // searches do not show what is locked
	items        map[string]string
	// onPrompt decides a prompt: answer it, dismiss it, or let it hang.
	onPrompt func(complete func(dismissed bool))
	// after is what a prompt does when it was answered.
	after     map[dbus.ObjectPath]func() dbus.Variant
	prompts   int
	dismissed chan dbus.ObjectPath
}

const (
	mockCollection = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	mockPrompts    = "/org/freedesktop/secrets/prompt/"
)

func mock(t *testing.T, set func(*mockService)) *mockService {
	t.Helper()
	conn, err := dbus.Connect(bus(t))
	if err != nil {
		t.Fatal(err)
	}
	m := &mockService{conn: conn, items: map[string]string{"a": "1"}, after: map[dbus.ObjectPath]func() dbus.Variant{}, dismissed: make(chan dbus.ObjectPath, 16)}
	set(m)
	t.Cleanup(func() { _ = conn.Close() })
	for path, o := range map[dbus.ObjectPath]string{secretsPath: "Service", mockCollection: "Collection"} {
		if err := conn.Export(m, path, "org.freedesktop.Secret."+o); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Export(m, mockCollection, "org.freedesktop.DBus.Properties"); err != nil {
		t.Fatal(err)
	}
	if err := conn.ExportSubtree(mockItems{m}, mockCollection+"/items", "org.freedesktop.Secret.Item"); err != nil {
		t.Fatal(err)
	}
	if err := conn.ExportSubtree(mockPrompter{m}, "/org/freedesktop/secrets/prompt", promptInterface); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName(secretsName, 0); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *mockService) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/session", nil
}

func itemPath(name string) dbus.ObjectPath {
	return mockCollection + "/items/" + dbus.ObjectPath(fmt.Sprintf("%x", name))
}

func (m *mockService) SearchItems(a map[string]string) (open, locked []dbus.ObjectPath, _ *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.items[a["username"]]
	switch {
	case !ok || a["service"] != "Panel" || m.locked && m.silent:
		return nil, nil, nil
	case m.locked:
		return nil, []dbus.ObjectPath{itemPath(a["username"])}, nil
	}
	return []dbus.ObjectPath{itemPath(a["username"])}, nil, nil
}

func (m *mockService) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.noCollection {
		return "/", nil
	}
	return mockCollection, nil
}

func (m *mockService) Get(_, _ string) (dbus.Variant, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return dbus.MakeVariant(m.locked), nil
}

func (m *mockService) Unlock(paths []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.locked {
		return paths, "/", nil
	}
	return nil, m.ask(func() dbus.Variant { m.locked = false; return dbus.MakeVariant(paths) }), nil
}

func (m *mockService) CreateCollection(map[string]dbus.Variant, string) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return "/", m.ask(func() dbus.Variant { m.noCollection = false; return dbus.MakeVariant(mockCollection) }), nil
}

func (m *mockService) CreateItem(p map[string]dbus.Variant, s secret, _ bool) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := p["org.freedesktop.Secret.Item.Attributes"].Value().(map[string]string)["username"]
	keep := func() dbus.Variant {
		m.items[name] = string(s.Value)
		return dbus.MakeVariant(itemPath(name))
	}
	if m.onPrompt == nil {
		keep()
		return itemPath(name), "/", nil
	}
	return "/", m.ask(keep), nil
}

type mockItems struct{ m *mockService }

func (i mockItems) name(msg dbus.Message) string {
	path := msg.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	var name []byte
	_, _ = fmt.Sscanf(string(path[len(mockCollection)+len("/items/"):]), "%x", &name)
	return string(name)
}

func (i mockItems) GetSecret(msg dbus.Message, session dbus.ObjectPath) (secret, *dbus.Error) {
	i.m.mu.Lock()
	defer i.m.mu.Unlock()
	return secret{session, nil, []byte(i.m.items[i.name(msg)]), "text/plain"}, nil
}

func (i mockItems) Delete(msg dbus.Message) (dbus.ObjectPath, *dbus.Error) {
	i.m.mu.Lock()
	defer i.m.mu.Unlock()
	name := i.name(msg)
	if i.m.onPrompt == nil {
		delete(i.m.items, name)
		return "/", nil
	}
	return i.m.ask(func() dbus.Variant { delete(i.m.items, name); return dbus.MakeVariant("") }), nil
}

// ask makes a prompt; the lock is held.
func (m *mockService) ask(then func() dbus.Variant) dbus.ObjectPath {
	m.prompts++
	path := dbus.ObjectPath(fmt.Sprint(mockPrompts, "p", m.prompts))
	m.after[path] = then
	return path
}

type mockPrompter struct{ m *mockService }

func (p mockPrompter) Prompt(msg dbus.Message, _ string) *dbus.Error {
	path := msg.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	m := p.m
	m.mu.Lock()
	decide := m.onPrompt
	m.mu.Unlock()
	if decide == nil {
		return dbus.MakeFailedError(errors.New("no display"))
	}
	go decide(func(dismissed bool) {
		m.mu.Lock()
		result := dbus.MakeVariant("")
		if !dismissed {
			result = m.after[path]()
		}
		m.mu.Unlock()
		_ = m.conn.Emit(path, promptInterface+".Completed", dismissed, result)
	})
	return nil
}

func (p mockPrompter) Dismiss(msg dbus.Message) *dbus.Error {
	p.m.dismissed <- msg.Headers[dbus.FieldPath].Value().(dbus.ObjectPath)
	return nil
}

func yes(complete func(bool)) { complete(false) }
func no(complete func(bool))  { complete(true) }

func TestKeychainPrompts(t *testing.T) {
	get := func(ctx context.Context, k *Keychain) error {
		value, err := k.Get(ctx, "a")
		if err == nil && value != "1" {
			err = fmt.Errorf("got %q", value)
		}
		return err
	}
	set := func(ctx context.Context, k *Keychain) error { return k.Set(ctx, "a", "2") }
	del := func(ctx context.Context, k *Keychain) error { return k.Delete(ctx, "a") }

	tests := []struct {
		name     string
		set      func(*mockService)
		act      func(context.Context, *Keychain) error
		want     VaultState
		onPrompt func(func(bool))
	}{
		{"a locked item, unlocked", func(m *mockService) { m.locked = true }, get, "", yes},
		{"a locked item, dismissed", func(m *mockService) { m.locked = true }, get, VaultLocked, no},
		{"a locked item, no display", func(m *mockService) { m.locked = true }, get, VaultLocked, nil},
		{"a locked collection that hides its items", func(m *mockService) { m.locked, m.silent = true, true }, get, "", yes},
		{"the same, dismissed: not missing", func(m *mockService) { m.locked, m.silent = true, true }, get, VaultLocked, no},
		{"a locked item to be deleted, dismissed", func(m *mockService) { m.locked = true }, del, VaultLocked, no},
		{"a new item, allowed", nil, set, "", yes},
		{"a new item, dismissed", nil, set, VaultLocked, no},
		{"a deletion, allowed", nil, del, "", yes},
		{"a deletion, dismissed", nil, del, VaultLocked, no},
		{"no collection, one made", func(m *mockService) { m.noCollection = true }, set, "", yes},
		{"no collection, dismissed", func(m *mockService) { m.noCollection = true }, set, VaultLocked, no},
		{"nobody answers", func(m *mockService) { m.locked = true }, get, VaultLocked, func(func(bool)) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := mock(t, func(m *mockService) {
				m.onPrompt = test.onPrompt
				if test.set != nil {
					test.set(m)
				}
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := test.act(ctx, NewKeychain())
			if StateOf(err) != test.want || test.want == "" && err != nil {
				t.Errorf("state %q of %v, want %q", StateOf(err), err, test.want)
			}
			if test.name == "nobody answers" {
				select {
				case <-m.dismissed:
				case <-time.After(5 * time.Second):
					t.Error("the prompt was left up")
				}
			}
		})
	}
}

// While a prompt is up, signals of others arrive, one of them made to look
// like the answer.
func TestKeychainIgnoresStraySignals(t *testing.T) {
	var stranger *dbus.Conn
	mock(t, func(m *mockService) {
		var err error
		if stranger, err = dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS")); err != nil {
			t.Fatal(err)
		}
		m.locked = true
		m.onPrompt = func(complete func(bool)) {
			for i := range 20 {
				_ = m.conn.Emit("/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings.SettingChanged", "a", "b")
				_ = m.conn.Emit(dbus.ObjectPath(fmt.Sprint(mockPrompts, "other", i)), promptInterface+".Completed", true, dbus.MakeVariant(""))
				_ = stranger.Emit(mockPrompts+"p1", promptInterface+".Completed", true, dbus.MakeVariant(""))
			}
			complete(false)
		}
	})
	defer func() { _ = stranger.Close() }()
	if got, err := NewKeychain().Get(t.Context(), "a"); got != "1" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestKeychainLeavesNothingBehind(t *testing.T) {
	mock(t, func(m *mockService) { m.onPrompt = yes })
	k := NewKeychain()
	if err := k.Set(t.Context(), "a", "warm up"); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for i := range 100 {
		if err := k.Set(t.Context(), "a", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	// Connections end on their own goroutines.
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before+5 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if after := runtime.NumGoroutine(); after > before+5 {
		t.Errorf("%d goroutines before, %d after 100 prompted calls", before, after)
	}
}

// From cron or ssh the bus of a desktop that somebody is signed in to is found
// where systemd puts it.
func TestBusWithoutItsVariable(t *testing.T) {
	address := bus(t)
	gnomeKeyring(t)
	k := NewKeychain()
	if err := k.Set(t.Context(), "a", "value"); err != nil {
		t.Fatal(err)
	}
	path, _, _ := strings.Cut(strings.TrimPrefix(address, "unix:path="), ",")
	dir := t.TempDir()
	if err := os.Symlink(path, filepath.Join(dir, "bus")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", dir)
	if got, err := k.Get(t.Context(), "a"); got != "value" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := k.Get(t.Context(), "a"); StateOf(err) != VaultUnavailable {
		t.Errorf("without a bus: %v", err)
	}
}
