package ui

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"panel/directory"
	"panel/sync/cloud"
	"panel/ui/view"
)

// shotsDir is where the tests put what they draw, for a look at it; "" is
// nowhere.
var shotsDir = os.Getenv("PANEL_UI_PICTURES")

// capture writes what a window shows to a PNG file.
func capture(t *testing.T, w fyne.Window, name string) {
	t.Helper()
	if shotsDir == "" {
		return
	}
	file, err := os.Create(filepath.Join(shotsDir, name+".png"))
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
func newTestApp(t testing.TB, choice string) fyne.App {
	t.Helper()
	a := test.NewTempApp(t)
	a.Settings().SetTheme(panelTheme{choice})
	return a
}

func TestPictures(t *testing.T) {
	if shotsDir == "" {
		t.Skip("PANEL_UI_PICTURES names no folder")
	}
	for _, look := range []string{"light", "dark"} {
		t.Run(look, func(t *testing.T) {
			f := district(3000)
			f.settings.Theme = look
			s := open(t, f)
			s.shoot("sync-"+look, 1280, 800)
			s.goTo(1)
			s.tabs[1].pane.(*browser).table.click(4, 0)
			s.shoot("people-"+look, 1280, 800)
			s.goTo(2)
			s.tabs[2].pane.(*browser).table.click(3, 0)
			s.tabs[2].pane.(*browser).table.click(5, fyne.KeyModifierShift)
			s.shoot("chromebooks-"+look, 1280, 800)
			s.shoot("chromebooks-small-"+look, 1024, 700)
			s.shoot("chromebooks-large-"+look, 1920, 1080)
			s.goTo(0)
			s.shoot("sync-small-"+look, 1024, 700)
			s.shoot("sync-large-"+look, 1920, 1080)
		})
	}
	t.Run("troubled", func(t *testing.T) {
		s := open(t, troubled())
		s.shoot("troubled", 1280, 900)
		hold := s.state.Status.Holds[0]
		s.openHeld("Held", hold.Cloud, hold.Listing, hold.IDs)
		s.shoot("held", 1280, 800)
		s.sheets[0].close()
		s.openAzure(azureStepSecret)
		s.shoot("azure-secret", 1280, 800)
		s.sheets[0].close()
		s.openDeauthorize()
		s.shoot("deauthorize", 1280, 800)
		s.sheets[0].close()
		s.openForget(directory.Google)
		s.shoot("forget", 1280, 800)
		s.sheets[0].close()
		s.fail(&cloud.Error{Kind: cloud.Keychain, Code: "locked"}, nil)
		s.shoot("failed", 1024, 700)
	})
	t.Run("syncing", func(t *testing.T) {
		f := syncing()
		f.settings.Theme = "dark"
		s := open(t, f)
		s.shoot("syncing", 1280, 800)
	})
	t.Run("twins", func(t *testing.T) {
		f, p := withTwins()
		s := open(t, f)
		s.goTo(1)
		b := s.tabs[1].pane.(*browser)
		b.list.Toggle("notice", "Possible duplicate")
		b.refill()
		b.table.ShowKey(p.ID)
		s.shoot("twins", 1280, 800)
		s.say(view.Good, "Kept as two people.", "Undo", func() {})
		s.shoot("toast", 1024, 700)
	})
	t.Run("waiting", func(t *testing.T) {
		f := empty()
		f.block = make(chan struct{})
		s := open(t, f)
		s.signIn()
		s.shoot("waiting", 1024, 700)
		s.sheets[0].close()
	})
	t.Run("empty", func(t *testing.T) {
		s := open(t, empty())
		s.shoot("empty-sync", 1280, 800)
		s.goTo(1)
		s.shoot("empty-people", 1280, 800)
		s.goTo(0)
		s.openAuthorize()
		s.shoot("authorize", 1280, 800)
		s.sheets[0].close()
		s.openGoogleSetup()
		s.shoot("setup", 1280, 800)
		s.sheets[0].close()
		s.openAzure(0)
		s.shoot("azure", 1280, 800)
		s.sheets[0].close()
		s.openSettings()
		s.shoot("settings", 1280, 800)
	})
}
