package ui

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"panel/directory"
	"panel/sync/cloud"
	"panel/ui/view"
)

// Steps of the guide that a reminder or a failure leads to; 0 is the start.
const (
	azureStepSecret  = 4
	azureStepConsent = 6
)

// azureSteps are the App Registration recipe, in the portal's own words.
var azureSteps = []step{
	{words: "Sign in to the **Azure portal** as an administrator.", label: "portal.azure.com", url: "https://portal.azure.com/"},
	{words: "Go to **App registrations** and press **+ New registration**. Name it, for example:", copy: "allow Panel to read users", label: "App registrations", url: "https://portal.azure.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade"},
	{words: "Choose **Accounts in this organizational directory only**, leave **Redirect URI** empty, and press **Register**."},
	{words: "Open **Certificates & secrets** and press **+ New client secret**. Choose an expiry (at most 24 months). Description:", copy: "Panel access"},
	{words: "Copy the **Value** at once into the field **Secret ID**: it is shown only now. If it is lost, delete the secret and make another."},
	{words: "Open **API permissions**, press **+ Add a permission**, **Microsoft Graph**, **Application permissions**, choose this one and press **Add**:", copy: "User.Read.All"},
	{words: "Press **Grant admin consent** for your organization, and confirm."},
	{words: "Go back to **Overview** and copy **Application (client) ID** and **Directory (tenant) ID** into the form."},
}

// azureClouds are the clouds of Microsoft, with their keys in [Azure.Cloud].
var azureClouds = []struct{ key, name string }{
	{"global", "Microsoft 365"}, {"gcch", "US Government GCC High"}, {"dod", "US Government DoD"}, {"china", "China (21Vianet)"},
}

var guid = regexp.MustCompile(`(?i)^\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$`)

// azureForm is the form of the Azure Sync Settings.
type azureForm struct {
	w       *Window
	before  Azure
	client  *formField
	tenant  *formField
	secret  *formField
	expires *formField
	cloud   *choice
	found   Azure // of the domain that was looked up; zero while it was not
	domain  string
	wait    context.CancelFunc
	steps   *fyne.Container
	scroll  *container.Scroll // the form
	test    *button
	save    *button
	sheet   *sheet
	testing context.CancelFunc
}

// formField is an entry with its name above, and beside that what it is for or
// what is wrong with it.
type formField struct {
	entry *entry
	note  *text
	help  string
	found string              // what came of the value, instead of help
	check func(string) string // "" is fine
	box   fyne.CanvasObject
	// touched tells that it was edited: nothing is wrong before.
	touched bool
}

func newFormField(name, help string, e *entry, check func(string) string) *formField {
	title := newText(name)
	title.Bold = true
	f := &formField{entry: e, note: newMuted(help), help: help, check: check}
	f.box = vstack(3, container.NewBorder(nil, nil, title.whole(), nil, padLeft(8, f.note)), e)
	return f
}

// value is what was typed, without space around it.
func (f *formField) value() string { return strings.TrimSpace(f.entry.Text) }

// judge shows what is wrong, and reports whether nothing is.
func (f *formField) judge() bool {
	wrong := f.check(f.value())
	switch {
	case wrong != "" && f.touched:
		f.note.set(wrong, view.Bad)
	case f.found != "":
		f.note.set(f.found, view.Good)
	default:
		f.note.set(f.help, view.Muted)
	}
	return wrong == ""
}

// openAzure opens the settings with the guide beside them, at a step of it.
func (w *Window) openAzure(at int) {
	f := &azureForm{w: w, before: w.b.Connections().Microsoft}
	f.build(at)
}

func (f *azureForm) build(at int) {
	a := f.before
	f.client = newFormField("Client ID", "Application (client) ID", newEntry("00000000-0000-0000-0000-000000000000"), checkClientID)
	f.tenant = newFormField("Directory (tenant) ID", "or a domain of the organization", newEntry("00000000-… or school.example"), checkTenant)
	f.secret = newFormField("Secret ID", "the client secret’s Value", newEntry(""), func(s string) string { return checkSecret(s, a.HasSecret) })
	f.secret.entry.Password = true
	f.expires = newFormField("Expires", "as chosen in the portal", newEntry("YYYY-MM-DD"), func(s string) string {
		if s == string(a.Expires) {
			return "" // as it was kept; an expired secret is replaced below
		}
		return checkExpires(s, f.w.clock())
	})
	f.cloud = newChoice(nil, nil)
	for _, c := range azureClouds {
		f.cloud.Options = append(f.cloud.Options, c.name)
	}
	f.fillIn(a)
	for _, field := range f.fields() {
		field.entry.OnChanged = func(string) { field.touched = true; f.judge() }
	}
	f.secret.entry.OnChanged = func(string) {
		f.secret.touched = true
		f.renewDate()
		f.judge()
	}
	f.tenant.entry.OnChanged = func(string) { f.tenant.touched = true; f.lookUp(); f.judge() }

	presets := container.New(&flowLayout{gap: 6})
	for _, months := range []int{6, 12, 24} {
		presets.Add(newChip(view.Plural(months, "month", "months"), false, func() {
			f.expires.entry.SetText(string(directory.DayOf(f.w.clock().AddDate(0, months, 0))))
		}))
	}
	presets.Add(newChip("No reminder", false, func() { f.expires.entry.SetText("") }))
	cloudTitle := newText("Cloud")
	cloudTitle.Bold = true
	f.steps = vstack(4)
	form := vstack(12, f.client.box, f.tenant.box, f.secret.box, vstack(6, f.expires.box, presets),
		vstack(3, cloudTitle, framed(f.cloud)), f.steps)

	guide, objects := f.w.newGuide(azureSteps, func(i int) bool { return at > 0 && i >= at-1 && i <= at })
	scroll := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(10, 10, 12, 16), guide))
	left := newCard(scroll)
	left.pad = 0
	f.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(2, 2, 6, 14), form))
	both := container.New(&besideLayout{gap: 12}, left, f.scroll)

	cancel := newButton("Cancel", nil, func() { f.sheet.cancel() })
	f.test = newButton("Test connection", nil, f.runTest)
	f.save = newPrimary("Save", nil, f.saveNow)
	title := nameAddAzure
	if a.State != "not_configured" {
		title = "Azure Sync Settings"
	}
	f.sheet = f.w.openSheet(title, container.NewStack(fixedHeight(440), both), fyne.NewSize(1040, 640), cancel, f.test, f.save)
	f.sheet.onClose = f.closed
	f.sheet.unsaved = func() bool { // Azure shows a secret only once
		return slices.ContainsFunc(f.fields(), func(field *formField) bool { return field.touched && field.value() != "" })
	}
	f.judge()
	if at > 0 && at < len(objects) {
		scroll.Refresh()
		scroll.ScrollToOffset(fyne.NewPos(0, objects[at-1].Position().Y))
		f.w.focus(f.secret.entry)
	} else {
		f.w.focus(f.client.entry)
	}
}

// renewDate proposes a date for a new secret where the kept date was that of
// the old one and has passed.
func (f *azureForm) renewDate() {
	kept := string(f.before.Expires)
	if kept != "" && f.expires.value() == kept && f.secret.value() != "" && checkExpires(kept, f.w.clock()) != "" {
		f.expires.entry.SetText(string(directory.DayOf(f.w.clock().AddDate(2, 0, 0))))
	}
}

func (f *azureForm) fields() []*formField {
	return []*formField{f.client, f.tenant, f.secret, f.expires}
}

// fillIn puts in what is known.
func (f *azureForm) fillIn(a Azure) {
	f.client.entry.Text, f.tenant.entry.Text, f.expires.entry.Text = a.ClientID, a.Tenant, string(a.Expires)
	if a.State == "not_configured" {
		if a.Tenant == "" {
			f.tenant.entry.Text = f.w.b.Connections().Google.Domain
			f.lookUp()
		}
		if a.Expires == "" {
			f.expires.entry.Text = string(directory.DayOf(f.w.clock().AddDate(2, 0, 0)))
		}
	}
	if a.HasSecret {
		f.secret.entry.PlaceHolder = "kept in the keychain; leave empty to keep it"
	}
	f.cloud.Selected = azureClouds[0].name
	for _, c := range azureClouds {
		if c.key == a.Cloud {
			f.cloud.Selected = c.name
		}
	}
}

func (f *azureForm) judge() {
	fine := true
	for _, field := range f.fields() {
		fine = field.judge() && fine
	}
	for _, b := range []*button{f.test, f.save} {
		switch {
		case b == nil:
		case fine:
			b.Enable()
		default:
			b.Disable()
		}
	}
}

// lookUp finds the tenant of a domain once there is a pause in typing it.
func (f *azureForm) lookUp() {
	if f.wait != nil {
		f.wait()
		f.wait = nil
	}
	domain := f.tenant.value()
	if domain != f.domain {
		f.tenant.found = ""
	}
	if domain == f.domain || guid.MatchString(domain) || checkTenant(domain) != "" {
		return
	}
	f.found, f.domain, f.tenant.found = Azure{}, domain, ""
	f.wait = f.w.after(500*time.Millisecond, func() {
		var found Azure
		f.wait = f.w.do(func(ctx context.Context) (err error) {
			found, err = f.w.b.LookUpTenant(ctx, domain)
			return err
		}, func(err error) {
			switch {
			case f.tenant.value() != domain || f.sheet == nil:
			case err != nil && cloud.KindOf(err) == cloud.TenantUnknown:
				f.tenant.note.set("Microsoft knows no organization with this domain.", view.Bad)
			case err == nil:
				f.found = found
				f.setCloud(found.Cloud)
				f.tenant.found = "Found: " + found.Tenant
				f.tenant.judge()
			}
		})
	})
}

func (f *azureForm) setCloud(key string) {
	for _, c := range azureClouds {
		if c.key == key {
			f.cloud.SetSelected(c.name)
		}
	}
}

// settings is what the form says.
func (f *azureForm) settings() (a Azure, secret string) {
	a = Azure{ClientID: trimBraces(f.client.value()), Tenant: trimBraces(f.tenant.value()), Expires: directory.Day(f.expires.value())}
	if f.found.Tenant != "" && f.tenant.value() == f.domain {
		a.Tenant = f.found.Tenant
	}
	for _, c := range azureClouds {
		if c.name == f.cloud.Selected {
			a.Cloud = c.key
		}
	}
	return a, f.secret.value()
}

func trimBraces(s string) string { return strings.Trim(s, "{}") }

func (f *azureForm) saveNow() {
	a, secret := f.settings()
	f.save.Disable()
	f.w.do(func(ctx context.Context) error { return f.w.b.SaveAzure(ctx, a, secret) }, func(err error) {
		f.w.changed()
		if err != nil {
			f.judge()
			f.steps.RemoveAll()
			f.steps.Add(newTrouble(view.Say(cloud.AsError(err)), f.w.press))
			return
		}
		f.sheet.close()
		f.w.say(view.Good, "The Azure Sync Settings are saved, and a sync has started.", "", nil)
	})
}

func (f *azureForm) closed() {
	for _, cancel := range []context.CancelFunc{f.wait, f.testing} {
		if cancel != nil {
			cancel()
		}
	}
	f.secret.entry.Text = ""
}
