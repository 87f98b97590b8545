package view

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"panel/directory"
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
	// ShowDeparted lists the devices of those who have departed.
	ShowDeparted Act = "show_departed"
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
	// typed is Action as it stands in a terminal, where that differs.
	typed  string
	Button Button
	// Cloud is the one that the words are about, "" for none.
	Cloud directory.Cloud
	// Copy is for support: the cloud's own text, code, trace id and time;
	// "" when there is nothing to copy.
	Copy string
	// Tone is Bad where only a person can mend it, Warn where Panel goes on
	// by itself, Muted for what somebody chose.
	Tone Tone
}

// String is the words as one paragraph, as the window shows them.
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
func SayFault(f *engine.Fault) Words {
	if f == nil {
		return Words{}
	}
	s, known := find(f)
	fill := strings.NewReplacer("{cloud}", cmp.Or(CloudName(f.Cloud), "the cloud"), "{detail}", detailOf(f)).Replace
	w := Words{Title: upperFirst(fill(s.title)), Sentence: fill(s.sentence), Action: fill(s.action), typed: fill(s.typed), Button: s.button, Cloud: f.Cloud, Tone: s.tone, Copy: copyOf(f)}
	w.Button.Text = fill(w.Button.Text)
	if f.Cloud == directory.Google && f.Doing == "sign in" {
		w.triedBy("authorize again")
	}
	isLink := strings.HasPrefix(f.Detail, "https://")
	switch {
	case f.Detail == "":
	case s.detail != "":
		w.Sentence += " " + fill(s.detail)
	case !known && !isLink:
		w.Sentence += " " + fill("{cloud} says: “{detail}”.")
	}
	w.Sentence = upperFirst(w.Sentence)
	if w.Tone == Plain {
		w.Tone = Warn
		if cloud.NeedsPerson(f.Kind, f.Code) {
			w.Tone = Bad
		}
	}
	if w.Button.Act == OpenLink && isLink {
		w.Button.URL = f.Detail
	}
	return w
}

// SayTest are the words for a failure of Test connection.
func SayTest(e *cloud.Error) Words {
	w := Say(e)
	w.triedBy("test again")
	return w
}

// triedBy makes the action that of what no sync tries again: only who began it
// can, by doing what again says.
func (w *Words) triedBy(again string) {
	if w.Action == "" {
		return
	}
	var kept []string
	for s := range strings.SplitSeq(w.Action, ". ") {
		switch {
		case s+"." == keepsAsIs:
		case strings.Contains(s, "next sync") && kept == nil:
			kept = append(kept, "Nothing was changed: "+again+" in a while")
		case strings.Contains(s, "next sync"):
			kept = append(kept, "Then "+again)
		default:
			kept = append(kept, strings.ReplaceAll(s, "sync again", again))
		}
	}
	w.Action = strings.Join(kept, ". ")
	if w.Action != "" && !strings.HasSuffix(w.Action, ".") {
		w.Action += "."
	}
	if w.Button.Act == SyncNow && again == "authorize again" {
		w.Button = authorize
		if !strings.Contains(w.Action, "authorize again") {
			w.Action += " Then authorize again."
		}
	}
}

// reason is what a failure is known by. A kind without a code is what is said
// where the code is unknown; of these alone there are some for one cloud, which
// come before the one for both.
type reason struct {
	kind  cloud.Kind
	code  string
	cloud directory.Cloud
}

// saying is the words for one reason. {cloud} and {detail} are filled in.
type saying struct {
	title, sentence string
	// detail is added to the sentence where there is a Detail.
	detail string
	action string
	// typed is the action in a terminal, where there is no guide, form or
	// setting to speak of; "" for the same.
	typed  string
	button Button
	// tone is Plain for what the kind says.
	tone Tone
}

// sayings are all there are. The codes of those of a cloud are its own: the
// same word may mean something else at another.
var sayings = []struct {
	cloud directory.Cloud
	of    map[reason]saying
}{{directory.Google, googleSayings}, {directory.Microsoft, microsoftSayings}, {"", networkSayings}, {"", localSayings}}

// find returns the saying for f; known is false when its code has none of its
// own.
func find(f *engine.Fault) (s saying, known bool) {
	code := f.Code
	if code == "invalid_grant" && strings.Contains(f.Detail, "deleted") {
		code = "account_deleted" // "The account has been deleted"
	}
	for _, r := range []reason{{f.Kind, code, ""}, {f.Kind, "", f.Cloud}, {f.Kind, "", ""}, {cloud.Unexpected, "", ""}} {
		for _, t := range sayings {
			if s, ok := t.of[r]; ok && (r.code == "" || t.cloud == "" || f.Cloud == "" || t.cloud == f.Cloud) {
				return s, r.code == f.Code || r.code == code && code != ""
			}
		}
	}
	return saying{}, false
}

// detailOf is a failure's detail as it stands in a sentence: a scope or a
// privilege in plain words, anything else as it is.
func detailOf(f *engine.Fault) string {
	if plain, ok := privilegeWords[f.Detail]; ok {
		return plain
	}
	for _, p := range Permissions {
		if p.Scope == f.Detail {
			return lowerFirst(p.Words)
		}
	}
	return strings.TrimRight(f.Detail, ". ")
}

// copyOf is what support asks for.
func copyOf(f *engine.Fault) string {
	if f.Code == "" && f.Detail == "" && f.Trace == "" {
		return ""
	}
	var b strings.Builder
	line := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", label, value)
		}
	}
	line("Cloud", CloudName(f.Cloud))
	line("While", f.Doing)
	line("Kind", string(f.Kind))
	line("Code", f.Code)
	line("Text", f.Detail)
	line("Trace ID", f.Trace)
	line("Timestamp", f.Stamp)
	if !f.At.IsZero() {
		line("At", f.At.UTC().Format(time.RFC3339))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func upperFirst(s string) string {
	if s == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}
