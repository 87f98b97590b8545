// Package engine is the loop that keeps the inventory true: when a sync runs,
// in what order the clouds are read, what a listing's absences mean, which
// removals are held, and what the state of all that is. Nothing else decides
// these.
package engine
