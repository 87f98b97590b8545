package view

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"panel/directory"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// nobodyHolds is the holder of every Chromebook in a test that is about others.
func nobodyHolds(*directory.Chromebook) string { return "" }

func records[T any](values ...T) Records[T] {
	return func(each func(*T) error) error {
		for i := range values {
			if err := each(&values[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// bob is the person of the documented example.
var bob = directory.Person{
	ID: "g:1057", DisplayName: "Bob Smith", GivenName: "Bob", FamilyName: "Smith", PrimaryEmail: "bob@example.com",
	Emails: []string{"bob@example.com", "rs@example.com"}, GoogleID: "1057", MicrosoftID: "6ea9", OrgUnit: "/Staff/North",
	Kind: directory.Staff, State: directory.Disabled, GoogleState: directory.Active, MicrosoftState: directory.Disabled,
	LastSignIn: time.Date(2026, 11, 1, 8, 0, 0, 0, time.FixedZone("CET", 3600)), FromMicrosoft: 1,
}

func export(t *testing.T, write func(*bytes.Buffer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPeopleAsJSON(t *testing.T) {
	got := export(t, func(b *bytes.Buffer) error {
		return WritePeople(t.Context(), b, JSON, records(directory.Person{ID: "m:zz", MicrosoftID: "zz", Kind: directory.KindUnknown}, bob))
	})
	want := `[
{"id":"m:zz","display_name":null,"given_name":null,"family_name":null,"primary_email":null,"emails":[],"sources":["microsoft"],"google_id":null,"microsoft_id":"zz","org_unit":null,"kind":"unknown","state":null,"google_state":null,"microsoft_state":null,"title":null,"department":null,"employee_id":null,"phone":null,"last_sign_in":null,"departed":false,"possible_duplicate":false,"provenance":{}},
{"id":"g:1057","display_name":"Bob Smith","given_name":"Bob","family_name":"Smith","primary_email":"bob@example.com","emails":["bob@example.com","rs@example.com"],"sources":["google","microsoft"],"google_id":"1057","microsoft_id":"6ea9","org_unit":"/Staff/North","kind":"staff","state":"disabled","google_state":"active","microsoft_state":"disabled","title":null,"department":null,"employee_id":null,"phone":null,"last_sign_in":"2026-11-01T07:00:00Z","departed":false,"possible_duplicate":false,"provenance":{"display_name":"microsoft","family_name":"google","given_name":"google","last_sign_in":"google","org_unit":"google","primary_email":"google","state":"google"}}
]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPeopleAsCSV(t *testing.T) {
	p := bob
	p.Title = "=1+1"
	got := export(t, func(b *bytes.Buffer) error { return WritePeople(t.Context(), b, CSV, records(p)) })
	rows, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%v, %d rows", err, len(rows))
	}
	cells := make(map[string]string)
	for i, name := range rows[0] {
		cells[name] = rows[1][i]
	}
	for name, want := range map[string]string{
		"emails": "bob@example.com; rs@example.com", "sources": "google; microsoft", "departed": "false", "phone": "", "title": "'=1+1",
		"provenance": "display_name=microsoft; family_name=google; given_name=google; last_sign_in=google; org_unit=google; primary_email=google; state=google; title=google",
	} {
		if cells[name] != want {
			t.Errorf("%s is %q, want %q", name, cells[name], want)
		}
	}
}

func TestChromebooksAsJSON(t *testing.T) {
	got := export(t, func(b *bytes.Buffer) error {
		return WriteChromebooks(t.Context(), b, JSON, records(
			directory.Chromebook{DeviceID: "d2", Serial: "5CD2", Gone: now},
			directory.Chromebook{
				DeviceID: "d1", Serial: "5CD1", StorageBytes: 32e9, LastSync: now, Notes: "a < b & \"c\"\n", AutoUpdateExpiration: "2029-06-01",
				RecentUsers: []directory.RecentUser{{Email: "bob@example.com", Managed: true}, {}},
			}), nobodyHolds)
	})
	var rows []map[string]any
	if err := json.Unmarshal([]byte(got), &rows); err != nil || len(rows) != 2 {
		t.Fatalf("%v: %s", err, got)
	}
	first := rows[0]
	for key, want := range map[string]any{
		"device_id": "d1", "storage_bytes": 32e9, "memory_bytes": nil, "last_sync": "2026-11-23T18:00:00Z", "notes": "a < b & \"c\"\n",
		"auto_update_expiration": "2029-06-01", "gone": false, "holder_id": nil, "first_enrolled": nil,
	} {
		if value, ok := first[key]; !ok || value != want {
			t.Errorf("%s is %v, want %v", key, value, want)
		}
	}
	if !strings.Contains(got, `"recent_users":[{"email":"bob@example.com","managed":true},{"email":null,"managed":false}]`) || !strings.Contains(got, "a < b & ") {
		t.Errorf("users or notes: %s", got)
	}
	if rows[1]["gone"] != true {
		t.Error("a Chromebook no longer in Google does not say so")
	}
	table := export(t, func(b *bytes.Buffer) error {
		return WriteChromebooks(t.Context(), b, CSV, records(directory.Chromebook{DeviceID: "d", RecentUsers: []directory.RecentUser{{Email: "a@x"}, {}, {Email: "b@x"}}}), nobodyHolds)
	})
	if !strings.Contains(table, ",a@x; b@x,") {
		t.Errorf("recent users: %s", table)
	}
}

func TestOrgUnitsAsJSON(t *testing.T) {
	units := []directory.OrgUnit{
		{ID: "id:03b", Path: "/Students/9", Name: "9", ParentPath: "/Students"},
		{ID: "id:03a", Path: "/Students", Name: "Students", Description: "all", ParentPath: "/"},
		{ID: directory.UnlistedID + "9f", Path: "/Unlisted", Name: "Unlisted", ParentPath: "/"},
	}
	got := export(t, func(b *bytes.Buffer) error {
		return WriteOrgUnits(t.Context(), b, JSON, units,
			records(directory.Person{OrgUnit: "/Students/9"}, directory.Person{OrgUnit: "/Students"}, directory.Person{}),
			records(directory.Chromebook{OrgUnit: "/Students"}, directory.Chromebook{OrgUnit: "/Students/9", Gone: now}, directory.Chromebook{OrgUnit: "/"}))
	})
	want := `[
{"id":null,"path":"/","name":"/","description":null,"parent_path":null,"people":0,"people_below":2,"chromebooks":1,"chromebooks_below":2},
{"id":"03a","path":"/Students","name":"Students","description":"all","parent_path":"/","people":1,"people_below":2,"chromebooks":1,"chromebooks_below":1},
{"id":"03b","path":"/Students/9","name":"9","description":null,"parent_path":"/Students","people":1,"people_below":1,"chromebooks":0,"chromebooks_below":0},
{"id":null,"path":"/Unlisted","name":"Unlisted","description":null,"parent_path":"/","people":0,"people_below":0,"chromebooks":0,"chromebooks_below":0}
]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestChanges(t *testing.T) {
	changes := records(
		directory.Change{
			Run: "r2", At: now, Cloud: directory.Google, Listing: directory.People, Kind: directory.Changed, ID: "g:1", Name: "Bob",
			Fields: []directory.FieldChange{{Field: "title", From: "", To: "Teacher"}, {Field: "phone", From: "1", To: "+2"}},
		},
		directory.Change{Run: "r1", At: now, Cloud: directory.Google, Listing: directory.Chromebooks, Kind: directory.Added, Count: 2000},
		directory.Change{Run: "r0", At: now, Cloud: directory.Google, Listing: directory.OrgUnits, Kind: directory.Added, ID: "id:03a", Name: "/Students"},
		directory.Change{Run: "r0", At: now, Cloud: directory.Google, Listing: directory.OrgUnits, Kind: directory.Added, ID: directory.UnlistedID + "9f", Name: "/Unlisted"},
	)
	got := export(t, func(b *bytes.Buffer) error { return WriteChanges(t.Context(), b, JSON, changes) })
	want := `[
{"run":"r2","at":"2026-11-23T18:00:00Z","cloud":"google","listing":"people","kind":"changed","id":"g:1","name":"Bob","fields":[{"field":"title","from":null,"to":"Teacher"},{"field":"phone","from":"1","to":"+2"}],"count":null},
{"run":"r1","at":"2026-11-23T18:00:00Z","cloud":"google","listing":"chromebooks","kind":"added","id":null,"name":null,"fields":[],"count":2000},
{"run":"r0","at":"2026-11-23T18:00:00Z","cloud":"google","listing":"orgunits","kind":"added","id":"03a","name":"/Students","fields":[],"count":null},
{"run":"r0","at":"2026-11-23T18:00:00Z","cloud":"google","listing":"orgunits","kind":"added","id":null,"name":"/Unlisted","fields":[],"count":null}
]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	table := export(t, func(b *bytes.Buffer) error { return WriteChanges(t.Context(), b, CSV, changes) })
	wantTable := `run,at,cloud,listing,kind,id,name,field,from,to,count
r2,2026-11-23T18:00:00Z,google,people,changed,g:1,Bob,title,,Teacher,
r2,2026-11-23T18:00:00Z,google,people,changed,g:1,Bob,phone,1,'+2,
r1,2026-11-23T18:00:00Z,google,chromebooks,added,,,,,,2000
r0,2026-11-23T18:00:00Z,google,orgunits,added,03a,/Students,,,,
r0,2026-11-23T18:00:00Z,google,orgunits,added,,/Unlisted,,,,
`
	if diff := cmp.Diff(wantTable, table); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestPeopleAreSorted(t *testing.T) {
	got := export(t, func(b *bytes.Buffer) error {
		return WritePeople(t.Context(), b, CSV, records(
			directory.Person{ID: "g:3", PrimaryEmail: "b@x"}, directory.Person{ID: "g:2", PrimaryEmail: "a@x"},
			directory.Person{ID: "g:1", PrimaryEmail: "a@x"}, directory.Person{ID: "g:4"}))
	})
	var ids []string
	for _, line := range strings.Split(strings.TrimSpace(got), "\n")[1:] {
		id, _, _ := strings.Cut(line, ",")
		ids = append(ids, id)
	}
	if want := []string{"g:4", "g:1", "g:2", "g:3"}; !slices.Equal(ids, want) {
		t.Errorf("sorted as %q, want %q", ids, want)
	}
}

func TestExportOfNothingAndFailures(t *testing.T) {
	if got := export(t, func(b *bytes.Buffer) error { return WritePeople(t.Context(), b, JSON, records[directory.Person]()) }); got != "[]\n" {
		t.Errorf("nobody is %q", got)
	}
	if err := WritePeople(t.Context(), new(bytes.Buffer), "yaml", records(bob)); err == nil {
		t.Error("an unknown format is written")
	}
	broken := errors.New("the store broke")
	if err := WriteChanges(t.Context(), new(bytes.Buffer), CSV, func(func(*directory.Change) error) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the store's error became %v", err)
	}
	for _, f := range []Format{JSON, CSV, XLSX} {
		if err := WriteChanges(t.Context(), fullDisk{}, f, records(make([]directory.Change, 2000)...)); !errors.Is(err, errFull) {
			t.Errorf("%s: a full disk became %v", f, err)
		}
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

// parse reads CSV as RFC 4180 has it, changing nothing: encoding/csv's reader
// makes one newline of CR LF.
func parse(s string) ([][]string, error) {
	var rows [][]string
	var row []string
	for s != "" {
		var cell strings.Builder
		if strings.HasPrefix(s, `"`) {
			for s = s[1:]; ; {
				end := strings.IndexByte(s, '"')
				if end < 0 {
					return nil, fmt.Errorf("a quote does not end: %q", s)
				}
				cell.WriteString(s[:end])
				s = s[end+1:]
				if !strings.HasPrefix(s, `"`) {
					break
				}
				cell.WriteByte('"')
				s = s[1:]
			}
		} else {
			end := strings.IndexAny(s, ",\n")
			cell.WriteString(s[:end])
			s = s[end:]
		}
		row = append(row, cell.String())
		if s[0] == '\n' {
			rows, row = append(rows, row), nil
		}
		s = s[1:]
	}
	return rows, nil
}

// checkCells writes texts as notes and looks what a spreadsheet would get.
func checkCells(t interface{ Fatalf(string, ...any) }, texts []string) {
	var devices []directory.Chromebook
	for i, s := range texts {
		devices = append(devices, directory.Chromebook{DeviceID: fmt.Sprintf("%06d", i), Notes: s})
	}
	var b bytes.Buffer
	if err := WriteChromebooks(context.Background(), &b, CSV, records(devices...), nobodyHolds); err != nil {
		t.Fatalf("%v", err)
	}
	rows, err := parse(b.String())
	if err != nil || len(rows) != len(texts)+1 {
		t.Fatalf("%v: %d rows for %d records", err, len(rows), len(texts))
	}
	notes := slices.Index(rows[0], "notes")
	for i, s := range texts {
		got := rows[i+1][notes]
		if got != "" && strings.ContainsRune("=+-@\t\r\n\x00", rune(got[0])) {
			t.Fatalf("a spreadsheet would run %q", got)
		}
		if got != s && got != "'"+s {
			t.Fatalf("%q became %q", s, got)
		}
	}
}

func TestCSVRunsNothingAndLosesNothing(t *testing.T) {
	dangerous := rapid.SampledFrom([]string{"=", "+", "-", "@", "\t", "\r", "\n", "\x00", "'", `"`, ",", ";", "\r\n", "=cmd|' /C calc'!A0", "a", "é", " "})
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOfN(dangerous, 0, 6), func(s []string) string { return strings.Join(s, "") }))
	rapid.Check(t, func(t *rapid.T) { checkCells(t, rapid.SliceOfN(text, 1, 40).Draw(t, "texts")) })
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{"", "=1", "a,b", "\"", "\r\n", "'=1", "\x00", "a\rb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkCells(t, []string{s, "x" + s}) })
}
