package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"panel/ui/view"
)

// choose does what an item of a menu says.
func (s *stage) item(m *fyne.Menu, label string) {
	s.t.Helper()
	for _, i := range m.Items {
		if i.Label == label {
			i.Action()
			return
		}
	}
	s.t.Fatalf("the menu has no %q", label)
}

func (v *viewBar) pinnedNames() (names []string) {
	for _, o := range v.box.Objects {
		if c, ok := o.(*chip); ok {
			names = append(names, c.word)
		}
	}
	return names
}

func TestViewsAreKept(t *testing.T) {
	f := district(400)
	s := open(t, f)
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	if got := b.views.pinnedNames(); len(got) != 7 || got[0] != "AUE within 12 months" {
		t.Fatalf("pinned are %q", got)
	}

	// A shipped one, on and off.
	deprovisioned := b.views.chips["Deprovisioned"]
	deprovisioned.tapped()
	n := b.list.Len()
	if !deprovisioned.on || n == 0 || n == b.total || len(b.list.Chips()) != 1 {
		t.Fatalf("the view is on: %v, %d of %d rows, chips %v", deprovisioned.on, n, b.total, b.list.Chips())
	}
	deprovisioned.tapped()
	if deprovisioned.on || b.list.Len() != b.total {
		t.Errorf("the view is off: %v, %d of %d rows", !deprovisioned.on, b.list.Len(), b.total)
	}

	// One of one's own, with all that belongs to it.
	b.list.Filter("status", "Disabled", "Deprovisioned")
	b.chooseOrgUnits(true, b.tree.root.Children[0].Path)
	b.list.Where("-hp")
	serial, model := b.place("serial"), b.place("model")
	b.table.order, b.table.chosen = []int{model, serial}, true
	b.table.SetSort(sorting{model, true})
	b.list.Sort(b.orders()...)
	b.refill()
	want, shown := b.list.View(), b.list.Len()
	s.item(b.views.menu(), "Save as a view…")
	if save := s.button("Save"); !save.Disabled() {
		t.Error("a view without a name can be saved")
	}
	s.fill("Deprovisioned")
	s.mustSay("Panel brings a view of this name: choose another one.")
	s.fill("Broken carts")
	s.press("Save")
	s.until("it is kept", func() bool { return len(f.Views()["chromebooks"].Own) == 1 })
	s.until("it is said", func() bool { return strings.Contains(s.words(), "“Broken carts” is kept.") })
	if got := b.views.pinnedNames(); got[0] != "Broken carts" {
		t.Errorf("pinned are %q", got)
	}

	// It comes back whole, in another window too.
	b.clear()
	b.table.resetColumns()
	again := open(t, f)
	again.goTo(2)
	b = again.tabs[2].pane.(*browser)
	b.views.chips["Broken carts"].tapped()
	if now := b.list.View(); !now.Shows(&want) || b.list.Len() != shown || !slices.Equal(b.table.order, []int{model, serial}) || !slices.Equal(b.table.sorted, []sorting{{model, true}}) {
		t.Errorf("the view comes back as %+v with columns %v, sorted %v, %d rows of %d", now, b.table.order, b.table.sorted, b.list.Len(), shown)
	}
	if !slices.Equal(b.tree.chosen, want.OrgUnits) || !b.tree.alone {
		t.Errorf("the tree shows %v, alone %v", b.tree.chosen, b.tree.alone)
	}

	// Begun with, unpinned, deleted.
	again.item(b.views.menu(), "Manage views…")
	again.press("Begin with it")
	again.until("it is begun with", func() bool { return f.Views()["chromebooks"].Default == "Broken carts" })
	again.until("it says so", func() bool { return strings.Contains(again.words(), "Panel begins with it") })
	third := open(t, f)
	third.goTo(2)
	if now := third.tabs[2].pane.(*browser).list.View(); !now.Shows(&want) {
		t.Errorf("Panel begins with %+v", now)
	}
	b.views.keep(func(l *ListViews) { l.pin("Never used", false) }, nil)
	again.until("it is unpinned", func() bool { return !slices.Contains(b.views.pinnedNames(), "Never used") })
	b.views.keep(func(l *ListViews) { l.remove("Broken carts") }, nil)
	again.until("it is gone", func() bool {
		v := f.Views()["chromebooks"]
		return len(v.Own) == 0 && v.Default == "" && !slices.Contains(b.views.pinnedNames(), "Broken carts")
	})
}

func TestViewOfAColumnThatIsGoneSaysSo(t *testing.T) {
	f := district(100)
	f.views = Views{"people": {Own: []view.SavedView{{Name: "Old", Columns: []string{"name", "shoe_size"}, Filters: []view.SavedFilter{{Column: "shoe_size", Values: []string{"44"}}}}}, Default: "Old"}}
	s := open(t, f)
	s.goTo(1)
	s.mustSay("The view “Old” asks for columns that are not there any more: shoe_size. The rest of it is shown.")
	if b := s.tabs[1].pane.(*browser); b.list.Len() != b.total || len(b.table.order) != 1 {
		t.Errorf("%d of %d rows, %d columns", b.list.Len(), b.total, len(b.table.order))
	}
}

func TestASearchIsKeptAsAFilter(t *testing.T) {
	s := open(t, district(400))
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	s.search.SetText("status:disabled")
	n := b.list.Len()
	m := b.filterMenu()
	s.item(m, "Keep the search as a filter")
	if s.search.Text != "" || b.list.Len() != n || n == 0 || n == b.total {
		t.Errorf("searched %q, %d rows, %d before", s.search.Text, b.list.Len(), n)
	}
	b.chips.chips["\x00status:disabled"].tapped()
	if b.list.Len() != b.total {
		t.Errorf("the chip does not take it away: %d rows", b.list.Len())
	}
}

// A view may be one of columns and order alone; without it the list looks as
// before.
func TestViewOfColumnsAlone(t *testing.T) {
	f := district(60)
	order := []view.Order{{Column: "model", Descending: true}}
	f.views = Views{"chromebooks": {Own: []view.SavedView{
		{Name: "Short", Columns: []string{"model", "serial"}, Orders: order},
		{Name: "Shorter", Columns: []string{"serial"}},
	}}}
	s := open(t, f)
	s.goTo(tabChromebooks)
	b := s.tabs[tabChromebooks].pane.(*browser)
	short, shorter := b.views.chips["Short"], b.views.chips["Shorter"]
	if short.on || shorter.on {
		t.Error("a view is on that nobody has chosen")
	}
	before := b.table.looks()
	short.tapped()
	if got := b.columnKeys(); !short.on || !slices.Equal(got, []string{"model", "serial"}) || !slices.Equal(b.list.View().Orders, order) {
		t.Errorf("on %v: columns %q, order %v", short.on, got, b.list.View().Orders)
	}
	shorter.tapped()
	if got := b.columnKeys(); short.on || !shorter.on || !slices.Equal(got, []string{"serial"}) || len(b.list.View().Orders) > 0 {
		t.Errorf("on %v %v: columns %q, order %v", short.on, shorter.on, got, b.list.View().Orders)
	}
	shorter.tapped()
	if shorter.on || !slices.Equal(b.table.order, before.order) || !slices.Equal(b.table.sorted, before.sorted) || b.table.chosen {
		t.Errorf("off: columns %q, sorted %v", b.columnKeys(), b.table.sorted)
	}
}
