package format

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"weir/processors/parse/header"
)

// TestGate_Property: whatever the expression, a gate never closes for a message for which the expression holds.
func TestGate_Property(t *testing.T) {
	patterns := []string{
		`^a`, `^[a-c]`, `^(a|b|\d)`, `^(?:a|)b`, `^a?b`, `^a*b`, `^a+b`, `^a{0,2}b`, `^(a)(b)`, `^\w+`, `^\W`, `^.`, `^\S`, `^[^a]`, `^(?i)ab`, `^\x41`, `^$`, `^`, `\Aab`, `^^a`, `(^a)`, `(^a|^b)`,
		`a`, `^\ba`, `^(?s:.)`, `^[[:upper:]]`, `^\Q[x\E`, `^(?:(?:a|b)c)?d`, `^한`, `^[가-힣]`, `(?m)^a`,
	}
	texts := []string{"", "a", "b", "ab", "ba", "aab", "cab", "d", "1", "A", "AB", " a", "\na", "[x", "한글", "글", "\xff", "-", "_", "acd", "bcd"}
	for _, p := range patterns {
		for form, when := range map[string]string{"matches": "message matches %s", "re": "re(message, %s)", "and": "message matches %s and len(message) < 100", "raw": "_raw matches %s"} {
			expr := fmt.Sprintf(when, "`"+p+"`")
			set := formatsOf(t, "a.log", "header: none\nmatch: {when: '"+expr+"'}")
			w := &set.List()[0].ways[0]
			for _, text := range texts {
				l := &Look{Line: text, Head: &header.Header{Message: text}, whole: true}
				if w.when.Holds(l) && !w.gate.open(text, text) {
					t.Errorf("%s %s holds for %q, and its gate is closed", form, p, text)
				}
			}
		}
	}
}

// TestRecognise_Property: the search for all texts at once finds what a search for one after the other finds, in whatever order
// messages come.
func TestRecognise_Property(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	word := func() string {
		b := make([]byte, 3+r.IntN(6))
		for i := range b {
			b[i] = "ab=\" "[r.IntN(5)]
		}
		return string(b)
	}
	var docs []string
	for i := range 40 {
		match := ""
		for range 1 + r.IntN(3) {
			match += fmt.Sprintf("[%q, %q], ", word(), word())
		}
		docs = append(docs, fmt.Sprintf("f%d.log", i), "match: {contains: ["+match+"]}")
	}
	set := formatsOf(t, docs...)
	l := &Look{}
	for range 3000 {
		line := ""
		for range r.IntN(8) {
			line += word()
		}
		if line == "" {
			continue
		}
		l.Line, l.Head, l.Program = line, &header.Header{Message: line}, ""
		got := set.Recognise(l)
		fits := got == nil
		any := false
		for _, f := range set.List() {
			if (&f.ways[0]).fits(l) {
				any = true
				fits = fits || f == got
			}
		}
		if any != (got != nil) || !fits {
			t.Fatalf("%q: got %v, and some format fits: %v", line, got, any)
		}
	}
}
