package ui

import (
	"context"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"panel/sync/cloud"
	"panel/ui/view"
)

// googleSteps make an OAuth client in the district's own Cloud project.
var googleSteps = []step{
	{words: "Sign in to the Google Cloud console with an administrator of your district, and create a project. Any name will do, for example:", copy: "Panel", label: "Create project", url: "https://console.cloud.google.com/projectcreate"},
	{words: "In that project, enable the **Admin SDK API**.", label: "Admin SDK API", url: "https://console.cloud.google.com/apis/library/admin.googleapis.com"},
	{words: "Set up the consent screen with the audience **Internal**. (An External app in Testing loses its authorization after 7 days.)", label: "Audience", url: "https://console.cloud.google.com/auth/audience"},
	{words: "Create an OAuth client. Application type: **Desktop app**. Name:", copy: "Panel on this computer", label: "Clients", url: "https://console.cloud.google.com/auth/clients/create"},
	{words: "Download the JSON of the client, and import it here: choose the file, drop it onto this window, or paste what it holds."},
}

// openGoogleSetup opens the guide that makes an OAuth client, and takes its
// file.
func (w *Window) openGoogleSetup() {
	guide, _ := w.newGuide(googleSteps, func(i int) bool { return i == len(googleSteps)-1 })
	choose := newButton("Choose file…", theme.FolderOpenIcon(), w.chooseClientFile)
	fromClipboard := func() { w.importClient([]byte(fyne.CurrentApp().Clipboard().Content())) }
	paste := newButton("Paste", theme.ContentPasteIcon(), fromClipboard)
	shortcut := &fyne.ShortcutPaste{}
	w.win.Canvas().AddShortcut(shortcut, func(fyne.Shortcut) { fromClipboard() })
	about := vstack(6, newParagraph("Panel signs in to Google with an OAuth client of your own district. Making one takes about ten minutes, once."))
	if state := w.b.Connections().Google.State; state == "authorized" || state == "partial" {
		about.Add(newParagraph("Panel is authorized with the client that it has. A new file of the same client takes its place at once; with another client, authorize again. Everything imported stays."))
	}
	var s *sheet
	closing := newButton("Close", nil, func() { s.close() })
	s = w.openSheet("Set up Google access", vstack(14, about, guide, hstack(8, choose, paste)), fyne.NewSize(640, 640), closing)
	w.setup = s
	s.onClose = func() {
		w.setup = nil
		w.win.Canvas().RemoveShortcut(shortcut)
	}
}

func (w *Window) chooseClientFile() { chooseFile(w.win, ".json", w.importClientFile) }

// importClientFile takes a file that was chosen or dropped.
func (w *Window) importClientFile(path string) {
	var file []byte
	w.do(func(context.Context) (err error) {
		info, err := os.Stat(path)
		if err == nil && info.Size() > 1<<20 {
			return &cloud.Error{Kind: cloud.Unexpected, Doing: "read the client file", Detail: "The file is too large to be an OAuth client."}
		}
		if err == nil {
			file, err = os.ReadFile(path)
		}
		return err
	}, func(err error) {
		if err != nil {
			w.clientRefused(err)
			return
		}
		w.importClient(file)
	})
}

// importClient stores an OAuth client, and goes on to the authorization.
func (w *Window) importClient(file []byte) {
	w.do(func(ctx context.Context) error { return w.b.SetGoogleClient(ctx, file) }, func(err error) {
		w.changed()
		if err != nil {
			w.clientRefused(err)
			return
		}
		if w.setup != nil {
			w.setup.close()
		}
		w.say(view.Good, "The OAuth client was imported.", "Authorize", w.openAuthorize)
	})
}

// clientRefused says what is wrong with a file: in the guide while that is
// open.
func (w *Window) clientRefused(err error) {
	words := view.Say(cloud.AsError(err))
	if w.setup == nil {
		w.say(view.Bad, words.Sentence, nameSetUpGoogle, w.openGoogleSetup)
		return
	}
	words.Button = view.Button{}
	w.setup.say(words, w.press)
}
