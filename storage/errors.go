package storage

import (
	"errors"
	"fmt"
)

// What keeps a folder from being opened. They come wrapped with what was
// being done; ask with errors.Is.
var (
	// ErrInUse: another Panel has the folder open.
	ErrInUse = errors.New("another Panel has the data open")
	// ErrWrongKey: the data key is not the one that sealed the file. Nothing
	// was changed.
	ErrWrongKey = errors.New("the data key does not fit")
	// ErrNoKey: the folder holds sealed files and its vault has no data key.
	// Nothing was changed; [Recover] may help.
	ErrNoKey = errors.New("the data key is missing")
	// ErrNewer: the file was written by a newer Panel. Nothing was changed.
	ErrNewer = errors.New("written by a newer Panel")
	// ErrOtherVault: the folder's secrets are in another kind of vault than
	// the one that it was to be opened with.
	ErrOtherVault = errors.New("the data folder uses another kind of vault")
	// ErrPassphraseNeeded: the folder's secrets are sealed by a passphrase,
	// and none was given.
	ErrPassphraseNeeded = errors.New("the data folder needs its passphrase")
	// ErrWrongPassphrase: the passphrase does not open what it should.
	ErrWrongPassphrase = errors.New("wrong passphrase")
	// ErrReadOnly: a write to a store that was opened for reading.
	ErrReadOnly = errors.New("opened for reading only")
)

// DamagedError is a file, or a record in it, that is not what Panel wrote.
type DamagedError struct {
	// File is the base name.
	File string
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("%s is damaged: %v", e.File, e.Err) }

// Unwrap returns what is wrong with the file.
func (e *DamagedError) Unwrap() error { return e.Err }
