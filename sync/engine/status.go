package engine

import (
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

// Outcome is how a run, or one cloud's turn in it, ended.
type Outcome string

// The outcomes. NothingToDo is a run's alone, Skipped a cloud's alone.
const (
	OK          Outcome = "ok"
	Partial     Outcome = "partial" // a permission was unticked; the rest was read
	Failed      Outcome = "failed"
	Held        Outcome = "held" // removals wait for a yes
	Stopped     Outcome = "cancelled"
	NothingToDo Outcome = "nothing_to_do"
	Skipped     Outcome = "skipped"
)

// Fault is a failure as it is kept and shown; nil where all is well.
type Fault struct {
	Kind   cloud.Kind        `json:"kind"`
	Doing  string            `json:"doing,omitempty"`
	Code   string            `json:"code,omitempty"`
	Detail string            `json:"detail,omitempty"`
	Trace  string            `json:"trace,omitempty"`
	Stamp  string            `json:"stamp,omitempty"`
	Cloud  directory.Cloud   `json:"cloud,omitempty"`
	Lists  directory.Listing `json:"listing,omitempty"`
	At     time.Time         `json:"at"`
}

// ListingReport is what a run did to one listing.
type ListingReport struct {
	Complete bool `json:"complete"`
	Seen     int  `json:"seen"`
	Added    int  `json:"added"`
	Changed  int  `json:"changed"`
	// Missing counts records absent for the first time, Removed those taken
	// out, Held those that wait for a yes.
	Missing int `json:"missing"`
	Removed int `json:"removed"`
	Held    int `json:"held"`
	Pages   int `json:"pages"`
	Retries int `json:"retries"`
	// Incremental tells that only what may have changed was asked for.
	Incremental bool `json:"-"`
	// Error is why the listing failed, nil when it did not.
	Error *Fault `json:"error,omitempty"`
}

// CloudReport is one cloud's turn in a run. A skipped cloud is not set up,
// was not due, or, with an Error, waits for a person. Of several listings that
// failed Error is the gravest, one that needs a person before one that may mend
// itself.
type CloudReport struct {
	Outcome  Outcome                             `json:"outcome"`
	Error    *Fault                              `json:"error,omitempty"`
	Listings map[directory.Listing]ListingReport `json:"listings"`
}

// Why a run began. Any other word is the one given to [Engine.Request].
const (
	WhyStart      = "start" // Panel started, and the last success was too long ago
	WhySchedule   = "schedule"
	WhyWake       = "wake"       // the computer had slept
	WhyOnline     = "online"     // the network came back
	WhyRetry      = "retry"      // a cloud was offline, or had asked to be left alone
	WhyRequest    = "request"    // the technician asked
	WhyAuthorized = "authorized" // an authorization was given or changed
	WhyRemove     = "remove"     // the technician said yes to held removals
	WhyBringBack  = "bring_back" // no sync: what a run had removed was brought back
)

// Run is the report of one sync. Its id sorts by time.
type Run struct {
	ID             string       `json:"id"`
	Started        time.Time    `json:"started"`
	Finished       time.Time    `json:"finished"`
	Why            string       `json:"why"`
	Full           bool         `json:"full"`
	Outcome        Outcome      `json:"outcome"`
	RecordsWritten int          `json:"records_written"`
	Google         *CloudReport `json:"google,omitempty"`
	Microsoft      *CloudReport `json:"microsoft,omitempty"`
	// Error is a failure of no cloud's turn: the history could not be
	// stored.
	Error *Fault `json:"error,omitempty"`
}

// Of returns the report about c, nil where there is none.
func (r *Run) Of(c directory.Cloud) *CloudReport {
	if c == directory.Microsoft {
		return r.Microsoft
	}
	return r.Google
}

// Hold is a set of removals that wait for a yes.
type Hold struct {
	Cloud   directory.Cloud   `json:"cloud"`
	Listing directory.Listing `json:"listing"`
	// IDs are sorted.
	IDs   []string  `json:"ids"`
	Since time.Time `json:"since"`
	// Empty marks a listing without any record, where some were stored or
	// expected; IDs are then all that are stored, maybe none.
	Empty bool `json:"empty,omitempty"`
}

// ListingProgress is how far one listing of the current run is.
type ListingProgress struct {
	// Expected is the cloud's own count, else that of the last complete
	// listing, 0 before the first and for a listing of changes.
	cloud.Progress
	Started time.Time
	// Rate is records per second since Started.
	Rate  float64
	Ended bool
}

// CloudStatus is what is known about one cloud.
type CloudStatus struct {
	// LastSuccess is the end of the last turn in which everything allowed
	// was read; zero if never.
	LastSuccess time.Time
	// LastError is why the last turn failed; nil when it did not.
	LastError *Fault
	// Running tells that it is this cloud's turn; Progress has the listings
	// of the turn, in their order.
	Running  bool
	Progress []ListingProgress
}

// Status is the engine's state at one moment. It is immutable.
type Status struct {
	// Running is the current run, nil between runs; its reports fill as the
	// run goes on.
	Running *Run
	// Cancelling tells that the current run was asked to end.
	Cancelling bool
	Google     CloudStatus
	Microsoft  CloudStatus
	// Next is when the loop will sync again by itself; zero when it will
	// not, or does not run.
	Next  time.Time
	Last  *Run // the newest finished run, nil if none
	Holds []Hold
	// Revision grows whenever stored records may have changed: a follower
	// that has seen it needs to read nothing again.
	Revision uint64
	// Runs grows whenever a run has finished.
	Runs uint64
}

// Of returns the part of s about c.
func (s *Status) Of(c directory.Cloud) *CloudStatus {
	if c == directory.Microsoft {
		return &s.Microsoft
	}
	return &s.Google
}
