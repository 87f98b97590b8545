package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"panel/ui/view"
)

// recoveryWords ask for a recovery passphrase, once.
var recoveryWords = view.Words{
	Title:    "Keep a recovery passphrase",
	Sentence: "The key to Panel's data is in this computer's keychain alone. If the keychain is lost, what no sync brings back is lost with it.",
	Action:   "A recovery passphrase, written down and kept somewhere safe, opens the data then.",
	Button:   view.Button{Act: actRecovery, Text: "Keep a recovery passphrase"},
	Tone:     view.Muted,
}

// leastPassphrase is how many characters a passphrase has at least.
const leastPassphrase = 12

// openRecovery takes a recovery passphrase, or the word that none is wanted.
func (w *Window) openRecovery() {
	var s *sheet
	var first, again *entry
	var note *text
	set := func(passphrase, said string) {
		w.act(func(ctx context.Context) error { return w.b.SetRecovery(ctx, passphrase) }, func(ok bool) {
			if ok {
				s.close()
				w.say(view.Good, said, "", nil)
			}
		})
	}
	keep := newPrimary("Keep this passphrase", nil, func() { set(first.Text, "The recovery passphrase is kept. Write it down now.") })
	first, again, note = newPassphrase(keep)
	no := newButton("Don't ask again", nil, func() { set("", "Panel will not ask again.") })
	s = w.openSheet(recoveryWords.Title, vstack(12,
		newParagraph(recoveryWords.String()), labelled("Passphrase", first), labelled("Repeat it", again), note), fyne.NewSize(520, 0), no, keep)
	w.win.Canvas().Focus(first)
}

// newPassphrase are two fields for a new passphrase, and a note of what is
// still wrong with it; use is enabled while both have the same, and one that is
// long enough.
func newPassphrase(use *button) (first, again *entry, note *text) {
	first, again = newEntry("At least 12 characters"), newEntry("Once more")
	first.Password, again.Password = true, true
	note = newMuted("")
	judge := func(string) {
		var wrong string
		switch n := len([]rune(first.Text)); {
		case first.Text == "" && again.Text == "":
			wrong = " "
		case n < leastPassphrase:
			wrong = view.Plural(leastPassphrase-n, "character", "characters") + " more, please."
		case first.Text != again.Text:
			wrong = "The two are not the same yet."
		}
		note.set(wrong, view.Muted)
		if wrong == "" {
			use.Enable()
		} else {
			use.Disable()
		}
	}
	judge("")
	first.OnChanged, again.OnChanged = judge, judge
	return first, again, note
}
