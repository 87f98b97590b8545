package view

import (
	"testing"

	"panel/directory"
	"panel/ledger"
)

// What Google says is held against the holder as they are called today, and as
// they were on the day; no recent user is no evidence.
func TestEvidence(t *testing.T) {
	ann := holderOf("1", "m1", "Ann") // ann@example.com on the day
	people := crowd(
		directory.Person{ID: "g:1", GoogleID: "1", DisplayName: "Ann New", PrimaryEmail: "ann.new@example.com", Emails: []string{"ann.new@example.com", "a@example.com"}},
		directory.Person{ID: "g:2", GoogleID: "2", DisplayName: "Bob", PrimaryEmail: "bob@example.com", Emails: []string{"bob@example.com"}},
	)
	held := NewHoldings(standingsOf(handedOut("1", ann, "")), people, nil, ledger.DayIn(now)).Device("d-1")
	for _, c := range []struct {
		annotated, recent string
		unmanaged         bool
		hold              *Hold
		want, claim       string // "-" for no line
	}{
		{"ann@example.com", "", false, held, agrees, "ann@example.com"},
		{" Ann.New@Example.com ", "", false, held, agrees, "Ann.New@Example.com"},
		{"A@example.com", "ann.new@example.com", false, held, agrees, "A@example.com"},
		{"ann.new@example.com", "bob@example.com", false, held, differs, "ann.new@example.com"},
		{"bob@example.com", "", false, held, differs, "bob@example.com"},
		{"cart 7", "bob@example.com", false, held, differs, "bob@example.com"},
		{"", "", false, held, noEvidence, ""},
		{"", "bob@example.com", true, held, noEvidence, ""},
		{"bob@example.com", "", false, nil, notCheckedOut, "bob@example.com"},
		{"", "", false, nil, "-", ""},
	} {
		b := &directory.Chromebook{DeviceID: "d-1", Serial: "1", AnnotatedUser: c.annotated}
		if c.recent != "" {
			b.RecentUsers = []directory.RecentUser{{Email: c.recent, Managed: !c.unmanaged}}
		}
		e, ok := EvidenceOf(b, c.hold)
		if ok != (c.want != "-") || ok && (e.Verdict != c.want || e.Claim != c.claim) {
			t.Errorf("%+v: %q for %q, %v", c, e.Verdict, e.Claim, ok)
		}
		if ok && c.hold != nil && e.Holder != "Ann New" {
			t.Errorf("the holder is called %q", e.Holder)
		}
	}
}
