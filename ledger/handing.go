package ledger

import (
	"iter"
	"slices"
	"time"

	"panel/directory"
)

// Handing is one time that an Asset was with somebody, from the handing-out to
// the return.
type Handing struct {
	// Entry is the ID of the one that handed it out, and By who wrote that.
	Entry string
	By    string

	Asset  Asset
	Holder Holder // as of the day
	Out    time.Time
	Due    directory.Day
	Loaner bool
	// Status is Out or IsLost while the Holder is to answer for it, InRepair from
	// when it went there until it leaves the repair, else In.
	Status Status
	// In is when the Holder gave it back, also to repair; zero before that.
	In time.Time
	// Condition is how it was then, "" when nobody said.
	Condition string
	// Note is all that was said from the handing-out to the return.
	Note string
}

// Open tells whether it is still with the Holder, or lost by them.
func (h *Handing) Open() bool {
	return h.Status == Out || h.Status == IsLost && !h.Holder.Nobody()
}

// Handings are all that the entries of a journal, the oldest first, handed out,
// in that order. What was undone is left out as if it had never been. No entry
// is kept.
func Handings(entries iter.Seq[*Entry]) []Handing {
	h := handings{turns: make(map[place][]turn)}
	for e := range entries {
		for _, a := range e.Assets() {
			at := a.place()
			if e.Act == Undo {
				h.undo(at, e.Undoes)
			} else {
				h.take(at, e, a)
			}
		}
	}
	return h.all()
}

// handings are Handings in the making: what an entry did to one of them is kept
// apart until all are read, because a later one may undo it.
type handings struct {
	out   []*Handing // with what was undone
	turns map[place][]turn
}

// turn is how an entry left the Handing that was the Asset's last, which itself
// is filled in when all are read.
type turn struct {
	entry  string
	at     time.Time
	of     *Handing
	status Status

	in        time.Time
	condition string
	note      string
}

func (h *handings) undo(at place, entry string) {
	turns := h.turns[at]
	if i := slices.IndexFunc(turns, func(t turn) bool { return t.entry == entry }); i >= 0 {
		h.turns[at] = turns[:i]
	}
}

// take takes an entry that is about an Asset, maybe among others.
func (h *handings) take(at place, e *Entry, a *Asset) {
	other := a == &e.Other
	turns := h.turns[at]
	var t turn
	switch {
	case e.Act == Checkout, e.Act == Swap && !other, e.Act == Repair && other:
		t = turn{of: &Handing{Entry: e.ID, By: e.By, Asset: *a, Holder: e.Holder, Out: e.At, Due: e.Due, Loaner: e.Loaner || other}, status: Out}
		t.of.Holder.Emails = slices.Clone(e.Holder.Emails)
		if !other { // what a repair says is of what is mended
			t.note = e.Note
		}
		h.out = append(h.out, t.of)
	case len(turns) == 0 || turns[len(turns)-1].status == In: // nobody's
		return
	default:
		t = turns[len(turns)-1]
		t.take(e, other)
	}
	t.entry, t.at = e.ID, e.At
	h.turns[at] = append(turns, t)
}

// take has an entry change t, which is not over yet: something comes back, gets
// lost, is found, or is spoken of.
func (t *turn) take(e *Entry, other bool) {
	if e.Note != "" && !other && t.in.IsZero() {
		if t.note != "" {
			t.note += "; "
		}
		t.note += e.Note
	}
	comeBack := func(to Status) {
		if t.status = to; t.in.IsZero() {
			t.in, t.condition = e.At, e.Condition
		}
	}
	goOn := func(as Status) { t.status, t.in, t.condition = as, time.Time{}, "" }
	switch e.Act {
	case CheckIn, Swap:
		comeBack(In)
	case Repair:
		comeBack(InRepair)
	case Lost:
		if t.status == InRepair {
			comeBack(In)
		} else {
			goOn(IsLost)
		}
	case Found:
		if goOn(Out); t.of.Holder.Nobody() {
			comeBack(In)
		}
	}
}

// all are the Handings that the turns leave.
func (h *handings) all() []Handing {
	for _, turns := range h.turns {
		for i := range turns {
			t := &turns[i]
			if i+1 < len(turns) && turns[i+1].of != t.of { // it was handed on
				if t.status = In; t.in.IsZero() {
					t.in = turns[i+1].at
				}
			}
			t.of.Status, t.of.In, t.of.Condition, t.of.Note = t.status, t.in, t.condition, t.note
		}
	}
	out := make([]Handing, 0, len(h.out))
	for _, one := range h.out {
		if one.Status != "" {
			out = append(out, *one)
		}
	}
	return out
}
