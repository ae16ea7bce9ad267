// Package formatdoc reads format files as what people wrote: it says in words what the steps of one do, warns of what the loader
// takes although it is doubtful, and makes the JSON Schema of the language for editors.
//
// It looks at the text of a file, never at a compiled format: comments, order and lines are those of the file.
package formatdoc

import (
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/processors/parse/format"
	"weir/rules/yamlfile"
)

// node is one step of a file: its kind, what stands below the kind's key, and what else the step says.
type node struct {
	kind  string
	value ast.Node
	// cond is its `if`.
	cond string
	line int
	// extra are the keys beside the kind and `if`: else, optional, on_error.
	extra map[string]ast.Node
}

// file is one file, opened for reading.
type file struct {
	*yamlfile.File
	keys map[string]ast.Node
}

// open parses a file; nil if it is no mapping, which the loader has told of.
func open(name string, doc []byte) *file {
	f := &file{File: nil, keys: map[string]ast.Node{}}
	yf, docs := yamlfile.Open(name, doc)
	if len(docs) != 1 {
		return nil
	}
	body := yf.Body(docs[0])
	if body == nil {
		return nil
	}
	f.File = yf
	for _, kv := range body.Pairs {
		f.keys[yamlfile.Key(kv)] = kv.Value
	}
	return f
}

// kinds are the names of steps.
func kinds() map[string]format.Kind {
	out := map[string]format.Kind{}
	for _, k := range format.Kinds() {
		out[k.Name] = k
	}
	return out
}

// stepsOf returns the steps of a list.
func stepsOf(n ast.Node, known map[string]format.Kind) (out []node) {
	for _, it := range items(n) {
		pairs, ok := yamlfile.Mapping(it)
		if !ok {
			continue
		}
		s := node{extra: map[string]ast.Node{}}
		for _, kv := range pairs {
			key := yamlfile.Key(kv)
			switch _, isKind := known[key]; {
			case isKind && s.kind == "":
				place, _ := yamlfile.Extent(kv)
				s.kind, s.value, s.line = key, kv.Value, place.Line
			case key == "if":
				s.cond, _ = yamlfile.Text(kv.Value)
			default:
				s.extra[key] = kv.Value
			}
		}
		if s.kind != "" {
			out = append(out, s)
		}
	}
	return out
}

// within calls fn for each list of steps that a step has in it, with what it is for.
func within(s node, fn func(what string, steps ast.Node)) {
	switch s.kind {
	case "do":
		fn("", s.value)
	case "first":
		for i, list := range items(s.value) {
			if i == 0 {
				fn("first", list)
			} else {
				fn("or", list)
			}
		}
	case "switch":
		eachKey(s.value, func(key string, v ast.Node) {
			switch key {
			case "cases":
				eachKey(v, fn)
			case "else":
				fn("else", v)
			}
		})
	case "foreach":
		eachKey(s.value, func(key string, v ast.Node) {
			if key == "do" {
				fn("", v)
			}
		})
	}
	for _, key := range []string{"else", "on_error"} {
		if v := s.extra[key]; v != nil {
			fn(strings.ReplaceAll(key, "_", " "), v)
		}
	}
}

// items returns the items of a list; anything else is a list of one, nothing has none.
func items(n ast.Node) []ast.Node {
	if n == nil {
		return nil
	}
	if seq, ok := n.(*ast.SequenceNode); ok {
		return seq.Values
	}
	return []ast.Node{n}
}

// eachKey calls fn for the pairs of a mapping.
func eachKey(n ast.Node, fn func(key string, v ast.Node)) {
	pairs, _ := yamlfile.Mapping(n)
	for _, kv := range pairs {
		fn(yamlfile.Key(kv), kv.Value)
	}
}

// textOf returns a scalar, "" for anything else.
func textOf(n ast.Node) string {
	if n == nil {
		return ""
	}
	s, _ := yamlfile.Text(n)
	return s
}
