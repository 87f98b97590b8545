package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// labels are the buttons of a card, the main one marked.
func labels(m cloudModel) (out []string) {
	for _, b := range m.buttons {
		if b.primary {
			out = append(out, "*"+b.label)
		} else {
			out = append(out, b.label)
		}
	}
	return out
}

func TestGoogleCard(t *testing.T) {
	const (
		authorize   = "*Authorize Panel to Perform Google Workspace Sync"
		deauthorize = "De-Authorize Panel to Perform Google Workspace Sync"
		setUp       = "Set up Google access"
	)
	lost := &engine.Fault{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "invalid_grant", At: now}
	for _, c := range []struct {
		name    string
		google  Google
		badge   string
		buttons []string
		trouble bool
	}{
		{"no client", Google{State: "not_authorized"}, "Not set up", []string{authorize, setUp}, false},
		{"client", Google{State: "not_authorized", HasClient: true}, "Not authorized", []string{authorize, setUp}, false},
		{"authorized", Google{State: "authorized", HasClient: true}, "Authorized", []string{deauthorize, setUp}, false},
		{"unticked", Google{State: "partial", HasClient: true, Missing: []string{view.Permissions[2].Scope}}, "Partly authorized", []string{authorize, deauthorize, setUp}, true},
		{"revoked", Google{State: "revoked", HasClient: true, Lost: lost}, "Authorization gone", []string{authorize, deauthorize, setUp}, true},
		{"blocked", Google{State: "blocked", HasClient: true, Lost: lost}, "Blocked", []string{authorize, deauthorize, setUp}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := googleModel(&State{Now: now, Connections: Connections{Google: c.google}})
			if m.state.Text != c.badge || !slices.Equal(labels(m), c.buttons) || (m.trouble.Sentence != "") != c.trouble {
				t.Errorf("badge %q, buttons %q, trouble %q", m.state.Text, labels(m), m.trouble.Sentence)
			}
		})
	}
}

func TestUntickedPermissionIsNamed(t *testing.T) {
	g := Google{State: "partial", HasClient: true, Missing: []string{view.Permissions[2].Scope}}
	m := googleModel(&State{Now: now, Connections: Connections{Google: g}})
	if !strings.Contains(m.trouble.Sentence, "Chromebooks") || strings.Contains(m.trouble.Sentence, "People") {
		t.Errorf("says %q, want that Chromebooks are off, and nothing else", m.trouble.Sentence)
	}
}

func TestDataOfALostCloudIsMarked(t *testing.T) {
	s := &State{Now: now, Connections: Connections{Google: Google{State: "not_authorized"}, Microsoft: Azure{State: "not_configured"}}}
	s.Status.Google.LastSuccess = now.Add(-49 * time.Hour)
	for _, f := range googleModel(s).facts {
		if f.Label == "Last true" && f.Value == "2026-11-21 13:30:00 UTC" {
			return
		}
	}
	t.Errorf("nothing says when the data was last true: %+v", googleModel(s).facts)
}

// A cloud that no longer accepts what was set up says since when, and no
// longer that it grants anything.
func TestCardOfALostCloudSaysSinceWhen(t *testing.T) {
	const since = "2026-11-23 08:15:00 UTC"
	at := time.Date(2026, 11, 23, 8, 15, 0, 0, time.UTC)
	for _, state := range []string{"revoked", "blocked"} {
		f := district(10)
		f.conn.Google.State = state
		f.conn.Google.Lost = &engine.Fault{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "invalid_grant", At: at}
		s := open(t, f)
		s.mustSay("Refused since", since)
		if strings.Contains(s.words(), "granted") {
			t.Errorf("%s, and yet permissions are said to be granted:\n%s", state, s.words())
		}
	}
	f := district(10)
	f.conn.Microsoft.State = "secret_expired"
	f.conn.Microsoft.Lost = &engine.Fault{Kind: cloud.SecretExpired, Cloud: directory.Microsoft, At: at}
	s := open(t, f)
	s.mustSay("Refused since", since, "All granted")
	s = open(t, district(10))
	if strings.Contains(s.words(), "Refused since") {
		t.Error("a cloud that works is said to refuse")
	}
}

// The cards count what is stored as status does: what the settings hide is
// there, and what Google no longer lists is not.
func TestCardsCountWhatIsStored(t *testing.T) {
	f := district(600)
	f.settings = Settings{HideOrgUnits: []string{"/Staff"}, HideMicrosoftOnly: true}
	listed, gone := 0, 0
	for i := range f.books {
		if f.books[i].Gone.IsZero() {
			listed++
		} else {
			gone++
		}
	}
	hidden := 0
	for i := range f.people {
		if strings.HasPrefix(f.people[i].OrgUnit, "/Staff") {
			hidden++
		}
	}
	s := open(t, f)
	s.mustSay(
		view.Plural(len(f.people), "person", "people")+" · "+view.Plural(listed, "Chromebook", "Chromebooks")+" · "+view.Plural(len(f.units), "OU", "OUs"),
		view.Plural(gone, "Chromebook", "Chromebooks")+" no longer in Google", view.Plural(hidden, "person", "people")+", by the settings",
	)
	if hidden == 0 || gone == 0 || s.state.Records.People.Len() != len(f.people)-hidden {
		t.Errorf("%d hidden, %d gone, %d shown of %d", hidden, gone, s.state.Records.People.Len(), len(f.people))
	}
}

func TestNothingConnected(t *testing.T) {
	s := &State{Now: now, Connections: Connections{Google: Google{State: "not_authorized"}, Microsoft: Azure{State: "not_configured"}}}
	s.Status.Last = &engine.Run{Outcome: engine.Failed}
	if got := nextWords(s); !strings.Contains(got, "Nothing to sync yet") {
		t.Errorf("nothing was ever read: %q", got)
	}
	s.Status.Last = nil // a history that was lost
	s.Status.Microsoft.LastSuccess = now
	if got := nextWords(s); !strings.Contains(got, "what was imported stays") {
		t.Errorf("something was: %q", got)
	}
}

func TestMicrosoftCard(t *testing.T) {
	for state, want := range map[string]string{
		"not_configured": "*Add Azure Sync Settings",
		"configured":     "Edit Azure Sync Settings, Remove the settings",
		"secret_expired": "Edit Azure Sync Settings, Remove the settings",
	} {
		m := microsoftModel(&State{Now: now, Connections: Connections{Microsoft: Azure{State: state, Expires: "2028-01-01"}}})
		if got := strings.Join(labels(m), ", "); got != want {
			t.Errorf("%s: buttons %q, want %q", state, got, want)
		}
	}
}

func TestAzureChecks(t *testing.T) {
	const id = "5b8f2c44-90ab-4f7e-8f25-1c7d3a9be011"
	for _, c := range []struct {
		name, got string
		fine      bool
	}{
		{"client id", checkClientID(id), true},
		{"client id in braces", checkClientID("{" + id + "}"), true},
		{"no client id", checkClientID(""), false},
		{"a name as client id", checkClientID("Panel"), false},
		{"tenant id", checkTenant(id), true},
		{"domain", checkTenant("school.example"), true},
		{"address as tenant", checkTenant("me@school.example"), false},
		{"one word as tenant", checkTenant("school"), false},
		{"a URL as tenant", checkTenant("https://school.example/"), false},
		{"secret", checkSecret("abc8Q~x", false), true},
		{"no secret", checkSecret("", false), false},
		{"no secret, one stored", checkSecret("", true), true},
		{"secret ID", checkSecret(id, true), false},
		{"secret with a line end", checkSecret("abc\ndef", false), false},
		{"day", checkExpires("2028-11-20", now), true},
		{"today", checkExpires("2026-11-23", now), true},
		{"yesterday", checkExpires("2026-11-22", now), false},
		{"no day", checkExpires("", now), true},
		{"30 months", checkExpires("2029-05-23", now), false},
		{"the American way", checkExpires("11/20/2028", now), false},
	} {
		if fine := c.got == ""; fine != c.fine {
			t.Errorf("%s: said %q", c.name, c.got)
		}
	}
}

func TestPermissionsCanBeShown(t *testing.T) {
	s := open(t, district(10))
	s.mustSay("All granted, each to read only")
	if strings.Contains(s.words(), shortScope(view.Permissions[0].Scope)) {
		t.Error("scopes take room before anybody asks for them")
	}
	s.press("Show")
	for _, p := range view.Permissions {
		s.mustSay(p.Words, shortScope(p.Scope))
	}
	s.press("Hide")
	if strings.Contains(s.words(), shortScope(view.Permissions[0].Scope)) {
		t.Error("the scopes stay")
	}
}

func TestUntickedPermissionIsShownAtOnce(t *testing.T) {
	s := open(t, troubled())
	s.mustSay("1 permission was left unticked", shortScope(s.fake.conn.Google.Missing[0]))
}

// A card says when its cloud was read and when it is read again, as long as
// that is known of this cloud.
func TestCardSaysWhenItIsReadAgain(t *testing.T) {
	state := func() *State {
		s := &State{Now: now, Connections: Connections{Google: Google{State: "authorized", HasClient: true}}}
		s.Status.Google.LastSuccess, s.Status.Next = now.Add(-12*time.Minute), now.Add(3*time.Hour+48*time.Minute)
		return s
	}
	for want, change := range map[string]func(*State){
		"12 min ago, again in 3 h 48 min": func(*State) {},
		"12 min ago":                      func(s *State) { s.Status.Next = time.Time{} },
		"12 min ago ":                     func(s *State) { s.Status.Running = &engine.Run{} },
		"12 min ago  ":                    func(s *State) { s.Status.Microsoft.LastError = &engine.Fault{Kind: cloud.Offline} },
	} {
		s := state()
		change(s)
		facts := googleModel(s).facts
		if i := slices.IndexFunc(facts, func(f view.Field) bool { return f.Label == "Last read" }); i < 0 || facts[i].Value != strings.TrimSpace(want) {
			t.Errorf("%q: %+v", want, facts)
		}
	}
}
