package pipelines

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// pySigma reads a processing pipeline as pySigma has them: each transformation that maps names becomes a pipeline for the
// log sources of its rule conditions. What such a file does to queries has no counterpart here: a warning says that it is
// left out.
func (f *file) pySigma(n, transformations ast.Node) []*pipe {
	name := f.Name
	f.group("a pipeline", n, func(key string, k, v ast.Node) {
		switch key {
		case "name":
			name = f.word(key, v)
		case "transformations", "priority", "allowed_backends":
		default:
			f.warn(k, "", "`%s` of pySigma's pipelines is not used", key)
		}
	})
	var out []*pipe
	for i, t := range f.items("transformations", transformations) {
		if p := f.transformation(t); p != nil {
			p.name = fmt.Sprintf("%s/%d", name, i+1)
			out = append(out, p)
		}
	}
	return out
}

// transformation reads one transformation, nil where it maps nothing.
func (f *file) transformation(n ast.Node) *pipe {
	p := &pipe{file: f.Name}
	kind, ok := member(n, "type")
	if !ok {
		f.fail(n, "pipeline-value", "add `type: field_name_mapping`", "the transformation has no type")
		return nil
	}
	typ := f.word("type", kind)
	switch typ {
	case "field_name_mapping", "field_name_prefix_mapping", "field_name_prefix":
	default:
		f.warn(kind, "", "the transformation `%s` is not used", typ)
		return nil
	}
	usable := true
	f.group("a transformation", n, func(key string, k, v ast.Node) {
		switch key {
		case "id", "type", "rule_cond_op":
		case "mapping":
			f.mapping(p, typ, v)
		case "prefix":
			p.fallback = f.word(key, v) + "{}"
			f.path(v, strings.TrimSuffix(strings.TrimSuffix(p.fallback, "{}"), "."))
		case "rule_conditions":
			usable = f.ruleConditions(p, v) && usable
		case "field_name_conditions", "field_name_cond_op", "field_name_cond_not", "field_name_condition_negation", "field_name_condition_linking":
			// They keep a prefix off names that were mapped before: here a mapping always comes before a fallback.
			if typ != "field_name_prefix" {
				f.warn(k, "", "`%s` is not used: the mapping is for every name", key)
			}
		default:
			f.warn(k, "", "`%s` of a transformation is not used", key)
		}
	})
	if len(p.sources) == 0 {
		p.sources = []pattern{{}} // without conditions it is for every rule
	}
	if !usable {
		return nil
	}
	return p
}

// mapping reads the names of a transformation.
func (f *file) mapping(p *pipe, typ string, n ast.Node) {
	if typ == "field_name_mapping" {
		f.fields(p, "mapping", n, &p.fields)
		return
	}
	f.group("mapping", n, func(name string, _, v ast.Node) {
		to := f.word("the prefix of `"+name+"`", v)
		f.path(v, strings.TrimSuffix(to, "."))
		p.prefixes = append(p.prefixes, prefix{name, to})
	})
}

// ruleConditions reads the log sources that a transformation is for. It reports false where another condition decides,
// which cannot be known here.
func (f *file) ruleConditions(p *pipe, n ast.Node) bool {
	for _, it := range f.items("rule_conditions", n) {
		kind, ok := member(it, "type")
		if !ok || f.word("type", kind) != "logsource" {
			f.warn(it, "", "the transformation is left out: only conditions on the log source are read")
			return false
		}
		var pat pattern
		f.group("a condition", it, func(key string, k, v ast.Node) {
			if key == "type" {
				return
			}
			if part := pat.part(key); part != nil {
				*part = lower(f.words(key, v))
				return
			}
			f.unknown(k, key, append([]string{"type"}, parts...))
		})
		p.sources = append(p.sources, pat)
	}
	return true
}
