package view

import (
	"strings"
	"time"

	"panel/directory"
)

// device makes a text of a Chromebook alone.
func device(text func(*directory.Chromebook) string) func(*directory.Chromebook, time.Time) string {
	return func(c *directory.Chromebook, _ time.Time) string { return text(c) }
}

// chromebookFields are the columns of the Chromebooks tab.
var chromebookFields = []field[directory.Chromebook]{
	{Column: Column{Key: "serial", Title: "Serial", Width: 110, Search: true, distinct: true},
		text: device(func(c *directory.Chromebook) string { return c.Serial })},
	{Column: Column{Key: "asset_id", Title: "Asset ID", Width: 80, Search: true, distinct: true, names: "asset"},
		text: device(func(c *directory.Chromebook) string { return c.AssetID })},
	{Column: Column{Key: "model", Title: "Model", Width: 200, Least: 130, Spare: true, Filter: true, Search: true},
		text: device(func(c *directory.Chromebook) string { return c.Model })},
	{Column: Column{Key: "status", Title: "Status", Width: 96, Badge: true, Filter: true, Search: true, tone: statusTone},
		text: device(func(c *directory.Chromebook) string { return statusWord(c.Status) })},
	{Column: Column{Key: orgUnitColumn, Title: "Organizational unit", Width: 240, Least: 160, Path: true, Search: true, names: "ou"},
		text: device(func(c *directory.Chromebook) string { return c.OrgUnit })},
	{Column: Column{Key: holderColumn, Title: "Holder", Width: 150, Least: 110, Spare: true, Search: true, ledger: true, names: "has out"},
		text: device(byLedger)},
	{Column: Column{Key: "annotated_user", Title: "User", Width: 200, Least: 130, Spare: true, Search: true, names: "assigned", distinct: true},
		text: device(func(c *directory.Chromebook) string { return c.AnnotatedUser })},
	{Column: Column{Key: dueColumn, Title: "Due", Width: 90, Spare: true, Badge: true, Search: true, ledger: true, day: true, toneOf: overdueColumn},
		text: device(byLedger)},
	{Column: Column{Key: checkoutColumn, Title: "Checkout", Width: 96, Spare: true, Badge: true, Filter: true, Search: true, ledger: true, tone: checkoutTone},
		text: device(byLedger)},
	{Column: Column{Key: overdueColumn, Title: "Overdue", Filter: true, ledger: true, tone: checkoutTone},
		text: device(byLedger)},
	{Column: Column{Key: leftColumn, Title: "Holder", Filter: true, ledger: true, tone: checkoutTone},
		text: device(byLedger)},
	{Column: Column{Key: "auto_update_expiration", Title: "Updates until", Width: 110, Spare: true, Badge: true, Search: true, toneOf: "aue_window", names: "aue", day: true},
		text: device(func(c *directory.Chromebook) string { return string(c.AutoUpdateExpiration) })},
	{Column: Column{Key: "last_sync", Title: "Last sync", Width: 108, Spare: true, Search: true, names: "synced"},
		time: func(c *directory.Chromebook) time.Time { return c.LastSync }},
	{Column: Column{Key: "recent_users", Title: "Recent users", Width: 200, Least: 140, Spare: true, Search: true, distinct: true, names: "recent"},
		text: device(recentUsers)},
	{Column: Column{Key: "os_version", Title: "ChromeOS", Width: 120, Spare: true, Search: true, natural: true, names: "os version"},
		text: device(func(c *directory.Chromebook) string { return c.OSVersion })},
	{Column: Column{Key: "platform_version", Title: "Platform version", Width: 150, Hidden: true, Search: true, natural: true, shortest: wholeID, names: "platform"},
		text: device(func(c *directory.Chromebook) string { return c.PlatformVersion })},
	{Column: Column{Key: "update_state", Title: "Update state", Width: 110, Hidden: true, Filter: true, Search: true},
		text: device(func(c *directory.Chromebook) string { return updateWord(c.UpdateState) })},
	{Column: Column{Key: "annotated_location", Title: "Location", Width: 150, Least: 100, Spare: true, Search: true, names: "room"},
		text: device(func(c *directory.Chromebook) string { return c.AnnotatedLocation })},
	{Column: Column{Key: "notes", Title: "Notes", Width: 200, Least: 120, Hidden: true, Search: true},
		text: device(func(c *directory.Chromebook) string { return strings.Join(strings.Fields(c.Notes), " ") })},
	{Column: Column{Key: "channel", Title: "Channel", Width: 90, Hidden: true, Filter: true, Search: true},
		text: device(func(c *directory.Chromebook) string { return c.Channel })},
	{Column: Column{Key: "mac_address", Title: "Wi-Fi MAC", Width: 130, Hidden: true, Search: true, bare: true, shortest: partID, distinct: true, names: "mac"},
		text: device(func(c *directory.Chromebook) string { return c.MACAddress })},
	{Column: Column{Key: "ethernet_mac_address", Title: "Ethernet MAC", Width: 130, Hidden: true, Search: true, bare: true, shortest: partID, names: "mac"},
		text: device(func(c *directory.Chromebook) string { return c.EthernetMACAddress })},
	{Column: Column{Key: "dock_mac_address", Title: "Dock MAC", Width: 130, Hidden: true, Search: true, bare: true, shortest: partID, names: "mac"},
		text: device(func(c *directory.Chromebook) string { return c.DockMACAddress })},
	{Column: Column{Key: "imei", Title: "IMEI", Width: 140, Hidden: true, Search: true, shortest: partID},
		text: device(func(c *directory.Chromebook) string { return c.IMEI })},
	{Column: Column{Key: "meid", Title: "MEID", Width: 140, Hidden: true, Search: true, shortest: partID},
		text: device(func(c *directory.Chromebook) string { return c.MEID })},
	{Column: Column{Key: "last_ip", Title: "Last IP", Width: 110, Hidden: true, Search: true, shortest: partID, distinct: true, names: "ip"},
		text: device(func(c *directory.Chromebook) string { return c.LastIP })},
	{Column: Column{Key: "last_wan_ip", Title: "Last IP outside", Width: 110, Hidden: true, Search: true, shortest: partID, names: "ip"},
		text: device(func(c *directory.Chromebook) string { return c.LastWANIP })},
	{Column: Column{Key: "order_number", Title: "Order", Width: 110, Hidden: true, Search: true, names: "po"},
		text: device(func(c *directory.Chromebook) string { return c.OrderNumber })},
	{Column: Column{Key: "license", Title: "Licence", Width: 140, Hidden: true, Filter: true, Search: true},
		text: device(func(c *directory.Chromebook) string { return camelWords(c.License) })},
	{Column: Column{Key: "boot_mode", Title: "Boot mode", Width: 90, Hidden: true, Filter: true, Search: true, names: "boot"},
		text: device(func(c *directory.Chromebook) string { return c.BootMode })},
	{Column: Column{Key: "first_enrolled", Title: "First enrolled", Width: 120, Hidden: true, Search: true, names: "enrolled"},
		time: func(c *directory.Chromebook) time.Time { return c.FirstEnrolled }},
	{Column: Column{Key: "last_enrolled", Title: "Last enrolled", Width: 120, Hidden: true, Search: true},
		time: func(c *directory.Chromebook) time.Time { return c.LastEnrolled }},
	{Column: Column{Key: "deprovisioned", Title: "Deprovisioned", Width: 120, Hidden: true, Search: true},
		time: func(c *directory.Chromebook) time.Time { return c.Deprovisioned }},
	{Column: Column{Key: "deprovision_reason", Title: "Deprovision reason", Width: 130, Hidden: true, Filter: true, Search: true, names: "reason"},
		text: device(func(c *directory.Chromebook) string { return reasonWord(c.DeprovisionReason) })},
	{Column: Column{Key: "manufactured", Title: "Manufactured", Width: 110, Hidden: true, Search: true, day: true},
		text: device(func(c *directory.Chromebook) string { return string(c.Manufactured) })},
	{Column: Column{Key: noticeColumn, Title: "Notice", Width: 130, Hidden: true, Badge: true, Filter: true, Search: true, tone: noticeTone},
		text: device(func(*directory.Chromebook) string { return "" })}, // see [Rows.markDoubles]
	{Column: Column{Key: "aue_window", Title: "Updates end", Filter: true, tone: aueTone},
		text: func(c *directory.Chromebook, now time.Time) string { return aueBand(c.AutoUpdateExpiration, now) }},
	{Column: Column{Key: "aue_year", Title: "Updates end in", Filter: true},
		text: device(func(c *directory.Chromebook) string {
			return string(c.AutoUpdateExpiration[:min(4, len(c.AutoUpdateExpiration))])
		})},
	{Column: Column{Key: "os_major", Title: "ChromeOS release", Filter: true},
		text: device(func(c *directory.Chromebook) string { major, _, _ := strings.Cut(c.OSVersion, "."); return major })},
	{Column: Column{Key: "sync_age", Title: "Last sync", Filter: true},
		text: func(c *directory.Chromebook, now time.Time) string { return ageBand(c.LastSync, now) }},
	{Column: Column{Key: "gone", Title: "Gone", Filter: true, conceals: true, tone: func(string) Tone { return Muted }},
		text: device(func(c *directory.Chromebook) string {
			if c.Gone.IsZero() {
				return ""
			}
			return NoLongerInGoogle
		})},
	{Column: Column{Key: "device_id", Search: true, shortest: wholeID, distinct: true, key: true, names: "id"},
		text: device(func(c *directory.Chromebook) string { return c.DeviceID })},
}

// chromebookCharts are the pictures of the Chromebooks tab.
var chromebookCharts = []chart{
	{column: "aue_year", title: "Updates end", natural: true, schools: true},
	{column: "status", title: "Status"},
	{column: "model", title: "Models"},
	{column: "os_major", title: "ChromeOS releases", natural: true},
	{column: "sync_age", title: "Last sync", bands: ageBands},
}

// duplicateSerial is the notice of Chromebooks that have the same serial.
const duplicateSerial = "Duplicate serial"

// NoLongerInGoogle is the value of the column "gone" of a Chromebook that
// Google no longer lists. Such rows are shown only while filtered by it.
const NoLongerInGoogle = "No longer in Google"

func recentUsers(c *directory.Chromebook) string {
	emails := make([]string, 0, len(c.RecentUsers))
	for _, u := range c.RecentUsers {
		if u.Email != "" {
			emails = append(emails, u.Email)
		}
	}
	return strings.Join(emails, "; ")
}

// statusWords are Google's statuses; another one is shown as it comes.
var statusWords = map[string]string{
	"ACTIVE": "Active", "DISABLED": "Disabled", "DEPROVISIONED": "Deprovisioned", "PRE_PROVISIONED": "Pre-provisioned",
	"DELINQUENT": "Delinquent", "INACTIVE": "Inactive", "RETURN_ARRIVED": "Returned", "RETURN_REQUESTED": "Return requested",
	"SHIPPED": "Shipped", "UNKNOWN": "Unknown",
}

func statusWord(status string) string {
	if word, ok := statusWords[status]; ok {
		return word
	}
	return status
}

func statusTone(word string) Tone {
	switch word {
	case "Active":
		return Good
	case "Disabled", "Delinquent":
		return Bad
	case "Pre-provisioned", "Shipped":
		return Info
	case "":
		return Plain
	}
	return Muted
}

// The windows of the auto-update expiration.
const (
	aueOver   = "Over"
	aueSoon   = "Within 6 months"
	aueYear   = "Within a year"
	aueTwo    = "Within 2 years"
	aueBeyond = "Later"
)

func aueBand(day directory.Day, now time.Time) string {
	before := func(months int) bool { return string(day) < now.AddDate(0, months, 0).Format(time.DateOnly) }
	switch {
	case day == "":
		return ""
	case before(0):
		return aueOver
	case before(6):
		return aueSoon
	case before(12):
		return aueYear
	case before(24):
		return aueTwo
	}
	return aueBeyond
}

func aueTone(band string) Tone {
	switch band {
	case aueOver:
		return Bad
	case aueSoon:
		return Warn
	}
	return Plain
}

// ageBands are the bands of [ageBand] in their order.
var ageBands = []string{"Within a day", "Within a week", "Within a month", "Within 3 months", "Over 3 months ago", "Never"}

// ageBand says how long ago t was, roughly; unset is "Never".
func ageBand(t, now time.Time) string {
	const day = 24 * time.Hour
	switch age := now.Sub(t); {
	case t.IsZero():
		return "Never"
	case age < day:
		return "Within a day"
	case age < 7*day:
		return "Within a week"
	case age < 30*day:
		return "Within a month"
	case age < 90*day:
		return "Within 3 months"
	}
	return "Over 3 months ago"
}
