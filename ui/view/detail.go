package view

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"panel/directory"
	"panel/ledger"
)

// Detail is what a detail pane shows of one record.
type Detail struct {
	// Key is the record's id, Title its name, Subtitle a line below it.
	Key      string
	Title    string
	Subtitle string
	Badges   []Badge
	Groups   []Group
	Links    []Link
}

// Badge is a word in a colour.
type Badge struct {
	Text string
	Tone Tone
}

// Group is some fields under a heading.
type Group struct {
	Title  string
	Fields []Field
}

// Field is one line of a detail pane. Fields without a value are left out of
// their group, groups without a field out of the pane.
type Field struct {
	Label string
	// Value is the text; Exact what it stands for in full, "" when the same
	// (the date and the clock behind "12 min ago").
	Value string
	Exact string
	Tone  Tone
	// From names the cloud that the value came from, "" where only one
	// could say it.
	From string
	// Originals are what each cloud says, where they differ.
	Originals []Original
	// To is what the value leads to, nil for nothing.
	To *Target
	// Unset: the value says that there is none.
	Unset bool
}

// Target is a record that something leads to: a Person or a Chromebook by its
// key, or an OU by its path.
type Target struct {
	Listing directory.Listing
	Key     string
}

// orgUnitTarget leads to an OU, nil to none.
func orgUnitTarget(path string) *Target {
	if path == "" {
		return nil
	}
	return &Target{directory.OrgUnits, path}
}

// Original is one cloud's own value.
type Original struct {
	Cloud string // "Google", "Microsoft"
	Value string
}

// Link is a page of a cloud's own console.
type Link struct {
	Text string
	URL  string
}

// add adds a group of those fields that have a value.
func (d *Detail) add(title string, fields ...Field) {
	g := Group{Title: title}
	for _, f := range fields {
		if f.Value != "" {
			g.Fields = append(g.Fields, f)
		}
	}
	if len(g.Fields) > 0 {
		d.Groups = append(d.Groups, g)
	}
}

func (d *Detail) badge(text string, tone Tone) {
	if text != "" {
		d.Badges = append(d.Badges, Badge{text, tone})
	}
}

// timeField is a time as "12 min ago", exact to the second.
func timeField(label string, t, now time.Time) Field {
	return Field{Label: label, Value: Ago(t, now), Exact: Exact(t, now.Location())}
}

// PersonDetail is the pane of a person. The accounts are those that p was
// merged from, nil where there is none; books are the Chromebooks of
// everybody, and held is who has what, nil while they are not known.
func PersonDetail(p *directory.Person, google, microsoft *directory.Account, books *Rows, held *Holdings, now time.Time) Detail {
	d := Detail{Key: p.ID, Title: p.Name(), Subtitle: p.PrimaryEmail}
	d.badge(stateOrDeparted(p), stateTone(stateOrDeparted(p)))
	d.badge(kindWord(p.Kind), Info)
	d.badge(noticeWord(p), noticeTone(noticeWord(p)))

	m := merged{p: p, from: p.Provenance(), google: google, microsoft: microsoft}
	signIn := m.field("last_sign_in", Ago(p.LastSignIn, now), nil)
	signIn.Exact = Exact(p.LastSignIn, now.Location())
	orgUnit := m.field("org_unit", p.OrgUnit, nil)
	orgUnit.To = orgUnitTarget(p.OrgUnit)
	d.addHolds(held.Of(p.ID), ledger.DayIn(now))
	d.add("Chromebooks", chromebooksOf(p.Emails, books)...)
	d.add("Person",
		m.field("display_name", p.DisplayName, func(a *directory.Account) string { return a.DisplayName }),
		m.field("given_name", p.GivenName, func(a *directory.Account) string { return a.GivenName }),
		m.field("family_name", p.FamilyName, func(a *directory.Account) string { return a.FamilyName }),
		m.field("employee_id", p.EmployeeID, func(a *directory.Account) string { return a.EmployeeID }),
		m.field("title", p.Title, func(a *directory.Account) string { return a.Title }),
		m.field("department", p.Department, func(a *directory.Account) string { return a.Department }),
		m.field("phone", p.Phone, accountPhone),
	)
	d.add("Account",
		m.field("state", stateWord(p), func(a *directory.Account) string { return stateWords[a.State] }),
		orgUnit,
		signIn,
		Field{Label: "Known to", Value: sourceWord(p)},
	)
	d.add("Addresses",
		m.field("primary_email", p.PrimaryEmail, func(a *directory.Account) string {
			if a.Cloud == directory.Microsoft && a.Mail != "" {
				return a.Mail
			}
			return a.Primary
		}),
		Field{Label: "Other addresses", Value: otherEmails(p)},
	)
	ids := []Field{{Label: "Google ID", Value: p.GoogleID}, {Label: "Microsoft object ID", Value: p.MicrosoftID}}
	if microsoft != nil {
		ids = append(ids, Field{Label: "Principal name", Value: microsoft.Primary})
	}
	d.add("Identifiers", ids...)

	if p.GoogleID != "" {
		d.Links = append(d.Links, Link{"Open in Google Admin", googleUserURL + url.PathEscape(p.GoogleID)})
	}
	if p.MicrosoftID != "" {
		d.Links = append(d.Links, Link{"Open in Entra", entraUserURL + url.PathEscape(p.MicrosoftID)})
	}
	return d
}

// The pages of the consoles, to which an id is appended. Neither is
// documented; these are what the consoles themselves link to.
const (
	googleUserURL   = "https://admin.google.com/ac/users/"
	googleDeviceURL = "https://admin.google.com/ac/chrome/devices/"
	entraUserURL    = "https://entra.microsoft.com/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/"
)

func accountPhone(a *directory.Account) string {
	if strings.TrimSpace(a.Mobile) != "" {
		return a.Mobile
	}
	return a.Phone
}

// merged makes the fields of a person that may come from either cloud.
type merged struct {
	p                 *directory.Person
	from              map[string]directory.Cloud
	google, microsoft *directory.Account
}

// field is one field by its name in [directory.PersonFields]; of is what one
// account says, nil where only one cloud can say it.
func (m *merged) field(name, value string, of func(*directory.Account) string) Field {
	f := Field{Label: FieldLabel(name), Value: value}
	if m.google == nil || m.microsoft == nil || value == "" || of == nil {
		return f
	}
	f.From = CloudName(m.from[name])
	if g, ms := of(m.google), of(m.microsoft); g != ms {
		f.Originals = []Original{{CloudName(directory.Google), orNothing(g)}, {CloudName(directory.Microsoft), orNothing(ms)}}
	}
	return f
}

// ChromebookDetail is the pane of a Chromebook; people are everybody, and held is
// who has what, nil while they are not known.
func ChromebookDetail(c *directory.Chromebook, people *Rows, held *Holdings, now time.Time) Detail {
	d := Detail{Key: c.DeviceID, Title: c.Name(), Subtitle: c.Model}
	d.badge(statusWord(c.Status), statusTone(statusWord(c.Status)))
	if !c.Gone.IsZero() {
		d.badge(NoLongerInGoogle, Bad)
	}
	emails := []string{c.AnnotatedUser}
	for _, u := range c.RecentUsers {
		emails = append(emails, u.Email)
	}
	known := personsOf(emails, people)
	user := Field{Label: "User", Value: c.AnnotatedUser}
	if user.name(c.AnnotatedUser, known); user.Value == "" {
		user.Value, user.Tone, user.Unset = "nobody", Muted, true
	}
	d.add("Assignment",
		Field{Label: "Status", Value: statusWord(c.Status), Exact: c.Status, Tone: statusTone(statusWord(c.Status))},
		Field{Label: "Asset ID", Value: c.AssetID},
		user,
		Field{Label: "Location", Value: c.AnnotatedLocation},
		Field{Label: "Organizational unit", Value: c.OrgUnit, To: orgUnitTarget(c.OrgUnit)},
		Field{Label: "Notes", Value: c.Notes},
	)
	d.add("Recent users", recentUserFields(c, known)...)
	aue := aueBand(c.AutoUpdateExpiration, now)
	d.add("Software",
		Field{Label: "Updates until", Value: string(c.AutoUpdateExpiration), Tone: aueTone(aue)},
		Field{Label: "ChromeOS version", Value: c.OSVersion},
		Field{Label: "Platform version", Value: c.PlatformVersion},
		Field{Label: "Channel", Value: c.Channel},
		Field{Label: "Update state", Value: updateWord(c.UpdateState)},
		timeField("Last update check", c.UpdateChecked, now),
		Field{Label: "Boot mode", Value: c.BootMode, Tone: bootTone(c.BootMode)},
		Field{Label: "Licence", Value: camelWords(c.License)},
	)
	d.add("Activity",
		timeField("Last sync", c.LastSync, now),
		timeField("First enrolled", c.FirstEnrolled, now),
		timeField("Last enrolled", c.LastEnrolled, now),
		timeField("Deprovisioned", c.Deprovisioned, now),
		Field{Label: "Reason", Value: reasonWord(c.DeprovisionReason)},
		timeField("Gone from Google", c.Gone, now),
	)
	d.add("Network",
		Field{Label: "Wi-Fi MAC", Value: macWord(c.MACAddress)},
		Field{Label: "Ethernet MAC", Value: macWord(c.EthernetMACAddress)},
		Field{Label: "Dock MAC", Value: macWord(c.DockMACAddress)},
		Field{Label: "Last IP", Value: c.LastIP},
		Field{Label: "Last IP outside", Value: c.LastWANIP},
		Field{Label: "IMEI", Value: c.IMEI},
		Field{Label: "MEID", Value: c.MEID},
	)
	d.add("Hardware",
		Field{Label: "Serial", Value: c.Serial},
		Field{Label: "Device ID", Value: c.DeviceID},
		Field{Label: "Order", Value: c.OrderNumber},
		Field{Label: "Manufactured", Value: string(c.Manufactured)},
		Field{Label: "Storage", Value: storageWord(c)},
		Field{Label: "Memory", Value: memoryWord(c.MemoryBytes)},
	)
	d.addHold(held.Device(c.DeviceID), ledger.DayIn(now), now)
	if c.Gone.IsZero() && c.DeviceID != "" {
		d.Links = append(d.Links, Link{"Open in Google Admin", googleDeviceURL + url.PathEscape(c.DeviceID)})
	}
	return d
}

func bootTone(mode string) Tone {
	if strings.HasPrefix(strings.ToLower(mode), "dev") {
		return Warn
	}
	return Plain
}

// updateWord is a state of Google's without its prefix: "Not started".
func updateWord(state string) string { return camelWords(strings.TrimPrefix(state, "updateState")) }

// reasonWord is a deprovision reason without its prefix: "Retiring device".
func reasonWord(reason string) string {
	short := strings.TrimPrefix(reason, "DEPROVISION_REASON_")
	if short == reason {
		return reason
	}
	return upperFirst(strings.ToLower(strings.ReplaceAll(short, "_", " ")))
}

// camelWords takes a name of Google's apart: "educationUpgradePerpetual" is
// "Education upgrade perpetual".
func camelWords(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return upperFirst(b.String())
}

// memoryWord is how much memory is fitted: whole powers of two, of which a
// device reports a little less; "" for 0.
func memoryWord(n int64) string {
	const giga = 1 << 30
	if n < giga {
		return Bytes(n)
	}
	return fmt.Sprintf("%d GB", (n+giga-1)/giga)
}

// macWord writes twelve hexadecimal digits in pairs, anything else as it is.
func macWord(mac string) string {
	if len(mac) != 12 || !looksBare(strings.ToLower(mac)+":") {
		return mac
	}
	pairs := make([]string, 0, 6)
	for i := 0; i < len(mac); i += 2 {
		pairs = append(pairs, mac[i:i+2])
	}
	return strings.Join(pairs, ":")
}

func storageWord(c *directory.Chromebook) string {
	if c.StorageBytes > 0 && c.StorageUsed > 0 {
		return fmt.Sprintf("%s, %s used", Bytes(c.StorageBytes), Bytes(c.StorageUsed))
	}
	return Bytes(c.StorageBytes)
}

// Bytes is a capacity as it is sold, in powers of ten: "32 GB"; "" for 0.
func Bytes(n int64) string {
	const kilo = 1000
	switch {
	case n <= 0:
		return ""
	case n < kilo*kilo:
		return fmt.Sprintf("%d kB", n/kilo)
	case n < kilo*kilo*kilo:
		return fmt.Sprintf("%d MB", n/kilo/kilo)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/kilo/kilo/kilo), ".0") + " GB"
}
