package ui

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// now is the moment at which the fake district lives.
var now = time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC)

// fake is a Backend in memory. Its fields are set before the window starts;
// later changes go through push.
type fake struct {
	mu       sync.Mutex
	about    About
	status   engine.Status
	watchers []chan engine.Status
	conn     Connections
	revision uint64
	settings Settings
	layout   []byte
	views    Views

	people  []directory.Person
	books   []directory.Chromebook
	units   []directory.OrgUnit
	runs    []engine.Run
	changes []directory.Change
	details map[string]PersonDetail
	broken  error // what reading a person answers, nil for the person

	calls []string         // the acts that were asked for, in order
	fail  map[string]error // what an act answers
	block chan struct{}    // if not nil, AuthorizeGoogle waits for it
	// noBrowser lets AuthorizeGoogle find no browser, and nobody lets it wait
	// in vain.
	noBrowser, nobody bool
	notices           []view.Words
	back              int // what BringBack finds
	steps             []AzureStep
	served            string // by ServePage

	ledger fakeLedger
}

func (f *fake) called(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	call := fmt.Sprintf(format, args...)
	f.calls = append(f.calls, call)
	name, _, _ := strings.Cut(call, " ")
	return f.fail[name]
}

// did reports whether an act was asked for.
func (f *fake) did(call string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Contains(f.calls, call)
}

// push changes the state and tells every watcher.
func (f *fake) push(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
	f.revision++
	for _, w := range f.watchers {
		select {
		case <-w:
		default:
		}
		w <- f.status
	}
}

func (f *fake) About() About          { return f.about }
func (f *fake) Notices() []view.Words { return f.notices }

func (f *fake) Watch(ctx context.Context) <-chan engine.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := make(chan engine.Status, 1)
	w <- f.status
	f.watchers = append(f.watchers, w)
	return w
}

func (f *fake) Connections() Connections { f.mu.Lock(); defer f.mu.Unlock(); return f.conn }
func (f *fake) Revision() uint64         { f.mu.Lock(); defer f.mu.Unlock(); return f.revision }
func (f *fake) Settings() Settings       { f.mu.Lock(); defer f.mu.Unlock(); return f.settings }
func (f *fake) Layout() []byte           { f.mu.Lock(); defer f.mu.Unlock(); return f.layout }

func (f *fake) Views() Views { f.mu.Lock(); defer f.mu.Unlock(); return maps.Clone(f.views) }

func (f *fake) ChangeViews(_ context.Context, list string, change func(*ListViews)) (ListViews, error) {
	err := f.called("ChangeViews")
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.views[list]
	if err == nil {
		change(&kept)
		all := maps.Clone(f.views)
		if all == nil {
			all = Views{}
		}
		all[list] = kept
		f.views = all
	}
	return kept, err
}

func (f *fake) SetLayout(b []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.layout = b
	return nil
}

func (f *fake) People(_ context.Context, each func(*directory.Person) error) error {
	f.mu.Lock()
	people := f.people
	f.mu.Unlock()
	for i := range people {
		if err := each(&people[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) Chromebooks(_ context.Context, each func(*directory.Chromebook) error) error {
	f.mu.Lock()
	books := f.books
	f.mu.Unlock()
	for i := range books {
		if err := each(&books[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) OrgUnits(context.Context) ([]directory.OrgUnit, error) { return f.units, nil }
func (f *fake) Runs() ([]engine.Run, error)                           { return f.runs, nil }

func (f *fake) Person(id string) (PersonDetail, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken != nil {
		return PersonDetail{}, f.broken
	}
	if d, ok := f.details[id]; ok {
		return d, nil
	}
	for _, p := range f.people {
		if p.ID == id {
			return PersonDetail{Person: p, Google: accountOf(&p, directory.Google), Microsoft: accountOf(&p, directory.Microsoft)}, nil
		}
	}
	return PersonDetail{}, ErrGone
}

func (f *fake) Chromebook(id string) (directory.Chromebook, error) {
	for _, c := range f.books {
		if c.DeviceID == id {
			return c, nil
		}
	}
	return directory.Chromebook{}, ErrGone
}

func (f *fake) Changes(run string) (out []directory.Change, _ error) {
	for _, c := range f.changes {
		if c.Run == run {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f *fake) History(l directory.Listing, id string) (out []directory.Change, _ error) {
	for _, c := range f.changes {
		if c.Listing == l && c.ID == id {
			out = append(out, c)
		}
	}
	return out, nil
}

func (f *fake) Sync(full bool) { _ = f.called("sync %v", full) }
func (f *fake) Cancel()        { _ = f.called("cancel") }

func (f *fake) Remove(_ context.Context, c directory.Cloud, l directory.Listing) error {
	return f.called("remove %s %s", c, l)
}

func (f *fake) Keep(_ context.Context, c directory.Cloud, l directory.Listing) error {
	return f.called("keep %s %s", c, l)
}
func (f *fake) BringBack(_ context.Context, run string) (int, error) {
	return f.back, f.called("bringback %s", run)
}
func (f *fake) SetGoogleClient(_ context.Context, file []byte) error {
	return f.called("client %d", len(file))
}

func (f *fake) AuthorizeGoogle(ctx context.Context, link func(string), trouble func(*cloud.Error)) error {
	if err := f.called("authorize"); err != nil {
		return err
	}
	link("https://accounts.google.com/o/oauth2/v2/auth?client_id=1" + strings.Repeat("&scope=long", 40))
	if f.noBrowser {
		trouble(&cloud.Error{Kind: cloud.Unexpected, Cloud: directory.Google, Code: "no_browser"})
	}
	if f.nobody { // a sign-in gives up by itself after five minutes
		if end, ok := ctx.Deadline(); ok && !end.After(time.Now().Add(5*time.Minute)) {
			return context.DeadlineExceeded
		}
		return &cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "timeout"}
	}
	if f.block != nil {
		select {
		case <-f.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (f *fake) OpenBrowser(url string) error { return f.called("open %s", url) }

func (f *fake) DeauthorizeGoogle(_ context.Context, local bool) (bool, error) {
	return true, f.called("deauthorize %v", local)
}

func (f *fake) SaveAzure(_ context.Context, a Azure, secret string) error {
	return f.called("azure %s %s %s %d", a.ClientID, a.Tenant, a.Expires, len(secret))
}

func (f *fake) TestAzure(_ context.Context, _ Azure, _ string, step func(AzureStep)) error {
	for _, s := range f.steps {
		step(s)
	}
	return f.called("test")
}

func (f *fake) RemoveAzure(context.Context) error { return f.called("removeazure") }

func (f *fake) LookUpTenant(_ context.Context, domain string) (Azure, error) {
	return Azure{Tenant: "0f3c1d1e-7a52-4c0e-9d55-0a8f6b1c2d3e", Cloud: "global"}, f.called("tenant %s", domain)
}

func (f *fake) Forget(_ context.Context, c directory.Cloud) error { return f.called("forget %s", c) }

func (f *fake) Decide(_ context.Context, d directory.Decision) error {
	return f.called("decide %s %s %v", d.A, d.B, d.Same)
}

func (f *fake) Undecide(_ context.Context, d directory.Decision) error {
	return f.called("undecide %s %s", d.A, d.B)
}

func (f *fake) BackUp(ctx context.Context, path, passphrase string) error {
	if f.block != nil {
		select {
		case <-f.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return f.called("backup %s %q", path, passphrase)
}

func (f *fake) CheckBackup(_ context.Context, path, passphrase string) (time.Time, error) {
	return now.AddDate(0, 0, -9), f.called("checkbackup %s %q", path, passphrase)
}

func (f *fake) SetRecovery(_ context.Context, passphrase string) error {
	return f.called("recovery %q", passphrase)
}

func (f *fake) SaveFile(ctx context.Context, path string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if f.block != nil {
		select {
		case <-f.block:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := f.called("save %s", path); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

func (f *fake) ServePage(_ context.Context, write func(io.Writer) error) (string, error) {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return "", err
	}
	f.mu.Lock()
	f.served = b.String()
	f.mu.Unlock()
	return "http://127.0.0.1:9/page", f.called("serve")
}

func (f *fake) SetSettings(_ context.Context, s Settings) error {
	if err := f.called("settings"); err != nil {
		return err
	}
	f.push(func(f *fake) { f.settings = s })
	return nil
}

// accountOf makes up the account that p was merged from.
func accountOf(p *directory.Person, c directory.Cloud) *directory.Account {
	a := &directory.Account{
		Cloud: c, ID: p.GoogleID, Primary: p.PrimaryEmail, DisplayName: p.DisplayName,
		GivenName: p.GivenName, FamilyName: p.FamilyName, OrgUnit: p.OrgUnit, EmployeeID: p.EmployeeID,
		State: p.GoogleState, Title: p.Title, Department: p.Department,
	}
	if c == directory.Microsoft {
		a.ID, a.OrgUnit, a.State, a.Mail = p.MicrosoftID, "", p.MicrosoftState, p.PrimaryEmail
	} else {
		a.DisplayName = a.GivenName + " " + a.FamilyName
	}
	if a.ID == "" {
		return nil
	}
	return a
}

// empty is a Panel that was never set up.
func empty() *fake {
	return &fake{
		about: About{Version: "0.1", DataDir: "/home/tech/.config/panel", Profile: "built-in", Vault: "keychain"},
		conn:  Connections{Google: Google{State: "not_authorized", HasClient: true}, Microsoft: Azure{State: "not_configured"}},
		fail:  map[string]error{}, details: map[string]PersonDetail{},
	}
}

// district is a Panel with an imported district of n people and as many
// Chromebooks.
func district(n int) *fake {
	f := empty()
	f.conn = Connections{
		Google: Google{
			HasClient: true, State: "authorized", Account: "it.admin@northfield.k12.example", Domain: "northfield.k12.example",
			AuthorizedAt: now.AddDate(0, 0, -41),
			Granted: []string{
				"https://www.googleapis.com/auth/admin.directory.user.readonly",
				"https://www.googleapis.com/auth/admin.directory.orgunit.readonly",
				"https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly",
				"openid", "https://www.googleapis.com/auth/userinfo.email",
			},
		},
		Microsoft: Azure{
			State: "configured", Tenant: "0f3c1d1e-7a52-4c0e-9d55-0a8f6b1c2d3e",
			ClientID: "5b8f2c44-90ab-4f7e-8f25-1c7d3a9be011", Expires: "2028-11-01", HasSecret: true,
		},
	}
	f.status = engine.Status{
		Google:    engine.CloudStatus{LastSuccess: now.Add(-12 * time.Minute)},
		Microsoft: engine.CloudStatus{LastSuccess: now.Add(-11 * time.Minute)},
		Next:      now.Add(228 * time.Minute), Revision: 1, Runs: 1,
	}
	f.units = fakeUnits()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		f.people = append(f.people, fakePerson(r, i))
		f.books = append(f.books, fakeChromebook(r, i))
	}
	f.addRuns(r)
	f.status.Last = &f.runs[0]
	return f
}

var (
	fakeSchools = []string{"Northfield High", "Lincoln Middle", "Riverside Elementary", "Donaudampfschifffahrtsgymnasium"}
	fakeGiven   = []string{"Maria", "Wei", "Oliver", "Anna", "José", "Zoë", "Priya", "Łukasz", "Amélie", "Noah", "Wolfeschlegelstein"}
	fakeFamily  = []string{"González", "Li", "Smith", "Kowalska", "Nguyễn", "Müller", "Patel", "O'Brien", "Hausenbergerdorff", "Jones"}
	fakeModels  = []string{"HP Chromebook 11 G9 EE", "Lenovo 300e Chromebook Gen 3", "Acer Chromebook Spin 511 (R753T)", "Dell Chromebook 3110 2-in-1"}
)

func fakeUnits() (out []directory.OrgUnit) {
	add := func(path string) {
		parent, name := "/", path[strings.LastIndex(path, "/")+1:]
		if i := strings.LastIndex(path, "/"); i > 0 {
			parent = path[:i]
		}
		out = append(out, directory.OrgUnit{ID: "id:" + path, Path: path, Name: name, ParentPath: parent})
	}
	for _, top := range []string{"/Students", "/Staff", "/Carts"} {
		add(top)
		for _, school := range fakeSchools {
			add(top + "/" + school)
			for g := 1; g <= 4 && top == "/Students"; g++ {
				add(fmt.Sprintf("%s/%s/Grade %d", top, school, g+5))
			}
		}
	}
	return out
}

func fakePerson(r *rand.Rand, i int) directory.Person {
	given, family := fakeGiven[r.IntN(len(fakeGiven))], fakeFamily[r.IntN(len(fakeFamily))]
	p := directory.Person{
		ID: fmt.Sprintf("g:1%08d", i), GoogleID: fmt.Sprintf("1%08d", i),
		GivenName: given, FamilyName: family, DisplayName: given + " " + family,
		EmployeeID: fmt.Sprint(200000 + i), State: directory.Active, GoogleState: directory.Active, Kind: directory.Student,
		LastSignIn: now.Add(-time.Duration(r.IntN(90*24)) * time.Hour),
	}
	school := fakeSchools[r.IntN(len(fakeSchools))]
	p.OrgUnit = fmt.Sprintf("/Students/%s/Grade %d", school, 6+r.IntN(4))
	if i%9 == 0 {
		p.OrgUnit, p.Kind, p.Title, p.Department = "/Staff/"+school, directory.Staff, "Teacher", "Mathematics"
	}
	if i%3 != 0 {
		p.MicrosoftID = fmt.Sprintf("6ea9%08d", i)
		p.MicrosoftState, p.FromMicrosoft = directory.Active, 1
	}
	if i%31 == 0 {
		p.State, p.GoogleState = directory.Suspended, directory.Suspended
	}
	if i%97 == 0 {
		p.DisplayName = "王小明 (" + given + ")"
	}
	if i%53 == 0 {
		p.PossibleDuplicate = true
	}
	p.PrimaryEmail = fmt.Sprintf("%s.%s%d@northfield.k12.example", strings.ToLower(given), strings.ToLower(strings.ReplaceAll(family, "'", "")), i)
	p.Emails = []string{p.PrimaryEmail}
	return p
}

func fakeChromebook(r *rand.Rand, i int) directory.Chromebook {
	school := fakeSchools[r.IntN(len(fakeSchools))]
	c := directory.Chromebook{
		DeviceID: fmt.Sprintf("d%08d", i), Serial: fmt.Sprintf("5CD%07X", i*2654435761&0xfffffff),
		Model: fakeModels[r.IntN(len(fakeModels))], Status: "ACTIVE", OrgUnit: "/Students/" + school,
		AssetID: fmt.Sprintf("A%05d", i), OSVersion: fmt.Sprintf("%d.0.6723.126", 126+r.IntN(8)), Channel: "stable",
		AutoUpdateExpiration: directory.Day(fmt.Sprintf("%d-06-01", 2025+r.IntN(8))),
		LastSync:             now.Add(-time.Duration(r.IntN(60*24)) * time.Hour),
		AnnotatedLocation:    "Room " + fmt.Sprint(100+r.IntN(80)), BootMode: "Verified", License: "educationUpgrade",
		MACAddress: fmt.Sprintf("a4b1c2%06x", i), StorageBytes: 32e9, StorageUsed: 11e9, MemoryBytes: 4e9,
		FirstEnrolled: now.AddDate(-2, 0, -r.IntN(300)), LastIP: fmt.Sprintf("10.20.%d.%d", i/250%250, i%250),
	}
	given, family := fakeGiven[r.IntN(len(fakeGiven))], fakeFamily[r.IntN(len(fakeFamily))]
	email := fmt.Sprintf("%s.%s%d@northfield.k12.example", strings.ToLower(given), strings.ToLower(strings.ReplaceAll(family, "'", "")), i)
	c.AnnotatedUser, c.RecentUsers = email, []directory.RecentUser{{Email: email, Managed: true}, {Managed: false}}
	switch {
	case i%17 == 0:
		c.Status = "DISABLED"
	case i%29 == 0:
		c.Status, c.DeprovisionReason, c.Deprovisioned = "DEPROVISIONED", "DEPROVISION_REASON_RETIRING_DEVICE", now.AddDate(0, -2, 0)
	case i%71 == 0:
		c.Gone = now.AddDate(0, 0, -3)
	}
	return c
}

func (f *fake) addRuns(r *rand.Rand) {
	for i := range 40 {
		at := now.Add(-time.Duration(i*4)*time.Hour - 12*time.Minute)
		run := engine.Run{
			ID: at.Format("20060102T150405Z"), Started: at, Finished: at.Add(time.Duration(20+r.IntN(90)) * time.Second),
			Why: "schedule", Full: i%6 == 0, Outcome: engine.OK, RecordsWritten: r.IntN(60),
			Google: &engine.CloudReport{Outcome: engine.OK, Listings: map[directory.Listing]engine.ListingReport{
				directory.People:      {Complete: true, Seen: len(f.people), Added: r.IntN(6), Changed: r.IntN(40), Pages: 6},
				directory.OrgUnits:    {Complete: true, Seen: len(f.units), Pages: 1},
				directory.Chromebooks: {Complete: i%6 == 0, Seen: len(f.books), Changed: r.IntN(30), Pages: 10},
			}},
			Microsoft: &engine.CloudReport{Outcome: engine.OK, Listings: map[directory.Listing]engine.ListingReport{
				directory.People: {Complete: i%6 == 0, Seen: r.IntN(20), Changed: r.IntN(8), Pages: 1},
			}},
		}
		if i == 7 {
			run.Outcome, run.Microsoft.Outcome = engine.Failed, engine.Failed
			run.Microsoft.Error = &engine.Fault{Kind: cloud.Offline, Doing: "list people", Cloud: directory.Microsoft, At: at}
		}
		f.runs = append(f.runs, run)
		for j := range min(12, len(f.people)) {
			p := &f.people[(i*13+j)%len(f.people)]
			f.changes = append(f.changes, directory.Change{
				Run: run.ID, At: run.Finished, Cloud: directory.Google, Listing: directory.People,
				Kind: []directory.ChangeKind{directory.Changed, directory.Added, directory.Removed}[j%3], ID: p.ID, Name: p.Name(),
			})
			if last := &f.changes[len(f.changes)-1]; last.Kind == directory.Changed {
				last.Fields = []directory.FieldChange{{Field: "org_unit", From: "/Students/Lincoln Middle/Grade 6", To: p.OrgUnit}}
			}
		}
	}
}

// troubled is a district where much needs the technician.
func troubled() *fake {
	f := district(400)
	f.conn.Google.State = "partial"
	last := len(f.conn.Google.Granted) - 3
	f.conn.Google.Missing = []string{f.conn.Google.Granted[last]}
	f.conn.Google.Granted = slices.Delete(slices.Clone(f.conn.Google.Granted), last, last+1)
	f.conn.Microsoft.State, f.conn.Microsoft.Expires = "secret_wrong", "2026-12-01"
	f.status.Microsoft.LastError = &engine.Fault{
		Kind: cloud.SecretWrong, Code: "AADSTS7000215", Cloud: directory.Microsoft, At: now.Add(-11 * time.Minute),
		Detail: "Invalid client secret provided.", Trace: "0c1f0e9a-6e0c-4a57-8d9e-1b7d3f6f2a00", Stamp: "2026-11-23 14:19:02Z",
	}
	ids := make([]string, 0, 60)
	for i := range 60 {
		ids = append(ids, f.books[i].DeviceID)
	}
	f.status.Holds = []engine.Hold{{Cloud: directory.Google, Listing: directory.Chromebooks, IDs: ids, Since: now.Add(-time.Hour)}}
	return f
}

// syncing is a district in the middle of a sync.
func syncing() *fake {
	f := district(400)
	run := engine.Run{ID: "20261123T143000Z", Started: now.Add(-20 * time.Second), Why: "request"}
	f.status.Running = &run
	f.status.Google.Running = true
	step := func(l directory.Listing, done, expected int, ended bool) engine.ListingProgress {
		return engine.ListingProgress{
			Progress: cloud.Progress{Listing: l, Done: done, Expected: expected, Pages: done / 200},
			Started:  now.Add(-20 * time.Second), Ended: ended,
		}
	}
	f.status.Google.Progress = []engine.ListingProgress{
		step(directory.OrgUnits, 31, 31, true), step(directory.People, 12400, 31000, false), step(directory.Chromebooks, 5200, 0, false),
	}
	return f
}

// withTwins is a district with somebody whom each cloud knows by another
// address but one.
func withTwins() (*fake, *directory.Person) {
	f := district(400)
	p, o := &f.people[53], f.people[54]
	p.MicrosoftID, p.PossibleDuplicate = "", true
	o.ID, o.GoogleID, o.MicrosoftID, o.PossibleDuplicate = "m:6ea900000053", "", "6ea900000053", true
	o.DisplayName, o.PrimaryEmail = "Bob Smith", "bob.smith@northfield.k12.example"
	f.people[54] = o
	f.details[p.ID] = PersonDetail{
		Person: *p, Google: accountOf(p, directory.Google),
		Twins: []Twin{{Person: o, Pair: directory.Decision{A: "g:" + p.GoogleID, B: "m:" + o.MicrosoftID}}},
	}
	return f, p
}
