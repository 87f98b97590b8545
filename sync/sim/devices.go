package sim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// deviceIndex remembers which Chromebooks a listing selects, so that its later pages need no search.
type deviceIndex struct {
	mu       sync.Mutex
	byOU     map[string][]int32 // rows in order, by OU path
	selected map[string][]int32 // rows in order, by OU, depth and query
	units    map[string]unit    // by id, by path in lower case
}

// unit is what an OU goes by; its id has no "id:".
type unit struct{ id, path string }

// forget is for after a change; units says whether OUs changed.
func (x *deviceIndex) forget(units bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.byOU, x.selected = nil, nil
	if units {
		x.units = nil
	}
}

// findOrgUnit finds an OU by what a caller calls it: its path with or without the leading slash, or its id with or without "id:". "" is the
// root. It needs c.mu.
func (c *Cloud) findOrgUnit(s string) (unit, bool) {
	x := &c.devices
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.units == nil {
		t := c.tables[googleOrgUnits]
		x.units = make(map[string]unit, 2*t.count())
		for row := range t.rows() {
			if !t.gone[row] {
				u := unit{strings.TrimPrefix(t.id(row), "id:"), stringMember(t.append(nil, row), "orgUnitPath")}
				x.units[u.id], x.units[strings.ToLower(u.path)] = u, u
			}
		}
	}
	if u, ok := x.units[strings.TrimPrefix(s, "id:")]; ok {
		return u, true
	}
	u, ok := x.units["/"+strings.ToLower(strings.TrimPrefix(s, "/"))]
	if !ok && (s == "" || s == "/") {
		return unit{path: "/"}, true // somebody deleted the root, which is there all the same
	}
	return u, ok
}

// fact returns what decides whether a query matches a Chromebook. It needs c.mu.
func (c *Cloud) fact(row int32) device {
	raw, changed := c.tables[chromeosDevices].changed[row]
	if !changed {
		f, _ := c.district.device(row)
		return f
	}
	var v struct {
		Status, OrgUnitPath, AnnotatedAssetID, AnnotatedUser, AnnotatedLocation, Notes, SerialNumber string
		LastSync, LastEnrollmentTime                                                                 time.Time
		AutoUpdateExpiration                                                                         int64 `json:",string"`
	}
	if json.Unmarshal(raw, &v) != nil {
		return device{path: v.OrgUnitPath, status: v.Status} // somebody put a record of wrong types: it is listed, and matches little
	}
	f := device{status: v.Status, path: v.OrgUnitPath, assetID: v.AnnotatedAssetID, user: v.AnnotatedUser, location: v.AnnotatedLocation,
		notes: v.Notes, serial: v.SerialNumber, aue: v.AutoUpdateExpiration, ou: -1, owner: -1}
	if !v.LastSync.IsZero() {
		f.lastSync = v.LastSync.UnixMilli()
	}
	if !v.LastEnrollmentTime.IsZero() {
		f.enrolled = v.LastEnrollmentTime.UnixMilli()
	}
	return f
}

// selectDevices returns the rows that a listing or a count asks for, or the answer that refuses it. It needs c.mu.
func (c *Cloud) selectDevices(orgUnit, children, query string) (rows []int32, refusal *answer) {
	match, ok := deviceQuery(query)
	if !ok {
		a := answers["invalid_query"]
		return nil, &a
	}
	deep := children == "true"
	if deep && orgUnit == "" {
		a := invalidInput("includeChildOrgunits")
		return nil, &a
	}
	of, ok := c.findOrgUnit(orgUnit)
	if !ok {
		a := answers["invalid_ou"]
		return nil, &a
	}
	path := of.path
	deep = deep || orgUnit == ""
	x := &c.devices
	x.mu.Lock()
	defer x.mu.Unlock()
	key := fmt.Sprintf("%s\x00%t\x00%s", path, deep, query)
	if rows, ok := x.selected[key]; ok {
		return rows, nil
	}
	if x.byOU == nil {
		t := c.tables[chromeosDevices]
		x.byOU, x.selected = map[string][]int32{}, map[string][]int32{}
		for row := range t.rows() {
			if !t.gone[row] {
				at := c.fact(row).path
				x.byOU[at] = append(x.byOU[at], row)
			}
		}
	}
	for at, in := range x.byOU {
		if at == path || deep && below(at, path) {
			rows = append(rows, in...)
		}
	}
	if match != nil {
		rows = slices.DeleteFunc(rows, func(row int32) bool {
			f := c.fact(row)
			f.id = c.tables[chromeosDevices].id(row)
			return !match(f)
		})
	}
	slices.Sort(rows)
	if len(x.selected) > 20_000 {
		clear(x.selected)
	}
	x.selected[key] = rows
	return rows, nil
}

// listDevices answers GET devices/chromeos. Its order means nothing, but holds while a listing lasts.
func (c *Cloud) listDevices(w http.ResponseWriter, r *http.Request) {
	m, size, from, ok := c.start(w, r, "d", c.Settings().DevicePageMax, deviceFields)
	if !ok {
		return
	}
	q := r.URL.Query()
	projection := q.Get("projection")
	if projection != "" && projection != "BASIC" && projection != "FULL" {
		c.answer(w, r, invalidInput("projection"))
		return
	}
	p := newPage("admin#directory#chromeosdevices", "chromeosdevices", m)
	body, refusal := c.devicesPage(p, size, from, q)
	if refusal != nil {
		c.answer(w, r, *refusal)
		return
	}
	sendJSON(w, body)
}

// devicesPage fills a page with the devices after a place.
func (c *Cloud) devicesPage(p *page, size int, from place, q url.Values) (body []byte, refusal *answer) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	rows, refusal := c.selectDevices(q.Get("orgUnitPath"), q.Get("includeChildOrgunits"), q.Get("query"))
	if refusal != nil {
		return nil, refusal
	}
	if q.Get("orderBy") != "" {
		rows = rows[:len(rows)/6] // an ordered listing of 6,152 devices once brought 402 to 1,102 of them, and no error
	}
	at := 0
	if len(from.rest) > 0 {
		after, err := strconv.ParseInt(from.rest[0], 10, 32)
		if err != nil {
			a := invalidInput(q.Get("pageToken"))
			return nil, &a
		}
		at, _ = slices.BinarySearch(rows, int32(after)+1)
	}
	var record, basic []byte
	last := min(at+size, len(rows))
	for _, row := range rows[at:last] {
		record = c.tables[chromeosDevices].append(record[:0], row)
		if q.Get("projection") == "FULL" {
			p.add(record)
			continue
		}
		basic = basicDevice.apply(basic[:0], record)
		p.add(basic)
	}
	next := ""
	if last < len(rows) {
		next = token("d", from.page+1, from.began.Unix(), strconv.Itoa(int(rows[last-1])))
	}
	return p.end(next), nil
}

// countDevices answers GET devices/chromeos:countChromeOsDevices.
func (c *Cloud) countDevices(w http.ResponseWriter, r *http.Request) {
	if _, _, _, ok := c.start(w, r, "n", 100, countFields); !ok {
		return
	}
	q := r.URL.Query()
	c.mu.RLock()
	rows, refusal := c.selectDevices(q.Get("orgUnitPath"), q.Get("includeChildOrgunits"), q.Get("filter"))
	c.mu.RUnlock()
	if refusal != nil {
		c.answer(w, r, *refusal)
		return
	}
	sendJSON(w, []byte(`{"count":"`+strconv.Itoa(len(rows))+`"}`))
}

// deviceQuery understands status:, id:, sync:, register:, aue:, asset_id:, user:, location: and note:, joined by spaces; days and times are
// UTC. nil matches every device.
func deviceQuery(s string) (match func(device) bool, ok bool) {
	var all []func(device) bool
	for _, term := range strings.Fields(s) {
		name, value, found := strings.Cut(term, ":")
		if !found || value == "" {
			return nil, false
		}
		one, ok := deviceTerm(name, value)
		if !ok {
			return nil, false
		}
		all = append(all, one)
	}
	if all == nil {
		return nil, true
	}
	return func(f device) bool {
		for _, one := range all {
			if !one(f) {
				return false
			}
		}
		return true
	}, true
}

func deviceTerm(name, value string) (func(device) bool, bool) {
	text := func(of func(device) string) (func(device) bool, bool) {
		want := strings.ToLower(strings.Trim(value, `"'`))
		return func(f device) bool { return strings.Contains(strings.ToLower(of(f)), want) }, true
	}
	between := func(of func(device) int64) (func(device) bool, bool) {
		from, to, ok := dateRange(value)
		return func(f device) bool { t := of(f); return t != 0 && from <= t && t < to }, ok
	}
	switch name {
	case "status":
		states := map[string][]string{"provisioned": {"ACTIVE"}, "disabled": {"DISABLED"}, "deprovisioned": {"DEPROVISIONED"},
			"managed": {"ACTIVE", "DISABLED"}}[value]
		return func(f device) bool { return slices.Contains(states, f.status) }, states != nil
	case "id":
		return func(f device) bool { return strings.HasPrefix(f.id, value) }, len(value) >= 3
	case "sync":
		return between(func(f device) int64 { return f.lastSync })
	case "register":
		return between(func(f device) int64 { return f.enrolled })
	case "aue":
		return between(func(f device) int64 { return f.aue })
	case "asset_id":
		return text(func(f device) string { return f.assetID })
	case "user":
		return text(func(f device) string { return f.user })
	case "location":
		return text(func(f device) string { return f.location })
	case "note":
		return text(func(f device) string { return f.notes })
	}
	return nil, false
}

// dateRange reads d, ..d, d.. or d..d, where d is a day or a time, as unix milliseconds from … to, to excluded. A last day counts whole.
func dateRange(s string) (from, to int64, ok bool) {
	first, last, isRange := strings.Cut(s, "..")
	if !isRange {
		last = first
	}
	from, to = 0, 1<<62
	read := func(s string, end bool) (int64, bool) {
		if t, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(s, "Z")); err == nil {
			if end {
				t = t.Add(time.Second)
			}
			return t.UnixMilli(), true
		}
		t, err := time.Parse(day, s)
		if err == nil && end {
			t = t.AddDate(0, 0, 1)
		}
		return t.UnixMilli(), err == nil
	}
	if first != "" {
		if from, ok = read(first, false); !ok {
			return 0, 0, false
		}
	}
	if last != "" {
		if to, ok = read(last, true); !ok {
			return 0, 0, false
		}
	}
	return from, to, first != "" || last != ""
}
