package sim

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Handler serves Google's OAuth and Directory, Microsoft Graph, and the control paths below /_sim, all told apart by path. Entra is apart,
// because MSAL wants TLS.
func (c *Cloud) Handler() http.Handler {
	endpoint := func(name string, h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { c.meet(name, w, r, h) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/o/oauth2/v2/auth", endpoint("google.auth", c.serveAuth))
	mux.HandleFunc("/token", endpoint("google.token", c.serveToken))
	mux.HandleFunc("/revoke", endpoint("google.revoke", c.serveRevoke))
	mux.HandleFunc("/v1/userinfo", endpoint("google.userinfo", c.serveUserinfo))
	mux.HandleFunc(directoryPath, c.serveDirectory)
	mux.HandleFunc("/v1.0/", c.serveGraph)
	mux.HandleFunc("/_sim/", c.serveControl)
	mux.HandleFunc("/favicon.ico", http.NotFound) // a browser asks for it at the consent page, which says nothing about Panel
	mux.HandleFunc("/", endpoint("other", http.NotFound))
	return mux
}

// Profile is the cloud profile that sends Panel here: base is where Handler is served (http://127.0.0.1:1234), entra where Entra is, and
// caFile a file with CA's certificate.
func Profile(base, entra, caFile string) []byte {
	b, err := json.MarshalIndent(map[string]any{
		"google": map[string]string{
			"auth_url": base + "/o/oauth2/v2/auth", "token_url": base + "/token", "revoke_url": base + "/revoke",
			"userinfo_url": base + "/v1/userinfo", "directory_url": base + "/",
		},
		"microsoft": map[string]string{"authority_host": entra, "graph_url": base + "/v1.0"},
		"ca_file":   caFile,
	}, "", "  ")
	if err != nil {
		panic("sim: a map of strings has a JSON form: " + err.Error())
	}
	return append(b, '\n')
}

// GoogleClient is the OAuth client as Google's console lets it be downloaded, base being where Handler is served.
func (c *Cloud) GoogleClient(base string) []byte {
	b, err := json.MarshalIndent(map[string]any{"installed": map[string]any{
		"client_id": c.GoogleClientID, "project_id": "cedar-valley-panel", "auth_uri": base + "/o/oauth2/v2/auth", "token_uri": base + "/token",
		"auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs", "client_secret": c.GoogleClientSecret,
		"redirect_uris": []string{"http://localhost"},
	}}, "", "  ")
	if err != nil {
		panic("sim: a map of strings has a JSON form: " + err.Error())
	}
	return append(b, '\n')
}

// Server is a Cloud that listens.
type Server struct {
	Profile      string // file: the cloud profile
	GoogleClient string // file: the OAuth client
	Azure        struct{ Tenant, ClientID, ClientSecret string }
	URL          string // where Handler is served
	ControlURL   string

	dir     string
	servers []*http.Server
}

// Start serves the cloud: Handler over http at listen (a loopback address and port; port 0 is any), Entra over TLS at a second free loopback
// port. The files that a Panel needs to come here are written to a new temporary folder. Close ends all of it.
func (c *Cloud) Start(listen string) (*Server, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, errors.New("simulate: listens on this computer only, at 127.0.0.1, [::1] or localhost")
	}
	var config net.ListenConfig
	plain, err := config.Listen(context.Background(), "tcp", listen)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	secure, err := config.Listen(context.Background(), "tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("simulate: %w", err), plain.Close())
	}
	s := &Server{URL: "http://" + plain.Addr().String()}
	s.ControlURL = s.URL + "/_sim"
	s.Azure.Tenant, s.Azure.ClientID, s.Azure.ClientSecret = c.Tenant, c.AzureClientID, c.AzureClientSecret
	if err := s.writeFiles(c, "https://"+secure.Addr().String()); err != nil {
		return nil, errors.Join(fmt.Errorf("simulate: %w", err), plain.Close(), secure.Close(), os.RemoveAll(s.dir))
	}
	s.serve(plain, c.Handler(), nil)
	s.serve(secure, c.Entra(), c.TLS())
	return s, nil
}

func (s *Server) writeFiles(c *Cloud, entra string) (err error) {
	if s.dir, err = os.MkdirTemp("", "panel-simulate-"); err != nil {
		return err
	}
	ca := filepath.Join(s.dir, "ca.pem")
	s.Profile, s.GoogleClient = filepath.Join(s.dir, "profile.json"), filepath.Join(s.dir, "google_client.json")
	for path, data := range map[string][]byte{ca: c.CA(), s.Profile: Profile(s.URL, entra, ca), s.GoogleClient: c.GoogleClient(s.URL)} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) serve(l net.Listener, h http.Handler, config *tls.Config) {
	// A client that hangs up during the handshake or on a fault is no news.
	server := &http.Server{Handler: h, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	s.servers = append(s.servers, server)
	go func() {
		if config != nil {
			_ = server.ServeTLS(l, "", "") // always an error, and after Close the expected one
			return
		}
		_ = server.Serve(l) // likewise
	}()
}

// Ready is the line that says where everything is, as JSON with a newline at its end.
func (s *Server) Ready() []byte {
	b, err := json.Marshal(struct {
		CloudProfile string            `json:"cloud_profile"`
		GoogleClient string            `json:"google_client"`
		Azure        map[string]string `json:"azure"`
		ControlURL   string            `json:"control_url"`
	}{s.Profile, s.GoogleClient, map[string]string{"tenant": s.Azure.Tenant, "client_id": s.Azure.ClientID, "client_secret": s.Azure.ClientSecret}, s.ControlURL})
	if err != nil {
		panic("sim: strings have a JSON form: " + err.Error())
	}
	return append(b, '\n')
}

// Close ends every connection at once and removes the files.
func (s *Server) Close() error {
	var all []error
	for _, server := range s.servers {
		all = append(all, server.Close())
	}
	if strings.Contains(s.dir, "panel-simulate-") {
		all = append(all, os.RemoveAll(s.dir))
	}
	return errors.Join(all...)
}
