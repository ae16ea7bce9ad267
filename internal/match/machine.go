package match

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/source"
	"weir/internal/match/tree"
)

// allowed are the functions of expr that a part on its machine may call: those whose time and memory are in proportion
// to what they are given. Left out are repeat, replace, join, ranges and let, with which a short text asks for much
// memory, and everything that reads the clock.
var allowed = map[string]bool{
	"all": true, "any": true, "none": true, "one": true, "filter": true, "map": true, "count": true, "find": true, "sum": true,
	"len": true, "lower": true, "upper": true, "trim": true, "trimPrefix": true, "trimSuffix": true, "split": true,
	"indexOf": true, "lastIndexOf": true, "hasPrefix": true, "hasSuffix": true, "first": true, "last": true,
	"int": true, "float": true, "string": true, "abs": true, "min": true, "max": true, "type": true,
}

// machineFunctions returns the allowed functions in order, for messages.
func machineFunctions() []string { return slices.Sorted(maps.Keys(allowed)) }

// helper is the name by which a part on the machine calls the prepared tests of our functions.
const helper = "weir_test"

// part is one condition on expr's machine. Programs are shared; a machine and its environment belong to one call at a
// time and come from the pool.
type part struct {
	program *vm.Program
	// Of our functions that it calls, by number.
	tests []func(string) bool
	slots []slot
	// Of *machine. One belongs to one call of match at a time.
	pool sync.Pool
}

// slot says where a field's value goes in the nested environment.
type slot struct {
	ref   event.Ref
	above []string
	key   string
	// Other slots lie below it: its place holds their map and never a value.
	group bool
}

type machine struct {
	vm  vm.VM
	env map[string]any
	// The map of each slot.
	maps []map[string]any
}

// machine compiles what leaf could not lower.
func (l *lowering) machine(n ast.Node) (*tree.Node, error) {
	text := source.Spell(n) // before calls are rewritten
	p := &part{}
	c := &checking{lowering: l, part: p}
	if err := c.check(n); err != nil {
		return nil, err
	}
	leaf := &node{cost: costSlow}
	for _, at := range c.paths {
		s := slot{ref: l.known[at.path], key: at.path}
		if !at.whole {
			parts := strings.Split(at.path, ".")
			s.above, s.key = parts[:len(parts)-1], parts[len(parts)-1]
		}
		if !slices.ContainsFunc(leaf.fields, func(r event.Ref) bool { return r.Path() == at.path }) {
			leaf.fields = append(leaf.fields, s.ref)
		}
		p.slots = append(p.slots, s)
	}
	p.markParents()
	p.pool.New = func() any { return p.newMachine() }
	if err := p.compile(l.src, n); err != nil {
		return nil, err
	}
	l.slow++
	leaf.run = p.match
	return l.codeText(text, leaf), nil
}

// compile type-checks the node as it is, so that places in errors stay those of the source.
func (p *part) compile(src string, n ast.Node) error {
	// Undefined variables are allowed: at compile time the values of the fields are not there yet.
	cfg := conf.CreateNew()
	// A nil in an environment is typed as nil, not as anything: at compile time only the groups are there.
	env := p.newMachine().env
	maps.DeleteFunc(env, func(_ string, v any) bool { return v == nil })
	for _, option := range []expr.Option{expr.Env(env), expr.AllowUndefinedVariables(), expr.AsBool(), expr.Function(helper, p.call, new(func(int, any) bool))} {
		option(cfg)
	}
	tree := &parser.Tree{Node: n, Source: file.NewSource(src)}
	if _, err := checker.Check(tree, cfg); err != nil {
		e := source.FromExpr(src, err)
		e.Code, e.Do = "expr-type", "" // its hints are for slips of syntax: len is no misspelt `in`
		if _, ok := errors.AsType[*file.Error](err); !ok {
			from, to := source.Span(n)
			e = source.At(src, from, to, "expr-type", "this is neither true nor false: %s", source.FirstLine(err.Error())).Advise("compare it with something")
		}
		return e
	}
	program, err := compiler.Compile(tree, cfg)
	if err != nil {
		from, to := source.Span(n)
		return source.At(src, from, to, "expr-type", "%s", source.FirstLine(err.Error()))
	}
	p.program = program
	return nil
}

// newMachine builds the nested environment once; match only fills it.
func (p *part) newMachine() *machine {
	m := &machine{env: map[string]any{}, maps: make([]map[string]any, len(p.slots))}
	// Beyond it the run ends with an error, and the part is false for this event.
	m.vm.MemoryBudget = maxBudget
	for i, s := range p.slots {
		at := m.env
		for _, name := range s.above {
			next, ok := at[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[name] = next
			}
			at = next
		}
		if !s.group {
			at[s.key] = nil
		}
		// The map itself is kept, so that match finds the place without walking the path again.
		m.maps[i] = at
	}
	return m
}

// match runs the part on one event. The values go back out of the environment afterwards, because they alias the event.
func (p *part) match(v *fold.View) bool {
	e := v.Event()
	// A machine belongs to one call at a time. The pool may drop it, never share it.
	m := p.pool.Get().(*machine)
	for i, s := range p.slots {
		if !s.group {
			m.maps[i][s.key] = toAny(s.ref.Of(e))
		}
	}
	out, err := m.vm.Run(p.program, m.env)
	for i, s := range p.slots {
		if !s.group {
			m.maps[i][s.key] = nil
		}
	}
	p.pool.Put(m)
	// An error of the run (nil + 1, an index that is not there) is no match; see the package comment.
	holds, ok := out.(bool)
	return err == nil && ok && holds
}

// markParents finds the slots whose place in the environment is a map of other slots.
func (p *part) markParents() {
	// Zero stands in no name: a.b lies below a, and ab does not.
	at := func(s slot) string { return strings.Join(append(slices.Clone(s.above), s.key), "\x00") + "\x00" }
	for i := range p.slots {
		for j := range p.slots {
			if i != j && strings.HasPrefix(at(p.slots[j]), at(p.slots[i])) {
				p.slots[i].group = true
			}
		}
	}
}

// call runs a prepared test on whatever the machine hands over: a text, or a list of which any text will do.
func (p *part) call(params ...any) (any, error) {
	// The check put the number there; a condition has no other way to this function.
	n, ok := params[0].(int)
	if !ok || n < 0 || n >= len(p.tests) {
		return nil, fmt.Errorf("no test %v", params[0])
	}
	// As for fields: of several values any will do, and what has no text satisfies nothing.
	if list, ok := params[1].([]any); ok {
		for _, it := range list {
			if s, ok := textOf(it); ok && p.tests[n](s) {
				return true, nil
			}
		}
		return false, nil
	}
	s, ok := textOf(params[1])
	return ok && p.tests[n](s), nil
}

// textOf is what functions see of a value of the machine: numbers and truths as they are written.
func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return event.Real(v).Text(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// toAny turns a value into what expr works with.
func toAny(v event.Value) any {
	switch v.Kind() {
	case event.String:
		return v.Str()
	case event.Int:
		return int(v.Int())
	case event.Float:
		return v.Float()
	case event.Bool:
		return v.Bool()
	case event.Time:
		return v.Text()
	case event.List:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = toAny(v.Item(i))
		}
		return out
	case event.Object:
		out := make(map[string]any, v.Len())
		for i := range v.Len() {
			key, val := v.Member(i)
			out[key] = toAny(val)
		}
		return out
	}
	return nil
}
