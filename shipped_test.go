//go:build migrated_fynedo && smoke

package main

import "testing"

// The program as it is shipped, with the flags that no other test has, shows
// its window and goes when it is told to.
func TestShipped(t *testing.T) {
	need(t, "Xvfb", "xdotool", "import", "xclip")
	d := emptyDesk(t)
	d.screen("1280x800")
	w := d.open(shipped(t), "demo", "--people", "60", "--chromebooks", "30")
	d.key("ctrl+3")
	d.settled()
	d.picture("shipped")
	w.quit()
}
