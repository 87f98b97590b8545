package cloud

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// Everything here is what a network does between Panel and a cloud.
func TestFaultsAreClassed(t *testing.T) {
	page := func(status int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	zipped := func(spoil func([]byte) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, `{"n":"`+strings.Repeat("some text ", 1000)+`"}`) // into memory
			_ = z.Close()
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(spoil(b.Bytes()))
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    Kind
		code    string
	}{
		"captive portal":     {page(200, "text/html; charset=utf-8", "<html>Sign in"), BadAnswer, CodeWebPage},
		"block page":         {page(403, "text/html", "<html>Blocked"), BadAnswer, CodeWebPage},
		"portal by status":   {page(511, "text/html", "<html>Sign in"), BadAnswer, CodeWebPage},
		"too many, in HTML":  {page(429, "text/html", "<html>Too many requests"), Limited, ""},
		"HTML from the edge": {page(502, "text/html", "<html>Error 502"), Limited, ""},
		"text":               {page(200, "text/plain", "ok"), BadAnswer, CodeNotJSON},
		"no content":         {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, BadAnswer, CodeNotJSON},
		"redirect":           {http.RedirectHandler("/login", http.StatusFound).ServeHTTP, BadAnswer, CodeRedirect},
		"not modified":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }, BadAnswer, CodeRedirect},
		"proxy wants a name": {page(407, "text/html", "<html>Who?"), Offline, CodeProxyAuth},
		"not JSON at all":    {page(200, "application/json", "hello"), BadAnswer, CodeNotJSON},
		"trailing garbage":   {page(200, "application/json", `{"n":1}<script>`), BadAnswer, CodeNotJSON},
		"another JSON":       {page(200, "application/json", `{"n":"blocked"}`), BadAnswer, CodeShape},
		"half a JSON":        {page(200, "application/json", `{"n":1,"m`), BadAnswer, CodeTruncated},
		"nothing":            {page(200, "application/json", ``), BadAnswer, CodeTruncated},
		"cut in the body": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			answerJSON(w, 200, `{"n":1`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, BadAnswer, CodeTruncated},
		"gzip cut":         {zipped(func(b []byte) []byte { return b[:len(b)/2] }), BadAnswer, CodeTruncated},
		"gzip bit flipped": {zipped(func(b []byte) []byte { b[len(b)-6] ^= 1; return b }), BadAnswer, CodeTruncated},
		"no gzip":          {zipped(func([]byte) []byte { return []byte(strings.Repeat("no gzip", 9)) }), BadAnswer, CodeTruncated},
		"dropped":          {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Offline, CodeNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(test.handler)
			defer srv.Close()
			call := once(get(srv.URL + "/things?token=canary"))
			status := call.Judge
			call.Judge = func(a *Answer) *Error {
				var v struct{ N int }
				if e := status(a); e != nil {
					return e
				}
				return a.Decode(&v)
			}
			_, err := newClient(t, Options{}).Do(t.Context(), call)
			e := failure(t, err, test.kind, test.code)
			if strings.Contains(e.Error(), "canary") || strings.Contains(e.Detail, "canary") {
				t.Errorf("the error quotes the URL: %v", e)
			}
		})
	}
}

func TestNoSecretFollowsARedirect(t *testing.T) {
	var elsewhere int
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		srv := httptest.NewServer(http.RedirectHandler(thief.URL, status))
		c := newClient(t, Options{})
		call := once(get(srv.URL))
		call.Request = func(ctx context.Context) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader("client_secret=canary"))
		}
		_, err := c.Do(t.Context(), call)
		wantError(t, err, BadAnswer, CodeRedirect)
		resp, err := c.HTTP().Post(srv.URL, "text/plain", strings.NewReader("client_secret=canary"))
		if err != nil || resp.StatusCode != status {
			t.Errorf("the library's call: %v, %v", resp, err)
		} else {
			resp.Body.Close()
		}
		srv.Close()
	}
	if elsewhere != 0 {
		t.Errorf("%d requests followed a redirect", elsewhere)
	}
}

func TestEndlessBodyIsRefused(t *testing.T) {
	chunk := bytes.Repeat([]byte(" "), 1<<20)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for range 2 << 10 { // 2 GB
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	defer srv.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := newClient(t, Options{}).Do(t.Context(), once(get(srv.URL)))
	wantError(t, err, BadAnswer, CodeTooLong)
	runtime.ReadMemStats(&after)
	if grown := (after.Sys - before.Sys) >> 20; grown > 512 {
		t.Errorf("it took %d MB", grown)
	}
}

func TestOfflineIsSaid(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	_, err := newClient(t, Options{}).Do(t.Context(), once(get(gone.URL)))
	wantError(t, err, Offline, CodeRefused)

	nameless := newClient(t, Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	}})
	_, err = nameless.Do(t.Context(), once(get("https://panel.invalid")))
	wantError(t, err, Offline, CodeDNS)
}

func TestPlainHTTPStaysHome(t *testing.T) {
	dialed := false
	c := newClient(t, Options{Dial: func(context.Context, string, string) (net.Conn, error) {
		dialed = true
		return nil, net.ErrClosed
	}})
	for _, url := range []string{"http://graph.microsoft.com/v1.0", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/"} {
		_, err := c.Do(t.Context(), once(get(url)))
		wantError(t, err, Unexpected, CodeInsecureURL)
	}
	if dialed {
		t.Error("it dialled")
	}
}

func TestIPv6Only(t *testing.T) {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this computer has no IPv6 loopback: %v", err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, `{}`) }))
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	defer srv.Close()
	if _, err := newClient(t, Options{}).Do(t.Context(), once(get(srv.URL))); err != nil {
		t.Error(err)
	}
}
