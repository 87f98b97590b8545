package sim

import "strconv"

// castMember is a person whom a test or a demonstration can count on: the first people of every district, whatever its seed, each one an
// oddity that the clouds are known for. Addresses are without their domain.
type castMember struct {
	given, family string
	email         string
	aliases       []string
	google        string // merge-patch over the user as made
	microsoft     string // merge-patch over the account as made; "" means none in Microsoft
}

const at = "@" + Domain

// apart is the one whose Microsoft account stays a person of its own.
const apart = "a.lindqvist"

var cast = []castMember{
	{"Dana", "Whitfield", "admin", nil, `{"isAdmin":true,"orgUnitPath":"/Staff/Technology"}`, `{"jobTitle":"Technology Director"}`},
	{"Theo", "Marsh", "helpdesk", nil, `{"isDelegatedAdmin":true,"orgUnitPath":"/Staff/Technology"}`, `{"jobTitle":"Help Desk"}`},
	{"Ruth", "Calloway", "teacher", nil, `{"orgUnitPath":"/Staff/District Office"}`, `{"jobTitle":"Teacher"}`},
	// Microsoft's office calls him Bob.
	{"Robert", "Smith", "bob", nil, `{}`, `{"displayName":"Bob Smith","givenName":"Bob"}`},
	// The same address in another case.
	{"María", "Castellanos", "maria.castellanos", nil, `{}`,
		`{"userPrincipalName":"MARIA.CASTELLANOS` + at + `","mail":"Maria.Castellanos` + at + `"}`},
	// An alias links her to her account.
	{"Adaora", "Okonjo", "adaora.okonjo", []string{"aokonjo"}, `{}`,
		`{"userPrincipalName":"aokonjo` + at + `","mail":"aokonjo` + at + `","proxyAddresses":["SMTP:aokonjo` + at + `"]}`},
	// a and b share the alias s, and Microsoft knows s: three people, flagged.
	{"Avery", "Lindqvist", apart, []string{"s.lindqvist"}, `{}`,
		`{"displayName":"S. Lindqvist","givenName":"S.","userPrincipalName":"s.lindqvist` + at + `","mail":"s.lindqvist` + at +
			`","proxyAddresses":["SMTP:s.lindqvist` + at + `"]}`},
	{"Blair", "Lindqvist", "b.lindqvist", []string{"s.lindqvist"}, `{}`, ""},
	// The mail of the next one is this one's UPN.
	{"Idris", "Halloran", "idris.halloran", nil, `{}`, `{}`},
	{"Petra", "Halloran", "petra.halloran", nil, `{}`,
		`{"mail":"idris.halloran` + at + `","proxyAddresses":["SMTP:idris.halloran` + at + `"]}`},
	// Without an Exchange licence: no mail, no proxy addresses.
	{"Osvaldo", "Penn", "osvaldo.penn", nil, `{}`, `{"mail":null,"proxyAddresses":[]}`},
	// Signs in to Microsoft under the tenant's first domain; the mail is the link.
	{"Greta", "Lachlan", "greta.lachlan", nil, `{}`, `{"userPrincipalName":"glachlan@` + onMicrosoft + `","mail":"greta.lachlan` + at + `"}`},
	// Only in Google, and never signed in.
	{"Milo", "Sandoval-Reyes", "milo.sandoval", nil, `{"lastLoginTime":"1970-01-01T00:00:00.000Z"}`, ""},
	// Suspended at Google, active at Microsoft; and the reverse.
	{"Cyrus", "Delacroix", "cyrus.delacroix", nil, `{"suspended":true,"suspensionReason":"ADMIN"}`, `{"accountEnabled":true}`},
	{"Wanda", "Petrosyan", "wanda.petrosyan", nil, `{"suspended":false}`, `{"accountEnabled":false}`},
	{"Leopold", "Ashworth", "leopold.ashworth", nil, `{"archived":true,"suspended":true,"suspensionReason":"ADMIN"}`, ""},
	// Names that break what was never tried: an emoji, right to left, an apostrophe, one very long, one with no family name.
	{"Sky 🌤", "O'Dell-Ibáñez", "sky.odell", nil, `{}`, `{}`},
	{"ليلى", "حداد", "layla.haddad", nil, `{}`, `{}`},
	{"Wolfeschlegelstein Maximiliana Theodora Anastasia", "Featherstonehaugh-Cholmondeley von Hausenbergerdorff", "w.featherstone", nil, `{}`, `{}`},
	{"Madonna", "", "madonna", nil, `{}`, `{"surname":null}`},
	// A spreadsheet would run it.
	{"=HYPERLINK", "+1 Tester", "formula.tester", nil, `{}`, `{"department":"@SUM(A1:A9)"}`},
	// Never synced from on-premises: null, not false. And formerly synced: false.
	{"Nils", "Abernathy", "nils.abernathy", nil, `{}`, `{"onPremisesSyncEnabled":null,"onPremisesImmutableId":null,"onPremisesSamAccountName":null}`},
	{"Opal", "Fitzgerald", "opal.fitzgerald", nil, `{}`, `{"onPremisesSyncEnabled":false}`},
	// userType can be null; other prefixes than smtp link nobody; otherMails neither.
	{"Jonas", "Vanterpool", "jonas.vanterpool", nil, `{}`, `{"userType":null,"otherMails":["bob` + at + `"],
		"proxyAddresses":["SMTP:jonas.vanterpool` + at + `","X500:/o=ExchangeLabs/cn=Recipients/cn=jv","SIP:bob` + at + `"]}`},
}

// castDevices patches the first Chromebooks, one oddity each.
var castDevices = []string{
	`{"annotatedAssetId":"00042","annotatedUser":"bob` + at + `","orgUnitPath":"/Staff/Technology"}`,
	`{"serialNumber":null}`,
	`{"notes":"Screen replaced in March.\nCharger missing, see ticket 118.\n\tSpare key: none"}`,
	`{"macAddress":"a4b1c1d2e3f4","ethernetMacAddress0":"A4B1C1D2E3F5","dockMacAddress":"A4B1C1D2E3F6"}`,
	`{"autoUpdateThrough":null}`,
	`{"autoUpdateThrough":null,"autoUpdateExpiration":null,"supportEndDate":null}`,
	`{"status":"A_STATUS_OF_TOMORROW"}`,
	`{"status":"PRE_PROVISIONED","lastSync":null,"osVersion":null,"platformVersion":null,"recentUsers":null,"lastEnrollmentTime":null,
		"firstEnrollmentTime":null,"activeTimeRanges":null,"lastKnownNetwork":null,"osUpdateStatus":null,"diskSpaceUsage":null}`,
	`{"annotatedLocation":"=1+1","annotatedAssetId":"-007","notes":"@office"}`,
	`{"recentUsers":[{"type":"USER_TYPE_UNMANAGED"},{"type":"USER_TYPE_MANAGED","email":"bob` + at + `"}]}`,
	`{"osUpdateStatus":{"state":"updateStateDownloadInProgress","targetOsVersion":"0.0.0.0"}}`,
	`{"bootMode":"Dev","osVersionCompliance":"notCompliant","meid":"35691509123456"}`,
	`{"orgUnitPath":"/Carts/STEM + Robotics #1"}`,
	`{"orgUnitPath":"/Carts/École bilingue 100%","annotatedLocation":"Salle 12, à côté de la bibliothèque"}`,
	`{"autoUpdateThrough":null,"autoUpdateExpiration":null,"supportEndDate":"2027-06-01T00:00:00.000Z"}`,
}

// newcomers are Microsoft accounts without a Google user, written over the first rows that makeMicrosoft keeps for them.
var newcomers = []string{
	`{"displayName":"Front Office (shared)","givenName":null,"surname":null,"userPrincipalName":"frontoffice` + at + `","mail":"frontoffice` + at +
		`","proxyAddresses":["SMTP:frontoffice` + at + `","smtp:office` + at + `"],"accountEnabled":false,"userType":"Member","jobTitle":null}`,
	`{"displayName":"Contoso Auditor","userPrincipalName":"auditor_contoso.example#EXT#@` + onMicrosoft + `","mail":"auditor@contoso.example",
		"proxyAddresses":["SMTP:auditor@contoso.example"],"userType":"Guest","externalUserState":"Accepted","creationType":"Invitation"}`,
	`{"displayName":"Pending Guest","userPrincipalName":"pending_fabrikam.example#EXT#@` + onMicrosoft + `","mail":null,"proxyAddresses":[],
		"userType":"Guest","externalUserState":"PendingAcceptance","creationType":"Invitation"}`,
	`{"displayName":"svc-backup","givenName":null,"surname":null,"userPrincipalName":"svc-backup@` + onMicrosoft + `","mail":null,"proxyAddresses":[]}`,
}

// former is how many of the last Microsoft rows were deleted before the story begins, so that a first delta round has tombstones.
const former = 4

// perform writes the cast over a district as made.
func (c *Cloud) perform() error {
	for i := range min(len(cast), len(c.district.people)) {
		if err := c.put(googleUsers, c.district.googleID(int32(i)), cast[i].google); err != nil {
			return err
		}
	}
	microsoft, newcomer := c.tables[microsoftUsers], 0
	for row, who := range c.district.microsoft {
		patch := ""
		switch {
		case who >= 0 && int(who) < len(cast):
			patch = cast[who].microsoft
		case who < 0 && newcomer < len(newcomers):
			patch = newcomers[newcomer]
			newcomer++
		default:
			continue
		}
		if err := c.put(microsoftUsers, microsoft.id(int32(row)), patch); err != nil {
			return err
		}
	}
	for row := microsoft.made - former; row < microsoft.made; row++ {
		microsoft.delete(microsoft.id(row))
	}
	devices := c.tables[chromeosDevices]
	for i := range min(len(castDevices), int(devices.made)) {
		if err := c.put(chromeosDevices, devices.id(int32(i)), castDevices[i]); err != nil {
			return err
		}
	}
	c.log = nil // all that was before anybody asked
	return nil
}

// identity is the name that Google has for a row of people.
func (d *district) identity(row int32) (given, family string) {
	if int(row) < len(cast) {
		return cast[row].given, cast[row].family
	}
	p := &d.people[row]
	return firstNames[p.first].text, lastNames[p.last].text
}

// aliases are the addresses that Google keeps beside the primary one: a former name for about 5 people in 100.
func (d *district) aliases(row int32) []string {
	if int(row) < len(cast) {
		var out []string
		for _, a := range cast[row].aliases {
			out = append(out, a+at)
		}
		return out
	}
	if r := dice(d.draw(drawPerson, row) + 7); r.percent(5) {
		p := &d.people[row]
		return []string{firstNames[p.first].ascii[:1] + lastNames[p.last].ascii + strconv.Itoa(int(row)) + at} // no dot: nobody's primary address
	}
	return nil
}
