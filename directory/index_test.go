package directory

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var cmpEmpty = cmp.Options{cmpopts.EquateEmpty()}

func TestIndexComponent(t *testing.T) {
	var x Index
	if got := x.Component([]string{"g:1"}); len(got) != 0 {
		t.Errorf("an empty index knows %q", got)
	}
	x.Drop("g:1")
	for _, a := range []Account{
		google("1", "a@x", "s@x"), google("2", "b@x", "s@x"), microsoft("a", "B@x", ""), microsoft("b", "z@x", ""), google("3", "c@x"),
	} {
		x.Put(&a)
	}
	want := func(step string, keys []string, want ...string) {
		t.Helper()
		if got := x.Component(keys); !slices.Equal(got, want) {
			t.Errorf("%s: component of %q is %q, want %q", step, keys, got, want)
		}
	}
	want("over two steps", []string{"g:1"}, "g:1", "g:2", "m:a")
	want("of two", []string{"g:3", "m:a"}, "g:1", "g:2", "g:3", "m:a")
	x.SetDecisions([]Decision{{A: "g:3", B: "m:b", Same: true}, {A: "g:1", B: "m:b"}})
	want("by decision", []string{"g:3"}, "g:1", "g:2", "g:3", "m:a", "m:b")
	x.Drop("g:1")
	want("dropped", []string{"g:3"}, "g:3", "m:b")
	want("gone", []string{"g:1"})
	x.SetDecisions(nil)
	want("undecided", []string{"g:3"}, "g:3")
}

// TestIndexMemory keeps the index small enough to hold beside the rows of the
// largest district.
func TestIndexMemory(t *testing.T) {
	accounts := district(50_000)
	keys := make([]string, len(accounts))
	for i := range accounts {
		keys[i] = accounts[i].Key()
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := new(Index)
	for i := range accounts {
		x.Put(&accounts[i])
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(x)
	runtime.KeepAlive(accounts)
	keyBytes := 32 // what a key's own text takes
	per := int(after.HeapAlloc-before.HeapAlloc)/len(accounts) - keyBytes
	t.Logf("%d bytes an account beside its key", per)
	if per > 130 {
		t.Errorf("%d bytes an account beside its key, want about 100", per)
	}
}

// district makes n people with an account in each cloud, some linked only by
// an alias.
func district(n int) []Account {
	accounts := make([]Account, 0, 2*n)
	for i := range n {
		g := google(fmt.Sprintf("1%020d", i*7919%n), fmt.Sprintf("student%d@example.com", i), fmt.Sprintf("student%d@students.example.com", i))
		m := microsoft(fmt.Sprintf("6ea91a8d-e32e-41a1-b7bd-%012d", i*104729%n), fmt.Sprintf("Student%d@example.com", i), "")
		if i%10 == 0 {
			m.Primary = fmt.Sprintf("student%d@students.example.com", i)
		}
		g.DisplayName, m.DisplayName, g.OrgUnit = "Robert Smith", "Bob Smith", "/Students/North/Grade 9"
		accounts = append(accounts, g, m)
	}
	return accounts
}

func BenchmarkMerge200k(b *testing.B) {
	accounts := district(100_000)
	rules := Rules{Kinds: []KindRule{{"/Students", Student}}}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(Merge(accounts, rules)); n != 100_000 {
			b.Fatalf("%d people", n)
		}
	}
}

func BenchmarkIndexPut200k(b *testing.B) {
	accounts := district(100_000)
	b.ReportAllocs()
	for b.Loop() {
		var x Index
		for i := range accounts {
			x.Put(&accounts[i])
		}
	}
}

func BenchmarkIndexComponent10k(b *testing.B) {
	accounts := district(100_000)
	var x Index
	var keys []string
	for i := range accounts {
		x.Put(&accounts[i])
		if i%20 == 0 {
			keys = append(keys, accounts[i].Key())
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if n := len(x.Component(keys)); n < 2*len(keys) {
			b.Fatalf("%d accounts for %d", n, len(keys))
		}
	}
}
