package view

import (
	"fmt"
	"time"

	"panel/directory"
)

// stages are the days before the expiry on which Panel reminds.
var stages = []int{0, 1, 7, 14, 30, 60}

// SecretStage is the reminder that is due for a client secret that expires on
// a day: 60, 30, 14, 7, 1 or 0 days, -1 for none or an unknown day. A
// notification is shown once for each; 0 stays due after the day.
func SecretStage(now time.Time, expires directory.Day) int {
	left, ok := daysLeft(now, expires)
	if !ok {
		return -1
	}
	for _, s := range stages {
		if left <= s {
			return s
		}
	}
	return -1
}

// daysLeft counts calendar days in the zone of now.
func daysLeft(now time.Time, expires directory.Day) (int, bool) {
	day, err := time.Parse(time.DateOnly, string(expires))
	if err != nil {
		return 0, false
	}
	y, m, d := now.Date()
	return int(day.Sub(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour)), true
}

// SecretReminder says when the Azure client secret expires; ok is false while
// no reminder is due.
func SecretReminder(now time.Time, expires directory.Day) (w Words, ok bool) {
	if SecretStage(now, expires) < 0 {
		return Words{}, false
	}
	left, _ := daysLeft(now, expires)
	w = Words{
		Action: "Make a new one in the Azure portal and paste its Value here; everything else stays.", typed: typedRenewal,
		Button: Button{Act: NewSecret, Text: "Replace the client secret"},
		Tone:   Warn,
	}
	switch {
	case left < 0:
		w.Title = "The Azure client secret has expired"
		w.Sentence = fmt.Sprintf("By the date in the Azure settings the client secret expired on %s.", expires)
		w.Tone = Bad
	case left == 0:
		w.Title, w.Tone = "The Azure client secret expires today", Bad
		w.Sentence = "The Azure client secret expires today; then Microsoft can no longer be read."
	default:
		w.Title = "The Azure client secret expires in " + Plural(left, "day", "days")
		w.Sentence = fmt.Sprintf("The Azure client secret expires on %s, in %s; then Microsoft can no longer be read.", expires, Plural(left, "day", "days"))
	}
	return w, true
}

// Reminders are the reminders due as sentences for a terminal, nil when none
// is.
func Reminders(now time.Time, expires directory.Day) []string {
	if w, ok := SecretReminder(now, expires); ok {
		return []string{w.Terminal()}
	}
	return nil
}
