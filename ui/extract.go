package ui

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/ledger"
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
	switch b.kind.listing {
	case directory.Chromebooks:
		m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		labels := b.labels()
		for _, k := range []struct {
			name string
			kind view.LabelKind
		}{{"Code 128", view.LabelCode128}, {"QR codes", view.LabelQR}} {
			add("Print labels with "+k.name+"…   "+view.Plural(len(labels), "label", "labels"), func() { b.h.printLabels(labels, k.kind) }).Disabled = len(labels) == 0 || len(labels) > mostLabels
		}
	case view.Checkouts:
		m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		add("Export the audit packet…", b.h.exportPacket)
		add("Print the audit packet…", b.h.printPacket)
	}
	return m
}

// mostLabels is how many labels can be printed at once: some 80 sheets.
const mostLabels = 2000

// labels are those of the rows that are selected, where there are several, else
// of all that are shown. What a label bears is what the inventory calls the
// device: its asset ID, else its serial.
func (b *browser) labels() (labels []view.Label) {
	places := b.table.Selected()
	if len(places) < 2 {
		if b.list.Len() > mostLabels {
			return make([]view.Label, b.list.Len())
		}
		places = nil
		for i := range b.list.Len() {
			places = append(places, i)
		}
	}
	for _, i := range places {
		row := b.list.At(i)
		l := view.Label{Serial: row.Value("serial"), Tag: row.Value("asset_id"), Model: row.Value("model")}
		if l.Code = cmp.Or(l.Tag, l.Serial); l.Code != "" {
			labels = append(labels, l)
		}
	}
	return labels
}

// printLabels opens a page of labels in the browser.
func (h *host) printLabels(labels []view.Label, kind view.LabelKind) {
	h.printPage(func(w io.Writer) error { return view.WriteLabels(w, labels, kind, h.clock()) })
}

// handings are all times that something was handed out.
func (h *host) handings(ctx context.Context) (all []ledger.Handing, err error) {
	all = ledger.Handings(func(yield func(*ledger.Entry) bool) {
		err = h.b.Entries(ctx, func(e *ledger.Entry) error {
			if !yield(e) {
				return context.Canceled
			}
			return nil
		})
	})
	return all, err
}

// exportPacket saves the audit packet: who had what, from when to when.
func (h *host) exportPacket() {
	h.export(fileName("Audit packet", nil, h.clock()), func() string { return "" }, func(ctx context.Context, w io.Writer, f view.Format) error {
		all, err := h.handings(ctx)
		if err != nil {
			return err
		}
		return view.Packet(all, h.clock()).Write(ctx, w, f, func(int) {})
	})
}

// printPacket opens the audit packet in the browser, which prints it.
func (h *host) printPacket() {
	h.printPage(func(w io.Writer) error {
		all, err := h.handings(h.ctx)
		if err != nil {
			return err
		}
		return view.WritePacket(w, all, h.clock())
	})
}

// printReceipt opens a receipt for what somebody has in the browser.
func (w *Window) printReceipt(holds []*view.Hold) {
	if len(holds) == 0 {
		return
	}
	first := holds[0]
	r := view.Receipt{Person: first.Name, By: first.By}
	if s := w.state; s != nil {
		r.District = s.Connections.Google.Domain
	}
	if len(first.Holder.Emails) > 0 {
		r.Email = first.Holder.Emails[0]
	}
	for _, h := range holds {
		r.Items = append(r.Items, view.ReceiptItem{Serial: h.Asset.Serial, Tag: h.Asset.Tag, Model: h.Asset.Model, Note: h.Note, Out: h.Since, Due: h.Due, Loaner: h.Loaner})
	}
	w.printPage(func(out io.Writer) error { return view.WriteReceipt(out, r, w.clock()) })
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
	b.h.saveExtract(fileName(b.kind.title, b.tree.chosen, b.h.clock()), e)
}

// saveExtract exports rows to a file of that name, or another one.
func (h *host) saveExtract(name string, e *view.Extract) {
	var rows atomic.Int64
	far := func() string {
		n := int(rows.Load())
		if n == e.Len() {
			return "nearly done"
		}
		return view.Number(n) + " of " + view.Plural(e.Len(), "row", "rows")
	}
	h.export(name, far, func(ctx context.Context, w io.Writer, f view.Format) error {
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
	if orgUnit != "" {
		parts = append(parts, orgUnit[strings.LastIndexByte(orgUnit, '/')+1:])
	}
	parts = append(parts, at.Format(time.DateOnly))
	for i := range parts {
		parts[i] = inFileName(parts[i])
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " – ") + ".xlsx"
}

// inFileName is a text without what no file name may have, and not too long.
func inFileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > 60 {
		s = string(runes[:60])
	}
	return strings.Trim(s, " .")
}

// print opens what is shown in the browser, which prints it.
func (b *browser) print() { b.h.printExtract(b.outlet()) }

// printExtract prints rows, where they are not too many.
func (h *host) printExtract(name string, e *view.Extract) {
	if n := e.Len(); n > mostPrinted {
		h.say(view.Warn, view.Number(n)+" rows are too many to print; the most is "+view.Number(mostPrinted)+". Show fewer, or export.",
			"Export them…", func() { h.saveExtract(name, e) })
		return
	}
	h.printPage(e.WritePage)
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

// outlet is a place whose rows can be exported and printed: those that it shows,
// nil where it shows none, and the name of a file for them.
type outlet interface {
	outlet() (name string, e *view.Extract)
}

func (b *browser) outlet() (string, *view.Extract) {
	if b.list == nil {
		return "", nil
	}
	return fileName(b.kind.title, b.tree.chosen, b.h.clock()), b.extract(nil)
}

// onList does something with the rows in sight, else says what is missing.
func (w *Window) onList(do func(name string, e *view.Extract)) {
	o, ok := w.tabs[w.at].pane.(outlet)
	if t, is := w.tabs[w.at].pane.(*checkoutTab); is {
		o, ok = t.places[t.at].pane.(outlet)
	}
	if w.covered() { // something else is being asked
		return
	}
	if !ok {
		w.say(view.Muted, "Go to a list: what it shows can be exported and printed.", "", nil)
		return
	}
	if name, e := o.outlet(); e == nil || e.Len() == 0 {
		w.say(view.Muted, "There is no row to export or print.", "", nil)
	} else {
		do(name, e)
	}
}

func (w *Window) exportList() { w.onList(w.saveExtract) }
func (w *Window) printList()  { w.onList(w.printExtract) }
