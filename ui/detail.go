package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/directory"
	"panel/ui/view"
)

// detail is what the pane at the right shows of one record.
type detail struct {
	view.Detail
	history []directory.Change
	// twins are who else the person may be, with what the technician said of
	// it; nil for a Chromebook.
	twins []twin
}

// twin is somebody who shares an address with the person in the pane.
type twin struct {
	name  string
	email string
	// pair are the two accounts that a decision would be about. Same may be
	// said only of accounts of different clouds.
	pair    directory.Decision
	canSame bool
	// said is the technician's decision, nil for none yet.
	said *directory.Decision
}

// detailPane shows one record: its fields in groups, what can be done with
// it, and its history.
type detailPane struct {
	widget.BaseWidget
	h       *host
	load    func(context.Context, string) (detail, error)
	key     string // of the record that is shown or on its way, "" for none
	shown   detail
	cancel  context.CancelFunc
	body    *fyne.Container
	scroll  *container.Scroll
	onClose func()
}

func newDetailPane(h *host, load func(context.Context, string) (detail, error)) *detailPane {
	p := &detailPane{h: h, load: load, body: vstack(14)}
	p.scroll = container.NewVScroll(padded(14, p.body))
	p.ExtendBaseWidget(p)
	return p
}

func (p *detailPane) CreateRenderer() fyne.WidgetRenderer {
	ground := newCard(p.scroll)
	ground.pad, ground.square = 0, true
	return widget.NewSimpleRenderer(ground)
}

func (p *detailPane) MinSize() fyne.Size { return fyne.NewSize(260, 100) }

// show shows the record of a key once it is read; "" empties the pane.
func (p *detailPane) show(key string) {
	if key == p.key {
		return
	}
	p.key = key
	p.reload()
}

// reload reads the record again. An answer that comes after the pane went on
// to another record is dropped.
func (p *detailPane) reload() {
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
	key := p.key
	if key == "" {
		p.shown = detail{}
		return
	}
	var d detail
	p.cancel = p.h.do(func(ctx context.Context) (err error) {
		d, err = p.load(ctx, key)
		return err
	}, func(err error) {
		switch {
		case key != p.key:
		case err != nil:
			p.fill(detail{Detail: view.Detail{Key: key, Title: "No longer here", Subtitle: "The record is gone since the list was read."}})
		default:
			p.fill(d)
		}
	})
}

func (p *detailPane) links() []view.Link { return p.shown.Links }

func (p *detailPane) fill(d detail) {
	same := d.Key == p.shown.Key
	p.shown = d
	p.body.Objects = nil
	p.body.Add(p.head(&d))
	if len(d.Links) > 0 {
		links := container.New(&flowLayout{gap: 6})
		for _, l := range d.Links {
			b := newButton(l.Text, theme.ComputerIcon(), func() { p.h.open(l.URL) })
			b.Icon = theme.MailForwardIcon()
			links.Add(b)
		}
		p.body.Add(links)
	}
	if len(d.twins) > 0 {
		p.body.Add(p.twins(d.twins))
	}
	for _, g := range d.Groups {
		p.body.Add(section(g.Title, p.group(&g)))
	}
	if len(d.history) > 0 {
		p.body.Add(section("History of changes", p.history(d.history)))
	}
	p.body.Refresh()
	if !same {
		p.scroll.ScrollToTop()
	}
}

func (p *detailPane) head(d *detail) fyne.CanvasObject {
	title, subtitle := newHeading(d.Title), newMuted(d.Subtitle)
	head := vstack(3, container.NewBorder(nil, nil, nil, p.h.newIconButton(theme.CancelIcon(), "Close", p.onClose), title), subtitle)
	if len(d.Badges) > 0 {
		badges := container.New(&flowLayout{gap: 6})
		for _, b := range d.Badges {
			badges.Add(newBadge(b.Text, b.Tone))
		}
		head.Add(container.New(layout.NewCustomPaddedLayout(4, 0, 0, 0), badges))
	}
	return head
}

func (p *detailPane) group(g *view.Group) fyne.CanvasObject {
	f := newFacts(118)
	f.h = p.h
	f.set(g.Fields)
	return f
}

// section puts a heading above something.
func section(title string, o fyne.CanvasObject) fyne.CanvasObject {
	heading := newMuted(title)
	heading.Bold = true
	return vstack(4, heading, widget.NewSeparator(), o)
}

func (p *detailPane) history(changes []directory.Change) fyne.CanvasObject {
	lines := vstack(6)
	for i, c := range changes {
		if i == 20 {
			lines.Add(newMuted(plural(len(changes)-i, "earlier change", "earlier changes")))
			break
		}
		lines.Add(vstack(0, newMuted(view.Exact(c.At, time.Local)), newParagraph(view.ChangeLine(&c))))
	}
	return lines
}

// twins asks about possible duplicates, and shows what was said of them.
func (p *detailPane) twins(twins []twin) fyne.CanvasObject {
	lines := vstack(10)
	for _, t := range twins {
		name := newText(t.name)
		name.Bold = true
		line := vstack(4, name, newMuted(t.email))
		if t.said != nil {
			said := "You said: not the same person."
			if t.said.Same {
				said = "You said: the same person."
			}
			line.Add(container.NewBorder(nil, nil, nil, newLink("Undo", func() { p.undecide(*t.said) }), newMuted(said)))
			lines.Add(line)
			continue
		}
		same := newButton("Same person", theme.ConfirmIcon(), func() { p.decide(t, true) })
		other := newButton("Not the same", theme.CancelIcon(), func() { p.decide(t, false) })
		if !t.canSame {
			line.Add(newParagraph("Both are accounts of the same cloud, which stay two people."))
			line.Add(hstack(6, other))
		} else {
			line.Add(hstack(6, same, other))
		}
		lines.Add(line)
	}
	c := newCard(section("Possible duplicate", lines))
	c.accent, c.pad = view.Warn, 10
	return c
}

func (p *detailPane) decide(t twin, same bool) {
	d := t.pair
	d.Same, d.At = same, time.Now()
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

// flowLayout puts objects beside each other, and goes on below where there is
// no room.
type flowLayout struct {
	gap   float32
	width float32 // as last laid out
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	min := fyne.NewSize(0, 0)
	for _, o := range objects {
		min.Width = max(min.Width, o.MinSize().Width)
	}
	min.Height = l.place(objects, max(l.width, min.Width), func(fyne.CanvasObject, fyne.Position, fyne.Size) {})
	return min
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, func(o fyne.CanvasObject, at fyne.Position, size fyne.Size) {
		o.Move(at)
		o.Resize(size)
	})
}

// place works out where everything goes, and returns the height it takes.
func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, put func(fyne.CanvasObject, fyne.Position, fyne.Size)) float32 {
	var x, y, line float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		size := o.MinSize()
		if x > 0 && x+size.Width > width {
			x, y, line = 0, y+line+l.gap, 0
		}
		put(o, fyne.NewPos(x, y), size)
		x += size.Width + l.gap
		line = max(line, size.Height)
	}
	return y + line
}
