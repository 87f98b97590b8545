//go:build bench

package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"panel/ui/view"
)

// ScrollSteps turns the wheel n times over a list in a window of 1,200 × 800,
// and returns how long each step takes until the rows that come into sight
// are painted. The window is not drawn.
func ScrollSteps(rows *view.Rows, n int) []time.Duration {
	a := test.NewApp()
	defer a.Quit()
	a.Settings().SetTheme(panelTheme{"light"})
	b := &browser{kind: recordKind{columns: rows.Columns()}, list: view.NewList(rows), now: time.Now()}
	t := newTable(rows.Columns())
	t.SetRows(listRows{b})
	t.fitColumns(rows.Typical)
	t.Resize(fyne.NewSize(1200, 800))
	painted := map[int]bool{}
	step := func() {
		for _, r := range t.list.rows {
			if r.row >= 0 && !painted[r.row] {
				painted[r.row] = true
				r.paint(1200, rowHeight)
			}
		}
	}
	step()
	all := make([]time.Duration, n)
	for i := range all {
		start := time.Now()
		t.list.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -wheelStep)})
		step()
		all[i] = time.Since(start)
	}
	return all
}
