package sigma

import (
	"fmt"
	"testing"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	lists := map[string][]string{"Servers": {"srv1", "srv-*"}, "dom": {"a", "b"}, "net": {"10.0.0.0/8", "192.0.2.1"}, "ports": {"80", "443"}, "pattern": {"^a", "b$"}}
	opts := Options{Placeholders: func(name string) []string { return lists[name] }}
	for _, tc := range []struct{ item, want string }{
		{`User|expand: '%Servers%'`, `ieq(User, "srv1") or istartswith(User, "srv-")`},
		{`User|expand: ['%dom%', root]`, `ieq(User, "a", "b", "root")`},
		{`User|contains|expand: '%dom%'`, `icontains(User, "a", "b")`},
		{`User|expand|endswith: '\%dom%'`, `iendswith(User, "%dom%")`},
		{`User|expand: 'x\%y%dom%z'`, `ieq(User, "x%yaz", "x%ybz")`},
		{`User|expand: '%dom%-%dom%'`, `ieq(User, "a-a", "a-b", "b-a", "b-b")`},
		{`User|expand: '100% sure'`, `ieq(User, "100% sure")`},
		{`User|expand|all: ['*%dom%*', 'c*']`, `icontains(User, "a", "b") and istartswith(User, "c")`},
		{`User|cased|expand: '%dom%'`, `User in ["a", "b"]`},
		{`Ip|cidr|expand: '%net%'`, `cidr(Ip, "10.0.0.0/8", "192.0.2.1")`},
		{`Port|gt|expand: '%ports%'`, `number(Port) > 80 or number(Port) > 443`},
		{`User|re|expand: '%pattern%'`, `re(User, "^a", "b$")`},
		{`User|base64|expand: '%dom%'`, `User in ["YQ==", "Yg=="]`},
		{`User|expand|neq: '%dom%'`, `not (ieq(User, "a", "b"))`},
		{`'|expand': '%dom%'`, `icontains($env, "a", "b")`},
		// Without the modifier it is a text.
		{`User: '%dom%'`, `ieq(User, "%dom%")`},
	} {
		got := parse(detection("selection:\n    "+tc.item, "condition: selection"), opts)
		if len(got.rules) != 1 || len(got.faults) != 0 {
			t.Errorf("%s: %s", tc.item, show(got.faults))
			continue
		}
		if s := got.rules[0].Detection.Flat().String(); s != tc.want {
			t.Errorf("%s: got %s, want %s", tc.item, s, tc.want)
		}
	}
}

// TestExpandWithoutValues: the rule is refused, and the message says where values go.
func TestExpandWithoutValues(t *testing.T) {
	t.Parallel()
	rule := detection("selection: {User|expand: '%Servers%'}", "condition: selection")
	for dir, file := range map[string]string{"": "lists/Servers.txt", "weir-data/lists/": "weir-data/lists/Servers.txt"} {
		for _, values := range []func(string) []string{nil, func(string) []string { return nil }} {
			got := parse(rule, Options{ListDir: dir, Placeholders: values})
			want := "6:28: error[sigma-placeholder]: the placeholder `%Servers%` has no values\n  selection: {User|expand: '%Servers%'}\n                           ^^^^^^^^^^^\ndo write its values, one a line, into " + file + "\n"
			if s := show(got.faults); len(got.rules) != 0 || s != want {
				t.Errorf("got\n%swant\n%s", s, want)
			}
		}
	}
}

func TestExpandIsBounded(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprint("v", i))
	}
	opts := Options{Placeholders: func(string) []string { return many }}
	got := parse(detection("selection: {User|expand: '%a%%b%%c%%d%'}", "condition: selection"), opts)
	if len(got.rules) != 0 || len(got.faults) != 1 || got.faults[0].Code != "rule-too-large" {
		t.Error(show(got.faults))
	}
}
