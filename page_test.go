package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"panel/ui/view"
)

// printer is a browser of this computer that is sent to a page.
type printer struct {
	t    *testing.T
	link *url.URL
}

func newPrinter(ctx context.Context, t *testing.T, patience time.Duration, write func(io.Writer) error) *printer {
	t.Helper()
	link, err := servePage(ctx, patience, write)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil || u.Hostname() != "127.0.0.1" || u.Port() == "" || len(u.Path) != 1+32 || u.RawQuery != "" {
		t.Fatalf("the page is at %q (%v)", link, err)
	}
	return &printer{t, u}
}

// get asks for something at the page's port; it fails where nobody listens.
func (p *printer) get(method, host, path string) (status int, header http.Header, body string, err error) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+p.link.Host+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Host = host
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b), err
}

// closed waits until nobody listens at the page's port.
func (p *printer) closed() {
	p.t.Helper()
	(&desk{t: p.t}).until("an end of the page's port", func() bool {
		c, err := net.Dial("tcp4", p.link.Host)
		if err != nil {
			return true
		}
		_ = c.Close()
		return false
	})
}

func TestPageIsServedOnce(t *testing.T) {
	t.Parallel()
	wrote := 0
	p := newPrinter(t.Context(), t, pagePatience, func(w io.Writer) error {
		wrote++
		_, err := io.WriteString(w, "the list")
		return err
	})
	for _, stray := range []struct {
		method, host, path string
		status             int
	}{
		{"GET", p.link.Host, "/", 404}, {"GET", p.link.Host, "/favicon.ico", 404}, {"GET", p.link.Host, p.link.Path + "0", 404},
		{"GET", p.link.Host, strings.ToUpper(p.link.Path) + "?", 404},
		{"GET", "panel.example", p.link.Path, 403}, {"GET", "localhost:" + p.link.Port(), p.link.Path, 403}, {"GET", "127.0.0.1", p.link.Path, 403},
		{"HEAD", p.link.Host, p.link.Path, 405}, {"POST", p.link.Host, p.link.Path, 405}, {"OPTIONS", p.link.Host, p.link.Path, 405},
	} {
		status, header, body, err := p.get(stray.method, stray.host, stray.path)
		if err != nil || status != stray.status || strings.Contains(body, "list") || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%+v gets %d %q %q (%v)", stray, status, header, body, err)
		}
	}
	status, header, body, err := p.get("GET", p.link.Host, p.link.Path)
	if err != nil || status != 200 || body != "the list" {
		t.Errorf("the browser gets %d %q (%v)", status, body, err)
	}
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "no-referrer", "Content-Security-Policy": view.PagePolicy, "Set-Cookie": "", "Access-Control-Allow-Origin": "",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(view.PagePolicy, "default-src 'none'; ") || strings.Contains(view.PagePolicy, "unsafe") {
		t.Errorf("the policy is %q", view.PagePolicy)
	}
	p.closed()
	if wrote != 1 {
		t.Errorf("it was written %d times", wrote)
	}
}

// Two browsers at the same time do not both get the page.
func TestPageIsServedToOneBrowser(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan struct{}), make(chan struct{})
	p := newPrinter(t.Context(), t, pagePatience, func(w io.Writer) error {
		close(begun)
		<-goOn
		_, err := io.WriteString(w, "the list")
		return err
	})
	first := make(chan string)
	go func() {
		_, _, body, err := p.get("GET", p.link.Host, p.link.Path)
		first <- fmt.Sprint(body, err)
	}()
	<-begun
	if status, _, body, err := p.get("GET", p.link.Host, p.link.Path); err != nil || status != http.StatusGone || strings.Contains(body, "the list") {
		t.Errorf("the second gets %d %q (%v)", status, body, err)
	}
	close(goOn)
	if got := <-first; got != "the list<nil>" {
		t.Errorf("the first gets %q", got)
	}
	p.closed()
}

// A page that broke off is not taken for a whole one.
func TestPageThatBreaksOff(t *testing.T) {
	t.Parallel()
	p := newPrinter(t.Context(), t, pagePatience, func(w io.Writer) error {
		_, _ = io.WriteString(w, strings.Repeat("half", 10_000))
		return errors.New("broken")
	})
	if _, _, _, err := p.get("GET", p.link.Host, p.link.Path); err == nil {
		t.Error("it looks whole")
	}
	p.closed()
}

func TestPageThatNobodyFetches(t *testing.T) {
	t.Parallel()
	never := func(io.Writer) error { return errors.New("it is written") }
	newPrinter(t.Context(), t, 20*time.Millisecond, never).closed()
	ctx, cancel := context.WithCancel(t.Context())
	p := newPrinter(ctx, t, pagePatience, never)
	if status, _, _, err := p.get("GET", p.link.Host, "/"); err != nil || status != 404 {
		t.Errorf("it does not wait: %d (%v)", status, err)
	}
	cancel()
	p.closed()
}

// Every page has a place that nobody can guess.
func TestPagesAreApart(t *testing.T) {
	t.Parallel()
	never := func(io.Writer) error { return errors.New("it is written") }
	seen := map[string]bool{}
	for range 50 {
		p := newPrinter(t.Context(), t, pagePatience, never)
		if seen[p.link.Path] {
			t.Fatal("two pages are at the same place")
		}
		seen[p.link.Path] = true
	}
}
