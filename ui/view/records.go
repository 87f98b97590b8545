package view

import (
	"slices"
	"strings"

	"panel/directory"
	"panel/ledger"
)

// The shapes of the exports, which scripts rely on: keys may be added, none
// renamed or dropped.

var personRecord = record[directory.Person]{"People", []attribute[directory.Person]{
	{"id", func(p *directory.Person) any { return p.ID }},
	{"display_name", func(p *directory.Person) any { return known(p.DisplayName) }},
	{"given_name", func(p *directory.Person) any { return known(p.GivenName) }},
	{"family_name", func(p *directory.Person) any { return known(p.FamilyName) }},
	{"primary_email", func(p *directory.Person) any { return known(p.PrimaryEmail) }},
	{"emails", func(p *directory.Person) any { return append([]string{}, p.Emails...) }},
	{"sources", func(p *directory.Person) any {
		sources := []string{}
		for _, c := range p.Sources() {
			sources = append(sources, string(c))
		}
		return sources
	}},
	{"google_id", func(p *directory.Person) any { return known(p.GoogleID) }},
	{"microsoft_id", func(p *directory.Person) any { return known(p.MicrosoftID) }},
	{"org_unit", func(p *directory.Person) any { return known(p.OrgUnit) }},
	{"kind", func(p *directory.Person) any { return known(p.Kind) }},
	{"state", func(p *directory.Person) any { return known(p.State) }},
	{"google_state", func(p *directory.Person) any { return known(p.GoogleState) }},
	{"microsoft_state", func(p *directory.Person) any { return known(p.MicrosoftState) }},
	{"title", func(p *directory.Person) any { return known(p.Title) }},
	{"department", func(p *directory.Person) any { return known(p.Department) }},
	{"employee_id", func(p *directory.Person) any { return known(p.EmployeeID) }},
	{"phone", func(p *directory.Person) any { return known(p.Phone) }},
	{"last_sign_in", func(p *directory.Person) any { return instant(p.LastSignIn) }},
	{"departed", func(p *directory.Person) any { return p.Departed }},
	{"possible_duplicate", func(p *directory.Person) any { return p.PossibleDuplicate }},
	{"provenance", func(p *directory.Person) any { return p.Provenance() }},
}}

// userRecord is one recent user; Email is a string or nil.
type userRecord struct {
	Email   any  `json:"email"`
	Managed bool `json:"managed"`
}

var chromebookRecord = record[directory.Chromebook]{"Chromebooks", []attribute[directory.Chromebook]{
	{"device_id", func(c *directory.Chromebook) any { return c.DeviceID }},
	{"serial", func(c *directory.Chromebook) any { return known(c.Serial) }},
	{"model", func(c *directory.Chromebook) any { return known(c.Model) }},
	{"status", func(c *directory.Chromebook) any { return known(c.Status) }},
	{"org_unit", func(c *directory.Chromebook) any { return known(c.OrgUnit) }},
	{"asset_id", func(c *directory.Chromebook) any { return known(c.AssetID) }},
	{"annotated_user", func(c *directory.Chromebook) any { return known(c.AnnotatedUser) }},
	{"annotated_location", func(c *directory.Chromebook) any { return known(c.AnnotatedLocation) }},
	{"notes", func(c *directory.Chromebook) any { return known(c.Notes) }},
	{"recent_users", func(c *directory.Chromebook) any {
		users := make([]userRecord, 0, len(c.RecentUsers))
		for _, u := range c.RecentUsers {
			users = append(users, userRecord{known(u.Email), u.Managed})
		}
		return users
	}},
	{"os_version", func(c *directory.Chromebook) any { return known(c.OSVersion) }},
	{"platform_version", func(c *directory.Chromebook) any { return known(c.PlatformVersion) }},
	{"channel", func(c *directory.Chromebook) any { return known(c.Channel) }},
	{"auto_update_expiration", func(c *directory.Chromebook) any { return day(c.AutoUpdateExpiration) }},
	{"boot_mode", func(c *directory.Chromebook) any { return known(c.BootMode) }},
	{"mac_address", func(c *directory.Chromebook) any { return known(c.MACAddress) }},
	{"ethernet_mac_address", func(c *directory.Chromebook) any { return known(c.EthernetMACAddress) }},
	{"imei", func(c *directory.Chromebook) any { return known(c.IMEI) }},
	{"meid", func(c *directory.Chromebook) any { return known(c.MEID) }},
	{"order_number", func(c *directory.Chromebook) any { return known(c.OrderNumber) }},
	{"license", func(c *directory.Chromebook) any { return known(c.License) }},
	{"first_enrolled", func(c *directory.Chromebook) any { return instant(c.FirstEnrolled) }},
	{"last_enrolled", func(c *directory.Chromebook) any { return instant(c.LastEnrolled) }},
	{"last_sync", func(c *directory.Chromebook) any { return instant(c.LastSync) }},
	{"deprovision_reason", func(c *directory.Chromebook) any { return known(c.DeprovisionReason) }},
	{"deprovisioned", func(c *directory.Chromebook) any { return instant(c.Deprovisioned) }},
	{"manufactured", func(c *directory.Chromebook) any { return day(c.Manufactured) }},
	{"storage_bytes", func(c *directory.Chromebook) any { return amount(c.StorageBytes) }},
	{"memory_bytes", func(c *directory.Chromebook) any { return amount(c.MemoryBytes) }},
	{"last_ip", func(c *directory.Chromebook) any { return known(c.LastIP) }},
	{"last_wan_ip", func(c *directory.Chromebook) any { return known(c.LastWANIP) }},
	{"gone", func(c *directory.Chromebook) any { return !c.Gone.IsZero() }},
	{"dock_mac_address", func(c *directory.Chromebook) any { return known(c.DockMACAddress) }},
}}

// chromebooksHeld is how Chromebooks are written; holder is the id of the Person
// who has one now, "" for nobody.
func chromebooksHeld(holder func(*directory.Chromebook) string) record[directory.Chromebook] {
	all := slices.Clone(chromebookRecord.attributes)
	at := len(all) - 1 // as it was before the dock's address came
	held := attribute[directory.Chromebook]{"holder_id", func(c *directory.Chromebook) any { return known(holder(c)) }}
	return record[directory.Chromebook]{chromebookRecord.title, slices.Insert(all, at, held)}
}

var entryRecord = record[ledger.Entry]{"Checkouts", []attribute[ledger.Entry]{
	{"entry", func(e *ledger.Entry) any { return e.ID }},
	{"at", func(e *ledger.Entry) any { return instant(e.At) }},
	{"act", func(e *ledger.Entry) any { return string(e.Act) }},
	{"person_id", func(e *ledger.Entry) any { return known(e.Holder.PersonID()) }},
	{"person", func(e *ledger.Entry) any { return known(e.Holder.Name) }},
	{"device_id", func(e *ledger.Entry) any { return known(e.Asset.ID) }},
	{"serial", func(e *ledger.Entry) any { return known(e.Asset.Serial) }},
	{"due", func(e *ledger.Entry) any { return day(e.Due) }},
	{"note", func(e *ledger.Entry) any { return known(e.Note) }},
	{"by", func(e *ledger.Entry) any { return known(e.By) }},
	{"undoes", func(e *ledger.Entry) any { return known(e.Undoes) }},
	{"emails", func(e *ledger.Entry) any { return append([]string{}, e.Holder.Emails...) }},
	{"asset_id", func(e *ledger.Entry) any { return known(e.Asset.Tag) }},
	{"model", func(e *ledger.Entry) any { return known(e.Asset.Model) }},
	// What came back in a swap, or went out as a loaner with a repair.
	{"other_device_id", func(e *ledger.Entry) any { return known(e.Other.ID) }},
	{"other_serial", func(e *ledger.Entry) any { return known(e.Other.Serial) }},
	{"loaner", func(e *ledger.Entry) any { return e.Loaner }},
	{"condition", func(e *ledger.Entry) any { return known(e.Condition) }},
	// What the computer's clock said where it stood behind an earlier entry.
	{"clock", func(e *ledger.Entry) any { return instant(e.Clock) }},
	{"station", func(e *ledger.Entry) any { return known(e.Station) }},
}}

var orgUnitRecord = record[OrgNode]{"Organizational units", []attribute[OrgNode]{
	{"id", func(n *OrgNode) any { return orgUnitID(n.ID) }},
	{"path", func(n *OrgNode) any { return n.Path }},
	{"name", func(n *OrgNode) any { return known(n.Name) }},
	{"description", func(n *OrgNode) any { return known(n.Description) }},
	{"parent_path", func(n *OrgNode) any { return known(n.ParentPath) }},
	{"people", func(n *OrgNode) any { return n.People }},
	{"people_below", func(n *OrgNode) any { return n.PeopleBelow }},
	{"chromebooks", func(n *OrgNode) any { return n.Chromebooks }},
	{"chromebooks_below", func(n *OrgNode) any { return n.ChromebooksBelow }},
}}

// orgUnitID is an OU's id as every export has it, nil when it is not known.
func orgUnitID(id string) any {
	if strings.HasPrefix(id, directory.UnlistedID) {
		return nil
	}
	return known(strings.TrimPrefix(id, "id:"))
}

// fieldRecord is one field that changed; From and To are strings or nil.
type fieldRecord struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

var changeRecord = record[directory.Change]{"Changes", []attribute[directory.Change]{
	{"run", func(c *directory.Change) any { return c.Run }},
	{"at", func(c *directory.Change) any { return instant(c.At) }},
	{"cloud", func(c *directory.Change) any { return known(c.Cloud) }},
	{"listing", func(c *directory.Change) any { return known(c.Listing) }},
	{"kind", func(c *directory.Change) any { return known(c.Kind) }},
	{"id", func(c *directory.Change) any {
		if c.Listing == directory.OrgUnits {
			return orgUnitID(c.ID)
		}
		return known(c.ID)
	}},
	{"name", func(c *directory.Change) any { return known(c.Name) }},
	{"fields", func(c *directory.Change) any {
		fields := make([]fieldRecord, 0, len(c.Fields))
		for _, f := range c.Fields {
			fields = append(fields, fieldRecord{f.Field, known(f.From), known(f.To)})
		}
		return fields
	}},
	// How many records an entry for a whole listing stands for.
	{"count", func(c *directory.Change) any { return amount(int64(c.Count)) }},
}}
