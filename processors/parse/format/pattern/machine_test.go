package pattern

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// compare runs a pattern through its machine and through the regexp package.
func compare(t *testing.T, expr, text string) {
	t.Helper()
	re, err := regexp.Compile(expr)
	if err != nil {
		return
	}
	m := build(expr)
	if m == nil {
		return
	}
	var r run
	v := m.find(&r, text)
	if v == undecided {
		return
	}
	want := re.FindStringSubmatchIndex(text)
	if (want != nil) != (v == yes) {
		t.Errorf("%q on %q: %v, want %v", expr, text, v == yes, want != nil)
		return
	}
	if want != nil && !slices.Equal(r.at, want[2:]) {
		t.Errorf("%q on %q: groups at %v, want %v", expr, text, r.at, want[2:])
	}
}

// What a machine finds is what the regexp package finds, with the same groups.
func TestMachineIsRegexp(t *testing.T) {
	exprs := []string{
		`a`, `^a`, `a$`, `^$`, ``, `(a|b)*c`, `(a)|b`, `(?:(a)|b)*`, `(a+)(a*)`, `(a*?)(a*)`, `(.*) (.*)`, `(.*?) (.*?)$`,
		`^(\S+) (\S+)(?: (\d+))?$`, `(\d{1,3})\.(\d+)`, `(x{2,3})(x*)`, `(x{2,3}?)(x*)`, `(?:ab){2}(c)?`, `(?:(a)b?){1,3}`,
		`(?i)(kelvin)`, `(?i)straße`, `[^,]*,([^,]*)`, `(é+)(.)`, `(.)$`, `\b(\w+)\b`, `\B(.)`, `(?m)^(\w+)$`, `(?s)(.*)b`,
		`(a|ab)(c|bcd)`, `((a|b)(c|d))+`, `(foo|foobar)(.*)`, `(?:(\w+)\.)+(\w+)`, `"((?:\\.|[^\\"])*)"`, `(\pL+)`, `[\x00-\x{10FFFF}]b`,
		`(.+?)(?: - (.+))?$`, `x*`, `(?:x?)y`, `(a?)(b?)(c?)`, `.*?(\d+).*?(\d+)`, `(�)`, `([^a])`, `^(?:a|(b))(?:c|(d))$`, `(.{3})(.*)`, `(.{2,}?)b`,
	}
	texts := []string{
		"", "a", "b", "ab", "abc", "aab", "aaa", "abab c", "x y z", "a b 12", "10.20.30", "xxxxx", "ababc", "KELVIN \u212a", "STRASSE straße",
		"1,2,3", "ééx", "日本語", "foo.bar.baz", `say "a \" b" now`, "one\ntwo\n", "foobar", "abcd", "a - b - c", "\xff\xfe", "a\xe6\x97b", "\xe6\x97\xa5a",
		"host1 user 42", "   ", "a1b22c333", "zzzb", "\u212aelvin", "\uFFFD", "bd", "ac",
	}
	for _, expr := range exprs {
		for _, text := range texts {
			compare(t, expr, text)
		}
	}
	for name := range library {
		x := expander{}
		if err := x.pattern("^%{" + name + ":x} %{DATA:y}(?:=%{" + name + ":z})?$"); err != nil {
			t.Fatal(err)
		}
		for _, text := range texts {
			compare(t, x.out.String(), text+" "+text)
		}
	}
}

// A pattern that would take forever by trying is left to the regexp package, and answered.
func TestMachineGivesUp(t *testing.T) {
	g, err := CompileGrok([]string{`^(?:(?:a|a)+)+b$`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("a", 2000) + "b"
	if g.tries[0].fast == nil {
		t.Fatal("no machine")
	}
	var r run
	if v := g.tries[0].fast.find(&r, text[:2000]+"c"); v != undecided {
		t.Errorf("verdict %d of a text that takes forever", v)
	}
	if _, ok := g.Match(text, nil); !ok {
		t.Error("no match")
	}
	if _, ok := g.Match(text[:2000]+"cb", nil); ok {
		t.Error("a match")
	}
}

// Patterns with something that is not the same when it is tried have no machine.
func TestMachineLimits(t *testing.T) {
	for _, expr := range []string{`(a*)*`, `(a?b?)+`, `(?:\b)*`, `(?:` + strings.Repeat("[ab]c", 12) + `){900}`} {
		if build(expr) != nil {
			t.Errorf("%.20s has a machine", expr)
		}
	}
}

func TestMatchMakesNoGarbage(t *testing.T) {
	g, err := CompileGrok([]string{`^%{IP:a} - %{USER:b} \[%{HTTPDATE:c}\] "%{WORD:d} %{DATA:e}" %{INT:f}`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(g.Names()))
	text := `2001:db8::1 - bob [01/May/2024:10:00:00 +0000] "GET /a/b?c=d HTTP/1.1" 200`
	n := testing.AllocsPerRun(100, func() {
		if _, ok := g.Match(text, out); !ok {
			t.Fatal("no match")
		}
	})
	if n > 0.1 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzMachine: for any pattern and text a machine finds what the regexp package finds.
func FuzzMachine(f *testing.F) {
	f.Add(`^(\S+) (.*?)(?: (\d+))?$`, "a b c 12")
	f.Add(`(a|ab)(c|bcd)(d*)`, "abcd")
	f.Add(`(?i)[^x]+(k)\b`, "aK \u212a")
	f.Add(`(.+é)(.*)`, "aéé\xff")
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 100 || len(text) > 300 || bounded(expr, expr) != nil {
			return
		}
		compare(t, expr, text)
	})
}
