package storage

import (
	"time"

	"panel/directory"
	"panel/ledger"
)

// The functions of this file list the stored fields of each type for a
// [coder]. Their order is the format of the files: append, never reorder,
// never take out.

func accountFields(c *coder, a *directory.Account) {
	c.word((*string)(&a.Cloud))
	c.str(&a.ID)
	c.str(&a.Primary)
	c.str(&a.Mail)
	c.strs(&a.Aliases)
	c.str(&a.DisplayName)
	c.str(&a.GivenName)
	c.str(&a.FamilyName)
	c.word(&a.OrgUnit)
	c.str(&a.EmployeeID)
	c.word(&a.EmployeeType)
	c.word(&a.Title)
	c.word(&a.Department)
	c.str(&a.Mobile)
	c.str(&a.Phone)
	c.flag(&a.Guest)
	c.word((*string)(&a.State))
	c.time(&a.LastSignIn)
}

func personFields(c *coder, p *directory.Person) {
	c.str(&p.ID)
	c.str(&p.GoogleID)
	c.str(&p.MicrosoftID)
	c.str(&p.DisplayName)
	c.str(&p.GivenName)
	c.str(&p.FamilyName)
	c.str(&p.PrimaryEmail)
	c.strs(&p.Emails)
	c.word(&p.OrgUnit)
	c.word((*string)(&p.Kind))
	c.str(&p.EmployeeID)
	c.word(&p.Title)
	c.word(&p.Department)
	c.str(&p.Phone)
	c.word((*string)(&p.State))
	c.word((*string)(&p.GoogleState))
	c.word((*string)(&p.MicrosoftState))
	c.time(&p.LastSignIn)
	from := int64(p.FromMicrosoft)
	c.num(&from)
	p.FromMicrosoft = uint32(from)
	c.flag(&p.Departed)
	c.flag(&p.PossibleDuplicate)
}

func chromebookFields(c *coder, d *directory.Chromebook) {
	c.str(&d.DeviceID)
	c.str(&d.Serial)
	c.word(&d.Model)
	c.word(&d.Status)
	c.word(&d.OrgUnit)
	c.str(&d.AssetID)
	c.str(&d.AnnotatedUser)
	c.word(&d.AnnotatedLocation)
	c.str(&d.Notes)
	c.list(len(d.RecentUsers),
		func(n int) { d.RecentUsers = makeList[directory.RecentUser](n) },
		func(i int) {
			c.str(&d.RecentUsers[i].Email)
			c.flag(&d.RecentUsers[i].Managed)
		})
	c.word(&d.OSVersion)
	c.word(&d.PlatformVersion)
	c.word(&d.Channel)
	c.word(&d.UpdateState)
	c.time(&d.UpdateChecked)
	c.word((*string)(&d.AutoUpdateExpiration))
	c.word(&d.BootMode)
	c.str(&d.MACAddress)
	c.str(&d.EthernetMACAddress)
	c.str(&d.IMEI)
	c.str(&d.MEID)
	c.word(&d.OrderNumber)
	c.word(&d.License)
	c.word((*string)(&d.Manufactured))
	c.time(&d.FirstEnrolled)
	c.time(&d.LastEnrolled)
	c.time(&d.LastSync)
	c.word(&d.DeprovisionReason)
	c.time(&d.Deprovisioned)
	c.num(&d.StorageBytes)
	c.num(&d.StorageUsed)
	c.num(&d.MemoryBytes)
	c.str(&d.LastIP)
	c.word(&d.LastWANIP)
	c.time(&d.Gone)
	c.str(&d.DockMACAddress)
}

func orgUnitFields(c *coder, o *directory.OrgUnit) {
	c.str(&o.ID)
	c.str(&o.Path)
	c.str(&o.Name)
	c.str(&o.Description)
	c.str(&o.ParentPath)
}

// entry is a change as it is stored.
type entry struct {
	directory.Change
	// Records are what the entry is found by in the history: device and OU
	// ids, and for people the keys of the accounts concerned, because a
	// Person's id changes when it gains or loses its Google account.
	Records []string
}

func entryFields(c *coder, e *entry) {
	c.word(&e.Run)
	c.time(&e.At)
	c.word((*string)(&e.Cloud))
	c.word((*string)(&e.Listing))
	c.word((*string)(&e.Kind))
	c.str(&e.ID)
	c.str(&e.Name)
	c.list(len(e.Fields),
		func(n int) { e.Fields = makeList[directory.FieldChange](n) },
		func(i int) {
			c.word(&e.Fields[i].Field)
			c.str(&e.Fields[i].From)
			c.str(&e.Fields[i].To)
		})
	count := int64(e.Count)
	c.num(&count)
	e.Count = int(count)
	c.strs(&e.Records)
}

// aside is a record that a run took out.
type aside struct {
	Run    string
	At     time.Time
	Record string // as it was stored
}

func asideFields(c *coder, a *aside) {
	c.word(&a.Run)
	c.time(&a.At)
	c.str(&a.Record)
}

func assetFields(c *coder, a *ledger.Asset) {
	c.word(&a.Kind)
	c.str(&a.ID)
	c.str(&a.Serial)
	c.str(&a.Tag)
	c.word(&a.Model)
}

func holderFields(c *coder, h *ledger.Holder) {
	c.str(&h.GoogleID)
	c.str(&h.MicrosoftID)
	c.str(&h.Name)
	c.strs(&h.Emails)
}

func standingFields(c *coder, s *ledger.Standing) {
	assetFields(c, &s.Asset)
	c.word((*string)(&s.Status))
	holderFields(c, &s.Holder)
	c.time(&s.Since)
	c.time(&s.Changed)
	c.word((*string)(&s.Due))
	c.flag(&s.Loaner)
	c.str(&s.Note)
	c.word(&s.Condition)
	c.word(&s.By)
	c.str(&s.Last)
	c.str(&s.Tip)
}

// act is an entry of the journal as it is stored. (A list of a coder holds no
// lists.) What an Asset or a Holder may gain comes at its end.
type act struct {
	ledger.Entry
	left []string // encoded
}

func actFields(c *coder, e *act) {
	c.str(&e.ID)
	c.word(&e.Station)
	seq := int64(e.Seq)
	c.num(&seq)
	e.Seq = uint64(seq)
	c.time(&e.At)
	c.time(&e.Clock)
	c.word(&e.By)
	c.word((*string)(&e.Act))
	assetFields(c, &e.Asset)
	holderFields(c, &e.Holder)
	assetFields(c, &e.Other)
	c.word((*string)(&e.Due))
	c.flag(&e.Loaner)
	c.str(&e.Note)
	c.word(&e.Condition)
	c.str(&e.Undoes)
	c.strs(&e.left)
	c.strs(&e.Upon)
}

func encodeEntry(c *coder, e *ledger.Entry) []byte {
	a := act{Entry: *e}
	for i := range e.Left {
		a.left = append(a.left, string(encode(c, standingFields, &e.Left[i])))
	}
	return encode(c, actFields, &a)
}

func decodeEntry(c *coder, b []byte, e *ledger.Entry) bool {
	var a act
	ok := decode(c, actFields, b, &a)
	for _, left := range a.left {
		var s ledger.Standing
		ok = decode(c, standingFields, []byte(left), &s) && ok
		a.Left = append(a.Left, s)
	}
	*e = a.Entry
	return ok
}

// round is a round as it is stored.
type round struct {
	ledger.Round
	expected []string // encoded
}

func roundFields(c *coder, r *round) {
	c.str(&r.ID)
	c.word((*string)(&r.Kind))
	c.str(&r.Name)
	c.time(&r.Begun)
	c.time(&r.Ended)
	c.strs(&r.OrgUnits)
	c.str(&r.Place)
	c.strs(&r.expected)
}

func expectedFields(c *coder, x *ledger.Expected) {
	assetFields(c, &x.Asset)
	holderFields(c, &x.Holder)
	c.time(&x.Since)
	c.word(&x.OrgUnit)
	c.word(&x.Place)
}

func seenFields(c *coder, s *ledger.Seen) {
	c.time(&s.At)
	c.str(&s.Code)
	c.word((*string)(&s.Outcome))
	c.word((*string)(&s.Why))
	assetFields(c, &s.Asset)
	holderFields(c, &s.Holder)
	c.word(&s.OrgUnit)
	c.word(&s.Place)
	c.str(&s.Entry)
	c.flag(&s.Settled)
}
