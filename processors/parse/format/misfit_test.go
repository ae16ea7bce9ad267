package format

import "testing"

// TestMisfit: of each way the first thing that does not hold.
func TestMisfit(t *testing.T) {
	for _, tt := range []struct{ match, line, want string }{
		{`{programs: [ACME-ACC]}`, "ann logged in", "the line has no syslog header that names a program, and match asks for ACME-ACC"},
		{`{programs: [ACME-ACC]}`, "<13>Mar 10 11:00:00 h other: x", "the program is other, and match asks for ACME-ACC"},
		{`{programs: [ACME-ACC]}`, "<13>Mar 10 11:00:00 h ACME-ACC: x", ""},
		{`{starts: ["GATE|", "DOOR|"]}`, "WINDOW|open|and a long rest of it", "the message starts with `WINDOW|open|and a long r…`, and match asks for GATE|, DOOR|"},
		{`{contains: [[alpha=, beta=], gamma=]}`, "alpha=1", "the first 1024 bytes of the message have no `beta=` and no `gamma=`"},
		{`{contains: [alpha=], when: 'message endsWith "!"'}`, "alpha=1", "`when` does not hold: message endsWith \"!\""},
		{`{input: things}`, "x", "it is no record of the input things"},
		{`[{programs: [a]}, {starts: b}]`, "x", "the line has no syslog header that names a program, and match asks for a; or the message starts with `x`, and match asks for b"},
		{`[{programs: [a]}, {starts: x}]`, "x", ""},
	} {
		f := formatsOf(t, "a.b", "match: "+tt.match).List()[0]
		if got := f.Misfit(lookAt(tt.line)); got != tt.want {
			t.Errorf("%s, %q:\ngot  %s\nwant %s", tt.match, tt.line, got, tt.want)
		}
	}
	if got := formatsOf(t, "a.b", "").List()[0].Misfit(lookAt("x")); got != "" {
		t.Errorf("a format that is never recognised: %s", got)
	}
}
