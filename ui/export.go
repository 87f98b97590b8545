package ui

import (
	"context"
	"io"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/storage/repository"

	"panel/sync/cloud"
	"panel/ui/view"
)

// export asks for a file, suggesting a name, and writes to it what write
// writes, in the format that the file's name ends with.
func (h *host) export(name string, write func(context.Context, io.Writer, view.Format) error) {
	h.chooseNew("Save as .xlsx or as .csv", name, func(path string) {
		saying := h.after(500*time.Millisecond, func() { h.say(view.Info, "Writing "+path+"…", "", nil) })
		h.do(func(ctx context.Context) error {
			return h.b.SaveFile(ctx, path, func(w io.Writer) error { return write(ctx, w, view.FormatOf(path)) })
		}, func(err error) {
			saying()
			if err != nil {
				h.say(view.Bad, view.Say(cloud.AsError(err)).Sentence, "Save elsewhere…", func() { h.export(name, write) })
				return
			}
			h.say(view.Good, "Saved as "+path, "", nil)
		})
	})
}

// chooseNew asks where to save a workbook or a CSV, and whether what is there
// may be replaced; it opens and changes no file.
func (h *host) chooseNew(title, name string, then func(path string)) {
	leaveFilesAlone()
	d := dialog.NewFileSave(func(w fyne.URIWriteCloser, err error) {
		if err != nil || w == nil {
			return
		}
		path := w.URI().Path()
		if f := view.FormatOf(path); f == view.XLSX || f == view.CSV {
			then(path)
			return
		}
		path += ".xlsx" // which the dialog did not ask about
		if _, err := os.Stat(path); err != nil {
			then(path)
			return
		}
		h.confirm("Replace the file?", path+" is there already.", "Replace", true, func() { then(path) })
	}, h.win)
	d.SetTitleText(title)
	d.SetFileName(name)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".xlsx", ".csv"}))
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
