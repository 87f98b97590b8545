package google

import (
	"reflect"
	"strings"
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
	SupportEndDate       string       `json:"supportEndDate"`
	BootMode             string       `json:"bootMode"`
	MACAddress           string       `json:"macAddress"`
	EthernetMACAddress   string       `json:"ethernetMacAddress"`
	EthernetMACAddress0  string       `json:"ethernetMacAddress0"` // of the built-in port
	DockMACAddress       string       `json:"dockMacAddress"`
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
