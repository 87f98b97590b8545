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
// SetFaults (POST /_sim/faults) makes endpoints fail, answer late or answer nonsense. A Fault names a canned answer by its kind:
//
//	any listing       missing_array, empty_page, lost_records, short, wrong_kind, repeat_token, duplicate
//	anything          empty_object, no_content, blocked_json, block_page, captive, redirect_307, proxy_auth, truncated, trailing_garbage,
//	                  cut, stall, hang, drop
//	google.auth       page_admin_policy_enforced and the other pages that redirect nowhere; back_admin_policy_enforced, back_access_denied
//	google.token      revoked, bad_grant, invalid_rapt, account_deleted, policy_enforced, account_restricted, internal_failure,
//	                  unauthorized_client, client_not_found, client_unauthorized, deleted_client
//	google.revoke     unknown_token
//	the Directory     auth_error, auth_error_classic, forbidden, scope_insufficient, api_disabled, user_rate_limit, quota_exceeded,
//	                  rate_limit, rate_limit_403, rate_limit_text, invalid_input, invalid_ou, invalid_customer, invalid_query, bad_request,
//	                  domain_not_found, orgunit_not_found, user_not_found, condition_not_met, backend_error, internal_error, bad_gateway,
//	                  gateway_timeout, server_page
//	microsoft.openid  tenant_unknown, tenant_malformed, national_cloud
//	microsoft.token   secret_wrong, secret_expired, client_unknown, principal_missing, conditional_access, app_disabled, transient,
//	                  request_loop, cross_cloud, cross_cloud_client, bad_client_request
//	Graph             throttled, throttled_unsaid, throttled_identifier, unavailable, graph_timeout, denied, token_expired,
//	                  token_malformed, not_premium, not_implemented, page_token_not_found, page_token_expired, delta_gone, delta_resync,
//	                  delta_too_old, delta_malformed
//
// Configure (PUT /_sim/settings) changes latency, page and token limits and consent. Put and Delete (PUT and DELETE /_sim/{kind}/{id})
// change the district. Requests (GET /_sim/requests) counts what was asked.
package sim
