package google

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/oauth"
	"panel/sync/sim"
)

// planned makes the plan for the whole district. Its parts must be disjoint
// and have everything, which shows in their sum.
func planned(t *testing.T, d *district) (parts []part) {
	t.Helper()
	l := newListing(d.source(), cloud.Request{Listing: directory.Chromebooks})
	l.wire = devicesWire
	total, err := l.count(t.Context(), region{})
	if err != nil {
		t.Fatal(err)
	}
	err = l.plan(t.Context(), part{region{}, total}, func(p part) error { parts = append(parts, p); return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		total -= p.count
	}
	if total != 0 {
		t.Errorf("%d Chromebooks are in no part, or in two", total)
	}
	return parts
}

// cost is the largest part and all pages of a plan.
func cost(parts []part) (largest, pages int) {
	for _, p := range parts {
		largest = max(largest, p.count)
		pages += (p.count + 299) / 300
	}
	return largest, pages
}

// wholeListing checks that a listing has every Chromebook of the district.
func wholeListing(t *testing.T, d *district) {
	t.Helper()
	h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
	must(t, h, err)
	if !slices.Equal(h.deviceIDs(), d.sorted("google/chromeosdevices")) || !h.result.Complete {
		t.Errorf("%d Chromebooks, %+v", len(h.Chromebooks), h.result)
	}
}

func TestPlan(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 12_000, Chromebooks: 12_000})
	for i, id := range d.IDs("google/chromeosdevices")[:6] { // in OUs that have others below them
		put(t, d, id, `{"orgUnitPath":"`+[]string{"/", "/Students"}[i%2]+`"}`)
	}
	largest, pages := cost(planned(t, d))
	if largest > 12_000/16 || pages > 12_000/300*14/10 {
		t.Errorf("the largest part has %d, %d pages in all", largest, pages)
	}
	if counts := d.Requests("google.count"); counts > 120 {
		t.Errorf("%d counts", counts)
	}
	wholeListing(t, d)
}

// Without the permission to read OUs the days of registration divide.
func TestPlanByDayAlone(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 600, Chromebooks: 6000}, oauth.ScopeChromebooks)
	for _, id := range d.IDs("google/chromeosdevices") {
		if record, err := d.Record("google/chromeosdevices", id); err != nil || !strings.Contains(string(record), "lastEnrollmentTime") {
			if err := d.Delete("google/chromeosdevices", id); err != nil {
				t.Fatal(err)
			}
		}
	}
	parts := planned(t, d)
	if largest, pages := cost(parts); largest > 600 || pages > 20*18/10 {
		t.Errorf("the largest part has %d, %d pages in all", largest, pages)
	}
	wholeListing(t, d)
}

// A Chromebook without a day of registration would be missing from every
// part, so the days must not divide where there is one.
func TestPlanKeepsTheUndated(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 600, Chromebooks: 3000}, oauth.ScopeChromebooks)
	put(t, d, d.IDs("google/chromeosdevices")[17], `{"lastEnrollmentTime":null,"firstEnrollmentTime":null,"status":"PRE_PROVISIONED"}`)
	if parts := planned(t, d); len(parts) != 1 {
		t.Errorf("%d parts", len(parts))
	}
	wholeListing(t, d)
}

func put(t *testing.T, d *district, id, patch string) {
	t.Helper()
	if err := d.Put("google/chromeosdevices", id, json.RawMessage(patch)); err != nil {
		t.Fatal(err)
	}
}

// Very many OUs are not counted one by one, when that takes longer than the
// listing.
func TestPlanWithManyUnits(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 3000})
	for i := range 300 {
		if err := d.Put("google/orgunits", fmt.Sprintf("id:many%03d", i), json.RawMessage(fmt.Sprintf(
			`{"name":"U%03d","orgUnitPath":"/U%03d","parentOrgUnitPath":"/","parentOrgUnitId":"id:root"}`, i, i))); err != nil {
			t.Fatal(err)
		}
	}
	planned(t, d)
	if n := d.Requests("google.count"); n > 20 {
		t.Errorf("%d counts", n)
	}
	wholeListing(t, d)
}

// Ranges of days are disjoint and leave no day out, however they are cut.
func TestDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 5000).Draw(t, "first"))
		n := rapid.IntRange(1, 6000).Draw(t, "days")
		whole := days{first, first.AddDate(0, 0, n-1), -1}
		next := first
		pieces := whole.cut(rapid.IntRange(0, 50).Draw(t, "pieces"))
		for _, d := range pieces {
			if !d.first.Equal(next) || d.last.Before(d.first) {
				t.Fatalf("%v..%v after %v", d.first, d.last, next)
			}
			next = d.last.AddDate(0, 0, 1)
		}
		if !next.Equal(whole.last.AddDate(0, 0, 1)) {
			t.Fatalf("ends before %v", next)
		}
		total := 0
		for i := range pieces {
			pieces[i].count = rapid.IntRange(0, 100).Draw(t, "count")
			total += pieces[i].count
		}
		target := rapid.IntRange(1, 300).Draw(t, "target")
		for _, p := range join(region{}, pieces, target) {
			total -= p.count
			if p.count == 0 || p.count > max(target, 100) {
				t.Fatalf("a part of %d", p.count)
			}
		}
		if total != 0 {
			t.Fatalf("%d are lost", total)
		}
	})
}

func TestAgrees(t *testing.T) {
	for _, tc := range []struct {
		listed, before, after int
		want                  bool
	}{
		{0, 0, 0, true}, {5, 0, 0, true}, {6, 0, 0, false},
		{100, 100, 100, true}, {95, 100, 100, true}, {94, 100, 100, false}, {105, 100, 100, true}, {106, 100, 100, false},
		{99_500, 100_000, 100_000, true}, {99_499, 100_000, 100_000, false}, {100_501, 100_000, 100_000, false},
		{90, 100, 50, true}, {45, 100, 50, true}, {44, 100, 50, false}, {106, 50, 100, false},
	} {
		if got := agrees(tc.listed, tc.before, tc.after); got != tc.want {
			t.Errorf("%d between %d and %d: %t", tc.listed, tc.before, tc.after, got)
		}
	}
}

// A listing that lost its end or a page is not complete, and says by how
// much.
func TestShortListing(t *testing.T) {
	for _, tc := range []struct {
		fault string
		seen  int
	}{{"short", 300}, {"lost_records", 700}} {
		d := newDistrict(t, sim.Config{People: 60, Chromebooks: 1000})
		d.fault(sim.Fault{Endpoint: "google.chromeosdevices", Page: 1, Kind: tc.fault})
		h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
		detail := wantError(t, err, cloud.BadAnswer, CodeCountMismatch)
		if len(h.Chromebooks) != tc.seen || h.result.Complete || h.result.Cursor != "" || detail != fmt.Sprintf("%d/1000", tc.seen) {
			t.Errorf("%s: %d Chromebooks, %+v, %s", tc.fault, len(h.Chromebooks), h.result, detail)
		}
	}
}

func TestDuplicatesAreHandedOverOnce(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 700, Chromebooks: 700})
	for l, endpoint := range lists {
		d.fault(sim.Fault{Endpoint: endpoint, Kind: "duplicate"})
		h, err := list(t.Context(), d.source(), l, "")
		must(t, h, err)
		got := append(h.deviceIDs(), ids(h.Accounts, func(a *directory.Account) string { return a.ID })...)
		got = append(got, ids(h.OrgUnits, func(o *directory.OrgUnit) string { return o.ID })...)
		if n := len(got); n != len(slices.Compact(got)) || !h.result.Complete {
			t.Errorf("%s: %d records, %d different", l, n, len(slices.Compact(got)))
		}
	}
}

// A district without Chromebooks has a complete, empty listing, by Google's
// own word. One whose people cannot be seen has not.
func TestEmptyListings(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 20})
	for _, kind := range []string{"google/chromeosdevices", "google/users", "google/orgunits"} {
		for _, id := range d.IDs(kind) {
			if record, err := d.Record(kind, id); err != nil || strings.Contains(string(record), `"orgUnitPath":"/"`) && kind == "google/orgunits" {
				continue // the root is always there
			}
			if err := d.Delete(kind, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, l := range []directory.Listing{directory.Chromebooks, directory.OrgUnits} {
		h, err := list(t.Context(), d.source(), l, "")
		must(t, h, err)
		if h.Len() != 0 || h.handed != 0 || !h.result.Complete {
			t.Errorf("%s: %+v", l, h.result)
		}
	}
	_, err := list(t.Context(), d.source(), directory.People, "")
	wantError(t, err, cloud.BadAnswer, cloud.CodeShape)

	d.fault(sim.Fault{Endpoint: "google.users", Status: 200, Body: `{"kind":"admin#directory#users","users":[]}`})
	h, err := list(t.Context(), d.source(), directory.People, "")
	must(t, h, err)
	if h.Len() != 0 || !h.result.Complete {
		t.Errorf("people: %+v", h.result)
	}
}

// A page without its array needs the count's word for it.
func TestMissingArrayOfAPart(t *testing.T) {
	const bare = `{"kind":"admin#directory#chromeosdevices"}`
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 20})
	d.fault(sim.Fault{Endpoint: "google.chromeosdevices", Status: 200, Body: bare})
	h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
	wantError(t, err, cloud.BadAnswer, cloud.CodeShape)
	if h.result.Complete {
		t.Error("complete")
	}
	d.fault(sim.Fault{Endpoint: "google.chromeosdevices", Status: 200, Body: strings.Replace(bare, "}", `,"nextPageToken":"x"}`, 1)},
		sim.Fault{Endpoint: "google.count", Status: 200, Body: `{"count":"0"}`})
	_, err = list(t.Context(), d.source(), directory.Chromebooks, "")
	wantError(t, err, cloud.BadAnswer, cloud.CodeShape)
}

// Chromebooks that moved away between the count and the listing leave a page
// without its array, which Google's count confirms.
func TestPartThatHasEmptied(t *testing.T) {
	for body, complete := range map[string]bool{
		`{"kind":"admin#directory#chromeosdevices"}`:                      true,
		`{"kind":"admin#directory#chromeosdevices","chromeosdevices":[]}`: true,
		`{"kind":"admin#directory#chromeosdevices","etag":"x","next":1}`:  true,
		`{"kind":"admin#directory#users"}`:                                false,
		`{}`:                                                              false,
	} {
		d := newDistrict(t, sim.Config{People: 60, Chromebooks: 20})
		d.fault(sim.Fault{Endpoint: "google.chromeosdevices", Status: 200, Body: body},
			sim.Fault{Endpoint: "google.count", Times: 1, Status: 200, Body: `{"count":"20"}`},
			sim.Fault{Endpoint: "google.count", Status: 200, Body: `{"count":"0"}`})
		h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
		if (err == nil) != complete || h.result.Complete != complete || h.Len() != 0 {
			t.Errorf("%s: %+v, %v", body, h.result, err)
		}
	}
}

func TestBadCounts(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 20})
	for _, body := range []string{`{}`, `{"count":"-1"}`, `{"count":"many"}`, `{"count":20}`, `[]`, `{"count":null}`} {
		d.fault(sim.Fault{Endpoint: "google.count", Status: 200, Body: body})
		h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
		if cloud.KindOf(err) != cloud.BadAnswer || h.Len() != 0 {
			t.Errorf("%s: %v, %d records", body, err, h.Len())
		}
	}
}

// Incremental: what synced since the cursor, with an overlap that covers
// every time zone; not whole, and so never complete.
func TestIncremental(t *testing.T) {
	now := time.Now().UTC()
	d := newDistrict(t, sim.Config{People: 600, Chromebooks: 3000, Now: now})
	s := d.source()
	all, err := list(t.Context(), s, directory.Chromebooks, "")
	must(t, all, err)
	cursor, err := time.Parse(time.RFC3339, all.result.Cursor)
	if err != nil || cursor.Sub(now).Abs() > time.Minute {
		t.Errorf("cursor %q, %v", all.result.Cursor, err)
	}

	for _, back := range []time.Duration{0, 30 * time.Hour} {
		since := now.Add(-back)
		var want []string
		for _, c := range all.Chromebooks {
			if !c.LastSync.Before(since.Add(-overlap).Truncate(time.Second)) {
				want = append(want, c.DeviceID)
			}
		}
		slices.Sort(want)
		h, err := list(t.Context(), d.source(), directory.Chromebooks, since.Format(time.RFC3339))
		must(t, h, err)
		if !slices.Equal(h.deviceIDs(), want) || h.result.Whole || h.result.Complete || h.result.Expected != len(want) || h.result.Cursor == "" {
			t.Errorf("since %v: %d Chromebooks, want %d, %+v", back, len(h.Chromebooks), len(want), h.result)
		}
	}

	id := d.IDs("google/chromeosdevices")[5]
	put(t, d, id, `{"notes":"moved","lastSync":"`+now.Format(time.RFC3339)+`"}`)
	h, err := list(t.Context(), d.source(), directory.Chromebooks, now.Add(13*time.Hour).Format(time.RFC3339))
	must(t, h, err)
	if len(h.Chromebooks) != 0 || h.result.Pages != 0 || h.result.Cursor == "" {
		t.Errorf("nothing is new: %+v", h.result)
	}
	h, err = list(t.Context(), d.source(), directory.Chromebooks, now.Format(time.RFC3339))
	must(t, h, err)
	if !slices.ContainsFunc(h.Chromebooks, func(c directory.Chromebook) bool { return c.DeviceID == id && c.Notes == "moved" }) {
		t.Error("the change is missing")
	}
}

// A cursor is by Google's clock, so that a wrong one here loses nothing.
func TestCursorIsByGooglesClock(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 20})
	google := d.Handler()
	at := time.Now().Add(-3 * time.Hour)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
		google.ServeHTTP(w, r)
	}))
	defer server.Close()
	d.config.Profile.Google.DirectoryURL = server.URL
	h, err := list(t.Context(), d.source(), directory.Chromebooks, "")
	must(t, h, err)
	cursor, err := time.Parse(time.RFC3339, h.result.Cursor)
	if err != nil || cursor.Sub(at).Abs() > time.Minute {
		t.Errorf("cursor %v at %v", cursor, at)
	}
}

// An unreadable cursor lists everything.
func TestUnreadableCursor(t *testing.T) {
	d := newDistrict(t, sim.Config{People: 60, Chromebooks: 20})
	h, err := list(t.Context(), d.source(), directory.Chromebooks, "yesterday")
	must(t, h, err)
	if len(h.Chromebooks) != 20 || !h.result.Whole || !h.result.Complete {
		t.Errorf("%+v", h.result)
	}
}

// The time of a whole turn is that of the longer of two things: the people's
// pages one after the other, and the Chromebooks' pages by chain. The target
// is a ratio of 1.2.
func BenchmarkTurn(b *testing.B) {
	const people, chromebooks = 6000, 6000
	for _, latency := range []time.Duration{10 * time.Millisecond, 24 * time.Millisecond} {
		b.Run(latency.String(), func(b *testing.B) {
			d := newDistrict(b, sim.Config{People: people, Chromebooks: chromebooks})
			turn(b, d) // the simulator's first answers are slow
			d.Configure(func(c *sim.Settings) { c.LatencyMS = int(latency.Milliseconds()) })
			for b.Loop() {
				turn(b, d)
			}
			ideal := latency.Seconds() * max(people/500, chromebooks/300/4)
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/ideal, "ratio")
		})
	}
}

// turn lists all that a sync does, the people and Chromebooks at the same
// time.
func turn(tb testing.TB, d *district) {
	tb.Helper()
	s := d.source()
	h, err := list(tb.Context(), s, directory.OrgUnits, "")
	must(tb, h, err)
	people := make(chan error, 1)
	go func() {
		_, err := list(tb.Context(), s, directory.People, "")
		people <- err
	}()
	h, err = list(tb.Context(), s, directory.Chromebooks, "")
	must(tb, h, err)
	if err := <-people; err != nil {
		tb.Fatal(err)
	}
}
