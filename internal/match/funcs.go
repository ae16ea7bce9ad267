package match

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/expr-lang/expr/ast"

	"weir/event"
	"weir/internal/match/fold"
	"weir/internal/match/source"
	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
	"weir/internal/match/typed"
	"weir/internal/nearest"
)

// function is one of our functions of a field and constants: what it asks, and what becomes of the constants first.
type function struct {
	usage string
	kind  kind.Kind
	fold  bool
	// The constants are written in another way in the field: encode returns what to look for.
	encode func(s string) []string
}

// functions are those that are true or false. The forms (number, hour, ...) and wide are parts of them.
var functions = map[string]function{
	"cidr":         {usage: `cidr(source.ip, "10.0.0.0/8", ...)`, kind: kind.CIDR},
	"ieq":          {usage: `ieq(user.name, "root", ...)`, kind: kind.Equal, fold: true},
	"icontains":    {usage: `icontains(message, "text", ...)`, kind: kind.Contains, fold: true},
	"istartswith":  {usage: `istartswith(process.name, "text", ...)`, kind: kind.StartsWith, fold: true},
	"iendswith":    {usage: `iendswith(file.path, "text", ...)`, kind: kind.EndsWith, fold: true},
	"glob":         {usage: `glob(file.path, "/etc/*.d/*", ...)`, kind: kind.Glob},
	"iglob":        {usage: `iglob(file.path, "*\\temp\\?.exe", ...)`, kind: kind.Glob, fold: true},
	"re":           {usage: `re(message, "^a+$", ...)`, kind: kind.Regex},
	"in_list":      {usage: `in_list(source.ip, "name")`, kind: kind.InList},
	"exists":       {usage: `exists(user.name)`, kind: kind.Exists},
	"absent":       {usage: `absent(user.name)`, kind: kind.Absent},
	"base64":       {usage: `base64(process.command_line, "text", ...)`, kind: kind.Contains, encode: encoded},
	"base64offset": {usage: `base64offset(process.command_line, "text", ...)`, kind: kind.Contains, encode: encodedAnywhere},
}

// wide is the function of constants that gives them as UTF-16.
const wide = "wide"

// Functions returns the names of the functions that conditions may call beside those of expr.
func Functions() []string {
	names := append(slices.Collect(maps.Keys(functions)), wide)
	return slices.Sorted(slices.Values(slices.AppendSeq(names, maps.Keys(forms))))
}

// anyRelated are the fields that in_list("name") looks at when it is given no field.
var anyRelated = []string{"related.ip", "related.user", "related.hosts", "related.hash"}

// call lowers a call of one of our functions on a field. On anything else than a field it returns nil: expr's machine
// runs it there.
func (l *lowering) call(n *ast.CallNode) (*tree.Node, error) {
	name, f, err := l.function(n)
	if err != nil {
		return nil, err
	}
	args := n.Arguments
	// in_list("name") names no field: it means everybody and everything that the event is about.
	if _, ok := firstText(args); ok && name == "in_list" && len(args) == 1 {
		return l.inRelated(n)
	}
	if len(args) == 0 {
		return nil, l.misuse(n, f)
	}
	o, ok, err := l.operand(args[0])
	if err != nil {
		return nil, err
	}
	if ok && o.as != form.Plain {
		return nil, l.refuseForm(n)
	}
	// Before the constants are looked at, among which a field is a mistake.
	if other, is := l.otherField(f, args); ok && is && o.bare() {
		return l.againstField(n, f, o, other)
	}
	// Constants are checked before it is known who runs the call, so that a mistake is told at load in either case.
	t, err := l.constants(n, name, f)
	if err != nil || !ok {
		return nil, err
	}
	if o.form == typed.Len || !o.bare() && t.Kind >= kind.Exists || o.any && (t.Kind == kind.Exists || t.Kind == kind.Absent) {
		return nil, l.misuse(n, f)
	}
	if o.bare() { // the way of nearly all
		t.Field = o.field()
		return l.ask(n, t)
	}
	return l.formedCall(n, o, &t)
}

// formedCall lowers a function of lower(field) or upper(field).
func (l *lowering) formedCall(n ast.Node, o operand, t *tree.Test) (*tree.Node, error) {
	fn, cost, err := l.textTest(t)
	if err != nil {
		return nil, l.placed(n, err)
	}
	if t.Fold { // the view has no folds of what lower or upper make
		inner := fn
		fn = func(s string) bool { return inner(fold.String(s)) }
	}
	return l.code(n, &node{run: anyText(operand{ref: o.ref}, func(s string) bool { return fn(o.form.Apply(s)) }), fields: []event.Ref{o.ref}, cost: cost}), nil
}

// otherField recognises ieq(a, b): the one thing to compare with is a field.
func (l *lowering) otherField(f function, args []ast.Node) (path string, ok bool) {
	if len(args) != 2 || !f.fold || f.kind == kind.Glob {
		return "", false
	}
	return source.FieldPath(args[1])
}

// againstField lowers ieq(a, b) and the like.
func (l *lowering) againstField(n *ast.CallNode, f function, o operand, other string) (*tree.Node, error) {
	if _, err := l.field(n.Arguments[1], other); err != nil {
		return nil, err
	}
	return l.ask(n, tree.Test{Kind: f.kind, Field: o.field(), Fold: true, Other: other})
}

// function finds the callee, or says which is the nearest.
func (l *lowering) function(n *ast.CallNode) (string, function, error) {
	from, to := n.Location().From, n.Location().To
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return "", function{}, source.At(l.src, from, to, "expr-not-allowed", "methods cannot be called in a condition")
	}
	f, ok := functions[id.Value]
	if ok {
		return id.Value, f, nil
	}
	if _, ok := forms[id.Value]; ok {
		return "", f, l.refuseForm(n)
	}
	if id.Value == wide {
		return "", f, source.At(l.src, from, to, "expr-argument", "wide stands for a text in another function").Advise(`write base64offset(process.command_line, wide("text"))`)
	}
	e := source.At(l.src, from, to, "expr-unknown-function", "unknown function `%s`", id.Value)
	if near := nearest.Name(id.Value, append(Functions(), machineFunctions()...)); near != "" {
		return "", f, e.Advise(fmt.Sprintf("did you mean `%s`?", near))
	}
	return "", f, e.Advise("there are: " + strings.Join(Functions(), ", "))
}

// constants checks the constants of a call and returns its test, without a field.
func (l *lowering) constants(n *ast.CallNode, name string, f function) (tree.Test, error) {
	t := tree.Test{Kind: f.kind, Fold: f.fold}
	if f.kind == kind.Exists || f.kind == kind.Absent {
		if len(n.Arguments) != 1 {
			return t, l.misuse(n, f)
		}
		return t, nil
	}
	args, bad := constantTexts(n.Arguments[1:])
	if bad != nil {
		from, to := source.Span(bad)
		return t, source.At(l.src, from, to, "expr-type", "%s takes texts after the field", name).Advise("write " + f.usage)
	}
	if len(args) == 0 || f.kind == kind.InList && len(args) != 1 {
		return t, l.misuse(n, f)
	}
	for _, a := range args {
		if f.encode != nil {
			t.Values = append(t.Values, f.encode(a)...)
		} else {
			t.Values = append(t.Values, a)
		}
	}
	if _, _, err := l.textTest(&t); err != nil {
		return t, l.placed(n, err)
	}
	return t, nil
}

// misuse is the error for wrong numbers of arguments. It shows the form that is right.
func (l *lowering) misuse(n *ast.CallNode, f function) error {
	from, to := source.Span(n)
	return source.At(l.src, from, to, "expr-argument", "wrong arguments").Advise("write " + f.usage)
}

// list finds the list of a name and notes that it is used. Its error has no place.
func (l *lowering) list(name string) (*List, error) {
	if list := l.lists[name]; list != nil {
		if !slices.Contains(l.used, name) {
			l.used = append(l.used, name)
		}
		return list, nil
	}
	// A rule without its list is refused and not run without it: it would match nothing, and silently.
	e := source.Fault("rule-unknown-list", "there is no list `%s`", name)
	names := slices.Sorted(maps.Keys(l.lists))
	if near := nearest.Name(name, names); near != "" {
		return nil, e.Advise(fmt.Sprintf("did you mean `%s`?", near))
	}
	return nil, e.Advise("add " + name + ".txt to the folder of lists, one value a line")
}

// inRelated lowers in_list("name"): any address, user, host or hash that the event is about.
func (l *lowering) inRelated(n *ast.CallNode) (*tree.Node, error) {
	name, _ := firstText(n.Arguments)
	list, err := l.list(name)
	if err != nil {
		return nil, l.placed(n, err)
	}
	// Four fields are asked, of which most events have one or two.
	leaf := &node{cost: 2 * costCIDR}
	var tests []test
	for _, path := range anyRelated {
		ref, err := l.field(n, path)
		if err != nil {
			return nil, err
		}
		leaf.fields = append(leaf.fields, ref)
		tests = append(tests, anyText(operand{ref: ref}, list.Has))
	}
	leaf.run = oneOf(tests)
	return l.code(n, leaf), nil
}

// firstText returns the first argument if it is a text: in_list with a text alone has no field.
func firstText(args []ast.Node) (string, bool) {
	if len(args) == 0 {
		return "", false
	}
	c, ok := typed.LiteralOf(args[0])
	return c.Text, ok && c.IsText
}

// constantTexts returns the texts of constants, also of ["a", "b"] and wide("a"); bad is the first that is none.
func constantTexts(args []ast.Node) (out []string, bad ast.Node) {
	for _, a := range args {
		if c, ok := typed.LiteralOf(a); ok && c.IsText {
			out = append(out, c.Text)
			continue
		}
		inner, convert := []ast.Node(nil), func(s string) string { return s }
		switch n := a.(type) {
		case *ast.ArrayNode:
			inner = n.Nodes
		case *ast.CallNode:
			if id, ok := n.Callee.(*ast.IdentifierNode); !ok || id.Value != wide || len(n.Arguments) == 0 {
				return nil, a
			}
			inner, convert = n.Arguments, utf16LE
		default:
			return nil, a
		}
		more, bad := constantTexts(inner)
		if bad != nil {
			return nil, bad
		}
		for _, s := range more {
			out = append(out, convert(s))
		}
	}
	return out, nil
}

// utf16LE writes a text as Windows does in memory, two bytes for most letters.
func utf16LE(s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return string(out)
}

// encoded is how a text looks in Base64 that begins with it, or has a multiple of three bytes before it. The end is left out
// where it depends on what follows.
func encoded(s string) []string {
	if s == "" {
		return nil
	}
	return []string{base64.RawStdEncoding.EncodeToString([]byte(s))[:len(s)*8/6]}
}

// encodedAnywhere is how a text looks in Base64 wherever it lies in what was encoded: three ways, by the bytes before it.
// Letters that depend on its neighbours are left out.
func encodedAnywhere(s string) []string {
	var out []string
	for before := range 3 {
		text := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + s))
		from, to := (before*8+5)/6, (before+len(s))*8/6
		if from < to {
			out = append(out, text[from:to])
		}
	}
	return out
}
