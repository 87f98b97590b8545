package view

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
)

// Hold is an Asset that is out, lost or in repair, with who has it as Panel
// knows them now.
type Hold struct {
	*ledger.Standing
	// Person is the id of the row in People, "" where there is none; Name what
	// to call them: as they are called today, else as they were.
	Person string
	Name   string
	// Departed: they are in no cloud any more.
	Departed bool

	row Row // of Person
}

// Holdings are all Holds at one moment. Nobody changes them.
type Holdings struct {
	// All are sorted by the holder's name and the Asset's.
	All   []Hold
	Today directory.Day
	// Newest is when anything was handled last.
	Newest time.Time

	byDevice map[string]*Hold
	byPerson map[string][]*Hold
}

// Device is the Hold of a Chromebook, nil for one that is in.
func (h *Holdings) Device(id string) *Hold {
	if h == nil {
		return nil
	}
	return h.byDevice[id]
}

// Of are the Holds of a Person.
func (h *Holdings) Of(person string) []*Hold {
	if h == nil {
		return nil
	}
	return h.byPerson[person]
}

// NewHoldings finds who has what among people. Hidden tells of accounts whose
// people the settings hide; it may be nil. While there are no people at all
// nobody has departed: they have not been read.
func NewHoldings(standings []*ledger.Standing, people *Rows, hidden map[string]bool, today directory.Day) *Holdings {
	h := &Holdings{Today: today, byDevice: make(map[string]*Hold), byPerson: make(map[string][]*Hold)}
	wanted := make(map[string]uint32) // rows by account, plus one
	for _, s := range standings {
		if s.Changed.After(h.Newest) {
			h.Newest = s.Changed
		}
		if s.Status != ledger.In {
			h.All = append(h.All, Hold{Standing: s})
			for _, key := range s.Holder.Keys() {
				wanted[key] = 0
			}
		}
	}
	if people != nil && len(wanted) > 0 {
		people.accounts(wanted)
	}
	for i := range h.All {
		hold := &h.All[i]
		hold.Name = hold.Holder.Name
		hold.find(people, wanted, hidden)
	}
	slices.SortFunc(h.All, func(a, b Hold) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Asset.Name(), b.Asset.Name()), strings.Compare(a.Asset.ID, b.Asset.ID))
	})
	for i := range h.All {
		hold := &h.All[i]
		h.byDevice[hold.Asset.ID] = hold
		if hold.Person != "" && hold.Held() {
			h.byPerson[hold.Person] = append(h.byPerson[hold.Person], hold)
		}
	}
	return h
}

// find finds the Person by any of the ids, Google's first.
func (hold *Hold) find(people *Rows, rows map[string]uint32, hidden map[string]bool) {
	if people == nil || people.n == 0 || hold.Holder.Nobody() {
		return
	}
	for _, key := range hold.Holder.Keys() {
		if n := rows[key]; n > 0 {
			hold.row = Row{people, n - 1}
			hold.Person, hold.Name = hold.row.Key(), cmp.Or(hold.row.Value("name"), hold.Name)
			hold.Departed = hold.row.Value("state") == departed
			return
		}
		if hidden[key] {
			return
		}
	}
	hold.Departed = true
}

// Departed are the ids of those who have departed with something, sorted, and
// how much that is.
func (h *Holdings) Departed() (people []string, things int) {
	if h == nil {
		return nil, 0
	}
	for i := range h.All {
		if hold := &h.All[i]; hold.Departed && hold.Held() {
			people = append(people, hold.Holder.PersonID())
			things++
		}
	}
	slices.Sort(people)
	return slices.Compact(people), things
}

// DepartedWords say who has left with something; ok is false for nobody.
func (h *Holdings) DepartedWords() (w Words, ok bool) {
	people, things := h.Departed()
	if len(people) == 0 {
		return Words{}, false
	}
	return Words{
		Title:    Plural(len(people), "person has", "people have") + " left with a device",
		Sentence: Plural(len(people), "person is", "people are") + " in no cloud any more and " + map[bool]string{true: "has", false: "have"}[len(people) == 1] + " not given back " + Plural(things, "device", "devices") + ".",
		Button:   Button{Act: ShowDeparted, Text: "Show them"}, Tone: Bad,
	}, true
}

// ClockWords say that the computer's clock stands behind the ledger; ok is false
// while it does not.
func (h *Holdings) ClockWords(now time.Time) (w Words, ok bool) {
	if h == nil || h.Newest.Sub(now) < 2*time.Minute {
		return Words{}, false
	}
	return Words{
		Title: "The clock stands behind the ledger",
		Sentence: "The last entry of the ledger is of " + Exact(h.Newest, now.Location()) + ", and this computer's clock says " + Exact(now, now.Location()) +
			". Entries keep both times, in the right order.",
		Action: "Set the clock right, if it is wrong now.", Tone: Warn,
	}, true
}

// accounts finds the rows of those accounts that are keys of wanted: their
// number plus one.
func (r *Rows) accounts(wanted map[string]uint32) {
	key, microsoft := &r.cells[r.key], &r.cells[r.column("microsoft_id")]
	other := []byte(directory.AccountKey(directory.Microsoft, ""))
	prefix := len(other)
	for n := range uint32(r.n) {
		id := key.text(key.code(n))
		if _, ok := wanted[id]; ok {
			wanted[id] = n + 1
		}
		if ms := microsoft.text(microsoft.code(n)); ms != "" {
			other = append(other[:prefix], ms...)
			if _, ok := wanted[string(other)]; ok {
				wanted[string(other)] = n + 1
			}
		}
	}
}

// The columns that the ledger fills. Checkout is one of both lists.
const (
	checkoutColumn = "checkout"
	dueColumn      = "due"
	overdueColumn  = "overdue"
	holdsColumn    = "holds"
	holderColumn   = "holder"
	leftColumn     = "holder_departed"
)

// The words of these columns.
const (
	checkedOut     = "Checked out"
	lostWord       = "Lost"
	repairWord     = "In repair"
	overdueWord    = "Overdue"
	dueTodayWord   = "Due today"
	holderDeparted = "Holder departed"
)

func checkoutTone(word string) Tone {
	switch word {
	case checkedOut:
		return Info
	case lostWord, holderDeparted, overdueWord:
		return Bad
	case repairWord, dueTodayWord:
		return Warn
	}
	return Plain
}

// statusOfHold is the word for where an Asset is.
func statusOfHold(h *Hold) string {
	switch h.Status {
	case ledger.Out:
		return checkedOut
	case ledger.IsLost:
		return lostWord
	case ledger.InRepair:
		return repairWord
	}
	return ""
}

func (h *Holdings) dueWord(hold *Hold) string {
	switch {
	case hold.Overdue(h.Today):
		return overdueWord
	case hold.Status == ledger.Out && hold.Due == h.Today && hold.Due != "":
		return dueTodayWord
	}
	return ""
}

// ofDevice is what the ledger's columns say of a Chromebook.
func (h *Holdings) ofDevice(column, id string) string {
	hold := h.Device(id)
	if hold == nil {
		return ""
	}
	switch column {
	case holderColumn:
		return hold.Name
	case checkoutColumn:
		return statusOfHold(hold)
	case dueColumn:
		return string(hold.Due)
	case overdueColumn:
		return h.dueWord(hold)
	case leftColumn:
		if hold.Departed && hold.Held() {
			return holderDeparted
		}
	}
	return ""
}

// ofPerson is what they say of a Person.
func (h *Holdings) ofPerson(column, id string) string {
	holds := h.Of(id)
	if len(holds) == 0 {
		return ""
	}
	switch column {
	case holdsColumn:
		names := make([]string, len(holds))
		for i, hold := range holds {
			names[i] = hold.Asset.Name()
		}
		return strings.Join(names, "; ")
	case checkoutColumn:
		return checkedOut
	case overdueColumn:
		worst := ""
		for _, hold := range holds {
			if word := h.dueWord(hold); worst != overdueWord && word != "" {
				worst = word
			}
		}
		return worst
	}
	return ""
}

// WithHoldings returns rows that differ from r in the ledger's columns alone,
// which say what h says.
func (r *Rows) WithHoldings(h *Holdings) *Rows {
	r.fold() // its texts are shared
	says, knows := h.ofDevice, func(id string) bool { return h.Device(id) != nil }
	if r.column(holdsColumn) >= 0 {
		says, knows = h.ofPerson, func(id string) bool { return len(h.Of(id)) > 0 }
	}
	out := &Rows{columns: r.columns, cells: slices.Clone(r.cells), key: r.key, n: r.n, now: r.now, charts: r.charts, keys: r.keys}
	key := &r.cells[r.key]
	var held []uint32 // the rows of which there is anything to say
	for n := range uint32(r.n) {
		if knows(key.text(key.code(n))) {
			held = append(held, n)
		}
	}
	nothing := make([]uint32, r.n) // shared by the columns that say nothing
	for i := range r.columns {
		if !r.columns[i].ledger {
			continue
		}
		var t textCells
		for _, n := range held {
			t.add(says(r.columns[i].Key, key.text(key.code(n))))
		}
		out.cells[i] = cells{codes: nothing}
		if len(t.ends) == 0 {
			continue
		}
		codes := make([]uint32, r.n)
		for j, n := range held {
			codes[n] = t.codes[j]
		}
		out.cells[i] = cells{shown: texts{t.shown.String(), t.ends}, codes: codes}
	}
	return out
}
