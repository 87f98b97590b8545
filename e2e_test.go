package main

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"panel/sync/sim"
)

// The main job in a real window, with a real browser, a real keychain, real
// HTTP and real files; only the two clouds are simulated.
func TestEndToEnd(t *testing.T) {
	d := newDesk(t, "1280x800")
	bin := untagged(t)
	clouds := sim.New(sim.Config{People: 600, Chromebooks: 400})
	server, err := clouds.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	args := []string{"--data", filepath.Join(d.home, "data"), "--cloud", server.Profile}

	d.setenv("FYNE_THEME", "dark")
	w := d.open(bin, "--data", filepath.Join(d.home, "nothing"), "--cloud", server.Profile)
	dark := d.tour("-empty", lastWordsEmpty)
	w.quit()
	d.setenv("FYNE_THEME", "light")
	w = d.open(bin, append(args, "--log-level", "info")...)
	light := d.tour("-empty", lastWordsEmpty)

	// Without an OAuth client the first button opens the guide; the client
	// is pasted into it.
	client, err := os.ReadFile(server.GoogleClient)
	if err != nil {
		t.Fatal(err)
	}
	d.changes(func() { d.press("Set up Google access") })
	d.picture("google-setup")
	d.copy(string(client))
	d.changes(func() { d.key("ctrl+v") })

	// The notice, the browser, the consent page, and back.
	d.press("Authorize Panel to Perform Google Workspace Sync")
	d.see("Start Authorization")
	d.picture("authorize")
	d.press("Start Authorization")
	d.see("Select what Panel can access:")
	d.xdotool("mousemove", "750", "400", "click", "--repeat", "30", "--delay", "5", "5") // down the page
	d.press("Allow")
	d.tab("Panel")
	w.waitFor("sync ended")
	if n := clouds.Requests("google.write") + clouds.Requests("microsoft.write"); n != 0 {
		t.Errorf("%d requests would have changed something", n)
	}

	// The Azure form, by keyboard: its first field has the focus.
	d.settled()
	d.press("Add Azure Sync Settings")
	d.see("Test connection")
	a := server.Azure
	for i, text := range []string{a.ClientID, a.Tenant, a.ClientSecret} {
		if i > 0 {
			d.key("Tab")
		}
		d.key("ctrl+a") // what is prefilled goes
		d.typeText(text)
	}
	d.settled()
	d.picture("azure")
	d.press("Save")
	w.waitFor("sync ended", "sync ended")
	d.see("Export…")     // which the form had covered
	d.clear("are saved") // covers the changes
	full := d.tour("", lastWords)
	changes := d.exportChanges()
	d.exportAndPrint()
	w.quit()

	// Once more in the dark, with the data of before.
	d.setenv("FYNE_THEME", "dark")
	w = d.open(bin, append(args, "--log-level", "info")...)
	fullDark := d.tour("", lastWords)
	w.quit()

	// What the window imported is in the store, to the record, and on the
	// pictures.
	command := func(more ...string) string { return d.panel(bin, append(args, more...)...) }
	want := clouds.Counts()
	for what, n := range map[string]int{"people": want.People, "chromebooks": want.Chromebooks, "orgunits": want.OrgUnits} {
		if records := decode[[]object](t, command("export", what, "--format", "json")); len(records) != n {
			t.Errorf("%d %s in the store, want %d", len(records), what, n)
		}
	}
	if all := command("export", "changes"); strings.Count(changes, "\n") < 2 || !strings.HasPrefix(all, changes) {
		t.Errorf("the window exported the changes of the newest sync as\n%s\nthe command all of them as\n%s", changes, all)
	}
	leaks(t, d.home, a.ClientSecret)
	tabs := fullTabs(t, command)
	for _, look := range []struct {
		taken map[string]*sight
		want  map[string]shown
	}{{dark, emptyTabs}, {light, emptyTabs}, {full, tabs}, {fullDark, tabs}} {
		for tab, s := range look.taken {
			s.check(t, look.want[tab])
		}
	}
	wouldBeNoticed(t, full, tabs)
}

// tour looks at every tab for which it is given a word, Cloud Sync last: at each
// once it says that word, which is the last to come.
func (d *desk) tour(suffix string, last map[string]string) map[string]*sight {
	d.t.Helper()
	taken := map[string]*sight{}
	for _, tab := range []struct{ key, name string }{{"ctrl+2", "people"}, {"ctrl+3", "chromebooks"}, {"ctrl+4", "checkout"}, {"ctrl+1", "cloud-sync"}} {
		if last[tab.name] == "" {
			continue
		}
		d.key(tab.key)
		d.until(tab.name+suffix, func() bool {
			d.settled()
			taken[tab.name] = d.picture(tab.name + suffix)
			taken[tab.name].read(d.t)
			_, there := taken[tab.name].find(last[tab.name])
			if !there {
				d.t.Logf("%s does not say %q yet:\n%s", tab.name+suffix, last[tab.name], taken[tab.name])
			}
			return there
		})
	}
	return taken
}

// lastWords tell that a tab is wholly there, before and after a sync.
var (
	lastWordsEmpty = map[string]string{"people": "0 people", "chromebooks": "0 Chromebooks", "checkout": "A person first, then what goes out to them", "cloud-sync": "No sync yet"}
	lastWords      = map[string]string{"people": "All people", "chromebooks": "All Chromebooks", "cloud-sync": "Added"}
)

// exportChanges saves the change list that Cloud Sync shows, and returns what
// is in the file.
func (d *desk) exportChanges() string {
	d.t.Helper()
	d.changes(func() { d.press("Export…") })
	d.key("ctrl+a")
	d.typeText("changes.csv")
	d.key("Return")
	path := filepath.Join(d.home, "changes.csv")
	d.until("the export", func() bool { _, err := os.Stat(path); return err == nil })
	b, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// exportAndPrint does both with the Chromebooks, by keyboard.
func (d *desk) exportAndPrint() {
	d.t.Helper()
	d.changes(func() { d.key("ctrl+3") })
	d.changes(func() { d.key("ctrl+e") })
	d.key("ctrl+a")
	d.typeText("books.csv")
	d.key("Return")
	path := filepath.Join(d.home, "books.csv")
	d.until("the export", func() bool { _, err := os.Stat(path); return err == nil })
	b, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(b), "\ufeffSerial,") || strings.Count(string(b), "\n") < 300 {
		d.t.Errorf("the export holds %.80q (%v)", b, err)
	}
	d.key("ctrl+p")
	d.tab("Chromebooks – ")
	d.xdotool("search", "--onlyvisible", "--name", "^Panel .*json$", "windowfocus") // which the browser took
}

// changes does something, and waits until the window has shown something else
// for it and is at rest again.
func (d *desk) changes(do func()) {
	d.t.Helper()
	before := d.look()
	do()
	d.until("another picture", func() bool { return !alike(before, d.look()) })
	d.settled()
}

// leaks looks for a secret in every file below the home folder but the
// browser's and the keychain's own.
func leaks(t *testing.T, home, secret string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(home, "data"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(b), secret) {
			t.Errorf("the client secret stands in %s", e.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// untaggedDir is where untagged builds, removed by TestMain.
var untaggedDir string

var buildUntagged = sync.OnceValues(func() (bin string, err error) {
	if untaggedDir, err = os.MkdirTemp("", "panel-untagged-"); err != nil {
		return "", err
	}
	var flags []string
	if raceDetector {
		flags = []string{"-race"}
	}
	bin = filepath.Join(untaggedDir, "panel")
	return bin, goBuild(bin, flags...)
})

// untagged is the program with Fyne's thread checks, built once for all tests.
func untagged(t *testing.T) string {
	t.Helper()
	bin, err := buildUntagged()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func goBuild(bin string, flags ...string) error {
	args := append([]string{"build", "-o", bin}, flags...)
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// window is a running Panel.
type window struct {
	d   *desk
	cmd *exec.Cmd
	err *syncBuffer
}

// open starts Panel and waits for its window.
func (d *desk) open(bin string, args ...string) *window {
	d.t.Helper()
	w := &window{d: d, err: new(syncBuffer)}
	w.cmd = exec.Command(bin, args...)
	w.cmd.Stderr = w.err
	d.start(w.cmd)
	d.t.Cleanup(func() {
		if d.t.Failed() {
			d.t.Logf("Panel said:\n%s", w.err)
		}
	})
	d.until("the window", func() bool {
		cmd := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^Panel .*(json|Demo)$") // not the browser's
		cmd.Env = d.env
		return cmd.Run() == nil
	})
	d.xdotool("mousemove", "640", "30")
	d.see("Cloud Sync")
	d.settled()
	return w
}

// waitFor waits until the log has the words, one after the other.
func (w *window) waitFor(words ...string) {
	w.d.t.Helper()
	w.d.until(strings.Join(words, ", "), func() bool {
		rest := w.err.String()
		for _, word := range words {
			i := strings.Index(rest, word)
			if i < 0 {
				return false
			}
			rest = rest[i+len(word):]
		}
		return true
	})
}

// quit closes the window and checks what it said meanwhile.
func (w *window) quit() {
	w.d.t.Helper()
	w.d.key("ctrl+q")
	if err := w.cmd.Wait(); err != nil {
		w.d.t.Errorf("Panel ended with %v", err)
	}
	for _, bad := range []string{"*** Error in Fyne call thread", "DATA RACE", "panic:", "level=ERROR"} {
		if s := w.err.String(); strings.Contains(s, bad) {
			w.d.t.Errorf("the window said:\n%s", s)
			return
		}
	}
}

// panel runs a command on the desk that has to succeed, and returns its
// output.
func (d *desk) panel(bin string, args ...string) string {
	d.t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Env = d.env
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("panel %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}

func (d *desk) key(k string)         { d.t.Helper(); d.xdotool("key", k) }
func (d *desk) typeText(text string) { d.t.Helper(); d.xdotool("type", "--delay", "5", text) }

// copy puts a text on the clipboard.
func (d *desk) copy(text string) {
	d.t.Helper()
	cmd := exec.Command("xclip", "-selection", "clipboard", "-quiet")
	cmd.Stdin = strings.NewReader(text)
	d.start(cmd)
}

// settled waits until two pictures in a row are alike.
func (d *desk) settled() {
	d.t.Helper()
	before := d.look()
	d.until("the window at rest", func() bool {
		now := d.look()
		same := alike(before, now)
		before = now
		return same
	})
}

// clear waits until words that cover others have gone.
func (d *desk) clear(words string) {
	d.t.Helper()
	d.until("a view that is clear of “"+words+"”", func() bool {
		s := &sight{name: "the screen", img: d.look()}
		s.read(d.t)
		_, there := s.find(words)
		return !there
	})
}

func alike(a, b *image.RGBA) bool { return bytes.Equal(a.Pix, b.Pix) }

// picture looks at the screen. With PANEL_PICTURES it is kept in that folder,
// for the manual.
func (d *desk) picture(name string) *sight {
	d.t.Helper()
	s := &sight{name: name + "-" + d.theme(), img: d.look()}
	dir := os.Getenv("PANEL_PICTURES")
	if dir == "" {
		return s
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		d.t.Fatal(err)
	}
	// 255 colours are enough for text, and make small files.
	cmd := exec.Command("import", "-window", "root", "+dither", "-colors", "255", "png8:"+filepath.Join(dir, s.name+".png"))
	cmd.Env = d.env
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("keep the picture: %v\n%s", err, out)
	}
	return s
}

// theme is the one that the desk asks for.
func (d *desk) theme() string {
	if slices.Contains(d.env, "FYNE_THEME=dark") {
		return "dark"
	}
	return "light"
}

// see waits for a text on the screen, which has to be seen whole, and returns
// where it is.
func (d *desk) see(text string) (at image.Rectangle) {
	d.t.Helper()
	var last *sight
	defer func() {
		if d.t.Failed() {
			d.t.Logf("the screen says\n%s", last)
		}
	}()
	d.until(text+" on the screen", func() (ok bool) {
		last = &sight{name: "the screen", img: d.look()}
		last.read(d.t)
		at, ok = last.find(text)
		return ok
	})
	return at
}

// press presses the button with a label, once it stays where it is.
func (d *desk) press(label string) {
	d.t.Helper()
	at := d.see(label)
	d.until(label+" at rest", func() bool {
		before := at
		at = d.see(label)
		return at == before
	})
	d.click(image.Pt((at.Min.X+at.Max.X)/2, middle(at)))
	d.xdotool("mousemove", "640", "30")
}
