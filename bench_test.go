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
	// Ratio is Value by Baseline. Without a baseline, which is null then,
	// Target is a Value.
	Baseline *float64 `json:"baseline"`
	Ratio    *float64 `json:"ratio"`
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
	{"sync/memory-command-first-100k sync/memory-command-full-100k", benchCommand},
	{"sync/memory-first-100k start/first-rows-100k start/memory-idle-100k sync/memory-peak-100k", benchWindow},
	{"storage/write-300k storage/longest-transaction", benchWrite},
	{"ledger/open-1m ledger/scan-p99-1m ledger/history-1m", benchLedger},
	{"ledger/shown-p99-1m", benchDesk},
	{"browse/search-100k browse/sort-100k browse/scroll-100k browse/bytes-per-row-100k", func(b *bench) { benchBrowse(b, 100_000, "100k", 16, 50) }},
	{"browse/search-fts5-100k browse/search-grep-100k browse/facets-100k browse/pictures-100k", func(b *bench) { benchPeers(b, 100_000, "100k") }},
	{"browse/search-fts5-500k browse/search-grep-500k browse/facets-500k browse/pictures-500k", func(b *bench) { benchPeers(b, 500_000, "500k") }},
	{"browse/search-500k browse/sort-500k browse/bytes-per-row-500k", func(b *bench) { benchBrowse(b, 500_000, "500k", 50, 300) }},
}

// benchLimit is how long one bench may take.
const benchLimit = 5 * time.Minute

func TestMain(m *testing.M) {
	if path := os.Getenv("PANEL_BENCH_VAULT"); path != "" {
		openVault = func(string, string) (storage.Vault, error) { return fileVault(path), nil }
	}
	switch {
	case os.Getenv("PANEL_AS_MAIN") != "":
		main()
	case os.Getenv("PANEL_AS_EMPTY") != "":
		emptyWindow()
		os.Exit(exitDone)
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

// note says more than a figure does, beside the figures.
func (b *bench) note(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

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
	s, err := a.open(a.ctx, opening{vault: vault})
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

// bareLoop fetches, checks and decodes the same pages by the same code as an
// import, in the same order and as many at a time, and keeps nothing.
func (b *bench) bareLoop(s *session) {
	drop := func(context.Context, cloud.Page) error { return nil }
	for _, turn := range []struct {
		cloud    directory.Cloud
		together [][]directory.Listing
	}{
		{directory.Google, [][]directory.Listing{{directory.OrgUnits}, {directory.People, directory.Chromebooks}}},
		{directory.Microsoft, [][]directory.Listing{{directory.People}}},
	} {
		source, err := s.connect(b.ctx, turn.cloud)
		b.must(err)
		_, err = source.Identify(b.ctx)
		b.must(err)
		for _, listings := range turn.together {
			ended := make(chan error, len(listings))
			for _, l := range listings {
				go func() {
					_, err := source.List(b.ctx, cloud.Request{Listing: l, Page: drop})
					ended <- err
				}()
			}
			for range listings {
				b.must(<-ended)
			}
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

// cpuOf is the time that another process has computed, to a hundredth of a
// second.
func cpuOf(pid int) time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0 // it has ended
	}
	var user, system int64
	rest := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	_, _ = fmt.Sscan(rest[11], &user)
	_, _ = fmt.Sscan(rest[12], &system)
	return time.Duration(user+system) * time.Second / 100
}

// memory is that of a process which is in RAM, in MB. Own is what only the
// process itself can give back: its heaps and stacks, and what it shares with
// others without a file. Mapped is the rest, its program and the data file as
// far as it was looked at: clean copies of what is on the disk, of which the
// system takes whatever it needs at once, as it does with its cache.
type memory struct{ own, mapped float64 }

// resident is the memory of a process, nothing when it has ended.
func resident(pid int) (m memory) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m
	}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		var kB float64
		_, _ = fmt.Sscan(rest, &kB) // of other lines it is not used
		switch name {
		case "RssAnon", "RssShmem", "VmSwap":
			m.own += kB / 1024
		case "RssFile":
			m.mapped += kB / 1024
		}
	}
	return m
}

// peak returns a func that ends the watch of a process and tells the most
// memory seen.
func peak(pid int) func() memory {
	stop, told := make(chan struct{}), make(chan memory)
	go func() {
		var most memory
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-tick.C:
				now := resident(pid)
				most = memory{max(most.own, now.own), max(most.mapped, now.mapped)}
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
