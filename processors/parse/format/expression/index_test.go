package expression

import (
	"testing"

	"weir/internal/match/source"
)

// TestIndexes holds where a full stop before digits is an index and where it is not.
func TestIndexes(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`_x.0`, `_x[0]`},
		{`_x.0.12.a`, `_x[0][12].a`},
		{`_x.a1.0`, `_x.a1[0]`},
		{`f(_x).0`, `f(_x)[0]`},
		{`_x["a"].0`, `_x["a"][0]`},
		{`1.5 + 2.0`, `1.5 + 2.0`},
		{`_x + .5`, `_x + .5`},
		{`_x .5`, `_x .5`},
		{`"_x.0" + '_y.1'`, `"_x.0" + '_y.1'`},
		{`"a\".b.0" + _x.0`, `"a\".b.0" + _x[0]`},
		{"`_x.0\\` + _y.1", "`_x.0\\` + _y[1]"},
		{`_x.0b`, `_x.0b`},
		{"_a // _x.0\n_y.1", "_a // _x.0\n_y[1]"},
		{`_a /* _x.0 */ _y.1`, `_a /* _x.0 */ _y[1]`},
		{`"open _x.0`, `"open _x.0`},
		{`_a /* _x.0`, `_a /* _x.0`},
		{`_x matches "^\d+\.\w\b$"`, `_x matches "^\\d+\\.\\w\\b$"`},
		{`"\\d" + '\n\t\"\''`, `"\\d" + '\n\t\"\''`},
		{`"\x41\xzz\u00e4\Users"`, `"\x41\\xzz\u00e4\\Users"`},
		{"`\\d`", "`\\d`"},
		{`"\`, `"\`},
		{`x1.0`, `x1[0]`},
		{`ä.0`, `ä[0]`},
	} {
		if got, _ := indexes(tt.src); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.src, got, tt.want)
		}
	}
}

// TestRestore holds that errors point into the writer's text, not into the rewritten one.
func TestRestore(t *testing.T) {
	src := "_x.0.1 and\nä.22 + here"
	text, added := indexes(src)
	for _, tt := range []struct{ from, line, col int }{
		{0, 1, 1},
		{9, 1, 8},
		{13, 2, 1},
		{21, 2, 8},
	} {
		err := added.restore(src, text, source.At(text, tt.from, tt.from+1, "x", "here"))
		e, ok := err.(*source.Error) //nolint:errorlint // made above
		if !ok || e.Line != tt.line || e.Col != tt.col {
			t.Errorf("rune %d: %v, want %d:%d", tt.from, err, tt.line, tt.col)
		}
	}
}
