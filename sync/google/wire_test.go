package google

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	admin "google.golang.org/api/admin/directory/v1"
	"pgregory.net/rapid"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/sim"
)

// The names of the wire structs are the generated client's: a slip in one
// would be a field that is silently never there.
func TestWireNamesAreGoogles(t *testing.T) {
	for _, tc := range []struct{ wire, generated reflect.Type }{
		{reflect.TypeFor[user](), reflect.TypeFor[admin.User]()},
		{reflect.TypeFor[orgUnit](), reflect.TypeFor[admin.OrgUnit]()},
		{reflect.TypeFor[device](), reflect.TypeFor[admin.ChromeOsDevice]()},
	} {
		compareFields(t, tc.wire.Name(), tc.wire, tc.generated)
	}
}

// untyped are the types of fields that the generated client leaves open.
var untyped = map[string]reflect.Type{
	"externalIds":   reflect.TypeFor[admin.UserExternalId](),
	"organizations": reflect.TypeFor[admin.UserOrganization](),
	"phones":        reflect.TypeFor[admin.UserPhone](),
}

func compareFields(t *testing.T, at string, wire, generated reflect.Type) {
	for i := range wire.NumField() {
		f := wire.Field(i)
		name := jsonName(f)
		j := slices.IndexFunc(reflect.VisibleFields(generated), func(g reflect.StructField) bool { return jsonName(g) == name })
		if j < 0 {
			t.Errorf("%s.%s is no field of Google's %s", at, name, generated.Name())
			continue
		}
		g := reflect.VisibleFields(generated)[j]
		if strings.HasSuffix(f.Tag.Get("json"), ",string") != strings.HasSuffix(g.Tag.Get("json"), ",string") {
			t.Errorf("%s.%s: one is a number in a string, the other is not", at, name)
		}
		of, og := f.Type, g.Type
		if open, ok := untyped[name]; ok && og.Kind() == reflect.Interface {
			og = reflect.SliceOf(open)
		}
		if of.Kind() == reflect.Slice && og.Kind() == reflect.Slice {
			of, og = of.Elem(), og.Elem()
		}
		if og.Kind() == reflect.Pointer {
			og = og.Elem()
		}
		if of.Kind() != og.Kind() {
			t.Errorf("%s.%s is a %s at Google, a %s here", at, name, og.Kind(), of.Kind())
			continue
		}
		if of.Kind() == reflect.Struct {
			compareFields(t, at+"."+name, of, og)
		}
	}
}

// What Panel asks for is what it reads: a page that the mask has cut reads
// the same as the whole page.
func TestMaskLosesNothing(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 400, Chromebooks: 200})
	for _, l := range []directory.Listing{directory.People, directory.OrgUnits, directory.Chromebooks} {
		masked, err := list(t.Context(), d.source(), l, "")
		must(t, masked, err)
		whole := cloud.Page{}
		for _, id := range d.sorted("google/" + map[directory.Listing]string{
			directory.People: "users", directory.OrgUnits: "orgunits", directory.Chromebooks: "chromeosdevices"}[l]) {
			record, err := d.Record("google/"+map[directory.Listing]string{
				directory.People: "users", directory.OrgUnits: "orgunits", directory.Chromebooks: "chromeosdevices"}[l], id)
			if err != nil {
				t.Fatal(err)
			}
			decodeGenerated(t, l, record, &whole)
		}
		byID(&masked.Page)
		byID(&whole)
		whole.OrgUnits = slices.DeleteFunc(whole.OrgUnits, func(o directory.OrgUnit) bool { return o.Path == "/" })
		if diff := cmp.Diff(whole, masked.Page); diff != "" {
			t.Errorf("%s (-generated client, +Panel):\n%.3000s", l, diff)
		}
	}
}

func byID(p *cloud.Page) {
	slices.SortFunc(p.Accounts, func(a, b directory.Account) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(p.OrgUnits, func(a, b directory.OrgUnit) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(p.Chromebooks, func(a, b directory.Chromebook) int { return strings.Compare(a.DeviceID, b.DeviceID) })
}

// decodeGenerated reads a record by the generated client, then by way of what
// that marshals to: another reader than Panel's own.
func decodeGenerated(t *testing.T, l directory.Listing, record []byte, to *cloud.Page) {
	t.Helper()
	through := func(generated, wire any) {
		if err := json.Unmarshal(record, generated); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(generated)
		if err == nil {
			err = json.Unmarshal(b, wire)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	switch l {
	case directory.People:
		var u user
		through(&admin.User{}, &u)
		to.Accounts = append(to.Accounts, u.account())
	case directory.OrgUnits:
		var o orgUnit
		through(&admin.OrgUnit{}, &o)
		to.OrgUnits = append(to.OrgUnits, o.orgUnit())
	default:
		var d device
		through(&admin.ChromeOsDevice{}, &d)
		to.Chromebooks = append(to.Chromebooks, d.chromebook())
	}
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestAccount(t *testing.T) {
	for _, tc := range []struct {
		name, json string
		want       directory.Account
	}{
		{"whole", `{"id":"1","primaryEmail":"Ann@x.example","name":{"givenName":"Ann","familyName":"Li","fullName":"Ann Li"},
			"aliases":["a@x.example"],"nonEditableAliases":["ann@x.test-google-a.com"],"orgUnitPath":"/Staff","lastLoginTime":"2026-11-01T07:00:00.000Z",
			"externalIds":[{"value":"c","type":"custom"},{"value":"77","type":"organization"}],
			"organizations":[{"title":"Old","department":"X"},{"title":"Head","department":"Y","primary":true}],
			"phones":[{"value":"1","type":"home"},{"value":"2","type":"work","primary":true}]}`,
			directory.Account{ID: "1", Primary: "Ann@x.example", Aliases: []string{"a@x.example", "ann@x.test-google-a.com"}, DisplayName: "Ann Li",
				GivenName: "Ann", FamilyName: "Li", OrgUnit: "/Staff", EmployeeID: "77", Title: "Head", Department: "Y", Phone: "2",
				State: directory.Active, LastSignIn: at("2026-11-01T07:00:00Z")}},
		{"nothing preferred", `{"id":"1","externalIds":[{"value":"c","type":"custom"}],"organizations":[{"title":"T"}],"phones":[{"value":"1"}]}`,
			directory.Account{ID: "1", EmployeeID: "c", Title: "T", Phone: "1", State: directory.Active}},
		{"display name of its own", `{"id":"1","name":{"fullName":"Robert Smith","displayName":"Bob"}}`,
			directory.Account{ID: "1", DisplayName: "Bob", State: directory.Active}},
		{"never signed in", `{"id":"1","lastLoginTime":"1970-01-01T00:00:00.000Z"}`, directory.Account{ID: "1", State: directory.Active}},
		{"suspended", `{"id":"1","suspended":true}`, directory.Account{ID: "1", State: directory.Suspended}},
		{"archived before suspended", `{"id":"1","suspended":true,"archived":true}`, directory.Account{ID: "1", State: directory.Archived}},
		{"guest", `{"id":"1","isGuestUser":true}`, directory.Account{ID: "1", Guest: true, State: directory.Active}},
		{"path without slash", `{"id":"1","orgUnitPath":"Staff"}`, directory.Account{ID: "1", OrgUnit: "/Staff", State: directory.Active}},
		{"odd types", `{"id":"1","phones":{"value":"1"},"aliases":"x","name":[],"externalIds":[7,{"value":8}],"suspended":"true","x":{"y":[1,{}]}}`,
			directory.Account{ID: "1", State: directory.Active}},
		{"nulls", `{"id":"1","phones":null,"aliases":null,"name":null,"suspended":null,"orgUnitPath":null}`,
			directory.Account{ID: "1", State: directory.Active}},
		{"escapes", `{"id":"1","name":{"givenName":"Zo\u00eb \ud83d\ude00","familyName":"O\u0027Brien \"Q\" Núñez"}}`,
			directory.Account{ID: "1", GivenName: "Zoë 😀", FamilyName: `O'Brien "Q" Núñez`, State: directory.Active}},
	} {
		tc.want.Cloud = directory.Google
		var p cloud.Page
		if _, err := usersWire.read([]byte(`{"kind":"admin#directory#users","users":[`+tc.json+`]}`), &p); err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if diff := cmp.Diff([]directory.Account{tc.want}, p.Accounts); diff != "" {
			t.Errorf("%s (-want, +got):\n%s", tc.name, diff)
		}
	}
}

func TestChromebook(t *testing.T) {
	for _, tc := range []struct {
		name, json string
		want       directory.Chromebook
	}{
		{"whole", `{"deviceId":"d","serialNumber":"5CD","model":"M","status":"ACTIVE","orgUnitPath":"/Carts/12","annotatedAssetId":"00042",
			"annotatedUser":"u","annotatedLocation":"l","notes":"n\nm","recentUsers":[{"type":"USER_TYPE_MANAGED","email":"a@x.example"},{"type":"USER_TYPE_UNMANAGED"}],
			"osVersion":"91.0.4472.167","platformVersion":"13904.97.0 (Official Build) stable-channel lulu",
			"osUpdateStatus":{"state":"updateStateNeedReboot","updateCheckTime":"2026-11-01T07:00:00.000Z","targetOsVersion":"0.0.0.0"},
			"autoUpdateThrough":"2029-06-01","autoUpdateExpiration":"1622505600000","bootMode":"Verified","macAddress":"a4bb6d000001",
			"ethernetMacAddress":"A4:BB:6D:00:00:02","ethernetMacAddress0":"A4BB6D000003","dockMacAddress":"A4BB6D000004","meid":"35691509123456","orderNumber":"PO-1","deviceLicenseType":"educationUpgrade",
			"manufactureDate":"2024-05-01","firstEnrollmentTime":"2024-06-01T00:00:00Z","lastEnrollmentTime":"2025-06-01T00:00:00.5Z",
			"lastSync":"2026-11-02T07:00:00.000Z","deprovisionReason":"DEPROVISION_REASON_OTHER","lastDeprovisionTimestamp":"2026-11-03T07:00:00.000Z",
			"diskSpaceUsage":{"capacityBytes":"32000000000","usedBytes":"9000000000"},"systemRamTotal":"4000000000",
			"lastKnownNetwork":[{"ipAddress":"10.0.0.1","wanIpAddress":"203.0.113.1"},{"ipAddress":"10.0.0.2"}]}`,
			directory.Chromebook{DeviceID: "d", Serial: "5CD", Model: "M", Status: "ACTIVE", OrgUnit: "/Carts/12", AssetID: "00042",
				AnnotatedUser: "u", AnnotatedLocation: "l", Notes: "n\nm",
				RecentUsers: []directory.RecentUser{{Email: "a@x.example", Managed: true}, {}},
				OSVersion:   "91.0.4472.167", PlatformVersion: "13904.97.0 (Official Build) stable-channel lulu", Channel: "stable",
				UpdateState: "updateStateNeedReboot", UpdateChecked: at("2026-11-01T07:00:00Z"), AutoUpdateExpiration: "2029-06-01",
				BootMode: "Verified", MACAddress: "a4bb6d000001", EthernetMACAddress: "a4bb6d000002", DockMACAddress: "a4bb6d000004", MEID: "35691509123456",
				OrderNumber: "PO-1", License: "educationUpgrade", Manufactured: "2024-05-01",
				FirstEnrolled: at("2024-06-01T00:00:00Z"), LastEnrolled: at("2025-06-01T00:00:00.5Z"), LastSync: at("2026-11-02T07:00:00Z"),
				DeprovisionReason: "DEPROVISION_REASON_OTHER", Deprovisioned: at("2026-11-03T07:00:00Z"),
				StorageBytes: 32000000000, StorageUsed: 9000000000, MemoryBytes: 4000000000, LastIP: "10.0.0.1", LastWANIP: "203.0.113.1"}},
		{"bare", `{"deviceId":"d"}`, directory.Chromebook{DeviceID: "d"}},
		{"older expiration", `{"deviceId":"d","autoUpdateExpiration":"1622505600000"}`,
			directory.Chromebook{DeviceID: "d", AutoUpdateExpiration: "2021-06-01"}},
		{"expiration as a bare number", `{"deviceId":"d","autoUpdateExpiration":1622505600000}`,
			directory.Chromebook{DeviceID: "d", AutoUpdateExpiration: "2021-06-01"}},
		{"expiration as a time", `{"deviceId":"d","autoUpdateThrough":"2029-06-01T00:00:00Z"}`,
			directory.Chromebook{DeviceID: "d", AutoUpdateExpiration: "2029-06-01"}},
		{"oldest expiration", `{"deviceId":"d","supportEndDate":"2027-06-01T00:00:00.000Z"}`,
			directory.Chromebook{DeviceID: "d", AutoUpdateExpiration: "2027-06-01"}},
		{"newest expiration first", `{"deviceId":"d","supportEndDate":"2027-06-01T00:00:00.000Z","autoUpdateExpiration":"1622505600000"}`,
			directory.Chromebook{DeviceID: "d", AutoUpdateExpiration: "2021-06-01"}},
		{"no expiration", `{"deviceId":"d","autoUpdateExpiration":"0","autoUpdateThrough":"soon","supportEndDate":"1970-01-01T00:00:00.000Z"}`, directory.Chromebook{DeviceID: "d"}},
		{"days that mean never", `{"deviceId":"d","autoUpdateThrough":"1970-01-01","manufactureDate":"1970-01-01"}`, directory.Chromebook{DeviceID: "d"}},
		{"other days that mean never", `{"deviceId":"d","autoUpdateThrough":"0001-01-01T00:00:00Z","manufactureDate":"1969-12-31","autoUpdateExpiration":"1"}`,
			directory.Chromebook{DeviceID: "d"}},
		{"a day that means never beside a good one", `{"deviceId":"d","autoUpdateThrough":"1970-01-01","autoUpdateExpiration":"1622505600000"}`,
			directory.Chromebook{DeviceID: "d", AutoUpdateExpiration: "2021-06-01"}},
		{"IMEI", `{"deviceId":"d","meid":"356915091234567"}`, directory.Chromebook{DeviceID: "d", IMEI: "356915091234567"}},
		{"hexadecimal MEID", `{"deviceId":"d","meid":"A0000000002329"}`, directory.Chromebook{DeviceID: "d", MEID: "A0000000002329"}},
		{"new values", `{"deviceId":"d","status":"BRAND_NEW","deviceLicenseType":"x","bootMode":"Y"}`,
			directory.Chromebook{DeviceID: "d", Status: "BRAND_NEW", License: "x", BootMode: "Y"}},
		{"odd addresses", `{"deviceId":"d","macAddress":"unknown","ethernetMacAddress":"a4bb6d"}`,
			directory.Chromebook{DeviceID: "d", MACAddress: "unknown", EthernetMACAddress: "a4bb6d"}},
		{"built-in ethernet alone", `{"deviceId":"d","ethernetMacAddress0":"A4BB6D000003"}`,
			directory.Chromebook{DeviceID: "d", EthernetMACAddress: "a4bb6d000003"}},
		{"no channel", `{"deviceId":"d","platformVersion":"13904.97.0"}`,
			directory.Chromebook{DeviceID: "d", PlatformVersion: "13904.97.0"}},
		{"odd times", `{"deviceId":"d","lastSync":"yesterday","firstEnrollmentTime":"1622505600000","lastDeprovisionTimestamp":"1970-01-01T00:00:00.000Z"}`,
			directory.Chromebook{DeviceID: "d"}},
		{"odd numbers", `{"deviceId":"d","systemRamTotal":"much","diskSpaceUsage":{"capacityBytes":1e9}}`, directory.Chromebook{DeviceID: "d"}},
	} {
		var p cloud.Page
		if _, err := devicesWire.read([]byte(`{"kind":"admin#directory#chromeosdevices","chromeosdevices":[`+tc.json+`]}`), &p); err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if diff := cmp.Diff([]directory.Chromebook{tc.want}, p.Chromebooks); diff != "" {
			t.Errorf("%s (-want, +got):\n%s", tc.name, diff)
		}
	}
}

// Google leaves parents out of a listing with very many OUs.
func TestMissingParentsAreMadeUp(t *testing.T) {
	got := whole([]directory.OrgUnit{
		{ID: "id:c", Path: "/A/B/C", Name: "C", ParentPath: "/A/B"},
		{ID: "id:d", Path: "/A/B/..", Name: "..", ParentPath: "/A/B"},
		{ID: "id:e", Path: "/E", Name: "E"},
	}, map[string]string{"/A/B": "id:b"})
	want := []directory.OrgUnit{
		{ID: madeUpID("/A"), Path: "/A", Name: "A", ParentPath: "/"},
		{ID: "id:b", Path: "/A/B", Name: "B", ParentPath: "/A"},
		{ID: "id:d", Path: "/A/B/..", Name: "..", ParentPath: "/A/B"},
		{ID: "id:c", Path: "/A/B/C", Name: "C", ParentPath: "/A/B"},
		{ID: "id:e", Path: "/E", Name: "E", ParentPath: "/"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
	if id := madeUpID("/Secret Name"); strings.Contains(id, "Secret") || id == madeUpID("/Other") {
		t.Errorf("made-up id %q", id)
	}
}

// Whatever OUs are listed, the tree has every parent once.
func TestTreeIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := rapid.SliceOfDistinct(rapid.StringMatching(`(/[abc.]{1,2}){1,4}`), rapid.ID[string]).Draw(t, "paths")
		var units []directory.OrgUnit
		for _, p := range paths {
			parent, name := split(p)
			units = append(units, directory.OrgUnit{ID: "id:" + p, Path: p, Name: name, ParentPath: parent})
		}
		seen := map[string]int{"/": 1}
		all := whole(units, nil)
		for _, u := range all {
			seen[u.Path]++
			if u.Path != strings.TrimSuffix(u.ParentPath, "/")+"/"+u.Name {
				t.Fatalf("%q is not %q in %q", u.Path, u.Name, u.ParentPath)
			}
		}
		for _, u := range all {
			if seen[u.ParentPath] != 1 || seen[u.Path] != 1 {
				t.Fatalf("%q comes %d times, its parent %d times", u.Path, seen[u.Path], seen[u.ParentPath])
			}
		}
	})
}

// What is not a page is refused, whatever encoding/json would make of it.
func TestPageShapes(t *testing.T) {
	const kind = `"kind":"admin#directory#users"`
	for _, tc := range []struct {
		body string
		err  error
	}{
		{`{` + kind + `,"users":[{"id":"1"}]}`, nil},
		{` {` + kind + ` , "users" : [ ] , "etag" : "x" } ` + "\n", nil},
		{`{` + kind + `,"users":[{"id":"1"}],"users":[]}`, errTwice},
		{`{` + kind + `,` + kind + `,"users":[]}`, errTwice},
		{`{` + kind + `,"users":[]}{}`, errSyntax},
		{`{` + kind + `,"users":[]}` + "\x00", errSyntax},
		{`{` + kind + `,"users":[{"id":"1"}`, errEnds},
		{`{` + kind + `,"users":[{"id":"1`, errEnds},
		{`{` + kind + `,"users":[{"id":"1\u00`, errEnds},
		{`{` + kind + `,"users":[{"id":"1"},]}`, errSyntax},
		{`{` + kind + `,"users":[{"id":tru`, errEnds},
		{`{` + kind + `,"users":[01]}`, errSyntax},
		{`[]`, errScalar},
		{`<html>`, errSyntax},
		{``, errEnds},
	} {
		var p cloud.Page
		if _, err := usersWire.read([]byte(tc.body), &p); err != tc.err { //nolint:errorlint // the very value
			t.Errorf("%s: %v, want %v", tc.body, err, tc.err)
		}
	}
}

// FuzzPage holds the reader against encoding/json: the same texts are JSON,
// and a record says the same to both.
func FuzzPage(f *testing.F) {
	d := sim.New(sim.Config{People: 30, Chromebooks: 30})
	for i, id := range d.IDs("google/chromeosdevices") {
		if record, err := d.Record("google/chromeosdevices", id); err == nil && i < 10 {
			f.Add([]byte(record))
		}
	}
	f.Add([]byte(`{"deviceId":"\ud800\u00e9\n\"","systemRamTotal":"12","notes":null,"recentUsers":[{"email":"a"},{}],"diskSpaceUsage":{"capacityBytes":-0.5e+3}}`))
	f.Add([]byte("{\"notes\":\"\xff\xfe\"} "))
	f.Add([]byte(`[[[[]]],{"a":[1,2,{"b":false}]},true]`))
	f.Fuzz(func(t *testing.T, record []byte) {
		var got []device
		var body bytes.Buffer
		body.WriteString(`{"chromeosdevices":[`)
		body.Write(record)
		body.WriteString(`]}`)
		e, err := readPage(body.Bytes(), "chromeosdevices", deviceShape, func(d *device) { got = append(got, *d) })
		if err == errTwice { //nolint:errorlint // the very value
			return // encoding/json takes what came last
		}
		if valid := json.Valid(body.Bytes()); valid != (err == nil) {
			t.Fatalf("valid: %t, but %v", valid, err)
		}
		if err != nil || !e.listed {
			return
		}
		var want struct {
			Chromeosdevices []json.RawMessage `json:"chromeosdevices"`
		}
		if json.Unmarshal(body.Bytes(), &want) != nil || len(want.Chromeosdevices) != len(got) {
			t.Fatalf("%d records, want %d", len(got), len(want.Chromeosdevices))
		}
		for i, raw := range want.Chromeosdevices {
			var members map[string]json.RawMessage
			if json.Unmarshal(raw, &members) != nil {
				continue
			}
			for name, of := range map[string]string{"notes": got[i].Notes, "deviceId": got[i].DeviceID, "model": got[i].Model} {
				var s string
				_ = json.Unmarshal(members[name], &s) // "" for what is no string
				if !strings.Contains(string(raw), `"`+name+`"`) || bytes.Count(raw, []byte(name)) > 1 {
					continue // spelled with escapes, or more than once
				}
				if s != of {
					t.Fatalf("%s is %q, want %q", name, of, s)
				}
			}
		}
	})
}

// page300 is a page of Chromebooks as the mask makes Google send it.
func page300(tb testing.TB) []byte {
	tb.Helper()
	d := sim.New(sim.Config{People: 500, Chromebooks: 300})
	var records []json.RawMessage
	for _, id := range d.IDs("google/chromeosdevices") {
		full, err := d.Record("google/chromeosdevices", id)
		if err != nil {
			tb.Fatal(err)
		}
		records = append(records, masked(tb, full, reflect.TypeFor[device]()))
	}
	b, err := json.Marshal(map[string]any{"kind": "admin#directory#chromeosdevices", "chromeosdevices": records, "nextPageToken": "x"})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// masked is what a mask made of t leaves of an object's members.
func masked(tb testing.TB, record []byte, t reflect.Type) json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(record, &members); err != nil {
		tb.Fatal(err)
	}
	kept := map[string]json.RawMessage{}
	for i := range t.NumField() {
		if name := jsonName(t.Field(i)); members[name] != nil {
			kept[name] = members[name]
		}
	}
	b, err := json.Marshal(kept)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// The target is half the time of the generated client or less.
func BenchmarkDecode(b *testing.B) {
	body := page300(b)
	b.Run("panel", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var p cloud.Page
			if _, err := devicesWire.read(body, &p); err != nil || len(p.Chromebooks) != 300 {
				b.Fatal(err)
			}
		}
		b.ReportMetric(300*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("generated", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var p admin.ChromeOsDevices
			if err := json.Unmarshal(body, &p); err != nil || len(p.Chromeosdevices) != 300 {
				b.Fatal(err)
			}
		}
		b.ReportMetric(300*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
}
