package ui

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/sync/cloud"
	"panel/ui/view"
)

// signInTime is how long the Backend waits for the technician at Google, for
// the clock.
const signInTime = 5 * time.Minute

// openAuthorize shows the notice of what is asked for, before anything is.
func (w *Window) openAuthorize() {
	rows := vstack(8)
	for _, p := range view.Permissions {
		words, why, scope := newText(p.Words), newMuted(p.Why), newMuted(p.Scope)
		words.Bold, scope.Points = true, textSmall
		mark := container.NewGridWrap(fyne.NewSize(18, 18), widget.NewIcon(theme.NewPrimaryThemedResource(theme.VisibilityIcon())))
		rows.Add(container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8), container.NewCenter(mark)), nil,
			vstack(1, hstack(8, words.whole(), why.whole()), scope)))
	}
	loud := newText("This is a READ-ONLY request.")
	loud.Bold = true
	notice := newCard(vstack(3, loud, newParagraph("Panel reads from Google Workspace. It cannot change anything there, and asks for nothing more than this:")))
	notice.accent, notice.pad = view.Info, 10
	content := vstack(14, notice, rows,
		newParagraph("You sign in at Google, in your browser. Panel never sees or stores a password. You can end the authorization at any time, here or in your Google Account."))
	var s *sheet
	cancel := newButton("Cancel", nil, func() { s.close() })
	start := newPrimary("Start Authorization", nil, func() { s.close(); w.signIn() })
	s = w.openSheet("Authorize Panel at Google", content, fyne.NewSize(680, 0), cancel, start)
}

// signIn runs the sign-in and shows that it waits for the browser.
func (w *Window) signIn() {
	var link string
	busy := widget.NewActivity()
	left := newText("")
	left.Whole = true
	again := newButton("Open the browser again", nil, func() { w.open(link) })
	var copyLink *button
	copyLink = newButton("Copy link", theme.ContentCopyIcon(), func() {
		fyne.CurrentApp().Clipboard().SetContent(link)
		w.nod(copyLink)
	})
	again.Disable()
	copyLink.Disable()
	content := vstack(12,
		container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 10), container.NewGridWrap(fyne.NewSize(22, 22), busy)), left,
			newText("Waiting for you at Google, in your browser.")),
		newParagraph("Sign in with an administrator of your district and allow what is asked. Then come back here: Panel notices by itself."),
		hstack(8, again, copyLink))
	showTrouble := func(e *cloud.Error) {
		words := view.Say(e)
		words.Button, words.Copy = view.Button{}, "" // it stands above
		address := newEntry("")
		address.SetText(link)
		content.Add(newTrouble(words, w.press))
		content.Add(address)
	}

	ended := false
	var s *sheet
	cancelButton := newButton("Cancel", nil, func() { s.close() })
	s = w.openSheet("Authorize Panel at Google", content, fyne.NewSize(560, 0), cancelButton)
	busy.Start()

	var until time.Time // that the browser may take; from when there is a link
	tell := func() {
		if until.IsZero() {
			return
		}
		rest := max(0, time.Until(until)).Round(time.Second)
		left.set(fmt.Sprintf("%d:%02d", int(rest.Minutes()), int(rest.Seconds())%60), view.Muted)
	}
	stopClock := w.every(time.Second, tell)
	cancel := w.do(func(ctx context.Context) error {
		return w.b.AuthorizeGoogle(ctx, func(url string) {
			w.ui(func() {
				link, until = url, time.Now().Add(signInTime)
				again.Enable()
				copyLink.Enable()
				tell()
			})
		}, func(e *cloud.Error) {
			w.ui(func() {
				if !ended {
					showTrouble(e)
					s.fit()
				}
			})
		})
	}, func(err error) {
		dismissed := ended
		ended = true
		s.close()
		w.changed()
		switch {
		case err == nil:
			w.Show()
			w.say(view.Good, "Panel is authorized. The first sync has started.", "", nil)
		case dismissed: // by a button, or by a slip of the finger
			w.say(view.Muted, "Panel no longer waits for Google. Nothing was changed.", "Start again", w.signIn)
		default:
			w.signInFailed(err)
		}
	})
	s.onClose = func() {
		busy.Stop()
		stopClock()
		ended = true
		cancel()
	}
}

// signInFailed says why, and offers to begin again.
func (w *Window) signInFailed(err error) {
	if cloud.KindOf(err) == cloud.Cancelled {
		return
	}
	words := view.Say(cloud.AsError(err))
	switch words.Button.Act {
	case view.Authorize, view.SyncNow, view.TryAgain: // that is the button below
		words.Button = view.Button{}
	}
	var s *sheet
	press := func(words view.Words) {
		if act := words.Button.Act; act != view.OpenLink && act != view.CopyDetails {
			s.close()
		}
		w.press(words)
	}
	closing := newButton("Close", nil, func() { s.close() })
	retry := newPrimary("Start Authorization again", nil, func() { s.close(); w.signIn() })
	s = w.openSheet("Panel is not authorized", newTrouble(words, press), fyne.NewSize(560, 0), closing, retry)
}
