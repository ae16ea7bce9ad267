package yamlfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/fault"
)

// bodies reads every document of a file.
func bodies(doc string) (*File, []*Body) {
	f, docs := Open("f.yml", []byte(doc))
	var out []*Body
	for _, d := range docs {
		out = append(out, f.Body(d))
	}
	return f, out
}

// say is faults in one line each.
func say(list fault.List) string {
	var b strings.Builder
	for _, e := range list {
		fmt.Fprintf(&b, "%s %s: %s | %s\n", e.Where, e.Code, e.What, e.Do)
	}
	return b.String()
}

// TestBodies: documents stand for themselves, and their places are those of the file.
func TestBodies(t *testing.T) {
	t.Parallel()
	f, list := bodies("a: 1\n---\n# x\nb: [1\n---\nc: {d: 'e'}\nf: |\n  g\n---\n- h\n")
	if len(list) != 4 || list[0] == nil || list[1] != nil || list[2] == nil || list[3] != nil {
		t.Fatal(list)
	}
	c := list[2].Pairs[0]
	if Key(c) != "c" || fmt.Sprint(Extent(c)) != "{6 1} 1" {
		t.Error(Extent(c))
	}
	inner, _ := Mapping(c.Value)
	if text, ok := Text(inner[0].Value); text != "e" || !ok || fmt.Sprint(Extent(inner[0].Value)) != "{6 8} 3" {
		t.Error(Extent(inner[0].Value))
	}
	if text, _ := Text(list[2].Pairs[1].Value); text != "g\n" {
		t.Errorf("%q", text)
	}
	if s := say(f.Faults()); !strings.HasPrefix(s, "f.yml:4:") || !strings.Contains(s, "f.yml:10:1 rule-syntax: a rule is a list of keys and values") {
		t.Error(s)
	}
}

func TestScalars(t *testing.T) {
	t.Parallel()
	_, list := bodies("a: 1.10\nb: true\nc: 0x1f\nd: ''\ne: ~\nf: [x]\n2: two\ntrue: t\n")
	var got []string
	for _, p := range list[0].Pairs {
		text, ok := Text(p.Value)
		got = append(got, fmt.Sprint(Key(p), "=", text, ok))
	}
	if s := strings.Join(got, " "); s != "a=1.10true b=truetrue c=0x1ftrue d=true e=false f=false 2=twotrue true=ttrue" {
		t.Error(s)
	}
	if _, ok := Mapping(&ast.NullNode{}); ok {
		t.Error("null is no mapping")
	}
}

// TestAnchorsAreFound: whoever does not follow them refuses the document.
func TestAnchorsAreFound(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"a: &x 1\n":          "f.yml:1:4 rule-syntax: anchors and aliases are not used in rule files | put a text that begins with it in quotes\n",
		"a: 1\nb: *x\n":      "f.yml:2:4 rule-syntax: anchors and aliases are not used in rule files | put a text that begins with it in quotes\n",
		"a: 1\n<<: {b: 2}\n": "f.yml:2:1 rule-syntax: anchors and aliases are not used in rule files | put a text that begins with it in quotes\n",
		"a: '&x'\n":          "",
	} {
		f, list := bodies(doc)
		if list[0] == nil {
			t.Errorf("%q: %s", doc, say(f.Faults()))
			continue
		}
		f.NoAnchors(list[0])
		if say(f.Faults()) != want || f.Refused() != (want != "") {
			t.Errorf("%q: %s", doc, say(f.Faults()))
		}
	}
}

// TestRefusedForms: what would make the parser recurse or guess is refused before it starts.
func TestRefusedForms(t *testing.T) {
	t.Parallel()
	var keys strings.Builder
	for i := range maxKeys + 1 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	for doc, want := range map[string]string{
		"a: !x 1\n":   "`!` begins a YAML tag",
		"? a\n: b\n":  "`?` begins a YAML key of several lines",
		"%YAML 1.2\n": "`%` begins a YAML directive",
		"a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n": "the file is nested deeper than 32",
		"a:\n  " + strings.Repeat("- ", 40) + "x\n":                      "the file is nested deeper than 32",
		keys.String():    "the file has more than 10000 keys",
		"a:\n\tb: 1\n":   "a tab stands where YAML wants blanks",
		"a: b: c\n":      "mapping value is not allowed in this context",
		"a: 1\n...\nb\n": "unexpected end content",
	} {
		f, list := bodies(doc)
		if list[0] != nil || len(f.Faults()) == 0 || !strings.Contains(f.Faults()[0].What, want) {
			t.Errorf("%.40q: %s", doc, say(f.Faults()))
		}
	}
}

// FuzzBody: whatever the bytes are, every document has a body or a fault, and all places are within the file.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{"a: 1\n---\nb: [1\n", "a: &x {b: *x}\n", "a: |\n  b\n  c\n---\n- x\n", "\ufeffa: \"\\u00e9\"\r\n", "a: 'x", "? x", "a: \x00", "<<: *a\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		file, docs := Open("f.yml", doc)
		lines := strings.Count(string(doc), "\n") + 1
		for _, d := range docs {
			body := file.Body(d)
			if body == nil && !file.Refused() {
				t.Fatalf("nothing is said about %q", doc)
			}
			if body != nil {
				if p, _ := Extent(body.Node); p.Line < 1 || p.Line > lines || p.Col < 1 {
					t.Fatalf("%q: %v", doc, p)
				}
			}
		}
		for _, e := range file.Faults() {
			if e.Mark < 0 || e.Width < 1 && e.Mark > 0 {
				t.Fatalf("%q: %+v", doc, e)
			}
		}
	})
}
