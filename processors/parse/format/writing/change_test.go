package writing_test

import "testing"

// TestSet_Default: default only where nothing is, set always.
func TestSet_Default(t *testing.T) {
	check(t, []stepCase{
		{"over another type", "- set: {acme.a: 1}\n- set: {acme.a: text}", "m", `{"acme":{"a":"text"}}`},
		{"default below the root", "- set: {acme.a: 1}\n- default: {acme.a: 2, acme.b: 3}", "m", `{"acme":{"a":1,"b":3}}`},
		{"default in scratch", "- default: {_a: x}\n- default: {_a: y}\n- copy: {_a: user.name}", "m", `{"user":{"name":"x"}}`},
		{"default of a list", "- set: {event.type: [a]}\n- default: {event.type: [b], event.category: [c]}", "m", `{"event":{"category":["c"],"type":["a"]}}`},
		{"default with a place that is not there", "- default: {user.name: '{{_no}}'}\n- default: {user.name: kim}", "m", `{"user":{"name":"kim"}}`},
		{"null counts as nothing", "- json: {}\n- copy: {_json.a: _a}\n- default: {_a: x}\n- copy: {_a: user.name}", `{"a":null}`, `{"user":{"name":"x"}}`},
	})
}

// TestCopy_Move: to one place and to several, and of what is not there nothing.
func TestCopy_Move(t *testing.T) {
	check(t, []stepCase{
		{"a tree below the root", "- json: {}\n- copy: {_json.a: acme.a}", `{"a":{"b":[1,{"c":2}]}}`, `{"acme":{"a":{"b":[1,{"c":2}]}}}`},
		{"move takes the source away", "- set: {user.name: kim}\n- move: {user.name: user.id}", "m", `{"user":{"id":"kim"}}`},
		{"move to several", "- set: {_a: kim}\n- move: {_a: [user.id, user.name, _b]}\n- copy: {_a: user.email, _b: user.hash}", "m", `{"user":{"hash":"kim","id":"kim","name":"kim"}}`},
		{"move to itself", "- set: {user.name: kim}\n- move: {user.name: user.name}", "m", `{"user":{"name":"kim"}}`},
		{"copy keeps what a target has if the source is not there", "- set: {user.name: kim}\n- copy: {_no: user.name}\n- move: {_no: user.name}", "m", `{"user":{"name":"kim"}}`},
	})
}

// TestAppend_Lists: each value once, in order, whatever was there before.
func TestAppend_Lists(t *testing.T) {
	check(t, []stepCase{
		{"a field that is one value becomes a list with the second", "- append: {user.name: a}\n- append: {user.name: b}\n- append: {user.name: a}", "m", `{"user":{"name":["a","b"]}}`},
		{"below the root one is a list", "- append: {acme.l: a}", "m", `{"acme":{"l":["a"]}}`},
		{"to a text that is there", "- set: {acme.l: a}\n- append: {acme.l: [a, b]}", "m", `{"acme":{"l":["a","b"]}}`},
		{"a list from a place, item by item", "- set: {_l: [a, b]}\n- append: {event.type: '{{_l}}'}\n- append: {event.type: [b, c]}", "m", `{"event":{"type":["a","b","c"]}}`},
		{"numbers and texts are not the same", "- append: {acme.l: [1, '1', 1]}", "m", `{"acme":{"l":[1,"1"]}}`},
		{"words that mean nothing", "- append: {event.type: ['-', '', a, '{{_no}}']}", "m", `{"event":{"type":["a"]}}`},
		{"objects", "- json: {}\n- append: {acme.l: '{{_json.o}}'}\n- append: {acme.l: '{{_json.o}}'}\n- append: {acme.l: '{{_json.p}}'}", `{"o":{"a":1,"b":2},"p":{"c":3}}`, `{"acme":{"l":[{"a":1,"b":2},{"c":3}]}}`},
		{"to an object that is there", "- json: {}\n- copy: {_json.o: acme.o}\n- append: {acme.o: x}", `{"o":{"a":1,"b":2}}`, `{"acme":{"o":[{"a":1,"b":2},"x"]}}`},
	})
}

// TestChange: lower, upper, trim, urldecode and replace change texts and the texts of lists, and nothing else.
func TestChange(t *testing.T) {
	check(t, []stepCase{
		{"lower, one place", "- set: {user.name: 'ÄB'}\n- lower: user.name", "m", `{"user":{"name":"äb"}}`},
		{"lower, a list of values", "- set: {event.type: [A, B]}\n- lower: [event.type]", "m", `{"event":{"type":["a","b"]}}`},
		{"upper", "- set: {user.name: 'ab', user.id: 'Cd'}\n- upper: [user.name, user.id]", "m", `{"user":{"id":"CD","name":"AB"}}`},
		{"a number stays", "- set: {event.severity: 7}\n- upper: [event.severity]\n- trim: [event.severity, _no]", "m", `{"event":{"severity":7}}`},
		{"trim", "- eval: {user.name: '\"  a b \" + \" \"'}\n- trim: [user.name]", "m", `{"user":{"name":"a b"}}`},
		{"trim leaves nothing", "- set: {user.name: '   '}\n- trim: [user.name]", "m", `{}`},
		{"urldecode", "- set: {user.name: 'a%20b+c', user.id: '50%'}\n- urldecode: [user.name, user.id]", "m", `{"user":{"id":"50%","name":"a b c"}}`},
		{"replace, groups", "- set: {user.name: 'kim@corp'}\n- replace: {user.name: [['^(.*)@(.*)$', '$2/$1']]}", "m", `{"user":{"name":"corp/kim"}}`},
		{"replace, pairs in order", "- set: {user.name: 'abc'}\n- replace: {user.name: [[a, b], [b, c]]}", "m", `{"user":{"name":"ccc"}}`},
		{"replace in a list", "- set: {event.type: [xa, xb]}\n- replace: {event.type: [x, '']}", "m", `{"event":{"type":["a","b"]}}`},
		{"replace where nothing fits", "- set: {user.name: 'abc'}\n- replace: {user.name: [z, y], user.id: [z, y]}", "m", `{"user":{"name":"abc"}}`},
		{"split, blanks trimmed", "- set: {event.type: ' a ;b; ;-;c'}\n- split: {event.type: ';'}", "m", `{"event":{"type":["a","b","c"]}}`},
		{"split of more letters", "- set: {event.type: 'a, b, c'}\n- split: {event.type: ', '}", "m", `{"event":{"type":["a","b","c"]}}`},
		{"split of a list and of nothing", "- set: {event.type: [a]}\n- split: {event.type: ',', _no: ','}", "m", `{"event":{"type":["a"]}}`},
		{"join", "- json: {}\n- join: {_json.l: ', '}\n- copy: {_json.l: user.name}", `{"l":["a",1,true]}`, `{"user":{"name":"a, 1, true"}}`},
		{"join by nothing", "- set: {_l: [a, b]}\n- join: {_l: ''}\n- copy: {_l: user.name}", "m", `{"user":{"name":"ab"}}`},
		{"join of a text", "- set: {user.name: a}\n- join: {user.name: ','}", "m", `{"user":{"name":"a"}}`},
	})
}

// TestConvert_Types: each type, what becomes of what is none, and of lists.
func TestConvert_Types(t *testing.T) {
	for _, c := range []struct{ to, msg, want string }{
		{"int", "42", `42`}, {"int", "0x1F", `31`}, {"int", "-7.9", `-7`}, {"float", "1.5", `1.5`}, {"bool", "Yes", `true`}, {"bool", "0", `false`},
		{"string", "7", `"7"`}, {"ip", "[2001:db8::1]", `"2001:db8::1"`}, {"mac", "001122aabbcc", `"00-11-22-AA-BB-CC"`}, {"hex", "ff", `255`},
		{"upper", "a", `"A"`}, {"lower", "A", `"a"`}, {"trim", " a ", `"a"`}, {"list", "a", `["a"]`},
	} {
		if got, want := ran(t, "- copy: {message: acme.v}\n- convert: {acme.v: "+c.to+"}", c.msg), `{"acme":{"v":`+c.want+`}}`; got != want {
			t.Errorf("%s: %s, want %s", c.to, got, want)
		}
	}
	for to, msg := range map[string]string{"int": "x", "float": "1,5", "bool": "maybe", "ip": "host", "mac": "00:11", "hex": "xyz"} {
		got := ran(t, "- copy: {message: acme.v}\n- convert: {acme.v: "+to+"}", msg)
		if want := `{"acme":{"v":"` + msg + `"},"weir":{"parse_errors":["acme.log: convert at line 7: acme.v: the value is no ` + to + `"]}}`; got != want {
			t.Errorf("%s of %s:\ngot  %s\nwant %s", to, msg, got, want)
		}
	}
	check(t, []stepCase{
		{"of a list all or none", "- set: {_a: ['1', '2'], _b: ['1', x]}\n- convert: {_a: int, _b: int}\n  optional: true\n- copy: {_a: acme.a, _b: acme.b}", "m", `{"acme":{"a":[1,2],"b":["1","x"]}}`},
		{"what is not there", "- convert: {_no: int, user.name: ip}", "m", `{}`},
		{"the others are converted all the same", "- set: {_a: x, _b: '2'}\n- convert: {_a: int, _b: int}\n  optional: true\n- copy: {_b: event.severity}", "m", `{"event":{"severity":2}}`},
	})
}
