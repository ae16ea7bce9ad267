package writing_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLookup_Keys: from, to, table, else and fold.
func TestLookup_Keys(t *testing.T) {
	check(t, []stepCase{
		{"a number as key", "- json: {}\n- lookup: {from: _json.n, to: event.action, table: {7: seven, 8: eight}}", `{"n":7}`, `{"event":{"action":"seven"}}`},
		{"a truth as key", "- json: {}\n- lookup: {from: _json.t, to: event.action, table: {true: yes, false: no}}", `{"t":false}`, `{"event":{"action":"no"}}`},
		{"values keep their types", "- lookup: {from: message, to: event.severity, table: {high: 7}}", "high", `{"event":{"severity":7}}`},
		{"a list as value", "- lookup: {from: message, to: event.type, table: {a: [connection, allowed]}}", "a", `{"event":{"type":["connection","allowed"]}}`},
		{"no row writes nothing", "- set: {event.action: old}\n- lookup: {from: message, to: event.action, table: {a: b}}", "c", `{"event":{"action":"old"}}`},
		{"else with a place", "- lookup: {from: message, to: event.action, table: {a: b}, else: 'other {{message}}'}", "c", `{"event":{"action":"other c"}}`},
		{"nothing to look up has no else", "- lookup: {from: _no, to: event.action, table: {a: b}, else: x}", "c", `{}`},
		{"capital letters count", "- lookup: {from: message, to: event.action, table: {A: b}}", "a", `{}`},
		{"unless they do not", "- lookup: {from: message, to: event.action, table: {A: b}, fold: true}", "a", `{"event":{"action":"b"}}`},
		{"the first of two alike counts", "- lookup: {from: message, to: event.action, table: {A: one, a: two}, fold: true}", "a", `{"event":{"action":"one"}}`},
		{"blanks around alternatives", "- lookup: {from: message, to: event.action, table: {'a | b |c': x}}", "b", `{"event":{"action":"x"}}`},
		{"in place", "- set: {event.action: 'A'}\n- lookup: {from: event.action, to: event.action, table: {A: allow}}", "m", `{"event":{"action":"allow"}}`},
		{"of a list what has a row", "- set: {_l: [a, x, b]}\n- lookup: {from: _l, to: event.type, table: {a: one, b: two}, else: other}", "m", `{"event":{"type":["one","two"]}}`},
		{"of a list of which nothing has", "- set: {_l: [x]}\n- lookup: {from: _l, to: event.type, table: {a: one}}", "m", `{}`},
	})
}

// TestLookup_Rows: a table file may have comments, odd lengths of rows and quotes; what is broken is told with the table's name.
func TestLookup_Rows(t *testing.T) {
	for _, c := range []struct{ name, steps, csv, msg, want string }{
		{"two columns, no names", "- lookup: {from: message, to: user.name, table: x.csv}", "1,kim\n2,lee\n", "2", `{"user":{"name":"lee"}}`},
		{"of many columns the second", "- lookup: {from: message, to: user.name, table: x.csv}", "1,kim,never\n", "1", `{"user":{"name":"kim"}}`},
		{"quotes and commas", "- lookup: {from: message, to: user.name, table: x.csv}", "\"a,b\",\"kim \"\"k\"\"\"\n", "a,b", `{"user":{"name":"kim \"k\""}}`},
		{"fold", "- lookup: {from: message, to: user.name, table: x.csv, fold: true}", "ABC,kim\n", "abc", `{"user":{"name":"kim"}}`},
		{"else", "- lookup: {from: message, to: user.name, table: x.csv, else: nobody}", "1,kim\n", "2", `{"user":{"name":"nobody"}}`},
		{"names of places, with blanks", "- lookup: {from: message, table: x.csv}", "code, user.name , user.id\n1,kim,7\n", "1", `{"user":{"id":"7","name":"kim"}}`},
		{"a short row", "- lookup: {from: message, table: x.csv}", "code,user.name,user.id\n1,kim\n", "1", `{"user":{"name":"kim"}}`},
		{"an empty cell writes nothing", "- set: {user.name: old}\n- lookup: {from: message, table: x.csv}", "code,user.name,user.id\n1,,7\n", "1", `{"user":{"id":"7","name":"old"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ran(t, c.steps, c.msg, "acme/x.csv", c.csv); got != c.want {
				t.Errorf("\ngot  %s\nwant %s", got, c.want)
			}
		})
	}
	for name, c := range map[string]struct{ table, csv, want string }{
		"not there":          {"y.csv", "a,b\n", "the table y.csv cannot be read"},
		"outside":            {"../../etc/passwd", "a,b\n", "the table ../../etc/passwd cannot be read"},
		"one column":         {"x.csv", "a\n", "a row with less than two columns"},
		"a quote that opens": {"x.csv", "a,\"b\n", "the table x.csv is broken"},
	} {
		f, faults := load("- lookup: {from: message, to: user.name, table: "+c.table+"}", "acme/x.csv", c.csv)
		if f != nil || len(faults) == 0 || !strings.Contains(faults[0].What, c.want) || !strings.HasPrefix(faults[0].Where, "f/acme/log.yaml:6:") {
			t.Errorf("%s: %v", name, faults)
		}
	}
	var big strings.Builder
	for i := range 200_010 {
		fmt.Fprintf(&big, "%d,x\n", i)
	}
	if f, faults := load("- lookup: {from: message, to: user.name, table: x.csv}", "acme/x.csv", big.String()); f != nil || len(faults) != 1 || !strings.Contains(faults[0].What, "more than 200000 rows") {
		t.Errorf("a table of 200,010 rows: %v", faults)
	}
}

// TestChoose_Keys: on, fold, cases and else.
func TestChoose_Keys(t *testing.T) {
	const steps = `
- choose:
    on: message
    cases:
      allow|permit:
        event.type: [connection, allowed]
        event.outcome: success
      deny:
        event.outcome: failure
        event.reason: '{{message}} of {{_no}}'
    else:
      event.outcome: unknown
`
	check(t, []stepCase{
		{"several places", steps[1:], "permit", `{"event":{"outcome":"success","type":["connection","allowed"]}}`},
		{"a template of what is not there", steps[1:], "deny", `{"event":{"outcome":"failure"}}`},
		{"else", steps[1:], "drop", `{"event":{"outcome":"unknown"}}`},
		{"a list: its first that has a case", "- set: {_l: [x, b, a]}\n- choose: {on: _l, cases: {a: {event.action: a}, b: {event.action: b}}}", "m", `{"event":{"action":"b"}}`},
		{"no value", "- choose: {on: _no, cases: {a: {event.action: a}}}", "m", `{}`},
		{"an expression", "- choose: {on: '(message contains \"x\" ? 1 : 2)', cases: {1: {event.action: with}, 2: {event.action: without}}}", "axb", `{"event":{"action":"with"}}`},
		{"~ writes nothing", "- set: {event.action: old}\n- choose: {on: message, cases: {m: {event.action: ~, user.name: kim}}}", "m", `{"event":{"action":"old"},"user":{"name":"kim"}}`},
	})
}
