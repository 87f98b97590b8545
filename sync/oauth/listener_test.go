package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"panel/sync/cloud"
)

// O11: whatever is asked, one of two constant pages comes back, with headers
// that let it do nothing.
func TestPagesAreConstant(t *testing.T) {
	l, err := listen(net.Listen, "state", "https://accounts.google.com")
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	rapid.Check(t, func(t *rapid.T) {
		query := rapid.OneOf(
			rapid.String(),
			rapid.Custom(func(t *rapid.T) string {
				q := url.Values{}
				for _, k := range []string{"state", "code", "error", "error_description", "iss"} {
					for range rapid.IntRange(0, 2).Draw(t, k) {
						q.Add(k, rapid.OneOf(rapid.Just("state"), rapid.Just("<script>alert(1)</script>"), rapid.String()).Draw(t, "value"))
					}
				}
				return q.Encode()
			}),
		).Draw(t, "query")
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host, r.URL.RawQuery = l.host, query
		w := httptest.NewRecorder()
		l.ServeHTTP(w, r)
		body := w.Body.String()
		if want := map[int]string{200: string(donePage.html), 400: string(strayPage.html)}[w.Code]; body != want {
			t.Fatalf("%d: %s", w.Code, body)
		}
		for k, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
			"Content-Type": "text/html; charset=utf-8"} {
			if w.Header().Get(k) != want {
				t.Errorf("%s: %q", k, w.Header().Get(k))
			}
		}
	})
}

// The page's own style must be the one that its policy lets through.
func TestPolicyFitsTheStyle(t *testing.T) {
	for _, p := range []page{donePage, strayPage} {
		_, rest, _ := strings.Cut(string(p.html), "<style>")
		style, _, ok := strings.Cut(rest, "</style>")
		sum := sha256.Sum256([]byte(style))
		if want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !ok || !strings.Contains(p.policy, want) ||
			!strings.HasPrefix(p.policy, "default-src 'none';") {
			t.Errorf("policy %q, want %q", p.policy, want)
		}
		if strings.Contains(string(p.html), "http") || strings.Contains(string(p.html), "<script") || strings.Contains(string(p.html), "style=") {
			t.Error("the page reaches out")
		}
	}
}

// A sign-in may end, and the port be closed, as soon as the answer is there.
// The browser has the whole page then: of one that breaks off before its end,
// Chromium shows nothing.
func TestPageIsWholeOnceItIsSent(t *testing.T) {
	read := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		donePage.send(w, http.StatusOK)
		select {
		case <-read:
		case <-time.After(10 * time.Second):
			panic(http.ErrAbortHandler)
		}
	}))
	defer server.Close()
	status, body := browser{t}.get(server.URL)
	close(read)
	if status != http.StatusOK || body != string(donePage.html) {
		t.Errorf("%d: the browser waits for more than %q", status, body)
	}
}

// O12: connections that never finish their request do not hold up a real one,
// and overlong headers are refused.
func TestSlowAndLargeRequests(t *testing.T) {
	l, err := listen(net.Listen, "state", "")
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	for range 200 {
		c, err := net.Dial("tcp", l.host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, "GET / HTT"); err != nil {
			t.Fatal(err)
		}
	}
	large := func(n int) int {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.host+"/?x", nil)
		req.Header.Set("Cookie", strings.Repeat("x", n))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := large(20 << 10); got != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("20 KiB of headers: %d", got)
	}
	if got := large(8 << 10); got != http.StatusBadRequest {
		t.Errorf("8 KiB of headers: %d", got)
	}
	began := time.Now()
	if status, _ := (browser{t}).get("http://" + l.host + "/?state=state&code=c"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("took %v", d)
	}
	if o := <-l.outcome; o.code != "c" {
		t.Errorf("outcome %+v", o)
	}
}

// O10: sign-ins that were given up leave no goroutine and no socket.
func TestCancelLeavesNothing(t *testing.T) {
	g := newGoogle(t)
	goroutines, sockets := runtime.NumGoroutine(), openSockets(t)
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		_, err := SignIn(ctx, Config{Client: g.client, HTTP: g.http, Link: func(link string) {
			_, callback := browser{t}.parse(link)
			browser{t}.get(callback + "/?state=forged")
			cancel()
		}})
		wantCode(t, err, cloud.Cancelled, CodeClosed)
		if d := time.Since(began); d > time.Second {
			t.Fatalf("a cancel took %v", d)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > goroutines+2 || openSockets(t) > sockets {
		if time.Now().After(deadline) {
			t.Fatalf("goroutines %d → %d, sockets %d → %d", goroutines, runtime.NumGoroutine(), sockets, openSockets(t))
		}
		runtime.Gosched()
	}
}

// openSockets counts this process's sockets, 0 where there is no /proc.
func openSockets(t *testing.T) (n int) {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%s", fd.Name())); err == nil && strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// No query may end in a panic, an outcome without the state, or an outcome
// that is neither a code nor an error.
func FuzzCallback(f *testing.F) {
	f.Add("state=secret&code=c")
	f.Add("state=secret&error=access_denied&iss=x")
	f.Add("state=a&state=secret")
	f.Fuzz(func(t *testing.T, query string) {
		l := &listener{state: "secret", issuer: "https://accounts.google.com"}
		o, ok := l.read(query)
		if !ok {
			return
		}
		q, err := url.ParseQuery(query)
		if err != nil || q.Get("state") != "secret" || (o.code == "") == (o.err == nil) {
			t.Fatalf("%q: %+v", query, o)
		}
	})
}
