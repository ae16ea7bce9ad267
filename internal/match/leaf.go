package match

import (
	"slices"
	"strings"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/lists"
	"weir/internal/match/many"
	"weir/internal/match/regexguard"
	"weir/internal/match/source"
	"weir/internal/match/texts"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/match/typed"
)

// prepare makes the predicate of one test. Its errors have no place.
func (l *lowering) prepare(t *tree.Test) (*node, error) {
	if t.Kind == kind.Constant {
		holds := len(t.Values) > 0
		return &node{ask: t, run: func(*fold.View) bool { return holds }}, nil
	}
	o, err := l.subject(t)
	if err != nil {
		return nil, err
	}
	var made *node
	switch t.Kind {
	case kind.Exists, kind.Absent:
		// Of the value itself: the view has texts alone, and an object has none but is there.
		ref, want := o.ref, t.Kind == kind.Exists
		made = &node{run: func(v *fold.View) bool { return typed.Present(ref.Of(v.Event())) == want }, cost: costEqual}
	case kind.Less, kind.LessEqual, kind.Greater, kind.GreaterEqual:
		made, err = l.numeric(t, o)
	case kind.Regex:
		made, err = l.regex(t, o)
	default:
		switch {
		case t.Other != "":
			made, err = l.fieldToField(t, o)
		case t.Form != form.Plain:
			made, err = l.numeric(t, o)
		default:
			made, err = l.texts(t, o)
		}
	}
	if err != nil {
		return nil, err
	}
	made.ask = t
	if o.any { // an event has some 60 values, of which many are short
		made.cost = max(made.cost, 1) * costWhole
	} else if made.fields == nil {
		made.fields = []event.Ref{o.ref}
	}
	return made, nil
}

// subject resolves the field of a test.
func (l *lowering) subject(t *tree.Test) (operand, error) {
	if t.Field == tree.Any {
		l.whole = true
		return operand{any: true, as: t.Form}, nil
	}
	ref, err := l.field(nil, t.Field)
	return operand{ref: ref, as: t.Form}, err
}

// texts makes the leaf of a test that takes its values one by one and without regard to each other.
func (l *lowering) texts(t *tree.Test, o operand) (*node, error) {
	fn, cost, err := l.textTest(t)
	if err != nil {
		return nil, err
	}
	made := &node{cost: cost}
	if t.Kind == kind.InList { // Held shows by which value
		made.list = l.lists[t.Values[0]]
	}
	// The three ways in which a condition sees a value: folded, as the text that functions see, and as operators do.
	switch {
	case t.Fold:
		made.run = foldedLeaf(t, o, fn)
	case t.Kind == kind.Glob || t.Kind == kind.CIDR || t.Kind == kind.InList:
		made.run = anyText(o, fn)
	default:
		made.run = o.anyString(fn)
	}
	return made, nil
}

// foldedLeaf gives the commonest leaves, one folded constant, closures of their own: they spare a call for each value.
func foldedLeaf(t *tree.Test, o operand, fn func(string) bool) test {
	if o.any || len(t.Values) != 1 {
		return anyFolded(o, fn)
	}
	ref, want := o.ref, fold.String(t.Values[0])
	switch t.Kind {
	case kind.Equal:
		return func(v *fold.View) bool { return slices.Contains(v.Folded(ref), want) }
	case kind.Contains:
		return func(v *fold.View) bool {
			for _, s := range v.Folded(ref) {
				if strings.Contains(s, want) {
					return true
				}
			}
			return false
		}
	case kind.EndsWith:
		return func(v *fold.View) bool {
			for _, s := range v.Folded(ref) {
				if strings.HasSuffix(s, want) {
					return true
				}
			}
			return false
		}
	}
	return anyFolded(o, fn)
}

// textTest makes the predicate of one text: with Fold of a folded one, else of the text as it is.
func (l *lowering) textTest(t *tree.Test) (fn func(string) bool, cost int, err error) {
	values := t.Values
	if t.Fold { // once, at load: what is compared later are folds on both sides
		values = make([]string, len(t.Values))
		for i, v := range t.Values {
			values[i] = fold.String(v)
		}
	}
	cost = costText
	if t.Fold {
		cost = costFold
	}
	if len(values) > many.Few {
		cost = costMany
	}
	switch t.Kind {
	case kind.Equal:
		return many.Equal(values), costEqual + min(len(values)-1, 1), nil
	case kind.Contains:
		return many.Contains(values), cost, nil
	case kind.StartsWith:
		return many.Prefix(values), cost, nil
	case kind.EndsWith:
		return many.Suffix(values), cost, nil
	case kind.Glob:
		return texts.Globs(values), costFold + len(values), nil
	case kind.CIDR:
		fn, err := lists.Networks(values)
		if err != nil {
			return nil, 0, source.Fault("expr-argument", "%s", err)
		}
		return fn, costCIDR, nil
	case kind.InList:
		if len(values) != 1 {
			return nil, 0, source.Fault("expr-argument", "in_list takes the name of one list")
		}
		list, err := l.list(values[0])
		if err != nil {
			return nil, 0, err
		}
		return list.Has, costCIDR, nil
	case kind.Regex:
		all, err := compileRegexes(values)
		if err != nil {
			return nil, 0, err
		}
		return func(s string) bool {
			return slices.ContainsFunc(all, func(re *regexguard.Regex) bool { return re.MatchString(s) })
		}, costRegex, nil
	}
	return nil, 0, source.Fault("expr-argument", "there is no test of kind %d", t.Kind)
}

// regex makes the leaf of patterns. Each stands behind the texts that it needs, folded ones where it folds.
func (l *lowering) regex(t *tree.Test, o operand) (*node, error) {
	all, err := compileRegexes(t.Values)
	if err != nil {
		return nil, err
	}
	plain := func(s string) bool {
		return slices.ContainsFunc(all, func(re *regexguard.Regex) bool { return re.MatchString(s) })
	}
	made := &node{cost: costRegex, regexes: all}
	folds := slices.ContainsFunc(all, (*regexguard.Regex).Folds)
	switch {
	// The guards that fold are looked for in folds. Without one the folds are not even made.
	case o.any && folds:
		made.run = wholeRegex(o, all, plain)
	case !folds && t.Operator:
		made.run = o.anyString(plain)
	case !folds:
		made.run = anyText(o, plain)
	default:
		made.run = foldedRegex(o.ref, all, t.Operator)
	}
	return made, nil
}

// foldedRegex tries patterns of which some fold on the values of a field, beside their folds.
func foldedRegex(ref event.Ref, all []*regexguard.Regex, operator bool) test {
	return func(v *fold.View) bool {
		if operator {
			switch val := ref.Of(v.Event()); val.Kind() {
			case event.String:
			case event.List: // of which the view knows no types
				return typed.Any(val, func(it event.Value) bool {
					return it.Kind() == event.String && slices.ContainsFunc(all, func(re *regexguard.Regex) bool { return re.MatchString(it.Str()) })
				})
			default:
				return false
			}
		}
		plain, folded := v.Texts(ref), v.Folded(ref)
		for i, s := range plain {
			for _, re := range all {
				if re.MatchFolded(s, folded[i]) {
					return true
				}
			}
		}
		return false
	}
}

// wholeRegex looks through all folds for what the patterns need before it looks at the values themselves.
func wholeRegex(o operand, all []*regexguard.Regex, plain func(string) bool) test {
	may := anyFolded(o, func(s string) bool {
		return slices.ContainsFunc(all, func(re *regexguard.Regex) bool { return re.May(s) })
	})
	run := anyText(o, plain)
	return func(v *fold.View) bool { return may(v) && run(v) }
}

// compileRegexes compiles patterns once, at load. RE2 has no pattern whose time grows faster than the text.
func compileRegexes(patterns []string) ([]*regexguard.Regex, error) {
	all := make([]*regexguard.Regex, len(patterns))
	for i, p := range patterns {
		re, err := compileRegex(p)
		if err != nil {
			return nil, err
		}
		all[i] = re
	}
	return all, nil
}

// compileRegex compiles one pattern, with its guards. Its error has no place.
func compileRegex(pattern string) (*regexguard.Regex, error) {
	re, err := regexguard.Compile(pattern)
	if err != nil {
		return nil, source.RegexFault(err)
	}
	return re, nil
}

// fieldToField makes the leaf of a test against the values of another field: any pair will do.
func (l *lowering) fieldToField(t *tree.Test, o operand) (*node, error) {
	other, err := l.field(nil, t.Other)
	if err != nil {
		return nil, err
	}
	pair := map[kind.Kind]func(s, sub string) bool{
		kind.Equal: func(s, sub string) bool { return s == sub }, kind.Contains: strings.Contains, kind.StartsWith: strings.HasPrefix, kind.EndsWith: strings.HasSuffix,
	}[t.Kind]
	made := &node{cost: costFold, fields: []event.Ref{other}}
	if !o.any {
		made.fields = []event.Ref{o.ref, other}
	}
	made.run = func(v *fold.View) bool {
		for _, sub := range v.Folded(other) {
			if o.hasFolded(v, func(s string) bool { return pair(s, sub) }) {
				return true
			}
		}
		return false
	}
	return made, nil
}
