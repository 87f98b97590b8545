package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/sim"
)

// The log tells support what happened; commands that change nothing write none.
func TestLogOfCommands(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	if r.panel("export", "people"); r.status().People != 0 {
		t.Fatal("there is data already")
	}
	if _, err := os.Stat(r.data); !os.IsNotExist(err) {
		t.Errorf("a command that reads made a folder: %v", err)
	}
	r.setUp()
	r.sync(exitDone)
	r.faults(sim.Fault{Endpoint: "microsoft.token", Kind: "secret_expired"})
	r.sync(exitPerson)
	path := filepath.Join(r.data, storage.LogFolder, logName)
	read := func() string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	log := read()
	for _, part := range []string{
		`msg="Panel starts" version=`, `command="authorize google" os=`, `msg="data opened" vault=passphrase clouds=custom`,
		"outcome=ok", "listing=chromebooks complete=true seen=30", `msg="cloud failed" cloud=microsoft`, "kind:secret_expired", "took=", `msg="Panel ends" exit=3`,
	} {
		if !strings.Contains(log, part) {
			t.Errorf("the log does not say %s:\n%s", part, log)
		}
	}
	if strings.Contains(log, "level=DEBUG") {
		t.Errorf("the log says more than was asked for:\n%s", log)
	}
	for _, args := range [][]string{{"status"}, {"export", "people"}, {"check"}, {"sync", "--frobnicate"}} {
		r.panel(args...)
	}
	if read() != log {
		t.Error("commands that change nothing wrote into the log")
	}
	for path, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
	r.panel("--log-level", "error", "sync")
	if read() != log {
		t.Error("asked for errors alone, it wrote others")
	}
}

// A log grows to four megabytes and no more, and begins anew with the newest.
func TestLogIsRotated(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	line := strings.Repeat("x", 999) + "\n"
	n := 0
	for range 3 { // uses of Panel
		l, err := openLog(dir)
		if err != nil {
			t.Fatal(err)
		}
		for range 3000 {
			n++
			if _, err := fmt.Fprintf(l, "%08d %s", n, line); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Write(nil); !errors.Is(err, os.ErrClosed) {
			t.Errorf("a write after it was closed: %v", err)
		}
	}
	var size int64
	last := n
	for _, name := range []string{"panel.log", "panel.1.log", "panel.2.log", "panel.3.log"} {
		b, err := os.ReadFile(filepath.Join(dir, storage.LogFolder, name))
		if err != nil {
			t.Fatal(err)
		}
		size += int64(len(b))
		lines := bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
		if want := fmt.Sprintf("%08d ", last); !bytes.HasPrefix(lines[len(lines)-1], []byte(want)) {
			t.Errorf("%s ends with %.9s, want %s", name, lines[len(lines)-1], want)
		}
		last -= len(lines)
	}
	if entries, err := os.ReadDir(filepath.Join(dir, storage.LogFolder)); err != nil || len(entries) != 4 || size > 4<<20 || size < 3<<20 {
		t.Errorf("%d files of %d bytes, %v", len(entries), size, err)
	}
}

// logged is what a log says of some attributes.
func logged(attrs ...any) string {
	var b bytes.Buffer
	slog.New(newLog(&b, slog.LevelDebug)).Info("msg", attrs...)
	_, s, _ := strings.Cut(strings.TrimSpace(b.String()), "msg=msg ")
	return s
}

// Whatever an error quotes, the log has what kind it is and no more.
func TestLogIsCleared(t *testing.T) {
	t.Parallel()
	long := &cloud.Error{
		Kind: cloud.SignInNeeded, Cloud: directory.Google, Doing: "refresh", Code: "invalid_grant", Detail: "anna@x.example", Status: 400,
		Err: errors.New("POST https://x.example/?token=1//0g"),
	}
	for _, c := range []struct {
		value any
		want  string
	}{
		{long, `v="cloud:google kind:sign_in_needed doing:refresh code:invalid_grant status:400"`},
		{fmt.Errorf("anna: %w", long), `v="cloud:google kind:sign_in_needed doing:refresh code:invalid_grant status:400"`},
		{&cloud.Error{Kind: cloud.BadAnswer, Code: "Anna Smith"}, `v=kind:bad_answer`},
		{&cloud.Error{Kind: cloud.Storage, Code: "disk_full", Err: &fs.PathError{Op: "write", Path: "/home/anna/x", Err: syscall.ENOSPC}}, `v="kind:storage code:disk_full system:no space left on device"`},
		{storageError("open", &storage.DamagedError{File: "ledger.db", Err: errors.New("anna")}), `v="kind:storage doing:open code:damaged damaged:ledger.db"`},
		{&storage.VaultError{State: storage.VaultHung}, `v="kind:unexpected vault:hung"`},
		{&fs.PathError{Op: "open", Path: "/home/anna/x", Err: fs.ErrNotExist}, `v="kind:unexpected type:fs.PathError"`},
		{usageError{errors.New("anna")}, `v="kind:unexpected type:main.usageError"`},
		{"0.1 (abc), 3:4", `v="0.1 (abc), 3:4"`},
		{"anna@x.example", `v="(left out)"`},
		{directory.Cloud("/home/anna"), `v="(left out)"`},
		{"http://x", `v="(left out)"`},
		{http.MethodGet, "v=GET"},
		{7, "v=7"},
	} {
		if got := logged("v", c.value); got != c.want {
			t.Errorf("%v is logged as %s, want %s", c.value, got, c.want)
		}
	}
}

func TestNoTextGetsIntoTheLog(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.StringMatching(`[a-z]{6,12}[@/?=&"][a-z]{6,12}`).Draw(t, "secret")
		e := &cloud.Error{Kind: cloud.Unexpected, Code: secret, Detail: secret, Doing: secret, Trace: secret, Err: errors.New(secret)}
		if got := logged("a", e, "b", errors.New(secret), "c", secret); strings.Contains(got, secret[:6]) {
			t.Errorf("%q is in %s", secret, got)
		}
	})
}
