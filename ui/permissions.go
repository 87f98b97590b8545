package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/ui/view"
)

// shortScope leaves out what every scope begins with.
func shortScope(scope string) string {
	return strings.TrimPrefix(scope, "https://www.googleapis.com/auth/")
}

// permissions say what Google lets Panel read: in one line, and each with its
// scope when asked. What is missing is shown without asking.
type permissions struct {
	box              *fyne.Container
	granted, missing []string
	open             bool
}

func newPermissions() *permissions {
	p := &permissions{box: vstack(5)}
	p.box.Hide()
	return p
}

func (p *permissions) set(granted, missing []string) {
	if slices.Equal(granted, p.granted) && slices.Equal(missing, p.missing) {
		return
	}
	p.granted, p.missing = granted, missing
	p.open = len(missing) > 0
	p.fill()
}

func (p *permissions) fill() {
	visible(p.box, len(p.granted)+len(p.missing) > 0)
	words, icon := "All granted, each to read only", fyne.Resource(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
	if len(p.missing) > 0 {
		words = view.Plural(len(p.missing), "permission was", "permissions were") + " left unticked"
		icon = theme.NewWarningThemedResource(theme.WarningIcon())
	}
	label, toggle := "Show", func() { p.open = !p.open; p.fill() }
	if p.open {
		label = "Hide"
	}
	line := container.New(&labelLayout{label: cardLabel}, newMuted("Permissions"), hstack(6, markOf(icon), newText(words).whole(), newLink(label, toggle)))
	p.box.Objects = []fyne.CanvasObject{container.New(layout.NewCustomPaddedLayout(-10, -5, 0, 0), line)}
	if p.open {
		p.box.Add(padLeft(cardLabel, permissionRows(p.granted, p.missing)))
	}
	p.box.Refresh()
}

// markOf is an icon as high as the line of text that it stands in.
func markOf(icon fyne.Resource) fyne.CanvasObject {
	return container.NewCenter(container.NewGridWrap(fyne.NewSize(14, 14), widget.NewIcon(icon)))
}

// permissionRows list permissions with a mark for granted, missing, or asked
// for.
func permissionRows(granted, missing []string) *fyne.Container {
	rows := vstack(3)
	for _, p := range view.Permissions {
		given, refused := slices.Contains(granted, p.Scope), slices.Contains(missing, p.Scope)
		if !given && !refused {
			continue
		}
		icon := fyne.Resource(theme.NewSuccessThemedResource(theme.ConfirmIcon()))
		if refused {
			icon = theme.NewWarningThemedResource(theme.CancelIcon())
		}
		words := newText(p.Words)
		words.Whole, words.Points = true, 12
		if refused {
			words.Color = toneColor(view.Warn)
		}
		scope := newMuted(shortScope(p.Scope))
		scope.Points = textSmall
		rows.Add(container.NewBorder(nil, nil, hstack(6, markOf(icon), words, fixedWidth(4)), nil, scope))
	}
	return rows
}
