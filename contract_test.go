package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"panel/sync/sim"
)

// What scripts rely on: the keys of every JSON document in their order, each
// with the form of its value. A form that ends in ? may be null; a key that
// ends in ? may be absent.
const (
	personShape = `id:text display_name:text? given_name:text? family_name:text? primary_email:text? emails:texts sources:texts
		google_id:text? microsoft_id:text? org_unit:text? kind:student|staff|guest|unknown state:active|suspended|archived|disabled
		google_state:active|suspended|archived? microsoft_state:active|disabled? title:text? department:text? employee_id:text?
		phone:text? last_sign_in:time? departed:bool possible_duplicate:bool provenance:object`
	chromebookShape = `device_id:text serial:text? model:text? status:text? org_unit:text? asset_id:text? annotated_user:text?
		annotated_location:text? notes:text? recent_users:objects os_version:text? platform_version:text? channel:text?
		auto_update_expiration:day? boot_mode:text? mac_address:text? ethernet_mac_address:text? imei:text? meid:text?
		order_number:text? license:text? first_enrolled:time? last_enrolled:time? last_sync:time? deprovision_reason:text?
		deprovisioned:time? manufactured:day? storage_bytes:number? memory_bytes:number? last_ip:text? last_wan_ip:text?
		gone:bool holder_id:text? dock_mac_address:text?`
	orgUnitShape = `id:text? path:text name:text? description:text? parent_path:text? people:number people_below:number
		chromebooks:number chromebooks_below:number`
	changeShape = `run:text at:time cloud:google|microsoft? listing:people|orgunits|chromebooks
		kind:added|changed|removed|restored|merged|split id:text? name:text? fields:objects count:number?`
	entryShape = `entry:text at:time act:checkout|checkin|swap|lost|found|repair|note|undo person_id:text? person:text?
		device_id:text? serial:text? due:day? note:text? by:text undoes:text? emails:texts asset_id:text? model:text?
		other_device_id:text? other_serial:text? loaner:bool condition:text? clock:time? station:text`
	fieldShape = `field:text from:text? to:text?`
	userShape  = `email:text? managed:bool`

	syncShape = `started:time finished:time outcome:ok|partial|failed|held|cancelled|nothing_to_do records_written:number
		google:object microsoft:object`
	turnShape    = `outcome:ok|failed|skipped|partial|held|cancelled error?:object listings:object`
	errorShape   = `kind:text code?:text message:text at?:time trace?:text timestamp?:text`
	listingShape = `complete:bool seen:number added:number changed:number missing:number removed:number held:number
		pages:number retries:number error?:object`

	statusShape = `version:text data_dir:text cloud_profile:text vault:keychain|passphrase|memory google:object microsoft:object
		people:number chromebooks:number orgunits:number checked_out:number next_sync:time? holds:objects reminders:texts`
	googleShape = `state:not_authorized|authorized|partial|revoked|blocked account?:text granted_scopes:texts authorized_at:time?
		last_success:time? last_error:object?`
	microsoftShape = `state:not_configured|configured|secret_expired|secret_wrong|consent_missing|tenant_unknown|client_unknown|blocked
		tenant?:text client_id?:text secret_expires:day? last_success:time? last_error:object?`
	holdShape = `cloud:google|microsoft listing:people|chromebooks count:number`
)

// forms are the forms of values, as they stand in a JSON document.
var forms = map[string]*regexp.Regexp{
	"text":   regexp.MustCompile(`^".+"$`),
	"time":   regexp.MustCompile(`^"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"$`),
	"day":    regexp.MustCompile(`^"\d{4}-\d\d-\d\d"$`),
	"number": regexp.MustCompile(`^(0|[1-9]\d*)$`),
	"bool":   regexp.MustCompile(`^(true|false)$`),
	"texts":  regexp.MustCompile(`^\[("([^"\\]|\\.)+"(, *"([^"\\]|\\.)+")*)?\]$`),
	"object": regexp.MustCompile(`^\{`), "objects": regexp.MustCompile(`^\[(\{|\])`),
}

// keysOf are the keys of a shape, in order.
func keysOf(shape string) []string {
	var keys []string
	for _, word := range strings.Fields(shape) {
		key, _, _ := strings.Cut(word, ":")
		keys = append(keys, strings.TrimSuffix(key, "?"))
	}
	return keys
}

// object is a JSON object with its values as they stand there.
type object map[string]json.RawMessage

// hasShape checks the keys and values of a document.
func hasShape(t *testing.T, where string, o object, shape string) {
	t.Helper()
	for _, word := range strings.Fields(shape) {
		key, form, _ := strings.Cut(word, ":")
		key, optional := strings.CutSuffix(key, "?")
		form, nullable := strings.CutSuffix(form, "?")
		raw, there := o[key]
		if !there {
			if !optional {
				t.Errorf("%s has no key %q", where, key)
			}
			continue
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, raw); err != nil {
			t.Fatal(err)
		}
		value, want := compact.String(), forms[form]
		if want == nil {
			want = regexp.MustCompile(`^"(` + form + `)"$`)
		}
		if !want.MatchString(value) && (!nullable || value != "null") {
			t.Errorf("%s: %s is %s, not a %s", where, key, value, form)
		}
	}
	if strange := slices.DeleteFunc(slices.Sorted(maps.Keys(o)), func(k string) bool { return slices.Contains(keysOf(shape), k) }); len(strange) > 0 {
		t.Errorf("%s has keys that are not in its contract: %q", where, strange)
	}
}

// text is a string of a document, "" for null.
func (o object) text(key string) string {
	var s *string
	if json.Unmarshal(o[key], &s) != nil || s == nil {
		return ""
	}
	return *s
}

// at returns the objects of an array, or the one object, of a document.
func (o object) at(t *testing.T, key string) []object {
	t.Helper()
	if bytes.HasPrefix(bytes.TrimSpace(o[key]), []byte("[")) {
		return decode[[]object](t, string(o[key]))
	}
	return []object{decode[object](t, string(o[key]))}
}

// oddDistrict is a rig with records that no export may stumble over.
func oddDistrict(t *testing.T) *rig {
	r := newRig(t, sim.Config{People: 250, Chromebooks: 160})
	for id, record := range map[string]string{
		"google/users/990001": `{"primaryEmail":"formula@cedarvalley.example","name":{"givenName":"=HYPERLINK(\"x\")","familyName":"@x","fullName":"=HYPERLINK(\"x\") @x"},
			"aliases":["z.formula@cedarvalley.example","A.formula@cedarvalley.example"],"orgUnitPath":"/","suspended":true,"archived":true,
			"organizations":[{"title":"Quote \" and , comma","department":"two\nlines","primary":true}]}`,
		"microsoft/users/00000000-0000-4000-8000-000000990002": `{"userPrincipalName":"pat_gmail.com#EXT#@cedarvalley.example","displayName":"Pat Guest",
			"userType":"Guest","mail":null,"accountEnabled":false,"employeeId":"00017"}`,
		"google/chromeosdevices/00000000-0000-4000-8000-000000990003": `{"serialNumber":"5CD-ODD","meid":"356915091234567","ethernetMacAddress":"0011aabbccdd","orgUnitPath":"/","status":"A_STATUS_OF_TOMORROW",
			"annotatedAssetId":"00042","annotatedLocation":"-12","notes":"+1","recentUsers":[{"type":"USER_TYPE_UNMANAGED"},{"type":"USER_TYPE_MANAGED","email":"formula@cedarvalley.example"}]}`,
	} {
		kind, id := filepath.Split(id)
		if err := r.clouds.Put(strings.TrimSuffix(kind, "/"), id, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestReportsKeepTheirShape(t *testing.T) {
	t.Parallel()
	r := oddDistrict(t)
	checkStatus := func(where string) object {
		t.Helper()
		s := decode[object](t, r.must("status", "--json"))
		hasShape(t, where, s, statusShape)
		hasShape(t, where+" google", s.at(t, "google")[0], googleShape)
		hasShape(t, where+" microsoft", s.at(t, "microsoft")[0], microsoftShape)
		for _, h := range s.at(t, "holds") {
			hasShape(t, where+" hold", h, holdShape)
		}
		return s
	}
	checkSync := func(where string, code int, args ...string) object {
		t.Helper()
		got := r.panel(append([]string{"sync", "--json"}, args...)...)
		if got.code != code {
			t.Fatalf("%s: exit %d, want %d\n%s", where, got.code, code, got.err)
		}
		s := decode[object](t, got.out)
		hasShape(t, where, s, syncShape)
		for _, c := range []string{"google", "microsoft"} {
			turn := s.at(t, c)[0]
			hasShape(t, where+" "+c, turn, turnShape)
			if turn["error"] != nil {
				hasShape(t, where+" error", turn.at(t, "error")[0], errorShape)
			}
			for name, l := range turn.at(t, "listings")[0] {
				listing := decode[object](t, string(l))
				hasShape(t, where+" "+c+" "+name, listing, listingShape)
				if listing["error"] != nil {
					hasShape(t, where+" "+c+" "+name+" error", listing.at(t, "error")[0], errorShape)
				}
			}
		}
		return s
	}

	checkStatus("status before anything")
	checkSync("a sync of nothing", exitPerson)
	if s := checkStatus("status of a new folder"); s.text("vault") != "passphrase" || s.text("cloud_profile") != r.server.Profile || s.text("data_dir") != r.data {
		t.Errorf("status: %s", s)
	}
	r.setUp()
	a := r.server.Azure
	r.ok(r.panelIn(a.ClientSecret, "azure", "set", "--tenant", a.Tenant, "--client-id", a.ClientID, "--expires", "2020-01-31"))
	s := checkSync("a sync", exitDone)
	google := s.at(t, "google")[0].at(t, "listings")[0]
	if keys := slices.Sorted(maps.Keys(google)); !slices.Equal(keys, []string{"chromebooks", "orgunits", "people"}) {
		t.Errorf("Google's listings: %q", keys)
	}
	s = checkStatus("status")
	if m := s.at(t, "microsoft")[0]; m.text("secret_expires") != "2020-01-31" || m.text("tenant") != a.Tenant || m.text("client_id") != a.ClientID {
		t.Errorf("Microsoft's status: %s", m)
	}
	if reminders := decode[[]string](t, string(s["reminders"])); len(reminders) != 1 || !strings.Contains(reminders[0], "secret") {
		t.Errorf("of a secret that has expired by its date: %q", reminders)
	}
	if string(s["next_sync"]) != "null" || string(s["checked_out"]) != "0" {
		t.Errorf("no window runs and nothing is out: %s, %s", s["next_sync"], s["checked_out"])
	}

	r.faults(sim.Fault{Endpoint: "microsoft.token", Kind: "secret_expired"})
	s = checkSync("a sync that failed", exitPerson)
	if e := s.at(t, "microsoft")[0].at(t, "error")[0]; e.text("kind") != "secret_expired" || e.text("code") != "AADSTS7000222" {
		t.Errorf("the error: %s", e)
	}
	if s := checkStatus("status after a failure").at(t, "microsoft")[0]; s.text("state") != "secret_expired" || s.at(t, "last_error")[0].text("kind") != "secret_expired" || s.text("last_success") == "" {
		t.Errorf("Microsoft's status: %s", s)
	}
}

func TestExportsKeepTheirShape(t *testing.T) {
	t.Parallel()
	r := oddDistrict(t)
	for _, what := range []string{"people", "chromebooks", "changes"} {
		if out := r.must("export", what, "--format", "json"); out != "[]\n" {
			t.Errorf("%s before there is anything: %q", what, out)
		}
	}
	r.setUp()
	r.sync(exitDone)
	if err := r.clouds.Put("google/users", "990001", []byte(`{"name":{"givenName":"=1+1"},"orgUnitPath":"/","suspended":false,"archived":false}`)); err != nil {
		t.Fatal(err)
	}
	r.sync(exitDone)

	people := decode[[]object](t, r.must("export", "people", "--format", "json"))
	person := people[slices.IndexFunc(people, func(p object) bool { return p.text("state") == "active" })].text("id")
	for i, c := range decode[[]object](t, r.must("export", "chromebooks", "--format", "json"))[:6] {
		r.must("checkout", "--person", person, "--asset", c.text("device_id"), "--due", "2099-01-31", "--note", []string{"=1+1", "plain"}[i%2])
	}
	r.must("checkin", "--asset", decode[[]object](t, r.must("export", "checkouts", "--format", "json"))[0].text("device_id"))

	for what, c := range map[string]struct {
		shape, nested, parts string
		before               func(a, b object) bool
		never                []string // keys that are null for everybody
	}{
		"people":      {personShape, "", "", sortedBy("primary_email", "id"), nil},
		"chromebooks": {chromebookShape, "recent_users", userShape, sortedBy("serial", "device_id"), nil},
		"orgunits":    {orgUnitShape, "", "", sortedBy("path", "path"), nil},
		"checkouts":   {entryShape, "", "", func(a, b object) bool { return a.text("at") <= b.text("at") }, []string{"undoes", "other_device_id", "other_serial", "condition", "clock"}},
		"changes":     {changeShape, "fields", fieldShape, func(a, b object) bool { return a.text("run") >= b.text("run") }, nil},
	} {
		records := decode[[]object](t, r.must("export", what, "--format", "json"))
		if len(records) < 3 {
			t.Errorf("only %d %s", len(records), what)
		}
		known := map[string]bool{}
		for i, o := range records {
			where := fmt.Sprintf("%s %d", what, i)
			hasShape(t, where, o, c.shape)
			if c.nested != "" {
				for _, part := range o.at(t, c.nested) {
					hasShape(t, where+" "+c.nested, part, c.parts)
				}
			}
			if i > 0 && !c.before(records[i-1], o) {
				t.Errorf("%s comes after %s", o, records[i-1])
			}
			for key, raw := range o {
				known[key] = known[key] || string(raw) != "null"
			}
		}
		for key, some := range known {
			if some == slices.Contains(c.never, key) {
				t.Errorf("%s: some record has %s: %v", what, key, some)
			}
		}
		compareCSV(t, what, keysOf(c.shape), records, r.must("export", what))
		compareWorkbook(t, what, r.must("export", what), r.must("export", what, "--format", "xlsx"))

		file := filepath.Join(t.TempDir(), "out.json")
		if out := r.must("export", what, "--format", "json", "-o", file); out != "" {
			t.Errorf("with -o something went to standard output: %.80q", out)
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != r.must("export", what, "--format", "json") {
			t.Errorf("the file is not what standard output gets: %v", err)
		}
	}
}

// sortedBy tells whether a may stand before b.
func sortedBy(keys ...string) func(a, b object) bool {
	return func(a, b object) bool {
		for _, key := range keys {
			if a.text(key) != b.text(key) {
				return a.text(key) < b.text(key)
			}
		}
		return len(keys) == 2 && keys[0] != keys[1]
	}
}

// compareWorkbook holds a workbook against the CSV: the same columns, and as
// many rows.
func compareWorkbook(t *testing.T, what, text, workbook string) {
	t.Helper()
	want, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	book, err := excelize.OpenReader(strings.NewReader(workbook))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	defer book.Close()
	got, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(got) != len(want) || !slices.Equal(got[0], want[0]) {
		t.Errorf("%s: the workbook has %d rows below %q, the CSV %d below %q (%v)", what, len(got)-1, got[0], len(want)-1, want[0], err)
	}
}

// compareCSV holds a CSV export against the JSON one, cell by cell.
func compareCSV(t *testing.T, what string, header []string, records []object, text string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	want := [][]string{nil}
	for _, key := range header {
		if key == "fields" {
			want[0] = append(want[0], "field", "from", "to")
			continue
		}
		want[0] = append(want[0], key)
	}
	for _, o := range records {
		lines := [][]string{nil}
		for _, key := range header {
			if key != "fields" {
				for i := range lines {
					lines[i] = append(lines[i], csvCell(t, o[key]))
				}
				continue
			}
			fields := o.at(t, key)
			if len(fields) == 0 {
				fields = []object{{}}
			}
			start := lines[0]
			lines = nil
			for _, f := range fields {
				lines = append(lines, append(slices.Clone(start), csvCell(t, f["field"]), csvCell(t, f["from"]), csvCell(t, f["to"])))
			}
		}
		want = append(want, lines...)
	}
	if len(rows) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(rows), len(want))
	}
	for i := range want {
		if !slices.Equal(rows[i], want[i]) {
			t.Errorf("%s row %d:\n%q, want\n%q", what, i, rows[i], want[i])
		}
	}
}

// csvCell is a JSON value as its cell.
func csvCell(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var cell string
	switch {
	case raw == nil || string(raw) == "null":
		return ""
	case raw[0] == '"':
		cell = decode[string](t, string(raw))
	case bytes.HasPrefix(raw, []byte(`[{`)):
		var emails []string
		for _, u := range decode[[]object](t, string(raw)) {
			if e := u.text("email"); e != "" {
				emails = append(emails, e)
			}
		}
		cell = strings.Join(emails, "; ")
	case raw[0] == '[':
		cell = strings.Join(decode[[]string](t, string(raw)), "; ")
	case raw[0] == '{':
		pairs := decode[map[string]string](t, string(raw))
		var all []string
		for _, k := range slices.Sorted(maps.Keys(pairs)) {
			all = append(all, k+"="+pairs[k])
		}
		cell = strings.Join(all, "; ")
	default:
		return string(raw)
	}
	if cell != "" && strings.ContainsRune("=+-@\t\r\n\x00", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
