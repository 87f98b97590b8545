package view

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"

	"github.com/google/go-cmp/cmp"
)

// find returns a field of a pane by its label.
func (d *Detail) find(label string) Field {
	for _, g := range d.Groups {
		for _, f := range g.Fields {
			if f.Label == label {
				return f
			}
		}
	}
	return Field{}
}

func TestPersonDetail(t *testing.T) {
	g := directory.Account{
		Cloud: directory.Google, ID: "1057", Primary: "bob@example.com", DisplayName: "Robert Smith", FamilyName: "Smith", OrgUnit: "/Staff",
		State: directory.Active, Phone: "1", LastSignIn: now.Add(-12 * time.Minute),
	}
	m := directory.Account{
		Cloud: directory.Microsoft, ID: "6ea9", Primary: "bob@example.com", Mail: "b.smith@example.com", DisplayName: "Bob Smith", FamilyName: "Smith",
		State: directory.Disabled,
	}
	p := directory.Merge([]directory.Account{g, m}, directory.Rules{})[0]
	d := PersonDetail(&p, &g, &m, nil, nil, now)

	if d.Title != "Bob Smith" || d.Subtitle != "bob@example.com" || d.Key != "g:1057" {
		t.Errorf("%q, %q, %q", d.Title, d.Subtitle, d.Key)
	}
	for _, want := range []Field{
		{Label: "Display name", Value: "Bob Smith", From: "Microsoft", Originals: []Original{{"Google", "Robert Smith"}, {"Microsoft", "Bob Smith"}}},
		{Label: "Family name", Value: "Smith", From: "Microsoft"},
		{Label: "Phone", Value: "1", From: "Google", Originals: []Original{{"Google", "1"}, {"Microsoft", "(nothing)"}}},
		{Label: "State", Value: "Disabled", From: "Microsoft", Originals: []Original{{"Google", "Active"}, {"Microsoft", "Disabled"}}},
		{Label: "Primary address", Value: "bob@example.com", From: "Google", Originals: []Original{{"Google", "bob@example.com"}, {"Microsoft", "b.smith@example.com"}}},
		{Label: "Last sign-in", Value: "12 min ago", Exact: "2026-11-23 17:48:00 UTC"},
		{Label: "Other addresses", Value: "b.smith@example.com"},
		{Label: "Principal name", Value: "bob@example.com"},
		{Label: "Known to", Value: "Both clouds"},
	} {
		if diff := cmp.Diff(want, d.find(want.Label)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if d.find("Title").Label != "" {
		t.Error("a field without a value is shown")
	}
	if diff := cmp.Diff([]Badge{{"Disabled", Warn}}, d.Badges); diff != "" {
		t.Errorf("badges -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]Link{
		{"Open in Google Admin", "https://admin.google.com/ac/users/1057"},
		{"Open in Entra", "https://entra.microsoft.com/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/6ea9"},
	}, d.Links); diff != "" {
		t.Errorf("links -want +got:\n%s", diff)
	}

	// Known to one cloud alone: nothing to compare.
	p = directory.Merge([]directory.Account{m}, directory.Rules{})[0]
	d = PersonDetail(&p, nil, &m, nil, nil, now)
	if f := d.find("Display name"); f.From != "" || f.Originals != nil || len(d.Links) != 1 {
		t.Errorf("%+v, %v", f, d.Links)
	}
}

func TestChromebookDetail(t *testing.T) {
	c := directory.Chromebook{
		DeviceID: "e8b1", Serial: "5CD1", Model: "HP", Status: "DEPROVISIONED", DeprovisionReason: "DEPROVISION_REASON_RETIRING_DEVICE",
		Deprovisioned: now.Add(-48 * time.Hour), MACAddress: "a4bb6d001f2e", EthernetMACAddress: "odd", DockMACAddress: "a4bb6d001f2f", AutoUpdateExpiration: "2025-06-01",
		BootMode: "Dev", StorageBytes: 32e9, StorageUsed: 5_500_000_000, MemoryBytes: 4e9, Notes: "one\ntwo",
		RecentUsers: []directory.RecentUser{{Email: "bob@example.com", Managed: true}, {}, {Email: "x@gmail.com"}},
	}
	d := ChromebookDetail(&c, nil, nil, now)
	for _, want := range []Field{
		{Label: "Wi-Fi MAC", Value: "a4:bb:6d:00:1f:2e"},
		{Label: "Ethernet MAC", Value: "odd"},
		{Label: "Dock MAC", Value: "a4:bb:6d:00:1f:2f"},
		{Label: "Updates until", Value: "2025-06-01", Tone: Bad},
		{Label: "Boot mode", Value: "Dev", Tone: Warn},
		{Label: "Storage", Value: "32 GB, 5.5 GB used"},
		{Label: "Memory", Value: "4 GB"},
		{Label: "Reason", Value: "Retiring device"},
		{Label: "Notes", Value: "one\ntwo"},
		{Label: "Deprovisioned", Value: "2 days ago", Exact: "2026-11-21 18:00:00 UTC"},
		{Label: "Last", Value: "bob@example.com"},
	} {
		if diff := cmp.Diff(want, d.find(want.Label)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if len(d.Links) != 1 || d.Links[0].URL != "https://admin.google.com/ac/chrome/devices/e8b1" {
		t.Errorf("links %v", d.Links)
	}
	c.Gone = now
	if d = ChromebookDetail(&c, nil, nil, now); len(d.Links) != 0 || d.Badges[len(d.Badges)-1].Text != NoLongerInGoogle {
		t.Errorf("no longer in Google: links %v, badges %v", d.Links, d.Badges)
	}
}

func TestOrgTree(t *testing.T) {
	units := []directory.OrgUnit{
		{ID: "id:2", Path: "/A/b", Name: "b", ParentPath: "/A"},
		{ID: "id:1", Path: "/A", Name: "A", ParentPath: "/"},
		{ID: "id:3", Path: "/A/..", Name: "..", ParentPath: "/A"},
	}
	root := OrgTree(units, map[string]int{"/A": 1, "/A/b": 2, "/": 4, "/Unlisted/x": 8, "odd": 16, "": 32}, map[string]int{"/A/b": 3})
	var lines []string
	for _, n := range root.All() {
		lines = append(lines, strings.Join([]string{n.Path, n.ID, Number(n.People), Number(n.PeopleBelow), Number(n.Chromebooks), Number(n.ChromebooksBelow)}, " "))
	}
	want := []string{"/  4 15 0 3", "/A id:1 1 3 0 3", "/A/.. id:3 0 0 0 0", "/A/b id:2 2 2 3 3", "/Unlisted  0 8 0 0", "/Unlisted/x  8 8 0 0"}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	counts := NewChromebooks(now)
	for _, c := range []directory.Chromebook{{DeviceID: "1", OrgUnit: "/A"}, {DeviceID: "2", OrgUnit: "/A", Gone: now}, {DeviceID: "3"}} {
		counts.Add(&c)
	}
	if diff := cmp.Diff(map[string]int{"/A": 1}, counts.Rows().Values("org_unit")); diff != "" {
		t.Errorf("counts -want +got:\n%s", diff)
	}
}

func TestDetailWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{camelWords("educationUpgradePerpetual"), "Education upgrade perpetual"},
		{camelWords("enterprise"), "Enterprise"},
		{camelWords(""), ""},
		{memoryWord(4 << 30), "4 GB"},
		{memoryWord(4_042_342_400), "4 GB"},
		{memoryWord(8_123_456_789), "8 GB"},
		{memoryWord(512 << 20), "536 MB"},
		{memoryWord(0), ""},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestDetailsLeadToEachOther(t *testing.T) {
	people := crowd(
		directory.Person{ID: "g:1", DisplayName: "Bob Smith", PrimaryEmail: "Bob@example.com", Emails: []string{"bob@example.com", "rs@example.com"}},
		directory.Person{ID: "g:2", DisplayName: "Amy Lee", PrimaryEmail: "amy@example.com", Emails: []string{"amy@example.com"}},
	)
	c := directory.Chromebook{
		DeviceID: "d1", Serial: "5CD1", AssetID: "007", Model: "HP", Status: "ACTIVE", OrgUnit: "/Carts/12", AnnotatedUser: "RS@example.com",
		RecentUsers: []directory.RecentUser{{Email: "amy@example.com", Managed: true}, {}, {Email: "x@gmail.com"}, {Email: "bob@example.com", Managed: true}},
	}
	books := fleet(c,
		directory.Chromebook{DeviceID: "d2", Serial: "5CD2", Status: "DISABLED", RecentUsers: []directory.RecentUser{{Email: "amy@example.com"}, {Email: "bob@example.com"}}},
		directory.Chromebook{DeviceID: "d3", Serial: "5CD3", AnnotatedUser: "notbob@example.com"},
	)
	fields := func(d Detail, group string) (out []Field) {
		for _, g := range d.Groups {
			if g.Title == group {
				out = g.Fields
			}
		}
		return out
	}
	d := ChromebookDetail(&c, people, nil, now)
	if f := d.find("Organizational unit"); f.To == nil || *f.To != (Target{directory.OrgUnits, "/Carts/12"}) {
		t.Errorf("the OU leads to %v", f.To)
	}
	if diff := cmp.Diff(Field{Label: "User", Value: "Bob Smith\nRS@example.com", Exact: "RS@example.com", To: &Target{directory.People, "g:1"}}, d.find("User")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	want := []Field{
		{Label: "Last", Value: "Amy Lee\namy@example.com", Exact: "amy@example.com", To: &Target{directory.People, "g:2"}},
		{Label: "Before", Value: "somebody outside the organization"},
		{Value: "x@gmail.com (not managed)"},
		{Value: "Bob Smith\nbob@example.com", Exact: "bob@example.com", To: &Target{directory.People, "g:1"}},
	}
	if diff := cmp.Diff(want, fields(d, "Recent users")); diff != "" {
		t.Errorf("recent users: -want +got:\n%s", diff)
	}
	p := directory.Person{ID: "g:1", Emails: []string{"bob@example.com", "rs@example.com"}}
	want = []Field{
		{Label: "Assigned", Value: "5CD1 · 007 · HP", Exact: "5CD1", To: &Target{directory.Chromebooks, "d1"}},
		{Label: "Used", Value: "5CD2 · Disabled", Exact: "5CD2", To: &Target{directory.Chromebooks, "d2"}},
	}
	if diff := cmp.Diff(want, fields(PersonDetail(&p, nil, nil, books, nil, now), "Chromebooks")); diff != "" {
		t.Errorf("a person's Chromebooks: -want +got:\n%s", diff)
	}
}

func TestManyChromebooksAreNotAllListed(t *testing.T) {
	var devices []directory.Chromebook
	for i := range 40 {
		devices = append(devices, directory.Chromebook{DeviceID: fmt.Sprint(i), Serial: fmt.Sprint(i), AnnotatedUser: "cart@example.com"})
	}
	d := PersonDetail(&directory.Person{ID: "1", Emails: []string{"cart@example.com"}}, nil, nil, fleet(devices...), nil, now)
	if f := d.find("Besides"); f.Value != "15 more" {
		t.Errorf("besides: %q, want 15 more", f.Value)
	}
}

func TestOrgUnitsAreFound(t *testing.T) {
	root := OrgTree(nil, map[string]int{"/Students/Alder Ridge/Grade 7": 1, "/Staff/Alder Ridge": 2, "/Staff/Éa": 1}, nil)
	for query, want := range map[string]string{
		"alder":          "/Staff/Alder Ridge /Students/Alder Ridge",
		"students alder": "/Students/Alder Ridge",
		"grade":          "/Students/Alder Ridge/Grade 7",
		"students":       "/Students", // not all that lies below
		"ea":             "/Staff/Éa",
		"nothing":        "",
	} {
		found, above := root.Matching(query)
		var got []string
		for _, n := range root.All() {
			if found[n] {
				got = append(got, n.Path)
			}
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
		if query == "grade" && len(above) != 3 {
			t.Errorf("%d OUs are above it, want 3", len(above))
		}
	}
	if found, _ := root.Matching(" "); found != nil {
		t.Error("no query finds something")
	}
}

// That nobody has a Chromebook is said, and is no address to copy.
func TestNobodyHasIt(t *testing.T) {
	d := ChromebookDetail(&directory.Chromebook{DeviceID: "d", Serial: "S"}, nil, nil, now)
	said := map[string]Field{}
	for _, g := range d.Groups {
		for _, f := range g.Fields {
			said[g.Title+": "+f.Label] = f
		}
	}
	for label, want := range map[string]string{"Assignment: User": "nobody", "Recent users: Last": "nobody that Google knows of"} {
		if f := said[label]; f.Value != want || !f.Unset {
			t.Errorf("%s is %+v", label, f)
		}
	}
}
