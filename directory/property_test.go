package directory

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// drawDistrict draws few addresses over several accounts, so that every kind
// of link, tie and contradiction turns up.
func drawDistrict(t *rapid.T) ([]Account, Rules) {
	address := rapid.SampledFrom([]string{"", "a@x", "A@X", "b@x", "c@x", "d@x", " e@x", "f@x", "g_y#EXT#@x", "word"})
	text := rapid.SampledFrom([]string{"", "one", "two"})
	var accounts []Account
	for i := range rapid.IntRange(0, 12).Draw(t, "accounts") {
		a := Account{
			Cloud:       rapid.SampledFrom(Clouds).Draw(t, "cloud"),
			ID:          fmt.Sprint(i),
			Primary:     address.Draw(t, "primary"),
			Aliases:     rapid.SliceOfN(address, 0, 2).Draw(t, "aliases"),
			DisplayName: text.Draw(t, "name"),
		}
		if a.Cloud == Microsoft {
			a.Mail = address.Draw(t, "mail")
		}
		accounts = append(accounts, a)
	}
	key := rapid.Custom(func(t *rapid.T) string {
		return AccountKey(rapid.SampledFrom(Clouds).Draw(t, "cloud"), fmt.Sprint(rapid.IntRange(0, 12).Draw(t, "id")))
	})
	var decisions []Decision
	for range rapid.IntRange(0, 6).Draw(t, "decisions") {
		decisions = append(decisions, Decision{
			A: key.Draw(t, "a"), B: key.Draw(t, "b"), Same: rapid.Bool().Draw(t, "same"), At: at(rapid.IntRange(0, 3).Draw(t, "at")),
		})
	}
	return accounts, Rules{Decisions: decisions}
}

func TestMergeIndependentOfOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accounts, rules := drawDistrict(t)
		before := slices.Clone(accounts)
		want := Merge(accounts, rules)
		if diff := cmp.Diff(before, accounts); diff != "" {
			t.Fatalf("Merge changed its input:\n%s", diff)
		}
		shuffled := rapid.Permutation(accounts).Draw(t, "order")
		rules.Decisions = rapid.Permutation(rules.Decisions).Draw(t, "decision order")
		if diff := cmp.Diff(want, Merge(shuffled, rules)); diff != "" {
			t.Fatalf("order matters:\n%s", diff)
		}
	})
}

func TestMergeLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accounts, rules := drawDistrict(t)
		left := make(map[string]bool)
		for i := range accounts {
			left[accounts[i].Key()] = true
		}
		last := ""
		for _, p := range Merge(accounts, rules) {
			if p.ID <= last {
				t.Fatalf("%s comes after %s", p.ID, last)
			}
			last = p.ID
			var keys []string
			if p.GoogleID != "" {
				keys = append(keys, AccountKey(Google, p.GoogleID))
			}
			if p.MicrosoftID != "" {
				keys = append(keys, AccountKey(Microsoft, p.MicrosoftID))
			}
			if len(keys) == 0 || keys[0] != p.ID {
				t.Fatalf("%s is made of %q", p.ID, keys)
			}
			for _, key := range keys {
				if !left[key] {
					t.Fatalf("%s is in two people, or in none that was given", key)
				}
				delete(left, key)
			}
		}
		if len(left) > 0 {
			t.Fatalf("lost %v", slices.Collect(maps.Keys(left)))
		}
	})
}

// TestMergeFlags checks the rule from the outside: whoever could have been
// merged and was not is flagged, and nobody else.
func TestMergeFlags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accounts, rules := drawDistrict(t)
		for _, p := range Merge(accounts, rules) {
			want := false
			for i := range accounts {
				for j := range accounts {
					a, b := &accounts[i], &accounts[j]
					alone := p.GoogleID == "" || p.MicrosoftID == ""
					if a.Key() == p.ID && a.Cloud != b.Cloud && alone && linked(a, b, rules.Decisions) {
						want = true
					}
				}
			}
			if p.PossibleDuplicate != want {
				t.Fatalf("%s: flagged %v, want %v", p.ID, p.PossibleDuplicate, want)
			}
		}
	})
}

// linked says plainly what [matcher] works out by tables.
func linked(a, b *Account, decisions []Decision) bool {
	var last *Decision
	for i := range decisions {
		d := &decisions[i]
		if (d.A != a.Key() || d.B != b.Key()) && (d.A != b.Key() || d.B != a.Key()) {
			continue
		}
		if last == nil || d.At.After(last.At) || d.At.Equal(last.At) && !d.Same {
			last = d
		}
	}
	if last != nil {
		return last.Same
	}
	return slices.ContainsFunc(a.Addresses(), func(s string) bool { return slices.Contains(b.Addresses(), s) })
}

func TestMergeByComponent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accounts, rules := drawDistrict(t)
		var x Index
		x.SetDecisions(rules.Decisions)
		byKey := make(map[string]*Account)
		for i := range accounts {
			a := &accounts[i]
			byKey[a.Key()] = a
			// What an account was before must leave no trace.
			old := *a
			old.Primary = "b@x"
			x.Put(&old)
			x.Put(a)
		}
		for key := range byKey {
			if rapid.IntRange(0, 5).Draw(t, "drop") == 0 {
				x.Drop(key)
				delete(byKey, key)
			}
		}

		var all []Account
		for _, key := range slices.Sorted(maps.Keys(byKey)) {
			all = append(all, *byKey[key])
		}
		var people []Person
		done := make(map[string]bool)
		for key := range byKey {
			if done[key] {
				continue
			}
			component := x.Component([]string{key, "g:unknown"})
			if !slices.Contains(component, key) || !slices.IsSorted(component) {
				t.Fatalf("component of %s is %q", key, component)
			}
			var part []Account
			for _, k := range component {
				if done[k] || byKey[k] == nil {
					t.Fatalf("component of %s holds %s, which another one holds or nobody", key, k)
				}
				done[k] = true
				part = append(part, *byKey[k])
			}
			people = append(people, Merge(part, rules)...)
		}
		slices.SortFunc(people, func(a, b Person) int { return strings.Compare(a.ID, b.ID) })
		if diff := cmp.Diff(Merge(all, rules), people, cmpEmpty); diff != "" {
			t.Fatalf("together -, by component +:\n%s", diff)
		}
	})
}

// What is returned as it came must be what the long way would return.
func TestFoldAddress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching("[ \t\u00a0]?[a-z0-9.K\u212aÉé]{1,9}@[a-zA-Z]{1,5}[\n ]?")).Draw(t, "s")
		if got, want := FoldAddress(s), strings.ToLower(strings.TrimSpace(s)); got != want {
			t.Errorf("%q folds to %q, want %q", s, got, want)
		}
	})
}
