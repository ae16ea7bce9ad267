package step

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/expression"
	"weir/rules/yamlfile"
)

// Key writes a value as the key of a table, in memory that the next text overwrites.
func (m *Machine) Key(v event.Value, fold bool) []byte {
	if v.Kind() == event.List && v.Len() == 1 {
		v = v.Item(0)
	}
	from := len(m.buf)
	m.buf = v.AppendText(m.buf)
	key := m.buf[from:]
	m.buf = m.buf[:from]
	if fold {
		for i, c := range key {
			switch {
			case c >= 0x80:
				return []byte(strings.ToLower(string(key)))
			case c >= 'A' && c <= 'Z':
				key[i] = c | 0x20
			}
		}
	}
	return key
}

// Selector is what choose and switch look at.
type Selector struct {
	at   *Place
	expr *expression.Program
	// Fold tells that capital letters do not count.
	Fold bool
}

// Selector compiles what choose and switch look at.
func (c *Compiler) Selector(n ast.Node, s *Selector) {
	text, _ := yamlfile.Text(n)
	if strings.HasPrefix(strings.TrimSpace(text), "(") {
		s.expr = c.Expr(n)
		return
	}
	s.at = c.Reads(n)
}

// eval returns the value.
func (s *Selector) eval(m *Machine) event.Value {
	if s.expr != nil {
		return s.expr.Eval(m)
	}
	return m.Get(s.at)
}

// Number returns the number of the case of the value, -1 if it has none. Of a list the first item that has one counts.
func (s *Selector) Number(m *Machine, cases map[string]int) int {
	v := s.eval(m)
	for i := range v.Len() {
		it := v
		if v.Kind() == event.List {
			it = v.Item(i)
		}
		if it.Kind() == event.Null {
			continue
		}
		if at, ok := cases[string(m.Key(it, s.Fold))]; ok {
			return at
		}
		if v.Kind() != event.List {
			break
		}
	}
	return -1
}

// Cases reads the keys of cases; a|b are alternatives.
// A case twice is a mistake, also where it differs in capital letters and those do not count: the second would never be taken.
func (c *Compiler) Cases(n ast.Node, fold bool, into map[string]int, fn func(kv *ast.MappingValueNode)) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		c.Refuse(n, "write value: ...", "`cases` needs keys")
		return
	}
	for i, kv := range list {
		for key := range strings.SplitSeq(yamlfile.Key(kv), "|") {
			if key = strings.TrimSpace(key); fold {
				key = strings.ToLower(key)
			}
			if _, have := into[key]; have {
				c.Fail(kv, "format-duplicate-key", "remove one of them", "the case `%s` is there twice", key)
			}
			into[key] = i
		}
		fn(kv)
	}
}
