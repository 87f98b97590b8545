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
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return string(appendFold(nil, s))
		}
	}
	return s
}

// appendFold appends s, folded.
func appendFold(to []byte, s string) []byte {
	begin := len(to)
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf {
			return appendFoldRunes(to[:begin], s)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}

func appendFoldRunes(to []byte, s string) []byte {
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case r < utf8.RuneSelf:
			to = append(to, byte(r))
		case unicode.Is(unicode.Mn, r):
		case letters[r] != "":
			to = append(to, letters[r]...)
		default:
			to = utf8.AppendRune(to, r)
		}
	}
	return to
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
