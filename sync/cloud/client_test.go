package cloud

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// get is a call that takes every 200 for good.
func get(url string) Call {
	return Call{
		Doing: "list things",
		Request: func(ctx context.Context) (*http.Request, error) {
			return http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		},
		Judge: func(a *Answer) *Error {
			switch {
			case a.Status == http.StatusOK:
				return nil
			case a.Status == http.StatusTooManyRequests || a.Status >= 500:
				return &Error{Kind: Limited}
			}
			return &Error{Kind: Unexpected}
		},
	}
}

func newClient(t *testing.T, o Options) *Client {
	t.Helper()
	c, err := NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestDoReturnsTheGoodAnswer(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"n":7}`))
	}))
	defer srv.Close()
	a, err := newClient(t, Options{}).Do(t.Context(), get(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ N int }
	if e := a.Decode(&v); e != nil || v.N != 7 {
		t.Errorf("decoded %v, %v", v, e)
	}
}

func TestSkewIsHowFarOurClockIsAhead(t *testing.T) {
	for _, ahead := range []time.Duration{0, 24 * time.Hour, -24 * time.Hour} {
		date := time.Now().Add(-ahead).UTC().Format(http.TimeFormat)
		a := Answer{Header: http.Header{"Date": {date}}}
		if off := (a.Skew() - ahead).Abs(); off > 5*time.Second {
			t.Errorf("ahead by %v: %v", ahead, a.Skew())
		}
	}
	if a := (Answer{Header: http.Header{"Date": {"noon"}}}); a.Skew() != 0 {
		t.Errorf("without a date: %v", a.Skew())
	}
}
