package ledger

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"panel/directory"
)

// wide is a text in UTF-16.
func wide(text string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestReadClaims(t *testing.T) {
	one := []Claim{{Line: 2, Device: "007", Person: "jürgen@x"}}
	two := []Claim{{Line: 2, Device: "007", Person: "jürgen@x"}, {Line: 3, Device: "008", Person: "b@x", Due: "2026-12-18", Note: "a; b"}}
	plain := "Serial,Email\n007,jürgen@x\n"
	for _, c := range []struct {
		name, file string
		want       []Claim
		decoded    bool
		why        ClaimsWhy
	}{
		{name: "commas", file: plain, want: one},
		{name: "a byte order mark", file: "\ufeff" + plain, want: one},
		{name: "UTF-16, as a spreadsheet's Unicode text", file: wide(strings.ReplaceAll(plain, ",", "\t"), binary.LittleEndian), want: one},
		{name: "UTF-16, the other way round", file: wide(plain, binary.BigEndian), want: one},
		{name: "Windows-1252", file: "Serial,Email\n007,j\xfcrgen@x\n", want: one, decoded: true},
		{name: "semicolons, due date and note", file: "E-Mail;Seriennummer;Due Date;Notes\r\njürgen@x;007;;\r\nb@x;008;2026-12-18;\"a; b\"\r\n", want: two},
		{name: "tabs, some fields empty", file: "annotatedUser\tnote\tserial_number\njürgen@x\t\t007\n", want: one},
		{name: "lines of an old Macintosh", file: "Serial,Email\r007,jürgen@x\r", want: one},
		{name: "no header", file: "007,jürgen@x\n", want: []Claim{{Line: 1, Device: "007", Person: "jürgen@x"}}},
		{name: "a spreadsheet's mark of text, spaces, blank lines", file: "Serial,Email\n\n '007 , jürgen@x\n ,\n", want: []Claim{{Line: 3, Device: "007", Person: "jürgen@x"}}},
		{name: "lines too short and too long", file: "Serial,Email\n007\n008,b@x,and,more\n", want: []Claim{{Line: 2, Device: "007"}, {Line: 3, Device: "008", Person: "b@x"}}},
		{name: "a note of two lines", file: "Serial,Email,Note\n007,a@x,\"one\ntwo\"\n008,b@x,\n", want: []Claim{{Line: 2, Device: "007", Person: "a@x", Note: "one two"}, {Line: 4, Device: "008", Person: "b@x"}}},
		{
			name: "a quotation mark without an end swallows its own line alone", file: "Serial,Email,Note\n007,a@x,\"11 inches\n\"008,b@x,\n009,c@x,11\" wide\n",
			want: []Claim{{Line: 2, Device: "007", Person: "a@x", Note: "11 inches"}, {Line: 3, Device: "008,b@x,"}, {Line: 4, Device: "009", Person: "c@x", Note: `11" wide`}},
		},
		{name: "empty", why: NoLines},
		{name: "a header alone", file: "Serial,Email\n", why: NoLines},
		{name: "blanks", file: " \n\n\t\n", why: NoColumns},
		{name: "columns without names", file: "a,b,c\n007,jürgen@x,\n", why: NoColumns},
		{name: "a workbook", file: "PK\x03\x04\x14\x00\x00\x00", why: NotText},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, decoded, err := ReadClaims([]byte(c.file))
			var why ClaimsWhy
			var e *ClaimsError
			if errors.As(err, &e) {
				why = e.Why
			}
			if why != c.why || decoded != c.decoded {
				t.Errorf("the error is %q, decoded %v; want %q, %v", why, decoded, c.why, c.decoded)
			}
			if diff := gocmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever stands in the fields, each line is a claim.
func TestNoLineIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.StringMatching(`[a-z0-9 "',;ü\n-]{0,12}`)
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		_ = w.Write([]string{"Serial", "Email", "Note"})
		want := 0
		for range rapid.IntRange(1, 20).Draw(t, "lines") {
			row := []string{field.Draw(t, "device"), field.Draw(t, "person"), field.Draw(t, "note")}
			if said(strings.TrimPrefix(row[0], "'"))+said(strings.TrimPrefix(row[1], "'")) != "" {
				want++
			}
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		got, _, err := ReadClaims(file.Bytes())
		if len(got) != want || (err != nil) != (want == 0) {
			t.Errorf("%d claims, want %d: %v", len(got), want, err)
		}
	})
}

func FuzzReadClaims(f *testing.F) {
	for _, s := range []string{"Serial,Email\n1,a@x\n", "1;a", wide("Serial,Email\n1,a@x\n", binary.LittleEndian), "\"", "serial\temail\n\ta@x", "\xff\xfe\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		claims, _, err := ReadClaims(file)
		var e *ClaimsError
		if err != nil && !errors.As(err, &e) || (err == nil) != (len(claims) > 0) {
			t.Fatalf("%d claims, %v", len(claims), err)
		}
		line := 0
		for _, c := range claims {
			if c.Line <= line {
				t.Errorf("line %d comes after line %d", c.Line, line)
			}
			line = c.Line
			for _, s := range []string{c.Device, c.Person, c.Due, c.Note} {
				if !utf8.ValidString(s) || strings.ContainsAny(s, "\r\n\t") {
					t.Errorf("a field is %q", s)
				}
			}
		}
	})
}

// school is a small inventory to judge claims by.
func school() (find func(string) []Match) {
	person := func(n string, state directory.State) *directory.Person {
		return &directory.Person{ID: "p" + n, GoogleID: "p" + n, DisplayName: "P" + n, PrimaryEmail: "p" + n + "@x", Emails: []string{"p" + n + "@x"}, EmployeeID: "0" + n, State: state}
	}
	var all []Match
	for _, n := range []string{"1", "2", "3"} {
		all = append(all, Match{Person: person(n, directory.Active)}, Match{Device: &directory.Chromebook{DeviceID: "d" + n, Serial: "S" + n, AssetID: "A" + n}})
	}
	all = append(all, Match{Person: person("9", directory.Suspended)}, Match{Device: &directory.Chromebook{DeviceID: "d4", Serial: "S4", AssetID: "A3"}})
	return func(code string) []Match {
		return slices.DeleteFunc(slices.Clone(all), func(m Match) bool { return m.fit(code) == 0 })
	}
}

func TestJudge(t *testing.T) {
	var d diary
	find := school()
	device := func(n string) Asset { return AssetOf(&directory.Chromebook{DeviceID: "d" + n, Serial: "S" + n}) }
	for _, e := range []Entry{
		{Act: Checkout, Asset: device("1"), Holder: HolderOf(find("p1@x")[0].Person)},
		{Act: Lost, Asset: device("2")},
	} {
		if err := d.do(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		claim    Claim
		move     bool
		want     Verdict
		wantDue  directory.Day
		wantActs int
	}{
		{claim: Claim{Device: "S3", Person: "P2@X", Due: "2026-12-18"}, want: Adopt, wantDue: "2026-12-18", wantActs: 1},
		{claim: Claim{Device: "d3", Person: "02"}, want: Adopt, wantActs: 1},
		{claim: Claim{Device: "A1", Person: "p1@x"}, want: Known},
		{claim: Claim{Device: "S1", Person: "p2@x"}, want: OtherHolder},
		{claim: Claim{Device: "S1", Person: "p2@x"}, move: true, want: Move, wantActs: 2},
		{claim: Claim{Device: "S2", Person: "p2@x"}, want: IsLostNow},
		{claim: Claim{Device: "A3", Person: "p2@x"}, want: ManyDevices},
		{claim: Claim{Device: "NOPE", Person: "p2@x"}, want: NoDevice},
		{claim: Claim{Device: "", Person: "p2@x"}, want: NoDevice},
		{claim: Claim{Device: "p1@x", Person: "p2@x"}, want: NoDevice},
		{claim: Claim{Device: "S3", Person: ""}, want: NoPerson},
		{claim: Claim{Device: "S3", Person: "S1"}, want: NoPerson},
		{claim: Claim{Device: "S3", Person: "p9@x"}, want: MayNotReceive},
		{claim: Claim{Device: "S3", Person: "p2@x", Due: "soon"}, want: BadDue},
		{claim: Claim{Device: "S3", Person: "p2@x", Due: "2026-11-22"}, want: BadDue},
	} {
		got := Judge([]Claim{c.claim}, find, d.book.Standing, c.move, today)[0]
		if got.Verdict != c.want || len(got.Entries("by hand")) != c.wantActs || c.want == Adopt && got.Due != c.wantDue {
			t.Errorf("%+v: %s until %q with %d entries, want %s", c.claim, got.Verdict, got.Due, len(got.Entries("")), c.want)
		}
	}
}

// Lines that contradict each other are not both believed, whatever the first of
// them comes to.
func TestClaimedTwice(t *testing.T) {
	var d diary
	find := school()
	e := Entry{Act: Checkout, Asset: AssetOf(&directory.Chromebook{DeviceID: "d1", Serial: "S1"}), Holder: HolderOf(find("p1@x")[0].Person)}
	if err := d.do(e); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		claims []Claim
		move   bool
		want   []Verdict
	}{
		{[]Claim{{Device: "S3", Person: "p1@x"}, {Device: "d3", Person: "p2@x"}}, false, []Verdict{Adopt, Repeated}},
		{[]Claim{{Device: "S1", Person: "p1@x"}, {Device: "S1", Person: "p2@x"}}, true, []Verdict{Known, Repeated}},
		{[]Claim{{Device: "S1", Person: "p2@x"}, {Device: "S1", Person: "p1@x"}}, true, []Verdict{Move, Repeated}},
		{[]Claim{{Device: "S1", Person: "p2@x"}, {Device: "S1", Person: "p1@x"}}, false, []Verdict{OtherHolder, Known}},
		{[]Claim{{Device: "S1", Person: "p1@x"}, {Device: "S1", Person: "p1@x"}}, true, []Verdict{Known, Known}},
		{[]Claim{{Device: "S3", Person: "nobody@x"}, {Device: "S3", Person: "p2@x"}}, false, []Verdict{NoPerson, Adopt}},
	} {
		var got []Verdict
		for _, a := range Judge(c.claims, find, d.book.Standing, c.move, today) {
			got = append(got, a.Verdict)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v, move %v: %s, want %s", c.claims, c.move, got, c.want)
		}
	}
}

// What is judged to be written can be written, one after the other, and every
// claim has its verdict.
func TestWhatIsJudgedCanBeWritten(t *testing.T) {
	find := school()
	rapid.Check(t, func(t *rapid.T) {
		var d diary
		code := rapid.SampledFrom([]string{"S1", "S2", "A3", "S3", "A1", "d4", "S9", "", "p1@x"})
		who := rapid.SampledFrom([]string{"p1@x", "p2@x", "P3@X", "01", "p9@x", "nobody@x", "", "S1"})
		claims := rapid.Custom(func(t *rapid.T) []Claim {
			var out []Claim
			for i := range rapid.IntRange(1, 8).Draw(t, "lines") {
				out = append(out, Claim{Line: i + 1, Device: code.Draw(t, "device"), Person: who.Draw(t, "person")})
			}
			return out
		})
		for range 3 {
			all := claims.Draw(t, "claims")
			verdicts := Judge(all, find, d.book.Standing, rapid.Bool().Draw(t, "move"), today)
			if len(verdicts) != len(all) {
				t.Fatalf("%d verdicts of %d claims", len(verdicts), len(all))
			}
			for i := range verdicts {
				if verdicts[i].Claim != all[i] || verdicts[i].Verdict == "" {
					t.Fatalf("claim %d has the verdict %+v", i, verdicts[i])
				}
				for _, e := range verdicts[i].Entries("adopted") {
					if err := d.do(*e); err != nil {
						t.Fatalf("%s %+v: %v", verdicts[i].Verdict, all[i], err)
					}
				}
			}
			if act := rapid.SampledFrom([]Act{Lost, Repair, CheckIn}).Draw(t, "meanwhile"); len(d.entries) > 0 {
				_ = d.do(Entry{Act: act, Asset: d.entries[0].Asset}) // which the rules may refuse
			}
		}
	})
}

// Twenty thousand wrong lines have their twenty thousand reasons, soon.
func TestTwentyThousandWrongLines(t *testing.T) {
	var file strings.Builder
	file.WriteString("Serial,Email\n")
	for range 20_000 {
		file.WriteString("NOPE,\"nobody\n")
	}
	began := time.Now()
	claims, _, err := ReadClaims([]byte(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	find := school()
	wrong := 0
	for _, a := range Judge(claims, find, func(string) *Standing { return nil }, false, today) {
		if a.Verdict == NoDevice {
			wrong++
		}
	}
	if wrong != 20_000 {
		t.Errorf("%d lines are told to be wrong", wrong)
	}
	t.Logf("within %v", time.Since(began))
}
