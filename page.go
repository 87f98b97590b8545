package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"panel/sync/cloud"
	"panel/ui/view"
)

// pagePatience is how long a page waits for its browser.
const pagePatience = 2 * time.Minute

// onePage serves one page to one browser of this computer, once, and never
// writes it to a disk.
type onePage struct {
	host, path string // as a request has them
	write      func(io.Writer) error
	taken      atomic.Bool
	served     chan struct{} // closed when the page has been sent
}

func (b *backend) ServePage(ctx context.Context, write func(io.Writer) error) (string, error) {
	return servePage(ctx, pagePatience, write)
}

// servePage is [backend.ServePage] with a patience.
func servePage(ctx context.Context, patience time.Duration, write func(io.Writer) error) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", &cloud.Error{Kind: cloud.Unexpected, Doing: "serve a page", Code: "no_page", Err: err}
	}
	var secret [16]byte
	_, _ = rand.Read(secret[:]) // never fails
	p := &onePage{host: l.Addr().String(), path: "/" + hex.EncodeToString(secret[:]), write: write, served: make(chan struct{})}
	server := &http.Server{
		Handler:                      p,
		DisableGeneralOptionsHandler: true,
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  5 * time.Second,
		WriteTimeout:                 patience,
		MaxHeaderBytes:               16 << 10,
		ErrorLog:                     slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	server.SetKeepAlivesEnabled(false)
	go func() { _ = server.Serve(l) }() // ends by close
	go p.end(ctx, patience, server)
	return "http://" + p.host + p.path, nil
}

// end gives the port up once the page was sent, or nobody has come for it.
func (p *onePage) end(ctx context.Context, patience time.Duration, server *http.Server) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-p.served:
		_ = server.Shutdown(ctx) // Close follows
	case <-ctx.Done():
	}
	_ = server.Close() // the port is given up either way
}

// ServeHTTP answers one request. The Host is checked because a web page may
// reach this port by a name of its own (DNS rebinding).
func (p *onePage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("Content-Security-Policy", view.PagePolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	switch {
	case r.Host != p.host:
		http.Error(w, "This is not for that host.", http.StatusForbidden)
	case r.URL.Path != p.path:
		http.Error(w, "There is nothing here.", http.StatusNotFound)
	case r.Method != http.MethodGet:
		header.Set("Allow", http.MethodGet)
		http.Error(w, "This can only be read.", http.StatusMethodNotAllowed)
	case !p.taken.CompareAndSwap(false, true):
		http.Error(w, "This page was shown once. Print from Panel again.", http.StatusGone)
	default:
		defer close(p.served)
		header.Set("Content-Type", "text/html; charset=utf-8")
		if err := p.write(w); err != nil {
			panic(http.ErrAbortHandler) // so that the browser does not take it for whole
		}
	}
}
