package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"panel/directory"
	"panel/storage"
	"panel/sync/cloud"
	"panel/sync/engine"
	"panel/ui/view"
)

// The commands that keep the data safe.

type sealedBy struct {
	BackupPassphraseFile string `placeholder:"F" help:"A file whose first line seals or opens the backup; without it you are asked on the terminal."`
}

type backupCmd struct {
	File string `arg:"" help:"The file to write; one that is there is replaced."`
	sealedBy
}

// Run writes a backup.
func (c *backupCmd) Run(a *app) error {
	passphrase, err := a.backupPassphrase(c.BackupPassphraseFile, true)
	if err != nil {
		return err
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	if !storage.IsFolder(dir) {
		return &cloud.Error{Kind: cloud.Storage, Doing: "back up", Code: "backup_nothing"}
	}
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.backUp(a.ctx, c.File, passphrase); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Backed up to %s. It opens with its passphrase alone: keep both, and not together.\n", c.File)
	return nil
}

// backUp writes a backup to a file outside of the data folder.
func (s *session) backUp(ctx context.Context, path, passphrase string) error {
	began := time.Now()
	if within(path, s.dir) {
		return &cloud.Error{Kind: cloud.Storage, Doing: "back up", Code: "backup_inside", Detail: filepath.Base(path)}
	}
	err := writeWhole(path, func(w io.Writer) error { return untouched(storageError("back up", s.store.Backup(ctx, w, passphrase))) })
	if err != nil {
		return err
	}
	s.log.Info("backed up", "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// snapshot takes one of the ledger before something big, if it has changed
// since the last.
func (s *session) snapshot(ctx context.Context) error {
	return storageError("take a snapshot of the ledger", s.store.Ledger.Snapshot(ctx))
}

// within tells whether a file is in a folder, or would be.
func within(path, dir string) bool {
	real := func(p string) string {
		p, _ = filepath.Abs(p)
		if followed, err := filepath.EvalSymlinks(p); err == nil {
			return followed
		}
		return p
	}
	rel, err := filepath.Rel(real(dir), filepath.Join(real(filepath.Dir(path)), filepath.Base(path)))
	return err == nil && filepath.IsLocal(rel)
}

type restoreCmd struct {
	File string `arg:"" help:"The backup."`
	sealedBy
}

// Run puts a backup in the place of the data.
func (c *restoreCmd) Run(a *app) error {
	if _, err := os.Stat(c.File); errors.Is(err, os.ErrNotExist) {
		return usageError{fmt.Errorf("read the backup: %w", err)}
	}
	f, err := openBackup(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	passphrase, err := a.backupPassphrase(c.BackupPassphraseFile, false)
	if err != nil {
		return err
	}
	now, err := a.connections()
	if err != nil {
		return err
	}
	dir, err := a.dataDir()
	if err != nil {
		return err
	}
	done, err := a.restore(a.ctx, f, passphrase, "", now)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "Restored: the data is as it was at %s.\n", view.Exact(done.Made, time.Local))
	if done.Aside != "" {
		fmt.Fprintf(a.out, "What was there before was not deleted: it is in %s.\n", filepath.Join(dir, done.Aside))
	}
	return a.sayConnections()
}

// sayConnections says what is to be done by hand after a restore.
func (a *app) sayConnections() error {
	s, err := a.open(a.ctx, opening{readOnly: true})
	if err != nil {
		return err
	}
	defer s.close()
	g, errG := readDoc[googleDoc](s, googleName)
	d, errD := readDoc[azureDoc](s, azureName)
	for _, lost := range []*engine.Fault{g.Lost, d.Lost} {
		if lost != nil && lost.Code == restored {
			fmt.Fprintln(a.err, "panel:", view.SayFault(lost).Terminal())
		}
	}
	return errors.Join(errG, errD)
}

// backupFile is the file of a backup. What keeps it from being read is no
// trouble with Panel's own files.
type backupFile struct{ *os.File }

func openBackup(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return &backupFile{f}, nil
}

func (f *backupFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = unreadable(f.Name(), err)
	}
	return n, err
}

func unreadable(path string, err error) error {
	return &cloud.Error{Kind: cloud.Storage, Doing: "read the backup", Code: "backup_unreadable", Detail: filepath.Base(path), Err: err}
}

// restore puts a backup in the place of the data, which nobody has open.
func (a *app) restore(ctx context.Context, backup io.Reader, passphrase, vaultPassphrase string, now connections) (storage.Restored, error) {
	dir, err := a.dataDir()
	if err != nil {
		return storage.Restored{}, err
	}
	vault, err := a.chooseVault(dir, vaultPassphrase)
	if err != nil {
		return storage.Restored{}, storageError("open the vault", err)
	}
	done, err := storage.Restore(ctx, storage.RestoreOptions{
		Dir: dir, Vault: vault, Backup: backup, Passphrase: passphrase, Secrets: now.secrets,
		Settle: func(l *storage.Ledger) error { return now.settle(ctx, l) },
	})
	if err != nil {
		return done, noKeychain(storageError("restore the backup", err), dir)
	}
	a.keepLog(dir)
	a.log.Info("restored", "made", done.Made, "aside", done.Aside)
	return done, nil
}

// connections are how this computer stands with both clouds. A backup holds no
// secret, so a restore leaves them as they are here.
type connections struct {
	google  googleDoc
	azure   azureDoc
	secrets map[string]string
}

// connections reads those of the data folder; none where it cannot be opened.
func (a *app) connections() (connections, error) {
	s, err := a.open(a.ctx, opening{readOnly: true})
	if err != nil {
		return connections{}, nil // the restore finds out whether that is in its way
	}
	defer s.close()
	return s.connections(a.ctx)
}

func (s *session) connections(ctx context.Context) (c connections, err error) {
	if s.store == nil {
		return c, nil
	}
	if c.google, err = readDoc[googleDoc](s, googleName); err != nil {
		return c, err
	}
	if c.azure, err = readDoc[azureDoc](s, azureName); err != nil {
		return c, err
	}
	c.secrets = map[string]string{}
	for _, name := range vaultNames {
		value, err := s.vault.Get(ctx, name)
		switch {
		case err == nil:
			c.secrets[name] = value
		case storage.StateOf(err) != storage.VaultMissing:
			return c, keychainError("read the secrets", err)
		}
	}
	if c.secrets[googleClient] == "" {
		c.google.ClientID = ""
	}
	if c.secrets[googleToken] == "" {
		c.google = googleDoc{ClientID: c.google.ClientID}
	}
	if c.secrets[azureSecret] == "" {
		c.azure = azureDoc{}
	}
	return c, nil
}

// vaultNames are the names of the secrets beside the data key.
var vaultNames = []string{googleClient, googleToken, azureSecret}

// restored is the code of a connection that came back from a backup, which does
// not hold its secret.
const restored = "restored"

// settle makes the ledger of a backup say what is true on this computer: the
// connections that there are here, and of others that they are to be made
// again.
func (c *connections) settle(ctx context.Context, l *storage.Ledger) error {
	s := &session{store: &storage.Store{Ledger: l}}
	lost := func(k cloud.Kind, of directory.Cloud) *engine.Fault {
		return engine.NewFault(&cloud.Error{Kind: k, Cloud: of, Doing: "restore", Code: restored}, of, time.Now().UTC())
	}
	err := updateDoc(ctx, s, googleName, func(g *googleDoc) {
		was := g.authorized() || g.Lost != nil
		*g = c.google
		if was && !g.authorized() {
			g.Lost = lost(cloud.SignInNeeded, directory.Google)
		}
	})
	if err != nil {
		return err
	}
	return updateDoc(ctx, s, azureName, func(d *azureDoc) {
		switch {
		case c.azure.ClientID != "":
			*d = c.azure
		case d.ClientID != "":
			// The date was that of a secret which is not here.
			d.Expires, d.Lost = "", lost(cloud.SecretWrong, directory.Microsoft)
		}
	})
}

// backupPassphrase reads the passphrase of a backup from a file, else from the
// terminal, twice when it seals one.
func (a *app) backupPassphrase(file string, twice bool) (string, error) {
	if file != "" {
		return readPassphrase(file)
	}
	fd, ok := terminal(a.in)
	if !ok {
		return "", usageError{errors.New("name a file that holds the backup's passphrase, with --backup-passphrase-file: there is no terminal to ask on")}
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(a.err, prompt)
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(a.err)
		return string(b), err
	}
	passphrase, err := ask("Passphrase of the backup: ")
	switch {
	case err != nil:
		return "", fmt.Errorf("read the passphrase: %w", err)
	case passphrase == "":
		return "", usageError{errors.New("no passphrase was given")}
	case !twice:
		return passphrase, nil
	}
	again, err := ask("Once more: ")
	switch {
	case err != nil:
		return "", fmt.Errorf("read the passphrase: %w", err)
	case again != passphrase:
		return "", usageError{errors.New("the two passphrases are not the same")}
	}
	return passphrase, nil
}
