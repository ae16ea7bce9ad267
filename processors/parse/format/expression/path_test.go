package expression

import (
	"strings"
	"testing"
)

// TestPlaces holds resolve to the spelling of places in steps.
func TestPlaces(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`_x.a.b`, `_x.a.b`},
		{`_x[0]`, `_x.0`},
		{`_x.0`, `_x.0`},
		{`_x.0.1.b`, `_x.0.1.b`},
		{`_x["a.b"].c`, `_x."a.b".c`},
		{`_x["a b"]`, `_x."a b"`},
		{`_x["a-b"]`, `_x.a-b`},
		{`_x[""]`, `_x`},
		{`$["@timestamp"]`, `@timestamp`},
		{`$env["event.code"]`, `event.code`},
		{`$["_x"].0`, `_x.0`},
		{`_x?.a`, `_x.a`},
		{`_x[-1]`, `_x`},
		{`_x[_y.z]`, `_x _y.z`},
		{`_x.in.not.or`, `_x.in.not.or`},
		{`_x["a\"b"]`, `_x`},
		{`a.b + 1.5 + c.d.10`, `a.b c.d.10`},
		{`map(_x.y, .z + w)`, `_x.y w`},
		{`(_x).0`, `_x.0`},
		{`[_a,_b].0`, `_a _b`},
	} {
		var got []string
		_, err := Compile(tt.src, func(path string) (int, error) { got = append(got, path); return 0, nil })
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, %v, want %s", tt.src, got, err, tt.want)
		}
	}
}
