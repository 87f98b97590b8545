package storage

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"panel/directory"
)

// setAll gives every exported field of the struct at v another value, so that
// a field that a coder forgets is noticed.
func setAll(v reflect.Value, n *int) {
	for i := range v.NumField() {
		f := v.Field(i)
		*n++
		switch {
		case f.Type() == reflect.TypeFor[time.Time]():
			f.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, *n, 0, time.UTC)))
		case f.Kind() == reflect.String:
			f.SetString(fmt.Sprint("s", *n))
		case f.Kind() == reflect.Bool:
			f.SetBool(true)
		case f.CanInt():
			f.SetInt(int64(*n))
		case f.CanUint():
			f.SetUint(uint64(*n))
		case f.Kind() == reflect.Struct:
			setAll(f, n)
		case f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.String:
			f.Set(reflect.ValueOf([]string{"a", fmt.Sprint("b", *n)}))
		case f.Kind() == reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 2, 2))
			setAll(f.Index(0), n)
			setAll(f.Index(1), n)
		default:
			panic("no value for a " + f.Type().String())
		}
	}
}

func everyField[T any](t *testing.T, fields func(*coder, *T)) {
	t.Helper()
	var (
		want, got T
		n         int
		c         coder
	)
	setAll(reflect.ValueOf(&want).Elem(), &n)
	if b := encode(&c, fields, &want); !decode(&c, fields, b, &got) {
		t.Fatalf("%T does not decode", want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%T: (-put +got)\n%s", want, diff)
	}
}

func TestEveryFieldIsStored(t *testing.T) {
	everyField(t, accountFields)
	everyField(t, personFields)
	everyField(t, chromebookFields)
	everyField(t, orgUnitFields)
	everyField(t, entryFields)
	everyField(t, asideFields)
}

// A record of an older Panel lacks the newest fields, one of a newer Panel
// has more than this one knows.
func TestFieldsMayBeAppended(t *testing.T) {
	type record struct{ A, B, C string }
	older := func(c *coder, r *record) { c.str(&r.A); c.str(&r.B) }
	newer := func(c *coder, r *record) { older(c, r); c.str(&r.C) }
	var c coder
	in := record{"a", "b", "c"}

	var got record
	if !decode(&c, newer, append([]byte(nil), encode(&c, older, &in)...), &got) || got != (record{A: "a", B: "b"}) {
		t.Errorf("an older record reads as %+v", got)
	}
	if !decode(&c, older, append([]byte(nil), encode(&c, newer, &in)...), &got) || got != (record{A: "a", B: "b"}) {
		t.Errorf("a newer record reads as %+v", got)
	}
}

func TestRoundTrip(t *testing.T) {
	moment := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.Bool().Draw(t, "zero") {
			return time.Time{}
		}
		return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "sec"), rapid.Int64Range(0, 999999999).Draw(t, "nsec")).UTC()
	})
	var c coder // one for all, as it is used
	rapid.Check(t, func(t *rapid.T) {
		in := directory.Chromebook{
			DeviceID: rapid.String().Draw(t, "id"), Model: rapid.String().Draw(t, "model"),
			Notes: rapid.String().Draw(t, "notes"), LastSync: moment.Draw(t, "sync"),
			StorageBytes: rapid.Int64().Draw(t, "bytes"), Gone: moment.Draw(t, "gone"),
		}
		for range rapid.IntRange(0, 20).Draw(t, "users") {
			in.RecentUsers = append(in.RecentUsers, directory.RecentUser{Email: rapid.String().Draw(t, "user"), Managed: rapid.Bool().Draw(t, "managed")})
		}
		b := append([]byte(nil), encode(&c, chromebookFields, &in)...)
		var out directory.Chromebook
		if !decode(&c, chromebookFields, b, &out) {
			t.Fatal("does not decode")
		}
		if diff := cmp.Diff(in, out); diff != "" {
			t.Fatal(diff)
		}
		// Whatever is cut off is noticed, not shown.
		if cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut"); decode(&c, chromebookFields, b[:cut], &out) {
			t.Fatalf("decodes from %d of %d bytes", cut, len(b))
		}
	})
}

func fuzzRecord[T any](t *testing.T, fields func(*coder, *T), b []byte) {
	var (
		c         coder
		one, same T
	)
	if !decode(&c, fields, b, &one) {
		return
	}
	again := append([]byte(nil), encode(&c, fields, &one)...)
	if !decode(&c, fields, again, &same) {
		t.Fatalf("%T does not decode from its own bytes", one)
	}
	if diff := cmp.Diff(one, same); diff != "" {
		t.Fatal(diff)
	}
}

func FuzzRecords(f *testing.F) {
	var c coder
	f.Add(append([]byte(nil), encode(&c, accountFields, &directory.Account{ID: "1", Aliases: []string{"a@x"}})...))
	f.Add(append([]byte(nil), encode(&c, chromebookFields, &directory.Chromebook{DeviceID: "d", RecentUsers: []directory.RecentUser{{Email: "a@x"}}})...))
	f.Add([]byte{200, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		fuzzRecord(t, accountFields, b)
		fuzzRecord(t, personFields, b)
		fuzzRecord(t, chromebookFields, b)
		fuzzRecord(t, orgUnitFields, b)
		fuzzRecord(t, entryFields, b)
		fuzzRecord(t, asideFields, b)
	})
}

func BenchmarkDecodeChromebook(b *testing.B) {
	var c, d coder
	enc := make([][]byte, 1000)
	size := 0
	for i := range enc {
		cb := sampleChromebook(i)
		enc[i] = append([]byte(nil), encode(&c, chromebookFields, &cb)...)
		size += len(enc[i])
	}
	b.ReportAllocs()
	b.ReportMetric(float64(size)/float64(len(enc)), "B/record")
	var out directory.Chromebook
	for i := 0; b.Loop(); i++ {
		if !decode(&d, chromebookFields, enc[i%len(enc)], &out) {
			b.Fatal("does not decode")
		}
	}
}
