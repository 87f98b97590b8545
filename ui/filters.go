package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// showChips offers the filters.
func (b *browser) showChips() {
	facets := b.list.Facets()
	var objects []fyne.CanvasObject
	for _, f := range facets {
		if f.Column != b.kind.facet {
			continue
		}
		for _, v := range f.Values {
			c := newChip(v.Label+" "+thousands(v.Count), v.On, func() {
				b.list.Toggle(f.Column, v.Value)
				b.refill()
			})
			objects = append(objects, c)
		}
	}
	active := 0
	for _, c := range b.list.Chips() {
		if active++; c.Column == b.kind.facet {
			continue
		}
		x := newChip(c.Title+": "+c.Label, true, func() {
			b.list.Toggle(c.Column, c.Value)
			b.refill()
		})
		x.removable = true
		objects = append(objects, x)
	}
	more := newLink("Filter", nil)
	more.Icon = theme.ContentAddIcon()
	more.OnTapped = func() { b.offerFilters(more) }
	columns := b.h.newIconButton(theme.ListIcon(), "Choose columns", nil)
	columns.OnTapped = func() {
		b.h.hideTip()
		showMenu(b.table.header.menu(), columns)
	}
	objects = append(objects, more, columns)
	if active > 1 {
		objects = append(objects, newLink("Clear", func() { b.list.ClearFilters(); b.refill() }))
	}
	b.chips.Objects = objects
	b.chips.Refresh()
}

// offerFilters opens a menu with every column that can be filtered by.
func (b *browser) offerFilters(below fyne.CanvasObject) {
	m := fyne.NewMenu("")
	for _, f := range b.list.Facets() {
		values := fyne.NewMenu("")
		for _, v := range f.Values {
			item := fyne.NewMenuItem(v.Label+"   "+thousands(v.Count), func() {
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
	showMenu(m, below)
}

// showMenu opens a menu below an object.
func showMenu(m *fyne.Menu, below fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	if c := d.CanvasForObject(below); c != nil && len(m.Items) > 0 {
		widget.ShowPopUpMenuAtPosition(m, c, d.AbsolutePositionForObject(below).AddXY(0, below.Size().Height))
	}
}
