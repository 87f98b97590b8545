package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// columnLines is how many columns of a table stand below each other to be
// chosen.
const columnLines = 11

// openColumns lets the columns of a table be chosen; what is ticked is shown
// at once.
func (h *host) openColumns(t *table) {
	ticks := make(map[int]*tick)
	show := func() {
		for i, tick := range ticks {
			tick.SetChecked(slices.Contains(t.order, i))
		}
	}
	var items []fyne.CanvasObject
	for i := range t.columns {
		if t.columns[i].Width == 0 {
			continue
		}
		ticks[i] = newTick(t.columns[i].Title, func(on bool) {
			t.choose(i, on)
			show() // the last one stays
		})
		ticks[i].Checked = slices.Contains(t.order, i)
		items = append(items, ticks[i])
	}
	grid := container.NewGridWithRows(min(columnLines, len(items)), items...)
	var s *sheet
	reset := newButton("Reset columns", nil, func() {
		t.resetColumns()
		t.arrange()
		t.changed()
		show()
	})
	s = h.openSheet("Columns", grid, fyne.NewSize(0, 0), reset, newPrimary("Close", nil, func() { s.close() }))
}
