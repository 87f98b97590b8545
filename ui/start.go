package ui

import (
	"context"
	"fmt"
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
// ends. Open runs on a goroutine of its own; as long as it fails, a window
// says why and offers what may help. It returns the last error of open, nil
// when the data was opened or the technician gave up.
func Run(ctx context.Context, app fyne.App, open func(context.Context, Opening) (Backend, error)) error {
	s := &starter{async: newAsync(nil), app: app, open: open}
	app.Settings().SetTheme(panelTheme{""})
	unhook := context.AfterFunc(ctx, func() { s.onUI(s.close) })
	defer unhook()
	app.Lifecycle().SetOnStarted(func() { s.try(Opening{}) })
	app.Run()
	s.stop(time.Second)
	return s.failed
}

// starter opens the data.
type starter struct {
	*async
	app  fyne.App
	open func(context.Context, Opening) (Backend, error)

	trouble fyne.Window // says why the data is not open; nil while nothing is wrong
	window  *Window
	failed  error
}

// close ends whatever is shown.
func (s *starter) close() {
	if s.window != nil {
		s.window.Close()
		return
	}
	s.app.Quit()
}

func (s *starter) try(o Opening) {
	var b Backend
	s.do(func(ctx context.Context) (err error) {
		b, err = s.open(ctx, o)
		return err
	}, func(err error) {
		if err != nil {
			s.explain(err, o)
			return
		}
		s.window = New(s.app, b)
		s.window.closing = func() { exitWithin(3 * time.Second) }
		s.window.Show()
		if s.trouble != nil {
			s.trouble.Close()
		}
	})
}

// explain says why the data could not be opened, and what can be done.
func (s *starter) explain(err error, tried Opening) {
	e := cloud.AsError(err)
	words := view.Say(e)
	if s.trouble == nil {
		s.trouble = s.app.NewWindow("Panel")
		s.trouble.SetCloseIntercept(func() {
			s.failed = err
			s.app.Quit()
		})
	}
	var rows []fyne.CanvasObject
	rows = append(rows, newHeading(words.Title), newParagraph(words.String()))
	again := newPrimary("Try again", nil, func() { s.try(tried) })
	buttons := hstack(8)
	if needsRecovery(e) || tried.Recovery != "" {
		rows = append(rows, s.passphrase("Recover", 1, func(t string) Opening { return Opening{Recovery: t} }))
	} else if e.Kind == cloud.Keychain {
		switch e.Code {
		case "no_keychain":
			rows = append(rows, s.passphrase("Seal the secrets under this passphrase", leastPassphrase, withPassphrase), forThisSession())
			buttons.Add(newButton("Use Panel for this session only", nil, s.tryInMemory))
		case "unavailable": // no passphrase opens what the keychain keeps
			rows = append(rows, forThisSession())
			buttons.Add(newButton("Use Panel for this session only", nil, s.tryInMemory))
		case "wrong_passphrase", "no_passphrase":
			rows = append(rows, s.passphrase("Open", 1, withPassphrase))
		}
	}
	if words.Copy != "" {
		buttons.Add(newButton("Copy details", nil, func() { s.app.Clipboard().SetContent(words.Copy) }))
	}
	buttons.Add(again)
	rows = append(rows, container.NewHBox(buttons))
	s.trouble.SetContent(padded(20, vstack(12, rows...)))
	s.trouble.Resize(fyne.NewSize(560, 260))
	s.trouble.Show()
}

func (s *starter) tryInMemory() { s.try(Opening{Memory: true}) }

// forThisSession says what a session in memory is.
func forThisSession() fyne.CanvasObject {
	return newParagraph("For this session only, Panel begins anew and keeps nothing on this computer: what it imports is gone when it is closed. Data that is here stays as it is.")
}

// needsRecovery tells whether the vault has lost the data key.
func needsRecovery(e *cloud.Error) bool {
	return e.Kind == cloud.Keychain && e.Code == "missing" || e.Kind == cloud.Storage && e.Code == "wrong_key"
}

func withPassphrase(t string) Opening { return Opening{Passphrase: t} }

// passphrase asks for a passphrase of at least so many characters, and opens
// the data with it.
func (s *starter) passphrase(label string, least int, opening func(string) Opening) fyne.CanvasObject {
	field := newEntry("Passphrase")
	field.Password = true
	field.Validator = func(t string) error {
		if len([]rune(t)) < least {
			return fmt.Errorf("at least %d characters", least)
		}
		return nil
	}
	use := func() {
		if field.Validate() == nil {
			s.try(opening(field.Text))
		}
	}
	field.OnSubmitted = func(string) { use() }
	return container.NewBorder(nil, nil, nil, newButton(label, nil, use), field)
}
