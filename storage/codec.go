package storage

import (
	"encoding/binary"
	"time"
)

// coder turns a record into bytes and back. One function per type names the
// fields, in an order that never changes, and serves both directions; see
// records.go.
//
// A record is the number of its fields, in one byte, and then the fields.
// A field is a string (its length as uvarint, then its bytes), a varint, a
// time (0 for the zero time, else 1, seconds as varint and nanoseconds as
// uvarint), or a list of these (their number as uvarint, then each). New fields are
// appended: a reader leaves those that a record lacks at zero and skips what
// comes after those it knows.
//
// A coder may be used for many records, and then allocates once for each that
// it decodes. Not safe for concurrent use.
type coder struct {
	buf      []byte
	fields   int
	decoding bool
	nested   bool // within a list
	bad      bool

	// While decoding: text collects the strings that belong to one record
	// alone, which then share one allocation; words are the strings that
	// many records have in common.
	text  []byte
	fixes []fix
	words map[string]string
	// last is the word that each field had in the record before, by the
	// fields that were left: mostly the one that it has again.
	last [64]string
}

// fix is a string whose bytes are still in the coder's text.
type fix struct {
	at       *string
	from, to int
}

// maxWords bounds the table of common strings, should a field that was
// thought to have few values have many.
const maxWords = 1 << 16

// encode returns the bytes of *r, valid until the coder is used again.
func encode[T any](c *coder, fields func(*coder, *T), r *T) []byte {
	c.buf, c.fields, c.decoding, c.bad = append(c.buf[:0], 0), 0, false, false
	fields(c, r)
	c.buf[0] = byte(c.fields)
	return c.buf
}

// decode sets *r, whatever was in it, from b, which it does not keep. It
// tells whether b was a whole record.
func decode[T any](c *coder, fields func(*coder, *T), b []byte, r *T) bool {
	var zero T
	*r = zero
	if len(b) == 0 {
		return false
	}
	if c.words == nil {
		c.words = make(map[string]string)
	}
	own := c.buf
	c.buf, c.fields, c.decoding, c.bad = b[1:], int(b[0]), true, false
	c.text, c.fixes = c.text[:0], c.fixes[:0]
	fields(c, r)
	c.buf = own

	text := string(c.text)
	for _, f := range c.fixes {
		*f.at = text[f.from:f.to]
	}
	if c.bad {
		*r = zero
	}
	return !c.bad
}

// next begins a field and tells whether there is something to decode.
func (c *coder) next() bool {
	if c.nested {
		return c.decoding && !c.bad
	}
	if !c.decoding {
		c.fields++
		return false
	}
	c.fields--
	return c.fields >= 0 && !c.bad
}

// str is a string that few records share.
func (c *coder) str(p *string) {
	if c.next() {
		c.readStr(p)
	} else if !c.decoding {
		c.writeStr(*p)
	}
}

// word is a string that many records share.
func (c *coder) word(p *string) {
	if c.next() {
		*p = c.intern(c.bytes())
	} else if !c.decoding {
		c.writeStr(*p)
	}
}

func (c *coder) strs(p *[]string) {
	c.list(len(*p), func(n int) { *p = makeList[string](n) }, func(i int) { c.str(&(*p)[i]) })
}

func (c *coder) num(p *int64) {
	if c.next() {
		*p = c.varint()
	} else if !c.decoding {
		c.buf = binary.AppendVarint(c.buf, *p)
	}
}

func (c *coder) flag(p *bool) {
	var n int64
	if *p {
		n = 1
	}
	c.num(&n)
	if c.decoding { // what is encoded may be read by others meanwhile
		*p = n != 0
	}
}

func (c *coder) time(p *time.Time) {
	if c.next() {
		if c.uvarint() != 0 {
			sec, nsec := c.varint(), c.uvarint()
			*p = time.Unix(sec, int64(nsec%1e9)).UTC()
		}
	} else if !c.decoding {
		if p.IsZero() {
			c.buf = append(c.buf, 0)
			return
		}
		c.buf = binary.AppendVarint(append(c.buf, 1), p.Unix())
		c.buf = binary.AppendUvarint(c.buf, uint64(p.Nanosecond()))
	}
}

// list is one field that holds n items; item codes the one at i. While
// decoding, grow is called first with their number. What an item is made of
// cannot be appended to.
func (c *coder) list(n int, grow func(n int), item func(i int)) {
	if c.next() {
		n = c.length()
		grow(n)
	} else if !c.decoding {
		c.buf = binary.AppendUvarint(c.buf, uint64(n))
	} else {
		return
	}
	c.nested = true
	for i := range n {
		item(i)
	}
	c.nested = false
}

func (c *coder) writeStr(s string) {
	c.buf = append(binary.AppendUvarint(c.buf, uint64(len(s))), s...)
}

func (c *coder) readStr(p *string) {
	if b := c.bytes(); len(b) > 0 {
		from := len(c.text)
		c.text = append(c.text, b...)
		c.fixes = append(c.fixes, fix{p, from, len(c.text)})
	}
}

func (c *coder) intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	last := &c.last[c.fields%len(c.last)]
	if *last == string(b) {
		return *last
	}
	s, ok := c.words[string(b)]
	if !ok {
		s = string(b)
		if len(c.words) < maxWords {
			c.words[s] = s
		}
	}
	*last = s
	return s
}

// bytes takes a length and that many bytes.
func (c *coder) bytes() []byte {
	n := c.length()
	b := c.buf[:n]
	c.buf = c.buf[n:]
	return b
}

// length takes a length, which cannot be more than the bytes that are left.
func (c *coder) length() int {
	n := c.uvarint()
	if n > uint64(len(c.buf)) {
		c.bad = true
		return 0
	}
	return int(n)
}

func (c *coder) uvarint() uint64 {
	if len(c.buf) > 0 && c.buf[0] < 0x80 {
		n := c.buf[0]
		c.buf = c.buf[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(c.buf)
	if size <= 0 {
		c.bad = true
		c.buf = nil
		return 0
	}
	c.buf = c.buf[size:]
	return n
}

func (c *coder) varint() int64 {
	u := c.uvarint()
	n := int64(u >> 1)
	if u&1 != 0 {
		n = ^n
	}
	return n
}

// makeList returns nil for an empty list.
func makeList[T any](n int) []T {
	if n == 0 {
		return nil
	}
	return make([]T, n)
}
