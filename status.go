package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/sync/engine"
	"panel/ui/view"
)

// statusReport is the shape of 'panel status --json'.
type statusReport struct {
	Version      string `json:"version"`
	DataDir      string `json:"data_dir"`
	CloudProfile string `json:"cloud_profile"`
	Vault        string `json:"vault"`

	Google struct {
		State         string       `json:"state"`
		Account       string       `json:"account,omitempty"`
		GrantedScopes []string     `json:"granted_scopes"`
		AuthorizedAt  *time.Time   `json:"authorized_at"`
		LastSuccess   *time.Time   `json:"last_success"`
		LastError     *faultReport `json:"last_error"`
	} `json:"google"`
	Microsoft struct {
		State         string       `json:"state"`
		Tenant        string       `json:"tenant,omitempty"`
		ClientID      string       `json:"client_id,omitempty"`
		SecretExpires *string      `json:"secret_expires"`
		LastSuccess   *time.Time   `json:"last_success"`
		LastError     *faultReport `json:"last_error"`
	} `json:"microsoft"`

	People      int          `json:"people"`
	Chromebooks int          `json:"chromebooks"`
	OrgUnits    int          `json:"orgunits"`
	CheckedOut  int          `json:"checked_out"`
	NextSync    *time.Time   `json:"next_sync"`
	Holds       []holdReport `json:"holds"`
	Reminders   []string     `json:"reminders"`

	// unticked says what is not imported because it was not allowed.
	unticked view.Words
}

type holdReport struct {
	Cloud   directory.Cloud   `json:"cloud"`
	Listing directory.Listing `json:"listing"`
	Count   int               `json:"count"`
}

type faultReport struct {
	Kind    string     `json:"kind"`
	Code    string     `json:"code,omitempty"`
	Message string     `json:"message"`
	At      *time.Time `json:"at,omitempty"`
	// Trace and Timestamp are Microsoft's, for its support.
	Trace     string `json:"trace,omitempty"`
	Timestamp string `json:"timestamp,omitempty"`

	details string // what support asks for
}

// reportFault puts a fault into words, nil for nil.
func reportFault(f *engine.Fault) *faultReport {
	if f == nil {
		return nil
	}
	words := view.SayFault(f)
	return &faultReport{
		Kind: string(f.Kind), Code: f.Code, Message: words.Terminal(), At: known(f.At),
		Trace: f.Trace, Timestamp: f.Stamp, details: words.Copy,
	}
}

// known is nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

type statusCmd struct {
	JSON bool `name:"json" help:"As JSON, in the shape that scripts rely on."`
}

// Run prints the status. It makes no folder.
func (c *statusCmd) Run(a *app) error {
	s, err := a.open(a.ctx, opening{readOnly: true})
	if err != nil {
		return err
	}
	defer s.close()
	report, err := s.status()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.out, report)
	}
	return report.print(a.out)
}

// status gathers the report.
func (s *session) status() (*statusReport, error) {
	r := &statusReport{
		Version: version, DataDir: s.dir, CloudProfile: s.profile.Name, Vault: s.vault.Kind(),
		Holds: []holdReport{}, Reminders: []string{},
	}
	g, err := readDoc[googleDoc](s, "google")
	if err != nil {
		return nil, err
	}
	r.Google.State, r.Google.Account, r.Google.AuthorizedAt = g.state(), g.Account, known(g.AuthorizedAt)
	r.Google.GrantedScopes = append([]string{}, g.Granted...)
	slices.Sort(r.Google.GrantedScopes)
	r.unticked = view.Unticked(g.missing())
	d, err := readDoc[azureDoc](s, "azure")
	if err != nil {
		return nil, err
	}
	r.Microsoft.State, r.Microsoft.Tenant, r.Microsoft.ClientID = d.state(), d.Tenant, d.ClientID
	if d.Expires != "" {
		r.Microsoft.SecretExpires = (*string)(&d.Expires)
	}
	if s.store == nil {
		return r, nil
	}

	now := s.engine.Status()
	r.Google.LastSuccess, r.Google.LastError = known(now.Google.LastSuccess), reportFault(now.Google.LastError)
	r.Microsoft.LastSuccess, r.Microsoft.LastError = known(now.Microsoft.LastSuccess), reportFault(now.Microsoft.LastError)
	if g.Lost != nil {
		r.Google.LastError = reportFault(g.Lost)
	}
	if d.Lost != nil {
		r.Microsoft.LastError = reportFault(d.Lost)
	}
	for _, h := range now.Holds {
		r.Holds = append(r.Holds, holdReport{h.Cloud, h.Listing, len(h.IDs)})
	}
	r.Reminders = append(r.Reminders, view.Reminders(time.Now(), d.Expires)...)
	counts, err := s.store.Inventory.Stats()
	if err != nil {
		return nil, storageError("count the records", err)
	}
	s.store.Ledger.Book(func(b *ledger.Book) {
		for held := range b.All() {
			if held.Status == ledger.Out {
				r.CheckedOut++
			}
		}
	})
	r.People, r.Chromebooks, r.OrgUnits = counts.People, counts.Chromebooks, counts.OrgUnits
	return r, nil
}

// print writes the report for a person.
func (r *statusReport) print(w io.Writer) error {
	when := func(t *time.Time) string {
		if t == nil {
			return "never"
		}
		return t.Local().Format("2006-01-02 15:04")
	}
	fmt.Fprintf(w, "Panel %s\nData: %s (%s)\nClouds: %s\n", r.Version, r.DataDir, r.Vault, r.CloudProfile)
	fmt.Fprintf(w, "Google Workspace: %s", words(r.Google.State))
	if r.Google.Account != "" {
		fmt.Fprintf(w, " by %s", r.Google.Account)
	}
	fmt.Fprintf(w, ", last read %s\n", when(r.Google.LastSuccess))
	fmt.Fprintf(w, "Microsoft Azure: %s, last read %s\n", words(r.Microsoft.State), when(r.Microsoft.LastSuccess))
	for _, f := range []*faultReport{r.Google.LastError, r.Microsoft.LastError} {
		if f != nil {
			fmt.Fprintf(w, "! %s\n", f.Message)
			for line := range strings.Lines(f.details) {
				fmt.Fprintln(w, "  "+strings.TrimSpace(line))
			}
		}
	}
	if r.unticked.Sentence != "" {
		fmt.Fprintf(w, "! %s\n", r.unticked.Terminal())
	}
	for _, h := range r.Holds {
		fmt.Fprintf(w, "! %d removals of %s %s wait for a yes: panel sync --accept-removals\n", h.Count, cloudName(h.Cloud), h.Listing)
	}
	for _, m := range r.Reminders {
		fmt.Fprintf(w, "! %s\n", m)
	}
	_, err := fmt.Fprintf(w, "%d people\n%d chromebooks\n%d orgunits\n%d checked out\n", r.People, r.Chromebooks, r.OrgUnits, r.CheckedOut)
	return err
}

// printJSON writes v, indented, and a newline.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(v)
}
