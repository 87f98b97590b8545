package sim

import (
	"fmt"
	"strings"
	"unicode"
)

// graphUser appends the account of a row as a Graph user that has only the properties that were ever set; /users adds the rest as null or [].
func (d *district) graphUser(dst []byte, row int32) []byte {
	who := d.microsoft[row]
	if who < 0 {
		return d.newcomer(dst, row)
	}
	p := &d.people[who]
	given, family := d.identity(who)
	r := dice(d.draw(drawAccount, who) + 1)
	title, department := d.title(who)
	student := p.grade >= 0
	upn := p.email
	if nick := nicknames[given]; nick != "" && r.percent(30) {
		given = nick
	}
	if r.percent(6) {
		upn = titleCase(upn)
	}
	o := newObject(dst)
	o.str("id", d.guid('m', row))
	o.str("displayName", fullName(given, family))
	o.str("givenName", given)
	o.str("surname", family)
	o.str("userPrincipalName", upn)
	if !student || !r.percent(40) { // students often lack an Exchange licence
		o.str("mail", p.email)
		addresses := []string{"SMTP:" + p.email, "smtp:" + strings.TrimSuffix(p.email, at) + "@" + onMicrosoft}
		if !student && r.percent(20) {
			addresses = append(addresses, "X500:/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn="+studentNumber(who))
		}
		o.list("proxyAddresses", addresses...)
	}
	o.bool("accountEnabled", !r.percent(2))
	o.str("userType", "Member")
	o.str("employeeId", studentNumber(who))
	o.str("employeeType", employeeType(student, title))
	o.str("department", department)
	o.str("jobTitle", title)
	o.str("companyName", "Cedar Valley School District")
	o.str("officeLocation", d.schoolOf(p))
	if student {
		o.str("ageGroup", "minor")
	} else if r.percent(50) {
		o.list("businessPhones", fmt.Sprintf("+1 555 010 %04d", r.n(10000)))
	}
	if !student && r.percent(20) {
		o.str("mobilePhone", fmt.Sprintf("+1 555 011 %04d", r.n(10000)))
	}
	o.bool("onPremisesSyncEnabled", true)
	o.str("onPremisesImmutableId", fmt.Sprintf("%016xAAAAAA==", d.draw(drawID, who)))
	o.str("onPremisesSamAccountName", strings.TrimSuffix(p.email, at))
	o.str("onPremisesUserPrincipalName", upn)
	o.time("createdDateTime", d.day-int64(40+r.n(1500))*aDay, seconds)
	return o.end()
}

func employeeType(student bool, title string) string {
	switch {
	case student:
		return "Student"
	case title == "Teacher":
		return "Faculty"
	}
	return "Staff"
}

// titleCase writes an address as some offices type it: Maya.Johnson@….
func titleCase(email string) string {
	start := true
	return strings.Map(func(c rune) rune {
		if start {
			c = unicode.ToUpper(c)
		}
		start = c == '.'
		return c
	}, strings.TrimSuffix(email, at)) + at
}

// newcomer is an account that Google does not know: half of them guests, the others shared mailboxes and rooms, each with a user object.
func (d *district) newcomer(dst []byte, row int32) []byte {
	r := dice(d.draw(drawAccount, -1-row))
	o := newObject(dst)
	o.str("id", d.guid('m', row))
	first, last := firstNames[r.n(len(firstNames))], lastNames[r.n(len(lastNames))]
	local := fmt.Sprintf("%s.%s%d", first.ascii, last.ascii, row)
	switch r.n(4) {
	case 0, 1:
		o.str("displayName", first.text+" "+last.text)
		o.str("givenName", first.text)
		o.str("surname", last.text)
		o.str("userPrincipalName", local+"_fabrikam.example#EXT#@"+onMicrosoft)
		o.str("mail", local+"@fabrikam.example")
		o.list("proxyAddresses", "SMTP:"+local+"@fabrikam.example")
		o.list("otherMails", local+"@fabrikam.example")
		o.str("userType", "Guest")
		o.str("creationType", "Invitation")
		o.str("externalUserState", []string{"Accepted", "PendingAcceptance"}[r.n(2)])
	case 2:
		o.str("displayName", fmt.Sprintf("Shared mailbox %d", row))
		o.str("userPrincipalName", fmt.Sprintf("shared%d%s", row, at))
		o.str("mail", fmt.Sprintf("shared%d%s", row, at))
		o.list("proxyAddresses", fmt.Sprintf("SMTP:shared%d%s", row, at))
		o.str("userType", "Member")
	default:
		o.str("displayName", fmt.Sprintf("Room %d", 100+row%400))
		o.str("userPrincipalName", fmt.Sprintf("room%d%s", row, at))
		o.str("mail", fmt.Sprintf("room%d%s", row, at))
		o.list("proxyAddresses", fmt.Sprintf("SMTP:room%d%s", row, at))
		o.str("userType", "Member")
	}
	o.bool("accountEnabled", true)
	o.time("createdDateTime", d.day-int64(40+r.n(1500))*aDay, seconds)
	return o.end()
}
