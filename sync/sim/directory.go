package sim

import (
	"net/http"
	"slices"
	"strings"
)

const directoryPath = "/admin/directory/v1/"

// serveDirectory answers what stands below /admin/directory/v1/.
func (c *Cloud) serveDirectory(w http.ResponseWriter, r *http.Request) {
	rest := strings.TrimPrefix(r.URL.Path, directoryPath)
	parts := strings.Split(rest, "/")
	endpoint, scope, h := "", "", http.HandlerFunc(nil)
	customer := "my_customer"
	if len(parts) > 2 && parts[0] == "customer" {
		customer = parts[1]
		rest = strings.Join(parts[2:], "/")
	}
	switch {
	case rest == "users":
		endpoint, scope, h = "google.users", scopeUsers, c.listUsers
	case len(parts) > 2 && rest == "orgunits":
		endpoint, scope, h = "google.orgunits", scopeOrgUnits, c.listOrgUnits
	case len(parts) > 2 && rest == "devices/chromeos":
		endpoint, scope, h = "google.chromeosdevices", scopeDevices, c.listDevices
	case len(parts) > 2 && rest == "devices/chromeos:countChromeOsDevices":
		endpoint, scope, h = "google.count", scopeDevices, c.countDevices
	default:
		c.meet("other", w, r, http.NotFound)
		return
	}
	if r.Method != http.MethodGet {
		c.meet("google.write", w, r, func(w http.ResponseWriter, r *http.Request) {
			c.answer(w, r, insufficient(strings.TrimSuffix(scope, ".readonly")))
		})
		return
	}
	c.meet(endpoint, w, r, func(w http.ResponseWriter, r *http.Request) {
		account, refusal := c.google.authorize(bearer(r), scope)
		switch {
		case refusal != "" && refusal != scope:
			c.answer(w, r, answers[refusal])
		case refusal == scope:
			c.answer(w, r, insufficient(scope))
		case !account.may(scope):
			c.answer(w, r, answers["forbidden"])
		case customer != "my_customer" && customer != account.customer:
			c.answer(w, r, answers["invalid_customer"])
		default:
			h(w, r)
		}
	})
}

// listUsers answers GET users: by primary address, at most 500 a page.
func (c *Cloud) listUsers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	account, _ := c.google.authorize(bearer(r), scopeUsers)
	switch customer, domain := q.Get("customer"), q.Get("domain"); {
	case customer == "" && domain == "", customer != "" && customer != "my_customer" && customer != account.customer:
		c.answer(w, r, answers["bad_request"])
		return
	case domain != "" && !strings.EqualFold(domain, Domain):
		c.answer(w, r, answers["domain_not_found"])
		return
	case q.Get("orderBy") != "" && q.Get("orderBy") != "email", q.Get("sortOrder") == "DESCENDING":
		c.answer(w, r, invalidInput("orderBy")) // the simulator's own limit
		return
	}
	match, ok := userQuery(q.Get("query"))
	if !ok {
		c.answer(w, r, answers["invalid_query"])
		return
	}
	m, size, from, ok := c.start(w, r, "u", 500, userFields)
	if !ok {
		return
	}
	sendJSON(w, c.usersPage(newPage("admin#directory#users", "users", m), size, from, match, q.Get("showDeleted") == "true", account.customer))
}

// usersPage fills a page with the users after a place that match.
func (c *Cloud) usersPage(p *page, size int, from place, match func([]byte) bool, deleted bool, customer string) []byte {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t, at := c.tables[googleUsers], 0
	if len(from.rest) > 0 {
		at, _ = slices.BinarySearchFunc(c.userOrder, from.rest[0], func(row int32, last string) int {
			if c.userKey(row) <= last {
				return -1
			}
			return 1
		})
	}
	tail := `,"customerId":"` + customer + `"}`
	var record []byte
	next, taken := "", 0
	for ; at < len(c.userOrder); at++ {
		row := c.userOrder[at]
		if t.gone[row] != deleted {
			continue
		}
		record = t.append(record[:0], row)
		if match != nil && !match(record) {
			continue
		}
		if taken == size {
			next = token("u", from.page+1, from.began.Unix(), c.userKey(c.userOrder[at-1]))
			break
		}
		taken++
		p.add(append(record[:len(record)-1], tail...))
	}
	return p.end(next)
}

// userQuery understands the part of the search language that lists use: isSuspended=, isArchived=, isAdmin= and orgUnitPath= (a subtree).
// nil matches everybody.
func userQuery(s string) (match func(record []byte) bool, ok bool) {
	if s == "" {
		return nil, true
	}
	name, value, ok := strings.Cut(s, "=")
	value = strings.Trim(value, `'"`)
	switch name {
	case "isSuspended", "isArchived", "isAdmin":
		member := map[string]string{"isSuspended": "suspended", "isArchived": "archived", "isAdmin": "isAdmin"}[name]
		return func(record []byte) bool {
			is := "false"
			members(record, func(n, v []byte) {
				if string(n) == member {
					is = string(v)
				}
			})
			return is == value
		}, ok && (value == "true" || value == "false")
	case "orgUnitPath":
		return func(record []byte) bool { return below(stringMember(record, "orgUnitPath"), value) }, ok && strings.HasPrefix(value, "/")
	}
	return nil, false
}

// below says whether an OU's path is the path of another or inside it.
func below(path, of string) bool {
	return of == "/" || path == of || strings.HasPrefix(path, of) && path[len(of)] == '/'
}

// listOrgUnits answers GET orgunits, whole: type children (the default) or all, both without the OU they are asked of, or allIncludingParent.
func (c *Cloud) listOrgUnits(w http.ResponseWriter, r *http.Request) {
	m, _, _, ok := c.start(w, r, "o", 100, orgUnitFields)
	if !ok {
		return
	}
	q := r.URL.Query()
	kind := q.Get("type")
	if kind != "" && kind != "all" && kind != "children" && kind != "allIncludingParent" {
		c.answer(w, r, invalidInput("type"))
		return
	}
	body, refusal := c.orgUnitsPage(newPage("admin#directory#orgUnits", "organizationUnits", m), q.Get("orgUnitPath"), kind)
	if refusal != "" {
		c.answer(w, r, answers[refusal])
		return
	}
	sendJSON(w, body)
}

func (c *Cloud) orgUnitsPage(p *page, of, kind string) (body []byte, refusal string) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	unit, ok := c.findOrgUnit(of)
	if !ok {
		return nil, "orgunit_not_found"
	}
	top := unit.path
	t := c.tables[googleOrgUnits]
	for row := range t.rows() {
		if t.gone[row] {
			continue
		}
		record := t.append(nil, row)
		path := stringMember(record, "orgUnitPath")
		switch {
		case !below(path, top), path == top && kind != "allIncludingParent":
			continue
		case (kind == "" || kind == "children") && stringMember(record, "parentOrgUnitPath") != top:
			continue
		}
		p.add(record)
	}
	return p.end(""), ""
}
