package build

import (
	"slices"

	"weir/internal/match"
	"weir/rules"
)

// Datasets returns patterns of the datasets that the events of a rule are of, nil where they may be of any. A rule that
// waits for time, as one of what does not happen, need not wait for the others, of which some are an hour late. It is asked
// once for each version of a rule; rules that wait for nothing are not looked into.
func Datasets(r *rules.Rule) []string {
	if !slices.ContainsFunc(r.Correlate.Nodes(), func(c *rules.Correlate) bool { return !c.Monotone() }) {
		return nil
	}
	var out []string
	for i := range r.When {
		list := datasetsOf(&r.When[i])
		if list == nil {
			return nil
		}
		out = append(out, list...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// datasetsOf returns the patterns of one condition: those that it names, or those of the modules that it names.
func datasetsOf(when *rules.Condition) []string {
	c, err := compiled(when)
	if err != nil { // it uses a list, which is not here; what it needs is not known then
		return nil
	}
	if names, ok := c.Needs("event.dataset"); ok {
		return plain(names)
	}
	names, ok := c.Needs("event.module")
	if !ok {
		return nil
	}
	var out []string
	for _, m := range plain(names) {
		out = append(out, m, m+".*")
	}
	return out
}

// plain returns names of datasets as patterns, nil if they are none: characters that mean something in a pattern are in no
// name that weir gives.
func plain(names []string) []string {
	for _, n := range names {
		for _, c := range []byte(n) {
			if c != '.' && c != '_' && c != '-' && !('a' <= c && c <= 'z') && !('0' <= c && c <= '9') && !('A' <= c && c <= 'Z') {
				return nil
			}
		}
	}
	return names
}

func compiled(when *rules.Condition) (*match.Cond, error) {
	if when.Tree != nil {
		return match.Compiler{}.CompileTree(when.Tree)
	}
	return match.Compiler{}.Compile(when.Expr)
}
