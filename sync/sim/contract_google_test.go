package sim

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// schema is a type of a discovery document.
type schema struct {
	Ref        string `json:"$ref"`
	Type       string
	Format     string
	Enum       []string
	Properties map[string]*schema
	Additional *schema `json:"additionalProperties"`
	Items      *schema
}

// discovery is Google's own description of the Directory API, out of the client library's module.
func discovery(t *testing.T) map[string]*schema {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "admin/directory/v1/admin-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Schemas map[string]*schema }
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Schemas
}

// anyTypes are the members of a user that the document leaves open and describes in schemas of their own.
var anyTypes = map[string]string{"emails": "UserEmail", "externalIds": "UserExternalId", "organizations": "UserOrganization", "phones": "UserPhone"}

// conforms returns what is wrong with a value, by its path: fields that the schema lacks, wrong types, formats and enum values.
func conforms(schemas map[string]*schema, s *schema, value any, path string) (wrong []string) {
	bad := func(what string) []string { return append(wrong, fmt.Sprintf("%s: %s: %v", path, what, value)) }
	if s.Ref != "" {
		s = schemas[s.Ref]
	}
	switch v := value.(type) {
	case map[string]any:
		if s.Type != "object" {
			return bad("an object where the document wants " + s.Type)
		}
		for name, member := range v {
			p := s.Properties[name]
			if p == nil {
				wrong = append(wrong, path+"."+name+": not in the document")
				continue
			}
			wrong = append(wrong, conforms(schemas, p, member, path+"."+name)...)
		}
	case []any:
		item := s.Items
		if s.Type == "any" {
			item = &schema{Ref: anyTypes[path[strings.LastIndex(path, ".")+1:]]}
		}
		if s.Type != "array" && s.Type != "any" || item.Ref == "" && item.Type == "" {
			return bad("a list where the document wants " + s.Type)
		}
		for i, x := range v {
			wrong = append(wrong, conforms(schemas, item, x, path+"["+strconv.Itoa(i)+"]")...)
		}
	case bool:
		if s.Type != "boolean" {
			return bad("a bool")
		}
	case float64:
		if s.Type != "integer" || v != math.Trunc(v) || s.Format == "int32" && math.Abs(v) > math.MaxInt32 {
			return bad("a number where the document wants " + s.Type + " " + s.Format)
		}
	case string:
		if s.Type != "string" || !formatted(v, s.Format) || s.Enum != nil && !slices.Contains(s.Enum, v) {
			return bad("not a " + s.Type + " " + s.Format + " of " + strings.Join(s.Enum, "|"))
		}
	default:
		return bad("null")
	}
	return wrong
}

func formatted(v, format string) bool {
	var err error
	switch format {
	case "int64":
		_, err = strconv.ParseInt(v, 10, 64)
	case "date-time":
		_, err = time.Parse(time.RFC3339Nano, v)
	case "date":
		_, err = time.Parse(day, v)
	case "":
	default:
		return false
	}
	return err == nil
}

func TestGoogleAnswersConformToTheDiscoveryDocument(t *testing.T) {
	schemas := discovery(t)
	c, s := start(t)
	access, _ := c.GoogleTokens()
	if err := c.Delete(googleUsers, c.IDs(googleUsers)[30]); err != nil {
		t.Fatal(err)
	}
	if err := c.Put(googleUsers, "105000000000000000001", json.RawMessage(`{"primaryEmail":"new@cedarvalley.example"}`)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ schema, array, path string }{
		{"Users", "users", "users?customer=my_customer&maxResults=500"},
		{"Users", "users", "users?customer=my_customer&showDeleted=true"},
		{"ChromeOsDevices", "chromeosdevices", "customer/my_customer/devices/chromeos?projection=FULL"},
		{"ChromeOsDevices", "chromeosdevices", "customer/my_customer/devices/chromeos?projection=BASIC&maxResults=300"},
		{"OrgUnits", "organizationUnits", "customer/my_customer/orgunits?type=allIncludingParent"},
		{"CountChromeOsDevicesResponse", "", "customer/my_customer/devices/chromeos:countChromeOsDevices"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			records, token := 0, ""
			for {
				var page map[string]any
				getJSON(t, s.URL+directoryPath+tt.path+token, access, &page)
				for _, wrong := range conforms(schemas, &schema{Ref: tt.schema}, page, tt.schema) {
					t.Error(wrong)
				}
				list, _ := page[tt.array].([]any)
				records += len(list)
				next, _ := page["nextPageToken"].(string)
				if next == "" {
					break
				}
				token = "&pageToken=" + url.QueryEscape(next)
			}
			if records == 0 && tt.array != "" {
				t.Error("no record was there to check")
			}
		})
	}
}

// The check has to be able to fail.
func TestConformsFindsWhatIsWrong(t *testing.T) {
	schemas := discovery(t)
	for _, record := range []string{
		`{"serial":"x"}`, `{"status":null}`, `{"autoUpdateExpiration":1}`, `{"autoUpdateExpiration":"soon"}`, `{"lastSync":"yesterday"}`, `{"supportEndDate":"yesterday"}`,
		`{"deprovisionReason":"LOST"}`, `{"recentUsers":{"type":"x"}}`, `{"activeTimeRanges":[{"date":"1.2.2026"}]}`, `{"willAutoRenew":"no"}`,
		`{"diskSpaceUsage":{"capacityBytes":5}}`,
	} {
		var value any
		if err := json.Unmarshal([]byte(record), &value); err != nil {
			t.Fatal(err)
		}
		if len(conforms(schemas, &schema{Ref: "ChromeOsDevice"}, value, "device")) != 1 {
			t.Errorf("%s passed", record)
		}
	}
}

func TestMasksNameFieldsOfTheDiscoveryDocument(t *testing.T) {
	schemas := discovery(t)
	var walk func(m *mask, s *schema, path string)
	walk = func(m *mask, s *schema, path string) {
		if s.Ref != "" {
			s = schemas[s.Ref]
		}
		if s.Type == "array" {
			walk(m, s.Items, path)
			return
		}
		for i, name := range m.names {
			p := s.Properties[name]
			if p == nil {
				t.Errorf("%s.%s is not in the document", path, name)
				continue
			}
			walk(m.below[i], p, path+"."+name)
		}
	}
	walk(userFields, &schema{Ref: "Users"}, "Users")
	walk(deviceFields, &schema{Ref: "ChromeOsDevices"}, "ChromeOsDevices")
	walk(orgUnitFields, &schema{Ref: "OrgUnits"}, "OrgUnits")
	walk(countFields, &schema{Ref: "CountChromeOsDevicesResponse"}, "Count")
	walk(basicDevice, &schema{Ref: "ChromeOsDevice"}, "ChromeOsDevice")
	for name := range schemas["ChromeOsDevice"].Properties {
		if deviceFields.find("chromeosdevices").find(name) == nil {
			t.Errorf("a mask may not name chromeosdevices/%s, and Google knows it", name)
		}
	}
}
