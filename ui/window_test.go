package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// stage is a window over a fake Backend, whose goroutines hand over to the
// test's.
type stage struct {
	*Window
	t     *testing.T
	fake  *fake
	queue chan func()
}

// open shows the window of a Backend.
func open(t *testing.T, f *fake) *stage {
	t.Helper()
	app := test.NewTempApp(t)
	s := &stage{t: t, fake: f, queue: make(chan func(), 1000)}
	s.Window = newWindow(app, f, func(do func()) { s.queue <- do }, func() time.Time { return now })
	s.win.Show()
	t.Cleanup(func() {
		s.stop(5 * time.Second)
		s.win.Close()
	})
	s.until("the records are shown", func() bool { return s.state != nil && s.state.Records != nil })
	return s
}

// until lets the window work until something is true.
func (s *stage) until(what string, ok func() bool) {
	s.t.Helper()
	late := time.After(10 * time.Second)
	for !ok() {
		select {
		case do := <-s.queue:
			do()
		case <-late:
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// settle lets the window work until nothing happens for a moment.
func (s *stage) settle() {
	for {
		select {
		case do := <-s.queue:
			do()
		case <-time.After(50 * time.Millisecond):
			return
		}
	}
}

// shoot captures the window at a size, if pictures are wanted.
func (s *stage) shoot(name string, width, height float32) {
	if pictures == "" {
		return
	}
	s.settle()
	// Fyne's test driver does not lay out again what changed its size.
	for range 3 {
		s.win.Resize(fyne.NewSize(width+1, height))
		s.win.Resize(fyne.NewSize(width, height))
	}
	capture(s.t, s.win, name)
}

func TestPictures(t *testing.T) {
	if pictures == "" {
		t.Skip("PANEL_PICTURES names no folder")
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
