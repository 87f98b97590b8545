//go:build bench

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/google"
	"panel/sync/microsoft"
	"panel/sync/oauth"
	"panel/ui/view"
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

// benches are run in this order; each ends within five minutes.
var benches = []struct {
	names string // all that it prints, for BENCH to choose from
	run   func(*bench)
}{
	{"sync/first-import-100k sync/unchanged-cpu-100k sync/unchanged-full-cpu-100k sync/unchanged-written-100k sync/memory-peak-100k storage/bytes-per-record", benchImport},
	{"sync/latency-1s sync/latency-2.4s", benchLatency},
	{"storage/write-300k storage/longest-transaction", benchWrite},
}

func TestMain(m *testing.M) {
	if os.Getenv("PANEL_AS_MAIN") != "" {
		main()
	}
	choose, err := regexp.Compile(os.Getenv("BENCH"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "BENCH:", err)
		os.Exit(exitUsage)
	}
	for _, b := range benches {
		if slices.ContainsFunc(strings.Fields(b.names), choose.MatchString) {
			runBench(b.run, choose)
		}
	}
	os.Exit(0)
}

// bench is one benchmark at work.
type bench struct {
	dir    string
	ctx    context.Context
	choose *regexp.Regexp
	undo   []func()
}

func runBench(run func(*bench), choose *regexp.Regexp) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
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

// session opens a new data folder, authorized with the clouds.
func (b *bench) session(c *clouds, name string) *session {
	ctx := b.ctx
	a := &app{
		ctx: ctx, cli: &cli{Data: filepath.Join(b.dir, name), Cloud: []string{c.CloudProfile}},
		log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
	}
	s, err := a.open(opening{vault: new(storage.Memory)})
	b.must(err)
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

// resident is the memory of this process that is in RAM, in bytes.
func resident() float64 {
	f, err := os.Open("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var size, pages int64
	if _, err := fmt.Fscan(f, &size, &pages); err != nil {
		panic(err)
	}
	return float64(pages) * float64(os.Getpagesize())
}

// peak returns a func that ends the watch and tells the most memory seen.
func peak() func() float64 {
	stop, told := make(chan struct{}), make(chan float64)
	go func() {
		most := resident()
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most = max(most, resident())
			case <-stop:
				tick.Stop()
				told <- most
				return
			}
		}
	}()
	return func() float64 { close(stop); return <-told }
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func benchImport(b *bench) {
	const n = 100_000
	c := b.simulate(n, n)
	var ratios, values, baselines []float64
	var s *session
	var firstCPU time.Duration
	var most float64
	for i := range 3 {
		if s != nil {
			s.close()
		}
		s = b.session(c, fmt.Sprint("import-", i))
		start := time.Now()
		b.bareLoop(s)
		baseline := time.Since(start).Seconds()
		runtime.GC()
		idle := resident()
		end := peak()
		start, used := time.Now(), cpu()
		b.sync(s, engine.Options{})
		value := time.Since(start).Seconds()
		firstCPU = cpu() - used
		most = max(most, end()-idle)
		ratios, values, baselines = append(ratios, value/baseline), append(values, value), append(baselines, baseline)
	}
	at := slices.Index(ratios, median(slices.Clone(ratios)))
	b.against("sync/first-import-100k", values[at], baselines[at], "s", 1.5)
	b.plain("sync/memory-peak-100k", most/(1<<20), "MB over idle", 150)

	used := cpu()
	r := b.sync(s, engine.Options{})
	b.against("sync/unchanged-cpu-100k", (cpu() - used).Seconds(), firstCPU.Seconds(), "s of CPU", 0.5)
	used = cpu()
	full := b.sync(s, engine.Options{Full: true})
	b.against("sync/unchanged-full-cpu-100k", (cpu() - used).Seconds(), firstCPU.Seconds(), "s of CPU", 1)
	b.plain("sync/unchanged-written-100k", float64(r.RecordsWritten+full.RecordsWritten), "records", 0)

	records := 0
	for _, t := range []*engine.CloudReport{full.Google, full.Microsoft} {
		for _, l := range t.Listings {
			records += l.Seen
		}
	}
	info, err := os.Stat(filepath.Join(s.dir, "inventory.db"))
	b.must(err)
	b.plain("storage/bytes-per-record", float64(info.Size())/float64(records), "bytes", 1200)
	s.close()
}

// benchLatency imports from slow clouds. The latencies are a tenth of those
// in the names, and the district a tenth of 100k, so that the CPU time of the
// simulator on the same machine does not drown the waiting.
func benchLatency(b *bench) {
	const n = 10_000
	c := b.simulate(n, n)
	for _, l := range []struct {
		name string
		wait time.Duration
	}{{"sync/latency-1s", 100 * time.Millisecond}, {"sync/latency-2.4s", 240 * time.Millisecond}} {
		s := b.session(c, l.name[5:])
		b.latency(c, l.wait)
		start := time.Now()
		r := b.sync(s, engine.Options{})
		value := time.Since(start).Seconds()
		b.latency(c, 0)
		pages := func(v int, size int) float64 { return float64((v + size - 1) / size) }
		users, devices := r.Google.Listings[directory.People].Seen, r.Google.Listings[directory.Chromebooks].Seen
		turns := max(pages(users, 500), pages(devices, 300)/4) + pages(r.Microsoft.Listings[directory.People].Seen, 999)
		b.against(l.name, value, turns*l.wait.Seconds(), "s", 1.2)
		s.close()
	}
}

func benchWrite(b *bench) {
	ctx := b.ctx
	s, err := storage.Open(ctx, storage.Options{Dir: filepath.Join(b.dir, "write"), Vault: new(storage.Memory)})
	b.must(err)
	const n, batch = 300_000, 10_000
	var all, longest time.Duration
	for from := 0; from < n; from += batch {
		d := directory.Batch{Cloud: directory.Google, Listing: directory.Chromebooks, Run: "1", Quiet: true}
		for i := from; i < from+batch; i++ {
			d.Chromebooks = append(d.Chromebooks, directory.Chromebook{
				DeviceID: fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(i)*2654435761, i), Serial: fmt.Sprintf("5CD%07d", i), Model: "HP Chromebook 11 G9 EE",
				Status: "ACTIVE", OrgUnit: fmt.Sprintf("/Students/School %d/Grade %d", i%40, i%12), AssetID: fmt.Sprintf("%06d", i),
				AnnotatedUser: fmt.Sprintf("student%d@district.example", i), Notes: "screen replaced in the spring, charger number 14 belongs to it",
				OSVersion: "120.0.6099.272", PlatformVersion: "15662.88.0 (Official Build) stable-channel dedede", MACAddress: fmt.Sprintf("%012x", i),
				RecentUsers: []directory.RecentUser{{Email: fmt.Sprintf("student%d@district.example", i), Managed: true}},
				LastSync:    time.Unix(1_790_000_000+int64(i), 0).UTC(),
			})
		}
		start := time.Now()
		_, err := s.Inventory.Apply(ctx, d)
		b.must(err)
		took := time.Since(start)
		all, longest = all+took, max(longest, took)
	}
	b.must(s.Close())
	// The baseline is what the disk does with as many bytes in as many synced
	// writes.
	info, err := os.Stat(filepath.Join(b.dir, "write", "inventory.db"))
	b.must(err)
	start := time.Now()
	f, err := os.Create(filepath.Join(b.dir, "bare"))
	b.must(err)
	for range n / batch {
		_, err := f.Write(make([]byte, info.Size()/(n/batch)))
		b.must(err)
		b.must(f.Sync())
	}
	b.must(f.Close())
	baseline := time.Since(start).Seconds()
	ratio := all.Seconds() / baseline
	b.print(figure{Name: "storage/write-300k", Value: all.Seconds(), Unit: "s", Baseline: &baseline, Ratio: &ratio, Target: 5, Met: all.Seconds() <= 5})
	b.plain("storage/longest-transaction", float64(longest.Milliseconds()), "ms", 250)
}

var (
	_ = google.New
	_ = microsoft.New
	_ = oauth.Scopes
	_ = io.EOF
	_ = view.Ago
)
