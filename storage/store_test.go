package storage

import (
	"context"
	"testing"

	"panel/directory"
)

// openIn opens a folder with a key in memory, and closes it with the test.
func openIn(t testing.TB, dir string, key []byte) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestOpensAgainWithWhatWasStored(t *testing.T) {
	dir, key := t.TempDir()+"/data", NewKey()
	s, err := Open(t.Context(), Options{Dir: dir, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	a := sampleAccount(directory.Google, 1)
	if _, err := s.Inventory.Apply(t.Context(), directory.Batch{
		Cloud: directory.Google, Listing: directory.People, Run: "1", Accounts: []directory.Account{a},
		Docs: map[string][]byte{"cursor": []byte("c1")},
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Ledger.PutDoc(t.Context(), "settings", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = openIn(t, dir, key)
	if s.Losses != nil {
		t.Errorf("losses: %+v", s.Losses)
	}
	var names []string
	err = s.Inventory.People(context.Background(), func(p *directory.Person) error {
		names = append(names, p.Name())
		return nil
	})
	if err != nil || len(names) != 1 || names[0] != a.DisplayName {
		t.Errorf("people: %q, %v", names, err)
	}
	if doc, err := s.Inventory.Doc("cursor"); string(doc) != "c1" || err != nil {
		t.Errorf("cursor: %q, %v", doc, err)
	}
	if doc, err := s.Ledger.Doc("settings"); string(doc) != "{}" || err != nil {
		t.Errorf("settings: %q, %v", doc, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
