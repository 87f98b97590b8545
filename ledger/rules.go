package ledger

import (
	"fmt"

	"panel/directory"
)

// Why is the reason of a [Refusal].
type Why string

// The reasons.
const (
	// AlreadyOut: somebody else has it. AlreadyTheirs: the same Person has.
	AlreadyOut    Why = "already_out"
	AlreadyTheirs Why = "already_theirs"
	// NotOut: nobody has it, and it is neither lost nor in repair.
	NotOut Why = "not_out"
	// StillLost: it was reported lost, and has to be taken in or found first.
	StillLost   Why = "still_lost"
	AlreadyLost Why = "already_lost"
	NotLost     Why = "not_lost"
	InRepairNow Why = "in_repair"
	// NotTheirs: what is to come back in a swap is not with that Person.
	NotTheirs Why = "not_theirs"
	// SameAsset: swapped with itself, or its own loaner.
	SameAsset Why = "same_asset"
	// ToNobody: something is handed out to no one.
	ToNobody Why = "to_nobody"
	// NobodyHad: a loaner is for somebody.
	NobodyHad Why = "nobody_had"
	// IsSuspended, IsArchived and IsDeparted are about the Person.
	IsSuspended Why = "suspended"
	IsArchived  Why = "archived"
	IsDeparted  Why = "departed"
	// ChangedSince: another entry about the same Asset came after the one that
	// is to be undone. CannotUndo: it is an undo itself, or not there.
	ChangedSince Why = "changed_since"
	CannotUndo   Why = "cannot_undo"
	// DueInThePast: the day on which it is to be back is over. NoDay: it is none.
	DueInThePast Why = "due_in_the_past"
	NoDay        Why = "no_day"
	// NothingSaid: a note without words.
	NothingSaid Why = "nothing_said"
)

// Refusal is an act that the rules do not allow. Nothing was written.
type Refusal struct {
	Why Why
	// Standing is that of the Asset which stands in the way, nil for none; it
	// may be of either Asset of the act.
	Standing *Standing
}

func (r *Refusal) Error() string { return fmt.Sprintf("the ledger refuses: %s", r.Why) }

// Receive tells whether a Person may be handed something: nil, or a [*Refusal].
// What has no state that Panel knows may.
func Receive(p *directory.Person) error {
	switch {
	case p.Departed:
		return &Refusal{Why: IsDeparted}
	case p.State == directory.Archived:
		return &Refusal{Why: IsArchived}
	case p.State == directory.Suspended || p.State == directory.Disabled:
		return &Refusal{Why: IsSuspended}
	}
	return nil
}

// CheckAll is [Book.Check] of entries that are to be written together, each as
// if those before it had been. Receive, which may be nil, tells whether whoever
// gets something may.
func (b *Book) CheckAll(entries []*Entry, today directory.Day, receive func(*Holder) error) error {
	var then Book
	for _, e := range entries {
		for _, a := range e.Assets() {
			if s := b.Standing(a.Key()); s != nil {
				then.Put(s)
			}
		}
	}
	for _, e := range entries {
		if err := then.Check(e, today); err != nil {
			return err
		}
		if receive != nil && e.handsOut() {
			if err := receive(&e.Holder); err != nil {
				return err
			}
		}
		then.Apply(e)
	}
	return nil
}

// Check tells whether the rules allow an entry now, on a day: nil, or a
// [*Refusal]. It fills in who had the Asset where the act leaves no choice.
// Whether the Holder may receive anything is [Receive]'s to say, an Undo
// [UndoOf]'s.
func (b *Book) Check(e *Entry, today directory.Day) error {
	e.Note, e.Condition = said(e.Note), said(e.Condition)
	if e.Other.ID != "" && e.Other.Key() == e.Asset.Key() {
		return &Refusal{Why: SameAsset, Standing: b.Standing(e.Asset.Key())}
	}
	if e.Due != "" {
		if day, ok := ParseDay(string(e.Due)); !ok || day != e.Due {
			return &Refusal{Why: NoDay}
		}
		if e.Due < today {
			return &Refusal{Why: DueInThePast}
		}
	}
	s := Standing{Asset: e.Asset, Status: In}
	if now := b.Standing(e.Asset.Key()); now != nil {
		s = *now
	}
	refuse := func(why Why) error { return &Refusal{Why: why, Standing: &s} }
	switch e.Act {
	case Checkout, Swap:
		if e.Holder.Nobody() {
			return refuse(ToNobody)
		}
		if err := s.free(&e.Holder); err != nil {
			return err
		}
		if e.Act == Swap {
			return b.checkReturn(e)
		}
	case CheckIn:
		if s.Status == In {
			return refuse(NotOut)
		}
		e.Holder = s.Holder
	case Lost:
		if s.Status == IsLost {
			return refuse(AlreadyLost)
		}
		if e.Holder = s.Holder; s.Status == InRepair { // who had it gave it back
			e.Holder = Holder{}
		}
	case Found:
		if s.Status != IsLost {
			return refuse(NotLost)
		}
		e.Holder = s.Holder
	case Repair:
		if s.Status == InRepair {
			return refuse(InRepairNow)
		}
		e.Holder = s.Holder
		if e.Other.ID != "" {
			return b.checkLoaner(e)
		}
	case Note:
		if e.Note == "" && e.Condition == "" {
			return refuse(NothingSaid)
		}
		e.Holder = s.Holder
	}
	return nil
}

// free tells whether an Asset can be handed to somebody.
func (s *Standing) free(to *Holder) error {
	switch {
	case s.Status == IsLost:
		return &Refusal{Why: StillLost, Standing: s}
	case s.Status == Out && s.Holder.Is(to):
		return &Refusal{Why: AlreadyTheirs, Standing: s}
	case s.Status == Out:
		return &Refusal{Why: AlreadyOut, Standing: s}
	}
	return nil
}

func (b *Book) checkReturn(e *Entry) error {
	back := b.Standing(e.Other.Key())
	if back == nil || back.Status != Out || !back.Holder.Is(&e.Holder) {
		return &Refusal{Why: NotTheirs, Standing: back}
	}
	return nil
}

func (b *Book) checkLoaner(e *Entry) error {
	if e.Holder.Nobody() {
		return &Refusal{Why: NobodyHad}
	}
	s := Standing{Asset: e.Other, Status: In}
	if now := b.Standing(e.Other.Key()); now != nil {
		s = *now
	}
	return s.free(&e.Holder)
}
