package ui

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/assets"
	"panel/directory"
	"panel/sync/cloud"
	"panel/ui/view"
)

// detail is what the pane at the right shows of one record.
type detail struct {
	view.Detail
	history  []directory.Change
	twins    []Twin // nil for a Chromebook
	handling *handling
}

// detailPane shows one record: its fields in groups, what can be done with
// it, and its history. Its parts are used again for the next record: making
// them anew for every row that the cursor passes would cost more than all the
// rest.
type detailPane struct {
	widget.BaseWidget
	h       *host
	w       *Window
	load    func(ctx context.Context, key string, r *Records) (detail, error)
	key     string // of the record that is shown or on its way, "" for none
	news    bool   // onShown has not been told of it
	shown   detail
	cancel  context.CancelFunc
	onClose func()
	onMoved func(from, to string) // the record has another key now
	onShown func(key string)      // another record is shown

	back, forth *iconButton

	title, subtitle *text
	badges, links   *fyne.Container
	acts            *fyne.Container // what can be done in the ledger
	doubt           *fyne.Container
	groups          []*detailGroup
	grouped         *fyne.Container
	past, handled   *facts
	history         fyne.CanvasObject
	entries         fyne.CanvasObject // around handled
	scroll          *container.Scroll
	none            *emptyState // while there is no record
}

// detailGroup is some fields under a heading.
type detailGroup struct {
	title  *text
	facts  *facts
	object fyne.CanvasObject
}

func newDetailPane(w *Window, load func(context.Context, string, *Records) (detail, error), hint string) *detailPane {
	h := w.host
	p := &detailPane{
		h: h, w: w, load: load, title: newHeading(""), subtitle: newMuted(""),
		badges: container.New(&flowLayout{gap: 6}), links: container.New(&flowLayout{gap: 6}),
		acts:  container.New(&flowLayout{gap: 6}),
		doubt: container.NewStack(), grouped: vstack(14), past: newFacts(0), handled: newFacts(0),
	}
	for _, f := range []*facts{p.past, p.handled} {
		f.h, f.onRow, f.above = h, p.reveal, true
	}
	p.entries = section("Checkouts", p.handled)
	p.history = section("History of changes", p.past)
	cross := h.newIconButton(theme.CancelIcon(), "Close", func() { p.onClose() })
	p.back = h.newIconButton(theme.NavigateBackIcon(), "Back   (Alt+←)", func() { w.walk(-1) })
	p.forth = h.newIconButton(theme.NavigateNextIcon(), "Forward   (Alt+→)", func() { w.walk(1) })
	head := vstack(4, container.NewBorder(nil, nil, nil, hstack(0, p.back, p.forth, cross), p.title), p.subtitle, p.badges)
	p.scroll = container.NewVScroll(padded(14, vstack(14, head, p.acts, p.links, p.doubt, p.grouped, p.entries, p.history)))
	p.none = newEmptyState(nil)
	p.none.set(view.Words{Title: hint, Sentence: "Every field, where it came from, and its history."})
	p.ExtendBaseWidget(p)
	return p
}

func (p *detailPane) CreateRenderer() fyne.WidgetRenderer {
	ground := newCard(container.NewStack(p.scroll, p.none))
	ground.pad, ground.square = 0, true
	return widget.NewSimpleRenderer(ground)
}

func (p *detailPane) MinSize() fyne.Size { return fyne.NewSize(310, 100) }

// show shows the record of a key once it is read; "" empties the pane. The
// keyboard passes many records in a second: only where it rests is one read.
func (p *detailPane) show(key string) {
	if key == p.key {
		return
	}
	p.key, p.news = key, true
	p.stop()
	if key == "" {
		p.shown = detail{}
		p.none.Show()
		return
	}
	p.cancel = p.h.after(40*time.Millisecond, p.reload)
}

func (p *detailPane) stop() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
}

// reload reads the record again. An answer that comes after the pane went on
// to another record is dropped.
func (p *detailPane) reload() {
	p.stop()
	key := p.key
	if key == "" {
		return
	}
	var d detail
	records := p.w.records()
	if records == nil {
		return
	}
	p.cancel = p.h.do(func(ctx context.Context) (err error) {
		d, err = p.load(ctx, key, records)
		return err
	}, func(err error) {
		switch {
		case key != p.key:
		case errors.Is(err, ErrGone):
			p.fill(detail{Detail: view.Detail{Key: key, Title: "No longer here", Subtitle: "The record is gone since the list was read."}})
		case cloud.KindOf(err) == cloud.Cancelled:
		case err != nil:
			words := view.Say(cloud.AsError(err))
			p.fill(detail{Detail: view.Detail{Key: key, Title: words.Title, Groups: []view.Group{
				{Title: "What happened", Fields: []view.Field{{Label: "Reason", Value: words.Sentence}, {Label: "What to do", Value: words.Action}}},
			}}})
		default:
			p.fill(d)
			if d.Key != key {
				p.key = d.Key
				p.onMoved(key, d.Key)
			}
			if p.news {
				p.news = false
				p.onShown(d.Key)
			}
			p.showWay()
		}
	})
}

func (p *detailPane) fill(d detail) {
	p.h.hideTip() // of a line that may say something else now
	p.none.Hide()
	same := d.Key == p.shown.Key
	p.shown = d
	p.title.set(d.Title, view.Plain)
	p.subtitle.set(d.Subtitle, view.Muted)
	p.fillBadges(d.Badges)
	p.fillLinks(d.Links)
	p.doubt.Objects = nil
	if len(d.twins) > 0 {
		p.doubt.Objects = []fyne.CanvasObject{p.twins(d.twins)}
	}
	visible(p.doubt, len(d.twins) > 0)
	p.fillActs(d.handling)
	p.fillGroups(d.Groups)
	p.past.set(historyFields(d.history, p.h.clock()))
	visible(p.history, len(d.history) > 0)
	p.scroll.Refresh()
	if !same {
		p.scroll.ScrollToTop()
	}
}

// showWay shows whether there is a way back and forward.
func (p *detailPane) showWay() {
	enable(p.back, p.w.trail.at > 0)
	enable(p.forth, p.w.trail.at < len(p.w.trail.stops)-1)
}

func (p *detailPane) fillBadges(badges []view.Badge) {
	for i, b := range badges {
		if i == len(p.badges.Objects) {
			p.badges.Add(newBadge("", view.Plain))
		}
		if o, ok := p.badges.Objects[i].(*badge); ok {
			o.set(b.Text, b.Tone)
			o.Show()
		}
	}
	for _, o := range p.badges.Objects[len(badges):] {
		o.Hide()
	}
	visible(p.badges, len(badges) > 0)
}

func (p *detailPane) fillLinks(links []view.Link) {
	for i, l := range links {
		if i == len(p.links.Objects) {
			p.links.Add(newButton("", theme.NewThemedResource(assets.External), nil))
		}
		if b, ok := p.links.Objects[i].(*button); ok {
			b.OnTapped = func() { p.h.open(l.URL) }
			b.SetText(l.Text)
			b.Show()
		}
	}
	for _, o := range p.links.Objects[len(links):] {
		o.Hide()
	}
	visible(p.links, len(links) > 0)
}

func (p *detailPane) fillGroups(groups []view.Group) {
	for i, g := range groups {
		if i == len(p.groups) {
			n := &detailGroup{title: newMuted(""), facts: newFacts(cardLabel + 18)}
			n.title.Bold, n.facts.h, n.facts.follow, n.facts.onRow = true, p.h, p.w.goToTarget, p.reveal
			n.object = vstack(4, n.title, widget.NewSeparator(), n.facts)
			p.groups = append(p.groups, n)
			p.grouped.Add(n.object)
		}
		p.groups[i].title.set(g.Title, view.Muted)
		p.groups[i].facts.set(g.Fields)
		p.groups[i].object.Show()
	}
	for _, g := range p.groups[len(groups):] {
		g.object.Hide()
	}
}

// reveal scrolls as little as shows a whole line.
func (p *detailPane) reveal(r *factRow) {
	driver := fyne.CurrentApp().Driver()
	y := driver.AbsolutePositionForObject(r).Y - driver.AbsolutePositionForObject(p.scroll).Y
	switch high := p.scroll.Size().Height; {
	case y < 0:
		p.scroll.ScrollToOffset(fyne.NewPos(0, p.scroll.Offset.Y+y))
	case y+r.Size().Height > high:
		p.scroll.ScrollToOffset(fyne.NewPos(0, p.scroll.Offset.Y+y+r.Size().Height-high))
	}
}

// historyFields are the newest changes of a record, each under its time.
func historyFields(changes []directory.Change, now time.Time) (out []view.Field) {
	const most = 20
	for i := range changes[:min(len(changes), most)] {
		c := &changes[i]
		out = append(out, view.Field{Label: view.Exact(c.At, now.Location()), Value: cutLine(view.ChangeLine(c))})
	}
	if more := len(changes) - most; more > 0 {
		out = append(out, view.Field{Label: "Before", Value: view.Plural(more, "earlier change", "earlier changes")})
	}
	return out
}

// cutLine cuts what was said of a change, such as two long notes, to what can be
// read in a list.
func cutLine(s string) string {
	const most = 400 // letters
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// section puts a heading above something.
func section(title string, o fyne.CanvasObject) fyne.CanvasObject {
	heading := newMuted(title)
	heading.Bold = true
	return vstack(4, heading, widget.NewSeparator(), o)
}

// twins asks about possible duplicates, and shows what was said of them.
func (p *detailPane) twins(twins []Twin) fyne.CanvasObject {
	lines := vstack(10)
	for _, t := range twins {
		name := newText(t.Person.Name())
		if t.Person.ID == p.shown.Key {
			name.Text = "Merged by your decision"
		}
		name.Bold = true
		line := vstack(4, name, newMuted(t.Person.PrimaryEmail))
		if t.Said {
			said := "You said: not the same person."
			if t.Pair.Same {
				said = "You said: the same person."
			}
			line.Add(container.NewBorder(nil, nil, nil, newLink("Undo", func() { p.undecide(t.Pair) }), newMuted(said)))
		} else {
			line.Add(hstack(6,
				newButton("Same person", theme.ConfirmIcon(), func() { p.decide(t.Pair, true) }),
				newButton("Not the same", theme.CancelIcon(), func() { p.decide(t.Pair, false) })))
		}
		lines.Add(line)
	}
	c := newCard(section("Possible duplicate", lines))
	c.accent, c.pad = view.Warn, 10
	return c
}

func (p *detailPane) decide(d directory.Decision, same bool) {
	d.Same, d.At = same, p.h.clock()
	words := "Kept as two people."
	if same {
		words = "Merged into one person."
	}
	p.h.act(func(ctx context.Context) error { return p.h.b.Decide(ctx, d) }, func(ok bool) {
		if ok {
			p.h.say(view.Good, words, "Undo", func() { p.undecide(d) })
			p.reload()
		}
	})
}

func (p *detailPane) undecide(d directory.Decision) {
	p.h.act(func(ctx context.Context) error { return p.h.b.Undecide(ctx, d) }, func(ok bool) {
		if ok {
			p.h.say(view.Good, "The decision was taken back.", "", nil)
			p.reload()
		}
	})
}
