package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// garblers spoil a true answer, by the name that a Fault gives.
var garblers = map[string]func(w http.ResponseWriter, r *http.Request, a *capture){
	"missing_array": reshape(func(m map[string]json.RawMessage, array, _ string, _ *http.Request) { delete(m, array) }),
	// The records are gone, the way on is there.
	"lost_records": reshape(func(m map[string]json.RawMessage, array, _ string, _ *http.Request) { m[array] = json.RawMessage(`[]`) }),
	// An empty page comes in between; the next one has what this one should have had.
	"empty_page": reshape(func(m map[string]json.RawMessage, array, next string, r *http.Request) {
		m[array] = json.RawMessage(`[]`)
		again := inBetween(r, m)
		if next == "@odata.nextLink" {
			delete(m, "@odata.deltaLink")
			q := r.URL.Query()
			q.Del("$deltatoken")
			q.Set("$skiptoken", again)
			again = graphURL(r, r.URL.Path, q)
		}
		m[next] = json.RawMessage(quote(again))
	}),
	"short": reshape(func(m map[string]json.RawMessage, _, next string, _ *http.Request) { delete(m, next) }),
	"wrong_kind": reshape(func(m map[string]json.RawMessage, _, _ string, _ *http.Request) {
		if m["kind"] == nil {
			delete(m, "@odata.context")
			return
		}
		m["kind"] = json.RawMessage(`"admin#directory#groups"`)
	}),
	// The page names itself as the next one.
	"repeat_token": reshape(func(m map[string]json.RawMessage, _, next string, r *http.Request) {
		if next == "nextPageToken" {
			if t := r.URL.Query().Get("pageToken"); t != "" {
				m[next] = json.RawMessage(quote(t))
			}
			return
		}
		m[next] = json.RawMessage(quote("http://" + r.Host + r.URL.RequestURI()))
	}),
	// The first record comes twice.
	"duplicate": reshape(func(m map[string]json.RawMessage, array, _ string, _ *http.Request) {
		var records []json.RawMessage
		if json.Unmarshal(m[array], &records) == nil && len(records) > 0 {
			m[array], _ = json.Marshal(append(records, records[0])) // raw messages that were just read
		}
	}),
	// JSON that ends in the middle, with a Content-Length that says so.
	"truncated": func(w http.ResponseWriter, _ *http.Request, a *capture) {
		a.body = a.body[:len(a.body)*2/3]
		a.send(w)
	},
	"trailing_garbage": func(w http.ResponseWriter, _ *http.Request, a *capture) {
		a.body = append(bytes.Clone(a.body), "\n<script src=\"//filter/inject.js\"></script>"...)
		a.send(w)
	},
	// The connection breaks in the middle of the body.
	"cut": func(w http.ResponseWriter, _ *http.Request, a *capture) {
		a.send(halfWriter{w})
		panic(http.ErrAbortHandler)
	},
	// Half of the body, then silence for as long as the client waits.
	"stall": func(w http.ResponseWriter, r *http.Request, a *capture) {
		a.send(halfWriter{w})
		_ = http.NewResponseController(w).Flush() // a client that has left needs no answer
		<-r.Context().Done()
	},
	// The consent page sends the browser back with an error, unasked.
	"back_admin_policy_enforced": sendBack("admin_policy_enforced"),
	"back_access_denied":         sendBack("access_denied"),
	// No answer at all.
	"hang": func(_ http.ResponseWriter, r *http.Request, _ *capture) { <-r.Context().Done() },
	"drop": func(http.ResponseWriter, *http.Request, *capture) { panic(http.ErrAbortHandler) },
}

// inBetween is a token, one page later, for the place that a request asks for already.
func inBetween(r *http.Request, answer map[string]json.RawMessage) string {
	q := r.URL.Query()
	if p, ok := parseToken(q.Get("pageToken") + q.Get("$skiptoken")); ok {
		return token(p.letter, p.page+1, p.began.Unix(), p.rest...)
	}
	now := time.Now().Unix()
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/v1.0/users"):
		return token("s", 2, now, "0")
	case strings.HasSuffix(path, "/users"):
		return token("u", 2, now, "")
	case strings.HasSuffix(path, "/chromeos"):
		return token("d", 2, now, "-1")
	}
	// A delta: where its round will end stands in the link that the true answer has.
	link := string(answer["@odata.nextLink"]) + string(answer["@odata.deltaLink"])
	_, link, _ = strings.Cut(link, "token=")
	p, ok := parseToken(strings.Trim(link, `"`))
	if !ok {
		return ""
	}
	if was, ok := parseToken(q.Get("$deltatoken")); ok {
		return token("c", 2, now, was.rest[0], p.rest[1], p.rest[2])
	}
	return token("i", 2, now, "0", p.rest[1], p.rest[2])
}

type halfWriter struct{ http.ResponseWriter }

func (h halfWriter) Write(b []byte) (int, error) { return h.ResponseWriter.Write(b[:len(b)/2]) }

func (c *capture) send(w http.ResponseWriter) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(c.body)))
	w.WriteHeader(c.status)
	write(w, c.body)
}

// reshape changes a page of a listing: array names its records, next its way on. Other answers, errors say, go out as they are.
func reshape(change func(m map[string]json.RawMessage, array, next string, r *http.Request)) func(http.ResponseWriter, *http.Request, *capture) {
	return func(w http.ResponseWriter, r *http.Request, a *capture) {
		var m map[string]json.RawMessage
		if a.status == http.StatusOK && json.Unmarshal(a.body, &m) == nil {
			array, next := "value", "@odata.nextLink"
			for _, name := range []string{"users", "chromeosdevices", "organizationUnits"} {
				if m[name] != nil {
					array, next = name, "nextPageToken"
				}
			}
			change(m, array, next, r)
			a.body, _ = json.Marshal(m) // raw messages that were just read
		}
		a.send(w)
	}
}
