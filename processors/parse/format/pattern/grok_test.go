package pattern

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// captured runs patterns on a text and returns name:type=value of what is not empty; nil means no match.
func captured(t testing.TB, g *Grok, text string) []string {
	t.Helper()
	out := make([]string, len(g.Names()))
	if _, ok := g.Match(text, out); !ok {
		return nil
	}
	got := []string{}
	for i, c := range g.Names() {
		if out[i] == "" {
			continue
		}
		name := c.Name
		if c.Type != "" {
			name += ":" + c.Type
		}
		got = append(got, name+"="+out[i])
	}
	return got
}

func TestGrok(t *testing.T) {
	for _, c := range []struct {
		name     string
		patterns []string
		text     string
		want     []string
	}{
		{"names", []string{`^%{IP:source.ip}:%{POSINT:source.port:int} %{WORD:event.action}`}, `192.0.2.1:80 deny x`,
			[]string{"source.ip=192.0.2.1", "source.port:int=80", "event.action=deny"}},
		{"groups", []string{`user (?<user.name>\S+) from (?P<_h:ip>\S+)`}, `user bob from 192.0.2.1`,
			[]string{"user.name=bob", "_h:ip=192.0.2.1"}},
		{"logstash places", []string{`%{WORD:[a][b]} %{INT:[c]:long}`}, `x 5`, []string{"a.b=x", "c:long=5"}},
		{"no captures", []string{`^%{WORD} \d+$`}, `x 5`, []string{}},
		{"unnamed groups capture nothing", []string{`(a|b)(c) %{WORD:x}`}, `bc y`, []string{"x=y"}},
		{"second pattern", []string{`^a %{WORD:x}`, `^b %{WORD:x} %{WORD:y}`}, `b 1 2`, []string{"x=1", "y=2"}},
		{"first of two", []string{`^%{WORD:x}`, `^%{WORD:y}`}, `b`, []string{"x=b"}},
		{"no match", []string{`^a$`, `^b$`}, `c`, nil},
		{"one name in two branches", []string{`(?:ip %{IP:a}|host %{HOSTNAME:a})`}, `host h1`, []string{"a=h1"}},
		{"own patterns", []string{`%{PAIR}`}, `k=v`, []string{"k=k", "v=v"}},
		{"own before the library", []string{`^%{GREEDY:x}`}, `ab`, []string{"x=ab"}},
		{"classes and escapes", []string{`^[^]()]+\(%{DATA:x}\)\%[[:digit:]]`}, `a(b)%1`, []string{"x=b"}},
		{"flags", []string{`(?i)^USER %{WORD:x}`}, `user b`, []string{"x=b"}},
		{"atomic", []string{`^(?>a|b) %{WORD:x}`}, `b c`, []string{"x=c"}},
		{"string type", []string{`%{INT:x:string}`}, `5`, []string{"x=5"}},
		{"quoted place", []string{`%{INT:_j."a:int":int}`}, `5`, []string{`_j."a:int":int=5`}},
		{"anchored text", []string{`^session closed for %{USER:u}`}, `session closed for bob`, []string{"u=bob"}},
		{"optional letter at the start", []string{`^ab?c %{WORD:x}`}, `ac y`, []string{"x=y"}},
		{"alternative at the start", []string{`^ab|cd %{WORD:x}`}, `cd y`, []string{"x=y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := CompileGrok(c.patterns, map[string]string{"PAIR": `%{WORD:k}=%{WORD:v}`, "GREEDY": `.+`})
			if err != nil {
				t.Fatal(err)
			}
			if got := captured(t, g, c.text); !slices.Equal(got, c.want) || (got == nil) != (c.want == nil) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestGrokNames(t *testing.T) {
	g, err := CompileGrok([]string{`%{IP:a} %{INT:b:int}`, `%{WORD:a} %{INT:b}`}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Capture{{"a", ""}, {"b", "int"}, {"b", ""}}
	if !slices.Equal(g.Names(), want) {
		t.Errorf("%v, want %v", g.Names(), want)
	}
	out := make([]string, 3)
	if which, ok := g.Match("x 5", out); which != 1 || !ok || out[1] != "" || out[2] != "5" {
		t.Errorf("pattern %d, %v, %q", which, ok, out)
	}
	if which, ok := g.Match("", out); which != -1 || ok {
		t.Errorf("pattern %d, %v of nothing", which, ok)
	}
}

func TestGrokRefuses(t *testing.T) {
	double := map[string]string{"A": `%{B}%{B}`, "B": `%{C}%{C}`, "C": `%{D}%{D}%{D}%{D}`, "D": strings.Repeat("abcdefgh", 600),
		"SELF": `x%{SELF}`, "BAD": `a**`}
	for _, c := range []struct {
		name, pattern string
		column        int
		want          string
	}{
		{"unknown name", `a %{NOPE:x}`, 3, "no pattern is called NOPE"},
		{"open", `a %{WORD`, 3, "without its }"},
		{"itself", `ab %{SELF}`, 4, "SELF uses itself"},
		{"ahead", `a(?=b)`, 2, "looking ahead or behind"},
		{"behind", `a(?<!b)`, 2, "looking ahead or behind"},
		{"group without a name", `(?<>a)`, 1, "without its name"},
		{"broken", `ab(c`, 1, "missing closing )"},
		{"broken class", `ab[z-a]`, 4, "invalid character class range"},
		{"broken repetition", `ab**`, 3, "invalid nested repetition"},
		{"broken in a definition", `a %{BAD}`, 1, "invalid nested repetition"},
		{"too long", `%{A}`, 1, "65536 letters"},
		{"too many steps", `(?:` + strings.Repeat("abcde", 30) + `){1000}`, 1, "steps"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CompileGrok([]string{"fine", c.pattern}, double)
			var e *Error
			if !errors.As(err, &e) || e.Column != c.column || !strings.Contains(e.Why, c.want) || e.Pattern != c.pattern {
				t.Errorf("error %v, want column %d and %q", err, c.column, c.want)
			}
		})
	}
}

// What is looked for before a pattern runs must never hide a match.
func TestGuardsAgree(t *testing.T) {
	patterns := []string{`^Accepted %{WORD} for %{USER:u}`, `^(?:ab|cd) x`, `^ab|cd`, `^a?b`, `^é%{INT}`, `(?i)ABC`, `a.*b.*c`, `^a{0,2}b`}
	texts := []string{"Accepted key for bob", "ab x", "cd x", "cd", "ab", "b", "aab", "é5", "abc", "ABC", "a-b-c", "c-b-a", ""}
	for _, p := range patterns {
		g, err := CompileGrok([]string{p}, nil)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]string, len(g.Names()))
		for _, s := range texts {
			_, got := g.Match(s, out)
			if want := g.tries[0].re.MatchString(s); got != want {
				t.Errorf("%s on %q: %v, want %v", p, s, got, want)
			}
		}
	}
}

// FuzzGrok: a pattern that compiles finds what its expansion finds in the regexp package.
func FuzzGrok(f *testing.F) {
	f.Add(`^%{IP:a} (?<b>x|y)`, `192.0.2.1 y`)
	f.Add(`[^]a](?i:B)%{DATA:x}$`, `xbc`)
	f.Add(`^ab?(c)`, `ac`)
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 1000 {
			return
		}
		g, err := CompileGrok([]string{pattern}, nil)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > len(pattern)+1 {
				t.Errorf("error %v of %q has no place", err, pattern)
			}
			return
		}
		out := make([]string, len(g.Names()))
		_, got := g.Match(text, out)
		if want := regexp.MustCompile(g.tries[0].re.String()).MatchString(text); got != want {
			t.Errorf("%q on %q: %v, want %v", pattern, text, got, want)
		}
		for i, part := range out {
			if got && !strings.Contains(text, part) {
				t.Errorf("%v captured %q, which is not in %q", g.Names()[i], part, text)
			}
		}
	})
}

func BenchmarkGrok(b *testing.B) {
	g, err := CompileGrok([]string{
		`^Failed %{WORD:a} for invalid user %{USER:b} from %{IP:c} port %{POSINT:d}`,
		`^Accepted %{WORD:a} for %{USER:b} from %{IP:c} port %{POSINT:d:int} ssh2`,
	}, nil)
	if err != nil {
		b.Fatal(err)
	}
	out := make([]string, len(g.Names()))
	for name, text := range map[string]string{
		"match": `Accepted publickey for bob from 192.0.2.1 port 51234 ssh2: RSA SHA256:abc`,
		"guard": `pam_unix(sshd:session): session closed for user bob`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.Match(text, out)
			}
		})
	}
}
