package engine

import (
	"slices"
	"time"

	"panel/directory"
)

// listed is what a listing that ended well has found, beside what was known
// before it. Its ids are sorted and without duplicates.
type listed struct {
	listing  directory.Listing
	complete bool // everything was asked for and has arrived
	expected int  // the cloud's own count, -1 when it has none
	now      time.Time

	stored []string // the ids in the store; those in seen may still be lacking
	before int      // how many were stored before the listing
	seen   []string // the ids that the cloud listed
	alive  []string // those of them that it has not removed since
	dead   []string // the ids that the cloud says it has removed

	missing  []string // see listingDoc
	word     word
	newAdmin bool // another admin saw the last complete listing
	limits   Settings
}

// verdict is what follows from a listing.
type verdict struct {
	// complete tells that the listing counts as a complete one.
	complete bool
	// gone are the ids to take out; first counts those that were absent for
	// the first time.
	gone    []string
	first   int
	missing []string
	// word is the word to keep before gone is taken out, done the one after.
	word, done word
}

// judge says which records are gone. Absence counts in complete listings
// only, and only the second one in a row; the cloud's own word that a record
// was removed counts at once. More removals at a time than the limits allow
// are held, those that the technician said yes to are not, and those that he
// said no to are left alone.
func judge(l listed) verdict {
	l.word = l.word.without(l.seen)
	w := l.word
	missing := minus(l.missing, l.seen)

	if l.complete && len(l.alive) == 0 && !l.mayBeEmpty() {
		if l.newAdmin { // a yes was to what another admin saw
			w.Yes = nil
		}
		w = w.hold(minus(minus(l.stored, w.Yes), w.Kept), l.now)
		w.Empty = true
		return verdict{missing: missing, word: w, done: w}
	}

	lacking := both(l.stored, l.dead)
	candidates := lacking
	v := verdict{complete: l.complete, missing: missing}
	if l.complete {
		lacking = minus(l.stored, l.alive)
		v.first = len(minus(minus(lacking, missing), l.dead))
		v.missing = lacking
		candidates = both(lacking, union(missing, l.dead))
		w = w.only(lacking)
	}

	switch {
	case l.listing == directory.OrgUnits && l.newAdmin:
		// Never held, but another admin's first look removes nothing.
	case l.listing == directory.OrgUnits:
		v.gone = minus(candidates, w.Kept)
	case l.newAdmin:
		w = w.hold(union(w.Yes, minus(lacking, w.Kept)), l.now)
		w.Yes = nil
	default:
		yes := both(w.Yes, lacking)
		fresh := minus(minus(minus(candidates, w.Kept), w.Yes), w.Held)
		if l.limits.exceeded(len(fresh)+len(w.Held), l.before) {
			w = w.hold(fresh, l.now)
			fresh = nil
		}
		v.gone = union(yes, fresh)
	}
	v.missing = minus(v.missing, v.gone)
	v.word, v.done = w, w
	v.done.Yes = minus(w.Yes, v.gone)
	return v
}

// mayBeEmpty tells whether it means nothing that the listing is empty. The
// root OU always exists and is not listed; devices are counted by Google.
func (l *listed) mayBeEmpty() bool {
	switch {
	case l.word.EmptyOK, l.listing == directory.OrgUnits:
		return true
	case l.listing == directory.Chromebooks:
		return l.expected == 0 && l.before == 0
	}
	return false
}

// both returns what is in a and in b. As with the functions below, arguments
// and result are sorted and without duplicates, and the result may share
// memory with an argument; nil when empty.
func both(a, b []string) []string {
	return pick(a, b, true)
}

// minus returns what is in a and not in b.
func minus(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	return pick(a, b, false)
}

// pick returns the elements of a whose being in b is in.
func pick(a, b []string, in bool) []string {
	var out []string
	for _, id := range a {
		for len(b) > 0 && b[0] < id {
			b = b[1:]
		}
		if (len(b) > 0 && b[0] == id) == in {
			out = append(out, id)
		}
	}
	return out
}

// union returns what is in a or in b.
func union(a, b []string) []string {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	return sorted(slices.Concat(a, b))
}

// sorted sorts ids in place and drops duplicates.
func sorted(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
