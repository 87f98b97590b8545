package view

import (
	"cmp"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"panel/directory"
)

// labelStyle is that of labels: three across, eight down, which fits into A4 and
// into US Letter alike, and a sheet of paper for each [labelsPerSheet].
const labelStyle = `:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 8mm; font: 8pt/1.25 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #000; background: #fff; }
.told { margin: 0 0 4mm; font-size: 13px; color: #444; }
.sheet { display: grid; grid-template-columns: repeat(3, 64mm); grid-auto-rows: 32mm; width: 192mm; margin: 0 auto 8mm; }
.label { overflow: hidden; break-inside: avoid; padding: 1.5mm; border: .2mm dotted #bbb; display: flex; align-items: center; justify-content: center; text-align: center; overflow-wrap: anywhere; }
.label div { min-width: 0; max-width: 100%; max-height: 100%; overflow: hidden; }
.label p { margin: 0; overflow: hidden; }
.label svg { display: block; flex: none; margin: .7mm auto .3mm; }
.tag { font-size: 15pt; line-height: 1.15; font-weight: 700; white-space: nowrap; text-overflow: ellipsis; }
.label .wide { font-size: 9pt; }
.model { font-size: 6.5pt; color: #333; white-space: nowrap; text-overflow: ellipsis; }
.code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.label .long { font-size: 6pt; line-height: 1.15; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5; }
.why { font-size: 6.5pt; font-style: italic; }
.label.qr { justify-content: flex-start; text-align: start; }
.qr svg { margin: 0; }
.qr .model { white-space: normal; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
@page { size: portrait; margin: 8mm; }
@media print {
body { margin: 0; }
.told { display: none; }
.sheet { margin: 0 auto; break-after: page; }
.sheet:last-child { break-after: auto; }
}
`

// labelsPerSheet is how many labels are on a sheet of paper.
const labelsPerSheet = 24

// Label is what one label says.
type Label struct {
	Serial string
	Tag    string // the asset ID
	Model  string
	// Code is what a scanner is to read: the serial or the tag.
	Code string
}

// LabelKind is how the code of a [Label] is drawn.
type LabelKind int

// The kinds of label.
const (
	LabelCode128 LabelKind = iota
	LabelQR
)

// WriteLabels writes labels as one HTML page to be printed, in their order,
// served under [PagePolicy]. A code that cannot be drawn is there as text, with
// the reason. The error is w's.
func WriteLabels(w io.Writer, labels []Label, kind LabelKind, now time.Time) error {
	p := newPaper(w, "Labels – "+now.Format(time.DateOnly), labelStyle)
	p.put(`<p class="told">`, Plural(len(labels), "label", "labels"), " · ", now.Format("2006-01-02 15:04"))
	if len(labels) > 0 {
		p.put(" · Print at 100 % (actual size), so that the codes stay sharp.")
	}
	p.put("</p>\n")
	for i := range labels {
		if i%labelsPerSheet == 0 {
			if i > 0 {
				p.put("</section>\n")
			}
			p.put("<section class=\"sheet\">\n")
		}
		p.label(&labels[i], kind)
	}
	if len(labels) > 0 {
		p.put("</section>\n")
	}
	return p.end()
}

// label puts one label: the bars between the texts, a square before them.
func (p paper) label(l *Label, kind LabelKind) {
	d := drawCode(l.Code, kind)
	bars := d.svg
	if kind == LabelQR && d.svg != "" {
		p.put(`<div class="label qr">`, d.svg, "<div>")
		bars = ""
	} else {
		p.put(`<div class="label"><div>`)
	}
	p.line(longer("tag", l.Tag, 15, "wide"), l.Tag)
	p.line("model", l.Model)
	p.put(bars)
	p.line(longer("code", d.code, 40, "long"), d.code)
	p.line("why", d.why)
	if l.Serial != d.code {
		p.line("model", l.Serial)
	}
	p.put("</div></div>\n")
}

// longer adds a class to that of a text with more than some letters.
func longer(class, text string, most int, wide string) string {
	if utf8.RuneCountInString(text) > most {
		return class + " " + wide
	}
	return class
}

// line puts a line of text, nothing for none.
func (p paper) line(class, text string) {
	if text != "" {
		p.put(`<p class="`, class, `" dir="auto">`, escape(text), "</p>")
	}
}

// receiptStyle is that of a receipt: upright, one sheet of paper unless there
// are very many items.
const receiptStyle = `:root { color-scheme: light; }
body { margin: 24px auto; max-width: 180mm; font: 14px/1.4 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #111; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 22px; margin: 12px 0 10px; }
p { margin: 0 0 3px; }
.district { font-weight: 600; }
.small { color: #444; }
table { border-collapse: collapse; width: 100%; margin: 16px 0; table-layout: fixed; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { text-align: start; vertical-align: top; padding: 4px 8px 4px 0; border-bottom: 1px solid #bbb; }
th { border-bottom: 2px solid #444; }
.w12 { width: 12%; }
.w14 { width: 14%; }
.w19 { width: 19%; }
.w22 { width: 22%; }
.sign { break-inside: avoid; display: flex; gap: 12mm; padding-top: 20mm; }
.sign p { border-top: 1px solid #111; padding-top: 2px; }
.name { flex: 3; }
.date { flex: 1; }
@page { size: portrait; margin: 16mm 15mm; }
@media print {
body { margin: 0; max-width: none; font-size: 10pt; }
h1 { font-size: 16pt; }
}
`

// Receipt is what somebody signs for what they were handed.
type Receipt struct {
	District string
	Person   string
	Email    string
	By       string // who handed it out
	Items    []ReceiptItem
}

// ReceiptItem is one thing on a [Receipt].
type ReceiptItem struct {
	Serial string
	Tag    string
	Model  string
	Note   string
	Out    time.Time
	Due    directory.Day // "" for none
	Loaner bool
}

// note is what the receipt says of an item beside its columns.
func (i *ReceiptItem) note() string {
	switch {
	case !i.Loaner:
		return i.Note
	case i.Note == "":
		return "Loaner"
	}
	return "Loaner; " + i.Note
}

// WriteReceipt writes a receipt as an HTML page to be printed and signed,
// served under [PagePolicy]. Times are as the clock shows them in the zone of
// now. The error is w's.
func WriteReceipt(w io.Writer, r Receipt, now time.Time) error {
	who := cmp.Or(r.Person, r.Email)
	p := newPaper(w, "Receipt – "+now.Format(time.DateOnly), receiptStyle) // without a name: browsers keep titles
	p.line("district", r.District)
	p.put("<h1>Checkout receipt</h1>\n")
	p.line("person", r.Person)
	p.line("small", r.Email)
	p.put("<table>\n<colgroup>")
	for _, wide := range []int{22, 19, 12, 19, 14, 14} {
		p.put(fmt.Sprintf(`<col class="w%d">`, wide))
	}
	p.put("</colgroup>\n<thead><tr><th>Model</th><th>Serial</th><th>Asset ID</th><th>Handed out</th><th>Due back</th><th>Note</th></tr></thead>\n<tbody>\n")
	for i := range r.Items {
		item := &r.Items[i]
		p.put("<tr>")
		for _, text := range []string{item.Model, item.Serial, item.Tag} {
			p.put(`<td dir="auto">`, escape(text), "</td>")
		}
		p.put(`<td>`, receiptTime(item.Out, now), `</td><td>`, escape(string(item.Due)), `</td><td dir="auto">`, escape(item.note()), "</td></tr>\n")
	}
	p.put("</tbody></table>\n")
	p.put(fmt.Sprintf("<p>Received as listed above: %s.</p>\n", Plural(len(r.Items), "device", "devices")))
	if r.By != "" {
		p.line("small", "Handed out by "+r.By)
	}
	p.put(`<p class="small">Printed `, now.Format("2006-01-02 15:04"), "</p>\n")
	p.put(`<div class="sign"><p class="name" dir="auto">Signature`)
	if who != "" {
		p.put(" of ", escape(who))
	}
	p.put("</p><p class=\"date\">Date</p></div>\n")
	return p.end()
}

func receiptTime(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(now.Location()).Format("2006-01-02 15:04")
}
