package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
)

// decodePages reads the browser's list of tabs.
func decodePages(t *testing.T, r io.Reader) []page {
	t.Helper()
	var list []struct {
		Type  string `json:"type"`
		URL   string `json:"url"`
		Title string `json:"title"`
	}
	if err := json.NewDecoder(r).Decode(&list); err != nil {
		t.Fatalf("the browser's list of tabs: %v", err)
	}
	var pages []page
	for _, p := range list {
		if p.Type == "page" {
			pages = append(pages, page{p.URL, p.Title})
		}
	}
	return pages
}

// tab waits for the browser to show a page whose title has a part.
func (d *desk) tab(title string) {
	d.t.Helper()
	var open []page
	found := false
	defer func() {
		if !found {
			d.t.Logf("the browser shows %+v", open)
		}
	}()
	d.until("a page called "+title+" in the browser", func() bool {
		open = d.pages()
		found = slices.ContainsFunc(open, func(p page) bool { return strings.Contains(p.Title, title) })
		return found
	})
}
