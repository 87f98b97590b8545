package microsoft

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/sim"
)

func TestUsersAreRead(t *testing.T) {
	for name, test := range map[string]struct {
		json string
		want directory.Account
	}{
		"everything": {`{"id":"1","displayName":"Bob Smith","givenName":"Bob","surname":"Smith","userPrincipalName":"Bob@x","mail":"bob.smith@x",
			"proxyAddresses":["SMTP:bob.smith@x","smtp:Bobby@x","X500:/o=x","sip:bob@x","smtp:","odd"],"accountEnabled":true,"userType":"Member",
			"employeeId":"42","employeeType":"Staff","jobTitle":"Teacher","department":"Arts","mobilePhone":"1","businessPhones":["2","3"],
			"onPremisesSyncEnabled":null,"@odata.id":"x","never heard of":{"a":[1]}}`,
			directory.Account{
				ID: "1", DisplayName: "Bob Smith", GivenName: "Bob", FamilyName: "Smith", Primary: "Bob@x", Mail: "bob.smith@x",
				Aliases: []string{"bob.smith@x", "Bobby@x"}, State: directory.Active, EmployeeID: "42", EmployeeType: "Staff",
				Title: "Teacher", Department: "Arts", Mobile: "1", Phone: "2",
			}},
		"nothing but nulls": {`{"id":"1","displayName":null,"givenName":null,"surname":null,"userPrincipalName":null,"mail":null,
			"proxyAddresses":[],"accountEnabled":null,"userType":null,"employeeId":null,"businessPhones":[]}`,
			directory.Account{ID: "1"}},
		"a disabled guest": {`{"id":"1","userPrincipalName":"a_b.com#EXT#@t.onmicrosoft.com","mail":"a@b.com","accountEnabled":false,"userType":"Guest"}`,
			directory.Account{ID: "1", Primary: "a_b.com#EXT#@t.onmicrosoft.com", Mail: "a@b.com", State: directory.Disabled, Guest: true}},
	} {
		t.Run(name, func(t *testing.T) {
			p, e := decodePage[user]([]byte(`{"@odata.context":"c","value":[` + test.json + `]}`))
			if e != nil || len(p.value) != 1 {
				t.Fatalf("%+v, %v", p, e)
			}
			test.want.Cloud = directory.Microsoft
			if diff := cmp.Diff(test.want, p.value[0].account()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What a change is laid over must be what was stored, or syncs would change
// what the cloud did not.
func TestStoredAccountsComeBackAsTheyWere(t *testing.T) {
	c := sim.New(sim.Config{People: 300, Chromebooks: 1})
	for _, id := range c.IDs(users) {
		record, err := c.Record(users, id)
		if err != nil {
			t.Fatal(err)
		}
		var u user
		if err := json.Unmarshal(record, &u); err != nil {
			t.Fatal(err)
		}
		a := u.account()
		again := userOf(a)
		if diff := cmp.Diff(a, again.account()); diff != "" {
			t.Fatalf("(-stored +laid over):\n%s", diff)
		}
	}
}

func TestSelectedAreTheFieldsOfAUser(t *testing.T) {
	var all map[string]any
	data, err := json.Marshal(user{})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	names := strings.Split(selected, ",")
	for _, name := range names {
		if _, ok := all[name]; !ok {
			t.Errorf("%s is selected and not read", name)
		}
	}
	if len(names) != len(all) {
		t.Errorf("%d properties are selected, %d are read", len(names), len(all))
	}
}

func TestPagesOfTheWrongShapeAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ body, code string }{
		"nothing":         {``, cloud.CodeTruncated},
		"null":            {`null`, cloud.CodeNotJSON},
		"an array":        {`[]`, cloud.CodeNotJSON},
		"an empty object": {`{}`, cloud.CodeShape},
		"an error":        {`{"error":{"code":"x"}}`, cloud.CodeShape},
		"no value":        {`{"@odata.context":"c"}`, cloud.CodeShape},
		"no context":      {`{"value":[]}`, cloud.CodeShape},
		"null context":    {`{"@odata.context":null,"value":[]}`, cloud.CodeShape},
		"null value":      {`{"@odata.context":"c","value":null}`, cloud.CodeNotJSON},
		"one value":       {`{"@odata.context":"c","value":{}}`, cloud.CodeNotJSON},
		"another case":    {`{"@odata.context":"c","Value":[]}`, cloud.CodeShape},
		"value twice":     {`{"@odata.context":"c","value":[{"id":"1"}],"value":[]}`, cloud.CodeShape},
		"a text for one":  {`{"@odata.context":"c","value":["bob"]}`, cloud.CodeShape},
		"a number":        {`{"@odata.context":"c","value":[{"id":7}]}`, cloud.CodeShape},
		"cut in value":    {`{"@odata.context":"c","value":[{"id":"1"}`, cloud.CodeTruncated},
		"cut in a user":   {`{"@odata.context":"c","value":[{"id":"1`, cloud.CodeTruncated},
		"cut at the end":  {`{"@odata.context":"c","value":[{"id":"1"}]`, cloud.CodeTruncated},
		"garbage after":   {`{"@odata.context":"c","value":[]}<script>`, cloud.CodeNotJSON},
		"another after":   {`{"@odata.context":"c","value":[]}{}`, cloud.CodeNotJSON},
	} {
		if p, e := decodePage[user]([]byte(test.body)); e == nil || e.Kind != cloud.BadAnswer || e.Code != test.code {
			t.Errorf("%s: %+v, %v; want %s", name, p, e, test.code)
		}
		if _, e := decodePage[change]([]byte(test.body)); e == nil || e.Kind != cloud.BadAnswer {
			t.Errorf("%s, as changes: %v", name, e)
		}
	}
}

// A page is what encoding/json makes of it, and never more than was there.
func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"@odata.context":"c","@odata.nextLink":"http://x","value":[{"id":"1","mail":null,"proxyAddresses":["smtp:a@x"]}]}`))
	f.Add([]byte(`{"@odata.context":"c","@odata.deltaLink":"http://x","value":[{"id":"1","@removed":{"reason":"changed"}},{"id":"2"}]}`))
	f.Add([]byte(`{"value":[],"value":[1],"@odata.context":"c"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, e := decodePage[user](data)
		if e != nil {
			if e.Kind != cloud.BadAnswer || e.Code == "" {
				t.Errorf("error %+v", e)
			}
			return
		}
		var plain struct {
			Value []user `json:"value"`
		}
		if err := json.Unmarshal(data, &plain); err != nil {
			t.Fatalf("accepted what encoding/json does not: %v", err)
		}
		if len(p.value) < len(plain.Value) {
			t.Errorf("%d users of %d", len(p.value), len(plain.Value))
		}
		for i := range p.value {
			a := p.value[i].account()
			u := userOf(a)
			if diff := cmp.Diff(a, u.account()); diff != "" {
				t.Errorf("stored and laid over (-stored +laid over):\n%s", diff)
			}
		}
		if _, e := decodePage[change](data); e != nil && e.Code != cloud.CodeShape {
			t.Errorf("as changes: %+v", e)
		}
	})
}

// BenchmarkPage decodes a page of 999 users, against the least that
// encoding/json can do with it.
func BenchmarkPage(b *testing.B) {
	c := sim.New(sim.Config{People: 1200, Chromebooks: 1})
	var value []string
	for _, id := range c.IDs(users)[:pageSize] {
		record, err := c.Record(users, id)
		if err != nil {
			b.Fatal(err)
		}
		value = append(value, string(record))
	}
	body := []byte(fmt.Sprintf(`{"@odata.context":"c","value":[%s]}`, strings.Join(value, ",")))
	b.Run("panel", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			p, e := decodePage[user](body)
			if e != nil {
				b.Fatal(e)
			}
			for i := range p.value {
				_ = p.value[i].account()
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var plain struct{ Value []user }
			if err := json.Unmarshal(body, &plain); err != nil {
				b.Fatal(err)
			}
		}
	})
}
