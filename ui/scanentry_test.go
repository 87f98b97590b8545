package ui

import (
	"context"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// What a scanner types is entered with its Enter, in order and wholly; what somebody
// types, after a moment.
func TestScannerTypes(t *testing.T) {
	test.NewTempApp(t)
	now := time.Now()
	var lines []string
	var later func() // the wait for a pause: there is one at most
	var more func() bool
	var due time.Time // of later
	e := newScanEntry("", func(d time.Duration, f func()) context.CancelFunc {
		if later != nil {
			t.Error("two wait for a pause")
		}
		later, due = f, now.Add(d)
		return func() { later = nil }
	}, func(f func() bool) { more = f })
	e.now = func() time.Time { return now }
	e.OnSubmitted = func(line string) {
		lines = append(lines, line)
		e.SetText("")
	}
	win := test.NewTempWindow(t, e)
	win.Canvas().Focus(e)
	pass := func(d time.Duration) {
		end := now.Add(d)
		for later != nil && !due.After(end) {
			now = due
			f := later
			later = nil
			f()
		}
		now = end
	}
	types := func(pace time.Duration, text string) {
		for _, r := range text {
			e.TypedRune(r)
			pass(pace)
		}
	}
	key := func(name fyne.KeyName) { e.TypedKey(&fyne.KeyEvent{Name: name}) }
	says := func(when, text string) {
		t.Helper()
		if e.Text != text {
			t.Errorf("%s: the box says %q, not %q", when, e.Text, text)
		}
	}

	types(80*time.Millisecond, "Ada")
	says("typed by hand", "Ada")
	key(fyne.KeyReturn)

	for _, pace := range []time.Duration{0, 2 * time.Millisecond, 15 * time.Millisecond} {
		types(pace, "0049A")
		says("scanned", "")
		if !more() {
			t.Error("nobody waits for Enter")
		}
		key(fyne.KeyReturn)
		if more() {
			t.Error("there is more to come after Enter")
		}
		says("after Enter", "")
		pass(time.Second)
		says("a second later", "")
	}

	types(15*time.Millisecond, "5CD")
	pass(30 * time.Millisecond)
	says("after a pause", "5CD")
	types(30*time.Millisecond, "eeeeeeeee") // by a key that is held down
	says("all the time", "5CDeeeeeeeee")
	key(fyne.KeyEscape)
	types(2*time.Millisecond, "123")
	key(fyne.KeyBackspace)
	says("corrected", "5CDeeeeeeeee12")
	key(fyne.KeyPageUp)
	types(2*time.Millisecond, "0")
	key(fyne.KeyPageDown)
	says("typed in front", "05CDeeeeeeeee12")
	types(2*time.Millisecond, "77")
	e.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	says("clicked", "05CDeeeeeeeee1277")
	e.TypedShortcut(&fyne.ShortcutSelectAll{})
	types(2*time.Millisecond, "X1")
	key(fyne.KeyReturn)

	types(2*time.Millisecond, "abc")
	e.add("d")
	says("what was typed elsewhere", "abcd")
	types(2*time.Millisecond, "ef")
	win.Canvas().Unfocus()
	says("left", "abcdef")
	types(2*time.Millisecond, "gh")
	e.SetText("")
	pass(time.Second)
	says("emptied", "")

	if want := []string{"Ada", "0049A", "0049A", "0049A", "X1"}; !slices.Equal(lines, want) {
		t.Errorf("the lines are %q, not %q", lines, want)
	}
}
