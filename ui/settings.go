package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// settingsForm is the dialog behind the gear.
type settingsForm struct {
	w     *Window
	s     Settings
	every *choice
	theme *choice
	floor *formField
	share *formField
	most  *formField
	proxy *entry
	ca    *entry
	// Of the ledger.
	calendar *entry
	wrong    *text // what is wrong with the calendar
	names    *formField
	kinds    *fyne.Container
	hides    *fyne.Container
	save     *button
	sheet    *sheet
	units    []string // paths of OUs, sorted
}

var (
	intervals  = []int{1, 2, 4, 6, 12, 24} // hours
	themeNames = [][2]string{{"system", "Follow the system"}, {"light", "Light"}, {"dark", "Dark"}}
	kindNames  = [][2]string{{string(directory.Student), "Students"}, {string(directory.Staff), "Staff"}}
)

func (w *Window) openSettings() {
	if len(w.sheets) > 0 {
		return
	}
	f := &settingsForm{w: w, s: w.b.Settings()}
	f.s.Kinds, f.s.HideOrgUnits = slices.Clone(f.s.Kinds), slices.Clone(f.s.HideOrgUnits)
	if r := w.records(); r != nil && r.OrgUnits != nil {
		for _, n := range r.OrgUnits.All() {
			f.units = append(f.units, n.Path)
		}
	}
	f.build()
}

func (f *settingsForm) build() {
	f.every = newChoice(nil, nil)
	for _, h := range intervals {
		f.every.Options = append(f.every.Options, "every "+view.Plural(h, "hour", "hours"))
	}
	hours := int(f.s.Sync.Every / time.Hour)
	if hours == 0 {
		hours = 4
	}
	f.every.Selected = "every " + view.Plural(hours, "hour", "hours")

	f.theme = newChoice(nil, nil)
	for _, t := range themeNames {
		f.theme.Options = append(f.theme.Options, t[1])
		if t[0] == f.s.Theme || (f.s.Theme == "" && t[0] == "system") {
			f.theme.Selected = t[1]
		}
	}

	f.floor = f.number("Hold removals above", "records", f.s.Sync.HoldFloor, 20, 1<<30)
	f.share = f.number("or above", "percent of the records stored, whichever is more", int(f.s.Sync.HoldShare*100+.5), 5, 100)
	f.most = f.number("and always above", "records", f.s.Sync.HoldMost, 500, 1<<30)

	guests := newTick("Leave out guests", func(on bool) { f.s.HideGuests = on })
	guests.Checked = f.s.HideGuests
	only := newTick("Leave out Microsoft accounts that Google does not know", func(on bool) { f.s.HideMicrosoftOnly = on })
	only.Checked = f.s.HideMicrosoftOnly

	f.proxy, f.ca = newEntry("http://proxy.school.example:8080"), newEntry("/path/to/certificates.pem")
	f.proxy.Text, f.ca.Text = f.s.Proxy, f.s.CAFile

	loud := newTick("Scans make a sound, where the system has something to play it with", func(on bool) { f.s.Silent = !on })
	loud.Checked = !f.s.Silent
	f.calendar, f.wrong = newEntry("2026-12-21 to 2027-01-01 Winter break\n2026-11-26 Thanksgiving\nterm ends 2027-01-29"), newMuted("")
	f.calendar.MultiLine, f.calendar.Text = true, f.s.Calendar
	f.calendar.SetMinRowsVisible(4)
	f.calendar.OnChanged = func(string) { f.judge() }
	f.names = f.days("Forget their names after", "days; 0 keeps them for ever", f.s.KeepNames, KeepNames)

	f.kinds, f.hides = vstack(4), vstack(4)
	f.showKinds()
	f.showHides()

	content := vstack(18,
		section("Sync", vstack(8, labelled("Read the clouds", framed(f.every)),
			newMuted("A sync that would remove unusually much asks first:"), f.floor.box, f.share.box, f.most.box)),
		section("Network", vstack(8, newParagraph("Where a filter inspects TLS, Panel trusts its certificate when you name the file here. Without a proxy here, the system's environment is used."),
			labelled("Proxy", f.proxy), labelled("Certificate file", f.ca))),
		section("Checkout", vstack(8, loud,
			newParagraph("Days without school, beside Saturdays and Sundays, and the last days of terms, a line each. Due dates skip them."), f.calendar, f.wrong,
			newParagraph("Who has left both clouds is named in the journal for a while, then replaced by “removed person”; the entries stay."), f.names.box)),
		section("Look", labelled("Theme", framed(f.theme))),
		section("Students and staff", vstack(6, newParagraph("Everyone in and below an organizational unit. The deepest rule wins."), f.kinds)),
		section("Lists", vstack(4, newParagraph("Records that are left out are hidden, not gone."), guests, only, f.hides)))

	cancel := newButton("Cancel", nil, func() { f.sheet.close() })
	f.save = newPrimary("Save", nil, f.saveNow)
	f.sheet = f.w.openSheet("Settings", content, fyne.NewSize(660, 680), cancel, f.save)
}

func labelled(name string, o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(&labelLayout{label: 170}, newText(name), o)
}

// number is a field for a whole number; an unset one shows its default.
func (f *settingsForm) number(before, after string, value, standard, most int) *formField {
	e := newEntry(strconv.Itoa(standard))
	if value != 0 {
		e.Text = strconv.Itoa(value)
	}
	field := &formField{entry: e, note: newMuted(after), touched: true}
	field.check = func(s string) string {
		if n, err := strconv.Atoi(s); s != "" && (err != nil || n < 1 || n > most) {
			if most <= 100 {
				return fmt.Sprintf("a whole number from 1 to %d, please", most)
			}
			return "a whole number from 1 on, please"
		}
		return ""
	}
	e.OnChanged = func(s string) {
		if wrong := field.check(strings.TrimSpace(s)); wrong != "" {
			field.note.set(wrong, view.Bad)
		} else {
			field.note.set(after, view.Muted)
		}
		f.judge()
	}
	field.box = labelled(before, container.New(&labelLayout{label: 88}, padded(0, e), field.note))
	return field
}

// days is a field for a number of days, in which 0 has a meaning of its own.
func (f *settingsForm) days(before, after string, value *int, standard int) *formField {
	field := f.number(before, after, standard, standard, 1<<20)
	if field.entry.Text = strconv.Itoa(standard); value != nil {
		field.entry.Text = strconv.Itoa(*value)
	}
	field.check = func(s string) string {
		if n, err := strconv.Atoi(s); err != nil || n < 0 || n > 1<<20 {
			return "a whole number from 0 on, please"
		}
		return ""
	}
	return field
}

func (f *settingsForm) judge() {
	if f.save == nil {
		return
	}
	wrong := ""
	var line *ledger.CalendarError
	if _, err := ledger.ParseCalendar(f.calendar.Text); errors.As(err, &line) {
		wrong = fmt.Sprintf("Line %d is no day, no range of days and no end of a term: “%s”", line.Line, line.Text)
	}
	f.wrong.set(wrong, view.Bad)
	if wrong != "" {
		f.save.Disable()
		return
	}
	for _, field := range []*formField{f.floor, f.share, f.most, f.names} {
		if field.check(field.value()) != "" {
			f.save.Disable()
			return
		}
	}
	f.save.Enable()
}

// showKinds lists the rules for kinds, with a line to add one.
func (f *settingsForm) showKinds() {
	f.kinds.RemoveAll()
	for i, rule := range f.s.Kinds {
		name := string(rule.Kind)
		for _, k := range kindNames {
			if k[0] == name {
				name = k[1]
			}
		}
		f.kinds.Add(f.line(rule.OrgUnit, name, func() {
			f.s.Kinds = slices.Delete(f.s.Kinds, i, i+1)
			f.showKinds()
		}))
	}
	kind := newChoice([]string{kindNames[0][1], kindNames[1][1]}, nil)
	kind.Selected = kindNames[0][1]
	f.kinds.Add(f.adder(kind, func(path string) {
		rule := directory.KindRule{OrgUnit: path, Kind: directory.Student}
		if kind.Selected == kindNames[1][1] {
			rule.Kind = directory.Staff
		}
		f.s.Kinds = slices.DeleteFunc(f.s.Kinds, func(r directory.KindRule) bool { return r.OrgUnit == path })
		f.s.Kinds = append(f.s.Kinds, rule)
		f.showKinds()
	}))
	f.kinds.Refresh()
}

// showHides lists the OUs that are left out.
func (f *settingsForm) showHides() {
	f.hides.RemoveAll()
	for i, path := range f.s.HideOrgUnits {
		f.hides.Add(f.line(path, "left out", func() {
			f.s.HideOrgUnits = slices.Delete(f.s.HideOrgUnits, i, i+1)
			f.showHides()
		}))
	}
	f.hides.Add(f.adder(nil, func(path string) {
		if !slices.Contains(f.s.HideOrgUnits, path) {
			f.s.HideOrgUnits = append(f.s.HideOrgUnits, path)
		}
		f.showHides()
	}))
	f.hides.Refresh()
}

func (f *settingsForm) line(path, what string, remove func()) fyne.CanvasObject {
	cross := f.w.newIconButton(theme.DeleteIcon(), "Remove", remove)
	return container.NewBorder(nil, nil, nil, hstack(8, newBadge(what, view.Info), cross), newText(path))
}

// adder is a line to add an OU by its path, which is completed as it is typed.
func (f *settingsForm) adder(more fyne.CanvasObject, add func(path string)) fyne.CanvasObject {
	path := newOrgUnitEntry(f.units)
	path.PlaceHolder = "an organizational unit, as /Students"
	button := newButton("Add", theme.ContentAddIcon(), nil)
	button.Disable()
	path.OnChanged = func(s string) {
		path.complete(s)
		if slices.Contains(f.units, s) {
			button.Enable()
		} else {
			button.Disable()
		}
	}
	button.OnTapped = func() { add(path.Text) }
	right := hstack(6)
	if more != nil {
		right.Add(framed(more))
	}
	right.Add(button)
	return container.NewBorder(nil, nil, nil, right, path)
}

func (f *settingsForm) saveNow() {
	for _, h := range intervals {
		if f.every.Selected == "every "+view.Plural(h, "hour", "hours") {
			f.s.Sync.Every = time.Duration(h) * time.Hour
		}
	}
	for _, t := range themeNames {
		if t[1] == f.theme.Selected {
			f.s.Theme = t[0]
		}
	}
	// An empty or wrong field is the default.
	f.s.Sync.HoldFloor, _ = strconv.Atoi(f.floor.value())
	f.s.Sync.HoldMost, _ = strconv.Atoi(f.most.value())
	share, _ := strconv.Atoi(f.share.value())
	f.s.Sync.HoldShare = float64(share) / 100
	f.s.Proxy, f.s.CAFile = strings.TrimSpace(f.proxy.Text), strings.TrimSpace(f.ca.Text)
	f.s.Calendar = strings.TrimSpace(f.calendar.Text)
	if n, err := strconv.Atoi(f.names.value()); err == nil {
		f.s.KeepNames = &n
	}
	f.save.Disable()
	f.w.act(func(ctx context.Context) error { return f.w.b.SetSettings(ctx, f.s) }, func(ok bool) {
		if ok {
			f.sheet.close()
			return
		}
		f.save.Enable()
	})
}
