package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMaskApplies(t *testing.T) {
	const record = `{"id":"1","name":{"givenName":"A \"b\" {","familyName":"C"},"emails":[{"address":"a@x","primary":true},{"address":"b@x"}],"n":[1,2],"e":{}}`
	for mask, want := range map[string]string{
		"":                                record,
		"*":                               record,
		"id":                              `{"id":"1"}`,
		"name/givenName":                  `{"name":{"givenName":"A \"b\" {"}}`,
		"name(familyName),id":             `{"id":"1","name":{"familyName":"C"}}`,
		"emails/address":                  `{"emails":[{"address":"a@x"},{"address":"b@x"}]}`,
		"emails(primary)":                 `{"emails":[{"primary":true},{}]}`,
		"n,e":                             `{"n":[1,2],"e":{}}`,
		"name/other":                      `{}`,
		"name(givenName),name/familyName": `{"name":{"givenName":"A \"b\" {","familyName":"C"}}`,
	} {
		m, bad := parseMask(mask)
		if bad != "" {
			t.Errorf("%s: stuck at %s", mask, bad)
			continue
		}
		if got := string(m.apply(nil, []byte(record))); got != want {
			t.Errorf("%s selects %s, want %s", mask, got, want)
		}
	}
}

func TestMasksThatDoNotParse(t *testing.T) {
	for _, s := range []string{",", "a,", "a(", "a()", "a(b", "a)b", "a b", "a//b", "/a", "a(b))", strings.Repeat("a(", 50) + "b" + strings.Repeat(")", 50)} {
		if m, bad := parseMask(s); bad == "" {
			t.Errorf("%s parsed as %+v", s, m)
		}
	}
}

// jsonValue draws any compact JSON object.
func jsonValue(t *rapid.T, depth int) any {
	switch kind := rapid.IntRange(0, 6).Draw(t, "kind"); {
	case kind == 0 && depth < 4 || depth == 0:
		m := map[string]any{}
		for range rapid.IntRange(0, 4).Draw(t, "members") {
			m[rapid.SampledFrom([]string{"a", "b", "c", `q"`}).Draw(t, "name")] = jsonValue(t, depth+1)
		}
		return m
	case kind == 1 && depth < 4:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			list = append(list, jsonValue(t, depth+1))
		}
		return list
	case kind == 2:
		return rapid.Float64().Draw(t, "number")
	case kind == 3:
		return rapid.Bool().Draw(t, "bool")
	case kind == 4:
		return nil
	}
	return rapid.String().Draw(t, "string")
}

// What a mask leaves is valid JSON, never more than there was, and masking twice changes nothing.
func TestMaskKeepsJSONValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, err := json.Marshal(jsonValue(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		m, bad := parseMask(rapid.SampledFrom([]string{"a", "b,c", "a(b,c/a)", "*", "a/b/c", "c(*)", "b(a,b),a/c"}).Draw(t, "mask"))
		if bad != "" {
			t.Fatal(bad)
		}
		once := m.apply(nil, src)
		if !json.Valid(once) || len(once) > len(src) {
			t.Fatalf("%s became %s", src, once)
		}
		if twice := m.apply(nil, once); !slices.Equal(once, twice) {
			t.Fatalf("%s, masked again: %s", once, twice)
		}
	})
}

// A generic decoder and members agree on every object.
func TestMembersSeesWhatAJSONDecoderSees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src, err := json.Marshal(jsonValue(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]json.RawMessage{}
		if err := json.Unmarshal(src, &want); err != nil {
			t.Fatal(err)
		}
		seen := 0
		members(src, func(name, value []byte) {
			seen++
			var n string
			if err := json.Unmarshal([]byte(`"`+string(name)+`"`), &n); err != nil || string(want[n]) != string(value) {
				t.Fatalf("%s: %s is %s, %v", src, name, value, err)
			}
		})
		if seen != len(want) {
			t.Fatalf("%s: %d of %d members", src, seen, len(want))
		}
	})
}

func TestMergePatchFollowsTheRFC(t *testing.T) {
	for _, tt := range [][3]string{ // target, patch, result: examples of RFC 7396, appendix A
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1,"e":null}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		if got, err := mergePatch(json.RawMessage(tt[0]), json.RawMessage(tt[1]), false); err != nil || string(got) != tt[2] {
			t.Errorf("%s + %s = %s, %v; want %s", tt[0], tt[1], got, err, tt[2])
		}
	}
}

func FuzzParseMask(f *testing.F) {
	for _, s := range []string{"", "a", "users(id,name/givenName),nextPageToken", "a(b", "*", "a/b(c)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, bad := parseMask(s)
		if (m == nil) != (bad != "") {
			t.Fatalf("%q: %v and %q", s, m, bad)
		}
		if m != nil && !json.Valid(m.apply(nil, []byte(`{"a":{"b":[{"c":1}]},"users":[{"id":"1"}]}`))) {
			t.Fatalf("%q makes no JSON", s)
		}
	})
}

func FuzzParseToken(f *testing.F) {
	f.Add(token("d", 3, 1_800_000_000, "20"))
	f.Add("0")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := parseToken(s); ok && token(p.letter, p.page, p.began.Unix(), p.rest...) != s {
			t.Fatalf("%q is taken for %+v", s, p)
		}
	})
}

func FuzzDeviceQuery(f *testing.F) {
	for _, s := range []string{"", "status:provisioned", "sync:2026-01-01..", "aue:..2026-06-01 id:abc", "register:2026-01-01T10:00:00..2026-01-02"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		match, ok := deviceQuery(s)
		if ok && match != nil && match(device{}) && strings.Contains(s, "status:") {
			t.Fatalf("%q matches a device without a status", s)
		}
	})
}
