package engine

import (
	"context"

	"panel/directory"
)

// Store is what the engine needs of the inventory. Its methods are safe for
// concurrent use; each is bounded in time and none keeps a transaction open
// after it returns.
type Store interface {
	// Apply puts the records of b, then drops its Gone, and puts its
	// documents, in one transaction, wholly or not at all. A record that is
	// stored with equal content is not written; of two with one id the later
	// stands; a Gone id that is not stored is passed over. The people of
	// touched accounts are merged anew in the same transaction, and change
	// entries written unless b.Quiet. A batch that has only documents names
	// no cloud and no listing.
	Apply(ctx context.Context, b directory.Batch) (directory.Tally, error)

	// IDs returns the ids stored for one listing, sorted, without
	// Chromebooks that are marked as gone.
	IDs(c directory.Cloud, l directory.Listing) ([]string, error)

	// Account returns one stored account; ok is false when there is none.
	Account(c directory.Cloud, id string) (a directory.Account, ok bool, err error)

	// InOrgUnits tells whether a stored account of Google, or a Chromebook
	// that is not marked as gone, is in an OU below the root.
	InOrgUnits(ctx context.Context) (bool, error)

	// Doc returns a document put by [directory.Batch.Docs], nil when there
	// is none.
	Doc(name string) ([]byte, error)

	// AddChange writes one entry that stands for a whole listing.
	AddChange(ctx context.Context, c directory.Change) error

	// Restore brings back what run removed of now's cloud and listing, as
	// far as it is still set aside and was not stored anew since
	// (Chromebooks: is still marked as gone), and writes Restored entries
	// under now's run and time. It returns the restored ids, sorted, also
	// beside an error that came after some were; now's documents are put
	// with the last of them.
	Restore(ctx context.Context, run string, now directory.Batch) ([]string, error)

	// Prune drops the change lists of all runs but those with the ids, and
	// what was set aside longer than 30 days ago.
	Prune(ctx context.Context, runs []string) error
}
