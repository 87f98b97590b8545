package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// sheet is a dialog: a title, content, and buttons, of which the last is the
// one that Enter presses. Escape and the cross cancel it.
type sheet struct {
	h       *host
	pop     *widget.PopUp
	content fyne.CanvasObject
	said    *fyne.Container // above the buttons
	size    fyne.Size       // as asked for; no height is as high as the content
	buttons []*button
	// onClose, if not nil, runs when the sheet has gone, however it went.
	onClose func()
	// unsaved, if not nil, tells whether something was typed that is lost with
	// the sheet: then it asks before it is cancelled.
	unsaved func() bool
}

// openSheet shows a sheet; a size of 0 is as large as its content needs. No
// sheet is larger than the window: its content scrolls.
func (h *host) openSheet(title string, content fyne.CanvasObject, size fyne.Size, buttons ...*button) *sheet {
	s := &sheet{h: h, buttons: buttons, said: container.NewStack()}
	h.hideTip()
	h.unsay()
	s.said.Hide()
	heading := newHeading(title)
	cross := newButton("", theme.CancelIcon(), s.cancel)
	cross.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, nil, cross, heading)

	row := container.New(layout.NewCustomPaddedHBoxLayout(8), layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	if len(buttons) == 0 {
		row.Hide()
	}
	body := padded(14, container.NewBorder(
		container.New(layout.NewCustomPaddedLayout(0, 12, 0, 0), head),
		container.New(layout.NewCustomPaddedLayout(12, 0, 0, 0), vstack(10, s.said, row)),
		nil, nil, container.NewVScroll(container.New(layout.NewCustomPaddedLayout(1, 1, 1, 12), content))))

	s.content, s.size = content, size.Max(fyne.NewSize(360, 0))
	s.pop = widget.NewModalPopUp(body, h.win.Canvas())
	s.fit()
	h.sheets = append(h.sheets, s)
	s.pop.Show()
	return s
}

// fit makes the sheet as large as it was asked to be, or its content needs.
func (s *sheet) fit() {
	size := s.size
	if size.Height == 0 {
		// Wrapped text knows its height only at its width.
		s.content.Resize(fyne.NewSize(size.Width-40, s.content.MinSize().Height))
		size.Height = s.content.MinSize().Height + 130
		if s.said.Visible() {
			s.said.Resize(fyne.NewSize(size.Width-40, s.said.MinSize().Height))
			size.Height += s.said.MinSize().Height + 10
		}
	}
	s.pop.Resize(size.Min(s.h.win.Canvas().Size().SubtractWidthHeight(48, 48)))
}

// say says something above the buttons; press does what a button in it says.
func (s *sheet) say(w view.Words, press func(view.Words)) {
	s.said.Objects = []fyne.CanvasObject{newTrouble(w, press)}
	s.said.Show()
	s.said.Refresh()
	s.fit()
}

// cancel closes the sheet, and asks first where something would be lost.
func (s *sheet) cancel() {
	if s.unsaved == nil || !s.unsaved() {
		s.close()
		return
	}
	s.h.confirm("Leave without saving?", "What you have typed is not kept.", "Leave without saving", true, s.close)
}

// close takes the sheet away.
func (s *sheet) close() {
	for i, o := range s.h.sheets {
		if o == s {
			s.h.sheets = append(s.h.sheets[:i], s.h.sheets[i+1:]...)
			s.h.win.Canvas().Unfocus() // else the cursor of a field that has gone blinks on, and all is drawn anew for it
			s.pop.Hide()
			if s.onClose != nil {
				s.onClose()
			}
			return
		}
	}
}

// typedKey takes a key that nothing focused wanted. It reports whether a
// sheet was there for it.
func (h *host) typedKey(e *fyne.KeyEvent) bool {
	if len(h.sheets) == 0 {
		return false
	}
	s := h.sheets[len(h.sheets)-1]
	switch e.Name {
	case fyne.KeyEscape:
		s.cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		if n := len(s.buttons); n > 0 && !s.buttons[n-1].Disabled() {
			s.buttons[n-1].Tapped(nil)
		}
	}
	return true
}

// confirm asks before an act. The act's button says what it does.
func (h *host) confirm(title, words, act string, danger bool, do func()) {
	var s *sheet
	cancel := newButton("Cancel", nil, func() { s.close() })
	yes := newPrimary(act, nil, func() { s.close(); do() })
	if danger {
		yes.Importance = widget.DangerImportance
	}
	s = h.openSheet(title, newParagraph(words), fyne.NewSize(460, 0), cancel, yes)
}
