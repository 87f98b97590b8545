package sim

import (
	"net/http"
	"strconv"
	"time"
)

// page builds one page of a Directory listing.
type page struct {
	buf   []byte
	mask  *mask
	array *mask // what mask selects of the records; nil for nothing
	name  string
	n     int
}

// newPage starts a page of the given kind whose records are in the array called name.
func newPage(kind, name string, m *mask) *page {
	p := &page{buf: make([]byte, 0, 256<<10), mask: m, name: name}
	p.buf = append(p.buf, '{')
	p.array = m
	if !m.all() {
		p.array = m.find(name)
	}
	p.field("kind", kind)
	p.field("etag", etag(mix(uint64(time.Now().UnixNano()))))
	return p
}

func (p *page) field(name, value string) {
	if p.mask.all() || p.mask.find(name) != nil {
		if len(p.buf) > 1 {
			p.buf = append(p.buf, ',')
		}
		p.buf = append(p.buf, '"')
		p.buf = append(p.buf, name...)
		p.buf = append(p.buf, '"', ':')
		p.buf = appendString(p.buf, value)
	}
}

// add appends one record, which is compact JSON.
func (p *page) add(record []byte) {
	if p.array == nil {
		return
	}
	switch {
	case p.n > 0:
		p.buf = append(p.buf, ',')
	case len(p.buf) > 1:
		p.buf = append(p.buf, ',')
		fallthrough
	default:
		p.buf = append(p.buf, '"')
		p.buf = append(p.buf, p.name...)
		p.buf = append(p.buf, `":[`...)
	}
	p.n++
	if p.mask.all() {
		p.buf = append(p.buf, record...)
		return
	}
	p.buf = p.array.apply(p.buf, record)
}

// end closes the page; next is the token of the one after it, "" at the end. A page without records has no array, as at Google.
func (p *page) end(next string) []byte {
	if p.n > 0 {
		p.buf = append(p.buf, ']')
	}
	if next != "" {
		p.field("nextPageToken", next)
	}
	return append(p.buf, '}')
}

func sendJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	write(w, body)
}

// start reads what all listings share: the fields mask, the page size and the place to go on from.
func (c *Cloud) start(w http.ResponseWriter, r *http.Request, letter string, most int, known *mask) (m *mask, size int, from place, ok bool) {
	q := r.URL.Query()
	m, bad := parseMask(q.Get("fields"))
	if bad == "" {
		bad = m.unknown(known)
	}
	if bad != "" {
		a := googleError(400, "global", "invalidParameter", "Invalid field selection "+bad, "")
		c.answer(w, r, a)
		return m, 0, from, false
	}
	size = 100
	if s := q.Get("maxResults"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > most {
			c.answer(w, r, outOfRange(s, most))
			return m, 0, from, false
		}
		size = n
	}
	size = min(size, most)
	from = place{page: 1, began: time.Now()}
	if !q.Has("pageToken") {
		return m, size, from, true
	}
	s := q.Get("pageToken")
	got, good := parseToken(s)
	limit := time.Duration(c.Settings().ChainSeconds) * time.Second
	switch {
	case s == "":
		c.answer(w, r, answers["backend_error"])
	case !good || got.letter != letter:
		c.answer(w, r, invalidInput(s))
	case time.Since(got.began) > limit:
		c.answer(w, r, answers["backend_error"])
	default:
		return m, size, got, true
	}
	return m, 0, from, false
}
