package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panel/sync/sim"
)

// The main job in a real window, with a real browser, a real keychain, real
// HTTP and real files; only the two clouds are simulated.
func TestEndToEnd(t *testing.T) {
	d := newDesk(t, "1280x800")
	var flags []string
	if raceDetector {
		flags = []string{"-race"}
	}
	bin := build(t, flags...)
	clouds := sim.New(sim.Config{People: 600, Chromebooks: 400})
	server, err := clouds.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	args := []string{"--data", filepath.Join(d.home, "data"), "--cloud", server.Profile}

	d.setenv("FYNE_THEME", "dark")
	w := d.open(bin, "--data", filepath.Join(d.home, "nothing"), "--cloud", server.Profile)
	d.tour("-empty")
	w.quit()
	d.setenv("FYNE_THEME", "light")
	w = d.open(bin, append(args, "--log-level", "info")...)
	d.tour("-empty")

	// Without an OAuth client the first button opens the guide; the client
	// is pasted into it.
	client, err := os.ReadFile(server.GoogleClient)
	if err != nil {
		t.Fatal(err)
	}
	d.changes(func() { d.clickPrimary(0) })
	d.picture("google-setup")
	d.copy(string(client))
	d.changes(func() { d.key("ctrl+v") })

	// The notice, the browser, the consent page, and back.
	d.changes(func() { d.clickPrimary(0) })
	d.picture("authorize")
	d.clickPrimary(-1)
	consent := d.tab("Sign in")
	d.press(consent, "#allow")
	d.tab("Panel")
	w.waitFor("sync ended")
	if n := clouds.Requests("google.write") + clouds.Requests("microsoft.write"); n != 0 {
		t.Errorf("%d requests would have changed something", n)
	}

	// The Azure form, by keyboard: its first field has the focus.
	d.settled()
	d.changes(func() { d.clickPrimary(-1) })
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
	d.clickPrimary(-1)
	w.waitFor("sync ended", "sync ended")

	d.settled()
	d.tour("")
	w.quit()

	// What the window imported is in the store, to the record.
	want := clouds.Counts()
	for what, n := range map[string]int{"people": want.People, "chromebooks": want.Chromebooks, "orgunits": want.OrgUnits} {
		var records []map[string]any
		out := d.panel(bin, append(args, "export", what, "--format", "json")...)
		if err := json.Unmarshal([]byte(out), &records); err != nil {
			t.Fatalf("export %s: %v", what, err)
		}
		if len(records) != n {
			t.Errorf("%d %s in the store, want %d", len(records), what, n)
		}
	}
	leaks(t, d.home, a.ClientSecret)

	// Once more in the dark, with the data of before.
	d.setenv("FYNE_THEME", "dark")
	w = d.open(bin, append(args, "--log-level", "info")...)
	d.tour("")
	w.quit()
}

// tour looks at every tab, Cloud Sync last. It begins on another tab than
// People.
func (d *desk) tour(suffix string) {
	d.t.Helper()
	for _, tab := range []struct{ key, name string }{{"ctrl+2", "people"}, {"ctrl+3", "chromebooks"}, {"ctrl+1", "cloud-sync"}} {
		d.changes(func() { d.key(tab.key) })
		d.picture(tab.name + suffix)
	}
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

// build makes the program.
func build(t *testing.T, flags ...string) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "panel")
	if err := goBuild(bin, flags...); err != nil {
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
	d.until("the window", func() bool {
		cmd := exec.Command("xdotool", "search", "--onlyvisible", "--name", "^Panel")
		cmd.Env = d.env
		return cmd.Run() == nil
	})
	d.xdotool("mousemove", "640", "30")
	d.until("something in the window", func() bool { return colours(d.look()) >= fewest })
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

func alike(a, b image.Image) bool {
	x, okX := a.(*image.RGBA)
	y, okY := b.(*image.RGBA)
	if okX && okY {
		return slices.Equal(x.Pix, y.Pix)
	}
	return slices.Equal(pixels(a), pixels(b))
}

func pixels(m image.Image) []uint32 {
	r := m.Bounds()
	p := make([]uint32, 0, r.Dx()*r.Dy())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			r, g, b, _ := m.At(x, y).RGBA()
			p = append(p, r>>8<<16|g>>8<<8|b>>8)
		}
	}
	return p
}

// picture looks at the screen: it must show something. With PANEL_PICTURES it
// is kept in that folder, for the manual.
func (d *desk) picture(name string) {
	d.t.Helper()
	img := d.look()
	if n := colours(img); n < fewest {
		d.t.Errorf("%s: a picture of only %d colours", name, n)
	}
	dir := os.Getenv("PANEL_PICTURES")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		d.t.Fatal(err)
	}
	// 255 colours are enough for text, and make small files.
	cmd := exec.Command("import", "-window", "root", "+dither", "-colors", "255", "png8:"+filepath.Join(dir, name+"-"+d.theme()+".png"))
	cmd.Env = d.env
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("keep the picture: %v\n%s", err, out)
	}
}

// fewest is how many colours a window has at least that shows some text.
const fewest = 50

func colours(img image.Image) int {
	seen := map[uint32]bool{}
	for _, p := range pixels(img) {
		seen[p] = true
	}
	return len(seen)
}

// theme is the one that the desk asks for.
func (d *desk) theme() string {
	if slices.Contains(d.env, "FYNE_THEME=dark") {
		return "dark"
	}
	return "light"
}

// primary is the colour of the button that a person is meant to press.
var primary = map[string]color.RGBA{
	"light": {0x1a, 0x62, 0xcf, 0xff},
	"dark":  {0x5b, 0x9b, 0xff, 0xff},
}

// clickPrimary presses the button of the primary colour that comes n-th in
// reading order; from the end, when n is negative.
func (d *desk) clickPrimary(n int) {
	d.t.Helper()
	var all []image.Rectangle
	d.until("a primary button", func() bool {
		all = buttons(d.look(), primary[d.theme()])
		return len(all) > 0 && n < len(all)
	})
	if n < 0 {
		n += len(all)
	}
	r := all[n]
	d.click(image.Pt((r.Min.X+r.Max.X)/2, (r.Min.Y+r.Max.Y)/2))
	d.xdotool("mousemove", "640", "30")
}

// buttons finds the rectangles of a colour that are large enough to be a
// button, in reading order.
func buttons(img image.Image, c color.RGBA) []image.Rectangle {
	const wide, high = 40, 18
	b := img.Bounds()
	is := func(x, y int) bool { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) == c }
	var all []image.Rectangle
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			if i := slices.IndexFunc(all, func(r image.Rectangle) bool { return image.Pt(x, y).In(r) }); i >= 0 {
				x = all[i].Max.X - 1
				continue
			}
			if !is(x, y) {
				continue
			}
			right := x
			for right < b.Max.X && is(right, y) {
				right++
			}
			bottom := y
			for bottom < b.Max.Y && is(x, bottom) {
				bottom++
			}
			// The corners are round, so the first line is shorter than the
			// button and the text interrupts others; grow to both sides.
			if right-x >= wide {
				left := x
				for left > b.Min.X && is(left-1, y+high/2) {
					left--
				}
				end := right
				for end < b.Max.X && is(end, y+high/2) {
					end++
				}
				for bottom = y; bottom < b.Max.Y && is(x, bottom); bottom++ {
				}
				if bottom-y >= high {
					all = append(all, image.Rect(left, y, max(end, right), bottom))
				}
			}
			x = right
		}
	}
	return all
}
