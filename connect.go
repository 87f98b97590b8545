package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"panel/directory"
	"panel/sync/cloud"
	"panel/sync/microsoft"
	"panel/ui"
	"panel/ui/view"
)

// The commands that set Panel up with the clouds.

type authorizeCmd struct {
	Google authorizeGoogleCmd `cmd:"" help:"Sign in to Google Workspace: prints the link, opens the browser, waits."`
}

type authorizeGoogleCmd struct {
	Client    string `placeholder:"FILE" help:"The JSON of an OAuth client of type Desktop app; needed once."`
	NoBrowser bool   `help:"Only print the link."`
}

// Run signs in.
func (c *authorizeGoogleCmd) Run(a *app) error {
	var file []byte
	if c.Client != "" {
		var err error
		if file, err = os.ReadFile(c.Client); err != nil {
			return usageError{fmt.Errorf("read the OAuth client: %w", err)}
		}
	}
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	if file != nil {
		if err := s.setGoogleClient(a.ctx, file); err != nil {
			return err
		}
	}
	open := openBrowser
	if c.NoBrowser {
		open = nil
	}
	link := func(l string) {
		fmt.Fprintln(a.out, l)
		fmt.Fprintln(a.err, "Panel asks Google for READ-ONLY access. Open the link in a browser and allow it; Panel waits five minutes.")
	}
	trouble := func(e *cloud.Error) { say(a.err, view.Say(e)) }
	if err := s.authorizeGoogle(a.ctx, link, open, trouble); err != nil {
		return err
	}
	g, err := readDoc[googleDoc](s, googleName)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.err, "Authorized by %s.\n", g.Account)
	g.sayUnticked(a.err)
	return nil
}

type deauthorizeCmd struct {
	Google deauthorizeGoogleCmd `cmd:"" help:"Revoke the authorization at Google and forget it here."`
}

type deauthorizeGoogleCmd struct {
	Local bool `help:"Forget on this computer only; other computers that the same admin authorized stay signed in."`
}

// Run forgets the authorization.
func (c *deauthorizeGoogleCmd) Run(a *app) error {
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	told, err := s.deauthorizeGoogle(a.ctx, c.Local)
	if err != nil {
		return err
	}
	if !told {
		fmt.Fprintln(a.err, "Forgotten here, but Google could not be told. To finish there: myaccount.google.com → Security → Third-party apps with account access → Managed third-party access → Panel.")
	}
	return nil
}

type azureCmd struct {
	Set    azureSetCmd    `cmd:"" help:"Store the settings; the client secret is read from standard input."`
	Test   azureTestCmd   `cmd:"" help:"Try the settings step by step."`
	Remove azureRemoveCmd `cmd:"" help:"Forget the settings and the secret."`
}

type azureSetCmd struct {
	Tenant   string `required:"" placeholder:"T" help:"Directory (tenant) ID, or a domain of the organization."`
	ClientID string `required:"" placeholder:"C" help:"Application (client) ID."`
	Expires  string `placeholder:"YYYY-MM-DD" help:"When the secret expires; without it there is no reminder."`
}

// Run stores the settings.
func (c *azureSetCmd) Run(a *app) error {
	if c.Expires != "" {
		if _, err := time.Parse(time.DateOnly, c.Expires); err != nil {
			return usageError{fmt.Errorf("--expires %q is not a date like 2028-11-20", c.Expires)}
		}
	}
	secret, err := a.secret("Client secret (its Value): ")
	if err != nil {
		return err
	}
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	settings := ui.Azure{Tenant: c.Tenant, ClientID: c.ClientID, Expires: directory.Day(c.Expires), Cloud: a.nation()}
	return s.saveAzure(a.ctx, settings, secret)
}

type azureTestCmd struct{}

// Run tries the settings.
func (c *azureTestCmd) Run(a *app) error {
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	d, err := readDoc[azureDoc](s, azureName)
	if err != nil {
		return err
	}
	if d.ClientID == "" {
		return &cloud.Error{Kind: cloud.ClientUnknown, Cloud: directory.Microsoft, Doing: "test the connection", Code: "not_configured"}
	}
	config, err := s.azureConfig(a.ctx, d.show(), "")
	if err != nil {
		return err
	}
	return microsoft.Test(a.ctx, config, func(step microsoft.Step) {
		if step.Err == nil { // the failure is what Test returns
			fmt.Fprintln(a.out, stepDone(step))
		}
	})
}

// stepDone says that a step of the test went well.
func stepDone(s microsoft.Step) string {
	switch s.Name {
	case microsoft.StepTenant:
		return "Tenant found."
	case microsoft.StepSecret:
		return "Client ID and secret accepted."
	case microsoft.StepConsent:
		return "Admin consent given."
	}
	more := ""
	if s.More {
		more = " or more"
	}
	return fmt.Sprintf("Users readable: %d%s.", s.Users, more)
}

type azureRemoveCmd struct{}

// Run forgets the settings.
func (c *azureRemoveCmd) Run(a *app) error {
	s, err := a.open(a.ctx, opening{})
	if err != nil {
		return err
	}
	defer s.close()
	return s.removeAzure(a.ctx)
}

// nation is the Microsoft cloud that --cloud names, "" for the global one.
func (a *app) nation() string {
	for _, v := range a.cli.Cloud {
		if isNation(v) {
			return v
		}
	}
	return ""
}

// nations are the names of Microsoft's clouds. A profile of such a name is
// written with its folder, as in ./china.
var nations = []string{"global", "gcch", "dod", "china"}

func isNation(s string) bool { return slices.Contains(nations, s) }

// secret reads one line of standard input, without echo on a terminal.
func (a *app) secret(prompt string) (string, error) {
	if fd, ok := terminal(a.in); ok {
		fmt.Fprint(a.err, prompt)
		b, err := term.ReadPassword(fd)
		fmt.Fprintln(a.err)
		return strings.TrimSpace(string(b)), err
	}
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	if line = strings.TrimSpace(line); line == "" {
		return "", usageError{errors.New("nothing on standard input: the secret is read from there")}
	}
	return line, nil
}

// openBrowser shows a page in the system browser.
func openBrowser(link string) error {
	name, args := "xdg-open", []string{link}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", link}
	}
	cmd := exec.CommandContext(context.Background(), name, args...) //nolint:gosec // the link is Panel's own
	if err := cmd.Start(); err != nil {
		return err
	}
	// What fails fails at once; a browser that was started this way may
	// stay for as long as it is open.
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(5 * time.Second):
		return nil
	}
}
