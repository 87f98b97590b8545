package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"image"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"panel/sync/sim"
)

// device is a Chromebook as `panel export` writes it.
type device struct {
	Serial, Model, Status string
	DeviceID              string `json:"device_id"`
	OrgUnit               string `json:"org_unit"`
	AssetID               string `json:"asset_id"`
	RecentUsers           []struct {
		Email   string
		Managed bool
	} `json:"recent_users"`
	Gone bool
}

// A technician's day with the inventory, in a real window: half a serial leads
// to the device, to who had it, and to its OU, which is exported; then the list
// is searched, sorted, filtered, copied from, and scanned into.
func TestEndToEndInventory(t *testing.T) {
	d := newDesk(t, "1280x800")
	bin := untagged(t)
	server, err := sim.New(sim.Config{People: 600, Chromebooks: 400}).Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	passphrase := filepath.Join(d.home, "passphrase")
	if err := os.WriteFile(passphrase, []byte("correct horse battery staple\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--data", filepath.Join(d.home, "data"), "--cloud", server.Profile, "--passphrase-file", passphrase}
	d.authorize(bin, server.GoogleClient, args)
	d.panel(bin, append(args, "sync")...)
	devices := decode[[]device](t, d.panel(bin, append(args, "export", "chromebooks", "--format", "json")...))
	names := map[string]string{}
	for _, p := range decode[[]struct {
		Name  string   `json:"display_name"`
		Mails []string `json:"emails"`
	}](t, d.panel(bin, append(args, "export", "people", "--format", "json")...)) {
		for _, m := range p.Mails {
			names[m] = p.Name
		}
	}
	lost := theOneThatIsLookedFor(t, devices, names)
	had := names[lost.RecentUsers[0].Email]

	w := d.open(bin, args...)
	d.key("ctrl+3")
	d.see("All Chromebooks")

	// Half a serial: the device, and who had it.
	d.key("ctrl+k")
	d.typeText(strings.ToLower(lost.Serial[len(lost.Serial)-6:]))
	d.settled()
	d.see(lost.Serial)
	d.picture("quick-find")
	d.key("Return")
	d.see("Recent users")
	d.see(had)
	d.picture("device")

	// To the person and back; to its OU, which is exported.
	d.press(had)
	d.see("Identifiers")
	d.key("alt+Left")
	d.see("Recent users")
	d.press(strings.Join(strings.Fields(lost.OrgUnit)[:1], " ")) // the path may be broken into lines
	var there []device
	for _, o := range devices {
		if !o.Gone && (o.OrgUnit == lost.OrgUnit || strings.HasPrefix(o.OrgUnit, lost.OrgUnit+"/")) {
			there = append(there, o)
		}
	}
	d.settled()
	rows := d.export("school.csv")
	if got, want := column(rows, "Serial"), serials(there); !slices.Equal(got, want) {
		t.Errorf("exported are %q, in %s are %q", got, lost.OrgUnit, want)
	}

	// A query, a sort, a selection, a copy.
	d.press("All Chromebooks")
	d.key("ctrl+f")
	d.typeText("status:active model:" + firstWord(lost.Model))
	var found []device
	for _, o := range devices {
		if !o.Gone && o.Status == "ACTIVE" && slices.Contains(strings.Fields(strings.ToLower(o.Model)), firstWord(lost.Model)) {
			found = append(found, o)
		}
	}
	d.see(fmt.Sprintf("%d of ", len(found)))
	d.clear("Saved as")
	d.picture("query")
	d.press("Asset ID")
	d.press("Asset ID") // downwards
	d.click(image.Pt(420, 240))
	d.key("Home")
	d.key("shift+Down")
	d.key("shift+Down")
	d.see("3 selected")
	d.key("ctrl+c")
	slices.SortStableFunc(found, func(a, b device) int {
		if a.AssetID == "" || b.AssetID == "" {
			return strings.Compare(b.AssetID, a.AssetID)
		}
		return strings.Compare(strings.ToLower(b.AssetID), strings.ToLower(a.AssetID))
	})
	copied := strings.Split(strings.TrimSuffix(d.clipboard(), "\n"), "\n")
	if len(copied) != 3 {
		t.Fatalf("copied are %q", copied)
	}
	for i, line := range copied {
		if fields := strings.Split(line, "\t"); fields[0] != found[i].Serial || fields[1] != found[i].AssetID {
			t.Errorf("line %d of what is copied is %q, want %s and %s", i, line, found[i].Serial, found[i].AssetID)
		}
	}

	// A view, and the same without it.
	d.key("ctrl+f")
	d.key("BackSpace")
	d.key("ctrl+3")
	d.settled()
	d.press("Deprovisioned")
	d.settled()
	d.picture("view")
	retired := serials(slices.DeleteFunc(slices.Clone(devices), func(o device) bool { return o.Gone || o.Status != "DEPROVISIONED" }))
	got := column(d.export("retired.csv"), "Serial")
	slices.Sort(got)
	if !slices.Equal(got, retired) {
		t.Errorf("the view exports %q, deprovisioned are %q", got, retired)
	}

	// All of it as pictures, and back.
	d.press("Deprovisioned")
	d.key("ctrl+3")
	d.key("Escape") // closes the pane
	d.settled()
	d.changes(func() { d.key("ctrl+g") })
	d.see("ChromeOS releases")
	d.picture("pictures")
	d.changes(func() { d.key("ctrl+g") })
	d.press("Deprovisioned")
	d.settled()

	// A scanner, while no field has the keyboard: what a view hides is found.
	d.typeText(lost.Serial)
	d.key("Return")
	d.see("Recent users")
	d.see(had)
	d.key("ctrl+c")
	if line := d.clipboard(); !strings.HasPrefix(line, lost.Serial+"\t") {
		t.Errorf("after the scan the cursor is on %q, want %s", line, lost.Serial)
	}
	w.quit()
}

// theOneThatIsLookedFor is a Chromebook whose serial ends as no other one does,
// last used by somebody who is known.
func theOneThatIsLookedFor(t *testing.T, devices []device, names map[string]string) device {
	t.Helper()
	for _, o := range devices {
		if len(o.Serial) < 9 || o.Gone || o.Status != "ACTIVE" || len(o.RecentUsers) == 0 || strings.Count(o.OrgUnit, "/") < 2 {
			continue
		}
		name := names[o.RecentUsers[0].Email]
		alone := !slices.ContainsFunc(devices, func(p device) bool {
			return p.DeviceID != o.DeviceID && strings.Contains(p.Serial, o.Serial[len(o.Serial)-6:])
		})
		if plainLetters(name) && plainLetters(o.OrgUnit) && alone {
			return o
		}
	}
	t.Fatal("no Chromebook of the district serves")
	return device{}
}

// plainLetters tells whether a name is easy to read off the screen.
func plainLetters(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789 /") == ""
}

func firstWord(s string) string { return strings.ToLower(strings.Fields(s)[0]) }

func serials(devices []device) (out []string) {
	for _, o := range devices {
		out = append(out, o.Serial)
	}
	slices.Sort(out)
	return out
}

// column is a column of a CSV file by its title.
func column(rows [][]string, title string) (out []string) {
	at := slices.Index(rows[0], title)
	for _, r := range rows[1:] {
		out = append(out, r[at])
	}
	return out
}

// export exports the list in sight by keyboard, and returns what is in the file.
func (d *desk) export(name string) [][]string {
	d.t.Helper()
	d.changes(func() { d.key("ctrl+e") })
	d.key("ctrl+a")
	d.typeText(name)
	d.key("Return")
	path := filepath.Join(d.home, name)
	var rows [][]string
	d.until("the export", func() bool {
		b, err := os.ReadFile(path)
		if err != nil {
			return false
		}
		rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(string(b), "\ufeff"))).ReadAll()
		return err == nil && len(rows) > 0
	})
	return rows
}

// clipboard is what was copied.
func (d *desk) clipboard() (text string) {
	d.t.Helper()
	d.until("the clipboard", func() bool {
		cmd := exec.Command("xclip", "-selection", "clipboard", "-o")
		cmd.Env = d.env
		out, err := cmd.Output()
		text = string(out)
		return err == nil
	})
	return text
}

// authorize signs in by a command; the technician at the browser allows
// everything.
func (d *desk) authorize(bin, client string, args []string) {
	d.t.Helper()
	cmd := exec.Command(bin, append(args, "authorize", "google", "--client", client, "--no-browser")...)
	cmd.Env = d.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	link, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		d.t.Fatalf("no link: %v", err)
	}
	resp, err := http.PostForm(strings.TrimSpace(link), everything)
	if err != nil {
		d.t.Fatal(err)
	}
	resp.Body.Close()
	if err := cmd.Wait(); err != nil {
		d.t.Fatalf("authorize: %v", err)
	}
}
