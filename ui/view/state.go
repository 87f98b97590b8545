package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"panel/directory"
	"panel/sync/engine"
)

// CloudName is what a cloud is called in a sentence.
func CloudName(c directory.Cloud) string {
	switch c {
	case directory.Google:
		return "Google"
	case directory.Microsoft:
		return "Microsoft"
	}
	return string(c)
}

// ListingName is what the records of a listing are called: "Chromebooks".
func ListingName(l directory.Listing) string {
	switch l {
	case directory.People:
		return "People"
	case directory.OrgUnits:
		return "Organizational units"
	case directory.Chromebooks:
		return "Chromebooks"
	}
	return string(l)
}

// LastSync is the line that is always in sight: "Google 12 min ago ·
// Microsoft 11 min ago"; a cloud never read is left out, and one that is being
// read or has failed says so.
func LastSync(s *engine.Status, now time.Time) string {
	if s.Cancelling {
		return "Stopping the sync…"
	}
	var parts []string
	for _, c := range directory.Clouds {
		of := s.Of(c)
		switch {
		case of.Running:
			parts = append(parts, CloudName(c)+" syncing now")
		case of.LastError != nil && of.LastSuccess.IsZero():
			parts = append(parts, CloudName(c)+" failed")
		case of.LastError != nil:
			parts = append(parts, fmt.Sprintf("%s failed, last read %s", CloudName(c), Ago(of.LastSuccess, now)))
		case !of.LastSuccess.IsZero():
			parts = append(parts, CloudName(c)+" "+Ago(of.LastSuccess, now))
		}
	}
	switch {
	case len(parts) > 0:
		return strings.Join(parts, " · ")
	case s.Running != nil:
		return "Syncing…"
	}
	return "Not synced yet"
}

// LastSyncExact is when each cloud was last read, to the second, a line each;
// "" when none was.
func LastSyncExact(s *engine.Status, in *time.Location) string {
	var lines []string
	for _, c := range directory.Clouds {
		if at := s.Of(c).LastSuccess; !at.IsZero() {
			lines = append(lines, CloudName(c)+" last read "+Exact(at, in))
		}
	}
	return strings.Join(lines, " · ")
}

// NextRun says when the next scheduled sync is due; "" when none is.
func NextRun(s *engine.Status, now time.Time) string {
	switch {
	case s.Running != nil || s.Next.IsZero():
		return ""
	case !s.Next.After(now):
		return "Next sync now"
	}
	return fmt.Sprintf("Next sync %s, at %s", Until(s.Next, now), s.Next.In(now.Location()).Format("15:04"))
}

// Step is how far one listing of the running sync is.
type Step struct {
	Cloud   directory.Cloud
	Listing directory.Listing
	// Title is "Google · Chromebooks".
	Title string
	// Text is "12,400 of 100,000 · 850 a second · 2 min left", or what it
	// waits for.
	Text string
	// Share is done / expected, from 0 to 1; below 0 when unknown.
	Share float64
	Ended bool
}

// Progress are the steps of the running sync, in their order; nil when none
// runs.
func Progress(s *engine.Status, now time.Time) []Step {
	if s.Running == nil {
		return nil
	}
	var steps []Step
	for _, c := range directory.Clouds {
		for i := range s.Of(c).Progress {
			p := &s.Of(c).Progress[i]
			steps = append(steps, Step{
				Cloud: c, Listing: p.Listing, Title: CloudName(c) + " · " + ListingName(p.Listing),
				Text: progressText(p, now), Share: share(p), Ended: p.Ended,
			})
		}
	}
	return steps
}

func share(p *engine.ListingProgress) float64 {
	switch {
	case p.Ended:
		return 1
	case p.Expected <= 0:
		return -1
	}
	return min(1, float64(p.Done)/float64(p.Expected))
}

// progressText is the line of one listing. The rate is the mean since it
// began, and is not said in the first two seconds, when it means nothing.
func progressText(p *engine.ListingProgress, now time.Time) string {
	parts := []string{Number(p.Done)}
	if p.Done == 0 && p.Pages == 0 && !p.Ended {
		parts[0] = "waits for the first page"
	} else if p.Expected > 0 && !p.Ended {
		parts[0] += " of " + Number(max(p.Expected, p.Done))
	}
	took := now.Sub(p.Started)
	switch {
	case p.Ended:
		parts = append(parts, "done")
	case p.Until.After(now):
		parts = append(parts, fmt.Sprintf("the cloud asked to wait %s more", Span(p.Until.Sub(now)+time.Second-1)))
	case p.Started.IsZero() || took < 2*time.Second || p.Done == 0:
	default:
		rate := float64(p.Done) / took.Seconds()
		parts = append(parts, Number(int(rate+0.5))+" a second")
		if left := p.Expected - p.Done; left > 0 {
			parts = append(parts, Span(time.Duration(float64(left)/rate*float64(time.Second)))+" left")
		}
	}
	if p.Pages > 0 {
		parts = append(parts, Plural(p.Pages, "page", "pages"))
	}
	if p.Retries > 0 {
		parts = append(parts, Plural(p.Retries, "retry", "retries"))
	}
	return strings.Join(parts, " · ")
}

// Number is n with its thousands apart: "12,400".
func Number(n int) string {
	digits := fmt.Sprint(max(n, -n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n < 0 {
		return "−" + digits
	}
	return digits
}

// Plural is n with what is counted: "1 row", "3,000 rows".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// OutcomeWords is a run's or a cloud's outcome in a word or two, with its
// tone.
func OutcomeWords(o engine.Outcome) Badge {
	switch o {
	case engine.OK:
		return Badge{"Done", Good}
	case engine.Partial:
		return Badge{"Partly", Warn}
	case engine.Failed:
		return Badge{"Failed", Bad}
	case engine.Held:
		return Badge{"Waits for a yes", Warn}
	case engine.Stopped:
		return Badge{"Cancelled", Muted}
	case engine.NothingToDo:
		return Badge{"No cloud is set up", Muted}
	case engine.Skipped:
		return Badge{"Skipped", Muted}
	}
	return Badge{string(o), Muted}
}

// Counts is "+3 ~12 −1", "no changes" when nothing moved.
func Counts(added, changed, removed int) string {
	var parts []string
	for _, c := range []struct {
		sign string
		n    int
	}{{"+", added}, {"~", changed}, {"−", removed}} {
		if c.n != 0 {
			parts = append(parts, c.sign+Number(c.n))
		}
	}
	if len(parts) == 0 {
		return "no changes"
	}
	return strings.Join(parts, " ")
}

// RunLine is what a run changed, cloud by cloud: "Google +3 ~12 −1 ·
// Microsoft no changes", with what failed or is held.
func RunLine(r *engine.Run) string {
	var parts []string
	ran := false
	for _, c := range []struct {
		cloud directory.Cloud
		*engine.CloudReport
	}{{directory.Google, r.Google}, {directory.Microsoft, r.Microsoft}} {
		if c.CloudReport == nil || c.Outcome == engine.Skipped {
			continue
		}
		var added, changed, removed, held int
		for _, l := range c.Listings {
			added, changed, removed, held = added+l.Added, changed+l.Changed, removed+l.Removed, held+l.Held
		}
		ran = true
		var says []string
		sep := " "
		if added+changed+removed > 0 {
			says = append(says, Counts(added, changed, removed))
		}
		if held > 0 {
			says = append(says, Number(held)+" held")
		}
		if c.Error != nil && c.Outcome == engine.Failed {
			if len(says) == 0 {
				sep = ": "
			}
			says = append(says, lowerFirst(SayFault(c.Error).Title))
		}
		if len(says) > 0 {
			parts = append(parts, CloudName(c.cloud)+sep+strings.Join(says, ", "))
		}
	}
	switch {
	case !ran:
		return OutcomeWords(r.Outcome).Text
	case len(parts) == 0:
		return "No changes"
	}
	return strings.Join(parts, " · ")
}

// runReasons say why a run began.
var runReasons = map[string]string{
	engine.WhyStart: "at start", engine.WhySchedule: "by schedule", engine.WhyWake: "after waking up", engine.WhyOnline: "network is back",
	engine.WhyRetry: "tried again", engine.WhyRequest: "on request", engine.WhyAuthorized: "after connecting",
	engine.WhyRemove: "after your yes", engine.WhyBringBack: "brought back by you",
}

// RunDetail is how a run came about and how long it took: "by schedule,
// 2 min".
func RunDetail(r *engine.Run) string {
	why := runReasons[r.Why]
	if why == "" {
		why = r.Why
	}
	if r.Full {
		why += ", all anew"
	}
	if !r.Finished.IsZero() {
		why += ", " + Span(r.Finished.Sub(r.Started))
	}
	return strings.TrimPrefix(why, ", ")
}

// HoldWords say what is held and why, and what Keep and Remove do.
func HoldWords(h *engine.Hold) Words {
	n, what := len(h.IDs), strings.ToLower(ListingName(h.Listing))
	if h.Listing == directory.Chromebooks {
		what = "Chromebooks"
	}
	where := CloudName(h.Cloud)
	w := Words{
		Title:    fmt.Sprintf("%s removals of %s wait for your yes", Number(n), what),
		Sentence: fmt.Sprintf("%s no longer lists %s %s. That is more than Panel removes without asking, so nothing was removed.", where, Number(n), what),
		Action:   "Remove them if that is right. Keep leaves them here until " + where + " lists them again.",
		Button:   Button{Act: ShowHold, Text: "Look at them"},
		Tone:     Warn,
	}
	if h.Empty {
		w.Title = fmt.Sprintf("%s listed no %s at all", where, what)
		w.Sentence = fmt.Sprintf("%s answered that there are no %s. That is rarely true, so nothing was removed.", where, what)
		w.Action = "Remove if " + where + " really has none. Keep leaves everything as it is."
	}
	return w
}

// ChangeLine is one entry of a change list without its name: "added",
// "Title: Teacher → Principal".
func ChangeLine(c *directory.Change) string {
	if c.Count > 1 {
		return Number(c.Count) + " " + strings.ToLower(ListingName(c.Listing)) + " " + string(c.Kind)
	}
	if len(c.Fields) == 0 {
		return string(c.Kind)
	}
	fields := make([]string, 0, len(c.Fields))
	for _, f := range c.Fields {
		fields = append(fields, fmt.Sprintf("%s: %s → %s", FieldLabel(f.Field), orNothing(f.From), orNothing(f.To)))
	}
	return strings.Join(fields, "; ")
}

func orNothing(s string) string { return cmp.Or(s, "(nothing)") }

// fieldLabels are the fields whose label is not their name with a space for
// each underscore.
var fieldLabels = map[string]string{
	"org_unit": "Organizational unit", "employee_id": "ID", "asset_id": "Asset ID", "annotated_user": "User",
	"annotated_location": "Location", "os_version": "ChromeOS version", "auto_update_expiration": "Updates until",
	"mac_address": "Wi-Fi MAC", "ethernet_mac_address": "Ethernet MAC", "dock_mac_address": "Dock MAC", "imei": "IMEI", "meid": "MEID", "license": "Licence",
	"last_sign_in": "Last sign-in", "last_ip": "Last IP", "last_wan_ip": "Last IP outside", "storage_bytes": "Storage",
	"memory_bytes": "Memory", "primary": "Primary address", "primary_email": "Primary address", "parent_path": "Parent",
	"recent_users": "Recent users", "deprovision_reason": "Reason",
}

// FieldLabel is the name of a record's field for a person: "Display name" for
// "display_name".
func FieldLabel(name string) string {
	if label, ok := fieldLabels[name]; ok || name == "" {
		return label
	}
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
}

func lowerFirst(s string) string {
	if s == "" || slices.ContainsFunc([]string{"Google", "Microsoft", "Panel"}, func(name string) bool { return strings.HasPrefix(s, name) }) {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
