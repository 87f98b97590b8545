package cloud

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"panel/sync/cloud/cloudtest"
)

// inMemory runs test in a bubble of its own time, with a client and h served
// at http://127.0.0.1.
func inMemory(t *testing.T, h http.HandlerFunc, test func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var n cloudtest.Network
		srv := &http.Server{Handler: h}
		l := n.Listen("127.0.0.1:80")
		go func() { _ = srv.Serve(l) }() // always the error of Close
		t.Cleanup(func() { _ = srv.Close() })
		c, err := NewClient(Options{Dial: n.Dial})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		test(t, c)
	})
}

func once(call Call) Call {
	call.Tries = 1
	return call
}

func answerJSON(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

// wantError checks err's kind and code.
func wantError(t *testing.T, err error, kind Kind, code string) {
	t.Helper()
	_ = failure(t, err, kind, code)
}

// failure checks err's kind and code, and returns it.
func failure(t *testing.T, err error, kind Kind, code string) *Error {
	t.Helper()
	if err == nil {
		t.Fatalf("it worked; want %s (%s)", kind, code)
	}
	e := AsError(err)
	if e.Kind != kind || e.Code != code {
		t.Fatalf("error %q, code %q, cause %v; want %s (%s)", e, e.Code, e.Err, kind, code)
	}
	return e
}

func TestEveryCallEnds(t *testing.T) {
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		kind    Kind
		code    string
		after   time.Duration
	}{
		"no head": {
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			Offline, CodeTimeout, 30 * time.Second,
		},
		"silence in the body": {
			func(w http.ResponseWriter, r *http.Request) {
				answerJSON(w, 200, `{"n":`)
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			},
			Offline, CodeTimeout, 60 * time.Second,
		},
		"a byte now and then": {
			func(w http.ResponseWriter, r *http.Request) {
				answerJSON(w, 200, `{`)
				for r.Context().Err() == nil {
					fmt.Fprint(w, " ")
					_ = http.NewResponseController(w).Flush()
					select {
					case <-time.After(50 * time.Second):
					case <-r.Context().Done():
					}
				}
			},
			Offline, CodeTimeout, 5 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, test.handler, func(t *testing.T, c *Client) {
				start := time.Now()
				_, err := c.Do(t.Context(), once(get("http://127.0.0.1/")))
				wantError(t, err, test.kind, test.code)
				if took := time.Since(start); took != test.after {
					t.Errorf("ended after %v, want %v", took, test.after)
				}
			})
		})
	}
}

func TestDialAndHandshakeEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n cloudtest.Network
		n.Listen("127.0.0.1:80") // never accepts
		deaf := n.Listen("127.0.0.1:443")
		go func() { // accepts and says nothing
			for {
				conn, err := deaf.Accept()
				if err != nil {
					return
				}
				go func() {
					buf := make([]byte, 4096)
					for {
						if _, err := conn.Read(buf); err != nil {
							return
						}
					}
				}()
			}
		}()
		defer func() { _ = deaf.Close() }()
		c, err := NewClient(Options{Dial: n.Dial})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, url := range []string{"http://127.0.0.1/", "https://127.0.0.1/"} {
			start := time.Now()
			_, err = c.Do(t.Context(), once(get(url)))
			wantError(t, err, Offline, CodeTimeout)
			if took := time.Since(start); took != 10*time.Second {
				t.Errorf("%s ended after %v", url, took)
			}
		}
	})
}

func TestRetryIsBoundedAndJittered(t *testing.T) {
	firstWaits := map[time.Duration]bool{}
	for range 10 {
		tries := 0
		inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
			tries++
			answerJSON(w, http.StatusServiceUnavailable, `{}`)
		}, func(t *testing.T, c *Client) {
			call := get("http://127.0.0.1/")
			var waits []time.Duration
			var ends int
			call.Waiting = func(until time.Time) {
				if until.IsZero() {
					ends++
					return
				}
				waits = append(waits, time.Until(until))
			}
			_, err := c.Do(t.Context(), call)
			if e := failure(t, err, Limited, ""); e.Status != http.StatusServiceUnavailable || e.Doing != "list things" {
				t.Errorf("the error says %+v", e)
			}
			if tries != 5 || len(waits) != 4 || ends != 4 {
				t.Fatalf("%d tries, %d waits, %d ends of waits", tries, len(waits), ends)
			}
			for i := range waits {
				if most := 2 * time.Second << i; waits[i] < 0 || waits[i] > most {
					t.Errorf("wait %d is %v, want up to %v", i, waits[i], most)
				}
			}
			firstWaits[waits[0]] = true
		})
	}
	if len(firstWaits) < 9 {
		t.Errorf("10 first waits had %d lengths: no jitter", len(firstWaits))
	}
}

func TestRetryAfterIsHonouredAndCapped(t *testing.T) {
	for name, test := range map[string]struct {
		header func(h http.Header)
		tries  int
		total  time.Duration
	}{
		"seconds": {func(h http.Header) { h.Set("Retry-After", "40") }, 5, 160 * time.Second},
		// No more than 15 minutes in all.
		"five minutes": {func(h http.Header) { h.Set("Retry-After", "300") }, 3, 10 * time.Minute},
		// Whoever asked comes back then.
		"an hour": {func(h http.Header) { h.Set("Retry-After", "3600") }, 1, 0},
		"a date, by a server whose clock is another": {func(h http.Header) {
			server := time.Now().Add(26 * time.Hour)
			h.Set("Date", server.UTC().Format(http.TimeFormat))
			h.Set("Retry-After", server.Add(30*time.Second).UTC().Format(http.TimeFormat))
		}, 5, 120 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			tries := 0
			inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
				tries++
				test.header(w.Header())
				answerJSON(w, http.StatusTooManyRequests, `{}`)
			}, func(t *testing.T, c *Client) {
				start := time.Now()
				_, err := c.Do(t.Context(), get("http://127.0.0.1/"))
				wantError(t, err, Limited, "")
				if name == "an hour" && AsError(err).RetryAfter != time.Hour {
					t.Errorf("asked to wait for %v", AsError(err).RetryAfter)
				}
				if took := time.Since(start); took != test.total || tries != test.tries {
					t.Errorf("%d tries in %v, want %d in %v", tries, took, test.tries, test.total)
				}
			})
		})
	}
}

func TestRetryEndsInTime(t *testing.T) {
	tries := 0
	inMemory(t, func(_ http.ResponseWriter, r *http.Request) {
		tries++
		<-r.Context().Done()
	}, func(t *testing.T, c *Client) {
		call := get("http://127.0.0.1/")
		call.Tries = 1000
		start := time.Now()
		_, err := c.Do(t.Context(), call)
		wantError(t, err, Offline, CodeTimeout)
		if took := time.Since(start); took > 15*time.Minute || took < 13*time.Minute {
			t.Errorf("%d tries took %v", tries, took)
		}
	})
}

func TestRetryStopsWhenItWorks(t *testing.T) {
	tries := 0
	inMemory(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries++; tries < 3 {
			panic(http.ErrAbortHandler) // the connection closes without an answer
		}
		answerJSON(w, 200, `{}`)
	}, func(t *testing.T, c *Client) {
		if _, err := c.Do(t.Context(), get("http://127.0.0.1/")); err != nil || tries != 3 {
			t.Errorf("%d tries, %v", tries, err)
		}
	})
}

func TestCancelEndsACallAtOnce(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"in a wait": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "300")
			answerJSON(w, http.StatusTooManyRequests, `{}`)
		},
		"before the head": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"in the body": func(w http.ResponseWriter, r *http.Request) {
			answerJSON(w, 200, `{`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, handler, func(t *testing.T, c *Client) {
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(7*time.Second, cancel)
				start := time.Now()
				_, err := c.Do(ctx, get("http://127.0.0.1/"))
				wantError(t, err, Cancelled, "")
				if took := time.Since(start); took != 7*time.Second {
					t.Errorf("ended %v after the cancel", took-7*time.Second)
				}
			})
		})
	}
}

func TestRetryAfterReadsAnything(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0.5": 500 * time.Millisecond, "-3": 0, "NaN": 0, "soon": 0,
		"3600": time.Hour, "1e300": longest, "Inf": longest, "99999999999999999999": longest,
		"Mon, 01 Jan 2030 00:00:00 GMT": longest,
		"Mon, 01 Jan 1990 00:00:00 GMT": 0,
	} {
		h := http.Header{"Date": {"Sat, 01 Jan 2000 00:00:00 GMT"}, "Retry-After": {value}}
		if got := RetryAfter(h); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestPassingKnowsWhatPasses(t *testing.T) {
	var passing []string
	for _, e := range []*Error{
		{Kind: Offline, Code: CodeDNS}, {Kind: Offline, Code: CodeProxyAuth}, {Kind: Limited},
		{Kind: BadAnswer, Code: CodeTruncated}, {Kind: BadAnswer, Code: CodeWebPage}, {Kind: Certificate},
		{Kind: SecretWrong}, {Kind: Unexpected}, {Kind: Cancelled},
	} {
		if Passing(e) {
			passing = append(passing, strings.TrimSpace(e.Error()))
		}
	}
	want := []string{"offline (dns)", "limited", "bad_answer (truncated)"}
	if !slices.Equal(passing, want) {
		t.Errorf("passing: %q, want %q", passing, want)
	}
}
