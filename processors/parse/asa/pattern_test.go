package asa

import (
	"strings"
	"testing"
)

// match returns what the captures of a pattern took, joined by bars; "-" for one that took no part.
func match(t *testing.T, pattern, msg string) (string, bool) {
	t.Helper()
	p, err := compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	m := matcher{code: p.code, msg: msg}
	if !m.run(0, 0) {
		return "", false
	}
	var out []string
	for i := range p.captures {
		if m.set&(1<<i) == 0 {
			out = append(out, "-")
			continue
		}
		out = append(out, msg[m.spans[i].from:m.spans[i].to])
	}
	return strings.Join(out, "|"), true
}

func TestPattern_Success(t *testing.T) {
	tests := []struct{ name, pattern, msg, want string }{
		{"text only", `abc`, `abc and more`, ``},
		{"letters in either case", `Deny TCP`, `dENY tcp`, ``},
		{"one blank for many", `a b{_:r}`, `a    bc`, `c`},
		{"word", `{proto} x`, `tcp x`, `tcp`},
		{"number", `{sport}x`, `123x`, `123`},
		{"address", `from {src} to`, `from 192.0.2.1 to`, `192.0.2.1`},
		{"address at the end of a sentence", `from {src}`, `from 192.0.2.1.`, `192.0.2.1`},
		{"address before a colon", `from {src}: x`, `from 2001:db8::1: x`, `2001:db8::1`},
		{"address that ends with colons", `<{src}>`, `<::>`, `::`},
		{"name", `{src}/{sport}`, `host-1.example_x/2`, `host-1.example_x|2`},
		{"interface with blanks", `for {sif}:{src}/`, `for NP Identity Ifc:192.0.2.1/1`, `NP Identity Ifc|192.0.2.1`},
		{"address by its form", `{dst:ip}:{url}`, `2001:db8::1:http://x`, `2001:db8::1|http://x`},
		{"optional there", `a[ ({sid})] b`, `a (x) b`, `x`},
		{"optional missing", `a[ ({sid})] b`, `a b`, `-`},
		{"optional in optional", `a[ b[ {sport}]] c`, `a b c`, `-`},
		{"balanced parentheses", `({sid})`, `(CN=a (b) c)`, `CN=a (b) c`},
		{"a capture of a choice that failed is forgotten", `[{src} x ][{sport} y]`, `12 y`, `-|12`},
		{"alternatives", `{=abc|ab|}{sport}`, `ab1`, `1`},
		{"empty alternative", `{="|}{sport}`, `1`, `1`},
		{"escaped bracket", `\[{_}]`, `[x]`, `x`},
		{"end", `{suser}$`, `bob. `, `bob`},
		{"rest", `: {_:r}`, `: all of it  `, `all of it`},
		{"mark", `{_:m}{proto} SVC`, `TCP SVC up`, `TCP SVC up|TCP`},
		{"duration", `for {dur} x`, `for 1d 2h:03m:04s x`, `1d 2h:03m:04s`},
		{"text as short as can be", `{_}, {user}$`, `a, b, c`, `a|b, c`},
		{"plain text", `[ {_:x}][ ({sid})]$`, ` (bob)`, `-|bob`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := match(t, tt.pattern, tt.msg); !ok || got != tt.want {
				t.Errorf("%q, %t, want %q", got, ok, tt.want)
			}
		})
	}
}

func TestPattern_Failure(t *testing.T) {
	tests := []struct{ name, pattern, msg string }{
		{"other text", `abc`, `abd`}, {"too short", `abc`, `ab`}, {"empty capture", `a{proto}`, `a`}, {"no number", `{sport}`, `x`}, {"no end", `a$`, `a b`},
		{"no such alternative", `{=a|b}c`, `dc`}, {"no address", `{dst:ip}:`, `x:`}, {"open parenthesis", `({sid})`, `(a`}, {"identity that is a type", `({sid})`, `(type 8, code 0)`},
		{"text without its end", `{_}:`, `abc`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := match(t, tt.pattern, tt.msg); ok {
				t.Errorf("took %q", got)
			}
		})
	}
}

func TestCompile_Failure(t *testing.T) {
	for _, src := range []string{"{", "{src", "{nope}", "{src:zz}", "[a", "[a[b]", "{}", strings.Repeat("{src} ", maxCaptures+1)} {
		if _, err := compile(src); err == nil {
			t.Errorf("%q was compiled", src)
		}
	}
}

func TestMatcher_StepsAreBounded(t *testing.T) {
	p, err := compile(`{_} {_} {_} {_} {_} {_}!`)
	if err != nil {
		t.Fatal(err)
	}
	m := matcher{code: p.code, msg: strings.Repeat("a ", 10000)}
	if m.run(0, 0) || m.steps > maxSteps+maxCaptures {
		t.Errorf("%d steps", m.steps)
	}
}

func BenchmarkMatch(b *testing.B) {
	b.ReportAllocs()
	m := messages().byCode["302013"].patterns[0]
	msg := `Built outbound TCP connection 11757 for outside:192.0.2.104/80 (192.0.2.104/80) to inside:198.51.100.44/1772 (203.0.113.7/40001)`
	for b.Loop() {
		mt := matcher{code: m.code, msg: msg}
		if !mt.run(0, 0) {
			b.Fatal("no match")
		}
	}
}

// sample writes a message that a pattern is made for, with all its optional parts or with none, and returns what each
// capture should take ("-" for none).
func sample(p *pattern, optional bool) (msg string, want []string) {
	want = make([]string, len(p.captures))
	for i := range want {
		want[i] = "-"
	}
	for pc := 0; pc < len(p.code); {
		in := p.code[pc]
		pc++
		switch in.op {
		case opText:
			msg += in.text
		case opTake:
			var text string
			switch n := string(rune('1' + in.slot%8)); in.class {
			case classText, classPlain, classWord, classInterface:
				text = "w" + n
			case classIdentity, classParen:
				text = `local\u` + n
			case classAddress, classIP:
				text = "192.0.2." + n
			case classInt:
				text = "4" + n
			case classTime:
				text = "0:00:0" + n
			case classRest:
				text = "; the rest"
			case classMark:
				continue // what it takes is what the others write
			}
			want[in.slot] = text
			msg += text
		case opSplit:
			if !optional {
				pc = int(in.x)
			}
		case opJump:
			pc = int(in.x)
		case opEnd, opDone:
			return msg, want
		}
	}
	return msg, want
}

// TestTables_TakeWhatTheyAreMadeFor writes a message for each pattern and reads it back. So no pattern has a hole that
// swallows what comes behind it.
func TestTables_TakeWhatTheyAreMadeFor(t *testing.T) {
	for code, m := range messages().byCode {
		for i, p := range m.patterns {
			for _, optional := range []bool{false, true} {
				msg, want := sample(p, optional)
				mt := matcher{code: p.code, msg: msg}
				if !mt.run(0, 0) {
					t.Errorf("%s, pattern %d does not match %q", code, i, msg)
					continue
				}
				for j, w := range want {
					got := "-"
					if mt.set&(1<<j) != 0 {
						got = msg[mt.spans[j].from:mt.spans[j].to]
					}
					if s := p.captures[j].slot; got != w && s != slotSkip && w != "-" {
						t.Errorf("%s, pattern %d: %q: capture %d took %q, not %q", code, i, msg, j, got, w)
					}
				}
			}
		}
	}
}
