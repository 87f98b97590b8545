package ui

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"panel/ui/view"
)

// openPrices asks what a new Chromebook costs in the place of one of each model
// that is there.
func (p *pictures) openPrices() {
	h := p.b.h
	settings := h.b.Settings()
	counts := p.b.rows.Values("model")
	models := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return counts[b] - counts[a] })
	entries := map[string]*entry{}
	lines := vstack(6)
	line := func(label, note, value string) *entry {
		e := newEntry("")
		e.SetText(value)
		name := newText(label)
		lines.Add(container.NewBorder(nil, nil, nil, container.NewGridWrap(fyne.NewSize(120, 32), e), vstack(0, name, newMuted(note))))
		return e
	}
	price := func(model string) string {
		if v := settings.Prices[model]; v > 0 {
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return ""
	}
	currency := line("Currency", "what stands before an amount", settings.Currency)
	currency.SetPlaceHolder("$")
	entries[""] = line("Every other model", "that has no price of its own", price(""))
	for _, m := range models {
		entries[m] = line(m, view.Plural(counts[m], "Chromebook", "Chromebooks"), price(m))
	}
	var s *sheet
	cancel := newButton("Cancel", nil, func() { s.close() })
	save := newPrimary("Save", nil, func() {
		prices := maps.Clone(settings.Prices) // also of models that are not there now
		if prices == nil {
			prices = map[string]float64{}
		}
		for model, e := range entries {
			v, ok := parsePrice(e.Text)
			if !ok {
				s.say(view.Words{Sentence: "“" + e.Text + "” is no price. Write it as 349 or 349.50.", Tone: view.Warn}, h.press)
				h.focus(e)
				return
			}
			if prices[model] = v; v == 0 {
				delete(prices, model)
			}
		}
		h.act(func(ctx context.Context) error {
			now := h.b.Settings()
			now.Prices, now.Currency = prices, strings.TrimSpace(currency.Text)
			return h.b.SetSettings(ctx, now)
		}, func(ok bool) {
			if ok {
				s.close()
				p.show()
			}
		})
	})
	s = h.openSheet("What a replacement costs", lines, fyne.NewSize(520, 0), cancel, save)
	h.focus(entries[""])
}

// parsePrice reads an amount, with a point or a comma for the cents and the
// other one for the thousands; "" is no price. What three digits follow are
// thousands.
func parsePrice(s string) (v float64, ok bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), " ", "")
	if s == "" {
		return 0, true
	}
	cents := ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 && len(s)-i <= 3 {
		s, cents = s[:i], s[i+1:]
	}
	groups := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ',' })
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(strings.Join(groups, "")+"."+cents, 64)
	return v, err == nil && v >= 0 && v < 1e7
}
