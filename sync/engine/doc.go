// Package engine is the loop that keeps the inventory true: when a sync runs,
// in what order the clouds are read, what a listing's absences mean, which
// removals are held, and what the state of all that is. Nothing else decides
// these.
//
// A crash at any moment costs at most one batch per listing. Batches hold
// nothing but news; what a listing says about absences is worked out once it
// has ended well, and stored with its last batch: the removals, the cursor
// and the ids that were missing. What the technician is asked and has said is
// in the ledger before anything follows from it in the inventory. What is
// brought back is the exception: that it is to be kept is written right after
// it is there, and well before two listings could take it out again.
package engine
