package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"time"

	"panel/assets"
	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/google"
	"panel/sync/oauth"
	"panel/ui"
	"panel/ui/view"
)

// The names of what is kept of Google: the secrets are in the vault.
const (
	googleName   = "google"        // of the document, in the ledger
	googleClient = "google-client" // the downloaded file, as it is
	googleToken  = "google-refresh-token"
)

// googleDoc is what is remembered of Google beside the secrets.
type googleDoc struct {
	ClientID     string        `json:"client_id,omitempty"`
	Account      string        `json:"account,omitempty"`
	Domain       string        `json:"domain,omitempty"`
	Granted      []string      `json:"granted,omitempty"`
	AuthorizedAt time.Time     `json:"authorized_at,omitzero"`
	Lost         *engine.Fault `json:"lost,omitempty"`
}

// authorized tells whether a refresh token should be in the vault.
func (g *googleDoc) authorized() bool { return !g.AuthorizedAt.IsZero() }

// state is the state of the authorization as scripts and the window name it.
func (g *googleDoc) state() string {
	switch {
	case !g.authorized():
		return "not_authorized"
	case g.Lost != nil && g.Lost.Kind == cloud.BlockedByPolicy:
		return "blocked"
	case g.Lost != nil:
		return "revoked"
	case len(g.missing()) > 0:
		return "partial"
	}
	return "authorized"
}

// missing are the scopes that the technician left unticked; nil before there
// was anything to tick.
func (g *googleDoc) missing() []string {
	if !g.authorized() {
		return nil
	}
	var out []string
	for _, scope := range oauth.Scopes() {
		if !slices.Contains(g.Granted, scope) {
			out = append(out, scope)
		}
	}
	return out
}

// sayUnticked says what is not imported, if anything.
func (g *googleDoc) sayUnticked(w io.Writer) {
	if words := view.Unticked(g.missing()); words.Sentence != "" {
		say(w, words)
	}
}

// setGoogleClient checks a downloaded client file and keeps it in the vault:
// it is read anew at each use, because the URLs of the cloud profile of the
// day win over those in it.
func (s *session) setGoogleClient(ctx context.Context, file []byte) error {
	client, err := oauth.ParseClient(file, s.profile)
	if err != nil {
		return err
	}
	if err := s.vault.Set(ctx, googleClient, string(bytes.TrimSpace(file))); err != nil {
		return keychainError("keep the OAuth client", err)
	}
	return updateDoc(ctx, s, googleName, func(g *googleDoc) { g.ClientID = client.ID })
}

// oauthClient returns the OAuth client: the one imported, else the one
// embedded in this build.
func (s *session) oauthClient(ctx context.Context) (oauth.Client, error) {
	g, err := readDoc[googleDoc](s, googleName)
	if err != nil {
		return oauth.Client{}, err
	}
	file := assets.GoogleClient()
	if g.ClientID != "" {
		kept, err := s.vault.Get(ctx, googleClient)
		if err != nil {
			return oauth.Client{}, keychainError("read the OAuth client", err)
		}
		file = []byte(kept)
	}
	if file == nil {
		return oauth.Client{}, &cloud.Error{Kind: cloud.ClientUnknown, Cloud: directory.Google, Doing: "authorize", Code: "no_client"}
	}
	return oauth.ParseClient(file, s.profile)
}

// authorizeGoogle runs the sign-in and keeps what it brought.
func (s *session) authorizeGoogle(ctx context.Context, link func(string), open func(string) error, trouble func(*cloud.Error)) error {
	client, err := s.oauthClient(ctx)
	if err != nil {
		return err
	}
	before, err := readDoc[googleDoc](s, googleName)
	if err != nil {
		return err
	}
	grant, err := oauth.SignIn(ctx, oauth.Config{
		Client: client, HTTP: s.client.Load(), LoginHint: before.Account, Link: link, Open: open, Trouble: trouble,
	})
	if err != nil {
		return err
	}
	if err := s.sameCustomer(ctx, client, grant); err != nil {
		return err
	}
	if err := s.vault.Set(ctx, googleToken, grant.RefreshToken); err != nil {
		return keychainError("keep the authorization", err)
	}
	err = updateDoc(ctx, s, googleName, func(g *googleDoc) {
		g.Account, g.Domain, g.Granted = grant.Account, grant.Domain, grant.Scopes
		g.AuthorizedAt, g.Lost = time.Now().UTC(), nil
	})
	if err != nil {
		return err
	}
	s.log.Info("authorized with Google", "scopes", len(grant.Scopes))
	return s.engine.Moved(ctx, directory.Google)
}

// sameCustomer refuses a sign-in to another customer than the one whose data
// is stored, before it takes the place of a good one. Where Google does not
// say, the first sync looks again.
func (s *session) sameCustomer(ctx context.Context, client oauth.Client, grant oauth.Grant) error {
	owner := s.engine.Owner(directory.Google)
	if owner == "" {
		return nil
	}
	id, err := google.New(google.Config{
		Client: s.client.Load(), Profile: s.profile, Tokens: oauth.NewTokens(s.client.Load(), client, grant.RefreshToken, nil),
		Scopes: grant.Scopes, Account: grant.Account,
	}).Identify(ctx)
	if err == nil && id.Owner != "" && id.Owner != owner {
		return &cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Doing: "authorize", Code: engine.OtherCustomer}
	}
	if err := ctx.Err(); err != nil {
		return &cloud.Error{Kind: cloud.Cancelled, Cloud: directory.Google, Doing: "authorize", Code: oauth.CodeClosed, Err: err}
	}
	return nil
}

// deauthorizeGoogle forgets the authorization and then, unless local, revokes
// it at Google; told is false when Google could not be reached for that.
func (s *session) deauthorizeGoogle(ctx context.Context, local bool) (told bool, err error) {
	token, err := s.vault.Get(ctx, googleToken)
	if err != nil && storage.StateOf(err) != storage.VaultMissing {
		return false, keychainError("read the authorization", err)
	}
	if err := s.vault.Delete(ctx, googleToken); err != nil {
		return false, keychainError("forget the authorization", err)
	}
	err = updateDoc(ctx, s, googleName, func(g *googleDoc) {
		*g = googleDoc{ClientID: g.ClientID}
	})
	if err == nil {
		err = s.engine.Moved(ctx, directory.Google)
	}
	if local || token == "" {
		return true, err
	}
	if e := s.revoke(ctx, token); e != nil {
		s.log.Warn("could not revoke at Google", "err", e)
		return false, err
	}
	return true, err
}

// revoke gives the authorization back at Google.
func (s *session) revoke(ctx context.Context, token string) error {
	client, err := s.oauthClient(ctx)
	if err != nil {
		return err
	}
	return oauth.Revoke(ctx, s.client.Load(), client, token)
}

// connectGoogle makes the Source for one run, nil when not authorized.
func (s *session) connectGoogle(ctx context.Context) (cloud.Source, error) {
	g, err := readDoc[googleDoc](s, googleName)
	if err != nil || !g.authorized() && g.Lost == nil {
		return nil, err
	}
	s.reading.Store(&g.AuthorizedAt)
	if g.Lost != nil {
		return nil, g.Lost.Err()
	}
	client, err := s.oauthClient(ctx)
	if err != nil {
		return nil, err
	}
	token, err := s.vault.Get(ctx, googleToken)
	if storage.StateOf(err) == storage.VaultMissing {
		return nil, &cloud.Error{Kind: cloud.SignInNeeded, Cloud: directory.Google, Doing: "read the authorization", Code: "missing", Err: err}
	}
	if err != nil {
		return nil, keychainError("read the authorization", err)
	}
	tokens := oauth.NewTokens(s.client.Load(), client, token, func(newer string) error {
		return s.vault.Set(ctx, googleToken, newer)
	})
	return google.New(google.Config{
		Client: s.client.Load(), Profile: s.profile, Tokens: tokens, Scopes: g.Granted, Account: g.Account,
	}), nil
}

// show is what the window shows of the authorization.
func (g *googleDoc) show() ui.Google {
	return ui.Google{
		HasClient: g.ClientID != "" || assets.GoogleClient() != nil,
		State:     g.state(), Account: g.Account, Domain: g.Domain, AuthorizedAt: g.AuthorizedAt,
		Granted: g.Granted, Missing: g.missing(), Lost: g.Lost,
	}
}
