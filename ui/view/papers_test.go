package view

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"panel/ledger"
)

// sheets reads a page as a browser would: its texts, one a line, each with the
// class of the element that it is in, or the element; the number of labels on
// each sheet; and whatever [PagePolicy] would stop or might call something.
func sheets(t *testing.T, page string) (texts []string, labels []int, odd []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		class := n.Data
		for _, a := range n.Attr {
			switch a.Key {
			case "class":
				class = a.Val
			case "dir", "lang", "charset", "aria-hidden", "width", "height", "viewbox", "viewBox", "preserveAspectRatio", "shape-rendering", "fill", "d":
			default:
				odd = append(odd, n.Data+" "+a.Key)
			}
		}
		switch {
		case class == "sheet":
			labels = append(labels, 0)
		case class == "label" || class == "label qr":
			labels[len(labels)-1]++
		case n.Data == "style" || n.Data == "script":
			text := n.FirstChild.Data
			if !strings.Contains(PagePolicy, n.Data+"-src ") || !strings.Contains(PagePolicy, pageHash(text)) {
				odd = append(odd, n.Data+" that the policy stops")
			}
			return
		case n.Data == "svg":
			texts = append(texts, "svg")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
				texts = append(texts, class+": "+c.Data)
			} else if c.Type == html.ElementNode {
				walk(c)
			}
		}
	}
	walk(doc)
	return texts, labels, odd
}

func page(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestLabels(t *testing.T) {
	nasty := `<b onclick="x">&amp;` + "\x00\xff"
	for _, test := range []struct {
		name  string
		label Label
		kind  LabelKind
		want  []string
	}{
		{"bars", Label{"5CD1", "00042", "HP", "5CD1"}, LabelCode128, []string{"tag: 00042", "model: HP", "svg", "code: 5CD1"}},
		{"bars of the tag", Label{"5CD1", "00042", "HP", "00042"}, LabelCode128, []string{"tag: 00042", "model: HP", "svg", "code: 00042", "model: 5CD1"}},
		{"square", Label{"5CD1", "00042", "HP", "5CD1"}, LabelQR, []string{"svg", "tag: 00042", "model: HP", "code: 5CD1"}},
		{"no bars", Label{"NÑ", "00042", "HP", "NÑ"}, LabelCode128, []string{"tag: 00042", "model: HP", "code: NÑ", "why: " + notASCII}},
		{"no code", Label{"5CD1", "00042", "HP", ""}, LabelQR, []string{"tag: 00042", "model: HP", "why: " + noCode, "model: 5CD1"}},
		{"nothing", Label{}, LabelCode128, []string{"why: " + noCode}},
		{"nasty", Label{nasty, nasty, nasty, nasty}, LabelCode128, []string{
			`tag wide: <b onclick="x">&amp;` + "\ufffd\ufffd", `model: <b onclick="x">&amp;` + "\ufffd\ufffd",
			`code: <b onclick="x">&amp;` + "\ufffd\ufffd", "why: " + unprinted, `model: <b onclick="x">&amp;` + "\ufffd\ufffd",
		}},
		{"long", Label{"5CD1", strings.Repeat("t", 16), "HP", strings.Repeat("x", 500)}, LabelCode128, []string{
			"tag wide: tttttttttttttttt", "model: HP", "code long: " + strings.Repeat("x", 500), "why: " + tooLong, "model: 5CD1",
		}},
	} {
		texts, labels, odd := sheets(t, page(t, func(w io.Writer) error { return WriteLabels(w, []Label{test.label}, test.kind, now.In(school)) }))
		want := append([]string{"title: Labels – 2026-11-23", "told: 1 label · 2026-11-23 12:00 · Print at 100 % (actual size), so that the codes stay sharp."}, test.want...)
		if diff := cmp.Diff(want, texts); diff != "" || !slices.Equal(labels, []int{1}) || odd != nil {
			t.Errorf("%s: %v labels, odd %q, -want +got:\n%s", test.name, labels, odd, diff)
		}
	}
}

func TestLabelsAreOnSheets(t *testing.T) {
	for n, want := range map[int][]int{0: nil, 1: {1}, 24: {24}, 25: {24, 1}, 60: {24, 24, 12}} {
		all := make([]Label, n)
		for i := range all {
			all[i] = Label{Serial: fmt.Sprint("S", i), Code: fmt.Sprint("S", i)}
		}
		texts, labels, odd := sheets(t, page(t, func(w io.Writer) error { return WriteLabels(w, all, LabelCode128, now) }))
		if !slices.Equal(labels, want) || odd != nil {
			t.Errorf("%d labels are on the sheets as %v, odd %q", n, labels, odd)
		}
		var codes []string
		for _, text := range texts {
			if code, ok := strings.CutPrefix(text, "code: "); ok {
				codes = append(codes, code)
			}
		}
		for i := range all {
			if len(codes) != n || codes[i] != all[i].Code {
				t.Fatalf("the codes of %d labels are %q", n, codes)
			}
		}
	}
}

// A sheet fits into what A4 and US Letter leave within the margins.
func TestSheetFitsThePaper(t *testing.T) {
	number := func(pattern string) (v float64) {
		m := regexp.MustCompile(pattern).FindStringSubmatch(labelStyle)
		if m == nil {
			t.Fatalf("the style has no %s", pattern)
		}
		_, _ = fmt.Sscan(m[1], &v)
		return v
	}
	margin, across := number(`@page \{ size: portrait; margin: (\d+)mm`), number(`repeat\((\d+), `)
	wide, high := across*number(`repeat\(\d+, (\d+)mm\)`), number(`grid-auto-rows: (\d+)mm`)*labelsPerSheet/across
	for name, paper := range map[string][2]float64{"A4": {210, 297}, "US Letter": {215.9, 279.4}} {
		if wide > paper[0]-2*margin || high > paper[1]-2*margin {
			t.Errorf("%g × %g mm do not fit into %s", wide, high, name)
		}
	}
}

func receipt() Receipt {
	at := time.Date(2026, 11, 23, 17, 30, 0, 0, time.UTC)
	return Receipt{District: "Example ISD", Person: "Ada <Lovelace>", Email: "ada@example.com", By: "tech", Items: []ReceiptItem{
		{Serial: "5CD1", Tag: "00042", Model: "HP 11", Note: "with its charger", Out: at, Due: "2026-12-18", Loaner: true},
		{Serial: "5CD2", Loaner: true},
		{Serial: "5CD3", Note: "a\x00b"},
	}}
}

func TestReceipt(t *testing.T) {
	full, nobody := receipt(), Receipt{}
	for _, test := range []struct {
		name    string
		receipt Receipt
		want    []string
	}{
		{"full", full, []string{
			"title: Receipt – 2026-11-23", "district: Example ISD", "h1: Checkout receipt", "person: Ada <Lovelace>", "small: ada@example.com",
			"th: Model", "th: Serial", "th: Asset ID", "th: Handed out", "th: Due back", "th: Note",
			"td: HP 11", "td: 5CD1", "td: 00042", "td: 2026-11-23 11:30", "td: 2026-12-18", "td: Loaner; with its charger",
			"td: 5CD2", "td: Loaner", "td: 5CD3", "td: a\ufffdb",
			"p: Received as listed above: 3 devices.", "small: Handed out by tech", "small: Printed 2026-11-23 12:00", "name: Signature of Ada <Lovelace>", "date: Date",
		}},
		{"nobody", nobody, []string{
			"title: Receipt – 2026-11-23", "h1: Checkout receipt", "th: Model", "th: Serial", "th: Asset ID", "th: Handed out", "th: Due back", "th: Note",
			"p: Received as listed above: 0 devices.", "small: Printed 2026-11-23 12:00", "name: Signature", "date: Date",
		}},
	} {
		text := page(t, func(w io.Writer) error { return WriteReceipt(w, test.receipt, now.In(school)) })
		texts, _, odd := sheets(t, text)
		if diff := cmp.Diff(test.want, texts); diff != "" || odd != nil {
			t.Errorf("%s: odd %q, -want +got:\n%s", test.name, odd, diff)
		}
		if rows, cells := strings.Count(text, "<tr>"), strings.Count(text, "<td"); rows != 1+len(test.receipt.Items) || cells != 6*len(test.receipt.Items) {
			t.Errorf("%s: %d rows, %d cells", test.name, rows, cells)
		}
	}
}

// The policy lets the styles of all pages pass, and nothing that is not known
// beforehand.
func TestPagePolicy(t *testing.T) {
	hash := `'sha256-[A-Za-z0-9+/]{43}='`
	want := regexp.MustCompile(`^default-src 'none'; style-src( ` + hash + `){3}; script-src ` + hash + `; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$`)
	if !want.MatchString(PagePolicy) {
		t.Errorf("the policy is %q", PagePolicy)
	}
	for name, write := range papers() {
		texts, _, odd := sheets(t, page(t, write))
		if len(texts) < 2 || odd != nil {
			t.Errorf("%s has %q and odd %q", name, texts, odd)
		}
	}
}

// papers are one of each page.
func papers() map[string]func(io.Writer) error {
	l := cart()
	return map[string]func(io.Writer) error{
		"a list":        l.Extract("Chromebooks", places(l, "serial", "notes"), nil, now).WritePage,
		"labels":        func(w io.Writer) error { return WriteLabels(w, make([]Label, 30), LabelCode128, now) },
		"square labels": func(w io.Writer) error { return WriteLabels(w, []Label{{Code: "1"}}, LabelQR, now) },
		"a receipt":     func(w io.Writer) error { return WriteReceipt(w, receipt(), now) },
		"a packet":      func(w io.Writer) error { return WritePacket(w, make([]ledger.Handing, 1), now) },
	}
}

func TestPapersOntoAFullDisk(t *testing.T) {
	for name, write := range papers() {
		for _, room := range []int{0, 100} {
			if err := write(&brokenDisk{room}); !errors.Is(err, errFull) {
				t.Errorf("%s onto a disk with %d bytes: %v", name, room, err)
			}
		}
	}
}
