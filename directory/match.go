package directory

import (
	"cmp"
	"slices"
	"time"
)

// none stands for no account.
const none = int32(-1)

// strength is how much a link between two accounts says.
type strength uint8

const (
	sharesAddress strength = iota + 1
	primaryIsMail
	primaryIsUPN
	decidedSame
)

// link is one reason to merge two accounts, given by their places in their
// cloud.
type link struct {
	google, microsoft int32
	strength          strength
	// decided orders links of strength decidedSame.
	decided time.Time
}

// compare puts the links that are to be looked at first first, equally strong
// ones beside each other.
func (l link) compare(o link) int {
	return cmp.Or(l.compareStrength(o), cmp.Compare(l.google, o.google), cmp.Compare(l.microsoft, o.microsoft))
}

func (l link) compareStrength(o link) int {
	return cmp.Or(cmp.Compare(o.strength, l.strength), o.decided.Compare(l.decided))
}

// matcher finds the pairs of [Merge].
type matcher struct {
	google, microsoft []*Account // sorted by id

	links []link

	// By place in google and in microsoft: who has any link, and who was
	// merged.
	linkedGoogle, linkedMicrosoft []bool
	partnerOfGoogle               []int32
	takenMicrosoft                []bool
}

// match fills the results.
func (m *matcher) match(decisions []Decision) {
	m.linkedGoogle = make([]bool, len(m.google))
	m.linkedMicrosoft = make([]bool, len(m.microsoft))
	m.takenMicrosoft = make([]bool, len(m.microsoft))
	m.partnerOfGoogle = make([]int32, len(m.google))
	for i := range m.partnerOfGoogle {
		m.partnerOfGoogle[i] = none
	}

	if len(m.google) == 0 || len(m.microsoft) == 0 {
		return
	}
	decided := m.decide(decisions)
	m.linkByAddress(decided)
	slices.SortFunc(m.links, link.compare)
	m.links = slices.Compact(m.links)
	for _, l := range m.links {
		m.linkedGoogle[l.google] = true
		m.linkedMicrosoft[l.microsoft] = true
	}
	m.settle()
}

// pair is two places, Google's first.
type pair [2]int32

// decide adds a link for every decision that two accounts are the same, and
// returns the newest decision on each pair, nil when there is none.
func (m *matcher) decide(decisions []Decision) map[pair]Decision {
	if len(decisions) == 0 {
		return nil
	}
	newest := make(map[pair]Decision)
	for _, d := range decisions {
		p, ok := m.pairOf(d)
		if !ok {
			continue
		}
		old, known := newest[p]
		if newer := d.At.Compare(old.At); !known || newer > 0 || newer == 0 && !d.Same {
			newest[p] = d
		}
	}
	for p, d := range newest {
		if d.Same {
			// Without the zone, so that equal times are equal values.
			m.links = append(m.links, link{p[0], p[1], decidedSame, d.At.UTC().Round(0)})
		}
	}
	return newest
}

// pairOf finds the accounts that d names; ok is false unless there is one of
// each cloud.
func (m *matcher) pairOf(d Decision) (p pair, ok bool) {
	p = pair{none, none}
	for _, key := range [...]string{d.A, d.B} {
		c, id, _ := SplitAccountKey(key)
		side, list := 0, m.google
		if c == Microsoft {
			side, list = 1, m.microsoft
		}
		i, found := slices.BinarySearchFunc(list, id, func(a *Account, id string) int { return cmp.Compare(a.ID, id) })
		if found && c != "" {
			p[side] = int32(i)
		}
	}
	return p, p[0] != none && p[1] != none
}

// linkByAddress adds a link for every two accounts that share an address,
// unless they are decided.
func (m *matcher) linkByAddress(decided map[pair]Decision) {
	// Who has an address at Google: the last of a chain, as two may share it.
	type holder struct{ account, before int32 }
	var (
		holders = make([]holder, 0, 2*len(m.google))
		last    = make(map[string]int32, 2*len(m.google))
		scratch []string
	)
	for i, g := range m.google {
		scratch = g.appendAddresses(scratch[:0])
		for _, address := range scratch {
			before, ok := last[address]
			if !ok {
				before = none
			}
			last[address] = int32(len(holders))
			holders = append(holders, holder{int32(i), before})
		}
	}
	m.links = slices.Grow(m.links, len(m.microsoft))
	for j, ms := range m.microsoft {
		scratch = ms.appendAddresses(scratch[:0])
		for _, address := range scratch {
			at, ok := last[address]
			for ; ok && at != none; at = holders[at].before {
				p := pair{holders[at].account, int32(j)}
				if _, ok := decided[p]; ok {
					continue
				}
				m.links = append(m.links, link{google: p[0], microsoft: p[1], strength: strengthOf(m.google[p[0]], ms)})
			}
		}
	}
}

// strengthOf is the strongest link between two accounts that share an
// address.
func strengthOf(google, microsoft *Account) strength {
	primary, ok := foldLinking(google.Primary)
	switch {
	case ok && primary == FoldAddress(microsoft.Primary):
		return primaryIsUPN
	case ok && primary == FoldAddress(microsoft.Mail):
		return primaryIsMail
	}
	return sharesAddress
}

// settle goes through the sorted links, one strength after the other.
func (m *matcher) settle() {
	var (
		settledGoogle    = make([]bool, len(m.google))
		settledMicrosoft = make([]bool, len(m.microsoft))
		// How many links of the strength at hand an account has. Nobody is
		// counted at two strengths: whoever is counted is settled.
		ofGoogle    = make([]int32, len(m.google))
		ofMicrosoft = make([]int32, len(m.microsoft))
	)
	for rest := m.links; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].compareStrength(rest[0]) == 0 {
			n++
		}
		level := slices.DeleteFunc(rest[:n:n], func(l link) bool {
			return settledGoogle[l.google] || settledMicrosoft[l.microsoft]
		})
		rest = rest[n:]

		for _, l := range level {
			ofGoogle[l.google]++
			ofMicrosoft[l.microsoft]++
		}
		for _, l := range level {
			settledGoogle[l.google], settledMicrosoft[l.microsoft] = true, true
			if ofGoogle[l.google] == 1 && ofMicrosoft[l.microsoft] == 1 {
				m.partnerOfGoogle[l.google] = l.microsoft
				m.takenMicrosoft[l.microsoft] = true
			}
		}
	}
}
