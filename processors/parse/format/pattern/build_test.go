package pattern

import "testing"

func TestFirstBytes(t *testing.T) {
	for _, c := range []struct {
		expr, can string // bytes with which a match can begin; "*": any, or none
	}{
		{`abc`, "a"}, {`[ab]c`, "ab"}, {`a*b`, "ab"}, {`a+b`, "a"}, {`(?:a|b)c`, "ab"}, {`(a?)b`, "ab"}, {`a?`, "*"}, {`^a`, "a"}, {`$`, "*"},
		{`(?:ab)*c`, "ac"}, {`(?i)k`, "kK\xe2"},
	} {
		m := build(c.expr)
		if m == nil {
			t.Errorf("%s has no machine", c.expr)
			continue
		}
		if c.can == "*" {
			if m.start.first != nil {
				t.Errorf("%s can begin only with some bytes", c.expr)
			}
			continue
		}
		if m.start.first == nil {
			t.Errorf("%s can begin with any byte", c.expr)
			continue
		}
		for i := range len(c.can) {
			if !m.start.first[c.can[i]] {
				t.Errorf("%s cannot begin with %q", c.expr, c.can[i])
			}
		}
		if m.start.first['z'] {
			t.Errorf("%s can begin with z", c.expr)
		}
	}
}

func TestLetters(t *testing.T) {
	l := &letters{}
	l.add('a', 'c')
	l.add('é', 'ü')
	for _, c := range []struct {
		s    string
		size int
	}{{"b", 1}, {"d", 0}, {"é", 2}, {"ÿ", 0}, {"", 0}, {"\xff", 0}} {
		if got := l.at(c.s, 0); got != c.size {
			t.Errorf("%q: %d, want %d", c.s, got, c.size)
		}
	}
	if !l.all("abcé") || l.all("abcd") {
		t.Error("all letters of a text")
	}
}
