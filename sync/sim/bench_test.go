package sim

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strconv"
	"testing"
)

// discard is a client that reads nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// BenchmarkServe measures what one record of a page costs the simulator, which benchmarks of an import have to bear.
func BenchmarkServe(b *testing.B) {
	const people, chromebooks = 20_000, 20_000
	c := New(Config{People: people, Chromebooks: chromebooks})
	h := c.Handler()
	google, _ := c.GoogleTokens()
	mask := url.QueryEscape("nextPageToken,kind,users(id,primaryEmail,name(givenName,familyName,fullName),aliases,nonEditableAliases,orgUnitPath,suspended,archived,externalIds,organizations,phones,lastLoginTime)")
	for _, bb := range []struct {
		name, url, token string
		size             int
	}{
		{"users", "/admin/directory/v1/users?customer=my_customer&maxResults=500", google, 500},
		{"users-masked", "/admin/directory/v1/users?customer=my_customer&maxResults=500&fields=" + mask, google, 500},
		{"chromeosdevices", "/admin/directory/v1/customer/my_customer/devices/chromeos?maxResults=300&projection=FULL", google, 300},
		{"graph", "/v1.0/users?$top=999&$select=id,displayName,givenName,surname,mail,userPrincipalName,proxyAddresses,accountEnabled,userType,employeeId,department,jobTitle", c.MicrosoftToken(), 999},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r := httptest.NewRequest(http.MethodGet, bb.url, nil)
			r.Header.Set("Authorization", "Bearer "+bb.token)
			for b.Loop() {
				h.ServeHTTP(&discard{http.Header{}}, r)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*bb.size), "ns/record")
		})
	}
}

// BenchmarkMemory measures what a district of half a million keeps in memory.
func BenchmarkMemory(b *testing.B) {
	const n = 500_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c := New(Config{People: n, Chromebooks: n})
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(3*n), "B/record")
		if c.Counts().Chromebooks != n {
			b.Fatal("made " + strconv.Itoa(c.Counts().Chromebooks))
		}
	}
}
