package engine

import (
	"context"

	"panel/directory"
)

// Store is what the engine needs of the inventory. Its methods are safe for
// concurrent use; each is bounded in time and none keeps a transaction open
// after it returns.
type Store interface {
	// Apply puts and drops the records of b and its documents in one
	// transaction, wholly or not at all. A record that is stored with equal
	// content is not written. The people of touched accounts are merged anew
	// in the same transaction, and change entries written unless b.Quiet.
	Apply(ctx context.Context, b directory.Batch) (directory.Tally, error)

	// IDs returns the ids stored for one listing, sorted, without
	// Chromebooks that are marked as gone.
	IDs(c directory.Cloud, l directory.Listing) ([]string, error)

	// Account returns one stored account; ok is false when there is none.
	Account(c directory.Cloud, id string) (a directory.Account, ok bool, err error)

	// Doc returns a document put by [directory.Batch.Docs], nil when there
	// is none.
	Doc(name string) ([]byte, error)

	// AddChange writes one entry that stands for a whole listing.
	AddChange(ctx context.Context, c directory.Change) error

	// Restore brings back what the run removed, writes Restored entries
	// under the run of now, and returns the restored ids by listing.
	Restore(ctx context.Context, run string, now directory.Batch) ([]string, error)

	// Prune drops change lists of runs older than the oldest in keep, and
	// what was set aside longer than 30 days ago.
	Prune(ctx context.Context, oldestRun string) error
}
