package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"

	"panel/storage"
	"panel/sync/sim"
	"panel/ui"
)

// appID names Panel to the desktop; it is also in FyneApp.toml.
const appID = "example.panel.desktop"

type windowCmd struct{}

// Run shows the window until it is closed.
func (c *windowCmd) Run(a *app) error {
	s, err := a.open(opening{})
	if err != nil {
		return err
	}
	defer s.close()
	return (&backend{session: s}).show(a.ctx)
}

// show runs the engine, and the window over it until that is closed.
func (b *backend) show(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		b.engine.Run(ctx)
	}()
	go b.logRuns(ctx)
	w := ui.New(fyneapp.NewWithID(appID), b)
	unhook := context.AfterFunc(ctx, func() { fyne.Do(w.Close) })
	w.ShowAndRun()
	unhook()
	stop()
	<-ended
	return nil
}

// logRuns logs how each run ended, for as long as ctx lasts.
func (s *session) logRuns(ctx context.Context) {
	var last string
	for now := range s.engine.Watch(ctx) {
		if r := now.Last; r != nil && r.ID != last && !r.Finished.IsZero() {
			last = r.ID
			s.log.Info("sync ended", "why", r.Why, "outcome", r.Outcome, "written", r.RecordsWritten, "took", r.Finished.Sub(r.Started).Round(time.Millisecond))
		}
	}
}

type demoCmd struct {
	district
}

// Run shows the window against a simulated district that is gone afterwards.
func (c *demoCmd) Run(a *app) error {
	if a.cli.Data != "" || a.cli.PassphraseFile != "" {
		return usageError{fmt.Errorf("the demo keeps nothing, so it takes no --data and no --passphrase-file")}
	}
	if a.cli.Cloud != nil {
		return usageError{fmt.Errorf("the demo brings its own clouds, so it takes no --cloud")}
	}
	server, err := sim.New(sim.Config{People: c.People, Chromebooks: c.Chromebooks, Seed: c.Seed}).Start("127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the simulated clouds: %w", err)
	}
	defer server.Close()
	dir, err := os.MkdirTemp("", "panel-demo-")
	if err != nil {
		return storageError("make the demo's folder", err)
	}
	defer os.RemoveAll(dir)
	a.cli.Data, a.cli.Cloud = dir, []string{server.Profile}
	s, err := a.open(opening{vault: new(storage.Memory)})
	if err != nil {
		return err
	}
	defer s.close()
	b, err := s.demo(a.ctx, server)
	if err != nil {
		return err
	}
	return b.show(a.ctx)
}

// demo puts in place what a technician would otherwise make at Google and
// Microsoft: only Authorize and Save are left to do.
func (s *session) demo(ctx context.Context, server *sim.Server) (*backend, error) {
	client, err := os.ReadFile(server.GoogleClient)
	if err != nil {
		return nil, fmt.Errorf("read the simulated OAuth client: %w", err)
	}
	if err := s.setGoogleClient(ctx, client); err != nil {
		return nil, err
	}
	if err := s.vault.Set(ctx, azureSecret, server.Azure.ClientSecret); err != nil {
		return nil, keychainError("keep the simulated secret", err)
	}
	prefilled := ui.Azure{
		State: notConfigured, Tenant: server.Azure.Tenant, ClientID: server.Azure.ClientID, HasSecret: true,
	}
	return &backend{session: s, demo: true, prefilled: prefilled}, nil
}
