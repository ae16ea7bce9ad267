package expression

import (
	"slices"
	"strings"
	"testing"
)

// evals runs a table of expressions over one document.
func evals(t *testing.T, doc string, table [][2]string) {
	t.Helper()
	for _, tt := range table {
		d := newDocument(t, doc)
		if got := spell(d.compile(t, tt[0]).Eval(d)); got != tt[1] {
			t.Errorf("%s: %s, want %s", tt[0], got, tt[1])
		}
	}
}

// TestUsage holds that each function has an example that compiles, and that the examples name the function.
func TestUsage(t *testing.T) {
	if !slices.Contains(Functions(), "filter") || !slices.IsSorted(Functions()) || Usage("nothing") != "" {
		t.Errorf("functions are %v", Functions())
	}
	for _, name := range Functions() {
		for usage := range strings.SplitSeq(Usage(name), ", or ") {
			d := newDocument(t, `{}`)
			if _, err := Compile(usage, d.resolve); err != nil || !strings.HasPrefix(usage, name+"(") {
				t.Errorf("%s: %s: %v", name, usage, err)
			}
		}
	}
}

// TestFunctionsOfNothing holds that no function makes anything of an absent value, except where that is its meaning.
func TestFunctionsOfNothing(t *testing.T) {
	other := map[string]string{"len": "0", "count": "0", "all": "true", "none": "true"}
	for _, name := range Functions() {
		usage, _, _ := strings.Cut(Usage(name), ", or ")
		d := newDocument(t, `{}`)
		if name == "duration" {
			usage = `duration(_a)`
		}
		got := spell(d.compile(t, usage).Eval(d))
		if want := other[name]; got != want && (want != "" || got != "absent" && got != "false" && got != `""`) {
			t.Errorf("%s: %s", usage, got)
		}
	}
}

// BenchmarkFunctions are those that formats call for every event.
func BenchmarkFunctions(b *testing.B) {
	for _, src := range []string{`lower(_t)`, `int(_n) * 1000`, `find(message, "user (\\w+)")`, `split(message, " ")`, `basename(message)`, `snake("GetObjectName" + _t)`, `filter(_o.list, .v > 1).n`, `seconds(_n)`, `ip(source.ip)`} {
		b.Run(src, func(b *testing.B) {
			d := newDocument(b, sample)
			p := d.compile(b, src)
			env := d.slots()
			b.ReportAllocs()
			for b.Loop() {
				p.Eval(env)
			}
		})
	}
}
