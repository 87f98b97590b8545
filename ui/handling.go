package ui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// handling is what the ledger says of the record in a pane, and what can be done
// with it there: an Asset, or a person.
type handling struct {
	asset   *ledger.Asset
	hold    *view.Hold // nil while the Asset is in
	person  *directory.Person
	entries []ledger.Entry // newest first
}

// fillActs shows what can be done with the record, and what was.
func (p *detailPane) fillActs(d *handling) {
	p.acts.Objects = nil
	if d != nil && p.w.handsOut() {
		p.acts.Objects = p.actsOf(d)
	}
	visible(p.acts, len(p.acts.Objects) > 0)
	p.acts.Refresh()
	var fields []view.Field
	if d != nil {
		without := ""
		if d.asset != nil {
			without = d.asset.Key()
		}
		fields = view.EntryFields(d.entries, without, p.h.clock())
	}
	p.handled.set(fields)
	visible(p.entries, len(fields) > 0)
}

// handsOut tells whether the ledger is there to be written to: a session that
// keeps nothing has none.
func (w *Window) handsOut() bool {
	a := w.b.About()
	return a.Vault != "memory" || a.Demo
}

// actsOf are the buttons for a record: the likely act, and a menu of the others.
func (p *detailPane) actsOf(d *handling) []fyne.CanvasObject {
	w := p.w
	if d.person != nil {
		out := newPrimary("Check out…", nil, func() { w.openCheckout(nil, d.person) })
		if ledger.Receive(d.person) != nil {
			out.Disable()
		}
		acts := []fyne.CanvasObject{out}
		if r := w.records(); r != nil && len(r.Holdings.Of(d.person.ID)) > 0 {
			acts = append(acts, newButton("Print a receipt…", theme.DocumentPrintIcon(), func() { w.printReceipt(r.Holdings.Of(d.person.ID)) }))
		}
		return append(acts, p.undoButton(d)...)
	}
	acts := w.deviceActs(*d.asset, d.hold)
	first, menu := newPrimary(acts[0].label, nil, acts[0].do), newButton("More", theme.MenuDropDownIcon(), nil)
	menu.OnTapped = func() { showMenu(menuOf(acts[1:]), menu) }
	return append([]fyne.CanvasObject{first, menu}, p.undoButton(d)...)
}

// rowAct is something that can be done with a record.
type rowAct struct {
	label string
	do    func()
}

func menuOf(acts []rowAct) *fyne.Menu {
	m := fyne.NewMenu("")
	for _, a := range acts {
		m.Items = append(m.Items, fyne.NewMenuItem(a.label, a.do))
	}
	return m
}

// deviceActs are what can be done with an Asset, the likely act first; hold is how
// it stands, nil while it is in.
func (w *Window) deviceActs(a ledger.Asset, hold *view.Hold) (acts []rowAct) {
	add := func(label string, do func()) { acts = append(acts, rowAct{label, do}) }
	act := func(do ledger.Act) func() { return func() { w.handle(&ledger.Entry{Act: do, Asset: a}) } }
	status := ledger.In
	if hold != nil {
		status = hold.Status
	}
	switch status {
	case ledger.Out:
		add("Check in", act(ledger.CheckIn))
		add("Check in with a note…", func() { w.openNote("Check in "+a.Name(), "Check in", ledger.CheckIn, a) })
		add("Swap…", func() { w.openSwap(a, hold) })
	case ledger.In:
		add("Check out…", func() { w.openCheckout(&a, nil) })
	default:
		add("Check in", act(ledger.CheckIn))
		if status == ledger.InRepair && !hold.Holder.Nobody() {
			add("Give back to "+hold.Name, func() {
				w.handle(&ledger.Entry{Act: ledger.Checkout, Asset: a, Holder: hold.Holder, Due: w.stillAhead(hold.Due), Loaner: hold.Loaner})
			})
		}
		add("Check out…", func() { w.openCheckout(&a, nil) })
	}
	if status == ledger.IsLost {
		add("Found again", act(ledger.Found))
	} else {
		add("Mark as lost…", func() { w.openNote("Mark "+a.Name()+" as lost", "Mark as lost", ledger.Lost, a) })
	}
	if status != ledger.InRepair {
		add("Send to repair…", func() { w.openRepair(a, hold) })
	}
	add("Note…", func() { w.openNote("A note on "+a.Name(), "Keep the note", ledger.Note, a) })
	if status == ledger.Out {
		add("Print a receipt…", func() { w.printReceipt([]*view.Hold{hold}) })
	}
	return acts
}

// undoButton undoes the newest act, where it is one that can be.
func (p *detailPane) undoButton(d *handling) []fyne.CanvasObject {
	if len(d.entries) == 0 || d.entries[0].Act == ledger.Undo {
		return nil
	}
	id := d.entries[0].ID
	return []fyne.CanvasObject{newLink("Undo the last", func() { p.w.undo(id) })}
}

// handle does something in the ledger and says so, with a way back.
func (w *Window) handle(entries ...*ledger.Entry) {
	w.handleThen(nil, entries...)
}

// handleThen is handle that tells done, if not nil, whether it went well; what
// the rules refuse is said.
func (w *Window) handleThen(done func(ok bool), entries ...*ledger.Entry) {
	w.do(func(ctx context.Context) error { return w.b.Act(ctx, entries...) }, func(err error) {
		w.changed()
		ok := w.handled(err, func() { w.handleThen(done, entries...) })
		if done != nil {
			done(ok)
		}
		if !ok {
			return
		}
		w.sayDone(entries)
	})
}

// sayDone says what was done in the ledger, with the way back: of all of it.
func (w *Window) sayDone(entries []*ledger.Entry) {
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	w.say(view.Good, upper(view.EntryLine(entries[len(entries)-1], ""))+".", "Undo", func() { w.undo(ids...) })
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// handled says why an act failed, and reports whether it did not.
func (w *Window) handled(err error, again func()) bool {
	var refusal *ledger.Refusal
	switch {
	case errors.As(err, &refusal):
		words := view.SayRefusal(refusal, w.clock())
		w.say(words.Tone, words.String(), "", nil)
	case err != nil:
		w.fail(err, again)
	}
	return err == nil
}

// undo takes entries of the ledger back, the last one first; what has gone on
// since stays.
func (w *Window) undo(ids ...string) {
	if len(ids) == 0 {
		return
	}
	undone := 0
	w.do(func(ctx context.Context) (err error) {
		undone, err = w.b.UndoAct(ctx, ids...)
		return err
	}, func(err error) {
		w.changed()
		switch stayed := len(ids) - undone; {
		case !w.handled(err, func() { w.undo(ids...) }):
		case stayed > 0:
			w.say(view.Warn, "Undone, but for "+view.Plural(stayed, "entry", "entries")+" after which something else was done.", "", nil)
		default:
			w.say(view.Good, "Undone.", "", nil)
		}
	})
}

// holdOf is how a Chromebook stands by what the window shows, nil while it is in.
func (w *Window) holdOf(id string) *view.Hold {
	if r := w.records(); r != nil {
		return r.Holdings.Device(id)
	}
	return nil
}
