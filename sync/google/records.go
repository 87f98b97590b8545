package google

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"panel/directory"
)

func (u *user) account() directory.Account {
	a := directory.Account{
		Cloud:       directory.Google,
		ID:          u.ID,
		Primary:     u.PrimaryEmail,
		DisplayName: u.Name.DisplayName,
		GivenName:   u.Name.GivenName,
		FamilyName:  u.Name.FamilyName,
		OrgUnit:     absolute(u.OrgUnitPath),
		Guest:       u.IsGuestUser,
		State:       directory.Active,
		LastSignIn:  moment(u.LastLoginTime),
	}
	if n := len(u.Aliases) + len(u.NonEditableAliases); n > 0 {
		a.Aliases = append(append(make([]string, 0, n), u.Aliases...), u.NonEditableAliases...)
	}
	if a.DisplayName == "" {
		a.DisplayName = u.Name.FullName
	}
	switch {
	case u.Archived:
		a.State = directory.Archived
	case u.Suspended:
		a.State = directory.Suspended
	}
	if x := choose(u.ExternalIDs, func(x *externalID) bool { return x.Type == "organization" }); x != nil {
		a.EmployeeID = x.Value
	}
	if o := choose(u.Organizations, func(o *organization) bool { return o.Primary }); o != nil {
		a.Title, a.Department = o.Title, o.Department
	}
	if p := choose(u.Phones, func(p *phone) bool { return p.Primary }); p != nil {
		a.Phone = p.Value
	}
	return a
}

// choose returns the first of all that is preferred, else the first, else
// nil.
func choose[T any](all []T, preferred func(*T) bool) *T {
	for i := range all {
		if preferred(&all[i]) {
			return &all[i]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

func (o *orgUnit) orgUnit() directory.OrgUnit {
	return directory.OrgUnit{
		ID:          prefixed(o.OrgUnitID),
		Path:        absolute(o.OrgUnitPath),
		Name:        o.Name,
		Description: o.Description,
		ParentPath:  absolute(o.ParentOrgUnitPath),
	}
}

// prefixed is an OU's id as OUs carry it: devices leave the "id:" out.
func prefixed(id string) string {
	if id == "" || strings.HasPrefix(id, "id:") {
		return id
	}
	return "id:" + id
}

// madeUpID is the id of an OU whose own is unknown. It tells nobody the path.
func madeUpID(path string) string {
	sum := sha256.Sum256([]byte(path))
	return directory.UnlistedID + hex.EncodeToString(sum[:8])
}

func (d *device) chromebook() directory.Chromebook {
	c := directory.Chromebook{
		DeviceID:          d.DeviceID,
		Serial:            d.SerialNumber,
		Model:             d.Model,
		Status:            d.Status,
		OrgUnit:           absolute(d.OrgUnitPath),
		AssetID:           d.AnnotatedAssetID,
		AnnotatedUser:     d.AnnotatedUser,
		AnnotatedLocation: d.AnnotatedLocation,
		Notes:             d.Notes,

		OSVersion:            d.OSVersion,
		PlatformVersion:      d.PlatformVersion,
		Channel:              channel(d.PlatformVersion),
		UpdateState:          d.OSUpdateStatus.State,
		UpdateChecked:        moment(d.OSUpdateStatus.UpdateCheckTime),
		AutoUpdateExpiration: day(d.AutoUpdateThrough),

		BootMode:           d.BootMode,
		MACAddress:         mac(d.MACAddress),
		EthernetMACAddress: mac(cmp.Or(d.EthernetMACAddress, d.EthernetMACAddress0)),
		DockMACAddress:     mac(d.DockMACAddress),
		OrderNumber:        d.OrderNumber,
		License:            d.DeviceLicenseType,
		Manufactured:       day(d.ManufactureDate),

		FirstEnrolled:     moment(d.FirstEnrollmentTime),
		LastEnrolled:      moment(d.LastEnrollmentTime),
		LastSync:          moment(d.LastSync),
		DeprovisionReason: d.DeprovisionReason,
		Deprovisioned:     moment(d.LastDeprovision),

		StorageBytes: d.DiskSpaceUsage.CapacityBytes,
		StorageUsed:  d.DiskSpaceUsage.UsedBytes,
		MemoryBytes:  d.SystemRAMTotal,
	}
	if c.AutoUpdateExpiration == "" {
		c.AutoUpdateExpiration = day(time.UnixMilli(d.AutoUpdateExpiration).UTC().Format(time.RFC3339))
	}
	if c.AutoUpdateExpiration == "" {
		c.AutoUpdateExpiration = day(d.SupportEndDate)
	}
	if isIMEI(d.MEID) {
		c.IMEI = d.MEID
	} else {
		c.MEID = d.MEID
	}
	if len(d.RecentUsers) > 0 {
		c.RecentUsers = make([]directory.RecentUser, len(d.RecentUsers))
		for i, u := range d.RecentUsers {
			c.RecentUsers[i] = directory.RecentUser{Email: u.Email, Managed: u.Type == "USER_TYPE_MANAGED"}
		}
	}
	if len(d.LastKnownNetwork) > 0 {
		c.LastIP, c.LastWANIP = d.LastKnownNetwork[0].IPAddress, d.LastKnownNetwork[0].WANIPAddress
	}
	return c
}

// absolute is an OU's path with its leading slash, which the documentation of
// devices leaves out; "" stays unknown.
func absolute(path string) string {
	if path == "" || path[0] == '/' {
		return path
	}
	return "/" + path
}

// epoch is the day with which Google says never.
const epoch = "1970-01-01"

// moment reads an RFC 3339 time. What is none, or the epoch, is the zero
// time.
func moment(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Unix() <= 0 {
		return time.Time{}
	}
	return t.UTC()
}

// day reads a date, or the date of a time; "" for anything else, and for the
// epoch or earlier.
func day(s string) directory.Day {
	if len(s) < len(time.DateOnly) || len(s) > len(time.DateOnly) && s[len(time.DateOnly)] != 'T' {
		return ""
	}
	s = s[:len(time.DateOnly)]
	if _, err := time.Parse(time.DateOnly, s); err != nil || s <= epoch {
		return ""
	}
	return directory.Day(s)
}

// mac is an address in one spelling, 12 hexadecimal digits in lower case,
// since Google's own differs from field to field. What is not one stays as it
// is.
func mac(s string) string {
	var hexed [12]byte
	n := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ':' || c == '-' || c == '.':
			continue
		case 'A' <= c && c <= 'F':
			c += 'a' - 'A'
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f':
		default:
			return s
		}
		if n == len(hexed) {
			return s
		}
		hexed[n] = c
		n++
	}
	if n != len(hexed) || s == string(hexed[:]) {
		return s
	}
	return string(hexed[:])
}

// channel is the release channel in a platform version:
// "13904.97.0 (Official Build) stable-channel lulu".
func channel(platform string) string {
	before, _, ok := strings.Cut(platform, "-channel")
	if !ok {
		return ""
	}
	return before[strings.LastIndexByte(before, ' ')+1:]
}

// isIMEI tells an IMEI, which has 15 or 16 decimal digits, from a MEID, which
// has 14 hexadecimal ones.
func isIMEI(s string) bool {
	if len(s) != 15 && len(s) != 16 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
