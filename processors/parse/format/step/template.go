package step

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/rules/yamlfile"
)

// Template is what set, append and choose write: a constant, a text with places in it, or a list of such.
type Template struct {
	constant event.Value
	parts    []part
	items    []*Template
}

// part is a text and the place behind it, nil at the end.
type part struct {
	text string
	at   *Place
}

// Template compiles a value.
func (c *Compiler) Template(n ast.Node) *Template {
	if seq, ok := n.(*ast.SequenceNode); ok {
		t := &Template{items: []*Template{}}
		plain := true
		for _, it := range seq.Values {
			v := c.Template(it)
			if v == nil {
				return nil
			}
			plain = plain && v.parts == nil && v.items == nil
			t.items = append(t.items, v)
		}
		if plain {
			return &Template{constant: Constant(n)}
		}
		return t
	}
	if _, isMap := yamlfile.Mapping(n); isMap {
		c.Refuse(n, "name the places below it one by one: a.b: value", "a value is a text, a number, true, false, or a list of these")
		return nil
	}
	s, isText := n.(*ast.StringNode)
	lit, isBlock := n.(*ast.LiteralNode)
	text := ""
	switch {
	case isText:
		text = s.Value
	case isBlock:
		text = lit.Value.Value
	}
	if !strings.Contains(text, "{{") {
		return &Template{constant: Constant(n)}
	}
	return c.parts(n, text)
}

// parts compiles a text with places.
//
// A place that is none is a fault at the whole text: its own column within quotes and blocks would be a guess.
func (c *Compiler) parts(n ast.Node, text string) *Template {
	t := &Template{}
	for {
		before, rest, more := strings.Cut(text, "{{")
		if !more {
			if before != "" {
				t.parts = append(t.parts, part{text: before})
			}
			return t
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			c.Refuse(n, "write {{place}}", "`{{` has no `}}`")
			return nil
		}
		at := c.At(n, strings.TrimSpace(name))
		if at == nil {
			return nil
		}
		t.parts = append(t.parts, part{before, at})
		text = after
	}
}

// Eval returns the value, Absent if a place in it has none. A place alone is its value, not its text.
func (t *Template) Eval(m *Machine) event.Value {
	switch {
	case t.items != nil:
		list := m.Take(len(t.items))
		for _, it := range t.items {
			if v := it.Eval(m); v.Kind() != event.Absent && v.Kind() != event.Null {
				list = append(list, v)
			}
		}
		if len(list) == 0 {
			return event.Value{}
		}
		return event.Items(list...)
	case t.parts == nil:
		return t.constant
	case len(t.parts) == 1 && t.parts[0].text == "":
		return m.Get(t.parts[0].at)
	}
	from := len(m.buf)
	for i := range t.parts {
		p := &t.parts[i]
		m.buf = append(m.buf, p.text...)
		if p.at == nil {
			continue
		}
		v := m.Get(p.at)
		if v.Kind() == event.Absent || v.Kind() == event.Null {
			m.buf = m.buf[:from]
			return event.Value{}
		}
		m.buf = v.AppendText(m.buf)
	}
	s := m.Keep(m.buf[from:])
	m.buf = m.buf[:from]
	return event.Str(s)
}

// Assign is one place and what it gets.
type Assign struct {
	To    *Place
	Value *Template
}

// Assigns compiles place: value.
func (c *Compiler) Assigns(what string, n ast.Node) (out []Assign) {
	c.Map(what, n, func(kv *ast.MappingValueNode) {
		to := c.WritesKey(kv)
		v := c.Template(kv.Value)
		if v != nil && to != nil && !to.takes(v.constant) {
			c.Refuse(kv.Value, "write a value of its type, or put it below the root of the vendor", "%s takes no value such as `%s`", to.Path, v.constant.Text())
		}
		if v != nil && to != nil {
			out = append(out, Assign{to, v})
		}
	})
	return out
}
