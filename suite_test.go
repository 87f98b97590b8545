//go:build !bench

package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
)

// TestMain lets many tests wait at a time: most of what the parallel ones do
// is to wait, as Panel does, before they ask a cloud again.
func TestMain(m *testing.M) {
	if dir := os.Getenv(asScanner); dir != "" {
		os.Exit(beScanner(dir))
	}
	flag.Parse()
	if parallel := flag.Lookup("test.parallel").Value; parallel.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Set("16"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	code := m.Run()
	for _, dir := range []string{shippedDir, untaggedDir} {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, "remove the program:", err)
		}
	}
	os.Exit(code)
}
