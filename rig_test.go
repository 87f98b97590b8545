package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"panel/storage"
	"panel/sync/sim"
)

// rig is a data folder and the simulated clouds that it is used against;
// commands are run in this process, as a script would start them.
type rig struct {
	t          *testing.T
	clouds     *sim.Cloud
	server     *sim.Server
	data       string
	passphrase string
}

func newRig(t *testing.T, size sim.Config) *rig {
	t.Helper()
	clouds := sim.New(size)
	server, err := clouds.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	r := &rig{t: t, clouds: clouds, server: server, data: filepath.Join(dir, "data"), passphrase: filepath.Join(dir, "passphrase")}
	r.moveTo(r.data)
	if err := os.WriteFile(r.passphrase, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return r
}

// moveTo makes another folder, which is not there yet, the rig's data folder.
func (r *rig) moveTo(data string) {
	r.data = data
	quickVaults.Store(data, new(quickVault))
	r.t.Cleanup(func() { quickVaults.Delete(data) })
}

// result is how a command ended.
type result struct {
	code     int
	out, err string
}

// panel runs a command with the rig's folder, clouds and vault.
func (r *rig) panel(args ...string) result { return r.panelIn("", args...) }

// panelIn runs a command with something on its standard input.
func (r *rig) panelIn(in string, args ...string) result {
	r.t.Helper()
	args = append([]string{"--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase}, args...)
	return command(r.t.Context(), in, args...)
}

// command runs the program in this process.
func command(ctx context.Context, in string, args ...string) result {
	var out, errs bytes.Buffer
	err := run(ctx, args, stdio{in: strings.NewReader(in), out: &out, err: &errs})
	code := exitCode(err, &errs)
	return result{code, out.String(), errs.String()}
}

// shippedDir is where shipped builds, removed by TestMain.
var shippedDir string

var buildShipped = sync.OnceValues(func() (bin string, err error) {
	if shippedDir, err = os.MkdirTemp("", "panel-shipped-"); err != nil {
		return "", err
	}
	bin = filepath.Join(shippedDir, "panel")
	return bin, goBuild(bin, "-tags", "migrated_fynedo")
})

// shipped is the path of the program as it is shipped, built once for all
// tests.
func shipped(t *testing.T) string {
	t.Helper()
	bin, err := buildShipped()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// process runs the program itself, with env added to the environment.
func process(t *testing.T, env []string, in string, args ...string) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), shipped(t), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin = strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("start the program: %v", err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// running is a process of the program.
type running struct {
	t     *testing.T
	cmd   *exec.Cmd
	out   *bufio.Reader
	errs  syncBuffer
	ended bool
}

// start starts the program itself, with env added to the environment, for as
// long as the test lasts.
func start(t *testing.T, env []string, args ...string) *running {
	t.Helper()
	p := &running{t: t, cmd: exec.Command(shipped(t), args...)}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stderr = &p.errs
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !p.ended {
			_ = p.cmd.Process.Kill() // it may have ended
			_ = p.cmd.Wait()
		}
	})
	return p
}

// line is the next line that it prints.
func (p *running) line() string {
	p.t.Helper()
	s, err := p.out.ReadString('\n')
	if err != nil {
		p.t.Fatalf("no line: %v\n%s", err, p.errs.String())
	}
	return s
}

// terminate sends SIGTERM and waits; out is what was not read before.
func (p *running) terminate() result {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	return p.wait()
}

// wait waits for the end; out is what was not read before.
func (p *running) wait() result {
	p.t.Helper()
	rest, err := io.ReadAll(p.out)
	if err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // its code says the same
	p.ended = true
	return result{p.cmd.ProcessState.ExitCode(), string(rest), p.errs.String()}
}

// must runs a command that has to succeed.
func (r *rig) must(args ...string) string {
	r.t.Helper()
	return r.ok(r.panel(args...))
}

func (r *rig) ok(got result) string {
	r.t.Helper()
	if got.code != 0 {
		r.t.Fatalf("exit %d\n%s%s", got.code, got.out, got.err)
	}
	return got.out
}

// authorize signs in as a person does who answers the consent page with
// answer; more are further arguments.
func (r *rig) authorize(answer url.Values, more ...string) result {
	r.t.Helper()
	pr, pw := io.Pipe()
	var errs bytes.Buffer
	done := make(chan int, 1)
	args := append([]string{"--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase, "authorize", "google", "--no-browser"}, more...)
	go func() {
		err := run(r.t.Context(), args, stdio{in: strings.NewReader(""), out: pw, err: &errs})
		code := exitCode(err, &errs)
		pw.Close()
		done <- code
	}()
	lines := bufio.NewReader(pr)
	link, err := lines.ReadString('\n')
	if err != nil {
		return result{<-done, link, errs.String()} // it ended without a link
	}
	rest := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(lines) // ends with the command
		rest <- string(b)
	}()
	resp, err := http.PostForm(strings.TrimSpace(link), answer)
	if err != nil {
		r.t.Fatalf("answer the consent page: %v", err)
	}
	resp.Body.Close()
	return result{<-done, link + <-rest, errs.String()}
}

// everything is the answer of a person who allows all of it.
var everything = url.Values{"decision": {"allow"}, "scope": {"all"}}

// everythingAs is the same of a person with another account; Google offers
// the one of before first.
func everythingAs(account string) url.Values {
	return url.Values{"decision": {"allow"}, "scope": {"all"}, "account": {account}}
}

// setUp authorizes both clouds.
func (r *rig) setUp() {
	r.t.Helper()
	r.ok(r.authorize(everything, "--client", r.server.GoogleClient))
	r.setAzure()
}

func (r *rig) setAzure() {
	r.t.Helper()
	a := r.server.Azure
	r.ok(r.panelIn(a.ClientSecret+"\n", "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID))
}

// sync runs a sync that has to end with code, and returns its report.
func (r *rig) sync(code int, args ...string) runReport {
	r.t.Helper()
	got := r.panel(append([]string{"sync", "--json"}, args...)...)
	if got.code != code {
		r.t.Fatalf("sync: exit %d, want %d\n%s%s", got.code, code, got.out, got.err)
	}
	return decode[runReport](r.t, got.out)
}

// faults replaces the faults of the clouds.
func (r *rig) faults(all ...sim.Fault) {
	r.t.Helper()
	if err := r.clouds.SetFaults(all); err != nil {
		r.t.Fatal(err)
	}
}

// session opens the rig's data as a command does.
func (r *rig) session() *session {
	r.t.Helper()
	a := &app{
		stdio: stdio{in: strings.NewReader(""), out: io.Discard, err: io.Discard}, ctx: r.t.Context(), log: slog.New(slog.DiscardHandler),
		cli: &cli{Data: r.data, Cloud: []string{r.server.Profile}, PassphraseFile: r.passphrase},
	}
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { // a disk with an open file cannot be unmounted
		if a.kept != nil {
			_ = a.kept.Close()
		}
	})
	return s
}

func (r *rig) status() statusReport {
	r.t.Helper()
	return decode[statusReport](r.t, r.must("status", "--json"))
}

// records exports one kind.
func (r *rig) records(what string) []map[string]any {
	r.t.Helper()
	return decode[[]map[string]any](r.t, r.must("export", what, "--format", "json"))
}

func decode[T any](t *testing.T, s string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in:\n%.400s", err, s)
	}
	return v
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// quickVault is a sealed vault without its seal: deriving a key from a
// passphrase is slow on purpose. It notes for how long each call might wait.
type quickVault struct {
	storage.Memory
	mu       sync.Mutex
	patience []time.Duration
	// key is the data key, which it has also without having been told.
	key string
}

func (*quickVault) Kind() string { return storage.KindPassphrase }

func (v *quickVault) asked(ctx context.Context) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.patience = append(v.patience, storage.Patience(ctx))
}

func (v *quickVault) Get(ctx context.Context, name string) (string, error) {
	v.asked(ctx)
	if v.key != "" && strings.HasSuffix(name, "/data-key") {
		return v.key, nil
	}
	return v.Memory.Get(ctx, name)
}

func (v *quickVault) Set(ctx context.Context, name, value string) error {
	v.asked(ctx)
	if strings.HasSuffix(name, "/data-key") {
		v.key = value
	}
	return v.Memory.Set(ctx, name, value)
}

func (v *quickVault) Delete(ctx context.Context, name string) error {
	v.asked(ctx)
	return v.Memory.Delete(ctx, name)
}

// quickVaults are those of the rigs' data folders. Any other folder has the
// vault that it asks for.
var quickVaults sync.Map // of dir: *quickVault

func init() {
	openVault = func(dir, passphrase string) (storage.Vault, error) {
		v, quick := quickVaults.Load(dir)
		switch {
		case !quick:
			return storage.ChooseVault(dir, passphrase)
		case passphrase == "":
			return nil, storage.ErrPassphraseNeeded
		}
		return v.(*quickVault), nil
	}
}
