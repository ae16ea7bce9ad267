// Package many looks for one of many texts at once, so that a condition with a thousand values costs little more than one
// with ten. Whether case counts is up to the caller, who folds both sides or neither.
//
// Each function prepares its values once and returns a predicate that is safe for many goroutines and allocates nothing.
package many

import (
	"slices"
	"strings"
)

// Few is how many values are tried one after the other: up to here that is quicker than anything clever.
const Few = 8

// Equal makes the predicate that a text is one of the values.
func Equal(values []string) func(s string) bool {
	if len(values) == 1 {
		want := values[0]
		return func(s string) bool { return s == want }
	}
	if len(values) <= Few {
		values = slices.Clone(values)
		return func(s string) bool { return slices.Contains(values, s) }
	}
	all := set(values)
	shortest, longest := bounds(values)
	return func(s string) bool {
		if len(s) < shortest || len(s) > longest { // before all of a long text is hashed
			return false
		}
		_, ok := all[s]
		return ok
	}
}

// Prefix makes the predicate that a text begins with one of the values.
func Prefix(values []string) func(s string) bool {
	if len(values) <= Few {
		return each(values, strings.HasPrefix)
	}
	// One look-up for each length that occurs, of which even thousands of values have few.
	all, lengths := set(values), lengths(values)
	return func(s string) bool {
		for _, n := range lengths {
			if n > len(s) {
				return false
			}
			if _, ok := all[s[:n]]; ok {
				return true
			}
		}
		return false
	}
}

// Suffix makes the predicate that a text ends with one of the values. Values that begin with a \ or / and have no other,
// the names of programs, are found by the last part of the text with one look.
func Suffix(values []string) func(s string) bool {
	if len(values) <= Few {
		return each(values, strings.HasSuffix)
	}
	var names, rest []string
	for _, v := range values {
		if v != "" && lastPart(v) == 0 {
			names = append(names, v)
		} else {
			rest = append(rest, v)
		}
	}
	byName, byLength, lengths := set(names), set(rest), lengths(rest)
	_, longest := bounds(names)
	return func(s string) bool {
		if i := lastPart(s); i >= 0 && len(s)-i <= longest {
			if _, ok := byName[s[i:]]; ok {
				return true
			}
		}
		for _, n := range lengths {
			if n > len(s) {
				return false
			}
			if _, ok := byLength[s[len(s)-n:]]; ok {
				return true
			}
		}
		return false
	}
}

// lastPart returns where the last part of a path begins, with its separator; -1 if there is none.
func lastPart(s string) int {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == '\\' || s[i] == '/' {
			return i
		}
	}
	return -1
}

// each tries the values in the order of the rule: it is the author who knows which is the commonest.
func each(values []string, holds func(s, value string) bool) func(string) bool {
	if len(values) == 1 {
		value := values[0]
		return func(s string) bool { return holds(s, value) }
	}
	values = slices.Clone(values)
	return func(s string) bool {
		for _, v := range values {
			if holds(s, v) {
				return true
			}
		}
		return false
	}
}

// set makes a look-up of values.
func set(values []string) map[string]struct{} {
	out := make(map[string]struct{}, len(values))
	for _, v := range values {
		out[v] = struct{}{}
	}
	return out
}

// lengths returns the lengths that occur, in ascending order.
func lengths(values []string) []int {
	var out []int
	for _, v := range values {
		out = append(out, len(v))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// bounds returns the shortest and the longest length.
func bounds(values []string) (shortest, longest int) {
	for i, v := range values {
		if i == 0 || len(v) < shortest {
			shortest = len(v)
		}
		longest = max(longest, len(v))
	}
	return shortest, longest
}
