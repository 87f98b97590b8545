package ui

import (
	"testing"

	"panel/sync/engine"
)

func TestRecoveryIsAskedForOnceThereIsData(t *testing.T) {
	s := &State{Connections: Connections{AskRecovery: true}}
	if got := warnings(s); len(got) != 0 {
		t.Errorf("before the first sync: %v", got)
	}
	s.Status.Last = &engine.Run{}
	got := warnings(s)
	if len(got) != 1 || got[0].Button.Act != actRecovery {
		t.Errorf("after it: %v", got)
	}
	s.Connections.AskRecovery = false
	if got := warnings(s); len(got) != 0 {
		t.Errorf("once there is a passphrase: %v", got)
	}
}
