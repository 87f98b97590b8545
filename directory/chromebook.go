package directory

import "time"

// Day is a calendar day as "YYYY-MM-DD"; empty is unknown. Days compare as
// strings.
type Day string

// DayOf returns the day of t in UTC, "" for the zero time.
func DayOf(t time.Time) Day {
	if t.IsZero() {
		return ""
	}
	return Day(t.UTC().Format(time.DateOnly))
}

// RecentUser is one entry of a Chromebook's list of recent users.
type RecentUser struct {
	// Email is empty for a user that the district does not manage.
	Email   string
	Managed bool
}

// Chromebook is one ChromeOS device as Google lists it. Enumerations keep
// Google's own spelling, so that a new value is shown rather than lost.
type Chromebook struct {
	DeviceID string
	Serial   string
	Model    string
	// Status is ACTIVE, DISABLED, DEPROVISIONED, PRE_PROVISIONED, …
	Status  string
	OrgUnit string

	AssetID           string
	AnnotatedUser     string
	AnnotatedLocation string
	Notes             string
	// RecentUsers is newest first; volatile.
	RecentUsers []RecentUser

	OSVersion       string
	PlatformVersion string
	// Channel is derived from the platform version: stable, beta, …
	Channel     string
	UpdateState string
	// UpdateChecked is volatile.
	UpdateChecked time.Time
	// AutoUpdateExpiration is autoUpdateThrough, else the older
	// autoUpdateExpiration, else supportEndDate.
	AutoUpdateExpiration Day

	BootMode   string
	MACAddress string
	// EthernetMACAddress is the one that the Chromebook says it has, else that
	// of its built-in port.
	EthernetMACAddress string
	// DockMACAddress is what the Chromebook passes on to its dock.
	DockMACAddress string
	IMEI           string
	MEID           string
	OrderNumber    string
	License        string
	Manufactured   Day

	FirstEnrolled time.Time
	LastEnrolled  time.Time
	// LastSync is volatile.
	LastSync          time.Time
	DeprovisionReason string
	Deprovisioned     time.Time

	// StorageBytes and MemoryBytes are capacities, 0 when unknown;
	// StorageUsed is volatile.
	StorageBytes int64
	StorageUsed  int64
	MemoryBytes  int64
	// LastIP and LastWANIP are volatile.
	LastIP    string
	LastWANIP string

	// Gone is when Panel concluded that Google no longer lists the device;
	// zero while it does. No cloud says it, so it takes no part in [Diff].
	Gone time.Time
}

// Name is what to call c: the serial, else the asset id, else the device id.
func (c *Chromebook) Name() string {
	switch {
	case c.Serial != "":
		return c.Serial
	case c.AssetID != "":
		return c.AssetID
	}
	return c.DeviceID
}

// UnlistedID begins the ID of an OU that Google does not list although it lists
// one below it: its own ID is not known.
const UnlistedID = "id:unlisted-"

// OrgUnit is one organizational unit of Google. The root, "/", is never
// listed by Google and never stored.
type OrgUnit struct {
	// ID carries Google's prefix "id:"; see [UnlistedID].
	ID          string
	Path        string
	Name        string
	Description string
	ParentPath  string
}
