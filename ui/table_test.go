package ui

import (
	"bytes"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"pgregory.net/rapid"

	"panel/ui/view"
)

// serials is a table of n rows whose keys are their numbers from first on.
type serials struct{ first, n int }

func (s serials) Len() int         { return s.n }
func (s serials) Key(i int) string { return fmt.Sprint(s.first + i) }

func (s serials) Find(key string) int {
	for i := range s.n {
		if s.Key(i) == key {
			return i
		}
	}
	return -1
}

func (s serials) Cell(row, column int) cell {
	switch column {
	case 0:
		return cell{text: fmt.Sprintf("5CD%05d", s.first+row)}
	case 1:
		return cell{text: "Active", tone: view.Good, badge: true}
	case 2:
		return cell{text: "Ünal\tGarcía\n小明"[:13+row%2*7]}
	}
	return cell{text: fmt.Sprint(row)}
}

var serialColumns = []view.Column{
	{Key: "serial", Title: "Serial", Width: 120},
	{Key: "status", Title: "Status", Width: 100, Badge: true},
	{Key: "user", Title: "User", Width: 180, Least: 100},
	{Key: "n", Title: "Number", Width: 80, Align: view.Right},
	{Key: "extra", Title: "Extra", Width: 80, Hidden: true},
	{Key: "searched", Title: "Never shown"},
}

// showTable puts a table of n rows into a window.
func showTable(t *testing.T, n int) (*table, fyne.Window) {
	t.Helper()
	newTestApp(t, "light")
	table := newTable(serialColumns)
	table.SetRows(serials{0, n})
	w := test.NewWindow(table)
	t.Cleanup(w.Close)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(600, 400))
	return table, w
}

func keys(t *table) (out []string) {
	for _, i := range t.Selected() {
		out = append(out, t.rows.Key(i))
	}
	return out
}

func TestTableMouse(t *testing.T) {
	table, _ := showTable(t, 100)
	const ctrl, shift = fyne.KeyModifierControl, fyne.KeyModifierShift
	for _, step := range []struct {
		row  int
		mod  fyne.KeyModifier
		want string
	}{
		{3, 0, "3"},
		{6, shift, "3 4 5 6"},
		{4, ctrl, "3 5 6"},
		{9, ctrl, "3 5 6 9"},
		{7, shift, "7 8 9"},
		{1, 0, "1"},
	} {
		table.click(step.row, step.mod)
		if got := strings.Join(keys(table), " "); got != step.want {
			t.Errorf("click on %d with %v selects %q, want %q", step.row, step.mod, got, step.want)
		}
	}
}

func TestTableRightClickKeepsSelection(t *testing.T) {
	table, w := showTable(t, 100)
	table.click(2, 0)
	table.click(5, fyne.KeyModifierShift)
	table.OnMenu = func(int, int) *fyne.Menu { return fyne.NewMenu("", fyne.NewMenuItem("x", nil)) }
	press := func(y int) {
		before := keys(table)
		row := table.list.rows[slices.IndexFunc(table.list.rows, func(r *tableRow) bool { return r.row == y })]
		row.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
		if !slices.Equal(keys(table), before) {
			t.Error("the button selects before it is let go: what that opens may take the click")
		}
		row.TappedSecondary(&fyne.PointEvent{})
		w.Canvas().Overlays().Top().Hide()
	}
	press(4)
	if got := len(keys(table)); got != 4 {
		t.Errorf("right click inside the selection leaves %d rows selected, want 4", got)
	}
	press(8)
	if got := keys(table); !slices.Equal(got, []string{"8"}) {
		t.Errorf("right click outside the selection selects %v, want 8 alone", got)
	}
	if w.Canvas().Focused() != fyne.Focusable(table.list) {
		t.Error("a click does not give the table the keyboard")
	}
}

func TestTableKeyboard(t *testing.T) {
	table, w := showTable(t, 100)
	opened := -1
	table.OnOpen = func(row int) { opened = row }
	w.Canvas().Focus(table.list)
	page := int(table.list.Size().Height/rowHeight) - 1
	for _, step := range []struct {
		key  fyne.KeyName
		want int
	}{
		{fyne.KeyDown, 0}, {fyne.KeyDown, 1}, {fyne.KeyUp, 0}, {fyne.KeyUp, 0},
		{fyne.KeyPageDown, page}, {fyne.KeyEnd, 99}, {fyne.KeyDown, 99},
		{fyne.KeyPageUp, 99 - page}, {fyne.KeyHome, 0},
	} {
		table.list.TypedKey(&fyne.KeyEvent{Name: step.key})
		if table.cursor != step.want || !slices.Equal(keys(table), []string{fmt.Sprint(step.want)}) {
			t.Fatalf("%s moves to %d selecting %v, want %d", step.key, table.cursor, keys(table), step.want)
		}
		top := float32(table.list.offset)
		if y := float32(step.want) * rowHeight; y < top || y+rowHeight > top+table.list.Size().Height {
			t.Errorf("after %s row %d is out of sight", step.key, step.want)
		}
	}
	table.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if opened != 0 {
		t.Errorf("Enter opens %d, want 0", opened)
	}
	table.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if len(keys(table)) != 0 {
		t.Error("Space leaves the row selected")
	}
	table.list.TypedShortcut(&fyne.ShortcutSelectAll{})
	if len(keys(table)) != 100 {
		t.Errorf("Ctrl+A selects %d rows, want 100", len(keys(table)))
	}
	table.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if len(keys(table)) != 0 || table.cursor != -1 {
		t.Error("Escape leaves a selection")
	}
}

func TestTableDoubleClickOpens(t *testing.T) {
	table, _ := showTable(t, 10)
	opened := 0
	table.OnOpen = func(int) { opened++ }
	table.click(4, 0)
	table.click(4, 0)
	table.click(4, 0) // the first click of another one
	if opened != 1 {
		t.Errorf("two clicks and one more open %d times, want once", opened)
	}
}

func TestTableKeepsRecordsOverNewRows(t *testing.T) {
	table, _ := showTable(t, 100)
	table.click(50, 0)
	table.click(52, fyne.KeyModifierShift)
	table.SetRows(serials{51, 20}) // record 50 has gone, 52 is the second row
	if table.cursor != 1 || !slices.Equal(keys(table), []string{"51", "52"}) {
		t.Errorf("cursor %d and selection %v, want row 1 and records 51 and 52", table.cursor, keys(table))
	}
	table.SetRows(serials{1000, 5})
	if table.cursor != -1 || len(keys(table)) != 0 {
		t.Errorf("cursor %d and selection %v on other records", table.cursor, keys(table))
	}
}

func TestTableCopy(t *testing.T) {
	table, _ := showTable(t, 5)
	copied := 0
	table.OnCopy = func(n int) { copied = n }
	table.choose(4, true)
	table.move(3, 0)
	table.click(1, 0)
	table.click(2, fyne.KeyModifierControl)
	table.list.TypedShortcut(&fyne.ShortcutCopy{})
	want := "1\t5CD00001\tActive\tÜnal García 小明\t1\n2\t5CD00002\tActive\tÜnal García\t2\n"
	if got := fyne.CurrentApp().Clipboard().Content(); got != want || copied != 2 {
		t.Errorf("copied %d rows: %q, want %q", copied, got, want)
	}
}

func TestTableColumns(t *testing.T) {
	table, w := showTable(t, 5)
	if got := table.contentWidth(); got < 589 || got > 591 {
		t.Errorf("columns take %v of 600", got)
	}
	w.Resize(fyne.NewSize(200, 300))
	if !table.bar.Visible() {
		t.Error("no scroll bar for columns that cannot shrink to 200")
	}
	table.scrollTo(1e6)
	if got, want := table.shift, table.contentWidth()-190; got != want {
		t.Errorf("scrolled to the end by %v, want %v", got, want)
	}
	w.Resize(fyne.NewSize(600, 300))
	if table.shift != 0 || table.bar.Visible() {
		t.Errorf("still scrolled by %v at full width", table.shift)
	}

	// A drag of the first column's edge by 40, as Fyne reports it.
	changes := 0
	table.OnLayout = func() { changes++ }
	before := slices.Clone(table.widths)
	edge := before[0]
	for _, x := range []float32{edge + 20, edge + 40} {
		table.header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 10)}, Dragged: fyne.NewDelta(20, 0)})
	}
	table.header.DragEnd()
	if got := table.widths[0]; got != edge+40 || table.widths[1] != before[1] {
		t.Errorf("widths %v after dragging the first edge of %v by 40", table.widths, before)
	}
	// The first column dragged onto the third.
	for _, x := range []float32{30, edge + 40 + before[1] + 20} {
		table.header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 10)}, Dragged: fyne.NewDelta(5, 0)})
	}
	table.header.DragEnd()
	if !slices.Equal(table.order, []int{1, 2, 0, 3}) || changes != 2 {
		t.Errorf("order %v after %d changes, want 1 2 0 3 after 2", table.order, changes)
	}
	for _, c := range slices.Clone(table.order) {
		table.choose(c, false)
	}
	if len(table.order) != 1 {
		t.Errorf("%d columns left after hiding all, want 1", len(table.order))
	}
}

func TestTableSortByHeader(t *testing.T) {
	table, _ := showTable(t, 5)
	var got []string
	table.OnSort = func(by []sorting) { got = append(got, fmt.Sprint(by)) }
	at := func(x float32) *fyne.PointEvent { return &fyne.PointEvent{Position: fyne.NewPos(x, 10)} }
	table.header.Tapped(at(40))
	table.header.Tapped(at(40))
	table.header.Tapped(at(40))
	table.header.Tapped(at(table.widths[0] + 30))
	table.header.Tapped(at(table.widths[0])) // an edge
	if want := "[{0 false}],[{0 true}],[],[{1 false}]"; strings.Join(got, ",") != want {
		t.Errorf("sorted %v, want %v", got, want)
	}
	got = nil
	for _, column := range []int{0, 2, 0, 0} { // with Shift
		table.header.sort(column, true)
	}
	if want := "[{1 false} {0 false}],[{1 false} {0 false} {2 false}],[{1 false} {0 true} {2 false}],[{1 false} {2 false}]"; strings.Join(got, ",") != want {
		t.Errorf("sorted within %v, want %v", got, want)
	}
	table.header.sort(2, false)
	if want := []sorting{{2, true}}; !slices.Equal(table.sorted, want) {
		t.Errorf("a click alone sorts by %v, want %v", table.sorted, want)
	}
}

func TestDoubleClickFitsAColumn(t *testing.T) {
	table, _ := showTable(t, 5)
	table.setWidth(0, 40)
	edge := &fyne.PointEvent{Position: fyne.NewPos(40, 10)}
	table.header.Tapped(edge)
	if table.widths[0] != 40 {
		t.Error("one click on an edge changes the width")
	}
	table.header.Tapped(edge)
	if need := float32(glyphsOf(13, false).width("5CD00004")) + 2*cellPad; table.widths[0] < need || table.widths[0] > need+20 {
		t.Errorf("a double click makes the column %v wide, want about %v", table.widths[0], need)
	}
}

func TestFirstColumnStaysInSight(t *testing.T) {
	table, w := showTable(t, 5)
	for i := range table.order {
		table.setWidth(i, 250)
	}
	ink := func() (out []byte) { // of the first column's text in the first row
		for _, r := range table.list.rows {
			if r.row == 0 {
				img, _ := r.paint(600, rowHeight).(*image.RGBA)
				out = append(out, img.SubImage(image.Rect(cellPad, 4, 200, 20)).(*image.RGBA).Pix[:190*4]...)
			}
		}
		return out
	}
	before := ink()
	table.scrollTo(180)
	if table.shift != 180 || table.left(0) != 0 || table.left(1) != 250-180 {
		t.Fatalf("scrolled by %v, the columns begin at %v and %v", table.shift, table.left(0), table.left(1))
	}
	if !bytes.Equal(before, ink()) {
		t.Error("the first column is not drawn in its place")
	}
	if c, _ := table.header.columnAt(100); c != 0 {
		t.Errorf("at 100 is column %d, want the first", c)
	}
	if c, _ := table.header.columnAt(300); c != 1 {
		t.Errorf("at 300 is column %d, want the second", c)
	}
	table.setWidth(0, 400) // more than half
	if table.left(0) != -table.shift {
		t.Error("a first column that leaves no room stays all the same")
	}
	capture(t, w, "table-sticky")
}

func TestRowPicture(t *testing.T) {
	newTestApp(t, "light")
	for _, scale := range []float64{1, 1.5, 2} {
		p := rowPicture{
			cells:   []cell{{text: "A long text that is cut"}, {text: "Active", tone: view.Good, badge: true}, {text: "42"}, {text: "小明"}},
			columns: []*view.Column{{}, {Badge: true}, {Align: view.Right}, {}}, widths: []float32{80, 100, 60, 60}, lefts: []float32{0, 80, 180, 240}, scale: scale,
		}
		dst := image.NewRGBA(image.Rect(0, 0, p.px(300), p.px(rowHeight)))
		p.paint(dst)
		ink := func(x0, x1 float32) (left, right int) { // where a column is not the card's colour
			left, right = -1, -1
			paper := themed(colorCard)
			for x := p.px(x0); x < p.px(x1); x++ {
				for y := p.px(2); y < p.px(rowHeight-3); y++ {
					if c := dst.RGBAAt(x, y); c.R != paper.R || c.G != paper.G || c.B != paper.B {
						if left < 0 {
							left = x
						}
						right = x
					}
				}
			}
			return left, right
		}
		if _, right := ink(0, 80); right >= p.px(80-cellPad) || right < p.px(50) {
			t.Errorf("scale %v: text of the first column ends at %d, want just before %d", scale, right, p.px(80-cellPad))
		}
		if left, _ := ink(80, 180); left < p.px(87) || left > p.px(90) {
			t.Errorf("scale %v: the badge begins at %d, want %d", scale, left, p.px(88))
		}
		if left, right := ink(180, 240); right > p.px(240-cellPad) || right < p.px(240-cellPad)-p.px(3) || left < p.px(200) {
			t.Errorf("scale %v: the number stands at %d to %d, want it at the right edge %d", scale, left, right, p.px(240-cellPad))
		}
		if left, _ := ink(240, 300); left >= 0 {
			t.Errorf("scale %v: a text that the font lacks was drawn", scale)
		}
		if got := p.foreign(); !slices.Equal(got, []int{3}) {
			t.Errorf("scale %v: foreign cells %v, want the last", scale, got)
		}
	}
}

func TestGlyphsFit(t *testing.T) {
	newTestApp(t, "light")
	g := glyphsOf(float64(theme.TextSize()), false)
	for _, s := range []string{"", "a", "Donaudampfschifffahrtsgymnasium", "Łukasz Nguyễn"} {
		for max := 12; max < g.width(s)+20; max++ {
			got := g.fit(s, max)
			if w := g.width(got); w > max {
				t.Fatalf("%q fitted to %d is %d wide", s, max, w)
			}
			if g.width(s) <= max && got != s {
				t.Fatalf("%q was cut to %q although %d is enough", s, got, max)
			}
		}
	}
}

func TestTablePicture(t *testing.T) {
	table, w := showTable(t, 100)
	table.SetSort(sorting{0, true})
	table.click(2, 0)
	table.click(3, fyne.KeyModifierShift)
	capture(t, w, "table")
	// What the font lacks is shown by a text above the picture.
	texts := 0
	for _, r := range table.list.rows {
		texts += len(r.texts)
	}
	if texts == 0 {
		t.Error("no row shows the name that the font lacks")
	}
}

// A row is copied to the screen pixel by pixel only where none is left out or doubled.
func TestRowsAtFractionalScales(t *testing.T) {
	table, w := showTable(t, 100)
	for _, c := range []struct {
		scale, width float32
		mode         canvas.ImageScale
	}{
		{1, 600, canvas.ImageScalePixels}, {1, 600.4, canvas.ImageScaleSmooth}, {2, 600, canvas.ImageScalePixels},
		{1.25, 600, canvas.ImageScalePixels}, {1.1, 600, canvas.ImageScaleSmooth}, {0.9, 600, canvas.ImageScaleSmooth},
	} {
		w.Canvas().(test.WindowlessCanvas).SetScale(c.scale)
		w.Resize(fyne.NewSize(c.width+1, 400))
		w.Resize(fyne.NewSize(c.width, 400))
		table.Refresh()
		if mode := table.list.rows[3].raster.ScaleMode; mode != c.mode {
			t.Errorf("%v wide at %v: %v, not %v", c.width, c.scale, mode, c.mode)
		}
	}
}

func TestTableScrolls(t *testing.T) {
	const rows = 2_000_000 // more than the places that a float32 can tell apart
	table, _ := showTable(t, rows)
	inSight := func() (first, last int, top float32) {
		first, last = rows, -1
		for _, r := range table.list.rows {
			if r.row >= 0 && r.Visible() {
				if r.row < first {
					first, top = r.row, r.Position().Y
				}
				last = max(last, r.row)
			}
		}
		return first, last, top
	}
	// One click of the wheel, as Fyne reports it.
	table.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -wheelStep)})
	if first, _, top := inSight(); first != wheelRows || top != 0 {
		t.Errorf("a click of the wheel leads to row %d at %v, want %d at the top", first, top, wheelRows)
	}
	table.moveTo(rows-1, 0)
	_, last, _ := inSight()
	if last != rows-1 {
		t.Fatalf("the last row in sight is %d, want %d", last, rows-1)
	}
	for _, r := range table.list.rows {
		if want := table.list.Size().Height - rowHeight; r.row == last && (r.Position().Y < want-.5 || r.Position().Y > want+.5) {
			t.Errorf("the last row stands at %v, want %v", r.Position().Y, want)
		}
	}
	table.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 1e12)})
	if first, _, top := inSight(); first != 0 || top != 0 {
		t.Errorf("scrolled far up to row %d at %v", first, top)
	}
}

func TestTableMenuKnowsItsCell(t *testing.T) {
	table, _ := showTable(t, 10)
	var got []int
	table.OnMenu = func(row, column int) *fyne.Menu {
		got = append(got, row, column)
		return fyne.NewMenu("", fyne.NewMenuItem("x", nil))
	}
	table.move(0, 1) // status, serial, …
	row := table.list.rows[3]
	row.TappedSecondary(&fyne.PointEvent{Position: fyne.NewPos(table.widths[0]+5, 5)})
	if want := []int{row.row, 0}; !slices.Equal(got, want) {
		t.Errorf("menu of row and column %v, want %v", got, want)
	}
}

// BenchmarkTableScroll is one step of the wheel in a window of 1,200 × 800,
// with the drawing of the rows that come into sight.
func BenchmarkTableScroll(b *testing.B) {
	newTestApp(b, "light")
	table := newTable(serialColumns)
	table.SetRows(serials{0, 300_000})
	table.Resize(fyne.NewSize(1200, 800))
	for i := 0; b.Loop(); i++ {
		table.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -wheelStep)})
		for _, r := range table.list.rows {
			if r.row%wheelRows == i%wheelRows && r.row >= 0 {
				r.paint(1200, rowHeight)
			}
		}
	}
}

func TestColumnWidths(t *testing.T) {
	newTestApp(t, "light")
	table := newTable([]view.Column{
		{Key: "serial", Title: "Serial", Width: 60}, {Key: "status", Title: "Status", Width: 60, Badge: true},
		{Key: "user", Title: "User", Width: 200, Least: 120}, {Key: "n", Title: "Number", Width: 80},
	})
	table.SetRows(serials{0, 5})
	table.fitColumns(func(column int) []string {
		if column > 1 {
			return nil
		}
		return []string{table.rows.Cell(0, column).text}
	})
	for _, c := range []struct {
		room float32
		user float32 // 0 is all that the others leave
	}{{900, 0}, {300, 120}} {
		table.layOutColumns(c.room)
		g := glyphsOf(float64(theme.TextSize()), false)
		if need := float32(g.width("5CD00000")) + 2*cellPad; table.widths[0] < need {
			t.Errorf("in %v a serial of %v has %v", c.room, need, table.widths[0])
		}
		if need := float32(glyphsOf(textSmall, true).width("Active")) + 2*cellPad + 2*badgePad; table.widths[1] < need {
			t.Errorf("in %v a status of %v has %v", c.room, need, table.widths[1])
		}
		if table.widths[3] != 80 {
			t.Errorf("in %v a column that keeps its width has %v", c.room, table.widths[3])
		}
		if c.user > 0 && table.widths[2] != c.user {
			t.Errorf("in %v the user has %v, want the least, %v", c.room, table.widths[2], c.user)
		}
		if c.user == 0 && (table.contentWidth() < c.room-1 || table.contentWidth() > c.room+1) {
			t.Errorf("columns take %v of %v", table.contentWidth(), c.room)
		}
	}
}

func TestSpareColumns(t *testing.T) {
	newTestApp(t, "light")
	table := newTable([]view.Column{
		{Key: "a", Title: "A", Width: 100, Least: 50}, {Key: "b", Title: "B", Width: 100, Spare: true}, {Key: "c", Title: "C", Width: 100},
		{Key: "d", Title: "D", Width: 100, Spare: true}, {Key: "e", Title: "E", Width: 100, Spare: true}, {Key: "f", Title: "F", Width: 100, Hidden: true},
	})
	w := test.NewWindow(table)
	t.Cleanup(w.Close)
	w.SetPadded(false)
	shown := func() string {
		var b strings.Builder
		for _, c := range table.order {
			b.WriteString(table.columns[c].Key)
		}
		return b.String()
	}
	at := func(width float32, want string) {
		t.Helper()
		w.Resize(fyne.NewSize(width+scrollBarWidth, 300))
		if got := shown(); got != want {
			t.Errorf("at %v the columns are %q, want %q", width, got, want)
		}
	}
	at(200, "ac")
	at(320, "abc")
	at(420, "abcd")
	at(900, "abcde")
	table.SetSort(sorting{4, false}) // what it is sorted by stays in sight
	at(320, "ace")
	table.SetSort()
	table.fitColumns(func(column int) []string {
		if column == 1 {
			return nil // empty
		}
		return []string{"wide enough"}
	})
	table.arrange()
	at(300, "acd")
	table.choose(3, false)
	at(900, "ac") // as chosen, however wide
	table.resetColumns()
	table.arrange()
	at(900, "acde")
	table.fitColumns(func(column int) []string {
		if column == 0 {
			return []string{strings.Repeat("long ", 20)}
		}
		return []string{"short"}
	})
	table.arrange()
	at(420, "abcde") // one long text costs no column
	table.setWidth(0, 77)
	at(250, "abcde") // as wide as chosen, and so as many
}

func TestTableShowsItsBarWhenAColumnComes(t *testing.T) {
	table, _ := showTable(t, 5)
	table.setWidth(2, 400)
	if !table.bar.Visible() {
		t.Error("no scroll bar after a column was dragged wider than the table")
	}
	table.setWidth(2, 100)
	if table.bar.Visible() {
		t.Error("a scroll bar although everything fits")
	}
}

func TestTableTellsOfACutCell(t *testing.T) {
	table, _ := showTable(t, 5)
	var told []string
	table.OnHover = func(text string, _ fyne.Position) { told = append(told, text) }
	table.setWidth(2, 50)
	row := table.list.rows[1]
	at := func(x float32) *desktop.MouseEvent {
		return &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 5)}}
	}
	user := table.widths[0] + table.widths[1] + 10
	row.MouseIn(at(20))
	row.MouseMoved(at(user))
	row.MouseMoved(at(user + 5))
	row.MouseOut()
	if want := []string{"", "Ünal García 小明", ""}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// Scrolling asks for rows and paints them, and leaves nothing for the collector.
func TestScrollingAllocatesNothing(t *testing.T) {
	s := open(t, district(400))
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	b.table.Resize(fyne.NewSize(700, 600)) // narrow: texts are cut
	row := b.table.list.rows[0]
	row.Resize(fyne.NewSize(700, rowHeight))
	for i := range b.list.Len() { // what is kept for the next time
		row.set(i)
		row.paint(700, rowHeight)
	}
	n := 0
	per := testing.AllocsPerRun(300, func() {
		n = (n + 1) % b.list.Len()
		row.row = n
		row.ask()
		row.paint(700, rowHeight)
	})
	if per > 0 {
		t.Errorf("%v allocations for a row", per)
	}
}

// What is drawn stands under the titles, whatever was done to the columns.
func TestCellsStandUnderTheirTitles(t *testing.T) {
	table, _ := showTable(t, 100)
	check := func(after string) {
		t.Helper()
		for _, r := range table.list.rows {
			if r.row < 0 {
				continue
			}
			var drawn, want []string
			for _, c := range r.cells {
				drawn = append(drawn, c.text)
			}
			for _, c := range table.order {
				want = append(want, flat(table.rows.Cell(r.row, c).text))
			}
			if !slices.Equal(drawn, want) {
				t.Fatalf("%s: row %d shows %q, want %q", after, r.row, drawn, want)
			}
		}
	}
	check("at first")
	drag := func(x, by float32) {
		table.header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x+by, 10)}, Dragged: fyne.NewDelta(by, 0)})
	}
	drag(40, 5)
	drag(table.widths[0]+table.widths[1]/2, 5)
	table.header.DragEnd()
	if table.order[0] == 0 {
		t.Fatal("nothing was moved")
	}
	check("moved")
	table.choose(table.order[0], false)
	check("one less")
	table.choose(0, true)
	check("one more")
	table.resetColumns()
	table.arrange()
	check("reset")
}

// With Ctrl the arrows leave what is selected, so that rows apart from each
// other can be selected by the keyboard alone.
func TestTableSelectsRowsApartByKeyboard(t *testing.T) {
	table, w := showTable(t, 20)
	w.Canvas().Focus(table.list)
	table.click(2, 0)
	ctrl := func(k fyne.KeyName) {
		table.list.TypedShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault})
	}
	ctrl(fyne.KeyDown)
	ctrl(fyne.KeyDown)
	table.list.TypedKey(key(fyne.KeySpace))
	ctrl(fyne.KeyUp)
	ctrl(fyne.KeyUp)
	ctrl(fyne.KeyUp)
	table.list.TypedKey(key(fyne.KeySpace))
	if got := keys(table); !slices.Equal(got, []string{"1", "2", "4"}) {
		t.Errorf("selected are %v", got)
	}
}

// grown are rows that grow at the top.
type grown struct{ n int }

func (g grown) Len() int            { return g.n }
func (g grown) Key(row int) string  { return strconv.Itoa(g.n - row) }
func (g grown) Find(key string) int { n, _ := strconv.Atoi(key); return g.n - n }
func (g grown) Cell(row, _ int) cell {
	return cell{text: g.Key(row)}
}

// However rows come in at the top and wherever one has scrolled to, what is in
// sight is what should be; rows that were in sight before are not asked for again.
func TestRowsThatComeInAtTheTop(t *testing.T) {
	newTestApp(t, "light")
	table := newTable([]view.Column{{Key: "a", Title: "A", Width: 80}})
	w := test.NewTempWindow(t, table)
	w.Resize(fyne.NewSize(300, 200))
	rapid.Check(t, func(t *rapid.T) {
		rows := grown{rapid.IntRange(0, 30).Draw(t, "rows")}
		table.SetRows(rows)
		for range rapid.IntRange(1, 10).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "scroll") {
				table.list.ScrollToOffset(float32(rapid.IntRange(0, 900).Draw(t, "to")))
			} else {
				n := rapid.IntRange(1, 12).Draw(t, "more")
				rows.n += n
				table.Prepend(rows, n)
				if table.list.offset != 0 {
					t.Fatalf("what came in is not in sight: %v", table.list.offset)
				}
			}
			seen := map[int]bool{}
			for _, r := range table.list.rows {
				if !r.Visible() {
					continue
				}
				seen[r.row] = true
				if want := rows.Key(r.row); len(r.cells) != 1 || r.cells[0].text != want {
					t.Fatalf("row %d shows %v, want %s", r.row, r.cells, want)
				}
				if want := float32(float64(r.row)*rowHeight - table.list.offset); r.Position().Y != want {
					t.Fatalf("row %d stands at %v, want %v", r.row, r.Position().Y, want)
				}
			}
			first := int(table.list.offset / rowHeight)
			for i := first; i < min(rows.n, first+int(table.list.Size().Height/rowHeight)); i++ {
				if !seen[i] {
					t.Fatalf("row %d is not in sight", i)
				}
			}
		}
	})
}
