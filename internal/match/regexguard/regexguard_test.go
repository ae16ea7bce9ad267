package regexguard

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"weir/internal/match/fold"
)

// spell prints what Necessary returns: literals of one clause joined by |, folded ones with a ~.
func spell(clauses [][]Literal) string {
	var all []string
	for _, c := range clauses {
		var one []string
		for _, lit := range c {
			if s := lit.Text; lit.Fold {
				one = append(one, "~"+s)
			} else {
				one = append(one, s)
			}
		}
		all = append(all, strings.Join(one, "|"))
	}
	return strings.Join(all, " & ")
}

func TestNecessary(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ pattern, want string }{
		{"^Failed password for (invalid user )?(.*)$", "Failed password for "},
		{"(?i)abc", "~abc"}, {"(?i)K\u017f", "~ks"}, {"(?i:A)b", "~a & b"},
		{"abc|abd", "ab"}, {"abc|xyz", "abc|xyz"}, {"(abc|(?i)XYZ)d", "~abc|~xyz & d"}, {"abc|", ""}, {"abc|.*", ""}, {"(?i)(foo|bar)baz", "~foo|~bar & ~baz"},
		{"a+b", "a & b"}, {"(ab){2}", "ab & ab"}, {"(ab){0,2}c", "c"}, {"(ab)?c", "c"}, {"(ab)*", ""}, {".*", ""}, {"\ufffdx", ""}, {"(?i)\ufffd", ""}, {"[ab]cd", "cd"},
		{`\\AppData\\.*\.exe`, `\AppData\ & .exe`}, {`[Aa]bc`, "~a & bc"}, {"(", ""},
	} {
		if got := spell(Necessary(tc.pattern)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.pattern, got, tc.want)
		}
	}
	var many []string
	for i := range most + 1 {
		many = append(many, fmt.Sprintf("%c%d", 'a'+i%26, i))
	}
	if got := Necessary(strings.Join(many, "|")); got != nil {
		t.Errorf("%d literals are looked for", len(got[0]))
	}
	if got := Necessary(strings.Join(many, ".")); len(got) != most {
		t.Errorf("%d clauses are looked for", len(got))
	}
}

func TestShortest(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]int{
		"": 0, "abc": 3, "a|bc": 1, ".{1000,}": 1000, "^.{10}x$": 11, "(a+b){3}": 6, "[ab]?c*": 0, "(?i)민수": 2, "(?s).{5,9}": 5, `\bx`: 1, "a||b": 0,
	} {
		re, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if re.shortest != want {
			t.Errorf("%s: %d, want %d", pattern, re.shortest, want)
		}
	}
}

// cases are patterns with texts around what their guards look at.
var cases = []struct {
	pattern string
	texts   []string
}{
	{".{5,}", []string{"", "1234", "12345", "1234\n5678", "123\n12345", "민민민민", "민민민민민", "\xff\xff\xff\xff\xff", "1234\n"}},
	{"(?s).{5,}", []string{"1234", "12\n45", "민민\n민", "민민\n민민"}},
	{".{5,}?", []string{"1234", "12345"}},
	{"^.{5,}$", []string{"1234", "12345", "12345\n"}},
	{".{0,}", []string{"", "\n"}},
	{"(?i)kiss", []string{"KISS", "\u212ai\u017fs", "kis", "KI\u017f\u017f", "ki\xffs"}},
	{"(?i)stra[sß]e|x", []string{"STRASE", "straße", "STRAẞE", "X", "y"}},
	{"a\ufffdb", []string{"a\xffb", "a\ufffdb", "ab"}},
	{"(foo|bar)(?i)baz", []string{"fooBAZ", "FOObaz", "barbaz", "baz"}},
	{"", []string{"", "x"}},
	{"(.){5,}", []string{"1234", "12345", "1234\n5678"}},
	{".{3}", []string{"12", "123", "1234", "12\n45"}},
	{"a.*b.*a", []string{"aba", "ab", "ba ab", "a\nba", "a\nb\na xbxa", "aba\n", "a b\na aba"}},
	{"(?s)a.*b", []string{"a\nb", "ba", "b a"}},
	{"(?i)ab.*ba", []string{"ABBA", "abA", "ab\nba", "xabxBAx", "\xffab\xffba"}},
	{"(?i)a.*(?-i)B", []string{"AB", "ab", "BA", "aB"}},
	{`\{.*\{.*\{`, []string{"{{", "{ { {", "{{\n{", "{{{"}},
	{"(a|bcd)(d|x)", []string{"bcdd", "ad", "bcd", "da", "xbcdx"}},
	{"(ab){2}", []string{"abab", "ab ab", "aab"}},
	{"aa.*aa", []string{"aaa", "aaaa", "aa aa"}},
	{".*", []string{"", "\n"}},
	{"x{2,3}", []string{"x", "xx", "xxxx"}},
}

// TestGuardsDecideAlone names patterns for which Go's machine does not run at all, and some that only look so.
func TestGuardsDecideAlone(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]decides{
		"abc": anything, "(?i)abc": anything, "(?s)a.*b": anything, "a.*b": withinLine, "(a).*(b)": withinLine, ".{9,}": lettersOfLine, "(.){9,}": lettersOfLine, "(?s).{9,20}": letters,
		"a.+b": 0, "^abc": 0, "abc$": 0, "a.*[bc]": 0, "(?i)a.*(?-i)b": 0, "a\ufffdb": 0, "[ab]{9,}": 0, "a|b": 0, "a?b": 0, strings.Repeat("a.*", most): 0, `\bx`: 0,
	} {
		re, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if re.alone != want {
			t.Errorf("%s: %d, want %d", pattern, re.alone, want)
		}
	}
}

// TestOrder: what must be there must be there in its order, and as often.
func TestOrder(t *testing.T) {
	t.Parallel()
	re, err := Compile(`foo\d+(bar|bazz)\d+foo`)
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]bool{"foo bar foo": true, "foo bazz foo": true, "bar foo foo": false, "foo foo bar": false, "foobar": false, "xfoobarbazzfoo": true} {
		if got := re.allows(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestGuardsHideNothing(t *testing.T) {
	t.Parallel()
	for _, tc := range cases {
		for _, s := range tc.texts {
			same(t, tc.pattern, s)
		}
	}
	if _, err := Compile("("); err == nil || !strings.Contains(err.Error(), "missing closing") {
		t.Errorf("%v", err)
	}
}

// same compares a guarded pattern with the library.
func same(t *testing.T, pattern, s string) {
	t.Helper()
	re, err := Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	plain := regexp.MustCompile(pattern)
	want := plain.MatchString(s)
	if a, b := re.MatchString(s), re.MatchFolded(s, fold.String(s)); a != want || b != want {
		t.Fatalf("%q on %q: %v, folded %v, want %v", pattern, s, a, b, want)
	}
	start, end, ok := re.Find(s)
	if at := plain.FindStringIndex(s); ok != want || want && (start != at[0] || end != at[1]) {
		t.Fatalf("%q on %q is found at %d to %d, %v; want %v", pattern, s, start, end, ok, at)
	}
	if want && !re.May(fold.String(s)) {
		t.Fatalf("%q may not be in %q", pattern, s)
	}
	folded := fold.String(s)
	for _, clause := range Necessary(pattern) {
		found := false
		for _, lit := range clause {
			found = found || !lit.Fold && strings.Contains(s, lit.Text) || lit.Fold && strings.Contains(folded, lit.Text)
		}
		if want && !found {
			t.Fatalf("%q matches %q without any of %v", pattern, s, clause)
		}
	}
}

// FuzzGuards checks that the guards never hide a match.
func FuzzGuards(f *testing.F) {
	f.Add("^a(bc)+[de]$", "abcd")
	f.Add("(?i)k", "\u212a")
	f.Add("\ufffd", "\xff")
	for _, tc := range cases {
		f.Add(tc.pattern, tc.texts[len(tc.texts)-1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if _, err := regexp.Compile(pattern); err != nil || len(pattern) > 100 {
			return
		}
		same(t, pattern, s)
	})
}

func TestNoAllocation(t *testing.T) {
	for _, pattern := range []string{"(?i)foo.*bar|quux", ".{1000,}", "Failed .* for", `\\{.*\\{.*\\{`, "text.*foo.*text"} {
		re, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		s := strings.Repeat("Some text of a usual length\nfoo ", 10)
		folded := fold.String(s)
		if n := testing.AllocsPerRun(100, func() { re.MatchFolded(s, folded) }); n != 0 {
			t.Errorf("%s: %v allocations", pattern, n)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	s := strings.Repeat(`C:\Windows\System32\svchost.exe -k netsvcs -p -s Schedule `, 3)
	folded := fold.String(s)
	for _, pattern := range []string{".{1000,}", "(?i)mimikatz.*(sekurlsa|lsadump)", "Schedule.*x"} {
		b.Run(pattern, func(b *testing.B) {
			re, err := Compile(pattern)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				if re.MatchFolded(s, folded) {
					b.Fatal("found")
				}
			}
		})
	}
}
