package step

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/nearest"
	"weir/rules/yamlfile"
)

// File is one YAML file while it is read.
type File struct {
	*yamlfile.File
	// FS is the source that it is from, Source its number, Dir its folder there.
	FS     fs.FS
	Source int
	Dir    string
}

// Keys reads a mapping strictly: each key has a reader, an unknown or repeated one is an error with the nearest name. It
// is false where n is no mapping.
func (f *File) Keys(what string, n ast.Node, readers map[string]func(ast.Node)) bool {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "format-value", "write keys and values", "`%s` needs keys", what)
		return false
	}
	f.Pairs(what, list, readers)
	return true
}

// Pairs is keys for the pairs of a mapping.
func (f *File) Pairs(what string, list []*ast.MappingValueNode, readers map[string]func(ast.Node)) {
	seen := map[string]int{}
	for _, kv := range list {
		key := yamlfile.Key(kv)
		p, width := yamlfile.Extent(kv)
		read := readers[key]
		if read == nil {
			f.Unknown(p, width, fmt.Sprintf("unknown key `%s` in %s", key, what), key, slices.Sorted(maps.Keys(readers)))
			continue
		}
		if first, ok := seen[key]; ok {
			f.Add(p, width, fault.Error{Code: "format-duplicate-key", What: fmt.Sprintf("the key `%s` is there twice", key),
				Why: fmt.Sprintf("the first is in line %d", first), Do: "remove one of them"})
			continue
		}
		seen[key] = p.Line
		read(kv.Value)
	}
}

// Unknown notes a name that does not exist, with the nearest that does.
func (f *File) Unknown(p yamlfile.Place, width int, what, name string, names []string) {
	e := fault.Error{Code: "format-unknown-key", What: what}
	if near := nearest.Name(name, names); near != "" {
		e.Do = fmt.Sprintf("did you mean `%s`?", near)
	} else {
		e.Do = "there are: " + strings.Join(names[:min(len(names), maxNames)], ", ")
		if len(names) > maxNames {
			e.Do += fmt.Sprintf(" and %d more", len(names)-maxNames)
		}
	}
	f.Add(p, width, e)
}

// maxNames bounds the names that a fault offers.
const maxNames = 40

// Refuse notes an error in the value of a node.
func (f *File) Refuse(n ast.Node, do, form string, args ...any) {
	f.Fail(n, "format-value", do, form, args...)
}

// TextKey reads a text into a variable.
func (f *File) TextKey(key string, into *string) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := yamlfile.Text(n)
		if !ok || s == "" {
			f.Refuse(n, "", "`%s` needs a text", key)
			return
		}
		*into = s
	}
}

// Char reads one byte; an empty text means none.
func (f *File) Char(key string, into *byte) func(ast.Node) {
	return func(n ast.Node) {
		s, ok := yamlfile.Text(n)
		if !ok || len(s) > 1 {
			f.Refuse(n, "", "`%s` needs one letter", key)
			return
		}
		*into = 0
		if s != "" {
			*into = s[0]
		}
	}
}

// Texts reads a list of texts; one text alone is a list of one.
func (f *File) Texts(key string, into *[]string) func(ast.Node) {
	return func(n ast.Node) {
		for _, it := range ListOf(n) {
			s, ok := yamlfile.Text(it)
			if !ok {
				f.Refuse(it, "", "`%s` is a list of texts", key)
				continue
			}
			*into = append(*into, s)
		}
	}
}

// ListOf returns the items of a list; anything else is a list of one.
func ListOf(n ast.Node) []ast.Node {
	if seq, ok := n.(*ast.SequenceNode); ok {
		return seq.Values
	}
	return []ast.Node{n}
}

// Boolean reads true or false.
func (f *File) Boolean(key string, into *bool) func(ast.Node) {
	return func(n ast.Node) {
		b, ok := n.(*ast.BoolNode)
		if !ok {
			f.Refuse(n, "", "`%s` needs true or false", key)
			return
		}
		*into = b.Value
	}
}

// Integer reads a number that is not negative.
func (f *File) Integer(key string, into *int) func(ast.Node) {
	return func(n ast.Node) {
		v := Constant(n)
		if v.Kind() != event.Int || v.Int() < 0 || v.Int() > 1_000_000 {
			f.Refuse(n, "", "`%s` needs a whole number", key)
			return
		}
		*into = int(v.Int())
	}
}

// IsNull tells whether a node is ~ or empty.
func IsNull(n ast.Node) bool {
	_, ok := n.(*ast.NullNode)
	return ok
}

// Constant returns the value that a YAML node writes. What it is too deep for is Absent: the file's reader bounds depth.
func Constant(n ast.Node) event.Value {
	switch n := n.(type) {
	case *ast.NullNode:
		return event.Nil()
	case *ast.BoolNode:
		return event.Truth(n.Value)
	case *ast.FloatNode:
		return event.Real(n.Value)
	case *ast.IntegerNode:
		switch v := n.Value.(type) {
		case int64:
			return event.Num(v)
		case uint64:
			if v < 1<<62 {
				return event.Num(int64(v))
			}
		}
	case *ast.SequenceNode:
		out := make([]event.Value, 0, len(n.Values))
		for _, it := range n.Values {
			out = append(out, Constant(it))
		}
		return event.Items(out...)
	}
	if list, ok := yamlfile.Mapping(n); ok {
		out := make([]event.Value, 0, 2*len(list))
		for _, kv := range list {
			out = append(out, event.Str(yamlfile.Key(kv)), Constant(kv.Value))
		}
		return event.Members(out...)
	}
	if s, ok := yamlfile.Text(n); ok {
		return event.Str(s)
	}
	return event.Value{}
}

// OneOf reads one of a few words.
func (f *File) OneOf(key string, into *string, words ...string) func(ast.Node) {
	return func(n ast.Node) {
		s, _ := yamlfile.Text(n)
		if slices.Contains(words, s) {
			*into = s
			return
		}
		f.Refuse(n, "one of "+strings.Join(words, ", "), "`%s` cannot be `%s`", key, s)
	}
}
