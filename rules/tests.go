package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/internal/fault"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// Bounds of the tests of one rule.
const (
	maxTestEvents = 10_000
	maxTests      = 200
)

// tests reads the cases of a rule. A mistake in one of them refuses the rule, as any other mistake does: a rule whose
// tests cannot be read is not known to work.
func (f *source) tests(r *Rule, n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok || len(seq.Values) > maxTests {
		f.Fail(n, "rule-value", "begin each test with `- name: ...`", "`tests` is a list of at most %d cases", maxTests)
		return
	}
	for _, v := range seq.Values {
		list, ok := yamlfile.Mapping(v)
		if !ok {
			f.Fail(v, "rule-value", "begin each test with `- name: ...`", "a test needs keys")
			continue
		}
		r.Tests = append(r.Tests, f.test(list, v))
	}
}

// test reads one case.
func (f *source) test(list []*ast.MappingValueNode, n ast.Node) Test {
	p, _ := yamlfile.Extent(n)
	t := Test{Line: p.Line}
	expected := false
	f.Keys(" in a test", list, map[string]func(ast.Node){
		"name":   f.Text("name", &t.Name),
		"events": func(v ast.Node) { f.events(&t, v) },
		"expect": func(v ast.Node) { expected = true; f.expect(&t, v) },
		"until":  f.Duration("until", &t.Until),
	})
	// With a mistake before it the name may be there and unreadable.
	if t.Name == "" && !f.Refused() {
		f.Fail(n, "rule-missing-key", "add `name: what happens`", "the test has no name")
	}
	if !expected {
		f.Fail(n, "rule-missing-key", "add `expect: {alerts: 1}`", "the test expects nothing")
	}
	if len(t.Events) == 0 && !f.Refused() {
		f.Fail(n, "rule-missing-key", "add `events:`", "the test has no events")
	}
	for _, i := range t.Expect.Events {
		if i > len(t.Events) {
			f.Fail(n, "rule-value", "", "the test expects event %d of %d", i, len(t.Events))
		}
	}
	return t
}

// expect reads what a case wants. Without a number of alerts, as many are wanted as groups are named.
func (f *source) expect(t *Test, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "rule-value", "write expect: {alerts: 1}", "`expect` needs keys")
		return
	}
	given := false
	f.Keys(" in expect", list, map[string]func(ast.Node){
		"alerts": func(v ast.Node) { given = true; f.Integer("alerts", 0, maxTestEvents, &t.Expect.Alerts)(v) },
		"groups": func(v ast.Node) { f.groups(t, v) },
		"events": func(v ast.Node) { f.numbers(t, v) },
	})
	if !given {
		if len(t.Expect.Groups) == 0 {
			f.Fail(n, "rule-missing-key", "add `alerts: 1`, or `alerts: 0` for a miss", "`expect` has no `alerts`")
			return
		}
		t.Expect.Alerts = len(t.Expect.Groups)
	}
}

// groups reads the fields by which alerts are told apart. A test need not name all fields of a group.
func (f *source) groups(t *Test, n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.Fail(n, "rule-value", "write groups: [{source.ip: 203.0.113.5}]", "`groups` is a list")
		return
	}
	for _, v := range seq.Values {
		list, ok := yamlfile.Mapping(v)
		if !ok {
			f.Fail(v, "rule-value", "write {source.ip: 203.0.113.5}", "a group needs fields")
			continue
		}
		g := map[string]string{}
		for _, kv := range list {
			s, ok := yamlfile.Text(kv.Value)
			if !ok {
				f.Fail(kv, "rule-value", "", "a group's value is a text")
			}
			g[yamlfile.Key(kv)] = s
		}
		t.Expect.Groups = append(t.Expect.Groups, g)
	}
}

// numbers reads which events must be in the evidence, from 1.
func (f *source) numbers(t *Test, n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.Fail(n, "rule-value", "write events: [1, 6]", "`events` is a list of numbers, from 1")
		return
	}
	for _, v := range seq.Values {
		var i int
		f.Integer("events", 1, maxTestEvents, &i)(v)
		t.Expect.Events = append(t.Expect.Events, i)
	}
}

// events reads the events of a test: ECS documents, or raw lines with the dataset whose parser reads them.
func (f *source) events(t *Test, n ast.Node) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.Fail(n, "rule-value", "begin each event with `- `", "`events` is a list")
		return
	}
	for _, v := range seq.Values {
		p, _ := yamlfile.Extent(v)
		ev := TestEvent{Line: p.Line}
		repeat := 1
		list, ok := yamlfile.Mapping(v)
		// A text alone is a raw line whose format is to be recognised.
		switch text, isText := yamlfile.Text(v); {
		case isText:
			ev.Raw = text
		case !ok:
			f.Fail(v, "rule-value", "write {raw: \"the line\", dataset: system.auth}, or the fields of a document", "an event is a line or a document")
			continue
		case keys.Has(list, "raw"):
			f.rawEvent(list, &ev, &repeat)
		default:
			f.docEvent(list, &ev, &repeat)
		}
		if len(t.Events)+repeat > maxTestEvents {
			f.Fail(v, "rule-too-large", "", "a test has at most %d events", maxTestEvents)
			return
		}
		for i := range repeat {
			// The others follow it as any event without a time does.
			if i == 1 { // only the first of a repeated event is at the time given
				ev.HasAt, ev.At = false, 0
			}
			t.Events = append(t.Events, ev)
		}
	}
}

// rawEvent reads a line and what is said about it.
func (f *source) rawEvent(list []*ast.MappingValueNode, ev *TestEvent, repeat *int) {
	f.Keys(" in an event", list, map[string]func(ast.Node){
		"raw":     f.raw(&ev.Raw),
		"dataset": f.Text("dataset", &ev.Dataset),
		"at":      f.offsetOf(ev),
		"repeat":  f.Integer("repeat", 1, maxTestEvents, repeat),
	})
}

// raw reads a line as it is, blanks at its ends too.
func (f *source) raw(into *string) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := yamlfile.Text(n)
		if !ok {
			f.Fail(n, "rule-value", "put the line in quotes", "`raw` needs a text")
			return
		}
		// A block ends with a line end that no sender has written.
		*into = strings.TrimRight(s, "\n")
	}
}

// offsetOf reads at: +30s, the time after the first event.
func (f *source) offsetOf(ev *TestEvent) func(ast.Node) {
	return func(n ast.Node) {
		s, _ := yamlfile.Text(n)
		d, ok := keys.Span(strings.TrimPrefix(strings.TrimSpace(s), "+"))
		if !ok || d < 0 || d > keys.MaxSpan {
			f.Fail(n, "rule-value", "write at: +30s", "`at` needs a time after the first event")
			return
		}
		ev.At, ev.HasAt = d, true
	}
}

// docEvent reads an ECS document; at and repeat are the test's, not the document's.
func (f *source) docEvent(list []*ast.MappingValueNode, ev *TestEvent, repeat *int) {
	var fields []*ast.MappingValueNode
	for _, kv := range list {
		switch yamlfile.Key(kv) {
		case "at":
			f.offsetOf(ev)(kv.Value)
		case "repeat":
			f.Integer("repeat", 1, maxTestEvents, repeat)(kv.Value)
		default:
			fields = append(fields, kv)
		}
	}
	v, err := objectOf(fields)
	if err != nil {
		f.Fail(err.node, "rule-value", "", "%s", err.what)
		return
	}
	// The document goes through the same decoder as one of the archive, so that tests see what live rules see.
	ev.Doc = v.AppendJSON(nil)
	var check event.Event
	if err := check.Decode(ev.Doc); err != nil && len(list) > 0 {
		p, width := yamlfile.Extent(list[0])
		f.Add(p, width, fault.Error{Code: "rule-value", What: "the document cannot be read", Why: err.Error()})
	}
}

type valueError struct {
	node ast.Node
	what string
}

// objectOf turns YAML into the JSON document that it stands for.
func objectOf(list []*ast.MappingValueNode) (event.Value, *valueError) {
	kv := make([]event.Value, 0, 2*len(list))
	seen := map[string]bool{}
	for _, p := range list {
		key := yamlfile.Key(p)
		if seen[key] {
			return event.Value{}, &valueError{p, fmt.Sprintf("the key `%s` is there twice", key)}
		}
		seen[key] = true
		v, err := valueOf(p.Value)
		if err != nil {
			return event.Value{}, err
		}
		kv = append(kv, event.Str(key), v)
	}
	return event.Members(kv...), nil
}

// valueOf turns one YAML value into the JSON value that it stands for. Dates stay texts, as they are in JSON; numbers that
// no event can hold become texts rather than something near them.
func valueOf(n ast.Node) (event.Value, *valueError) {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		list, _ := yamlfile.Mapping(n)
		return objectOf(list)
	case *ast.SequenceNode:
		items := make([]event.Value, 0, len(n.Values))
		for _, it := range n.Values {
			v, err := valueOf(it)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return event.Items(items...), nil
	case *ast.StringNode:
		return event.Str(n.Value), nil
	case *ast.LiteralNode:
		return event.Str(n.Value.Value), nil
	case *ast.BoolNode:
		return event.Truth(n.Value), nil
	case *ast.NullNode:
		return event.Nil(), nil
	case *ast.IntegerNode:
		// A number that is too large for an event keeps its digits as a text.
		if v, ok := keys.Whole(n); ok {
			return event.Num(v), nil
		}
		return event.Str(n.GetToken().Value), nil
	case *ast.FloatNode:
		if _, err := strconv.ParseFloat(n.GetToken().Value, 64); err == nil {
			return event.Real(n.Value), nil
		}
		return event.Str(n.GetToken().Value), nil
	}
	return event.Value{}, &valueError{n, "this cannot be a value of a document"}
}
