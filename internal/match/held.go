package match

import (
	"slices"
	"strings"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/lists"
	"weir/internal/match/texts"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/match/typed"
)

// Hold is a part of a condition that an event satisfies, and what in the event does it.
type Hold struct {
	// The part: icontains(process.command_line, "x", "y"), or not (...) around one that must not hold.
	Expr string
	// The field; of a part that looks at every value, the one in which it was found. "" where there is none.
	Field string
	// The value that satisfies the part, or all of the field's where it is not one of them, as text.
	Value string
	// Which of the constants it is: a text, a pattern, a network, the name of a list. "" where the part compares otherwise.
	Literal string
	// Where in Value the constant or pattern was found, in bytes.
	Start, End int
}

// maxHolds bounds what Held tells: of a list of ten thousand alternatives nobody reads all.
const maxHolds = 100

// Held returns which parts of the condition hold for the event of the view, and by which values; nil if the condition does
// not hold. What it returns outlives the event.
func (c *Cond) Held(v *fold.View) []Hold {
	if !c.test(v) {
		return nil
	}
	var out []Hold
	c.root.held(v, true, &out)
	return out
}

// held collects the parts that make the node what want says.
func (n *node) held(v *fold.View, want bool, out *[]Hold) (is bool) {
	if n.op == tree.Leaf {
		if n.run(v) == want && len(*out) < maxHolds {
			*out = append(*out, n.holds(v, want)...)
			return true
		}
		return n.run(v) == want
	}
	if n.op == tree.Not {
		return n.kids[0].held(v, !want, out)
	}
	all := (n.op == tree.And) == want // by De Morgan, none of an or is all of an and
	is = all
	for _, k := range n.kids {
		before := len(*out)
		kid := k.held(v, want, out)
		if !kid {
			*out = (*out)[:before] // some of its parts hold, but it does not
		}
		if all {
			is = is && kid
		} else {
			is = is || kid
		}
	}
	return is
}

// holds tells what a leaf is satisfied by.
func (n *node) holds(v *fold.View, want bool) []Hold {
	// Copies of everything: an alert is kept longer than its event.
	h := Hold{Expr: n.ask.String()}
	if !want {
		h.Expr = "not (" + h.Expr + ")"
	}
	if want && n.finds() {
		if hit, ok := n.hit(v, h); ok {
			return []Hold{hit}
		}
	}
	// Otherwise it is the fields as a whole that satisfy it, or what they do not hold.
	var out []Hold
	for _, ref := range n.fields {
		val := ref.Of(v.Event())
		each := h
		each.Field = ref.Path()
		if typed.Present(val) {
			each.Value = string(val.AppendText(nil))
		}
		if !slices.Contains(out, each) {
			out = append(out, each)
		}
	}
	if out == nil { // a constant, or no value at all satisfies it
		out = []Hold{h}
	}
	return out
}

// finds tells whether one text of the event satisfies the leaf, which then can be shown.
func (n *node) finds() bool {
	return n.ask.Kind >= kind.Equal && n.ask.Kind <= kind.InList && n.ask.Form == form.Plain
}

// hit finds the text, and what in it.
func (n *node) hit(v *fold.View, h Hold) (Hold, bool) {
	wanted := n.ask.Values
	if n.ask.Other != "" {
		wanted = v.Texts(n.fields[len(n.fields)-1])
	}
	// The first text, and in it the first constant, in the order of the event and of the rule.
	found := false
	try := func(s string) bool {
		for i, want := range wanted {
			if start, end, ok := n.within(s, i, want); ok {
				h.Value, h.Literal, h.Start, h.End, found = strings.Clone(s), strings.Clone(want), start, end, true
				return false
			}
		}
		return true
	}
	if n.ask.Field == tree.Any {
		v.EachText(try)
		h.Field = fieldOf(v.Event(), h.Value)
		return h, found
	}
	h.Field = n.ask.Field
	if n.ask.Operator || !n.ask.Fold && n.ask.Kind >= kind.Equal && n.ask.Kind <= kind.EndsWith { // an operator sees no numbers
		typed.Any(n.fields[0].Of(v.Event()), func(val event.Value) bool { return val.Kind() == event.String && !try(val.Str()) })
		return h, found
	}
	for _, s := range v.Texts(n.fields[0]) {
		if !try(s) {
			break
		}
	}
	return h, found
}

// within finds constant number i of the leaf in a text.
func (n *node) within(s string, i int, want string) (start, end int, ok bool) {
	folds := n.ask.Fold
	switch n.ask.Kind {
	case kind.Equal:
		return 0, len(s), s == want || folds && strings.EqualFold(s, want)
	case kind.Contains:
		return texts.Index(s, want, folds)
	case kind.StartsWith:
		end, ok = texts.Prefix(s, want, folds)
		return 0, end, ok
	case kind.EndsWith:
		start, ok = texts.Suffix(s, want, folds)
		return start, len(s), ok
	case kind.Glob:
		if folds {
			return 0, len(s), texts.Glob(fold.String(s), fold.String(want))
		}
		return 0, len(s), texts.Glob(s, want)
	case kind.Regex:
		return n.regexes[i].Find(s)
	case kind.CIDR:
		p, err := lists.ParsePrefix(want)
		ip, isIP := lists.ParseAddr(s)
		return 0, len(s), err == nil && isIP && p.Contains(ip)
	case kind.InList:
		return 0, len(s), n.list.Has(s)
	}
	return 0, 0, false
}

// fieldOf returns the field of an event that has a text, $env if it stands nowhere by itself. Copies in related.* count
// least.
func fieldOf(e *event.Event, text string) string {
	found := tree.Any
	look := func(path string, v event.Value) bool {
		if path, ok := pathOf(path, v, text); ok && (found == tree.Any || strings.HasPrefix(found, "related.")) {
			found = path
		}
		return true
	}
	// All of the event, also what $env leaves out: a field that holds the very text is a good answer, whichever it is.
	e.Each(func(f event.Field, v event.Value) bool { return look(f.Path(), v) })
	e.EachExtra(look)
	return found
}

// pathOf returns where below a path a text is.
func pathOf(path string, v event.Value, text string) (string, bool) {
	switch v.Kind() {
	case event.Absent, event.Null:
		return "", false
	case event.List:
		for i := range v.Len() {
			if p, ok := pathOf(path, v.Item(i), text); ok {
				return p, true
			}
		}
		return "", false
	case event.Object:
		for i := range v.Len() {
			key, m := v.Member(i)
			if p, ok := pathOf(path+"."+key, m, text); ok {
				return p, true
			}
		}
		return "", false
	}
	return path, v.Text() == text
}
