package engine

import (
	"cmp"
	"context"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

// Notes is what the engine needs of the ledger file: named documents that no
// sync brings back, the technician's yes and no to holds among them.
type Notes interface {
	// Doc returns a document, nil when there is none.
	Doc(name string) ([]byte, error)
	// PutDoc stores a document durably; nil deletes it.
	PutDoc(ctx context.Context, name string, value []byte) error
}

// Settings are what the technician may choose about syncs. The zero value of
// a field means its default.
type Settings struct {
	// Every is the time between scheduled runs, 4 hours by default.
	Every time.Duration `json:"every,omitempty"`
	// A run that would mark gone more than the larger of HoldFloor and
	// HoldShare of the records stored before it, or more than HoldMost, has
	// its removals held. Defaults 20, 0.05 and 500.
	HoldFloor int     `json:"hold_floor,omitempty"`
	HoldShare float64 `json:"hold_share,omitempty"`
	HoldMost  int     `json:"hold_most,omitempty"`
}

// orDefault returns s with defaults for what is zero.
func (s Settings) orDefault() Settings {
	s.Every = cmp.Or(s.Every, 4*time.Hour)
	s.HoldFloor = cmp.Or(s.HoldFloor, 20)
	s.HoldShare = cmp.Or(s.HoldShare, 0.05)
	s.HoldMost = cmp.Or(s.HoldMost, 500)
	return s
}

// Config is what an [Engine] works with.
type Config struct {
	Store Store
	Notes Notes
	// Connect returns a Source for the run that begins, nil when the cloud
	// is not set up. An error is the cloud's failure in that run.
	Connect func(context.Context, directory.Cloud) (cloud.Source, error)
	// Settings returns the settings as they are now; nil means the defaults.
	Settings func() Settings
	// Online, if not nil, tells whether this computer has a way to the
	// network, as far as it knows without asking the network. It is asked
	// every half minute and must not block.
	Online func() bool
	// Failed and Worked, if not nil, are told how a cloud's turn ended, so
	// that a dead authorization is remembered where authorizations are.
	// Connect may then fail at once with a kind that needs a person: a run
	// that nobody asked for skips the cloud. A turn that was cancelled or had no Source is not told. A refusal with
	// [OtherCustomer] says nothing against the authorization itself.
	Failed func(directory.Cloud, *cloud.Error)
	Worked func(directory.Cloud, cloud.Identity)
}
