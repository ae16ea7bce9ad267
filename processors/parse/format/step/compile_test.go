package step_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestFaults_Exact: what a user reads of a mistake: place, sentence, what to do, and the caret under the word that is wrong.
func TestFaults_Exact(t *testing.T) {
	for _, c := range []struct {
		name, steps string
		where       string // line and column
		what, do    string
		mark        string // what the caret stands under
	}{
		{"a step", "- sett: {user.name: a}", "6:3", "unknown key `sett` in a step", "did you mean `set`?", "sett"},
		{"a step that is nothing like any", "- wibble: x", "6:3", "unknown key `wibble` in a step", "there are: address, append, call, choose, convert", "wibble"},
		{"a key of kv", "- kv: {pair: ' '}", "6:8", "unknown key `pair` in kv", "did you mean `pairs`?", "pair"},
		{"a key of csv", "- csv: {colums: [_]}", "6:9", "unknown key `colums` in csv", "did you mean `columns`?", "colums"},
		{"a key of date", "- date: {from: _x, layout: [ISO8601]}", "6:20", "unknown key `layout` in date", "did you mean `layouts`?", "layout"},
		{"a key of lookup", "- lookup: {from: _x, to: user.name, tabel: {a: b}}", "6:37", "unknown key `tabel` in lookup", "did you mean `table`?", "tabel"},
		{"a key of switch", "- switch: {om: _x, cases: {}}", "6:12", "unknown key `om` in switch", "did you mean `on`?", "om"},
		{"a key of foreach", "- foreach: {in: _x, as: _y, doo: []}", "6:29", "unknown key `doo` in foreach", "did you mean `do`?", "doo"},
		{"a place, nearly ECS", "- set: {source.adress: x}", "6:9", "no field is called source.adress", "did you mean source.address?", "source.adress"},
		{"a place, far from all", "- set: {zorp.glub: x}", "6:9", "no field is called zorp.glub", "write a field of ECS, a name below acme.thing, or scratch such as _x", "zorp.glub"},
		{"a place that is read", "- copy: {_x: user.nme}", "6:14", "no field is called user.nme", "did you mean user.name?", "user.nme"},
		{"a place in a template", "- set: {user.name: 'x {{user.nme}}'}", "6:20", "no field is called user.nme", "did you mean user.name?", "'x {{user.nme}}'"},
		{"a place in dissect", "- dissect: '%{user.nme}'", "6:12", "no field is called user.nme", "did you mean user.name?", "'%{user.nme}'"},
		{"a place in kv", "- kv: {fields: {a: user.nme}}", "6:20", "no field is called user.nme", "did you mean user.name?", "user.nme"},
		{"a field that weir sets", "- copy: {_x: event.ingested}", "6:14", "weir itself sets event.ingested", "write another place", "event.ingested"},
		{"the record", "- set: {_raw: x}", "6:9", "weir itself sets _raw", "write another place", "_raw"},
		{"an expression that ends", "- set: {user.name: a}\n  if: message ==", "7:", "", "", ""},
		{"a place in an expression", "- set: {user.name: a}\n  if: usr.name == 1 and event.cod == 2", "7:", "", "", ""},
		{"a function that is none", "- eval: {user.name: uper(message)}", "6:21", "", "", "uper"},
		{"optional as text", "- stop: true\n  optional: 'yes'", "7:13", "`optional` needs true or false", "", "'yes'"},
		{"a step that is text", "- stop", "6:3", "a step has a key that says what it does", "write for example `- set: {event.kind: event}`", "stop"},
		{"a step with nothing", "- if: message == \"x\"", "6:", "the step does nothing", "", ""},
		{"set of an object", "- set: {acme.thing.a: {b: 1}}", "6:", "a value is a text, a number, true, false, or a list of these", "name the places below it one by one: a.b: value", ""},
		{"set of nothing", "- set: {}", "6:", "`set` needs place: value", "", ""},
		{"set of a text", "- set: user.name", "6:", "`set` needs place: value", "", ""},
		{"a place twice", "- set: {user.name: a, user.name: b}", "6:", "", "", ""},
		{"a case twice", "- switch: {on: _x, cases: {a|b: [], b: []}}", "6:37", "the case `b` is there twice", "remove one of them", "b"},
		{"a case twice but for capital letters", "- choose: {on: _x, fold: true, cases: {Ab: {event.action: a}, aB: {event.action: b}}}", "6:", "the case `ab` is there twice", "remove one of them", ""},
		{"choose without cases", "- choose: {on: _x}", "6:", "`choose` needs on and cases", "write choose: {on: place, cases: {value: {place: value}}}", ""},
		{"switch without on", "- switch: {cases: {a: []}}", "6:", "`switch` needs on and cases", "write switch: {on: place, cases: {value: [steps]}}", ""},
		{"foreach without as", "- foreach: {in: _x, do: []}", "6:", "`foreach` needs in, as and do", "write foreach: {in: _json.items, as: _item, do: [steps]}", ""},
		{"foreach into a field", "- foreach: {in: _x, as: user.name, do: []}", "6:", "the item of `foreach` is a scratch place", "write as: _item", ""},
		{"foreach below scratch", "- foreach: {in: _x, as: _y.z, do: []}", "6:", "the item of `foreach` is a scratch place", "write as: _item", ""},
		{"first without lists", "- first: {a: b}", "6:", "`first` needs lists of steps", "write first: [[steps], [steps]]", ""},
		{"stop: false is no step", "- stop: maybe", "6:", "`the step` needs true or false", "", ""},
		{"include of a list", "- include: [a]", "6:", "`include` needs the name of a file in shared/", "write include: name", ""},
		{"use of a list", "- use: [a]", "6:", "`use` needs the name of a format", "write use: dataset or use: dataset/id", ""},
		{"dissect without a pattern", "- dissect: {from: message}", "6:", "`dissect` has no pattern", "add `pattern:`", ""},
		{"grok without a pattern", "- grok: {from: message}", "6:", "`grok` has no pattern", "add `patterns:`", ""},
		{"csv without columns", "- csv: {separator: ';'}", "6:", "`csv` has no columns", "add `columns: [...]`", ""},
		{"csv with two letters", "- csv: {separator: '||', columns: [_x]}", "6:20", "`separator` needs one letter", "", "'||'"},
		{"kv names", "- kv: {names: camel}", "6:15", "`names` cannot be `camel`", "one of asis, lower, snake", "camel"},
		{"convert to what is no type", "- convert: {_x: integer}", "6:17", "`convert` cannot be `integer`", "", "integer"},
		{"date without from", "- date: {layouts: [UNIX]}", "6:", "`date` does not say what is read", "add `from: place`", ""},
		{"uri without from", "- uri: {to: url}", "6:", "`uri` does not say what is read", "add `from: place`", ""},
		{"domain without to", "- domain: {from: dns.question.name}", "6:", "`domain` needs from and to", "write domain: {from: dns.question.name, to: dns.question}", ""},
		{"dump without to", "- dump: {from: _json}", "6:", "`dump` needs from and to", "write dump: {from: _json, to: the root}", ""},
		{"dump into one value", "- dump: {from: _json, to: user.name}", "6:", "user.name takes one value, no keys", "name a place below the vendor's root, or scratch such as _kv", ""},
		{"lookup without table", "- lookup: {from: _x, to: user.name}", "6:", "`lookup` needs from and table", "write lookup: {from: place, to: place, table: {key: value}}", ""},
		{"lookup without to", "- lookup: {from: _x, table: {a: b}}", "6:", "`lookup` does not say where the value goes", "add `to: place`", ""},
		{"replace by no pair", "- replace: {_x: [a]}", "6:", "`replace` needs pairs of a regular expression and a text", "write place: [[\"regex\", \"replacement\"]]", ""},
		{"split by nothing", "- split: {_x: ''}", "6:", "`split` needs what separates", "write place: ','", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, faults := compiled(t, c.steps)
			if f != nil || len(faults) == 0 {
				t.Fatalf("it is taken: %v", faults)
			}
			e := faults[0]
			if !strings.HasPrefix(e.Where, "f/acme/log.yaml:"+c.where) || c.what != "" && e.What != c.what || !strings.HasPrefix(e.Do, c.do) {
				t.Errorf("got %s: %s; %s", e.Where, e.What, e.Do)
			}
			line := []rune(e.Text)
			if e.Mark < 1 || e.Mark > len(line)+1 || e.Width < 1 {
				t.Fatalf("the caret stands at %d of %q", e.Mark, e.Text)
			}
			if c.mark != "" && !strings.HasPrefix(string(line[e.Mark-1:]), c.mark) {
				t.Errorf("the caret stands under %q", string(line[e.Mark-1:]))
			}
		})
	}
}

// TestFaults_All: one load tells all mistakes of a file, each at its own line.
func TestFaults_All(t *testing.T) {
	_, faults := compiled(t, "- sett: {}\n- set: {usr.name: a}\n- dissect: '%{a'\n- do:\n    - grok: '('\n- switch: {on: message, cases: {a: [{stop: 1}]}}")
	var lines []string
	for _, e := range faults {
		lines = append(lines, strings.Split(e.Where, ":")[1])
	}
	if want := []string{"6", "7", "8", "10", "11"}; !slices.Equal(lines, want) {
		t.Errorf("faults at %v, want %v: %v", lines, want, faults)
	}
}

// TestFaults_Patterns: what would explode, or is of another kind of regular expression, is refused when it is loaded.
func TestFaults_Patterns(t *testing.T) {
	for name, steps := range map[string]string{
		"a repeat of repeats": "- grok: '((((a{1,100}){1,100}){1,100}){1,100})'",
		"a look ahead":        "- grok: '(?=a)b'",
		"a reference back":    `- grok: '(a)\1'`,
		"an open bracket":     "- grok: '(?<user.name>a'",
		"a name of itself":    "- grok: {patterns: ['%{A:user.name}'], definitions: {A: 'x%{A}'}}",
		"names of each other": "- grok: {patterns: ['%{A:user.name}'], definitions: {A: '%{B}', B: '%{A}'}}",
		"names that double":   "- grok: {patterns: ['%{A:user.name}'], definitions: {A: '" + strings.Repeat("%{B}", 40) + "', B: '" + strings.Repeat("%{C}", 40) + "', C: '" + strings.Repeat("%{D}", 40) + "', D: '" + strings.Repeat("%{E}", 40) + "', E: '" + strings.Repeat("x", 40) + "'}}",
		"a replacement":       "- replace: {_x: ['(a', b]}",
		"separators":          "- kv: {pairs: '/(/', rest: _kv}",
		"matches":             "- set: {user.name: a}\n  if: message matches \"(\"",
		"a function's":        "- eval: {user.name: 'find(message, \"[\")'}",
	} {
		f, faults := compiled(t, steps)
		if f != nil || len(faults) == 0 {
			t.Errorf("%s: it is taken", name)
			continue
		}
		if e := faults[0]; !strings.HasPrefix(e.Where, "f/acme/log.yaml:") || e.What == "" || len(e.What) > 400 {
			t.Errorf("%s: %s: %s", name, e.Where, e.What)
		}
	}
}

// TestBounds_Steps: a format has a bounded number of steps, with all that it includes, and steps within steps are bounded too.
func TestBounds_Steps(t *testing.T) {
	many := strings.Repeat("- stop: true\n", 5001)
	f, faults := compiled(t, many)
	if f != nil || len(faults) != 1 || faults[0].What != "the format has more than 5000 steps with those it includes" {
		t.Errorf("5001 steps: %v", faults)
	}
	if f, faults := compiled(t, strings.Repeat("- stop: true\n", 5000)); f == nil {
		t.Errorf("5000 steps: %v", faults)
	}
	// Ten files, each of which includes the next ten times: ten thousand million steps if nobody counts.
	var more []string
	for i := range 10 {
		next := "- stop: true"
		if i < 9 {
			next = strings.Repeat(fmt.Sprintf("  - include: s%d\n", i+1), 10)
		}
		more = append(more, fmt.Sprintf("shared/s%d.yaml", i), "steps:\n"+next+"\n")
	}
	if f, faults := compiled(t, "- include: s0", more...); f != nil || len(faults) == 0 {
		t.Errorf("files that include each other ten times: %v", faults)
	}
	nested := func(n int) string { return nest(n, "") }
	if f, faults := compiled(t, nested(20)); f == nil {
		t.Errorf("20 blocks within one another: %v", faults)
	}
	if f, faults := compiled(t, nested(30)); f != nil || len(faults) == 0 || !strings.Contains(faults[0].What, "deeper") {
		t.Errorf("30 blocks within one another: %v", faults)
	}
}

// nest writes n blocks within one another.
func nest(n int, indent string) string {
	if n == 0 {
		return indent + "- stop: true\n"
	}
	return indent + "- do:\n" + nest(n-1, indent+"    ")
}

// TestProgram_Fields: what a format can fill is known without running it: for help, and for stores.
func TestProgram_Fields(t *testing.T) {
	f, faults := compiled(t, `
- dissect: '%{source.ip} %{_x} %{}'
- grok: '(?<user.name>a)'
- kv: {fields: {a: user.id, b: ~, c: [user.email, _y]}, rest: acme.thing}
- csv: {columns: [event.code, _, ~], rest: acme.thing.more}
- set: {event.kind: event, _z: 1}
- move: {_x: [destination.ip]}
- date: {from: _x}
- uri: {from: _x}
- address: {_x: client}
- choose: {on: _x, cases: {a: {event.outcome: success}}, else: {event.outcome: failure}}
- switch: {on: _x, cases: {a: [{set: {event.action: a}}]}, else: [{set: {event.reason: a}}]}
- call: linux.pam
- call: {name: linux.sudo, from: _x}
- call: linux.pam
`)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	got := f.Program().Fields()
	if !slices.IsSorted(got) {
		t.Errorf("not sorted: %v", got)
	}
	for _, want := range []string{
		"source.ip", "user.name", "user.id", "user.email", "acme.thing.*", "event.code", "event.kind", "destination.ip", "@timestamp", "url.domain", "url.port",
		"client.ip", "client.port", "event.outcome", "event.action", "event.reason",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not among %v", want, got)
		}
	}
	for _, path := range got {
		if path[0] == '_' {
			t.Errorf("scratch is among the fields: %s", path)
		}
	}
	if calls := f.Program().Calls(); !slices.Equal(calls, []string{"linux.pam", "linux.sudo"}) {
		t.Errorf("readers %v", calls)
	}
}
