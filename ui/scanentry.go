package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// scanEntry is an entry for a scanner, which types faster than anybody and then
// Enter. Letters are gathered for a moment: Fyne would draw the window twice for
// every few of a code, and Enter wait for that.
type scanEntry struct {
	entry
	after       func(time.Duration, func()) context.CancelFunc // see [async.after]
	attend      func(more func() bool)                         // see [async.attend]
	now         func() time.Time
	first, last time.Time // when letters that are gathered came
	gathered    []rune
	wait        context.CancelFunc // ends the wait for a pause
}

const (
	// pause is for how long no letter comes until what was gathered is entered: more
	// than between two of a scanner's, and too little to be noticed.
	pause = 40 * time.Millisecond
	// gathering is for how long letters are gathered at the most, should a key be
	// held down.
	gathering = 250 * time.Millisecond
)

func newScanEntry(placeholder string, after func(time.Duration, func()) context.CancelFunc, attend func(func() bool)) *scanEntry {
	e := &scanEntry{after: after, attend: attend, now: time.Now}
	e.init(placeholder)
	e.ExtendBaseWidget(e)
	return e
}

// TypedRune implements fyne.Focusable.
func (e *scanEntry) TypedRune(r rune) {
	if e.Disabled() {
		return
	}
	e.last = e.now()
	if len(e.gathered) == 0 {
		e.first = e.last
		e.wait = e.after(pause, e.paused)
		e.attend(func() bool { return len(e.gathered) > 0 })
	}
	e.gathered = append(e.gathered, r)
}

// paused enters what was gathered unless letters go on coming.
func (e *scanEntry) paused() {
	now := e.now()
	if wait := min(pause-now.Sub(e.last), gathering-now.Sub(e.first)); wait > 0 && len(e.gathered) > 0 {
		e.wait = e.after(wait, e.paused)
		return
	}
	e.release()
}

// release enters what was gathered.
func (e *scanEntry) release() {
	if text := gatheredText(e.gathered); text != "" {
		e.drop()
		e.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: text})
	}
}

// drop forgets what was gathered.
func (e *scanEntry) drop() {
	e.gathered = e.gathered[:0]
	if e.wait != nil {
		e.wait()
	}
}

// TypedKey implements fyne.Focusable. Fyne tells of letters, and of Shift, too.
func (e *scanEntry) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyEscape, fyne.KeyTab, fyne.KeyBackspace, fyne.KeyDelete,
		fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd,
		fyne.KeyPageUp, fyne.KeyPageDown:
		e.release()
	}
	e.entry.TypedKey(k)
}

// MouseDown implements desktop.Mouseable.
func (e *scanEntry) MouseDown(m *desktop.MouseEvent) {
	e.release()
	e.entry.MouseDown(m)
}

// TypedShortcut implements fyne.Shortcutable.
func (e *scanEntry) TypedShortcut(s fyne.Shortcut) {
	e.release()
	e.entry.TypedShortcut(s)
}

// FocusLost implements fyne.Focusable.
func (e *scanEntry) FocusLost() {
	e.release()
	e.entry.FocusLost()
}

// SetText replaces the text, and what was gathered.
func (e *scanEntry) SetText(text string) {
	e.drop()
	e.entry.SetText(text)
}

// add adds to the text what was typed elsewhere.
func (e *scanEntry) add(text string) {
	e.release()
	e.SetText(e.Text + text)
	e.CursorColumn = len([]rune(e.Text))
	e.Refresh()
}

// gatheredText is what was gathered, as a clipboard: to paste it is the one way to
// enter a text where the cursor is.
type gatheredText string

func (t gatheredText) Content() string { return string(t) }
func (gatheredText) SetContent(string) {}
