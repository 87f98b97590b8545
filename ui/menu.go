package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"panel/ui/view"
)

// menu is the main menu. Its shortcuts work whatever is focused, which those
// of a canvas do not.
func (w *Window) menu() *fyne.MainMenu {
	item := func(label string, key fyne.KeyName, action func()) *fyne.MenuItem {
		i := fyne.NewMenuItem(label, action)
		if key != "" {
			i.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}
		}
		return i
	}
	walk := func(label string, key fyne.KeyName, by int) *fyne.MenuItem {
		i := item(label, "", func() { w.walk(by) })
		i.Shortcut = &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierAlt}
		return i
	}
	about := w.b.About()
	// kept is for data that is kept on this computer.
	kept := func(i *fyne.MenuItem) *fyne.MenuItem {
		i.Disabled = about.LogDir == ""
		return i
	}
	checkOut := item("Check out…", "", func() {
		if !w.covered() {
			w.openCheckout(nil, nil)
		}
	})
	checkOut.Disabled = !w.handsOut()
	var places []*fyne.MenuItem
	for i := range w.checkout.places {
		places = append(places, item(w.checkout.places[i].name.Text, "", func() { w.visitPlace(i) }))
	}
	quit := item("Quit", fyne.KeyQ, w.Close)
	quit.IsQuit = true
	return fyne.NewMainMenu(
		fyne.NewMenu("File",
			item("Settings…", fyne.KeyComma, w.openSettings),
			fyne.NewMenuItemSeparator(),
			item("Export…", fyne.KeyE, w.exportList),
			item("Print…", fyne.KeyP, w.printList),
			fyne.NewMenuItemSeparator(),
			kept(item("Back up…", "", w.openBackUp)),
			kept(item("Restore…", "", w.openRestore)),
			fyne.NewMenuItemSeparator(),
			kept(item("Erase everything…", "", w.openErase)),
			fyne.NewMenuItemSeparator(), quit),
		fyne.NewMenu("View",
			item("Cloud Sync", fyne.Key1, func() { w.visit(tabSync) }),
			item("People", fyne.Key2, func() { w.visit(tabPeople) }),
			item("Chromebooks", fyne.Key3, func() { w.visit(tabChromebooks) }),
			item("Checkout", fyne.Key4, func() { w.visit(tabCheckout) }),
			fyne.NewMenuItemSeparator(),
			item("Pictures", fyne.KeyG, w.togglePictures),
			fyne.NewMenuItemSeparator(),
			walk("Back", fyne.KeyLeft, -1),
			walk("Forward", fyne.KeyRight, 1),
			fyne.NewMenuItemSeparator(),
			item("Quick find", fyne.KeyK, w.openQuick),
			item("Search this list", fyne.KeyF, w.focusSearch)),
		fyne.NewMenu("Sync",
			item("Request Immediate Cloud Sync Refresh", fyne.KeyR, func() { w.b.Sync(false) }),
			item("List everything anew", "", func() { w.b.Sync(true) }),
			item("Cancel the running sync", "", func() { w.b.Cancel() })),
		fyne.NewMenu("Checkout", append([]*fyne.MenuItem{checkOut, fyne.NewMenuItemSeparator()}, places...)...),
		fyne.NewMenu("Help",
			kept(item("Show the log folder", "", func() { w.openFolder(about.LogDir) })),
			item("About Panel", "", w.openAbout)))
}

func (w *Window) openAbout() {
	a := w.b.About()
	facts := newFacts(90)
	facts.set([]view.Field{
		{Label: "Version", Value: a.Version}, {Label: "Data", Value: a.DataDir},
		{Label: "Clouds", Value: a.Profile}, {Label: "Secrets", Value: vaultWords(a.Vault)},
	})
	var s *sheet
	done := newPrimary("Close", nil, func() { s.close() })
	s = w.openSheet("Panel", vstack(12,
		newParagraph("People, organizational units and Chromebooks of your district, read from the clouds and kept on this computer. Panel reads, and never writes."),
		facts), fyne.NewSize(520, 0), done)
}

func vaultWords(vault string) string {
	switch vault {
	case "keychain":
		return "in the keychain of this computer"
	case "passphrase":
		return "in a file sealed by your passphrase"
	case "memory":
		return "in memory, gone when Panel ends"
	}
	return vault
}
