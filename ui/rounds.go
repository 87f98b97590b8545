package ui

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// roundPane is a collection day, or an audit: what is expected against what was
// scanned.
type roundPane struct {
	w    *Window
	kind ledger.RoundKind
	box  *scanBox

	rounds []ledger.Round // of the kind, newest first
	round  *ledger.Round  // that is shown, nil for none
	known  bool           // what was scanned in it, as far as it was written
	seen   []ledger.Seen
	// elsewhere is where other rounds have seen an Asset since this one began.
	elsewhere map[string]ledger.Line
	lines     []ledger.Line
	list      *view.List
	mark      ledger.Mark // shown alone, "" for all
	query     string

	choose             *choice
	begin, finish      *button
	save, paper, again *button
	resolve, settle    *button
	tiles              *fyne.Container
	table              *table
	status             *text
	empty              *emptyState
	page, root         *fyne.Container
	late               context.CancelFunc
	next               time.Time // the earliest time to work the result out again
}

// roundNames are what the two kinds are called.
var roundNames = map[ledger.RoundKind]struct{ name, one, begin, title, sentence string }{
	ledger.Collection: {
		"Collection", "collection day", "New collection day…", "No collection day yet",
		"Choose whose devices are to come back, and scan them as they do: what is outstanding is seen at any moment, also after a restart.",
	},
	ledger.Audit: {
		"Audit", "inventory audit", "New inventory audit…", "No inventory audit yet",
		"Choose a place or an organizational unit, and scan what is there: what is missing, misplaced or found elsewhere is seen at once.",
	},
}

func newRoundPane(w *Window, q *queue, kind ledger.RoundKind) *roundPane {
	names := roundNames[kind]
	p := &roundPane{w: w, kind: kind, table: newTable(view.LineRows(nil, time.Time{}).Columns()), status: newMuted("")}
	p.box = newScanBox(w, q, kind, view.Words{Title: "Ready to scan", Sentence: "Scan one device after the other."})
	p.box.entry.SetPlaceHolder("Scan or type a serial or an asset ID, then Enter")
	p.box.told = p.scanned
	p.box.words = p.words
	p.box.title.Points, p.box.card.pad = 28, 10
	p.choose = newChoice(nil, p.chosen)
	p.begin = newButton(names.begin, theme.ContentAddIcon(), func() { p.openNew(nil) })
	p.finish = newButton("Finish", theme.ConfirmIcon(), p.end)
	p.again = newButton("Undo this scan", theme.ContentUndoIcon(), p.undo)
	p.resolve = newButton("Which one…", theme.QuestionIcon(), p.openResolve)
	p.settle = newButton("Done with it", theme.ConfirmIcon(), p.doneWith)
	p.save = newLink("Export…", w.exportList)
	p.save.Icon = theme.DocumentSaveIcon()
	p.paper = newLink("Print…", w.printList)
	p.tiles = container.New(&flowLayout{gap: 8})
	p.table.OnSort = func(by []sorting) {
		if p.list != nil {
			p.list.Sort(p.orders()...)
			p.table.SetRows(viewRows{p.list, p.table.columns, p.w.clock})
		}
	}
	p.table.OnHover = func(text string, at fyne.Position) { w.showTipAt(text, at, rowHeight) }
	p.table.OnCopy = func(n int) { w.say(view.Good, view.Plural(n, "row", "rows")+" copied", "", nil) }
	p.table.OnCursor = func(int) { p.showActs() }
	p.table.OnOpen = func(row int) { p.open(row) }
	p.empty = newEmptyState(func(view.Words) { p.openNew(nil) })
	p.empty.set(view.Words{Title: names.title, Sentence: names.sentence, Button: view.Button{Act: view.TryAgain, Text: names.begin}})
	bar := container.NewBorder(nil, nil, hstack(8, container.NewGridWrap(fyne.NewSize(330, 36), framed(p.choose)), p.finish), hstack(4, p.save, p.paper, p.begin))
	top := container.New(layout.NewCustomPaddedLayout(12, 8, 12, 12), vstack(10, bar, p.tiles, p.box.root))
	foot := container.NewBorder(nil, nil, hstack(6, p.again, p.resolve, p.settle), nil, container.New(layout.NewCustomPaddedLayout(0, 0, 10, 0), p.status))
	p.page = container.New(&pageLayout{}, top, under(p.table, foot))
	p.root = container.NewStack(p.page, p.empty)
	p.page.Hide()
	p.showActs()
	return p
}

// load reads the rounds, and shows the newest that goes on, else the newest.
func (p *roundPane) load() {
	var rounds []ledger.Round
	p.w.do(func(ctx context.Context) (err error) {
		rounds, err = p.w.b.Rounds(ctx)
		return err
	}, func(err error) {
		if err != nil {
			p.w.fail(err, p.load)
			return
		}
		p.setRounds(rounds)
	})
}

func (p *roundPane) setRounds(all []ledger.Round) {
	p.rounds = nil
	for _, r := range all {
		if r.Kind == p.kind {
			p.rounds = append(p.rounds, r)
		}
	}
	visible(p.empty, len(p.rounds) == 0)
	visible(p.page, len(p.rounds) > 0)
	var names []string
	for i := range p.rounds {
		names = append(names, p.nameOf(&p.rounds[i]))
	}
	p.choose.Options = names
	show := slices.IndexFunc(p.rounds, func(r ledger.Round) bool { return p.round != nil && r.ID == p.round.ID })
	if show < 0 {
		show = max(0, slices.IndexFunc(p.rounds, func(r ledger.Round) bool { return r.Ended.IsZero() }))
	}
	if len(p.rounds) > 0 {
		p.showRound(&p.rounds[show])
	}
}

// nameOf names a round apart from others.
func (p *roundPane) nameOf(r *ledger.Round) string {
	name, begun := r.Name, r.Begun.In(p.w.clock().Location())
	if day := begun.Format(time.DateOnly); !strings.Contains(name, day) {
		name += " · " + day
	}
	if slices.ContainsFunc(p.rounds, func(o ledger.Round) bool { return o.ID != r.ID && o.Name == r.Name }) {
		name += " · " + begun.Format(time.TimeOnly)
	}
	if !r.Ended.IsZero() {
		name += " · finished"
	}
	return name
}

func (p *roundPane) chosen(name string) {
	for i := range p.rounds {
		if r := &p.rounds[i]; p.nameOf(r) == name && (p.round == nil || p.round.ID != r.ID) {
			p.showRound(r)
		}
	}
}

// showRound reads what was scanned in a round, and shows how it stands.
func (p *roundPane) showRound(r *ledger.Round) {
	if p.round == nil || p.round.ID != r.ID {
		p.known, p.seen, p.elsewhere, p.lines = false, nil, nil, nil
		p.table.SetRows(viewRows{view.NewList(view.LineRows(nil, p.w.clock())), p.table.columns, p.w.clock})
	}
	p.round, p.mark, p.list = r, "", nil
	p.choose.Selected = p.nameOf(r)
	p.choose.Refresh()
	goesOn := r.Ended.IsZero()
	p.box.round = ""
	if goesOn {
		p.box.round = r.ID
	}
	visible(p.box.root, goesOn)
	p.finish.SetText("Finish")
	if !goesOn {
		p.finish.SetText("Go on with it")
	}
	var seen []ledger.Seen
	elsewhere := map[string]ledger.Line{}
	p.box.read(func(ctx context.Context) (err error) {
		if err = p.w.b.PrepareScans(ctx); err != nil {
			return err
		}
		if seen, err = p.w.b.Seen(ctx, r.ID); err != nil || p.kind != ledger.Audit {
			return err
		}
		return p.lookElsewhere(ctx, r, elsewhere)
	}, func(err error) {
		switch {
		case p.round != r:
		case err != nil:
			p.box.round = "" // not before what was scanned is known
			p.w.fail(err, func() { p.showRound(r) })
		default:
			p.known, p.seen, p.elsewhere = true, seen, elsewhere
			p.workOut()
			p.w.checkout.focus()
		}
	})
}

// lookElsewhere finds what other audits have seen since one began.
func (p *roundPane) lookElsewhere(ctx context.Context, r *ledger.Round, found map[string]ledger.Line) error {
	all, err := p.w.b.Rounds(ctx)
	if err != nil {
		return err
	}
	for _, o := range all {
		if o.Kind != ledger.Audit || o.ID == r.ID || !o.Ended.IsZero() && o.Ended.Before(r.Begun) {
			continue
		}
		seen, err := p.w.b.Seen(ctx, o.ID)
		if err != nil {
			return err
		}
		for _, s := range seen {
			if s.Asset.ID != "" && !s.Settled && s.At.After(r.Begun) {
				found[s.Asset.Key()] = ledger.Line{Where: o.Name, At: s.At}
			}
		}
	}
	return nil
}

// show shows how the round stands now: something may have come back elsewhere.
func (p *roundPane) show(*State) { p.workOutSoon() }

// scanned takes what came of a scan.
func (p *roundPane) scanned(s *ledger.Scan, _ *directory.Person) {
	switch {
	case s.Outcome == ledger.Ended, s.Outcome == ledger.Failed: // which changed nothing
		return
	case p.box.reading > 0: // what is being read has it
		return
	}
	p.seen = append(p.seen, ledger.SeenOf(s))
	if len(p.lines) < 2000 { // so that the words for the scan know
		p.workOut()
	} else {
		p.workOutSoon()
	}
}

// workOutSoon is workOut, but not more often than the window can take.
func (p *roundPane) workOutSoon() {
	if p.late != nil {
		p.late()
		p.late = nil
	}
	if wait := time.Until(p.next); wait > 0 {
		p.late = p.w.after(wait, p.workOut)
		return
	}
	p.workOut()
}

// workOut works out how the round stands, and shows it.
func (p *roundPane) workOut() {
	if p.round == nil || !p.known {
		return
	}
	began := time.Now()
	p.lines = p.round.Result(p.seen, p.w.b.Standing, func(asset string) (string, time.Time) {
		l := p.elsewhere[asset]
		return l.Where, l.At
	})
	rows := view.LineRows(p.lines, p.w.clock())
	if p.list == nil {
		if len(p.table.sorted) == 0 { // what was scanned last stands first
			at := slices.IndexFunc(p.table.columns, func(c view.Column) bool { return c.Key == "at" })
			p.table.SetSort(sorting{at, true})
		}
		p.list = view.NewList(rows)
		p.list.Search(p.query)
		p.list.Sort(p.orders()...)
	} else {
		p.list.SetRows(rows)
	}
	p.table.fitColumns(rows.Typical)
	p.table.arrange()
	p.filter(p.mark)
	p.next = time.Now().Add(10 * time.Since(began))
}

// filter shows the lines with a mark alone; "" is all.
func (p *roundPane) filter(m ledger.Mark) {
	p.mark = m
	if p.list == nil {
		return
	}
	if m == "" {
		p.list.Filter("mark")
	} else {
		p.list.Filter("mark", view.MarkWord(m))
	}
	p.table.SetRows(viewRows{p.list, p.table.columns, p.w.clock})
	p.showTiles()
	n := p.list.Len()
	words := view.Plural(n, "line", "lines")
	if n < len(p.lines) {
		words = view.Number(n) + " of " + view.Plural(len(p.lines), "line", "lines")
	}
	p.status.set(words, view.Muted)
	p.showActs()
}

// showTiles shows how many lines have each mark; a click shows those alone.
func (p *roundPane) showTiles() {
	counts := ledger.Counts(p.lines)
	marks := p.kind.Marks()
	for i, m := range marks {
		if i == len(p.tiles.Objects) {
			p.tiles.Add(newTile(nil))
		}
		if t, ok := p.tiles.Objects[i].(*tile); ok {
			t.tapped = func() {
				if p.mark == m {
					p.filter("")
				} else {
					p.filter(m)
				}
			}
			t.set(view.Number(counts[m]), view.MarkWord(m), view.MarkTone(m), p.mark == m)
		}
	}
}

// words says what came of a scan in this round.
func (p *roundPane) words(s *ledger.Scan, failed *view.Words) view.Words {
	switch {
	case s.Outcome == ledger.ScannedPerson:
		return view.SayPerson(s)
	case s.Asset.ID == "" || failed != nil:
		return view.SayKept(s, failed, p.w.clock())
	}
	key := s.Asset.Key()
	for i := range p.lines {
		if l := &p.lines[i]; l.Asset.Key() == key {
			return view.SayMark(l, s, p.w.clock())
		}
	}
	return view.SayScan(s, failed, p.w.clock())
}

// entryAt is the journal's entry of the line under the cursor, "" for none that
// can be undone.
func (p *roundPane) entryAt() string {
	if p.table.cursor < 0 {
		return ""
	}
	key := p.table.cursorKey
	for _, s := range slices.Backward(p.seen) {
		if s.Asset.ID != key || s.Entry == "" {
			continue
		}
		if now := p.w.b.Standing(s.Asset.Key()); now != nil && now.Last == s.Entry {
			return s.Entry
		}
	}
	return ""
}

// scansAt are the scans of the line under the cursor that count.
func (p *roundPane) scansAt() (scans []ledger.Seen) {
	if p.table.cursor < 0 {
		return nil
	}
	code, isCode := strings.CutPrefix(p.table.cursorKey, "code ")
	for _, s := range p.seen {
		if isCode && s.Code == code && s.Open() || s.Asset.ID == p.table.cursorKey && !s.Settled {
			scans = append(scans, s)
		}
	}
	return scans
}

// showActs shows what can be done with the line under the cursor.
func (p *roundPane) showActs() {
	scans := p.scansAt()
	open := len(scans) > 0 && scans[0].Open()
	wroteNothing := func(s ledger.Seen) bool { return s.Entry == "" }
	enable(p.again, !open && (p.entryAt() != "" || slices.ContainsFunc(scans, wroteNothing)))
	enable(p.resolve, open && p.box.round != "")
	enable(p.settle, open)
}

// undo takes a scan back: what it wrote, or that it counts.
func (p *roundPane) undo() {
	if id := p.entryAt(); id != "" {
		p.w.undo(id)
		return
	}
	p.leaveOut("That scan does not count any more.")
}

// doneWith says of a code that it has been looked after.
func (p *roundPane) doneWith() {
	if scans := p.scansAt(); len(scans) > 0 {
		p.leaveOut("Done with “" + scans[0].Code + "”.")
	}
}

// leaveOut has the scans of the line under the cursor count no more, with a way
// back.
func (p *roundPane) leaveOut(words string) {
	r, scans := p.round, p.scansAt()
	if len(scans) == 0 {
		return
	}
	again := func() {
		if p.round != nil && p.round.ID == r.ID {
			p.showRound(p.round)
		}
	}
	p.w.settle(r.ID, scans, true, func() {
		again()
		p.w.say(view.Good, words, "Undo", func() { p.w.settle(r.ID, scans, false, again) })
	})
}

// openResolve asks what the code under the cursor means.
func (p *roundPane) openResolve() {
	if scans := p.scansAt(); len(scans) > 0 && scans[0].Open() && p.box.round != "" {
		p.box.openResolve(&scans[0], func() { p.showRound(p.round) })
	}
}

// open goes to the record of a line, or asks what its code means.
func (p *roundPane) open(row int) {
	key := p.table.rows.Key(row)
	if strings.HasPrefix(key, "code ") {
		p.openResolve()
		return
	}
	p.w.openRecord(directory.Chromebooks, key)
}

// find searches the lines, and returns how many are found.
func (p *roundPane) find(query string) int {
	if p.query = query; p.list == nil {
		return 0
	}
	p.list.Search(query)
	p.filter(p.mark)
	return p.list.Found()
}

// end finishes the round, or goes on with one that was finished.
func (p *roundPane) end() {
	r := *p.round
	if r.Ended.IsZero() {
		r.Ended = p.w.clock()
	} else {
		r.Ended = time.Time{}
	}
	p.w.act(func(ctx context.Context) error { return p.w.b.KeepRound(ctx, &r) }, func(bool) { p.load() })
}

func (p *roundPane) orders() (by []view.Order) {
	for _, s := range p.table.sorted {
		key := p.table.columns[s.column].Key
		if by = append(by, view.Order{Column: key, Descending: s.descending}); key == "at" {
			by = append(by, view.Order{Column: view.ScanOrder, Descending: s.descending})
		}
	}
	return by
}

func (p *roundPane) outlet() (string, *view.Extract) {
	if p.list == nil {
		return "", nil
	}
	name := roundNames[p.kind].name
	return fileName(name+" "+p.round.Name, nil, p.w.clock()), p.list.Extract(name+" – "+p.round.Name, p.table.order, nil, p.w.clock())
}
