package main

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"panel/directory"
	"panel/sync/sim"
	"panel/ui"
)

// The first people of every simulated district are oddities to count on, see
// cast.go there.
func TestPossibleDuplicates(t *testing.T) {
	t.Parallel()
	r := newRig(t, sim.Config{People: 60})
	// Shares an address with Adaora Okonjo at Google alone, and is in doubt
	// for another reason: somebody else has her second address too.
	put(t, r, "google/users", "881", `{"primaryEmail":"kim.doe@`+sim.Domain+`","aliases":["k@`+sim.Domain+`","adaora.okonjo@`+sim.Domain+`"]}`)
	put(t, r, "google/users", "882", `{"primaryEmail":"nadia@`+sim.Domain+`","aliases":["k@`+sim.Domain+`"]}`)
	put(t, r, "microsoft/users", "881aaaaa-0000-4000-8000-000000000001", `{"userPrincipalName":"k@`+sim.Domain+`","mail":"k@`+sim.Domain+`","proxyAddresses":[]}`)
	r.setUp()
	r.sync(exitDone)
	s := r.session()
	defer s.close()
	b := &backend{session: s}

	ids := map[string]string{} // by address and cloud: "bob gm"
	short := func(p *directory.Person) string { name, _, _ := strings.Cut(p.PrimaryEmail, "@"); return name }
	err := b.People(t.Context(), func(p *directory.Person) error {
		key := short(p) + " "
		for _, c := range p.Sources() {
			key += string(c)[:1]
		}
		ids[key] = p.ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	twins := func(who string) (out []string) {
		t.Helper()
		id := ids[who]
		if id == "" {
			t.Fatalf("nobody is %q among %q", who, slices.Sorted(maps.Keys(ids)))
		}
		d, err := b.Person(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, twin := range d.Twins {
			mark := "?"
			if twin.Said {
				mark = map[bool]string{true: "=", false: "!"}[twin.Pair.Same]
			}
			out = append(out, mark+short(&twin.Person))
		}
		slices.Sort(out)
		return out
	}
	want := func(who string, others ...string) {
		t.Helper()
		if got := twins(who); !slices.Equal(got, others) {
			t.Errorf("%s may be %q, want %q", who, got, others)
		}
	}
	want("idris.halloran gm") // merged without a doubt, though Petra's mail is his address
	want("petra.halloran gm")
	want("a.lindqvist g", "?s.lindqvist")
	want("b.lindqvist g", "?s.lindqvist")
	want("s.lindqvist m", "?a.lindqvist", "?b.lindqvist")
	want("kim.doe g", "?k") // not Adaora, with whose Microsoft account she shares nothing
	want("adaora.okonjo gm")

	a, _ := b.Person(ids["a.lindqvist g"])
	pair := a.Twins[0].Pair
	if pair.A != ids["a.lindqvist g"] || pair.B != ids["s.lindqvist m"] {
		t.Fatalf("asked about %+v", pair)
	}
	pair.Same = true
	if err := b.Decide(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	want("a.lindqvist g", "=a.lindqvist", "?b.lindqvist")
	if d, err := b.Person(ids["s.lindqvist m"]); err != nil || d.Person.ID != ids["a.lindqvist g"] || d.Microsoft == nil {
		t.Errorf("who was merged is %q, %v", d.Person.ID, err)
	}
	want("b.lindqvist g", "?a.lindqvist") // his link to the account stays in doubt
	if err := b.Undecide(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	want("a.lindqvist g", "?s.lindqvist")
	want("s.lindqvist m", "?a.lindqvist", "?b.lindqvist")
	pair.Same = false
	if err := b.Decide(t.Context(), pair); err != nil {
		t.Fatal(err)
	}
	want("a.lindqvist g", "!b.lindqvist") // who is merged with the account now

	if _, err := b.Person("g:nobody"); !errors.Is(err, ui.ErrGone) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := b.Person("m:nobody"); !errors.Is(err, ui.ErrGone) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := b.Chromebook("nothing"); !errors.Is(err, ui.ErrGone) {
		t.Errorf("no Chromebook: %v", err)
	}
}

// put puts a record into the simulated clouds.
func put(t *testing.T, r *rig, kind, id, record string) {
	t.Helper()
	if err := r.clouds.Put(kind, id, []byte(record)); err != nil {
		t.Fatal(err)
	}
}
