// Package regexguard runs regular expressions on events that mostly have nothing to do with them: before a pattern runs,
// its text is searched for what every match must contain. That is many times faster than the pattern itself.
package regexguard

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/internal/match/fold"
)

// Literal is a text that a match contains. With Fold it is folded, and is in the folded text.
type Literal struct {
	Text string
	Fold bool
}

// Regex is a compiled pattern with its guards. It is immutable and safe for many goroutines.
type Regex struct {
	re *regexp.Regexp
	// What must be there, in this order: in the text as it is, and in its fold.
	plain, folded sequence
	// Bytes that a match has at least.
	shortest int
	// What the guards decide alone, and where they do not, the pattern.
	alone decides
}

// decides says what a pattern is, if it is so simple that Go's machine, which takes a step for each letter, can be spared.
type decides uint8

const (
	// Not so simple.
	pattern decides = iota
	// Texts in a row with anything between them.
	anything
	// Texts in a row with anything but a new line between them.
	withinLine
	// So many letters, and so many in one line: .{1000,}.
	letters
	lettersOfLine
)

// Compile compiles a pattern of RE2.
func Compile(expr string) (*Regex, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("compiling a pattern: %w", err)
	}
	r := &Regex{re: re}
	// The flags are those of regexp.Compile; with others the same letters would mean another pattern.
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("compiling a pattern: %w", err)
	}
	// Before it is simplified: that writes .{1000,} out as a thousand dots.
	r.shortest, r.alone = shortest(tree), simple(tree)
	for _, c := range clauses(tree.Simplify()) {
		texts := make([]string, len(c))
		for i, lit := range c {
			texts[i] = lit.Text
		}
		if c[0].Fold {
			r.folded.add(texts)
		} else {
			r.plain.add(texts)
		}
	}
	return r, nil
}

// Folds tells whether there is a guard that looks at folded text.
func (r *Regex) Folds() bool { return len(r.folded.clauses) > 0 }

// MatchString tells whether the pattern is somewhere in s.
func (r *Regex) MatchString(s string) bool {
	if !r.allows(s) {
		return false
	}
	if r.Folds() { // the guards that have been asked are not all
		return r.re.MatchString(s)
	}
	return r.run(s)
}

// MatchFolded is MatchString for who has folded s already.
func (r *Regex) MatchFolded(s, folded string) bool {
	return r.allows(s) && r.May(folded) && r.run(s)
}

// Find returns the first place in s at which the pattern matches.
func (r *Regex) Find(s string) (start, end int, ok bool) {
	if !r.allows(s) {
		return 0, 0, false
	}
	at := r.re.FindStringIndex(s)
	if at == nil {
		return 0, 0, false
	}
	return at[0], at[1], true
}

// May tells whether a text with this fold may match.
func (r *Regex) May(folded string) bool { return r.folded.in(folded) }

// allows looks at the guards that need no fold.
func (r *Regex) allows(s string) bool { return len(s) >= r.shortest && r.plain.in(s) }

// run decides, after all guards.
func (r *Regex) run(s string) bool {
	switch r.alone {
	case anything:
		return true
	case withinLine:
		return !strings.Contains(s, "\n") || r.re.MatchString(s)
	case letters:
		return utf8.RuneCountInString(s) >= r.shortest
	case lettersOfLine:
		for line := range strings.SplitSeq(s, "\n") {
			if len(line) >= r.shortest && utf8.RuneCountInString(line) >= r.shortest {
				return true
			}
		}
		return false
	}
	return r.re.MatchString(s)
}

// sequence is what must be in a text: of each clause one literal, one behind the other.
type sequence struct {
	clauses [][]string
	// The clause that is least likely there by chance. It is looked for first, and alone.
	rarest int
}

// add adds a clause at the end.
func (q *sequence) add(literals []string) {
	q.clauses = append(q.clauses, literals)
	least := func(c []string) int {
		n := len(c[0])
		for _, lit := range c {
			n = min(n, len(lit))
		}
		return n
	}
	if last := len(q.clauses) - 1; least(literals) > least(q.clauses[q.rarest]) {
		q.rarest = last
	}
}

// in looks for the clauses. Each takes the literal that ends first, which leaves the most for those behind it.
func (q *sequence) in(s string) bool {
	if len(q.clauses) == 0 {
		return true
	}
	if after(s, q.clauses[q.rarest]) < 0 {
		return false
	}
	if len(q.clauses) == 1 {
		return true
	}
	for _, c := range q.clauses {
		end := after(s, c)
		if end < 0 {
			return false
		}
		s = s[end:]
	}
	return true
}

// after returns where the first of the literals ends in s, -1 if there is none.
func after(s string, literals []string) int {
	end := -1
	for _, lit := range literals {
		if i := strings.Index(s, lit); i >= 0 && (end < 0 || i+len(lit) < end) {
			end = i + len(lit)
		}
	}
	return end
}

// simple tells which simple pattern a tree is.
func simple(t *syntax.Regexp) decides {
	bare := func(t *syntax.Regexp) *syntax.Regexp {
		for t.Op == syntax.OpCapture {
			t = t.Sub[0]
		}
		return t
	}
	t = bare(t)
	if t.Op == syntax.OpRepeat {
		switch bare(t.Sub[0]).Op {
		case syntax.OpAnyChar:
			return letters
		case syntax.OpAnyCharNotNL:
			return lettersOfLine
		}
		return pattern
	}
	parts := []*syntax.Regexp{t}
	if t.Op == syntax.OpConcat {
		parts = t.Sub
	}
	is, folds, plain := anything, false, false
	for _, k := range parts {
		switch k = bare(k); {
		case k.Op == syntax.OpLiteral && literal(k) != nil:
			folds, plain = folds || k.Flags&syntax.FoldCase != 0, plain || k.Flags&syntax.FoldCase == 0
		case k.Op == syntax.OpStar && bare(k.Sub[0]).Op == syntax.OpAnyCharNotNL:
			is = withinLine
		case k.Op == syntax.OpStar && bare(k.Sub[0]).Op == syntax.OpAnyChar:
		default:
			return pattern
		}
	}
	// The order among texts of which some fold is not known: they lie in two texts. Nor is that of more than are looked for.
	if folds && plain || len(parts) > most {
		return pattern
	}
	return is
}

// Necessary returns what every match contains: of each list one. It is empty where the pattern promises nothing.
func Necessary(pattern string) [][]Literal {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	return clauses(tree.Simplify())
}

// most bounds the literals of one clause and the clauses of a pattern: beyond, looking for them is no help any more.
const most = 32

// clauses finds the necessary literals of a simplified pattern.
func clauses(t *syntax.Regexp) [][]Literal {
	switch t.Op {
	case syntax.OpLiteral:
		return literal(t)
	case syntax.OpCapture, syntax.OpPlus:
		return clauses(t.Sub[0])
	case syntax.OpRepeat:
		// What may be there zero times promises nothing.
		if t.Min > 0 {
			return clauses(t.Sub[0])
		}
	case syntax.OpConcat:
		// All parts must match.
		var all [][]Literal
		for _, sub := range t.Sub {
			all = append(all, clauses(sub)...)
		}
		if len(all) > most {
			all = all[:most]
		}
		return all
	case syntax.OpAlternate:
		return alternate(t)
	}
	return nil
}

// literal makes the clause of a piece of plain text.
func literal(t *syntax.Regexp) [][]Literal {
	// U+FFFD in a pattern also matches a byte that is no UTF-8, which a search for it would not find.
	if slices.Contains(t.Rune, utf8.RuneError) {
		return nil
	}
	s := string(t.Rune)
	if t.Flags&syntax.FoldCase != 0 {
		// A folded text has one letter for all those that the pattern takes for the same: k for K and the Kelvin sign.
		return [][]Literal{{{Text: fold.String(s), Fold: true}}}
	}
	return [][]Literal{{{Text: s}}}
}

// alternate makes one clause of the longest literal of each branch. One fold makes all of them folds: whoever contains a
// text contains its fold in its own.
func alternate(t *syntax.Regexp) [][]Literal {
	var out []Literal
	folds := false
	for _, sub := range t.Sub {
		best := longest(clauses(sub))
		if best == nil {
			return nil // this branch promises nothing
		}
		for _, lit := range best {
			folds = folds || lit.Fold
		}
		if out = append(out, best...); len(out) > most {
			return nil
		}
	}
	if folds {
		for i := range out {
			out[i] = Literal{Text: fold.String(out[i].Text), Fold: true}
		}
	}
	return [][]Literal{out}
}

// longest returns the clause whose shortest literal is the longest: the one that is found least by chance.
func longest(all [][]Literal) []Literal {
	var best []Literal
	size := 0
	for _, c := range all {
		n := len(c[0].Text)
		for _, lit := range c {
			n = min(n, len(lit.Text))
		}
		if n > size {
			best, size = c, n
		}
	}
	return best
}

// shortest returns how many letters a match has at least, each of which is at least a byte.
func shortest(t *syntax.Regexp) int {
	switch t.Op {
	case syntax.OpLiteral:
		return len(t.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1
	case syntax.OpCapture, syntax.OpPlus:
		return shortest(t.Sub[0])
	case syntax.OpRepeat:
		return t.Min * shortest(t.Sub[0])
	case syntax.OpConcat:
		n := 0
		for _, sub := range t.Sub {
			n += shortest(sub)
		}
		return n
	case syntax.OpAlternate:
		n := -1
		for _, sub := range t.Sub {
			if s := shortest(sub); n < 0 || s < n {
				n = s
			}
		}
		return max(n, 0)
	}
	return 0
}
