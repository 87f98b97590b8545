package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"panel/ledger"
	"panel/sync/cloud"
	"panel/ui/view"
)

// newRound is the sheet that asks what a new round is about.
type newRound struct {
	p     *roundPane
	sheet *sheet

	title, place *entry
	unit         *orgUnitEntry
	person       *finder // nil for an audit
	paths        []string

	units  []string
	people []string // ids
	chosen *fyne.Container
	row    fyne.CanvasObject // that shows chosen
	names  map[string]string // of people, as far as they are known

	expected *text
	list     []ledger.Expected
	cancel   context.CancelFunc
	looks    int // how often was looked: the last one counts
	start    *button
}

// openNew asks what a new round is about; people are those who were chosen
// already, by id.
func (p *roundPane) openNew(people []string) {
	names := roundNames[p.kind]
	n := &newRound{p: p, people: slices.Clone(people), names: map[string]string{}, chosen: vstack(2), expected: newMuted("")}
	n.title = newEntry("")
	n.title.SetText(names.name + " " + p.w.clock().Format(time.DateOnly))
	n.place = newEntry("Optional: a location, as Room 12")
	n.place.OnChanged = func(string) { n.look() }
	n.start = newPrimary("Start", nil, n.keep)
	parts := []any{"Name", n.title, "Units", n.unitField()}
	if p.kind == ledger.Audit {
		parts = append(parts, "Place", n.place)
	} else {
		parts = append(parts, "People", n.personField())
	}
	n.row = form("Chosen", n.chosen)
	cancel := newButton("Cancel", nil, func() { n.sheet.close() })
	n.sheet = p.w.openSheet(strings.TrimSuffix(names.begin, "…"), vstack(10, form(parts...), n.row, form("Expected", n.expected)), fyne.NewSize(620, 0), cancel, n.start)
	n.show()
	p.w.focus(n.unit)
}

// unitField is where a unit is chosen.
func (n *newRound) unitField() fyne.CanvasObject {
	if r := n.p.w.records(); r != nil && r.OrgUnits != nil {
		for _, u := range r.OrgUnits.All() {
			n.paths = append(n.paths, u.Path)
		}
		slices.Sort(n.paths)
	}
	n.unit = newOrgUnitEntry(n.paths)
	n.unit.PlaceHolder = "an organizational unit, with those below it"
	add := newButton("Add", theme.ContentAddIcon(), nil)
	add.Disable()
	n.unit.OnChanged = func(text string) {
		n.unit.complete(text)
		enable(add, slices.Contains(n.paths, text) && !slices.Contains(n.units, text))
		n.look()
	}
	add.OnTapped = func() {
		n.units = append(n.units, n.unit.Text)
		n.unit.SetText("")
		n.show()
	}
	return container.NewBorder(nil, nil, nil, add, n.unit)
}

// personField is where a person is chosen.
func (n *newRound) personField() fyne.CanvasObject {
	add := newButton("Add", theme.ContentAddIcon(), nil)
	add.Disable()
	n.person = n.p.w.newFinder("a name, address or employee ID", true, func() { enable(add, n.person.match != nil) })
	add.OnTapped = func() {
		who := n.person.match.Person
		n.names[who.ID] = who.Name()
		if !slices.Contains(n.people, who.ID) {
			n.people = append(n.people, who.ID)
		}
		n.person.SetText("")
		n.show()
	}
	n.person.OnSubmitted = func(text string) { // elsewhere Enter starts
		switch {
		case n.person.match != nil:
			add.OnTapped()
		case text == "" && !n.start.Disabled():
			n.keep()
		}
	}
	return vstack(2, container.NewBorder(nil, nil, nil, add, n.person.entry), n.person.below())
}

// show lists what was chosen.
func (n *newRound) show() {
	n.chosen.RemoveAll()
	line := func(words string, remove func()) {
		cross := n.p.w.newIconButton(theme.DeleteIcon(), "Remove", func() {
			remove()
			n.show()
		})
		n.chosen.Add(container.NewBorder(nil, nil, nil, cross, newText(words)))
	}
	for i, u := range n.units {
		line(u, func() { n.units = slices.Delete(n.units, i, i+1) })
	}
	var listed []string
	for _, id := range n.people {
		if n.names[id] == "" {
			listed = append(listed, id)
		}
	}
	if len(listed) > 0 {
		line(view.Plural(len(listed), "person", "people")+" of the list", func() {
			n.people = slices.DeleteFunc(n.people, func(id string) bool { return n.names[id] == "" })
		})
	}
	for i, id := range n.people {
		if name := n.names[id]; name != "" {
			line(name, func() { n.people = slices.Delete(n.people, i, i+1) })
		}
	}
	visible(n.row, len(n.chosen.Objects) > 0)
	n.row.Refresh()
	n.sheet.fit()
	n.look()
}

// all are the units that were added, and the one that stands in the field.
func (n *newRound) all() []string {
	if text := n.unit.Text; slices.Contains(n.paths, text) && !slices.Contains(n.units, text) {
		return append(slices.Clone(n.units), text)
	}
	return slices.Clone(n.units)
}

// look finds out what is expected; until that is known nothing can be started.
func (n *newRound) look() {
	if n.cancel != nil {
		n.cancel()
	}
	n.start.Disable()
	units, people, at := n.all(), slices.Clone(n.people), strings.TrimSpace(n.place.Text)
	if len(units)+len(people) == 0 && at == "" {
		n.looks++
		n.expected.set("Nothing is expected yet", view.Muted)
		return
	}
	var found []ledger.Expected
	n.looks++
	now := n.looks
	n.cancel = n.p.w.do(func(ctx context.Context) (err error) {
		if n.p.kind == ledger.Collection {
			found, err = n.p.w.b.Collect(ctx, units, people)
		} else {
			found, err = n.p.w.b.Audit(ctx, units, at)
		}
		return err
	}, func(err error) {
		switch {
		case now != n.looks:
		case err != nil:
			n.expected.set(view.Say(cloud.AsError(err)).Sentence, view.Bad)
		default:
			n.list = found
			n.expected.set(view.Plural(len(found), "device is expected", "devices are expected"), view.Info)
			n.start.Enable()
		}
	})
}

// keep begins the round.
func (n *newRound) keep() {
	p := n.p
	r := &ledger.Round{
		ID: ledger.NewID(p.w.clock()), Kind: p.kind, Name: strings.TrimSpace(n.title.Text), Begun: p.w.clock(),
		OrgUnits: n.all(), Place: strings.TrimSpace(n.place.Text), Expected: n.list,
	}
	if r.Name == "" {
		r.Name = roundNames[p.kind].name
	}
	n.start.Disable()
	p.w.act(func(ctx context.Context) error { return p.w.b.KeepRound(ctx, r) }, func(ok bool) {
		n.start.Enable()
		if ok {
			n.sheet.close()
			p.round = r
			p.load()
		}
	})
}
