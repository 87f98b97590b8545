package directory

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func google(id, primary string, aliases ...string) Account {
	return Account{Cloud: Google, ID: id, Primary: primary, Aliases: aliases, State: Active}
}

func microsoft(id, upn, mail string, aliases ...string) Account {
	return Account{Cloud: Microsoft, ID: id, Primary: upn, Mail: mail, Aliases: aliases, State: Active}
}

func at(hour int) time.Time { return time.Date(2026, 11, 23, hour, 0, 0, 0, time.UTC) }

func same(a, b string, hour int) Decision    { return Decision{A: a, B: b, Same: true, At: at(hour)} }
func notSame(a, b string, hour int) Decision { return Decision{A: a, B: b, At: at(hour)} }

// grouping writes people as their accounts, "?" behind possible duplicates.
func grouping(people []Person) string {
	var out []string
	for _, p := range people {
		var keys []string
		for _, c := range p.Sources() {
			keys = append(keys, AccountKey(c, map[Cloud]string{Google: p.GoogleID, Microsoft: p.MicrosoftID}[c]))
		}
		s := strings.Join(keys, "+")
		if p.PossibleDuplicate {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestMergeGroups(t *testing.T) {
	tests := []struct {
		name      string
		accounts  []Account
		decisions []Decision
		want      string
	}{
		{"nobody", nil, nil, ""},
		{"same address", []Account{google("1", "bob@x"), microsoft("a", "bob@x", "")}, nil, "g:1+m:a"},
		{"case and space", []Account{google("1", "bob@x"), microsoft("a", " BOB@X ", "")}, nil, "g:1+m:a"},
		{"alias is UPN", []Account{google("1", "bob@x", "rs@x"), microsoft("a", "rs@x", "")}, nil, "g:1+m:a"},
		{"alias is proxy address", []Account{google("1", "bob@x", "rs@x"), microsoft("a", "r@y", "r@z", "RS@x")}, nil, "g:1+m:a"},
		{"gone at Microsoft", []Account{google("1", "bob@x")}, nil, "g:1"},
		{"gone at Google", []Account{microsoft("a", "bob@x", "")}, nil, "m:a"},
		{"two aliases, one UPN", []Account{google("1", "a@x", "s@x"), google("2", "b@x", "s@x"), microsoft("a", "s@x", "")}, nil,
			"g:1? g:2? m:a?"},
		{"nothing shared", []Account{google("1", "a@x"), microsoft("a", "b@x", "")}, nil, "g:1 m:a"},
		{"no address", []Account{google("1", ""), microsoft("a", "", "")}, nil, "g:1 m:a"},
		{"no address but a word", []Account{google("1", "bob"), microsoft("a", "bob", "")}, nil, "g:1 m:a"},
		{"guest name links nobody", []Account{
			google("1", "bob_y.com#EXT#@x.onmicrosoft.com"), microsoft("a", "bob_y.com#EXT#@x.onmicrosoft.com", ""),
		}, nil, "g:1 m:a"},
		{"guest by mail", []Account{google("1", "bob@y"), microsoft("a", "bob_y#EXT#@x", "bob@y")}, nil, "g:1+m:a"},
		{"one cloud's own sharing flags nobody", []Account{google("1", "a@x", "s@x"), google("2", "b@x", "s@x")}, nil, "g:1 g:2"},

		{"UPN before mail", []Account{google("1", "a@x"), microsoft("a", "q@x", "a@x"), microsoft("b", "a@x", "")}, nil,
			"g:1+m:b m:a?"},
		{"mail before alias", []Account{google("1", "a@x"), microsoft("a", "q@x", "", "a@x"), microsoft("b", "r@x", "a@x")}, nil,
			"g:1+m:b m:a?"},
		{"alias to UPN is weaker than primary to mail", []Account{
			google("1", "a@x"), google("2", "b@x", "u@x"), microsoft("a", "u@x", "a@x"),
		}, nil, "g:1+m:a g:2?"},
		{"two mails tie", []Account{google("1", "a@x"), microsoft("a", "p@x", "a@x"), microsoft("b", "q@x", "a@x")}, nil,
			"g:1? m:a? m:b?"},
		{"a tie does not fall to a weaker link", []Account{
			google("1", "a@x", "z@x"), microsoft("a", "p@x", "a@x"), microsoft("b", "q@x", "a@x"), microsoft("c", "z@x", ""),
		}, nil, "g:1? m:a? m:b? m:c?"},
		{"a chain of equal links ties at both ends", []Account{
			google("1", "a@x", "s@x"), google("2", "b@x", "s@x", "t@x"), microsoft("a", "s@x", ""), microsoft("b", "t@x", ""),
		}, nil, "g:1? g:2? m:a? m:b?"},
		{"stronger links loosen a tie", []Account{
			google("1", "a@x", "s@x"), google("2", "b@x", "s@x"), microsoft("a", "s@x", ""), microsoft("b", "b@x", ""),
		}, nil, "g:1+m:a g:2+m:b"},
		{"an alias shared by two merged people flags neither", []Account{
			google("1", "a@x", "s@x"), google("2", "b@x"), microsoft("a", "a@x", ""), microsoft("b", "b@x", "", "s@x"),
		}, nil, "g:1+m:a g:2+m:b"},

		{"decided same", []Account{google("1", "a@x"), microsoft("a", "b@y", "")}, []Decision{same("g:1", "m:a", 1)}, "g:1+m:a"},
		{"decided same above UPN", []Account{google("1", "a@x"), microsoft("a", "a@x", ""), microsoft("b", "b@x", "")},
			[]Decision{same("g:1", "m:b", 1)}, "g:1+m:b m:a?"},
		{"decided not the same", []Account{google("1", "a@x"), microsoft("a", "a@x", "")}, []Decision{notSame("g:1", "m:a", 1)}, "g:1 m:a"},
		{"not the same looses a tie", []Account{google("1", "a@x", "s@x"), google("2", "b@x", "s@x"), microsoft("a", "s@x", "")},
			[]Decision{notSame("g:1", "m:a", 1)}, "g:1 g:2+m:a"},
		{"the last word on a pair", []Account{google("1", "a@x"), microsoft("a", "b@x", "")},
			[]Decision{same("g:1", "m:a", 2), notSame("g:1", "m:a", 1)}, "g:1+m:a"},
		{"two words at once keep apart", []Account{google("1", "a@x"), microsoft("a", "a@x", "")},
			[]Decision{same("g:1", "m:a", 1), notSame("g:1", "m:a", 1)}, "g:1 m:a"},
		{"same as two: the last word", []Account{google("1", "a@x"), microsoft("a", "a@x", ""), microsoft("b", "b@x", "")},
			[]Decision{same("g:1", "m:a", 1), same("g:1", "m:b", 2)}, "g:1+m:b m:a?"},
		{"same as two, said at once", []Account{google("1", "a@x"), microsoft("a", "b@x", ""), microsoft("b", "c@x", "")},
			[]Decision{same("g:1", "m:a", 1), same("g:1", "m:b", 1)}, "g:1? m:a? m:b?"},
		{"a circle of decisions", []Account{google("1", "a@x"), google("2", "b@x"), microsoft("a", "c@x", ""), microsoft("b", "d@x", "")},
			[]Decision{same("g:1", "m:a", 1), same("g:2", "m:a", 2), same("g:2", "m:b", 3), same("g:1", "m:b", 4)}, "g:1+m:b g:2+m:a"},
		{"within one cloud a decision means nothing", []Account{google("1", "a@x"), google("2", "b@x")},
			[]Decision{same("g:1", "g:2", 1)}, "g:1 g:2"},
		{"decisions about strangers", []Account{google("1", "a@x")},
			[]Decision{same("g:1", "m:a", 1), same("g:9", "m:9", 1), same("", "x:", 1)}, "g:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := grouping(Merge(tt.accounts, Rules{Decisions: tt.decisions}))
			if got != tt.want {
				t.Errorf("merged to %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMergeFields(t *testing.T) {
	g := Account{
		Cloud: Google, ID: "1", Primary: "Bob@Example.com", Aliases: []string{"rs@example.com"},
		DisplayName: "Robert Smith", GivenName: "Robert", FamilyName: "Smith", OrgUnit: "/Staff/North",
		EmployeeID: "17", EmployeeType: "Staff", Title: "Teacher", Department: "Math", Phone: "1",
		State: Archived, LastSignIn: at(1),
	}
	m := Account{
		Cloud: Microsoft, ID: "a", Primary: "bob@example.com", Mail: "B.Smith@example.com", Aliases: []string{"a@example.com"},
		DisplayName: "Bob Smith", GivenName: "Bob", FamilyName: " ", EmployeeID: "18", Mobile: "2", Phone: "3", State: Disabled,
	}
	want := Person{
		ID: "g:1", GoogleID: "1", MicrosoftID: "a",
		DisplayName: "Bob Smith", GivenName: "Bob", FamilyName: "Smith",
		PrimaryEmail: "Bob@Example.com",
		Emails:       []string{"bob@example.com", "a@example.com", "b.smith@example.com", "rs@example.com"},
		OrgUnit:      "/Staff/North", Kind: Staff, EmployeeID: "18", Title: "Teacher", Department: "Math", Phone: "2",
		State: Disabled, GoogleState: Archived, MicrosoftState: Disabled, LastSignIn: at(1),
		FromMicrosoft: bitDisplayName | bitGivenName | bitEmployeeID | bitPhone | bitState,
	}
	if diff := cmp.Diff([]Person{want}, Merge([]Account{m, g}, Rules{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	wantFrom := map[string]Cloud{
		"display_name": Microsoft, "given_name": Microsoft, "family_name": Google, "primary_email": Google, "org_unit": Google,
		"employee_id": Microsoft, "title": Google, "department": Google, "phone": Microsoft, "state": Microsoft, "last_sign_in": Google,
	}
	if diff := cmp.Diff(wantFrom, want.Provenance()); diff != "" {
		t.Errorf("provenance -want +got:\n%s", diff)
	}
}

func TestMergePrimaryEmail(t *testing.T) {
	tests := []struct {
		name     string
		accounts []Account
		want     string
		emails   []string
		from     Cloud
	}{
		{"Google's primary", []Account{google("1", "g@x", "m@x"), microsoft("a", "u@x", "m@x")}, "g@x", []string{"g@x", "m@x", "u@x"}, Google},
		{"Microsoft's mail", []Account{microsoft("a", "a@x", "M@x")}, "M@x", []string{"m@x", "a@x"}, Microsoft},
		{"Microsoft's UPN", []Account{microsoft("a", "U@x", "", "a@x")}, "U@x", []string{"u@x", "a@x"}, Microsoft},
		{"a guest's mail", []Account{microsoft("a", "b_y#EXT#@x", "b@y")}, "b@y", []string{"b@y"}, Microsoft},
		{"a guest without mail", []Account{microsoft("a", "b_y#EXT#@x", "", "p@y")}, "", []string{"p@y"}, ""},
		{"none", []Account{microsoft("a", "", "")}, "", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Merge(tt.accounts, Rules{})[0]
			if p.PrimaryEmail != tt.want || !slices.Equal(p.Emails, tt.emails) || p.Provenance()["primary_email"] != tt.from {
				t.Errorf("got %q, %q from %q", p.PrimaryEmail, p.Emails, p.Provenance()["primary_email"])
			}
		})
	}
}

func TestMergeState(t *testing.T) {
	tests := []struct{ google, microsoft, want State }{
		{Active, Disabled, Disabled},
		{Suspended, Active, Active},
		{Archived, StateUnknown, Archived},
		{StateUnknown, Active, Active},
		{StateUnknown, StateUnknown, StateUnknown},
	}
	for _, tt := range tests {
		g, m := google("1", "a@x"), microsoft("a", "a@x", "")
		g.State, m.State = tt.google, tt.microsoft
		if p := Merge([]Account{g, m}, Rules{})[0]; p.State != tt.want || p.GoogleState != tt.google || p.MicrosoftState != tt.microsoft {
			t.Errorf("%q and %q make %q", tt.google, tt.microsoft, p.State)
		}
	}
}

func TestMergeKind(t *testing.T) {
	rules := []KindRule{{"/Students", Student}, {"/Students/Helpers/", Staff}, {"/Odd", KindUnknown}}
	tests := []struct {
		name     string
		orgUnit  string
		employee string
		guest    bool
		rules    []KindRule
		want     Kind
	}{
		{"the OU itself", "/Students", "", false, rules, Student},
		{"below the OU", "/Students/Grade 9/a", "", false, rules, Student},
		{"the deepest rule", "/Students/Helpers/x", "", false, rules, Staff},
		{"a name that only begins alike", "/StudentsOld", "", false, rules, KindUnknown},
		{"the OU above the employee type", "/Odd", "Staff", false, rules, KindUnknown},
		{"no rule for the OU", "/Else", "Faculty", false, rules, Staff},
		{"a rule for everybody", "/Else", "", false, []KindRule{{"/", Staff}}, Staff},
		{"no OU, so no rule", "", "Student", false, []KindRule{{"/", Staff}}, Student},
		{"employee types are exact", "", "student", false, nil, KindUnknown},
		{"a guest in spite of all", "/Students", "Staff", true, rules, Guest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := google("1", "a@x")
			g.OrgUnit = tt.orgUnit
			m := microsoft("a", "a@x", "")
			m.EmployeeType, m.Guest = tt.employee, tt.guest
			if got := Merge([]Account{g, m}, Rules{Kinds: tt.rules})[0].Kind; got != tt.want {
				t.Errorf("kind %q, want %q", got, tt.want)
			}
		})
	}
}
