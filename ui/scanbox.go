package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"

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

	entry           *scanEntry
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
	b.entry = newScanEntry("Scan or type a serial, an asset ID, an address or an employee ID, then Enter", w.after, w.attend)
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
	b.words = func(s *ledger.Scan, failed *view.Words) view.Words { return view.SayKept(s, failed, w.clock()) }
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
	if b.round == "" {
		b.w.say(view.Warn, "That is finished: go on with it first.", "", nil)
		return
	}
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
