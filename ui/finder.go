package ui

import (
	"cmp"
	"context"
	"errors"
	"image/color"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"panel/ledger"
	"panel/ui/view"
)

// finder is an entry for a code, which says below what the code leads to; while
// that is nothing it offers what is found by what was typed, as a name.
type finder struct {
	*entry
	w      *Window
	person bool
	found  *text
	offers *fyne.Container // of chips
	list   *view.List      // that is searched, nil before it is
	// match is what the code leads to, nil for nothing.
	match   *ledger.Match
	changed func()
	cancel  context.CancelFunc
}

func (w *Window) newFinder(placeholder string, person bool, changed func()) *finder {
	f := &finder{entry: newEntry(placeholder), w: w, person: person, found: newMuted(" "), offers: hstack(6), changed: changed}
	f.OnChanged = func(s string) { f.look(s) }
	f.onKey = func(k *fyne.KeyEvent) bool { // Enter takes the first offer
		if k.Name != fyne.KeyReturn && k.Name != fyne.KeyEnter || f.match != nil || len(f.offers.Objects) == 0 {
			return false
		}
		if c, ok := f.offers.Objects[0].(*chip); ok {
			c.tapped()
		}
		return true
	}
	return f
}

func (f *finder) object() fyne.CanvasObject { return vstack(2, f.entry, f.below()) }

// below is what stands below the entry.
func (f *finder) below() fyne.CanvasObject {
	room := canvas.NewRectangle(color.Transparent)
	room.SetMinSize(newChip("X", false, nil).MinSize())
	return container.NewStack(room, f.found, f.offers)
}

// set takes a record that is known.
func (f *finder) set(m ledger.Match) {
	f.match = &m
	f.offer("")
	f.Text = f.name(&m)
	f.Refresh()
	f.say()
}

func (f *finder) name(m *ledger.Match) string {
	if m.Person != nil {
		return cmp.Or(m.Person.PrimaryEmail, m.Person.EmployeeID, m.Person.ID)
	}
	a := m.TheAsset()
	return a.Name()
}

func (f *finder) look(code string) {
	if f.cancel != nil {
		f.cancel()
	}
	f.match = nil
	f.offer("")
	if code = strings.TrimSpace(code); code == "" {
		f.found.set(" ", view.Muted)
		f.changed()
		return
	}
	var all []ledger.Match
	f.cancel = f.w.do(func(ctx context.Context) (err error) {
		all, err = f.w.b.Matches(ctx, code)
		return err
	}, func(err error) {
		if strings.TrimSpace(f.Text) != code {
			return
		}
		all = slices.DeleteFunc(all, func(m ledger.Match) bool { return (m.Person != nil) != f.person })
		if len(all) == 1 {
			f.match = &all[0]
		}
		switch {
		case err != nil:
			f.found.set("That could not be looked up.", view.Bad)
		case len(all) == 0 && f.offer(code):
			f.found.set("", view.Muted)
		case len(all) > 1:
			f.found.set(view.Plural(len(all), "record has", "records have")+" this code", view.Warn)
		default:
			f.say()
		}
		f.changed()
	})
}

// say says what was found.
func (f *finder) say() {
	what := "No Chromebook has this code"
	if f.person {
		what = "Nobody has this address or ID"
	}
	tone := view.Warn
	switch {
	case f.match == nil:
	case f.match.Person != nil:
		p := f.match.Person
		what, tone = p.Name(), view.Good
		if p.OrgUnit != "" {
			what += " · " + p.OrgUnit
		}
		if err := ledger.Receive(p); err != nil {
			var r *ledger.Refusal
			errors.As(err, &r)
			what, tone = p.Name()+" · "+view.SayRefusal(r, f.w.clock()).Title, view.Bad
		}
	default:
		a := f.match.TheAsset()
		what, tone = strings.Join(slices.DeleteFunc([]string{a.Name(), a.Tag, a.Model}, func(s string) bool { return s == "" }), " · "), view.Good
		if hold := f.w.holdOf(a.ID); hold != nil {
			what += " · " + view.HoldWord(hold)
			tone = view.Warn
		}
	}
	f.found.set(what, tone)
}

// mostOffers is how many records are offered.
const mostOffers = 3

// offer offers what is found by what was typed, and tells whether there is any;
// "" finds nothing.
func (f *finder) offer(typed string) bool {
	f.offers.RemoveAll()
	defer f.offers.Refresh()
	rows := f.rows()
	if typed == "" || rows == nil {
		return false
	}
	if f.list == nil {
		f.list = view.NewList(rows)
	}
	f.list.Search(typed)
	best, _ := f.list.Best(mostOffers)
	left := f.entry.Size().Width
	for _, row := range best {
		word := row.Value("serial")
		if f.person {
			word = row.Value("name")
		}
		more := row.Value("asset_id")
		if f.person {
			unit := row.Value("org_unit")
			more = unit[strings.LastIndexByte(unit, '/')+1:]
		}
		c := newChip(strings.Trim(word+" · "+more, " ·"), false, func() { f.take(row.Key()) })
		if left -= c.MinSize().Width + 6; left < 0 && len(f.offers.Objects) > 0 {
			break
		}
		f.offers.Add(c)
	}
	return len(best) > 0
}

// rows are those that are searched, nil for none.
func (f *finder) rows() *view.Rows {
	switch r := f.w.records(); {
	case r == nil:
		return nil
	case f.person:
		return r.People
	default:
		return r.Chromebooks
	}
}

// take takes a record that was offered.
func (f *finder) take(id string) {
	var m ledger.Match
	typed := f.Text
	f.w.do(func(context.Context) error {
		if f.person {
			p, err := f.w.b.Person(id)
			m.Person = &p.Person
			return err
		}
		c, err := f.w.b.Chromebook(id)
		m.Device = &c
		return err
	}, func(err error) {
		if f.w.handled(err, func() { f.take(id) }) && f.Text == typed {
			f.set(m)
			f.changed()
			f.w.focus(f.entry)
		}
	})
}
