package ui

import (
	"context"
	"errors"
	"time"

	"panel/directory"
	"panel/ledger"
	"panel/ui/view"
)

// newPeopleTab makes the list of people.
func newPeopleTab(w *Window) *browser {
	return newBrowser(w, recordKind{
		listing: directory.People, name: "people", title: "People", one: "person", many: "people", facets: []string{"state", "checkout", "overdue", "notice"}, pages: []string{"Open in Google Admin", "Open in Entra"},
		columns: view.NewPeople(time.Time{}).Rows().Columns(),
		rows:    func(r *Records) *view.Rows { return r.People },
		total:   func(r *Records) int { return r.People.Len() },
		count:   func(n *view.OrgNode) int { return n.PeopleBelow },
		load: func(ctx context.Context, id string, r *Records) (detail, error) {
			d, err := w.b.Person(id)
			if err != nil {
				return detail{}, err
			}
			history, err := w.b.History(directory.People, d.Person.ID)
			if err != nil {
				return detail{}, err
			}
			who := ledger.HolderOf(&d.Person)
			entries, err := w.b.Checkouts(ctx, "", who.Keys())
			if err != nil {
				return detail{}, err
			}
			return detail{
				Detail:  view.PersonDetail(&d.Person, d.Google, d.Microsoft, r.Chromebooks, r.Holdings, w.clock()),
				history: history, twins: d.Twins, handling: &handling{person: &d.Person, entries: entries},
			}, nil
		},
		acts: w.actsOnPeople,
		empty: func(s *State) view.Words {
			if s.Connections.Google.State == "not_authorized" && s.Connections.Microsoft.State == "not_configured" {
				return startWords(s, "People")
			}
			return view.Words{Title: "No people yet", Sentence: "They appear here as soon as the first sync has read them.", Button: view.Button{Act: view.SyncNow, Text: "Request Immediate Cloud Sync Refresh"}}
		},
	})
}

// newChromebooksTab makes the list of Chromebooks.
func newChromebooksTab(w *Window) *browser {
	return newBrowser(w, recordKind{
		listing: directory.Chromebooks, name: "chromebooks", title: "Chromebooks", one: "Chromebook", many: "Chromebooks", facets: []string{"status", "checkout", "overdue", "holder_departed", "gone"}, pages: []string{"Open in Google Admin"},
		columns: view.NewChromebooks(time.Time{}).Rows().Columns(),
		rows:    func(r *Records) *view.Rows { return r.Chromebooks },
		total:   func(r *Records) int { return r.Chromebooks.Len() - r.Gone },
		count:   func(n *view.OrgNode) int { return n.ChromebooksBelow },
		load:    w.loadChromebook,
		acts:    w.actsOnDevice,
		empty: func(s *State) view.Words {
			if s.Connections.Google.State == "not_authorized" {
				return startWords(s, "Chromebooks")
			}
			return view.Words{Title: "No Chromebooks yet", Sentence: "They appear here as soon as the first sync has read them.", Button: view.Button{Act: view.SyncNow, Text: "Request Immediate Cloud Sync Refresh"}}
		},
	})
}

// loadChromebook reads what the pane shows of a Chromebook.
func (w *Window) loadChromebook(ctx context.Context, id string, r *Records) (detail, error) {
	hold := r.Holdings.Device(id)
	asset := ledger.Asset{Kind: ledger.Chromebook, ID: id}
	c, err := w.b.Chromebook(id)
	switch {
	case err == nil:
		asset = ledger.AssetOf(&c)
	case errors.Is(err, ErrGone) && hold != nil: // the ledger remembers it
		asset = hold.Asset
		c = directory.Chromebook{DeviceID: id, Serial: asset.Serial, AssetID: asset.Tag, Model: asset.Model}
	default:
		return detail{}, err
	}
	history, err := w.b.History(directory.Chromebooks, id)
	if err != nil {
		return detail{}, err
	}
	entries, err := w.b.Checkouts(ctx, asset.Key(), nil)
	if err != nil {
		return detail{}, err
	}
	return detail{
		Detail:  view.ChromebookDetail(&c, r.People, r.Holdings, w.clock()),
		history: history, handling: &handling{asset: &asset, hold: hold, entries: entries},
	}, nil
}

// newCheckoutsList makes the list of what is out, lost or in repair.
func newCheckoutsList(w *Window) *browser {
	return newBrowser(w, recordKind{
		listing: view.Checkouts, name: "checkouts", title: "Checkouts", one: "device", many: "devices", facets: []string{"checkout", "overdue", "holder_departed", "loaner"}, pages: []string{"Open in Google Admin"},
		columns: view.CheckoutColumns(),
		rows:    func(r *Records) *view.Rows { return r.Checkouts },
		total:   func(r *Records) int { return r.Checkouts.Len() },
		count:   func(*view.OrgNode) int { return 0 }, flat: true,
		load: w.loadChromebook, acts: w.actsOnDevice,
		empty: func(*State) view.Words {
			return view.Words{Title: "Nothing is out", Sentence: "What is handed out, lost or in repair is listed here, with who has it and until when."}
		},
	})
}

// actsOnDevice are what the ledger can do with the device of a row.
func (w *Window) actsOnDevice(b *browser, row int) []rowAct {
	if !w.handsOut() {
		return nil
	}
	r := b.list.At(row)
	id := b.table.rows.Key(row)
	hold := w.holdOf(id)
	a := ledger.Asset{Kind: ledger.Chromebook, ID: id, Serial: r.Value("serial"), Tag: r.Value("asset_id"), Model: r.Value("model")}
	if hold != nil && a.Serial == "" {
		a = hold.Asset
	}
	return w.deviceActs(a, hold)
}

// actsOnPeople are what the ledger can do for the person of a row, and with what
// those have who are selected.
func (w *Window) actsOnPeople(b *browser, row int) []rowAct {
	if !w.handsOut() {
		return nil
	}
	id := b.table.rows.Key(row)
	var ids []string
	for _, i := range b.table.Selected() {
		ids = append(ids, b.table.rows.Key(i))
	}
	return []rowAct{
		{"Check out…", func() { w.openCheckoutTo(id) }},
		{"New collection day for " + view.Plural(len(ids), "person", "people") + "…", func() {
			w.visitPlace(placeCollection)
			w.checkout.rounds[0].openNew(ids)
		}},
	}
}

// openCheckoutTo hands something to a person.
func (w *Window) openCheckoutTo(id string) {
	var p PersonDetail
	w.do(func(context.Context) (err error) {
		p, err = w.b.Person(id)
		return err
	}, func(err error) {
		if w.handled(err, func() { w.openCheckoutTo(id) }) {
			w.openCheckout(nil, &p.Person)
		}
	})
}

// startWords say what to do first.
func startWords(s *State, what string) view.Words {
	w := view.Words{
		Title:    what + " come from the clouds",
		Sentence: "Authorize Panel at Google first. It asks for permission to read, never to write.",
		Button:   view.Button{Act: view.Authorize, Text: "Authorize Panel to Perform Google Workspace Sync"},
	}
	if !s.Connections.Google.HasClient {
		w.Sentence = "Set up Google access first: a few steps in your own Google Cloud project."
		w.Button = view.Button{Act: view.SetUpGoogle, Text: "Set up Google access"}
	}
	return w
}
