package ui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"panel/directory"
)

// odd is a district of what nobody expects.
func odd() *fake {
	f := district(40)
	deep := ""
	for i := range 35 {
		deep += fmt.Sprintf("/Level %d", i+1)
		f.units = append(f.units, directory.OrgUnit{ID: fmt.Sprint("id:", i), Path: deep, Name: fmt.Sprintf("Level %d", i+1)})
	}
	long := strings.Repeat("The screen is cracked, and the charger is missing. ", 100)
	f.books = append(f.books,
		directory.Chromebook{DeviceID: "nothing-but-an-id"},
		directory.Chromebook{DeviceID: "long", Serial: "LONGNOTE", Notes: long, OrgUnit: deep, AnnotatedUser: strings.Repeat("x", 300) + "@example.com"},
		directory.Chromebook{DeviceID: "rtl", Serial: "RTL1", AnnotatedLocation: "חדר 7", AnnotatedUser: "👩‍🏫@example.com", Model: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"},
	)
	f.people = append(f.people,
		directory.Person{ID: "g:only"},
		directory.Person{ID: "g:rtl", DisplayName: "محمد الأمين", PrimaryEmail: "m@example.com", Emails: []string{"m@example.com"}, OrgUnit: deep},
		directory.Person{ID: "g:emoji", DisplayName: "Zoë 👩‍🏫 O’Brien", PrimaryEmail: "z@example.com", Emails: []string{"z@example.com"}},
		directory.Person{ID: "g:cjk", DisplayName: "小明 王", PrimaryEmail: "w@example.com", Emails: []string{"w@example.com"}},
	)
	return f
}

func TestOddRecordsAreUsable(t *testing.T) {
	f := odd()
	s := open(t, f)
	for at, names := range map[int]map[string]string{
		1: {"g:only": "g:only", "g:rtl": "محمد الأمين", "g:emoji": "Zoë 👩‍🏫 O’Brien", "g:cjk": "小明 王"},
		2: {"nothing-but-an-id": "nothing-but-an-id", "long": "LONGNOTE", "rtl": "RTL1"},
	} {
		s.goTo(at)
		b := s.tabs[at].pane.(*browser)
		for i, c := range b.kind.columns { // every column there is
			if c.Width > 0 {
				b.table.choose(i, true)
			}
		}
		b.table.Resize(fyne.NewSize(900, 600))
		for key, name := range names {
			if !b.table.ShowKey(key) {
				t.Fatalf("%s is not in the list", key)
			}
			if got := b.table.rows.Cell(b.table.cursor, 0).text; got != name {
				t.Errorf("%s is listed as %q, want %q", key, got, name)
			}
			for _, r := range b.table.list.rows {
				if r.row >= 0 {
					r.paint(900, rowHeight)
				}
			}
			s.until("the pane shows it", func() bool { return b.detail.shown.Key == key })
			if b.detail.shown.Title == "" {
				t.Errorf("the pane of %s has no title", key)
			}
		}
		if at == 2 {
			s.shoot("odd-chromebooks", 1280, 800)
		} else {
			s.shoot("odd-people", 1280, 800)
		}
	}

	// A note of 5,000 letters: found by its end, whole in the pane, not over the
	// whole window under the pointer.
	s.search.SetText("charger missing longnote")
	b := s.tabs[2].pane.(*browser)
	if b.list.Len() != 1 || b.list.At(0).Key() != "long" {
		t.Errorf("the note is not found: %d rows", b.list.Len())
	}
	s.showTipAt(f.books[41].Notes, fyne.NewPos(10, 10), 20)
	s.until("the tip is shown", func() bool { return s.tip != nil })
	if high := s.tip.Objects[0].Size().Height; high > 400 {
		t.Errorf("the tip is %v high", high)
	}
}

func TestDeepUnitsKeepTheirNames(t *testing.T) {
	s := open(t, odd())
	s.goTo(2)
	b := s.tabs[2].pane.(*browser)
	deep := b.tree.root
	for deep.Path == "/" || len(deep.Children) > 0 {
		next := deep.Children[0]
		for _, c := range deep.Children {
			if strings.HasPrefix(c.Path, "/Level 1") {
				next = c
			}
		}
		deep = next
	}
	if strings.Count(deep.Path, "/") != 35 {
		t.Fatalf("the deepest is %s", deep.Path)
	}
	b.chooseOrgUnits(false, deep.Path)
	if b.list.Len() != 1 {
		t.Errorf("%d Chromebooks are there, want 1", b.list.Len())
	}
	at := b.tree.at()
	row := newOrgRow(b.tree)
	row.at = at
	row.Resize(fyne.NewSize(216, 22))
	if left := row.indent(); left > 120 {
		t.Errorf("the name of the 35th level begins at %v of 216", left)
	}
	s.shoot("odd-tree", 1024, 700)
}
