package match

import (
	"strings"
	"testing"
)

// TestRefused lists what may not run on expr's machine: each could take time or memory out of proportion to the event,
// or gives another answer at another time.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"the clock":                  `now() > date("2026-01-01")`,
		"a duration":                 `duration("1h") > duration("2h")`,
		"long texts":                 `repeat("x", 999999999) == user.name`,
		"growing texts":              `replace(user.name, "", "xxxxxxxx") == ""`,
		"ranges":                     `any(1..1000000, # == event.severity)`,
		"loops in loops":             `any(related.ip, any(related.user, # == "x"))`,
		"loops in loops over groups": `count(filter(related.ip, {any(related.user, # == "y")})) > 1`,
		"accumulators":               `reduce(related.ip, #acc + #) == ""`,
		"variables":                  `let x = user.name; x + x == ""`,
		"maps":                       `{"a": user.name}.a + "x" == ""`,
		"several statements":         `trim(user.name) == "a"; true`,
		"methods":                    `(user.name + "x").Foo() == 1`,
		"patterns made at run time":  `(user.name + "") matches user.id`,
		"our functions without list": `cidr(related.ip[0], user.name)`,
		"exists of a calculation":    `exists(user.name + "x")`,
		"the whole environment":      `len($env) > 1 + 1`,
		"sorting":                    `sortBy(related.ip, #)[0] == "x"`,
		"decoding":                   `fromJSON(message).a == 1`,
	} {
		if c, err := Compile(src); err == nil {
			t.Errorf("%s: %s is accepted, %d parts on the machine", name, src, c.Slow())
		} else if strings.Contains(err.Error(), "panic") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAllowed lists what may.
func TestAllowed(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		`one(related.user, # == "root")`, `none(related.user, {# == "x"})`, `len(filter(related.ip, # startsWith "10.")) == 1`,
		`map(related.user, upper(#))[0] == "ROOT"`, `find(related.ip, # endsWith ".1") == "192.0.2.1"`, `sum(map(related.ip, len(#))) == 17`,
		`split(message, " ")[0] == "Failed"`, `indexOf(message, "password") == 7`, `hasPrefix(trim(message), "Failed")`, `min(event.severity, 9) == 5`,
		`int(event.code) == 4625`, `string(event.severity) == "5"`, `type(event.severity) == "int"`, `related.ip[-1] == "192.0.2.1"`, `len(related.ip[0:1]) + 0 == 1`,
		`event.severity % 2 == 1`, `-event.severity < 0 + 0`, `(user.name ?? "") + "!" == "Root!"`,
	} {
		c, err := Compile(src)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if !c.Match(sample(t)) {
			t.Errorf("%s does not hold", src)
		}
		sameAgain(t, c, src, sample(t))
	}
}
