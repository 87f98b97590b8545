package view

import "panel/directory"

// OrgNode is one organizational unit of the tree, with how many records it
// holds.
type OrgNode struct {
	directory.OrgUnit
	// The plain counts are the OU's own; Below includes them.
	People           int
	PeopleBelow      int
	Chromebooks      int
	ChromebooksBelow int
	// Children are sorted by path.
	Children []*OrgNode
}

// OrgTree returns the root of the tree. The counts are given by path; see
// [Rows.Values]. An OU that only a record or a child names is in the tree,
// without an ID.
func OrgTree(units []directory.OrgUnit, people, chromebooks map[string]int) *OrgNode { return nil }

// All lists n and everything below it, sorted by path.
func (n *OrgNode) All() []*OrgNode { return nil }
