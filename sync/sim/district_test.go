package sim

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func everything(c *Cloud) map[string][]string {
	all := map[string][]string{}
	for kind, t := range c.tables {
		for row := range t.rows() {
			all[kind] = append(all[kind], string(t.append(nil, row)))
		}
	}
	return all
}

func TestSameSeedSameDistrict(t *testing.T) {
	config := Config{People: 500, Chromebooks: 300, Seed: 9, Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	a := New(config)
	config.Now = config.Now.Add(8 * time.Hour) // the same day
	b := New(config)
	if a.Credentials != b.Credentials {
		t.Error("the credentials differ")
	}
	one, two := everything(a), everything(b)
	for kind := range one {
		if !slices.Equal(one[kind], two[kind]) {
			t.Errorf("%s differ", kind)
		}
	}
	config.Seed = 10
	if other := everything(New(config)); slices.Equal(one[googleUsers], other[googleUsers]) {
		t.Error("another seed made the same people")
	}
}

func TestSizes(t *testing.T) {
	for _, config := range []Config{{}, {People: 1, Chromebooks: 1}, {People: 8, Chromebooks: 5}, {People: 1500, Chromebooks: 2500}} {
		c := New(config)
		if config.People == 0 {
			config.People, config.Chromebooks = 3000, 2000
		}
		got := c.Counts()
		if got.GoogleUsers != config.People || got.Chromebooks != config.Chromebooks || got.OrgUnits < 20 {
			t.Errorf("%+v made %+v", config, got)
		}
		for kind, n := range map[string]int{googleUsers: got.GoogleUsers, googleOrgUnits: got.OrgUnits, chromeosDevices: got.Chromebooks, microsoftUsers: got.MicrosoftUsers} {
			ids := c.IDs(kind)
			slices.Sort(ids)
			if len(slices.Compact(ids)) != n {
				t.Errorf("%+v: %d ids of %s for %d records", config, len(slices.Compact(ids)), kind, n)
			}
			for _, id := range ids {
				if record, err := c.Record(kind, id); err != nil || !json.Valid(record) {
					t.Fatalf("%s: %s, %v", kind, record, err)
				}
			}
		}
	}
}

// addresses are those of an account that link it to others.
func addresses(record []byte) (out []string) {
	var v struct {
		PrimaryEmail, UserPrincipalName, Mail       string
		Aliases, NonEditableAliases, ProxyAddresses []string
	}
	if json.Unmarshal(record, &v) != nil {
		return nil
	}
	out = append(append(out, v.PrimaryEmail, v.Mail), append(v.Aliases, v.NonEditableAliases...)...)
	if !strings.Contains(v.UserPrincipalName, "#EXT#") {
		out = append(out, v.UserPrincipalName)
	}
	for _, p := range v.ProxyAddresses {
		if address, ok := strings.CutPrefix(strings.ToLower(p), "smtp:"); ok {
			out = append(out, address)
		}
	}
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(s string) bool { return s == "" })
}

// Counts.People is what joining the accounts by their addresses finds: a Microsoft account belongs to the Google user whose primary address
// is its UPN, else its mail, else to the only one it shares an address with.
func TestPeopleAreTheAccountsJoined(t *testing.T) {
	for _, n := range []int{0, 3, 7, 8, 40} {
		c := New(Config{People: n, Seed: 3})
		primary, sharing := map[string]string{}, map[string][]string{}
		for _, id := range c.IDs(googleUsers) {
			record, err := c.Record(googleUsers, id)
			if err != nil {
				t.Fatal(err)
			}
			primary[stringMember(record, "primaryEmail")] = id
			for _, a := range addresses(record) {
				sharing[a] = append(sharing[a], id)
			}
		}
		taken := map[string]bool{}
		people := len(primary)
		for _, id := range c.IDs(microsoftUsers) {
			record, err := c.Record(microsoftUsers, id)
			if err != nil {
				t.Fatal(err)
			}
			owner := primary[strings.ToLower(stringMember(record, "userPrincipalName"))]
			if owner == "" {
				owner = primary[strings.ToLower(stringMember(record, "mail"))]
			}
			if owner == "" {
				var candidates []string
				for _, a := range addresses(record) {
					candidates = append(candidates, sharing[a]...)
				}
				slices.Sort(candidates)
				if candidates = slices.Compact(candidates); len(candidates) == 1 {
					owner = candidates[0]
				}
			}
			if owner == "" {
				people++
			} else if taken[owner] {
				t.Errorf("%d people: two Microsoft accounts belong to %s", n, owner)
			}
			taken[owner] = true
		}
		delete(taken, "")
		if got := c.Counts().People; got != people {
			t.Errorf("%d Google users: Counts says %d people, the addresses %d", n, got, people)
		}
	}
}

func TestTheDistrictHasItsOddities(t *testing.T) {
	c := New(Config{})
	all := everything(c)
	for what, in := range map[string]string{
		`"primaryEmail":"bob@cedarvalley.example"`:   googleUsers,
		`"lastLoginTime":"1970-01-01T00:00:00.000Z"`: googleUsers,
		`"archived":true`:                                             googleUsers,
		`"annotatedAssetId":"00042"`:                                  chromeosDevices,
		`"notes":"Screen replaced in March.\nCharger`:                 chromeosDevices,
		`"status":"A_STATUS_OF_TOMORROW"`:                             chromeosDevices,
		`"type":"USER_TYPE_UNMANAGED"`:                                chromeosDevices,
		`"targetOsVersion":"0.0.0.0"`:                                 chromeosDevices,
		`"status":"DEPROVISIONED"`:                                    chromeosDevices,
		`"orgUnitPath":"/Carts/STEM + Robotics #1"`:                   chromeosDevices,
		`"displayName":"Bob Smith"`:                                   microsoftUsers,
		`"userPrincipalName":"MARIA.CASTELLANOS@cedarvalley.example"`: microsoftUsers,
		`#EXT#@cedarvalley.onmicrosoft.example`:                       microsoftUsers,
		`"externalUserState":"PendingAcceptance"`:                     microsoftUsers,
		`"displayName":"Front Office (shared)"`:                       microsoftUsers,
		`"name":"École bilingue 100%"`:                                googleOrgUnits,
	} {
		if !slices.ContainsFunc(all[in], func(r string) bool { return strings.Contains(r, what) }) {
			t.Errorf("nobody in %s has %s", in, what)
		}
	}
	lacking := func(kind, member string) (n int) {
		for _, r := range all[kind] {
			if !strings.Contains(r, `"`+member+`":"`) {
				n++
			}
		}
		return n
	}
	if n := lacking(chromeosDevices, "serialNumber"); n == 0 || n > 100 {
		t.Errorf("%d of 2000 Chromebooks lack a serial number", n)
	}
	if n := lacking(microsoftUsers, "mail"); n < 300 || n > 2000 {
		t.Errorf("%d of 2800 accounts lack a mail", n)
	}
}

func TestPutDeleteAndBack(t *testing.T) {
	c := New(Config{People: 60, Chromebooks: 40})
	id := c.IDs(chromeosDevices)[20]
	if err := c.Put(chromeosDevices, id, json.RawMessage(`{"notes":null,"serialNumber":"NEW1","orgUnitPath":"/Carts/STEM + Robotics #1","osUpdateStatus":{"state":null}}`)); err != nil {
		t.Fatal(err)
	}
	record, err := c.Record(chromeosDevices, id)
	if err != nil || stringMember(record, "serialNumber") != "NEW1" || stringMember(record, "notes") != "" || stringMember(record, "model") == "" {
		t.Errorf("%s, %v", record, err)
	}
	to, ok := c.findOrgUnit("id:" + stringMember(record, "orgUnitId"))
	if !ok || to.path != "/Carts/STEM + Robotics #1" {
		t.Errorf("its orgUnitId is that of %q", to.path)
	}
	if err := c.Delete(chromeosDevices, id); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Record(chromeosDevices, id); err == nil || c.Counts().Chromebooks != 39 {
		t.Error("it is still there")
	}
	if c.Delete(chromeosDevices, id) == nil {
		t.Error("deleted twice")
	}
	if err := c.Put(chromeosDevices, id, json.RawMessage(`{}`)); err != nil {
		t.Fatal(err)
	}
	if back, err := c.Record(chromeosDevices, id); err != nil || string(back) != string(record) {
		t.Errorf("came back as %s, %v", back, err)
	}
	for _, bad := range [][3]string{{"google/groups", "1", `{}`}, {googleUsers, "1", `[]`}, {googleUsers, "1", `{"id":"2","primaryEmail":"a@b"}`},
		{googleUsers, "1", `{}`}, {microsoftUsers, "1", `{"displayName":"x"}`}, {googleUsers, "1", ``}, {chromeosDevices, id, `{"orgUnitPath":null}`}} {
		if c.Put(bad[0], bad[1], json.RawMessage(bad[2])) == nil {
			t.Errorf("put %v", bad)
		}
	}
}

// Readers and writers at once, for the race detector; a listing under way still brings everybody who was there all the time.
func TestListingWhileTheDistrictChanges(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	ids := c.IDs(chromeosDevices)
	var wg sync.WaitGroup
	wg.Go(func() {
		for _, id := range ids[:100] {
			if err := c.Delete(chromeosDevices, id); err != nil {
				t.Error(err)
			}
			if err := c.Put(googleUsers, c.district.googleID(30), json.RawMessage(`{"primaryEmail":"p`+id[:6]+`@cedarvalley.example"}`)); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Go(func() {
		listed := listDevices(t, s, access, "")
		for _, id := range ids[100:] {
			if !slices.Contains(listed, id) {
				t.Errorf("%s was there and was not listed", id)
			}
		}
	})
	wg.Wait()
}

func TestNoTwoOrgUnitsShareAPath(t *testing.T) {
	c := New(Config{People: 100_000, Chromebooks: 10})
	seen := map[string]bool{}
	for _, id := range c.IDs(googleOrgUnits) {
		record, err := c.Record(googleOrgUnits, id)
		if err != nil {
			t.Fatal(err)
		}
		var unit struct {
			Path string `json:"orgUnitPath"`
		}
		if err := json.Unmarshal(record, &unit); err != nil {
			t.Fatal(err)
		}
		if seen[unit.Path] {
			t.Fatalf("two OUs are at %s", unit.Path)
		}
		seen[unit.Path] = true
	}
	if len(seen) < 1000 {
		t.Errorf("only %d OUs in a district of 100,000", len(seen))
	}
}
