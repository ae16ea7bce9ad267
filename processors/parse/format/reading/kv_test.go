package reading_test

import (
	"fmt"
	"strings"
	"testing"
)

// stepCase is a small file, a message and what becomes of it.
type stepCase struct{ name, steps, msg, want string }

// check runs cases.
func check(t *testing.T, cases []stepCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			if got := ran(t, c.steps, c.msg); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestKV_Keys: each key of the step.
func TestKV_Keys(t *testing.T) {
	check(t, []stepCase{
		{"all left out", "- kv: {rest: acme}", `a=1 b="two words" c=`, `{"acme":{"a":"1","b":"two words"}}`},
		{"from", "- set: {_t: 'a=1'}\n- kv: {from: _t, rest: acme}", "b=2", `{"acme":{"a":"1"}}`},
		{"from what is not there", "- kv: {from: _t, rest: acme}", "b=2", `{}`},
		{"pairs", "- kv: {pairs: '|', rest: acme}", "a=1 2|b=3", `{"acme":{"a":"1 2","b":"3"}}`},
		{"several pairs", "- kv: {pairs: [';', ','], rest: acme}", "a=1;b=2,c=3", `{"acme":{"a":"1","b":"2","c":"3"}}`},
		{"several values", "- kv: {pairs: ';', value: ['=', ':'], rest: acme}", "a=1;b:2", `{"acme":{"a":"1","b":"2"}}`},
		{"longer separators", "- kv: {pairs: ', ', value: ' => ', rest: acme}", "a => 1, b => 2", `{"acme":{"a":"1","b":"2"}}`},
		{"a regular expression", `- kv: {pairs: '/\s*;\s*/', rest: acme}`, "a=1 ;  b=2;c=3", `{"acme":{"a":"1","b":"2","c":"3"}}`},
		{"quote", "- kv: {quote: \"'\", rest: acme}", `a='1 2' b="3`, `{"acme":{"a":"1 2","b":"\"3"}}`},
		{"no quote", "- kv: {quote: '', rest: acme}", `a="1 b=2"`, `{"acme":{"a":"\"1","b":"2\""}}`},
		{"escape", `- kv: {escape: '\', rest: acme}`, `a="say \"x\" now" b=2`, `{"acme":{"a":"say \"x\" now","b":"2"}}`},
		{"trim", "- kv: {pairs: ';', trim: '[] ', rest: acme}", "a=[1]; b=[2]", `{"acme":{"a":"1","b":"2"}}`},
		{"lazy", "- kv: {lazy: true, rest: acme}", "msg=hello there user=kim lee", `{"acme":{"msg":"hello there","user":"kim lee"}}`},
		{"names lower", "- kv: {names: lower, rest: acme}", "UserName=1", `{"acme":{"username":"1"}}`},
		{"names snake", "- kv: {names: snake, rest: acme}", "UserName=1", `{"acme":{"user_name":"1"}}`},
		{"names do not change what fields ask for", "- kv: {names: snake, fields: {UserName: user.name}, rest: acme}", "UserName=1 username=2", `{"acme":{"username":"2"},"user":{"name":"1"}}`},
		{"a field of several places and of none", "- kv: {fields: {a: [user.name, acme.a], b: ~}, rest: acme.more}", "a=1 b=2 c=3", `{"acme":{"a":"1","more":{"c":"3"}},"user":{"name":"1"}}`},
		{"no rest", "- kv: {fields: {a: user.name}}", "a=1 b=2", `{"user":{"name":"1"}}`},
		{"rest nowhere", "- kv: {fields: {a: user.name}, rest: ~}", "a=1 b=2", `{"user":{"name":"1"}}`},
		{"a key twice is a list", "- kv: {rest: acme}", "a=1 a=2 a=3 b=4", `{"acme":{"a":["1","2","3"],"b":"4"}}`},
		{"a field twice is the last", "- kv: {fields: {a: user.name}}", "a=1 a=2", `{"user":{"name":"2"}}`},
		{"beside what is there", "- set: {acme.old: x, acme.a: y}\n- kv: {rest: acme}", "a=1", `{"acme":{"old":"x","a":"1"}}`},
		{"twice into one place", "- kv: {rest: acme}\n- set: {_t: 'b=2'}\n- kv: {from: _t, rest: acme}", "a=1", `{"acme":{"a":"1","b":"2"}}`},
	})
}

// TestKV_ManyKeys: more keys than are searched for one that came before are kept all the same.
func TestKV_ManyKeys(t *testing.T) {
	var msg strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&msg, "key%d=v%d ", i, i)
	}
	msg.WriteString("key5=again")
	got := ran(t, "- kv: {rest: acme}", msg.String())
	for _, want := range []string{`"key0":"v0"`, `"key2999":"v2999"`, `"key5":["v5","again"]`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
}
