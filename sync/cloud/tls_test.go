package cloud

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// authority is the CA of a district's filter.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	return authority{key, certificate(t, tmpl, tmpl, key, key)}
}

func certificate(t *testing.T, tmpl, parent *x509.Certificate, key, by *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// serve answers {} over TLS with a certificate for name, valid around now
// moved by skew.
func (a authority) serve(t *testing.T, name string, skew time.Duration, change func(*tls.Config)) *httptest.Server {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(skew - time.Hour), NotAfter: time.Now().Add(skew + time.Hour),
	}
	if ip := net.ParseIP(name); ip != nil {
		tmpl.IPAddresses = []net.IP{ip}
	} else {
		tmpl.DNSNames = []string{name}
	}
	leaf := certificate(t, tmpl, a.cert, key, a.key)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, 200, `{}`) }))
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: key}}}
	if change != nil {
		change(srv.TLS)
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

func (a authority) file(t *testing.T, asPEM bool) string {
	t.Helper()
	data := a.cert.Raw
	if asPEM {
		data = append([]byte("# the district's filter\n"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: data})...)
	}
	path := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUnknownAuthorityIsNamed(t *testing.T) {
	a := newAuthority(t, "Cedar Valley Filter CA")
	srv := a.serve(t, "127.0.0.1", 0, nil)
	_, err := newClient(t, Options{}).Do(t.Context(), once(get(srv.URL)))
	if e := failure(t, err, Certificate, ""); e.Detail != "Cedar Valley Filter CA" {
		t.Errorf("the issuer is %q", e.Detail)
	}
	for _, asPEM := range []bool{true, false} {
		c := newClient(t, Options{CAFile: a.file(t, asPEM)})
		if _, err := c.Do(t.Context(), once(get(srv.URL))); err != nil {
			t.Errorf("with the CA file: %v", err)
		}
	}
}

func TestBadCAFileIsRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, filepath.Join(t.TempDir(), "missing.pem")} {
		_, err := NewClient(Options{CAFile: path})
		wantError(t, err, Certificate, CodeCAFile)
	}
}

func TestTLSTroubleIsClassed(t *testing.T) {
	a := newAuthority(t, "Cedar Valley Filter CA")
	c := newClient(t, Options{CAFile: a.file(t, true)})
	old := func(c *tls.Config) { c.MaxVersion = tls.VersionTLS11; c.MinVersion = tls.VersionTLS10 }
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	for name, test := range map[string]struct {
		url  string
		kind Kind
		code string
	}{
		"our clock a day behind": {a.serve(t, "127.0.0.1", 24*time.Hour, nil).URL, Certificate, CodeClock},
		"our clock a day ahead":  {a.serve(t, "127.0.0.1", -24*time.Hour, nil).URL, Certificate, CodeClock},
		"another name":           {a.serve(t, "graph.example", 0, nil).URL, Certificate, CodeHostname},
		"TLS 1.1":                {a.serve(t, "127.0.0.1", 0, old).URL, Certificate, CodeTLS},
		"no TLS":                 {strings.Replace(plain.URL, "http:", "https:", 1), BadAnswer, CodeNotTLS},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Do(t.Context(), once(get(test.url)))
			wantError(t, err, test.kind, test.code)
		})
	}
}

// proxy passes CONNECT on to target, whatever the name, and counts; with a
// status it refuses.
func proxy(t *testing.T, target string, status int) (url string, count *atomic.Int32) {
	t.Helper()
	count = new(atomic.Int32)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count.Add(1)
		if r.Method != http.MethodConnect || status != 0 {
			w.WriteHeader(max(status, http.StatusMethodNotAllowed))
			return
		}
		there, err := net.Dial("tcp", target)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
		go func() { _, _ = io.Copy(here, there); _ = here.Close() }()
		context.AfterFunc(t.Context(), func() { _ = here.Close() })
	}))
	t.Cleanup(srv.Close)
	return srv.URL, count
}

func TestProxies(t *testing.T) {
	a := newAuthority(t, "Cedar Valley Filter CA")
	srv := a.serve(t, "graph.example", 0, nil)
	address := srv.Listener.Addr().String()
	ca := a.file(t, true)
	try := func(t *testing.T, o Options, url string) error {
		t.Helper()
		o.CAFile = ca
		_, err := newClient(t, o).Do(t.Context(), once(get(url)))
		return err
	}
	const url = "https://graph.example/v1.0"

	t.Run("of the environment", func(t *testing.T) {
		through, count := proxy(t, address, 0)
		t.Setenv("HTTPS_PROXY", through)
		if err := try(t, Options{}, url); err != nil || count.Load() != 1 {
			t.Errorf("%v, by the proxy %d times", err, count.Load())
		}
	})
	t.Run("of the settings, over the environment", func(t *testing.T) {
		through, count := proxy(t, address, 0)
		t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
		if err := try(t, Options{Proxy: through}, url); err != nil || count.Load() != 1 {
			t.Errorf("%v, by the proxy %d times", err, count.Load())
		}
	})
	t.Run("never to loopback nor NO_PROXY", func(t *testing.T) {
		through, count := proxy(t, address, 0)
		t.Setenv("NO_PROXY", "graph.example")
		home := a.serve(t, "127.0.0.1", 0, nil)
		if err := try(t, Options{Proxy: through}, home.URL); err != nil {
			t.Error(err)
		}
		direct := Options{Proxy: through, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
		if err := try(t, direct, url); err != nil {
			t.Error(err)
		}
		if count.Load() != 0 {
			t.Errorf("the proxy was asked %d times", count.Load())
		}
	})
	t.Run("that want a sign-in", func(t *testing.T) {
		through, _ := proxy(t, address, http.StatusProxyAuthRequired)
		wantError(t, try(t, Options{Proxy: through}, url), Offline, CodeProxyAuth)
	})
	t.Run("that refuse", func(t *testing.T) {
		through, _ := proxy(t, address, http.StatusForbidden)
		wantError(t, try(t, Options{Proxy: through}, url), Offline, CodeProxy)
	})
	t.Run("that are away", func(t *testing.T) {
		wantError(t, try(t, Options{Proxy: "http://127.0.0.1:1"}, url), Offline, CodeProxy)
	})
	t.Run("that are no URL", func(t *testing.T) {
		_, err := NewClient(Options{Proxy: "proxy.example"})
		wantError(t, err, Offline, CodeProxy)
	})
}
