package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

// serveControl answers below /_sim:
//
//	POST   /_sim/faults     replaces all faults by a JSON array of Fault; DELETE clears them
//	GET    /_sim/kinds      the canned answers that a fault can name
//	GET    /_sim/settings   Settings; PUT takes a merge-patch
//	GET    /_sim/requests   counters by endpoint; DELETE sets them to zero
//	GET    /_sim/counts     Counts
//	GET    /_sim/{kind}     ids of a kind; GET, PUT and DELETE /_sim/{kind}/{id} a record, as Record, Put and Delete
//	DELETE /_sim/google/grants/{email}   as RevokeGoogle
func (c *Cloud) serveControl(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reply, err := c.control(r.Method, strings.TrimPrefix(r.URL.Path, "/_sim/"), body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if reply == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	out, err := json.Marshal(reply)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	sendJSON(w, append(out, '\n'))
}

func (c *Cloud) control(method, path string, body []byte) (reply any, err error) {
	switch method + " " + path {
	case "POST faults":
		faults, err := ReadFaults(body)
		if err != nil {
			return nil, err
		}
		return nil, c.SetFaults(faults)
	case "DELETE faults":
		return nil, c.SetFaults(nil)
	case "GET kinds":
		return Kinds(), nil
	case "GET settings":
		return c.Settings(), nil
	case "PUT settings":
		s := c.Settings()
		if err := strict(body, &s); err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
		c.Configure(func(to *Settings) { *to = s })
		return s, nil
	case "GET requests":
		c.switches.mu.Lock()
		defer c.switches.mu.Unlock()
		return maps.Clone(c.switches.requests), nil
	case "DELETE requests":
		c.switches.mu.Lock()
		defer c.switches.mu.Unlock()
		clear(c.switches.requests)
		return nil, nil
	case "GET counts":
		return c.Counts(), nil
	}
	cloud, rest, _ := strings.Cut(path, "/")
	name, id, _ := strings.Cut(rest, "/")
	kind := cloud + "/" + name
	switch {
	case method == http.MethodDelete && kind == "google/grants":
		if !c.RevokeGoogle(id) {
			return nil, fmt.Errorf("nothing was granted")
		}
		return nil, nil
	case c.tables[kind] == nil:
		return nil, fmt.Errorf("there is nothing at %s /_sim/%s", method, path)
	case method == http.MethodGet && id == "":
		return c.IDs(kind), nil
	case method == http.MethodGet:
		return c.Record(kind, id)
	case method == http.MethodPut && id != "":
		return nil, c.Put(kind, id, body)
	case method == http.MethodDelete && id != "":
		return nil, c.Delete(kind, id)
	}
	return nil, fmt.Errorf("there is nothing at %s /_sim/%s", method, path)
}

// ReadFaults reads a JSON array of faults and refuses keys that no Fault has.
func ReadFaults(data []byte) ([]Fault, error) {
	var faults []Fault
	if err := strict(data, &faults); err != nil {
		return nil, fmt.Errorf("faults: %w", err)
	}
	return faults, nil
}

func strict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return fmt.Errorf("more follows the JSON value")
	}
	return nil
}
