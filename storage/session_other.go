//go:build !linux

package storage

import "os"

// SessionDir is where the folder of a session in memory belongs: among
// temporary files, sealed like any other.
func SessionDir() string { return os.TempDir() }
