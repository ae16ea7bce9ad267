package rules

import (
	"fmt"
	"slices"
	"strings"

	"weir/internal/fault"
	"weir/rules/correlation"
	"weir/rules/sigma"
)

// sigmaItem is a rule with the file that it is in.
type sigmaItem struct {
	*item
	file *source
	// The rules that a correlation names.
	refs []sigma.Name
	// Some correlation wants the alerts of the rule itself.
	generate bool
}

// sigmaIndex finds the rules that correlations name.
type sigmaIndex struct {
	names        *fieldNames
	byName       map[string][]*sigmaItem // ids in small letters, and names
	all          []string
	correlations []*sigmaItem
	lost         map[string]bool
}

// add takes a rule into the index, by its id and its name.
func (x *sigmaIndex) add(it *sigmaItem) {
	if it.correlation != nil {
		x.correlations = append(x.correlations, it)
	}
	for _, name := range []string{strings.ToLower(it.rule.ID), it.rule.Name} {
		if name != "" && !slices.Contains(x.byName[name], it) {
			x.byName[name] = append(x.byName[name], it)
			x.all = append(x.all, name)
		}
	}
}

// find returns the rule that a correlation in a file names. A name that several rules have means that of the same file.
func (x *sigmaIndex) find(name sigma.Name, in *source) (*sigmaItem, *fault.Error) {
	// Names count as they are written, ids in any case: they are mostly hexadecimal.
	found := x.byName[name.Text]
	if len(found) == 0 {
		found = x.byName[strings.ToLower(name.Text)]
	}
	if len(found) > 1 {
		if near := slices.DeleteFunc(slices.Clone(found), func(it *sigmaItem) bool { return it.file != in }); len(near) == 1 {
			found = near
		}
		// Of several rules of one id the first is the one that runs, and the others are refused by their own load.
		if !slices.ContainsFunc(found, func(it *sigmaItem) bool { return it.rule.ID != found[0].rule.ID }) {
			found = found[:1]
		}
	}
	switch {
	case len(found) == 0 && x.lost[strings.ToLower(name.Text)]:
		return nil, &fault.Error{What: fmt.Sprintf("the rule `%s` was refused", name.Text), Do: "correct that rule first"}
	case len(found) == 0:
		do := "write the id or the name of a Sigma rule of the same folders"
		if near := correlation.Nearest(name.Text, x.all); strings.HasPrefix(near, "did") {
			do = near
		}
		return nil, &fault.Error{What: fmt.Sprintf("there is no rule `%s`", name.Text), Do: do}
	case len(found) > 1:
		return nil, &fault.Error{What: fmt.Sprintf("several rules are called `%s`", name.Text), Why: fmt.Sprintf("one is in %s, another in %s", found[0].file.Name, found[1].file.Name), Do: "write the id"}
	case found[0].refused && found[0].correlation == nil:
		return nil, &fault.Error{What: fmt.Sprintf("the rule `%s` was refused", name.Text), Do: "correct that rule first"}
	case found[0].sigma == nil && found[0].correlation == nil:
		return nil, &fault.Error{What: fmt.Sprintf("`%s` is no Sigma rule", name.Text), Do: "write the correlation as a native rule"}
	}
	return found[0], nil
}

// use notes in the rules that a correlation names that they are part of it.
func (it *sigmaItem) use(x *sigmaIndex) {
	for _, name := range it.refs {
		target, wrong := x.find(name, it.file)
		if wrong != nil || target == it {
			continue
		}
		if !slices.Contains(target.rule.UsedBy, it.rule.ID) {
			target.rule.UsedBy = append(target.rule.UsedBy, it.rule.ID)
		}
		// A correlation that asks for the alerts of its rules has them, whatever others say.
		target.generate = target.generate || it.correlation.Generate
		target.rule.Enabled = target.generate
	}
}
