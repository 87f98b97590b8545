package sim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"golang.org/x/oauth2"
	admin "google.golang.org/api/admin/directory/v1"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
)

var allScopes = []string{scopeUsers, scopeOrgUnits, scopeDevices, scopeOpenID, scopeEmail}

// start makes a small district that listens, and ends with the test.
func start(t *testing.T) (*Cloud, *Server) {
	t.Helper()
	c := New(Config{People: 700, Chromebooks: 450})
	s, err := c.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, s
}

func oauthConfig(c *Cloud, s *Server) *oauth2.Config {
	return &oauth2.Config{ClientID: c.GoogleClientID, ClientSecret: c.GoogleClientSecret, RedirectURL: "http://127.0.0.1:9", Scopes: allScopes,
		Endpoint: oauth2.Endpoint{AuthURL: s.URL + "/o/oauth2/v2/auth", TokenURL: s.URL + "/token", AuthStyle: oauth2.AuthStyleInParams}}
}

// consentTo posts the consent form at an authorization URL and returns the query that the browser would carry back.
func consentTo(t *testing.T, authURL string, form url.Values) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(authURL, form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusFound {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("consent answered %s: %s", resp.Status, body)
	}
	back, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	return back.Query()
}

func signIn(t *testing.T, config *oauth2.Config) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	authURL := config.AuthCodeURL("some-state", oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier))
	back := consentTo(t, authURL, url.Values{"decision": {"allow"}, "scope": {"all"}})
	if back.Get("state") != "some-state" {
		t.Fatalf("state came back as %q", back.Get("state"))
	}
	token, err := config.Exchange(t.Context(), back.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func directory(t *testing.T, s *Server, source oauth2.TokenSource) *admin.Service {
	t.Helper()
	service, err := admin.NewService(t.Context(), option.WithHTTPClient(oauth2.NewClient(t.Context(), source)), option.WithEndpoint(s.URL+"/"))
	if err != nil {
		t.Fatal(err)
	}
	return service
}

func TestGoogleClientLibrariesReadEverything(t *testing.T) {
	c, s := start(t)
	config := oauthConfig(c, s)
	token := signIn(t, config)
	if token.RefreshToken == "" {
		t.Fatal("no refresh token came")
	}
	service := directory(t, s, config.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}))
	want := c.Counts()

	var emails []string
	err := service.Users.List().Customer("my_customer").MaxResults(500).Pages(t.Context(), func(page *admin.Users) error {
		for _, u := range page.Users {
			emails = append(emails, u.PrimaryEmail)
		}
		return nil
	})
	if err != nil || len(emails) != want.GoogleUsers || !slices.IsSorted(emails) {
		t.Errorf("users: %d of %d, sorted %t, %v", len(emails), want.GoogleUsers, slices.IsSorted(emails), err)
	}
	seen := map[string]bool{}
	err = service.Chromeosdevices.List("my_customer").MaxResults(200).Projection("FULL").
		Fields("nextPageToken,chromeosdevices(deviceId,serialNumber,autoUpdateExpiration,recentUsers)").
		Pages(t.Context(), func(page *admin.ChromeOsDevices) error {
			for _, d := range page.Chromeosdevices {
				if d.Model != "" {
					t.Error("the mask did not take the model away")
				}
				seen[d.DeviceId] = true
			}
			return nil
		})
	if err != nil || len(seen) != want.Chromebooks {
		t.Errorf("devices: %d of %d, %v", len(seen), want.Chromebooks, err)
	}
	count, err := service.Customer.Devices.Chromeos.CountChromeOsDevices("my_customer").Do()
	if err != nil || count.Count != int64(want.Chromebooks) {
		t.Errorf("count: %v, %v", count, err)
	}
	units, err := service.Orgunits.List("my_customer").Type("all").Do()
	if err != nil || len(units.OrganizationUnits) != want.OrgUnits-1 {
		t.Errorf("orgunits: %v, %v", units, err)
	}
}

func TestMSALAndGraphReadEverything(t *testing.T) {
	c, s := start(t)
	hc := s.client(t, c)
	client := msalClient(t, s, hc, c.Tenant, c.AzureClientID, c.AzureClientSecret)
	got, err := client.AcquireTokenByCredential(t.Context(), []string{"https://graph.microsoft.com/.default"})
	if err != nil {
		t.Fatal(err)
	}
	next, users := s.URL+"/v1.0/users?$select=id,mail,businessPhones&$top=999", 0
	for next != "" {
		var page struct {
			Next  string `json:"@odata.nextLink"`
			Value []map[string]json.RawMessage
		}
		getJSON(t, next, got.AccessToken, &page)
		for _, u := range page.Value {
			if len(u) != 3 {
				t.Fatalf("selected 3 properties, got %v", u)
			}
		}
		users += len(page.Value)
		next = page.Next
	}
	if want := c.Counts().MicrosoftUsers; users != want {
		t.Errorf("%d users of %d", users, want)
	}
}

func TestEntraRefusals(t *testing.T) {
	c, s := start(t)
	hc := s.client(t, c)
	for _, tt := range []struct{ name, tenant, id, secret, want string }{
		{"wrong secret", c.Tenant, c.AzureClientID, "abc8Q~nonsense", "AADSTS7000215"},
		{"unknown client", c.Tenant, "6a1ff4b3-0000-4000-8000-000000000000", c.AzureClientSecret, "AADSTS700016"},
		{"unknown tenant", "nowhere.example", c.AzureClientID, c.AzureClientSecret, "AADSTS90002"},
		{"malformed tenant", "not_a_tenant", c.AzureClientID, c.AzureClientSecret, "AADSTS900023"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := msalClient(t, s, hc, tt.tenant, tt.id, tt.secret).
				AcquireTokenByCredential(t.Context(), []string{"https://graph.microsoft.com/.default"})
			var call msal.CallErr
			if !errors.As(err, &call) {
				t.Fatalf("got %v, want a CallErr", err)
			}
			var body struct {
				Description string `json:"error_description"`
			}
			if err := json.NewDecoder(call.Resp.Body).Decode(&body); err != nil || !strings.HasPrefix(body.Description, tt.want+":") {
				t.Errorf("got %q, %v, want %s", body.Description, err, tt.want)
			}
		})
	}
}

// client trusts the simulator's CA, as a Panel does by its profile.
func (s *Server) client(t *testing.T, c *Cloud) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(c.CA()) {
		t.Fatal("the CA is no PEM")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func msalClient(t *testing.T, s *Server, hc *http.Client, tenant, id, secret string) confidential.Client {
	t.Helper()
	var profile struct {
		Microsoft struct {
			AuthorityHost string `json:"authority_host"`
		}
	}
	data, err := os.ReadFile(s.Profile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &profile); err != nil {
		t.Fatal(err)
	}
	cred, err := confidential.NewCredFromSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	client, err := confidential.New(profile.Microsoft.AuthorityHost+"/"+tenant, id, cred, confidential.WithHTTPClient(hc), confidential.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// getJSON asks for a URL with a token and reads the 200 that has to come.
func getJSON(t *testing.T, url, token string, into any) {
	t.Helper()
	status, _, body := get(t, url, token)
	if status != http.StatusOK {
		t.Fatalf("%s answered %d: %s", url, status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
}

func get(t *testing.T, url, token string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, body
}

func TestRevokedGoogleTokenDies(t *testing.T) {
	c, s := start(t)
	config := oauthConfig(c, s)
	token := signIn(t, config)
	resp, err := http.PostForm(s.URL+"/revoke", url.Values{"token": {token.RefreshToken}})
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("revoke: %v, %v", resp, err)
	}
	_ = resp.Body.Close()
	_, err = config.TokenSource(context.Background(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	var refusal *oauth2.RetrieveError
	if !errors.As(err, &refusal) || refusal.ErrorCode != "invalid_grant" || refusal.ErrorDescription != "Token has been expired or revoked." {
		t.Errorf("refresh after revoke: %v", err)
	}
	_, err = directory(t, s, oauth2.StaticTokenSource(token)).Users.List().Customer("my_customer").Do()
	var call *googleapi.Error
	if !errors.As(err, &call) || call.Code != 401 || call.Errors[0].Reason != "authError" {
		t.Errorf("the access token of the same grant: %v", err)
	}
}
