package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// The commands that work on what is stored.

type syncCmd struct {
	Full           bool `help:"List everything whole, not only what changed."`
	AcceptRemovals bool `help:"Apply the removals that are held, as far as they are still absent."`
	JSON           bool `name:"json" help:"Print the report as JSON, in the shape that scripts rely on."`
}

// runReport is the shape of 'panel sync --json'.
type runReport struct {
	Started        string         `json:"started"`
	Finished       string         `json:"finished"`
	Outcome        engine.Outcome `json:"outcome"`
	RecordsWritten int            `json:"records_written"`
	Google         *turnReport    `json:"google,omitempty"`
	Microsoft      *turnReport    `json:"microsoft,omitempty"`
}

type turnReport struct {
	Outcome  engine.Outcome                      `json:"outcome"`
	Error    *faultReport                        `json:"error,omitempty"`
	Listings map[directory.Listing]listingReport `json:"listings"`
}

type listingReport struct {
	engine.ListingReport
	Error *faultReport `json:"error,omitempty"`
}

// Run syncs once.
func (c *syncCmd) Run(a *app) error {
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	if c.AcceptRemovals {
		if err := s.snapshot(a.ctx); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(a.ctx)
	var logging sync.WaitGroup
	logging.Go(s.newRunLog().follow(ctx))
	r, err := s.engine.SyncNow(a.ctx, engine.Options{Full: c.Full, AcceptRemovals: c.AcceptRemovals})
	stop()
	logging.Wait()
	if err != nil {
		return err
	}
	if err := s.tidyLedger(a.ctx); err != nil && a.ctx.Err() == nil {
		s.log.Warn("could not tidy the ledger", "err", err)
	}
	c.print(a, r)
	if c.JSON {
		if err := printJSON(a.out, reportRun(r)); err != nil {
			return err
		}
	}
	if g, err := readDoc[googleDoc](s, googleName); err == nil && r.Google.Outcome != engine.Skipped {
		g.sayUnticked(a.err)
	}
	if r.Error != nil {
		say(a.err, view.SayFault(r.Error))
	}
	if code := outcomeCode(r); code != exitDone {
		return exitError(code)
	}
	return nil
}

// reportRun puts a run into the shape of the command line.
func reportRun(r engine.Run) runReport {
	report := runReport{
		Started: r.Started.UTC().Format(rfc3339), Finished: r.Finished.UTC().Format(rfc3339),
		Outcome: r.Outcome, RecordsWritten: r.RecordsWritten,
	}
	turn := func(t *engine.CloudReport) *turnReport {
		if t == nil {
			return nil
		}
		listings := map[directory.Listing]listingReport{}
		for name, l := range t.Listings {
			listings[name] = listingReport{l, reportFault(l.Error)}
		}
		return &turnReport{Outcome: t.Outcome, Error: reportFault(t.Error), Listings: listings}
	}
	report.Google, report.Microsoft = turn(r.Google), turn(r.Microsoft)
	return report
}

const rfc3339 = "2006-01-02T15:04:05Z"

// outcomeCode is the exit code of a run.
func outcomeCode(r engine.Run) int {
	switch r.Outcome {
	case engine.NothingToDo, engine.Held:
		return exitPerson
	case engine.Stopped:
		return exitFailed
	case engine.Failed:
		if r.Error != nil {
			return exitFailed
		}
		mends := func(f *engine.Fault) bool { return !cloud.NeedsPerson(f.Kind, f.Code) }
		if slices.ContainsFunc(slices.Concat(failures(r.Google), failures(r.Microsoft)), mends) {
			return exitFailed
		}
		return exitPerson
	}
	return exitDone
}

// failures are why a turn, which may be nil, failed: once each where several
// listings failed alike.
func failures(t *engine.CloudReport) (all []*engine.Fault) {
	if t == nil || t.Error == nil {
		return nil
	}
	all = append(all, t.Error)
	for _, l := range t.Error.Cloud.Listings() {
		e := t.Listings[l].Error
		same := func(f *engine.Fault) bool { return f.Kind == e.Kind && f.Code == e.Code && f.Detail == e.Detail }
		if e != nil && !slices.ContainsFunc(all, same) {
			all = append(all, e)
		}
	}
	return all
}

// print says in words what the run did, unless that is told as JSON; failures
// go to standard error all the same.
func (c *syncCmd) print(a *app, r engine.Run) {
	if r.Outcome == engine.NothingToDo {
		fmt.Fprintln(a.err, "Nothing to sync: neither Google Workspace nor Microsoft Azure is set up.")
	}
	for _, t := range []struct {
		cloud directory.Cloud
		turn  *engine.CloudReport
	}{{directory.Google, r.Google}, {directory.Microsoft, r.Microsoft}} {
		if t.turn == nil || t.turn.Outcome == engine.Skipped {
			continue
		}
		for _, l := range t.cloud.Listings() {
			if n, ok := t.turn.Listings[l]; ok && !c.JSON {
				fmt.Fprintf(a.out, "%s %s: %s\n", cloudName(t.cloud), l, listingLine(n))
			}
		}
		for _, f := range failures(t.turn) {
			say(a.err, view.SayFault(f))
		}
	}
	if r.Outcome == engine.Held {
		fmt.Fprintln(a.err, "panel: removals wait for a yes; look at them in the window, or accept them with: panel sync --accept-removals")
	}
}

// listingLine says what a run found in a listing.
func listingLine(n engine.ListingReport) string {
	line := fmt.Sprintf("%d seen, +%d ~%d −%d", n.Seen, n.Added, n.Changed, n.Removed)
	switch {
	case n.Incremental && n.Seen+n.Added+n.Changed+n.Removed == 0:
		line = "nothing had changed"
	case n.Incremental:
		line = "only what may have changed: " + line
	}
	if n.Held > 0 {
		line += fmt.Sprintf(", %d removals held", n.Held)
	}
	return line
}

type exportCmd struct {
	What   string `arg:"" enum:"people,chromebooks,orgunits,checkouts,changes" help:"people, chromebooks, orgunits, checkouts or changes."`
	Format string `enum:",csv,json,xlsx" default:"" placeholder:"csv|json|xlsx" help:"By default what the name of FILE ends with, else csv."`
	Output string `short:"o" placeholder:"FILE" help:"Write there instead of to standard output."`
}

// Run writes the records.
func (c *exportCmd) Run(a *app) error {
	f := cmp.Or(view.Format(c.Format), view.FormatOf(c.Output), view.CSV)
	if _, ok := terminal(a.out); ok && f == view.XLSX && c.Output == "" {
		return usageError{errors.New("a workbook is nothing for a terminal to show: name a file with -o, or send it on to one with >")}
	}
	s, err := a.open(a.ctx, opening{readOnly: true})
	if err != nil {
		return err
	}
	defer s.close()
	write := func(w io.Writer) error { return s.export(a.ctx, w, c.What, f) }
	if c.Output == "" {
		return write(a.out)
	}
	return writeWhole(c.Output, write)
}

// writeWhole writes a file that is there wholly or not at all: until it is
// whole, what was there before stays. What is no file, as /dev/stdout, is
// written as it comes.
func writeWhole(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeThrough(path, write)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return outputError(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if err = write(f); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return outputError(path, err)
}

// writeThrough writes to a device or a pipe.
func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		err = write(f)
		if closed := f.Close(); err == nil {
			err = closed
		}
	}
	return outputError(path, err)
}

// outputError is a failure to write the file that the technician named; a
// failure to read what was to be written stays what it is.
func outputError(path string, err error) error {
	var typed *cloud.Error
	if err == nil || errors.Is(err, context.Canceled) || errors.As(err, &typed) && typed.Code != "" && typed.Code != "disk_full" {
		return err
	}
	code, disk := "output", cloud.DiskCode(err)
	var replacing *os.LinkError
	switch {
	case disk == "disk_full":
		code = "output_full"
	case errors.As(err, &replacing): // on Windows, an open file cannot be replaced
		code = "output_in_use"
	case disk == "read_only":
		code = "output_read_only"
	case errors.Is(err, fs.ErrNotExist):
		code = "output_no_folder"
	}
	return &cloud.Error{Kind: cloud.Storage, Doing: "write the file", Code: code, Detail: filepath.Base(path), Err: err}
}
