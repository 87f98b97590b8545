package sim

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const wholeSelect = "id,displayName,givenName,surname,mail,userPrincipalName,otherMails,proxyAddresses,accountEnabled,userType,externalUserState," +
	"creationType,employeeId,employeeType,department,jobTitle,companyName,officeLocation,mobilePhone,businessPhones,ageGroup,onPremisesSyncEnabled," +
	"onPremisesImmutableId,onPremisesSamAccountName,onPremisesUserPrincipalName,createdDateTime,assignedLicenses,preferredLanguage"

// wrongProperty says what is wrong with a value of a Graph user, "" if nothing.
func wrongProperty(name string, value any) string {
	p, ok := properties[name]
	if !ok {
		return name + " is no property of a user"
	}
	if value == nil {
		if !p.Nullable {
			return name + " must not be null"
		}
		return ""
	}
	kind := p.Type
	if inner, ok := strings.CutPrefix(kind, "Collection("); ok {
		list, isList := value.([]any)
		if !isList {
			return name + " is not a list"
		}
		for _, x := range list {
			if !scalar(strings.TrimSuffix(inner, ")"), x) {
				return name + " has a wrong element"
			}
		}
		return ""
	}
	if !scalar(kind, value) {
		return name + " is not " + kind
	}
	return ""
}

func scalar(kind string, value any) bool {
	switch kind {
	case "Edm.String":
		_, ok := value.(string)
		return ok
	case "Edm.Boolean":
		_, ok := value.(bool)
		return ok
	case "Edm.Int32":
		_, ok := value.(float64)
		return ok
	case "Edm.DateTimeOffset":
		s, _ := value.(string)
		_, err := time.Parse(time.RFC3339, s)
		return err == nil
	}
	return false
}

type graphAnswer struct {
	Context string           `json:"@odata.context"`
	Next    string           `json:"@odata.nextLink"`
	Delta   string           `json:"@odata.deltaLink"`
	Value   []map[string]any `json:"value"`
}

func TestGraphAnswersConformToTheSchema(t *testing.T) {
	c, s := start(t)
	token := c.MicrosoftToken()
	for _, path := range []string{"/v1.0/users", "/v1.0/users?$top=7", "/v1.0/users?$top=999&$select=" + wholeSelect, "/v1.0/users/delta?$select=" + wholeSelect} {
		t.Run(path, func(t *testing.T) {
			selected := defaultProperties
			if strings.Contains(path, "$select") {
				selected = strings.Split(wholeSelect, ",")
			}
			users := 0
			for next := s.URL + path; next != ""; {
				var page graphAnswer
				getJSON(t, next, token, &page)
				next = page.Next
				if !regexp.MustCompile(`/v1\.0/\$metadata#users`).MatchString(page.Context) {
					t.Fatalf("@odata.context is %q", page.Context)
				}
				for _, u := range page.Value {
					if _, gone := u["@removed"]; gone {
						continue
					}
					users++
					if !strings.Contains(path, "delta") && len(u) != len(selected) {
						t.Errorf("%d properties, %d selected: %v", len(u), len(selected), u)
					}
					for name, value := range u {
						if wrong := wrongProperty(name, value); wrong != "" || !slices.Contains(selected, name) {
							t.Errorf("%s: %v (%s)", name, value, wrong)
						}
					}
				}
			}
			if want := c.Counts().MicrosoftUsers; users != want {
				t.Errorf("%d users, want %d", users, want)
			}
		})
	}
}

func TestWrongPropertyFindsWhatIsWrong(t *testing.T) {
	for name, value := range map[string]any{"mail": 1.0, "accountEnabled": "true", "businessPhones": nil, "proxyAddresses": "SMTP:a@b", "nickName": "x",
		"createdDateTime": "yesterday", "id": nil, "otherMails": []any{1.0}} {
		if wrongProperty(name, value) == "" {
			t.Errorf("%s: %v passed", name, value)
		}
	}
}

// The table in testdata is what derive.go makes of the service's schema. The schema is not part of this repository: where a copy lies beside
// it, the two are compared.
func TestGraphTableIsTheSchemas(t *testing.T) {
	csdl, err := filepath.Abs(filepath.Join("..", "..", "..", "shared", "reference", "graph-user-csdl.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(csdl); errors.Is(err, fs.ErrNotExist) {
		t.Skip("not compared: the schema of Microsoft Graph (an extract of schemas/v1.0-Prod.csdl) is not at " + csdl)
	}
	got, err := exec.CommandContext(t.Context(), "go", "run", filepath.Join("testdata", "derive.go"), csdl).Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, graphUserJSON) {
		t.Error("testdata/graph_user.json is not what derive.go makes of the schema")
	}
}

func TestGraphTableReadsAsExpected(t *testing.T) {
	for name, want := range map[string]property{
		"id":             {"id", "Edm.String", false},
		"mail":           {"mail", "Edm.String", true},
		"proxyAddresses": {"proxyAddresses", "Collection(Edm.String)", false},
		"accountEnabled": {"accountEnabled", "Edm.Boolean", true},
	} {
		if properties[name] != want {
			t.Errorf("%s is %+v, want %+v", name, properties[name], want)
		}
	}
}
