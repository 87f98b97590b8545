package main

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"panel/storage"
	"panel/sync/sim"
)

// backedUp makes a backup of the rig's data and returns its path and that of
// its passphrase.
func (r *rig) backedUp() (backup, passphrase string) {
	r.t.Helper()
	dir := r.t.TempDir()
	backup, passphrase = filepath.Join(dir, "panel.age"), filepath.Join(dir, "backup passphrase")
	if err := os.WriteFile(passphrase, []byte("a passphrase for backups\r\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	out := r.must("backup", backup, "--backup-passphrase-file", passphrase)
	if !strings.Contains(out, backup) {
		r.t.Errorf("backup says %q", out)
	}
	return backup, passphrase
}

// A backup taken to another computer brings everything back but the secrets,
// and says which those are.
func TestRestoreOnANewComputer(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	want := r.kept()
	backup, passphrase := r.backedUp()
	if info, err := os.Stat(backup); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v, %v", info, err)
	}
	if names := slices.Collect(maps.Keys(folder(t, filepath.Dir(backup)))); len(names) != 2 {
		t.Errorf("beside the backup: %q", names)
	}

	r.moveTo(filepath.Join(t.TempDir(), "new"))
	got := r.panel("restore", backup, "--backup-passphrase-file", passphrase)
	r.ok(got)
	if strings.Contains(got.out, "deleted") || !strings.Contains(got.err, "Authorize to sync again") || !strings.Contains(got.err, "no client secret") {
		t.Errorf("restore says:\n%s%s", got.out, got.err)
	}
	if r.kept() != want {
		t.Error("it is not what was backed up")
	}
	s := r.status()
	if s.Google.State != "not_authorized" || s.Google.Account != "" || s.Google.LastSuccess == nil || s.Google.LastError == nil || s.Google.LastError.Code != restored {
		t.Errorf("Google: %+v, %+v", s.Google, s.Google.LastError)
	}
	if m := s.Microsoft; m.State != "secret_wrong" || m.ClientID != r.server.Azure.ClientID || m.SecretExpires != nil || m.LastError == nil || m.LastError.Code != restored {
		t.Errorf("Microsoft: %+v, %+v", m, m.LastError)
	}
	report := r.sync(exitPerson)
	if e := report.Google.Error; e == nil || e.Code != restored || report.Microsoft.Error == nil || report.Microsoft.Error.Code != restored {
		t.Errorf("a sync before that: %+v", report)
	}
	if r.kept() != want {
		t.Error("a sync without authorizations changed something")
	}
	if got := r.panel("azure", "test"); got.code != exitPerson || !strings.Contains(got.err, "Value") {
		t.Errorf("azure test: exit %d\n%s", got.code, got.err)
	}
	// A backup of that state says the same.
	again, passphrase := r.backedUp()
	r.moveTo(filepath.Join(t.TempDir(), "newer"))
	r.must("restore", again, "--backup-passphrase-file", passphrase)
	if s := r.status(); s.Google.State != "not_authorized" || s.Google.LastError == nil || s.Microsoft.State != "secret_wrong" {
		t.Errorf("restored twice: %+v, %+v", s.Google, s.Microsoft)
	}

	r.setUp()
	if report := r.sync(exitDone, "--full"); report.Outcome != "ok" || report.RecordsWritten != 0 {
		t.Errorf("with authorizations again: %+v", report)
	}
	if s := r.status(); s.Google.State != "authorized" || s.Microsoft.State != "configured" || s.Google.LastError != nil || s.Microsoft.LastError != nil {
		t.Errorf("afterwards: %+v", s)
	}
}

// A restore on the same computer leaves its connections as they are, and sets
// aside what was there.
func TestRestoreOverData(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setAzure() // Google comes after the backup
	r.sync(exitDone)
	before := r.kept()
	backup, passphrase := r.backedUp()

	r.ok(r.authorize(everything, "--client", r.server.GoogleClient))
	a := r.server.Azure
	r.ok(r.panelIn(a.ClientSecret, "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID, "--expires", "2099-01-01"))
	r.sync(exitDone)
	later := r.kept()
	if later == before {
		t.Fatal("nothing has changed meanwhile")
	}
	got := r.panel("restore", backup, "--backup-passphrase-file", passphrase)
	r.ok(got)
	if got.err != "" {
		t.Errorf("it asks for something: %s", got.err)
	}
	if r.kept() != before {
		t.Error("it is not what was backed up")
	}
	s := r.status()
	if s.Google.State != "authorized" || s.Google.Account == "" || s.Microsoft.State != "configured" || s.Microsoft.SecretExpires == nil {
		t.Errorf("the connections: %+v, %+v", s.Google, s.Microsoft)
	}
	if report := r.sync(exitDone); report.Outcome != "ok" {
		t.Errorf("a sync: %+v", report)
	}

	_, path, found := strings.Cut(got.out, "it is in ")
	aside := strings.TrimSuffix(strings.TrimSpace(path), ".")
	if !found || filepath.Dir(aside) != r.data {
		t.Fatalf("restore says %q", got.out)
	}
	v, _ := quickVaults.Load(r.data)
	quickVaults.Store(aside, v) // which a sealed folder has in itself
	defer quickVaults.Delete(aside)
	r.data = aside
	if r.kept() != later {
		t.Error("what was set aside is not what there was")
	}
}

// Every wrong file has its sentence, and changes nothing.
func TestRestoreSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setAzure()
	r.sync(exitDone)
	backup, passphrase := r.backedUp()
	good, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flipped := slices.Clone(good)
	flipped[len(good)/2] ^= 1
	before := folder(t, r.data)
	for _, c := range []struct {
		name, file, passphrase, says string
		code                         int
	}{
		{"no file", filepath.Join(t.TempDir(), "absent"), passphrase, "absent", exitUsage},
		{"no passphrase file", backup, filepath.Join(t.TempDir(), "absent"), "absent", exitUsage},
		{"an empty passphrase file", backup, file("blank", []byte("\n")), "blank is empty", exitUsage},
		{"a wrong passphrase", backup, file("wrong", []byte("wrong\n")), "does not open with this passphrase", exitFailed},
		{"a text", file("text", []byte("hello\n")), passphrase, "is not a backup of Panel", exitFailed},
		{"a folder", r.data, passphrase, "could not read the backup", exitFailed},
		{"a cut backup", file("cut", good[:len(good)-100]), passphrase, "ends too early", exitFailed},
		{"a damaged backup", file("damaged", flipped), passphrase, "not as Panel wrote it", exitFailed},
	} {
		got := r.panel("restore", c.file, "--backup-passphrase-file", c.passphrase)
		if got.code != c.code || !strings.Contains(got.err, c.says) || got.out != "" {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", c.name, got.code, c.code, c.says, got.out, got.err)
		}
	}
	if after := folder(t, r.data); !maps.Equal(after, before) {
		t.Error("the folder was changed")
	}
	for _, args := range [][]string{{"backup", backup}, {"restore", backup}} {
		if got := r.panel(args...); got.code != exitUsage || !strings.Contains(got.err, "--backup-passphrase-file") {
			t.Errorf("panel %q without a terminal: exit %d\n%s", args, got.code, got.err)
		}
	}
}

// A backup that cannot be written leaves what was there, and one that would be
// lost with the data is not made.
func TestBackupSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	_, err := os.Stat(r.data)
	if got := r.panel("backup", filepath.Join(t.TempDir(), "b"), "--backup-passphrase-file", r.passphrase); got.code != exitFailed || !strings.Contains(got.err, "no data in the data folder yet") || !os.IsNotExist(err) {
		t.Errorf("of nothing: exit %d, %v\n%s", got.code, err, got.err)
	}
	if _, err := os.Stat(r.data); !os.IsNotExist(err) {
		t.Errorf("it made the folder: %v", err)
	}
	r.setAzure()
	before := folder(t, r.data)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(r.data, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(r.data, "ledger.db"), filepath.Join(r.data, "snapshots", "b"), filepath.Join(link, "b"), r.data} {
		if got := r.panel("backup", path, "--backup-passphrase-file", r.passphrase); got.code != exitFailed || !strings.Contains(got.err, "inside Panel's own data folder") {
			t.Errorf("to %s: exit %d\n%s", path, got.code, got.err)
		}
	}
	after := folder(t, r.data)
	for path, text := range before {
		if !strings.Contains(path, storage.LogFolder) && after[path] != text {
			t.Errorf("%s was changed", path)
		}
	}
	if got := r.panel("backup", filepath.Join(t.TempDir(), "no folder", "b"), "--backup-passphrase-file", r.passphrase); got.code != exitFailed || !strings.Contains(got.err, "folder") {
		t.Errorf("to no folder: exit %d\n%s", got.code, got.err)
	}
}

// While another Panel has the data open, it is neither backed up nor replaced.
func TestBackupAndRestoreWaitForNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	r.setAzure()
	backup, passphrase := r.backedUp()
	s := r.session()
	defer s.close()
	before := folder(t, r.data)
	for _, command := range []string{"backup", "restore"} {
		if got := r.panel(command, backup, "--backup-passphrase-file", passphrase); got.code != exitInUse || !strings.Contains(got.err, "Another Panel") {
			t.Errorf("%s: exit %d\n%s", command, got.code, got.err)
		}
	}
	after := folder(t, r.data)
	maps.DeleteFunc(after, func(path, _ string) bool { return strings.Contains(path, storage.LogFolder) })
	maps.DeleteFunc(before, func(path, _ string) bool { return strings.Contains(path, storage.LogFolder) })
	if !maps.Equal(before, after) {
		t.Error("the folder was changed")
	}
}

// A check names both files, goes on after a damaged one, and changes nothing.
func TestCheckNamesBothFiles(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	if out := r.must("check"); out != "There is no data yet.\n" {
		t.Errorf("before anything: %q", out)
	}
	r.setUp()
	r.sync(exitDone)
	out := r.must("check")
	for _, part := range []string{"ledger.db: whole; ", "snapshots: ", ", the newest of 2", "inventory.db: whole; ", " people, 30 Chromebooks, "} {
		if !strings.Contains(out, part) {
			t.Errorf("check does not say %q:\n%s", part, out)
		}
	}
	path := filepath.Join(r.data, "ledger.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	before := folder(t, r.data)
	got := r.panel("check")
	if got.code != exitFailed || !strings.Contains(got.out, "ledger.db: damaged: ") || !strings.Contains(got.out, "inventory.db: whole; ") || !strings.Contains(got.err, "ledger.db") {
		t.Errorf("exit %d\n%s%s", got.code, got.out, got.err)
	}
	if !maps.Equal(before, folder(t, r.data)) {
		t.Error("the check changed something")
	}
}

// What came from a cloud, and accepted removals, go only once the ledger of
// before is in a snapshot.
func TestSnapshotBeforeBigThings(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	r.setUp()
	r.sync(exitDone)
	snapshots := func() int {
		entries, err := os.ReadDir(filepath.Join(r.data, "snapshots"))
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	s := r.session()
	defer s.close()
	b := &backend{session: s}
	for name, do := range map[string]func() error{
		"remove what came from Google": func() error { return b.Forget(t.Context(), "google") },
		"accept removals":              func() error { return b.Remove(t.Context(), "google", "people") },
	} {
		if err := b.SetLayout([]byte(name)); err != nil { // a change that is in no snapshot yet
			t.Fatal(err)
		}
		before := snapshots()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if n := snapshots(); n != before+1 {
			t.Errorf("%s: %d snapshots after %d", name, n, before)
		}
	}
}

// What a session in memory left when it was killed goes when the next begins;
// what is open or somebody else's stays.
func TestLeftSessionsAreSwept(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	make := func(name string, v storage.Vault) (string, *storage.Store) {
		t.Helper()
		dir := filepath.Join(tmp, name)
		s, err := storage.Open(t.Context(), storage.Options{Dir: dir, Vault: v})
		if err != nil {
			t.Fatal(err)
		}
		return dir, s
	}
	left, s := make(sessionPrefix+"left", new(storage.Memory))
	s.Close()
	open, s := make(sessionPrefix+"open", new(storage.Memory))
	defer s.Close()
	kept, k := make(sessionPrefix+"kept", new(quickVault))
	k.Close()
	other, o := make("elsewhere", new(storage.Memory))
	o.Close()
	empty := filepath.Join(tmp, sessionPrefix+"empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(tmp, sessionPrefix+"link")
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}
	storage.SweepSessions(tmp, sessionPrefix)
	for dir, stays := range map[string]bool{left: false, open: true, kept: true, other: true, empty: true, link: true} {
		if _, err := os.Stat(dir); os.IsNotExist(err) == stays {
			t.Errorf("%s: %v, is to stay: %v", filepath.Base(dir), err, stays)
		}
	}
	if n, err := fs.ReadDir(os.DirFS(open), "."); err != nil || len(n) < 4 {
		t.Errorf("the open one has lost files: %v, %v", n, err)
	}
}

// On a terminal the passphrase of a backup is asked for, twice where a slip
// would cost the backup, and never shown.
func TestBackupAsksOnATerminal(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	r.setAzure()
	path := filepath.Join(t.TempDir(), "b.age")
	ask := func(command string, typed ...string) (got result, shown string) {
		t.Helper()
		person, tty := newTerminal(t)
		var out, errs bytes.Buffer
		asked := &prompts{w: &errs, person: person, typed: typed}
		args := []string{"--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase, command, path}
		err := run(t.Context(), args, stdio{in: tty, out: &out, err: asked})
		got = result{exitCode(err, &errs), out.String(), errs.String()}
		tty.Close()
		echo, _ := io.ReadAll(person) // ends with an error once the terminal is closed
		return got, string(echo)
	}
	for _, c := range []struct {
		command string
		typed   []string
		code    int
		says    string
	}{
		{"backup", []string{"a passphrase", "another one"}, exitUsage, "not the same"},
		{"backup", []string{""}, exitUsage, "no passphrase"},
		{"backup", []string{" a passphrase ", " a passphrase "}, exitDone, "Once more: "},
		{"restore", []string{"a passphrase"}, exitFailed, "does not open"},
		{"restore", []string{" a passphrase "}, exitDone, "Passphrase of the backup: "},
	} {
		got, shown := ask(c.command, c.typed...)
		if got.code != c.code || !strings.Contains(got.err, c.says) {
			t.Errorf("%s, %q typed: exit %d, want %d and %q\n%s", c.command, c.typed, got.code, c.code, c.says, got.err)
		}
		if strings.Contains(shown, "passphrase") {
			t.Errorf("%s: the terminal shows %q", c.command, shown)
		}
	}
}

// prompts answers each prompt that is written to it by typing the next line,
// as a person does who sees that the terminal shows nothing any more.
type prompts struct {
	w      io.Writer
	person *os.File
	typed  []string
}

func (p *prompts) Write(b []byte) (int, error) {
	if bytes.HasSuffix(b, []byte(": ")) && len(p.typed) > 0 {
		line := p.typed[0] + "\n"
		p.typed = p.typed[1:]
		go func() {
			for {
				mode, err := unix.IoctlGetTermios(int(p.person.Fd()), unix.TCGETS)
				if err != nil {
					return // the terminal has gone
				}
				if mode.Lflag&unix.ECHO == 0 {
					break
				}
				pause()
			}
			_, _ = p.person.WriteString(line) // else the test waits in vain
		}()
	}
	return p.w.Write(b)
}

// newTerminal returns the two ends of a terminal.
func newTerminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	fd := int(person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { program.Close() })
	return person, program
}
