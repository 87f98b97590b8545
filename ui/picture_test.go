package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// pictures is where the tests put what they draw, for a look at it; "" is
// nowhere.
var pictures = os.Getenv("PANEL_PICTURES")

// capture writes what a window shows to a PNG file.
func capture(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	if pictures == "" {
		return
	}
	file, err := os.Create(filepath.Join(pictures, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(file, w.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// newTestApp makes an app in memory in a theme of [Settings].
func newTestApp(t *testing.T, choice string) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(panelTheme{choice})
	return a
}
