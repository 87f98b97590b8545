package ui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// calendar is the technician's; what cannot be read is none.
func (w *Window) calendar() ledger.Calendar {
	if w.state == nil {
		return ledger.Calendar{}
	}
	c, err := ledger.ParseCalendar(w.state.Settings.Calendar)
	if err != nil {
		return ledger.Calendar{}
	}
	return c
}

// dueField chooses a due date: by a preset, or as a day that is typed.
type dueField struct {
	day   *entry
	chips []*chip
	days  []directory.Day // of the chips
	wrong *text
	box   *fyne.Container
	told  func()
}

func (w *Window) newDueField(told func()) *dueField {
	d := &dueField{day: newEntry("YYYY-MM-DD"), told: told}
	d.box = container.New(&flowLayout{gap: 6})
	presets := w.calendar()
	for _, p := range append([]ledger.Preset{{Name: "No due date"}}, presets.Presets(ledger.DayIn(w.clock()))...) {
		c := newChip(p.Name, false, nil)
		c.tapped = func() { d.day.SetText(string(p.Day)) }
		d.chips, d.days = append(d.chips, c), append(d.days, p.Day)
		d.box.Add(c)
	}
	d.box.Add(container.NewGridWrap(fyne.NewSize(120, d.day.MinSize().Height), d.day))
	d.wrong = newText("That is no day").whole()
	d.wrong.set("That is no day", view.Bad)
	d.box.Add(d.wrong)
	d.day.OnChanged = func(string) { d.show() }
	d.show()
	return d
}

// value is the day; ok is false for what is none.
func (d *dueField) value() (day directory.Day, ok bool) {
	if strings.TrimSpace(d.day.Text) == "" {
		return "", true
	}
	return ledger.ParseDay(d.day.Text)
}

func (d *dueField) show() {
	taken := false
	for i, c := range d.chips {
		on := !taken && strings.TrimSpace(d.day.Text) == string(d.days[i])
		taken = taken || on
		c.set(c.word, on)
	}
	_, ok := d.value()
	visible(d.wrong, !ok)
	d.box.Refresh()
	if d.told != nil {
		d.told()
	}
}

// stillAhead is a due date, "" once it is over.
func (w *Window) stillAhead(due directory.Day) directory.Day {
	if due < ledger.DayIn(w.clock()) {
		return ""
	}
	return due
}

// openCheckout hands an Asset to a person; either may be nil, and is asked for.
func (w *Window) openCheckout(asset *ledger.Asset, person *directory.Person) {
	var s *sheet
	var who, what *finder
	var due *dueField
	out := newPrimary("Check out", nil, nil)
	check := func() {
		ok := who != nil && what != nil && due != nil && who.match != nil && what.match != nil && ledger.Receive(who.match.Person) == nil
		if ok {
			_, ok = due.value()
		}
		enable(out, ok)
	}
	who = w.newFinder("Name, address or employee ID", true, check)
	what = w.newFinder("Serial or asset ID", false, check)
	due = w.newDueField(check)
	note, loaner := newEntry("Optional"), newTick("As a loaner, in the place of something else", nil)
	if person != nil {
		who.set(ledger.Match{Person: person})
	}
	if asset != nil {
		what.set(ledger.Match{Asset: asset})
	}
	check()
	out.OnTapped = func() {
		day, _ := due.value()
		e := &ledger.Entry{Act: ledger.Checkout, Asset: what.match.TheAsset(), Holder: ledger.HolderOf(who.match.Person), Due: day, Note: note.Text, Loaner: loaner.Checked}
		w.inSheet(s, out, e)
	}
	cancel := newButton("Cancel", nil, func() { s.close() })
	s = w.openSheet("Check out", form(
		"To", who.object(), "Device", what.object(), "Due", due.box, "Note", note, "", loaner,
	), fyne.NewSize(620, 0), cancel, out)
	if person == nil {
		w.focus(who.entry)
	} else {
		w.focus(what.entry)
	}
}

// inSheet does something in the ledger for a sheet, which closes when it went
// well, and else says why not.
func (w *Window) inSheet(s *sheet, b *button, entries ...*ledger.Entry) {
	b.Disable()
	w.do(func(ctx context.Context) error { return w.b.Act(ctx, entries...) }, func(err error) {
		w.changed()
		b.Enable()
		if !w.handled(err, func() { w.inSheet(s, b, entries...) }) {
			return
		}
		s.close()
		w.sayDone(entries)
	})
}

// form puts labels before objects: a label, an object, a label, …
func form(parts ...any) fyne.CanvasObject {
	lines, line := vstack(10), newEntry("").MinSize().Height
	for i := 1; i < len(parts); i += 2 {
		label, _ := parts[i-1].(string)
		object, _ := parts[i].(fyne.CanvasObject)
		lines.Add(container.New(&labelLayout{label: 96, line: line}, newMuted(label), object))
	}
	return lines
}

// openNote asks for a note, and a condition, and then does something with an
// Asset.
func (w *Window) openNote(title, label string, act ledger.Act, a ledger.Asset) {
	var s *sheet
	note, condition := newEntry("Optional"), newEntry("Optional: good, screen cracked, no charger …")
	do := newPrimary(label, nil, nil)
	do.OnTapped = func() {
		w.inSheet(s, do, &ledger.Entry{Act: act, Asset: a, Note: note.Text, Condition: condition.Text})
	}
	cancel := newButton("Cancel", nil, func() { s.close() })
	s = w.openSheet(title, form("Note", note, "Condition", condition), fyne.NewSize(520, 0), cancel, do)
	w.focus(note)
}

// openSwap takes an Asset back and hands another one to the same person.
func (w *Window) openSwap(a ledger.Asset, hold *view.Hold) {
	var s *sheet
	var other *finder
	var due *dueField
	swap := newPrimary("Swap", nil, nil)
	check := func() {
		ok := other != nil && due != nil && other.match != nil
		if ok {
			_, ok = due.value()
		}
		enable(swap, ok)
	}
	other = w.newFinder("Serial or asset ID", false, check)
	due = w.newDueField(check)
	due.day.SetText(string(w.stillAhead(hold.Due)))
	check()
	note := newEntry("Optional")
	condition := newEntry("Optional: of the one that comes back")
	swap.OnTapped = func() {
		day, _ := due.value()
		w.inSheet(s, swap, &ledger.Entry{Act: ledger.Swap, Asset: other.match.TheAsset(), Other: a, Holder: hold.Holder, Due: day, Loaner: hold.Loaner, Note: note.Text, Condition: condition.Text})
	}
	cancel := newButton("Cancel", nil, func() { s.close() })
	s = w.openSheet("Swap "+a.Name(), vstack(12,
		newParagraph(fmt.Sprintf("%s gives back %s and gets another device. Both are one entry of the journal, and one undo.", hold.Name, a.Name())),
		form("Gets", other.object(), "Due", due.box, "Condition", condition, "Note", note)), fyne.NewSize(620, 0), cancel, swap)
	w.focus(other.entry)
}

// openRepair sends an Asset to repair; whoever had it may get a loaner.
func (w *Window) openRepair(a ledger.Asset, hold *view.Hold) {
	var s *sheet
	send := newPrimary("Send to repair", nil, nil)
	var loaner *finder
	var due *dueField
	check := func() {
		ok := loaner != nil && due != nil && (loaner.match != nil || strings.TrimSpace(loaner.Text) == "")
		if ok {
			_, ok = due.value()
		}
		enable(send, ok)
	}
	loaner = w.newFinder("Optional: serial or asset ID", false, check)
	due = w.newDueField(check)
	check()
	note, condition := newEntry("Optional: what is broken"), newEntry("Optional")
	send.OnTapped = func() {
		e := &ledger.Entry{Act: ledger.Repair, Asset: a, Note: note.Text, Condition: condition.Text}
		if loaner.match != nil {
			e.Other = loaner.match.TheAsset()
			e.Due, _ = due.value()
		}
		w.inSheet(s, send, e)
	}
	cancel := newButton("Cancel", nil, func() { s.close() })
	parts := []any{"Note", note, "Condition", condition}
	if hold != nil && hold.Status == ledger.Out {
		parts = append(parts, "Loaner", loaner.object(), "Loaner due", due.box)
	}
	s = w.openSheet("Send "+a.Name()+" to repair", form(parts...), fyne.NewSize(620, 0), cancel, send)
	w.focus(note)
}
