package ui

import (
	"fyne.io/fyne/v2"
)

// The keyboard comes to facts as to one thing; arrows go from line to line,
// Enter goes where a value leads, Ctrl+C copies it.

// FocusGained chooses the first line.
func (f *facts) FocusGained() { f.choose(0) }

// FocusLost chooses none.
func (f *facts) FocusLost() { f.choose(-1) }

// Disabled tells Fyne to pass over facts that are not worth a copy button.
func (f *facts) Disabled() bool { return f.h == nil || len(f.rows) == 0 }

// Enable and Disable do nothing: see Disabled.
func (f *facts) Enable() {}

// Disable does nothing: see Disabled.
func (f *facts) Disable() {}

// choose puts the keyboard on a line, -1 for none.
func (f *facts) choose(i int) {
	f.at = i
	for j, r := range f.rows {
		visible(r.ground, j == i)
	}
	if r := f.row(); r != nil && f.onRow != nil {
		f.onRow(r)
	}
}

// TypedRune hands on what is typed: it may be a search, or a scanner's.
func (f *facts) TypedRune(r rune) { passRune(f, r) }

// TypedKey goes from line to line, and beyond the last one to what follows.
func (f *facts) TypedKey(e *fyne.KeyEvent) {
	if scanEnds(f, e) {
		return
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(f)
	switch e.Name {
	case fyne.KeyDown:
		if f.at+1 < len(f.rows) {
			f.choose(f.at + 1)
		} else if c != nil {
			c.FocusNext()
		}
	case fyne.KeyUp:
		if f.at > 0 {
			f.choose(f.at - 1)
		} else if c != nil {
			c.FocusPrevious()
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if r := f.row(); r != nil {
			r.Tapped(nil)
		}
	default:
		passKey(f, e)
	}
}

// TypedShortcut copies the value of the line.
func (f *facts) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); !ok {
		return
	}
	if r := f.row(); r != nil && r.copy != nil && r.exact != "" {
		r.copy.OnTapped()
	}
}

// row is the line that has the keyboard, nil for none.
func (f *facts) row() *factRow {
	if f.at < 0 || f.at >= len(f.rows) {
		return nil
	}
	return f.rows[f.at]
}
