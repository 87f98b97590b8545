package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"time"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/sync/microsoft"
	"panel/ui"
	"panel/ui/view"
)

// backend is a session as the window sees it.
type backend struct {
	*session
	demo bool
	// prefilled stands in for Azure settings while there are none, and
	// prefilledSecret is theirs.
	prefilled       ui.Azure
	prefilledSecret string
}

var _ ui.Backend = (*backend)(nil)

func (b *backend) About() ui.About {
	a := ui.About{Version: version, DataDir: b.dir, Profile: b.profile.Name, Vault: b.vault.Kind(), Demo: b.demo}
	if a.Vault != storage.KindMemory {
		a.LogDir = filepath.Join(b.dir, storage.LogFolder)
	}
	return a
}

func (b *backend) Notices() []view.Words { return b.notices() }

func (b *backend) Watch(ctx context.Context) <-chan engine.Status { return b.engine.Watch(ctx) }

func (b *backend) Connections() ui.Connections {
	g, err := readDoc[googleDoc](b.session, googleName)
	if err != nil {
		b.log.Error("could not read the state of Google", "err", err)
	}
	d, err := readDoc[azureDoc](b.session, azureName)
	if err != nil {
		b.log.Error("could not read the state of Azure", "err", err)
	}
	azure := d.show()
	if azure.State == notConfigured && b.demo {
		azure = b.prefilled
	}
	return ui.Connections{Google: g.show(), Microsoft: azure, AskRecovery: b.askRecovery()}
}

// askRecovery tells whether the technician is to be asked for a recovery
// passphrase: once, where the key is in the keychain alone.
func (b *backend) askRecovery() bool {
	if b.vault.Kind() != storage.KindKeychain || b.settings().RecoveryAsked {
		return false
	}
	has, err := b.store.HasRecovery()
	return err == nil && !has
}

func (b *backend) SetRecovery(ctx context.Context, passphrase string) error {
	if passphrase == "" {
		return updateDoc(ctx, b.session, settingsName, func(v *ui.Settings) { v.RecoveryAsked = true })
	}
	if err := b.store.SetRecovery(passphrase); err != nil {
		return storageError("keep the recovery passphrase", err)
	}
	b.revision.Add(1)
	return nil
}

func (b *backend) Revision() uint64 { return b.revision.Load() }

func (b *backend) People(ctx context.Context, each func(*directory.Person) error) error {
	return storageError("read the people", b.store.Inventory.People(ctx, each))
}

func (b *backend) Chromebooks(ctx context.Context, each func(*directory.Chromebook) error) error {
	return storageError("read the Chromebooks", b.store.Inventory.Chromebooks(ctx, each))
}

func (b *backend) OrgUnits(ctx context.Context) ([]directory.OrgUnit, error) {
	units, err := b.store.Inventory.OrgUnits(ctx)
	return units, storageError("read the organizational units", err)
}

func (b *backend) Person(id string) (ui.PersonDetail, error) {
	detail, err := b.person(id)
	return detail, readError("read the person", err)
}

// readError is storageError, but for what is not there.
func readError(doing string, err error) error {
	if errors.Is(err, ui.ErrGone) {
		return err
	}
	return storageError(doing, err)
}

func (b *backend) Chromebook(deviceID string) (directory.Chromebook, error) {
	c, ok, err := b.store.Inventory.Chromebook(deviceID)
	if err == nil && !ok {
		err = ui.ErrGone
	}
	return c, readError("read the Chromebook", err)
}

func (b *backend) Runs() ([]engine.Run, error) { return b.engine.Runs(), nil }

func (b *backend) Changes(run string) ([]directory.Change, error) {
	changes, err := b.store.Inventory.Changes(run)
	return changes, storageError("read the change list", err)
}

func (b *backend) History(l directory.Listing, id string) ([]directory.Change, error) {
	changes, err := b.store.Inventory.History(l, id)
	return changes, storageError("read the history", err)
}

func (b *backend) Sync(full bool) { b.engine.Request(engine.WhyRequest, full) }

func (b *backend) Cancel() { b.engine.Cancel() }

func (b *backend) Remove(ctx context.Context, c directory.Cloud, l directory.Listing) error {
	if err := b.snapshot(ctx); err != nil {
		return err
	}
	return b.engine.Remove(ctx, c, l)
}

func (b *backend) Keep(ctx context.Context, c directory.Cloud, l directory.Listing) error {
	return b.engine.Keep(ctx, c, l)
}

func (b *backend) BringBack(ctx context.Context, run string) (int, error) {
	return b.engine.BringBack(ctx, run)
}

func (b *backend) SetGoogleClient(ctx context.Context, file []byte) error {
	return b.setGoogleClient(storage.ByHand(ctx), file)
}

func (b *backend) AuthorizeGoogle(ctx context.Context, link func(string), trouble func(*cloud.Error)) error {
	return b.authorizeGoogle(storage.ByHand(ctx), link, openBrowser, trouble)
}

func (b *backend) OpenBrowser(url string) error {
	if err := openBrowser(url); err != nil {
		return &cloud.Error{Kind: cloud.Unexpected, Doing: "open the browser", Code: "no_browser", Err: err}
	}
	return nil
}

func (b *backend) DeauthorizeGoogle(ctx context.Context, local bool) (told bool, err error) {
	return b.deauthorizeGoogle(storage.ByHand(ctx), local)
}

func (b *backend) SaveAzure(ctx context.Context, a ui.Azure, secret string) error {
	return b.saveAzure(storage.ByHand(ctx), a, secret)
}

func (b *backend) TestAzure(ctx context.Context, a ui.Azure, secret string, step func(ui.AzureStep)) error {
	config, err := b.azureConfig(storage.ByHand(ctx), a, secret)
	if err != nil {
		return err
	}
	return microsoft.Test(ctx, config, func(s microsoft.Step) { step(showStep(s)) })
}

// showStep is a step as the window shows it.
func showStep(s microsoft.Step) ui.AzureStep {
	return ui.AzureStep{Step: string(s.Name), Err: s.Err, Users: s.Users, More: s.More}
}

func (b *backend) RemoveAzure(ctx context.Context) error {
	err := b.removeAzure(storage.ByHand(ctx))
	if err == nil && b.demo {
		err = b.keepPrefilled(ctx)
	}
	return err
}

func (b *backend) LookUpTenant(ctx context.Context, domain string) (ui.Azure, error) {
	tenant, name, err := microsoft.LookUp(ctx, b.client.Load(), b.profile, domain)
	return ui.Azure{Tenant: tenant, Cloud: name}, err
}

func (b *backend) Forget(ctx context.Context, c directory.Cloud) error {
	if err := b.snapshot(ctx); err != nil {
		return err
	}
	return b.engine.Reset(ctx, c, func(ctx context.Context) error {
		return storageError("remove what came from "+cloudName(c), b.store.Inventory.Forget(ctx, c))
	})
}

func (b *backend) Decide(ctx context.Context, d directory.Decision) error {
	return b.decide(ctx, func(all decisions) decisions {
		d.At = time.Now().UTC().Truncate(time.Second)
		return append(without(all, d), d)
	})
}

func (b *backend) Undecide(ctx context.Context, d directory.Decision) error {
	return b.decide(ctx, func(all decisions) decisions { return without(all, d) })
}

// decide changes the decisions and merges people anew by them.
func (b *backend) decide(ctx context.Context, change func(decisions) decisions) error {
	err := updateDoc(ctx, b.session, decisionsName, func(all *decisions) { *all = change(*all) })
	if err != nil {
		return err
	}
	return b.applyRules(ctx)
}

// without returns all but the decisions on the pair of d.
func without(all decisions, d directory.Decision) decisions {
	return slices.DeleteFunc(slices.Clone(all), func(o directory.Decision) bool { return samePair(o, d) })
}

func (b *backend) SaveFile(_ context.Context, path string, write func(io.Writer) error) error {
	return writeWhole(path, write)
}

func (b *backend) BackUp(ctx context.Context, path, passphrase string) error {
	return b.backUp(ctx, path, passphrase)
}

func (b *backend) CheckBackup(ctx context.Context, path, passphrase string) (time.Time, error) {
	f, err := openBackup(path)
	if err != nil {
		return time.Time{}, err
	}
	defer f.Close()
	made, err := storage.CheckBackup(ctx, f, passphrase)
	return made, storageError("read the backup", err)
}

func (b *backend) Settings() ui.Settings { return b.settings() }

func (b *backend) SetSettings(ctx context.Context, v ui.Settings) error {
	if err := b.connectBy(v); err != nil {
		return err
	}
	err := updateDoc(ctx, b.session, settingsName, func(old *ui.Settings) { *old = v })
	if err != nil {
		return err
	}
	return b.applyRules(ctx)
}

const viewsName = "views"

func (b *backend) Views() ui.Views {
	v, err := readDoc[ui.Views](b.session, viewsName)
	if err != nil {
		b.log.Error("could not read the views", "err", err)
	}
	return v
}

func (b *backend) ChangeViews(ctx context.Context, list string, change func(*ui.ListViews)) (kept ui.ListViews, err error) {
	_, err = changeDoc(ctx, b.session, viewsName, func(all *ui.Views) {
		if *all == nil {
			*all = ui.Views{}
		}
		kept = (*all)[list]
		change(&kept)
		(*all)[list] = kept
	})
	return kept, err
}

const layoutName = "layout"

func (b *backend) Layout() []byte {
	l, err := b.store.Ledger.Doc(layoutName)
	if err != nil {
		b.log.Error("could not read the window's layout", "err", err)
	}
	return l
}

func (b *backend) SetLayout(l []byte) error {
	return storageError("keep the window's layout", b.store.Ledger.PutDoc(context.Background(), layoutName, l))
}
