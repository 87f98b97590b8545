package view

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"panel/ledger"
)

// someHandings are one of each status.
func someHandings() []ledger.Handing {
	out := now.Add(-48 * time.Hour)
	asset := func(n string) ledger.Asset {
		return ledger.Asset{Kind: ledger.Chromebook, ID: "d" + n, Serial: "5CD" + n, Tag: "0000" + n, Model: "HP 11"}
	}
	ada := ledger.Holder{GoogleID: "7", Name: "Ada Lovelace", Emails: []string{"ada@example.com", "al@example.com"}}
	return []ledger.Handing{
		{Entry: "e1", By: "tech", Asset: asset("9"), Holder: ada, Out: out, Status: ledger.In, In: now, Condition: "scratched", Note: "=1+1"},
		{Entry: "e2", By: "tech", Asset: asset("1"), Holder: ada, Out: out.Add(time.Hour), Status: ledger.InRepair, In: now, Condition: "broken"},
		{Entry: "e3", By: "other", Asset: asset("2"), Holder: ada, Out: out.Add(2 * time.Hour), Due: "2026-12-18", Status: ledger.Out, Loaner: true},
		{Entry: "e4", By: "tech", Asset: ledger.Asset{Kind: "hotspot", ID: "d3"}, Holder: ledger.Holder{MicrosoftID: "8"}, Out: out.Add(-time.Hour), Status: ledger.IsLost},
	}
}

func TestPacket(t *testing.T) {
	e := Packet(someHandings(), now.In(school))
	got := string(written(t, e, CSV))
	want := "\ufeffType,Make and model,Serial,Asset ID,Person,Out,In,Condition,Note,Status\n" +
		"hotspot,,,,,2026-11-21 11:00:00,,,,Lost\n" +
		"Chromebook,HP 11,5CD9,00009,Ada Lovelace,2026-11-21 12:00:00,2026-11-23 12:00:00,scratched,'=1+1,Returned\n" +
		"Chromebook,HP 11,5CD1,00001,Ada Lovelace,2026-11-21 13:00:00,2026-11-23 12:00:00,broken,,In repair\n" +
		"Chromebook,HP 11,5CD2,00002,Ada Lovelace,2026-11-21 14:00:00,,,,Checked out\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	sheet := readBook(t, written(t, e, XLSX))[0]
	if sheet.name != "Audit packet" || len(sheet.rows) != 5 || sheet.rows[2][5].format != "yyyy-mm-dd hh:mm:ss" || sheet.rows[1][6].text != "" {
		t.Errorf("the sheet is %+v", sheet)
	}
}

func TestPacketAsAPage(t *testing.T) {
	texts, _, odd := sheets(t, page(t, func(w io.Writer) error { return WritePacket(w, someHandings()[:3], now.In(school)) }))
	if odd != nil {
		t.Errorf("the page has %q", odd)
	}
	for _, want := range []string{
		"h1: Audit packet", "p: 3 rows · 2026-11-23 12:00", "td: 2026-11-21 12:00", "td: Returned", "td: broken",
		"p: One row for each time that something was handed out, the oldest first. Still out or lost: 1.",
	} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is not in %q", want, texts)
		}
	}
	if text := page(t, func(w io.Writer) error { return WritePacket(w, nil, now) }); !strings.Contains(text, "0 rows") || !strings.Contains(text, "<th>Condition</th>") {
		t.Errorf("of nothing comes %q", text)
	}
}

// The rows are a list like others: searched, filtered, and in the order of the
// journal.
func TestHandingRows(t *testing.T) {
	l := NewList(HandingRows(someHandings(), now))
	expect(t, l, "the list", "e1", "e2", "e3", "e4")
	for search, want := range map[string][]string{
		"5cd1": {"e2"}, "ada": {"e1", "e2", "e3"}, "al@example.com": nil, "ada@example.com": {"e1", "e2", "e3"}, "scratched": {"e1"}, "loaner": {"e3"}, "status:lost": {"e4"},
		"lovelace person:ada": {"e1", "e2", "e3"}, "other": {"e3"}, "00009": {"e1"}, "2026-12-18": {"e3"},
	} {
		l.Search(search)
		expect(t, l, search, want...)
	}
	l.Search("")
	l.Filter("status", "Checked out", "Lost")
	expect(t, l, "what is out or lost", "e3", "e4")
	for _, c := range HandingRows(nil, now).Columns() {
		if c.Width > 0 && c.Title == "" {
			t.Errorf("the column %s has no title", c.Key)
		}
	}
	for word, want := range map[string]Tone{"Returned": Good, "Checked out": Info, "Lost": Bad, "In repair": Warn} {
		if got := handingTone(word); got != want {
			t.Errorf("%s has the tone %d, want %d", word, got, want)
		}
	}
}
