package ui

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// doubleClick is the longest time between the two clicks of one.
const doubleClick = 400 * time.Millisecond

// TypedRune hands on what is typed: it may be a search, or a scanner's.
func (l *tableBody) TypedRune(r rune) { passRune(l, r) }

// TypedKey moves the cursor; with Shift it selects what lies between.
func (l *tableBody) TypedKey(e *fyne.KeyEvent) {
	if scanEnds(l, e) {
		return
	}
	t := l.t
	last, page := t.rows.Len()-1, max(1, int(l.Size().Height/rowHeight)-1)
	mod := heldModifier()
	switch e.Name {
	case fyne.KeyDown:
		t.moveTo(min(t.cursor+1, last), mod)
	case fyne.KeyUp:
		t.moveTo(max(t.cursor-1, 0), mod)
	case fyne.KeyPageDown:
		t.moveTo(min(t.cursor+page, last), mod)
	case fyne.KeyPageUp:
		t.moveTo(max(t.cursor-page, 0), mod)
	case fyne.KeyHome:
		t.moveTo(0, mod)
	case fyne.KeyEnd:
		t.moveTo(last, mod)
	case fyne.KeyLeft:
		t.scrollTo(t.shift - 40)
	case fyne.KeyRight:
		t.scrollTo(t.shift + 40)
	case fyne.KeySpace:
		if t.cursor >= 0 {
			t.toggle(t.cursor)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if t.cursor >= 0 && t.OnOpen != nil {
			t.OnOpen(t.cursor)
		}
	case fyne.KeyEscape:
		if !t.stays && (len(t.selected) > 0 || t.cursor >= 0) {
			t.Clear()
		} else {
			passKey(l, e)
		}
	default:
		passKey(l, e)
	}
}

// TypedShortcut selects everything and copies the selection.
func (l *tableBody) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutSelectAll:
		l.t.selectAll()
	case *fyne.ShortcutCopy:
		l.t.copySelection()
	case *desktop.CustomShortcut: // Ctrl and an arrow leave the selection for Space
		switch {
		case s.Modifier != fyne.KeyModifierShortcutDefault:
		case s.KeyName == fyne.KeyDown:
			l.t.pass(l.t.cursor + 1)
		case s.KeyName == fyne.KeyUp:
			l.t.pass(l.t.cursor - 1)
		}
	}
}

// pass puts the cursor on a row and selects nothing.
func (t *table) pass(row int) {
	if row < 0 || row >= t.rows.Len() {
		return
	}
	t.cursor, t.cursorKey, t.anchor = row, t.rows.Key(row), row
	t.list.reveal(row)
	t.list.restyle()
	t.told()
}

// click is a press of the primary button on a row.
func (t *table) click(row int, mod fyne.KeyModifier) {
	now := time.Now()
	double := mod == 0 && row == t.list.clicked && now.Sub(t.list.clickedAt) < doubleClick
	t.list.clicked, t.list.clickedAt = row, now
	if double {
		t.list.clicked = -1
		if t.OnOpen != nil {
			t.OnOpen(row)
		}
		return
	}
	if mod&fyne.KeyModifierShortcutDefault != 0 {
		t.cursor, t.cursorKey, t.anchor = row, t.rows.Key(row), row
		t.toggle(row)
		return
	}
	t.moveTo(row, mod)
}

// moveTo puts the cursor on a row and selects it alone, or with Shift all
// rows from the anchor on.
func (t *table) moveTo(row int, mod fyne.KeyModifier) {
	if row < 0 || row >= t.rows.Len() {
		return
	}
	from, to := row, row
	if mod&fyne.KeyModifierShift != 0 && t.anchor >= 0 {
		from, to = min(t.anchor, row), max(t.anchor, row)
	} else {
		t.anchor = row
	}
	t.cursor, t.cursorKey = row, t.rows.Key(row)
	clear(t.selected)
	for i := from; i <= to; i++ {
		t.selected[t.rows.Key(i)] = true
	}
	t.list.reveal(row)
	t.list.restyle()
	t.told()
}

func (t *table) toggle(row int) {
	key := t.rows.Key(row)
	if t.selected[key] {
		delete(t.selected, key)
	} else {
		t.selected[key] = true
	}
	t.list.restyle()
	t.told()
}

func (t *table) selectAll() {
	t.selected = make(map[string]bool, t.rows.Len())
	for i := range t.rows.Len() {
		t.selected[t.rows.Key(i)] = true
	}
	t.list.restyle()
	t.told()
}

// copySelection puts the selected rows on the clipboard as tab-separated
// values of the shown columns, without a header.
func (t *table) copySelection() {
	rows := t.Selected()
	if len(rows) == 0 {
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(t.tsv(rows))
	if t.OnCopy != nil {
		t.OnCopy(len(rows))
	}
}

// tsv returns rows as lines of the shown columns. Tabs and line ends within a
// value become spaces, so that a line stays a row.
func (t *table) tsv(rows []int) string {
	var b strings.Builder
	for _, row := range rows {
		for i, c := range t.order {
			if i > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(flat(t.rows.Cell(row, c).text))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

var oneLine = strings.NewReplacer("\t", " ", "\r\n", " ", "\n", " ", "\r", " ")

// flat puts s on one line.
func flat(s string) string {
	if strings.ContainsAny(s, "\t\n\r") {
		return oneLine.Replace(s)
	}
	return s
}
