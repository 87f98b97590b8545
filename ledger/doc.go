// Package ledger holds the rules of holding: who has which Asset, since when
// and until when, as an append-only journal from which every view is derived.
// It knows no file and no window; everything in it is a value or belongs to
// one goroutine, and nothing in it asks for the time.
package ledger
