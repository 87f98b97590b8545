//go:build bench

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"panel/storage"
)

// The benchmarks of the real window, in a process of its own on a screen
// without a monitor.

// benchWindow imports in the window, looks at its memory meanwhile and at
// rest, and starts it again and again, each time after an empty window.
func benchWindow(b *bench) {
	const n = 100_000
	c, vault := b.simulate(n, n), fileVault(filepath.Join(b.dir, "vault.json"))
	s := b.session(c, "window", vault)
	b.must((&backend{session: s}).SetLayout([]byte(`{"width":1280,"height":800,"tab":1}`)))
	s.close()
	screen := b.screen()
	window := func() *child {
		return b.start(screen, []string{"PANEL_AS_MAIN=1", "PANEL_BENCH_VAULT=" + string(vault)},
			"--data", filepath.Join(b.dir, "window"), "--cloud", c.CloudProfile, "--log-level", "info")
	}

	p := window()
	end := peak(p.pid)
	p.until("the first sync", func() bool { return strings.Count(p.log.String(), `msg="sync ended"`) == 1 })
	most := end()
	still := p.rest()
	b.over("sync/memory-first-100k", most, still)
	p.quit()

	var took, empty []float64
	for range 5 {
		p = b.start(screen, []string{"PANEL_AS_EMPTY=1"})
		empty = append(empty, screen.still(b.ctx).Sub(p.began).Seconds())
		p.quit()
		p = window()
		took = append(took, screen.still(b.ctx).Sub(p.began).Seconds())
		if len(took) < 5 {
			p.quit()
		}
	}
	b.plain("start/first-rows-100k", median(took)-median(empty), "s over an empty window", 0.5)
	b.note("start/first-rows-100k: %.2f s, an empty window %.2f s", median(took), median(empty))

	still = p.rest()
	b.plain("start/memory-idle-100k", still.own, "MB", 300)
	b.note("start/memory-idle-100k: %.0f MB mapped beside", still.mapped)
	end = peak(p.pid)
	b.xdotool(screen, "mousemove", "640", "30", "key", "ctrl+r")
	p.until("another sync", func() bool { return strings.Count(p.log.String(), `msg="sync ended"`) == 1 })
	b.over("sync/memory-peak-100k", end(), still)
	p.quit()
}

// over prints by how much a peak is over what is used at rest.
func (b *bench) over(name string, most, still memory) {
	b.plain(name, most.own-still.own, "MB over idle", 150)
	b.note("%s: %.0f MB over %.0f MB; mapped beside: %.0f MB, %.0f MB", name, most.own-still.own, still.own, most.mapped, still.mapped)
}

// emptyWindow is what a window is compared with: one of the same size with
// nothing in it.
func emptyWindow() {
	a := fyneapp.NewWithID(appID)
	w := a.NewWindow("Empty")
	w.Resize(fyne.NewSize(1280, 800))
	w.ShowAndRun()
}

// child is a process that a bench has started.
type child struct {
	b     *bench
	pid   int
	began time.Time
	log   *syncBuffer
	ended chan struct{}
	err   error // when it has ended
}

// ok waits for the end of the process, which must be a good one.
func (p *child) ok() {
	if <-p.ended; p.err != nil {
		panic(fmt.Sprintf("%v: %s", p.err, p.log))
	}
}

// start starts this program on a screen, nil for none; env says as what.
func (b *bench) start(s *screen, env []string, args ...string) *child {
	self, err := os.Executable()
	b.must(err)
	display := ""
	if s != nil {
		display = s.display
	}
	p := &child{b: b, log: new(syncBuffer), ended: make(chan struct{})}
	cmd := exec.Command(self, args...)
	cmd.Env = append(append(os.Environ(), "DISPLAY="+display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=", "XDG_RUNTIME_DIR="+b.dir, "LIBGL_ALWAYS_SOFTWARE=1",
		"HOME="+b.dir, "XDG_CONFIG_HOME="+filepath.Join(b.dir, "config"), "XDG_CACHE_HOME="+filepath.Join(b.dir, "cache"),
		"FYNE_SCALE=1", "FYNE_THEME=light"), env...)
	cmd.Stderr = p.log
	p.began = time.Now()
	b.must(cmd.Start())
	p.pid = cmd.Process.Pid
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	b.undo = append(b.undo, p.quit)
	return p
}

// quit ends the process.
func (p *child) quit() {
	_ = syscall.Kill(p.pid, syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = syscall.Kill(p.pid, syscall.SIGKILL)
		<-p.ended
	}
}

// until waits for something that the process brings about.
func (p *child) until(what string, ok func() bool) {
	for !ok() {
		select {
		case <-p.ended:
			panic(fmt.Sprintf("%s did not come: %s", what, p.log))
		case <-p.b.ctx.Done():
			panic(fmt.Sprintf("%s: %v", what, context.Cause(p.b.ctx)))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// rest waits until the process does nothing and its memory no longer changes,
// a minute at most, and returns that.
func (p *child) rest() memory {
	const least = 5 // seconds without a change
	now, still := resident(p.pid), 0
	for end := time.Now().Add(time.Minute); still < least && time.Now().Before(end); {
		used := cpuOf(p.pid)
		time.Sleep(time.Second)
		before := now
		now = resident(p.pid)
		if still++; cpuOf(p.pid)-used > 50*time.Millisecond || before.own-now.own > 1 || now.own-before.own > 1 {
			still = 0
		}
	}
	return now
}

// screen is an X server without a monitor, whose picture is a file.
type screen struct {
	display string
	width   int
	stride  int
	pixels  []byte
}

func (b *bench) screen() *screen {
	for _, program := range []string{"Xvfb", "xdotool"} {
		if _, err := exec.LookPath(program); err != nil {
			panic(program + " is not installed: run .ci/packages window")
		}
	}
	dir := filepath.Join(b.dir, "screen")
	b.must(os.Mkdir(dir, 0o700))
	cmd, display, err := startScreen("1280x800", "-fbdir", dir)
	b.must(err)
	b.undo = append(b.undo, func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	// The file is an XWD: a head of big-endian words, a colour map, pixels.
	f, err := os.Open(filepath.Join(dir, "Xvfb_screen0"))
	b.must(err)
	defer f.Close()
	info, err := f.Stat()
	b.must(err)
	all, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	b.must(err)
	word := func(n int) int { return int(binary.BigEndian.Uint32(all[4*n:])) }
	return &screen{display: display, width: word(4), stride: word(12), pixels: all[word(0)+word(19)*12:]}
}

// look copies the middle of the screen, where a list has its rows.
func (s *screen) look() []byte { return s.part(image.Rect(340, 220, 860, 700)) }

// part copies a part of the screen.
func (s *screen) part(r image.Rectangle) (out []byte) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		out = append(out, s.pixels[y*s.stride+4*r.Min.X:y*s.stride+4*r.Max.X]...)
	}
	return out
}

// still waits until the middle of the screen has not changed for two seconds,
// and returns when it began to look as it does then, but for a few dots.
func (s *screen) still(ctx context.Context) time.Time {
	type look struct {
		at     time.Time
		pixels []byte
	}
	looks := []look{{time.Now(), s.look()}}
	for quiet := time.Now(); len(looks) == 1 || time.Since(quiet) < 2*time.Second; time.Sleep(4 * time.Millisecond) {
		if ctx.Err() != nil || len(looks) == 1 && time.Since(quiet) > time.Minute {
			panic("nothing appears on the screen")
		}
		if now := s.look(); !bytes.Equal(now, looks[len(looks)-1].pixels) {
			quiet = time.Now()
			looks = append(looks, look{quiet, now})
		}
	}
	last := looks[len(looks)-1]
	for _, l := range looks[1:] {
		other := 0
		for i := 0; i < len(l.pixels); i += 4 {
			if !bytes.Equal(l.pixels[i:i+3], last.pixels[i:i+3]) {
				other++
			}
		}
		if other*4 < len(l.pixels)/200 {
			return l.at
		}
	}
	return last.at
}

func (b *bench) xdotool(s *screen, args ...string) {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.display)
	b.must(cmd.Run())
}

// fileVault is a vault that the processes of a bench share, named by its
// file: to derive a key from a passphrase would take longer than what is
// measured. One process at a time uses it.
type fileVault string

func (f fileVault) all() (map[string]string, error) {
	all := map[string]string{}
	b, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	return all, err
}

func (f fileVault) change(change func(map[string]string)) error {
	all, err := f.all()
	if err != nil {
		return err
	}
	before := maps.Clone(all)
	if change(all); maps.Equal(before, all) {
		return nil
	}
	b, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return os.WriteFile(string(f), b, 0o600)
}

func (f fileVault) Get(_ context.Context, name string) (string, error) {
	all, err := f.all()
	if value, ok := all[name]; ok || err != nil {
		return value, err
	}
	return "", &storage.VaultError{State: storage.VaultMissing, Doing: "get"}
}

func (f fileVault) Set(_ context.Context, name, value string) error {
	return f.change(func(all map[string]string) { all[name] = value })
}

func (f fileVault) Delete(_ context.Context, name string) error {
	return f.change(func(all map[string]string) { delete(all, name) })
}

func (fileVault) Kind() string { return storage.KindPassphrase }
