package ui

import (
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"panel/directory"
	"panel/sync/engine"
	"panel/ui/view"
)

// cloudModel is what a card says of one cloud. It is made by a pure function
// of the state.
type cloudModel struct {
	title   string
	state   view.Badge
	intro   string // instead of facts, while there are none
	facts   []view.Field
	granted []string
	missing []string
	trouble view.Words
	steps   []view.Step
	buttons []cardButton
}

type cardButton struct {
	label   string
	act     view.Act
	primary bool
	quiet   bool
}

// googleModel says how Panel stands with Google.
func googleModel(s *State) cloudModel {
	g := &s.Connections.Google
	m := cloudModel{title: "Google Workspace"}
	if g.Lost == nil { // else nothing is granted any more
		m.granted, m.missing = g.Granted, g.Missing
	}
	authorize := cardButton{label: nameAuthorize, act: view.Authorize, primary: true}
	deauthorize := cardButton{label: nameDeauthorize, act: actDeauthorize}
	switch {
	case g.State == "authorized":
		m.state = view.Badge{Text: "Authorized", Tone: view.Good}
		m.buttons = []cardButton{deauthorize}
	case g.State == "partial":
		m.state = view.Badge{Text: "Partly authorized", Tone: view.Warn}
		m.buttons = []cardButton{authorize, deauthorize}
	case g.State == "revoked":
		m.state = view.Badge{Text: "Authorization gone", Tone: view.Bad}
		m.buttons = []cardButton{authorize, deauthorize}
	case g.State == "blocked":
		m.state = view.Badge{Text: "Blocked", Tone: view.Bad}
		m.buttons = []cardButton{authorize, deauthorize}
	case !g.HasClient:
		m.state = view.Badge{Text: "Not set up", Tone: view.Muted}
		m.intro = "Panel reads people, organizational units and Chromebooks from Google Workspace. Your district needs an OAuth client for that: a guide takes you through it, about ten minutes, once."
		// Authorizing begins with the guide then.
		m.buttons = []cardButton{{label: nameAuthorize, act: view.SetUpGoogle, primary: true}}
	default:
		m.state = view.Badge{Text: "Not authorized", Tone: view.Muted}
		m.intro = "Panel reads people, organizational units and Chromebooks from Google Workspace. It asks for permission to read, and for nothing else."
		m.buttons = []cardButton{authorize}
	}
	m.buttons = append(m.buttons, cardButton{label: nameSetUpGoogle, act: view.SetUpGoogle, quiet: true})
	r := s.Records
	imported := r != nil && (r.FromGoogle > 0 || r.Units > 0 || r.Books+r.LostBooks > 0)
	if g.Account != "" {
		when := view.Ago(g.AuthorizedAt, s.Now)
		if g.Domain != "" {
			when += " for " + g.Domain
		}
		m.facts = append(m.facts, view.Field{Label: "Authorized by", Value: g.Account},
			view.Field{Label: "Authorized", Value: when, Exact: view.Exact(g.AuthorizedAt, s.Now.Location())})
	}
	m.facts = append(m.facts, refused(s, g.Lost)...)
	m.facts = append(m.facts, lastRead(s, directory.Google)...)
	if imported {
		m.intro = ""
		m.facts = append(m.facts, view.Field{Label: "Imported", Value: view.Plural(r.FromGoogle, "person", "people") + " · " +
			view.Plural(r.Books, "Chromebook", "Chromebooks") + " · " + view.Plural(r.Units, "OU", "OUs")})
		if r.LostBooks > 0 {
			m.facts = append(m.facts, view.Field{Label: "Kept", Value: view.Plural(r.LostBooks, "Chromebook", "Chromebooks") + " no longer in Google"})
		}
		m.facts = append(m.facts, hiddenOnes(r.HiddenGoogle, r.HiddenBooks)...)
		m.buttons = append(m.buttons, cardButton{label: "Remove what came from Google", act: actForgetGoogle, quiet: true})
	}
	m.trouble = view.SayFault(fault(s, directory.Google))
	if m.trouble == (view.Words{}) {
		m.trouble = view.Unticked(g.Missing)
		m.trouble.Button = view.Button{} // the card has it
	}
	m.steps = stepsOf(s, directory.Google)
	return m
}

// microsoftModel says how Panel stands with Microsoft.
func microsoftModel(s *State) cloudModel {
	a := &s.Connections.Microsoft
	m := cloudModel{title: "Microsoft Azure (Entra ID)", state: azureState(a.State)}
	if a.Lost != nil && !a.HasSecret {
		m.state = view.Badge{Text: "Secret missing", Tone: view.Bad}
	}
	r := s.Records
	imported := r != nil && r.FromMicrosoft > 0
	if a.State == "not_configured" {
		m.buttons = []cardButton{{label: nameAddAzure, act: actAddAzure, primary: true}}
		if !imported {
			m.intro = "Panel reads people from Microsoft Entra ID with an app registration that may only read users. A guide with every step stands beside the form."
		}
	} else {
		m.facts = append(m.facts, view.Field{Label: "Tenant", Value: a.Tenant}, view.Field{Label: "Client ID", Value: a.ClientID})
		if a.Expires != "" {
			f := view.Field{Label: "Secret expires", Value: string(a.Expires)}
			if words, due := view.SecretReminder(s.Now, a.Expires); due {
				f.Tone = words.Tone
			}
			m.facts = append(m.facts, f)
		}
		m.buttons = []cardButton{
			{label: "Edit Azure Sync Settings", act: view.EditAzure},
			{label: "Remove the settings", act: actRemoveAzure},
		}
	}
	m.facts = append(m.facts, refused(s, a.Lost)...)
	m.facts = append(m.facts, lastRead(s, directory.Microsoft)...)
	if imported {
		m.facts = append(m.facts, view.Field{Label: "Imported", Value: view.Plural(r.FromMicrosoft, "person", "people")})
		m.facts = append(m.facts, hiddenOnes(r.HiddenMicrosoft, 0)...)
		m.buttons = append(m.buttons, cardButton{label: "Remove what came from Microsoft", act: actForgetAzure, quiet: true})
	}
	m.trouble = view.SayFault(fault(s, directory.Microsoft))
	m.steps = stepsOf(s, directory.Microsoft)
	return m
}

// hiddenOnes says how much of what was imported the lists leave out.
func hiddenOnes(people, books int) []view.Field {
	var parts []string
	if people > 0 {
		parts = append(parts, view.Plural(people, "person", "people"))
	}
	if books > 0 {
		parts = append(parts, view.Plural(books, "Chromebook", "Chromebooks"))
	}
	if parts == nil {
		return nil
	}
	return []view.Field{{Label: "Hidden", Value: strings.Join(parts, " · ") + ", by the settings"}}
}

func azureState(state string) view.Badge {
	switch state {
	case "not_configured":
		return view.Badge{Text: "Not configured", Tone: view.Muted}
	case "configured":
		return view.Badge{Text: "Configured", Tone: view.Good}
	case "secret_expired":
		return view.Badge{Text: "Secret expired", Tone: view.Bad}
	case "secret_wrong":
		return view.Badge{Text: "Secret refused", Tone: view.Bad}
	case "consent_missing":
		return view.Badge{Text: "Consent missing", Tone: view.Bad}
	case "tenant_unknown":
		return view.Badge{Text: "Tenant unknown", Tone: view.Bad}
	case "client_unknown":
		return view.Badge{Text: "App unknown", Tone: view.Bad}
	case "blocked":
		return view.Badge{Text: "Blocked", Tone: view.Bad}
	}
	return view.Badge{Text: state, Tone: view.Warn}
}

// refused says since when a cloud no longer accepts what was set up.
func refused(s *State, lost *engine.Fault) []view.Field {
	if lost == nil {
		return nil
	}
	return []view.Field{{Label: "Refused since", Value: view.Exact(lost.At, s.Now.Location()), Tone: view.Bad}}
}

// lastRead says when a cloud was last read.
func lastRead(s *State, c directory.Cloud) []view.Field {
	at := s.Status.Of(c).LastSuccess
	if at.IsZero() {
		return nil
	}
	exact := view.Exact(at, s.Now.Location())
	connected := s.Connections.Microsoft.State == "configured"
	if c == directory.Google {
		connected = s.Connections.Google.State == "authorized" || s.Connections.Google.State == "partial"
	}
	if !connected { // what was imported gets older and older
		return []view.Field{{Label: "Last true", Value: exact, Tone: view.Warn}}
	}
	words := view.Ago(at, s.Now)
	// After a failure the next run may be one cloud's alone.
	if st := &s.Status; !st.Next.IsZero() && st.Running == nil && st.Google.LastError == nil && st.Microsoft.LastError == nil {
		words += ", again " + view.Until(st.Next, s.Now)
	}
	return []view.Field{{Label: "Last read", Value: words, Exact: exact}}
}

// fault is what is wrong with a cloud now; nothing with one that is not set
// up.
func fault(s *State, c directory.Cloud) *engine.Fault {
	if lost := s.Connections.lost(c); lost != nil {
		return lost
	}
	if !s.Connections.has(c) {
		return nil
	}
	return s.Status.Of(c).LastError
}

func stepsOf(s *State, c directory.Cloud) (out []view.Step) {
	for _, step := range view.Progress(&s.Status, s.Now) {
		if step.Cloud == c {
			out = append(out, step)
		}
	}
	return out
}

// cardLabel is the width of the labels in a card.
const cardLabel = 104

// cloudCard shows a cloudModel. What stays is changed in place, so that a
// button under the pointer is the same one after every state.
type cloudCard struct {
	*card
	press       func(view.Words)
	shown       cloudModel
	title       *text
	state       *badge
	intro       *paragraph
	facts       *facts
	permissions *permissions
	trouble     *fyne.Container
	steps       *fyne.Container
	lines       []*stepLine
	buttons     *fyne.Container
}

func newCloudCard(h *host, press func(view.Words)) *cloudCard {
	c := &cloudCard{
		press: press, title: newText(""), state: newBadge("", view.Muted), intro: newParagraph(""), facts: newFacts(cardLabel),
		permissions: newPermissions(), trouble: container.NewStack(), steps: vstack(8),
		buttons: container.New(&flowLayout{gap: 6}),
	}
	c.facts.h = h
	c.title.Bold, c.title.Points = true, 15
	head := container.NewBorder(nil, nil, nil, c.state, c.title)
	buttons := container.New(layout.NewCustomPaddedLayout(6, 0, 0, 0), c.buttons)
	c.card = newCard(container.NewBorder(vstack(8, head, c.trouble, c.intro, c.facts, c.permissions.box, c.steps, buttons), nil, nil, nil))
	return c
}

func (c *cloudCard) set(m cloudModel) {
	if reflect.DeepEqual(m, c.shown) {
		return
	}
	before := c.shown
	c.shown = m
	c.title.set(m.title, view.Plain)
	c.state.set(m.state.Text, m.state.Tone)
	c.intro.set(m.intro, view.Plain)
	visible(c.intro, m.intro != "")
	c.facts.set(m.facts)
	visible(c.facts, len(m.facts) > 0)
	c.permissions.set(m.granted, m.missing)
	if m.trouble != before.trouble {
		c.trouble.Objects = []fyne.CanvasObject{newTrouble(m.trouble, c.press)}
	}
	visible(c.trouble, m.trouble != view.Words{})
	c.showSteps(m.steps)
	if !reflect.DeepEqual(m.buttons, before.buttons) {
		c.buttons.Objects = nil
		for _, b := range m.buttons {
			c.buttons.Add(c.newButton(b))
		}
	}
	c.Refresh()
}

func (c *cloudCard) newButton(b cardButton) fyne.CanvasObject {
	button := newButton(b.label, nil, func() { c.press(view.Words{Button: view.Button{Act: b.act}}) })
	switch {
	case b.primary:
		button.Importance = widget.HighImportance
	case b.quiet:
		button.Importance = widget.LowImportance
	}
	return button
}

// newTrouble says what is wrong, with the button that helps.
func newTrouble(w view.Words, press func(view.Words)) fyne.CanvasObject {
	c := newCard(troubleLines(w, press))
	c.accent, c.pad = w.Tone, 10
	return c
}

// troubleLines are what [newTrouble] frames.
func troubleLines(w view.Words, press func(view.Words)) fyne.CanvasObject {
	lines := vstack(6, newParagraph(w.String()))
	buttons := hstack(6)
	if w.Button.Act != view.NoAct {
		buttons.Add(newButton(w.Button.Text, nil, func() { press(w) }))
	}
	if w.Copy != "" && w.Button.Act != view.CopyDetails {
		details := w
		details.Button = view.Button{Act: view.CopyDetails}
		buttons.Add(newLink("Copy details", func() { press(details) }))
	}
	if len(buttons.Objects) > 0 {
		lines.Add(buttons)
	}
	return lines
}

// stepLine is how far one listing is.
type stepLine struct {
	title, words *text
	meter        *meter
	object       fyne.CanvasObject
}

func (c *cloudCard) showSteps(steps []view.Step) {
	for len(c.lines) < len(steps) {
		l := &stepLine{title: newText(""), words: newMuted(""), meter: newMeter()}
		l.words.Points, l.title.Whole, l.title.Points = textSmall, true, 12
		l.object = vstack(3, container.NewBorder(nil, nil, l.title, nil, padLeft(10, l.words)), l.meter)
		c.lines = append(c.lines, l)
		c.steps.Add(l.object)
	}
	for i, l := range c.lines {
		if i >= len(steps) {
			l.object.Hide()
			continue
		}
		l.title.set(view.ListingName(steps[i].Listing), view.Plain)
		l.words.set(steps[i].Text, view.Muted)
		l.meter.set(steps[i].Share)
		l.object.Show()
	}
	visible(c.steps, len(steps) > 0)
}
