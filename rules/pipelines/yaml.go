package pipelines

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// file is one pipeline file while it is read.
type file struct {
	*yamlfile.File
	// A file with an error is not used at all: half a mapping would be a rule that looks in the wrong place.
	refused bool
}

// documents reads the YAML documents of a file; those that cannot be read are left out, with a fault.
func documents(name string, doc []byte) (*file, []ast.Node) {
	in, docs := yamlfile.Open(name, doc)
	f := &file{File: in}
	var out []ast.Node
	for _, d := range docs {
		body := in.Body(d)
		if body == nil || len(body.Pairs) == 0 {
			continue
		}
		n := &ast.MappingNode{BaseNode: &ast.BaseNode{}, Start: body.Pairs[0].Key.GetToken(), Values: body.Pairs}
		if body.Anchor != nil {
			f.fail(n, "pipeline-syntax", "write out what stands there twice", "anchors and aliases are not used in pipeline files")
		}
		out = append(out, n)
	}
	f.reword()
	return f, out
}

// reword turns what is said of rule files into what is said of these.
func (f *file) reword() {
	for _, e := range f.Faults() {
		f.refused = f.refused || !e.Warn
		if e.Code == "pipeline-syntax" {
			continue
		}
		if e.Code = "pipeline-syntax"; e.Do == "begin with id: NAME" {
			e.What, e.Do = "no pipeline can be read here", "begin with name: NAME"
		}
	}
}

// fail notes an error at a node.
func (f *file) fail(n ast.Node, code, do, format string, args ...any) {
	f.refused = true
	f.Fail(n, code, do, format, args...)
}

// warn notes at a node what is not used.
func (f *file) warn(n ast.Node, do, format string, args ...any) {
	p, width := yamlfile.Extent(n)
	f.Add(p, width, fault.Error{Code: "pipeline-ignored", What: fmt.Sprintf(format, args...), Do: do, Warn: true})
}

// group calls fn for each key of a mapping and its value. A key that stands twice is an error.
func (f *file) group(what string, n ast.Node, fn func(key string, k, v ast.Node)) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.fail(n, "pipeline-value", "write keys and values", "%s is a group of keys and values", what)
		return
	}
	seen := map[string]int{}
	for _, kv := range list {
		key := yamlfile.Key(kv)
		if line, again := seen[key]; again {
			f.fail(kv.Key, "pipeline-value", "remove one", "`%s` stands here a second time, after line %d", key, line)
			continue
		}
		p, _ := yamlfile.Extent(kv.Key)
		seen[key] = p.Line
		fn(key, kv.Key, kv.Value)
	}
}

// words returns a text or a list of texts.
func (f *file) words(what string, n ast.Node) []string {
	if s, ok := yamlfile.Text(n); ok && s != "" {
		return []string{s}
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.fail(n, "pipeline-value", "", "%s is a text or a list of texts", what)
		return nil
	}
	var out []string
	for _, v := range seq.Values {
		s, ok := yamlfile.Text(v)
		if !ok || s == "" {
			f.fail(v, "pipeline-value", "", "an entry of %s is a text", what)
			continue
		}
		out = append(out, s)
	}
	if len(seq.Values) == 0 {
		f.fail(n, "pipeline-value", "write a text, or leave the key out", "%s has no entry", what)
	}
	return out
}

// word returns one text.
func (f *file) word(what string, n ast.Node) string {
	s, ok := yamlfile.Text(n)
	if !ok || s == "" {
		f.fail(n, "pipeline-value", "", "%s is a text", what)
	}
	return s
}

// items returns the entries of a list.
func (f *file) items(what string, n ast.Node) []ast.Node {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		f.fail(n, "pipeline-value", "begin each entry with -", "%s is a list", what)
		return nil
	}
	return seq.Values
}

// member returns the value of a key of a mapping.
func member(n ast.Node, name string) (ast.Node, bool) {
	list, _ := yamlfile.Mapping(n)
	for _, kv := range list {
		if yamlfile.Key(kv) == name {
			return kv.Value, true
		}
	}
	return nil, false
}
