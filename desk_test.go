package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"image"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// desk is a technician's computer for one test: a screen without a monitor, a
// D-Bus session with a keychain on it, a browser, and a home folder.
type desk struct {
	t       *testing.T
	home    string
	env     []string
	size    image.Point // of the screen
	debug   string      // host:port at which the browser lists its tabs
	address string      // of the session bus
}

// need skips the test where a program is missing, and fails it on CI, which
// has all of them.
func need(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err == nil {
			continue
		}
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: run .ci/packages window keychain browser shell", p)
		}
		t.Skipf("%s is not installed: run .ci/packages window keychain browser shell", p)
	}
}

// newDesk sets a desk up; size is the screen's, as in "1280x800".
func newDesk(t *testing.T, size string) *desk {
	t.Helper()
	need(t, "Xvfb", "xdotool", "import", "xclip", "tesseract", "dbus-daemon", "gnome-keyring-daemon", "chromium")
	d := emptyDesk(t)
	d.screen(size)
	d.bus()
	d.keychain()
	d.browser()
	return d
}

// emptyDesk has nothing but a home folder, and an environment that leads
// nowhere else.
func emptyDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, home: t.TempDir()}
	d.env = append(os.Environ(),
		"HOME="+d.home, "XDG_DATA_HOME="+filepath.Join(d.home, "share"), "XDG_CONFIG_HOME="+filepath.Join(d.home, "config"),
		"XDG_CACHE_HOME="+filepath.Join(d.home, "cache"), "XDG_RUNTIME_DIR="+d.home, "LANG=en_US.UTF-8", "FYNE_SCALE=1", "FYNE_THEME=light",
		"WAYLAND_DISPLAY=", "LIBGL_ALWAYS_SOFTWARE=1", "NO_AT_BRIDGE=1",
		"DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=", "GNOME_KEYRING_CONTROL=")
	return d
}

// start runs a program for as long as the test lasts.
func (d *desk) start(cmd *exec.Cmd) *exec.Cmd {
	d.t.Helper()
	cmd.Env = d.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		d.t.Fatalf("start %s: %v", cmd.Path, err)
	}
	d.t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
		_ = cmd.Wait()
	})
	return cmd
}

// screen starts an X server on a free display.
func (d *desk) screen(size string) {
	d.t.Helper()
	cmd, display, err := startScreen(size)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()
	})
	if _, err := fmt.Sscanf(size, "%dx%d", &d.size.X, &d.size.Y); err != nil {
		d.t.Fatalf("a screen of %s: %v", size, err)
	}
	d.setenv("DISPLAY", display)
}

// startScreen starts an X server without a monitor on a free display. It must
// not begin anew whenever its last client leaves, as it does by default: who
// connects in that moment is turned away, and the test asks it many times
// before the first window is there.
func startScreen(size string, args ...string) (cmd *exec.Cmd, display string, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	defer w.Close()
	cmd = exec.Command("Xvfb", append([]string{"-displayfd", "3", "-screen", "0", size + "x24", "-nolisten", "tcp", "-noreset"}, args...)...)
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, "", err
	}
	w.Close()
	// It writes the number and then the end of the line, and dies when nobody
	// reads on.
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, "", fmt.Errorf("Xvfb did not say its display: %w", err)
	}
	return cmd, ":" + strings.TrimSpace(number), nil
}

// bus starts a D-Bus session of the desk's own.
func (d *desk) bus() {
	d.t.Helper()
	var out syncBuffer
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1")
	cmd.Stdout = &out
	d.start(cmd)
	d.until("the D-Bus session", func() bool { return strings.Contains(out.String(), "\n") })
	d.address = strings.TrimSpace(out.String())
	d.setenv("DBUS_SESSION_BUS_ADDRESS", d.address)
}

// keychain unlocks a new gnome-keyring on the desk's bus.
func (d *desk) keychain() {
	d.t.Helper()
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Stdin = strings.NewReader("pw")
	d.start(cmd)
	conn, err := dbus.Connect(d.address)
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close()
	d.until("the keychain", func() bool {
		var has bool
		err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&has)
		return err == nil && has
	})
}

// browser makes Chromium what xdg-open opens.
func (d *desk) browser() {
	d.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		d.t.Fatal(err)
	}
	d.debug = l.Addr().String()
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	bin := filepath.Join(d.home, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		d.t.Fatal(err)
	}
	script := fmt.Sprintf(`#!/bin/sh
exec chromium --no-sandbox --disable-gpu --disable-quic --no-first-run --no-default-browser-check \
  --disable-background-networking --disable-component-update --disable-sync --password-store=basic \
  --window-size=900,700 --window-position=300,60 --user-data-dir=%s --remote-debugging-port=%d "$@" >/dev/null 2>&1
`, filepath.Join(d.home, "chromium"), port)
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o700); err != nil {
		d.t.Fatal(err)
	}
	d.setenv("PATH", bin+":"+os.Getenv("PATH"))
}

func (d *desk) setenv(name, value string) {
	for i, kv := range d.env {
		if strings.HasPrefix(kv, name+"=") {
			d.env[i] = name + "=" + value
			return
		}
	}
	d.env = append(d.env, name+"="+value)
}

// until waits for something that only another process can bring about.
func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			d.t.Fatalf("%s: not there after two minutes", what)
		}
		pause()
	}
}

// pause lets other processes go on between two looks at them; it settles
// nothing by itself.
func pause() { <-time.After(50 * time.Millisecond) }

// xdotool moves the mouse and types.
func (d *desk) xdotool(args ...string) {
	d.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = d.env
	if out, err := cmd.CombinedOutput(); err != nil {
		d.t.Fatalf("xdotool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// click presses the left button at a place on the screen.
func (d *desk) click(p image.Point) {
	d.t.Helper()
	d.xdotool("mousemove", strconv.Itoa(p.X), strconv.Itoa(p.Y), "click", "1")
}

// look takes a picture of the screen.
func (d *desk) look() *image.RGBA {
	d.t.Helper()
	cmd := exec.Command("import", "-window", "root", "-depth", "8", "rgba:-")
	cmd.Env = d.env
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("take a picture: %v", err)
	}
	img := image.NewRGBA(image.Rectangle{Max: d.size})
	if len(out) != len(img.Pix) {
		d.t.Fatalf("take a picture: %d bytes for a screen of %v", len(out), d.size)
	}
	img.Pix = out
	return img
}

// page is one tab of the browser.
type page struct{ URL, Title string }

// pages are the open tabs; nil while the browser is not there.
func (d *desk) pages() []page {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.debug+"/json/list", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	return decodePages(d.t, resp.Body)
}

// syncBuffer is what a running program has printed so far.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
