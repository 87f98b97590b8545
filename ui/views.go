package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// viewBar offers the views of a list: those that are pinned as chips in one
// line, all of them in a menu.
type viewBar struct {
	b     *browser
	kept  ListViews // as the technician has them
	chips map[string]*chip
	more  *button
	box   *fyne.Container
	// applied is the name of the view that was chosen last, and before how the
	// table looked without it.
	applied string
	before  tableLooks
}

func newViewBar(b *browser) *viewBar {
	v := &viewBar{b: b, kept: b.h.b.Views()[b.kind.name], chips: map[string]*chip{}, more: newLink("Views", nil)}
	v.more.Icon = theme.MenuDropDownIcon()
	v.more.IconPlacement = widget.ButtonIconTrailingText
	v.more.OnTapped = func() { showMenu(v.menu(), v.more) }
	v.box = container.New(&lineLayout{gap: 6})
	return v
}

// all are the views of the list: the technician's own, then those that Panel
// brings.
func (v *viewBar) all() []view.SavedView {
	return slices.Concat(v.kept.Own, view.ShippedViews(v.b.kind.listing))
}

func (v *viewBar) named(name string) (view.SavedView, bool) {
	for _, s := range v.all() {
		if s.Name == name {
			return s, true
		}
	}
	return view.SavedView{}, false
}

func (v *viewBar) pinned(name string) bool { return !slices.Contains(v.kept.Unpinned, name) }

// show shows which view the list is in.
func (v *viewBar) show() {
	now := v.b.list.View()
	var objects []fyne.CanvasObject
	for _, s := range v.all() {
		if !v.pinned(s.Name) {
			continue
		}
		c := v.chips[s.Name]
		if c == nil {
			c = newChip(s.Name, false, nil)
			v.chips[s.Name] = c
		}
		c.set(s.Name, v.isOn(&s, &now))
		c.tapped = func() { v.toggle(s) }
		objects = append(objects, c)
	}
	v.box.Objects = append(objects, v.more)
	v.box.Refresh()
}

// isOn tells whether a view is the one that was chosen, and still shown as the
// list is now.
func (v *viewBar) isOn(s, now *view.SavedView) bool { return v.applied == s.Name && s.Shows(now) }

// toggle shows a view, or all again as it was before, where it is the one that
// is shown.
func (v *viewBar) toggle(s view.SavedView) {
	b := v.b
	now := b.list.View()
	if !v.isOn(&s, &now) {
		v.apply(s)
		return
	}
	v.applied = ""
	b.table.restore(v.before)
	b.list.Sort(b.orders()...)
	b.clear()
}

// apply shows a view, and says so where it asks for what is not there.
func (v *viewBar) apply(s view.SavedView) {
	b := v.b
	now := b.list.View()
	if last, ok := v.named(v.applied); !ok || !last.Shows(&now) {
		v.before = b.table.looks()
	}
	v.applied = s.Name
	missing := b.list.Apply(&s)
	b.tree.show(s.OrgUnits, s.Alone)
	b.table.SetSort(b.sortings(s.Orders)...)
	if order := b.places(s.Columns); len(order) > 0 {
		b.table.order, b.table.widths, b.table.chosen, b.table.manual = order, nil, true, false
	}
	b.table.arrange()
	b.refill()
	if len(missing) > 0 {
		b.h.say(view.Warn, "The view “"+s.Name+"” asks for columns that are not there any more: "+strings.Join(missing, ", ")+". The rest of it is shown.", "", nil)
	}
}

// begin shows the view that the list begins with, if any.
func (v *viewBar) begin() {
	if s, ok := v.named(v.kept.Default); ok && v.kept.Default != "" {
		v.apply(s)
	}
}

func (v *viewBar) menu() *fyne.Menu {
	m := fyne.NewMenu("")
	now := v.b.list.View()
	own := len(v.kept.Own)
	for i, s := range v.all() {
		if i == own && own > 0 {
			m.Items = append(m.Items, fyne.NewMenuItemSeparator())
		}
		item := fyne.NewMenuItem(s.Name, func() { v.toggle(s) })
		item.Checked = v.isOn(&s, &now)
		m.Items = append(m.Items, item)
	}
	m.Items = append(m.Items, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Save as a view…", v.openSave), fyne.NewMenuItem("Manage views…", v.openManage))
	return m
}

// keep keeps a change of the views, which is made on any goroutine.
func (v *viewBar) keep(change func(*ListViews), done func(ok bool)) {
	var kept ListViews
	v.b.h.act(func(ctx context.Context) (err error) {
		kept, err = v.b.h.b.ChangeViews(ctx, v.b.kind.name, change)
		return err
	}, func(ok bool) {
		if ok {
			v.kept = kept
			v.show()
		}
		if done != nil {
			done(ok)
		}
	})
}

// openSave keeps what is shown as a view.
func (v *viewBar) openSave() {
	name := newEntry("For example: Carts of Alder Ridge")
	pin, first := newTick("Pin it above the list", nil), newTick("Begin with it when Panel starts", nil)
	pin.Checked = true
	var s *sheet
	cancel := newButton("Cancel", nil, func() { s.close() })
	save := newPrimary("Save", nil, nil)
	said := newParagraph("")
	check := func(text string) {
		text = strings.TrimSpace(text)
		enable(save, text != "" && !v.ships(text))
		switch {
		case v.ships(text):
			said.set("Panel brings a view of this name: choose another one.", view.Warn)
		case slices.ContainsFunc(v.kept.Own, func(o view.SavedView) bool { return o.Name == text }):
			said.set("The view of this name is replaced.", view.Warn)
		default:
			said.set("It keeps the filters, the organizational units, the columns and the order; not the search.", view.Muted)
		}
	}
	name.OnChanged = check
	check("")
	save.OnTapped = func() {
		saved := v.b.list.View()
		saved.Name = strings.TrimSpace(name.Text)
		if v.b.table.chosen || v.b.table.manual { // others follow the window
			saved.Columns = v.b.columnKeys()
		}
		v.keep(func(l *ListViews) { l.add(saved, pin.Checked, first.Checked) }, func(ok bool) {
			if ok {
				s.close()
				v.b.h.say(view.Good, "“"+saved.Name+"” is kept.", "", nil)
			}
		})
	}
	s = v.b.h.openSheet("Save as a view", vstack(10, name, said, pin, first), fyne.NewSize(460, 0), cancel, save)
	v.b.h.focus(name)
}

// ships tells whether Panel brings a view of a name.
func (v *viewBar) ships(name string) bool {
	return slices.ContainsFunc(view.ShippedViews(v.b.kind.listing), func(s view.SavedView) bool { return strings.EqualFold(s.Name, name) })
}

// add adds a view, or puts it in the place of the one of its name.
func (l *ListViews) add(s view.SavedView, pin, first bool) {
	if i := slices.IndexFunc(l.Own, func(o view.SavedView) bool { return o.Name == s.Name }); i >= 0 {
		l.Own[i] = s
	} else {
		l.Own = append(l.Own, s)
	}
	l.pin(s.Name, pin)
	if first {
		l.Default = s.Name
	} else if l.Default == s.Name {
		l.Default = ""
	}
}

func (l *ListViews) pin(name string, on bool) {
	l.Unpinned = slices.DeleteFunc(l.Unpinned, func(n string) bool { return n == name })
	if !on {
		l.Unpinned = append(l.Unpinned, name)
	}
}

// remove takes one of the technician's own views away.
func (l *ListViews) remove(name string) {
	l.Own = slices.DeleteFunc(l.Own, func(o view.SavedView) bool { return o.Name == name })
	l.pin(name, true)
	if l.Default == name {
		l.Default = ""
	}
}

// openManage lists the views, to be pinned, begun with, and deleted.
func (v *viewBar) openManage() {
	lines := vstack(2)
	var s *sheet
	var list func()
	list = func() {
		lines.Objects = nil
		for i, saved := range v.all() {
			pin := newTick(saved.Name, nil)
			pin.Checked = v.pinned(saved.Name)
			pin.OnChanged = func(on bool) { v.keep(func(l *ListViews) { l.pin(saved.Name, on) }, nil) }
			first := newLink("Begin with it", func() {
				name := saved.Name
				if v.kept.Default == name {
					name = ""
				}
				v.keep(func(l *ListViews) { l.Default = name }, func(bool) { list() })
			})
			if v.kept.Default == saved.Name {
				first.Icon = theme.ConfirmIcon()
				first.SetText("Panel begins with it")
			}
			buttons := hstack(4, first)
			if i < len(v.kept.Own) {
				buttons.Add(v.b.h.newIconButton(theme.DeleteIcon(), "Delete this view", func() {
					v.keep(func(l *ListViews) { l.remove(saved.Name) }, func(bool) { list() })
				}))
			}
			lines.Add(container.NewBorder(nil, nil, nil, buttons, pin))
		}
		lines.Refresh()
		if s != nil {
			s.fit()
		}
	}
	list()
	done := newPrimary("Close", nil, func() { s.close() })
	s = v.b.h.openSheet("Views of "+v.b.kind.many, vstack(10, newMuted("Ticked views stand above the list, as many as have room there."), lines), fyne.NewSize(520, 0), done)
}

// lineLayout puts objects beside each other, as many as there is room for; the
// last one always.
type lineLayout struct{ gap float32 }

func (l *lineLayout) MinSize(objects []fyne.CanvasObject) (min fyne.Size) {
	for i, o := range objects {
		if min.Height = max(min.Height, o.MinSize().Height); i == len(objects)-1 {
			min.Width = o.MinSize().Width
		}
	}
	return min
}

func (l *lineLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x, full := float32(0), false
	for i, o := range objects {
		last := i == len(objects)-1
		need := o.MinSize()
		room := size.Width - x
		if !last {
			room -= l.gap + objects[len(objects)-1].MinSize().Width
			full = full || need.Width > room
		}
		visible(o, last || !full)
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(x, (size.Height-need.Height)/2))
		o.Resize(need)
		x += need.Width + l.gap
	}
}
