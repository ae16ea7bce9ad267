package sigma

import (
	"slices"
	"strings"

	"weir/internal/match/tree"
	"weir/rules/pipelines"
	"weir/rules/yamlfile"
)

// Filter is what people add to rules that are not theirs: events that the rules shall not be about.
type Filter struct {
	ID, Title string
	// Rules are the ids and names of the rules that it is for; All, of every rule of its log source.
	Rules []string
	All   bool
	// LogSource is which rules it may be for: those of the same log source, or of a part of it.
	LogSource pipelines.LogSource
	// Keep is what holds for the events that rules still are about, with Sigma's names of fields.
	Keep *tree.Node
	// At is where the filter begins.
	At yamlfile.Place
}

// filter reads a filter document.
func (d *document) filter() *Filter {
	d.unknownKeys()
	f := &Filter{Title: oneLine(d.text("title")), ID: d.text("id"), LogSource: d.logSource(false)}
	f.At, _ = d.doc.extent()
	body := d.doc.get("filter")
	if body.sort != pairs {
		d.fail(body, "sigma-filter", "write `rules:`, a selection and a condition below it", "`filter` has no selection")
		return f
	}
	// Whatever has another name than these two is a search, as below `detection`.
	var condition *node
	for _, p := range body.keys {
		switch p.key {
		case "rules":
			d.filterRules(f, p.value)
		case "condition":
			condition = p.value
		default:
			d.addSearch(p)
		}
	}
	if d.f.Refused() {
		return f
	}
	if !f.All && len(f.Rules) == 0 {
		if f.LogSource.Empty() {
			d.fail(body, "sigma-filter", "add `rules:` with the ids of the rules", "the filter says neither for which rules nor for which log source it is")
			return f
		}
		d.warn(body, "sigma-filter", "add `rules:` with their ids, or `rules: any`", "the filter names no rules: it is for all rules of its log source")
		f.All = true
	}
	if n := d.joined(body, condition); n != nil {
		f.Keep = d.keep(condition, n)
	}
	return f
}

// filterRules reads for which rules a filter is.
func (d *document) filterRules(f *Filter, n *node) {
	// A text alone is a list of one, or the word any.
	for _, it := range n.each() {
		name := strings.TrimSpace(it.text)
		switch {
		case !it.scalar() || name == "":
			d.fail(it, "sigma-filter", "write the id or the name of a rule", "this is no rule")
		case strings.EqualFold(name, "any") && n.scalar():
			f.All = true
		default:
			f.Rules = append(f.Rules, name)
		}
	}
}

// keep returns what an event must satisfy to be kept. The specification describes in a filter what is left out
// (`condition: selection`), other tools what is kept (`condition: not selection`). Whoever writes `not` has said which of
// the two is meant.
func (d *document) keep(condition *node, n *tree.Node) *tree.Node {
	if n.Op == tree.Not || n.Op == tree.And && slices.ContainsFunc(n.Kids, func(k *tree.Node) bool { return k.Op == tree.Not }) && startsWithNot(condition) {
		return n
	}
	if condition != nil {
		d.warn(condition, "sigma-filter", "write `not ...`, which every tool reads alike", "events for which this holds are left out of the rules")
	}
	return tree.NotOf(n)
}

// startsWithNot tells whether a condition begins with `not`, as in `not a and not b`.
func startsWithNot(n *node) bool {
	return n != nil && n.sort == text && strings.HasPrefix(strings.ToLower(strings.TrimSpace(n.text))+" ", "not ")
}

// Fits tells whether a rule is of the filter's log source, or of a part of it.
func (f *Filter) Fits(r *Rule) bool {
	within := func(filter, rule string) bool { return filter == "" || filter == rule }
	return within(f.LogSource.Product, r.LogSource.Product) && within(f.LogSource.Category, r.LogSource.Category) && within(f.LogSource.Service, r.LogSource.Service)
}
