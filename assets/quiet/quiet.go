// Package quiet keeps what libraries log while they are initialized off
// standard error, where scripts read Panel's own words: Fyne complains there
// about the locale C.UTF-8, which most servers have, before main begins.
//
// Go initializes packages in the order of their import paths as far as their
// imports allow, so this one is a module of its own with a path that sorts
// before every other that is not in the standard library.
package quiet

import (
	"io"
	"log"
	"os"
)

func init() { log.SetOutput(io.Discard) }

// End lets the log speak again. Main calls it first.
func End() { log.SetOutput(os.Stderr) }
