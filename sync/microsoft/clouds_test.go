package microsoft

import (
	"testing"

	"panel/sync/cloud"
)

// A token is asked for at the same host as it is used at, also where only the
// profile names that host: a token for another resource opens nothing.
func TestScopeIsOfTheGraphThatIsRead(t *testing.T) {
	for _, c := range []struct{ name, profile, want string }{
		{Global, "", "https://graph.microsoft.com/.default"},
		{"", "", "https://graph.microsoft.com/.default"},
		{GCCHigh, "", "https://graph.microsoft.us/.default"},
		{DoD, "", "https://dod-graph.microsoft.us/.default"},
		{China, "", "https://microsoftgraph.chinacloudapi.cn/.default"},
		{"", "https://graph.microsoft.us/v1.0", "https://graph.microsoft.us/.default"},
		{Global, "http://127.0.0.1:8080/v1.0", "http://127.0.0.1:8080/.default"},
	} {
		var p cloud.Profile
		p.Microsoft.GraphURL = c.profile
		if got := placeOf(c.name, p).scope(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
