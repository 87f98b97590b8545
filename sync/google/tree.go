package google

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"panel/directory"
	"panel/sync/cloud"
)

// orgUnits lists the OUs, all in one answer, with parents made up where
// Google left one out, which it does when one call has too many.
func (l *listing) orgUnits(ctx context.Context) (cloud.Result, error) {
	l.wire = orgUnitsWire
	var units []directory.OrgUnit
	parents := map[string]string{} // path → id
	l.read = func(body []byte, to *cloud.Page) (envelope, error) {
		return readPage(body, l.array, orgUnitShape, func(o *orgUnit) {
			to.OrgUnits = append(to.OrgUnits, o.orgUnit())
			parents[absolute(o.ParentOrgUnitPath)] = prefixed(o.ParentOrgUnitID)
		})
	}
	page := l.request.Page
	l.request.Page = func(_ context.Context, p cloud.Page) error {
		units = append(units, p.OrgUnits...)
		return nil
	}
	err := l.run(ctx, 1, everything)
	if err == nil {
		l.remember(units)
		if units = whole(units, parents); len(units) > 0 {
			err = page(ctx, cloud.Page{OrgUnits: units})
		}
	}
	l.report(func(p *cloud.Progress) { p.Done = len(units) })
	result := l.result()
	result.Whole, result.Complete = true, err == nil
	return result, err
}

// remember keeps the OUs for the plan of the Chromebooks' listing.
func (s *source) remember(units []directory.OrgUnit) {
	s.tree.Lock()
	defer s.tree.Unlock()
	s.tree.listed, s.tree.units = true, slices.Clone(units)
}

// children returns the paths of the OUs directly below each path, listing the
// OUs unless that was done. It is nil when they cannot be had: the plan does
// without.
func (s *source) children(ctx context.Context) map[string][]string {
	s.tree.Lock()
	listed, units := s.tree.listed, s.tree.units
	s.tree.Unlock()
	if !listed {
		_, err := s.List(ctx, cloud.Request{
			Listing: directory.OrgUnits,
			Page:    func(_ context.Context, p cloud.Page) error { units = p.OrgUnits; return nil },
		})
		if err != nil {
			return nil
		}
	}
	below := map[string][]string{}
	known := make(map[string]bool, len(units)) // a path twice would be a region twice
	for _, u := range units {
		if !known[u.Path] {
			known[u.Path] = true
			below[u.ParentPath] = append(below[u.ParentPath], u.Path)
		}
	}
	return below
}

// whole returns units with the parents that are missing among them, by path.
// ids has the ids of parents, as far as they are known. The root is no unit.
func whole(units []directory.OrgUnit, ids map[string]string) []directory.OrgUnit {
	known := make(map[string]bool, len(units))
	for _, u := range units {
		known[u.Path] = true
	}
	for i := 0; i < len(units); i++ { // made-up parents may need their own
		u := &units[i]
		if u.ParentPath == "" {
			u.ParentPath, _ = split(u.Path)
		}
		parent := u.ParentPath
		if parent == "/" || known[parent] {
			continue
		}
		known[parent] = true
		id := ids[parent]
		if id == "" {
			id = madeUpID(parent)
		}
		above, name := split(parent)
		units = append(units, directory.OrgUnit{ID: id, Path: parent, Name: name, ParentPath: above})
	}
	slices.SortFunc(units, func(a, b directory.OrgUnit) int { return cmp.Compare(a.Path, b.Path) })
	return units
}

// split divides an OU's path into its parent's path and its name, which may
// be "..".
func split(path string) (parent, name string) {
	i := strings.LastIndexByte(path, '/')
	return max(path[:i], "/"), path[i+1:]
}
