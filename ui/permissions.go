package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/directory"
	"panel/ui/view"
)

// permission is one scope that Panel asks Google for, in plain words.
type permission struct {
	scope   string
	words   string
	why     string
	listing directory.Listing // what cannot be imported without it
}

// googlePermissions are all that Panel ever asks for; each can only read.
var googlePermissions = []permission{
	{"https://www.googleapis.com/auth/admin.directory.user.readonly", "See people", "names, addresses, organizational unit, state", directory.People},
	{"https://www.googleapis.com/auth/admin.directory.orgunit.readonly", "See organizational units", "the tree that people and Chromebooks are in", directory.OrgUnits},
	{"https://www.googleapis.com/auth/admin.directory.device.chromeos.readonly", "See Chromebooks", "serial, model, status, recent users", directory.Chromebooks},
	{"openid", "Know who signs in", "the account that authorizes Panel", ""},
	{"https://www.googleapis.com/auth/userinfo.email", "See that account's address", "shown as “Authorized by”", ""},
}

// shortScope leaves out what every scope begins with.
func shortScope(scope string) string {
	return strings.TrimPrefix(scope, "https://www.googleapis.com/auth/")
}

// permissionRows list permissions with a mark for granted, missing, or asked
// for.
func permissionRows(granted, missing []string) *fyne.Container {
	rows := vstack(3)
	for _, p := range googlePermissions {
		given, refused := slices.Contains(granted, p.scope), slices.Contains(missing, p.scope)
		if !given && !refused {
			continue
		}
		icon := fyne.Resource(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
		if refused {
			icon = theme.NewWarningThemedResource(theme.CancelIcon())
		}
		words := newText(p.words)
		words.Whole, words.Points = true, 12
		if refused {
			words.Color = toneColor(view.Warn)
		}
		scope := newMuted(shortScope(p.scope))
		scope.Points = textSmall
		mark := container.NewGridWrap(fyne.NewSize(14, 14), widget.NewIcon(icon))
		rows.Add(container.NewBorder(nil, nil, hstack(6, container.NewCenter(mark), words, fixedWidth(4)), nil, scope))
	}
	return rows
}
