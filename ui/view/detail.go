package view

import (
	"time"

	"panel/directory"
)

// PersonDetail is the pane of a person. The accounts are those that p was
// merged from, nil where there is none.
func PersonDetail(p *directory.Person, google, microsoft *directory.Account, now time.Time) Detail {
	return Detail{}
}

// ChromebookDetail is the pane of a Chromebook.
func ChromebookDetail(c *directory.Chromebook, now time.Time) Detail { return Detail{} }

// Detail is what a detail pane shows of one record.
type Detail struct {
	// Key is the record's id, Title its name, Subtitle a line below it.
	Key      string
	Title    string
	Subtitle string
	Badges   []Badge
	Groups   []Group
	Links    []Link
}

// Badge is a word in a colour.
type Badge struct {
	Text string
	Tone Tone
}

// Group is some fields under a heading.
type Group struct {
	Title  string
	Fields []Field
}

// Field is one line of a detail pane. Fields without a value are left out of
// their group, groups without a field out of the pane.
type Field struct {
	Label string
	// Value is the text; Exact what it stands for in full, "" when the same
	// (the date and the clock behind "12 min ago").
	Value string
	Exact string
	Tone  Tone
	// From names the cloud that the value came from, "" where only one
	// could say it.
	From string
	// Originals are what each cloud says, where they differ.
	Originals []Original
}

// Original is one cloud's own value.
type Original struct {
	Cloud string // "Google", "Microsoft"
	Value string
}

// Link is a page of a cloud's own console.
type Link struct {
	Text string
	URL  string
}
