package google

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/oauth"
	"panel/sync/sim"
)

// district is a simulated Google and a way to it.
type district struct {
	*sim.Cloud
	t      testing.TB
	server *sim.Server
	client *cloud.Client
	config Config
}

func newDistrict(t testing.TB, c sim.Config, scopes ...string) *district {
	t.Helper()
	d := &district{Cloud: sim.New(c), t: t}
	var err error
	if d.server, err = d.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.server.Close() })
	if d.client, err = cloud.NewClient(cloud.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.client.Close)
	var profile cloud.Profile
	readJSON(t, d.server.Profile, &profile)
	file, err := os.ReadFile(d.server.GoogleClient)
	if err != nil {
		t.Fatal(err)
	}
	client, err := oauth.ParseClient(file, profile)
	if err != nil {
		t.Fatal(err)
	}
	if scopes == nil {
		scopes = oauth.Scopes()
	}
	_, refresh := d.GoogleTokens(scopes...)
	d.config = Config{
		Client: d.client, Profile: profile, Scopes: scopes, Account: "admin@" + sim.Domain,
		Tokens: oauth.NewTokens(d.client, client, refresh, nil),
	}
	return d
}

func readJSON(t testing.TB, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// source is a new Source that does not wait long.
func (d *district) source() *source {
	s := New(d.config).(*source)
	s.stalePer = time.Millisecond
	return s
}

// fault makes an endpoint misbehave from now on.
func (d *district) fault(faults ...sim.Fault) {
	d.t.Helper()
	if err := d.SetFaults(faults); err != nil {
		d.t.Fatal(err)
	}
}

// haul is what a listing handed over.
type haul struct {
	cloud.Page
	result   cloud.Result
	progress []cloud.Progress
	handed   int
}

func list(ctx context.Context, s cloud.Source, l directory.Listing, cursor string) (haul, error) {
	var h haul
	var one, progress sync.Mutex
	r, err := s.List(ctx, cloud.Request{
		Listing: l, Cursor: cursor,
		Page: func(_ context.Context, p cloud.Page) error {
			if !one.TryLock() {
				return errors.New("two pages at the same time")
			}
			defer one.Unlock()
			h.handed++
			h.Accounts = append(h.Accounts, p.Accounts...)
			h.OrgUnits = append(h.OrgUnits, p.OrgUnits...)
			h.Chromebooks = append(h.Chromebooks, p.Chromebooks...)
			return nil
		},
		Progress: func(p cloud.Progress) {
			progress.Lock()
			defer progress.Unlock()
			h.progress = append(h.progress, p)
		},
	})
	h.result = r
	return h, err
}

func must(t testing.TB, h haul, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v after %+v", err, h.result)
	}
}

// wantError wants an error and returns what it says beside.
func wantError(t *testing.T, err error, kind cloud.Kind, code string) (detail string) {
	t.Helper()
	var e *cloud.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Code != code || e.Cloud != directory.Google || e.Doing == "" {
		t.Fatalf("got %v, want %s (%s)", err, kind, code)
	}
	return e.Detail
}

func ids[T any](records []T, id func(*T) string) []string {
	all := make([]string, len(records))
	for i := range records {
		all[i] = id(&records[i])
	}
	slices.Sort(all)
	return all
}

func (h *haul) deviceIDs() []string {
	return ids(h.Chromebooks, func(c *directory.Chromebook) string { return c.DeviceID })
}

func (d *district) sorted(kind string) []string {
	all := d.IDs(kind)
	slices.Sort(all)
	return all
}

func TestIdentify(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 50, Chromebooks: 50})
	id, err := d.source().Identify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if id.Owner == "" || id.Owner == "my_customer" || id.Account != "admin@"+sim.Domain || id.Off != nil {
		t.Errorf("identity %+v", id)
	}
}

func TestIdentifyWithUntickedPermissions(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 50, Chromebooks: 50}, oauth.ScopeOrgUnits, oauth.ScopeOpenID)
	id, err := d.source().Identify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := map[directory.Listing]string{directory.People: oauth.ScopeUsers, directory.Chromebooks: oauth.ScopeChromebooks}
	if id.Owner != "" || !maps.Equal(id.Off, want) {
		t.Errorf("identity %+v", id)
	}
	_, err = list(t.Context(), d.source(), directory.People, "")
	if missing := wantError(t, err, cloud.PermissionMissing, ""); missing != oauth.ScopeUsers {
		t.Errorf("missing: %q", missing)
	}
}

// An admin who may not read users may still read the rest.
func TestIdentifyWithoutThePrivilege(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 50, Chromebooks: 50})
	for _, fault := range []string{"forbidden", "scope_insufficient"} {
		d.fault(sim.Fault{Endpoint: "google.users", Kind: fault})
		id, err := d.source().Identify(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if id.Owner != "" || id.Account != "admin@"+sim.Domain {
			t.Errorf("%s: identity %+v", fault, id)
		}
	}
}

func TestListsEverything(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 1300, Chromebooks: 2500})
	s := d.source()

	h, err := list(t.Context(), s, directory.OrgUnits, "")
	must(t, h, err)
	if got := len(h.OrgUnits); got != d.Counts().OrgUnits-1 || !h.result.Complete || !h.result.Whole {
		t.Errorf("%d OUs of %d, %+v", got, d.Counts().OrgUnits-1, h.result)
	}

	h, err = list(t.Context(), s, directory.People, "")
	must(t, h, err)
	got := ids(h.Accounts, func(a *directory.Account) string { return a.ID })
	if !slices.Equal(got, d.sorted("google/users")) || !h.result.Complete || !h.result.Whole || h.result.Pages != 3 || h.result.Expected != -1 {
		t.Errorf("%d people of %d, %+v", len(got), d.Counts().GoogleUsers, h.result)
	}

	h, err = list(t.Context(), s, directory.Chromebooks, "")
	must(t, h, err)
	if got := h.deviceIDs(); !slices.Equal(got, d.sorted("google/chromeosdevices")) || !h.result.Complete || !h.result.Whole ||
		h.result.Expected != 2500 || h.result.Cursor == "" {
		t.Errorf("%d Chromebooks of 2500, %+v", len(got), h.result)
	}
	last := h.progress[len(h.progress)-1]
	if last.Done != 2500 || last.Expected != 2500 || last.Listing != directory.Chromebooks || last.Pages == 0 {
		t.Errorf("last progress %+v", last)
	}
	for _, endpoint := range []string{"google.write", "other"} {
		if n := d.Requests(endpoint); n != 0 {
			t.Errorf("%d requests to %s", n, endpoint)
		}
	}
	t.Logf("%d pages, %d counts", h.result.Pages, d.Requests("google.count"))
}
