// Panel imports the people, organizational units and Chromebooks of a school
// district from Google Workspace and Microsoft Azure, read-only, and keeps
// them on the technician's own computer.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	quiet "a.quiet"
)

// version is set by the linker.
var version = "dev"

func main() {
	quiet.End()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	std := stdio{in: os.Stdin, out: os.Stdout, err: os.Stderr}
	code := exitCode(run(ctx, os.Args[1:], std), std.err)
	stop()
	os.Exit(code)
}
