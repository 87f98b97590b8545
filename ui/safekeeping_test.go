package ui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/engine"
)

// menuItem finds an item of the main menu.
func menuItem(t *testing.T, win fyne.Window, label string) *fyne.MenuItem {
	t.Helper()
	for _, m := range win.MainMenu().Items {
		for _, i := range m.Items {
			if i.Label == label {
				return i
			}
		}
	}
	t.Fatalf("the menu has no %q", label)
	return nil
}

// fill types into the entries of the sheet in front, one after the other.
func (s *stage) fill(texts ...string) {
	s.t.Helper()
	for _, o := range s.objects() {
		if e, ok := o.(*entry); ok && len(texts) > 0 {
			e.SetText(texts[0])
			texts = texts[1:]
		}
	}
	if len(texts) > 0 {
		s.t.Fatalf("%d texts have no entry", len(texts))
	}
}

func TestBackUp(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	f := district(10)
	s := open(t, f)
	menuItem(t, s.win, "Back up…").Action()
	s.mustSay("No authorization and no client secret is in it.")
	for _, c := range [][2]string{{"too short", "too short"}, {"correct horse battery", "correct horse batterx"}, {"", ""}} {
		s.fill(c[0], c[1])
		if !s.button("Choose where to save…").Disabled() {
			t.Errorf("it takes %q and %q", c[0], c[1])
		}
	}
	s.fill("correct horse battery", "correct horse battery")
	s.press("Choose where to save…")
	d := &saveDialog{s: s, home: home}
	if got := d.name().Text; got != "Panel backup 2026-11-23.age" {
		t.Errorf("it suggests %q", got)
	}
	old := filepath.Join(home, "mine.age")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.fail["backup"] = &cloud.Error{Kind: cloud.Storage, Code: "output_full"}
	d.save("fresh")
	s.until("the failure is said", func() bool { return s.button("Save elsewhere…") != nil })
	delete(f.fail, "backup")
	s.press("Save elsewhere…")
	d.save("mine.age")
	d.answer("Yes") // which Fyne asks before it replaces a file
	s.until("it is said where", func() bool { return strings.Contains(s.words(), "Backed up as "+old) })
	if b, err := os.ReadFile(old); string(b) != "old" || err != nil {
		t.Errorf("the window touched the file itself: %q, %v", b, err)
	}
	want := []string{`backup ` + filepath.Join(home, "fresh.age") + ` "correct horse battery"`, `backup ` + old + ` "correct horse battery"`}
	if !slices.Equal(f.calls, want) {
		t.Errorf("calls: %q", f.calls)
	}
}

// While a file is written that can be stopped, which is said for as long as it
// lasts.
func TestWritingCanBeStopped(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	f := district(10)
	f.block = make(chan struct{})
	s := open(t, f)
	s.backUp("correct horse battery")
	path := (&saveDialog{s: s, home: home}).save("slow.age")
	s.until("it is said", func() bool { return strings.Contains(s.words(), "Writing "+path+"…") })
	s.press("Stop")
	s.until("it is said that it stopped", func() bool { return strings.Contains(s.words(), "Stopped. "+path+" was not written.") })
	if len(f.calls) > 0 {
		t.Errorf("it was written: %q", f.calls)
	}
}

// A backup is looked into before anything is asked, and asked about before
// anything happens.
func TestRestore(t *testing.T) {
	f := district(10)
	s := open(t, f)
	var asked []Opening
	s.again = func(o Opening, _, done string) {
		if !strings.Contains(done, "2026-11-14") {
			t.Errorf("afterwards it says %q", done)
		}
		asked = append(asked, o)
	}
	path := filepath.Join(t.TempDir(), "b.age")
	s.openBackup(path)
	if !s.button("Open the backup").Disabled() {
		t.Error("it takes no passphrase")
	}
	f.fail["checkbackup"] = &cloud.Error{Kind: cloud.Storage, Code: "backup_passphrase"}
	s.fill("wrong")
	s.press("Open the backup")
	s.until("the wrong passphrase is said", func() bool { return strings.Contains(s.words(), "does not open with this passphrase") })
	delete(f.fail, "checkbackup")
	s.fill("right")
	s.press("Open the backup")
	s.until("it asks", func() bool { return s.button("Restore") != nil })
	s.mustSay("It was made on 2026-11-14", "is not deleted", "The connections to Google and Microsoft stay")
	s.press("Cancel")
	if len(s.sheets) > 0 || asked != nil {
		t.Errorf("after Cancel: %d sheets, %+v", len(s.sheets), asked)
	}
	s.openBackup(path)
	s.fill("right")
	s.press("Open the backup")
	s.until("it asks", func() bool { return s.button("Restore") != nil })
	s.press("Restore")
	if want := []Opening{{Backup: path, BackupPassphrase: "right"}}; !slices.Equal(asked, want) {
		t.Errorf("it opens %+v", asked)
	}
}

func TestErase(t *testing.T) {
	s := open(t, district(10))
	var asked []Opening
	s.again = func(o Opening, _, _ string) { asked = append(asked, o) }
	menuItem(t, s.win, "Erase everything…").Action()
	s.mustSay("This cannot be undone.", "secrets in the keychain", "Backups and exports that you saved elsewhere stay.")
	s.win.Canvas().Focused().TypedKey(key(fyne.KeyReturn)) // cancels
	if asked != nil || len(s.sheets) > 0 {
		t.Fatalf("it was erased before it was confirmed: %+v", asked)
	}
	menuItem(t, s.win, "Erase everything…").Action()
	s.press("Erase everything")
	if want := []Opening{{Erase: true}}; !slices.Equal(asked, want) {
		t.Errorf("it opens %+v", asked)
	}
}

// What is kept nowhere is neither backed up nor erased, and logs nothing.
func TestNothingToKeepSafeInMemory(t *testing.T) {
	f := district(10)
	items := []string{"Back up…", "Restore…", "Erase everything…", "Show the log folder"}
	for _, dir := range []string{"", "/data/logs"} {
		f.about.LogDir = dir
		s := open(t, f)
		for _, label := range items {
			if i := menuItem(t, s.win, label); i.Disabled == (dir != "") {
				t.Errorf("with the log folder %q, %s is disabled: %v", dir, label, i.Disabled)
			}
		}
		s.Close()
	}
	s := open(t, f)
	menuItem(t, s.win, "Show the log folder").Action()
	s.until("it is asked for", func() bool { return f.did("open /data/logs") })
	f.fail["open"] = &cloud.Error{Kind: cloud.Unexpected}
	menuItem(t, s.win, "Show the log folder").Action()
	s.until("it is said", func() bool { return strings.Contains(s.words(), "The folder could not be opened.") })
	s.press("Copy its path")
	if got := fyne.CurrentApp().Clipboard().Content(); got != "/data/logs" {
		t.Errorf("copied %q", got)
	}
}

// ground is a starter over fakes, whose goroutines hand over to the test's.
type ground struct {
	*starter
	t     *testing.T
	queue chan func()
	opens []Opening           // in order
	fails func(Opening) error // how an opening fails
}

func newGround(t *testing.T) *ground {
	t.Helper()
	g := &ground{t: t, queue: make(chan func(), 1000)}
	g.starter = &starter{async: newAsync(func(do func()) { g.queue <- do }), app: test.NewTempApp(t)}
	g.open = func(_ context.Context, o Opening) (Backend, error) {
		g.opens = append(g.opens, o)
		if g.fails != nil {
			if err := g.fails(o); err != nil {
				return nil, err
			}
		}
		if o.Erase {
			return nil, nil
		}
		return district(10), nil
	}
	t.Cleanup(func() { g.stop(time.Second) })
	return g
}

func (g *ground) until(what string, ok func() bool) {
	g.t.Helper()
	late := time.After(10 * time.Second)
	for !ok() {
		select {
		case do := <-g.queue:
			do()
		case <-late:
			g.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// said is what the page says; "" when the window is there.
func (g *ground) said() string {
	if g.page == nil {
		return ""
	}
	return wordsOf(inSight(g.page.Content()))
}

func (g *ground) press(label string) {
	g.t.Helper()
	for _, o := range inSight(g.page.Content()) {
		if b, ok := o.(*button); ok && b.Text == label {
			b.Tapped(nil)
			return
		}
	}
	g.t.Fatalf("no button %q on the page:\n%s", label, g.said())
}

// A restore closes the window's data, opens the restored data in the same
// window, and says so.
func TestStartAgain(t *testing.T) {
	g := newGround(t)
	g.try(Opening{Passphrase: "p"}, nil)
	g.until("the window is there", func() bool { return g.window != nil })
	first := g.window
	g.window.again(Opening{Backup: "b", BackupPassphrase: "x"}, "Restoring the backup…", "Restored.")
	if !strings.Contains(g.said(), "Restoring the backup…") || !first.closed {
		t.Errorf("meanwhile it says %q", g.said())
	}
	g.try(Opening{}, nil) // one at a time
	g.until("the window is there again", func() bool { return g.window != nil })
	if g.window == first || g.window.win != first.win || g.page != nil {
		t.Error("the window is not the new one, in the same place")
	}
	if want := []Opening{{Passphrase: "p"}, {Passphrase: "p", Backup: "b", BackupPassphrase: "x"}}; !slices.Equal(g.opens, want) {
		t.Errorf("it opened %+v", g.opens)
	}
	if said := wordsOf(inSight(g.window.top)); !strings.Contains(said, "Restored.") {
		t.Errorf("afterwards it says %q", said)
	}
}

// Where a restore fails, the data of before is there, and the reason is said.
func TestStartAgainAfterAFailedRestore(t *testing.T) {
	g := newGround(t)
	g.try(Opening{Passphrase: "p"}, nil)
	g.until("the window is there", func() bool { return g.window != nil })
	g.fails = func(o Opening) error {
		if o.Backup != "" {
			return &cloud.Error{Kind: cloud.Storage, Code: "disk_full"}
		}
		return nil
	}
	g.window.again(Opening{Backup: "b"}, "Restoring", "Restored.")
	g.until("the window is there again", func() bool { return g.window != nil })
	if len(g.window.sheets) != 1 {
		t.Fatal("nothing says why")
	}
	if said := wordsOf(inSight(g.window.sheets[0].pop)); !strings.Contains(said, "no room left") {
		t.Errorf("it says %q", said)
	}
	if last := g.opens[len(g.opens)-1]; last != (Opening{Passphrase: "p"}) {
		t.Errorf("it opened %+v", last)
	}
}

// After an erasure nothing is opened, so nothing is made, until it is asked
// for.
func TestStartAgainAfterAnErasure(t *testing.T) {
	g := newGround(t)
	g.try(Opening{Passphrase: "p"}, nil)
	g.until("the window is there", func() bool { return g.window != nil })
	locked := true
	g.fails = func(o Opening) error {
		if o.Erase && locked {
			return &cloud.Error{Kind: cloud.Keychain, Code: "locked"}
		}
		return nil
	}
	erase := func() { g.window.again(Opening{Erase: true}, "Erasing", "") }
	erase()
	g.until("the failure is said", func() bool { return strings.Contains(g.said(), "keychain is locked") })
	g.press("Open the data again")
	g.until("the window is there again", func() bool { return g.window != nil })
	erase()
	g.until("the failure is said", func() bool { return strings.Contains(g.said(), "keychain is locked") })
	g.fails = func(o Opening) error {
		if o.Erase && locked {
			return &cloud.Error{Kind: cloud.Storage, Code: "erase", Detail: "inventory.db, logs"}
		}
		return nil
	}
	g.press("Try again")
	g.until("what is left is said", func() bool { return strings.Contains(g.said(), "inventory.db, logs") })
	if strings.Contains(g.said(), "Open the data again") {
		t.Error("it offers to open what has lost its key")
	}
	locked = false
	g.app.Preferences().SetString(dialogMemory[0], "file:///home/anna")
	g.press("Try again")
	g.until("it is said that it is done", func() bool { return strings.Contains(g.said(), "Everything is erased") })
	if folder := g.app.Preferences().String(dialogMemory[0]); folder != "" {
		t.Errorf("the file dialog remembers %q", folder)
	}
	n := len(g.opens)
	g.press("Begin anew")
	g.until("the window is there again", func() bool { return g.window != nil })
	if got := g.opens[n:]; !slices.Equal(got, []Opening{{}}) {
		t.Errorf("to begin anew it opened %+v", got)
	}
}

// Where the key is lost, a backup helps as well as the recovery passphrase.
func TestStartRestores(t *testing.T) {
	g := newGround(t)
	g.fails = func(o Opening) error {
		switch {
		case o.Backup == "":
			return &cloud.Error{Kind: cloud.Keychain, Code: "missing"}
		case o.BackupPassphrase != "right":
			return &cloud.Error{Kind: cloud.Storage, Code: "backup_passphrase"}
		}
		return nil
	}
	g.try(Opening{}, nil)
	g.until("the trouble is said", func() bool { return strings.Contains(g.said(), "Restore a backup…") })
	for _, passphrase := range []string{"wrong", "right"} {
		g.restore("b.age")
		for _, o := range inSight(g.page.Content()) {
			if e, ok := o.(*entry); ok {
				e.SetText(passphrase)
			}
		}
		g.press("Restore")
		g.until("it was tried", func() bool {
			return g.window != nil || strings.Contains(g.said(), "does not open with this passphrase")
		})
	}
	if g.window == nil {
		t.Error("it was not restored")
	}
}

// Connections that came back from a backup without their secrets say so, on the
// card and in the banner, and what to do.
func TestRestoredConnections(t *testing.T) {
	f := district(10)
	f.conn.Google = Google{State: "not_authorized", HasClient: true, Lost: &engine.Fault{Kind: cloud.SignInNeeded, Code: "restored", Cloud: directory.Google}}
	f.conn.Microsoft.State, f.conn.Microsoft.HasSecret = "secret_wrong", false
	f.conn.Microsoft.Lost = &engine.Fault{Kind: cloud.SecretWrong, Code: "restored", Cloud: directory.Microsoft}
	s := open(t, f)
	for _, card := range []cloudModel{googleModel(s.state), microsoftModel(s.state)} {
		if !strings.Contains(card.trouble.Sentence, "restored from a backup") || card.trouble.Button.Text == "" {
			t.Errorf("%s: %+v", card.title, card.trouble)
		}
	}
	if badges := googleModel(s.state).state.Text + ", " + microsoftModel(s.state).state.Text; badges != "Not authorized, Secret missing" {
		t.Errorf("the states: %s", badges)
	}
	if all := warnings(s.state); len(all) != 2 || all[0].Title != "Authorize again after the restore" {
		t.Errorf("the banner: %+v", all)
	}
	s.openAzure(0)
	s.mustSay("Secret ID")
	if b := s.button("Save"); b == nil || !b.Disabled() {
		t.Error("the form takes the settings without a secret")
	}
}
