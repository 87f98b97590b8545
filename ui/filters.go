package ui

import (
	"path"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// chipBar holds the filters above a list. A chip stays the same object as long
// as it is there: it may have the keyboard.
type chipBar struct {
	box        *fyne.Container
	chips      map[string]*chip // by column and value
	more       *button
	look, pick *iconButton
	save       *button
	clear      *button
}

func newChipBar(b *browser) *chipBar {
	c := &chipBar{chips: map[string]*chip{}, more: newLink("Filter", nil)}
	c.box = container.New(&spareLayout{flow: flowLayout{gap: 6}, spare: func(o fyne.CanvasObject) bool {
		chip, ok := o.(*chip)
		return ok && !chip.on
	}})
	c.more.Icon = theme.ContentAddIcon()
	c.more.OnTapped = func() { b.offerFilters(c.more) }
	c.look = b.h.newIconButton(theme.Icon(theme.IconNameGrid), "Pictures   (Ctrl+G)", func() { b.showPictures(!b.pictures.scroll.Visible()) })
	c.pick = b.h.newIconButton(theme.ListIcon(), "Choose columns", func() { b.h.openColumns(b.table) })
	c.save = newLink("Export…", func() { showMenu(b.saveMenu(), c.save) })
	c.save.Icon = theme.DocumentSaveIcon()
	c.clear = newLink("Clear", b.clear)
	return c
}

// chip is the chip of a value.
func (c *chipBar) chip(column, value, word string, on, removable bool, tapped func()) *chip {
	key := column + "\x00" + value
	o := c.chips[key]
	if o == nil || o.removable != removable {
		o = newChip(word, on, nil)
		o.removable = removable
		c.chips[key] = o
	}
	o.tapped = tapped
	o.set(word, on)
	return o
}

// showChips offers the filters.
func (b *browser) showChips() {
	var objects []fyne.CanvasObject
	offered := map[view.Chip]bool{}
	add := func(column, value, word string, on, removable bool) {
		offered[view.Chip{Column: column, Value: value}] = true
		objects = append(objects, b.chips.chip(column, value, word, on, removable, func() {
			b.list.Toggle(column, value)
			b.refill()
		}))
	}
	facets := b.list.Facets(b.kind.facets...)
	for _, column := range b.kind.facets {
		for _, f := range facets {
			for _, v := range f.Values {
				if f.Column == column && (v.Value != "" || v.On) {
					add(column, v.Value, v.Label+" "+view.Number(v.Count), v.On, false)
				}
			}
		}
	}
	active := 0
	for _, c := range b.list.Chips() {
		if active++; !offered[view.Chip{Column: c.Column, Value: c.Value}] {
			add(c.Column, c.Value, c.Title+": "+c.Label, true, true)
		}
	}
	if units := b.tree.chosen; len(units) > 0 {
		active++
		objects = append(objects, b.chips.chip("org_unit", "", unitsWord(units), true, true, func() { b.chooseOrgUnits(false) }))
	}
	kept, words := b.list.Kept(), b.list.KeptWords()
	for i, term := range kept {
		active++
		objects = append(objects, b.chips.chip("", term, words[i], true, true, func() {
			b.list.Where(strings.Join(slices.Delete(slices.Clone(kept), i, i+1), " "))
			b.refill()
		}))
	}
	objects = append(objects, b.chips.more, b.chips.look)
	if !b.pictures.scroll.Visible() {
		objects = append(objects, b.chips.pick)
	}
	objects = append(objects, b.chips.save)
	if active > 1 {
		objects = append(objects, b.chips.clear)
	}
	b.chips.box.Objects = objects
	b.chips.box.Refresh()
}

// unitsWord names chosen OUs: by their name where it is the same.
func unitsWord(units []string) string {
	name := path.Base(units[0])
	for _, u := range units {
		if path.Base(u) != name {
			return view.Plural(len(units), "unit", "units")
		}
	}
	if len(units) > 1 {
		name += ", " + view.Plural(len(units), "unit", "units")
	}
	return "Unit: " + name
}

// offerFilters opens the menu of filters.
func (b *browser) offerFilters(below fyne.CanvasObject) { showMenu(b.filterMenu(), below) }

// filterMenu has every column that can be filtered by, and the search.
func (b *browser) filterMenu() *fyne.Menu {
	m := fyne.NewMenu("")
	if strings.TrimSpace(b.query) != "" {
		m.Items = append(m.Items, fyne.NewMenuItem("Keep the search as a filter", func() {
			b.list.Keep()
			b.clearSearch()
			b.refill()
		}), fyne.NewMenuItemSeparator())
	}
	for _, f := range b.list.Facets() {
		values := fyne.NewMenu("")
		for _, v := range f.Values {
			item := fyne.NewMenuItem(v.Label+"   "+view.Number(v.Count), func() {
				b.list.Toggle(f.Column, v.Value)
				b.refill()
			})
			item.Checked = v.On
			values.Items = append(values.Items, item)
		}
		item := fyne.NewMenuItem(f.Title, nil)
		item.ChildMenu = values
		m.Items = append(m.Items, item)
	}
	return m
}

// showMenu opens a menu below an object.
func showMenu(m *fyne.Menu, below fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	if c := d.CanvasForObject(below); c != nil && len(m.Items) > 0 {
		widget.ShowPopUpMenuAtPosition(m, c, d.AbsolutePositionForObject(below).AddXY(0, below.Size().Height))
	}
}
