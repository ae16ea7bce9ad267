package index

import (
	"regexp/syntax"
	"unicode/utf8"

	"weir/internal/match/fold"
)

// Bounds on what is made of one pattern.
const (
	maxAlternatives = 32
	maxPatternDepth = 100
)

// regex finds the atoms of a pattern: texts that every text which it matches has in it. A pattern that cannot be read
// asks for nothing; match refuses it.
func (w *weigher) regex(field, pattern string) need {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return anything
	}
	// Before it is simplified, which writes repetitions out.
	r := longestRow(re, 0)
	best := w.pattern(field, re.Simplify(), 0)
	if r.n > 0 {
		if got := w.one(atom{kind: inRow, field: field, row: r}); best.any || got.weight < best.weight {
			best = got
		}
	}
	return best
}

// pattern is needs for a part of a pattern.
func (w *weigher) pattern(field string, re *syntax.Regexp, depth int) need {
	if depth > maxPatternDepth {
		return anything
	}
	switch re.Op {
	case syntax.OpNoMatch:
		return need{}
	case syntax.OpCapture, syntax.OpPlus:
		return w.pattern(field, re.Sub[0], depth+1)
	case syntax.OpRepeat:
		if re.Min > 0 {
			return w.pattern(field, re.Sub[0], depth+1)
		}
	case syntax.OpAlternate:
		var all need
		for _, sub := range re.Sub {
			got := w.pattern(field, sub, depth+1)
			if got.any || len(all.atoms)+len(got.atoms) > maxAtoms {
				return anything
			}
			all.atoms = append(all.atoms, got.atoms...)
			all.weight += got.weight
		}
		return all
	case syntax.OpConcat:
		return w.sequence(field, re.Sub, depth)
	case syntax.OpLiteral, syntax.OpCharClass:
		if re.Op == syntax.OpCharClass && len(re.Rune) == 0 {
			return need{} // a class of no letter matches nothing
		}
		return w.alternatives(field, exact(re, 0))
	}
	return anything
}

// sequence finds the best of: each part by itself, and each run of neighbouring parts that are written out.
func (w *weigher) sequence(field string, parts []*syntax.Regexp, depth int) need {
	best := anything
	better := func(got need) {
		if !got.any && (best.any || got.weight < best.weight) {
			best = got
		}
	}
	// run holds all that the parts since the last one that is not written out can be.
	var run []string
	for _, p := range parts {
		texts := exact(p, depth+1)
		if texts == nil {
			better(w.alternatives(field, run))
			run = nil
			better(w.pattern(field, p, depth+1))
			continue
		}
		next := product(run, texts)
		if next == nil {
			better(w.alternatives(field, run))
			next = texts
		}
		run = next
	}
	better(w.alternatives(field, run))
	return best
}

// alternatives is the need of a place at which one of the texts stands.
func (w *weigher) alternatives(field string, texts []string) need {
	if len(texts) == 0 {
		return anything
	}
	var all need
	for _, s := range texts {
		got := w.one(atom{kind: within, field: field, text: s})
		if got.any {
			return anything
		}
		all.atoms = append(all.atoms, got.atoms...)
		all.weight += got.weight
	}
	all.atoms = unique(all.atoms)
	return all
}

// exact returns all folded texts that a part of a pattern can be, nil if they are too many to write out.
func exact(re *syntax.Regexp, depth int) []string {
	if depth > maxPatternDepth {
		return nil
	}
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []string{""}
	case syntax.OpLiteral:
		return []string{fold.String(string(re.Rune))}
	case syntax.OpCapture:
		return exact(re.Sub[0], depth+1)
	case syntax.OpCharClass:
		return classTexts(re.Rune)
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			texts := exact(sub, depth+1)
			if texts == nil || len(out)+len(texts) > maxAlternatives {
				return nil
			}
			out = append(out, texts...)
		}
		return out
	case syntax.OpQuest:
		texts := exact(re.Sub[0], depth+1)
		if texts == nil || len(texts)+1 > maxAlternatives {
			return nil
		}
		return append([]string{""}, texts...)
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			if out = product(out, exact(sub, depth+1)); out == nil {
				return nil
			}
		}
		return out
	}
	return nil
}

// maxClass bounds the letters of a class that is written out. Larger ones make more texts than they make them rarer.
const maxClass = 4

// classTexts writes a class of few letters out; nil if it has more.
func classTexts(ranges []rune) []string {
	var out []string
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] > 2*maxClass {
			return nil
		}
	next:
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			s := string(utf8.AppendRune(nil, fold.Rune(r)))
			for _, o := range out {
				if o == s {
					continue next
				}
			}
			if len(out) == maxClass {
				return nil
			}
			out = append(out, s)
		}
	}
	return out
}

// product joins each text of a with each of b; nil if there would be too many. No a is one that is empty.
func product(a, b []string) []string {
	if len(a) == 0 {
		return b
	}
	if len(a)*len(b) > maxAlternatives || len(b) == 0 {
		return nil
	}
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}
