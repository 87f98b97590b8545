package view

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// kinds are all that scripts may meet.
var kinds = []cloud.Kind{
	cloud.Offline, cloud.Limited, cloud.SignInNeeded, cloud.PermissionMissing, cloud.SecretExpired, cloud.SecretWrong,
	cloud.ConsentMissing, cloud.TenantUnknown, cloud.ClientUnknown, cloud.BlockedByPolicy, cloud.APIDisabled, cloud.BadAnswer,
	cloud.Certificate, cloud.Cancelled, cloud.Storage, cloud.Keychain, cloud.Unexpected,
}

// codes are what the clouds document, what others met with them, and
// Panel's own, with the cloud that gives them ("" for Panel itself).
var codes = []struct {
	kind  cloud.Kind
	cloud directory.Cloud
	codes string
}{
	{cloud.SignInNeeded, directory.Google, "invalid_grant invalid_rapt authError UNAUTHENTICATED denied timeout missing no_refresh_token code_used clock other_customer restored"},
	{cloud.PermissionMissing, directory.Google, "insufficientPermissions ACCESS_TOKEN_SCOPE_INSUFFICIENT forbidden PERMISSION_DENIED"},
	{cloud.APIDisabled, directory.Google, ""},
	{cloud.BlockedByPolicy, directory.Google, "admin_policy_enforced org_internal access_denied disallowed_useragent"},
	{cloud.ClientUnknown, directory.Google, "invalid_client deleted_client disabled_client unauthorized_client restricted_client no_client web_client service_account not_a_client foreign_host odd_address"},
	{cloud.Limited, directory.Google, "rateLimitExceeded userRateLimitExceeded quotaExceeded RESOURCE_EXHAUSTED RATE_LIMIT_EXCEEDED sharingRateLimitExceeded dailyLimitExceeded backendError internalError badGateway gatewayTimeout transientError serviceNotAvailable internal_failure"},
	{cloud.BadAnswer, directory.Google, "count_mismatch no_orgunits no_customer wrong_issuer foreign_host shape not_json truncated too_long web_page redirect not_tls repeated endless incomplete no_id"},
	{cloud.Unexpected, directory.Google, "invalid invalidParameter badRequest notFound redirect_uri_mismatch invalid_request invalid_scope no_browser port no_listener insecure_url panic listing"},

	{cloud.Cancelled, directory.Google, "closed"},

	{cloud.SecretExpired, directory.Microsoft, "AADSTS7000222"},
	{cloud.SecretWrong, directory.Microsoft, "AADSTS7000215 invalid_client secret_is_id missing secret_missing restored"},
	{cloud.ConsentMissing, directory.Microsoft, "Authorization_RequestDenied AADSTS7000229"},
	{cloud.TenantUnknown, directory.Microsoft, "AADSTS90002 AADSTS900023 AADSTS900382 AADSTS900432 AADSTS90038 invalid_tenant tenant_form other_cloud"},
	{cloud.ClientUnknown, directory.Microsoft, "AADSTS700016 unauthorized_client client_form not_configured"},
	{cloud.BlockedByPolicy, directory.Microsoft, "AADSTS53003 AADSTS7000112"},
	{cloud.SignInNeeded, directory.Microsoft, "other_customer"},
	{cloud.Limited, directory.Microsoft, "TooManyRequests AADSTS90033 AADSTS50196"},
	{cloud.Unexpected, directory.Microsoft, "InvalidAuthenticationToken DirectoryPageTokenNotFoundException Directory_ExpiredPageToken Request_UnsupportedQuery Authentication_RequestFromNonPremiumTenantOrB2CTenant"},

	{cloud.Offline, directory.Google, "dns refused timeout proxy proxy_auth network"},
	{cloud.Certificate, directory.Google, "clock hostname tls ca_file"},
	{cloud.Storage, "", "disk_full read_only damaged damaged_untouched output output_full output_read_only output_no_folder output_in_use in_use newer wrong_key backup_nothing backup_inside backup_unreadable backup_not backup_passphrase backup_newer backup_cut backup_damaged erase erase_secrets"},
	{cloud.Unexpected, "", "no_page"},
	{cloud.Keychain, "", "too_long locked unavailable no_keychain hung missing wrong_passphrase no_passphrase other_vault"},
}

// alike are codes that mean the same thing.
var alike = map[string]string{"no_listener": "port"}

// windowOnly is what nobody at a terminal can see or press.
var windowOnly = regexp.MustCompile(`[Gg]uide|beside the form|in Settings|[{}]`)

func TestEveryFailureHasItsOwnWords(t *testing.T) {
	sentences := make(map[string]string) // to what says it
	check := func(name string, w Words, f *engine.Fault) {
		t.Helper()
		s := w.Sentence
		switch {
		case w.Title == "" || s == "":
			t.Errorf("%s: no words", name)
		case strings.ContainsAny(w.String()+w.Title+w.Button.Text, "{}") || strings.Contains(w.String(), "  "):
			t.Errorf("%s: unfinished words: %s / %s", name, w.Title, w)
		case !strings.HasSuffix(s, "."):
			t.Errorf("%s: %q is no sentence", name, s)
		case w.Action == "" && f.Kind != cloud.Cancelled:
			t.Errorf("%s: nobody's move", name)
		case (w.Button.Act == NoAct) != (w.Button.Text == ""):
			t.Errorf("%s: a button without an act, or an act without a button: %+v", name, w.Button)
		case w.Button.Act == OpenLink && !strings.HasPrefix(w.Button.URL, "https://"):
			t.Errorf("%s: a link to %q", name, w.Button.URL)
		case w.Button.Act == CopyDetails && f.Code != "" && w.Copy == "":
			t.Errorf("%s: nothing to copy", name)
		case f.Kind != cloud.Keychain && cloud.NeedsPerson(f.Kind, f.Code) && w.Button.Act == NoAct:
			t.Errorf("%s: a person must act and has no button", name)
		}
		if said := w.Terminal(); windowOnly.MatchString(said) {
			t.Errorf("%s: in a terminal it speaks of the window: %s", name, said)
		}
		if other, ok := sentences[s]; ok {
			t.Errorf("%s says the same as %s: %s", name, other, s)
		}
		sentences[s] = name
	}
	for _, c := range []directory.Cloud{"", directory.Microsoft, directory.Google} {
		clear(sentences)
		for _, k := range kinds {
			f := &engine.Fault{Kind: k, Cloud: c}
			check(string(k)+" "+string(c), SayFault(f), f)
		}
	}
	for _, row := range codes {
		for _, code := range strings.Fields(row.codes) {
			if alike[code] != "" {
				continue
			}
			f := &engine.Fault{Kind: row.kind, Cloud: row.cloud, Code: code}
			if _, ok := find(f); !ok {
				t.Errorf("%s of %s: no words of its own", code, row.kind)
				continue
			}
			check(string(row.kind)+" "+code+" "+string(row.cloud), SayFault(f), f)
		}
	}
	for table, sayings := range map[string]map[reason]saying{"google": googleSayings, "microsoft": microsoftSayings, "network": networkSayings, "local": localSayings} {
		for r := range sayings {
			if r.code == "" || r.code == "account_deleted" {
				continue
			}
			found := false
			for _, row := range codes {
				for _, code := range strings.Fields(row.codes) {
					found = found || row.kind == r.kind && code == r.code
				}
			}
			if !found {
				t.Errorf("%s: words for %s %s, which is not among the known codes", table, r.kind, r.code)
			}
		}
	}
}

func TestTerminal(t *testing.T) {
	for _, c := range []struct {
		words Words
		says  string
	}{
		{Say(&cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "denied"}), "Start again when you are ready. Command: panel authorize google"},
		{Say(&cloud.Error{Kind: cloud.ClientUnknown, Cloud: directory.Google, Code: "no_client"}), "The manual shows how to make one; it takes about ten minutes, once. Command: panel authorize google --client FILE"},
		{Say(&cloud.Error{Kind: cloud.SecretExpired, Cloud: directory.Microsoft}), "give Panel its Value on standard input. Command: panel azure set --tenant T --client-id C"},
		{Say(&cloud.Error{Kind: cloud.ConsentMissing, Cloud: directory.Microsoft}), "press Grant admin consent. Command: panel azure test"},
		{Say(&cloud.Error{Kind: cloud.Offline, Cloud: directory.Google}), "everything imported stays. Command: panel sync"},
		{Say(&cloud.Error{Kind: cloud.APIDisabled, Cloud: directory.Google, Detail: "https://x.example/enable"}), "Page: https://x.example/enable"},
		{Say(&cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "other_customer"}), "The window removes it, on its tab Cloud Sync."},
		{Say(&cloud.Error{Kind: cloud.Storage, Code: "disk_full"}), "Make room, then try again."},
		{Unticked([]string{Permissions[2].Scope, "openid"}), "Not imported: Chromebooks. At the sign-in “See Chromebooks” was left unticked. The rest is read. Authorize again and tick it to have everything. Command: panel authorize google"},
	} {
		if got := c.words.Terminal(); !strings.HasSuffix(got, c.says) {
			t.Errorf("says %q, want %q at its end", got, c.says)
		}
	}
	if w := Unticked([]string{"openid"}); w != (Words{}) {
		t.Errorf("nothing is off: %q", w)
	}
}

// A code is one cloud's own: at the other it is an unknown one.
func TestCodesOfTheOtherCloud(t *testing.T) {
	names := map[directory.Cloud]string{directory.Google: "Google", directory.Microsoft: "Microsoft"}
	both := []cloud.Kind{cloud.SignInNeeded, cloud.ClientUnknown, cloud.BlockedByPolicy, cloud.Limited, cloud.BadAnswer, cloud.Unexpected}
	for _, row := range codes {
		if !slices.Contains(both, row.kind) {
			continue
		}
		for c, name := range names {
			for _, code := range strings.Fields(row.codes) {
				w := SayFault(&engine.Fault{Kind: row.kind, Cloud: c, Code: code})
				for _, other := range names {
					if other != name && strings.Contains(w.Title+w.String()+w.Terminal(), other) {
						t.Errorf("%s of %s at %s: %s. %s", code, row.kind, name, w.Title, w)
					}
				}
			}
		}
	}
	w := Say(&cloud.Error{Kind: cloud.Unexpected, Cloud: directory.Microsoft, Code: "invalid_scope", Detail: "That scope is not one."})
	if want := "Microsoft answered with an error that Panel does not know. Microsoft says: “That scope is not one”."; w.Sentence != want {
		t.Errorf("says %q, want %q", w.Sentence, want)
	}
}

// What fails while somebody signs in, no sync tries again.
func TestSayOfASignIn(t *testing.T) {
	for _, c := range []struct {
		kind   cloud.Kind
		code   string
		action string
	}{
		{cloud.Offline, "timeout", "Nothing was changed: authorize again in a while."},
		{cloud.Offline, "refused", "Ask whoever runs the firewall to allow HTTPS to Google. Then authorize again."},
		{cloud.BadAnswer, "truncated", "Nothing was changed: authorize again in a while."},
		{cloud.BadAnswer, "web_page", "Open a browser and sign in to the network, or ask whoever runs the filter to allow Google. Then authorize again."},
		{cloud.Certificate, "clock", "Set this computer's date and time right, then authorize again."},
		{cloud.Unexpected, "", "Nothing was changed: authorize again in a while. If it stays, copy the details for support."},
		{cloud.SignInNeeded, "denied", "Start again when you are ready."},
	} {
		w := Say(&cloud.Error{Kind: c.kind, Code: c.code, Cloud: directory.Google, Doing: "sign in"})
		if w.Action != c.action || w.Button.Act == SyncNow {
			t.Errorf("%s %s: %q and the button %+v, want %q", c.kind, c.code, w.Action, w.Button, c.action)
		}
	}
	for _, row := range codes {
		for _, code := range append(strings.Fields(row.codes), "") {
			if row.kind != cloud.Offline && row.kind != cloud.Certificate && (row.kind != cloud.Limited || code != "") {
				continue
			}
			w := Say(&cloud.Error{Kind: row.kind, Code: code, Cloud: directory.Google, Doing: "sign in"})
			if strings.Contains(w.Terminal(), " sync") {
				t.Errorf("%s %s: nobody syncs: %q", row.kind, code, w.Terminal())
			}
		}
	}
	// At Microsoft every sync signs in by itself.
	if w := Say(&cloud.Error{Kind: cloud.Offline, Code: "timeout", Cloud: directory.Microsoft, Doing: "sign in"}); w.Action != panelRetries {
		t.Errorf("at Microsoft: %q", w.Action)
	}
}

func TestSayDetails(t *testing.T) {
	tests := []struct {
		name     string
		e        cloud.Error
		sentence string
		act      Act
		url      string
		copies   []string
	}{
		{
			"a scope that was unticked, in plain words",
			cloud.Error{Kind: cloud.PermissionMissing, Cloud: directory.Google, Detail: "https://www.googleapis.com/auth/admin.directory.orgunit.readonly"},
			"Panel was not given a permission that it needs. It is the one to see organizational units.", Authorize, "",
			[]string{"Text: https://www.googleapis.com/auth/admin.directory.orgunit.readonly"},
		},
		{
			"the page on which to enable the API",
			cloud.Error{Kind: cloud.APIDisabled, Cloud: directory.Google, Code: "accessNotConfigured", Detail: "https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=5613"},
			"The Admin SDK API is not enabled in the Google Cloud project that Panel's OAuth client belongs to.", OpenLink,
			"https://console.developers.google.com/apis/api/admin.googleapis.com/overview?project=5613", nil,
		},
		{
			"the account was deleted",
			cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Code: "invalid_grant", Detail: "The account has been deleted"},
			"Google says that the account that authorized Panel has been deleted.", Authorize, "", nil,
		},
		{
			"an unknown code of Microsoft, with its text, trace id and time",
			cloud.Error{
				Kind: cloud.Unexpected, Cloud: directory.Microsoft, Code: "AADSTS99999", Detail: "Something new happened.", Trace: "0a1b", At: "2026-11-23 10:00:00Z",
			},
			"Microsoft answered with an error that Panel does not know. Microsoft says: “Something new happened”.", CopyDetails, "",
			[]string{"Code: AADSTS99999", "Text: Something new happened.", "Trace ID: 0a1b", "Timestamp: 2026-11-23 10:00:00Z"},
		},
		{
			"an unknown code of a known kind",
			cloud.Error{Kind: cloud.ClientUnknown, Cloud: directory.Microsoft, Code: "AADSTS700099", Detail: "No app."},
			"Microsoft does not know the Application (client) ID in the Azure settings. Microsoft says: “No app”.", EditAzure, "", nil,
		},
		{
			"an authority that is not known",
			cloud.Error{Kind: cloud.Certificate, Cloud: directory.Google, Detail: "Example School Filter CA"},
			"The certificate that answered for Google is signed by an authority that this computer does not know. Schools that inspect TLS have one of their own. It is signed by “Example School Filter CA”.",
			OpenSettings, "", nil,
		},
		{
			"a kind from the future",
			cloud.Error{Kind: "sunspots"}, "Panel met a failure that it does not know.", CopyDetails, "", nil,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := Say(&tt.e)
			if w.Sentence != tt.sentence {
				t.Errorf("says %q, want %q", w.Sentence, tt.sentence)
			}
			if w.Button.Act != tt.act || tt.url != "" && w.Button.URL != tt.url {
				t.Errorf("button %+v, want %s %s", w.Button, tt.act, tt.url)
			}
			for _, line := range tt.copies {
				if !strings.Contains(w.Copy, line) {
					t.Errorf("%q is not copied: %s", line, w.Copy)
				}
			}
		})
	}
	if Say(nil) != (Words{}) || SayFault(nil) != (Words{}) {
		t.Error("nothing happened, and there are words for it")
	}
	if w := SayFault(&engine.Fault{Kind: cloud.Offline, Cloud: directory.Google, At: now, Code: "dns"}); !strings.Contains(w.Copy, "At: "+now.Format(time.RFC3339)) {
		t.Errorf("the time is not copied: %s", w.Copy)
	}
}

// No sync repeats a test of the connection, and none may even be set up yet.
func TestWordsOfATestPromiseNoSync(t *testing.T) {
	var all []reason
	for _, sayings := range []map[reason]saying{microsoftSayings, networkSayings} {
		all = slices.AppendSeq(all, maps.Keys(sayings))
	}
	for _, r := range all {
		w := SayTest(&cloud.Error{Kind: r.kind, Cloud: directory.Microsoft, Code: r.code})
		if said := w.Action; strings.Contains(said, "next sync") || strings.Contains(said, "sync again") || strings.HasPrefix(said, ".") {
			t.Errorf("%s %s: %q", r.kind, r.code, said)
		}
	}
}
