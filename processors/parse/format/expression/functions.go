package expression

import (
	"maps"
	"slices"

	"weir/event"
)

// function is one function of the language.
type function struct {
	usage string
	// Arguments that it takes; most < 0: any number.
	least, most int
	// make lowers a call. An *argumentError is placed at its argument.
	make func(args []code) (code, error)
}

// argumentError is a mistake in one argument.
type argumentError struct {
	arg                 int
	code, what, why, do string
}

// Error returns the sentence.
func (e *argumentError) Error() string { return e.what }

// functions is the table of the language. Tests hold the documentation to it.
var functions = tables(textFunctions, listFunctions, codeFunctions, netFunctions, timeFunctions)

// tables makes one of several.
func tables(all ...map[string]function) map[string]function {
	out := map[string]function{}
	for _, t := range all {
		maps.Copy(out, t)
	}
	return out
}

// Functions returns the names of all functions, in alphabetical order.
func Functions() []string {
	return slices.Sorted(slices.Values(slices.AppendSeq(slices.Collect(maps.Keys(functions)), maps.Keys(loopTable))))
}

// Usage returns one call of a function as an example, "" for a name that is none.
func Usage(name string) string {
	if _, ok := loopTable[name]; ok {
		return name + `(_json.items, .type == "x")`
	}
	return functions[name].usage
}

// own are the names that win over functions of expr.
func own() []string { return slices.Collect(maps.Keys(functions)) }

// maker is what a row of a table holds: see function.make.
type maker = func(args []code) (code, error)

// ofText makes a function of one text. Of a list it makes a list, item by item; what it has no result for is left out.
func ofText(fn func(s string) event.Value) maker {
	return func(args []code) (code, error) {
		x := args[0]
		return ofValue(func(f frame) event.Value {
			v := x.value(f)
			if v.Kind() == event.String {
				return fn(v.Str())
			}
			return eachText(v, fn)
		}), nil
	}
}

// eachText applies fn to a value that is no text itself.
func eachText(v event.Value, fn func(s string) event.Value) event.Value {
	if v.Kind() == event.List {
		var out []event.Value
		for i := range min(v.Len(), maxItems) {
			if s, ok := textOf(v.Item(i)); ok {
				if r := fn(s); !missing(r) {
					out = append(out, r)
				}
			}
		}
		return someItems(out)
	}
	if s, ok := textOf(v); ok {
		return fn(s)
	}
	return event.Value{}
}

// ofOne makes a function of one value, whatever it is.
func ofOne(fn func(v event.Value) event.Value) maker {
	return func(args []code) (code, error) {
		x := args[0]
		return ofValue(func(f frame) event.Value { return fn(x.value(f)) }), nil
	}
}

// constantText returns an argument that must be a constant text.
func constantText(args []code, i int, what string) (string, error) {
	if !args[i].constant || args[i].konst.Kind() != event.String {
		return "", &argumentError{arg: i, code: "expr-type", what: what + " must be a constant text"}
	}
	return args[i].konst.Str(), nil
}

// constantTexts returns the arguments from i on, each a constant text or a list of them, and of which argument each is.
func constantTexts(args []code, i int, what string) (texts []string, at []int, err error) {
	for ; i < len(args); i++ {
		if !args[i].constant {
			return nil, nil, &argumentError{arg: i, code: "expr-type", what: what + " must be a constant text"}
		}
		v := args[i].konst
		for k := range v.Len() {
			if v.Item(k).Kind() != event.String {
				return nil, nil, &argumentError{arg: i, code: "expr-type", what: what + " must be a constant text"}
			}
			texts, at = append(texts, v.Item(k).Str()), append(at, i)
		}
	}
	return texts, at, nil
}
