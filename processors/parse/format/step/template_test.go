package step_test

import "testing"

// TestTemplate: constants, texts with places, and lists of both.
func TestTemplate(t *testing.T) {
	check(t, []stepCase{
		{"a text", "- set: {event.action: a b}", "m", `{"event":{"action":"a b"}}`},
		{"a number, a truth and a fraction keep their types", "- set: {event.severity: 7, acme.thing.b: true, acme.thing.f: 1.5, acme.thing.t: '7'}", "m", `{"acme":{"thing":{"b":true,"f":1.5,"t":"7"}},"event":{"severity":7}}`},
		{"~ writes nothing", "- set: {event.action: ~}", "m", `{}`},
		{"one place", "- set: {event.action: '{{message}}'}", "m", `{"event":{"action":"m"}}`},
		{"blanks around its name", "- set: {event.action: '{{ message }}'}", "m", `{"event":{"action":"m"}}`},
		{"several, with text between", "- set: {_a: 1, event.action: '<{{_a}}{{message}}>{{_a}}'}", "m", `{"event":{"action":"<1m>1"}}`},
		{"one of them has nothing", "- set: {event.action: 'a {{message}} {{_no}}'}", "m", `{}`},
		{"a place with an empty text has nothing", "- set: {event.action: '[{{message}}]'}", "", `{}`},
		{"a list within a text", "- set: {_l: [a, b], event.action: 'x {{_l}}'}", "m", `{"event":{"action":"x [\"a\",\"b\"]"}}`},
		{"a list keeps what there is", "- set: {event.type: ['{{_no}}', a, '{{message}}']}", "m", `{"event":{"type":["a","m"]}}`},
		{"a list of which nothing is left", "- set: {event.type: ['{{_no}}', '{{_none}}']}", "m", `{}`},
		{"a list of constants", "- set: {acme.thing.l: [1, true, x]}", "m", `{"acme":{"thing":{"l":[1,true,"x"]}}}`},
		{"quotes in a place", "- json: {}\n- set: {event.action: 'x {{_json.\"a b\"}}'}", `{"a b":"y"}`, `{"event":{"action":"x y"}}`},
		{"lines of a block", "- set:\n    event.action: |-\n      a {{message}}\n      b", "m", `{"event":{"action":"a m\nb"}}`},
		{"a brace alone", "- set: {event.action: 'a {b} }} c'}", "m", `{"event":{"action":"a {b} }} c"}}`},
		{"a word that means nothing, made of parts", "- set: {_a: '', event.action: '{{_b}}'}\n- set: {_c: '-'}\n- set: {event.reason: '{{_c}}'}", "m", `{}`},
	})
}

// TestTemplate_Order: places of one step are written in order, so that a later one sees the earlier.
func TestTemplate_Order(t *testing.T) {
	check(t, []stepCase{
		{"set", "- set: {_a: one, _b: '{{_a}} two', event.action: '{{_b}} three'}", "m", `{"event":{"action":"one two three"}}`},
		{"eval", "- eval: {_a: '1 + 1', event.severity: '_a * 2'}", "m", `{"event":{"severity":4}}`},
		{"copy", "- set: {_a: x}\n- copy: {_a: _b, _b: event.action}", "m", `{"event":{"action":"x"}}`},
	})
}
