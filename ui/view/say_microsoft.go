package view

import (
	"panel/directory"
	"panel/sync/cloud"
)

// The buttons of Microsoft's sayings.
var (
	editAzure      = Button{Act: EditAzure, Text: "Edit Azure Sync Settings"}
	newSecret      = Button{Act: NewSecret, Text: "Replace the client secret"}
	grantConsent   = Button{Act: GrantConsent, Text: "Show how to grant it"}
	enterpriseApps = Button{
		Act: OpenLink, Text: "Open Enterprise applications",
		URL: "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/StartboardApplicationsMenuBlade/~/AppAppsPreview",
	}
)

// typedRenewal is what to do about the client secret in a terminal.
const typedRenewal = "Make a new one in the Azure portal and give Panel its Value on standard input."

// microsoftSayings are what Entra and Microsoft Graph answer.
var microsoftSayings = map[reason]saying{
	{kind: cloud.SecretExpired}: {
		title: "The Azure client secret has expired", sentence: "Microsoft says that the client secret has expired.",
		action: "Make a new one in the Azure portal and paste its Value; everything else stays.", typed: typedRenewal, button: newSecret,
	},
	{kind: cloud.SecretExpired, code: "AADSTS7000222"}: {
		title: "Microsoft says the client secret has expired", sentence: "Microsoft says that the client secrets of the app registration have expired.",
		action: "Make a new one in the Azure portal and paste its Value; everything else stays.", typed: typedRenewal, button: newSecret,
	},

	{kind: cloud.SecretWrong}: {
		title: "The Azure client secret is wrong", sentence: "Microsoft does not accept the client secret.",
		action: "Copy the secret's Value, not its Secret ID. If the Value is hidden, make a new secret.", button: newSecret,
	},
	{kind: cloud.SecretWrong, code: "AADSTS7000215"}: {
		title:    "This is not the secret's value",
		sentence: "Microsoft says that the client secret is not valid. Often the Secret ID was copied instead of the Value, or the secret was deleted.",
		action:   "Copy the Value column. It is shown only right after a secret was made: if it is hidden, make a new one.", button: newSecret,
	},
	{kind: cloud.SecretWrong, code: "invalid_client"}: {
		title: "Microsoft refuses the app's credentials", sentence: "Microsoft refused the client ID together with this client secret.",
		detail: "Microsoft says: “{detail}”.",
		action: "Check that both belong to the same app registration.", button: editAzure,
	},
	{kind: cloud.SecretWrong, code: "secret_is_id"}: {
		title: "That is the Secret ID", sentence: "That is the Secret ID column; copy the Value column.",
		action: "The Value is shown only right after a secret was made: if it is hidden, make a new one.", button: newSecret,
	},
	{kind: cloud.SecretWrong, code: "missing"}: {
		title: "The client secret is not in the keychain", sentence: "This computer's keychain no longer holds the Azure client secret.",
		action: "Paste its Value again, or make a new one in the Azure portal.", button: newSecret,
	},
	{kind: cloud.SecretWrong, code: "restored"}: {
		title: "The client secret is missing after the restore", sentence: "The Azure sync settings were restored from a backup, which holds no client secret.",
		action: "Paste its Value again, or make a new one in the Azure portal.", button: newSecret,
	},
	{kind: cloud.SecretWrong, code: "secret_missing"}: {
		title: "The client secret is missing", sentence: "There is no client secret to sign in to Microsoft with.",
		action: "Paste the Value of a client secret of the app registration.", button: newSecret,
	},

	{kind: cloud.ConsentMissing}: {
		title: "The admin's consent is missing", sentence: "Microsoft does not let the app read users.",
		detail: "It lacks the permission {detail}.",
		action: "Under API permissions add the Application permission User.Read.All, not the Delegated one, and press Grant admin consent.", button: grantConsent,
	},
	{kind: cloud.ConsentMissing, code: "Authorization_RequestDenied"}: {
		title:    "The app may not read users",
		sentence: "Microsoft Graph refused to list the users: the app has no Application permission for it, or an admin has not consented.",
		detail:   "It needs {detail}.",
		action:   "Under API permissions add the Application permission User.Read.All, not the Delegated one, and press Grant admin consent. It can take a few minutes to count.", button: grantConsent,
	},
	{kind: cloud.ConsentMissing, code: "AADSTS7000229"}: {
		title:    "The enterprise application is gone",
		sentence: "The app registration is there, but its enterprise application was deleted from the tenant.",
		action:   "Under API permissions press Grant admin consent: that makes it anew.", button: grantConsent,
	},

	{kind: cloud.TenantUnknown}: {
		title: "Microsoft does not know the tenant", sentence: "Microsoft does not know the Directory (tenant) ID in the Azure settings.",
		action: "Copy it from the app registration's Overview.", button: editAzure,
	},
	{kind: cloud.TenantUnknown, code: "AADSTS90002"}: {
		title:    "No such tenant in this cloud",
		sentence: "Microsoft found no tenant with this ID or domain in the cloud that was chosen.",
		action:   "Copy the Directory (tenant) ID from the app registration's Overview, and check Cloud if you are a US government or China customer.",
		typed:    "Copy the Directory (tenant) ID from the app registration's Overview, and name the cloud with --cloud (gcch, dod or china) if you are a US government or China customer.",
		button:   editAzure,
	},
	{kind: cloud.TenantUnknown, code: "AADSTS900023"}: {
		title:    "That is not a tenant ID",
		sentence: "Microsoft says that what stands in Directory (tenant) ID is neither an ID nor a domain.",
		action:   "Copy it from the app registration's Overview.", button: editAzure,
	},
	{kind: cloud.TenantUnknown, code: "tenant_form"}: {
		title:    "That cannot be a tenant ID",
		sentence: "Directory (tenant) ID must be an ID such as 0a1b2c3d-…, or a domain of your organization.",
		action:   "Copy it from the app registration's Overview.", button: editAzure,
	},
	{kind: cloud.TenantUnknown, code: "other_cloud"}:    nationalCloud("Its answer names another national cloud than the chosen one."),
	{kind: cloud.TenantUnknown, code: "AADSTS900382"}:   nationalCloud("Microsoft says that the app cannot be used across clouds."),
	{kind: cloud.TenantUnknown, code: "AADSTS900432"}:   nationalCloud("Microsoft says that apps with a secret are not supported across clouds."),
	{kind: cloud.TenantUnknown, code: "AADSTS90038"}:    nationalCloud("Microsoft says that the tenant belongs to a national cloud."),
	{kind: cloud.TenantUnknown, code: "invalid_tenant"}: nationalCloud("Microsoft calls the tenant invalid."),

	{kind: cloud.ClientUnknown, cloud: directory.Microsoft}: {
		title: "Microsoft does not know the app", sentence: "Microsoft does not know the Application (client) ID in the Azure settings.",
		action: "Copy it from the app registration's Overview.", button: editAzure,
	},
	{kind: cloud.ClientUnknown, code: "AADSTS700016"}: {
		title:    "No such app in this tenant",
		sentence: "Microsoft found no app with this Client ID in the tenant: the ID is wrong, the app was deleted, or the tenant is another one.",
		action:   "Copy both IDs from the app registration's Overview.", button: editAzure,
	},
	{kind: cloud.ClientUnknown, code: "unauthorized_client"}: {
		title:    "Microsoft does not let the app sign in",
		sentence: "Microsoft says that this app may not sign in with a client secret here.", detail: "It says: “{detail}”.",
		action: "Check the Client ID, and that the registration is for accounts of this organizational directory.", button: editAzure,
	},
	{kind: cloud.ClientUnknown, code: "client_form"}: {
		title: "That cannot be a client ID", sentence: "Application (client) ID must be an ID such as 0a1b2c3d-….",
		action: "Copy it from the app registration's Overview.", button: editAzure,
	},
	{kind: cloud.ClientUnknown, code: "not_configured"}: {
		title: "Microsoft Azure is not set up", sentence: "There are no Azure Sync Settings yet.",
		action: "Add them; the guide beside the form shows every step in the Azure portal.",
		typed:  "Add them; the manual shows every step in the Azure portal.", button: Button{Act: EditAzure, Text: "Add Azure Sync Settings"},
	},

	{kind: cloud.BlockedByPolicy}: {
		title: "A rule of the organization blocks Panel", sentence: "A rule of your organization at {cloud} blocks Panel.",
		action: "Ask an administrator of {cloud} to allow Panel.", button: copyDetails,
	},
	{kind: cloud.BlockedByPolicy, code: "AADSTS53003"}: {
		title:    "Conditional Access blocks Panel",
		sentence: "A Conditional Access policy of your organization blocks the app, for instance from this network.",
		action:   "An administrator can exclude the app from the policy for workload identities. The trace ID in the details shows them which one.", button: copyDetails,
	},
	{kind: cloud.BlockedByPolicy, code: "AADSTS7000112"}: {
		title:    "The app is switched off",
		sentence: "The enterprise application is disabled, so it cannot sign in.",
		action:   "In Entra open Enterprise applications → the app → Properties and set “Enabled for users to sign-in?” to Yes.", button: enterpriseApps,
	},

	{kind: cloud.SignInNeeded, cloud: directory.Microsoft}: {
		title: "Microsoft does not accept the sign-in", sentence: "Microsoft refused the access token that it had just given.",
		action: "Panel signs in anew at the next sync. If it stays, check the Azure settings.", button: editAzure,
	},
	{kind: cloud.SignInNeeded, code: "other_customer"}: {
		title:    "This is another tenant",
		sentence: "What Panel holds came from another tenant than the one in the Azure settings, so nothing was read.",
		action:   "Enter the former tenant again, or first remove what came from it. Checkouts are never removed.",
		button:   Button{Act: Forget, Text: "Remove what came from {cloud}"},
	},

	{kind: cloud.Limited, cloud: directory.Microsoft}: {
		title: "Microsoft asks to come back later", sentence: "Microsoft is busy and asked Panel to come back later; Panel waited and tried several times.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "TooManyRequests"}: {
		title: "Too many calls to Microsoft", sentence: "Microsoft Graph gets more calls than it allows; other tools of your organization count too.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "AADSTS90033"}: {
		title: "Microsoft's sign-in has trouble", sentence: "Microsoft's sign-in failed for a moment, several times in a row.",
		action: panelRetries, button: syncNow,
	},
	{kind: cloud.Limited, code: "AADSTS50196"}: {
		title: "Microsoft stops repeated sign-ins", sentence: "Microsoft refuses further sign-ins for a while, because the same one came too often.",
		action: panelRetries, button: syncNow,
	},

	{kind: cloud.Unexpected, cloud: directory.Microsoft}: {
		title: "Microsoft answered with an unknown error", sentence: "Microsoft answered with an error that Panel does not know.",
		action: "Copy the details: with the trace ID and the time Microsoft's support can find it.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "InvalidAuthenticationToken"}: {
		title: "Microsoft Graph refuses the token", sentence: "Microsoft Graph refused the access token, also a fresh one.",
		action: "Panel signs in anew at the next sync. If it stays, check the Azure settings.", button: editAzure,
	},
	{kind: cloud.Unexpected, code: "DirectoryPageTokenNotFoundException"}: {
		title: "Microsoft lost its place in the list", sentence: "Microsoft no longer knew the page of the list that it had pointed to.",
		action: keepsAsIs + " Panel reads the list from the beginning at the next sync.", button: syncNow,
	},
	{kind: cloud.Unexpected, code: "Directory_ExpiredPageToken"}: {
		title: "Microsoft's page has expired", sentence: "The link to the next page of Microsoft's list expired while it was being read.",
		action: keepsAsIs + " Panel reads the list from the beginning at the next sync.", button: syncNow,
	},
	{kind: cloud.Unexpected, code: "Request_UnsupportedQuery"}: {
		title: "Microsoft does not support the request", sentence: "Microsoft Graph does not support what Panel asked for.", detail: "It says: “{detail}”.",
		action: "Please copy the details and report them.", button: copyDetails,
	},
	{kind: cloud.Unexpected, code: "Authentication_RequestFromNonPremiumTenantOrB2CTenant"}: {
		title: "The tenant lacks Entra ID P1", sentence: "Microsoft gives this information to tenants with a premium license only.",
		action: "Please copy the details and report them: Panel should not have asked.", button: copyDetails,
	},
}

// nationalCloud is said where the tenant is in another of Microsoft's clouds.
func nationalCloud(why string) saying {
	return saying{
		title: "The tenant is in another Microsoft cloud", sentence: why,
		action: "Choose the Cloud that your organization uses: Microsoft 365, US Government GCC High, DoD, or China.",
		typed:  "Name the cloud that your organization uses with --cloud: global, gcch, dod or china.", button: editAzure,
	}
}
