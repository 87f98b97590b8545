package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/ui/view"
)

// scanPause is longer than a scanner waits between two letters, and shorter
// than a person does. Where drawing takes as long, the next letter may have
// come and not been told yet: so the window looks twice.
const scanPause = 50 * time.Millisecond

// hosts are the hosts of the windows that are open: Fyne tells the focused
// widget alone of what is typed, and that may be any.
var hosts = map[fyne.Canvas]*host{}

func hostOf(o fyne.CanvasObject) *host {
	return hosts[fyne.CurrentApp().Driver().CanvasForObject(o)]
}

// passRune hands a letter that the focused object has no use for to its window.
func passRune(o fyne.CanvasObject, r rune) {
	if h := hostOf(o); h != nil {
		h.typedRune(r)
	}
}

// scanEnds tells whether a key was the end of a scanner's code, and not meant
// for the focused object.
func scanEnds(o fyne.CanvasObject, e *fyne.KeyEvent) bool {
	h := hostOf(o)
	return h != nil && h.endScan(e)
}

// covered tells whether a sheet, a dialog or a menu stands before the window.
func (h *host) covered() bool { return len(h.sheets) > 0 || h.win.Canvas().Overlays().Top() != nil }

// burst is what was typed without a pause while no field had the keyboard.
type burst struct {
	text strings.Builder
	wait context.CancelFunc
}

// typedRune takes a letter that no field wanted. What comes without a pause and
// ends with Enter is a scanner's; anything else is somebody who types.
func (h *host) typedRune(r rune) {
	if h.covered() {
		return
	}
	b := &h.burst
	if b.wait != nil {
		b.wait()
	}
	if b.text.Len() == 0 {
		h.attend(func() bool { return b.text.Len() > 0 })
	}
	b.text.WriteRune(r)
	b.wait = h.after(scanPause, func() {
		b.wait = h.after(scanPause/2, func() { h.onTyped(h.endBurst()) })
	})
}

// endScan takes a key after what was typed; it reports whether that was a code.
// (Every letter is told as a key before it is told as a letter, and so is Shift.)
func (h *host) endScan(e *fyne.KeyEvent) bool {
	if h.burst.text.Len() == 0 || e.Name != fyne.KeyReturn && e.Name != fyne.KeyEnter {
		return false
	}
	h.onScan(h.endBurst())
	return true
}

func (h *host) endBurst() string {
	b := &h.burst
	if b.wait != nil {
		b.wait()
	}
	text := b.text.String()
	b.text.Reset()
	return text
}

// typeIn puts what was typed outside any field into the search box, which goes
// on with the keyboard.
func (w *Window) typeIn(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	if b := w.scanning(); b != nil {
		w.focus(b.entry)
		b.entry.add(text)
		return
	}
	if t, ok := w.tabs[w.at].pane.(*checkoutTab); ok {
		if text = t.typed(text); text == "" {
			return
		}
	}
	w.focus(w.search)
	w.search.SetText(text)
	w.search.CursorColumn = len([]rune(text))
	w.search.Refresh()
}

// scanning is where codes go while the tab in sight takes them, nil for nowhere.
func (w *Window) scanning() *scanBox {
	if t, ok := w.tabs[w.at].pane.(*checkoutTab); ok {
		return t.scans()
	}
	return nil
}

// scanned takes a code in scan mode; elsewhere it opens the record of a code: of a serial, else of an asset ID, else of
// an address, else of an employee ID. What is none of them, or several, is
// searched for.
func (w *Window) scanned(code string) {
	if b := w.scanning(); b != nil {
		b.take(code)
		return
	}
	r := w.records()
	code = strings.TrimSpace(code)
	if r == nil || code == "" {
		return
	}
	targets := r.ofCode(code)
	if len(targets) == 1 {
		w.goToTarget(targets[0])
		return
	}
	w.search.SetText(code)
	if len(targets) == 0 {
		w.say(view.Warn, "No Chromebook and no person has the code “"+code+"”.", "", nil)
		return
	}
	w.goToHits()
	w.say(view.Warn, view.Number(len(targets))+" records have the code “"+code+"”.", "", nil)
}

// ofCode returns the records whose code it is; see [Window.scanned]. Those that
// are shown only on request count where there is no other.
func (r *Records) ofCode(code string) []view.Target {
	for _, k := range []struct {
		rows    *view.Rows
		listing directory.Listing
		column  string
	}{
		{r.Chromebooks, directory.Chromebooks, "serial"}, {r.Chromebooks, directory.Chromebooks, "asset_id"},
		{r.People, directory.People, "email"}, {r.People, directory.People, "other_emails"}, {r.People, directory.People, "employee_id"},
	} {
		var usual, concealed []view.Target
		k.rows.Having([]string{code}, []string{k.column}, func(row view.Row, _, _ string) {
			if to := (view.Target{Listing: k.listing, Key: row.Key()}); row.Concealed() {
				concealed = append(concealed, to)
			} else {
				usual = append(usual, to)
			}
		})
		if len(usual) > 0 {
			return usual
		}
		if len(concealed) > 0 {
			return concealed
		}
	}
	return nil
}
