package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"panel/sync/cloud"
	"panel/ui/view"
)

// Opening is how the technician wants the data folder opened.
type Opening struct {
	// Passphrase opens, or makes, the sealed vault; "" for the keychain.
	Passphrase string
	// Recovery is the recovery passphrase, which puts the data key into the
	// vault again.
	Recovery string
	// Memory keeps this session's data nowhere.
	Memory bool
	// Backup is the file of a backup to restore first, and BackupPassphrase
	// what it is sealed by; "" for none.
	Backup, BackupPassphrase string
	// Erase removes everything instead, and opens nothing.
	Erase bool
}

// Run opens the data and shows the window over it until that is closed or ctx
// ends. Open runs on a goroutine of its own, once at a time, and first closes
// what it opened before; as long as it fails, a page says why and offers what
// may help. It returns why the data could not be opened when the technician
// gave up there, else nil.
//
// Look, called on Fyne's goroutine, takes in the events of the system between two
// looks of Fyne's; nil leaves it to Fyne.
func Run(ctx context.Context, app fyne.App, look func(), open func(context.Context, Opening) (Backend, error)) error {
	s := &starter{async: newAsync(nil), app: app, open: open}
	s.look = look
	app.Settings().SetTheme(panelTheme{""})
	unhook := context.AfterFunc(ctx, func() { s.onUI(s.close) })
	defer unhook()
	app.Lifecycle().SetOnStarted(func() { s.try(Opening{}, nil) })
	app.Run()
	s.stop(time.Second)
	if s.window != nil { // which a signal's end of Fyne may have left open
		s.window.stop(time.Second)
	}
	return s.failed
}

// starter opens the data, and opens it anew where a restore or an erasure has
// to be alone with it.
type starter struct {
	*async
	app  fyne.App
	open func(context.Context, Opening) (Backend, error)

	busy   bool        // open runs
	page   fyne.Window // says what stands in for the window; nil while nothing does
	field  *entry      // of the page, has the focus at first; nil for none
	window *Window     // nil while the data is not open
	had    *Opening    // what the data was opened with, nil before it was
	failed error
}

// close ends whatever is shown.
func (s *starter) close() {
	if s.window != nil {
		s.window.Close()
		return
	}
	s.app.Quit()
}

// try opens the data; then, if not nil, is told of its window.
func (s *starter) try(o Opening, then func(*Window)) {
	if s.busy {
		return
	}
	s.busy = true
	var b Backend
	s.do(func(ctx context.Context) (err error) {
		b, err = s.open(ctx, o)
		return err
	}, func(err error) {
		s.busy = false
		switch {
		case err != nil && o.Backup != "" && s.had != nil: // and what was there is as it was
			s.try(*s.had, func(w *Window) { w.openWords(view.Say(cloud.AsError(err))) })
		case err != nil:
			s.explain(err, o)
		case o.Erase:
			s.sayErased()
		default:
			s.show(b, o)
			if then != nil {
				then(s.window)
			}
		}
	})
}

// show shows the window, in the place of a page if there is one.
func (s *starter) show(b Backend, o Opening) {
	win := s.page
	if win == nil {
		win = s.app.NewWindow("")
	}
	win.Canvas().Unfocus() // as at the end of a sheet
	s.page, s.had = nil, &Opening{Passphrase: o.Passphrase}
	s.window = newWindow(s.app, win, b, s.onUI, time.Now)
	s.window.look = s.look
	s.window.closing = func() { exitWithin(3 * time.Second) }
	s.window.again = s.again
	s.window.Show()
}

// again closes the data and opens it as o says. Meanwhile a page says what is
// being done, and done is said afterwards.
func (s *starter) again(o Opening, doing, done string) {
	o.Passphrase = s.had.Passphrase
	s.window.leave()
	s.page, s.window = s.window.win, nil
	quit := fyne.NewMenuItem("Quit", s.app.Quit)
	quit.IsQuit = true
	s.page.SetMainMenu(fyne.NewMainMenu(fyne.NewMenu("File", quit)))
	s.page.SetCloseIntercept(s.app.Quit)
	s.page.SetOnDropped(nil)
	s.showPage(newHeading(doing), newParagraph("This may take a minute."))
	s.try(o, func(w *Window) { w.say(view.Good, done, "", nil) })
}

// showPage puts something in the place of the window.
func (s *starter) showPage(rows ...fyne.CanvasObject) {
	if s.page == nil {
		s.page = s.app.NewWindow("Panel")
		s.page.Resize(fyne.NewSize(600, 300))
	}
	s.page.SetContent(container.New(noticeLayout{}, vstack(12, rows...)))
	s.page.Show()
	if s.field != nil {
		s.page.Canvas().Focus(s.field)
		s.field = nil
	}
}

// noticeLayout gives its object the width of a text, in the middle.
type noticeLayout struct{}

func (noticeLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(40, 40)
}

func (noticeLayout) Layout(objects []fyne.CanvasObject, room fyne.Size) {
	width := min(room.Width-40, 560)
	for range 2 { // wrapped text knows its height only at its width
		objects[0].Resize(fyne.NewSize(width, objects[0].MinSize().Height))
	}
	objects[0].Move(fyne.NewPos((room.Width-width)/2, max(20, room.Height/6-20)))
}

// explain says why the data could not be opened, and what can be done.
func (s *starter) explain(err error, tried Opening) {
	e := cloud.AsError(err)
	words := view.Say(e)
	rows := []fyne.CanvasObject{newHeading(words.Title), newParagraph(words.String())}
	again := newPrimary("Try again", nil, func() { s.try(tried, nil) })
	buttons := hstack(8)
	switch {
	case tried.Erase && e.Code != "erase" && e.Code != "erase_secrets": // nothing was erased
		buttons.Add(newButton("Open the data again", nil, func() { s.try(*s.had, nil) }))
	case tried.Erase:
	case tried.Backup != "":
		again.OnTapped = func() { s.try(Opening{}, nil) }
		buttons.Add(s.restoreButton())
	case needsRecovery(e) || tried.Recovery != "":
		rows = append(rows, s.passphrase("Recovery passphrase", "Recover", func(t string) Opening { return Opening{Recovery: t} }))
		buttons.Add(s.restoreButton())
	case e.Kind == cloud.Keychain && e.Code == "no_keychain":
		rows = append(rows, s.sealing(), forThisSession())
		buttons.Add(newButton("Use Panel for this session only", nil, s.tryInMemory))
	case e.Kind == cloud.Keychain && e.Code == "unavailable": // no passphrase opens what the keychain keeps
		rows = append(rows, forThisSession())
		buttons.Add(newButton("Use Panel for this session only", nil, s.tryInMemory))
	case e.Kind == cloud.Keychain && (e.Code == "wrong_passphrase" || e.Code == "no_passphrase"):
		rows = append(rows, s.passphrase("Passphrase", "Open", withPassphrase))
		again.Hide() // the same passphrase, or none, opens nothing
	}
	if words.Copy != "" {
		buttons.Add(newButton("Copy details", nil, func() { s.app.Clipboard().SetContent(words.Copy) }))
	}
	giveUp := func() {
		s.failed = err
		s.app.Quit()
	}
	buttons.Add(newButton("Quit Panel", nil, giveUp))
	buttons.Add(again)
	rows = append(rows, container.NewHBox(buttons))
	s.showPage(rows...)
	s.page.SetCloseIntercept(giveUp)
}

// dialogMemory is what Fyne's file dialog remembers of its own.
var dialogMemory = []string{"fyne:fileDialogLastFolder", "fyne:fileDialogViewLayout"}

// sayErased says that nothing is left, and opens nothing until that is asked
// for: a data folder would be there again.
func (s *starter) sayErased() {
	s.had = nil
	for _, name := range dialogMemory {
		s.app.Preferences().RemoveValue(name)
	}
	anew := newButton("Begin anew", nil, func() { s.try(Opening{}, nil) })
	quit := newPrimary("Quit Panel", nil, s.app.Quit)
	s.showPage(newHeading("Everything is erased"),
		newParagraph("Nothing that Panel kept is left on this computer, neither its files nor its secrets. Backups and exports that you saved elsewhere are still there."),
		newParagraph("To end the access at Google as well: myaccount.google.com → Security → Third-party apps with account access → Managed third-party access → Panel. At Microsoft, delete the client secret in the Azure portal."),
		container.NewHBox(hstack(8, anew, quit)))
}

// restoreButton restores a backup where the data cannot be opened.
func (s *starter) restoreButton() *button {
	return newButton("Restore a backup…", nil, func() {
		s.page.Resize(s.page.Canvas().Size().Max(fyne.NewSize(820, 620))) // room for the dialog
		chooseFile(s.page, backupSuffix, s.restore)
	})
}

// restore asks for the passphrase of a backup, and restores it.
func (s *starter) restore(path string) {
	back := newButton("Back", nil, func() { s.try(Opening{}, nil) })
	s.showPage(newHeading("Restore a backup"),
		newParagraph("What is in the data folder now is not deleted: it is set aside. The backup is "+path+"."),
		s.passphrase("Passphrase of the backup", "Restore", func(t string) Opening { return Opening{Backup: path, BackupPassphrase: t} }),
		container.NewHBox(back))
}

func (s *starter) tryInMemory() { s.try(Opening{Memory: true}, nil) }

// forThisSession says what a session in memory is.
func forThisSession() fyne.CanvasObject {
	return newParagraph("For this session only, Panel begins anew and keeps nothing on this computer: what it imports is gone when it is closed. Data that is here stays as it is.")
}

// needsRecovery tells whether the vault has lost the data key.
func needsRecovery(e *cloud.Error) bool {
	return e.Kind == cloud.Keychain && e.Code == "missing" || e.Kind == cloud.Storage && e.Code == "wrong_key"
}

func withPassphrase(t string) Opening { return Opening{Passphrase: t} }

// passphrase asks for a passphrase, and opens the data with it: hint stands in
// the empty field, label on the button.
func (s *starter) passphrase(hint, label string, opening func(string) Opening) fyne.CanvasObject {
	field := newEntry(hint)
	s.field = field
	field.Password = true
	use := func() {
		if field.Text != "" {
			s.try(opening(field.Text), nil)
		}
	}
	field.OnSubmitted = func(string) { use() }
	return container.NewBorder(nil, nil, nil, newButton(label, nil, use), field)
}

// sealing asks for a new passphrase, twice: nothing opens again what a slip of
// the finger has sealed.
func (s *starter) sealing() fyne.CanvasObject {
	seal := newButton("Seal the secrets under this passphrase", nil, nil)
	first, again, note := newPassphrase(seal)
	s.field = first
	seal.OnTapped = func() { s.try(withPassphrase(first.Text), nil) }
	again.OnSubmitted = func(string) {
		if !seal.Disabled() {
			seal.OnTapped()
		}
	}
	first.OnSubmitted = func(string) { s.page.Canvas().Focus(again) }
	return vstack(6, first, container.NewBorder(nil, nil, nil, seal, again), note)
}
