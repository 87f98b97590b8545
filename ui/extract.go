package ui

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"panel/ui/view"
)

// mostPrinted is how many rows can be printed: some 500 sheets of paper.
const mostPrinted = 20_000

// saveMenu offers to export or print what the list shows.
func (b *browser) saveMenu() *fyne.Menu {
	m := fyne.NewMenu("")
	add := func(label string, do func()) *fyne.MenuItem {
		item := fyne.NewMenuItem(label, do)
		m.Items = append(m.Items, item)
		return item
	}
	rows := func(n int) string { return "   " + view.Plural(n, "row", "rows") }
	n := b.list.Len()
	add("Export what is shown…"+rows(n), func() { b.export(nil) }).Disabled = n == 0
	add("Export with every column…", b.exportWhole).Disabled = n == 0
	if n := len(b.table.Selected()); n > 1 {
		add("Export the selection…"+rows(n), b.exportSelection)
	}
	add("Print what is shown…", b.print).Disabled = n == 0
	return m
}

// exportSelection saves the selected rows, those that are still there.
func (b *browser) exportSelection() {
	if chosen := b.table.Selected(); len(chosen) > 0 {
		b.export(chosen)
	} else {
		b.h.say(view.Warn, "What was selected is not in the list any more.", "", nil)
	}
}

// exportWhole saves the rows that are shown with every column, those that are
// shown first.
func (b *browser) exportWhole() {
	columns := slices.Clone(b.table.order)
	for i := range b.kind.columns {
		if b.kind.columns[i].Width > 0 && !slices.Contains(columns, i) {
			columns = append(columns, i)
		}
	}
	b.save(b.list.Extract(b.kind.title, columns, nil, b.h.clock()))
}

// extract is what the list shows, or the rows at some places of it.
func (b *browser) extract(places []int) *view.Extract {
	return b.list.Extract(b.kind.title, b.table.order, places, b.h.clock())
}

// export saves what is shown, or the rows at some places.
func (b *browser) export(places []int) { b.save(b.extract(places)) }

func (b *browser) save(e *view.Extract) {
	var rows atomic.Int64
	far := func() string {
		n := int(rows.Load())
		if n == e.Len() {
			return "nearly done"
		}
		return view.Number(n) + " of " + view.Plural(e.Len(), "row", "rows")
	}
	b.h.export(fileName(b.kind.title, b.tree.chosen, b.h.clock()), far, func(ctx context.Context, w io.Writer, f view.Format) error {
		rows.Store(0)
		return e.Write(ctx, w, f, func(n int) { rows.Store(int64(n)) })
	})
}

// fileName suggests a name for what a list shows of some OUs, of letters that
// every file system takes.
func fileName(list string, orgUnits []string, at time.Time) string {
	parts, orgUnit := []string{list}, ""
	if len(orgUnits) == 1 {
		orgUnit = orgUnits[0]
	}
	unit := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, orgUnit[strings.LastIndexByte(orgUnit, '/')+1:])
	if runes := []rune(unit); len(runes) > 60 {
		unit = string(runes[:60])
	}
	if unit = strings.Trim(unit, " ."); unit != "" {
		parts = append(parts, unit)
	}
	return strings.Join(append(parts, at.Format(time.DateOnly)), " – ") + ".xlsx"
}

// print opens what is shown in the browser, which prints it.
func (b *browser) print() {
	if n := b.list.Len(); n > mostPrinted {
		b.h.say(view.Warn, view.Number(n)+" rows are too many to print; the most is "+view.Number(mostPrinted)+". Show fewer, or export.",
			"Export them…", func() { b.export(nil) })
		return
	}
	b.h.printPage(b.extract(nil).WritePage)
}

// printPage opens a page in the browser, which prints it.
func (h *host) printPage(write func(io.Writer) error) {
	var url string
	h.do(func(context.Context) (err error) {
		// The page waits for the browser longer than this takes.
		url, err = h.b.ServePage(h.ctx, write)
		return err
	}, func(err error) {
		if err != nil {
			h.fail(err, func() { h.printPage(write) })
			return
		}
		h.say(view.Good, "The list opens in your browser, which prints it.", "", nil)
		h.open(url)
	})
}

// onList does something to the list in sight that shows any row, else says
// what is missing.
func (w *Window) onList(do func(*browser)) {
	b, ok := w.tabs[w.at].pane.(*browser)
	switch {
	case w.covered(): // something else is being asked
	case !ok:
		w.say(view.Muted, "Go to People or Chromebooks: what is shown there can be exported and printed.", "", nil)
	case b.list == nil || b.list.Len() == 0:
		w.say(view.Muted, "There is no row to export or print.", "", nil)
	default:
		do(b)
	}
}

func (w *Window) exportList() { w.onList(func(b *browser) { b.export(nil) }) }
func (w *Window) printList()  { w.onList((*browser).print) }
