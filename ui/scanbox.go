package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/ledger"
	"panel/sync/cloud"
	"panel/ui/view"
)

// scanBox is where codes come in, and what came of the last one, large enough
// to be read from where one stands with a stack of devices.
type scanBox struct {
	w       *Window
	queue   *queue
	round   string // "" takes nothing
	scanner *ledger.Scanner
	// asked is what is handed out with: the scanner is the queue's.
	due    directory.Day
	loaner bool

	entry           *entry
	card            *card
	title, sentence *text
	root            *fyne.Container
	// words says what came of a scan, told is told of it.
	words func(*ledger.Scan, *view.Words) view.Words
	told  func(*ledger.Scan, *directory.Person)
	// waiting are the scans that were taken and not yet shown, reading the reads
	// that go on.
	waiting, reading int
}

// The sizes of what is read from two metres.
const (
	textHuge  = 34
	textLarge = 18
)

func newScanBox(w *Window, q *queue, kind ledger.RoundKind, idle view.Words) *scanBox {
	b := &scanBox{w: w, queue: q, scanner: &ledger.Scanner{Kind: kind}, title: newText(idle.Title), sentence: newText(idle.Sentence)}
	b.entry = newEntry("Scan or type a serial, an asset ID, an address or an employee ID, then Enter")
	b.entry.SetIcon(theme.LoginIcon())
	b.entry.OnSubmitted = func(line string) {
		if b.round != "" {
			b.entry.SetText("")
			b.take(line)
		}
	}
	b.entry.onEscape = func() { b.entry.SetText("") }
	b.title.Points, b.title.Bold = textHuge, true
	b.sentence.Points = textLarge
	b.card = newCard(vstack(2, b.title, b.sentence))
	b.card.pad = 14
	b.words = func(s *ledger.Scan, failed *view.Words) view.Words { return view.SayScan(s, failed, w.clock()) }
	b.told = func(*ledger.Scan, *directory.Person) {}
	b.root = vstack(8, b.card, b.entry)
	return b
}

// take takes one line, as it was scanned or typed.
func (b *scanBox) take(line string) {
	due, loaner, round := b.due, b.loaner, b.round
	b.work(func(ctx context.Context) (ledger.Scan, error) {
		b.scanner.Due, b.scanner.Loaner = due, loaner
		return b.w.b.Scan(ctx, b.scanner, line, round)
	})
}

// choose says which record a code means that was seen.
func (b *scanBox) choose(seen ledger.Seen, m ledger.Match) {
	due, loaner, round := b.due, b.loaner, b.round
	b.work(func(ctx context.Context) (ledger.Scan, error) {
		b.scanner.Due, b.scanner.Loaner = due, loaner
		return b.w.b.Choose(ctx, b.scanner, seen, m, round)
	})
}

// end ends that somebody is current.
func (b *scanBox) end() { b.take("") }

// read reads what was scanned, after the scans before it and before those that
// follow, and then calls done.
func (b *scanBox) read(work func(context.Context) error, done func(error)) {
	b.reading++
	b.queue.add(func(ctx context.Context) {
		err := work(ctx)
		b.w.ui(func() {
			b.reading--
			done(err)
		})
	})
}

// moment is how long the window waits for a scan, about as long as it draws: most
// are durable a few milliseconds after Enter, and the picture that empties the box
// tells of them too.
const moment = 20 * time.Millisecond

func (b *scanBox) work(scan func(context.Context) (ledger.Scan, error)) {
	if b.round == "" {
		return
	}
	silent := b.w.state != nil && b.w.state.Settings.Silent
	alone := b.waiting == 0 && b.reading == 0
	b.waiting++
	var s ledger.Scan
	var current *directory.Person
	var err error
	written, shown := make(chan struct{}), false
	show := func() {
		if !shown {
			shown = true
			b.show(&s, current, err)
		}
	}
	b.queue.add(func(ctx context.Context) {
		s, err = scan(ctx)
		current = b.scanner.Current()
		close(written)
		if good, bad := view.Sounds(&s, b.scanner.Kind); (good || bad) && !silent {
			b.w.b.Sound(good)
		}
		b.w.ui(show)
	})
	if !alone {
		return // after those before it
	}
	select {
	case <-written:
		show()
	case <-time.After(moment):
	}
}

// show says what came of a scan.
func (b *scanBox) show(s *ledger.Scan, current *directory.Person, err error) {
	b.waiting--
	var failed *view.Words
	if err != nil {
		words := view.Say(cloud.AsError(err))
		failed = &words
	}
	b.told(s, current)
	b.say(b.words(s, failed))
	b.w.changed()
}

func (b *scanBox) say(w view.Words) {
	b.title.set(w.Title, w.Tone)
	b.sentence.set(w.String(), view.Plain)
	if b.card.accent != w.Tone {
		b.card.accent = w.Tone
		b.card.Refresh()
	}
}

// scanTable lists scans, the newest first.
type scanTable struct {
	*table
	w    *Window
	seen []ledger.Seen // oldest first
}

// mostSeen is how many scans are listed, beside older ones that are still to be
// looked after.
const mostSeen = 2000

var scanColumns = []view.Column{
	{Key: "time", Title: "Time", Width: 84},
	{Key: "result", Title: "Result", Width: 104, Badge: true},
	{Key: "code", Title: "Scanned", Width: 180, Least: 110},
	{Key: "device", Title: "Device", Width: 240, Least: 130},
	{Key: "person", Title: "Person", Width: 200, Least: 120},
}

func newScanTable(w *Window) *scanTable {
	t := &scanTable{table: newTable(scanColumns), w: w}
	t.OnHover = func(text string, at fyne.Position) { w.showTipAt(text, at, rowHeight) }
	t.OnCopy = func(n int) { w.say(view.Good, view.Plural(n, "row", "rows")+" copied", "", nil) }
	t.SetRows(scanRows{t})
	return t
}

// set lists what is kept, and what could not be kept stays.
func (t *scanTable) set(kept []ledger.Seen) {
	for i := range t.seen {
		if t.seen[i].N == 0 {
			kept = append(kept, t.seen[i])
		}
	}
	slices.SortStableFunc(kept, func(a, b ledger.Seen) int { return a.At.Compare(b.At) })
	t.seen = kept
	t.trim()
	t.SetRows(scanRows{t})
}

// add adds a scan at the top.
func (t *scanTable) add(s ledger.Seen) {
	t.seen = append(t.seen, s)
	t.trim()
	t.Prepend(scanRows{t}, 1)
}

// trim leaves out the oldest that nobody has to look after.
func (t *scanTable) trim() {
	more := len(t.seen) - mostSeen
	if more <= 0 {
		return
	}
	var open []ledger.Seen
	for i := range t.seen[:more] {
		if t.seen[i].Open() {
			open = append(open, t.seen[i])
		}
	}
	t.seen = append(open, t.seen[more:]...)
}

// forget takes a scan out that was not kept.
func (t *scanTable) forget(s *ledger.Seen) {
	key := seenKey(s)
	t.seen = slices.DeleteFunc(t.seen, func(o ledger.Seen) bool { return o.N == 0 && seenKey(&o) == key })
}

// row is the scan under the cursor, nil for none.
func (t *scanTable) row() *ledger.Seen {
	if t.cursor < 0 || t.cursor >= len(t.seen) {
		return nil
	}
	return &t.seen[len(t.seen)-1-t.cursor]
}

// scanRows are the rows of a scanTable.
type scanRows struct{ t *scanTable }

func (r scanRows) Len() int { return len(r.t.seen) }

func (r scanRows) at(row int) *ledger.Seen { return &r.t.seen[len(r.t.seen)-1-row] }

func (r scanRows) Key(row int) string { return seenKey(r.at(row)) }

func (r scanRows) Find(key string) int {
	for i := range r.t.seen {
		if seenKey(r.at(i)) == key {
			return i
		}
	}
	return -1
}

func seenKey(s *ledger.Seen) string { return s.At.Format("20060102150405.000000000") + s.Code }

func (r scanRows) Cell(row, column int) cell {
	s := r.at(row)
	switch scanColumns[column].Key {
	case "time":
		return cell{text: s.At.In(r.t.w.clock().Location()).Format("15:04:05"), tone: view.Muted}
	case "result":
		return cell{text: view.OutcomeWord(s), tone: view.OutcomeTone(s), badge: true}
	case "code":
		return cell{text: s.Code}
	case "device":
		return cell{text: assetLine(&s.Asset)}
	}
	return cell{text: s.Holder.Name}
}

// assetLine names an Asset in a line, "" for none.
func assetLine(a *ledger.Asset) string {
	if a.ID == "" {
		return ""
	}
	parts := []string{a.Name()}
	for _, more := range []string{a.Tag, a.Model} {
		if more != "" && more != a.Name() {
			parts = append(parts, more)
		}
	}
	return strings.Join(parts, " · ")
}

// openResolve asks which record a code means.
func (b *scanBox) openResolve(seen *ledger.Seen, done func()) {
	code := seen.Code
	var s *sheet
	lines := vstack(8, newParagraph("What does the code “"+code+"” mean?"))
	if who := seen.Holder.Name; who != "" {
		lines.Add(newMuted("A device goes to " + who + ", for whom it was scanned."))
	}
	one := *seen
	choose := func(m ledger.Match) {
		s.close()
		b.choose(one, m)
		done()
	}
	var device, person *finder
	use := newPrimary("That is it", nil, nil)
	use.Disable()
	check := func() { enable(use, device.match != nil || person.match != nil) }
	device = b.w.newFinder("Serial or asset ID", false, check)
	person = b.w.newFinder("Name, address or employee ID", true, check)
	use.OnTapped = func() {
		if device.match != nil {
			choose(*device.match)
		} else if person.match != nil {
			choose(*person.match)
		}
	}
	offers := vstack(4)
	lines.Add(offers)
	lines.Add(form("Device", device.object(), "Person", person.object()))
	cancel := newButton("Cancel", nil, func() { s.close() })
	s = b.w.openSheet("Which one?", lines, fyne.NewSize(560, 0), cancel, use)
	b.w.focus(device.entry)
	var all []ledger.Match
	b.w.do(func(ctx context.Context) (err error) {
		all, err = b.w.b.Matches(ctx, code)
		return err
	}, func(error) { // without them one can still say it
		for _, m := range all {
			offers.Add(newButton(matchLine(&m), nil, func() { choose(m) }))
		}
		offers.Refresh()
		s.fit()
	})
}

func matchLine(m *ledger.Match) string {
	if m.Person != nil {
		return m.Person.Name() + " · " + m.Person.PrimaryEmail
	}
	a := m.TheAsset()
	return assetLine(&a)
}

// scanActs are the buttons for the scan under the cursor.
type scanActs struct {
	undo, resolve, settle *button
	box                   *fyne.Container
}

func newScanActs(b *scanBox, t *scanTable, reload func()) *scanActs {
	a := &scanActs{}
	a.undo = newButton("Undo", theme.ContentUndoIcon(), func() {
		if s := t.row(); s != nil && s.Entry != "" {
			b.w.undo(s.Entry)
		}
	})
	a.resolve = newButton("Which one…", theme.QuestionIcon(), func() {
		if s := t.row(); s != nil {
			b.openResolve(s, reload)
		}
	})
	a.settle = newButton("Done with it", theme.ConfirmIcon(), func() {
		s := t.row()
		if s == nil {
			return
		}
		b.settle(*s, true, t, reload)
	})
	a.box = hstack(6, a.undo, a.resolve, a.settle)
	t.OnCursor = func(int) { a.show(t.row()) }
	a.show(nil)
	return a
}

// settle keeps whether somebody has looked after a scan.
func (b *scanBox) settle(s ledger.Seen, settled bool, t *scanTable, reload func()) {
	round := b.round
	s.Settled = settled
	b.w.act(func(ctx context.Context) error { return b.w.b.Settle(ctx, round, s) }, func(ok bool) {
		if ok {
			t.forget(&s)
		}
		reload()
		if !ok || !settled {
			return
		}
		b.w.say(view.Good, "Done with “"+s.Code+"”.", "Undo", func() {
			if at := slices.IndexFunc(t.seen, func(o ledger.Seen) bool { return o.N > 0 && seenKey(&o) == seenKey(&s) }); at >= 0 {
				b.settle(t.seen[at], false, t, reload)
			}
		})
	})
}

func (a *scanActs) show(s *ledger.Seen) {
	enable(a.undo, s != nil && s.Entry != "")
	enable(a.resolve, s != nil && s.Open() && s.Outcome != ledger.Failed)
	enable(a.settle, s != nil && s.Open())
}

// under puts a bar below something that has the rest.
func under(o, bar fyne.CanvasObject) fyne.CanvasObject {
	return container.NewBorder(nil, container.NewPadded(bar), nil, nil, o)
}
