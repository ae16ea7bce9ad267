package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
	"weir/internal/match"
	"weir/rules/keys"
	"weir/rules/yamlfile"
)

// eventCondition is the name of a condition that has none.
const eventCondition = "event"

// defaultFold are the fields by which alerts of a rule without correlation are joined.
var defaultFold = []string{"host.name", "source.ip"}

// maxLabels bounds the labels of a rule: they go into every alert.
const maxLabels = 50

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
	var texts []func()
	f.names = nil
	f.Keys("", list, map[string]func(ast.Node){
		"id":              f.id(&r.ID),
		"title":           f.Text("title", &r.Title),
		"title.ko":        f.Text("title.ko", &r.TitleKo),
		"level":           f.OneOf("level", levels, &level),
		"status":          f.OneOf("status", statuses, &r.Status),
		"author":          f.Text("author", &r.Author),
		"date":            f.Text("date", &r.Date),
		"version":         f.Integer("version", 1, 1_000_000, &r.Version),
		"description":     f.Text("description", &r.Description),
		"tags":            f.Texts("tags", &r.Tags),
		"references":      f.Texts("references", &r.References),
		"false_positives": f.Texts("false_positives", &r.FalsePositives),
		"enabled":         f.Boolean("enabled", &r.Enabled),
		"when":            func(n ast.Node) { f.when(r, n) },
		"correlate":       func(n ast.Node) { correlate = n },
		"fold":            func(n ast.Node) { f.fold(r, n) },
		"suppress":        func(n ast.Node) { f.suppress(r, n) },
		"labels":          f.labels(r),
		// They may name what stands below correlate, which is read last.
		"explain":    func(n ast.Node) { texts = append(texts, func() { f.template("explain", r, &r.Explain)(n) }) },
		"explain.ko": func(n ast.Node) { texts = append(texts, func() { f.template("explain.ko", r, &r.ExplainKo)(n) }) },
		"notify":     f.Texts("notify", &r.Notify),
		"logsource":  func(n ast.Node) { f.logSource(r, n) },
		"tests":      func(n ast.Node) { f.tests(r, n) },
	})
	r.Level = Level(level)
	f.required(r, list)
	// Steps name conditions, which may stand below correlate in the file.
	if correlate != nil {
		f.correlate(r, correlate)
	} else {
		f.combined(r)
	}
	f.folds(r, list)
	f.known(r)
	for _, read := range texts {
		read()
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
		r.Fold.By = defaultFold
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
		fmt.Fprintf(h, "when %q %q", c.Name, c.Expr)
		if c.LogSource != nil {
			fmt.Fprintf(h, " %q", []string{c.LogSource.Product, c.LogSource.Category, c.LogSource.Service})
		}
		fmt.Fprintln(h)
	}
	if c := r.Correlate; c != nil {
		_, _ = c.WriteTo(h) // a hash takes everything
	}
	fmt.Fprintf(h, "fold %q %d\n", r.Fold.By, r.Fold.For)
	if s := r.Suppress; s != nil {
		fmt.Fprintf(h, "suppress %q %d\n", s.By, s.For)
	}
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
	f.Keys(" in logsource", list, map[string]func(ast.Node){
		"product":  f.Text("product", &r.LogSource.Product),
		"category": f.Text("category", &r.LogSource.Category),
		"service":  f.Text("service", &r.LogSource.Service),
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
		case !keys.IsName(name):
			f.Fail(kv, "rule-value", "write letters, digits and _", "`%s` cannot be the name of a condition", name)
		default:
			seen[name] = true
			f.condition(r, name, kv.Value)
		}
	}
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
