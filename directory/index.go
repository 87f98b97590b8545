package directory

import (
	"hash/maphash"
	"slices"
)

// Index knows which accounts [Merge] may have to look at together: those that
// are connected by shared addresses or by decisions, over any number of steps.
// Merging only the accounts of a component gives the people that merging
// everybody gives for them.
//
// It takes about 100 bytes for each account beside its key. The zero value is
// empty and ready. Not safe for concurrent use.
type Index struct {
	seed maphash.Seed
	// accounts by number; a free number has an empty key.
	accounts []indexed
	freed    []uint32 // numbers of accounts
	// entries are what an account is found by: its key and its addresses,
	// as hashes. Two texts with one hash make a component larger, no more.
	// Entry 0 is not used, so that 0 ends a chain.
	entries []entry
	free    uint32 // chain of entries, by next
	used    int
	// buckets are the heads of chains, by hash; their number is a power of
	// two.
	buckets []uint32
	decided map[string][]string
}

type indexed struct {
	key string
	// first entry of the account, which is its key's; linked by sibling.
	first uint32
}

type entry struct {
	hash    uint32
	account uint32
	next    uint32 // of the same bucket
	sibling uint32 // of the same account
}

// Put adds a, or replaces what is known of the account with its key.
func (x *Index) Put(a *Account) {
	if x.entries == nil {
		x.seed = maphash.MakeSeed()
		x.entries = make([]entry, 1)
		x.buckets = make([]uint32, 16)
	}
	key := a.Key()
	x.Drop(key)

	var n uint32
	if last := len(x.freed) - 1; last >= 0 {
		n, x.freed = x.freed[last], x.freed[:last]
	} else {
		n = uint32(len(x.accounts))
		x.accounts = append(x.accounts, indexed{})
	}
	x.accounts[n].key = key
	var room [16]string
	for _, address := range a.appendAddresses(room[:0]) {
		x.add(n, address)
	}
	x.add(n, key)
}

// Drop forgets the account with the key, if there is one. Whoever wants to
// know who was connected to it asks before.
func (x *Index) Drop(key string) {
	n, ok := x.number(key)
	if !ok {
		return
	}
	for e := x.accounts[n].first; e != 0; {
		sibling := x.entries[e].sibling
		x.remove(e)
		e = sibling
	}
	x.accounts[n] = indexed{}
	x.freed = append(x.freed, n)
}

// SetDecisions replaces the decisions. Those that keep accounts apart connect
// them too.
func (x *Index) SetDecisions(decisions []Decision) {
	x.decided = make(map[string][]string, 2*len(decisions))
	for _, d := range decisions {
		x.decided[d.A] = append(x.decided[d.A], d.B)
		x.decided[d.B] = append(x.decided[d.B], d.A)
	}
}

// Component returns the key of every account that is connected with any of
// keys, themselves included, sorted. Keys that the index does not hold are
// left out.
func (x *Index) Component(keys []string) []string {
	var (
		reached = make([]uint32, 0, len(keys)) // numbers of accounts
		seen    = newBits(len(x.accounts))
		met     = newBits(len(x.entries)) // entries with a hash that was followed
	)
	reach := func(n uint32) {
		if seen.set(n) {
			reached = append(reached, n)
		}
	}
	find := func(key string) {
		if n, ok := x.number(key); ok {
			reach(n)
		}
	}
	for _, key := range keys {
		find(key)
	}
	for i := 0; i < len(reached); i++ {
		a := &x.accounts[reached[i]]
		if len(x.decided) > 0 {
			for _, other := range x.decided[a.key] {
				find(other)
			}
		}
		for e := a.first; e != 0; e = x.entries[e].sibling {
			if !met.set(e) {
				continue
			}
			h := x.entries[e].hash
			for o := x.bucket(h); o != 0; o = x.entries[o].next {
				if x.entries[o].hash == h {
					met.set(o)
					reach(x.entries[o].account)
				}
			}
		}
	}
	out := make([]string, len(reached))
	for i, n := range reached {
		out[i] = x.accounts[n].key
	}
	slices.Sort(out)
	return out
}

// bits is a set of small numbers.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

// set adds n, and tells whether it was not there.
func (b bits) set(n uint32) bool {
	word, bit := &b[n/64], uint64(1)<<(n%64)
	isNew := *word&bit == 0
	*word |= bit
	return isNew
}

// number finds an account.
func (x *Index) number(key string) (uint32, bool) {
	if x.entries == nil {
		return 0, false
	}
	h := x.hash(key)
	for e := x.bucket(h); e != 0; e = x.entries[e].next {
		if o := &x.entries[e]; o.hash == h && x.accounts[o.account].key == key {
			return o.account, true
		}
	}
	return 0, false
}

func (x *Index) hash(s string) uint32 { return uint32(maphash.String(x.seed, s)) }

// bucket is the head of h's chain, 0 when it is empty.
func (x *Index) bucket(h uint32) uint32 { return x.buckets[x.place(h)] }

func (x *Index) place(h uint32) uint32 { return h & uint32(len(x.buckets)-1) }

// add lets account n be found by s.
func (x *Index) add(n uint32, s string) {
	if x.used >= len(x.buckets) {
		x.grow()
	}
	e := x.free
	if e != 0 {
		x.free = x.entries[e].next
	} else {
		e = uint32(len(x.entries))
		x.entries = append(x.entries, entry{})
	}
	h := x.hash(s)
	at := x.place(h)
	x.entries[e] = entry{hash: h, account: n, next: x.buckets[at], sibling: x.accounts[n].first}
	x.buckets[at] = e
	x.accounts[n].first = e
	x.used++
}

// remove takes entry e out of its bucket and frees it.
func (x *Index) remove(e uint32) {
	at := &x.buckets[x.place(x.entries[e].hash)]
	for *at != e {
		at = &x.entries[*at].next
	}
	*at = x.entries[e].next
	x.entries[e] = entry{next: x.free}
	x.free = e
	x.used--
}

// grow doubles the buckets.
func (x *Index) grow() {
	old := x.buckets
	x.buckets = make([]uint32, 2*len(old))
	for _, head := range old {
		for e := head; e != 0; {
			next := x.entries[e].next
			at := x.place(x.entries[e].hash)
			x.entries[e].next = x.buckets[at]
			x.buckets[at] = e
			e = next
		}
	}
}
