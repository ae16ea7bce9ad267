// Package convert turns Sigma rules of the old form, which count or order events in their condition (`| count() by`,
// `| near`), into what they became: rules about one event, and a correlation of them.
package convert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/rules/yamlfile"
)

// Options say what the old form leaves out.
type Options struct {
	// Timespan is for rules without a timeframe; "": they are not converted.
	Timespan string
}

// Result is what became of a file.
type Result struct {
	// Text is the file with its old rules converted and everything else as it was; nil if none was.
	Text []byte
	// Converted is how many rules were.
	Converted int
	// Faults are rules of the old form that cannot be converted, and what to look at in those that were.
	Faults fault.List
}

// File converts the rules of one file.
func File(name string, doc []byte, o Options) Result {
	f, docs := yamlfile.Open(name, doc)
	var out Result
	// Documents stand for themselves: one that cannot be read or converted is copied.
	var parts []string
	for _, d := range docs {
		text := strings.TrimRight(d.Text(), "\n") + "\n"
		body := f.Body(d)
		if body == nil {
			parts = append(parts, text)
			continue
		}
		r := &rule{f: f, body: body, text: text, first: d.Place().Line, name: nameOf(name, out.Converted), options: o}
		if made := r.convert(); made != nil {
			out.Converted++
			parts = append(parts, made...)
			continue
		}
		parts = append(parts, text)
	}
	out.Faults = f.Faults()
	if out.Converted > 0 {
		out.Text = []byte(strings.Join(parts, "---\n"))
	}
	return out
}

// rule is one document while it is converted.
type rule struct {
	f     *yamlfile.File
	body  *yamlfile.Body
	text  string
	first int // line of the file with which text begins
	// name is what the rule about one event is called.
	name    string
	options Options

	detection []*ast.MappingValueNode
	condition ast.Node
	timespan  string
}

// old matches a condition of the old form: a bar, or a function without one.
var old = regexp.MustCompile(`(?i)\||\b(count|min|max|avg|sum)\s*\(`)

// convert returns the documents that the rule becomes; nil, if it is not of the old form or cannot be converted, which a
// fault says.
func (r *rule) convert() []string {
	if !r.read() {
		return nil
	}
	text, _ := yamlfile.Text(r.condition)
	if !old.MatchString(text) {
		return nil
	}
	// What a global document says is part of others, which would have to be written out first.
	for _, kv := range r.body.Pairs {
		if yamlfile.Key(kv) == "action" {
			r.fail("write each rule out, without `action`", "the rule is part of a collection")
			return nil
		}
	}
	if !r.inLines() {
		r.fail("write each key in a line of its own", "the rule, or its detection, stands in one line")
		return nil
	}
	what, counted, ok := strings.Cut(text, "|")
	// A condition may be written in several lines, and what is written here is one.
	what, counted = strings.Join(strings.Fields(what), " "), strings.Join(strings.Fields(counted), " ")
	if !ok || what == "" {
		r.fail("write `selection | count() by field > 10`", "the condition counts without saying what")
		return nil
	}
	if r.timespan == "" {
		if r.timespan = r.options.Timespan; r.timespan == "" {
			r.fail("add `timeframe: 1h` below detection, or convert with --timespan 1h", "the rule has no timeframe")
			return nil
		}
		r.warn("see whether it is what the rule means", "the rule has no timeframe: %s is taken", r.timespan)
	}
	if fields := strings.Fields(counted); len(fields) > 0 && strings.EqualFold(fields[0], "near") {
		return r.near(what, strings.TrimSpace(counted[len("near"):]))
	}
	return r.counts(what, counted)
}

// read finds the condition and the timeframe.
func (r *rule) read() bool {
	for _, kv := range r.body.Pairs {
		if yamlfile.Key(kv) == "detection" {
			r.detection, _ = yamlfile.Mapping(kv.Value)
		}
	}
	for _, kv := range r.detection {
		switch yamlfile.Key(kv) {
		case "condition":
			if _, ok := yamlfile.Text(kv.Value); ok {
				r.condition = kv.Value
			}
		case "timeframe":
			text, _ := yamlfile.Text(kv.Value)
			r.timespan = strings.TrimSpace(text)
		}
	}
	return r.condition != nil
}

// inLines tells whether each key has lines of its own: what is copied is copied by lines.
func (r *rule) inLines() bool {
	last := 0
	for _, list := range [][]*ast.MappingValueNode{r.body.Pairs, r.detection} {
		for _, kv := range list {
			p, _ := yamlfile.Extent(kv)
			if p.Line <= last {
				return false
			}
			last = p.Line
		}
		// The searches stand below their key, wherever that is.
		for _, kv := range r.body.Pairs {
			if yamlfile.Key(kv) == "detection" {
				p, _ := yamlfile.Extent(kv)
				last = p.Line
			}
		}
	}
	return true
}

// fail says at the condition why the rule cannot be converted.
func (r *rule) fail(do, format string, args ...any) {
	r.f.Fail(r.condition, "sigma-aggregation", do, format, args...)
}

// warn says what to look at.
func (r *rule) warn(do, format string, args ...any) {
	p, width := yamlfile.Extent(r.condition)
	r.f.Add(p, width, fault.Error{Code: "sigma-aggregation", What: fmt.Sprintf(format, args...), Do: do, Warn: true})
}

// aggregation is a function, its field, by what it groups, and the number.
var aggregation = regexp.MustCompile(`(?i)^(count|min|max|avg|sum)\s*\(\s*([^()\s]*)\s*\)\s*(?:by\s+(.+?)\s*)?(>=|<=|!=|==|>|<|=)\s*(-?[0-9]+(?:\.[0-9]+)?)$`)

// ops are the words of the present for the signs of the past.
var ops = map[string]string{">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "eq", "==": "eq", "!=": "neq"}

// counts converts what counts or computes.
func (r *rule) counts(what, counted string) []string {
	m := aggregation.FindStringSubmatch(counted)
	if m == nil {
		r.fail("write `count() by field > 10`, or the correlation itself", "`%s` is not understood", counted)
		return nil
	}
	// Functions were written in any case.
	function, field := strings.ToLower(m[1]), m[2]
	var by []string
	for name := range strings.FieldsFuncSeq(m[3], func(c rune) bool { return c == ',' || c == ' ' }) {
		if strings.EqualFold(name, "and") || strings.EqualFold(name, "by") {
			continue
		}
		if strings.ContainsAny(name, `'"|<>=`) {
			r.fail("write the names of fields", "`%s` is no name of a field", name)
			return nil
		}
		by = append(by, name)
	}
	// There are no correlations for the least and the most, but each is a percentile.
	kind, more := "", ""
	switch {
	case function == "count" && field == "":
		kind = "event_count"
	case function == "count":
		kind = "value_count"
	case field == "":
		r.fail("name a field in the brackets", "`%s()` is of no field", function)
		return nil
	case function == "sum", function == "avg":
		kind = "value_" + function
	case function == "min": // the least of all is the number that none is below
		kind, more = "value_percentile", "percentile: 0"
	case function == "max":
		kind, more = "value_percentile", "percentile: 100"
	}
	var b strings.Builder
	r.correlation(&b, kind, []string{r.name}, by)
	fmt.Fprintf(&b, "    condition:\n        %s: %s\n", ops[m[4]], m[5])
	if field != "" {
		fmt.Fprintf(&b, "        field: %s\n", scalar(field))
	}
	if more != "" {
		fmt.Fprintf(&b, "        %s\n", more)
	}
	return []string{r.base(r.name, what), r.whole(b.String())}
}

// nearWords are the parts of what stands behind near.
var nearWords = regexp.MustCompile(`[()]|[^\s()]+`)

// near converts what happens near something else: what stands on both sides becomes a rule each.
func (r *rule) near(what, others string) []string {
	// Each side becomes a rule, so that the correlation can name it. They share the searches, of which each takes its own.
	first := r.name + "_first"
	docs := []string{r.base(first, what)}
	names, text, simple := []string{first}, []string{first}, true
	known := map[string]string{}
	text = append(text, "and")
	words := nearWords.FindAllString(others, -1)
	if slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, "of") || strings.Contains(w, "*") }) {
		r.fail("write the names of the searches", "`near %s` is not understood", others)
		return nil
	}
	// What stands before `near` must be there whatever holds behind it.
	opened := anyOf(words)
	if opened {
		text = append(text, "(")
	}
	for _, w := range words {
		switch lower := strings.ToLower(w); {
		case lower == "or" || lower == "not" || w == "(" || w == ")":
			text, simple = append(text, lower), false
		case lower == "and":
			text = append(text, lower)
		case !slices.ContainsFunc(r.detection, func(kv *ast.MappingValueNode) bool { return yamlfile.Key(kv) == w }):
			r.fail("write the names of searches", "there is no search `%s`", w)
			return nil
		default:
			if known[w] == "" {
				known[w] = r.name + "_" + slug(w)
				names = append(names, known[w])
				docs = append(docs, r.base(known[w], w))
			}
			text = append(text, known[w])
		}
	}
	if opened {
		text = append(text, ")")
	}
	if len(names) < 2 {
		r.fail("write `near` and the name of a search", "`near` names nothing")
		return nil
	}
	// The old form left the group to the tool; nothing says which field it would have taken.
	r.warn("add `group-by:` with the field that must be the same, such as Computer", "`near` says no group: events of different machines count together")
	var b strings.Builder
	r.correlation(&b, "temporal", names, nil)
	if !simple {
		fmt.Fprintf(&b, "    condition: %s\n", strings.NewReplacer("( ", "(", " )", ")").Replace(strings.Join(text, " ")))
	}
	return append(docs, r.whole(b.String()))
}

// anyOf tells whether an `or` joins the whole, and not only what stands in brackets.
func anyOf(words []string) bool {
	depth := 0
	for _, w := range words {
		switch {
		case w == "(":
			depth++
		case w == ")":
			depth--
		case depth == 0 && strings.EqualFold(w, "or"):
			return true
		}
	}
	return false
}

// correlation writes the keys that all have.
func (r *rule) correlation(b *strings.Builder, kind string, names, by []string) {
	fmt.Fprintf(b, "correlation:\n    type: %s\n    rules:\n", kind)
	for _, n := range names {
		fmt.Fprintf(b, "        - %s\n", n)
	}
	if len(by) > 0 {
		b.WriteString("    group-by:\n")
		for _, field := range by {
			fmt.Fprintf(b, "        - %s\n", scalar(field))
		}
	}
	fmt.Fprintf(b, "    timespan: %s\n", r.timespan)
}

// plain are texts that YAML reads as they are written.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.\-]*$`)

// scalar writes a name for YAML.
func scalar(s string) string {
	if plain.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// nameOf makes the name of a rule of the name of its file. Of several in a file they have numbers.
func nameOf(file string, before int) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	name := slug(strings.TrimSuffix(base, path.Ext(base)))
	if before > 0 {
		name = fmt.Sprintf("%s_%d", name, before+1)
	}
	return name + "_event"
}

// slug makes a name of small letters, digits and _.
func slug(s string) string {
	s = strings.Trim(strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			return c
		}
		return '_'
	}, strings.ToLower(s)), "_")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		s = "rule_" + s
	}
	return s
}

// idOf makes an id that is the same for the same rule each time it is converted, in the form of a UUID.
func idOf(id, name string) string {
	sum := sha256.Sum256([]byte("weir converts " + id + " " + name))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
