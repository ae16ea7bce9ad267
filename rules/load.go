package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/yamlfile"
)

// eventCondition is the name of a condition that has none.
const eventCondition = "event"

// levels and statuses are the words of Sigma.
var (
	levels   = []string{string(Informational), string(Low), string(Medium), string(High), string(Critical)}
	statuses = []string{"experimental", "test", "stable"}
)

// rule reads one rule; f.Refused() tells afterwards whether it may run.
func (f *source) rule(list []*ast.MappingValueNode) *Rule {
	r := &Rule{File: f.Name, Enabled: true, Fold: Fold{For: time.Hour}}
	if len(list) > 0 {
		p, _ := yamlfile.Extent(list[0])
		r.Line = p.Line
	}
	var level string
	var correlate ast.Node
	f.keys("", list, map[string]func(ast.Node){
		"id":              f.id(&r.ID),
		"title":           f.text("title", &r.Title),
		"title.ko":        f.text("title.ko", &r.TitleKo),
		"level":           f.oneOf("level", levels, &level),
		"status":          f.oneOf("status", statuses, &r.Status),
		"author":          f.text("author", &r.Author),
		"date":            f.text("date", &r.Date),
		"version":         f.integer("version", 1, 1_000_000, &r.Version),
		"description":     f.text("description", &r.Description),
		"tags":            f.texts("tags", &r.Tags),
		"references":      f.texts("references", &r.References),
		"false_positives": f.texts("false_positives", &r.FalsePositives),
		"enabled":         f.boolean("enabled", &r.Enabled),
		"when":            func(n ast.Node) { f.when(r, n) },
		"correlate":       func(n ast.Node) { correlate = n },
		"fold":            func(n ast.Node) { f.fold(r, n) },
		"explain":         f.template("explain", &r.Explain),
		"explain.ko":      f.template("explain.ko", &r.ExplainKo),
		"notify":          f.texts("notify", &r.Notify),
		"logsource":       func(n ast.Node) { f.logSource(r, n) },
		"tests":           func(n ast.Node) { f.tests(r, n) },
	})
	r.Level = Level(level)
	f.required(r, list)
	// Steps name conditions, which may stand below correlate in the file.
	if correlate != nil {
		f.correlate(r, correlate)
		f.folds(r, list)
	} else if len(r.When) > 1 && !f.Refused() {
		f.Add(yamlfile.Place{Line: r.When[1].Line, Col: r.When[1].Col}, 1, fault.Error{Code: "rule-value", What: "the rule has several conditions and nothing that combines them",
			Do: "join them with `or` into one, or add `correlate:`"})
	}
	r.defaults()
	return r
}

// required reports the keys that a rule cannot do without.
func (f *source) required(r *Rule, list []*ast.MappingValueNode) {
	have := map[string]bool{}
	for _, kv := range list {
		have[yamlfile.Key(kv)] = true
	}
	for _, key := range []string{"id", "title", "level", "when"} {
		if !have[key] {
			f.Add(yamlfile.Place{Line: max(r.Line, 1), Col: 1}, 1, fault.Error{Code: "rule-missing-key", What: fmt.Sprintf("the rule has no `%s`", key), Do: example[key]})
		}
	}
}

var example = map[string]string{
	"id": "add `id: my-rule`", "title": "add `title: What it finds`", "level": "add `level: medium`", "when": "add `when: event.outcome == \"failure\"`",
}

// defaults fills in what the file left out, so that nobody else has to know the defaults.
func (r *Rule) defaults() {
	if r.Version == 0 {
		r.Version = 1
	}
	if r.Status == "" {
		r.Status = "stable"
	}
	if r.Explain == "" {
		r.Explain = r.Title
	}
	if r.ExplainKo == "" {
		r.ExplainKo = r.TitleKo
	}
	if r.Fold.By == nil {
		r.Fold.By = []string{"host.name", "source.ip"}
		if r.Correlate != nil {
			r.Fold.By = r.Correlate.By
		}
	}
	// Last of all: it covers the defaults too, so that writing one out changes nothing.
	r.Hash = r.hash()
}

// hash covers everything that changes what the rule matches, and nothing else: state outlives a new title.
func (r *Rule) hash() string {
	h := sha256.New()
	if !r.LogSource.Empty() {
		fmt.Fprintf(h, "logsource %q\n", []string{r.LogSource.Product, r.LogSource.Category, r.LogSource.Service})
	}
	for _, c := range r.When {
		fmt.Fprintf(h, "when %q %q\n", c.Name, c.Expr)
	}
	if c := r.Correlate; c != nil {
		fmt.Fprintf(h, "correlate %q %v %q %d\n", c.Kind, c.Steps, c.By, c.Within)
	}
	fmt.Fprintf(h, "fold %q %d\n", r.Fold.By, r.Fold.For)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// id reads the rule's id, which becomes part of alert ids, file names and addresses.
func (f *source) id(into *string) func(ast.Node) {
	return func(n ast.Node) {
		s, _ := yamlfile.Text(n)
		ok := s != "" && len(s) <= 100
		for i := 0; i < len(s) && ok; i++ {
			c := s[i]
			// Ids become file names, addresses and keys of state: nothing that any of them treats in a way of its own.
			alnum := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
			ok = alnum || i > 0 && (c == '-' || c == '_' || c == '.')
		}
		if !ok {
			f.Fail(n, "rule-value", "write small letters, digits and -, such as `ssh-brute-force`", "`%s` cannot be an id", s)
			return
		}
		*into = s
	}
}

// logSource reads which events the rule is for, in the words of Sigma.
func (f *source) logSource(r *Rule, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok || len(list) == 0 {
		f.Fail(n, "rule-value", "write logsource: {product: linux, service: sshd}", "`logsource` needs a product, a category or a service")
		return
	}
	f.keys(" in logsource", list, map[string]func(ast.Node){
		"product":  f.text("product", &r.LogSource.Product),
		"category": f.text("category", &r.LogSource.Category),
		"service":  f.text("service", &r.LogSource.Service),
	})
}

// when reads one condition or a mapping of named ones.
func (f *source) when(r *Rule, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.condition(r, eventCondition, n)
		return
	}
	if len(list) == 0 {
		f.Fail(n, "rule-value", "", "`when` has no condition")
	}
	seen := map[string]bool{}
	for _, kv := range list {
		name := yamlfile.Key(kv)
		switch {
		case seen[name]:
			f.Fail(kv, "rule-duplicate-key", "give one of them another name", "the condition `%s` is there twice", name)
		case !isName(name):
			f.Fail(kv, "rule-value", "write letters, digits and _", "`%s` cannot be the name of a condition", name)
		default:
			seen[name] = true
			f.condition(r, name, kv.Value)
		}
	}
}

// isName tells whether a condition may be called s: letters of any script, digits and _, so that names stand unquoted in
// flow mappings and in messages.
func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') && c < 0x80 {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// condition reads one expression and compiles it, to know now whether it can run.
func (f *source) condition(r *Rule, name string, n ast.Node) {
	text, ok := yamlfile.Text(n)
	if !ok {
		f.Fail(n, "rule-value", "write an expression such as event.outcome == \"failure\"", "the condition `%s` is no expression", name)
		return
	}
	// Compiling is the dear part of a load, so it is bounded over the file and told once.
	if f.conds++; f.conds > maxConditions {
		if f.conds == maxConditions+1 {
			f.Fail(n, "rule-too-large", "split the file", "the file has more than %d conditions", maxConditions)
		}
		f.Refuse()
		return
	}
	s := f.Scalar(text, n)
	// Where the expression begins, past the blanks that a block or quotes put before it.
	start := s.Rune(len([]rune(text)) - len([]rune(strings.TrimLeft(text, " \t\n"))))
	c, err := match.Compiler{Lists: f.opts.Lists}.Compile(text)
	if err != nil {
		f.exprFault(s, err)
		return
	}
	// Warnings come before the rule is known to run: they are true of it either way.
	for _, w := range c.Warnings() {
		f.exprFault(s, w)
	}
	r.When = append(r.When, Condition{Name: name, Expr: strings.TrimSpace(text), Line: start.Line, Col: start.Col})
}

// exprFault turns a mistake in an expression into a fault at its place in the file.
func (f *source) exprFault(s yamlfile.Scalar, err error) {
	me, ok := errors.AsType[*match.Error](err)
	if !ok {
		f.Add(s.LineCol(1, 1), 1, fault.Error{Code: "rule-expr", What: err.Error()})
		return
	}
	// Syntax has one slug in rules, whatever part of the compiler found it.
	code := me.Code
	if !me.Warn && !strings.HasPrefix(code, "rule-") {
		code = "rule-expr"
	}
	f.Add(s.LineCol(me.Line, me.Col), me.Width, fault.Error{Code: code, What: me.Msg, Why: me.Why, Do: me.Do, Warn: me.Warn})
}

// folds refuses to fold by a field that a correlation does not group by: its groups hold nothing else.
func (f *source) folds(r *Rule, list []*ast.MappingValueNode) {
	for _, path := range r.Fold.By {
		if f.Refused() || slices.Contains(r.Correlate.By, path) {
			continue
		}
		for _, kv := range list {
			if yamlfile.Key(kv) == "fold" {
				f.Fail(kv, "rule-value", "add it to `by` of correlate, or fold by fewer fields", "`fold` names %s, by which `correlate` does not group", path)
			}
		}
	}
}

// fold reads how alerts are joined.
func (f *source) fold(r *Rule, n ast.Node) {
	list, ok := yamlfile.Mapping(n)
	if !ok {
		f.Fail(n, "rule-value", "write fold: {by: [source.ip], for: 1h}", "`fold` needs keys")
		return
	}
	f.keys(" in fold", list, map[string]func(ast.Node){
		"by":  f.paths("by", &r.Fold.By),
		"for": f.duration("for", &r.Fold.For),
	})
}
