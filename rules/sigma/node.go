package sigma

import (
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// maxNodes bounds what the aliases of one document come to: ten lines of them can stand for a billion values.
const maxNodes = 200_000

// sort is what a node of YAML is.
type sort uint8

const (
	null sort = iota
	text
	// Numbers and booleans, as they are written.
	plain
	list
	pairs
)

// node is a value of a file. Nodes are not changed once they are made, so aliases and global documents share them.
type node struct {
	sort  sort
	text  string
	items []*node
	keys  []pair
	// Where it stands.
	src ast.Node
	// How many nodes it is, with those that aliases stand for.
	size int
}

// pair is one key of a mapping.
type pair struct {
	key   string
	at    *ast.MappingValueNode
	value *node
}

// get returns the value of a key, nil if it is not there.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := range n.keys {
		if n.keys[i].key == key {
			return n.keys[i].value
		}
	}
	return nil
}

// scalar tells whether the node is one value.
func (n *node) scalar() bool { return n.sort <= plain }

// each returns the items of a list, or the node itself as the one item that it is.
func (n *node) each() []*node {
	if n.sort == list {
		return n.items
	}
	return []*node{n}
}

// extent is where the node begins and how wide it is.
func (n *node) extent() (yamlfile.Place, int) { return yamlfile.Extent(n.src) }

// reader turns the parser's tree of one document into nodes, with aliases followed and merge keys merged.
type reader struct {
	f       *yamlfile.File
	anchors map[string]*node
	// Anchors whose values are being read: an alias to one of them stands within itself.
	open map[string]bool
	size int
}

// read returns the mapping that a document is; nil, with a fault, if aliases make it too large or endless.
func read(f *yamlfile.File, body *yamlfile.Body) *node {
	r := &reader{f: f}
	n := r.mapping(body.Pairs, body.Node)
	if f.Refused() {
		return nil
	}
	return n
}

func (r *reader) node(src ast.Node) *node {
	n := &node{src: src, size: 1}
	switch s := src.(type) {
	case *ast.NullNode:
		n.sort = null
	case *ast.StringNode:
		n.sort, n.text = text, s.Value
	case *ast.LiteralNode:
		n.sort, n.text = text, s.Value.Value
	case *ast.SequenceNode:
		n.sort, n.items = list, make([]*node, len(s.Values))
		for i, v := range s.Values {
			n.items[i] = r.node(v)
			n.size += n.items[i].size
		}
	case *ast.MappingNode:
		return r.mapping(s.Values, src)
	case *ast.MappingValueNode:
		return r.mapping([]*ast.MappingValueNode{s}, src)
	case *ast.AnchorNode:
		return r.anchor(s)
	case *ast.AliasNode:
		return r.alias(s)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		n.sort, n.text = plain, src.GetToken().Value
	default:
		r.f.Fail(src, "rule-syntax", "put it in quotes", "this is no value")
	}
	return n
}

func (r *reader) mapping(values []*ast.MappingValueNode, src ast.Node) *node {
	// A merge key may stand before the keys that win over it.
	n := &node{sort: pairs, src: src, size: 1, keys: make([]pair, 0, len(values))}
	var bases []pair
	for _, kv := range values {
		v := r.node(kv.Value)
		n.size += v.size
		p := pair{yamlfile.Key(kv), kv, v}
		if _, ok := kv.Key.(*ast.MergeKeyNode); ok {
			bases = append(bases, p)
		} else {
			n.keys = append(n.keys, p)
		}
	}
	for _, b := range bases {
		r.merge(n, b.at, b.value)
	}
	return n
}

// merge adds the keys of <<: *base that the mapping does not have itself.
func (r *reader) merge(n *node, kv *ast.MappingValueNode, base *node) {
	for _, b := range base.each() {
		if b.sort != pairs {
			r.f.Fail(kv, "rule-syntax", "", "`<<` takes keys and values")
			return
		}
		for _, p := range b.keys {
			if n.get(p.key) == nil {
				n.keys = append(n.keys, p)
			}
		}
	}
}

func (r *reader) anchor(s *ast.AnchorNode) *node {
	name := s.Name.GetToken().Value
	if r.anchors == nil {
		r.anchors, r.open = map[string]*node{}, map[string]bool{}
	}
	// Until its value is read, an alias to it would stand within itself.
	r.open[name] = true
	n := r.node(s.Value)
	delete(r.open, name)
	r.anchors[name] = n
	return n
}

// alias returns the node that an alias stands for. The node is shared; how much it adds is counted, so that whoever goes
// through the tree has a bounded way.
func (r *reader) alias(s *ast.AliasNode) *node {
	// As in YAML an alias means the last anchor of its name before it.
	name := s.Value.GetToken().Value
	n, ok := r.anchors[name]
	switch {
	case r.open[name]:
		r.f.Fail(s, "rule-syntax", "write the value out", "the alias `%s` stands within itself", name)
	case !ok:
		r.f.Fail(s, "rule-syntax", "put a text that begins with * in quotes", "no anchor `%s` stands before its alias", name)
	default:
		if r.size += n.size; r.size <= maxNodes {
			return n
		}
		p, width := yamlfile.Extent(s)
		r.f.Add(p, width, fault.Error{Code: "rule-too-large", What: fmt.Sprintf("the aliases of this document stand for more than %d values", maxNodes), Do: "write fewer aliases to values that have aliases"})
	}
	return &node{src: s, size: 1}
}

// place returns where a byte of a text of the file stands.
func place(f *yamlfile.File, n *node, offset int) yamlfile.Place {
	offset = min(max(offset, 0), len(n.text))
	return f.Scalar(n.text, n.src).Rune(utf8.RuneCountInString(n.text[:offset]))
}
