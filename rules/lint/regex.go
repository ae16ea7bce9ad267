package lint

import (
	"fmt"
	"regexp/syntax"
	"slices"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

// RE2 takes time in proportion to the text and to the program that the expression becomes, so none of these can bring
// weir to a stop. They cost: a program of thousands of steps takes a thousand times as long as a text does, and an
// expression that no fixed text guards runs on every event.

const (
	// A literal of that many bytes is rare enough to guard a regex.
	guardBytes = 3
	// Steps of a program, from which on it is told.
	costlyProgram = 2000
)

// regexCost says what makes a regex costly, "" if nothing does. guarded: something beside it must hold anyway.
func regexCost(src string, guarded bool) (why, do string) {
	// The same flags as regexp uses, or other expressions than those that run would be judged.
	re, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return "", "" // refused where the condition was read
	}
	if prog, err := syntax.Compile(re.Simplify()); err == nil && len(prog.Inst) > costlyProgram {
		do = "ask for less: a counted repeat such as {1,200} is written out as often as it may occur"
		if nested(re, 1) > 1 {
			do = "take one of the two repeats away: each step of the outer one holds all of the inner"
		}
		return fmt.Sprintf("it is a program of %d steps, and each letter of a text may meet all of them", len(prog.Inst)), do
	}
	if star := leadingStar(re); star != "" {
		do = "leave the `.*` out: a regex is looked for anywhere in the text"
		if star == ".+" {
			do = "write `.` in its place: a regex is looked for anywhere in the text"
		}
		return "it begins with `" + star + "`, so that it is tried to the end of the text from every place", do
	}
	if !guarded && literal(re) < guardBytes {
		return "no fixed text must be in what it matches, so it runs on every event of its log source", "add a condition that must hold too, such as one on the name of the program, or a longer fixed text"
	}
	return "", ""
}

// nested counts how many repeats stand within one another.
func nested(re *syntax.Regexp, depth int) int {
	deepest := depth - 1
	if re.Op == syntax.OpRepeat {
		depth++
		deepest++
	}
	for _, sub := range re.Sub {
		deepest = max(deepest, nested(sub, depth))
	}
	return deepest
}

// leadingStar returns how an expression begins that begins with any number of any letters, "" for others. An anchored one
// asks for something by it, so only one without an anchor is meant.
func leadingStar(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpStar, syntax.OpPlus:
		switch {
		case re.Sub[0].Op != syntax.OpAnyChar && re.Sub[0].Op != syntax.OpAnyCharNotNL:
		case re.Op == syntax.OpPlus:
			return ".+"
		default:
			return ".*"
		}
	case syntax.OpConcat, syntax.OpCapture:
		if len(re.Sub) > 0 {
			return leadingStar(re.Sub[0])
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if star := leadingStar(sub); star != "" {
				return star
			}
		}
	}
	return ""
}

// literal returns the bytes of the longest text that must be in whatever the expression matches.
func literal(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		return len(string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return literal(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return literal(re.Sub[0])
		}
	case syntax.OpConcat:
		longest := 0
		for _, sub := range re.Sub {
			longest = max(longest, literal(sub))
		}
		return longest
	// Of a choice only what every way of it has counts, and that is as much as the poorest.
	case syntax.OpAlternate:
		shortest := 0
		for i, sub := range re.Sub {
			if n := literal(sub); i == 0 || n < shortest {
				shortest = n
			}
		}
		return shortest
	}
	return 0
}

// guards tells whether some fixed text must be in an event for the condition to hold: then the index finds the events
// that it is tried on.
func guards(n *tree.Node) bool {
	switch n.Op {
	case tree.And:
		return slices.ContainsFunc(n.Kids, guards)
	case tree.Or:
		for _, k := range n.Kids {
			if !guards(k) {
				return false
			}
		}
		return len(n.Kids) > 0
	case tree.Leaf:
		return guardsTest(n.Test)
	}
	return false
}

// guardsTest tells it of one test.
func guardsTest(t *tree.Test) bool {
	// A whole value is found by its hash however short it is; a part of one needs letters to be looked for.
	least := guardBytes
	switch t.Kind {
	case kind.Equal:
		least = 1
	case kind.Contains, kind.StartsWith, kind.EndsWith:
	case kind.Regex:
		for _, v := range t.Values {
			if re, err := syntax.Parse(v, syntax.Perl); err != nil || literal(re) < guardBytes {
				return false
			}
		}
		return len(t.Values) > 0
	default:
		return false
	}
	if t.Form != form.Plain || t.Other != "" {
		return false
	}
	for _, v := range t.Values {
		if len(v) < least {
			return false
		}
	}
	return len(t.Values) > 0
}
