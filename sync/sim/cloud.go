package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config says how large a district to make. Fields that are zero (or negative) take the defaults; Counts says how many records that makes.
type Config struct {
	People      int       // Google users; default 3000, at most 900,000
	Chromebooks int       // default 2000
	Seed        uint64    // default 1; the same seed, sizes and day make the same district
	Now         time.Time // the district's dates hang on its day; default time.Now at New
}

// Credentials are what a technician would have in hand: the OAuth client of the district's Cloud project, and the app registration.
type Credentials struct {
	GoogleClientID, GoogleClientSecret string
	Tenant                             string // Directory (tenant) ID, a GUID
	AzureClientID, AzureClientSecret   string
}

// The kinds of records, as Put, Delete and the control paths name them.
const (
	googleUsers     = "google/users"
	googleOrgUnits  = "google/orgunits"
	chromeosDevices = "google/chromeosdevices"
	microsoftUsers  = "microsoft/users"
)

// Cloud is the simulated Google and Microsoft with one district in them. All its methods may be called at any time from any goroutine.
type Cloud struct {
	Credentials
	ca     *authority
	people int // Counts.People

	mu        sync.RWMutex // guards the district as changed: everything down to the blank line
	district  *district
	tables    map[string]*table
	userOrder []int32          // rows of Google users, by address
	userKeys  map[int32]string // lower-case address of the users that Put changed
	log       []change         // what happened to Microsoft users since New

	devices  deviceIndex
	google   grants
	graph    graphTokens
	switches switches
}

// New makes a district and the clouds around it.
func New(config Config) *Cloud {
	if config.People <= 0 {
		config.People = 3000
	}
	if config.Chromebooks <= 0 {
		config.Chromebooks = 2000
	}
	if config.Seed == 0 {
		config.Seed = 1
	}
	if config.Now.IsZero() {
		config.Now = time.Now()
	}
	config.People = min(config.People, 900_000) // a Google id has room for no more
	d := newDistrict(config)
	c := &Cloud{district: d, Credentials: credentials(d), userKeys: map[int32]string{}, userOrder: d.byEmail()}
	c.tables = map[string]*table{
		googleUsers: {idField: "id", needs: "primaryEmail", made: int32(len(d.people)), make: d.googleUser, idOf: d.googleID, rowOf: d.googleRow,
			defaults: `{"kind":"admin#directory#user","etag":"\"new\"","suspended":false,"archived":false,"orgUnitPath":"/"}`},
		googleOrgUnits: {idField: "orgUnitId", needs: "orgUnitPath", made: int32(len(d.ous)), make: d.orgUnit,
			rowOf:    func(id string) (int32, bool) { row, ok := d.ouRows[id]; return row, ok },
			idOf:     func(row int32) string { return "id:" + orgUnitID(d.seed, row) },
			defaults: `{"kind":"admin#directory#orgUnit","etag":"\"new\""}`},
		chromeosDevices: {idField: "deviceId", needs: "orgUnitPath", made: d.devices, make: d.chromebook,
			rowOf:    func(id string) (int32, bool) { return d.guidRow('d', id) },
			idOf:     func(row int32) string { return d.guid('d', row) },
			defaults: `{"kind":"admin#directory#chromeosdevice","etag":"\"new\"","status":"ACTIVE","orgUnitPath":"/"}`},
		microsoftUsers: {idField: "id", needs: "userPrincipalName", made: int32(len(d.microsoft)), make: d.graphUser, keepNull: true,
			rowOf:    func(id string) (int32, bool) { return d.guidRow('m', id) },
			idOf:     func(row int32) string { return d.guid('m', row) },
			defaults: `{"accountEnabled":true,"userType":"Member"}`},
	}
	if err := c.perform(); err != nil {
		panic("sim: the cast does not fit the district: " + err.Error())
	}
	c.people = d.persons()
	c.ca = newAuthority()
	c.switches.reset()
	return c
}

// credentials depend on the seed alone, so that a profile written for one run fits the next one of the same seed.
func credentials(d *district) Credentials {
	r := dice(d.draw(drawCredentials, 0))
	text := func(n int) string {
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		b := make([]byte, n)
		for i := range b {
			b[i] = letters[r.n(len(letters))]
		}
		return string(b)
	}
	return Credentials{
		GoogleClientID:     fmt.Sprintf("5613%08d-%s.apps.googleusercontent.com", r.n(100_000_000), strings.ToLower(text(32))),
		GoogleClientSecret: "GOCSPX-" + text(28),
		Tenant:             d.guid('t', 0),
		AzureClientID:      d.guid('c', 0),
		AzureClientSecret:  text(3) + "8Q~" + text(34),
	}
}

// Counts are the accounts and devices that the clouds hold now.
type Counts struct {
	GoogleUsers    int
	OrgUnits       int // with the root, which a listing of type all leaves out
	Chromebooks    int
	MicrosoftUsers int
	// People are the persons that both clouds' accounts make, when those that share an address are one. It is of the district as New made
	// it: Put and Delete do not change it.
	People int
}

// Counts says what a complete listing of each kind would bring. A fresh district has as many Google users and Chromebooks as Config says;
// in Microsoft about 92 in 100 of these people and, beyond them, the larger of 8 and 2 in 100 (guests, shared mailboxes, rooms), of whom 4
// were deleted before the story begins.
func (c *Cloud) Counts() Counts {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Counts{
		GoogleUsers:    c.tables[googleUsers].count(),
		OrgUnits:       c.tables[googleOrgUnits].count(),
		Chromebooks:    c.tables[chromeosDevices].count(),
		MicrosoftUsers: c.tables[microsoftUsers].count(),
		People:         c.people,
	}
}

// Put changes the record id of a kind (google/users, google/orgunits, google/chromeosdevices, microsoft/users): record is a JSON merge-patch
// over the record as it is, over the record as it was when id was deleted (which brings it back), or else over nothing (which creates it).
// A null removes a member; of a Microsoft user it clears the property, as a delta then says. A device's orgUnitId follows its orgUnitPath;
// what else follows (a renamed OU's people, say) is the caller's to put. An OU's id is taken with or without "id:".
func (c *Cloud) Put(kind, id string, record json.RawMessage) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.put(kind, id, string(record))
}

// put is Put for who holds c.mu.
func (c *Cloud) put(kind, id, record string) error {
	t, id, err := c.table(kind, id)
	if err != nil {
		return err
	}
	if kind == chromeosDevices {
		record = c.withOrgUnitID(record)
	}
	row, names, err := t.put(id, json.RawMessage(record))
	if err != nil {
		return fmt.Errorf("put %s: %w", kind, err)
	}
	switch kind {
	case googleUsers:
		c.reorder(row)
	case microsoftUsers:
		c.log = append(c.log, change{row: row, names: names})
	default:
		c.devices.forget(kind == googleOrgUnits)
	}
	return nil
}

// withOrgUnitID adds to a device's patch the id of the OU that it moves to.
func (c *Cloud) withOrgUnitID(patch string) string {
	var move struct{ OrgUnitPath, OrgUnitID string }
	if json.Unmarshal([]byte(patch), &move) != nil || move.OrgUnitPath == "" || move.OrgUnitID != "" {
		return patch
	}
	to, ok := c.findOrgUnit(move.OrgUnitPath)
	if !ok {
		return patch
	}
	both, err := mergePatch(json.RawMessage(patch), json.RawMessage(`{"orgUnitId":`+quote(to.id)+`}`), true)
	if err != nil {
		return patch
	}
	return string(both)
}

// Delete removes the record id of a kind. A Microsoft user becomes a tombstone of reason changed: in the bin, and back after a Put.
func (c *Cloud) Delete(kind, id string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	t, id, err := c.table(kind, id)
	if err != nil {
		return err
	}
	row, ok := t.delete(id)
	if !ok {
		return fmt.Errorf("delete %s: there is no such record", kind)
	}
	switch kind {
	case microsoftUsers:
		c.log = append(c.log, change{row: row, removed: true})
	case chromeosDevices, googleOrgUnits:
		c.devices.forget(kind == googleOrgUnits)
	}
	return nil
}

// Record returns the record id of a kind as it is now, with all its members.
func (c *Cloud) Record(kind, id string) (json.RawMessage, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t, id, err := c.table(kind, id)
	if err != nil {
		return nil, err
	}
	row, ok := t.find(id)
	if !ok || t.gone[row] {
		return nil, fmt.Errorf("%s: there is no such record", kind)
	}
	return t.append(nil, row), nil
}

// IDs returns the ids of all records of a kind, in no particular order but always the same one.
func (c *Cloud) IDs(kind string) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t, _, err := c.table(kind, "")
	if err != nil {
		return nil
	}
	var ids []string
	for row := range t.rows() {
		if !t.gone[row] {
			ids = append(ids, t.id(row))
		}
	}
	return ids
}

func (c *Cloud) table(kind, id string) (*table, string, error) {
	t := c.tables[kind]
	if t == nil {
		return nil, "", fmt.Errorf("%q is no kind of record: want %s, %s, %s or %s", kind, googleUsers, googleOrgUnits, chromeosDevices, microsoftUsers)
	}
	if kind == googleOrgUnits && !strings.HasPrefix(id, "id:") {
		id = "id:" + id
	}
	return t, id, nil
}

// userKey is what Google sorts users by.
func (c *Cloud) userKey(row int32) string {
	if key, ok := c.userKeys[row]; ok {
		return key
	}
	return c.district.people[row].email
}

// reorder puts a user whose address may be new in its place. It needs c.mu.
func (c *Cloud) reorder(row int32) {
	key := strings.ToLower(stringMember(c.tables[googleUsers].changed[row], "primaryEmail"))
	if at, ok := c.userAt(row); ok {
		c.userOrder = slices.Delete(c.userOrder, at, at+1)
	}
	c.userKeys[row] = key
	at, _ := c.userAt(row)
	c.userOrder = slices.Insert(c.userOrder, at, row)
}

func (c *Cloud) userAt(row int32) (int, bool) {
	if row >= c.tables[googleUsers].made && c.userKeys[row] == "" {
		return 0, false
	}
	key := c.userKey(row)
	return slices.BinarySearchFunc(c.userOrder, row, func(a, _ int32) int {
		return cmp.Or(cmp.Compare(c.userKey(a), key), cmp.Compare(a, row))
	})
}
