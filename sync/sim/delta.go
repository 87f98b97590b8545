package sim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// change is one entry of the log of Microsoft users: who, and what of them.
type change struct {
	row     int32
	names   []string // properties that changed
	removed bool
}

// maxDeltaPage is how many users a page of a delta has at most.
const maxDeltaPage = 200

// A delta goes on from a token: "i" in the first round, which lists everybody, "c" in a round of changes, and "l", the link that a round ends
// with. Their places are: row or entry to go on from; entry at which the round began (its link will start there); the selection.
//
// graphDelta answers GET /users/delta.
func (c *Cloud) graphDelta(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	link, skip := q.Get("$deltatoken"), q.Get("$skiptoken")
	if skip == "" && (link == "" || link == "latest") {
		c.deltaRound(w, r, q, link == "latest")
		return
	}
	got, ok := parseToken(link + skip)
	var at, began int
	if ok && len(got.rest) == 3 {
		var err1, err2 error
		at, err1 = strconv.Atoi(got.rest[0])
		began, err2 = strconv.Atoi(got.rest[1])
		ok = err1 == nil && err2 == nil && (got.letter == "l") == (skip == "") && strings.Contains("icl", got.letter)
	} else {
		ok = false
	}
	switch {
	case !ok:
		c.answer(w, r, answers["delta_malformed"])
		return
	case time.Since(got.began) > 30*24*time.Hour:
		c.answer(w, r, answers["delta_too_old"])
		return
	}
	d := delta{from: got, at: at, began: began, names: strings.Split(got.rest[2], ","), minimal: strings.Contains(r.Header.Get("Prefer"), "return=minimal")}
	c.deltaPage(w, r, d)
}

// deltaRound begins a round: from nothing, or (latest) from now without data.
func (c *Cloud) deltaRound(w http.ResponseWriter, r *http.Request, q url.Values, latest bool) {
	for _, unsupported := range []string{"$orderby", "$expand", "$filter"} {
		if q.Has(unsupported) { // a filter by id is the only one that Graph has here; the simulator has none
			c.answer(w, r, graphError(http.StatusBadRequest, "Request_UnsupportedQuery", "'"+unsupported+"' is not supported by the service."))
			return
		}
	}
	names, refusal := selection(q)
	if refusal != nil {
		c.answer(w, r, *refusal)
		return
	}
	c.mu.RLock()
	now := len(c.log)
	c.mu.RUnlock()
	d := delta{from: place{letter: "i", page: 1, began: time.Now()}, began: now, names: names}
	if latest {
		d.from.letter, d.at = "l", now
	}
	c.deltaPage(w, r, d)
}

// delta is where a round stands.
type delta struct {
	from      place
	at, began int
	names     []string
	minimal   bool // only what changed
}

// deltaPage answers one page and the link to go on from: the next page's, or at the end the delta's.
func (c *Cloud) deltaPage(w http.ResponseWriter, r *http.Request, d delta) {
	size := maxDeltaPage
	for _, p := range r.Header.Values("Prefer") {
		for _, option := range strings.Split(p, ",") {
			if s, ok := strings.CutPrefix(strings.TrimSpace(option), "odata.maxpagesize="); ok {
				if n, err := strconv.Atoi(s); err == nil && n > 0 {
					size = min(n, maxDeltaPage)
				}
			}
		}
	}
	p := newGraphPage(r, d.names, true)
	c.mu.RLock()
	letter := d.from.letter
	var next int
	if letter == "i" {
		next = c.fillInitial(p, d.at, size)
	} else {
		if letter == "l" {
			d.began, letter = len(c.log), "c"
		}
		next = c.fillChanges(p, d, size)
	}
	c.mu.RUnlock()
	selected := strings.Join(d.names, ",")
	if next >= 0 {
		q := url.Values{"$skiptoken": {token(letter, d.from.page+1, d.from.began.Unix(), strconv.Itoa(next), strconv.Itoa(d.began), selected)}}
		p.link("@odata.nextLink", graphURL(r, "/v1.0/users/delta", q))
	} else {
		q := url.Values{"$deltatoken": {token("l", 1, time.Now().Unix(), strconv.Itoa(d.began), strconv.Itoa(d.began), selected)}}
		p.link("@odata.deltaLink", graphURL(r, "/v1.0/users/delta", q))
	}
	p.send(w, r, true)
}

// fillInitial adds users, and tombstones of those who are gone, from a row on; it returns the row to go on from, or -1. It needs c.mu.
func (c *Cloud) fillInitial(p *graphPage, at, size int) int {
	t := c.tables[microsoftUsers]
	for row := int32(at); row < t.rows(); row++ {
		if p.n == size {
			return int(row)
		}
		if t.gone[row] {
			p.tombstone(t.id(row), c.reason(row))
			continue
		}
		p.scratch = t.append(p.scratch[:0], row)
		p.user(p.scratch, false)
	}
	return -1
}

// fillChanges adds who changed between an entry of the log and the round's beginning, as they are now; somebody who changed twice comes
// once, unless the page ends between. It needs c.mu.
func (c *Cloud) fillChanges(p *graphPage, d delta, size int) int {
	t := c.tables[microsoftUsers]
	done := map[int32]bool{}
	for i := d.at; i < min(d.began, len(c.log)); i++ {
		e := c.log[i]
		if done[e.row] || !e.removed && !slices.ContainsFunc(e.names, func(n string) bool { return n == "id" || slices.Contains(d.names, n) }) {
			continue
		}
		if p.n == size {
			return i
		}
		done[e.row] = true
		switch {
		case t.gone[e.row]:
			p.tombstone(t.id(e.row), c.reason(e.row))
		case d.minimal && !slices.Contains(e.names, "id"):
			only := *p
			only.names = slices.DeleteFunc(slices.Clone(d.names), func(n string) bool { return !slices.Contains(e.names, n) })
			only.user(t.append(nil, e.row), false)
			p.buf, p.n = only.buf, only.n
		default:
			p.scratch = t.append(p.scratch[:0], e.row)
			p.user(p.scratch, false)
		}
	}
	return -1
}

// reason is why a user is gone: in the bin, or, for the last of those who left before the story begins, for good.
func (c *Cloud) reason(row int32) string {
	if row == c.tables[microsoftUsers].made-1 {
		return "deleted"
	}
	return "changed"
}
