package sim

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"
)

// object appends one JSON object to a buffer. Absent means omitted, so str and list leave out empty values: both clouds do.
type object struct {
	buf  []byte
	open bool // a member was written
}

func newObject(dst []byte) object { return object{buf: append(dst, '{')} }

func (o *object) key(name string) {
	if o.open {
		o.buf = append(o.buf, ',')
	}
	o.open = true
	o.buf = append(o.buf, '"')
	o.buf = append(o.buf, name...)
	o.buf = append(o.buf, '"', ':')
}

func (o *object) str(name, value string) {
	if value != "" {
		o.key(name)
		o.buf = appendString(o.buf, value)
	}
}

func (o *object) bool(name string, value bool) {
	o.key(name)
	o.buf = strconv.AppendBool(o.buf, value)
}

func (o *object) list(name string, values ...string) {
	if len(values) > 0 {
		o.key(name)
		o.buf = appendStrings(o.buf, values)
	}
}

// raw writes a value that is JSON already.
func (o *object) raw(name, value string) {
	o.key(name)
	o.buf = append(o.buf, value...)
}

// int64String writes a number as a string, the way Google writes an int64.
func (o *object) int64String(name string, value int64) {
	o.key(name)
	o.buf = append(o.buf, '"')
	o.buf = strconv.AppendInt(o.buf, value, 10)
	o.buf = append(o.buf, '"')
}

// time writes unix milliseconds as RFC 3339 with milliseconds (Google) or seconds (Graph); 0 is omitted.
func (o *object) time(name string, ms int64, layout string) {
	if ms != 0 {
		o.key(name)
		o.buf = append(o.buf, '"')
		o.buf = time.UnixMilli(ms).UTC().AppendFormat(o.buf, layout)
		o.buf = append(o.buf, '"')
	}
}

func (o *object) end() []byte { return append(o.buf, '}') }

const (
	millis  = "2006-01-02T15:04:05.000Z"
	seconds = "2006-01-02T15:04:05Z"
	day     = "2006-01-02"
)

func appendStrings(dst []byte, values []string) []byte {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, v)
	}
	return append(dst, ']')
}

func appendString(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == '"' || s[i] == '\\' || s[i] >= utf8.RuneSelf {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic("sim: a string always has a JSON form: " + err.Error())
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// valueEnd returns the index just past the JSON value that starts at src[i]. src is compact and valid.
func valueEnd(src []byte, i int) int {
	switch src[i] {
	case '"':
		for i++; src[i] != '"'; i++ {
			if src[i] == '\\' {
				i++
			}
		}
		return i + 1
	case '{', '[':
		for depth := 0; ; {
			switch src[i] {
			case '"':
				i = valueEnd(src, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
	}
	for i < len(src) && src[i] != ',' && src[i] != '}' && src[i] != ']' {
		i++
	}
	return i
}

// members calls f with each member of the compact, valid JSON object src.
func members(src []byte, f func(name, value []byte)) {
	for i := 1; i < len(src) && src[i] == '"'; {
		nameEnd := valueEnd(src, i)
		end := valueEnd(src, nameEnd+1)
		f(src[i+1:nameEnd-1], src[nameEnd+1:end])
		i = end + 1
	}
}

// mergePatch applies patch to target as RFC 7396 says. With keepNull, a null of patch stays in the result, which is how Graph remembers
// that a property was cleared.
func mergePatch(target, patch json.RawMessage, keepNull bool) (json.RawMessage, error) {
	var p map[string]json.RawMessage
	if err := json.Unmarshal(patch, &p); err != nil || p == nil {
		return patch, err
	}
	t := map[string]json.RawMessage{}
	if len(target) > 0 && target[0] == '{' {
		if err := json.Unmarshal(target, &t); err != nil {
			return nil, err
		}
	}
	for name, value := range p {
		switch {
		case string(value) == "null" && !keepNull:
			delete(t, name)
		case value[0] == '{':
			merged, err := mergePatch(t[name], value, false)
			if err != nil {
				return nil, err
			}
			t[name] = merged
		default:
			t[name] = value
		}
	}
	return json.Marshal(t)
}
