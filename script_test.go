package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"panel/sync/sim"
)

// The script of the manual does the whole job, with the program as it is
// shipped and a vault that is really sealed.
func TestTheScriptOfTheManual(t *testing.T) {
	t.Parallel()
	need(t, "curl", "jq")
	script, err := exec.Command(".ci/manual-script", "docs/cli.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "sh", "-eu")
	cmd.Stdin = strings.NewReader(string(script))
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(shipped(t))+":"+os.Getenv("PATH"), "TMPDIR="+temporary, "DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR="+temporary)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the script: %v\n%s", err, out)
	}
	want := sim.New(sim.Config{}).Counts()
	lines := strings.Split(string(out), "\n")
	for _, line := range []string{
		fmt.Sprintf("%d people", want.People), fmt.Sprintf("%d chromebooks", want.Chromebooks), fmt.Sprintf("%d people exported", want.People),
	} {
		if !slices.Contains(lines, line) {
			t.Errorf("no line %q in:\n%s", line, out)
		}
	}
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("it left behind: %v, %v", left, err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The manual shows each tab light and dark, empty and full, and no picture that
// is not there.
func TestTheManualShowsEveryPicture(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for _, m := range regexp.MustCompile(`\]\(pictures/([^)]+)\)`).FindAllStringSubmatch(read(t, "docs/manual.md"), -1) {
		shown[m[1]] = true
		if _, err := os.Stat(filepath.Join("docs/pictures", m[1])); err != nil {
			t.Error(err)
		}
	}
	for _, tab := range []string{"cloud-sync", "people", "chromebooks", "checkout"} {
		for _, look := range []string{"-light", "-dark", "-empty-light", "-empty-dark"} {
			if !shown[tab+look+".png"] {
				t.Errorf("%s%s.png is not in the manual", tab, look)
			}
		}
	}
	kept, err := os.ReadDir("docs/pictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range kept {
		if !shown[e.Name()] {
			t.Errorf("%s is kept, and not in the manual", e.Name())
		}
	}
}

func TestTheReadmeNamesTargetsThatExist(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`\bmake ([a-z]+)`).FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(named) < 8 {
		t.Errorf("the README names only %d targets", len(named))
	}
	makefile := read(t, "Makefile")
	for _, m := range named {
		if !strings.Contains(makefile, "\n"+m[1]+":") {
			t.Errorf("the README says %q, and the Makefile has no such target", m[0])
		}
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, "README.md"), -1) {
		if _, err := os.Stat(link[1]); err != nil {
			t.Errorf("the README links to %s: %v", link[1], err)
		}
	}
}

// The page on the command line has the commands and options of --help, all of
// them.
func TestTheManualHasEveryCommand(t *testing.T) {
	t.Parallel()
	page := read(t, "docs/cli.md")
	help := func(args ...string) string {
		t.Helper()
		got := command(t.Context(), "", append(args, "--help")...)
		if got.code != exitDone {
			t.Errorf("panel %s --help: exit %d\n%s", strings.Join(args, " "), got.code, got.err)
		}
		return got.out
	}
	// In the page a line is as in "panel azure set | test   what it does".
	var documented []string
	block := regexp.MustCompile("(?s)```\n(panel .*?)```").FindStringSubmatch(page)
	if block == nil {
		t.Fatal("docs/cli.md has no list of commands")
	}
	for line := range strings.Lines(block[1]) {
		usage, _, _ := strings.Cut(strings.TrimPrefix(line, "panel "), "  ")
		first, more, _ := strings.Cut(strings.TrimSpace(usage), " | ")
		words := strings.Fields(first)
		words = slices.DeleteFunc(words, func(w string) bool { return w == strings.ToUpper(w) })
		if len(words) == 0 {
			continue // the window
		}
		documented = append(documented, strings.Join(words, " "))
		for _, other := range strings.FieldsFunc(more, func(r rune) bool { return r == '|' || r == ' ' }) {
			documented = append(documented, words[0]+" "+other)
		}
	}
	// In the help a command is a line as in "  azure set --tenant=T [flags]".
	var known []string
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+(?: [a-z]+)?)(?: [-<[].*)?$`).FindAllStringSubmatch(help(), -1) {
		known = append(known, strings.TrimSpace(m[1]))
	}
	slices.Sort(documented)
	slices.Sort(known)
	if !slices.Equal(documented, known) || len(known) < 11 {
		t.Errorf("docs/cli.md has the commands\n%q, --help\n%q", documented, known)
	}
	var all strings.Builder
	for _, c := range known {
		all.WriteString(help(strings.Fields(c)...))
	}
	for _, option := range regexp.MustCompile(`\x60panel[^\x60]*\x60|\x60--[a-z-]+|\(--[^)]*\)| --[a-z-]+`).FindAllString(page, -1) {
		for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(option, -1) {
			if !strings.Contains(all.String(), flag) {
				t.Errorf("docs/cli.md has the option %s, no help does", flag)
			}
		}
	}
	for _, flag := range regexp.MustCompile(`(?m)^ +(?:-[a-z], )?(--[a-z-]+)`).FindAllStringSubmatch(all.String(), -1) {
		if !strings.Contains(page, flag[1]) && flag[1] != "--help" && flag[1] != "--version" {
			t.Errorf("--help has the option %s, docs/cli.md does not", flag[1])
		}
	}
}
