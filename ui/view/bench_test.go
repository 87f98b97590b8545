package view

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"panel/directory"
)

var now = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

// somePeople and someChromebooks make a district's worth of plausible records.
func somePeople(n int, each func(*directory.Person)) {
	given := []string{"Aaliyah", "Benjamín", "Chloë", "Dmitri", "Emma", "Fatima", "Gabriel", "Hannah", "Ibrahim", "Jürgen", "Kayla"}
	family := []string{"Smith", "Johnson", "Núñez", "O’Brien", "Øster", "García-López", "Nguyen", "Patel", "Żukowski"}
	for i := range n {
		p := directory.Person{
			GoogleID: fmt.Sprintf("1%020d", i), GivenName: given[i%len(given)], FamilyName: family[i/7%len(family)] + fmt.Sprint(i/99),
			PrimaryEmail: fmt.Sprintf("student%06d@students.example.com", i*7919%n), OrgUnit: fmt.Sprintf("/Students/School %d/Grade %d", i%40, i%13),
			Kind: directory.Student, EmployeeID: fmt.Sprintf("%07d", i), State: directory.Active, GoogleState: directory.Active,
			LastSignIn: now.Add(-time.Duration(i) * time.Minute),
		}
		p.ID, p.DisplayName = "g:"+p.GoogleID, p.GivenName+" "+p.FamilyName
		p.Emails = []string{p.PrimaryEmail}
		if i%2 == 0 {
			p.MicrosoftID = fmt.Sprintf("6ea91a8d-e32e-41a1-b7bd-%012d", i)
			p.Emails = append(p.Emails, fmt.Sprintf("s%06d@example.onmicrosoft.com", i))
		}
		if i%20 == 0 {
			p.Kind, p.Title, p.Department, p.State = directory.Staff, "Teacher", "Mathematics", directory.Suspended
		}
		each(&p)
	}
}

func someChromebooks(n int, each func(*directory.Chromebook)) {
	models := []string{"HP Chromebook 11 G9 EE", "Lenovo 300e Chromebook 2nd Gen", "Dell Chromebook 3110 2-in-1", "Acer Chromebook 712"}
	for i := range n {
		c := directory.Chromebook{
			DeviceID: fmt.Sprintf("e8b1c0de-7a11-4c2d-9d3f-%012d", i), Serial: fmt.Sprintf("5CD%07d", i*7919%n), Model: models[i%4],
			Status: "ACTIVE", OrgUnit: fmt.Sprintf("/Devices/School %d/Cart %d", i%40, i%97), AssetID: fmt.Sprintf("%06d", i),
			AnnotatedUser: fmt.Sprintf("student%06d@students.example.com", i), AnnotatedLocation: fmt.Sprintf("Room %d", i%300),
			OSVersion: fmt.Sprintf("%d.0.6778.%d", 120+i%10, i%50), Channel: "stable", UpdateState: "updateStateNotStarted",
			AutoUpdateExpiration: directory.Day(fmt.Sprintf("20%02d-06-01", 25+i%8)), BootMode: "Verified",
			MACAddress: fmt.Sprintf("a4bb6d%06x", i), OrderNumber: fmt.Sprint(1000 + i%50), License: "educationUpgrade",
			FirstEnrolled: now.AddDate(-3, 0, -i%300), LastEnrolled: now.AddDate(-2, 0, -i%300), LastSync: now.Add(-time.Duration(i) * time.Minute),
			RecentUsers: []directory.RecentUser{
				{Email: fmt.Sprintf("student%06d@students.example.com", i), Managed: true},
				{Email: fmt.Sprintf("student%06d@students.example.com", i/2), Managed: true}, {},
			},
		}
		switch i % 10 {
		case 0:
			c.Status, c.DeprovisionReason, c.Notes = "DEPROVISIONED", "UPGRADE", fmt.Sprintf("Screen cracked\nticket %d", i)
		case 1:
			c.Gone = now
		}
		each(&c)
	}
}

func peopleRows(n int) *Rows {
	b := NewPeople(now)
	somePeople(n, b.Add)
	return b.Rows()
}

func chromebookRows(n int) *Rows {
	b := NewChromebooks(now)
	someChromebooks(n, b.Add)
	return b.Rows()
}

// heap is what is in use after a collection.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestRowsAreSmall(t *testing.T) {
	const n, limit = 10_000, 400
	for name, build := range map[string]func(int) *Rows{"people": peopleRows, "chromebooks": chromebookRows} {
		before := heap()
		rows := build(n)
		per := (heap() - before) / n
		runtime.KeepAlive(rows)
		t.Logf("%s: %d bytes a row", name, per)
		if per > limit {
			t.Errorf("%s: %d bytes a row, want at most %d", name, per, limit)
		}
	}
}

var builders = []struct {
	name  string
	build func(int) *Rows
}{{"people", peopleRows}, {"chromebooks", chromebookRows}}

// queries are typed letter by letter, as a technician does.
var queries = map[string][]string{
	"people":      {"student00", "garcia lopez", "school 7 grade 12", "emma 0000", "zukowski1", "nobody at all"},
	"chromebooks": {"5cd0012", "000123", "hp 11 school 7", "a4:bb:6d:00:1f", "cracked ticket", "student0001"},
}

// BenchmarkKeystroke measures one more letter in the search box, from the
// first letter of a query to its last.
func BenchmarkKeystroke(b *testing.B) {
	for _, kind := range builders {
		for _, n := range []int{100_000, 500_000} {
			b.Run(fmt.Sprintf("%s-%dk", kind.name, n/1000), func(b *testing.B) {
				l := NewList(kind.build(n))
				l.rows.Prepare()
				var took []time.Duration
				for b.Loop() {
					for _, q := range queries[kind.name] {
						for i := range len(q) + 1 {
							start := time.Now()
							l.Search(q[:i])
							took = append(took, time.Since(start))
						}
					}
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "max-ms")
			})
		}
	}
}

// BenchmarkSort sorts by every column for the first time, then again.
func BenchmarkSort(b *testing.B) {
	for _, kind := range builders {
		for _, n := range []int{100_000, 500_000} {
			b.Run(fmt.Sprintf("%s-%dk", kind.name, n/1000), func(b *testing.B) {
				rows := kind.build(n)
				var first, again time.Duration
				worst := ""
				for b.Loop() {
					l := NewList(rows)
					for _, c := range l.Columns() {
						start := time.Now()
						l.Sort(Order{c.Key, false})
						if d := time.Since(start); d > first {
							first, worst = d, c.Key
						}
						start = time.Now()
						l.Sort(Order{c.Key, true})
						again = max(again, time.Since(start))
					}
				}
				b.ReportMetric(float64(first.Milliseconds()), "first-ms")
				b.ReportMetric(float64(again.Milliseconds()), "again-ms")
				b.Log("slowest:", worst)
			})
		}
	}
}

func BenchmarkBuildRows(b *testing.B) {
	for _, kind := range builders {
		b.Run(kind.name+"-100k", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				kind.build(100_000)
			}
		})
	}
}

func BenchmarkFacets(b *testing.B) {
	for _, kind := range builders {
		b.Run(kind.name+"-100k", func(b *testing.B) {
			l := NewList(kind.build(100_000))
			l.Filter("status", "Active")
			for b.Loop() {
				l.Facets()
			}
		})
	}
}
