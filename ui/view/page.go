package view

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// pageScript opens the browser's print dialog.
const pageScript = `addEventListener("load", () => print());`

// pageStyle is that of a printed list: across the paper, the column titles on
// every sheet of it. The classes w1 to w200 are widths in
// half percents.
var pageStyle = `:root { color-scheme: light; }
body { margin: 24px; font: 13px/1.35 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #111; background: #fff; }
h1 { font-size: 18px; margin: 0 0 4px; }
p { margin: 0; color: #444; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin-top: 10px; table-layout: fixed; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
tr.long { break-inside: auto; }
th, td { text-align: start; vertical-align: top; padding: 2px 5px; border-bottom: 1px solid #bbb; overflow-wrap: anywhere; }
th { border-bottom: 2px solid #444; vertical-align: bottom; }
@page { size: landscape; margin: 12mm 10mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
@media print {
body { margin: 0; font-size: 8.5pt; }
h1 { font-size: 13pt; }
.narrow { font-size: 7pt; }
.tiny { font-size: 6pt; }
.narrow th, .narrow td, .tiny th, .tiny td { padding: 1px 3px; }
}
` + pageWidths()

func pageWidths() string {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, ".w%d{width:%g%%}", i+1, float64(i+1)/2)
	}
	return b.String()
}

// PagePolicy is the Content-Security-Policy for every page of this package: its
// own style, the one script, and nothing from anywhere. It also rules out style
// attributes, so that pages use classes.
var PagePolicy = "default-src 'none'; style-src " + pageHash(pageStyle) + " " + pageHash(labelStyle) + " " + pageHash(receiptStyle) +
	"; script-src " + pageHash(pageScript) + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func pageHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// paper is a page in the making.
type paper struct{ *bufio.Writer }

// newPaper begins a page to be printed, with its title as plain text.
func newPaper(w io.Writer, title, style string) paper {
	p := paper{bufio.NewWriterSize(w, 64<<10)}
	p.put("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>", escape(title), "</title>\n<style>", style, "</style>\n<script>", pageScript, "</script></head>\n<body>\n")
	return p
}

// put writes parts of HTML; [paper.end] tells of errors.
func (p paper) put(parts ...string) {
	for _, s := range parts {
		_, _ = p.WriteString(s)
	}
}

// end ends the page. Its error is the writer's.
func (p paper) end() error {
	p.put("</body></html>\n")
	return p.Flush()
}

// WritePage writes the rows as one HTML page to be printed, which says what the
// list was asked for and calls nothing outside itself. Its error is w's.
func (e *Extract) WritePage(w io.Writer) error {
	p := newPaper(w, e.title+" – "+e.now.Format(time.DateOnly), pageStyle)
	p.put("<h1>", escape(e.title), "</h1>\n<p>", Plural(e.Len(), "row", "rows"), " · ", e.now.Format("2006-01-02 15:04"), "</p>\n")
	for _, s := range e.said {
		p.put(`<p dir="auto">`, escape(s), "</p>\n")
	}
	widths, class := e.pageColumns()
	p.put(`<table class="`, class, "\">\n<colgroup>")
	for _, width := range widths {
		p.put(fmt.Sprintf(`<col class="w%d">`, width))
	}
	p.put("</colgroup>\n<thead><tr>")
	for _, c := range e.columns {
		p.put("<th>", escape(e.rows.columns[c].Title), "</th>")
	}
	p.put("</tr></thead>\n<tbody>\n")
	var row strings.Builder
	for _, n := range e.numbers {
		row.Reset()
		begin := "<tr>"
		for _, c := range e.columns {
			text := e.printed(Row{e.rows, n}, c)
			if len(text) > 400 {
				begin = `<tr class="long">` // may be higher than the paper
			}
			row.WriteString(`<td dir="auto">` + escape(text) + "</td>")
		}
		p.put(begin, row.String(), "</tr>\n")
	}
	p.put("</tbody></table>\n")
	return p.end()
}

// printed is a cell on paper, where "12 min ago" would soon be untrue.
func (e *Extract) printed(r Row, column int) string {
	if at, ok := r.time(column); ok && !at.IsZero() {
		return at.In(e.now.Location()).Format("2006-01-02 15:04")
	}
	return r.Text(column, e.now)
}

// pageColumns are the columns' shares of the width in half percents, by the
// texts of the first rows, and the class of the table, by how much that is.
// What is short, such as a serial, is to stay on its line; what is long breaks
// well, and gives way.
func (e *Extract) pageColumns() (shares []int, class string) {
	const short, line, narrow = 24, 140, 195 // what a line of A4 across holds
	total, long := 0, 0
	for _, c := range e.columns {
		wide := e.pageColumn(c)
		if total += wide; wide > short {
			long += wide
		}
		shares = append(shares, wide)
	}
	if total > line {
		class = "narrow"
	}
	over := max(0, total-narrow)
	for i, wide := range shares {
		if wide > short {
			shares[i] -= min(wide*over/long, wide/2)
			total += shares[i] - wide
		}
	}
	if total > narrow*5/4 {
		class = "tiny"
	}
	for i := range shares {
		shares[i] = max(1, shares[i]*200/total)
	}
	return shares, class
}

// pageColumn is how many letters wide a column is to be, with the space around.
func (e *Extract) pageColumn(column int) int {
	const least, most = 6, 36
	wide := least
	for word := range strings.FieldsSeq(e.rows.columns[column].Title) {
		wide = max(wide, utf8.RuneCountInString(word))
	}
	for _, n := range e.numbers[:min(len(e.numbers), sampled)] {
		wide = max(wide, min(most, utf8.RuneCountInString(e.printed(Row{e.rows, n}, column))))
	}
	return wide*10/9 + 3
}

// escape is a text within HTML, which has no place for NUL.
func escape(s string) string {
	return html.EscapeString(strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd"))
}

// said says line by line what the list was asked for, nil for nothing.
func (l *List) said() (lines []string) {
	if l.asked != "" {
		lines = append(lines, "Search: "+l.asked)
	}
	if l.kept != "" {
		lines = append(lines, "Only: "+l.kept)
	}
	if len(l.orgUnits) > 0 {
		line := "Organizational unit: " + strings.Join(l.orgUnits, ", ")
		if l.below {
			line += ", with those below it"
		}
		lines = append(lines, line)
	}
	column := ""
	for _, c := range l.Chips() {
		if c.Column == column {
			lines[len(lines)-1] += ", " + c.Label
			continue
		}
		column = c.Column
		lines = append(lines, c.Title+": "+c.Label)
	}
	for i, o := range l.orders {
		c := l.rows.column(o.Column)
		if c < 0 {
			continue
		}
		line := "Sorted by "
		if i > 0 {
			line = "then by "
		}
		line += l.rows.columns[c].Title
		if o.Descending {
			line += ", descending"
		}
		lines = append(lines, line)
	}
	return lines
}
