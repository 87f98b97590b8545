package view

import "panel/sync/cloud"

// The buttons of more than one saying.
var (
	syncNow      = Button{Act: SyncNow, Text: "Sync again now"}
	tryAgain     = Button{Act: TryAgain, Text: "Try again"}
	openSettings = Button{Act: OpenSettings, Text: "Open Settings"}
	copyDetails  = Button{Act: CopyDetails, Text: "Copy details"}
)

// What is done without anybody, in one wording.
const (
	panelRetries = "Nothing to do: Panel tries again at the next sync, and everything imported stays."
	keepsAsIs    = "Nothing was changed or removed because of it."
)

// networkSayings are what either cloud, or the way to it, can do.
var networkSayings = map[reason]saying{
	{kind: cloud.Offline}: {
		title: "{cloud} cannot be reached", sentence: "The network is down, or {cloud} cannot be reached from here.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Offline, code: "network"}: {
		title: "The connection to {cloud} broke", sentence: "The connection to {cloud} broke before it had answered.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Offline, code: "dns"}: {
		title: "{cloud} was not found", sentence: "This computer could not look up the address of {cloud}: it is offline, or its DNS server does not answer.",
		action: "Check the network. Panel tries again at the next sync.", button: syncNow,
	},
	{kind: cloud.Offline, code: "refused"}: {
		title: "The connection to {cloud} was refused", sentence: "Something on the way refused the connection to {cloud}, usually a firewall.",
		action: "Ask whoever runs the firewall to allow HTTPS to {cloud}. Panel tries again at the next sync.", button: syncNow,
	},
	{kind: cloud.Offline, code: "timeout"}: {
		title: "{cloud} did not answer in time", sentence: "{cloud} did not answer in time: the network is slow or silent.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Offline, code: "proxy"}: {
		title: "The proxy does not let Panel through", sentence: "The proxy of this network refused the way to {cloud}, or is not there.",
		action: "Check the proxy in Settings or in this computer's network settings.",
		typed:  "Check HTTPS_PROXY in the environment, or the proxy in Panel's settings.", button: openSettings, tone: Bad,
	},
	{kind: cloud.Offline, code: "proxy_auth"}: {
		title: "The proxy wants a sign-in", sentence: "The proxy of this network asks for a user name and password before it lets Panel reach {cloud}.",
		action: "Ask whoever runs the proxy to let Panel through without one, or enter a proxy with a sign-in in Settings.",
		typed:  "Ask whoever runs the proxy to let Panel through without one, or name a proxy with a sign-in in HTTPS_PROXY or in Panel's settings.",
		button: openSettings, tone: Bad,
	},

	{kind: cloud.Limited}: {
		title: "{cloud} asks to come back later", sentence: "{cloud} is busy and asked Panel to come back later; Panel waited and tried several times.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Cancelled}: {
		title: "Cancelled", sentence: "It was cancelled before it was done.", action: "What had arrived until then was kept.", tone: Muted,
	},

	{kind: cloud.Certificate}: {
		title:    "The connection to {cloud} is not trusted",
		sentence: "The certificate that answered for {cloud} is signed by an authority that this computer does not know. Schools that inspect TLS have one of their own.",
		detail:   "It is signed by “{detail}”.",
		action:   "If your network does that, get its CA certificate as a file and choose it in Settings. If it does not, somebody may be listening: do not go on.",
		typed:    "If your network does that, get its CA certificate as a file and name it as ca_file in a cloud profile (--cloud FILE), or in Panel's settings. If it does not, somebody may be listening: do not go on.",
		button:   openSettings, tone: Bad,
	},
	{kind: cloud.Certificate, code: "clock"}: {
		title:    "Certificate and clock do not agree",
		sentence: "By this computer's clock the certificate of {cloud} is expired or not yet valid.",
		detail:   "It is signed by “{detail}”.",
		action:   "Set this computer's date and time right, then sync again.", button: syncNow, tone: Bad,
	},
	{kind: cloud.Certificate, code: "hostname"}: {
		title:    "Somebody else answers for {cloud}",
		sentence: "The server that answered for {cloud} has a certificate made for another name; a filter or a captive portal may be in the way.",
		detail:   "It is signed by “{detail}”.",
		action:   "Sign in to the network in a browser, or ask whoever runs the filter to let Panel through.", button: syncNow, tone: Bad,
	},
	{kind: cloud.Certificate, code: "tls"}: {
		title:    "No safe connection to {cloud}",
		sentence: "Panel and the server that answered for {cloud} found no encryption to agree on; Panel uses TLS 1.2 or later.",
		action:   "An outdated proxy or filter is usually in the way: ask whoever runs it.", button: copyDetails, tone: Bad,
	},
	{kind: cloud.Certificate, code: "ca_file"}: {
		title: "The CA file holds no certificate", sentence: "The CA file that Panel was given holds no certificate that it can read.",
		action: "Choose the file again, in PEM form.", button: openSettings, tone: Bad,
	},

	{kind: cloud.BadAnswer}: {
		title: "{cloud}'s answer makes no sense", sentence: "What arrived is not an answer that {cloud} gives.",
		action: keepsAsIs + " Panel tries again at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "shape"}: {
		title: "{cloud}'s answer lacks its parts", sentence: "{cloud} answered, but parts that every such answer has were missing.",
		action: keepsAsIs + " Panel tries again at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "not_json"}: {
		title: "{cloud}'s answer is unreadable", sentence: "What arrived from {cloud} is not in the form that {cloud} answers in.",
		action: keepsAsIs + " If it stays so, look for a filter or proxy that changes what passes through.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "truncated"}: {
		title: "{cloud}'s answer was cut short", sentence: "An answer of {cloud} arrived cut short or damaged.",
		action: keepsAsIs + " Panel tries again at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "too_long"}: {
		title: "{cloud}'s answer does not end", sentence: "An answer was longer than any that {cloud} gives, so Panel stopped reading it.",
		action: keepsAsIs, button: copyDetails,
	},
	{kind: cloud.BadAnswer, code: "web_page"}: {
		title: "A web page answered instead of {cloud}", sentence: "A web page came back instead of {cloud}'s answer: the network wants a sign-in first, or a filter blocks {cloud}.",
		action: "Open a browser and sign in to the network, or ask whoever runs the filter to allow {cloud}.", button: syncNow, tone: Bad,
	},
	{kind: cloud.BadAnswer, code: "redirect"}: {
		title: "The network led Panel elsewhere", sentence: "The call to {cloud} was redirected to another place, as a captive portal or a filter does. Panel did not follow, so no secret went there.",
		action: "Open a browser and sign in to the network, or ask whoever runs the filter to allow {cloud}.", button: syncNow, tone: Bad,
	},
	{kind: cloud.BadAnswer, code: "not_tls"}: {
		title: "Something else answers on {cloud}'s port", sentence: "What answered for {cloud} does not speak HTTPS.",
		action: "Check the proxy in Settings, or the cloud profile if you use one.",
		typed:  "Check the proxy in HTTPS_PROXY or in Panel's settings, and the cloud profile if you use one.", button: openSettings, tone: Bad,
	},
	{kind: cloud.BadAnswer, code: "repeated"}: {
		title: "{cloud}'s list runs in a circle", sentence: "{cloud} sent Panel back to a page of the list that it had already read.",
		action: keepsAsIs + " Panel reads the list from the beginning at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "endless"}: {
		title: "{cloud}'s list does not end", sentence: "{cloud} sent page after page of the list and no end of it, so Panel stopped.",
		action: keepsAsIs + " Panel reads the list from the beginning at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "foreign_host"}: {
		title: "A link leads away from {cloud}", sentence: "{cloud}'s answer pointed to another host for the next page. Panel did not go there, so no token went there.",
		action: keepsAsIs, button: copyDetails, tone: Bad,
	},
	{kind: cloud.BadAnswer, code: "incomplete"}: {
		title: "The list from {cloud} is not whole", sentence: "The list ended without any sign that it is whole.",
		action: "The news in it was kept and nothing was removed. Panel reads it again at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "no_id"}: {
		title: "A record from {cloud} has no id", sentence: "{cloud} listed a record without the id that every record has.",
		action: keepsAsIs, button: copyDetails,
	},

	{kind: cloud.ClientUnknown}: {
		title: "{cloud} does not know Panel", sentence: "{cloud} does not know the client that Panel calls itself by.",
		action: "Check what Panel was set up with.", button: openSettings,
	},
	{kind: cloud.Unexpected}: {
		title: "Something unexpected happened", sentence: "Panel met a failure that it does not know.",
		action: "It tries again at the next sync. If it stays, copy the details for support.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "insecure_url"}: {
		title: "An address is not encrypted", sentence: "The cloud profile names an address with http:. Panel sends tokens over https: alone, except to this computer itself.",
		action: "Correct the cloud profile.", button: copyDetails, tone: Bad,
	},
	{kind: cloud.Unexpected, code: "panic"}: {
		title: "Panel made a mistake", sentence: "A part of Panel failed while reading {cloud}; the rest goes on.", detail: "It happened at {detail}.",
		action: keepsAsIs + " Please copy the details and report them.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "listing"}: {
		title: "{cloud} has no such list", sentence: "Panel asked {cloud} for a list that it does not have.",
		action: "This is a mistake in Panel: please copy the details and report them.", button: copyDetails,
	},
}
