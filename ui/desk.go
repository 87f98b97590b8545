package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// desk is scan mode: one box, who is current, and what was scanned.
type desk struct {
	w       *Window
	box     *scanBox
	who     *text
	has     *text
	end     *button
	due     *dueField
	loaner  *tick
	options *fyne.Container
	scans   *scanTable
	open    *text // how many codes are to be looked after
	acts    *scanActs
	root    fyne.CanvasObject
	current *directory.Person
	// The calendar and the day that the due dates to choose from are of.
	calendar string
	today    directory.Day
}

// DeskRound is the id of the round that everyday scans belong to.
const DeskRound = "desk"

func newDesk(w *Window, q *queue) *desk {
	d := &desk{w: w, who: newText("Nobody"), has: newMuted(""), open: newMuted("")}
	idle := view.Words{Title: "Ready to scan", Sentence: "A person first, then what goes out to them. With nobody current, what is scanned comes back."}
	d.box = newScanBox(w, q, ledger.Desk, idle)
	d.box.round = DeskRound
	d.who.Bold, d.who.Points = true, 15
	d.end = newButton("End (Enter on an empty line)", theme.CancelIcon(), d.box.end)
	d.loaner = newTick("As a loaner", func(on bool) { d.box.loaner = on; w.focus(d.box.entry) })
	d.options = container.NewStack()
	d.scans = newScanTable(w)
	d.acts = newScanActs(d.box, d.scans, d.load)
	d.box.told = d.scanned
	label := newMuted("For")
	current := newCard(container.NewBorder(nil, nil, container.New(&labelLayout{label: 34}, label, fixedWidth(1)), d.end, vstack(1, d.who, d.has)))
	current.pad = 10
	d.showCurrent(nil)
	top := container.New(layout.NewCustomPaddedLayout(12, 8, 12, 12), vstack(8, d.box.root, current, d.options))
	foot := container.NewBorder(nil, nil, d.acts.box, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 10, 0), d.open))
	d.root = container.New(&pageLayout{}, top, under(d.scans.table, foot))
	return d
}

// load reads what was scanned before.
func (d *desk) load() {
	var seen []ledger.Seen
	d.box.read(func(ctx context.Context) (err error) {
		if err = d.w.b.PrepareScans(ctx); err != nil {
			return err
		}
		seen, err = d.w.b.Seen(ctx, DeskRound)
		return err
	}, func(err error) {
		if err != nil {
			d.w.fail(err, d.load)
			return
		}
		d.scans.set(seen)
		d.count()
	})
}

func (d *desk) show(s *State) {
	if today := ledger.DayIn(d.w.clock()); d.due == nil || d.calendar != s.Settings.Calendar || d.today != today {
		d.calendar, d.today = s.Settings.Calendar, today
		typed := ""
		if d.due != nil {
			typed = d.due.day.Text
		}
		if day, ok := ledger.ParseDay(typed); ok && day < today {
			typed = ""
		}
		d.due = d.w.newDueField(nil)
		d.due.day.SetText(typed)
		d.due.box.Add(d.loaner)
		d.due.told = func() {
			day, ok := d.due.value()
			if !ok { // what is handed out is refused
				day = directory.Day(strings.TrimSpace(d.due.day.Text))
			}
			d.box.due = day
		}
		d.due.told()
		label := newMuted("Due")
		d.options.Objects = []fyne.CanvasObject{container.New(&labelLayout{label: 34}, label, d.due.box)}
		d.options.Refresh()
	}
	d.showCurrent(d.current)
}

// scanned takes what came of a scan.
func (d *desk) scanned(s *ledger.Scan, current *directory.Person) {
	d.showCurrent(current)
	switch {
	case s.Outcome == ledger.Ended || s.Code == "": // which need not be done again
		return
	case d.box.reading > 0 && s.Outcome != ledger.Failed: // what is being read has it
		return
	}
	d.scans.add(ledger.SeenOf(s))
	d.acts.show(d.scans.row())
	d.count()
}

// count says how many codes are to be looked after.
func (d *desk) count() {
	n := 0
	for i := range d.scans.seen {
		if d.scans.seen[i].Open() {
			n++
		}
	}
	words, tone := "", view.Muted
	if n > 0 {
		words, tone = view.Plural(n, "code", "codes")+" to look after: choose one above, then Which one… or Done with it", view.Warn
	}
	d.open.set(words, tone)
}

// showCurrent shows for whom is scanned.
func (d *desk) showCurrent(p *directory.Person) {
	d.current = p
	visible(d.end, p != nil)
	if p == nil {
		d.who.set("Nobody", view.Muted)
		d.has.set("What is scanned now is taken back.", view.Muted)
		return
	}
	d.who.set(p.Name(), view.Info)
	has := p.PrimaryEmail
	if r := d.w.records(); r != nil {
		if n := len(r.Holdings.Of(p.ID)); n > 0 {
			has += " · has " + view.Plural(n, "device", "devices")
		}
	}
	d.has.set(has, view.Muted)
}
