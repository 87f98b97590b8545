package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/websocket"
)

// decodePages reads the browser's list of tabs.
func decodePages(t *testing.T, r io.Reader) []page {
	t.Helper()
	var list []struct {
		Type  string `json:"type"`
		URL   string `json:"url"`
		Title string `json:"title"`
		Debug string `json:"webSocketDebuggerUrl"`
	}
	if err := json.NewDecoder(r).Decode(&list); err != nil {
		t.Fatalf("the browser's list of tabs: %v", err)
	}
	var pages []page
	for _, p := range list {
		if p.Type == "page" {
			pages = append(pages, page{p.URL, p.Title, p.Debug})
		}
	}
	return pages
}

// tab waits for the browser to show a page whose title has a part.
func (d *desk) tab(title string) page {
	d.t.Helper()
	var found page
	open := []page{}
	defer func() {
		if found.debug == "" {
			d.t.Logf("the browser shows %+v", open)
		}
	}()
	d.until("a page called "+title+" in the browser", func() bool {
		open = d.pages()
		for _, p := range open {
			if strings.Contains(p.Title, title) {
				found = p
				return true
			}
		}
		return false
	})
	return found
}

// press clicks what a selector finds on a page, as the left mouse button
// would; the page's own script and forms do the rest.
func (d *desk) press(p page, selector string) {
	d.t.Helper()
	ws, err := websocket.Dial(p.debug, "", "http://"+d.debug)
	if err != nil {
		d.t.Fatalf("drive the browser: %v", err)
	}
	defer ws.Close()
	quoted, err := json.Marshal(selector)
	if err != nil {
		d.t.Fatal(err)
	}
	call := map[string]any{"id": 1, "method": "Runtime.evaluate", "params": map[string]any{
		"expression": "document.querySelector(" + string(quoted) + ").click()",
	}}
	if err := websocket.JSON.Send(ws, call); err != nil {
		d.t.Fatalf("drive the browser: %v", err)
	}
	var answer struct {
		Result struct {
			ExceptionDetails *struct{ Text string } `json:"exceptionDetails"`
		} `json:"result"`
	}
	if err := websocket.JSON.Receive(ws, &answer); err != nil {
		d.t.Fatalf("drive the browser: %v", err)
	}
	if e := answer.Result.ExceptionDetails; e != nil {
		d.t.Fatalf("click %s: %s", selector, e.Text)
	}
}
