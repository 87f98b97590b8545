package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// entry is a widget.Entry that leaves to its sheet the keys it has no use
// for: Escape, and Enter where nothing is submitted.
type entry struct {
	widget.Entry
	onEscape func() // nil leaves Escape to the sheet
	// onKey, if not nil, may take a key before the entry does; onFocus is told
	// when the keyboard comes and goes.
	onKey   func(*fyne.KeyEvent) bool
	onFocus func(on bool)
	// long and short are placeholders for a wide and a narrow entry, "" for
	// one that is always the same.
	long, short string
}

// wideEntry is from where the long placeholder has room.
const wideEntry = 330

func (e *entry) Resize(size fyne.Size) {
	if e.short != "" {
		hint := e.long
		if size.Width < wideEntry {
			hint = e.short
		}
		if e.PlaceHolder != hint {
			e.SetPlaceHolder(hint)
		}
	}
	e.Entry.Resize(size)
}

func newEntry(placeholder string) *entry {
	e := &entry{}
	e.init(placeholder)
	e.ExtendBaseWidget(e)
	return e
}

func (e *entry) init(placeholder string) {
	e.Wrapping = fyne.TextWrapOff
	e.Scroll = fyne.ScrollHorizontalOnly
	e.PlaceHolder = placeholder
}

func (e *entry) FocusGained() {
	e.Entry.FocusGained()
	if e.onFocus != nil {
		e.onFocus(true)
	}
}

func (e *entry) FocusLost() {
	e.Entry.FocusLost()
	if e.onFocus != nil {
		e.onFocus(false)
	}
}

func (e *entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case e.onKey != nil && e.onKey(k):
	case k.Name == fyne.KeyEscape && e.onEscape != nil:
		e.onEscape()
	case k.Name == fyne.KeyEscape:
		passKey(e, k)
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && !e.MultiLine && e.OnSubmitted == nil:
		passKey(e, k)
	default:
		e.Entry.TypedKey(k)
	}
}

// choice is a widget.Select that leaves Escape and Enter to its sheet.
type choice struct{ widget.Select }

func newChoice(options []string, changed func(string)) *choice {
	c := &choice{}
	c.Options, c.OnChanged = options, changed
	c.ExtendBaseWidget(c)
	return c
}

func (c *choice) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyReturn, fyne.KeyEnter:
		passKey(c, k)
	default:
		c.Select.TypedKey(k)
	}
}

// tick is a widget.Check that leaves Escape and Enter to its sheet.
type tick struct{ widget.Check }

func newTick(label string, changed func(bool)) *tick {
	c := &tick{}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

func (c *tick) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape, fyne.KeyReturn, fyne.KeyEnter:
		passKey(c, k)
	default:
		c.Check.TypedKey(k)
	}
}

// orgUnitEntry takes the path of an OU and offers those that it begins.
type orgUnitEntry struct {
	widget.SelectEntry
	paths []string // sorted
}

func newOrgUnitEntry(paths []string) *orgUnitEntry {
	e := &orgUnitEntry{paths: paths}
	e.Wrapping = fyne.TextWrapOff
	e.ExtendBaseWidget(e)
	e.complete("")
	return e
}

// complete offers at most 30 OUs that hold what was typed.
func (e *orgUnitEntry) complete(typed string) {
	var offers []string
	typed = strings.ToLower(typed)
	for _, p := range e.paths {
		if strings.Contains(strings.ToLower(p), typed) {
			if offers = append(offers, p); len(offers) == 30 {
				break
			}
		}
	}
	e.SetOptions(offers)
}

func (e *orgUnitEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape || k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter {
		passKey(e, k)
		return
	}
	e.SelectEntry.TypedKey(k)
}
