package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"panel/sync/cloud"
	"panel/ui/view"
)

// runTest tries the settings and shows each step as it ends.
func (f *azureForm) runTest() {
	a, secret := f.settings()
	f.steps.RemoveAll()
	f.test.Disable()
	f.test.SetText("Testing…")
	f.testing = f.w.do(func(ctx context.Context) error {
		return f.w.b.TestAzure(ctx, a, secret, func(s AzureStep) {
			f.w.ui(func() { f.addStep(s) })
		})
	}, func(err error) {
		f.testing = nil
		f.test.SetText("Test connection")
		f.judge()
		if err != nil && len(f.steps.Objects) == 0 && cloud.KindOf(err) != cloud.Cancelled {
			f.steps.Add(newTrouble(view.Say(cloud.AsError(err)), f.w.press))
		}
	})
}

func (f *azureForm) addStep(s AzureStep) {
	icon, tone := fyne.Resource(theme.NewSuccessThemedResource(theme.ConfirmIcon())), view.Plain
	if s.Err != nil {
		icon, tone = theme.NewErrorThemedResource(theme.CancelIcon()), view.Bad
	}
	words := newText(stepWords(s))
	words.Color = toneColor(tone)
	mark := container.NewGridWrap(fyne.NewSize(16, 16), widget.NewIcon(icon))
	f.steps.Add(container.NewBorder(nil, nil, container.NewCenter(mark), nil, padLeft(6, words)))
	if s.Err != nil {
		said := view.SayTest(s.Err)
		said.Button = view.Button{}
		f.steps.Add(newTrouble(said, f.w.press))
	}
	f.w.after(0, f.scroll.ScrollToBottom) // once it is laid out
}

// stepWords say how one step of the test ended.
func stepWords(s AzureStep) string {
	if s.Err != nil {
		return view.Say(s.Err).Title
	}
	switch s.Step {
	case "tenant":
		return "Tenant found"
	case "secret":
		return "Secret accepted"
	case "consent":
		return "Admin consent given"
	}
	if s.More {
		return view.Number(s.Users) + " or more users readable"
	}
	return view.Plural(s.Users, "user", "users") + " readable"
}
