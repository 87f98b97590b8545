package view

import (
	"cmp"
	"slices"
	"strings"
)

// chart says what one picture of a list counts. The tables of charts are in
// people.go and chromebooks.go.
type chart struct {
	column string // key; its values are the bars
	title  string
	// natural puts the bars in the order of their values, bands in that of a
	// list; else the longest comes first.
	natural bool
	bands   []string
	// schools splits the bars of another column by school, and makes schools of
	// the bars of the OUs' own.
	schools bool
}

// Picture is a chart of what a list shows: how many rows have which value.
type Picture struct {
	Key   string // of the column
	Title string
	// Series names the parts of the bars, nil where a bar is one part. Others,
	// where there are any, have the last number of all.
	Series []string
	Bars   []Bar
	// Rows is how many rows were counted; Cost what replacing them costs, 0
	// where no price is known.
	Rows int
	Cost float64
}

// Bar is one bar of a [Picture].
type Bar struct {
	Label string
	Count int
	Cost  float64
	Parts []Part
}

// Part is a piece of a bar, in the order of the series.
type Part struct {
	Series int
	// Label says what is counted: "2028", or "Alder Ridge, 2028".
	Label string
	Count int
	Cost  float64
	Tone  Tone
	// A click filters by what is set: values of a column, OUs.
	// Nothing is set where the part stands for several things.
	Column   string
	Values   []string
	OrgUnits []string
	Alone    bool // the OUs without those below
}

// What a picture shows one by one; the rest of it are others.
const (
	mostBars   = 12
	mostSeries = 7
	others     = "Others"
)

// Pictures are the charts of what l shows. Prices are those of a Chromebook by
// its model, with that of every other model under "".
func (l *List) Pictures(prices map[string]float64) []Picture {
	var out []Picture
	for _, c := range l.rows.charts {
		column := l.rows.column(c.column)
		if column < 0 || l.rows.cells[column].codes == nil {
			continue
		}
		switch {
		case c.column == orgUnitColumn:
			out = append(out, l.schoolPicture(c))
		case c.schools:
			out = append(out, l.stackedPicture(c, column, prices))
		default:
			out = append(out, l.plainPicture(c, column))
		}
	}
	return out
}

// plainPicture counts the values of a column.
func (l *List) plainPicture(c chart, column int) Picture {
	cells, info := &l.rows.cells[column], &l.rows.columns[column]
	counts := make([]int, cells.shown.len())
	for _, n := range l.shown {
		counts[cells.codes[n]]++
	}
	p := Picture{Key: c.column, Title: c.title, Rows: len(l.shown)}
	for code, count := range counts {
		if count == 0 {
			continue
		}
		value := cells.text(uint32(code))
		part := Part{Series: -1, Label: labelOf(value), Count: count, Column: c.column, Values: []string{value}}
		if info.tone != nil {
			part.Tone = info.tone(value)
		}
		p.Bars = append(p.Bars, Bar{Label: part.Label, Count: count, Parts: []Part{part}})
	}
	p.arrange(c)
	return p
}

// arrange puts the bars into their order, and the least of too many into one.
func (p *Picture) arrange(c chart) {
	byCount := func(a, b Bar) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Label, b.Label)) }
	slices.SortFunc(p.Bars, byCount)
	if len(p.Bars) > mostBars && p.Series == nil { // the years of a stacked one are few enough, and none is to be missing
		rest := Bar{Label: others}
		for _, b := range p.Bars[mostBars-1:] {
			rest.Count += b.Count
		}
		rest.Parts = []Part{{Series: -1, Label: others, Count: rest.Count, Tone: Muted}}
		p.Bars = p.Bars[:mostBars-1]
		defer func() { p.Bars = append(p.Bars, rest) }()
	}
	place := func(label string) int {
		if i := slices.Index(c.bands, label); i >= 0 {
			return i
		}
		return len(c.bands)
	}
	switch {
	case c.bands != nil:
		slices.SortStableFunc(p.Bars, func(a, b Bar) int { return cmp.Compare(place(a.Label), place(b.Label)) })
	case c.natural: // as numbers are, what is unset last
		unset := labelOf("")
		slices.SortFunc(p.Bars, func(a, b Bar) int {
			if a.Label == unset || b.Label == unset {
				return strings.Compare(b.Label, a.Label) // "(" comes before every digit
			}
			return cmp.Or(cmp.Compare(len(a.Label), len(b.Label)), strings.Compare(a.Label, b.Label))
		})
	}
}

// campus is a school of a district: OUs of the same name.
type campus struct {
	name  string
	paths []string
	count int
	known map[string]bool // of paths
	// above and at tell whether some of the OUs end above the level of the
	// schools, and are meant without those below, and whether some do not.
	above, at bool
}

// mark has a part filter by the school, or by nothing where no choice of OUs
// shows its rows and no others.
func (s *campus) mark(p *Part) {
	if s.above && s.at {
		p.Column, p.Values = "", nil
		return
	}
	p.OrgUnits, p.Alone = s.paths, s.above
}

// schools sorts the rows that are shown into schools, the largest first: of
// tells the place of a row's school among them by the code of its OU, -1 for a
// row without one. A school is all OUs of one name at the first level of the
// tree at which the largest name has at most three fifths of the rows; else at
// the deepest level that has two names.
func (l *List) schools() (list []*campus, of []int) {
	cells := &l.rows.cells[l.rows.column(orgUnitColumn)]
	counts := make([]int, cells.shown.len())
	for _, n := range l.shown {
		counts[cells.codes[n]]++
	}
	var best map[string]*campus
	level := 0
	for depth := 1; depth <= 4; depth++ {
		names, all, most := make(map[string]*campus), 0, 0
		for code, count := range counts {
			path := cells.text(uint32(code))
			name, unit := unitAt(path, depth)
			if count == 0 || path == "" {
				continue
			}
			s := names[name]
			if s == nil {
				s = &campus{name: name, known: make(map[string]bool)}
				names[name] = s
			}
			if !s.known[unit] {
				s.known[unit], s.paths = true, append(s.paths, unit)
			}
			if strings.Count(strings.Trim(path, "/"), "/")+1 < depth || path == "/" {
				s.above = true
			} else {
				s.at = true
			}
			s.count += count
			all, most = all+count, max(most, s.count)
		}
		if best == nil || len(names) > 1 {
			best, level = names, depth
		}
		if len(names) > 1 && most*5 <= all*3 {
			break
		}
	}
	for _, s := range best {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *campus) int { return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.name, b.name)) })
	of = make([]int, len(counts))
	for code := range counts {
		name, _ := unitAt(cells.text(uint32(code)), level)
		of[code] = slices.IndexFunc(list, func(s *campus) bool { return s.name == name && code != 0 })
	}
	return list, of
}

// unitAt is the name and the path of the OU at a level of a path, or of its last
// one where it ends before.
func unitAt(path string, level int) (name, unit string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	n := min(level, len(parts))
	name = parts[n-1]
	if name == "" {
		return "/", "/"
	}
	return name, "/" + strings.Join(parts[:n], "/")
}

// within returns the OUs of a school as far as they are among those that l shows:
// where some below one of them are chosen, those in its place.
func (l *List) within(units []string) (out []string) {
	for _, u := range units {
		narrower := slices.DeleteFunc(slices.Clone(l.orgUnits), func(o string) bool { return o != u && !isBelow(o, u) })
		if len(narrower) == 0 {
			narrower = []string{u}
		}
		out = append(out, narrower...)
	}
	return out
}

// Pick filters by what a part of a picture of l stands for, and reports whether
// it stands for one thing: then as many rows are shown as it counts.
func (l *List) Pick(p *Part) bool {
	if p.Column == "" && len(p.OrgUnits) == 0 {
		return false
	}
	if len(p.OrgUnits) > 0 {
		if p.Alone {
			l.OrgUnits(false, p.OrgUnits...)
		} else {
			l.OrgUnits(l.below || len(l.orgUnits) == 0, l.within(p.OrgUnits)...)
		}
	}
	if p.Column != "" {
		l.Filter(p.Column, p.Values...)
	}
	return true
}

// schoolPicture counts the rows of each school.
func (l *List) schoolPicture(c chart) Picture {
	list, _ := l.schools()
	p := Picture{Key: c.column, Title: c.title, Rows: len(l.shown)}
	for _, s := range list {
		part := Part{Series: -1, Label: s.name, Count: s.count}
		s.mark(&part)
		p.Bars = append(p.Bars, Bar{Label: s.name, Count: s.count, Parts: []Part{part}})
	}
	p.arrange(c)
	return p
}

// stackedPicture counts the values of a column by school, and what replacing
// those Chromebooks costs.
func (l *List) stackedPicture(c chart, column int, prices map[string]float64) Picture {
	cells := &l.rows.cells[column]
	units, models := &l.rows.cells[l.rows.column(orgUnitColumn)], &l.rows.cells[l.rows.column("model")]
	list, of := l.schools()
	series := min(len(list), mostSeries) + 1 // the last one are others
	price := make([]float64, models.shown.len())
	for code := range price {
		known, ok := prices[models.text(uint32(code))]
		if !ok || code == 0 {
			known = prices[""]
		}
		price[code] = known
	}
	type sum struct {
		count int
		cost  float64
	}
	sums := make([]sum, cells.shown.len()*series)
	for _, n := range l.shown {
		at := of[units.codes[n]]
		if at < 0 || at >= series-1 {
			at = series - 1
		}
		s := &sums[int(cells.codes[n])*series+at]
		s.count++
		s.cost += price[models.codes[n]]
	}
	p := Picture{Key: c.column, Title: c.title, Rows: len(l.shown)}
	rest := 0
	for code := range cells.shown.len() {
		value := cells.text(uint32(code))
		bar := Bar{Label: labelOf(value)}
		for i, s := range sums[code*series : (code+1)*series] {
			if s.count == 0 {
				continue
			}
			part := Part{Series: mostSeries, Label: others + ", " + bar.Label, Count: s.count, Cost: s.cost}
			if i < series-1 {
				part.Series, part.Label = i, list[i].name+", "+bar.Label
				part.Column, part.Values = c.column, []string{value}
				list[i].mark(&part)
			} else {
				rest += s.count
			}
			bar.Parts = append(bar.Parts, part)
			bar.Count += s.count
			bar.Cost += s.cost
		}
		if bar.Count > 0 {
			p.Bars = append(p.Bars, bar)
			p.Cost += bar.Cost
		}
	}
	for _, s := range list[:series-1] {
		p.Series = append(p.Series, s.name)
	}
	if rest > 0 {
		p.Series = append(p.Series, others)
	}
	p.arrange(c)
	return p
}
