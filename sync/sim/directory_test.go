package sim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDirectoryRefusals(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	const devices = "customer/my_customer/devices/chromeos"
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{
		{"users", 400, `"message":"Bad Request"`},
		{"users?customer=C0wrong", 400, `"message":"Bad Request"`},
		{"users?domain=nowhere.example", 404, "Domain not found"},
		{"users?customer=my_customer&maxResults=501", 400, "Invalid value '501'. Values must be within the range: [1, 500]"},
		{"users?customer=my_customer&maxResults=0", 400, "invalidParameter"},
		{"users?customer=my_customer&pageToken=", 503, "Service unavailable. Please try again"},
		{"users?customer=my_customer&pageToken=0", 400, "Invalid Input: 0"},
		{"users?customer=my_customer&query=nonsense", 400, "Invalid query"},
		{"users?customer=my_customer&fields=users(id,shoeSize)", 400, "Invalid field selection shoeSize"},
		{"users?customer=my_customer&fields=users(id", 400, "Invalid field selection"},
		{devices + "?maxResults=500", 400, "Invalid value '500'. Values must be within the range: [1, 300]"},
		{devices + "?pageToken=stale", 400, "Invalid Input: stale"},
		{devices + "?orgUnitPath=/Nowhere", 400, "Invalid Ou Id"},
		{devices + "?includeChildOrgunits=true", 400, "Invalid Input: includeChildOrgunits"},
		{devices + "?query=colour:red", 400, "Invalid query"},
		{devices + ":countChromeOsDevices?filter=sync:soon", 400, "Invalid query"},
		{"customer/C0wrong/devices/chromeos", 400, "Invalid Customer Id"},
		{"customer/my_customer/orgunits?orgUnitPath=/Nowhere", 404, "Org unit not found"},
	} {
		status, _, body := get(t, s.URL+directoryPath+tt.path, access)
		if status != tt.status || !strings.Contains(string(body), tt.want) || !json.Valid(body) {
			t.Errorf("%s: %d %s", tt.path, status, body)
		}
	}
	if status, _, body := get(t, s.URL+directoryPath+"users?customer=my_customer", "junk"); status != 401 || !strings.Contains(string(body), "authError") {
		t.Errorf("junk token: %d %s", status, body)
	}
}

func TestListingsEndAtTheWall(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	old := url.QueryEscape(token("d", 3, time.Now().Add(-61*time.Minute).Unix(), "20"))
	status, _, body := get(t, s.URL+directoryPath+"customer/my_customer/devices/chromeos?pageToken="+old, access)
	if status != 503 || !strings.Contains(string(body), "backendError") {
		t.Errorf("after 61 minutes: %d %s", status, body)
	}
}

type devicePage struct {
	Kind            string
	NextPageToken   string
	Chromeosdevices []struct{ DeviceID, OrgUnitPath, OrgUnitID, Status, Model, LastSync string }
}

// listDevices follows a listing to its end.
func listDevices(t *testing.T, s *Server, access, query string) (all []string) {
	t.Helper()
	for token := ""; ; {
		var page devicePage
		getJSON(t, s.URL+directoryPath+"customer/my_customer/devices/chromeos?projection=FULL&maxResults=100"+query+token, access, &page)
		for _, d := range page.Chromeosdevices {
			all = append(all, d.DeviceID)
		}
		if page.NextPageToken == "" {
			return all
		}
		token = "&pageToken=" + url.QueryEscape(page.NextPageToken)
	}
}

func deviceCount(t *testing.T, s *Server, access, query string) int {
	t.Helper()
	var count struct {
		Count int `json:"count,string"`
	}
	getJSON(t, s.URL+directoryPath+"customer/my_customer/devices/chromeos:countChromeOsDevices?"+query, access, &count)
	return count.Count
}

func TestPartitionsByOrgUnitMakeTheWhole(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	whole := listDevices(t, s, access, "")
	if len(whole) != c.Counts().Chromebooks {
		t.Fatalf("%d devices of %d", len(whole), c.Counts().Chromebooks)
	}
	var units struct {
		OrganizationUnits []struct{ OrgUnitPath, OrgUnitID, ParentOrgUnitPath string }
	}
	getJSON(t, s.URL+directoryPath+"customer/my_customer/orgunits?type=allIncludingParent", access, &units)
	var parts []string
	for _, ou := range units.OrganizationUnits {
		path := ou.OrgUnitPath
		if path != "/" {
			path = path[1:] // as the reference says; with the slash works too
		}
		q := "&orgUnitPath=" + url.QueryEscape(path)
		part := listDevices(t, s, access, q)
		parts = append(parts, part...)
		if byID := deviceCount(t, s, access, "&orgUnitPath="+url.QueryEscape(ou.OrgUnitID)); byID != len(part) {
			t.Errorf("%s: %d listed by path, %d counted by id", ou.OrgUnitPath, len(part), byID)
		}
		sub := listDevices(t, s, access, q+"&includeChildOrgunits=true")
		if n := deviceCount(t, s, access, q[1:]+"&includeChildOrgunits=true"); n != len(sub) || len(sub) < len(part) {
			t.Errorf("%s: %d below, %d counted, %d its own", ou.OrgUnitPath, len(sub), n, len(part))
		}
	}
	slices.Sort(parts)
	slices.Sort(whole)
	if !slices.Equal(parts, whole) {
		t.Errorf("the OUs have %d devices, the whole %d", len(parts), len(whole))
	}
}

func TestDeviceQueries(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	all := c.Counts().Chromebooks
	count := func(filter string) int { return deviceCount(t, s, access, "filter="+url.QueryEscape(filter)) }
	if a, b := count("status:deprovisioned"), count("status:managed"); a == 0 || b == 0 || a+b > all {
		t.Errorf("%d deprovisioned, %d managed of %d", a, b, all)
	}
	var id string
	if id = c.IDs(chromeosDevices)[5]; count("id:"+id[:8]) != 1 {
		t.Error("a prefix of an id finds not its device alone")
	}
	before := count("sync:..2020-01-01")
	today := time.Now().UTC().Format("2006-01-02")
	if now := count("sync:" + today + ".."); before != 0 || now != 0 {
		t.Errorf("synced before 2020: %d, today: %d", before, now)
	}
	if err := c.Put(chromeosDevices, id, json.RawMessage(`{"lastSync":"`+today+`T00:00:01.000Z","annotatedAssetId":"TX-1"}`)); err != nil {
		t.Fatal(err)
	}
	if got := listDevices(t, s, access, "&query="+url.QueryEscape("sync:"+today+"T00:00:00..")); len(got) != 1 || got[0] != id {
		t.Errorf("synced since midnight: %v", got)
	}
	if got := listDevices(t, s, access, "&query="+url.QueryEscape("asset_id:tx-1 status:provisioned")); len(got) != 1 || got[0] != id {
		t.Errorf("by asset id: %v", got)
	}
	if a, b := count("register:..2000-01-01"), count("register:2000-01-01.."); a != 0 || b < all-5 {
		t.Errorf("enrolled before 2000: %d, since: %d of %d", a, b, all)
	}
	if a, b := count("aue:..2028-12-31"), count("aue:2029-01-01.."); a == 0 || b == 0 || a+b != all-2 { // two have no autoUpdateExpiration
		t.Errorf("AUE %d + %d of %d", a, b, all)
	}
}

func TestProjectionBasicLeavesTheModelOut(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	for query, want := range map[string]bool{"": false, "?projection=BASIC": false, "?projection=FULL": true} {
		var page devicePage
		getJSON(t, s.URL+directoryPath+"customer/my_customer/devices/chromeos"+query, access, &page)
		if got := page.Chromeosdevices[20].Model != ""; got != want || len(page.Chromeosdevices) != 100 {
			t.Errorf("%q: a model: %t, %d devices", query, got, len(page.Chromeosdevices))
		}
	}
}

func TestMaskWithoutTokenEndsTheListing(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	_, _, body := get(t, s.URL+directoryPath+"users?customer=my_customer&maxResults=1&fields=users(name/givenName,primaryEmail)", access)
	var page map[string][]map[string]any
	if err := json.Unmarshal(body, &page); err != nil || len(page) != 1 || len(page["users"]) != 1 || len(page["users"][0]) != 2 {
		t.Errorf("%s, %v", body, err)
	}
}

func TestOrgUnitTypes(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	paths := func(query string) (out []string) {
		var page struct {
			OrganizationUnits []struct{ OrgUnitPath string }
		}
		getJSON(t, s.URL+directoryPath+"customer/my_customer/orgunits"+query, access, &page)
		for _, ou := range page.OrganizationUnits {
			out = append(out, ou.OrgUnitPath)
		}
		return out
	}
	all := paths("?type=all")
	if slices.Contains(all, "/") || len(all) != c.Counts().OrgUnits-1 {
		t.Errorf("all: %d OUs, the root among them: %t", len(all), slices.Contains(all, "/"))
	}
	if got := paths(""); !slices.Equal(got, []string{"/Students", "/Staff", "/Carts", "/Chromebooks"}) {
		t.Errorf("children: %v", got)
	}
	if got := paths("?type=allIncludingParent&orgUnitPath=/Chromebooks"); len(got) != 3 || got[0] != "/Chromebooks" {
		t.Errorf("the subtree: %v", got)
	}
}

func TestBelowGoesByWholeNames(t *testing.T) {
	for _, tt := range []struct {
		path, of string
		want     bool
	}{{"/A", "/", true}, {"/", "/", true}, {"/A", "/A", true}, {"/A/B", "/A", true}, {"/AB", "/A", false}, {"/A", "/A/B", false}} {
		if got := below(tt.path, tt.of); got != tt.want {
			t.Errorf("%s below %s: %t", tt.path, tt.of, got)
		}
	}
}

func TestUserQueriesAndTheBin(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	emails := func(query string) (out []string) {
		var page struct {
			Users []struct {
				PrimaryEmail string
				CustomerID   string
			}
		}
		getJSON(t, s.URL+directoryPath+"users?customer=my_customer&maxResults=500"+query, access, &page)
		for _, u := range page.Users {
			if u.CustomerID == "" {
				t.Error("a user has no customerId")
			}
			out = append(out, u.PrimaryEmail)
		}
		return out
	}
	if got := emails("&query=isSuspended=true"); !slices.Contains(got, "cyrus.delacroix@cedarvalley.example") || slices.Contains(got, "bob@cedarvalley.example") {
		t.Errorf("suspended: %v", got)
	}
	if got := emails("&query=" + url.QueryEscape("orgUnitPath='/Staff/Technology'")); !slices.Equal(got, []string{"admin@cedarvalley.example", "helpdesk@cedarvalley.example"}) {
		t.Errorf("technology: %v", got)
	}
	bob := c.district.googleID(3)
	if err := c.Delete(googleUsers, bob); err != nil {
		t.Fatal(err)
	}
	if got := emails("&showDeleted=true"); !slices.Equal(got, []string{"bob@cedarvalley.example"}) || slices.Contains(emails(""), got[0]) {
		t.Errorf("deleted: %v", got)
	}
	if err := c.Put(googleUsers, bob, json.RawMessage(`{"primaryEmail":"AAA@cedarvalley.example"}`)); err != nil {
		t.Fatal(err)
	}
	if got := emails(""); got[1] != "AAA@cedarvalley.example" { // after a.lindqvist@
		t.Errorf("users begin with %v", got[:3])
	}
	if got := emails("&showDeleted=true"); got != nil {
		t.Errorf("deleted after the return: %v", got)
	}
}

func TestWritesAreRefusedAndCounted(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	for path, token := range map[string]string{directoryPath + "users": access, "/v1.0/users": c.MicrosoftToken()} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	if c.Requests("google.write") != 1 || c.Requests("microsoft.write") != 1 || c.Requests("google.users") != 0 {
		t.Error("the writes were not counted as such")
	}
}

// With every OU and device deleted, the root still has its nothing.
func TestTheRootIsAlwaysThere(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	for _, kind := range []string{chromeosDevices, googleOrgUnits} {
		for _, id := range c.IDs(kind) {
			if err := c.Delete(kind, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := deviceCount(t, s, access, "orgUnitPath=/&includeChildOrgunits=true"); n != 0 {
		t.Errorf("%d devices counted", n)
	}
	status, _, body := get(t, s.URL+directoryPath+"customer/my_customer/devices/chromeos", access)
	if status != http.StatusOK || strings.Contains(string(body), "chromeosdevices\":[") {
		t.Errorf("an empty listing: %d %s", status, body)
	}
}

func TestDateRanges(t *testing.T) {
	at := func(s string) int64 {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when.UnixMilli()
	}
	for _, tt := range []struct {
		query, in, out string
	}{
		{"2026-03-02", "2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z"},
		{"..2026-03-02", "2026-03-02T23:59:59Z", "2026-03-03T00:00:00Z"},
		{"2026-03-02..", "2026-03-02T00:00:00Z", "2026-03-01T23:59:59Z"},
		{"2026-03-02..2026-03-04", "2026-03-04T12:00:00Z", "2026-03-05T00:00:00Z"},
		{"2026-03-02T10:00:00..", "2026-03-02T10:00:00Z", "2026-03-02T09:59:59Z"},
		{"..2026-03-02T10:00:00", "2026-03-02T10:00:00Z", "2026-03-02T10:00:01Z"},
	} {
		from, to, ok := dateRange(tt.query)
		has := func(ms int64) bool { return from <= ms && ms < to }
		if !ok || !has(at(tt.in)) || has(at(tt.out)) {
			t.Errorf("%s: %t, has %s: %t, has %s: %t", tt.query, ok, tt.in, has(at(tt.in)), tt.out, has(at(tt.out)))
		}
	}
	for _, bad := range []string{"", "..", "soon", "2026-13-01..", "..2026-02-30"} {
		if _, _, ok := dateRange(bad); ok {
			t.Errorf("%q is a range", bad)
		}
	}
}
