package sigma

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// alternative is one way to satisfy a value.
type alternative struct {
	kind kind.Kind
	// Case does not count.
	fold  bool
	value string
}

// compare makes the tree of one field and its values: any of them, or with `all` all of them. What one value was changed
// into (dashes, shifts of base64, values of a placeholder) is always any of it, so with `all` each value is a group.
func (d *document) compare(field string, values []*node, m *modifiers) *tree.Node {
	var groups []*tree.Node
	// Values that are joined by or share tests, since one test over many texts costs less than many tests.
	var pool []alternative
	flush := func() {
		if len(pool) > 0 {
			groups = append(groups, d.leaves(field, pool, m))
			pool = nil
		}
	}
	for _, v := range values {
		if n := d.special(field, v, m); n != nil {
			// null among texts: the specification forbids it, and people mean either.
			groups = append(groups, n)
			continue
		}
		pool = append(pool, d.alternatives(v, m)...)
		if m.all {
			flush()
		}
		if d.f.Refused() {
			return tree.Truth(false)
		}
	}
	flush()
	var n *tree.Node
	if m.all {
		n = tree.AllOf(groups...)
	} else {
		n = tree.AnyOf(groups...)
	}
	// Last of all: several values that are not are none of them.
	if m.neq {
		// As `not` in a condition, it holds for a field that is not there. Of several values it is none.
		return tree.NotOf(n)
	}
	return n
}

// special returns the tree of a value that is compared with nothing: null, whether a field is there, another field.
func (d *document) special(field string, v *node, m *modifiers) *tree.Node {
	switch {
	case v.sort == null && field == tree.Any:
		d.fail(v, "sigma-value", "write the text to look for", "a keyword cannot be null")
		return tree.Truth(false)
	case m.exists:
		// People who come from other languages write the words in other ways, and mean the same.
		switch strings.ToLower(v.text) {
		case "true", "yes", "1":
			return tree.LeafOf(tree.Test{Kind: kind.Exists, Field: field})
		case "false", "no", "0":
			return tree.LeafOf(tree.Test{Kind: kind.Absent, Field: field})
		}
		d.fail(v, "sigma-value", "write true or false", "`exists` takes true or false")
		return tree.Truth(false)
	case v.sort == null:
		if m.op != "" || m.fieldref || len(m.change) > 0 {
			d.warn(v, "sigma-value", "leave the modifiers out", "null is no text: this asks that the field is not there")
		}
		return tree.LeafOf(tree.Test{Kind: kind.Absent, Field: field})
	case m.fieldref:
		other, ok := d.fieldName(v, strings.TrimSpace(v.text))
		if !ok || other == tree.Any {
			d.fail(v, "sigma-value", "write the name of the other field", "`fieldref` names no field")
			return tree.Truth(false)
		}
		return tree.LeafOf(tree.Test{Kind: m.textKind(), Field: field, Fold: true, Other: other})
	}
	return nil
}

// textKind is how texts are compared.
func (m *modifiers) textKind() kind.Kind {
	if m.kind == kind.Constant { // the zero Kind: nothing was said
		return kind.Equal
	}
	return m.kind
}

// alternatives returns what satisfies one value. What is wrong with it is refused, and what comes out then is not used.
func (d *document) alternatives(v *node, m *modifiers) []alternative {
	// Placeholders come before anything else: what they stand for is as good as written here.
	raws := []string{v.text}
	if m.expand {
		raws = d.expand(v)
	}
	var out []alternative
	for _, raw := range raws {
		before := len(out)
		switch {
		case m.re:
			out = append(out, d.regex(v, raw, m)...)
		case m.kind == kind.CIDR:
			out = append(out, d.network(v, raw)...)
		case m.number():
			if _, ok := tree.Canonical(strings.TrimSpace(raw)); !ok {
				d.fail(v, "sigma-value", "write a number", "`%s` is no number, and `%s` compares numbers", raw, m.op)
				return nil
			}
			asked := m.kind
			if asked == kind.Constant {
				asked = kind.Equal
			}
			out = append(out, alternative{kind: asked, value: strings.TrimSpace(raw)})
		default:
			out = append(out, d.spelled(v, raw, m)...)
		}
		if d.made += len(out) - before; d.made > maxMade {
			d.tooLarge(v)
			return nil
		}
	}
	return out
}

// tooLarge refuses a rule that comes to more than can be run.
func (d *document) tooLarge(at *node) {
	d.fail(at, "rule-too-large", "split the rule, or its searches", "the rule comes to more than %d values", maxValues)
}

// regex checks a regular expression now, where its place in the file is known.
func (d *document) regex(v *node, raw string, m *modifiers) []alternative {
	pattern := raw
	if m.flags != "" {
		pattern = "(?" + m.flags + ")" + raw
	}
	// Compiled as a condition of its own: the words of its refusal are those that expressions have.
	test := tree.Test{Kind: kind.Regex, Field: "message", Values: []string{pattern}}
	_, err := match.Compile(test.String())
	if me, ok := errors.AsType[*match.Error](err); ok {
		p, width := v.extent()
		do := cmp.Or(me.Do, "the syntax is that of RE2: without looking around, references to groups, and possessive repeats")
		if strings.Contains(me.Why, "looks ahead or behind") {
			do = "write two searches, and in the condition `and` or `and not` between them"
		}
		d.f.Add(p, width, fault.Error{Code: me.Code, What: me.Msg, Why: me.Why, Do: do})
		return nil
	}
	return []alternative{{kind: kind.Regex, value: pattern}}
}

// network checks a network. One whose address has bits behind its length is taken for the network that it lies in.
func (d *document) network(v *node, raw string) []alternative {
	s := strings.TrimSpace(raw)
	if p, err := netip.ParsePrefix(s); err == nil {
		// As it is printed it has to be what it is compared by.
		return []alternative{{kind: kind.CIDR, value: p.Masked().String()}}
	}
	if ip, err := netip.ParseAddr(s); err == nil {
		return []alternative{{kind: kind.CIDR, value: ip.String()}}
	}
	do := "write a network such as 10.0.0.0/8"
	if n := asNetwork(s); n != "" {
		do = "write " + n
	}
	d.fail(v, "sigma-value", do, "`%s` is no network", raw)
	return nil
}

// asNetwork returns the network that 192.168.* stands for, "" if it stands for none.
func asNetwork(s string) string {
	head, ok := strings.CutSuffix(s, "*")
	octets := strings.Count(head, ".")
	if !ok || octets == 0 || octets > 3 {
		return ""
	}
	p, err := netip.ParsePrefix(fmt.Sprintf("%s%s/%d", head, strings.TrimSuffix(strings.Repeat("0.", 4-octets), "."), 8*octets))
	if err != nil {
		return ""
	}
	return p.String()
}

// leaves joins alternatives by or, those that are compared alike in one test.
func (d *document) leaves(field string, alts []alternative, m *modifiers) *tree.Node {
	var tests []*tree.Test
	seen := map[alternative]bool{}
	for _, a := range alts {
		// Some values are written twice, and `windash` makes the same of -x and /x.
		if seen[a] {
			continue
		}
		seen[a] = true
		i := slices.IndexFunc(tests, func(t *tree.Test) bool {
			// Of the comparisons of numbers each test has one.
			return t.Kind == a.kind && t.Fold == a.fold && (a.kind < kind.Less || a.kind > kind.GreaterEqual)
		})
		if i < 0 {
			t := &tree.Test{Kind: a.kind, Field: field, Fold: a.fold}
			if m.number() {
				t.Form = m.form
				if t.Form == form.Plain {
					t.Form = form.Number
				}
			}
			// Any text at all, anywhere: every event has one.
			if a.kind == kind.Exists && field == tree.Any {
				t = tree.Truth(true).Test
			}
			i, tests = len(tests), append(tests, t)
		}
		if tests[i].Kind != kind.Exists && tests[i].Kind != kind.Constant {
			tests[i].Values = append(tests[i].Values, a.value)
		}
	}
	kids := make([]*tree.Node, len(tests))
	for i, t := range tests {
		kids[i] = tree.LeafOf(*t)
	}
	return tree.AnyOf(kids...)
}
