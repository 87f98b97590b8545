package ui

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"pgregory.net/rapid"
)

// letters measures a run as if every letter were one wide.
func letters(r run) float32 { return float32(utf8.RuneCountInString(r.text)) }

func broken(s string, width float32) (out []string) {
	for _, line := range breakLines(runsOf(s), width, letters) {
		var b strings.Builder
		for _, part := range line {
			if part.bold {
				part.text = "<" + part.text + ">"
			}
			b.WriteString(part.text)
		}
		out = append(out, b.String())
	}
	return out
}

func TestBreakLines(t *testing.T) {
	for _, c := range []struct {
		text  string
		width float32
		want  string // a bar between lines
	}{
		{"", 10, ""},
		{"one two three", 0, "one two three"},
		{"one two three", 7, "one two|three"},
		{"one  two three", 8, "one  two|three"},
		{"one two\nthree", 20, "one two|three"},
		{"one\n\ntwo", 20, "one||two"},
		{"/Students/Fir Springs/Grade 10", 12, "/Students/|Fir Springs/|Grade 10"},
		{"yara.espinoza@cedar.example", 16, "yara.espinoza@|cedar.example"},
		{"Donaudampfschiff", 6, "Donaud|ampfsc|hiff"},
		{"ab Donau", 4, "ab|Dona|u"},
		{"press **+ New registration** there", 18, "press <+ New>|<registration> there"},
		{"x", 0.5, "x"},
	} {
		if got := strings.Join(broken(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q within %v: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

func TestBreakLinesLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[a-zé/@.\x{5d0}-\x{5d4}]{1,14}`), 1, 12).Draw(t, "words")
		width := rapid.IntRange(1, 40).Draw(t, "width")
		lines := broken(strings.Join(words, " "), float32(width))
		if got, want := strings.ReplaceAll(strings.Join(lines, ""), " ", ""), strings.Join(words, ""); got != want {
			t.Fatalf("%q became %q", words, lines)
		}
		if i := slices.IndexFunc(lines, func(s string) bool { return utf8.RuneCountInString(s) > width }); i >= 0 {
			t.Fatalf("line %q is wider than %d", lines[i], width)
		}
	})
}

func TestParagraphGrowsWithItsLines(t *testing.T) {
	newTestApp(t, "light")
	p := newParagraph(strings.Repeat("word ", 40))
	w := test.NewWindow(p)
	t.Cleanup(w.Close)
	p.Resize(fyne.NewSize(400, 10))
	wide := p.MinSize().Height
	p.Resize(fyne.NewSize(200, 10))
	if high := p.MinSize().Height; high < wide+3*lineHeight {
		t.Errorf("at half the width %v high, at the whole %v", high, wide)
	}
}
