package pattern

import (
	"regexp"
	"testing"
)

// shapes are patterns as formats have them, with a line that fits and one that does not.
var shapes = []struct {
	name    string
	pattern string
	fits    string
	other   string
}{
	{
		"access log",
		`^%{IPORHOST:a} %{HTTPDUSER:b} %{HTTPDUSER:c} \[%{HTTPDATE:d}\] "%{HTTPMETHOD:e} %{NOTSPACE:f} HTTP/%{NUMBER:g}" %{INT:h} (?:%{INT:i}|-)`,
		`192.0.2.7 - alice [01/May/2024:10:00:00 +0200] "GET /index.html?a=b HTTP/1.1" 200 5120`,
		`192.0.2.7 - alice [01/May/2024:10:00:00 +0200] "-" 400 0`,
	},
	{
		"words",
		`^(?<a>\S+) (?<b>\S+) (?<c>\S+) (?<d>\S+)(?: (?<e>.*))?$`,
		`one two three four and all that follows it to the end of the line`,
		`one two three`,
	},
	{
		"lazy parts",
		`^(?<a>.*?) - (?<b>.*?) - (?<c>.*)$`,
		`the first part of it - the second part - and the rest`,
		`the first part of it, the second part, and the rest`,
	},
	{
		"in the middle",
		`user '?(?<a>[^' ]+)'? from (?<b>%{IP})`,
		`the session of user 'bob' from 2001:db8::7 was opened by somebody else`,
		`the session of nobody was opened by somebody else at some place`,
	},
}

// BenchmarkShapes compares the machine with the regexp package on patterns of formats.
func BenchmarkShapes(b *testing.B) {
	for _, c := range shapes {
		g, err := CompileGrok([]string{c.pattern}, nil)
		if err != nil {
			b.Fatal(err)
		}
		out := make([]string, len(g.Names()))
		re := regexp.MustCompile(g.tries[0].re.String())
		b.Run(c.name+"/fits", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := g.Match(c.fits, out); !ok {
					b.Fatal("no match")
				}
			}
		})
		b.Run(c.name+"/other", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.Match(c.other, out)
			}
		})
		b.Run(c.name+"/regexp", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if re.FindStringSubmatchIndex(c.fits) == nil {
					b.Fatal("no match")
				}
			}
		})
	}
}

// The lines of the benchmarks fit as they say.
func TestShapes(t *testing.T) {
	for _, c := range shapes {
		t.Run(c.name, func(t *testing.T) {
			g, err := CompileGrok([]string{c.pattern}, nil)
			if err != nil {
				t.Fatal(err)
			}
			out := make([]string, len(g.Names()))
			if _, ok := g.Match(c.fits, out); !ok {
				t.Errorf("%q does not fit", c.fits)
			}
			if _, ok := g.Match(c.other, out); ok {
				t.Errorf("%q fits", c.other)
			}
			if g.tries[0].fast == nil {
				t.Error("the pattern has no machine")
			}
		})
	}
}
