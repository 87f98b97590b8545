package ledger

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"panel/directory"
)

// Act is what an entry of the journal says was done.
type Act string

// The acts.
const (
	// Checkout hands an Asset out.
	Checkout Act = "checkout"
	// CheckIn takes it back, also one that was lost or in repair.
	CheckIn Act = "checkin"
	// Swap hands Asset out and takes Other back, from the same Holder.
	Swap Act = "swap"
	// Lost and Found change neither who had it last nor since when; what gets
	// lost in repair is nobody's from then on.
	Lost  Act = "lost"
	Found Act = "found"
	// Repair takes an Asset in to be mended; it goes back to the Holder, who
	// may get Other as a loaner meanwhile.
	Repair Act = "repair"
	// Note says something about an Asset, and changes nothing else.
	Note Act = "note"
	// Undo takes the entry Undoes back.
	Undo Act = "undo"
)

// Chromebook is the one kind of Asset so far.
const Chromebook = "chromebook"

// Asset is a thing that can be handed out, with what it was called on the day.
type Asset struct {
	// Kind is [Chromebook]; ID is unique within it: the device id.
	Kind string
	ID   string

	Serial string
	Tag    string // the annotated asset id
	Model  string
}

// AssetOf is a Chromebook as an Asset.
func AssetOf(c *directory.Chromebook) Asset {
	return Asset{Kind: Chromebook, ID: c.DeviceID, Serial: c.Serial, Tag: c.AssetID, Model: c.Model}
}

// Key tells Assets apart: their kind and ID. That of no Asset is "".
func (a *Asset) Key() string {
	if a.ID == "" {
		return ""
	}
	return AssetKey(a.Kind, a.ID)
}

// AssetKey is [Asset.Key] of an Asset that is not at hand.
func AssetKey(kind, id string) string { return kind + ":" + id }

// Name is what to call a: the serial, else the tag, else the ID.
func (a *Asset) Name() string {
	switch {
	case a.Serial != "":
		return a.Serial
	case a.Tag != "":
		return a.Tag
	}
	return a.ID
}

// Holder is a Person as an entry remembers it: the ids by which it is found
// later, and the name and addresses of the day. The zero Holder is nobody.
type Holder struct {
	GoogleID    string
	MicrosoftID string
	Name        string
	Emails      []string // folded, the primary first
}

// HolderOf is a Person as a Holder.
func HolderOf(p *directory.Person) Holder {
	return Holder{GoogleID: p.GoogleID, MicrosoftID: p.MicrosoftID, Name: p.Name(), Emails: slices.Clone(p.Emails)}
}

// Nobody tells whether h is no one.
func (h *Holder) Nobody() bool { return h.GoogleID == "" && h.MicrosoftID == "" }

// PersonID is the id that the Person had on the day, "" for nobody.
func (h *Holder) PersonID() string {
	switch {
	case h.GoogleID != "":
		return directory.AccountKey(directory.Google, h.GoogleID)
	case h.MicrosoftID != "":
		return directory.AccountKey(directory.Microsoft, h.MicrosoftID)
	}
	return ""
}

// Keys are the keys of h's accounts, Google's first: what was handed out stays
// with the Google half of a Person that was split.
func (h *Holder) Keys() []string {
	var keys []string
	if h.GoogleID != "" {
		keys = append(keys, directory.AccountKey(directory.Google, h.GoogleID))
	}
	if h.MicrosoftID != "" {
		keys = append(keys, directory.AccountKey(directory.Microsoft, h.MicrosoftID))
	}
	return keys
}

// Is tells whether both are the same human being: by Google's id where both
// have one, else by Microsoft's.
func (h *Holder) Is(o *Holder) bool {
	if h.GoogleID != "" && o.GoogleID != "" {
		return h.GoogleID == o.GoogleID
	}
	return h.MicrosoftID != "" && h.MicrosoftID == o.MicrosoftID
}

// Entry is one line of the journal. Nobody changes an entry, but for the names
// of those who departed long ago (see [Entry.Anonymize]).
type Entry struct {
	// ID is like no other, on any computer; see [NewID].
	ID string
	// Station is the ledger that wrote the entry, and Seq its place among the
	// entries of that station, from 1 on, without gaps.
	Station string
	Seq     uint64
	// At never runs backwards within a station. Clock is what the computer's
	// clock said where that was earlier, else zero.
	At    time.Time
	Clock time.Time
	// By is the user of the operating system.
	By string

	Act   Act
	Asset Asset
	// Holder is who gets the Asset, or had it; nobody where nobody had.
	Holder Holder
	// Other is what came back in a Swap, or went out as a loaner with a Repair.
	Other Asset
	// Due is the last day on which what goes out is to be back, "" for none.
	Due directory.Day
	// Loaner: what goes out stands in for something else for a while.
	Loaner bool
	Note   string
	// Condition is how the Asset was, in a few words; "" when nobody said.
	Condition string
	// Upon are the entries that the writer knew as the newest about the Assets,
	// less notes: what else was written upon them was written elsewhere, at the
	// same time. Nil where there were none.
	Upon []string
	// Undoes is the ID of the entry that an Undo takes back.
	Undoes string
	// Left says, of an Undo, how the Assets stand after it: what would have to
	// be looked up in all of the journal otherwise.
	Left []Standing
}

// Assets are those that e is about: one or two.
func (e *Entry) Assets() []*Asset {
	if e.Other.ID != "" {
		return []*Asset{&e.Asset, &e.Other}
	}
	return []*Asset{&e.Asset}
}

// handsOut tells whether somebody gets something by e.
func (e *Entry) handsOut() bool {
	return e.Act == Checkout || e.Act == Swap || e.Act == Repair && e.Other.ID != ""
}

// About tells whether e is about an Asset.
func (e *Entry) About(asset string) bool {
	return e.Asset.Key() == asset || e.Other.ID != "" && e.Other.Key() == asset
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes the id of an entry: 26 letters and digits of which the first
// ten are the time in milliseconds and the rest is chance, so that no two stations
// ever make the same and ids sort by time.
func NewID(at time.Time) string {
	var b [16]byte // 48 bits of time, 80 of chance
	binary.BigEndian.PutUint64(b[:], uint64(at.UnixMilli())<<16)
	_, _ = rand.Read(b[6:]) // never fails
	return idEncoding.EncodeToString(b[:])
}

// RemovedPerson stands where the name of somebody was who departed long ago.
const RemovedPerson = "removed person"

// Anonymize takes name and addresses out of what e says of a holder, wherever
// gone says so, and reports whether that changed anything. The ids stay: they
// name nobody.
func (e *Entry) Anonymize(gone func(*Holder) bool) bool {
	changed := e.Holder.Anonymize(gone)
	for i := range e.Left {
		s := e.Left[i]
		if s.Holder.Anonymize(gone) {
			s.Note = ""
			e.Left[i], changed = s, true
		}
	}
	if changed {
		e.Note = ""
	}
	return changed
}

// Anonymize takes name and addresses of a holder out of s, and the address that
// was scanned, if gone says so, and reports whether that changed anything.
func (s *Seen) Anonymize(gone func(*Holder) bool) bool {
	if !s.Holder.Anonymize(gone) {
		return false
	}
	if s.Asset.ID == "" && s.Outcome != Unknown && s.Outcome != Ambiguous { // somebody's own code
		s.Code = RemovedPerson
	}
	return true
}

// Anonymize takes name and addresses out of h if gone says so, and reports
// whether that changed anything.
func (h *Holder) Anonymize(gone func(*Holder) bool) bool {
	if h.Nobody() || h.Name == RemovedPerson && h.Emails == nil || !gone(h) {
		return false
	}
	h.Name, h.Emails = RemovedPerson, nil
	return true
}

// said is a text as it is kept: without surrounding or repeated white space.
func said(s string) string { return strings.Join(strings.Fields(s), " ") }
