// Package reading has the steps of formats that take a text apart.
package reading

import (
	"errors"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors"
	"weir/processors/parse/format/convert"
	"weir/processors/parse/format/csvline"
	"weir/processors/parse/format/pattern"
	"weir/processors/parse/format/step"
	"weir/processors/parse/format/xmltree"
	"weir/processors/parse/header"
	"weir/rules/yamlfile"
)

// from is the key that most reading steps have.
var from = step.Key{Name: "from", Takes: "place", About: "what is read; message if left out"}

// Kinds are the steps that take a text apart.
func Kinds() []step.Kind {
	const reading = "reading"
	return []step.Kind{
		{Name: "dissect", Group: reading, Takes: "text or keys", About: "cuts a text at fixed delimiters: '%{source.ip}:%{source.port} %{}'", Compile: compileDissect,
			Keys: []step.Key{from, key("pattern", "text", "%{place} with delimiters between; %{?x} and %{} skip, %{+x} appends, %{x->} takes more of the delimiter"), key("patterns", "texts", "the first that fits")}},
		{Name: "grok", Group: reading, Takes: "text or keys", About: "takes a text apart by a regular expression (RE2) with names", Compile: compileGrok,
			Keys: []step.Key{from, key("pattern", "text", "one pattern, in place of patterns"), key("patterns", "texts", "%{NAME:place:type} or (?<place>...); the first that matches; types int, long, float, boolean, ip"), key("definitions", "texts by name", "own names")}},
		{Name: "kv", Group: reading, Takes: "keys", About: "reads key=value pairs", Compile: compileKV,
			Keys: []step.Key{from, key("pairs", "texts", "what separates pairs: a blank; /.../ is a regular expression"), key("value", "texts", "what separates key and value: ="),
				key("quote", "letter", "what encloses values: \""), key("escape", "letter", "what takes its meaning from a quote"), key("trim", "text", "what is cut off keys and values"),
				key("fields", "places by key", "where the value of a key goes: a place, a list of places, ~ for nowhere"), key("rest", "place", "below which all other keys go; ~ for nowhere"),
				key("names", "text", "how keys below rest are written: asis, lower, snake"), key("lazy", "flag", "a value without quotes goes on over words that have no value of their own")}},
		{Name: "csv", Group: reading, Takes: "keys", About: "reads a line of separated values", Compile: compileCSV,
			Keys: []step.Key{from, key("separator", "letter", "a comma"), key("quote", "letter", "\""), must("columns", "places", "one a column; _ or ~ for nowhere"), key("rest", "place", "a list of what is behind the last column")}},
		{Name: "json", Group: reading, Takes: "keys", About: "reads a JSON value into a tree", Compile: compileTree((*step.Machine).JSON, "_json"),
			Keys: []step.Key{from, key("to", "place", "_json if left out")}},
		{Name: "xml", Group: reading, Takes: "keys", About: "reads an XML document into a tree", Compile: compileTree(parseXML, "_xml"),
			Keys: []step.Key{from, key("to", "place", "_xml if left out")}},
		{Name: "syslog", Group: reading, Takes: "keys", About: "reads a syslog header at the start of a text: priority, host, program, pid, msgid, time, message, data.ID.PARAM", Compile: compileSyslog,
			Keys: []step.Key{from, key("to", "place", "_syslog if left out")}},
		{Name: "call", Group: reading, Takes: "text or keys", About: "runs a reader that is written in Go", Compile: compileCall,
			Keys: []step.Key{must("name", "text", "its name"), from}},
	}
}

// dissectOp is the step dissect.
type dissectOp struct {
	from     *step.Place
	patterns []dissecting
}

// dissecting is one pattern with the places of its names.
type dissecting struct {
	*pattern.Dissect
	to []*step.Place
}

// compileDissect takes one pattern as a text, several as a list, or the keys. The places of all names are resolved here, so a typo
// in a pattern is told with its line.
// compileDissect compiles the step dissect: one pattern, a list of them, or keys.
func compileDissect(c *step.Compiler, n ast.Node) step.Op {
	o := &dissectOp{from: c.Message()}
	var one, list []ast.Node
	if _, isText := yamlfile.Text(n); isText {
		one = []ast.Node{n}
	} else if seq, ok := n.(*ast.SequenceNode); ok {
		list = seq.Values
	} else if !c.Keys("dissect", n, map[string]func(ast.Node){
		"from":     func(n ast.Node) { o.from = c.Reads(n) },
		"pattern":  func(n ast.Node) { one = step.ListOf(n) },
		"patterns": func(n ast.Node) { list = step.ListOf(n) },
	}) {
		return nil
	}
	for _, it := range append(one, list...) {
		src, ok := yamlfile.Text(it)
		if !ok {
			c.Refuse(it, "", "a pattern is a text")
			continue
		}
		d, err := pattern.CompileDissect(src)
		if err != nil {
			c.PatternFault(it, src, err)
			continue
		}
		p := dissecting{Dissect: d}
		for _, name := range d.Names() {
			to := c.At(it, name)
			c.Fills(it, to)
			p.to = append(p.to, to)
		}
		o.patterns = append(o.patterns, p)
	}
	if len(o.patterns) == 0 && !c.Refused() {
		c.Refuse(n, "add `pattern:`", "`dissect` has no pattern")
	}
	return o
}

// errNoFit is why dissect and grok fail.
const errNoFit = "the text does not fit the pattern"

// Run tries the patterns in order and writes nothing before one has fitted as a whole.
// Run tries the patterns in order. A pattern that does not fit has written nothing: its parts wait in the machine until it is known to.
// They alias the text, which lives as long as the event.
func (o *dissectOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	for i := range o.patterns {
		p := &o.patterns[i]
		out := m.Out(len(p.to))
		if !p.Match(s, out) {
			continue
		}
		for j, to := range p.to {
			m.PutText(to, out[j])
		}
		return nil
	}
	return step.Failed(o.from.Path, errNoFit)
}

// grokOp is the step grok.
type grokOp struct {
	from *step.Place
	grok *pattern.Grok
	to   []*step.Place
}

// compileGrok compiles the patterns to RE2, with the shipped names and those of the step. What RE2 has not, such as looking ahead,
// is a fault with its column.
// compileGrok compiles the step grok. All its patterns are one program with one list of names.
func compileGrok(c *step.Compiler, n ast.Node) step.Op {
	o := &grokOp{from: c.Message()}
	var patterns []string
	var nodes []ast.Node
	take := func(n ast.Node) {
		nodes = append(nodes, step.ListOf(n)...)
		c.Texts("patterns", &patterns)(n)
	}
	defs := map[string]string{}
	if _, isMap := yamlfile.Mapping(n); !isMap {
		take(n)
	} else {
		c.Keys("grok", n, map[string]func(ast.Node){
			"from": func(n ast.Node) { o.from = c.Reads(n) }, "patterns": take, "pattern": take,
			"definitions": func(n ast.Node) {
				list, _ := yamlfile.Mapping(n)
				for _, kv := range list {
					defs[yamlfile.Key(kv)], _ = yamlfile.Text(kv.Value)
				}
			},
		})
	}
	if len(patterns) == 0 {
		c.Refuse(n, "add `patterns:`", "`grok` has no pattern")
	}
	if len(patterns) != len(nodes) || len(patterns) == 0 {
		return nil
	}
	g, err := pattern.CompileGrok(patterns, defs)
	if err != nil {
		at, text := n, ""
		if e, ok := errors.AsType[*pattern.Error](err); ok {
			for i, p := range patterns {
				if p == e.Pattern {
					at, text = nodes[i], p
				}
			}
		}
		c.PatternFault(at, text, err)
		return nil
	}
	o.grok = g
	for _, capture := range g.Names() {
		p := c.At(nodes[0], capture.Name)
		c.Fills(nodes[0], p)
		o.to = append(o.to, p)
	}
	return o
}

// Run writes what the first pattern that matches has captured. A text that does not convert to its type is written as it is, for
// Conform to judge; only what should be an address and is none is left out.
// Run writes the parts of the first pattern that matches. A part that is not of its type stays a text, for Conform to judge, but for an
// address: a text is none, and would be no value of the field.
func (o *grokOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	out := m.Out(len(o.to))
	if _, ok := o.grok.Match(s, out); !ok {
		return step.Failed(o.from.Path, errNoFit)
	}
	for i, capture := range o.grok.Names() {
		if out[i] == "" {
			continue
		}
		if capture.Type == "" {
			m.PutText(o.to[i], out[i])
		} else if v, ok := convert.To(capture.Type, event.Str(out[i])); ok {
			m.Put(o.to[i], v)
		} else if capture.Type != "ip" {
			m.PutText(o.to[i], out[i])
		}
	}
	return nil
}

// csvOp is the step csv.
type csvOp struct {
	from, rest *step.Place
	separator  byte
	quote      byte
	columns    []*step.Place // nil: nowhere
	state      int
}

// compileCSV resolves a place for each column; _ and ~ have none.
// compileCSV compiles the step csv.
func compileCSV(c *step.Compiler, n ast.Node) step.Op {
	o := &csvOp{from: c.Message(), separator: ',', quote: '"'}
	c.Keys("csv", n, map[string]func(ast.Node){
		"from": func(n ast.Node) { o.from = c.Reads(n) }, "separator": c.Char("separator", &o.separator), "quote": c.Char("quote", &o.quote),
		"rest": func(n ast.Node) { o.rest = c.Writes(n) },
		"columns": func(n ast.Node) {
			for _, it := range step.ListOf(n) {
				if s, _ := yamlfile.Text(it); s == "_" || step.IsNull(it) {
					o.columns = append(o.columns, nil)
				} else {
					o.columns = append(o.columns, c.Writes(it))
				}
			}
		},
	})
	if len(o.columns) == 0 {
		c.Refuse(n, "add `columns: [...]`", "`csv` has no columns")
	}
	if o.separator == 0 {
		c.Refuse(n, "", "`separator` is empty")
	}
	o.state = c.KeepsState()
	return o
}

// cells is what a machine keeps for one step csv.
type cells struct {
	list   []string
	quoted []byte
}

// Run writes the cells that are there: a line with fewer than there are columns is no failure, as devices append columns with
// every version.
// Run writes the cells of a line. Cells alias the line, but for those with doubled quotes, which are in memory that the machine keeps for
// this step.
func (o *csvOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	state := m.State(o.state)
	c, _ := (*state).(*cells)
	if c == nil {
		c = &cells{}
		*state = c
	}
	var err error
	if c.list, err = csvline.Split(c.list[:0], s, o.separator, o.quote, &c.quoted); err != nil {
		return step.Failed(o.from.Path, err.Error())
	}
	known := min(len(c.list), len(o.columns))
	for i, cell := range c.list[:known] {
		if to := o.columns[i]; to != nil {
			m.PutText(to, cell)
		}
	}
	if o.rest != nil && len(c.list) > known {
		rest := m.Take(len(c.list) - known)
		for _, cell := range c.list[known:] {
			rest = append(rest, event.Str(cell))
		}
		m.Put(o.rest, event.Items(rest...))
	}
	clear(c.list)
	return nil
}

// treeOp are the steps json and xml.
type treeOp struct {
	from, to *step.Place
	parse    func(m *step.Machine, s string) (event.Value, error)
}

// parseXML reads without entities and within bounds: what a bomb would make is refused there.
// parseXML is the reader of xml in the form of that of json. Its values are its own, not the machine's.
func parseXML(_ *step.Machine, s string) (event.Value, error) { return xmltree.Parse(s) }

// compileTree compiles json and xml, which differ in the parser and in where the tree goes by default.
// compileTree compiles json and xml, which differ in the reader alone.
func compileTree(parse func(*step.Machine, string) (event.Value, error), to string) func(*step.Compiler, ast.Node) step.Op {
	return func(c *step.Compiler, n ast.Node) step.Op {
		o := &treeOp{from: c.Message(), parse: parse}
		fromTo(c, n, &o.from, &o.to, to)
		return o
	}
}

// fromTo reads the two keys that steps have which make a tree of a text.
func fromTo(c *step.Compiler, n ast.Node, from, to **step.Place, otherwise string) {
	if !step.IsNull(n) {
		c.Keys("the step", n, map[string]func(ast.Node){
			"from": func(n ast.Node) { *from = c.Reads(n) }, "to": func(n ast.Node) { *to = c.Writes(n) },
		})
	}
	if *to == nil {
		*to = c.Scratch(otherwise)
	}
}

// Run reads the whole text. A tree is scratch mostly, so nothing of it reaches a document unless a step says so.
// Run reads the tree. Both readers bound depth and size, so that no message costs more than a few times its length.
func (o *treeOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	v, err := o.parse(m, strings.TrimSpace(s))
	if err != nil {
		return step.Failed(o.from.Path, err.Error())
	}
	m.Put(o.to, v)
	return nil
}

// syslogOp is the step syslog.
type syslogOp struct {
	from, to *step.Place
	state    int
}

// compileSyslog compiles the step for a header within a text, such as that of a relay.
// compileSyslog compiles the step syslog.
func compileSyslog(c *step.Compiler, n ast.Node) step.Op {
	o := &syslogOp{from: c.Message()}
	fromTo(c, n, &o.from, &o.to, "_syslog")
	o.state = c.KeepsState()
	return o
}

// Run never fails: what has no header is all message.
// Run reads the header. A text without one is all message, which is no failure: relays add headers to some lines only.
func (o *syslogOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	state := m.State(o.state)
	h, _ := (*state).(*header.Header)
	if h == nil {
		h = &header.Header{}
		*state = h
	}
	header.Read(s, h)
	list := m.Take(18)
	add := func(key, value string) {
		if value != "" {
			list = append(list, event.Str(key), event.Str(value))
		}
	}
	if h.Priority != header.NoPriority {
		list = append(list, event.Str("priority"), event.Num(int64(h.Priority)))
	}
	add("host", h.Host)
	add("program", h.Program)
	add("pid", h.PID)
	add("msgid", h.MsgID)
	add("message", h.Message)
	if h.Stamp.Has {
		list = append(list, event.Str("time"), event.At(h.Stamp.Time(m.Received(), m.Location())))
	}
	if len(h.Data) > 0 {
		list = append(list, event.Str("data"), elements(m, h.Data))
	}
	m.Put(o.to, event.Members(list...))
	return nil
}

// elements makes the object of structured data: elements by id, parameters by name.
func elements(m *step.Machine, data []header.Element) event.Value {
	list := m.Take(2 * len(data))
	for i := range data {
		params := m.Take(2 * len(data[i].Params))
		for _, p := range data[i].Params {
			params = append(params, event.Str(p.Name), event.Str(p.Value))
		}
		list = append(list, event.Str(data[i].ID), event.Members(params...))
	}
	return event.Members(list...)
}

// callOp is the step call.
type callOp struct {
	name  string
	from  *step.Place
	read  func(e *event.Event, msg string) error
	make  func() func(e *event.Event, msg string) error // for readers that keep memory
	state int
}

// compileCall looks the reader up; what it declares to fill becomes part of what the format fills.
// compileCall compiles the step call. What the reader can fill is noted, so that the format's list of fields has it.
func compileCall(c *step.Compiler, n ast.Node) step.Op {
	o := &callOp{from: c.Message()}
	at := n
	if s, ok := yamlfile.Text(n); ok {
		o.name = s
	} else {
		c.Keys("call", n, map[string]func(ast.Node){
			"name": func(n ast.Node) { at = n; c.TextKey("name", &o.name)(n) },
			"from": func(n ast.Node) { o.from = c.Reads(n) },
		})
	}
	r, ok := c.Reader(at, o.name)
	if !ok {
		return nil
	}
	if r.Read == nil && r.New == nil {
		c.Refuse(at, "", "the reader %s reads no message", o.name)
	}
	o.read, o.make = r.Read, r.New
	if o.make != nil {
		o.state = c.KeepsState()
	}
	return o
}

// Run hands the text to the reader, which writes to the event itself. A reader that keeps memory is made once for each machine.
// Run hands the text to the reader, which writes to the event itself. A dead letter goes on as it is; any other error is the step's
// failure, and what the reader wrote before it stays. A reader with memory of its own is made once for each machine.
func (o *callOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok && o.from.Path != event.Message.Path() {
		return nil
	}
	read := o.read
	if o.make != nil {
		state := m.State(o.state)
		if *state == nil {
			*state = o.make()
		}
		read = (*state).(func(e *event.Event, msg string) error)
	}
	err := read(m.Event(), s)
	if err == nil {
		return nil
	}
	if dead, ok := errors.AsType[*processors.DeadLetter](err); ok {
		return dead
	}
	return step.Failed(o.name, err.Error())
}

// separators reads what separates, texts or one regular expression between slashes.
// An expression that is none is a fault when the format is loaded.
func separators(c *step.Compiler, key string, texts *[]string, expr *string) func(ast.Node) {
	return func(n ast.Node) {
		var list []string
		c.Texts(key, &list)(n)
		for _, s := range list {
			if len(s) > 2 && s[0] == '/' && s[len(s)-1] == '/' {
				*expr = s[1 : len(s)-1]
				if _, err := regexp.Compile(*expr); err != nil {
					c.PatternFault(n, *expr, err)
				}
			} else {
				*texts = append(*texts, s)
			}
		}
	}
}

// key and must make the rows of a kind's keys; a step cannot do without those of must.
func key(name, takes, about string) step.Key { return step.Key{Name: name, Takes: takes, About: about} }

func must(name, takes, about string) step.Key {
	return step.Key{Name: name, Required: true, Takes: takes, About: about}
}
