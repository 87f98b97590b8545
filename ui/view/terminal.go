package view

import "cmp"

// command does in a terminal what a button does in the window; "" where none
// does.
func (a Act) command() string {
	switch a {
	case Authorize:
		return "panel authorize google"
	case SetUpGoogle:
		return "panel authorize google --client FILE"
	case EditAzure, NewSecret:
		return "panel azure set --tenant T --client-id C"
	case GrantConsent:
		return "panel azure test"
	case SyncNow:
		return "panel sync"
	case ShowHold:
		return "panel sync --accept-removals"
	}
	return ""
}

// Terminal is the words as one paragraph for a terminal, where nothing can be
// pressed: it ends in the command that does what the button would.
func (w Words) Terminal() string {
	s := w.Sentence
	if action := cmp.Or(w.typed, w.Action); action != "" {
		s += " " + action
	}
	switch command := w.Button.Act.command(); {
	case command != "":
		s += " Command: " + command
	case w.Button.Act == OpenLink:
		s += " Page: " + w.Button.URL
	case w.Button.Act == OpenSettings:
		s += " Settings are in the window."
	case w.Button.Act == Forget:
		s += " The window removes it, on its tab Cloud Sync."
	}
	return s
}
