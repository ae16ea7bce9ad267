package expression

import (
	"strings"
	"unicode/utf8"

	"weir/event"
)

// listFunctions are those of lists and objects.
var listFunctions = map[string]function{
	"split":  {`split(_kv.groups, ",")`, 2, 2, makeSplit},
	"join":   {`join(_json.groups, ", ")`, 2, 2, makeJoin},
	"len":    {`len(_json.items)`, 1, 1, ofOne(length)},
	"has":    {`has(_json.user), or has(event.type, "start")`, 1, 2, makeHas},
	"first":  {`first(_json.items)`, 1, 1, ofOne(func(v event.Value) event.Value { return memberOf(listOf(v), event.Num(0)) })},
	"last":   {`last(_json.items)`, 1, 1, ofOne(func(v event.Value) event.Value { return memberOf(listOf(v), event.Num(-1)) })},
	"unique": {`unique(_json.items)`, 1, 1, ofOne(unique)},
	"concat": {`concat(_json.a, _json.b)`, 1, -1, makeConcat},
	"keys":   {`keys(_json.labels)`, 1, 1, ofOne(keys)},
	"values": {`values(_json.labels)`, 1, 1, ofOne(values)},
	"object": {`object(_json.parameters, "name", "value")`, 3, -1, makeObject},
}

// listOf makes a list of a single value.
func listOf(v event.Value) event.Value {
	if v.Kind() == event.List || missing(v) {
		return v
	}
	return event.Items(v)
}

// makeSplit parts a text; blanks around the parts and empty parts are left out.
func makeSplit(args []code) (code, error) {
	x, by := args[0], args[1]
	return ofValue(func(f frame) event.Value {
		s, ok1 := textOf(x.value(f))
		sep, ok2 := textOf(by.value(f))
		if !ok1 || !ok2 || sep == "" {
			return event.Value{}
		}
		var out []event.Value
		for part := range strings.SplitSeq(s, sep) {
			if part = strings.TrimSpace(part); part != "" {
				if out = append(out, event.Str(part)); len(out) == maxItems {
					break
				}
			}
		}
		return someItems(out)
	}), nil
}

// makeJoin makes one text of a list.
func makeJoin(args []code) (code, error) {
	x, by := args[0], args[1]
	return ofValue(func(f frame) event.Value {
		v := listOf(x.value(f))
		sep, ok := textOf(by.value(f))
		if by.constant {
			sep, ok = by.konst.Text(), true
		}
		if !ok || v.Kind() != event.List {
			return event.Value{}
		}
		var out []byte
		for i := range v.Len() {
			if s, ok := textOf(v.Item(i)); ok && s != "" {
				if len(out) > 0 {
					out = append(out, sep...)
				}
				if out = append(out, s...); len(out) > maxText {
					return event.Value{}
				}
			}
		}
		if out == nil {
			return event.Value{}
		}
		return event.Str(string(out))
	}), nil
}

// length counts letters, items or members; nothing has none.
func length(v event.Value) event.Value {
	switch v.Kind() {
	case event.Absent, event.Null:
		return event.Num(0)
	case event.String:
		return event.Num(int64(utf8.RuneCountInString(v.Str())))
	case event.List, event.Object:
		return event.Num(int64(v.Len()))
	}
	return event.Num(int64(len(v.Text())))
}

// makeHas tells whether a value is there, or whether it has an item or a member of this name.
func makeHas(args []code) (code, error) {
	x := args[0]
	if len(args) == 1 {
		return ofTest(func(f frame) bool {
			v := x.value(f)
			return !missing(v) && (v.Kind() != event.List && v.Kind() != event.Object || v.Len() > 0)
		}), nil
	}
	item := args[1]
	return ofTest(func(f frame) bool { return isOneOf(item.value(f), x.value(f)) }), nil
}

// unique leaves out what came before.
func unique(v event.Value) event.Value {
	v = listOf(v)
	if v.Kind() != event.List {
		return event.Value{}
	}
	type key struct {
		kind event.Kind
		text string
	}
	seen := make(map[key]struct{}, min(v.Len(), maxItems))
	var out []event.Value
	for i := range min(v.Len(), maxItems) {
		item := v.Item(i)
		k := key{item.Kind(), item.Text()}
		if _, ok := seen[k]; ok || missing(item) {
			continue
		}
		seen[k] = struct{}{}
		out = append(out, item)
	}
	return someItems(out)
}

// makeConcat makes one list of lists and single values. Absent ones are left out.
func makeConcat(args []code) (code, error) {
	return ofValue(func(f frame) event.Value {
		var out []event.Value
		for _, a := range args {
			v := listOf(a.value(f))
			if v.Kind() != event.List {
				continue
			}
			for i := range v.Len() {
				if item := v.Item(i); !missing(item) && len(out) < maxItems {
					out = append(out, item)
				}
			}
		}
		return someItems(out)
	}), nil
}

// keys returns the names of the members of an object.
func keys(v event.Value) event.Value {
	if v.Kind() != event.Object {
		return event.Value{}
	}
	var out []event.Value
	for i := range min(v.Len(), maxItems) {
		name, _ := v.Member(i)
		out = append(out, event.Str(name))
	}
	return someItems(out)
}

// values returns the values of the members of an object.
func values(v event.Value) event.Value {
	if v.Kind() != event.Object {
		return event.Value{}
	}
	var out []event.Value
	for i := range min(v.Len(), maxItems) {
		if _, m := v.Member(i); !missing(m) {
			out = append(out, m)
		}
	}
	return someItems(out)
}

// makeObject makes one object of a list of name-and-value objects, as many APIs write parameters. Several names of the value's
// member are tried in turn. Of a name that comes twice the first value is kept.
func makeObject(args []code) (code, error) {
	name, err := constantText(args, 1, "the member with the name")
	if err != nil {
		return code{}, err
	}
	from, _, err := constantTexts(args, 2, "the member with the value")
	if err != nil {
		return code{}, err
	}
	x := args[0]
	return ofValue(func(f frame) event.Value {
		v := listOf(x.value(f))
		if v.Kind() != event.List {
			return event.Value{}
		}
		var out []event.Value
		seen := make(map[string]struct{}, min(v.Len(), maxItems))
		for i := range min(v.Len(), maxItems) {
			item := v.Item(i)
			key, ok := textOf(item.Get(name))
			if _, twice := seen[key]; !ok || key == "" || twice {
				continue
			}
			for _, m := range from {
				if val := item.Get(m); !missing(val) {
					out = append(out, event.Str(key), val)
					seen[key] = struct{}{}
					break
				}
			}
		}
		if out == nil {
			return event.Value{}
		}
		return event.Members(out...)
	}), nil
}
