package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"

	"panel/directory"
	"panel/sync/cloud"
	"panel/ui/view"
)

// Acts beside those that words ask for.
const (
	actDeauthorize  view.Act = "deauthorize"
	actAddAzure     view.Act = "add_azure"
	actRemoveAzure  view.Act = "remove_azure"
	actRecovery     view.Act = "recovery"
	actForgetGoogle view.Act = "forget_google"
	actForgetAzure  view.Act = "forget_azure"
	// actClear ends search and filters, actClearFilters only the latter.
	actClear        view.Act = "clear"
	actClearFilters view.Act = "clear_filters"
	// actUnveil shows what is shown only on request.
	actUnveil view.Act = "unveil"
)

// The names of buttons that are the same wherever they stand.
const (
	nameAuthorize   = "Authorize Panel to Perform Google Workspace Sync"
	nameDeauthorize = "De-Authorize Panel to Perform Google Workspace Sync"
	nameAddAzure    = "Add Azure Sync Settings"
	nameRefresh     = "Request Immediate Cloud Sync Refresh"
	nameSetUpGoogle = "Set up Google access"
)

// press does what the button of some words says.
func (w *Window) press(words view.Words) {
	switch words.Button.Act {
	case view.Authorize:
		w.openAuthorize()
	case view.SetUpGoogle:
		w.openGoogleSetup()
	case actAddAzure, view.EditAzure:
		w.openAzure(0)
	case view.NewSecret:
		w.openAzure(azureStepSecret)
	case view.GrantConsent:
		w.openAzure(azureStepConsent)
	case view.SyncNow, view.TryAgain:
		w.b.Sync(false)
	case view.ShowHold:
		w.goTo(tabSync)
		w.sync.showHolds()
	case view.OpenSettings:
		w.openSettings()
	case view.OpenLink:
		w.open(words.Button.URL)
	case view.CopyDetails:
		w.copy(words.Copy, "Details")
	case view.Forget:
		w.openForget(words.Cloud)
	case actRecovery:
		w.openRecovery()
	case actForgetGoogle:
		w.openForget(directory.Google)
	case actForgetAzure:
		w.openForget(directory.Microsoft)
	case actClear, actClearFilters:
		if words.Button.Act == actClear {
			w.search.SetText("")
		}
		if b, ok := w.tabs[w.at].pane.(*browser); ok {
			b.clear()
		}
	case view.ShowDeparted:
		w.goTo(tabCheckout)
		w.checkout.showView("Departed holders")
	case actUnveil:
		if b, ok := w.tabs[w.at].pane.(*browser); ok {
			b.unveil()
		}
	case actDeauthorize:
		w.openDeauthorize()
	case actRemoveAzure:
		w.openRemoveAzure()
	}
}

// warnings are what needs the technician, for the banner.
func warnings(s *State) (out []view.Words) {
	if s.Failed != nil {
		out = append(out, view.Say(cloud.AsError(s.Failed)))
	}
	for _, c := range directory.Clouds {
		if e := fault(s, c); e != nil && cloud.NeedsPerson(e.Kind, e.Code) {
			out = append(out, view.SayFault(e))
		}
	}
	if a := &s.Connections.Microsoft; a.State == "configured" { // else a failure says more
		if words, due := view.SecretReminder(s.Now, a.Expires); due {
			out = append(out, words)
		}
	}
	for i := range s.Status.Holds {
		out = append(out, view.HoldWords(&s.Status.Holds[i]))
	}
	if s.Records != nil {
		if words, ok := s.Records.Holdings.DepartedWords(); ok {
			out = append(out, words)
		}
		if words, ok := s.Records.Holdings.ClockWords(s.Now); ok {
			out = append(out, words)
		}
	}
	if s.Connections.AskRecovery && s.Status.Last != nil {
		out = append(out, recoveryWords)
	}
	// What is worse stands above what can wait.
	slices.SortStableFunc(out, func(a, b view.Words) int { return cmp.Compare(urgency(a.Tone), urgency(b.Tone)) })
	return out
}

func urgency(t view.Tone) int {
	switch t {
	case view.Bad:
		return 0
	case view.Warn:
		return 1
	}
	return 2
}

// openDeauthorize asks once, with both ways to do it.
func (w *Window) openDeauthorize() {
	var s *sheet
	do := func(local bool) func() {
		return func() {
			s.close()
			told := true
			w.act(func(ctx context.Context) (err error) {
				told, err = w.b.DeauthorizeGoogle(ctx, local)
				return err
			}, func(ok bool) {
				switch {
				case ok && !told:
					w.openFinishAtGoogle()
				case ok:
					w.say(view.Good, "Panel is no longer authorized at Google. What was imported stays.", "", nil)
				}
			})
		}
	}
	cancel := newButton("Cancel", nil, func() { s.close() })
	local := newButton("Forget on this computer only", nil, do(true))
	revoke := newPrimary("Revoke at Google and forget here", nil, do(false))
	s = w.openSheet("De-authorize Panel at Google?", vstack(10,
		newParagraph("No Google sync will happen until you authorize again. Everything that was imported stays, marked with the date when it was last true."),
		newParagraph("**Revoke at Google and forget here**: Google ends the authorization. That also signs out Panel on every other computer that the same admin authorized."),
		newParagraph("**Forget on this computer only**: the authorization stays valid at Google, and this computer no longer has it."),
	), fyne.NewSize(640, 0), cancel, local, revoke)
}

// openFinishAtGoogle says how to revoke at Google what Google could not be
// told of.
func (w *Window) openFinishAtGoogle() {
	const account = "https://myaccount.google.com/connections"
	var s *sheet
	closing := newButton("Close", nil, func() { s.close() })
	page := newPrimary("Open the Google Account", nil, func() { w.open(account) })
	s = w.openSheet("Google could not be told", vstack(10,
		newParagraph("This computer has forgotten the authorization, but Google could not be reached, so it is still valid there. To finish:"),
		newParagraph("myaccount.google.com → Security → Third-party apps with account access → Managed third-party access → Panel → remove access."),
	), fyne.NewSize(560, 0), closing, page)
}

// openForget removes what came from a cloud, after saying how much that is.
func (w *Window) openForget(c directory.Cloud) {
	name, what := "Google", ""
	if r := w.records(); r != nil {
		what = fmt.Sprintf("%s, %s and %s", view.Plural(r.FromGoogle, "person's Google account", "people's Google accounts"),
			view.Plural(r.Units, "organizational unit", "organizational units"), view.Plural(r.Books+r.LostBooks, "Chromebook", "Chromebooks"))
		if c == directory.Microsoft {
			what = view.Plural(r.FromMicrosoft, "person's Microsoft account", "people's Microsoft accounts")
		}
	}
	if c == directory.Microsoft {
		name = "Microsoft"
	}
	if what == "" {
		what = "everything that was imported from " + name
	}
	w.confirm("Remove what came from "+name+"?",
		"This takes "+what+" out of Panel. Checkouts are never removed, and nothing changes at "+name+". People whom the other cloud knows stay, as it has them.",
		"Remove what came from "+name, true, func() {
			w.act(func(ctx context.Context) error { return w.b.Forget(ctx, c) }, func(ok bool) {
				if ok {
					w.say(view.Good, "What came from "+name+" was removed.", "", nil)
				}
			})
		})
}

func (w *Window) openRemoveAzure() {
	w.confirm("Remove the Azure Sync Settings?",
		"Panel forgets the client secret and the settings, and reads nothing from Microsoft until you add them again. What was imported stays. To end the access at Microsoft as well, delete the client secret in the Azure portal.",
		"Remove the settings", true, func() {
			w.act(w.b.RemoveAzure, func(ok bool) {
				if ok {
					w.say(view.Good, "The Azure Sync Settings were removed.", "", nil)
				}
			})
		})
}

func (w *Window) records() *Records {
	if w.state == nil {
		return nil
	}
	return w.state.Records
}
