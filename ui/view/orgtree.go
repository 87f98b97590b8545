package view

import (
	"slices"
	"strings"

	"panel/directory"
)

// OrgNode is one organizational unit of the tree, with how many records it
// holds.
type OrgNode struct {
	directory.OrgUnit
	// The plain counts are the OU's own; Below includes them.
	People           int
	PeopleBelow      int
	Chromebooks      int
	ChromebooksBelow int
	// Children are sorted by name, as people expect.
	Children []*OrgNode
}

// OrgTree returns the root of the tree, "/". The counts are given by path; see
// [Rows.Values]. An OU that only a record or a child names is in the tree too,
// without an ID.
func OrgTree(units []directory.OrgUnit, people, chromebooks map[string]int) *OrgNode {
	root := &OrgNode{OrgUnit: directory.OrgUnit{Path: "/", Name: "/"}}
	nodes := map[string]*OrgNode{"/": root}
	for _, u := range units {
		if n := node(nodes, u.Path); n != nil {
			n.OrgUnit = u
		}
	}
	for p, count := range people {
		if n := node(nodes, p); n != nil {
			n.People += count
		}
	}
	for p, count := range chromebooks {
		if n := node(nodes, p); n != nil {
			n.Chromebooks += count
		}
	}
	root.total()
	return root
}

// node finds or makes the node of an absolute path, and those above it; nil
// for anything else.
func node(nodes map[string]*OrgNode, p string) *OrgNode {
	if n, ok := nodes[p]; ok {
		return n
	}
	if !strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/") {
		return nil
	}
	last := strings.LastIndexByte(p, '/')
	parent := node(nodes, p[:max(1, last)])
	if parent == nil {
		return nil
	}
	n := &OrgNode{OrgUnit: directory.OrgUnit{Path: p, Name: p[last+1:], ParentPath: parent.Path}}
	nodes[p] = n
	parent.Children = append(parent.Children, n)
	return n
}

// total sorts the children and adds up the counts.
func (n *OrgNode) total() {
	n.PeopleBelow, n.ChromebooksBelow = n.People, n.Chromebooks
	slices.SortFunc(n.Children, func(a, b *OrgNode) int {
		if c := strings.Compare(fold(a.Name), fold(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.Path, b.Path)
	})
	for _, c := range n.Children {
		c.total()
		n.PeopleBelow += c.PeopleBelow
		n.ChromebooksBelow += c.ChromebooksBelow
	}
}

// All lists n and everything below it, each before its children.
func (n *OrgNode) All() []*OrgNode {
	all := []*OrgNode{n}
	for _, c := range n.Children {
		all = append(all, c.All()...)
	}
	return all
}

// Matching returns the OUs from n down that a query finds, in the order of the
// tree, and every OU above one of them. All words of the query must be in the
// path, at least one of them in the name. Nil is no query at all.
func (n *OrgNode) Matching(query string) (found, above map[*OrgNode]bool) {
	words := strings.Fields(fold(query))
	if len(words) == 0 {
		return nil, nil
	}
	found, above = make(map[*OrgNode]bool), make(map[*OrgNode]bool)
	var look func(n *OrgNode) bool
	look = func(n *OrgNode) bool {
		path, name := fold(n.Path), fold(n.Name)
		absent := func(w string) bool { return !strings.Contains(path, w) }
		if !slices.ContainsFunc(words, absent) && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) }) {
			found[n] = true
		}
		for _, c := range n.Children {
			if look(c) {
				above[n] = true
			}
		}
		return found[n] || above[n]
	}
	look(n)
	return found, above
}
