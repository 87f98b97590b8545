package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"panel/ledger"
	"panel/sync/sim"
	"panel/ui"
)

// scanLine is an answer of 'panel scan'.
type scanLine struct {
	Scan    string  `json:"scan"`
	Outcome string  `json:"outcome"`
	Message string  `json:"message"`
	Entry   *string `json:"entry"`
}

// scanLines runs 'panel scan' with some lines.
func (r *rig) scanLines(code int, lines ...string) []scanLine {
	r.t.Helper()
	got := r.panelIn(strings.Join(lines, "\n")+"\n", "scan")
	if got.code != code {
		r.t.Fatalf("exit %d, want %d\n%s%s", got.code, code, got.out, got.err)
	}
	return decodeLines(r.t, got.out)
}

func decodeLines(t *testing.T, text string) (lines []scanLine) {
	t.Helper()
	for line := range strings.Lines(text) {
		lines = append(lines, decode[scanLine](t, line))
	}
	return lines
}

// outcomes are those of some answers.
func outcomes(lines []scanLine) (out []string) {
	for _, l := range lines {
		out = append(out, l.Outcome)
	}
	return out
}

// journalOf is the journal, as it is exported.
func (r *rig) journalOf() []object {
	r.t.Helper()
	return decode[[]object](r.t, r.must("export", "checkouts", "--format", "json"))
}

// school is a rig with a small district that was imported.
func school(t *testing.T, size sim.Config) (r *rig, people, devices []object) {
	t.Helper()
	r = newRig(t, size)
	r.setUp()
	r.sync(exitDone)
	people, devices = decode[[]object](t, r.must("export", "people", "--format", "json")), decode[[]object](t, r.must("export", "chromebooks", "--format", "json"))
	codes := map[string]int{} // how many records have each
	for _, p := range people {
		for _, email := range decode[[]string](t, string(p["emails"])) {
			codes[email]++
		}
		codes[p.text("employee_id")]++
	}
	for _, c := range devices {
		codes[c.text("serial")]++
		codes[c.text("asset_id")]++
	}
	shared := func(code string) bool { return code == "" || codes[code] > 1 }
	people = slices.DeleteFunc(people, func(p object) bool {
		return p.text("state") != "active" || shared(strings.ToLower(p.text("primary_email"))) || shared(p.text("employee_id"))
	})
	devices = slices.DeleteFunc(devices, func(c object) bool {
		return c.text("status") != "ACTIVE" || shared(c.text("serial")) || shared(c.text("asset_id"))
	})
	if len(people) < 10 || len(devices) < 10 {
		t.Fatalf("only %d people and %d Chromebooks", len(people), len(devices))
	}
	return r, people, devices
}

// What a technician does on the command line in a day, and what the journal says
// of it.
func TestCheckoutByCommands(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	ada, bob := people[0], people[1]
	one, two := devices[0], devices[1]

	out := decode[object](t, r.must("checkout", "--person", strings.ToUpper(ada.text("primary_email")), "--asset", one.text("serial"), "--due", "2099-06-01", "--note", "with charger"))
	hasShape(t, "checkout", out, entryShape)
	for key, want := range map[string]string{
		"act": "checkout", "person_id": ada.text("id"), "person": ada.text("display_name"), "device_id": one.text("device_id"),
		"serial": one.text("serial"), "due": "2099-06-01", "note": "with charger", "by": operator(),
	} {
		if out.text(key) != want {
			t.Errorf("%s is %q, want %q", key, out.text(key), want)
		}
	}
	r.must("checkout", "--person", bob.text("employee_id"), "--asset", two.text("asset_id"))

	refused := func(says string, args ...string) {
		t.Helper()
		got := r.panel(args...)
		if got.code != exitFailed || got.out != "" || !strings.Contains(got.err, says) {
			t.Errorf("%q: exit %d, %q, %q; want %q", args, got.code, got.out, got.err, says)
		}
	}
	refused("is out to "+ada.text("display_name"), "checkout", "--person", bob.text("id"), "--asset", one.text("device_id"))
	refused("already", "checkout", "--person", ada.text("id"), "--asset", one.text("serial"))
	refused("not out to anybody", "checkin", "--asset", devices[2].text("serial"))
	refused("in the past", "checkout", "--person", ada.text("id"), "--asset", devices[2].text("serial"), "--due", "2020-01-01")
	refused("no Chromebook", "checkin", "--asset", ada.text("primary_email"))
	refused("no person", "checkout", "--person", one.text("serial"), "--asset", one.text("serial"))
	if got := r.panel("checkout", "--person", ada.text("id"), "--asset", one.text("serial"), "--due", "tomorrow"); got.code != exitUsage {
		t.Errorf("a day that is none: exit %d", got.code)
	}

	if s := r.status(); s.CheckedOut != 2 {
		t.Errorf("status says %d checked out", s.CheckedOut)
	}
	back := decode[object](t, r.must("checkin", "--asset", two.text("serial")))
	if back.text("act") != "checkin" || back.text("person_id") != bob.text("id") {
		t.Errorf("check-in: %s", encoded(t, back))
	}
	for _, c := range decode[[]object](t, r.must("export", "chromebooks", "--format", "json")) {
		want := ""
		if c.text("device_id") == one.text("device_id") {
			want = ada.text("id")
		}
		if c.text("holder_id") != want {
			t.Errorf("%s is with %q, want %q", c.text("serial"), c.text("holder_id"), want)
		}
	}
	var acts []string
	for _, e := range r.journalOf() {
		acts = append(acts, e.text("act")+" "+e.text("serial"))
	}
	want := []string{"checkout " + one.text("serial"), "checkout " + two.text("serial"), "checkin " + two.text("serial")}
	if !slices.Equal(acts, want) {
		t.Errorf("the journal says %q, want %q", acts, want)
	}
}

// A stack of scans, as spec §8 says what comes of each.
func TestScanByCommand(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	ada, bob, d := people[0], people[1], devices
	serial := func(i int) string { return d[i].text("serial") }
	suspended := "suspended@cedarvalley.example"
	for id, record := range map[string]string{
		"990001": `{"primaryEmail":"` + suspended + `","name":{"fullName":"Sus Pended"},"orgUnitPath":"/","suspended":true}`,
		// Two things with one code: a person's id that is a device's asset id.
		"990002": `{"primaryEmail":"twin@cedarvalley.example","name":{"fullName":"Twin"},"orgUnitPath":"/","externalIds":[{"type":"organization","value":"` + d[9].text("asset_id") + `"}]}`,
	} {
		if err := r.clouds.Put("google/users", id, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	r.sync(exitDone)

	got := r.scanLines(exitDone,
		ada.text("primary_email"), serial(0), serial(0), d[1].text("asset_id"), strings.ToLower(serial(2)),
		bob.text("employee_id"), serial(0), serial(3),
		suspended, serial(3),
		"no such code", d[9].text("asset_id"), "", serial(4), "  "+serial(2)+"\t")
	want := []string{
		"person", "checked_out", "duplicate", "checked_out", "checked_out",
		"person", "duplicate", "checked_out",
		"refused", "duplicate",
		"unknown", "ambiguous", "not_out", "checked_in",
	}
	if !slices.Equal(outcomes(got), want) {
		t.Fatalf("the outcomes are\n%q, want\n%q\n%+v", outcomes(got), want, got)
	}
	for _, l := range got {
		wrote := l.Outcome == "checked_out" || l.Outcome == "checked_in"
		if wrote != (l.Entry != nil) || l.Message == "" {
			t.Errorf("%+v", l)
		}
	}
	// In another process nobody is current, and nothing was a moment ago.
	again := r.scanLines(exitDone, bob.text("id"), bob.text("primary_email"), serial(0), serial(1), serial(3))
	if want := []string{"unknown", "person", "already_out", "already_out", "duplicate"}; !slices.Equal(outcomes(again), want) {
		t.Errorf("the outcomes are %q, want %q", outcomes(again), want)
	}
	if !strings.Contains(again[2].Message, ada.text("display_name")) {
		t.Errorf("who has it is not said: %q", again[2].Message)
	}
	for i, l := range r.scanLines(exitDone, serial(0), serial(1), serial(3), serial(2)) {
		if want := []string{"checked_in", "checked_in", "checked_in", "not_out"}[i]; l.Outcome != want {
			t.Errorf("%q: %s, want %s", l.Scan, l.Outcome, want)
		}
	}
	if s := r.status(); s.CheckedOut != 0 {
		t.Errorf("%d are still out", s.CheckedOut)
	}
	ids := map[string]bool{}
	for _, e := range r.journalOf() {
		hasShape(t, "entry", e, entryShape)
		ids[e.text("entry")] = true
	}
	for _, l := range slices.Concat(got, again) {
		if l.Entry != nil && !ids[*l.Entry] {
			t.Errorf("%s is not in the journal", *l.Entry)
		}
	}
}

// Whatever comes in, the loop goes on.
func TestScanOfNonsense(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	got := r.scanLines(exitDone, strings.Repeat("x", 100_000), "\xff\xfe\x00", "=1+1", `{"a":1}`, strings.Repeat("\t", 50), people[0].text("primary_email")+"\r", devices[0].text("serial")+"\r")
	if want := []string{"unknown", "unknown", "unknown", "unknown", "person", "checked_out"}; !slices.Equal(outcomes(got), want) {
		t.Errorf("the outcomes are %q, want %q", outcomes(got), want)
	}
	if n := len(got[0].Scan); n > maxScan {
		t.Errorf("a line of %d bytes is answered", n)
	}
}

// A file that was saved with a byte order mark is read as it is meant; what
// cannot be read, or answered, is no end of the input.
func TestScanOfFiles(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	got := r.scanLines(exitDone, "\ufeff"+people[0].text("primary_email"), devices[0].text("serial"))
	if want := []string{"person", "checked_out"}; !slices.Equal(outcomes(got), want) {
		t.Errorf("the outcomes are %q, want %q", outcomes(got), want)
	}
	args := []string{"--data", r.data, "--cloud", r.server.Profile, "--passphrase-file", r.passphrase, "scan"}
	for says, fault := range map[string]stdio{
		"input cannot be read":     {in: io.MultiReader(strings.NewReader(devices[1].text("serial")+"\n"), iotest.ErrReader(errors.New("unplugged"))), out: new(strings.Builder)},
		"output cannot be written": {in: strings.NewReader("x\n"), out: full{}},
	} {
		errs := new(strings.Builder)
		fault.err = errs
		if code := exitCode(run(t.Context(), args, fault), errs); code != exitFailed || !strings.Contains(errs.String(), says) {
			t.Errorf("exit %d, %q, want %q", code, errs, says)
		}
	}
}

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// A folder that was named by mistake is not made to hand something out from.
func TestCheckoutFromNowhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60, Chromebooks: 30})
	for _, args := range [][]string{{"checkout", "--person", "a", "--asset", "b"}, {"checkin", "--asset", "b"}} {
		if got := r.panel(args...); got.code != exitFailed || !strings.Contains(got.err, "panel sync") {
			t.Errorf("%q: exit %d, %q", args, got.code, got.err)
		}
	}
	if _, err := os.Stat(r.data); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
	for _, args := range [][]string{{"checkout", "--person", " ", "--asset", "b"}, {"checkin", "--asset", ""}} {
		if got := r.panel(args...); got.code != exitUsage {
			t.Errorf("%q: exit %d, %q", args, got.code, got.err)
		}
	}
}

// Someone who leaves both clouds with a device stays until it is back.
func TestDepartedWithADevice(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	ada, keeps := people[0], devices[0].text("serial")
	r.must("checkout", "--person", ada.text("primary_email"), "--asset", keeps)
	find := func() object {
		for _, p := range decode[[]object](t, r.must("export", "people", "--format", "json")) {
			if p.text("google_id") == ada.text("google_id") || p.text("microsoft_id") != "" && p.text("microsoft_id") == ada.text("microsoft_id") {
				return p
			}
		}
		return nil
	}
	if err := r.clouds.Delete("google/users", ada.text("google_id")); err != nil {
		t.Fatal(err)
	}
	if id := ada.text("microsoft_id"); id != "" {
		if err := r.clouds.Delete("microsoft/users", id); err != nil {
			t.Fatal(err)
		}
	}
	r.must("sync", "--full")
	r.must("sync", "--full")
	if p := find(); p == nil || string(p["departed"]) != "true" {
		t.Fatalf("who left with a device is %s", encoded(t, p))
	}
	if got := r.scanLines(exitDone, ada.text("primary_email")); got[0].Outcome != "refused" {
		t.Errorf("handing out to who departed: %+v", got[0])
	}
	if got := r.scanLines(exitDone, keeps); got[0].Outcome != "checked_in" {
		t.Errorf("taking back from who departed: %+v", got[0])
	}
	if p := find(); p != nil {
		t.Errorf("who has nothing any more is still there: %s", encoded(t, p))
	}
	last := r.journalOf()[1]
	if last.text("person") != ada.text("display_name") || last.text("serial") != keeps {
		t.Errorf("the journal has forgotten who it was: %s", encoded(t, last))
	}
}

// asScanner names the folder that the test binary works on as 'panel scan' until
// it is killed.
const asScanner = "PANEL_TEST_SCANNER"

// beScanner is 'panel scan' in a process that may be killed.
func beScanner(dir string) int {
	key, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitUsage
	}
	v := new(quickVault)
	v.key = string(key)
	data := filepath.Join(dir, "data")
	quickVaults.Store(data, v)
	args := []string{"--data", data, "--passphrase-file", filepath.Join(dir, "passphrase"), "scan"}
	return exitCode(run(context.Background(), args, stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}), os.Stderr)
}

// Pulled out at any point, every scan that was answered is in the journal, and
// none is there twice.
func TestScanKilled(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	v, _ := quickVaults.Load(r.data)
	dir := filepath.Dir(r.data)
	if err := os.WriteFile(filepath.Join(dir, "key"), []byte(v.(*quickVault).key), 0o600); err != nil {
		t.Fatal(err)
	}
	const runs = 200
	random := rand.New(rand.NewPCG(1, 2))
	out, answered := map[string]bool{}, map[string]string{}
	killed := 0
	for n := range runs {
		cmd := exec.CommandContext(t.Context(), exe)
		cmd.Env = append(os.Environ(), asScanner+"="+dir)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		answers, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// At any point of any scan: on a fast machine and on a slow one.
		left, after := 1+random.IntN(len(devices)*3/4), time.Duration(random.IntN(1500))*time.Microsecond
		if n%10 == 9 { // or while it opens
			left = 0
			time.AfterFunc(20*after, func() { _ = cmd.Process.Kill() })
		}
		go func() { // in turn all go out and all come back, or more than it gets to
			defer in.Close()
			if n%2 == 0 {
				_, _ = fmt.Fprintln(in, people[n%len(people)].text("primary_email"))
			}
			for i := range devices { // a process that is dead reads none
				_, _ = fmt.Fprintln(in, devices[(i+n)%len(devices)].text("serial"))
			}
		}()
		for lines := bufio.NewReader(answers); ; {
			line, err := lines.ReadString('\n')
			if err != nil { // a line that is not whole was not shown
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				break
			}
			if left--; left == 0 {
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			}
			var l scanLine
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if l.Entry != nil {
				answered[*l.Entry] = l.Outcome
			}
		}
		if cmd.Wait() != nil {
			killed++
		}
		if n%20 == 19 || n == runs-1 {
			r.holdsAll(answered, out)
		}
	}
	t.Logf("%d scans were answered in %d runs, %d of them killed", len(answered), runs, killed)
	if killed < runs*9/10 || len(answered) < runs {
		t.Error("too little was killed, or too late")
	}
}

// holdsAll checks that the journal has every entry that was answered, none
// twice, and none out of turn.
func (r *rig) holdsAll(answered map[string]string, out map[string]bool) {
	r.t.Helper()
	clear(out)
	found := map[string]bool{}
	for _, e := range r.journalOf() {
		id, device := e.text("entry"), e.text("device_id")
		if found[id] {
			r.t.Fatalf("%s is there twice", id)
		}
		found[id] = true
		goesOut := e.text("act") == "checkout"
		if out[device] == goesOut {
			r.t.Fatalf("%s of %s, which is out: %v", e.text("act"), device, goesOut)
		}
		out[device] = goesOut
	}
	for id := range answered {
		if !found[id] {
			r.t.Fatalf("%s was shown as %s, and is not there", id, answered[id])
		}
	}
	still := 0
	for _, is := range out {
		if is {
			still++
		}
	}
	if s := r.status(); s.CheckedOut != still {
		r.t.Fatalf("status says %d are out, the journal %d", s.CheckedOut, still)
	}
}

// The names of those who have left both clouds go after a year, the entries stay.
func TestNamesAreForgotten(t *testing.T) {
	t.Parallel()
	r, people, devices := school(t, sim.Config{People: 120, Chromebooks: 60})
	ada, bob := people[0], people[1]
	for i, p := range []object{ada, bob} {
		r.must("checkout", "--person", p.text("primary_email"), "--asset", devices[i].text("serial"), "--note", "for "+p.text("given_name"))
		r.must("checkin", "--asset", devices[i].text("serial"))
	}
	for kind, key := range map[string]string{"google/users": "google_id", "microsoft/users": "microsoft_id"} {
		if id := ada.text(key); id != "" {
			if err := r.clouds.Delete(kind, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.must("sync", "--full")
	r.must("sync", "--full") // and notices that she has left
	tidy := func(days int, change func(*ui.Settings)) {
		t.Helper()
		s, a := r.window()
		defer s.end()
		b, _, err := a.openForWindow(t.Context(), ui.Opening{}, connections{})
		if err != nil {
			t.Fatal(err)
		}
		defer b.close()
		settings := b.settings()
		change(&settings)
		if err := b.SetSettings(t.Context(), settings); err != nil {
			t.Fatal(err)
		}
		if err := b.tidyNames(t.Context(), time.Now().AddDate(0, 0, days)); err != nil {
			t.Fatal(err)
		}
	}
	named := func(p object) (n int) {
		for _, e := range r.journalOf() {
			if strings.Contains(encoded(t, e), p.text("given_name")) || strings.Contains(encoded(t, e), p.text("primary_email")) {
				n++
			}
		}
		return n
	}
	forever, standard := 0, ui.KeepNames
	for _, step := range []struct {
		days int
		keep *int
		want int // entries that name her
	}{{364, nil, 2}, {4000, &forever, 2}, {364, &standard, 2}, {366, nil, 0}} {
		tidy(step.days, func(s *ui.Settings) { s.KeepNames = step.keep })
		if n := named(ada); n != step.want {
			t.Errorf("after %d days %d entries name who left, want %d", step.days, n, step.want)
		}
	}
	if n := named(bob); n != 2 {
		t.Errorf("%d entries name somebody who is still there", n)
	}
	all := r.journalOf()
	if len(all) != 4 || all[0].text("person") != "removed person" || all[0].text("serial") != devices[0].text("serial") || all[0].text("person_id") == "" {
		t.Errorf("the journal is %s", encoded(t, all))
	}
	snapshots, err := os.ReadDir(filepath.Join(r.data, "snapshots"))
	if err != nil || len(snapshots) == 0 || len(snapshots) > 2 {
		t.Errorf("%d snapshots, %v: those of before are to be gone", len(snapshots), err)
	}
}

// A code that could not be looked up may have been a person: what is scanned next
// must not go to the one before.
func TestNobodyIsCurrentAfterAFailedLookup(t *testing.T) {
	t.Parallel()
	r, people, _ := school(t, sim.Config{People: 120, Chromebooks: 60})
	s, a := r.window()
	defer s.end()
	b, _, err := a.openForWindow(t.Context(), ui.Opening{}, connections{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	scanner := new(ledger.Scanner)
	if _, err := b.Scan(t.Context(), scanner, people[0].text("primary_email"), ""); err != nil || scanner.Current() == nil {
		t.Fatalf("current is %v, %v", scanner.Current(), err)
	}
	scan, err := b.writeScan(t.Context(), scanner, "X", "", func(*ledger.Book) (ledger.Scan, error) {
		return ledger.Scan{Code: "x"}, errors.New("the page cannot be read")
	})
	if err == nil || scan.Outcome != ledger.Failed || scanner.Current() != nil {
		t.Errorf("it is %s, %v, and %v is current", scan.Outcome, err, scanner.Current())
	}
}
