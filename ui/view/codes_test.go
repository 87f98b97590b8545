package view

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// widths128 are the patterns of ISO/IEC 15417, table 1, by value: bars and
// spaces in turn, in modules. The last is the stop.
const widths128 = "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 123122 123221 223211 221132 " +
	"221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 " +
	"231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 " +
	"314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 " +
	"111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 " +
	"114131 311141 411131 211412 211214 211232 2331112"

// read128 reads a row of modules as a scanner does. It knows the sets B and C.
func read128(row string) (string, error) {
	body := strings.Trim(row, " ")
	quiet := (len(row) - len(body)) / 2
	if strings.Index(row, "#") != quiet || quiet < 10 {
		return "", fmt.Errorf("quiet zones of %d and %d modules", strings.Index(row, "#"), len(row)-len(body)-strings.Index(row, "#"))
	}
	var values []int
	for len(body) > 0 {
		most := min(11, len(body))
		if len(body) == 13 {
			most = 13
		}
		value := -1
		for i, widths := range strings.Fields(widths128) {
			if widths == widthsOf(body[:most]) {
				value = i
			}
		}
		if value < 0 {
			return "", fmt.Errorf("no pattern is %q", body[:most])
		}
		values, body = append(values, value), body[most:]
	}
	n := len(values)
	if n < 3 || values[n-1] != 106 {
		return "", fmt.Errorf("no stop in %v", values)
	}
	sum := values[0]
	for i, v := range values[1 : n-2] {
		sum += (i + 1) * v
	}
	if sum%103 != values[n-2] {
		return "", fmt.Errorf("the check is %d, not %d", values[n-2], sum%103)
	}
	set, text := values[0], ""
	for _, v := range values[1 : n-2] {
		switch {
		case set == 105 && v < 100:
			text += fmt.Sprintf("%02d", v)
		case set == 105 && v == 100:
			set = 104
		case set == 104 && v < 95:
			text += string(rune(v + 32))
		case set == 104 && v == 99:
			set = 105
		default:
			return "", fmt.Errorf("%d in set %d", v, set)
		}
	}
	return text, nil
}

func widthsOf(modules string) (widths string) {
	for len(modules) > 0 {
		n := len(modules) - len(strings.TrimLeft(modules, modules[:1]))
		widths += strconv.Itoa(n)
		modules = modules[n:]
	}
	return widths
}

var (
	svgShape  = regexp.MustCompile(`^<svg aria-hidden="true" width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 (\d+) (\d+)" preserveAspectRatio="none" shape-rendering="crispEdges"><path fill="#000" d="([Mhvz\d -]+)"/></svg>$`)
	rectShape = regexp.MustCompile(`^M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// modules reads a drawing back: its rows, '#' for dark, its size on paper.
func modules(svg string) (rows []string, wide, high float64, err error) {
	m := svgShape.FindStringSubmatch(svg)
	if m == nil {
		return nil, 0, 0, fmt.Errorf("the drawing is %.200q", svg)
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	wide, _ = strconv.ParseFloat(m[1], 64)
	high, _ = strconv.ParseFloat(m[2], 64)
	grid := make([][]byte, number(m[4]))
	for i := range grid {
		grid[i] = []byte(strings.Repeat(" ", number(m[3])))
	}
	for path := m[5]; path != ""; {
		r := rectShape.FindStringSubmatch(path)
		if r == nil || r[3] != r[4] {
			return nil, 0, 0, fmt.Errorf("a shape is %.40q", path)
		}
		path = path[len(r[0]):]
		for i := range number(r[3]) {
			if at := &grid[number(r[2])][number(r[1])+i]; *at == '#' {
				return nil, 0, 0, fmt.Errorf("two shapes overlap at %s", r[0])
			} else {
				*at = '#'
			}
		}
	}
	for _, row := range grid {
		rows = append(rows, string(row))
	}
	return rows, wide, high, nil
}

// dots tells whether a length is a whole number of 300ths of an inch for each
// of n modules, and how many.
func dots(mm float64, n int) (each int, whole bool) {
	exact := mm / 25.4 * 300 / float64(n)
	each = int(exact + .5)
	return each, exact-float64(each) < .01 && float64(each)-exact < .01
}

func TestBarsAreReadBack(t *testing.T) {
	check := func(t interface {
		Errorf(string, ...any)
	}, code string) {
		d := drawCode(code, LabelCode128)
		rows, wide, high, err := modules(d.svg)
		if err != nil || len(rows) != 1 || d.why != "" {
			t.Errorf("%q: %v, %d rows, %q", code, err, len(rows), d.why)
			return
		}
		if got, err := read128(rows[0]); err != nil || got != code || d.code != code {
			t.Errorf("%q is read as %q (%v), written as %q", code, got, err, d.code)
		}
		if each, whole := dots(wide, len(rows[0])); !whole || each < 2 || wide > 60.001 || high < 8 {
			t.Errorf("%q is %g × %g mm, %d dots a module", code, wide, high, each)
		}
	}
	for _, code := range []string{"5CD1234ABC", "0", "42", "000042", "12345", "a1234b56789c", "PF3XYZ01", `<&">'`, "a b", "Zz9", strings.Repeat("8", 52)} {
		check(t, code)
	}
	for r := ' ' + 1; r < 0x7f; r++ {
		check(t, string(r))
	}
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.StringMatching(`[!-~]([ -~]{0,18}[!-~])?`).Draw(t, "code")) })
}

// A drawing too long for the label is none, and the longest is fine still.
func TestBarsThatDoNotFit(t *testing.T) {
	fits := true
	for n := 1; n < 600; n++ {
		d := drawCode(strings.Repeat("W", n), LabelCode128)
		switch {
		case (d.svg == "") != (d.why == tooLong) || d.code == "":
			t.Fatalf("%d letters: %q", n, d.why)
		case d.svg != "" && !fits:
			t.Fatalf("%d letters fit, and fewer did not", n)
		case d.svg == "" && n <= 26, d.svg != "" && n > 27:
			t.Fatalf("%d letters: %q", n, d.why)
		}
		fits = d.svg != ""
	}
}

func TestCodesThatAreNotDrawn(t *testing.T) {
	for _, test := range []struct {
		code, text, bars, square string
	}{
		{"", "", noCode, noCode},
		{" \t\n ", "", noCode, noCode},
		{"  5CD1\r\n", "5CD1", "", ""},
		{"NÑ1", "NÑ1", notASCII, ""},
		{"ñ", "ñ", notASCII, ""}, // the encoder's FNC1
		{"\u00f4", "ô", notASCII, ""},
		{"a\tb", "a\tb", unprinted, unprinted},
		{"a\x00b", "a\x00b", unprinted, unprinted},
		{"a\u200bb", "a\u200bb", unprinted, unprinted},
		{"a\x7f", "a\x7f", unprinted, unprinted},
		{"a\xffb", "a\ufffdb", notASCII, ""},
		{"🙂", "🙂", notASCII, ""},
		{strings.Repeat("x", 500), strings.Repeat("x", 500), tooLong, ""},
		{strings.Repeat("x", 800), strings.Repeat("x", 800), tooLong, tooLong},
		{strings.Repeat("x", 9000), strings.Repeat("x", 9000), tooLong, tooLong},
	} {
		for kind, why := range map[LabelKind]string{LabelCode128: test.bars, LabelQR: test.square} {
			d := drawCode(test.code, kind)
			if d.code != test.text || d.why != why || (d.svg == "") != (why != "") {
				t.Errorf("%.20q of kind %d is %.20q, %q, drawn in %d bytes", test.code, kind, d.code, d.why, len(d.svg))
			}
		}
	}
}

// Whatever a code is, something comes of it: a drawing, or a reason.
func TestAnyCode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Z]{0,60}`), rapid.StringN(0, 300, -1)).Draw(t, "code")
		for _, kind := range []LabelKind{LabelCode128, LabelQR, 7} {
			d := drawCode(code, kind)
			if (d.svg == "") == (d.why == "") {
				t.Errorf("%q: %d bytes and %q", code, len(d.svg), d.why)
			}
		}
	})
}

// readSquare reads a QR code whose data is in one block (versions 1 and 2 with
// level M), by ISO/IEC 18004, without using what corrects errors.
func readSquare(rows []string) (string, error) {
	n := len(rows) - 8
	version := (n - 17) / 4
	dark := func(x, y int) bool { return rows[y+4][x+4] == '#' }
	for y, row := range rows {
		inside := y >= 4 && y < n+4
		if len(row) != len(rows) || !inside && strings.Contains(row, "#") || strings.Contains(row[:4]+row[n+4:], "#") {
			return "", fmt.Errorf("the quiet zone is not, in row %d", y)
		}
	}
	for i := range 7 { // the finders
		for j := range 7 {
			ring := max(abs(i-3), abs(j-3))
			for _, at := range [][2]int{{i, j}, {n - 7 + i, j}, {i, n - 7 + j}} {
				if dark(at[0], at[1]) != (ring != 2) {
					return "", fmt.Errorf("no finder at %v", at)
				}
			}
		}
	}
	format := 0
	for i := range 15 { // from the top right to the left, then down the left
		x, y := n-1-i, 8
		if i > 7 {
			x, y = 8, n-15+i
		}
		if dark(x, y) {
			format |= 1 << i
		}
	}
	if format ^= 0x5412; format>>13 != 0 {
		return "", fmt.Errorf("level %d is not M", format>>13)
	}
	mask := []func(x, y int) bool{
		func(x, y int) bool { return (x+y)%2 == 0 }, func(_, y int) bool { return y%2 == 0 },
		func(x, _ int) bool { return x%3 == 0 }, func(x, y int) bool { return (x+y)%3 == 0 },
		func(x, y int) bool { return (y/2+x/3)%2 == 0 }, func(x, y int) bool { return x*y%2+x*y%3 == 0 },
		func(x, y int) bool { return (x*y%2+x*y%3)%2 == 0 }, func(x, y int) bool { return ((x+y)%2+x*y%3)%2 == 0 },
	}[format>>10&7]
	used := func(x, y int) bool {
		aligned := version == 2 && abs(x-18) <= 2 && abs(y-18) <= 2
		return x == 6 || y == 6 || aligned || y < 9 && (x < 9 || x > n-9) || x < 9 && y > n-9
	}
	bits := ""
	for right, up := n-1, true; right > 0; right, up = right-2, !up {
		if right == 6 {
			right = 5
		}
		for i := range n {
			y := i
			if up {
				y = n - 1 - i
			}
			for _, x := range []int{right, right - 1} {
				if !used(x, y) {
					bits += map[bool]string{true: "1", false: "0"}[dark(x, y) != mask(x, y)]
				}
			}
		}
	}
	take := func(n int) int {
		v, _ := strconv.ParseInt(bits[:n], 2, 32)
		bits = bits[n:]
		return int(v)
	}
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	text := ""
	switch mode := take(4); mode {
	case 1:
		for left := take(10); left > 0; left -= 3 {
			digits := min(left, 3)
			text += fmt.Sprintf("%0*d", digits, take([]int{0, 4, 7, 10}[digits]))
		}
	case 2:
		for left := take(9); left > 0; left -= 2 {
			if left == 1 {
				text += letters[take(6):][:1]
				break
			}
			pair := take(11)
			text += letters[pair/45:][:1] + letters[pair%45:][:1]
		}
	case 4:
		b := make([]byte, take(8))
		for i := range b {
			b[i] = byte(take(8))
		}
		text = string(b)
	default:
		return "", fmt.Errorf("mode %d", mode)
	}
	return text, nil
}

func abs(n int) int { return max(n, -n) }

func TestSquaresAreReadBack(t *testing.T) {
	check := func(t interface {
		Errorf(string, ...any)
	}, code string) {
		d := drawCode(code, LabelQR)
		rows, wide, high, err := modules(d.svg)
		if err != nil || d.why != "" {
			t.Errorf("%q: %v, %q", code, err, d.why)
			return
		}
		if got, err := readSquare(rows); err != nil || got != code {
			t.Errorf("%q is read as %q (%v)", code, got, err)
		}
		if each, whole := dots(wide, len(rows)); !whole || each < 3 || wide != high || wide > 28 {
			t.Errorf("%q is %g × %g mm, %d dots a module", code, wide, high, each)
		}
	}
	for _, code := range []string{"5CD1234ABC", "0", "42", "000042", "12345", "a1234b56789c", "PF3XYZ01", `<&">'`, "NÑ-ü", "ada@example.com", "🙂"} {
		check(t, code)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringMatching(`[!-~]([ -~]{0,20}[!-~])?|[0-9]{1,40}|[A-Z0-9]{1,30}`).Draw(t, "code"))
	})
}

func TestSquaresStayOnTheLabel(t *testing.T) {
	for n := 1; n < 600; n += 7 {
		d := drawCode(strings.Repeat("é", n), LabelQR)
		if d.svg == "" {
			if d.why != tooLong || n < 250 {
				t.Errorf("%d letters: %q", n, d.why)
			}
			continue
		}
		rows, wide, high, err := modules(d.svg)
		if err != nil {
			t.Fatal(err)
		}
		if each, whole := dots(wide, len(rows)); !whole || each < 3 || wide != high || wide > 28 {
			t.Errorf("%d letters are %g × %g mm, %d dots a module", n, wide, high, each)
		}
	}
}
