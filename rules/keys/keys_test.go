package keys

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/ast"

	"weir/rules/yamlfile"
)

// reading reads one document with the readers that make returns, and returns what was said.
func reading(t testing.TB, doc string, readers func(r Reader) map[string]func(ast.Node)) string {
	t.Helper()
	f, docs := yamlfile.Open("f.yaml", []byte(doc))
	body := f.Body(docs[0])
	if body == nil {
		t.Fatal(f.Faults())
	}
	r := Reader{File: f}
	r.Keys(" in a test", body.Pairs, readers(r))
	var b strings.Builder
	for _, e := range f.Faults() {
		fmt.Fprintf(&b, "%s %s: %s | %s\n", strings.TrimPrefix(e.Where, "f.yaml:"), e.Code, e.What, e.Do)
	}
	return b.String()
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]time.Duration{"30s": 30 * time.Second, "1d": 24 * time.Hour, "1d12h": 36 * time.Hour, "2h45m": 165 * time.Minute} {
		if got, ok := Span(s); !ok || got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	for _, s := range []string{"", "d", "1", "x", "1d2", "-1d", "99999999999d"} {
		if got, ok := Span(s); ok {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	readers := func(got *[]string) func(r Reader) map[string]func(ast.Node) {
		return func(Reader) map[string]func(ast.Node) {
			return map[string]func(ast.Node){
				"within": func(n ast.Node) { *got = append(*got, "within") },
				"by":     func(n ast.Node) { *got = append(*got, "by") },
			}
		}
	}
	for doc, want := range map[string]string{
		"within: 1\nby: 2":   "within by ",
		"witin: 1\nby: 2":    "by 1:1 rule-unknown-key: unknown key `witin` in a test | did you mean `within`?\n",
		"zzzzzzz: 1":         "1:1 rule-unknown-key: unknown key `zzzzzzz` in a test | there are: by, within\n",
		"by: 1\nby: 2":       "by 2:1 rule-duplicate-key: the key `by` is there twice | remove one of them\n",
		"{by: 1, within: 2}": "by within ",
	} {
		var got []string
		said := reading(t, doc, readers(&got))
		if s := strings.Join(append(got, ""), " ") + said; s != want {
			t.Errorf("%q: %q", doc, s)
		}
	}
}

// TestReaders gives each reader what it takes and what it does not.
func TestReaders(t *testing.T) {
	t.Parallel()
	type all struct {
		text   string
		texts  []string
		paths  []string
		number int
		truth  bool
		span   time.Duration
		word   string
	}
	for _, tc := range []struct{ doc, got, said string }{
		{"text: ' a b '", "a b", ""},
		{"text: 1.10", "1.10", ""},
		{"text: ''", "", "1:7 rule-value: `text` needs a text | \n"},
		{"text: [a]", "", "1:7 rule-value: `text` needs a text | \n"},
		{"texts: [a, ' b ']", "[a b]", ""},
		{"texts: a", "[a]", ""},
		{"texts: [a, '', [b]]", "[a]", "1:12 rule-value: `texts` is a list of texts | \n1:16 rule-value: `texts` is a list of texts | \n"},
		{"paths: [source.ip, host.name]", "[source.ip host.name]", ""},
		{"paths: [source.ip, source.ip]", "[source.ip]", "1:20 rule-value: `paths` names source.ip twice | remove one of them\n"},
		{"paths: [a..b]", "[a..b]", "1:9 rule-value: \"a..b\" is no field name | write a name such as source.ip\n"},
		{"paths: [user.nmae]", "[user.nmae]", "1:9 rule-unknown-field: no format fills the field `user.nmae` | did you mean `user.name`?\n"},
		{"number: 5", "5", ""},
		{"number: 1_0", "10", ""},
		{"number: 11", "0", "1:9 rule-value: `number` needs a whole number from 1 to 10 | \n"},
		{"number: 5.0", "0", "1:9 rule-value: `number` needs a whole number from 1 to 10 | \n"},
		{"number: '5'", "0", "1:9 rule-value: `number` needs a whole number from 1 to 10 | \n"},
		{"number: 99999999999999999999", "0", "1:9 rule-value: `number` needs a whole number from 1 to 10 | \n"},
		{"truth: true", "true", ""},
		{"truth: yes", "false", "1:8 rule-value: `truth` needs true or false | \n"},
		{"span: 1d12h", "36h0m0s", ""},
		{"span: 400d", "9600h0m0s", ""},
		{"span: 401d", "0s", "1:7 rule-value: `span` must be longer than nothing and at most 400d | \n"},
		{"span: -5m", "0s", "1:7 rule-value: `span` must be longer than nothing and at most 400d | \n"},
		{"span: soon", "0s", "1:7 rule-value: `span` needs a duration | write 30s, 10m, 2h or 1d\n"},
		{"word: high", "high", ""},
		{"word: hihg", "", "1:7 rule-value: `word` cannot be `hihg` | did you mean `high`?\n"},
		{"word: zzzz", "", "1:7 rule-value: `word` cannot be `zzzz` | write one of: low, high\n"},
	} {
		var v all
		said := reading(t, tc.doc, func(r Reader) map[string]func(ast.Node) {
			return map[string]func(ast.Node){
				"text": r.Text("text", &v.text), "texts": r.Texts("texts", &v.texts), "paths": r.Paths("paths", &v.paths), "number": r.Integer("number", 1, 10, &v.number),
				"truth": r.Boolean("truth", &v.truth), "span": r.Duration("span", &v.span), "word": r.OneOf("word", []string{"low", "high"}, &v.word),
			}
		})
		key, _, _ := strings.Cut(tc.doc, ":")
		got := map[string]any{"text": v.text, "texts": v.texts, "paths": v.paths, "number": v.number, "truth": v.truth, "span": v.span, "word": v.word}[key]
		if fmt.Sprint(got) != tc.got || said != tc.said {
			t.Errorf("%s: %v %q, want %s %q", tc.doc, got, said, tc.got, tc.said)
		}
	}
}

func TestIsPath(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"source.ip": true, "a": true, "a-b.c_d": true, "": false, ".a": false, "a.": false, "a..b": false, "a b": false, "a\tb": false, `a"b`: false, "a'b": false} {
		if IsPath(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestIsName(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{"a": true, "a1_B": true, "실패": true, "_": true, "": false, "1a": false, "a b": false, "a-b": false, "a.b": false, strings.Repeat("a", 101): false} {
		if IsName(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

func TestHas(t *testing.T) {
	t.Parallel()
	f, docs := yamlfile.Open("f.yaml", []byte("a: 1\nb: {c: 2}\n"))
	pairs := f.Body(docs[0]).Pairs
	if !Has(pairs, "a") || Has(pairs, "c") || Has(nil, "a") {
		t.Error(pairs)
	}
}
