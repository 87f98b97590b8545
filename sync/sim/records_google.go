package sim

import (
	"fmt"
)

// The milliseconds of a day, an hour and a minute.
const (
	aMinute = int64(60_000)
	anHour  = 60 * aMinute
	aDay    = 24 * anHour
)

// never is what Google writes for a user who has not signed in yet.
const never = "1970-01-01T00:00:00.000Z"

// studentNumber is the number on a student's or an employee's card: seven digits, the first of them zero.
func studentNumber(row int32) string { return fmt.Sprintf("%07d", 10000+int64(row)*3) }

// title is what somebody does: empty for students.
func (d *district) title(row int32) (title, department string) {
	p := &d.people[row]
	if p.grade >= 0 {
		return "", gradeName(int(p.grade))
	}
	r := dice(d.draw(drawPerson, row) + 3)
	subject := subjects[r.n(len(subjects))].text
	switch {
	case p.school < 0:
		return "Specialist", "District Office"
	case r.percent(8):
		return "Principal", "Administration"
	case r.percent(15):
		return "Instructional Aide", subject
	}
	return "Teacher", subject
}

// googleUser appends the user of a row as admin#directory#user, without the customerId.
func (d *district) googleUser(dst []byte, row int32) []byte {
	p := &d.people[row]
	given, family := d.identity(row)
	aliases := d.aliases(row)
	r := dice(d.draw(drawPerson, row) + 1)
	o := newObject(dst)
	o.str("kind", "admin#directory#user")
	o.str("id", d.googleID(row))
	o.str("etag", etag(uint64(r)))
	o.str("primaryEmail", p.email)
	o.key("name")
	name := newObject(o.buf)
	name.str("givenName", given)
	name.str("familyName", family)
	name.str("fullName", fullName(given, family))
	o.buf = name.end()
	o.bool("isAdmin", false)
	o.bool("isDelegatedAdmin", false)
	if r.percent(3) {
		o.str("lastLoginTime", never)
	} else {
		o.time("lastLoginTime", d.day-int64(r.n(20*24*60))*aMinute, millis)
	}
	o.time("creationTime", d.day-int64(30+r.n(2000))*aDay, millis)
	o.bool("agreedToTerms", true)
	suspended := r.percent(2)
	o.bool("suspended", suspended)
	if suspended {
		o.str("suspensionReason", "ADMIN")
	}
	o.bool("archived", !suspended && r.percent(1))
	o.bool("changePasswordAtNextLogin", false)
	o.bool("ipWhitelisted", false)
	o.key("emails")
	o.buf = append(o.buf, `[{"address":`...)
	o.buf = appendString(o.buf, p.email)
	o.buf = append(o.buf, `,"primary":true}`...)
	for _, a := range aliases {
		o.buf = append(o.buf, `,{"address":`...)
		o.buf = appendString(o.buf, a)
		o.buf = append(o.buf, '}')
	}
	o.buf = append(o.buf, ']')
	o.raw("externalIds", `[{"value":"`+studentNumber(row)+`","type":"organization"}]`)
	if title, department := d.title(row); title != "" {
		o.raw("organizations", `[{"title":"`+title+`","primary":true,"customType":"","department":"`+department+`"}]`)
		if r.percent(60) {
			o.raw("phones", `[{"value":"(555) 010-`+fmt.Sprintf("%04d", r.n(10000))+`","type":"work"}]`)
		}
	}
	o.list("aliases", aliases...)
	if p.grade < 0 {
		o.list("nonEditableAliases", p.email+".test-google-a.example")
	}
	o.str("orgUnitPath", d.ous[p.ou].path)
	o.bool("isMailboxSetup", true)
	o.bool("isEnrolledIn2Sv", p.grade < 0 && r.percent(40))
	o.bool("isEnforcedIn2Sv", false)
	o.bool("includeInGlobalAddressList", true)
	return o.end()
}

func fullName(given, family string) string {
	if family == "" {
		return given
	}
	return given + " " + family
}

// orgUnitID is the id of an OU the way devices carry it; OUs themselves carry it with "id:" before it.
func orgUnitID(seed uint64, row int32) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	out, x := []byte("03"), mix(seed^uint64(row)<<8)
	for range 13 {
		out = append(out, digits[x%36])
		x /= 36
	}
	return string(out)
}

// orgUnit appends the OU of a row as admin#directory#orgUnit.
func (d *district) orgUnit(dst []byte, row int32) []byte {
	ou := d.ous[row]
	o := newObject(dst)
	o.str("kind", "admin#directory#orgUnit")
	o.str("name", ou.name)
	if row%5 == 1 {
		o.str("description", "Managed by the technology department")
	}
	o.str("etag", etag(mix(d.seed+uint64(row))))
	o.str("orgUnitPath", ou.path)
	o.str("orgUnitId", "id:"+orgUnitID(d.seed, row))
	if ou.parent >= 0 {
		o.str("parentOrgUnitPath", d.ous[ou.parent].path)
		o.str("parentOrgUnitId", "id:"+orgUnitID(d.seed, ou.parent))
	}
	return o.end()
}
