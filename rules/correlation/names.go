package correlation

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/match"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// names reads the names of `by` or `of`: fields, aliases, and {alias: {condition: field}}.
func (n *node) names(key string, v ast.Node, into *[]string) {
	// One name alone is a list of one, and so is one alias.
	items := []ast.Node{v}
	if seq, ok := v.(*ast.SequenceNode); ok {
		items = seq.Values
	}
	for _, it := range items {
		if list, ok := yamlfile.Mapping(it); ok {
			for _, kv := range list {
				if n.name(key, kv.Key, yamlfile.Key(kv), into) {
					n.alias(yamlfile.Key(kv), kv)
				}
			}
			continue
		}
		n.f.Each(key, it, func(it ast.Node, s string) { n.name(key, it, s, into) })
	}
}

// name takes one name of `by` or `of`, if it can be one.
func (n *node) name(key string, at ast.Node, s string, into *[]string) bool {
	switch {
	case slices.Contains(*into, s):
		// State is kept per value of each field: naming one twice is a slip, and mostly for another field.
		n.f.Fail(at, "rule-value", "remove one of them", "`%s` names %s twice", key, s)
	case !keys.IsPath(s):
		n.f.Fail(at, "rule-value", "write a name such as source.ip", "%q is no field name", s)
	default:
		*into = append(*into, s)
		n.asks = append(n.asks, mention{at, s})
		return true
	}
	return false
}

// alias reads which field a name stands for, by the condition.
func (n *node) alias(name string, kv *ast.MappingValueNode) {
	// The name is known to be an alias even if what it stands for cannot be read: nobody shall call it a misspelt field.
	list, ok := yamlfile.Mapping(kv.Value)
	if n.c.Alias == nil {
		n.c.Alias = map[string]map[string]string{}
	}
	if !ok || len(list) == 0 {
		n.c.Alias[name] = map[string]string{}
		n.f.Fail(kv.Value, "rule-value", "write "+name+": {trap: host.ip, log: host.name}", "`%s` needs a field for each condition", name)
		return
	}
	if n.c.Alias[name] != nil {
		n.f.Fail(kv, "rule-duplicate-key", "write it once", "the alias `%s` is there twice", name)
		return
	}
	n.c.Alias[name], n.aliases[name] = map[string]string{}, map[string]ast.Node{}
	for _, p := range list {
		step := yamlfile.Key(p)
		if n.aliases[name][step] != nil {
			n.f.Fail(p, "rule-duplicate-key", "remove one of them", "the key `%s` is there twice", step)
			continue
		}
		// Several fields in the order in which an event is asked for them.
		var fields []string
		n.f.Each(name, p.Value, func(it ast.Node, s string) {
			if !keys.IsPath(s) {
				n.f.Fail(it, "rule-value", "write a name such as source.ip", "%q is no field name", s)
				return
			}
			fields = append(fields, s)
		})
		n.c.Alias[name][step], n.aliases[name][step] = strings.Join(fields, " "), p
	}
}

// field warns about a field that no format fills.
func (n *node) field(at ast.Node, path string) {
	if !match.Known(path) {
		p, width := yamlfile.Extent(at)
		n.f.Unknown(path, p, width)
	}
}
