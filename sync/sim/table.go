package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// table holds the records of one kind: those that are made from their row number whenever they are read, which is how half a million of them
// take next to no memory, and over them what Put and Delete changed. A row never changes its record's id. Guarded by Cloud.mu.
type table struct {
	idField  string
	needs    string // a member that no record may lack
	keepNull bool
	defaults string                               // members of a record that Put creates, as a JSON object
	made     int32                                // rows 0 … made-1 are made by make
	make     func(dst []byte, row int32) []byte   // the record as compact JSON
	idOf     func(row int32) string               // of a made row
	rowOf    func(id string) (row int32, ok bool) // its inverse; ok only if the row may exist
	changed  map[int32]json.RawMessage            // whole records
	added    map[string]int32                     // rows ≥ made, by id
	addedIDs []string
	gone     map[int32]bool
}

func (t *table) rows() int32 { return t.made + int32(len(t.addedIDs)) }

func (t *table) count() int { return int(t.rows()) - len(t.gone) }

func (t *table) id(row int32) string {
	if row >= t.made {
		return t.addedIDs[row-t.made]
	}
	return t.idOf(row)
}

// find returns the row of id, gone or not.
func (t *table) find(id string) (int32, bool) {
	if row, ok := t.added[id]; ok {
		return row, true
	}
	if row, ok := t.rowOf(id); ok && row < t.made && t.idOf(row) == id {
		return row, true
	}
	return 0, false
}

func (t *table) append(dst []byte, row int32) []byte {
	if record, ok := t.changed[row]; ok {
		return append(dst, record...)
	}
	return t.make(dst, row)
}

// put merges patch into the record id, which it brings back or creates, and returns its row and the names of the members that changed.
func (t *table) put(id string, patch json.RawMessage) (row int32, names []string, err error) {
	if !json.Valid(patch) || bytes.TrimLeft(patch, " \t\r\n")[0] != '{' {
		return 0, nil, fmt.Errorf("the record is not a JSON object")
	}
	row, known := t.find(id)
	before := []byte(`{}`)
	if known {
		before = t.append(nil, row)
	} else {
		own, _ := json.Marshal(map[string]string{t.idField: id})
		if patch, err = mergePatch(json.RawMessage(t.defaults), patch, t.keepNull); err != nil {
			return 0, nil, err
		}
		if patch, err = mergePatch(own, patch, t.keepNull); err != nil {
			return 0, nil, err
		}
	}
	after, err := mergePatch(before, patch, t.keepNull)
	if err != nil {
		return 0, nil, err
	}
	if got := stringMember(after, t.idField); got != id {
		return 0, nil, fmt.Errorf("the record's %s %q is not the id %q it is put under", t.idField, got, id)
	}
	if stringMember(after, t.needs) == "" {
		return 0, nil, fmt.Errorf("the record has no %s", t.needs)
	}
	if !known {
		row = t.rows()
		if t.added == nil {
			t.added = map[string]int32{}
		}
		t.added[id] = row
		t.addedIDs = append(t.addedIDs, id)
	}
	if names = differences(before, after); t.gone[row] {
		names = append(names, t.idField) // back again: as new
	}
	if t.changed == nil {
		t.changed = map[int32]json.RawMessage{}
	}
	t.changed[row] = withETag(after)
	delete(t.gone, row)
	return row, names, nil
}

func (t *table) delete(id string) (int32, bool) {
	row, ok := t.find(id)
	if !ok || t.gone[row] {
		return 0, false
	}
	if t.gone == nil {
		t.gone = map[int32]bool{}
	}
	t.gone[row] = true
	return row, true
}

// stringMember returns the string member name of a compact JSON object, "" if it is absent or not a string.
func stringMember(record []byte, name string) string {
	var s string
	members(record, func(n, value []byte) {
		if string(n) == name && value[0] == '"' {
			if json.Unmarshal(value, &s) != nil {
				s = ""
			}
		}
	})
	return s
}

// differences returns the sorted names of the members that differ between two compact JSON objects.
func differences(a, b []byte) []string {
	was := map[string]string{}
	members(a, func(n, v []byte) { was[string(n)] = string(v) })
	var names []string
	members(b, func(n, v []byte) {
		if old, ok := was[string(n)]; !ok || old != string(v) {
			names = append(names, string(n))
		}
		delete(was, string(n))
	})
	for n := range was {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// withETag renews the etag of a record that has one: it is a fingerprint of the rest, with its quotes inside the string, as at Google.
func withETag(record json.RawMessage) json.RawMessage {
	if stringMember(record, "etag") == "" {
		return record
	}
	h := fnv.New64a()
	members(record, func(n, v []byte) {
		if string(n) != "etag" {
			_, _ = h.Write(n)
			_, _ = h.Write(v)
		}
	})
	patch := `{"etag":` + strconv.Quote(etag(h.Sum64())) + `}`
	renewed, err := mergePatch(record, json.RawMessage(patch), true)
	if err != nil {
		return record
	}
	return renewed
}

func etag(x uint64) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	var b strings.Builder
	b.WriteString(`"mXzKfYp2vQ7/`)
	for range 11 {
		b.WriteByte(digits[x&63])
		x >>= 6
	}
	b.WriteByte('"')
	return b.String()
}
