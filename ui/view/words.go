package view

import (
	"panel/sync/cloud"
	"panel/sync/engine"
)

// Act names what a button does. The window and the command line each know how.
type Act string

// The acts.
const (
	// NoAct is no button: it is Panel's move, or nobody's.
	NoAct Act = ""
	// Authorize signs in to Google, behind the notice of what is asked.
	Authorize Act = "authorize"
	// SetUpGoogle opens the guide that makes an OAuth client and takes its
	// file.
	SetUpGoogle Act = "set_up_google"
	// EditAzure opens the Azure form with its guide.
	EditAzure Act = "edit_azure"
	// NewSecret opens the Azure form with the guide at the step for a new
	// client secret.
	NewSecret Act = "new_secret"
	// GrantConsent opens the Azure form with the guide at the step for the
	// permission and the admin's consent.
	GrantConsent Act = "grant_consent"
	// SyncNow asks for a sync.
	SyncNow Act = "sync_now"
	// ShowHold goes to the removals that wait for a yes.
	ShowHold Act = "show_hold"
	// OpenSettings opens Panel's settings.
	OpenSettings Act = "open_settings"
	// OpenLink opens [Button.URL] in the browser.
	OpenLink Act = "open_link"
	// CopyDetails puts [Words.Copy] on the clipboard.
	CopyDetails Act = "copy_details"
	// TryAgain repeats what failed.
	TryAgain Act = "try_again"
	// Forget opens the removal of what came from the cloud at hand.
	Forget Act = "forget"
)

// Button is the act that helps.
type Button struct {
	Act Act
	// Text is what stands on the button, "" for NoAct.
	Text string
	// URL is for OpenLink alone.
	URL string
}

// Words tell a person what happened.
type Words struct {
	// Title is a few words, without a full stop.
	Title string
	// Sentence says what happened, and Action whose move it is and which.
	Sentence string
	Action   string
	Button   Button
	// Copy is for support: the cloud's own text, code, trace id and time;
	// "" when there is nothing to copy.
	Copy string
	// Tone is Bad where only a person can mend it, Warn where Panel goes on
	// by itself, Muted for what somebody chose.
	Tone Tone
}

// String is the words as one paragraph, as the command line prints them.
func (w Words) String() string {
	s := w.Sentence
	if w.Action != "" {
		s += " " + w.Action
	}
	return s
}

// Say puts a failure into words; the zero Words for nil.
func Say(e *cloud.Error) Words {
	if e == nil {
		return Words{}
	}
	return SayFault(&engine.Fault{
		Kind: e.Kind, Doing: e.Doing, Code: e.Code, Detail: e.Detail, Trace: e.Trace, Stamp: e.At, Cloud: e.Cloud,
	})
}

// SayFault puts a stored failure into words; the zero Words for nil.
func SayFault(f *engine.Fault) Words { return Words{} }
