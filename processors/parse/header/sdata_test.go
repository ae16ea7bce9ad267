package header

import (
	"fmt"
	"strings"
	"testing"
)

func TestRead_StructuredData(t *testing.T) {
	const prefix = "<1>1 - h a - - "
	for _, c := range []struct{ name, sd, want, message string }{
		{"order of the line", `[z@1 b="2" a="1"][y] m`, `z@1{b=2 a=1} y{}`, "m"},
		{"escapes", `[a b="x\"y\]z\\"] m`, `a{b=x"y]z\}`, "m"},
		{"backslash that escapes nothing", `[a b="c:\temp"] m`, `a{b=c:\temp}`, "m"},
		{"long name", `[a ` + strings.Repeat("n", 40) + `="1"] m`, `a{` + strings.Repeat("n", 40) + `=1}`, "m"},
		{"bracket in value", `[a b="[x]"] m`, `a{b=[x]}`, "m"},
		{"repeated id", `[a b="1"][a b="2" c="3"] m`, `a{b=2 c=3}`, "m"},
		{"too many parameters", "[a" + strings.Repeat(` b="1"`, maxMembers) + "] m", "a{b=1}", "m"},
		{"repeated name", `[a b="1" b="2"] m`, `a{b=2}`, "m"},
		{"not closed", `[a b="1" m`, ``, `[a b="1" m`},
		{"text against it", `[a b="1"]m`, ``, `[a b="1"]m`},
	} {
		var h Header
		Read(prefix+c.sd, &h)
		if got := showData(h.Data); got != c.want || h.Message != c.message {
			t.Errorf("%s: got %s, message %q; want %s, message %q", c.name, got, h.Message, c.want, c.message)
		}
	}
}

func showData(data []Element) string {
	var out []string
	for _, e := range data {
		var ps []string
		for _, p := range e.Params {
			ps = append(ps, p.Name+"="+p.Value)
		}
		out = append(out, e.ID+"{"+strings.Join(ps, " ")+"}")
	}
	return strings.Join(out, " ")
}

// TestElements_Bounded: a line with more members than the bound is text.
func TestElements_Bounded(t *testing.T) {
	var params, elements strings.Builder
	for i := range maxMembers + 1 {
		fmt.Fprintf(&params, ` p%d="x"`, i)
		fmt.Fprintf(&elements, `[e%d a="x"]`, i)
	}
	for _, sd := range []string{"[a" + params.String() + "]", elements.String()} {
		var h Header
		if Read("<1>1 - h a - - "+sd+" m", &h); len(h.Data) != 0 || h.Message != sd+" m" {
			t.Errorf("%d elements, message of %d bytes", len(h.Data), len(h.Message))
		}
	}
}
