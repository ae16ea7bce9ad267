package table

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// readYAML reads the rows of a YAML file: a list of objects.
func (s *Source) readYAML(data []byte) []Row {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		s.Fault(Cell{}, "the file is not YAML: "+firstLine(err.Error()), "check its indentation")
		return nil
	}
	var rows []Row
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.NullNode, *ast.CommentGroupNode:
		case *ast.SequenceNode:
			for _, item := range body.Values {
				if r, ok := s.yamlRow(item); ok {
					rows = append(rows, r)
				}
			}
		default:
			s.Fault(position(doc.Body), "the "+s.form.File+" is not a list of "+s.form.Row+"s", "begin each "+s.form.Row+" with: - "+s.form.Columns[0]+": NAME")
		}
	}
	return rows
}

// firstLine drops the picture of the place that the YAML reader draws below its message.
func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// position is where a node begins.
func position(n ast.Node) Cell {
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return Cell{nil, t.Position.Line, t.Position.Column}
	}
	return Cell{}
}

// yamlRow reads one row. Mistakes in it are reported; what is right in it is still used, to report all at once.
func (s *Source) yamlRow(item ast.Node) (Row, bool) {
	var pairs []*ast.MappingValueNode
	switch m := item.(type) {
	case *ast.MappingNode:
		pairs = m.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{m}
	default:
		s.Fault(position(item), "a "+s.form.Row+" is not an object", "write it as - "+s.form.Columns[0]+": NAME")
		return nil, false
	}
	out := Row{}
	var names []string
	for _, pair := range pairs {
		key := pair.Key.String()
		at := position(pair.Key)
		at.Values = []string{key}
		s.checkColumn(at, key, names)
		names = append(names, key)
		if c, ok := s.yamlCell(pair.Value, 0); ok {
			out[key] = c
		}
	}
	if _, ok := out[s.form.Columns[0]]; !ok {
		out[s.form.Columns[0]] = position(item)
	}
	return out, true
}

// maxDepth bounds lists within lists, which mean nothing here.
const maxDepth = 4

// yamlCell reads a scalar or a list of scalars.
func (s *Source) yamlCell(n ast.Node, depth int) (Cell, bool) {
	c := position(n)
	switch n := n.(type) {
	case *ast.NullNode:
		return c, true
	case *ast.SequenceNode:
		for _, v := range n.Values {
			if depth == maxDepth {
				s.Fault(c, "lists within lists", "write one list")
				return c, false
			}
			one, ok := s.yamlCell(v, depth+1)
			if !ok {
				return c, false
			}
			c.Values = append(c.Values, one.Values...)
		}
		return c, true
	case *ast.StringNode:
		c.Values = []string{n.Value}
		return c, true
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode: // these call themselves scalars too
	case ast.ScalarNode: // a name like 10 or true: as it is written
		c.Values = []string{n.GetToken().Value}
		return c, true
	}
	s.Fault(c, "the value is not a text or a list of texts", "write it in one line")
	return c, false
}
