package pattern

import "testing"

func TestExpand(t *testing.T) {
	defs := map[string]string{"A": `a+`, "B": `%{A:in}(b)`}
	for _, c := range []struct{ pattern, want string }{
		{`%{A}`, `(?:a+)`},
		{`%{A:x}`, `(a+)`},
		{`%{B:x}`, `((a+)(?:b))`},
		{`(?<x>y)(?P<z>w)(?:v)(u)`, `(y)(w)(?:v)(?:u)`},
		{`[(%{A]\(`, `[(%{A]\(`},
		{`[^]%{]`, `[^]%{]`},
		{`[[:alpha:]%{]`, `[[:alpha:]%{]`},
		{`\%{A}`, `\%{A}`},
		{`a\`, `a\`},
		{`[a`, `[a`},
	} {
		x := expander{defs: defs}
		if err := x.pattern(c.pattern); err != nil || x.out.String() != c.want {
			t.Errorf("%s: %s, %v; want %s", c.pattern, x.out.String(), err, c.want)
		}
	}
}

func TestErrorHasColumn(t *testing.T) {
	_, err := CompileGrok([]string{`ab %{NOPE}`}, nil)
	if err == nil || err.Error() != "column 4: no pattern is called NOPE" {
		t.Errorf("%v", err)
	}
}
