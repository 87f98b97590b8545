package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// newLog returns the handler of a log of the level and above. It clears what
// may have come in with an error or a value by mistake; that a log call names
// no person and no secret is up to whoever writes it.
func newLog(w io.Writer, level slog.Level) slog.Handler {
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: cleared})
}

// cleared is an attribute without what often names a person, a school or a
// computer: of an error no more than what kind it is, and no text that looks
// like an address, a path or a key.
func cleared(_ []string, at slog.Attr) slog.Attr {
	v := at.Value.Any()
	if err, ok := v.(error); ok {
		at.Value = slog.StringValue(clearedError(err))
	} else if reflect.ValueOf(v).Kind() == reflect.String && at.Key != slog.MessageKey {
		at.Value = slog.StringValue(clearedText(fmt.Sprint(v)))
	}
	return at
}

var (
	harmless = regexp.MustCompile(`^[\w.,:+() -]{0,120}$`)
	code     = regexp.MustCompile(`^[\w.-]{0,60}$`)
)

// clearedText is a word or two, a number or a version, and nothing else.
func clearedText(s string) string {
	if !harmless.MatchString(s) {
		return "(left out)"
	}
	return s
}

// clearedError is kind, what was being done, code, status, and the reason that
// the system gives. The text of a cause may quote anything.
func clearedError(err error) string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+":"+clearedText(value))
		}
	}
	e := cloud.AsError(err)
	add("cloud", string(e.Cloud))
	add("kind", string(e.Kind))
	add("doing", e.Doing)
	if code.MatchString(e.Code) { // a cloud may say anything
		add("code", e.Code)
	}
	add("trace", e.Trace)
	if e.Status != 0 {
		add("status", strconv.Itoa(e.Status))
	}
	var number syscall.Errno
	var damaged *storage.DamagedError
	var slow net.Error
	switch {
	case errors.As(err, &damaged):
		add("damaged", damaged.File)
	case errors.As(err, &number):
		add("system", number.Error())
	case storage.StateOf(err) != "":
		add("vault", string(storage.StateOf(err)))
	case errors.As(err, &slow) && slow.Timeout():
		add("system", "timeout")
	case e.Kind == cloud.Unexpected && e.Code == "":
		add("type", strings.TrimLeft(fmt.Sprintf("%T", err), "*"))
	}
	return strings.Join(parts, " ")
}

// The log file and those before it, in the data folder's own folder for them:
// four megabytes in all.
const (
	logName  = "panel.log"
	logSize  = 1 << 20
	logsKept = 3 // beside the one that is written
)

// logFile is the newest log file. Its methods are safe for concurrent use.
type logFile struct {
	dir string

	mu   sync.Mutex
	file *os.File // nil once closed, or when it could not be opened
	size int64
}

// openLog opens the log of a data folder, which goes on where it ended.
func openLog(dataDir string) (*logFile, error) {
	l := &logFile{dir: filepath.Join(dataDir, storage.LogFolder)}
	if err := os.Mkdir(l.dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	return l, l.open()
}

func (l *logFile) path(n int) string {
	if n == 0 {
		return filepath.Join(l.dir, logName)
	}
	return filepath.Join(l.dir, fmt.Sprintf("panel.%d.log", n))
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.path(0), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write writes one record, to a new file when the last is full. A log that
// cannot be written keeps nothing else from going on.
func (l *logFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size > 0 && l.size+int64(len(b)) > logSize {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	if l.file == nil {
		return 0, os.ErrClosed
	}
	n, err := l.file.Write(b)
	l.size += int64(n)
	return n, err
}

// turn begins a new file; the oldest goes.
func (l *logFile) turn() error {
	err := l.file.Close()
	l.file = nil
	for n := logsKept; n > 0; n-- {
		if renamed := os.Rename(l.path(n-1), l.path(n)); !errors.Is(renamed, os.ErrNotExist) {
			err = errors.Join(err, renamed)
		}
	}
	return errors.Join(err, l.open())
}

// Close closes the file; what is written afterwards is lost.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// keepLog lets the log be written to the data folder too. It ends with endLog.
func (a *app) keepLog(dir string) {
	if a.kept != nil {
		return
	}
	f, err := openLog(dir)
	if err != nil {
		a.log.Warn("could not open the log file", "err", err)
		return
	}
	a.kept = f
	a.log = slog.New(slog.NewMultiHandler(a.log.Handler(), newLog(f, a.level(slog.LevelInfo))))
	a.log.Info("Panel starts", "version", version, "command", a.command, "os", runtime.GOOS, "arch", runtime.GOARCH, "go", runtime.Version())
}

// endLog says how the command ended, and closes the log file.
func (a *app) endLog(err error) {
	if a.kept == nil {
		return
	}
	about := []any{"exit", exitCode(err, io.Discard)}
	if said := exitError(0); err != nil && !errors.As(err, &said) {
		about = append(about, "err", err)
	}
	a.log.Info("Panel ends", about...)
	a.closeLog()
}

// closeLog closes the log file without a word.
func (a *app) closeLog() {
	if a.kept != nil {
		_ = a.kept.Close() // nothing can be done about it, nor said
		a.kept = nil
		a.log = slog.New(newLog(a.err, a.level(slog.LevelWarn)))
	}
}

// level is the one of the command line, else usual.
func (a *app) level(usual slog.Level) slog.Level {
	if a.cli.LogLevel != "" {
		_ = usual.UnmarshalText([]byte(a.cli.LogLevel)) // the command line takes no other
	}
	return usual
}

// logOpened logs what was found when the data was opened.
func (s *session) logOpened() {
	counts, err := s.store.Inventory.Stats()
	if err != nil {
		s.log.Error("could not count the records", "err", err)
	}
	profile := s.profile.Name
	if profile != "built-in" {
		profile = "custom" // a path
	}
	s.log.Info("data opened", "vault", s.vault.Kind(), "clouds", profile,
		"people", counts.People, "chromebooks", counts.Chromebooks, "orgunits", counts.OrgUnits)
	for _, l := range s.store.Losses {
		s.log.Warn("a file was damaged or missing", "file", l.File, "aside", l.Aside, "restored", l.Restored, "last_change", l.LastChange, "err", l.Err)
	}
}

// runLog logs the runs of an engine.
type runLog struct {
	*session
	last  string // the run that was logged
	waits map[[2]string]int
}

func (s *session) newRunLog() *runLog {
	l := &runLog{session: s, waits: map[[2]string]int{}}
	if last := s.engine.Status().Last; last != nil {
		l.last = last.ID
	}
	return l
}

// follow returns what logs the engine's doings for as long as ctx lasts, and
// how its last run ended.
func (l *runLog) follow(ctx context.Context) func() {
	return func() {
		for now := range l.engine.Watch(ctx) {
			l.see(now)
		}
		l.see(l.engine.Status())
	}
}

func (l *runLog) see(now engine.Status) {
	for _, c := range directory.Clouds {
		for _, p := range now.Of(c).Progress {
			key := [2]string{string(c), string(p.Listing)}
			if p.Retries > l.waits[key] {
				wait := time.Duration(0)
				if !p.Until.IsZero() {
					wait = time.Until(p.Until).Round(time.Second)
				}
				l.log.Debug("tries again", "cloud", c, "listing", p.Listing, "retries", p.Retries, "wait", wait)
			}
			l.waits[key] = p.Retries
		}
	}
	if r := now.Last; r != nil && r.ID != l.last && !r.Finished.IsZero() {
		l.last = r.ID
		l.run(r)
	}
}

// run logs how a run ended.
func (l *runLog) run(r *engine.Run) {
	l.log.Info("sync ended", "why", r.Why, "full", r.Full, "outcome", r.Outcome, "written", r.RecordsWritten, "took", r.Finished.Sub(r.Started).Round(time.Millisecond))
	for _, c := range directory.Clouds {
		turn := r.Of(c)
		if turn == nil || turn.Outcome == engine.Skipped && turn.Error == nil {
			continue
		}
		l.log.Info("cloud read", "cloud", c, "outcome", turn.Outcome)
		for _, name := range c.Listings() {
			if n, ok := turn.Listings[name]; ok {
				l.log.Info("listing read", "cloud", c, "listing", name, "complete", n.Complete, "seen", n.Seen, "added", n.Added, "changed", n.Changed,
					"missing", n.Missing, "removed", n.Removed, "held", n.Held, "pages", n.Pages, "retries", n.Retries)
			}
		}
		for _, f := range failures(turn) {
			l.log.Info("cloud failed", "cloud", c, "listing", f.Lists, "err", f.Err())
		}
	}
	if r.Error != nil {
		l.log.Info("sync failed", "err", r.Error.Err())
	}
}
