package main

import (
	"fmt"
	"sync"
	"testing"

	"panel/sync/sim"
	"panel/ui"
)

// Fast fingers lose no change of the views, no list is read again for one, and
// views that cannot be read are not written over.
func TestChangesOfViewsAreNotLost(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 1})
	r.setUp()
	s := r.session()
	defer s.close()
	b := &backend{session: s}
	revision := b.Revision()
	const changes = 20
	var all sync.WaitGroup
	for i := range changes {
		all.Go(func() {
			list := []string{"people", "chromebooks"}[i%2]
			_, err := b.ChangeViews(t.Context(), list, func(v *ui.ListViews) { v.Unpinned = append(v.Unpinned, fmt.Sprint(i)) })
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	kept := b.Views()
	if n := len(kept["people"].Unpinned) + len(kept["chromebooks"].Unpinned); n != changes {
		t.Errorf("%d of %d changes are kept: %+v", n, changes, kept)
	}
	if b.Revision() != revision {
		t.Error("a change of the views has the lists read again")
	}

	const unreadable = `["of another Panel"]`
	if err := s.store.Ledger.PutDoc(t.Context(), viewsName, []byte(unreadable)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.ChangeViews(t.Context(), "people", func(v *ui.ListViews) { v.Default = "x" }); err == nil {
		t.Error("views that cannot be read are changed")
	}
	if doc, err := s.store.Ledger.Doc(viewsName); string(doc) != unreadable {
		t.Errorf("the views are %s (%v)", doc, err)
	}
}
