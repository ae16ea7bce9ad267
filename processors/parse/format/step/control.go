package step

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors"
	"weir/rules/yamlfile"
)

// ControlKinds are the steps that say which steps run.
func ControlKinds() []Kind {
	const control = "control"
	return []Kind{
		{Name: "do", Group: control, Takes: "steps", About: "runs steps, with `if` or `optional` for all of them", Block: true, Compile: compileDo},
		{Name: "switch", Group: control, Takes: "keys", About: "runs steps by one value", Block: true, Compile: compileSwitch,
			Keys: []Key{must("on", "expression", "a place, or an expression in parentheses"), key("fold", "flag", "capital letters do not count"), must("cases", "cases", "value: steps; a|b are alternatives"), key("else", "steps", "for any other value")}},
		{Name: "first", Group: control, Takes: "lists of steps", About: "runs the first list of steps in which none fails", Block: true, Compile: compileFirst},
		{Name: "foreach", Group: control, Takes: "keys", About: "runs steps for each item of a list", Block: true, Compile: compileForeach,
			Keys: []Key{must("in", "place", "the list"), must("as", "place", "the item, such as _item"), must("do", "steps", "what runs for each")}},
		{Name: "include", Group: control, Takes: "text", About: "runs the steps of shared/NAME.yaml", Block: true, Compile: compileInclude},
		{Name: "use", Group: control, Takes: "text", About: "runs the steps of another format: dataset or dataset/id", Block: true, Compile: compileUse},
		{Name: "drop", Group: control, Takes: "true", About: "filters the event on purpose; it is counted", Compile: compileEnd(true)},
		{Name: "stop", Group: control, Takes: "true", About: "no further steps run", Compile: compileEnd(false)},
		{Name: "fail", Group: control, Takes: "text", About: "fails with a text, in which {{place}} may stand", Compile: compileFail},
	}
}

// doOp are the steps do, include and use.
type doOp struct{ steps []Step }

// compileDo compiles steps that share a condition or the handling of failures.
func compileDo(c *Compiler, n ast.Node) Op { return &doOp{c.Steps(n)} }

// Run runs the steps; which of their failures end them is the machine's to know.
func (o *doOp) Run(m *Machine) error { return m.Exec(o.steps) }

// switchOp is the step switch.
type switchOp struct {
	on        Selector
	cases     map[string]int
	lists     [][]Step
	otherwise []Step
}

// compileSwitch compiles the cases like those of choose, with steps in place of values.
func compileSwitch(c *Compiler, n ast.Node) Op {
	o := &switchOp{cases: map[string]int{}}
	var cases, on ast.Node
	c.Keys("switch", n, map[string]func(ast.Node){
		"on": func(n ast.Node) { on = n; c.Selector(n, &o.on) }, "fold": c.Boolean("fold", &o.on.Fold),
		"cases": func(n ast.Node) { cases = n }, "else": func(n ast.Node) { o.otherwise = c.Steps(n) },
	})
	if on == nil || cases == nil {
		c.Refuse(n, "write switch: {on: place, cases: {value: [steps]}}", "`switch` needs on and cases")
		return nil
	}
	c.Cases(cases, o.on.Fold, o.cases, func(kv *ast.MappingValueNode) { o.lists = append(o.lists, c.Steps(kv.Value)) })
	return o
}

// Run runs the steps of the one case that fits, or those of `else`.
// Run runs the steps of the value's case.
func (o *switchOp) Run(m *Machine) error {
	if at := o.on.Number(m, o.cases); at >= 0 {
		return m.Exec(o.lists[at])
	}
	return m.Exec(o.otherwise)
}

// firstOp is the step first.
type firstOp struct{ lists [][]Step }

// compileFirst compiles the lists; each is tried as a whole.
func compileFirst(c *Compiler, n ast.Node) Op {
	o := &firstOp{}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		c.Refuse(n, "write first: [[steps], [steps]]", "`first` needs lists of steps")
		return nil
	}
	for _, it := range seq.Values {
		o.lists = append(o.lists, c.Steps(it))
	}
	return o
}

// Run runs one list after the other. What a list wrote before it failed stays: the next one writes over it.
func (o *firstOp) Run(m *Machine) error {
	var last error
	for _, list := range o.lists {
		m.strict++
		last = m.Exec(list)
		m.strict--
		if last == nil {
			return nil
		}
		if _, dead := errors.AsType[*processors.DeadLetter](last); dead {
			return last
		}
	}
	return last
}

// foreachOp is the step foreach.
type foreachOp struct {
	in, as *Place
	steps  []Step
}

// compileForeach asks for a scratch place for the item: a field would keep the last one.
func compileForeach(c *Compiler, n ast.Node) Op {
	o := &foreachOp{}
	c.Keys("foreach", n, map[string]func(ast.Node){
		"in": func(n ast.Node) { o.in = c.Reads(n) }, "as": func(n ast.Node) { o.as = c.Reads(n) }, "do": func(n ast.Node) { o.steps = c.Steps(n) },
	})
	if o.in == nil || o.as == nil {
		if !c.Refused() {
			c.Refuse(n, "write foreach: {in: _json.items, as: _item, do: [steps]}", "`foreach` needs in, as and do")
		}
		return nil
	}
	if o.as.kind != atScratch || len(o.as.segs) > 0 {
		c.RefusePlace(n, "write as: _item", "the item of `foreach` is a scratch place")
	}
	return o
}

// Run runs the steps for each item, or once for what is no list. The bound on steps holds for all items together.
// Run gives each item its name and runs the steps. The list is the one that was there at the start: what the steps write to its place
// makes a new one. A value that is no list is a list of one.
func (o *foreachOp) Run(m *Machine) error {
	v := m.Get(o.in)
	if v.Kind() == event.Null {
		return nil
	}
	for i := range v.Len() {
		it := v
		if v.Kind() == event.List {
			it = v.Item(i)
		}
		m.st.slots[o.as.slot] = it
		if err := m.Exec(o.steps); err != nil {
			return err
		}
		if m.ended || v.Kind() != event.List {
			break
		}
	}
	m.st.slots[o.as.slot] = event.Value{}
	return nil
}

// compileInclude compiles the steps of a shared file into this format: its places are the format's, its line numbers the file's.
func compileInclude(c *Compiler, n ast.Node) Op {
	name, ok := yamlfile.Text(n)
	if !ok {
		c.Refuse(n, "write include: name", "`include` needs the name of a file in shared/")
		return nil
	}
	f, body := c.lib.Shared(c.File, name)
	if body == nil {
		if f != nil {
			c.Refuse(n, "see the fault in "+f.Name, "the shared steps %s have a mistake", name)
			return nil
		}
		p, width := yamlfile.Extent(n)
		c.Unknown(p, width, "no file shared/"+name+".yaml", name, c.lib.Names(true))
		return nil
	}
	return c.within(n, f, "shared/"+name, func(list map[string]ast.Node) {
		if list["steps"] == nil {
			c.Refuse(n, "", "shared/%s has no steps", name)
		}
	}, body)
}

// compileUse is include for the steps of another format, whose match, tests and settings do not come along.
func compileUse(c *Compiler, n ast.Node) Op {
	name, ok := yamlfile.Text(n)
	if !ok {
		c.Refuse(n, "write use: dataset or use: dataset/id", "`use` needs the name of a format")
		return nil
	}
	f, body := c.lib.Format(name)
	if f == nil {
		p, width := yamlfile.Extent(n)
		c.Unknown(p, width, "no format is called "+name, name, c.lib.Names(false))
		return nil
	}
	return c.within(n, f, name, nil, body)
}

// within compiles the steps of another file into this format.
func (c *Compiler) within(n ast.Node, f *File, name string, check func(map[string]ast.Node), body *yamlfile.Body) Op {
	if slices.Contains(c.trail, name) {
		c.Refuse(n, "take it out of one of them", "%s includes itself, by way of %s", name, strings.Join(c.trail, ", "))
		return nil
	}
	list := map[string]ast.Node{}
	for _, kv := range body.Pairs {
		list[yamlfile.Key(kv)] = kv.Value
	}
	if check != nil {
		check(list)
	}
	if list["steps"] == nil {
		return &doOp{}
	}
	outer := c.File
	c.trail = append(c.trail, name)
	c.File = f
	steps := c.Steps(list["steps"])
	c.File = outer
	c.trail = c.trail[:len(c.trail)-1]
	if f.Refused() && f != outer && !c.Refused() {
		c.Refuse(n, "see the fault in "+f.Name, "%s has a mistake", name)
	}
	return &doOp{steps}
}

// endOp are the steps drop and stop.
type endOp struct{ drop bool }

// compileEnd compiles drop and stop.
func compileEnd(drop bool) func(*Compiler, ast.Node) Op {
	return func(c *Compiler, n ast.Node) Op {
		yes := false
		c.Boolean("the step", &yes)(n)
		return &endOp{drop: drop}
	}
}

// Run ends all steps, also those around the block that it stands in.
func (o *endOp) Run(m *Machine) error {
	m.end(o.drop)
	return nil
}

// failOp is the step fail.
type failOp struct{ text *Template }

// compileFail compiles the reason, a text with places.
func compileFail(c *Compiler, n ast.Node) Op {
	t := c.Template(n)
	if t == nil {
		return nil
	}
	return &failOp{t}
}

// Run fails, which `optional`, `on_error` and `first` handle like any other failure.
// Run fails with the text, or with a sentence of its own where a place in it has nothing.
func (o *failOp) Run(m *Machine) error {
	why := o.text.Eval(m).Text()
	if why == "" {
		why = "the format refuses it"
	}
	return Failed(event.Message.Path(), why)
}

// key and must make the rows of a kind's keys; a step cannot do without those of must.
func key(name, takes, about string) Key { return Key{Name: name, Takes: takes, About: about} }

func must(name, takes, about string) Key {
	return Key{Name: name, Required: true, Takes: takes, About: about}
}
