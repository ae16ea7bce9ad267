package writing

import (
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"weir/event"
	"weir/processors/parse/format/step"
	"weir/rules/yamlfile"
)

// lookupOp is the step lookup.
type lookupOp struct {
	from      *step.Place
	to        []*step.Place // one, or one for each column
	rows      map[string][]event.Value
	otherwise *step.Template
	fold      bool
}

// maxRows bounds a table.
const maxRows = 200_000

// compileLookup reads the whole table into memory: a lookup then is one look at a map, with no memory of its own.
// compileLookup compiles the step lookup. The table is read once, when the format is loaded, and shared by all machines.
func compileLookup(c *step.Compiler, n ast.Node) step.Op {
	o := &lookupOp{rows: map[string][]event.Value{}}
	var table, to ast.Node
	c.Keys("lookup", n, map[string]func(ast.Node){
		"from": func(n ast.Node) { o.from = c.Reads(n) }, "to": func(n ast.Node) { to = n },
		"table": func(n ast.Node) { table = n }, "else": func(n ast.Node) { o.otherwise = c.Template(n) }, "fold": c.Boolean("fold", &o.fold),
	})
	if o.from == nil || table == nil {
		c.Refuse(n, "write lookup: {from: place, to: place, table: {key: value}}", "`lookup` needs from and table")
		return nil
	}
	if to != nil {
		o.to = []*step.Place{c.Writes(to)}
	}
	if name, isFile := yamlfile.Text(table); isFile {
		tableFile(c, table, name, o)
		return o
	}
	if to == nil {
		c.Refuse(n, "add `to: place`", "`lookup` does not say where the value goes")
	}
	list, _ := yamlfile.Mapping(table)
	for _, kv := range list {
		v := step.Constant(kv.Value)
		for key := range strings.SplitSeq(yamlfile.Key(kv), "|") {
			o.row(strings.TrimSpace(key), []event.Value{v})
		}
	}
	return o
}

// row adds a row to the table; of several with one key the first counts.
func (o *lookupOp) row(key string, values []event.Value) {
	if o.fold {
		key = strings.ToLower(key)
	}
	if _, have := o.rows[key]; !have {
		o.rows[key] = values
	}
}

// tableFile reads a table from a CSV file beside the format, or below the source.
//
// A broken row is a fault of the format, unlike a broken value in a message: the file is the author's, who is there to mend it.
func tableFile(c *step.Compiler, n ast.Node, name string, o *lookupOp) {
	doc, err := c.Table(name)
	if err != nil {
		c.Refuse(n, "name a file beside the format, such as tables/x.csv", "the table %s cannot be read: %v", name, plainError(err))
		return
	}
	r := csv.NewReader(strings.NewReader(string(doc)))
	r.Comment, r.FieldsPerRecord = '#', -1
	for first := true; ; first = false {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		switch {
		case err != nil:
			c.Refuse(n, "", "the table %s is broken: %v", name, err)
			return
		case len(row) < 2:
			c.Refuse(n, "", "the table %s has a row with less than two columns", name)
			return
		case len(o.rows) > maxRows:
			c.Refuse(n, "", "the table %s has more than %d rows", name, maxRows)
			return
		}
		if first && o.to == nil {
			for _, place := range row[1:] {
				p := c.At(n, strings.TrimSpace(place))
				c.Fills(n, p)
				o.to = append(o.to, p)
			}
			continue
		}
		values := make([]event.Value, 0, len(row)-1)
		for _, cell := range row[1:] {
			values = append(values, event.Str(cell))
		}
		o.row(row[0], values)
	}
}

// plainError is the reason without the path, which stands in the message already.
func plainError(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// Run writes what the table has for the value; of a list it writes the list of what it has for each item. A value that is not in
// the table writes `else`, or nothing: that is no failure, since tables lag behind devices.
// Run writes the row of the value. Of a list each item is looked up where there is one place to write, and those without a row are left
// out. What is not there has no row and no `else` either: a device that says nothing is not one that says something unknown.
func (o *lookupOp) Run(m *step.Machine) error {
	v := m.Get(o.from)
	if v.Kind() == event.Absent || v.Kind() == event.Null {
		return nil
	}
	if v.Kind() == event.List && len(o.to) == 1 {
		list := m.Take(v.Len())
		for i := range v.Len() {
			if row := o.find(m, v.Item(i)); row != nil {
				list = append(list, row[0])
			}
		}
		if len(list) > 0 {
			m.Put(o.to[0], event.Items(list...))
		}
		return nil
	}
	row := o.find(m, v)
	if row == nil {
		if o.otherwise != nil && len(o.to) == 1 {
			m.Put(o.to[0], o.otherwise.Eval(m))
		}
		return nil
	}
	for i, to := range o.to {
		if i < len(row) {
			m.Put(to, row[i])
		}
	}
	return nil
}

// find returns the row of a value.
func (o *lookupOp) find(m *step.Machine, v event.Value) []event.Value {
	return o.rows[string(m.Key(v, o.fold))]
}

// chooseOp is the step choose.
type chooseOp struct {
	on        step.Selector
	cases     map[string]int
	lists     [][]step.Assign
	otherwise []step.Assign
}

// compileChoose compiles the cases, whose keys are texts: numbers and booleans of a message are compared as they are written.
// compileChoose compiles the step choose: the assignments of each case, and a map from values to their numbers, so that the time that
// a message costs does not grow with the cases.
func compileChoose(c *step.Compiler, n ast.Node) step.Op {
	o := &chooseOp{cases: map[string]int{}}
	var cases, on ast.Node
	c.Keys("choose", n, map[string]func(ast.Node){
		"on": func(n ast.Node) { on = n; c.Selector(n, &o.on) }, "fold": c.Boolean("fold", &o.on.Fold),
		"cases": func(n ast.Node) { cases = n }, "else": func(n ast.Node) { o.otherwise = c.Assigns("else", n) },
	})
	if on == nil || cases == nil {
		c.Refuse(n, "write choose: {on: place, cases: {value: {place: value}}}", "`choose` needs on and cases")
		return nil
	}
	c.Cases(cases, o.on.Fold, o.cases, func(kv *ast.MappingValueNode) { o.lists = append(o.lists, c.Assigns("a case", kv.Value)) })
	return o
}

// Run writes the places of the one case that fits, in the order of the file.
// Run writes what stands for the value. It never fails: a value that no case names is what `else` is for.
func (o *chooseOp) Run(m *step.Machine) error {
	list := o.otherwise
	if at := o.on.Number(m, o.cases); at >= 0 {
		list = o.lists[at]
	}
	for i := range list {
		m.Put(list[i].To, list[i].Value.Eval(m))
	}
	return nil
}
