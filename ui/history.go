package ui

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/sync/engine"
	"panel/ui/view"
)

// history lists the syncs, and beside them what the chosen one changed.
type history struct {
	h       *host
	now     time.Time
	runs    []engine.Run
	running string // the id of the run that goes on, "" for none
	table   *table
	changes *table
	all     []directory.Change // of the chosen run
	run     string             // the chosen run's id
	picked  bool               // somebody chose another run than the newest
	cancel  context.CancelFunc
	title   *text
	search  *entry
	back    *button
	save    *button
	empty   *emptyState // in place of the runs
	none    *emptyState // in place of the changes
	split   *split
	root    fyne.CanvasObject
}

var runColumns = []view.Column{
	{Key: "when", Title: "Sync", Width: 100},
	{Key: "outcome", Title: "Outcome", Width: 126, Badge: true},
	{Key: "changes", Title: "Changes", Width: 200, Least: 110},
	{Key: "why", Title: "Why, and how long", Width: 196, Least: 110},
}

var changeColumns = []view.Column{
	{Key: "kind", Title: "Change", Width: 96, Badge: true},
	{Key: "name", Title: "Name", Width: 180, Least: 130},
	{Key: "what", Title: "What changed", Width: 380, Least: 150},
	{Key: "cloud", Title: "Cloud", Width: 90, Badge: true},
}

func newHistory(h *host, width float32) *history {
	v := &history{h: h, table: newTable(runColumns), changes: newTable(changeColumns), title: newText("Changes")}
	v.table.OnCursor, v.table.stays = v.choose, true
	v.table.OnHover = func(text string, at fyne.Position) { h.showTipAt(text, at, rowHeight) }
	v.changes.OnHover = v.table.OnHover
	for _, t := range []*table{v.table, v.changes} {
		t.OnColumns = func() { h.openColumns(t) }
	}
	v.changes.OnOpen = func(row int) {
		if rows, ok := v.changes.rows.(changeRows); ok {
			h.openRecord(rows[row].Listing, rows[row].ID)
		}
	}
	v.search = newEntry("Search these changes")
	v.search.SetIcon(theme.SearchIcon())
	v.search.OnChanged = func(string) { v.filter() }
	v.h.letGo(v.search)
	v.back = newButton("Bring back", theme.ContentUndoIcon(), v.bringBack)
	v.back.Hide()
	v.save = newButton("Export…", theme.DocumentSaveIcon(), v.export)
	v.title.Bold = true
	v.empty, v.none = newEmptyState(nil), newEmptyState(nil)

	heading := newText("History")
	heading.Bold = true
	left := container.NewBorder(barOf(heading), nil, nil, nil, v.table)
	box := container.NewGridWrap(fyne.NewSize(180, 30), v.search)
	right := container.NewBorder(barOf(container.NewBorder(nil, nil, nil, hstack(6, v.back, v.save, box), v.title)), nil, nil, nil, container.NewStack(v.changes, v.none))
	v.split = newSplit(left, right, false, 620)
	v.split.choose(width)
	// The room keeps the frame's round corners free.
	frame := newCard(container.NewStack(container.New(layout.NewCustomPaddedLayout(0, 7, 0, 0), v.split), padded(7, v.empty)))
	frame.pad = 1
	tall := fixedHeight(250)
	v.root = container.NewStack(tall, frame)
	return v
}

func barOf(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewStack(fixedHeight(40), container.New(layout.NewCustomPaddedLayout(5, 5, 10, 10), o))
}

func (v *history) object() fyne.CanvasObject { return v.root }

func (v *history) show(s *State) {
	v.now = s.Now
	same := len(v.runs) == len(s.Runs) && len(s.Runs) > 0 && v.runs[0].ID == s.Runs[0].ID && v.runs[0].Finished.Equal(s.Runs[0].Finished)
	if !same {
		v.run = "" // the run that is shown may have gone on
	}
	v.runs, v.running = s.Runs, ""
	if s.Status.Running != nil {
		v.running = s.Status.Running.ID
	}
	if same {
		v.table.list.Refresh() // ages
		return
	}
	v.table.SetRows(runRows{v})
	v.table.fitRows()
	visible(v.split, len(v.runs) > 0)
	if len(v.runs) == 0 {
		v.empty.set(view.Words{Title: "No sync yet", Sentence: "Every sync leaves a line here, with what it changed."})
	} else {
		v.empty.set(view.Words{})
	}
	switch {
	case v.picked && v.table.cursor >= 0:
		v.load(v.runs[v.table.cursor].ID)
	case len(v.runs) > 0:
		v.table.moveTo(0, 0)
	}
}

// choose shows the changes of the run under the cursor.
func (v *history) choose(row int) {
	if v.picked = row > 0; row >= 0 {
		v.load(v.runs[row].ID)
	}
}

func (v *history) load(run string) {
	if run == v.run {
		return
	}
	v.run = run
	if v.cancel != nil {
		v.cancel()
	}
	var changes []directory.Change
	v.cancel = v.h.do(func(context.Context) (err error) {
		changes, err = v.h.b.Changes(run)
		return err
	}, func(err error) {
		if run == v.run && err == nil {
			v.all = changes
			v.filter()
			v.changes.fitRows()
		}
	})
}

// filter shows the changes that hold every word searched for.
func (v *history) filter() {
	words := strings.Fields(strings.ToLower(v.search.Text))
	shown := make(changeRows, 0, len(v.all))
	removed := false // and kept still, to be brought back
	for i := range v.all {
		c := &v.all[i]
		removed = removed || c.Kind == directory.Removed && v.now.Sub(c.At) < keptRemoved
		line := strings.ToLower(strings.Join([]string{c.Name, whatChanged(c), string(c.Kind), cloudName(c.Cloud), view.ListingName(c.Listing)}, " "))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			shown = append(shown, c)
		}
	}
	v.changes.SetRows(shown)
	switch {
	case len(shown) > 0:
		v.none.set(view.Words{})
	case len(v.all) > 0:
		v.none.set(view.Words{Title: "Nothing matches", Sentence: "No change of this sync holds what is searched for."})
	default:
		v.none.set(v.nothing())
	}
	visible(v.back, removed)
	visible(v.save, len(shown) > 0)
	title := view.Plural(len(v.all), "change", "changes")
	if len(shown) != len(v.all) {
		title = view.Number(len(shown)) + " of " + title
	}
	for i := range v.runs {
		if v.runs[i].ID == v.run {
			title += v.runs[i].Started.In(v.now.Location()).Format(" · 2006-01-02 15:04")
		}
	}
	v.title.set(title, view.Plain)
}

// nothing says why the chosen run has no changes.
func (v *history) nothing() view.Words {
	for i := range v.runs {
		switch r := &v.runs[i]; {
		case r.ID != v.run:
		case r.ID == v.running:
			return view.Words{Title: v.outcome(r).Text, Sentence: "What it changes stands here once it has ended."}
		case r.Outcome != engine.OK:
			return view.Words{Title: v.outcome(r).Text, Sentence: view.RunLine(r)}
		}
	}
	return view.Words{Title: "Nothing changed", Sentence: "This sync found everything as it was."}
}

// outcome is how a run ended, if it did.
func (v *history) outcome(r *engine.Run) view.Badge {
	switch {
	case r.ID == v.running:
		return view.Badge{Text: "Running", Tone: view.Info}
	case r.Outcome == "":
		return view.Badge{Text: "Interrupted", Tone: view.Muted}
	}
	return view.OutcomeWords(r.Outcome)
}

// keptRemoved is for how long a sync's removals can be brought back.
const keptRemoved = 30 * 24 * time.Hour

func (v *history) bringBack() {
	run := v.run
	v.h.confirm("Bring back what this sync removed?",
		"The removed records return as they were. They stay until the cloud has listed them again and then misses them anew.",
		"Bring back", false, func() {
			n := 0
			v.h.act(func(ctx context.Context) (err error) {
				n, err = v.h.b.BringBack(ctx, run)
				return err
			}, func(ok bool) {
				switch {
				case ok && n == 0:
					v.h.say(view.Warn, "Nothing was left to bring back: it is here again, or a later sync removed it anew.", "", nil)
				case ok:
					v.h.say(view.Good, view.Plural(n, "record is", "records are")+" back.", "", nil)
				}
			})
		})
}

// export saves the changes that are shown.
func (v *history) export() {
	shown, _ := v.changes.rows.(changeRows)
	name := "Panel changes"
	if i := slices.IndexFunc(v.runs, func(r engine.Run) bool { return r.ID == v.run }); i >= 0 {
		name += v.runs[i].Started.In(v.now.Location()).Format(" 2006-01-02 15.04")
	}
	v.h.export(name+".xlsx", nil, func(ctx context.Context, w io.Writer, f view.Format) error {
		return view.WriteChanges(ctx, w, f, func(each func(*directory.Change) error) error {
			for _, c := range shown {
				if err := each(c); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// runRows are the syncs as a table.
type runRows struct{ v *history }

func (r runRows) Len() int         { return len(r.v.runs) }
func (r runRows) Key(i int) string { return r.v.runs[i].ID }

func (r runRows) Find(key string) int {
	return slices.IndexFunc(r.v.runs, func(run engine.Run) bool { return run.ID == key })
}

func (r runRows) Cell(i, c int) cell {
	run := &r.v.runs[i]
	switch c {
	case 0:
		return cell{text: view.Ago(run.Started, r.v.now)}
	case 1:
		b := r.v.outcome(run)
		return cell{text: b.Text, tone: b.Tone, badge: true}
	case 2:
		return cell{text: view.RunLine(run)}
	}
	return cell{text: view.RunDetail(run), tone: view.Muted}
}

// changeRows are the entries of a change list as a table.
type changeRows []*directory.Change

func (r changeRows) Len() int { return len(r) }
func (r changeRows) Key(i int) string {
	return r[i].Run + string(r[i].Cloud) + string(r[i].Kind) + r[i].ID
}

func (r changeRows) Find(key string) int {
	for i := range r {
		if r.Key(i) == key {
			return i
		}
	}
	return -1
}

func (r changeRows) Cell(i, c int) cell {
	e := r[i]
	switch c {
	case 0:
		return cell{text: changeWord(e.Kind), tone: changeTone(e.Kind), badge: true}
	case 1:
		if e.Count > 0 {
			return cell{text: view.ListingName(e.Listing)}
		}
		return cell{text: e.Name}
	case 2:
		return cell{text: whatChanged(e), tone: view.Muted}
	}
	return cell{text: cloudName(e.Cloud), tone: view.Muted}
}

func changeWord(k directory.ChangeKind) string {
	if k == "" {
		return ""
	}
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}

func changeTone(k directory.ChangeKind) view.Tone {
	switch k {
	case directory.Added, directory.Restored:
		return view.Good
	case directory.Removed:
		return view.Bad
	case directory.Merged, directory.Split:
		return view.Warn
	}
	return view.Info
}

func cloudName(c directory.Cloud) string {
	switch c {
	case directory.Google:
		return "Google"
	case directory.Microsoft:
		return "Microsoft"
	}
	return ""
}

// oneOf names one record of a listing.
var oneOf = map[directory.Listing]string{directory.People: "Person", directory.Chromebooks: "Chromebook", directory.OrgUnits: "Organizational unit"}

// whatChanged is the fields of a change in one line.
func whatChanged(c *directory.Change) string {
	if c.Count > 0 {
		return view.Plural(c.Count, "record", "records")
	}
	if len(c.Fields) == 0 {
		return oneOf[c.Listing]
	}
	parts := make([]string, 0, len(c.Fields))
	for _, f := range c.Fields {
		parts = append(parts, view.FieldLabel(f.Field)+": "+orNothing(f.From)+" → "+orNothing(f.To))
	}
	return strings.Join(parts, " · ")
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
