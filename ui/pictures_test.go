package ui

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"panel/ui/view"
)

// chart is the card of a column.
func (b *browser) chart(t *testing.T, key string) *chartCard {
	t.Helper()
	c := b.pictures.cards[key]
	if c == nil {
		t.Fatalf("there is no picture of %s", key)
	}
	c.chart.Resize(fyne.NewSize(480, c.chart.MinSize().Height))
	return c
}

func TestPicturesFilterAndFollow(t *testing.T) {
	f := district(600)
	s := open(t, f)
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	s.togglePictures()
	if b.table.Visible() || !b.pictures.scroll.Visible() || len(b.pictures.grid.Objects) != 5 {
		t.Fatalf("table %v, pictures %v, %d of them", b.table.Visible(), b.pictures.scroll.Visible(), len(b.pictures.grid.Objects))
	}
	s.shoot("pictures-light", 1280, 800)
	c := b.chart(t, "aue_year")
	at := -1
	for i := range c.chart.boxes {
		if box := &c.chart.boxes[i]; box.Counted() && box.Part.Column != "" && box.Part.Count > 1 {
			at = i
			break
		}
	}
	box := c.chart.boxes[at]
	middle := fyne.NewPos(box.X+box.W/2, box.Y+box.H/2)
	c.chart.MouseIn(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: middle}})
	if c.chart.hot != at {
		t.Errorf("under the pointer is %d, want %d", c.chart.hot, at)
	}
	tip := c.chart.tip(box.Part)
	if !strings.HasPrefix(tip, box.Part.Label+": ") || !strings.Contains(tip, " %") || strings.Contains(tip, "$") {
		t.Errorf("the tip says %q", tip)
	}
	s.until("the tip is shown", func() bool { return strings.Contains(s.words(), tip) })
	c.chart.Tapped(&fyne.PointEvent{Position: middle})
	if b.list.Len() != box.Part.Count {
		t.Errorf("a click on %s shows %d, want %d", box.Part.Label, b.list.Len(), box.Part.Count)
	}
	if got := b.pictures.cards["status"].chart.picture.Rows; got != box.Part.Count {
		t.Errorf("the other pictures count %d, want %d", got, box.Part.Count)
	}
	if len(b.list.Chips()) != 1 || len(b.tree.chosen) == 0 {
		t.Errorf("chips %v, OUs %v", b.list.Chips(), b.tree.chosen)
	}

	// Another window begins as this one ended.
	s.saveLayout()
	again := open(t, f)
	if !again.tabs[2].pane.(*browser).pictures.scroll.Visible() {
		t.Error("the pictures are forgotten")
	}
	s.goTo(0)
	s.togglePictures()
	s.mustSay("Go to People or Chromebooks: the pictures are theirs.")
}

func TestPicturesAreSaved(t *testing.T) {
	s := open(t, district(300))
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	s.togglePictures()
	c := b.chart(t, "source")
	var svg, picture bytes.Buffer
	if err := c.writeSVG()(&svg); err != nil {
		t.Fatal(err)
	}
	read := xml.NewDecoder(bytes.NewReader(svg.Bytes()))
	for {
		if _, err := read.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the SVG: %v", err)
		}
	}
	if !strings.Contains(svg.String(), "People – Known to (300 people)") || !strings.Contains(svg.String(), "Both clouds") {
		t.Errorf("the SVG says\n%s", svg.String())
	}
	if err := c.writePNG()(&picture); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(picture.Bytes()))
	if err != nil || img.Bounds().Dx() < 2*savedWidth {
		t.Errorf("the PNG is %v wide (%v), want at least %d", img.Bounds(), err, 2*savedWidth)
	}
	if shotsDir != "" {
		for name, data := range map[string][]byte{"chart.png": picture.Bytes(), "chart.svg": svg.Bytes()} {
			if err := os.WriteFile(filepath.Join(shotsDir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestPrices(t *testing.T) {
	f := district(300)
	f.settings.Prices = map[string]float64{"A model that is not there now": 500}
	s := open(t, f)
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	s.togglePictures()
	b.pictures.openPrices()
	s.fill("€", "free")
	s.press("Save")
	s.mustSay("“free” is no price. Write it as 349 or 349.50.")
	s.fill("€", "100")
	s.press("Save")
	s.until("they are kept", func() bool { return f.Settings().Prices[""] == 100 })
	s.until("it counts", func() bool { return b.pictures.cards["aue_year"].chart.picture.Cost > 0 })
	p := b.pictures.cards["aue_year"].chart.picture
	if f.Settings().Prices["A model that is not there now"] != 500 {
		t.Error("the price of a model that is not there is lost")
	}
	if p.Cost != float64(100*p.Rows) || f.Settings().Currency != "€" {
		t.Errorf("%d Chromebooks cost %v %s", p.Rows, p.Cost, f.Settings().Currency)
	}
	if note := b.pictures.cards["aue_year"].note.Text; !strings.HasSuffix(note, " · €"+view.Number(100*p.Rows)+" to replace") {
		t.Errorf("the note says %q", note)
	}
	for text, want := range map[string]float64{"": 0, "349": 349, "349.50": 349.5, "349,50": 349.5, "1,299": 1299, "1 299": 1299, "1,299.00": 1299, "1.234,50": 1234.5, "1.299": 1299, "349.": 349, "1,234,567.5": 1234567.5} {
		if got, ok := parsePrice(text); !ok || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
	for _, text := range []string{"x", "-1", "1e99", "NaN", "Inf", "12,34,5", "1.2.3"} {
		if got, ok := parsePrice(text); ok {
			t.Errorf("%q is a price of %v", text, got)
		}
	}
}

func TestEveryPictureHasItsColours(t *testing.T) {
	for dark, colors := range []palette{lightPalette, darkPalette} {
		seen := map[[3]uint8]bool{}
		for i := range seriesColors[dark] {
			c := partColor(&view.Part{Series: i}, colors, dark)
			seen[[3]uint8{c.R, c.G, c.B}] = true
		}
		if len(seen) != len(seriesColors[dark]) {
			t.Error("two series look the same")
		}
	}
}

// The bar that was clicked may not be there any more when the mouse moves on.
func TestTheMouseMovesOnFromABarThatWasClicked(t *testing.T) {
	s := open(t, district(600))
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	s.togglePictures()
	c := b.chart(t, "status").chart
	before := len(c.boxes)
	box := c.boxes[before-1]
	at := fyne.PointEvent{Position: fyne.NewPos(box.X+box.W/2, box.Y+box.H/2)}
	c.MouseIn(&desktop.MouseEvent{PointEvent: at})
	if c.Cursor() != desktop.PointerCursor {
		t.Error("the bar does not look as if it could be clicked")
	}
	c.Tapped(&at)
	if len(c.boxes) >= before || c.Cursor() != desktop.DefaultCursor {
		t.Errorf("%d of %d bars are left; the cursor is %v", len(c.boxes), before, c.Cursor())
	}
}
