package view

import (
	"slices"
	"strings"

	"panel/directory"
)

// Permission is one scope that Panel asks Google for, in plain words.
type Permission struct {
	Scope string
	// Words are as on a box to tick: "See Chromebooks".
	Words string
	Why   string
	// Listing is what cannot be imported without it, "" for nothing.
	Listing directory.Listing
}

// Permissions are all that Panel ever asks for; each can only read.
var Permissions = []Permission{
	{"https://www.googleapis.com/auth/admin.directory.user.readonly", "See people", "names, addresses, organizational unit, state", directory.People},
	{"https://www.googleapis.com/auth/admin.directory.orgunit.readonly", "See organizational units", "the tree that people and Chromebooks are in", directory.OrgUnits},
	{"https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly", "See Chromebooks", "serial, model, status, recent users", directory.Chromebooks},
	{"openid", "Know who signs in", "the account that authorizes Panel", ""},
	{"https://www.googleapis.com/auth/userinfo.email", "See that account's address", "shown as “Authorized by”", ""},
}

// Unticked says what is not imported because some scopes were not granted; the
// zero Words when everything is.
func Unticked(missing []string) Words {
	var off, allow []string
	for _, p := range Permissions {
		if slices.Contains(missing, p.Scope) && p.Listing != "" {
			off = append(off, ListingName(p.Listing))
			allow = append(allow, "“"+p.Words+"”")
		}
	}
	if len(off) == 0 {
		return Words{}
	}
	return Words{
		Title:    "Not everything is imported",
		Sentence: "Not imported: " + strings.Join(off, ", ") + ". At the sign-in " + strings.Join(allow, " and ") + " was left unticked.",
		Action:   "The rest is read. Authorize again and tick it to have everything.", Button: authorize, Tone: Warn, Cloud: directory.Google,
	}
}
