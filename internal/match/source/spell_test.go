package source

import (
	"testing"
)

// TestSpelling prints forms of expr so that they read as what they were, where expr's own printing loses brackets, points
// or bytes.
func TestSpelling(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ src, want string }{
		{`!(user.name == 'x')`, `not (user.name == "x")`},
		{`user?.name + "" == "x"`, `user.name + "" == "x"`},
		{`(user.name + "x")[1:2] == "x"`, `(user.name + "x")[1:2] == "x"`},
		{`user.name[:2] == "x"`, `user.name[:2] == "x"`},
		{`user.name[2:] == "x"`, `user.name[2:] == "x"`},
		{`(event.severity > 1 ? user : host).name == "x"`, `(event.severity > 1 ? user : host).name == "x"`},
		{`event.severity * (1 + 2) == 3.0`, `event.severity * (1 + 2) == 3.0`},
		{`event.severity - (1 - 2) == 3`, `event.severity - (1 - 2) == 3`},
		{`(event.severity - 1) - 2 == 3`, `event.severity - 1 - 2 == 3`},
		{`-(event.severity + 1) < 5`, `-(event.severity + 1) < 5`},
		{`(-event.severity) ** 2 > 5`, `(-event.severity) ** 2 > 5`},
		{`2 ** (3 ** 2) > event.severity`, `2 ** (3 ** 2) > event.severity`},
		{`(2 ** 3) ** 2 > event.severity`, `(2 ** 3) ** 2 > event.severity`},
		{`(user.name ?? user.id ?? "x") == "y"`, `(user.name ?? user.id ?? "x") == "y"`},
		{`any(related.ip, # startsWith "1" and not (# == "10"))`, `any(related.ip, # startsWith "1" and not (# == "10"))`},
		{`any(related.ip, .a == 1)`, `any(related.ip, #.a == 1)`},
		{`all(related.ip, {1 < # < 7})`, `all(related.ip, 1 < # && # < 7)`},
		{`labels["a-b"] + "" == "\u{1F600}"`, `labels["a-b"] + "" == "😀"`},
		{`$env["@timestamp"] + "" == "a\tb"`, `$env["@timestamp"] + "" == "a\tb"`},
		{"trim(user.name) == `a\\b`", `trim(user.name) == "a\\b"`},
		{`(user.name == "x") == true`, `user.name == "x" == true`},
		{`true == (user.name == "x")`, `true == (user.name == "x")`},
		{`user.name in [user.id, b"\xff"]`, `user.name in [user.id, b"\xff"]`},
		{`user.name | trim() == "x"`, `trim(user.name) == "x"`},
		{`if tls.established { user.name == "x" } else { false }`, `(tls.established ? user.name == "x" : false)`},
		{`event.severity == 1e300`, `event.severity == 1e+300`},
		{`not - - event.severity`, `not --event.severity`},
	} {
		n, err := Parse(tc.src, nil)
		if err != nil {
			t.Errorf("%s: %v", tc.src, err)
			continue
		}
		got := Spell(n)
		if got != tc.want {
			t.Errorf("%s is printed as %s, want %s", tc.src, got, tc.want)
		}
		again, err := Parse(got, nil)
		if err != nil {
			t.Errorf("%s: %v", got, err)
		} else if Spell(again) != got {
			t.Errorf("%s is then printed as %s", got, Spell(again))
		}
	}
}
