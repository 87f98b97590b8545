package google

import (
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The reader below takes a JSON text straight into wire structs, a record at
// a time, several times faster than encoding/json reads the generated ones.
// It is exact about the grammar and easy about the rest: unknown members and
// values of another type than expected are passed over, as one odd field must
// not cost a listing. Its tests hold it against encoding/json.

var (
	errSyntax = errors.New("not JSON")
	errEnds   = errors.New("the JSON ends early")
	errTwice  = errors.New("a member comes twice")
	errScalar = errors.New("no JSON object")
)

// maxDepth is how deep values may be nested, as in encoding/json.
const maxDepth = 10_000

// shape is how values of one Go type are read, worked out once.
type shape struct {
	kind   reflect.Kind
	fields map[string]field // of a struct
	elem   *shape           // of a slice
}

type field struct {
	index int
	shape *shape
}

// shapeOf works out the shape of t, which is made of structs, slices,
// strings, bools and int64s.
func shapeOf(t reflect.Type) *shape {
	s := &shape{kind: t.Kind()}
	switch t.Kind() {
	case reflect.Struct:
		s.fields = make(map[string]field, t.NumField())
		for i := range t.NumField() {
			s.fields[jsonName(t.Field(i))] = field{index: i, shape: shapeOf(t.Field(i).Type)}
		}
	case reflect.Slice:
		s.elem = shapeOf(t.Elem())
	case reflect.String, reflect.Bool, reflect.Int64:
	default:
		panic("google: no shape for " + t.String())
	}
	return s
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// scanner reads one JSON text. After an error, which it keeps, every method
// finds nothing.
type scanner struct {
	b []byte
	// whole is b once more: the strings of all records are parts of it, as
	// one for each would be most of the work.
	whole string
	i     int
	depth int
	err   error
}

func (s *scanner) fail() {
	if s.err != nil {
		return
	}
	if s.err = errSyntax; s.i >= len(s.b) {
		s.err = errEnds
	}
	s.i = len(s.b)
}

// peek returns the next byte that is no space, 0 at the end.
func (s *scanner) peek() byte {
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take takes c, or fails.
func (s *scanner) take(c byte) {
	if s.peek() != c || s.err != nil {
		s.fail()
		return
	}
	s.i++
}

// open begins an object or array, whose opening byte is next.
func (s *scanner) open() {
	s.i++
	if s.depth++; s.depth > maxDepth {
		s.fail()
	}
}

// more tells whether another member or element follows, and moves to it. At
// the end it takes the closing byte.
func (s *scanner) more(first *bool, end byte) bool {
	if s.err != nil {
		return false
	}
	c := s.peek()
	if c == end {
		s.i++
		s.depth--
		return false
	}
	if !*first {
		s.take(',')
		c = s.peek()
	}
	*first = false
	if c == end || c == 0 {
		s.fail()
	}
	return s.err == nil
}

// key reads a member's name and the colon. The result is good until the next
// call.
func (s *scanner) key() []byte {
	raw, plain := s.rawString()
	s.take(':')
	if s.err != nil {
		return nil
	}
	if !plain {
		return []byte(unquote(raw))
	}
	return raw[1 : len(raw)-1]
}

// rawString takes a string with its quotes; plain tells that it has no escape
// and nothing beyond ASCII.
func (s *scanner) rawString() (raw []byte, plain bool) {
	if s.peek() != '"' || s.err != nil {
		s.fail()
		return nil, false
	}
	start := s.i
	plain = true
	for i := start + 1; i < len(s.b); i++ {
		switch c := s.b[i]; {
		case c == '"':
			s.i = i + 1
			return s.b[start:s.i], plain
		case c == '\\':
			plain = false
			n := escapeLen(s.b[i:])
			if n == 0 {
				s.i = i
				if len(s.b)-i < 6 {
					s.i = len(s.b) // perhaps cut in the middle
				}
				s.fail()
				return nil, false
			}
			i += n - 1
		case c < ' ':
			s.i = i
			s.fail()
			return nil, false
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	s.i = len(s.b)
	s.fail()
	return nil, false
}

// escapeLen is the length of the escape sequence that b begins with, 0 when
// it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// unquote decodes a string with escapes or beyond ASCII, which is valid JSON.
func unquote(raw []byte) string {
	var v string
	_ = json.Unmarshal(raw, &v) // the scanner has checked it
	return v
}

// text reads a string.
func (s *scanner) text() string {
	raw, plain := s.rawString()
	switch {
	case s.err != nil:
		return ""
	case plain:
		return s.whole[s.i-len(raw)+1 : s.i-1]
	}
	return unquote(raw)
}

// read reads the next value into v, or passes over it when it is of another
// type.
func (s *scanner) read(v reflect.Value, sh *shape) {
	switch c := s.peek(); {
	case c == '"' && sh.kind == reflect.String:
		v.SetString(s.text())
	case c == '"' && sh.kind == reflect.Int64:
		v.SetInt(integer(s.text()))
	case (c == '-' || '0' <= c && c <= '9') && sh.kind == reflect.Int64:
		start := s.i
		s.number()
		v.SetInt(integer(string(s.b[start:s.i])))
	case c == 't' && sh.kind == reflect.Bool:
		s.literal("true")
		v.SetBool(true)
	case c == 'f' && sh.kind == reflect.Bool:
		s.literal("false")
		v.SetBool(false)
	case c == '{' && sh.kind == reflect.Struct:
		s.object(v, sh)
	case c == '[' && sh.kind == reflect.Slice:
		s.array(v, sh)
	default:
		s.skip()
	}
}

// integer is s as a number, 0 when it is none.
func integer(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (s *scanner) object(v reflect.Value, sh *shape) {
	s.open()
	for first := true; s.more(&first, '}'); {
		key := s.key()
		if s.err != nil {
			return
		}
		if f, ok := sh.fields[string(key)]; ok {
			s.read(v.Field(f.index), f.shape)
		} else {
			s.skip()
		}
	}
}

func (s *scanner) array(v reflect.Value, sh *shape) {
	s.open()
	v.SetLen(0)
	for first := true; s.more(&first, ']'); {
		n := v.Len()
		v.Grow(1)
		v.SetLen(n + 1)
		v.Index(n).SetZero()
		s.read(v.Index(n), sh.elem)
	}
}

// skip passes over one value.
func (s *scanner) skip() {
	switch s.peek() {
	case '"':
		s.rawString()
	case '{':
		s.open()
		for first := true; s.more(&first, '}'); {
			s.key()
			s.skip()
		}
	case '[':
		s.open()
		for first := true; s.more(&first, ']'); {
			s.skip()
		}
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	default:
		s.number()
	}
}

func (s *scanner) literal(word string) {
	rest := s.b[s.i:]
	for i := range len(word) {
		if i >= len(rest) || rest[i] != word[i] {
			s.i += i
			s.fail()
			return
		}
	}
	s.i += len(word)
}

// number passes over a number.
func (s *scanner) number() {
	digits := func() {
		start := s.i
		for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
			s.i++
		}
		if s.i == start {
			s.fail()
		}
	}
	at := func(set string) bool { return s.i < len(s.b) && strings.IndexByte(set, s.b[s.i]) >= 0 }
	if at("-") {
		s.i++
	}
	if at("0") {
		s.i++
	} else {
		digits()
	}
	if at(".") {
		s.i++
		digits()
	}
	if at("eE") {
		s.i++
		if at("+-") {
			s.i++
		}
		digits()
	}
}
