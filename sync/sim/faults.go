package sim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Fault makes an endpoint misbehave. Its keys are those of POST /_sim/faults.
type Fault struct {
	// Endpoint is one of Endpoints, or a cloud and all that it has: google.*, microsoft.*.
	Endpoint string `json:"endpoint"`
	// Page is the page of a listing, from 1, that it strikes; every chain of pages counts its own. 0 strikes all requests.
	Page int `json:"page,omitempty"`
	// Times is how many requests it strikes; 0 means all, until the faults are set anew.
	Times int `json:"times,omitempty"`
	// Kind names a canned answer (Kinds lists them). Status and Body, where given, win over its own.
	Kind   string `json:"kind,omitempty"`
	Status int    `json:"status,omitempty"` // 0 and no kind: the true answer, late
	Body   string `json:"body,omitempty"`   // none with a status alone: an empty body
	// RetryAfter is the seconds of that header; 0 keeps the kind's own.
	RetryAfter int `json:"retry_after,omitempty"`
	DelayMS    int `json:"delay_ms,omitempty"`
}

// Settings are the properties of the clouds that are no fault. Their keys are those of PUT /_sim/settings, a merge-patch.
type Settings struct {
	LatencyMS     int    `json:"latency_ms"`      // before every answer
	DevicePageMax int    `json:"device_page_max"` // larger pages of Chromebooks are refused; 300
	TokenSeconds  int    `json:"token_seconds"`   // life of the access tokens issued from now on; 3599
	ChainSeconds  int    `json:"chain_seconds"`   // page tokens stop working so long after their first page; 3600
	Trusted       bool   `json:"trusted"`         // the admin trusts the app: consent is all or nothing
	Issuer        string `json:"issuer"`          // sent as iss with the code; "" sends none
	NoConsent     bool   `json:"no_consent"`      // nobody granted User.Read.All: Entra's tokens come without roles
}

// Endpoints are the names that faults and counters go by. other counts requests to paths that neither cloud has, google.write and
// microsoft.write those that would have changed something; such are refused.
var Endpoints = []string{
	"google.auth", "google.token", "google.revoke", "google.userinfo", "google.users", "google.orgunits", "google.chromeosdevices", "google.count",
	"google.write", "microsoft.openid", "microsoft.token", "microsoft.users", "microsoft.delta", "microsoft.write", "other",
}

type switches struct {
	mu       sync.Mutex
	faults   []Fault
	struck   []int
	settings Settings
	requests map[string]int
}

func (s *switches) reset() {
	s.settings = Settings{DevicePageMax: 300, TokenSeconds: 3599, ChainSeconds: 3600}
	s.requests = map[string]int{}
}

// SetFaults replaces all faults; an unknown endpoint or kind is an error that changes nothing. Of several that fit a request the first wins.
func (c *Cloud) SetFaults(faults []Fault) error {
	for _, f := range faults {
		if !slices.ContainsFunc(Endpoints, f.fits) {
			return fmt.Errorf("fault: there is no endpoint %q", f.Endpoint)
		}
		if f.Page < 0 || f.Times < 0 || f.RetryAfter < 0 || f.DelayMS < 0 || f.Status != 0 && (f.Status < 200 || f.Status > 599) {
			return fmt.Errorf("fault of %s: a number is out of range", f.Endpoint)
		}
		if _, ok := answers[f.Kind]; f.Kind != "" && !ok && garblers[f.Kind] == nil {
			return fmt.Errorf("fault of %s: there is no kind %q", f.Endpoint, f.Kind)
		}
	}
	c.switches.mu.Lock()
	defer c.switches.mu.Unlock()
	c.switches.faults, c.switches.struck = slices.Clone(faults), make([]int, len(faults))
	return nil
}

// Configure changes the settings.
func (c *Cloud) Configure(change func(*Settings)) {
	c.switches.mu.Lock()
	defer c.switches.mu.Unlock()
	change(&c.switches.settings)
}

// Settings returns the settings as they are.
func (c *Cloud) Settings() Settings {
	c.switches.mu.Lock()
	defer c.switches.mu.Unlock()
	return c.switches.settings
}

// Requests says how many requests an endpoint has had, those that a fault struck among them.
func (c *Cloud) Requests(endpoint string) int {
	c.switches.mu.Lock()
	defer c.switches.mu.Unlock()
	return c.switches.requests[endpoint]
}

// Kinds lists the canned answers a Fault can name.
func Kinds() []string {
	return slices.Sorted(func(yield func(string) bool) {
		for name := range answers {
			if !yield(name) {
				return
			}
		}
		for name := range garblers {
			if !yield(name) {
				return
			}
		}
	})
}

func (f Fault) fits(endpoint string) bool {
	cloud, all := strings.CutSuffix(f.Endpoint, "*")
	return f.Endpoint == endpoint || all && strings.HasSuffix(cloud, ".") && strings.HasPrefix(endpoint, cloud)
}

// strike counts a request and returns the fault that meets it, if any, and how long to wait.
func (s *switches) strike(endpoint string, page int) (Fault, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[endpoint]++
	wait := time.Duration(s.settings.LatencyMS) * time.Millisecond
	for i, f := range s.faults {
		if f.fits(endpoint) && (f.Page == 0 || f.Page == page) && (f.Times == 0 || s.struck[i] < f.Times) {
			s.struck[i]++
			return f, wait + time.Duration(f.DelayMS)*time.Millisecond
		}
	}
	return Fault{}, wait
}

// answer is a canned reply. In headers and body {now}, {id}, {host} and the like stand for what differs between two of them.
type answer struct {
	status  int
	headers map[string]string
	body    string
}

// meet serves a request of an endpoint by h, unless a fault says otherwise.
func (c *Cloud) meet(endpoint string, w http.ResponseWriter, r *http.Request, h http.HandlerFunc) {
	fault, wait := c.switches.strike(endpoint, pageOf(r))
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	if garble := garblers[fault.Kind]; garble != nil {
		caught := &capture{header: http.Header{}, status: http.StatusOK}
		h(caught, r)
		garble(w, r, caught)
		return
	}
	a, canned := answers[fault.Kind]
	if !canned && fault.Status == 0 {
		h(w, r)
		return
	}
	if fault.Status != 0 {
		a.status = fault.Status
	}
	if fault.Body != "" || !canned {
		a.body = fault.Body
	}
	a.headers = maps.Clone(a.headers)
	if a.headers == nil {
		a.headers = map[string]string{}
	}
	if fault.RetryAfter != 0 {
		a.headers["Retry-After"] = strconv.Itoa(fault.RetryAfter)
	}
	c.answer(w, r, a)
}

// answer writes a canned reply with its blanks filled in.
func (c *Cloud) answer(w http.ResponseWriter, r *http.Request, a answer) {
	tenant, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	now := time.Now().UTC()
	client := cmp.Or(r.PostFormValue("client_id"), c.AzureClientID)
	fill := strings.NewReplacer("{id}", newGUID(), "{now}", now.Format("2006-01-02T15:04:05"), "{stamp}", now.Format("2006-01-02 15:04:05Z"),
		"{host}", r.Host, "{path}", r.URL.Path, "{tenant}", tenant, "{client}", client, "{client-request-id}", requestID(r))
	head := w.Header()
	for name, value := range a.headers {
		head.Set(name, fill.Replace(value))
	}
	body := fill.Replace(a.body)
	if head.Get("Content-Type") == "" {
		kind := "text/html; charset=UTF-8"
		if json.Valid([]byte(body)) {
			kind = "application/json; charset=UTF-8"
		} else if !strings.HasPrefix(body, "<") {
			kind = "text/plain; charset=UTF-8"
		}
		head.Set("Content-Type", kind)
	}
	w.WriteHeader(a.status)
	if a.status != http.StatusNoContent {
		write(w, []byte(body))
	}
}

// write sends a body. A client that has left needs no answer.
func write(w http.ResponseWriter, body []byte) {
	_, _ = w.Write(body) //nolint:gosec // what of a request comes back is JSON, escaped, or text that a fault asked for, on loopback
}

// capture holds a true answer, so that it can be spoilt.
type capture struct {
	header http.Header
	status int
	body   []byte
}

func (c *capture) Header() http.Header         { return c.header }
func (c *capture) WriteHeader(status int)      { c.status = status }
func (c *capture) Write(b []byte) (int, error) { c.body = append(c.body, b...); return len(b), nil }
