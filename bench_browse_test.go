//go:build bench

package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"panel/directory"
	"panel/ui"
	"panel/ui/view"
)

// noon is when the lists are looked at.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

var (
	givenNames  = []string{"Aaliyah", "Benjamín", "Chloë", "Dmitri", "Emma", "Fatima", "Gabriel", "Hannah", "Ibrahim", "Jürgen", "Kayla"}
	familyNames = []string{"Smith", "Johnson", "Núñez", "O’Brien", "Øster", "García-López", "Nguyen", "Patel", "Żukowski"}
	models      = []string{"HP Chromebook 11 G9 EE", "Lenovo 300e Chromebook 2nd Gen", "Dell Chromebook 3110 2-in-1", "Acer Chromebook 712"}
)

// scattered spreads i over a space of ids, as clouds do.
func scattered(i int) uint64 { return (uint64(i) + 1) * 0x9e3779b97f4a7c15 }

// someAccount is the i-th person of a district, as a cloud says: the same
// person in both.
func someAccount(c directory.Cloud, i int) directory.Account {
	a := directory.Account{
		Cloud: c, Primary: fmt.Sprintf("student%06d@students.district.example", i), GivenName: givenNames[i%len(givenNames)],
		FamilyName: fmt.Sprint(familyNames[i/7%len(familyNames)], i/99), State: directory.Active, LastSignIn: noon.Add(-time.Duration(i) * time.Minute),
	}
	a.DisplayName = a.GivenName + " " + a.FamilyName
	if c == directory.Google {
		a.ID = fmt.Sprintf("1%020d", scattered(i))
		a.Aliases = []string{a.Primary + ".test-google-a.com"}
		a.OrgUnit, a.EmployeeID = fmt.Sprintf("/Students/School %d/Grade %d", i%40, i%13), fmt.Sprintf("%07d", i)
		return a
	}
	a.ID = fmt.Sprintf("%08x-e32e-41a1-b7bd-%012x", uint32(scattered(i)), scattered(i)>>16)
	a.Mail, a.EmployeeType, a.Department = a.Primary, "Student", fmt.Sprint("School ", i%40)
	a.Aliases = []string{a.Primary, fmt.Sprintf("s%06d@district.onmicrosoft.example", i)}
	return a
}

func someChromebook(i int) directory.Chromebook {
	user := fmt.Sprintf("student%06d@students.district.example", i)
	return directory.Chromebook{
		DeviceID: fmt.Sprintf("%08x-7a11-4c2d-9d3f-%012x", uint32(scattered(i)), scattered(i)>>16), Serial: fmt.Sprintf("5CD%07d", scattered(i)%1e7),
		Model: models[i%len(models)], Status: "ACTIVE", OrgUnit: fmt.Sprintf("/Devices/School %d/Cart %d", i%40, i%97), AssetID: fmt.Sprintf("%06d", i),
		AnnotatedUser: user, AnnotatedLocation: fmt.Sprint("Room ", i%300), Notes: "screen replaced in the spring",
		RecentUsers: []directory.RecentUser{{Email: user, Managed: true}, {Email: fmt.Sprintf("student%06d@students.district.example", i/2), Managed: true}, {}},
		OSVersion:   fmt.Sprintf("%d.0.6778.%d", 120+i%10, i%50), PlatformVersion: "16002.44.0 (Official Build) stable-channel octopus", Channel: "stable",
		UpdateState: "updateStateNotStarted", AutoUpdateExpiration: directory.Day(fmt.Sprintf("20%02d-06-01", 25+i%8)), BootMode: "Verified",
		MACAddress: fmt.Sprintf("a4bb6d%06x", i), OrderNumber: fmt.Sprint(1000 + i%50), License: "educationUpgrade",
		FirstEnrolled: noon.AddDate(-3, 0, -i%300), LastEnrolled: noon.AddDate(-2, 0, -i%300), LastSync: noon.Add(-time.Duration(i) * time.Minute),
		StorageBytes: 32e9, StorageUsed: 9e9 + int64(i)*4096, MemoryBytes: 4e9, LastIP: fmt.Sprintf("10.%d.%d.%d", i%200, i/250%250, i%250),
	}
}

// kept is one of the two lists: n rows, and what is typed into its search box.
type kept struct {
	build   func(n int) *view.Rows
	queries []string
}

var keptLists = []kept{
	{func(n int) *view.Rows {
		b := view.NewPeople(noon)
		for i := range n {
			pair := []directory.Account{someAccount(directory.Google, i)}
			if i%2 == 0 {
				pair = append(pair, someAccount(directory.Microsoft, i))
			}
			b.Add(&directory.Merge(pair, directory.Rules{})[0])
		}
		return b.Rows()
	}, []string{"student00", "garcia lopez", "school 7 grade 12", "emma 0000", "zukowski1", "nobody at all"}},
	{func(n int) *view.Rows {
		b := view.NewChromebooks(noon)
		for i := range n {
			c := someChromebook(i)
			b.Add(&c)
		}
		return b.Rows()
	}, []string{"5cd0012", "000123", "hp 11 school 7", "a4:bb:6d:00:1f", "screen spring", "student0001"}},
}

// benchBrowse types into the search boxes of both lists, letter by letter and
// back, sorts by every column for the first time, scrolls, and weighs the
// rows. Of the two lists the slower and the heavier count.
func benchBrowse(b *bench, n int, name string, search, sort float64) {
	var slowest, longest, heaviest float64
	var steps []float64
	for _, k := range keptLists {
		before := heap()
		rows := k.build(n)
		heaviest = max(heaviest, float64(heap()-before)/float64(n))

		rows.Prepare()
		l := view.NewList(rows)
		var took []float64
		enter := func(query string) {
			start := time.Now()
			l.Search(query)
			took = append(took, time.Since(start).Seconds()*1000)
		}
		for range 5 {
			for _, q := range k.queries {
				for i := range len(q) + 1 {
					enter(q[:i])
				}
				for i := range len(q) {
					enter(q[:len(q)-1-i])
				}
			}
		}
		slices.Sort(took)
		slowest = max(slowest, took[len(took)*95/100])

		for _, c := range rows.Columns() {
			var took []float64
			for range 3 {
				l := view.NewList(rows)
				start := time.Now()
				l.Sort(view.Order{Column: c.Key})
				took = append(took, time.Since(start).Seconds()*1000)
			}
			longest = max(longest, median(took))
		}
		if n == 100_000 {
			for _, step := range ui.ScrollSteps(rows, 300) {
				steps = append(steps, step.Seconds()*1000)
			}
		}
	}
	b.plain("browse/search-"+name, slowest, "ms", search)
	b.plain("browse/sort-"+name, longest, "ms", sort)
	if len(steps) > 0 {
		slices.Sort(steps)
		b.plain("browse/scroll-"+name, steps[len(steps)*95/100], "ms", 16)
	}
	b.plain("browse/bytes-per-row-"+name, heaviest, "bytes", 400)
}

// heap is what is in use after a collection, in bytes.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
