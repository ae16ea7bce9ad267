package step_test

import (
	"slices"
	"strings"
	"testing"

	"weir/event"
	"weir/processors/parse/format/step"
)

func TestParsePath(t *testing.T) {
	for s, want := range map[string]string{
		"source.ip":         "source|ip",
		"_x":                "_x",
		`_x."a.b".c`:        "_x|a.b|c",
		`"odd name".x`:      "odd name|x",
		"@timestamp":        "@timestamp",
		"_x.0.name":         "_x|0|name",
		"_x.a-b.c:d/e":      "_x|a-b|c:d/e",
		`_x."`:              "",
		`_x."a`:             "",
		`_x."a"b`:           "",
		`_x.""`:             "",
		"":                  "",
		".":                 "",
		"a.":                "",
		".a":                "",
		"a..b":              "",
		"a b":               "",
		"a\tb":              "",
		"a,b":               "",
		"a[0]":              "",
		"{{a}}":             "",
		"_x.한글":             "_x|한글",
		`_x."한 글"`:          "_x|한 글",
		`_x."a"."b"`:        "_x|a|b",
		"a.b.c.d.e.f.g.h.i": "a|b|c|d|e|f|g|h|i",
	} {
		names, ok := step.ParsePath(s)
		if got := strings.Join(names, "|"); ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q, %v", s, got, ok)
		}
	}
}

// FuzzParsePath: names of a path that is one, each in quotes, are the same path.
func FuzzParsePath(f *testing.F) {
	for _, s := range []string{"a.b", `_x."a.b"`, `"`, "a..b", "_x.0", "."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		names, ok := step.ParsePath(s)
		if !ok {
			return
		}
		again, ok := step.ParsePath(`"` + strings.Join(names, `"."`) + `"`)
		if !ok || !slices.Equal(names, again) {
			t.Fatalf("%q: %q, and again %q", s, names, again)
		}
	})
}

// TestPlaces_Trees: what can be read of a tree, written into it and removed from it.
func TestPlaces_Trees(t *testing.T) {
	const doc = `{"a":{"b":{"c":"deep"}},"l":[{"n":"x","k":1},{"n":"y"},{"k":3}],"s":["p","q"],"e":{},"el":[],"null":null,"t":true,"odd key":"o","a.b":"dotted","ll":[[{"n":"in"}]]}`
	for _, c := range []struct{ name, steps, want string }{
		{"below", "- copy: {_json.a.b.c: user.name}", `{"user":{"name":"deep"}}`},
		{"an item", "- copy: {_json.s.1: user.name, _json.l.0.n: user.id}", `{"user":{"id":"x","name":"q"}}`},
		{"an item that is not there", "- copy: {_json.s.2: user.name, _json.l.7.n: user.id}", `{}`},
		{"a name of each object of a list", "- copy: {_json.l.n: user.roles, _json.l.k: event.type}", `{"event":{"type":[1,3]},"user":{"roles":["x","y"]}}`},
		{"a name that none of them has", "- copy: {_json.l.zz: user.roles}", `{}`},
		{"below a list of lists", "- copy: {_json.ll.0.n: user.roles}", `{"user":{"roles":["in"]}}`},
		{"below a text", "- copy: {_json.t.x: user.name, _json.a.b.c.d: user.id}", `{}`},
		{"null", "- copy: {_json.null: user.name}", `{}`},
		{"odd names", "- copy: {'_json.\"odd key\"': user.name, '_json.\"a.b\"': user.id}", `{"user":{"id":"dotted","name":"o"}}`},
		{"empty ones", "- copy: {_json.e: acme.thing.e, _json.el: acme.thing.el}", `{"acme":{"thing":{"e":{},"el":[]}}}`},
		{"a value below what is a text", "- set: {_json.t.x: new}\n- copy: {_json.t.x: user.name}", `{"user":{"name":"new"}}`},
		{"a value where nothing is", "- set: {_n.a.b: 1, _n.a.c: 2}\n- copy: {_n: acme.thing.n}", `{"acme":{"thing":{"n":{"a":{"b":1,"c":2}}}}}`},
		{"a member removed", "- remove: [_json.a.b.c]\n- copy: {_json.a: acme.thing.a}", `{"acme":{"thing":{"a":{"b":{}}}}}`},
		{"an item removed", "- remove: [_json.l.1, _json.s.0]\n- copy: {_json.l: acme.thing.l, _json.s: event.type}", `{"acme":{"thing":{"l":[{"n":"x","k":1},{"k":3}]}},"event":{"type":["q"]}}`},
		{"a member of each item removed", "- remove: [_json.l.k]\n- copy: {_json.l: acme.thing.l}", `{"acme":{"thing":{"l":[{"n":"x"},{"n":"y"},{}]}}}`},
		{"below an item removed", "- remove: [_json.l.0.n]\n- copy: {_json.l.n: user.roles}", `{"user":{"roles":["y"]}}`},
		{"what is not there removed", "- remove: [_json.no.no, _no, _json.s.9, user.name]\n- copy: {_json.s: event.type}", `{"event":{"type":["p","q"]}}`},
		{"moved", "- move: {_json.a.b: acme.thing.b}\n- copy: {_json.a: acme.thing.a}", `{"acme":{"thing":{"b":{"c":"deep"},"a":{}}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ran(t, "- json: {}\n"+c.steps, doc); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestPlaces_Fields: values of fields and below the root of a vendor, and groups of fields.
func TestPlaces_Fields(t *testing.T) {
	check(t, []stepCase{
		{"written twice", "- set: {user.name: a}\n- set: {user.name: b}", "m", `{"user":{"name":"b"}}`},
		{"nothing does not write over something", "- set: {user.name: a}\n- set: {user.name: '-', user.id: '{{_no}}'}\n- copy: {_no: user.name}", "m", `{"user":{"name":"a"}}`},
		{"the last key below the root removed", "- set: {acme.thing.a: 1}\n- remove: [acme.thing.a]", "m", `{}`},
		{"one of two keys removed", "- set: {acme.thing.a: 1, acme.thing.b: 2}\n- remove: [acme.thing.a]", "m", `{"acme":{"thing":{"b":2}}}`},
		{"a key that is not there removed", "- set: {acme.thing.a: 1}\n- remove: [acme.thing.b]", "m", `{"acme":{"thing":{"a":1}}}`},
		{"the root removed", "- set: {acme.thing.a: 1, user.name: a}\n- remove: [acme.thing]", "m", `{"user":{"name":"a"}}`},
		{"a group removed", "- set: {source.ip: 192.0.2.1, source.port: 7, destination.port: 8}\n- remove: [source]", "m", `{"destination":{"port":8}}`},
		{"labels", "- set: {labels.site: one, labels.rack: '{{message}}'}", "m", `{"labels":{"site":"one","rack":"m"}}`},
		{"an object below the root", "- json: {}\n- copy: {_json: acme.thing}", `{"a":{"b":1},"c":[2]}`, `{"acme":{"thing":{"a":{"b":1},"c":[2]}}}`},
		{"message is a place too", "- set: {message: new}\n- copy: {message: user.name, _raw: user.id}", "m", `{"user":{"id":"<13>m","name":"new"}}`},
	})
}

// FuzzPlaces: whatever a tree is, places in it are read, written and removed without a panic, and the message stays.
func FuzzPlaces(f *testing.F) {
	for _, s := range []string{`{"a":{"b":[1,{"c":"x"}]}}`, `[{"a":1},2,[{"a":3}]]`, `{"a":null}`, `{"a":"text"}`, `{"a":{"a":{"a":{}}},"0":1}`, `{"":1,"a":{"":2}}`, "no"} {
		f.Add(s)
	}
	loaded, faults := compiled(f, `
- {json: {}, optional: true}
- copy: {_json.a: acme.thing.a, _json.a.b: [acme.thing.b, _c], _json.0: acme.thing.n, _json.a.b.c: acme.thing.c}
- set: {_json.a.b.d: 'new {{_json.a}}', _json.0.x: 1, _c.y: 2}
- append: {_json.a.b.l: '{{_json.a}}', _json.a.l: x}
- remove: [_json.a.b.c, _json.0, _json.a.0, _c.0.a]
- move: {_json: acme.thing.rest, _c: acme.thing.moved}
- foreach: {in: acme.thing.rest, as: _i, do: [{append: {acme.thing.items: '{{_i.a}}'}}]}
`)
	if len(faults) > 0 {
		f.Fatal(faults)
	}
	m := step.NewMachine()
	var e, back event.Event
	f.Fuzz(func(t *testing.T, msg string) {
		msg = strings.ToValidUTF8(msg, "?")
		e.Reset()
		e.SetStr(event.Message, msg)
		if _, err := m.Run(loaded.Program(), &e, step.Input{Raw: msg}); err != nil {
			t.Fatal(err)
		}
		if e.Str(event.Message) != msg {
			t.Fatalf("the message became %q", e.Str(event.Message))
		}
		e.Conform()
		if doc := e.AppendJSON(nil); back.Decode(doc) != nil {
			t.Fatalf("%q: no document: %s", msg, doc)
		}
	})
}
