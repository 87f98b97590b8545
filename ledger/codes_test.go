package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"panel/directory"
)

// Every code leads to every record that was added with it, in any case, with O
// for 0, and with white space around it; and what comes was added.
func TestCodesFindWhatWasAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.OneOf(rapid.StringMatching("[0O1aA]{0,4}"), rapid.StringMatching("[A-Za-z0-9@. -]{0,20}"), rapid.String())
		var c Codes
		records := make(map[Ref][]string)
		for i := range rapid.IntRange(0, 30).Draw(t, "records") {
			r := Ref{Person: rapid.Bool().Draw(t, "person"), Key: rapid.SampledFrom([]string{"", "k", strings.Repeat("k", 200)}).Draw(t, "key") + fmt.Sprint(i/2)}
			codes := rapid.SliceOfN(code, 0, 3).Draw(t, "codes")
			c.Add(r, codes...)
			records[r] = append(records[r], codes...)
		}
		c.Ready()
		has := func(r Ref, code string) bool {
			return slices.ContainsFunc(records[r], func(s string) bool { return foldCode(s) == foldCode(code) })
		}
		for r, codes := range records {
			for _, code := range codes {
				spelled := []string{code, " " + code + "\t"}
				if strings.IndexFunc(code, func(r rune) bool { return r >= 0x80 }) < 0 {
					spelled = append(spelled, strings.ToLower(code), strings.ToUpper(code), strings.ReplaceAll(code, "0", "O"), strings.ReplaceAll(code, "O", "0"))
				}
				for _, s := range spelled {
					found := c.Find(s)
					if want := strings.TrimSpace(code) != ""; slices.Contains(found, r) != want {
						t.Fatalf("%q of %v finds %v", s, r, found)
					}
					for i, f := range found {
						if !has(f, s) || slices.Contains(found[:i], f) {
							t.Fatalf("%q finds %v, of which %v has %q", s, found, f, records[f])
						}
					}
				}
			}
		}
		if found := c.Find("unlike any of them, because it is longer"); found != nil {
			t.Fatalf("nothing finds %v", found)
		}
	})
}

func FuzzCodes(f *testing.F) {
	f.Add("5CD1234567", "g:1", "5cd1234567")
	f.Add("", "", "")
	f.Add("\xff\x00O", strings.Repeat("\x80", 300), "\xff\x000")
	f.Fuzz(func(t *testing.T, code, key, asked string) {
		var c Codes
		c.Add(Ref{Key: "other"}, "unlike-any", asked)
		c.Add(Ref{Person: true, Key: key}, code)
		c.Ready()
		r := Ref{Person: true, Key: key}
		if found := c.Find(code); slices.Contains(found, r) != (foldCode(code) != "") {
			t.Errorf("%q finds %v", code, found)
		}
		if found := c.Find(asked); slices.Contains(found, r) != (foldCode(code) == foldCode(asked) && foldCode(code) != "") {
			t.Errorf("%q finds %v", asked, found)
		}
		d, p := directory.Chromebook{DeviceID: key + "d", Serial: code}, directory.Person{ID: key + "p", EmployeeID: asked}
		for _, m := range Best(asked, []Match{{Device: &d}, {Person: &p}, {Device: &d}}) {
			if m.fit(strings.TrimSpace(asked)) == 0 {
				t.Errorf("%q means %q", asked, m.ID())
			}
		}
	})
}

// What a code means does not depend on the order in which it was found, and is
// never the worse of two.
func TestBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"a0", "A0", "aO", "AO", "b", ""})
		var found []Match
		for i := range rapid.IntRange(0, 6).Draw(t, "records") {
			if rapid.Bool().Draw(t, "person") {
				found = append(found, Match{Person: &directory.Person{ID: fmt.Sprint("g:", i), EmployeeID: code.Draw(t, "employee"), Departed: rapid.Bool().Draw(t, "departed")}})
				continue
			}
			c := &directory.Chromebook{DeviceID: fmt.Sprint(i), Serial: code.Draw(t, "serial"), AssetID: code.Draw(t, "asset id")}
			if rapid.Bool().Draw(t, "gone") {
				c.Gone = at(0)
			}
			found = append(found, Match{Device: c})
		}
		asked := code.Draw(t, "asked")
		ids := func(all []Match) string {
			var ids []string
			for _, m := range all {
				ids = append(ids, m.ID())
			}
			slices.Sort(ids)
			return strings.Join(ids, " ")
		}
		// The rule said plainly: the first of these groups that has anybody.
		zeros := func(s string) string { return strings.ReplaceAll(strings.ToUpper(s), "O", "0") }
		var want []Match
		for _, fits := range []func(string) bool{
			func(c string) bool { return c == asked },
			func(c string) bool { return strings.EqualFold(c, asked) },
			func(c string) bool { return zeros(c) == zeros(asked) },
		} {
			for _, gone := range []bool{false, true} {
				for _, m := range found {
					is := m.Person != nil && m.Person.Departed || m.Device != nil && !m.Device.Gone.IsZero()
					if is == gone && slices.ContainsFunc(m.codes(), func(c string) bool { return c != "" && fits(c) }) {
						want = append(want, m)
					}
				}
				if len(want) > 0 {
					goto done
				}
			}
		}
	done:
		got := Best(asked, append(rapid.Permutation(found).Draw(t, "order"), found...))
		if ids(got) != ids(want) {
			t.Fatalf("%q means %q, want %q", asked, ids(got), ids(want))
		}
	})
}
