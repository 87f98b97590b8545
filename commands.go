package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"panel/storage"
)

// stdio is what a command reads and writes.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// cli is the command line; its tags are its documentation.
type cli struct {
	Data           string           `placeholder:"DIR" help:"Data folder; by default the operating system's place for application data."`
	Cloud          []string         `sep:"none" placeholder:"FILE" help:"A cloud profile: where the clouds live, when not at Google and Microsoft. With 'azure set' also the name of a Microsoft cloud: global, gcch, dod or china."`
	PassphraseFile string           `placeholder:"FILE" help:"A file whose first line opens the sealed vault, which takes the place of the keychain."`
	LogLevel       string           `enum:",debug,info,warn,error" default:"" placeholder:"LEVEL" help:"How much to log: debug, info, warn or error. By default warn to standard error, and info to the log file in the data folder."`
	Version        kong.VersionFlag `help:"Print the version."`

	Window      windowCmd      `cmd:"" default:"1" hidden:""`
	Demo        demoCmd        `cmd:"" help:"The window against a simulated district, kept nowhere."`
	Authorize   authorizeCmd   `cmd:"" help:"Authorize Panel to read from a cloud."`
	Deauthorize deauthorizeCmd `cmd:"" help:"Give an authorization back."`
	Azure       azureCmd       `cmd:"" help:"The Azure sync settings."`
	Sync        syncCmd        `cmd:"" help:"Sync both clouds now: Google first, Microsoft second."`
	Status      statusCmd      `cmd:"" help:"What is authorized, what is stored, what needs the technician."`
	Export      exportCmd      `cmd:"" help:"Write every record of one kind."`
	Checkout    checkoutCmd    `cmd:"" help:"Hand a Chromebook out to a person."`
	Checkin     checkinCmd     `cmd:"" help:"Take a Chromebook back."`
	Scan        scanCmd        `cmd:"" help:"Read scanned codes from standard input, a line each: a person, then what goes out to them; an empty line ends that."`
	Backup      backupCmd      `cmd:"" help:"Write everything, sealed by a passphrase, into one file."`
	Restore     restoreCmd     `cmd:"" help:"Put a backup in the place of the data; what was there is set aside."`
	Check       checkCmd       `cmd:"" help:"Check the integrity of both files."`
	Simulate    simulateCmd    `cmd:"" help:"Serve the simulated clouds and print the cloud profile to use."`
}

// app is what every command is run with.
type app struct {
	stdio
	ctx context.Context
	cli *cli
	// command is its name, less what it was given.
	command string
	log     *slog.Logger
	kept    *logFile // where log is kept too; nil while it is not
}

// usageError is a command line that cannot be followed.
type usageError struct{ error }

// run does what args say. It starts no process and ends none, so tests call
// it as often as they like.
func run(ctx context.Context, args []string, std stdio) (err error) {
	var c cli
	var exited *int
	parser, err := kong.New(&c,
		kong.Name("panel"),
		kong.Description("The inventory of a school district's people and Chromebooks: imported read-only from Google Workspace and Microsoft Azure, kept sealed on this computer."),
		kong.Writers(std.out, std.err),
		kong.Vars{"version": version},
		kong.Exit(func(code int) { exited = &code; panic(exitNow{}) }),
	)
	if err != nil {
		return fmt.Errorf("build the command line: %w", err)
	}
	defer func() { // --help and --version end here
		if r := recover(); r != nil {
			if _, ok := r.(exitNow); !ok || exited == nil {
				panic(r)
			}
			err = nil
		}
	}()
	kctx, err := parser.Parse(args)
	if err != nil {
		return usageError{err}
	}
	if kctx.Command() != "azure set" && slices.ContainsFunc(c.Cloud, isNation) {
		return usageError{errors.New("--cloud takes the name of a Microsoft cloud with 'azure set' alone; elsewhere it names a cloud profile")}
	}
	a := &app{stdio: std, ctx: ctx, cli: &c, command: strings.TrimSpace(strings.SplitN(kctx.Command(), "<", 2)[0])}
	if _, ok := terminal(std.in); ok && a.command != "window" && a.command != "demo" { // theirs is what a click begins
		a.ctx = storage.ByHand(ctx)
	}
	a.log = slog.New(newLog(std.err, a.level(slog.LevelWarn)))
	err = kctx.Run(a)
	a.endLog(err)
	return err
}

type exitNow struct{}

// terminal is the descriptor of a command's input or output at which somebody
// sits; ok is false where nobody does.
func terminal(stream any) (fd int, ok bool) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, false
	}
	fd = int(f.Fd())
	return fd, term.IsTerminal(fd)
}

// dataDir is the folder that the command works on.
func (a *app) dataDir() (string, error) {
	if a.cli.Data != "" {
		return filepath.Abs(a.cli.Data)
	}
	return defaultDataDir()
}

// defaultDataDir is the operating system's folder for the data of
// applications: on Windows the local profile, which does not roam.
func defaultDataDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "panel"), nil
	}
	if dir := os.Getenv("LOCALAPPDATA"); dir != "" {
		return filepath.Join(dir, "Panel"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the data folder: %w", err)
	}
	if lib := filepath.Join(home, "Library", "Application Support"); isDir(lib) {
		return filepath.Join(lib, "Panel"), nil
	}
	return filepath.Join(home, ".local", "share", "panel"), nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
