package google

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
	"time"

	"panel/directory"
)

// The wire structs hold what Panel takes of Google's records, and nothing
// else: the partial-response masks are made from them, so Google sends
// exactly this.

type user struct {
	ID           string `json:"id"`
	PrimaryEmail string `json:"primaryEmail"`
	Name         struct {
		GivenName   string `json:"givenName"`
		FamilyName  string `json:"familyName"`
		FullName    string `json:"fullName"`
		DisplayName string `json:"displayName"`
	} `json:"name"`
	Aliases            []string       `json:"aliases"`
	NonEditableAliases []string       `json:"nonEditableAliases"`
	OrgUnitPath        string         `json:"orgUnitPath"`
	Suspended          bool           `json:"suspended"`
	Archived           bool           `json:"archived"`
	IsGuestUser        bool           `json:"isGuestUser"`
	LastLoginTime      string         `json:"lastLoginTime"`
	ExternalIDs        []externalID   `json:"externalIds"`
	Organizations      []organization `json:"organizations"`
	Phones             []phone        `json:"phones"`
}

type externalID struct {
	Value string `json:"value"`
	Type  string `json:"type"`
}

type organization struct {
	Title      string `json:"title"`
	Department string `json:"department"`
	Primary    bool   `json:"primary"`
}

type phone struct {
	Value   string `json:"value"`
	Primary bool   `json:"primary"`
}

type orgUnit struct {
	OrgUnitID         string `json:"orgUnitId"`
	OrgUnitPath       string `json:"orgUnitPath"`
	Name              string `json:"name"`
	Description       string `json:"description"`
	ParentOrgUnitID   string `json:"parentOrgUnitId"`
	ParentOrgUnitPath string `json:"parentOrgUnitPath"`
}

type device struct {
	DeviceID             string       `json:"deviceId"`
	SerialNumber         string       `json:"serialNumber"`
	Model                string       `json:"model"`
	Status               string       `json:"status"`
	OrgUnitPath          string       `json:"orgUnitPath"`
	AnnotatedAssetID     string       `json:"annotatedAssetId"`
	AnnotatedUser        string       `json:"annotatedUser"`
	AnnotatedLocation    string       `json:"annotatedLocation"`
	Notes                string       `json:"notes"`
	RecentUsers          []recentUser `json:"recentUsers"`
	OSVersion            string       `json:"osVersion"`
	PlatformVersion      string       `json:"platformVersion"`
	OSUpdateStatus       updateStatus `json:"osUpdateStatus"`
	AutoUpdateThrough    string       `json:"autoUpdateThrough"`
	AutoUpdateExpiration int64        `json:"autoUpdateExpiration,string"` // unix milliseconds, deprecated
	BootMode             string       `json:"bootMode"`
	MACAddress           string       `json:"macAddress"`
	EthernetMACAddress   string       `json:"ethernetMacAddress"`
	MEID                 string       `json:"meid"` // or IMEI, says the discovery document
	OrderNumber          string       `json:"orderNumber"`
	DeviceLicenseType    string       `json:"deviceLicenseType"`
	ManufactureDate      string       `json:"manufactureDate"`
	FirstEnrollmentTime  string       `json:"firstEnrollmentTime"`
	LastEnrollmentTime   string       `json:"lastEnrollmentTime"`
	LastSync             string       `json:"lastSync"`
	DeprovisionReason    string       `json:"deprovisionReason"`
	LastDeprovision      string       `json:"lastDeprovisionTimestamp"`
	DiskSpaceUsage       byteUsage    `json:"diskSpaceUsage"`
	SystemRAMTotal       int64        `json:"systemRamTotal,string"`
	LastKnownNetwork     []network    `json:"lastKnownNetwork"`
}

type recentUser struct {
	Type  string `json:"type"`
	Email string `json:"email"`
}

type updateStatus struct {
	State           string `json:"state"`
	UpdateCheckTime string `json:"updateCheckTime"`
}

type byteUsage struct {
	CapacityBytes int64 `json:"capacityBytes,string"`
	UsedBytes     int64 `json:"usedBytes,string"`
}

type network struct {
	IPAddress    string `json:"ipAddress"`
	WANIPAddress string `json:"wanIpAddress"`
}

// mask is the partial-response selection of t's fields,
// "id,name(givenName,familyName)".
func mask(t reflect.Type) string {
	names := make([]string, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		below := f.Type
		if below.Kind() == reflect.Slice {
			below = below.Elem()
		}
		name := jsonName(f)
		if below.Kind() == reflect.Struct {
			name += "(" + mask(below) + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ",")
}

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
	return "id:unlisted-" + hex.EncodeToString(sum[:8])
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
		EthernetMACAddress: mac(d.EthernetMACAddress),
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
	if c.AutoUpdateExpiration == "" && d.AutoUpdateExpiration > 0 {
		c.AutoUpdateExpiration = directory.DayOf(time.UnixMilli(d.AutoUpdateExpiration))
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

// moment reads an RFC 3339 time. What is none, or 1970, with which Google
// says never, is the zero time.
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

// day reads a date, or the date of a time; "" for anything else.
func day(s string) directory.Day {
	if len(s) < len(time.DateOnly) || len(s) > len(time.DateOnly) && s[len(time.DateOnly)] != 'T' {
		return ""
	}
	s = s[:len(time.DateOnly)]
	if _, err := time.Parse(time.DateOnly, s); err != nil {
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
