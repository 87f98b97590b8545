package google

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"panel/sync/cloud"
)

// counting is how many counts are asked for at the same time: they are short.
const counting = 8

// plan divides all into parts that are listed at the same time and gives each
// to emit as soon as it is known, so that listing begins while the rest is
// still being counted. Every part is counted, and none that can be divided is
// so large that its chain comes near the hour after which Google ends a chain
// of pages with 503.
func (l *listing) plan(ctx context.Context, all part, emit func(part) error) error {
	if all.count <= l.Chains*l.pageSize() {
		return emit(all)
	}
	target := max(2*l.pageSize(), all.count/(4*l.Chains))
	below := l.children(ctx)
	all.orgUnit, all.below = "/", true
	for todo := []part{all}; len(todo) > 0; {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		var pieces []part
		var err error
		if p.count > target {
			if pieces, err = l.divide(ctx, p, below[p.orgUnit], target); err != nil {
				return err
			}
		}
		if pieces == nil {
			if err := emit(p); err != nil {
				return err
			}
		}
		// The small ones first: they keep the chains busy meanwhile.
		slices.SortStableFunc(pieces, func(a, b part) int { return cmp.Compare(b.count, a.count) })
		todo = append(todo, pieces...)
	}
	return nil
}

// divide cuts a part, or returns nil when that cannot be done or does not
// pay. units are the OUs directly below the part's.
//
// OUs are the first choice where they are large. Where they are many and
// small, each would end in a page that is not full, and the days of
// registration divide better, if they do.
func (l *listing) divide(ctx context.Context, p part, units []string, target int) ([]part, error) {
	if !p.below {
		units = nil
	}
	n, pages := len(units), p.count/l.pageSize()
	if n > 0 && n <= max(counting, pages/4) {
		return l.divideByUnit(ctx, p, units)
	}
	if !strings.Contains(p.query, "register:") {
		if pieces, err := l.divideByDay(ctx, p, target); pieces != nil || err != nil {
			return pieces, err
		}
	}
	// The time it takes, in answers one after the other: the counts, and the
	// pages with a half-empty one in each OU. One chain takes pages.
	if n > 0 && n/counting+(pages+n/2)/l.Chains < pages {
		return l.divideByUnit(ctx, p, units)
	}
	return nil, nil
}

// divideByUnit cuts a subtree into those below it and what is in its root.
func (l *listing) divideByUnit(ctx context.Context, p part, units []string) ([]part, error) {
	regions := make([]region, len(units))
	for i, unit := range units {
		regions[i] = region{orgUnit: unit, below: true, query: p.query}
	}
	counts, err := l.countAll(ctx, regions)
	if err != nil {
		return nil, refusal(err)
	}
	own := p.count
	var pieces []part
	for i, n := range counts {
		own -= n
		if n > 0 {
			pieces = append(pieces, part{regions[i], n})
		}
	}
	if own != 0 { // below 0 when some have just moved
		pieces = append(pieces, part{region{orgUnit: p.orgUnit, query: p.query}, max(own, 0)})
	}
	return pieces, nil
}

// days is a range of days, both included, and how many Chromebooks were
// registered in it; -1 is not counted yet.
type days struct {
	first, last time.Time
	count       int
}

// divideByDay cuts a part by the days on which its Chromebooks were
// registered. It returns nil unless the days have all of them: those without
// such a day would be missing from every listing, and be taken for gone.
func (l *listing) divideByDay(ctx context.Context, p part, target int) ([]part, error) {
	// The first Chromebooks were sold in June 2011.
	first := time.Date(2011, 1, 1, 0, 0, 0, 0, time.UTC)
	ranges := days{first, l.now().UTC().AddDate(0, 0, 2), -1}.cut(16)
	for round := 1; ; round++ {
		if err := l.countDays(ctx, p.region, ranges); err != nil {
			return nil, refusal(err)
		}
		sum, finer := 0, []days(nil)
		for _, d := range ranges {
			sum += d.count
			if d.count > target {
				finer = append(finer, d.cut(2*d.count/target+1)...)
			} else {
				finer = append(finer, d)
			}
		}
		if sum != p.count {
			return nil, nil
		}
		if len(finer) == len(ranges) || round == 4 {
			return join(p.region, ranges, target), nil
		}
		ranges = finer
	}
}

// join makes parts of ranges, few enough that each is near the target.
func join(r region, ranges []days, target int) (parts []part) {
	for i := 0; i < len(ranges); {
		d := ranges[i]
		for i++; i < len(ranges) && d.count+ranges[i].count <= target; i++ {
			d.last, d.count = ranges[i].last, d.count+ranges[i].count
		}
		if d.count > 0 {
			parts = append(parts, part{d.of(r), d.count})
		}
	}
	return parts
}

// cut divides d into n ranges not yet counted, or fewer when it has fewer
// days; one day stays as it is.
func (d days) cut(n int) []days {
	total := int(d.last.Sub(d.first).Hours()/24) + 1
	if n = min(n, total); n <= 1 {
		return []days{d}
	}
	all := make([]days, n)
	for i := range all {
		all[i] = days{d.first.AddDate(0, 0, total*i/n), d.first.AddDate(0, 0, total*(i+1)/n-1), -1}
	}
	return all
}

// of is the part of r that was registered in d.
func (d days) of(r region) region {
	query := "register:" + d.first.Format(time.DateOnly) + ".." + d.last.Format(time.DateOnly)
	r.query = strings.TrimSpace(r.query + " " + query)
	return r
}

// countDays counts what is not counted yet.
func (l *listing) countDays(ctx context.Context, r region, ranges []days) error {
	var regions []region
	var at []int
	for i, d := range ranges {
		if d.count < 0 {
			regions, at = append(regions, d.of(r)), append(at, i)
		}
	}
	counts, err := l.countAll(ctx, regions)
	for i, n := range counts {
		ranges[at[i]].count = n
	}
	return err
}

// countAll counts several regions at the same time.
func (l *listing) countAll(ctx context.Context, regions []region) ([]int, error) {
	counts := make([]int, len(regions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(counting)
	for i, r := range regions {
		group.Go(func() (err error) {
			counts[i], err = l.count(ctx, r)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return counts, nil
}

// refusal is nil for an error that only means that Google does not count such
// a region, because an OU has just gone, say: then it is not divided.
func refusal(err error) error {
	if cloud.KindOf(err) == cloud.Unexpected {
		return nil
	}
	return err
}
