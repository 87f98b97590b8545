package sim

import "strings"

// mask is a partial-response selector, the value of Google's fields parameter: users(id,name/givenName),nextPageToken.
// A mask without members selects everything below it.
type mask struct {
	names []string
	below []*mask
}

func (m *mask) find(name string) *mask {
	for i, n := range m.names {
		if n == name || n == "*" {
			return m.below[i]
		}
	}
	return nil
}

func (m *mask) all() bool { return m == nil || len(m.names) == 0 }

func (m *mask) add(name string) *mask {
	if sub := m.find(name); sub != nil {
		return sub
	}
	sub := &mask{}
	m.names, m.below = append(m.names, name), append(m.below, sub)
	return sub
}

// parseMask reads a fields parameter; the empty one selects everything. bad is the part that it could not read, else "".
func parseMask(s string) (m *mask, bad string) {
	m = &mask{}
	if s == "" {
		return m, ""
	}
	rest, ok := m.parse(s, 0)
	if !ok || rest != "" {
		return nil, "'" + rest + "'"
	}
	return m, ""
}

// parse reads a comma-separated selection up to the end or a closing parenthesis. rest is what it left, or where it gave up.
func (m *mask) parse(s string, depth int) (rest string, ok bool) {
	for {
		name, after := cutName(s)
		if name == "" || depth > 20 {
			return s, false
		}
		at := m.add(name)
		for s = after; strings.HasPrefix(s, "/"); s = after {
			if name, after = cutName(s[1:]); name == "" {
				return s, false
			}
			at = at.add(name)
		}
		if strings.HasPrefix(s, "(") {
			inside, ok := at.parse(s[1:], depth+1)
			if !ok || !strings.HasPrefix(inside, ")") {
				return inside, false
			}
			s = inside[1:]
		}
		if !strings.HasPrefix(s, ",") {
			return s, true
		}
		s = s[1:]
	}
}

func cutName(s string) (name, after string) {
	i := strings.IndexAny(s, ",/() ")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i:]
}

// unknown returns the first name of m that known does not have, or "". Below a leaf of known everything is known.
func (m *mask) unknown(known *mask) string {
	for i, name := range m.names {
		if name == "*" {
			continue
		}
		sub := known.find(name)
		if sub == nil {
			return name
		}
		if sub.all() {
			continue
		}
		if bad := m.below[i].unknown(sub); bad != "" {
			return bad
		}
	}
	return ""
}

// apply appends what m selects of the compact, valid JSON value src. Objects that lose every member disappear with their name, as at Google.
func (m *mask) apply(dst, src []byte) []byte {
	if m.all() {
		return append(dst, src...)
	}
	switch src[0] {
	case '{':
		dst = append(dst, '{')
		empty := true
		members(src, func(name, value []byte) {
			sub := m.find(string(name))
			if sub == nil {
				return
			}
			mark := len(dst)
			if !empty {
				dst = append(dst, ',')
			}
			dst = append(dst, '"')
			dst = append(dst, name...)
			dst = append(dst, '"', ':')
			at := len(dst)
			dst = sub.apply(dst, value)
			if !sub.all() && string(dst[at:]) == "{}" {
				dst = dst[:mark]
				return
			}
			empty = false
		})
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i := 1; src[i] != ']'; {
			if src[i] == ',' {
				dst = append(dst, ',')
				i++
			}
			end := valueEnd(src, i)
			dst = m.apply(dst, src[i:end])
			i = end
		}
		return append(dst, ']')
	}
	return append(dst, src...)
}
