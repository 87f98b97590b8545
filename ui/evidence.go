package ui

import (
	"context"
	"errors"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// evidencePane is "who really has it": the ledger beside what Google knows.
type evidencePane struct {
	w       *Window
	list    *plainList
	records *Records // that the list is of
	accept  *button
	query   string
	cancel  context.CancelFunc
	// letter is A, typed a moment ago, and soon does what it asks for; "" and
	// nil for none.
	letter string
	soon   func()
	wait   context.CancelFunc
	empty  *emptyState
	root   fyne.CanvasObject
}

func newEvidencePane(w *Window) *evidencePane {
	p := &evidencePane{w: w, list: newPlainList(w, view.EvidenceRows(nil, w.clock()).Columns(), "verdict"), empty: newEmptyState(nil)}
	p.accept = newPrimary("Accept what Google says (A)", theme.ConfirmIcon(), p.acceptNow)
	p.accept.Disable()
	file := newButton("Adopt from a CSV file…", theme.FolderOpenIcon(), p.openFile)
	all := newButton("Adopt all annotated users…", theme.DownloadIcon(), p.adoptAll)
	p.list.shown = func() {
		claims, _ := p.claims()
		enable(p.accept, len(claims) > 0)
	}
	p.list.table.OnCursor = func(int) {
		p.flush()
		p.list.shown()
	}
	p.list.table.OnOpen = func(row int) { w.openRecord(directory.Chromebooks, p.list.list.At(row).Key()) }
	save := newLink("Export…", w.exportList)
	save.Icon = theme.DocumentSaveIcon()
	hint := newMuted("Panel's checkout beside what Google knows. No recent user is no evidence, never a mismatch.")
	top := container.New(layout.NewCustomPaddedLayout(12, 8, 12, 12), vstack(8, container.NewBorder(nil, nil, hstack(8, p.accept, all, file), hstack(4, save, newLink("Print…", w.printList))), hint))
	foot := container.New(layout.NewCustomPaddedLayout(4, 5, 12, 12), p.list.status)
	p.root = container.NewStack(container.New(&pageLayout{}, top, container.New(layout.NewCustomPaddedLayout(0, 0, 12, 12), p.list.object), foot), p.empty)
	return p
}

func (p *evidencePane) show(s *State) {
	if s.Records == nil || s.Records == p.records {
		return
	}
	p.records = s.Records
	if p.cancel != nil {
		p.cancel()
	}
	records := s.Records
	var all []view.Evidence
	p.cancel = p.w.do(func(ctx context.Context) error {
		return p.w.b.Chromebooks(ctx, func(c *directory.Chromebook) error {
			if e, ok := view.EvidenceOf(c, records.Holdings.Device(c.DeviceID)); ok {
				all = append(all, e)
			}
			return ctx.Err()
		})
	}, func(err error) {
		if records != p.records {
			return
		}
		if err != nil {
			p.records = nil // to be read again
			return
		}
		p.empty.set(view.Words{})
		if len(all) == 0 {
			p.empty.set(view.Words{Title: "Nothing to compare yet", Sentence: "Once Chromebooks have been imported, what Google knows of their users stands here beside Panel's checkouts."})
		}
		p.list.set(view.EvidenceRows(all, p.w.clock()))
	})
}

func (p *evidencePane) find(query string) int {
	if p.list.list == nil {
		return 0
	}
	if query != p.query {
		p.query = query
		p.list.list.Search(query)
		p.list.refill()
	}
	return p.list.list.Found()
}

func (p *evidencePane) outlet() (string, *view.Extract) {
	if p.list.list == nil {
		return "", nil
	}
	const title = "Who really has it"
	return fileName(title, nil, p.w.clock()), p.list.list.Extract(title, p.list.table.order, nil, p.w.clock())
}

// claims are what Google says of the rows that are selected; weak tells that it
// is of the last sign-in alone of one of them.
func (p *evidencePane) claims() (claims []ledger.Claim, weak bool) {
	if p.list.list == nil {
		return nil, false
	}
	for i, row := range p.list.selected() {
		if who := row.Value("claim"); who != "" && row.Value("verdict") != "Agrees" {
			claims = append(claims, ledger.Claim{Line: i + 1, Device: row.Key(), Person: who})
			weak = weak || who != row.Value("annotated_user")
		}
	}
	return claims, weak
}

// commandPause is how long a letter waits that is a command, unless another
// letter follows: longer than one who types a word waits before the next.
const commandPause = 600 * time.Millisecond

// acceptSoon is [evidencePane.acceptNow] of what is selected now, unless a letter
// follows.
func (p *evidencePane) acceptSoon(letter string) {
	claims, weak := p.claims()
	p.letter, p.soon = letter, func() { p.acceptThese(claims, weak) }
	p.wait = p.w.after(commandPause, p.flush)
}

// flush does what a letter asked for, if one did, and nothing has come in between.
func (p *evidencePane) flush() {
	soon, c := p.soon, p.w.checkout
	if soon == nil {
		return
	}
	p.cancelAccept()
	if p.w.at == tabCheckout && c.at == placeReal && len(p.w.sheets) == 0 && p.w.win.Canvas().Focused() != fyne.Focusable(p.w.search) {
		soon()
	}
}

func (p *evidencePane) cancelAccept() {
	if p.wait != nil {
		p.wait()
	}
	p.letter, p.soon, p.wait = "", nil, nil
}

// The notes of what is adopted.
const (
	fromGoogle = "accepted from Google"
	adopted    = "adopted"
)

// acceptNow accepts what Google says of what is selected.
func (p *evidencePane) acceptNow() {
	p.cancelAccept()
	p.acceptThese(p.claims())
}

// acceptThese accepts claims: one at once, unless it would take a device from
// somebody because somebody else has signed in, and more after a look.
func (p *evidencePane) acceptThese(claims []ledger.Claim, weak bool) {
	const title = "Accept what Google says"
	if len(claims) != 1 {
		if len(claims) > 1 {
			p.w.openAdoption(title, claims, true, fromGoogle, "")
		}
		return
	}
	var found []ledger.Adoption
	var written []string
	p.w.do(func(ctx context.Context) (err error) {
		found, err = p.w.b.Judge(ctx, claims, true)
		if err == nil && found[0].Verdict.Writes() && (!weak || found[0].Verdict != ledger.Move) {
			written, _, err = p.w.b.Adopt(ctx, found, fromGoogle)
		}
		return err
	}, func(err error) {
		p.w.changed()
		switch {
		case err != nil:
			p.w.fail(err, func() { p.acceptThese(claims, weak) })
		case found[0].Verdict == ledger.Move && weak:
			p.w.openAdoption(title, claims, true, fromGoogle, "Google has no annotated user for it: this is whoever signed in last.")
		case len(written) > 0:
			p.w.say(view.Good, view.AdoptedWords(&found[0])+".", "Undo", func() { p.w.undo(written...) })
		case found[0].Verdict.Writes():
			p.w.sayAdopted(nil, 1)
		default:
			p.w.say(view.Warn, found[0].Claim.Person+": "+view.VerdictWord(found[0].Verdict)+".", "", nil)
		}
	})
}

// adoptAll adopts every annotated user.
func (p *evidencePane) adoptAll() {
	var claims []ledger.Claim
	p.w.do(func(ctx context.Context) error {
		return p.w.b.Chromebooks(ctx, func(c *directory.Chromebook) error {
			if c.Gone.IsZero() && c.Status != "DEPROVISIONED" && c.AnnotatedUser != "" {
				claims = append(claims, ledger.Claim{Line: len(claims) + 1, Device: c.DeviceID, Person: c.AnnotatedUser})
			}
			return ctx.Err()
		})
	}, func(err error) {
		switch {
		case err != nil:
			p.w.fail(err, p.adoptAll)
		case len(claims) == 0:
			p.w.say(view.Muted, "No Chromebook has an annotated user.", "", nil)
		default:
			p.w.openAdoption("Adopt the annotated users", claims, false, adopted, "")
		}
	})
}

// openFile adopts what a CSV file says.
func (p *evidencePane) openFile() {
	chooseFile(p.w.win, ".csv", p.adoptFile)
}

func (p *evidencePane) adoptFile(path string) {
	var claims []ledger.Claim
	var decoded bool
	p.w.do(func(context.Context) error {
		b, err := os.ReadFile(path)
		if err == nil {
			claims, decoded, err = ledger.ReadClaims(b)
		}
		return err
	}, func(err error) {
		var wrong *ledger.ClaimsError
		switch {
		case errors.As(err, &wrong):
			p.w.sayFor(0, view.Warn, view.SayClaims(wrong), "Choose another file…", p.openFile)
		case err != nil:
			p.w.say(view.Warn, "That file cannot be read.", "Choose another file…", p.openFile)
		default:
			hint := ""
			if decoded {
				hint = "The file is not in UTF-8; it was read as Windows-1252. Look whether letters such as é are right."
			}
			p.w.openAdoption("Adopt from a file", claims, false, adopted, hint)
		}
	})
}

// sayAdopted says how much was adopted, with a way back.
func (w *Window) sayAdopted(written []string, refused int) {
	switch {
	case len(written) == 0:
		w.say(view.Warn, "Nothing was adopted: something else was done with "+view.Plural(refused, "device", "devices")+" meanwhile.", "", nil)
	case refused > 0:
		w.say(view.Good, "Adopted, but for "+view.Number(refused)+" that had changed meanwhile.", "Undo", func() { w.undo(written...) })
	default:
		w.say(view.Good, "Adopted. Lists and both tabs show it.", "Undo", func() { w.undo(written...) })
	}
}

// openAdoption shows, row by row, what claims will do, and does it; note is for
// those that bring none.
func (w *Window) openAdoption(title string, claims []ledger.Claim, move bool, note, hint string) {
	var s *sheet
	var found []ledger.Adoption
	list := newPlainList(w, view.AdoptionRows(nil, w.clock()).Columns(), "verdict")
	write := newPrimary("Check out", nil, nil)
	write.Disable()
	about := newMuted("Looking them up…")
	var look func()
	var written []string // also by a press that failed later on
	writing, closed := false, false
	moves := newTick("Also move what is out to somebody else", func(on bool) { move = on; look() })
	moves.Checked = move
	var cancelLook context.CancelFunc
	looks := 0 // the last one counts
	look = func() {
		write.Disable()
		looks++
		now := looks
		if cancelLook != nil {
			cancelLook()
		}
		var judged []ledger.Adoption
		mine := move
		cancelLook = w.do(func(ctx context.Context) (err error) {
			judged, err = w.b.Judge(ctx, claims, mine)
			return err
		}, func(err error) {
			if now != looks || closed {
				return
			}
			if err != nil {
				about.set("They could not be looked up.", view.Bad)
				w.fail(err, look)
				return
			}
			found = judged
			n := 0
			for i := range found {
				if found[i].Verdict.Writes() {
					n++
				}
			}
			list.set(view.AdoptionRows(found, w.clock()))
			about.set(view.Number(n)+" of "+view.Plural(len(found), "line", "lines")+" will be written; the others say why not, and change nothing.", view.Plain)
			write.SetText("Check out " + view.Number(n))
			enable(write, n > 0 && !writing)
		})
	}
	cancel := newButton("Cancel", nil, func() { s.close() })
	write.OnTapped = func() {
		write.Disable()
		cancel.Disable()
		moves.Disable()
		writing = true
		refused, all := 0, found
		var now []string
		w.do(func(ctx context.Context) (err error) {
			now, refused, err = w.b.Adopt(ctx, all, note)
			return err
		}, func(err error) {
			w.changed()
			writing, written = false, append(written, now...)
			cancel.Enable()
			moves.Enable()
			switch {
			case err != nil && closed:
				w.fail(err, func() {})
				if len(written) > 0 {
					w.sayAdopted(written, refused)
				}
				return
			case err != nil:
				look() // and say what is left to do
				w.fail(err, look)
				return
			}
			all := written
			written = nil
			s.close()
			w.sayAdopted(all, refused)
		})
	}
	head := vstack(6, about, moves)
	if hint != "" {
		head.Add(newParagraph("**" + hint + "**"))
	}
	size := w.win.Canvas().Size()
	high := size.Height - 268
	if hint != "" {
		high -= 56
	}
	table := container.NewGridWrap(fyne.NewSize(min(1000, size.Width-110), max(200, high)), list.object)
	s = w.openSheet(title, vstack(8, head, table), fyne.NewSize(min(1060, size.Width-60), size.Height-80), cancel, write)
	s.onClose = func() { // what was written before it failed stays, and can be undone
		closed = true
		if len(written) > 0 && !writing {
			w.sayAdopted(written, 0)
		}
	}
	look()
}
