// Package sim is a simulated Google Workspace and Microsoft Entra with a school district in them, for demonstrations, tests and benchmarks.
//
// New makes a Cloud in memory; the same Config makes the same district. Start serves it on loopback and writes the cloud profile, the OAuth
// client and the CA that Panel needs to come here:
//
//	cloud := sim.New(sim.Config{People: 3000, Chromebooks: 2000})
//	server, err := cloud.Start("127.0.0.1:0")
//	defer server.Close()
//	// server.Profile, server.GoogleClient and server.Azure say the rest
//
// A test that needs no sign-in serves Handler itself and takes a token from GoogleTokens or MicrosoftToken.
//
// It answers as the clouds were recorded to answer, oddities and errors included; where they are not known to do a thing it takes the
// stricter side. Page tokens and access tokens are opaque. It has no clock of its own.
//
// # Consent
//
// The authorization URL shows a page with a tick box for each permission, whose form posts to the same URL. Without a browser:
//
//	curl -L -d decision=allow -d scope=all "$AUTH_URL"            # everything
//	curl -L -d decision=allow -d scope=https://… "$AUTH_URL"      # what is named, and who it is
//	curl -L -d decision=deny "$AUTH_URL"
//	curl -L -d decision=allow -d scope=all -d account=helpdesk@cedarvalley.example "$AUTH_URL"
//
// # Trouble
//
// SetFaults (POST /_sim/faults) makes endpoints fail, answer late or answer nonsense; Kinds lists what they can say. Configure (PUT
// /_sim/settings) changes latency, page and token limits and consent. Put and Delete (PUT and DELETE /_sim/{kind}/{id}) change the district.
// Requests (GET /_sim/requests) counts what was asked.
package sim
