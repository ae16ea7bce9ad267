// Package fromkql turns a KQL query into the condition of a rule.
package fromkql

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"weir/event"
	"weir/event/ecs"
	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/query"
)

// A query looks back over events that are stored, a condition sees one event as it comes. What both can say is said
// alike; what only a query can say (words of a text, an order of texts, times that depend on now) is either said in the
// nearest way, with a note, or refused with the reason. Nothing is left out in silence.

// Condition is what a query became.
type Condition struct {
	Tree *tree.Node
	// Notes say where the condition is wider than the query, each once.
	Notes []string
}

// Translate turns a query into a condition. The error is a *fault.Error that points into the query.
func Translate(src string) (Condition, error) {
	q, err := query.Parse(src)
	if err != nil {
		return Condition{}, err
	}
	t := &translation{src: src}
	n, err := t.node(q.Root())
	if err != nil {
		return Condition{}, err
	}
	if n.Op == tree.Leaf && n.Test.Kind == kind.Constant {
		return Condition{}, t.refuse(query.Lit{Col: 1, Text: src}, "a rule for every event would be an alert for every event", "say what makes an event worth an alert")
	}
	// Names and sizes that a query may have and a condition may not.
	if _, err := match.Compile(n.String()); err != nil {
		return Condition{}, t.refuse(query.Lit{Col: 1, Text: src}, "the query cannot be a condition: "+err.Error(), "shorten it, or write the names of its fields in full")
	}
	return Condition{n, t.notes}, nil
}

// translation is one walk over the tree of a query.
type translation struct {
	src   string
	notes []string
}

// note says once where condition and query differ.
func (t *translation) note(text string) {
	if !slices.Contains(t.notes, text) {
		t.notes = append(t.notes, text)
	}
}

// refuse points at what a rule cannot say.
func (t *translation) refuse(at query.Lit, what, do string) error {
	return &fault.Error{Code: "kql-no-rule", What: what, Where: "query, column " + strconv.Itoa(at.Col), Text: t.src, Mark: at.Col, Width: max(len([]rune(at.Text)), 1),
		Why: "a rule sees each event by itself, as it comes", Do: do, Exit: fault.ExitUsage}
}

// node turns one condition of the query into one of the rule.
func (t *translation) node(n query.Node) (*tree.Node, error) {
	switch n := n.(type) {
	case *query.And:
		kids, err := t.nodes(n.Nodes)
		return tree.AllOf(kids...), err
	case *query.Or:
		kids, err := t.nodes(n.Nodes)
		return tree.AnyOf(kids...), err
	case *query.Not:
		kid, err := t.node(n.Node)
		if err != nil {
			return nil, err
		}
		return tree.NotOf(kid), nil
	case *query.All:
		return tree.Truth(true), nil
	case *query.Exists:
		return t.exists(n.Field)
	case *query.Term:
		return t.term(n.Field, n.Value)
	case *query.Range:
		return t.order(n)
	case *query.Nested:
		return nil, t.refuse(n.Field, "a rule has no words for objects of a list that must hold several things at once", "name the fields one by one: "+n.Field.Text+".NAME: VALUE")
	}
	return nil, t.refuse(query.Lit{Col: 1, Text: t.src}, fmt.Sprintf("a rule has no words for %T", n), "")
}

// nodes turns several.
func (t *translation) nodes(list []query.Node) ([]*tree.Node, error) {
	out := make([]*tree.Node, 0, len(list))
	for _, n := range list {
		k, err := t.node(n)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// named refuses patterns in the place of a field's name.
func (t *translation) named(field query.Lit) error {
	if field.Wild() {
		return t.refuse(field, "a rule names its fields in full", "write the names of the fields that you mean, joined by or")
	}
	if strings.Contains("."+field.Text+".", "..") {
		return t.refuse(field, "the field name `"+field.Text+"` has an empty part", "write a name without it")
	}
	return nil
}

// exists is true for a field, or a group of fields, with a value.
func (t *translation) exists(field query.Lit) (*tree.Node, error) {
	if err := t.named(field); err != nil {
		return nil, err
	}
	if _, ok := event.Lookup(field.Text); !ok {
		for _, f := range event.Fields() {
			if strings.HasPrefix(f.Path(), field.Text+".") {
				return nil, t.refuse(field, "`"+field.Text+"` is a group of fields", "name one of them, such as `"+f.Path()+": *`")
			}
		}
	}
	return tree.LeafOf(tree.Test{Kind: kind.Exists, Field: field.Text}), nil
}

// term compares a field with a value, in the way of the field's type.
func (t *translation) term(field, value query.Lit) (*tree.Node, error) {
	if field.Text == "" {
		return t.free(value)
	}
	if err := t.named(field); err != nil {
		return nil, err
	}
	typ, known := ecs.Flattened, false // open keys, and paths that no list knows
	if f, ok := event.Lookup(field.Text); ok {
		typ, known = f.Type(), true
	}
	switch typ {
	case ecs.Text:
		return t.text(field.Text, value)
	case ecs.Long, ecs.Double:
		return code(tree.Path(field.Text) + " == " + value.Text), nil
	case ecs.Boolean:
		return code(tree.Path(field.Text) + " == " + value.Text), nil
	// cidr compares addresses as addresses, as KQL does; == would compare how they are written.
	case ecs.IP:
		return tree.LeafOf(tree.Test{Kind: kind.CIDR, Field: field.Text, Values: []string{network(value)}}), nil
	case ecs.Date:
		return nil, t.refuse(value, "a rule has no words for the time of an event", "leave it out; `weir rules backtest --from` takes the time")
	case ecs.Keyword:
		return keyword(field.Text, value), nil
	}
	if known {
		return nil, t.refuse(field, "`"+field.Text+"` holds several values under names of their own", "name one: "+field.Text+".NAME: "+value.Text)
	}
	n := keyword(field.Text, value)
	if number, ok := tree.Canonical(value.Text); ok && !value.Wild() { // an open key holds numbers too, also as texts
		return tree.AnyOf(n, tree.LeafOf(tree.Test{Kind: kind.Equal, Field: field.Text, Form: form.Number, Values: []string{number}})), nil
	}
	return n, nil
}

// code is a part in the words of expr.
func code(src string) *tree.Node {
	return tree.LeafOf(tree.Test{Kind: kind.Code, Values: []string{src}})
}

// network is an address or a network as cidr takes it: 10.1.* is 10.1.0.0/16.
func network(value query.Lit) string {
	if !value.Wild() {
		if p, err := netip.ParsePrefix(value.Text); err == nil {
			return p.Masked().String()
		}
		return value.Text
	}
	parts := strings.Split(strings.TrimRight(value.Text, ".*"), ".")
	n := len(parts)
	for len(parts) < 4 {
		parts = append(parts, "0")
	}
	return strings.Join(parts, ".") + "/" + strconv.Itoa(8*n)
}

// keyword compares the whole value; stars stand for any text. Case counts, as it does in the query.
func keyword(field string, value query.Lit) *tree.Node {
	leaf := func(k kind.Kind, text string) *tree.Node {
		return tree.LeafOf(tree.Test{Kind: k, Field: field, Values: []string{text}})
	}
	// The commonest stars have operators of their own, which the index looks up; glob is for the others.
	p := value.Parts
	switch {
	case p == nil:
		return leaf(kind.Equal, value.Text)
	case len(p) == 2 && p[1] == "":
		return leaf(kind.StartsWith, p[0])
	case len(p) == 2 && p[0] == "":
		return leaf(kind.EndsWith, p[1])
	case len(p) == 3 && p[0] == "" && p[2] == "":
		return leaf(kind.Contains, p[1])
	}
	escaped := make([]string, len(p))
	for i, s := range p {
		escaped[i] = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`).Replace(s)
	}
	return leaf(kind.Glob, strings.Join(escaped, "*"))
}

// The notes on texts.
const (
	noteWords  = "a text is searched for the words as they stand, also within longer words: KQL looks at whole words"
	noteOrder  = "the values of an open key are compared as numbers: KQL compares those that are none as texts"
	noteAnyway = "a word without a field is looked for in every field, as it stands: KQL leaves out dates and the original"
)

// text looks for words: any of them, or in quotes all of them in a row.
func (t *translation) text(field string, value query.Lit) (*tree.Node, error) {
	words, err := t.words(value)
	if err != nil {
		return nil, err
	}
	t.note(noteWords)
	return tree.LeafOf(tree.Test{Kind: kind.Contains, Field: field, Fold: true, Values: words}), nil
}

// free looks for words in every field.
func (t *translation) free(value query.Lit) (*tree.Node, error) {
	words, err := t.words(value)
	if err != nil {
		return nil, err
	}
	t.note(noteAnyway)
	return tree.LeafOf(tree.Test{Kind: kind.Contains, Field: tree.Any, Fold: true, Values: words}), nil
}

// words returns what a value looks for in a text: one phrase if it is quoted, else each word. A star at an end of a word
// says nothing that looking for a part does not say already.
func (t *translation) words(value query.Lit) ([]string, error) {
	list := strings.Fields(value.Text)
	if value.Quoted {
		list = []string{value.Text}
	}
	var out []string
	for _, w := range list {
		if value.Wild() {
			w = strings.Trim(w, "*")
			if strings.Contains(w, "*") {
				return nil, t.refuse(value, "a star within a word of a text has no words in a rule", "write re(message, \"...\") into the rule's condition yourself")
			}
		}
		if w != "" {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return nil, t.refuse(value, "there is no word to look for", "write one")
	}
	return out, nil
}

// order compares a number.
func (t *translation) order(r *query.Range) (*tree.Node, error) {
	if err := t.named(r.Field); err != nil {
		return nil, err
	}
	typ := ecs.Flattened
	if f, ok := event.Lookup(r.Field.Text); ok {
		typ = f.Type()
	}
	number, isNumber := tree.Canonical(r.Value.Text)
	switch {
	case typ == ecs.Date:
		return nil, t.refuse(r.Value, "a rule has no words for the time of an event", "leave it out; `weir rules backtest --from` takes the time")
	case typ == ecs.IP:
		return nil, t.refuse(r.Value, "a rule has no words for an order of addresses", "name a network: "+r.Field.Text+": 10.0.0.0/8")
	case typ != ecs.Long && typ != ecs.Double && typ != ecs.Flattened || !isNumber:
		return nil, t.refuse(r.Value, "a rule has no words for an order of texts", "compare with values, or with the beginning of one: "+r.Field.Text+": a*")
	}
	as := form.Plain
	if typ == ecs.Flattened {
		as = form.Number
		t.note(noteOrder)
	}
	asked := map[string]kind.Kind{"<": kind.Less, "<=": kind.LessEqual, ">": kind.Greater, ">=": kind.GreaterEqual}[r.Op]
	return tree.LeafOf(tree.Test{Kind: asked, Field: r.Field.Text, Form: as, Values: []string{number}}), nil
}
