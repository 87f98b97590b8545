package cloud

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// The limits of one call.
const (
	dialing      = 10 * time.Second
	handshaking  = 10 * time.Second
	awaitingHead = 30 * time.Second
	silence      = 60 * time.Second
	wholeCall    = 5 * time.Minute
	maxBody      = 64 << 20
	// parallel is about how many calls a sync makes of one host at a time.
	parallel = 8
)

var (
	errSilent  = errors.New("no byte for too long")
	errTooLong = errors.New("the answer is too long")
)

func newTransport(o Options) (*http.Transport, error) {
	roots, err := rootsWith(o.CAFile)
	if err != nil {
		return nil, &Error{Kind: Certificate, Code: CodeCAFile, Doing: "read the CA file", Err: err}
	}
	proxy := httpproxy.FromEnvironment()
	if o.Proxy != "" {
		u, err := url.Parse(o.Proxy)
		if err != nil || u.Host == "" {
			return nil, &Error{Kind: Offline, Code: CodeProxy, Doing: "read the proxy's URL"}
		}
		proxy.HTTPProxy, proxy.HTTPSProxy = o.Proxy, o.Proxy
	}
	through := proxy.ProxyFunc() // never for loopback
	dial := o.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return through(r.URL) },
		OnProxyConnectResponse: proxyConnected,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, dialing)
			defer cancel()
			return dial(ctx, network, address)
		},
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    handshaking,
		ResponseHeaderTimeout:  awaitingHead,
		MaxResponseHeaderBytes: 1 << 20,
		MaxIdleConnsPerHost:    parallel,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
		// Finds a connection that died while the computer slept.
		HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
	}, nil
}

// rootsWith is the system's pool and the certificates in file; nil, which
// means the system's, for "".
func rootsWith(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if pool.AppendCertsFromPEM(data) {
		return pool, nil
	}
	cert, err := x509.ParseCertificate(data)
	if err != nil {
		return nil, errors.New("it holds no certificate")
	}
	pool.AddCert(cert)
	return pool, nil
}

// proxyConnected makes a proxy's refusal a typed error; the transport itself
// makes it a text.
func proxyConnected(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	switch {
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return &Error{Kind: Offline, Code: CodeProxyAuth, Status: resp.StatusCode}
	case resp.StatusCode != http.StatusOK:
		return &Error{Kind: Offline, Code: CodeProxy, Status: resp.StatusCode}
	}
	return nil
}

// guard keeps what an http.Transport has no setting for: no plain http but to
// loopback, no endless silence in a body, no body over maxBody.
type guard struct {
	next *http.Transport
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !safe(req.URL) {
		return nil, &Error{Kind: Unexpected, Code: CodeInsecureURL}
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	resp, err := g.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	resp.Body = &guardedBody{
		ReadCloser: resp.Body,
		ctx:        ctx,
		cancel:     cancel,
		alarm:      time.AfterFunc(silence, func() { cancel(errSilent) }),
		left:       maxBody,
	}
	return resp, nil
}

// CloseIdleConnections lets an http.Client reach the transport's.
func (g *guard) CloseIdleConnections() { g.next.CloseIdleConnections() }

// guardedBody is a body that ends in an error when it is silent or too long.
// Like any body it is read by one goroutine.
type guardedBody struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	alarm  *time.Timer
	left   int64 // bytes that may still come
}

func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.alarm.Reset(silence)
	}
	if b.left -= int64(n); b.left < 0 {
		b.cancel(errTooLong)
		return 0, errTooLong
	}
	if err != nil && err != io.EOF && errors.Is(context.Cause(b.ctx), errSilent) {
		err = errSilent
	}
	return n, err
}

func (b *guardedBody) Close() error {
	b.alarm.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// safe tells whether a secret may go to u: by TLS, or within this computer.
func safe(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
