// Package lint says what is doubtful about rules that load: conditions that can never hold or always do, costly regexes, what another rule finds already, and what is missing.
package lint

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/internal/match/tree"
	"weir/internal/match/tree/kind"
	"weir/rules"
	"weir/rules/correlation"
)

// Options say what the lint may look at. The zero value looks at rules alone.
type Options struct {
	// Lists are those that conditions name.
	Lists match.Lists
	// Read returns a rule file, so that findings show its line; nil: they show none.
	Read func(file string) ([]byte, error)
	// Produced tells whether some format fills the field in events that the rule is for; nil: not asked.
	Produced func(r *rules.Rule, field string) bool
	// Unfilled returns those of the names that a Sigma rule asks for which no format fills in events of its log source, and
	// whether any format makes such events; nil: Produced is asked for Sigma rules too.
	Unfilled func(r *rules.Rule) (names []string, made bool)
}

// maxFindings bounds what one rule is told: whoever made that many mistakes has made one of them many times.
const maxFindings = 20

// Finding is a warning about one rule.
type Finding struct {
	Rule *rules.Rule
	*fault.Error
}

// Check looks at the rules of a set, all together, since a rule may be another one's double. Everything that it finds is
// a warning, in the order of the rules, shadows after all others. Rules that are switched off are looked at too, but hide
// no other.
func Check(list []*rules.Rule, o Options) []Finding {
	c := &checker{o: o, files: map[string][]string{}}
	// Shadows need all rules before the first can be told.
	shadow := newShadows()
	for _, r := range list {
		c.rule, c.found = r, 0
		trees := c.trees(r)
		for i := range r.When {
			if trees[i] != nil {
				c.condition(&r.When[i], trees[i])
			}
		}
		if !r.Sigma {
			c.missing()
		}
		c.tags()
		c.span()
		if len(trees) == 1 && trees[0] != nil && r.Correlate == nil && r.Enabled {
			shadow.add(r, trees[0])
		}
	}
	shadow.each(func(r *rules.Rule, why, do string) {
		c.rule, c.found = r, 0
		c.add(place{line: r.Line, col: 1}, 0, fault.Error{Code: "rule-shadowed", What: fmt.Sprintf("the rule `%s` finds nothing of its own", r.ID), Why: why, Do: do})
	})
	return c.out
}

// checker looks at one rule after the other. It belongs to one call of Check.
type checker struct {
	o     Options
	rule  *rules.Rule
	found int
	files map[string][]string // lines
	out   []Finding
}

// place is a position in the rule's file, from 1.
type place struct{ line, col int }

// add notes a finding about the present rule.
func (c *checker) add(p place, width int, e fault.Error) {
	if c.found++; c.found > maxFindings {
		return
	}
	e.Warn = true
	e.Where = c.rule.File
	if p.line > 0 {
		e.Where = fmt.Sprintf("%s:%d:%d", c.rule.File, p.line, max(p.col, 1))
		if lines := c.lines(); p.line <= len(lines) && width > 0 { // what is said of the whole rule points at no word
			e.Text = lines[p.line-1]
			e.Mark, e.Width = p.col, max(min(width, utf8.RuneCountInString(e.Text)-p.col+1), 1)
		}
	}
	c.out = append(c.out, Finding{c.rule, &e})
}

// lines returns the lines of the present rule's file, none if it cannot be read. Files are kept: those of one file come
// one after the other.
func (c *checker) lines() []string {
	if c.o.Read == nil {
		return nil
	}
	lines, ok := c.files[c.rule.File]
	if !ok {
		clear(c.files)
		if b, err := c.o.Read(c.rule.File); err == nil {
			lines = strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n"), "\n")
		}
		c.files[c.rule.File] = lines
	}
	return lines
}

// trees returns the trees of the rule's conditions, nil for one that cannot be read any more.
func (c *checker) trees(r *rules.Rule) []*tree.Node {
	out := make([]*tree.Node, len(r.When))
	for i, w := range r.When {
		if out[i] = w.Tree; out[i] != nil {
			continue
		}
		if cond, err := (match.Compiler{Lists: c.o.Lists}).Compile(w.Expr); err == nil {
			out[i] = cond.Tree()
		}
	}
	return out
}

// condition looks at one condition: what is certain of it, what it costs, and which of its fields nobody fills.
func (c *checker) condition(w *rules.Condition, n *tree.Node) {
	var l logic
	switch l.whole(n) {
	case never:
		c.atTest(w, l.why.test, fault.Error{Code: "rule-never", What: fmt.Sprintf("the condition `%s` can never hold", w.Name), Why: l.why.why,
			Do: "join what excludes one another with `or`, or take one part out"})
	case always:
		c.atTest(w, l.why.test, fault.Error{Code: "rule-always", What: fmt.Sprintf("the condition `%s` holds for every event", w.Name), Why: l.why.why,
			Do: "add what makes an event worth an alert"})
	}
	for _, d := range l.dead {
		c.atTest(w, d.test, fault.Error{Code: "rule-never", What: fmt.Sprintf("a part of the condition `%s` can never hold", w.Name), Why: d.why,
			Do: "take it out, or correct it: the rest of the condition works without it"})
	}
	c.costs(w, n)
	c.unproduced(w, n)
}

// maxTests is the number of tests of one condition from which on a list serves better.
const maxTests = 1000

// costs looks at the regexes and the size of a condition.
func (c *checker) costs(w *rules.Condition, n *tree.Node) {
	// A regex beside a fixed text runs on few events, whatever it is.
	guarded := guards(n)
	tests := 0
	told := map[string]bool{}
	n.Walk(func(n *tree.Node) bool {
		if n.Op != tree.Leaf {
			return true
		}
		tests += max(len(n.Test.Values), 1)
		if n.Test.Kind != kind.Regex {
			return true
		}
		for _, src := range n.Test.Values {
			why, do := regexCost(src, guarded)
			if why == "" || told[src] {
				continue
			}
			told[src] = true
			one := *n.Test
			one.Values = []string{src}
			c.atTest(w, &one, fault.Error{Code: "rule-costly", What: "a regex of the rule is costly", Why: why, Do: do})
		}
		return true
	})
	if tests > maxTests && !c.rule.Sigma {
		c.add(place{w.Line, w.Col}, 1, fault.Error{Code: "rule-costly", What: fmt.Sprintf("the condition `%s` holds %d values", w.Name, tests),
			Why: "they are read and compiled again with each reload, and nobody can read them", Do: "put them into a file of lists/ and write in_list(field, \"name\")"})
	}
}

// unproduced tells of fields that no format fills in events of the rule's log source: one finding for all of them, at the
// first, since a folder of a thousand rules has thousands of such fields.
func (c *checker) unproduced(w *rules.Condition, n *tree.Node) {
	if c.rule.Sigma && c.o.Unfilled != nil {
		c.unfilled(w)
		return
	}
	if c.o.Produced == nil {
		return
	}
	var first *tree.Test
	var fields []string
	n.Walk(func(n *tree.Node) bool {
		if n.Op == tree.Leaf && n.Test.Field != tree.Any && n.Test.Field != "" && !slices.Contains(fields, n.Test.Field) && !c.o.Produced(c.rule, n.Test.Field) {
			fields = append(fields, n.Test.Field)
			if first == nil {
				first = &tree.Test{Field: n.Test.Field} // a field is looked for by its name
			}
		}
		return true
	})
	if len(fields) == 0 {
		return
	}
	c.atTest(w, first, fault.Error{Code: "rule-unproduced-field", What: "no format of weir's fills " + fieldWords(fields),
		Why: "in events of " + sourceWords(c.rule.LogSource) + "; events that come as ECS JSON may have it", Do: "nothing, if yours have it: weir search '" + fields[0] + ": *'"})
}

// unfilled tells the same of a Sigma rule, in Sigma's names: one of them may mean several fields, of which one is enough.
func (c *checker) unfilled(w *rules.Condition) {
	names, made := c.o.Unfilled(c.rule)
	switch {
	case !made:
		p, width := c.find(c.rule.Line, "logsource")
		c.add(p, width, fault.Error{Code: "rule-unproduced-field", What: "no format of weir's makes events of " + sourceWords(c.rule.LogSource),
			Why: "events that come as JSON may be of it", Do: "nothing, if yours are: the rule runs on them"})
	case len(names) > 0:
		c.atTest(w, &tree.Test{Field: names[0]}, fault.Error{Code: "rule-unproduced-field", What: "no format of weir's fills " + fieldWords(names),
			Why: "in events of " + sourceWords(c.rule.LogSource) + "; events that come as JSON may have it", Do: "nothing, if yours do: the rule runs on them"})
	}
}

// fieldWords names fields in a sentence.
func fieldWords(names []string) string {
	noun := "the field"
	if len(names) > 1 {
		noun = "the fields"
	}
	return noun + " `" + strings.Join(names, "`, `") + "`"
}

// sourceWords names a log source in a sentence.
func sourceWords(ls rules.LogSource) string {
	if ls.Empty() {
		return "any source"
	}
	return ls.String()
}

// missing tells what a native rule should bring along. A Sigma rule has no tests, and its author's tags.
func (c *checker) missing() {
	r := c.rule
	hits, misses := 0, 0
	for _, t := range r.Tests {
		if t.Expect.Alerts > 0 {
			hits++
		} else {
			misses++
		}
	}
	at := place{r.Line, 1}
	switch {
	case hits+misses == 0:
		c.add(at, 0, fault.Error{Code: "rule-no-test", What: fmt.Sprintf("the rule `%s` has no tests", r.ID), Why: "nobody will notice when it stops to find what it is for",
			Do: "add one event that it must find and one that it must not: docs/how-to/own-rule.md"})
	case hits == 0:
		c.add(at, 0, fault.Error{Code: "rule-no-test", What: fmt.Sprintf("no test of the rule `%s` expects an alert", r.ID), Why: "a rule that never fires would pass them all", Do: "add an event that it must find"})
	case misses == 0:
		c.add(at, 0, fault.Error{Code: "rule-no-test", What: fmt.Sprintf("no test of the rule `%s` expects no alert", r.ID), Why: "a rule that fires on everything would pass them all", Do: "add an event that it must not find"})
	}
	if !slices.ContainsFunc(r.Tags, func(t string) bool { return strings.HasPrefix(strings.ToLower(t), "attack.") }) {
		c.add(at, 0, fault.Error{Code: "rule-no-tag", What: fmt.Sprintf("the rule `%s` has no tag of ATT&CK", r.ID), Why: "it is missing in the coverage of techniques", Do: "add tags: [attack.t1110], or the technique that it finds"})
	}
}

// tags looks at how the rule's tags are written.
func (c *checker) tags() {
	for _, tag := range c.rule.Tags {
		if why, do := tagFault(tag); why != "" {
			p, width := c.find(c.rule.Line, tag)
			c.add(p, width, fault.Error{Code: "rule-tag", What: fmt.Sprintf("the tag `%s` means nothing to anybody", tag), Why: why, Do: do})
		}
	}
}

// span tells of correlations that keep much for long.
func (c *checker) span() {
	for _, x := range c.rule.Correlate.Nodes() {
		// Without a group there is one to remember, for however long; new values are remembered for long on purpose.
		if x.Within.Hours() <= 24 || len(x.By) == 0 || x.Kind == correlation.NewValue {
			continue
		}
		p, width := c.find(c.rule.Line, "within")
		c.add(p, width, fault.Error{Code: "rule-costly", What: fmt.Sprintf("the rule `%s` remembers each group for more than a day", c.rule.ID),
			Why: "every value of " + strings.Join(x.By, ", ") + " of that time is kept in memory; the oldest go first when correlate.max_keys is reached", Do: "shorten `within`, or group by fewer fields"})
		return
	}
}

// atTest notes a finding at the place of a test.
func (c *checker) atTest(w *rules.Condition, t *tree.Test, e fault.Error) {
	p, width := c.locate(w, t)
	c.add(p, width, e)
}

// locate looks for the place of a test in the rule's file behind the beginning of the condition: its value in quotes, its
// value if that is long enough to be nothing else, its field, else the condition itself. A tree does not know where its
// parts were written.
func (c *checker) locate(w *rules.Condition, t *tree.Test) (place, int) {
	if t == nil {
		return place{w.Line, w.Col}, 1
	}
	const telling = 4
	from := w.Line
	if c.rule.Sigma { // its searches stand above its condition, or below
		from = c.rule.Line
	}
	for _, v := range t.Values {
		for _, form := range []string{strings.ReplaceAll(v, `\`, `\\`), v} {
			for _, quote := range []string{`"`, `'`, ""} {
				if form == "" || quote == "" && len(form) < telling {
					continue
				}
				if p, width := c.find(from, quote+form+quote); width > 0 {
					return place{p.line, p.col + len(quote)}, width - 2*len(quote)
				}
			}
		}
	}
	if p, width := c.find(from, t.Field); width > 0 {
		return p, width
	}
	return place{w.Line, w.Col}, 1
}

// find returns the first place of a text in the file from a line on, up to the end of the rule; a width of 0 says that it
// is not there.
func (c *checker) find(from int, s string) (place, int) {
	lines := c.lines()
	for i := max(from, 1); i <= len(lines) && s != ""; i++ {
		line := lines[i-1]
		if i > from && strings.HasPrefix(line, "---") {
			break
		}
		if before, _, ok := strings.Cut(line, s); ok {
			return place{i, utf8.RuneCountInString(before) + 1}, utf8.RuneCountInString(s)
		}
	}
	return place{from, 1}, 0
}
