package storage

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// Panel is often used for seconds only: what was changed then is in a
// snapshot too, and does not push out the older ones.
func TestShortUsesAreInASnapshot(t *testing.T) {
	dir, key := t.TempDir(), NewKey()
	for i := range 8 {
		s, err := Open(t.Context(), Options{Dir: dir, Key: key})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ledger.PutDoc(t.Context(), "setting", []byte(strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := snapshots(dir); err != nil || len(all) > 3 {
		t.Errorf("snapshots: %v, %v", all, err)
	}
	if err := os.WriteFile(filepath.Join(dir, ledgerLayout.name), []byte("no ledger"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), Options{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got, err := s.Ledger.Doc("setting"); err != nil || string(got) != "7" {
		t.Errorf("after the damage the setting is %q, %v", got, err)
	}
}
