package ui

import (
	"regexp"
	"strings"
	"time"
)

// The checks of the Azure form say what is wrong with a value, "" for
// nothing. Space around it was trimmed.

func checkClientID(s string) string {
	switch {
	case s == "":
		return "Copy it from Overview: Application (client) ID."
	case !guid.MatchString(s):
		return "It looks like 5b8f2c44-90ab-4f7e-8f25-1c7d3a9be011."
	}
	return ""
}

var domainName = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)+$`)

func checkTenant(s string) string {
	switch {
	case s == "":
		return "Copy it from Overview: Directory (tenant) ID."
	case strings.Contains(s, "@"):
		return "Only what stands after the @, please."
	case !guid.MatchString(s) && !domainName.MatchString(s):
		return "That is neither a tenant ID nor a domain."
	}
	return ""
}

// checkSecret takes an empty secret where one is stored.
func checkSecret(s string, stored bool) string {
	switch {
	case s == "" && stored:
		return ""
	case s == "":
		return "Copy it from Certificates & secrets, column Value."
	case guid.MatchString(s):
		return "That is the Secret ID column; copy the Value column."
	case strings.ContainsAny(s, " \t\r\n"):
		return "A secret has no space in it: copy it again."
	}
	return ""
}

// checkExpires takes "" for no reminder.
func checkExpires(s string, now time.Time) string {
	if s == "" {
		return ""
	}
	day, err := time.Parse(time.DateOnly, s)
	switch {
	case err != nil:
		return "Write it as 2028-11-20, or leave it empty."
	case day.AddDate(0, 0, 1).Before(now):
		return "That day has passed."
	case day.After(now.AddDate(2, 1, 0)):
		return "The portal allows at most 24 months."
	}
	return ""
}
