package oauth

import (
	"crypto/subtle"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"panel/sync/cloud"
)

// outcome is what Google's redirect brought: a code, or why there is none.
type outcome struct {
	code string
	err  *cloud.Error
}

// listener waits on a loopback port for Google's redirect. Only the first
// request with the right state counts; every other one gets a page and
// changes nothing.
type listener struct {
	host   string // "127.0.0.1:port", as the Host header has it
	state  string
	issuer string // "https://accounts.google.com", or a profile's

	server  *http.Server
	served  chan struct{} // closed when the server has ended
	used    atomic.Bool
	outcome chan outcome // has room for the only one
}

// listen opens the port; the caller closes the listener. open is
// [net.Listen] but in tests.
func listen(open func(network, address string) (net.Listener, error), state, issuer string) (*listener, error) {
	l, err := open("tcp4", "127.0.0.1:0")
	if err != nil {
		var err6 error
		if l, err6 = open("tcp6", "[::1]:0"); err6 != nil {
			return nil, errors.Join(err, err6)
		}
	}
	w := &listener{
		host: l.Addr().String(), state: state, issuer: issuer,
		served: make(chan struct{}), outcome: make(chan outcome, 1),
	}
	w.server = &http.Server{
		Handler:                      w,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  5 * time.Second,
		WriteTimeout:                 5 * time.Second,
		MaxHeaderBytes:               16<<10 - 4096, // net/http reads 4 KiB more
		ErrorLog:                     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	w.server.SetKeepAlivesEnabled(false)
	go func() {
		defer close(w.served)
		_ = w.server.Serve(l) // ends by close
	}()
	return w, nil
}

func (w *listener) redirectURI() string { return "http://" + w.host }

func (w *listener) close() {
	_ = w.server.Close() // the port is given up either way
	<-w.served
}

// ServeHTTP answers one request. The Host is checked because a web page may
// reach this port by a name of its own (DNS rebinding).
func (w *listener) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	switch {
	case r.Host != w.host:
		strayPage.send(rw, http.StatusForbidden)
		return
	case r.URL.Path != "/":
		strayPage.send(rw, http.StatusNotFound)
		return
	case r.Method != http.MethodGet:
		rw.Header().Set("Allow", http.MethodGet)
		strayPage.send(rw, http.StatusMethodNotAllowed)
		return
	}
	o, ok := w.read(r.URL.RawQuery)
	if !ok {
		strayPage.send(rw, http.StatusBadRequest)
		return
	}
	donePage.send(rw, http.StatusOK)
	if w.used.CompareAndSwap(false, true) {
		w.outcome <- o
	}
}

// read makes out what a query says; ok is false when it is not Google's
// answer to this sign-in, which only the state proves.
func (w *listener) read(query string) (o outcome, ok bool) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return outcome{}, false
	}
	if len(q["state"]) != 1 || subtle.ConstantTimeCompare([]byte(q["state"][0]), []byte(w.state)) != 1 {
		return outcome{}, false
	}
	if iss, given := q["iss"]; given && (len(iss) != 1 || iss[0] != w.issuer) {
		return outcome{err: &cloud.Error{Kind: cloud.BadAnswer, Code: CodeWrongIssuer}}, true
	}
	switch code, failed := q.Get("code"), q.Get("error"); {
	case failed == "access_denied":
		return outcome{err: &cloud.Error{Kind: cloud.SignInNeeded, Code: CodeDenied}}, true
	case failed != "":
		return outcome{err: meaning(failed, "", "")}, true
	case code != "":
		return outcome{code: code}, true
	}
	return outcome{}, false
}
