package view

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"panel/directory"

	"pgregory.net/rapid"
)

// bars writes a picture as "label count, label count".
func bars(p Picture) string {
	var out []string
	for _, b := range p.Bars {
		out = append(out, fmt.Sprintf("%s %d", b.Label, b.Count))
	}
	return strings.Join(out, ", ")
}

func picture(t testing.TB, l *List, key string, prices map[string]float64) Picture {
	t.Helper()
	for _, p := range l.Pictures(prices) {
		if p.Key == key {
			return p
		}
	}
	t.Fatalf("there is no picture of %s", key)
	return Picture{}
}

func TestPictureNumbers(t *testing.T) {
	l := NewList(fleet(
		directory.Chromebook{DeviceID: "1", Serial: "1", Model: "A", Status: "ACTIVE", OrgUnit: "/Students/Alder/Grade 1", AutoUpdateExpiration: "2028-06-01", OSVersion: "99.1", LastSync: now},
		directory.Chromebook{DeviceID: "2", Serial: "2", Model: "A", Status: "ACTIVE", OrgUnit: "/Students/Birch", AutoUpdateExpiration: "2028-01-01", OSVersion: "131.0.1", LastSync: now},
		directory.Chromebook{DeviceID: "3", Serial: "3", Model: "B", Status: "DISABLED", OrgUnit: "/Staff/Alder", AutoUpdateExpiration: "2027-06-01", OSVersion: "131.2"},
		directory.Chromebook{DeviceID: "4", Serial: "4", Status: "ACTIVE", OrgUnit: "/Students/Birch/Grade 2"},
		directory.Chromebook{DeviceID: "6", Serial: "6", Status: "ACTIVE"},
		directory.Chromebook{DeviceID: "5", Serial: "5", Status: "ACTIVE", Gone: now},
	))
	for key, want := range map[string]string{
		"status":   "Active 4, Disabled 1",
		"model":    "(none) 2, A 2, B 1",
		"os_major": "99 1, 131 2, (none) 2",
		"sync_age": "Within a day 2, Never 3",
		"aue_year": "2027 1, 2028 2, (none) 2",
	} {
		if got := bars(picture(t, l, key, nil)); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	p := picture(t, l, "aue_year", map[string]float64{"A": 300, "": 200})
	if !slices.Equal(p.Series, []string{"Alder", "Birch", others}) || p.Cost != 1200 || p.Bars[1].Cost != 600 {
		t.Errorf("series %q, cost %v, of 2028 %v", p.Series, p.Cost, p.Bars[1].Cost)
	}
	alder := p.Bars[1].Parts[0]
	if alder.Label != "Alder, 2028" || alder.Count != 1 || !slices.Equal(alder.OrgUnits, []string{"/Students/Alder", "/Staff/Alder"}) && !slices.Equal(alder.OrgUnits, []string{"/Staff/Alder", "/Students/Alder"}) {
		t.Errorf("Alder in 2028 is %+v", alder)
	}
	if p := picture(t, l, "status", nil); p.Bars[0].Parts[0].Tone != Good {
		t.Error("what is active is not green")
	}
	l.Search("nothing has this")
	for _, p := range l.Pictures(nil) {
		if len(p.Bars) != 0 || p.Rows != 0 {
			t.Errorf("%s of nothing: %s", p.Key, bars(p))
		}
	}
}

func TestSchools(t *testing.T) {
	for want, paths := range map[string][]string{
		"Alder 3, Birch 2":       {"/Students/Alder/1", "/Students/Alder/2", "/Staff/Alder", "/Students/Birch/1", "/Students/Birch"},
		"School 1 1, School 2 1": {"/Devices/School 1/Cart 1", "/Devices/School 2/Cart 1"},
		"/ 3":                    {"/", "/", "/"},
		"North 2, South 1, / 1":  {"/North", "/North/Lab", "/South", "/"},
		"One 9, Two 1":           {"/One", "/One", "/One", "/One", "/One", "/One", "/One", "/One", "/One", "/Two"}, // nothing below tells more
		"":                       {"", ""},
		"Deep 1, Deeper 1":       {"/a/b/c/Deep", "/a/b/c/Deeper"},
		"Grade 1 2, Grade 2 1":   {"/S/Grade 1", "/S/Grade 1", "/S/Grade 2"},
		"École 1, No. 1 & <2> 1": {"/S/École", "/S/No. 1 & <2>"},
	} {
		var devices []directory.Chromebook
		for i, p := range paths {
			devices = append(devices, directory.Chromebook{DeviceID: fmt.Sprint(i), Serial: fmt.Sprint(i), OrgUnit: p})
		}
		list, _ := NewList(fleet(devices...)).schools()
		var got []string
		for _, s := range list {
			got = append(got, fmt.Sprintf("%s %d", s.name, s.count))
		}
		slices.Sort(got)
		wanted := strings.Split(want, ", ")
		slices.Sort(wanted)
		if strings.Join(got, ", ") != strings.Join(wanted, ", ") {
			t.Errorf("%q are %q, want %q", paths, got, want)
		}
	}
}

// A click on a part shows as many rows as the part counts, whatever is shown.
func TestPartsFilterToWhatTheyCount(t *testing.T) {
	books, people := chromebookRows(700), peopleRows(700)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SampledFrom([]*Rows{books, people}).Draw(t, "rows")
		l := NewList(rows)
		l.Search(rapid.SampledFrom([]string{"", "1", "school 7", "hp", "a"}).Draw(t, "search"))
		if units := rapid.SliceOfN(rapid.SampledFrom([]string{"/Devices", "/Devices/School 1", "/Devices/School 7/Cart 7", "/Students", "/Students/School 3", "/Students/School 3/Grade 4"}), 0, 2).Draw(t, "units"); len(units) > 0 {
			l.OrgUnits(rapid.Bool().Draw(t, "below"), units...)
		}
		pictures := l.Pictures(map[string]float64{"": 100})
		total := -1
		for _, p := range pictures {
			sum := 0
			for _, b := range p.Bars {
				parts := 0
				for _, part := range b.Parts {
					parts += part.Count
				}
				if parts != b.Count {
					t.Fatalf("%s: the parts of %s count %d, the bar %d", p.Key, b.Label, parts, b.Count)
				}
				sum += b.Count
			}
			if sum > l.Len() || p.Key != orgUnitColumn && sum != l.Len() {
				t.Fatalf("%s counts %d of %d rows", p.Key, sum, l.Len())
			}
			total = max(total, sum)
		}
		p := pictures[rapid.IntRange(0, len(pictures)-1).Draw(t, "picture")]
		if len(p.Bars) == 0 {
			return
		}
		bar := p.Bars[rapid.IntRange(0, len(p.Bars)-1).Draw(t, "bar")]
		part := bar.Parts[rapid.IntRange(0, len(bar.Parts)-1).Draw(t, "part")]
		if l.Pick(&part) && l.Len() != part.Count {
			t.Fatalf("%s of %s counts %d, a click shows %d", part.Label, p.Key, part.Count, l.Len())
		}
	})
}

// Every letter is as wide as every other one here.
func monospaced(s string, size float32) float32 { return float32(len([]rune(s))) * size * .6 }

func TestScenes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Picture{Title: "T"}
		names := rapid.StringMatching(`[A-Za-z0-9 &<>"é-]{1,40}`)
		series := rapid.IntRange(0, 8).Draw(t, "series")
		for i := range series {
			p.Series = append(p.Series, fmt.Sprint(i, names.Draw(t, "name")))
		}
		for i := range rapid.IntRange(0, 12).Draw(t, "bars") {
			b := Bar{Label: names.Draw(t, "label"), Cost: float64(rapid.IntRange(0, 1e6).Draw(t, "cost"))}
			for j := range max(1, series) {
				n := rapid.IntRange(1, 100_000).Draw(t, "count")
				b.Parts = append(b.Parts, Part{Series: j, Label: fmt.Sprint(i, j), Count: n})
				b.Count += n
			}
			p.Bars = append(p.Bars, b)
		}
		width := float32(rapid.IntRange(300, 1200).Draw(t, "width"))
		s := p.Scene(width, func(v float64) string { return fmt.Sprintf("$%.0f", v) }, monospaced)
		for _, b := range s.Boxes {
			if b.X < -.5 || b.Y < -.5 || b.X+b.W > width+.5 || b.Y+b.H > s.Height+.5 {
				t.Fatalf("a box at %v %v, %v × %v, is outside of %v × %v", b.X, b.Y, b.W, b.H, width, s.Height)
			}
		}
		for i, a := range s.Texts {
			w := monospaced(a.Text, a.Size)
			if a.X < -.5 || a.Y < -.5 || a.X+w > width+.5 || a.Y+a.Size > s.Height+.5 {
				t.Fatalf("%q at %v %v is outside of %v × %v", a.Text, a.X, a.Y, width, s.Height)
			}
			for _, b := range s.Texts[i+1:] {
				if a.Y < b.Y+b.Size && b.Y < a.Y+a.Size && a.X < b.X+monospaced(b.Text, b.Size) && b.X < a.X+w {
					t.Fatalf("%q and %q overlap", a.Text, b.Text)
				}
			}
		}
		var svg bytes.Buffer
		if err := s.WriteSVG(&svg, names.Draw(t, "title")+"\x00", func(*Part) string { return "#123456" }); err != nil {
			t.Fatal(err)
		}
		for read := xml.NewDecoder(&svg); ; {
			if _, err := read.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func BenchmarkPictures(b *testing.B) {
	for _, kind := range builders {
		b.Run(kind.name+"-500k", func(b *testing.B) {
			l := NewList(kind.build(500_000))
			for b.Loop() {
				l.Pictures(map[string]float64{"": 300})
			}
		})
	}
}

// Rows may be in an OU above the schools; a click on them does not show those
// of the schools.
func TestPartsAboveTheSchools(t *testing.T) {
	var books []directory.Chromebook
	for unit, n := range map[string]int{"/": 2, "/Students": 3, "/Students/Alder": 5, "/Students/Birch": 5, "/Alder": 1} {
		for i := range n {
			books = append(books, directory.Chromebook{DeviceID: fmt.Sprint(unit, i), OrgUnit: unit, AutoUpdateExpiration: "2027-01-01"})
		}
	}
	rows := fleet(books...)
	seen := map[string]int{}
	for _, p := range NewList(rows).Pictures(nil) {
		for _, bar := range p.Bars {
			for i := range bar.Parts {
				part, l := &bar.Parts[i], NewList(rows)
				if l.Pick(part) && l.Len() != part.Count {
					t.Errorf("%s: %s counts %d and shows %d", p.Title, part.Label, part.Count, l.Len())
				}
				seen[part.Label] = part.Count
			}
		}
	}
	if seen["Students, 2027"] != 3 || seen["Alder, 2027"] != 6 {
		t.Errorf("the parts are %v", seen)
	}
}

// No year of a stacked picture is missing, nor what it costs.
func TestEveryYearHasItsCost(t *testing.T) {
	var books []directory.Chromebook
	for y := range 20 {
		books = append(books, directory.Chromebook{DeviceID: fmt.Sprint(y), OrgUnit: "/A", AutoUpdateExpiration: directory.Day(fmt.Sprintf("%d-06-01", 2018+y))})
	}
	p := NewList(fleet(books...)).Pictures(map[string]float64{"": 100})[0]
	sum := 0.0
	for _, bar := range p.Bars {
		sum += bar.Cost
	}
	if len(p.Bars) != len(books) || p.Cost != 2000 || sum != p.Cost {
		t.Errorf("%d bars cost %v of %v", len(p.Bars), sum, p.Cost)
	}
}
