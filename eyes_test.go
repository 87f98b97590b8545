package main

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/image/draw"
	"golang.org/x/text/unicode/norm"
)

// sight is a picture of the screen and what it says to somebody who reads it:
// its text, recognised by Tesseract, without any help from the program.
type sight struct {
	name  string
	img   *image.RGBA
	words []word // from the left, once it was read
}

// word is a piece of text and where it stands.
type word struct {
	text string
	at   image.Rectangle
}

// enlarged is by how much pictures are enlarged before they are read: the
// letters of a window are smaller than those that Tesseract learnt.
const enlarged = 2

// read recognises the text.
func (s *sight) read(t *testing.T) {
	t.Helper()
	paper := onPaper(s.img)
	var in bytes.Buffer
	fmt.Fprintf(&in, "P5 %d %d 255\n", paper.Rect.Dx(), paper.Rect.Dy())
	in.Write(paper.Pix)
	// 11 is text in no particular order.
	cmd := exec.Command("sh", "-c", fmt.Sprintf("convert pgm:- -filter Catrom -resize %d00%% pgm:- | tesseract stdin stdout --dpi 150 --psm 11 -l eng tsv", enlarged))
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1", "MAGICK_THREAD_LIMIT=1")
	cmd.Stdin = &in
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("read %s: %v", s.name, err)
	}
	s.words = nil
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) < 12 || f[0] != "5" || strings.TrimSpace(f[11]) == "" { // 5 is a word
			continue
		}
		var n [4]int // left, top, width, height
		for i := range n {
			if n[i], err = strconv.Atoi(f[6+i]); err != nil {
				t.Fatalf("read %s: %q", s.name, line)
			}
		}
		at := image.Rect(n[0]/enlarged, n[1]/enlarged, (n[0]+n[2])/enlarged, (n[1]+n[3])/enlarged)
		s.words = append(s.words, word{f[11], at})
	}
	slices.SortStableFunc(s.words, func(a, b word) int { return cmp.Compare(a.at.Min.X, b.at.Min.X) })
}

func middle(r image.Rectangle) int { return (r.Min.Y + r.Max.Y) / 2 }

// beside tells whether two words stand on the same line.
func beside(a, b image.Rectangle) bool {
	common := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
	return 2*common > min(a.Dy(), b.Dy())
}

// from are the words of a line from the i-th word on.
func (s *sight) from(i int) []word {
	line := []word{s.words[i]}
	for _, w := range s.words[i+1:] {
		last := line[len(line)-1].at
		if beside(last, w.at) && w.at.Max.X > last.Max.X && w.at.Min.X < last.Max.X+150 {
			line = append(line, w)
		}
	}
	return line
}

// onPaper is a picture as a page in print: what stands out from the ground
// around it is dark, and every ground white, whatever the theme and the
// colour of a button. Lines and frames, longer than any stroke of a letter,
// are left out.
func onPaper(img image.Image) *image.Gray {
	const tile, around = 4, 6
	b := image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy())
	gray, paper := image.NewGray(b), image.NewGray(b)
	draw.Draw(gray, b, img, img.Bounds().Min, draw.Src)
	for y := 0; y < b.Max.Y; y += tile {
		for x := 0; x < b.Max.X; x += tile {
			one := image.Rect(x, y, x+tile, y+tile)
			ground := commonest(gray, one.Inset(-around).Intersect(b))
			one = one.Intersect(b)
			for y := one.Min.Y; y < one.Max.Y; y++ {
				for i := paper.PixOffset(one.Min.X, y); i < paper.PixOffset(one.Max.X, y); i++ {
					d := int(gray.Pix[i]) - int(ground)
					paper.Pix[i] = uint8(255 - min(255, max(d, -d)*5/4))
				}
			}
		}
	}
	leaveOutRuns(paper.Pix, b.Max.Y, paper.Stride, b.Max.X, 1, 20)
	leaveOutRuns(paper.Pix, b.Max.X, 1, b.Max.Y, paper.Stride, 18)
	return paper
}

// commonest is the grey that most of a rectangle has.
func commonest(img *image.Gray, r image.Rectangle) (most uint8) {
	var n [256]int
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[img.PixOffset(r.Min.X, y):img.PixOffset(r.Max.X, y)] {
			if n[v]++; n[v] > n[most] {
				most = v
			}
		}
	}
	return most
}

// leaveOutRuns whitens what is dark for longer than most. Lines begin next
// apart, and have long pixels that are step apart.
func leaveOutRuns(pix []uint8, lines, next, long, step, most int) {
	for line := range lines {
		run := 0
		for i := range long + 1 {
			if i < long && pix[line*next+i*step] < 200 {
				run++
				continue
			}
			for j := i - run; run > most && j < i; j++ {
				pix[line*next+j*step] = 255
			}
			run = 0
		}
	}
}

// alikeLetters are characters that look alike, at this size and to a machine.
var alikeLetters = strings.NewReplacer("o", "0", "l", "1", "i", "1", "|", "1", "!", "1", "s", "5", "z", "2", "b", "8", "q", "g", "rn", "m", "vv", "w")

// plain is a text as it is compared: its letters and digits, without case,
// accents, and the differences between characters that look alike.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '|' || r == '!' {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(s))
	return alikeLetters.Replace(s)
}

// find returns where a text stands on one line. A letter in sixteen may be
// misread, but none at the end, where a text that does not fit is cut.
func (s *sight) find(text string) (image.Rectangle, bool) {
	want := plain(text)
	for i, first := range s.words {
		got, at := "", first.at
		if begin := plain(first.text); begin == "" || begin[0] != want[0] {
			continue
		}
		for _, w := range s.from(i) {
			got += plain(w.text)
			at = at.Union(w.at)
			if len(got) > len(want)+len(want)/16 {
				break
			}
			if sameEnd(got, want, 3) && distance(got, want) <= len(want)/16 {
				return at, true
			}
		}
	}
	return image.Rectangle{}, false
}

func sameEnd(a, b string, n int) bool {
	return a[max(0, len(a)-n):] == b[max(0, len(b)-n):]
}

// distance is how many letters differ, are missing or too many.
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	for j := range before {
		before[j] = j
	}
	for i := range len(a) {
		now := append(make([]int, 0, len(b)+1), i+1)
		for j := range len(b) {
			d := before[j]
			if a[i] != b[j] {
				d++
			}
			now = append(now, min(d, before[j+1]+1, now[j]+1))
		}
		before = now
	}
	return before[len(b)]
}

// cells are the texts that stand apart from others, as those of a table, from
// the top.
func (s *sight) cells() []word {
	const apart = 9
	var cells []word
	for _, w := range s.words {
		i := slices.IndexFunc(cells, func(c word) bool {
			return beside(c.at, w.at) && w.at.Max.X > c.at.Max.X && w.at.Min.X <= c.at.Max.X+apart
		})
		if i < 0 {
			cells = append(cells, w)
			continue
		}
		cells[i] = word{cells[i].text + " " + w.text, cells[i].at.Union(w.at)}
	}
	slices.SortStableFunc(cells, func(a, b word) int { return cmp.Compare(middle(a.at), middle(b.at)) })
	return cells
}

// isCell tells whether a cell of a table shows a value: whole, or as much of
// it as has room.
func isCell(cell, value string) bool {
	got, want := plain(cell), plain(value)
	if len(got) >= 5 && len(got) < len(want) {
		want = want[:len(got)]
	}
	return distance(got, want) <= len(want)/7
}

// String is the text, with where it stands.
func (s *sight) String() string {
	var b strings.Builder
	for _, c := range s.cells() {
		fmt.Fprintf(&b, "%4d %4d  %s\n", middle(c.at), c.at.Min.X, c.text)
	}
	return b.String()
}

// shown is what a picture has to show.
type shown struct {
	texts []string
	// rows are the first ones of the table, in their order, by some of their
	// cells.
	rows [][]string
}

// lacks says what of it a picture does not show. Of the rows of a table one in
// seven may be misread.
func (s *sight) lacks(w shown) (missing []string) {
	for _, text := range w.texts {
		if _, ok := s.find(text); !ok {
			missing = append(missing, fmt.Sprintf("it does not say %q", text))
		}
	}
	var unread []string
	cells, top := s.cells(), 0
	for _, want := range w.rows {
		y, ok := rowOf(cells, want, top)
		if !ok {
			unread = append(unread, strings.Join(want, " | "))
			continue
		}
		top = y + 1
	}
	if len(unread) > len(w.rows)/7 {
		missing = append(missing, fmt.Sprintf("%d of the first %d rows are not in their place:\n%s", len(unread), len(w.rows), strings.Join(unread, "\n")))
	}
	return missing
}

// rowOf is the height at which values stand beside each other, the first that
// is not above top.
func rowOf(cells []word, values []string, top int) (y int, ok bool) {
	for _, c := range cells {
		if middle(c.at) < top || !isCell(c.text, values[0]) {
			continue
		}
		if !slices.ContainsFunc(values[1:], func(v string) bool {
			return !slices.ContainsFunc(cells, func(o word) bool { return beside(c.at, o.at) && isCell(o.text, v) })
		}) {
			return middle(c.at), true
		}
	}
	return 0, false
}
