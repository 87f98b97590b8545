package google

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"panel/directory"
	"panel/sync/cloud"
)

// overlap is how far before its cursor an incremental listing begins. Google
// does not say in whose time zone it reads the times of a query; the farthest
// west is 12 hours behind.
const overlap = 12 * time.Hour

// region is a set of Chromebooks that Google can list and count. The zero
// value is all of them.
type region struct {
	orgUnit string // a path; "" is every OU
	below   bool   // with the OUs below orgUnit
	query   string // in the language of "List query operators"
}

// listed is the region as parameters of the listing.
func (r region) listed() url.Values { return r.parameters("query") }

// counted is the region as parameters of the count.
func (r region) counted() url.Values { return r.parameters("filter") }

func (r region) parameters(query string) url.Values {
	q := url.Values{}
	if r.orgUnit != "" {
		q.Set("orgUnitPath", r.orgUnit)
		q.Set("includeChildOrgunits", fmt.Sprint(r.below))
	}
	if r.query != "" {
		q.Set(query, r.query)
	}
	return q
}

// chromebooks lists the Chromebooks: all of them, complete when Google's own
// count agrees, or those that synced lately.
func (l *listing) chromebooks(ctx context.Context) (cloud.Result, error) {
	l.wire = devicesWire
	began := time.Now()
	since, err := time.Parse(time.RFC3339, l.request.Cursor)
	isWhole := err != nil
	var all region
	if !isWhole {
		all.query = "sync:" + since.Add(-overlap).UTC().Format("2006-01-02T15:04:05") + ".."
	}

	counted, err := l.count(ctx, all)
	if err != nil {
		return l.result(), err
	}
	cursor := began.Add(-time.Duration(l.skew.Load())).UTC().Format(time.RFC3339)
	l.report(func(p *cloud.Progress) { p.Expected = counted })
	if counted > 0 || isWhole {
		err = l.run(ctx, l.Chains, func(ctx context.Context, emit func(part) error) error {
			return l.plan(ctx, part{all, counted}, emit)
		})
	}
	result := l.result()
	result.Whole, result.Expected = isWhole, counted
	if err != nil {
		return result, err
	}
	if isWhole {
		after, err := l.count(ctx, all)
		if err != nil {
			return result, err
		}
		result.Expected = after
		if !agrees(len(l.seen), counted, after) {
			e := l.bad(CodeCountMismatch)
			e.Detail = fmt.Sprintf("%d/%d", len(l.seen), after)
			return result, e
		}
		result.Complete = true
	}
	result.Cursor = cursor
	return result, nil
}

// agrees tells whether listed lies between two counts, each widened by the
// larger of 0.5 % and 5.
func agrees(listed, before, after int) bool {
	low, high := min(before, after), max(before, after)
	return listed >= low-max(low/200, 5) && listed <= high+max(high/200, 5)
}

// count asks how many Chromebooks are in a region.
func (l *listing) count(ctx context.Context, r region) (int, error) {
	n := 0
	_, err := l.get(ctx, request{
		doing: "count Chromebooks",
		path:  "customer/my_customer/devices/chromeos:countChromeOsDevices",
		query: r.counted(), needs: permissions[directory.Chromebooks], waiting: l.waiting,
		read: func(a *cloud.Answer) *cloud.Error {
			var v struct {
				Count *int `json:"count,string"`
			}
			if e := a.Decode(&v); e != nil {
				return e
			}
			if v.Count == nil || *v.Count < 0 {
				return &cloud.Error{Kind: cloud.BadAnswer, Code: cloud.CodeShape}
			}
			n = *v.Count
			return nil
		},
	})
	return n, err
}
