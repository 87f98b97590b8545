// Package assets is what the program carries in itself.
package assets

import "embed"

// clients holds google_client.json where the build was given one; the page
// beside it says how, and keeps the pattern from matching nothing.
//
//go:embed google_client*
var clients embed.FS

// googleClient may be set by the linker instead.
var googleClient string

// GoogleClient returns the JSON of the OAuth client that this build brings,
// nil when it brings none and the technician makes one.
func GoogleClient() []byte {
	if b, err := clients.ReadFile("google_client.json"); err == nil {
		return b
	}
	if googleClient != "" {
		return []byte(googleClient)
	}
	return nil
}
