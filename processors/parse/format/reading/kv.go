package reading

import (
	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/convert"
	"weir/processors/parse/format/pairs"
	"weir/processors/parse/format/step"
	"weir/rules/yamlfile"
)

// kvOp is the step kv: one pass over the pairs, each of which goes straight to its place.
type kvOp struct {
	from   *step.Place
	split  *pairs.Splitter
	fields map[string][]*step.Place // empty: nowhere
	rest   *step.Place
	names  func(string) string // nil: as they are
	state  int
}

// compileKV compiles the separators and gives each key that the step names its places. Keys that it does not name cost nothing
// but the look that finds so.
// compileKV compiles the step kv.
func compileKV(c *step.Compiler, n ast.Node) step.Op {
	o := &kvOp{from: c.Message(), fields: map[string][]*step.Place{}}
	opts := pairs.Options{Quote: '"'}
	naming := "asis"
	c.Keys("kv", n, map[string]func(ast.Node){
		"from": func(n ast.Node) { o.from = c.Reads(n) }, "pairs": separators(c, "pairs", &opts.Pairs, &opts.PairsRegex), "value": separators(c, "value", &opts.Values, &opts.ValuesRegex),
		"quote": c.Char("quote", &opts.Quote), "escape": c.Char("escape", &opts.Escape), "trim": c.TextKey("trim", &opts.Trim), "lazy": c.Boolean("lazy", &opts.Lazy),
		"names": c.OneOf("names", &naming, "asis", "lower", "snake"),
		"rest": func(n ast.Node) {
			if !step.IsNull(n) {
				o.rest = c.Writes(n)
				c.Open(n, o.rest)
			}
		},
		"fields": func(n ast.Node) {
			list, ok := yamlfile.Mapping(n)
			if !ok {
				c.Refuse(n, "write key: place", "`fields` needs keys")
				return
			}
			for _, kv := range list {
				var to []*step.Place
				if !step.IsNull(kv.Value) {
					to = c.WritesAll(kv.Value)
				}
				o.fields[yamlfile.Key(kv)] = to
			}
		},
	})
	var err error
	if o.split, err = pairs.Compile(opts); err != nil {
		c.Fail(n, "format-pattern", "", "%s", err.Error())
	}
	o.names = convert.Naming(naming)
	o.state = c.KeepsState()
	return o
}

// pairing is what a machine keeps for one step kv.
type pairing struct {
	op    *kvOp
	m     *step.Machine
	names convert.Names
	list  []event.Value // keys and values of what goes below rest
	seen  uint64        // which kinds of keys are on the list
	each  func(key, value string) bool
}

// Run goes through the pairs once. What it was of all other keys is collected and set below `rest` in one go, as each search
// through the members of an object costs its length.
// Run reads the pairs. Those that came before a mistake in the text are kept, and the mistake is the step's failure.
func (o *kvOp) Run(m *step.Machine) error {
	s, ok := m.TextOf(o.from)
	if !ok {
		return nil
	}
	state := m.State(o.state)
	p, _ := (*state).(*pairing)
	if p == nil {
		p = &pairing{op: o, m: m, names: convert.Names{Naming: o.names}}
		p.each = p.take // made once, so that no message makes a closure
		*state = p
	}
	p.seen, p.list = 0, p.list[:0]
	err := o.split.Each(s, p.each)
	if len(p.list) > 0 {
		m.Members(o.rest, p.list)
		clear(p.list)
	}
	if err != nil {
		return step.Failed(o.from.Path, err.Error())
	}
	return nil
}

// take puts one pair to its place.
func (p *pairing) take(key, value string) bool {
	o := p.op
	if to, known := o.fields[key]; known {
		for _, at := range to {
			p.m.PutText(at, value)
		}
		return true
	}
	if o.rest == nil || p.m.Nothing(value) || key == "" {
		return true
	}
	key = p.names.Of(key)
	if key == "" {
		return true
	}
	// One bit tells that a key cannot be there yet, which is so for nearly all.
	bit := uint64(1) << ((uint(len(key)) + 7*uint(key[0]) + 13*uint(key[len(key)-1])) & 63)
	if p.seen&bit != 0 {
		for i := 0; i < min(len(p.list), 2*maxSearch); i += 2 {
			if p.list[i].Str() == key {
				p.list[i+1] = join(p.m, p.list[i+1], event.Str(value))
				return true
			}
		}
	}
	p.seen |= bit
	p.list = append(p.list, event.Str(key), event.Str(value))
	return true
}

// maxSearch bounds the search for a key that came before.
const maxSearch = 1024

// join makes a list of a value and one more.
func join(m *step.Machine, old, v event.Value) event.Value {
	n := old.Len()
	list := m.Take(n + 1)
	for i := range n {
		list = append(list, old.Item(i))
	}
	return event.Items(append(list, v)...)
}
