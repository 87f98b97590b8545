package view

import (
	"time"

	"panel/directory"
	"panel/sync/engine"
)

// LastSync is the line that is always in sight: "Google 12 min ago ·
// Microsoft 11 min ago", or that a sync runs.
func LastSync(s *engine.Status, now time.Time) string { return "" }

// CloudState is one line about a cloud: that it is being read, when it was
// last read, or that it never was.
func CloudState(s *engine.Status, c directory.Cloud, now time.Time) string { return "" }

// NextRun says when the next scheduled sync is due; "" when none is.
func NextRun(s *engine.Status, now time.Time) string { return "" }

// Step is how far one listing of the running sync is.
type Step struct {
	Cloud   directory.Cloud
	Listing directory.Listing
	// Title is "Google · Chromebooks".
	Title string
	// Text is "12,400 of 100,000 · 850 a second · 2 min left", or what it
	// waits for.
	Text string
	// Share is done / expected, from 0 to 1; below 0 when unknown.
	Share float64
	Ended bool
}

// Progress are the steps of the running sync, in their order; nil when none
// runs.
func Progress(s *engine.Status, now time.Time) []Step { return nil }

// OutcomeWords is a run's or a cloud's outcome: "Everything read", with its
// tone.
func OutcomeWords(o engine.Outcome) Badge { return Badge{} }

// RunLine is what a run did: "+3 ~12 −1", "no changes", or what went wrong;
// it took and why it ran follow in RunDetail.
func RunLine(r *engine.Run) string { return "" }

// RunDetail is "by schedule, 2 min 10 s".
func RunDetail(r *engine.Run) string { return "" }

// Counts is "+3 ~12 −1", "no changes" when nothing moved.
func Counts(added, changed, removed int) string { return "" }

// HoldWords say what is held and why, and what Keep and Remove do.
func HoldWords(h *engine.Hold) Words { return Words{} }

// ChangeLine is one entry of a change list: "Bob Smith: Title “Teacher” →
// “Principal”".
func ChangeLine(c *directory.Change) string { return "" }

// FieldLabel is the name of a record's field for a person, "Display name" for
// "display_name".
func FieldLabel(name string) string { return "" }

// SecretReminder says that the Azure client secret expires on a day; ok is
// false while that is more than 60 days away, or unknown.
func SecretReminder(now time.Time, expires directory.Day) (w Words, ok bool) { return Words{}, false }

// SecretStage is the reminder that is due: 60, 30, 14, 7, 1 or 0 days, -1 for
// none. A notification is shown once for each.
func SecretStage(now time.Time, expires directory.Day) int { return -1 }

// Reminders are the reminders due as sentences, nil when none is.
func Reminders(now time.Time, expires directory.Day) []string { return nil }
