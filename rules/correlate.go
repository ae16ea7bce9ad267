package rules

import (
	"slices"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/correlation"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// correlate reads how matches combine over time. It runs after the conditions were read, wherever it stands.
func (f *source) correlate(r *Rule, n ast.Node) {
	conds := make([]correlation.Condition, len(r.When))
	for i, c := range r.When {
		conds[i] = correlation.Condition{Name: c.Name, At: yamlfile.Place{Line: c.Line, Col: c.Col}}
	}
	r.Correlate = correlation.Read(f.Reader, n, conds)
}

// fold reads how alerts are joined.
func (f *source) fold(r *Rule, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "rule-value", "write fold: {by: [source.ip], for: 1h}", "`fold` needs keys")
		return
	}
	f.Keys(" in fold", list, map[string]func(ast.Node){
		"by":  f.grouped(&r.Fold.By),
		"for": f.Duration("for", &r.Fold.For),
	})
}

// suppress reads for how long an alert speaks for those that follow it.
func (f *source) suppress(r *Rule, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "rule-value", "write suppress: {by: [host.name], for: 4h}", "`suppress` needs keys")
		return
	}
	r.Suppress = &Suppress{}
	f.Keys(" in suppress", list, map[string]func(ast.Node){
		"by":  f.grouped(&r.Suppress.By),
		"for": f.Duration("for", &r.Suppress.For),
	})
	if r.Suppress.For == 0 && !f.Refused() {
		f.Fail(n, "rule-missing-key", "add `for: 4h`", "`suppress` has no `for`")
	}
}

// grouped reads names of fold and suppress. Those of a correlation are among its own, which need not be fields, so what
// they are is looked at when it was read.
func (f *source) grouped(into *[]string) func(ast.Node) {
	return func(n ast.Node) {
		f.Each("by", n, func(it ast.Node, s string) {
			switch {
			case slices.Contains(*into, s):
				f.Fail(it, "rule-value", "remove one of them", "`by` names %s twice", s)
			case !keys.IsPath(s):
				f.Fail(it, "rule-value", "write a name such as source.ip", "%q is no field name", s)
			default:
				f.names = append(f.names, nameAt{s, it})
				*into = append(*into, s)
			}
		})
	}
}

// nameAt is a name that may be a field or the alias of a correlation, which is known when all of the rule was read.
type nameAt struct {
	name string
	at   ast.Node
}

// known warns about names that are neither a field that some format fills nor an alias.
func (f *source) known(r *Rule) {
	for _, n := range f.names {
		if !r.alias(n.name) {
			f.Field(n.name, n.at)
		}
	}
	f.names = nil
}

// alias tells whether a name is one of the correlation and no field.
func (r *Rule) alias(name string) bool { return r.Correlate != nil && r.Correlate.Alias[name] != nil }

// folds refuses to fold by a field that a correlation does not group by: its groups hold nothing else. And to suppress by
// one that is not folded by.
func (f *source) folds(r *Rule, list []*ast.MappingValueNode) {
	at := func(key, do, format string, args ...any) {
		for _, kv := range list {
			if yamlfile.Key(kv) == key {
				f.Fail(kv, "rule-value", do, format, args...)
			}
		}
	}
	// What alerts are folded by in the end, defaults worked in.
	by := r.Fold.By
	if r.Correlate != nil {
		for _, path := range r.Fold.By {
			if !f.Refused() && !slices.Contains(r.Correlate.By, path) {
				at("fold", "add it to `by` of correlate, or fold by fewer fields", "`fold` names %s, by which `correlate` does not group", path)
			}
		}
		if by == nil {
			by = r.Correlate.By
		}
	} else if by == nil {
		by = defaultFold
	}
	// Suppression looks at alerts, which know no more than what they were folded by.
	if r.Suppress == nil {
		return
	}
	for _, path := range r.Suppress.By {
		if !f.Refused() && !slices.Contains(by, path) {
			at("suppress", "add it to `by` of fold, or suppress by fewer fields", "`suppress` names %s, by which alerts are not folded", path)
		}
	}
	if r.Suppress.By == nil {
		r.Suppress.By = by
	}
}

// labels reads what decides, with the level, whom an alert is sent to.
func (f *source) labels(r *Rule) func(ast.Node) {
	return func(n ast.Node) {
		list, ok := yamlfile.Mapping(n)
		if !ok || len(list) == 0 {
			f.Fail(n, "rule-value", "write labels: {team: network}", "`labels` needs names with texts")
			return
		}
		if len(list) > maxLabels {
			f.Fail(n, "rule-too-large", "", "a rule has at most %d labels", maxLabels)
			return
		}
		r.Labels = make(map[string]string, len(list))
		for _, kv := range list {
			name, value := yamlfile.Key(kv), ""
			if _, twice := r.Labels[name]; twice {
				f.Fail(kv, "rule-duplicate-key", "remove one of them", "the label `%s` is there twice", name)
				continue
			}
			if !keys.IsName(name) {
				f.Fail(kv, "rule-value", "write letters, digits and _", "`%s` cannot be the name of a label", name)
				continue
			}
			f.Text(name, &value)(kv.Value)
			r.Labels[name] = value
		}
	}
}

// combined reports several conditions that nothing combines.
func (f *source) combined(r *Rule) {
	if len(r.When) > 1 && !f.Refused() {
		f.Add(yamlfile.Place{Line: r.When[1].Line, Col: r.When[1].Col}, 1, fault.Error{Code: "rule-value", What: "the rule has several conditions and nothing that combines them",
			Do: "join them with `or` into one, or add `correlate:`"})
	}
}
