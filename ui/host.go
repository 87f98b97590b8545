package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/directory"
	"panel/sync/cloud"
	"panel/ui/view"
)

// host is what every part of the window may use of it: the Backend, the
// goroutines, toasts, tooltips and sheets.
type host struct {
	*async
	b   Backend
	win fyne.Window
	top *fyne.Container // the layer of toasts and tooltips, without a layout
	// clock says what time it is.
	clock func() time.Time

	sheets []*sheet
	toast  *card
	// toastWidth is how wide the toast is at least.
	toastWidth float32
	// fade takes the toast away, wait shows the tooltip.
	fade, wait context.CancelFunc
	tip        *fyne.Container
	changed    func() // reads the Backend's state again
	press      func(view.Words)
	// openRecord goes to a record in its list.
	openRecord func(l directory.Listing, id string)
	// onTyped is told of what was typed while no field had the keyboard,
	// onScan of a code that came so fast that a scanner must have read it.
	onTyped, onScan func(text string)
	burst           burst
}

func newHost(win fyne.Window, b Backend, a *async, clock func() time.Time) *host {
	h := &host{async: a, b: b, win: win, clock: clock, changed: func() {}, press: func(view.Words) {}, openRecord: func(directory.Listing, string) {}, onTyped: func(string) {}, onScan: func(string) {}}
	hosts[win.Canvas()] = h
	h.top = container.New(&topLayout{h})
	return h
}

// act runs an act of the Backend and says how it failed. When it has ended the
// window reads the Backend's state again, then done, if not nil, is told
// whether it went well.
func (h *host) act(work func(context.Context) error, done func(ok bool)) context.CancelFunc {
	return h.do(work, func(err error) {
		h.changed()
		if err != nil && cloud.KindOf(err) != cloud.Cancelled {
			h.fail(err, func() { h.act(work, done) })
		}
		if done != nil {
			done(err == nil)
		}
	})
}

// fail says why something failed and what helps, with its button, in a toast
// that stays until it is taken away, or without a button in the sheet that is
// open. Again repeats what failed.
func (h *host) fail(err error, again func()) {
	words := view.Say(cloud.AsError(err))
	sheets := len(h.sheets)
	if sheets > 0 { // its own buttons are what helps there
		words.Button = view.Button{}
	}
	press := func(w view.Words) {
		h.unsay()
		if w.Button.Act == view.TryAgain {
			again()
			return
		}
		h.press(w)
	}
	h.unsay()
	if sheets > 0 {
		h.sheets[sheets-1].say(words, press)
		return
	}
	cross := h.newIconButton(theme.CancelIcon(), "Close", h.unsay)
	h.showToast(words.Tone, 560, container.NewBorder(nil, nil, nil, container.NewVBox(cross), troubleLines(words, press)))
}

// say shows a toast, with a button when action is not nil. A new toast takes
// the place of the one before it. What is said while a sheet is open stands in
// the sheet, which covers toasts.
func (h *host) say(t view.Tone, words, label string, action func()) {
	stay := 4 * time.Second
	if action != nil {
		stay = 10 * time.Second
	}
	h.sayFor(stay, t, words, label, action)
}

// sayFor is say for a time; 0 is until something else is said. It returns the
// line for [host.resay], nil for one in a sheet.
func (h *host) sayFor(stay time.Duration, t view.Tone, words, label string, action func()) *text {
	h.unsay()
	if n := len(h.sheets); n > 0 {
		h.sheets[n-1].say(view.Words{Sentence: words, Tone: t}, h.press)
		return nil
	}
	line := newText(words)
	line.Whole = true
	objects := []fyne.CanvasObject{newDot(t), line}
	if action != nil {
		b := newButton(label, nil, func() { h.unsay(); action() })
		objects = append(objects, b)
	}
	row := container.New(layout.NewCustomPaddedHBoxLayout(10), objects...)
	line.Whole = row.MinSize().Width+20 <= h.win.Canvas().Size().Width-40
	h.showToast(t, 240, row)
	if stay > 0 {
		h.fade = h.after(stay, h.unsay)
	}
	return line
}

// resay says other words in a toast, so that its button stays under the
// pointer.
func (h *host) resay(line *text, words string) {
	if line == nil || line.Text == words {
		return
	}
	line.Text = words
	line.Refresh()
	h.top.Refresh()
}

// showToast shows something in a toast that is so wide at least and stays.
func (h *host) showToast(t view.Tone, width float32, o fyne.CanvasObject) {
	h.toast, h.toastWidth = newCard(o), width
	h.toast.pad, h.toast.accent = 10, t
	h.fade = func() {}
	h.putOn(h.toast)
}

func (h *host) unsay() {
	if h.toast == nil {
		return
	}
	h.fade()
	h.takeOff(h.toast)
	h.toast = nil
}

// showTip shows a tooltip below an object after half a second; hideTip takes
// it away.
func (h *host) showTip(o fyne.CanvasObject, words string) {
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
	h.showTipAt(words, at.AddXY(0, o.Size().Height), o.Size().Height)
}

// tipWidth is how wide a tooltip may become before its text wraps.
const tipWidth = 520

// showTipAt is showTip below a place in the window, or above what is high
// there where there is no room below.
func (h *host) showTipAt(words string, at fyne.Position, high float32) {
	h.hideTip()
	if words == "" {
		return
	}
	const most = 600 // letters; a whole page of a note is read in the pane
	if runes := []rune(words); len(runes) > most {
		words = string(runes[:most]) + "…"
	}
	h.wait = h.after(500*time.Millisecond, func() {
		line := newText(words)
		line.Whole, line.Points = true, 12
		box := newCard(line)
		box.pad = 6
		size, room := box.MinSize(), h.win.Canvas().Size()
		if size.Width > tipWidth {
			box.content = newParagraph(words)
			box.Resize(fyne.NewSize(tipWidth, 0)) // wrapped text knows its height only at its width
			size = fyne.NewSize(tipWidth, box.MinSize().Height)
		}
		x := max(4, min(at.X, room.Width-size.Width-8))
		y := at.Y + 4
		if y+size.Height > room.Height {
			y = at.Y - high - size.Height - 4
		}
		origin := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.top)
		h.tip = container.NewWithoutLayout(box)
		box.Resize(size)
		box.Move(fyne.NewPos(x-origin.X, y-origin.Y))
		h.putOn(h.tip)
	})
}

func (h *host) hideTip() {
	if h.wait != nil {
		h.wait()
		h.wait = nil
	}
	if h.tip != nil {
		h.takeOff(h.tip)
		h.tip = nil
	}
}

// focus gives an object the keyboard. Fyne finds only what it has drawn before:
// asking where the last object of the window is makes all others known.
func (h *host) focus(o fyne.Focusable) {
	fyne.CurrentApp().Driver().AbsolutePositionForObject(h.top)
	h.win.Canvas().Focus(o)
}

// letGo lets Escape empty a search box, and leave it when it is empty.
func (h *host) letGo(search *entry) {
	search.onEscape = func() {
		if search.Text == "" {
			h.win.Canvas().Unfocus()
			return
		}
		search.SetText("")
	}
}

// putOn puts an object on the top layer. Adding alone would not show it until
// something else is drawn.
func (h *host) putOn(o fyne.CanvasObject) {
	h.top.Add(o)
	h.top.Refresh()
}

// takeOff takes an object off the top layer. Removing alone would leave it on
// the screen until something else is drawn.
func (h *host) takeOff(o fyne.CanvasObject) {
	h.top.Remove(o)
	h.top.Refresh()
}

// copy puts a text on the clipboard and says so.
func (h *host) copy(s, what string) {
	fyne.CurrentApp().Clipboard().SetContent(s)
	h.say(view.Good, what+" copied", "", nil)
}

// open opens a page in the system browser; where that fails the link can be
// copied.
func (h *host) open(url string) {
	h.do(func(context.Context) error { return h.b.OpenBrowser(url) }, func(err error) {
		if err != nil {
			h.say(view.Warn, "No browser could be opened.", "Copy link", func() { h.copy(url, "Link") })
		}
	})
}

// openFolder shows a folder in the desktop's file manager; where that fails its
// path can be copied.
func (h *host) openFolder(path string) {
	h.do(func(context.Context) error { return h.b.OpenBrowser(path) }, func(err error) {
		if err != nil {
			h.say(view.Warn, "The folder could not be opened.", "Copy its path", func() { h.copy(path, "Path") })
		}
	})
}

// topLayout puts the toast at the bottom of the window; tooltips are put by
// whoever shows them.
type topLayout struct{ h *host }

func (l *topLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 0) }

func (l *topLayout) Layout(_ []fyne.CanvasObject, room fyne.Size) {
	if l.h.toast == nil {
		return
	}
	size := l.h.toast.MinSize()
	size.Width = min(max(size.Width, l.h.toastWidth), room.Width-40)
	for range 2 { // wrapped text knows its height only at its width
		size.Height = l.h.toast.MinSize().Height
		l.h.toast.Resize(size)
	}
	l.h.toast.Move(fyne.NewPos((room.Width-size.Width)/2, room.Height-size.Height-44))
}

// button is a widget.Button that also answers to Enter, and leaves Escape to
// the sheet that it is in.
type button struct{ widget.Button }

func newButton(label string, icon fyne.Resource, tapped func()) *button {
	b := &button{}
	b.Text, b.Icon, b.OnTapped = label, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// newPrimary is the button for what one came to do.
func newPrimary(label string, icon fyne.Resource, tapped func()) *button {
	b := newButton(label, icon, tapped)
	b.Importance = widget.HighImportance
	return b
}

// newLink is a button that looks like text.
func newLink(label string, tapped func()) *button {
	b := newButton(label, nil, tapped)
	b.Importance = widget.LowImportance
	return b
}

// MinSize leaves more room beside a label than Fyne's own.
func (b *button) MinSize() fyne.Size {
	size := b.Button.MinSize()
	if b.Text != "" {
		size.Width += 8
	}
	return size
}

func (b *button) TypedRune(r rune) { passRune(b, r) }

func (b *button) TypedKey(e *fyne.KeyEvent) {
	if scanEnds(b, e) {
		return
	}
	switch e.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		b.Tapped(nil)
	case fyne.KeySpace:
		b.Button.TypedKey(e)
	default:
		passKey(b, e)
	}
}

// iconButton is a small button that explains itself in a tooltip.
type iconButton struct {
	button
	h   *host
	tip string
	// onHover, if not nil, is told when the pointer comes and goes.
	onHover func(on bool)
}

func (h *host) newIconButton(icon fyne.Resource, tip string, tapped func()) *iconButton {
	b := &iconButton{h: h, tip: tip}
	b.Icon, b.Importance = icon, widget.LowImportance
	b.OnTapped = func() { h.hideTip(); tapped() }
	b.ExtendBaseWidget(b)
	return b
}

func (b *iconButton) MouseIn(e *desktop.MouseEvent) {
	b.button.MouseIn(e)
	if b.onHover != nil {
		b.onHover(true)
	}
	b.h.showTip(b, b.tip)
}

func (b *iconButton) MouseOut() {
	b.button.MouseOut()
	if b.onHover != nil {
		b.onHover(false)
	}
	b.h.hideTip()
}

// newCopyButton copies what value returns when it is pressed.
func (h *host) newCopyButton(what string, value func() string) *iconButton {
	var b *iconButton
	b = h.newIconButton(theme.ContentCopyIcon(), "Copy "+what, func() {
		fyne.CurrentApp().Clipboard().SetContent(value())
		h.nod(&b.button)
	})
	return b
}

// nod lets a button say by its icon for a moment that it has done its work.
func (h *host) nod(b *button) {
	before := b.Icon
	if before.Name() == theme.ConfirmIcon().Name() {
		return
	}
	b.SetIcon(theme.ConfirmIcon())
	h.after(1500*time.Millisecond, func() { b.SetIcon(before) })
}
