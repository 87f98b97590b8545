// Package cloud is the contract between the clouds and the engine: what a
// Source promises, the one typed error, the HTTP client that every call goes
// through, and the profile that says where a cloud lives.
package cloud

import (
	"context"
	"time"

	"panel/directory"
)

// Source reads one cloud under one authorization. It is made for one run of
// the engine and thrown away after it, so that every run proves the
// authorization anew; it holds no record that it has handed over.
//
// Every error it returns is an [*Error], or ctx's own when ctx ended.
type Source interface {
	// Cloud names the cloud.
	Cloud() directory.Cloud

	// Identify gets a fresh access token and asks whose directory this is.
	Identify(ctx context.Context) (Identity, error)

	// List lists one kind of record. It returns when the listing has ended,
	// well or not; pages handed to r.Page before an error stay handed over.
	// Listings of one Source may run at the same time.
	List(ctx context.Context, r Request) (Result, error)
}

// Identity is whose directory a Source reads, and how much of it.
type Identity struct {
	// Owner is Google's customer id or the tenant's GUID. It never changes
	// for a district; another one is another district.
	Owner string
	// Account is the address of the admin who authorized, "" at Microsoft,
	// where the app itself is authorized.
	Account string
	// Off says which listings the authorization leaves out: the value is the
	// missing permission, as the cloud writes it. Nil when all are allowed.
	Off map[directory.Listing]string
}

// Request asks for one listing.
type Request struct {
	Listing directory.Listing
	// Cursor is a [Result.Cursor] to list only what changed since; "" lists
	// everything. A cursor that the cloud no longer honours makes the Source
	// list everything instead, and say so in Result.Whole.
	Cursor string

	// Page takes one page's records. It is called by one goroutine at a
	// time; the Source stops at its error and returns it. The records are
	// the callee's from then on. Required.
	Page func(context.Context, Page) error
	// Progress, if not nil, is told how far the listing is. It must not
	// block, and may be called from any goroutine.
	Progress func(Progress)
	// Stored returns the account as it is stored or has been handed to Page,
	// for changes that arrive as patches. Needed with a Cursor; safe for
	// concurrent use.
	Stored func(id string) (directory.Account, bool)
}

// Page is what one answer of the cloud held. Of the slices only the listing's
// own is used.
type Page struct {
	Accounts    []directory.Account
	OrgUnits    []directory.OrgUnit
	Chromebooks []directory.Chromebook
	// Gone are ids that the cloud says it has removed (delta tombstones).
	Gone []string
}

// Len is the number of records and tombstones in p.
func (p *Page) Len() int {
	return len(p.Accounts) + len(p.OrgUnits) + len(p.Chromebooks) + len(p.Gone)
}

// Result is how a listing ended.
type Result struct {
	// Whole tells that everything was asked for, not only changes.
	Whole bool
	// Complete tells that everything was asked for and that what arrived can
	// be trusted to be everything: every page had the right shape, no page
	// token repeated, the end was reached, and the cloud's own count, where
	// it has one, agrees. Absence from such a listing means something.
	Complete bool
	// Cursor asks for what changes from here on; "" when there is none.
	Cursor string
	// Expected is the cloud's own count, -1 when it has none.
	Expected int
	Pages    int
	Retries  int
}

// Progress is how far a listing is.
type Progress struct {
	Listing directory.Listing
	Done    int
	// Expected is the total as the cloud counts it, 0 when unknown.
	Expected int
	Pages    int
	Retries  int
	// Until is when the listing goes on, while it waits for the cloud to
	// allow the next call; zero otherwise.
	Until time.Time
}
