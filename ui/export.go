package ui

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/storage/repository"

	"panel/sync/cloud"
	"panel/ui/view"
)

// export asks for a file, suggesting a name, and writes to it what write
// writes, in the format that the file's name ends with; see write for how far.
func (h *host) export(name string, far func() string, write func(context.Context, io.Writer, view.Format) error) {
	h.chooseNew("Save as .xlsx or as .csv", name, []string{".xlsx", ".csv"}, func(path string) {
		h.write(path, "Saved as ", far, func() { h.export(name, far, write) }, func(ctx context.Context) error {
			return h.b.SaveFile(ctx, path, func(w io.Writer) error { return write(ctx, w, view.FormatOf(path)) })
		})
	})
}

// write runs what writes a file, which can be stopped, and says how far it is,
// as far tells on any goroutine, and how it ended; a far of nil tells nothing.
func (h *host) write(path, done string, far func() string, elsewhere func(), work func(context.Context) error) {
	var stop, telling context.CancelFunc
	var line *text
	var said *card // the toast of the line
	words := func() string {
		if far == nil {
			return "Writing " + path + "…"
		}
		return "Writing " + filepath.Base(path) + "… " + far()
	}
	tell := func() {
		switch {
		case h.toast != nil && h.toast == said:
			h.resay(line, words())
		case telling == nil || h.toast == nil && len(h.sheets) == 0: // something else was said for a while
			line = h.sayFor(0, view.Info, words(), "Stop", func() { stop() })
			said = h.toast
		}
	}
	saying := h.after(500*time.Millisecond, func() {
		tell()
		telling = h.every(300*time.Millisecond, tell)
	})
	stop = h.do(work, func(err error) {
		saying()
		if telling != nil {
			telling()
		}
		switch {
		case cloud.KindOf(err) == cloud.Cancelled:
			h.say(view.Muted, "Stopped. "+path+" was not written.", "", nil)
		case err != nil:
			h.sayFor(time.Minute, view.Bad, view.Say(cloud.AsError(err)).Sentence, "Save elsewhere…", elsewhere)
		default:
			h.say(view.Good, done+path, "", nil)
		}
	})
}

// chooseNew asks where to save a file of one of some suffixes, of which one
// without gets the first, and whether what is there may be replaced; it opens
// and changes no file.
func (h *host) chooseNew(title, name string, suffixes []string, then func(path string)) {
	leaveFilesAlone()
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil || w == nil {
			return
		}
		path := w.URI().Path()
		if slices.Contains(suffixes, strings.ToLower(filepath.Ext(path))) {
			then(path)
			return
		}
		path += suffixes[0] // which the dialog did not ask about
		if _, err := os.Stat(path); err != nil {
			then(path)
			return
		}
		h.confirm("Replace the file?", path+" is there already.", "Replace", true, func() { then(path) })
	}, h.win)
	d.SetTitleText(title)
	d.SetFileName(name)
	d.SetFilter(storage.NewExtensionFileFilter(suffixes))
	d.Resize(fyne.NewSize(760, 520))
	d.Show()
}

// chooseFile asks for a file of a suffix.
func chooseFile(win fyne.Window, suffix string, then func(path string)) {
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			return
		}
		path := r.URI().Path()
		if r.Close() == nil {
			then(path)
		}
	}, win)
	d.SetFilter(storage.NewExtensionFileFilter([]string{suffix}))
	d.Resize(fyne.NewSize(760, 520))
	d.Show()
}

// files are what Fyne's file dialog uses of the file system.
type files interface {
	repository.WritableRepository
	repository.ListableRepository
	repository.HierarchicalRepository
}

// untouched is the file system with writers that only name their file. Fyne's
// dialog opens the file that was chosen, and so empties the one that is there;
// here it must stay until the new one is whole.
type untouched struct{ files }

func (u untouched) Writer(file fyne.URI) (fyne.URIWriteCloser, error) { return chosenFile{file}, nil }

// Child takes a whole path that was typed for a name as what it is.
func (u untouched) Child(dir fyne.URI, name string) (fyne.URI, error) {
	if filepath.IsAbs(name) {
		return storage.NewFileURI(name), nil
	}
	return u.files.Child(dir, name)
}

// leaveFilesAlone puts [untouched] in the file system's place.
func leaveFilesAlone() {
	repo, err := repository.ForScheme("file")
	if all, ok := repo.(files); ok && err == nil {
		if _, done := repo.(untouched); !done {
			repository.Register("file", untouched{all})
		}
	}
}

// chosenFile is the name of a file.
type chosenFile struct{ uri fyne.URI }

func (c chosenFile) URI() fyne.URI             { return c.uri }
func (c chosenFile) Write([]byte) (int, error) { return 0, os.ErrInvalid }
func (c chosenFile) Close() error              { return nil }
