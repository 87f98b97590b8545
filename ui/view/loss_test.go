package view

import (
	"strings"
	"testing"
	"time"
)

func TestLossWords(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		loss Loss
		say  []string
		act  Act
	}{
		{Loss{Aside: "inventory.db.damaged-1"}, []string{"inventory", "history of syncs", "brought back", "inventory.db.damaged-1"}, SyncNow},
		{Loss{Ledger: true, Aside: "ledger.db.damaged-1", Restored: at}, []string{"2026-11-23 09:30:00 UTC", "after that", "ledger.db.damaged-1"}, OpenSettings},
		{Loss{Ledger: true}, []string{"no copy", "decisions"}, NoAct},
		{Loss{Ledger: true, LastChange: true}, []string{"last change", "setting or decision"}, NoAct},
		{Loss{LastChange: true}, []string{"last change", "next sync"}, NoAct},
	} {
		w := LossWords(c.loss, time.UTC)
		for _, part := range c.say {
			if !strings.Contains(w.String(), part) {
				t.Errorf("%+v: %q does not say %q", c.loss, w.String(), part)
			}
		}
		if w.Button.Act != c.act || w.Title == "" || w.Tone == Plain {
			t.Errorf("%+v: %+v, want the act %q", c.loss, w, c.act)
		}
		if c.loss.Aside == "" && strings.Contains(w.String(), "not deleted") {
			t.Errorf("%+v: speaks of a file that was not kept", c.loss)
		}
	}
}
