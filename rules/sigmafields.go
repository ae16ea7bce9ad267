package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"weir/event"
	"weir/internal/fault"
	"weir/rules/sigma"
)

// name returns the name of a name of group-by or field: where it means the same field for each step that field, else an
// alias. It returns "" if it cannot be.
func (b *builder) name(it *sigmaItem, n *Correlate, steps []sigmaStep, name sigma.Name) string {
	// What the name means in the events of each step; alerts are easier to read by a real field than by an alias.
	means := make([]string, len(steps))
	same := true
	for i, s := range steps {
		field, ok := b.aliased(it, s, name)
		if !ok {
			return ""
		}
		means[i] = b.means(it, s, field, name)
		same = same && means[i] == means[0]
	}
	text := name.Text
	if first, _, several := strings.Cut(means[0], " "); same {
		if text = first; !several {
			return text
		}
	}
	if n.Alias == nil {
		n.Alias = map[string]map[string]string{}
	}
	n.Alias[text] = map[string]string{}
	for i, s := range steps {
		n.Alias[text][s.name] = means[i]
	}
	return text
}

// aliased returns which name of a field stands for a name of group-by in the events of one rule.
func (b *builder) aliased(it *sigmaItem, s sigmaStep, name sigma.Name) (sigma.Name, bool) {
	for _, a := range it.correlation.Aliases {
		if a.Text != name.Text {
			continue
		}
		for _, of := range a.Of {
			// An alias names rules as anything else does: by id or name.
			if target, wrong := b.index.find(of[0], it.file); wrong == nil && target == s.it {
				return of[1], true
			}
		}
		b.fail(it, a.At, a.Width, fault.Error{What: fmt.Sprintf("the alias `%s` says no field for the rule `%s`", a.Text, s.ref.Text), Do: "add `" + s.ref.Text + ": FIELD`"})
		return name, false
	}
	return name, true
}

// unusedAliases reports aliases that name rules which the correlation does not.
func (b *builder) unusedAliases(it *sigmaItem, steps []sigmaStep) {
	c := it.correlation
	for _, a := range c.Aliases {
		for _, of := range a.Of {
			target, wrong := b.index.find(of[0], it.file)
			switch {
			case wrong != nil:
				b.fail(it, of[0].At, of[0].Width, *wrong)
			case !slices.ContainsFunc(steps, func(s sigmaStep) bool { return s.it == target }):
				b.warn(it, of[0].At, of[0].Width, fault.Error{What: fmt.Sprintf("the correlation does not name the rule `%s`", of[0].Text), Do: "take it out of the alias"})
			}
		}
		if !slices.ContainsFunc(slices.Concat(c.GroupBy, c.Fields), func(n sigma.Name) bool { return n.Text == a.Text }) {
			b.warn(it, a.At, a.Width, fault.Error{What: fmt.Sprintf("the alias `%s` is not used", a.Text), Do: "name it in `group-by`"})
		}
	}
}

// means returns the fields that a name of Sigma means in the events of a step, with blanks between them. Of a correlation
// it is the name by which that one groups, or a field of the event that completes it.
func (b *builder) means(it *sigmaItem, s sigmaStep, field, name sigma.Name) string {
	if s.node == nil {
		if r := b.item.rule; !slices.Contains(r.Asks, field.Text) {
			r.Asks = append(r.Asks, field.Text)
		}
		return strings.Join(b.paths(s.it.rule.LogSource, field.Text), " ")
	}
	if by, ok := b.by[s.node][field.Text]; ok {
		return by
	}
	b.warn(it, name.At, name.Width, fault.Error{What: fmt.Sprintf("`%s` does not group by %s", s.ref.Text, field.Text), Why: "the value of the event that completes it is taken",
		Do: fmt.Sprintf("add it to group-by of `%s`, unless that is meant", s.ref.Text)})
	// Of several log sources, that of the first rule: the event may be of any.
	for _, w := range b.item.rule.When {
		if path := s.node.PathTo(w.Name); path != nil {
			return b.paths(*w.LogSource, field.Text)[0]
		}
	}
	return field.Text
}

// paths returns the fields that a name means, those first that formats fill alike whatever they read.
func (b *builder) paths(ls LogSource, name string) []string {
	paths := slices.Clone(b.index.names.paths(ls, name))
	slices.SortStableFunc(paths, func(x, y string) int { return cmp.Compare(vendor(x), vendor(y)) })
	return paths
}

// vendor tells, as 0 or 1, whether a field is one of a single vendor.
func vendor(path string) int {
	if _, ok := event.Lookup(path); !ok || strings.HasPrefix(path, "winlog.") {
		return 1
	}
	return 0
}
