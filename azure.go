package main

import (
	"context"
	"strings"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/microsoft"
	"panel/ui"
)

// The names of what is kept of Azure: the secret is in the vault.
const (
	azureName   = "azure" // of the document, in the ledger
	azureSecret = "azure-client-secret"
)

const notConfigured = "not_configured"

// azureDoc is the Azure sync settings, less the secret.
type azureDoc struct {
	Tenant   string        `json:"tenant,omitempty"`
	TenantID string        `json:"tenant_id,omitempty"` // as Microsoft said it
	ClientID string        `json:"client_id,omitempty"`
	Expires  directory.Day `json:"expires,omitempty"`
	Cloud    string        `json:"cloud,omitempty"`
	Lost     *engine.Fault `json:"lost,omitempty"`
}

// state is the state of the settings as scripts and the window name it.
func (d *azureDoc) state() string {
	switch {
	case d.ClientID == "":
		return notConfigured
	case d.Lost == nil:
		return "configured"
	}
	switch d.Lost.Kind {
	case cloud.SecretExpired, cloud.SecretWrong, cloud.ConsentMissing, cloud.TenantUnknown, cloud.ClientUnknown:
		return string(d.Lost.Kind)
	}
	return "blocked"
}

// show is what the window shows of the settings.
func (d *azureDoc) show() ui.Azure {
	return ui.Azure{
		State: d.state(), Tenant: d.Tenant, ClientID: d.ClientID, Expires: d.Expires,
		Cloud: d.Cloud, HasSecret: d.hasSecret(), Lost: d.Lost,
	}
}

// hasSecret tells whether the secret should be in the vault.
func (d *azureDoc) hasSecret() bool {
	return d.ClientID != "" && (d.Lost == nil || d.Lost.Code != restored)
}

// azureConfig is what the adapter needs to try the settings; an empty secret
// means the one that is stored.
func (s *session) azureConfig(ctx context.Context, a ui.Azure, secret string) (microsoft.Config, error) {
	if secret == "" {
		var err error
		if secret, err = s.vault.Get(ctx, azureSecret); storage.StateOf(err) == storage.VaultMissing {
			return microsoft.Config{}, &cloud.Error{Kind: cloud.SecretWrong, Cloud: directory.Microsoft, Doing: "read the client secret", Code: "missing", Err: err}
		} else if err != nil {
			return microsoft.Config{}, keychainError("read the client secret", err)
		}
	}
	return microsoft.Config{
		Client: s.client.Load(), Profile: s.profile, Cloud: a.Cloud,
		Tenant: strings.TrimSpace(a.Tenant), ClientID: strings.TrimSpace(a.ClientID), Secret: strings.TrimSpace(secret),
	}, nil
}

// saveAzure keeps the settings; an empty secret leaves the stored one.
func (s *session) saveAzure(ctx context.Context, a ui.Azure, secret string) error {
	config, err := s.azureConfig(ctx, a, secret)
	if err != nil {
		return err
	}
	if err := microsoft.Validate(config); err != nil {
		return err
	}
	if secret != "" {
		if err := s.vault.Set(ctx, azureSecret, config.Secret); err != nil {
			return keychainError("keep the client secret", err)
		}
	}
	return s.setAzure(ctx, azureDoc{Tenant: config.Tenant, ClientID: config.ClientID, Expires: a.Expires, Cloud: a.Cloud})
}

// removeAzure forgets the settings and the secret.
func (s *session) removeAzure(ctx context.Context) error {
	if err := s.vault.Delete(ctx, azureSecret); err != nil {
		return keychainError("forget the client secret", err)
	}
	return s.setAzure(ctx, azureDoc{})
}

// setAzure keeps what the technician has said, and has the engine use it.
func (s *session) setAzure(ctx context.Context, now azureDoc) error {
	if err := updateDoc(ctx, s, azureName, func(d *azureDoc) { *d = now }); err != nil {
		return err
	}
	return s.engine.Moved(ctx, directory.Microsoft)
}

// connectMicrosoft makes the Source for one run, nil when not configured.
func (s *session) connectMicrosoft(ctx context.Context) (cloud.Source, error) {
	d, err := readDoc[azureDoc](s, azureName)
	if err != nil || d.ClientID == "" {
		return nil, err
	}
	if !d.hasSecret() {
		return nil, d.Lost.Err()
	}
	config, err := s.azureConfig(ctx, d.show(), "")
	if err != nil {
		return nil, err
	}
	return microsoft.New(config), nil
}
