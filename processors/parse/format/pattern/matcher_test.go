package pattern

import (
	"regexp"
	"strings"
	"testing"
)

func TestMatcher(t *testing.T) {
	for _, c := range []struct {
		name, expr string
		texts      []string // the first matches, the second does not
	}{
		{"a start", `^[^,]*,[0-9]{4}/[0-9]{2},`, []string{"1,2024/05,x", "1,2024-05,x"}},
		{"anywhere", ` login (for|of) user '`, []string{"a login of user 'x", "a login by user 'x"}},
		{"capital letters", `(?i)^get `, []string{"GET /", "PUT /"}},
		{"an end", `\d+ms$`, []string{"took 12ms", "12ms later"}},
		{"nothing is enough", `^x*$`, []string{"", "y"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMatcher(c.expr)
			if m == nil {
				t.Fatal("the machine does not take it")
			}
			if !m.Match(c.texts[0]) || m.Match(c.texts[1]) {
				t.Errorf("got %v and %v of %q", m.Match(c.texts[0]), m.Match(c.texts[1]), c.texts)
			}
			if n := testing.AllocsPerRun(100, func() { m.Match(c.texts[0]) }); n > 0 {
				t.Errorf("a match allocates %v times", n)
			}
		})
	}
	if NewMatcher(`(`) != nil {
		t.Error("a broken expression makes a matcher")
	}
	// What would be tried for ever is given to the regexp package.
	if m := NewMatcher(`^(a|aa|aaa)*(a|aa)*b$`); m != nil && m.Match(strings.Repeat("a", 5000)) {
		t.Error("there is no b")
	}
}

// FuzzMatcher compares with the regexp package.
func FuzzMatcher(f *testing.F) {
	f.Add(`^\d{4} [A-Z]+`, "2024 AB")
	f.Add(`(?i)k\b|^$`, "a \u212a")
	f.Add(`[^a-z]x.*?y$`, "\xffx\ny")
	f.Fuzz(func(t *testing.T, expr, text string) {
		m := NewMatcher(expr)
		if m == nil || len(text) > 2000 {
			return
		}
		if got, want := m.Match(text), regexp.MustCompile(expr).MatchString(text); got != want {
			t.Errorf("%q of %q: got %v", expr, text, got)
		}
	})
}
