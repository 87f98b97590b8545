package storage

import (
	"testing"

	"golang.org/x/sync/errgroup"

	"panel/directory"
)

// TestListingsAtOnce writes everything that two clouds list at the same time,
// some of it twice, while rules are set and old changes dropped.
func TestListingsAtOnce(t *testing.T) {
	const n, batch = 600, 100
	s := openIn(t, t.TempDir(), NewKey())
	v := s.Inventory
	all, ctx := errgroup.WithContext(t.Context())
	write := func(c directory.Cloud, l directory.Listing, fill func(b *directory.Batch, i int)) {
		all.Go(func() error {
			for from := 0; from < n; from += batch / 2 { // half of each batch comes again
				b := directory.Batch{Cloud: c, Listing: l, Run: "1"}
				for i := from; i < min(n, from+batch); i++ {
					fill(&b, i)
				}
				if _, err := v.Apply(ctx, b); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for _, c := range directory.Clouds {
		write(c, directory.People, func(b *directory.Batch, i int) { b.Accounts = append(b.Accounts, sampleAccount(c, i)) })
	}
	write(directory.Google, directory.Chromebooks, func(b *directory.Batch, i int) { b.Chromebooks = append(b.Chromebooks, sampleChromebook(i)) })
	all.Go(func() error {
		for i := range 10 {
			kind := directory.Rules{Kinds: []directory.KindRule{{OrgUnit: "/Students", Kind: []directory.Kind{directory.Student, directory.Staff}[i%2]}}}
			if err := v.SetRules(ctx, kind); err != nil {
				return err
			}
			if err := v.Prune(ctx, []string{"1"}); err != nil {
				return err
			}
			if _, err := v.Near(ctx, "g:"+sampleAccount(directory.Google, i).ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	if got, err := v.Stats(); err != nil || got != (Stats{People: n, Chromebooks: n}) {
		t.Errorf("%+v, %v", got, err)
	}
	err := v.People(t.Context(), func(p *directory.Person) error {
		if p.GoogleID == "" || p.MicrosoftID == "" || p.OrgUnit != "" && p.Kind != directory.Staff {
			t.Errorf("%+v", p)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := check(t, s); err != nil {
		t.Error(err)
	}
}
