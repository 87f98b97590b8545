package ui

import (
	"context"
	"errors"
	"io"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// ErrGone is the error of a record that is not there, or no longer.
var ErrGone = errors.New("the record is gone")

// Backend is all that the window asks of the rest of Panel. Reads return
// quickly and may be called from any goroutine; an act that takes a context
// may take long, is never called on the window's goroutine, and returns nil,
// ctx's error, or a [*cloud.Error].
type Backend interface {
	// About is what the window's title and settings say of this run.
	About() About
	// Notices are what the technician must be told once: what was lost of
	// Panel's own files when they were opened. They never change.
	Notices() []view.Words

	// Watch returns the current status, then the newest whenever it moves;
	// the channel closes when ctx ends. A slow reader skips states.
	Watch(ctx context.Context) <-chan engine.Status
	// Connections returns how Panel stands with both clouds.
	Connections() Connections
	// Revision grows with every change of Connections or Settings.
	Revision() uint64

	People(ctx context.Context, each func(*directory.Person) error) error
	Chromebooks(ctx context.Context, each func(*directory.Chromebook) error) error
	OrgUnits(ctx context.Context) ([]directory.OrgUnit, error)
	// Person returns one person with the accounts that it was merged from,
	// and who else it may be. It is found by the id of an account too, so its
	// ID may be another one. Where there is none the error is [ErrGone], as it
	// is of Chromebook.
	Person(id string) (PersonDetail, error)
	Chromebook(deviceID string) (directory.Chromebook, error)
	Runs() ([]engine.Run, error) // newest first
	// Changes returns the change list of one run.
	Changes(run string) ([]directory.Change, error)
	// History returns the changes of one record, newest first.
	History(l directory.Listing, id string) ([]directory.Change, error)

	// Sync asks for a run; Cancel ends the current one within a second.
	Sync(full bool)
	Cancel()
	// Remove applies the open hold of a listing after a fresh look; Keep
	// silences its ids until they are seen again.
	Remove(ctx context.Context, c directory.Cloud, l directory.Listing) error
	Keep(ctx context.Context, c directory.Cloud, l directory.Listing) error
	// BringBack restores what a run removed, as far as that is not there
	// again, and returns how many records that were.
	BringBack(ctx context.Context, run string) (int, error)

	// SetGoogleClient stores the OAuth client of a downloaded JSON file.
	SetGoogleClient(ctx context.Context, file []byte) error
	// AuthorizeGoogle runs the sign-in: link is called with the address once
	// Panel listens, then the browser opens. Trouble is told what is wrong
	// without ending the wait, as that no browser opened. It returns when the
	// sign-in ended; a sync starts by itself on success.
	AuthorizeGoogle(ctx context.Context, link func(string), trouble func(*cloud.Error)) error
	// OpenBrowser opens a page in the system browser, or a folder in whatever
	// shows folders.
	OpenBrowser(url string) error
	// DeauthorizeGoogle forgets the authorization, and revokes it at Google
	// unless local. Told is false when Google could not be told.
	DeauthorizeGoogle(ctx context.Context, local bool) (told bool, err error)
	// SaveAzure stores the settings and syncs; an empty secret keeps the one
	// that is stored.
	SaveAzure(ctx context.Context, a Azure, secret string) error
	// TestAzure tries the settings with a fresh client and reports each step
	// as it ends. An empty secret uses the one that is stored.
	TestAzure(ctx context.Context, a Azure, secret string, step func(AzureStep)) error
	RemoveAzure(ctx context.Context) error
	// LookUpTenant finds the cloud and the tenant of a domain.
	LookUpTenant(ctx context.Context, domain string) (Azure, error)
	// Forget takes out everything that came from a cloud; never a checkout.
	// Count tells how much that would be.
	Forget(ctx context.Context, c directory.Cloud) error

	// Decide records that two accounts are the same person or are not;
	// Undecide takes that back.
	Decide(ctx context.Context, d directory.Decision) error
	Undecide(ctx context.Context, d directory.Decision) error

	// LedgerRevision grows with every entry of the ledger. Standings are how every
	// Asset stands that was ever handled; they never change.
	LedgerRevision() uint64
	Standings() []*ledger.Standing
	// Standing is that of an Asset, by its key; nil of one that never was.
	Standing(asset string) *ledger.Standing
	// Scan takes one scan in a round, by its id, and writes what it asks for; where that
	// cannot be written the scan has Failed, and the error says why. One scan is
	// made at a time. PrepareScans reads before that what the first would read.
	Scan(ctx context.Context, s *ledger.Scanner, line, round string) (ledger.Scan, error)
	PrepareScans(ctx context.Context) error
	// Choose is Scan once somebody has said which record an ambiguous or unknown
	// code means that was seen, for whom it was scanned then. What was seen is
	// settled where it came to something, and else stays to be looked after.
	Choose(ctx context.Context, s *ledger.Scanner, seen ledger.Seen, m ledger.Match, round string) (ledger.Scan, error)
	// Act writes entries that the rules allow, all or none of them, one after
	// the other. UndoAct takes entries back, the last one first, by their ids, and
	// returns how many: what something else was done after stays. Where that is
	// all of them, the error is a [*ledger.Refusal], as Act's may be.
	Act(ctx context.Context, e ...*ledger.Entry) error
	UndoAct(ctx context.Context, entries ...string) (undone int, err error)
	// Matches are the records that a code may mean, the better ones alone.
	Matches(ctx context.Context, code string) ([]ledger.Match, error)
	// Checkouts are the entries about an Asset, by its key, or about somebody,
	// by the ids of the accounts; newest first.
	Checkouts(ctx context.Context, asset string, accounts []string) ([]ledger.Entry, error)
	// Entries calls each for every entry of the journal, oldest first.
	Entries(ctx context.Context, each func(*ledger.Entry) error) error
	// Rounds are all rounds but the desk, newest first; Seen the scans of one,
	// oldest first. KeepRound begins or changes one, Settle keeps whether
	// somebody has looked after a scan.
	Rounds(ctx context.Context) ([]ledger.Round, error)
	Seen(ctx context.Context, round string) ([]ledger.Seen, error)
	KeepRound(ctx context.Context, r *ledger.Round) error
	Settle(ctx context.Context, round string, s ledger.Seen) error
	// Collect is what a collection is to expect of the people of some OUs, with
	// those below, and of others by id; Audit what an audit of some OUs or of a
	// place is.
	Collect(ctx context.Context, orgUnits, people []string) ([]ledger.Expected, error)
	Audit(ctx context.Context, orgUnits []string, place string) ([]ledger.Expected, error)
	// Judge says what comes of claims, and Adopt writes what the adoptions among
	// them ask for, with a note where a claim has none, in parts, each wholly or
	// not at all; what changed since it was judged is refused. It returns the ids
	// of the entries, also where it fails, and how many the ledger refused by then.
	// Both may be stopped.
	Judge(ctx context.Context, claims []ledger.Claim, move bool) ([]ledger.Adoption, error)
	Adopt(ctx context.Context, all []ledger.Adoption, note string) (written []string, refused int, err error)
	// Sound plays a short sound, if the system has something to play it with.
	Sound(good bool)

	// BackUp writes everything to a file, whole or not at all, sealed by a
	// passphrase; a file that is there is replaced.
	BackUp(ctx context.Context, path, passphrase string) error
	// CheckBackup reads a backup to its end and returns when it was made. To
	// restore it is an [Opening].
	CheckBackup(ctx context.Context, path, passphrase string) (made time.Time, err error)

	// SetRecovery seals the data key under a passphrase once more; "" is the
	// word that none is wanted.
	SetRecovery(ctx context.Context, passphrase string) error

	// SaveFile writes a file that is there wholly or not at all: until it is
	// whole, what was there before stays.
	SaveFile(ctx context.Context, path string, write func(io.Writer) error) error

	// ServePage has a browser of this computer fetch what write writes, an HTML
	// page, at the address returned. It can be fetched once, within two minutes
	// and while ctx lasts; write runs when it is, on any goroutine, and nothing
	// of it is put on a disk. An error of write cuts the page off.
	ServePage(ctx context.Context, write func(io.Writer) error) (url string, err error)

	Settings() Settings
	SetSettings(ctx context.Context, s Settings) error
	// Views are the technician's views of the lists, nil for none.
	Views() Views
	// ChangeViews keeps a change of the views of one list, by its name, and
	// returns them as they are then. One change is made at a time.
	ChangeViews(ctx context.Context, list string, change func(*ListViews)) (ListViews, error)
	// Layout is what the window remembers of its own looks; nil at first.
	Layout() []byte
	SetLayout(b []byte) error
}

// About names this run of Panel.
type About struct {
	Version string
	DataDir string
	// LogDir is the folder of the log files, "" when nothing is kept.
	LogDir string
	// Profile is "built-in", or the file of the cloud profile in use.
	Profile string
	// Vault is "keychain", "passphrase" or "memory".
	Vault string
	// Demo marks the simulated district.
	Demo bool
}

// Connections is how Panel stands with both clouds.
type Connections struct {
	Google    Google
	Microsoft Azure
	// AskRecovery tells that a recovery passphrase would help, and that the
	// technician has not been asked for one.
	AskRecovery bool
}

// has tells whether a cloud is set up.
func (c *Connections) has(of directory.Cloud) bool {
	if of == directory.Google {
		return c.Google.State != "not_authorized"
	}
	return c.Microsoft.State != "not_configured"
}

// lost is why a cloud no longer takes what is set up, nil while it does.
func (c *Connections) lost(of directory.Cloud) *engine.Fault {
	if of == directory.Google {
		return c.Google.Lost
	}
	return c.Microsoft.Lost
}

// Google is how Panel stands with Google.
type Google struct {
	// HasClient tells that an OAuth client is there to authorize with.
	HasClient bool
	// State is not_authorized, authorized, partial, revoked or blocked.
	State        string
	Account      string
	Domain       string
	AuthorizedAt time.Time
	// Granted are the scopes that were ticked, Missing those that were not.
	Granted []string
	Missing []string
	// Lost is why the authorization is gone, At since when; nil while it is
	// not.
	Lost *engine.Fault
}

// Azure is the Azure Sync Settings, less the secret.
type Azure struct {
	// State is not_configured, configured, secret_expired, secret_wrong,
	// consent_missing, tenant_unknown, client_unknown or blocked.
	State    string
	Tenant   string // the directory id, or a domain until it was looked up
	ClientID string
	Expires  directory.Day // "" for no reminder
	// Cloud is global, gcch, dod or china; "" is global.
	Cloud string
	// HasSecret tells that a secret is stored.
	HasSecret bool
	// Lost is why the settings no longer serve, At since when; nil while they
	// do.
	Lost *engine.Fault
}

// AzureStep is one line of Test connection.
type AzureStep struct {
	// Step is tenant, secret, consent or users, in this order.
	Step string
	// Done is the outcome: nil Err is success.
	Err *cloud.Error
	// Users is how many were readable on one page, More whether there are
	// more; only for users.
	Users int
	More  bool
}

// PersonDetail is one person and what it was made of.
type PersonDetail struct {
	Person    directory.Person
	Google    *directory.Account
	Microsoft *directory.Account
	// Twins are who else the person may be, and what was said of it.
	Twins []Twin
}

// Twin is one question whether two accounts, one of each cloud, are the same
// person: a possible duplicate.
type Twin struct {
	// Person is the other one; the person itself where the technician's
	// decision made them one.
	Person directory.Person
	// Pair are the two accounts; the decision where Said.
	Pair directory.Decision
	Said bool
}

// Views are the technician's views of the lists, by the list's name: people,
// chromebooks.
type Views map[string]ListViews

// ListViews are the views of one list.
type ListViews struct {
	Own []view.SavedView `json:"own,omitempty"`
	// Unpinned are the names of views that do not stand above the list.
	Unpinned []string `json:"unpinned,omitempty"`
	// Default is the name of the view that the list begins with, "" for none.
	Default string `json:"default,omitempty"`
}

// KeepNames is for how many days the ledger keeps the names of those who
// departed unless the technician says otherwise.
const KeepNames = 365

// Settings are what the technician may choose.
type Settings struct {
	Sync engine.Settings `json:"sync,omitzero"`
	// Kinds says who is a student and who is staff, by subtree of OUs.
	Kinds []directory.KindRule `json:"kinds,omitempty"`
	// Hidden records are left out of the lists; they are not gone.
	HideGuests        bool     `json:"hide_guests,omitempty"`
	HideMicrosoftOnly bool     `json:"hide_microsoft_only,omitempty"`
	HideOrgUnits      []string `json:"hide_org_units,omitempty"`
	// Proxy is the URL of the proxy, "" for what the environment says; CAFile
	// holds certificates to trust beside the system's, "" for none.
	Proxy  string `json:"proxy,omitempty"`
	CAFile string `json:"ca_file,omitempty"`
	// RecoveryAsked tells that no recovery passphrase is wanted.
	RecoveryAsked bool `json:"recovery_asked,omitempty"`
	// Prices are what a new Chromebook costs in the place of one of a model, ""
	// of every other model; Currency stands before a price, "" is "$".
	Prices   map[string]float64 `json:"prices,omitempty"`
	Currency string             `json:"currency,omitempty"`
	// Calendar says when there is no school; see [ledger.ParseCalendar].
	Calendar string `json:"calendar,omitempty"`
	// Silent scans make no sound.
	Silent bool `json:"silent,omitempty"`
	// KeepNames is for how many days the ledger keeps the names of those who
	// departed, 0 for ever; nil is [KeepNames].
	KeepNames *int `json:"keep_names,omitempty"`
	// Theme is "system", "light" or "dark"; "" is system.
	Theme string `json:"theme,omitempty"`
}
