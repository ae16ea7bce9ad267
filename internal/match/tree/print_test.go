package tree_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser/lexer"

	"weir/internal/match/tree"
	"weir/internal/match/tree/form"
	"weir/internal/match/tree/kind"
)

func leaf(kind kind.Kind, field string, fold bool, values ...string) *tree.Node {
	return tree.LeafOf(tree.Test{Kind: kind, Field: field, Fold: fold, Values: values})
}

func TestString(t *testing.T) {
	t.Parallel()
	a, b, c := leaf(kind.Equal, "a", true, "1"), leaf(kind.Equal, "b", true, "2"), leaf(kind.Equal, "c", true, "3")
	and, or := func(k ...*tree.Node) *tree.Node { return &tree.Node{Op: tree.And, Kids: k} }, func(k ...*tree.Node) *tree.Node { return &tree.Node{Op: tree.Or, Kids: k} }
	code := func(s string) *tree.Node { return leaf(kind.Code, "", false, s) }
	shaped := func(k kind.Kind, f form.Form, values ...string) *tree.Node {
		return tree.LeafOf(tree.Test{Kind: k, Field: "a.b", Form: f, Values: values})
	}
	for _, tc := range []struct {
		name string
		n    *tree.Node
		want string
	}{
		{"a rule", and(leaf(kind.EndsWith, "process.executable", true, `\cmd.exe`, `\pwsh.exe`), tree.NotOf(leaf(kind.Contains, tree.Any, true, "x"))), `iendswith(process.executable, "\\cmd.exe", "\\pwsh.exe") and not (icontains($env, "x"))`},
		{"or within and", and(a, or(b, c)), `ieq(a, "1") and (ieq(b, "2") or ieq(c, "3"))`},
		{"and within or", or(a, and(b, c)), `ieq(a, "1") or ieq(b, "2") and ieq(c, "3")`},
		{"chains in chains", and(a, and(b, c)), `ieq(a, "1") and ieq(b, "2") and ieq(c, "3")`},
		{"chains of one", and(or(and(a))), `ieq(a, "1")`},
		{"one or within and", and(a, or(and(b, c))), `ieq(a, "1") and ieq(b, "2") and ieq(c, "3")`},
		{"chains of none", or(and(), or()), "true or false"},
		{"not of not", tree.NotOf(tree.NotOf(a)), `not (not (ieq(a, "1")))`},
		{"not of or", tree.NotOf(or(a, b)), `not (ieq(a, "1") or ieq(b, "2"))`},
		{"true", tree.Truth(true), "true"},
		{"false", tree.Truth(false), "false"},
		{"equal", leaf(kind.Equal, "a", false, "x"), `a == "x"`},
		{"equal to several", leaf(kind.Equal, "a", false, "x", "y"), `a in ["x", "y"]`},
		{"equal to none", leaf(kind.Equal, "a", false), `a in []`},
		{"folded, of none", leaf(kind.Contains, "a", true), `false`},
		{"operators take one text", and(leaf(kind.Contains, "a", false, "x", "y"), b), `(a contains "x" or a contains "y") and ieq(b, "2")`},
		{"alone they need no brackets", leaf(kind.StartsWith, "a", false, "x", "y"), `a startsWith "x" or a startsWith "y"`},
		{"starts", leaf(kind.StartsWith, "a", true, "x"), `istartswith(a, "x")`},
		{"ends", leaf(kind.EndsWith, "a", false, "x"), `a endsWith "x"`},
		{"globs", or(leaf(kind.Glob, "a", false, "*"), leaf(kind.Glob, "a", true, "?", "x")), `glob(a, "*") or iglob(a, "?", "x")`},
		{"patterns", or(leaf(kind.Regex, "a", false, "^x", "y"), tree.LeafOf(tree.Test{Kind: kind.Regex, Field: "a", Operator: true, Values: []string{"z"}})), `re(a, "^x", "y") or a matches "z"`},
		{"networks", leaf(kind.CIDR, "a", false, "10.0.0.0/8"), `cidr(a, "10.0.0.0/8")`},
		{"list", leaf(kind.InList, "a", false, "vpn"), `in_list(a, "vpn")`},
		{"exists", or(leaf(kind.Exists, "a", false), leaf(kind.Absent, "b", false)), `exists(a) or absent(b)`},
		{"two fields", tree.LeafOf(tree.Test{Kind: kind.Equal, Field: "a", Other: "b.c", Fold: true}), `ieq(a, b.c)`},
		{"less", shaped(kind.Less, form.Plain, "5"), `a.b < 5`},
		{"numbers in one way", shaped(kind.GreaterEqual, form.Number, "+05.50"), `number(a.b) >= 5.5`},
		{"whole floats", shaped(kind.Greater, form.Age, "1e3"), `age(a.b) > 1000`},
		{"several numbers", shaped(kind.Equal, form.Hour, "1", "-2"), `hour(a.b) in [1, -2]`},
		{"one number", shaped(kind.Equal, form.Week, "53"), `week(a.b) == 53`},
		{"source", and(code("a + 1 == 2"), b), `a + 1 == 2 and ieq(b, "2")`},
		{"source that binds less", and(code(`a == 1 ? b : c`), code("x or y"), b), `(a == 1 ? b : c) and (x or y) and ieq(b, "2")`},
		{"source in which only texts and brackets look so", and(code(`f("or", x or y) == "?"`), b), `f("or", x or y) == "?" and ieq(b, "2")`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.n.String(); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"user.name": "user.name", "user": "user", "$env": "$env", "@timestamp": `$env["@timestamp"]`, "labels.a-b": `labels["a-b"]`, "labels.a-b.c": `labels["a-b"].c`,
		"a-b.c": `$env["a-b.c"]`, "not": `$env["not"]`, "labels.in": `labels["in"]`, "labels.1st": `labels["1st"]`, "labels.x1": "labels.x1", "사용자.이름": "사용자.이름",
		"winlog.event_data.Image": "winlog.event_data.Image", "true.x": `$env["true.x"]`, `labels.a"b`: `labels["a\"b"]`, "$env.x": `$env["$env.x"]`, "labels.a b": `labels["a b"]`,
		"labels.\xff": `labels[b"\xff"]`,
	} {
		if got := tree.Path(path); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"": `""`, `a"b\c`: `"a\"b\\c"`, "\n\r\t\x00\x7f": `"\n\r\t\x00\x7f"`, "김é–": `"김é–"`, "\u202e\u00a0": `"\u202e\u00a0"`, "\U000e0001": `"\U000e0001"`, "\ufffd": `"�"`,
		"\xff": `b"\xff"`, "é\xff\n\"": `b"é\xff\n\""`, "\u202e\xff": `b"\xe2\x80\xae\xff"`,
	} {
		if got := tree.Quote(s); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

// FuzzQuote reads every constant again with expr's own lexer: it must be the same bytes, in one line that shows all of
// itself.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", `\cmd.exe`, "a\"'`b", "\r\n", "\xff\xfe", "é\xc3", "\u2028\u202e", "\x00", "\U0010ffff", "b\"x\"", "${x}", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := tree.Quote(s)
		if !utf8.ValidString(q) || strings.IndexFunc(q, func(r rune) bool { return !unicode.IsPrint(r) }) >= 0 {
			t.Fatalf("%q is written %q", s, q)
		}
		tokens, err := lexer.Lex(file.NewSource(q))
		if err != nil || len(tokens) != 2 || tokens[0].Value != s {
			t.Fatalf("%q is written %s and read as %v: %v", s, q, tokens, err)
		}
	})
}

// TestQuoteEveryByte does what the fuzz test does for texts of each byte and of random ones.
func TestQuoteEveryByte(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 5000 {
		b := []byte{byte(i)}
		for range r.IntN(4) {
			b = append(b, byte(r.UintN(256)))
		}
		tokens, err := lexer.Lex(file.NewSource(tree.Quote(string(b))))
		if err != nil || tokens[0].Value != string(b) {
			t.Fatalf("%q: %v %v", b, tokens, err)
		}
	}
}

func TestCanonical(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"5": "5", "+5": "5", "-05": "-5", "5.0": "5", "5.50": "5.5", "1e3": "1000", ".5": "0.5", "5.": "5", "1e300": "1e+300", "-0": "0", "9007199254740993": "9007199254740993", "9223372036854775808": "9.223372036854776e+18",
		"": "", "x": "", "0x10": "", "1_000": "", "inf": "", "NaN": "", "1e999": "", "--5": "", " 5": "", "5 ": "", "e": "", "1.2.3": "", "infinity": "",
	} {
		got, ok := tree.Canonical(s)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", s, got, ok, want)
		}
		if again, _ := tree.Canonical(got); again != got {
			t.Errorf("%q becomes %q and then %q", s, got, again)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	all := form.All()
	if len(all) != int(form.Age) || all["number"] != form.Number || all["age"] != form.Age {
		t.Errorf("%v", all)
	}
}
