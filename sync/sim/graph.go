package sim

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// property is a property of microsoft.graph.user, as the service's schema has it.
type property struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Nullable bool   `json:"nullable"`
}

//go:embed testdata/graph_user.json
var graphUserJSON []byte

// properties are those of a Graph user, by name.
var properties = func() map[string]property {
	var table []property
	if err := json.Unmarshal(graphUserJSON, &table); err != nil {
		panic("sim: testdata/graph_user.json: " + err.Error())
	}
	all := map[string]property{}
	for _, p := range table {
		all[p.Name] = p
	}
	return all
}()

// What GET /users returns when nothing is selected, and what it refuses to list although a user has it.
var (
	defaultProperties = []string{"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
		"preferredLanguage", "surname", "userPrincipalName", "id"}
	unlistable = []string{"aboutMe", "birthday", "hireDate", "interests", "mailboxSettings", "mySite", "pastProjects", "preferredName",
		"responsibilities", "schools", "skills"}
)

// serveGraph answers what stands below /v1.0/.
func (c *Cloud) serveGraph(w http.ResponseWriter, r *http.Request) {
	endpoint, h := "other", http.HandlerFunc(http.NotFound)
	switch r.URL.Path {
	case "/v1.0/users":
		endpoint, h = "microsoft.users", c.graphUsers
	case "/v1.0/users/delta":
		endpoint, h = "microsoft.delta", c.graphDelta
	}
	if r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/v1.0/users") {
		endpoint, h = "microsoft.write", func(w http.ResponseWriter, r *http.Request) { c.answer(w, r, answers["denied"]) }
	}
	c.meet(endpoint, w, r, func(w http.ResponseWriter, r *http.Request) {
		if refusal := c.graph.authorize(bearer(r)); refusal != "" {
			c.answer(w, r, answers[refusal])
			return
		}
		h(w, r)
	})
}

// selection reads $select and refuses what Graph would.
func selection(q url.Values) (names []string, refusal *answer) {
	refuse := func(a answer) ([]string, *answer) { return nil, &a }
	for _, unsupported := range []string{"$filter", "$search", "$orderby", "$expand", "$skip", "$count"} {
		if q.Has(unsupported) { // of these Graph refuses $skip; the simulator knows none
			return refuse(graphError(http.StatusBadRequest, "Request_UnsupportedQuery", "'"+unsupported+"' is not supported by the service."))
		}
	}
	if q.Get("$select") == "" {
		return defaultProperties, nil
	}
	for _, name := range strings.Split(q.Get("$select"), ",") {
		name = strings.TrimSpace(name)
		switch _, ok := properties[name]; {
		case !ok:
			return refuse(graphError(http.StatusBadRequest, "BadRequest", "Parsing OData Select and Expand failed: Could not find a property named '"+
				name+"' on type 'microsoft.graph.user'."))
		case slices.Contains(unlistable, name):
			return refuse(answers["not_implemented"])
		case name == "signInActivity":
			return refuse(answers["not_premium"])
		case !slices.Contains(names, name):
			names = append(names, name)
		}
	}
	return names, nil
}

// graphUsers answers GET /users: at most 999 a page, 100 unless asked.
func (c *Cloud) graphUsers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	names, refusal := selection(q)
	if refusal != nil {
		c.answer(w, r, *refusal)
		return
	}
	size := 100
	if s := q.Get("$top"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 999 {
			c.answer(w, r, graphError(http.StatusBadRequest, "Request_UnsupportedQuery",
				"Invalid page size specified: '"+s+"'. Must be between 1 and 999 inclusive."))
			return
		}
		size = n
	}
	from, row := place{page: 1, began: time.Now()}, int32(0)
	if s := q.Get("$skiptoken"); s != "" {
		got, ok := parseToken(s)
		at, err := int64(0), error(nil)
		if ok {
			at, err = strconv.ParseInt(got.rest[0], 10, 32)
		}
		switch {
		case !ok || err != nil || got.letter != "s":
			c.answer(w, r, answers["page_token_not_found"])
			return
		case time.Since(got.began) > time.Duration(c.Settings().ChainSeconds)*time.Second:
			c.answer(w, r, answers["page_token_expired"])
			return
		}
		from, row = got, int32(at)
	}
	p := newGraphPage(r, names, q.Has("$select"))
	next := c.fillUsers(p, row, size)
	if next >= 0 {
		q.Set("$skiptoken", token("s", from.page+1, from.began.Unix(), strconv.Itoa(int(next))))
		p.link("@odata.nextLink", graphURL(r, "/v1.0/users", q))
	}
	p.send(w, r, q.Has("$select"))
}

// fillUsers adds up to size users from a row on, and returns the row to go on from, or -1.
func (c *Cloud) fillUsers(p *graphPage, row int32, size int) int32 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	t, taken := c.tables[microsoftUsers], 0
	for ; row < t.rows(); row++ {
		if t.gone[row] {
			continue
		}
		if taken == size {
			return row
		}
		taken++
		p.scratch = t.append(p.scratch[:0], row)
		p.user(p.scratch, true)
	}
	return -1
}

// graphPage builds one page of users.
type graphPage struct {
	names   []string
	buf     []byte
	links   []byte
	n       int
	scratch []byte
	values  [][]byte
}

// newGraphPage starts a page. The context names the selection, as Graph does.
func newGraphPage(r *http.Request, names []string, selected bool) *graphPage {
	p := &graphPage{names: names, buf: make([]byte, 0, 256<<10), values: make([][]byte, len(names))}
	context := base(r) + "/v1.0/$metadata#users"
	if selected {
		context += "(" + strings.Join(names, ",") + ")"
	}
	p.links = append(append(p.links, `"@odata.context":`...), quote(context)...)
	return p
}

func (p *graphPage) link(name, url string) {
	p.links = append(p.links, ',', '"')
	p.links = append(p.links, name...)
	p.links = append(p.links, '"', ':')
	p.links = append(p.links, quote(url)...)
}

func (p *graphPage) next() {
	if p.n > 0 {
		p.buf = append(p.buf, ',')
	}
	p.n++
}

// user adds what is selected of a record. Whole, a property that was never set is null or []; else, as in a delta, it is left out.
func (p *graphPage) user(record []byte, whole bool) {
	p.next()
	clear(p.values)
	var id []byte
	members(record, func(name, value []byte) {
		if string(name) == "id" {
			id = value
		}
		for i, n := range p.names {
			if n == string(name) {
				p.values[i] = value
			}
		}
	})
	o := object{buf: append(p.buf, '{')}
	if !whole && !slices.Contains(p.names, "id") {
		o.raw("id", string(id))
	}
	for i, name := range p.names {
		value := p.values[i]
		switch {
		case value != nil && string(value) != "null":
		case value == nil && !whole:
			continue
		case strings.HasPrefix(properties[name].Type, "Collection("):
			value = []byte("[]")
		default:
			value = []byte("null")
		}
		o.key(name)
		o.buf = append(o.buf, value...)
	}
	p.buf = o.end()
}

// tombstone adds a user who was deleted.
func (p *graphPage) tombstone(id, reason string) {
	p.next()
	p.buf = append(p.buf, `{"id":"`+id+`","@removed":{"reason":"`+reason+`"}}`...)
}

func (p *graphPage) send(w http.ResponseWriter, r *http.Request, selected bool) {
	body := make([]byte, 0, len(p.links)+len(p.buf)+16)
	body = append(append(body, '{'), p.links...)
	body = append(append(body, `,"value":[`...), p.buf...)
	body = append(body, `]}`...)
	head := w.Header()
	head.Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8")
	head.Set("Content-Length", strconv.Itoa(len(body)))
	head.Set("OData-Version", "4.0")
	head.Set("request-id", newGUID())
	head.Set("client-request-id", requestID(r))
	cost := "2"
	if selected {
		cost = "1"
	}
	head.Set("x-ms-resource-unit", cost)
	write(w, body)
}

// graphURL is an absolute link, for Graph's links are followed whole. Its $ stays readable, as in Graph's own.
func graphURL(r *http.Request, path string, q url.Values) string {
	return base(r) + path + "?" + strings.ReplaceAll(q.Encode(), "%24", "$")
}

// base is how the client reached the simulator.
func base(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
