package match

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	e := sample(t)
	c := mustCompile(t, `process.name == "sshd" and (user.name == "a" or user.name == "b" and source.port == 1) and not (event.outcome == "failure") and user.domain == "x"`)
	misses, of := c.Explain(e)
	var got []string
	for _, m := range misses {
		s := m.Expr
		for _, v := range m.Values {
			s += " | " + v.Field + "=" + v.Value
		}
		got = append(got, s)
	}
	want := []string{`user.name == "a" | user.name=Root`, `not (event.outcome == "failure") | event.outcome=failure`, `user.domain == "x" | user.domain=`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || of != 4 {
		t.Errorf("of %d:\n%s", of, strings.Join(got, "\n"))
	}
	if misses[2].Values[0].Has {
		t.Error("a field that is not there is said to be there")
	}
	if m, _ := mustCompile(t, `not (user.name == "a" or event.code == "1") and any(related.ip, cidr(#, "10.0.0.0/8"))`).Explain(e); m != nil {
		t.Errorf("%v", m)
	}
	m, _ := mustCompile(t, `any(related.ip, cidr(#, "11.0.0.0/8"))`).Explain(e)
	if len(m) != 1 || strings.Contains(m[0].Expr, helper) || m[0].Values[0].Value != `["10.1.2.3","192.0.2.1"]` {
		t.Errorf("%+v", m)
	}
}
