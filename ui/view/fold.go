package view

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns s as searches and sorts compare it: in lower case, without
// accents.
func fold(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case letters[r] != "":
			b.WriteString(letters[r])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// letters are those whose stroke is no accent to Unicode, and the ligatures.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ı': "i",
	'’': "'", '‐': "-", '–': "-", '\u00a0': " ",
}

// bare returns s without the separators that MAC addresses are written with.
func bare(s string) string { return separators.Replace(s) }

var separators = strings.NewReplacer(":", "", "-", "", ".", "")

// looksBare tells whether s may be a MAC address, or part of one, written
// with separators.
func looksBare(s string) bool {
	digits := bare(s)
	return len(digits) < len(s) && len(digits) >= 2 && strings.Trim(digits, "0123456789abcdef") == ""
}
