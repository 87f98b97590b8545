package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui"
	"panel/ui/view"
)

// session is one use of a data folder: its files, its vault, and the engine
// over them. The engine goes by itself only where somebody calls its Run.
type session struct {
	dir     string
	profile cloud.Profile
	client  atomic.Pointer[cloud.Client] // replaced when the settings of the network change
	store   *storage.Store
	vault   storage.Vault
	engine  *engine.Engine
	log     *slog.Logger

	// reading is when the authorization was made that Google was last read by.
	reading  atomic.Pointer[time.Time]
	changing sync.Mutex    // held by updateDoc
	revision atomic.Uint64 // of the documents

	// codes are what can be scanned, nil until they were read at codesAt, a
	// codesRevision.
	coding    sync.Mutex // held by loadCodes; guards codesAt and codesRead
	codes     atomic.Pointer[ledger.Codes]
	codesAt   uint64
	codesRead time.Time
	recoding  atomic.Bool // they are being read again
	// ledgerRevision grows with every entry of the journal.
	ledgerRevision atomic.Uint64
}

// opening says how to open a data folder.
type opening struct {
	// readOnly opens what is there and makes nothing: the session of a
	// folder that does not exist has no store and no engine.
	readOnly bool
	// vault, if not nil, is used instead of the folder's own.
	vault storage.Vault
	// passphrase, if not empty, is used before that of the command line.
	passphrase string
}

// open opens the data folder of the command line.
func (a *app) open(ctx context.Context, o opening) (*session, error) {
	profile, err := a.profile()
	if err != nil {
		return nil, err
	}
	dir, err := a.dataDir()
	if err != nil {
		return nil, err
	}
	vault := o.vault
	if vault == nil {
		if vault, err = a.chooseVault(dir, o.passphrase); err != nil {
			return nil, storageError("open the vault", err)
		}
	}
	s := &session{dir: dir, profile: profile, log: a.log}
	s.store, err = storage.Open(ctx, storage.Options{Dir: dir, Vault: vault, ReadOnly: o.readOnly})
	if o.readOnly && errors.Is(err, fs.ErrNotExist) {
		s.vault = vault
		return s, nil
	}
	// Only what may change the data leaves a trace in its folder.
	if !o.readOnly && o.vault == nil && storage.IsFolder(dir) {
		a.keepLog(dir)
		s.log = a.log
	}
	if err != nil {
		err = openError(err, dir, o.readOnly)
		s.log.Info("the data could not be opened", "err", err)
		return nil, err
	}
	s.vault = s.store.Vault
	if err := s.connectBy(s.settings()); err != nil { // syncs say so
		s.log.Warn("the settings of the network do not work", "err", err)
		s.client.Store(cloud.Unusable(err))
	}
	if err = s.startEngine(ctx, o.readOnly); err != nil {
		s.close()
		return nil, err
	}
	s.logOpened()
	for _, words := range s.notices() {
		say(a.err, words)
	}
	return s, nil
}

// openError is a failure to open the folder. Opened for reading, a damaged
// file was left where it is.
func openError(err error, dir string, readOnly bool) error {
	err = storageError("open the data", err)
	if readOnly {
		err = untouched(err)
	}
	return noKeychain(err, dir)
}

// noKeychain says of a new folder that it may have another vault.
func noKeychain(err error, dir string) error {
	var e *cloud.Error
	if errors.As(err, &e) && e.Kind == cloud.Keychain && e.Code == string(storage.VaultUnavailable) && !storage.IsFolder(dir) {
		e.Code = "no_keychain"
	}
	return err
}

// untouched says of a damaged file that it was left as it is.
func untouched(err error) error {
	var e *cloud.Error
	if errors.As(err, &e) && e.Kind == cloud.Storage && e.Code == "damaged" {
		e.Code = "damaged_untouched"
	}
	return err
}

// notices say what was lost of the files, and what stands in for it.
func (s *session) notices() (out []view.Words) {
	for _, l := range s.store.Losses {
		out = append(out, view.LossWords(view.Loss{
			Ledger: l.File == "ledger.db", Aside: l.Aside, Restored: l.Restored, LastChange: l.LastChange,
		}, time.Local))
	}
	return out
}

// connectBy makes the client that the settings ask for; a certificate file of
// the cloud profile stands above that of the settings.
func (s *session) connectBy(v ui.Settings) error {
	c, err := cloud.NewClient(cloud.Options{CAFile: cmp.Or(s.profile.CAFile, v.CAFile), Proxy: v.Proxy})
	if err != nil {
		return err
	}
	if old := s.client.Swap(c); old != nil {
		old.Close()
	}
	return nil
}

// startEngine makes the engine over the store.
func (s *session) startEngine(ctx context.Context, readOnly bool) error {
	if !readOnly {
		if err := s.applyRules(ctx); err != nil {
			return err
		}
	}
	e, err := engine.New(engine.Config{
		Store:    s.store.Inventory,
		Notes:    s.store.Ledger,
		Connect:  s.connect,
		Settings: func() engine.Settings { return s.settings().Sync },
		Online:   online,
		Failed:   s.failed,
		Worked:   s.worked,
	})
	if err != nil {
		return storageError("read the history", err)
	}
	s.engine = e
	return nil
}

// online tells whether any interface but loopback has an address that reaches
// beyond its own link. It asks the system only.
func online() bool {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return true // then let the network itself say
	}
	return slices.ContainsFunc(addresses, func(a net.Addr) bool {
		ip, ok := a.(*net.IPNet)
		return ok && ip.IP.IsGlobalUnicast()
	})
}

// close closes what open opened. The session is not used after it.
func (s *session) close() {
	if c := s.client.Load(); c != nil {
		c.Close()
	}
	if s.store == nil {
		return
	}
	if err := s.store.Close(); err != nil {
		s.log.Error("could not close the data", "err", err)
	}
}

// connect makes the Source of one cloud for the run that begins.
func (s *session) connect(ctx context.Context, c directory.Cloud) (cloud.Source, error) {
	if c == directory.Google {
		return s.connectGoogle(ctx)
	}
	return s.connectMicrosoft(ctx)
}

// failed remembers that a cloud no longer accepts what was authorized and just
// read with.
func (s *session) failed(c directory.Cloud, e *cloud.Error) {
	if e.Code == engine.OtherCustomer {
		return
	}
	var err error
	switch {
	case c == directory.Google && (e.Kind == cloud.SignInNeeded || e.Kind == cloud.BlockedByPolicy):
		err = updateDoc(context.Background(), s, googleName, func(g *googleDoc) {
			// Not a newer one, which has just been made. One that is lost was
			// refused for what is known since then.
			if at := s.reading.Load(); g.Lost == nil && at != nil && g.AuthorizedAt.Equal(*at) {
				g.Lost = engine.NewFault(e, c, time.Now().UTC())
			}
		})
	case c == directory.Microsoft && e.Kind.Refused():
		err = updateDoc(context.Background(), s, azureName, func(d *azureDoc) {
			lost := engine.NewFault(e, c, time.Now().UTC())
			if d.Lost != nil && d.Lost.Kind == lost.Kind && d.Lost.Code == lost.Code {
				lost.At = d.Lost.At // since then; the trace is that of the newest answer
			}
			d.Lost = lost
		})
	}
	if err != nil {
		s.log.Error("could not keep the state of the authorization", "err", err)
	}
}

// worked remembers that a cloud accepts what was authorized.
func (s *session) worked(c directory.Cloud, id cloud.Identity) {
	if c == directory.Google {
		return // an authorization that was lost is never found again, only made anew
	}
	err := updateDoc(context.Background(), s, azureName, func(d *azureDoc) { d.Lost, d.TenantID = nil, id.Owner })
	if err != nil {
		s.log.Error("could not keep the state of the settings", "err", err)
	}
}

// readDoc returns a document of the ledger, the zero value when it is not
// there.
func readDoc[T any](s *session, name string) (T, error) {
	var v T
	if s.store == nil {
		return v, nil
	}
	b, err := s.store.Ledger.Doc(name)
	if err == nil && b != nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		return v, storageError("read the "+name+" document", err)
	}
	return v, nil
}

// updateDoc changes a document of the ledger durably; one change at a time.
// It does nothing when the change changes nothing.
func updateDoc[T any](ctx context.Context, s *session, name string, change func(*T)) error {
	changed, err := changeDoc(ctx, s, name, change)
	if changed {
		s.revision.Add(1)
	}
	return err
}

// changeDoc is updateDoc for a document that the lists do not depend on.
func changeDoc[T any](ctx context.Context, s *session, name string, change func(*T)) (changed bool, err error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	v, err := readDoc[T](s, name)
	if err != nil {
		return false, err
	}
	before, err := json.Marshal(v)
	if err != nil {
		return false, err
	}
	change(&v)
	after, err := json.Marshal(v)
	if err != nil || string(after) == string(before) {
		return false, err
	}
	if err := s.store.Ledger.PutDoc(ctx, name, after); err != nil {
		return false, storageError("keep the "+name+" document", err)
	}
	return true, nil
}

const settingsName = "settings"

// settings are the technician's; the defaults when they cannot be read.
func (s *session) settings() ui.Settings {
	v, err := readDoc[ui.Settings](s, settingsName)
	if err != nil {
		s.log.Error("could not read the settings", "err", err)
	}
	return v
}

// decisions is the document of the technician's words on possible duplicates.
type decisions []directory.Decision

const decisionsName = "decisions"

// applyRules tells the store by which rules people are merged.
func (s *session) applyRules(ctx context.Context) error {
	d, err := readDoc[decisions](s, decisionsName)
	if err != nil {
		return err
	}
	rules := directory.Rules{Decisions: d, Kinds: s.settings().Kinds}
	err = s.store.Inventory.SetRules(ctx, rules)
	s.revision.Add(1) // also of the people: whoever has read them meanwhile reads them anew
	return storageError("merge people by the rules", err)
}

// profile is the cloud profile of the command line.
func (a *app) profile() (cloud.Profile, error) {
	var path string
	for _, v := range a.cli.Cloud {
		if !isNation(v) {
			path = v
		}
	}
	p, err := cloud.LoadProfile(path)
	if err != nil {
		return p, usageError{err}
	}
	return p, nil
}

// openVault is replaced by tests that start many commands: deriving a key from
// a passphrase is slow on purpose.
var openVault = storage.ChooseVault

// chooseVault returns the vault of a data folder. The passphrase of a sealed
// one is the first line of the file on the command line, else what is typed
// on the terminal.
func (a *app) chooseVault(dir, passphrase string) (_ storage.Vault, err error) {
	if passphrase == "" {
		if passphrase, err = a.passphrase(); err != nil {
			return nil, err
		}
	}
	v, err := openVault(dir, passphrase)
	if _, ok := terminal(a.in); ok && errors.Is(err, storage.ErrPassphraseNeeded) {
		if passphrase, err = a.secret("Passphrase of the vault: "); err != nil {
			return nil, err
		}
		return openVault(dir, passphrase)
	}
	return v, err
}

// passphrase reads the passphrase file, "" when none was named.
func (a *app) passphrase() (string, error) {
	if a.cli.PassphraseFile == "" {
		return "", nil
	}
	return readPassphrase(a.cli.PassphraseFile)
}

// readPassphrase is the first line of a file.
func readPassphrase(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", usageError{fmt.Errorf("read the passphrase: %w", err)}
	}
	line, _, _ := strings.Cut(string(b), "\n")
	if line = strings.TrimSuffix(line, "\r"); line == "" {
		return "", usageError{errors.New("the passphrase file " + filepath.Base(file) + " is empty")}
	}
	return line, nil
}
