package ui

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// within tells whether a text has at most n letters.
func within(n int) func(string) bool {
	return func(s string) bool { return utf8.RuneCountInString(s) <= n }
}

func TestTail(t *testing.T) {
	const grade = "/Students/Alder Ridge/Grade 7"
	for _, c := range []struct {
		path string
		room int
		want string
	}{
		{"", 0, ""},
		{"/", 0, "/"},
		{"/Students", 3, "/Students"},
		{grade, 29, grade},
		{grade, 28, "…/Stude…/Alder Ridge/Grade 7"},
		{grade, 26, "…/Alder Ridge/Grade 7"},
		{grade, 20, "…/Alder Rid…/Grade 7"},
		{grade, 15, "…/Alde…/Grade 7"},
		{grade, 14, "…/Grade 7"},
		{grade, 3, "…/Grade 7"},
		{"/A/B/Grade 7", 11, "…/B/Grade 7"},
		{"/École bilingue/5e", 12, "…/École …/5e"},
	} {
		if got := tail(c.path, within(c.room)); got != c.want {
			t.Errorf("%q in %d letters is %q, want %q", c.path, c.room, got, c.want)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[A-Za-zé0-9 .&-]{1,12}`), 1, 6).Draw(t, "parts")
		room := rapid.IntRange(0, 60).Draw(t, "room")
		path, last := "/"+strings.Join(parts, "/"), "/"+parts[len(parts)-1]
		got := tail(path, within(room))
		switch {
		case !strings.HasSuffix(got, last):
			t.Fatalf("%q became %q without its last part", path, got)
		case within(room)(path) && got != path:
			t.Fatalf("%q was shortened to %q although it fits", path, got)
		case !within(room)(got) && got != path && got != "…"+last:
			t.Fatalf("%q became %q, which is longer than %d", path, got, room)
		}
	})
}
