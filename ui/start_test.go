package ui

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"panel/sync/cloud"
)

// What is offered where the data cannot be opened is what can help, and no
// more.
func TestStartOffersWhatHelps(t *testing.T) {
	for _, c := range []struct {
		kind          cloud.Kind
		code          string
		offers, never []string
	}{
		{cloud.Keychain, "no_keychain", []string{"Seal the secrets under this passphrase", "Use Panel for this session only", "Try again"}, []string{"Recover", "Open"}},
		{cloud.Keychain, "unavailable", []string{"Use Panel for this session only", "Try again"}, []string{"Seal", "Recover", "Open"}},
		{cloud.Keychain, "locked", []string{"Try again"}, []string{"Seal", "session only", "Recover"}},
		{cloud.Keychain, "wrong_passphrase", []string{"Open"}, []string{"Try again", "Seal", "session only", "Recover"}},
		{cloud.Keychain, "no_passphrase", []string{"Open"}, []string{"Try again", "Seal", "session only", "Recover"}},
		{cloud.Keychain, "missing", []string{"Recover", "Try again"}, []string{"Seal", "session only"}},
		{cloud.Storage, "wrong_key", []string{"Recover", "Try again"}, []string{"Seal", "session only"}},
		{cloud.Storage, "in_use", []string{"Try again"}, []string{"Seal", "session only", "Recover"}},
	} {
		s := &starter{async: newAsync(nil), app: test.NewTempApp(t)}
		s.explain(&cloud.Error{Kind: c.kind, Code: c.code}, Opening{})
		objects := inSight(s.page.Content())
		var buttons string
		for _, o := range objects {
			if b, ok := o.(*button); ok {
				buttons += b.Text + "\n"
			}
		}
		for _, want := range append(c.offers, "Quit Panel") {
			if !strings.Contains(buttons, want+"\n") {
				t.Errorf("%s: no button %q among:\n%s", c.code, want, buttons)
			}
		}
		for _, not := range c.never {
			if strings.Contains(buttons, not) {
				t.Errorf("%s: a button %q, which cannot help:\n%s", c.code, not, buttons)
			}
		}
		field := slices.IndexFunc(objects, func(o fyne.CanvasObject) bool { _, ok := o.(*entry); return ok })
		if field >= 0 && s.page.Canvas().Focused() != fyne.Focusable(objects[field].(*entry)) {
			t.Errorf("%s: the passphrase has to be clicked before it can be typed", c.code)
		}
		if said := wordsOf(objects); strings.Contains(said, "--") {
			t.Errorf("%s: speaks of the command line:\n%s", c.code, said)
		}
	}
}

// A slip of the finger must not seal what nothing opens again.
func TestSealingAsksTwice(t *testing.T) {
	opened := make(chan Opening, 1)
	s := &starter{async: newAsync(func(f func()) {}), app: test.NewTempApp(t), open: func(_ context.Context, o Opening) (Backend, error) {
		opened <- o
		return nil, &cloud.Error{Kind: cloud.Keychain, Code: "no_keychain"}
	}}
	s.explain(&cloud.Error{Kind: cloud.Keychain, Code: "no_keychain"}, Opening{})
	var fields []*entry
	var seal *button
	for _, o := range inSight(s.page.Content()) {
		if e, ok := o.(*entry); ok {
			fields = append(fields, e)
		}
		if b, ok := o.(*button); ok && strings.HasPrefix(b.Text, "Seal") {
			seal = b
		}
	}
	const passphrase = "correct horse"
	for _, typed := range [][2]string{{"", ""}, {"short", "short"}, {passphrase, ""}, {passphrase, "correct hores"}} {
		fields[0].SetText(typed[0])
		fields[1].SetText(typed[1])
		fields[1].OnSubmitted("")
		if !seal.Disabled() || s.busy {
			t.Fatalf("%q seals", typed)
		}
	}
	fields[1].SetText(passphrase)
	fields[1].OnSubmitted("")
	if o := <-opened; o.Passphrase != passphrase {
		t.Errorf("sealed under %q", o.Passphrase)
	}
	s.stop(time.Second)
}
