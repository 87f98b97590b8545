package ui

import (
	"context"
	"path/filepath"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"panel/sync/cloud"
	"panel/ui/view"
)

// backupSuffix is what names of backups end with.
const backupSuffix = ".age"

// openBackUp takes a passphrase, and asks where to save the backup.
func (w *Window) openBackUp() {
	if len(w.sheets) > 0 {
		return
	}
	var s *sheet
	var first, again *entry
	var note *text
	cancel := newButton("Cancel", nil, func() { s.close() })
	choose := newPrimary("Choose where to save…", nil, func() {
		s.close()
		w.backUp(first.Text)
	})
	first, again, note = newPassphrase(choose)
	s = w.openSheet("Back up", vstack(12,
		newParagraph("A backup is one file with everything that Panel keeps: what was imported, the history, your settings and decisions. No authorization and no client secret is in it."),
		newParagraph("It opens with this passphrase alone, on any computer. Nobody can open it without, so write it down, and keep both apart."),
		labelled("Passphrase", first), labelled("Repeat it", again), note), fyne.NewSize(540, 0), cancel, choose)
	w.win.Canvas().Focus(first)
}

// backUp asks where to save a backup, and writes it.
func (w *Window) backUp(passphrase string) {
	name := "Panel backup " + w.clock().Format(time.DateOnly) + backupSuffix
	w.chooseNew("Save the backup", name, []string{backupSuffix}, func(path string) {
		w.write(path, "Backed up as ", nil, func() { w.backUp(passphrase) }, func(ctx context.Context) error {
			return w.b.BackUp(ctx, path, passphrase)
		})
	})
}

// openRestore asks for a backup and its passphrase.
func (w *Window) openRestore() {
	if len(w.sheets) > 0 {
		return
	}
	chooseFile(w.win, backupSuffix, w.openBackup)
}

// openBackup takes the passphrase of a backup, looks into it, and asks before
// it is restored.
func (w *Window) openBackup(path string) {
	var s *sheet
	field := newEntry("The one that was chosen for this backup")
	field.Password = true
	cancel := newButton("Cancel", nil, func() { s.close() })
	look := newPrimary("Open the backup", nil, nil)
	look.OnTapped = func() {
		passphrase := field.Text
		var made time.Time
		look.Disable()
		look.SetText("Opening…")
		field.Disable()
		s.onClose = w.do(func(ctx context.Context) (err error) {
			made, err = w.b.CheckBackup(ctx, path, passphrase)
			return err
		}, func(err error) {
			look.SetText("Open the backup")
			look.Enable()
			field.Enable()
			switch {
			case cloud.KindOf(err) == cloud.Cancelled: // the sheet was closed
			case err != nil:
				w.fail(err, nil) // the sheet's own button tries again
				w.win.Canvas().Focus(field)
			default:
				s.close()
				w.confirmRestore(path, passphrase, made)
			}
		})
	}
	look.Disable()
	field.OnChanged = func(t string) {
		if t != "" {
			look.Enable()
		} else {
			look.Disable()
		}
	}
	s = w.openSheet("Restore a backup", vstack(12,
		newParagraph("Panel looks into "+filepath.Base(path)+" and asks you before anything is changed."),
		labelled("Passphrase", field)), fyne.NewSize(540, 0), cancel, look)
	w.win.Canvas().Focus(field)
}

func (w *Window) confirmRestore(path, passphrase string, made time.Time) {
	at := made.Local().Format("2006-01-02 15:04")
	w.confirm("Restore this backup?",
		"It was made on "+at+", and everything in Panel becomes as it was then. What is here now is not deleted: it is set aside, in a folder of its own in the data folder. The connections to Google and Microsoft stay as they are on this computer; where there are none, Panel says what to do.",
		"Restore", false, func() {
			w.again(Opening{Backup: path, BackupPassphrase: passphrase}, "Restoring the backup…", "Restored: everything is as it was on "+at+".")
		})
}

// openErase asks once, and erases everything.
func (w *Window) openErase() {
	if len(w.sheets) > 0 {
		return
	}
	var s *sheet
	cancel := newButton("Cancel", nil, func() { s.close() })
	erase := newPrimary("Erase everything", nil, func() {
		s.close()
		w.again(Opening{Erase: true}, "Erasing everything…", "")
	})
	erase.Importance = widget.DangerImportance
	s = w.openSheet("Erase everything?", vstack(10,
		newParagraph("Panel forgets all that it keeps on this computer: what was imported, the history, your settings and decisions, what restores have set aside, the log, and the secrets in the keychain. This cannot be undone."),
		newParagraph("Backups and exports that you saved elsewhere stay. Nothing changes at Google and Microsoft: to end Panel's access there, de-authorize it first."),
	), fyne.NewSize(520, 0), cancel, erase)
	w.win.Canvas().Focus(cancel) // so that Enter erases nothing
}

// openWords shows words that must not be missed.
func (w *Window) openWords(words view.Words) {
	var s *sheet
	buttons := []*button{newPrimary("Close", nil, func() { s.close() })}
	if words.Copy != "" {
		buttons = append([]*button{newButton("Copy details", nil, func() { w.copy(words.Copy, "Details") })}, buttons...)
	}
	s = w.openSheet(words.Title, newParagraph(words.String()), fyne.NewSize(500, 0), buttons...)
}
