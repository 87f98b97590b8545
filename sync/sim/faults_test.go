package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaultStrikesThePageAndTheTimesNamed(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	post(t, s.ControlURL+"/faults", `[{"endpoint":"google.users","page":2,"times":2,"status":503,"body":"busy","retry_after":7}]`)
	first := s.URL + directoryPath + "users?customer=my_customer&maxResults=200"
	var page struct{ NextPageToken string }
	getJSON(t, first, access, &page)
	second := first + "&pageToken=" + url.QueryEscape(page.NextPageToken)
	for range 2 {
		status, header, body := get(t, second, access)
		if status != 503 || string(body) != "busy" || header.Get("Retry-After") != "7" {
			t.Errorf("%d %v %s", status, header, body)
		}
	}
	getJSON(t, second, access, &page)
	getJSON(t, first, access, &page)
	if got := c.Requests("google.users"); got != 5 {
		t.Errorf("%d requests counted, 5 made", got)
	}
}

func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if reply, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusNoContent {
		t.Fatalf("%s: %s", resp.Status, reply)
	}
}

func TestFaultsThatNobodyCouldMeanAreRefused(t *testing.T) {
	c := New(Config{People: 30, Chromebooks: 20})
	for _, bad := range []string{`{}`, `[{"endpoint":"google.nothing","status":500}]`, `[{"endpoint":"google.users","kind":"nonsense"}]`,
		`[{"endpoint":"google.users","status":99}]`, `[{"endpoint":"google.users","pages":3}]`, `[{"endpoint":"*"}]`, `[{"endpoint":"google.users","page":-1}]`,
		`[] []`} {
		if _, err := c.control(http.MethodPost, "faults", []byte(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	if _, err := c.control(http.MethodPost, "faults", []byte(`[{"endpoint":"google.*","status":500}]`)); err != nil {
		t.Error(err)
	}
}

// Every canned answer comes whole, is of the form that its cloud has, and leaves no blank unfilled.
func TestEveryKindAnswers(t *testing.T) {
	c := New(Config{People: 60, Chromebooks: 40})
	h := c.Handler()
	access, _ := c.GoogleTokens()
	endless := []string{"hang", "stall", "cut", "drop"}
	for _, kind := range Kinds() {
		if slices.Contains(endless, kind) {
			continue
		}
		if err := c.SetFaults([]Fault{{Endpoint: "google.users", Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:1"+directoryPath+"users?customer=my_customer&maxResults=10", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+access)
		w := &capture{header: http.Header{}, status: http.StatusOK}
		h.ServeHTTP(w, r)
		body := string(w.body)
		for _, blank := range []string{"{id}", "{now}", "{stamp}", "{host}", "{path}", "{tenant}", "{client}", "{client-request-id}"} {
			if strings.Contains(body, blank) {
				t.Errorf("%s: %s is not filled in: %s", kind, blank, body)
			}
		}
		if strings.HasPrefix(w.header.Get("Content-Type"), "application/json") && !json.Valid(w.body) && kind != "truncated" && kind != "trailing_garbage" {
			t.Errorf("%s: is called JSON and is not: %s", kind, body)
		}
		if w.status >= 400 && body == "" {
			t.Errorf("%s: %d without a word", kind, w.status)
		}
	}
}

// A newcomer finds every kind in the package's documentation.
func TestEveryKindIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(doc), func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') })
	for _, kind := range Kinds() {
		if !slices.Contains(words, kind) && !strings.HasPrefix(kind, "page_") {
			t.Errorf("%s is not in the package's documentation", kind)
		}
	}
}

func TestGarbledListings(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	base := s.URL + directoryPath + "users?customer=my_customer&maxResults=200"
	var true1, true2 userPage
	getJSON(t, base, access, &true1)
	second := base + "&pageToken=" + url.QueryEscape(true1.NextPageToken)
	getJSON(t, second, access, &true2)
	strike := func(kind string) (userPage, []byte) {
		t.Helper()
		if err := c.SetFaults([]Fault{{Endpoint: "google.users", Page: 2, Times: 1, Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		_, _, body := get(t, second, access)
		var page userPage
		_ = json.Unmarshal(body, &page) // some are no JSON, which their cases look at
		return page, body
	}
	if page, _ := strike("missing_array"); page.Users != nil || page.Kind == "" {
		t.Errorf("missing_array: %+v", page)
	}
	if page, _ := strike("short"); page.NextPageToken != "" || len(page.Users) != 200 {
		t.Errorf("short: %+v", page)
	}
	if page, _ := strike("wrong_kind"); page.Kind != "admin#directory#groups" {
		t.Errorf("wrong_kind: %+v", page)
	}
	if page, _ := strike("repeat_token"); page.NextPageToken != true1.NextPageToken {
		t.Errorf("repeat_token: %+v", page)
	}
	if page, _ := strike("duplicate"); len(page.Users) != 201 || page.Users[200] != page.Users[0] {
		t.Errorf("duplicate: %d users", len(page.Users))
	}
	if page, _ := strike("lost_records"); len(page.Users) != 0 || page.NextPageToken == "" {
		t.Errorf("lost_records: %+v", page)
	}
	if _, body := strike("truncated"); json.Valid(body) {
		t.Error("truncated: whole")
	}
	if _, body := strike("trailing_garbage"); json.Valid(body) {
		t.Error("trailing_garbage: clean")
	}
	page, _ := strike("empty_page")
	if len(page.Users) != 0 || page.NextPageToken == true1.NextPageToken || page.NextPageToken == "" {
		t.Fatalf("empty_page: %+v", page)
	}
	var late userPage
	getJSON(t, base+"&pageToken="+url.QueryEscape(page.NextPageToken), access, &late)
	if !slices.Equal(late.Users, true2.Users) {
		t.Error("after the empty page came other users than without it")
	}
}

type userPage struct {
	Kind, NextPageToken string
	Users               []struct{ ID string }
}

func TestAnEmptyPageLosesNobody(t *testing.T) {
	c, s := start(t)
	google, _ := c.GoogleTokens()
	graph := c.MicrosoftToken()
	for _, page := range []int{1, 2} {
		if err := c.SetFaults([]Fault{
			{Endpoint: "google.chromeosdevices", Page: page, Times: 1, Kind: "empty_page"},
			{Endpoint: "microsoft.users", Page: page, Times: 1, Kind: "empty_page"},
			{Endpoint: "microsoft.delta", Page: page, Times: 1, Kind: "empty_page"},
		}); err != nil {
			t.Fatal(err)
		}
		if got := len(listDevices(t, s, google, "")); got != c.Counts().Chromebooks {
			t.Errorf("page %d: %d devices", page, got)
		}
		seen := 0
		for next := s.URL + "/v1.0/users?$select=id"; next != ""; {
			var page graphAnswer
			getJSON(t, next, graph, &page)
			seen, next = seen+len(page.Value), page.Next
		}
		if seen != c.Counts().MicrosoftUsers {
			t.Errorf("page %d: %d users", page, seen)
		}
		users, _ := round(t, s.URL+"/v1.0/users/delta?$select=id", graph)
		if len(users) != c.Counts().MicrosoftUsers+former {
			t.Errorf("page %d: %d in the delta", page, len(users))
		}
	}
}

func TestBrokenConnections(t *testing.T) {
	c, s := start(t)
	access, _ := c.GoogleTokens()
	for _, kind := range []string{"cut", "drop", "stall", "hang"} {
		if err := c.SetFaults([]Fault{{Endpoint: "google.users", Kind: kind}}); err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Timeout: 200 * time.Millisecond}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+directoryPath+"users?customer=my_customer", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+access)
		resp, err := client.Do(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			_ = resp.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: the answer came whole", kind)
		}
	}
}

func TestLatencyIsWaitedForAndCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Config{People: 30, Chromebooks: 20})
		c.Configure(func(s *Settings) { s.LatencyMS = 1000 })
		if err := c.SetFaults([]Fault{{Endpoint: "google.userinfo", DelayMS: 500}}); err != nil {
			t.Fatal(err)
		}
		access, _ := c.GoogleTokens()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/v1/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+access)
		began := time.Now()
		w := &capture{header: http.Header{}, status: http.StatusOK}
		c.Handler().ServeHTTP(w, r)
		if took := time.Since(began); took != 1500*time.Millisecond || !strings.Contains(string(w.body), "admin@") {
			t.Errorf("%v: %s", took, w.body)
		}
	})
}
