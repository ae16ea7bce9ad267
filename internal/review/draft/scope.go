package draft

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

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
	return t.bare.Match(e) || t.named(e) || t.rest != nil && t.rest.Match(e)
}

// naming are the fields that say which system or machine an event is of.
var naming = []string{"weir.privacy.system", "weir.rights.system", "host.name"}

// named tells whether an event names the system or one of its hosts, in whatever case. The query has the cases that there are in
// the time that is read; records of rights are older, and what an alert kept is in no archive.
func (t *tally) named(e *event.Event) bool {
	for _, f := range []event.Field{event.WeirPrivacySystem, event.WeirRightsSystem} {
		if s := e.Str(f); s != "" && (strings.EqualFold(s, t.sys.ID) || anyFold(t.sys.Names, s)) {
			return true
		}
	}
	return anyFold(t.sys.Hosts, e.Str(event.HostName))
}

// anyFold tells whether one of a list is a text, in whatever case.
func anyFold(list []string, s string) bool {
	return s != "" && slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}

// spellings are names in the cases in which people write them: KQL tells them apart.
func spellings(names []string) []string {
	var out []string
	for _, n := range names {
		r, size := utf8.DecodeRuneInString(n)
		for _, form := range []string{n, strings.ToLower(n), strings.ToUpper(n), string(unicode.ToUpper(r)) + strings.ToLower(n[size:])} {
			if n != "" && !slices.Contains(out, form) {
				out = append(out, form)
			}
		}
	}
	return out
}

// spelled returns the systems with their names and hosts as the events of the time write them.
func (d *drafter) spelled(ctx context.Context) ([]System, error) {
	out := slices.Clone(d.o.Systems)
	if d.o.Spelled == nil {
		return out, nil
	}
	for _, field := range naming {
		list := func(s *System) *[]string {
			if field == "host.name" {
				return &s.Hosts
			}
			return &s.Names
		}
		var asked []string
		for i := range out {
			if asked = append(asked, *list(&out[i])...); field != "host.name" {
				asked = append(asked, out[i].ID)
			}
		}
		if len(asked) == 0 {
			continue
		}
		found, err := d.o.Spelled(ctx, field, asked, d.back, d.o.Period.To)
		if err != nil {
			return nil, fmt.Errorf("looking how names are written: %w", err)
		}
		slices.Sort(found) // one scope, whatever the order
		for i := range out {
			to := list(&out[i])
			own := slices.Clone(*to)
			for _, f := range found {
				if (anyFold(own, f) || field != "host.name" && strings.EqualFold(out[i].ID, f)) && !slices.Contains(own, f) && f != out[i].ID {
					own = append(own, f)
				}
			}
			*to = own
		}
	}
	return out, nil
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
