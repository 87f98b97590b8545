package ledger

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"

	"panel/directory"
)

// Match is a record that a scanned code leads to: exactly one of Device, Asset
// and Person is set.
type Match struct {
	// Device is a Chromebook as Google lists it; Asset what only the ledger
	// remembers.
	Device *directory.Chromebook
	Asset  *Asset
	Person *directory.Person
}

// ID is that of the record: a device id, or a Person's id.
func (m *Match) ID() string {
	if a := m.asset(); a != nil {
		return a.ID
	}
	return m.Person.ID
}

// TheAsset is m as an Asset, the zero one for a Person.
func (m *Match) TheAsset() Asset {
	if a := m.asset(); a != nil {
		return *a
	}
	return Asset{}
}

// asset is m as an Asset, nil for a Person.
func (m *Match) asset() *Asset {
	if m.Device != nil {
		a := AssetOf(m.Device)
		return &a
	}
	return m.Asset
}

// key tells records apart.
func (m *Match) key() string {
	if a := m.asset(); a != nil {
		return a.Key()
	}
	return m.Person.ID
}

// codes are what m is found by.
func (m *Match) codes() []string {
	if a := m.asset(); a != nil {
		return []string{a.Serial, a.Tag}
	}
	return append(slices.Clone(m.Person.Emails), m.Person.EmployeeID)
}

// gone tells whether m is a record of the past, which counts only where there
// is no other.
func (m *Match) gone() bool {
	return m.Device != nil && !m.Device.Gone.IsZero() || m.Device == nil && m.Person == nil || m.Person != nil && m.Person.Departed
}

// fit is how well a code of m, or its id, is the one that was scanned: 3 to the
// letter, 2 but for the case, 1 but for O and 0, 0 not at all. Addresses have no
// case.
func (m *Match) fit(code string) int {
	best := 0
	if m.ID() == code {
		return 3
	}
	for i, c := range m.codes() {
		c = strings.TrimSpace(c)
		switch {
		case c == "":
		case c == code, m.Person != nil && i < len(m.Person.Emails) && strings.EqualFold(c, code):
			return 3
		case strings.EqualFold(c, code):
			best = max(best, 2)
		case foldCode(c) == foldCode(code):
			best = max(best, 1)
		}
	}
	return best
}

// foldCode is a code as it is looked for: without case, O as 0.
func foldCode(s string) string {
	return strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(s)), "O", "0")
}

// Best are those matches that a code means: what has it to the letter; only
// where nothing has, what has it but for the case; only then what has it but
// for O and 0. Among these, what is still there stands before what is gone.
// More than one is for a person to choose from.
func Best(code string, all []Match) []Match {
	code = strings.TrimSpace(code)
	var best []Match
	most := 1 // less than any that fits
	for _, m := range all {
		rank := 2 * m.fit(code)
		if !m.gone() && rank > 0 {
			rank++
		}
		if rank > most {
			best, most = best[:0], rank
		}
		if rank == most && !slices.ContainsFunc(best, func(o Match) bool { return o.key() == m.key() }) {
			best = append(best, m)
		}
	}
	return best
}

// Codes finds the records that may have a code, by some numbers a record: a
// district's whole fits into a few megabytes. Add everything, then [Codes.Ready];
// after that it is safe for concurrent use.
type Codes struct {
	hashes []uint64 // sorted once ready
	refs   []uint32 // by hash, the record
	keys   []byte   // of the records, with their lengths before them
	ends   []uint32 // where each record's key begins
}

var codeSeed = maphash.MakeSeed()

// Ref names a record: a Chromebook by its device id, or a Person by its id.
type Ref struct {
	Person bool
	Key    string
}

// Add adds a record with its codes; empty ones do not count.
func (c *Codes) Add(r Ref, codes ...string) {
	n := uint32(len(c.ends))
	c.ends = append(c.ends, uint32(len(c.keys)))
	kind := byte(0)
	if r.Person {
		kind = 1
	}
	c.keys = append(binary.AppendUvarint(append(c.keys, kind), uint64(len(r.Key))), r.Key...)
	for _, code := range codes {
		if code = foldCode(code); code != "" {
			c.hashes, c.refs = append(c.hashes, maphash.String(codeSeed, code)), append(c.refs, n)
		}
	}
}

// Len is how many records have been added.
func (c *Codes) Len() int { return len(c.ends) }

// Ready makes the codes ready to be looked for.
func (c *Codes) Ready() {
	order := make([]uint32, len(c.hashes))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Compare(c.hashes[a], c.hashes[b]) })
	hashes, refs := make([]uint64, len(order)), make([]uint32, len(order))
	for to, from := range order {
		hashes[to], refs[to] = c.hashes[from], c.refs[from]
	}
	c.hashes, c.refs = hashes, refs
}

// Find returns the records that may have a code; they are to be looked at,
// because two codes may share a number and records change. Each comes once.
func (c *Codes) Find(code string) (found []Ref) {
	hash := maphash.String(codeSeed, foldCode(code))
	i, _ := slices.BinarySearch(c.hashes, hash)
	for ; i < len(c.hashes) && c.hashes[i] == hash; i++ {
		at := c.keys[c.ends[c.refs[i]]:]
		n, size := binary.Uvarint(at[1:])
		r := Ref{at[0] == 1, string(at[1+size : 1+size+int(n)])}
		if !slices.Contains(found, r) {
			found = append(found, r)
		}
	}
	return found
}
