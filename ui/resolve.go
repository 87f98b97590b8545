package ui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"panel/ledger"
	"panel/ui/view"
)

// openResolve asks which record a code means.
func (b *scanBox) openResolve(seen *ledger.Seen, done func()) {
	code := seen.Code
	var s *sheet
	lines := vstack(8, newParagraph("What does the code “"+code+"” mean?"))
	if who := seen.Holder.Name; who != "" {
		lines.Add(newMuted("A device goes to " + who + ", for whom it was scanned."))
	}
	one := *seen
	choose := func(m ledger.Match) {
		s.close()
		b.choose(one, m)
		done()
	}
	var device, person *finder
	use := newPrimary("That is it", nil, nil)
	use.Disable()
	check := func() { enable(use, device.match != nil || person.match != nil) }
	device = b.w.newFinder("Serial or asset ID", false, check)
	person = b.w.newFinder("Name, address or employee ID", true, check)
	use.OnTapped = func() {
		if device.match != nil {
			choose(*device.match)
		} else if person.match != nil {
			choose(*person.match)
		}
	}
	offers := vstack(4)
	lines.Add(offers)
	lines.Add(form("Device", device.object(), "Person", person.object()))
	cancel := newButton("Cancel", nil, func() { s.close() })
	s = b.w.openSheet("Which one?", lines, fyne.NewSize(560, 0), cancel, use)
	b.w.focus(device.entry)
	var all []ledger.Match
	b.w.do(func(ctx context.Context) (err error) {
		all, err = b.w.b.Matches(ctx, code)
		return err
	}, func(error) { // without them one can still say it
		for _, m := range all {
			offers.Add(newButton(matchLine(&m), nil, func() { choose(m) }))
		}
		offers.Refresh()
		s.fit()
	})
}

func matchLine(m *ledger.Match) string {
	if m.Person != nil {
		return m.Person.Name() + " · " + m.Person.PrimaryEmail
	}
	a := m.TheAsset()
	return assetLine(&a)
}

// scanActs are the buttons for the scan under the cursor.
type scanActs struct {
	undo, resolve, settle *button
	box                   *fyne.Container
}

func newScanActs(b *scanBox, t *scanTable, reload func()) *scanActs {
	a := &scanActs{}
	a.undo = newButton("Undo", theme.ContentUndoIcon(), func() {
		if s := t.row(); s != nil && s.Entry != "" {
			b.w.undo(s.Entry)
		}
	})
	a.resolve = newButton("Which one…", theme.QuestionIcon(), func() {
		if s := t.row(); s != nil {
			b.openResolve(s, reload)
		}
	})
	a.settle = newButton("Done with it", theme.ConfirmIcon(), func() {
		if s := t.row(); s != nil {
			b.doneWith(*s, t, reload)
		}
	})
	a.box = hstack(6, a.undo, a.resolve, a.settle)
	t.OnCursor = func(int) { a.show(t.row()) }
	a.show(nil)
	return a
}

// doneWith says of a code that it has been looked after.
func (b *scanBox) doneWith(s ledger.Seen, t *scanTable, reload func()) {
	b.w.settle(b.round, []ledger.Seen{s}, true, func() {
		t.forget(&s)
		reload()
		b.w.say(view.Good, "Done with “"+s.Code+"”.", "Undo", func() {
			if s.N > 0 {
				b.w.settle(b.round, []ledger.Seen{s}, false, reload)
				return
			}
			at := slices.IndexFunc(t.seen, func(o ledger.Seen) bool { return o.N > 0 && seenKey(&o) == seenKey(&s) })
			if at >= 0 {
				b.w.settle(b.round, t.seen[at:at+1], false, reload)
			}
		})
	})
}

// settle keeps whether scans of a round have been looked after, or do not count.
func (w *Window) settle(round string, scans []ledger.Seen, settled bool, done func()) {
	scans = slices.Clone(scans)
	w.act(func(ctx context.Context) error {
		for _, s := range scans {
			s.Settled = settled
			if err := w.b.Settle(ctx, round, s); err != nil {
				return err
			}
		}
		return nil
	}, func(ok bool) {
		if ok {
			done()
		}
	})
}

func (a *scanActs) show(s *ledger.Seen) {
	enable(a.undo, s != nil && s.Entry != "")
	enable(a.resolve, s != nil && s.Open() && s.Outcome != ledger.Failed)
	enable(a.settle, s != nil && s.Open())
}

// under puts a bar below something that has the rest.
func under(o, bar fyne.CanvasObject) fyne.CanvasObject {
	beside := func(above, below float32, o fyne.CanvasObject) fyne.CanvasObject {
		return container.New(layout.NewCustomPaddedLayout(above, below, 12, 12), o)
	}
	return container.NewBorder(nil, beside(6, 6, bar), nil, nil, beside(0, 0, o))
}
