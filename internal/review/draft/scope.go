package draft

import (
	"slices"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/query"
)

// A system may name its events by a condition (`match`), and a review counts by queries, since what was counted is to be found
// again by whoever asks. What a condition says of whole values, their ends, networks and presence is said in KQL as exactly;
// folded case, patterns, arithmetic and lists are not. Of such a condition the query is what KQL can say, which finds more, and
// each event is held against the condition itself.

// everything is KQL that is true for every event.
const everything = "*:*"

// lower writes a condition as KQL that finds every event for which it holds. exact tells that it finds no others.
func lower(n *tree.Node) (kql string, exact bool) {
	switch n.Op {
	case tree.Leaf:
		return lowerTest(n.Test)
	case tree.Not:
		kid, exact := lower(n.Kids[0])
		if !exact { // not of what finds more would find less
			return everything, false
		}
		return "not (" + kid + ")", true
	}
	exact = true
	var parts []string
	for _, k := range n.Kids {
		kid, same := lower(k)
		exact = exact && same
		switch {
		case kid == everything && n.Op == tree.Or:
			return everything, exact
		case kid == everything && same || kid == everything && n.Op == tree.And:
			continue // it takes nothing away
		}
		parts = append(parts, "("+kid+")")
	}
	switch {
	case len(parts) > 0 && n.Op == tree.Or:
		return strings.Join(parts, " or "), exact
	case len(parts) > 0:
		return strings.Join(parts, " and "), exact
	case n.Op == tree.Or:
		return nothing, exact
	}
	return everything, exact
}

// lowerTest writes one test.
func lowerTest(t *tree.Test) (kql string, exact bool) {
	if t.Kind == kind.Constant {
		if len(t.Values) > 0 {
			return everything, true
		}
		return nothing, true
	}
	f, ok := event.Lookup(t.Field)
	if !ok || t.Fold || t.Other != "" || t.Form != form.Plain || below(t.Field) {
		return everything, false
	}
	switch typ := f.Type(); t.Kind {
	case kind.Exists, kind.Absent:
		if typ == ecs.Flattened || typ == ecs.Nested {
			return everything, false // an object that is there and has nothing in it
		}
		if t.Kind == kind.Absent {
			return "not " + t.Field + ": *", true
		}
		return t.Field + ": *", true
	case kind.CIDR:
		if typ == ecs.IP && len(t.Values) > 0 {
			return oneOf(t.Field, t.Values), true
		}
	case kind.Equal, kind.Contains, kind.StartsWith, kind.EndsWith:
		if typ == ecs.Keyword && len(t.Values) > 0 && !slices.Contains(t.Values, "") {
			return textTest(t), true
		}
	}
	return everything, false
}

// textTest writes a comparison of texts: whole, within, at the beginning or at the end.
func textTest(t *tree.Test) string {
	if t.Kind == kind.Equal {
		return oneOf(t.Field, t.Values)
	}
	parts := make([]string, len(t.Values))
	for i, v := range t.Values {
		lit := query.Lit{Parts: []string{v}} // what stands before a star and behind it
		if t.Kind != kind.StartsWith {
			lit.Parts = append([]string{""}, lit.Parts...)
		}
		if t.Kind != kind.EndsWith {
			lit.Parts = append(lit.Parts, "")
		}
		parts[i] = lit.Source()
	}
	return t.Field + ": (" + strings.Join(parts, " or ") + ")"
}

// below tells whether a path leads into an open field or a list of objects, in which conditions and queries look differently.
func below(path string) bool {
	for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
		if _, ok := event.Lookup(path[:i]); ok {
			return true
		}
	}
	return false
}

// own tells whether an event is the system's own: what names the system, its query finds, or its condition holds for.
func (t *tally) own(e *event.Event) bool {
	return t.bare.Match(e) || t.rest != nil && t.rest.Match(e)
}

// matching splits a condition: exact is KQL of its events where KQL can say it; else rest is the condition, and more is KQL that
// finds its events and others.
func matching(c *match.Cond) (exact, more string, rest *match.Cond) {
	if c == nil {
		return "", "", nil
	}
	kql, same := lower(c.Tree())
	if same {
		return kql, "", nil
	}
	return "", kql, c
}
