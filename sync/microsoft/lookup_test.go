package microsoft

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"panel/sync/cloud"
)

// authorities serves h under the names of Microsoft's sign-in hosts, and
// returns a client that finds it there.
func authorities(t *testing.T, h http.HandlerFunc) *cloud.Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sign-in"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"},
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(h)
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c, err := cloud.NewClient(cloud.Options{CAFile: file, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestLookUpAsksTheOtherCloud(t *testing.T) {
	const (
		tenant  = "9e3779b0-6d3c-455b-8438-fec5f3132db9"
		unknown = `{"error":"invalid_tenant","error_description":"AADSTS90002: Tenant not found.","error_codes":[90002]}`
		blocked = `{"error":"invalid_grant","error_description":"AADSTS53003: Blocked.","error_codes":[53003]}`
	)
	found := func(more string) string { return `{"issuer":"https://login.example/` + tenant + `/v2.0"` + more + `}` }
	const com, us, cn = "login.microsoftonline.com", "login.microsoftonline.us", "login.partner.microsoftonline.cn"
	for name, test := range map[string]struct {
		domain  string
		answers map[string]string
		asked   []string
		cloud   string
		kind    cloud.Kind
	}{
		"at home":            {"example.com", map[string]string{com: found("")}, []string{com}, Global, ""},
		"US Government":      {"example.gov", map[string]string{com: unknown, us: found(`,"tenant_region_scope":"USGov","tenant_region_sub_scope":"DOD"`)}, []string{com, us}, DoD, ""},
		"of no sub-scope":    {"example.gov", map[string]string{com: unknown, us: found("")}, []string{com, us}, GCCHigh, ""},
		"China":              {"example.CN", map[string]string{com: unknown, cn: found("")}, []string{com, cn}, China, ""},
		"nowhere":            {"example.com", map[string]string{com: unknown, us: unknown}, []string{com, us}, "", cloud.TenantUnknown},
		"no answer to go by": {"example.com", map[string]string{com: blocked, us: found("")}, []string{com}, "", cloud.BlockedByPolicy},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []string
			c := authorities(t, func(w http.ResponseWriter, r *http.Request) {
				asked = append(asked, r.Host)
				body := test.answers[r.Host]
				status := http.StatusOK
				if body == unknown || body == blocked {
					status = http.StatusBadRequest
				}
				answer(w, status, body)
			})
			id, name, err := LookUp(t.Context(), c, cloud.Builtin(), test.domain)
			if cloud.KindOf(err) != test.kind || name != test.cloud || (id == tenant) != (err == nil) {
				t.Errorf("%q, %q, %v", id, name, err)
			}
			if !slices.Equal(asked, test.asked) {
				t.Errorf("asked %q, want %q", asked, test.asked)
			}
		})
	}
}
