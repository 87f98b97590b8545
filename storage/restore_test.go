package storage

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"
)

// archiveOf seals files as a backup, or as something like it.
func archiveOf(t testing.TB, passphrase string, files ...[2]string) []byte {
	t.Helper()
	var plain bytes.Buffer
	w := tar.NewWriter(&plain)
	for _, f := range files {
		if err := addFile(w, f[0], int64(len(f[1])), strings.NewReader(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := wrap(plain.Bytes(), passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// partsOf are the files of a backup.
func partsOf(t testing.TB, backup []byte) map[string]string {
	t.Helper()
	plain, err := unwrap("backup", backup, backupPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for r := tar.NewReader(bytes.NewReader(plain)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[h.Name] = string(b)
	}
}

// What is no good backup is refused for what it is, and changes nothing.
func TestRestoreRefuses(t *testing.T) {
	v := otherKind{new(Memory)}
	dir := filepath.Join(t.TempDir(), "data")
	s := filled(t, dir, v)
	good := backupOf(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	parts := partsOf(t, good)
	if names := slices.Sorted(maps.Keys(parts)); !slices.Equal(names, []string{"backup.json", "inventory.db", "ledger.db"}) {
		t.Errorf("a backup holds %q", names)
	}
	with := func(name, text string) []byte {
		var files [][2]string
		for _, n := range []string{"backup.json", "inventory.db", "ledger.db"} {
			content := parts[n]
			if n == name {
				content = text
			}
			files = append(files, [2]string{n, content})
		}
		return archiveOf(t, backupPassphrase, files...)
	}
	about := func(change func(*manifest)) []byte {
		var m manifest
		if err := json.Unmarshal([]byte(parts["backup.json"]), &m); err != nil {
			t.Fatal(err)
		}
		change(&m)
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return with("backup.json", string(b))
	}
	newer := ledgerLayout
	newer.steps = append(slices.Clone(newer.steps), func(*tx) error { return nil })
	var m manifest
	if err := json.Unmarshal([]byte(parts["backup.json"]), &m); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := createFile(other, &newer, m.DataKey); err != nil {
		t.Fatal(err)
	}
	newerLedger, err := os.ReadFile(filepath.Join(other, newer.name))
	if err != nil {
		t.Fatal(err)
	}
	flipped := func(at int) []byte {
		b := slices.Clone(good)
		b[at] ^= 1
		return b
	}
	damagedLedger := []byte(parts["ledger.db"])
	for at := 2 * pageSize; at < len(damagedLedger); at += pageSize {
		damagedLedger[at+pageHeader+40] ^= 0xff
	}
	withKey, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var toKey bytes.Buffer
	w, err := age.Encrypt(&toKey, withKey.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	vault, err := wrap([]byte(`{"data-key":"x"}`), backupPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	damage := errors.New("damage: any other cause")
	unreadable := errors.New("unreadable")

	plain, err := unwrap("backup", good, backupPassphrase)
	if err != nil {
		t.Fatal(err)
	}
	padded, err := wrap(append(plain, make([]byte, 200_000)...), backupPassphrase)
	if err != nil {
		t.Fatal(err)
	}

	before := contents(t, dir)
	for name, c := range map[string]struct {
		backup     io.Reader
		passphrase string
		want       error
	}{
		"nothing":                {bytes.NewReader(nil), backupPassphrase, ErrCut},
		"a text":                 {strings.NewReader("Dear sir,\n"), backupPassphrase, ErrNotBackup},
		"a long text":            {strings.NewReader(strings.Repeat("age-encryption.org/v2\n", 90_000)), backupPassphrase, ErrNotBackup},
		"a file for a key":       {&toKey, backupPassphrase, ErrNotBackup},
		"another sealed file":    {bytes.NewReader(vault), backupPassphrase, ErrNotBackup},
		"an archive":             {bytes.NewReader(archiveOf(t, backupPassphrase, [2]string{"a", "b"})), backupPassphrase, ErrNotBackup},
		"an empty archive":       {bytes.NewReader(archiveOf(t, backupPassphrase)), backupPassphrase, ErrNotBackup},
		"a manifest of nonsense": {bytes.NewReader(with("backup.json", "[]")), backupPassphrase, ErrNotBackup},
		"a short key":            {bytes.NewReader(about(func(m *manifest) { m.DataKey = m.DataKey[1:] })), backupPassphrase, ErrNotBackup},
		"only a manifest":        {bytes.NewReader(archiveOf(t, backupPassphrase, [2]string{"backup.json", parts["backup.json"]})), backupPassphrase, ErrNotBackup},
		"a file too many": {bytes.NewReader(archiveOf(t, backupPassphrase, [2]string{"backup.json", parts["backup.json"]},
			[2]string{"inventory.db", parts["inventory.db"]}, [2]string{"ledger.db", parts["ledger.db"]}, [2]string{"../x", "y"})), backupPassphrase, ErrNotBackup},
		"a wrong passphrase":    {bytes.NewReader(good), "correct horse", ErrWrongPassphrase},
		"a newer format":        {bytes.NewReader(about(func(m *manifest) { m.Format = 2 })), backupPassphrase, ErrNewer},
		"a newer file":          {bytes.NewReader(with("ledger.db", string(newerLedger))), backupPassphrase, ErrNewer},
		"another key":           {bytes.NewReader(about(func(m *manifest) { m.DataKey = NewKey() })), backupPassphrase, ErrWrongKey},
		"too much work":         {bytes.NewReader(bytes.Replace(good, []byte(" 10\n"), []byte(" 29\n"), 1)), backupPassphrase, damage},
		"a damaged header":      {bytes.NewReader(flipped(bytes.Index(good, []byte("\n--- ")) + 8)), backupPassphrase, damage},
		"a damaged chunk":       {bytes.NewReader(flipped(70_000)), backupPassphrase, damage},
		"a damaged ledger":      {bytes.NewReader(with("ledger.db", string(damagedLedger))), backupPassphrase, damage},
		"an empty ledger":       {bytes.NewReader(with("ledger.db", "")), backupPassphrase, damage},
		"a disk that fails":     {io.MultiReader(bytes.NewReader(good[:100_000]), iotest.ErrReader(unreadable)), backupPassphrase, unreadable},
		"a header cut short":    {bytes.NewReader(good[:40]), backupPassphrase, ErrCut},
		"an intro cut short":    {bytes.NewReader(good[:10]), backupPassphrase, ErrCut},
		"cut after a chunk":     {bytes.NewReader(good[:cutAfterChunk(good)]), backupPassphrase, ErrCut},
		"cut within a chunk":    {bytes.NewReader(good[:80_000]), backupPassphrase, ErrCut},
		"cut after the archive": {bytes.NewReader(padded[:len(padded)-100_000]), backupPassphrase, ErrCut},
		"its last byte cut":     {bytes.NewReader(good[:len(good)-1]), backupPassphrase, ErrCut},
		"cut after its header":  {bytes.NewReader(good[:bytes.Index(good, []byte("\n---"))+60]), backupPassphrase, ErrCut},
	} {
		fresh := filepath.Join(t.TempDir(), "data")
		bytesRead, err := io.ReadAll(c.backup)
		tail := io.Reader(bytes.NewReader(nil))
		if err != nil {
			tail = iotest.ErrReader(err)
		}
		for _, to := range []string{dir, fresh} {
			o := RestoreOptions{Dir: to, Vault: v, Backup: io.MultiReader(bytes.NewReader(bytesRead), tail), Passphrase: c.passphrase}
			_, err := Restore(t.Context(), o)
			var wrong *BackupError
			isBackup := errors.As(err, &wrong)
			switch {
			case c.want == unreadable: //nolint:errorlint // which row it is
				if isBackup || !errors.Is(err, unreadable) {
					t.Errorf("%s: %v", name, err)
				}
			case !isBackup:
				t.Errorf("%s: %v is not a BackupError", name, err)
			case c.want == damage: //nolint:errorlint // as above
				for _, other := range []error{ErrNotBackup, ErrCut, ErrNewer, ErrWrongPassphrase} {
					if errors.Is(err, other) {
						t.Errorf("%s: %v instead of damage", name, err)
					}
				}
			case !errors.Is(err, c.want):
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if _, err := os.Stat(fresh); !os.IsNotExist(err) {
			t.Errorf("%s: it left %q", name, fileNames(t, fresh))
		}
	}
	if !slices.Equal(contents(t, dir), before) {
		t.Error("the folder was changed")
	}
	if n := len(v.Vault.(*Memory).values); n != 1 {
		t.Errorf("the vault has %d secrets", n)
	}
	sealed, err := OpenSealed(dir, "x")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), RestoreOptions{Dir: dir, Vault: sealed, Backup: bytes.NewReader(good), Passphrase: backupPassphrase}); !errors.Is(err, ErrOtherVault) {
		t.Errorf("with another vault: %v", err)
	}
	if s, err = Open(t.Context(), Options{Dir: dir, Vault: v}); err != nil {
		t.Fatal(err)
	}
	closeWith(t, s)
	if _, err := Restore(t.Context(), RestoreOptions{Dir: dir, Vault: v, Backup: bytes.NewReader(good), Passphrase: backupPassphrase}); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is open: %v", err)
	}
}

// cutAfterChunk is where the first chunk of a sealed file ends.
func cutAfterChunk(sealed []byte) int {
	const mac, nonce, chunk, tag = 43, 16, 64 << 10, 16
	header := bytes.Index(sealed, []byte("\n--- ")) + len("\n--- ") + mac + 1
	return header + nonce + chunk + tag
}

// Wherever a restore is interrupted, the next opening finds the old data or the
// new, whole.
func TestRestoreInterrupted(t *testing.T) {
	for kind, make := range vaults {
		t.Run(kind, func(t *testing.T) {
			vault := make(t)
			root := quickDir(t)
			dir := filepath.Join(root, "data")
			s := filled(t, dir, vault(dir))
			want, err := look(t, s)
			if err != nil {
				t.Fatal(err)
			}
			backup := backupOf(t, s)
			if err := errors.Join(s.Ledger.PutDoc(t.Context(), "note0", []byte("later")), s.SetRecovery("a recovery passphrase"), s.Close()); err != nil {
				t.Fatal(err)
			}
			later := lookInto(t, dir, vault(dir))

			// While it is made, it is of no use.
			half := filepath.Join(root, "half")
			copyFolder(t, half, dir)
			copyFolder(t, filepath.Join(half, stagingName), dir)
			if got := lookInto(t, half, vault(half)); !same(got, later) {
				t.Error("a restore that was not decided has changed the data")
			}
			if _, err := os.Stat(filepath.Join(half, stagingName)); !os.IsNotExist(err) {
				t.Error("what was being made is still there")
			}

			// Once it is decided it is done, in whatever step it stops.
			decidedDir := filepath.Join(root, "decided")
			copyFolder(t, decidedDir, dir)
			fresh := filepath.Join(root, "fresh")
			mustRestore(t, fresh, vault(fresh), backup)
			if err := os.Remove(filepath.Join(fresh, lockName)); err != nil {
				t.Fatal(err)
			}
			copyFolder(t, filepath.Join(decidedDir, decidedPrefix+"20261123T143000.000Z"), fresh)
			steps := 0
			for stopAt := 0; ; stopAt++ {
				at := filepath.Join(root, fmt.Sprint("at", stopAt))
				copyFolder(t, at, decidedDir)
				more := true
				for i := 0; i < stopAt && more; i++ {
					if more, err = stepRestore(at); err != nil {
						t.Fatalf("step %d: %v", i, err)
					}
				}
				if got := lookInto(t, at, vault(at)); !same(got, want) {
					t.Errorf("stopped after %d steps: it is not what was restored", stopAt)
				}
				aside := filepath.Join(at, asidePrefix+"20261123T143000.000Z")
				if got := lookInto(t, aside, vault(aside)); !same(got, later) {
					t.Errorf("stopped after %d steps: what was before is not aside", stopAt)
				}
				if _, err := os.Stat(filepath.Join(aside, recoveryName)); err != nil {
					t.Errorf("stopped after %d steps: the recovery file: %v", stopAt, err)
				}
				if err := os.RemoveAll(at); err != nil {
					t.Fatal(err)
				}
				if !more {
					break
				}
				steps = stopAt
			}
			if steps < 10 {
				t.Errorf("only %d steps", steps)
			}
		})
	}
}

func copyFolder(t *testing.T, to, from string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}
