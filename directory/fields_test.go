package directory

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// eachFieldMoves fails unless every field of T outside of except, when set
// alone, gives exactly one entry of the table a text. Members of except are
// what no cloud changes.
func eachFieldMoves[T any](t *testing.T, table []Field[T], except ...string) {
	t.Helper()
	names := make(map[string]bool)
	for _, f := range table {
		if names[f.Name] {
			t.Errorf("%s is listed twice", f.Name)
		}
		names[f.Name] = true
		if got := f.Text(new(T)); got != "" {
			t.Errorf("%s of nothing is %q", f.Name, got)
		}
	}
	covered := 0
	for i := range reflect.TypeFor[T]().NumField() {
		field := reflect.TypeFor[T]().Field(i)
		if slices.Contains(except, field.Name) {
			continue
		}
		v := new(T)
		set(t, reflect.ValueOf(v).Elem().Field(i))
		n := 0
		for _, f := range table {
			if f.Text(v) != "" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s is in %d entries of the table, want 1", field.Name, n)
		}
		covered++
	}
	if covered != len(table) {
		t.Errorf("%d fields, %d entries", covered, len(table))
	}
}

// set gives v a value that is not zero.
func set(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(at(1)))
		return
	case []RecentUser:
		v.Set(reflect.ValueOf([]RecentUser{{Email: "a@x"}}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int64:
		v.SetInt(1)
	case reflect.Slice:
		v.Set(reflect.ValueOf([]string{"x"}))
	default:
		t.Fatalf("no value for a %s", v.Type())
	}
}

func TestFieldTablesAreWhole(t *testing.T) {
	eachFieldMoves(t, AccountFields, "Cloud", "ID")
	eachFieldMoves(t, ChromebookFields, "DeviceID", "Gone")
	eachFieldMoves(t, OrgUnitFields, "ID")
	// What has no provenance: what is derived from both clouds.
	eachFieldMoves(t, PersonFields, "ID", "GoogleID", "MicrosoftID", "Emails", "Kind", "GoogleState", "MicrosoftState",
		"FromMicrosoft", "Departed", "PossibleDuplicate")
}

func TestPersonFieldsFitTheirBits(t *testing.T) {
	if len(PersonFields) > 32 {
		t.Errorf("%d fields with a provenance do not fit 32 bits", len(PersonFields))
	}
	m := microsoft("a", "u@x", "m@x")
	m.DisplayName, m.GivenName, m.FamilyName, m.OrgUnit, m.EmployeeID = "x", "x", "x", "x", "x"
	m.Title, m.Department, m.Phone, m.LastSignIn = "x", "x", "x", at(1)
	p := Merge([]Account{m}, Rules{})[0]
	for i, f := range PersonFields {
		if p.FromMicrosoft&(1<<i) == 0 {
			t.Errorf("%s of a Microsoft account does not come from Microsoft", f.Name)
		}
	}
	if p.FromMicrosoft>>len(PersonFields) != 0 {
		t.Errorf("bits beyond the table: %b", p.FromMicrosoft)
	}
}

// TestVolatile: these and no others make no change entry.
func TestVolatile(t *testing.T) {
	account, book := volatile(AccountFields), volatile(ChromebookFields)
	if want := []string{"last_sign_in"}; !slices.Equal(account, want) {
		t.Errorf("of an account %q, want %q", account, want)
	}
	if want := []string{"recent_users", "update_checked", "last_sync", "storage_used", "last_ip", "last_wan_ip"}; !slices.Equal(book, want) {
		t.Errorf("of a Chromebook %q, want %q", book, want)
	}
	if got := volatile(OrgUnitFields); got != nil {
		t.Errorf("of an OU %q", got)
	}
}

func volatile[T any](fields []Field[T]) (names []string) {
	for _, f := range fields {
		if f.Volatile {
			names = append(names, f.Name)
		}
	}
	return names
}

func TestDiff(t *testing.T) {
	a := Chromebook{Serial: "5CD1", OSVersion: "130", LastSync: at(1), StorageBytes: 32e9}
	b := Chromebook{Serial: "5CD1", OSVersion: "131", LastSync: at(2), Notes: "cracked", StorageUsed: 5}
	want := []FieldChange{
		{Field: "notes", From: "", To: "cracked"},
		{Field: "os_version", From: "130", To: "131"},
		{Field: "storage_bytes", From: "32000000000", To: ""},
	}
	if got := Diff(ChromebookFields, &a, &b); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Diff(ChromebookFields, &a, &a); got != nil {
		t.Errorf("a record differs from itself in %v", got)
	}
}
