package show

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"weir/internal/term"
	"weir/rules"
	"weir/rules/correlation"
)

// correlateWords says a correlation in sentences, one for each correlation within it. The words of a rule's file are used,
// so that the page can be held against it.
func correlateWords(x *rules.Correlate) []string {
	var out []string
	for _, n := range x.Nodes() {
		// The outermost first, and those within it by the names that its steps have for them.
		line := kindWords(n)
		if n.Name != "" {
			line = n.Name + ": " + line
		}
		if len(n.By) > 0 {
			line += "; per " + strings.Join(n.By, ", ")
		}
		switch n.Window {
		case correlation.Session:
			line += "; in sessions without a pause of more than " + term.Duration(n.Within)
		case correlation.Tumbling:
			line += "; in each whole " + term.Duration(n.Within)
		default:
			line += "; within " + term.Duration(n.Within)
		}
		out = append(out, line+aliasWords(n))
	}
	return out
}

// kindWords say what is counted.
func kindWords(n *rules.Correlate) string {
	// The words of the rule: what stands here can be found in the file.
	var names []string
	for _, s := range n.Steps {
		names = append(names, s.When)
	}
	all := strings.Join(names, ", ")
	of := strings.Join(n.Field, " with ")
	switch n.Kind {
	case correlation.Count:
		if len(n.Bounds) == 1 && n.Bounds[0].Op == "gte" {
			return all + " " + Times(int(n.Bounds[0].Value))
		}
		return all + " so often: " + boundWords(n.Bounds)
	case correlation.Distinct:
		return fmt.Sprintf("different %s in %s: %s", of, all, boundWords(n.Bounds))
	case correlation.Absence:
		if names[0] == names[1] {
			return names[0] + ", and none after it"
		}
		return names[0] + ", and no " + names[1] + " after it"
	case correlation.NewValue:
		return fmt.Sprintf("a new %s in %s, of groups known for %s", of, all, term.Duration(n.Learn))
	case correlation.AnyOrder, correlation.Sequence:
		return stepWords(n)
	case correlation.Percentile:
		of = strconv.FormatFloat(n.Percent, 'f', -1, 64) + " of " + of
	}
	line := fmt.Sprintf("%s of %s in %s: %s", n.Kind, of, all, boundWords(n.Bounds))
	if n.MinValues > 1 {
		line += ", of at least " + term.Count(int64(n.MinValues)) + " numbers"
	}
	return strings.Replace(line, "percentile of", "percentile", 1)
}

// stepWords are the steps, joined by then in a sequence, since only it has an order.
func stepWords(n *rules.Correlate) string {
	// Beside a text only those steps are said that need several matches; the text has the others.
	var steps []string
	for _, s := range n.Steps {
		if n.Logic == nil || s.AtLeast > 1 {
			steps = append(steps, s.When+" "+Times(s.AtLeast))
		}
	}
	sep, order := " and ", ""
	if n.Kind == correlation.Sequence {
		sep, order = ", then ", ", in the order of the steps"
	}
	line := strings.Join(steps, sep)
	if n.Logic == nil {
		return line
	}
	if line = n.Logic.String() + order; len(steps) > 0 {
		line += ", with " + strings.Join(steps, ", ")
	}
	return line
}

// bounds in words.
var opWords = map[string]string{"gt": "more than ", "gte": "at least ", "lt": "less than ", "lte": "at most ", "eq": "exactly ", "neq": "not "}

func boundWords(list []rules.Bound) string {
	var out []string
	for _, b := range list {
		out = append(out, opWords[b.Op]+number(b.Value))
	}
	return strings.Join(out, ", ")
}

// number writes whole numbers in groups of three digits.
func number(v float64) string {
	if v == float64(int64(v)) {
		return term.Count(int64(v))
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// aliasWords say what names stand for.
func aliasWords(n *rules.Correlate) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(n.Alias)) {
		var of []string
		for _, step := range slices.Sorted(maps.Keys(n.Alias[name])) {
			of = append(of, strings.ReplaceAll(n.Alias[name][step], " ", " or ")+" in "+step)
		}
		out = append(out, name+" is "+strings.Join(of, ", "))
	}
	if len(out) == 0 {
		return ""
	}
	return "; " + strings.Join(out, "; ")
}
