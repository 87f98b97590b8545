package ledger

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"panel/directory"
)

// Claim says that somebody has something, as a line of a file or Google does.
type Claim struct {
	// Line is where it was said, from 1 on; 0 is nowhere.
	Line   int
	Device string // a serial, asset ID or device id
	Person string // an address, employee ID or id
	Due    string
	Note   string
}

// ClaimsError is a file that no claims can be read from.
type ClaimsError struct{ Why ClaimsWhy }

// ClaimsWhy is what is wrong with a file of claims.
type ClaimsWhy string

// The reasons.
const (
	NoLines   ClaimsWhy = "no_lines"
	NoColumns ClaimsWhy = "no_columns" // the header names no device, or no person
	NotText   ClaimsWhy = "not_text"   // a workbook, a picture …
)

func (e *ClaimsError) Error() string { return "read claims: " + string(e.Why) }

// The names of columns, folded, in the order in which they are looked for.
var (
	deviceNames = []string{"serial", "serial number", "serialnumber", "serial no", "seriennummer", "device", "device id", "chromebook", "asset id", "asset tag", "asset", "annotatedassetid", "inventarnummer"}
	personNames = []string{"email", "e mail", "mail", "email address", "user", "annotateduser", "annotated user", "person", "holder", "student email", "employee id", "student id", "id", "benutzer"}
	dueNames    = []string{"due", "due date", "return", "fällig"}
	noteNames   = []string{"note", "notes", "comment", "bemerkung"}
)

// ReadClaims reads a table of who has what: a header, then a line each,
// separated by commas, semicolons or tabs, in UTF-8, UTF-16 or, where it is
// neither, Windows-1252; decoded tells that the last was guessed. A file without
// a header that names its columns, and whose first line has two fields, is taken
// as device and person. The error is a [*ClaimsError].
func ReadClaims(file []byte) (claims []Claim, decoded bool, err error) {
	text, decoded, err := textOf(file)
	if err != nil {
		return nil, decoded, err
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	var at columns
	for i, l := range linesOf(text, separatorOf(text)) {
		if i == 0 {
			if at = columnsOf(l.fields); at.named {
				continue
			}
			if len(l.fields) != 2 {
				return nil, decoded, &ClaimsError{NoColumns}
			}
		}
		c := Claim{Line: l.at, Device: at.of(l.fields, at.device), Person: at.of(l.fields, at.person), Due: at.of(l.fields, at.due), Note: at.of(l.fields, at.note)}
		if c.Device != "" || c.Person != "" {
			claims = append(claims, c)
		}
	}
	if len(claims) == 0 {
		return nil, decoded, &ClaimsError{NoLines}
	}
	return claims, decoded, nil
}

// claimLine is a line of a table, and where it begins, from 1 on.
type claimLine struct {
	at     int
	fields []string
}

// linesOf are the lines of a table. Where quotes do not match, one of them would
// swallow the lines that follow, so that each line stands for itself then.
func linesOf(text string, separator rune) (lines []claimLine) {
	read := func(text string, at int, lazy bool) error {
		r := csv.NewReader(strings.NewReader(text))
		r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator, -1, lazy, separator != '\t'
		for {
			fields, err := r.Read()
			if err != nil {
				return err
			}
			line, _ := r.FieldPos(0)
			lines = append(lines, claimLine{at + line, fields})
		}
	}
	if errors.Is(read(text, 0, false), io.EOF) {
		return lines
	}
	lines = nil
	for i, line := range strings.Split(text, "\n") {
		_ = read(line, i, true) // its end
	}
	return lines
}

// columns are the places of what a claim is made of, -1 for none.
type columns struct {
	device, person, due, note int
	named                     bool // by a header
}

func (columns) of(fields []string, at int) string {
	if at < 0 || at >= len(fields) {
		return ""
	}
	return said(strings.TrimPrefix(fields[at], "'")) // with which spreadsheets mark text
}

func columnsOf(header []string) columns {
	place := func(names []string) int {
		for _, name := range names {
			if i := slices.IndexFunc(header, func(h string) bool { return foldTitle(h) == name }); i >= 0 {
				return i
			}
		}
		return -1
	}
	c := columns{device: place(deviceNames), person: place(personNames), due: place(dueNames), note: place(noteNames)}
	if c.named = c.device >= 0 && c.person >= 0; !c.named {
		c = columns{device: 0, person: 1, due: -1, note: -1}
	}
	return c
}

func foldTitle(s string) string {
	return said(strings.ToLower(strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(s)))
}

// separatorOf is what the fields of the first line are separated by.
func separatorOf(text string) rune {
	line, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, r := range ",;\t" {
		if n := strings.Count(line, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

// textOf is a file as text.
func textOf(file []byte) (text string, decoded bool, err error) {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xfe")):
		return utf16Text(file[2:], func(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }), false, nil
	case bytes.HasPrefix(file, []byte("\xfe\xff")):
		return utf16Text(file[2:], func(b []byte) uint16 { return uint16(b[1]) | uint16(b[0])<<8 }), false, nil
	case bytes.IndexByte(file, 0) >= 0:
		return "", false, &ClaimsError{NotText}
	}
	file = bytes.TrimPrefix(file, []byte("\ufeff"))
	if utf8.Valid(file) {
		return string(file), false, nil
	}
	var b strings.Builder
	for _, c := range file {
		if c >= 0x80 && c < 0xa0 {
			b.WriteRune(windows1252[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String(), true, nil
}

func utf16Text(b []byte, unit func([]byte) uint16) string {
	units := make([]uint16, 0, len(b)/2)
	for ; len(b) >= 2; b = b[2:] {
		units = append(units, unit(b))
	}
	return string(utf16.Decode(units))
}

// windows1252 are the characters from 0x80 to 0x9f, U+FFFD for none. Source:
// unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT.
var windows1252 = [32]rune{
	'€', 0xfffd, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0xfffd, 'Ž', 0xfffd,
	0xfffd, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0xfffd, 'ž', 'Ÿ',
}

// Verdict is what comes of a claim.
type Verdict string

// The verdicts. Adopt and Move are those that write something: Move takes the
// Asset from whoever has it by the ledger first.
const (
	Adopt         Verdict = "adopt"
	Move          Verdict = "move"
	Known         Verdict = "known" // the ledger says so already
	OtherHolder   Verdict = "other_holder"
	NoDevice      Verdict = "no_device"
	NoPerson      Verdict = "no_person"
	ManyDevices   Verdict = "many_devices"
	ManyPeople    Verdict = "many_people"
	MayNotReceive Verdict = "may_not_receive"
	IsLostNow     Verdict = "is_lost"
	BadDue        Verdict = "bad_due"
	// Repeated: an earlier line claims the same device.
	Repeated Verdict = "repeated"
)

// Writes tells whether the verdict is that something is written.
func (v Verdict) Writes() bool { return v == Adopt || v == Move }

// Adoption is a claim and what comes of it.
type Adoption struct {
	Claim   Claim
	Verdict Verdict
	Asset   Asset
	Person  *directory.Person
	// Now is how the Asset stands, nil where no entry is about it.
	Now *Standing
	Due directory.Day
}

// Judge says what comes of claims, one after the other; nothing is left out.
// Find returns what a code or an id may mean, move whether a claim stands above
// the ledger where somebody else has the Asset.
func Judge(claims []Claim, find func(code string) []Match, standing func(asset string) *Standing, move bool, today directory.Day) []Adoption {
	out := make([]Adoption, len(claims))
	first := make(map[string]*Adoption) // of a device, by its key
	for i, c := range claims {
		a := judge(c, find, standing, move, today)
		out[i] = a
		if !a.Verdict.Writes() && a.Verdict != Known && a.Verdict != OtherHolder {
			continue
		}
		switch before := first[a.Asset.Key()]; {
		case before == nil:
			first[a.Asset.Key()] = &out[i]
		case a.Verdict.Writes(), a.Verdict == Known && before.Verdict.Writes():
			out[i].Verdict = Repeated
		}
	}
	return out
}

func judge(c Claim, find func(string) []Match, standing func(string) *Standing, move bool, today directory.Day) Adoption {
	a := Adoption{Claim: c}
	only := func(code string, person bool) []Match {
		return Best(code, slices.DeleteFunc(find(code), func(m Match) bool { return (m.Person != nil) != person }))
	}
	devices, people := only(c.Device, false), only(c.Person, true)
	if len(devices) == 1 {
		a.Asset = devices[0].TheAsset()
		a.Now = standing(a.Asset.Key())
	}
	if len(people) == 1 {
		a.Person = people[0].Person
	}
	ok := true
	if c.Due != "" {
		a.Due, ok = ParseDay(c.Due)
	}
	switch {
	case len(devices) == 0:
		a.Verdict = NoDevice
	case len(devices) > 1:
		a.Verdict = ManyDevices
	case len(people) == 0:
		a.Verdict = NoPerson
	case len(people) > 1:
		a.Verdict = ManyPeople
	case Receive(a.Person) != nil:
		a.Verdict = MayNotReceive
	case !ok || a.Due != "" && a.Due < today:
		a.Verdict = BadDue
	default:
		a.Verdict = a.against(move)
	}
	return a
}

// against is the verdict by what the ledger says.
func (a *Adoption) against(move bool) Verdict {
	who := HolderOf(a.Person)
	switch now := a.Now; {
	case now == nil || now.Status == In || now.Status == InRepair:
		return Adopt
	case now.Status == IsLost:
		return IsLostNow
	case now.Holder.Is(&who):
		return Known
	case move:
		return Move
	}
	return OtherHolder
}

// Entries are what is to be written for a, nothing where it writes nothing.
func (a *Adoption) Entries(note string) []*Entry {
	var out []*Entry
	if a.Verdict == Move {
		out = append(out, &Entry{Act: CheckIn, Asset: a.Asset, Note: note})
	}
	if a.Verdict.Writes() {
		if a.Claim.Note != "" {
			note = a.Claim.Note
		}
		out = append(out, &Entry{Act: Checkout, Asset: a.Asset, Holder: HolderOf(a.Person), Due: a.Due, Note: note})
	}
	return out
}
