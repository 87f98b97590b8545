package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	fyneapp "fyne.io/fyne/v2/app"

	"panel/storage"
	"panel/sync/sim"
	"panel/ui"
)

// appID names Panel to the desktop; it is also in FyneApp.toml.
const appID = "example.panel.desktop"

type windowCmd struct{}

// Run shows the window until it is closed. What keeps the data from being
// opened is said in a window too, with what may help.
func (c *windowCmd) Run(a *app) error {
	// What is wrong with the command line is said where it was typed.
	if _, err := a.profile(); err != nil {
		return err
	}
	if _, err := a.passphrase(); err != nil {
		return err
	}
	a.in = nil // the window asks for the passphrase, not the terminal
	return a.show(a.openForWindow)
}

// openForWindow opens the data as the window asks; before are the connections
// of the data that it had open. The backend is nil after an erasure.
func (a *app) openForWindow(ctx context.Context, o ui.Opening, before connections) (*backend, func(), error) {
	ctx = storage.ByHand(ctx) // whoever starts Panel looks at it
	switch {
	case o.Erase:
		return nil, nil, a.erase(ctx, o.Passphrase)
	case o.Memory:
		return a.openInMemory(ctx)
	case o.Recovery != "":
		if err := a.recover(ctx, o.Recovery); err != nil {
			return nil, nil, err
		}
	case o.Backup != "":
		if err := a.restoreFile(ctx, o, before); err != nil {
			return nil, nil, err
		}
	}
	s, err := a.open(ctx, opening{passphrase: o.Passphrase})
	if err != nil {
		return nil, nil, err
	}
	return &backend{session: s}, s.close, nil
}

// recover puts the data key into the vault again.
func (a *app) recover(ctx context.Context, passphrase string) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	vault, err := a.chooseVault(dir, "")
	if err != nil {
		return storageError("open the vault", err)
	}
	return storageError("recover the data key", storage.Recover(ctx, dir, passphrase, vault))
}

// restoreFile restores the backup that was chosen in the window.
func (a *app) restoreFile(ctx context.Context, o ui.Opening, before connections) error {
	f, err := openBackup(o.Backup)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = a.restore(ctx, f, o.BackupPassphrase, o.Passphrase, before)
	return err
}

// erase removes all that Panel keeps on this computer; nobody has it open.
func (a *app) erase(ctx context.Context, passphrase string) error {
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	vault, err := a.chooseVault(dir, passphrase)
	if err != nil {
		return storageError("open the vault", err)
	}
	a.closeLog()
	return storageError("erase everything", storage.Erase(ctx, dir, vault, vaultNames...))
}

// opens opens data for the window.
type opens func(ctx context.Context, o ui.Opening, before connections) (*backend, func(), error)

// show opens the data, and runs the engine and the window over it until the
// window is closed.
func (a *app) show(open opens) error {
	storage.SweepSessions(storage.SessionDir(), sessionPrefix)
	ctx, stop := context.WithCancel(a.ctx)
	defer stop()
	s := &sessions{ctx: ctx, open: open}
	defer s.end()
	defer sounds.close()
	return ui.Run(ctx, fyneapp.NewWithID(appID), look, s.next)
}

// sessions are what the window has open, one after the other, each with an
// engine that goes by itself.
type sessions struct {
	ctx  context.Context // of the engine
	open opens

	mu   sync.Mutex // held by whoever opens or closes; guards the rest
	now  *backend   // nil while nothing is open
	stop func()
}

// next closes what is open and opens what the window asks for; nil after an
// erasure.
func (s *sessions) next(ctx context.Context, o ui.Opening) (ui.Backend, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var before connections
	if s.now != nil && o.Backup != "" {
		var err error
		if before, err = s.now.connections(ctx); err != nil {
			return nil, err
		}
	}
	s.close()
	b, closing, err := s.open(ctx, o, before)
	if b == nil || err != nil {
		return nil, err
	}
	engine, stop := context.WithCancel(s.ctx)
	var all sync.WaitGroup
	all.Go(func() { b.engine.Run(engine) })
	all.Go(b.newRunLog().follow(engine))
	all.Go(func() { b.keepTidy(engine) })
	s.now, s.stop = b, func() {
		stop()
		all.Wait()
		closing()
	}
	return b, nil
}

// close ends the engine and closes the data; s.mu is held.
func (s *sessions) close() {
	if s.now != nil {
		s.stop()
		s.now = nil
	}
}

func (s *sessions) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.close()
}

// sessionPrefix begins the names of folders of sessions in memory.
const sessionPrefix = "panel-session-"

// openInMemory opens a new folder whose key is in memory alone; both are gone
// afterwards.
func (a *app) openInMemory(ctx context.Context) (*backend, func(), error) {
	dir, err := os.MkdirTemp(storage.SessionDir(), sessionPrefix)
	if err != nil {
		return nil, nil, storageError("make the folder of this session", err)
	}
	a.cli.Data = dir
	s, err := a.open(ctx, opening{vault: new(storage.Memory)})
	if err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &backend{session: s}, func() {
		s.close()
		if err := os.RemoveAll(dir); err != nil {
			a.log.Error("could not remove the folder of this session", "err", err)
		}
	}, nil
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
	a.cli.Cloud = []string{server.Profile}
	err = a.show(func(ctx context.Context, _ ui.Opening, _ connections) (*backend, func(), error) {
		b, end, err := a.openInMemory(ctx)
		if err != nil {
			return nil, nil, err
		}
		if err := b.prepareDemo(ctx, server); err != nil {
			end()
			return nil, nil, err
		}
		return b, end, nil
	})
	return errors.Join(err, server.Close())
}

// prepareDemo puts in place what a technician would otherwise make at Google
// and Microsoft: only Authorize and Save are left to do.
func (b *backend) prepareDemo(ctx context.Context, server *sim.Server) error {
	client, err := os.ReadFile(server.GoogleClient)
	if err != nil {
		return fmt.Errorf("read the simulated OAuth client: %w", err)
	}
	if err := b.setGoogleClient(ctx, client); err != nil {
		return err
	}
	b.demo = true
	b.prefilled = ui.Azure{
		State: notConfigured, Tenant: server.Azure.Tenant, ClientID: server.Azure.ClientID, HasSecret: true,
	}
	b.prefilledSecret = server.Azure.ClientSecret
	return b.keepPrefilled(ctx)
}

// keepPrefilled has the secret of the prefilled form where Save looks for it.
func (b *backend) keepPrefilled(ctx context.Context) error {
	if err := b.vault.Set(ctx, azureSecret, b.prefilledSecret); err != nil {
		return keychainError("keep the simulated secret", err)
	}
	return nil
}
