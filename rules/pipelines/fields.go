package pipelines

import (
	"slices"
	"strings"

	"weir/event"
)

// Paths returns the fields that a field name of a rule of a log source means: any of them. It is never empty.
//
// The first pipeline that is for the log source and has the name decides. A rule that names no product is for events of
// several: there the fields of all of them count. A name that no pipeline has is a field of ours if it is one with a full
// stop in it, else it goes where the fallback of a pipeline puts it, else it means itself.
func (s *Set) Paths(ls LogSource, field string) []string {
	ls = LogSource{strings.ToLower(ls.Product), strings.ToLower(ls.Category), strings.ToLower(ls.Service)}
	pipes := s.forSource(ls)
	var out []string
	tier := 0
	for _, p := range pipes {
		if len(out) > 0 && (ls.Product != "" || p.tier != tier) {
			break
		}
		for _, path := range p.paths(ls.Category, field) {
			if !slices.Contains(out, path) {
				out = append(out, path)
			}
		}
		tier = p.tier
	}
	if len(out) > 0 {
		return out
	}
	if _, ok := event.Lookup(field); ok && strings.Contains(field, ".") {
		return []string{field}
	}
	for _, p := range pipes {
		if p.fallback != "" {
			return []string{strings.Replace(p.fallback, "{}", field, 1)}
		}
	}
	return []string{field}
}

// Known tells whether a pipeline has the field name of a rule, so that it is not the fallback that speaks for it.
func (s *Set) Known(ls LogSource, field string) bool {
	ls = LogSource{strings.ToLower(ls.Product), strings.ToLower(ls.Category), strings.ToLower(ls.Service)}
	return slices.ContainsFunc(s.forSource(ls), func(p *pipe) bool { return len(p.paths(ls.Category, field)) > 0 })
}

// Has tells whether any pipeline is for a log source.
func (s *Set) Has(ls LogSource) bool {
	return len(s.forSource(LogSource{strings.ToLower(ls.Product), strings.ToLower(ls.Category), strings.ToLower(ls.Service)})) > 0
}

// forSource returns the pipelines that are for a log source, in the order in which they count.
func (s *Set) forSource(ls LogSource) []*pipe {
	var out []*pipe
	for _, p := range s.pipes {
		if p.isFor(ls) {
			out = append(out, p)
		}
	}
	return out
}

// isFor tells whether a pipeline is for the rules of a log source. What both say must agree. What the rule leaves open and
// the pipeline does not is no hindrance if events of the pipeline can be of the rule's source: a rule for any
// process_creation is one for Windows too.
func (p *pipe) isFor(ls LogSource) bool {
	if ls.Empty() {
		return false
	}
	for _, pat := range p.sources {
		narrower := false
		ok := agrees(pat.product, ls.Product, &narrower) && agrees(pat.category, ls.Category, &narrower) && agrees(pat.service, ls.Service, &narrower)
		if ok && (!narrower || p.makes(ls)) {
			return true
		}
	}
	return false
}

// agrees compares one part, and notes where the pipeline says more than the rule.
func agrees(pattern []string, part string, narrower *bool) bool {
	switch {
	case len(pattern) == 0:
		return true
	case part == "":
		*narrower = true
		return true
	}
	return slices.Contains(pattern, part)
}

// makes tells whether events of the pipeline can be of a log source.
func (p *pipe) makes(ls LogSource) bool {
	var all labels
	for _, r := range p.rows {
		all = all.add(r.labels)
	}
	return covers(all.products, ls.Product) && covers(all.categories, ls.Category) && covers(all.services, ls.Service)
}

// paths returns the fields of a name, none if the pipeline does not have it.
func (p *pipe) paths(category, field string) []string {
	for _, n := range []*names{p.byCategory[category], &p.fields} {
		if list := n.get(field); list != nil {
			return list
		}
	}
	for _, x := range p.prefixes {
		if rest, ok := strings.CutPrefix(field, x.name); ok && rest != "" {
			return []string{x.path + rest}
		}
	}
	return nil
}

// names are field names of Sigma with the fields that they mean. The zero names are empty and ready for use.
type names struct {
	exact, folded map[string][]string
}

// set gives a name its fields.
func (n *names) set(name string, paths []string) {
	if n.exact == nil {
		n.exact, n.folded = map[string][]string{}, map[string][]string{}
	}
	n.exact[name] = paths
	if low := strings.ToLower(name); n.folded[low] == nil {
		n.folded[low] = paths
	}
}

// get returns the fields of a name. Rules do not always spell names as the program does that writes them; the letters as
// they stand come first, then the name that the file has first.
func (n *names) get(name string) []string {
	if n == nil {
		return nil
	}
	if list, ok := n.exact[name]; ok {
		return list
	}
	return n.folded[strings.ToLower(name)]
}
