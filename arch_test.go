package main

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms says which other rooms of Panel a room may import, and why not more.
// Test files are free to import more: an adapter is tested against the
// simulator, and main's tests see everything.
var rooms = map[string]struct {
	may []string
	why string
}{
	"panel/directory":            {nil, "the words that everyone shares depend on nobody"},
	"panel/ledger":               {[]string{"panel/directory"}, "the rules of holding are pure: they know people and devices, no file and no cloud"},
	"panel/sync/cloud":           {[]string{"panel/directory"}, "the contract of a cloud speaks of records alone"},
	"panel/sync/cloud/cloudtest": {[]string{"panel/sync/cloud"}, "a network in memory for tests; it knows no cloud"},
	"panel/sync/google":          {[]string{"panel/directory", "panel/sync/cloud", "panel/sync/oauth"}, "an adapter knows its own cloud: not the other one, no file, no window"},
	"panel/sync/microsoft":       {[]string{"panel/directory", "panel/sync/cloud"}, "an adapter knows its own cloud: not the other one, no file, no window"},
	"panel/sync/oauth":           {[]string{"panel/directory", "panel/sync/cloud"}, "a sign-in is HTTP and typed errors"},
	"panel/sync/engine":          {[]string{"panel/directory", "panel/sync/cloud"}, "the engine sees clouds and stores through interfaces alone"},
	"panel/sync/sim":             {nil, "a simulator that shared the adapters' wire types would share their mistakes"},
	"panel/storage":              {[]string{"panel/directory", "panel/ledger"}, "what is kept is what the clouds said and what the technician did"},
	"panel/ui/view":              {[]string{"panel/directory", "panel/ledger", "panel/sync/cloud", "panel/sync/engine"}, "rows and words are made of records, statuses and typed errors, without Fyne"},
	"panel/ui":                   {[]string{"panel/assets", "panel/directory", "panel/ledger", "panel/sync/cloud", "panel/sync/engine", "panel/ui/view"}, "the window asks everything else of its Backend"},
	"panel/assets":               {nil, "files, embedded"},
}

// outside says which foreign packages are kept to certain rooms.
var outside = []struct {
	prefix string
	only   []string
	why    string
}{
	{"fyne.io/fyne/v2/app", []string{"panel"}, "it pulls in cgo and a display; the window's tests need neither"},
	{"fyne.io/fyne/v2", []string{"panel", "panel/ui", "panel/assets"}, "only the window knows the toolkit"},
	{"github.com/go-gl/glfw", []string{"panel"}, "it is Fyne's own, below it: for what Fyne does not do"},
	{"go.etcd.io/bbolt", []string{"panel/storage"}, "another store must be able to stand in its place"},
	{"github.com/AzureAD/", []string{"panel/sync/microsoft"}, "one adapter a cloud"},
	{"golang.org/x/oauth2", []string{"panel/sync/oauth"}, "one place signs in"},
	{"google.golang.org/api", nil, "its list calls neither retry nor check what arrived; tests hold our wire types against it"},
	{"github.com/xuri/excelize", []string{"panel/ui/view"}, "one place writes spreadsheets"},
	{"github.com/boombuler/barcode", []string{"panel/ui/view"}, "one place draws codes"},
	{"filippo.io/age", []string{"panel/storage"}, "secrets are sealed in one place"},
	{"github.com/zalando/go-keyring", []string{"panel/storage"}, "secrets are kept in one place"},
}

func TestRoomsImportOnlyWhatTheyMay(t *testing.T) {
	for _, p := range packages(t) {
		room, known := rooms[p.ImportPath]
		if !known && p.ImportPath != "panel" {
			t.Errorf("%s is no room of the house: give it a place in the table, with a reason", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if imp == "panel" {
				t.Errorf("%s imports main", p.ImportPath)
			}
			if known && strings.HasPrefix(imp, "panel/") && !slices.Contains(room.may, imp) {
				t.Errorf("%s imports %s, but %s", p.ImportPath, imp, room.why)
			}
			for _, o := range outside {
				if strings.HasPrefix(imp, o.prefix) {
					if !slices.Contains(o.only, p.ImportPath) {
						t.Errorf("%s imports %s, but %s", p.ImportPath, imp, o.why)
					}
					break
				}
			}
		}
	}
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 5 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}

// Every library that Panel itself imports has a line that says why.
func TestEveryDependencyIsArguedFor(t *testing.T) {
	direct := 0
	for line := range strings.Lines(read(t, "go.mod")) {
		module, version, ok := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "require ")), " ")
		if !ok || !strings.HasPrefix(version, "v") || strings.Contains(version, "// indirect") {
			continue
		}
		direct++
		if !strings.Contains(read(t, "docs/dependencies.md"), "| "+module+" |") {
			t.Errorf("docs/dependencies.md does not say why %s", module)
		}
	}
	if direct < 10 {
		t.Errorf("go.mod seems to have only %d direct dependencies", direct)
	}
}

// Pictures belong into the manual, programs and archives nowhere.
func TestNothingLargeIsCommitted(t *testing.T) {
	out, err := exec.Command("git", "ls-files", "-z").Output()
	if err != nil {
		t.Skipf("not a git checkout: %v", err)
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	if len(files) < 50 {
		t.Fatalf("git knows only %d files", len(files))
	}
	for _, name := range files {
		info, err := os.Lstat(name)
		if err != nil {
			continue // removed, and not yet committed
		}
		if info.Size() > 300<<10 {
			t.Errorf("%s has %d KB; nothing over 300 KB is kept here", name, info.Size()>>10)
		}
	}
}
