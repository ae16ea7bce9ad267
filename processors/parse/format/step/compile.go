package step

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"weir/event"
	"weir/internal/fault"
	"weir/internal/match/source"
	"weir/processors/parse/format/expression"
	"weir/processors/parse/format/pattern"
	"weir/processors/parse/readers"
	"weir/rules/yamlfile"
)

// Limits of a format.
const (
	// maxNested bounds steps within steps, with include and use.
	maxNested = 24
	// maxSteps bounds the steps of one format with all that it includes.
	maxSteps = 5000
)

// Op is what a step does. It is immutable: what it needs while it runs is the machine's.
type Op interface {
	// Run does it. It is called from the goroutine of the machine.
	Run(m *Machine) error
}

// Step is one compiled step.
type Step struct {
	op        Op
	kind      *Kind
	file      string
	line      int
	block     bool
	optional  bool
	cond      *expression.Program
	otherwise []Step
	onError   []Step
}

// Compiler compiles the steps of one format. What an included file or another format gives is compiled into it, so that
// each format has its places in one list.
type Compiler struct {
	*File
	lib    Library
	schema *Schema
	kinds  []Kind
	prog   *Program
	byPath map[string]*Place
	index  map[*Place]int
	trees  map[*Place]*noPlace // places that only a document can have, and why they are none else
	depth  int
	count  int
	trail  []string // files and formats that are being included
}

// Library is what a compiler asks for by name.
type Library interface {
	// Shared returns the file of shared steps of a name, nil without one; a file without a body has a mistake.
	Shared(of *File, name string) (*File, *yamlfile.Body)
	// Format returns the file of another format, nil without one.
	Format(name string) (*File, *yamlfile.Body)
	// Names are those of shared files and of formats.
	Names(shared bool) []string
	// Table returns the bytes of a file that a format names.
	Table(of *File, name string) ([]byte, error)
	// Readers are those that are written in Go.
	Readers() map[string]readers.Reader
}

// NewCompiler makes a compiler of the steps of one program, which it fills. name is the format's, for messages.
func NewCompiler(f *File, name string, p *Program, lib Library, schema *Schema, kinds []Kind) *Compiler {
	p.names, p.filled, p.icmp = map[string]int{}, map[string]bool{}, -1
	return &Compiler{File: f, lib: lib, schema: schema, kinds: kinds, prog: p, byPath: map[string]*Place{}, index: map[*Place]int{},
		trees: map[*Place]*noPlace{}, trail: []string{name}}
}

// Compile compiles the steps of the program; n is nil where there are none.
func (c *Compiler) Compile(n ast.Node) {
	if n != nil {
		c.prog.steps = c.Steps(n)
	}
	if slot, ok := c.prog.names[icmpPlace]; ok {
		c.prog.icmp = slot
	}
}

// Reader returns a reader that is written in Go; without one a fault is noted.
func (c *Compiler) Reader(n ast.Node, name string) (readers.Reader, bool) {
	r, ok := c.lib.Readers()[name]
	if !ok {
		p, width := yamlfile.Extent(n)
		c.Unknown(p, width, "no reader is called "+name, name, slices.Sorted(maps.Keys(c.lib.Readers())))
	}
	if ok && !slices.Contains(c.prog.calls, name) {
		c.prog.calls = append(c.prog.calls, name)
	}
	for _, path := range r.Fields {
		c.prog.filled[path] = true
	}
	return r, ok
}

// Table returns the bytes of a file that the format names.
func (c *Compiler) Table(name string) ([]byte, error) { return c.lib.Table(c.File, name) }

// Steps compiles a list of steps.
func (c *Compiler) Steps(n ast.Node) []Step {
	if IsNull(n) {
		return nil
	}
	if c.depth++; c.depth > maxNested {
		c.Refuse(n, "", "steps are nested deeper than %d", maxNested)
		c.depth--
		return nil
	}
	defer func() { c.depth-- }()
	var out []Step
	for _, it := range ListOf(n) {
		if s, ok := c.step(it); ok {
			out = append(out, s)
		}
		if c.count > maxSteps {
			break
		}
	}
	return out
}

// step compiles one step.
func (c *Compiler) step(n ast.Node) (Step, bool) {
	if c.count++; c.count > maxSteps {
		c.Refuse(n, "", "the format has more than %d steps with those it includes", maxSteps)
		return Step{}, false
	}
	list, ok := yamlfile.Mapping(n)
	if !ok {
		c.Refuse(n, "write for example `- set: {event.kind: event}`", "a step has a key that says what it does")
		return Step{}, false
	}
	p, _ := yamlfile.Extent(n)
	s := Step{file: c.Name, line: p.Line}
	readers := map[string]func(ast.Node){
		"if":       func(n ast.Node) { s.cond = c.Expr(n) },
		"else":     func(n ast.Node) { s.otherwise = c.Steps(n) },
		"optional": c.Boolean("optional", &s.optional),
		"on_error": func(n ast.Node) {
			if s.onError = c.Steps(n); s.onError == nil {
				s.onError = []Step{}
			}
		},
	}
	for i := range c.kinds {
		k := &c.kinds[i]
		readers[k.Name] = func(n ast.Node) {
			if s.kind != nil {
				c.Refuse(n, "make two steps of it", "a step does one thing: `%s` and `%s` stand in one", s.kind.Name, k.Name)
				return
			}
			s.kind, s.block = k, k.Block
			s.op = k.Compile(c, n)
		}
	}
	c.Pairs("a step", list, readers)
	if s.kind == nil && !c.Refused() {
		c.Refuse(n, "", "the step does nothing")
	}
	if s.otherwise != nil && s.cond == nil {
		c.Refuse(n, "add `if:`", "`else` stands without `if`")
	}
	return s, s.op != nil
}

// Expr compiles an expression.
func (c *Compiler) Expr(n ast.Node) *expression.Program {
	text, ok := yamlfile.Text(n)
	if !ok || strings.TrimSpace(text) == "" {
		c.Refuse(n, "write for example event.code == \"4624\"", "an expression is missing")
		return nil
	}
	p, err := expression.Compile(text, c.resolve)
	if err != nil {
		c.ExprFault(n, text, err)
		return nil
	}
	return p
}

// ExprFault turns a mistake in an expression into a fault at its place in the file.
func (c *Compiler) ExprFault(n ast.Node, text string, err error) {
	s := c.Scalar(text, n)
	if e, ok := errors.AsType[*source.Error](err); ok {
		f := fault.Error{Code: "format-expr", What: e.Msg, Why: e.Why, Do: e.Do}
		if n.GetToken().Type == token.StringType && (strings.Count(text, "(") > strings.Count(text, ")") || strings.Count(text, "[") > strings.Count(text, "]")) {
			f.Do = "within {} and [] a comma ends the value: put the expression in quotes"
		}
		c.Add(s.LineCol(e.Line, e.Col), e.Width, f)
		return
	}
	c.Add(s.LineCol(1, 1), 1, fault.Error{Code: "format-expr", What: err.Error()})
}

// resolve gives an expression the slot of a place that it reads.
func (c *Compiler) resolve(path string) (int, error) {
	p, why := c.find(path)
	if why != nil {
		return 0, why
	}
	return c.slot(p), nil
}

// slot returns the number of a place in the format's list.
func (c *Compiler) slot(p *Place) int {
	i, ok := c.index[p]
	if !ok {
		i = len(c.prog.places)
		c.prog.places = append(c.prog.places, p)
		c.index[p] = i
	}
	return i
}

// Reads returns the place that a node names, for reading.
func (c *Compiler) Reads(n ast.Node) *Place {
	s, ok := yamlfile.Text(n)
	if !ok {
		c.Refuse(n, "write a name such as source.ip or _x", "a place is missing")
		return nil
	}
	return c.At(n, s)
}

// Writes returns the place that a node names, for writing.
func (c *Compiler) Writes(n ast.Node) *Place {
	p := c.Reads(n)
	c.Fills(n, p)
	return p
}

// WritesAll returns the places of a node that names one or a list of them.
func (c *Compiler) WritesAll(n ast.Node) (out []*Place) {
	for _, it := range ListOf(n) {
		if p := c.Writes(it); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// WritesKey returns the place that the key of a pair names.
func (c *Compiler) WritesKey(kv *ast.MappingValueNode) *Place {
	p := c.At(kv.Key, yamlfile.Key(kv))
	c.Fills(kv.Key, p)
	return p
}

// Fills notes that a step writes a place, and refuses places that only weir writes.
func (c *Compiler) Fills(n ast.Node, p *Place) {
	switch {
	case p == nil:
	case c.trees[p] != nil:
		why := c.trees[p]
		at, width := yamlfile.Extent(n)
		c.Add(at, width, fault.Error{Code: "format-place", What: why.what, Why: why.why, Do: why.do})
	case p.kind == atScratch:
	case p.kind == atRaw, sealed(p.Path):
		c.RefusePlace(n, "write another place", "weir itself sets %s", p.Path)
	default:
		c.prog.filled[p.Path] = true
	}
}

// At returns the place of a path.
func (c *Compiler) At(n ast.Node, path string) *Place {
	p, why := c.find(path)
	if why != nil {
		what, width := yamlfile.Extent(n)
		c.Add(what, width, fault.Error{Code: "format-place", What: why.what, Why: why.why, Do: why.do})
		return nil
	}
	return p
}

// RefusePlace notes a place that cannot be.
func (c *Compiler) RefusePlace(n ast.Node, do, form string, args ...any) {
	c.Fail(n, "format-place", do, form, args...)
}

// noPlace is why a path is no place.
type noPlace struct {
	what, why, do string
	near          bool // a field has nearly this name
}

// Error returns it in one line.
func (e *noPlace) Error() string {
	s := e.what
	if e.why != "" {
		s += ": " + e.why
	}
	if e.do != "" {
		s += " (" + e.do + ")"
	}
	return s
}

// find returns the place of a path, the same for the same path.
func (c *Compiler) find(path string) (*Place, *noPlace) {
	if p := c.byPath[path]; p != nil {
		return p, nil
	}
	names, ok := ParsePath(path)
	if !ok {
		return nil, &noPlace{what: fmt.Sprintf("%q is no place", path), do: `write names with full stops between them: source.ip, _x."odd name".y`}
	}
	p := &Place{Path: path}
	switch {
	case path == RawPlace:
		p.kind = atRaw
	case path[0] == '_':
		p.kind = atScratch
		p.slot = c.scratch(names[0])
		p.segs = c.segs(names[1:])
	default:
		p.Path = strings.Join(names, ".")
		if why := c.schema.field(c.prog, p); why != nil {
			if why.near || !c.given(names[0]) {
				return nil, why
			}
			// An agent's document may have a tree of this name: it is read like scratch.
			p.kind, p.slot = atScratch, c.scratch(names[0])
			p.segs = c.segs(names[1:])
			c.trees[p] = why
		}
	}
	c.byPath[path] = p
	return p, nil
}

// segs returns the names below a scratch place.
func (c *Compiler) segs(names []string) (out []seg) {
	for _, name := range names {
		out = append(out, seg{name: name, item: itemOf(name), hint: c.prog.hints})
		c.prog.hints++
	}
	return out
}

// given tells whether a name can be one that an agent's document has and no list knows.
func (c *Compiler) given(name string) bool {
	return !event.MakeRef(name).Upper() && !c.schema.ecsTop(name)
}

// scratch returns the slot of a scratch name.
func (c *Compiler) scratch(name string) int {
	slot, ok := c.prog.names[name]
	if !ok {
		slot = c.prog.slots
		c.prog.slots++
		c.prog.names[name] = slot
	}
	return slot
}

// Message is the place that steps read by default.
func (c *Compiler) Message() *Place {
	p, _ := c.find(event.Message.Path())
	return p
}

// PatternFault turns a mistake in a pattern into a fault at its place in the file.
func (c *Compiler) PatternFault(n ast.Node, text string, err error) {
	if e, ok := errors.AsType[*pattern.Error](err); ok && e.Pattern == text {
		runes := len([]rune(text[:min(max(e.Column-1, 0), len(text))]))
		c.Add(c.Scalar(text, n).Rune(runes), 1, fault.Error{Code: "format-pattern", What: e.Why})
		return
	}
	c.Fail(n, "format-pattern", "", "%s", err.Error())
}

// Below returns the place of a name below another one, for writing.
func (c *Compiler) Below(n ast.Node, upper, name string) *Place {
	p := c.At(n, upper+"."+name)
	c.Fills(n, p)
	return p
}

// Scratch returns a scratch place.
func (c *Compiler) Scratch(name string) *Place {
	p, _ := c.find(name)
	return p
}

// Source returns the place that a text names, which may be one that only a document of an agent can have.
func (c *Compiler) Source(n ast.Node, text string) *Place {
	if p, why := c.find(text); why == nil {
		return p
	}
	names, ok := ParsePath(text)
	if !ok {
		return c.At(n, text)
	}
	return &Place{Path: text, kind: atGroup, segs: c.segs(names)}
}

// Open refuses a place below which nothing can be.
func (c *Compiler) Open(n ast.Node, p *Place) {
	switch {
	case p == nil || p.kind != atField:
	case !p.Open():
		c.RefusePlace(n, "name a place below the vendor's root, or scratch such as _kv", "%s takes one value, no keys", p.Path)
	default:
		delete(c.prog.filled, p.Path)
		c.prog.filled[p.Path+".*"] = true
	}
}

// Map compiles the pairs of a mapping with one function for each; a key that is there twice is an error.
func (c *Compiler) Map(what string, n ast.Node, fn func(kv *ast.MappingValueNode)) {
	list, ok := yamlfile.Mapping(n)
	if !ok || len(list) == 0 {
		c.Refuse(n, "", "`%s` needs place: value", what)
		return
	}
	seen := map[string]bool{}
	for _, kv := range list {
		key := yamlfile.Key(kv)
		if seen[key] {
			c.Fail(kv, "format-duplicate-key", "remove one of them", "`%s` is there twice", key)
			continue
		}
		seen[key] = true
		fn(kv)
	}
}

// KeepsState returns the number under which a step keeps something in the machine.
func (c *Compiler) KeepsState() int {
	c.prog.states++
	return c.prog.states - 1
}
