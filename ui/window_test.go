package ui

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// stage is a window over a fake Backend, whose goroutines hand over to the
// test's.
type stage struct {
	*Window
	t     *testing.T
	fake  *fake
	queue chan func()
}

// open shows the window of a Backend.
func open(t *testing.T, f *fake) *stage {
	t.Helper()
	return openAt(t, f, func() time.Time { return now })
}

// openAt is open by a clock.
func openAt(t *testing.T, f *fake, clock func() time.Time) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	s := &stage{t: t, fake: f, queue: make(chan func(), 1000)}
	s.Window = newWindow(app, app.NewWindow(""), f, func(do func()) { s.queue <- do }, clock)
	s.win.Show()
	t.Cleanup(s.Close)
	s.until("the records are shown", func() bool { return s.state != nil && s.state.Records != nil })
	return s
}

// until lets the window work until something is true.
func (s *stage) until(what string, ok func() bool) {
	s.t.Helper()
	late := time.After(10 * time.Second)
	for !ok() {
		select {
		case do := <-s.queue:
			do()
		case <-late:
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// settle lets the window work until nothing happens for a moment.
func (s *stage) settle() {
	for {
		select {
		case do := <-s.queue:
			do()
		case <-time.After(50 * time.Millisecond):
			return
		}
	}
}

// shoot captures the window at a size, if pictures are wanted.
func (s *stage) shoot(name string, width, height float32) {
	if shotsDir == "" {
		return
	}
	s.settle()
	// Fyne's test driver does not lay out again what changed its size.
	for range 3 {
		s.win.Resize(fyne.NewSize(width+1, height))
		s.win.Resize(fyne.NewSize(width, height))
	}
	capture(s.t, s.win, name)
}

// sheet is the sheet in front.
func (s *stage) sheet() *sheet {
	s.t.Helper()
	if len(s.sheets) == 0 {
		s.t.Fatal("no sheet is open")
	}
	return s.sheets[len(s.sheets)-1]
}

// press taps the button with a label, in the sheet in front or, without one,
// in the tab that is shown.
func (s *stage) press(label string) {
	s.t.Helper()
	b := s.button(label)
	if b == nil {
		s.t.Fatalf("no button %q", label)
	}
	if b.Disabled() {
		s.t.Fatalf("the button %q is disabled", label)
	}
	b.Tapped(nil)
}

// button finds a visible button by its label, one that can be pressed before
// others; nil when there is none.
func (s *stage) button(label string) (found *button) {
	for _, o := range s.objects() {
		if b, ok := o.(*button); ok && b.Text == label && (found == nil || found.Disabled()) {
			found = b
		}
	}
	return found
}

func (s *stage) objects() []fyne.CanvasObject {
	if len(s.sheets) > 0 {
		return inSight(s.sheet().pop)
	}
	return slices.Concat(inSight(s.tabs[s.at].object()), inSight(s.banner), inSight(s.top))
}

// inSight lists an object and all within it that is not hidden.
func inSight(o fyne.CanvasObject) []fyne.CanvasObject {
	if !o.Visible() {
		return nil
	}
	out, within := []fyne.CanvasObject{o}, []fyne.CanvasObject(nil)
	switch o := o.(type) {
	case *fyne.Container:
		within = o.Objects
	case fyne.Widget:
		within = test.WidgetRenderer(o).Objects()
	}
	for _, child := range within {
		out = append(out, inSight(child)...)
	}
	return out
}

// words is every visible text, for a look whether something is said.
func (s *stage) words() string {
	return wordsOf(s.objects())
}

func wordsOf(objects []fyne.CanvasObject) string {
	var all []string
	for _, o := range objects {
		switch o := o.(type) {
		case *text:
			all = append(all, o.Text)
		case *paragraph:
			all = append(all, o.Text)
		case *badge:
			all = append(all, o.word)
		case *button:
			all = append(all, o.Text)
		}
	}
	return strings.Join(all, "\n")
}

func (s *stage) mustSay(parts ...string) {
	s.t.Helper()
	said := s.words()
	for _, p := range parts {
		if !strings.Contains(said, p) {
			s.t.Errorf("nothing says %q in:\n%s", p, said)
		}
	}
}

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func TestTitle(t *testing.T) {
	for _, c := range []struct {
		about About
		want  string
	}{
		{About{Profile: "built-in"}, "Panel"},
		{About{Profile: "/tmp/x/profile.json", Demo: true}, "Panel – Demo"},
		{About{Profile: "/etc/panel/gcch.json"}, "Panel – gcch.json"},
	} {
		if got := title(c.about); got != c.want {
			t.Errorf("title %q, want %q", got, c.want)
		}
	}
}

func TestShowTwiceChangesNothing(t *testing.T) {
	for name, f := range map[string]*fake{"district": district(200), "empty": empty(), "troubled": troubled(), "syncing": syncing()} {
		t.Run(name, func(t *testing.T) {
			s := open(t, f)
			for i := range s.tabs {
				s.goTo(i)
				s.settle()
				before := test.RenderToMarkup(s.win.Canvas())
				s.show(s.state)
				s.settle()
				if after := test.RenderToMarkup(s.win.Canvas()); after != before {
					t.Errorf("tab %d looks different after the same state", i)
				}
			}
		})
	}
}

func TestLayoutIsRemembered(t *testing.T) {
	f := district(100)
	s := open(t, f)
	s.win.Resize(fyne.NewSize(1111, 777))
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	b.table.choose(slices.IndexFunc(b.kind.columns, func(c view.Column) bool { return c.Key == "phone" }), true)
	b.table.move(0, 2)
	b.table.setWidth(1, 333)
	b.table.SetSort(sorting{1, true})
	b.table.OnSort(b.table.sorted)
	b.outer.choose(301)
	order, widths := slices.Clone(b.table.order), slices.Clone(b.table.widths)
	s.Close()

	again := open(t, f)
	if got := again.win.Canvas().Size(); got != fyne.NewSize(1111, 777) {
		t.Errorf("size %v", got)
	}
	if again.at != 1 {
		t.Errorf("tab %d, want People", again.at)
	}
	b = again.tabs[1].pane.(*browser)
	if !slices.Equal(b.table.order, order) || !slices.Equal(b.table.widths, widths) {
		t.Errorf("columns %v %v, want %v %v", b.table.order, b.table.widths, order, widths)
	}
	if b.outer.width != 301 {
		t.Errorf("tree is %v wide", b.outer.width)
	}
	if by := b.list.View().Orders; !slices.Equal(by, []view.Order{{Column: "email", Descending: true}}) {
		t.Errorf("sorted by %v", by)
	}
}

func TestReadLayoutTakesAnything(t *testing.T) {
	for _, in := range []string{"", "null", "[]", "{", `{"width":-1,"height":1e30}`, `{"tab":99}`, `{"lists":null}`} {
		l := readLayout([]byte(in))
		if l.Width < 640 || l.Height < 400 || l.Width > 10000 || l.Height > 10000 || l.Lists == nil {
			t.Errorf("%q is read as %+v", in, l)
		}
	}
}

func TestSearch(t *testing.T) {
	s := open(t, district(300))
	s.focusSearch()
	if s.win.Canvas().Focused() != fyne.Focusable(s.search) {
		t.Fatal("Ctrl+K does not lead to the search box")
	}
	s.search.SetText(s.fake.books[7].Serial)
	if got := []int{s.tabs[1].name.hits, s.tabs[2].name.hits}; !slices.Equal(got, []int{0, 1}) {
		t.Fatalf("hits %v, want none among people and one Chromebook", got)
	}
	s.search.TypedKey(key(fyne.KeyReturn))
	if s.at != 2 {
		t.Errorf("Enter leads to tab %d, want Chromebooks", s.at)
	}
	b := s.tabs[2].pane.(*browser)
	if b.list.Len() != 1 || s.win.Canvas().Focused() != fyne.Focusable(b.table.list) {
		t.Errorf("%d rows shown, focus on %T", b.list.Len(), s.win.Canvas().Focused())
	}
	s.focusSearch()
	s.search.TypedKey(key(fyne.KeyEscape))
	if s.search.Text != "" || b.list.Len() != b.total {
		t.Errorf("Escape leaves %q and %d rows", s.search.Text, b.list.Len())
	}
	s.win.Canvas().Focus(s.search)
	if s.search.TypedKey(key(fyne.KeyEscape)); s.win.Canvas().Focused() != nil {
		t.Error("a second Escape does not leave the search box")
	}
	s.search.SetText("nobody has this")
	s.mustSay("Nothing matches")
	s.press("Show all Chromebooks")
	if b.list.Len() != b.total || s.search.Text != "" {
		t.Errorf("%d of %d rows after asking for all", b.list.Len(), b.total)
	}
}

func TestAuthorize(t *testing.T) {
	f := empty()
	f.block = make(chan struct{})
	s := open(t, f)
	s.press("Authorize Panel to Perform Google Workspace Sync")
	s.mustSay("READ-ONLY", "never sees or stores a password")
	for _, p := range view.Permissions {
		s.mustSay(p.Scope, p.Words)
	}
	if f.did("authorize") {
		t.Fatal("authorization began before the notice was agreed to")
	}
	s.press("Start Authorization")
	s.until("the link is there", func() bool { b := s.button("Copy link"); return b != nil && !b.Disabled() })
	s.press("Copy link")
	if got := fyne.CurrentApp().Clipboard().Content(); !strings.HasPrefix(got, "https://accounts.google.com/") {
		t.Errorf("copied %q", got)
	}
	s.press("Open the browser again")
	s.until("the browser was asked for", func() bool {
		return f.did("open https://accounts.google.com/o/oauth2/v2/auth?client_id=1" + strings.Repeat("&scope=long", 40))
	})
	close(f.block)
	s.until("the sheet is gone", func() bool { return len(s.sheets) == 0 })
	s.mustSay("Panel is authorized")
}

func TestAuthorizeCancelled(t *testing.T) {
	f := empty()
	f.block = make(chan struct{})
	s := open(t, f)
	s.openAuthorize()
	s.key(key(fyne.KeyReturn)) // Start Authorization
	s.mustSay("Waiting for you at Google")
	s.key(key(fyne.KeyEscape))
	s.settle()
	if len(s.sheets) != 0 {
		t.Errorf("cancelling leaves a sheet that says:\n%s", s.words())
	}
}

// What mends a failed sign-in stands beside another try.
func TestAuthorizeFailed(t *testing.T) {
	for _, c := range []struct {
		kind    cloud.Kind
		code    string
		button  string // "" where another try is all there is
		follows func(*stage) bool
	}{
		{cloud.BlockedByPolicy, "admin_policy_enforced", "Open API controls", func(s *stage) bool {
			return s.fake.did("open https://admin.google.com/ac/owl") && s.button("Start Authorization again") != nil
		}},
		{cloud.ClientUnknown, "deleted_client", "Set up Google access", func(s *stage) bool { return s.button("Choose file…") != nil }},
		{cloud.SignInNeeded, "other_customer", "Remove what came from Google", func(s *stage) bool {
			return strings.Contains(s.words(), "Checkouts are never removed")
		}},
		{cloud.Unexpected, "invalid_scope", "Copy details", func(s *stage) bool {
			return strings.Contains(fyne.CurrentApp().Clipboard().Content(), "invalid_scope")
		}},
		{cloud.Offline, "dns", "", nil},
		{cloud.SignInNeeded, "denied", "", nil},
	} {
		t.Run(c.code, func(t *testing.T) {
			f := empty()
			f.fail["authorize"] = &cloud.Error{Kind: c.kind, Cloud: directory.Google, Code: c.code}
			s := open(t, f)
			s.signIn()
			s.until("it says why", func() bool { return s.button("Start Authorization again") != nil })
			words := view.Say(cloud.AsError(f.fail["authorize"]))
			s.mustSay("Panel is not authorized", words.Sentence)
			if c.button == "" {
				if b := s.button(words.Button.Text); b != nil {
					t.Errorf("%q is offered beside Start Authorization again", b.Text)
				}
				return
			}
			s.press(c.button)
			s.until("it helps", func() bool { return c.follows(s) })
		})
	}
}

// Of a policy that blocks Panel, Google tells the browser alone: the time-out
// is the only place to speak of it.
func TestAuthorizeTimedOut(t *testing.T) {
	f := empty()
	f.nobody = true
	s := open(t, f)
	s.signIn()
	s.until("it gives up", func() bool { return s.button("Start Authorization again") != nil })
	s.mustSay("not answered within five minutes", "“Access blocked”")
}

func TestDeauthorize(t *testing.T) {
	for label, call := range map[string]string{
		"Revoke at Google and forget here": "deauthorize false",
		"Forget on this computer only":     "deauthorize true",
	} {
		s := open(t, district(10))
		s.press("De-Authorize Panel to Perform Google Workspace Sync")
		s.mustSay("every other computer that the same admin authorized")
		s.press(label)
		s.until(call, func() bool { return s.fake.did(call) })
	}
}

func TestAzureForm(t *testing.T) {
	f := empty()
	f.steps = []AzureStep{{Step: "tenant"}, {Step: "secret"}, {Step: "consent"}, {Step: "users", Users: 999, More: true}}
	s := open(t, f)
	s.press("Add Azure Sync Settings")
	s.mustSay("Certificates & secrets", "User.Read.All", "allow Panel to read users")
	entries := map[string]*entry{}
	var order []*entry
	for _, o := range s.objects() {
		if e, ok := o.(*entry); ok {
			order = append(order, e)
		}
	}
	for i, name := range []string{"client", "tenant", "secret", "expires"} {
		entries[name] = order[i]
	}
	if !s.button("Save").Disabled() {
		t.Error("an empty form can be saved")
	}
	if got, want := entries["expires"].Text, "2028-11-23"; got != want {
		t.Errorf("expires %q, want %q, 24 months ahead", got, want)
	}
	entries["client"].SetText(" 5b8f2c44-90ab-4f7e-8f25-1c7d3a9be011 ")
	entries["tenant"].SetText("0f3c1d1e-7a52-4c0e-9d55-0a8f6b1c2d3e")
	entries["secret"].SetText("5b8f2c44-90ab-4f7e-8f25-1c7d3a9be011")
	s.mustSay("That is the Secret ID column; copy the Value column.")
	if !s.button("Save").Disabled() {
		t.Error("a GUID as the secret can be saved")
	}
	entries["secret"].SetText(" abc8Q~secret ")
	s.press("Test connection")
	s.until("every step is shown", func() bool { return strings.Contains(s.words(), "999 or more users readable") })
	s.mustSay("Tenant found", "Secret accepted", "Admin consent given")
	s.press("Save")
	s.until("the settings are saved", func() bool {
		return f.did("azure 5b8f2c44-90ab-4f7e-8f25-1c7d3a9be011 0f3c1d1e-7a52-4c0e-9d55-0a8f6b1c2d3e 2028-11-23 12")
	})
	s.until("the form is closed", func() bool { return len(s.sheets) == 0 })
	if entries["secret"].Text != "" {
		t.Error("the secret stays in the form after it was saved")
	}
}

func TestAzureDomainIsLookedUp(t *testing.T) {
	f := empty()
	f.conn.Google.Domain = "northfield.k12.example"
	s := open(t, f)
	s.openAzure(0)
	s.until("the tenant is found", func() bool { return strings.Contains(s.words(), "Found: 0f3c1d1e") })
	if !f.did("tenant northfield.k12.example") {
		t.Error("Google's domain was not looked up")
	}
}

func TestSecretCanBeReplacedAlone(t *testing.T) {
	f := troubled()
	s := open(t, f)
	s.openAzure(azureStepSecret)
	e, ok := s.win.Canvas().Focused().(*entry)
	if !ok || !e.Password {
		t.Fatalf("focus on %T, want the secret", s.win.Canvas().Focused())
	}
	e.SetText("new8Q~secret")
	s.press("Save")
	s.until("it is saved", func() bool {
		return f.did("azure " + f.conn.Microsoft.ClientID + " " + f.conn.Microsoft.Tenant + " 2026-12-01 12")
	})
}

func TestHold(t *testing.T) {
	s := open(t, troubled())
	s.mustSay(view.HoldWords(&s.state.Status.Holds[0]).Title)
	s.press("Show the list")
	s.settle()
	s.press("Close")
	s.press("Keep")
	s.until("keep", func() bool { return s.fake.did("keep google chromebooks") })
	s.press("Remove")
	if s.fake.did("remove google chromebooks") {
		t.Fatal("removed without asking")
	}
	s.press("Remove")
	s.until("a yes removes", func() bool { return s.fake.did("remove google chromebooks") })
}

func TestTwins(t *testing.T) {
	f, p := withTwins()
	s := open(t, f)
	s.goTo(1)
	s.tabs[1].pane.(*browser).table.ShowKey(p.ID)
	s.until("the detail is there", func() bool { return s.button("Same person") != nil })
	s.press("Same person")
	s.until("it is decided", func() bool { return f.did("decide g:100000053 m:6ea900000053 true") })
	s.until("undo is offered", func() bool { return s.button("Undo") != nil })
	s.press("Undo")
	s.until("it is undone", func() bool { return f.did("undecide g:100000053 m:6ea900000053") })
}

// Who was merged into somebody else is followed there; who has gone is said to
// have gone, and a failure to read is none of both.
func TestDetailFollowsItsRecord(t *testing.T) {
	f, p := withTwins()
	old := f.people[54].ID
	s := open(t, f)
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	b.table.ShowKey(old)
	s.until("the detail is there", func() bool { return b.detail.shown.Key == old })
	f.push(func(f *fake) {
		f.people = slices.Delete(slices.Clone(f.people), 54, 55)
		f.details[old] = PersonDetail{Person: *p}
	})
	s.until("the cursor went with it", func() bool { return b.table.cursor >= 0 && b.table.rows.Key(b.table.cursor) == p.ID })
	if b.detail.key != p.ID || b.detail.shown.Title != p.Name() || !b.table.selected[p.ID] || b.table.selected[old] {
		t.Errorf("the pane shows %q (%s), selected are %v", b.detail.shown.Title, b.detail.key, b.table.selected)
	}

	f.push(func(f *fake) {
		f.people = slices.DeleteFunc(slices.Clone(f.people), func(o directory.Person) bool { return o.ID == p.ID })
		clear(f.details)
	})
	s.until("it has gone", func() bool { return strings.Contains(s.words(), "No longer here") })

	f.push(func(f *fake) { f.broken = &cloud.Error{Kind: cloud.Storage, Code: "damaged"} })
	s.until("the failure is said", func() bool { return strings.Contains(s.words(), view.Say(cloud.AsError(f.broken)).Title) })
}

func TestForgetNamesWhatGoes(t *testing.T) {
	s := open(t, district(300))
	s.press("Remove what came from Google")
	s.mustSay("300 people's Google accounts, 31 organizational units and 300 Chromebooks", "Checkouts are never removed")
	s.sheet().close()
	if s.fake.did("forget google") {
		t.Fatal("removed without a yes")
	}
	s.press("Remove what came from Google")
	s.press("Remove what came from Google")
	s.until("it is removed", func() bool { return s.fake.did("forget google") })
}

func TestBanner(t *testing.T) {
	f := district(10)
	s := open(t, f)
	if s.banner.Visible() {
		t.Errorf("a banner without a reason: %v", s.banner.shown)
	}
	f.push(func(f *fake) {
		f.conn.Google.State = "revoked"
		f.conn.Google.Lost = &engine.Fault{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "invalid_grant", At: now}
	})
	s.until("the banner says it", func() bool { return s.banner.Visible() })
	s.mustSay(view.SayFault(f.conn.Google.Lost).Sentence)

	// What stands between the school and the cloud is said too; what passes by
	// itself is not.
	for _, c := range []struct {
		fault engine.Fault
		said  bool
	}{
		{engine.Fault{Kind: cloud.Certificate, Detail: "School Filter"}, true},
		{engine.Fault{Kind: cloud.Offline, Code: cloud.CodeProxyAuth}, true},
		{engine.Fault{Kind: cloud.Keychain, Code: "locked"}, true},
		{engine.Fault{Kind: cloud.Offline}, false},
		{engine.Fault{Kind: cloud.Limited}, false},
	} {
		c.fault.Cloud = directory.Microsoft
		f := district(10)
		f.status.Microsoft.LastError = &c.fault
		s := open(t, f)
		if s.settle(); s.banner.Visible() != c.said {
			t.Errorf("%s %s: in the banner %v, want %v", c.fault.Kind, c.fault.Code, s.banner.Visible(), c.said)
		}
	}
}

func TestSyncButtons(t *testing.T) {
	s := open(t, district(10))
	s.press("Request Immediate Cloud Sync Refresh")
	if !s.fake.did("sync false") {
		t.Error("no sync was asked for")
	}
	if s.button("Cancel") != nil {
		t.Error("Cancel is offered while nothing runs")
	}
	s.fake.push(func(f *fake) { f.status = syncing().status })
	s.until("Cancel is offered", func() bool { return s.button("Cancel") != nil })
	s.press("Cancel")
	if !s.fake.did("cancel") {
		t.Error("the sync was not cancelled")
	}
}

// leftEntry notes that it was left.
type leftEntry struct {
	entry
	left bool
}

func (e *leftEntry) FocusLost() {
	e.left = true
	e.entry.FocusLost()
}

func TestTabsStayBehindASheet(t *testing.T) {
	s := open(t, district(10))
	s.openSettings()
	s.goTo(2)
	if s.at != 0 {
		t.Error("a shortcut changed the tab behind a sheet")
	}
	s.key(key(fyne.KeyEscape))
	s.goTo(2)
	if s.at != 2 || len(s.sheets) != 0 {
		t.Error("Escape does not close the sheet")
	}
	field := &leftEntry{}
	field.ExtendBaseWidget(field)
	sheet := s.openSheet("A sheet", field, fyne.NewSize(400, 0))
	s.win.Canvas().Focus(field)
	if sheet.close(); !field.left {
		t.Error("the cursor blinks on in a sheet that has gone")
	}
}

func TestSettings(t *testing.T) {
	f := district(50)
	s := open(t, f)
	s.openSettings()
	for _, o := range s.objects() {
		if c, ok := o.(*choice); ok && slices.Contains(c.Options, "Dark") {
			c.SetSelected("Dark")
		}
		if c, ok := o.(*choice); ok && slices.Contains(c.Options, "every 4 hours") {
			want := []string{"every 1 hour", "every 2 hours", "every 4 hours", "every 6 hours", "every 12 hours", "every 24 hours"}
			if !slices.Equal(c.Options, want) || c.Selected != "every 4 hours" {
				t.Errorf("intervals %q, chosen %q", c.Options, c.Selected)
			}
			c.SetSelected("every 12 hours")
		}
		if c, ok := o.(*tick); ok && c.Text == "Leave out guests" {
			c.SetChecked(true)
		}
	}
	for _, o := range s.objects() {
		limits := map[string]string{"20": "30", "5": "7", "500": "400"} // by what the empty field says
		if e, ok := o.(*entry); ok && limits[e.PlaceHolder] != "" {
			e.SetText(limits[e.PlaceHolder])
		}
	}
	s.press("Save")
	s.until("the settings are stored", func() bool { return f.Settings().Theme == "dark" })
	want := engine.Settings{Every: 12 * time.Hour, HoldFloor: 30, HoldShare: .07, HoldMost: 400}
	if got := f.Settings(); !got.HideGuests || got.Sync != want {
		t.Errorf("stored %+v", got)
	}
	s.until("the window is dark", func() bool {
		p, ok := s.app.Settings().Theme().(panelTheme)
		return ok && p.choice == "dark"
	})
}

func TestRecordsFollowTheBackend(t *testing.T) {
	f := district(20)
	s := open(t, f)
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	b.table.click(3, 0)
	chosen := b.table.cursorKey
	f.push(func(f *fake) {
		f.people = append(slices.Clone(f.people), directory.Person{ID: "m:new", MicrosoftID: "new", DisplayName: "Aaron Aaronson"})
		f.status.Revision++
	})
	s.until("the new person is listed", func() bool { return b.list.Len() == 21 })
	if b.table.cursorKey != chosen || b.table.rows.Key(b.table.cursor) != chosen {
		t.Error("the selection moved to another person")
	}
}

func TestNotifiesOnce(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // Fyne's test app asks no bus
	f := district(5)
	f.conn.Microsoft.Expires = "2026-11-30"
	s := open(t, f)
	words, _ := view.SecretReminder(now, f.conn.Microsoft.Expires)
	want := fyne.NewNotification("Panel: "+words.Title, words.String())
	test.AssertNotificationSent(t, want, func() {
		s.settle()
		clear(s.layout.Told)
		s.notify(s.state)
		(<-s.queue)() // it was sent
	})
	test.AssertNotificationSent(t, nil, func() { s.notify(s.state) })
	s.Close()
	again := open(t, f)
	test.AssertNotificationSent(t, nil, func() { again.notify(again.state) })
}

func TestNotifiesOfAnExpiredSecretWhateverDateWasTyped(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere") // Fyne's test app asks no bus
	f := district(5)
	s := open(t, f)
	s.settle()
	expire := func(expires directory.Day, at time.Time) *State {
		lost := &engine.Fault{Kind: cloud.SecretExpired, Code: "AADSTS7000222", Cloud: directory.Microsoft, At: at}
		state := *s.state
		state.Connections.Microsoft.Expires, state.Connections.Microsoft.Lost = expires, lost
		state.Status.Microsoft.LastError = lost
		return &state
	}
	words := view.Say(&cloud.Error{Kind: cloud.SecretExpired, Code: "AADSTS7000222", Cloud: directory.Microsoft})
	want := fyne.NewNotification("Panel: "+words.Title, words.String())
	for _, c := range []struct {
		name  string
		state *State
	}{
		{"no date", expire("", now)},
		{"a date far ahead", expire("2028-11-01", now.Add(time.Hour))},
		{"the next secret under the same date", expire("2028-11-01", now.Add(2*time.Hour))},
	} {
		t.Run(c.name, func(t *testing.T) {
			test.AssertNotificationSent(t, want, func() {
				s.notify(c.state)
				s.settle()
			})
			test.AssertNotificationSent(t, nil, func() {
				s.notify(c.state)
				s.settle()
			})
		})
	}
}

// countingReads counts how often the people were read.
type countingReads struct {
	*fake
	reads int
}

func (b *countingReads) People(ctx context.Context, each func(*directory.Person) error) error {
	b.reads++
	return b.fake.People(ctx, each)
}

// What is decided while a sync goes on is read as soon as that is due again,
// also when it came too soon after the last time.
func TestADecisionDuringASyncIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &countingReads{fake: &fake{revision: 1}}
		f := &follower{b: b, now: time.Now, show: func(*State) {}, late: time.NewTimer(time.Hour)}
		f.state.Status.Running = &engine.Run{}
		f.look(t.Context())
		b.revision++
		if f.look(t.Context()); b.reads != 1 {
			t.Errorf("read %d times at once", b.reads)
		}
		<-f.late.C
		if f.look(t.Context()); b.reads != 2 {
			t.Errorf("read %d times", b.reads)
		}
		if f.look(t.Context()); b.reads != 2 {
			t.Errorf("read %d times, and nothing was new", b.reads)
		}
	})
}

// A record that the search does not find is not shown beside what it finds.
func TestThePaneShowsOnlyWhatIsListed(t *testing.T) {
	s := open(t, district(20))
	s.goTo(1)
	b := s.tabs[1].pane.(*browser)
	b.table.click(2, 0)
	key := b.table.cursorKey
	s.until("the record is read", func() bool { return b.detail.shown.Key == key })
	s.search.SetText("nobody is called that")
	if s.settle(); b.detail.key != "" {
		t.Errorf("no row, and the pane shows %q", b.detail.key)
	}
	s.search.SetText("")
	s.until("it comes back with its row", func() bool { return b.detail.shown.Key == key })
}

// A filter on one list does not make a search from another say that there is
// nothing.
func TestFiltersDoNotHideWhatIsFoundElsewhere(t *testing.T) {
	s := open(t, district(20))
	b := s.tabs[1].pane.(*browser)
	s.goTo(1)
	name := b.table.rows.Cell(0, 0).text
	state := b.table.rows.Cell(0, 3).text
	for _, other := range []string{"Active", "Disabled", "Archived"} {
		if other != state {
			b.list.Toggle("state", other)
		}
	}
	b.refill()
	s.goTo(0)
	s.search.SetText(name)
	s.settle()
	if got := s.tabs[1].name.hits; got != 1 {
		t.Errorf("the tab says %d", got)
	}
	s.goTo(1)
	s.mustSay("The filters hide what was found")
	s.press("Clear the filters")
	if b.list.Len() != 1 || s.search.Text != name {
		t.Errorf("%d rows for %q", b.list.Len(), s.search.Text)
	}
}

// Azure shows a secret once: Escape does not throw it away without a question.
func TestEscapeAsksBeforeASecretIsLost(t *testing.T) {
	f := empty()
	s := open(t, f)
	s.openAzure(0)
	s.key(key(fyne.KeyEscape))
	if len(s.sheets) != 0 {
		t.Fatal("an untouched form asks")
	}
	s.openAzure(0)
	form := s.sheet()
	for _, o := range s.objects() {
		if e, ok := o.(*entry); ok && e.Password {
			e.SetText("a.secret~that_is_shown_once")
		}
	}
	s.key(key(fyne.KeyEscape))
	s.mustSay("Leave without saving?")
	s.press("Cancel") // the question
	if s.sheet() != form {
		t.Fatal("the form has gone")
	}
	s.key(key(fyne.KeyEscape))
	s.press("Leave without saving")
	if len(s.sheets) != 0 {
		t.Error("the form is still there")
	}
}

// What is said of days, such as "within a year", is of today.
func TestListsAreMadeAnewOnANewDay(t *testing.T) {
	var days atomic.Int64
	s := openAt(t, district(20), func() time.Time { return now.AddDate(0, 0, int(days.Load())) })
	before := s.state.Records
	looks := s.state
	s.changed()
	s.until("it has looked again", func() bool { return s.state != looks })
	if s.state.Records != before {
		t.Error("the same day makes the lists anew")
	}
	days.Add(1)
	s.changed()
	s.until("the lists are made anew", func() bool { return s.state.Records != before })
}
