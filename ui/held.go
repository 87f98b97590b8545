package ui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"panel/directory"
	"panel/ui/view"
)

// openHeld lists the names behind a hold.
func (w *Window) openHeld(title string, c directory.Cloud, listing directory.Listing, ids []string) {
	more := "Address"
	if listing == directory.Chromebooks {
		more = "Model"
	}
	names := newTable([]view.Column{
		{Key: "name", Title: "Name", Width: 240, Least: 160}, {Key: "more", Title: more, Width: 260, Least: 180},
		{Key: "org_unit", Title: "Organizational unit", Width: 240, Least: 160, Path: true},
	})
	names.OnHover = func(text string, at fyne.Position) { w.showTipAt(text, at, rowHeight) }
	frame := container.NewGridWrap(fyne.NewSize(760, 380), names)
	var rows heldRows
	cancel := w.do(func(ctx context.Context) (err error) {
		rows, err = heldNames(ctx, w.b, c, listing, ids)
		return err
	}, func(error) {
		names.SetRows(rows)
		names.fitRows()
	})
	var s *sheet
	done := newPrimary("Close", nil, func() { s.close() })
	s = w.openSheet(title, frame, fyne.NewSize(810, 520), done)
	s.onClose = cancel
}

// heldRows are held records as a table.
type heldRows [][4]string // id, name, more, OU

func (r heldRows) Len() int           { return len(r) }
func (r heldRows) Key(i int) string   { return r[i][0] }
func (r heldRows) Cell(i, c int) cell { return cell{text: r[i][c+1]} }
func (r heldRows) Find(key string) int {
	return slices.IndexFunc(r, func(row [4]string) bool { return row[0] == key })
}

// heldNames finds the records of a hold; one that is not stored any more is
// shown by its id.
func heldNames(ctx context.Context, b Backend, c directory.Cloud, listing directory.Listing, ids []string) (heldRows, error) {
	rows := make(heldRows, len(ids))
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		rows[i], place[id] = [4]string{id, id}, i
	}
	var err error
	switch listing {
	case directory.People:
		err = b.People(ctx, func(p *directory.Person) error {
			id := p.GoogleID
			if c == directory.Microsoft {
				id = p.MicrosoftID
			}
			if i, ok := place[id]; ok && id != "" {
				rows[i] = [4]string{id, p.Name(), p.PrimaryEmail, p.OrgUnit}
			}
			return nil
		})
	case directory.Chromebooks:
		err = b.Chromebooks(ctx, func(c *directory.Chromebook) error {
			if i, ok := place[c.DeviceID]; ok {
				rows[i] = [4]string{c.DeviceID, c.Name(), c.Model, c.OrgUnit}
			}
			return nil
		})
	}
	return rows, err
}
