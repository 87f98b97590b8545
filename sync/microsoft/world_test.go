package microsoft

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/cloud/cloudtest"
	"panel/sync/sim"
)

// world is the simulated clouds on a network in memory, in a bubble's time.
type world struct {
	*sim.Cloud
	config Config
	// graph, if not nil, answers in place of the simulated Graph.
	graph http.HandlerFunc
}

const users = "microsoft/users"

// inWorld runs test in a bubble with a world of about n Microsoft users.
func inWorld(t *testing.T, n int, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{Cloud: sim.New(sim.Config{People: n, Chromebooks: 1})}
		var network cloudtest.Network
		quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
		handler := w.Handler()
		graph := &http.Server{ErrorLog: quiet, Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if w.graph != nil {
				w.graph(rw, r)
				return
			}
			handler.ServeHTTP(rw, r)
		})}
		entra := &http.Server{ErrorLog: quiet, Handler: w.Entra(), TLSConfig: w.TLS()}
		plain, secure := network.Listen("127.0.0.1:80"), network.Listen("127.0.0.1:443")
		go func() { _ = graph.Serve(plain) }() // always the error of Close
		go func() { _ = entra.ServeTLS(secure, "", "") }()
		t.Cleanup(func() {
			_ = graph.Close()
			_ = entra.Close()
		})

		dir := t.TempDir()
		ca, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "profile.json")
		for path, data := range map[string][]byte{ca: w.CA(), file: sim.Profile("http://127.0.0.1", "https://127.0.0.1", ca)} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		profile, err := cloud.LoadProfile(file)
		if err != nil {
			t.Fatal(err)
		}
		client, err := cloud.NewClient(cloud.Options{CAFile: profile.CAFile, Dial: network.Dial})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		w.config = Config{
			Client: client, Profile: profile,
			Tenant: w.Tenant, ClientID: w.AzureClientID, Secret: w.AzureClientSecret,
		}
		test(t, w)
	})
}

// fail makes endpoints misbehave.
func (w *world) fail(t *testing.T, faults ...sim.Fault) {
	t.Helper()
	if err := w.SetFaults(faults); err != nil {
		t.Fatal(err)
	}
}

// put changes a user, or makes one.
func (w *world) put(t *testing.T, id, record string) {
	t.Helper()
	if err := w.Put(users, id, json.RawMessage(record)); err != nil {
		t.Fatal(err)
	}
}

func (w *world) delete(t *testing.T, id string) {
	t.Helper()
	if err := w.Delete(users, id); err != nil {
		t.Fatal(err)
	}
}

// store is a listing's other side: it keeps what it is handed.
type store struct {
	mu       sync.Mutex
	accounts map[string]directory.Account
	gone     []string
	progress []cloud.Progress
}

func (s *store) list(ctx context.Context, from cloud.Source, cursor string) (cloud.Result, error) {
	if s.accounts == nil {
		s.accounts = map[string]directory.Account{}
	}
	return from.List(ctx, cloud.Request{
		Listing: directory.People,
		Cursor:  cursor,
		Page: func(_ context.Context, p cloud.Page) error {
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, a := range p.Accounts {
				s.accounts[a.ID] = a
			}
			for _, id := range p.Gone {
				delete(s.accounts, id)
				s.gone = append(s.gone, id)
			}
			return nil
		},
		Progress: func(p cloud.Progress) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.progress = append(s.progress, p)
		},
		Stored: func(id string) (directory.Account, bool) {
			s.mu.Lock()
			defer s.mu.Unlock()
			a, ok := s.accounts[id]
			return a, ok
		},
	})
}

// mustList lists with a fresh Source.
func (s *store) mustList(t *testing.T, w *world, cursor string) cloud.Result {
	t.Helper()
	r, err := s.list(t.Context(), New(w.config), cursor)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// want checks err's kind and code, and that nothing in it is secret.
func want(t *testing.T, w *world, err error, kind cloud.Kind, code string) {
	t.Helper()
	_ = failure(t, w, err, kind, code)
}

// failure is want, and returns err.
func failure(t *testing.T, w *world, err error, kind cloud.Kind, code string) *cloud.Error {
	t.Helper()
	if err == nil {
		t.Fatalf("it worked; want %s (%s)", kind, code)
	}
	e := cloud.AsError(err)
	if e.Kind != kind || e.Code != code || e.Cloud != directory.Microsoft || e.Doing == "" {
		t.Fatalf("error %q, cause %v; want %s (%s)", e, e.Err, kind, code)
	}
	if all := fmt.Sprintf("%v %+v", e, e.Err) + e.Detail; strings.Contains(all, w.AzureClientSecret) || strings.Contains(all, "eyJ") {
		t.Errorf("the error holds a secret: %s", all)
	}
	return e
}

// answer writes a JSON answer of a Graph made by hand.
func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // a client that has left needs no answer
}
