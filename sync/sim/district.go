package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Domain is the district's verified domain in both clouds; .example is reserved, so nobody owns it.
const Domain = "cedarvalley.example"

// onMicrosoft is the tenant's first domain. The real ones end in .onmicrosoft.com, where somebody may own the name.
const onMicrosoft = "cedarvalley.onmicrosoft.example"

// district is who and what there is before anybody changes it. Only what cannot be worked out from a row number is stored.
type district struct {
	seed      uint64
	day       int64 // unix milliseconds, the midnight (UTC) before Config.Now; every date hangs on it
	ous       []orgUnit
	people    []person
	devices   int32
	microsoft []int32 // who each row of Microsoft users is: a row of people, or -1 for an account that Google lacks
	carts     []int32 // rows of ous
	spare     int32   // rows of ous
	retired   int32
	office    int32
	ouRows    map[string]int32 // rows of ous by id
}

type orgUnit struct {
	parent int32 // row; the root's is -1
	name   string
	path   string
}

type person struct {
	email       string
	first, last uint16 // of firstNames, lastNames
	ou          int32
	school      int16 // -1: the district office
	grade       int8  // 0 is kindergarten; -1 staff
}

// The letters that keep one draw apart from the next.
const (
	drawPerson = iota + 1
	drawAccount
	drawDevice
	drawID
	drawCredentials
)

// draw is a random number that depends on the seed, what is drawn and the row alone (splitmix64's finalizer).
func (d *district) draw(what uint64, row int32) uint64 {
	return mix(d.seed*0x9e3779b97f4a7c15 + what*0xbf58476d1ce4e5b9 + uint64(row))
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// dice yields small random numbers from one draw, the same ones every time.
type dice uint64

func (d *dice) n(sides int) int {
	*d = dice(mix(uint64(*d)))
	return int(uint64(*d) >> 33 % uint64(sides))
}

func (d *dice) percent(p int) bool { return d.n(100) < p }

func newDistrict(c Config) *district {
	d := &district{seed: c.Seed, devices: int32(c.Chromebooks)}
	d.day = c.Now.UTC().Truncate(24 * time.Hour).UnixMilli()
	schools, grades := d.makeOrgUnits(c)
	d.ouRows = make(map[string]int32, len(d.ous))
	for row := range d.ous {
		d.ouRows["id:"+orgUnitID(d.seed, int32(row))] = int32(row)
	}
	d.makePeople(c.People, schools, grades)
	d.makeMicrosoft()
	return d
}

func (d *district) addOU(parent int32, name string) int32 {
	path := "/"
	if parent >= 0 {
		path = strings.TrimSuffix(d.ous[parent].path, "/") + "/" + name
	}
	d.ous = append(d.ous, orgUnit{parent, name, path})
	return int32(len(d.ous) - 1)
}

// school is a school's OUs: its staff's and, by grade (0 is kindergarten), its students'; -1 where it does not teach the grade.
type school struct {
	name   string
	staff  int32
	grades [13]int32
}

// makeOrgUnits lays out the tree: /Students/<school>/Grade N, /Staff/<school>, /Carts/<school>/Cart NN and a few with odd names. A school
// has about 500 people, a cart 30 Chromebooks.
func (d *district) makeOrgUnits(c Config) (schools []school, byGrade [13][]int) {
	root := d.addOU(-1, "Cedar Valley School District")
	students, staff, carts := d.addOU(root, "Students"), d.addOU(root, "Staff"), d.addOU(root, "Carts")
	books := d.addOU(root, "Chromebooks")
	d.spare, d.retired = d.addOU(books, "Spares & Loaners"), d.addOU(books, "Retired")
	d.office = d.addOU(staff, "District Office")
	d.addOU(staff, "Technology")
	oddCarts := []int32{d.addOU(carts, "STEM + Robotics #1"), d.addOU(carts, `Library "Quiet Room"`), d.addOU(carts, "École bilingue 100%")}
	perSchoolCarts := c.Chromebooks * 15 / 100 / 30
	n := max(3, c.People/500)
	for i := range n {
		s := school{name: schoolName(i)}
		low, high := 0, 5
		switch i % 3 {
		case 1:
			low, high, s.name = 6, 8, s.name+" Middle School"
		case 2:
			low, high, s.name = 9, 12, s.name+" High School"
		default:
			s.name += " Elementary"
		}
		s.staff = d.addOU(staff, s.name)
		ou := d.addOU(students, s.name)
		for g := range s.grades {
			s.grades[g] = -1
			if low <= g && g <= high {
				s.grades[g] = d.addOU(ou, gradeName(g))
				byGrade[g] = append(byGrade[g], i)
			}
		}
		cartOU := int32(-1)
		for j := i; j < perSchoolCarts; j += n {
			if cartOU < 0 {
				cartOU = d.addOU(carts, s.name)
			}
			d.carts = append(d.carts, d.addOU(cartOU, fmt.Sprintf("Cart %02d", j/n+1)))
		}
		schools = append(schools, s)
	}
	d.carts = append(d.carts, oddCarts...)
	return schools, byGrade
}

func schoolName(i int) string {
	// Every first name meets every second one once before a pair comes again.
	first, round := i%len(schoolFirst), i/len(schoolFirst)
	pairs := len(schoolFirst) * len(schoolSecond)
	name := schoolFirst[first].text + " " + schoolSecond[(7*first+round)%len(schoolSecond)].text
	if i >= pairs {
		name += " " + strconv.Itoa(i/pairs+1)
	}
	return name
}

func gradeName(g int) string {
	if g == 0 {
		return "Kindergarten"
	}
	return "Grade " + strconv.Itoa(g)
}

// makePeople fills the schools: 12 % staff, the rest students spread over the grades. Addresses are first.last, numbered from the second on.
func (d *district) makePeople(n int, schools []school, byGrade [13][]int) {
	d.people = make([]person, n)
	taken := make(map[string]int32, n)
	for _, c := range cast {
		for _, local := range append([]string{c.email}, c.aliases...) {
			taken[local]++
		}
	}
	for i := range d.people {
		p := &d.people[i]
		r := dice(d.draw(drawPerson, int32(i)))
		p.first, p.last = uint16(r.n(len(firstNames))), uint16(r.n(len(lastNames)))
		switch {
		case !r.percent(12):
			p.grade = int8(r.n(13))
			at := byGrade[p.grade]
			p.school = int16(at[r.n(len(at))])
			p.ou = schools[p.school].grades[p.grade]
		case r.percent(8):
			p.grade, p.school = -1, -1
			p.ou = d.office
		default:
			p.grade, p.school = -1, int16(r.n(len(schools)))
			p.ou = schools[p.school].staff
		}
		if i < len(cast) {
			p.email = cast[i].email + "@" + Domain
			continue
		}
		local := firstNames[p.first].ascii + "." + lastNames[p.last].ascii
		taken[local]++
		if k := taken[local]; k > 1 {
			local += strconv.Itoa(int(k))
		}
		p.email = local + "@" + Domain
	}
}

// makeMicrosoft decides who has an account in Entra: 92 in 100 of Google's people, and then 2 in 100 that Google does not know (guests,
// shared mailboxes, rooms).
func (d *district) makeMicrosoft() {
	for i := range d.people {
		if r := dice(d.draw(drawAccount, int32(i))); i < len(cast) && cast[i].microsoft != "" || i >= len(cast) && r.percent(92) {
			d.microsoft = append(d.microsoft, int32(i))
		}
	}
	for range max(8, len(d.people)/50) {
		d.microsoft = append(d.microsoft, -1)
	}
}

// persons is Counts.People: every Google user, and every Microsoft account but those that are linked to one.
func (d *district) persons() int {
	n := len(d.people)
	for _, who := range d.microsoft {
		if who < 0 || int(who) < len(cast) && cast[who].email == apart && int(who)+1 < len(d.people) {
			n++
		}
	}
	return n - former
}

// byEmail returns the rows of people in the order of their primary addresses.
func (d *district) byEmail() []int32 {
	order := make([]int32, len(d.people))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(d.people[a].email, d.people[b].email) })
	return order
}

func (d *district) schoolOf(p *person) string {
	if p.school < 0 {
		return "District Office"
	}
	ou := d.ous[p.ou]
	if p.grade >= 0 {
		ou = d.ous[ou.parent]
	}
	return ou.name
}

// scatter and gather turn a row into 32 bits of an id and back: multiplication by an odd number can be undone.
const (
	scatterBy = 0x9e3779b1
	gatherBy  = 0x0e8b2f51
)

func (d *district) guid(what uint64, row int32) string {
	r := d.draw(drawID<<8|what, row)
	s := mix(r)
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", uint32(row+1)*scatterBy^uint32(mix(d.seed^what)), r&0xffff, r>>16&0xfff, 0x8000|r>>28&0x3fff, s&0xffffffffffff)
}

func (d *district) guidRow(what uint64, id string) (int32, bool) {
	if len(id) != 36 {
		return 0, false
	}
	x, err := strconv.ParseUint(id[:8], 16, 32)
	row := int32((uint32(x)^uint32(mix(d.seed^what)))*gatherBy) - 1
	return row, err == nil && row >= 0
}

// googleID is a user's id: 21 digits whose first ones grow with the row.
func (d *district) googleID(row int32) string {
	r := d.draw(drawID, row)
	return fmt.Sprintf("1%09d%011d", int64(row)*1000+int64(r%1000), mix(r)%100000000000)
}

func (d *district) googleRow(id string) (int32, bool) {
	if len(id) != 21 || id[0] != '1' {
		return 0, false
	}
	x, err := strconv.ParseInt(id[1:10], 10, 64)
	return int32(x / 1000), err == nil && x >= 0
}
