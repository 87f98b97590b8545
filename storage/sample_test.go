package storage

import (
	"fmt"
	"time"

	"panel/directory"
)

// sampleID spreads i over the space of ids as clouds do, so that records
// arrive in another order than that of their keys.
func sampleID(i int) string {
	return fmt.Sprintf("1%020d", (uint64(i)+1)*0x9e3779b97f4a7c15%1e19)
}

func sampleAccount(c directory.Cloud, i int) directory.Account {
	a := directory.Account{
		Cloud: c, ID: sampleID(i), DisplayName: fmt.Sprintf("Given%d Family%d", i, i),
		GivenName: fmt.Sprintf("Given%d", i), FamilyName: fmt.Sprintf("Family%d", i),
		Primary: fmt.Sprintf("given%d.family%d@district.example", i, i),
		State:   directory.Active, LastSignIn: time.Date(2026, 11, 1, 7, i%60, i%59, 0, time.UTC),
	}
	if c == directory.Google {
		a.Aliases = []string{fmt.Sprintf("g%d@district.example", i), fmt.Sprintf("given%d.family%d@district.example.test-google-a.com", i, i)}
		a.OrgUnit = fmt.Sprintf("/Students/School %d/Grade %d", i%40, i%12)
		a.EmployeeID = fmt.Sprint(900000 + i)
	} else {
		a.Mail, a.Title, a.Department = a.Primary, "Student", fmt.Sprint("School ", i%40)
		a.Aliases = []string{a.Primary, fmt.Sprintf("g%d@district.onmicrosoft.example", i)}
		a.EmployeeType = "Student"
	}
	return a
}

func sampleChromebook(i int) directory.Chromebook {
	at := time.Date(2026, 11, 1, 7, i%60, i%59, 123e6, time.UTC)
	return directory.Chromebook{
		DeviceID: fmt.Sprintf("%08x-%04x-4a33-9f2e-%012x", uint32(i)*2654435761, i%65536, uint64(i)*0x9e3779b97f4a%0xffffffffffff),
		Serial:   fmt.Sprintf("5CD%07d", i), Model: fmt.Sprintf("HP Chromebook 11 G%d EE", i%9), Status: "ACTIVE",
		OrgUnit: fmt.Sprintf("/Students/School %d/Grade %d", i%40, i%12), AssetID: fmt.Sprintf("%06d", i),
		AnnotatedUser: fmt.Sprintf("given%d.family%d@district.example", i, i), AnnotatedLocation: fmt.Sprint("Room ", i%200),
		RecentUsers: []directory.RecentUser{{Email: fmt.Sprintf("given%d.family%d@district.example", i, i), Managed: true},
			{Email: fmt.Sprintf("given%d.family%d@district.example", i+1, i+1), Managed: true}, {}},
		OSVersion: "129.0.6668.80", PlatformVersion: "16002.44.0 (Official Build) stable-channel octopus", Channel: "stable",
		UpdateState: "idle", UpdateChecked: at, AutoUpdateExpiration: "2029-06-01", BootMode: "Verified",
		MACAddress: fmt.Sprintf("a4bb6d%06x", i), OrderNumber: fmt.Sprint("PO-", i%50), License: "educationUpgrade",
		Manufactured: "2024-05-01", FirstEnrolled: at.AddDate(-2, 0, 0), LastEnrolled: at.AddDate(-1, 0, 0), LastSync: at,
		StorageBytes: 32e9, StorageUsed: 9e9 + int64(i)*4096, MemoryBytes: 4e9,
		LastIP: fmt.Sprintf("10.%d.%d.%d", i%200, i/250%250, i%250), LastWANIP: fmt.Sprint("198.51.100.", i%20),
	}
}
