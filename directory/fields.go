package directory

import (
	"strconv"
	"strings"
	"time"
)

// Field is one named field of a record. The tables below are the one place
// where a record's fields are listed; differences and provenance are read
// off them.
type Field[T any] struct {
	// Name is the key in exports and change lists.
	Name string
	// Volatile fields are stored and make no change entry.
	Volatile bool
	// Text returns the field's value as text, "" when unset.
	Text func(*T) string
}

// AccountFields are the fields of an account that a cloud can change.
var AccountFields = []Field[Account]{
	{Name: "primary", Text: func(a *Account) string { return a.Primary }},
	{Name: "mail", Text: func(a *Account) string { return a.Mail }},
	{Name: "aliases", Text: func(a *Account) string { return strings.Join(a.Aliases, "; ") }},
	{Name: "display_name", Text: func(a *Account) string { return a.DisplayName }},
	{Name: "given_name", Text: func(a *Account) string { return a.GivenName }},
	{Name: "family_name", Text: func(a *Account) string { return a.FamilyName }},
	{Name: "org_unit", Text: func(a *Account) string { return a.OrgUnit }},
	{Name: "employee_id", Text: func(a *Account) string { return a.EmployeeID }},
	{Name: "employee_type", Text: func(a *Account) string { return a.EmployeeType }},
	{Name: "title", Text: func(a *Account) string { return a.Title }},
	{Name: "department", Text: func(a *Account) string { return a.Department }},
	{Name: "mobile", Text: func(a *Account) string { return a.Mobile }},
	{Name: "phone", Text: func(a *Account) string { return a.Phone }},
	{Name: "guest", Text: func(a *Account) string { return yes(a.Guest) }},
	{Name: "state", Text: func(a *Account) string { return string(a.State) }},
	{Name: "last_sign_in", Volatile: true, Text: func(a *Account) string { return stamp(a.LastSignIn) }},
}

// PersonFields are the fields of a Person that have a provenance; the place
// in this list is the bit in [Person.FromMicrosoft].
var PersonFields = []Field[Person]{
	{Name: "display_name", Text: func(p *Person) string { return p.DisplayName }},
	{Name: "given_name", Text: func(p *Person) string { return p.GivenName }},
	{Name: "family_name", Text: func(p *Person) string { return p.FamilyName }},
	{Name: "primary_email", Text: func(p *Person) string { return p.PrimaryEmail }},
	{Name: "org_unit", Text: func(p *Person) string { return p.OrgUnit }},
	{Name: "employee_id", Text: func(p *Person) string { return p.EmployeeID }},
	{Name: "title", Text: func(p *Person) string { return p.Title }},
	{Name: "department", Text: func(p *Person) string { return p.Department }},
	{Name: "phone", Text: func(p *Person) string { return p.Phone }},
	{Name: "state", Text: func(p *Person) string { return string(p.State) }},
	{Name: "last_sign_in", Volatile: true, Text: func(p *Person) string { return stamp(p.LastSignIn) }},
}

// OrgUnitFields are the fields of an organizational unit.
var OrgUnitFields = []Field[OrgUnit]{
	{Name: "path", Text: func(o *OrgUnit) string { return o.Path }},
	{Name: "name", Text: func(o *OrgUnit) string { return o.Name }},
	{Name: "description", Text: func(o *OrgUnit) string { return o.Description }},
	{Name: "parent_path", Text: func(o *OrgUnit) string { return o.ParentPath }},
}

// ChromebookFields are the fields of a Chromebook that Google can change.
var ChromebookFields = []Field[Chromebook]{
	{Name: "serial", Text: func(c *Chromebook) string { return c.Serial }},
	{Name: "model", Text: func(c *Chromebook) string { return c.Model }},
	{Name: "status", Text: func(c *Chromebook) string { return c.Status }},
	{Name: "org_unit", Text: func(c *Chromebook) string { return c.OrgUnit }},
	{Name: "asset_id", Text: func(c *Chromebook) string { return c.AssetID }},
	{Name: "annotated_user", Text: func(c *Chromebook) string { return c.AnnotatedUser }},
	{Name: "annotated_location", Text: func(c *Chromebook) string { return c.AnnotatedLocation }},
	{Name: "notes", Text: func(c *Chromebook) string { return c.Notes }},
	{Name: "recent_users", Volatile: true, Text: recentUsers},
	{Name: "os_version", Text: func(c *Chromebook) string { return c.OSVersion }},
	{Name: "platform_version", Text: func(c *Chromebook) string { return c.PlatformVersion }},
	{Name: "channel", Text: func(c *Chromebook) string { return c.Channel }},
	{Name: "update_state", Text: func(c *Chromebook) string { return c.UpdateState }},
	{Name: "update_checked", Volatile: true, Text: func(c *Chromebook) string { return stamp(c.UpdateChecked) }},
	{Name: "auto_update_expiration", Text: func(c *Chromebook) string { return string(c.AutoUpdateExpiration) }},
	{Name: "boot_mode", Text: func(c *Chromebook) string { return c.BootMode }},
	{Name: "mac_address", Text: func(c *Chromebook) string { return c.MACAddress }},
	{Name: "ethernet_mac_address", Text: func(c *Chromebook) string { return c.EthernetMACAddress }},
	{Name: "dock_mac_address", Text: func(c *Chromebook) string { return c.DockMACAddress }},
	{Name: "imei", Text: func(c *Chromebook) string { return c.IMEI }},
	{Name: "meid", Text: func(c *Chromebook) string { return c.MEID }},
	{Name: "order_number", Text: func(c *Chromebook) string { return c.OrderNumber }},
	{Name: "license", Text: func(c *Chromebook) string { return c.License }},
	{Name: "manufactured", Text: func(c *Chromebook) string { return string(c.Manufactured) }},
	{Name: "first_enrolled", Text: func(c *Chromebook) string { return stamp(c.FirstEnrolled) }},
	{Name: "last_enrolled", Text: func(c *Chromebook) string { return stamp(c.LastEnrolled) }},
	{Name: "last_sync", Volatile: true, Text: func(c *Chromebook) string { return stamp(c.LastSync) }},
	{Name: "deprovision_reason", Text: func(c *Chromebook) string { return c.DeprovisionReason }},
	{Name: "deprovisioned", Text: func(c *Chromebook) string { return stamp(c.Deprovisioned) }},
	{Name: "storage_bytes", Text: func(c *Chromebook) string { return count(c.StorageBytes) }},
	{Name: "storage_used", Volatile: true, Text: func(c *Chromebook) string { return count(c.StorageUsed) }},
	{Name: "memory_bytes", Text: func(c *Chromebook) string { return count(c.MemoryBytes) }},
	{Name: "last_ip", Volatile: true, Text: func(c *Chromebook) string { return c.LastIP }},
	{Name: "last_wan_ip", Volatile: true, Text: func(c *Chromebook) string { return c.LastWANIP }},
}

// Diff returns the fields, volatile ones left out, in which a and b differ,
// in the order of the table; nil when they agree.
func Diff[T any](fields []Field[T], a, b *T) []FieldChange {
	var out []FieldChange
	for i := range fields {
		f := &fields[i]
		if f.Volatile {
			continue
		}
		if from, to := f.Text(a), f.Text(b); from != to {
			out = append(out, FieldChange{Field: f.Name, From: from, To: to})
		}
	}
	return out
}

// Provenance returns, for every field of p that has a value, the cloud that
// it came from.
func (p *Person) Provenance() map[string]Cloud {
	from := make(map[string]Cloud, len(PersonFields))
	for i := range PersonFields {
		switch {
		case PersonFields[i].Text(p) == "":
		case p.FromMicrosoft&(1<<i) != 0:
			from[PersonFields[i].Name] = Microsoft
		default:
			from[PersonFields[i].Name] = Google
		}
	}
	return from
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func count(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func recentUsers(c *Chromebook) string {
	emails := make([]string, 0, len(c.RecentUsers))
	for _, u := range c.RecentUsers {
		if u.Email != "" {
			emails = append(emails, u.Email)
		}
	}
	return strings.Join(emails, "; ")
}
