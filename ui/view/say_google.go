package view

import (
	"panel/directory"
	"panel/sync/cloud"
)

// The buttons of Google's sayings.
var (
	authorize   = Button{Act: Authorize, Text: "Authorize"}
	setUpGoogle = Button{Act: SetUpGoogle, Text: "Set up Google access"}
	adminSDK    = Button{Act: OpenLink, Text: "Open the page to enable it", URL: "https://console.cloud.google.com/apis/library/admin.googleapis.com"}
	apiControls = Button{Act: OpenLink, Text: "Open API controls", URL: "https://admin.google.com/ac/owl"}
	adminRoles  = Button{Act: OpenLink, Text: "Open Admin roles", URL: "https://admin.google.com/ac/roles"}
)

// dataStays is said wherever an authorization has ended.
const dataStays = "Everything imported stays readable; Google is not read until you authorize again."

// privilegeWords are an administrator's privileges in plain words, as they
// stand in "the privilege to …".
var privilegeWords = map[string]string{
	"USERS_RETRIEVE":              "read users (Admin API privileges → Users → Read)",
	"ORGANIZATION_UNITS_RETRIEVE": "read organizational units (Admin API privileges → Organizational Units → Read)",
	"MANAGE_DEVICES_READ_ONLY":    "read ChromeOS devices (Services → Chrome Management → Manage ChromeOS Devices, read-only)",
}

// googleSayings are what Google's sign-in and Directory API answer.
var googleSayings = map[reason]saying{
	{kind: cloud.SignInNeeded}: {
		title: "Panel is not authorized at {cloud}", sentence: "{cloud} does not accept Panel's authorization.",
		action: dataStays, button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "invalid_grant"}: {
		title:    "The authorization at Google has ended",
		sentence: "Google says that Panel's authorization has expired or was revoked: somebody took it back, it was unused for six months, or the same admin authorized Panel on too many computers.",
		action:   dataStays, button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "code_used"}: {
		title:    "The sign-in was not finished",
		sentence: "Google no longer takes the code of this sign-in: it is good once and for a few minutes, and the network may have lost the answer.",
		action:   "Nothing was changed. Start the authorization again.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "account_deleted"}: {
		title:    "The admin's account is gone",
		sentence: "Google says that the account that authorized Panel has been deleted.",
		action:   "Authorize again with another admin's account. Everything imported stays readable.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "invalid_rapt"}: {
		title:    "Google wants the admin to sign in again",
		sentence: "Your organization limits how long Google sessions last, and that time is over.",
		action:   "Authorize again. To stop this, let an admin mark Panel as trusted, or exempt it, under Google Cloud session control.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "authError"}: {
		title:    "Google no longer accepts the authorization",
		sentence: "Google refused a fresh access token, as it does after an authorization was revoked.",
		action:   dataStays, button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "UNAUTHENTICATED"}: {
		title:    "Google does not know the sign-in",
		sentence: "Google refused the access token that it had just given, as it does after an authorization was revoked.",
		action:   dataStays, button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "denied"}: {
		title:    "The permission was denied",
		sentence: "Somebody pressed Cancel on Google's page, so Panel was given nothing.",
		action:   "Start again when you are ready.", button: authorize, tone: Muted,
	},
	{kind: cloud.Cancelled, code: "closed"}: {
		title:    "The sign-in was given up",
		sentence: "The sign-in was ended before it was done, so Panel was given nothing.",
		action:   "Start again when you are ready.", button: authorize, tone: Muted,
	},
	{kind: cloud.SignInNeeded, code: "timeout"}: {
		title:    "Nobody answered Google's page",
		sentence: "Google's page was not answered within five minutes. If it showed an error instead, such as “Access blocked”, Google tells that to the browser alone.",
		action:   "Start again, and read what Google's page says.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "missing"}: {
		title:    "The authorization is not in the keychain",
		sentence: "This computer's keychain no longer holds Panel's authorization at Google.",
		action:   dataStays, button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "restored"}: {
		title:    "Authorize again after the restore",
		sentence: "The data was restored from a backup, which holds no authorization at Google.",
		action:   "What was imported is there. Authorize to sync again.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "no_refresh_token"}: {
		title:    "Google gave access for an hour only",
		sentence: "Google signed you in but gave Panel nothing to come back with.",
		action:   "Remove Panel at myaccount.google.com → Security → Third-party apps with account access, then authorize again.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "clock"}: {
		title:    "This computer's clock is wrong",
		sentence: "By this computer's clock Google's answer is not valid now.",
		action:   "Set the date and time right, then authorize again.", button: authorize,
	},
	{kind: cloud.SignInNeeded, code: "other_customer"}: {
		title:    "This is another organization",
		sentence: "What Panel holds came from another organization than the one that was just signed in to, so nothing was read.",
		action:   "Authorize with an admin of the former organization, or first remove what came from it. Checkouts are never removed.",
		button:   Button{Act: Forget, Text: "Remove what came from {cloud}"},
	},

	{kind: cloud.PermissionMissing}: {
		title:    "A permission is missing at {cloud}",
		sentence: "Panel was not given a permission that it needs.",
		detail:   "It is the one to {detail}.",
		action:   "Authorize again and leave every box ticked. The rest is synced meanwhile.", button: authorize, tone: Warn,
	},
	{kind: cloud.PermissionMissing, code: "insufficientPermissions"}: {
		title:    "A permission was left unticked",
		sentence: "On Google's page a permission was left unticked.",
		detail:   "It is the one to {detail}.",
		action:   "Authorize again and leave every box ticked. The rest is synced meanwhile.", button: authorize, tone: Warn,
	},
	{kind: cloud.PermissionMissing, code: "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}: {
		title:    "The authorization does not reach far enough",
		sentence: "Google says that the authorization lacks a permission.",
		detail:   "It is the one to {detail}.",
		action:   "Authorize again and leave every box ticked. The rest is synced meanwhile.", button: authorize, tone: Warn,
	},
	{kind: cloud.PermissionMissing, code: "forbidden"}: {
		title:    "The admin may not read this",
		sentence: "The account that authorized Panel lacks an administrator privilege.",
		detail:   "It is the one to {detail}.",
		action:   "A super admin can add it to the account's role, or authorize Panel with an account that has it.", button: adminRoles,
	},
	{kind: cloud.PermissionMissing, code: "PERMISSION_DENIED"}: {
		title:    "Google denies this to the admin",
		sentence: "Google denies the account that authorized Panel what Panel asked for.",
		detail:   "It needs the privilege to {detail}.",
		action:   "A super admin can add it to the account's role, or authorize Panel with an account that has it.", button: adminRoles,
	},

	{kind: cloud.APIDisabled}: {
		title:    "The Admin SDK API is switched off",
		sentence: "The Admin SDK API is not enabled in the Google Cloud project that Panel's OAuth client belongs to.",
		action:   "Enable it on that page; it takes a few minutes to count. Panel goes on at the next sync.", button: adminSDK,
	},

	{kind: cloud.BlockedByPolicy, cloud: directory.Google}: {
		title:    "A rule of the organization blocks Panel",
		sentence: "A rule that an admin of your organization set at Google blocks Panel.",
		action:   "A super admin can trust Panel's client under Security → Access and data control → API controls.", button: apiControls,
	},
	{kind: cloud.BlockedByPolicy, code: "admin_policy_enforced"}: {
		title:    "Your organization restricts these permissions",
		sentence: "An admin of your organization has restricted access to Google Workspace Admin data, and Panel's client is not trusted.",
		action:   "A super admin can trust it under Security → Access and data control → API controls → Manage third-party app access. Then authorize again.", button: apiControls,
	},
	{kind: cloud.BlockedByPolicy, code: "org_internal"}: {
		title:    "The client belongs to another organization",
		sentence: "Panel's OAuth client is Internal to another organization than the account's.",
		action:   "Sign in with an account of that organization, or make a client in your own Cloud project.", button: setUpGoogle,
	},
	{kind: cloud.BlockedByPolicy, code: "access_denied"}: {
		title:    "Google restricts this account",
		sentence: "Google does not let this account use Panel.",
		action:   "Ask a super admin whether the account is restricted, or authorize with another one.", button: authorize,
	},
	{kind: cloud.BlockedByPolicy, code: "disallowed_useragent"}: {
		title:    "Google does not accept this browser",
		sentence: "Google refuses sign-ins from the browser that opened.",
		action:   "Copy the link into Chrome, Edge, Firefox or Safari.", button: authorize,
	},

	{kind: cloud.ClientUnknown, cloud: directory.Google}: {
		title:    "Google does not know Panel's client",
		sentence: "Google does not accept the OAuth client that Panel uses.",
		action:   "Make a client in your Cloud project and give Panel its file.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "invalid_client"}: {
		title:    "Google refuses the OAuth client",
		sentence: "Google says that the OAuth client's id or secret is wrong; it may have been made anew in the Cloud console.",
		action:   "Download the client's JSON file again and give it to Panel.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "deleted_client"}: {
		title:    "The OAuth client was deleted",
		sentence: "Google says that the OAuth client was deleted. Google deletes clients that are not used, too; they can be restored for 30 days.",
		action:   "Restore it in the Cloud console, or make a new one and give Panel its file.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "disabled_client"}: {
		title:    "The OAuth client is switched off",
		sentence: "Google says that the OAuth client is disabled.",
		action:   "Enable it in the Cloud console, or make a new one and give Panel its file.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "unauthorized_client"}: {
		title:    "The OAuth client may not do this",
		sentence: "Google says that this OAuth client is not allowed to sign in this way; it is probably not of the type Desktop app.",
		action:   "Make one of the type Desktop app and give Panel its file.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "restricted_client"}: {
		title:    "The OAuth client is restricted",
		sentence: "Google says that the OAuth client may not ask for these permissions.",
		action:   "On the consent screen choose the audience Internal, or make a new client and give Panel its file.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "no_client"}: {
		title:    "Panel needs an OAuth client first",
		sentence: "Before Panel can ask Google for anything it needs an OAuth client of your own Cloud project.",
		action:   "The guide shows how to make one; it takes about ten minutes, once.",
		typed:    "The manual shows how to make one; it takes about ten minutes, once.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "web_client"}: {
		title:    "This client is for web sites",
		sentence: "The file holds an OAuth client of the type Web application. Panel needs one of the type Desktop app.",
		action:   "Create another OAuth client, choose Desktop app, and download its JSON.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "service_account"}: {
		title:    "This is a service account's key",
		sentence: "The file holds the key of a service account. Panel signs in as a person and needs an OAuth client of the type Desktop app.",
		action:   "Create an OAuth client, choose Desktop app, and download its JSON. Keep this key away from others: it is a password.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "not_a_client"}: {
		title:    "This is no client file",
		sentence: "The file is not the JSON that Google gives for an OAuth client.",
		action:   "In the Cloud console open the client of the type Desktop app and choose Download JSON.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "odd_address"}: {
		title:    "The file's address is not as Google writes it",
		sentence: "The client file names an address of Google's that is not https, or that has a name before the host, so Panel refuses it.",
		detail:   "The host is {detail}.",
		action:   "Download the file again from the Google Cloud console.", button: setUpGoogle,
	},
	{kind: cloud.ClientUnknown, code: "foreign_host"}: {
		title:    "The file leads away from Google",
		sentence: "The client file names an address that is not Google's, so Panel refuses it.",
		detail:   "The host is {detail}.",
		action:   "Download the file again from the Google Cloud console.", button: setUpGoogle,
	},

	{kind: cloud.Limited, cloud: directory.Google}: {
		title: "Google asks to come back later", sentence: "Google is busy and asked Panel to come back later; Panel waited and tried several times.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "rateLimitExceeded"}: {
		title: "Too many calls to Google at once", sentence: "Your organization made more calls to Google at once than Google allows; other tools count too.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "userRateLimitExceeded"}: {
		title: "Too many calls to Google a minute", sentence: "This account made more calls to Google in a minute than Google allows.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "quotaExceeded"}: {
		title: "Google's quota is used up", sentence: "The quota of the Google Cloud project is used up for now.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "RESOURCE_EXHAUSTED"}: {
		title: "Google's limit is reached", sentence: "Google says that a limit on calls is reached for now.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "RATE_LIMIT_EXCEEDED"}: {
		title: "Google slows Panel down", sentence: "Google says that calls come faster than it allows.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "sharingRateLimitExceeded"}: {
		title: "Google limits the sharing rate", sentence: "Google says that a limit on sharing is reached for now.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "dailyLimitExceeded"}: {
		title: "Google's daily limit is reached", sentence: "The Google Cloud project has used up its calls for today.",
		action: "Panel goes on tomorrow by itself. The limit can be raised in the Cloud console.", button: syncNow,
	},
	{kind: cloud.Limited, code: "backendError"}: {
		title: "Google has trouble of its own", sentence: "Google answered that its own service failed, several times in a row.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "internalError"}: {
		title: "Google met an error inside", sentence: "Google answered that it met an internal error, several times in a row.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "badGateway"}: {
		title: "A gateway at Google failed", sentence: "A gateway in front of Google's service failed, several times in a row.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "gatewayTimeout"}: {
		title: "A gateway at Google was too slow", sentence: "A gateway in front of Google's service waited in vain, several times in a row.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "transientError"}: {
		title: "Google failed for a moment", sentence: "Google says that this failure will pass; it had not after several tries.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "serviceNotAvailable"}: {
		title: "Google's service is not available", sentence: "Google says that its service is not available at the moment.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "internal_failure"}: {
		title: "Google's sign-in has trouble", sentence: "The part of Google that hands out access tokens failed.",
		action: panelRetries, button: syncNow,
	},

	{kind: cloud.BadAnswer, code: "count_mismatch"}: {
		title:    "Google's list and its count do not agree",
		sentence: "Google listed another number of Chromebooks than it counts.", detail: "Listed and counted: {detail}.",
		action: "What was listed was kept and nothing was removed. Panel reads the list again at the next sync.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "no_orgunits"}: {
		title:    "Google listed no organizational units",
		sentence: "Google listed no organizational unit at all, although it puts people or Chromebooks into some.",
		action:   "Nothing was removed. Panel looks again at the next sync. If it stays so, authorize with an admin who may see all of them.", button: syncNow,
	},
	{kind: cloud.BadAnswer, code: "no_customer"}: {
		title:    "Google does not say whose directory this is",
		sentence: "Google listed no user at all, so Panel cannot tell which organization this is.",
		action:   "Check that the account that authorized Panel may read users.", button: adminRoles,
	},
	{kind: cloud.BadAnswer, code: "wrong_issuer"}: {
		title: "Somebody else answered the sign-in", sentence: "The answer to the sign-in was not from Google, so Panel threw it away.",
		action: "Start again. If it happens again, do not go on: something on this computer interferes.", button: authorize, tone: Bad,
	},

	{kind: cloud.Unexpected, cloud: directory.Google}: {
		title: "Google answered with an unknown error", sentence: "Google answered with an error that Panel does not know.",
		action: "Panel tries again at the next sync. If it stays, copy the details for support.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "invalid"}: {
		title: "Google refused the request", sentence: "Google says that something in the request is not valid.", detail: "It says: “{detail}”.",
		action: "Panel tries again at the next sync. If it stays, copy the details for support.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "invalidParameter"}: {
		title: "Google refused a parameter", sentence: "Google does not accept a parameter of the request.", detail: "It says: “{detail}”.",
		action: "Please copy the details and report them.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "badRequest"}: {
		title: "Google does not know the domain", sentence: "Google calls the request bad, as it does when an account belongs to no Google Workspace organization.",
		action: "Authorize with an admin account of your organization.", button: authorize,
	},
	{kind: cloud.Unexpected, code: "notFound"}: {
		title: "Google did not find it", sentence: "Google says that what Panel asked for does not exist.", detail: "It says: “{detail}”.",
		action: "An organizational unit may have been moved meanwhile. Panel tries again at the next sync.", button: syncNow,
	},
	{kind: cloud.Unexpected, code: "redirect_uri_mismatch"}: {
		title: "The OAuth client has the wrong type", sentence: "Google does not accept the address that the browser is to return to; the client is probably not of the type Desktop app.",
		action: "Make a client of the type Desktop app and give Panel its file.", button: setUpGoogle,
	},
	{kind: cloud.Unexpected, code: "invalid_request"}: {
		title: "Google did not understand the sign-in", sentence: "Google says that the request to sign in is not valid.",
		action: "Please copy the details and report them.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "invalid_scope"}: {
		title: "Google does not know a permission", sentence: "Google does not accept one of the permissions that Panel asks for.",
		action: "Please copy the details and report them.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "no_browser"}: {
		title: "No browser opened", sentence: "Panel could not open a browser on this computer.",
		action: "Copy the link and open it in a browser on this same computer; Panel waits.", button: Button{Act: TryAgain, Text: "Open the browser again"},
	},
	{kind: cloud.Unexpected, code: "no_listener"}: noPort,
	{kind: cloud.Unexpected, code: "port"}:        noPort,
}

// noPort is said under the name that package oauth gives it and under the
// shorter one.
var noPort = saying{
	title:    "Panel cannot wait for Google's answer",
	sentence: "Panel found no free port on this computer to take Google's answer on; security software may forbid it.",
	action:   "Allow Panel to listen on 127.0.0.1, then authorize again.", button: authorize, tone: Bad,
}
