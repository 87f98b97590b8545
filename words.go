package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/storage"
	"panel/sync/cloud"
	"panel/ui/view"
)

// The exit codes that scripts rely on.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitPerson   // needs the technician
	exitInUse    // another Panel has the data open
	exitKeychain // no keychain and no passphrase
)

// exitError ends a command with a code after it has said everything.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// exitCode says err to w in words and returns the code to exit with.
func exitCode(err error, w io.Writer) int {
	var code exitError
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &usage):
		fmt.Fprintln(w, "panel:", usage.error)
		return exitUsage
	}
	var refusal *ledger.Refusal
	var nothing *notFound
	var stdio *stdioError
	switch {
	case errors.As(err, &refusal):
		say(w, view.SayRefusal(refusal, time.Now()))
		return exitFailed
	case errors.As(err, &nothing):
		fmt.Fprintln(w, "panel:", nothing)
		return exitFailed
	case errors.As(err, &stdio):
		fmt.Fprintln(w, "panel:", stdio)
		return exitFailed
	}
	e := cloud.AsError(err)
	say(w, view.Say(e))
	switch {
	case e.Kind == cloud.Keychain && e.Code == "other_vault":
		return exitUsage
	case e.Kind == cloud.Keychain:
		return exitKeychain
	case e.Code == "in_use":
		return exitInUse
	case cloud.NeedsPerson(e.Kind, e.Code):
		return exitPerson
	}
	return exitFailed
}

// say prints words, with what support asks for.
func say(w io.Writer, words view.Words) {
	fmt.Fprintln(w, "panel:", words.Terminal())
	if words.Copy != "" {
		fmt.Fprintln(w, words.Copy)
	}
}

// keychainError is a failure of the vault while doing something; the state
// of the vault is the code.
func keychainError(doing string, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	e := &cloud.Error{Kind: cloud.Keychain, Doing: doing, Code: string(storage.StateOf(err)), Err: err}
	if errors.Is(err, storage.ErrSecretTooLong) {
		e.Code = "too_long"
	}
	return e
}

// storageError is a failure of the files while doing something; nil for nil.
func storageError(doing string, err error) error {
	var typed *cloud.Error
	var usage usageError
	if err == nil || errors.As(err, &typed) || errors.As(err, &usage) || errors.Is(err, context.Canceled) {
		return err
	}
	e := &cloud.Error{Kind: cloud.Storage, Doing: doing, Err: err}
	var damaged *storage.DamagedError
	var backup *storage.BackupError
	var half *storage.EraseError
	switch {
	case errors.As(err, &backup):
		e.Code = backupCode(backup)
	case errors.As(err, &half):
		e.Code, e.Detail = "erase", strings.Join(half.Left, ", ")
		if half.Secrets {
			e.Code = "erase_secrets"
		}
	case errors.Is(err, storage.ErrOtherVault):
		e.Kind, e.Code = cloud.Keychain, "other_vault"
	case errors.Is(err, storage.ErrWrongPassphrase):
		e.Kind, e.Code = cloud.Keychain, "wrong_passphrase"
	case errors.Is(err, storage.ErrPassphraseNeeded):
		e.Kind, e.Code = cloud.Keychain, "no_passphrase"
	case errors.Is(err, storage.ErrNoKey):
		e.Kind, e.Code = cloud.Keychain, "missing"
	case storage.StateOf(err) != "":
		e.Kind, e.Code = cloud.Keychain, string(storage.StateOf(err))
	case errors.Is(err, storage.ErrWrongKey):
		e.Code = "wrong_key"
	case errors.Is(err, storage.ErrInUse):
		e.Code = "in_use"
	case errors.Is(err, storage.ErrNewer):
		e.Code = "newer"
	case errors.As(err, &damaged):
		e.Code, e.Detail = "damaged", damaged.File
	default:
		e.Code = cloud.DiskCode(err)
	}
	return e
}

// backupCode is the code for what is wrong with a backup.
func backupCode(err *storage.BackupError) string {
	switch {
	case errors.Is(err, storage.ErrNotBackup):
		return "backup_not"
	case errors.Is(err, storage.ErrWrongPassphrase):
		return "backup_passphrase"
	case errors.Is(err, storage.ErrNewer):
		return "backup_newer"
	case errors.Is(err, storage.ErrCut):
		return "backup_cut"
	}
	return "backup_damaged"
}

// words turns a state's name into words.
func words(state string) string { return strings.ReplaceAll(state, "_", " ") }

// cloudName is what people call a cloud.
func cloudName(c directory.Cloud) string {
	if c == directory.Google {
		return "Google Workspace"
	}
	return "Microsoft Azure"
}
