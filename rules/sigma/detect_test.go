package sigma

import (
	"fmt"
	"strings"
	"testing"

	"weir/internal/match"
	"weir/rules/yamlfile"
)

// TestSearches says what the forms of a search become.
func TestSearches(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, search, want string }{
		{"a mapping", "{User: x, Name: y}", `ieq(User, "x") and ieq(Name, "y")`},
		{"a list of mappings", "[{User: x}, {Name: y, Image: z}]", `ieq(User, "x") or ieq(Name, "y") and ieq(Image, "z")`},
		{"keywords", "[abc, 'd*e', 42]", `icontains($env, "abc", "42") or iglob($env, "*d*e*")`},
		{"one keyword", "abc", `icontains($env, "abc")`},
		{"keywords and mappings", "[abc, {User: x}, def]", `ieq(User, "x") or icontains($env, "abc", "def")`},
		{"lists in a list", "[[a, b], [{User: x}]]", `icontains($env, "a", "b") or ieq(User, "x")`},
		{"lists of values in a list", "{User: [a, [b, [c]]]}", `ieq(User, "a", "b", "c")`},
		{"the same value twice", "{User: [a, A, a]}", `ieq(User, "a", "A")`},
		{"a field with dots and dashes", "{properties.x-y: a}", `ieq(properties["x-y"], "a")`},
		{"a number as a field", "{1: a}", `ieq($env["1"], "a")`},
		{"numbers and words", "{User: [0x1F, 1.50, true, null_, 2026-01-02]}", `ieq(User, "0x1F", "1.50", "true", "null_", "2026-01-02")`},
		{"a block", "{User: \"a\\tb\"}", `ieq(User, "a\tb")`},
	} {
		got := parse(detection("s: "+tc.search, "condition: s"), Options{})
		if len(got.rules) != 1 || len(got.faults) != 0 {
			t.Errorf("%s: %s", tc.name, show(got.faults))
			continue
		}
		if s := got.rules[0].Detection.String(); s != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, s, tc.want)
		}
	}
}

// TestDetectionMessages compares what is told about detections, whole and with the caret.
func TestDetectionMessages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, doc, want string
		rules           int
	}{
		{"no detection", head, "1:1: error[sigma-detection]: the rule has no `detection`\ntitle: T\n^^^^^\ndo add `detection:` with at least one search and a `condition`\n", 0},
		{"a text for a detection", head + "detection: x\n", "5:12: error[sigma-detection]: `detection` has no searches\ndetection: x\n           ^\ndo write `selection:` with the fields below it, and `condition: selection`\n", 0},
		{"no searches", detection("condition: a"), "6:3: error[sigma-detection]: `detection` has no searches\n  condition: a\n  ^^^^^^^^^\ndo write `selection:` with the fields below it\n", 0},
		{"no condition", detection("a: {User: x}"), "6:3: warning[sigma-condition]: the rule has no condition: it is taken for `a`\n  a: {User: x}\n  ^\ndo add `condition: a`\n", 1},
		{"no condition for two", detection("a: {User: x}", "b: {User: y}"), "6:3: error[sigma-condition]: there are several searches and no `condition`\n  a: {User: x}\n  ^\ndo add `condition: 1 of them`, or what is meant\n", 0},
		{"an empty search", detection("a: {}", "condition: a"), "6:6: error[sigma-detection]: the search asks for nothing\n  a: {}\n     ^\ndo write fields with their values, or a list of texts to look for everywhere\n", 0},
		{"an empty list", detection("a: []", "condition: a"), "6:6: error[sigma-detection]: the search asks for nothing\n  a: []\n     ^\ndo write fields with their values, or a list of texts to look for everywhere\n", 0},
		{"null for a search", detection("a:", "condition: a"), "6:5: error[sigma-detection]: the search asks for nothing\n  a:\n    ^\ndo write fields with their values, or a list of texts to look for everywhere\n", 0},
		{"a mapping for a value", detection("a: {User: {b: c}}", "condition: a"), "6:13: error[sigma-value]: `User` has no value to compare with\n  a: {User: {b: c}}\n            ^\ndo write a text, a number or a list of them\n", 0},
		{"no values", detection("a: {User: []}", "condition: a"), "6:7: error[sigma-value]: `User` has no value to compare with\n  a: {User: []}\n      ^^^^\ndo write a text, a number or a list of them\n", 0},
		{"a field twice", detection("a: {User: x, User: y}", "condition: a"), "6:16: error[rule-duplicate-key]: the key `User` is there twice\n  a: {User: x, User: y}\n               ^^^^\nwhy the first is in line 6\ndo remove one of them, or join their values in one list\n", 0},
		{"a search twice", detection("a: {User: x}", "a: {User: y}", "condition: a"), "7:3: error[rule-duplicate-key]: the key `a` is there twice\n  a: {User: y}\n  ^\nwhy the first is in line 6\ndo remove one of them, or join their values in one list\n", 0},
		{"an unused search", detection("a: {User: x}", "b: {User: y}", "condition: a"), "7:3: warning[rule-unused-condition]: the condition does not use `b`\n  b: {User: y}\n  ^\ndo name it, or remove it\n", 1},
		{"an unused search on purpose", detection("a: {User: x}", "_b: {User: y}", "condition: a"), "", 1},
		{"a timeframe", detection("a: {User: x}", "timeframe: 5m", "condition: a"), "7:3: warning[sigma-value]: `timeframe` is not used\n  timeframe: 5m\n  ^^^^^^^^^\nwhy a rule is about one event; only a correlation counts over time\n", 1},
		{"a field of two words", detection("a: {Sam Account: x}", "condition: a"), "6:7: warning[sigma-field]: the field `Sam Account` is taken for `SamAccount`\n  a: {Sam Account: x}\n      ^^^^^^^^^^^\ndo write `SamAccount`\n", 1},
		{"a field with an empty part", detection("a: {'x..y': x}", "condition: a"), "6:7: error[sigma-field]: \"x..y\" is no name of a field\n  a: {'x..y': x}\n      ^^^^^^\ndo write the name of a field such as CommandLine\n", 0},
		{"expr's name for everything", detection("a: {$env: x}", "condition: a"), "6:7: error[sigma-field]: \"$env\" is no name of a field\n  a: {$env: x}\n      ^^^^\ndo write the name of a field such as CommandLine\n", 0},
		{"a keyword that says nothing", detection("a: ['*']", "condition: a"), "7:14: error[expr-constant]: the condition is the same for every event\n  condition: a\n             ^\n", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := parse(tc.doc, Options{})
			if s := show(got.faults); s != tc.want || len(got.rules) != tc.rules {
				t.Errorf("%d rules, got\n%swant\n%s", len(got.rules), s, tc.want)
			}
		})
	}
}

// TestLargeRules: a file of almost a MiB and ten thousand conditions are read or refused, and quickly.
func TestLargeRules(t *testing.T) {
	t.Parallel()
	var values, many, lines strings.Builder
	for i := range 14_000 {
		fmt.Fprintf(&values, "      - 'a value that makes the file larger, number %06d'\n", i)
	}
	for i := range 10_001 {
		fmt.Fprintf(&many, "  s%d: {User: x}\n", i)
		fmt.Fprintf(&lines, "    - s%d\n", i%9)
	}
	large := detection("s:", "  User:\n"+values.String()+"  condition: s")
	got := parse(large, Options{})
	if len(large) < 700_000 || len(large) > yamlfile.MaxSize || len(got.rules) != 1 {
		t.Error(len(large), show(got.faults))
	} else if _, err := (match.Compiler{}).CompileTree(got.rules[0].Detection); err != nil {
		t.Error(err)
	}
	for name, tc := range map[string]struct{ doc, code string }{
		"more than a MiB":               {strings.Repeat("# a comment\n", 90_000), "rule-too-large"},
		"ten thousand searches":         {head + "detection:\n" + many.String() + "  condition: 1 of s*\n", "rule-too-large"},
		"ten thousand conditions":       {head + "detection:\n" + strings.Join(strings.SplitN(many.String(), "\n", 10)[:9], "\n") + "\n  condition:\n" + lines.String(), "rule-too-large"},
		"more values than can be run":   {detection("s:", "  User: ["+strings.Repeat("1,", 1)+rangeOf(16_000)+"]", "condition: s"), "rule-too-large"},
		"more values than can be made":  {detection("s:", "  User|windash: ["+strings.Repeat("'-----a', ", 40)+"x]", "condition: s"), "rule-too-large"},
		"brackets within brackets":      {detection("s: "+strings.Repeat("[", 10_000), "condition: s"), "rule-syntax"},
		"a thousand blocks in a block":  {head + "detection:\n" + deep(1000) + "  condition: s\n", ""},
		"ten thousand words in a title": {strings.Replace(detection("s: {User: x}", "condition: s"), "title: T", "title: "+strings.Repeat("T ", 10_000), 1), ""},
	} {
		got := parse(tc.doc, Options{})
		last := ""
		for _, e := range got.faults {
			if !e.Warn {
				last = e.Code
			}
		}
		if last != tc.code || (tc.code == "") != (len(got.rules) == 1) {
			t.Errorf("%s: %d rules, %.400s", name, len(got.rules), show(got.faults))
		}
	}
}

// rangeOf is many numbers in a list.
func rangeOf(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d, ", i)
	}
	return b.String() + "end"
}

// deep is a search of lists within lists, in blocks.
func deep(n int) string {
	var b strings.Builder
	b.WriteString("  s:\n")
	for i := range n {
		b.WriteString(strings.Repeat(" ", i+4) + "-\n")
	}
	b.WriteString(strings.Repeat(" ", n+4) + "word\n")
	return b.String()
}
