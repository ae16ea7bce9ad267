package pairs

import (
	"strings"
	"testing"
)

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"text and pattern", Options{Pairs: []string{" "}, PairsRegex: `\s`}, "reading the separator of pairs: a text and a pattern are both given"},
		{"broken pattern", Options{ValuesRegex: `(`}, "reading the separator of values: compiling the pattern: "},
		{"pattern of nothing", Options{PairsRegex: `\s*`}, "matches a text without letters"},
		{"empty text", Options{Values: []string{""}}, "an empty text separates nothing"},
		{"quote is escape", Options{Quote: '"', Escape: '"'}, "quote and escape are both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile(c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestSeparatorOfSeveral(t *testing.T) {
	p, err := separate([]string{";", "; ", "\n"}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if at, n := p.find("ab; c"); at != 2 || n != 2 {
		t.Errorf("find: %d, %d: the longest at one place counts", at, n)
	}
	if at, n := p.find("a;b; c"); at != 1 || n != 1 {
		t.Errorf("find: %d, %d: the first counts, not the longest", at, n)
	}
	if n := p.start("; x"); n != 2 {
		t.Errorf("start: %d", n)
	}
	if start, end := p.last("a;b\nc"); start != 3 || end != 4 {
		t.Errorf("last: %d, %d", start, end)
	}
	if start, _ := p.last("abc"); start != -1 {
		t.Errorf("last of none: %d", start)
	}
}

func TestSeparatorOfPattern(t *testing.T) {
	p, err := separate(nil, `[,;]\s*`, "")
	if err != nil {
		t.Fatal(err)
	}
	if at, n := p.find("ab;  c"); at != 2 || n != 3 {
		t.Errorf("find: %d, %d", at, n)
	}
	if n := p.start("x;"); n != 0 {
		t.Errorf("start: %d where the separator is not at the start", n)
	}
	if n := p.start(", x"); n != 2 {
		t.Errorf("start: %d", n)
	}
	if start, end := p.last("a;b, c"); start != 3 || end != 5 {
		t.Errorf("last: %d, %d", start, end)
	}
}
