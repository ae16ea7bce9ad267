package correlation

import (
	"fmt"
	"strings"
	"testing"
)

// TestMessages compares everything that is said about a correlation, with the caret below its line, as a person reads it.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, doc, want string }{
		{"a misspelt condition", "count: {when: faild, at_least: 10}\nby: [source.ip]\nwithin: 5m", `
f.yaml:1:15: error[rule-unknown-condition]: there is no condition ` + "`faild`" + `
count: {when: faild, at_least: 10}
              ^^^^^
do did you mean ` + "`failed`" + `?
`},
		{"a misspelt name in a text over several lines", "any_order:\n  condition: >\n    failed and\n    not (login or logn)\nwithin: 5m", `
f.yaml:4:19: error[rule-unknown-condition]: there is no step ` + "`logn`" + `
    not (login or logn)
                  ^^^^
do did you mean ` + "`login`" + `?
`},
		{"a bracket that is not closed", "any_order: {condition: 'failed and (login or scan'}\nwithin: 5m", `
f.yaml:1:36: error[rule-value]: this bracket is not closed
any_order: {condition: 'failed and (login or scan'}
                                   ^
do add a )
`},
		{"a circle", "count: {when: a, at_least: 2}\nwithin: 1h\nof:\n  a: {count: {when: b, at_least: 2}, within: 1m}\n  b: {count: {when: a, at_least: 2}, within: 1m}", `
f.yaml:5:21: error[rule-circular]: ` + "`a` names `b`, which names `a`" + `: no correlation can wait for itself
  b: {count: {when: a, at_least: 2}, within: 1m}
                    ^
do take one of the names out
`},
		{"a condition in two places", "sequence: [{when: burst}, {when: failed}]\nwithin: 1h\nof:\n  burst: {count: {when: failed, at_least: 5}, within: 1m}", `
f.yaml:4:25: error[rule-value]: the condition ` + "`failed` is used by the rule and by `burst`" + `
  burst: {count: {when: failed, at_least: 5}, within: 1m}
                        ^^^^^^
do write the condition twice, with two names
`},
		{"a window of more than a year", "count: {when: failed, at_least: 10}\nwithin: 500d", `
f.yaml:2:9: error[rule-value]: ` + "`within`" + ` must be longer than nothing and at most 400d
within: 500d
        ^^^^
`},
		{"bounds that nothing meets", "count: {when: failed, is: {gt: 100, lt: 50}}\nwithin: 1h", `
f.yaml:1:8: error[rule-value]: ` + "`count`" + ` can never be met: no number meets all of them
count: {when: failed, is: {gt: 100, lt: 50}}
       ^
do correct the numbers
`},
		{"an outer group that is not the inner one's", "sequence: [{when: burst}, {when: login}]\nby: [user.name]\nwithin: 1h\nof:\n  burst: {count: {when: failed, at_least: 5}, by: [host.name], within: 1m}", `
f.yaml:2:6: warning[rule-value]: ` + "`burst`" + ` does not group by user.name
by: [user.name]
     ^^^^^^^^^
why the value of the event that completes it is taken
do add it to ` + "`by` of `burst`" + `, unless that is meant
`},
		{"several mistakes at once", "cuont: {at_least: 2}\nwithin: soon\nwindow: 5m", `
f.yaml:1:1: error[rule-unknown-key]: unknown key ` + "`cuont`" + ` in correlate
cuont: {at_least: 2}
^^^^^
do did you mean ` + "`count`" + `?
f.yaml:2:9: error[rule-value]: ` + "`within`" + ` needs a duration
within: soon
        ^^^^
do write 30s, 10m, 2h or 1d
f.yaml:3:9: error[rule-value]: ` + "`window` cannot be `5m`" + `
window: 5m
        ^^
do write one of: sliding, tumbling, session
`},
		{"an alias without a field", "any_order: [{when: failed}, {when: login}]\nby: [user.name, {from: {failed: source.ip}}]\nwithin: 1h", `
f.yaml:2:18: error[rule-value]: ` + "`from` says no field for `login`" + `
by: [user.name, {from: {failed: source.ip}}]
                 ^^^^
do add ` + "`login: FIELD`" + `
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, faults := read(t, tc.doc, "failed", "login", "scan")
			var b strings.Builder
			b.WriteString("\n")
			for _, e := range faults {
				if e.Code == "rule-unused-condition" {
					continue
				}
				word := "error"
				if e.Warn {
					word = "warning"
				}
				fmt.Fprintf(&b, "%s: %s[%s]: %s\n%s\n%s%s\n", e.Where, word, e.Code, e.What, e.Text, strings.Repeat(" ", e.Mark-1), strings.Repeat("^", e.Width))
				if e.Why != "" {
					fmt.Fprintf(&b, "why %s\n", e.Why)
				}
				if e.Do != "" {
					fmt.Fprintf(&b, "do %s\n", e.Do)
				}
			}
			if b.String() != tc.want {
				t.Errorf("got%s\nwant%s", b.String(), tc.want)
			}
		})
	}
}
