package format

import (
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/event/ecs"
	"weir/processors/parse/format/jsonspan"
	"weir/processors/parse/format/step"
	"weir/rules/yamlfile"
)

// splitter calls fn for each part of a message that holds several events; nil: the message is one event.
type splitter func(msg string, fn func(part string) error) error

// Split returns how a message of the format is cut into several events, nil if each is one.
func (f *Format) Split() func(msg string, fn func(part string) error) error { return f.split }

// split compiles the key split.
func (c *compiler) split(n ast.Node) (out splitter) {
	c.Keys("split", n, map[string]func(ast.Node){
		"lines": func(n ast.Node) {
			yes := false
			if c.Boolean("lines", &yes)(n); yes {
				out = lines
			}
		},
		"json": func(n ast.Node) {
			text, _ := yamlfile.Text(n)
			names, ok := step.ParsePath(text)
			if text != "" && !ok {
				c.Refuse(n, "write the path of an array, such as Records, or \"\"", "`%s` is no path", text)
				return
			}
			out = func(msg string, fn func(string) error) error { return jsonspan.Items(msg, names, fn) }
		},
		"call": func(n ast.Node) {
			name, _ := yamlfile.Text(n)
			r, ok := c.Reader(n, name)
			if ok && r.Split == nil {
				c.Refuse(n, "", "no reader %s cuts messages", name)
				return
			}
			out = r.Split
		},
	})
	return out
}

// lines cuts a text at its ends of lines; empty ones are no events.
func lines(msg string, fn func(part string) error) error {
	for part := range strings.SplitSeq(msg, "\n") {
		if part = strings.TrimRight(part, "\r"); strings.TrimSpace(part) == "" {
			continue
		}
		if err := fn(part); err != nil {
			return err
		}
	}
	return nil
}

// Charsets are the encodings that a record which is no UTF-8 may be in, in the order in which they are tried.
func (f *Format) Charsets() []string { return f.charsets }

// charset reads the key charset.
func (d *draft) charset(n ast.Node) { d.file.Texts("charset", &d.format.charsets)(n) }

// maxTests bounds the examples of one format.
const maxTests = 500

// tests reads the examples of a format.
func tests(c *step.File, n ast.Node) (out []Test) {
	for _, it := range step.ListOf(n) {
		if len(out) == maxTests {
			c.Refuse(it, "", "the format has more than %d tests", maxTests)
			return out
		}
		p, _ := yamlfile.Extent(it)
		t := Test{Line: p.Line, At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
		var expect ast.Node
		events := -1
		some := false
		if !c.Keys("a test", it, map[string]func(ast.Node){
			"name": c.TextKey("name", &t.Name), "errors": c.Integer("errors", &t.Errors), "dropped": c.Boolean("dropped", &t.Dropped), "events": c.Integer("events", &events), "input": c.TextKey("input", &t.Input),
			"raw": func(n ast.Node) {
				s, ok := yamlfile.Text(n)
				if t.Raw, some = s, true; !ok {
					c.Refuse(n, "put it in quotes, or below a |", "`raw` needs a text")
				}
			},
			"doc": func(n ast.Node) {
				if t.Doc, some = step.Constant(n), true; t.Doc.Kind() != event.Object {
					c.Refuse(n, "write doc: {message: ...}", "`doc` is an object")
				}
			},
			"at": func(n ast.Node) {
				s, _ := yamlfile.Text(n)
				at, err := time.Parse(time.RFC3339Nano, s)
				if err != nil {
					c.Refuse(n, "write 2024-01-01T00:00:00Z", "`at` needs a time")
				}
				t.At = at
			},
			"expect": func(n ast.Node) { expect = n },
		}) {
			continue
		}
		if t.Name == "" || !some {
			c.Refuse(it, "write {name: ..., raw: '...', expect: {...}}", "a test needs a name, and raw or doc")
		}
		if expect != nil {
			for _, one := range step.ListOf(expect) {
				t.Expect = append(t.Expect, expected(c, one))
			}
		}
		for events >= 0 && len(t.Expect) < events {
			t.Expect = append(t.Expect, nil)
		}
		out = append(out, t)
	}
	return out
}

// expect reads path: value; ~ means that nothing may be there.
func expected(c *step.File, n ast.Node) (out []Want) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		c.Refuse(n, "write path: value", "`expect` needs keys")
		return nil
	}
	for _, kv := range list {
		path := strings.ReplaceAll(yamlfile.Key(kv), `"`, "")
		at, width := yamlfile.Extent(kv)
		out = append(out, Want{Path: path, Value: wanted(path, kv.Value), at: at, width: width})
	}
	return out
}

// wanted returns the value that must be at a path: in a field of text a number is what is written, with its zeros.
func wanted(path string, n ast.Node) event.Value {
	if seq, ok := n.(*ast.SequenceNode); ok {
		out := make([]event.Value, 0, len(seq.Values))
		for _, it := range seq.Values {
			out = append(out, wanted(path, it))
		}
		return event.Items(out...)
	}
	if f, known := event.Lookup(path); known && (f.Type() == ecs.Keyword || f.Type() == ecs.Text) && !step.IsNull(n) {
		if s, ok := yamlfile.Text(n); ok {
			return event.Str(s)
		}
	}
	return step.Constant(n)
}

// String names a path and its value.
func (w Want) String() string { return fmt.Sprintf("%s: %s", w.Path, w.Value.Text()) }
