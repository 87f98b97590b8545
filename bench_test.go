//go:build bench

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// The benchmarks behind docs/benchmarks.md. They replace the tests of this
// package when it is built with the tag bench: the program prints one JSON
// object a line and ends. BENCH is a regular expression that chooses.

// figure is one measured number.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Baseline is what Value is held against, measured in the same run, and
	// Ratio is Value by Baseline. Without a baseline Target is a Value.
	Baseline *float64 `json:"baseline,omitempty"`
	Ratio    *float64 `json:"ratio,omitempty"`
	Target   float64  `json:"target"`
	Met      bool     `json:"met"`
}

// benches are run in this order, each in a process of its own, so that it
// finds neither the memory nor the caches of another; each ends within five
// minutes.
var benches = []struct {
	names string // all that it prints, for BENCH to choose from
	run   func(*bench)
}{
	{"sync/first-import-100k sync/unchanged-cpu-100k sync/unchanged-full-cpu-100k sync/unchanged-written-100k storage/bytes-per-record", benchImport},
	{"sync/latency-1s", func(b *bench) { benchLatency(b, "sync/latency-1s", 100*time.Millisecond) }},
	{"sync/latency-2.4s", func(b *bench) { benchLatency(b, "sync/latency-2.4s", 240*time.Millisecond) }},
	{"sync/memory-first-100k sync/memory-peak-100k start/memory-idle-100k start/first-rows-100k", benchMemory},
	{"storage/write-300k storage/longest-transaction", benchWrite},
	{"browse/search-100k browse/sort-100k browse/bytes-per-row", func(b *bench) { benchBrowse(b, 100_000, "100k", 16, 50) }},
	{"browse/search-500k browse/sort-500k", func(b *bench) { benchBrowse(b, 500_000, "500k", 50, 300) }},
}

// benchLimit is how long one bench may take.
const benchLimit = 5 * time.Minute

func TestMain(m *testing.M) {
	if os.Getenv("PANEL_AS_MAIN") != "" {
		main()
	}
	choose, err := regexp.Compile(os.Getenv("BENCH"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "BENCH:", err)
		os.Exit(exitUsage)
	}
	code := exitDone
	for _, b := range benches {
		switch alone := os.Getenv("PANEL_BENCH"); {
		case alone == b.names:
			runBench(b.run, choose)
		case alone == "" && slices.ContainsFunc(strings.Fields(b.names), choose.MatchString):
			if err := inProcess(b.names); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", b.names, err)
				code = exitFailed
			}
		}
	}
	os.Exit(code)
}

// inProcess runs one bench in a process of its own.
func inProcess(names string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), benchLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), "PANEL_BENCH="+names)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	return cmd.Run()
}

// bench is one benchmark at work.
type bench struct {
	dir    string
	ctx    context.Context
	choose *regexp.Regexp
	undo   []func()
}

func runBench(run func(*bench), choose *regexp.Regexp) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	dir, err := os.MkdirTemp("", "panel-bench-")
	b := &bench{dir: dir, ctx: ctx, choose: choose}
	b.must(err)
	defer os.RemoveAll(dir)
	defer func() {
		for _, f := range slices.Backward(b.undo) {
			f()
		}
	}()
	run(b)
}

func (b *bench) must(err error) {
	if err != nil {
		panic(err)
	}
}

// against prints a figure that is a ratio to a baseline.
func (b *bench) against(name string, value, baseline float64, unit string, target float64) {
	ratio := value / baseline
	b.print(figure{Name: name, Value: value, Unit: unit, Baseline: &baseline, Ratio: &ratio, Target: target, Met: ratio <= target})
}

// plain prints a figure that stands for itself.
func (b *bench) plain(name string, value float64, unit string, target float64) {
	b.print(figure{Name: name, Value: value, Unit: unit, Target: target, Met: value <= target})
}

func (b *bench) print(f figure) {
	if b.choose.MatchString(f.Name) {
		b.must(json.NewEncoder(os.Stdout).Encode(f))
	}
}

// clouds are simulated clouds in a process of their own, so that their CPU
// time and memory are not Panel's.
type clouds struct {
	profile cloud.Profile
	client  []byte
	Azure   struct {
		Tenant       string `json:"tenant"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	} `json:"azure"`
	CloudProfile string `json:"cloud_profile"`
	GoogleClient string `json:"google_client"`
	ControlURL   string `json:"control_url"`
	pid          int
}

func (b *bench) simulate(people, chromebooks int) *clouds {
	self, err := os.Executable()
	b.must(err)
	cmd := exec.Command(self, "simulate", "--listen", "127.0.0.1:0", "--people", fmt.Sprint(people), "--chromebooks", fmt.Sprint(chromebooks))
	cmd.Env = append(os.Environ(), "PANEL_AS_MAIN=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	b.must(err)
	b.must(cmd.Start())
	b.undo = append(b.undo, func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	b.must(err)
	c := &clouds{pid: cmd.Process.Pid}
	b.must(json.Unmarshal(line, c))
	c.profile, err = cloud.LoadProfile(c.CloudProfile)
	b.must(err)
	c.client, err = os.ReadFile(c.GoogleClient)
	b.must(err)
	return c
}

// latency sets what every answer of the clouds waits for.
func (b *bench) latency(c *clouds, d time.Duration) {
	req, err := http.NewRequestWithContext(b.ctx, http.MethodPut, c.ControlURL+"/settings", strings.NewReader(fmt.Sprintf(`{"latency_ms":%d}`, d.Milliseconds())))
	b.must(err)
	resp, err := http.DefaultClient.Do(req)
	b.must(err)
	resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		panic("the simulator did not take the latency: " + resp.Status)
	}
}

// open opens a data folder.
func (b *bench) open(c *clouds, name string, vault storage.Vault) *session {
	a := &app{
		ctx: b.ctx, cli: &cli{Data: filepath.Join(b.dir, name), Cloud: []string{c.CloudProfile}},
		log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	s, err := a.open(opening{vault: vault})
	b.must(err)
	return s
}

// session opens a new data folder, authorized with the clouds.
func (b *bench) session(c *clouds, name string, vault storage.Vault) *session {
	ctx, s := b.ctx, b.open(c, name, vault)
	b.must(s.setGoogleClient(ctx, c.client))
	b.must(s.authorizeGoogle(ctx, func(link string) {
		go func() {
			resp, err := http.PostForm(link, everything)
			b.must(err)
			resp.Body.Close()
		}()
	}, nil, nil))
	config := azureDoc{Tenant: c.Azure.Tenant, ClientID: c.Azure.ClientID}
	b.must(s.saveAzure(ctx, config.show(), c.Azure.ClientSecret))
	return s
}

// sync runs a sync that must succeed.
func (b *bench) sync(s *session, o engine.Options) engine.Run {
	r, err := s.engine.SyncNow(b.ctx, o)
	b.must(err)
	if r.Outcome != engine.OK {
		out, _ := json.Marshal(r)
		panic("the sync did not end well: " + string(out))
	}
	return r
}

// bareLoop fetches and decodes the same pages, with the same number of chains
// and in the same order, and keeps nothing.
func (b *bench) bareLoop(s *session) {
	drop := func(context.Context, cloud.Page) error { return nil }
	for _, c := range directory.Clouds {
		source, err := s.connect(b.ctx, c)
		b.must(err)
		ended := make(chan error, 3)
		for _, l := range c.Listings() {
			go func() {
				_, err := source.List(b.ctx, cloud.Request{Listing: l, Page: drop})
				ended <- err
			}()
		}
		for range c.Listings() {
			b.must(<-ended)
		}
	}
}

// cpu is the time that this process has computed.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// memory is that of this process which is in RAM, in MB: what it alone uses,
// and all, with what is mapped of the files, which the system takes back when
// it needs room.
type memory struct{ own, all float64 }

func resident() (m memory) {
	f, err := os.Open("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var size, pages, shared int64
	if _, err := fmt.Fscan(f, &size, &pages, &shared); err != nil {
		panic(err)
	}
	page := float64(os.Getpagesize()) / (1 << 20)
	return memory{own: float64(pages-shared) * page, all: float64(pages) * page}
}

// idle is the memory of this process when it has nothing to do.
func idle() memory {
	debug.FreeOSMemory() // the runtime does so by itself within minutes
	return resident()
}

// peak returns a func that ends the watch and tells the most memory seen.
func peak() func() memory {
	stop, told := make(chan struct{}), make(chan memory)
	go func() {
		most := resident()
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-tick.C:
				now := resident()
				most = memory{max(most.own, now.own), max(most.all, now.all)}
			case <-stop:
				tick.Stop()
				told <- most
				return
			}
		}
	}()
	return func() memory { close(stop); return <-told }
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
