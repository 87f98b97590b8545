package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/sim"
	"panel/ui/view"
)

// begins tells what kind of file an export is by its first bytes.
func begins(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return "xlsx"
	case bytes.HasPrefix(b, []byte("[\n")):
		return "json"
	case bytes.HasPrefix(b, []byte("id,path,name")):
		return "csv"
	}
	return string(b[:min(len(b), 40)])
}

// The format is the one asked for, else that of the file's name.
func TestExportFormatFollowsTheName(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	dir := t.TempDir()
	for _, c := range []struct{ name, format, want string }{
		{"a.xlsx", "", "xlsx"}, {"a.XLSX", "", "xlsx"}, {"a.json", "", "json"}, {"a.csv", "", "csv"}, {"a.txt", "", "csv"}, {"a", "", "csv"},
		{"b.xlsx", "csv", "csv"}, {"b.csv", "xlsx", "xlsx"},
	} {
		args := []string{"export", "orgunits", "-o", filepath.Join(dir, c.name)}
		if c.format != "" {
			args = append(args, "--format", c.format)
		}
		if out := r.must(args...); out != "" {
			t.Errorf("with -o something went to standard output: %.80q", out)
		}
		if got := begins(t, filepath.Join(dir, c.name)); got != c.want {
			t.Errorf("panel %q wrote %s", args[:2], got)
		}
	}
	if out := r.must("export", "orgunits", "--format", "xlsx"); !strings.HasPrefix(out, "PK\x03\x04") {
		t.Errorf("standard output got %.20q", out)
	}
}

// A workbook would be noise on a terminal.
func TestWorkbookIsNotForATerminal(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	args := []string{"--data", r.data, "--passphrase-file", r.passphrase, "export", "people", "--format", "xlsx"}
	var said strings.Builder
	code := exitCode(run(t.Context(), args, stdio{in: strings.NewReader(""), out: terminal, err: &said}), &said)
	if code != exitUsage || !strings.Contains(said.String(), "name a file with -o") {
		t.Errorf("exit %d: %s", code, said.String())
	}
	if code := exitCode(run(t.Context(), append(args[:len(args)-1], "csv"), stdio{out: terminal, err: &said}), &said); code != exitDone {
		t.Errorf("a CSV on a terminal: exit %d: %s", code, said.String())
	}
}

func TestExportThroughLinksAndPipes(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 30, Chromebooks: 10})
	dir := t.TempDir()
	file, link, pipe := filepath.Join(dir, "there.csv"), filepath.Join(dir, "link.csv"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Symlink(file, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	r.must("export", "orgunits", "-o", link)
	if to, err := os.Readlink(link); err != nil || to != file || begins(t, file) != "csv" {
		t.Errorf("the link leads to %q (%v), the file has %s", to, err, begins(t, file))
	}
	got := make(chan string)
	go func() {
		f, err := os.Open(pipe)
		if err != nil {
			got <- err.Error()
			return
		}
		defer f.Close()
		b, _ := io.ReadAll(f) // what is missing shows
		got <- string(b)
	}()
	r.must("export", "orgunits", "-o", pipe)
	if want, read := r.must("export", "orgunits"), <-got; read != want {
		t.Errorf("the pipe got %q", read)
	}
	if info, err := os.Stat(pipe); err != nil || info.Mode().IsRegular() {
		t.Errorf("the pipe is gone: %v", err)
	}
}

// An export that cannot be written says why, and leaves what was there.
func TestExportThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 900, Chromebooks: 10})
	r.setUp()
	r.sync(exitDone)
	disk := t.TempDir()
	mount := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("mount", args...).CombinedOutput(); err != nil {
			t.Skipf("a small disk cannot be mounted here: %s", out)
		}
	}
	mount("-t", "tmpfs", "-o", "size=100k", "tmpfs", disk)
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-R", disk).CombinedOutput(); err != nil {
			t.Errorf("unmount: %s", out)
		}
	})
	path := filepath.Join(disk, "people.csv")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	people := view.NewPeople(time.Now())
	for i := range 5000 {
		people.Add(&directory.Person{ID: fmt.Sprint(i), PrimaryEmail: fmt.Sprintf("%x@example.com", sha256.Sum256([]byte{byte(i), byte(i >> 8)}))})
	}
	list := view.NewList(people.Rows())
	fails := func(what, path, says string, left int) {
		t.Helper()
		for _, format := range []string{"csv", "json", "xlsx"} {
			got := r.panel("export", "people", "--format", format, "-o", path)
			if got.code != exitFailed || !strings.Contains(got.err, says) || !strings.Contains(got.err, filepath.Base(path)) || got.out != "" {
				t.Errorf("%s, %s: exit %d: %s%s", what, format, got.code, got.out, got.err)
			}
		}
		for _, format := range []view.Format{view.CSV, view.XLSX} { // as from the window
			err := new(backend).SaveFile(t.Context(), path, func(w io.Writer) error {
				return list.Extract("People", []int{0, 1}, nil, time.Now()).Write(t.Context(), w, format, func(int) {})
			})
			if words := view.Say(cloud.AsError(err)).String(); !strings.Contains(words, says) || !strings.Contains(words, filepath.Base(path)) {
				t.Errorf("%s, %s of a list: %s", what, format, words)
			}
		}
		if entries, err := os.ReadDir(disk); err != nil || len(entries) != left {
			t.Errorf("%s: the folder holds %v (%v)", what, entries, err)
		}
	}
	fails("a full disk", path, "no room left", 1)
	fails("no folder", filepath.Join(disk, "nowhere", "people.csv"), "is not there", 1)
	if err := os.Mkdir(filepath.Join(disk, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	mount("-o", "remount,size=10m", disk)
	fails("a folder of that name", filepath.Join(disk, "folder"), "place of the old one", 2)
	mount("--bind", path, path) // cannot be replaced, like an open file on Windows
	fails("a file in use", path, "Close it where it is open", 2)
	mount("-o", "remount,ro", disk)
	fails("a disk to read", filepath.Join(disk, "new.csv"), "does not let you write", 2)
	if b, err := os.ReadFile(path); err != nil || string(b) != "old" {
		t.Errorf("what was there is now %.20q (%v)", b, err)
	}
}

// A failure to read what is exported is not one of the file.
func TestExportSaysWhatFailed(t *testing.T) {
	broken := &cloud.Error{Kind: cloud.Storage, Code: "damaged", Detail: "inventory.db"}
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := writeWhole(path, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("a damaged file became %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("%v is left (%v)", left, err)
	}
}
