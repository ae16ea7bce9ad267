// Package writing has the steps of formats that write places.
package writing

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/convert"
	"weir/processors/parse/format/expression"
	"weir/processors/parse/format/step"
	"weir/rules/yamlfile"
)

// Kinds are the steps that write places.
func Kinds() []step.Kind {
	const writing = "writing"
	change := func(name, about string, fn func(string) string) step.Kind {
		return step.Kind{Name: name, Group: writing, Takes: "places", About: about, Compile: compileChange(fn)}
	}
	return []step.Kind{
		{Name: "set", Group: writing, Takes: "place: value", About: "writes a constant or a text with {{place}} in it", Compile: compileSet(false)},
		{Name: "default", Group: writing, Takes: "place: value", About: "as set, where the place has no value yet", Compile: compileSet(true)},
		{Name: "copy", Group: writing, Takes: "source: target", About: "copies a value to a place or several", Compile: compileCopy(false)},
		{Name: "move", Group: writing, Takes: "source: target", About: "as copy, and removes the source", Compile: compileCopy(true)},
		{Name: "eval", Group: writing, Takes: "place: expression", About: "writes the value of an expression", Compile: compileEval},
		{Name: "append", Group: writing, Takes: "place: value", About: "adds to a list what is not in it: constants, texts with {{place}}, lists of them", Compile: compileAppend},
		{Name: "remove", Group: writing, Takes: "places", About: "removes values", Compile: compileRemove},
		{Name: "convert", Group: writing, Takes: "place: type", About: "changes the type of a value: int, float, bool, string, ip, mac, hex, upper, lower, trim, list", Compile: compileConvert},
		change("lower", "makes small letters", strings.ToLower),
		change("upper", "makes capital letters", strings.ToUpper),
		change("trim", "cuts blanks off both ends", strings.TrimSpace),
		change("urldecode", "decodes %20 and + of URLs", convert.URL),
		{Name: "replace", Group: writing, Takes: "place: pairs", About: "replaces what regular expressions find: place: [[regex, replacement], ...]", Compile: compileReplace},
		{Name: "split", Group: writing, Takes: "place: text", About: "makes a list of a text", Compile: compileSplit},
		{Name: "join", Group: writing, Takes: "place: text", About: "makes a text of a list", Compile: compileJoin},
		{Name: "lookup", Group: writing, Takes: "keys", About: "finds a value in a table", Compile: compileLookup,
			Keys: []step.Key{must("from", "place", "what is looked up"), key("to", "place", "where the value goes; left out where the table's first row names places"), must("table", "table", "keys and values, or the name of a CSV file"),
				key("else", "value", "the value of what is not in the table"), key("fold", "flag", "capital letters do not count")}},
		{Name: "choose", Group: writing, Takes: "keys", About: "writes several places by one value", Compile: compileChoose,
			Keys: []step.Key{must("on", "expression", "a place, or an expression in parentheses"), key("fold", "flag", "capital letters do not count"), must("cases", "cases", "value: {place: value}; a|b are alternatives"), key("else", "place: value", "for any other value")}},
		{Name: "date", Group: writing, Takes: "keys", About: "reads a time", Compile: compileDate,
			Keys: []step.Key{must("from", "places", "one place, or several that are joined by a blank"), key("to", "place", "@timestamp if left out"), key("layouts", "texts", "ISO8601, UNIX, UNIX_MS, UNIX_US, UNIX_NS, RFC3164, HTTP, or letters as in Java: yyyy-MM-dd HH:mm:ss"), key("zone", "text", "a zone, or a place that has one, for times without")}},
		{Name: "uri", Group: writing, Takes: "keys", About: "takes a URL apart", Compile: compileURI,
			Keys: []step.Key{must("from", "place", "the URL"), key("to", "text", "below which the parts go; url if left out")}},
		{Name: "domain", Group: writing, Takes: "keys", About: "takes a domain name apart by the public suffix list", Compile: compileDomain,
			Keys: []step.Key{must("from", "place", "the name"), must("to", "text", "below which registered_domain, top_level_domain and subdomain go")}},
		{Name: "address", Group: writing, Takes: "source: target", About: "writes address, and ip or domain, and port, below the target", Compile: compileAddress},
		{Name: "dump", Group: writing, Takes: "keys", About: "writes every member of a tree below the vendor's root", Compile: compileDump,
			Keys: []step.Key{must("from", "place", "the tree"), must("to", "place", "below which they go"), key("names", "text", "how names are written: asis, lower, snake"), key("except", "texts", "paths within the tree that are left out")}},
	}
}

// setOp are the steps set and default.
type setOp struct {
	list   []step.Assign
	absent bool
}

// compileSet compiles set, and default, which leaves alone what has a value.
// compileSet compiles set, or default where absent is true.
func compileSet(absent bool) func(*step.Compiler, ast.Node) step.Op {
	return func(c *step.Compiler, n ast.Node) step.Op { return &setOp{c.Assigns("set", n), absent} }
}

// Run writes the values in the order of the file, so that a later one may have an earlier place in it.
// Run writes the places in the order of the file, so that a later one can use what an earlier one wrote.
func (o *setOp) Run(m *step.Machine) error {
	for i := range o.list {
		a := &o.list[i]
		if o.absent && m.Has(a.To) {
			continue
		}
		m.Put(a.To, a.Value.Eval(m))
	}
	return nil
}

// copyOp are the steps copy and move.
type copyOp struct {
	list []copying
	move bool
}

// copying is one source and where it goes.
type copying struct {
	from *step.Place
	to   []*step.Place
}

// compileCopy compiles copy and move. Their sources may be names that only a document of an agent can have.
// compileCopy compiles copy or move.
func compileCopy(move bool) func(*step.Compiler, ast.Node) step.Op {
	return func(c *step.Compiler, n ast.Node) step.Op {
		o := &copyOp{move: move}
		c.Map("copy", n, func(kv *ast.MappingValueNode) {
			from := c.Source(kv.Key, yamlfile.Key(kv))
			if to := c.WritesAll(kv.Value); from != nil && len(to) > 0 {
				o.list = append(o.list, copying{from, to})
			}
		})
		return o
	}
}

// Run copies what is there. A moved source is removed first: its target may lie below it.
// Run copies what is there. A tree is shared by source and target, which is safe: no step changes a value, each makes a new one.
func (o *copyOp) Run(m *step.Machine) error {
	for i := range o.list {
		x := &o.list[i]
		v := m.Get(x.from)
		if v.Kind() == event.Absent {
			continue
		}
		if o.move {
			m.Remove(x.from)
		}
		for _, to := range x.to {
			m.Put(to, v)
		}
	}
	return nil
}

// evalOp is the step eval.
type evalOp struct {
	to   []*step.Place
	expr []*expression.Program
}

// compileEval compiles the expressions; their places are slots from then on.
// compileEval compiles the step eval.
func compileEval(c *step.Compiler, n ast.Node) step.Op {
	o := &evalOp{}
	c.Map("eval", n, func(kv *ast.MappingValueNode) {
		to := c.WritesKey(kv)
		if p := c.Expr(kv.Value); p != nil && to != nil {
			o.to, o.expr = append(o.to, to), append(o.expr, p)
		}
	})
	return o
}

// Run writes the values. One that cannot be calculated is absent, and then nothing is written.
// Run writes the values of the expressions. An expression never fails: what has no value is nothing, and nothing is not written.
func (o *evalOp) Run(m *step.Machine) error {
	for i, to := range o.to {
		m.Put(to, o.expr[i].Eval(m))
	}
	return nil
}

// appendOp is the step append.
type appendOp struct{ list []step.Assign }

// compileAppend compiles the values, constants or texts with places in them, or lists of such.
// compileAppend compiles the step append.
func compileAppend(c *step.Compiler, n ast.Node) step.Op { return &appendOp{c.Assigns("append", n)} }

// Run adds each item of each value by itself, so a list within a place becomes items, not a list in a list.
// Run adds each value, and each item of a list, that is not there yet.
func (o *appendOp) Run(m *step.Machine) error {
	for i := range o.list {
		v := o.list[i].Value.Eval(m)
		for j := range items(v) {
			appendTo(m, o.list[i].To, v.Item(j))
		}
	}
	return nil
}

// appendTo adds a value to the list at a place unless it is there.
func appendTo(m *step.Machine, p *step.Place, v event.Value) {
	switch v.Kind() {
	case event.Absent, event.Null:
		return
	case event.String:
		if m.Nothing(v.Str()) {
			return
		}
	}
	old := m.Get(p)
	n := items(old)
	if n == 0 {
		if p.List() {
			v = event.Items(append(m.Take(1), v)...)
		}
		m.Store(p, v)
		return
	}
	list := m.Take(n + 1)
	for i := range n {
		it := old.Item(i)
		if same(it, v) {
			return
		}
		list = append(list, it)
	}
	m.Store(p, event.Items(append(list, v)...))
}

// items is how many items a value has as a list: an object is one, however many members it has.
func items(v event.Value) int {
	switch v.Kind() {
	case event.List:
		return v.Len()
	case event.Absent, event.Null:
		return 0
	}
	return 1
}

// same tells whether two values are written alike.
func same(a, b event.Value) bool {
	if a.Kind() == event.String && b.Kind() == event.String {
		return a.Str() == b.Str()
	}
	return a.Kind() == b.Kind() && a.Text() == b.Text()
}

// removeOp is the step remove.
type removeOp struct{ list []*step.Place }

// compileRemove takes any name, also those of which no list knows: what is not there need not be removed.
// compileRemove compiles the step remove. It may name what only an agent's document has.
func compileRemove(c *step.Compiler, n ast.Node) step.Op {
	o := &removeOp{}
	for _, it := range step.ListOf(n) {
		text, _ := yamlfile.Text(it)
		if p := c.Source(it, text); p != nil {
			o.list = append(o.list, p)
		}
	}
	return o
}

// Run removes what is there.
// Run removes what is there; what is not is no failure.
func (o *removeOp) Run(m *step.Machine) error {
	for _, p := range o.list {
		m.Remove(p)
	}
	return nil
}

// changeOp are the steps that make another text of a text: lower, upper, trim, urldecode.
type changeOp struct {
	list []*step.Place
	fn   func(string) string
}

// compileChange compiles the steps that differ in what they do to a text only.
func compileChange(fn func(string) string) func(*step.Compiler, ast.Node) step.Op {
	return func(c *step.Compiler, n ast.Node) step.Op { return &changeOp{c.WritesAll(n), fn} }
}

// Run changes each place; a number or an object has no letters and stays.
func (o *changeOp) Run(m *step.Machine) error {
	for _, p := range o.list {
		change(m, p, o.fn)
	}
	return nil
}

// change makes another text of each text at a place. What becomes nothing is removed.
func change(m *step.Machine, p *step.Place, fn func(string) string) {
	v := m.Get(p)
	switch v.Kind() {
	case event.String:
		s := fn(v.Str())
		if s == v.Str() {
			return
		}
		if !m.PutText(p, s) {
			m.Remove(p)
		}
	case event.List:
		list := m.Take(v.Len())
		for i := range v.Len() {
			it := v.Item(i)
			if it.Kind() == event.String {
				it = event.Str(fn(it.Str()))
			}
			list = append(list, it)
		}
		m.Store(p, event.Items(list...))
	}
}

// replaceOp is the step replace.
type replaceOp struct{ list []replacing }

// replacing is one place and what is done to it, in order.
type replacing struct {
	at    *step.Place
	pairs []replacement
}

// replacement is a pattern and the text that takes the place of what it finds; $1 is its first group.
type replacement struct {
	re   *regexp.Regexp
	text string
}

// compileReplace compiles the patterns, which are RE2: none can take longer than in proportion to the text.
// compileReplace compiles the step replace. Expressions are those of RE2: whatever a message is, they take time linear in its length.
func compileReplace(c *step.Compiler, n ast.Node) step.Op {
	o := &replaceOp{}
	c.Map("replace", n, func(kv *ast.MappingValueNode) {
		r := replacing{at: c.WritesKey(kv)}
		items := step.ListOf(kv.Value)
		if len(items) == 2 { // one pair without a list around it
			if _, ok := yamlfile.Text(items[0]); ok {
				items = []ast.Node{kv.Value}
			}
		}
		for _, it := range items {
			pair := step.ListOf(it)
			var texts []string
			c.Texts("replace", &texts)(it)
			if len(texts) != 2 {
				c.Refuse(it, `write place: [["regex", "replacement"]]`, "`replace` needs pairs of a regular expression and a text")
				continue
			}
			re, err := regexp.Compile(texts[0])
			if err != nil {
				c.PatternFault(pair[0], texts[0], err)
				continue
			}
			r.pairs = append(r.pairs, replacement{re, texts[1]})
		}
		if r.at != nil {
			o.list = append(o.list, r)
		}
	})
	return o
}

// Run replaces pattern by pattern, each over what the one before has left.
// Run replaces in each text, one pair after the other.
func (o *replaceOp) Run(m *step.Machine) error {
	for i := range o.list {
		r := &o.list[i]
		change(m, r.at, func(s string) string {
			for _, p := range r.pairs {
				s = p.re.ReplaceAllString(s, p.text)
			}
			return s
		})
	}
	return nil
}

// cutOp are the steps split and join.
type cutOp struct {
	at   []*step.Place
	by   []string
	join bool
}

func compileSplit(c *step.Compiler, n ast.Node) step.Op { return cut(c, "split", n, false) }

func compileJoin(c *step.Compiler, n ast.Node) step.Op { return cut(c, "join", n, true) }

// cut compiles both: they differ in the direction only.
func cut(c *step.Compiler, what string, n ast.Node, join bool) step.Op {
	o := &cutOp{join: join}
	c.Map(what, n, func(kv *ast.MappingValueNode) {
		by, ok := yamlfile.Text(kv.Value)
		if !ok || by == "" && !join {
			c.Refuse(kv.Value, "write place: ','", "`%s` needs what separates", what)
			return
		}
		if at := c.WritesKey(kv); at != nil {
			o.at, o.by = append(o.at, at), append(o.by, by)
		}
	})
	return o
}

// Run makes a list of a text, without blanks around its items and without those that mean nothing, or a text of a list. What is
// the other thing already stays.
// Run cuts texts and joins lists. What is neither stays as it is: split of a list and join of a text have nothing to do.
func (o *cutOp) Run(m *step.Machine) error {
	for i, at := range o.at {
		v := m.Get(at)
		switch {
		case o.join && v.Kind() == event.List:
			m.PutText(at, m.Build(func(b []byte) []byte {
				for j := range v.Len() {
					if j > 0 {
						b = append(b, o.by[i]...)
					}
					b = v.Item(j).AppendText(b)
				}
				return b
			}))
		case !o.join && v.Kind() == event.String:
			list := m.Take(strings.Count(v.Str(), o.by[i]) + 1)
			for part := range strings.SplitSeq(v.Str(), o.by[i]) {
				if part = strings.TrimSpace(part); !m.Nothing(part) {
					list = append(list, event.Str(part))
				}
			}
			if len(list) == 0 {
				m.Remove(at)
			} else {
				m.Store(at, event.Items(list...))
			}
		}
	}
	return nil
}

// convertOp is the step convert.
type convertOp struct {
	at []*step.Place
	to []string
}

// compileConvert takes the words that package convert knows.
// compileConvert compiles the step convert.
func compileConvert(c *step.Compiler, n ast.Node) step.Op {
	o := &convertOp{}
	c.Map("convert", n, func(kv *ast.MappingValueNode) {
		var to string
		c.OneOf("convert", &to, convert.Words()...)(kv.Value)
		if at := c.WritesKey(kv); at != nil && to != "" {
			o.at, o.to = append(o.at, at), append(o.to, to)
		}
	})
	return o
}

// Run converts each place; what does not convert stays, and the first of them is the failure.
func (o *convertOp) Run(m *step.Machine) error {
	var failed error
	for i, at := range o.at {
		v := m.Get(at)
		if v.Kind() == event.Absent || v.Kind() == event.Null {
			continue
		}
		if out, ok := converted(m, o.to[i], v); ok {
			m.Put(at, out)
		} else if failed == nil {
			failed = step.Failed(at.Path, "the value is no "+o.to[i])
		}
	}
	return failed
}

// converted converts a value or each item of a list.
func converted(m *step.Machine, to string, v event.Value) (event.Value, bool) {
	if to == "list" {
		if v.Kind() == event.List {
			return v, true
		}
		return event.Items(append(m.Take(1), v)...), true
	}
	if v.Kind() != event.List {
		return convert.To(to, v)
	}
	list := m.Take(v.Len())
	for i := range v.Len() {
		it, ok := convert.To(to, v.Item(i))
		if !ok {
			return v, false
		}
		list = append(list, it)
	}
	return event.Items(list...), true
}

// key and must make the rows of a kind's keys; a step cannot do without those of must.
func key(name, takes, about string) step.Key { return step.Key{Name: name, Takes: takes, About: about} }

func must(name, takes, about string) step.Key {
	return step.Key{Name: name, Required: true, Takes: takes, About: about}
}
